//! Student's t distribution.

use super::normal;
use super::special::regularized_beta;

/// The `p`-quantile of Student's t with `df` degrees of freedom, for `p` above one half.
///
/// Solves the distribution function by bisection; the function itself is a regularized
/// incomplete beta (Abramowitz and Stegun 26.7.1).
///
/// ```
/// let t = spsim::inside::stats::student_quantile(0.975, 10.0);
/// assert!((t - 2.228_138_852).abs() < 1e-8);
/// ```
pub fn quantile(p: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while 1.0 - upper_tail(high, df) < p {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if 1.0 - upper_tail(middle, df) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// P(T > t) for t >= 0, accurate where it is tiny.
pub fn upper_tail(t: f64, df: f64) -> f64 {
    0.5 * regularized_beta(df / (df + t * t), df / 2.0, 0.5)
}

/// The standard normal value that is as improbable as this `t`: what `t` would be worth if the
/// standard error behind it were known instead of estimated from `df + 1` observations.
pub fn as_normal(t: f64, df: f64) -> f64 {
    if t.is_infinite() {
        return t;
    }
    let size = normal::upper_quantile(upper_tail(libm::fabs(t), df));
    libm::copysign(size, t)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fisher and Yates, table III.
    #[test]
    fn quantiles_of_the_printed_table() {
        for (p, df, expected) in [
            (0.975, 1.0, 12.706),
            (0.975, 4.0, 2.776),
            (0.975, 29.0, 2.045),
            (0.995, 9.0, 3.250),
            (0.9995, 20.0, 3.850),
            (0.95, 120.0, 1.658),
        ] {
            let found = quantile(p, df);
            assert!((found - expected).abs() < 6e-4, "{p} {df}: {found}");
        }
    }

    #[test]
    fn a_t_with_few_degrees_of_freedom_is_worth_less_as_a_normal() {
        assert!((as_normal(quantile(0.975, 9.0), 9.0) - 1.959_964).abs() < 1e-5);
        assert!((as_normal(-2.776_445_1, 4.0) + 1.959_964).abs() < 1e-5);
        assert!(as_normal(6.0, 5.0) < 4.0);
        assert!(as_normal(0.0, 5.0).abs() < 1e-12);
        assert!(as_normal(f64::INFINITY, 5.0).is_infinite());
    }
}
