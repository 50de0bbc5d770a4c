//! `spsim`: when does this .NET HTTP client run out of local ports, why, and which change
//! prevents it?
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod conform;
pub mod diagnose;
#[cfg(feature = "cli")]
pub mod input;
pub mod kernel;
pub mod model;
pub mod net;
#[cfg(feature = "cli")]
pub mod output;
pub mod profiles;
pub mod record;
pub mod scenario;
pub mod sim;
pub mod stats;
pub mod strategy;
pub mod study;
pub mod units;
