//! What the script reads (`lab/page/recorded.ts`): instants, the counts at each, and the port map.

use super::results::Results;
use crate::record::Column;
use alloc::collections::BTreeMap;
use serde::Serialize;

/// The most rows of `ports.csv`, of each strategy, that a page holds.
const MOST_ROWS: usize = 2000;

/// The columns that are shown, by the lab's names for them.
const COLUMNS: [(&str, Column); 11] = [
    ("ports", Column::PortsInUse),
    ("connecting", Column::Connecting),
    ("busy", Column::Busy),
    ("idle", Column::Idle),
    ("close_wait", Column::CloseWait),
    ("time_wait", Column::TimeWait),
    ("groups", Column::Groups),
    ("queued", Column::Queued),
    ("requests", Column::Requests),
    ("failed", Column::Failed),
    ("opened", Column::Opened),
];

#[derive(Serialize)]
struct Data<'a> {
    /// The length of the time axis in seconds.
    duration: f64,
    /// How many runs the counts are means of.
    runs: u32,
    /// The instants in seconds.
    times: Vec<f64>,
    columns: Vec<&'static str>,
    strategies: Vec<Strategy<'a>>,
    map: Option<Map<'a>>,
}

#[derive(Serialize)]
struct Strategy<'a> {
    name: &'a str,
    limit: f64,
    /// When ports ran out first, in seconds.
    exhausted: Option<f64>,
    /// For each of `columns`, the count at each of `times`.
    counts: Vec<Vec<f64>>,
}

#[derive(Serialize)]
struct Map<'a> {
    states: &'a [String],
    letters: &'a str,
    /// When the frames were taken, in seconds.
    times: &'a [f64],
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
    let summary = &results.summary;
    let series: Vec<Instants> = (0..summary.strategies.len())
        .map(|place| instants(results, place))
        .collect();
    let times = series.first().map_or_else(Vec::new, |instants| {
        instants.values().map(|(time, _)| *time).collect()
    });
    let counts = |instants: &Instants| {
        let column = |place| instants.values().map(|(_, row)| row[place]).collect();
        (0..COLUMNS.len()).map(column).collect()
    };
    let strategies = summary.strategies.iter().zip(&series);
    let data = Data {
        duration: summary.duration_s,
        runs: summary.replications,
        times,
        columns: COLUMNS.map(|(name, _)| name).to_vec(),
        strategies: strategies
            .map(|(strategy, instants)| Strategy {
                name: &strategy.name,
                limit: strategy.ports.limit,
                exhausted: strategy.exhausted_at_s,
                counts: counts(instants),
            })
            .collect(),
        map: results.map.as_ref().map(|map| Map {
            states: &map.states,
            letters: &map.letters,
            times: &map.times_s,
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

/// Instants by their nanosecond: each as seconds, with the counts of [`COLUMNS`].
type Instants = BTreeMap<u64, (f64, [f64; COLUMNS.len()])>;

/// One strategy's rows of `ports.csv`. With them, where the run is a single one, the frames of
/// its map: among these is the instant at which ports ran out, which need not be a row.
fn instants(results: &Results, place: usize) -> Instants {
    let nanos = |seconds: f64| (seconds * 1e9).round() as u64;
    let mut instants = Instants::new();
    if let Some(map) = &results.map
        && results.summary.replications == 1
    {
        let place_of = |column: Column| {
            let found = Column::PORTS.iter().position(|it| *it == column);
            found.expect("a column of `ports.csv`")
        };
        for (time, row) in map.times_s.iter().zip(&map.strategies[place].counts) {
            let counts = COLUMNS.map(|(_, column)| row[place_of(column)] as f64);
            instants.insert(nanos(*time), (*time, counts));
        }
    }
    let rows = &results.series[place];
    let stride = rows.len().div_ceil(MOST_ROWS).max(1);
    for (index, row) in rows.iter().enumerate() {
        if index.is_multiple_of(stride) || index + 1 == rows.len() {
            let time = row.time.as_seconds();
            let counts = COLUMNS.map(|(_, name)| row.values[name]);
            instants.insert(nanos(time), (time, counts));
        }
    }
    instants
}
