//! How fast ports grow, with a 95 % interval.
//!
//! Two estimates, by what the ports do. Where they pile up (leak, churn, CLOSE_WAIT), each
//! interval's increase is a new, independent piece of evidence: the rate is the whole increase
//! over the whole time, its error comes from the increases. A line through a running total would
//! claim to know more than it does, because the deviations of a running total hang together.
//! Where ports hover around a level, it is the deviations from the line that are independent:
//! then least squares.

use super::kind::Kind;
use super::series::Series;
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
    let points = || series.steps.iter().map(|it| (it.time_s, it.total() as f64));
    match kind {
        Kind::Leak | Kind::Churn | Kind::CloseWait => {
            let walk = by_increments(points());
            let line = by_line(points());
            // A churn that has reached its level hovers as well.
            if walk.is_up() { walk } else { line }
        }
        Kind::Bounded | Kind::Burst => by_line(points()),
    }
}

/// The slope of the line through `points` of (seconds, ports), by least squares.
pub fn by_line(points: impl Iterator<Item = (f64, f64)> + Clone) -> Growth {
    let n = points.clone().count() as f64;
    let (sum_t, sum_y) = points
        .clone()
        .fold((0.0, 0.0), |(t, y), it| (t + it.0, y + it.1));
    let (mean_t, mean_y) = (sum_t / n.max(1.0), sum_y / n.max(1.0));
    let (mut tt, mut ty) = (0.0, 0.0);
    for (t, y) in points.clone() {
        tt += (t - mean_t) * (t - mean_t);
        ty += (t - mean_t) * (y - mean_y);
    }
    if tt == 0.0 {
        return Growth {
            per_s: 0.0,
            interval: None,
        };
    }
    let slope = ty / tt;
    let residual = |(t, y): (f64, f64)| y - mean_y - slope * (t - mean_t);
    let squares: f64 = points.map(|point| residual(point) * residual(point)).sum();
    let df = n - 2.0;
    let error = libm::sqrt(squares / df.max(1.0) / tt);
    Growth::new(slope, error, df)
}

/// The whole increase over the whole time; each interval's increase is independent, with a
/// variance proportional to its length.
pub fn by_increments(points: impl Iterator<Item = (f64, f64)> + Clone) -> Growth {
    let steps = || {
        let pairs = points.clone().zip(points.clone().skip(1));
        pairs
            .map(|(from, to)| (to.0 - from.0, to.1 - from.1))
            .filter(|it| it.0 > 0.0)
    };
    let n = steps().count() as f64;
    let (time, increase) = steps().fold((0.0, 0.0), |(t, y), it| (t + it.0, y + it.1));
    if time == 0.0 {
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
