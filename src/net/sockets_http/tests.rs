//! Timelines of the pool and of private clients, by rule.

use super::{SocketsHttp, SocketsHttpSettings};
use crate::model::GroupName;
use crate::model::profile::{Mechanism, RuntimeProfile, SocketsHttpRules};
use crate::model::settings::{Closer, IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::net::framework::EndpointSettings;
use crate::net::{
    Aborted, CloseKind, ConnectionId, ConnectionManager, ConnectionView, Failure, Host, Net,
    Outcome, PortTable, Request, RequestId, Requests, Setting,
};
use crate::profiles::{NET8, NETCORE31};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What takes time.
#[derive(Clone, Copy, Debug)]
enum Later {
    Connected(ConnectionId, u32),
    Answered(RequestId, u64),
}

/// Writes down what it is told; schedules connects and responses.
#[derive(Default)]
struct Script {
    log: Vec<String>,
    later: Vec<(SimTime, Later)>,
}

impl Script {
    fn say(&mut self, now: SimTime, what: &str) {
        self.log.push(format!("{} {what}", now.as_seconds()));
    }
}

impl Host for Script {
    const OBSERVES: bool = true;

    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool {
        self.say(now, &format!("open c{}", connection.serial));
        if request.connect_time.is_zero() {
            return true;
        }
        let what = Later::Connected(connection.id, connection.serial as u32);
        self.later.push((now + request.connect_time, what));
        false
    }
    fn connect_refused(&mut self, now: SimTime, _: u32) {
        self.say(now, "refused");
    }
    fn sent(&mut self, now: SimTime, id: RequestId, request: &Request, on: &ConnectionView) {
        self.say(now, &format!("send r{} on c{}", request.serial, on.serial));
        if let Some(response) = request.response
            && request.completes_in_time(now)
        {
            self.later
                .push((now + response, Later::Answered(id, request.serial)));
        }
    }
    fn waits(&mut self, now: SimTime, _: RequestId, request: &Request, _: Option<ConnectionId>) {
        self.say(now, &format!("r{} waits", request.serial));
    }
    fn ended(&mut self, now: SimTime, _: RequestId, request: &Request, outcome: Outcome) {
        if let Outcome::Failed(failure) = outcome {
            self.say(now, &format!("r{} {}", request.serial, failure.name()));
        }
    }
    fn became_idle(&mut self, now: SimTime, connection: &ConnectionView) {
        self.say(now, &format!("idle c{}", connection.serial));
    }
    fn left_idle(&mut self, _: SimTime, _: &ConnectionView) {}
    fn closed(&mut self, now: SimTime, connection: &ConnectionView, how: CloseKind) {
        self.say(now, &format!("close c{} {how:?}", connection.serial));
    }
    fn group_changed(&mut self, _: SimTime, _: u32, _: GroupName, _: bool) {
        unreachable!("there are no groups (NC-1)");
    }
    fn service_point_changed(&mut self, _: SimTime, _: u32, _: bool) {}
}

struct Rig {
    manager: SocketsHttp,
    ports: PortTable,
    requests: Requests,
    host: Script,
    now: SimTime,
    submitted: u64,
}

/// How requests of a test differ from the plainest.
#[derive(Clone, Copy)]
struct Ask {
    private: bool,
    keep_alive: bool,
    response_ms: u64,
    connect_ms: u64,
    timeout_ms: Option<u64>,
}

const PLAIN: Ask = Ask {
    private: false,
    keep_alive: true,
    response_ms: 100,
    connect_ms: 0,
    timeout_ms: None,
};

fn ms(millis: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_millis(millis)
}

fn rules_of(profile: &RuntimeProfile) -> SocketsHttpRules {
    match profile.mechanism {
        Mechanism::SocketsHttp(rules) => rules,
        _ => unreachable!("a modern profile"),
    }
}

/// The pool of .NET Core 3.1, which `HttpWebRequest` never shares but `HttpClient` does.
fn shared_31() -> SocketsHttpRules {
    let mut rules = rules_of(&NETCORE31);
    rules.shares_client = rules_of(&NET8).shares_client;
    rules
}

impl Rig {
    fn new(rules: SocketsHttpRules, idle_s: Option<u64>, limit: u32, n_ports: u32) -> Rig {
        let machine = Machine {
            ports: PortRange {
                first: 20_000,
                count: n_ports,
            },
            preset: None,
            time_wait: SimSpan::from_seconds(60),
            time_wait_given: true,
            scope: PortScope::Destination,
            time_wait_error: PortErrorName::Wsaeaddrinuse,
            idle_close: IdleClose::Reset,
            time_wait_reuse_after: None,
        };
        let limit = if limit == 0 {
            ConnectionLimit::UNLIMITED
        } else {
            ConnectionLimit::new(limit)
        };
        let endpoint = EndpointSettings {
            limit,
            active_close: Closer::Server,
        };
        Rig {
            manager: SocketsHttp::new(SocketsHttpSettings {
                rules,
                idle_timeout: idle_s.map(SimSpan::from_seconds),
                endpoints: alloc::vec![endpoint],
            }),
            ports: PortTable::new(&machine, 1),
            requests: Requests::default(),
            host: Script::default(),
            now: SimTime::ZERO,
            submitted: 0,
        }
    }

    fn net8() -> Rig {
        Rig::new(rules_of(&NET8), Some(60), 0, 100)
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut SocketsHttp, &mut Net<'_, Script>) -> T) -> T {
        let mut net = Net {
            now: self.now,
            ports: &mut self.ports,
            requests: &mut self.requests,
            host: &mut self.host,
        };
        act(&mut self.manager, &mut net)
    }

    /// Lets time pass: timers first, then what arrives.
    fn until(&mut self, millis: u64) -> &mut Rig {
        loop {
            let wake = self.manager.next_wake();
            let next = self
                .host
                .later
                .iter()
                .enumerate()
                .min_by_key(|(k, (at, _))| (*at, *k));
            let arrives = next.map_or(SimTime::NEVER, |(_, (at, _))| *at);
            if wake.min(arrives) > ms(millis) {
                break;
            }
            if wake <= arrives {
                self.now = wake;
                self.with(|manager, net| manager.fire_timers(net));
                assert!(self.manager.next_wake() > wake, "a fired timer is over");
                continue;
            }
            let (at, what) = self.host.later.remove(next.map_or(0, |(k, _)| k));
            self.now = at;
            self.with(|manager, net| match what {
                Later::Connected(id, serial) => {
                    if manager.is_connecting(id, serial) {
                        manager.connected(net, id);
                    }
                }
                Later::Answered(id, serial) => {
                    if net.requests[id].serial == serial {
                        manager.response_completed(net, id, false);
                    }
                }
            });
        }
        self.now = ms(millis);
        self
    }

    fn ask(&mut self, ask: Ask) -> RequestId {
        let mut request = Request::new(self.submitted, self.now, GroupName::fresh(self.submitted));
        self.submitted += 1;
        request.private_client = ask.private;
        request.keep_alive = ask.keep_alive;
        request.response = Some(SimSpan::from_millis(ask.response_ms));
        request.connect_time = SimSpan::from_millis(ask.connect_ms);
        if let Some(timeout) = ask.timeout_ms {
            request.deadline = self.now + SimSpan::from_millis(timeout);
        }
        let id = self.requests.insert(request);
        self.with(|manager, net| manager.submit(net, id));
        id
    }

    /// The server closes whatever is idle.
    fn server_closes(&mut self) {
        for id in self.manager.idle_connections(0, GroupName::fresh(0)) {
            self.with(|manager, net| manager.server_closed(net, id));
        }
    }

    fn time_wait(&mut self) -> u32 {
        self.ports.counts(self.now, 0).time_wait
    }

    fn check(&mut self, expected: &[&str]) {
        let log = core::mem::take(&mut self.host.log);
        assert_eq!(log, expected);
        // What holds a port is a connection, and the other way round.
        let ports = self.ports.counts(self.now, 0);
        let open: u32 = ports.by_state.iter().sum();
        assert_eq!(u64::from(open), self.manager.counts().connections);
        let counts = self.manager.counts();
        assert_eq!(
            (counts.groups, counts.current_connections),
            (0, 0),
            "NC-1, NC-2"
        );
    }
}

#[test]
fn ex_22_net8_unique_names_share_one_connection_until_a_tick_after_its_idle_timeout() {
    let mut rig = Rig::net8();
    for k in 0..4 {
        rig.until(k * 10_000).ask(PLAIN);
    }
    rig.until(30_100);
    assert_eq!(
        rig.manager.counts().connections,
        1,
        "one connection throughout (NC-1)"
    );
    rig.host.log.retain(|line| line.contains("open"));
    rig.check(&["0 open c0"]);
    // Idle since 30.1 s: the ticks at 45, 60, 75 and 90 s are too early.
    rig.until(200_000).check(&["105 close c0 Graceful"]);
    assert_eq!(rig.time_wait(), 0, "105 s and 60 s are over");
    assert_eq!(
        rig.manager.next_wake(),
        SimTime::NEVER,
        "no pools, no timer (NC-6)"
    );
}

#[test]
fn ex_22_netcore31_every_request_opens_and_closes_its_own_connection() {
    let mut rig = Rig::new(rules_of(&NETCORE31), Some(120), 0, 100);
    for k in 0..3 {
        rig.until(k * 10_000).ask(PLAIN);
    }
    rig.until(25_000);
    assert_eq!(rig.time_wait(), 3, "client first (NC-10)");
    rig.check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 close c0 Graceful",
        "10 open c1",
        "10 send r1 on c1",
        "10.1 close c1 Graceful",
        "20 open c2",
        "20 send r2 on c2",
        "20.1 close c2 Graceful",
    ]);
    assert_eq!(rig.manager.next_wake(), SimTime::NEVER, "nothing is pooled");
}

#[test]
fn nc_2_a_service_point_is_a_property_bag() {
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.until(1_000);
    rig.host.log.clear();
    let name = GroupName::fresh(77);
    assert!(rig.with(|manager, net| manager.close_connection_group(net, 0, name)));
    rig.with(|manager, net| {
        manager.change_setting(net, 0, Setting::MaxIdleTime(Some(SimSpan::from_seconds(1))));
        manager.change_setting(net, 0, Setting::ConnectionLimit(ConnectionLimit::new(1)));
        manager.hold_service_point(net, 0);
    });
    rig.until(60_000).check(&[]);
    assert_eq!(rig.manager.counts().service_points, 1);
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.check(&["60 send r1 on c0", "60 open c1", "60 send r2 on c1"]);
}

#[test]
fn nc_3_net8_with_its_proxy_set_has_a_client_per_request() {
    let mut rig = Rig::net8();
    rig.ask(Ask {
        private: true,
        ..PLAIN
    });
    rig.until(500).ask(Ask {
        private: true,
        ..PLAIN
    });
    rig.until(1_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 close c0 Graceful",
        "0.5 open c1",
        "0.5 send r1 on c1",
        "0.6 close c1 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 2);
}

#[test]
fn nc_5_the_limit_is_per_pool_and_private_clients_have_their_own() {
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 1, 100);
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.ask(Ask {
        private: true,
        ..PLAIN
    });
    rig.check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 r1 waits",
        "0 open c1",
        "0 send r2 on c1",
    ]);
    assert_eq!(rig.manager.counts().queued, 1);
}

#[test]
fn nc_6_a_connection_idle_for_exactly_its_timeout_stays_until_the_next_tick() {
    let mut rig = Rig::new(rules_of(&NET8), Some(4), 0, 100);
    rig.ask(Ask {
        response_ms: 1_000,
        ..PLAIN
    });
    // Ticks each second: at 5 s it is idle for 4 s sharp, at 6 s for longer; the pool, found
    // empty and unused, goes at 7 s.
    rig.until(30_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "1 idle c0",
        "6 close c0 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 1, "NC-10");
    assert_eq!(rig.manager.next_wake(), SimTime::NEVER);
    // The next pool starts the timer anew.
    rig.ask(PLAIN);
    assert_eq!(rig.manager.next_wake(), ms(31_000));
}

#[test]
fn nc_6_without_an_idle_timeout_ticks_come_every_30_s_and_close_nothing() {
    let mut rig = Rig::new(rules_of(&NET8), None, 0, 100);
    rig.ask(PLAIN);
    assert_eq!(rig.manager.next_wake(), ms(30_000));
    rig.until(1_000_000)
        .check(&["0 open c0", "0 send r0 on c0", "0.1 idle c0"]);
}

#[test]
fn nc_6_only_what_is_idle_too_long_goes_oldest_first() {
    let mut rig = Rig::new(rules_of(&NET8), Some(8), 0, 100);
    for k in 1..=3 {
        rig.ask(Ask {
            response_ms: k * 1_000,
            ..PLAIN
        });
    }
    rig.until(3_500);
    rig.host.log.clear();
    // Ticks every 2 s; idle since 1, 2 and 3 s.
    rig.until(20_000).check(&[
        "10 close c0 Graceful",
        "12 close c1 Graceful",
        "12 close c2 Graceful",
    ]);
}

#[test]
fn nc_7_the_connection_used_last_is_used_next() {
    let mut rig = Rig::net8();
    rig.ask(Ask {
        response_ms: 300,
        ..PLAIN
    });
    rig.ask(Ask {
        response_ms: 100,
        ..PLAIN
    });
    rig.until(1_000);
    rig.host.log.clear();
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.check(&["1 send r2 on c0", "1 send r3 on c1"]);
}

#[test]
fn nc_7_net8_looks_at_the_idle_time_when_it_takes_a_connection_and_31_does_not() {
    let outcomes = [rules_of(&NET8), shared_31()].map(|rules| {
        let mut rig = Rig::new(rules, Some(60), 0, 100);
        rig.ask(PLAIN);
        rig.until(70_000);
        rig.host.log.clear();
        rig.ask(PLAIN);
        rig.host.log
    });
    let [net8, netcore31] = outcomes;
    assert_eq!(
        net8,
        ["70 close c0 Graceful", "70 open c1", "70 send r1 on c1"]
    );
    assert_eq!(netcore31, ["70 send r1 on c0"]);
}

#[test]
fn nc_7_waiters_are_served_first_in_first_out() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 1, 100);
        for _ in 0..3 {
            rig.ask(PLAIN);
        }
        rig.until(1_000).check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0 r1 waits",
            "0 r2 waits",
            "0.1 send r1 on c0",
            "0.2 send r2 on c0",
            "0.3 idle c0",
        ]);
    }
}

#[test]
fn nc_7_net8_serves_a_waiter_with_whatever_comes_first() {
    let slow = Ask {
        connect_ms: 500,
        ..PLAIN
    };
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.ask(slow);
    rig.until(1_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 open c1",
        "0.1 send r1 on c0",
        "0.2 idle c0",
        "0.5 idle c1",
    ]);
    let mut rig = Rig::new(shared_31(), Some(60), 0, 100);
    rig.ask(PLAIN);
    rig.ask(slow);
    rig.until(1_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 open c1",
        "0.1 idle c0",
        "0.5 send r1 on c1",
        "0.6 idle c1",
    ]);
}

#[test]
fn nc_7_net8_begins_a_connect_for_each_waiter_below_the_limit() {
    let slow = Ask {
        connect_ms: 500,
        response_ms: 200,
        ..PLAIN
    };
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 2, 100);
    for _ in 0..3 {
        rig.ask(slow);
    }
    assert_eq!(
        rig.manager.counts().queued,
        1,
        "two have a connect under way"
    );
    rig.until(2_000).check(&[
        "0 open c0",
        "0 open c1",
        "0 r2 waits",
        "0.5 send r0 on c0",
        "0.5 send r1 on c1",
        "0.7 send r2 on c0",
        "0.7 idle c1",
        "0.9 idle c0",
    ]);
}

#[test]
fn nc_7_a_connection_that_ends_makes_room_for_a_waiter() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 1, 100);
        rig.ask(Ask {
            keep_alive: false,
            ..PLAIN
        });
        rig.ask(PLAIN);
        rig.until(1_000).check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0 r1 waits",
            "0.1 close c0 Graceful",
            "0.1 open c1",
            "0.1 send r1 on c1",
            "0.2 idle c1",
        ]);
    }
}

#[test]
fn nc_8_net8_notices_a_fin_at_the_second_tick_and_31_at_the_first() {
    // Ticks at 15, 30, 45 s.
    for (rules, idle_s, at) in [(rules_of(&NET8), 60, "30"), (shared_31(), 60, "15")] {
        let mut rig = Rig::new(rules, Some(idle_s), 0, 100);
        rig.ask(PLAIN);
        rig.until(5_000);
        rig.server_closes();
        rig.host.log.clear();
        rig.until(59_000)
            .check(&[&format!("{at} close c0 Graceful")]);
        assert_eq!(rig.time_wait(), 0, "the server closed first");
    }
    // Once the read is under way, the next tick is enough.
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.until(20_000);
    rig.server_closes();
    rig.host.log.clear();
    rig.until(59_000).check(&["30 close c0 Graceful"]);
}

#[test]
fn nc_8_a_dead_connection_is_not_reused() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 0, 100);
        rig.ask(PLAIN);
        rig.ask(PLAIN);
        rig.until(1_000);
        rig.host.log.clear();
        rig.server_closes();
        rig.server_closes();
        rig.ask(PLAIN);
        rig.until(40_000).check(&[
            "1 close c1 Graceful",
            "1 close c0 Graceful",
            "1 open c2",
            "1 send r2 on c2",
            "1.1 idle c2",
        ]);
    }
}

#[test]
fn nc_9_keep_alive_off_may_reuse_a_connection_and_ends_it() {
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.until(1_000).ask(Ask {
        keep_alive: false,
        ..PLAIN
    });
    rig.until(2_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 idle c0",
        "1 send r1 on c0",
        "1.1 close c0 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 0, "the server closes first here (PT-3)");
}

#[test]
fn tm_5_a_timeout_on_the_wire_closes_and_in_the_queue_leaves_it() {
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 1, 100);
    rig.ask(Ask {
        response_ms: 5_000,
        timeout_ms: Some(3_000),
        ..PLAIN
    });
    rig.ask(Ask {
        timeout_ms: Some(2_000),
        ..PLAIN
    });
    rig.ask(PLAIN);
    rig.until(10_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 r1 waits",
        "0 r2 waits",
        "2 r1 Timeout",
        "3 r0 Timeout",
        "3 close c0 Hard",
        "3 open c1",
        "3 send r2 on c1",
        "3.1 idle c1",
    ]);
    assert_eq!(rig.time_wait(), 0);
}

#[test]
fn tm_5_a_timeout_while_connecting_ends_a_private_connect_and_not_a_shared_one() {
    let never = Ask {
        connect_ms: 5_000,
        timeout_ms: Some(1_000),
        ..PLAIN
    };
    let mut rig = Rig::net8();
    rig.ask(never);
    rig.until(10_000)
        .check(&["0 open c0", "1 r0 Timeout", "5 idle c0"]);
    let mut rig = Rig::net8();
    rig.ask(Ask {
        private: true,
        ..never
    });
    rig.until(10_000)
        .check(&["0 open c0", "1 r0 Timeout", "1 close c0 Hard"]);
}

#[test]
fn fl_4_an_abort_says_where_the_request_was() {
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 1, 100);
    let first = rig.ask(PLAIN);
    let second = rig.ask(PLAIN);
    let why = Failure::RequestCanceled;
    let waiting = rig.with(|manager, net| manager.abort(net, second, why));
    let sent = rig.with(|manager, net| manager.abort(net, first, why));
    assert_eq!(
        (waiting, sent),
        (Aborted::Disassociated, Aborted::ConnectionClosed)
    );
}

#[test]
fn pt_2_without_a_port_a_request_fails_and_others_go_on() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 0, 1);
        rig.ask(PLAIN);
        rig.ask(PLAIN);
        rig.until(1_000).ask(PLAIN);
        rig.check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0 refused",
            "0 r1 EADDRNOTAVAIL",
            "0.1 idle c0",
            "1 send r2 on c0",
        ]);
    }
}

#[test]
fn an_idle_timeout_of_zero_keeps_nothing() {
    let mut rig = Rig::new(rules_of(&NET8), Some(0), 0, 100);
    rig.ask(PLAIN);
    rig.until(10_000)
        .check(&["0 open c0", "0 send r0 on c0", "0.1 close c0 Graceful"]);
}
