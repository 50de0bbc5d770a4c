//! `spsim`: when does this .NET HTTP client run out of local ports, why, and which change
//! prevents it?
//!
//! A deterministic discrete-event simulator of `System.Net.ServicePoint`. The library is the
//! program: `main.rs` hands over to [`cli`] and has no logic.
//!
//! # The way of the data
//!
//! ```text
//! *.toml ─► scenario ─► model ─► sim ─► Observation ─► record ─► study ─► output ─► cli
//!  text    all errors   facts   queue   what leaves    typed     many      bytes    files,
//!          with place           + net   the engine     rows      runs             terminal
//! ```
//!
//! Nothing flows back: a recorder cannot change a run, an output cannot ask the engine, the engine
//! cannot name a file.
//!
//! # The rooms
//!
//! * [`words`]: numbers, names and labels as text.
//! * [`units`], [`kernel`]: time in whole nanoseconds, the event queue, random streams. They know
//!   no word of HTTP.
//! * [`model`], [`profiles`]: what a scenario is, and what runtimes and systems bring along, every
//!   value with its source. No behaviour.
//! * [`net`], [`strategy`], [`sim`]: how connections behave, what a program does about it, and the
//!   event loop that moves both. State machines are told the time; they read no clock.
//! * [`scenario`]: from text to model, every problem at once.
//! * [`record`], [`stats`], [`study`]: what is kept of a run, and of many.
//! * [`findings`]: what the results say, in sentences.
//! * [`verify`]: the model against queueing theory.
//! * [`diagnose`]: what snapshots of a real socket table say. [`calibrate`]: a scenario fitted to
//!   what was observed.
//! * `input`, `conform`: files that users bring, behind the feature `input`.
//! * `draw`, `figures`, `output`: how a chart is drawn, which charts results make, and results as
//!   files, behind the feature `output`.
//! * `cli`: the program and its terminal, behind the feature `cli`, which needs both. What is
//!   behind no feature builds without the standard library.
//!
//! Which room may name which others is a table in `README.md`; `tests/tidy.rs` holds the code to
//! it. The README also says, step by step, how to add a strategy, a profile, an output, a
//! command, an event and a setting.
//!
//! # What always holds
//!
//! * **Determinism.** A run depends on the scenario, its seed and the replication's number: not on
//!   threads, clocks, hash order, or who watches.
//! * **Order.** Events are carried out by (time, phase, lane, sequence); see [`kernel::Phase`].
//! * **Ports.** Free + in use + held in TIME_WAIT = the size of the range, before and after every
//!   event.
//! * **Requests.** Each ends exactly once: submitted = succeeded + failed + timed out + in flight.
//! * **Memory** is O(ports + groups alive + requests in the system), never O(requests served).
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod calibrate;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "input")]
pub mod conform;
pub mod diagnose;
#[cfg(feature = "output")]
pub mod draw;
#[cfg(feature = "output")]
pub mod figures;
pub mod findings;
#[cfg(feature = "input")]
#[cfg_attr(
    not(feature = "cli"),
    allow(
        dead_code,
        unused_imports,
        reason = "some of it only the program reads"
    )
)]
pub mod input;
pub mod kernel;
pub mod model;
pub mod net;
#[cfg(feature = "output")]
pub mod output;
pub mod profiles;
pub mod record;
pub mod scenario;
pub mod sim;
pub mod stats;
pub mod strategy;
pub mod study;
pub mod units;
pub mod verify;
pub mod words;

/// Runs the example of the README.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
mod readme {}
