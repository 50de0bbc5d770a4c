//! The mean of one long correlated series, from the means of batches.

use super::moments::Moments;
use super::{Confidence, Interval, student};
use alloc::vec::Vec;

/// Batches of a series. Between 10 and 30, more add little to the interval and cost
/// independence (B. W. Schmeiser, "Batch size effects in the analysis of simulation output",
/// Operations Research 30 (1982)).
pub const BATCHES: usize = 20;
/// Fewer observations than this in a batch, and its mean is no mean.
const LEAST_IN_A_BATCH: usize = 2;

/// Beyond this correlation of neighbouring batches nothing is said of the mean.
const MOST_CORRELATION: f64 = 0.8;

/// How many relaxation times a series is to be long for an interval to rely on.
const RELAXATIONS: f64 = 50.0;

/// By how much the skewness of the observations widens the longer side of the interval. Measured:
/// where much is rare, as in a long queue, series without it have both too low a mean and too low a
/// variance.
const PER_SKEWNESS: f64 = 0.35;

/// The mean of a series by batch means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatchMeans {
    /// The mean of all batches.
    pub mean: f64,
    /// Its 95% interval; `None` where the batches are too much alike to tell.
    pub interval: Option<Interval>,
    /// The correlation of neighbouring batches, freed of its bias.
    pub correlation: f64,
    /// How many times as long the series would have to be, where there is no interval.
    pub needed: f64,
}

/// The mean of `series` by [`BATCHES`] batch means; `None` where it is too short. What does not
/// fill a batch is left out at the start, where a warm-up may linger.
///
/// The interval is that of independent means ([`Confidence::signed_mean`]), widened for what
/// makes them fewer than they look, as Skart does: batches with correlation φ are worth
/// (1 - φ) / (1 + φ) of independent ones, in the variance and in the degrees of freedom; and the
/// longer side is widened for the skewness of the observations. Beyond φ = 0.8 there is none.
///
/// A. Tafazzoli, J. R. Wilson, E. K. Lada and N. M. Steiger, "Performance of Skart: a
/// skewness- and autocorrelation-adjusted batch means procedure for simulation analysis",
/// INFORMS Journal on Computing 23 (2011); for the bias of the correlation of n values,
/// -(1 + 4φ) / n, M. G. Kendall, "Note on bias in the estimation of autocorrelation", Biometrika
/// 41 (1954).
pub fn batch_means(series: &[f64]) -> Option<BatchMeans> {
    let size = series.len() / BATCHES;
    if size < LEAST_IN_A_BATCH {
        return None;
    }
    let used = &series[series.len() - size * BATCHES..];
    let mean = |batch: &[f64]| batch.iter().sum::<f64>() / size as f64;
    let means: Vec<f64> = used.chunks_exact(size).map(mean).collect();
    let n = BATCHES as f64;
    let seen = lag_one(&means);
    let correlation = (seen + (1.0 + 4.0 * seen) / n).clamp(0.0, 0.95);
    let worth = (1.0 - correlation) / (1.0 + correlation);
    let mean = Moments::of(&means).mean;
    // Batches that all agree may hide one with an observation that is one higher.
    let plain = Confidence::new(0.95, BATCHES).signed_mean(&means, 1.0 / size as f64)?;
    let quantile = |df: f64| student::quantile(0.975, df);
    let wider = quantile(libm::fmax((n - 1.0) * worth, 3.0)) / quantile(n - 1.0);
    let wider = wider / libm::sqrt(worth);
    let skewness = skewness(used).clamp(-2.0, 2.0);
    let side = |sign: f64| wider * (1.0 + PER_SKEWNESS * libm::fmax(sign * skewness, 0.0));
    let interval = Interval {
        low: mean - (mean - plain.low) * side(-1.0),
        high: mean + (plain.high - mean) * side(1.0),
    };
    // Batches of x relaxation times are correlated by about 1 - 2x/3 where x is small.
    let relaxations = n * 1.5 * (1.0 - correlation);
    Some(BatchMeans {
        mean,
        interval: (correlation < MOST_CORRELATION).then_some(interval),
        correlation,
        needed: libm::fmax(RELAXATIONS / relaxations, 1.0),
    })
}

/// The correlation of neighbours; 0 of a constant.
fn lag_one(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let pairs = values.windows(2);
    pairs.map(|it| (it[0] - mean) * (it[1] - mean)).sum::<f64>() / squares
}

fn skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let power = |by: i32| {
        let powers = values.iter().map(|x| {
            let off = x - mean;
            if by == 2 { off * off } else { off * off * off }
        });
        powers.sum::<f64>() / n
    };
    let square = power(2);
    if square <= 0.0 {
        return 0.0;
    }
    power(3) / (square * libm::sqrt(square))
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

    #[test]
    fn the_skewness_of_four_numbers() {
        // Their mean is 2, the mean square of the deviations 3, the mean cube 6.
        let found = skewness(&[1.0, 1.0, 1.0, 5.0]);
        assert!((found - 6.0 / 27.0_f64.sqrt()).abs() < 1e-12, "{found}");
        assert!(skewness(&[2.0, 2.0]).abs() < 1e-300);
    }

    #[test]
    fn independent_noise_has_an_interval_and_a_slow_wave_has_none() {
        let independent: Vec<f64> = (0..1_000).map(noise).collect();
        let found = batch_means(&independent).expect("long enough");
        let interval = found.interval.expect("independent");
        assert!(interval.low < 0.0 && interval.high > 0.0, "{found:?}");
        let mut level = 0.0;
        let slow: Vec<f64> = (0..1_000)
            .map(|k| {
                level = 0.997 * level + noise(k);
                level
            })
            .collect();
        let found = batch_means(&slow).expect("long enough");
        assert!(found.interval.is_none() && found.needed > 4.0, "{found:?}");
        assert!(batch_means(&slow[..39]).is_none());
    }

    /// Series of fifty relaxation times, each value e^(-1/12) of the last and a draw: the interval
    /// holds the mean of 0 in nine of ten, and there is one in eight of ten.
    #[test]
    fn correlated_series_are_covered_and_answered() {
        let keep = libm::exp(-1.0 / 12.0);
        let (mut answered, mut covered) = (0, 0);
        for sample in 0..200_u64 {
            let mut level = 0.0;
            let draw = |k: u64| {
                let part = |part: u64| noise((sample * 1_000 + k) * 3 + part);
                part(0) + part(1) + part(2)
            };
            let series: Vec<f64> = (0..700)
                .map(|k| {
                    level = keep * level + draw(k);
                    level
                })
                .collect();
            let found = batch_means(&series[100..]).expect("long enough");
            if let Some(interval) = found.interval {
                answered += 1;
                covered += u32::from(interval.low <= 0.0 && 0.0 <= interval.high);
            }
        }
        assert!(answered >= 160, "{answered} of 200");
        assert!(
            f64::from(covered) >= 0.9 * f64::from(answered),
            "{covered} of {answered}"
        );
    }
}
