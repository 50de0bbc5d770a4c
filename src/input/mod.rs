//! Files that users bring: traces, timelines, observed durations, server logs.
//!
//! Lives here: opening, bounding, checking and streaming them. Does not live here: what the
//! scenario makes of their content (`scenario`), and the terminal (`cli`).
//!
//! Every file is read as a stream of bounded records, may be gzipped, and every problem is
//! reported with its line. The bounds are constants of the module that enforces them.

use std::io::{self, Read};

pub mod access_log;
mod address;
mod calendar;
mod clock;
mod code_page;
pub mod curve;
pub mod dump_heap;
pub mod duration_unit;
pub mod empirical_csv;
pub mod folder;
pub mod har;
pub mod import;
mod imported;
pub mod json_lines;
mod kind;
pub(crate) mod lines;
mod months;
pub mod remembered;
pub mod request_csv;
mod request_times;
mod seen;
pub mod snapshot_curve;
pub mod snapshots;
mod stream;
mod table;
pub mod timeline_csv;
pub mod trace_csv;
mod utf16;
pub mod w3c;

pub use calendar::Offset;
pub use folder::InputFiles;
pub use kind::is_dump;
pub(crate) use lines::Lines;
pub use remembered::Remembered;
pub use stream::{Limits, inflate, open_stream};
pub(crate) use utf16::as_utf8;

/// How many problems of one file are shown; the rest are counted.
pub const PROBLEMS_SHOWN: usize = 10;

/// The problems of one file: the first [`PROBLEMS_SHOWN`] and how many there are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problems {
    shown: Vec<String>,
    count: u64,
}

impl Problems {
    /// Adds a problem; it is kept if it is among the first.
    pub fn push(&mut self, problem: impl FnOnce() -> String) {
        if self.shown.len() < PROBLEMS_SHOWN {
            self.shown.push(problem());
        }
        self.count += 1;
    }

    /// How many problems there are, shown or not.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The problems to show, with a last line that counts the others.
    pub fn into_messages(mut self) -> Vec<String> {
        let others = self.count - self.shown.len() as u64;
        if others > 0 {
            let total = self.count;
            self.shown
                .push(format!("{others} more problems, {total} in all"));
        }
        self.shown
    }
}

/// What a text looks like that was given as a scenario and is none, or nothing if it cannot be
/// told.
pub(crate) fn kind_other_than_a_scenario(text: &str) -> Option<&'static str> {
    let first = &text.as_bytes()[..text.len().min(kind::FIRST_BYTES)];
    // A scenario with a mistake may have the commas of a CSV.
    let is_sure = |kind: &&str| !kind.contains("a scenario") && !kind.contains("perhaps");
    kind::looks_like(first).filter(is_sure)
}

/// The kind of a file by its beginning, if it is one that a command reads, and the whole file.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn with_kind(input: Box<dyn Read>) -> io::Result<(Option<&'static str>, Box<dyn Read>)> {
    let mut input = as_utf8(input)?;
    let mut first = Vec::new();
    let mut start = input.by_ref().take(kind::FIRST_BYTES as u64);
    start.read_to_end(&mut first)?;
    let kind = kind::looks_like(&first);
    Ok((kind, Box::new(io::Cursor::new(first).chain(input))))
}

/// Whether there is no such file: on Windows, too, where a name may hold what no name can, as `*`.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotFound};
    matches!(error.kind(), NotFound | InvalidFilename)
}

/// What an I/O error means to somebody who named a file.
pub(crate) fn describe(error: &io::Error) -> String {
    match error.kind() {
        _ if is_missing(error) => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "is a directory, not a file".into(),
        // Ours (a bound, a broken gzip stream): the text says it all.
        _ => error.to_string(),
    }
}
