//! `HttpWebRequest` on `SocketsHttpHandler`: .NET Core 3.1 and .NET 8 (NC-1..NC-10).
//!
//! One [`SocketsHttp`] is one process. A request with an `HttpClient` of its own opens a
//! connection of its own, which dies with the client; requests that share the cached client use
//! one pool per endpoint. What differs between versions is read from
//! [`SocketsHttpRules`].
//!
//! | file | what | rules |
//! |---|---|---|
//! | `pool.rs` | pools: reuse, limit, waiters, connects for waiters | NC-4, NC-5, NC-7 |
//! | `connection.rs` | one connection: opened, sent on, answered, closed | NC-3, NC-9, NC-10, TM-5 |
//! | `cleaning.rs` | the cleaning timer | NC-6, NC-8 |
//! | `losses.rs` | connects that fail, connections whose server is gone | |
//!
//! Group names decide nothing (NC-1). A ServicePoint is a property bag (NC-2): it counts as
//! looked up, its settings are stored by the real one and read by nobody, its
//! `CurrentConnections` is 0 and its `CloseConnectionGroup` does nothing and returns true.
//!
//! Assumption: timers fire exactly when they are due; effect if wrong: milliseconds.
//! Assumption: a request that times out on the wire leaves no TIME_WAIT, because the answer to a
//! socket that was closed under it is met with a reset; effect if wrong: one port held in
//! TIME_WAIT per timeout.
//!
//! **Invariant:** a pool never has more connections, connecting ones included, than its limit;
//! a pool's idle connections are in the order in which they became idle.

mod cleaning;
mod connection;
mod losses;
mod pool;
mod snapshot;
#[cfg(test)]
mod tests;

use self::connection::Connection;
use self::pool::Pool;
use super::EndpointSettings;
use super::request::Place;
use super::{
    Aborted, CloseKind, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net,
    Outcome, ProcessSnapshot, RequestId, Requests, SeeSocket, Setting,
};
use crate::kernel::{Arena, Lane, Lanes};
use crate::model::GroupName;
use crate::model::profile::SocketsHttpRules;
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// What a process is started with.
#[derive(Clone, Debug)]
pub struct SocketsHttpSettings {
    /// The version's rules.
    pub rules: SocketsHttpRules,
    /// `PooledConnectionIdleTimeout`; `None` is never, zero keeps nothing (NC-5).
    pub idle_timeout: Option<SimSpan>,
    /// The remote endpoints, by number; their limit is `MaxConnectionsPerServer` (NC-5).
    pub endpoints: Vec<EndpointSettings>,
}

/// The rules as the hot path reads them.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one switch of SocketsHttpRules"
)]
struct Rules {
    shares_client: bool,
    checks_idle_at_reuse: bool,
    hands_over: bool,
    reads_ahead: bool,
}

/// One process on .NET Core or .NET.
#[derive(Clone, Debug)]
pub struct SocketsHttp {
    rules: Rules,
    idle_timeout: Option<SimSpan>,
    endpoints: Vec<EndpointSettings>,
    /// The pools of the shared handler, by endpoint.
    pools: Vec<Pool>,
    n_pools: u32,
    /// ServicePoints looked up so far, by endpoint (NC-2).
    looked_up: Vec<bool>,
    connections: Arena<ConnectionId, Connection>,
    /// When the cleaning timer fires (NC-6); [`SimTime::NEVER`] without pools.
    next_tick: SimTime,
    /// When it fired last; `None` before.
    last_tick: Option<SimTime>,
    /// Connections that the server has closed and nobody has noticed, by number and serial
    /// (NC-8).
    unnoticed: Vec<(ConnectionId, u64)>,
    /// The requests' own timeouts, in `deadline_lane`.
    deadlines: Lanes<RequestId>,
    deadline_lane: Lane,
    opened: u64,
    counts: ManagerCounts,
}

impl SocketsHttp {
    /// A process that has not made a request yet.
    pub fn new(settings: SocketsHttpSettings) -> SocketsHttp {
        let SocketsHttpSettings {
            rules,
            idle_timeout,
            endpoints,
        } = settings;
        let mut deadlines = Lanes::new();
        let deadline_lane = deadlines.open();
        SocketsHttp {
            rules: Rules {
                shares_client: rules.shares_client.value,
                checks_idle_at_reuse: rules.checks_idle_at_reuse.value,
                hands_over: rules.hands_over_freed_connections.value,
                reads_ahead: rules.reads_ahead.value,
            },
            idle_timeout,
            pools: alloc::vec![Pool::absent(); endpoints.len()],
            n_pools: 0,
            looked_up: alloc::vec![false; endpoints.len()],
            endpoints,
            connections: Arena::new(),
            next_tick: SimTime::NEVER,
            last_tick: None,
            unnoticed: Vec::new(),
            deadlines,
            deadline_lane,
            opened: 0,
            counts: ManagerCounts::default(),
        }
    }

    /// `ServicePointManager.FindServicePoint` (NC-2).
    #[inline]
    fn look_up<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        if !self.looked_up[endpoint as usize] {
            self.looked_up[endpoint as usize] = true;
            self.counts.service_points += 1;
            net.host.service_point_changed(net.now, endpoint, true);
        }
    }

    /// Ends a request: tells the host and lets it go.
    fn finish<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId, outcome: Outcome) {
        self.unwatch_timeout(net, id);
        net.requests[id].place = Place::Nowhere;
        let request = net.requests[id];
        net.host.ended(net.now, id, &request, outcome);
        net.requests.remove(id);
    }

    /// Watches a request's own timeout while it is not certain to end before it (TM-5).
    fn watch_timeout<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let request = &mut net.requests[id];
        if request.timer.is_none() && request.deadline != SimTime::NEVER {
            let (timer, _) = self.deadlines.arm(self.deadline_lane, request.deadline, id);
            request.timer = Some(timer);
        }
    }

    fn unwatch_timeout<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        if let Some(timer) = net.requests[id].timer.take() {
            self.deadlines.cancel(timer);
        }
    }
}

impl ConnectionManager for SocketsHttp {
    #[inline]
    fn submit<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        let (endpoint, private) = (
            net.requests[request].endpoint,
            net.requests[request].private_client,
        );
        self.look_up(net, endpoint);
        if private || !self.rules.shares_client {
            self.open_for(net, request, true);
        } else {
            self.submit_to_pool(net, request);
        }
    }

    fn connected<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
        self.connect_answered(net, connection);
    }

    fn connect_failed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        why: Failure,
    ) {
        self.fail_connecting(net, connection, why);
    }

    fn connection_lost<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        serial: u32,
    ) {
        if self.connections[connection].is_connected(serial) {
            self.lose(net, connection);
        }
    }

    fn connected_to(&self, endpoint: u32) -> Vec<(ConnectionId, u32)> {
        let is_one = |id: &ConnectionId| {
            let connection = &self.connections[*id];
            !connection.connecting && connection.endpoint == endpoint
        };
        let mut ids: Vec<ConnectionId> =
            self.connections.ids().into_iter().filter(is_one).collect();
        ids.sort_by_key(|id| !self.connections[*id].idle);
        ids.into_iter().map(|id| (id, self.serial_of(id))).collect()
    }

    fn serial_of(&self, connection: ConnectionId) -> u32 {
        self.connections[connection].serial as u32
    }

    fn is_connecting(&self, connection: ConnectionId, serial: u32) -> bool {
        self.connections[connection].is_connecting(serial)
    }

    #[inline]
    fn response_completed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool {
        self.complete(net, request, server_close)
    }

    fn abort<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        why: Failure,
    ) -> Aborted {
        let outcome = Outcome::Failed(why);
        match net.requests[request].place {
            Place::Waiting(_) => {
                self.remove_waiter(net, request);
                self.finish(net, request, outcome);
                Aborted::Disassociated
            }
            Place::OnConnection(id) => {
                self.counts.on_wire -= u64::from(!self.connections[id].connecting);
                self.finish(net, request, outcome);
                self.close(net, id, CloseKind::Hard, false);
                Aborted::ConnectionClosed
            }
            Place::Nowhere => unreachable!("a submitted request waits or is on a connection"),
        }
    }

    fn server_closed<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
        self.server_fin(net, connection);
    }

    fn close_connection_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        _name: GroupName,
    ) -> bool {
        self.look_up(net, endpoint);
        true
    }

    fn change_setting<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32, _change: Setting) {
        self.look_up(net, endpoint);
    }

    fn hold_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        self.look_up(net, endpoint);
    }

    #[inline]
    fn next_wake(&self) -> SimTime {
        self.next_tick
            .min(self.deadlines.next_due(self.deadline_lane))
    }

    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>) {
        if self.next_tick <= net.now {
            self.clean(net);
        }
        while let Some(request) = self.deadlines.pop_due(self.deadline_lane, net.now) {
            net.requests[request].timer = None;
            self.abort(net, request, Failure::Timeout);
        }
    }

    fn counts(&self) -> ManagerCounts {
        let queued = self
            .pools
            .iter()
            .map(|pool| u64::from(pool.n_without_connect()))
            .sum();
        ManagerCounts {
            queued,
            ..self.counts
        }
    }

    /// The idle connections of the endpoint's pool, longest idle first, whatever the name
    /// (NC-1).
    fn snapshot(&self, _requests: &Requests) -> ProcessSnapshot {
        self.process_snapshot()
    }

    fn for_each_socket(&self, see: &mut SeeSocket<'_>) {
        self.see_sockets(see);
    }

    fn idle_connections(&self, endpoint: u32, _name: GroupName) -> Vec<ConnectionId> {
        let mut idle = Vec::new();
        let mut next = self.pools[endpoint as usize].oldest_idle;
        while !next.is_none() {
            idle.push(next);
            next = self.connections[next].newer;
        }
        idle
    }
}
