//! Between the headers of a response and its end (AS-7, CN-5, FL-9, TM-5).
//!
//! Mostly the two are one moment, and nothing here is called. A server with a `header-time` of its
//! own tells the headers apart, and so does a timeline that completes its requests itself: their
//! response is there some time before its program closes it.

use super::Framework;
use super::closing::Ending;
use crate::net::request::{Headers, Place};
use crate::net::timeouts::unwatch;
use crate::net::{ConnectionId, Failure, Host, Net, Outcome, RequestId};
use crate::units::SimTime;

impl Framework {
    /// The headers of a response are there; `closes`: they say `Connection: close`. Behind another
    /// response of their pipeline they are read when that has ended.
    pub(super) fn read_headers<H>(
        &mut self,
        net: &mut Net<'_, H>,
        request_id: RequestId,
        closes: bool,
    ) {
        let request = &mut net.requests[request_id];
        let Place::OnConnection(id) = request.place else {
            return;
        };
        let connection = &mut self.connections[id];
        if connection.first_written != request_id {
            request.headers = Headers::Waiting { closes };
            return;
        }
        request.headers = Headers::Read;
        // The request's own timeout watches no further than this (TM-5).
        unwatch(&mut self.timers, request);
        if closes || !request.keep_alive {
            // AS-7: nothing more is written on it.
            connection.keep_alive = false;
            connection.close_announced = true;
            connection.free = false;
        }
    }

    /// Headers that waited for their turn in a pipeline are read.
    pub(super) fn read_waiting_headers<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let first = self.connections[id].first_written;
        if !first.is_none()
            && let Headers::Waiting { closes } = net.requests[first].headers
        {
            self.read_headers(net, first, closes);
        }
    }

    /// Gives back the reservation of a request whose response was being read (FL-9): the read that
    /// fails does that, and a stream that is closed. With `leak-abort-body` no read is under way
    /// when a program aborts.
    pub(super) fn return_reservation_of_reader(&mut self, id: ConnectionId, why: Failure) {
        let leaks = self.rules.leak_abort_body || why == Failure::ResponseBroken;
        if !leaks {
            let connection = &mut self.connections[id];
            connection.reserved = connection.reserved.saturating_sub(1);
        }
    }

    /// CN-5: the program closes a response that ends at `ends_at`. Its stream reads the rest if
    /// that comes within the drain time of the version; else the connection is closed hard. The
    /// request has succeeded either way. Nothing happens before the headers.
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
            return;
        }
        let is_drained = match self.rules.response_drain {
            Some(span) => ends_at <= net.now.saturating_add(span),
            None => true,
        };
        if is_drained {
            return;
        }
        self.placed(id).remove_written(net, request);
        self.finish(net, request, Outcome::Succeeded);
        let connection = &mut self.connections[id];
        connection.keep_alive = false;
        connection.reserved = connection.reserved.saturating_sub(1);
        self.end_connection(net, id, Ending::aborted());
    }
}
