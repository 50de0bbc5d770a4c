//! `spsim plan` from outside.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;

/// Nothing random: 401 requests, the last at the very end, each with a group of its own, none of
/// which gives its port back.
const LEAK: &str = r#"
duration = "20s"
[machine]
ports = 100
[client.app]
runtime = "net40"
[server.api]
uri = "http://api.example.com/"
response-time = "10ms"
[workload.orders]
arrivals = { every = "50ms" }
group = "unique"
[[strategy]]
name = "as is"
[[strategy]]
name = "8 groups"
groups = 8
"#;

fn plan(scenario: &str, args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), scenario).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder.path())
        .args(["plan", "s.toml"])
        .args(args)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

fn results(stdout: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(stdout).expect("JSON");
    document["results"].as_array().expect("a list").clone()
}

#[test]
fn a_limit_that_arithmetic_knows_is_found_exactly() {
    let args = [
        "--vary",
        "machine.ports=3..5000",
        "--goal",
        "failed < 1",
        "--json",
    ];
    let (code, stdout, stderr) = plan(LEAK, &args);
    assert_eq!(code, 0, "{stderr}");
    let found = results(&stdout);
    assert_eq!(found[0]["strategy"], "as is");
    assert_eq!(found[0]["limit"], 401.0);
    assert_eq!(
        (&found[0]["lo"], &found[0]["hi"]),
        (&400.0.into(), &401.0.into())
    );
    assert_eq!(found[0]["closed_form"], 401.0);
    // One request at a time, every fifth of its group's turn: a connection a group.
    assert_eq!(found[1]["limit"], 8.0);
}

#[test]
fn a_random_limit_is_known_between_two_values_that_hold_the_closed_form() {
    let scenario = LEAK.replace("{ every = \"50ms\" }", "{ poisson = { rate = 20 } }");
    let args = [
        "--vary",
        "workload.orders.arrivals.poisson.rate=2..12",
        "--goal",
        "p_exhausted < 0.5",
        "--strategy",
        "as is",
        "--replications",
        "60",
        "--json",
    ];
    let (code, stdout, stderr) = plan(&scenario, &args);
    assert_eq!(code, 0, "{stderr}");
    let found = &results(&stdout)[0];
    let number = |name: &str| found[name].as_f64().expect("a number");
    // P(N > 100) = 1/2 at about 100.7 arrivals in 20 s.
    assert!((number("closed_form") - 5.033).abs() < 0.01, "{found}");
    assert!(number("lo") <= 5.033 && 5.033 <= number("hi"), "{found}");
    assert!((number("limit") - 5.033).abs() < 0.25, "{found}");
    assert_eq!(plan(&scenario, &args).1, stdout, "the same every time");
}

/// A plan that people wait for, in small. A seed that passes a harsh value is not run at a milder
/// one, so that a plan takes little more than one run of each, and a run that is counted takes one
/// step a request.
#[test]
fn a_plan_on_a_share_of_runs_makes_about_one_run_of_each_seed() {
    let scenario = r#"
        duration = "1min"
        [machine]
        ports = 500
        [client.app]
        runtime = "net48"
        connection-limit = "unlimited"
        [server.api]
        uri = "http://api.example.com/"
        response-time = { exponential = { mean = "100ms" } }
        active-close = "client"
        [workload.orders]
        arrivals = { poisson = { rate = 100 } }
        keep-alive = false
        [[strategy]]
        name = "6 s"
        time-wait = "6s"
        [[strategy]]
        name = "2 s"
        time-wait = "2s"
    "#;
    let args = [
        "--vary",
        "workload.orders.arrivals.poisson.rate=20..900",
        "--goal",
        "p_exhausted < 0.01",
        "--precision",
        "0.05",
        "--json",
    ];
    let (code, stdout, stderr) = plan(scenario, &args);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains(" events in ") && stderr.contains(" s of work"),
        "{stderr}"
    );
    for it in results(&stdout) {
        assert_eq!(it["certain"], true, "{it}");
        let (limit, events) = (it["limit"].as_f64(), it["events"].as_f64());
        let whole_runs = events
            .zip(limit)
            .map(|(events, limit)| events / (60.0 * limit));
        let seen = it["evidence"].as_array().expect("a list");
        let seeds = seen
            .iter()
            .filter_map(|it| it["runs"].as_f64())
            .fold(0.0, f64::max);
        assert!((480.0..1_000.0).contains(&seeds), "{it}");
        assert!(
            whole_runs.is_some_and(|it| it < 1.5 * seeds),
            "{whole_runs:?} {it}"
        );
    }
}

#[test]
fn times_are_searched_in_their_unit_and_the_winner_is_told_what_to_set() {
    let scenario = LEAK.replace("net40", "net48");
    let args = [
        "--vary",
        "client.app.max-idle-time=1s..30s",
        "--goal",
        "failed < 1",
    ];
    let (code, stdout, stderr) = plan(&scenario, &[&args[..], &["--strategy", "as is"]].concat());
    assert_eq!(code, 0, "{stderr}");
    // 20/s x (idle + 10 ms) = 100 ports: about 5 s.
    assert!(
        stdout.contains("rate × (idle time + service) = ports"),
        "{stdout}"
    );
    assert!(
        stdout.contains("ServicePointManager.MaxServicePointIdleTime = 4"),
        "{stdout}"
    );
    assert!(stdout.contains("source: rules SP-8"), "{stdout}");
}

#[test]
fn a_search_without_one_limit_is_refused_with_what_was_seen() {
    let goal = ["--goal", "failed < 1", "--strategy", "as is"];
    let refused = |vary: &str| {
        let (code, _, stderr) = plan(LEAK, &[&["--vary", vary], &goal[..]].concat());
        assert_eq!(code, 3, "{stderr}");
        stderr
    };
    let both = refused("machine.ports=500..5000");
    assert!(
        both.contains("holds at both ends") && both.contains("at 500 it holds"),
        "{both}"
    );
    let neither = refused("machine.ports=5..50");
    assert!(neither.contains("holds at neither end"), "{neither}");
    assert!(neither.contains("failed = 351"), "{neither}");
}

/// Before it starts: at most no failure is exactly none, and a mean of some runs never shows that.
#[test]
fn what_no_number_of_runs_shows_is_said() {
    let random = LEAK.replace("every = \"50ms\"", "poisson = { rate = 20 }");
    let args = ["--vary", "machine.ports=300..500", "--replications", "40"];
    let said = |text: &str, goal: &str| {
        let all = [&args[..], &["--strategy", "as is", "--goal", goal]].concat();
        plan(text, &all)
            .2
            .contains("no number of runs shows that `failed` is exactly 0")
    };
    assert!(said(&random, "failed <= 0") && said(&random, "failed == 0"));
    assert!(!said(&random, "failed < 1") && !said(LEAK, "failed == 0"));
}

#[test]
fn wrong_usage_is_told_apart_from_wrong_scenarios() {
    let code = |vary: &str, goal: &str| plan(LEAK, &["--vary", vary, "--goal", goal]).0;
    assert_eq!(code("machine.ports=1..9", "failed <"), 2);
    assert_eq!(code("machine.ports=1..9", "failures < 1"), 2);
    assert_eq!(code("machine.ports=1,9", "failed < 1"), 2);
    assert_eq!(code("machine.ports=9..1", "failed < 1"), 2);
    assert_eq!(code("machine.port=1..9", "failed < 1"), 3);
    assert_eq!(code("machine.ports=0..9", "failed < 1"), 3);
}
