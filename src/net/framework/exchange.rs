//! A whole step of an exchange at once: a request that has its connection to itself.
//!
//! Most requests meet a connection at rest, or none at all, and nobody comes after them before
//! their answer. What the rules do to such a connection, from AS-3 to CN-6 and back, is done here
//! together, on things that are looked up once. Wherever anything else is on the connection,
//! `assignment.rs`, `connection.rs` and `closing.rs` go step by step; a test compares the two.

use super::{Framework, GroupId, Timer};
use crate::model::GroupName;
use crate::model::settings::Closer;
use crate::net::{CloseKind, ConnectionId, Host, Net, PortState, RequestId, RequestView};
use crate::units::SimTime;

/// What is kept of a request that has its connection to itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// How many requests there were before it.
    pub serial: u64,
    /// When it was made and sent.
    pub arrived: SimTime,
    /// Its workload.
    pub workload: u32,
    /// `KeepAlive`.
    pub keep_alive: bool,
}

impl Default for Exchange {
    #[inline(always)]
    fn default() -> Exchange {
        Exchange {
            serial: 0,
            arrived: SimTime::ZERO,
            workload: 0,
            keep_alive: true,
        }
    }
}

impl Exchange {
    /// The request as it is known outside, of the only process that there is.
    #[inline(always)]
    pub const fn view(&self, group: GroupName, endpoint: u32) -> RequestView {
        RequestView {
            serial: self.serial,
            workload: self.workload,
            process: 0,
            endpoint,
            group,
            arrived: self.arrived,
            submitted: self.arrived,
            connection_at: self.arrived,
        }
    }
}

impl Framework {
    /// Sends a request on the first connection of its group, if that is at rest (AS-2, AS-3,
    /// CN-10). False, and nothing is done, where it is not, or where more is to be looked at.
    #[inline(always)]
    pub(super) fn begin_exchange<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        group: GroupId,
        request_id: RequestId,
    ) -> bool {
        let request = &net.requests[request_id];
        if request.pipelined {
            return false;
        }
        let keep_alive = request.keep_alive;
        let Some(id) = self.write_at_rest(net, group, keep_alive) else {
            return false;
        };
        let connection = &mut self.connections[id];
        connection.first_written = request_id;
        connection.last_written = request_id;
        let request = &mut net.requests[request_id];
        request.comes_to(id, net.now);
        request.previous = RequestId::NONE;
        request.next = RequestId::NONE;
        request.answer_at = request.answered_if_sent(net.now);
        let owner = Timer::Request(request_id);
        self.timeouts
            .sent(net.now, &mut self.timers, request, owner);
        let view = connection.view(id);
        net.host.sent(net.now, request_id, request, &view);
        true
    }

    /// The first connection of a group, if it is at rest, has a request written on it that is not
    /// pipelined.
    #[inline(always)]
    pub(super) fn write_at_rest<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        group: GroupId,
        keep_alive: bool,
    ) -> Option<ConnectionId> {
        let group = &mut self.groups[group];
        let id = group.head;
        let connection = self.connections.get_mut(id)?;
        if !connection.is_at_rest()
            || self.uses_leases
            || self.goes_step_by_step
            || !group.index.is_none()
        {
            return None;
        }
        let service_point = &mut self.service_points[group.service_point];
        if service_point.is_too_old(connection.idle_since, net.now) {
            return None;
        }
        let is_last = !keep_alive;
        connection.reserved = u32::from(self.rules.reserves);
        connection.carries_non_keep_alive = is_last && self.rules.avoids_non_keep_alive;
        connection.free = false;
        connection.read_done = false;
        connection.pipelining = false;
        connection.idle = false;
        connection.idle_since = SimTime::NEVER;
        connection.written = 1;
        net.host.left_idle(id, connection.endpoint);
        group.n_idle -= 1;
        service_point.begin_busy(&mut self.timers);
        group.begin_busy(service_point.endpoint, &mut self.timers);
        self.counts.on_wire += 1;
        connection.socket.enter(net.ports, PortState::Busy);
        Some(id)
    }

    /// Lets a connection rest that is kept alive behind the only exchange that was on it (CN-6).
    #[inline(always)]
    pub(super) fn rest_after_exchange<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        let group_id = connection.group;
        let group = &mut self.groups[group_id];
        if self.goes_step_by_step || !group.index.is_none() {
            self.rest_step_by_step(net, id);
            return;
        }
        connection.free = true;
        let state = if connection.socket.server_closed {
            PortState::CloseWait
        } else {
            PortState::Idle
        };
        connection.socket.enter(net.ports, state);
        if net.host.observes() || net.host.server_closes_idle(connection.endpoint) {
            let view = connection.view(id);
            net.host.became_idle(net.now, &view);
        }
        if connection.reserved > 0 {
            // Left over by the leak (FL-8): busy forever.
            return;
        }
        connection.idle = true;
        connection.idle_since = net.now;
        group.n_idle += u32::from(connection.listed);
        let service_point = &mut self.service_points[group.service_point];
        service_point.end_busy(group.service_point, net.now, &mut self.timers);
        if self.rules.group_idle_timer {
            let queue = service_point.idle_queue;
            let endpoint = service_point.endpoint;
            group.end_busy(group_id, queue, net.now, endpoint, &mut self.timers);
        } else {
            group.leave_busy();
        }
    }

    #[inline(never)]
    fn rest_step_by_step<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let mut placed = self.placed(id);
        placed.rest(net);
        placed.check_idle(net.now);
        self.reindex(id);
    }

    /// Closes a connection behind the only exchange that was on it (CN-7, CN-8, PT-3). False, and
    /// nothing is done, where more is to be looked at.
    #[inline(always)]
    pub(super) fn close_after_exchange<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
    ) -> bool {
        let connection = &mut self.connections[id];
        let group_id = connection.group;
        let group = &mut self.groups[group_id];
        if connection.written > 0
            || !connection.waits.is_none()
            || !connection.listed
            || self.rules.reservation_leak
            || self.uses_leases
            || self.goes_step_by_step
            || !group.index.is_none()
        {
            return false;
        }
        connection.reserved = 0;
        connection.listed = false;
        connection.connected = false;
        let service_point = &mut self.service_points[group.service_point];
        service_point.end_busy(group.service_point, net.now, &mut self.timers);
        if self.rules.group_idle_timer {
            let queue = service_point.idle_queue;
            let endpoint = service_point.endpoint;
            group.end_busy(group_id, queue, net.now, endpoint, &mut self.timers);
        } else {
            group.leave_busy();
        }
        group.len -= 1;
        group.n_connection_objects -= 1;
        self.counts.connections -= 1;
        self.counts.current_connections -= i64::from(group.listed);
        let (previous, next) = (connection.previous, connection.next);
        let closer = self.endpoints[connection.endpoint as usize].active_close;
        let client_first = !connection.close_announced || closer == Closer::Client;
        connection.socket.close(net.now, net.ports, client_first);
        let view = connection.view(id);
        net.host.closed(net.now, &view, CloseKind::Graceful);
        self.connections.remove(id);
        match self.connections.get_mut(previous) {
            Some(previous) => previous.next = next,
            None => group.head = next,
        }
        match self.connections.get_mut(next) {
            Some(next) => next.previous = previous,
            None => group.tail = previous,
        }
        if group.n_connection_objects == 0 {
            self.let_empty_group_go(group_id);
        }
        true
    }
}
