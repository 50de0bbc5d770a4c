//! The host of the connection managers: schedules what takes time, tells the observer.

use super::clients::Clients;
use super::event::{Event, HeldBackId, Packed, SentRequest};
use super::observation::{Observation, Observer};
use super::path::Path;
use super::retry::Retries;
use super::service::Servers;
use super::source::Source;
use crate::kernel::{Arena, EventQueue, Lane, Lanes, Phase, TimerId};
use crate::model::GroupName;
use crate::net::{
    CloseKind, ConnectionId, ConnectionView, Failure, Host, Outcome, Request, RequestId,
};
use crate::units::{SimSpan, SimTime};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// What the engine knows of one remote endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote {
    /// The lane of its idle closes and how long it waits; `None` never closes.
    pub(super) idle_close: Option<(Lane, SimSpan)>,
    /// Whether somebody has to know of its idle connections: it, or a NAT.
    pub(super) tells_idle: bool,
    /// It closes behind its answer to the n-th request of a connection.
    pub(super) closes_after_requests: Option<u32>,
    /// Whether that answer says `Connection: close`.
    pub(super) says_close: bool,
}

/// An idle connection that its server will close.
#[derive(Clone, Copy, Debug)]
pub(super) struct FinDue {
    pub(super) process: u32,
    pub(super) view: ConnectionView,
}

/// Everything that moves time on.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says what a scenario has, so that what it has not costs nothing"
)]
pub(super) struct Engine<'t, 'o, O: ?Sized> {
    pub(super) queue: EventQueue<Packed>,
    pub(super) sources: Vec<Source<'t>>,
    pub(super) retries: Vec<Option<Retries>>,
    /// The servers, where one of them is more than a delay.
    pub(super) servers: Option<Box<Servers>>,
    /// What is between the machines and the servers, where anything is.
    pub(super) path: Option<Box<Path>>,
    pub(super) held_back: Arena<HeldBackId, Request>,
    pub(super) remotes: Vec<Remote>,
    pub(super) fins: Lanes<FinDue>,
    /// When the server closes a connection, by process and connection.
    pub(super) fin_timers: Vec<Vec<Option<TimerId>>>,
    pub(super) next_fin: SimTime,
    /// Whether anybody has to know of idle connections: a server that closes them, or a NAT.
    pub(super) servers_close_idle: bool,
    /// Whether any workload is closed: its users ask again after each answer.
    pub(super) has_users: bool,
    /// Whether each process's timers fire exactly when due.
    pub(super) exact: Vec<bool>,
    /// Whether those of all processes do.
    pub(super) all_exact: bool,
    /// The requests of timelines that have not ended, by workload and the author's number.
    pub(super) timeline_requests: BTreeMap<(u32, u64), RequestId>,
    /// The process that is being called.
    pub(super) process: u32,
    /// Events that were carried out.
    pub(super) events: u64,
    pub(super) arrived: u64,
    /// Fresh names that were given: the number of the next.
    pub(super) fresh_names: u64,
    pub(super) failed: u64,
    /// Those of them that their own timeout ended.
    pub(super) timed_out: u64,
    /// Connections that were established.
    pub(super) opened: u64,
    /// The same by program, where there are several.
    pub(super) clients: Clients,
    /// A connection was opened since this was last asked.
    pub(super) opened_one: bool,
    pub(super) observer: &'o mut O,
}

impl<O: Observer + ?Sized> Engine<'_, '_, O> {
    /// The lane whose next idle close comes first, if it is due at `next_fin`.
    pub(super) fn take_fin(&mut self, now: SimTime) -> Option<FinDue> {
        let mut taken = None;
        for remote in &self.remotes {
            let Some((lane, _)) = remote.idle_close else {
                continue;
            };
            if let Some(due) = self.fins.pop_due(lane, now) {
                self.fin_timers[due.process as usize][due.view.id.0 as usize] = None;
                taken = Some(due);
                break;
            }
        }
        self.find_next_fin();
        taken
    }

    fn find_next_fin(&mut self) {
        self.next_fin = SimTime::NEVER;
        for remote in &self.remotes {
            if let Some((lane, _)) = remote.idle_close {
                self.next_fin = self.next_fin.min(self.fins.next_due(lane));
            }
        }
    }

    /// Nothing is left to do on a connection as far as its server can see: from now on it may
    /// close it.
    #[inline]
    fn left_to_server(&mut self, now: SimTime, connection: &ConnectionView) {
        if let Some(path) = &mut self.path {
            path.packet(now, self.process, connection.id);
        }
        let remote = self.remotes[connection.endpoint as usize];
        let Some((lane, span)) = remote.idle_close else {
            return;
        };
        let due = FinDue {
            process: self.process,
            view: *connection,
        };
        let (timer, _) = self.fins.arm(lane, now.saturating_add(span), due);
        let timers = &mut self.fin_timers[self.process as usize];
        let place = connection.id.0 as usize;
        if timers.len() <= place {
            timers.resize(place + 1, None);
        }
        timers[place] = Some(timer);
        self.find_next_fin();
    }

    fn cancel_fin(&mut self, connection: ConnectionId, endpoint: u32) {
        if self.remotes[endpoint as usize].idle_close.is_none() {
            return;
        }
        let timers = &mut self.fin_timers[self.process as usize];
        if let Some(timer) = timers.get_mut(connection.0 as usize).and_then(Option::take) {
            self.fins.cancel(timer);
            self.find_next_fin();
        }
    }
}

impl<O: Observer + ?Sized> Engine<'_, '_, O> {
    /// A connect is answered.
    #[inline(always)]
    pub(super) fn connected(&mut self, now: SimTime, connection: ConnectionId) {
        self.opened += 1;
        if let Some(client) = self.clients.of_process(self.process) {
            client.opened += 1;
        }
        self.observer
            .observe(now, Observation::Connected(connection));
    }

    /// A connect begins.
    #[inline(always)]
    pub(super) fn opens(&mut self, now: SimTime, connection: &ConnectionView) {
        self.opened_one = true;
        self.observer
            .observe(now, Observation::ConnectionOpened(*connection));
    }

    /// A connect with nothing on its way: answered at once, or after its time.
    #[inline(always)]
    pub(super) fn connect_directly(
        &mut self,
        now: SimTime,
        connection: &ConnectionView,
        request: &Request,
    ) -> bool {
        if request.connect_time.is_zero() {
            self.connected(now, connection.id);
            return true;
        }
        let event = Event::ConnectAnswered {
            process: self.process,
            connection: connection.id,
            serial: connection.serial as u32,
        };
        self.queue.schedule(
            now.saturating_add(request.connect_time),
            Phase::Network,
            event,
        );
        false
    }

    /// Its program, or nobody, completes a request: if it does, the response is there before.
    #[cold]
    fn response_is_closed_by_program(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
    ) {
        let Some(response) = request.response else {
            return;
        };
        let event = Event::HeadersArrived {
            request: id,
            serial: request.serial as u32,
            connection: connection.serial as u32,
            closes: false,
        };
        let at = now.saturating_add(response);
        self.queue.schedule(at, Phase::Network, event);
    }

    /// The end of a response is read at `at`, if the request is the one being answered then.
    #[inline(always)]
    fn schedule_response(
        &mut self,
        at: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
    ) {
        let closes = self.remotes[connection.endpoint as usize]
            .closes_after_requests
            .is_some_and(|n| connection.served + 1 >= n);
        let serial = request.serial as u32;
        let event = Event::ResponseArrived {
            to: SentRequest::Numbered { id, serial },
            closes,
        };
        self.queue.schedule(at, Phase::Network, event);
    }
}

impl<O: Observer + ?Sized> Host for Engine<'_, '_, O> {
    #[inline(always)]
    fn observes(&self) -> bool {
        self.observer.observes_each_step()
    }

    #[inline(always)]
    fn observes_moves(&self) -> bool {
        self.observer.observes_moves()
    }

    #[inline(always)]
    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool {
        self.opens(now, connection);
        if self.path.is_some() {
            return self.connect_by_path(now, connection, request.connect_time);
        }
        self.connect_directly(now, connection, request)
    }

    fn connect_refused(&mut self, now: SimTime, endpoint: u32) {
        let process = self.process;
        self.observer
            .observe(now, Observation::ConnectRefused { process, endpoint });
    }

    #[inline(always)]
    fn sent(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
    ) {
        self.observer
            .observe(now, Observation::RequestSent(request.view(), *connection));
        let Some(response) = request.response.filter(|_| !request.closed_by_program) else {
            self.response_is_closed_by_program(now, id, request, connection);
            return;
        };
        if request.answer_is_open {
            self.hand_over(now, id, request, connection, response);
            return;
        }
        // A response that its own timeout will cut short never arrives.
        let exact = self.all_exact || self.exact[request.process as usize];
        if !exact || request.completes_in_time(now) {
            self.schedule_response(now.saturating_add(response), id, request, connection);
        }
    }

    #[cold]
    fn answer_has_waited(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
    ) {
        self.schedule_response(now, id, request, connection);
    }

    fn waits(
        &mut self,
        now: SimTime,
        _id: RequestId,
        request: &Request,
        connection: Option<ConnectionId>,
    ) {
        self.observer
            .observe(now, Observation::RequestQueued(request.view(), connection));
    }

    #[inline(always)]
    fn ended(&mut self, now: SimTime, id: RequestId, request: &Request, mut outcome: Outcome) {
        if request.answer_is_open {
            outcome = self.leaves_server(now, id, request, outcome);
        }
        if request.tag > 0 {
            self.timeline_requests
                .remove(&(request.workload, request.tag - 1));
        }
        if let Outcome::Failed(failure) = outcome {
            if self.try_again(now, request, failure) {
                return;
            }
            self.failed += 1;
            self.timed_out += u64::from(failure == Failure::Timeout);
            if let Some(client) = self.clients.of_process(request.process) {
                client.failed += 1;
            }
        }
        if request.may_retry
            && let Some(retries) = &mut self.retries[request.workload as usize]
        {
            retries.forget(request.serial);
        }
        self.observer
            .observe(now, Observation::RequestEnded(request.view(), outcome));
        if !self.has_users {
            return;
        }
        let source = &mut self.sources[request.workload as usize];
        if source.times.n_users().is_some()
            && let Some(at) = source.times.after_thinking(now)
        {
            let event = Event::UserAsks {
                workload: request.workload,
            };
            self.queue.schedule(at, Phase::Arrival, event);
        }
    }

    #[inline]
    fn became_idle(&mut self, now: SimTime, connection: &ConnectionView) {
        self.observer
            .observe(now, Observation::ConnectionIdle(*connection));
        self.left_to_server(now, connection);
    }

    fn left_open(&mut self, now: SimTime, connection: &ConnectionView) {
        self.observer
            .observe(now, Observation::ResponseLeftOpen(*connection));
        self.left_to_server(now, connection);
    }

    #[inline(always)]
    fn left_idle(&mut self, connection: ConnectionId, endpoint: u32) {
        if self.servers_close_idle {
            self.cancel_fin(connection, endpoint);
        }
    }

    #[inline(always)]
    fn server_closes_idle(&self, endpoint: u32) -> bool {
        self.servers_close_idle && self.remotes[endpoint as usize].tells_idle
    }

    #[inline(always)]
    fn closed(&mut self, now: SimTime, connection: &ConnectionView, how: CloseKind) {
        self.left_idle(connection.id, connection.endpoint);
        if self.path.is_some() {
            self.left_path(now, connection, how == CloseKind::Hard);
        }
        self.observer.observe(
            now,
            Observation::ConnectionClosed {
                process: self.process,
                connection: *connection,
                how,
            },
        );
    }

    #[inline]
    fn group_changed(&mut self, now: SimTime, endpoint: u32, name: GroupName, created: bool) {
        let observation = if created {
            Observation::GroupCreated { endpoint, name }
        } else {
            Observation::GroupReleased { endpoint, name }
        };
        self.observer.observe(now, observation);
    }

    fn idle_timer_fired(&mut self, now: SimTime, endpoint: u32, group: Option<GroupName>) {
        let fired = Observation::IdleTimerFired { endpoint, group };
        self.observer.observe(now, fired);
    }

    fn service_point_changed(&mut self, now: SimTime, endpoint: u32, created: bool) {
        if created && let Some(path) = &mut self.path {
            path.new_service_point(self.process, endpoint);
        }
        let observation = if created {
            Observation::ServicePointCreated { endpoint }
        } else {
            Observation::ServicePointReleased { endpoint }
        };
        self.observer.observe(now, observation);
    }
}
