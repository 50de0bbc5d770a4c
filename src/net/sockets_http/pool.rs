//! Pools: which connection a request gets, who waits, and for whom a connect is begun (NC-4,
//! NC-5, NC-7, HC-1, HC-2).
//!
//! At the limit requests wait first in, first out. In both versions a freed connection goes to
//! the oldest waiter. They differ below the limit, while connects take time:
//!
//! * .NET Core 3.1: a request that finds no idle connection opens one and waits for that one.
//! * .NET 8: every such request joins the queue, and the pool begins a connect whenever more
//!   requests wait than connects are under way. Whatever comes first, freed or connected,
//!   serves the oldest waiter; a connect that comes too late becomes idle in the pool.

use super::connection::Connection;
use super::{HandlerId, PoolId, SocketsHttp};
use crate::net::request::{Place, WaitListId};
use crate::net::{CloseKind, ConnectionId, Host, Net, PortState, RequestId};
use crate::units::SimTime;

/// The pool of one endpoint in one handler (NC-4).
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    pub(super) handler: HandlerId,
    pub(super) endpoint: u32,
    /// Used since the last cleaning.
    pub(super) used: bool,
    /// Its connections, connecting ones included.
    pub(super) n_connections: u32,
    n_idle: u32,
    /// Connects under way for its waiters (.NET 8).
    pub(super) n_connecting: u32,
    /// The idle connections: reuse takes the newest, cleaning begins with the oldest.
    pub(super) oldest_idle: ConnectionId,
    newest_idle: ConnectionId,
    waits: WaitListId,
    n_waiting: u32,
    /// The first waiter for whom no connect was begun.
    unattempted: RequestId,
}

impl Pool {
    /// The idle connection that was used longest ago.
    pub(super) fn oldest(&self) -> Option<ConnectionId> {
        (!self.oldest_idle.is_none()).then_some(self.oldest_idle)
    }

    /// Whether any of its connections does something.
    pub(super) const fn has_busy(&self) -> bool {
        self.n_connections > self.n_idle
    }

    /// How many requests wait.
    pub(super) const fn n_waiting(&self) -> u32 {
        self.n_waiting
    }

    /// How many requests wait for whom no connect is under way: none where connects go on whose
    /// requests have been served or have given up.
    pub(super) const fn n_without_connect(&self) -> u32 {
        self.n_waiting.saturating_sub(self.n_connecting)
    }
}

impl SocketsHttp {
    /// A request of a handler: an idle connection, a new one, or the queue.
    pub(super) fn submit_to_pool<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        handler: HandlerId,
        id: RequestId,
    ) {
        let pool = self.use_pool(net.now, handler, net.requests[id].endpoint);
        if let Some(connection) = self.take_idle(net, pool) {
            let view = self.view(connection);
            net.host.left_idle(view.id, view.endpoint);
            self.send(net, connection, id);
        } else if self.rules.hands_over {
            self.push_waiter(net, pool, id);
            self.connect_for_waiters(net, pool);
            self.tell_waiting(net, id, pool);
        } else if self.has_room(pool) {
            self.open_for(net, id, pool);
        } else {
            self.push_waiter(net, pool, id);
            self.tell_waiting(net, id, pool);
        }
    }

    /// The pool of an endpoint is looked up, and made if need be; a handler's first starts its
    /// cleaning timer (NC-6).
    fn use_pool(&mut self, now: SimTime, handler: HandlerId, endpoint: u32) -> PoolId {
        let known = self.handlers[handler].pools[endpoint as usize];
        if !known.is_none() {
            self.pools[known].used = true;
            return known;
        }
        let id = self.pools.insert(Pool {
            handler,
            endpoint,
            used: true,
            n_connections: 0,
            n_idle: 0,
            n_connecting: 0,
            oldest_idle: ConnectionId::NONE,
            newest_idle: ConnectionId::NONE,
            waits: WaitListId::NONE,
            n_waiting: 0,
            unattempted: RequestId::NONE,
        });
        let owner = &mut self.handlers[handler];
        owner.pools[endpoint as usize] = id;
        owner.n_pools += 1;
        if owner.n_pools == 1 {
            self.arm_tick(now, handler);
        }
        id
    }

    /// Takes a pool that has nothing out of its handler.
    pub(super) fn remove_pool(&mut self, id: PoolId) {
        let Pool {
            handler, endpoint, ..
        } = self.pools[id];
        let owner = &mut self.handlers[handler];
        owner.pools[endpoint as usize] = PoolId::NONE;
        owner.n_pools -= 1;
        self.pools.remove(id);
    }

    fn has_room(&self, pool: PoolId) -> bool {
        let pool = &self.pools[pool];
        pool.n_connections < self.endpoints[pool.endpoint as usize].limit.count()
    }

    /// The newest idle connection that is still good; those found dead, too old or (.NET 8) idle
    /// for too long are closed on the way (NC-7, NC-8, HC-5, HC-8).
    fn take_idle<H: Host>(&mut self, net: &mut Net<'_, H>, pool: PoolId) -> Option<ConnectionId> {
        loop {
            let id = self.pools[pool].newest_idle;
            if id.is_none() {
                return None;
            }
            self.unlink_idle(id);
            let expired = self.rules.checks_idle_at_reuse && self.is_expired(net.now, id);
            let socket = self.connections[id].socket;
            if !socket.server_closed && !expired && !self.is_too_old(net.now, id) {
                return Some(id);
            }
            self.close(net, id, CloseKind::Graceful, true);
        }
    }

    /// A connection has nothing to do any more: it is too old (HC-7), goes to the oldest waiter,
    /// or becomes idle.
    pub(super) fn give_back<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let pool = self.connections[id].pool;
        if self.is_too_old(net.now, id) {
            self.close(net, id, CloseKind::Graceful, true);
        } else if let Some(waiter) = self.pop_waiter(net, pool) {
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
    pub(super) fn connection_left<H: Host>(&mut self, net: &mut Net<'_, H>, pool: PoolId) {
        self.pools[pool].n_connections -= 1;
        if self.rules.hands_over {
            self.connect_for_waiters(net, pool);
            return;
        }
        while self.has_room(pool)
            && let Some(waiter) = self.pop_waiter(net, pool)
        {
            self.open_for(net, waiter, pool);
        }
    }

    /// Begins connects while more requests wait than connects are under way (NC-7, .NET 8).
    fn connect_for_waiters<H: Host>(&mut self, net: &mut Net<'_, H>, pool_id: PoolId) {
        while self.pools[pool_id].n_without_connect() > 0 && self.has_room(pool_id) {
            let request = self.pools[pool_id].unattempted;
            let Some((id, answered)) = self.begin_connect(net, request, pool_id) else {
                continue;
            };
            if answered {
                self.give_back(net, id);
            } else {
                let pool = &mut self.pools[pool_id];
                pool.n_connecting += 1;
                pool.unattempted = net.requests[request].next;
            }
        }
    }

    fn push_waiter<H>(&mut self, net: &mut Net<'_, H>, pool_id: PoolId, id: RequestId) {
        let pool = &mut self.pools[pool_id];
        net.requests
            .push_waiter(&mut pool.waits, ConnectionId::NONE, id);
        pool.n_waiting += 1;
        if pool.unattempted.is_none() {
            pool.unattempted = id;
        }
        let place = pool.waits.0 as usize;
        if self.queue_owners.len() <= place {
            self.queue_owners.resize(place + 1, PoolId::NONE);
        }
        self.queue_owners[place] = pool_id;
    }

    /// A request may still be in the queue after its submit: its timeout has to be watched, and
    /// it is told of unless a connect is under way for it.
    fn tell_waiting<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId, pool: PoolId) {
        if !matches!(net.requests[id].place, Place::Waiting(_)) {
            return;
        }
        self.watch_timeout(net, id);
        if self.pools[pool].n_without_connect() > 0 {
            let request = net.requests[id];
            net.host.waits(net.now, id, &request, None);
        }
    }

    pub(super) fn pop_waiter<H>(
        &mut self,
        net: &mut Net<'_, H>,
        pool: PoolId,
    ) -> Option<RequestId> {
        let waits = self.pools[pool].waits;
        if waits.is_none() {
            return None;
        }
        let head = net.requests.list(waits).head;
        self.remove_waiter(net, head);
        Some(head)
    }

    /// Takes a request out of its pool's queue; a connect begun for it goes on.
    pub(super) fn remove_waiter<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let Place::Waiting(list) = net.requests[id].place else {
            unreachable!("only a waiting request leaves a queue");
        };
        let pool = &mut self.pools[self.queue_owners[list.0 as usize]];
        if pool.unattempted == id {
            pool.unattempted = net.requests[id].next;
        }
        net.requests.remove_waiter(&mut pool.waits, id);
        pool.n_waiting -= 1;
    }

    fn push_idle<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        let pool = &mut self.pools[connection.pool];
        pool.n_idle += 1;
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
            pool, older, newer, ..
        } = self.connections[id];
        let pool = &mut self.pools[pool];
        pool.n_idle -= 1;
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
