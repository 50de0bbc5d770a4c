//! How long a strategy lasts: the survival curve of the time to exhaustion.

use super::comparison::StrategyResult;
use crate::stats::survival::{Observed, SurvivalStep, before_the_first, kaplan_meier};
use crate::stats::{Confidence, Interval};
use crate::units::SimTime;
use alloc::vec::Vec;

/// The curve of one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct Survival {
    /// One step per time at which runs ran out of ports; empty where none did.
    pub steps: Vec<SurvivalStep<SimTime>>,
    /// How many runs there were.
    pub runs: u64,
    /// How many of them ran out.
    pub exhausted: u64,
    /// When the others were no longer watched: the end of the simulated time.
    pub end: SimTime,
}

impl Survival {
    /// The curve of a strategy's runs. A run that did not run out is right-censored at its end: it
    /// says "not within this time" and no more.
    pub fn of(result: &StrategyResult) -> Survival {
        let end = SimTime::ZERO + result.scenario.duration;
        let observed: Vec<Observed<SimTime>> = result
            .runs
            .iter()
            .map(|run| Observed {
                time: run.exhausted_at.unwrap_or(end),
                happened: run.exhausted_at.is_some(),
            })
            .collect();
        Survival {
            steps: kaplan_meier(&observed),
            runs: observed.len() as u64,
            exhausted: observed.iter().filter(|one| one.happened).count() as u64,
            end,
        }
    }

    /// The interval before the first run ran out.
    pub fn at_start(&self) -> Interval {
        before_the_first(self.runs)
    }

    /// Wilson's 95% interval of the probability to run out within the simulated time.
    pub fn probability(&self) -> Option<Interval> {
        let confidence = Confidence::new(0.95, 1);
        confidence.proportion(self.exhausted as usize, self.runs as usize)
    }
}
