//! Statistics of results: intervals, tests and the distributions they need. Knows numbers, not
//! runs.
//!
//! Every method cites its paper and is tested against published figures. Transcendental functions
//! are those of `libm`, so that results are the same on every machine.

pub mod batch_means;
pub mod erlang;
pub mod estimate;
pub mod fit;
pub mod moments;
pub mod normal;
pub mod paired;
pub mod precision;
pub mod rare;
pub mod sections;
pub mod sequential;
pub mod special;
pub mod student;
pub mod survival;
pub mod warm_up;

pub use batch_means::batch_means;
pub use estimate::Confidence;
pub use moments::Moments;
pub use paired::Difference;
pub use student::quantile as student_quantile;

/// A confidence interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 95% interval of the mean of `n` whole numbers, at least two, from their sum and the sum
/// of their squares; exact up to the last step.
pub fn interval_95_of_sums(n: u64, sum: i64, squares: u128) -> Interval {
    let count = n as f64;
    let mean = sum as f64 / count;
    // n times the sum of squared deviations: n * squares - sum^2, a whole number and never
    // negative (Cauchy and Schwarz).
    let scatter = u128::from(n) * squares - (i128::from(sum) * i128::from(sum)).unsigned_abs();
    let variance = scatter as f64 / (count * (count - 1.0));
    let half = student::quantile(0.975, count - 1.0) * libm::sqrt(variance / count);
    Interval {
        low: mean - half,
        high: mean + half,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval_of(observations: &[f64]) -> Interval {
        let interval = Moments::of(observations).interval(0.95);
        interval.expect("two observations or more")
    }

    #[test]
    fn sums_give_the_interval_of_the_observations() {
        let (one, other) = (
            interval_of(&[3.0, 7.0, 9.0]),
            interval_95_of_sums(3, 19, 139),
        );
        assert!((one.low - other.low).abs() < 1e-12 && (one.high - other.high).abs() < 1e-12);
        assert_eq!(
            interval_95_of_sums(2, 10, 50),
            Interval {
                low: 5.0,
                high: 5.0
            }
        );
    }

    #[test]
    fn the_interval_of_a_textbook_example() {
        // 1..=5: mean 3, s = sqrt(2.5), t(0.975, 4) = 2.776445: half-width 1.963243.
        let interval = interval_of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((interval.low - 1.036_757).abs() < 1e-5, "{interval:?}");
        assert!((interval.high - 4.963_243).abs() < 1e-5, "{interval:?}");
    }
}
