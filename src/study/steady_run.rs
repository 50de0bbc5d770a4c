//! What one run says of the steady state: of its end, however much of it is left out.

use crate::record::Sample;
use crate::units::{SimSpan, SimTime};

/// At most this many shares of a run can be left out as its warm-up: fortieths, up to one half.
pub(super) const CUTS: usize = 20;
const PARTS: usize = 2 * CUTS;

/// What one run says of the steady state: about its end, however much of it is left out. So little
/// is kept that the memory of many runs does not grow with their samples.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SteadyRun {
    /// With k fortieths of the samples left out.
    pub(super) after: [After; CUTS + 1],
}

/// The end of a run.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct After {
    /// Mean of the ports in use.
    pub(super) ports_in_use: f64,
    /// Connections opened per second.
    pub(super) opened_per_s: f64,
    /// Requests that failed, and that were submitted.
    pub(super) failed: f64,
    pub(super) requests: f64,
    /// The latencies of all that were answered together, in microseconds, and how many those are.
    pub(super) latency_us: f64,
    pub(super) answered: f64,
}

impl SteadyRun {
    /// Reads it from the samples of a run; a `given` warm-up is left out wherever the cut is.
    pub fn of(samples: &[Sample], given: Option<SimSpan>) -> SteadyRun {
        let mut run = SteadyRun::default();
        for (cut, after) in run.after.iter_mut().enumerate() {
            let from = given.map_or(sample_of(cut, samples.len()), |span| {
                samples.partition_point(|it| it.time < SimTime::ZERO + span)
            });
            let Some((first, last)) = samples.get(from).zip(samples.last()) else {
                break;
            };
            let left = &samples[from..];
            let ports: u64 = left.iter().map(|it| it.ports_in_use).sum();
            after.ports_in_use = ports as f64 / left.len() as f64;
            let span = last.time.since(first.time).as_seconds();
            if span > 0.0 {
                after.opened_per_s = (last.opened - first.opened) as f64 / span;
            }
            after.failed = (last.failed - first.failed) as f64;
            after.requests = (last.requests - first.requests) as f64;
            after.latency_us = (last.latency_us - first.latency_us) as f64;
            after.answered = (last.answered - first.answered) as f64;
        }
        run
    }
}

/// The first sample that is kept at a cut.
pub(super) const fn sample_of(cut: usize, samples: usize) -> usize {
    cut * samples / PARTS
}
