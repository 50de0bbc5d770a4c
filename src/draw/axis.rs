//! Axes: what they count, from where to where, and ticks that people would choose.

use super::canvas::Rect;
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::number::Unit;

/// Values that span more than this factor suit a logarithmic axis.
const WIDE: f64 = 15.0;

/// An axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// What it counts.
    pub title: String,
    /// The value at its start.
    pub low: f64,
    /// The value at its end, greater than that at its start.
    pub high: f64,
    /// Whether equal distances are equal factors; both ends are greater than 0 then.
    pub is_log: bool,
    /// Where it is labelled, in order.
    pub ticks: Vec<Tick>,
}

/// One tick of an axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Tick {
    /// The value.
    pub at: f64,
    /// What it says.
    pub label: String,
}

impl Axis {
    /// An axis from 0 to `high`.
    pub const fn from_zero(title: String, high: f64, ticks: Vec<Tick>) -> Axis {
        Axis {
            title,
            low: 0.0,
            high,
            is_log: false,
            ticks,
        }
    }

    /// Time from 0 to `duration` in seconds, in at most `most` steps; `title` is given the unit
    /// in which its labels are.
    pub fn time(
        duration: SimSpan,
        most: u64,
        labels: &Labels,
        title: impl FnOnce(&str) -> String,
    ) -> Axis {
        let (ticks, unit) = time(duration, most, labels);
        Axis::from_zero(title(&unit), duration.as_seconds().max(1e-9), ticks)
    }

    /// Counts from 0 to a tick at or above `high`, in at most `most` steps.
    pub fn counts(title: String, high: f64, most: u64, labels: &Labels) -> Axis {
        let ticks = counts(high, most, labels);
        let top = ticks.last().map_or(1.0, |tick| tick.at);
        Axis::from_zero(title, top, ticks)
    }

    /// From `low` to `high` exactly, with round numbers between them; on a logarithmic axis both
    /// are greater than 0.
    pub fn between(title: String, (low, high): (f64, f64), is_log: bool, labels: &Labels) -> Axis {
        let tick = |at: f64| Tick {
            at,
            label: labels.short(at),
        };
        let axis = Axis {
            title,
            low,
            high,
            is_log,
            ticks: vec![tick(low), tick(high)],
        };
        // No round number so near to an end that the two labels would touch.
        let is_free = |at: &f64| (0.06..0.94).contains(&axis.share(*at));
        let between: Vec<Tick> = if is_log {
            decades(low, high)
                .into_iter()
                .filter(is_free)
                .map(tick)
                .collect()
        } else {
            let step = round_step((high - low) / 6.0);
            let first = libm::ceil(low / step);
            let all = (0..8).map(|index| (first + f64::from(index)) * step);
            all.filter(is_free).map(tick).collect()
        };
        let [first, last] = [low, high].map(tick);
        let ticks = core::iter::once(first).chain(between).chain([last]);
        Axis {
            ticks: ticks.collect(),
            ..axis
        }
    }

    /// A logarithmic axis around values that are greater than 0, from one of 1, 2, 5, 10, … to
    /// another.
    pub fn logarithmic(
        title: String,
        (low, high): (f64, f64),
        label: impl Fn(f64) -> String,
    ) -> Axis {
        let (low, high) = (low.min(high), high.max(low * 1.001));
        let all = decades(low / 10.0, high * 10.0);
        let below = all.iter().rev().find(|at| **at <= low * (1.0 + 1e-9));
        let above = all.iter().find(|at| **at >= high * (1.0 - 1e-9));
        let (low, high) = (*below.unwrap_or(&low), *above.unwrap_or(&high));
        let is_wide = high / low > 500.0;
        let is_end = |at: f64| at <= low || at >= high;
        let is_power = |at: f64| libm::fabs(libm::log10(at) - libm::round(libm::log10(at))) < 1e-6;
        let within = all.iter().copied().filter(|at| (low..=high).contains(at));
        let ticks = within.filter(|at| !is_wide || is_power(*at) || is_end(*at));
        let mut ticks: Vec<f64> = ticks.collect();
        // Next to an end of a wide axis a power of ten would touch the end's label.
        ticks.retain(|at| is_end(*at) || !is_wide || (at / low > 2.5 && high / at > 2.5));
        let tick = |at: f64| Tick {
            at,
            label: label(at),
        };
        Axis {
            title,
            low,
            high,
            is_log: true,
            ticks: ticks.into_iter().map(tick).collect(),
        }
    }

    /// Where a value is, from 0 to 1.
    pub(crate) fn place(&self, value: f64) -> f64 {
        self.share(value).clamp(0.0, 1.0)
    }

    /// Whether a value lies between its ends.
    pub(crate) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Amounts from 0 to a tick at or above `most`, which is greater than 0.
    pub fn amounts(title: String, most: f64, labels: &Labels) -> Axis {
        let step = round_step(most / 6.0);
        let steps = (most / step - 1e-9).ceil().max(1.0) as u32;
        let tick = |index: u32| Tick {
            at: f64::from(index) * step,
            label: labels.short(f64::from(index) * step),
        };
        let ticks: Vec<Tick> = (0..=steps).map(tick).collect();
        Axis::from_zero(title, f64::from(steps) * step, ticks)
    }

    /// Places of equal distance with these names: the values 0, 1, 2, ….
    pub fn places(title: String, names: &[String]) -> Axis {
        let tick = |(index, name): (usize, &String)| Tick {
            at: index as f64,
            label: name.clone(),
        };
        Axis {
            title,
            low: -0.5,
            high: names.len().max(1) as f64 - 0.5,
            is_log: false,
            ticks: names.iter().enumerate().map(tick).collect(),
        }
    }

    /// Numbers with these names, each at its place: on a logarithmic axis where they span more
    /// than a factor of 15. `None` where they are not two different numbers at least.
    pub fn numbers(title: String, numbers: &[f64], names: &[String]) -> Option<Axis> {
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if high <= low {
            return None;
        }
        let tick = |(at, name): (&f64, &String)| Tick {
            at: *at,
            label: name.clone(),
        };
        let mut ticks: Vec<Tick> = numbers.iter().zip(names).map(tick).collect();
        ticks.sort_by(|one, other| one.at.total_cmp(&other.at));
        Some(Axis {
            title,
            low,
            high,
            is_log: low > 0.0 && high / low > WIDE,
            ticks,
        })
    }

    /// Where a value is, 0 at the start and 1 at the end; far outside it is no farther than a few
    /// lengths. A logarithmic axis has no place for 0: what is not above its start is there.
    fn share(&self, value: f64) -> f64 {
        let share = if self.is_log {
            libm::log(value.max(self.low) / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(-3.0, 4.0)
    }
}

/// From data to pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale<'a> {
    pub(crate) plot: Rect,
    pub(crate) across: &'a Axis,
    pub(crate) up: &'a Axis,
}

impl Scale<'_> {
    pub(crate) fn x(self, value: f64) -> f64 {
        self.plot.left + self.across.share(value) * self.plot.width
    }

    pub(crate) fn y(self, value: f64) -> f64 {
        self.plot.bottom() - self.up.share(value) * self.plot.height
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is `least` or more.
fn round_step(least: f64) -> f64 {
    let mut power = 1.0;
    while power > least {
        power /= 10.0;
    }
    while power * 10.0 <= least {
        power *= 10.0;
    }
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors
        .into_iter()
        .find(|it| it * power >= least * (1.0 - 1e-9));
    found.unwrap_or(10.0) * power
}

/// 1, 2 and 5 times powers of ten from `low` to `high`, both greater than 0.
fn decades(low: f64, high: f64) -> Vec<f64> {
    let first = libm::floor(libm::log10(low)) as i32;
    let last = libm::ceil(libm::log10(high)) as i32;
    let powers = (first..=last).flat_map(|power| {
        // Of a negative power 10^-n is not exact, 1/10^n is as near as it gets.
        let ten = libm::pow(10.0, f64::from(power.abs()));
        [1.0, 2.0, 5.0].map(|factor| {
            if power < 0 {
                factor / ten
            } else {
                factor * ten
            }
        })
    });
    powers.filter(|at| (low..=high).contains(at)).collect()
}

/// Units of a time axis in nanoseconds, with the steps that suit each in thousandths of it.
const UNITS: [(Unit, u64, &[u64]); 5] = [
    (
        Unit::Days,
        86_400_000_000_000,
        &[250, 500, 1_000, 2_000, 5_000, 7_000, 14_000, 30_000],
    ),
    (
        Unit::Hours,
        3_600_000_000_000,
        &[250, 500, 1_000, 2_000, 3_000, 6_000, 12_000],
    ),
    (
        Unit::Minutes,
        60_000_000_000,
        &[
            250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000,
        ],
    ),
    (
        Unit::Seconds,
        1_000_000_000,
        &[
            200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000,
        ],
    ),
    (
        Unit::Milliseconds,
        1_000_000,
        &[
            200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
        ],
    ),
];

/// Ticks from 0 to `duration`, at most `most` steps, in the largest unit of which there are at
/// least two.
fn time(duration: SimSpan, most: u64, labels: &Labels) -> (Vec<Tick>, String) {
    let total = duration.as_nanos().max(1);
    let suits = |&&(_, nanos, _): &&(Unit, u64, &[u64])| total >= 2 * nanos;
    let &(unit, nanos, steps) = UNITS.iter().find(suits).unwrap_or(&UNITS[4]);
    let in_unit = |step: u64| (nanos / 1_000 * step).max(1);
    let fits = |step: &u64| total / in_unit(*step) <= most;
    let widest = *steps.last().expect("every unit has steps");
    // A step that ends where the axis does, if one of those that fit does.
    let ends = |step: &u64| total.is_multiple_of(in_unit(*step)) && total / in_unit(*step) > 2;
    let mut all = steps.iter().copied().filter(fits);
    let ending = all.clone().find(ends);
    let mut step = ending.or_else(|| all.next()).unwrap_or(widest);
    while !fits(&step) {
        step *= 2;
    }
    let ticks = (0..=total / in_unit(step)).map(|index| Tick {
        at: SimSpan::from_nanos(index * in_unit(step)).as_seconds(),
        label: labels.plain((index * step) as f64 / 1_000.0),
    });
    (ticks.collect(), labels.unit(unit))
}

/// Whole ticks from 0 to the first at or above `top`, in steps of 1, 2 or 5 times a power of
/// ten, at most `most` steps.
fn counts(top: f64, most: u64, labels: &Labels) -> Vec<Tick> {
    let top = libm::ceil(top.max(1.0)) as u64;
    let mut power = 1_u64;
    let step = 'found: loop {
        for factor in [1, 2, 5] {
            if top.div_ceil(power * factor) <= most {
                break 'found power * factor;
            }
        }
        power *= 10;
    };
    (0..=top.div_ceil(step))
        .map(|index| Tick {
            at: (index * step) as f64,
            label: labels.count((index * step) as f64),
        })
        .collect()
}

/// A round number at or above `peak` with a little air: the top of an enlarged part.
pub(crate) fn round_up(peak: f64) -> f64 {
    let mut power = 1.0;
    loop {
        for factor in [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0] {
            let top: f64 = power * factor;
            if top >= peak * 1.08 && top.fract() == 0.0 {
                return top;
            }
        }
        power *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::labels::ENGLISH;

    fn labels(duration: &str) -> (String, String) {
        let (ticks, unit) = time(SimSpan::parse(duration).expect("a span"), 7, &ENGLISH);
        let labels: Vec<String> = ticks.into_iter().map(|tick| tick.label).collect();
        (labels.join(" "), unit)
    }

    #[test]
    fn times_are_round_in_a_fitting_unit() {
        assert_eq!(labels("5min"), ("0 1 2 3 4 5".into(), "min".into()));
        assert_eq!(labels("100s"), ("0 20 40 60 80 100".into(), "s".into()));
        assert_eq!(labels("24h"), ("0 6 12 18 24".into(), "h".into()));
        assert_eq!(labels("10d"), ("0 2 4 6 8 10".into(), "d".into()));
        assert_eq!(labels("1ns").1, "ms");
        assert!(
            time(SimSpan::parse("10d").expect("a span"), 7, &ENGLISH)
                .0
                .len()
                <= 8
        );
        assert!(time(crate::units::LONGEST, 7, &ENGLISH).0.len() <= 8);
    }

    #[test]
    fn ports_are_whole_and_round() {
        let labels = |top| -> Vec<String> {
            let ticks = counts(top, 6, &ENGLISH).into_iter();
            ticks.map(|tick| tick.label).collect()
        };
        assert_eq!(
            labels(5_600.0),
            ["0", "1,000", "2,000", "3,000", "4,000", "5,000", "6,000"]
        );
        assert_eq!(labels(5_000.0).last().map(String::as_str), Some("5,000"));
        assert_eq!(labels(1.0), ["0", "1"]);
        assert_eq!(round_up(32.0) as u64, 40);
        assert_eq!(round_up(0.0) as u64, 1);
        assert_eq!(round_up(1.0) as u64, 2);
    }

    #[test]
    fn an_axis_of_amounts_ends_on_a_tick() {
        for most in [0.003, 0.29, 1.0, 6.0, 7.3, 4_321.0] {
            let axis = Axis::amounts(String::new(), most, &ENGLISH);
            let last = axis.ticks.last().expect("at least two");
            assert!(
                axis.high >= most && axis.high < most * 1.5,
                "{most}: {axis:?}"
            );
            assert!((last.at - axis.high).abs() < 1e-12, "{most}: {axis:?}");
            assert!((2..=8).contains(&axis.ticks.len()), "{most}: {axis:?}");
        }
    }

    #[test]
    fn numbers_far_apart_stand_on_a_logarithmic_axis() {
        let names = ["1", "10", "100"].map(String::from);
        let axis = Axis::numbers(String::new(), &[1.0, 10.0, 100.0], &names);
        let axis = axis.expect("they differ");
        assert!(axis.is_log && (axis.share(10.0) - 0.5).abs() < 1e-12);
        let near = Axis::numbers(String::new(), &[10.0, 5.0], &names[..2]);
        let near = near.expect("they differ");
        assert!(!near.is_log && near.ticks[0].label == "10", "in order");
        assert_eq!(Axis::numbers(String::new(), &[2.0, 2.0], &names[..2]), None);
    }
}
