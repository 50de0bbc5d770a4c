//! Where a goal stops to hold, along one key of a scenario.
//!
//! Lives here: the search, how many runs a value takes, and the closed forms to set beside the
//! answer. Does not live here: the runs; whoever searches brings a judge that makes them.

pub mod closed_form;
#[cfg(test)]
mod coverage;
pub mod once;
pub mod rare;
pub mod sampling;
pub mod search;
pub mod turns;

pub use once::{closes_each, turns_once};
pub use rare::{CONFIDENCE as RARE_CONFIDENCE, search_rare};
pub use sampling::Sampling;
pub use search::{ERROR, Effort, Evidence, Found, MOST_DECIDED, Question, Refusal, Search, search};
pub use turns::{Among, Ran, search_turns};
