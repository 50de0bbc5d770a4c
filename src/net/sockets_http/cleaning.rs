//! The cleaning timer of a handler (NC-6, HC-4, HC-9, HC-10).

use super::{HandlerId, PoolId, SocketsHttp};
use crate::net::{CloseKind, ConnectionId, Host, Net};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// How often a pool is cleaned within its idle timeout, the least period, and the period when
/// connections may be idle forever (NC-6).
const TICKS_PER_IDLE_TIMEOUT: u64 = 4;
const LEAST_PERIOD: SimSpan = SimSpan::from_seconds(1);
const PERIOD_WITHOUT_TIMEOUT: SimSpan = SimSpan::from_seconds(30);

impl SocketsHttp {
    /// Time between two ticks.
    pub(super) fn period(&self) -> SimSpan {
        match self.idle_timeout {
            Some(timeout) => LEAST_PERIOD.max(SimSpan::from_nanos(
                timeout.as_nanos() / TICKS_PER_IDLE_TIMEOUT,
            )),
            None => PERIOD_WITHOUT_TIMEOUT,
        }
    }

    /// Whether an idle connection has been so for longer than allowed: by its handler, for which
    /// exactly the timeout is allowed, or by what its server says (HC-10), for which it is not.
    pub(super) fn is_expired(&self, now: SimTime, id: ConnectionId) -> bool {
        let connection = &self.connections[id];
        let until = |timeout| connection.idle_since.saturating_add(timeout);
        let endpoint = &self.endpoints[connection.endpoint as usize];
        self.idle_timeout
            .is_some_and(|timeout| until(timeout) < now)
            || self.rules.obeys_keep_alive_header
                && (endpoint.keep_alive_timeout).is_some_and(|timeout| until(timeout) <= now)
    }

    /// One tick: removes pools that had no connection and were not used since the last one,
    /// and closes what is idle for too long, too old, or closed by its server (HC-4, HC-8, HC-9).
    pub(super) fn clean<H: Host>(&mut self, net: &mut Net<'_, H>, id: HandlerId) {
        self.handlers[id].tick = None;
        for pool_id in self.pools_of(id).collect::<Vec<_>>() {
            let pool = &mut self.pools[pool_id];
            if pool.n_connections == 0 && !pool.used {
                self.remove_pool(pool_id);
                continue;
            }
            pool.used = false;
            self.clean_pool(net, pool_id);
        }
        if self.handlers[id].n_pools > 0 {
            self.arm_tick(net.now, id);
        } else {
            self.forget_if_empty(id);
        }
    }

    fn clean_pool<H: Host>(&mut self, net: &mut Net<'_, H>, pool: PoolId) {
        let mut next = self.pools[pool].oldest_idle;
        while !next.is_none() {
            let id = next;
            let connection = &self.connections[id];
            next = connection.newer;
            if connection.socket.server_closed
                || self.is_expired(net.now, id)
                || self.is_too_old(net.now, id)
            {
                self.unlink_idle(id);
                self.close(net, id, CloseKind::Graceful, true);
            }
        }
    }
}
