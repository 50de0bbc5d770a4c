//! One connection: opened, sent on, answered, left open, closed (NC-3, NC-9, NC-10, HC-7, HC-15).

use super::{PoolId, SocketsHttp};
use crate::model::GroupName;
use crate::model::settings::Closer;
use crate::net::request::Place;
use crate::net::{
    CloseKind, ConnectionId, ConnectionView, Host, Net, Outcome, PortState, RequestId, Socket,
};
use crate::units::SimTime;

/// One HTTP/1.1 connection: at most one request at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    pub(super) serial: u64,
    pub(super) endpoint: u32,
    /// The group name of the request it was opened for; says nothing about its later use.
    group: GroupName,
    pub(super) socket: Socket,
    pub(super) served: u32,
    /// Its pool; none where it is of a client that is disposed after its only request (NC-3).
    pub(super) pool: PoolId,
    /// Its connect is under way. False once it is closed.
    pub(super) connecting: bool,
    /// In its pool's list of idle connections.
    pub(super) idle: bool,
    /// It holds a response that the program has neither read nor disposed (HC-15).
    pub(super) is_left_open: bool,
    /// When its connect was answered; [`SimTime::NEVER`] before.
    pub(super) connected_at: SimTime,
    /// The request for which it connects (where it serves only that one) or which it serves.
    pub(super) request: RequestId,
    pub(super) idle_since: SimTime,
    /// Neighbours among the pool's idle connections.
    pub(super) older: ConnectionId,
    pub(super) newer: ConnectionId,
}

impl Connection {
    pub(super) const fn is_connecting(&self, serial: u32) -> bool {
        self.serial as u32 == serial && self.connecting
    }

    /// Whether it is this one, connected and not closed.
    pub(super) const fn is_connected(&self, serial: u32) -> bool {
        let is_used = self.idle || self.is_left_open || !self.request.is_none();
        self.serial as u32 == serial && !self.connecting && is_used
    }
}

impl SocketsHttp {
    /// Opens a connection that serves `request` first: the only one of its client (no pool), or
    /// (.NET Core 3.1) one of the pool.
    pub(super) fn open_for<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        pool: PoolId,
    ) {
        let Some((id, answered)) = self.begin_connect(net, request, pool) else {
            return;
        };
        if answered {
            self.send(net, id, request);
        } else {
            self.connections[id].request = request;
            net.requests[request].comes_to(id, net.now);
            self.watch_timeout(net, request);
        }
    }

    /// Takes a port and connects on behalf of `request`, which fails when no port is free
    /// (PT-2). Gives the connection and whether it is connected already.
    pub(super) fn begin_connect<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        pool: PoolId,
    ) -> Option<(ConnectionId, bool)> {
        let endpoint = net.requests[request].endpoint;
        let port = match net.ports.take(net.now, endpoint) {
            Ok(port) => port,
            Err(refused) => {
                net.host.connect_refused(net.now, endpoint);
                if matches!(net.requests[request].place, Place::Waiting(_)) {
                    self.remove_waiter(net, request);
                }
                self.finish(net, request, Outcome::Failed(refused.into()));
                return None;
            }
        };
        let id = self.connections.insert(Connection {
            serial: self.opened,
            endpoint,
            group: net.requests[request].group,
            socket: Socket::connecting(port),
            served: 0,
            pool,
            connecting: true,
            idle: false,
            is_left_open: false,
            connected_at: SimTime::NEVER,
            request: RequestId::NONE,
            idle_since: SimTime::NEVER,
            older: ConnectionId::NONE,
            newer: ConnectionId::NONE,
        });
        self.opened += 1;
        self.counts.connections += 1;
        if !pool.is_none() {
            self.pools[pool].n_connections += 1;
        }
        let view = self.view(id);
        net.requests[request].waits_no_longer(net.now);
        let answered = net.host.connect(net.now, &view, &net.requests[request]);
        if answered {
            self.connections[id].connecting = false;
            self.connections[id].connected_at = net.now;
        }
        Some((id, answered))
    }

    /// A connect is answered: the connection serves the request that waits for it, or whoever
    /// waits in its pool.
    pub(super) fn connect_answered<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        assert!(connection.connecting, "a connect was answered twice");
        connection.connecting = false;
        connection.connected_at = net.now;
        if !connection.request.is_none() {
            let request = connection.request;
            self.send(net, id, request);
            return;
        }
        self.pools[connection.pool].n_connecting -= 1;
        self.give_back(net, id);
    }

    /// Puts a request on the wire.
    #[inline]
    pub(super) fn send<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
    ) {
        let connection = &mut self.connections[id];
        connection.request = request;
        connection.socket.enter(net.ports, PortState::Busy);
        net.requests[request].comes_to(id, net.now);
        self.counts.on_wire += 1;
        if net.requests[request].completes_in_time(net.now) {
            self.unwatch_timeout(net, request);
        } else {
            self.watch_timeout(net, request);
        }
        let view = self.view(id);
        net.host
            .sent(net.now, request, &net.requests[request], &view);
    }

    /// The response of `request` was read to its end. False when it is not being answered.
    #[inline]
    pub(super) fn complete<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool {
        let Place::OnConnection(id) = net.requests[request].place else {
            return false;
        };
        let connection = &mut self.connections[id];
        if connection.connecting {
            return false;
        }
        assert_eq!(
            connection.request, request,
            "a connection answers the request that it serves"
        );
        connection.served += 1;
        connection.request = RequestId::NONE;
        let (pool, endpoint) = (connection.pool, connection.endpoint);
        let close_announced = server_close || !net.requests[request].keep_alive;
        let left_open = net.requests[request].left_open;
        // PT-3: a race, as everywhere else.
        let client_first = self.endpoints[endpoint as usize].active_close == Closer::Client;
        self.counts.on_wire -= 1;
        self.finish(net, request, Outcome::Succeeded);
        if left_open {
            self.leave_open(net, id, close_announced && !client_first);
        } else if close_announced {
            // NC-9.
            self.close(net, id, CloseKind::Graceful, client_first);
        } else if pool.is_none() {
            // NC-10: the client is disposed with its response.
            self.close(net, id, CloseKind::Graceful, true);
        } else {
            self.give_back(net, id);
        }
        true
    }

    /// The program has an answer that it neither reads nor disposes: the connection serves nobody
    /// any more, and stays until the response is collected (HC-15, HW-7).
    fn leave_open<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, server_closes: bool) {
        self.connections[id].is_left_open = true;
        self.left_open.push(id);
        let view = self.view(id);
        net.host.left_open(net.now, &view);
        if server_closes {
            self.server_fin(net, id);
        }
    }

    /// Whether a connection that has served is older than `PooledConnectionLifetime` (HC-7).
    pub(super) fn is_too_old(&self, now: SimTime, id: ConnectionId) -> bool {
        let connection = &self.connections[id];
        self.lifetime.is_some_and(|lifetime| {
            connection.served > 0
                && (lifetime.is_zero() || connection.connected_at.saturating_add(lifetime) < now)
        })
    }

    /// The server closes a connection on which it has nothing to answer: CLOSE_WAIT until
    /// somebody looks at it, which nobody does while its response is left open (HC-9, HC-15).
    pub(super) fn server_fin<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        if connection.idle || connection.is_left_open {
            connection.socket.server_closed = true;
            connection.socket.enter(net.ports, PortState::CloseWait);
        }
    }

    /// Closes a connection that is in no list of its pool, and gives its place to a waiter.
    pub(super) fn close<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        how: CloseKind,
        client_first: bool,
    ) {
        let connection = &mut self.connections[id];
        assert!(!connection.idle, "an idle connection is in its pool's list");
        connection.connecting = false;
        connection.request = RequestId::NONE;
        let pool = connection.pool;
        connection.socket.close(net.now, net.ports, client_first);
        let view = self.view(id);
        net.host.closed(net.now, &view, how);
        self.connections.remove(id);
        self.counts.connections -= 1;
        if !pool.is_none() {
            self.connection_left(net, pool);
        }
    }

    pub(super) fn view(&self, id: ConnectionId) -> ConnectionView {
        let connection = &self.connections[id];
        ConnectionView {
            id,
            serial: connection.serial,
            endpoint: connection.endpoint,
            group: connection.group,
            port: connection.socket.port.number,
            served: connection.served,
        }
    }
}
