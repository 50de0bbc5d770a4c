//! Probabilities that are too small to be counted: in which share of runs ports are refused, by
//! importance sampling.
//!
//! Ports run out where more requests hold one at the same time than there are ports. Runs are made
//! in which that is likely, because more such requests come, and each counts for what it is less
//! likely in the scenario itself: [`Tilt`]. The mean of what runs count is the probability,
//! whatever the windows are (it is unbiased); how they are chosen decides how good it is. Where
//! ports are held as is supposed, for about as long as an answer takes and some time more, what a
//! run counts is bounded, however rare the refusal: some hundred runs give a probability of 1e-6 to
//! a tenth (S. Asmussen and P. W. Glynn, "Stochastic Simulation: Algorithms and Analysis" (2007),
//! chapter VI; J. A. Bucklew, "Introduction to Rare Event Simulation" (2004)). Whether they are is
//! looked at in runs that are made as the scenario says; where they are not, there is no estimate.

mod fit;
mod held;
mod tilt;

pub use tilt::{Shape, Tilt};

use super::Runner;
use super::metric::Estimate;
use crate::model::{Arrivals, Scenario};
use crate::sim::{Sample, TraceError, Traces};
use crate::stats::Interval;
use crate::stats::estimate::Confidence;
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;

/// A share of runs up to which it is estimated here: one that is larger can be counted.
pub const RARE: f64 = 0.002;

/// Runs as the scenario says, of which one learns how ports are held.
pub const PILOTS: u32 = 4;

/// Runs of an estimate that nobody has asked to be nearer.
pub const RUNS: u32 = 960;

/// The number of the first pilot: none of them is among those that are counted or that other
/// commands make.
const FIRST_PILOT: u32 = 1 << 30;

/// Why a rare probability cannot be estimated; what to do is [`Reason::ADVICE`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Requests of some workload are not those of a Poisson process.
    Arrivals,
    /// There is more than one port table that may run out.
    Tables,
    /// Ports are not held by each request for about as long as its answer takes, and some time
    /// more.
    Unexplained,
    /// There are fewer than two runs.
    Runs,
}

impl Reason {
    /// The reason as the end of a sentence that begins with "because".
    pub const fn text(self) -> &'static str {
        match self {
            Reason::Arrivals => {
                "requests do not come by `poisson` or `schedule`, so that one cannot say how much \
                 less likely others are"
            }
            Reason::Tables => "more than one table of ports may run out",
            Reason::Unexplained => {
                "ports in use do not follow from the requests that come and how long each of them \
                 holds one"
            }
            Reason::Runs => "it takes several runs",
        }
    }

    /// That the share of a strategy's runs is counted, why, and what to do.
    pub fn warning(self, strategy: &str) -> String {
        format!(
            "warning: `{strategy}`: runs that are so rare are counted and not estimated, because \
             {}; {}",
            self.text(),
            Reason::ADVICE
        )
    }

    /// What to do about it.
    pub const ADVICE: &'static str = "ask for a share that can be counted, as in `p_exhausted < \
        0.01`, or allow as many --replications as it takes";
}

/// Whether rare refusals of `variant` can be estimated, as far as it tells itself.
///
/// # Errors
/// Why not.
pub fn can_estimate(variant: &Scenario) -> Result<(), Reason> {
    let mut workloads = variant.workloads.iter();
    let is_poisson =
        |it: &Arrivals| matches!(it, Arrivals::Poisson { .. } | Arrivals::Schedule { .. });
    if !workloads.all(|it| is_poisson(&it.arrivals)) {
        return Err(Reason::Arrivals);
    }
    if variant.nat.is_some() || variant.machine.instances > 1 {
        return Err(Reason::Tables);
    }
    Ok(())
}

/// A run as the scenario says.
#[derive(Clone, PartialEq, Debug)]
pub struct Pilot {
    /// The ports in use.
    samples: Vec<Sample>,
    /// Whether one was refused.
    is_refused: bool,
    /// How many events it took.
    pub events: u64,
}

/// What a run came to.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Weighed {
    /// What it counts: 0 where no port was refused, else how many times likelier it is in the
    /// scenario than as it was made.
    pub weight: f64,
    /// How many events it took.
    pub events: u64,
}

/// Smaller shares are as good as none, and only known to be smaller.
pub const NEVER: f64 = 1e-100;

/// A share of runs that was estimated.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// Its interval.
    pub interval: Interval,
    /// How many runs there were.
    pub runs: usize,
    /// Of how many of them a port was refused.
    pub refused: usize,
}

impl Share {
    /// The same as the estimate of a metric.
    pub const fn estimate(&self) -> Estimate {
        Estimate {
            value: Some(self.share),
            low: Some(self.interval.low),
            high: Some(self.interval.high),
            above: None,
        }
    }

    /// The mean of what runs count, with an interval of this confidence; `None` below two.
    pub fn of(weights: &[f64], confidence: f64) -> Option<Share> {
        let interval = Confidence::new(confidence, weights.len()).mean(weights)?;
        let share = weights.iter().sum::<f64>() / weights.len() as f64;
        Some(Share {
            share,
            interval: if share < NEVER {
                // Squares of such weights are no numbers any more, so they tell no spread.
                Interval {
                    low: 0.0,
                    high: NEVER,
                }
            } else {
                Interval {
                    low: interval.low,
                    high: libm::fmin(interval.high, 1.0),
                }
            },
            runs: weights.len(),
            refused: weights.iter().filter(|it| **it > 0.0).count(),
        })
    }
}

impl Runner {
    /// A run of `variant` as it is, number `number` of [`PILOTS`]: the ports in use.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn pilot(
        &mut self,
        variant: &Scenario,
        number: u32,
        traces: &dyn Traces,
    ) -> Result<Pilot, TraceError> {
        let output = self.run(variant, FIRST_PILOT + number, traces)?;
        Ok(Pilot {
            is_refused: output.summary.exhausted_at.is_some(),
            events: output.summary.events,
            samples: output.samples,
        })
    }

    /// The share of runs of `variant` that are refused a port, by so many runs in which that is
    /// likely, with an interval of 95%.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read; the inner error says why there is no estimate.
    pub fn rare_share(
        &mut self,
        variant: &Scenario,
        runs: u32,
        traces: &dyn Traces,
    ) -> Result<Result<Share, Reason>, TraceError> {
        if let Err(reason) = can_estimate(variant) {
            return Ok(Err(reason));
        }
        let mut keeping = Runner::new(true).bounded();
        let pilots = (0..PILOTS).map(|number| keeping.pilot(variant, number, traces));
        let tilt = match tilt_of(variant, &pilots.collect::<Result<Vec<_>, _>>()?) {
            Ok(tilt) => tilt,
            Err(reason) => return Ok(Err(reason)),
        };
        let weights = (0..runs).map(|number| self.weighed(variant, &tilt, number, traces));
        let weights = weights.map(|run| Ok(run?.weight));
        let weights = weights.collect::<Result<Vec<f64>, _>>()?;
        Ok(Share::of(&weights, 0.95).ok_or(Reason::Runs))
    }

    /// Run `number`, made under `tilt`, until its first refusal.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn weighed(
        &mut self,
        variant: &Scenario,
        tilt: &Tilt,
        number: u32,
        traces: &dyn Traces,
    ) -> Result<Weighed, TraceError> {
        let given = tilt.requests(variant, number);
        let copy = given.clone();
        let run = self.first_refusal_of(variant, number, traces, SimTime::NEVER, copy)?;
        let weight = run.exhausted_at.map_or(0.0, |at| tilt.weight(&given, at));
        Ok(Weighed {
            weight,
            events: run.events,
        })
    }
}

/// The laws under which runs of `variant` are made, of which these are the pilots.
///
/// # Errors
/// Why there are none.
pub fn tilt_of(variant: &Scenario, pilots: &[Pilot]) -> Result<Tilt, Reason> {
    can_estimate(variant)?;
    let refused = pilots.iter().filter(|it| it.is_refused).count();
    let shape = if refused * 2 >= pilots.len() {
        // It is not rare: runs as the scenario says show it.
        Shape {
            plus: 0.0,
            ports_each: f64::INFINITY,
        }
    } else {
        let samples: Vec<&[Sample]> = pilots.iter().map(|it| &it.samples[..]).collect();
        fit::shape(variant, &samples).ok_or(Reason::Unexplained)?
    };
    Tilt::new(variant, shape).ok_or(Reason::Arrivals)
}
