//! Several programs on a machine, several destinations, several machines behind one NAT: through
//! the real program, from the scenario's text to the files.

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A row of a CSV, by column.
type Row = BTreeMap<String, String>;

/// Runs a scenario; gives the folder of its results.
fn run(toml: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("mine.toml"), toml).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .args(["run", "mine.toml", "--out", "results", "--quiet"])
        .current_dir(folder.path())
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    folder
}

fn rows(folder: &Path, name: &str) -> Vec<Row> {
    let path = folder.join("results").join(name);
    let mut reader = csv::Reader::from_path(path).expect("it is there");
    reader
        .deserialize()
        .map(|row| row.expect("a row"))
        .collect()
}

fn number(row: &Row, column: &str) -> u64 {
    row[column].parse().expect("a count")
}

/// The entry of a strategy in `summary.json`.
fn strategy(folder: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(folder.join("results/summary.json")).expect("it is there");
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    let strategies = summary["strategies"].as_array().expect("strategies");
    let found = strategies.iter().find(|it| it["name"] == name);
    found.expect("it was run").clone()
}

/// A program that never lets a port go makes ten requests a second and has taken all 60 ports
/// after 6 s; another, which closes each connection itself, fails from then on. With a limited
/// number of groups it would not.
#[test]
fn programs_on_one_machine_take_each_others_ports() {
    let folder = run(r#"
        duration = "20s"
        sample-every = "1s"
        [machine]
        ports = 60
        time-wait = "500ms"
        [client.leak]
        runtime = "net40"
        [client.polite]
        runtime = "net48"
        [server.api]
        response-time = "10ms"
        active-close = "client"
        [workload.leak]
        client = "leak"
        arrivals = { every = "100ms" }
        group = "unique"
        [workload.polite]
        client = "polite"
        arrivals = { every = "1s", phase = "50ms" }
        keep-alive = false
        [[strategy]]
        name = "as is"
        [[strategy]]
        name = "4 groups"
        groups = 4
    "#);
    let folder = folder.path();
    let clients = rows(folder, "clients.csv");
    let machine = rows(folder, "ports.csv");
    assert_eq!(clients.len(), 2 * machine.len(), "a row for each program");
    for (pair, whole) in clients.chunks(2).zip(&machine) {
        assert_eq!(
            (&*pair[0]["client"], &*pair[1]["client"]),
            ("leak", "polite")
        );
        for column in [
            "ports_in_use",
            "connecting",
            "busy",
            "idle",
            "close_wait",
            "time_wait",
            "requests",
            "failed",
            "opened",
        ] {
            let sum = number(&pair[0], column) + number(&pair[1], column);
            assert_eq!(sum, number(whole, column), "{column} of {whole:?}");
            assert_eq!(pair[0]["time_s"], whole["time_s"]);
        }
    }
    let at = |strategy: &str, time: &str, client: &str| {
        let found = clients.iter().find(|row| {
            row["strategy"] == strategy && row["time_s"] == time && row["client"] == client
        });
        found.expect("a row")
    };
    // What the polite one gives back in between, the leak takes.
    assert_eq!(number(at("as is", "20.0", "leak"), "ports_in_use"), 60);
    assert_eq!(number(at("as is", "20.0", "polite"), "ports_in_use"), 0);
    // 20 requests, at 0.05 s, 1.05 s …: those from 6.05 s on fail.
    let polite = at("as is", "20.0", "polite");
    assert_eq!(
        (number(polite, "requests"), number(polite, "failed")),
        (20, 14)
    );
    let polite = at("4 groups", "20.0", "polite");
    assert_eq!(
        (number(polite, "requests"), number(polite, "failed")),
        (20, 0)
    );
    assert_eq!(number(at("4 groups", "20.0", "leak"), "ports_in_use"), 4);
    let page = std::fs::read_to_string(folder.join("results/README.md")).expect("it is there");
    assert!(page.contains("14 of “polite”"), "{page}");
}

/// Two servers at five new connections a second each: a Windows port serves one connection, so
/// 50 ports last 5 s; where a port serves one for each destination they last 10 s, to the one as
/// to the other.
#[test]
fn destinations_share_ports_or_have_their_own() {
    let folder = run(r#"
        duration = "15s"
        sample-every = "1s"
        [machine]
        ports = 50
        [client.app]
        runtime = "net40"
        [server.one]
        uri = "http://one.example.com/"
        response-time = "10ms"
        [server.two]
        uri = "http://two.example.com/"
        response-time = "10ms"
        [workload.one]
        server = "one"
        arrivals = { every = "200ms" }
        group = "unique"
        [workload.two]
        server = "two"
        arrivals = { every = "200ms", phase = "100ms" }
        group = "unique"
        [[strategy]]
        name = "host"
        [[strategy]]
        name = "destination"
        scope = "destination"
    "#);
    let folder = folder.path();
    assert!(!folder.join("results/clients.csv").exists(), "one program");
    for (name, first_refused, served, error) in [
        ("host", 5.0, 50, "WSAENOBUFS"),
        ("destination", 10.0, 100, "EADDRNOTAVAIL"),
    ] {
        let found = strategy(folder, name);
        assert_eq!(found["exhausted_at_s"], first_refused, "{name}");
        assert_eq!(found["connections"]["opened"], served, "{name}");
        assert_eq!(found["ports"]["peak"], 50, "of the fullest destination");
        // 76 requests to the one, the first at 0 and the last at the end, and 75 to the other.
        assert_eq!(found["errors"][error], 151 - served, "{name}");
    }
}

/// Ten machines open ten connections a second together, each held for 60 s after it: 300 ports
/// that they share are out after 30 s, 30 ports each as well; 25 machines with as many ports
/// each last forever longer than one machine alone, which has the whole load to bear.
#[test]
fn machines_behind_one_nat_share_its_ports() {
    let folder = run(r#"
        duration = "60s"
        sample-every = "1s"
        [machine]
        ports = "windows"
        instances = 10
        [nat]
        ports = 300
        shared = true
        hold-after-fin = "60s"
        [client.app]
        runtime = "net48"
        [server.api]
        response-time = "10ms"
        [workload.load]
        arrivals = { every = "100ms" }
        keep-alive = false
        [[strategy]]
        name = "300 for all"
        [[strategy]]
        name = "30 each"
        nat = { ports = 30, hold-after-fin = "60s" }
        [[strategy]]
        name = "30 each, 30 machines"
        instances = 30
        nat = { ports = 30, hold-after-fin = "60s" }
        [[strategy]]
        name = "30 for one machine"
        instances = 1
        nat = { ports = 30, hold-after-fin = "60s" }
    "#);
    let folder = folder.path();
    for (name, first_refused) in [
        ("300 for all", Some(30.0)),
        ("30 each", Some(30.0)),
        ("30 each, 30 machines", None),
        ("30 for one machine", Some(3.0)),
    ] {
        let found = strategy(folder, name);
        assert_eq!(found["exhausted_at_s"].as_f64(), first_refused, "{name}");
        let limit = if name == "300 for all" { 300 } else { 30 };
        assert_eq!(found["snat"]["limit"], limit, "{name}");
        assert!(
            found["ports"]["peak"].as_u64() < Some(300),
            "local ports suffice: {name}"
        );
    }
    let table = rows(folder, "snat.csv");
    for row in &table {
        let parts = number(row, "snat_flows") + number(row, "snat_held");
        assert_eq!(number(row, "snat_in_use"), parts, "{row:?}");
    }
    // Ten a second, each held: the pool fills by ten a second, whoever of the ten takes them.
    let shared: Vec<u64> = (table.iter().filter(|row| row["strategy"] == "300 for all"))
        .map(|row| number(row, "snat_in_use"))
        .collect();
    for (second, in_use) in (0..30).zip(&shared) {
        // The request of the instant itself is part of the sample.
        assert_eq!(*in_use, 10 * second + 1, "at {second} s");
    }
}
