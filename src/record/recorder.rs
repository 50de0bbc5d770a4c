//! Folds a run into its summary and samples.

use super::histogram::Histogram;
use super::series::{self, Series};
use super::summary::{PortUsage, RunSummary};
use crate::net::{CloseKind, Failure, Outcome};
use crate::sim::{ClientSample, End, Observation, Observer};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// Keeps what `spsim run` shows of one run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recorder {
    /// Whether samples are kept.
    keeps_samples: bool,
    /// From arrival to the end of the response, of requests that succeeded.
    latency: Batched,
    /// From submit to the wire.
    queue: Histogram,
    /// How often each of [`Failure::ALL`] happened.
    errors: [u64; Failure::ALL.len()],
    /// What is counted as it happens; the rest is added when the run is over.
    pub summary: RunSummary,
    /// The port table at each sample instant.
    series: Series,
    /// Whether the last sample was kept: then those of the programs are too.
    keeps_clients: bool,
    /// The same of each program, where several share the machine.
    clients: Vec<ClientSample>,
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

/// Every duration of one run, or of several together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Durations {
    /// From arrival to the end of the response, of requests that succeeded.
    pub latency: Histogram,
    /// From submit to the wire.
    pub queue: Histogram,
}

impl Durations {
    /// Adds those of another run. Whole numbers are added, so that the order of runs, and how
    /// they were grouped before, changes nothing.
    pub fn merge(&mut self, other: &Durations) {
        self.latency.merge(&other.latency);
        self.queue.merge(&other.queue);
    }
}

/// How many durations wait until they are entered together.
const BATCH: usize = 64;

/// A histogram into which durations are entered by the batch: each lands somewhere else in
/// memory, and the processor waits for many of them in the time of one.
#[derive(Clone, PartialEq, Debug)]
struct Batched {
    histogram: Histogram,
    waiting: [SimSpan; BATCH],
    n_waiting: usize,
}

impl Default for Batched {
    fn default() -> Batched {
        Batched {
            histogram: Histogram::new(),
            waiting: [SimSpan::ZERO; BATCH],
            n_waiting: 0,
        }
    }
}

impl Batched {
    #[inline(always)]
    fn record(&mut self, span: SimSpan) {
        self.waiting[self.n_waiting % BATCH] = span;
        self.n_waiting += 1;
        if self.n_waiting == BATCH {
            self.enter();
        }
    }

    #[inline(never)]
    fn enter(&mut self) {
        for span in &self.waiting[..self.n_waiting] {
            self.histogram.record(*span);
        }
        self.n_waiting = 0;
    }

    /// The histogram with everything in it.
    fn whole(&mut self) -> &mut Histogram {
        self.enter();
        &mut self.histogram
    }
}

impl Recorder {
    /// The durations of the run that has ended, before [`Recorder::take`].
    pub fn durations(&mut self) -> Durations {
        Durations {
            latency: self.latency.whole().clone(),
            queue: self.queue.clone(),
        }
    }

    /// A recorder that keeps samples, or only the summary.
    pub fn new(keeps_samples: bool) -> Recorder {
        Recorder {
            keeps_samples,
            ..Recorder::default()
        }
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
        let mut summary = core::mem::take(&mut self.summary);
        summary.latency = self.latency.whole().summary();
        summary.queue = self.queue.summary();
        summary.ports = PortUsage {
            limit: u64::from(end.ports.limit),
            peak: u64::from(end.ports.peak),
            peak_at: end.ports.peak_at,
            at_end: u64::from(end.ports.at_end),
            mean: end.ports.mean,
        };
        let requests = &mut summary.requests;
        requests.in_flight = end.in_flight;
        assert_eq!(
            requests.submitted,
            requests.succeeded + requests.failed + requests.timed_out + requests.in_flight,
            "requests were lost"
        );
        summary.events = end.events;
        (summary.nat, summary.service, summary.addresses) = (end.nat, end.service, end.addresses);
        let errors = core::mem::take(&mut self.errors);
        let counted = Failure::ALL.iter().zip(errors);
        for (failure, count) in counted.filter(|(_, count)| *count > 0) {
            summary.errors.add(failure.name(), count);
        }
        self.latency.whole().clear();
        self.queue.clear();
        Kept {
            summary,
            series: self.series.take(),
            clients: core::mem::take(&mut self.clients),
        }
    }
}

impl Observer for Recorder {
    const OBSERVES_EACH_STEP: bool = false;

    fn client_sampled(&mut self, sample: ClientSample) {
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
        let summary = &mut self.summary;
        match observation {
            Observation::RequestArrived(_) => summary.requests.submitted += 1,
            Observation::RequestSent(request, connection) => {
                self.queue.record(now - request.submitted);
                summary.connections.reused += u64::from(connection.served > 0);
            }
            Observation::RequestEnded(request, outcome) => match outcome {
                Outcome::Succeeded => {
                    summary.requests.succeeded += 1;
                    self.latency.record(now - request.arrived);
                }
                Outcome::Failed(failure) => {
                    self.errors[failure.index()] += 1;
                    if failure == Failure::Timeout {
                        summary.requests.timed_out += 1;
                    } else {
                        summary.requests.failed += 1;
                    }
                }
            },
            Observation::RequestRetried(_, failure, _) => {
                self.errors[failure.index()] += 1;
            }
            Observation::ConnectionOpened(_) => summary.connections.opened += 1,
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
            Observation::Sampled(sample) if self.keeps_samples => {
                self.keeps_clients = self.series.push(sample);
            }
            _ => {}
        }
    }
}
