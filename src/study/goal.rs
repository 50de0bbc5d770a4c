//! Conditions on results: `METRIC OP NUMBER`, joined by `and`; for `--fail-if` and `--goal`.

use super::metric::{METRICS, Metric};
use crate::record::RunSummary;
use crate::stats::Confidence;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Conditions that must all be true.
#[derive(Clone, Debug)]
pub struct Goal {
    conditions: Vec<Condition>,
}

/// One comparison of a metric with a number.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// What is compared.
    pub metric: &'static Metric,
    op: Op,
    /// What it is compared with.
    pub number: f64,
}

#[derive(Clone, Copy, Debug)]
struct Op {
    text: &'static str,
    holds: fn(&f64, &f64) -> bool,
}

/// The longest texts first, so that `<` does not cut `<=`.
const OPS: [Op; 5] = [
    op("<=", f64::le),
    op(">=", f64::ge),
    op("==", f64::eq),
    op("<", f64::lt),
    op(">", f64::gt),
];

const fn op(text: &'static str, holds: fn(&f64, &f64) -> bool) -> Op {
    Op { text, holds }
}

/// What runs say of a goal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// It holds, as far as the confidence goes.
    Holds,
    /// It does not hold, as far as the confidence goes.
    Fails,
    /// The runs do not suffice; the flag is what the plain values say.
    Open(bool),
}

impl Judgement {
    /// The judgement of whoever knows.
    pub const fn certain(holds: bool) -> Judgement {
        if holds {
            Judgement::Holds
        } else {
            Judgement::Fails
        }
    }

    /// Whether the runs suffice.
    pub const fn is_certain(self) -> bool {
        !matches!(self, Judgement::Open(_))
    }

    /// What the values say, whether or not that is certain.
    pub const fn leans_to_hold(self) -> bool {
        matches!(self, Judgement::Holds | Judgement::Open(true))
    }
}

/// Runs that all agree say little of what happens rarely: after this many without a difference,
/// fewer than 1 % of all runs differ, with 95 % confidence (3 / 300, the rule of three).
const AGREEING_RUNS: usize = 300;

impl Goal {
    /// Reads `METRIC OP NUMBER and METRIC OP NUMBER …`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Goal, String> {
        // `and` stands alone: no metric, operator or number holds blanks.
        let words: Vec<&str> = text.split_whitespace().collect();
        let conditions = words
            .split(|word| word.eq_ignore_ascii_case("and"))
            .map(|words| Condition::parse(&words.concat()))
            .collect::<Result<_, _>>()?;
        Ok(Goal { conditions })
    }

    /// The conditions, in the order written.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether every condition is true of the values of `runs`.
    pub fn holds(&self, runs: &[RunSummary]) -> bool {
        self.conditions
            .iter()
            .all(|it| it.is_true_of(it.metric.value(runs)))
    }

    /// Whether every condition is true of the intervals of `runs` at this level of confidence.
    pub fn judge(&self, runs: &[RunSummary], level: f64) -> Judgement {
        let confidence = Confidence::new(level, runs.len());
        let judged = |it: &Condition| it.judge(runs, confidence);
        let all: Vec<Judgement> = self.conditions.iter().map(judged).collect();
        if all.contains(&Judgement::Fails) {
            return Judgement::Fails;
        }
        if all.iter().all(|it| *it == Judgement::Holds) {
            return Judgement::Holds;
        }
        Judgement::Open(all.iter().all(|it| it.leans_to_hold()))
    }

    /// The metrics of `runs` that the conditions ask for: `ports_peak = 5000`.
    pub fn values(&self, runs: &[RunSummary]) -> String {
        let text = |it: &Condition| match it.metric.value(runs) {
            Some(value) if value.is_finite() => format!("{} = {value}", it.metric.name),
            Some(_) => format!("{} = never", it.metric.name),
            None => format!("{} is undefined", it.metric.name),
        };
        let values: Vec<String> = self.conditions.iter().map(text).collect();
        values.join(", ")
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition, String> {
        let found = OPS
            .iter()
            .filter_map(|op| Some((text.find(op.text)?, op)))
            .min_by_key(|(at, _)| *at);
        let Some((at, op)) = found else {
            return Err("METRIC OP NUMBER is expected, as in `ports_peak_share >= 0.8`".into());
        };
        let name = &text[..at];
        let number = &text[at + op.text.len()..];
        let metric = Metric::find(name).ok_or_else(|| unknown(name))?;
        let number = number
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| format!("`{number}` is not a number"))?;
        Ok(Condition {
            metric,
            op: *op,
            number,
        })
    }

    /// Whether the condition is true of this value of its metric.
    pub fn is_true_of(&self, value: Option<f64>) -> bool {
        let value = value.unwrap_or(self.metric.when_absent());
        (self.op.holds)(&value, &self.number)
    }

    fn judge(&self, runs: &[RunSummary], confidence: Confidence) -> Judgement {
        let found = self.metric.estimate(runs, confidence);
        let leans = Judgement::Open(self.is_true_of(found.value));
        if found.value.is_none() {
            return leans;
        }
        let (Some(low), Some(high)) = (found.low, found.high) else {
            return leans;
        };
        let agree = self.metric.is_blind_to_rare_events() && low >= high;
        if agree && runs.len() < AGREEING_RUNS {
            return leans;
        }
        let inside = |value: f64| (self.op.holds)(&value, &self.number);
        // Every condition but `==` is true of a half line, so the ends speak for what is between.
        let between = low <= self.number && self.number <= high;
        match (inside(low), inside(high)) {
            (true, true) => Judgement::Holds,
            (false, false) if self.op.text != "==" || !between => Judgement::Fails,
            _ => leans,
        }
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = METRICS.iter().map(|it| it.name).collect();
    format!("unknown metric `{name}`; metrics are {}", known.join(", "))
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, it) in self.conditions.iter().enumerate() {
            let and = if index > 0 { " and " } else { "" };
            write!(f, "{and}{} {} {}", it.metric.name, it.op.text, it.number)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn conditions_are_read_with_and_without_blanks() {
        let goal = Goal::parse("p_exhausted>0 and ports_peak_share <= 0.8 AND opened == 3");
        let text = goal.expect("good").to_string();
        assert_eq!(
            text,
            "p_exhausted > 0 and ports_peak_share <= 0.8 and opened == 3"
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = |text| Goal::parse(text).expect_err("bad");
        assert!(problem("ports").starts_with("METRIC OP NUMBER is expected"));
        assert!(problem("ports > 1").starts_with("unknown metric `ports`; metrics are p_exh"));
        assert_eq!(problem("opened > many"), "`many` is not a number");
        assert_eq!(problem("opened > NaN"), "`NaN` is not a number");
        assert!(problem("opened > 1 and").starts_with("METRIC OP NUMBER is expected"));
    }

    fn runs(exhausted: usize, of: usize) -> Vec<RunSummary> {
        let mut runs = vec![RunSummary::default(); of];
        for run in &mut runs[..exhausted] {
            run.exhausted_at = Some(SimTime::ZERO);
        }
        runs
    }

    #[test]
    fn a_goal_is_open_until_its_interval_lies_on_one_side() {
        let judge =
            |text: &str, runs: &[RunSummary]| Goal::parse(text).expect("good").judge(runs, 0.95);
        let rare = "p_exhausted < 0.01";
        // Wilson's upper end of 0 of n is below 0.01 from n = 381 on.
        assert_eq!(judge(rare, &runs(0, 380)), Judgement::Open(true));
        assert_eq!(judge(rare, &runs(0, 381)), Judgement::Holds);
        assert_eq!(judge(rare, &runs(30, 100)), Judgement::Fails);
        assert_eq!(
            judge("p_exhausted == 0", &runs(0, 1_000)),
            Judgement::Open(true)
        );
        assert_eq!(
            judge("p_exhausted == 0", &runs(500, 1_000)),
            Judgement::Fails
        );
    }

    #[test]
    fn few_runs_that_agree_are_not_certain() {
        let goal = Goal::parse("failed < 1").expect("good");
        assert_eq!(goal.judge(&runs(0, 30), 0.95), Judgement::Open(true));
        assert_eq!(goal.judge(&runs(0, 300), 0.95), Judgement::Holds);
    }

    #[test]
    fn nothing_answered_is_not_fast() {
        let goal = Goal::parse("latency_p99_s < 1").expect("good");
        assert!(!goal.holds(&runs(0, 3)));
    }
}
