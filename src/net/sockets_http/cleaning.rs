//! The cleaning timer of the shared handler (NC-6, NC-8).

use super::SocketsHttp;
use super::pool::Pool;
use crate::net::{CloseKind, Host, Net};
use crate::units::{SimSpan, SimTime};

/// How often a pool is cleaned within its idle timeout, the least period, and the period when
/// connections may be idle for ever (NC-6).
const TICKS_PER_IDLE_TIMEOUT: u64 = 4;
const LEAST_PERIOD: SimSpan = SimSpan::from_seconds(1);
const PERIOD_WITHOUT_TIMEOUT: SimSpan = SimSpan::from_seconds(30);

impl SocketsHttp {
    /// Time between two ticks.
    fn period(&self) -> SimSpan {
        match self.idle_timeout {
            Some(timeout) => LEAST_PERIOD.max(SimSpan::from_nanos(
                timeout.as_nanos() / TICKS_PER_IDLE_TIMEOUT,
            )),
            None => PERIOD_WITHOUT_TIMEOUT,
        }
    }

    /// The first pool was made.
    pub(super) fn start_cleaning(&mut self, now: SimTime) {
        self.next_tick = now.saturating_add(self.period());
        self.last_tick = None;
    }

    /// Whether a connection that is idle since then has been so for longer than allowed. Being
    /// idle for exactly the timeout is allowed.
    pub(super) fn is_expired(&self, now: SimTime, idle_since: SimTime) -> bool {
        self.idle_timeout
            .is_some_and(|timeout| idle_since.saturating_add(timeout) < now)
    }

    /// One tick: removes pools that had no connection and were not used since the last one,
    /// then closes what is idle for too long, then what is known to be dead.
    pub(super) fn clean<H: Host>(&mut self, net: &mut Net<'_, H>) {
        for endpoint in 0..self.pools.len() {
            let pool = &mut self.pools[endpoint];
            if !pool.exists {
                continue;
            }
            if pool.n_connections == 0 && !pool.used {
                *pool = Pool::absent();
                self.n_pools -= 1;
                continue;
            }
            pool.used = false;
            self.close_expired(net, endpoint);
        }
        self.close_dead(net);
        self.last_tick = Some(net.now);
        self.next_tick = if self.n_pools == 0 {
            SimTime::NEVER
        } else {
            net.now.saturating_add(self.period())
        };
    }

    fn close_expired<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: usize) {
        loop {
            let oldest = self.pools[endpoint].oldest_idle;
            if oldest.is_none() || !self.is_expired(net.now, self.connections[oldest].idle_since) {
                return;
            }
            self.unlink_idle(oldest);
            self.close(net, oldest, CloseKind::Graceful, true);
        }
    }

    /// Closes the connections whose server has closed. .NET Core 3.1 polls at the tick. .NET 8
    /// looks at a read that an earlier tick has begun: a FIN that came before the first tick of
    /// an idle time is found at the second.
    fn close_dead<H: Host>(&mut self, net: &mut Net<'_, H>) {
        let mut unnoticed = core::mem::take(&mut self.unnoticed);
        unnoticed.retain(|(id, serial)| {
            let connection = &self.connections[*id];
            if connection.serial != *serial || !connection.idle {
                return false;
            }
            let found = !self.rules.reads_ahead
                || self
                    .last_tick
                    .is_some_and(|tick| connection.idle_since <= tick);
            if found {
                self.unlink_idle(*id);
                self.close(net, *id, CloseKind::Graceful, true);
            }
            !found
        });
        self.unnoticed = unnoticed;
    }
}
