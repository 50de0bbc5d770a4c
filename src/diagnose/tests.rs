//! Kinds and rates on series whose truth is known.

use super::series::{Series, Step};
use super::*;
use crate::kernel::{RandomStream, stream};
use alloc::vec::Vec;
use core::net::SocketAddr;
use rand::Rng;

fn windows() -> LocalPorts {
    LocalPorts {
        name: "windows".into(),
        range: PortRange {
            first: 49152,
            count: 16384,
        },
        scope: PortScope::Host,
        time_wait: Some(SimSpan::from_seconds(120)),
    }
}

/// One step each 2 s of (established, TIME_WAIT, CLOSE_WAIT, opened).
fn series(steps: impl IntoIterator<Item = [u64; 4]>) -> Series {
    let step = |(number, [established, held, left, opened]): (usize, [u64; 4])| Step {
        time_s: 2.0 * number as f64,
        states: [
            (State::Established, established),
            (State::TimeWait, held),
            (State::CloseWait, left),
        ]
        .into_iter()
        .filter(|it| it.1 > 0)
        .collect(),
        opened: Some(opened),
    };
    Series {
        remote: "10.0.0.1:80".into(),
        steps: steps.into_iter().enumerate().map(step).collect(),
    }
}

fn judged(steps: impl IntoIterator<Item = [u64; 4]>) -> Finding {
    let diagnosis = diagnose(alloc::vec![series(steps)], windows());
    diagnosis.findings.into_iter().next().expect("one endpoint")
}

fn random() -> RandomStream {
    stream(1, "diagnose/tests", 0)
}

/// Below `bound`.
fn below(stream: &mut RandomStream, bound: u64) -> u64 {
    stream.next_u64() % bound
}

#[test]
fn each_kind_is_called_by_its_name() {
    let kind = |steps: Vec<[u64; 4]>| judged(steps).kind;
    assert_eq!(
        kind((0..12).map(|t| [40 * t, 0, 0, 40]).collect()),
        Kind::Leak
    );
    assert_eq!(
        kind((0..12).map(|t| [2, 40 * t, 0, 40]).collect()),
        Kind::Churn
    );
    assert_eq!(
        kind((0..12).map(|t| [2, 1200 + t % 3, 0, 40]).collect()),
        Kind::Churn,
        "settled"
    );
    assert_eq!(
        kind((0..12).map(|_| [12, 0, 0, 0]).collect()),
        Kind::Bounded
    );
    assert_eq!(
        kind((0..12).map(|t| [0, 0, 20 * t, 20]).collect()),
        Kind::CloseWait
    );
    let pulse = |t: u64| {
        if (5..7).contains(&t) {
            [300, 0, 0, 150]
        } else {
            [10, 0, 0, 0]
        }
    };
    assert_eq!(kind((0..12).map(pulse).collect()), Kind::Burst);
    let fills = |t: u64| [(40 * t).min(160), 0, 0, if t < 5 { 40 } else { 0 }];
    assert_eq!(
        kind((0..12).map(fills).collect()),
        Kind::Bounded,
        "a pool fills"
    );
    let saw = |t: u64| [40 * (t % 6), 0, 0, 40];
    assert_eq!(
        kind((0..18).map(saw).collect()),
        Kind::Bounded,
        "groups are closed at times"
    );
    assert_eq!(
        kind((0..12).map(|t| [400 - 30 * t, 0, 0, 0]).collect()),
        Kind::Burst,
        "over"
    );
}

#[test]
fn a_leak_that_was_restarted_is_judged_since_then() {
    let grows = |t: u64| [20 + 40 * (t % 10), 0, 0, 40];
    let found = judged((0..20).map(grows));
    assert_eq!(found.kind, Kind::Leak);
    assert_eq!(found.restart_s, Some(20.0));
    assert!((found.growth_per_s - 20.0).abs() < 1e-9, "{found:?}");
    // A second time: the program closes its connections at times.
    let found = judged((0..30).map(grows));
    assert_eq!((found.kind, found.restart_s), (Kind::Bounded, None));
    // Calm afterwards: what went was a burst.
    let burst = |t: u64| {
        if t < 6 {
            [10 + 60 * t, 0, 0, 60]
        } else {
            [10, 0, 0, 0]
        }
    };
    assert_eq!(judged((0..20).map(burst)).restart_s, None);
}

#[test]
fn a_pool_that_wanders_is_bounded() {
    let mut stream = random();
    let mut wrong = 0;
    for _ in 0..200 {
        let mut level = 12_i64;
        let steps: Vec<[u64; 4]> = (0..12)
            .map(|_| {
                level = (level + below(&mut stream, 3).cast_signed() - 1).clamp(8, 16);
                [level.cast_unsigned(), 0, 0, 1]
            })
            .collect();
        wrong += u32::from(judged(steps).kind != Kind::Bounded);
    }
    assert!(wrong <= 12, "{wrong} of 200");
}

#[test]
fn the_interval_of_a_random_leak_holds_its_rate() {
    // Binomial arrivals: 80 chances of one half in 2 s, 20 per second on average.
    let mut stream = random();
    let mut held = 0;
    for _ in 0..400 {
        let mut level = 40;
        let steps: Vec<[u64; 4]> = (0..12)
            .map(|_| {
                let more = u64::from((stream.next_u64() & stream.next_u64() | 1).count_ones() / 2);
                level += more;
                [level, 0, 0, more]
            })
            .collect();
        // The truth by many draws: (1 + 63 / 4) / 2 per step, less a quarter for rounding down.
        let finding = judged(steps);
        assert_eq!(finding.kind, Kind::Leak);
        let interval = finding.interval.expect("12 snapshots");
        let truth = (1.0 + 63.0 / 4.0 - 0.5) / 2.0 / 2.0;
        held += u32::from(interval.low <= truth && truth <= interval.high);
    }
    assert!(
        (365..=395).contains(&held),
        "95% of 400 is 380, found {held}"
    );
}

#[test]
fn time_left_counts_the_ports_of_every_endpoint_on_windows() {
    let mut other = series((0..12).map(|_| [384, 0, 0, 0]));
    other.remote = "10.0.0.2:80".into();
    let leak = series((0..12).map(|t| [1000 + 40 * t, 0, 0, 40]));
    let diagnosis = diagnose(alloc::vec![leak, other], windows());
    let found = &diagnosis.findings[0];
    assert_eq!(
        (found.kind, found.ports(), diagnosis.ports),
        (Kind::Leak, 1440, 1824)
    );
    let left = found.outlook.left_s.expect("it leaks");
    assert!((left - (16384.0 - 1824.0) / 20.0).abs() < 1e-6, "{left}");
    assert_eq!(diagnosis.findings[1].outlook.left_s, None);
}

#[test]
fn leaks_to_several_endpoints_end_sooner_together() {
    let leak = |remote: &str| {
        let mut leak = series((0..12).map(|t| [40 * t, 0, 0, 40]));
        leak.remote = remote.into();
        leak
    };
    let both = diagnose(alloc::vec![leak("a:1"), leak("b:1")], windows());
    assert_eq!(both.together(), Some((40.0, (16384.0 - 880.0) / 40.0)));
    assert_eq!(
        diagnose(alloc::vec![leak("a:1")], windows()).together(),
        None
    );
}

#[test]
fn a_churn_settles_at_rate_times_time_wait() {
    let found = judged((0..12).map(|t| [0, 40 * t, 0, 40]));
    assert_eq!(
        found.outlook.level.map(|it| (it / 10.0).round() * 10.0),
        Some(2400.0)
    );
    assert_eq!(found.outlook.left_s, None, "2400 is below 16384");
}

/// Rows of `LOCAL REMOTE STATE`, one snapshot per line, joined by commas.
fn table(text: &str) -> SocketTable {
    let end = |text: &str| text.parse::<SocketAddr>().expect("an address");
    let mut table = SocketTable::default();
    for (number, line) in (0_i64..).zip(text.lines()) {
        table.begin(number * 1_000_000_000);
        for row in line.split(',') {
            let words: Vec<&str> = row.split_whitespace().collect();
            let state = State::ALL
                .into_iter()
                .find(|it| it.name() == words[2])
                .expect("a state");
            table.add(Connection {
                local: end(words[0]),
                remote: end(words[1]),
                state,
            });
        }
    }
    table.sort();
    table
}

#[track_caller]
fn check_remotes(text: &str, expected: &[(&str, u64)]) {
    let found = series::of(&table(text));
    let found: Vec<(&str, u64)> = found
        .iter()
        .map(|it| (it.remote.as_str(), it.last_total()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn both_ends_on_one_host_count_once() {
    let both = "127.0.0.1:50000 127.0.0.1:80 ESTABLISHED,127.0.0.1:80 127.0.0.1:50000 ESTABLISHED";
    check_remotes(both, &[("127.0.0.1:80", 1)]);
    let listed = format!("0.0.0.0:80 0.0.0.0:0 LISTEN,{both}");
    check_remotes(&listed, &[("127.0.0.1:80", 1)]);
    // A server with a high port, and two clients: what many share is the server's.
    let high = "127.0.0.1:5000 127.0.0.1:60000 ESTABLISHED,\
                127.0.0.1:60000 127.0.0.1:5000 ESTABLISHED,\
                127.0.0.1:5001 127.0.0.1:60000 ESTABLISHED,\
                127.0.0.1:60000 127.0.0.1:5001 ESTABLISHED";
    check_remotes(high, &[("127.0.0.1:60000", 2)]);
    // One end in IPv6 clothes.
    let dual = "[::ffff:127.0.0.1]:80 [::ffff:127.0.0.1]:50000 ESTABLISHED,\
                127.0.0.1:50000 127.0.0.1:80 TIME_WAIT";
    check_remotes(dual, &[("127.0.0.1:80", 1)]);
}

#[test]
fn connections_of_others_to_our_servers_are_not_ours() {
    check_remotes(
        "0.0.0.0:443 0.0.0.0:0 LISTEN,10.0.0.5:443 10.9.9.9:50001 ESTABLISHED,\
         10.0.0.5:49200 10.1.1.1:80 ESTABLISHED",
        &[("10.1.1.1:80", 1)],
    );
    // Listening on another address only.
    check_remotes(
        "127.0.0.1:49200 0.0.0.0:0 LISTEN,10.0.0.5:49200 10.1.1.1:80 ESTABLISHED",
        &[("10.1.1.1:80", 1)],
    );
}

#[test]
fn a_bound_port_counts_only_without_its_connection() {
    check_remotes(
        "10.0.0.5:49200 10.1.1.1:80 ESTABLISHED,0.0.0.0:49200 0.0.0.0:0 BOUND,\
         0.0.0.0:49201 0.0.0.0:0 BOUND",
        &[("10.1.1.1:80", 1), ("0.0.0.0:0", 1)],
    );
}

#[test]
fn a_port_that_was_held_and_lives_again_is_new() {
    let found = series::of(&table(
        "10.0.0.5:49200 10.1.1.1:80 TIME_WAIT,10.0.0.5:49201 10.1.1.1:80 ESTABLISHED\n\
         10.0.0.5:49200 10.1.1.1:80 ESTABLISHED,10.0.0.5:49201 10.1.1.1:80 TIME_WAIT,\
         10.0.0.5:49202 10.1.1.1:80 ESTABLISHED",
    ));
    assert_eq!(found[0].steps[1].opened, Some(2));
    assert_eq!(found[0].opened_per_s(), Some(2.0));
}

/// Ports of one kind, each with how long it is alive and how long it is held then; they come at
/// random, `per_s`, from `before` the first snapshot on.
struct Stream {
    per_s: f64,
    before: f64,
    alive: fn(f64, &mut RandomStream) -> f64,
    alive_s: f64,
    held_s: f64,
}

/// Even from 0 to 1, without 0.
fn even(random: &mut RandomStream) -> f64 {
    ((random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

fn from(random: &mut RandomStream, low: f64, high: f64) -> f64 {
    low + (high - low) * even(random)
}

fn exponential(mean: f64, random: &mut RandomStream) -> f64 {
    -mean * libm::log(even(random))
}

fn one_of(random: &mut RandomStream, values: &[f64]) -> f64 {
    values[below(random, values.len() as u64) as usize]
}

/// What snapshots at these times see of the streams together.
fn seen(times: &[f64], streams: &[Stream], random: &mut RandomStream) -> Series {
    let last = times[times.len() - 1];
    let mut lives = Vec::new();
    for it in streams {
        let mut at = -it.before + exponential(1.0 / it.per_s, random);
        while at <= last {
            let closed = at + (it.alive)(it.alive_s, random);
            lives.push((at, closed, closed + it.held_s));
            at += exponential(1.0 / it.per_s, random);
        }
    }
    let mut previous = f64::NEG_INFINITY;
    let step = |time: &f64| {
        let count =
            |is: &dyn Fn(&(f64, f64, f64)) -> bool| lives.iter().filter(|it| is(it)).count();
        let established = count(&|it| it.0 <= *time && *time < it.1) as u64;
        let held = count(&|it| it.1 <= *time && *time < it.2) as u64;
        let opened = count(&|it| previous < it.0 && it.0 <= *time && *time < it.2) as u64;
        previous = *time;
        let states = [(State::Established, established), (State::TimeWait, held)];
        Step {
            time_s: *time,
            states: states.into_iter().filter(|it| it.1 > 0).collect(),
            opened: Some(opened),
        }
    };
    let mut steps: Vec<Step> = times.iter().map(step).collect();
    steps[0].opened = Some(0);
    Series {
        remote: "10.0.0.1:80".into(),
        steps,
    }
}

/// A series of one of six kinds, and what it is: slow leaks alone, beside a pool that breathes and
/// beside a churn at its level; churns at their level and on their way there; pools.
fn of_kind(number: u64, random: &mut RandomStream) -> (Kind, Series) {
    let n = one_of(random, &[8.0, 12.0, 20.0, 40.0]) as usize;
    let gap = one_of(random, &[2.0, 5.0, 10.0, 30.0]);
    let mut times = alloc::vec![0.0];
    while times.len() < n {
        let last = times[times.len() - 1];
        times.push(last + gap * from(random, 0.6, 1.4));
    }
    let span = gap * n as f64;
    let before = 120.0;
    let leak = |per_s| Stream {
        per_s,
        before,
        alive: |_, _| f64::INFINITY,
        alive_s: f64::INFINITY,
        held_s: 0.0,
    };
    let turned_over = |per_s, alive_s: f64, held_s: f64| Stream {
        per_s,
        before: held_s + 6.0 * alive_s,
        alive: exponential,
        alive_s,
        held_s,
    };
    let lives = from(random, 2.0, 30.0);
    let pool = one_of(random, &[5.0, 10.0, 20.0]);
    let busy = from(random, 0.02, 0.5);
    let held = one_of(random, &[30.0, 60.0, 120.0]);
    let (kind, streams) = match number % 6 {
        0 => (
            Kind::Leak,
            alloc::vec![leak(from(random, 12.0, 60.0) / span)],
        ),
        1 => {
            let leak = leak(from(random, 25.0, 80.0) / span);
            (
                Kind::Leak,
                alloc::vec![leak, turned_over(pool / lives, lives, 0.0)],
            )
        }
        2 => {
            let leak = leak(from(random, 30.0, 200.0) / span);
            let churn = turned_over(from(random, 0.5, 10.0), busy, held);
            (Kind::Leak, alloc::vec![leak, churn])
        }
        3 => {
            let churn = turned_over(from(random, 0.5, 20.0), busy, held);
            (Kind::Churn, alloc::vec![churn])
        }
        4 => {
            let mut churn = turned_over(from(random, 0.5, 20.0), busy, 2.0 * held);
            churn.before = 0.0;
            (Kind::Churn, alloc::vec![churn])
        }
        _ => {
            let lives = from(random, 1.0, 60.0);
            let pool = turned_over(2.0 * pool / lives, lives, 0.0);
            (Kind::Bounded, alloc::vec![pool])
        }
    };
    (kind, seen(&times, &streams, random))
}

/// A slow leak has few new ports, and what is turned over beside it fluctuates more than it grows.
#[test]
fn slow_leaks_are_told_apart_from_what_is_turned_over() {
    let mut random = stream(3, "diagnose/kinds", 0);
    let mut wrong: Vec<(u64, Kind, Kind)> = Vec::new();
    for number in 0..660 {
        let (expected, series) = of_kind(number, &mut random);
        let found = diagnose(alloc::vec![series], windows());
        let found = found.findings[0].kind;
        if found != expected {
            wrong.push((number % 6, expected, found));
        }
    }
    assert!(wrong.len() <= 10, "{} of 660: {wrong:?}", wrong.len());
}
