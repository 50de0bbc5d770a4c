//! Draws from the laws of a scenario.
//!
//! Base variates (uniform, standard exponential, standard normal, gamma) come from `rand_distr`;
//! every further step that is not plain arithmetic goes through `libm`, and each draw is rounded
//! to whole nanoseconds at once, so that a scenario gives the same times on every platform.

use crate::kernel::{RandomStream, stream};
use crate::model::Law;
use crate::units::SimSpan;
use alloc::vec::Vec;
use rand::RngExt;
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

/// One draw.
#[inline(always)]
pub fn draw(law: &Law, stream: &mut RandomStream) -> SimSpan {
    match law {
        Law::Constant(span) => *span,
        Law::Exponential { mean } => exponential(*mean, stream),
        other => draw_other(other, stream),
    }
}

#[inline(always)]
fn exponential(mean: f64, stream: &mut RandomStream) -> SimSpan {
    let e: f64 = Exp1.sample(stream);
    SimSpan::from_seconds_rounded(mean * e)
}

/// How many draws are made at once.
const AHEAD: usize = 16;

/// The draws of one law from a stream that is its own, in the order of the stream.
///
/// They are made a few at a time: one after another each would be waited for, because what happens
/// next depends on it, while those made together overlap in the processor.
#[derive(Clone, Debug)]
pub struct Draws {
    law: Law,
    stream: RandomStream,
    ahead: [SimSpan; AHEAD],
    /// How many of them were taken.
    taken: usize,
    /// Draws that somebody else has made, the last one first, in place of those of the stream.
    given: Option<Vec<SimSpan>>,
}

impl Draws {
    /// The draws of `law` from `stream`.
    pub fn new(law: Law, stream: RandomStream) -> Draws {
        Draws {
            law,
            stream,
            ahead: [SimSpan::ZERO; AHEAD],
            taken: AHEAD,
            given: None,
        }
    }

    /// Takes these, which somebody else has made, instead of drawing; what is missing is zero.
    pub(super) fn give(&mut self, mut draws: Vec<SimSpan>) {
        draws.reverse();
        self.given = Some(draws);
        self.taken = AHEAD;
    }

    /// Whether every draw is zero.
    pub fn are_zero(&self) -> bool {
        matches!(self.law, Law::Constant(span) if span.is_zero())
    }

    /// The next draw.
    #[inline(always)]
    pub fn take(&mut self) -> SimSpan {
        if self.taken == AHEAD {
            self.draw_ahead();
        }
        let drawn = self.ahead[self.taken % AHEAD];
        self.taken += 1;
        drawn
    }

    #[inline(never)]
    fn draw_ahead(&mut self) {
        if let Some(given) = &mut self.given {
            self.ahead = core::array::from_fn(|_| given.pop().unwrap_or(SimSpan::ZERO));
            self.taken = 0;
            return;
        }
        match &self.law {
            Law::Constant(span) => self.ahead = [*span; AHEAD],
            Law::Exponential { mean } => {
                // A copy, so that the generator's state stays in registers.
                let mut stream = self.stream.clone();
                self.ahead = core::array::from_fn(|_| exponential(*mean, &mut stream));
                self.stream = stream;
            }
            law => self.ahead = core::array::from_fn(|_| draw_other(law, &mut self.stream)),
        }
        self.taken = 0;
    }
}

/// How many draws stand for a law whose median has no closed form.
const DRAWS_FOR_A_MEDIAN: usize = 2_001;

/// The median; of a gamma and of a mixture that of some draws, always the same.
pub fn median(law: &Law) -> SimSpan {
    const LN_2: f64 = core::f64::consts::LN_2;
    let seconds = match law {
        Law::Constant(span) => return *span,
        Law::Exponential { mean } => mean * LN_2,
        Law::Uniform { low, high } => f64::midpoint(*low, *high),
        Law::Normal { mean, .. } => *mean,
        Law::Lognormal { mu, .. } => libm::exp(*mu),
        Law::Weibull { shape, scale } => scale * libm::pow(LN_2, 1.0 / shape),
        Law::Pareto { scale, shape } => scale * libm::exp(LN_2 / shape),
        Law::Empirical(values) => return middle(values.to_vec()),
        Law::Gamma { .. } | Law::Mixture(_) => {
            let mut stream = stream(1, "median", 0);
            let draws = (0..DRAWS_FOR_A_MEDIAN).map(|_| draw(law, &mut stream));
            return middle(draws.collect());
        }
    };
    SimSpan::from_seconds_rounded(seconds).min(crate::units::LONGEST)
}

/// The lower of the two in the middle, where there are two.
fn middle(mut spans: Vec<SimSpan>) -> SimSpan {
    let place = (spans.len() - 1) / 2;
    *spans.select_nth_unstable(place).1
}

fn draw_other(law: &Law, stream: &mut RandomStream) -> SimSpan {
    let seconds = match law {
        Law::Constant(span) => return *span,
        Law::Exponential { mean } => {
            let e: f64 = Exp1.sample(stream);
            mean * e
        }
        Law::Uniform { low, high } => low + (high - low) * stream.random::<f64>(),
        Law::Normal { mean, sd } => {
            let z: f64 = StandardNormal.sample(stream);
            mean + sd * z
        }
        Law::Lognormal { mu, sigma } => {
            let z: f64 = StandardNormal.sample(stream);
            libm::exp(mu + sigma * z)
        }
        Law::Gamma { shape, scale } => {
            // The scenario reader has checked that both are positive and finite.
            Gamma::new(*shape, *scale).map_or(0.0, |gamma| gamma.sample(stream))
        }
        Law::Weibull { shape, scale } => {
            let e: f64 = Exp1.sample(stream);
            scale * libm::pow(e, 1.0 / shape)
        }
        Law::Pareto { scale, shape } => {
            let e: f64 = Exp1.sample(stream);
            scale * libm::exp(e / shape)
        }
        Law::Mixture(parts) => {
            let u: f64 = stream.random();
            let chosen = parts.iter().find(|(up_to, _)| u < *up_to).or(parts.last());
            return chosen.map_or(SimSpan::ZERO, |(_, law)| draw(law, stream));
        }
        Law::Empirical(values) => return values[stream.random_range(0..values.len())],
    };
    // Longer than any scenario counts as the longest span there is.
    SimSpan::from_seconds_rounded(seconds).min(crate::units::LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{FNV_1A_START, fnv_1a};

    #[test]
    fn half_of_the_draws_are_below_the_median() {
        let shape = 2.0;
        let part = |mean| Law::Exponential { mean };
        let laws = [
            Law::Exponential { mean: 0.3 },
            Law::Uniform {
                low: 0.1,
                high: 0.4,
            },
            Law::Normal { mean: 2.0, sd: 0.1 },
            Law::Lognormal {
                mu: -1.0,
                sigma: 0.8,
            },
            Law::Gamma { shape, scale: 0.2 },
            Law::Weibull { shape, scale: 0.2 },
            Law::Pareto { scale: 0.2, shape },
            Law::Mixture(alloc::vec![(0.7, part(0.1)), (1.0, part(2.0))]),
        ];
        for law in laws {
            let (median, mut draws) = (median(&law), stream(7, "test", 0));
            let below = (0..20_000).filter(|_| draw(&law, &mut draws) <= median);
            let below = below.count();
            assert!((9_400..10_600).contains(&below), "{law:?}: {below}");
        }
        let observed = [3, 1, 2].map(SimSpan::from_seconds);
        assert_eq!(
            median(&Law::Empirical(observed.as_slice().into())),
            observed[2]
        );
    }

    /// FNV-1a over a million rounded draws: any change of a single bit shows.
    fn digest(law: &Law, seed: u64) -> u64 {
        let mut draws = stream(seed, "digest", 0);
        (0..1_000_000).fold(FNV_1A_START, |digest, _| {
            fnv_1a(digest, &draw(law, &mut draws).as_nanos().to_le_bytes())
        })
    }

    fn laws() -> Vec<(&'static str, Law)> {
        alloc::vec![
            ("exponential", Law::Exponential { mean: 0.1 }),
            (
                "uniform",
                Law::Uniform {
                    low: 0.01,
                    high: 0.2
                }
            ),
            (
                "normal",
                Law::Normal {
                    mean: 0.1,
                    sd: 0.03
                }
            ),
            (
                "lognormal",
                Law::Lognormal {
                    mu: -2.0,
                    sigma: 0.8
                }
            ),
            (
                "gamma",
                Law::Gamma {
                    shape: 2.5,
                    scale: 0.04
                }
            ),
            (
                "weibull",
                Law::Weibull {
                    shape: 0.7,
                    scale: 0.1
                }
            ),
            (
                "pareto",
                Law::Pareto {
                    scale: 0.05,
                    shape: 2.2
                }
            ),
            (
                "hyperexponential",
                Law::Mixture(alloc::vec![
                    (0.9, Law::Exponential { mean: 0.05 }),
                    (1.0, Law::Exponential { mean: 0.5 }),
                ])
            ),
        ]
    }

    #[test]
    fn means_are_those_of_the_laws() {
        for (name, law) in laws() {
            let mut draws = stream(7, name, 0);
            let n = 200_000;
            let sum: f64 = (0..n).map(|_| draw(&law, &mut draws).as_seconds()).sum();
            let expected = law.mean_seconds().expect("all of these have a mean");
            let error = (sum / f64::from(n) / expected - 1.0).abs();
            assert!(
                error < 0.02,
                "{name}: mean {} instead of {expected}",
                sum / f64::from(n)
            );
        }
    }

    #[test]
    fn draws_made_ahead_are_those_made_one_by_one() {
        let constant = ("constant", Law::Constant(SimSpan::from_millis(3)));
        for (name, law) in laws().into_iter().chain([constant]) {
            let mut one_by_one = stream(7, name, 0);
            let mut ahead = Draws::new(law.clone(), stream(7, name, 0));
            for _ in 0..5 * AHEAD / 2 {
                assert_eq!(ahead.take(), draw(&law, &mut one_by_one), "{name}");
            }
        }
    }

    #[test]
    fn rounded_draws_are_the_same_everywhere() {
        let digests: Vec<_> = laws()
            .iter()
            .flat_map(|(name, law)| [1, 2, 3].map(|seed| (*name, seed, digest(law, seed))))
            .map(|(name, seed, digest)| alloc::format!("{name} {seed} {digest:016x}"))
            .collect();
        insta::assert_snapshot!(digests.join("\n"), @r"
        exponential 1 0f950b36c690a8e3
        exponential 2 cbd7101ec02f5a32
        exponential 3 b46fcb2f027cdbcc
        uniform 1 7a23131927ba7c0a
        uniform 2 0f92a162c6806e8c
        uniform 3 af018f9fd2b89021
        normal 1 4b10a442e82736ca
        normal 2 363189f5bf34e18a
        normal 3 d2501e739af5b1eb
        lognormal 1 f87430b35078782c
        lognormal 2 562c432ac5d63f53
        lognormal 3 f07e0e004d2b4f5c
        gamma 1 ec7c3f9ab34fa7d1
        gamma 2 d33be2e3f7d5b70e
        gamma 3 edea2dcafa81ec06
        weibull 1 162834e4654ec7d4
        weibull 2 60e4ecfe0e45472d
        weibull 3 5bdd9fc19e0e2f01
        pareto 1 859a1aa21783ae71
        pareto 2 50c3109f84a2a33d
        pareto 3 f91381dd9a4a5b06
        hyperexponential 1 6494a841f02dba9e
        hyperexponential 2 34170bdbdf6882d8
        hyperexponential 3 2fe4d8d12e40ab2d
        ");
    }
}
