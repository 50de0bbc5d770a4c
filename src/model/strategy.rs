//! Strategies: named patches over a scenario, and the policies that act during a run (data only).

use super::Scenario;
use super::nat::Nat;
use super::profile::RuntimeProfile;
use super::service::AbandonedWork;
use super::settings::{PortRange, PortScope};
use super::workload::{GroupRule, Retry};
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
    /// Carries the change out.
    pub fn apply(&self, scenario: &mut Scenario) {
        match self {
            Patch::Groups(size) => {
                let rule = GroupRule::Pool {
                    size: *size,
                    random: false,
                };
                Patch::Group(rule).apply(scenario);
            }
            Patch::Group(rule) => {
                for workload in &mut scenario.workloads {
                    workload.group = Some(rule.clone());
                }
            }
            Patch::KeepAlive(keep_alive) => {
                for workload in &mut scenario.workloads {
                    workload.keep_alive = Some(*keep_alive);
                }
            }
            Patch::CloseGroups(rule) => scenario.close_groups = Some(*rule),
            Patch::Throttle(throttle) => scenario.throttle = Some(*throttle),
            Patch::Retry(retry) => {
                for workload in &mut scenario.workloads {
                    workload.retry = *retry;
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
            Patch::Workers(_) | Patch::Queue(_) | Patch::AbandonedWork(_) => {
                for server in &mut scenario.servers {
                    self.apply_to_service(&mut server.service);
                }
            }
            _ => {
                for client in &mut scenario.clients {
                    self.apply_to_client(client);
                }
            }
        }
    }

    fn apply_to_service(&self, service: &mut super::Service) {
        match self {
            Patch::Workers(count) => service.workers = *count,
            Patch::Queue(room) => service.queue = *room,
            Patch::AbandonedWork(fate) => service.abandoned_work = *fate,
            _ => unreachable!("`apply` hands over patches of servers only"),
        }
    }

    fn apply_to_client(&self, client: &mut super::Client) {
        match self {
            Patch::MaxIdleTime(span) => client.max_idle_time = *span,
            Patch::ConnectionLimit(limit) => client.connection_limit = Some(*limit),
            Patch::ConnectionLease(span) => client.connection_lease = *span,
            Patch::RequestTimeout(span) => client.request_timeout = *span,
            Patch::ReservationLeak(leaks) => client.reservation_leak = *leaks,
            Patch::Runtime(profile) => client.runtime = profile,
            _ => unreachable!("`apply` carries the other patches out itself"),
        }
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
