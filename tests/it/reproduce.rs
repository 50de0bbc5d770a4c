//! "How to reproduce": what the page of a run, or of a sweep, says to type gives the same bytes.

use crate::support::leak::folder;
use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Runs a line, as a shell splits it into words, in `folder`.
fn typed(folder: &Path, line: &str) {
    let program = env!("CARGO_BIN_EXE_spsim");
    let script = line.replacen("spsim", &format!("'{program}'"), 1);
    let output = Command::new("sh")
        .current_dir(folder)
        .args(["-c", &script])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line}: {said}");
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read(entry.path()).expect("readable"))
    };
    entries.map(|it| read(it.expect("readable"))).collect()
}

/// The command that a page tells, which stands indented and begins with the program's name.
fn told(page: &[u8]) -> String {
    let page = String::from_utf8(page.to_vec()).expect("text");
    let line = page.lines().find(|it| it.starts_with("    spsim "));
    line.expect("a command").trim().into()
}

fn is_told_again(more: &str, page: &str, expected: &str) {
    let (first, again) = (folder(), folder());
    let sub = first.path().join("below");
    fs::create_dir(&sub).expect("made");
    fs::copy(first.path().join("leak.toml"), sub.join("my leak.toml")).expect("copied");
    fs::copy(
        first.path().join("leak.toml"),
        again.path().join("my leak.toml"),
    )
    .expect("copied");
    typed(first.path(), &format!("{more} --threads 1 --out results"));
    let results = files(&first.path().join("results"));
    let command = told(&results[page]);
    assert_eq!(command, expected);
    typed(again.path(), &format!("{command} --out results"));
    let second = files(&again.path().join("results"));
    let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&results), names(&second));
    for (name, bytes) in &results {
        assert!(second[name] == *bytes, "{name} differs");
    }
}

#[test]
fn a_run_is_told_with_all_that_changes_it() {
    is_told_again(
        "spsim run 'below/my leak.toml' --set 'workload.orders.group={ pool = 3 }' --quiet \
         --strategy 'as is' --replications 3 --set machine.ports=50 --format svg --title \"It's\"",
        "README.md",
        "spsim run 'my leak.toml' --seed 1 --replications 3 --strategy 'as is' --set \
         'workload.orders.group={ pool = 3 }' --set machine.ports=50 --format svg --title \
         'It'\\''s'",
    );
}

#[test]
fn a_run_to_a_precision_is_told_with_it() {
    is_told_again(
        "spsim run leak.toml --precision 0.5 --most-replications 40 --seed 9 --format svg",
        "README.md",
        "spsim run leak.toml --seed 9 --precision 0.5 --most-replications 40 --format svg",
    );
}

#[test]
fn a_sweep_is_told_with_all_that_changes_it() {
    is_told_again(
        "spsim sweep 'below/my leak.toml' --vary machine.ports=20,40 --strategy '4 groups' \
         --set duration=10s --metric 'failed[0s..5s]' --metric 'latency_p99_s[orders]'",
        "sweep.md",
        "spsim sweep 'my leak.toml' --vary machine.ports=20,40 --set duration=10s --strategy \
         '4 groups' --metric 'failed[0s..5s]' --metric 'latency_p99_s[orders]' --seed 1",
    );
}

/// What a program, a workload or a window comes to is a column, the same whoever joins it.
#[test]
fn a_part_of_the_runs_is_a_column() {
    let folder = folder();
    let root = folder.path();
    let sweep = "spsim sweep leak.toml --vary machine.ports=20,40 --quiet --metric \
                 'failed[0s..2s]' --metric 'failed[app]' --metric 'latency_p99_s[orders]'";
    typed(root, &format!("{sweep} --out whole"));
    for part in [1, 2] {
        typed(root, &format!("{sweep} --out parts --shard {part}/2"));
    }
    typed(root, "spsim sweep --merge parts --quiet");
    let whole = fs::read_to_string(root.join("whole/sweep.csv")).expect("a table");
    let parts = fs::read_to_string(root.join("parts/sweep.csv")).expect("a table");
    assert_eq!(whole, parts);
    let mut lines = whole
        .lines()
        .map(|line| line.split(',').collect::<Vec<&str>>());
    let header = lines.next().expect("a header");
    assert_eq!(
        header[header.len() - 4..],
        [
            "latency_p99_s[orders]",
            "latency_p99_s[orders]_lo",
            "latency_p99_s[orders]_hi",
            "latency_p99_s[orders]_above"
        ]
    );
    let place = |name: &str| header.iter().position(|it| *it == name).expect(name);
    for row in lines {
        let of = |name: &str| row[place(name)].parse::<f64>().unwrap_or(f64::INFINITY);
        assert!(of("failed[0s..2s]") <= of("failed"));
        assert_eq!(of("failed[app]").to_bits(), of("failed").to_bits());
        let whole = of("latency_p99_s").to_bits();
        assert_eq!(of("latency_p99_s[orders]").to_bits(), whole);
    }
    assert!(root.join("whole/sweep-failed-app.svg").exists());
}
