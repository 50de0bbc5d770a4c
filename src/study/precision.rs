//! When there are enough replications: sequential sampling to a stated relative half-width.

use super::metric::Metric;
use crate::record::RunSummary;
use crate::stats::{Confidence, Interval, precision};

/// What `--precision` asks for.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// Of which metric.
    pub metric: &'static Metric,
    /// The relative half-width of its 95% interval that is wanted, under every strategy.
    pub wanted: f64,
    /// Replications after which it is given up.
    pub most: u32,
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reached {
    /// The metric's name.
    pub metric: &'static str,
    /// The relative half-width that was wanted.
    pub wanted: f64,
    /// The widest that is left under any strategy.
    pub found: f64,
    /// The bound on replications.
    pub most: u32,
}

impl Precision {
    /// How many replications to begin with, where the scenario or the user asks for `replications`.
    pub fn first(&self, replications: u32) -> u32 {
        replications.max(precision::LEAST).min(self.most.max(2))
    }

    /// The relative half-width over the runs of one strategy. A value that no run has or that is 0
    /// in all of them, or a time later than the end in most, has nothing to be precise about.
    pub fn half_width(&self, runs: &[RunSummary]) -> f64 {
        let estimate = self
            .metric
            .estimate(runs, Confidence::new(0.95, runs.len()));
        let Some(value) = estimate
            .value
            .filter(|value| value.is_finite() && *value != 0.0)
        else {
            return 0.0;
        };
        match (estimate.low, estimate.high) {
            (Some(low), Some(high)) => {
                precision::relative_half_width(value, Interval { low, high })
            }
            _ => f64::INFINITY,
        }
    }

    /// How many replications to have in all after `n` of them left `found`; `None` when they are
    /// enough, or all that there may be.
    pub fn next(&self, n: u32, found: f64) -> Option<u32> {
        if found <= self.wanted || n >= self.most {
            return None;
        }
        Some(precision::next_count(n, found, self.wanted, self.most))
    }

    /// The report, when sampling has ended with `found`.
    pub const fn reached(&self, found: f64) -> Reached {
        Reached {
            metric: self.metric.name,
            wanted: self.wanted,
            found,
            most: self.most,
        }
    }
}

impl Reached {
    /// Whether the precision was reached.
    pub fn holds(&self) -> bool {
        self.found <= self.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn runs(peaks: &[u64]) -> Vec<RunSummary> {
        let run = |peak: &u64| {
            let mut run = RunSummary::default();
            run.ports.peak = *peak;
            run
        };
        peaks.iter().map(run).collect()
    }

    fn precision(name: &str) -> Precision {
        Precision {
            metric: Metric::find(name).expect("a metric"),
            wanted: 0.02,
            most: 100,
        }
    }

    #[test]
    fn it_stops_when_the_interval_is_narrow_or_the_bound_is_met() {
        let of_peak = precision("ports_peak");
        assert_eq!(
            (of_peak.first(1), of_peak.first(50), of_peak.first(500)),
            (30, 50, 100)
        );
        // 1 to 5: half-width 1.963243 of 3.
        let wide = of_peak.half_width(&runs(&[1, 2, 3, 4, 5]));
        assert!((wide - 0.654_414).abs() < 1e-5, "{wide}");
        assert_eq!(of_peak.next(30, wide), Some(60));
        assert_eq!(of_peak.next(100, wide), None);
        assert_eq!(of_peak.next(30, 0.02), None);
        assert!(!of_peak.reached(wide).holds() && of_peak.reached(0.01).holds());
    }

    #[test]
    fn what_no_run_has_needs_no_more_runs() {
        let none = runs(&[1, 2, 3]);
        assert!(precision("latency_p99_s").half_width(&none).abs() < 1e-12);
        assert!(precision("exhausted_at_s").half_width(&none).abs() < 1e-12);
        assert!(precision("failed").half_width(&none).abs() < 1e-12);
    }
}
