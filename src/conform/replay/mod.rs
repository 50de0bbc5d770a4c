//! A trace driven through the model, every field compared.

mod counter;

use self::counter::Counter;
use super::trace::{FiredTimer, Input, Mode, Out, Trace};
use crate::model::GroupName;
use crate::model::profile::{Mechanism, Sourced};
use crate::model::settings::{Closer, IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::net::EndpointSettings;
use crate::net::framework::{Framework, FrameworkSettings};
use crate::net::request::Place;
use crate::net::{
    Aborted, ConnectionManager, Failure, Net, Outcome, PortTable, Request, RequestId, Requests,
    Setting,
};
use crate::profiles;
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How late the recorded timer thread woke (K-12).
const RECORDED_SLACK: SimSpan = SimSpan::from_millis(15);

/// One field of one step that differs.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// The step, from 0.
    pub step: usize,
    /// The field.
    pub field: &'static str,
    /// What was recorded.
    pub recorded: String,
    /// What the model says.
    pub model: String,
}

/// What came of a replay.
#[derive(Clone, PartialEq, Debug)]
pub struct Replayed {
    /// How many steps the trace has.
    pub n_steps: usize,
    /// How many of them differ in at least one field.
    pub n_differing: usize,
    /// The fields that differ in the first step that differs.
    pub first: Vec<Difference>,
}

/// Replays a trace.
pub fn replay(trace: &Trace) -> Replayed {
    let mut driver = Driver::new(trace);
    let mut replayed = Replayed {
        n_steps: trace.steps.len(),
        n_differing: 0,
        first: Vec::new(),
    };
    for (number, step) in trace.steps.iter().enumerate() {
        let result = driver.step(&step.input);
        let mut out = driver.observe(&step.input);
        if step.out.ended.is_none() {
            // Older recordings do not say how requests ended.
            out.ended = None;
        }
        if result == step.result && out == step.out {
            continue;
        }
        replayed.n_differing += 1;
        if replayed.first.is_empty() {
            replayed.first = differences(number, (&step.result, &step.out), (&result, &out));
        }
    }
    replayed
}

fn differences(step: usize, recorded: (&Value, &Out), model: (&Value, &Out)) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |field: &'static str, recorded: String, model: String| {
        if recorded != model {
            found.push(Difference {
                step,
                field,
                recorded,
                model,
            });
        }
    };
    compare("result", recorded.0.to_string(), model.0.to_string());
    macro_rules! fields {
        ($($field:ident),*) => {
            $(compare(
                stringify!($field),
                serde_json::json!(recorded.1.$field).to_string(),
                serde_json::json!(model.1.$field).to_string(),
            );)*
        };
    }
    fields!(
        t,
        sp_in_table,
        sp_idle_timer,
        sp_active,
        groups,
        current_connections,
        sockets_open,
        sockets_idle,
        sockets_busy,
        sockets_opened_total,
        sockets_closed_total,
        on_wire,
        queued,
        retries,
        timers_pending,
        per_group,
        fired,
        ended
    );
    found
}

/// The model with stand-ins for everything around it.
struct Driver {
    process: Framework,
    ports: PortTable,
    requests: Requests,
    host: Counter,
    /// Trace number of each request in the system.
    ids: BTreeMap<u64, RequestId>,
    /// The key of every group used.
    keys: BTreeMap<GroupName, String>,
    /// The host of each endpoint; the trace's own is the first.
    hosts: Vec<String>,
    pipelining: bool,
    serial: u64,
}

fn span(ms: i64) -> Option<SimSpan> {
    u64::try_from(ms).ok().map(SimSpan::from_millis)
}

impl Driver {
    fn new(trace: &Trace) -> Driver {
        let config = &trace.config;
        let Mechanism::Framework(mut rules) = profiles::NET48.mechanism else {
            unreachable!("net48 is a Framework profile");
        };
        if config.mode == Mode::NoGroupTimer {
            rules.group_idle_timer = Sourced::read(false, "trace recorded without CG-6");
        }
        let mut hosts = vec![trace.own_host()];
        for host in trace.steps.iter().filter_map(|step| step.input.host()) {
            if !hosts.iter().any(|known| known == host) {
                hosts.push(host.to_owned());
            }
        }
        let mut process = Framework::new(FrameworkSettings {
            rules,
            max_idle_time: span(config.max_idle_ms),
            connection_lease: span(config.lease_ms),
            request_timeout: None,
            max_service_points: config.max_service_points,
            reservation_leak: true,
            leak_abort_body: false,
            resubmits_pipelined: config.unpipelined == 0,
            idle_close: IdleClose::Reset,
            endpoints: vec![
                EndpointSettings {
                    limit: ConnectionLimit::new(config.connection_limit),
                    active_close: Closer::Server,
                    keep_alive_timeout: None,
                };
                hosts.len()
            ],
            timer_slack: RECORDED_SLACK,
            timer_jitter: None,
        });
        process.record_fired();
        let machine = Machine {
            ports: PortRange {
                first: 1024,
                count: 64_512,
            },
            preset: None,
            time_wait: SimSpan::ZERO,
            time_wait_given: false,
            scope: PortScope::Host,
            time_wait_error: PortErrorName::Wsaenobufs,
            idle_close: IdleClose::Reset,
            time_wait_reuse_after: None,
            syn_retry: crate::model::service::SynRetry::WINDOWS,
            instances: 1,
        };
        Driver {
            process,
            ports: PortTable::new(&machine, hosts.len()),
            requests: Requests::default(),
            host: Counter::default(),
            ids: BTreeMap::new(),
            keys: BTreeMap::new(),
            hosts,
            pipelining: config.pipelining == 1,
            serial: 0,
        }
    }

    /// Carries one operation out, after every timer pass at or before it.
    fn step(&mut self, input: &Input) -> Value {
        let now = SimTime::ZERO + SimSpan::from_millis(input.time_ms());
        self.pass_until(now);
        let result = self.operate(now, input);
        // A timer of no duration fires in the same instant (TM-4).
        self.pass_until(now);
        for (id, _) in &self.host.ended {
            self.ids.remove(id);
        }
        result
    }

    fn pass_until(&mut self, now: SimTime) {
        while self.process.next_wake() <= now {
            let at = self.process.next_wake();
            let (process, mut net) = self.net(at);
            process.fire_timers(&mut net);
        }
    }

    fn net(&mut self, now: SimTime) -> (&mut Framework, Net<'_, Counter>) {
        let net = Net {
            now,
            ports: &mut self.ports,
            requests: &mut self.requests,
            host: &mut self.host,
        };
        (&mut self.process, net)
    }

    fn operate(&mut self, now: SimTime, input: &Input) -> Value {
        let endpoint = self.endpoint(input);
        if looks_up(input) && self.process.refuses_look_up(endpoint) {
            // SP-4: the look-up throws.
            if let Input::Submit { id, .. } = input {
                let failure = Failure::TooManyServicePoints;
                self.host.ended.push((*id, Outcome::Failed(failure)));
            }
            return "too_many".into();
        }
        match input {
            Input::Submit { .. } => self.submit(now, endpoint, input),
            Input::Complete {
                id, server_close, ..
            } => {
                let Some(&request) = self.ids.get(id) else {
                    return "skipped".into();
                };
                let (process, mut net) = self.net(now);
                let done = process.response_completed(&mut net, request, *server_close);
                if done { "ok".into() } else { "skipped".into() }
            }
            Input::CloseGroup { group, .. } => {
                let name = self.name(group, false);
                let (process, mut net) = self.net(now);
                process
                    .close_connection_group(&mut net, endpoint, name)
                    .into()
            }
            Input::ServerFin {
                group, r#unsafe, ..
            } => {
                let name = self.name(group, *r#unsafe);
                let hit = self.process.idle_connections(endpoint, name);
                let (process, mut net) = self.net(now);
                for connection in &hit {
                    process.server_closed(&mut net, *connection);
                }
                hit.len().into()
            }
            Input::SetMaxIdle { ms, .. } => {
                self.set(now, endpoint, Setting::MaxIdleTime(span(*ms)))
            }
            Input::SetLimit { n, .. } => {
                let limit = ConnectionLimit::new(*n);
                self.set(now, endpoint, Setting::ConnectionLimit(limit))
            }
            Input::SetLease { ms, .. } => {
                self.set(now, endpoint, Setting::ConnectionLease(span(*ms)))
            }
            Input::Abort { id, .. } => {
                let Some(&request) = self.ids.get(id) else {
                    return "skipped".into();
                };
                let (process, mut net) = self.net(now);
                match process.abort(&mut net, request, Failure::RequestCanceled) {
                    Aborted::ConnectionClosed => "connection_closed".into(),
                    Aborted::Disassociated => "disassociated".into(),
                }
            }
            Input::ConnectMode { delay, .. } => {
                self.host.delays = *delay;
                Value::Null
            }
            Input::Resolve { index, ok, .. } => self.resolve(now, *index, *ok),
            Input::Lose { id, .. } => self.lose(now, *id),
            Input::Hold { .. } => {
                let (process, mut net) = self.net(now);
                process.hold_service_point(&mut net, endpoint);
                Value::Null
            }
            Input::Wait { .. } => Value::Null,
        }
    }

    fn endpoint(&self, input: &Input) -> u32 {
        let host = input.host();
        let found = host.and_then(|host| self.hosts.iter().rposition(|known| known == host));
        found.unwrap_or(0) as u32
    }

    fn submit(&mut self, now: SimTime, endpoint: u32, input: &Input) -> Value {
        let Input::Submit {
            id,
            group,
            keepalive,
            r#unsafe,
            held,
            pipelined,
            ..
        } = input
        else {
            unreachable!("asked for a submit only");
        };
        let name = self.name(group, *r#unsafe);
        let mut request = Request::new(self.serial, now, name);
        self.serial += 1;
        request.endpoint = endpoint;
        request.keep_alive = *keepalive;
        request.pipelined = pipelined.unwrap_or(self.pipelining);
        request.held = *held;
        request.tag = *id;
        let request = self.requests.insert(request);
        self.ids.insert(*id, request);
        let (process, mut net) = self.net(now);
        process.submit(&mut net, request);
        Value::Null
    }

    /// The connect at `index`, counted round the list of those that wait, is answered.
    fn resolve(&mut self, now: SimTime, index: usize, ok: bool) -> Value {
        if self.host.waiting.is_empty() {
            return "skipped".into();
        }
        let place = index % self.host.waiting.len();
        let (connection, serial) = self.host.waiting.remove(place);
        if ok {
            self.host.established(serial);
        }
        let (process, mut net) = self.net(now);
        if ok {
            process.connected(&mut net, connection);
        } else {
            process.connect_failed(&mut net, connection, Failure::ConnectionRefused);
        }
        "ok".into()
    }

    /// The server's side of the connection that carries a request is gone.
    fn lose(&mut self, now: SimTime, id: u64) -> Value {
        let place = self.ids.get(&id).map(|it| self.requests[*it].place);
        let Some(Place::OnConnection(connection)) = place else {
            return "skipped".into();
        };
        let serial = self.process.serial_of(connection);
        if !self.host.open.contains(&u64::from(serial)) {
            return "skipped".into();
        }
        let (process, mut net) = self.net(now);
        process.connection_lost(&mut net, connection, serial);
        "ok".into()
    }

    fn set(&mut self, now: SimTime, endpoint: u32, setting: Setting) -> Value {
        let (process, mut net) = self.net(now);
        process.change_setting(&mut net, endpoint, setting);
        Value::Null
    }

    /// The name that the model has for a group, whose key is noted.
    fn name(&mut self, text: &str, is_shared: bool) -> GroupName {
        let (name, mark) = if is_shared {
            (self.process.register_sharing_name(text), "U>")
        } else {
            (GroupName::from_text(text), "S>")
        };
        if let Entry::Vacant(entry) = self.keys.entry(name) {
            entry.insert(format!("{text}{mark}"));
            if !is_shared {
                self.process.register_name(text);
            }
        }
        name
    }

    fn observe(&mut self, input: &Input) -> Out {
        let view = self.process.service_point_view(self.endpoint(input));
        let in_table = view.is_some();
        let groups = view
            .as_ref()
            .map(|view| view.groups.as_slice())
            .unwrap_or_default();
        let per_group: BTreeMap<String, u32> = groups
            .iter()
            .map(|(name, len)| (self.keys[name].clone(), *len))
            .collect();
        let counts = self.process.counts();
        let idle = self.process.n_idle_sockets() as u64;
        let open = self.host.opened - self.host.closed;
        let n_groups = groups.len() as u64;
        Out {
            t: input.time_ms(),
            sp_in_table: u8::from(in_table),
            sp_idle_timer: u8::from(view.as_ref().is_some_and(|view| view.idle_timer_armed)),
            sp_active: view.as_ref().map_or(0, |view| view.active),
            groups: n_groups,
            current_connections: per_group.values().map(|len| i64::from(*len)).sum(),
            sockets_open: open,
            sockets_idle: idle,
            sockets_busy: open - idle,
            sockets_opened_total: self.host.opened,
            sockets_closed_total: self.host.closed,
            on_wire: counts.on_wire,
            queued: counts.queued,
            retries: self.process.retries(),
            timers_pending: self.process.timers_pending() as u64,
            per_group,
            fired: self.fired(),
            ended: Some(self.ended()),
        }
    }

    /// The requests that ended since the last look, in the order of their texts.
    fn ended(&mut self) -> Vec<String> {
        let texts = self
            .host
            .ended
            .drain(..)
            .map(|(id, outcome)| match outcome {
                Outcome::Succeeded => format!("{id}:ok"),
                Outcome::Failed(Failure::TooManyServicePoints) => {
                    format!("{id}:TooManyServicePoints")
                }
                Outcome::Failed(failure) => format!("{id}:{}", failure.status()),
            });
        let mut texts: Vec<String> = texts.collect();
        texts.sort_unstable();
        texts
    }

    fn fired(&mut self) -> Vec<FiredTimer> {
        let fired = self.process.take_fired();
        fired
            .into_iter()
            .map(|fired| FiredTimer {
                t: fired.at.as_nanos() / 1_000_000,
                kind: if fired.group.is_some() {
                    "group_idle"
                } else {
                    "sp_idle"
                }
                .to_owned(),
                name: match fired.group {
                    Some(name) => self.keys[&name].clone(),
                    None => format!("http://{}", self.hosts[fired.endpoint as usize]),
                },
            })
            .collect()
    }
}

/// Whether an operation begins with `FindServicePoint`.
const fn looks_up(input: &Input) -> bool {
    match input {
        Input::Submit { held, .. } => !*held,
        Input::CloseGroup { .. }
        | Input::SetMaxIdle { .. }
        | Input::SetLimit { .. }
        | Input::SetLease { .. }
        | Input::Hold { .. } => true,
        _ => false,
    }
}
