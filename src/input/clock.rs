//! The line that says when a snapshot was taken: `# 2026-11-22T07:20:43Z`, what `date` prints,
//! what `ECHO %date% %time%` prints, seconds since 1970.

use super::calendar::{NANOS_PER_DAY, Offset, days, digits, month_of, parse_iso, parse_time};
use crate::units::parse_seconds;

/// When a snapshot was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stamp {
    /// Nanoseconds since 1970, by some clock that all stamps of a file share.
    Instant(i64),
    /// Nanoseconds since midnight of a day that is not told.
    OfDay(i64),
}

/// The stamp that `line` is, if it is one and nothing else; a remark (`#`) may say more.
pub(crate) fn parse_stamp(line: &str) -> Option<Stamp> {
    let is_frame = |c: char| c.is_whitespace() || matches!(c, '#' | '=' | '-' | '*' | '[' | ']');
    let text = line.trim_matches(is_frame);
    // The title of `watch`: `Every 5.0s: ss -tan    web1: Sun Nov 22 07:20:43 2026`.
    let text = match text.strip_prefix("Every ") {
        Some(title) => title.rsplit(": ").next().unwrap_or(title).trim(),
        None => text,
    };
    if let Some(nanos) = parse_iso(text.as_bytes(), Offset::UTC) {
        return Some(Stamp::Instant(nanos));
    }
    if line.trim_start().starts_with('#') {
        let iso = |word: &str| parse_iso(word.as_bytes(), Offset::UTC);
        if let Some(nanos) = text.split_whitespace().find_map(iso) {
            return Some(Stamp::Instant(nanos));
        }
    }
    since_1970(text).or_else(|| of_words(text))
}

/// When a file was written, by its name: `snap-20261122-072043.txt`, `ss_2026-11-22T07-20-43`,
/// `netstat.1795332043.txt`. The folder does not count.
pub(crate) fn stamp_of_name(name: &str) -> Option<Stamp> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let runs: Vec<&str> = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect();
    (0..runs.len()).find_map(|at| {
        let lengths: Vec<usize> = runs[at..].iter().take(6).map(|run| run.len()).collect();
        let count = match lengths[..] {
            [14, ..] => 1,
            [8, 6, ..] => 2,
            [8, 2, 2, 2, ..] | [4, 2, 2, 6, ..] => 4,
            [4, 2, 2, 2, 2, 2] => 6,
            [10 | 13, ..] => return since_1970(runs[at]),
            _ => return None,
        };
        date_and_time(&runs[at..at + count].concat())
    })
}

/// The instant of `YYYYMMDDHHMMSS`.
fn date_and_time(fourteen: &str) -> Option<Stamp> {
    let part = |from: usize, to: usize| digits(&fourteen.as_bytes()[from..to]);
    let (year, month) = (part(0, 4)?, part(4, 6)?);
    let day = days(year, month, part(6, 8)?).filter(|_| (1970..=2200).contains(&year))?;
    let (hour, minute, second) = (&fourteen[8..10], &fourteen[10..12], &fourteen[12..]);
    let time = parse_time(format!("{hour}:{minute}:{second}").as_bytes())?;
    Some(Stamp::Instant(day * NANOS_PER_DAY + time))
}

/// Seconds or milliseconds since 1970, between 2001 and 2200.
fn since_1970(text: &str) -> Option<Stamp> {
    let whole = text.split('.').next().unwrap_or(text);
    match whole.len() {
        10 => split_seconds(text),
        13 if whole == text => digits(text.as_bytes()).map(|ms| ms.cast_signed() * 1_000_000),
        _ => None,
    }
    .map(Stamp::Instant)
}

fn split_seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds = digits(whole.as_bytes())?.cast_signed();
    let fraction = parse_seconds(format!("0.{fraction}").as_bytes()).ok()?;
    Some(seconds * 1_000_000_000 + fraction.cast_signed())
}

/// A date, a time and words that belong to them, in any order: `Sun Nov 22 07:20:43 UTC 2026`,
/// `Tue 11/24/2026  7:20:43.51`, `24.11.2026 07:20:43,51`, `7:20:43 PM`.
fn of_words(text: &str) -> Option<Stamp> {
    let (mut time, mut day) = (None, None);
    let (mut month, mut year, mut date, mut noon) = (None, None, None, None);
    for word in text
        .split(|c: char| c.is_whitespace())
        .filter(|word| !word.is_empty())
    {
        let word = word.trim_end_matches(',');
        let number = digits(word.trim_end_matches('.').as_bytes());
        if word.contains(':') && time.is_none() {
            time = Some(parse_time(word.replace(',', ".").as_bytes())?);
        } else if let Some(number) = number {
            if word.len() == 4 {
                year = Some(number);
            } else {
                date = Some(number);
            }
        } else if let Some(found) = numeric_date(word) {
            day = Some(found);
        } else if word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm") {
            noon = Some(word.eq_ignore_ascii_case("pm"));
        } else if let Some(found) = any_month(word) {
            month = Some(found);
        } else if !is_filler(word) {
            return None;
        }
    }
    let time = time.map(|time| twelve_hours(time, noon))?;
    if let (None, Some(month), Some(date)) = (day, month, date) {
        day = days(year?, month, date);
    }
    Some(day.map_or(Stamp::OfDay(time), |day| {
        Stamp::Instant(day * NANOS_PER_DAY + time)
    }))
}

/// A month in English or as it is abbreviated elsewhere, with or without a point.
fn any_month(word: &str) -> Option<u64> {
    let word = word.trim_end_matches('.');
    month_of(word.as_bytes()).or_else(|| local_month(word))
}

/// A month as `date` abbreviates it elsewhere, where that is not the English name: German,
/// French, Spanish, Italian, Dutch, Portuguese.
fn local_month(word: &str) -> Option<u64> {
    const MONTHS: [&[&str]; 12] = [
        &["ene", "gen"],
        &["fév", "fev"],
        &["mär", "mrz", "mrt"],
        &["avr", "abr"],
        &["mai", "mei", "mag"],
        &["juin", "giu"],
        &["juil", "lug"],
        &["aoû", "ago"],
        &["set"],
        &["okt", "ott", "out"],
        &[],
        &["dez", "déc", "dic"],
    ];
    let word = word.to_lowercase();
    let begins = |names: &&[&str]| names.iter().any(|name| word.starts_with(name));
    let index = MONTHS.iter().position(begins)?;
    let is_short = word.chars().count() <= 10;
    is_short.then_some(index as u64 + 1)
}

fn twelve_hours(time: i64, afternoon: Option<bool>) -> i64 {
    let half = NANOS_PER_DAY / 2;
    match afternoon {
        Some(true) if time < half => time + half,
        Some(false) if time >= half => time - half,
        _ => time,
    }
}

/// `2026-11-22`, `11/22/2026` (the day first where it cannot be a month), `22.11.2026`.
fn numeric_date(word: &str) -> Option<i64> {
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Option<Vec<u64>> = word
        .split(separator)
        .map(|part| digits(part.as_bytes()))
        .collect();
    let [a, b, c] = parts?[..] else {
        return None;
    };
    match separator {
        _ if a > 31 => days(a, b, c),
        '/' => days(c, a, b).or_else(|| days(c, b, a)),
        _ => days(c, b, a),
    }
}

/// The day of the week or a time zone: short, letters only (and an offset).
fn is_filler(word: &str) -> bool {
    let day = word.trim_end_matches('.');
    let is_day = (2..=3).contains(&day.chars().count()) && day.chars().all(char::is_alphabetic);
    let is_zone = (3..=5).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase());
    let full = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    is_day || is_zone || full.contains(&day.to_lowercase().as_str()) || Offset::parse(word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 20_779 * NANOS_PER_DAY;
    const TIME: i64 = 26_443_000_000_000;

    #[test]
    fn stamps_of_every_kind_are_read() {
        for line in [
            "# 2026-11-22T07:20:43Z",
            "2026-11-22 07:20:43",
            "=== 2026-11-22T07:20:43 ===",
            "# snapshot 3 at 2026-11-22T07:20:43Z of host",
            "Sun Nov 22 07:20:43 UTC 2026",
            "Sun 22 Nov 2026 07:20:43 AM CET",
            "Sun 11/22/2026  7:20:43.00",
            "22.11.2026  7:20:43,00",
            "22/11/2026 07:20:43",
            "Sunday, November 22, 2026 7:20:43 AM",
            "So 22. Nov 07:20:43 CET 2026",
            "dim. 22 nov. 2026 07:20:43 CET",
            "Every 5.0s: ss -tan          web1: Sun Nov 22 07:20:43 2026",
            "1795332043",
            "# 1795332043.000",
            "1795332043000",
        ] {
            assert_eq!(
                parse_stamp(line),
                Some(Stamp::Instant(DAY + TIME)),
                "{line}"
            );
        }
        assert_eq!(parse_stamp("07:20:43"), Some(Stamp::OfDay(TIME)));
        assert_eq!(
            parse_stamp(" 7:20:43 pm"),
            Some(Stamp::OfDay(TIME + NANOS_PER_DAY / 2))
        );
    }

    #[test]
    fn names_of_files_may_say_when() {
        for name in [
            "snap-20261122-072043.txt",
            "2026-11-22T07:20:43Z.ss.gz",
            "logs 7/ss_2026-11-22_07-20-43.txt",
            "C:\\t\\netstat_20261122072043.log",
            "web2.2026-11-22-072043.csv",
            "snap.1795332043.txt",
            "1795332043000",
        ] {
            let found = stamp_of_name(name);
            assert_eq!(found, Some(Stamp::Instant(DAY + TIME)), "{name}");
        }
        for name in [
            "snap-10.txt",
            "20261122.txt",
            "20261322-072043",
            "a/20261122-072043/b",
        ] {
            assert_eq!(stamp_of_name(name), None, "{name}");
        }
    }

    #[test]
    fn other_lines_are_no_stamps() {
        for line in [
            "",
            "# a remark",
            "Active Connections",
            "[svchost.exe]",
            "12",
            "::1:80",
            "a b",
        ] {
            assert_eq!(parse_stamp(line), None, "{line}");
        }
    }
}
