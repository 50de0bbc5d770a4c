//! Access logs of Apache and nginx: common and combined format, with a request time at the end.
//!
//! Apache stamps a line with the time its request arrived; nginx with the time it was answered,
//! so there a request arrived that much earlier. The request time stands behind the quoted
//! fields. nginx's `$request_time` has a decimal point and is seconds: the first such number,
//! since `$upstream_response_time` follows it. Apache's `%D` (microseconds), `%T` (seconds) and
//! `%{ms}T` have none: the last number, its unit inferred from the whole log and told, or given.

use super::calendar::{Offset, digits, parse_clf};
use super::duration_unit::DurationUnit;
use super::import::{Durations, GroupBy, LogFormat, Request};
use super::table::quoted;
use crate::units::{NANOS_PER_SECOND, SimSpan};

/// Which program wrote the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Server {
    /// Apache: stamped when the request arrived.
    Apache,
    /// nginx: stamped when it was answered.
    Nginx,
}

/// Reads the lines of an access log.
#[derive(Debug)]
pub struct AccessLog {
    server: Server,
    group: GroupBy,
    unit: Option<DurationUnit>,
    zone: Offset,
    notes: Vec<String>,
    /// Requests whose time is a whole number of a unit not known yet, and others.
    whole: u64,
    decimal: u64,
    without: u64,
}

impl AccessLog {
    /// A reader that groups requests by `group`; stamps without an offset are in `zone`.
    pub const fn new(
        server: Server,
        group: GroupBy,
        unit: Option<DurationUnit>,
        zone: Offset,
    ) -> AccessLog {
        AccessLog {
            server,
            group,
            unit,
            zone,
            notes: Vec::new(),
            whole: 0,
            decimal: 0,
            without: 0,
        }
    }

    /// The duration at the end of `rest`, what is behind the quoted fields. A whole number of an
    /// unknown unit counts as microseconds until [`LogFormat::settle`].
    fn duration(&mut self, rest: &[u8]) -> Option<SimSpan> {
        let mut words = rest.split(|byte| *byte == b' ').filter_map(time_of_word);
        let found = match self.server {
            Server::Apache => words.next_back(),
            Server::Nginx => words.find(|word| self.unit.is_some() || word.contains(&b'.')),
        };
        let Some(text) = found else {
            self.without += 1;
            return None;
        };
        let decimal = text.contains(&b'.');
        let unit = match self.unit {
            Some(unit) => unit,
            None if decimal => DurationUnit::Seconds,
            None => DurationUnit::Microseconds,
        };
        let counter = if decimal {
            &mut self.decimal
        } else {
            &mut self.whole
        };
        *counter += 1;
        unit.parse(text)
    }

    fn group_of<'l>(&self, head: &Head<'l>) -> &'l [u8] {
        let name = match self.group {
            GroupBy::Client => head.client,
            GroupBy::User => head.user,
            GroupBy::Url => path_of(head.request),
            GroupBy::None => b"",
        };
        if name == b"-" { b"" } else { name }
    }
}

impl LogFormat for AccessLog {
    fn read_line<'l>(
        &mut self,
        _number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String> {
        let head = Head::of(line)?;
        let stamp = parse_clf(head.stamp, self.zone)
            .ok_or_else(|| format!("{} is not DD/Mon/YYYY:HH:MM:SS", quoted(head.stamp)))?;
        let duration = self.duration(head.rest);
        let taken = match self.server {
            Server::Apache => 0,
            Server::Nginx => duration.map_or(0, |span| span.as_nanos().cast_signed()),
        };
        Ok(Some(Request {
            arrived_ns: stamp - taken,
            duration,
            group: self.group_of(&head),
            keep_alive: true,
        }))
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn name(&self) -> &'static str {
        match self.server {
            Server::Apache => "an Apache access log",
            Server::Nginx => "an nginx access log",
        }
    }

    fn tolerance_ns(&self) -> i64 {
        // Lines are in the order of the answers, stamps in whole seconds.
        let known = self.server == Server::Apache && self.without == 0;
        if known {
            NANOS_PER_SECOND.cast_signed()
        } else {
            0
        }
    }

    fn settle(&mut self, durations: &mut Durations<'_>) {
        let lines = |count: u64| {
            if count == 1 {
                "1 line".into()
            } else {
                format!("{count} lines")
            }
        };
        if self.whole + self.decimal == 0 {
            self.notes
                .push("no request time behind the quoted fields: durations are empty".into());
            return;
        }
        if self.without > 0 {
            self.notes
                .push(format!("{} without a request time", lines(self.without)));
        }
        if let Some(unit) = self.unit {
            self.notes
                .push(format!("request times are {}, as you say", unit.name()));
            return;
        }
        if self.decimal > 0 {
            let why = "they have a decimal point";
            self.notes.push(format!("request times are seconds: {why}"));
        }
        if self.whole > 0 && self.decimal == 0 {
            let unit = infer(durations);
            durations.scale(unit.nanos() / 1_000);
            self.notes.push(format!(
                "request times are taken as {}, by their size: if not, say `--duration-unit`",
                unit.name()
            ));
        } else if self.whole > 0 {
            let count = lines(self.whole);
            self.notes.push(format!(
                "{count} with a whole request time: taken as microseconds"
            ));
        }
    }
}

/// The unit of whole numbers: nobody answers most requests within 100 µs, or takes more than 5 s
/// for most; `%D` is what is used most by far.
fn infer(durations: &Durations<'_>) -> DurationUnit {
    let mut all: Vec<u64> = durations.known().map(|nanos| nanos / 1_000).collect();
    all.sort_unstable();
    match all[all.len() / 2] {
        0..=5 => DurationUnit::Seconds,
        6..100 => DurationUnit::Milliseconds,
        _ => DurationUnit::Microseconds,
    }
}

/// A number, also as `rt=0.012` or `"0.012"`, and of Apache's `%T/%D` the second.
fn time_of_word(word: &[u8]) -> Option<&[u8]> {
    let at = word
        .iter()
        .rposition(|byte| matches!(byte, b'=' | b'/'))
        .map_or(0, |at| at + 1);
    let value = word[at..].strip_prefix(b"\"").unwrap_or(&word[at..]);
    let value = value.strip_suffix(b"\"").unwrap_or(value);
    let plain = !value.is_empty() && value.iter().all(|it| it.is_ascii_digit() || *it == b'.');
    let parts = value.split(|byte| *byte == b'.').count();
    (plain && parts <= 2).then_some(value)
}

/// What a line has before its request time.
struct Head<'l> {
    client: &'l [u8],
    user: &'l [u8],
    stamp: &'l [u8],
    request: &'l [u8],
    /// Behind the user agent, or behind status and size in the common format.
    rest: &'l [u8],
}

impl<'l> Head<'l> {
    fn of(line: &'l [u8]) -> Result<Head<'l>, String> {
        let open = find(line, b" [").ok_or("no time in brackets")?;
        let close = open + find(&line[open..], b"]").ok_or("the time has no closing bracket")?;
        let mut words = line[..open].split(|byte| *byte == b' ');
        let first = words.next().unwrap_or_default();
        let mut names: Vec<&[u8]> = words.collect();
        // `vhost_combined` has the server's name and port before the client.
        let has_host = names.len() > 2 && names[1] == b"-" && is_host_and_port(first);
        let client = if has_host { names.remove(0) } else { first };
        let user = match names.first() {
            // The user's name may have blanks in it.
            Some(_) => line[..open].get(line[..open].len() - joined(&names[1..])..),
            None => return Err("no client, identity and user before the time".into()),
        };
        let behind = &line[close + 1..];
        let (request, behind) = quoted_field(behind).ok_or("no request in quotation marks")?;
        let mut words = behind.trim_ascii_start().splitn(3, |byte| *byte == b' ');
        let status = words.next().and_then(digits);
        if !status.is_some_and(|it| (100..=999).contains(&it)) {
            return Err("no status behind the request".into());
        }
        let size = words
            .next()
            .filter(|word| *word == b"-" || digits(word).is_some());
        size.ok_or("no size behind the status")?;
        let mut rest = words.next().unwrap_or_default();
        // Referer and user agent, if they are there.
        for _ in 0..2 {
            if let Some((_, behind)) = quoted_field(rest) {
                rest = behind;
            } else if rest.trim_ascii_start().starts_with(b"\"") {
                return Err("the line is cut off within quotation marks".into());
            }
        }
        Ok(Head {
            client,
            user: user.unwrap_or_default(),
            stamp: &line[open + 2..close],
            request,
            rest,
        })
    }
}

/// The length of `words` with a blank between each two.
fn joined(words: &[&[u8]]) -> usize {
    let letters: usize = words.iter().map(|word| word.len()).sum();
    letters + words.len().saturating_sub(1)
}

fn is_host_and_port(word: &[u8]) -> bool {
    let at = word.iter().rposition(|byte| *byte == b':');
    at.is_some_and(|at| digits(&word[at + 1..]).is_some())
}

/// The field in quotation marks with which `text` begins, and what is behind it; a mark after a
/// backslash does not end it.
fn quoted_field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start().strip_prefix(b"\"")?;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// The path of `GET /a?b HTTP/1.1`.
fn path_of(request: &[u8]) -> &[u8] {
    let url = request
        .split(|byte| *byte == b' ')
        .nth(1)
        .unwrap_or(request);
    url.split(|byte| *byte == b'?').next().unwrap_or(url)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(server: Server, line: &str) -> Result<(i64, Option<u64>, String), String> {
        let mut log = AccessLog::new(server, GroupBy::User, None, Offset::UTC);
        let request = log.read_line(1, line.as_bytes())?.expect("a request");
        let group = String::from_utf8_lossy(request.group).into_owned();
        Ok((
            request.arrived_ns,
            request.duration.map(SimSpan::as_nanos),
            group,
        ))
    }

    #[test]
    fn apache_stamps_the_arrival_and_nginx_the_answer() {
        let line = |time: &str| {
            format!(
                "1.2.3.4 - ann lee [01/Jan/1970:00:00:10 +0000] \"GET /\\\" HTTP/1.1\" 200 5 \"-\" \
                 \"x (y)\" {time}"
            )
        };
        let apache = read(Server::Apache, &line("1500000"));
        assert_eq!(
            apache,
            Ok((10_000_000_000, Some(1_500_000_000), "ann lee".into()))
        );
        let nginx = read(Server::Nginx, &line("1.500 1.400, 0.1 ."));
        assert_eq!(
            nginx,
            Ok((8_500_000_000, Some(1_500_000_000), "ann lee".into()))
        );
        let named = read(Server::Nginx, &line("\"10.0.0.1\" rt=1.500"));
        assert_eq!(
            named,
            Ok((8_500_000_000, Some(1_500_000_000), "ann lee".into()))
        );
    }

    #[test]
    fn common_format_and_virtual_hosts_are_read() {
        let common = "1.2.3.4 - - [01/Jan/1970:01:00:10 +0100] \"GET / HTTP/1.0\" 304 -";
        assert_eq!(
            read(Server::Apache, common),
            Ok((10_000_000_000, None, String::new()))
        );
        let host = format!("www.example.com:80 {common}");
        assert_eq!(
            read(Server::Apache, &host),
            Ok((10_000_000_000, None, String::new()))
        );
    }

    #[test]
    fn bad_lines_say_what_is_wrong() {
        let problem = |line: &str| read(Server::Apache, line).expect_err("bad");
        assert_eq!(problem("hello"), "no time in brackets");
        assert_eq!(
            problem("a - - [x] \"GET /\" 200 1"),
            "`x` is not DD/Mon/YYYY:HH:MM:SS"
        );
        let start = "a - - [01/Jan/1970:00:00:10 +0000]";
        assert_eq!(
            problem(&format!("{start} \"GET /")),
            "no request in quotation marks"
        );
        assert_eq!(
            problem(&format!("{start} \"GET /\"")),
            "no status behind the request"
        );
        assert_eq!(
            problem(&format!("{start} \"GET /\" 200 1 \"-\" \"Moz")),
            "the line is cut off within quotation marks"
        );
    }
}
