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
//! **Invariant**, asserted after every step: ports are conserved.

use crate::model::GroupName;
use crate::model::profile::Mechanism;
use crate::model::settings::{Closer, IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::net::framework::{EndpointSettings, Framework, FrameworkSettings};
use crate::net::{
    CloseKind, ConnectionId, ConnectionManager, ConnectionView, Failure, Host, Net, Outcome,
    PortTable, Request, RequestId, Requests, Setting, TakenPort,
};
use crate::profiles;
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

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

/// Something that comes without being asked for. The order is that within an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Due {
    Connected(ConnectionId, u64),
    Response { tag: u64, connection: u64 },
}

/// What the process tells.
#[derive(Default)]
struct Log<const EACH: bool> {
    /// Network events by time and order of scheduling.
    due: BTreeMap<(SimTime, u64), Due>,
    scheduled: u64,
    words: Vec<String>,
    open: u32,
    live: BTreeMap<u64, RequestId>,
    names: BTreeMap<GroupName, String>,
    /// The number in the log of each connection.
    serials: BTreeMap<ConnectionId, u64>,
    /// Waits and groups are left out, which a host is told only if it wants every step.
    essential: bool,
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

/// What a setup says.
struct Setup {
    settings: FrameworkSettings,
    machine: Machine,
    looks_only: bool,
    essential: bool,
}

impl Setup {
    fn of(text: &str) -> Setup {
        let mut words = text.split_whitespace();
        let name = words.next().expect("a setup begins with a profile");
        let profile = profiles::find(name).unwrap_or_else(|| panic!("no profile `{name}`"));
        let Mechanism::Framework(rules) = profile.mechanism else {
            panic!("{name} is not a Framework profile")
        };
        let mut setup = Setup::plain(rules);
        while let Some(word) = words.next() {
            let mut next = || words.next().expect("a value follows");
            match word {
                "limit" => setup.limit(number(next())),
                "idle" => setup.settings.max_idle_time = span_or_never(next()),
                "lease" => setup.settings.connection_lease = Some(span(next())),
                "timeout" => setup.settings.request_timeout = Some(span(next())),
                "slack" => setup.settings.timer_slack = span(next()),
                "max-sp" => setup.settings.max_service_points = number(next()),
                "ports" => setup.machine.ports.count = number(next()),
                "time-wait" => setup.machine.time_wait = span(next()),
                "leak" => setup.settings.reservation_leak = rules.reserves.value,
                "fin" => setup.settings.idle_close = IdleClose::Fin,
                "client-closes" => setup.closer(Closer::Client),
                "looks" => setup.looks_only = true,
                "essential" => setup.essential = true,
                _ => panic!("unknown word `{word}` in a setup"),
            }
        }
        setup
    }

    fn plain(rules: crate::model::profile::FrameworkRules) -> Setup {
        let endpoint = EndpointSettings {
            limit: ConnectionLimit::new(2),
            active_close: Closer::Server,
        };
        Setup {
            settings: FrameworkSettings {
                rules,
                max_idle_time: Some(SimSpan::from_seconds(100)),
                connection_lease: None,
                request_timeout: None,
                max_service_points: 0,
                reservation_leak: false,
                resubmits_pipelined: false,
                idle_close: IdleClose::Reset,
                endpoints: alloc::vec![endpoint; 2],
                timer_slack: SimSpan::ZERO,
                timer_jitter: None,
            },
            machine: Machine {
                ports: PortRange {
                    first: 1025,
                    count: 3976,
                },
                preset: None,
                time_wait: SimSpan::ZERO,
                time_wait_given: true,
                scope: PortScope::Host,
                time_wait_error: PortErrorName::Wsaenobufs,
                idle_close: IdleClose::Reset,
                time_wait_reuse_after: None,
            },
            looks_only: false,
            essential: false,
        }
    }

    fn limit(&mut self, count: u32) {
        for endpoint in &mut self.settings.endpoints {
            endpoint.limit = ConnectionLimit::new(count);
        }
    }

    fn closer(&mut self, closer: Closer) {
        for endpoint in &mut self.settings.endpoints {
            endpoint.active_close = closer;
        }
    }
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
        self.with(|process, net| process.fire_timers(net));
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
                line += &format!(" {name}={count}");
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
                    let (from, how) = (
                        crate::net::PortState::Connecting,
                        crate::net::PortRelease::Free,
                    );
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

impl<const EACH: bool> Log<EACH> {
    fn schedule(&mut self, at: SimTime, due: Due) {
        self.scheduled += 1;
        self.due.insert((at, self.scheduled), due);
    }
}

impl<const EACH: bool> Host for Log<EACH> {
    const OBSERVES: bool = EACH;

    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool {
        self.open += 1;
        self.serials.insert(connection.id, connection.serial + 1);
        self.words.push(format!("c{}+", connection.serial + 1));
        if request.connect_time.is_zero() {
            return true;
        }
        let due = Due::Connected(connection.id, connection.serial);
        self.schedule(now + request.connect_time, due);
        false
    }

    fn connect_refused(&mut self, _: SimTime, _: u32) {
        self.words.push("refused".to_string());
    }

    fn sent(&mut self, now: SimTime, _: RequestId, request: &Request, c: &ConnectionView) {
        let (tag, connection) = (request.tag, c.serial + 1);
        self.words.push(format!("r{tag}>c{connection}"));
        // Nobody answers a request that was sent elsewhere since.
        self.due
            .retain(|_, due| !matches!(due, Due::Response { tag: other, .. } if *other == tag));
        if let Some(response) = request.response {
            self.schedule(now + response, Due::Response { tag, connection });
        }
    }

    fn waits(&mut self, _: SimTime, _: RequestId, request: &Request, on: Option<ConnectionId>) {
        if !self.essential
            && let Some(on) = on
        {
            let word = format!("r{}@c{}", request.tag, self.serials[&on]);
            self.words.push(word);
        }
    }

    fn ended(&mut self, _: SimTime, _: RequestId, request: &Request, outcome: Outcome) {
        self.live.remove(&request.tag);
        let word = match outcome {
            Outcome::Succeeded => "ok",
            Outcome::Failed(failure) => failure.name(),
        };
        self.words.push(format!("r{} {word}", request.tag));
    }

    fn became_idle(&mut self, _: SimTime, connection: &ConnectionView) {
        self.words.push(format!("c{} idle", connection.serial + 1));
    }

    fn left_idle(&mut self, _: SimTime, _: &ConnectionView) {}

    fn closed(&mut self, _: SimTime, connection: &ConnectionView, how: CloseKind) {
        self.open -= 1;
        let word = match how {
            CloseKind::Graceful => "graceful",
            CloseKind::Hard => "hard",
        };
        self.words
            .push(format!("c{} {word}", connection.serial + 1));
    }

    fn group_changed(&mut self, _: SimTime, endpoint: u32, name: GroupName, created: bool) {
        if !self.essential {
            let sign = if created { '+' } else { '-' };
            let at = if endpoint > 0 { "@1" } else { "" };
            self.words.push(format!("{}{at}{sign}", self.names[&name]));
        }
    }

    fn service_point_changed(&mut self, _: SimTime, endpoint: u32, created: bool) {
        let sign = if created { '+' } else { '-' };
        let at = if endpoint > 0 { "@1" } else { "" };
        self.words.push(format!("sp{at}{sign}"));
    }
}
