//! The strategy that does best, and why.

use super::remedy;
use super::verdict::{self, tightest, to_old, unsuccessful};
use crate::study::{Comparison, StrategyResult};
use crate::words::number::counted;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The strategy that does best, and how to have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Winner {
    /// Its index in `Comparison::strategies`.
    pub index: usize,
    /// Why it was chosen, in one sentence without a full stop.
    pub reason: String,
    /// What it changes: lines of C#, configuration or shell. Empty when it changes nothing.
    pub changes: Vec<String>,
}

impl Winner {
    /// The best of a comparison.
    pub(super) fn of(comparison: &Comparison) -> Winner {
        let index = best(comparison);
        Winner {
            index,
            reason: reason(comparison, index),
            changes: remedy::lines(&comparison.scenario, &comparison.strategies[index].name),
        }
    }
}

/// The index of the best strategy: by verdict, then runs that exhausted, then requests lost,
/// then requests to old addresses, then the peak in steps of 5 % of the limit (a port more or
/// less is no merit), then connections opened (work that a reused connection spares), then the
/// order of the scenario.
fn best(comparison: &Comparison) -> usize {
    let strategies = &comparison.strategies;
    let compare = |left: &StrategyResult, right: &StrategyResult| -> Ordering {
        let lost = |one: &StrategyResult| one.mean(unsuccessful);
        let opened = |one: &StrategyResult| one.mean(|run| run.connections.opened as f64);
        let step = |one: &StrategyResult| {
            let tightest = tightest(one);
            tightest.peak * 20 / tightest.limit.max(1)
        };
        left.verdict()
            .cmp(&right.verdict())
            .then(left.exhausted_count().cmp(&right.exhausted_count()))
            .then(lost(left).total_cmp(&lost(right)))
            .then(to_old(left).total_cmp(&to_old(right)))
            .then(step(left).cmp(&step(right)))
            .then(opened(left).total_cmp(&opened(right)))
    };
    // `min_by` keeps the first of equals.
    (0..strategies.len())
        .min_by(|left, right| compare(&strategies[*left], &strategies[*right]))
        .unwrap_or(0)
}

/// Why the winner won, from the numbers that decided.
fn reason(comparison: &Comparison, best: usize) -> String {
    let winner = &comparison.strategies[best];
    let failed = winner.mean(unsuccessful);
    let opened = winner.mean(|run| run.connections.opened as f64);
    let failures = if failed == 0.0 {
        "no failed request".into()
    } else {
        counted(failed, "failed request", "failed requests")
    };
    format!(
        "{}, {failures}, {} at the peak, {}",
        verdict::in_words(winner),
        tightest(winner).in_words(),
        counted(opened, "connection opened", "connections opened"),
    )
}
