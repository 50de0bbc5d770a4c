//! `survival.csv`: the share of runs that have not run out of ports, over time.

use super::csv::{bytes, write};
use crate::study::{Comparison, Interval, Survival};
use crate::units::SimTime;
use crate::words::{number, plain};
use ::csv::Writer;

const COLUMNS: [&str; 7] = [
    "strategy",
    "time_s",
    "at_risk",
    "exhausted",
    "survival",
    "survival_lo",
    "survival_hi",
];

/// One row per strategy at time 0, at every time at which a run ran out, and at the end, where
/// the runs that did not are censored.
pub(super) fn survival_csv(comparison: &Comparison) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    write(&mut writer, COLUMNS.map(String::from));
    let share = |value| number::with_point(number::decimals(value, 6));
    for result in &comparison.strategies {
        let curve = Survival::of(result);
        let mut row = |time: SimTime, risk: u64, exhausted: u64, survival: f64, ends: Interval| {
            let record = [
                plain::cell(&result.name),
                number::seconds(time),
                risk.to_string(),
                exhausted.to_string(),
                share(survival),
                share(ends.low),
                share(ends.high),
            ];
            write(&mut writer, &record);
        };
        let mut last = (1.0, curve.at_start());
        row(SimTime::ZERO, curve.runs, 0, last.0, last.1);
        for step in &curve.steps {
            last = (step.survival, step.interval);
            row(step.time, step.at_risk, step.happened, last.0, last.1);
        }
        row(curve.end, curve.runs - curve.exhausted, 0, last.0, last.1);
    }
    bytes(writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sample;

    #[test]
    fn censored_runs_are_neither_lost_nor_averaged() {
        let text = String::from_utf8(survival_csv(&sample::replicated())).expect("UTF-8");
        let lines: Vec<&str> = text.lines().take(6).collect();
        assert_eq!(
            lines,
            [
                "strategy,time_s,at_risk,exhausted,survival,survival_lo,survival_hi",
                "as is,0.0,3,0,1.0,0.438503,1.0",
                "as is,100.0125,3,1,0.666667,0.054073,0.945206",
                "as is,102.0125,2,1,0.333333,0.008962,0.774149",
                "as is,300.0,1,0,0.333333,0.008962,0.774149",
                "16 groups,0.0,3,0,1.0,0.438503,1.0",
            ]
        );
    }
}
