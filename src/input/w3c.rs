//! Logs in the W3C extended format: of IIS, HTTP.sys, CloudFront.
//!
//! Columns come from the last `#Fields:` line, of which a log may have many; a log without a
//! `date` column takes the date of the last `#Date:` line. A line is written when its response
//! ends, so a request arrived that much earlier. Who wrote the log is told by columns that nobody
//! else has; so is the unit of `time-taken`: milliseconds, but seconds in CloudFront's.
//!
//! Sources: Microsoft's pages on IIS logging, Advanced Logging and HTTP.sys error logging; AWS's
//! page on CloudFront's standard logs.

use super::address::first_address;
use super::calendar::{NANOS_PER_DAY, Offset, digits, parse_date, parse_time};
use super::duration_unit::DurationUnit;
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
    Method,
}

/// Reads the lines of a W3C log.
#[derive(Debug)]
pub struct W3cLog {
    group: GroupBy,
    zone: Offset,
    /// What each column of the current `#Fields:` line is; `None` before the first.
    fields: Option<Fields>,
    /// Days since 1970 from the last `#Date:` line, and the midnights since.
    date: Option<i64>,
    /// The time of day of the line before, where only `#Date:` tells the day.
    before: i64,
    notes: Vec<String>,
    noted: BTreeSet<&'static str>,
    /// Lines that tell of a connection, not of a request.
    no_requests: u64,
}

/// Who wrote the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Writer {
    Iis,
    /// Fields with blanks stand in quotation marks.
    AdvancedLogging,
    CloudFront,
    /// HTTP.sys: what never reached a program, and connections that ended.
    HttpErr,
}

#[derive(Debug)]
struct Fields {
    writer: Writer,
    line: u64,
    width: usize,
    /// Where each [`Column`] is.
    positions: [Option<usize>; 5],
}

impl W3cLog {
    /// A reader that groups requests by `group`.
    /// Its times are UTC unless IIS was told otherwise: then `zone` is theirs.
    pub const fn new(group: GroupBy, zone: Offset) -> W3cLog {
        W3cLog {
            group,
            zone,
            fields: None,
            date: None,
            before: 0,
            notes: Vec::new(),
            noted: BTreeSet::new(),
            no_requests: 0,
        }
    }

    fn directive(&mut self, number: u64, line: &[u8]) -> Result<(), String> {
        if let Some(names) = line.strip_prefix(b"#Fields:") {
            self.fields = Some(self.read_fields(number, names));
        } else if let Some(text) = line.strip_prefix(b"#Date:") {
            let day = words(text).next().and_then(parse_date);
            let found = || format!("{} is not a date", quoted(text.trim_ascii()));
            self.date = Some(day.ok_or_else(found)?);
            self.before = 0;
        }
        Ok(())
    }

    fn read_fields(&mut self, number: u64, names: &[u8]) -> Fields {
        let group = group_columns(self.group);
        let mut fields = Fields {
            writer: writer_of(names),
            line: number,
            width: 0,
            positions: [None; 5],
        };
        let mut is_behind_proxy = false;
        for (position, name) in words(names).enumerate() {
            fields.width += 1;
            let is_one_of = |names: &[&str]| {
                let is_it = |it: &&str| it.as_bytes().eq_ignore_ascii_case(name);
                names.iter().any(is_it)
            };
            is_behind_proxy |= is_one_of(group_columns(GroupBy::Forwarded));
            let column = match name {
                b"date" => Column::Date,
                b"time" => Column::Time,
                b"time-taken" | b"TimeTakenMS" => Column::TimeTaken,
                b"cs-method" => Column::Method,
                _ if is_one_of(group) => Column::Group,
                _ => continue,
            };
            fields.positions[column as usize] = Some(position);
        }
        // Of CloudFront `c-ip` is the viewer, and the column is always there.
        is_behind_proxy &= fields.writer != Writer::CloudFront;
        if is_behind_proxy && self.group == GroupBy::Client && self.noted.insert("proxy") {
            self.notes.push(
                "there is an X-Forwarded-For: `c-ip` is then that of a proxy or balancer; \
                 `--group forwarded` takes the client before it"
                    .into(),
            );
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
        if let Some(group) = group.first()
            && lacks(Column::Group)
        {
            missing.push((*group, "groups are left empty"));
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

impl LogFormat for W3cLog {
    fn begin(&mut self, first: &[&[u8]]) -> Result<(), Vec<String>> {
        let fields = first.iter().find_map(|line| line.strip_prefix(b"#Fields:"));
        let refusal = fields.and_then(refusal_of);
        refusal.map_or(Ok(()), |why| Err(vec![why.into()]))
    }

    fn read_line<'l>(
        &'l mut self,
        number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String> {
        if line.starts_with(b"#") {
            return self.directive(number, line).map(|()| None);
        }
        let Some(fields) = &self.fields else {
            return Err("no `#Fields:` line before it".into());
        };
        let mut values: [&[u8]; 5] = [b""; 5];
        let mut width = 0;
        let in_quotes = fields.writer == Writer::AdvancedLogging;
        for word in fields_of(line, in_quotes) {
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
        if fields.writer == Writer::HttpErr && values[Column::Method as usize] == b"-" {
            self.no_requests += 1;
            return Ok(None);
        }
        let taken = values[Column::TimeTaken as usize];
        let duration = match fields.writer {
            Writer::CloudFront => seconds_taken(taken)?,
            _ => parse_time_taken(taken)?,
        };
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
        let time = time_of(values[Column::Time as usize])?;
        let mut ended = day * NANOS_PER_DAY + time;
        if fields.positions[Column::Date as usize].is_none() {
            // Half a day back is midnight, and no line that was written a little late.
            if self.before - time > NANOS_PER_DAY / 2 {
                self.date = Some(day + 1);
                ended += NANOS_PER_DAY;
            }
            self.before = time;
        }
        let group = match values[Column::Group as usize] {
            b"-" => b"",
            list if self.group == GroupBy::Forwarded => first_address(list),
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

    fn end(&mut self) {
        let wrote = self.fields.as_ref().map(|fields| fields.writer);
        let told = match wrote {
            Some(Writer::CloudFront) => "a log of CloudFront: `time-taken` is seconds",
            Some(Writer::AdvancedLogging) => "a log of IIS Advanced Logging",
            Some(Writer::HttpErr) => {
                "a log of HTTP.sys: requests that no program answered; the others are in IIS's log"
            }
            Some(Writer::Iis) | None => "",
        };
        if !told.is_empty() {
            self.notes.push(told.into());
        }
        if self.no_requests > 0 {
            self.notes.push(format!(
                "{} lines tell of a connection that ended (`Timer_ConnectionIdle` and the like), \
                 not of a request: left out",
                self.no_requests
            ));
        }
    }
}

/// The columns that can name the group, the most usual first.
const fn group_columns(group: GroupBy) -> &'static [&'static str] {
    match group {
        GroupBy::Client => &["c-ip"],
        GroupBy::Forwarded => &[
            "X-Forwarded-For",
            "cs(X-Forwarded-For)",
            "x-forwarded-for",
            "OriginalIP",
        ],
        GroupBy::User => &["cs-username"],
        GroupBy::Url => &["cs-uri-stem", "cs-uri"],
        GroupBy::None => &[],
    }
}

/// Who has such columns.
fn writer_of(names: &[u8]) -> Writer {
    let has = |name: &[u8]| words(names).any(|it| it == name);
    if has(b"x-edge-location") {
        Writer::CloudFront
    } else if has(b"s-reason") {
        Writer::HttpErr
    } else if has(b"TimeTakenMS") || has(b"BeginRequest-UTC") || has(b"EndRequest-UTC") {
        Writer::AdvancedLogging
    } else {
        Writer::Iis
    }
}

/// Why a log with such columns holds no HTTP request.
fn refusal_of(names: &[u8]) -> Option<&'static str> {
    let has = |name: &[u8]| words(names).any(|it| it == name);
    if has(b"x-session") || has(b"x-fullpath") {
        return Some(
            "is a log of IIS's FTP service: its lines are FTP commands, not HTTP requests; \
             bring a log of a web site (`W3SVC…`)",
        );
    }
    if has(b"src-ip") && has(b"dst-ip") {
        return Some(
            "is a log of the Windows firewall: its lines are packets and connections, not HTTP \
             requests; for connections over time, bring snapshots of `netstat -ano` to \
             `spsim diagnose`",
        );
    }
    None
}

/// The fields of a line; with `in_quotes` one that begins with a quotation mark ends with one.
fn fields_of(line: &[u8], in_quotes: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        while rest.first().is_some_and(is_blank) {
            rest = &rest[1..];
        }
        let (start, end) = match rest {
            [] => return None,
            [b'"', inner @ ..] if in_quotes => {
                let end = inner.iter().position(|byte| *byte == b'"');
                (1, 1 + end.unwrap_or(inner.len()))
            }
            _ => (0, rest.iter().position(is_blank).unwrap_or(rest.len())),
        };
        let field = &rest[start..end];
        rest = &rest[(end + start).min(rest.len())..];
        Some(field)
    })
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

/// CloudFront's: seconds with a fraction.
fn seconds_taken(text: &[u8]) -> Result<Option<SimSpan>, String> {
    if text.is_empty() || text == b"-" {
        return Ok(None);
    }
    let span = DurationUnit::Seconds.parse(text);
    let problem = || format!("`time-taken` {} is not a number of seconds", quoted(text));
    span.map(Some).ok_or_else(problem)
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
        let mut log = W3cLog::new(GroupBy::Client, Offset::UTC);
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
        let mut log = W3cLog::new(GroupBy::Client, Offset::UTC);
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
