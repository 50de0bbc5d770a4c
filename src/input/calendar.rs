//! Dates and times as logs write them, read into nanoseconds since 1970 without floats.

use crate::units::{NANOS_PER_SECOND, Seconds, parse_seconds};

/// Nanoseconds of a day; leap seconds count as the second after them.
pub(crate) const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND.cast_signed();

const NANOS_PER_MINUTE: i64 = 60 * NANOS_PER_SECOND.cast_signed();

const MONTHS: [&[u8]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// How far local time is ahead of UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Offset {
    nanos: i64,
}

impl Offset {
    /// UTC itself.
    pub const UTC: Offset = Offset { nanos: 0 };

    /// Reads `Z`, `UTC`, `+02:00`, `+0200`, `+02` or `-7`.
    ///
    /// # Errors
    /// What is expected.
    pub fn parse(text: &str) -> Result<Offset, String> {
        offset_of(text.as_bytes())
            .ok_or_else(|| "an offset from UTC is expected, such as `+02:00` or `Z`".into())
    }

    /// UTC in `local` time.
    pub(crate) const fn to_local(self, utc_ns: i64) -> i64 {
        utc_ns + self.nanos
    }

    /// `local` time in UTC.
    pub(crate) const fn to_utc(self, local_ns: i64) -> i64 {
        local_ns - self.nanos
    }
}

/// At most 14 hours, as everywhere on earth.
fn offset_of(text: &[u8]) -> Option<Offset> {
    let (sign, rest) = match text {
        b"Z" | b"z" | b"UTC" | b"GMT" => return Some(Offset::UTC),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.iter().position(|byte| *byte == b':') {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None if rest.len() == 4 => rest.split_at(2),
        None => (rest, &b"0"[..]),
    };
    let hours = digits(hours).filter(|it| *it <= 14)?;
    let minutes = digits(minutes).filter(|it| *it < 60)?;
    let nanos = (hours * 60 + minutes).cast_signed() * NANOS_PER_MINUTE * sign;
    Some(Offset { nanos })
}

/// Up to 18 decimal digits and nothing else.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    let all_digits = !text.is_empty() && text.len() <= 18 && text.iter().all(u8::is_ascii_digit);
    let value = |value: u64, byte: &u8| value * 10 + u64::from(byte - b'0');
    all_digits.then(|| text.iter().fold(0, value))
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &[u8]) -> Option<i64> {
    let mut parts = text.split(|byte| *byte == b'-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    parts.next().is_none().then(|| days(year, month, day))?
}

/// Days since 1970-01-01; `None` where the calendar has no such day, or before 1970 or after 2200.
pub(crate) fn days(year: u64, month: u64, day: u64) -> Option<i64> {
    let right = (1970..=2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    if !right {
        return None;
    }
    // Days from civil, with years that begin in March so that leap days come last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    Some(days.cast_signed() - 719_468)
}

const fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The number of a month of which at least three letters are written in English.
pub(crate) fn month_of(name: &[u8]) -> Option<u64> {
    let start = name.get(..3)?.to_ascii_lowercase();
    let rest = name.iter().all(u8::is_ascii_alphabetic);
    let index = MONTHS.iter().position(|month| **month == start)?;
    rest.then_some(index as u64 + 1)
}

/// Nanoseconds since midnight of `H:MM:SS`, with an optional fraction.
pub(crate) fn parse_time(text: &[u8]) -> Option<i64> {
    let mut parts = text.split(|byte| *byte == b':');
    let hours = digits(parts.next()?).filter(|it| *it < 24)?;
    let minutes = digits(parts.next()?).filter(|it| *it < 60)?;
    let seconds = parse_seconds(parts.next()?).ok()?;
    // 60 is a leap second.
    let right = parts.next().is_none() && seconds < 61 * NANOS_PER_SECOND;
    right.then(|| ((hours * 60 + minutes) * 60 * NANOS_PER_SECOND + seconds).cast_signed())
}

/// `2026-11-22T07:20:43.5Z`, also with a blank for the `T`, a comma for the point, an offset, or
/// without one: then `local` is the offset.
pub(crate) fn parse_iso(text: &[u8], local: Offset) -> Option<i64> {
    let day = parse_date(text.get(..10)?)?;
    let rest = text[10..]
        .strip_prefix(b"T")
        .or_else(|| text[10..].strip_prefix(b" "))?;
    let is_zone = |byte: &u8| matches!(byte, b'Z' | b'z' | b'+' | b'-' | b' ');
    let end = rest.iter().position(is_zone).unwrap_or(rest.len());
    let zone = rest[end..].trim_ascii();
    let offset = if zone.is_empty() {
        local
    } else {
        offset_of(zone)?
    };
    let time: Vec<u8> = rest[..end]
        .iter()
        .map(|it| if *it == b',' { b'.' } else { *it })
        .collect();
    // Minutes are enough: `07:20`.
    let short = time.split(|byte| *byte == b':').count() == 2;
    let time = if short {
        [&time[..], b":00"].concat()
    } else {
        time
    };
    Some(offset.to_utc(day * NANOS_PER_DAY + parse_time(&time)?))
}

/// `22/Nov/2026:07:20:43 +0000`, the brackets taken off; without an offset `local` is it.
pub(crate) fn parse_clf(text: &[u8], local: Offset) -> Option<i64> {
    let mut words = text
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let stamp = words.next()?;
    let offset = words.next().map_or(Some(local), offset_of)?;
    let mut parts = stamp.splitn(4, |byte| matches!(byte, b'/' | b':'));
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day = days(digits(year)?, month_of(month)?, digits(day)?)?;
    let time = parse_time(parts.next()?)?;
    words
        .next()
        .is_none()
        .then(|| offset.to_utc(day * NANOS_PER_DAY + time))
}

/// Year, month and day of a day since 1970-01-01: the inverse of [`days`].
pub(crate) const fn civil(day: i64) -> (i64, i64, i64) {
    // The same years that begin in March.
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + (month <= 2) as i64;
    (year, month, date)
}

/// An instant as `2026-11-22T07:20:43.5Z`, the fraction only as long as it must be.
pub(crate) fn iso_text(utc_ns: i64) -> String {
    let (day, rest) = (
        utc_ns.div_euclid(NANOS_PER_DAY),
        utc_ns.rem_euclid(NANOS_PER_DAY),
    );
    let (year, month, date) = civil(day);
    let seconds = rest / NANOS_PER_SECOND.cast_signed();
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let fraction = rest % NANOS_PER_SECOND.cast_signed();
    let fraction = Seconds(fraction.cast_unsigned()).to_string();
    let fraction = &fraction[1..];
    let seconds = seconds % 60;
    format!("{year}-{month:02}-{date:02}T{hours:02}:{minutes:02}:{seconds:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_since_1970() {
        assert_eq!(parse_date(b"1970-01-01"), Some(0));
        assert_eq!(parse_date(b"2000-02-29"), Some(11_016));
        assert_eq!(parse_date(b"2009-11-01"), Some(14_549));
        for text in [
            "2009-02-29",
            "2100-02-29",
            "2009-13-01",
            "2009-11",
            "x",
            "09-11-01",
        ] {
            assert_eq!(parse_date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn instants_are_written_and_read_in_every_form() {
        let expected = 20_779 * NANOS_PER_DAY + 26_443_500_000_000;
        for text in [
            "2026-11-22T07:20:43.5Z",
            "2026-11-22 07:20:43.500",
            "2026-11-22T09:20:43,5+02:00",
            "2026-11-22 00:20:43.5 -0700",
        ] {
            assert_eq!(
                parse_iso(text.as_bytes(), Offset::UTC),
                Some(expected),
                "{text}"
            );
        }
        let clf = |text: &str| parse_clf(text.as_bytes(), Offset::UTC);
        assert_eq!(clf("22/Nov/2026:07:20:43.5 +0000"), Some(expected));
        assert_eq!(clf("22/Nov/2026:08:20:43.5 +0100"), Some(expected));
        assert_eq!(iso_text(expected), "2026-11-22T07:20:43.5Z");
        assert_eq!(iso_text(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso_text(11_016 * NANOS_PER_DAY), "2000-02-29T00:00:00Z");
        let eastern = Offset::parse("+02:00").expect("an offset");
        assert_eq!(parse_iso(b"1970-01-01T02:00", eastern), Some(0));
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T",
            "2026-11-22T25:00:00",
            "2026-11-22T07:20:43 CET",
        ] {
            assert_eq!(parse_iso(text.as_bytes(), Offset::UTC), None, "{text}");
        }
        for text in [
            "22/Foo/2026:07:20:43 +0000",
            "22/Nov/2026",
            "32/Nov/2026:07:20:43 +0000",
        ] {
            assert_eq!(parse_clf(text.as_bytes(), Offset::UTC), None, "{text}");
        }
        for text in ["", "2", "+15", "+2:99", "CET"] {
            assert!(Offset::parse(text).is_err(), "{text}");
        }
    }
}
