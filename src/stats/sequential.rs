//! Tests at which one may look after every run: the error they state is that of all looks
//! together.
//!
//! Each holds what was seen against one number, by a likelihood ratio that is mixed over what may
//! be true on the other side of it. If nothing is there, the ratio is a supermartingale that
//! starts at 1, so that it ever exceeds `1 / error` with a probability of at most `error` (Ville
//! 1939). Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of
//! Mathematical Statistics 41 (1970) 1397; Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform,
//! nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021) 1055.

use super::special::regularized_beta;
use super::{Moments, rare};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// How many runs' worth is known before the first: the effect, in standard deviations, is thought
/// of as normal with variance 1 / this. Any positive number is valid; this one decides earliest
/// between some dozens and some thousands of runs.
const RUNS_BEFOREHAND: f64 = 4.0;

/// The share of runs that may differ from all that were seen, which agree.
const UNSEEN: f64 = 0.02;

/// On which side of `number` the probability lies of which `hits` of `of` independent tries came
/// true; `None` while that is not known. Wrong with a probability of at most `error`, however
/// often it is asked on the way, exactly: no approximation is involved.
///
/// The mixture is the Beta(1/2, 1/2) law, cut off at `number`.
///
/// ```
/// use core::cmp::Ordering;
/// use spsim::inside::stats::sequential::share;
/// assert_eq!(share(12, 30, 0.01, 0.001), Some(Ordering::Greater));
/// assert_eq!(share(0, 30, 0.01, 0.001), None);
/// assert_eq!(share(0, 1_000, 0.01, 0.001), Some(Ordering::Less));
/// ```
pub fn share(hits: usize, of: usize, number: f64, error: f64) -> Option<Ordering> {
    let (hits, misses) = (hits as f64, (of - hits) as f64);
    let needed = -libm::log(error);
    if number <= 0.0 {
        return (number < 0.0 || hits > 0.0).then_some(Ordering::Greater);
    }
    if number >= 1.0 {
        return (number > 1.0 || misses > 0.0).then_some(Ordering::Less);
    }
    if ln_ratio_below(hits, misses, number) >= needed {
        Some(Ordering::Less)
    } else if ln_ratio_below(misses, hits, 1.0 - number) >= needed {
        Some(Ordering::Greater)
    } else {
        None
    }
}

/// The logarithm of the likelihood of everything below `number`, mixed, over that of `number`.
fn ln_ratio_below(hits: f64, misses: f64, number: f64) -> f64 {
    let ln_mass = |a: f64, b: f64| {
        let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        libm::log(regularized_beta(number, a, b)) + ln_beta
    };
    let seen = hits * libm::log(number) + misses * libm::log1p(-number);
    ln_mass(hits + 0.5, misses + 0.5) - ln_mass(0.5, 0.5) - seen
}

/// How far an observation can lie from 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reach {
    /// Below it.
    pub fall: f64,
    /// Above it.
    pub rise: f64,
}

/// On which side of 0 the mean lies of which `differences` are independent observations within
/// `reach`; `None` while that is not known. Wrong with a probability of at most `error`, however
/// often it is asked on the way.
///
/// Where the law is near enough to a normal one it is Student's test with a normal mixture of
/// effects: Lai, "On confidence sequences", Annals of Statistics 4 (1976) 265; the ratio is that
/// of Gönen, Johnson, Lu and Westfall, The American Statistician 59 (2005) 252. Else, and where
/// all agree, it is a bet: see `bet`.
pub fn mean(differences: &[f64], reach: Reach, error: f64) -> Option<Ordering> {
    let n = differences.len() as f64;
    let sum: f64 = differences.iter().sum();
    let squares: f64 = differences.iter().map(|it| it * it).sum();
    let is_one_sided = sum > 0.0 && reach.fall <= 0.0 || sum < 0.0 && reach.rise <= 0.0;
    if is_one_sided || !is_nearly_normal(differences) {
        return bet(differences, reach, error);
    }
    let rest = 1.0 - sum * sum / (squares * (n + RUNS_BEFOREHAND));
    let shrunk = libm::log(RUNS_BEFOREHAND / (n + RUNS_BEFOREHAND));
    let ln_ratio = 0.5 * shrunk - 0.5 * n * libm::log(rest);
    if ln_ratio >= -libm::log(error) {
        sum.partial_cmp(&0.0)
    } else {
        None
    }
}

/// Whether the mean of so many observations may be taken for normal: more than 25 times the square
/// of their skewness (W. G. Cochran, "Sampling Techniques", 3rd edition (1977), section 2.15), and
/// not most of them the same.
pub fn is_nearly_normal(observations: &[f64]) -> bool {
    let all = Moments::of(observations);
    if all.variance <= 0.0 {
        return false;
    }
    let cube = |x: &f64| (x - all.mean) * (x - all.mean) * (x - all.mean);
    let cubes = observations.iter().map(cube).sum::<f64>() / all.count as f64;
    let skewness = cubes / (all.variance * libm::sqrt(all.variance));
    all.count as f64 > 25.0 * skewness * skewness
}

/// How many observations that differ show how far their law reaches …
const ENOUGH_TO_SHOW: usize = 30;

/// … and how far that is at most beyond them, in widths of what they span.
const SHOWN: f64 = 10.0;

/// The stakes of a bet, as shares of the most that can be staked: each half of the last.
const STAKES: i32 = 20;

/// The side of 0 on which the mean lies, by two games that are fair or worse if it lies on the
/// other: whoever stakes a share of his money on each run is `1 / error` times as rich with a
/// probability of at most `error`, whatever the law. What is on the way to that is the average
/// over players with different stakes.
///
/// I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting",
/// Journal of the Royal Statistical Society B 86 (2024).
fn bet(differences: &[f64], reach: Reach, error: f64) -> Option<Ordering> {
    let needed = -libm::log(error);
    let extreme = |sign: f64| {
        differences
            .iter()
            .map(|it| it * sign)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let (above, below) = (extreme(1.0), extreme(-1.0));
    // Observations that mostly differ show about how far their law reaches.
    let shown = match rare::common_value(differences) {
        None if differences.len() >= ENOUGH_TO_SHOW => SHOWN * (above + below),
        _ => f64::INFINITY,
    };
    let side = differences.iter().sum::<f64>().partial_cmp(&0.0)?;
    let is_won = |sign: f64, most: f64| {
        let gains = differences.iter().map(|it| it * sign);
        let worst = gains.clone().fold(most, |worst, it| libm::fmax(worst, -it));
        // Where nothing can lie on the other side there is nothing to lose.
        worst <= 0.0 || ln_wealth(&gains, worst) >= needed
    };
    match side {
        Ordering::Greater => is_won(1.0, libm::fmin(reach.fall, below + shown)).then_some(side),
        Ordering::Less => is_won(-1.0, libm::fmin(reach.rise, above + shown)).then_some(side),
        Ordering::Equal => {
            let agree = differences.iter().all(|it| *it == 0.0);
            (agree && differences.len() >= agreeing(error)).then_some(side)
        }
    }
}

/// The logarithm of what the players have on average, where a run takes `most` at the worst.
fn ln_wealth(gains: &(impl Iterator<Item = f64> + Clone), most: f64) -> f64 {
    let ln_of = |player: i32| {
        let stake = 0.99 * libm::ldexp(1.0, -player) / most;
        gains
            .clone()
            .map(|gain| libm::log1p(stake * gain))
            .sum::<f64>()
    };
    let all: Vec<f64> = (0..STAKES).map(ln_of).collect();
    let best = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = all.iter().map(|ln| libm::exp(ln - best)).sum();
    best + libm::log(sum / f64::from(STAKES))
}

/// After how many runs that all agree fewer than 2% of all runs differ, with a probability of at
/// least 1 - `error`: 0.98^n = error. What rarer runs would do to a mean nobody can know.
pub fn agreeing(error: f64) -> usize {
    libm::ceil(libm::log(error) / libm::log1p(-UNSEEN)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal::upper_quantile;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
        (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many of `sequences` are decided when they are looked at after every step.
    fn decided(sequences: u64, mut is_decided: impl FnMut(&mut Xoshiro256PlusPlus) -> bool) -> u64 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        (0..sequences)
            .map(|_| u64::from(is_decided(&mut random)))
            .sum()
    }

    #[test]
    fn skewed_observations_are_normal_on_average_once_they_are_many() {
        // One in five is 1: the skewness is 1.5, so some 25 · 1.5² are asked for.
        let observations = |n: usize| -> Vec<f64> {
            let one = |k: usize| if k.is_multiple_of(5) { 1.0 } else { 0.0 };
            (0..n).map(one).collect()
        };
        assert!(!is_nearly_normal(&observations(30)));
        assert!(is_nearly_normal(&observations(80)));
        assert!(!is_nearly_normal(&[3.0; 100]));
    }

    /// Where the truth is the number itself, to decide for either side is wrong: 5% a side are
    /// allowed, over 200 looks.
    #[test]
    fn shares_keep_their_error_over_all_looks() {
        for truth in [0.02, 0.5, 0.9] {
            let mut wrong = [0_u64; 2];
            decided(500, |random| {
                let mut hits = 0;
                for of in 1..=200 {
                    hits += usize::from(uniform(random) < truth);
                    if let Some(side) = share(hits, of, truth, 0.05) {
                        wrong[usize::from(side == Ordering::Less)] += 1;
                        return true;
                    }
                }
                false
            });
            // 25 are allowed; 40 is three standard deviations more.
            assert!(wrong.iter().all(|it| *it <= 40), "{truth}: {wrong:?}");
            assert!(wrong.iter().sum::<u64>() >= 5, "it cannot fail: {wrong:?}");
        }
    }

    #[test]
    fn means_keep_their_error_over_all_looks() {
        let wrong = decided(1_000, |random| {
            let mut seen = Vec::new();
            (1..=300).any(|_| {
                seen.push(upper_quantile(uniform(random)));
                mean(&seen, FAR, 0.05).is_some()
            })
        });
        assert!((10..=72).contains(&wrong), "{wrong}");
    }

    #[test]
    fn clear_cases_are_decided_soon() {
        let first = |decide: &dyn Fn(usize) -> Option<Ordering>| {
            (1..2_000).find_map(|n| Some((n, decide(n)?)))
        };
        let (n, side) = first(&|n| share(0, n, 0.01, 0.001)).expect("decided");
        assert!(side == Ordering::Less && (700..950).contains(&n), "{n}");
        let (n, side) = first(&|n| share(n, n, 0.01, 0.001)).expect("decided");
        assert!(side == Ordering::Greater && n <= 3, "{n}");
        let far = |n: usize| -> Vec<f64> { (0..n).map(|k| -5.0 + (k % 2) as f64).collect() };
        let (n, side) = first(&|n| mean(&far(n), FAR, 0.001)).expect("decided");
        assert!(side == Ordering::Less && n < 30, "{n}");
    }

    const FAR: Reach = Reach {
        fall: 1e9,
        rise: 1e9,
    };

    /// What agrees is believed as late as the runs ask for that might be there: one in four
    /// hundred that is 400 away. Where nothing can be there, at once.
    #[test]
    fn what_all_agree_on_is_believed_late() {
        let reach = |fall, rise| Reach { fall, rise };
        assert_eq!(agreeing(0.05), 149);
        assert_eq!(mean(&[0.0; 148], reach(0.0, 5.0), 0.05), None);
        assert_eq!(
            mean(&[0.0; 149], reach(0.0, 5.0), 0.05),
            Some(Ordering::Equal)
        );
        assert_eq!(mean(&[-1.0; 1_000], reach(1.0, 400.0), 0.05), None);
        assert_eq!(
            mean(&vec![-1.0; 3_000], reach(1.0, 400.0), 0.05),
            Some(Ordering::Less)
        );
        assert_eq!(
            mean(&[-1.0; 3], reach(1.0, 0.0), 0.05),
            Some(Ordering::Less)
        );
        assert_eq!(
            mean(&[0.0, 2.0], reach(0.0, 9.0), 0.05),
            Some(Ordering::Greater)
        );
        assert_eq!(mean(&[], FAR, 0.05), None);
    }

    /// Runs that lose nothing but for one in 200 that loses 200, held against a mean of 1: to
    /// decide for either side is wrong.
    #[test]
    fn rare_runs_that_decide_the_mean_are_not_overlooked() {
        let wrong = decided(400, |random| {
            let mut seen = Vec::new();
            (1..=60).any(|_| {
                let lost = |it| if it < 0.005 { 199.0 } else { -1.0 };
                seen.extend((0..20).map(|_| lost(uniform(random))));
                let reach = Reach {
                    fall: 1.0,
                    rise: 399.0,
                };
                mean(&seen, reach, 0.05).is_some()
            })
        });
        // Two sides of 5% each; 40 and three standard deviations of six.
        assert!(wrong <= 58, "{wrong}");
    }

    #[test]
    fn a_share_is_never_outside_of_0_and_1() {
        assert_eq!(share(0, 9_999, 0.0, 0.05), None);
        assert_eq!(share(1, 9_999, 0.0, 0.05), Some(Ordering::Greater));
        assert_eq!(share(3, 3, 1.0, 0.05), None);
        assert_eq!(share(2, 3, 1.0, 0.05), Some(Ordering::Less));
        assert_eq!(share(0, 0, 1.5, 0.05), Some(Ordering::Less));
    }
}
