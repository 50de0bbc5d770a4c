//! The statistics themselves: whether 95% intervals hold what they should 95 times in 100, and
//! what common random numbers gain.

use super::experiment::{Experiment, Judged, column};
use crate::stats::{Moments, paired};
use alloc::vec::Vec;

pub(super) fn experiments() -> Vec<Experiment> {
    vec![COVERAGE, COMMON_NUMBERS]
}

/// Runs that make one interval.
const RUNS_AN_INTERVAL: usize = 10;

/// A leak of 50 a second: the port after the fiftieth is asked for at a Gamma(51, 50/s) time.
pub(super) const FIFTY_PORTS: &str = r#"
    duration = "2200ms"
    sample-every = "2200ms"
    [machine]
    ports = 50
    [client.app]
    runtime = "net40"
    [server.api]
    response-time = "1ms"
    [workload.load]
    arrivals = { poisson = { rate = 50 } }
    group = "unique"
"#;

/// 10,000 experiments of ten runs each: the interval of the mean time to exhaustion, of which the
/// true value is known, should hold it in 95% of them. Chance leaves 94.1 to 95.9% once in
/// 16,000 verifications.
const COVERAGE: Experiment = Experiment {
    name: "coverage",
    scenario: FIFTY_PORTS,
    runs: 100_000,
    fast_runs: 4_000,
    runs_a_job: 1_000,
    measure: |bench, run| Ok([bench.exhausted_at(0, run)?, 0.0, 0.0]),
    judge: |figures| {
        let times = column(figures, 0);
        let experiments = times.chunks_exact(RUNS_AN_INTERVAL);
        let count = experiments.len() as f64;
        let holds = |runs: &[f64]| {
            let interval = Moments::of(runs).interval(0.95);
            interval.is_some_and(|it| it.low <= 51.0 / 50.0 && 51.0 / 50.0 <= it.high)
        };
        let share = experiments.filter(|runs| holds(runs)).count() as f64 / count;
        let error = libm::sqrt(0.95 * 0.05 / count);
        let law = "95% of the 95% intervals hold the true mean";
        vec![Judged::new("share of intervals that do", law).at(share, 0.95, (share - 0.95) / error)]
    },
};

/// The same program with 100 and with 110 ports. On the same random numbers the second runs out
/// exactly ten requests later: a Gamma(10, 50) time. On independent numbers the variances of both
/// would add up.
const COMMON_NUMBERS: Experiment = Experiment {
    name: "common-numbers",
    scenario: r#"
        duration = "6s"
        sample-every = "6s"
        [machine]
        ports = 100
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = "1ms"
        [workload.load]
        arrivals = { poisson = { rate = 50 } }
        group = "unique"
        [[strategy]]
        name = "100 ports"
        [[strategy]]
        name = "110 ports"
        ports = 110
    "#,
    runs: 4_000,
    fast_runs: 400,
    runs_a_job: 100,
    measure: |bench, run| {
        // A replication that no other run of this experiment is.
        let apart = run + 1_000_000;
        Ok([
            bench.exhausted_at(0, run)?,
            bench.exhausted_at(1, run)?,
            bench.exhausted_at(1, apart)?,
        ])
    },
    judge: |figures| {
        let [few, many, apart] = [0, 1, 2].map(|place| column(figures, place));
        let minus = |left: &[f64], right: &[f64]| -> Vec<f64> {
            left.iter().zip(right).map(|(a, b)| a - b).collect()
        };
        let (common, independent) = (minus(&many, &few), minus(&apart, &few));
        let found = paired::difference(&many, &few, 1);
        let factor = found.and_then(|it| it.variance_reduction);
        // The factor's own error: the logarithm of a variance of n values has about 2/n + its
        // excess kurtosis/n; the two sums in the numerator are nearly the same numbers.
        let error = libm::sqrt((2.0 + 0.6 + 2.0 + 0.06) / figures.len() as f64);
        let factor = factor.unwrap_or(f64::NAN);
        let law = "paired on the same numbers: Gamma(10, 50/s)";
        vec![
            Judged::new("mean difference, 110 and 100 ports (s)", law).mean(&common, 10.0 / 50.0),
            Judged::new("variance of the difference (s²)", law).variance(
                &common,
                0.2,
                10.0 / 2_500.0,
            ),
            Judged::new(
                "the same on independent numbers (s²)",
                "the variances add up: (101 + 111)/50²",
            )
            .variance(&independent, 0.2, 212.0 / 2_500.0),
            Judged::new(
                "variance reduction by common random numbers",
                "(101 + 111)/10",
            )
            .at(factor, 21.2, libm::log(factor / 21.2) / error),
        ]
    },
};
