//! Where a goal stops to hold, along one key of a scenario.
//!
//! Lives here: the search, and the closed forms to set beside it. Does not live here: the runs;
//! whoever searches brings a judge that makes them.

pub mod closed_form;
pub mod search;

pub use search::{Evidence, Found, Refusal, Search, search};
