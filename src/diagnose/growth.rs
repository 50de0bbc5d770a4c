//! How fast ports grow, with a 95 % interval.
//!
//! Two estimates, by what the ports do. Where they pile up (leak, churn, CLOSE_WAIT), each
//! interval's increase is a new, independent piece of evidence: the rate is the whole increase
//! over the whole time, its error comes from the increases. A line through a running total would
//! claim to know more than it does, because the deviations of a running total hang together.
//! Where ports hover around a level, it is the deviations from the line that are independent:
//! then least squares.

use super::kind::Kind;
use super::series::{Series, Step};
use crate::stats::{Interval, student_quantile};

/// A rate with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Growth {
    /// Per second.
    pub per_s: f64,
    /// The 95 % interval; `None` with too few points.
    pub interval: Option<Interval>,
}

impl Growth {
    /// Whether it is above zero with 97.5 % confidence.
    pub fn is_up(&self) -> bool {
        self.interval.is_some_and(|it| it.low > 0.0)
    }

    fn new(per_s: f64, error: f64, df: f64) -> Growth {
        let interval = (df >= 1.0).then(|| {
            let half = student_quantile(0.975, df) * error;
            Interval {
                low: per_s - half,
                high: per_s + half,
            }
        });
        Growth { per_s, interval }
    }
}

/// The growth of all ports of a series of this kind.
pub fn of(series: &Series, kind: Kind) -> Growth {
    let points = series.points(Step::total);
    let line = by_line(&points);
    match kind {
        Kind::Leak | Kind::Churn | Kind::CloseWait => {
            let walk = by_increments(&points);
            // A churn that has reached its level hovers as well.
            if walk.is_up() { walk } else { line }
        }
        Kind::Bounded | Kind::Burst => line,
    }
}

/// The slope of the line through `points` of (seconds, ports), by least squares.
pub fn by_line(points: &[(f64, f64)]) -> Growth {
    let n = points.len() as f64;
    let sum = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>();
    let (mean_t, mean_y) = (sum(|it| it.0) / n, sum(|it| it.1) / n);
    let (mut tt, mut ty) = (0.0, 0.0);
    for (t, y) in points {
        tt += (t - mean_t) * (t - mean_t);
        ty += (t - mean_t) * (y - mean_y);
    }
    // No points, one, or all at one time.
    if tt.is_nan() || tt <= 0.0 {
        return Growth {
            per_s: 0.0,
            interval: None,
        };
    }
    let slope = ty / tt;
    let residuals = points
        .iter()
        .map(|(t, y)| y - mean_y - slope * (t - mean_t));
    let squares: f64 = residuals.map(|it| it * it).sum();
    let df = n - 2.0;
    let error = libm::sqrt(squares / df.max(1.0) / tt);
    Growth::new(slope, error, df)
}

/// The whole increase over the whole time; each interval's increase is independent, with a
/// variance proportional to its length.
pub fn by_increments(points: &[(f64, f64)]) -> Growth {
    let steps = || {
        let pairs = points.windows(2);
        pairs
            .map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1))
            .filter(|it| it.0 > 0.0)
    };
    let n = steps().count() as f64;
    let (time, increase) = steps().fold((0.0, 0.0), |(t, y), it| (t + it.0, y + it.1));
    if time <= 0.0 {
        return Growth {
            per_s: 0.0,
            interval: None,
        };
    }
    let rate = increase / time;
    let squares: f64 = steps()
        .map(|(t, y)| (y - rate * t) * (y - rate * t) / t)
        .sum();
    let df = n - 1.0;
    let error = libm::sqrt(squares / df.max(1.0) / time);
    Growth::new(rate, error, df)
}
