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
//!   [`PortsRow`]s over time, which are also there as columns
//!   ([`StrategyResult::columns`]). All of them can be serialised.
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
//! command, an event or a setting is told in `README.md`. They are private: what is promised is
//! what this page lists.
//!
//! ```text
//! *.toml ─► scenario ─► model ─► sim ─► Observation ─► record ─► study ─► output ─► cli
//!  text    all errors   facts   queue   what leaves    typed     many      bytes    files,
//!          with place           + net   the engine     rows      runs             terminal
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(feature = "cli"),
    allow(
        dead_code,
        unused_imports,
        reason = "some of the rooms only the program needs; with it whatever is dead is seen"
    )
)]

// With it `format!` and `vec!` are everywhere, as they are with `std`.
#[cfg_attr(not(feature = "std"), macro_use)]
extern crate alloc;

mod calibrate;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "input")]
mod conform;
mod diagnose;
#[cfg(feature = "output")]
mod draw;
mod face;
#[cfg(feature = "output")]
mod figures;
mod findings;
#[cfg(feature = "input")]
mod input;
mod kernel;
mod model;
mod net;
#[cfg(feature = "output")]
mod output;
mod profiles;
mod record;
mod scenario;
mod sim;
mod stats;
mod strategy;
mod study;
mod units;
mod verify;
mod words;

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
    ClientRow, Comparison, Interval, PortsRow, RunOutput, Runner, SeriesColumn, StrategyResult,
    run_one,
};
pub use units::{ConnectionLimit, SimSpan, SimTime, SpanError};

/// What most programs that embed a simulation name.
pub mod prelude {
    #[cfg(feature = "cli")]
    pub use crate::InputFiles;
    pub use crate::{
        Blind, BuiltIn, Comparison, GroupName, NoFiles, Observation, Observer, Policy, RunSummary,
        Scenario, ScenarioError, SimSpan, SimTime, Simulation, Verdict, run_one,
    };
}

/// What the program `spsim`, the lab, the tests and the benchmarks use beyond that. Nothing here is
/// promised.
#[doc(hidden)]
pub mod inside {
    #[cfg(feature = "cli")]
    pub mod cli {
        pub use crate::cli::{labels, main};
        pub mod journal {
            pub use crate::cli::journal::checked;
        }
        pub mod new {
            pub use crate::cli::new::STARTER;
        }
    }
    #[cfg(feature = "input")]
    pub mod conform {
        pub use crate::conform::{parse_line, replay};
    }
    pub mod diagnose {
        pub use crate::diagnose::{
            Connection, Diagnosis, Finding, Kind, LocalPorts, SocketTable, State, Step, diagnose,
        };
        pub mod reproduce {
            pub use crate::diagnose::reproduce::scenario;
        }
        pub mod series {
            pub use crate::diagnose::series::of;
        }
    }
    pub mod findings {
        pub use crate::findings::of;
    }
    #[cfg(feature = "input")]
    pub mod input {
        pub mod snapshots {
            pub use crate::input::snapshots::{SnapshotFile, read};
        }
    }
    pub mod kernel {
        pub use crate::kernel::{EventQueue, Lanes, Phase, stream};
    }
    pub mod model {
        pub use crate::model::{PortScope, profile, service, settings, workload};
    }
    pub mod net {
        pub use crate::net::{PortRelease, PortState, PortTable, ProcessSnapshot};
        pub mod snapshot {
            pub use crate::net::snapshot::Owner;
        }
    }
    #[cfg(feature = "output")]
    pub mod output {
        pub use crate::output::{Artifact, PictureFormats, Terminal, artifacts, terminal_table};
    }
    pub mod record {
        pub use crate::record::{Column, Histogram, Quantile, Recorder};
        pub mod events {
            pub use crate::record::events::{EVENTS, EventRow, Narrator};
        }
    }
    pub mod scenario {
        pub use crate::scenario::{BUILTIN, BuiltIn, Override, read, show};
        pub mod keys {
            pub use crate::scenario::keys::{Kind, Row, scenario};
        }
    }
    pub mod sim {
        pub use crate::sim::{Snapshot, endpoints_of};
        pub mod draw {
            pub use crate::sim::draw::draw;
        }
    }
    pub mod stats {
        pub use crate::stats::{erlang, normal, rare, sections, sequential, special};
        pub use crate::stats::{student_quantile, warm_up};
    }
    pub mod study {
        pub use crate::study::{Aggregate, Goal, Inspection, METRICS, combine, inspect, run_one};
        pub use crate::study::{
            gallery, inspection, lifeline, plan, port_map, ports_csv, rare, vary,
        };
    }
    pub mod units {
        pub use crate::units::{FNV_1A_START, fnv_1a, parse_seconds, rounded};
    }
    pub mod verify {
        pub use crate::verify::{Evidence, MOST_Z, experiments, prepare};
    }
    pub mod words {
        pub mod number {
            pub use crate::words::number::{seconds, with_point};
        }
        pub mod labels {
            pub use crate::words::labels::Labels;
        }
    }
}

/// Runs the example of the README.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
mod readme {}
