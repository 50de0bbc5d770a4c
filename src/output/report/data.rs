//! What the script reads: the clock's instants, the counts at each, and the port map.

use super::results::Results;
use crate::record::Column;
use crate::study::PortsRow;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// The most instants of a clock without a port map.
const MOST_INSTANTS: usize = 400;

#[derive(Serialize)]
struct Data<'a> {
    title: &'a str,
    /// The length of the time axis in seconds.
    duration: f64,
    /// The instants of the clock in seconds.
    times: Vec<f64>,
    columns: [&'static str; Column::PORTS.len()],
    strategies: Vec<Strategy<'a>>,
    map: Option<Map<'a>>,
}

#[derive(Serialize)]
struct Strategy<'a> {
    name: &'a str,
    limit: f64,
    exhausted: Option<f64>,
    /// At each instant, the counts in the order of `columns`.
    counts: Vec<Vec<f64>>,
}

#[derive(Serialize)]
struct Map<'a> {
    states: &'a [String],
    letters: &'a str,
    strategies: Vec<MapOf<'a>>,
}

#[derive(Serialize)]
struct MapOf<'a> {
    first: u16,
    ports: u32,
    per: u32,
    frames: &'a [String],
}

/// The data as JSON that can stand in a `script` element: nothing in it can end the element.
pub(super) fn json(results: &Results) -> String {
    let (times, counts) = clock(results);
    let summary = &results.summary;
    let strategies = summary.strategies.iter().zip(counts);
    let data = Data {
        title: &summary.title,
        duration: summary.duration_s,
        times,
        columns: Column::PORTS.map(Column::name),
        strategies: strategies
            .map(|(strategy, counts)| Strategy {
                name: &strategy.name,
                limit: strategy.ports.limit,
                exhausted: strategy.exhausted_at_s,
                counts,
            })
            .collect(),
        map: results.map.as_ref().map(|map| Map {
            states: &map.states,
            letters: &map.letters,
            strategies: map
                .strategies
                .iter()
                .map(|one| MapOf {
                    first: one.first_port,
                    ports: one.ports,
                    per: one.ports_per_cell,
                    frames: &one.frames,
                })
                .collect(),
        }),
    };
    let text = serde_json::to_string(&data).expect("keys are text");
    text.replace('<', "\\u003c")
}

/// The frames of the port map, else rows of `ports.csv` at even distances.
fn clock(results: &Results) -> (Vec<f64>, Vec<Vec<Vec<f64>>>) {
    if let Some(map) = &results.map {
        let as_floats = |row: &Vec<i64>| row.iter().map(|value| *value as f64).collect();
        let counts = map.strategies.iter();
        let counts = counts.map(|one| one.counts.iter().map(as_floats).collect());
        return (map.times_s.clone(), counts.collect());
    }
    let most = results.series.iter().map(Vec::len).max().unwrap_or(0);
    let stride = most.div_ceil(MOST_INSTANTS).max(1);
    let chosen = |rows: &Vec<PortsRow>| -> Vec<PortsRow> {
        let last = rows.len().saturating_sub(1);
        let wanted = |index: &usize| index.is_multiple_of(stride) || *index == last;
        (0..rows.len())
            .filter(wanted)
            .map(|index| rows[index])
            .collect()
    };
    let series: Vec<Vec<PortsRow>> = results.series.iter().map(chosen).collect();
    let longest = series.iter().max_by_key(|rows| rows.len());
    let times = longest.map(|rows| rows.iter().map(|row| row.time.as_seconds()).collect());
    let counts = |row: &PortsRow| row.values.pick(&Column::PORTS).collect();
    let counts = series.iter().map(|rows| rows.iter().map(counts).collect());
    (times.unwrap_or_default(), counts.collect())
}
