//! A connection's sockets, and the requests on them: connect, send, read, close.

use super::pool::{Pool, Timer};
use crate::model::settings::Closer;
use crate::net::request::{Place, RequestId};
use crate::net::timeouts::unwatch;
use crate::net::{
    CloseKind, ConnectionId, ConnectionView, Failure, Host, Net, Outcome, PortState, Socket,
};
use alloc::vec::Vec;

/// Who sends the first FIN of a close.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FirstFin {
    /// Mono closes on its own account: the client (MO-12).
    Ours,
    /// The exchange said `Connection: close`: as the endpoint has it (PT-3).
    Announced,
    /// Nobody: a reset.
    Nobody,
}

/// A response that was read to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Answered {
    pub(super) connection: ConnectionId,
    /// Whether the connection may carry another request.
    pub(super) keep_alive: bool,
    /// Whether the program leaves the response open: the connection stays as it is (HW-7).
    pub(super) left_open: bool,
}

impl Pool {
    pub(super) fn view(&self, id: ConnectionId) -> ConnectionView {
        let connection = &self.connections[id];
        ConnectionView {
            id,
            serial: connection.serial,
            endpoint: connection.endpoint,
            group: connection.name,
            port: connection.socket.map_or(0, |socket| socket.port.number),
            served: connection.served,
        }
    }

    pub(super) fn watch_timeout<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let payload = Timer::Request(id);
        self.timeouts
            .watch(net.now, &mut self.timers, &mut net.requests[id], payload);
    }

    /// Ends a request: tells the host and lets it go.
    pub(super) fn finish<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: RequestId,
        outcome: Outcome,
    ) {
        let request = &mut net.requests[id];
        unwatch(&mut self.timers, request);
        if request.closes_group {
            self.to_release.push((request.endpoint, request.group));
        }
        net.host.ended(net.now, id, request, outcome);
        net.requests.remove(id);
    }

    /// Gives a connection, which is not free, a request: on its socket, or on a new one where
    /// it has none or the server has closed it (MO-10). On a refusal the request is off it.
    pub(super) fn start<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
    ) -> Result<(), Failure> {
        if let Some(socket) = self.connections[id].socket {
            if !socket.server_closed {
                self.carry(net, id, request);
                self.send(net, id);
                return Ok(());
            }
            self.close_socket(net, id, FirstFin::Ours);
        }
        self.connect(net, id, request)
    }

    fn carry<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, request: RequestId) {
        let connection = &mut self.connections[id];
        assert!(
            connection.request.is_none() && !connection.free,
            "a connection carries one request at a time"
        );
        connection.request = request;
        net.requests[request].comes_to(id, net.now);
    }

    /// Takes a port and connects (PT-2).
    fn connect<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
    ) -> Result<(), Failure> {
        let endpoint = self.connections[id].endpoint;
        let port = net.ports.take(net.now, endpoint).map_err(|refused| {
            net.host.connect_refused(net.now, endpoint);
            Failure::from(refused)
        })?;
        self.carry(net, id, request);
        let connection = &mut self.connections[id];
        connection.socket = Some(Socket::connecting(port));
        connection.connected = false;
        connection.serial = self.opened;
        connection.served = 0;
        self.opened += 1;
        self.counts.connections += 1;
        let view = self.view(id);
        if net.host.connect(net.now, &view, &net.requests[request]) {
            self.connected(net, id);
        } else {
            self.watch_timeout(net, request);
        }
        Ok(())
    }

    /// Whether the connection sets up the socket with this (low half of the) serial.
    pub(super) fn is_connecting(&self, id: ConnectionId, serial: u32) -> bool {
        let connection = &self.connections[id];
        connection.socket.is_some() && !connection.connected && connection.serial as u32 == serial
    }

    /// A connect is answered: its request goes on the wire.
    pub(super) fn connected<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        assert!(
            connection.socket.is_some() && !connection.connected,
            "a connect was answered twice"
        );
        connection.connected = true;
        self.send(net, id);
    }

    fn send<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        self.enter(net, id, PortState::Busy);
        self.counts.on_wire += 1;
        let request_id = self.connections[id].request;
        let payload = Timer::Request(request_id);
        let view = self.view(id);
        let request = &mut net.requests[request_id];
        self.timeouts
            .sent(net.now, &mut self.timers, request, payload);
        net.host.sent(net.now, request_id, request, &view);
    }

    /// The response of `request` was read to its end. `None` when it is not the one being
    /// answered.
    pub(super) fn response_read<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> Option<Answered> {
        let Place::OnConnection(connection) = net.requests[request].place else {
            return None;
        };
        if !self.connections[connection].connected {
            return None;
        }
        let keep_alive = net.requests[request].keep_alive && !server_close;
        let left_open = net.requests[request].left_open;
        self.connections[connection].served += 1;
        self.take_off(connection);
        self.finish(net, request, Outcome::Succeeded);
        Some(Answered {
            connection,
            keep_alive,
            left_open,
        })
    }

    /// A connection stays as it is, with nobody who could end it: its response is left open
    /// (HW-7), or its request has timed out (HW-10).
    pub(super) fn leave<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let view = self.view(id);
        net.host.left_open(net.now, &view);
    }

    /// Takes the request off a connection.
    pub(super) fn take_off(&mut self, id: ConnectionId) -> RequestId {
        let connection = &mut self.connections[id];
        let request = core::mem::replace(&mut connection.request, RequestId::NONE);
        if connection.connected && !request.is_none() {
            self.counts.on_wire -= 1;
        }
        request
    }

    /// A connection with an open socket has nothing to do.
    pub(super) fn rest<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        self.enter(net, id, PortState::Idle);
        let view = self.view(id);
        net.host.became_idle(net.now, &view);
    }

    /// A server's FIN on an idle connection: noticed when the connection is used again (MO-10).
    pub(super) fn server_closed<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        if let Some(socket) = &mut self.connections[id].socket {
            socket.server_closed = true;
            socket.enter(net.ports, PortState::CloseWait);
        }
    }

    /// The server's side of a connection is gone: an idle one has heard a FIN; the request of a
    /// busy one is for its manager to fail.
    pub(super) fn server_gone<H>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        serial: u32,
    ) -> Option<RequestId> {
        let connection = &mut self.connections[id];
        if !connection.connected || connection.serial as u32 != serial {
            return None;
        }
        if connection.request.is_none() {
            self.server_closed(net, id);
            return None;
        }
        if let Some(socket) = &mut connection.socket {
            socket.server_closed = true;
        }
        Some(connection.request)
    }

    /// The connections to `endpoint` whose sockets are connected, those without a request
    /// first. Linear.
    pub(super) fn connected_to(&self, endpoint: u32) -> Vec<(ConnectionId, u32)> {
        let is_one = |id: &ConnectionId| {
            let connection = &self.connections[*id];
            connection.connected && connection.endpoint == endpoint
        };
        let mut ids: Vec<ConnectionId> =
            self.connections.ids().into_iter().filter(is_one).collect();
        ids.sort_by_key(|id| !self.connections[*id].request.is_none());
        let serial = |id: ConnectionId| (id, self.connections[id].serial as u32);
        ids.into_iter().map(serial).collect()
    }

    fn enter<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, state: PortState) {
        if let Some(socket) = &mut self.connections[id].socket {
            socket.enter(net.ports, state);
        }
    }

    /// Closes a connection's socket, if it has one. Mono never resets (MO-12); a connect that
    /// is given up leaves no TIME_WAIT, because nothing was established.
    pub(super) fn close_socket<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        first: FirstFin,
    ) {
        let view = self.view(id);
        let connection = &mut self.connections[id];
        let Some(socket) = connection.socket.take() else {
            return;
        };
        let client_first = match first {
            FirstFin::Ours => connection.connected,
            FirstFin::Announced => {
                self.endpoints[connection.endpoint as usize].active_close == Closer::Client
            }
            FirstFin::Nobody => false,
        };
        let how = match first {
            FirstFin::Nobody => CloseKind::Hard,
            _ => CloseKind::Graceful,
        };
        connection.connected = false;
        self.counts.connections -= 1;
        socket.close(net.now, net.ports, client_first);
        net.host.closed(net.now, &view, how);
    }
}
