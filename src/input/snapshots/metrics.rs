//! Counters over time as CSV: `dotnet-counters collect`, `CloudWatch`, Azure Monitor, and any other
//! table of times and numbers.
//!
//! A row is a time and numbers; what they are is told by the nearest line above them that has as
//! many fields. Columns of connections, sockets or ports are read; a lone column is, too.

use super::collector::Collector;
use super::fields::split_csv;
use super::{Series, SnapshotFormat};
use crate::diagnose::{State, Step};
use crate::input::clock::{DateOrder, Numbers, Stamp, parse_stamp};
use crate::input::table::{all_quoted, quoted};
use crate::units::NANOS_PER_SECOND;
use std::collections::BTreeMap;

/// Reads the lines of the CSV.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    delimiter: Option<char>,
    /// The fields of the lines before the first row, the last ones.
    above: Vec<Vec<String>>,
    names: Option<Vec<String>>,
    /// When, and the value of each known column.
    rows: Vec<(Stamp, BTreeMap<String, f64>)>,
    dotnet: bool,
}

/// So many lines above the first row are remembered: `CloudWatch` has six.
const MOST_ABOVE: usize = 20;

/// Whether a line is the header of such a CSV or one of its rows; `above` are the lines so far.
pub(super) fn is_metrics(line: &str, above: &str) -> bool {
    if is_dotnet_header(line) {
        return true;
    }
    let Some(delimiter) = delimiter_of(line) else {
        return false;
    };
    let fields = split_csv(line, delimiter);
    let is_number = |field: &str| field.trim().is_empty() || number(field).is_some();
    let are_numbers = fields[1..].iter().all(|it| is_number(it));
    let has_one = fields[1..].iter().any(|it| number(it).is_some());
    let is_row = fields.len() > 1 && are_numbers && has_one && time_of(&fields[0]).is_some();
    // `28.11.2026 12:00:00,51` is a time alone, unless columns are named above it.
    let is_header =
        |it: &str| split_csv(it, delimiter).len() == fields.len() && parse_stamp(it).is_none();
    is_row && (parse_stamp(line).is_none() || above.lines().any(is_header))
}

fn is_dotnet_header(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.starts_with("timestamp,provider,counter name")
}

/// The delimiter of a row: the comma of a decimal number is none.
fn delimiter_of(line: &str) -> Option<char> {
    let mut delimiters = ['\t', ';', ','].into_iter();
    delimiters.find(|it| line.contains(*it))
}

fn time_of(text: &str) -> Option<Stamp> {
    parse_stamp(text.trim()).filter(|it| !matches!(it, Stamp::OfDay(_)))
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = match (text.contains('.'), text.matches(',').count()) {
        // `1,234.5` and `20,0`.
        (true, 1..) => text.replace(',', ""),
        (false, 1) => text.replace(',', "."),
        _ => text.into(),
    };
    let value = plain.parse::<f64>().ok();
    value.filter(|it| it.is_finite() && *it >= 0.0)
}

impl SnapshotFormat for Metrics {
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        if is_dotnet_header(line) {
            self.dotnet = true;
            // Tags may have semicolons between them.
            self.delimiter = Some(',');
            return Ok(());
        }
        let delimiter = *self
            .delimiter
            .get_or_insert_with(|| delimiter_of(line).unwrap_or(','));
        let fields: Vec<String> = split_csv(line, delimiter)
            .iter()
            .map(|field| field.trim().to_owned())
            .collect();
        let Some(when) = fields.first().and_then(|it| time_of(it)) else {
            self.other(fields, out);
            return Ok(());
        };
        if self.dotnet {
            return self.dotnet_row(when, &fields);
        }
        let width = fields.len();
        let above = &mut self.above;
        let names = self.names.get_or_insert_with(|| {
            let fitting = || above.iter().filter(|it| it.len() == width);
            // CloudWatch's lines above its rows: the label, and what else is true of all rows.
            let label = |it: &&Vec<String>| it[0].eq_ignore_ascii_case("full label");
            let are_names = |it: &&Vec<String>| it[1..].iter().all(|it| number(it).is_none());
            let labels = fitting().find(label);
            let names = labels.or_else(|| fitting().rfind(are_names));
            names.cloned().unwrap_or_default()
        });
        if !names.is_empty() && names.len() != width {
            return Err(format!("{width} fields, the header has {}", names.len()));
        }
        let mut values = BTreeMap::new();
        for (at, field) in fields.iter().enumerate().skip(1) {
            let name = names.get(at).cloned().unwrap_or_default();
            match number(field) {
                Some(value) => {
                    values.insert(name, value);
                }
                None if field.is_empty() => {}
                None => return Err(format!("{} is not a count", quoted(field.as_bytes()))),
            }
        }
        self.rows.push((when, values));
        Ok(())
    }

    fn finish(&mut self, out: &mut Collector) {
        let mut names: Vec<String> = Vec::new();
        for name in self.rows.iter().flat_map(|(_, values)| values.keys()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names.sort();
        let (used, unused) = chosen(&names);
        if used.is_empty() {
            if !names.is_empty() {
                let names = all_quoted(&names);
                out.problem(&format!(
                    "no column is of connections, sockets or ports: {names}"
                ));
            }
            return;
        }
        if !unused.is_empty() {
            let (used, unused) = (all_quoted(&used), all_quoted(&unused));
            out.note(format!("columns used: {used}; not used: {unused}"));
        }
        let dates: Vec<Numbers> = self.rows.iter().filter_map(|it| it.0.numbers()).collect();
        let order = DateOrder::of(&dates).unwrap_or(DateOrder::MonthFirst);
        if !dates.is_empty() {
            out.note(format!("dates are read {}", order.words()));
        }
        out.preset = preset_of(&used);
        let start = self.rows.iter().map(|it| nanos(it.0, order)).min();
        for name in &used {
            let series = self.series(name, order, start.unwrap_or(0));
            if series.steps.iter().any(|it| it.total() > 0) {
                out.counters.push(series);
            }
        }
        if used.iter().any(|it| is_running_total(it)) {
            out.note(
                "a counter of all connections ever made never falls: its growth is that of new \
                 connections, and whether they stay open only snapshots show"
                    .into(),
            );
        }
        out.note(
            "metrics count connections whatever their state: TIME_WAIT and single endpoints need \
             `netstat -an` or `ss -tan`"
                .into(),
        );
    }
}

impl Metrics {
    /// A line that is no row.
    fn other(&mut self, fields: Vec<String>, out: &mut Collector) {
        if !self.rows.is_empty() {
            out.other_text(1, out.line);
            return;
        }
        self.above.push(fields);
        if self.above.len() > MOST_ABOVE {
            self.above.remove(0);
        }
    }

    /// Time, provider, name, type, value; the name may have commas between its brackets.
    fn dotnet_row(&mut self, when: Stamp, fields: &[String]) -> Result<(), String> {
        let [_, _, name @ .., _, value] = fields else {
            return Err("the row is cut off".into());
        };
        let name = name.join(",");
        let value =
            number(value).ok_or_else(|| format!("{} is not a count", quoted(value.as_bytes())))?;
        let name = endpoint_of(&name);
        // A row for each counter: those of one time belong together. Connections of one endpoint
        // are counted apart by their state, and summed.
        match self.rows.last_mut() {
            Some((last, values)) if *last == when => *values.entry(name).or_default() += value,
            _ => self.rows.push((when, BTreeMap::from([(name, value)]))),
        }
        Ok(())
    }

    fn series(&self, name: &str, order: DateOrder, start: i64) -> Series {
        let mut points: Vec<(i64, u64)> = self
            .rows
            .iter()
            .filter_map(|(when, values)| {
                let value = values.get(name)?;
                Some((nanos(*when, order), value.round() as u64))
            })
            .collect();
        points.sort_by_key(|it| it.0);
        points.dedup_by_key(|it| it.0);
        let step = |(nanos, count): (i64, u64)| Step {
            time_s: (nanos - start) as f64 / NANOS_PER_SECOND as f64,
            states: BTreeMap::from([(State::Established, count)]),
            opened: None,
        };
        Series {
            remote: if name.is_empty() { "all" } else { name }.into(),
            steps: points.into_iter().map(step).collect(),
        }
    }
}

/// When a row was, where every date of the file has its day in this order.
fn nanos(when: Stamp, order: DateOrder) -> i64 {
    when.nanos(order).unwrap_or_default()
}

/// What `http.client.open_connections ({connection})[server.address=api,server.port=443,…]` is
/// of: the server, without what tells its connections apart.
fn endpoint_of(name: &str) -> String {
    let Some((bare, tags)) = name.split_once('[') else {
        return name.trim().into();
    };
    let tags = tags.trim_end_matches(']');
    let tag = |key: &str| {
        let mut pairs = tags.split([',', ';']).filter_map(|it| it.split_once('='));
        pairs.find(|(name, _)| name.trim() == key).map(|it| it.1)
    };
    match (tag("server.address"), tag("server.port")) {
        (Some(address), Some(port)) => format!("{} {address}:{port}", bare.trim()),
        (Some(address), None) => format!("{} {address}", bare.trim()),
        _ => bare.trim().into(),
    }
}

/// Counters that only ever rise.
fn is_running_total(name: &str) -> bool {
    let name = name.to_lowercase();
    let opened = ["connections established", "connections active"];
    opened.iter().any(|it| name.contains(it)) && name.contains("outgoing")
}

/// The columns that are read, and the others.
fn chosen(names: &[String]) -> (Vec<String>, Vec<String>) {
    const OPEN: [&str; 3] = ["open_connections", "current http", "active_connections"];
    let split = |is: &dyn Fn(&str) -> bool| -> (Vec<String>, Vec<String>) {
        names
            .iter()
            .cloned()
            .partition(|name| is(&name.to_lowercase()))
    };
    let is_of = |words: &[&str], name: &str| words.iter().any(|word| name.contains(word));
    // What is open now says more than what was ever opened or attempted.
    let open = split(&|name| is_of(&OPEN, name) && !is_of(&["queue", "duration"], name));
    if !open.0.is_empty() {
        return open;
    }
    let nouns = [
        "connection",
        "snat",
        "socket",
        "port",
        "conexion",
        "connexion",
        "verbindung",
    ];
    let others = [
        "duration",
        "queue",
        "/sec",
        "second",
        "failed",
        "byte",
        "error",
        "incoming",
        "attempt",
        "dropped",
        "timeout",
        "rate",
        "passive",
        "transport",
    ];
    let of_nouns = split(&|name| is_of(&nouns, name) && !is_of(&others, name));
    // Of one metric's statistics the largest of each period, else the one that is there.
    let statistics = ["maximum", "average", "sum", "minimum"];
    let is = |name: &str, word: &str| name.trim().eq_ignore_ascii_case(word);
    let is_statistic = |name: &String| statistics.iter().any(|word| is(name, word));
    let best = statistics
        .iter()
        .find_map(|word| names.iter().find(|name| is(name, word)));
    match (&of_nouns, names) {
        ((used, _), _) if !used.is_empty() => of_nouns,
        _ if names.iter().all(is_statistic) && best.is_some() => {
            let unused = names.iter().filter(|it| Some(*it) != best);
            (
                best.into_iter().cloned().collect(),
                unused.cloned().collect(),
            )
        }
        (_, [_]) => (names.to_vec(), Vec::new()),
        _ => of_nouns,
    }
}

/// The preset that the names speak of.
fn preset_of(names: &[String]) -> Option<&'static str> {
    let all = names.join(" ").to_lowercase();
    let all = all.replace(' ', "");
    if all.contains("natgateway") {
        return Some("aws-nat-gateway");
    }
    all.contains("snat").then_some("azure-lb-1-50")
}
