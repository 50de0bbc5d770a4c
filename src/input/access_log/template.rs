//! A log format as its author wrote it: text between fields, and what each field says.
//!
//! **Invariant:** a line is read whole or not at all: every piece of text stands where the
//! template has it, and every field has the shape that its directive writes.

use super::strftime::{Piece, Pieces};
use crate::input::address::{first_address, without_port};
use crate::input::calendar::{Offset, digits, parse_clf, parse_iso};
use crate::input::duration_unit::DurationUnit;
use crate::input::table::quoted;
use crate::units::SimSpan;
use std::net::IpAddr;

/// A log format.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// What it is called, and what a user types to choose it.
    pub(super) name: String,
    /// What stamps mean, and which field is the duration.
    pub(super) stamped: Stamped,
    pub(super) parts: Vec<Part>,
}

/// Which moment of a request the log's time is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stamped {
    /// The request's arrival.
    Arrival,
    /// The end of its answer.
    Answer,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Text(Vec<u8>),
    Field(Field),
}

/// One directive of Apache, one variable of nginx.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field {
    /// As the format spells it: `%>s`, `$request_time`.
    pub(super) written: String,
    pub(super) says: Says,
}

/// What a field says. Its shape follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Says {
    /// The client's address or name, without a port.
    Client,
    /// The same with `:port` behind it.
    ClientAndPort,
    /// The addresses of `X-Forwarded-For`, the client's first.
    Forwarded,
    User,
    /// `GET /path HTTP/1.1`.
    Request,
    Path,
    /// `22/Nov/2026:07:20:43 +0000`.
    ClfTime,
    IsoTime,
    /// ISO 8601, the moment at which the request arrived, whatever the log's other times are.
    ArrivalTime,
    /// Seconds since 1970, divided by the number.
    Epoch(u64),
    /// How long the request took, as a whole number of the unit.
    Took(DurationUnit),
    /// nginx's `$request_time`: seconds with three decimals.
    RequestTime,
    /// One of several parts of the time that add up; -1 where there is none.
    PartOfTime,
    /// What the name of the user of `identd` may be.
    Ident,
    Status,
    /// A number of bytes, or `-`.
    Count,
    /// Times of one or more upstream servers.
    Upstream,
    /// Addresses of one or more upstream servers.
    UpstreamAddress,
    /// A piece of a time.
    Piece(Piece),
    /// nginx's `$gzip_ratio`.
    Ratio,
    /// The user agent: any text that is not a list of addresses.
    Agent,
    /// A word without blanks.
    Word,
    /// Any text.
    Free,
}

/// What a line says of its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Reading<'l> {
    pub(super) client: &'l [u8],
    pub(super) forwarded: &'l [u8],
    pub(super) user: &'l [u8],
    pub(super) path: &'l [u8],
    /// The log's time, in nanoseconds since 1970.
    pub(super) stamp_ns: Option<i64>,
    /// When the request arrived, where the log says it beside its own time.
    pub(super) arrived_ns: Option<i64>,
    pub(super) duration: Option<SimSpan>,
    /// Whether the line is of a connection on which no request came: Apache's and nginx's `-`, and
    /// the `- - -` of a load balancer that passes on bytes.
    pub(super) no_request: bool,
    pieces: Pieces,
    /// How fine the number was that the duration is from.
    unit: Option<DurationUnit>,
}

impl Template {
    /// The fields in their order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field(field) => Some(field),
            Part::Text(_) => None,
        })
    }

    /// Reads one line.
    ///
    /// # Errors
    /// Where the line leaves the template.
    pub(super) fn read<'l>(&self, line: &'l [u8], zone: Offset) -> Result<Reading<'l>, String> {
        let mut reading = Reading::default();
        let mut rest = line;
        let mut in_quotes = false;
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    rest = rest
                        .strip_prefix(&text[..])
                        .ok_or_else(|| not_found(text, rest))?;
                    in_quotes = text.ends_with(b"\"");
                }
                Part::Field(field) => {
                    let length = match self.parts.get(index + 1) {
                        Some(Part::Text(next)) => field
                            .says
                            .length(rest, next, in_quotes)
                            .ok_or_else(|| not_found(next, rest))?,
                        _ => rest.len(),
                    };
                    let (text, behind) = rest.split_at(length);
                    field.read_into(&mut reading, text, zone)?;
                    rest = behind;
                }
            }
        }
        if rest.is_empty() {
            reading.stamp_ns = reading.stamp_ns.or(reading.pieces.stamp(zone));
            return Ok(reading);
        }
        Err(format!("{} stands behind the format's end", quoted(rest)))
    }
}

fn not_found(text: &[u8], rest: &[u8]) -> String {
    let text = String::from_utf8_lossy(text).into_owned();
    if rest.is_empty() {
        return format!("the line ends where `{text}` is expected");
    }
    format!("`{text}` is expected at {}", quoted(rest))
}

impl Says {
    /// How much of `rest` belongs to the field before the text `next`.
    fn length(self, rest: &[u8], next: &[u8], in_quotes: bool) -> Option<usize> {
        let is_item: Option<fn(u8) -> bool> = match self {
            Says::Upstream => Some(is_number),
            Says::UpstreamAddress => Some(is_address),
            _ => None,
        };
        if let Some(is_item) = is_item.filter(|_| !in_quotes) {
            // Several servers are separated by ", " and " : ", blanks included.
            let length = upstream_length(rest, is_item);
            return rest[length..].starts_with(next).then_some(length);
        }
        let mut escaped = false;
        (0..rest.len()).find(|&at| {
            let found = !escaped && rest[at..].starts_with(next);
            escaped = in_quotes && !escaped && rest[at] == b'\\';
            found
        })
    }

    /// Whether `text` is what such a field writes.
    fn fits(self, text: &[u8]) -> bool {
        let is_absent = text == b"-";
        let is_word = !text.is_empty() && !text.iter().any(u8::is_ascii_whitespace);
        match self {
            Says::Client | Says::ClientAndPort => is_word && !is_absent,
            Says::Forwarded => is_absent || are_addresses(text),
            // A name may have blanks in it; an absent field beside others is no name.
            Says::User => !text.starts_with(b"- ") && !text.windows(3).any(|words| words == b" - "),
            Says::Ident => is_absent || (is_word && !text.contains(&b'.') && !text.contains(&b':')),
            Says::Status => is_absent || (text.len() == 3 && digits(text).is_some()),
            Says::Count => is_absent || digits(text).is_some(),
            Says::Took(_) => digits(text).is_some(),
            // Below a million seconds: what is longer is a time since 1970.
            Says::RequestTime => is_absent || (decimals(text) == Some(3) && text.len() <= 10),
            Says::PartOfTime => text == b"-1" || is_absent || decimals(text).is_some(),
            Says::Ratio => is_absent || decimals(text) == Some(2),
            Says::Upstream => upstream_length(text, is_number) == text.len(),
            Says::UpstreamAddress => upstream_length(text, is_address) == text.len(),
            Says::Agent => is_absent || !are_addresses(text),
            Says::Word => is_word,
            // Times have their own readers.
            Says::Request
            | Says::Path
            | Says::ClfTime
            | Says::IsoTime
            | Says::ArrivalTime
            | Says::Epoch(_)
            | Says::Piece(_)
            | Says::Free => true,
        }
    }

    /// What the field was taken as, for the summary; nothing where it is not used.
    pub(super) fn meaning(self) -> Option<&'static str> {
        Some(match self {
            Says::Client | Says::ClientAndPort => "the client",
            Says::Forwarded => "the addresses of X-Forwarded-For",
            Says::User => "the user",
            Says::Request | Says::Path => "the URL",
            Says::ClfTime | Says::IsoTime | Says::Epoch(_) => "the time",
            Says::Piece(Piece::Weekday) => return None,
            Says::Piece(_) => "part of the time",
            Says::ArrivalTime => "the time of arrival",
            Says::Took(DurationUnit::Seconds) | Says::RequestTime => "the duration, in seconds",
            Says::Took(DurationUnit::Milliseconds) => "the duration, in milliseconds",
            Says::Took(DurationUnit::Microseconds) => "the duration, in microseconds",
            Says::PartOfTime => "part of the duration, in seconds",
            _ => return None,
        })
    }
}

impl Field {
    fn read_into<'l>(
        &self,
        reading: &mut Reading<'l>,
        text: &'l [u8],
        zone: Offset,
    ) -> Result<(), String> {
        let wrong = |what: &str| format!("{} is not {what} (`{}`)", quoted(text), self.written);
        if !self.says.fits(text) {
            return Err(wrong(self.says.expected()));
        }
        let text_or_nothing = if text == b"-" { b"" } else { text };
        match self.says {
            Says::Client => reading.client = text,
            Says::ClientAndPort => reading.client = without_port(text),
            Says::Forwarded => reading.forwarded = first_address(text_or_nothing),
            Says::User => reading.user = text_or_nothing,
            Says::Request => {
                reading.no_request = matches!(text.trim_ascii(), b"-" | b"- - -");
                reading.path = path_of(text);
            }
            Says::Piece(piece) => {
                let added = reading.pieces.add(piece, text);
                added.ok_or_else(|| wrong("that part of a time"))?;
            }
            Says::Path => reading.path = without_query(text),
            Says::ClfTime => {
                let stamp = parse_clf(text, zone);
                // A finer time elsewhere in the line wins.
                let stamp = stamp.ok_or_else(|| wrong("DD/Mon/YYYY:HH:MM:SS"))?;
                reading.stamp_ns.get_or_insert(stamp);
            }
            Says::IsoTime => {
                let stamp = parse_iso(text, zone).ok_or_else(|| wrong("an ISO 8601 time"))?;
                reading.stamp_ns = Some(stamp);
            }
            Says::ArrivalTime => {
                let stamp = parse_iso(text, zone).ok_or_else(|| wrong("an ISO 8601 time"))?;
                reading.arrived_ns = Some(stamp);
            }
            Says::Epoch(per_second) => {
                let stamp = epoch(text, per_second).ok_or_else(|| wrong("a time since 1970"))?;
                reading.stamp_ns = Some(stamp);
            }
            Says::Took(unit) => {
                let took = unit.parse(text).ok_or_else(|| wrong("a duration"))?;
                // Of `%T/%D` the finer one.
                if reading
                    .unit
                    .is_none_or(|other| unit.nanos() < other.nanos())
                {
                    (reading.duration, reading.unit) = (Some(took), Some(unit));
                }
            }
            Says::RequestTime if text == b"-" => {}
            Says::RequestTime => reading.duration = DurationUnit::Seconds.parse(text),
            Says::PartOfTime => {
                // -1: the connection ended before that part did.
                if let Some(part) = DurationUnit::Seconds.parse(text) {
                    reading.duration = Some(reading.duration.unwrap_or(SimSpan::ZERO) + part);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Says {
    fn expected(self) -> &'static str {
        match self {
            Says::Client | Says::ClientAndPort => "a client's address",
            Says::Forwarded => "a list of addresses",
            Says::Status => "a status",
            Says::Count => "a number of bytes",
            Says::Took(_) => "a whole number",
            Says::RequestTime => "a number of seconds with three decimals",
            Says::Ratio => "a ratio with two decimals",
            Says::Agent => "a user agent",
            _ => "what stands there",
        }
    }
}

/// The path of `GET /a?b HTTP/1.1`.
fn path_of(request: &[u8]) -> &[u8] {
    let mut words = request.split(|byte| *byte == b' ');
    without_query(words.nth(1).unwrap_or(request))
}

fn without_query(url: &[u8]) -> &[u8] {
    url.split(|byte| *byte == b'?').next().unwrap_or(url)
}

/// Nanoseconds since 1970 of a decimal number of `1 / per_second` seconds.
fn epoch(text: &[u8], per_second: u64) -> Option<i64> {
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let whole = i64::try_from(digits(parts.next()?)?).ok()?;
    let step = (1_000_000_000 / per_second).cast_signed();
    let fraction = match parts.next() {
        None => 0,
        Some(fraction) if fraction.len() <= 9 && whole >= 100_000_000 => {
            let value = i64::try_from(digits(fraction)?).ok()?;
            // At most nine digits.
            value * step / 10_i64.pow(fraction.len() as u32)
        }
        Some(_) => return None,
    };
    whole.checked_mul(step)?.checked_add(fraction)
}

/// How many decimals the number has; nothing if it is none.
fn decimals(text: &[u8]) -> Option<usize> {
    let at = text.iter().position(|byte| *byte == b'.')?;
    let are_digits = digits(&text[..at]).is_some() && digits(&text[at + 1..]).is_some();
    are_digits.then_some(text.len() - at - 1)
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
}

fn is_address(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b','
}

/// How much of `text` is a list of such items, as nginx writes for several servers.
fn upstream_length(text: &[u8], is_item: fn(u8) -> bool) -> usize {
    let mut end = 0;
    loop {
        let item = text[end..]
            .iter()
            .take_while(|byte| is_item(**byte))
            .count();
        if item == 0 {
            return if end == 0 { 0 } else { text.len().min(end) };
        }
        end += item;
        let separator = [&b", "[..], b" : ", b","]
            .into_iter()
            .find(|it| text[end..].starts_with(it));
        match separator {
            Some(separator) if text.len() > end + separator.len() => end += separator.len(),
            _ => return end,
        }
    }
}

/// Whether every item of a list with commas is an address, with a port or without.
fn are_addresses(text: &[u8]) -> bool {
    let is_one = |item: &[u8]| {
        let Ok(item) = std::str::from_utf8(item.trim_ascii()) else {
            return false;
        };
        item == "unknown"
            || item.parse::<IpAddr>().is_ok()
            || item.parse::<std::net::SocketAddr>().is_ok()
    };
    text.split(|byte| *byte == b',').all(is_one)
}
