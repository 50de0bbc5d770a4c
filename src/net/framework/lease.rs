//! `ConnectionLeaseTimeout` (TM-6): how old a connection may get.
//!
//! Kept beside the connections, not in them: hardly any program sets it.

use super::{Framework, ServicePointId, Timer};
use crate::kernel::TimerId;
use crate::net::{ConnectionId, Net, RequestId};
use crate::units::{SimSpan, SimTime};

/// The lease of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Lease {
    /// How long; `None` is forever.
    span: Option<SimSpan>,
    timer: Option<TimerId>,
    expired: bool,
}

impl Framework {
    /// A new connection gets the lease of its ServicePoint.
    pub(super) fn begin_lease(&mut self, now: SimTime, id: ConnectionId) {
        let group = self.connections[id].group;
        let span = self.service_points[self.groups[group].service_point].lease;
        *self.lease_of(id) = Lease {
            span,
            ..Lease::default()
        };
        self.start_lease(now, id);
    }

    /// A connection that found no port had a lease, whose timer runs out all the same; only
    /// inexact passes can tell.
    pub(super) fn begin_lease_of_refused(&mut self, now: SimTime, service_point: ServicePointId) {
        if self.timers.is_exact() {
            return;
        }
        if let Some(span) = self.service_points[service_point].lease {
            let queue = self.timers.queue(span);
            let nobody = Timer::Lease(ConnectionId::NONE, 0);
            self.timers.arm(now, queue, nobody);
        }
    }

    /// A connection is gone. The source lets its timer run out; nobody can see that when passes
    /// are exact.
    pub(super) fn end_lease(&mut self, id: ConnectionId) {
        let lease = core::mem::take(self.lease_of(id));
        if let Some(timer) = lease.timer
            && self.timers.is_exact()
        {
            self.timers.cancel(timer);
        }
    }

    /// A changed lease starts anew; an expired one makes this request the connection's last.
    pub(super) fn check_lease<H>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
    ) {
        let group = self.connections[id].group;
        let span = self.service_points[self.groups[group].service_point].lease;
        if self.lease_of(id).span != span {
            if let Some(timer) = self.lease_of(id).timer.take() {
                self.timers.cancel(timer);
            }
            self.lease_of(id).span = span;
            self.start_lease(net.now, id);
        }
        if self.lease_of(id).expired {
            net.requests[request].keep_alive = false;
        }
    }

    /// Starts the lease anew.
    fn start_lease(&mut self, now: SimTime, id: ConnectionId) {
        // The payload's 32 bits tell a reused number apart.
        let serial = self.connections[id].serial as u32;
        let span = self.lease_of(id).span;
        let timer = span.map(|span| {
            let queue = self.timers.queue(span);
            self.timers.arm(now, queue, Timer::Lease(id, serial))
        });
        let lease = self.lease_of(id);
        lease.expired = false;
        lease.timer = timer;
    }

    /// The lease timer fired; nobody is called back, the next submit reads it.
    pub(super) fn lease_expired(&mut self, id: ConnectionId, serial: u32) {
        if !id.is_none() && self.connections[id].serial as u32 == serial {
            let lease = self.lease_of(id);
            lease.expired = true;
            lease.timer = None;
        }
    }

    fn lease_of(&mut self, id: ConnectionId) -> &mut Lease {
        let place = id.0 as usize;
        if self.leases.len() <= place {
            self.leases.resize(place + 1, Lease::default());
        }
        &mut self.leases[place]
    }
}
