//! Axes: what they count, from where to where, and ticks that people would choose.

use super::canvas::Rect;
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::number::Unit;
use alloc::string::String;
use alloc::vec::Vec;

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

    /// Counts from 0 to `high`, in at most `most` steps.
    pub fn counts(title: String, high: f64, most: u64, labels: &Labels) -> Axis {
        Axis::from_zero(title, high, counts(high, most, labels))
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
            // A little room on both sides, where the first and the last dot are.
            low: -0.03 * names.len() as f64,
            high: (names.len().max(2) - 1) as f64 + 0.03 * names.len() as f64,
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

    /// Where a value is between start and end, from 0 to 1; what is outside is at the nearer end.
    fn share(&self, value: f64) -> f64 {
        let share = if self.is_log {
            libm::log(value / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
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
    let mut step = steps.iter().copied().find(fits).unwrap_or(widest);
    while !fits(&step) {
        step *= 2;
    }
    let ticks = (0..=total / in_unit(step)).map(|index| Tick {
        at: SimSpan::from_nanos(index * in_unit(step)).as_seconds(),
        label: labels.plain((index * step) as f64 / 1_000.0),
    });
    (ticks.collect(), labels.unit(unit))
}

/// Whole ticks from 0 to at most `top`, in steps of 1, 2 or 5 times a power of ten, at most
/// `most` steps.
fn counts(top: f64, most: u64, labels: &Labels) -> Vec<Tick> {
    let top = (top.max(1.0)) as u64;
    let mut power = 1_u64;
    let step = 'found: loop {
        for factor in [1, 2, 5] {
            if top / (power * factor) <= most {
                break 'found power * factor;
            }
        }
        power *= 10;
    };
    (0..=top / step)
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
        assert_eq!(labels("100s"), ("0 15 30 45 60 75 90".into(), "s".into()));
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
            ["0", "1,000", "2,000", "3,000", "4,000", "5,000"]
        );
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
