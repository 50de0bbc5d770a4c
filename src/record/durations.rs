//! How long things took in a run: together, and as they come in.

use super::histogram::{Censored, Histogram};
use crate::units::SimSpan;

/// Every duration of one run, or of several together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Durations {
    /// From arrival to the end of the response, of requests that succeeded.
    pub latency: Histogram,
    /// How many requests failed.
    pub failed: u64,
    /// How old requests were that were left unanswered.
    pub ages: Histogram,
    /// From submit until a connection was there, or began to connect for it.
    pub queue: Histogram,
    /// How long requests waited that never came so far.
    pub given_up: Histogram,
}

impl Durations {
    /// Adds those of another run. Whole numbers are added, so that the order of runs, and how
    /// they were grouped before, changes nothing.
    pub fn merge(&mut self, other: &Durations) {
        self.latency.merge(&other.latency);
        self.failed += other.failed;
        self.ages.merge(&other.ages);
        self.queue.merge(&other.queue);
        self.given_up.merge(&other.given_up);
    }

    /// The latencies. A failed request took longer than every answered one; one that was left took
    /// longer than its age.
    pub const fn latencies(&self) -> Censored<'_> {
        Censored {
            known: &self.latency,
            endless: self.failed,
            open: &self.ages,
        }
    }

    /// The waits for a connection. A request that never had one waited longer than until it was
    /// given up.
    pub const fn waits(&self) -> Censored<'_> {
        Censored {
            known: &self.queue,
            endless: 0,
            open: &self.given_up,
        }
    }
}

/// How many durations wait until they are entered together.
const BATCH: usize = 64;

/// A histogram into which durations are entered by the batch: each lands somewhere else in
/// memory, and the processor waits for many of them in the time of one.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Batched {
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
    pub(super) fn record(&mut self, span: SimSpan) {
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
    pub(super) fn whole(&mut self) -> &mut Histogram {
        self.enter();
        &mut self.histogram
    }
}
