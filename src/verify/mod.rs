//! The model against theory: what simulations give beside what queueing theory says they must.
//!
//! Lives here: small scenarios whose answer is a formula, how each is measured and how the
//! measurement is judged. Does not live here: threads and tables (the shell), and the formulas
//! themselves (`stats`).
//!
//! Every scenario is text that goes through the public reader, so that what is verified is what
//! users run. Expectations come from the formulas and never from the simulator: a change to a
//! scenario's keys moves what is simulated and not what is expected.

use crate::scenario::{self, Diagnostic, Files, Override};
use alloc::string::String;
use alloc::vec::Vec;

mod coverage;
mod experiment;
mod intervals;
mod ports;
mod queues;

pub use experiment::{Experiment, Figures, Prepared};

/// A check holds while the simulated figure is within this many standard errors of the expected
/// one: chance alone leaves it once in 16,000 checks.
pub const MOST_Z: f64 = 4.0;

/// How far apart figures that should be equal may be, relative to the expected one: rounding of a
/// sum of a million floats.
const ROUNDING: f64 = 1e-9;

/// A simulated figure beside the expected one.
#[derive(Clone, PartialEq, Debug)]
pub struct Check {
    /// What was simulated: the name of its experiment.
    pub experiment: &'static str,
    /// Which figure, with its unit.
    pub figure: &'static str,
    /// The law that says what to expect.
    pub law: &'static str,
    /// How many runs it rests on.
    pub runs: u32,
    /// What the simulations gave.
    pub simulated: f64,
    /// What the law says.
    pub expected: f64,
    /// How they compare.
    pub evidence: Evidence,
}

/// How a simulated figure compares with the expected one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Evidence {
    /// It is random: the difference in standard errors, as a standard normal value.
    Z(f64),
    /// It has no chance in it: the two are equal, or not.
    Exact,
}

impl Check {
    /// Whether the simulation agrees with the law. A figure that could not be computed does not.
    pub fn holds(&self) -> bool {
        match self.evidence {
            Evidence::Z(z) => libm::fabs(z) <= MOST_Z,
            Evidence::Exact => {
                let difference = libm::fabs(self.simulated - self.expected);
                difference <= ROUNDING * libm::fabs(self.expected)
            }
        }
    }
}

/// Why an experiment's scenario cannot be read as it was changed.
#[derive(Clone, PartialEq, Debug)]
pub struct Unsuitable {
    /// The experiment.
    pub experiment: &'static str,
    /// Its scenario as written.
    pub text: String,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Every experiment, in the order of the table.
pub fn experiments() -> Vec<Experiment> {
    [
        ports::experiments(),
        queues::experiments(),
        intervals::experiments(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The same of how often intervals of each kind hold what they should.
pub fn coverage() -> Vec<Experiment> {
    coverage::experiments()
}

/// These experiments with their scenarios read; `is_fast` takes those that have a small edition, in
/// that edition. `overrides` change what is simulated and not what is expected.
///
/// # Errors
/// An override does not suit an experiment's scenario: what is wrong with the first such.
pub fn prepare(
    experiments: Vec<Experiment>,
    is_fast: bool,
    overrides: &[Override],
    files: &mut dyn Files,
) -> Result<Vec<Prepared>, Unsuitable> {
    let mut prepared = Vec::new();
    for experiment in experiments {
        let runs = if is_fast {
            experiment.fast_runs
        } else {
            experiment.runs
        };
        if runs == 0 {
            continue;
        }
        let text = experiment.text();
        let name = format!("verify-{}", experiment.name);
        match scenario::read(&text, &name, overrides, files) {
            Ok(read) => prepared.push(Prepared::new(experiment, &read.scenario, runs)),
            Err(problems) => {
                return Err(Unsuitable {
                    experiment: experiment.name,
                    text,
                    problems,
                });
            }
        }
    }
    Ok(prepared)
}
