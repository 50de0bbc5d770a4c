//! A run that is stopped and looked at: what is seen agrees with the samples, and looking
//! changes nothing.

use crate::support::{self, InMemory, at};
use spsim::inside::net::snapshot::Owner;
use spsim::inside::net::{PortState, ProcessSnapshot};
use spsim::inside::scenario;
use spsim::inside::sim::Snapshot;
use spsim::inside::study::inspect;
use spsim::inside::study::port_map::{self, PortMap, STATES, StrategyMap};
use spsim::{Blind, Scenario, SimTime, Simulation};

const RUNTIMES: [&str; 8] = [
    "net20",
    "net40",
    "net45",
    "net48",
    "mono4",
    "mono6",
    "netcore31",
    "net8",
];

/// Groups, queues, closes by both sides, TIME_WAIT, refusals: a little of everything.
fn busy_scenario(runtime: &str) -> Scenario {
    support::read(&format!(
        r#"
        title = "busy"
        duration = "90s"
        machine = {{ ports = 120, time-wait = "7s", idle-close = "fin" }}
        client.a = {{ runtime = "{runtime}", max-idle-time = "9s", request-timeout = "4s" }}
        client.b = {{ runtime = "{runtime}", max-idle-time = "3s" }}
        [server.x]
        uri = "http://x/"
        response-time = {{ exponential = {{ mean = "900ms" }} }}
        connect-time = "30ms"
        closes-idle-after = "5s"
        [server.y]
        uri = "https://y:8443/"
        response-time = "2s"
        active-close = "client"
        [workload.one]
        client = "a"
        server = "x"
        group = {{ pool = 3 }}
        arrivals = {{ poisson = {{ rate = 20 }} }}
        [workload.two]
        client = "b"
        server = "y"
        group = "unique"
        arrivals = {{ every = "150ms" }}
        [workload.three]
        client = "a"
        server = "y"
        keep-alive = false
        arrivals = {{ every = "400ms", until = "60s" }}
        [[strategy]]
        name = "closing"
        close-groups = {{ every = "11s" }}
        "#
    ))
}

fn count(snapshot: &Snapshot, state: PortState) -> u64 {
    let connections = snapshot
        .processes
        .iter()
        .flat_map(ProcessSnapshot::connections);
    connections.filter(|it| it.state == Some(state)).count() as u64
}

/// Everything that a sample and a snapshot both know.
fn assert_agrees(runtime: &str, snapshot: &Snapshot) {
    let sample = &snapshot.sample;
    let context = format!("{runtime} at {}", sample.time);
    assert_eq!(
        count(snapshot, PortState::Connecting),
        sample.connecting,
        "{context}"
    );
    assert_eq!(count(snapshot, PortState::Busy), sample.busy, "{context}");
    assert_eq!(count(snapshot, PortState::Idle), sample.idle, "{context}");
    assert_eq!(
        count(snapshot, PortState::CloseWait),
        sample.close_wait,
        "{context}"
    );
    let time_wait: usize = snapshot.tables.iter().map(|it| it.time_wait.len()).sum();
    assert_eq!(time_wait as u64, sample.time_wait, "{context}");
    let with_socket = snapshot
        .processes
        .iter()
        .flat_map(ProcessSnapshot::connections);
    let with_socket = with_socket.filter(|it| it.state.is_some()).count() as u64;
    assert_eq!(with_socket, sample.connections, "{context}");
    let service_points = snapshot.processes.iter().flat_map(|it| &it.service_points);
    let (mut listed, mut groups, mut queued) = (0, 0, 0);
    for service_point in service_points {
        listed += u64::from(service_point.listed);
        groups += service_point.empty_groups.len();
        for owner in &service_point.owners {
            groups += u64::from(owner.listed && matches!(owner.owner, Owner::Group(_)));
            queued += owner.queued;
            queued += owner
                .connections
                .iter()
                .map(|it| u64::from(it.queued))
                .sum::<u64>();
        }
    }
    assert_eq!(listed, sample.service_points, "{context}");
    assert_eq!(groups, sample.groups, "{context}");
    assert_eq!(queued, sample.queued, "{context}");
}

#[test]
fn a_snapshot_agrees_with_the_sample_of_its_instant() {
    for runtime in RUNTIMES {
        let scenario = busy_scenario(runtime);
        let variants = [scenario.clone(), scenario.under(&scenario.strategies[0])];
        for variant in &variants {
            let instants: Vec<SimTime> = (0..=60).map(|k| at(f64::from(k) * 1.5)).collect();
            let mut seen = 0;
            let see = |inspection: spsim::inside::study::Inspection<'_>| {
                assert_agrees(runtime, &inspection.snapshot);
                assert_eq!(inspection.snapshot.sample.time, instants[seen]);
                seen += 1;
            };
            inspect(variant, 0, &InMemory::default(), &instants, see).expect("no trace");
            assert_eq!(seen, instants.len());
        }
    }
}

#[test]
fn looking_changes_nothing() {
    for runtime in RUNTIMES {
        let scenario = busy_scenario(runtime);
        let variant = scenario.under(&scenario.strategies[0]);
        let traces = InMemory::default();
        let mut blind = Blind;
        let undisturbed = Simulation::new(&variant, 0, &traces, &mut blind).expect("no trace");
        let end = undisturbed.run().expect("no trace");
        let mut blind = Blind;
        let mut looked_at = Simulation::new(&variant, 0, &traces, &mut blind).expect("no trace");
        for k in 0..200 {
            looked_at
                .run_until(at(f64::from(k) * 0.4))
                .expect("no trace");
            looked_at.snapshot();
            looked_at.for_each_port(|_, _, _| {});
        }
        assert_eq!(looked_at.run().expect("no trace"), end, "{runtime}");
    }
}

#[test]
fn a_snapshot_is_after_everything_of_its_instant() {
    // A request every second whose response takes exactly one: at 3 s the one of 2 s has ended
    // and the one of 3 s is on the wire.
    let scenario = support::read(
        r#"
        title = "instant"
        duration = "10s"
        client.a = {}
        server.x = { uri = "http://x/", response-time = "1s" }
        workload.w = { group = "unique", arrivals = { every = "1s" } }
        "#,
    );
    let see = |inspection: spsim::inside::study::Inspection<'_>| {
        let sample = inspection.snapshot.sample;
        assert_eq!((sample.requests, sample.busy, sample.idle), (4, 1, 3));
    };
    inspect(&scenario, 0, &InMemory::default(), &[at(3.0)], see).expect("no trace");
}

#[test]
fn a_port_in_time_wait_knows_where_it_went() {
    let scenario = busy_scenario("net40");
    let mut keys: Vec<String> = Vec::new();
    let see = |inspection: spsim::inside::study::Inspection<'_>| {
        for port in &inspection.time_wait {
            keys.push(inspection.endpoints[port.endpoint as usize].key.clone());
        }
    };
    let instants: Vec<SimTime> = (1..=80).map(|k| at(f64::from(k))).collect();
    inspect(&scenario, 0, &InMemory::default(), &instants, see).expect("no trace");
    keys.sort();
    keys.dedup();
    assert_eq!(keys, ["http://x", "https://y:8443"]);
}

fn map_of(scenario: &Scenario, traces: &InMemory) -> StrategyMap {
    let times = PortMap::new(scenario, vec![at(1.234)]).times;
    assert!(times.contains(&at(1.234)), "marks are frames");
    port_map::map_of(scenario, "as is", traces, &times).expect("no trace")
}

#[test]
fn the_port_map_counts_what_the_samples_count() {
    for runtime in RUNTIMES {
        let scenario = busy_scenario(runtime);
        let map = map_of(&scenario, &InMemory::default());
        assert_eq!((map.ports, map.ports_per_cell), (120, 1));
        assert!(map.frames.len() as u64 <= port_map::MOST_FRAMES + 2);
        for (sample, frame) in map.samples.iter().zip(&map.frames) {
            let cells = |name: &str| {
                let state = STATES.iter().position(|it| *it == name).expect("a state") as u8;
                frame
                    .iter()
                    .map(|cell| u64::from(*cell == state))
                    .sum::<u64>()
            };
            assert_eq!(cells("busy"), sample.busy);
            assert_eq!(cells("idle"), sample.idle);
            assert_eq!(cells("connecting"), sample.connecting);
            assert_eq!(cells("close_wait"), sample.close_wait);
            assert_eq!(cells("time_wait"), sample.time_wait);
            assert_eq!(cells("free"), 120 - sample.ports_in_use);
        }
    }
}

#[test]
fn a_map_of_many_ports_is_bounded() {
    let built_in = scenario::BuiltIn::find("kb2551125").expect("built in");
    let text = built_in.toml.to_owned();
    let mut files = InMemory::default();
    let set = |key: &str, value: &str| scenario::Override {
        typed_as: "--set",
        key: key.into(),
        value: value.into(),
    };
    let overrides = [
        set("machine.ports", "linux"),
        set("duration", "2s"),
        set("sample-every", "1ms"),
    ];
    let read = scenario::read(&text, "wide", &overrides, &mut files).expect("right");
    let map = map_of(&read.scenario, &files);
    assert_eq!((map.ports, map.ports_per_cell), (28_232, 2));
    assert!(map.frames.len() as u64 <= port_map::MOST_FRAMES + 2);
    assert!(map.frames.iter().all(|frame| frame.len() == 14_116));
    assert_eq!(map.samples.last().map(|it| it.time), Some(at(2.0)));
}
