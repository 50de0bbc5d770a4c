//! Whether observations follow a stated distribution.

use super::normal;
use super::special::upper_gamma;
use alloc::vec::Vec;

/// How improbable a fit is, as a standard normal value: large where the observations do not
/// follow the distribution, very negative where they follow it too well to be random.
pub type FitZ = f64;

/// Kolmogorov and Smirnov: `observations` against a continuous distribution function, with the
/// correction for finite samples of M. A. Stephens, "Use of the Kolmogorov-Smirnov … statistics
/// without extensive tables", Journal of the Royal Statistical Society B 32 (1970).
pub fn kolmogorov_smirnov(observations: &[f64], cumulative: impl Fn(f64) -> f64) -> FitZ {
    let mut sorted = observations.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mut distance = 0.0_f64;
    for (index, value) in sorted.iter().enumerate() {
        let expected = cumulative(*value);
        let below = expected - index as f64 / n;
        let above = (index as f64 + 1.0) / n - expected;
        distance = distance.max(below).max(above);
    }
    let root = libm::sqrt(n);
    normal::upper_quantile(kolmogorov_tail(distance * (root + 0.12 + 0.11 / root)))
}

/// P(K > x) of Kolmogorov's distribution (1933).
fn kolmogorov_tail(x: f64) -> f64 {
    if x < 0.3 {
        // Below here it is 1 to nine digits, and the alternating sum loses them.
        return 1.0 - 1e-9;
    }
    let mut sum = 0.0;
    for number in 1..=100_u32 {
        let k = f64::from(number);
        let term = libm::exp(-2.0 * k * k * x * x);
        sum += if number % 2 == 1 { term } else { -term };
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

/// Pearson's chi-square: whole `counts` against a Poisson distribution of this mean. Values are
/// put together until each class expects at least five.
///
/// K. Pearson, Philosophical Magazine 50 (1900); five per class: W. G. Cochran, Annals of
/// Mathematical Statistics 23 (1952).
pub fn chi_square_poisson(counts: &[u64], mean: f64) -> FitZ {
    const LEAST_EXPECTED: f64 = 5.0;
    let n = counts.len() as f64;
    // The classes cut the line where enough is expected below, and enough is left above.
    let below = |k: u64| upper_gamma(k as f64, mean);
    let mut cuts: Vec<u64> = Vec::new();
    let mut done = 0.0;
    for k in 1.. {
        let here = below(k);
        if (1.0 - here) * n < LEAST_EXPECTED {
            break;
        }
        if (here - done) * n >= LEAST_EXPECTED {
            cuts.push(k);
            done = here;
        }
    }
    let mut statistic = 0.0;
    let mut from = (0, 0.0);
    for to in cuts
        .iter()
        .map(|k| (*k, below(*k)))
        .chain([(u64::MAX, 1.0)])
    {
        let inside = counts
            .iter()
            .filter(|count| (from.0..to.0).contains(*count));
        let expected = (to.1 - from.1) * n;
        let difference = inside.count() as f64 - expected;
        statistic += difference * difference / expected;
        from = to;
    }
    normal::upper_quantile(upper_gamma(cuts.len() as f64 / 2.0, statistic / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smirnov's table (1948): K exceeds 1.358 in 5% and 1.628 in 1% of all samples.
    #[test]
    fn kolmogorovs_distribution() {
        assert!((kolmogorov_tail(1.3581) - 0.05).abs() < 2e-5);
        assert!((kolmogorov_tail(1.6276) - 0.01).abs() < 2e-5);
        assert!((kolmogorov_tail(0.8276) - 0.5).abs() < 2e-4);
    }

    #[test]
    fn a_stratified_sample_fits_and_a_shifted_one_does_not() {
        let even: Vec<f64> = (0..1_000_u32)
            .map(|k| (f64::from(k) + 0.5) / 1_000.0)
            .collect();
        assert!(
            kolmogorov_smirnov(&even, |x| x) < -3.0,
            "too good to be random"
        );
        assert!(kolmogorov_smirnov(&even, |x| x * x) > 8.0);
    }

    /// The deaths by kicks of horses in the Prussian army (Bortkiewicz 1898), the first Poisson
    /// ever fitted: 0 to 4 deaths in 109, 65, 22, 3, 1 of 200 corps and years, mean 0.61.
    #[test]
    fn the_prussian_horses() {
        let deaths = [(0, 109), (1, 65), (2, 22), (3, 3), (4, 1)];
        let counts: Vec<u64> = deaths
            .iter()
            .flat_map(|(value, times)| core::iter::repeat_n(*value, *times))
            .collect();
        // Classes 0, 1, 2 and more expect 108.67, 66.29, 25.04: chi-square 0.063 on 2 degrees,
        // p = 0.9690.
        let found = chi_square_poisson(&counts, 0.61);
        assert!((found + 1.867).abs() < 0.002, "{found}");
        assert!(chi_square_poisson(&counts, 1.0) > 4.0);
    }
}
