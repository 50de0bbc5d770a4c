//! From text to a validated [`Scenario`]: every problem at once, each with its place.

use crate::model::Scenario;
use crate::model::workload::{TimedAction, TraceSource};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

pub mod diagnostic;

pub use diagnostic::Diagnostic;

/// The files that a scenario names, opened by whoever may open files. Paths are as written in
/// the scenario, relative to it. Every method gives back all problems of that file.
pub trait Files {
    /// The values of an empirical law.
    ///
    /// # Errors
    /// What is wrong with the file, one message per problem.
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, Vec<String>>;
    /// The actions of a timeline, sorted by time.
    ///
    /// # Errors
    /// What is wrong with the file, one message per problem.
    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, Vec<String>>;
    /// What a trace has; the rows are streamed when the run starts.
    ///
    /// # Errors
    /// What is wrong with the file, one message per problem.
    fn trace(&mut self, path: &str) -> Result<TraceSource, Vec<String>>;
}

/// A scenario that was read, and what its author should know about it.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    /// The validated scenario.
    pub scenario: Scenario,
    /// Warnings: the numbers may mislead until somebody has looked.
    pub warnings: Vec<Diagnostic>,
}

/// One `--set KEY=VALUE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// Dotted path: `machine.ports`.
    pub key: String,
    /// The value as typed; TOML where it reads as TOML, else a string.
    pub value: String,
}

pub mod builtin;

/// Stub.
///
/// # Errors
/// Stub.
pub fn read(
    text: &str,
    name: &str,
    overrides: &[Override],
    files: &mut dyn Files,
) -> Result<Read, Vec<Diagnostic>> {
    let _ = (name, overrides, files);
    let at = text.find("bad").unwrap_or(0);
    Err(alloc::vec![Diagnostic {
        message: "`stub` reads nothing".into(),
        span: Some(at..at + 3.min(text.len() - at)),
        label: "here".into(),
        help: "merge the reader".into(),
    }])
}

/// Stub.
pub fn show(read: &Read) -> String {
    read.scenario.name.clone()
}
