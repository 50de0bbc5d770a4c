//! Mean, variance and their standard errors.

use super::{Interval, student};

/// A sample's size, mean and unbiased variance.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moments {
    /// How many observations.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their variance, with n - 1 in the denominator; 0 for fewer than two.
    pub variance: f64,
}

impl Moments {
    /// The moments of `observations`, in two passes: no difference of large sums.
    pub fn of(observations: &[f64]) -> Moments {
        let n = observations.len() as f64;
        let mean = observations.iter().sum::<f64>() / n.max(1.0);
        let squares: f64 = observations.iter().map(|x| (x - mean) * (x - mean)).sum();
        Moments {
            count: observations.len() as u64,
            mean,
            variance: squares / (n - 1.0).max(1.0),
        }
    }

    /// The standard error of the mean of independent observations.
    pub fn error(&self) -> f64 {
        libm::sqrt(self.variance / (self.count as f64).max(1.0))
    }

    /// Half the width of the interval of the mean that holds it with probability `level`, by
    /// Student's t; `None` for fewer than two observations.
    pub fn half_width(&self, level: f64) -> Option<f64> {
        let df = self.count.checked_sub(1).filter(|df| *df > 0)? as f64;
        Some(student::quantile(0.5 + level / 2.0, df) * self.error())
    }

    /// That interval.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        self.half_width(level).map(|half| Interval {
            low: self.mean - half,
            high: self.mean + half,
        })
    }

    /// How far the mean is from `expected`, in standard errors, as a standard normal value: the
    /// error is estimated, so it is Student's t that is as improbable as that.
    pub fn z(&self, expected: f64) -> f64 {
        let difference = self.mean - expected;
        if difference == 0.0 {
            return 0.0;
        }
        let error = self.error();
        if error == 0.0 || self.count < 2 {
            return libm::copysign(f64::INFINITY, difference);
        }
        student::as_normal(difference / error, (self.count - 1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Student", "The probable error of a mean", Biometrika 6 (1908): additional hours of sleep.
    #[test]
    fn students_own_example() {
        let gains = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let moments = Moments::of(&gains);
        assert!((moments.mean - 1.58).abs() < 1e-12);
        assert!((moments.mean / moments.error() - 4.0621).abs() < 5e-5);
        let interval = moments.interval(0.95).expect("ten observations");
        assert!((interval.low - 0.7001).abs() < 5e-5, "{interval:?}");
        assert!((interval.high - 2.4599).abs() < 5e-5, "{interval:?}");
        // Two-sided p = 0.002833, a normal value of 2.9854.
        assert!((moments.z(0.0) - 2.985).abs() < 2e-3, "{}", moments.z(0.0));
    }

    #[test]
    fn a_sample_without_spread_agrees_or_does_not() {
        let constant = Moments::of(&[3.0, 3.0, 3.0]);
        assert!(constant.z(3.0).abs() < 1e-12);
        assert_eq!(constant.z(4.0), f64::NEG_INFINITY);
        assert_eq!(Moments::of(&[1.0]).interval(0.95), None);
    }
}
