//! Folds a run into its summary and samples.

use super::durations::{Batched, Durations};
use super::histogram::Histogram;
use super::series::{self, Series, Told};
use super::summary::{PortUsage, RunSummary};
use super::waits::Waits;
use crate::model::{Part, Scenario};
use crate::net::{CloseKind, Failure, Outcome};
use crate::sim::{ClientSample, End, Observation, Observer, RequestView, draw};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;
use core::ops::Range;

/// Keeps what `spsim run` shows of one run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recorder {
    /// Whether samples are kept.
    keeps_samples: bool,
    /// From arrival to the end of the response, of requests that succeeded.
    latency: Batched,
    /// How old requests were that were left unanswered.
    ages: Histogram,
    /// From submit until a connection was there, or began to connect for it, where that took time.
    queue: Histogram,
    /// How often it took none.
    sent_at_once: u64,
    /// How long requests waited that never came so far.
    given_up: Histogram,
    /// The median of the response time of each workload's server: who waits longer, waits long.
    medians: Vec<SimSpan>,
    /// When requests waited long.
    waits: Waits,
    /// How often each of [`Failure::ALL`] happened.
    errors: [u64; Failure::ALL.len()],
    /// What is counted as it happens; the rest is added when the run is over.
    pub summary: RunSummary,
    /// From when on things count: what came before was the warm-up.
    counts_from: SimTime,
    /// The latencies of the warm-up's requests together, in microseconds: samples count them.
    warm_up_us: u64,
    /// How many requests of the warm-up were left unanswered.
    left_of_warm_up: u64,
    /// What is counted of parts as well.
    parts: Vec<PartRecorder>,
    /// Whether there are parts, or a warm-up.
    is_divided: bool,
    /// The process whose doings are observed.
    process: u32,
    /// The port table at each sample instant.
    series: Series,
    /// Whether the last sample was kept: then those of the programs are too.
    keeps_clients: bool,
    /// The same of each program, where several share the machine.
    clients: Vec<ClientSample>,
    /// Where somebody reads how many samples there have been.
    told: Told,
}

/// What is counted of a part of a run.
#[derive(Clone, PartialEq, Debug)]
struct PartRecorder {
    /// As it was asked for.
    part: Part,
    /// Its window, without the warm-up unless the window was asked for.
    window: Range<SimTime>,
    /// The program of each workload.
    clients: Vec<usize>,
    n_clients: usize,
    ports: SampledPorts,
    recorder: Recorder,
}

/// Ports in use as samples have them.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct SampledPorts {
    samples: u64,
    sum: u64,
    peak: u64,
    peak_at: SimTime,
    last: u64,
}

impl SampledPorts {
    fn add(&mut self, time: SimTime, ports: u64) {
        self.samples += 1;
        self.sum += ports;
        self.last = ports;
        if ports > self.peak {
            (self.peak, self.peak_at) = (ports, time);
        }
    }

    fn usage(&self) -> PortUsage {
        PortUsage {
            peak: self.peak,
            peak_at: self.peak_at,
            at_end: self.last,
            mean: self.sum as f64 / self.samples.max(1) as f64,
            ..PortUsage::default()
        }
    }
}

impl PartRecorder {
    /// Whether it has what happens to a request.
    fn has(&self, request: &RequestView) -> bool {
        let workload = request.workload as usize;
        (self.part.workload.is_none_or(|it| it == workload))
            && (self
                .part
                .client
                .is_none_or(|it| it == self.clients[workload]))
            && self.window.contains(&request.arrived)
    }

    /// Whether it has what happens now to a connection of `process`.
    fn has_connections(&self, now: SimTime, process: u32) -> bool {
        let client = process as usize % self.n_clients;
        self.part.workload.is_none()
            && self.part.client.is_none_or(|it| it == client)
            && self.window.contains(&now)
    }

    /// Whether a sample of all programs is one of this part's.
    fn has_sample(&self, time: SimTime) -> bool {
        let is_all = self.part.client.is_none() || self.n_clients == 1;
        is_all && self.part.workload.is_none() && self.window.contains(&time)
    }

    fn client_sampled(&mut self, sample: &ClientSample) {
        let is_own = self.part.client == Some(sample.client as usize);
        if is_own && self.part.workload.is_none() && self.window.contains(&sample.time) {
            self.ports.add(sample.time, sample.ports.in_use().into());
        }
    }

    /// Connections belong to programs: a workload has run out when a request of it is refused.
    fn is_refused(&self, observation: &Observation) -> bool {
        let (Observation::RequestEnded(_, Outcome::Failed(failure))
        | Observation::RequestRetried(_, failure, _)) = observation
        else {
            return false;
        };
        let is_want = matches!(failure, Failure::NoPort(_) | Failure::NoSnatPort);
        is_want && self.part.workload.is_some()
    }

    #[inline(never)]
    fn observe(&mut self, now: SimTime, current: u32, observation: Observation) {
        let has = match &observation {
            Observation::Sampled(sample) => {
                if self.has_sample(sample.time) {
                    self.ports.add(sample.time, sample.ports_in_use);
                }
                false
            }
            Observation::RequestArrived(request)
            | Observation::RequestSubmitted(request)
            | Observation::RequestSent(request, _)
            | Observation::RequestEnded(request, _)
            | Observation::RequestRetried(request, ..) => self.has(request),
            Observation::Connected(_) => self.has_connections(now, current),
            Observation::ConnectRefused { process, .. }
            | Observation::SnatPortRefused { process, .. }
            | Observation::ConnectionClosed { process, .. } => self.has_connections(now, *process),
            _ => false,
        };
        if has {
            if self.is_refused(&observation) {
                self.recorder.summary.exhausted_at.get_or_insert(now);
            }
            self.recorder.observe(now, observation);
        }
    }
}

/// What was kept of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    /// The run in numbers.
    pub summary: RunSummary,
    /// The port table at the sample instants.
    pub series: series::Kept,
    /// The same of each program, where several share the machine.
    pub clients: Vec<ClientSample>,
}

impl Recorder {
    /// The durations of the run that has ended, before [`Recorder::take`].
    pub fn durations(&mut self) -> Durations {
        Durations {
            latency: self.latency.whole().clone(),
            failed: self.summary.requests.failed,
            ages: self.ages.clone(),
            queue: self.whole_queue().clone(),
            given_up: self.given_up.clone(),
        }
    }

    /// Before a run of `variant`: what a long wait is there. `medians` are the median response
    /// times that workloads bring along, each at its place.
    pub fn prepare(&mut self, variant: &Scenario, medians: &[Option<SimSpan>]) {
        let own = variant.workloads.iter().zip(medians).map(|(it, own)| {
            let of_server = || draw::median(&variant.servers[it.server].response_time);
            own.unwrap_or_else(of_server)
        });
        self.medians.clear();
        self.medians.extend(own);
        self.counts_from = SimTime::ZERO + variant.warm_up.unwrap_or_default();
        self.warm_up_us = 0;
        let clients: Vec<usize> = variant.workloads.iter().map(|it| it.client).collect();
        let parts = variant.parts.iter().map(|part| {
            let mut recorder = Recorder::new(false);
            recorder.medians.clone_from(&self.medians);
            let is_windowed = part.from > SimTime::ZERO || part.until < SimTime::NEVER;
            let from = if is_windowed {
                part.from
            } else {
                self.counts_from
            };
            PartRecorder {
                part: *part,
                window: from..part.until,
                clients: clients.clone(),
                n_clients: variant.clients.len(),
                ports: SampledPorts::default(),
                recorder,
            }
        });
        self.parts = parts.collect();
        self.is_divided = !self.parts.is_empty() || self.counts_from > SimTime::ZERO;
    }

    /// Tells the parts, and whether it counts for the whole. Apart, so that a run that is not
    /// divided does not write each observation down.
    #[cold]
    fn divide(&mut self, now: SimTime, observation: Observation) -> bool {
        for part in &mut self.parts {
            part.observe(now, self.process, observation);
        }
        let at = match &observation {
            Observation::Sampled(_) => return true,
            Observation::RequestEnded(request, Outcome::Succeeded)
                if request.arrived < self.counts_from =>
            {
                self.warm_up_us += (now - request.arrived).as_nanos() / 1_000;
                return false;
            }
            Observation::RequestArrived(request)
            | Observation::RequestSubmitted(request)
            | Observation::RequestSent(request, _)
            | Observation::RequestEnded(request, _)
            | Observation::RequestRetried(request, ..) => request.arrived,
            Observation::ConnectRefused { .. } | Observation::SnatPortRefused { .. } => {
                self.summary.refused_in_warm_up |= now < self.counts_from;
                now
            }
            _ => now,
        };
        at >= self.counts_from
    }

    /// The waits with everything in them.
    fn whole_queue(&mut self) -> &Histogram {
        let at_once = core::mem::take(&mut self.sent_at_once);
        if at_once > 0 {
            self.queue.record_times(SimSpan::ZERO, at_once);
        }
        &self.queue
    }

    /// How long a request has waited for a connection.
    #[inline(always)]
    fn has_waited(&mut self, request: &RequestView, wait: SimSpan) {
        if (self.medians.get(request.workload as usize)).is_some_and(|median| wait > *median) {
            self.waits.waited(request.submitted);
        }
    }

    /// A request has ended, or is left, that may never have had a connection.
    #[cold]
    fn gives_up(&mut self, now: SimTime, request: &RequestView) {
        let wait = now - request.submitted;
        if request.connection_at == SimTime::NEVER && !wait.is_zero() {
            self.given_up.record(wait);
            self.has_waited(request, wait);
        }
    }

    /// A recorder that keeps samples, or only the summary.
    pub fn new(keeps_samples: bool) -> Recorder {
        Recorder {
            keeps_samples,
            ..Recorder::default()
        }
    }

    /// Counts the samples of its runs there as well, for who wants to know how far they are.
    pub fn tell(&mut self, told: Told) {
        self.told = told;
    }

    /// Before a run of `total` samples, of which no more than a bounded number is to be kept.
    pub fn bound_to(&mut self, total: u64) {
        self.series = Series::bounded(total);
    }

    /// What was kept of the run that came to this end; the recorder is ready for the next.
    ///
    /// # Panics
    /// If a request neither ended nor is in flight: that would be a fault of the engine.
    pub fn take(&mut self, end: &End) -> Kept {
        let mut summary = self.take_counts();
        assert_eq!(
            summary.requests.in_flight + core::mem::take(&mut self.left_of_warm_up),
            end.in_flight,
            "requests were lost"
        );
        summary.ports = PortUsage {
            limit: u64::from(end.ports.limit),
            peak: u64::from(end.ports.peak),
            peak_at: end.ports.peak_at,
            at_end: u64::from(end.ports.at_end),
            mean: end.ports.mean,
            client_first: end.ports.client_first,
        };
        for (_, part) in &mut summary.parts {
            part.ports.limit = summary.ports.limit;
        }
        let requests = &summary.requests;
        assert_eq!(
            requests.submitted,
            requests.succeeded + requests.failed + requests.in_flight,
            "requests were lost"
        );
        summary.events = end.events;
        (summary.nat, summary.service, summary.addresses) = (end.nat, end.service, end.addresses);
        Kept {
            summary,
            series: self.series.take(),
            clients: core::mem::take(&mut self.clients),
        }
    }

    /// What was counted of the run as it happened.
    fn take_counts(&mut self) -> RunSummary {
        let mut summary = core::mem::take(&mut self.summary);
        let failed = summary.requests.failed;
        summary.latency = self.latency.whole().summary_beside(failed, &self.ages);
        self.whole_queue();
        summary.queue = self.queue.summary_beside(0, &self.given_up);
        summary.waiting_share = self.waits.worst_share();
        let errors = core::mem::take(&mut self.errors);
        let counted = Failure::ALL.iter().zip(errors);
        for (failure, count) in counted.filter(|(_, count)| *count > 0) {
            summary.errors.add(failure.name(), count);
        }
        self.latency.whole().clear();
        for histogram in [&mut self.ages, &mut self.queue, &mut self.given_up] {
            histogram.clear();
        }
        self.waits.clear();
        let parts = self.parts.iter_mut();
        let parts = parts.map(|it| {
            let mut counts = it.recorder.take_counts();
            counts.ports = it.ports.usage();
            (it.part, counts)
        });
        summary.parts = parts.collect();
        summary
    }
}

impl Observer for Recorder {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn left_unanswered(&mut self, now: SimTime, request: RequestView) {
        for part in self.parts.iter_mut().filter(|it| it.has(&request)) {
            part.recorder.left_unanswered(now, request);
        }
        if request.arrived < self.counts_from {
            self.left_of_warm_up += 1;
            return;
        }
        self.summary.requests.in_flight += 1;
        self.ages.record(now - request.arrived);
        self.summary.requests.on_wire += u64::from(request.connection_at <= now);
        if request.submitted < now {
            self.gives_up(now, &request);
        }
    }

    fn turn_to(&mut self, process: u32) {
        self.process = process;
    }

    fn client_sampled(&mut self, sample: ClientSample) {
        for part in &mut self.parts {
            part.client_sampled(&sample);
        }
        if self.keeps_clients {
            self.clients.push(sample);
        }
    }

    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "the engine knows each variant where it observes it"
    )]
    fn observe(&mut self, now: SimTime, observation: Observation) {
        if self.is_divided && !self.divide(now, observation) {
            return;
        }
        let summary = &mut self.summary;
        match observation {
            Observation::RequestArrived(_) => summary.requests.submitted += 1,
            Observation::RequestSubmitted(_) => self.waits.submitted(now),
            Observation::RequestSent(request, connection) => {
                let wait = request.connection_at - request.submitted;
                if wait.is_zero() {
                    self.sent_at_once += 1;
                } else {
                    self.queue.record(wait);
                    self.has_waited(&request, wait);
                }
                self.summary.connections.reused += u64::from(connection.served > 0);
            }
            Observation::RequestEnded(request, outcome) => match outcome {
                Outcome::Succeeded => {
                    summary.requests.succeeded += 1;
                    self.latency.record(now - request.arrived);
                }
                Outcome::Failed(failure) => {
                    self.errors[failure.index()] += 1;
                    summary.requests.failed += 1;
                    summary.requests.timed_out += u64::from(failure == Failure::Timeout);
                    self.gives_up(now, &request);
                }
            },
            Observation::RequestRetried(request, failure, _) => {
                self.errors[failure.index()] += 1;
                self.gives_up(now, &request);
            }
            Observation::Connected(_) => summary.connections.opened += 1,
            Observation::ConnectRefused { .. } | Observation::SnatPortRefused { .. } => {
                summary.exhausted_at.get_or_insert(now);
            }
            Observation::ConnectionClosed {
                how: CloseKind::Graceful,
                ..
            } => {
                summary.connections.closed_graceful += 1;
            }
            Observation::ConnectionClosed {
                how: CloseKind::Hard,
                ..
            } => {
                summary.connections.closed_hard += 1;
            }
            Observation::Sampled(mut sample) => {
                self.told.one_more();
                if self.keeps_samples {
                    sample.latency_us = self.warm_up_us + self.latency.whole().micros();
                    self.keeps_clients = self.series.push(sample);
                }
            }
            _ => {}
        }
    }
}
