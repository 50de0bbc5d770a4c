//! A series that is too long to keep is written whole all the same, and its charts lose no peak.

use crate::support::{self, InMemory, read};
use assert_cmd::Command;
use spsim::Comparison;
use spsim::inside::output::{PictureFormats, artifacts};
use spsim::inside::record::Column::PortsInUse;
use spsim::inside::study::Aggregate;
use std::fs;

/// 25,001 samples of everything that has a table: two programs, a NAT, a server with workers, a
/// server that moves. The load comes in a burst of one second that only one sample sees.
const LONG: &str = r#"
title = "Every 200 ms"
duration = "5000s"
sample-every = "200ms"
[machine]
ports = 100
[nat]
ports = 64
[client.steady]
runtime = "net48"
[client.burst]
runtime = "net48"
[server.api]
response-time = "100ms"
workers = 50
moves-at = ["2000s"]
[workload.steady]
client = "steady"
server = "api"
arrivals = { poisson = { rate = 1 } }
[workload.burst]
client = "burst"
server = "api"
arrivals = { every = "5ms", from = "3000100ms", until = "3000350ms" }
keep-alive = false
[[strategy]]
name = "as is"
[[strategy]]
name = "limit 20"
connection-limit = 20
"#;

const TABLES: [&str; 5] = [
    "ports.csv",
    "clients.csv",
    "snat.csv",
    "servers.csv",
    "addresses.csv",
];

/// What a run writes that keeps every sample, by name.
fn kept_whole() -> Vec<(String, Vec<u8>)> {
    let scenario = read(LONG);
    let strategies = scenario.strategies.iter().map(|strategy| {
        let variant = scenario.under(strategy);
        let mut aggregate = Aggregate::new(1);
        aggregate.add(0, support::run(&variant, 0));
        aggregate.finish(variant, &strategy.name)
    });
    let comparison = Comparison {
        strategies: strategies.collect(),
        scenario: scenario.clone(),
        warnings: Vec::new(),
        precision: None,
        command: String::new(),
    };
    let none = PictureFormats {
        svg: false,
        png: false,
    };
    let files = artifacts(&comparison, none).into_iter();
    files.map(|it| (it.name, it.bytes)).collect()
}

#[test]
fn every_row_is_written_though_not_every_sample_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("long.toml"), LONG).expect("written");
    let spsim = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
        command.current_dir(folder.path()).args(args).assert()
    };
    spsim(&["run", "long.toml", "--out", "out", "--format", "svg"]).success();
    let out = folder.path().join("out");
    let expected = kept_whole();
    for table in TABLES {
        let (_, rows) = (expected.iter().find(|(name, _)| name == table)).expect("it is written");
        let found = fs::read(out.join(table)).expect("it is there");
        assert!(found == *rows, "{table} differs from one kept whole");
        let programs = if table == "clients.csv" { 2 } else { 1 };
        let lines = String::from_utf8(found).expect("text").lines().count();
        assert_eq!(lines, 1 + 2 * 25_001 * programs, "{table}");
    }
    // The burst is over between two of the samples that are kept at even distances; the chart has
    // its height all the same, and stays small.
    let summary = fs::read_to_string(out.join("summary.json")).expect("it is there");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    let peak = &summary["strategies"][0]["ports"]["peak"];
    let chart = fs::read_to_string(out.join("ports.svg")).expect("it is there");
    assert!(chart.contains(&format!("peak {peak}")), "{peak}");
    assert!(chart.len() < 200_000, "{} bytes", chart.len());
    // The manifest knows the tables that were written on the way.
    spsim(&["report", "out", "--out", "page.html"]).success();
}

#[test]
fn means_over_time_leave_the_extremes_out() {
    let variant = read(LONG);
    let whole = support::run(&variant, 0);
    let mut runner = spsim::Runner::new(true).bounded();
    let output = runner
        .run(&variant, 0, &InMemory::default())
        .expect("no trace");
    assert!(output.is_thinned && !output.between.is_empty());
    assert_eq!(output.summary, whole.summary);
    let mut aggregate = Aggregate::new(1);
    aggregate.add(0, output.clone());
    let result = aggregate.finish(variant, "as is");
    let times: Vec<_> = result.regular_rows().iter().map(|row| row.time).collect();
    assert!(times.iter().eq(output.samples.iter().map(|it| &it.time)));
    let extremes: Vec<_> = (result.extremes.iter())
        .map(|place| result.rows[*place as usize].time)
        .collect();
    assert!(extremes.iter().eq(output.between.iter().map(|it| &it.time)));
    let highest = |samples: &mut dyn Iterator<Item = u64>| samples.max();
    assert_eq!(
        highest(&mut result.rows.iter().map(|row| row.values[PortsInUse] as u64)),
        highest(&mut whole.samples.iter().map(|it| it.ports_in_use)),
    );
}
