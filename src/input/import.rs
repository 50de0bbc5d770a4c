//! From a server's log to a trace: one row per request, sorted by arrival, the first at 0.
//!
//! Sorting keeps every request in memory, about 50 bytes each, up to [`MAX_REQUESTS`].

use super::imported::{Row, Told, UNKNOWN, known};
use super::kind::{FIRST_BYTES, looks_like};
use super::lines::{Lines, MAX_LINE_BYTES, is_damage};
use super::seen::{Seen, Unit};
use super::{Problems, describe, utf16};
use crate::units::{FNV_1A_START, SimSpan, fnv_1a};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

pub use super::imported::{Import, SpeedUp, Thin};

/// The most requests of one import: 20 million, about 1 GB of memory.
pub const MAX_REQUESTS: usize = 20_000_000;

/// The most bytes of distinct group names: 512 MiB.
pub const MAX_NAME_BYTES: usize = 1 << 29;

/// What becomes the `group` of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupBy {
    /// The client's address.
    Client,
    /// The first address of `X-Forwarded-For`: the client, where a proxy or balancer is between.
    Forwarded,
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
    /// Whether the client asked to keep the connection: .NET's default where a log is silent.
    pub keep_alive: bool,
}

/// A format of logs: one line, at most one request.
pub trait LogFormat {
    /// Is shown the first lines before they are read one by one: to find out what they are.
    ///
    /// # Errors
    /// Why the log cannot be read.
    fn begin(&mut self, _first: &[&[u8]]) -> Result<(), Vec<String>> {
        Ok(())
    }

    /// Reads one line without its end. `None` is a line that is no request and need not be one.
    ///
    /// # Errors
    /// What is wrong with the line.
    fn read_line<'l>(
        &'l mut self,
        number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String>;

    /// What the reader of the summary should know: missing columns and the like.
    fn notes(&self) -> &[String];

    /// What a file of this format is called: `an IIS W3C extended log`.
    fn name(&self) -> &'static str;

    /// How much earlier than the line before a request may have ended without being out of order.
    fn tolerance_ns(&self) -> i64 {
        0
    }

    /// Is called behind the last line: for notes that need all of them.
    fn end(&mut self) {}
}

/// How many lines a format is shown before it reads them.
const FIRST_LINES: usize = 32;

/// Reads a whole log.
///
/// # Errors
/// The log cannot be read, exceeds a bound or holds no request: the messages to show.
pub fn read(input: Box<dyn Read>, format: &mut dyn LogFormat) -> Result<Import, Vec<String>> {
    let mut log = Log::default();
    let input = utf16::as_utf8(input).map_err(|error| vec![describe(&error)])?;
    // No record bound: a line that is too long is skipped as a bad one.
    let mut lines = Lines::new(input);
    let mut first = Vec::new();
    // The first lines, until the format has seen them.
    let mut waiting = Some(Vec::new());
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if is_damage(&error) && (log.requests() > 0 || waiting.is_some()) => {
                let number = lines.number;
                log.problems.push(|| damaged(number, &error));
                break;
            }
            Err(error) => return Err(vec![describe(&error)]),
        }
        if utf16::narrow(&mut lines.line) {
            log.wide.seen_at(lines.number);
        }
        let line = trimmed(&lines.line);
        if line.is_empty() {
            continue;
        }
        if first.len() < FIRST_BYTES {
            first.extend_from_slice(&line[..line.len().min(FIRST_BYTES)]);
            first.push(b'\n');
        }
        let number = lines.number;
        if lines.too_long {
            let longest = super::stream::size_text(MAX_LINE_BYTES as u64);
            log.problems
                .push(|| format!("line {number}: longer than {longest}"));
            continue;
        }
        match &mut waiting {
            Some(held) => {
                held.push((number, line.to_vec()));
                if held.len() == FIRST_LINES {
                    let held = waiting.take().unwrap_or_default();
                    log.begin(format, &held, &first)?;
                }
            }
            None => log.line(format, number, line)?,
        }
    }
    if let Some(held) = waiting {
        log.begin(format, &held, &first)?;
    }
    let cut = (!lines.ended && lines.number > 0).then_some(lines.number);
    format.end();
    if log.rows.is_empty() {
        return Err(no_requests(
            log.problems,
            format.name(),
            format.notes(),
            &first,
        ));
    }
    let mut last = Vec::new();
    last.extend(cut.map(|line| format!("line {line}: the last line has no end, it may be cut")));
    Ok(log.finish(format.notes(), last))
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

/// A log while it is read: whatever its format, requests are added one by one.
#[derive(Default)]
pub(crate) struct Log {
    rows: Vec<Row>,
    groups: HashMap<Box<str>, u32>,
    name_bytes: usize,
    /// Digest and number of every request's line, to find the ones that are there twice.
    lines: Vec<(u64, u64)>,
    pub(crate) problems: Problems,
    pub(crate) tolerance_ns: i64,
    /// Whether records stand in the order of their arrivals, not of their ends.
    pub(crate) by_arrival: bool,
    /// What a request is found on: a line, unless the format has entries.
    pub(crate) unit: Unit,
    out_of_order: Seen,
    not_utf8: Seen,
    /// Lines of UTF-16 in a file that is not.
    wide: Seen,
}

impl Log {
    /// Shows `format` the first lines, then reads them.
    fn begin(
        &mut self,
        format: &mut dyn LogFormat,
        held: &[(u64, Vec<u8>)],
        first: &[u8],
    ) -> Result<(), Vec<String>> {
        let lines: Vec<&[u8]> = held.iter().map(|(_, line)| &line[..]).collect();
        if let Err(why) = format.begin(&lines) {
            let kind = looks_like(first).filter(|it| !it.contains(format.name()));
            return Err(why.into_iter().chain(kind.map(Into::into)).collect());
        }
        held.iter()
            .try_for_each(|(number, line)| self.line(format, *number, line))
    }

    /// Reads one line.
    fn line(
        &mut self,
        format: &mut dyn LogFormat,
        number: u64,
        line: &[u8],
    ) -> Result<(), Vec<String>> {
        self.tolerance_ns = format.tolerance_ns();
        match format.read_line(number, line) {
            Ok(Some(request)) => self.add(number, fnv_1a(FNV_1A_START, line), request)?,
            Ok(None) => {}
            Err(problem) => self.problems.push(|| format!("line {number}: {problem}")),
        }
        Ok(())
    }

    /// Adds the request on line `number`, whose bytes have the digest `digest`.
    ///
    /// # Errors
    /// The log exceeds a bound.
    pub(crate) fn add(
        &mut self,
        number: u64,
        digest: u64,
        request: Request<'_>,
    ) -> Result<(), Vec<String>> {
        if self.rows.len() == MAX_REQUESTS {
            return Err(vec![format!("has more than {MAX_REQUESTS} requests")]);
        }
        let by_arrival = self.by_arrival;
        let place = |row: &Row| match known(row.duration_ns) {
            Some(nanos) if !by_arrival => row.arrived_ns + nanos.cast_signed(),
            _ => row.arrived_ns,
        };
        let row = Row {
            arrived_ns: request.arrived_ns,
            duration_ns: request.duration.map_or(UNKNOWN, SimSpan::as_nanos),
            group: self.group_of(number, request.group)?,
            keep_alive: request.keep_alive,
        };
        if self
            .rows
            .last()
            .is_some_and(|last| place(last) > place(&row) + self.tolerance_ns)
        {
            self.out_of_order.seen_at(number);
        }
        self.rows.push(row);
        self.lines.push((digest, number));
        Ok(())
    }

    /// Replaces the time of each request by what `stamp` makes of it: that of its end, where
    /// `at_end`.
    pub(crate) fn restamp(&mut self, at_end: bool, stamp: impl Fn(i64) -> i64) {
        self.out_of_order = Seen::default();
        let mut last = i64::MIN;
        for (row, (_, number)) in self.rows.iter_mut().zip(&self.lines) {
            let took = known(row.duration_ns).filter(|_| at_end);
            let took = took.unwrap_or(0).cast_signed();
            let now = stamp(row.arrived_ns + took);
            row.arrived_ns = now - took;
            if last > now.saturating_add(self.tolerance_ns) {
                self.out_of_order.seen_at(*number);
            }
            last = now;
        }
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

    /// How many requests were added.
    pub(crate) const fn requests(&self) -> usize {
        self.rows.len()
    }

    /// The import, with `before` and `after` around the notes on its lines.
    pub(crate) fn finish(mut self, before: &[String], after: Vec<String>) -> Import {
        let unit = self.unit;
        let mut notes = before.to_vec();
        notes.extend(
            self.out_of_order
                .note(unit, "earlier than the one before: sorted"),
        );
        notes
            .extend(twice(&mut self.lines).note(unit, "equal to an earlier one: kept as requests"));
        notes.extend(
            self.not_utf8
                .note(unit, "not in UTF-8: their groups are read as Latin-1"),
        );
        notes.extend(
            self.wide
                .note(unit, "in UTF-16, unlike the file's first: read"),
        );
        notes.extend(after);
        // Stable: requests that arrived together stay in the order of the log.
        self.rows.sort_by_key(|row| row.arrived_ns);
        let mut groups = vec![Box::<str>::default(); self.groups.len()];
        for (name, index) in self.groups {
            groups[index as usize] = name;
        }
        Import {
            rows: self.rows,
            groups,
            told: Told {
                skipped: self.problems.count(),
                problems: self.problems.into_messages(),
                notes,
                unit,
            },
        }
    }
}

/// Lines that equal an earlier one.
fn twice(lines: &mut [(u64, u64)]) -> Seen {
    lines.sort_unstable();
    let mut seen = Seen::default();
    for pair in lines.windows(2) {
        if pair[0].0 == pair[1].0 {
            seen.seen_at(pair[1].1);
        }
    }
    seen
}

/// What to say of a file without a single request.
pub(crate) fn no_requests(
    problems: Problems,
    name: &str,
    notes: &[String],
    first: &[u8],
) -> Vec<String> {
    let mut messages = vec![format!("holds no request of {name}")];
    messages.extend(
        looks_like(first)
            .filter(|it| !it.contains(name))
            .map(Into::into),
    );
    messages.extend(notes.iter().cloned());
    messages.extend(problems.into_messages());
    messages
}

/// What to say of a stream that is damaged behind line `number`.
pub(crate) fn damaged(number: u64, error: &std::io::Error) -> String {
    let error = describe(error);
    format!("line {number}: the compressed file is cut off or damaged behind it ({error})")
}
