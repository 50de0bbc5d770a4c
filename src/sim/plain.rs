//! The short loop of a plain run: one process on .NET Framework, open workloads, servers that are
//! pure delays, and nothing between the two.
//!
//! Most events of such a run are arrivals and answers. They are carried out here by the same rules
//! in the same order as in `apply`, with everything left out that the scenario has not: other
//! processes, a path, workers, retries, users, a throttle, calls that close groups. Whatever else
//! comes next (a timer, a sample, an action) goes the general way. A test runs scenarios both ways.

use super::engine::Engine;
use super::event::{Event, SentRequest};
use super::{Observation, Observer, Process, Simulation, TraceError};
use crate::kernel::Phase;
use crate::model::GroupName;
use crate::net::framework::{Begun, Exchange, ExchangeHost, ExchangeId, Framework};
use crate::net::request::Place;
use crate::net::{
    CloseKind, ConnectionId, ConnectionManager, ConnectionView, Failure, Host, Net, Outcome,
    PortTable, Request, RequestId, RequestView, Requests,
};
use crate::units::{SimSpan, SimTime};

/// The engine as the host of a plain run's process: what [`Engine`] does, less what a plain run
/// cannot need.
struct PlainHost<'a, 't, 'o, O: ?Sized>(&'a mut Engine<'t, 'o, O>);

impl<'t, 'o, O: Observer + ?Sized> Simulation<'t, 'o, O> {
    /// Whether arrivals and answers may go the short way.
    pub(super) fn is_plain(&self) -> bool {
        let engine = &self.engine;
        let is_framework = matches!(self.world.processes[..], [Process::Framework(_)]);
        let only_delays = engine.path.is_none()
            && engine.servers.is_none()
            && !engine.servers_close_idle
            && (engine.remotes.iter()).all(|remote| remote.closes_after_requests.is_none());
        let only_asks_once = engine.retries.iter().all(Option::is_none)
            && self.policies.is_empty()
            && !engine.has_users
            && (engine.sources.iter()).all(|source| source.times.next_action_at().is_none());
        is_framework
            && only_delays
            && only_asks_once
            && engine.all_exact
            && self.world.ports.len() == 1
            && self.world.ports[0].makes_sockets()
    }

    /// Carries out arrivals and answers until something else comes first.
    pub(super) fn run_plain(&mut self) -> Result<(), TraceError> {
        let (mut now, end) = (self.now, self.end);
        let mut plain = self.plain();
        plain.engine.process = 0;
        plain.engine.observer.turn_to(0);
        while !plain.engine.observer.is_done() {
            let queue = &mut plain.engine.queue;
            let (arrival, other) = queue.heads();
            let next = arrival.min(other).time();
            if next >= plain.process.next_wake() || next > end {
                break;
            }
            if arrival < other {
                let Event::Arrival { workload } = Event::from(*queue.recurring()) else {
                    break;
                };
                plain.arrival(next, workload)?;
            } else {
                if arrival == other {
                    // Which comes first is for the general way to say.
                    break;
                }
                let Event::ResponseArrived { to, closes } = Event::from(*queue.first()) else {
                    break;
                };
                queue.take_first();
                plain.response_arrived(next, to, closes);
            }
            plain.engine.events += 1;
            now = next;
        }
        self.now = now;
        Ok(())
    }

    /// The answer to a request without a number, where the general way takes it: once the observer
    /// has seen enough, which ends the short loop after any event.
    pub(super) fn exchange_answered(&mut self, id: ExchangeId) {
        let now = self.now;
        (self.plain()).call(now, |process, net| process.exchange_answered(net, id));
    }

    #[inline(always)]
    fn plain(&mut self) -> Plain<'_, 't, 'o, O> {
        let ([Process::Framework(process)], [ports]) =
            (&mut self.world.processes[..], &mut self.world.ports[..])
        else {
            unreachable!("a plain run has one process, on .NET Framework");
        };
        Plain {
            process,
            ports,
            requests: &mut self.world.requests,
            engine: &mut self.engine,
        }
    }
}

/// What a plain run acts upon.
struct Plain<'a, 't, 'o, O: ?Sized> {
    process: &'a mut Framework,
    ports: &'a mut PortTable,
    requests: &'a mut Requests,
    engine: &'a mut Engine<'t, 'o, O>,
}

impl<'t, 'o, O: Observer + ?Sized> Plain<'_, 't, 'o, O> {
    /// Calls the process with everything it acts upon.
    #[inline(always)]
    fn call<T>(
        &mut self,
        now: SimTime,
        act: impl FnOnce(&mut Framework, &mut Net<'_, PlainHost<'_, 't, 'o, O>>) -> T,
    ) -> T {
        let net = &mut Net {
            now,
            ports: self.ports,
            requests: self.requests,
            host: &mut PlainHost(self.engine),
        };
        let done = act(self.process, net);
        if self.engine.observer.observes_each_step() {
            for change in self.process.take_timer_changes() {
                self.observe(now, Observation::of_timer(change));
            }
        }
        done
    }

    #[inline(always)]
    fn observe(&mut self, now: SimTime, observation: Observation) {
        self.engine.observer.observe(now, observation);
    }

    /// A request is made, and the next one awaited.
    #[inline(always)]
    fn arrival(&mut self, now: SimTime, workload: u32) -> Result<(), TraceError> {
        let source = &mut self.engine.sources[workload as usize];
        let deadline = now.saturating_add(source.timeout);
        let serial = self.engine.arrived;
        self.engine.arrived += 1;
        if source.times.reads_rows() {
            let (id, request) = self.requests.open();
            source.read_request(request, serial, now, &mut self.engine.fresh_names);
            let view = request.view();
            self.asked(now, view);
            self.submit(id, now, deadline);
        } else {
            let drawn = source.draw(&mut self.engine.fresh_names);
            let request = Exchange {
                serial,
                arrived: now,
                workload,
                keep_alive: source.keeps_alive(),
            };
            let endpoint = source.endpoint();
            let may_be_alone = source.asks_plainly && now + drawn.response < deadline;
            self.asked(now, request.view(drawn.group, endpoint));
            let is_sent = may_be_alone
                && self.call(now, |process, net| {
                    process.submit_exchange(net, endpoint, drawn.group, request, drawn.response)
                });
            if !is_sent {
                let (id, request) = self.requests.open();
                self.engine.sources[workload as usize].write_request(request, serial, now, &drawn);
                self.submit(id, now, deadline);
            }
        }
        let source = &mut self.engine.sources[workload as usize];
        match source.next_arrival(now)? {
            Some(at) => self.engine.queue.recur(at, Phase::Arrival),
            None => self.engine.queue.end_recurring(),
        }
        Ok(())
    }

    /// A request is made and submitted; it has no connection yet.
    #[inline(always)]
    fn asked(&mut self, now: SimTime, request: RequestView) {
        let connection_at = SimTime::NEVER;
        let request = RequestView {
            connection_at,
            ..request
        };
        self.observe(now, Observation::RequestArrived(request));
        self.observe(now, Observation::RequestSubmitted(request));
    }

    /// A request that is in its place is submitted.
    #[inline(always)]
    fn submit(&mut self, id: RequestId, now: SimTime, deadline: SimTime) {
        self.requests[id].deadline = deadline;
        self.call(now, |process, net| process.submit(net, id));
    }

    #[inline(always)]
    fn response_arrived(&mut self, now: SimTime, to: SentRequest, closes: bool) {
        match to {
            SentRequest::Numbered { id, serial } => {
                if is_awaited(&self.requests[id], serial, now) {
                    self.call(now, |process, net| {
                        process.response_completed(net, id, closes)
                    });
                }
            }
            SentRequest::Exchange(id) => {
                self.call(now, |process, net| process.exchange_answered(net, id));
            }
        }
    }
}

impl<O: Observer + ?Sized> PlainHost<'_, '_, '_, O> {
    #[inline(always)]
    fn end(&mut self, now: SimTime, request: RequestView, outcome: Outcome) {
        if let Outcome::Failed(failure) = outcome {
            self.0.failed += 1;
            self.0.timed_out += u64::from(failure == Failure::Timeout);
        }
        let ended = Observation::RequestEnded(request, outcome);
        self.0.observer.observe(now, ended);
    }

    #[inline(always)]
    fn answered_at(&mut self, at: SimTime, to: SentRequest) {
        let event = Event::ResponseArrived { to, closes: false };
        self.0.queue.schedule(at, Phase::Network, event);
    }
}

impl<O: Observer + ?Sized> ExchangeHost for PlainHost<'_, '_, '_, O> {
    #[inline(always)]
    fn exchange_begun(
        &mut self,
        now: SimTime,
        request: RequestView,
        begun: Begun,
        response: SimSpan,
    ) {
        if begun.is_opened {
            self.0.opens(now, &begun.connection);
            self.0.connected(now, begun.connection.id);
        }
        let sent = Observation::RequestSent(request, begun.connection);
        self.0.observer.observe(now, sent);
        self.answered_at(now + response, SentRequest::Exchange(begun.id));
    }

    #[inline(always)]
    fn exchange_ended(&mut self, now: SimTime, request: RequestView, outcome: Outcome) {
        self.end(now, request, outcome);
    }
}

/// Whether an answer that is there now is for the request that has this number now.
#[inline(always)]
pub(super) fn is_awaited(request: &Request, serial: u32, now: SimTime) -> bool {
    // The number may have been given to another request since.
    let is_the_same = request.serial as u32 == serial && request.place != Place::Nowhere;
    // It may have been sent again since, on another connection (FL-3).
    let is_due = request.answer_at == SimTime::NEVER || request.answer_at <= now;
    is_the_same && is_due
}

impl<O: Observer + ?Sized> Host for PlainHost<'_, '_, '_, O> {
    #[inline(always)]
    fn observes(&self) -> bool {
        self.0.observes()
    }

    #[inline(always)]
    fn observes_moves(&self) -> bool {
        self.0.observes_moves()
    }

    #[inline(always)]
    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool {
        self.0.opens(now, connection);
        self.0.connect_directly(now, connection, request)
    }

    fn connect_refused(&mut self, now: SimTime, endpoint: u32) {
        self.0.connect_refused(now, endpoint);
    }

    #[inline(always)]
    fn sent(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
    ) {
        let sent = Observation::RequestSent(request.view(), *connection);
        self.0.observer.observe(now, sent);
        // All timers are exact: a response that its own timeout will cut short never arrives. One
        // that somebody else completes has no time of its own.
        if request.answer_at < request.deadline {
            let serial = request.serial as u32;
            self.answered_at(request.answer_at, SentRequest::Numbered { id, serial });
        }
    }

    fn answer_has_waited(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
    ) {
        self.0.answer_has_waited(now, id, request, connection);
    }

    fn waits(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: Option<ConnectionId>,
    ) {
        self.0.waits(now, id, request, connection);
    }

    #[inline(always)]
    fn ended(&mut self, now: SimTime, _id: RequestId, request: &Request, outcome: Outcome) {
        self.end(now, request.view(), outcome);
    }

    #[inline(always)]
    fn server_closes_idle(&self, _endpoint: u32) -> bool {
        false
    }

    fn became_idle(&mut self, now: SimTime, connection: &ConnectionView) {
        self.0.became_idle(now, connection);
    }

    fn left_open(&mut self, now: SimTime, connection: &ConnectionView) {
        self.0.left_open(now, connection);
    }

    #[inline(always)]
    fn left_idle(&mut self, _connection: ConnectionId, _endpoint: u32) {}

    #[inline(always)]
    fn closed(&mut self, now: SimTime, connection: &ConnectionView, how: CloseKind) {
        let closed = Observation::ConnectionClosed {
            process: self.0.process,
            connection: *connection,
            how,
        };
        self.0.observer.observe(now, closed);
    }

    #[inline(always)]
    fn group_changed(&mut self, now: SimTime, endpoint: u32, name: GroupName, created: bool) {
        self.0.group_changed(now, endpoint, name, created);
    }

    fn idle_timer_fired(&mut self, now: SimTime, endpoint: u32, group: Option<GroupName>) {
        self.0.idle_timer_fired(now, endpoint, group);
    }

    fn service_point_changed(&mut self, now: SimTime, endpoint: u32, created: bool) {
        self.0.service_point_changed(now, endpoint, created);
    }
}
