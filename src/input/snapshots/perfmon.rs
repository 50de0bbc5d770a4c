//! Perfmon's CSV (`typeperf`, `relog -f csv`, `Export-Counter`): counters of the whole machine.
//!
//! `Connections Established` counts ESTABLISHED and CLOSE_WAIT, of both sides; `Connections
//! Active` counts the connects of clients since the machine was started.

use super::collector::Collector;
use super::fields::split_csv;
use super::{Series, SnapshotFormat, Stamp};
use crate::diagnose::{State, Step};
use crate::input::clock::parse_stamp;
use crate::input::table::quoted;
use crate::units::NANOS_PER_SECOND;
use std::collections::BTreeMap;

/// The word for it in `Connections Established`, by the language of Windows.
const ESTABLISHED: [&str; 7] = [
    "established",
    "hergestellt",
    "établi",
    "establecid",
    "stabilit",
    "estabelecid",
    "tot stand",
];
/// The same of `Connections Active`.
const ACTIVE: [&str; 3] = ["active", "aktiv", "ativ"];

/// Reads the lines of the CSV.
#[derive(Debug, Default)]
pub(super) struct Perfmon {
    width: usize,
    delimiter: char,
    /// Whether fields stand in quotation marks, as Perfmon writes them.
    is_quoted: bool,
    /// By object, as in `\\WEB1\TCPv4`.
    objects: BTreeMap<String, Object>,
    start: Option<i64>,
}

/// The counters of one TCP.
#[derive(Debug, Default)]
struct Object {
    established: Option<usize>,
    active: Option<usize>,
    last_active: Option<u64>,
    /// Nanoseconds, established, opened since the row before.
    rows: Vec<(i64, u64, Option<u64>)>,
}

impl SnapshotFormat for Perfmon {
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        out.windows = true;
        if line.contains("(PDH-") {
            return self.header(line);
        }
        let fields = split_csv(line, self.delimiter);
        let (found, width) = (fields.len(), self.width);
        if found == 1 || (self.is_quoted && !line.starts_with('"')) {
            // `typeperf` ends with words about itself.
            out.other_text();
            return Ok(());
        }
        if found != width {
            return Err(format!("{found} fields, the header has {width}"));
        }
        let Some(Stamp::Instant(time_ns)) = parse_stamp(&fields[0]) else {
            return Err(format!(
                "{} is not a date and time",
                quoted(fields[0].as_bytes())
            ));
        };
        let mut missing = false;
        for object in self.objects.values_mut() {
            let value = |column: Option<usize>| column.map(|at| number(&fields[at])).transpose();
            let (Some(established), active) = (value(object.established)?, value(object.active)?)
            else {
                continue;
            };
            let Some(established) = established else {
                missing = true;
                continue;
            };
            let active = active.flatten();
            // A machine that was restarted counts from 0 again.
            let more = active
                .zip(object.last_active)
                .map(|(now, then)| now.saturating_sub(then));
            object.rows.push((time_ns, established, more));
            object.last_active = active.or(object.last_active);
        }
        self.start = Some(self.start.map_or(time_ns, |start| start.min(time_ns)));
        if missing {
            Err("a counter has no value".into())
        } else {
            Ok(())
        }
    }

    fn finish(&mut self, out: &mut Collector) {
        let start = self.start.unwrap_or(0);
        let objects = std::mem::take(&mut self.objects);
        let short = |name: &str| name.rsplit('\\').next().unwrap_or(name).to_owned();
        let shorts: Vec<String> = objects.keys().map(|name| short(name)).collect();
        for (name, object) in objects {
            // Counters of several machines keep the machine's name.
            let own = short(&name);
            let several = shorts.iter().filter(|it| **it == own).count() > 1;
            let name = if several { name } else { own };
            let series = object.series(&name, start, out);
            // TCPv6 is often there and always 0.
            if series.steps.iter().any(|it| it.total() > 0) {
                out.counters.push(series);
            }
        }
        out.note(
            "Perfmon counts both sides of the whole machine, without TIME_WAIT: \
             single endpoints need `netstat -an`"
                .into(),
        );
    }
}

impl Perfmon {
    fn header(&mut self, line: &str) -> Result<(), String> {
        let delimiter = [',', ';', '\t']
            .into_iter()
            .max_by_key(|it| line.matches(*it).count());
        self.delimiter = delimiter.unwrap_or(',');
        self.is_quoted = line.starts_with('"');
        let fields = split_csv(line, self.delimiter);
        self.width = fields.len();
        for (position, path) in fields.iter().enumerate().skip(1) {
            let Some((object, counter)) = path.rsplit_once('\\') else {
                continue;
            };
            let tcp = object
                .rsplit('\\')
                .next()
                .unwrap_or(object)
                .to_ascii_lowercase();
            if !matches!(tcp.as_str(), "tcpv4" | "tcpv6" | "tcp") {
                continue;
            }
            let object = self.objects.entry(object.to_owned()).or_default();
            let counter = counter.to_lowercase();
            let is_one_of = |words: &[&str]| words.iter().any(|word| counter.contains(word));
            if is_one_of(&ESTABLISHED) {
                object.established = Some(position);
            } else if is_one_of(&ACTIVE) && !is_one_of(&["passiv"]) {
                object.active = Some(position);
            }
        }
        self.objects
            .retain(|_, object| object.established.is_some());
        if self.objects.is_empty() {
            return Err("no column `\\TCPv4\\Connections Established`".into());
        }
        Ok(())
    }
}

impl Object {
    fn series(mut self, name: &str, start: i64, out: &mut Collector) -> Series {
        if !self.rows.is_sorted_by_key(|it| it.0) {
            out.note(format!("{name}: rows earlier than the one before: sorted"));
            self.rows.sort_by_key(|it| it.0);
        }
        let before = self.rows.len();
        self.rows.dedup_by_key(|it| it.0);
        if self.rows.len() < before {
            let twice = before - self.rows.len();
            out.note(format!(
                "{name}: {twice} rows at the same time as another: left out"
            ));
        }
        let has_active = self.active.is_some();
        let step = |(time_ns, established, opened): (i64, u64, Option<u64>)| Step {
            time_s: (time_ns - start) as f64 / NANOS_PER_SECOND as f64,
            states: BTreeMap::from([(State::Established, established)]),
            opened: opened.filter(|_| has_active),
        };
        Series {
            remote: name.into(),
            steps: self.rows.into_iter().map(step).collect(),
        }
    }
}

/// A counter's value; blank where Perfmon had none.
fn number(text: &str) -> Result<Option<u64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = text
        .replace(',', ".")
        .parse::<f64>()
        .ok()
        .filter(|it| (0.0..1e12).contains(it));
    let problem = || format!("{} is not a count", quoted(text.as_bytes()));
    value.map(|it| Some(it.round() as u64)).ok_or_else(problem)
}
