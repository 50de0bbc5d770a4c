//! IIS logs in the W3C extended format.
//!
//! Columns come from the last `#Fields:` line, of which a log may have many; a log without a
//! `date` column takes the date of the last `#Date:` line. `time-taken` is milliseconds, and a
//! line is written when its response ends, so a request arrived that much earlier.

use super::import::{GroupBy, LogFormat, Request};
use super::table::quoted;
use crate::units::{LONGEST, NANOS_PER_SECOND, SimSpan};
use std::collections::BTreeSet;

/// The columns that are read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Date,
    Time,
    TimeTaken,
    Group,
}

/// Reads the lines of an IIS W3C log.
#[derive(Debug)]
pub struct IisLog {
    group: GroupBy,
    /// What each column of the current `#Fields:` line is; `None` before the first.
    fields: Option<Fields>,
    /// Days since 1970 from the last `#Date:` line.
    date: Option<i64>,
    notes: Vec<String>,
    noted: BTreeSet<&'static str>,
}

#[derive(Debug)]
struct Fields {
    line: u64,
    width: usize,
    /// Where `Date`, `Time`, `TimeTaken` and `Group` are.
    positions: [Option<usize>; 4],
}

impl IisLog {
    /// A reader that groups requests by `group`.
    pub const fn new(group: GroupBy) -> IisLog {
        IisLog {
            group,
            fields: None,
            date: None,
            notes: Vec::new(),
            noted: BTreeSet::new(),
        }
    }

    fn directive(&mut self, number: u64, line: &[u8]) -> Result<(), String> {
        if let Some(names) = line.strip_prefix(b"#Fields:") {
            self.fields = Some(self.read_fields(number, names));
        } else if let Some(text) = line.strip_prefix(b"#Date:") {
            let day = words(text).next().and_then(parse_date);
            let found = || format!("{} is not a date", quoted(text.trim_ascii()));
            self.date = Some(day.ok_or_else(found)?);
        }
        Ok(())
    }

    fn read_fields(&mut self, number: u64, names: &[u8]) -> Fields {
        let group = group_column(self.group);
        let mut fields = Fields {
            line: number,
            width: 0,
            positions: [None; 4],
        };
        for (position, name) in words(names).enumerate() {
            fields.width += 1;
            let column = match name {
                b"date" => Column::Date,
                b"time" => Column::Time,
                b"time-taken" => Column::TimeTaken,
                _ if group.is_some_and(|group| group.as_bytes() == name) => Column::Group,
                _ => continue,
            };
            fields.positions[column as usize] = Some(position);
        }
        let lacks = |column: Column| fields.positions[column as usize].is_none();
        let mut missing = Vec::new();
        if lacks(Column::Time) {
            missing.push(("time", "its lines are skipped"));
        }
        if lacks(Column::Date) {
            missing.push(("date", "the date of the last `#Date:` line is taken"));
        }
        if lacks(Column::TimeTaken) {
            let effect = "durations are left empty and the log time counts as the arrival";
            missing.push(("time-taken", effect));
        }
        if let Some(group) = group
            && lacks(Column::Group)
        {
            missing.push((group, "groups are left empty"));
        }
        for (name, effect) in missing {
            if self.noted.insert(name) {
                self.notes
                    .push(format!("line {number}: no `{name}` column: {effect}"));
            }
        }
        fields
    }
}

impl LogFormat for IisLog {
    fn read_line<'l>(
        &mut self,
        number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String> {
        if line.starts_with(b"#") {
            return self.directive(number, line).map(|()| None);
        }
        let Some(fields) = &self.fields else {
            return Err("no `#Fields:` line before it".into());
        };
        let mut values: [&[u8]; 4] = [b""; 4];
        let mut width = 0;
        for word in words(line) {
            for (value, position) in values.iter_mut().zip(fields.positions) {
                if position == Some(width) {
                    *value = word;
                }
            }
            width += 1;
        }
        if width != fields.width {
            let (named, at) = (fields.width, fields.line);
            return Err(format!(
                "{width} fields, `#Fields:` on line {at} names {named}"
            ));
        }
        let duration = parse_time_taken(values[Column::TimeTaken as usize])?;
        let day = match fields.positions[Column::Date as usize] {
            Some(_) => date_of(values[Column::Date as usize])?,
            None => self
                .date
                .ok_or("no `date` column and no `#Date:` line before it")?,
        };
        if fields.positions[Column::Time as usize].is_none() {
            let at = fields.line;
            return Err(format!("`#Fields:` on line {at} names no `time`"));
        }
        let ended =
            day * 86_400 * NANOS_PER_SECOND.cast_signed() + time_of(values[Column::Time as usize])?;
        let group = match values[Column::Group as usize] {
            b"-" => b"",
            name => name,
        };
        // 10 years at most, so it fits in 63 bits.
        let taken = duration.map_or(0, |span| span.as_nanos().cast_signed());
        Ok(Some(Request {
            arrived_ns: ended - taken,
            duration,
            group,
        }))
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn name(&self) -> &'static str {
        "an IIS W3C extended log"
    }
}

/// The column that names the group.
const fn group_column(group: GroupBy) -> Option<&'static str> {
    match group {
        GroupBy::Client => Some("c-ip"),
        GroupBy::User => Some("cs-username"),
        GroupBy::Url => Some("cs-uri-stem"),
        GroupBy::None => None,
    }
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|word| !word.is_empty())
}

/// Milliseconds; `-` and a missing column are unknown.
fn parse_time_taken(text: &[u8]) -> Result<Option<SimSpan>, String> {
    if text.is_empty() || text == b"-" {
        return Ok(None);
    }
    digits(text)
        .filter(|millis| *millis <= LONGEST.as_nanos() / 1_000_000)
        .map(|millis| Some(SimSpan::from_millis(millis)))
        .ok_or_else(|| {
            format!(
                "`time-taken` {} is not a count of milliseconds",
                quoted(text)
            )
        })
}

fn digits(text: &[u8]) -> Option<u64> {
    let all_digits = !text.is_empty() && text.len() <= 18 && text.iter().all(u8::is_ascii_digit);
    let value = |value: u64, byte: &u8| value * 10 + u64::from(byte - b'0');
    all_digits.then(|| text.iter().fold(0, value))
}

fn date_of(text: &[u8]) -> Result<i64, String> {
    parse_date(text).ok_or_else(|| format!("`date` {} is not YYYY-MM-DD", quoted(text)))
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
fn parse_date(text: &[u8]) -> Option<i64> {
    let mut parts = text.split(|byte| *byte == b'-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let right = parts.next().is_none()
        && (1970..=2200).contains(&year)
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

/// Nanoseconds since midnight of `HH:MM:SS`, with an optional fraction.
fn time_of(text: &[u8]) -> Result<i64, String> {
    let parse = || {
        let mut parts = text.split(|byte| *byte == b':');
        let hours = digits(parts.next()?).filter(|it| *it < 24)?;
        let minutes = digits(parts.next()?).filter(|it| *it < 60)?;
        let seconds = super::decimal::parse_seconds(parts.next()?).ok()?;
        // 60 is a leap second.
        let right = parts.next().is_none() && seconds < 61 * NANOS_PER_SECOND;
        right.then(|| (hours * 60 + minutes) * 60 * NANOS_PER_SECOND + seconds)
    };
    parse()
        .map(u64::cast_signed)
        .ok_or_else(|| format!("`time` {} is not HH:MM:SS", quoted(text)))
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
    fn a_request_arrived_before_its_log_time() {
        let mut log = IisLog::new(GroupBy::Client);
        let fields = b"#Fields: date time c-ip time-taken";
        assert_eq!(log.read_line(1, fields), Ok(None));
        let request = log.read_line(2, b"1970-01-02 00:00:01 10.0.0.1 1500");
        assert_eq!(
            request,
            Ok(Some(Request {
                arrived_ns: 86_399_500_000_000,
                duration: Some(SimSpan::from_millis(1500)),
                group: b"10.0.0.1",
            }))
        );
    }

    #[test]
    fn bad_lines_say_what_is_wrong() {
        let mut log = IisLog::new(GroupBy::Client);
        let mut problem = |line: &str| log.read_line(7, line.as_bytes()).err().unwrap_or_default();
        assert_eq!(
            problem("2009-11-01 01:25:43 a 5"),
            "no `#Fields:` line before it"
        );
        assert_eq!(problem("#Fields: date time c-ip time-taken"), "");
        assert_eq!(
            problem("2009-11-01 01:25:43"),
            "2 fields, `#Fields:` on line 7 names 4"
        );
        assert_eq!(
            problem("yesterday 01:25:43 a 5"),
            "`date` `yesterday` is not YYYY-MM-DD"
        );
        assert_eq!(
            problem("2009-11-01 25:25:43 a 5"),
            "`time` `25:25:43` is not HH:MM:SS"
        );
        assert_eq!(
            problem("2009-11-01 01:25:43 a -5"),
            "`time-taken` `-5` is not a count of milliseconds"
        );
    }
}
