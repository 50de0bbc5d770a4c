//! IIS logs in the W3C extended format.
//!
//! Columns come from the last `#Fields:` line, of which a log may have many; a log without a
//! `date` column takes the date of the last `#Date:` line. `time-taken` is milliseconds, and a
//! line is written when its response ends, so a request arrived that much earlier.

use super::calendar::{NANOS_PER_DAY, Offset, digits, parse_date, parse_time};
use super::import::{GroupBy, LogFormat, Request};
use super::table::quoted;
use crate::units::{LONGEST, SimSpan};
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
    zone: Offset,
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
    /// Its times are UTC unless IIS was told otherwise: then `zone` is theirs.
    pub const fn new(group: GroupBy, zone: Offset) -> IisLog {
        IisLog {
            group,
            zone,
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
        let ended = day * NANOS_PER_DAY + time_of(values[Column::Time as usize])?;
        let group = match values[Column::Group as usize] {
            b"-" => b"",
            name => name,
        };
        // 10 years at most, so it fits in 63 bits.
        let taken = duration.map_or(0, |span| span.as_nanos().cast_signed());
        Ok(Some(Request {
            arrived_ns: self.zone.to_utc(ended) - taken,
            duration,
            group,
            keep_alive: true,
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

fn date_of(text: &[u8]) -> Result<i64, String> {
    parse_date(text).ok_or_else(|| format!("`date` {} is not YYYY-MM-DD", quoted(text)))
}

/// Nanoseconds since midnight of `HH:MM:SS`, with an optional fraction.
fn time_of(text: &[u8]) -> Result<i64, String> {
    parse_time(text).ok_or_else(|| format!("`time` {} is not HH:MM:SS", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrived_before_its_log_time() {
        let mut log = IisLog::new(GroupBy::Client, Offset::UTC);
        let fields = b"#Fields: date time c-ip time-taken";
        assert_eq!(log.read_line(1, fields), Ok(None));
        let request = log.read_line(2, b"1970-01-02 00:00:01 10.0.0.1 1500");
        assert_eq!(
            request,
            Ok(Some(Request {
                arrived_ns: 86_399_500_000_000,
                duration: Some(SimSpan::from_millis(1500)),
                group: b"10.0.0.1",
                keep_alive: true,
            }))
        );
    }

    #[test]
    fn bad_lines_say_what_is_wrong() {
        let mut log = IisLog::new(GroupBy::Client, Offset::UTC);
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
