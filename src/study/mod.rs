//! Many runs of one scenario: strategies beside each other, replications, their aggregate.
//!
//! Lives here: which runs there are and how their results combine. Does not live here: threads
//! and files (the shell hands jobs out), and how a run works (`sim`).

use crate::model::Scenario;
use crate::record::summary::{PortUsage, RequestCounts};
use crate::record::{Recorder, RunSummary, Sample};
use crate::sim::{Simulation, TraceError, Traces};
use alloc::vec::Vec;

pub mod comparison;

pub use crate::stats::Interval;
pub use comparison::{Comparison, PortsRow, StrategyResult};

/// One run of one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct RunOutput {
    /// The run in numbers.
    pub summary: RunSummary,
    /// The port table at each sample instant.
    pub samples: Vec<Sample>,
}

/// Makes runs one after another, and uses the memory of one for the next.
#[derive(Debug, Default)]
pub struct Runner {
    recorder: Recorder,
}

impl Runner {
    /// A runner whose outputs have samples, or only summaries.
    pub fn new(keeps_samples: bool) -> Runner {
        Runner {
            recorder: Recorder::new(keeps_samples),
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
    /// Runs `variant` once; see [`run_one`].
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn run(
        &mut self,
        variant: &Scenario,
        replication: u32,
        traces: &dyn Traces,
    ) -> Result<RunOutput, TraceError> {
        let end = Simulation::new(variant, replication, traces, &mut self.recorder)?.run()?;
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
    let n_rows = outputs
        .iter()
        .map(|output| output.samples.len())
        .max()
        .unwrap_or(0);
    let rows = (0..n_rows).map(|row| row_of(&outputs, row)).collect();
    let runs = outputs.into_iter().map(|output| output.summary).collect();
    StrategyResult {
        scenario: variant,
        name: name.into(),
        runs,
        rows,
    }
}

/// The means over the runs at one sample instant, with the interval of the ports in use.
fn row_of(outputs: &[RunOutput], row: usize) -> PortsRow {
    let samples: Vec<[f64; 14]> = outputs
        .iter()
        .map(|output| comparison::columns_of(&output.samples[row]))
        .collect();
    let n = samples.len() as f64;
    let mut values = [0.0; 14];
    for sample in &samples {
        for (mean, value) in values.iter_mut().zip(sample) {
            *mean += value / n;
        }
    }
    let ports_in_use = (samples.len() > 1).then(|| {
        let of_ports: Vec<f64> = samples.iter().map(|sample| sample[0]).collect();
        crate::stats::mean_interval_95(&of_ports)
    });
    if let [only] = samples.as_slice() {
        values = *only;
    }
    PortsRow {
        time: outputs[0].samples[row].time,
        values,
        ports_in_use,
    }
}
