//! Laws that hold on every run, whatever the scenario: random small scenarios, a fixed seed.
//!
//! The laws of counters that no observer sees (`active`, SP-6, CN-6; the books of the port
//! table, PT-2) are asserted step by step under `net::framework::tests`.

use crate::support::{self, InMemory, at, read, read_with};
use proptest::prelude::*;
use spsim::inside::model::profile::Mechanism;
use spsim::inside::model::workload::{Action, TimedAction};
use spsim::inside::record::Recorder;
use spsim::{
    End, GroupName, Observation, Observer, Outcome, RequestView, Runner, Sample, Scenario, SimSpan,
    SimTime, Simulation,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The runtimes under the laws: all there are.
const PROFILES: &[&str] = &[
    "net20-rtm",
    "net20",
    "net40",
    "net45",
    "net48",
    "mono4",
    "mono6",
    "netcore31",
    "net8",
];

/// Where the families differ in what can be asserted of them.
fn mechanism(scenario: &Scenario) -> &Mechanism {
    &scenario.clients[0].runtime.mechanism
}

/// Checks the laws as a run goes, and keeps what it saw.
struct Checker {
    scenario: Scenario,
    now: SimTime,
    seen: Vec<(SimTime, Observation)>,
    observes_moves: bool,
    arrived: BTreeSet<u64>,
    ended: BTreeSet<u64>,
    succeeded: u64,
    opened: u64,
    /// Open connections by serial: the group they were opened for, and whether it still lists
    /// them.
    open: BTreeMap<u64, (u32, GroupName, bool)>,
}

impl Checker {
    fn new(scenario: &Scenario) -> Checker {
        Checker {
            scenario: scenario.clone(),
            now: SimTime::ZERO,
            seen: Vec::new(),
            observes_moves: true,
            arrived: BTreeSet::new(),
            ended: BTreeSet::new(),
            succeeded: 0,
            opened: 0,
            open: BTreeMap::new(),
        }
    }

    /// LIM-3: never more connections in a group's list than its limit.
    fn check_limit(&self, endpoint: u32, name: GroupName) {
        // Modern .NET has no groups, and opens a connection for each private client (NC-1, NC-3).
        if matches!(mechanism(&self.scenario), Mechanism::SocketsHttp(_)) {
            return;
        }
        let listed = |one: &&(u32, GroupName, bool)| **one == (endpoint, name, true);
        let n_listed = self.open.values().filter(listed).count() as u32;
        let client = &self.scenario.clients[0];
        let limit = client.effective_limit(&self.scenario.servers[endpoint as usize]);
        assert!(
            n_listed <= limit.count(),
            "{n_listed} connections in {name} at {:?}",
            self.now
        );
    }

    /// PT-2: what the table counts is what is open, and no port is counted twice.
    fn check_sample(&self, sample: &Sample) {
        let live = sample.connecting + sample.busy + sample.idle + sample.close_wait;
        assert_eq!(sample.ports_in_use, live + sample.time_wait);
        assert_eq!(live, self.open.len() as u64, "at {:?}", self.now);
        assert!(sample.ports_in_use <= u64::from(self.scenario.machine.ports.count));
        assert_eq!(
            sample.connections, live,
            "a connection object has one socket (CN-1)"
        );
        // Mono's counter drifts and modern .NET's is always 0 (MO-9, M4-3, NC-2).
        match mechanism(&self.scenario) {
            Mechanism::Framework(_) => {
                assert!(sample.current_connections >= 0);
                assert!(sample.current_connections as u64 <= live, "SP-7");
            }
            Mechanism::SocketsHttp(_) => assert_eq!(sample.current_connections, 0, "NC-2"),
            Mechanism::Mono4 | Mechanism::Mono6 => {}
        }
        // A NAT never has more ports out than there are.
        let nat = sample.beyond.nat_flows + sample.beyond.nat_held;
        let pool = self
            .scenario
            .nat
            .as_ref()
            .map_or(0, |nat| nat.ports_of_pool(1));
        assert!(nat <= u64::from(pool), "{nat} of {pool} SNAT ports");
        assert!(sample.beyond.nat_flows <= live, "a flow is a connection's");
        assert_eq!(sample.requests, self.arrived.len() as u64);
        assert_eq!(sample.opened, self.opened);
        let ended = self.ended.len() as u64;
        assert_eq!(sample.answered, self.succeeded);
        assert_eq!(sample.failed, ended - self.succeeded);
        assert_eq!(sample.unanswered, sample.requests - ended);
        assert!(sample.timed_out <= sample.failed);
    }
}

impl Observer for Checker {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observes_moves(&self) -> bool {
        self.observes_moves
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        assert!(self.now <= now, "time runs back");
        self.now = now;
        self.seen.push((now, observation));
        match observation {
            Observation::RequestArrived(request) => {
                assert!(
                    self.arrived.insert(request.serial),
                    "a request arrives once"
                );
            }
            Observation::RequestEnded(request, outcome) => {
                assert!(self.arrived.contains(&request.serial));
                assert!(self.ended.insert(request.serial), "a request ends once");
                self.succeeded += u64::from(outcome == Outcome::Succeeded);
            }
            Observation::RequestSent(_, connection) => {
                assert!(
                    self.open.contains_key(&connection.serial),
                    "sent on what is open"
                );
            }
            Observation::ConnectionOpened(connection) => {
                let entry = (connection.endpoint, connection.group, true);
                let before = self.open.insert(connection.serial, entry);
                assert_eq!(before, None, "a connection opens once (CN-1)");
                self.check_limit(connection.endpoint, connection.group);
            }
            Observation::Connected(_) => self.opened += 1,
            Observation::ConnectionClosed { connection, .. } => {
                assert!(
                    self.open.remove(&connection.serial).is_some(),
                    "it closes once"
                );
            }
            Observation::GroupReleased { endpoint, name } => {
                for one in self
                    .open
                    .values_mut()
                    .filter(|one| (one.0, one.1) == (endpoint, name))
                {
                    one.2 = false;
                }
            }
            Observation::Sampled(sample) => self.check_sample(&sample),
            _ => {}
        }
    }
}

/// The checked run of a scenario.
fn checked(scenario: &Scenario) -> (Checker, End) {
    checked_by(Checker::new(scenario))
}

fn checked_by(mut checker: Checker) -> (Checker, End) {
    let scenario = &checker.scenario.clone();
    let files = InMemory::default();
    let run = Simulation::new(scenario, 0, &files, &mut checker).expect("no traces");
    let end = run.run().expect("no traces");
    let n_arrived = checker.arrived.len() as u64;
    assert_eq!(
        n_arrived,
        checker.ended.len() as u64 + end.in_flight,
        "submitted = ended + rest"
    );
    (checker, end)
}

/// Keeps what `spsim run` keeps, and asks to be told every step.
#[derive(Default)]
struct Nosy(Recorder);

impl Observer for Nosy {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        self.0.observe(now, observation);
    }

    fn turn_to(&mut self, process: u32) {
        self.0.turn_to(process);
    }

    fn left_unanswered(&mut self, now: SimTime, request: RequestView) {
        self.0.left_unanswered(now, request);
    }
}

/// Keeps all that it is told.
#[derive(Default)]
struct Told(Vec<(SimTime, Observation)>);

impl Observer for Told {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        self.0.push((now, observation));
    }
}

fn ends(scenario: &Scenario, observer: &mut dyn Observer) -> End {
    let files = InMemory::default();
    let run = Simulation::new(scenario, 0, &files, observer).expect("no traces");
    run.run().expect("no traces")
}

/// The same by the general way alone, event by event.
fn ends_event_by_event(scenario: &Scenario, observer: &mut dyn Observer) -> End {
    let files = InMemory::default();
    let mut run = Simulation::new(scenario, 0, &files, observer).expect("no traces");
    run.run_until(SimTime::ZERO + scenario.duration)
        .expect("no traces");
    run.run().expect("no traces")
}

/// One of several texts.
fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

/// The tables of a small scenario, without its duration and its strategies.
fn tables() -> impl Strategy<Value = String> {
    let machine = (
        one_of(&["ports = 6", "ports = 40", "ports = 500"]),
        one_of(&["", "time-wait = \"3s\"", "time-wait = \"20s\""]),
        one_of(&["", "idle-close = \"fin\""]),
    );
    let client = (
        one_of(PROFILES),
        one_of(&[
            "connection-limit = 1",
            "",
            "connection-limit = 5",
            "connection-limit = 20",
        ]),
        one_of(&[
            "max-idle-time = \"2s\"",
            "max-idle-time = \"9s\"",
            "max-idle-time = \"0s\"",
            "max-idle-time = \"never\"",
        ]),
        one_of(&["", "connection-lease = \"4s\""]),
        one_of(&["request-timeout = \"1s\"", "request-timeout = \"8s\"", ""]),
        one_of(&["", "timer-slack = \"15ms\"", "reservation-leak = true"]),
    );
    let server = (
        one_of(&["", "connect-time = \"50ms\""]),
        one_of(&["\"0s\"", "{ exponential = { mean = \"300ms\" } }", "\"1s\""]),
        one_of(&[
            "",
            "closes-idle-after = \"1s\"",
            "closes-after-requests = 3",
        ]),
        one_of(&["", "active-close = \"client\""]),
        one_of(&[
            "",
            "",
            "workers = 2\nqueue = 3",
            "workers = 1\nqueue = 1\nqueue-full = \"reset\"\nabandoned-work = \"stops\"",
            "workers = 4\noutages = [{ from = \"3s\", until = \"5s\" }, \
             { from = \"5s\", until = \"6s\", kind = \"silent\" }, \
             { from = \"9s\", until = \"10s\", kind = \"503\" }]",
            "outages = [{ from = \"2s\", until = \"4s\", kind = \"hang\" }, \
             { from = \"7s\", until = \"9s\", kind = \"silent\" }]\n\
             slow-downs = [{ from = \"10s\", until = \"12s\", factor = 8 }]",
            "moves-at = [\"3s\"]",
            "moves-at = [\"3s\", \"8s\"]\nold-address-down-after = \"1s\"",
            "workers = 2\nmoves-at = [\"3s\", \"8s\"]\nold-address-down-after = \"0s\"",
        ]),
    );
    let nat = one_of(&[
        "",
        "",
        "[nat]\nports = 6\nhold-after-fin = \"2s\"\nhold-after-reset = \"500ms\"\n\
         idle-timeout = \"700ms\"\nwhen-forgotten = \"reset\"",
        "[nat]\nports = 40\nidle-timeout = \"300ms\"",
    ]);
    let workload = (
        one_of(&["2", "10", "40"]),
        one_of(&["\"none\"", "\"unique\"", "{ pool = 4 }"]),
        one_of(&["", "keep-alive = false"]),
        one_of(&[
            "",
            "retry = { attempts = 2, backoff = \"1s\", factor = 2.0, jitter = true }",
        ]),
        one_of(&["", "pipelined = true"]),
    );
    (machine, nat, client, server, workload).prop_map(|(m, nat, c, s, w)| {
        let mut text = format!("[machine]\n{}\n{}\n{}\n{nat}\n", m.0, m.1, m.2);
        // Mono 4 throws where a lease is set (M4-5).
        let lease = if c.0 == "mono4" { "" } else { c.3 };
        writeln!(text, "[client.app]\nruntime = \"{}\"", c.0).expect("a string");
        writeln!(text, "{}\n{}\n{lease}\n{}\n{}", c.1, c.2, c.4, c.5).expect("a string");
        writeln!(text, "[server.api]\n{}\nresponse-time = {}", s.0, s.1).expect("a string");
        writeln!(text, "{}\n{}\n{}", s.2, s.3, s.4).expect("a string");
        writeln!(text, "[workload.load]\nserver = \"api\"").expect("a string");
        writeln!(text, "arrivals = {{ poisson = {{ rate = {} }} }}", w.0).expect("a string");
        writeln!(text, "group = {}\n{}\n{}\n{}", w.1, w.2, w.3, w.4).expect("a string");
        text
    })
}

/// Tables of which most runs are plain: one process on .NET Framework, and servers that are pure
/// delays. Two workloads, one of them on a grid of time that samples, answers and timers share.
fn plain_tables() -> impl Strategy<Value = String> {
    let client = (
        one_of(&["net20-rtm", "net20", "net40", "net45", "net48"]),
        one_of(&["connection-limit = 1", "", "connection-limit = 30"]),
        one_of(&[
            "max-idle-time = \"2s\"",
            "max-idle-time = \"0s\"",
            "max-idle-time = \"never\"",
            "",
        ]),
        one_of(&["", "", "connection-lease = \"4s\""]),
        one_of(&[
            "request-timeout = \"1s\"",
            "",
            "request-timeout = \"never\"",
        ]),
        one_of(&["", "reservation-leak = true"]),
    );
    let machine = (
        one_of(&["ports = 6", "ports = 40", "ports = 500"]),
        one_of(&["", "time-wait = \"3s\""]),
        one_of(&["", "scope = \"destination\"", "idle-close = \"fin\""]),
        one_of(&["", "time-wait-reuse = { after = \"1s\" }"]),
    );
    let server = (
        one_of(&["", "connect-time = \"50ms\""]),
        one_of(&[
            "\"0s\"",
            "{ exponential = { mean = \"300ms\" } }",
            "\"500ms\"",
            "\"1s\"",
        ]),
        one_of(&["", "active-close = \"client\""]),
    );
    let workload = (
        one_of(&["\"none\"", "\"unique\"", "{ pool = 4 }", "\"ntlm\""]),
        one_of(&["", "keep-alive = false"]),
        one_of(&["", "", "pipelined = true"]),
        one_of(&["poisson = { rate = 40 }", "every = \"250ms\""]),
        one_of(&["", ", until = \"9s\""]),
        // Where both pause, their ServicePoint expires with all its groups and is made anew.
        one_of(&["", ", until = \"5s\"", ", from = \"14s\""]),
        one_of(&["api", "other"]),
    );
    (machine, client, server, workload).prop_map(|(m, c, s, w)| {
        let mut text = format!("[machine]\n{}\n{}\n{}\n{}\n", m.0, m.1, m.2, m.3);
        writeln!(text, "[client.app]\nruntime = \"{}\"", c.0).expect("a string");
        writeln!(text, "{}\n{}\n{}\n{}\n{}", c.1, c.2, c.3, c.4, c.5).expect("a string");
        writeln!(
            text,
            "[server.api]\n{}\nresponse-time = {}\n{}",
            s.0, s.1, s.2
        )
        .expect("a string");
        writeln!(
            text,
            "[workload.load]\nserver = \"api\"\narrivals = {{ {}{} }}",
            w.3, w.4
        )
        .expect("a string");
        writeln!(text, "group = {}\n{}\n{}", w.0, w.1, w.2).expect("a string");
        writeln!(text, "[server.other]\nuri = \"http://other/\"").expect("a string");
        writeln!(text, "response-time = \"250ms\"").expect("a string");
        writeln!(text, "[workload.beside]\nserver = \"{}\"", w.6).expect("a string");
        writeln!(text, "arrivals = {{ every = \"500ms\"{} }}", w.5).expect("a string");
        text
    })
}

fn scenario(seconds: u32, tables: &str) -> Scenario {
    read(&format!(
        "duration = \"{seconds}s\"\nsample-every = \"250ms\"\n{tables}"
    ))
}

/// The facts that neither a look-up nor a call by itself makes.
fn without_calls(seen: Vec<(SimTime, Observation)>) -> Vec<(SimTime, Observation)> {
    let nobodys = GroupName::from_text("nobody's");
    let is_call = |observation: &Observation| {
        // Mono 4 makes the unknown group for a moment (M4-4).
        if let Observation::GroupCreated { name, .. } | Observation::GroupReleased { name, .. } =
            observation
        {
            return *name == nobodys;
        }
        matches!(
            observation,
            Observation::GroupCloseCalled { .. }
                | Observation::ServicePointCreated { .. }
                | Observation::ServicePointReleased { .. }
                // Those of the ServicePoint that the look-up makes.
                | Observation::IdleTimerArmed { group: None, .. }
                | Observation::IdleTimerCancelled { group: None, .. }
                | Observation::IdleTimerFired { group: None, .. }
                | Observation::Sampled(_)
        )
    };
    seen.into_iter()
        .filter(|(_, observation)| !is_call(observation))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: prop::test_runner::RngSeed::Fixed(2_551_125),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The laws of `Checker`, and the same again for the same seed.
    #[test]
    fn every_run_keeps_its_books(tables in tables()) {
        let scenario = scenario(20, &tables);
        let (first, end) = checked(&scenario);
        let (second, again) = checked(&scenario);
        prop_assert_eq!(end, again);
        prop_assert!(first.seen == second.seen);
    }

    /// Twice the horizon begins with the same facts.
    #[test]
    fn a_longer_run_begins_with_the_shorter_one(tables in tables()) {
        let short = checked(&scenario(8, &tables)).0.seen;
        let long = checked(&scenario(16, &tables)).0.seen;
        prop_assert!(long.len() >= short.len());
        prop_assert!(long[..short.len()] == short[..]);
    }

    /// An observer changes nothing, and neither does one that wants every step.
    #[test]
    fn observing_changes_nothing(tables in tables()) {
        let scenario = scenario(20, &tables);
        let (mut plain, mut nosy) = (Recorder::default(), Nosy::default());
        prop_assert_eq!(ends(&scenario, &mut plain), ends(&scenario, &mut nosy));
        prop_assert_eq!(&plain, &nosy.0);
        let blind = ends(&scenario, &mut spsim::Blind);
        prop_assert_eq!(blind, ends(&scenario, &mut plain));
    }

    /// The short loop of a plain run, with and without requests that are left alone, does what the
    /// general way does: an observer that wants every step has each request numbered.
    #[test]
    fn a_plain_run_goes_as_the_general_way(tables in plain_tables()) {
        let scenario = scenario(20, &tables);
        let (mut short, mut general) = (Recorder::new(true), Nosy(Recorder::new(true)));
        let (mut numbered, mut general_told) = (Nosy(Recorder::new(true)), Told::default());
        let end = ends(&scenario, &mut short);
        prop_assert_eq!(&end, &ends(&scenario, &mut numbered));
        prop_assert_eq!(&end, &ends_event_by_event(&scenario, &mut general));
        prop_assert_eq!(&short, &numbered.0);
        prop_assert_eq!(&short, &general.0);
        prop_assert!(short.summary.requests.submitted > 0);
        let mut told = Told::default();
        ends(&scenario, &mut told);
        ends_event_by_event(&scenario, &mut general_told);
        prop_assert!(told.0 == general_told.0);
    }

    /// "as is" is the scenario without hooks; hooks that never act change nothing either.
    #[test]
    fn what_ran_before_in_the_same_memory_does_not_matter(one in tables(), other in tables()) {
        let scenarios = [scenario(12, &one), scenario(7, &other)];
        let fresh = |of: &Scenario| support::run(of, 0);
        let mut runner = Runner::new(true).keeping_durations();
        for place in [0, 1, 0, 0, 1] {
            let again = runner.run(&scenarios[place], 0, &InMemory::default());
            prop_assert_eq!(again.expect("no trace"), fresh(&scenarios[place]));
        }
    }

    #[test]
    fn a_strategy_that_does_nothing_is_no_strategy(tables in tables()) {
        let hooks = "[[strategy]]\nname = \"as is\"\n[[strategy]]\nname = \"idle hooks\"\n\
                     close-groups = { every = \"1h\" }\n";
        let scenario = scenario(15, &format!("{tables}{hooks}"));
        let bare = checked(&scenario).0.seen;
        for strategy in &scenario.strategies {
            let seen = checked(&scenario.under(strategy)).0.seen;
            prop_assert!(seen == bare, "{}", strategy.name);
        }
    }

    /// CL-5: closing names that nobody uses changes nothing.
    #[test]
    fn closing_unknown_names_changes_nothing(tables in tables()) {
        let bare = without_calls(checked(&scenario(15, &tables)).0.seen);
        let calls: Vec<TimedAction> = (1..30)
            .map(|k| TimedAction {
                at: SimTime::ZERO + SimSpan::from_millis(500 * k),
                action: Action::CloseGroup { group: GroupName::from_text("nobody's") },
            })
            .collect();
        let text = format!(
            "duration = \"15s\"\nsample-every = \"250ms\"\n{tables}\n\
             [workload.calls]\nserver = \"api\"\narrivals = {{ timeline = \"calls.csv\" }}\n"
        );
        let scenario = read_with(&text, calls);
        // Mono 4 and modern .NET always say true (M4-4, NC-2).
        let says =
            matches!(mechanism(&scenario), Mechanism::Mono4 | Mechanism::SocketsHttp(_));
        let called = checked(&scenario).0;
        let n_calls = called.seen.iter().filter(|(_, observation)| {
            matches!(observation, Observation::GroupCloseCalled { found, .. } if *found == says)
        });
        prop_assert_eq!(n_calls.count(), 29);
        prop_assert!(without_calls(called.seen) == bare);
    }
}

/// AS-5: a pipelined request whose answer is ready before its predecessor's comes behind it,
/// and does come.
#[test]
fn pipelined_answers_come_in_order_and_all_of_them() {
    let scenario = read(
        "duration = \"60s\"\n[client.app]\nconnection-limit = 1\n[server.api]\n\
         response-time = { exponential = { mean = \"100ms\" } }\n[workload.load]\n\
         arrivals = { poisson = { rate = 20 }, until = \"20s\" }\npipelined = true\n",
    );
    let (checker, end) = checked(&scenario);
    assert_eq!(end.in_flight, 0);
    assert_eq!(checker.succeeded, checker.arrived.len() as u64);
    assert!(checker.now <= at(60.0));
}

/// FL-2: whoever does not ask for the moves of waiters hears all else alike, and of each request
/// once that it waits.
#[test]
fn moves_that_are_not_observed_leave_out_moves_alone() {
    let scenario = read(
        "duration = \"40s\"\n[client.app]\nconnection-limit = 2\n\
         [server.api]\nresponse-time = \"500ms\"\n[workload.load]\n\
         arrivals = { every = \"50ms\" }\nkeep-alive = false\n",
    );
    let (each, its_end) = checked(&scenario);
    let (some, other_end) = checked_by(Checker {
        observes_moves: false,
        ..Checker::new(&scenario)
    });
    assert_eq!(its_end, other_end);
    let without_waiters = |seen: &[(SimTime, Observation)]| {
        let all = seen.iter().copied();
        all.filter(|(_, it)| !matches!(it, Observation::RequestQueued(..)))
            .collect::<Vec<_>>()
    };
    let (all, rest) = (without_waiters(&each.seen), without_waiters(&some.seen));
    assert!(all == rest);
    let n_waiters = some.seen.len() - rest.len();
    assert!(n_waiters <= 2 * some.arrived.len(), "{n_waiters}");
    assert!(each.seen.len() - all.len() > 10 * n_waiters);
}
