//! Servers that are more than a delay: what they do with a request until they answer.
//!
//! A request that reaches such a server is a job. What the jobs of one server do to each other
//! is `net::service`'s; here they meet the clock and the requests.

use super::event::{Event, Packed};
use crate::kernel::{Arena, EventQueue, Phase};
use crate::model::Scenario;
use crate::model::service::{AbandonedWork, OutageKind, QueueFull};
use crate::net::service::workers::JobId;
use crate::net::service::{Offer, Outages, Pace, Workers};
use crate::net::{ConnectionId, ConnectionView, RequestId};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// A request at its server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Job {
    /// Tells a reused number apart.
    serial: u32,
    pub(super) request: RequestId,
    /// The request's own serial.
    pub(super) request_serial: u64,
    pub(super) process: u32,
    pub(super) connection: ConnectionId,
    /// The low half of the connection's serial.
    connection_serial: u32,
    pub(super) endpoint: u32,
    /// How long it takes at full speed.
    work: SimSpan,
    /// Its server closes behind the answer.
    pub(super) closes: bool,
    stage: Stage,
    /// When its answer ends, as far as a worker that has it can say.
    ends_at: SimTime,
    /// Somebody still waits for the answer.
    wanted: bool,
}

/// Where a job is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// On its way to the server.
    Travels,
    /// In the server's queue.
    Waits,
    /// A worker has it.
    Works,
    /// Its answer is on the way.
    Returns(Answer),
}

/// What comes back for a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// The answer it asked for.
    Done,
    /// A 503.
    TurnedAway,
    /// A reset.
    Reset,
    /// The first part of it, and then a reset (FL-5).
    BreaksOff,
}

/// Counts over all servers that are more than a delay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct ServiceCounts {
    /// Requests that are being worked on.
    pub working: u64,
    /// Requests that wait for a worker.
    pub waiting: u64,
    /// Answers given so far that somebody waited for, 503s not included.
    pub answered: u64,
    /// Requests so far whose work was done for nobody.
    pub wasted: u64,
    /// Requests so far that were turned away.
    pub turned_away: u64,
}

#[derive(Clone, Debug)]
struct Server {
    workers: Workers,
    pace: Pace,
    outages: Outages,
    queue_full: QueueFull,
    abandoned_work: AbandonedWork,
    /// The share of the work after which the headers of an answer are sent.
    header_time: f64,
    is_pure_delay: bool,
}

/// The servers of a run, by endpoint; the first with a key speaks for its endpoint.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    by_endpoint: Vec<Server>,
    jobs: Arena<JobId, Job>,
    /// The job of each request in the system, by number.
    of_request: Vec<JobId>,
    serial: u32,
    counts: ServiceCounts,
}

impl Servers {
    /// The servers of a scenario; `None` when all are pure delays and nobody else asks.
    pub(super) fn of(scenario: &Scenario, endpoints: &[u32], asked: bool) -> Option<Servers> {
        if !asked && scenario.servers.iter().all(|it| it.service.is_pure_delay()) {
            return None;
        }
        let mut servers = Vec::new();
        for (server, endpoint) in scenario.servers.iter().zip(endpoints) {
            if *endpoint as usize == servers.len() {
                let service = &server.service;
                servers.push(Server {
                    workers: Workers::new(service.workers, service.queue),
                    pace: Pace::of(service),
                    outages: Outages::new(service.outages.clone()),
                    queue_full: service.queue_full,
                    abandoned_work: service.abandoned_work,
                    header_time: service.header_time,
                    is_pure_delay: service.is_pure_delay(),
                });
            }
        }
        Some(Servers {
            by_endpoint: servers,
            jobs: Arena::new(),
            of_request: Vec::new(),
            serial: 0,
            counts: ServiceCounts::default(),
        })
    }

    /// Whether the end of a response from this endpoint follows from its start alone.
    pub(super) fn is_pure_delay(&self, endpoint: u32) -> bool {
        self.by_endpoint[endpoint as usize].is_pure_delay
    }

    /// Whether any of them is more than a delay.
    pub(super) fn do_more_than_wait(&self) -> bool {
        self.by_endpoint.iter().any(|server| !server.is_pure_delay)
    }

    /// When each endpoint's process goes down.
    pub(super) fn losses(&self) -> Vec<(SimTime, u32)> {
        let mut losses = Vec::new();
        for (endpoint, server) in self.by_endpoint.iter().enumerate() {
            losses.extend(server.outages.losses().map(|at| (at, endpoint as u32)));
        }
        losses
    }

    /// A request was sent.
    pub(super) fn sent(&mut self, now: SimTime, queue: &mut EventQueue<Packed>, mut job: Job) {
        let place = job.request.0 as usize;
        if self.of_request.len() <= place {
            self.of_request.resize(place + 1, JobId::NONE);
        }
        // Sent again on another connection: nobody reads the first answer.
        self.abandon(now, queue, job.request);
        job.serial = self.serial;
        self.serial = self.serial.wrapping_add(1);
        let id = self.jobs.insert(job);
        self.of_request[place] = id;
        let arrives = self.by_endpoint[job.endpoint as usize]
            .outages
            .arrives_at(now);
        if arrives > now {
            self.schedule(queue, arrives, id);
        } else {
            self.arrive(now, queue, id);
        }
    }

    fn schedule(&self, queue: &mut EventQueue<Packed>, at: SimTime, job: JobId) {
        let serial = self.jobs[job].serial;
        queue.schedule(at, Phase::Network, Event::JobMoves { job, serial });
    }

    /// A job reaches its server.
    fn arrive(&mut self, now: SimTime, queue: &mut EventQueue<Packed>, id: JobId) {
        let job = self.jobs[id];
        let server = &mut self.by_endpoint[job.endpoint as usize];
        let outage = server.outages.at(now).map(|outage| outage.kind);
        if outage == Some(OutageKind::Answer503) {
            self.turn_away(now, queue, id, Answer::TurnedAway);
            return;
        }
        match server.workers.offer(id) {
            Offer::Begins => self.begin(now, queue, id),
            Offer::Waits => self.jobs[id].stage = Stage::Waits,
            Offer::TurnedAway => {
                let answer = match server.queue_full {
                    QueueFull::Answer503 => Answer::TurnedAway,
                    QueueFull::Reset => Answer::Reset,
                };
                self.turn_away(now, queue, id, answer);
            }
        }
    }

    fn turn_away(
        &mut self,
        now: SimTime,
        queue: &mut EventQueue<Packed>,
        id: JobId,
        answer: Answer,
    ) {
        self.counts.turned_away += 1;
        self.jobs[id].stage = Stage::Returns(answer);
        self.schedule(queue, now, id);
    }

    /// A worker begins with a job.
    fn begin(&mut self, now: SimTime, queue: &mut EventQueue<Packed>, id: JobId) {
        let job = &mut self.jobs[id];
        job.stage = Stage::Works;
        let server = &self.by_endpoint[job.endpoint as usize];
        let done = server.pace.done_at(now, job.work);
        job.ends_at = server.outages.arrives_at(done);
        if server.header_time < 1.0 {
            let nanos = libm::round(job.work.as_nanos() as f64 * server.header_time);
            let until_headers = SimSpan::from_nanos(nanos as u64);
            let sent = server.pace.done_at(now, until_headers);
            let event = Event::HeadersArrived {
                request: job.request,
                serial: job.request_serial as u32,
                connection: job.connection_serial,
                closes: job.closes,
            };
            queue.schedule(server.outages.arrives_at(sent), Phase::Network, event);
        }
        self.schedule(queue, done, id);
    }

    /// The worker that had a job of `endpoint` takes the next.
    fn work_on(&mut self, now: SimTime, queue: &mut EventQueue<Packed>, endpoint: u32) {
        if let Some(next) = self.by_endpoint[endpoint as usize].workers.take_next() {
            self.begin(now, queue, next);
        }
    }

    /// A job comes to its next stage: the answer for its client, if that is what comes now.
    pub(super) fn moves(
        &mut self,
        now: SimTime,
        queue: &mut EventQueue<Packed>,
        id: JobId,
        serial: u32,
    ) -> Option<(Job, Answer)> {
        let job = self.jobs[id];
        if job.serial != serial {
            return None;
        }
        match job.stage {
            Stage::Travels => {
                self.arrive(now, queue, id);
                None
            }
            Stage::Works => {
                self.work_on(now, queue, job.endpoint);
                if !job.wanted {
                    self.counts.wasted += 1;
                    self.remove(id);
                    return None;
                }
                self.counts.answered += 1;
                let outages = &self.by_endpoint[job.endpoint as usize].outages;
                let breaks = outages
                    .at(now)
                    .is_some_and(|it| it.kind == OutageKind::ResetBody);
                let answer = if breaks {
                    Answer::BreaksOff
                } else {
                    Answer::Done
                };
                let arrives = outages.arrives_at(now);
                if arrives > now {
                    self.jobs[id].stage = Stage::Returns(answer);
                    self.schedule(queue, arrives, id);
                    return None;
                }
                self.hand_back(id);
                Some((job, answer))
            }
            Stage::Returns(answer) => {
                if !job.wanted {
                    self.remove(id);
                    return None;
                }
                self.hand_back(id);
                Some((job, answer))
            }
            Stage::Waits => None,
        }
    }

    /// A job is over, and its request has nothing at the server any more.
    fn hand_back(&mut self, id: JobId) {
        self.of_request[self.jobs[id].request.0 as usize] = JobId::NONE;
        self.remove(id);
    }

    fn remove(&mut self, id: JobId) {
        // An event that is still on its way finds another serial.
        self.jobs[id].serial = self.jobs[id].serial.wrapping_add(1 << 31);
        self.jobs.remove(id);
    }

    /// When the answer to `request` ends, if it is being worked on.
    pub(super) fn ends_at(&self, request: RequestId) -> Option<SimTime> {
        let id = *self.of_request.get(request.0 as usize)?;
        (!id.is_none()).then(|| self.jobs[id].ends_at)
    }

    /// Nobody waits for the answer to `request` any more.
    pub(super) fn abandon(
        &mut self,
        now: SimTime,
        queue: &mut EventQueue<Packed>,
        request: RequestId,
    ) {
        let Some(place) = self.of_request.get_mut(request.0 as usize) else {
            return;
        };
        let id = core::mem::replace(place, JobId::NONE);
        if id.is_none() {
            return;
        }
        let job = self.jobs[id];
        let stops = self.by_endpoint[job.endpoint as usize].abandoned_work == AbandonedWork::Stops;
        match job.stage {
            Stage::Returns(_) => self.remove(id),
            Stage::Works if stops => {
                self.remove(id);
                self.work_on(now, queue, job.endpoint);
            }
            Stage::Waits if stops => {
                self.by_endpoint[job.endpoint as usize].workers.withdraw(id);
                self.remove(id);
            }
            Stage::Travels if stops => self.remove(id),
            Stage::Travels | Stage::Waits | Stage::Works => self.jobs[id].wanted = false,
        }
    }

    /// The process of an endpoint is gone, and every job with it.
    pub(super) fn lose_all(&mut self, endpoint: u32) {
        for id in self.jobs.ids() {
            let job = self.jobs[id];
            if job.endpoint == endpoint {
                if job.wanted {
                    self.of_request[job.request.0 as usize] = JobId::NONE;
                }
                self.remove(id);
            }
        }
        self.by_endpoint[endpoint as usize].workers.drop_all();
    }

    /// The outages of an endpoint.
    pub(super) fn outages(&self, endpoint: u32) -> &Outages {
        &self.by_endpoint[endpoint as usize].outages
    }

    /// The counts now.
    pub(super) fn counts(&self) -> ServiceCounts {
        let mut counts = self.counts;
        for server in self.by_endpoint.iter().filter(|it| !it.is_pure_delay) {
            counts.working += u64::from(server.workers.busy());
            counts.waiting += u64::from(server.workers.waiting());
        }
        counts
    }
}

impl Job {
    /// A job that sets out for its server.
    pub(super) fn new(
        request: (RequestId, u64),
        (process, connection): (u32, &ConnectionView),
        work: SimSpan,
        closes: bool,
    ) -> Job {
        Job {
            serial: 0,
            request: request.0,
            request_serial: request.1,
            process,
            connection: connection.id,
            connection_serial: connection.serial as u32,
            endpoint: connection.endpoint,
            work,
            closes,
            stage: Stage::Travels,
            ends_at: SimTime::NEVER,
            wanted: true,
        }
    }
}
