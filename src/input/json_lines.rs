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
use super::table::{all_quoted, quoted};
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
const KNOWN: [Known; 10] = [
    nginx("time_iso8601"),
    nginx("msec"),
    nginx("time_local"),
    caddy("request.remote_ip"),
    // Before 2.5.
    caddy("request.remote_addr"),
    serilog("@t", "Elapsed"),
    // Its formatter before the compact one.
    serilog("Timestamp", "Properties.Elapsed"),
    Known {
        only: Some(("Category", "Microsoft.AspNetCore.Hosting.Diagnostics")),
        ..known(
            "ASP.NET Core's JSON console",
            "Timestamp",
            ("State.ElapsedMilliseconds", MS),
        )
    },
    Known {
        group: Some("ClientHost"),
        stamped_at_end: false,
        ..known("Traefik", "StartUTC", ("Duration", Unit::Nanoseconds))
    },
    Known {
        only: Some(("metric", "http_req_duration")),
        ..known("k6", "data.time", ("data.value", MS))
    },
];

const fn known(name: &'static str, time: &'static str, duration: (&'static str, Unit)) -> Known {
    Known {
        name,
        time,
        duration,
        group: None,
        only: None,
        stamped_at_end: true,
    }
}

/// nginx with the names of its variables.
const fn nginx(time: &'static str) -> Known {
    Known {
        group: Some("remote_addr"),
        ..known("nginx", time, ("request_time", S))
    }
}

const fn caddy(group: &'static str) -> Known {
    Known {
        group: Some(group),
        ..known("Caddy", "ts", ("duration", S))
    }
}

/// Serilog's `UseSerilogRequestLogging`, in one of its two formats.
const fn serilog(time: &'static str, duration: &'static str) -> Known {
    known("Serilog's request logging", time, (duration, MS))
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
    /// How many requests have no field of the group.
    ungrouped: u64,
    /// The fields of the first object, where no program is known by them.
    strange: Option<String>,
    /// The name of the current request's group.
    group: String,
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
            ungrouped: 0,
            strange: None,
            group: String::new(),
        }
    }

    /// What `object` is read by: as declared, or as the program does whose object it is.
    fn recognise(&mut self, object: &Value) {
        if self.fields.is_some() {
            return;
        }
        self.known = KNOWN.iter().find(|known| known.has(object));
        self.fields = self.known.map(Known::fields);
        match &self.fields {
            Some(fields) => self.notes.push(told_of(fields, self.known)),
            None if self.strange.is_none() => {
                let keys = object.as_object().into_iter().flatten();
                self.strange = Some(all_quoted(keys.map(|(key, _)| key)));
            }
            None => {}
        }
    }
}

/// Which field is what.
fn told_of(fields: &Fields, known: Option<&Known>) -> String {
    let mut told = vec![format!("time from `{}`", fields.time)];
    if let Some((path, unit)) = &fields.duration {
        let unit = match unit {
            Unit::Of(unit) => unit.name(),
            Unit::Nanoseconds => "nanoseconds",
        };
        told.push(format!("duration from `{path}`, in {unit}"));
    }
    told.extend(fields.group.iter().map(|it| format!("group from `{it}`")));
    let who = known.map_or("read as declared".into(), |it| {
        format!("read as {}", it.name)
    });
    format!("{who}: {}", told.join(", "))
}

impl LogFormat for JsonLines {
    fn begin(&mut self, first: &[&[u8]]) -> Result<(), Vec<String>> {
        let is_object =
            |line: &&[u8]| serde_json::from_slice(line).is_ok_and(|it: Value| it.is_object());
        if !first.iter().any(is_object) {
            return Err(vec!["holds no line that is a JSON object".into()]);
        }
        if let Some(fields) = &self.fields {
            self.notes.push(told_of(fields, None));
        }
        Ok(())
    }

    fn read_line<'l>(
        &'l mut self,
        _number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String> {
        let object: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        self.recognise(&object);
        // A program may log for long before its first request.
        let Some(fields) = &self.fields else {
            self.others += 1;
            return Ok(None);
        };
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
        let group = fields.group.as_ref().map(|path| find(&object, path));
        match group {
            Some(Some(Value::String(name))) if name != "-" => self.group.push_str(name),
            Some(Some(name @ (Value::Number(_) | Value::Bool(_)))) => {
                self.group = name.to_string();
            }
            Some(None) => self.ungrouped += 1,
            _ => {}
        }
        // 10 years at most, so it fits in 63 bits.
        let taken = duration.map_or(0, |span| span.as_nanos().cast_signed());
        let at_end = fields.stamped_at_end;
        Ok(Some(Request {
            arrived_ns: if at_end { stamp - taken } else { stamp },
            duration,
            group: without_port(self.group.as_bytes()),
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
        if let (None, Some(keys)) = (&self.fields, &self.strange) {
            self.notes.push(format!(
                "no line is of a program that is known: say which field is what, as in `--fields \
                 time=ts,duration=took:ms,group=client.ip`; its fields are {keys}"
            ));
        } else if self.others > 0 {
            self.notes.push(format!(
                "{} lines are of something else than a finished request: left out",
                self.others
            ));
        }
        if let (1.., Some(group)) = (
            self.ungrouped,
            self.fields.as_ref().and_then(|it| it.group.as_ref()),
        ) {
            self.notes.push(format!(
                "{} requests have no `{group}`: their group is empty",
                self.ungrouped
            ));
        }
    }
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
