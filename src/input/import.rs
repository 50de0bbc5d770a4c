//! From a server's log to a trace: one row per request, sorted by arrival, the first at 0.
//!
//! Sorting keeps every request in memory, about 50 bytes each, up to [`MAX_REQUESTS`].

use super::imported::{Row, Told, UNKNOWN, known};
use super::lines::Lines;
use super::stream::{Limits, fnv_1a};
use super::{Problems, describe};
use crate::units::SimSpan;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

pub use super::imported::{Import, SpeedUp};

/// The most requests of one import: 20 million, about 1 GB of memory.
pub const MAX_REQUESTS: usize = 20_000_000;

/// The largest log, decompressed: 16 GiB.
pub const LIMITS: Limits = Limits { bytes: 1 << 34 };

/// The longest line that can be a request: 64 KiB. Longer ones are skipped and reported.
pub const MAX_LINE_BYTES: usize = 1 << 16;

/// The most bytes of distinct group names: 512 MiB.
pub const MAX_NAME_BYTES: usize = 1 << 29;

/// What becomes the `group` of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupBy {
    /// The client's address.
    Client,
    /// The authenticated user.
    User,
    /// The path of the URL.
    Url,
    /// Nothing: the default group.
    None,
}

/// One request as a log tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request<'l> {
    /// When it arrived, in nanoseconds since 1970.
    pub arrived_ns: i64,
    /// How long it took, where the log says so.
    pub duration: Option<SimSpan>,
    /// The bytes of its group; empty is the default group.
    pub group: &'l [u8],
}

/// A format of logs: one line, at most one request.
pub trait LogFormat {
    /// Reads one line without its end. `None` is a line that is no request and need not be one.
    ///
    /// # Errors
    /// What is wrong with the line.
    fn read_line<'l>(&mut self, number: u64, line: &'l [u8])
    -> Result<Option<Request<'l>>, String>;

    /// What the reader of the summary should know: missing columns and the like.
    fn notes(&self) -> &[String];

    /// What a file of this format is called: `an IIS W3C extended log`.
    fn name(&self) -> &'static str;
}

/// Reads a whole log.
///
/// # Errors
/// The log cannot be read, exceeds a bound or holds no request: the messages to show.
pub fn read(input: Box<dyn Read>, format: &mut dyn LogFormat) -> Result<Import, Vec<String>> {
    let mut log = Log::default();
    // No record bound: a line that is too long is skipped as a bad one.
    let mut lines = Lines::new(input);
    let mut first = Vec::new();
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(vec![describe(&error)]),
        }
        let line = trimmed(&lines.line);
        if line.is_empty() {
            continue;
        }
        if first.is_empty() {
            first = line[..line.len().min(200)].to_vec();
            refuse_utf16(&first)?;
        }
        let number = lines.number;
        if lines.too_long {
            let longest = super::stream::size_text(MAX_LINE_BYTES as u64);
            log.problems
                .push(|| format!("line {number}: longer than {longest}"));
            continue;
        }
        match format.read_line(number, line) {
            Ok(Some(request)) => log.add(number, line, request)?,
            Ok(None) => {}
            Err(problem) => log.problems.push(|| format!("line {number}: {problem}")),
        }
    }
    let cut = (!lines.ended && lines.number > 0).then_some(lines.number);
    log.finish(format, cut, &first)
}

/// A line without blanks around it, without a byte order mark, and without the block of NULs
/// that IIS leaves where it was killed.
fn trimmed(mut line: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    while let [first, rest @ ..] = line
        && is_blank(first)
    {
        line = rest;
    }
    while let [rest @ .., last] = line
        && is_blank(last)
    {
        line = rest;
    }
    line
}

/// A log while it is read.
#[derive(Default)]
struct Log {
    rows: Vec<Row>,
    groups: HashMap<Box<str>, u32>,
    name_bytes: usize,
    /// Digest and number of every request's line, to find the ones that are there twice.
    lines: Vec<(u64, u64)>,
    problems: Problems,
    out_of_order: Place,
    not_utf8: Place,
}

/// How often something was seen, and where first.
#[derive(Clone, Copy, Default)]
struct Place {
    count: u64,
    first: u64,
}

impl Place {
    const fn seen_at(&mut self, line: u64) {
        if self.count == 0 {
            self.first = line;
        }
        self.count += 1;
    }

    /// `3 lines WHAT (first on line 12)`.
    fn note(self, what: &str) -> Option<String> {
        let Place { count, first } = self;
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} line{plural} {what} (first: line {first})"))
    }
}

impl Log {
    fn add(&mut self, number: u64, line: &[u8], request: Request<'_>) -> Result<(), Vec<String>> {
        if self.rows.len() == MAX_REQUESTS {
            return Err(vec![format!("has more than {MAX_REQUESTS} requests")]);
        }
        let ended = |row: &Row| row.arrived_ns + known(row.duration_ns).map_or(0, u64::cast_signed);
        let row = Row {
            arrived_ns: request.arrived_ns,
            duration_ns: request.duration.map_or(UNKNOWN, SimSpan::as_nanos),
            group: self.group_of(number, request.group)?,
        };
        if self
            .rows
            .last()
            .is_some_and(|last| ended(last) > ended(&row))
        {
            self.out_of_order.seen_at(number);
        }
        self.rows.push(row);
        self.lines.push((fnv_1a(line), number));
        Ok(())
    }

    fn group_of(&mut self, number: u64, bytes: &[u8]) -> Result<u32, Vec<String>> {
        let text = if let Ok(text) = std::str::from_utf8(bytes) {
            Cow::Borrowed(text)
        } else {
            self.not_utf8.seen_at(number);
            // Latin-1: distinct bytes stay distinct names.
            Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect())
        };
        if let Some(index) = self.groups.get(text.as_ref()) {
            return Ok(*index);
        }
        self.name_bytes += text.len();
        if self.name_bytes > MAX_NAME_BYTES {
            let size = super::stream::size_text(MAX_NAME_BYTES as u64);
            return Err(vec![format!(
                "has more than {size} of distinct group names"
            )]);
        }
        // At most MAX_REQUESTS names, so 32 bits are enough.
        let index = self.groups.len() as u32;
        self.groups.insert(text.into(), index);
        Ok(index)
    }

    fn finish(
        mut self,
        format: &dyn LogFormat,
        cut: Option<u64>,
        first: &[u8],
    ) -> Result<Import, Vec<String>> {
        if self.rows.is_empty() {
            return Err(no_requests(self.problems, format, first));
        }
        let mut notes = format.notes().to_vec();
        notes.extend(
            self.out_of_order
                .note("earlier than the line before: sorted"),
        );
        notes.extend(twice(&mut self.lines).note("equal to an earlier line: kept as requests"));
        notes.extend(
            self.not_utf8
                .note("not in UTF-8: their groups are read as Latin-1"),
        );
        notes.extend(
            cut.map(|line| format!("line {line}: the last line has no end, it may be cut")),
        );
        // Stable: requests that arrived together stay in the order of the log.
        self.rows.sort_by_key(|row| row.arrived_ns);
        let mut groups = vec![Box::<str>::default(); self.groups.len()];
        for (name, index) in self.groups {
            groups[index as usize] = name;
        }
        Ok(Import {
            rows: self.rows,
            groups,
            told: Told {
                skipped: self.problems.count(),
                problems: self.problems.into_messages(),
                notes,
            },
        })
    }
}

/// Lines that equal an earlier one.
fn twice(lines: &mut [(u64, u64)]) -> Place {
    lines.sort_unstable();
    let mut place = Place::default();
    for pair in lines.windows(2) {
        if pair[0].0 == pair[1].0 {
            let first = place.first.min(pair[1].1);
            let known = place.count > 0;
            place.seen_at(pair[1].1);
            place.first = if known { first } else { place.first };
        }
    }
    place
}

/// What to say of a file without a single request.
fn no_requests(problems: Problems, format: &dyn LogFormat, first: &[u8]) -> Vec<String> {
    let mut messages = vec![format!("holds no request of {}", format.name())];
    messages.extend(looks_like(first).map(Into::into));
    messages.extend(format.notes().iter().cloned());
    messages.extend(problems.into_messages());
    messages
}

/// What else a file with this first line may be.
fn looks_like(first: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(first);
    if text.contains("(PDH-") {
        return Some("it looks like a Perfmon CSV: use `spsim diagnose`");
    }
    if text.contains("ESTAB") || text.contains("Local Address") {
        return Some("it looks like a snapshot of `ss` or `netstat`: use `spsim diagnose`");
    }
    if text.contains(" [") && text.contains("] \"") {
        return Some("it looks like an Apache or nginx access log");
    }
    if text.starts_with("time_s") {
        return Some("it looks like a trace already: name it in `arrivals = { trace = … }`");
    }
    let commas = text.matches(", ").count();
    (commas >= 10).then_some("it looks like the older IIS log format: IIS can log as W3C instead")
}

fn refuse_utf16(first: &[u8]) -> Result<(), Vec<String>> {
    if first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]) {
        return Err(vec!["is UTF-16 text: save it as UTF-8".into()]);
    }
    Ok(())
}
