//! The mean of one long correlated series: means of batches, and whether they may be taken for
//! independent.

use super::Interval;
use super::moments::Moments;
use super::normal;
use alloc::vec::Vec;

/// Batches of a series. Between 10 and 30, more add little to the interval and cost
/// independence (B. W. Schmeiser, "Batch size effects in the analysis of simulation output",
/// Operations Research 30 (1982)).
pub const BATCHES: usize = 20;
/// Fewer observations than this in a batch, and its mean is no mean.
const LEAST_IN_A_BATCH: usize = 2;

/// The mean of a series by batch means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatchMeans {
    /// The mean of all batches.
    pub mean: f64,
    /// Its 95 % interval by Student's t over the batches, which supposes that they are
    /// independent.
    pub interval: Interval,
    /// The correlation of neighbouring batches, by von Neumann's ratio.
    pub correlation: f64,
    /// Whether that correlation is no more than chance (one-sided, 5 %). Where it is false the
    /// interval is too narrow.
    pub is_independent: bool,
}

/// The mean of `series` by [`BATCHES`] batch means; `None` where it is too short. What does not
/// fill a batch is left out at the start, where a warm-up may linger.
pub fn batch_means(series: &[f64]) -> Option<BatchMeans> {
    let size = series.len() / BATCHES;
    if size < LEAST_IN_A_BATCH {
        return None;
    }
    let used = &series[series.len() - size * BATCHES..];
    let mean = |batch: &[f64]| batch.iter().sum::<f64>() / size as f64;
    let means: Vec<f64> = used.chunks_exact(size).map(mean).collect();
    let moments = Moments::of(&means);
    let correlation = neighbour_correlation(&means);
    Some(BatchMeans {
        mean: moments.mean,
        interval: moments.interval(0.95)?,
        correlation,
        is_independent: correlation_z(correlation, means.len()) < normal::upper_quantile(0.05),
    })
}

/// One minus half of von Neumann's ratio, the mean square of successive differences over the
/// variance: about the correlation of neighbours, 0 for independent observations and for a
/// constant.
///
/// J. von Neumann, "Distribution of the ratio of the mean square successive difference to the
/// variance", Annals of Mathematical Statistics 12 (1941); for batch means, G. S. Fishman,
/// "Grouping observations in digital simulation", Management Science 24 (1978).
pub fn neighbour_correlation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / (values.len() as f64).max(1.0);
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let steps = values.windows(2).map(|pair| pair[1] - pair[0]);
    let successive: f64 = steps.map(|step| step * step).sum();
    1.0 - successive / squares / 2.0
}

/// [`neighbour_correlation`] in standard deviations of independent normal values, of which its
/// variance is (n - 2) / (n² - 1) (L. C. Young, "On randomness in ordered sequences", Annals of
/// Mathematical Statistics 12 (1941)).
pub fn correlation_z(correlation: f64, n: usize) -> f64 {
    let n = n as f64;
    correlation * libm::sqrt((n * n - 1.0) / (n - 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(k: u64) -> f64 {
        let mut z = k.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5
    }

    /// For 1, 2 … n the successive squares sum to n - 1 and the deviations to n (n² - 1) / 12; for
    /// values that alternate the ratio is 4 (n - 1) / n.
    #[test]
    fn the_ratio_of_a_line_and_of_an_alternation() {
        let line: Vec<f64> = (1..=10).map(f64::from).collect();
        assert!((neighbour_correlation(&line) - (1.0 - 6.0 / 110.0)).abs() < 1e-12);
        let alternating: Vec<f64> = (0..10).map(|k| f64::from(k % 2)).collect();
        assert!((neighbour_correlation(&alternating) - (1.0 - 1.8)).abs() < 1e-12);
        assert!(neighbour_correlation(&[3.0; 8]).abs() < 1e-12);
    }

    /// Of independent values the correlation has mean 0 and Young's variance: the mean square of
    /// 4000 standardized ones is 1 within four standard errors, √(2/4000) each.
    #[test]
    fn independent_values_have_youngs_variance() {
        let samples = (0..4_000_u64).map(|sample| {
            // A sum of three uniform values is close enough to a normal one.
            let value = |k: u64| (0..3).map(|part| noise((sample * 10 + k) * 3 + part)).sum();
            let values: Vec<f64> = (0..10).map(value).collect();
            correlation_z(neighbour_correlation(&values), 10)
        });
        let mean_square = samples.map(|z| z * z).sum::<f64>() / 4_000.0;
        assert!((mean_square - 1.0).abs() < 0.09, "{mean_square}");
    }

    #[test]
    fn independent_noise_passes_and_a_slow_wave_does_not() {
        let independent: Vec<f64> = (0..1_000).map(noise).collect();
        let found = batch_means(&independent).expect("long enough");
        assert!(found.is_independent, "{found:?}");
        assert!(found.interval.low < 0.0 && found.interval.high > 0.0);
        let mut level = 0.0;
        let slow: Vec<f64> = (0..1_000)
            .map(|k| {
                level = 0.995 * level + noise(k);
                level
            })
            .collect();
        let found = batch_means(&slow).expect("long enough");
        assert!(!found.is_independent, "{found:?}");
        assert!(batch_means(&slow[..39]).is_none());
    }

    #[test]
    fn batches_of_a_hand_made_series() {
        // 40 values: batches of two with means 0.5, 2.5, 4.5 … 38.5: mean 19.5.
        let series: Vec<f64> = (0..40).map(f64::from).collect();
        let found = batch_means(&series).expect("long enough");
        assert!((found.mean - 19.5).abs() < 1e-12);
        // s² = 4 · 20 · 21 / 12 = 140, t(19) = 2.093: half-width 5.5376.
        assert!((found.interval.high - 25.0376).abs() < 1e-3, "{found:?}");
    }
}
