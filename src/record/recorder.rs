//! Folds a run into its summary and samples.

use super::summary::RunSummary;
use crate::net::{CloseKind, Failure, Outcome};
use crate::sim::{Observation, Observer, Sample};
use crate::units::SimTime;
use alloc::vec::Vec;

/// Keeps what `spsim run` shows of one run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recorder {
    /// Counts and histograms; the port usage is added when the run is over.
    pub summary: RunSummary,
    /// The port table at each sample instant.
    pub samples: Vec<Sample>,
}

impl Observer for Recorder {
    const OBSERVES_EACH_STEP: bool = false;

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the engine knows each variant where it observes it")]
    fn observe(&mut self, now: SimTime, observation: Observation) {
        let summary = &mut self.summary;
        match observation {
            Observation::RequestArrived(_) => summary.requests.submitted += 1,
            Observation::RequestSent(request, connection) => {
                summary.queue.record(now - request.submitted);
                summary.connections.reused += u64::from(connection.served > 0);
            }
            Observation::RequestEnded(request, outcome) => match outcome {
                Outcome::Succeeded => {
                    summary.requests.succeeded += 1;
                    summary.latency.record(now - request.arrived);
                }
                Outcome::Failed(failure) => {
                    *summary.errors.entry(failure.name()).or_default() += 1;
                    if failure == Failure::Timeout {
                        summary.requests.timed_out += 1;
                    } else {
                        summary.requests.failed += 1;
                    }
                }
            },
            Observation::RequestRetried(_, failure, _) => {
                *summary.errors.entry(failure.name()).or_default() += 1;
            }
            Observation::ConnectionOpened(_) => summary.connections.opened += 1,
            Observation::ConnectRefused { .. } => {
                summary.exhausted_at.get_or_insert(now);
            }
            Observation::ConnectionClosed(_, CloseKind::Graceful) => {
                summary.connections.closed_graceful += 1;
            }
            Observation::ConnectionClosed(_, CloseKind::Hard) => {
                summary.connections.closed_hard += 1;
            }
            Observation::Sampled(sample) => self.samples.push(sample),
            _ => {}
        }
    }
}
