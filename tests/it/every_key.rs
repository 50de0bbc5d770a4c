//! The laws of counting under every setting that there is: each key of the table at its example,
//! alone and beside others, on every runtime. A key that is added is among them at once.

use crate::support::{InMemory, at};
use rand::RngExt;
use spsim::kernel::stream;
use spsim::scenario::keys::{self, Kind, Row};
use spsim::scenario::{self, Override};
use spsim::sim::{Blind, Observation, Observer, Simulation};
use spsim::study::run_one;
use spsim::units::SimTime;
use std::collections::BTreeSet;

/// Ports run out, connections rest and are closed, and requests wait, all within seconds.
const BASE: &str = r#"
duration = "8s"
sample-every = "500ms"
[machine]
ports = 12
time-wait = "1s"
[client.app]
runtime = "RUNTIME"
[server.api]
uri = "http://api/"
response-time = { exponential = { mean = "200ms" } }
[workload.load]
arrivals = { poisson = { rate = 30 } }
[[strategy]]
name = "as is"
"#;

/// Every key of the tables with its example; of a flag both values.
fn settings() -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for table in &keys::scenario().rows {
        let (place, rows) = match (&table.kind, table.name) {
            (Kind::Table(inner), name) => (format!("{name}."), &inner.rows),
            (Kind::Named(inner), "client") => ("client.app.".into(), &inner.rows),
            (Kind::Named(inner), "server") => ("server.api.".into(), &inner.rows),
            (Kind::Named(inner), "workload") => ("workload.load.".into(), &inner.rows),
            _ => (String::new(), &vec![table.clone()]),
        };
        settings.extend(rows.iter().flat_map(|row| values(&place, row)));
    }
    // They decide how long a run is, and which.
    settings.retain(|(key, _)| {
        !["duration", "replications", "runtime"]
            .iter()
            .any(|it| key.ends_with(it))
    });
    settings
}

fn values(place: &str, row: &Row) -> Vec<(String, String)> {
    let key = format!("{place}{}", row.name);
    let mut values = vec![row.example()];
    if matches!(row.kind, Kind::Flag) {
        values = vec!["true".into(), "false".into()];
    }
    values.dedup();
    values
        .into_iter()
        .map(|value| (key.clone(), value))
        .collect()
}

/// Runs what is right; whether it is.
fn obeys(runtime: &str, changes: &[&(String, String)]) -> bool {
    let text = BASE.replace("RUNTIME", runtime);
    let overrides: Vec<Override> = changes
        .iter()
        .map(|(key, value)| Override::new(key, value))
        .collect();
    let files = &mut InMemory::default();
    let Ok(read) = scenario::read(&text, "test", &overrides, files) else {
        return false;
    };
    let case = || format!("{runtime} {changes:?}");
    let scenario = read.scenario.under(&read.scenario.strategies[0]);
    // Asserts that no request is lost.
    let run = run_one(&scenario, 0, files).expect("no trace");
    let (requests, ports) = (&run.summary.requests, &run.summary.ports);
    assert!(requests.timed_out <= requests.failed, "{}", case());
    assert!(
        ports.peak <= ports.limit && ports.at_end <= ports.peak,
        "{}",
        case()
    );
    let connections = &run.summary.connections;
    let closed = connections.closed_graceful + connections.closed_hard;
    assert!(closed <= connections.opened, "{}", case());
    // The same event by event, looked at half-way; and by somebody who wants every step told.
    let mut blind = Blind;
    let mut steps = Simulation::new(&scenario, 0, files, &mut blind).expect("no trace");
    steps.run_until(at(4.0)).expect("no trace");
    let snapshot = steps.snapshot();
    assert!(snapshot.sample.time <= at(4.0), "{}", case());
    steps.run_until(at(8.0)).expect("no trace");
    let stepped = steps.run().expect("no trace");
    let mut curious = Curious;
    let told = Simulation::new(&scenario, 0, files, &mut curious).expect("no trace");
    let told = told.run().expect("no trace");
    assert!(
        stepped == told && stepped.events == run.summary.events,
        "{}",
        case()
    );
    true
}

/// Wants to be told every step.
struct Curious;

impl Observer for Curious {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observe(&mut self, _: SimTime, _: Observation) {}
}

const RUNTIMES: [&str; 8] = [
    "net20-rtm",
    "net40",
    "net48",
    "mono4",
    "mono6",
    "netcore31",
    "net8",
    "net9",
];

#[test]
fn each_alone_loses_nothing() {
    let settings = settings();
    let mut right = BTreeSet::new();
    for runtime in RUNTIMES {
        let obeying = settings.iter().filter(|it| obeys(runtime, &[it]));
        right.extend(obeying.map(|(key, _)| key.as_str()));
    }
    let keys: BTreeSet<_> = settings.iter().map(|(key, _)| key.as_str()).collect();
    let never: Vec<_> = keys.difference(&right).collect();
    // What is left means something beside another key only.
    assert!(4 * never.len() < keys.len(), "{never:?}");
}

#[test]
fn several_together_lose_nothing() {
    let settings = settings();
    let mut random = stream(28, "settings", 0);
    let mut n_right = 0;
    for case in 0..4_000 {
        let runtime = RUNTIMES[case % RUNTIMES.len()];
        let several = 2 + case % 3;
        let chosen: Vec<_> = (0..several)
            .map(|_| &settings[random.random_range(0..settings.len())])
            .collect();
        n_right += usize::from(obeys(runtime, &chosen));
    }
    assert!(n_right > 1_000, "{n_right}");
}
