//! The library as a stranger uses it: only what its front page lists.

use spsim::prelude::*;

const LEAK: &str = "duration = \"60s\"\nmachine.ports = 1000\nclient.app.runtime = \"net40\"\n\
                    server.api.response-time = \"10ms\"\n\
                    workload.load = { group = \"unique\", arrivals = { every = \"100ms\" } }\n\
                    strategy = [{ name = \"as is\" }, { name = \"4 groups\", groups = 4 }]\n";

fn leak() -> Scenario {
    Scenario::parse(LEAK).expect("it is right").scenario
}

#[test]
fn a_scenario_is_read_and_compared() {
    let comparison = Scenario::parse(LEAK).expect("right").compare();
    let strategies = comparison.expect("it names no file").strategies;
    let peaks: Vec<u64> = strategies.iter().map(|it| it.runs[0].ports.peak).collect();
    // One every 100 ms, that of the last instant included.
    assert_eq!(peaks, [601, 4]);
    assert_eq!(strategies[0].name, "as is");
}

/// On threads or one after another: the same.
#[test]
fn threads_change_nothing() {
    let text = LEAK.replace("every = \"100ms\"", "poisson = { rate = 10 }");
    let read = Scenario::parse(&format!("replications = 9\n{text}")).expect("right");
    let on_threads = read.compare().expect("it names no file");
    assert_eq!(on_threads, read.compare_with(&NoFiles).expect("as above"));
}

/// Replications are independent runs: the comparison has what [`run_one`] gives for each.
#[test]
fn a_comparison_has_every_replication() {
    let text = LEAK.replace("every = \"100ms\"", "poisson = { rate = 10 }");
    let read = Scenario::parse(&format!("replications = 3\n{text}")).expect("right");
    let comparison = read.compare().expect("it names no file");
    let as_is = &comparison.strategies[0];
    for (replication, summary) in (0..).zip(&as_is.runs) {
        let alone = run_one(&as_is.scenario, replication, &NoFiles).expect("no file");
        assert_eq!(*summary, alone.summary, "replication {replication}");
    }
    assert_eq!(as_is.runs.len(), 3);
    assert_ne!(as_is.runs[0], as_is.runs[1], "other random numbers");
}

/// Results leave as data, each number once and under the name that files have for it.
#[test]
fn a_comparison_is_serialised_with_its_columns() {
    let text = LEAK.replace("every = \"100ms\"", "poisson = { rate = 10 }");
    let read = Scenario::parse(&format!("replications = 3\n{text}")).expect("right");
    let comparison = read.compare().expect("it names no file");
    let as_is = &comparison.strategies[0];
    let json = serde_json::to_value(&comparison).expect("plain data");
    let found = &json["strategies"][0];
    assert_eq!(found["name"], "as is");
    for (run, found) in as_is
        .runs
        .iter()
        .zip(found["runs"].as_array().expect("a list"))
    {
        assert_eq!(found["ports"]["peak"], run.ports.peak);
        assert_eq!(found["ports"]["peak_at"], run.ports.peak_at.as_nanos());
        assert_eq!(found["latency"]["p99"]["at"], 10_000_000);
    }
    let columns = as_is.columns();
    let names: Vec<&str> = columns.iter().map(|it| it.name).collect();
    assert_eq!(names[..2], ["time_s", "ports_in_use"]);
    assert_eq!(
        names[names.len() - 2..],
        ["ports_in_use_lo", "ports_in_use_hi"]
    );
    for (column, found) in columns
        .iter()
        .zip(found["columns"].as_array().expect("a list"))
    {
        assert_eq!(
            (&found["name"], &found["unit"]),
            (&column.name.into(), &column.unit.into())
        );
        assert_eq!(column.values.len(), as_is.rows.len(), "{}", column.name);
        assert_eq!(found["values"][7], column.values[7], "{}", column.name);
    }
    let low_to_high = columns
        .iter()
        .filter(|it| it.name.starts_with("ports_in_use"));
    let [mean, low, high] =
        [0, 1, 2].map(|it| low_to_high.clone().nth(it).expect("there").values[7]);
    assert!(low < mean && mean < high, "{low} {mean} {high}");
    // Of one run there is no interval, and its counts are its samples'.
    let alone = run_one(&as_is.scenario, 0, &NoFiles).expect("no file");
    let ports = alone
        .columns()
        .into_iter()
        .find(|it| it.name == "ports_in_use");
    let peak = ports.expect("there").values.into_iter().fold(0.0, f64::max);
    assert!((peak - alone.summary.ports.peak as f64).abs() < 0.5);
    assert!(alone.columns().iter().all(|it| !it.name.ends_with("_lo")));
    assert_eq!(
        serde_json::to_value(Verdict::NearTheLimit).expect("a word"),
        "near the limit"
    );
}

#[test]
fn every_problem_is_one_line_of_the_error() {
    let text = LEAK.replace("net40", "net41").replace("1000", "0");
    let error = Scenario::parse(&text).expect_err("two mistakes");
    let error: Box<dyn std::error::Error> = Box::new(error);
    let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[1].contains("net41") && lines[1].contains("did you mean `net4"));
}

#[test]
fn without_files_a_scenario_that_names_one_is_refused_by_its_name() {
    let text = LEAK.replace("every = \"100ms\"", "trace = \"requests.csv\"");
    let error = Scenario::parse(&text).expect_err("there are no files");
    assert!(
        error
            .to_string()
            .contains("requests.csv: this scenario was read without files")
    );
}

/// Closes all groups whenever so many were made.
struct ByNumber(usize, Vec<(u32, u32, GroupName)>);

impl Policy for ByNumber {
    fn on_submit(
        &mut self,
        now: SimTime,
        _workload: u32,
        process: u32,
        endpoint: u32,
        name: GroupName,
    ) -> Option<SimTime> {
        self.1.push((process, endpoint, name));
        (self.1.len() == self.0).then_some(now)
    }

    fn call(&mut self, _now: SimTime) -> (Vec<(u32, u32, GroupName)>, Option<SimTime>) {
        (std::mem::take(&mut self.1), None)
    }
}

/// Every request goes out 20 s after it was wanted.
struct Delay;

impl Policy for Delay {
    fn on_arrival(&mut self, now: SimTime, _workload: u32) -> SimTime {
        now + SimSpan::from_seconds(20)
    }
}

fn peak_with(scenario: &Scenario, policies: Vec<Box<dyn Policy>>) -> (u32, u64) {
    let mut blind = Blind;
    let mut run = Simulation::new(scenario, 0, &NoFiles, &mut blind).expect("no file");
    for policy in policies {
        run = run.with_policy(policy);
    }
    let end = run.run().expect("no file");
    (end.ports.peak, end.in_flight)
}

#[test]
fn a_policy_of_ones_own_closes_groups_and_delays_requests() {
    let closing = || Box::new(ByNumber(50, Vec::new()));
    assert_eq!(peak_with(&leak(), vec![]).0, 601);
    assert_eq!(peak_with(&leak(), vec![closing()]).0, 50);
    // 40 s of load come through; what was wanted in the last 20 s still waits, and the last one
    // that was sent is unanswered.
    assert_eq!(peak_with(&leak(), vec![Box::new(Delay)]), (401, 201));
    assert_eq!(peak_with(&leak(), vec![Box::new(Delay), closing()]).0, 50);
}

/// It acts beside the scenario's own: the one closes every 10 s, the other by the number.
#[test]
fn a_policy_of_ones_own_stands_beside_those_of_the_scenario() {
    let text = format!("close-groups = {{ every = \"10s\" }}\n{LEAK}");
    let scenario = Scenario::parse(&text).expect("right").scenario;
    let alone = peak_with(&scenario, vec![]).0;
    assert!((100..=101).contains(&alone), "{alone}");
    let both = peak_with(&scenario, vec![Box::new(ByNumber(50, Vec::new()))]).0;
    assert!(both <= 51, "{both}");
}

/// A policy that does nothing gives the very run that there is without one.
#[test]
fn a_policy_that_does_nothing_changes_nothing() {
    struct Nothing;
    impl Policy for Nothing {}

    #[derive(Default, PartialEq, Debug)]
    struct Log(Vec<(SimTime, Observation)>);
    impl Observer for Log {
        fn observes_each_step(&self) -> bool {
            true
        }
        fn observe(&mut self, now: SimTime, observation: Observation) {
            self.0.push((now, observation));
        }
    }

    let (mut without, mut with) = (Log::default(), Log::default());
    let scenario = leak();
    let run = Simulation::new(&scenario, 0, &NoFiles, &mut without).expect("no file");
    run.run().expect("no file");
    let run = Simulation::new(&scenario, 0, &NoFiles, &mut with).expect("no file");
    run.with_policy(Box::new(Nothing)).run().expect("no file");
    assert!(!with.0.is_empty());
    assert_eq!(without, with);
}
