//! The observed curve of `spsim calibrate`: a CSV of ports over time.
//!
//! | column | meaning |
//! |---|---|
//! | `time_s` | when, decimal seconds from any beginning, or ISO 8601 |
//! | `ports_in_use` | ports in any state; may be missing where the states are there |
//! | `established` | ports in neither TIME_WAIT nor CLOSE_WAIT |
//! | `time_wait`, `close_wait` | ports held, ports whose server has closed |
//!
//! `ports.csv` of `spsim run` is such a file, if it holds one strategy. Other columns are told
//! and left alone.

use super::calendar::{Offset, parse_iso};
use super::seen::{Seen, Unit};
use super::stream::{Guarded, Limits};
use super::table::{all_quoted, line_of, quoted};
use super::{Problems, describe};
use crate::calibrate::{Channel, Curve};
use crate::units::NANOS_PER_SECOND;
use crate::units::parse_seconds;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use std::collections::BTreeSet;
use std::io::Read;

/// The largest file, decompressed: 256 MiB.
pub const LIMITS: Limits = Limits { bytes: 1 << 28 };

/// The most observations that are used; of more, evenly chosen ones.
pub const MOST_POINTS: usize = 2_000;

/// The fewest observations that a curve can be fitted to.
pub const FEWEST_POINTS: usize = 5;

/// Names of columns, the usual one first.
const TIMES: [&str; 6] = ["time_s", "t_s", "time", "timestamp", "seconds", "elapsed_s"];
const TOTALS: [&str; 4] = ["ports_in_use", "ports", "client_ports", "total"];
const ESTABLISHED: [&str; 2] = ["established", "alive"];
const TIME_WAITS: [&str; 2] = ["time_wait", "time_wait_client"];
const CLOSE_WAITS: [&str; 2] = ["close_wait", "close_wait_client"];
/// A column of `ports.csv`.
const STRATEGY: [&str; 1] = ["strategy"];

/// An observed curve, and what there is to tell about its file.
#[derive(Clone, PartialEq, Debug)]
pub struct Observation {
    /// The curve.
    pub curve: Curve,
    /// Problems with their place, then notes.
    pub told: Vec<String>,
    /// How many rows could not be read.
    pub skipped: u64,
}

/// Whether a file that begins with `first` is a CSV of a curve, by its header.
pub fn is_curve(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first);
    let line = text.trim_start_matches('\u{feff}').lines();
    let header = line
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(header) = header else {
        return false;
    };
    let names: Vec<&str> = header.split([',', ';', '\t']).map(bare).collect();
    let has = |known: &[&str]| names.iter().any(|name| is_one_of(name, known));
    has(&TIMES) && (has(&TOTALS) || has(&ESTABLISHED) || has(&TIME_WAITS))
}

fn bare(name: &str) -> &str {
    name.trim().trim_matches('"')
}

fn is_one_of(name: &str, known: &[&str]) -> bool {
    known.iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// Where the columns are.
struct Columns {
    time: usize,
    total: Option<usize>,
    established: Option<usize>,
    time_wait: Option<usize>,
    close_wait: Option<usize>,
    strategy: Option<usize>,
}

/// One observation: when, and the counts of the known columns.
#[derive(Clone, Debug)]
struct Row {
    time_ns: i64,
    line: u64,
    total: Option<f64>,
    established: Option<f64>,
    time_wait: Option<f64>,
    close_wait: Option<f64>,
}

/// Reads a CSV.
///
/// # Errors
/// The file cannot be read, exceeds a bound, lacks a column or holds too few observations.
pub fn read_csv(input: Box<dyn Read>) -> Result<Observation, Vec<String>> {
    let mut input = super::utf16::as_utf8(input).map_err(|error| vec![describe(&error)])?;
    // The header alone tells the delimiter.
    let mut start = Vec::new();
    let read = input.by_ref().take(4_096).read_to_end(&mut start);
    read.map_err(|error| vec![describe(&error)])?;
    let delimiter = delimiter_of(&start);
    let whole = std::io::Cursor::new(start).chain(input);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(Guarded::new(whole, LIMITS));
    let mut record = ByteRecord::new();
    let mut table = Rows::default();
    let mut columns: Option<(Columns, usize)> = None;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => reader.get_mut().record_done(),
            Ok(false) => break,
            // What was read before a file that is cut counts.
            Err(error) if table.read.len() >= FEWEST_POINTS => {
                let line = line_of(&reader);
                let error = describe(&error.into());
                table.problems.push(|| format!("line {line}: {error}"));
                break;
            }
            Err(error) => return Err(vec![describe(&error.into())]),
        }
        let line = line_of(&reader);
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        match &columns {
            None => columns = Some((table.header(&record)?, record.len())),
            Some((columns, width)) if record.len() == *width => {
                table.read(columns, &record, line);
            }
            Some((_, width)) => {
                let found = record.len();
                table
                    .problems
                    .push(|| format!("line {line}: {found} fields, the header has {width}"));
            }
        }
    }
    table.finish()
}

fn delimiter_of(start: &[u8]) -> u8 {
    let lines = start.split(|byte| *byte == b'\n');
    let mut headers = lines.filter(|line| !line.starts_with(b"#"));
    let header = headers.next().unwrap_or_default();
    let count = |delimiter: &u8| header.split(|byte| byte == delimiter).count();
    // Of equally many the comma, which is the last.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b',')
}

#[derive(Default)]
struct Rows {
    read: Vec<Row>,
    strategies: BTreeSet<Vec<u8>>,
    problems: Problems,
    notes: Vec<String>,
}

impl Rows {
    fn header(&mut self, record: &ByteRecord) -> Result<Columns, Vec<String>> {
        let names: Vec<String> = record
            .iter()
            .map(|name| {
                String::from_utf8_lossy(name)
                    .trim_start_matches('\u{feff}')
                    .into()
            })
            .collect();
        let find = |known: &[&str]| {
            known
                .iter()
                .find_map(|it| names.iter().position(|name| is_one_of(bare(name), &[it])))
        };
        let lacks = |what: &str, known: &[&str]| {
            let (known, found) = (known.join(", "), all_quoted(&names));
            vec![format!("has no column of {what} ({known}): it has {found}")]
        };
        let time = find(&TIMES).ok_or_else(|| lacks("times", &TIMES))?;
        let columns = Columns {
            time,
            total: find(&TOTALS),
            established: find(&ESTABLISHED),
            time_wait: find(&TIME_WAITS),
            close_wait: find(&CLOSE_WAITS),
            strategy: find(&STRATEGY),
        };
        if columns.total.is_none() && columns.established.is_none() {
            return Err(lacks("ports", &TOTALS));
        }
        let used = [
            Some(time),
            columns.total,
            // Beside a total the established ones follow from the others.
            columns.established.filter(|_| columns.total.is_none()),
            columns.time_wait,
            columns.close_wait,
            columns.strategy,
        ];
        let is_used = |index: &usize| used.contains(&Some(*index));
        let (read, unused): (Vec<usize>, Vec<usize>) = (0..names.len()).partition(is_used);
        if !unused.is_empty() {
            let [read, unused] =
                [read, unused].map(|all| all_quoted(all.iter().map(|it| &names[*it])));
            self.notes
                .push(format!("columns used: {read}; not used: {unused}"));
        }
        Ok(columns)
    }

    fn read(&mut self, columns: &Columns, record: &ByteRecord, line: u64) {
        let field = |at: usize| record.get(at).unwrap_or_default().trim_ascii();
        if let Some(at) = columns.strategy
            && self.strategies.len() < 10
        {
            self.strategies.insert(field(at).to_vec());
        }
        let row = time_of(field(columns.time)).and_then(|time_ns| {
            let count = |at: Option<usize>| at.map(|at| count_of(field(at))).transpose();
            Ok(Row {
                time_ns,
                line,
                total: count(columns.total)?,
                established: count(columns.established.filter(|_| columns.total.is_none()))?,
                time_wait: count(columns.time_wait)?,
                close_wait: count(columns.close_wait)?,
            })
        });
        let parts_fit = |row: &Row| {
            let parts = row.time_wait.unwrap_or(0.0) + row.close_wait.unwrap_or(0.0);
            row.total.is_none_or(|total| parts <= total)
        };
        match row {
            Ok(row) if parts_fit(&row) => self.read.push(row),
            Ok(_) => self
                .problems
                .push(|| format!("line {line}: more ports in their states than in all")),
            Err(problem) => self.problems.push(|| format!("line {line}: {problem}")),
        }
    }

    fn finish(mut self) -> Result<Observation, Vec<String>> {
        if self.strategies.len() > 1 {
            let names = all_quoted(&self.strategies);
            return Err(vec![format!(
                "holds several strategies ({names}): a curve is of one, as `spsim run --strategy \
                 NAME` writes it"
            )]);
        }
        self.sort();
        let n = self.read.len();
        if n < FEWEST_POINTS {
            let mut messages = vec![format!(
                "holds {n} observations: at least {FEWEST_POINTS} are needed"
            )];
            messages.extend(self.problems.into_messages());
            return Err(messages);
        }
        if n > MOST_POINTS {
            let keep = |index: usize| index * (n - 1) / (MOST_POINTS - 1);
            self.read = (0..MOST_POINTS)
                .map(|it| self.read[keep(it)].clone())
                .collect();
            self.notes.push(format!(
                "of {n} observations {MOST_POINTS} are used, evenly chosen"
            ));
        }
        let curve = curve_of(&self.read);
        let skipped = self.problems.count();
        let problems = self.problems.into_messages();
        let mut told: Vec<String> = problems.iter().map(|it| format!("skipped {it}")).collect();
        told.extend(self.notes.iter().map(|it| format!("note: {it}")));
        Ok(Observation {
            curve,
            told,
            skipped,
        })
    }

    /// Puts the rows into the order of time; of several at one time the first stays.
    fn sort(&mut self) {
        let mut early = Seen::default();
        let pairs = self.read.windows(2);
        for pair in pairs.filter(|pair| pair[1].time_ns < pair[0].time_ns) {
            early.seen_at(pair[1].line);
        }
        let mut twice = Seen::default();
        self.read.sort_by_key(|row| row.time_ns);
        self.read.dedup_by(|later, kept| {
            let same = later.time_ns == kept.time_ns;
            if same {
                twice.seen_at(later.line);
            }
            same
        });
        let early = early.note(Unit::Line, "earlier than the one before: sorted");
        let twice = twice.note(Unit::Line, "at the same time as another: left out");
        self.notes.extend(early.into_iter().chain(twice));
    }
}

fn time_of(text: &[u8]) -> Result<i64, String> {
    if let Ok(nanos) = parse_seconds(text) {
        return Ok(nanos.cast_signed());
    }
    // Seconds since 1970 are longer than any span of a scenario.
    let seconds = std::str::from_utf8(text)
        .ok()
        .and_then(|it| it.parse::<f64>().ok());
    let epoch = seconds
        .filter(|it| (0.0..9e9).contains(it))
        .map(|it| (it * 1e3).round() as i64 * 1_000_000);
    epoch
        .or_else(|| parse_iso(text, Offset::UTC))
        .ok_or_else(|| format!("time {} is neither seconds nor ISO 8601", quoted(text)))
}

fn count_of(text: &[u8]) -> Result<f64, String> {
    let value = std::str::from_utf8(text)
        .ok()
        .and_then(|it| it.parse::<f64>().ok());
    value
        .filter(|it| (0.0..=1e9).contains(it))
        .ok_or_else(|| format!("{} is not a count of ports", quoted(text)))
}

fn curve_of(rows: &[Row]) -> Curve {
    let first = rows.first().map_or(0, |row| row.time_ns);
    let seconds = |row: &Row| (row.time_ns - first) as f64 / NANOS_PER_SECOND as f64;
    let all = |of: fn(&Row) -> Option<f64>| -> Option<Vec<f64>> { rows.iter().map(of).collect() };
    let (held, left) = (all(|row| row.time_wait), all(|row| row.close_wait));
    let mut channels = Vec::new();
    match (all(|row| row.total), &held, &left) {
        (Some(total), None, None) => channels.push((Channel::Total, total)),
        (Some(total), held, left) => {
            let less = |values: &Option<Vec<f64>>, index: usize| {
                values.as_ref().map_or(0.0, |values| values[index])
            };
            let rest = total.iter().enumerate();
            let rest = rest.map(|(index, total)| total - less(held, index) - less(left, index));
            let channel = match (held, left) {
                (Some(_), Some(_)) => Channel::Alive,
                (Some(_), None) => Channel::NotTimeWait,
                _ => Channel::NotCloseWait,
            };
            channels.push((channel, rest.collect()));
        }
        (None, ..) => channels.extend(all(|row| row.established).map(|it| (Channel::Alive, it))),
    }
    channels.extend(held.map(|it| (Channel::TimeWait, it)));
    channels.extend(left.map(|it| (Channel::CloseWait, it)));
    Curve {
        times_s: rows.iter().map(seconds).collect(),
        channels,
    }
}

#[cfg(test)]
mod tests;
