//! Conditions on results: `METRIC OP NUMBER`, joined by `and`; for `--fail-if` and `--goal`.

use super::metric::{METRICS, Metric};
use crate::record::RunSummary;
use crate::units::rounded;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

/// Digits of a value that people are shown as evidence.
const DIGITS_SEEN: usize = 6;

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

    /// What `runs` say; wrong with a probability of at most `error`, however often it is asked
    /// while runs are added. `rises` says how far above the number of each condition a run may
    /// lie at most, where that is known: see [`Goal::rises`].
    pub fn judge(&self, runs: &[RunSummary], rises: &[f64], error: f64) -> Judgement {
        // One wrong condition makes the goal wrong: they share what may go wrong.
        let error = error / self.conditions.len() as f64;
        let rise = |place: usize| rises.get(place).copied().unwrap_or(f64::INFINITY);
        let conditions = self.conditions.iter().enumerate();
        let judged = |(place, it): (usize, &Condition)| it.judge(runs, rise(place), error);
        let all: Vec<Judgement> = conditions.map(judged).collect();
        if all.contains(&Judgement::Fails) {
            return Judgement::Fails;
        }
        if all.iter().all(|it| *it == Judgement::Holds) {
            return Judgement::Holds;
        }
        Judgement::Open(all.iter().all(|it| it.leans_to_hold()))
    }

    /// How far above the number of each condition a run may lie that is no worse than `runs`: in a
    /// law that they show well no run is further out than six deviations.
    pub fn rises(&self, runs: &[RunSummary]) -> Vec<f64> {
        let rise = |it: &Condition| it.metric.rise(runs, it.number);
        self.conditions.iter().map(rise).collect()
    }

    /// The metrics of `runs` that the conditions ask for: `ports_peak = 5000`.
    pub fn values(&self, runs: &[RunSummary]) -> String {
        let text = |it: &Condition| match it.metric.value(runs) {
            Some(value) if value.is_finite() => {
                format!("{} = {}", it.metric.name, rounded(value, DIGITS_SEEN))
            }
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
            .ok_or_else(|| match number {
                "" => format!("a number is expected after `{name} {}`", op.text),
                other => format!("`{other}` is not a number"),
            })?;
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

    fn judge(&self, runs: &[RunSummary], rise: f64, error: f64) -> Judgement {
        match self.metric.compare(runs, self.number, rise, error) {
            Some(side) => Judgement::certain(self.is_true_on(side)),
            None => Judgement::Open(self.is_true_of(self.metric.value(runs))),
        }
    }

    /// Whether it is true of everything on this side of the number.
    fn is_true_on(&self, side: Ordering) -> bool {
        (self.op.holds)(&f64::from(side as i8), &0.0)
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = METRICS.iter().map(|it| it.name).collect();
    let meant = crate::words::closest(name, known.iter().copied());
    let meant = meant.map_or(String::new(), |it| format!(", did you mean `{it}`?"));
    format!(
        "unknown metric `{name}`{meant}; metrics are {}",
        known.join(", ")
    )
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
        assert_eq!(
            problem("opened > and failed < 1"),
            "a number is expected after `opened >`"
        );
        assert_eq!(
            problem("faild < 1").split(';').next(),
            Some("unknown metric `faild`, did you mean `failed`?")
        );
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
    fn a_goal_is_open_until_the_runs_suffice() {
        let judge = |text: &str, runs: &[RunSummary]| {
            Goal::parse(text).expect("good").judge(runs, &[], 0.05)
        };
        let rare = "p_exhausted < 0.01";
        assert_eq!(judge(rare, &runs(0, 300)), Judgement::Open(true));
        assert_eq!(judge(rare, &runs(0, 600)), Judgement::Holds);
        assert_eq!(judge(rare, &runs(30, 100)), Judgement::Fails);
        assert_eq!(
            judge("p_exhausted >= 0.01", &runs(30, 100)),
            Judgement::Holds
        );
        let none = "p_exhausted == 0";
        assert_eq!(judge(none, &runs(0, 1_000)), Judgement::Open(true));
        assert_eq!(judge(none, &runs(1, 1_000)), Judgement::Fails);
    }

    /// Exhausted at 0 s or never: the median is the one or the other.
    #[test]
    fn a_median_is_judged_by_the_share_of_earlier_runs() {
        let judge = |text: &str, runs: &[RunSummary]| {
            Goal::parse(text).expect("good").judge(runs, &[], 0.05)
        };
        assert_eq!(
            judge("exhausted_at_s > 5", &runs(30, 100)),
            Judgement::Holds
        );
        assert_eq!(
            judge("exhausted_at_s > 5", &runs(70, 100)),
            Judgement::Fails
        );
        assert_eq!(
            judge("exhausted_at_s > 5", &runs(49, 100)),
            Judgement::Open(true)
        );
        assert_eq!(
            judge("exhausted_at_s <= 0", &runs(70, 100)),
            Judgement::Open(true)
        );
    }

    #[test]
    fn ratios_and_means_are_judged_by_the_differences_of_the_runs() {
        let mut runs = vec![RunSummary::default(); 40];
        for (index, run) in runs.iter_mut().enumerate() {
            run.requests.submitted = 100;
            run.requests.failed = 4 + index as u64 % 3;
        }
        let judge = |text: &str| Goal::parse(text).expect("good").judge(&runs, &[], 0.05);
        assert_eq!(judge("failed_share < 0.055"), Judgement::Holds);
        assert_eq!(judge("failed_share < 0.045"), Judgement::Fails);
        assert_eq!(judge("failed_share < 0.05"), Judgement::Open(true));
        assert_eq!(
            judge("failed < 5.5 and failed_share < 0.045"),
            Judgement::Fails
        );
        assert_eq!(judge("failed < 5.5 and failed > 4.5"), Judgement::Holds);
    }

    #[test]
    fn few_runs_that_agree_are_not_certain() {
        let goal = Goal::parse("failed < 1").expect("good");
        let busy = |of: usize| {
            let mut runs = runs(0, of);
            runs.iter_mut().for_each(|run| run.requests.submitted = 200);
            runs
        };
        // One run in 250 may lose all its requests; where none can lose more than two, fewer do.
        assert_eq!(goal.judge(&busy(500), &[], 0.05), Judgement::Open(true));
        assert_eq!(goal.judge(&busy(3_000), &[], 0.05), Judgement::Holds);
        assert_eq!(goal.judge(&busy(100), &[2.0], 0.05), Judgement::Holds);
        let none = Goal::parse("failed == 0").expect("good");
        assert_eq!(none.judge(&runs(0, 149), &[], 0.05), Judgement::Holds);
    }

    #[test]
    fn nothing_answered_is_not_fast() {
        let goal = Goal::parse("latency_p99_s < 1").expect("good");
        assert!(!goal.holds(&runs(0, 3)));
    }
}
