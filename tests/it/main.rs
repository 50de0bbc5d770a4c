//! The tests from outside, as one program: they are linked once and run side by side.
//!
//! A module is a subject: `cargo test --test it golden` runs one. The rules of the house stand
//! apart, in `tests/tidy.rs`, because they are to be known before anything else is built.

mod arrivals;
mod beyond;
mod calibrate;
mod cli;
mod cli_helpers;
mod cli_inspect;
mod cli_look;
mod cli_report;
mod cli_run;
mod cli_trace;
mod conformance;
mod determinism;
mod diagnose;
mod diagnose_kinds;
mod every_key;
mod face;
#[cfg(unix)]
mod files;
mod golden;
mod import;
#[cfg(unix)]
mod interrupted;
mod invariants;
mod labels;
mod lifelines;
mod long_series;
mod measured;
mod measured_modern;
mod modern;
mod parts;
mod plan;
mod plan_turns;
mod promises;
mod questions;
mod rare;
mod rare_typed;
mod records;
#[cfg(unix)]
mod reproduce;
mod rules;
mod several;
mod snapshots;
mod support;
mod sweep;
#[cfg(feature = "parquet")]
mod sweep_parquet;
mod theory;
mod verdicts;
mod verify;
#[cfg(feature = "watch")]
mod watch;
