//! `spsim`: when does this .NET HTTP client run out of local ports, why, and which change
//! prevents it?
//!
//! A deterministic discrete-event simulator of `System.Net.ServicePoint`. A scenario is a short
//! text; it is run under each of its strategies on the same random numbers, and compared:
//!
//! ```
//! use spsim::prelude::*;
//!
//! let scenario = Scenario::parse(r#"
//!     duration = "10min"
//!     machine.ports = "windows-2003"
//!     client.poller.runtime = "net40"
//!     server.devices.response-time = "200ms"
//!     workload.polls = { group = "unique", arrivals = { every = "100ms" } }
//!     strategy = [{ name = "as is" }, { name = "16 groups", groups = 16 }]
//! "#)?;
//! let comparison = scenario.compare()?;
//! let [as_is, pooled] = &comparison.strategies[..] else { panic!("two were compared") };
//! assert_eq!(as_is.verdict(), Verdict::Exhausted);
//! assert_eq!((pooled.verdict(), pooled.runs[0].ports.peak), (Verdict::Safe, 16));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! From there:
//!
//! * [`Scenario`] says what can be asked; [`Read`] is one with its warnings, and [`ScenarioError`]
//!   every problem of one, with its place.
//! * [`Comparison`] has the results: per strategy the [`RunSummary`] of each replication and the
//!   [`PortsRow`]s over time.
//! * [`Observer`] is whoever wants to see more of a run than that: every [`Observation`], while
//!   [`Simulation`] runs.
//! * [`Policy`] is what a program does while it runs, for strategies that no key of a scenario
//!   has.
//! * `InputFiles` (feature `cli`) opens the files that a scenario names; [`NoFiles`] is for those
//!   that name none.
//!
//! `examples/` has one short program for each. What the model is made of, and how sure that is,
//! stands in `docs/model.md` and, rule by rule, in `docs/rules.md`.
//!
//! # What always holds
//!
//! * **Determinism.** A run depends on the scenario, its seed and the replication's number: not on
//!   threads, clocks, hash order, or who watches.
//! * **Order.** Events are carried out by (time, phase, lane, sequence); see `kernel::Phase`.
//! * **Ports.** Free + in use + held in TIME_WAIT = the size of the range, before and after every
//!   event.
//! * **Requests.** Each ends exactly once: submitted = succeeded + failed + timed out + in flight.
//! * **Memory** is O(ports + groups alive + requests in the system), never O(requests served).
//!
//! # Inside
//!
//! The rooms below `src/`, which names which, and how to add a strategy, a profile, an output, a
//! command, an event or a setting is told in `README.md`. They are reachable, for the program
//! `spsim` and for tests, and no part of what is promised: that is what this page lists.
//!
//! ```text
//! *.toml ─► scenario ─► model ─► sim ─► Observation ─► record ─► study ─► output ─► cli
//!  text    all errors   facts   queue   what leaves    typed     many      bytes    files,
//!          with place           + net   the engine     rows      runs             terminal
//! ```
#![cfg_attr(not(feature = "std"), no_std)]

// With it `format!` and `vec!` are everywhere, as they are with `std`.
#[cfg_attr(not(feature = "std"), macro_use)]
extern crate alloc;

#[doc(hidden)]
pub mod calibrate;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "input")]
#[doc(hidden)]
pub mod conform;
#[doc(hidden)]
pub mod diagnose;
#[cfg(feature = "output")]
#[doc(hidden)]
pub mod draw;
#[doc(hidden)]
pub mod face;
#[cfg(feature = "output")]
#[doc(hidden)]
pub mod figures;
#[doc(hidden)]
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
#[doc(hidden)]
pub mod input;
#[doc(hidden)]
pub mod kernel;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod net;
#[cfg(feature = "output")]
#[doc(hidden)]
pub mod output;
#[doc(hidden)]
pub mod profiles;
#[doc(hidden)]
pub mod record;
#[doc(hidden)]
pub mod scenario;
#[doc(hidden)]
pub mod sim;
#[doc(hidden)]
pub mod stats;
#[doc(hidden)]
pub mod strategy;
#[doc(hidden)]
pub mod study;
#[doc(hidden)]
pub mod units;
#[doc(hidden)]
pub mod verify;
#[doc(hidden)]
pub mod words;

pub use face::{NoFiles, ScenarioError};
#[cfg(feature = "input")]
pub use input::InputFiles;
pub use model::{
    Arrivals, Client, CloseGroups, GroupName, GroupRule, Law, Machine, Nat, Patch, Retry,
    RuntimeProfile, Scenario, Server, Service, Strategy, Throttle, Workload,
};
pub use net::port_table::PortTotals;
pub use net::{CloseKind, ConnectionId, ConnectionView, Failure, Outcome};
pub use record::summary::{ConnectionCounts, ErrorCounts, PortUsage, RequestCounts};
pub use record::{
    AddressCounts, ClientSample, DurationSummary, NatTotals, RunSummary, Sample, ServiceCounts,
    Verdict,
};
pub use scenario::{BuiltIn, Diagnostic, FileError, Files, NamedFile, Override, Read};
pub use sim::{
    Blind, End, Observation, Observer, RequestView, Simulation, TraceError, TraceRows, Traces,
};
pub use strategy::Policy;
pub use study::{
    ClientRow, Comparison, Interval, PortsRow, RunOutput, Runner, StrategyResult, run_one,
};
pub use units::{ConnectionLimit, SimSpan, SimTime};

/// What most programs that embed a simulation name.
pub mod prelude {
    #[cfg(feature = "cli")]
    pub use crate::InputFiles;
    pub use crate::{
        Blind, BuiltIn, Comparison, GroupName, NoFiles, Observation, Observer, Policy, RunSummary,
        Scenario, ScenarioError, SimSpan, SimTime, Simulation, Verdict, run_one,
    };
}

/// Runs the example of the README.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
mod readme {}
