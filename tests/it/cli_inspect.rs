//! `spsim inspect` from outside.

use assert_cmd::Command;
use serde_json::Value;

/// Exit code, stdout and stderr of `spsim inspect`.
fn outcome(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .arg("inspect")
        .args(args)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

fn shown(args: &[&str]) -> String {
    let (code, stdout, stderr) = outcome(args);
    assert_eq!(code, 0, "{stderr}");
    stdout
}

#[test]
fn the_tree_counts_groups_that_are_alike() {
    let tree = shown(&["kb2551125", "--at", "200s"]);
    assert!(tree.contains("ports: 5,000 of 5,000 taken"), "{tree}");
    assert!(
        tree.contains("… and 4,997 more groups with one idle connection"),
        "{tree}"
    );
    assert!(tree.lines().count() < 30, "{tree}");
}

#[test]
fn an_idle_timer_says_when_it_is_due_and_how_often_it_was_restarted() {
    // Every 10 s a request restarts the 100 s timer: 397 requests by 3,965 s, never idle for long.
    let tree = shown(&["trickle", "--at", "3966s"]);
    let line = "idle timer: due in 1 min 35 s; restarted 397 times, never fired";
    assert!(tree.contains(line), "{tree}");
    let busy = shown(&["trickle", "--at", "3960500ms"]);
    assert!(
        busy.contains("idle timer: stopped while a connection is busy"),
        "{busy}"
    );
    let idle = shown(&["trickle", "--at", "3966s", "--strategy", "idle time 5 s"]);
    assert!(idle.contains("no ServicePoint"), "{idle}");
    let json = shown(&["trickle", "--at", "3966s", "--view", "json"]);
    let world: Value = serde_json::from_str(&json).expect("JSON");
    let strategy = &world["strategies"][0];
    let timer = &strategy["clients"][0]["service_points"][0]["idle_timer"];
    assert_eq!(timer["due_s"], 4061.0);
    assert_eq!(timer["restarted"], 397);
    assert_eq!(timer["fired"], 0);
    let readout = &strategy["readout"];
    assert_eq!(readout["time_s"], 3966.0);
    assert_eq!(readout["ports"], 397);
    assert_eq!(readout["free"], 3976 - 397);
    assert_eq!(readout["answered"], 397);
    assert_eq!(readout["failed"], 0);
    assert_eq!(readout["groups"], 397);
    assert_eq!(readout["connections"], 397);
}

#[test]
fn the_heap_is_counted_in_the_debuggers_layout() {
    let heap = shown(&["kb2551125", "--at", "90s", "--view", "dumpheap"]);
    let lines: Vec<&str> = heap.lines().collect();
    assert_eq!(lines.len(), 18, "three statistics of six lines:\n{heap}");
    for (place, class) in [
        (0, "System.Net.Sockets.Socket"),
        (6, "System.Net.ConnectionGroup"),
        (12, "System.Net.Connection"),
    ] {
        assert_eq!(
            lines[place],
            format!("0:000> !dumpheap -type {class} -stat")
        );
        assert_eq!(lines[place + 2], "Statistics:");
        assert_eq!(
            lines[place + 3],
            "    MT     Count     TotalSize Class Name"
        );
        let cells: Vec<&str> = lines[place + 4].split_whitespace().collect();
        assert_eq!(cells[3], class);
        let count: u64 = cells[1].parse().expect("a count");
        assert!(count > 4_000, "{heap}");
        assert_eq!(lines[place + 1], format!("total {count} objects"));
        assert_eq!(lines[place + 5], format!("Total {count} objects"));
    }
}

#[test]
fn netstat_shows_time_wait_as_nobodys() {
    let args = [
        "keep-alive-off-time-wait",
        "--at",
        "60s",
        "--view",
        "netstat",
        "--strategy",
    ];
    let names = shown(&["keep-alive-off-time-wait", "--at", "60s"]);
    let first = names
        .lines()
        .next()
        .and_then(|line| line.split(", at").next());
    let table = shown(&[&args[..], &[first.expect("a strategy")]].concat());
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(4)
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert!(rows.len() > 100, "{table}");
    for row in &rows {
        assert_eq!((row.len(), row[0]), (5, "TCP"), "{row:?}");
        assert_eq!(row[4] == "0", row[3] == "TIME_WAIT", "{row:?}");
    }
    assert!(rows.iter().any(|row| row[3] == "TIME_WAIT"));
}

#[test]
fn json_holds_every_connection_once() {
    let text = shown(&["kb2551125", "--at", "10s", "--view", "json"]);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let strategy = &document["strategies"][0];
    assert_eq!(strategy["name"], "as is");
    let mut ports = Vec::new();
    for service_point in strategy["clients"][0]["service_points"]
        .as_array()
        .expect("some")
    {
        for holder in service_point["holders"].as_array().expect("some") {
            for connection in holder["connections"].as_array().expect("some") {
                ports.push(connection["port"].as_u64().expect("a port"));
            }
        }
    }
    assert_eq!(strategy["counts"]["ports_in_use"], ports.len());
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(strategy["counts"]["ports_in_use"], ports.len());
}

#[test]
fn the_table_has_a_row_for_each_multiple() {
    let table = shown(&[
        "kb2551125",
        "--every",
        "20s",
        "--at",
        "100s",
        "--strategy",
        "16 groups",
    ]);
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].starts_with("strategy,time_s,ports_in_use,connecting,busy,idle,"));
    let times: Vec<&str> = rows[1..]
        .iter()
        .filter_map(|row| row.split(',').nth(1))
        .collect();
    assert_eq!(times, ["0.0", "20.0", "40.0", "60.0", "80.0", "100.0"]);
}

#[test]
fn bad_input_is_named() {
    let cases: [(&[&str], i32, &str); 7] = [
        (&["kb2551125"], 2, "--at <TIME>"),
        (&["kb2551125", "--at", "9"], 2, "a time needs a unit"),
        (
            &["kb2551125", "--at", "6min"],
            2,
            "after the end: kb2551125 lasts 5min",
        ),
        (
            &["kb2551125", "idle-gap", "--at", "1s"],
            2,
            "one scenario is inspected at a time",
        ),
        (
            &["kb2551125", "--at", "1s", "--strategy", "no"],
            2,
            "has no strategy `no`",
        ),
        (&["kb2551125", "--every", "1ns"], 2, "100000 is the most"),
        (&["missing.toml", "--at", "1s"], 3, "no such file"),
    ];
    for (args, expected, words) in cases {
        let (code, stdout, stderr) = outcome(args);
        assert_eq!(code, expected, "{args:?}: {stderr}");
        assert!(stderr.contains(words), "{args:?}: {stderr}");
        assert_eq!(stdout, "", "{args:?}");
    }
}
