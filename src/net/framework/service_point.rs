//! ServicePoints: the table, the `active` counter and the idle timer (SP-1..SP-12).

use super::connection_group::ConnectionGroup;
use super::{Fired, Framework, GroupId, ServicePointId, SingleUseId, Timer};
use crate::kernel::TimerId;
use crate::model::GroupName;
use crate::net::NameSet;
use crate::net::timer_thread::{TimerQueue, TimerThread};
use crate::net::{Host, Net};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::vec::Vec;

/// One ServicePoint object.
#[derive(Clone, Debug)]
pub(super) struct ServicePoint {
    pub(super) endpoint: u32,
    /// Number of connections that are not idle (SP-6), leaked ones included.
    pub(super) active: u32,
    /// Last time `active` became 0, or creation.
    pub(super) idle_since: SimTime,
    pub(super) timer: Option<TimerId>,
    /// The queue in which this object's and its groups' idle timers are armed; `None` never.
    pub(super) idle_queue: Option<TimerQueue>,
    pub(super) max_idle_time: Option<SimSpan>,
    pub(super) limit: u32,
    pub(super) lease: Option<SimSpan>,
    /// Listed groups that have an object, in order of creation.
    pub(super) first_group: GroupId,
    pub(super) last_group: GroupId,
    /// Listed groups whose name is used once, in order of creation.
    pub(super) first_single_use: SingleUseId,
    pub(super) last_single_use: SingleUseId,
    /// Listed groups that hold nothing (CG-5): only their names are kept.
    pub(super) parked: NameSet,
    /// Group objects that refer to this ServicePoint, orphans included.
    pub(super) n_group_objects: u32,
}

impl ServicePoint {
    /// CN-10: whether a connection that is idle since then may not be used any more.
    #[inline(always)]
    pub(super) fn is_too_old(&self, idle_since: SimTime, now: SimTime) -> bool {
        idle_since != SimTime::NEVER
            && self
                .max_idle_time
                .is_some_and(|span| idle_since.saturating_add(span) < now)
    }

    /// SP-6: one more connection is not idle; the first cancels the idle timer.
    #[inline(always)]
    pub(super) fn begin_busy(&mut self, timers: &mut TimerThread<Timer>) {
        if self.active == 0
            && let Some(timer) = self.timer.take()
        {
            timers.cancel_idle(timer, (self.endpoint, None));
        }
        self.active += 1;
    }

    /// SP-6: one connection less is not idle; the last arms the idle timer.
    #[inline(always)]
    pub(super) fn end_busy(
        &mut self,
        id: ServicePointId,
        now: SimTime,
        timers: &mut TimerThread<Timer>,
    ) {
        // The source clamps at 0, which it never needs: see the invariant of `Framework`.
        assert!(
            self.active > 0,
            "no connection of the ServicePoint was busy"
        );
        self.active -= 1;
        if self.active > 0 {
            return;
        }
        self.idle_since = now;
        if let Some(timer) = self.timer.take() {
            timers.cancel_idle(timer, (self.endpoint, None));
        }
        let owner = (self.endpoint, None);
        self.timer = self
            .idle_queue
            .map(|queue| timers.arm_idle(now, queue, Timer::ServicePoint(id), owner));
    }

    /// SP-6 for a connection that was busy for no time (FL-6): the idle clock starts anew where no
    /// other is busy.
    pub(super) fn pass_busy(
        &mut self,
        id: ServicePointId,
        now: SimTime,
        timers: &mut TimerThread<Timer>,
    ) {
        match (self.timer, self.idle_queue) {
            (Some(timer), Some(queue)) if self.active == 0 => {
                self.idle_since = now;
                timers.note(self.endpoint, None, None);
                timers.note(self.endpoint, None, Some(queue.due(now)));
                self.timer = Some(timers.restart(now, timer, queue));
            }
            _ => {
                self.begin_busy(timers);
                self.end_busy(id, now, timers);
            }
        }
    }
}

impl Framework {
    /// `ServicePointManager.FindServicePoint` (SP-3): the listed ServicePoint, or a new one.
    /// `None` when `MaxServicePoints` forbids a new one (SP-4).
    #[inline(always)]
    pub(super) fn find_service_point<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
    ) -> Option<ServicePointId> {
        if let Some(id) = self.listed(endpoint) {
            return Some(id);
        }
        if self.refuses_look_up(endpoint) {
            return None;
        }
        // SP-5: idle from the start, with its timer armed.
        let id = self.service_points.insert(ServicePoint {
            endpoint,
            active: 0,
            idle_since: net.now,
            timer: None,
            idle_queue: self.idle_queue,
            max_idle_time: self.max_idle_time,
            limit: self.endpoints[endpoint as usize].limit.count(),
            lease: self.connection_lease,
            first_group: GroupId::NONE,
            last_group: GroupId::NONE,
            first_single_use: SingleUseId::NONE,
            last_single_use: SingleUseId::NONE,
            parked: NameSet::new(),
            n_group_objects: 0,
        });
        self.arm_idle_timer(net.now, id);
        self.table[endpoint as usize] = id;
        // The entry of one that was collected is written over (SP-4, SP-10).
        let is_entered = core::mem::take(&mut self.dead_entries[endpoint as usize]);
        self.n_in_table += u32::from(!is_entered);
        self.counts.service_points += 1;
        net.host.service_point_changed(net.now, endpoint, true);
        Some(id)
    }

    #[inline(always)]
    fn arm_idle_timer(&mut self, now: SimTime, id: ServicePointId) {
        let service_point = &mut self.service_points[id];
        service_point.timer = service_point.idle_queue.map(|queue| {
            let owner = (service_point.endpoint, None);
            (self.timers).arm_idle(now, queue, Timer::ServicePoint(id), owner)
        });
    }

    /// The idle timer fired (SP-8): whatever is listed under the key leaves the table, and all
    /// groups of this object are released. Group timers go on (CG-7).
    pub(super) fn service_point_expired<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ServicePointId,
    ) {
        let endpoint = self.service_points[id].endpoint;
        self.service_points[id].timer = None;
        self.note_fired(net, endpoint, None);
        let listed = self.table[endpoint as usize];
        if !listed.is_none() {
            self.table[endpoint as usize] = ServicePointId::NONE;
            self.n_in_table -= 1;
            self.counts.service_points -= 1;
            net.host.service_point_changed(net.now, endpoint, false);
        } else if core::mem::take(&mut self.dead_entries[endpoint as usize]) {
            self.n_in_table -= 1;
        }
        // Hold the object while its groups go.
        self.service_points[id].n_group_objects += 1;
        self.release_all_groups(net, id);
        self.service_points[id].n_group_objects -= 1;
        if !listed.is_none() && listed != id {
            // SP-9: the entry designated another object, which lives on outside the table.
            self.drop_service_point_if_unused(listed);
        }
        self.drop_service_point_if_unused(id);
    }

    /// `ReleaseAllConnectionGroups`: CL-1 on every connection of every listed group, in order of
    /// creation.
    pub(super) fn release_all_groups<H: Host>(&mut self, net: &mut Net<'_, H>, id: ServicePointId) {
        let endpoint = self.service_points[id].endpoint;
        let parked = core::mem::take(&mut self.service_points[id].parked);
        self.counts.groups -= parked.len();
        if net.host.observes() {
            for name in parked.iter() {
                net.host.group_changed(net.now, endpoint, name, false);
            }
        }
        loop {
            let service_point = &self.service_points[id];
            let (group, single_use) = (service_point.first_group, service_point.first_single_use);
            // In order of creation.
            let is_single_use = !single_use.is_none()
                && (group.is_none()
                    || self.single_uses[single_use].serial < self.groups[group].made_at);
            if is_single_use {
                self.release_single_use(net, single_use);
            } else if !group.is_none() {
                self.unlist_group(net, group);
                self.close_connections_of(net, group);
            } else {
                break;
            }
        }
    }

    /// Lets a ServicePoint object go that nothing refers to any more (SP-10).
    pub(super) fn drop_service_point_if_unused(&mut self, id: ServicePointId) {
        let service_point = &self.service_points[id];
        let endpoint = service_point.endpoint as usize;
        let referred = self.table[endpoint] == id
            || self.held[endpoint] == id
            || service_point.timer.is_some()
            || service_point.n_group_objects > 0;
        if !referred {
            self.service_points.remove(id);
        }
    }

    /// `ServicePoint.MaxIdleTime = …` (SP-11).
    pub(super) fn set_max_idle_time<H>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ServicePointId,
        span: Option<SimSpan>,
    ) {
        if self.service_points[id].max_idle_time == span {
            return;
        }
        let queue = span.map(|span| self.timers.queue(span));
        let service_point = &mut self.service_points[id];
        service_point.max_idle_time = span;
        service_point.idle_queue = queue;
        if let Some(timer) = service_point.timer.take() {
            let owner = (service_point.endpoint, None);
            self.timers.cancel_idle(timer, owner);
        }
        let idle_for = net.now.since(service_point.idle_since);
        if service_point.active == 0
            && let Some(span) = span
        {
            // A queue of its own for the rest of the time; already armed group timers keep
            // theirs.
            let one_off = self.timers.private_queue(span.saturating_sub(idle_for));
            let owner = (service_point.endpoint, None);
            let timer = (self.timers).arm_idle(net.now, one_off, Timer::ServicePoint(id), owner);
            self.service_points[id].timer = Some(timer);
        }
    }

    /// `ServicePoint.ConnectionLimit = …` (LIM-4): groups above the new limit lose their oldest
    /// connections.
    pub(super) fn set_connection_limit<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ServicePointId,
        limit: ConnectionLimit,
    ) {
        self.service_points[id].limit = limit.count();
        let mut groups = Vec::new();
        let mut next = self.service_points[id].first_group;
        while !next.is_none() {
            groups.push(next);
            next = self.groups[next].next;
        }
        for group in groups {
            let surplus = self.groups[group].len.saturating_sub(limit.count());
            let oldest: Vec<_> = (0..surplus)
                .map(|_| {
                    let head = self.groups[group].head;
                    self.unlist_connection(head);
                    head
                })
                .collect();
            for connection in oldest {
                self.close_on_idle(net, connection);
            }
        }
    }

    /// Takes a group object out of its ServicePoint's list.
    pub(super) fn unlink_group(&mut self, id: GroupId) {
        let ConnectionGroup {
            service_point,
            previous,
            next,
            ..
        } = self.groups[id];
        if previous.is_none() {
            self.service_points[service_point].first_group = next;
        } else {
            self.groups[previous].next = next;
        }
        if next.is_none() {
            self.service_points[service_point].last_group = previous;
        } else {
            self.groups[next].previous = previous;
        }
        self.groups[id].previous = GroupId::NONE;
        self.groups[id].next = GroupId::NONE;
    }

    /// An idle timer fired: told before what comes of it.
    pub(super) fn note_fired<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        group: Option<GroupName>,
    ) {
        if net.host.observes() {
            net.host.idle_timer_fired(net.now, endpoint, group);
        }
        if let Some(fired) = &mut self.fired {
            fired.push(Fired {
                at: net.now,
                group,
                endpoint,
            });
        }
    }
}

/// A listed ServicePoint as an observer sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServicePointView {
    /// Private `m_CurrentConnections` (SP-6).
    pub active: u32,
    /// Whether its idle timer is armed.
    pub idle_timer_armed: bool,
    /// Last time `active` became 0, or creation.
    pub idle_since: SimTime,
    /// Its groups by name: how many connections are in the list.
    pub groups: Vec<(GroupName, u32)>,
}

impl Framework {
    /// The ServicePoint listed for `endpoint`. Linear in its groups.
    pub fn service_point_view(&self, endpoint: u32) -> Option<ServicePointView> {
        let service_point = &self.service_points[self.listed(endpoint)?];
        let mut groups: Vec<_> = service_point.parked.iter().map(|name| (name, 0)).collect();
        let mut next = service_point.first_group;
        while !next.is_none() {
            let group = &self.groups[next];
            groups.push((group.name, group.len));
            next = group.next;
        }
        Some(ServicePointView {
            active: service_point.active,
            idle_timer_armed: service_point.timer.is_some(),
            idle_since: service_point.idle_since,
            groups,
        })
    }

    /// How many open sockets are idle (CN-6). Linear in the connections.
    pub fn n_idle_sockets(&self) -> usize {
        self.connections
            .ids()
            .into_iter()
            .filter(|id| self.connections[*id].idle)
            .count()
    }
}
