//! What one strategy's runs come to: the word for it, the port table that is nearest to its end,
//! and what was lost.

use crate::record::{Column, RunSummary};
use crate::study::{PortsRow, StrategyResult};
use crate::units::{SimSpan, SimTime};
use crate::words::number::{count, counted, instant, span};
use alloc::string::String;

/// The verdict of a strategy: the word of its worst run, or "exhausted in n of N runs".
pub fn in_words(result: &StrategyResult) -> String {
    let exhausted = result.exhausted_count();
    if exhausted > 0 && result.runs.len() > 1 {
        return format!("exhausted in {exhausted} of {} runs", result.runs.len());
    }
    result.verdict().as_str().into()
}

/// The largest peak of any run: what the machine must be able to bear.
pub fn peak(result: &StrategyResult) -> u64 {
    let peaks = result.runs.iter().map(|run| run.ports.peak);
    peaks.max().unwrap_or(0)
}

/// How many ports there are under a strategy; the same in all its runs.
pub fn limit(result: &StrategyResult) -> u64 {
    result.runs.first().map_or(0, |run| run.ports.limit)
}

/// The port table that is nearest to its end under a strategy: the machine's, or the NAT's.
pub struct Tightest {
    /// Most of its ports taken at once.
    pub peak: u64,
    /// How many it has.
    pub limit: u64,
    /// One of its ports, and several.
    pub(super) words: (&'static str, &'static str),
}

impl Tightest {
    /// "32 of 5,000 ports".
    pub(super) fn in_words(&self) -> String {
        let (one, many) = self.words;
        let limit = counted(self.limit as f64, one, many);
        format!("{} of {limit}", count(self.peak as f64))
    }

    /// "32 of 5,000", with the kind of port where it is not the usual one.
    pub fn in_brief(&self, is_usual: bool) -> String {
        let brief = format!(
            "{} of {}",
            count(self.peak as f64),
            count(self.limit as f64)
        );
        if is_usual {
            brief
        } else {
            format!("{brief} SNAT")
        }
    }

    /// How much of it is taken in a row, as a share.
    pub fn share_in(&self, row: &PortsRow) -> f64 {
        let taken = if self.is_local() {
            row.values[Column::PortsInUse]
        } else {
            row.values[Column::SnatFlows] + row.values[Column::SnatHeld]
        };
        taken / self.limit.max(1) as f64
    }

    /// Whether it is the machine's own.
    pub fn is_local(&self) -> bool {
        self.words.0 == "port"
    }
}

/// The port table that is nearest to its end under a strategy.
pub fn tightest(result: &StrategyResult) -> Tightest {
    let local = Tightest {
        peak: peak(result),
        limit: limit(result),
        words: ("port", "ports"),
    };
    let nats = result.runs.iter().filter_map(|run| run.nat);
    let Some(nat) = nats.max_by_key(|nat| nat.peak) else {
        return local;
    };
    let (peak, limit) = (u64::from(nat.peak), u64::from(nat.limit));
    if peak * local.limit <= local.peak * limit {
        return local;
    }
    Tightest {
        peak,
        limit,
        words: ("SNAT port", "SNAT ports"),
    }
}

/// Requests of a run that ended without their answer.
pub(super) fn unsuccessful(run: &RunSummary) -> f64 {
    run.requests.failed as f64
}

/// How many requests went to an address that their server had left.
pub(super) fn to_old(result: &StrategyResult) -> f64 {
    result.mean(|run| run.addresses.map_or(0.0, |counts| counts.to_old as f64))
}

/// How long the whole load would have to go to the old address for as many requests: the share
/// of what is sent after the first move, times the time since it. In seconds.
pub fn seconds_on_old(result: &StrategyResult) -> f64 {
    let servers = result.scenario.servers.iter();
    let first = servers.filter_map(|server| server.moves_at.first()).min();
    let since = first.map_or(0.0, |at| {
        (SimTime::ZERO + result.scenario.duration).as_seconds() - at.as_seconds()
    });
    let share = |run: &RunSummary| {
        let counts = run.addresses.filter(|counts| counts.sent_after > 0);
        counts.map_or(0.0, |it| it.to_old as f64 / it.sent_after as f64)
    };
    result.mean(share) * since
}

/// What the table says of old addresses: "1,074, 1 min 47 s of load, the last at 7 min 1 s".
pub fn on_old_address(result: &StrategyResult) -> Option<String> {
    let runs = result.runs.iter().filter_map(|run| run.addresses);
    let last = runs.map(|counts| counts.last_to_old).max()?;
    let requests = to_old(result);
    if requests < 0.5 {
        return Some("0".into());
    }
    let load = span(SimSpan::from_seconds_rounded(seconds_on_old(result)));
    let (requests, last) = (count(requests), instant(last));
    Some(format!("{requests} = {load} of load, last at {last}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{AddressCounts, NatTotals};
    use crate::study::sample;

    fn one(change: impl Fn(&mut StrategyResult)) -> StrategyResult {
        let mut one = sample::comparison().strategies.swap_remove(1);
        change(&mut one);
        one
    }

    #[test]
    fn runs_that_exhaust_are_counted_where_there_are_several() {
        let [first, second] = [0, 1].map(|it| sample::replicated().strategies.swap_remove(it));
        assert_eq!(in_words(&first), "exhausted in 2 of 3 runs");
        assert_eq!(in_words(&second), "safe");
        let mut single = sample::comparison().strategies.swap_remove(0);
        assert_eq!(in_words(&single), "exhausted");
        single.runs[0].exhausted_at = None;
        assert_eq!(in_words(&single), "near the limit");
    }

    #[test]
    fn the_highest_peak_of_any_run_counts() {
        let of = one(|it| {
            let mut more = it.runs[0].clone();
            more.ports.peak = 40;
            it.runs.insert(0, more);
        });
        assert_eq!((peak(&of), limit(&of)), (40, 5_000));
    }

    /// 32 of 5,000 ports are as much of theirs as 0.64 of 100 SNAT ports.
    #[test]
    fn the_tighter_of_two_tables_is_the_one_with_the_larger_share() {
        let with = |peak: u32, limit: u32| {
            one(|it| {
                it.runs[0].nat = Some(NatTotals {
                    limit,
                    peak,
                    ..NatTotals::default()
                });
            })
        };
        let local = tightest(&with(64, 10_000));
        assert_eq!(local.in_words(), "32 of 5,000 ports", "an equal share");
        assert_eq!(local.in_brief(true), "32 of 5,000");
        assert!(local.is_local());
        let mut row = with(1, 1).rows[0];
        row.values[Column::PortsInUse] = 1_250.0;
        row.values[Column::SnatFlows] = 48.0;
        row.values[Column::SnatHeld] = 16.0;
        assert!((local.share_in(&row) - 0.25).abs() < 1e-12);
        let nat = tightest(&with(65, 10_000));
        assert_eq!(nat.in_words(), "65 of 10,000 SNAT ports");
        assert_eq!(nat.in_brief(false), "65 of 10,000 SNAT");
        assert!(!nat.is_local());
        let few = tightest(&with(33, 128));
        assert!((few.share_in(&row) - 0.5).abs() < 1e-12, "64 of 128");
        assert_eq!(tightest(&with(1, 1)).in_words(), "1 of 1 SNAT port");
    }

    #[test]
    fn of_several_runs_the_fullest_nat_counts() {
        let nat = |peak| {
            Some(NatTotals {
                limit: 128,
                peak,
                ..NatTotals::default()
            })
        };
        let of = one(|it| {
            it.runs.extend([it.runs[0].clone(), it.runs[0].clone()]);
            for (run, peak) in it.runs.iter_mut().zip([50, 60, 40]) {
                run.nat = nat(peak);
            }
        });
        assert_eq!(tightest(&of).peak, 60);
    }

    #[test]
    fn the_old_address_is_told_in_requests_and_in_load() {
        let moved = |to_old: u64, sent_after: u64| {
            one(|it| {
                let at = [60, 240].map(|at| SimTime::ZERO + SimSpan::from_seconds(at));
                it.scenario.servers[0].moves_at = at.into();
                it.runs[0].addresses = Some(AddressCounts {
                    sent: 9_000,
                    sent_after,
                    to_old,
                    last_to_old: at[0] + SimSpan::from_seconds(5),
                });
            })
        };
        let of = |to_old, sent| on_old_address(&moved(to_old, sent)).expect("it moves");
        assert_eq!(of(0, 100), "0");
        assert_eq!(of(25, 100), "25 = 1 min of load, last at 1 min 5 s");
        assert_eq!(of(1, 0), "1 = 0 s of load, last at 1 min 5 s");
        assert!((seconds_on_old(&moved(25, 100)) - 60.0).abs() < 1e-9);
        assert!((to_old(&moved(25, 100)) - 25.0).abs() < 1e-12);
        // Of several runs the latest counts.
        let mut several = moved(25, 100);
        let mut earlier = several.runs[0].clone();
        if let Some(counts) = &mut earlier.addresses {
            counts.last_to_old = SimTime::ZERO;
        }
        several.runs.push(earlier);
        let said = on_old_address(&several).expect("it moves");
        assert!(said.ends_with("last at 1 min 5 s"), "{said}");
        assert_eq!(on_old_address(&one(|_| {})), None);
        assert!(seconds_on_old(&one(|_| {})).abs() < 1e-12);
    }
}
