//! Keys of what is beyond the machines: NAT, finite servers, outages, moves, retries, devices.

use super::{SMALL, good, read_small};
use crate::model::nat::Forgotten;
use crate::model::service::OutageKind;
use crate::units::{SimSpan, SimTime};
use alloc::string::String;
use alloc::vec::Vec;

/// What is said of the smallest scenario with one key set: message, then help.
#[track_caller]
fn said(set: &str) -> Vec<(String, String)> {
    let errors = read_small(&[set]).expect_err(set);
    errors.into_iter().map(|it| (it.message, it.help)).collect()
}

/// One message, which ends so.
#[track_caller]
fn refused(set: &str, message: &str) {
    let all = said(set);
    assert_eq!(all.len(), 1, "{set}: {all:#?}");
    assert!(all[0].0.ends_with(message), "{set}: {}", all[0].0);
}

/// One message, and what to do about it.
#[track_caller]
fn refused_with_help(set: &str, message: &str, help: &str) {
    refused(set, message);
    assert_eq!(said(set)[0].1, help, "{set}");
}

#[test]
fn instances_and_connects_without_an_answer() {
    refused(
        "machine.instances=0",
        "`instances` must be at least 1, found 0",
    );
    refused(
        "machine.instances=1001",
        "`instances` must be at most 1000, found 1001",
    );
    refused(
        "machine.syn-retry={ first = \"0s\", times = 2 }",
        "`first` must be longer than 0, found `0s`",
    );
    refused_with_help(
        "machine.syn-retry={ first = \"3s\" }",
        "`times` is missing from `syn-retry`",
        "`{ first = \"3s\", times = 2 }`",
    );
    refused(
        "machine.time-wait-reuse=\"1s\"",
        "`time-wait-reuse` must be `\"never\"` or `{ after = \"1s\" }`, found `1s`",
    );
    let read = read_small(&["machine.syn-retry={ first = \"1s\", times = 5 }"]).expect("right");
    // 1, 2, 4, 8, 16 s, and 32 s after the last: 63 s.
    let syn = read.scenario.machine.syn_retry;
    assert_eq!((syn.first, syn.times), (SimSpan::from_seconds(1), 5));
}

#[test]
fn a_nat_is_a_preset_or_a_number_of_ports() {
    refused_with_help(
        "nat={}",
        "`ports` is missing from `nat`",
        "a preset such as `ports = \"azure-lb\"`, or how many ports an instance has",
    );
    let unknown = said("nat={ ports = \"dragons\" }");
    assert!(unknown[0].1.contains("`azure-lb`"), "{unknown:?}");
    refused("nat={ ports = 0 }", "`ports` must be at least 1, found 0");
    refused_with_help(
        "nat={ ports = \"azure-lb\", shared = true }",
        "`shared` has no meaning beside a preset",
        "the preset says who shares its ports",
    );
    refused(
        "nat={ ports = 9, when-forgotten = \"explode\" }",
        "`when-forgotten` has the unknown value `explode`",
    );
    refused(
        "nat={ ports = 9, idle-timeout = \"0s\" }",
        "`idle-timeout` must be longer than 0, found `0s`",
    );
    refused(
        "nat={ ports = 9, addresses = 0 }",
        "`addresses` must be at least 1, found 0",
    );
    refused(
        "nat={ ports = 9, colour = 1 }",
        "`colour` is not a key of `nat`",
    );
    let nat = |set: &str| read_small(&[set]).expect(set).scenario.nat.expect("one");
    let preset = nat("nat={ ports = \"azure-lb\", hold-after-reset = \"1s\" }");
    assert_eq!(
        preset.hold_after_fin,
        SimSpan::from_seconds(240),
        "the preset's"
    );
    assert_eq!(
        preset.hold_after_reset,
        SimSpan::from_seconds(1),
        "the author's"
    );
    let own = nat("nat={ ports = 9, when-forgotten = \"reset\", idle-timeout = \"4min\" }");
    assert_eq!(own.forgotten, Forgotten::Reset);
    assert_eq!(own.idle_timeout, Some(SimSpan::from_seconds(240)));
}

#[test]
fn servers_that_are_more_than_a_delay() {
    refused(
        "server.api.workers=0",
        "`workers` must be at least 1, found 0",
    );
    refused(
        "server.api.queue=-1",
        "`queue` must be at least 0, found -1",
    );
    refused_with_help(
        "server.api.abandoned-work=\"maybe\"",
        "`abandoned-work` has the unknown value `maybe`",
        "known here: `finishes`, `stops`",
    );
    refused_with_help(
        "server.api.outages=[{ from = \"10s\", until = \"5s\" }]",
        "`until` must be after `from`, found `5s`",
        "`until` is an instant of the run, not a length",
    );
    refused_with_help(
        "server.api.outages=[{ from = \"10s\", until = \"20s\", kind = \"boom\" }]",
        "`kind` has the unknown value `boom`",
        "known here: `refuse`, `silent`, `hang`, `503`, `reset-body`",
    );
    refused(
        "server.api.slow-downs=[{ from = \"10s\", until = \"20s\", factor = 0 }]",
        "`factor` must be a finite number from 0.001 to 1e6, found 0",
    );
    for (kind, read) in [
        ("refuse", OutageKind::Refuse),
        ("silent", OutageKind::Silent),
        ("hang", OutageKind::Hang),
        ("503", OutageKind::Answer503),
    ] {
        let set =
            format!("server.api.outages=[{{ from = \"1s\", until = \"2s\", kind = \"{kind}\" }}]");
        let scenario = read_small(&[&set]).expect("right").scenario;
        assert_eq!(scenario.servers[0].service.outages[0].kind, read);
    }
}

#[test]
fn moves_are_instants_in_order() {
    refused(
        "server.api.moves-at=[\"5s\", \"3s\"]",
        "`moves-at` must be in order of time, found `3s` after `5s`",
    );
    let read = read_small(&["server.api.moves-at=[\"20s\", \"40s\"]"]).expect("right");
    let at = |seconds| SimTime::ZERO + SimSpan::from_seconds(seconds);
    assert_eq!(read.scenario.servers[0].moves_at, [at(20), at(40)]);
    refused(
        "server.api.old-address-down-after=\"soon\"",
        "`old-address-down-after` must be a time, found `soon`",
    );
    let read = read_small(&[
        "server.api.moves-at=[\"20s\"]",
        "server.api.old-address-down-after=\"5s\"",
    ]);
    let server = &read.expect("right").scenario.servers[0];
    assert_eq!(
        server.old_address_down_after,
        Some(SimSpan::from_seconds(5))
    );
    let alone = read_small(&["server.api.old-address-down-after=\"5s\""]).expect("right");
    assert_eq!(
        alone.warnings.len(),
        1,
        "nothing moves: {:?}",
        alone.warnings
    );
    // A move that the run does not reach is told, not refused.
    let read = read_small(&["server.api.moves-at=[\"20min\"]"]).expect("right");
    assert_eq!(read.warnings.len(), 1, "{:?}", read.warnings);
}

#[test]
fn retries_say_how_often_how_long_and_on_what() {
    refused_with_help(
        "workload.orders.retry={ attempts = 3 }",
        "`backoff` is missing from `retry`",
        "`{ attempts = 3, backoff = \"1s\", factor = 2, jitter = true }`",
    );
    refused(
        "workload.orders.retry={ attempts = 0, backoff = \"1s\" }",
        "`attempts` must be at least 1, found 0",
    );
    refused(
        "workload.orders.retry={ attempts = 3, backoff = \"1s\", factor = 0.5 }",
        "`factor` must be a finite number of at least 1, found 0.5",
    );
    refused_with_help(
        "workload.orders.retry={ attempts = 3, backoff = \"1s\", on = [\"luck\"] }",
        "`on` has the unknown value `luck`",
        "known here: `connect`, `timeout`, `server-error`, `connection-lost`",
    );
    refused(
        "workload.orders.retry={ attempts = 3, backoff = \"1s\", budget = { share = 0.1 } }",
        "`burst` is missing from `budget`",
    );
    let set = "workload.orders.retry={ attempts = 3, backoff = \"1s\", factor = 2, jitter = true }";
    let read = read_small(&[set]).expect("right");
    let retry = read.scenario.workloads[0].retry.expect("one");
    assert_eq!((retry.attempts, retry.jitter), (3, true));
}

#[test]
fn devices_are_counted_and_have_a_period() {
    refused_with_help(
        "workload.orders.arrivals={ devices = { count = 5 } }",
        "`every` is missing from `devices`",
        "`{ devices = { count = 50, every = \"10s\" } }`",
    );
    refused(
        "workload.orders.arrivals={ devices = { count = 0, every = \"1s\" } }",
        "`count` must be at least 1, found 0",
    );
    refused(
        "workload.orders.arrivals={ devices = { count = 5, every = \"1s\", phases = \"odd\" } }",
        "`phases` has the unknown value `odd`",
    );
}

#[test]
fn strategies_change_what_is_beyond() {
    let text = format!(
        "{SMALL}[[strategy]]\nname = \"more\"\ninstances = 51\nworkers = 8\nqueue = 20\n\
         abandoned-work = \"stops\"\nnat = \"aws-nat-gateway\"\n\
         [[strategy]]\nname = \"none\"\nnat = \"none\"\n[nat]\nports = 64\n"
    );
    let scenario = good(&text).scenario;
    let more = scenario.under(&scenario.strategies[0]);
    assert_eq!(more.machine.instances, 51);
    assert_eq!(
        more.nat.expect("one").hold_after_fin,
        SimSpan::from_seconds(60)
    );
    assert!(scenario.under(&scenario.strategies[1]).nat.is_none());
}
