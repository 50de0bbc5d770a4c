//! HAR: the requests of a browser or a proxy, as JSON.
//!
//! Entries stream through: bodies are skipped without being kept, and a file that ends too early
//! still gives the entries before its end, which the summary then says.

use super::calendar::{Offset, parse_iso};
use super::duration_unit::DurationUnit;
use super::import::{self, GroupBy, Import, Log, Request, no_requests};
use super::imported::Unit;
use super::stream::Capped;
use super::table::quoted;
use crate::units::{FNV_1A_START, fnv_1a};
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::fmt;
use std::io::{BufReader, Read};

const NAME: &str = "a HAR";

/// Reads a whole HAR; only the path of the URL can be a group. Times without an offset are in
/// `zone`.
///
/// # Errors
/// The file cannot be read, exceeds a bound or holds no request: the messages to show.
pub fn read(input: Box<dyn Read>, group: GroupBy, zone: Offset) -> Result<Import, Vec<String>> {
    let input = super::utf16::as_utf8(input).map_err(|error| vec![super::describe(&error)])?;
    let mut reader = BufReader::new(Capped::new(input, import::LIMITS));
    let first = {
        use std::io::BufRead;
        let start = reader
            .fill_buf()
            .map_err(|error| vec![super::describe(&error)])?;
        start[..start.len().min(super::kind::FIRST_BYTES)].to_vec()
    };
    let by_url = group == GroupBy::Url;
    let mut har = Har {
        log: Log::default(),
        by_url,
        zone,
        number: 0,
        refused: Vec::new(),
    };
    har.log.unit = Unit::Entry;
    har.log.by_arrival = true;
    if first.starts_with(b"\xef\xbb\xbf") {
        use std::io::BufRead;
        reader.consume(3);
    }
    let mut json = serde_json::Deserializer::from_reader(reader);
    let end = Object {
        key: "log",
        inner: Object {
            key: "entries",
            inner: Entries(&mut har),
        },
    }
    .deserialize(&mut json)
    .and_then(|()| json.end());
    if !har.refused.is_empty() {
        return Err(har.refused);
    }
    let mut notes = Vec::new();
    if let Err(error) = end {
        let io_kind = error.io_error_kind().map(std::io::Error::from);
        let is_damaged = io_kind.as_ref().is_some_and(import::is_damage);
        if error.is_io() && !(is_damaged && har.log.requests() > 0) {
            return Err(vec![error.to_string()]);
        }
        if har.log.requests() == 0 {
            let mut messages = no_requests(har.log.problems, NAME, &[], &first);
            messages.push(error.to_string());
            return Err(messages);
        }
        notes.push(format!(
            "it ends or breaks after entry {}: {error}",
            har.number
        ));
    }
    if har.log.requests() == 0 {
        return Err(no_requests(har.log.problems, NAME, &[], &first));
    }
    Ok(har.log.finish(&[], notes))
}

/// A HAR while it is read.
struct Har {
    log: Log,
    by_url: bool,
    zone: Offset,
    /// The number of the current entry, from 1.
    number: u64,
    /// Why reading cannot go on.
    refused: Vec<String>,
}

/// What is read of an entry; what is missing is told, not fatal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: Option<f64>,
    #[serde(default)]
    timings: Option<Timings>,
    #[serde(default)]
    request: Half,
    #[serde(default)]
    response: Half,
}

/// The parts of `time`, in milliseconds; -1 is unknown.
#[derive(Deserialize, Clone, Copy)]
struct Timings {
    #[serde(default)]
    send: Option<f64>,
    #[serde(default)]
    wait: Option<f64>,
    #[serde(default)]
    receive: Option<f64>,
}

impl Entry {
    /// From sending the request to the end of its response, in milliseconds: what a scenario
    /// calls the response time. `time` also has what came before: queues, names, connects.
    fn response_ms(&self) -> Option<f64> {
        let known = |part: &Option<f64>| part.filter(|it| *it >= 0.0);
        let by_parts = self.timings.and_then(|it| {
            let before = known(&it.send).unwrap_or(0.0);
            Some(before + known(&it.wait)? + known(&it.receive).unwrap_or(0.0))
        });
        by_parts.or_else(|| known(&self.time))
    }
}

#[derive(Deserialize, Default)]
struct Half {
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

impl Half {
    fn closes(&self) -> bool {
        self.headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case("connection")
                && header.value.trim().eq_ignore_ascii_case("close")
        })
    }
}

impl Har {
    /// Adds an entry, or says what is wrong with it.
    fn add(&mut self, entry: &Entry) -> Result<(), String> {
        let started = entry.started_date_time.as_bytes();
        let arrived_ns = parse_iso(started, self.zone)
            .ok_or_else(|| format!("`startedDateTime` {} is not ISO 8601", quoted(started)))?;
        let duration = entry.response_ms().map(|millis| {
            let text = format!("{millis}");
            let parsed = DurationUnit::Milliseconds.parse(text.as_bytes());
            parsed.ok_or_else(|| format!("`time` {text} is not a number of milliseconds"))
        });
        let url = entry.request.url.as_str();
        let group = if self.by_url { path_of(url) } else { "" };
        let request = Request {
            arrived_ns,
            duration: duration.transpose()?,
            group: group.as_bytes(),
            keep_alive: !(entry.request.closes() || entry.response.closes()),
        };
        let text = format!("{}\n{:?}\n{url}", entry.started_date_time, entry.time);
        let added = self
            .log
            .add(self.number, fnv_1a(FNV_1A_START, text.as_bytes()), request);
        self.refused.extend(added.err().into_iter().flatten());
        Ok(())
    }
}

/// The path of a URL, without its query.
fn path_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let path = behind.find('/').map_or("/", |at| &behind[at..]);
    path.split(['?', '#']).next().unwrap_or(path)
}

/// An object of which one key is read by `inner` and the others are skipped.
struct Object<S> {
    key: &'static str,
    inner: S,
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for Object<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for Object<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut inner = Some(self.inner);
        while let Some(key) = map.next_key::<String>()? {
            match inner.take() {
                Some(seed) if key == self.key => map.next_value_seed(seed)?,
                other => {
                    inner = other;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match inner {
            None => Ok(()),
            Some(_) => Err(A::Error::custom(format!("`{}` is missing", self.key))),
        }
    }
}

/// The array of entries.
struct Entries<'h>(&'h mut Har);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the array `entries`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let har = self.0;
        while let Some(entry) = seq.next_element::<Entry>()? {
            har.number += 1;
            if let Err(problem) = har.add(&entry) {
                let number = har.number;
                har.log
                    .problems
                    .push(|| format!("entry {number}: {problem}"));
            }
            if !har.refused.is_empty() {
                return Err(A::Error::custom("a bound"));
            }
        }
        Ok(())
    }
}
