//! Requests that are drawn before the run and given to it, as somebody else sees fit.

use super::arrivals::ArrivalTimes;
use super::draw::draw;
use super::traces::{TraceError, TraceRows, Traces};
use crate::kernel::RandomStream;
use crate::model::workload::TraceSource;
use crate::model::{Law, Workload};
use crate::units::{SimSpan, SimTime};
use alloc::string::String;
use alloc::vec::Vec;

/// The requests of one workload.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// When they come, in order.
    pub times: Vec<SimTime>,
    /// How long the answer to each takes.
    pub responses: Vec<SimSpan>,
}

impl Given {
    /// Those of `workload` in a run of `duration`, whose answers take as long as `response` says,
    /// as far as `keeps` keeps them. They follow the laws of a run that draws them itself, with
    /// other random numbers.
    ///
    /// # Panics
    /// The workload reads a trace.
    pub fn draw(
        workload: &Workload,
        response: &Law,
        duration: SimSpan,
        (arrivals, mut phases, mut responses): (RandomStream, RandomStream, RandomStream),
        keeps: impl Fn(SimTime, SimSpan) -> bool,
    ) -> Given {
        let mut times = ArrivalTimes::new(workload, duration, arrivals, &mut phases, &NoTraces)
            .expect("it reads no trace");
        let end = SimTime::ZERO + duration;
        let mut given = Given::default();
        let mut now = SimTime::ZERO;
        while let Some(at) = times.next(now).expect("it reads no trace") {
            if at > end {
                break;
            }
            let response = draw(response, &mut responses);
            if keeps(at, response) {
                given.times.push(at);
                given.responses.push(response);
            }
            now = at;
        }
        given
    }

    /// Both, in order of time.
    #[must_use]
    pub fn and(self, more: &Given) -> Given {
        if more.times.is_empty() {
            return self;
        }
        let mut all: Vec<(SimTime, SimSpan)> = self.pairs().chain(more.pairs()).collect();
        all.sort_by_key(|(at, _)| *at);
        let (times, responses) = all.into_iter().unzip();
        Given { times, responses }
    }

    /// When each comes, and how long its answer takes.
    pub fn pairs(&self) -> impl Iterator<Item = (SimTime, SimSpan)> + '_ {
        self.times
            .iter()
            .copied()
            .zip(self.responses.iter().copied())
    }
}

/// For what reads none.
struct NoTraces;

impl Traces for NoTraces {
    fn open(&self, _: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        Err(TraceError {
            path: String::new(),
            problem: "these requests are drawn".into(),
        })
    }
}
