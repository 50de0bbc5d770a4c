//! One process, its ports and a host that writes down what it is told.

use crate::model::profile::{Mechanism, RuntimeProfile, SocketsHttpRules};
use crate::model::settings::{Closer, IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::model::{Api, ClientPerRequest, GroupName};
use crate::net::EndpointSettings;
use crate::net::sockets_http::{SocketsHttp, SocketsHttpSettings};
use crate::net::{
    CloseKind, ConnectionId, ConnectionManager, ConnectionView, Host, Net, Outcome, PortTable,
    Request, RequestId, Requests,
};
use crate::profiles::{NET8, NETCORE31};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
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
pub(super) struct Script {
    pub(super) log: Vec<String>,
    later: Vec<(SimTime, Later)>,
}

impl Script {
    fn say(&mut self, now: SimTime, what: &str) {
        self.log.push(format!("{} {what}", now.as_seconds()));
    }
}

impl Host for Script {
    fn observes(&self) -> bool {
        true
    }

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
    fn left_open(&mut self, now: SimTime, connection: &ConnectionView) {
        self.say(now, &format!("open response on c{}", connection.serial));
    }
    fn left_idle(&mut self, _: ConnectionId, _: u32) {}
    fn server_closes_idle(&self, _: u32) -> bool {
        false
    }
    fn closed(&mut self, now: SimTime, connection: &ConnectionView, how: CloseKind) {
        self.say(now, &format!("close c{} {how:?}", connection.serial));
    }
    fn group_changed(&mut self, _: SimTime, _: u32, _: GroupName, _: bool) {
        unreachable!("there are no groups (NC-1)");
    }
    fn service_point_changed(&mut self, _: SimTime, _: u32, _: bool) {}
}

pub(super) struct Rig {
    pub(super) manager: SocketsHttp,
    ports: PortTable,
    requests: Requests,
    pub(super) host: Script,
    now: SimTime,
    submitted: u64,
}

/// How requests of a test differ from the plainest.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    pub(super) endpoint: u32,
    pub(super) client: ClientPerRequest,
    pub(super) left_open: bool,
    pub(super) reads_service_point: bool,
    pub(super) keep_alive: bool,
    pub(super) response_ms: u64,
    pub(super) connect_ms: u64,
    pub(super) timeout_ms: Option<u64>,
}

pub(super) const PLAIN: Ask = Ask {
    endpoint: 0,
    client: ClientPerRequest::No,
    left_open: false,
    reads_service_point: false,
    keep_alive: true,
    response_ms: 100,
    connect_ms: 0,
    timeout_ms: None,
};

pub(super) fn ms(millis: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_millis(millis)
}

pub(super) fn rules_of(profile: &RuntimeProfile) -> SocketsHttpRules {
    match profile.mechanism {
        Mechanism::SocketsHttp(rules) => rules,
        _ => unreachable!("a modern profile"),
    }
}

/// What a process of a test is started with, beside its ports.
pub(super) fn settings(profile: &RuntimeProfile, api: Api) -> SocketsHttpSettings {
    let rules = rules_of(profile);
    let endpoint = EndpointSettings {
        limit: ConnectionLimit::UNLIMITED,
        active_close: Closer::Server,
        keep_alive_timeout: None,
    };
    SocketsHttpSettings {
        rules,
        api,
        idle_timeout: Some(rules.pooled_idle_timeout.value),
        lifetime: None,
        handler_lifetime: None,
        endpoints: alloc::vec![endpoint],
    }
}

/// The pool of .NET Core 3.1, which `HttpWebRequest` never shares but `HttpClient` does.
pub(super) fn shared_31() -> SocketsHttpRules {
    let mut rules = rules_of(&NETCORE31);
    rules.shares_client = rules_of(&NET8).shares_client;
    rules
}

impl Rig {
    pub(super) fn new(
        rules: SocketsHttpRules,
        idle_s: Option<u64>,
        limit: u32,
        n_ports: u32,
    ) -> Rig {
        let limit = if limit == 0 {
            ConnectionLimit::UNLIMITED
        } else {
            ConnectionLimit::new(limit)
        };
        let mut settings = settings(&NET8, Api::HttpWebRequest);
        settings.rules = rules;
        settings.idle_timeout = idle_s.map(SimSpan::from_seconds);
        settings.endpoints[0].limit = limit;
        Rig::of(settings, n_ports)
    }

    /// A process with these settings.
    pub(super) fn of(settings: SocketsHttpSettings, n_ports: u32) -> Rig {
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
            syn_retry: crate::model::service::SynRetry::WINDOWS,
            instances: 1,
        };
        let n_endpoints = settings.endpoints.len();
        Rig {
            manager: SocketsHttp::new(settings),
            ports: PortTable::new(&machine, n_endpoints),
            requests: Requests::default(),
            host: Script::default(),
            now: SimTime::ZERO,
            submitted: 0,
        }
    }

    pub(super) fn net8() -> Rig {
        Rig::new(rules_of(&NET8), Some(60), 0, 100)
    }

    pub(super) fn with<T>(
        &mut self,
        act: impl FnOnce(&mut SocketsHttp, &mut Net<'_, Script>) -> T,
    ) -> T {
        let mut net = Net {
            now: self.now,
            ports: &mut self.ports,
            requests: &mut self.requests,
            host: &mut self.host,
        };
        act(&mut self.manager, &mut net)
    }

    /// Lets time pass: timers first, then what arrives.
    pub(super) fn until(&mut self, millis: u64) -> &mut Rig {
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
                self.with(ConnectionManager::fire_timers);
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

    pub(super) fn ask(&mut self, ask: Ask) -> RequestId {
        let mut request = Request::new(self.submitted, self.now, GroupName::fresh(self.submitted));
        self.submitted += 1;
        request.endpoint = ask.endpoint;
        request.client_per_request = ask.client;
        request.left_open = ask.left_open;
        request.held = ask.reads_service_point;
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
    pub(super) fn server_closes(&mut self) {
        for id in self.manager.idle_connections(0, GroupName::fresh(0)) {
            self.with(|manager, net| manager.server_closed(net, id));
        }
    }

    /// The server closes a connection of which it has been told that nothing is left to do on it.
    pub(super) fn server_closes_one(&mut self, id: ConnectionId) {
        self.with(|manager, net| manager.server_closed(net, id));
    }

    pub(super) fn snapshot(&self) -> crate::net::snapshot::ProcessSnapshot {
        self.manager.snapshot(&self.requests)
    }

    /// A full garbage collection runs.
    pub(super) fn collects(&mut self) {
        self.with(ConnectionManager::collect_garbage);
    }

    pub(super) fn place(&self, request: RequestId) -> crate::net::request::Place {
        self.requests[request].place
    }

    pub(super) fn by_state(&mut self, state: crate::net::PortState) -> u32 {
        self.ports.counts(self.now, 0).by_state[state as usize]
    }

    pub(super) fn time_wait(&mut self) -> u32 {
        self.ports.counts(self.now, 0).time_wait
    }

    pub(super) fn check(&mut self, expected: &[&str]) {
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
