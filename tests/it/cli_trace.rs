//! `spsim trace` and `spsim conform` from outside.

use crate::support::recordings;
use assert_cmd::Command;
use serde_json::Value;
use std::fs;

/// Exit code, stdout and stderr of a command.
fn outcome(args: &[&str], stdin: &[u8]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .args(args)
        .write_stdin(stdin)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

fn traced(args: &[&str]) -> Vec<Value> {
    let (code, stdout, stderr) = outcome(&[&["trace", "kb2551125"], args].concat(), b"");
    assert_eq!(code, 0, "{stderr}");
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn events(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["event"].as_str().expect("a name"))
        .collect()
}

#[test]
fn a_request_has_its_whole_life() {
    let rows = traced(&["--request", "3"]);
    let life = [
        "request_arrived",
        "request_submitted",
        "request_sent",
        "request_ended",
    ];
    assert_eq!(events(&rows), life);
    assert_eq!(rows[3]["outcome"], "succeeded");
    assert_eq!(rows[2]["group"], "unique-3");
    assert_eq!(rows[2]["port"], rows[3]["port"]);
}

#[test]
fn idle_timers_are_events() {
    let trace = |strategy| {
        let args = ["trace", "trickle", "--until", "12s", "--strategy", strategy];
        let (code, stdout, stderr) = outcome(&args, b"");
        assert_eq!(code, 0, "{stderr}");
        let rows = stdout
            .lines()
            .map(|line| -> Value { serde_json::from_str(line).expect("JSON") });
        let timers = rows.filter(|row| row["event"].as_str().unwrap().starts_with("idle_timer"));
        timers
            .map(|row| {
                let due = row["due_s"].as_f64();
                let due = due.map_or(String::new(), |due| format!(" until {due}"));
                let group = row["group"].as_str();
                let group = group.map_or(String::new(), |group| format!(" of {group}"));
                let event = row["event"].as_str().unwrap();
                format!("{} {event}{group}{due}", row["time_s"])
            })
            .collect::<Vec<String>>()
    };
    assert_eq!(
        trace("as is"),
        [
            "0 idle_timer_armed until 100",
            "0 idle_timer_cancelled",
            "1 idle_timer_armed until 101",
            "10 idle_timer_cancelled",
            "11 idle_timer_armed until 111",
        ]
    );
    // From 4.5 on each group has one as well.
    assert_eq!(
        trace("the same on 4.8")[2..4],
        [
            "1 idle_timer_armed until 101",
            "1 idle_timer_armed of unique-0 until 101",
        ]
    );
    // It fires before what comes of it.
    let (_, stdout, _) = outcome(
        &[
            "trace",
            "trickle",
            "--until",
            "7s",
            "--strategy",
            "idle time 5 s",
        ],
        b"",
    );
    let fired = stdout
        .find("idle_timer_fired")
        .expect("idle from 1 s to 10 s");
    let closed = stdout.find("connection_closed").expect("it is closed");
    assert!(fired < closed, "{stdout}");
}

#[test]
fn a_connection_has_its_whole_life() {
    let rows = traced(&["--connection", "0", "--strategy", "keep-alive off"]);
    let life = [
        "connection_opened",
        "connection_connected",
        "request_sent",
        "request_ended",
        "connection_closed",
    ];
    let mut found = events(&rows);
    found.sort_unstable();
    let mut expected = life.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(rows.iter().all(|row| row["connection"] == 0));
}

#[test]
fn a_refusal_reads_as_dotnet_reports_it() {
    let rows = traced(&[
        "--from",
        "100s",
        "--until",
        "102s",
        "--event",
        "request_ended",
    ]);
    let failed = rows
        .iter()
        .find(|row| row["outcome"] == "failed")
        .expect("ports are out");
    assert_eq!(
        (&failed["error"], &failed["status"]),
        (&Value::from("WSAENOBUFS"), &Value::from("ConnectFailure"),)
    );
    let message = failed["message"].as_str().expect("a message");
    assert!(
        message.contains("lacked sufficient buffer space"),
        "{message}"
    );
}

#[test]
fn a_window_holds_what_the_whole_run_holds_there() {
    let at = |row: &Value| row["time_s"].as_f64().expect("seconds");
    let mut whole = traced(&[]);
    whole.retain(|row| (2.0..3.0).contains(&at(row)));
    assert!(!whole.is_empty());
    assert_eq!(traced(&["--from", "2s", "--until", "3s"]), whole);
}

#[test]
fn csv_has_the_rows_of_json() {
    let args = ["trace", "kb2551125", "--until", "1s", "--format", "csv"];
    let (code, stdout, _) = outcome(&args, b"");
    assert_eq!(code, 0);
    let mut lines = stdout.lines();
    assert!(
        lines
            .next()
            .is_some_and(|it| it.starts_with("time_s,event,client,workload,"))
    );
    assert_eq!(lines.count(), traced(&["--until", "1s"]).len());
}

#[test]
fn the_replication_and_the_seed_choose_the_run() {
    let first = traced(&["--until", "1s"]);
    assert_ne!(first, traced(&["--until", "1s", "--seed", "2"]));
    let second = ["--until", "1s", "--replications", "2", "--replication", "1"];
    assert_ne!(first, traced(&second));
    let (code, _, stderr) = outcome(&["trace", "kb2551125", "--replication", "1"], b"");
    assert_eq!(code, 2);
    assert!(stderr.contains("there is no replication 1"), "{stderr}");
}

#[test]
fn recorded_traces_agree_plain_and_gzipped() {
    let packed = recordings::path("traces.jsonl.gz");
    let (code, stdout, stderr) = outcome(&["conform", &packed.to_string_lossy()], b"");
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "200 traces, 7763 steps, 0 differing\n");
    let text = recordings::text("traces.jsonl.gz");
    let (code, again, _) = outcome(&["conform", "-"], text.as_bytes());
    assert_eq!((code, again), (0, stdout));
}

#[test]
fn a_difference_is_shown_with_what_led_there() {
    let traces = recordings::text("traces.jsonl.gz");
    let line = traces.lines().next().expect("a trace");
    let changed = line.replacen("\"queued\":0", "\"queued\":5", 1);
    let (code, stdout, _) = outcome(&["conform", "-"], changed.as_bytes());
    assert_eq!(code, 1);
    assert!(stdout.contains("queued: recorded 5, model 0"), "{stdout}");
    assert!(stdout.contains("step 0: {\"op\":"), "{stdout}");
    let last = stdout.lines().last().expect("the count");
    assert!(
        last.starts_with("1 traces, ") && last.ends_with(" steps, 1 differing"),
        "{last}"
    );
    let (code, stdout, _) = outcome(&["conform", "-", "--json"], changed.as_bytes());
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((code, &report["differing"]), (1, &Value::from(1)));
    assert_eq!(report["differences"][0]["fields"][0]["name"], "queued");
}

#[test]
fn a_malformed_line_has_its_place_and_the_other_files_still_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = folder.path().join("bad.jsonl");
    let traces = recordings::text("traces.jsonl.gz");
    let line = traces.lines().next().expect("a trace");
    let unknown = line.replacen("\"asserts\"", "\"surprise\"", 1);
    fs::write(
        &bad,
        format!("{line}\n{{\"id\":1}}\n{unknown}\n\u{1b}[2J\n"),
    )
    .expect("written");
    let data = recordings::path("aborts.jsonl.gz");
    let args = ["conform", &bad.to_string_lossy(), &data.to_string_lossy()];
    let (code, stdout, stderr) = outcome(&args, b"");
    assert_eq!(code, 3);
    assert!(
        stdout.starts_with("91 traces, ") && stdout.ends_with(" 0 differing\n"),
        "{stdout}"
    );
    for expected in [
        "bad.jsonl:2:7: invalid type: integer `1`, expected a string",
        "unknown field `surprise`, expected one of",
        "bad.jsonl:4:1: expected value",
    ] {
        assert!(stderr.contains(expected), "{expected} in {stderr}");
    }
    let (code, _, stderr) = outcome(&["conform", "-"], b"");
    assert_eq!(code, 3);
    assert!(stderr.contains("no trace in it"), "{stderr}");
}
