//! One experiment: a scenario, what is measured of each run, how the figures are judged.

use super::{Check, Evidence};
use crate::model::Scenario;
use crate::sim::{Memory, Observer, Simulation, TraceError, Traces};
use crate::stats::Moments;
use crate::study::rare::Share;
use crate::study::{RunOutput, Runner};
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;

/// What is measured of one run; what an experiment does not need is 0.
pub type Figures = [f64; 3];

/// A question that has an answer in theory.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// Its name: kebab-case.
    pub name: &'static str,
    /// Its scenario, as a file would hold it; under no strategy but `as is` where it names none.
    pub scenario: &'static str,
    /// Independent runs in the whole verification.
    pub runs: u32,
    /// Runs in the fast edition; 0 leaves it out.
    pub fast_runs: u32,
    /// Runs that one job makes in a row.
    pub runs_a_job: u32,
    /// Measures one run.
    pub(super) measure: fn(&mut Bench<'_>, u32) -> Result<Figures, TraceError>,
    /// Judges the figures of all runs, in order of replication.
    pub(super) judge: fn(&[Figures]) -> Vec<Judged>,
}

impl Experiment {
    /// The whole text of its scenario.
    pub(super) fn text(&self) -> String {
        if self.scenario.contains("[[strategy]]") {
            return self.scenario.into();
        }
        format!(
            "{}    [[strategy]]\n        name = \"as is\"\n",
            self.scenario
        )
    }
}

/// A judged figure, before it knows its experiment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    figure: &'static str,
    law: &'static str,
    simulated: f64,
    expected: f64,
    evidence: Evidence,
}

impl Judged {
    pub(super) fn new(figure: &'static str, law: &'static str) -> Judged {
        Judged {
            figure,
            law,
            simulated: f64::NAN,
            expected: f64::NAN,
            evidence: Evidence::Exact,
        }
    }

    /// Equal or wrong.
    pub(super) fn exactly(self, simulated: f64, expected: f64) -> Judged {
        Judged {
            simulated,
            expected,
            evidence: Evidence::Exact,
            ..self
        }
    }

    /// A figure whose distance from the law is already known in standard errors.
    pub(super) fn at(self, simulated: f64, expected: f64, z: f64) -> Judged {
        Judged {
            simulated,
            expected,
            evidence: Evidence::Z(z),
            ..self
        }
    }

    /// The mean of independent observations.
    pub(super) fn mean(self, observations: &[f64], expected: f64) -> Judged {
        let moments = Moments::of(observations);
        self.at(moments.mean, expected, moments.z(expected))
    }

    /// The ratio of two totals, run by run: what `above - expected · below` adds up to is 0 in the
    /// mean whatever the number of requests was, which the mean of the runs' own ratios is not.
    pub(super) fn ratio(self, above: &[f64], below: &[f64], expected: f64) -> Judged {
        let runs = above.iter().zip(below);
        let residuals: Vec<f64> = runs.map(|(a, b)| a - expected * b).collect();
        let simulated = above.iter().sum::<f64>() / below.iter().sum::<f64>();
        self.at(simulated, expected, Moments::of(&residuals).z(0.0))
    }

    /// The variance of independent observations whose mean is known: the mean of their squared
    /// distances from it, which is free of bias and has a standard error like any mean.
    pub(super) fn variance(self, observations: &[f64], mean: f64, expected: f64) -> Judged {
        let squares: Vec<f64> = observations
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .collect();
        self.mean(&squares, expected)
    }
}

/// The figures at one place of every run.
pub(super) fn column(figures: &[Figures], place: usize) -> Vec<f64> {
    figures.iter().map(|run| run[place]).collect()
}

/// Where runs are made: one per job, so that runs share their memory.
pub(super) struct Bench<'a> {
    variants: &'a [Scenario],
    runners: Vec<Runner>,
    memory: Memory,
    traces: &'a dyn Traces,
}

impl Bench<'_> {
    /// Runs the strategy at `index`.
    pub(super) fn run(&mut self, index: usize, replication: u32) -> Result<RunOutput, TraceError> {
        self.runners[index].run(&self.variants[index], replication, self.traces)
    }

    /// The strategy at `index`.
    pub(super) fn variant(&self, index: usize) -> &Scenario {
        &self.variants[index]
    }

    /// When `variant`, whatever the experiment's own scenario is, is first refused a port.
    pub(super) fn first_refusal(
        &mut self,
        variant: &Scenario,
        replication: u32,
    ) -> Result<Option<SimTime>, TraceError> {
        let runner = &mut self.runners[0];
        let run = runner.first_refusal(variant, replication, self.traces, SimTime::NEVER)?;
        Ok(run.exhausted_at)
    }

    /// In which share of runs `variant` is refused a port, by so many in which that is likely;
    /// `None` where it cannot be estimated.
    pub(super) fn rare_share(
        &mut self,
        variant: &Scenario,
        runs: u32,
    ) -> Result<Option<Share>, TraceError> {
        let found = self.runners[0].rare_share(variant, runs, self.traces)?;
        Ok(found.ok())
    }

    /// When the first strategy ran out, in seconds; infinite where it did not.
    pub(super) fn exhausted_at(&mut self, index: usize, run: u32) -> Result<f64, TraceError> {
        let at = self.run(index, run)?.summary.exhausted_at;
        Ok(at.map_or(f64::INFINITY, SimTime::as_seconds))
    }

    /// Runs the first strategy before an observer of its own.
    pub(super) fn watch(
        &mut self,
        replication: u32,
        observer: &mut dyn Observer,
    ) -> Result<crate::sim::End, TraceError> {
        let (scenario, memory) = (&self.variants[0], &mut self.memory);
        Simulation::reusing(scenario, replication, self.traces, observer, memory)?.run()
    }
}

/// An experiment with its scenario read.
#[derive(Clone, Debug)]
pub struct Prepared {
    experiment: Experiment,
    variants: Vec<Scenario>,
    runs: u32,
}

impl Prepared {
    pub(super) fn new(experiment: Experiment, scenario: &Scenario, runs: u32) -> Prepared {
        let strategies = scenario.strategies.iter();
        Prepared {
            experiment,
            variants: strategies.map(|one| scenario.under(one)).collect(),
            runs,
        }
    }

    /// The name of the experiment.
    pub const fn name(&self) -> &'static str {
        self.experiment.name
    }

    /// Into how many jobs its runs are divided.
    pub const fn jobs(&self) -> u32 {
        self.runs.div_ceil(self.experiment.runs_a_job)
    }

    /// The figures of the runs of one job, from 0.
    ///
    /// # Errors
    /// A trace cannot be read.
    pub fn measure(&self, job: u32, traces: &dyn Traces) -> Result<Vec<Figures>, TraceError> {
        let first = job * self.experiment.runs_a_job;
        let last = (first + self.experiment.runs_a_job).min(self.runs);
        let mut bench = Bench {
            variants: &self.variants,
            runners: self.variants.iter().map(|_| Runner::new(true)).collect(),
            memory: Memory::default(),
            traces,
        };
        (first..last)
            .map(|run| (self.experiment.measure)(&mut bench, run))
            .collect()
    }

    /// Judges the figures of all its runs, in order.
    pub fn judge(&self, figures: &[Figures]) -> Vec<Check> {
        let judged = (self.experiment.judge)(figures).into_iter();
        judged
            .map(|one| Check {
                experiment: self.experiment.name,
                figure: one.figure,
                law: one.law,
                runs: self.runs,
                simulated: one.simulated,
                expected: one.expected,
                evidence: one.evidence,
            })
            .collect()
    }
}
