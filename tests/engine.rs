//! The engine on the built-in scenarios: what the first lines of each file promise.

use spsim::input::InputFiles;
use spsim::record::{RunSummary, Verdict};
use spsim::scenario::{self, BuiltIn, Override};
use spsim::study::run_one;
use spsim::units::{SimSpan, SimTime};

/// The run of one strategy of a built-in scenario.
fn run(name: &str, strategy: &str) -> RunSummary {
    run_with(name, strategy, &[])
}

fn run_with(name: &str, strategy: &str, overrides: &[Override]) -> RunSummary {
    let built_in = BuiltIn::find(name).expect("it is built in");
    let mut files = InputFiles::in_memory(built_in.files);
    let read = scenario::read(built_in.toml, name, overrides, &mut files).expect("it is right");
    let strategies = &read.scenario.strategies;
    let chosen = strategies
        .iter()
        .find(|it| it.name == strategy)
        .expect("it has the strategy");
    let variant = read.scenario.under(chosen);
    run_one(&variant, 0, &files)
        .expect("its files exist")
        .summary
}

fn exhausted_at_s(summary: &RunSummary) -> f64 {
    summary
        .exhausted_at
        .map_or(f64::INFINITY, SimTime::as_seconds)
}

#[test]
fn the_article_leaks_a_port_per_request_and_each_remedy_holds() {
    let leak = run("kb2551125", "as is");
    assert_eq!((leak.ports.peak, leak.ports.limit), (5_000, 5_000));
    assert!(
        (95.0..105.0).contains(&exhausted_at_s(&leak)),
        "{:?}",
        leak.exhausted_at
    );
    assert_eq!(
        leak.errors.keys().copied().collect::<Vec<_>>(),
        ["WSAENOBUFS"]
    );
    assert_eq!(leak.requests.failed, leak.requests.submitted - 5_000);
    assert_eq!(
        leak.ports.at_end, 0,
        "100 s after the last busy moment all are free"
    );
    assert!(run("kb2551125", "16 groups").ports.peak <= 32);
    assert!(run("kb2551125", "keep-alive off").ports.peak <= 25);
    assert!(run("kb2551125", "close groups every 30 s").ports.peak <= 1_600);
}

#[test]
fn net48_has_a_plateau_at_rate_times_idle_time() {
    let plateau = run("kb2551125-net48", "as is");
    assert!(
        (2_900..3_200).contains(&plateau.ports.peak),
        "{:?}",
        plateau.ports
    );
    assert_eq!(plateau.exhausted_at, None);
    let short = run("kb2551125-net48", "idle time 10 s");
    assert!((270..400).contains(&short.ports.peak), "{:?}", short.ports);
    let old = exhausted_at_s(&run("kb2551125-net48", "the same on 4.0"));
    assert!((157.0..177.0).contains(&old), "{old}");
}

#[test]
fn only_a_pause_longer_than_the_idle_time_frees_ports() {
    assert!((2_200..2_600).contains(&run("idle-gap", "as is").ports.peak));
    assert!((1_100..1_300).contains(&run("idle-gap", "idle time 60 s").ports.peak));
    assert!((1_100..1_300).contains(&run("idle-gap", "the same on 4.8").ports.peak));
}

#[test]
fn a_trickle_leaks_for_ever_on_4_0_only() {
    // Request k needs port k: the 3977th finds none.
    let refused = run("trickle", "as is").exhausted_at;
    assert_eq!(refused, Some(SimTime::ZERO + SimSpan::from_seconds(39_760)));
    assert!(run("trickle", "the same on 4.8").ports.peak <= 11);
    assert_eq!(run("trickle", "idle time 5 s").ports.peak, 1);
    assert_eq!(run("trickle", "no group name").ports.peak, 1);
}

#[test]
fn keep_alive_off_is_bounded_by_ports_over_time_wait() {
    let summary = run("keep-alive-off-time-wait", "as is");
    assert!(
        (185.0..210.0).contains(&exhausted_at_s(&summary)),
        "{:?}",
        summary.exhausted_at
    );
    let served = |name| run("keep-alive-off-time-wait", name).requests.failed == 0;
    assert!(served("TIME_WAIT 120 s") && served("16384 ports"));
    assert!(
        run("keep-alive-off-time-wait", "keep-alive, 16 groups")
            .ports
            .peak
            <= 32
    );
}

#[test]
fn the_connection_limit_holds_per_group() {
    let peak = |strategy| run("connection-limit-per-group", strategy).ports.peak;
    assert_eq!(peak("no group name"), 2);
    assert_eq!(peak("10 groups"), 20);
    assert!(peak("40 groups") <= 80);
    assert!(peak("one group, limit 30") <= 30);
    let verdict = run("connection-limit-per-group", "no group name").verdict();
    assert_eq!(verdict, Verdict::Queueing);
}

#[test]
fn a_leaked_slot_keeps_the_ports() {
    assert_eq!(
        run("reservation-leak", "as the article says").ports.at_end,
        0
    );
    assert_eq!(run("reservation-leak", "slots leak").ports.at_end, 5_000);
}

#[test]
fn every_visitor_of_a_real_log_takes_a_port() {
    let summary = run("real-iis-log", "as is");
    assert!(
        (900.0..=945.0).contains(&exhausted_at_s(&summary)),
        "{:?}",
        summary.exhausted_at
    );
    assert_eq!(summary.ports.at_end, 0);
    assert!(run("real-iis-log", "16 groups").ports.peak <= 32);
}

#[test]
fn a_longer_run_begins_with_the_same_requests() {
    let longer = Override {
        key: "duration".into(),
        value: "10min".into(),
    };
    let [short, long] = [
        run("kb2551125", "as is"),
        run_with("kb2551125", "as is", &[longer]),
    ];
    assert_eq!(short.exhausted_at, long.exhausted_at);
    assert_eq!(short.requests.submitted, long.requests.submitted);
}
