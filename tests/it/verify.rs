//! `spsim verify`: the fast edition holds, a wrong model does not, and threads change nothing.

use assert_cmd::Command;
use spsim::inside::verify::{self, Evidence, MOST_Z};
use spsim::{InputFiles, Override};

fn outcome(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .arg("verify")
        .args(args)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// Every law of the fast edition, with what it says in the table.
#[test]
fn the_fast_edition_holds() {
    let (code, table, stderr) = outcome(&["--fast", "--threads", "2"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{table}");
    for law in [
        "Gamma(101, 50/s)",
        "M/G/∞: 20/s · 4 s",
        "Erlang B",
        "M/M/1",
        "M/M/8",
        "Little: L = λ W",
        "net48: 10/s · (10 s idle + 1 s service)",
        "95% of the 95% intervals",
        "variance reduction by common random numbers",
    ] {
        assert!(table.contains(law), "{law} is missing:\n{table}");
    }
    assert!(table.contains("checks hold: every |z| is at most 4 (seed 1, fast edition)"));
}

/// A server that is half as slow again is a wrong model: what is expected stays.
#[test]
fn a_wrong_model_exits_with_4() {
    let change = "server.api.response-time=150ms";
    let (code, document, stderr) = outcome(&["--fast", "--json", "--set", change]);
    assert_eq!(code, 4, "{document}");
    assert!(stderr.contains("checks do not hold"), "{stderr}");
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    let checks = document["checks"].as_array().expect("a list");
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| check["holds"] == false)
        .map(|check| check["experiment"].as_str().expect("a name"))
        .collect();
    assert_eq!(document["failed"], failed.len());
    for experiment in [
        "erlang-b-time-wait",
        "one-connection",
        "little",
        "plateau-every",
    ] {
        assert!(failed.contains(&experiment), "{experiment}: {failed:?}");
    }
    // What a response takes does not move when a leak runs out.
    assert!(!failed.contains(&"leak-every"), "{failed:?}");
}

#[test]
fn a_change_that_suits_no_scenario_is_refused_before_anything_runs() {
    let (code, stdout, stderr) = outcome(&["--set", "machine.prots=5"]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(stderr.contains("did you mean `ports`?"), "{stderr}");
    assert_eq!(outcome(&["--runs", "5"]).0, 2);
}

/// Jobs are independent: the order in which threads take them changes no figure.
#[test]
fn jobs_may_run_in_any_order() {
    let mut files = InputFiles::in_memory(&[]);
    let seed = Override {
        typed_as: "--set",
        key: "seed".into(),
        value: "7".into(),
    };
    let prepared =
        verify::prepare(verify::experiments(), true, &[seed], &mut files).expect("they suit");
    let one = prepared.iter().find(|it| it.name() == "common-numbers");
    let one = one.expect("it has a fast edition");
    let measure = |job| one.measure(job, &files).expect("no traces");
    let (second, first) = (measure(1), measure(0));
    assert_eq!((first, second), (measure(0), measure(1)));
}

/// A figure that could not be computed is no agreement.
#[test]
fn nothing_measured_is_not_held() {
    let mut files = InputFiles::in_memory(&[]);
    // No run exhausts, so there is no time to compare.
    let roomy = Override {
        typed_as: "--set",
        key: "machine.ports".into(),
        value: "60000".into(),
    };
    let prepared =
        verify::prepare(verify::experiments(), true, &[roomy], &mut files).expect("they suit");
    let one = prepared.iter().find(|it| it.name() == "leak-poisson");
    let one = one.expect("it has a fast edition");
    let figures: Vec<_> = (0..one.jobs())
        .flat_map(|job| one.measure(job, &files).expect("no traces"))
        .collect();
    for check in one.judge(&figures) {
        assert!(!check.holds(), "{check:?}");
        if let Evidence::Z(z) = check.evidence {
            assert!(z.is_nan() || z.abs() > MOST_Z, "{z}");
        }
    }
}

/// Intervals of each kind hold the truth as often as is asked of them, whatever the threads.
#[test]
fn intervals_hold_what_they_claim() {
    let (code, table, stderr) = outcome(&["--coverage", "--fast", "--threads", "2"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{table}");
    for kind in [
        "rare count, 5 runs",
        "share of runs, 100 runs",
        "mean of a skewed law, 20 runs",
        "median time, 10 runs",
        "ports held 20 s, one run: of these hold",
        "queue at 90 %, one run: of these hold",
        "limit of a plan, both ends",
        "share too rare to be counted, 200 runs",
    ] {
        assert!(table.contains(kind), "{kind} is missing:\n{table}");
    }
    let alone = outcome(&["--coverage", "--fast", "--threads", "1"]);
    assert_eq!(alone.1, table);
}
