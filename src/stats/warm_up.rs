//! How much of a series is still warming up.

use super::Moments;
use alloc::vec::Vec;

/// Observations that MSER-5 averages into one.
const BATCH: usize = 5;

/// Fewer observations than this cannot tell a warm-up from chance.
pub const LEAST: usize = 40;

/// How many leading observations of `series` to leave out so that the mean of the rest is
/// estimated best, by MSER-5: the truncation point, in steps of 5 up to the middle, that minimizes
/// the squared standard error of what remains; `None` for fewer than ten observations. The middle
/// is the bound because the last few batches always agree by chance: a start among them says
/// nothing. Whether a series settles at all is for [`settled`] to say.
///
/// K. P. White, "An effective truncation heuristic for bias reduction in simulation output",
/// Simulation 69 (1997); K. P. White, M. J. Cobb and S. C. Spratt, "A comparison of five
/// steady-state truncation heuristics for simulation", Winter Simulation Conference (2000), for
/// the batches of five; K. Hoad, S. Robinson and R. Davies, "Automating warm-up length
/// estimation", Journal of the Operational Research Society 61 (2010), for what is left out of
/// the search.
///
/// ```
/// use spsim::inside::stats::warm_up::mser_5;
/// let mut series = vec![9.0, 7.0, 5.0, 4.0, 3.0];
/// series.extend([2.0, 1.0, 2.0, 3.0, 2.0].repeat(10));
/// assert_eq!(mser_5(&series), Some(5));
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
        if start * 2 <= batches.len() {
            let statistic = squares / (n * n);
            // Among equals the earliest: nothing is left out without a reason.
            if statistic <= best.0 {
                best = (statistic, start);
            }
        }
    }
    Some(best.1 * BATCH)
}

/// Why a series has no level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsettled {
    /// There are fewer observations than [`LEAST`].
    TooFew,
    /// What follows the warm-up still rises or falls.
    Moving,
}

/// Means of what follows the warm-up, on which a trend is looked for.
const PARTS: usize = 10;

/// A trend of so many standard errors is one. Chance gives independent means 6 of them once in
/// 3,000 series; the means of a correlated series may be off by a factor of two or so.
const CERTAIN_TREND: f64 = 6.0;

/// Where the best start is the last one that is allowed, less proof is asked: it would go on.
const LIKELY_TREND: f64 = 3.0;

/// How many leading observations to leave out of a series that settles.
///
/// # Errors
/// It does not settle, or that cannot be told.
///
/// ```
/// use spsim::inside::stats::warm_up::{Unsettled, settled};
/// let growing: Vec<f64> = (0..100).map(f64::from).collect();
/// assert_eq!(settled(&growing), Err(Unsettled::Moving));
/// assert_eq!(settled(&[2.0; 40]), Ok(0));
/// assert_eq!(settled(&[2.0; 11]), Err(Unsettled::TooFew));
/// ```
pub fn settled(series: &[f64]) -> Result<usize, Unsettled> {
    let first = mser_5(series).filter(|_| series.len() >= LEAST);
    let first = first.ok_or(Unsettled::TooFew)?;
    let is_last = first * 20 >= series.len() * 9;
    let most = if is_last { LIKELY_TREND } else { CERTAIN_TREND };
    let means = means_of_parts(&series[first..]);
    if libm::fabs(trend(&means)) > most || has_left(&means) {
        return Err(Unsettled::Moving);
    }
    Ok(first)
}

/// The last part is another level where it is off by this share of that before …
const NOTABLE: f64 = 0.05;

/// … and by so many deviations of the parts before it: chance does that to one series of 500, since
/// they are few.
const CERTAIN_STEP: f64 = 12.0;

/// How many parts before the last one it is compared with.
const COMPARED: usize = 4;

fn means_of_parts(series: &[f64]) -> Vec<f64> {
    let size = series.len() / PARTS;
    let used = &series[series.len() - size * PARTS..];
    let mean = |part: &[f64]| part.iter().sum::<f64>() / size as f64;
    used.chunks_exact(size.max(1)).map(mean).collect()
}

/// Whether the level is left in the last part.
fn has_left(means: &[f64]) -> bool {
    let Some((last, before)) = means.split_last() else {
        return false;
    };
    let before = Moments::of(&before[before.len().saturating_sub(COMPARED)..]);
    let off = libm::fabs(last - before.mean);
    off > NOTABLE * libm::fabs(before.mean) && off > CERTAIN_STEP * libm::sqrt(before.variance)
}

/// The slope through the means of [`PARTS`] equal parts, in its standard errors.
fn trend(means: &[f64]) -> f64 {
    let center = (PARTS - 1) as f64 / 2.0;
    let level = means.iter().sum::<f64>() / PARTS as f64;
    let place = |part: usize| part as f64 - center;
    let widths: f64 = (0..PARTS).map(|part| place(part) * place(part)).sum();
    let products = means.iter().enumerate();
    let slope = products
        .map(|(part, it)| place(part) * (it - level))
        .sum::<f64>()
        / widths;
    let off = |(part, it): (usize, &f64)| it - level - slope * place(part);
    let left: f64 = means.iter().enumerate().map(|it| off(it) * off(it)).sum();
    // A constant has no slope but for rounding.
    if libm::fabs(slope) <= 1e-12 * libm::fabs(level) {
        return 0.0;
    }
    slope / libm::sqrt(left / (PARTS - 2) as f64 / widths)
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
        let starts = 0..=batches.len() / 2;
        let best = starts.min_by(|a, b| statistic(*a).total_cmp(&statistic(*b)))?;
        Some(best * 5)
    }

    #[test]
    fn two_batches_are_enough_to_search() {
        assert_eq!(mser_5(&[1.0; 10]), Some(0));
        assert_eq!(mser_5(&[1.0; 9]), None);
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
    fn a_level_that_is_left_at_the_end_is_none() {
        let mut series = [2.0; 200];
        assert_eq!(settled(&series), Ok(0));
        series[195..].fill(0.0);
        assert_eq!(settled(&series), Err(Unsettled::Moving));
    }

    #[test]
    fn a_constant_needs_no_warm_up_and_a_handful_is_too_few() {
        assert_eq!(mser_5(&[2.0; 40]), Some(0));
        assert_eq!(mser_5(&[2.0; 9]), None);
        assert_eq!(mser_5(&[]), None);
    }
}
