//! Mono 4's `WebConnectionGroup` and its ServicePoint's sweep (M4-1..M4-4).
//!
//! A connection object stays in its group's list when its socket is closed after a response,
//! by a failure or a timeout; its next request connects again. Only the sweep and
//! `CloseConnectionGroup` remove objects.

use super::pool::{Pool, Timer};
use super::wire::FirstFin;
use super::{GroupId, MonoSettings, ServicePointId};
use crate::kernel::{Lane, Lanes};
use crate::model::GroupName;
use crate::net::request::Place;
use crate::net::{
    Aborted, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net, Outcome,
    ProcessSnapshot, RequestId, Requests, SeeSocket, Setting, TimerChange,
};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// One process on Mono 4.
#[derive(Clone, Debug)]
pub struct Mono4 {
    pool: Pool,
    /// The free connections of each ServicePoint, in the order in which they became free.
    idle: Lanes<ConnectionId>,
    /// What each ServicePoint's sweep needs, by the ServicePoint's number.
    sweeps: Vec<Sweep>,
    /// How often a connection was put at the front of its list.
    moves: u64,
}

/// The periodic timer of one ServicePoint (M4-2).
#[derive(Clone, Copy, Debug)]
struct Sweep {
    line: Lane,
    runs: bool,
    /// A group may be above the limit, because the limit was lowered.
    over_limit: bool,
}

impl Mono4 {
    /// A process that has not made a request yet.
    pub fn new(settings: MonoSettings) -> Mono4 {
        Mono4 {
            pool: Pool::new(settings),
            idle: Lanes::new(),
            sweeps: Vec::new(),
            moves: 0,
        }
    }

    fn find_service_point<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
    ) -> Option<ServicePointId> {
        let found = self.pool.find_service_point(net, endpoint)?;
        // ServicePoints never go, so their numbers count up.
        if self.sweeps.len() == found.0 as usize {
            self.sweeps.push(Sweep {
                line: self.idle.open(),
                runs: false,
                over_limit: false,
            });
        }
        Some(found)
    }

    fn send_request<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let request = &net.requests[id];
        let (endpoint, name) = (request.endpoint, request.group);
        let Some(sp) = self.find_service_point(net, endpoint) else {
            let failure = Outcome::Failed(Failure::TooManyServicePoints);
            self.pool.finish(net, id, failure);
            return;
        };
        let group = self.pool.find_or_create_group(net, sp, name);
        if let Some(connection) = self.choose(net, group) {
            self.touch(connection);
            self.run(net, connection, id);
        } else {
            // M4-1: the last connection is chosen, and its request waits for any.
            self.touch(self.pool.groups[group].back);
            self.pool.enqueue(net, group, id);
        }
    }

    /// M4-1: the first free connection of the list, else a new one where the limit allows.
    fn choose<H: Host>(&mut self, net: &mut Net<'_, H>, group: GroupId) -> Option<ConnectionId> {
        if let Some(id) = self.pool.best_free(group) {
            self.leave_line(id);
            if self.pool.connections[id].socket.is_some() {
                let endpoint = self.pool.view(id).endpoint;
                net.host.left_idle(id, endpoint);
            }
            return Some(id);
        }
        if !self.pool.has_room(group) {
            return None;
        }
        let id = self.pool.add_connection(group);
        let sp = self.pool.groups[group].service_point;
        let sweep = &mut self.sweeps[sp.0 as usize];
        if !core::mem::replace(&mut sweep.runs, true) {
            self.pool.rearm(net.now, sp);
        }
        Some(id)
    }

    /// A chosen connection comes to the front of its list (M4-1).
    fn touch(&mut self, id: ConnectionId) {
        self.pool.move_to_front(id);
        self.moves += 1;
        self.pool.connections[id].rank = (self.moves, 0);
    }

    fn leave_line(&mut self, id: ConnectionId) {
        self.pool.occupy(id);
        if let Some(place) = self.pool.connections[id].idle.take() {
            self.idle.cancel(place);
        }
    }

    /// Runs a request on a connection, and the next ones of the queue if it finds no port.
    fn run<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, request: RequestId) {
        if let Err(failure) = self.pool.start(net, id, request) {
            self.pool.finish(net, request, Outcome::Failed(failure));
            self.go_on(net, id);
        }
    }

    /// A connection that carries nothing takes the next request of its group's queue, or rests.
    fn go_on<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let group = self.pool.connections[id].group;
        while let Some(next) = self.pool.dequeue(net, group) {
            match self.pool.start(net, id, next) {
                Ok(()) => return,
                Err(failure) => self.pool.finish(net, next, Outcome::Failed(failure)),
            }
        }
        self.pool.vacate(id);
        let sp = self.pool.groups[group].service_point;
        let line = self.sweeps[sp.0 as usize].line;
        self.pool.connections[id].idle = Some(self.idle.arm(line, net.now, id).0);
        if self.pool.connections[id].socket.is_some() {
            self.pool.rest(net, id);
        }
    }

    fn complete<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool {
        let Some(answered) = self.pool.response_read(net, request, server_close) else {
            return false;
        };
        if answered.left_open {
            self.pool.leave(net, answered.connection);
            return true;
        }
        if !answered.keep_alive {
            self.pool
                .close_socket(net, answered.connection, FirstFin::Announced);
        }
        self.go_on(net, answered.connection);
        true
    }

    /// A request ends without its answer: with a FIN of ours where it is on the wire.
    fn give_up<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        why: Failure,
    ) -> Aborted {
        self.end_early(net, request, Outcome::Failed(why), FirstFin::Ours)
    }

    fn end_early<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        outcome: Outcome,
        first: FirstFin,
    ) -> Aborted {
        let Place::OnConnection(id) = net.requests[request].place else {
            let group = self.pool.leave_queue(net, request);
            self.pool.finish(net, request, outcome);
            self.pool.drop_group_if_unused(group);
            return Aborted::Disassociated;
        };
        self.pool.take_off(id);
        self.pool.finish(net, request, outcome);
        self.pool.close_socket(net, id, first);
        self.go_on(net, id);
        Aborted::ConnectionClosed
    }

    /// A tick of the sweep (M4-2): `CurrentConnections` does not hear of it (M4-3).
    fn sweep<H: Host>(&mut self, net: &mut Net<'_, H>, sp: ServicePointId) {
        self.pool.service_points[sp].timer = None;
        let span = self.pool.service_points[sp].max_idle_time;
        if let Some(span) = span
            && let Some(until) = net.now.as_nanos().checked_sub(span.as_nanos())
        {
            let line = self.sweeps[sp.0 as usize].line;
            while let Some(id) = self.idle.pop_due(line, SimTime::from_nanos(until)) {
                self.pool.connections[id].idle = None;
                self.recycle(net, id);
            }
        }
        if self.sweeps[sp.0 as usize].over_limit {
            self.sweep_beyond_limit(net, sp);
        }
        if self.pool.service_points[sp].first_group.is_none() {
            self.sweeps[sp.0 as usize].runs = false;
        } else if span != Some(SimSpan::ZERO) {
            // A `System.Threading.Timer` whose period is zero ticks once.
            self.pool.rearm(net.now, sp);
        }
    }

    /// Closes the free connections behind the first `limit` of each list. Linear in the groups,
    /// and only after the limit was lowered.
    fn sweep_beyond_limit<H: Host>(&mut self, net: &mut Net<'_, H>, sp: ServicePointId) {
        let limit = self.pool.service_points[sp].limit;
        let mut still_over = false;
        let mut ahead = self.pool.service_points[sp].first_group;
        while !ahead.is_none() {
            let group = ahead;
            ahead = self.pool.groups[group].next;
            let mut behind = self.pool.groups[group].front;
            let mut place = 0;
            while !behind.is_none() {
                let id = behind;
                behind = self.pool.connections[id].next;
                place += 1;
                if place <= limit {
                    continue;
                }
                if self.pool.connections[id].idle.is_some() {
                    self.leave_line(id);
                    self.recycle(net, id);
                } else {
                    still_over = true;
                }
            }
        }
        self.sweeps[sp.0 as usize].over_limit = still_over;
    }

    /// Closes a free connection; a group without connections goes.
    fn recycle<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let group = self.pool.connections[id].group;
        self.pool.close_socket(net, id, FirstFin::Ours);
        self.pool.remove_connection(id);
        if self.pool.groups[group].len == 0 {
            self.pool.unlist_group(net, group);
            self.pool.drop_group_if_unused(group);
        }
    }

    /// M4-4: every connection is closed at once; the queue is left to itself.
    fn close_group<H: Host>(&mut self, net: &mut Net<'_, H>, id: GroupId) {
        self.pool.unlist_group(net, id);
        loop {
            let front = self.pool.groups[id].front;
            if front.is_none() {
                break;
            }
            self.leave_line(front);
            let request = self.pool.take_off(front);
            self.pool.close_socket(net, front, FirstFin::Ours);
            self.pool.count_current(id, -1);
            self.pool.remove_connection(front);
            if !request.is_none() {
                let canceled = Outcome::Failed(Failure::RequestCanceled);
                self.pool.finish(net, request, canceled);
            }
        }
        self.pool.drop_group_if_unused(id);
    }

    /// Closes the groups of requests that ended in this step (CG-9).
    fn release_finished<H: Host>(&mut self, net: &mut Net<'_, H>) {
        while let Some((endpoint, name)) = self.pool.to_release.pop() {
            let sp = self.pool.listed(endpoint);
            if let Some(group) = sp.and_then(|sp| self.pool.find_group(sp, name)) {
                self.close_group(net, group);
            }
        }
    }

    /// `ServicePoint.MaxIdleTime = …` re-bases the period (M4-2).
    fn set_max_idle_time(&mut self, now: SimTime, sp: ServicePointId, span: Option<SimSpan>) {
        if self.pool.set_max_idle_time(sp, span) && self.sweeps[sp.0 as usize].runs {
            self.pool.rearm(now, sp);
        }
    }
}

impl ConnectionManager for Mono4 {
    super::handles_requests_as_mono!();

    fn close_connection_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
    ) -> bool {
        let Some(sp) = self.find_service_point(net, endpoint) else {
            return false;
        };
        // An unknown group is created, closed and removed, which leaves nothing (M4-4).
        if let Some(group) = self.pool.find_group(sp, name) {
            self.close_group(net, group);
            self.release_finished(net);
        }
        true
    }

    fn change_setting<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32, change: Setting) {
        let Some(sp) = self.find_service_point(net, endpoint) else {
            return;
        };
        match change {
            Setting::MaxIdleTime(span) => self.set_max_idle_time(net.now, sp, span),
            Setting::ConnectionLimit(limit) => {
                let now = &mut self.pool.service_points[sp].limit;
                let before = core::mem::replace(now, limit.count());
                self.sweeps[sp.0 as usize].over_limit |= limit.count() < before;
            }
            Setting::ConnectionLease(_) => {}
        }
    }

    /// ServicePoints never leave the table, so a held one is the listed one.
    fn hold_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        self.find_service_point(net, endpoint);
    }

    fn next_wake(&self) -> SimTime {
        self.pool.timers.next_wake()
    }

    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>) {
        let mut cursor = 0;
        while let Some(timer) = self.pool.timers.pop_due(net.now, &mut cursor) {
            match timer {
                Timer::Request(id) => {
                    net.requests[id].timer = None;
                    self.give_up(net, id, Failure::Timeout);
                }
                Timer::ServicePoint(id) => {
                    self.pool.tell_fired(net, id);
                    self.sweep(net, id);
                }
                Timer::Connection(_) => unreachable!("connections have no timers of their own"),
            }
            self.release_finished(net);
        }
    }

    fn counts(&self) -> ManagerCounts {
        self.pool.counts
    }

    fn timers_are_exact(&self) -> bool {
        self.pool.timers.is_exact()
    }

    fn watch_timers(&mut self) {
        self.pool.timers.watch();
    }

    fn take_timer_changes(&mut self) -> alloc::vec::Vec<TimerChange> {
        self.pool.timers.take_changes()
    }

    fn snapshot(&self, requests: &Requests) -> ProcessSnapshot {
        self.pool.process_snapshot(requests)
    }

    fn for_each_socket(&self, see: &mut SeeSocket<'_>) {
        self.pool.see_sockets(see);
    }

    fn idle_connections(&self, endpoint: u32, name: GroupName) -> Vec<ConnectionId> {
        self.pool.idle_connections(endpoint, name)
    }
}
