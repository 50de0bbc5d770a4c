//! Connects that fail on the way, and connections whose server is gone (FL-1, FL-3, FL-5).

use super::Framework;
use super::closing::Ending;
use crate::net::request::{Headers, Place};
use crate::net::{ConnectionId, Failure, Host, Net, Outcome, RequestId};

impl Framework {
    /// FL-1: a connect was refused or not answered: `ConnectFailure`, nothing is re-submitted
    /// but who waited for the connection (FL-2).
    pub(super) fn fail_connecting<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        why: Failure,
    ) {
        let request = self.connections[id].first_written;
        assert!(!request.is_none(), "a connection is opened for a request");
        self.placed(id).remove_written(net, request);
        self.end_connection(net, id, Ending::never_connected());
        self.finish(net, request, Outcome::Failed(why));
    }

    /// FL-3: the server's FIN or reset comes before the answer; behind its headers that is FL-5. An
    /// idle connection does not notice (CN-11).
    pub(super) fn lose<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        if self.connections[id].written == 0 || self.connections[id].is_left_open {
            self.notice_fin(net, id);
            return;
        }
        let connection = &mut self.connections[id];
        connection.socket.server_closed = true;
        let first = connection.first_written;
        if net.requests[first].headers == Headers::Read {
            self.abort_or_disassociate(net, first, Failure::ResponseBroken);
            return;
        }
        connection.keep_alive = false;
        let ending = Ending::server_gone(connection.served > 0);
        self.end_connection(net, id, ending);
    }

    /// FL-5: the server's FIN or reset comes in the middle of a response. For its connection that
    /// is an abort of the request: doomed and closed hard, nothing sent again for it. Where
    /// another response is being read, the connection is lost under all of them (FL-3).
    pub(super) fn break_off<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        let Place::OnConnection(id) = net.requests[request].place else {
            return;
        };
        let connection = &mut self.connections[id];
        if !connection.connected {
            return;
        }
        if connection.first_written != request {
            self.lose(net, id);
            return;
        }
        connection.socket.server_closed = true;
        self.abort_or_disassociate(net, request, Failure::ResponseBroken);
    }
}
