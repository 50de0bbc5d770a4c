//! Perfmon's CSV (`typeperf`, `relog -f csv`, `Export-Counter`): counters of the whole machine, or
//! of .NET Framework's networking in one process.
//!
//! Of `TCPv4`, `Connections Established` counts ESTABLISHED and CLOSE_WAIT, of both sides, and
//! `Connections Active` the connects of clients since the machine was started. Of `.NET CLR
//! Networking`, `Connections Established` counts every connection since the process was started.

use super::collector::Collector;
use super::fields::{commonest_delimiter, split_csv};
use super::{Series, SnapshotFormat};
use crate::diagnose::{State, Step};
use crate::input::clock::{DateOrder, parse_stamp};
use crate::input::table::quoted;
use crate::units::NANOS_PER_SECOND;
use std::collections::BTreeMap;

/// The word for it in `Connections Established`, by the language of Windows.
const ESTABLISHED: [&str; 17] = [
    "established",
    "hergestellt",
    "établi",
    "establecid",
    "stabilit",
    "estabelecid",
    "tot stand",
    "upprättad",
    "nawiązan",
    "navázan",
    "kurulan",
    "установлен",
    "встановлен",
    "確立",
    "已建立",
    "已连接",
    "설정",
];
/// The same of `Connections Active`.
const ACTIVE: [&str; 8] = [
    "active",
    "aktiv",
    "activa",
    "ativ",
    "actief",
    "активн",
    "アクティブ",
    "活动",
];

/// Whether a header names a counter that is read.
pub(super) fn is_counter(line: &str) -> bool {
    let line = line.to_lowercase();
    line.contains("(pdh-") && ESTABLISHED.iter().any(|word| line.contains(word))
}

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
    /// Whether `established` counts all since the beginning, not those of now.
    is_running_total: bool,
    last_active: Option<u64>,
    /// Nanoseconds, established, opened since the row before.
    rows: Vec<(i64, u64, Option<u64>)>,
}

impl SnapshotFormat for Perfmon {
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        out.preset = Some("windows");
        if line.contains("(PDH-") {
            return self.header(line);
        }
        let fields = split_csv(line, self.delimiter);
        let (found, width) = (fields.len(), self.width);
        if found == 1 || (self.is_quoted && !line.starts_with('"')) {
            // `typeperf` ends with words about itself.
            out.other_text(1, out.line);
            return Ok(());
        }
        if found != width {
            return Err(format!("{found} fields, the header has {width}"));
        }
        // Perfmon has the month first in every language.
        let time_ns = parse_stamp(&fields[0]).and_then(|it| it.nanos(DateOrder::MonthFirst));
        let Some(time_ns) = time_ns else {
            let text = quoted(fields[0].as_bytes());
            return Err(format!("{text} is not a date and time"));
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
        let dotnet: Vec<bool> = objects.values().map(|it| it.is_running_total).collect();
        for (name, object) in objects {
            // Counters of several machines keep the machine's name.
            let own = short(&name);
            let several = shorts.iter().filter(|it| **it == own).count() > 1;
            let name = if several { name } else { own };
            let series = object.series(&name, start, out);
            // TCPv6 is often there and always 0.
            if series
                .steps
                .iter()
                .any(|it| it.total() > 0 || it.opened > Some(0))
            {
                out.counters.push(series);
            }
        }
        if dotnet.contains(&true) {
            out.note(
                ".NET CLR Networking counts every connection since the process was started, not \
                 those that are open"
                    .into(),
            );
        }
        if dotnet.contains(&false) {
            out.note(
                "Perfmon counts both sides of the whole machine, without TIME_WAIT: \
                 single endpoints need `netstat -an`"
                    .into(),
            );
        }
    }
}

impl Perfmon {
    fn header(&mut self, line: &str) -> Result<(), String> {
        self.delimiter = commonest_delimiter(line);
        self.is_quoted = line.starts_with('"');
        let fields = split_csv(line, self.delimiter);
        self.width = fields.len();
        for (position, path) in fields.iter().enumerate().skip(1) {
            let Some((object, counter)) = path.rsplit_once('\\') else {
                continue;
            };
            let name = object.rsplit('\\').next().unwrap_or(object);
            let name = name.to_lowercase();
            let is_dotnet = name.contains(".net") && name.contains("clr");
            if !is_dotnet && !matches!(name.as_str(), "tcpv4" | "tcpv6" | "tcp") {
                continue;
            }
            let object = self.objects.entry(object.to_owned()).or_default();
            object.is_running_total = is_dotnet;
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
        let is_sum = |name: &str| name.to_lowercase().contains("(_global_");
        if self
            .objects
            .keys()
            .any(|name| name.contains('(') && !is_sum(name))
        {
            self.objects.retain(|name, _| !is_sum(name));
        }
        // What the whole machine has open says more than what one process ever opened.
        if self.objects.values().any(|it| !it.is_running_total) {
            self.objects.retain(|_, it| !it.is_running_total);
        }
        if self.objects.is_empty() {
            return Err("no column `\\TCPv4\\Connections Established` or \
                 `\\.NET CLR Networking 4.0.0.0(…)\\Connections Established`"
                .into());
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
        let mut before = None;
        let step = |(time_ns, established, opened): (i64, u64, Option<u64>)| {
            let time_s = (time_ns - start) as f64 / NANOS_PER_SECOND as f64;
            if !self.is_running_total {
                return Step {
                    time_s,
                    states: BTreeMap::from([(State::Established, established)]),
                    opened: opened.filter(|_| has_active),
                };
            }
            // A process that was started anew counts from 0 again.
            let then = before.replace(established).unwrap_or(established);
            let more = established.checked_sub(then).unwrap_or(established);
            Step {
                time_s,
                states: BTreeMap::new(),
                opened: Some(more),
            }
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
