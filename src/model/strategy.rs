//! Strategies: named patches over a scenario, and the policies that act during a run (data only).

use super::Scenario;
use super::nat::Nat;
use super::profile::RuntimeProfile;
use super::service::AbandonedWork;
use super::settings::{Api, PortRange, PortScope};
use super::workload::{ClientPerRequest, GroupRule, Retry};
use crate::units::{ConnectionLimit, SimSpan};
use alloc::string::String;
use alloc::vec::Vec;

/// A named variant of the scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Strategy {
    /// The name in tables, charts and files.
    pub name: String,
    /// What it changes, in the order of carrying it out: what a preset or runtime brings comes
    /// before what the author wrote.
    pub patches: Vec<Patch>,
    /// What they are limited to.
    pub only: Aim,
}

/// One change that a strategy makes.
#[derive(Clone, PartialEq, Debug)]
pub enum Patch {
    /// `groups = N`: every workload uses N names in turn (the article's first remedy).
    Groups(u32),
    /// `group = …`: every workload follows this rule.
    Group(GroupRule),
    /// `keep-alive = …` for every workload (the article's second remedy when false).
    KeepAlive(bool),
    /// `close-groups = …` (the article's third remedy).
    CloseGroups(CloseGroups),
    /// `client-per-request = …` for every workload.
    ClientPerRequest(ClientPerRequest),
    /// `undisposed = …` for every workload.
    Undisposed(f64),
    /// `api = …` for every client.
    Api(Api),
    /// `max-connections-per-server = …` for every client.
    MaxConnectionsPerServer(ConnectionLimit),
    /// `pooled-connection-idle-timeout = …` for every client; `None` is never.
    PooledConnectionIdleTimeout(Option<SimSpan>),
    /// `pooled-connection-lifetime = …` for every client; `None` is never.
    PooledConnectionLifetime(Option<SimSpan>),
    /// `handler-lifetime = …` for every client; `None` is never.
    HandlerLifetime(Option<SimSpan>),
    /// `gc = …` for every client; `None` is never.
    Gc(Option<SimSpan>),
    /// `max-idle-time = …` for every client; `None` is never.
    MaxIdleTime(Option<SimSpan>),
    /// `connection-limit = …` for every client.
    ConnectionLimit(ConnectionLimit),
    /// `connection-lease = …` for every client; `None` is never.
    ConnectionLease(Option<SimSpan>),
    /// `request-timeout = …` for every client; `None` is never.
    RequestTimeout(Option<SimSpan>),
    /// `reservation-leak = …` for every client.
    ReservationLeak(bool),
    /// `runtime = …` for every client.
    Runtime(&'static RuntimeProfile),
    /// `ports = …`; a preset also brings its TIME_WAIT and scope as patches of their own.
    Ports {
        /// The range.
        range: PortRange,
        /// The preset's name, if one was named.
        preset: Option<String>,
    },
    /// `time-wait = …`.
    TimeWait(SimSpan),
    /// `scope = …`.
    Scope(PortScope),
    /// `time-wait-reuse = …`; `None` never.
    TimeWaitReuse(Option<SimSpan>),
    /// `throttle = …`.
    Throttle(Throttle),
    /// `retry = …` for every workload; `None` is never.
    Retry(Option<Retry>),
    /// `workers = …` for every server; `None` is any number.
    Workers(Option<u32>),
    /// `queue = …` for every server; `None` is any number.
    Queue(Option<u32>),
    /// `abandoned-work = …` for every server.
    AbandonedWork(AbandonedWork),
    /// `instances = …`.
    Instances(u32),
    /// `nat = …`; `None` is no NAT.
    Nat(Option<Nat>),
}

impl Patch {
    /// Carries the change out on what the strategy aims at.
    pub fn apply(&self, scenario: &mut Scenario, aim: &Aim) {
        match self {
            Patch::CloseGroups(rule) => {
                scenario.close_groups = Some(*rule);
                for (index, workload) in scenario.workloads.iter_mut().enumerate() {
                    workload.closes_groups = aim.covers(Target::Workload(index));
                }
            }
            Patch::Throttle(throttle) => {
                scenario.throttle = Some(*throttle);
                for (index, workload) in scenario.workloads.iter_mut().enumerate() {
                    workload.is_throttled = aim.covers(Target::Workload(index));
                }
            }
            Patch::Ports { range, preset } => {
                scenario.machine.ports = *range;
                scenario.machine.preset.clone_from(preset);
            }
            Patch::TimeWait(hold) => {
                scenario.machine.time_wait = *hold;
                scenario.machine.time_wait_given = true;
            }
            Patch::Scope(scope) => scenario.machine.scope = *scope,
            Patch::TimeWaitReuse(after) => scenario.machine.time_wait_reuse_after = *after,
            Patch::Instances(count) => scenario.machine.instances = *count,
            Patch::Nat(nat) => scenario.nat.clone_from(nat),
            _ => {
                for (index, workload) in scenario.workloads.iter_mut().enumerate() {
                    if aim.covers(Target::Workload(index)) {
                        self.apply_to_workload(workload);
                    }
                }
                for (index, server) in scenario.servers.iter_mut().enumerate() {
                    if aim.covers(Target::Server(index)) {
                        self.apply_to_service(&mut server.service);
                    }
                }
                for (index, client) in scenario.clients.iter_mut().enumerate() {
                    if aim.covers(Target::Client(index)) {
                        self.apply_to_client(client);
                    }
                }
            }
        }
    }

    fn apply_to_workload(&self, workload: &mut super::Workload) {
        match self {
            Patch::Groups(size) => {
                workload.group = Some(GroupRule::Pool {
                    size: *size,
                    random: false,
                });
            }
            Patch::Group(rule) => workload.group = Some(rule.clone()),
            Patch::KeepAlive(keep_alive) => workload.keep_alive = Some(*keep_alive),
            Patch::ClientPerRequest(rule) => workload.client_per_request = *rule,
            Patch::Undisposed(share) => workload.undisposed = *share,
            Patch::Retry(retry) => workload.retry = *retry,
            _ => {}
        }
    }

    fn apply_to_service(&self, service: &mut super::Service) {
        match self {
            Patch::Workers(count) => service.workers = *count,
            Patch::Queue(room) => service.queue = *room,
            Patch::AbandonedWork(fate) => service.abandoned_work = *fate,
            _ => {}
        }
    }

    fn apply_to_client(&self, client: &mut super::Client) {
        match self {
            Patch::Api(api) => client.api = *api,
            Patch::MaxConnectionsPerServer(limit) => client.max_connections_per_server = *limit,
            Patch::PooledConnectionIdleTimeout(span) => {
                client.pooled_connection_idle_timeout = Some(*span);
            }
            Patch::PooledConnectionLifetime(span) => client.pooled_connection_lifetime = *span,
            Patch::HandlerLifetime(span) => client.handler_lifetime = *span,
            Patch::Gc(every) => client.gc_every = *every,
            Patch::MaxIdleTime(span) => client.max_idle_time = *span,
            Patch::ConnectionLimit(limit) => client.connection_limit = Some(*limit),
            Patch::ConnectionLease(span) => client.connection_lease = *span,
            Patch::RequestTimeout(span) => client.request_timeout = *span,
            Patch::ReservationLeak(leaks) => client.reservation_leak = *leaks,
            Patch::Runtime(profile) => client.runtime = profile,
            _ => {}
        }
    }
}

/// What a strategy may be limited to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A client, by its place in the scenario.
    Client(usize),
    /// A server.
    Server(usize),
    /// A workload.
    Workload(usize),
}

impl Target {
    /// The table of the scenario that it is one of.
    pub const fn kind(self) -> &'static str {
        match self {
            Target::Client(_) => "client",
            Target::Server(_) => "server",
            Target::Workload(_) => "workload",
        }
    }
}

/// What a strategy changes: everything, or these alone (`only`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Aim(pub Option<Vec<Target>>);

impl Aim {
    /// Whether it is changed.
    pub fn covers(&self, target: Target) -> bool {
        (self.0.as_ref()).is_none_or(|targets| targets.contains(&target))
    }
}

/// When the program calls `CloseConnectionGroup` for the names it created so far.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum CloseGroups {
    /// At every multiple of this span: every name created so far, which it then forgets.
    Every(SimSpan),
    /// Each name once it is this old.
    After(SimSpan),
    /// Every name created so far, whenever the share of ports in use is above this.
    WhenPortsAbove(f64),
}

/// How the program holds itself back.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Throttle {
    /// At most one submit in this span, per workload; the rest wait their turn in the program.
    OncePer(SimSpan),
}
