//! The front door of the library: a scenario from text, and its comparison.

use crate::model::Scenario;
use crate::model::workload::{TimedAction, TraceSource};
use crate::scenario::{self, Diagnostic, FileError, Files, Read};
use crate::sim::{TraceError, TraceRows, Traces};
#[cfg(feature = "std")]
use crate::study::threads::{available, run_in_order};
use crate::study::{Comparison, RunOutput, Runner, combine};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use core::sync::atomic::AtomicBool;

/// A scenario that cannot be used: everything that is wrong with it, in the order of its text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct ScenarioError(pub Vec<Diagnostic>);

/// One line for each problem.
fn lines(problems: &[Diagnostic]) -> String {
    let lines: Vec<String> = problems.iter().map(|it| format!("{it}")).collect();
    lines.join("\n")
}

/// No files at all: for scenarios that name none. One that does is refused, by the file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoFiles;

impl NoFiles {
    fn refusal<T>(path: &str) -> Result<T, FileError> {
        Err(format!("{path}: this scenario was read without files").into())
    }
}

impl Files for NoFiles {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError> {
        NoFiles::refusal(path)
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, FileError> {
        NoFiles::refusal(path)
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError> {
        NoFiles::refusal(path)
    }
}

impl Traces for NoFiles {
    fn open(&self, source: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        Err(TraceError {
            path: source.path.clone(),
            problem: "this run was started without files".into(),
        })
    }
}

impl Scenario {
    /// Reads a scenario that names no files from TOML, or from JSON when the text starts with `{`.
    ///
    /// ```
    /// let article = spsim::BuiltIn::find("kb2551125").expect("it is built in");
    /// let comparison = spsim::Scenario::parse(article.toml)?.compare()?;
    /// let as_is = &comparison.strategies[0];
    /// assert_eq!((as_is.runs[0].ports.peak, as_is.verdict().as_str()), (5000, "exhausted"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every problem of the text, in its order.
    pub fn parse(text: &str) -> Result<Read, ScenarioError> {
        Scenario::parse_with(text, &mut NoFiles)
    }

    /// The same with the files that it names.
    ///
    /// # Errors
    /// Every problem of the text and of the files.
    pub fn parse_with(text: &str, files: &mut dyn Files) -> Result<Read, ScenarioError> {
        scenario::read(text, "scenario", &[], files).map_err(ScenarioError)
    }
}

impl Read {
    /// Runs the scenario under each of its strategies, on the same random numbers, as often as it
    /// has replications: on a thread per core where there are threads, whose number changes
    /// nothing.
    ///
    /// # Errors
    /// The scenario replays a trace: see [`Read::compare_with`].
    pub fn compare(&self) -> Result<Comparison, TraceError> {
        #[cfg(feature = "std")]
        let outputs = self.on_threads();
        #[cfg(not(feature = "std"))]
        let outputs = self.in_turn(&NoFiles);
        Ok(self.combined(outputs?))
    }

    /// The same with the traces that it replays, one run after another.
    ///
    /// # Errors
    /// A trace cannot be read.
    pub fn compare_with(&self, traces: &dyn Traces) -> Result<Comparison, TraceError> {
        self.in_turn(traces).map(|outputs| self.combined(outputs))
    }

    /// The outputs of all runs: those of the first strategy, then those of the second.
    fn in_turn(&self, traces: &dyn Traces) -> Result<Vec<RunOutput>, TraceError> {
        let mut runner = runner();
        let mut outputs = Vec::new();
        for variant in self.variants() {
            for replication in 0..variant.replications {
                outputs.push(runner.run(&variant, replication, traces)?);
            }
        }
        Ok(outputs)
    }

    /// The same on threads.
    #[cfg(feature = "std")]
    fn on_threads(&self) -> Result<Vec<RunOutput>, TraceError> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let variants = self.variants();
        let of_each = u64::from(self.scenario.replications);
        let count = variants.len() as u64 * of_each;
        let job = move |state: &mut Option<Runner>, index: u64| {
            let variant = &variants[(index / of_each) as usize];
            let replication = (index % of_each) as u32;
            let runner = state.get_or_insert_with(runner);
            runner.run(variant, replication, &NoFiles)
        };
        let mut outputs = Vec::new();
        run_in_order(count, available(), &NEVER, job, |_, output| {
            outputs.push(output?);
            Ok(())
        })?;
        Ok(outputs)
    }

    fn variants(&self) -> Vec<Scenario> {
        let strategies = self.scenario.strategies.iter();
        strategies.map(|it| self.scenario.under(it)).collect()
    }

    fn combined(&self, outputs: Vec<RunOutput>) -> Comparison {
        let mut outputs = outputs.into_iter();
        let strategies = self.scenario.strategies.iter().zip(self.variants());
        let strategies = strategies.map(|(strategy, variant)| {
            let runs = outputs.by_ref().take(variant.replications as usize);
            let runs = runs.collect();
            combine(variant, &strategy.name, runs)
        });
        Comparison {
            strategies: strategies.collect(),
            scenario: self.scenario.clone(),
            warnings: self.warning_sentences(),
            precision: None,
            command: String::new(),
        }
    }
}

/// What makes the runs of a comparison.
fn runner() -> Runner {
    Runner::new(true).keeping_durations()
}
