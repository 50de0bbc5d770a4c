//! `spsim calibrate`: known numbers are found again, from curves of the model itself, from
//! snapshots of a real machine and from measured curves; what a curve cannot tell is said.

use crate::support::{read, run};
use assert_cmd::Command;
use serde_json::Value;
use std::fmt::Write as _;

/// Exit code, stdout and stderr of `spsim calibrate` with these arguments.
fn calibrate(args: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let output = command
        .arg("calibrate")
        .args(args)
        .write_stdin(stdin)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// Fits `scenario` to `curve` and gives the document.
#[track_caller]
fn fitted(scenario: &str, flags: &[&str], curve: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, scenario).expect("written");
    let path = path.to_str().expect("UTF-8");
    let mut args = [&[path, "-", "--json"], flags].concat();
    // Fewer runs than usual: a test is not worth more.
    if !flags.contains(&"--replications") {
        args.extend(["--replications", "8"]);
    }
    let (code, stdout, stderr) = calibrate(&args, curve);
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).expect("JSON")
}

fn parameter<'d>(document: &'d Value, name: &str) -> &'d Value {
    let all = document["parameters"].as_array().expect("a list");
    all.iter()
        .find(|it| it["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {document:#}"))
}

/// The interval of a parameter holds the truth, and is no wider than `share` of it.
#[track_caller]
fn check(document: &Value, name: &str, truth: f64, share: f64) {
    let found = parameter(document, name);
    let number = |key: &str| {
        found[key]
            .as_f64()
            .unwrap_or_else(|| panic!("{name} has no {key}: {document:#}"))
    };
    let (low, value, high) = (number("lo"), number("value"), number("hi"));
    assert!(low <= value && value <= high, "{found:#}");
    assert!(
        low <= truth && truth <= high,
        "{name}: {low} … {high} does not hold {truth}\n{document:#}"
    );
    assert!(
        high - low <= share * truth,
        "{name}: {low} … {high} is wide\n{document:#}"
    );
}

#[track_caller]
fn check_unknown(document: &Value, name: &str) {
    let found = parameter(document, name);
    assert_eq!(found["known"], false, "{document:#}");
    assert!(found["lo"].is_null() && found["hi"].is_null(), "{found:#}");
}

/// Keep-alive off, the client closes first: every request holds its port for the TIME_WAIT.
fn churn(rate: f64, response_ms: u32, time_wait_s: u32) -> String {
    format!(
        "title = \"t\"\nduration = \"1min\"\n[machine]\nports = 16384\n\
         time-wait = \"{time_wait_s}s\"\n[client.app]\n[server.api]\n\
         response-time = {{ exponential = {{ mean = \"{response_ms}ms\" }} }}\n\
         active-close = \"client\"\n[workload.load]\n\
         arrivals = {{ poisson = {{ rate = {rate} }} }}\n\
         group = \"unique\"\nkeep-alive = false\n"
    )
}

/// The article's program: a group per request, nothing given back while the load goes on.
fn leak(rate: f64) -> String {
    format!(
        "title = \"t\"\nduration = \"30s\"\n[client.app]\n[server.api]\n\
         response-time = \"50ms\"\n[workload.load]\n\
         arrivals = {{ poisson = {{ rate = {rate} }} }}\ngroup = \"unique\"\n"
    )
}

/// The curve of one run, from `from` seconds on, every `step` samples.
fn curve(scenario: &str, replication: u32, from: f64, step: usize, states: bool) -> String {
    let mut scenario = read(scenario);
    scenario.seed = 99;
    let output = run(&scenario, replication);
    let mut text = String::from(if states {
        "time_s,ports_in_use,time_wait\n"
    } else {
        "time_s,ports_in_use\n"
    });
    let late = |time: f64| time >= from;
    let samples = output.samples.iter();
    for sample in samples
        .filter(|it| late(it.time.as_seconds()))
        .step_by(step)
    {
        let time = sample.time.as_seconds() - from;
        let _ = write!(text, "{time},{}", sample.ports_in_use);
        if states {
            let _ = write!(text, ",{}", sample.time_wait);
        }
        text.push('\n');
    }
    text
}

#[test]
fn rate_and_hold_are_found_from_a_rise_and_its_plateau() {
    let seen = curve(&churn(15.0, 100, 20), 0, 0.0, 10, false);
    let found = fitted(&churn(5.0, 100, 45), &["--fit", "rate,time-wait"], &seen);
    check(&found, "rate", 15.0, 0.4);
    check(&found, "time-wait", 20.0, 0.5);
    assert_eq!(found["warnings"], Value::Array(Vec::new()), "{found:#}");
    let r_squared = found["goodness"]["r_squared"].as_f64();
    assert!(r_squared.is_some_and(|it| it > 0.97), "{found:#}");
}

#[test]
fn states_tell_the_response_time_apart_from_the_hold() {
    let seen = curve(&churn(10.0, 1500, 15), 0, 0.0, 5, true);
    let flags = ["--replications", "16"];
    let found = fitted(&churn(20.0, 400, 40), &flags, &seen);
    check(&found, "rate", 10.0, 0.4);
    check(&found, "response-time", 1.5, 0.5);
    check(&found, "time-wait", 15.0, 0.5);
}

#[test]
fn on_a_plateau_only_the_product_is_known_and_that_is_said() {
    let seen = curve(&churn(20.0, 10, 10), 0, 30.0, 5, false);
    let found = fitted(
        &churn(10.0, 10, 14),
        &["--fit", "rate,time-wait,start"],
        &seen,
    );
    check_unknown(&found, "rate");
    check_unknown(&found, "time-wait");
    let product = &found["products"][0];
    assert_eq!(product["of"], serde_json::json!(["rate", "time-wait"]));
    let [low, high] = ["lo", "hi"].map(|key| product[key].as_f64().expect("a number"));
    assert!(
        low <= 200.0 && 200.0 <= high && high - low < 80.0,
        "{found:#}"
    );
    let said = found["warnings"][0].as_str().expect("a warning");
    assert!(said.contains("only as a product"), "{said}");
    // One given, the other is known.
    let flags = ["--fit", "time-wait", "--start", "30s"];
    let found = fitted(&churn(20.0, 10, 15), &flags, &seen);
    check(&found, "time-wait", 10.0, 0.4);
}

#[test]
fn the_interval_of_a_rate_holds_it_as_often_as_it_says() {
    // Of 12 intervals of 95% fewer than 10 hold the truth once in 50 times; the seed is fixed.
    let held = (0..12).filter(|replication| {
        let seen = curve(&leak(20.0), *replication, 0.0, 60, false);
        let flags = ["--fit", "rate"];
        let found = fitted(&leak(30.0), &flags, &seen);
        let rate = parameter(&found, "rate");
        let [low, high] = ["lo", "hi"].map(|key| rate[key].as_f64().expect("a number"));
        assert!(high - low < 8.0, "{found:#}");
        low <= 20.0 && 20.0 <= high
    });
    let held = held.count();
    assert!(held >= 10, "{held} of 12");
}

#[test]
fn a_real_leak_is_fitted_from_its_snapshots() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, leak(50.0)).expect("written");
    let path = path.to_str().expect("UTF-8");
    let (code, stdout, stderr) =
        calibrate(&[path, "tests/data/ss-leak-20-per-s.txt", "--json"], "");
    assert_eq!(code, 0, "{stderr}");
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    let rate = parameter(&found, "rate")["value"]
        .as_f64()
        .expect("a number");
    assert!((rate - 20.0).abs() < 1.0, "{found:#}");
    let start = parameter(&found, "start")["value"]
        .as_f64()
        .expect("a number");
    assert!((start - 38.0 / 20.0).abs() < 1.0, "{found:#}");
    check_unknown(&found, "response-time");
}

#[test]
fn none_is_no_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, leak(50.0)).expect("written");
    let seen = curve(&leak(20.0), 0, 0.0, 1, false);
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let output = command
        .current_dir(folder.path())
        .args(["calibrate", "scenario.toml", "-", "--fit", "rate"])
        .args(["--replications", "8", "--out", "none"])
        .write_stdin(seen)
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{output:?}");
    assert!(!folder.path().join("none").exists());
}

/// Whether they stay open or not, as many are made a second.
#[test]
fn a_counter_of_new_connections_gives_the_rate() {
    let mut counter = "\"(PDH-CSV 4.0)\",\"\\\\H\\.NET CLR Networking 4.0.0.0(w3wp[4711])\\\
                       Connections Established\"\n"
        .to_owned();
    for k in 0..30 {
        let total = 777 + 40 * k;
        let _ = writeln!(counter, "\"11/28/2026 12:00:{:02}.5\",\"{total}\"", 2 * k);
    }
    for scenario in [leak(50.0), churn(50.0, 50, 30)] {
        let found = fitted(&scenario, &["--fit", "rate"], &counter);
        let rate = parameter(&found, "rate")["value"].as_f64();
        assert!(
            rate.is_some_and(|it| (19.0..21.0).contains(&it)),
            "{found:#}"
        );
    }
}

#[test]
fn measured_curves_of_mono_give_back_what_was_run() {
    // 50 requests a second, groups kept for 4 s: a plateau of 200 ports.
    let seen = std::fs::read_to_string("tests/data/measured/mono-unique-r50-d30-idle4000.csv")
        .expect("it");
    let scenario = "title = \"t\"\nduration = \"40s\"\n[machine]\nports = \"linux\"\n\
                    [client.app]\nruntime = \"mono6\"\nmax-idle-time = \"8s\"\n[server.api]\n\
                    response-time = \"12ms\"\n[workload.load]\n\
                    arrivals = { every = \"50ms\", until = \"30s\" }\ngroup = \"unique\"\n";
    let found = fitted(scenario, &["--fit", "rate,max-idle-time"], &seen);
    let value = |name: &str| parameter(&found, name)["value"].as_f64().expect("a number");
    assert!((value("rate") - 50.0).abs() < 1.5, "{found:#}");
    assert!((value("max-idle-time") - 4.0).abs() < 0.25, "{found:#}");
}

#[test]
fn the_fitted_scenario_runs_and_gives_the_curve_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(place("scenario.toml"), churn(5.0, 100, 45)).expect("written");
    std::fs::write(
        place("seen.csv"),
        curve(&churn(15.0, 100, 20), 0, 0.0, 10, false),
    )
    .expect("written");
    let out = place("out");
    let args = [&place("scenario.toml"), &place("seen.csv"), "--out", &out];
    let fit = [
        "--fit",
        "rate,time-wait",
        "--replications",
        "5",
        "--threads",
        "1",
    ];
    let (code, one, stderr) = calibrate(&[&args[..], &fit].concat(), "");
    assert_eq!(code, 0, "{stderr}");
    assert!(
        one.contains("--set 'workload.load.arrivals={ poisson = { rate = "),
        "{one}"
    );
    assert!(one.contains("--set 'machine.time-wait="), "{one}");
    let mut names: Vec<_> = std::fs::read_dir(&out)
        .expect("the folder")
        .map(|it| {
            it.expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "calibration.csv",
            "calibration.json",
            "calibration.png",
            "calibration.svg",
            "fitted.toml",
            "manifest.json"
        ]
    );
    let toml = std::fs::read_to_string(place("out/fitted.toml")).expect("it");
    let scenario = read(&toml);
    assert!(
        (scenario.machine.time_wait.as_seconds() - 20.0).abs() < 4.0,
        "{toml}"
    );
    let level = run(&scenario, 0).summary.ports.at_end as f64;
    assert!((level - 300.0).abs() < 75.0, "{level}");
    // The same on any number of threads.
    let (_, two, _) = calibrate(&[&args[..], &fit[..4], &["--threads", "3"]].concat(), "");
    assert_eq!(one, two);
}

#[test]
fn what_the_model_lacks_is_said() {
    // TIME_WAIT was seen, the scenario closes nothing.
    let seen = curve(&churn(20.0, 100, 20), 0, 0.0, 10, true);
    let found = fitted(&leak(20.0), &["--fit", "rate"], &seen);
    let said = found["warnings"].to_string();
    assert!(
        said.contains("observed in TIME_WAIT, the model has none"),
        "{said}"
    );
    assert!(said.contains("it lacks something"), "{said}");
    check_misfit(&found);
}

/// The numbers of a model that misses what was observed have no interval.
#[track_caller]
fn check_misfit(found: &Value) {
    assert_eq!(found["goodness"]["misfit"], true, "{found:#}");
    let said = found["warnings"].to_string();
    assert!(
        said.contains("the fitted numbers have no interval"),
        "{said}"
    );
    for parameter in found["parameters"].as_array().expect("a list") {
        check_unknown(found, parameter["name"].as_str().expect("a name"));
    }
    for product in found["products"].as_array().expect("a list") {
        assert!(
            product["lo"].is_null() && product["hi"].is_null(),
            "{product}"
        );
    }
}

/// A leak that quickens, fitted by one that does not; a plateau that waves, by one that is level.
#[test]
fn a_misfit_has_no_intervals() {
    let curve = |ports: fn(f64) -> f64| -> String {
        let row = |at: u32| format!("{at},{:.0}\n", ports(f64::from(at)));
        let rows: String = (0..30).map(row).collect();
        format!("time_s,ports_in_use\n{rows}")
    };
    let quickens = curve(|at| {
        if at < 15.0 {
            10.0 * at
        } else {
            40.0 * at - 450.0
        }
    });
    check_misfit(&fitted(&leak(20.0), &["--fit", "rate"], &quickens));
    let waves = curve(|at| 200.0 + 80.0 * (at / 4.0).sin());
    let flags = ["--fit", "rate,time-wait", "--start", "1min"];
    check_misfit(&fitted(&churn(20.0, 10, 10), &flags, &waves));
}

#[test]
fn wrong_input_is_refused_before_anything_runs() {
    let refused = |args: &[&str], stdin: &str, code: i32, expected: &str| {
        let (found, stdout, stderr) = calibrate(args, stdin);
        assert_eq!((found, stdout.as_str()), (code, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(expected), "{expected}\nin\n{stderr}");
    };
    let good = "time_s,ports_in_use\n0,0\n1,1\n2,2\n3,3\n4,4\n5,5\n";
    refused(&["kb2551125", "-"], "", 3, "holds no snapshot");
    refused(
        &["kb2551125", "-"],
        "time_s,group\n0,a\n",
        3,
        "it looks like a trace already",
    );
    refused(
        &["kb2551125", "-"],
        "time_s,ports_in_use\n0,0\n1,1\n",
        3,
        "holds 2 observations: at least 5 are needed",
    );
    refused(
        &["kb2551125", "-", "--fit", "time-wait"],
        good,
        3,
        "`time-wait` cannot be fitted: the scenario has none",
    );
    refused(
        &["real-iis-log", "-", "--fit", "rate"],
        good,
        3,
        "`rate` cannot be fitted: a trace and a timeline say themselves",
    );
    refused(
        &["kb2551125", "-", "--start", "1s", "--fit", "start"],
        good,
        3,
        "not both",
    );
    refused(&["kb2551125", "none.csv"], "", 3, "none.csv: no such file");
    refused(&["kb2551126", "-"], good, 2, "did you mean `kb2551125`?");
    refused(
        &["kb2551125", "-", "--fit", "ports"],
        good,
        2,
        "invalid value",
    );
    refused(
        &["kb2551125", "-", "--strategy", "none"],
        good,
        2,
        "has no strategy `none`",
    );
    refused(
        &["kb2551125", "-", "--remote", "10.0.0.1:80"],
        good,
        3,
        "this is a curve",
    );
}
