//! The short loop of a plain run: one process on .NET Framework, open workloads, servers that are
//! pure delays, and nothing between the two.
//!
//! Most events of such a run are arrivals and answers. They are carried out here by the same rules
//! in the same order as in `apply`, with everything left out that the scenario has not: other
//! processes, a path, workers, retries, users, a throttle, calls that close groups. Whatever else
//! comes next (a timer, a sample, an action) goes the general way, and so does a run that is
//! observed step by step. A test runs scenarios both ways.

use super::engine::{Engine, view_of};
use super::event::Event;
use super::{Observation, Observer, Process, Simulation, TraceError};
use crate::kernel::Phase;
use crate::model::GroupName;
use crate::net::request::Place;
use crate::net::{
    CloseKind, ConnectionId, ConnectionManager, ConnectionView, Host, Net, Outcome, Request,
    RequestId,
};
use crate::units::SimTime;

/// The engine as the host of a plain run's process: what [`Engine`] does, less what a plain run
/// cannot need.
struct PlainHost<'a, 't, 'o, O>(&'a mut Engine<'t, 'o, O>);

impl<O: Observer> Simulation<'_, '_, O> {
    /// Whether arrivals and answers may go the short way.
    pub(super) fn is_plain(&self) -> bool {
        let engine = &self.engine;
        let is_framework = matches!(self.world.processes[..], [Process::Framework(_)]);
        let only_delays = engine.path.is_none()
            && engine.servers.is_none()
            && !engine.servers_close_idle
            && (engine.remotes.iter()).all(|remote| remote.closes_after_requests.is_none());
        let only_asks_once = engine.retries.iter().all(Option::is_none)
            && self.closer.is_none()
            && self.throttler.is_none()
            && !engine.has_users
            && (engine.sources.iter()).all(|source| source.times.next_action_at().is_none());
        is_framework
            && only_delays
            && only_asks_once
            && engine.all_exact
            && self.world.ports.len() == 1
            && !O::OBSERVES_EACH_STEP
    }

    /// Carries out arrivals and answers until something else comes first.
    pub(super) fn run_plain(&mut self) -> Result<(), TraceError> {
        let ([Process::Framework(process)], [ports]) =
            (&mut self.world.processes[..], &mut self.world.ports[..])
        else {
            return Ok(());
        };
        let requests = &mut self.world.requests;
        let timeout = self.request_timeouts[0];
        self.engine.process = 0;
        self.engine.observer.turn_to(0);
        while !self.engine.observer.is_done() {
            let queue = &mut self.engine.queue;
            let (arrival_at, other_at) = queue.heads();
            let now = arrival_at.min(other_at);
            if now >= process.next_wake() || now > self.end {
                break;
            }
            if arrival_at < other_at
                && let Event::Arrival { workload } = *queue.recurring()
            {
                let source = &mut self.engine.sources[workload as usize];
                let serial = self.engine.arrived;
                let (id, request) = requests.open();
                if source.times.reads_rows() {
                    source.read_request(request, serial, now, &mut self.fresh);
                } else {
                    source.draw_request(request, serial, now, &mut self.fresh);
                }
                request.deadline = now.saturating_add(timeout);
                self.engine.arrived += 1;
                let view = view_of(request);
                let observer = &mut *self.engine.observer;
                observer.observe(now, Observation::RequestArrived(view));
                observer.observe(now, Observation::RequestSubmitted(view));
                let host = &mut PlainHost(&mut self.engine);
                let net = &mut Net {
                    now,
                    ports,
                    requests,
                    host,
                };
                process.submit(net, id);
                let source = &mut self.engine.sources[workload as usize];
                match source.next_arrival(now)? {
                    Some(at) => self.engine.queue.recur(at, Phase::Arrival),
                    None => self.engine.queue.end_recurring(),
                }
            } else if other_at < arrival_at
                && let Event::ResponseArrived {
                    request: id,
                    serial,
                    closes,
                } = *queue.first()
            {
                queue.take_first();
                if is_awaited(&requests[id], serial, now) {
                    let host = &mut PlainHost(&mut self.engine);
                    let net = &mut Net {
                        now,
                        ports,
                        requests,
                        host,
                    };
                    process.response_completed(net, id, closes);
                }
            } else {
                // Something else, or two at once.
                break;
            }
            self.now = now;
            self.events += 1;
        }
        Ok(())
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

impl<O: Observer> Host for PlainHost<'_, '_, '_, O> {
    const OBSERVES: bool = O::OBSERVES_EACH_STEP;

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
        let sent = Observation::RequestSent(view_of(request), *connection);
        self.0.observer.observe(now, sent);
        // All timers are exact: a response that its own timeout will cut short never arrives. One
        // that somebody else completes has no time of its own.
        if request.answer_at < request.deadline {
            let (at, serial) = (request.answer_at, request.serial as u32);
            let queue = &mut self.0.queue;
            queue.schedule_in_place(at, Phase::Network, || Event::ResponseArrived {
                request: id,
                serial,
                closes: false,
            });
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
        self.0.failed += u64::from(outcome != Outcome::Succeeded);
        let ended = Observation::RequestEnded(view_of(request), outcome);
        self.0.observer.observe(now, ended);
    }

    #[inline(always)]
    fn server_closes_idle(&self, _endpoint: u32) -> bool {
        false
    }

    fn became_idle(&mut self, now: SimTime, connection: &ConnectionView) {
        self.0.became_idle(now, connection);
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

    fn service_point_changed(&mut self, now: SimTime, endpoint: u32, created: bool) {
        self.0.service_point_changed(now, endpoint, created);
    }
}
