//! `spsim run` and `spsim check` from outside, with the engine.

use crate::support::leak::LEAK;
use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A folder with `leak.toml` in it, a leak of 20 s.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let leak = LEAK.replace("\"5s\"", "\"20s\"");
    fs::write(folder.path().join("leak.toml"), leak).expect("written");
    folder
}

/// Exit code, stdout and stderr of a command that runs in `folder`.
fn outcome(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .args(args)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// Every file below `folder`, by its path in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("below").to_string_lossy();
            found.insert(name.into_owned(), fs::read(&path).expect("readable"));
        }
    }
    found
}

#[test]
fn a_run_prints_the_comparison_and_writes_the_results() {
    let folder = folder();
    let (code, stdout, stderr) = outcome(folder.path(), &["run", "leak.toml"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("as is") && stdout.contains("4 groups"),
        "{stdout}"
    );
    assert!(!stdout.contains('\u{1b}'), "no terminal, no colour");
    let written = files(&folder.path().join("output/leak"));
    for name in [
        "ports.csv",
        "summary.json",
        "ports.svg",
        "ports.png",
        "README.md",
    ] {
        assert!(written.contains_key(name), "{name} in {:?}", written.keys());
    }
    assert!(
        written.keys().all(|name| !name.contains("part")),
        "{:?}",
        written.keys()
    );
}

#[test]
fn neither_threads_nor_another_process_change_a_byte() {
    let folder = folder();
    for (out, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
        let args = [
            "run",
            "leak.toml",
            "--replications",
            "3",
            "--threads",
            threads,
            "--out",
            out,
        ];
        let (code, _, stderr) = outcome(folder.path(), &args);
        assert_eq!(code, 0, "{stderr}");
    }
    let one = files(&folder.path().join("one"));
    assert!(!one.is_empty());
    assert!(
        one == files(&folder.path().join("two")),
        "1 and 2 threads differ"
    );
    assert!(
        one == files(&folder.path().join("again")),
        "two processes differ"
    );
}

#[test]
fn json_is_one_document_also_for_several_scenarios() {
    let folder = folder();
    fs::copy(
        folder.path().join("leak.toml"),
        folder.path().join("other.toml"),
    )
    .expect("copied");
    let json = |args: &[&str]| -> serde_json::Value {
        let (code, stdout, stderr) = outcome(folder.path(), args);
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&stdout).expect("one JSON document")
    };
    let one = json(&["run", "leak.toml", "--json", "--out", "none"]);
    assert_eq!(one["strategies"][1]["name"], "4 groups");
    let two = json(&["run", "leak.toml", "other.toml", "--json", "--out", "both"]);
    assert_eq!(two[1]["scenario"], "other");
    let written = files(&folder.path().join("both"));
    assert!(written.contains_key("leak/ports.csv") && written.contains_key("other/ports.csv"));
    assert!(!folder.path().join("none").exists() && !folder.path().join("output").exists());
}

#[test]
fn a_strategy_alone_gives_what_it_gives_beside_others() {
    let folder = folder();
    let run = |args: &[&str]| -> serde_json::Value {
        let line = [&["run", "leak.toml", "--json", "--out", "none"], args].concat();
        serde_json::from_str(&outcome(folder.path(), &line).1).expect("JSON")
    };
    let alone = run(&["--strategy", "4 groups"]);
    assert_eq!(alone["strategies"].as_array().map(Vec::len), Some(1));
    assert_eq!(alone["strategies"][0], run(&[])["strategies"][1]);
    let (code, _, stderr) = outcome(folder.path(), &["run", "leak.toml", "--strategy", "hope"]);
    assert_eq!(code, 2);
    assert_eq!(
        stderr,
        "error: leak has no strategy `hope`; it has `as is`, `4 groups`\n"
    );
}

#[test]
fn fail_if_exits_with_4_and_names_the_strategy() {
    let folder = folder();
    let run = |goal: &str| {
        let args = [
            "run",
            "leak.toml",
            "--out",
            "none",
            "--quiet",
            "--fail-if",
            goal,
        ];
        outcome(folder.path(), &args)
    };
    let (code, stdout, stderr) = run("p_exhausted > 0 and exhausted_at_s < 20");
    assert_eq!((code, stdout.as_str()), (4, ""));
    assert!(
        stderr.contains("leak, `as is`: --fail-if p_exhausted > 0"),
        "{stderr}"
    );
    assert!(!stderr.contains("`4 groups`"), "{stderr}");
    assert_eq!(
        run("ports_peak > 100").0,
        0,
        "the peak never passes the limit"
    );
}

#[test]
fn a_wrong_scenario_among_right_ones_stops_everything() {
    let folder = folder();
    let wrong = LEAK
        .replace("ports = 100", "ports = 0")
        .replace("api\"\narr", "apy\"\narr");
    fs::write(folder.path().join("wrong.toml"), wrong).expect("written");
    let (code, stdout, stderr) = outcome(folder.path(), &["run", "leak.toml", "wrong.toml"]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(stderr.contains("wrong.toml:5:9"), "{stderr}");
    assert!(stderr.contains("`apy`"), "both problems at once: {stderr}");
    assert!(!folder.path().join("output").exists(), "nothing is written");
}

#[test]
fn two_scenarios_of_one_name_are_refused() {
    let folder = folder();
    let (code, _, stderr) = outcome(folder.path(), &["run", "leak.toml", "leak.toml"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("two scenarios are called `leak`"),
        "{stderr}"
    );
}

#[test]
fn check_is_short_and_show_is_whole() {
    let folder = folder();
    let (code, stdout, _) = outcome(folder.path(), &["check", "leak.toml"]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "leak: valid, 20s under as is, 4 groups\n")
    );
    let args = ["check", "leak.toml", "--show", "--set", "machine.ports=123"];
    let (code, stdout, _) = outcome(folder.path(), &args);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("123") && stdout.contains("max-idle-time"),
        "{stdout}"
    );
}

#[test]
fn a_trace_beside_the_scenario_is_found_from_any_directory() {
    let folder = folder();
    let text = LEAK.replace("poisson = { rate = 20 }", "trace = \"t.csv\"");
    fs::create_dir(folder.path().join("deep")).expect("made");
    fs::write(folder.path().join("deep/traced.toml"), &text).expect("written");
    fs::write(folder.path().join("deep/t.csv"), "time_s\n0\n1\n2\n").expect("written");
    let run = |folder: &Path| {
        let path = ["run", "deep/traced.toml", "--json", "--out", "none"];
        outcome(folder, &path)
    };
    let (code, stdout, stderr) = run(folder.path());
    assert_eq!(code, 0, "{stderr}");
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(json["strategies"][0]["requests"]["submitted"], 3);
    fs::write(folder.path().join("deep/t.csv"), "time_s\n1\n0\nx\n").expect("written");
    let (code, _, stderr) = run(folder.path());
    assert_eq!(code, 3);
    for expected in [
        "`t.csv` line 3: `time_s` `0` is earlier",
        "`t.csv` line 4: `time_s` `x`",
    ] {
        assert!(stderr.contains(expected), "{expected} in {stderr}");
    }
}

/// What several runs add: intervals, curves, comparisons; the same on any number of threads.
#[test]
fn replications_bring_their_intervals() {
    let folder = folder();
    let run = |threads: &str, out: &str| {
        let args = [
            "run",
            "leak.toml",
            "--replications",
            "12",
            "--threads",
            threads,
            "--out",
            out,
        ];
        outcome(folder.path(), &args)
    };
    let (code, table, _) = run("1", "one");
    assert_eq!(code, 0);
    assert_eq!(run("3", "three").1, table);
    assert_eq!(
        files(&folder.path().join("one")),
        files(&folder.path().join("three"))
    );
    for part in [
        "12 of 12 runs exhausted within 20 s under “as is” (76% to 100%)",
        "0 of 12 runs exhausted within 20 s under “4 groups”, which leaves a probability of up \
         to 24% open",
        "By requests lost “4 groups” has the fewest; clearly more have “as is” (",
        "(terminating, inferred)",
        " ± ",
    ] {
        assert!(table.contains(part), "{part}\nis not in\n{table}");
    }
    let written = files(&folder.path().join("one"));
    for name in ["survival.csv", "survival.svg", "survival.png"] {
        assert!(written.contains_key(name), "{name} is missing");
    }
    let summary: serde_json::Value =
        serde_json::from_slice(&written["summary.json"]).expect("JSON");
    let strategy = &summary["strategies"][0];
    let peak = &strategy["metrics"]["ports_peak"];
    assert_eq!(peak["value"], 100);
    let (lo, hi) = (peak["lo"].as_f64(), peak["hi"].as_f64());
    assert!(
        lo.is_some_and(|lo| lo < 100.0 && lo > 99.0) && hi.is_some_and(|hi| hi > 100.0),
        "twelve runs that agree may hide one that does not: {peak}"
    );
    let p = &strategy["metrics"]["p_exhausted"];
    assert!(
        p["lo"].as_f64().expect("a number") < 0.8,
        "12 of 12 is not certainty: {p}"
    );
    let pooled = strategy["latency_pooled_s"]["count"]
        .as_u64()
        .expect("a count");
    let mean = strategy["requests"]["succeeded"]
        .as_f64()
        .expect("a number");
    assert!(
        (pooled as f64 / 12.0 - mean).abs() < 1e-6,
        "{pooled} {mean}"
    );
    let difference = &summary["differences"][0];
    assert_eq!(difference["metric"], "lost");
    assert_eq!(
        (&difference["strategy"], &difference["versus"]),
        (&"as is".into(), &"4 groups".into())
    );
    assert_eq!(difference["distinguishable"], true);
}

/// A single run claims no certainty, and has no files for it.
#[test]
fn one_run_is_an_anecdote() {
    let folder = folder();
    let (code, table, _) = outcome(folder.path(), &["run", "leak.toml", "--out", "one"]);
    assert_eq!(code, 0);
    assert!(
        !table.contains("How sure it is") && !table.contains('±'),
        "{table}"
    );
    let written = files(&folder.path().join("one"));
    assert!(!written.keys().any(|name| name.contains("survival")));
    let summary: serde_json::Value =
        serde_json::from_slice(&written["summary.json"]).expect("JSON");
    let metrics = summary["strategies"][0]["metrics"].as_object();
    for (name, found) in metrics.expect("metrics") {
        assert!(
            found["lo"].is_null() && found["hi"].is_null(),
            "{name}: {found}"
        );
    }
}

#[test]
fn precision_stops_where_it_is_reached_or_says_that_it_is_not() {
    let folder = folder();
    let run = |args: &[&str]| {
        let all = [&["run", "leak.toml", "--out", "none"], args].concat();
        outcome(folder.path(), &all)
    };
    let (code, table, _) = run(&["--precision", "0.05", "--precision-of", "opened"]);
    assert_eq!(code, 0, "{table}");
    assert!(
        table.contains("runs were enough to know opened to 5%"),
        "{table}"
    );
    let tight = [
        "--precision",
        "0.0001",
        "--most-replications",
        "40",
        "--json",
    ];
    let (one, document, told) = run(&[&tight[..], &["--threads", "1"]].concat());
    assert!(told.contains("--most-replications allows 40"), "{told}");
    let (_, again, _) = run(&[&tight[..], &["--threads", "4"]].concat());
    assert_eq!((one, &document), (0, &again));
    let summary: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(summary["replications"], 40);
    assert_eq!(summary["precision"]["reached"], false);
    let warnings = summary["warnings"].to_string();
    assert!(warnings.contains("after 40 runs, the most allowed, ports_mean is known to"));
    for wrong in [
        ["--precision", "0"],
        ["--precision", "1.5"],
        ["--precision-of", "ports"],
    ] {
        assert_eq!(run(&wrong).0, 2, "{wrong:?}");
    }
}

/// The long run of one run, by batch means after a warm-up; a leak has none.
#[test]
fn the_long_run_is_reported_or_refused() {
    let folder = folder();
    let run = |args: &[&str]| {
        let all = [&["run", "leak.toml", "--out", "none"], args].concat();
        outcome(folder.path(), &all)
    };
    let (code, table, _) = run(&["--warm-up", "5s", "--strategy", "4 groups"]);
    assert_eq!(code, 0);
    assert!(
        table.contains("In the long run “4 groups” has ")
            && table.contains("(steady state, as asked; after a warm-up of 5 s, given)"),
        "{table}"
    );
    let churn = [
        "--set",
        "workload.orders.keep-alive=false",
        "--strategy",
        "as is",
    ];
    let (_, table, _) = run(&[&churn[..], &["--replications", "12"]].concat());
    // Little: 20 requests a second of 50 ms each are one port in the mean.
    assert!(
        table.contains("In the long run “as is” has 1")
            && table.contains("(steady state, inferred;"),
        "{table}"
    );
    let (_, table, _) = run(&["--steady", "--set", "machine.ports=5000"]);
    assert!(
        table.contains("as is: the ports in use do not settle within 20 s"),
        "{table}"
    );
    let (code, _, problem) = run(&["--warm-up", "20s"]);
    assert_eq!(code, 3);
    assert!(
        problem.contains("`warm-up` must end before `duration`"),
        "{problem}"
    );
}
