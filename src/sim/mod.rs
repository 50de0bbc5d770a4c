//! The event loop: a [`Scenario`](crate::model::Scenario) in motion.

pub mod traces;

pub use traces::{TraceError, TraceRows, Traces};
