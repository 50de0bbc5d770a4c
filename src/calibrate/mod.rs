//! A scenario fitted to what was observed: rate, response time and holds by least squares.
//!
//! Lives here: which numbers of a scenario can be fitted, the distance between the model's mean
//! curve and the observed one, the search, and how sure its result is. Does not live here: files
//! (`input`), threads (whoever brings [`Simulate`]), text and charts (`output`).
//!
//! The model's mean is taken over replications with the same random numbers whatever the
//! parameters (common random numbers), so that the distance is a smooth function of them and the
//! same on every machine. It is made small by Gauss and Newton's method on the logarithms of the
//! parameters, after a scan by doublings has found the valley. Where the curve does not tell two
//! parameters apart, as rate and hold on a plateau, the search does not move along their
//! difference; the result says which combination is known.
//!
//! **Invariant:** a fit depends on the scenario, its seed, the observation and the number of
//! replications, and on nothing else.

use crate::model::Scenario;
use crate::sim::Sample;
use crate::stats::Interval;
use alloc::string::String;
use alloc::vec::Vec;

mod certainty;
pub mod curve;
mod goodness;
mod matrix;
pub mod parameter;
mod search;
mod slopes;

pub use curve::{Channel, Curve};
pub use goodness::Goodness;
pub use parameter::Parameter;

/// One run that a fit asks for.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// What is simulated.
    pub scenario: Scenario,
    /// Which replication of it, from 0.
    pub replication: u32,
    /// How long before the first observation the scenario starts, in seconds.
    pub start_s: f64,
}

/// What a fit makes of a run's samples: the values of the observed curve.
pub type Reduce<'r> = &'r (dyn Fn(&Job, &[Sample]) -> Vec<f64> + Sync);

/// Makes runs; in which order and on how many threads is its own affair.
pub trait Simulate {
    /// What can go wrong: a trace that can no longer be read, an interruption.
    type Error;

    /// Runs every job and reduces its samples; results in the order of the jobs.
    ///
    /// # Errors
    /// A run cannot be made.
    fn run(&mut self, jobs: &[Job], reduce: Reduce<'_>) -> Result<Vec<Vec<f64>>, Self::Error>;
}

/// What is to be fitted to what.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    /// The scenario as the chosen strategy changes it comes from this one.
    pub scenario: Scenario,
    /// The index of the strategy under which the observation was made.
    pub strategy: usize,
    /// What was observed.
    pub observed: Curve,
    /// What may change; the others stay as the scenario has them.
    pub parameters: Vec<Parameter>,
    /// How long before the first observation the load began, in seconds, where it is not fitted.
    pub start_s: f64,
    /// Over how many runs the model's curve is averaged; at least 2.
    pub replications: u32,
}

/// One fitted number.
#[derive(Clone, PartialEq, Debug)]
pub struct Estimate {
    /// What it is.
    pub parameter: Parameter,
    /// As the scenario has it: requests per second, or seconds.
    pub before: f64,
    /// As fitted.
    pub value: f64,
    /// Whether the curve tells it.
    pub is_told: bool,
    /// The 95% interval; `None` where the curve does not tell, or the model misses it.
    pub interval: Option<Interval>,
}

/// Two numbers of which the curve tells only the product.
#[derive(Clone, PartialEq, Debug)]
pub struct Product {
    /// Which.
    pub of: [Parameter; 2],
    /// Their product: ports, where one is a rate and the other a time.
    pub value: f64,
    /// Its 95% interval; `None` where the model misses the curve.
    pub interval: Option<Interval>,
}

/// Observation and model at one instant, all channels together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Seconds since the first observation.
    pub time_s: f64,
    /// Ports that were observed.
    pub observed: f64,
    /// The mean of the fitted model.
    pub model: f64,
    /// Where 95% of the model's runs are.
    pub band: Interval,
    /// The mean of the scenario as it was before.
    pub before: f64,
}

/// A fitted scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// The scenario with the fitted values, rounded to four digits.
    pub scenario: Scenario,
    /// One per parameter, in the order of the problem.
    pub estimates: Vec<Estimate>,
    /// What is known only together.
    pub products: Vec<Product>,
    /// Observation and model over time.
    pub points: Vec<Point>,
    /// How well they agree.
    pub goodness: Goodness,
    /// How many runs the fit took.
    pub runs: u64,
    /// What the reader should know before using the numbers.
    pub warnings: Vec<String>,
}

/// Fits the scenario to the observation.
///
/// # Errors
/// A run cannot be made.
pub fn fit<S: Simulate>(problem: &Problem, simulate: &mut S) -> Result<Fit, S::Error> {
    let mut model = search::Model::new(problem, simulate);
    let found = model.search()?;
    let mut certainty = certainty::of(problem, &found);
    let before = model.mean_of_total(&alloc::vec![0.0; problem.parameters.len()])?;
    let points = points(problem, &found, &before);
    let goodness = goodness::of(problem, &found, &points);
    if goodness.is_misfit() {
        certainty.leave_open();
    }
    let scenario = problem.scenario_at(&found.at);
    let mut warnings = certainty.warnings;
    warnings.extend(goodness.warnings());
    Ok(Fit {
        scenario,
        estimates: certainty.estimates,
        products: certainty.products,
        points,
        goodness,
        runs: model.runs(),
        warnings,
    })
}

impl Problem {
    /// The scenario with its numbers at `at`, rounded to four digits.
    fn scenario_at(&self, at: &[f64]) -> Scenario {
        let mut scenario = self.scenario.clone();
        for (parameter, x) in self.parameters.iter().zip(at) {
            let factor = parameter.rounded_factor(&self.scenario, *x);
            parameter.scale(&mut scenario, factor);
        }
        scenario
    }

    /// The longest time before the first observation that can make a difference: some holds, and
    /// some times what was observed; 0 where the start is not fitted.
    fn latest_start(&self) -> f64 {
        if !self.parameters.contains(&Parameter::Start) {
            return 0.0;
        }
        let holds = [Parameter::TimeWait, Parameter::MaxIdleTime];
        let held: f64 = holds.iter().filter_map(|it| it.value(&self.scenario)).sum();
        4.0 * (self.observed.span_s() + held)
    }

    /// How long before the first observation the load began at `at`, in seconds.
    fn start_at(&self, at: &[f64]) -> f64 {
        let position = self
            .parameters
            .iter()
            .position(|it| *it == Parameter::Start);
        position.map_or(self.start_s, |index| at[index] * self.observed.span_s())
    }
}

fn points(problem: &Problem, found: &search::Found, before: &[f64]) -> Vec<Point> {
    let observed = problem.observed.total();
    let totals: Vec<Vec<f64>> = found
        .replications
        .iter()
        .map(|values| problem.observed.total_of(values))
        .collect();
    let n = totals.len() as f64;
    let quantile = crate::stats::student_quantile(0.975, n - 1.0);
    (0..observed.len())
        .map(|index| {
            let mean = totals.iter().map(|it| it[index]).sum::<f64>() / n;
            let squares: f64 = totals
                .iter()
                .map(|it| (it[index] - mean) * (it[index] - mean))
                .sum();
            // Of one more run: its own scatter and that of the mean.
            let half = quantile * libm::sqrt(squares / (n - 1.0) * (1.0 + 1.0 / n));
            Point {
                time_s: problem.observed.times_s[index],
                observed: observed[index],
                model: mean,
                band: Interval {
                    low: (mean - half).max(0.0),
                    high: mean + half,
                },
                before: before[index],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
