//! How many observations a stated precision needs.

use super::Interval;

/// Fewer observations than this, and the estimated half-width is itself too uncertain to stop by.
pub const LEAST: u32 = 30;

/// Half the width of an interval relative to the value that it is of: 0 for one without width,
/// infinite around 0.
pub fn relative_half_width(value: f64, interval: Interval) -> f64 {
    let half = (interval.high - interval.low) / 2.0;
    if half == 0.0 {
        return 0.0;
    }
    half / libm::fabs(value)
}

/// About how many observations are needed, where `n` of them leave a relative half-width above the
/// one that is wanted: it falls with the root of their number.
pub fn needed(n: u32, found: f64, wanted: f64) -> f64 {
    let ratio = found / wanted;
    libm::ceil(f64::from(n) * ratio * ratio)
}

/// How many observations to have next: as many as are [`needed`], at least a tenth more, since the
/// estimate is rough, at most twice as many, since it may be far off, and never more than `most`.
pub fn next_count(n: u32, found: f64, wanted: f64, most: u32) -> u32 {
    let estimate = needed(n, found, wanted);
    let (least, twice) = (n.saturating_add(n.div_ceil(10)), n.saturating_mul(2));
    // A float beyond the range becomes its end.
    (estimate as u32).clamp(least, twice).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_count_follows_the_root() {
        assert_eq!(next_count(30, 0.024, 0.02, 1_000), 44);
        assert_eq!(next_count(30, 0.0201, 0.02, 1_000), 33);
        assert_eq!(next_count(30, 0.5, 0.02, 1_000), 60);
        assert_eq!(next_count(30, f64::INFINITY, 0.02, 1_000), 60);
        assert_eq!(next_count(900, 0.5, 0.02, 1_000), 1_000);
        assert!((needed(30, 0.2, 1e-4) - 1.2e8).abs() < 2.0);
    }

    #[test]
    fn relative_half_widths() {
        let interval = |low, high| Interval { low, high };
        assert!((relative_half_width(4.0, interval(3.0, 5.0)) - 0.25).abs() < 1e-12);
        assert!((relative_half_width(-4.0, interval(-5.0, -3.0)) - 0.25).abs() < 1e-12);
        assert!(relative_half_width(0.0, interval(0.0, 0.0)).abs() < 1e-12);
        assert!(relative_half_width(0.0, interval(-1.0, 1.0)).is_infinite());
    }
}
