//! What is asked of one program, of one workload, or of a window of time.

use crate::support::read;
use spsim::inside::study::{self, Goal};
use spsim::{InputFiles, RunSummary};

/// Two programs; "billing" asks a server that is out from 10 s to 20 s, "shop" one that is well.
const TWO: &str = r#"
duration = "100s"
[machine]
ports = 5000
[client.office]
runtime = "net48"
connection-limit = 100
[client.web]
runtime = "net48"
connection-limit = 100
[server.sick]
uri = "http://sick/"
response-time = "10ms"
outages = [{ from = "10s", until = "20s", kind = "503" }]
[server.well]
uri = "http://well/"
response-time = "20ms"
[workload.billing]
client = "office"
server = "sick"
arrivals = { every = "1s", until = "99s" }
[workload.shop]
client = "web"
server = "well"
arrivals = { every = "500ms", until = "99s" }
[[strategy]]
name = "as is"
"#;

fn values(text: &str, goal: &str) -> Result<(bool, String), String> {
    let mut scenario = read(text);
    let goal = Goal::parse(goal).map_err(|it| it.to_string())?;
    let goal = goal.aimed(&mut scenario).map_err(|it| it.to_string())?;
    let files = InputFiles::in_memory(&[]);
    let run = study::run_one(&scenario, 0, &files).expect("it names no file");
    let runs: Vec<RunSummary> = vec![run.summary];
    Ok((goal.holds(&runs), goal.values(&runs)))
}

#[test]
fn each_workload_program_and_window_has_its_own_counts() {
    let seen = |goal| values(TWO, goal).expect("right").1;
    assert_eq!(seen("failed == 10"), "failed = 10");
    assert_eq!(seen("failed[billing] == 10"), "failed[billing] = 10");
    assert_eq!(
        seen("failed[workload.shop] == 0"),
        "failed[workload.shop] = 0"
    );
    assert_eq!(
        seen("failed[client.office] > 0"),
        "failed[client.office] = 10"
    );
    assert_eq!(seen("failed[15s..100s] > 0"), "failed[15s..100s] = 5");
    assert_eq!(
        seen("failed[billing][0s..12s] > 0"),
        "failed[billing][0s..12s] = 2"
    );
    assert_eq!(
        seen("failed_share[10s..20s] > 0"),
        "failed_share[10s..20s] = 0.333333"
    );
    assert_eq!(
        seen("latency_p99_s[shop] > 0"),
        "latency_p99_s[shop] = 0.02"
    );
    assert_eq!(
        seen("opened[web] > 0 and answered[web] > 0"),
        "opened[web] = 1, answered[web] = 198"
    );
}

/// Windows that follow each other add up to the whole, and so do programs.
#[test]
fn parts_add_up_to_the_whole() {
    let mut scenario = read(TWO);
    let goals = [
        "answered[0s..33s] >= 0",
        "answered[33s..100s] >= 0",
        "answered[office] >= 0",
        "answered[web] >= 0",
    ];
    for goal in goals {
        let goal = Goal::parse(goal).expect("right");
        goal.aimed(&mut scenario).expect("it is there");
    }
    let files = InputFiles::in_memory(&[]);
    let run = study::run_one(&scenario, 0, &files)
        .expect("it names no file")
        .summary;
    let of = |part: usize| run.parts[part].1.requests;
    for (first, second) in [(0, 1), (2, 3)] {
        assert_eq!(
            of(first).submitted + of(second).submitted,
            run.requests.submitted
        );
        assert_eq!(
            of(first).succeeded + of(second).succeeded,
            run.requests.succeeded
        );
        assert_eq!(of(first).failed + of(second).failed, run.requests.failed);
        assert_eq!(
            of(first).in_flight + of(second).in_flight,
            run.requests.in_flight
        );
    }
}

#[test]
fn what_is_not_there_is_named_with_what_there_is() {
    let problem = |goal| values(TWO, goal).expect_err("wrong");
    assert_eq!(
        problem("failed[bill] > 0"),
        "`failed[bill]`: there is no `bill`; clients are office, web, workloads are billing, shop"
    );
    assert!(problem("failed[1h..2h] > 0").contains("the window goes beyond the run"));
    assert!(problem("failed[20s..10s] > 0").contains("ends before it begins"));
    assert!(problem("failed[a..b] > 0").starts_with("`failed[a..b]`: "));
    assert!(problem("failed[billing > 0").contains("lacks its `]`"));
    assert!(problem("opened[billing] > 0").contains("clients are office, web"));
    assert!(problem("ports_peak[billing] > 0").contains("clients are office, web"));
    assert!(problem("snat_peak_share[web] > 0").contains("known of the whole run only"));
    let same = TWO
        .replace("client.office", "client.billing")
        .replace("\"office\"", "\"billing\"");
    let ambiguous = values(&same, "failed[billing] > 0").expect_err("two of the name");
    assert!(
        ambiguous.ends_with("write `client.billing` or `workload.billing`"),
        "{ambiguous}"
    );
}

/// Two programs share 20 ports; one of them takes a new one for each of its requests.
const LEAK: &str = r#"
duration = "60s"
sample-every = "1s"
[machine]
ports = 20
[client.leak]
runtime = "net40"
[client.good]
runtime = "net48"
[server.api]
uri = "http://api/"
response-time = "10ms"
[server.other]
uri = "http://other/"
response-time = "10ms"
[workload.names]
client = "leak"
server = "api"
arrivals = { every = "1s" }
group = "unique"
[workload.kept]
client = "good"
server = "api"
arrivals = { every = "1s", phase = "500ms" }
[workload.closed]
client = "good"
server = "other"
arrivals = { every = "1s", phase = "600ms", from = "30s" }
keep-alive = false
[[strategy]]
name = "as is"
"#;

#[test]
fn a_program_has_its_share_of_the_ports_and_a_window_its_own_peak() {
    let seen = |goal| values(LEAK, goal).expect("right").1;
    assert_eq!(seen("ports_peak > 0"), "ports_peak = 20");
    // The other holds one port from 500 ms on, so that 19 are left.
    assert_eq!(seen("ports_peak[leak] > 0"), "ports_peak[leak] = 19");
    assert_eq!(seen("ports_peak[good] > 0"), "ports_peak[good] = 1");
    assert_eq!(seen("ports_peak[0s..10s] > 0"), "ports_peak[0s..10s] = 11");
    assert_eq!(
        seen("ports_peak_share[leak][0s..10s] > 0"),
        "ports_peak_share[leak][0s..10s] = 0.5"
    );
    // At the samples of 0 s to 9 s the leak has 1, 2 … 10 ports.
    assert_eq!(
        seen("ports_mean[leak][0s..10s] > 0"),
        "ports_mean[leak][0s..10s] = 5.5"
    );
}

/// A workload runs out when a request of it is refused: one that keeps its connection never is.
#[test]
fn a_workload_runs_out_when_it_is_refused() {
    let seen = |goal| values(LEAK, goal).expect("right").1;
    assert_eq!(seen("exhausted_at_s > 0"), "exhausted_at_s = 19");
    assert_eq!(
        seen("exhausted_at_s[names] > 0"),
        "exhausted_at_s[names] = 19"
    );
    assert_eq!(
        seen("exhausted_at_s[closed] > 0"),
        "exhausted_at_s[closed] = 30.6"
    );
    assert_eq!(seen("p_exhausted[kept] > 0"), "p_exhausted[kept] = 0");
    assert_eq!(
        seen("p_exhausted[names][0s..10s] > 0"),
        "p_exhausted[names][0s..10s] = 0"
    );
    assert_eq!(seen("p_exhausted[leak] > 0"), "p_exhausted[leak] = 1");
}

/// A rush in the first 25 s that takes all ports, waits, times out and leaves requests behind.
const RUSH: &str = r#"
duration = "100s"
sample-every = "100ms"
[machine]
ports = 20
time-wait = "5s"
[client.web]
runtime = "net48"
connection-limit = 3
request-timeout = "1s"
[client.stuck]
runtime = "net48"
request-timeout = "never"
[server.api]
uri = "http://api/"
response-time = { exponential = { mean = "200ms" } }
active-close = "client"
[server.slow]
uri = "http://slow/"
response-time = "500s"
[workload.rush]
client = "web"
server = "api"
arrivals = { poisson = { rate = 20 }, until = "25s" }
keep-alive = false
[workload.calm]
client = "web"
server = "api"
arrivals = { poisson = { rate = 2 } }
keep-alive = false
[workload.stuck]
client = "stuck"
server = "slow"
arrivals = { every = "10s", until = "25s" }
"#;

/// With a warm-up every metric is of what follows, as a window from there on has it: ports as the
/// table has them and not its samples.
#[test]
fn nothing_of_a_given_warm_up_counts() {
    let files = InputFiles::in_memory(&[]);
    let run = |text: &str, goals: &[String]| {
        let mut scenario = read(text);
        for goal in goals {
            let goal = Goal::parse(goal).expect("right");
            goal.aimed(&mut scenario).expect("it is there");
        }
        let run = study::run_one(&scenario, 0, &files).expect("it names no file");
        run.summary
    };
    let whole = run(RUSH, &["ports_peak[40s..100s] > 0".into()]);
    let warm = run(
        &format!("warm-up = \"40s\"\n{RUSH}"),
        &["failed[web] > 0".into(), "failed[0s..40s] > 0".into()],
    );
    let window = &whole.parts[0].1;
    for metric in study::METRICS
        .iter()
        .filter(|it| it.name != "snat_peak_share")
    {
        let [all, later, expected] = [&whole, &warm, window].map(|it| metric.of_run(it));
        assert_ne!(all, later, "{}", metric.name);
        if metric.name.starts_with("ports") {
            let (later, expected) = (warm.ports.mean, window.ports.mean);
            assert!((later / expected - 1.0).abs() < 0.01, "{later} {expected}");
            assert!(warm.ports.peak >= window.ports.peak && warm.ports.peak < 20);
        } else {
            assert_eq!(later, expected, "{}", metric.name);
        }
    }
    assert!(warm.refused_in_warm_up && !whole.refused_in_warm_up);
    let failed = |part: usize| warm.parts[part].1.requests.failed;
    assert_eq!(failed(0), warm.requests.failed, "a program warms up too");
    assert!(failed(1) > 20, "a window is what was asked for");
}
