//! Handlers: which of them a request goes through, how old one gets, what becomes of it when
//! nobody refers to it any more (NC-3, HC-12, HC-13).
//!
//! `IHttpClientFactory` gives out one handler until it is `HandlerLifetime` old. What is too old
//! gets no more requests; its connections end by their own idle timeout, or when the factory,
//! which looks every 10 s, finds that a garbage collection has taken everybody who used it.

use super::{HandlerId, PoolId, SocketsHttp, Timer};
use crate::kernel::TimerId;
use crate::model::{Api, ClientPerRequest};
use crate::net::{CloseKind, Host, Net, RequestId};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// How often `IHttpClientFactory` looks which handlers nobody uses any more
/// (`DefaultHttpClientFactory.cs`, `_defaultCleanupInterval`).
const CLEAN_UP_EVERY: SimSpan = SimSpan::from_seconds(10);

/// One `SocketsHttpHandler`.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    /// Its pools by endpoint; none where there is no pool.
    pub(super) pools: Vec<PoolId>,
    pub(super) n_pools: u32,
    /// Its cleaning timer; none without pools.
    pub(super) tick: Option<TimerId>,
    owner: Owner,
}

/// Who refers to a handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Owner {
    /// The program, which sends its requests through it.
    Program,
    /// A factory that gives it out no more. `collected`: nor has anybody else a reference.
    Retired { collected: bool },
    /// A client for one request that the program keeps.
    Held,
    /// A client for one request that nobody keeps once that has ended.
    Dropped,
}

impl SocketsHttp {
    /// A request goes through the handler that it shares with others, or one of its own.
    #[inline]
    pub(super) fn submit_request<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let request = &net.requests[id];
        let taken_out = self.rules.service_point_takes_out && request.held;
        let rule = match self.api {
            Api::HttpClientFactory => ClientPerRequest::No,
            _ if !self.rules.shares_client || taken_out => ClientPerRequest::Disposed,
            _ => request.client_per_request,
        };
        let handler = match rule {
            ClientPerRequest::Disposed => {
                self.open_for(net, id, PoolId::NONE);
                return;
            }
            ClientPerRequest::No => self.shared_handler(net.now),
            ClientPerRequest::Held => self.new_handler(Owner::Held),
            ClientPerRequest::Dropped => self.new_handler(Owner::Dropped),
        };
        self.submit_to_pool(net, handler, id);
    }

    /// The handler that requests share now.
    #[inline]
    fn shared_handler(&mut self, now: SimTime) -> HandlerId {
        if self.current.is_none() {
            self.current = self.new_handler(Owner::Program);
            self.current_ends = (self.handler_lifetime)
                .map_or(SimTime::NEVER, |lifetime| now.saturating_add(lifetime));
        }
        self.current
    }

    fn new_handler(&mut self, owner: Owner) -> HandlerId {
        self.handlers.insert(Handler {
            pools: alloc::vec![PoolId::NONE; self.endpoints.len()],
            n_pools: 0,
            tick: None,
            owner,
        })
    }

    /// The handlers of more than one request: the one that is shared now, and those before it.
    pub(super) fn shared_handlers(&self) -> impl Iterator<Item = HandlerId> + '_ {
        let current = (!self.current.is_none()).then_some(self.current);
        self.retired.iter().copied().chain(current)
    }

    /// The pools that a handler has.
    pub(super) fn pools_of(&self, id: HandlerId) -> impl Iterator<Item = PoolId> + '_ {
        let pools = self.handlers[id].pools.iter().copied();
        pools.filter(|pool| !pool.is_none())
    }

    /// The shared handler gets too old; the factory looks which of those before it are unused.
    pub(super) fn let_handlers_age<H: Host>(&mut self, net: &mut Net<'_, H>) {
        if self.current_ends <= net.now {
            self.current_ends = SimTime::NEVER;
            let old = core::mem::replace(&mut self.current, HandlerId::NONE);
            self.handlers[old].owner = Owner::Retired { collected: false };
            self.retired.push(old);
            let next = net.now.saturating_add(CLEAN_UP_EVERY);
            self.next_clean_up = self.next_clean_up.min(next);
            self.forget_if_empty(old);
        }
        if self.next_clean_up <= net.now {
            for id in self.retired.clone() {
                if self.handlers[id].owner == (Owner::Retired { collected: true }) {
                    self.end_handler(net, id, CloseKind::Graceful);
                }
            }
            self.next_clean_up = if self.retired.is_empty() {
                SimTime::NEVER
            } else {
                net.now.saturating_add(CLEAN_UP_EVERY)
            };
        }
    }

    /// Lets a handler go that has no pools and gets no more requests.
    pub(super) fn forget_if_empty(&mut self, id: HandlerId) {
        if self.handlers[id].n_pools == 0 && self.handlers[id].owner != Owner::Program {
            self.retired.retain(|retired| *retired != id);
            self.handlers.remove(id);
        }
    }

    /// A garbage collection: responses that were left open, clients that were dropped, and what
    /// a factory alone refers to (HC-13, HC-16).
    pub(super) fn collect<H: Host>(&mut self, net: &mut Net<'_, H>) {
        let how = if self.rules.collected_is_reset {
            CloseKind::Hard
        } else {
            CloseKind::Graceful
        };
        for id in core::mem::take(&mut self.left_open) {
            self.close(net, id, how, how == CloseKind::Graceful);
        }
        for id in self.handlers.ids() {
            if self.is_in_use(id) {
                continue;
            }
            match &mut self.handlers[id].owner {
                Owner::Program | Owner::Held => {}
                Owner::Retired { collected } => *collected = true,
                Owner::Dropped => self.end_handler(net, id, how),
            }
        }
    }

    /// Whether a request goes through a handler at the moment.
    fn is_in_use(&self, id: HandlerId) -> bool {
        self.pools_of(id)
            .any(|pool| self.pools[pool].n_waiting() > 0 || self.pools[pool].has_busy())
    }

    /// A handler that nobody uses ends with its connections.
    fn end_handler<H: Host>(&mut self, net: &mut Net<'_, H>, id: HandlerId, how: CloseKind) {
        for pool in self.pools_of(id).collect::<Vec<_>>() {
            while let Some(connection) = self.pools[pool].oldest() {
                self.unlink_idle(connection);
                self.close(net, connection, how, how == CloseKind::Graceful);
            }
            self.remove_pool(pool);
        }
        if let Some(timer) = self.handlers[id].tick.take() {
            self.timers.cancel(timer);
        }
        self.forget_if_empty(id);
    }

    /// Arms the cleaning timer of a handler.
    pub(super) fn arm_tick(&mut self, now: SimTime, id: HandlerId) {
        let due = now.saturating_add(self.period());
        let (timer, _) = self.timers.arm(self.ticks, due, Timer::Tick(id));
        self.handlers[id].tick = Some(timer);
    }
}
