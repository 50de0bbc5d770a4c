//! What is too rare to be counted, as typed: `plan`, `run --rare` and `sweep --rare`.

use assert_cmd::Command;
use serde_json::Value;
use spsim::inside::stats::special::lower_gamma;
use std::fs;

/// A port is refused if more than 60 requests come in 15 s; two ports are enough for a pool.
const LEAK: &str = r#"
duration = "15s"
[machine]
ports = 60
[client.app]
runtime = "net40"
[server.api]
uri = "http://api.example.com/"
response-time = "1ms"
[workload.orders]
arrivals = { poisson = { rate = 2 } }
group = "unique"
[[strategy]]
name = "as is"
[[strategy]]
name = "1 group"
groups = 1
"#;

fn spsim(scenario: &str, args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), scenario).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder.path())
        .args([args[0], "s.toml", "--out", "none"])
        .args(&args[1..])
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The rate at which that many of the runs are refused a port.
fn limit(share: f64) -> f64 {
    let (mut low, mut high) = (0.1, 10.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if lower_gamma(61.0, 15.0 * middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

const RATES: &str = "workload.orders.arrivals.poisson.rate=0.5..10";

#[test]
fn a_plan_knows_the_limit_of_what_it_cannot_count() {
    for (share, threads) in [("1e-3", &["3"][..]), ("1e-6", &["1", "3"])] {
        let goal = format!("p_exhausted < {share}");
        let truth = limit(share.parse().expect("a number"));
        let plan = |threads: &&str| {
            let args = [
                "plan",
                "--vary",
                RATES,
                "--goal",
                &goal,
                "--json",
                "--strategy",
                "as is",
            ];
            let how = ["--threads", threads, "--precision", "0.03", "--quiet"];
            let (code, stdout, stderr) = spsim(LEAK, &[&args[..], &how].concat());
            assert_eq!((code, stderr.as_str()), (0, ""));
            stdout
        };
        let outputs: Vec<String> = threads.iter().map(plan).collect();
        assert!(
            outputs.iter().all(|it| *it == outputs[0]),
            "any number of threads"
        );
        let found = &document(&outputs[0])["results"][0];
        let (low, high) = (found["lo"].as_f64(), found["hi"].as_f64());
        let (low, high) = low.zip(high).expect("both ends");
        assert!(low < truth && truth < high, "{low} {truth} {high}");
        // Of 60 ports a thirtieth is a quarter of a deviation.
        assert!((high - low) / truth < 0.031, "{low} {high}");
    }
}

#[test]
fn what_no_estimate_is_for_is_said_and_counted() {
    let users = LEAK.replace(
        "poisson = { rate = 2 }",
        "users = { count = 3, think = { exponential = { mean = \"1s\" } } }",
    );
    let args = [
        "plan",
        "--vary",
        "machine.ports=2..200",
        "--goal",
        "p_exhausted < 1e-3",
    ];
    let args = [&args[..], &["--strategy", "as is", "--replications", "200"]].concat();
    let (_, _, stderr) = spsim(&users, &args);
    assert!(
        stderr.contains("counted and not estimated, because requests"),
        "{stderr}"
    );
    let (code, stdout, _) = spsim(&users, &["run", "--rare"]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("counted and not estimated, because requests"),
        "{stdout}"
    );
    let (_, stdout, _) = spsim(&users, &["run", "--rare", "--json"]);
    let rare = &document(&stdout)["strategies"][0]["rare"];
    assert!(
        rare["p_exhausted"].is_null() && rare["reason"].is_string(),
        "{rare}"
    );
}

#[test]
fn a_run_and_a_sweep_estimate_it_if_asked() {
    let truth = lower_gamma(61.0, 30.0);
    let (code, stdout, _) = spsim(LEAK, &["run", "--rare", "--json"]);
    assert_eq!(code, 0);
    let found = document(&stdout);
    let rare = &found["strategies"][0]["rare"];
    let number = |of: &Value, name: &str| of[name].as_f64().expect("a number");
    assert!(
        number(rare, "lo") < truth && truth < number(rare, "hi"),
        "{rare} {truth}"
    );
    assert!(
        (number(rare, "p_exhausted") / truth - 1.0).abs() < 0.5,
        "{rare}"
    );
    let pool = &found["strategies"][1]["rare"];
    assert_eq!(
        (number(pool, "p_exhausted"), number(pool, "refused")),
        (0.0, 0.0),
        "{pool}"
    );

    let (code, stdout, _) = spsim(LEAK, &["run", "--rare", "--strategy", "as is"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("orts are refused in "), "{stdout}");
    let fails = |limit: &str| spsim(LEAK, &["run", "--rare", "--quiet", "--fail-if", limit]).0;
    assert_eq!(fails("p_exhausted > 1e-8"), 4);
    assert_eq!(fails("p_exhausted > 1e-4"), 0);

    let args = [
        "sweep",
        "--rare",
        "--vary",
        "machine.ports=60,300",
        "--json",
    ];
    let (code, stdout, _) = spsim(LEAK, &[&args[..], &["--strategy", "as is"]].concat());
    assert_eq!(code, 0);
    let text = document(&stdout).to_string();
    let rows = document(&stdout);
    let rows = rows.as_array().or_else(|| rows["rows"].as_array());
    let row = &rows.expect(&text)[0];
    assert!(
        number(row, "p_exhausted_lo") < truth && truth < number(row, "p_exhausted_hi"),
        "{row}"
    );
}

#[test]
fn a_sweep_says_at_how_many_points_it_counted() {
    let rule = "name = \"rule\"\nclose-groups = { when-ports-above = 0.7 }\n";
    let scenario = LEAK
        .replace("name = \"1 group\"\ngroups = 1\n", rule)
        .replace("15s", "120s")
        .replace("rate = 2", "rate = 1");
    let vary = ["sweep", "--rare", "--vary", "machine.ports=40,50", "--json"];
    let (code, _, stderr) = spsim(&scenario, &[&vary[..], &["--replications", "3"]].concat());
    assert_eq!(code, 0);
    assert!(
        stderr.contains("`rule`: runs that are so rare are counted and not estimated")
            && stderr.contains("(at 2 of 2 points)"),
        "{stderr}"
    );
    assert!(!stderr.contains("`as is`: runs"), "{stderr}");
}
