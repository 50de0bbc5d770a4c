//! Mono 6.8's `ServicePointScheduler` (MO-1..MO-12).

use super::pool::{Pool, Timer};
use super::wire::FirstFin;
use super::{GroupId, MonoSettings, ServicePointId};
use crate::model::GroupName;
use crate::net::request::Place;
use crate::net::{
    Aborted, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net, Outcome,
    ProcessSnapshot, RequestId, Requests, SeeSocket, Setting, TimerChange,
};
use crate::units::SimTime;
use alloc::vec::Vec;

/// One process on Mono 6.
///
/// Each idle connection has a delay of its own (MO-5); groups go when they hold nothing, and a
/// ServicePoint one idle time after its last group (MO-6).
#[derive(Clone, Debug)]
pub struct Mono6 {
    pool: Pool,
    /// ServicePoint objects that the program keeps, by endpoint (MO-7).
    held: Vec<ServicePointId>,
}

impl Mono6 {
    /// A process that has not made a request yet.
    pub fn new(settings: MonoSettings) -> Mono6 {
        Mono6 {
            held: alloc::vec![ServicePointId::NONE; settings.endpoints.len()],
            pool: Pool::new(settings),
        }
    }

    /// Sends a request by its group: on a free connection, on a new one, or into the queue.
    fn send_request<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let request = &net.requests[id];
        let (endpoint, name) = (request.endpoint, request.group);
        let held = self.held[endpoint as usize];
        let found = if request.held && !held.is_none() {
            Some(held)
        } else {
            self.pool.find_service_point(net, endpoint)
        };
        let failure = match found {
            Some(sp) if self.pool.service_points[sp].in_table => {
                self.pool.disarm(sp);
                let group = self.pool.find_or_create_group(net, sp, name);
                match self.choose(net, group) {
                    Some(connection) => self.run(net, connection, id),
                    None => self.pool.enqueue(net, group, id),
                }
                self.settle(net, group);
                return;
            }
            // MO-7.
            Some(_) => Failure::ObjectDisposed,
            None => Failure::TooManyServicePoints,
        };
        self.pool.finish(net, id, Outcome::Failed(failure));
    }

    /// The free connection started last (MO-4), else a new one where the limit allows (MO-3).
    fn choose<H: Host>(&mut self, net: &mut Net<'_, H>, group: GroupId) -> Option<ConnectionId> {
        if let Some(id) = self.pool.best_free(group) {
            self.pool.occupy(id);
            if let Some(timer) = self.pool.connections[id].idle.take() {
                self.pool.timers.cancel(timer);
            }
            let endpoint = self.pool.view(id).endpoint;
            net.host.left_idle(id, endpoint);
            return Some(id);
        }
        self.pool
            .has_room(group)
            .then(|| self.pool.add_connection(group))
    }

    /// Runs a request on a connection; a connection that finds no port is gone.
    fn run<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, request: RequestId) {
        let connection = &mut self.pool.connections[id];
        // Started at the same instant: the front of the list, which is the newest.
        connection.rank = (net.now.as_nanos(), connection.created);
        if let Err(failure) = self.pool.start(net, id, request) {
            self.remove(id);
            self.pool.finish(net, request, Outcome::Failed(failure));
        }
    }

    /// A closed connection leaves its group (MO-11).
    fn remove(&mut self, id: ConnectionId) {
        self.pool.count_current(self.pool.connections[id].group, -1);
        self.pool.remove_connection(id);
    }

    /// Starts queued requests while there are connections for them (MO-4).
    fn pump<H: Host>(&mut self, net: &mut Net<'_, H>, group: GroupId) {
        while !self.pool.groups[group].queue.is_none()
            && let Some(connection) = self.choose(net, group)
            && let Some(request) = self.pool.dequeue(net, group)
        {
            self.run(net, connection, request);
        }
    }

    /// MO-6: a group that holds nothing goes, and the last one's going starts the final wait.
    fn settle<H: Host>(&mut self, net: &mut Net<'_, H>, group: GroupId) {
        if !self.pool.is_empty_group(group) {
            return;
        }
        let sp = self.pool.groups[group].service_point;
        if self.pool.groups[group].listed {
            self.pool.unlist_group(net, group);
        }
        self.pool.drop_group_if_unused(group);
        self.wait_if_empty(net.now, sp);
    }

    /// The scheduler makes a pass: where it finds nothing left it waits one idle time, anew.
    fn wait_if_empty(&mut self, now: SimTime, sp: ServicePointId) {
        if self.pool.service_points[sp].first_group.is_none() {
            self.pool.rearm(now, sp);
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
        let id = answered.connection;
        let group = self.pool.connections[id].group;
        if answered.left_open {
            self.pool.leave(net, id);
        } else if !answered.keep_alive {
            self.pool.close_socket(net, id, FirstFin::Announced);
            self.remove(id);
            self.pump(net, group);
            self.settle(net, group);
        } else if let Some(next) = self.pool.dequeue(net, group) {
            self.run(net, id, next);
        } else {
            self.rest(net, id);
        }
        true
    }

    /// MO-5: from now on the connection waits for its *current* idle time.
    fn rest<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        self.pool.vacate(id);
        let sp = self.pool.groups[self.pool.connections[id].group].service_point;
        let queue = self.pool.service_points[sp].idle_queue;
        self.pool.connections[id].idle =
            queue.map(|queue| self.pool.timers.arm(net.now, queue, Timer::Connection(id)));
        self.pool.rest(net, id);
    }

    /// The idle delay is over (MO-5).
    fn close_idle<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let group = self.pool.connections[id].group;
        self.pool.connections[id].idle = None;
        self.pool.close_socket(net, id, FirstFin::Ours);
        self.remove(id);
        self.settle(net, group);
    }

    /// The final wait is over: the ServicePoint is disposed and leaves the table (MO-6).
    fn dispose<H: Host>(&mut self, net: &mut Net<'_, H>, sp: ServicePointId) {
        self.pool.service_points[sp].timer = None;
        self.pool.unlist_service_point(net, sp);
        let endpoint = self.pool.service_points[sp].endpoint;
        if self.held[endpoint as usize] != sp {
            self.pool.service_points.remove(sp);
        }
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

    /// `Abort`: only the connection that carries the request goes. Its own timeout on the wire:
    /// not even that, and its place is lost to the group for good (HW-10).
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
            self.settle(net, group);
            return Aborted::Disassociated;
        };
        let group = self.pool.connections[id].group;
        self.pool.take_off(id);
        self.pool.finish(net, request, outcome);
        if outcome == Outcome::Failed(Failure::Timeout) && self.pool.connections[id].connected {
            self.pool.leave(net, id);
            return Aborted::Disassociated;
        }
        self.pool.close_socket(net, id, first);
        self.remove(id);
        self.pump(net, group);
        self.settle(net, group);
        Aborted::ConnectionClosed
    }

    /// MO-8: everything of the group ends at once.
    fn close_group<H: Host>(&mut self, net: &mut Net<'_, H>, id: GroupId) {
        let canceled = Outcome::Failed(Failure::RequestCanceled);
        self.pool.unlist_group(net, id);
        while let Some(request) = self.pool.dequeue(net, id) {
            self.pool.finish(net, request, canceled);
        }
        loop {
            let front = self.pool.groups[id].front;
            if front.is_none() {
                break;
            }
            if let Some(timer) = self.pool.connections[front].idle.take() {
                self.pool.timers.cancel(timer);
            }
            let request = self.pool.take_off(front);
            self.pool.close_socket(net, front, FirstFin::Ours);
            self.remove(front);
            if !request.is_none() {
                self.pool.finish(net, request, canceled);
                // MO-9: the failed operation counts its connection down a second time.
                self.pool.count_current(id, -1);
            }
        }
        self.settle(net, id);
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

    /// A setting changed: the scheduler makes a pass over every group.
    fn pass<H: Host>(&mut self, net: &mut Net<'_, H>, sp: ServicePointId) {
        let mut ahead = self.pool.service_points[sp].first_group;
        while !ahead.is_none() {
            let group = ahead;
            ahead = self.pool.groups[group].next;
            self.pump(net, group);
            self.settle(net, group);
        }
        self.wait_if_empty(net.now, sp);
    }
}

impl ConnectionManager for Mono6 {
    super::handles_requests_as_mono!();

    fn close_connection_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
    ) -> bool {
        let Some(sp) = self.pool.find_service_point(net, endpoint) else {
            return false;
        };
        match self.pool.find_group(sp, name) {
            Some(group) => {
                self.close_group(net, group);
                self.release_finished(net);
                true
            }
            // The default group is always there, if empty; closing it makes a pass.
            None if name == GroupName::UNNAMED => {
                self.wait_if_empty(net.now, sp);
                true
            }
            None => false,
        }
    }

    fn change_setting<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32, change: Setting) {
        let Some(sp) = self.pool.find_service_point(net, endpoint) else {
            return;
        };
        let changed = match change {
            Setting::MaxIdleTime(span) => self.pool.set_max_idle_time(sp, span),
            Setting::ConnectionLimit(limit) => {
                let now = &mut self.pool.service_points[sp].limit;
                core::mem::replace(now, limit.count()) != limit.count()
            }
            Setting::ConnectionLease(_) => false,
        };
        if changed {
            self.pass(net, sp);
            self.release_finished(net);
        }
    }

    fn hold_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        let found = self.pool.find_service_point(net, endpoint);
        let found = found.unwrap_or(ServicePointId::NONE);
        let previous = core::mem::replace(&mut self.held[endpoint as usize], found);
        if !previous.is_none() && !self.pool.service_points[previous].in_table {
            self.pool.service_points.remove(previous);
        }
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
                Timer::Connection(id) => self.close_idle(net, id),
                Timer::ServicePoint(id) => {
                    self.pool.tell_fired(net, id);
                    self.dispose(net, id);
                }
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
