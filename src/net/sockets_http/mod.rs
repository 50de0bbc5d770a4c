//! `SocketsHttpHandler`, under `HttpWebRequest` and `HttpClient`: .NET Core, .NET and Mono 6's
//! `HttpClient` (NC-1..NC-10, HC-1..HC-19, HW-1..HW-11).
//!
//! One [`SocketsHttp`] is one process. Requests that share a handler use one pool per endpoint of
//! it; a client that is disposed after its only request is a connection of its own; one that is
//! not disposed is a handler of its own. What differs between versions is read from
//! [`SocketsHttpRules`].
//!
//! | file | what | rules |
//! |---|---|---|
//! | `handler.rs` | handlers: who has which, their age, collections | NC-3, HC-12, HC-13 |
//! | `pool.rs` | pools: reuse, limit, waiters, connects for waiters | NC-4..NC-7, HC-2..HC-8 |
//! | `connection.rs` | one connection, from its connect to its close | NC-9, NC-10, HC-7..HC-15 |
//! | `cleaning.rs` | the cleaning timer | NC-6, HC-4, HC-9 |
//! | `losses.rs` | connects that fail, connections whose server is gone | |
//!
//! Group names decide nothing (NC-1). A ServicePoint is a property bag (NC-2): it counts as
//! looked up, its settings are stored by the real one and read by nobody, its
//! `CurrentConnections` is 0 and its `CloseConnectionGroup` does nothing and returns true.
//!
//! Assumption: timers fire exactly when they are due; effect if wrong: milliseconds.
//! Assumption: the server answers the FIN of a request that timed out with its own at once, which
//! leaves TIME_WAIT (HC-14); one that goes on working until it has its answer would be reset then.
//!
//! **Invariant:** a pool never has more connections, connecting ones included, than its limit;
//! a pool's idle connections are in the order in which they became idle.

mod cleaning;
mod connection;
mod handler;
mod losses;
mod pool;
mod snapshot;
#[cfg(test)]
mod tests;

use self::connection::Connection;
use self::handler::Handler;
use self::pool::Pool;
use super::EndpointSettings;
use super::request::Place;
use super::{
    Aborted, CloseKind, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net,
    Outcome, ProcessSnapshot, RequestId, Requests, SeeSocket, Setting,
};
use crate::kernel::{Arena, Lane, Lanes, arena_id};
use crate::model::Api;
use crate::model::GroupName;
use crate::model::profile::SocketsHttpRules;
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

arena_id!(
    /// A `SocketsHttpHandler` of one process.
    HandlerId,
    "handler"
);
arena_id!(
    /// The pool of one endpoint in one handler.
    PoolId,
    "pool"
);

/// What a process is started with.
#[derive(Clone, Debug)]
pub struct SocketsHttpSettings {
    /// The version's rules.
    pub rules: SocketsHttpRules,
    /// What the program makes its requests with.
    pub api: Api,
    /// `PooledConnectionIdleTimeout`; `None` is never, zero keeps nothing (NC-5).
    pub idle_timeout: Option<SimSpan>,
    /// `PooledConnectionLifetime`; `None` is never, zero keeps nothing (HC-7).
    pub lifetime: Option<SimSpan>,
    /// How long `IHttpClientFactory` gives out one handler; `None` is forever.
    pub handler_lifetime: Option<SimSpan>,
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
    service_point_takes_out: bool,
    checks_idle_at_reuse: bool,
    hands_over: bool,
    obeys_keep_alive_header: bool,
    collected_is_reset: bool,
}

/// What a timer is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Timer {
    /// A request's own timeout (TM-5).
    Request(RequestId),
    /// The cleaning of a handler's pools (NC-6).
    Tick(HandlerId),
}

/// One process on .NET Core or .NET.
#[derive(Clone, Debug)]
pub struct SocketsHttp {
    rules: Rules,
    api: Api,
    idle_timeout: Option<SimSpan>,
    lifetime: Option<SimSpan>,
    handler_lifetime: Option<SimSpan>,
    endpoints: Vec<EndpointSettings>,
    handlers: Arena<HandlerId, Handler>,
    /// The handler that requests share now; none before the first.
    current: HandlerId,
    /// When it gets too old to be shared any longer; [`SimTime::NEVER`] where it does not.
    current_ends: SimTime,
    /// Handlers that were shared and are too old, oldest first.
    retired: Vec<HandlerId>,
    /// When the factory looks next which of them nobody uses; [`SimTime::NEVER`] without any.
    next_clean_up: SimTime,
    pools: Arena<PoolId, Pool>,
    /// Whose queue a wait list is, by the list's number.
    queue_owners: Vec<PoolId>,
    /// ServicePoints looked up so far, by endpoint (NC-2).
    looked_up: Vec<bool>,
    connections: Arena<ConnectionId, Connection>,
    /// Those whose response the program has left open (HC-15).
    left_open: Vec<ConnectionId>,
    timers: Lanes<Timer>,
    /// The cleaning timers: all of one period.
    ticks: Lane,
    /// The requests' own timeouts.
    deadlines: Lane,
    opened: u64,
    counts: ManagerCounts,
}

impl SocketsHttp {
    /// A process that has not made a request yet.
    pub fn new(settings: SocketsHttpSettings) -> SocketsHttp {
        let SocketsHttpSettings {
            rules,
            api,
            idle_timeout,
            lifetime,
            handler_lifetime,
            endpoints,
        } = settings;
        let mut timers = Lanes::new();
        let (ticks, deadlines) = (timers.open(), timers.open());
        SocketsHttp {
            rules: Rules {
                shares_client: rules.shares_client.value || api != Api::HttpWebRequest,
                service_point_takes_out: rules.service_point_takes_out.value
                    && api == Api::HttpWebRequest,
                checks_idle_at_reuse: rules.checks_idle_at_reuse.value,
                hands_over: rules.hands_over_freed_connections.value,
                obeys_keep_alive_header: rules.obeys_keep_alive_header.value,
                collected_is_reset: rules.collected_is_reset.value,
            },
            api,
            idle_timeout,
            lifetime,
            handler_lifetime: handler_lifetime.filter(|_| api == Api::HttpClientFactory),
            handlers: Arena::new(),
            current: HandlerId::NONE,
            current_ends: SimTime::NEVER,
            retired: Vec::new(),
            next_clean_up: SimTime::NEVER,
            pools: Arena::new(),
            queue_owners: Vec::new(),
            looked_up: alloc::vec![false; endpoints.len()],
            endpoints,
            connections: Arena::new(),
            left_open: Vec::new(),
            timers,
            ticks,
            deadlines,
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
            let payload = Timer::Request(id);
            let (timer, _) = self.timers.arm(self.deadlines, request.deadline, payload);
            request.timer = Some(timer);
        }
    }

    fn unwatch_timeout<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        if let Some(timer) = net.requests[id].timer.take() {
            self.timers.cancel(timer);
        }
    }
}

impl ConnectionManager for SocketsHttp {
    #[inline]
    fn submit<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        self.look_up(net, net.requests[request].endpoint);
        self.submit_request(net, request);
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

    fn response_broken<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        self.break_off(net, request);
    }

    fn close_response<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        ends_at: SimTime,
    ) {
        self.close_early(net, request, ends_at);
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
                // HC-14: a FIN from here, unless there is no connection yet.
                let connected = !self.connections[id].connecting;
                self.counts.on_wire -= u64::from(connected);
                self.finish(net, request, outcome);
                if connected {
                    self.close(net, id, CloseKind::Graceful, true);
                } else {
                    self.close(net, id, CloseKind::Hard, false);
                }
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
        let handlers = self.current_ends.min(self.next_clean_up);
        let ticks = self.timers.next_due(self.ticks);
        handlers
            .min(ticks)
            .min(self.timers.next_due(self.deadlines))
    }

    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>) {
        self.let_handlers_age(net);
        for lane in [self.ticks, self.deadlines] {
            while let Some(timer) = self.timers.pop_due(lane, net.now) {
                match timer {
                    Timer::Tick(handler) => self.clean(net, handler),
                    Timer::Request(request) => {
                        net.requests[request].timer = None;
                        self.abort(net, request, Failure::Timeout);
                    }
                }
            }
        }
    }

    fn counts(&self) -> ManagerCounts {
        // A client of one request never makes it wait.
        let pools = self.shared_handlers().flat_map(|id| self.pools_of(id));
        let queued = pools.map(|id| u64::from(self.pools[id].n_without_connect()));
        let queued = queued.sum();
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
        for pool in self.pools.ids() {
            let mut next = self.pools[pool].oldest_idle;
            while self.pools[pool].endpoint == endpoint && !next.is_none() {
                idle.push(next);
                next = self.connections[next].newer;
            }
        }
        idle
    }

    fn collect_garbage<H: Host>(&mut self, net: &mut Net<'_, H>) {
        self.collect(net);
    }
}
