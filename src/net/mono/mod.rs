//! Mono's own `ServicePoint` code, before and after it was rewritten around a scheduler.
//!
//! What both generations share (groups by raw name, one queue a group, connections that have
//! one socket after another) is a `Pool`; what they do with it is [`Mono6`] and
//! [`Mono4`].
//!
//! | file | what | rules |
//! |---|---|---|
//! | `pool.rs` | ServicePoint table and groups | MO-1, MO-2 |
//! | `list.rs` | a group's connections, free ones and its queue | MO-3, MO-4, M4-1 |
//! | `wire.rs` | a connection's sockets, requests on the wire, timeouts | MO-10, MO-12, PT-3 |
//! | `mono6.rs` | `ServicePointScheduler` | MO-4..MO-9, MO-11 |
//! | `mono4.rs` | `WebConnectionGroup` | M4-1..M4-4 |
//!
//! Assumptions, where nothing was read or measured:
//! * A request in flight when its group is closed fails as `RequestCanceled`. The status is
//!   \[U\] in MO-8; the runs measured on 6.8 report `UnknownError` around an aborted read.
//! * An NTLM request has a group of its own here, as everywhere, released when it ends. Real
//!   Mono keys by the raw name (MO-1) and lets the follow-ups of one handshake exceed the limit
//!   (MO-3); a handshake is one request in this model, so nothing exceeds it.
//! * Mono 4's manager was not read for recycling: its ServicePoints stay in the table.
//! * A request whose server is gone before it answers fails as `ConnectionClosed`; nothing is
//!   sent again. What real Mono does there was neither read nor measured.
//! * `ConnectionLeaseTimeout` does nothing (MO-11, M4-5).
//!
//! **Invariant:** while a group's queue holds a request, no connection of the group is free;
//! only Mono 4's closed groups (M4-4) keep a queue without connections. On Mono 6 the group is
//! also at its limit; Mono 4 does not look at its queues when the limit is raised.

/// What both versions do alike with requests and connections, as part of a `ConnectionManager`: how
/// a request is sent, given up and completed is for each version's own functions.
macro_rules! handles_requests_as_mono {
    () => {
        fn submit<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
            self.send_request(net, request);
            self.release_finished(net);
        }

        fn connected<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
            self.pool.connected(net, connection);
        }

        fn connect_failed<H: Host>(
            &mut self,
            net: &mut Net<'_, H>,
            connection: ConnectionId,
            why: Failure,
        ) {
            let request = self.pool.connections[connection].request;
            self.give_up(net, request, why);
            self.release_finished(net);
        }

        fn connection_lost<H: Host>(
            &mut self,
            net: &mut Net<'_, H>,
            connection: ConnectionId,
            serial: u32,
        ) {
            if let Some(request) = self.pool.server_gone(net, connection, serial) {
                self.give_up(net, request, Failure::ConnectionClosed);
                self.release_finished(net);
            }
        }

        /// Assumption: as a connection that is lost before the answer; nothing is sent again.
        fn response_broken<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
            let Place::OnConnection(connection) = net.requests[request].place else {
                return;
            };
            let serial = self.serial_of(connection);
            if let Some(request) = self.pool.server_gone(net, connection, serial) {
                self.give_up(net, request, Failure::ResponseBroken);
                self.release_finished(net);
            }
        }

        /// HW-8: what is all there is dropped, and its connection is used again; else it is reset.
        fn close_response<H: Host>(
            &mut self,
            net: &mut Net<'_, H>,
            request: RequestId,
            ends_at: SimTime,
        ) {
            if net.requests[request].headers != crate::net::Headers::Read {
                return;
            }
            if ends_at <= net.now {
                self.complete(net, request, false);
            } else {
                self.end_early(net, request, Outcome::Succeeded, FirstFin::Nobody);
            }
            self.release_finished(net);
        }

        fn connected_to(&self, endpoint: u32) -> Vec<(ConnectionId, u32)> {
            self.pool.connected_to(endpoint)
        }

        fn serial_of(&self, connection: ConnectionId) -> u32 {
            self.pool.connections[connection].serial as u32
        }

        fn is_connecting(&self, connection: ConnectionId, serial: u32) -> bool {
            self.pool.is_connecting(connection, serial)
        }

        fn response_completed<H: Host>(
            &mut self,
            net: &mut Net<'_, H>,
            request: RequestId,
            server_close: bool,
        ) -> bool {
            let done = self.complete(net, request, server_close);
            self.release_finished(net);
            done
        }

        fn abort<H: Host>(
            &mut self,
            net: &mut Net<'_, H>,
            request: RequestId,
            why: Failure,
        ) -> Aborted {
            let done = self.give_up(net, request, why);
            self.release_finished(net);
            done
        }

        fn server_closed<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
            self.pool.server_closed(net, connection);
        }
    };
}
use handles_requests_as_mono;

mod list;
mod mono4;
mod mono6;
mod pool;
mod snapshot;
#[cfg(test)]
mod tests;
mod wire;

pub use mono4::Mono4;
pub use mono6::Mono6;

use super::EndpointSettings;
use crate::kernel::{RandomStream, arena_id};
use crate::units::SimSpan;
use alloc::vec::Vec;

arena_id!(
    /// A ServicePoint object of one process.
    ServicePointId,
    "service-point"
);
arena_id!(
    /// A connection group of one process.
    GroupId,
    "group"
);

/// What a process is started with.
#[derive(Clone, Debug)]
pub struct MonoSettings {
    /// `ServicePointManager.MaxServicePointIdleTime`; `None` is never.
    pub max_idle_time: Option<SimSpan>,
    /// `HttpWebRequest.Timeout`; `None` is never.
    pub request_timeout: Option<SimSpan>,
    /// `MaxServicePoints`; 0 is unlimited (MO-2).
    pub max_service_points: u32,
    /// The remote endpoints, by number.
    pub endpoints: Vec<EndpointSettings>,
    /// How late timers fire.
    pub timer_slack: SimSpan,
    /// Largest extra lateness of a timer, and the stream it is drawn from.
    pub timer_jitter: Option<(SimSpan, RandomStream)>,
}
