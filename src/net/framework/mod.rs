//! `ServicePoint`, `ConnectionGroup` and `Connection` of .NET Framework 2.0 to 4.8.
//!
//! One [`Framework`] is one process: its ServicePoint table, its groups and connections, its
//! timer thread. What differs between versions is read from
//! [`FrameworkRules`].
//!
//! | file | what | rules |
//! |---|---|---|
//! | `service_point.rs` | table, `active` counter, idle timer | SP-1, SP-3..SP-9, SP-11, SP-12, LIM-4 |
//! | `connection_group.rs` | groups by name, their lists and idle timers | CG-4..CG-8, CL-2 |
//! | `assignment.rs` | which connection gets a request | AS-1..AS-4, LIM-3 |
//! | `exchange.rs` | both ends of an exchange that has its connection to itself | AS-2, AS-3, CN-6..CN-10 |
//! | `alone.rs` | the same for requests that nothing but their answer can come to | AS-2, AS-3, CN-6, CN-7 |
//! | `opening.rs` | a new connection, its port, or what a refusal leaves | CG-4, CN-2, FL-1, FL-6, PT-2 |
//! | `single_use.rs` | groups of names that are used once, where nothing else can come to them | CG-4, CG-5, SP-8 |
//! | `lease.rs` | how old a connection may get | TM-6 |
//! | `connection.rs` | one connection's life | CN-1..CN-12, AS-5 |
//! | `closing.rs` | idle closes, dooming, re-submits | CL-1..CL-6, FL-1..FL-8, CN-8 |
//! | `losses.rs` | connects that fail, connections whose server is gone | FL-1, FL-3, FL-5 |
//!
//! **Invariant:** `active` of a ServicePoint is the number of its connections that are not idle,
//! plus, with the reservation leak, one for each connection that died reserved (FL-6..FL-8).

mod alone;
mod assignment;
mod closing;
mod connection;
mod connection_group;
mod exchange;
mod garbage;
mod headers;
mod lease;
mod losses;
mod manager;
mod opening;
mod placed;
mod service_point;
mod single_use;
mod snapshot;
#[cfg(test)]
mod tests;

pub use alone::{Begun, ExchangeHost, ExchangeId};
pub use exchange::Exchange;

use self::connection::Connection;
use self::connection_group::{ConnectionGroup, Index};
use self::lease::Lease;
use self::service_point::ServicePoint;
use self::single_use::SingleUse;
use super::group_table::GroupTable;
use super::timeouts::Timeouts;
use super::timer_thread::{TimerQueue, TimerThread};
use super::{ConnectionId, EndpointSettings, Host, ManagerCounts, Net, Outcome, RequestId};
use crate::kernel::{Arena, RandomStream, arena_id};
use crate::model::GroupName;
use crate::model::profile::{CloseMatch, FrameworkRules};
use crate::model::settings::IdleClose;
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

arena_id!(
    /// A group whose name is used once.
    SingleUseId,
    "single-use"
);

arena_id!(
    /// A ServicePoint object of one process.
    ServicePointId,
    "service-point"
);
arena_id!(
    /// A ConnectionGroup object of one process.
    GroupId,
    "group"
);
arena_id!(
    /// The index of a large group's connections.
    IndexId,
    "index"
);

/// What a process is started with.
#[derive(Clone, Debug)]
pub struct FrameworkSettings {
    /// The version's rules.
    pub rules: FrameworkRules,
    /// `ServicePointManager.MaxServicePointIdleTime`; `None` is never.
    pub max_idle_time: Option<SimSpan>,
    /// `ConnectionLeaseTimeout` that the program gives each ServicePoint; `None` is never.
    pub connection_lease: Option<SimSpan>,
    /// `HttpWebRequest.Timeout`; `None` is never.
    pub request_timeout: Option<SimSpan>,
    /// `MaxServicePoints`; 0 is unlimited.
    pub max_service_points: u32,
    /// FL-6..FL-8.
    pub reservation_leak: bool,
    /// Whether an abort between headers and end of a response leaks too (FL-9).
    pub leak_abort_body: bool,
    /// Whether an automatic re-submit may be pipelined again. `HttpWebRequest` turns pipelining
    /// off (FL-2); the request shell with which the traces were recorded did not.
    pub resubmits_pipelined: bool,
    /// PT-4.
    pub idle_close: IdleClose,
    /// The remote endpoints, by number.
    pub endpoints: Vec<EndpointSettings>,
    /// TM-2.
    pub timer_slack: SimSpan,
    /// Largest extra lateness of a timer pass, and the stream it is drawn from.
    pub timer_jitter: Option<(SimSpan, RandomStream)>,
}

/// The rules as the hot path reads them.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one switch of FrameworkRules"
)]
struct Rules {
    group_idle_timer: bool,
    reserves: bool,
    avoids_non_keep_alive: bool,
    starts_forced_at_once: bool,
    keep_alive_ends_at_start: bool,
    abort_dooms_pipeline: bool,
    prefix_match: bool,
    reservation_leak: bool,
    leak_abort_body: bool,
    resubmits_pipelined: bool,
    hard_close_is_fin: bool,
    response_drain: Option<SimSpan>,
}

/// Whose timer fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Timer {
    /// The idle timer of a ServicePoint (SP-5, SP-6).
    ServicePoint(ServicePointId),
    /// The idle timer of a group (CG-6).
    Group(GroupId),
    /// A request's own timeout (TM-5).
    Request(RequestId),
    /// The lease of the connection with this number and serial (TM-6).
    Lease(ConnectionId, u32),
}

/// A timer that fired with something to tell (for traces).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fired {
    /// When the pass was.
    pub at: SimTime,
    /// The group's name, or `None` for the ServicePoint's own timer.
    pub group: Option<GroupName>,
    /// The endpoint of the ServicePoint.
    pub endpoint: u32,
}

/// A name that `CloseConnectionGroup` is called with, and a group of another name that it finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Match {
    called: GroupName,
    group: GroupName,
}

/// One process on .NET Framework.
#[derive(Clone, Debug)]
pub struct Framework {
    rules: Rules,
    connection_lease: Option<SimSpan>,
    /// Whether any lease was ever set: else none has to be looked at.
    uses_leases: bool,
    /// By connection; shorter where no lease was set yet.
    leases: Vec<Lease>,
    max_service_points: u32,
    endpoints: Vec<EndpointSettings>,
    /// The table of SP-3, by endpoint.
    table: Vec<ServicePointId>,
    /// Entries of ServicePoints that were collected, by endpoint: they count (SP-4).
    dead_entries: Vec<bool>,
    n_in_table: u32,
    max_idle_time: Option<SimSpan>,
    timeouts: Timeouts,
    idle_queue: Option<TimerQueue>,
    timers: TimerThread<Timer>,
    service_points: Arena<ServicePointId, ServicePoint>,
    groups: Arena<GroupId, ConnectionGroup>,
    /// The indexes of large groups.
    indexes: Arena<IndexId, Index>,
    /// Listed groups with an object, by ServicePoint and name; never iterated.
    group_table: GroupTable<GroupId>,
    connections: Arena<ConnectionId, Connection>,
    single_uses: Arena<SingleUseId, SingleUse>,
    /// Whether nothing but an answer, and the end of its ServicePoint, can come to a group of a
    /// name that is used once: no timer of its own, no reservation that stays, none that is late.
    keeps_single_uses: bool,
    /// Requests on the wire that have no number.
    on_wire_alone: u64,
    /// No fresh name from this one on has been seen: none has a group.
    next_fresh: GroupName,
    /// ServicePoint objects that the program keeps, by endpoint (SP-9).
    held: Vec<ServicePointId>,
    /// What `CloseConnectionGroup` finds besides the group of its own name (CL-4).
    matched: Vec<Match>,
    /// Groups to release once the current step is over (CG-9).
    to_release: Vec<(u32, GroupName)>,
    opened: u64,
    counts: ManagerCounts,
    retries: u64,
    /// Above this many connections a group keeps an index of them.
    indexed_above: u32,
    /// For tests: no exchange goes the short way.
    goes_step_by_step: bool,
    /// Filled when tracing is on; see [`Framework::record_fired`].
    fired: Option<Vec<Fired>>,
}

impl Framework {
    /// A process that has not made a request yet.
    pub fn new(settings: FrameworkSettings) -> Framework {
        let timers = TimerThread::new(settings.timer_slack, settings.timer_jitter.clone());
        Framework::with_timers(settings, timers)
    }

    /// Sets memory aside for so many connections, each in a group of its own.
    pub fn set_room_aside(&mut self, connections: u32) {
        self.connections.reserve(connections as usize);
        self.groups.reserve(connections as usize);
        self.single_uses.reserve(connections as usize);
    }

    /// The same on a timer thread that has no queue yet.
    fn with_timers(settings: FrameworkSettings, mut timers: TimerThread<Timer>) -> Framework {
        let FrameworkSettings { rules, .. } = settings;
        // `WebRequest` creates its queue before `ServicePointManager` does (TM-3, TM-5).
        let timeouts = Timeouts::new(&mut timers, settings.request_timeout);
        let idle_queue = settings.max_idle_time.map(|span| timers.queue(span));
        let keeps_single_uses =
            !rules.group_idle_timer.value && !settings.reservation_leak && timers.is_exact();
        Framework {
            rules: Rules {
                group_idle_timer: rules.group_idle_timer.value,
                reserves: rules.reserves.value,
                avoids_non_keep_alive: rules.avoids_non_keep_alive.value,
                starts_forced_at_once: rules.starts_forced_at_once.value,
                keep_alive_ends_at_start: rules.keep_alive_ends_at_start.value,
                abort_dooms_pipeline: rules.abort_dooms_pipeline.value,
                prefix_match: rules.close_match.value == CloseMatch::Prefix,
                reservation_leak: settings.reservation_leak,
                leak_abort_body: settings.leak_abort_body,
                response_drain: rules.response_drain.value,
                resubmits_pipelined: settings.resubmits_pipelined,
                hard_close_is_fin: settings.idle_close == IdleClose::Fin,
            },
            connection_lease: settings.connection_lease,
            uses_leases: settings.connection_lease.is_some(),
            leases: Vec::new(),
            max_service_points: settings.max_service_points,
            table: alloc::vec![ServicePointId::NONE; settings.endpoints.len()],
            dead_entries: alloc::vec![false; settings.endpoints.len()],
            held: alloc::vec![ServicePointId::NONE; settings.endpoints.len()],
            endpoints: settings.endpoints,
            n_in_table: 0,
            max_idle_time: settings.max_idle_time,
            timeouts,
            idle_queue,
            timers,
            service_points: Arena::new(),
            groups: Arena::new(),
            indexes: Arena::new(),
            group_table: GroupTable::new(),
            connections: Arena::new(),
            single_uses: Arena::new(),
            keeps_single_uses,
            on_wire_alone: 0,
            next_fresh: GroupName::fresh(0),
            matched: Vec::new(),
            to_release: Vec::new(),
            opened: 0,
            counts: ManagerCounts::default(),
            retries: 0,
            indexed_above: connection_group::INDEXED_ABOVE,
            goes_step_by_step: false,
            fired: None,
        }
    }

    /// The same in the memory of another process, of which nothing else is left.
    pub fn reusing(settings: FrameworkSettings, mut old: Framework) -> Framework {
        old.leases.clear();
        old.service_points.clear();
        old.groups.clear();
        old.indexes.clear();
        old.group_table.clear();
        old.connections.clear();
        old.single_uses.clear();
        let timers = TimerThread::new(settings.timer_slack, settings.timer_jitter.clone());
        let timers = timers.reusing(old.timers);
        Framework {
            leases: old.leases,
            service_points: old.service_points,
            groups: old.groups,
            indexes: old.indexes,
            group_table: old.group_table,
            connections: old.connections,
            single_uses: old.single_uses,
            ..Framework::with_timers(settings, timers)
        }
    }

    /// Keeps every idle timer that fires until [`Framework::take_fired`]: for trace replay.
    pub fn record_fired(&mut self) {
        self.fired = Some(Vec::new());
    }

    /// The idle timers fired since the last call, in order.
    pub fn take_fired(&mut self) -> Vec<Fired> {
        self.fired.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// How many automatic re-submits there were (FL-2, FL-3).
    pub const fn retries(&self) -> u64 {
        self.retries
    }

    /// How many timers are armed in this process.
    pub const fn timers_pending(&self) -> usize {
        self.timers.armed()
    }

    /// The group of requests with this `ConnectionGroupName` and
    /// `UnsafeAuthenticatedConnectionSharing`: its key ends in `U>` where others' end in `S>`
    /// (CG-1), so it is another group. Known to `CloseConnectionGroup` from now on (CL-4).
    pub fn register_sharing_name(&mut self, text: &str) -> GroupName {
        // No name of a program has a control character in it that a header could not carry.
        let name = GroupName::from_text(&alloc::format!("{text}\u{0}U>"));
        self.register_key(text, "U>", name);
        name
    }

    /// Notes by which names `CloseConnectionGroup` finds the group whose key is `text` and `mark`.
    fn register_key(&mut self, text: &str, mark: &str, group: GroupName) {
        let key = alloc::format!("{text}{mark}");
        for mark in ["S>", "U>"] {
            for (place, _) in key.match_indices(mark) {
                let is_whole = place + mark.len() == key.len();
                // What goes on like this looks like a group of the runtime's own, and is skipped.
                let is_internal = key[place + mark.len()..].starts_with("I>");
                let called = GroupName::from_text(&key[..place]);
                let found = Match { called, group };
                let is_asked = is_whole || self.rules.prefix_match && !is_internal;
                if is_asked && called != group && !self.matched.contains(&found) {
                    self.matched.push(found);
                }
            }
        }
    }

    /// Whether `MaxServicePoints` refuses a look-up of this endpoint now (SP-4).
    pub fn refuses_look_up(&self, endpoint: u32) -> bool {
        self.listed(endpoint).is_none()
            && self.max_service_points > 0
            && self.n_in_table >= self.max_service_points
    }

    /// The ServicePoint listed for `endpoint`.
    #[inline(always)]
    fn listed(&self, endpoint: u32) -> Option<ServicePointId> {
        let id = self.table[endpoint as usize];
        (!id.is_none()).then_some(id)
    }

    /// Ends a request: tells the host and lets it go.
    #[inline(always)]
    fn finish<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId, outcome: Outcome) {
        let (timers, to_release) = (&mut self.timers, &mut self.to_release);
        placed::finish(timers, to_release, net, id, outcome);
    }

    /// Releases the groups of requests that ended in this step (CG-9).
    #[inline(always)]
    fn release_finished<H: Host>(&mut self, net: &mut Net<'_, H>) {
        while let Some((endpoint, name)) = self.to_release.pop() {
            if let Some(service_point) = self.listed(endpoint) {
                self.release_group_named(net, service_point, name);
            }
        }
    }
}
