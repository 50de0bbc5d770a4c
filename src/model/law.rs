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
}
