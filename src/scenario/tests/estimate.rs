//! What would not end, or would not fit, is refused before it starts; what only looks so is not.

use super::{SMALL, read_small};
use alloc::string::String;
use alloc::vec::Vec;

/// What is said of the smallest scenario with these keys set.
fn said(set: &[&str]) -> Vec<String> {
    let Err(errors) = read_small(set) else {
        return Vec::new();
    };
    errors.into_iter().map(|it| it.message).collect()
}

#[track_caller]
fn refused(set: &[&str], why: &str) {
    let said = said(set);
    assert_eq!(said.len(), 1, "{set:?}: {said:?}");
    assert!(said[0].contains(why), "{set:?}: {}", said[0]);
}

#[track_caller]
fn taken(set: &[&str]) {
    assert_eq!(said(set), Vec::<String>::new(), "{set:?}");
}

fn arrivals(value: &str) -> String {
    alloc::format!("workload.orders.arrivals={value}")
}

#[test]
fn bursts_that_change_all_the_time() {
    let bursts = |on, off| {
        arrivals(&alloc::format!(
            "{{ bursts = {{ rate-on = 1, rate-off = 0, mean-on = \"{on}\", mean-off = \"{off}\" }} }}"
        ))
    };
    // 300 s of 1 ns and 1 ns.
    refused(
        &[&bursts("1ns", "1ns")],
        "about 300,000,000,000 changes between the bursts of `workload.orders` a run, beside 150 requests",
    );
    refused(&[&bursts("100ns", "1ns")], "changes between the bursts");
    taken(&[&bursts("1ms", "1ms")]);
}

/// A mean that is infinite, or made by draws that hardly ever come, says nothing of how many
/// draws fit into a run.
#[test]
fn gaps_whose_mean_is_infinite() {
    for law in [
        "{ pareto = { scale = \"1ns\", shape = 0.99 } }",
        "{ weibull = { shape = 0.2, scale = \"1ns\" } }",
        "{ lognormal = { median = \"1ns\", p99 = \"1us\" } }",
        "{ gamma = { shape = 0.001, mean = \"10us\" } }",
    ] {
        let gaps = arrivals(&alloc::format!("{{ renewal = {law} }}"));
        refused(
            &[&gaps, "duration=10d"],
            "requests, more than 10,000,000,000",
        );
    }
    // Half of the gaps are a nanosecond; every hundredth is longer than the run.
    for law in [
        "{ pareto = { scale = \"20ms\", shape = 0.9 } }",
        "{ lognormal = { median = \"1ns\", p99 = \"1h\" } }",
    ] {
        taken(&[&arrivals(&alloc::format!("{{ renewal = {law} }}"))]);
    }
}

#[test]
fn users_who_think_no_time() {
    let users = |think| {
        arrivals(&alloc::format!(
            "{{ users = {{ count = 9, think = \"{think}\" }} }}"
        ))
    };
    // Where requests fail at once, nothing else holds a user up.
    refused(&[&users("0s")], "`think` must be longer than 0 on average");
    refused(&[&users("1ns")], "should they fail at once");
    refused(&[&users("10ns")], "should they fail at once");
    refused(
        &[&users("1ns"), "server.api.response-time=0s"],
        "requests, more than 10,000,000,000",
    );
    taken(&[&users("1ms")]);
}

/// Most of a crowd that wants more ports than there are fails at once, asks again, and fails again.
#[test]
fn crowds_for_whom_there_are_no_ports() {
    let crowd = |top: &str, think: &str| {
        let users = alloc::format!("users = {{ count = 1000000, think = \"{think}\" }}");
        let text = SMALL.replace("poisson = { rate = 50 }", &users);
        alloc::format!("{top}{text}group = \"unique\"\n[[strategy]]\nname = \"x\"\n")
    };
    let said = super::problems(&crowd("", "1s"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("should they fail at once"), "{said:?}");
    super::good(&crowd("most-requests = 1000000000\n", "1s"));
    // So few of them ask at a time that nobody is refused.
    super::good(&crowd("", "1h"));
}

/// Where gaps are rounded to nothing, no instant would be the last.
#[test]
fn rates_beyond_the_resolution_of_time() {
    for (key, rate) in [
        ("rate", "{ poisson = { rate = 1e12 }, until = \"1us\" }"),
        (
            "rate",
            "{ schedule = [{ at = \"0s\", rate = 1e12 }, { at = \"1us\", rate = 1 }] }",
        ),
        (
            "rate-on",
            "{ bursts = { rate-on = 1e12, mean-on = \"1us\", mean-off = \"1min\" } }",
        ),
        (
            "rate-off",
            "{ bursts = { rate-on = 1, rate-off = 1e12, mean-on = \"1min\", mean-off = \"1us\" } }",
        ),
    ] {
        let why = alloc::format!("`{key}` must be a finite number");
        refused(&[&arrivals(rate)], &why);
        refused(&[&arrivals(rate)], "1e8");
    }
    taken(&[&arrivals("{ poisson = { rate = 1e8 }, until = \"1us\" }")]);
}

/// Groups of refused requests that are leaked are groups alive: so many have no room.
#[test]
fn leaked_groups_beyond_memory() {
    let leak = |rate: &str, group: &str| {
        let set = [
            "client.app.reservation-leak=true",
            &alloc::format!("workload.orders.group={group}"),
            &arrivals(&alloc::format!("{{ poisson = {{ rate = {rate} }} }}")),
        ];
        said(&set).pop().unwrap_or_default()
    };
    let why = leak("1e5", "unique");
    assert!(
        why.contains("up to 30,000,000 groups would be leaked"),
        "{why}"
    );
    assert_eq!(leak("1e4", "unique"), "");
    // They are told of something else.
    assert!(!leak("1e5", "{ pool = 16 }").contains("leaked"));
}

#[test]
fn what_takes_a_while_is_told() {
    let work = |set: &[&str], keeps_samples| {
        let read = read_small(set).expect("it is right");
        crate::scenario::long_work(&read.scenario, keeps_samples)
    };
    assert_eq!(work(&["duration=300s"], true), None);
    // 50 a second under each of the article's four.
    let told = "about 346,000,000 requests; one core takes about 86 seconds";
    assert_eq!(work(&["duration=20d"], true).as_deref(), Some(told));
    // Of many short runs each costs more than its requests do: its 601 samples, where they are
    // kept, and its sums.
    let many = ["duration=1s", "replications=1000000"];
    let told = "about 200,000,000 requests; one core takes about 2 minutes";
    assert_eq!(work(&many, false).as_deref(), Some(told), "150 s");
    let told = "about 200,000,000 requests; one core takes about 8 minutes";
    assert_eq!(work(&many, true).as_deref(), Some(told), "463 s");
}

#[test]
fn closings_sweeps_and_retries_without_a_pause() {
    let strategy = |keys: &str| alloc::format!("{SMALL}[[strategy]]\nname = \"x\"\n{keys}\n");
    let said = |keys: &str| super::problems(&strategy(keys))[0].clone();
    let often = said("close-groups = { every = \"1ns\" }");
    assert!(
        often.contains("300,000,000,000 calls of `close-groups`"),
        "{often}"
    );
    let often = said("runtime = \"mono4\"\nmax-idle-time = \"1ns\"");
    assert!(
        often.contains("sweeps of `client.app`'s idle connections"),
        "{often}"
    );
    let text = strategy("retry = { attempts = 1000, backoff = \"0s\" }");
    let text = text.replace("rate = 50", "rate = 5000");
    let often = &super::problems(&text)[0];
    assert!(often.contains("retries of `workload.orders`"), "{often}");
    for keys in [
        "close-groups = { every = \"10ms\" }",
        "runtime = \"mono4\"\nmax-idle-time = \"10ms\"",
        "runtime = \"net48\"\nmax-idle-time = \"1ns\"",
        "retry = { attempts = 1000, backoff = \"1s\" }",
    ] {
        super::good(&strategy(keys));
    }
}

#[test]
fn more_waiting_requests_than_there_is_memory_for() {
    let load = arrivals("{ poisson = { rate = 1e6 } }");
    // Two connections of 100 ms let 20 a second through; the others wait for 100 s.
    refused(
        &[&load],
        "up to 100,000,000 requests would wait at a time under `as is`",
    );
    let unique = alloc::format!("{SMALL}group = \"unique\"\n[[strategy]]\nname = \"x\"\n");
    super::good(&unique.replace("rate = 50", "rate = 1e6"));
    taken(&[&load, "client.app.request-timeout=5s"]);
    taken(&[&load, "client.app.connection-limit=100000"]);
    let text = alloc::format!(
        "{SMALL}group = \"unique\"\n[[strategy]]\nname = \"x\"\nthrottle = {{ every = \"1s\" }}\n"
    );
    let text = text.replace("rate = 50", "rate = 1e6");
    assert!(super::problems(&text)[0].contains("would wait at a time"));
}

/// Whoever says how many requests are too many may say so of what carries none.
#[test]
fn the_author_may_raise_the_bound() {
    let bursts = arrivals(
        "{ bursts = { rate-on = 1, rate-off = 0, mean-on = \"100ns\", mean-off = \"100ns\" } }",
    );
    refused(&[&bursts], "changes between the bursts");
    taken(&[&bursts, "most-requests=1e11"]);
}
