//! Laws of random durations: data only. `sim::draw` samples them.

use crate::units::SimSpan;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How a duration varies. All lengths are seconds inside; draws are rounded once to nanoseconds.
#[derive(Clone, PartialEq, Debug)]
pub enum Law {
    /// Always the same.
    Constant(SimSpan),
    /// Exponential with the given mean in seconds.
    Exponential {
        /// Mean in seconds.
        mean: f64,
    },
    /// Uniform from `low` to `high` seconds.
    Uniform {
        /// Lower end in seconds.
        low: f64,
        /// Upper end in seconds.
        high: f64,
    },
    /// Normal, cut off at zero (a negative draw counts as zero).
    Normal {
        /// Mean in seconds.
        mean: f64,
        /// Standard deviation in seconds.
        sd: f64,
    },
    /// Lognormal: `exp(mu + sigma · z)` seconds.
    Lognormal {
        /// Mean of the logarithm of seconds.
        mu: f64,
        /// Standard deviation of that logarithm.
        sigma: f64,
    },
    /// Gamma (Erlang when `shape` is whole).
    Gamma {
        /// Shape, above 0.
        shape: f64,
        /// Scale in seconds; the mean is `shape · scale`.
        scale: f64,
    },
    /// Weibull: `scale · e^(1/shape)` with `e` standard exponential.
    Weibull {
        /// Shape, above 0.
        shape: f64,
        /// Scale in seconds.
        scale: f64,
    },
    /// Pareto: never below `scale` seconds, tail exponent `shape`.
    Pareto {
        /// Smallest value in seconds.
        scale: f64,
        /// Tail exponent, above 0.
        shape: f64,
    },
    /// One of several laws, chosen with the given weights. The weights are cumulative and end
    /// at 1. A hyperexponential is a mixture of exponentials.
    Mixture(Vec<(f64, Law)>),
    /// One of the observed values, each equally likely.
    Empirical(Arc<[SimSpan]>),
}

impl Law {
    /// The mean in seconds where it is finite and has a closed form; for findings and estimates.
    ///
    /// `None` for a Pareto with `shape <= 1`. A normal is not corrected for its cut-off at zero.
    pub fn mean_seconds(&self) -> Option<f64> {
        match self {
            Law::Constant(span) => Some(span.as_seconds()),
            Law::Exponential { mean } | Law::Normal { mean, .. } => Some(*mean),
            Law::Uniform { low, high } => Some(f64::midpoint(*low, *high)),
            Law::Lognormal { mu, sigma } => Some(libm::exp(mu + sigma * sigma / 2.0)),
            Law::Gamma { shape, scale } => Some(shape * scale),
            Law::Weibull { shape, scale } => Some(scale * libm::tgamma(1.0 + 1.0 / shape)),
            Law::Pareto { scale, shape } => (*shape > 1.0).then(|| scale * shape / (shape - 1.0)),
            Law::Mixture(parts) => {
                let mut below = 0.0;
                let mut mean = 0.0;
                for (up_to, law) in parts {
                    mean += (up_to - below) * law.mean_seconds()?;
                    below = *up_to;
                }
                Some(mean)
            }
            Law::Empirical(values) => {
                let sum: f64 = values.iter().map(|value| value.as_seconds()).sum();
                Some(sum / values.len() as f64)
            }
        }
    }

    /// The mean in seconds of what a draw comes to within `span`: the whole of it, or `span`. A
    /// law whose mean is infinite, or lies in a tail beyond all patience, has a small one.
    ///
    /// Closed where no tail reaches beyond `span`, else by integrating the survival function; for
    /// estimates.
    pub fn mean_within(&self, span: SimSpan) -> f64 {
        let most = span.as_seconds();
        match (self, self.mean_seconds()) {
            (Law::Exponential { .. } | Law::Uniform { .. } | Law::Normal { .. }, Some(mean))
                if mean * 10.0 <= most =>
            {
                mean
            }
            (Law::Constant(span), _) => span.as_seconds().min(most),
            (Law::Empirical(values), _) => {
                let sum: f64 = values.iter().map(|it| it.as_seconds().min(most)).sum();
                sum / values.len() as f64
            }
            (Law::Mixture(parts), _) => {
                let mut below = 0.0;
                let mut sum = 0.0;
                for (up_to, law) in parts {
                    sum += (up_to - below) * law.mean_within(span);
                    below = *up_to;
                }
                sum
            }
            _ => self.survival_integral(most),
        }
    }

    /// The integral of the survival function from 0 to `most` seconds, by trapezoids between
    /// points whose logarithms are evenly spaced.
    fn survival_integral(&self, most: f64) -> f64 {
        const STEPS: u32 = 400;
        // Draws are rounded to nanoseconds.
        const LEAST: f64 = 1e-9;
        let ratio = libm::pow(most.max(LEAST) / LEAST, 1.0 / f64::from(STEPS));
        let mut at = LEAST;
        let mut here = self.survival(at);
        let mut sum = here * at;
        for _ in 0..STEPS {
            let next = at * ratio;
            let there = self.survival(next);
            sum += f64::midpoint(here, there) * (next - at);
            (at, here) = (next, there);
        }
        sum
    }

    /// The probability of a draw above `x` seconds. Of a gamma a lower bound, from the first
    /// term of its series.
    fn survival(&self, x: f64) -> f64 {
        let above = |z: f64| libm::erfc(z / core::f64::consts::SQRT_2) / 2.0;
        match self {
            Law::Exponential { mean } => libm::exp(-x / mean),
            Law::Uniform { low, high } if high > low => ((high - x) / (high - low)).clamp(0.0, 1.0),
            Law::Uniform { low, .. } => f64::from(u8::from(*low > x)),
            Law::Normal { mean, sd } => above((x - mean) / sd),
            Law::Lognormal { mu, sigma } => above((libm::log(x) - mu) / sigma),
            Law::Gamma { shape, scale } => {
                let first = shape * libm::log(x / scale) - libm::lgamma(shape + 1.0);
                -libm::expm1(first.min(0.0))
            }
            Law::Weibull { shape, scale } => libm::exp(-libm::pow(x / scale, *shape)),
            Law::Pareto { scale, shape } if x > *scale => libm::pow(scale / x, *shape),
            Law::Pareto { .. } => 1.0,
            Law::Constant(_) | Law::Empirical(_) | Law::Mixture(_) => {
                unreachable!("`mean_within` knows these in closed form")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed forms: exponential `m (1 - e^(-t/m))`; Pareto of shape 1 `s (1 + ln(t/s))`; uniform
    /// from 0 to h `t - t²/(2h)`; a gamma of shape 1 is an exponential, of which it is bounded
    /// from below.
    #[test]
    fn a_mean_within_a_bound_is_that_of_the_capped_draw() {
        let within = |law: Law, seconds| law.mean_within(SimSpan::from_seconds(seconds));
        let near =
            |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 0.01, "{found}");
        near(
            within(Law::Exponential { mean: 30.0 }, 10),
            30.0 * (1.0 - libm::exp(-1.0 / 3.0)),
        );
        let (scale, shape) = (1e-3, 1.0);
        near(
            within(Law::Pareto { scale, shape }, 100),
            1e-3 * (1.0 + libm::log(1e5)),
        );
        near(
            within(
                Law::Uniform {
                    low: 0.0,
                    high: 40.0,
                },
                10,
            ),
            10.0 - 100.0 / 80.0,
        );
        let (shape, scale) = (1.0, 30.0);
        near(
            within(Law::Weibull { shape, scale }, 10),
            30.0 * (1.0 - libm::exp(-1.0 / 3.0)),
        );
        // `e^½ Φ(ln 10 - 1) + 10 (1 - Φ(ln 10))`.
        let (mu, sigma) = (0.0, 1.0);
        near(within(Law::Lognormal { mu, sigma }, 10), 1.5963);
        let gamma = within(Law::Gamma { shape, scale }, 10);
        assert!((7.0..8.6).contains(&gamma), "{gamma}");
        near(within(Law::Constant(SimSpan::from_seconds(30)), 10), 10.0);
        let half = Law::Mixture(vec![
            (0.5, Law::Constant(SimSpan::from_seconds(30))),
            (1.0, Law::Constant(SimSpan::from_seconds(4))),
        ]);
        near(within(half, 10), 7.0);
    }
}
