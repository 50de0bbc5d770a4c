//! Where the rows of a trace come from: whoever runs a simulation brings them.

use crate::model::workload::{TraceRow, TraceSource};
use alloc::boxed::Box;
use alloc::string::String;

/// The rows of one trace, in order of time.
pub type TraceRows<'a> = Box<dyn Iterator<Item = Result<TraceRow, TraceError>> + 'a>;

/// Opens the traces that a scenario names.
pub trait Traces {
    /// Starts reading `source` from its first row.
    ///
    /// # Errors
    /// The trace can no longer be read.
    fn open(&self, source: &TraceSource) -> Result<TraceRows<'_>, TraceError>;
}

/// A trace that was valid when the scenario was checked cannot be read now.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct TraceError {
    /// The path as the scenario wrote it.
    pub path: String,
    /// What went wrong, with the line.
    pub problem: String,
}
