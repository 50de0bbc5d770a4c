//! A results folder read back: the numbers that a run wrote.

use super::super::manifest::{self, Manifest};
use super::super::port_map;
use crate::record::{Column, Columns};
use crate::study::PortsRow;
use crate::units::{SimSpan, SimTime};
use crate::words::plain;
use alloc::collections::BTreeMap;
use serde::Deserialize;

/// Everything that a page shows of one run.
#[derive(Clone, Debug)]
pub struct Results {
    /// The run in numbers and sentences.
    pub(super) summary: Summary,
    /// Rows of `ports.csv`, by strategy in the order of the summary.
    pub(super) series: Vec<Vec<PortsRow>>,
    /// The port map, where one was asked for.
    pub(super) map: Option<port_map::Document>,
}

/// `summary.json`, as far as the page needs it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) spsim: String,
    pub(super) title: String,
    pub(super) question: String,
    #[serde(default)]
    pub(super) expect: String,
    pub(super) digest: String,
    #[serde(default)]
    pub(super) command: String,
    pub(super) replications: u32,
    pub(super) duration_s: f64,
    pub(super) strategies: Vec<Strategy>,
    pub(super) findings: Findings,
    pub(super) assumptions: Vec<String>,
    pub(super) warnings: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Strategy {
    pub(super) name: String,
    pub(super) verdict: String,
    pub(super) ports: Ports,
    pub(super) exhausted_at_s: Option<f64>,
    pub(super) requests: Requests,
    pub(super) connections: Connections,
    pub(super) latency_s: Latency,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ports {
    pub(super) limit: f64,
    pub(super) peak: f64,
    pub(super) peak_max: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Requests {
    pub(super) submitted: f64,
    pub(super) failed: f64,
    pub(super) timed_out: f64,
    pub(super) in_flight: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Connections {
    pub(super) opened: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Latency {
    pub(super) p99: Option<f64>,
    pub(super) p99_above: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Findings {
    pub(super) headline: String,
    pub(super) sentences: Vec<String>,
    pub(super) best: Best,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Best {
    pub(super) strategy: String,
    pub(super) reason: String,
    pub(super) changes: Vec<String>,
    #[serde(default)]
    pub(super) without_change: Option<String>,
}

/// The schema and version of a document, read before anything else of it.
#[derive(Deserialize)]
struct Stamp {
    schema: u32,
    spsim: String,
}

/// Why a folder is no results folder: a file of it, and what is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file's name in the folder.
    pub file: String,
    /// What is wrong with it, and what to do.
    pub what: String,
}

impl Problem {
    fn new(file: &str, what: impl Into<String>) -> Problem {
        Problem {
            file: file.into(),
            what: what.into(),
        }
    }
}

/// Reads a folder whose files `file` gives by name; `None` is a file that is not there.
///
/// # Errors
/// Every file that is missing, was edited, is of another version or does not fit, by name.
pub fn read(file: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Results, Vec<Problem>> {
    let manifest = manifest_of(file).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for entry in &manifest.files {
        match file(&entry.name) {
            None => problems.push(Problem::new(
                &entry.name,
                "is missing; the folder is half written: run the scenario again",
            )),
            Some(bytes) if !entry.is_of(&bytes) => problems.push(Problem::new(
                &entry.name,
                "is not what the run wrote (its digest differs): it was edited, or another run \
                 is writing here; run the scenario again",
            )),
            Some(bytes) => {
                files.insert(&entry.name, bytes);
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    parsed(&files).map_err(|problem| vec![problem])
}

fn manifest_of(file: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Manifest, Problem> {
    let Some(bytes) = file(manifest::FILE) else {
        let what = if file("summary.json").is_some() {
            "is missing: the run that writes here has not ended, or spsim was older; run the \
             scenario again"
        } else {
            "is missing: no folder of `spsim run` is here"
        };
        return Err(Problem::new(manifest::FILE, what));
    };
    of_this_version(manifest::FILE, &bytes, manifest::SCHEMA)?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(manifest::FILE, &error))
}

fn unreadable(name: &str, error: &serde_json::Error) -> Problem {
    Problem::new(name, format!("cannot be understood: {error}"))
}

fn of_this_version(name: &str, bytes: &[u8], schema: u32) -> Result<(), Problem> {
    let stamp: Stamp = serde_json::from_slice(bytes).map_err(|error| unreadable(name, &error))?;
    let version = env!("CARGO_PKG_VERSION");
    if stamp.spsim != version || stamp.schema != schema {
        let what = format!(
            "was written by spsim {} (schema {}), and this is spsim {version} (schema {schema}): \
             run the scenario again",
            stamp.spsim, stamp.schema
        );
        return Err(Problem::new(name, what));
    }
    Ok(())
}

fn parsed(files: &BTreeMap<&str, Vec<u8>>) -> Result<Results, Problem> {
    const SUMMARY: &str = "summary.json";
    const SERIES: &str = "ports.csv";
    let of = |name: &str| {
        let missing = || Problem::new(name, "is not in the manifest; run the scenario again");
        files.get(name).ok_or_else(missing)
    };
    let bytes = of(SUMMARY)?;
    of_this_version(SUMMARY, bytes, super::super::json::SCHEMA)?;
    let summary: Summary =
        serde_json::from_slice(bytes).map_err(|error| unreadable(SUMMARY, &error))?;
    let series = series(of(SERIES)?, &summary).map_err(|what| Problem::new(SERIES, what))?;
    let map = match files.get(port_map::FILE) {
        None => None,
        Some(bytes) => Some(map_of(bytes, &summary)?),
    };
    Ok(Results {
        summary,
        series,
        map,
    })
}

fn map_of(bytes: &[u8], summary: &Summary) -> Result<port_map::Document, Problem> {
    of_this_version(port_map::FILE, bytes, port_map::SCHEMA)?;
    let map: port_map::Document =
        serde_json::from_slice(bytes).map_err(|error| unreadable(port_map::FILE, &error))?;
    let names = map.strategies.iter().map(|it| &it.name);
    if map.digest != summary.digest || !names.eq(summary.strategies.iter().map(|it| &it.name)) {
        let what = "is of another run than summary.json; run the scenario again";
        return Err(Problem::new(port_map::FILE, what));
    }
    Ok(map)
}

/// The rows of each strategy.
fn series(bytes: &[u8], summary: &Summary) -> Result<Vec<Vec<PortsRow>>, String> {
    let mut reader = ::csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?;
    let expected = ["strategy", "time_s"]
        .into_iter()
        .chain(Column::PORTS.map(Column::name));
    if !header.iter().take(2 + Column::PORTS.len()).eq(expected) {
        return Err("has other columns than this version writes; run the scenario again".into());
    }
    let mut series: Vec<Vec<PortsRow>> = vec![Vec::new(); summary.strategies.len()];
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let place = |name: &str| summary.strategies.iter().position(|it| it.name == name);
        let Some(place) = place(plain::of_cell(&record[0])) else {
            return Err(format!(
                "has a strategy that summary.json has not: `{}`",
                &record[0]
            ));
        };
        let number = |column: usize| -> Result<f64, String> {
            let text = &record[column];
            text.parse()
                .map_err(|_| format!("has `{text}` where a number is meant"))
        };
        // What is beyond the machines has files of its own.
        let mut values = Columns::default();
        for (place, column) in Column::PORTS.into_iter().enumerate() {
            values[column] = number(place + 2)?;
        }
        series[place].push(PortsRow {
            time: SimTime::ZERO + SimSpan::from_seconds_rounded(number(1)?),
            values,
            ports_in_use: None,
        });
    }
    Ok(series)
}
