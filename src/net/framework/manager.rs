//! What a driver asks of a Framework process.

use super::{Framework, ServicePointId, Timer};
use crate::model::GroupName;
use crate::net::{
    Aborted, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net, ProcessSnapshot,
    RequestId, Requests, SeeSocket, Setting, TimerChange,
};
use crate::units::SimTime;
use alloc::vec::Vec;

impl ConnectionManager for Framework {
    #[inline(always)]
    fn submit<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        self.submit_request(net, request);
        self.release_finished(net);
    }

    fn connected<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
        self.connect_answered(net, connection);
        self.release_finished(net);
    }

    fn connect_failed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        why: Failure,
    ) {
        self.fail_connecting(net, connection, why);
        self.release_finished(net);
    }

    fn connection_lost<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        serial: u32,
    ) {
        let known = &self.connections[connection];
        if known.connected && known.serial as u32 == serial {
            self.lose(net, connection);
            self.release_finished(net);
        }
    }

    fn response_broken<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        self.break_off(net, request);
        self.release_finished(net);
    }

    fn headers_arrived<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId, closes: bool) {
        self.read_headers(net, request, closes);
    }

    fn close_response<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        ends_at: SimTime,
    ) {
        self.close_early(net, request, ends_at);
        self.release_finished(net);
    }

    fn connected_to(&self, endpoint: u32) -> Vec<(ConnectionId, u32)> {
        let is_one = |id: &ConnectionId| {
            let connection = &self.connections[*id];
            connection.connected && connection.endpoint == endpoint
        };
        let mut ids: Vec<ConnectionId> =
            self.connections.ids().into_iter().filter(is_one).collect();
        ids.sort_by_key(|id| self.connections[*id].written > 0);
        ids.into_iter().map(|id| (id, self.serial_of(id))).collect()
    }

    fn serial_of(&self, connection: ConnectionId) -> u32 {
        self.connections[connection].serial as u32
    }

    fn is_connecting(&self, connection: ConnectionId, serial: u32) -> bool {
        let connection = &self.connections[connection];
        // A closed connection has nothing written.
        connection.serial as u32 == serial && !connection.connected && connection.written > 0
    }

    #[inline(always)]
    fn response_completed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool {
        let done = self.complete(net, request, server_close);
        self.release_finished(net);
        done
    }

    fn abort<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        why: Failure,
    ) -> Aborted {
        let done = self.abort_or_disassociate(net, request, why);
        self.release_finished(net);
        done
    }

    fn server_closed<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
        self.notice_fin(net, connection);
    }

    fn close_connection_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
    ) -> bool {
        // The caller has looked the ServicePoint up, which creates one if need be (CL-5).
        match self.find_service_point(net, endpoint) {
            Some(service_point) => self.close_group_matching(net, service_point, name),
            None => false,
        }
    }

    fn change_setting<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32, change: Setting) {
        let Some(service_point) = self.find_service_point(net, endpoint) else {
            return;
        };
        match change {
            Setting::MaxIdleTime(span) => self.set_max_idle_time(net, service_point, span),
            Setting::ConnectionLimit(limit) => {
                self.set_connection_limit(net, service_point, limit);
            }
            Setting::ConnectionLease(span) => {
                self.uses_leases = true;
                self.service_points[service_point].lease = span;
            }
        }
    }

    fn hold_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        let found = self.find_service_point(net, endpoint);
        let previous = self.held[endpoint as usize];
        self.held[endpoint as usize] = found.unwrap_or(ServicePointId::NONE);
        if !previous.is_none() && Some(previous) != found {
            self.drop_service_point_if_unused(previous);
        }
    }

    /// Needed only for names that contain `S>` or `U>` (CL-4).
    fn register_name(&mut self, name: &str) {
        self.register_key(name, "S>", GroupName::from_text(name));
    }

    fn next_wake(&self) -> SimTime {
        self.timers.next_wake()
    }

    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>) {
        let mut cursor = 0;
        while let Some(timer) = self.timers.pop_due(net.now, &mut cursor) {
            match timer {
                Timer::ServicePoint(id) => self.service_point_expired(net, id),
                Timer::Group(id) => self.group_expired(net, id),
                Timer::Request(id) => {
                    net.requests[id].timer = None;
                    self.abort_or_disassociate(net, id, Failure::Timeout);
                }
                Timer::Lease(id, serial) => self.lease_expired(id, serial),
            }
            self.release_finished(net);
        }
    }

    fn collect_garbage<H: Host>(&mut self, net: &mut Net<'_, H>) {
        self.collect(net);
    }

    fn counts(&self) -> ManagerCounts {
        self.counts
    }

    fn timers_are_exact(&self) -> bool {
        self.timers.is_exact()
    }

    fn watch_timers(&mut self) {
        self.timers.watch();
    }

    fn take_timer_changes(&mut self) -> Vec<TimerChange> {
        self.timers.take_changes()
    }

    fn snapshot(&self, _requests: &Requests) -> ProcessSnapshot {
        self.process_snapshot()
    }

    fn for_each_socket(&self, see: &mut SeeSocket<'_>) {
        self.see_sockets(see);
    }

    fn idle_connections(&self, endpoint: u32, name: GroupName) -> Vec<ConnectionId> {
        let Some(group) = self
            .listed(endpoint)
            .and_then(|id| self.find_group(id, name))
        else {
            return Vec::new();
        };
        let mut idle = Vec::new();
        let mut next = self.groups[group].head;
        while !next.is_none() {
            let connection = &self.connections[next];
            if connection.idle {
                idle.push(next);
            }
            next = connection.next;
        }
        idle
    }
}
