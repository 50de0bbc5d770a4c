//! Groups of names that are used once: the program of KB 2551125.
//!
//! A fresh name for each request makes a group with one connection. Where nothing can come to
//! them but the answer and the end of their ServicePoint (nobody asks for the name again, nobody
//! else finds the connection, no timer is theirs), one record is all that is kept of request,
//! connection and group. Whoever drives the process knows where that is so, and a test compares
//! such runs with others.

use super::alone::Begun;
use super::exchange::Exchange;
use super::{Framework, ServicePointId, SingleUseId};
use crate::model::GroupName;
use crate::model::settings::Closer;
use crate::net::{
    CloseKind, ConnectionId, ConnectionView, Failure, Host, Net, PortState, RequestView, Socket,
    TakenPort,
};

/// A group whose name is used once, with its connection and its request.
#[derive(Clone, Copy, Debug)]
pub(super) struct SingleUse {
    pub(super) name: GroupName,
    /// The connection's: how many connects were tried before it.
    pub(super) serial: u64,
    request: Exchange,
    socket: Socket,
    pub(super) is_answered: bool,
    pub(super) service_point: ServicePointId,
    /// Neighbours in the ServicePoint's list.
    previous: SingleUseId,
    next: SingleUseId,
}

impl Default for SingleUse {
    fn default() -> SingleUse {
        SingleUse {
            name: GroupName::UNNAMED,
            serial: 0,
            request: Exchange::default(),
            socket: Socket::connecting(TakenPort {
                owner: 0,
                table: 0,
                number: 0,
            }),
            is_answered: false,
            service_point: ServicePointId::NONE,
            previous: SingleUseId::NONE,
            next: SingleUseId::NONE,
        }
    }
}

impl SingleUse {
    /// Its connection as the host sees it, which has no other use for its number.
    #[inline(always)]
    fn view(&self, endpoint: u32) -> ConnectionView {
        ConnectionView {
            id: ConnectionId::NONE,
            serial: self.serial,
            endpoint,
            group: self.name,
            port: self.socket.port.number,
            served: u32::from(self.is_answered),
        }
    }
}

impl Framework {
    /// Sends a request under a fresh name to `endpoint`, on a connection that is connected at once
    /// and that it has to itself (AS-2, CG-4).
    ///
    /// # Errors
    /// How the request failed at once: an outcome of the simulation.
    #[inline(always)]
    pub(super) fn submit_single_use<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
        request: Exchange,
    ) -> Result<Begun, Failure> {
        debug_assert!(name.is_fresh() && name >= self.next_fresh);
        let service_point_id = self
            .find_service_point(net, endpoint)
            .ok_or(Failure::TooManyServicePoints)?;
        self.next_fresh = name.next();
        let port = match net.ports.take_for(net.now, endpoint, PortState::Busy) {
            Ok(port) => port,
            Err(refused) => {
                self.leave_name(net, service_point_id, name);
                return Err(refused.into());
            }
        };
        self.counts.groups += 1;
        net.host.group_changed(net.now, endpoint, name, true);
        let service_point = &mut self.service_points[service_point_id];
        let previous = service_point.last_single_use;
        let (id, place) = self.single_uses.open();
        *place = SingleUse {
            name,
            serial: self.opened,
            request,
            socket: Socket {
                port,
                state: PortState::Busy,
                server_closed: false,
            },
            is_answered: false,
            service_point: service_point_id,
            previous,
            next: SingleUseId::NONE,
        };
        let view = place.view(endpoint);
        match self.single_uses.get_mut(previous) {
            Some(previous) => previous.next = id,
            None => service_point.first_single_use = id,
        }
        service_point.last_single_use = id;
        service_point.begin_busy(&mut self.timers);
        self.opened += 1;
        self.counts.connections += 1;
        self.counts.current_connections += 1;
        self.counts.on_wire += 1;
        Ok(Begun::under_name(id, view))
    }

    /// The only request of a name.
    #[inline(always)]
    pub(super) fn single_use(&self, id: SingleUseId) -> RequestView {
        let single_use = &self.single_uses[id];
        let endpoint = self.service_points[single_use.service_point].endpoint;
        single_use.request.view(single_use.name, endpoint)
    }

    /// The response was read to its end (CN-7): the connection rests until its ServicePoint
    /// expires (CN-6), or is closed and leaves a name behind (CG-5, PT-3).
    #[inline(always)]
    pub(super) fn single_use_answered<H: Host>(&mut self, net: &mut Net<'_, H>, id: SingleUseId) {
        let single_use = &mut self.single_uses[id];
        single_use.is_answered = true;
        let service_point = &mut self.service_points[single_use.service_point];
        if single_use.request.keep_alive {
            single_use.socket.enter(net.ports, PortState::Idle);
            service_point.end_busy(single_use.service_point, net.now, &mut self.timers);
            return;
        }
        service_point.end_busy(single_use.service_point, net.now, &mut self.timers);
        let closer = self.endpoints[service_point.endpoint as usize].active_close;
        let name = single_use.name;
        service_point.parked.insert(name);
        self.close_single_use(net, id, CloseKind::Graceful, closer == Closer::Client);
    }

    /// Whether any such request of a ServicePoint is unanswered. Linear in them.
    pub(super) fn awaits_single_use(&self, service_point: ServicePointId) -> bool {
        let mut next = self.service_points[service_point].first_single_use;
        while !next.is_none() && self.single_uses[next].is_answered {
            next = self.single_uses[next].next;
        }
        !next.is_none()
    }

    /// SP-8: the ServicePoint expires, and this group with it.
    pub(super) fn release_single_use<H: Host>(&mut self, net: &mut Net<'_, H>, id: SingleUseId) {
        let single_use = &self.single_uses[id];
        assert!(single_use.is_answered, "a busy ServicePoint has no timer");
        let endpoint = self.service_points[single_use.service_point].endpoint;
        self.counts.groups -= 1;
        net.host
            .group_changed(net.now, endpoint, single_use.name, false);
        let client_first = self.rules.hard_close_is_fin;
        self.close_single_use(net, id, CloseKind::Hard, client_first);
    }

    fn close_single_use<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: SingleUseId,
        how: CloseKind,
        client_first: bool,
    ) {
        let single_use = self.single_uses[id];
        let service_point = &mut self.service_points[single_use.service_point];
        self.counts.connections -= 1;
        self.counts.current_connections -= 1;
        single_use.socket.close(net.now, net.ports, client_first);
        let view = single_use.view(service_point.endpoint);
        net.host.closed(net.now, &view, how);
        self.single_uses.remove(id);
        let SingleUse { previous, next, .. } = single_use;
        match self.single_uses.get_mut(previous) {
            Some(previous) => previous.next = next,
            None => service_point.first_single_use = next,
        }
        match self.single_uses.get_mut(next) {
            Some(next) => next.previous = previous,
            None => service_point.last_single_use = previous,
        }
    }
}
