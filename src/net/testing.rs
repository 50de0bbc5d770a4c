//! A host for timeline tests: a script in, what happened out.

use super::port_table::PortTable;
use super::request::Place;
use super::{
    CloseKind, ConnectionId, ConnectionManager, ConnectionView, Failure, Host, Net, Outcome,
    PortState, Request, RequestId, Requests, Setting,
};
use crate::model::GroupName;
use crate::model::settings::{Machine, PortErrorName, PortRange, PortScope};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What the host schedules.
#[derive(Clone, Copy, Debug)]
enum Due {
    Response(RequestId, u64),
    Connect(ConnectionId, u32),
}

/// Writes down what it is told.
#[derive(Debug, Default)]
struct Diary {
    lines: Vec<String>,
    due: Vec<(SimTime, Due)>,
    /// Connections that nobody will ever use again.
    left: Vec<ConnectionId>,
}

impl Diary {
    fn note(&mut self, now: SimTime, what: &str) {
        self.lines.push(format!("{} {what}", now.as_seconds()));
    }
}

impl Host for Diary {
    fn observes(&self) -> bool {
        true
    }

    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool {
        if !request.connect_time.is_zero() {
            let due = Due::Connect(connection.id, connection.serial as u32);
            self.due.push((now + request.connect_time, due));
        }
        request.connect_time.is_zero()
    }
    fn connect_refused(&mut self, _now: SimTime, _endpoint: u32) {}
    fn sent(&mut self, now: SimTime, id: RequestId, request: &Request, on: &ConnectionView) {
        self.note(now, &format!("r{} on c{}", request.serial, on.serial));
        if let Some(response) = request.response
            && request.completes_in_time(now)
        {
            self.due
                .push((now + response, Due::Response(id, request.serial)));
        }
    }
    fn waits(&mut self, now: SimTime, _: RequestId, request: &Request, _: Option<ConnectionId>) {
        self.note(now, &format!("r{} waits", request.serial));
    }
    fn ended(&mut self, now: SimTime, _id: RequestId, request: &Request, outcome: Outcome) {
        let how = match outcome {
            Outcome::Succeeded => "done",
            Outcome::Failed(failure) => failure.name(),
        };
        self.note(now, &format!("r{} {how}", request.serial));
    }
    fn became_idle(&mut self, _now: SimTime, _connection: &ConnectionView) {}
    fn left_open(&mut self, now: SimTime, connection: &ConnectionView) {
        self.note(now, &format!("c{} left", connection.serial));
        self.left.push(connection.id);
    }
    fn left_idle(&mut self, _connection: ConnectionId, _endpoint: u32) {}
    fn server_closes_idle(&self, _endpoint: u32) -> bool {
        false
    }
    fn closed(&mut self, now: SimTime, connection: &ConnectionView, how: CloseKind) {
        let how = match how {
            CloseKind::Graceful => "closed",
            CloseKind::Hard => "reset",
        };
        self.note(now, &format!("c{} {how}", connection.serial));
    }
    fn group_changed(&mut self, _: SimTime, _: u32, _: GroupName, _: bool) {}
    fn service_point_changed(&mut self, now: SimTime, _endpoint: u32, created: bool) {
        if !created {
            self.note(now, "SP gone");
        }
    }
}

/// A machine with one process, driven by a script.
pub(crate) struct Rig<M> {
    manager: M,
    ports: PortTable,
    requests: Requests,
    diary: Diary,
    submitted: Vec<(RequestId, u64)>,
    now: SimTime,
}

impl<M: ConnectionManager> Rig<M> {
    /// A machine with `n_ports` ports and a TIME_WAIT of a minute.
    pub(crate) fn new(manager: M, n_ports: u32) -> Rig<M> {
        let machine = Machine {
            ports: PortRange {
                first: 1025,
                count: n_ports,
            },
            preset: None,
            time_wait: SimSpan::from_seconds(60),
            time_wait_given: true,
            scope: PortScope::Host,
            time_wait_error: PortErrorName::Wsaeaddrinuse,
            idle_close: crate::model::IdleClose::Reset,
            time_wait_reuse_after: None,
            syn_retry: crate::model::service::SynRetry::WINDOWS,
            instances: 1,
        };
        Rig {
            manager,
            ports: PortTable::new(&machine, 1),
            requests: Requests::default(),
            diary: Diary::default(),
            submitted: Vec::new(),
            now: SimTime::ZERO,
        }
    }

    /// Plays a script and gives back the diary, entries parted by " | ".
    ///
    /// A script is `<seconds> <what>` parted by `|`; the last entry says how far to run. What:
    /// `A 10` submits a request on group A (`-` is the default group) whose response takes 10 s,
    /// with `close` (no keep-alive), `timeout 5`, `connect 1`, `to 1` (another endpoint), `held`,
    /// `ntlm` behind it;
    /// `abort 0` aborts request 0; `lose 0` takes its connection away and `break 0` its response;
    /// `headers 0` has its headers there and `close-response 0 9` closes its response, which ends
    /// at 9; `drop A` is `CloseConnectionGroup`; `fin A` is the server's
    /// FIN; `idle 60`, `idle never`, `limit 3` change settings; `hold` keeps the ServicePoint;
    /// `look` writes down the counters; `end` does nothing.
    pub(crate) fn play(mut self, script: &str) -> String {
        for entry in script.split('|') {
            let words: Vec<&str> = entry.split_whitespace().collect();
            let at: f64 = words[0].parse().expect("an entry starts with its time");
            self.run_until(SimTime::ZERO + SimSpan::from_seconds_rounded(at));
            self.act(&words[1..]);
        }
        self.diary.lines.join(" | ")
    }

    fn call<R>(&mut self, f: impl FnOnce(&mut M, &mut Net<'_, Diary>) -> R) -> R {
        let mut net = Net {
            now: self.now,
            ports: &mut self.ports,
            requests: &mut self.requests,
            host: &mut self.diary,
        };
        f(&mut self.manager, &mut net)
    }

    /// Timers first, then the network, as the engine orders them.
    fn run_until(&mut self, until: SimTime) {
        loop {
            let wake = self.manager.next_wake();
            let first = self.diary.due.iter().map(|due| due.0).min();
            let first = first.unwrap_or(SimTime::NEVER);
            if wake.min(first) > until {
                break;
            }
            self.now = wake.min(first);
            if wake <= first {
                self.call(M::fire_timers);
                continue;
            }
            let place = self.diary.due.iter().position(|due| due.0 == first);
            let (_, due) = self.diary.due.remove(place.expect("it is the earliest"));
            self.arrive(due);
        }
        self.now = until;
    }

    fn arrive(&mut self, due: Due) {
        match due {
            Due::Response(id, serial) => {
                if self.requests.ids().any(|it| it == id) && self.requests[id].serial == serial {
                    self.call(|manager, net| manager.response_completed(net, id, false));
                }
            }
            Due::Connect(id, serial) => {
                if self.manager.is_connecting(id, serial) {
                    self.call(|manager, net| manager.connected(net, id));
                }
            }
        }
    }

    fn act(&mut self, words: &[&str]) {
        match *words {
            ["end"] => {}
            ["look"] => {
                let look = self.look();
                self.diary.note(self.now, &look);
            }
            ["hold"] => self.call(|manager, net| manager.hold_service_point(net, 0)),
            ["idle", "never"] => self.set(Setting::MaxIdleTime(None)),
            ["idle", text] => self.set(Setting::MaxIdleTime(Some(seconds(text)))),
            ["limit", text] => {
                let limit = text.parse().expect("a limit is a number");
                self.set(Setting::ConnectionLimit(ConnectionLimit::new(limit)));
            }
            ["drop", name] => {
                let found =
                    self.call(|manager, net| manager.close_connection_group(net, 0, group(name)));
                self.diary.note(self.now, &found.to_string());
            }
            ["abort", number] => {
                let serial: u64 = number.parse().expect("a request's number");
                let (id, _) = self.submitted[serial as usize];
                self.call(|manager, net| manager.abort(net, id, Failure::RequestCanceled));
            }
            ["lose", number] => {
                let (id, _) = self.submitted[number.parse::<usize>().expect("a number")];
                let Place::OnConnection(connection) = self.requests[id].place else {
                    panic!("r{number} is on no connection");
                };
                let serial = self.manager.serial_of(connection);
                self.call(|manager, net| manager.connection_lost(net, connection, serial));
            }
            ["break", number] => {
                let (id, _) = self.submitted[number.parse::<usize>().expect("a number")];
                self.call(|manager, net| manager.response_broken(net, id));
            }
            ["headers", number] => {
                let (id, _) = self.submitted[number.parse::<usize>().expect("a number")];
                self.call(|manager, net| manager.headers_arrived(net, id, false));
            }
            ["close-response", number, ends] => {
                let (id, _) = self.submitted[number.parse::<usize>().expect("a number")];
                let ends_at = SimTime::ZERO + seconds(ends);
                self.call(|manager, net| manager.close_response(net, id, ends_at));
            }
            ["collect"] => self.call(M::collect_garbage),
            ["fin", "left"] => {
                for id in core::mem::take(&mut self.diary.left) {
                    self.call(|manager, net| manager.server_closed(net, id));
                }
            }
            ["fin", name] => {
                for id in self.manager.idle_connections(0, group(name)) {
                    self.call(|manager, net| manager.server_closed(net, id));
                }
            }
            [name, response, ref rest @ ..] => self.submit(name, response, rest),
            _ => panic!("not understood: {words:?}"),
        }
    }

    fn submit(&mut self, name: &str, response: &str, mut rest: &[&str]) {
        let serial = self.submitted.len() as u64;
        let mut request = Request::new(serial, self.now, group(name));
        request.response = Some(seconds(response));
        while let [word, others @ ..] = rest {
            rest = others;
            match (*word, others) {
                ("close", _) => request.keep_alive = false,
                ("held", _) => request.held = true,
                ("undisposed", _) => request.left_open = true,
                ("ntlm", _) => request.closes_group = true,
                ("timeout", [text, others @ ..]) => {
                    request.deadline = self.now + seconds(text);
                    rest = others;
                }
                ("to", [text, others @ ..]) => {
                    request.endpoint = text.parse().expect("an endpoint is a number");
                    rest = others;
                }
                ("connect", [text, others @ ..]) => {
                    request.connect_time = seconds(text);
                    rest = others;
                }
                _ => panic!("not understood: {word}"),
            }
        }
        let id = self.requests.insert(request);
        self.submitted.push((id, serial));
        self.call(|manager, net| manager.submit(net, id));
    }

    fn set(&mut self, change: Setting) {
        self.call(|manager, net| manager.change_setting(net, 0, change));
    }

    /// Sockets, those in CLOSE_WAIT where there are any, ports in TIME_WAIT,
    /// `CurrentConnections`, groups, queue and ServicePoints.
    fn look(&mut self) -> String {
        let counts = self.manager.counts();
        let ports = self.ports.counts(self.now, 0);
        let sockets: u32 = ports.by_state.iter().sum();
        assert_eq!(u64::from(sockets), counts.connections, "a port each");
        let close_wait = match ports.by_state[PortState::CloseWait as usize] {
            0 => String::new(),
            count => format!(" cw={count}"),
        };
        format!(
            "s={sockets}{close_wait} tw={} C={} g={} q={} sp={}",
            ports.time_wait,
            counts.current_connections,
            counts.groups,
            counts.queued,
            counts.service_points
        )
    }
}

fn seconds(text: &str) -> SimSpan {
    SimSpan::from_seconds_rounded(text.parse().expect("a number of seconds"))
}

fn group(name: &str) -> GroupName {
    GroupName::from_text(if name == "-" { "" } else { name })
}
