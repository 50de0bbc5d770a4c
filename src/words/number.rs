//! Numbers as text: exact where they are exact, rounded once where they are means.

use crate::units::{NANOS_PER_SECOND, Seconds, SimSpan, SimTime, rounded};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Seconds as the shortest exact decimal with a point: `100.25`, `3.0`. Written from whole
/// nanoseconds, so there is no float noise.
pub fn seconds(time: SimTime) -> String {
    nanos(time.as_nanos())
}

/// Nanoseconds as seconds, as [`seconds`] has them.
pub fn nanos(nanos: u64) -> String {
    with_point(Seconds(nanos).to_string())
}

/// A whole number with `.0` behind it; whatever else `text` is, as it is. A column of real numbers
/// is then one to programs that look at its first rows only.
pub fn with_point(mut text: String) -> String {
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        text.push_str(".0");
    }
    text
}

/// A count or the mean of counts: whole numbers as they are, others to three decimals.
pub fn plain(value: f64) -> String {
    decimals(value, 3)
}

/// `value` with at most so many decimals, and no zeros at the end.
pub fn decimals(value: f64, most: usize) -> String {
    let text = format!("{value:.most$}");
    if most == 0 {
        return text;
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // What rounds to zero from below would read `-0`.
    if text == "-0" { "0" } else { text }.into()
}

/// A value of a metric for programs: whole numbers as they are, others to nine significant
/// digits; empty where there is none, and for infinity, which is "later than the end".
pub fn metric(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return String::new();
    };
    if value % 1.0 == 0.0 && value.abs() < 1e15 {
        // Adding zero makes zero of a zero below zero.
        return format!("{:.0}", value + 0.0);
    }
    let rounded: f64 = format!("{value:.8e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// A count for people: `14,000`; means above 10 lose their decimals, below keep one.
pub fn count(value: f64) -> String {
    if value < 10.0 && value % 1.0 != 0.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value <= -0.5 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A value in a cell or at an axis: three digits.
pub fn short(value: f64) -> String {
    let rounded = rounded(value, 3);
    if value.abs() >= 1_000.0 {
        return count(rounded);
    }
    decimals(rounded, 4)
}

/// A number with its noun: `1 run`, `3 runs`.
pub fn counted(value: f64, one: &str, many: &str) -> String {
    let text = count(value);
    let noun = if text == "1" { one } else { many };
    format!("{text} {noun}")
}

/// A share for people: `64%`, `0.6%`, `under 0.1%`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 {
        "under 0.1%".into()
    } else if percent < 10.0 {
        format!("{}%", decimals(percent, 1))
    } else if share < 1.0 {
        // Not everything is not 100%.
        format!("{:.0}%", percent.min(99.0))
    } else {
        format!("{percent:.0}%")
    }
}

/// A unit of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// 24 hours.
    Days,
    /// 60 minutes.
    Hours,
    /// 60 seconds.
    Minutes,
    /// What the others are multiples and parts of.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Millionths of a second.
    Microseconds,
}

impl Unit {
    /// As it stands after a number.
    const fn symbol(self) -> &'static str {
        match self {
            Unit::Days => "d",
            Unit::Hours => "h",
            Unit::Minutes => "min",
            Unit::Seconds => "s",
            Unit::Milliseconds => "ms",
            Unit::Microseconds => "µs",
        }
    }
}

/// A span for people, about three digits: `250 ms`, `42.5 s`, `1 min 40 s`, `2 h 5 min`, `3 d 4 h`.
pub fn span(span: SimSpan) -> String {
    let parts = span_parts(span).into_iter().flatten();
    let parts: Vec<String> = parts
        .map(|(value, unit)| format!("{value} {}", unit.symbol()))
        .collect();
    parts.join(" ")
}

/// The one or two numbers of [`span`], each with its unit.
pub fn span_parts(span: SimSpan) -> [Option<(String, Unit)>; 2] {
    let nanos = span.as_nanos();
    let one = |value: String, unit| [Some((value, unit)), None];
    if nanos == 0 {
        return one("0".into(), Unit::Seconds);
    }
    if nanos < 1_000_000 {
        return one(significant(nanos as f64 / 1e3, 3), Unit::Microseconds);
    }
    if nanos < NANOS_PER_SECOND {
        return one(significant(nanos as f64 / 1e6, 3), Unit::Milliseconds);
    }
    // Below a minute tenths of a second, above it whole seconds; both rounded half up.
    let tenths = (nanos + 50_000_000) / 100_000_000;
    if tenths < 600 {
        return one(decimals(tenths as f64 / 10.0, 1), Unit::Seconds);
    }
    // The smaller of the two units that are shown is rounded, not cut off: 13 h 0 min 59 s is more
    // than 13 h.
    let to = |unit: u64| {
        let unit = unit * NANOS_PER_SECOND;
        nanos.saturating_add(unit / 2) / unit * unit / NANOS_PER_SECOND
    };
    let whole = match to(1) {
        seconds if seconds < 3_600 => seconds,
        _ if to(60) < 86_400 => to(60),
        _ => to(3_600),
    };
    let (days, hours) = (whole / 86_400, whole / 3_600 % 24);
    let (minutes, seconds) = (whole / 60 % 60, whole % 60);
    let parts = if days > 0 {
        [(days, Unit::Days), (hours, Unit::Hours)]
    } else if hours > 0 {
        [(hours, Unit::Hours), (minutes, Unit::Minutes)]
    } else {
        [(minutes, Unit::Minutes), (seconds, Unit::Seconds)]
    };
    let [(first, first_unit), (second, second_unit)] = parts;
    [
        Some((first.to_string(), first_unit)),
        (second > 0).then(|| (second.to_string(), second_unit)),
    ]
}

/// [`span`], rounded down: what is at least so long, or longer, is so for certain.
pub fn at_least(time: SimSpan) -> String {
    let nanos = time.as_nanos();
    // The smallest amount that is shown.
    let step = match nanos {
        0..1_000_000_000 => 10_u64.pow(nanos.max(1).ilog10().saturating_sub(2)),
        1_000_000_000..60_000_000_000 => NANOS_PER_SECOND / 10,
        _ => match nanos / NANOS_PER_SECOND {
            0..3_600 => NANOS_PER_SECOND,
            3_600..86_400 => 60 * NANOS_PER_SECOND,
            _ => 3_600 * NANOS_PER_SECOND,
        },
    };
    span(SimSpan::from_nanos(nanos / step * step))
}

/// A span for people as it is, with all its parts: `13 h 59 s`, `1 min 0.5 s`.
pub fn exactly(time: SimSpan) -> String {
    let nanos = time.as_nanos();
    if nanos < NANOS_PER_SECOND {
        let (value, unit) = match nanos {
            0 => return span(time),
            1..1_000_000 => (nanos as f64 / 1e3, Unit::Microseconds),
            _ => (nanos as f64 / 1e6, Unit::Milliseconds),
        };
        return format!("{} {}", decimals(value, 6), unit.symbol());
    }
    let minutes = nanos / (60 * NANOS_PER_SECOND);
    let seconds = (nanos % (60 * NANOS_PER_SECOND)) as f64 / 1e9;
    let parts = [
        ((minutes / 1_440) as f64, Unit::Days),
        ((minutes / 60 % 24) as f64, Unit::Hours),
        ((minutes % 60) as f64, Unit::Minutes),
        (seconds, Unit::Seconds),
    ];
    let parts = parts.into_iter().filter(|(value, _)| *value > 0.0);
    let parts: Vec<String> = parts
        .map(|(value, unit)| format!("{} {}", decimals(value, 9), unit.symbol()))
        .collect();
    parts.join(" ")
}

/// An instant for people: the time since the run began, from a minute on to the second.
pub fn instant(time: SimTime) -> String {
    let since = time.since(SimTime::ZERO);
    let seconds = since.as_nanos().saturating_add(NANOS_PER_SECOND / 2) / NANOS_PER_SECOND;
    if seconds < 60 {
        return span(since);
    }
    exactly(SimSpan::from_seconds(seconds))
}

/// The mean of what there is; `None` when there is nothing.
pub fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Whole numbers from 100 on, else what two digits after the point show; what is tiny keeps two
/// digits that are not zero.
pub fn two_digits(value: f64) -> String {
    if value.abs() >= 99.95 {
        return count(libm::round(value));
    }
    let places = if value == 0.0 || value.abs() >= 0.1 {
        2
    } else {
        (1 - libm::floor(libm::log10(value.abs())) as i32).clamp(2, 9) as usize
    };
    decimals(value, places)
}

/// `value` to so many significant digits, without an exponent; at most nine decimals.
pub fn significant(value: f64, digits: i32) -> String {
    let magnitude = match value.abs() {
        0.0 => 0,
        value => libm::floor(libm::log10(value)) as i32,
    };
    decimals(value, (digits - 1 - magnitude).clamp(0, 9) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact() {
        let of = |nanos| seconds(SimTime::from_nanos(nanos));
        assert_eq!(of(0), "0.0");
        assert_eq!(of(100_250_000_000), "100.25");
        assert_eq!(of(1), "0.000000001");
        assert_eq!(of(300_000_000_000), "300.0");
    }

    #[test]
    fn only_whole_numbers_get_a_point() {
        let of = |text: &str| with_point(text.into());
        assert_eq!(of("12"), "12.0");
        assert_eq!(of("-3"), "-3.0");
        for kept in ["", "-", "0.5", "1e3", "5s", "linux"] {
            assert_eq!(of(kept), kept);
        }
    }

    #[test]
    fn counts_are_whole_where_they_are_whole() {
        assert_eq!(plain(5000.0), "5000");
        assert_eq!(plain(100.0 / 3.0), "33.333");
        assert_eq!(plain(-3.0), "-3");
        assert_eq!(plain(-0.000_01), "0");
        assert_eq!(count(1_234_567.0), "1,234,567");
        assert_eq!(count(4.5), "4.5");
        assert_eq!(count(999.6), "1,000");
        assert_eq!(count(-1_234.0), "-1,234");
        assert_eq!(counted(1.0, "run", "runs"), "1 run");
    }

    #[test]
    fn metrics_are_empty_where_there_is_none() {
        assert_eq!(metric(None), "");
        assert_eq!(metric(Some(f64::INFINITY)), "");
        assert_eq!(metric(Some(-0.0)), "0");
        assert_eq!(metric(Some(5_000.0)), "5000");
        assert_eq!(metric(Some(1.0 / 3.0)), "0.333333333");
        assert_eq!(metric(Some(0.461_373_439)), "0.461373439");
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let of = |text| span(SimSpan::parse(text).expect("a span"));
        assert_eq!(of("0s"), "0 s");
        assert_eq!(of("250us"), "250 µs");
        assert_eq!(of("460.5ms"), "460 ms");
        assert_eq!(of("2.5ms"), "2.5 ms");
        assert_eq!(of("42.54s"), "42.5 s");
        assert_eq!(of("59.96s"), "1 min");
        assert_eq!(of("100.3s"), "1 min 40 s");
        assert_eq!(of("2h5min"), "2 h 5 min");
        assert_eq!(of("3d4h10min"), "3 d 4 h");
        assert_eq!(of("13h59s"), "13 h 1 min");
        assert_eq!(of("59min59.7s"), "1 h");
        assert_eq!(of("23h59min40s"), "1 d");
        assert_eq!(of("2d23h31min"), "3 d");
    }

    #[test]
    fn what_is_at_least_so_long_is_rounded_down_and_what_was_given_not_at_all() {
        let parsed = |text| SimSpan::parse(text).expect("a span");
        for (given, least, exact) in [
            ("13h59s", "13 h", "13 h 59 s"),
            ("59min59.7s", "59 min 59 s", "59 min 59.7 s"),
            ("59.96s", "59.9 s", "59.96 s"),
            ("999.9ms", "999 ms", "999.9 ms"),
            ("1.5us", "1.5 µs", "1.5 µs"),
            ("2d23h31min", "2 d 23 h", "2 d 23 h 31 min"),
            ("0s", "0 s", "0 s"),
            ("10min", "10 min", "10 min"),
        ] {
            assert_eq!(at_least(parsed(given)), least);
            assert_eq!(exactly(parsed(given)), exact);
        }
    }

    #[test]
    fn instants_are_told_to_the_second() {
        let of = |text| instant(SimTime::ZERO + SimSpan::parse(text).expect("a span"));
        assert_eq!(of("98.42s"), "1 min 38 s");
        assert_eq!(of("39760s"), "11 h 2 min 40 s");
        assert_eq!(of("13h59s"), "13 h 59 s");
        assert_eq!(of("42.54s"), "42.5 s");
        assert_eq!(of("59.96s"), "1 min");
    }

    #[test]
    fn shares_never_claim_all_or_nothing_falsely() {
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.0004), "under 0.1%");
        assert_eq!(percent(0.0064), "0.6%");
        assert_eq!(percent(0.9999), "99%");
        assert_eq!(percent(1.0), "100%");
    }

    #[test]
    fn digits_suit_the_size() {
        assert_eq!(two_digits(31.204), "31.2");
        assert_eq!(two_digits(0.001_23), "0.0012");
        assert_eq!(two_digits(5_001.4), "5,001");
        assert_eq!(two_digits(0.0), "0");
    }
}
