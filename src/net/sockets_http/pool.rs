//! Pools: which connection a request gets, who waits, and for whom a connect is begun (NC-4,
//! NC-5, NC-7).
//!
//! At the limit requests wait first in, first out. In both versions a freed connection goes to
//! the oldest waiter. They differ below the limit, while connects take time:
//!
//! * .NET Core 3.1: a request that finds no idle connection opens one and waits for that one.
//! * .NET 8: every such request joins the queue, and the pool begins a connect whenever more
//!   requests wait than connects are under way. Whatever comes first, freed or connected,
//!   serves the oldest waiter; a connect that comes too late becomes idle in the pool.

use super::SocketsHttp;
use super::connection::Connection;
use crate::net::request::{Place, WaitListId};
use crate::net::{CloseKind, ConnectionId, Host, Net, PortState, RequestId};
use crate::units::SimTime;

/// The pool of one endpoint (NC-4).
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    /// Whether the pool exists; it is removed when it is unused (NC-6).
    pub(super) exists: bool,
    /// Used since the last cleaning.
    pub(super) used: bool,
    /// Its connections, connecting ones included.
    pub(super) n_connections: u32,
    /// Connects under way for its waiters (.NET 8).
    pub(super) n_connecting: u32,
    /// The idle connections: reuse takes the newest, cleaning the oldest.
    pub(super) oldest_idle: ConnectionId,
    pub(super) newest_idle: ConnectionId,
    waits: WaitListId,
    n_waiting: u32,
    /// The first waiter for whom no connect was begun.
    unattempted: RequestId,
}

impl Pool {
    /// No pool.
    pub(super) const fn absent() -> Pool {
        Pool {
            exists: false,
            used: false,
            n_connections: 0,
            n_connecting: 0,
            oldest_idle: ConnectionId::NONE,
            newest_idle: ConnectionId::NONE,
            waits: WaitListId::NONE,
            n_waiting: 0,
            unattempted: RequestId::NONE,
        }
    }

    /// How many requests wait.
    pub(super) const fn n_waiting(&self) -> u32 {
        self.n_waiting
    }

    /// How many requests wait for whom no connect is under way.
    pub(super) const fn n_without_connect(&self) -> u32 {
        self.n_waiting.saturating_sub(self.n_connecting)
    }
}

impl SocketsHttp {
    /// A request of the shared client: an idle connection, a new one, or the queue.
    pub(super) fn submit_to_pool<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let endpoint = net.requests[id].endpoint;
        self.use_pool(net.now, endpoint);
        if let Some(connection) = self.take_idle(net, endpoint) {
            let view = self.view(connection);
            net.host.left_idle(view.id, view.endpoint);
            self.send(net, connection, id);
        } else if self.rules.hands_over {
            self.push_waiter(net, id);
            self.connect_for_waiters(net, endpoint);
            self.tell_waiting(net, id, endpoint);
        } else if self.has_room(endpoint) {
            self.open_for(net, id, false);
        } else {
            self.push_waiter(net, id);
            self.tell_waiting(net, id, endpoint);
        }
    }

    /// The pool is looked up, and made if need be; the first starts the cleaning timer (NC-6).
    fn use_pool(&mut self, now: SimTime, endpoint: u32) {
        let pool = &mut self.pools[endpoint as usize];
        pool.used = true;
        if !pool.exists {
            pool.exists = true;
            self.n_pools += 1;
            if self.n_pools == 1 {
                self.start_cleaning(now);
            }
        }
    }

    fn has_room(&self, endpoint: u32) -> bool {
        let limit = self.endpoints[endpoint as usize].limit.count();
        self.pools[endpoint as usize].n_connections < limit
    }

    /// The newest idle connection that is still good; those found dead or (.NET 8) idle for
    /// too long are closed on the way (NC-7, NC-8).
    fn take_idle<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) -> Option<ConnectionId> {
        loop {
            let id = self.pools[endpoint as usize].newest_idle;
            if id.is_none() {
                return None;
            }
            self.unlink_idle(id);
            let Connection {
                socket, idle_since, ..
            } = self.connections[id];
            let expired = self.rules.checks_idle_at_reuse && self.is_expired(net.now, idle_since);
            if !socket.server_closed && !expired {
                return Some(id);
            }
            self.close(net, id, CloseKind::Graceful, true);
        }
    }

    /// A connection has nothing to do any more: it goes to the oldest waiter, or becomes idle.
    pub(super) fn give_back<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let endpoint = self.connections[id].endpoint;
        if let Some(waiter) = self.pop_waiter(net, endpoint) {
            self.send(net, id, waiter);
        } else if self
            .idle_timeout
            .is_some_and(crate::units::SimSpan::is_zero)
        {
            self.close(net, id, CloseKind::Graceful, true);
        } else {
            self.push_idle(net, id);
        }
    }

    /// A connection has left the pool: there is room for a waiter.
    pub(super) fn connection_left<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        self.pools[endpoint as usize].n_connections -= 1;
        if self.rules.hands_over {
            self.connect_for_waiters(net, endpoint);
            return;
        }
        while self.has_room(endpoint)
            && let Some(waiter) = self.pop_waiter(net, endpoint)
        {
            self.open_for(net, waiter, false);
        }
    }

    /// Begins connects while more requests wait than connects are under way (NC-7, .NET 8).
    fn connect_for_waiters<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        while self.pools[endpoint as usize].n_without_connect() > 0 && self.has_room(endpoint) {
            let request = self.pools[endpoint as usize].unattempted;
            let Some((id, answered)) = self.begin_connect(net, request, false) else {
                continue;
            };
            if answered {
                self.give_back(net, id);
            } else {
                let pool = &mut self.pools[endpoint as usize];
                pool.n_connecting += 1;
                pool.unattempted = net.requests[request].next;
            }
        }
    }

    fn push_waiter<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let pool = &mut self.pools[net.requests[id].endpoint as usize];
        net.requests
            .push_waiter(&mut pool.waits, ConnectionId::NONE, id);
        pool.n_waiting += 1;
        if pool.unattempted.is_none() {
            pool.unattempted = id;
        }
    }

    /// A request may still be in the queue after its submit: its timeout has to be watched, and
    /// it is told of unless a connect is under way for it.
    fn tell_waiting<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId, endpoint: u32) {
        if !matches!(net.requests[id].place, Place::Waiting(_)) {
            return;
        }
        self.watch_timeout(net, id);
        if self.pools[endpoint as usize].n_without_connect() > 0 {
            let request = net.requests[id];
            net.host.waits(net.now, id, &request, None);
        }
    }

    pub(super) fn pop_waiter<H>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
    ) -> Option<RequestId> {
        let waits = self.pools[endpoint as usize].waits;
        if waits.is_none() {
            return None;
        }
        let head = net.requests.list(waits).head;
        self.remove_waiter(net, head);
        Some(head)
    }

    /// Takes a request out of its pool's queue; a connect begun for it goes on.
    pub(super) fn remove_waiter<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        debug_assert!(matches!(net.requests[id].place, Place::Waiting(_)));
        let pool = &mut self.pools[net.requests[id].endpoint as usize];
        if pool.unattempted == id {
            pool.unattempted = net.requests[id].next;
        }
        net.requests.remove_waiter(&mut pool.waits, id);
        pool.n_waiting -= 1;
    }

    fn push_idle<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        let pool = &mut self.pools[connection.endpoint as usize];
        connection.idle = true;
        connection.idle_since = net.now;
        connection.socket.enter(net.ports, PortState::Idle);
        connection.older = pool.newest_idle;
        connection.newer = ConnectionId::NONE;
        let older = core::mem::replace(&mut pool.newest_idle, id);
        if older.is_none() {
            pool.oldest_idle = id;
        } else {
            self.connections[older].newer = id;
        }
        let view = self.view(id);
        net.host.became_idle(net.now, &view);
    }

    /// Takes a connection out of its pool's idle ones.
    pub(super) fn unlink_idle(&mut self, id: ConnectionId) {
        let Connection {
            endpoint,
            older,
            newer,
            ..
        } = self.connections[id];
        let pool = &mut self.pools[endpoint as usize];
        if older.is_none() {
            pool.oldest_idle = newer;
        } else {
            self.connections[older].newer = newer;
        }
        if newer.is_none() {
            pool.newest_idle = older;
        } else {
            self.connections[newer].older = older;
        }
        self.connections[id].idle = false;
    }
}
