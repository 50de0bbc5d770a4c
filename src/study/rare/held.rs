//! How many requests of a load hold a port at some instant, on average: exactly, for every law
//! that answers may follow.

use crate::model::{Arrivals, Law, Workload};
use crate::stats::normal::upper_tail;
use crate::stats::special::{lower_gamma, upper_gamma};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// Parts into which an integral is cut that has no closed form, an even number.
const PARTS: u32 = 128;

/// A load of requests each of which holds a port for as long as its answer takes, and so much
/// longer.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Load {
    /// How long an answer takes.
    response: Law,
    /// How many seconds longer the port is held; infinite: for good.
    plus: f64,
    stretches: Vec<Stretch>,
}

/// A time over which the rate is a straight line.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Stretch {
    /// Seconds.
    from: f64,
    until: f64,
    /// Requests a second at its beginning.
    rate: f64,
    /// And by how many they become more in a second.
    slope: f64,
}

impl Load {
    /// That of a workload in a run of `duration`; `None` where its requests are not those of a
    /// Poisson process whose rate is known.
    pub(super) fn of(
        workload: &Workload,
        duration: SimSpan,
        response: &Law,
        plus: f64,
    ) -> Option<Load> {
        let end = SimTime::ZERO + duration;
        let until = workload.until.map_or(end, |until| until.min(end));
        let (from, until) = (workload.from.as_seconds(), until.as_seconds());
        let mut stretches = Vec::new();
        let mut add = |start: f64, stop: f64, rate: f64, slope: f64| {
            let (begin, stop) = (libm::fmax(start, from), libm::fmin(stop, until));
            let rate = rate + slope * (begin - start);
            if begin < stop && (rate > 0.0 || slope > 0.0) {
                stretches.push(Stretch {
                    from: begin,
                    until: stop,
                    rate,
                    slope,
                });
            }
        };
        match &workload.arrivals {
            Arrivals::Poisson { rate } => add(from, until, *rate, 0.0),
            Arrivals::Schedule { knots, ramp } => {
                for (place, knot) in knots.iter().enumerate() {
                    let at = knot.at.as_seconds();
                    let next = knots.get(place + 1).filter(|next| next.at > knot.at);
                    let stop = knots
                        .get(place + 1)
                        .map_or(f64::INFINITY, |next| next.at.as_seconds());
                    let slope = next.filter(|_| *ramp).map_or(0.0, |next| {
                        (next.rate - knot.rate) / next.at.since(knot.at).as_seconds()
                    });
                    add(at, stop, knot.rate, slope);
                }
            }
            _ => return None,
        }
        Some(Load {
            response: response.clone(),
            plus,
            stretches,
        })
    }

    /// When the last request may come, in seconds; 0 where none does.
    pub(super) fn end(&self) -> f64 {
        self.stretches.last().map_or(0.0, |it| it.until)
    }

    /// Requests a second at this instant.
    pub(super) fn rate(&self, at: f64) -> f64 {
        let mut inside = self.stretches.iter();
        let inside = inside.find(|it| it.from <= at && at <= it.until);
        inside.map_or(0.0, |it| it.rate + it.slope * (at - it.from))
    }

    /// How many of the requests until `until` hold a port at `at`, on average: the integral of
    /// the rate times the probability to hold it so long.
    pub(super) fn held(&self, at: f64, until: f64) -> f64 {
        let last = libm::fmin(at, until);
        let of = |it: &Stretch| {
            if last <= it.from {
                return 0.0;
            }
            let end = libm::fmin(it.until, last);
            let (oldest, youngest) = (at - it.from, at - end);
            if it.slope == 0.0 {
                return it.rate * (self.within(oldest) - self.within(youngest));
            }
            // By parts.
            let rate_at_end = it.rate + it.slope * (end - it.from);
            it.rate * self.within(oldest) - rate_at_end * self.within(youngest)
                + it.slope * self.area(youngest, oldest)
        };
        self.stretches.iter().map(of).sum()
    }

    /// The mean of what the time that a port is held comes to within `x` seconds.
    fn within(&self, x: f64) -> f64 {
        if x <= self.plus {
            x
        } else {
            self.plus + mean_within(&self.response, x - self.plus)
        }
    }

    /// The integral of [`Self::within`].
    fn area(&self, from: f64, to: f64) -> f64 {
        let straight = libm::fmin(to, self.plus);
        let first = if straight > from {
            (straight - from) * (straight + from) / 2.0
        } else {
            0.0
        };
        if to <= self.plus {
            return first;
        }
        // Simpson's rule in the root of the distance from where it bends: most happens there.
        let root = |x: f64| libm::sqrt(libm::fmax(x - self.plus, 0.0));
        let (low, high) = (root(from), root(to));
        let step = (high - low) / f64::from(PARTS);
        let at = |part: u32| {
            let y = low + step * f64::from(part);
            2.0 * y * self.within(self.plus + y * y)
        };
        let inner: f64 = (1..PARTS)
            .map(|part| at(part) * if part % 2 == 1 { 4.0 } else { 2.0 })
            .sum();
        first + step / 3.0 * (at(0) + inner + at(PARTS))
    }
}

/// The mean of what a draw comes to within `x` seconds: the whole of it, or `x`. It is the
/// integral of the probability to be longer, from 0 to `x`.
fn mean_within(law: &Law, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    match law {
        Law::Constant(span) => libm::fmin(span.as_seconds(), x),
        Law::Exponential { mean } => -mean * libm::expm1(-x / mean),
        Law::Uniform { low, high } => {
            if x <= *low {
                x
            } else if x >= *high {
                f64::midpoint(*low, *high)
            } else {
                x - (x - low) * (x - low) / (2.0 * (high - low))
            }
        }
        Law::Normal { mean, sd } if *sd > 0.0 => {
            // The integral of a normal law's upper tail.
            let beyond = |x: f64| {
                let z = (x - mean) / sd;
                let density = libm::exp(-z * z / 2.0) / libm::sqrt(2.0 * core::f64::consts::PI);
                sd * (density - z * upper_tail(z))
            };
            beyond(0.0) - beyond(x)
        }
        Law::Normal { mean, .. } => libm::fmax(libm::fmin(*mean, x), 0.0),
        Law::Lognormal { mu, sigma } if *sigma > 0.0 => {
            let z = (libm::log(x) - mu) / sigma;
            let mean = libm::exp(mu + sigma * sigma / 2.0);
            mean * upper_tail(sigma - z) + x * upper_tail(z)
        }
        Law::Lognormal { mu, .. } => libm::fmin(libm::exp(*mu), x),
        Law::Gamma { shape, scale } => {
            let at = x / scale;
            shape * scale * lower_gamma(shape + 1.0, at) + x * upper_gamma(*shape, at)
        }
        Law::Weibull { shape, scale } => {
            let power = libm::pow(x / scale, *shape);
            let inverse = 1.0 + 1.0 / shape;
            scale * libm::tgamma(inverse) * lower_gamma(inverse, power) + x * libm::exp(-power)
        }
        Law::Pareto { scale, .. } if x <= *scale => x,
        Law::Pareto { scale, shape } => {
            let (log, less) = (libm::log(x / scale), shape - 1.0);
            // `(1 - (scale/x)^less) / less`, which has a limit where `less` is 0.
            let tail = if libm::fabs(less) < 1e-9 {
                log
            } else {
                -libm::expm1(-less * log) / less
            };
            scale + scale * tail
        }
        Law::Mixture(parts) => {
            let shares = parts.iter().scan(0.0, |below, (up_to, law)| {
                let share = up_to - *below;
                *below = *up_to;
                Some(share * mean_within(law, x))
            });
            shares.sum()
        }
        Law::Empirical(values) => {
            let sum: f64 = values.iter().map(|it| libm::fmin(it.as_seconds(), x)).sum();
            sum / values.len() as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::stream;
    use crate::model::workload::RateKnot;
    use crate::sim::draw::draw;

    fn laws() -> Vec<Law> {
        let exponential = |mean| Law::Exponential { mean };
        let (low, high, mean, sd) = (0.2, 1.5, 1.0, 0.8);
        let (mu, sigma, shape, scale) = (-0.3, 0.7, 1.7, 0.6);
        let observed = [3, 1, 2].map(SimSpan::from_seconds);
        vec![
            Law::Constant(SimSpan::from_millis(700)),
            exponential(0.9),
            Law::Uniform { low, high },
            Law::Normal { mean, sd },
            Law::Lognormal { mu, sigma },
            Law::Gamma { shape, scale },
            Law::Weibull { shape, scale },
            Law::Pareto { scale, shape },
            Law::Pareto { scale, shape: 1.0 },
            Law::Mixture(vec![(0.7, exponential(0.1)), (1.0, exponential(2.0))]),
            Law::Empirical(observed.as_slice().into()),
        ]
    }

    #[test]
    fn what_a_draw_comes_to_within_a_bound_is_that_of_the_draws() {
        const DRAWS: u32 = 40_000;
        for law in laws() {
            for bound in [0.3, 1.1, 4.0] {
                let mut stream = stream(3, "held", 0);
                let capped = (0..DRAWS).map(|_| draw(&law, &mut stream).as_seconds().min(bound));
                let found = capped.sum::<f64>() / f64::from(DRAWS);
                let wanted = mean_within(&law, bound);
                assert!(
                    (found / wanted - 1.0).abs() < 0.02,
                    "{law:?}: {found} {wanted}"
                );
            }
        }
    }

    fn workload(arrivals: Arrivals) -> Workload {
        Workload {
            arrivals,
            ..crate::study::sample::scenario().workloads[0].clone()
        }
    }

    /// A ramp is what many short steps are.
    #[test]
    fn a_ramp_is_the_limit_of_steps() {
        let knot = |at: f64, rate| RateKnot {
            at: SimTime::ZERO + SimSpan::from_seconds_rounded(at),
            rate,
        };
        let duration = SimSpan::from_seconds(100);
        let load = |knots: &[RateKnot], ramp, law: &Law| {
            let arrivals = Arrivals::Schedule {
                knots: knots.into(),
                ramp,
            };
            Load::of(&workload(arrivals), duration, law, 20.0).expect("a schedule")
        };
        let steps: Vec<RateKnot> = (0..2_000)
            .map(|step| {
                knot(
                    f64::from(step) * 0.04,
                    2.0 + f64::from(step) * 0.002 + 0.001,
                )
            })
            .chain([knot(80.0, 6.0)])
            .collect();
        for law in laws() {
            let ramp = load(&[knot(0.0, 2.0), knot(80.0, 6.0)], true, &law);
            let steps = load(&steps, false, &law);
            for (at, until) in [(10.0, 10.0), (70.0, 70.0), (70.0, 55.0), (95.0, 90.0)] {
                let (ramp, steps) = (ramp.held(at, until), steps.held(at, until));
                assert!((ramp / steps - 1.0).abs() < 1e-4, "{law:?}: {ramp} {steps}");
            }
        }
    }
}
