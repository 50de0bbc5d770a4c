//! A small language for timelines: text in, text out.
//!
//! A setup (`net48 limit 2`), a script of one line an action (`0 submit r1 A 10`, `5 close A`),
//! and the log of what the process did, one line an instant:
//!
//! | word | meaning |
//! |---|---|
//! | `sp+`, `sp-`, `A+`, `A-` | a ServicePoint, a group enters or leaves its table |
//! | `c1+`, `refused` | a connect takes a port, or finds none |
//! | `r1>c1`, `r1@c1` | a request goes on the wire, or waits on a connection's list |
//! | `r1 ok`, `r1 Timeout` | how a request ends |
//! | `c1 idle`, `c1 hard`, `c1 graceful` | a connection becomes idle, or is closed |
//! | `[sp]`, `[A]` | an idle timer fires |
//! | `s=2 C=1 g=1 a=1 q=0` | a look: open sockets, `CurrentConnections`, groups, `active` (`out` of the table), waiting; `tw`, `cw`: ports in TIME_WAIT, CLOSE_WAIT |
//!
//! Times are seconds without a unit. Here lives one process with two remote endpoints (`A@1` is
//! group A of the second); events of one instant come in the order of `kernel::phase`.
//! **Invariant**, asserted after every step: ports are conserved, what is counted is there, and
//! without the leak `active` is the number of connections that are not idle (SP-6, CN-6).

mod log;
mod setup;

use self::log::{Due, Log};
use self::setup::Setup;
use crate::model::GroupName;
use crate::net::framework::Framework;
use crate::net::request::Place;
use crate::net::{
    ConnectionId, ConnectionManager, Failure, Net, PortRelease, PortState, PortTable, Request,
    RequestId, Requests, Setting, TakenPort,
};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// Runs `script` and compares its log with `expected`, blank lines and indentation apart.
#[track_caller]
pub(super) fn check(setup: &str, script: &str, expected: &str) {
    let actual = run::<true>(setup, script, |_| {});
    let expected: Vec<&str> = lines_of(expected).collect();
    assert!(
        actual == expected,
        "{setup}\n{script}\n--- expected\n{}\n--- actual\n{}\n",
        expected.join("\n"),
        actual.join("\n"),
    );
}

/// The log of `script` on a process that `prepare` may adjust. `EACH`: the host is told every
/// single step.
pub(super) fn run<const EACH: bool>(
    setup: &str,
    script: &str,
    prepare: impl FnOnce(&mut Framework),
) -> Vec<String> {
    let mut driver = Driver::<EACH>::new(setup);
    prepare(&mut driver.process);
    for line in lines_of(script) {
        driver.line(line);
    }
    driver.flush();
    driver.log
}

fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
}

/// `1.5` and `1.5s` alike.
fn span(text: &str) -> SimSpan {
    let has_unit = text.ends_with(|c: char| c.is_ascii_alphabetic());
    let unit = if has_unit { "" } else { "s" };
    SimSpan::parse(&format!("{text}{unit}")).unwrap_or_else(|_| panic!("`{text}` is no time"))
}

fn span_or_never(text: &str) -> Option<SimSpan> {
    (text != "never").then(|| span(text))
}

struct Driver<const EACH: bool> {
    process: Framework,
    ports: PortTable,
    requests: Requests,
    host: Log<EACH>,
    now: SimTime,
    timeout: Option<SimSpan>,
    looks_only: bool,
    /// Ports that somebody else took.
    taken: Vec<TakenPort>,
    log: Vec<String>,
}

/// Whether a word of the log says that a request failed.
fn is_failure(word: &str) -> bool {
    word == "refused" || word.starts_with('r') && word.contains(' ') && !word.ends_with(" ok")
}

fn number<N: core::str::FromStr>(text: &str) -> N {
    let digits = text.trim_start_matches(['r', 'c']);
    digits
        .parse()
        .unwrap_or_else(|_| panic!("`{text}` is no number"))
}

impl<const EACH: bool> Driver<EACH> {
    fn new(setup: &str) -> Driver<EACH> {
        let Setup {
            settings,
            machine,
            looks_only,
            essential,
        } = Setup::of(setup);
        let timeout = settings.request_timeout;
        let mut process = Framework::new(settings);
        process.record_fired();
        Driver {
            process,
            ports: PortTable::new(&machine, 2),
            requests: Requests::default(),
            host: Log {
                essential,
                ..Log::default()
            },
            now: SimTime::ZERO,
            timeout,
            looks_only,
            taken: Vec::new(),
            log: Vec::new(),
        }
    }

    /// One line: everything up to its time, then its action.
    fn line(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let at = SimTime::ZERO + span(words.next().expect("a line begins with its time"));
        assert!(self.now <= at, "`{line}` is out of order");
        let words: Vec<&str> = words.collect();
        if words[0] == "look" {
            self.advance(at);
            self.look(at);
            return;
        }
        self.advance(at);
        if self.now != at {
            self.flush();
            self.now = at;
        }
        self.act(&words);
        self.settle();
    }

    /// Carries out timers and network events up to and including `until`.
    fn advance(&mut self, until: SimTime) {
        loop {
            let wake = self.process.next_wake();
            let event = self.host.due.first_key_value().map(|(key, _)| *key);
            let event_at = event.map_or(SimTime::NEVER, |(at, _)| at);
            let next = wake.min(event_at);
            if next > until || next == SimTime::NEVER {
                return;
            }
            if next != self.now {
                self.flush();
                self.now = next;
            }
            if wake <= event_at {
                self.fire();
            } else if let Some(due) = event.and_then(|key| self.host.due.remove(&key)) {
                self.happen(due);
            }
            self.settle();
        }
    }

    fn fire(&mut self) {
        let before = self.host.words.len();
        self.with(Framework::fire_timers);
        for (place, fired) in self.process.take_fired().into_iter().enumerate() {
            let word = match fired.group {
                Some(name) => format!("[{}]", self.host.names[&name]),
                None => "[sp]".to_string(),
            };
            self.host.words.insert(before + place, word);
        }
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Connected(id, serial) => self.with(|process, net| {
                if process.is_connecting(id, serial as u32) {
                    process.connected(net, id);
                }
            }),
            Due::Response { tag, .. } => {
                if let Some(id) = self.host.live.get(&tag).copied() {
                    self.with(|process, net| process.response_completed(net, id, false));
                }
            }
        }
    }

    fn with<R>(&mut self, call: impl FnOnce(&mut Framework, &mut Net<'_, Log<EACH>>) -> R) -> R {
        let net = &mut Net {
            now: self.now,
            ports: &mut self.ports,
            requests: &mut self.requests,
            host: &mut self.host,
        };
        call(&mut self.process, net)
    }

    /// Timers of no duration fire in the same instant (TM-4); then the books must balance.
    fn settle(&mut self) {
        while self.process.next_wake() <= self.now {
            self.fire();
        }
        let counts = self.ports.counts(self.now, 0);
        let ours = self.host.open + self.taken.len() as u32 + counts.time_wait;
        assert_eq!(counts.in_use(), ours, "ports were lost at {:?}", self.now);
        self.assert_counts_are_of_what_there_is();
        let process = &self.process;
        if process.rules.reservation_leak {
            return;
        }
        let ids = process.connections.ids();
        let busy = ids
            .iter()
            .filter(|id| !process.connections[**id].idle)
            .count() as u32;
        let ids = process.service_points.ids().into_iter();
        let active: u32 = ids.map(|id| process.service_points[id].active).sum();
        assert_eq!(active, busy, "`active` is wrong at {:?}", self.now);
        let ids = process.groups.ids().into_iter();
        let active: u32 = ids.map(|id| process.groups[id].active).sum();
        assert_eq!(
            active, busy,
            "a group's `active` is wrong at {:?}",
            self.now
        );
    }

    fn assert_counts_are_of_what_there_is(&self) {
        let (process, counts) = (&self.process, self.process.counts());
        let ids = process.connections.ids();
        assert_eq!(counts.connections, ids.len() as u64, "at {:?}", self.now);
        let waiting = |id: &ConnectionId| u64::from(process.connections[*id].waiting);
        assert_eq!(counts.queued, ids.iter().map(waiting).sum::<u64>());
        let on_wire = |id: &ConnectionId| {
            let connection = &process.connections[*id];
            u64::from(connection.written) * u64::from(connection.connected)
        };
        assert_eq!(counts.on_wire, ids.iter().map(on_wire).sum::<u64>());
        assert_eq!(process.on_wire_alone(), 0, "its host is told of each step");
        let groups = process.groups.ids().into_iter();
        let indexed = groups.filter(|id| !process.groups[*id].index.is_none());
        assert_eq!(process.indexes.len(), indexed.count(), "an index is left");
    }

    fn flush(&mut self) {
        let mut words = core::mem::take(&mut self.host.words);
        if self.looks_only {
            words.retain(|word| is_failure(word));
        }
        if !words.is_empty() {
            self.log
                .push(format!("{}: {}", self.now.as_seconds(), words.join(", ")));
        }
    }

    /// The state at `at`, after everything else of that instant.
    fn look(&mut self, at: SimTime) {
        self.flush();
        self.now = at;
        let counts = self.process.counts();
        let seen = self.process.snapshot(&self.requests).service_points;
        let owners = seen.iter().flat_map(|service_point| &service_point.owners);
        let connections: usize = owners.map(|owner| owner.connections.len()).sum();
        assert_eq!(connections as u64, counts.connections, "each is seen once");
        let ports = self.ports.counts(at, 0);
        let active = match self.process.service_point_view(0) {
            Some(view) => format!("a={}", view.active),
            None => "out".to_string(),
        };
        let mut line = format!(
            "{}: s={} C={} g={} {active} q={}",
            at.as_seconds(),
            self.host.open,
            counts.current_connections,
            counts.groups,
            counts.queued,
        );
        for (name, count) in [("tw", ports.time_wait), ("cw", ports.by_state[3])] {
            if count > 0 {
                write!(line, " {name}={count}").expect("a string");
            }
        }
        self.log.push(line);
    }

    fn act(&mut self, words: &[&str]) {
        match words {
            ["submit", request, target, rest @ ..] => self.submit(number(request), target, rest),
            ["done", request, rest @ ..] => {
                let closes = rest == ["close"];
                if let Some(id) = self.live(request) {
                    self.with(|process, net| process.response_completed(net, id, closes));
                }
            }
            ["lose", request] => {
                let Some(id) = self.live(request) else {
                    return;
                };
                let Place::OnConnection(connection) = self.requests[id].place else {
                    panic!("{request} is on no connection");
                };
                let serial = self.process.serial_of(connection);
                self.with(|process, net| process.connection_lost(net, connection, serial));
            }
            ["break", request] => {
                if let Some(id) = self.live(request) {
                    self.with(|process, net| process.response_broken(net, id));
                }
            }
            ["headers", request, rest @ ..] => {
                if let Some(id) = self.live(request) {
                    let closes = rest == ["close"];
                    self.with(|process, net| process.headers_arrived(net, id, closes));
                }
            }
            ["close-response", request, ends] => {
                if let Some(id) = self.live(request) {
                    let ends_at = SimTime::ZERO + span(ends);
                    self.with(|process, net| process.close_response(net, id, ends_at));
                }
            }
            ["gc"] => self.with(Framework::collect_garbage),
            ["fail-sockets", count] => self.ports.fail_sockets(number(count)),
            ["abort", request] => self.abort(request, Failure::RequestCanceled),
            ["timeout", request] => self.abort(request, Failure::Timeout),
            ["close", target] => {
                let (endpoint, name) = self.target(target);
                let closed =
                    self.with(|process, net| process.close_connection_group(net, endpoint, name));
                self.host.words.push(format!("close {target} {closed}"));
            }
            ["fin", target] => {
                let (endpoint, name) = self.target(target);
                for id in self.process.idle_connections(endpoint, name) {
                    self.with(|process, net| process.server_closed(net, id));
                }
            }
            ["fin-left", connection] => {
                let serial: u64 = number(connection);
                let (id, _) = (self.process.connected_to(0).into_iter())
                    .find(|(_, known)| u64::from(*known) + 1 == serial)
                    .expect("it is connected");
                self.with(|process, net| process.server_closed(net, id));
            }
            ["hold"] => self.with(|process, net| process.hold_service_point(net, 0)),
            ["limit", count] => {
                self.set(Setting::ConnectionLimit(ConnectionLimit::new(number(
                    count,
                ))));
            }
            ["idle-time", time] => self.set(Setting::MaxIdleTime(span_or_never(time))),
            ["lease", time] => self.set(Setting::ConnectionLease(span_or_never(time))),
            ["ports", "gone"] => {
                while let Ok(port) = self.ports.take(self.now, 0) {
                    self.taken.push(port);
                }
            }
            ["ports", "back"] => {
                for port in self.taken.drain(..) {
                    let (from, how) = (PortState::Connecting, PortRelease::Free);
                    self.ports.release(self.now, port, from, how);
                }
            }
            _ => panic!("no such action: {words:?}"),
        }
    }

    fn live(&self, request: &str) -> Option<RequestId> {
        self.host.live.get(&number(request)).copied()
    }

    fn set(&mut self, setting: Setting) {
        self.with(|process, net| process.change_setting(net, 0, setting));
    }

    fn abort(&mut self, request: &str, why: Failure) {
        if let Some(id) = self.live(request) {
            self.with(|process, net| process.abort(net, id, why));
        }
    }

    /// `A`, `A@1`, or `-` for the unnamed group.
    fn target(&mut self, text: &str) -> (u32, GroupName) {
        let (name, endpoint) = text.split_once('@').unwrap_or((text, "0"));
        let group = GroupName::from_text(if name == "-" { "" } else { name });
        if self.host.names.insert(group, name.to_string()).is_none() {
            self.process.register_name(name);
        }
        (number(endpoint), group)
    }

    /// `submit r1 A 10`, then any of `close` (`KeepAlive = false`), `pipelined`, `held`, `ntlm`
    /// and `connect 2`. Without a duration the script says when the response is `done`.
    fn submit(&mut self, tag: u64, target: &str, words: &[&str]) {
        let (endpoint, name) = self.target(target);
        let mut request = Request::new(tag, self.now, name);
        (request.endpoint, request.tag) = (endpoint, tag);
        request.deadline = match self.timeout {
            Some(timeout) => self.now + timeout.max(SimSpan::from_millis(1)),
            None => SimTime::NEVER,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "close" => request.keep_alive = false,
                "pipelined" => request.pipelined = true,
                "held" => request.held = true,
                "ntlm" => request.closes_group = true,
                "undisposed" => request.left_open = true,
                "connect" => request.connect_time = span(words.next().expect("a time")),
                time => request.response = Some(span(time)),
            }
        }
        let id = self.requests.insert(request);
        let before = self.host.live.insert(tag, id);
        assert!(before.is_none(), "r{tag} is still there");
        self.with(|process, net| process.submit(net, id));
    }
}
