//! How much of a series is still warming up.

use alloc::vec::Vec;

/// Observations that MSER-5 averages into one.
const BATCH: usize = 5;

/// How many leading observations of `series` to leave out so that the mean of the rest is
/// estimated best, by MSER-5: the truncation point, in steps of 5, that minimizes the squared
/// standard error of what remains. `None` where that lies beyond the middle: the series has not
/// settled, and a mean of its end would be a guess; also for fewer than ten observations.
///
/// K. P. White, "An effective truncation heuristic for bias reduction in simulation output",
/// Simulation 69 (1997); K. P. White, M. J. Cobb and S. C. Spratt, "A comparison of five
/// steady-state truncation heuristics for simulation", Winter Simulation Conference (2000), for
/// the batches of five and the middle as bound.
///
/// ```
/// use spsim::stats::warm_up::mser_5;
/// let mut series = vec![9.0, 7.0, 5.0, 4.0, 3.0];
/// series.extend([2.0, 1.0, 2.0, 3.0, 2.0].repeat(10));
/// assert_eq!(mser_5(&series), Some(5));
/// let growing: Vec<f64> = (0..100).map(f64::from).collect();
/// assert_eq!(mser_5(&growing), None);
/// ```
pub fn mser_5(series: &[f64]) -> Option<usize> {
    let mean = |batch: &[f64]| batch.iter().sum::<f64>() / BATCH as f64;
    let batches: Vec<f64> = series.chunks_exact(BATCH).map(mean).collect();
    if batches.len() < 2 {
        return None;
    }
    // From the end, so that each start costs one step (Welford 1962): the mean and the sum of
    // squared deviations of all batches from here on.
    let (mut mean, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for (start, value) in batches.iter().enumerate().rev() {
        let n = (batches.len() - start) as f64;
        let delta = value - mean;
        mean += delta / n;
        squares += delta * (value - mean);
        // The last few batches agree by chance: the bound is on the batches left, too.
        if n >= 2.0 {
            let statistic = squares / (n * n);
            // Among equals the earliest: nothing is left out without a reason.
            if statistic <= best.0 {
                best = (statistic, start);
            }
        }
    }
    (best.1 * 2 <= batches.len()).then_some(best.1 * BATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, one start after the other.
    fn by_definition(series: &[f64]) -> Option<usize> {
        let batches: Vec<f64> = series
            .chunks_exact(5)
            .map(|batch| batch.iter().sum::<f64>() / 5.0)
            .collect();
        let statistic = |start: usize| {
            let rest = &batches[start..];
            let n = rest.len() as f64;
            let mean = rest.iter().sum::<f64>() / n;
            rest.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n * n)
        };
        let starts = 0..batches.len() - 1;
        let best = starts.min_by(|a, b| statistic(*a).total_cmp(&statistic(*b)))?;
        (best * 2 <= batches.len()).then_some(best * 5)
    }

    #[test]
    fn it_is_what_the_paper_defines() {
        for (rise, level) in [(20.0, 3.0), (60.0, 10.0), (200.0, 50.0)] {
            let series: Vec<f64> = (0..600_u64)
                .map(|k| {
                    let noise = (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / 16_777_216.0;
                    level * (1.0 - (-(k as f64) / rise).exp()) + noise
                })
                .collect();
            let found = mser_5(&series);
            assert_eq!(found, by_definition(&series));
            if rise < 100.0 {
                let left_out = found.expect("it settles");
                assert!(left_out > 0 && left_out as f64 > rise, "{rise}: {left_out}");
            }
        }
    }

    #[test]
    fn a_constant_needs_no_warm_up_and_a_handful_is_too_few() {
        assert_eq!(mser_5(&[2.0; 40]), Some(0));
        assert_eq!(mser_5(&[2.0; 9]), None);
        assert_eq!(mser_5(&[]), None);
    }
}
