//! The standard normal distribution.

/// The 97.5% point: half of the width of a 95% interval in standard errors.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// P(Z > z), accurate where it is tiny.
pub fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / core::f64::consts::SQRT_2)
}

/// The value that is exceeded with probability `q`; infinite for 0 and 1.
///
/// By bisection: 200 halvings of an interval that holds every tail a float can name.
///
/// ```
/// let z = spsim::inside::stats::normal::upper_quantile(0.025);
/// assert!((z - 1.959_963_984_540_054).abs() < 1e-12);
/// ```
pub fn upper_quantile(q: f64) -> f64 {
    if q <= 0.0 {
        return f64::INFINITY;
    }
    if q >= 1.0 {
        return f64::NEG_INFINITY;
    }
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if upper_tail(middle) > q {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz and Stegun, tables 26.1 and 26.2.
    #[test]
    fn tails_and_quantiles_of_the_handbook() {
        assert!((upper_tail(1.0) - 0.158_655_253_931_457).abs() < 1e-14);
        assert!((upper_tail(4.0) / 3.167_124_183e-5 - 1.0).abs() < 1e-8);
        assert!((upper_tail(-1.0) - 0.841_344_746_068_543).abs() < 1e-14);
        assert!((upper_quantile(0.025) - Z_95).abs() < 1e-12);
        assert!((upper_quantile(1e-9) - 5.997_807_015).abs() < 1e-8);
        assert!(upper_quantile(0.5).abs() < 1e-12);
    }
}
