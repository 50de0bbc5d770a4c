//! A connection in its place: with its group, its ServicePoint and the timers they share.
//!
//! What happens to a connection is counted by its group and its ServicePoint at the same moment
//! (CN-6). Looking the three up once and working on them together is what keeps a request
//! cheap.

use super::connection::{Connection, PIPELINE_PAUSE_AT};
use super::connection_group::ConnectionGroup;
use super::service_point::ServicePoint;
use super::{Framework, Rules, Timer};
use crate::model::GroupName;
use crate::net::timeouts::{Timeouts, unwatch};
use crate::net::timer_thread::TimerThread;
use crate::net::{
    ConnectionId, ConnectionView, Host, ManagerCounts, Net, Outcome, PortState, Request, RequestId,
};
use crate::units::SimTime;
use alloc::vec::Vec;

/// One connection and what counts it.
pub(super) struct Placed<'a> {
    pub(super) id: ConnectionId,
    pub(super) connection: &'a mut Connection,
    pub(super) group: &'a mut ConnectionGroup,
    pub(super) service_point: &'a mut ServicePoint,
    pub(super) timers: &'a mut TimerThread<Timer>,
    pub(super) counts: &'a mut ManagerCounts,
    pub(super) rules: Rules,
    pub(super) timeouts: Timeouts,
    pub(super) to_release: &'a mut Vec<(u32, GroupName)>,
}

impl Framework {
    /// The connection in its place.
    #[inline(always)]
    pub(super) fn placed(&mut self, id: ConnectionId) -> Placed<'_> {
        let connection = &mut self.connections[id];
        let group = &mut self.groups[connection.group];
        let service_point = &mut self.service_points[group.service_point];
        Placed {
            id,
            connection,
            group,
            service_point,
            timers: &mut self.timers,
            counts: &mut self.counts,
            rules: self.rules,
            timeouts: self.timeouts,
            to_release: &mut self.to_release,
        }
    }
}

impl Placed<'_> {
    /// CN-6: a connection that is no longer busy becomes idle: the ServicePoint hears first,
    /// then the group.
    #[inline(always)]
    pub(super) fn check_idle(&mut self, now: SimTime) {
        if self.connection.idle || self.connection.busy() != 0 {
            return;
        }
        self.connection.idle = true;
        self.connection.idle_since = now;
        self.group.n_idle += u32::from(self.connection.listed);
        self.service_point
            .end_busy(self.group.service_point, now, self.timers);
        if self.rules.group_idle_timer {
            let queue = self.service_point.idle_queue;
            let endpoint = self.service_point.endpoint;
            self.group
                .end_busy(self.connection.group, queue, now, endpoint, self.timers);
        } else {
            self.group.leave_busy();
        }
    }

    /// CN-6, the other way: ServicePoint and group cancel their timers (SP-6, CG-6).
    #[inline(always)]
    pub(super) fn check_non_idle(&mut self) {
        if !self.connection.idle || self.connection.busy() == 0 {
            return;
        }
        self.connection.idle = false;
        self.group.n_idle -= u32::from(self.connection.listed);
        self.service_point.begin_busy(self.timers);
        self.group
            .begin_busy(self.service_point.endpoint, self.timers);
    }

    /// Whether the connection may take another request (CN-10): it was not idle for too long,
    /// and, where the socket is polled, the server has not closed it.
    #[inline(always)]
    pub(super) fn is_reusable(&self, now: SimTime, polls: bool) -> bool {
        if self.connection.written > 0 {
            return true;
        }
        let expired = (self.service_point).is_too_old(self.connection.idle_since, now);
        let closed = polls && self.connection.socket.server_closed;
        !(expired || closed)
    }

    /// Enters a request into the written list: the connection serves it from now on.
    #[inline(always)]
    pub(super) fn write<H: Host>(&mut self, net: &mut Net<'_, H>, request_id: RequestId) {
        let connection = &mut *self.connection;
        debug_assert!(
            connection.connected,
            "only an open connection is written on"
        );
        if connection.written == 0 {
            net.host.left_idle(self.id, connection.endpoint);
        }
        connection.idle_since = SimTime::NEVER;
        if !connection.pipeline_paused {
            connection.pipeline_paused = connection.written >= PIPELINE_PAUSE_AT;
        }
        connection.write_done = false;
        let tail = connection.last_written;
        if tail.is_none() {
            connection.first_written = request_id;
        } else {
            net.requests[tail].next = request_id;
        }
        let request = &mut net.requests[request_id];
        connection.pipelining = connection.can_pipeline && request.pipelined;
        if self.rules.keep_alive_ends_at_start && !request.keep_alive {
            connection.keep_alive = false;
        }
        request.comes_to(self.id, net.now);
        request.previous = tail;
        request.next = RequestId::NONE;
        connection.last_written = request_id;
        connection.written += 1;
        self.check_non_idle();
    }

    /// Puts a started request on the wire; its response is being read from now on.
    #[inline(always)]
    pub(super) fn send<H: Host>(&mut self, net: &mut Net<'_, H>, request_id: RequestId) {
        self.connection.read_done = false;
        self.connection.write_done = true;
        self.counts.on_wire += 1;
        self.connection.socket.enter(net.ports, PortState::Busy);
        let view = self.connection.view(self.id);
        let is_first = self.connection.first_written == request_id;
        let request = &mut net.requests[request_id];
        request.answer_at = request.answered_if_sent(net.now);
        let owner = Timer::Request(request_id);
        if is_first {
            self.timeouts.sent(net.now, self.timers, request, owner);
        } else {
            // Behind another request of its pipeline an answer may come later than its own time.
            self.timeouts.watch(net.now, self.timers, request, owner);
        }
        net.host.sent(net.now, request_id, request, &view);
    }

    /// Nothing is on the wire any more: the connection is free for the next submit, and counted
    /// as idle on the network.
    #[inline(always)]
    pub(super) fn rest<H: Host>(&mut self, net: &mut Net<'_, H>) {
        let connection = &mut *self.connection;
        if connection.waits.is_none() {
            connection.free = connection.keep_alive;
        }
        let state = connection.port_state();
        connection.socket.enter(net.ports, state);
        if net.host.observes() || net.host.server_closes_idle(connection.endpoint) {
            let view = connection.view(self.id);
            net.host.became_idle(net.now, &view);
        }
    }

    /// Watches the timeout of a request that waits or connects (TM-5).
    pub(super) fn watch_timeout<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        self.timeouts.watch(
            net.now,
            self.timers,
            &mut net.requests[id],
            Timer::Request(id),
        );
    }

    /// Ends a request: tells the host and lets it go.
    #[inline(always)]
    pub(super) fn finish<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: RequestId,
        outcome: Outcome,
    ) {
        finish(self.timers, self.to_release, net, id, outcome);
    }

    /// Takes a request off the written list.
    #[inline(always)]
    pub(super) fn remove_written<H>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        let Request { previous, next, .. } = net.requests[request];
        if previous.is_none() {
            self.connection.first_written = next;
        } else {
            net.requests[previous].next = next;
        }
        if next.is_none() {
            self.connection.last_written = previous;
        } else {
            net.requests[next].previous = previous;
        }
        self.connection.written -= 1;
        self.counts.on_wire -= u64::from(self.connection.connected);
    }
}

/// Ends a request: tells the host and lets it go. The groups to release are left to the end of
/// the step (CG-9).
#[inline(always)]
pub(super) fn finish<H: Host>(
    timers: &mut TimerThread<Timer>,
    to_release: &mut Vec<(u32, GroupName)>,
    net: &mut Net<'_, H>,
    id: RequestId,
    outcome: Outcome,
) {
    let request = &mut net.requests[id];
    unwatch(timers, request);
    if request.closes_group {
        to_release.push((request.endpoint, request.group));
    }
    net.host.ended(net.now, id, request, outcome);
    net.requests.remove(id);
}

impl Connection {
    /// The connection as its host sees it.
    #[inline(always)]
    pub(super) fn view(&self, id: ConnectionId) -> ConnectionView {
        ConnectionView {
            id,
            serial: self.serial,
            endpoint: self.endpoint,
            group: self.name,
            port: self.socket.port.number,
            served: self.served,
        }
    }
}
