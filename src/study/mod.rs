//! Many runs of one scenario: strategies beside each other, replications, their aggregate.
//!
//! Lives here: which runs there are, on which threads, and how their results combine. Does not
//! live here: files, and how a run works (`sim`).

use crate::model::workload::{Phases, TraceSource};
use crate::model::{Arrivals, GroupRule, Law, Scenario};
use crate::record::recorder::Kept;
use crate::record::{
    ClientSample, Durations, FirstRefusal, Histogram, Recorder, RunSummary, Sample, Told,
};
use crate::sim::tally::{Tally, tally};
use crate::sim::{Given, Memory, Simulation, TraceError, Traces};
use crate::units::{SimSpan, SimTime};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::AtomicU64;

pub mod aggregate;
mod columns;
pub mod comparison;
pub mod design;
pub mod differences;
pub mod gallery;
pub mod goal;
pub mod inspection;
pub mod lifeline;
pub mod metric;
mod part;
pub mod plan;
pub mod pooled;
pub mod port_map;
pub mod ports_csv;
pub mod precision;
pub mod rare;
#[cfg(test)]
pub mod sample;
pub mod shard;
pub mod steady;
pub mod steady_run;
pub mod survival;
pub mod sweep;
#[cfg(feature = "std")]
pub mod threads;
pub mod vary;

pub use crate::stats::Interval;
pub use aggregate::Aggregate;
pub use columns::SeriesColumn;
pub use comparison::{ClientRow, Comparison, PortsRow, StrategyResult};
pub use design::Design;
pub use differences::differences;
pub use goal::Goal;
pub use inspection::{Inspection, inspect};
pub use metric::{METRICS, Metric};
pub use part::{OfPart, PartError};
pub use port_map::PortMap;
pub use precision::Precision;
pub use shard::Shard;
pub use survival::Survival;
pub use vary::Axis;

/// One run of one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct RunOutput {
    /// The run in numbers.
    pub summary: RunSummary,
    /// The port table at each sample instant; with [`Runner::bounded`], of too many of them those
    /// at even distances.
    pub samples: Vec<Sample>,
    /// Where the samples are not all: the extremes between them.
    pub between: Vec<Sample>,
    /// Whether there were more samples than that.
    pub is_thinned: bool,
    /// The same as `samples` of each program, where several share the machine: by instant, then
    /// program.
    pub clients: Vec<ClientSample>,
    /// Every duration of the run, where the runner keeps them; quantiles over several runs come
    /// from their sum.
    pub durations: Option<Durations>,
}

/// Makes runs one after another, of whatever scenarios, and uses the memory of one for the next.
#[derive(Debug, Default)]
pub struct Runner {
    recorder: Recorder,
    memory: Memory,
    keeps_durations: bool,
    bounds_series: bool,
    /// The memory of a count.
    steps: Vec<u32>,
    /// The median response time of each trace that was read, by its digest.
    medians: Vec<(u64, Option<SimSpan>)>,
}

impl Runner {
    /// A runner whose outputs have samples, or only summaries.
    pub fn new(keeps_samples: bool) -> Runner {
        Runner {
            recorder: Recorder::new(keeps_samples),
            memory: Memory::default(),
            keeps_durations: false,
            bounds_series: false,
            steps: Vec::new(),
            medians: Vec::new(),
        }
    }

    /// The same, of whose samples no more than a bounded number is kept.
    pub fn bounded(self) -> Runner {
        Runner {
            bounds_series: true,
            ..self
        }
    }

    /// The same, which counts the samples of its runs there as they come.
    pub fn telling(mut self, samples: Arc<AtomicU64>) -> Runner {
        self.recorder.tell(Told::to(samples));
        self
    }

    /// The same, whose outputs also have every duration of the run.
    pub fn keeping_durations(self) -> Runner {
        Runner {
            keeps_durations: true,
            ..self
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
    let mut runner = Runner::new(true).keeping_durations();
    runner.run(variant, replication, traces)
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
        let medians = self.medians_of(variant, traces)?;
        let (recorder, memory) = (&mut self.recorder, &mut self.memory);
        if self.bounds_series {
            recorder.bound_to(variant.samples());
        }
        recorder.prepare(variant, &medians);
        let end = Simulation::reusing(variant, replication, traces, recorder, memory)?.run()?;
        let durations = self.keeps_durations.then(|| self.recorder.durations());
        let Kept {
            summary,
            series,
            clients,
        } = self.recorder.take(&end);
        Ok(RunOutput {
            summary,
            samples: series.samples,
            between: series.between,
            is_thinned: series.is_thinned,
            clients,
            durations,
        })
    }

    /// The median response time of each workload whose trace brings its own.
    fn medians_of(
        &mut self,
        variant: &Scenario,
        traces: &dyn Traces,
    ) -> Result<Vec<Option<SimSpan>>, TraceError> {
        let mut found = Vec::with_capacity(variant.workloads.len());
        for workload in &variant.workloads {
            let source = match &workload.arrivals {
                Arrivals::Trace(source) if source.has_duration => source,
                _ => {
                    found.push(None);
                    continue;
                }
            };
            let known = self.medians.iter().find(|(of, _)| *of == source.digest);
            if let Some((_, median)) = known {
                found.push(*median);
                continue;
            }
            let median = median_of(source, traces)?;
            self.medians.push((source.digest, median));
            found.push(median);
        }
        Ok(found)
    }
}

/// The median of a trace's durations; `None` where it has none.
fn median_of(source: &TraceSource, traces: &dyn Traces) -> Result<Option<SimSpan>, TraceError> {
    let mut durations = Histogram::new();
    for row in traces.open(source)? {
        if let Some(duration) = row?.duration {
            durations.record(duration);
        }
    }
    let is_any = durations.mean_seconds().is_some();
    Ok(is_any.then(|| SimSpan::from_nanos(durations.quantile(0.5))))
}

impl Runner {
    /// Runs `variant` until its first connect that counts is refused for want of a port, or until
    /// no refusal can be at or before `until`: of the summary only that instant and the events are
    /// known.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn first_refusal(
        &mut self,
        variant: &Scenario,
        replication: u32,
        traces: &dyn Traces,
        until: SimTime,
    ) -> Result<RunSummary, TraceError> {
        self.first_refusal_of(variant, replication, traces, until, Vec::new())
    }

    /// The same of a run whose workloads make these requests, one list each; none of them draws.
    fn first_refusal_of(
        &mut self,
        variant: &Scenario,
        replication: u32,
        traces: &dyn Traces,
        until: SimTime,
        given: Vec<Given>,
    ) -> Result<RunSummary, TraceError> {
        let from = SimTime::ZERO + variant.warm_up.unwrap_or_default();
        let mut seen = FirstRefusal::within(from, until);
        let memory = &mut self.memory;
        let run = Simulation::reusing(variant, replication, traces, &mut seen, memory)?;
        let end = run.with_requests(given).run()?;
        Ok(RunSummary {
            exhausted_at: seen.at,
            events: end.events,
            ..RunSummary::default()
        })
    }
}

impl Runner {
    /// The same of a scenario whose requests each have a connection and close it
    /// ([`closes_each`](plan::closes_each)), where a count of its ports can tell: in a tenth of the
    /// time.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn tally(
        &mut self,
        variant: &Scenario,
        replication: u32,
        traces: &dyn Traces,
        until: SimTime,
    ) -> Result<Tally, TraceError> {
        tally(variant, replication, traces, until, &mut self.steps)
    }
}

/// Whether every run of `variant` is the same, because nothing in it is drawn at random.
pub fn draws_nothing(variant: &Scenario) -> bool {
    let is_constant = |law: &Law| matches!(law, Law::Constant(_));
    let clients = variant.clients.iter();
    let servers = variant.servers.iter();
    let workloads = variant.workloads.iter();
    clients.into_iter().all(|it| it.timer_jitter.is_zero())
        && servers
            .into_iter()
            .all(|it| is_constant(&it.connect_time) && is_constant(&it.response_time))
        && workloads.into_iter().all(|it| {
            let arrivals = match &it.arrivals {
                Arrivals::Every { jitter, .. } => jitter.is_zero(),
                Arrivals::Devices { phases, jitter, .. } => {
                    *phases != Phases::Random && jitter.is_zero()
                }
                Arrivals::Renewal(law) | Arrivals::Users { think: law, .. } => is_constant(law),
                Arrivals::Trace(_) | Arrivals::Timeline(_) => true,
                Arrivals::Poisson { .. } | Arrivals::Schedule { .. } | Arrivals::Bursts { .. } => {
                    false
                }
            };
            let group = !matches!(
                it.group,
                Some(GroupRule::Pool { random: true, .. } | GroupRule::Users { .. })
            );
            arrivals && group && it.retry.is_none_or(|retry| !retry.jitter)
        })
}

/// The aggregate of a strategy's runs, given in order of replication.
pub fn combine(variant: Scenario, name: &str, outputs: Vec<RunOutput>) -> StrategyResult {
    let warm_up = variant.warm_up;
    let mut aggregate = Aggregate::new(outputs.len() as u32).warming_up(warm_up);
    for (replication, output) in outputs.into_iter().enumerate() {
        aggregate.add(replication as u32, output);
    }
    aggregate.finish(variant, name)
}
