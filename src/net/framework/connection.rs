//! One connection's life: started, written to, answered, idle (CN-1..CN-12, AS-5).

use super::closing::Ending;
use super::connection_group::IndexKey;
use super::{Framework, GroupId, Timer};
use crate::kernel::TimerId;
use crate::model::GroupName;
use crate::model::settings::Closer;
use crate::net::request::{Place, RequestId, WaitListId};
use crate::net::{
    CloseKind, ConnectionId, Failure, Host, Net, Outcome, PortState, Request, Socket,
};
use crate::units::{SimSpan, SimTime};

/// Requests written and unanswered at which a pipeline pauses, and at which it resumes (K-10).
const PIPELINE_PAUSE_AT: u32 = 10;
const PIPELINE_RESUME_AT: u32 = 5;

/// One Connection object: at most one socket for life (CN-1).
#[derive(Clone, Debug)]
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
    /// `m_ReservedCount`: chosen by AS-2 and not yet answered.
    pub(super) reserved: u32,
    /// Waiting requests.
    pub(super) waiting: u32,
    pub(super) waits: WaitListId,
    /// Written and not finished, in order.
    pub(super) written: u32,
    pub(super) first_written: RequestId,
    pub(super) last_written: RequestId,
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
    pub(super) lease: Option<SimSpan>,
    pub(super) lease_timer: Option<TimerId>,
    pub(super) lease_expired: bool,
    /// The key under which the group's index holds it: (carries, busy).
    pub(super) indexed: (bool, u32),
}

impl Connection {
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

    pub(super) fn index_key(&self, id: ConnectionId) -> IndexKey {
        IndexKey {
            carries_non_keep_alive: self.indexed.0,
            busy: self.indexed.1,
            order: self.serial,
            connection: id,
        }
    }

    /// Where its port is counted.
    fn port_state(&self) -> PortState {
        if !self.connected {
            PortState::Connecting
        } else if self.written > 0 {
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
    /// It was: sent, connecting, or refused a port and ended.
    Done,
    /// The connection was idle for too long or closed by the server (CN-10).
    NotReusable,
    /// No port was free: the request has failed and the connection is gone.
    Refused,
}

impl Framework {
    /// A new connection at the end of the group's list; its port is taken when it connects.
    #[inline(always)]
    pub(super) fn create_connection<H>(
        &mut self,
        net: &mut Net<'_, H>,
        group: GroupId,
    ) -> ConnectionId {
        let sp = &self.service_points[self.groups[group].service_point];
        let lease = sp.lease;
        let endpoint = sp.endpoint;
        let id = self.connections.insert(Connection {
            group,
            name: self.groups[group].name,
            endpoint,
            serial: self.opened,
            socket: Socket::connecting(crate::net::TakenPort {
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
            previous: ConnectionId::NONE,
            next: ConnectionId::NONE,
            listed: true,
            idle: true,
            idle_since: SimTime::NEVER,
            keep_alive: true,
            carries_non_keep_alive: false,
            free: true,
            read_done: true,
            write_done: true,
            connected: false,
            can_pipeline: false,
            pipelining: false,
            pipeline_paused: false,
            close_announced: false,
            lease,
            lease_timer: None,
            lease_expired: false,
            indexed: (false, 0),
        });
        self.opened += 1;
        self.counts.connections += 1;
        self.list_connection(id);
        if lease.is_some() {
            self.start_lease(net.now, id);
        }
        id
    }

    /// Starts the lease anew (TM-6).
    pub(super) fn start_lease(&mut self, now: SimTime, id: ConnectionId) {
        let connection = &mut self.connections[id];
        connection.lease_expired = false;
        // The payload's 32 bits tell a reused number apart.
        let serial = connection.serial as u32;
        connection.lease_timer = connection.lease.map(|lease| {
            let queue = self.timers.queue(lease);
            self.timers.arm(now, queue, Timer::Lease(id, serial))
        });
    }

    /// The lease timer fired; nobody is called back, the next submit reads it (TM-6).
    pub(super) fn lease_expired(&mut self, id: ConnectionId, serial: u32) {
        let connection = &mut self.connections[id];
        if connection.serial as u32 == serial {
            connection.lease_expired = true;
            connection.lease_timer = None;
        }
    }

    /// Starts a request on a connection (CN-10). `polls`: started by a submit, so that a
    /// server's FIN is seen.
    #[inline(always)]
    pub(super) fn start<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request_id: RequestId,
        polls: bool,
    ) -> Start {
        let connection = &mut self.connections[id];
        if connection.written == 0 {
            let sp = self.groups[connection.group].service_point;
            let expired = connection.idle_since != SimTime::NEVER
                && self.service_points[sp]
                    .max_idle_time
                    .is_some_and(|span| connection.idle_since.saturating_add(span) < net.now);
            if expired || (polls && connection.socket.server_closed) {
                return Start::NotReusable;
            }
        }
        if connection.connected && connection.written == 0 {
            net.host.left_idle(id, connection.endpoint);
        }
        let connection = &mut self.connections[id];
        let request = &mut net.requests[request_id];
        connection.idle_since = SimTime::NEVER;
        if !connection.pipeline_paused {
            connection.pipeline_paused = connection.written >= PIPELINE_PAUSE_AT;
        }
        connection.pipelining = connection.can_pipeline && request.pipelined;
        connection.write_done = false;
        if self.rules.keep_alive_ends_at_start && !request.keep_alive {
            connection.keep_alive = false;
        }
        request.place = Place::OnConnection(id);
        Self::append_written(connection, net, request_id);
        self.check_non_idle(id);
        if self.connections[id].connected {
            self.send(net, id, request_id);
            return Start::Done;
        }
        self.begin_connect(net, id, request_id)
    }

    #[inline(always)]
    fn append_written<H>(connection: &mut Connection, net: &mut Net<'_, H>, id: RequestId) {
        let tail = connection.last_written;
        net.requests[id].previous = tail;
        net.requests[id].next = RequestId::NONE;
        if tail.is_none() {
            connection.first_written = id;
        } else {
            net.requests[tail].next = id;
        }
        connection.last_written = id;
        connection.written += 1;
    }

    /// Takes a request off the written list of its connection.
    #[inline(always)]
    pub(super) fn remove_written<H>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request: RequestId,
    ) {
        let Request { previous, next, .. } = net.requests[request];
        let connection = &mut self.connections[id];
        if previous.is_none() {
            connection.first_written = next;
        } else {
            net.requests[previous].next = next;
        }
        if next.is_none() {
            connection.last_written = previous;
        } else {
            net.requests[next].previous = previous;
        }
        connection.written -= 1;
        self.counts.on_wire -= u64::from(connection.connected);
        net.requests[request].place = Place::Nowhere;
    }

    /// Takes a port and connects (CN-2, PT-2).
    #[inline(always)]
    fn begin_connect<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request_id: RequestId,
    ) -> Start {
        let endpoint = self.connections[id].endpoint;
        let port = match net.ports.take(net.now, endpoint) {
            Ok(port) => port,
            Err(refused) => {
                net.host.connect_refused(net.now, endpoint);
                self.fail_connect(net, id, request_id, Failure::NoPort(refused.0));
                return Start::Refused;
            }
        };
        self.connections[id].socket = Socket::connecting(port);
        let view = self.view(id);
        if net.host.connect(net.now, &view, &net.requests[request_id]) {
            self.connections[id].connected = true;
            self.send(net, id, request_id);
        } else {
            self.watch_timeout(net, request_id);
        }
        Start::Done
    }

    /// A connect is answered: what was written on the connection goes on the wire.
    pub(super) fn connect_answered<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        connection.connected = true;
        let first = connection.first_written;
        debug_assert!(!first.is_none(), "a connection is opened for a request");
        self.send(net, id, first);
        self.after_write(net, id);
        self.check_idle(net, id);
        self.reindex(id);
    }

    /// Puts a started request on the wire; its response is being read from now on.
    #[inline(always)]
    fn send<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, request_id: RequestId) {
        let connection = &mut self.connections[id];
        connection.read_done = false;
        connection.write_done = true;
        self.counts.on_wire += 1;
        connection.socket.enter(net.ports, PortState::Busy);
        let request = &mut net.requests[request_id];
        let is_first = connection.first_written == request_id;
        request.answer_at = match request.response {
            Some(response) => net.now.saturating_add(response),
            None => SimTime::NEVER,
        };
        // Behind another request of its pipeline an answer may come later than that.
        if self.timers.is_exact() && is_first && request.completes_in_time(net.now) {
            self.unwatch_timeout(net, request_id);
        } else {
            self.watch_timeout(net, request_id);
        }
        let view = self.view(id);
        net.host
            .sent(net.now, request_id, &net.requests[request_id], &view);
    }

    /// The write of the request started last is finished: a pipeline goes on with the next
    /// waiter (AS-5).
    #[inline(always)]
    pub(super) fn after_write<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &self.connections[id];
        if connection.connected
            && connection.keep_alive
            && (connection.pipelining || connection.read_done)
        {
            self.start_waiters(net, id);
        }
    }

    /// Starts waiting requests while the connection takes them (AS-4). False when the
    /// connection turned out not to be reusable, and is gone.
    #[inline(always)]
    fn start_waiters<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) -> bool {
        loop {
            let Some(next) = self.next_waiter(net, id) else {
                return true;
            };
            match self.start(net, id, next, false) {
                Start::Done => {
                    if !self.connections[id].pipelining {
                        return true;
                    }
                }
                Start::NotReusable => {
                    let ending = Ending::not_reusable();
                    self.end_connection(net, id, ending);
                    self.resubmit(net, next);
                    return false;
                }
                Start::Refused => return false,
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
        self.check_idle(net, id);
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
        let Place::OnConnection(id) = net.requests[request].place else {
            return false;
        };
        let connection = &mut self.connections[id];
        if connection.first_written != request || !connection.connected {
            return false;
        }
        connection.can_pipeline = true;
        // CN-9: applied when the response starts.
        if !net.requests[request].keep_alive || server_close {
            connection.keep_alive = false;
            connection.close_announced = true;
        }
        connection.reserved = connection.reserved.saturating_sub(1);
        connection.served += 1;
        self.remove_written(net, id, request);
        self.finish(net, request, Outcome::Succeeded);
        let connection = &mut self.connections[id];
        if !connection.keep_alive {
            connection.read_done = true;
            self.end_connection(net, id, Ending::after_response());
            return true;
        }
        if connection.written == 0 {
            connection.read_done = true;
            if !self.start_waiters(net, id) {
                return true;
            }
            let connection = &mut self.connections[id];
            if connection.written == 0 {
                let state = connection.port_state();
                connection.socket.enter(net.ports, state);
                if H::OBSERVES || net.host.server_closes_idle(connection.endpoint) {
                    let view = self.view(id);
                    net.host.became_idle(net.now, &view);
                }
            }
        } else {
            let next = connection.first_written;
            if net.requests[next].answer_at <= net.now {
                let view = self.view(id);
                net.host
                    .answer_has_waited(net.now, next, &net.requests[next], &view);
            }
        }
        self.check_idle(net, id);
        self.reindex(id);
        true
    }

    /// A server's FIN on an idle connection: nothing reads, nobody notices (CN-11).
    pub(super) fn notice_fin<H>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        connection.socket.server_closed = true;
        let state = connection.port_state();
        connection.socket.enter(net.ports, state);
    }

    /// CN-6: a connection that is no longer busy becomes idle: the ServicePoint hears first,
    /// then the group.
    #[inline(always)]
    pub(super) fn check_idle<H>(&mut self, net: &Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        if connection.idle || connection.busy() != 0 {
            return;
        }
        connection.idle = true;
        connection.idle_since = net.now;
        let group = connection.group;
        self.groups[group].n_idle += u32::from(connection.listed);
        let sp = self.groups[group].service_point;
        self.decrement(net.now, sp);
        self.decrement_group(net.now, group);
    }

    /// CN-6, the other way.
    #[inline(always)]
    pub(super) fn check_non_idle(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id];
        if !connection.idle || connection.busy() == 0 {
            return;
        }
        connection.idle = false;
        let group = connection.group;
        self.groups[group].n_idle -= u32::from(connection.listed);
        let sp = self.groups[group].service_point;
        self.increment(sp);
        self.increment_group(group);
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
            CloseKind::Hard => self.rules.hard_close_is_fin,
            // PT-3: a race in an exchange that announced the close; the client's own doing
            // where only the client knows that the connection ends (CL-1).
            CloseKind::Graceful => {
                let closer = self.endpoints[connection.endpoint as usize].active_close;
                !connection.close_announced || closer == Closer::Client
            }
        };
        connection.socket.close(net.now, net.ports, client_first);
        let view = self.view(id);
        net.host.closed(net.now, &view, how);
    }
}
