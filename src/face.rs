//! The front door of the library: a scenario from text, and its comparison.

use crate::model::Scenario;
use crate::model::workload::{TimedAction, TraceSource};
use crate::scenario::{self, Diagnostic, Files, Read};
use crate::sim::{TraceError, TraceRows, Traces};
use crate::study::{Comparison, Runner, combine};
use crate::units::SimSpan;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

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
    fn refusal<T>(path: &str) -> Result<T, Vec<String>> {
        let message = format!("{path}: this scenario was read without files");
        Err(alloc::vec![message])
    }
}

impl Files for NoFiles {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, Vec<String>> {
        NoFiles::refusal(path)
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, Vec<String>> {
        NoFiles::refusal(path)
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, Vec<String>> {
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
    /// has replications, one run after another.
    ///
    /// # Errors
    /// The scenario replays a trace: see [`Read::compare_with`].
    pub fn compare(&self) -> Result<Comparison, TraceError> {
        self.compare_with(&NoFiles)
    }

    /// The same with the traces that it replays.
    ///
    /// # Errors
    /// A trace cannot be read.
    pub fn compare_with(&self, traces: &dyn Traces) -> Result<Comparison, TraceError> {
        let mut runner = Runner::new(true).keeping_durations();
        let mut strategies = Vec::with_capacity(self.scenario.strategies.len());
        for strategy in &self.scenario.strategies {
            let variant = self.scenario.under(strategy);
            let replications = 0..variant.replications;
            let outputs = replications.map(|it| runner.run(&variant, it, traces));
            let outputs = outputs.collect::<Result<Vec<_>, _>>()?;
            strategies.push(combine(variant, &strategy.name, outputs));
        }
        Ok(Comparison {
            scenario: self.scenario.clone(),
            strategies,
            warnings: self.warning_sentences(),
            precision: None,
        })
    }
}
