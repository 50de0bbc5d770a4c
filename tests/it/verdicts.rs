//! What a run is called, what is counted in it, and which strategy is best: short scenarios whose
//! results can be worked out by hand.

use crate::support::read;
use spsim::inside::findings;
use spsim::inside::record::Quantile;
use spsim::inside::study;
use spsim::{Comparison, RunSummary, Verdict};

/// A scenario of one program, one server and one workload.
fn scenario(top: &str, client: &str, server: &str, load: &str, strategies: &str) -> String {
    format!(
        "{top}\n[machine]\nports = \"windows\"\n[client.app]\n{client}\n[server.api]\nuri = \
         \"http://api.example.com/\"\n{server}\n[workload.web]\n{load}\n{strategies}"
    )
}

fn compare(text: &str) -> Comparison {
    let scenario = read(text);
    let strategies = scenario.strategies.iter().map(|strategy| {
        let variant = scenario.under(strategy);
        let files = spsim::InputFiles::in_memory(&[]);
        let runs = (0..scenario.replications)
            .map(|replication| study::run_one(&variant, replication, &files).expect("no file"))
            .collect();
        study::combine(variant, &strategy.name, runs)
    });
    Comparison {
        strategies: strategies.collect(),
        scenario: scenario.clone(),
        warnings: Vec::new(),
        precision: None,
        command: String::new(),
    }
}

const AS_IS: &str = "[[strategy]]\nname = \"as is\"";

/// The only strategy's only run, and its verdict.
fn only(text: &str) -> (RunSummary, Verdict) {
    let comparison = compare(text);
    let result = &comparison.strategies[0];
    (result.runs[0].clone(), result.verdict())
}

#[test]
fn a_program_all_of_whose_requests_time_out_is_failing() {
    let text = scenario(
        "duration = \"10min\"",
        "runtime = \"net48\"\nrequest-timeout = \"1s\"",
        "response-time = \"2s\"",
        "arrivals = { every = \"1s\" }",
        AS_IS,
    );
    let (run, verdict) = only(&text);
    let counts = run.requests;
    assert_eq!(
        (counts.submitted, counts.failed, counts.timed_out),
        (601, 600, 600)
    );
    assert_eq!((counts.succeeded, counts.in_flight), (0, 1));
    assert_eq!(verdict, Verdict::Failing);
    assert_eq!(run.latency.p50, Quantile::Above(0));
    let found = findings::of(&compare(&text));
    assert!(!found.winner.good);
    assert!(
        found.winner.reason.contains("answers none of 601 requests"),
        "{}",
        found.winner.reason
    );
    let advice = found.winner.without_change.expect("it changes nothing");
    assert!(!advice.contains("no change is needed"), "{advice}");
}

#[test]
fn a_refused_connect_opens_no_connection() {
    let text = scenario(
        "duration = \"1min\"",
        "runtime = \"net48\"\nconnection-limit = \"unlimited\"",
        "response-time = \"50ms\"\noutages = [{ from = \"0s\", until = \"2min\", kind = \"refuse\" }]",
        "arrivals = { every = \"100ms\" }",
        AS_IS,
    );
    let (run, verdict) = only(&text);
    assert_eq!(run.connections.opened, 0);
    assert!(run.requests.failed > 500);
    assert_eq!(verdict, Verdict::Failing);
}

/// Under 1% of failures a run is still safe, from 1% on it fails; the threshold can be set.
#[test]
fn from_one_failure_in_a_hundred_on_a_run_is_failing() {
    let text = |until: &str, top: &str| {
        scenario(
            &format!("duration = \"100s\"\n{top}"),
            "runtime = \"net48\"\nconnection-limit = \"unlimited\"",
            &format!(
                "response-time = \"1ms\"\noutages = [{{ from = \"10s\", until = \"{until}\", kind = \
                 \"503\" }}]"
            ),
            "arrivals = { every = \"10ms\", until = \"99s\" }",
            AS_IS,
        )
    };
    let (few, safe) = only(&text("10.5s", ""));
    assert_eq!((few.requests.failed, safe), (50, Verdict::Safe));
    let (many, failing) = only(&text("11s", ""));
    assert_eq!((many.requests.failed, failing), (100, Verdict::Failing));
    assert_eq!(
        only(&text("11s", "[verdict]\nfailing = 0.1")).1,
        Verdict::Safe
    );
}

/// 22 requests a second at 20 a second of capacity, in 14 minutes of 4 hours.
#[test]
fn waits_in_a_tenth_of_the_time_are_queueing() {
    let text = |peak: u32, connect: &str| {
        scenario(
            "duration = \"4h\"",
            "runtime = \"net48\"",
            &format!("response-time = \"100ms\"\nconnect-time = \"{connect}\""),
            &format!(
                "arrivals = {{ schedule = [{{ at = \"0h\", rate = 5 }}, {{ at = \"2h\", rate = \
                 {peak} }}, {{ at = \"2h14min\", rate = 5 }}] }}"
            ),
            AS_IS,
        )
    };
    let (run, verdict) = only(&text(22, "0s"));
    assert!(run.waiting_share > 0.5, "{}", run.waiting_share);
    assert_eq!(verdict, Verdict::Queueing);
    assert_eq!(only(&text(5, "0s")).1, Verdict::Safe);
}

/// A connect that takes longer than an answer is no wait for a connection; nor is what a throttle
/// or a retry's pause holds back.
#[test]
fn a_connect_a_throttle_and_a_pause_are_no_waits_for_a_connection() {
    let text = |server: &str, load: &str, strategy: &str| {
        scenario(
            "duration = \"200s\"",
            "runtime = \"net40\"\nconnection-limit = 100\nrequest-timeout = \"never\"",
            server,
            load,
            &format!("{AS_IS}\n{strategy}"),
        )
    };
    let slow = "response-time = \"10ms\"\nconnect-time = \"500ms\"";
    let fresh = "arrivals = { every = \"50ms\" }\ngroup = \"unique\"\nkeep-alive = false";
    let (run, verdict) = only(&text(slow, fresh, ""));
    assert_eq!((run.queue.p99, verdict), (Quantile::At(0), Verdict::Safe));
    let quick = "response-time = \"10ms\"";
    let (run, verdict) = only(&text(quick, fresh, "throttle = { rate = 10 }"));
    assert!(run.requests.in_flight > 1_000);
    assert_eq!((run.queue.p99, verdict), (Quantile::At(0), Verdict::Safe));
}

#[test]
fn requests_that_give_up_waiting_have_waited_long() {
    let text = scenario(
        "duration = \"100s\"",
        "runtime = \"net48\"\nconnection-limit = 1\nrequest-timeout = \"never\"",
        "response-time = \"50s\"",
        "arrivals = { every = \"50ms\" }",
        AS_IS,
    );
    let (run, verdict) = only(&text);
    assert_eq!(verdict, Verdict::Queueing);
    let half = run.queue.p50.least_seconds();
    assert!(half > 49.0, "nobody but the first has waited less: {half}");
}

/// An exponential of 2 s cut off at 1 s: e^-0.5 = 61% are lost, so no quantile above 39% is
/// known.
#[test]
fn answers_that_are_lost_count_in_the_quantiles() {
    let text = scenario(
        "duration = \"5min\"",
        "runtime = \"net48\"\nconnection-limit = 50\nrequest-timeout = \"1s\"",
        "response-time = { exponential = { mean = \"2s\" } }",
        "arrivals = { poisson = { rate = 10 } }",
        AS_IS,
    );
    let (run, _) = only(&text);
    let Quantile::Above(known) = run.latency.p50 else {
        panic!("half are lost: {:?}", run.latency);
    };
    assert!(known > 950_000_000 && known < 1_000_000_000);
}

#[test]
fn a_throttle_that_answers_little_does_not_win() {
    let text = scenario(
        "duration = \"5min\"",
        "runtime = \"net40\"",
        "response-time = \"100ms\"",
        "arrivals = { every = \"50ms\" }\ngroup = \"unique\"",
        "[[strategy]]\nname = \"as is\"\nports = 2000\n[[strategy]]\nname = \"throttle\"\nports = \
         2000\nthrottle = { rate = 1 }",
    );
    let comparison = compare(&text);
    let found = findings::of(&comparison);
    assert_eq!(comparison.strategies[found.winner.index].name, "as is");
    assert!(!found.winner.good);
    assert_eq!(
        found.winner.reason,
        "none is good: even this one answers only 2,000 of 6,001 requests; the other answers 300"
    );
}

#[test]
fn ties_are_named_and_the_author_may_say_what_counts() {
    let text = |top: &str| {
        scenario(
            &format!("duration = \"1min\"\n{top}"),
            "runtime = \"net48\"",
            "response-time = \"10ms\"",
            "arrivals = { every = \"100ms\", until = \"50s\" }",
            "[[strategy]]\nname = \"one\"\n[[strategy]]\nname = \"other\"\n[[strategy]]\nname = \
             \"fresh\"\nkeep-alive = false",
        )
    };
    let best = |top: &str| {
        let comparison = compare(&text(top));
        let winner = findings::of(&comparison).winner;
        (
            comparison.strategies[winner.index].name.clone(),
            winner.reason,
        )
    };
    let (name, reason) = best("");
    assert_eq!(name, "one");
    assert!(
        reason.starts_with("answers all 500 requests; it opens the fewest"),
        "{reason}"
    );
    assert!(reason.ends_with("“other” is as good"), "{reason}");
    let (_, reason) = best("best = \"fewest failed\"");
    assert!(
        reason.starts_with("answers all 500 requests; it"),
        "{reason}"
    );
}

/// Nobody is told to move a program to another runtime, or to set what changes nothing, for results
/// that it has as it is.
#[test]
fn of_equals_the_one_that_asks_for_least_is_best() {
    let comparison = compare(&scenario(
        "duration = \"1min\"",
        "runtime = \"net8\"",
        "response-time = \"10ms\"",
        "arrivals = { every = \"100ms\", until = \"50s\" }",
        "[[strategy]]\nname = \"net48\"\nruntime = \"net48\"\n[[strategy]]\nname = \"limit\"\n\
         connection-limit = 50\n[[strategy]]\nname = \"as is\"",
    ));
    let winner = findings::of(&comparison).winner;
    assert_eq!(comparison.strategies[winner.index].name, "limit");
    assert_eq!(
        winner.reason,
        "answers all 500 requests; “as is” is as good; “net48” is as good, but changes more"
    );
    assert_eq!(winner.changes, [""; 0], "nobody reads that limit on .NET 8");
    assert_eq!(
        winner.without_change.as_deref(),
        Some("no change is needed for it")
    );
}

/// Three requests at once every 200 ms over a limit of two: the third waits for as long as an
/// answer takes, 100 ms, which is long beside what the server says of itself, not beside the trace.
#[test]
fn a_long_wait_is_one_beside_the_trace_of_response_times() {
    let mut trace = String::from("time_s,duration_s\n");
    for tenths in (0..800).step_by(2) {
        for _ in 0..3 {
            trace += &format!("{}.{},0.1\n", tenths / 10, tenths % 10);
        }
    }
    let text = "duration = \"5min\"\n[machine]\nports = 5000\n[client.app]\nruntime = \"net48\"\n\
                [server.api]\nuri = \"http://api.example.com/\"\nresponse-time = \"1ms\"\n\
                [workload.w]\narrivals = { trace = \"t.csv\" }\n[[strategy]]\nname = \"as is\"\n\
                [[strategy]]\nname = \"limit 1\"\nconnection-limit = 1\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("t.csv"), trace).expect("written");
    let mut files = spsim::InputFiles::in_folder(folder.path());
    let read = spsim::inside::scenario::read(text, "traced", &[], &mut files).expect("right");
    let verdict = |place: usize| {
        let variant = read.scenario.under(&read.scenario.strategies[place]);
        let run = study::run_one(&variant, 0, &files)
            .expect("readable")
            .summary;
        run.verdict(&variant.verdict)
    };
    assert_eq!(verdict(0), Verdict::Safe);
    assert_eq!(verdict(1), Verdict::Queueing);
}
