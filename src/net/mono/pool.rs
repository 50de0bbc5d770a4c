//! ServicePoints, groups, their connection lists and queues: what both generations share.

use super::{GroupId, MonoSettings, ServicePointId};
use crate::kernel::{Arena, TimerId};
use crate::model::GroupName;
use crate::net::group_table::{GroupKey, GroupTable};
use crate::net::request::WaitListId;
use crate::net::timeouts::Timeouts;
use crate::net::timer_thread::{TimerQueue, TimerThread};
use crate::net::{ConnectionId, EndpointSettings, Host, ManagerCounts, Net, RequestId, Socket};
use crate::units::{SimSpan, SimTime};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Whose timer fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Timer {
    /// A request's own timeout (TM-5).
    Request(RequestId),
    /// The idle delay of a connection (MO-5).
    Connection(ConnectionId),
    /// A ServicePoint's final wait (MO-6) or its sweep (M4-2).
    ServicePoint(ServicePointId),
}

/// One ServicePoint object.
#[derive(Clone, Debug)]
pub(super) struct ServicePoint {
    pub(super) endpoint: u32,
    pub(super) limit: u32,
    pub(super) max_idle_time: Option<SimSpan>,
    /// The timer queue of its idle time; `None` never.
    pub(super) idle_queue: Option<TimerQueue>,
    pub(super) timer: Option<TimerId>,
    pub(super) in_table: bool,
    /// The public `CurrentConnections`, with the faults of MO-9 and M4-3.
    pub(super) current: i64,
    /// Its groups, in order of creation.
    pub(super) first_group: GroupId,
    pub(super) last_group: GroupId,
}

/// One connection group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) service_point: ServicePointId,
    pub(super) name: GroupName,
    /// In its ServicePoint's table.
    pub(super) listed: bool,
    /// The connection list, front to back.
    pub(super) front: ConnectionId,
    pub(super) back: ConnectionId,
    pub(super) len: u32,
    pub(super) n_free: u32,
    /// Requests that wait for a connection, oldest first (MO-4, M4-1).
    pub(super) queue: WaitListId,
    previous: GroupId,
    pub(super) next: GroupId,
    /// The free connections of a large group.
    pub(super) index: Option<BTreeSet<(Rank, ConnectionId)>>,
}

/// Which free connection is chosen: the greatest.
pub(super) type Rank = (u64, u64);

/// One connection object: one socket after another (MO-10).
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) group: GroupId,
    pub(super) name: GroupName,
    pub(super) endpoint: u32,
    /// Objects created before it.
    pub(super) created: u64,
    /// Sockets opened before its own.
    pub(super) serial: u64,
    pub(super) socket: Option<Socket>,
    pub(super) connected: bool,
    pub(super) served: u32,
    /// The request it carries; none while it is free.
    pub(super) request: RequestId,
    /// Its place among the choices, constant while it is free.
    pub(super) rank: Rank,
    /// Its idle delay (MO-5), or its place in the line of idle ones (M4-2).
    pub(super) idle: Option<TimerId>,
    pub(super) free: bool,
    pub(super) previous: ConnectionId,
    pub(super) next: ConnectionId,
}

/// What both generations of Mono have.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) endpoints: Vec<EndpointSettings>,
    /// The ServicePoint table (MO-2: strong references), by endpoint.
    table: Vec<ServicePointId>,
    n_in_table: u32,
    max_service_points: u32,
    max_idle_time: Option<SimSpan>,
    idle_queue: Option<TimerQueue>,
    pub(super) timeouts: Timeouts,
    pub(super) timers: TimerThread<Timer>,
    pub(super) service_points: Arena<ServicePointId, ServicePoint>,
    pub(super) groups: Arena<GroupId, Group>,
    group_table: GroupTable<GroupId>,
    pub(super) connections: Arena<ConnectionId, Connection>,
    /// Whose queue a wait list is, by the list's number.
    pub(super) queue_owners: Vec<GroupId>,
    /// Groups to close once the current step is over (CG-9).
    pub(super) to_release: Vec<(u32, GroupName)>,
    pub(super) opened: u64,
    pub(super) created: u64,
    pub(super) counts: ManagerCounts,
}

fn key(service_point: ServicePointId, name: GroupName) -> GroupKey {
    GroupKey {
        owner: service_point.0,
        name,
    }
}

impl Pool {
    pub(super) fn new(settings: MonoSettings) -> Pool {
        let mut timers = TimerThread::new(settings.timer_slack, settings.timer_jitter);
        let timeouts = Timeouts::new(&mut timers, settings.request_timeout);
        let idle_queue = settings.max_idle_time.map(|span| timers.queue(span));
        Pool {
            table: alloc::vec![ServicePointId::NONE; settings.endpoints.len()],
            endpoints: settings.endpoints,
            n_in_table: 0,
            max_service_points: settings.max_service_points,
            max_idle_time: settings.max_idle_time,
            idle_queue,
            timeouts,
            timers,
            service_points: Arena::new(),
            groups: Arena::new(),
            group_table: GroupTable::new(),
            connections: Arena::new(),
            queue_owners: Vec::new(),
            to_release: Vec::new(),
            opened: 0,
            created: 0,
            counts: ManagerCounts::default(),
        }
    }

    /// The ServicePoint listed for `endpoint`.
    pub(super) fn listed(&self, endpoint: u32) -> Option<ServicePointId> {
        let id = self.table[endpoint as usize];
        (!id.is_none()).then_some(id)
    }

    /// `ServicePointManager.FindServicePoint`: the listed ServicePoint, or a new one. `None`
    /// when `MaxServicePoints` forbids a new one (MO-2).
    pub(super) fn find_service_point<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
    ) -> Option<ServicePointId> {
        if let Some(id) = self.listed(endpoint) {
            return Some(id);
        }
        if self.max_service_points > 0 && self.n_in_table >= self.max_service_points {
            return None;
        }
        let id = self.service_points.insert(ServicePoint {
            endpoint,
            limit: self.endpoints[endpoint as usize].limit.count(),
            max_idle_time: self.max_idle_time,
            idle_queue: self.idle_queue,
            timer: None,
            in_table: true,
            current: 0,
            first_group: GroupId::NONE,
            last_group: GroupId::NONE,
        });
        self.table[endpoint as usize] = id;
        self.n_in_table += 1;
        self.counts.service_points += 1;
        net.host.service_point_changed(net.now, endpoint, true);
        Some(id)
    }

    /// Takes a ServicePoint that has no groups out of the table.
    pub(super) fn unlist_service_point<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ServicePointId,
    ) {
        let service_point = &mut self.service_points[id];
        assert!(
            service_point.in_table && service_point.first_group.is_none(),
            "a ServicePoint leaves the table once, behind its groups (MO-6)"
        );
        service_point.in_table = false;
        let (endpoint, current) = (service_point.endpoint, service_point.current);
        self.table[endpoint as usize] = ServicePointId::NONE;
        self.n_in_table -= 1;
        self.counts.service_points -= 1;
        self.counts.current_connections -= current;
        net.host.service_point_changed(net.now, endpoint, false);
    }

    /// Arms the ServicePoint's timer for its idle time from now, instead of what it had.
    pub(super) fn rearm(&mut self, now: SimTime, id: ServicePointId) {
        self.disarm(id);
        let service_point = &mut self.service_points[id];
        let owner = (service_point.endpoint, None);
        service_point.timer = (service_point.idle_queue)
            .map(|queue| (self.timers).arm_idle(now, queue, Timer::ServicePoint(id), owner));
    }

    /// The ServicePoint's timer fired: told before what comes of it.
    pub(super) fn tell_fired<H: Host>(&self, net: &mut Net<'_, H>, id: ServicePointId) {
        if net.host.observes() {
            let endpoint = self.service_points[id].endpoint;
            net.host.idle_timer_fired(net.now, endpoint, None);
        }
    }

    pub(super) fn disarm(&mut self, id: ServicePointId) {
        if let Some(timer) = self.service_points[id].timer.take() {
            let owner = (self.service_points[id].endpoint, None);
            self.timers.cancel_idle(timer, owner);
        }
    }

    /// `ServicePoint.MaxIdleTime = …`. False when it is that already.
    pub(super) fn set_max_idle_time(&mut self, id: ServicePointId, span: Option<SimSpan>) -> bool {
        if self.service_points[id].max_idle_time == span {
            return false;
        }
        self.service_points[id].max_idle_time = span;
        self.service_points[id].idle_queue = span.map(|span| self.timers.queue(span));
        true
    }

    /// Changes the public `CurrentConnections`.
    pub(super) fn count_current(&mut self, group: GroupId, by: i64) {
        self.service_points[self.groups[group].service_point].current += by;
        self.counts.current_connections += by;
    }

    /// The listed group of this name.
    #[inline]
    pub(super) fn find_group(&self, sp: ServicePointId, name: GroupName) -> Option<GroupId> {
        self.group_table.find(key(sp, name))
    }

    /// The listed group of this name, created if there is none. The default group is one like
    /// the others here, and counts while it holds something.
    #[inline]
    pub(super) fn find_or_create_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        sp: ServicePointId,
        name: GroupName,
    ) -> GroupId {
        if let Some(id) = self.find_group(sp, name) {
            return id;
        }
        let last = self.service_points[sp].last_group;
        let id = self.groups.insert(Group {
            service_point: sp,
            name,
            listed: true,
            front: ConnectionId::NONE,
            back: ConnectionId::NONE,
            len: 0,
            n_free: 0,
            queue: WaitListId::NONE,
            previous: last,
            next: GroupId::NONE,
            index: None,
        });
        if last.is_none() {
            self.service_points[sp].first_group = id;
        } else {
            self.groups[last].next = id;
        }
        self.service_points[sp].last_group = id;
        self.group_table.insert(key(sp, name), id);
        self.counts.groups += 1;
        let endpoint = self.service_points[sp].endpoint;
        net.host.group_changed(net.now, endpoint, name, true);
        id
    }

    /// Takes a group out of its ServicePoint's table; [`Pool::drop_group_if_unused`] lets it go.
    pub(super) fn unlist_group<H: Host>(&mut self, net: &mut Net<'_, H>, id: GroupId) {
        let group = &mut self.groups[id];
        assert!(group.listed, "a group leaves the table twice");
        group.listed = false;
        let (sp, name, previous, after) =
            (group.service_point, group.name, group.previous, group.next);
        self.group_table.remove(key(sp, name));
        if previous.is_none() {
            self.service_points[sp].first_group = after;
        } else {
            self.groups[previous].next = after;
        }
        if after.is_none() {
            self.service_points[sp].last_group = previous;
        } else {
            self.groups[after].previous = previous;
        }
        self.counts.groups -= 1;
        let endpoint = self.service_points[sp].endpoint;
        net.host.group_changed(net.now, endpoint, name, false);
    }

    pub(super) fn is_empty_group(&self, id: GroupId) -> bool {
        self.groups[id].len == 0 && self.groups[id].queue.is_none()
    }

    /// Lets a group object go that is not listed and holds nothing.
    pub(super) fn drop_group_if_unused(&mut self, id: GroupId) {
        if !self.groups[id].listed && self.is_empty_group(id) {
            assert!(
                self.groups[id].front.is_none(),
                "a group goes before its connections"
            );
            self.groups[id].index = None;
            self.groups.remove(id);
        }
    }
}
