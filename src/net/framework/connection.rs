//! One connection's life: started, written to, answered, idle (CN-1..CN-12, AS-5).

use super::closing::Ending;
use super::connection_group::IndexKey;
use super::exchange::Exchange;
use super::{Framework, GroupId};
use crate::model::GroupName;
use crate::model::settings::Closer;
use crate::net::request::{Place, RequestId, WaitListId};
use crate::net::timeouts::unwatch;
use crate::net::{CloseKind, ConnectionId, Host, Net, Outcome, PortState, Socket, TakenPort};
use crate::units::SimTime;

/// Requests written and unanswered at which a pipeline pauses, and at which it resumes (K-10).
pub(super) const PIPELINE_PAUSE_AT: u32 = 10;
const PIPELINE_RESUME_AT: u32 = 5;

/// One Connection object: at most one socket for life (CN-1).
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are the source's own flags"
)]
pub(super) struct Connection {
    pub(super) group: GroupId,
    pub(super) name: GroupName,
    pub(super) endpoint: u32,
    pub(super) serial: u64,
    pub(super) socket: Socket,
    pub(super) served: u32,
    /// `m_ReservedCount`: chosen by AS-2 and not yet answered. It ends at 0, as the source's does:
    /// in versions that reserve nothing it is 0 all the time.
    pub(super) reserved: u32,
    /// Waiting requests.
    pub(super) waiting: u32,
    pub(super) waits: WaitListId,
    /// Written and not finished, in order.
    pub(super) written: u32,
    pub(super) first_written: RequestId,
    pub(super) last_written: RequestId,
    /// What is kept of the only request that is written, where that has no number (`alone.rs`).
    pub(super) alone: Exchange,
    /// Neighbours in the group's list.
    pub(super) previous: ConnectionId,
    pub(super) next: ConnectionId,
    pub(super) listed: bool,
    /// `m_Idle`: counted as idle by ServicePoint and group (CN-6).
    pub(super) idle: bool,
    /// When it last became idle; [`SimTime::NEVER`] while it is not.
    pub(super) idle_since: SimTime,
    pub(super) keep_alive: bool,
    /// `m_NonKeepAliveRequestPipelined`.
    pub(super) carries_non_keep_alive: bool,
    /// `m_Free`.
    pub(super) free: bool,
    pub(super) read_done: bool,
    pub(super) write_done: bool,
    pub(super) connected: bool,
    /// `m_CanPipeline`: a status line of HTTP/1.1 was read.
    pub(super) can_pipeline: bool,
    /// `m_Pipelining`: the request started last may be followed.
    pub(super) pipelining: bool,
    pub(super) pipeline_paused: bool,
    /// The exchange that ends the connection said `Connection: close` (PT-3).
    pub(super) close_announced: bool,
    /// It carries a response that the program neither reads nor closes (CN-4).
    pub(super) is_left_open: bool,
    /// What the group's index holds of it: whether it carries a non-keep-alive request …
    pub(super) indexed_carries: bool,
    /// … and how busy it is.
    pub(super) indexed_busy: u32,
}

impl Default for Connection {
    /// A connection that has just been made for a request, not yet written.
    #[inline(always)]
    fn default() -> Connection {
        Connection {
            group: GroupId::NONE,
            name: GroupName::UNNAMED,
            endpoint: 0,
            serial: 0,
            socket: Socket::connecting(TakenPort {
                owner: 0,
                table: 0,
                number: 0,
            }),
            served: 0,
            reserved: 0,
            waiting: 0,
            waits: WaitListId::NONE,
            written: 0,
            first_written: RequestId::NONE,
            last_written: RequestId::NONE,
            alone: Exchange::default(),
            previous: ConnectionId::NONE,
            next: ConnectionId::NONE,
            listed: true,
            idle: false,
            idle_since: SimTime::NEVER,
            keep_alive: true,
            carries_non_keep_alive: false,
            free: false,
            read_done: true,
            write_done: false,
            connected: false,
            can_pipeline: false,
            pipelining: false,
            pipeline_paused: false,
            close_announced: false,
            is_left_open: false,
            indexed_carries: false,
            indexed_busy: 0,
        }
    }
}

impl Connection {
    /// Whether AS-2 takes it at once: nothing is on it, and nothing forbids it.
    #[inline(always)]
    pub(super) fn is_free(&self) -> bool {
        self.busy() == 0 && !self.carries_non_keep_alive
    }

    /// Whether it is open, kept alive with nothing on it, and neither closed by its server nor
    /// marked in any way: a request that is not pipelined starts on it at once.
    #[inline(always)]
    pub(super) fn is_at_rest(&self) -> bool {
        self.idle
            && self.free
            && self.write_done
            && !self.carries_non_keep_alive
            && !self.pipeline_paused
            && self.socket.state == PortState::Idle
    }

    /// AS-1.
    #[inline(always)]
    pub(super) fn busy(&self) -> u32 {
        u32::from(!self.read_done) + 2 * (self.waiting + self.written) + self.reserved
    }

    /// What AS-2 looks at.
    #[inline(always)]
    pub(super) fn choice(&self) -> (bool, u32) {
        (self.carries_non_keep_alive, self.busy())
    }

    /// Notes [`Connection::choice`] as what the index holds from now on.
    pub(super) fn note_choice(&mut self) {
        (self.indexed_carries, self.indexed_busy) = self.choice();
    }

    /// The key under which the group's index holds it.
    pub(super) fn index_key(&self, id: ConnectionId) -> IndexKey {
        IndexKey {
            carries_non_keep_alive: self.indexed_carries,
            busy: self.indexed_busy,
            order: self.serial,
            connection: id,
        }
    }

    /// The first of what is written on it is answered; `keep_alive`: neither that nor the answer
    /// says that the connection ends (CN-9: applied when the response starts).
    #[inline(always)]
    pub(super) fn read_answer(&mut self, keep_alive: bool) {
        self.can_pipeline = true;
        if !keep_alive {
            self.keep_alive = false;
            self.close_announced = true;
        }
        self.reserved = self.reserved.saturating_sub(1);
        self.served += 1;
    }

    /// Where its port is counted.
    pub(super) fn port_state(&self) -> PortState {
        if !self.connected {
            PortState::Connecting
        } else if self.written > 0 && !(self.is_left_open && self.socket.server_closed) {
            PortState::Busy
        } else if self.socket.server_closed {
            PortState::CloseWait
        } else {
            PortState::Idle
        }
    }
}

/// Whether a request could be started on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// It was. With `pipelining` the next waiter may follow at once.
    Done {
        /// AS-5.
        pipelining: bool,
    },
    /// The connection was idle for too long or closed by the server (CN-10).
    NotReusable,
}

impl Framework {
    /// Starts a request on a connected connection (CN-10). `polls`: started by a submit, so that a
    /// server's FIN is seen.
    #[inline(always)]
    pub(super) fn start<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
        polls: bool,
    ) -> Start {
        let mut placed = self.placed(id);
        if !placed.is_reusable(net.now, polls) {
            return Start::NotReusable;
        }
        placed.write(net, request);
        placed.send(net, request);
        let connection = &placed.connection;
        Start::Done {
            pipelining: connection.pipelining && connection.keep_alive,
        }
    }

    /// A connect is answered: what was written on the connection goes on the wire.
    pub(super) fn connect_answered<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let mut placed = self.placed(id);
        placed.connection.connected = true;
        let first = placed.connection.first_written;
        assert!(!first.is_none(), "a connection is opened for a request");
        placed.send(net, first);
        placed.check_idle(net.now);
        self.reindex(id);
    }

    /// Starts waiting requests while the connection takes them (AS-4, AS-5). False when the
    /// connection turned out not to be reusable, and is gone.
    #[inline(never)]
    pub(super) fn start_waiters<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
    ) -> bool {
        loop {
            let Some(next) = self.next_waiter(net, id) else {
                return true;
            };
            match self.start(net, id, next, false) {
                Start::Done { pipelining: true } => {}
                Start::Done { pipelining: false } => return true,
                Start::NotReusable => {
                    let ending = Ending::not_reusable();
                    self.end_connection(net, id, ending);
                    self.resubmit(net, next);
                    return false;
                }
            }
        }
    }

    /// The next request to start on the connection, taken off its wait list; or the connection
    /// is free for the next submit.
    #[inline(always)]
    fn next_waiter<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) -> Option<RequestId> {
        let connection = &mut self.connections[id];
        if connection.waits.is_none() {
            connection.free = connection.keep_alive;
            return None;
        }
        let next = net.requests.list(connection.waits).head;
        if connection.pipeline_paused {
            connection.pipeline_paused = connection.written > PIPELINE_RESUME_AT;
        }
        let pipelines = net.requests[next].pipelined
            && connection.can_pipeline
            && connection.pipelining
            && !connection.pipeline_paused;
        if connection.written > 0 && !pipelines {
            return None;
        }
        net.requests.remove_waiter(&mut connection.waits, next);
        connection.waiting -= 1;
        self.counts.queued -= 1;
        // In the runtimes without reservations the connection counts as idle for a moment here.
        self.placed(id).check_idle(net.now);
        Some(next)
    }

    /// The response of `request` was read to its end (CN-7). False when it is not the one
    /// being answered.
    #[inline(always)]
    pub(super) fn complete<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool {
        let answered = &net.requests[request];
        let Place::OnConnection(id) = answered.place else {
            return false;
        };
        let connection = &mut self.connections[id];
        if connection.first_written != request || !connection.connected {
            return false;
        }
        if answered.left_open {
            self.leave_open(net, id, request);
            return true;
        }
        connection.read_answer(answered.keep_alive && !server_close);
        if connection.written > 1 || !connection.waits.is_none() {
            self.complete_before_others(net, id, request);
            return true;
        }
        self.counts.on_wire -= 1;
        self.finish(net, request, Outcome::Succeeded);
        self.end_exchange(net, id);
        true
    }

    /// The program has an answer that it neither reads nor closes: its request has ended, and
    /// holds the connection forever (CN-4).
    #[cold]
    fn leave_open<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, request: RequestId) {
        unwatch(&mut self.timers, &mut net.requests[request]);
        let ended = net.requests[request];
        net.host.ended(net.now, request, &ended, Outcome::Succeeded);
        net.requests.mark_ended(request);
        let connection = &mut self.connections[id];
        connection.served += 1;
        connection.is_left_open = true;
        let view = connection.view(id);
        net.host.left_open(net.now, &view);
    }

    /// What was written on a connection is answered, and nothing else is on it (CN-6, CN-7).
    #[inline(always)]
    pub(super) fn end_exchange<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        connection.first_written = RequestId::NONE;
        connection.last_written = RequestId::NONE;
        connection.written = 0;
        connection.read_done = true;
        if connection.keep_alive {
            self.rest_after_exchange(net, id);
        } else if !self.close_after_exchange(net, id) {
            self.end_connection(net, id, Ending::after_response());
        }
    }

    /// The same where other requests are on the connection, written or waiting.
    #[inline(never)]
    fn complete_before_others<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
    ) {
        let mut placed = self.placed(id);
        placed.remove_written(net, request);
        let ends = !placed.connection.keep_alive;
        let is_last = placed.connection.written == 0;
        placed.connection.read_done = ends || is_last;
        placed.finish(net, request, Outcome::Succeeded);
        if ends {
            self.end_connection(net, id, Ending::after_response());
        } else if !is_last || self.start_waiters(net, id) {
            self.settle(net, id);
        }
    }

    /// Brings everything that counts a connection up to date after a response and, where its
    /// waiters had their turn, after them.
    fn settle<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let mut placed = self.placed(id);
        let next = placed.connection.first_written;
        if next.is_none() {
            placed.rest(net);
        } else if net.requests[next].answer_at <= net.now {
            // Its answer was there before, behind the one that was read now (AS-5).
            let view = placed.connection.view(id);
            net.host
                .answer_has_waited(net.now, next, &net.requests[next], &view);
        }
        placed.check_idle(net.now);
        self.reindex(id);
        self.read_waiting_headers(net, id);
    }

    /// A server's FIN on an idle connection, or a reset by a TCP keep-alive that found it dead
    /// (SP-13): nothing reads, nobody notices (CN-11).
    pub(super) fn notice_fin<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        connection.socket.server_closed = true;
        let state = connection.port_state();
        connection.socket.enter(net.ports, state);
    }

    /// Closes the socket of a connection that has one.
    #[inline(always)]
    pub(super) fn close_socket<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        how: CloseKind,
    ) {
        let connection = &self.connections[id];
        let client_first = match how {
            // What was never established leaves no TIME_WAIT.
            CloseKind::Hard => self.rules.hard_close_is_fin && connection.connected,
            // PT-3: a race in an exchange that announced the close; the client's own doing
            // where only the client knows that the connection ends (CL-1).
            CloseKind::Graceful => {
                let closer = self.endpoints[connection.endpoint as usize].active_close;
                !connection.close_announced || closer == Closer::Client
            }
        };
        connection.socket.close(net.now, net.ports, client_first);
        let view = self.connections[id].view(id);
        net.host.closed(net.now, &view, how);
    }
}
