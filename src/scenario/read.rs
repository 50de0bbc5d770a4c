//! A scenario that was read, and the files that it names.

use super::diagnostic::Diagnostic;
use crate::model::Scenario;
use crate::model::workload::{TimedAction, TraceSource};
use crate::units::SimSpan;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A file that a scenario names and that cannot be used: everything that is wrong with it, each
/// message with the file's name and its line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct FileError(pub Vec<String>);

impl From<String> for FileError {
    /// The only problem that there is.
    fn from(problem: String) -> FileError {
        FileError(alloc::vec![problem])
    }
}

/// The files that a scenario names, opened by whoever may open files. Paths are as written in
/// the scenario, relative to it. Every method gives back all problems of that file.
pub trait Files {
    /// The values of an empirical law.
    ///
    /// # Errors
    /// What is wrong with the file.
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError>;
    /// The actions of a timeline, sorted by time.
    ///
    /// # Errors
    /// What is wrong with the file.
    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, FileError>;
    /// What a trace has; the rows are streamed when the run starts.
    ///
    /// # Errors
    /// What is wrong with the file.
    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError>;
}

/// A scenario that was read, and what its author should know about it.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    /// The validated scenario.
    pub scenario: Scenario,
    /// Warnings: the numbers may mislead until somebody has looked.
    pub warnings: Vec<Diagnostic>,
    /// The files that the scenario names, in the order in which they were read.
    pub files: Vec<NamedFile>,
}

impl Read {
    /// The warnings as sentences for results, without their places.
    pub fn warning_sentences(&self) -> Vec<String> {
        self.warnings.iter().map(ToString::to_string).collect()
    }
}

/// A file that a scenario names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedFile {
    /// The dotted path of the key that names it: `workload.orders.arrivals`.
    pub key: String,
    /// The path as written.
    pub path: String,
    /// FNV-1a digest of its content: of a trace's bytes, of what was read from the others.
    pub digest: u64,
}
