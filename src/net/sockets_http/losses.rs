//! Connects that fail on the way, and connections whose server is gone.
//!
//! Assumption: a request is sent again, on another connection, when the server closed a reused
//! connection before the answer, and only then (`RequestRetryType.RetryOnConnectionFailure`).
//! Assumption: a connect that was begun for waiters and fails takes the oldest of them with it.

use super::SocketsHttp;
use crate::net::request::Place;
use crate::net::{CloseKind, ConnectionId, Failure, Headers, Host, Net, Outcome, RequestId};
use crate::units::{SimSpan, SimTime};

/// `MaxResponseDrainTime` (`HttpHandlerDefaults.cs`).
const RESPONSE_DRAIN: SimSpan = SimSpan::from_seconds(2);

impl SocketsHttp {
    /// A connect was refused or not answered.
    pub(super) fn fail_connecting<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        why: Failure,
    ) {
        let connection = &mut self.connections[id];
        let pool = connection.pool;
        let own = core::mem::replace(&mut connection.request, RequestId::NONE);
        let request = if own.is_none() {
            self.pools[pool].n_connecting -= 1;
            self.pop_waiter(net, pool)
        } else {
            Some(own)
        };
        if let Some(request) = request {
            self.finish(net, request, Outcome::Failed(why));
        }
        self.close(net, id, CloseKind::Hard, false);
    }

    /// The server's side is gone before the answer; an idle connection has heard a FIN (NC-8).
    pub(super) fn lose<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        if connection.idle || connection.is_left_open {
            self.server_fin(net, id);
            return;
        }
        let again = connection.served > 0;
        let pool = connection.pool;
        let request = core::mem::replace(&mut connection.request, RequestId::NONE);
        self.counts.on_wire -= 1;
        net.requests[request].place = Place::Nowhere;
        self.close(net, id, CloseKind::Hard, false);
        if again {
            let handler = self.pools[pool].handler;
            self.submit_to_pool(net, handler, request);
        } else {
            self.finish(net, request, Outcome::Failed(Failure::ConnectionClosed));
        }
    }

    /// The program closes a response early (HC-17): the rest of it is read for two seconds, and the
    /// connection is used again; a longer one ends it (NC-10).
    pub(super) fn close_early<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        ends_at: SimTime,
    ) {
        let known = &net.requests[request];
        let (Place::OnConnection(id), Headers::Read) = (known.place, known.headers) else {
            return;
        };
        if ends_at <= net.now {
            self.complete(net, request, false);
        } else if ends_at > net.now.saturating_add(RESPONSE_DRAIN) {
            self.counts.on_wire -= 1;
            self.finish(net, request, Outcome::Succeeded);
            self.close(net, id, CloseKind::Graceful, true);
        }
    }

    /// A response breaks off: the request fails, and is not sent again.
    pub(super) fn break_off<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        let Place::OnConnection(id) = net.requests[request].place else {
            return;
        };
        if self.connections[id].connecting {
            return;
        }
        self.counts.on_wire -= 1;
        self.finish(net, request, Outcome::Failed(Failure::ResponseBroken));
        self.close(net, id, CloseKind::Hard, false);
    }
}
