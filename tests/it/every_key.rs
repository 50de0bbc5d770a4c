//! The laws of counting under every setting that there is: each key of the table at its example,
//! alone and beside others, on every runtime. A key that is added is among them at once.

use crate::support::{InMemory, at};
use rand::RngExt;
use spsim::inside::kernel::stream;
use spsim::inside::scenario;
use spsim::inside::scenario::keys::{self, Kind, Row};
use spsim::{Blind, Observation, Observer, Override, SimTime, Simulation, run_one};
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

/// Every key with its example, and with each form that its value may take.
fn settings() -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for table in &keys::scenario().rows {
        let (place, rows) = match &table.kind {
            Kind::Table(inner) => (table.name.to_owned(), &inner.rows),
            Kind::Named(inner) => (named(table.name).to_owned(), &inner.rows),
            Kind::List { item, .. } if let Kind::Table(inner) = &**item => {
                ("strategy.\"as is\"".to_owned(), &inner.rows)
            }
            _ => (String::new(), &vec![table.clone()]),
        };
        for row in rows {
            let key = format!("{place}.{}", row.name);
            let key = key.trim_start_matches('.').to_owned();
            let mut values = forms(&row.kind);
            values.insert(0, row.example());
            settings.extend(values.into_iter().map(|value| (key.clone(), value)));
        }
    }
    // They decide how long a run is, and which.
    let decide = [
        "duration",
        "replications",
        "client.app.runtime",
        "strategy.\"as is\".name",
    ];
    settings.retain(|(key, _)| !decide.contains(&key.as_str()));
    settings
}

fn named(table: &str) -> &'static str {
    match table {
        "client" => "client.app",
        "server" => "server.api",
        "workload" => "workload.load",
        other => panic!("tables called [{other}.NAME] have no place in the scenario of this test"),
    }
}

/// Values of a kind of which there are several: each word, each table with what it needs and with
/// each of its other keys.
fn forms(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Flag => ["true", "false"].map(str::to_owned).into(),
        Kind::Words(words) => words.iter().map(|word| format!("\"{word}\"")).collect(),
        Kind::Either(kinds) => kinds.iter().flat_map(forms).collect(),
        Kind::Shared(_, kind) => forms(&kind()),
        Kind::Table(table) => {
            let needed = table.rows.iter().filter(|row| row.required);
            let needed: Vec<&Row> = needed.collect();
            let others = table.rows.iter().filter(|row| !row.required);
            let with = |more: Option<&Row>| {
                let all = needed.iter().copied().chain(more);
                let all = all.map(|row| format!("{} = {}", row.name, row.example()));
                format!("{{ {} }}", all.collect::<Vec<_>>().join(", "))
            };
            let alone = std::iter::once(with(None));
            alone.chain(others.map(|row| with(Some(row)))).collect()
        }
        _ => Vec::new(),
    }
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
