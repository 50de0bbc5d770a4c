//! The mean of observations most of which agree: counts that are rarely not zero, and everything
//! that few of the runs differ in.

use super::Interval;
use super::special::lower_gamma;
use alloc::vec::Vec;

/// The value that at least half of `observations` have, and two of them at least.
pub fn common_value(observations: &[f64]) -> Option<f64> {
    let mut sorted = observations.to_vec();
    sorted.sort_by(f64::total_cmp);
    let runs = sorted.chunk_by(|a, b| a.to_bits() == b.to_bits());
    let common = runs.max_by_key(|run| run.len())?;
    (common.len() >= 2 && common.len() * 2 >= sorted.len()).then(|| common[0])
}

/// The interval of the mean of observations of which at least half are `common`, which leaves
/// out the true mean with probability `tail` on either side.
///
/// What is above `common` and what is below are two rare events with a size, each with the
/// interval of [`rare_mean`]. Of events that were not seen the size is not known either: it is
/// taken to be the largest on the other side, and `unit` where there is none.
pub fn interval_around(common: f64, observations: &[f64], unit: f64, tail: f64) -> Interval {
    let deviations = |sign: f64| -> Vec<f64> {
        let above = observations.iter().map(|x| (x - common) * sign);
        above.map(|it| libm::fmax(it, 0.0)).collect()
    };
    let (up, down) = (deviations(1.0), deviations(-1.0));
    let largest = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
    let seen = libm::fmax(largest(&up), largest(&down));
    let unit = if seen > 0.0 { seen } else { unit };
    let above = rare_mean(&up, unit, tail);
    let below = rare_mean(&down, unit, tail);
    Interval {
        low: common + above.low - below.high,
        high: common + above.high - below.low,
    }
}

/// The interval of the mean of observations that are 0 or, rarely, above it; it leaves out the
/// true mean with probability `tail` on either side. Where all are 0 the upper end is that of
/// events of size `unit`.
///
/// A mean of rare events with sizes is a weighted sum of Poisson counts, and that is nearly a
/// gamma value: the lower end matches its mean and variance, the upper end those with one more
/// event of the largest size. For events of one size it is Garwood's exact interval.
///
/// M. P. Fay and E. J. Feuer, "Confidence intervals for directly standardized rates: a method
/// based on the gamma distribution", Statistics in Medicine 16 (1997); F. Garwood, "Fiducial limits
/// for the Poisson distribution", Biometrika 28 (1936).
pub fn rare_mean(observations: &[f64], unit: f64, tail: f64) -> Interval {
    let n = observations.len() as f64;
    let mean = observations.iter().sum::<f64>() / n;
    let largest = observations.iter().copied().fold(0.0, f64::max);
    let weight = if largest > 0.0 { largest } else { unit } / n;
    let squares: f64 = observations.iter().map(|x| (x - mean) * (x - mean)).sum();
    let variance = squares / (n - 1.0) / n;
    Interval {
        low: matched(mean, variance, tail),
        high: matched(mean + weight, variance + weight * weight, 1.0 - tail),
    }
}

/// The interval of what is expected of a sum of events with these sizes, which leaves it out with
/// probability `tail` on either side; an event that was not seen is thought to be of size `unit`.
/// For events of one size it is Garwood's, of their number.
pub fn rare_sum(sizes: &[f64], unit: f64, tail: f64) -> Interval {
    let sum: f64 = sizes.iter().sum();
    let squares: f64 = sizes.iter().map(|it| it * it).sum();
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    let one = if largest > 0.0 { largest } else { unit };
    Interval {
        low: matched(sum, squares, tail),
        high: matched(sum + one, squares + one * one, 1.0 - tail),
    }
}

/// The `p`-quantile of the gamma law of this mean and variance.
fn matched(mean: f64, variance: f64, p: f64) -> f64 {
    if mean <= 0.0 || variance <= 0.0 {
        return mean;
    }
    gamma_quantile(p, mean * mean / variance) * variance / mean
}

/// The `p`-quantile of Gamma(`shape`, 1): half of that of chi-square with twice the degrees of
/// freedom.
///
/// ```
/// // Garwood (1936): nothing was counted, and at most 3.689 are expected.
/// let most = spsim::inside::stats::rare::gamma_quantile(0.975, 1.0);
/// assert!((most - 3.688_879).abs() < 1e-6);
/// ```
pub fn gamma_quantile(p: f64, shape: f64) -> f64 {
    // Above the mean by twenty standard deviations and fifty: nothing that is asked for lies there.
    let (mut low, mut high) = (0.0, shape + 20.0 * libm::sqrt(shape) + 50.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if lower_gamma(shape, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Garwood's table: 95% limits of a Poisson mean of which 0, 1, 3 and 10 were counted.
    #[test]
    fn events_of_one_size_have_garwoods_limits() {
        for (count, low, high) in [
            (0_u32, 0.0, 3.689),
            (1, 0.0253, 5.572),
            (3, 0.619, 8.767),
            (10, 4.795, 18.39),
        ] {
            // A thousand runs: the share of those that have one is nearly 0.
            let mut runs = alloc::vec![0.0; 1_000];
            runs[..count as usize].fill(1.0);
            let found = rare_mean(&runs, 1.0, 0.025);
            assert!(
                (found.low * 1_000.0 - low).abs() < 0.05,
                "{count}: {found:?}"
            );
            assert!(
                (found.high * 1_000.0 - high).abs() < 0.05,
                "{count}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_common_is_what_half_have() {
        assert_eq!(common_value(&[0.0, 0.0, 3.0, 1.0]), Some(0.0));
        assert_eq!(common_value(&[0.0, 0.0, 3.0, 1.0, 2.0]), None);
        assert_eq!(common_value(&[1.0, 2.0]), None);
        assert_eq!(common_value(&[]), None);
    }

    /// Nineteen runs at a limit of 100 and one at 98: nothing certain in either direction.
    #[test]
    fn both_sides_of_what_is_common_are_open() {
        let mut runs = alloc::vec![100.0; 20];
        runs[7] = 98.0;
        let found = interval_around(100.0, &runs, 1.0, 0.025);
        assert!((99.4..99.55).contains(&found.low), "{found:?}");
        assert!((100.3..100.4).contains(&found.high), "{found:?}");
    }
}
