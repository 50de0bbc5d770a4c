//! A load or a law, so many times as much.

use super::Law;
use super::workload::{Arrivals, RateKnot};
use crate::units::{LONGEST, SimSpan, rounded};

impl Arrivals {
    /// The same arrivals `factor` times as often; `None` for recorded ones. Of users the pauses
    /// are shortened: how often they come depends on the answers too.
    pub fn times(&self, factor: f64) -> Option<Arrivals> {
        // Twelve digits: a product of decimals is the decimal that it should be.
        let more = |rate: f64| rounded(rate * factor, 12);
        Some(match self {
            Arrivals::Poisson { rate } => Arrivals::Poisson { rate: more(*rate) },
            Arrivals::Every {
                period,
                phase,
                jitter,
            } => Arrivals::Every {
                period: longer(*period, 1.0 / factor).max(SimSpan::from_nanos(1)),
                phase: *phase,
                jitter: longer(*jitter, 1.0 / factor),
            },
            Arrivals::Devices {
                count,
                period,
                phases,
                jitter,
            } => Arrivals::Devices {
                count: *count,
                period: longer(*period, 1.0 / factor).max(SimSpan::from_nanos(1)),
                phases: *phases,
                jitter: longer(*jitter, 1.0 / factor),
            },
            Arrivals::Renewal(gaps) => Arrivals::Renewal(gaps.times(1.0 / factor)?),
            Arrivals::Schedule { knots, ramp } => Arrivals::Schedule {
                knots: knots
                    .iter()
                    .map(|knot| RateKnot {
                        at: knot.at,
                        rate: more(knot.rate),
                    })
                    .collect(),
                ramp: *ramp,
            },
            Arrivals::Bursts {
                rate_on,
                rate_off,
                mean_on,
                mean_off,
                starts_on,
            } => Arrivals::Bursts {
                rate_on: more(*rate_on),
                rate_off: more(*rate_off),
                mean_on: *mean_on,
                mean_off: *mean_off,
                starts_on: *starts_on,
            },
            Arrivals::Users { count, think } => Arrivals::Users {
                count: *count,
                think: think.times(1.0 / factor)?,
            },
            Arrivals::Trace(_) | Arrivals::Timeline(_) => return None,
        })
    }
}

impl Law {
    /// The same law with `factor` times the mean; `None` for observed values.
    pub fn times(&self, factor: f64) -> Option<Law> {
        let nanos = |seconds: f64| SimSpan::from_seconds_rounded(seconds * factor).as_seconds();
        Some(match self {
            Law::Constant(span) => Law::Constant(longer(*span, factor)),
            Law::Exponential { mean } => Law::Exponential { mean: nanos(*mean) },
            Law::Uniform { low, high } => Law::Uniform {
                low: nanos(*low),
                high: nanos(*high),
            },
            Law::Normal { mean, sd } => Law::Normal {
                mean: nanos(*mean),
                sd: nanos(*sd),
            },
            Law::Lognormal { mu, sigma } => Law::Lognormal {
                mu: mu + libm::log(factor),
                sigma: *sigma,
            },
            Law::Gamma { shape, scale } => Law::Gamma {
                shape: *shape,
                scale: nanos(shape * scale) / shape,
            },
            Law::Weibull { shape, scale } => Law::Weibull {
                shape: *shape,
                scale: nanos(*scale),
            },
            Law::Pareto { scale, shape } => Law::Pareto {
                scale: nanos(*scale),
                shape: *shape,
            },
            Law::Mixture(parts) => Law::Mixture(
                parts
                    .iter()
                    .map(|(up_to, law)| Some((*up_to, law.times(factor)?)))
                    .collect::<Option<_>>()?,
            ),
            Law::Empirical(_) => return None,
        })
    }
}

/// `factor` times a span, at most [`LONGEST`].
pub fn longer(span: SimSpan, factor: f64) -> SimSpan {
    SimSpan::from_seconds_rounded(span.as_seconds() * factor).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_multiplied_whole() {
        let span = SimSpan::from_millis;
        let every = Arrivals::Every {
            period: span(500),
            phase: span(100),
            jitter: span(50),
        };
        let twice = Arrivals::Every {
            period: span(250),
            phase: span(100),
            jitter: span(25),
        };
        assert_eq!(every.times(2.0), Some(twice));
        let poisson = |rate| Arrivals::Poisson { rate };
        assert_eq!(poisson(36.0).times(0.1), Some(poisson(3.6)), "a decimal");
        let gaps = |mean| Arrivals::Renewal(Law::Exponential { mean });
        assert_eq!(gaps(1.0).times(4.0), Some(gaps(0.25)));
        assert_eq!(
            Law::Constant(span(10)).times(0.5),
            Some(Law::Constant(span(5)))
        );
    }
}
