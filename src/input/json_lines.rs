//! Logs with one JSON object a line.
//!
//! Which field is what is declared (`--fields`) or known by the program that wrote the log, whose
//! fields nobody else has. Lines that are not of a request, as most logs of programs have, are
//! counted and left out.
//!
//! Sources: nginx's `log_format … escape=json` with the names of its variables; Caddy's access
//! log; Serilog's compact format with its request logging; ASP.NET Core's JSON console
//! (`Request finished`, event 2 of Hosting.Diagnostics); Traefik's access log; k6's `--out json`.

use super::address::without_port;
use super::calendar::{Offset, parse_clf, parse_iso};
use super::duration_unit::DurationUnit::{self, Microseconds, Milliseconds, Seconds};
use super::import::{LogFormat, Request};
use super::request_times::format_of;
use super::table::quoted;
use crate::units::SimSpan;
use serde_json::Value;

/// Which field is what: paths with points, `request.remote_ip`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fields {
    time: String,
    duration: Option<(String, Unit)>,
    group: Option<String>,
    stamped_at_end: bool,
}

/// The unit of a duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unit {
    Of(DurationUnit),
    Nanoseconds,
}

impl Fields {
    /// Reads `time=ts,duration=duration:s,group=request.remote_ip`. A duration says its unit: `s`,
    /// `ms`, `us` or `ns`; `time@start` is the time of the arrival, not of the answer.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Fields, String> {
        let (mut time, mut duration, mut group, mut at_end) = (None, None, None, true);
        for pair in text.split(',') {
            let (what, field) = pair
                .split_once('=')
                .ok_or_else(|| format!("`{pair}` is not `WHAT=FIELD`"))?;
            match what.trim() {
                "time" | "time@start" => {
                    at_end = what.trim() == "time";
                    time = Some(field.to_owned());
                }
                "duration" => duration = Some(duration_field(field)?),
                "group" => group = Some(field.to_owned()),
                other => return Err(format!("`{other}` is none of time, duration, group")),
            }
        }
        Ok(Fields {
            time: time.ok_or("no `time=FIELD`")?,
            duration,
            group,
            stamped_at_end: at_end,
        })
    }
}

fn duration_field(field: &str) -> Result<(String, Unit), String> {
    let ask = || format!("`{field}` does not say its unit: `{field}:s`, `:ms`, `:us` or `:ns`");
    let (path, unit) = field.rsplit_once(':').ok_or_else(ask)?;
    let unit = match unit {
        "s" => Unit::Of(Seconds),
        "ms" => Unit::Of(Milliseconds),
        "us" => Unit::Of(Microseconds),
        "ns" => Unit::Nanoseconds,
        _ => return Err(ask()),
    };
    Ok((path.to_owned(), unit))
}

/// A program whose objects are known.
#[derive(Debug)]
struct Known {
    name: &'static str,
    time: &'static str,
    duration: (&'static str, Unit),
    group: Option<&'static str>,
    /// A field and its value that only lines of requests have.
    only: Option<(&'static str, &'static str)>,
    stamped_at_end: bool,
}

const MS: Unit = Unit::Of(Milliseconds);
const S: Unit = Unit::Of(Seconds);

/// The first whose fields a line has is it, so the pickier come first.
const KNOWN: [Known; 8] = [
    nginx("time_iso8601"),
    nginx("msec"),
    nginx("time_local"),
    Known {
        name: "Caddy",
        time: "ts",
        duration: ("duration", S),
        group: Some("request.remote_ip"),
        only: None,
        stamped_at_end: true,
    },
    Known {
        name: "Serilog's request logging",
        time: "@t",
        duration: ("Elapsed", MS),
        group: None,
        only: None,
        stamped_at_end: true,
    },
    Known {
        name: "ASP.NET Core's JSON console",
        time: "Timestamp",
        duration: ("State.ElapsedMilliseconds", MS),
        group: None,
        only: Some(("Category", "Microsoft.AspNetCore.Hosting.Diagnostics")),
        stamped_at_end: true,
    },
    Known {
        name: "Traefik",
        time: "StartUTC",
        duration: ("Duration", Unit::Nanoseconds),
        group: Some("ClientHost"),
        only: None,
        stamped_at_end: false,
    },
    Known {
        name: "k6",
        time: "data.time",
        duration: ("data.value", MS),
        group: None,
        only: Some(("metric", "http_req_duration")),
        stamped_at_end: true,
    },
];

/// nginx with the names of its variables.
const fn nginx(time: &'static str) -> Known {
    Known {
        name: "nginx",
        time,
        duration: ("request_time", S),
        group: Some("remote_addr"),
        only: None,
        stamped_at_end: true,
    }
}

impl Known {
    fn has(&self, line: &Value) -> bool {
        self.is_request(line)
            && find(line, self.time).is_some()
            && find(line, self.duration.0).is_some()
            && self.group.is_none_or(|group| find(line, group).is_some())
    }

    fn is_request(&self, line: &Value) -> bool {
        self.only
            .is_none_or(|(path, value)| find(line, path).and_then(Value::as_str) == Some(value))
    }

    fn fields(&self) -> Fields {
        Fields {
            time: self.time.into(),
            duration: Some((self.duration.0.into(), self.duration.1)),
            group: self.group.map(Into::into),
            stamped_at_end: self.stamped_at_end,
        }
    }
}

/// The value at a path: the key itself, points and all, or one object deeper.
fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    object.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        find(object.get(first)?, rest)
    })
}

/// Reads lines of JSON.
#[derive(Debug)]
pub struct JsonLines {
    fields: Option<Fields>,
    known: Option<&'static Known>,
    zone: Offset,
    notes: Vec<String>,
    others: u64,
    /// The name of the current request's group.
    group: Vec<u8>,
}

impl JsonLines {
    /// A reader that takes what `fields` says, or what the program that wrote the log is known for.
    pub const fn new(fields: Option<Fields>, zone: Offset) -> JsonLines {
        JsonLines {
            fields,
            known: None,
            zone,
            notes: Vec::new(),
            others: 0,
            group: Vec::new(),
        }
    }
}

impl LogFormat for JsonLines {
    fn begin(&mut self, first: &[&[u8]]) -> Result<(), Vec<String>> {
        let objects: Vec<Value> = first
            .iter()
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        if self.fields.is_none() {
            let is_it = |known: &&Known| objects.iter().any(|line| known.has(line));
            let Some(known) = KNOWN.iter().find(is_it) else {
                let keys = objects.iter().find_map(Value::as_object).map(|object| {
                    let keys: Vec<String> = object.keys().map(|it| quoted(it.as_bytes())).collect();
                    format!("its fields are {}", keys.join(", "))
                });
                let ask = "is JSON of no program that is known: say which field is what, as in \
                           `--fields time=ts,duration=took:ms,group=client.ip`";
                return Err(match keys {
                    Some(keys) => vec![ask.into(), keys],
                    None => vec!["holds no line that is a JSON object".into()],
                });
            };
            self.known = Some(known);
            self.fields = Some(known.fields());
        }
        let fields = self.fields.as_ref().expect("found above or declared");
        let mut told = vec![format!("time from `{}`", fields.time)];
        if let Some((path, unit)) = &fields.duration {
            let unit = match unit {
                Unit::Of(unit) => unit.name(),
                Unit::Nanoseconds => "nanoseconds",
            };
            told.push(format!("duration from `{path}`, in {unit}"));
        }
        told.extend(fields.group.iter().map(|it| format!("group from `{it}`")));
        let who = self.known.map_or("as declared", |known| known.name);
        self.notes
            .push(format!("read as {who}: {}", told.join(", ")));
        Ok(())
    }

    fn read_line<'l>(
        &'l mut self,
        _number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String> {
        let object: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let fields = self.fields.as_ref().expect("`begin` finds them or fails");
        let duration = fields.duration.as_ref();
        let took = duration.and_then(|(path, _)| find(&object, path));
        let is_other = match self.known {
            Some(known) => !known.is_request(&object) || took.is_none(),
            None => find(&object, &fields.time).is_none(),
        };
        if is_other {
            self.others += 1;
            return Ok(None);
        }
        let time = find(&object, &fields.time).ok_or_else(|| format!("no `{}`", fields.time))?;
        let stamp = time_of(time, self.zone)
            .ok_or_else(|| format!("`{}` {} is not a time", fields.time, shown(time)))?;
        let duration = match (took, duration) {
            (Some(value), Some((path, unit))) => Some(
                span_of(value, *unit)
                    .ok_or_else(|| format!("`{path}` {} is not a duration", shown(value)))?,
            ),
            _ => None,
        };
        self.group.clear();
        let group = fields.group.as_ref().and_then(|path| find(&object, path));
        if let Some(text) = group.and_then(Value::as_str).filter(|it| *it != "-") {
            self.group.extend_from_slice(text.as_bytes());
        }
        // 10 years at most, so it fits in 63 bits.
        let taken = duration.map_or(0, |span| span.as_nanos().cast_signed());
        let at_end = fields.stamped_at_end;
        let group = within(line, without_port(&self.group))
            .ok_or("the group's name is escaped, which cannot be read")?;
        Ok(Some(Request {
            arrived_ns: if at_end { stamp - taken } else { stamp },
            duration,
            group,
            keep_alive: true,
        }))
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn name(&self) -> &'static str {
        "JSON lines"
    }

    fn end(&mut self) {
        if self.others > 0 {
            self.notes.push(format!(
                "{} lines are of something else than a finished request: left out",
                self.others
            ));
        }
    }
}

/// Where `text` stands in `line`.
fn within<'l>(line: &'l [u8], text: &[u8]) -> Option<&'l [u8]> {
    if text.is_empty() {
        return Some(b"");
    }
    let at = line.windows(text.len()).position(|it| it == text)?;
    Some(&line[at..at + text.len()])
}

fn shown(value: &Value) -> String {
    quoted(value.to_string().as_bytes())
}

/// A number since 1970, ISO 8601, or nginx's own form.
fn time_of(value: &Value, zone: Offset) -> Option<i64> {
    let number = value.is_number().then(|| value.to_string());
    let text = match &number {
        Some(number) => number.as_str(),
        None => value.as_str()?,
    };
    let bytes = text.as_bytes();
    parse_iso(bytes, zone)
        .or_else(|| parse_clf(bytes, zone))
        .or_else(|| {
            let is_number = bytes.iter().all(|it| it.is_ascii_digit() || *it == b'.');
            is_number.then(|| format_of(bytes).read(bytes, bytes, zone))?
        })
}

/// A duration, as a number or a text that is one.
fn span_of(value: &Value, unit: Unit) -> Option<SimSpan> {
    let number = value.is_number().then(|| value.to_string());
    let text = match &number {
        Some(number) => number.as_str(),
        None => value.as_str()?,
    };
    match unit {
        Unit::Of(unit) => unit.parse(text.as_bytes()),
        Unit::Nanoseconds => text.parse().ok().map(SimSpan::from_nanos),
    }
}
