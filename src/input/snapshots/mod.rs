//! Snapshots of socket tables: `ss`, `netstat`, `Get-NetTCPConnection`, Perfmon.
//!
//! Lives here: recognising the format, where one snapshot ends, when each was taken, and what to
//! tell of rows that could not be read. What they mean is `crate::diagnose`'s.

use super::clock::{Stamp, parse_stamp};
use super::code_page::CodePage;
use super::kind::{FIRST_BYTES, looks_like};
use super::lines::{Lines, MAX_LINE_BYTES, is_damage};
use super::stream::{Limits, size_text};
use super::table::quoted;
use super::{Problems, describe, utf16};
use crate::diagnose::{Connection, Series, SocketTable};
use crate::model::settings::PortRange;
use crate::units::SimSpan;
use std::io::Read;

mod collector;
mod connection_csv;
mod fields;
mod metrics;
mod perfmon;
mod row;
mod socket_text;
mod states;

use collector::{Collector, FileEnd};

/// The largest file of snapshots, decompressed: 1 GiB.
pub const LIMITS: Limits = Limits { bytes: 1 << 30 };

/// The most rows of all snapshots together: 20 million, about 250 MB of memory.
pub const MAX_ROWS: usize = 20_000_000;

/// A file of snapshots.
pub struct SnapshotFile {
    /// What it is called in messages.
    pub name: String,
    /// Its bytes, already unzipped.
    pub input: Box<dyn Read>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Observed {
    /// Single connections; empty where only counters are known.
    pub sockets: SocketTable,
    /// Counters, one series for each object; or the counts by state of all endpoints.
    pub counters: Vec<Series>,
    /// The preset of the port range that goes with what was read, as in `linux`.
    pub preset: &'static str,
    /// The range of ports, where `spsim watch` wrote it down.
    pub range: Option<PortRange>,
    /// What there is to tell: problems with their place, then notes.
    pub told: Vec<String>,
    /// How many rows could not be read.
    pub skipped: u64,
}

/// Why snapshots could not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The files are wrong: the messages to show.
    Wrong(Vec<String>),
    /// No file says when a snapshot was taken, and the command line does not either.
    NeedsEvery(String),
}

/// A format of snapshots, read line by line.
trait SnapshotFormat {
    /// Reads a line that is not blank.
    ///
    /// # Errors
    /// What is wrong with the row that the line should be.
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String>;

    /// Called once behind the last line.
    fn finish(&mut self, _out: &mut Collector) {}
}

/// Reads all files, in this order.
///
/// # Errors
/// A file cannot be read or holds no snapshot; there are fewer than two; their times are unknown.
pub fn read(files: Vec<SnapshotFile>, every: Option<SimSpan>) -> Result<Observed, Refused> {
    let mut out = Collector::default();
    for file in files {
        let name = file.name.clone();
        read_file(file, &mut out).map_err(|problems| {
            let text = problems.join("\n  ");
            Refused::Wrong(vec![format!("{name} {text}")])
        })?;
    }
    out.finish(every)
}

fn read_file(file: SnapshotFile, out: &mut Collector) -> Result<(), Vec<String>> {
    let io = |error: &std::io::Error| vec![describe(error)];
    let input = utf16::as_utf8(file.input).map_err(|error| io(&error))?;
    let mut lines = Lines::bounded(input, LIMITS);
    out.begin_file(file.name);
    let mut page = CodePage::default();
    let mut format: Option<Box<dyn SnapshotFormat>> = None;
    let mut first = Vec::new();
    let rows_before = out.rows();
    let mut bad = false;
    let (mut is_damaged, mut is_table) = (false, false);
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if is_damage(&error) && out.rows() > rows_before => {
                out.line = lines.number;
                let error = describe(&error);
                out.problem(&format!(
                    "the compressed file is cut off or damaged behind it ({error})"
                ));
                is_damaged = true;
                break;
            }
            Err(error) => return Err(io(&error)),
        }
        out.line = lines.number;
        if utf16::narrow(&mut lines.line) {
            out.wide_line();
        }
        let text = page.read(&lines.line, says_something);
        let line = text
            .trim_start_matches('\u{feff}')
            .trim_end_matches(['\0', '\r']);
        if line.trim().is_empty() {
            continue;
        }
        if first.len() < FIRST_BYTES {
            first.extend_from_slice(&line.as_bytes()[..line.len().min(FIRST_BYTES)]);
            first.push(b'\n');
        }
        if lines.too_long {
            let longest = size_text(MAX_LINE_BYTES as u64);
            out.problem(&format!("longer than {longest}"));
            continue;
        }
        // A stamp may stand before what tells the format.
        if !is_table && (is_connection_csv(line) || is_perfmon(line)) {
            format = None;
            is_table = true;
        } else if !is_table
            && out.rows() == rows_before
            && metrics::is_metrics(line, &String::from_utf8_lossy(&first))
        {
            let mut metrics = metrics::Metrics::default();
            // What stood above the first row names its columns.
            for above in String::from_utf8_lossy(&first).lines() {
                if above != line {
                    metrics.read_line(above, out).map_err(|it| vec![it])?;
                }
            }
            format = Some(Box::new(metrics));
            is_table = true;
        }
        let format = format.get_or_insert_with(|| format_of(line));
        bad = match format.read_line(line, out) {
            Ok(()) => false,
            Err(problem) => {
                out.problem(&problem);
                true
            }
        };
        if out.rows() > MAX_ROWS {
            return Err(vec![format!("has more than {MAX_ROWS} rows")]);
        }
    }
    if let Some(format) = &mut format {
        format.finish(out);
    }
    if let Some(name) = page.name() {
        let file = out.file().to_owned();
        out.note(format!("{file}: read in the code page {name}"));
    }
    let end = match (is_damaged, lines.ended || lines.number == 0) {
        (true, _) => FileEnd::Damaged,
        (false, true) => FileEnd::Whole,
        (false, false) => FileEnd::Open { bad },
    };
    out.end_file(end);
    if out.rows() == rows_before && !out.file_has_snapshot() {
        return Err(nothing_in(&first, out));
    }
    Ok(())
}

/// Whether a line that was decoded makes sense: the code page is then the right one.
fn says_something(line: &str) -> bool {
    let is_row = || matches!(row::read(line), row::Line::Row(..) | row::Line::Count(..));
    perfmon::is_counter(line) || parse_stamp(line).is_some() || is_row()
}

fn is_perfmon(line: &str) -> bool {
    line.contains("(PDH-")
}

/// The header of `Export-Csv`, or the line before it.
fn is_connection_csv(line: &str) -> bool {
    connection_csv::is_header(line) || line.starts_with("#TYPE")
}

/// The format of a file that begins with `line`.
fn format_of(line: &str) -> Box<dyn SnapshotFormat> {
    if is_perfmon(line) {
        return Box::new(perfmon::Perfmon::default());
    }
    if is_connection_csv(line) {
        return Box::new(connection_csv::ConnectionCsv::default());
    }
    Box::new(socket_text::SocketText::default())
}

fn nothing_in(first: &[u8], out: &mut Collector) -> Vec<String> {
    let mut messages = vec![
        "holds no snapshot of `ss -tan`, `netstat -an`, `Get-NetTCPConnection` or Perfmon".into(),
    ];
    let other = looks_like(first).filter(|it| !it.contains("spsim diagnose"));
    match other {
        Some(other) => messages.push(other.into()),
        None if first.is_empty() => messages.push("it is empty".into()),
        None => {
            let line = first.split(|byte| *byte == b'\n').next();
            messages.push(format!("it begins with {}", quoted(line.unwrap_or(first))));
        }
    }
    if other.is_none() {
        messages.extend(out.take_problems().into_messages());
    }
    messages
}
