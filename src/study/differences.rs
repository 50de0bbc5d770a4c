//! Which strategies differ, and which are distinguishably better: paired differences on common
//! random numbers.

use super::comparison::{Comparison, StrategyResult};
use super::metric::is_certain;
use crate::record::RunSummary;
use crate::stats::{Difference, Interval, paired};
use alloc::vec::Vec;

/// Strategies that differ by less than this share of the best one's value are as good as each
/// other: the zone of indifference.
pub const INDIFFERENT: f64 = 0.02;

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
        value: |run| run.requests.failed as f64,
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
/// together with probability 95% or more (Bonferroni over pairs times criteria). Empty for a
/// single run.
pub fn differences(comparison: &Comparison) -> Vec<StrategyDifference> {
    let strategies = &comparison.strategies;
    let count = strategies.len();
    let family = count * count.saturating_sub(1) / 2 * CRITERIA.len();
    let mut found = Vec::new();
    for criterion in &CRITERIA {
        for first in 0..count {
            for second in first + 1..count {
                let [one, other] = [first, second].map(|it| &strategies[it]);
                if let Some(difference) = between(one, other, criterion.value, family) {
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

/// The difference of two strategies by what `value` reads from a run, as one of `family`
/// comparisons that hold together. Where every run of both is the same nothing is left to chance,
/// and the difference is exact.
pub fn between(
    first: &StrategyResult,
    second: &StrategyResult,
    value: impl Fn(&RunSummary) -> f64,
    family: usize,
) -> Option<Difference> {
    let values = |it: &StrategyResult| it.runs.iter().map(&value).collect::<Vec<f64>>();
    let (one, other) = (values(first), values(second));
    // What does the same in everything, run by run, does not differ by chance.
    let is_alike = first.runs.len() > 1 && first.runs == second.runs;
    if is_alike || is_certain(&first.runs) && is_certain(&second.runs) {
        let exact = one[0] - other[0];
        return Some(Difference {
            mean: exact,
            interval: Interval {
                low: exact,
                high: exact,
            },
            variance_reduction: None,
        });
    }
    paired::difference(&one, &other, family)
}

/// Whether two strategies have had the same by `criterion` in every run.
pub fn is_same(one: &StrategyResult, other: &StrategyResult, criterion: &Criterion) -> bool {
    let value = criterion.value;
    (one.runs.iter().map(value)).eq(other.runs.iter().map(value))
}

/// The strategy with the least of a criterion, and how sure that is.
#[derive(Clone, PartialEq, Debug)]
pub struct Selection {
    /// Its index.
    pub index: usize,
    /// How sure it is.
    pub certainty: Certainty,
}

/// How sure it is that a strategy has the least.
#[derive(Clone, PartialEq, Debug)]
pub enum Certainty {
    /// It is the best, with 95% confidence.
    Best,
    /// With 95% confidence no other has less by more than [`INDIFFERENT`].
    AsGood,
    /// It may have more than others only that had as much in every run.
    Same,
    /// That is not known yet; about as many runs would do.
    Open {
        /// Their number in all.
        runs: u64,
    },
}

/// Selects by `criterion` from all differences of `comparison`; `None` for too few runs to say
/// anything, and for a single strategy.
///
/// The one with the smallest mean is right if no interval against another reaches above the zone
/// of indifference; all of them hold together, so the statement does with 95% or more, whichever
/// is selected (J. C. Hsu, "Constrained simultaneous confidence intervals for multiple comparisons
/// with the best", Annals of Statistics 12 (1984); B. L. Nelson and F. J. Matejcik, "Using common
/// random numbers for indifference-zone selection and multiple comparisons in simulation",
/// Management Science 41 (1995)).
pub fn selection(
    comparison: &Comparison,
    found: &[StrategyDifference],
    criterion: &Criterion,
) -> Option<Selection> {
    let strategies = &comparison.strategies;
    let mean = |index: usize| strategies[index].mean(criterion.value);
    let order = |one: &usize, other: &usize| mean(*one).total_cmp(&mean(*other));
    let index = (0..strategies.len()).min_by(order)?;
    // How far the selected one may be above another.
    let excess = |it: &StrategyDifference| {
        let interval = it.difference.interval;
        if it.first == index {
            interval.high
        } else {
            -interval.low
        }
    };
    let own = found.iter().filter(|it| {
        it.criterion.name == criterion.name && (it.first == index || it.second == index)
    });
    let own: Vec<&StrategyDifference> = own.collect();
    let worst = own.iter().map(|it| excess(it)).reduce(f64::max)?;
    // What has been the same in every run says nothing of how many runs would tell it apart.
    let differing = own.iter().filter(|it| {
        let [one, other] = [it.first, it.second].map(|it| &strategies[it]);
        !is_same(one, other, criterion)
    });
    let differing = differing.map(|it| excess(it)).fold(0.0, f64::max);
    let zone = INDIFFERENT * mean(index);
    Some(Selection {
        index,
        certainty: if worst <= 0.0 {
            Certainty::Best
        } else if worst <= zone {
            Certainty::AsGood
        } else if differing <= zone {
            Certainty::Same
        } else {
            let runs = strategies[index].runs.len() as f64;
            // The half-width falls with the root of their number; a zone of 0 is never reached.
            let ratio = differing / libm::fmax(zone, f64::MIN_POSITIVE);
            Certainty::Open {
                runs: libm::ceil(runs * ratio * ratio) as u64,
            }
        },
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sample;

    fn lost(numbers: &[[u64; 2]]) -> Comparison {
        let mut comparison = sample::comparison();
        comparison.strategies.truncate(2);
        for (index, strategy) in comparison.strategies.iter_mut().enumerate() {
            let run = strategy.runs[0].clone();
            let of = |pair: &[u64; 2]| {
                let mut run = run.clone();
                run.ports.peak = pair[index];
                run.events += pair[0];
                run
            };
            strategy.runs = numbers.iter().map(of).collect();
        }
        comparison
    }

    fn by_peak(comparison: &Comparison) -> Option<Certainty> {
        let found = differences(comparison);
        selection(comparison, &found, &CRITERIA[1]).map(|it| it.certainty)
    }

    #[test]
    fn two_runs_decide_nothing_unless_nothing_is_drawn() {
        assert_eq!(by_peak(&lost(&[[5, 900], [6, 901]])), None);
        assert_eq!(by_peak(&lost(&[[5, 900]; 2])), Some(Certainty::Best));
    }

    /// Nothing tells how many runs would tell apart what was the same in all of them.
    #[test]
    fn what_was_the_same_in_every_run_needs_no_number_of_runs() {
        let pairs: Vec<[u64; 2]> = (0..30_u64).map(|k| [900 + k * 37 % 11; 2]).collect();
        let mut comparison = lost(&pairs);
        assert_eq!(by_peak(&comparison), Some(Certainty::Same));
        comparison.strategies[1].runs = comparison.strategies[0].runs.clone();
        assert_eq!(by_peak(&comparison), Some(Certainty::Best));
    }

    #[test]
    fn the_best_is_named_or_what_is_as_good() {
        let runs = |second: fn(u64) -> u64| -> Comparison {
            let pairs: Vec<[u64; 2]> = (0..40_u64).map(|k| [1_000 + k % 7, second(k)]).collect();
            lost(&pairs)
        };
        assert_eq!(by_peak(&runs(|k| 1_500 + k % 5)), Some(Certainty::Best));
        assert_eq!(by_peak(&runs(|k| 1_000 + k % 5)), Some(Certainty::AsGood));
        let open = by_peak(&runs(|k| 1_000 + (k * 37 % 11) * 60));
        assert!(
            matches!(open, Some(Certainty::Best | Certainty::Open { .. })),
            "{open:?}"
        );
        let noisy = by_peak(&runs(|k| 700 + (k * 37 % 11) * 60));
        assert!(
            matches!(noisy, Some(Certainty::Open { runs }) if runs > 40),
            "{noisy:?}"
        );
    }
}
