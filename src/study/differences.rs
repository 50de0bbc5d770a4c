//! Which strategies differ, and which are distinguishably better: paired differences on common
//! random numbers.

use super::comparison::{Comparison, StrategyResult};
use crate::record::RunSummary;
use crate::stats::{Difference, paired};
use alloc::vec::Vec;

/// What strategies are compared by.
#[derive(Clone, Copy, Debug)]
pub struct Criterion {
    /// Its name in files.
    pub name: &'static str,
    /// What it is, in words, for a sentence: "requests lost".
    pub words: &'static str,
    value: fn(&RunSummary) -> f64,
}

/// Less is better in each of them.
pub const CRITERIA: [Criterion; 4] = [
    Criterion {
        name: "lost",
        words: "requests lost",
        value: |run| (run.requests.failed + run.requests.timed_out) as f64,
    },
    Criterion {
        name: "ports_peak",
        words: "ports at the peak",
        value: |run| run.ports.peak as f64,
    },
    Criterion {
        name: "ports_mean",
        words: "ports on average",
        value: |run| run.ports.mean,
    },
    Criterion {
        name: "opened",
        words: "connections opened",
        value: |run| run.connections.opened as f64,
    },
];

/// The difference of two strategies by one criterion.
#[derive(Clone, Copy, Debug)]
pub struct StrategyDifference {
    /// By what.
    pub criterion: &'static Criterion,
    /// Index of the first strategy.
    pub first: usize,
    /// Index of the second; the difference is the first minus the second.
    pub second: usize,
    /// The difference.
    pub difference: Difference,
}

/// Every pair of strategies by every criterion, replication by replication. All intervals hold
/// together with probability 95 % or more (Bonferroni over pairs times criteria). Empty for a
/// single run.
pub fn differences(comparison: &Comparison) -> Vec<StrategyDifference> {
    let strategies = &comparison.strategies;
    let count = strategies.len();
    let family = count * count.saturating_sub(1) / 2 * CRITERIA.len();
    let mut found = Vec::new();
    for criterion in &CRITERIA {
        for first in 0..count {
            for second in first + 1..count {
                let [one, other] = [first, second].map(|it| values(&strategies[it], criterion));
                if let Some(difference) = paired::difference(&one, &other, family) {
                    found.push(StrategyDifference {
                        criterion,
                        first,
                        second,
                        difference,
                    });
                }
            }
        }
    }
    found
}

fn values(result: &StrategyResult, criterion: &Criterion) -> Vec<f64> {
    result.runs.iter().map(criterion.value).collect()
}

/// Of `count` strategies, those that no other is distinguishably below by `criterion`: the best,
/// as far as these runs can tell.
pub fn undominated(
    found: &[StrategyDifference],
    criterion: &Criterion,
    count: usize,
) -> Vec<usize> {
    let is_beaten = |index: usize| {
        found.iter().any(|it| {
            let settled = it.criterion.name == criterion.name && it.difference.is_distinguishable();
            let worse = if it.difference.mean > 0.0 {
                it.first
            } else {
                it.second
            };
            settled && worse == index
        })
    };
    (0..count).filter(|index| !is_beaten(*index)).collect()
}
