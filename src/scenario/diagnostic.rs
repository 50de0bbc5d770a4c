//! A problem with a scenario, as plain data.

use alloc::string::String;
use core::ops::Range;

/// One problem: what is wrong, where, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What is wrong; starts with the offending name, literals in backticks, no full stop.
    pub message: String,
    /// Byte range in the scenario's text; `None` when the problem has no place in it (a
    /// `--set`, a missing key of the whole file).
    pub span: Option<Range<usize>>,
    /// What the marked place is, in a few words; may be empty.
    pub label: String,
    /// What to do; may be empty.
    pub help: String,
}
