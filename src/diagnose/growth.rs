//! How fast ports grow, with a 95% interval.
//!
//! Three estimates, by what the ports do ([`Kind::growth`](super::Kind::growth) chooses). Where
//! they pile up (leak, churn, CLOSE_WAIT), each interval's increase is a new, independent piece of
//! evidence: the rate is the whole increase over the whole time, its error comes from the
//! increases. A line through a running total would claim to know more than it does, because the
//! deviations of a running total hang together.
//! Where few ports came and none went, they are counted: Garwood's interval (1936).
//! Where ports hover around a level, the slope is that of the line, and its error allows for how
//! long a port is held: two snapshots that are nearer than that have most of their ports in common.

use crate::stats::{Interval, rare, student_quantile};
use alloc::vec::Vec;

/// Fewer new ports than this are counted one by one.
const FEW: f64 = 30.0;

/// Steps of a level with more than this times the variance of ports that come one by one show
/// that they come or go in bulk.
const BULK: f64 = 4.0;

/// A rate with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Growth {
    /// Per second.
    pub per_s: f64,
    /// The 95% interval; `None` with too few points.
    pub interval: Option<Interval>,
}

impl Growth {
    /// Whether it is above zero with 97.5% confidence.
    pub fn is_up(&self) -> bool {
        self.interval.is_some_and(|it| it.low > 0.0)
    }

    fn new(per_s: f64, error: f64, df: f64) -> Growth {
        let interval = (df >= 1.0).then(|| {
            let half = student_quantile(0.975, df) * error;
            Interval {
                low: per_s - half,
                high: per_s + half,
            }
        });
        Growth { per_s, interval }
    }
}

/// The rate of ports that came one by one or in groups, none of which went: where they are few.
pub fn by_counting(points: &[(f64, f64)]) -> Option<Growth> {
    let (first, last) = points.first().zip(points.last())?;
    let steps: Vec<f64> = points
        .windows(2)
        .map(|pair| pair[1].1 - pair[0].1)
        .collect();
    let (time, came) = (last.0 - first.0, last.1 - first.1);
    if time <= 0.0 || steps.len() < 2 || came >= FEW || steps.iter().any(|it| *it < 0.0) {
        return None;
    }
    let interval = rare::rare_sum(&steps, 1.0, 0.025);
    Some(Growth {
        per_s: came / time,
        interval: Some(Interval {
            low: interval.low / time,
            high: interval.high / time,
        }),
    })
}

/// The slope of the line, where each port is held for `held_s` seconds.
///
/// What two snapshots have in common is what was held at both: their covariance falls with the
/// time between them and is nothing beyond `held_s`, as in M/D/∞. How much comes and goes is seen
/// in the steps.
pub fn by_level(points: &[(f64, f64)], held_s: f64) -> Growth {
    let line = by_line(points);
    let n = points.len() as f64;
    let mean_t = points.iter().map(|it| it.0).sum::<f64>() / n;
    let spread: f64 = points
        .iter()
        .map(|it| (it.0 - mean_t) * (it.0 - mean_t))
        .sum();
    let (mut squares, mut fresh) = (0.0, 0.0);
    for pair in points.windows(2) {
        squares += (pair[1].1 - pair[0].1) * (pair[1].1 - pair[0].1);
        fresh += 2.0 * libm::fmin(pair[1].0 - pair[0].0, held_s);
    }
    if spread <= 0.0 || fresh <= 0.0 {
        return line;
    }
    let per_s = squares / fresh;
    let mut variance = 0.0;
    for (place, (t, _)) in points.iter().enumerate() {
        let near = |other: &&(f64, f64)| libm::fabs(other.0 - t) < held_s;
        let common = |(at, _): &(f64, f64)| (at - mean_t) * (held_s - libm::fabs(at - t));
        // Times ascend: what is near is around the place.
        let before = points[..place].iter().rev().take_while(near).map(common);
        let behind = points[place..].iter().take_while(near).map(common);
        variance += (t - mean_t) * (before.sum::<f64>() + behind.sum::<f64>());
    }
    let error = libm::sqrt(libm::fmax(per_s * variance, 0.0)) / spread;
    Growth::new(line.per_s, error, n - 2.0)
}

/// The slope of the line, held against what a level does that is turned over: `opened` ports came
/// in the whole time, and those that do not stay went again.
///
/// Such a level fluctuates as M/G/∞ does: by the root of itself, and two snapshots have in common
/// what was not given back between them. Where less is seen in the steps than that, part of the
/// level is not turned over at all; where much more is, ports come or go in bulk: then what is seen
/// counts. Its interval is one of 98%: two levels in a hundred would seem to rise or fall.
pub fn against_turnover(points: &[(f64, f64)], opened: f64) -> Growth {
    let line = by_line(points);
    let n = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
    let (mean_t, level) = (mean(|it| it.0), mean(|it| it.1));
    let spread: f64 = points
        .iter()
        .map(|it| (it.0 - mean_t) * (it.0 - mean_t))
        .sum();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return line;
    };
    let span = last.0 - first.0;
    if spread <= 0.0 || span <= 0.0 || n < 3.0 {
        return line;
    }
    let gone = opened - libm::fmax(line.per_s * span, 0.0);
    // Half a port, where none was: there may be one that was not seen.
    let (level, gone) = (libm::fmax(level, 0.5), libm::fmax(gone, 0.5));
    let held_s = level * span / gone;
    let (mut seen, mut expected) = (0.0, 0.0);
    // Over all pairs: what they have in common falls by the same share from one to the next.
    let (mut before, mut sum) = (0.0, (first.0 - mean_t) * (first.0 - mean_t));
    for pair in points.windows(2) {
        let (time, more) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        let common = libm::exp(-time / held_s);
        let beside = more - line.per_s * time;
        seen += beside * beside;
        expected += 2.0 * level * (1.0 - common);
        before = (before + pair[0].0 - mean_t) * common;
        let at = pair[1].0 - mean_t;
        sum += at * at + 2.0 * at * before;
    }
    let seen = seen / expected;
    // What is a little more is chance, or what grows itself; much more is ports in bulk.
    let share = if (1.0..BULK).contains(&seen) {
        1.0
    } else {
        seen
    };
    let error = libm::sqrt(libm::fmax(level * share * sum, 0.0)) / spread;
    let half = student_quantile(0.99, n - 2.0) * error;
    Growth {
        per_s: line.per_s,
        interval: Some(Interval {
            low: line.per_s - half,
            high: line.per_s + half,
        }),
    }
}

/// The slope of the line through `points` of (seconds, ports), by least squares.
pub fn by_line(points: &[(f64, f64)]) -> Growth {
    let n = points.len() as f64;
    let sum = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>();
    let (mean_t, mean_y) = (sum(|it| it.0) / n, sum(|it| it.1) / n);
    let (mut tt, mut ty) = (0.0, 0.0);
    for (t, y) in points {
        tt += (t - mean_t) * (t - mean_t);
        ty += (t - mean_t) * (y - mean_y);
    }
    // No points, one, or all at one time.
    if tt.is_nan() || tt <= 0.0 {
        return Growth {
            per_s: 0.0,
            interval: None,
        };
    }
    let slope = ty / tt;
    let residuals = points
        .iter()
        .map(|(t, y)| y - mean_y - slope * (t - mean_t));
    let squares: f64 = residuals.map(|it| it * it).sum();
    let df = n - 2.0;
    let error = libm::sqrt(squares / df.max(1.0) / tt);
    Growth::new(slope, error, df)
}

/// The whole increase over the whole time; each interval's increase is independent, with a
/// variance proportional to its length.
pub fn by_increments(points: &[(f64, f64)]) -> Growth {
    let steps = || {
        let pairs = points.windows(2);
        pairs
            .map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1))
            .filter(|it| it.0 > 0.0)
    };
    let n = steps().count() as f64;
    let (time, increase) = steps().fold((0.0, 0.0), |(t, y), it| (t + it.0, y + it.1));
    if time <= 0.0 {
        return Growth {
            per_s: 0.0,
            interval: None,
        };
    }
    let rate = increase / time;
    let squares: f64 = steps()
        .map(|(t, y)| (y - rate * t) * (y - rate * t) / t)
        .sum();
    let df = n - 1.0;
    let error = libm::sqrt(squares / df.max(1.0) / time);
    Growth::new(rate, error, df)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::{Kind, Series, State, Step};
    use crate::stats::special::lower_gamma;
    use crate::units::SimSpan;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// A Poisson count: the smallest number at which the distribution reaches what is drawn.
    fn poisson(random: &mut Xoshiro256PlusPlus, mean: f64) -> u64 {
        let drawn = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let until = |count: u64| 1.0 - lower_gamma(count as f64 + 1.0, mean);
        let mut count = (mean - 8.0 * libm::sqrt(mean)).max(0.0) as u64;
        while until(count) < drawn {
            count += 1;
        }
        count
    }

    /// Snapshots `step` seconds apart of ports that come at random and are each held for `held`
    /// steps: a churn at its level.
    fn hovering(
        random: &mut Xoshiro256PlusPlus,
        per_s: f64,
        step: f64,
        held: usize,
        n: usize,
    ) -> Series {
        let births: Vec<u64> = (0..n + held)
            .map(|_| poisson(random, per_s * step))
            .collect();
        let steps = (0..n).map(|at| Step {
            time_s: at as f64 * step,
            states: [(State::TimeWait, births[at + 1..=at + held].iter().sum())].into(),
            opened: Some(births[at + held]),
        });
        Series {
            remote: "192.0.2.1:80".into(),
            steps: steps.collect(),
        }
    }

    /// How many of 300 intervals hold the growth of a churn that has none.
    fn covered(per_s: f64, step: f64, held: usize, n: usize, is_counter: bool) -> usize {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        let holds = |_: &usize| {
            let mut series = hovering(&mut random, per_s, step, held, n);
            if is_counter {
                series.steps.iter_mut().for_each(|it| it.opened = None);
            }
            let held = SimSpan::from_seconds_rounded(step * held as f64);
            let found = Kind::Churn.growth(&series, Some(held));
            found
                .interval
                .is_some_and(|it| it.low <= 0.0 && 0.0 <= it.high)
        };
        (0..300).filter(holds).count()
    }

    /// Least squares alone hold 15 to 55 of 100.
    #[test]
    fn the_growth_of_what_hovers_is_covered() {
        for (per_s, step, held, n) in [
            (5.0, 5.0, 12, 60),
            (20.0, 10.0, 6, 30),
            (20.0, 10.0, 24, 60),
            (1.0, 5.0, 12, 60),
            (10.0, 60.0, 1, 30),
        ] {
            for is_counter in [false, true] {
                let covered = covered(per_s, step, held, n, is_counter);
                assert!(covered >= 270, "{per_s} {step} {held} {n}: {covered}");
            }
        }
    }

    #[test]
    fn few_new_ports_are_counted() {
        let points = |counts: &[f64]| -> Vec<(f64, f64)> {
            let all = counts.iter().enumerate();
            all.map(|(at, count)| (at as f64 * 10.0, *count)).collect()
        };
        // Garwood (1936): none counted, at most 3.689 expected; three counted, 0.619 to 8.767.
        let none = by_counting(&points(&[7.0; 11])).expect("few");
        let it = none.interval.expect("an interval");
        assert!(it.low == 0.0 && (it.high - 0.036_89).abs() < 1e-5, "{it:?}");
        let three = by_counting(&points(&[7.0, 8.0, 8.0, 9.0, 9.0, 10.0])).expect("few");
        let it = three.interval.expect("an interval");
        assert!((it.low - 0.619 / 50.0).abs() < 1e-4 && (it.high - 8.767 / 50.0).abs() < 1e-4);
        assert!(by_counting(&points(&[7.0, 6.0, 8.0])).is_none(), "one went");
        assert!(by_counting(&points(&[0.0, 20.0, 40.0])).is_none(), "many");
    }
}
