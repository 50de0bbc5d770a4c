//! Many runs of one scenario: strategies beside each other, replications, their aggregate.
//!
//! Lives here: which runs there are and how their results combine. Does not live here: threads
//! and files (the shell hands jobs out), and how a run works (`sim`).

use crate::model::Scenario;
use crate::record::{RunSummary, Sample};
use crate::sim::{TraceError, Traces};
use alloc::vec::Vec;

pub mod comparison;

pub use comparison::{Comparison, Interval, PortsRow, StrategyResult};

/// One run of one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct RunOutput {
    /// The run in numbers.
    pub summary: RunSummary,
    /// The port table at each sample instant.
    pub samples: Vec<Sample>,
}

/// Runs `variant` (a scenario as one strategy changes it) once.
///
/// The result depends on the scenario, its seed and `replication` (from 0), and on nothing
/// else: runs may be made in any order on any number of threads.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn run_one(
    variant: &Scenario,
    replication: u32,
    traces: &dyn Traces,
) -> Result<RunOutput, TraceError> {
    let _ = (variant, replication, traces);
    unimplemented!()
}

/// The aggregate of a strategy's runs, given in order of replication.
pub fn combine(variant: Scenario, name: &str, outputs: Vec<RunOutput>) -> StrategyResult {
    let _ = (variant, name, outputs);
    unimplemented!()
}
