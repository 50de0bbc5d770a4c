//! Results to pictures: which numbers of a comparison, a sweep or a study a picture shows, and in
//! which words.
//!
//! Lives here: one file for each picture. Does not live here: how a line, a stack or a grid is
//! drawn (`draw`), and which files a command writes (`output`).

pub(crate) mod beyond;
pub(crate) mod calibration;
pub(crate) mod caption;
pub(crate) mod clients;
pub(crate) mod diagram;
pub(crate) mod events;
pub(crate) mod life;
pub(crate) mod losses;
pub(crate) mod over_time;
pub(crate) mod phases;
pub(crate) mod ports;
pub(crate) mod stacks;
pub(crate) mod states;
pub(crate) mod survival;
pub(crate) mod sweep;
