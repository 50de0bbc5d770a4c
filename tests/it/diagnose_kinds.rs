//! Kinds and rates of ports from runs whose truth is known: the model's own runs become
//! snapshots, with every port's life, and `diagnose` must give the kind back; the scenario that
//! it writes must then do the same again.

use crate::support::{read, run};
use spsim::inside::diagnose::{
    self, Connection, Diagnosis, Finding, Kind, LocalPorts, SocketTable, State, reproduce, series,
};
use spsim::inside::input::snapshots::{self, SnapshotFile};
use spsim::inside::model::PortScope;
use spsim::inside::model::settings::PortRange;
use spsim::{Sample, SimSpan};
use std::collections::{BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};

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

/// A program with this workload and server, sampled each second.
fn scenario(duration: &str, machine: &str, client: &str, server: &str, workload: &str) -> String {
    format!(
        "title = \"t\"\nduration = \"{duration}\"\nsample-every = \"1s\"\n[machine]\n\
         ports = \"windows\"\n{machine}\n[client.app]\n{client}\n[server.api]\n\
         response-time = {{ exponential = {{ mean = \"100ms\" }} }}\n{server}\n\
         [workload.load]\n{workload}\n"
    )
}

/// The ports of one endpoint as a socket table would list them: new ones behind, the oldest
/// given back first, those in TIME_WAIT before those in CLOSE_WAIT before the live ones.
struct Ports {
    taken: VecDeque<u16>,
    next: u16,
    opened: u64,
}

impl Ports {
    fn new() -> Ports {
        Ports {
            taken: VecDeque::new(),
            next: 0,
            opened: 0,
        }
    }

    fn follow(&mut self, sample: &Sample) {
        let in_use: BTreeSet<u16> = self.taken.iter().copied().collect();
        for _ in self.opened..sample.opened {
            loop {
                self.next = (self.next + 1) % 16_384;
                if !in_use.contains(&(49_152 + self.next)) {
                    break;
                }
            }
            self.taken.push_back(49_152 + self.next);
        }
        self.opened = sample.opened;
        while self.taken.len() as u64 > sample.ports_in_use {
            self.taken.pop_front();
        }
    }

    fn write(&self, sample: &Sample, host: u8, table: &mut SocketTable) {
        for (port, index) in self.taken.iter().zip(0..) {
            let state = match index {
                index if index < sample.time_wait => State::TimeWait,
                index if index < sample.time_wait + sample.close_wait => State::CloseWait,
                _ => State::Established,
            };
            table.add(Connection {
                local: SocketAddr::from((Ipv4Addr::new(10, 0, 0, 5), *port)),
                remote: SocketAddr::from((Ipv4Addr::new(10, 0, 0, host), 443)),
                state,
            });
        }
    }
}

/// Snapshots of several runs beside each other, at irregular times.
fn observe(runs: &[&[Sample]], from: usize) -> Diagnosis {
    const GAPS: [usize; 5] = [4, 6, 5, 3, 7];
    let mut table = SocketTable::default();
    let mut ports: Vec<Ports> = runs.iter().map(|_| Ports::new()).collect();
    let (mut at, mut number) = (0, 0);
    while at < runs[0].len() {
        if at >= from {
            table.begin(runs[0][at].time.as_nanos().cast_signed());
        }
        for (host, (samples, ports)) in (1..).zip(runs.iter().zip(&mut ports)) {
            ports.follow(&samples[at]);
            if at >= from {
                ports.write(&samples[at], host, &mut table);
            }
        }
        at += GAPS[number % GAPS.len()];
        number += 1;
    }
    table.sort();
    diagnose::diagnose(series::of(&table), windows())
}

/// What is found in a run of `text`, seen from `from` seconds on, for several seeds.
#[track_caller]
fn check_kind(text: &str, from: usize, expected: Kind, also: impl Fn(&Diagnosis, &Finding)) {
    for replication in 0..4 {
        let output = run(&read(text), replication);
        let diagnosis = observe(&[&output.samples], from);
        let found = &diagnosis.findings[0];
        let totals: Vec<u64> = found
            .series
            .steps
            .iter()
            .map(diagnose::Step::total)
            .collect();
        assert_eq!(
            found.kind, expected,
            "replication {replication}: {totals:?}"
        );
        also(&diagnosis, found);
    }
}

/// The scenario that was written, as it runs under "as observed".
fn reproduced(diagnosis: &Diagnosis, finding: &Finding) -> (String, Vec<Sample>, u64) {
    let text = reproduce::scenario(diagnosis, finding);
    let scenario = read(&text);
    let variant = scenario.under(&scenario.strategies[0]);
    let output = run(&variant, 0);
    (text, output.samples, output.summary.ports.peak)
}

#[track_caller]
fn check_near(what: &str, found: f64, expected: f64, share: f64) {
    let bound = share * expected;
    assert!(
        (found - expected).abs() <= bound,
        "{what}: {found}, expected {expected} ± {bound}"
    );
}

/// Ports per second between an eighth and three eighths of a run.
fn slope(samples: &[Sample]) -> f64 {
    let (one, other) = (&samples[samples.len() / 8], &samples[samples.len() * 3 / 8]);
    let ports = other.ports_in_use as f64 - one.ports_in_use as f64;
    ports / (other.time - one.time).as_seconds()
}

#[test]
fn a_leak_is_a_leak_and_leaks_again() {
    let workload = "arrivals = { poisson = { rate = 15 } }\ngroup = \"unique\"";
    let text = scenario("2min", "", "", "", workload);
    check_kind(&text, 0, Kind::Leak, |diagnosis, found| {
        // The scatter of 1800 arrivals, three times.
        check_near("growth", found.growth_per_s, 15.0, 3.0 / 1800_f64.sqrt());
        let (text, samples, _) = reproduced(diagnosis, found);
        check_near(&text, slope(&samples), found.growth_per_s, 0.1);
    });
}

#[test]
fn a_churn_is_a_churn_while_it_rises_and_when_it_has_settled() {
    let workload = "arrivals = { poisson = { rate = 15 } }\ngroup = \"unique\"\nkeep-alive = false";
    let text = scenario("5min", "", "", "active-close = \"client\"", workload);
    for from in [0, 180] {
        check_kind(&text, from, Kind::Churn, |diagnosis, found| {
            let level = found.outlook.level.expect("TIME_WAIT is known");
            check_near("level", level, 15.0 * 120.0, 0.1);
            let (text, samples, _) = reproduced(diagnosis, found);
            let last = samples.last().map_or(0, |it| it.ports_in_use);
            check_near(&text, last as f64, level, 0.1);
        });
    }
}

#[test]
fn a_pool_is_bounded_and_stays_so() {
    let workload = "arrivals = { poisson = { rate = 40 } }\ngroup = { pool = 12 }";
    let text = scenario("2min", "", "", "", workload);
    check_kind(&text, 10, Kind::Bounded, |diagnosis, found| {
        assert_eq!(found.outlook.left_s, None);
        let (text, _, peak) = reproduced(diagnosis, found);
        assert!(peak <= 3 * found.ports(), "{peak} of {text}");
    });
}

#[test]
fn closed_by_the_server_and_never_noticed_is_close_wait() {
    let workload = "arrivals = { poisson = { rate = 10 } }\ngroup = \"unique\"";
    let text = scenario("2min", "", "", "closes-idle-after = \"10s\"", workload);
    check_kind(&text, 0, Kind::CloseWait, |diagnosis, found| {
        let (text, samples, _) = reproduced(diagnosis, found);
        check_near(&text, slope(&samples), found.growth_per_s, 0.1);
        let last = samples.last().expect("samples");
        assert!(2 * last.close_wait > last.ports_in_use, "{text}");
    });
}

#[test]
fn a_pulse_is_a_burst_and_comes_again() {
    let workload = "arrivals = { poisson = { rate = 60 }, from = \"30s\", until = \"38s\" }\n\
                    group = \"unique\"";
    let client = "runtime = \"net48\"\nmax-idle-time = \"20s\"";
    let text = scenario("2min", "", client, "", workload);
    check_kind(&text, 0, Kind::Burst, |diagnosis, found| {
        let seen = found.series.steps.iter().map(diagnose::Step::total).max();
        let (text, _, peak) = reproduced(diagnosis, found);
        check_near(&text, peak as f64, seen.expect("steps") as f64, 0.2);
    });
}

#[test]
fn endpoints_are_told_apart() {
    let leak = "arrivals = { poisson = { rate = 5 } }\ngroup = \"unique\"";
    let pool = "arrivals = { poisson = { rate = 40 } }\ngroup = { pool = 4 }";
    let run = |workload: &str| run(&read(&scenario("2min", "", "", "", workload)), 0).samples;
    let (leak, pool) = (run(leak), run(pool));
    let diagnosis = observe(&[&pool, &leak], 10);
    let kinds: Vec<(&str, Kind)> = diagnosis
        .findings
        .iter()
        .map(|it| (it.remote.as_str(), it.kind))
        .collect();
    assert_eq!(
        kinds,
        // A pool of many names would still fill: two connections each, the second ones rarely.
        [
            ("10.0.0.2:443", Kind::Leak),
            ("10.0.0.1:443", Kind::Bounded)
        ]
    );
    // On Windows a port serves one connection: the pool's are missing to the leak.
    let left = diagnosis.findings[0].outlook.left_s.expect("it leaks");
    let free = 16_384.0 - diagnosis.ports as f64;
    check_near("time left", left, free / 5.0, 0.15);
}

/// What a real file shows: its kind and growth, and the scenario written from it.
fn real(name: &str) -> (Kind, f64, Vec<Sample>, f64) {
    let input = std::fs::File::open(format!("tests/data/{name}")).expect("the snapshots");
    let file = SnapshotFile {
        name: name.into(),
        input: Box::new(input),
    };
    let observed = snapshots::read(vec![file], None).expect("snapshots");
    let table = LocalPorts {
        name: "linux".into(),
        range: PortRange {
            first: 32_768,
            count: 28_232,
        },
        scope: PortScope::Destination,
        time_wait: Some(SimSpan::from_seconds(60)),
    };
    let diagnosis = diagnose::diagnose(series::of(&observed.sockets), table);
    let found = &diagnosis.findings[0];
    let (_, samples, _) = reproduced(&diagnosis, found);
    let level = found.outlook.level.unwrap_or(found.ports() as f64);
    (found.kind, found.growth_per_s, samples, level)
}

#[test]
fn scenarios_written_from_real_snapshots_do_the_same() {
    let (kind, growth, samples, _) = real("ss-leak-20-per-s.txt");
    assert_eq!(kind, Kind::Leak);
    check_near("growth", growth, 20.0, 0.05);
    check_near("slope", slope(&samples), growth, 0.05);
    let (kind, _, samples, level) = real("ss-churn-20-per-s.txt");
    assert_eq!(kind, Kind::Churn);
    let last = samples.last().map_or(0, |it| it.ports_in_use);
    check_near("level", last as f64, level, 0.1);
    let (kind, growth, samples, level) = real("ss-bounded-12-groups.txt");
    assert_eq!((kind, growth), (Kind::Bounded, 0.0));
    let last = samples.last().map_or(0, |it| it.ports_in_use);
    assert!(last as f64 <= 2.0 * level, "{last} beside {level}");
}
