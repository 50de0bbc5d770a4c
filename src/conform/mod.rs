//! Recorded traces of a real implementation, replayed against the model step by step.
//!
//! A trace is one JSON object a line: a configuration and steps; each step has an operation and
//! the state that the real implementation was in after it. Every field of every step is
//! compared: a model is right when none differs. The configurations are those of the published
//! .NET Framework source driven on a virtual clock, so the model here is always
//! [`Framework`](crate::net::framework::Framework).
//!
//! Unknown fields and operations are errors: a field that nobody compares would look right.

mod replay;
mod trace;

pub use replay::{Replayed, replay};
pub use trace::{Input, Trace, parse_line};
