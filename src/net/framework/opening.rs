//! How a connection comes to be: its port, its place in its group, its first request (CG-4, CN-2,
//! PT-2), and what is left when no port is free (FL-1, FL-6).
//!
//! A connection is only ever opened for a request, which is written on it at once. So it is made
//! in the state that it has then, in one step.

use super::connection::Connection;
use super::{Framework, GroupId, ServicePointId, Timer};
use crate::model::GroupName;
use crate::net::port_table::Refused;
use crate::net::{ConnectionView, Host, Net, Outcome, PortState, RequestId, Socket, TakenPort};

impl Framework {
    /// Opens a connection in a group that there is (AS-2).
    #[inline(always)]
    pub(super) fn open_connection<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        group: GroupId,
        request: RequestId,
    ) {
        let service_point = self.groups[group].service_point;
        let endpoint = self.service_points[service_point].endpoint;
        match net.ports.take(net.now, endpoint) {
            Ok(port) => self.connect(net, group, request, port),
            Err(refused) => self.refuse(net, group, request, refused),
        }
    }

    /// Opens a connection for the first request of a name, whose group is made for it (CG-4).
    #[inline(always)]
    pub(super) fn open_in_new_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        service_point: ServicePointId,
        name: GroupName,
        request: RequestId,
    ) {
        let endpoint = self.service_points[service_point].endpoint;
        match net.ports.take(net.now, endpoint) {
            Ok(port) => {
                let group = self.create_group(net, service_point, name);
                self.connect(net, group, request, port);
            }
            Err(refused) if self.refusal_leaves_a_name(service_point) => {
                self.refuse_name(net, service_point, name, request, refused);
            }
            Err(refused) => {
                let group = self.create_group(net, service_point, name);
                self.refuse(net, group, request, refused);
            }
        }
    }

    /// A new connection at the end of its group's list (LIM-5), busy with its first request.
    #[inline(always)]
    fn connect<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        group_id: GroupId,
        request_id: RequestId,
        port: TakenPort,
    ) {
        let id = self.connections.next_id();
        let request = &mut net.requests[request_id];
        request.comes_to(id, net.now);
        request.previous = RequestId::NONE;
        request.next = RequestId::NONE;
        let view = ConnectionView {
            id,
            serial: self.opened,
            endpoint: request.endpoint,
            group: request.group,
            port: port.number,
            served: 0,
        };
        self.opened += 1;
        let connected = net.host.connect(net.now, &view, request);
        let mut socket = Socket::connecting(port);
        if connected {
            socket.enter(net.ports, PortState::Busy);
        }
        let is_indexed = self.list_connection(Connection {
            group: group_id,
            name: request.group,
            endpoint: request.endpoint,
            serial: view.serial,
            socket,
            reserved: u32::from(self.rules.reserves),
            written: 1,
            first_written: request_id,
            last_written: request_id,
            carries_non_keep_alive: self.rules.avoids_non_keep_alive && !request.keep_alive,
            connected,
            read_done: !connected,
            write_done: connected,
            ..Connection::default()
        });
        if self.uses_leases {
            self.begin_lease(net.now, id);
        }
        let owner = Timer::Request(request_id);
        let timers = &mut self.timers;
        if connected {
            self.counts.on_wire += 1;
            request.answer_at = request.answered_if_sent(net.now);
            self.timeouts.sent(net.now, timers, request, owner);
            net.host.sent(net.now, request_id, request, &view);
        } else {
            self.timeouts.watch(net.now, timers, request, owner);
        }
        if is_indexed {
            self.index_new(group_id, id);
        }
    }

    /// Enters a new connection at the end of its group's list, busy from the start (CN-6). Tells
    /// whether it belongs into the group's index.
    #[inline(always)]
    pub(super) fn list_connection(&mut self, connection: Connection) -> bool {
        let group = &mut self.groups[connection.group];
        let previous = group.tail;
        let id = self.connections.insert_in_place(Connection {
            previous,
            ..connection
        });
        match self.connections.get_mut(previous) {
            Some(previous) => previous.next = id,
            None => group.head = id,
        }
        group.tail = id;
        group.len += 1;
        group.n_connection_objects += 1;
        self.counts.connections += 1;
        self.counts.current_connections += i64::from(group.listed);
        let service_point = &mut self.service_points[group.service_point];
        service_point.begin_busy(&mut self.timers);
        group.begin_busy(service_point.endpoint, &mut self.timers);
        group.len > self.indexed_above || !group.index.is_none()
    }

    /// No port was free for a request of `group` (FL-1), or no socket could be made (FL-12).
    /// The connection was busy for no time, which starts the idle clocks anew (FL-6).
    fn refuse<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        group_id: GroupId,
        request: RequestId,
        refused: Refused,
    ) {
        if self.uses_leases {
            self.begin_lease_of_refused(net.now, self.groups[group_id].service_point);
        }
        self.opened += 1;
        let leaks = self.leaks_reservations();
        let group = &mut self.groups[group_id];
        let service_point_id = group.service_point;
        let service_point = &mut self.service_points[service_point_id];
        service_point.begin_busy(&mut self.timers);
        group.begin_busy(service_point.endpoint, &mut self.timers);
        net.host.connect_refused(net.now, service_point.endpoint);
        // With the leak, the source never returns the reservation (FL-6): busy forever.
        if !leaks {
            service_point.end_busy(service_point_id, net.now, &mut self.timers);
            if self.rules.group_idle_timer {
                let queue = service_point.idle_queue;
                let endpoint = service_point.endpoint;
                group.end_busy(group_id, queue, net.now, endpoint, &mut self.timers);
            } else {
                group.leave_busy();
            }
        }
        self.park_group_if_empty(group_id);
        self.fail_to_open(net, request, refused);
    }

    /// Whether a refusal in a new group leaves nothing of the group but its name: no reservation,
    /// no timer.
    fn refusal_leaves_a_name(&self, service_point: ServicePointId) -> bool {
        !self.rules.group_idle_timer
            && !self.leaks_reservations()
            && self.service_points[service_point].lease.is_none()
    }

    /// As [`Framework::refuse`], where the group was to be made for the request: what is left
    /// is a name (CG-5).
    fn refuse_name<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ServicePointId,
        name: GroupName,
        request: RequestId,
        refused: Refused,
    ) {
        self.leave_name(net, id, name);
        self.fail_to_open(net, request, refused);
    }

    /// FL-1: a connect that finds no port fails its request. A socket that cannot be made is
    /// recoverable: the request is submitted once more (FL-12).
    fn fail_to_open<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        refused: Refused,
    ) {
        let known = &mut net.requests[request];
        if refused == Refused::NoSocket && !known.once_failed {
            known.once_failed = true;
            self.resubmit(net, request);
        } else {
            self.finish(net, request, Outcome::Failed(refused.into()));
        }
    }

    /// What a refused request leaves of a group that was to be made for it: its name.
    pub(super) fn leave_name<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ServicePointId,
        name: GroupName,
    ) {
        self.opened += 1;
        let service_point = &mut self.service_points[id];
        let endpoint = service_point.endpoint;
        if service_point.parked.insert(name) {
            self.counts.groups += 1;
            net.host.group_changed(net.now, endpoint, name, true);
        }
        net.host.connect_refused(net.now, endpoint);
        service_point.pass_busy(id, net.now, &mut self.timers);
    }

    /// Whether an attempt that dies keeps its reservation forever (FL-6..FL-8).
    const fn leaks_reservations(&self) -> bool {
        self.rules.reservation_leak && self.rules.reserves
    }
}
