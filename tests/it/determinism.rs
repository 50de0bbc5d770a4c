//! The same scenario and seed give the same bytes: in two processes, on any number of threads,
//! whichever strategies run beside each other.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file that a run of `scenario` writes, by name.
fn written(scenario: &str, args: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder.path())
        .args(["run", scenario, "--quiet", "--out", "results"])
        .args(args)
        .output()
        .expect("it starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    files(&folder.path().join("results"))
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a run writes its folder");
    let files = entries.map(|entry| {
        let path = entry.expect("readable").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        (name, fs::read(path).expect("readable"))
    });
    files.collect()
}

/// The rows of `ports.csv` that belong to a strategy.
fn rows(files: &BTreeMap<String, Vec<u8>>, strategy: &str) -> Vec<String> {
    let text = String::from_utf8(files["ports.csv"].clone()).expect("UTF-8");
    let start = format!("{strategy},");
    text.lines()
        .filter(|line| line.starts_with(&start))
        .map(String::from)
        .collect()
}

/// A strategy's part of `summary.json`.
fn summary(files: &BTreeMap<String, Vec<u8>>, strategy: &str) -> serde_json::Value {
    let json: serde_json::Value =
        serde_json::from_slice(&files["summary.json"]).expect("valid JSON");
    let all = json["strategies"].as_array().expect("a list");
    all.iter()
        .find(|it| it["name"] == strategy)
        .expect("it was run")
        .clone()
}

#[test]
fn two_processes_and_any_number_of_threads_write_the_same_bytes() {
    let first = written("kb2551125", &["--threads", "1"]);
    assert!(first.len() >= 7, "{:?}", first.keys());
    assert!(
        first == written("kb2551125", &["--threads", "1"]),
        "two processes differ"
    );
    assert!(
        first == written("kb2551125", &["--threads", "2"]),
        "1 and 2 threads differ"
    );
}

#[test]
fn replications_are_the_same_on_any_number_of_threads() {
    let args = |threads| {
        [
            "--replications",
            "3",
            "--format",
            "svg",
            "--threads",
            threads,
        ]
    };
    let one = written("connection-limit-per-group", &args("1"));
    assert!(one == written("connection-limit-per-group", &args("3")));
}

#[test]
fn a_strategy_does_not_depend_on_those_beside_it() {
    let svg = ["--format", "svg"];
    let together = written("kb2551125", &svg);
    let alone = written("kb2551125", &[&svg[..], &["--strategy", "as is"]].concat());
    assert!(rows(&alone, "as is").len() > 100);
    assert_eq!(rows(&together, "as is"), rows(&alone, "as is"));
    assert_eq!(summary(&together, "as is"), summary(&alone, "as is"));
}

#[test]
fn strategies_meet_the_same_requests() {
    let files = written("kb2551125", &["--format", "svg"]);
    let submitted = |name| summary(&files, name)["requests"]["submitted"].clone();
    assert_eq!(submitted("as is"), submitted("16 groups"));
    assert_eq!(submitted("as is"), submitted("keep-alive off"));
}

#[test]
fn another_seed_is_another_run() {
    let svg = ["--format", "svg"];
    let one = written("kb2551125", &svg);
    let two = written("kb2551125", &[&svg[..], &["--seed", "2"]].concat());
    assert_ne!(rows(&one, "as is"), rows(&two, "as is"));
}
