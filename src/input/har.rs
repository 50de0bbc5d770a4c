//! HAR: the requests of a browser or a proxy, as JSON.
//!
//! Entries stream through: bodies are skipped without being kept, and a file that ends too early
//! still gives the entries before its end, which the summary then says. What used no connection
//! (the cache, `data:` URLs, requests that were blocked) is counted and left out. A websocket holds
//! its connection as long as it lasts.

use super::calendar::{Offset, parse_iso};
use super::duration_unit::DurationUnit;
use super::import::{Import, Log, Request, no_requests};
use super::lines;
use super::seen::Unit;
use super::stream::Capped;
use super::table::quoted;
use crate::units::{FNV_1A_START, fnv_1a};
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};

const NAME: &str = "a HAR";

/// What of a HAR is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The requests to this host alone; all of them without it.
    pub host: Option<String>,
    /// Whether the path of the URL is the group; a HAR is of one client.
    pub by_url: bool,
    /// The offset of times that have none.
    pub zone: Offset,
}

/// Reads a whole HAR.
///
/// # Errors
/// The file cannot be read, exceeds a bound or holds no request: the messages to show.
pub fn read(input: Box<dyn Read>, wanted: &Wanted) -> Result<Import, Vec<String>> {
    let input = super::utf16::as_utf8(input).map_err(|error| vec![super::describe(&error)])?;
    let mut reader = BufReader::new(Capped::new(input, lines::LIMITS));
    let first = {
        use std::io::BufRead;
        let start = reader
            .fill_buf()
            .map_err(|error| vec![super::describe(&error)])?;
        start[..start.len().min(super::kind::FIRST_BYTES)].to_vec()
    };
    let mut har = Har {
        log: Log::default(),
        wanted,
        hosts: BTreeMap::new(),
        left_out: BTreeMap::new(),
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
        let is_damaged = io_kind.as_ref().is_some_and(lines::is_damage);
        if error.is_io() && !(is_damaged && har.log.requests() > 0) {
            return Err(vec![error.to_string()]);
        }
        if har.log.requests() == 0 {
            let told = har.told();
            let mut messages = no_requests(har.log.problems, NAME, &told, &first);
            messages.push(error.to_string());
            return Err(messages);
        }
        notes.push(format!(
            "it ends or breaks after entry {}: {error}",
            har.number
        ));
    }
    let told = har.told();
    if har.log.requests() == 0 {
        return Err(no_requests(har.log.problems, NAME, &told, &first));
    }
    Ok(har.log.finish(&told, notes))
}

/// A HAR while it is read.
struct Har<'w> {
    log: Log,
    wanted: &'w Wanted,
    /// How many requests went to each host.
    hosts: BTreeMap<String, u64>,
    /// How many entries were left out, by the reason.
    left_out: BTreeMap<&'static str, u64>,
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
    /// Chrome's: "disk", "memory", "prefetch" and the like.
    #[serde(default, rename = "_fromCache")]
    from_cache: Option<IgnoredAny>,
    /// Chrome's and Playwright's: why there was no response.
    #[serde(default, rename = "_error")]
    error: Option<IgnoredAny>,
    #[serde(default, rename = "_resourceType")]
    resource_type: String,
    /// Playwright's: the test answered in the server's place.
    #[serde(default, rename = "_wasFulfilled")]
    was_fulfilled: bool,
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
    ///
    /// A websocket lasts for all of its `time`. Parts that are all 0 beside a `time` that is not
    /// are placeholders.
    fn response_ms(&self) -> Option<f64> {
        let known = |part: &Option<f64>| part.filter(|it| *it >= 0.0);
        let whole = known(&self.time);
        if self.is_websocket() {
            return whole;
        }
        let by_parts = self.timings.and_then(|it| {
            let before = known(&it.send).unwrap_or(0.0);
            Some(before + known(&it.wait)? + known(&it.receive).unwrap_or(0.0))
        });
        by_parts.filter(|it| *it > 0.0).or(whole)
    }

    fn is_websocket(&self) -> bool {
        let scheme = scheme_of(&self.request.url);
        self.resource_type == "websocket" || scheme == "ws" || scheme == "wss"
    }

    /// Firefox marks what came from its cache in no other way.
    fn took_no_time(&self) -> bool {
        let is_nothing = |part: Option<f64>| part.is_some_and(|it| it == 0.0);
        let parts = self.timings;
        let has_answer = self.response.status.is_some_and(|it| it > 0);
        let no_part = parts.is_some_and(|it| is_nothing(it.wait) && is_nothing(it.receive));
        has_answer && is_nothing(self.time) && no_part
    }

    /// Why the entry used no connection.
    fn unused(&self) -> Option<&'static str> {
        match scheme_of(&self.request.url) {
            "http" | "https" | "ws" | "wss" => {}
            _ => return Some("`data:` URLs and the like"),
        }
        // A tunnel through a proxy: what goes through it has entries of its own.
        if self.request.method == "CONNECT" {
            return Some("`CONNECT`, which opens a tunnel");
        }
        if self.was_fulfilled {
            return Some("answered by the test itself");
        }
        if self.response.via_service_worker {
            return Some("answered by a service worker, whose own requests are listed beside it");
        }
        if self.from_cache.is_some() || self.took_no_time() {
            return Some("answered from the cache");
        }
        // Playwright has -1.
        let has_no_answer = self.response.status.is_some_and(|it| it <= 0) || self.error.is_some();
        // A request that failed on its way has a time; one that was blocked has not left.
        let was_sent = self
            .timings
            .is_some_and(|it| it.wait.is_some_and(|wait| wait > 0.0));
        (has_no_answer && !was_sent).then_some("blocked or failed before they were sent")
    }
}

#[derive(Deserialize, Default)]
struct Half {
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    status: Option<i64>,
    #[serde(default)]
    headers: Vec<Header>,
    /// Chrome's.
    #[serde(default, rename = "_fetchedViaServiceWorker")]
    via_service_worker: bool,
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

impl Har<'_> {
    /// Adds an entry, or says what is wrong with it.
    fn add(&mut self, entry: &Entry) -> Result<(), String> {
        if let Some(why) = entry.unused() {
            *self.left_out.entry(why).or_default() += 1;
            return Ok(());
        }
        let host = host_of(&entry.request.url);
        *self.hosts.entry(host.clone()).or_default() += 1;
        if (self.wanted.host.as_ref()).is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&host)) {
            return Ok(());
        }
        let started = entry.started_date_time.as_bytes();
        let arrived_ns = parse_iso(started, self.wanted.zone)
            .ok_or_else(|| format!("`startedDateTime` {} is not ISO 8601", quoted(started)))?;
        let duration = entry.response_ms().map(|millis| {
            let text = format!("{millis}");
            let parsed = DurationUnit::Milliseconds.parse(text.as_bytes());
            parsed.ok_or_else(|| format!("`time` {text} is not a number of milliseconds"))
        });
        let url = entry.request.url.as_str();
        let group = if self.wanted.by_url { path_of(url) } else { "" };
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

impl Har<'_> {
    /// What was left out, and which hosts there are.
    fn told(&self) -> Vec<String> {
        let counted = |(why, count): (&&str, &u64)| format!("{count} {why}");
        let mut notes = Vec::new();
        if !self.left_out.is_empty() {
            let parts: Vec<String> = self.left_out.iter().map(counted).collect();
            notes.push(format!(
                "left out, as they used no connection: {}",
                parts.join(", ")
            ));
        }
        if self.hosts.len() > 1 {
            let host =
                |(name, count): (&String, &u64)| format!("{} ({count})", quoted(name.as_bytes()));
            let hosts: Vec<String> = self.hosts.iter().map(host).collect();
            let what = match &self.wanted.host {
                Some(_) => "all hosts of the file",
                None => "several hosts, all taken; a server of a scenario is one: `--host NAME`",
            };
            notes.push(format!("{what}: {}", hosts.join(", ")));
        }
        notes
    }
}

/// What stands before the colon.
fn scheme_of(url: &str) -> &str {
    url.split(':').next().unwrap_or_default()
}

/// The host of a URL, in lower case, without its port.
fn host_of(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = super::address::without_port(host.as_bytes());
    String::from_utf8_lossy(host).to_ascii_lowercase()
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
struct Entries<'h, 'w>(&'h mut Har<'w>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
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
