//! The numbers of a scenario that a fit may change. All but one are factors on what the scenario
//! has, so that several workloads or servers keep their proportions.

use crate::model::workload::{Arrivals, RateKnot};
use crate::model::{Law, Scenario};
use crate::units::{LONGEST, SimSpan};
use alloc::vec::Vec;

/// A number that a fit may change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Parameter {
    /// Requests per second, of all workloads.
    Rate,
    /// The mean response time of all servers.
    ResponseTime,
    /// `machine.time-wait`.
    TimeWait,
    /// `max-idle-time` of all clients.
    MaxIdleTime,
    /// How long before the first observation the load began. Not a number of the scenario.
    Start,
}

impl Parameter {
    /// Every parameter.
    pub const ALL: [Parameter; 5] = [
        Parameter::Rate,
        Parameter::ResponseTime,
        Parameter::TimeWait,
        Parameter::MaxIdleTime,
        Parameter::Start,
    ];

    /// The name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Parameter::Rate => "rate",
            Parameter::ResponseTime => "response-time",
            Parameter::TimeWait => "time-wait",
            Parameter::MaxIdleTime => "max-idle-time",
            Parameter::Start => "start",
        }
    }

    /// Its unit in files: `1/s` or `s`.
    pub const fn unit(self) -> &'static str {
        match self {
            Parameter::Rate => "1/s",
            _ => "s",
        }
    }

    /// The number as the scenario has it, in its unit: of several workloads the sum, of several
    /// servers or clients the mean. `None` where there is no such number to change: a trace's
    /// rate, an observed law, a TIME_WAIT of 0.
    pub fn value(self, scenario: &Scenario) -> Option<f64> {
        let value = match self {
            Parameter::Rate => rate_of(scenario)?,
            Parameter::ResponseTime => {
                let means = scenario.servers.iter().map(|server| {
                    let known = scaled(&server.response_time, 1.0).is_some();
                    server.response_time.mean_seconds().filter(|_| known)
                });
                mean(means.collect::<Option<Vec<f64>>>()?)
            }
            Parameter::TimeWait => scenario.machine.time_wait.as_seconds(),
            Parameter::MaxIdleTime => {
                let spans = scenario.clients.iter().filter_map(|it| it.max_idle_time);
                mean(spans.map(SimSpan::as_seconds).collect())
            }
            Parameter::Start => 0.0,
        };
        (value > 0.0 || self == Parameter::Start).then_some(value)
    }

    /// The factor of `exp(x)`, changed so that the number has four digits.
    pub(super) fn rounded_factor(self, scenario: &Scenario, x: f64) -> f64 {
        match self.value(scenario) {
            // Where nothing was learned nothing changes, however many digits there are.
            Some(value) if self != Parameter::Start && x != 0.0 => {
                rounded(value * libm::exp(x), 4) / value
            }
            _ => 1.0,
        }
    }

    /// Multiplies the number by `factor`.
    pub(super) fn scale(self, scenario: &mut Scenario, factor: f64) {
        match self {
            Parameter::Rate => {
                for workload in &mut scenario.workloads {
                    if let Some(arrivals) = faster(&workload.arrivals, factor) {
                        workload.arrivals = arrivals;
                    }
                }
            }
            Parameter::ResponseTime => {
                for server in &mut scenario.servers {
                    if let Some(law) = scaled(&server.response_time, factor) {
                        server.response_time = law;
                    }
                }
            }
            Parameter::TimeWait => {
                let hold = &mut scenario.machine.time_wait;
                *hold = longer(*hold, factor);
            }
            Parameter::MaxIdleTime => {
                for client in &mut scenario.clients {
                    client.max_idle_time = client.max_idle_time.map(|it| longer(it, factor));
                }
            }
            Parameter::Start => {}
        }
    }
}

fn mean(values: Vec<f64>) -> f64 {
    let n = values.len().max(1) as f64;
    values.into_iter().sum::<f64>() / n
}

/// `value` with so many digits.
fn rounded(value: f64, digits: i32) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return value;
    }
    let places = digits - 1 - libm::floor(libm::log10(value)) as i32;
    // Powers of ten up to 22 are exact, and a division by one rounds once.
    let scale = libm::pow(10.0, f64::from(places.abs()));
    if places >= 0 {
        libm::rint(value * scale) / scale
    } else {
        libm::rint(value / scale) * scale
    }
}

fn longer(span: SimSpan, factor: f64) -> SimSpan {
    SimSpan::from_seconds_rounded(span.as_seconds() * factor).min(LONGEST)
}

/// Requests per second of all workloads together; of a schedule the highest.
fn rate_of(scenario: &Scenario) -> Option<f64> {
    let rates = scenario.workloads.iter().map(|workload| {
        Some(match &workload.arrivals {
            Arrivals::Poisson { rate } => *rate,
            Arrivals::Every { period, .. } => 1.0 / period.as_seconds(),
            Arrivals::Devices { count, period, .. } => f64::from(*count) / period.as_seconds(),
            Arrivals::Renewal(gaps) => {
                scaled(gaps, 1.0)?;
                1.0 / gaps.mean_seconds()?
            }
            Arrivals::Schedule { knots, .. } => {
                knots.iter().map(|knot| knot.rate).fold(0.0, f64::max)
            }
            Arrivals::Bursts {
                rate_on,
                rate_off,
                mean_on,
                mean_off,
            } => {
                let (on, off) = (mean_on.as_seconds(), mean_off.as_seconds());
                (rate_on * on + rate_off * off) / (on + off)
            }
            Arrivals::Users { count, think } => {
                scaled(think, 1.0)?;
                f64::from(*count) / think.mean_seconds()?
            }
            Arrivals::Trace(_) | Arrivals::Timeline(_) => return None,
        })
    });
    rates.sum()
}

/// The same arrivals `factor` times as often; `None` for recorded ones.
fn faster(arrivals: &Arrivals, factor: f64) -> Option<Arrivals> {
    // Twelve digits: a product of decimals is the decimal that it should be.
    let more = |rate: f64| rounded(rate * factor, 12);
    Some(match arrivals {
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
        Arrivals::Renewal(gaps) => Arrivals::Renewal(scaled(gaps, 1.0 / factor)?),
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
        } => Arrivals::Bursts {
            rate_on: more(*rate_on),
            rate_off: more(*rate_off),
            mean_on: *mean_on,
            mean_off: *mean_off,
        },
        Arrivals::Users { count, think } => Arrivals::Users {
            count: *count,
            think: scaled(think, 1.0 / factor)?,
        },
        Arrivals::Trace(_) | Arrivals::Timeline(_) => return None,
    })
}

/// The same law with `factor` times the mean; `None` for observed values.
fn scaled(law: &Law, factor: f64) -> Option<Law> {
    let nanos = |seconds: f64| SimSpan::from_seconds_rounded(seconds * factor).as_seconds();
    Some(match law {
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
                .map(|(up_to, law)| Some((*up_to, scaled(law, factor)?)))
                .collect::<Option<_>>()?,
        ),
        Law::Empirical(_) => return None,
    })
}
