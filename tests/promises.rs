//! Each built-in scenario keeps what its header promises.

mod support;

use spsim::scenario::{self, BUILTIN};
use spsim::study::RunOutput;
use spsim::units::SimTime;
use support::{InMemory, at, read, run};

/// The run of one strategy of a built-in scenario.
fn outcome(name: &str, strategy: &str) -> RunOutput {
    let builtin = BUILTIN.iter().find(|builtin| builtin.name == name);
    let text = builtin
        .unwrap_or_else(|| panic!("no scenario `{name}`"))
        .toml;
    let read = scenario::read(text, name, &[], &mut InMemory::default());
    let scenario = read
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
        .scenario;
    let found = scenario.strategies.iter().find(|one| one.name == strategy);
    let strategy = found.unwrap_or_else(|| panic!("no strategy `{strategy}`"));
    run(&scenario.under(strategy), 0)
}

fn peak(name: &str, strategy: &str) -> u64 {
    outcome(name, strategy).summary.ports.peak
}

fn ports_at(output: &RunOutput, seconds: f64) -> u64 {
    let sample = output
        .samples
        .iter()
        .find(|sample| sample.time >= at(seconds));
    sample.expect("within the run").ports_in_use
}

fn seconds(time: Option<SimTime>) -> f64 {
    time.expect("ports ran out").as_seconds()
}

/// The article: exhausted at about 100 s, WSAENOBUFS and nothing else, all ports back exactly
/// 100 s after the last busy moment; every remedy holds (SP-6, SP-8, FL-1).
#[test]
fn kb2551125() {
    let as_is = outcome("kb2551125", "as is");
    let exhausted = seconds(as_is.summary.exhausted_at);
    assert!((95.0..105.0).contains(&exhausted), "{exhausted}");
    let errors: Vec<_> = as_is.summary.errors.keys().copied().collect();
    assert_eq!(errors, ["WSAENOBUFS"]);
    assert_eq!(ports_at(&as_is, 279.0), 5000);
    assert_eq!(ports_at(&as_is, 281.0), 0);
    assert!(
        as_is
            .samples
            .is_sorted_by_key(|sample| (sample.time > at(270.0), sample.opened))
    );
    assert!(peak("kb2551125", "16 groups") <= 32);
    assert!(peak("kb2551125", "keep-alive off") < 30);
    let closing = peak("kb2551125", "close groups every 30 s");
    assert!((1300..1700).contains(&closing), "{closing}");
}

/// CG-6: a plateau on 4.8, none on 4.0.
#[test]
fn kb2551125_net48() {
    let name = "kb2551125-net48";
    let as_is = outcome(name, "as is").summary;
    assert_eq!(as_is.exhausted_at, None);
    assert!(
        (2850..3200).contains(&as_is.ports.peak),
        "{:?}",
        as_is.ports
    );
    let old = seconds(outcome(name, "the same on 4.0").summary.exhausted_at);
    assert!((160.0..174.0).contains(&old), "{old}");
    let short = peak(name, "idle time 10 s");
    assert!((270..370).contains(&short), "{short}");
    assert!(peak(name, "16 groups") <= 32);
}

/// SP-8: only a pause longer than the idle time frees the ports, all at once.
#[test]
fn idle_gap() {
    let as_is = outcome("idle-gap", "as is");
    assert!((1000..1400).contains(&ports_at(&as_is, 158.0)));
    assert_eq!(ports_at(&as_is, 163.0), 0);
    assert!((2100..2700).contains(&ports_at(&as_is, 485.0)));
    assert_eq!(ports_at(&as_is, 493.0), 0);
    let shorter = outcome("idle-gap", "idle time 60 s");
    assert!(shorter.summary.ports.peak < 1400);
    assert_eq!(ports_at(&shorter, 325.0), 0);
    let net48 = outcome("idle-gap", "the same on 4.8");
    let falling = ports_at(&net48, 130.0);
    assert!((300..900).contains(&falling), "one by one: {falling}");
}

/// EX-1, EX-2: the 3977th request, at 39 760 s; 11 ports on 4.8; one with a short idle time.
#[test]
fn trickle() {
    let as_is = outcome("trickle", "as is").summary;
    assert_eq!(as_is.exhausted_at, Some(at(39_760.0)));
    assert_eq!(peak("trickle", "the same on 4.8"), 11);
    assert_eq!(peak("trickle", "idle time 5 s"), 1);
    assert_eq!(peak("trickle", "no group name"), 1);
}

/// PT-2, PT-3: 3976 ports carry 16.6 requests a second of 240 s each.
#[test]
fn keep_alive_off_time_wait() {
    let name = "keep-alive-off-time-wait";
    let as_is = outcome(name, "as is").summary;
    let exhausted = seconds(as_is.exhausted_at);
    assert!((190.0..208.0).contains(&exhausted), "{exhausted}");
    let errors: Vec<_> = as_is.errors.keys().copied().collect();
    assert_eq!(errors, ["WSAEADDRINUSE"]);
    let shorter = peak(name, "TIME_WAIT 120 s");
    assert!((2250..2650).contains(&shorter), "{shorter}");
    let more = outcome(name, "16384 ports").summary;
    assert_eq!(more.exhausted_at, None);
    assert!(peak(name, "keep-alive, 16 groups") <= 32);
}

/// LIM-3: the limit is per group.
#[test]
fn connection_limit_per_group() {
    let name = "connection-limit-per-group";
    let none = outcome(name, "no group name").summary;
    assert_eq!(none.ports.peak, 2);
    assert!(none.requests.timed_out > 0);
    assert_eq!(peak(name, "10 groups"), 20);
    assert!((21..=80).contains(&peak(name, "40 groups")));
    assert!((21..=30).contains(&peak(name, "one group, limit 30")));
}

/// FL-6, EX-13: with the leak the ports of a refused process never come back.
#[test]
fn reservation_leak() {
    let name = "reservation-leak";
    assert_eq!(outcome(name, "as the article says").summary.ports.at_end, 0);
    assert_eq!(outcome(name, "slots leak").summary.ports.at_end, 5000);
    assert!(peak(name, "slots leak, close groups every 30 s") < 1700);
}

/// EX-18, LIM-1, LIM-2: a loopback host has no limit unless somebody sets one.
#[test]
fn ex_18_a_loopback_host_is_unlimited_until_a_limit_is_set() {
    for runtime in ["net20-rtm", "net20", "net40", "net45", "net48"] {
        for (limit, open, waiting) in [("", 50, 0), ("connection-limit = 2", 2, 48)] {
            let text = format!(
                "duration = \"1s\"\n[client.app]\nruntime = \"{runtime}\"\n{limit}\n\
                 [server.api]\nuri = \"http://localhost/\"\nresponse-time = \"10s\"\n\
                 [workload.load]\narrivals = {{ every = \"1ms\", until = \"50ms\" }}\n"
            );
            let output = run(&read(&text), 0);
            let last = output.samples.last().expect("one at the end");
            assert_eq!(
                (last.ports_in_use, last.queued),
                (open, waiting),
                "{runtime} {limit}"
            );
        }
    }
}
