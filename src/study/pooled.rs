//! Quantiles over the requests of all runs together, with their intervals.

use super::StrategyResult;
use super::metric::is_certain;
use crate::record::histogram::Censored;
use crate::record::{DurationSummary, Durations, Quantile};
use crate::stats::sections::{Section, ends_of_quantile};
use alloc::vec::Vec;

/// Of which shares there are quantiles.
const SHARES: [f64; 3] = [0.5, 0.95, 0.99];

/// The figures of all durations together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pooled {
    /// What they come to.
    pub summary: DurationSummary,
    /// The ends of the 95% intervals of the median, the 95th and the 99th percentile, each `None`
    /// where it is not known: an end lies beyond every duration that is, or there is one run.
    pub ends: [[Option<f64>; 2]; 3],
}

/// Which durations.
pub type Which = fn(&Durations) -> Censored<'_>;

/// Those of a strategy's runs; `None` where none was kept, or none is known.
pub fn pooled(result: &StrategyResult, which: Which) -> Option<Pooled> {
    let mut sections = result.durations.iter();
    let mut all = sections.next()?.clone();
    sections.for_each(|it| all.merge(it));
    let all = which(&all);
    let summary = all.summary();
    let values = [summary.p50, summary.p95, summary.p99];
    let ends = core::array::from_fn(|place| {
        let value = values[place];
        if is_certain(&result.runs) {
            return [Some(value.seconds()).filter(|it| it.is_finite()); 2];
        }
        ends(result, which, &all, SHARES[place], value)
    });
    (summary.count > 0).then_some(Pooled { summary, ends })
}

fn ends(
    result: &StrategyResult,
    which: Which,
    all: &Censored<'_>,
    share: f64,
    value: Quantile,
) -> [Option<f64>; 2] {
    let (Quantile::At(nanos) | Quantile::Above(nanos)) = value;
    let section = |it: &Durations| {
        let it = which(it);
        Section {
            below: it.share_until(nanos),
            count: it.total() as f64,
        }
    };
    let sections: Vec<Section> = result.durations.iter().map(section).collect();
    let Some((low, high)) = ends_of_quantile(share, &sections) else {
        return [None; 2];
    };
    let known = |end: f64| {
        let inside = end < 1.0;
        let [end] = all.quantiles([end.max(0.0)]);
        Some(end.seconds()).filter(|it| inside && it.is_finite())
    };
    [known(low), known(high)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::stream;
    use crate::record::RunSummary;
    use crate::study::sample;
    use crate::units::SimSpan;
    use rand::RngExt;
    use rand_distr::{Distribution, Exp1};

    /// `runs` of `requests`, each run slower or faster as a whole by a factor that is drawn: its
    /// requests hang together. Those beyond `seen` are in flight at the end.
    fn result(seed: u32, runs: u32, requests: u32, seen: f64) -> StrategyResult {
        let mut result = sample::comparison().strategies.swap_remove(0);
        result.runs = alloc::vec![RunSummary::default(); runs as usize];
        let mut random = stream(7, "pooled", seed);
        let run = |_| {
            let slow: f64 = random.random_range(0.5..1.5);
            let mut durations = Durations::default();
            for _ in 0..requests {
                let drawn: f64 = Exp1.sample(&mut random);
                let seconds = slow * drawn;
                let span = SimSpan::from_seconds_rounded(seconds.min(seen));
                if seconds <= seen {
                    durations.latency.record(span);
                } else {
                    durations.ages.record(span);
                }
            }
            durations
        };
        result.durations = (0..runs).map(run).collect();
        result
    }

    /// P(slow · E > x) with slow even from 0.5 to 1.5, by the midpoint rule.
    fn beyond(x: f64) -> f64 {
        let parts = 2_000;
        let at = |part: i32| 0.5 + (f64::from(part) + 0.5) / f64::from(parts);
        let all: f64 = (0..parts).map(|part| libm::exp(-x / at(part))).sum();
        all / f64::from(parts)
    }

    fn quantile(share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 50.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if beyond(middle) > 1.0 - share {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// As independent, 200 requests of 20 runs would hold the median in 60 of 100 cases.
    #[test]
    fn the_intervals_hold_quantiles_of_requests_that_hang_together() {
        let truth = SHARES.map(quantile);
        for (runs, requests) in [(20, 200), (8, 400)] {
            let mut held = [0; 3];
            for seed in 0..200 {
                let result = result(seed, runs, requests, f64::INFINITY);
                let found = pooled(&result, Durations::latencies).expect("some");
                for (place, [low, high]) in found.ends.into_iter().enumerate() {
                    let is_above = low.is_none_or(|low| low <= truth[place] * 1.001);
                    let is_below = high.is_none_or(|high| truth[place] <= high);
                    held[place] += u32::from(is_above && is_below);
                }
            }
            assert!(held.iter().all(|it| *it >= 180), "{runs}: {held:?} of 200");
        }
    }

    /// Where four in a hundred are in flight after 3 s, the median and its interval are as if all
    /// had been seen, and the upper end of the last percentile is not known.
    #[test]
    fn what_is_in_flight_is_censored() {
        let [all, cut] = [f64::INFINITY, 3.0].map(|seen| {
            let result = result(1, 20, 200, seen);
            pooled(&result, Durations::latencies).expect("some")
        });
        assert_eq!(all.ends[0], cut.ends[0]);
        assert!(all.ends[0].iter().all(Option::is_some), "{all:?}");
        assert_eq!(cut.ends[2][1], None);
        assert!(matches!(cut.summary.p99, Quantile::Above(_)), "{cut:?}");
    }
}
