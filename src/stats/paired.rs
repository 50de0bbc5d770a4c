//! Differences between alternatives that met the same random numbers.

use super::moments::Moments;
use super::{Confidence, Interval};

/// The mean difference of pairs of observations, with an interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Difference {
    /// Mean of the first minus the second.
    pub mean: f64,
    /// The interval of the mean difference at the level asked for.
    pub interval: Interval,
    /// How many times larger the variance of the difference would be if the alternatives had met
    /// independent random numbers: (Var A + Var B) / Var(A - B). Above 1 common random numbers
    /// helped. `None` where a variance is zero.
    pub variance_reduction: Option<f64>,
}

impl Difference {
    /// Whether the interval excludes zero: which of the two is larger is then settled at its
    /// level.
    pub fn is_distinguishable(&self) -> bool {
        self.interval.low > 0.0 || self.interval.high < 0.0
    }
}

/// Fewer pairs than this settle nothing.
pub const LEAST: usize = 3;

/// The paired difference of `first` and `second`, whose k-th entries met the same random numbers;
/// `None` for fewer pairs than [`LEAST`].
///
/// The interval is that of [`Confidence::signed_mean`], where pairs that all agree may hide one
/// that differs by as much as the largest observation, and holds together with those of all
/// `family` comparisons made at once with probability 95% or more: each has level
/// 1 - 0.05 / `family` (Bonferroni; A. M. Law, "Simulation Modeling and Analysis", section 10.3).
/// It needs no independence between the comparisons, which share their random numbers.
///
/// # Panics
/// If the two have different lengths.
pub fn difference(first: &[f64], second: &[f64], family: usize) -> Option<Difference> {
    assert_eq!(first.len(), second.len(), "every observation has its pair");
    if first.len() < LEAST {
        return None;
    }
    let pairs = first.iter().zip(second);
    let differences: alloc::vec::Vec<f64> = pairs.map(|(a, b)| a - b).collect();
    let moments = Moments::of(&differences);
    let level = 1.0 - 0.05 / family.max(1) as f64;
    let apart = Moments::of(first).variance + Moments::of(second).variance;
    let sizes = first.iter().chain(second).map(|it| libm::fabs(*it));
    let unit = sizes.fold(1.0, libm::fmax);
    Some(Difference {
        mean: moments.mean,
        interval: Confidence::new(level, differences.len()).signed_mean(&differences, unit)?,
        variance_reduction: (apart > 0.0 && moments.variance > 0.0)
            .then(|| apart / moments.variance),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Student's two drugs (1908): the second gave 1.58 h more sleep, 0.70 to 2.46.
    #[test]
    fn students_two_drugs() {
        let one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let alone = difference(&other, &one, 1).expect("ten pairs");
        assert!((alone.mean - 1.58).abs() < 1e-12);
        assert!((alone.interval.low - 0.7001).abs() < 5e-5, "{alone:?}");
        assert!(alone.is_distinguishable());
        // s² of the drugs: 3.2006 and 4.0090; of the difference 1.5129.
        let reduction = alone.variance_reduction.expect("nothing is constant");
        assert!((reduction - 4.766).abs() < 2e-3, "{reduction}");
        // One of six: level 0.99167, t(9) = 3.364, half-width 1.3085.
        let one_of_six = difference(&other, &one, 6).expect("ten pairs");
        assert!(
            (one_of_six.interval.low - 0.2715).abs() < 2e-3,
            "{one_of_six:?}"
        );
        // One of a thousand proves nothing.
        let among_many = difference(&other, &one, 1_000).expect("ten pairs");
        assert!(!among_many.is_distinguishable(), "{among_many:?}");
    }

    /// Runs that agree hide others: three equal differences settle nothing, twenty do.
    #[test]
    fn a_constant_difference_is_no_certainty() {
        let of = |n: usize| difference(&alloc::vec![5.0; n], &alloc::vec![1.0; n], 24);
        assert!(of(2).is_none());
        assert!(!of(3).expect("three pairs").is_distinguishable());
        let twenty = of(20).expect("twenty pairs");
        assert!(
            twenty.is_distinguishable() && twenty.interval.high > 4.0,
            "{twenty:?}"
        );
        assert_eq!(twenty.variance_reduction, None);
    }
}
