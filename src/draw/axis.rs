//! Scales and ticks: round numbers that people would choose.

use super::canvas::Rect;
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::number::Unit;
use alloc::string::String;
use alloc::vec::Vec;

/// From data to pixels: time to the right, ports up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) plot: Rect,
    /// Seconds at the right edge.
    pub(crate) seconds: f64,
    /// Ports at the top edge.
    pub(crate) ports: f64,
}

impl Scale {
    pub(crate) fn x(self, seconds: f64) -> f64 {
        self.plot.left + seconds / self.seconds * self.plot.width
    }

    pub(crate) fn y(self, ports: f64) -> f64 {
        self.plot.bottom() - ports / self.ports * self.plot.height
    }
}

/// One tick of an axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Tick {
    /// Where: seconds, or ports.
    pub(crate) at: f64,
    /// What it says.
    pub(crate) label: String,
}

/// A time axis: its ticks and the unit that they count.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct TimeAxis {
    pub(crate) ticks: Vec<Tick>,
    pub(crate) unit: String,
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
pub(crate) fn time(duration: SimSpan, most: u64, labels: &Labels) -> TimeAxis {
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
    TimeAxis {
        ticks: ticks.collect(),
        unit: labels.unit(unit),
    }
}

/// Whole ticks from 0 to at most `top`, in steps of 1, 2 or 5 times a power of ten, at most
/// `most` steps.
pub(crate) fn counts(top: f64, most: u64, labels: &Labels) -> Vec<Tick> {
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

/// A round number of ports at or above `peak` with a little air: the top of an enlarged part.
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
        let axis = time(SimSpan::parse(duration).expect("a span"), 7, &ENGLISH);
        let labels: Vec<String> = axis.ticks.into_iter().map(|tick| tick.label).collect();
        (labels.join(" "), axis.unit)
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
                .ticks
                .len()
                <= 8
        );
        assert!(time(crate::units::LONGEST, 7, &ENGLISH).ticks.len() <= 8);
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
}
