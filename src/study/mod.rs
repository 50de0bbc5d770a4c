//! Many runs of one scenario: strategies beside each other, replications, their aggregate.
//!
//! Lives here: which runs there are and how their results combine. Does not live here: threads
//! and files (the shell hands jobs out), and how a run works (`sim`).

use crate::model::Scenario;
use crate::record::summary::{PortUsage, RequestCounts};
use crate::record::{Recorder, RunSummary, Sample};
use crate::sim::{Memory, Simulation, TraceError, Traces};
use alloc::vec::Vec;

pub mod aggregate;
pub mod comparison;
pub mod gallery;
pub mod inspection;
pub mod port_map;

pub use crate::stats::Interval;
pub use aggregate::Aggregate;
pub use comparison::{Comparison, PortsRow, StrategyResult};
pub use inspection::{Inspection, inspect};
pub use port_map::{PortMap, StrategyMap};

/// One run of one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct RunOutput {
    /// The run in numbers.
    pub summary: RunSummary,
    /// The port table at each sample instant.
    pub samples: Vec<Sample>,
}

/// Makes runs one after another, and uses the memory of one for the next.
///
/// A runner is for the runs of one scenario under one strategy.
#[derive(Debug, Default)]
pub struct Runner {
    recorder: Recorder,
    memory: Memory,
}

impl Runner {
    /// A runner whose outputs have samples, or only summaries.
    pub fn new(keeps_samples: bool) -> Runner {
        Runner {
            recorder: Recorder::new(keeps_samples),
            memory: Memory::default(),
        }
    }
}

/// Runs `variant` (a scenario as one strategy changes it) once, samples kept.
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
    Runner::new(true).run(variant, replication, traces)
}

impl Runner {
    /// Runs `variant`, always the same one, once more; see [`run_one`].
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn run(
        &mut self,
        variant: &Scenario,
        replication: u32,
        traces: &dyn Traces,
    ) -> Result<RunOutput, TraceError> {
        let (recorder, memory) = (&mut self.recorder, &mut self.memory);
        let end = Simulation::reusing(variant, replication, traces, recorder, memory)?.run()?;
        let (mut summary, samples) = self.recorder.take();
        summary.ports = PortUsage {
            limit: u64::from(end.ports.limit),
            peak: u64::from(end.ports.peak),
            peak_at: end.ports.peak_at,
            at_end: u64::from(end.ports.at_end),
            mean: end.ports.mean,
        };
        summary.requests.in_flight = end.in_flight;
        summary.events = end.events;
        let RequestCounts {
            submitted,
            succeeded,
            failed,
            timed_out,
            in_flight,
        } = summary.requests;
        assert_eq!(
            submitted,
            succeeded + failed + timed_out + in_flight,
            "requests were lost"
        );
        Ok(RunOutput { summary, samples })
    }
}

/// The aggregate of a strategy's runs, given in order of replication.
pub fn combine(variant: Scenario, name: &str, outputs: Vec<RunOutput>) -> StrategyResult {
    let mut aggregate = Aggregate::new(outputs.len() as u32);
    for (replication, output) in outputs.into_iter().enumerate() {
        aggregate.add(replication as u32, output);
    }
    aggregate.finish(variant, name)
}
