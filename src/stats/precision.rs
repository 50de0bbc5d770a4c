//! How many observations a stated precision needs.

use super::moments::Moments;

/// Fewer observations than this, and the estimated half-width is itself too uncertain to stop by.
pub const LEAST: u32 = 30;

/// The half-width of the 95 % interval of the mean relative to the mean; 0 for observations
/// without spread, infinite around a mean of 0 or for fewer than two.
pub fn relative_half_width(observations: &[f64]) -> f64 {
    let moments = Moments::of(observations);
    match moments.half_width(0.95) {
        Some(half) if half == 0.0 => 0.0,
        Some(half) => half / libm::fabs(moments.mean),
        None => f64::INFINITY,
    }
}

/// How many observations to have next, where `n` of them leave a relative half-width above the
/// one that is wanted: the half-width falls with the root of their number. At least a tenth more,
/// since the estimate is rough, at most twice as many, since it may be far off, and never more
/// than `most`.
pub fn next_count(n: u32, found: f64, wanted: f64, most: u32) -> u32 {
    let ratio = found / wanted;
    let estimate = libm::ceil(f64::from(n) * ratio * ratio);
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
    }

    #[test]
    fn the_relative_half_width_of_one_to_five() {
        // Mean 3, half-width 1.963243.
        let found = relative_half_width(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((found - 0.654_414).abs() < 1e-5, "{found}");
        assert!(
            relative_half_width(&[0.0, 0.0]).abs() < 1e-12,
            "no spread, nothing unknown"
        );
        assert_eq!(relative_half_width(&[-1.0, 1.0]), f64::INFINITY);
        assert_eq!(relative_half_width(&[4.0]), f64::INFINITY);
    }
}
