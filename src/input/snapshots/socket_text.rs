//! Socket tables as text, line by line: where a snapshot begins.
//!
//! Each row tells its format by itself. A stamp begins a snapshot; so does a column header, which
//! is known without its language: the line above the first row, wherever it comes again.

use super::SnapshotFormat;
use super::collector::{Collector, System};
use super::row::{self, Line};
use crate::input::clock::parse_stamp;
use crate::input::seen::Seen;
use crate::model::settings::PortRange;
use std::collections::BTreeMap;

/// Reads the lines of `ss`, `netstat` and their like.
#[derive(Debug, Default)]
pub(super) struct SocketText {
    /// In a part of the output that is about sockets of the machine itself.
    elsewhere: bool,
    /// The words of the last line that is no row.
    before: Option<String>,
    /// The words of the line above the first row.
    header: Option<String>,
    any_row: bool,
    /// What is known of the connection whose entries stand one under the other.
    block: BTreeMap<&'static str, String>,
    /// Lines of other text that may be the title above a header: how many, and the first.
    pending: Seen,
    /// Whether the remote end stands before the local one.
    remote_first: bool,
}

impl SnapshotFormat for SocketText {
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        match row::read(line) {
            Line::Row(mut row, system) => {
                self.first_row(out);
                if self.remote_first {
                    std::mem::swap(&mut row.local, &mut row.remote);
                }
                out.row(row, system);
            }
            Line::Wrong(problem) => {
                self.first_row(out);
                return Err(problem);
            }
            Line::Count(state, count) => out.count(state, count),
            Line::OtherSocket => {}
            Line::No => return self.between(line, out),
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Collector) {
        self.tell_pending(out);
    }
}

/// A line under a header or between two snapshots: `---- ----`.
fn is_rule(line: &str) -> bool {
    line.chars()
        .all(|c| matches!(c, '-' | '=') || c.is_whitespace())
}

impl SocketText {
    /// Called at each row: the line above the first is the header, and what is above that its
    /// title.
    fn first_row(&mut self, out: &mut Collector) {
        if self.any_row {
            self.tell_pending(out);
        } else {
            self.header = self.before.take();
            self.any_row = true;
            self.pending = Seen::default();
        }
    }

    fn tell_pending(&mut self, out: &mut Collector) {
        let Seen { count, first } = std::mem::take(&mut self.pending);
        if count > 0 {
            out.other_text(count, first);
        }
    }

    /// A line that is no row.
    fn between(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        if let Some(stamp) = parse_stamp(line) {
            self.elsewhere = false;
            // A snapshot without a row does not tell yet what its header is.
            if self.any_row {
                self.tell_pending(out);
            }
            out.stamp(stamp);
            return Ok(());
        }
        if let Some((state, count, stamp)) = stamped_count(line) {
            out.taken_at(stamp);
            out.count(state, count);
            return Ok(());
        }
        if is_rule(line) {
            out.rule();
            return Ok(());
        }
        if line.trim_start().starts_with('#') {
            out.range = range_of(line).or(out.range);
            return Ok(());
        }
        if let Some((key, value)) = listed(line) {
            self.block.insert(key, value.to_owned());
            if let Some(row) = row_of(&self.block) {
                self.block.clear();
                self.first_row(out);
                return match row::read(&row) {
                    Line::Row(row, _) => {
                        out.row(row, System::Windows);
                        Ok(())
                    }
                    Line::Wrong(problem) => Err(problem),
                    _ => Err("the entry is no connection".into()),
                };
            }
            return Ok(());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let words = words.join(" ");
        let ends = english_header(&words);
        if ends.is_some() || self.header.as_ref() == Some(&words) {
            self.elsewhere = false;
            self.remote_first = ends.unwrap_or(self.remote_first);
            self.pending = Seen::default();
            out.header();
        } else if line.contains("UNIX") {
            self.elsewhere = true;
        } else if !self.elsewhere {
            self.pending.seen_at(out.line);
        }
        self.before = Some(words);
        Ok(())
    }
}

/// A line of `Format-List` or of `tcpvcon`, which lists a connection's entries one under the other.
fn listed(line: &str) -> Option<(&'static str, &str)> {
    const KEYS: [&str; 7] = [
        "LocalAddress",
        "LocalPort",
        "RemoteAddress",
        "RemotePort",
        "State",
        "Local",
        "Remote",
    ];
    let (key, value) = line.split_once(':')?;
    let key = KEYS.iter().find(|it| **it == key.trim())?;
    let value = value.trim();
    (value.split_whitespace().count() == 1).then_some((*key, value))
}

/// The row of a connection of which everything is known.
fn row_of(block: &BTreeMap<&'static str, String>) -> Option<String> {
    let (state, entry) = (block.get("State")?, |key: &str| block.get(key));
    let end = |whole: &str, address: &str, port: &str| match (entry(address), entry(port)) {
        (Some(address), Some(port)) => Some(format!("{address} {port}")),
        _ => entry(whole).cloned(),
    };
    let local = end("Local", "LocalAddress", "LocalPort")?;
    let remote = end("Remote", "RemoteAddress", "RemotePort")?;
    Some(format!("{local} {remote} {state}"))
}

/// Whether a line names both ends of a connection in English, and the remote one first.
fn english_header(words: &str) -> Option<bool> {
    let words = words.to_ascii_lowercase();
    let remote = ["peer", "foreign", "remote"];
    let remote = remote.into_iter().filter_map(|it| words.find(it)).min()?;
    let is_header = words.contains("address") || words.contains("port");
    let local = words.find("local").filter(|_| is_header)?;
    Some(remote < local)
}

/// The range that `spsim watch` wrote above its snapshots: `# spsim watch: …, ports 1025-5000`.
fn range_of(line: &str) -> Option<PortRange> {
    let (_, range) = line
        .strip_prefix("# spsim watch: ")?
        .rsplit_once("ports ")?;
    let (first, last) = range.trim().split_once('-')?;
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    let count = u32::from(last).checked_sub(u32::from(first))? + 1;
    (first > 0).then_some(PortRange { first, count })
}

/// `2026-11-28T12:00:00Z 20 ESTABLISHED`, and the same three as fields of a CSV.
fn stamped_count(line: &str) -> Option<(crate::diagnose::State, u64, crate::input::clock::Stamp)> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"');
    let line = line.trim_matches(separates);
    let at = line.rfind(separates)?;
    let at = line[..at].trim_end_matches(separates).rfind(separates)?;
    let (stamp, count) = line.split_at(at);
    let stamp = stamp.trim_matches(separates);
    match row::read(count) {
        Line::Count(state, count) => Some((state, count, parse_stamp(stamp)?)),
        _ => None,
    }
}
