//! The line that says when a snapshot was taken: `# 2026-11-22T07:20:43Z`, what `date` prints,
//! what `ECHO %date% %time%` and `Get-Date` print, in many languages, seconds since 1970.

use super::calendar::{NANOS_PER_DAY, Offset, civil, days, digits, parse_iso, parse_time};
use super::months::{half_of_day, month_named};
use crate::units::parse_seconds;

/// When a snapshot was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stamp {
    /// Nanoseconds since 1970, by some clock that all stamps of a file share.
    Instant(i64),
    /// Nanoseconds since midnight of a day that is not told.
    OfDay(i64),
    /// Day or month first: all dates of a file together tell.
    Numbers(Numbers),
}

impl Stamp {
    /// The date whose order only the whole file tells.
    pub(crate) const fn numbers(self) -> Option<Numbers> {
        match self {
            Stamp::Numbers(numbers) => Some(numbers),
            Stamp::Instant(_) | Stamp::OfDay(_) => None,
        }
    }

    /// Nanoseconds since 1970, a date read in this order; `None` where no day is told, or one that
    /// the calendar does not have.
    pub(crate) fn nanos(self, order: DateOrder) -> Option<i64> {
        match self {
            Stamp::Instant(nanos) => Some(nanos),
            Stamp::Numbers(numbers) => numbers.in_order(order),
            Stamp::OfDay(_) => None,
        }
    }
}

/// A date such as `09/11/2026`, with its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Numbers {
    first: u64,
    second: u64,
    year: u64,
    /// Since midnight.
    time_ns: i64,
}

/// Which number of a date comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DateOrder {
    MonthFirst,
    DayFirst,
}

impl Numbers {
    /// Nanoseconds since 1970; `None` where the calendar has no such day.
    pub(crate) fn in_order(self, order: DateOrder) -> Option<i64> {
        let (month, day) = match order {
            DateOrder::MonthFirst => (self.first, self.second),
            DateOrder::DayFirst => (self.second, self.first),
        };
        days(self.year, month, day).map(|day| day * NANOS_PER_DAY + self.time_ns)
    }
}

impl DateOrder {
    /// How dates are read, for messages.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            DateOrder::MonthFirst => "with the month first",
            DateOrder::DayFirst => "with the day first",
        }
    }

    /// The order of all dates of a file, as they come.
    ///
    /// # Errors
    /// As [`Dates::order`].
    pub(crate) fn of(dates: &[Numbers]) -> Result<DateOrder, &'static str> {
        let mut all = Dates::default();
        for it in dates {
            all.add(*it);
        }
        all.order()
    }

    /// A time that was read with the month first where that is possible, in this order; `zone` is
    /// that of the file.
    pub(crate) fn of_month_first(self, utc_ns: i64, zone: Offset) -> i64 {
        let local = zone.to_local(utc_ns);
        let (day, time) = (
            local.div_euclid(NANOS_PER_DAY),
            local.rem_euclid(NANOS_PER_DAY),
        );
        let (year, month, date) = civil(day);
        // A day beyond 12 was no month, so it was read right.
        if self == DateOrder::MonthFirst || date > 12 {
            return utc_ns;
        }
        let (year, month, date) = (
            year.cast_unsigned(),
            month.cast_unsigned(),
            date.cast_unsigned(),
        );
        let swapped = days(year, date, month);
        swapped.map_or(utc_ns, |day| zone.to_utc(day * NANOS_PER_DAY + time))
    }
}

/// What the dates of a file say of their order, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dates {
    count: u64,
    month_first: Reading,
    day_first: Reading,
    /// Whether the two readings put the dates differently far apart.
    differ: bool,
}

/// The dates of a file in one order.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    /// Dates that the calendar does not have.
    wrong: u64,
    /// How often a date is before the one before it.
    back: u64,
    first: i64,
    last: i64,
    least: i64,
    most: i64,
}

impl Reading {
    fn add(&mut self, nanos: Option<i64>, is_first: bool) {
        let Some(nanos) = nanos else {
            self.wrong += 1;
            return;
        };
        if is_first {
            *self = Reading {
                first: nanos,
                last: nanos,
                least: nanos,
                most: nanos,
                ..*self
            };
        }
        self.back += u64::from(nanos < self.last);
        self.last = nanos;
        self.least = self.least.min(nanos);
        self.most = self.most.max(nanos);
    }
}

impl Dates {
    pub(crate) fn add(&mut self, date: Numbers) {
        let is_first = self.count == 0;
        self.count += 1;
        let month_first = date.in_order(DateOrder::MonthFirst);
        let day_first = date.in_order(DateOrder::DayFirst);
        self.month_first.add(month_first, is_first);
        self.day_first.add(day_first, is_first);
        let since = |nanos: Option<i64>, first: i64| nanos.map(|it| it - first);
        self.differ |=
            since(month_first, self.month_first.first) != since(day_first, self.day_first.first);
    }

    /// Whether there was any.
    pub(crate) const fn any(&self) -> bool {
        self.count > 0
    }

    /// The order in which the dates make sense: the one in which every day exists, else the one in
    /// which they run backwards less often, else the shorter span.
    ///
    /// # Errors
    /// No order fits every date, or both fit as well and differ.
    pub(crate) fn order(&self) -> Result<DateOrder, &'static str> {
        use std::cmp::Ordering;
        let judged = |it: &Reading| (it.back, it.most.saturating_sub(it.least));
        match (self.month_first.wrong, self.day_first.wrong) {
            (0, 1..) => Ok(DateOrder::MonthFirst),
            (1.., 0) => Ok(DateOrder::DayFirst),
            (1.., 1..) => Err("some dates have the day first and some the month"),
            (0, 0) => match judged(&self.month_first).cmp(&judged(&self.day_first)) {
                Ordering::Greater => Ok(DateOrder::DayFirst),
                Ordering::Equal if self.differ => {
                    Err("the dates may have the day or the month first")
                }
                Ordering::Less | Ordering::Equal => Ok(DateOrder::MonthFirst),
            },
        }
    }
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
/// `Tue 11/24/2026  7:20:43.51`, `24.11.2026 07:20:43,51`, `Samstag, 28. November 2026 12:00:00`,
/// `2026年11月28日 12:00:00`, `7:20:43 PM`.
fn of_words(text: &str) -> Option<Stamp> {
    let mut words = Words::default();
    for word in plain_date(text).split_whitespace() {
        let word = word.trim_matches(|c| matches!(c, ',' | '(' | ')'));
        if !word.is_empty() {
            words.read(word)?;
        }
    }
    words.stamp()
}

/// The date of Chinese, Japanese and Korean with the separators of others: `2026年 11月 28日`.
fn plain_date(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_unit = plain.ends_with(|c: char| c.is_ascii_digit());
        match character {
            '年' | '년' | '月' | '월' if is_unit => {
                plain.push('-');
                while characters.next_if(|c| c.is_whitespace()).is_some() {}
            }
            '日' | '일' if is_unit => plain.push(' '),
            _ => plain.push(character),
        }
    }
    plain
}

/// The words of a stamp as they come.
#[derive(Default)]
struct Words {
    time: Option<i64>,
    /// Whether the time has no seconds.
    is_short: bool,
    date: Option<NumericDate>,
    month: Option<u64>,
    year: Option<u64>,
    /// Numbers of at most two digits.
    numbers: Vec<u64>,
    afternoon: Option<bool>,
    /// Words that say nothing here: a day of the week, `de`, a zone.
    fillers: usize,
    /// Words that are not known.
    strange: usize,
}

/// A date of three numbers.
#[derive(Clone, Copy)]
enum NumericDate {
    Day(i64),
    /// First, second, year.
    Numbers(u64, u64, u64),
}

/// A date may stand beside so many words that are not known …
const MOST_STRANGE: usize = 3;
/// … and so many of all that say nothing.
const MOST_IDLE: usize = 5;

impl Words {
    /// Reads a word; `None` if no stamp has it.
    fn read(&mut self, word: &str) -> Option<()> {
        let is_zone = |word: &str| Offset::parse(word).is_ok();
        let bare = word.trim_end_matches('.');
        if let Some(number) = digits(bare.as_bytes()) {
            match bare.len() {
                4 => self.year = Some(number),
                1 | 2 => self.numbers.push(number),
                _ => return None,
            }
        } else if is_zone(word) || word.strip_prefix("UTC").is_some_and(is_zone) {
            // A zone: all stamps of a file share it.
        } else if let Some(date) = numeric_date(bare) {
            self.date = Some(date);
        } else if word.contains(':') || self.time.is_none() && dotted_time(word) {
            self.time_of_day(word)?;
        } else if let Some(afternoon) = half_of_day(word) {
            self.afternoon = Some(afternoon);
        } else if let Some(month) = month_named(word) {
            self.month = Some(month);
        } else if word.chars().any(|c| c.is_ascii_digit()) {
            return None;
        } else if is_filler(word) {
            self.fillers += 1;
        } else {
            self.strange += 1;
        }
        Some(())
    }

    /// `7:20:43.51`, `7:20`, `12.00.00`, `7:20:43PM`, `下午7:20:43`.
    fn time_of_day(&mut self, word: &str) -> Option<()> {
        let is_digit = |c: char| c.is_ascii_digit();
        let (start, end) = (word.find(is_digit)?, word.rfind(is_digit)? + 1);
        for half in [&word[..start], &word[end..]] {
            if !half.is_empty() {
                self.afternoon = Some(half_of_day(half)?);
            }
        }
        let mut time = word[start..end].replace(',', ".");
        if dotted_time(&time) {
            time = time.replacen('.', ":", 2);
        }
        if time.matches(':').count() == 1 {
            self.is_short = true;
            time += ":00";
        }
        if self.time.is_some() {
            return None;
        }
        self.time = Some(parse_time(time.as_bytes())?);
        Some(())
    }

    fn stamp(self) -> Option<Stamp> {
        let time = twelve_hours(self.time?, self.afternoon);
        let date = self.date.or_else(|| self.date_in_words());
        let idle = self.strange + self.fillers;
        match date {
            Some(_) if self.strange > MOST_STRANGE || idle > MOST_IDLE => None,
            Some(NumericDate::Day(day)) => Some(Stamp::Instant(day * NANOS_PER_DAY + time)),
            Some(NumericDate::Numbers(first, second, year)) => Some(Stamp::Numbers(Numbers {
                first,
                second,
                year,
                time_ns: time,
            })),
            // A time alone: nothing else may stand beside it.
            None if self.strange > 0 || self.month.is_some() || !self.numbers.is_empty() => None,
            None if self.is_short && self.afternoon.is_none() => None,
            None => Some(Stamp::OfDay(time)),
        }
    }

    /// `22 Nov 2026` in any order, or `2026. 11. 22.`.
    fn date_in_words(&self) -> Option<NumericDate> {
        let day = match (self.month, &self.numbers[..]) {
            (Some(month), [day]) => days(self.year?, month, *day)?,
            (None, [month, day]) => days(self.year?, *month, *day)?,
            _ => return None,
        };
        Some(NumericDate::Day(day))
    }
}

/// `12.00.00` or `12.00.00,51`, as Finnish and Danish clocks have it.
fn dotted_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['.', ',']).collect();
    let is_pair = |part: &&str| (1..=2).contains(&part.len()) && digits(part.as_bytes()).is_some();
    (3..=4).contains(&parts.len()) && parts[..3].iter().all(is_pair)
}

fn twelve_hours(time: i64, afternoon: Option<bool>) -> i64 {
    let half = NANOS_PER_DAY / 2;
    match afternoon {
        Some(true) if time < half => time + half,
        Some(false) if time >= half => time - half,
        _ => time,
    }
}

/// `2026-11-22`, `2026/11/22`, `22.11.2026`, or with the day or the month first `11/22/2026`; the
/// year may have two digits where it is last.
fn numeric_date(word: &str) -> Option<NumericDate> {
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Option<Vec<u64>> = word
        .split(separator)
        .map(|part| digits(part.as_bytes()))
        .collect();
    let [a, b, c] = parts?[..] else {
        return None;
    };
    if a > 31 {
        return days(a, b, c).map(NumericDate::Day);
    }
    // `12.00.26` is a time, and so is `12.11.26` where points stand: their years have four digits.
    let year = if c < 100 && separator != '.' {
        c + 2000
    } else {
        c
    };
    let is_date = days(year, a, b).is_some() || days(year, b, a).is_some();
    match separator {
        '.' => days(year, b, a).map(NumericDate::Day),
        _ => is_date.then_some(NumericDate::Numbers(a, b, year)),
    }
}

/// The day of the week or a time zone: short, letters only.
fn is_filler(word: &str) -> bool {
    let day = word.trim_end_matches('.');
    let is_day = (1..=3).contains(&day.chars().count()) && day.chars().all(char::is_alphabetic);
    let is_zone = (3..=5).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase());
    is_day || is_zone || day.to_lowercase().ends_with("day")
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
            "Sonntag, 22. November 2026 07:20:43",
            "domingo, 22 de noviembre de 2026 7:20:43",
            "воскресенье, 22 ноября 2026 г. 7:20:43",
            "niedziela, 22 listopada 2026 07:20:43",
            "2026年11月22日 7:20:43",
            "2026年 11月 22日 日曜日 07:20:43 JST",
            "2026. 11. 22. (일) 07:20:43 KST",
            "2026년 11월 22일 일요일 오전 7:20:43",
            "2026/11/22 周日  7:20:43.00",
            "sunnuntai 22. marraskuuta 2026 7.20.43",
            "22.11.2026  7.20.43,00",
            "Paz 22 Kas 2026 07:20:43 +03",
            "22.11.2026  7:20:43,00",
            "Sunday, November 22, 2026 7:20:43 AM",
            "So 22. Nov 07:20:43 CET 2026",
            "dim. 22 nov. 2026 07:20:43 CET",
            "dimanche 22 novembre 2026, 07:20:43 (UTC+0100)",
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
    fn day_or_month_first_is_told_by_all_dates_of_a_file() {
        let numbers = |line: &str| match parse_stamp(line) {
            Some(Stamp::Numbers(numbers)) => numbers,
            other => panic!("{line}: {other:?}"),
        };
        let order = |lines: &[&str]| {
            let dates: Vec<Numbers> = lines.iter().map(|it| numbers(it)).collect();
            DateOrder::of(&dates)
        };
        let (day, month) = (Ok(DateOrder::DayFirst), Ok(DateOrder::MonthFirst));
        // Midnight, and the end of a month.
        let night = ["09/11/2026 23:55:00.00", "10/11/2026  0:05:00.00"];
        assert_eq!(order(&night), day);
        assert_eq!(order(&["11/09/26 23:55:00", "11/10/26 00:05:00"]), month);
        assert_eq!(
            order(&["Sun 11/30/2026 1:00", "Mon 12/01/2026 1:00"]),
            month
        );
        assert_eq!(order(&["30-11-2026 12:00:00", "01-12-2026 12:00:00"]), day);
        // One day: either order is as far apart.
        let noon = ["07/08/2026 11:59:59 AM", "07/08/2026 12:00:01 PM"];
        assert!(order(&noon).is_ok());
        assert!(order(&["13/01/2026 1:00", "01/13/2026 1:00"]).is_err());
        let read = numbers("09/11/2026 23:55:00").in_order(DateOrder::DayFirst);
        assert_eq!(read, Some(20_766 * NANOS_PER_DAY + 86_100_000_000_000));
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
            "12:30",
            "10 users at 12:30:00",
            "2026-11-22 07:20:43 INFO one of many lines of a log",
        ] {
            assert_eq!(parse_stamp(line), None, "{line}");
        }
    }
}
