//! Intervals at any level of confidence, for what is estimated from independent runs.

use super::{Interval, Moments, rare, student};
use alloc::vec::Vec;

/// A level of confidence for samples of one size: its quantiles, found once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Confidence {
    level: f64,
    /// How many observations there are.
    count: usize,
    /// The quantile of the standard normal distribution.
    normal: f64,
    /// The quantile of Student's t with `count - 1` degrees of freedom; 0 below two observations.
    student: f64,
}

impl Confidence {
    /// Two-sided confidence `level` (0.95) for samples of `count` observations.
    pub fn new(level: f64, count: usize) -> Confidence {
        let upper = f64::midpoint(1.0, level);
        let student = match count {
            0 | 1 => 0.0,
            several => student::quantile(upper, (several - 1) as f64),
        };
        Confidence {
            level,
            count,
            normal: normal_quantile(upper),
            student,
        }
    }

    /// The same level for samples of another size.
    fn resized(self, count: usize) -> Confidence {
        if count == self.count {
            return self;
        }
        Confidence::new(self.level, count)
    }

    /// The interval of the mean of counts, times or shares of independent runs, whatever their
    /// law; `None` below two. Its lower end is never below 0.
    pub fn mean(self, observations: &[f64]) -> Option<Interval> {
        let is_whole = |x: &f64| libm::floor(*x).to_bits() == x.to_bits();
        let mean = observations.iter().sum::<f64>() / observations.len() as f64;
        // Nobody has seen by how much a run can differ: by one where things are counted.
        let unit = if observations.iter().all(is_whole) {
            1.0
        } else {
            libm::fabs(mean)
        };
        let found = self.signed_mean(observations, unit)?;
        let tail = (1.0 - self.level) / 2.0;
        Some(Interval {
            low: if found.low < 0.0 {
                rare::rare_mean(observations, unit, tail).low
            } else {
                found.low
            },
            high: found.high,
        })
    }

    /// The same of what may be below 0, a difference; observations that all agree may hide others
    /// that are `unit` away.
    ///
    /// Student's interval alone is right only for laws that are nearly symmetric. Where half of
    /// the observations agree it is that of [`rare`]; elsewhere whichever reaches further of
    /// Student's and the one that Willink corrects for skewness.
    pub fn signed_mean(self, observations: &[f64], unit: f64) -> Option<Interval> {
        let all = Moments::of(observations);
        let exact = self.resized(observations.len());
        let student = exact.around(all.mean, all.error())?;
        if let Some(common) = rare::common_value(observations) {
            let tail = (1.0 - self.level) / 2.0;
            return Some(rare::interval_around(common, observations, unit, tail));
        }
        let willink = exact.skewed(observations, &all);
        Some(Interval {
            low: libm::fmin(student.low, willink.low),
            high: libm::fmax(student.high, willink.high),
        })
    }

    /// Student's interval, corrected for skewness: R. Willink, "A confidence interval and test for
    /// the mean of an asymmetric distribution", Communications in Statistics 34 (2005). Fewer than
    /// three observations show no skewness.
    fn skewed(self, observations: &[f64], all: &Moments) -> Interval {
        let (n, quantile) = (all.count as f64, self.student);
        let cubes: f64 = observations
            .iter()
            .map(|x| (x - all.mean) * (x - all.mean) * (x - all.mean))
            .sum();
        let cube = n * cubes / ((n - 1.0) * libm::fmax(n - 2.0, 1.0));
        let deviation = libm::sqrt(all.variance);
        let skewness = cube / (6.0 * libm::sqrt(n) * deviation * deviation * deviation);
        let bent = |at: f64| {
            // Below this the two agree to the last digit that matters.
            if libm::fabs(skewness) < 1e-9 || !skewness.is_finite() {
                return at;
            }
            (libm::cbrt(1.0 + 6.0 * skewness * (at - skewness)) - 1.0) / (2.0 * skewness)
        };
        Interval {
            low: all.mean - bent(quantile) * all.error(),
            high: all.mean - bent(-quantile) * all.error(),
        }
    }

    /// The interval of the mean of `above` divided by that of `below`, both of the same runs.
    /// `None` below two pairs, or where `below` is 0.
    ///
    /// Where half of `above` agree it is the interval of their mean over the mean of `below`,
    /// which hardly varies where `above` is rare; else Student's interval of the linearised ratio
    /// (the delta method), as [`Self::mean`] makes it.
    pub fn ratio(self, above: &[f64], below: &[f64]) -> Option<Interval> {
        let n = above.len() as f64;
        let mean_below = below.iter().sum::<f64>() / n;
        if mean_below <= 0.0 {
            return None;
        }
        let over = |it: f64| it / mean_below;
        if rare::common_value(above).is_some() {
            let of_above = self.mean(above)?;
            return Some(Interval {
                low: over(of_above.low),
                high: over(of_above.high),
            });
        }
        let ratio = over(above.iter().sum::<f64>() / n);
        // What is left of two equal numbers by rounding is nothing.
        let rounding = 1e-12 * ratio;
        let residual = |(a, b): (&f64, &f64)| {
            let left = over(a - ratio * b);
            if libm::fabs(left) > rounding {
                left
            } else {
                0.0
            }
        };
        let residuals: Vec<f64> = above.iter().zip(below).map(residual).collect();
        let around_zero = self.signed_mean(&residuals, ratio)?;
        let least = above.iter().copied().fold(f64::INFINITY, f64::min);
        let floor = if least >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        Some(Interval {
            low: libm::fmax(ratio + around_zero.low, floor),
            high: ratio + around_zero.high,
        })
    }

    fn around(self, center: f64, error: f64) -> Option<Interval> {
        if self.count < 2 {
            return None;
        }
        let half = self.student * error;
        Some(Interval {
            low: center - half,
            high: center + half,
        })
    }

    /// Wilson's score interval of a proportion: 0 of 100 is not certainty. `None` of nothing.
    pub fn proportion(self, hits: usize, of: usize) -> Option<Interval> {
        if of == 0 {
            return None;
        }
        let (n, z2) = (of as f64, self.normal * self.normal);
        let share = hits as f64 / n;
        let center = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let spread = share * (1.0 - share) / n + z2 / (4.0 * n * n);
        let half = self.normal * libm::sqrt(spread) / (1.0 + z2 / n);
        // At the ends the formula gives 0 and 1 but for the last bit.
        Some(Interval {
            low: if hits == 0 { 0.0 } else { center - half },
            high: if hits == of { 1.0 } else { center + half },
        })
    }

    /// The ranks (from 0) of the two sorted observations between which the median lies: order
    /// statistics, by the binomial distribution. `None` where even the extremes are not sure
    /// enough: below six observations at 95%.
    pub fn median_ranks(self, n: usize) -> Option<(usize, usize)> {
        let tail = (1.0 - self.level) / 2.0;
        // P(Bin(n, 1/2) = k), summed from k = 0 while the sum stays within the tail.
        let log_half = n as f64 * core::f64::consts::LN_2;
        let log_factorial = |k: usize| libm::lgamma(k as f64 + 1.0);
        let (mut below, mut rank) = (0.0, None);
        for k in 0..n {
            let log = log_factorial(n) - log_factorial(k) - log_factorial(n - k) - log_half;
            below += libm::exp(log);
            if below > tail {
                break;
            }
            rank = Some(k);
        }
        rank.map(|low| (low, n - 1 - low))
    }
}

/// The `p`-quantile of the standard normal distribution, for `p` above one half.
fn normal_quantile(p: f64) -> f64 {
    let cumulative = |z: f64| 1.0 - 0.5 * libm::erfc(z / core::f64::consts::SQRT_2);
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if cumulative(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Medians of what may be infinite: the lower of the two middle ones for an even number, so
/// that it is finite whenever at least half of the observations are. Sorts `observations`.
pub fn lower_median(observations: &mut [f64]) -> Option<f64> {
    observations.sort_by(f64::total_cmp);
    let middle = observations.len().checked_sub(1)? / 2;
    observations.get(middle).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-6
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        assert!(near(normal_quantile(0.975), 1.959_963_985));
        assert!(near(normal_quantile(0.995), 2.575_829_304));
        assert!(near(Confidence::new(0.95, 11).student, 2.228_138_852));
    }

    #[test]
    fn nothing_of_a_hundred_is_no_certainty() {
        // Wilson: z^2 / (n + z^2) = 3.8415 / 103.8415.
        let none = Confidence::new(0.95, 100).proportion(0, 100).expect("some");
        assert!(near(none.low, 0.0) && near(none.high, 0.036_993_499));
        // Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662.
        let some = Confidence::new(0.95, 263)
            .proportion(81, 263)
            .expect("some");
        assert!((some.low - 0.2553).abs() < 5e-5 && (some.high - 0.3662).abs() < 5e-5);
        assert_eq!(Confidence::new(0.95, 0).proportion(0, 0), None);
    }

    #[test]
    fn the_median_lies_between_ranks_of_the_binomial_table() {
        let ranks = |n| Confidence::new(0.95, n).median_ranks(n);
        assert_eq!(ranks(5), None);
        // Conover: n = 6 is the range; n = 10 the 2nd and 9th; n = 20 the 6th and 15th.
        assert_eq!(ranks(6), Some((0, 5)));
        assert_eq!(ranks(10), Some((1, 8)));
        assert_eq!(ranks(20), Some((5, 14)));
        assert!(ranks(1_000).is_some_and(|(low, high)| low > 460 && high < 540));
    }

    #[test]
    fn a_ratio_with_nothing_to_divide_by_is_none_and_by_one_a_mean() {
        let confidence = Confidence::new(0.95, 3);
        assert_eq!(confidence.ratio(&[0.0, 0.0], &[0.0, 0.0]), None);
        let mean = confidence
            .ratio(&[7.0, 8.0, 9.0], &[1.0; 3])
            .expect("defined");
        let same = confidence.mean(&[7.0, 8.0, 9.0]).expect("defined");
        assert!(near(mean.low, same.low) && near(mean.high, same.high));
    }

    /// Runs that agree show nothing of those that do not: three ratios of a tenth are no proof.
    #[test]
    fn what_agrees_is_not_certain() {
        let three = Confidence::new(0.95, 3);
        let ratio = three.ratio(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]);
        assert!(
            ratio.is_some_and(|it| it.low < 0.1 && it.high > 0.1),
            "{ratio:?}"
        );
        let none = Confidence::new(0.95, 20).mean(&[0.0; 20]).expect("twenty");
        // Garwood: 3.689 events in twenty runs.
        assert!(
            near(none.low, 0.0) && near(none.high, 0.184_443_973),
            "{none:?}"
        );
        let level = Confidence::new(0.95, 20).mean(&[0.25; 20]).expect("twenty");
        assert!(level.low < 0.25 && level.high > 0.25, "{level:?}");
    }

    /// Student's interval where the law is symmetric, further to the long side where it is not.
    #[test]
    fn skewness_bends_the_interval() {
        let confidence = Confidence::new(0.95, 5);
        let even = confidence.mean(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("five");
        assert!((even.low - 1.036_757).abs() < 1e-5 && (even.high - 4.963_243).abs() < 1e-5);
        let long = confidence.mean(&[1.0, 2.0, 3.0, 4.0, 25.0]).expect("five");
        let student = Moments::of(&[1.0, 2.0, 3.0, 4.0, 25.0])
            .interval(0.95)
            .expect("five");
        assert!(long.high > student.high + 5.0, "{long:?} {student:?}");
        assert!(student.low < 0.0 && long.low >= 0.0, "{long:?} {student:?}");
    }

    #[test]
    fn the_lower_median_is_finite_when_half_are() {
        assert_eq!(lower_median(&mut [f64::INFINITY, 3.0]), Some(3.0));
        assert_eq!(lower_median(&mut []), None);
    }
}
