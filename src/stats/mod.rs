//! Statistics of results: intervals and the quantiles they need. Knows numbers, not runs.

pub mod student;

pub use student::quantile as student_quantile;

/// A confidence interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 95 % interval of the mean of independent observations, by Student's t.
///
/// # Panics
/// With fewer than two observations there is no interval: the caller asks only with more.
pub fn mean_interval_95(observations: &[f64]) -> Interval {
    assert!(
        observations.len() >= 2,
        "an interval needs at least two observations"
    );
    let n = observations.len() as f64;
    let mean = observations.iter().sum::<f64>() / n;
    let squares: f64 = observations.iter().map(|x| (x - mean) * (x - mean)).sum();
    let error = libm::sqrt(squares / (n - 1.0) / n);
    let half = student::quantile(0.975, n - 1.0) * error;
    Interval {
        low: mean - half,
        high: mean + half,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_textbook_example() {
        // 1..=5: mean 3, s = sqrt(2.5), t(0.975, 4) = 2.776445: half-width 1.963243.
        let interval = mean_interval_95(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((interval.low - 1.036_757).abs() < 1e-5, "{interval:?}");
        assert!((interval.high - 4.963_243).abs() < 1e-5, "{interval:?}");
    }
}
