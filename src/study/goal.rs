//! Conditions on results: `METRIC OP NUMBER`, joined by `and` and `or`; for `--fail-if`, `--goal`.

use super::metric::Metric;
use super::part::{OfPart, PartError, UnknownMetric};
use crate::model::{Part, Scenario};
use crate::record::RunSummary;
use crate::stats::estimate::Confidence;
use crate::units::{SimSpan, SimTime, rounded};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

/// Digits of a value that people are shown as evidence.
const DIGITS_SEEN: usize = 6;

/// Conditions of which one or more groups must be true; `and` binds closer than `or`.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Conditions that must all be true; one of these groups suffices.
    alternatives: Vec<Vec<Condition>>,
}

/// Why a text is no goal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoalError {
    /// It has no operator.
    #[error("METRIC OP NUMBER is expected, as in `ports_peak_share >= 0.8`")]
    Form,
    /// What stands before the operator.
    #[error(transparent)]
    Metric(#[from] UnknownMetric),
    /// Nothing stands behind this metric and operator.
    #[error("a number is expected after `{0} {1}`")]
    NumberMissing(String, &'static str),
    /// What stands behind the operator.
    #[error("`{0}` is not a number; it may end in %, or in a unit of time")]
    NotANumber(String),
}

/// One comparison of a metric with a number.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What is compared.
    pub metric: &'static Metric,
    /// The same, as it is written.
    of: OfPart,
    /// The part that this is, once it is known of which scenario.
    part: Option<Part>,
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

    /// The judgement of conditions that must all hold.
    fn all(judged: impl Iterator<Item = Judgement>) -> Judgement {
        judged.fold(Judgement::Holds, |all, it| match (all, it) {
            (Judgement::Fails, _) | (_, Judgement::Fails) => Judgement::Fails,
            (Judgement::Holds, it) => it,
            (all, Judgement::Holds) => all,
            (Judgement::Open(all), Judgement::Open(it)) => Judgement::Open(all && it),
        })
    }

    /// The judgement of conditions of which one must hold: not one of their opposites may.
    fn any(judged: impl Iterator<Item = Judgement>) -> Judgement {
        !Judgement::all(judged.map(|it| !it))
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

impl core::ops::Not for Judgement {
    type Output = Judgement;

    fn not(self) -> Judgement {
        match self {
            Judgement::Holds => Judgement::Fails,
            Judgement::Fails => Judgement::Holds,
            Judgement::Open(leaning) => Judgement::Open(!leaning),
        }
    }
}

impl Goal {
    /// Reads `METRIC OP NUMBER and METRIC OP NUMBER or …`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Goal, GoalError> {
        // These words stand alone: no metric, operator or number is one of them.
        let words: Vec<&str> = text.split_whitespace().collect();
        let is = |which: &'static str| move |word: &&str| word.eq_ignore_ascii_case(which);
        let all = |words: &[&str]| -> Result<Vec<Condition>, GoalError> {
            let conditions = words.split(is("and"));
            conditions
                .map(|it| Condition::parse(&it.concat()))
                .collect()
        };
        let alternatives = words.split(is("or")).map(all).collect::<Result<_, _>>()?;
        Ok(Goal { alternatives })
    }

    /// The goal for runs of `scenario`, which is told of the parts that it asks for.
    ///
    /// # Errors
    /// It asks for a part that is not there, or that has not what is asked.
    pub fn aimed(&self, scenario: &mut Scenario) -> Result<Goal, PartError> {
        let mut goal = self.clone();
        for it in goal.alternatives.iter_mut().flatten() {
            it.part = it.of.part(scenario)?;
            let new = it.part.filter(|part| !scenario.parts.contains(part));
            scenario.parts.extend(new);
        }
        Ok(goal)
    }

    /// The conditions, in the order written.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> + '_ {
        self.alternatives.iter().flatten()
    }

    /// The conditions, where all of them must be true.
    pub fn all_of(&self) -> Option<&[Condition]> {
        match &self.alternatives[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The goal as a question that each run answers by yes or no, where it is one.
    pub fn by_run(&self) -> Option<ByRun> {
        let [only] = self.all_of()? else {
            return None;
        };
        let share = match only.metric.name {
            "p_exhausted" => only.number,
            "exhausted_at_s" => 0.5,
            _ => return None,
        };
        let is_open = share > 0.0 && share < 1.0 && only.op.text != "==";
        (is_open && !only.is_of_a_part()).then(|| ByRun {
            condition: only.clone(),
            share,
        })
    }

    /// Whether it is true of the values of `runs`.
    pub fn holds(&self, runs: &[RunSummary]) -> bool {
        self.holds_of(runs, None)
    }

    /// The same; the share of runs that are refused a port is `exhausted` where that is known
    /// better than by counting.
    pub fn holds_of(&self, runs: &[RunSummary], exhausted: Option<f64>) -> bool {
        let value = |it: &Condition| {
            let known = exhausted.filter(|_| it.is_of_exhaustion());
            known.or_else(|| it.metric.value(&it.runs(runs)))
        };
        let is_true = |it: &Condition| it.is_true_of(value(it));
        self.alternatives.iter().any(|all| all.iter().all(is_true))
    }

    /// What `runs` say; wrong with a probability of at most `error`, however often it is asked
    /// while runs are added. `rises` says how far above the number of each condition a run may
    /// lie at most, where that is known: see [`Goal::rises`].
    pub fn judge(&self, runs: &[RunSummary], rises: &[f64], error: f64) -> Judgement {
        // One wrong condition makes the goal wrong: they share what may go wrong.
        let error = error / self.conditions().count() as f64;
        let rise = |place: usize| rises.get(place).copied().unwrap_or(f64::INFINITY);
        let conditions = self.conditions().enumerate();
        let judged = conditions.map(|(place, it)| it.judge(runs, rise(place), error));
        let mut judged = judged.collect::<Vec<_>>().into_iter();
        let alternatives = self.alternatives.iter();
        Judgement::any(alternatives.map(|all| Judgement::all(judged.by_ref().take(all.len()))))
    }

    /// How far above the number of each condition a run may lie that is no worse than `runs`: in a
    /// law that they show well no run is further out than six deviations.
    pub fn rises(&self, runs: &[RunSummary]) -> Vec<f64> {
        let rise = |it: &Condition| it.metric.rise(&it.runs(runs), it.number);
        self.conditions().map(rise).collect()
    }

    /// The metrics of `runs` that the conditions ask for: `ports_peak = 5000`.
    pub fn values(&self, runs: &[RunSummary]) -> String {
        let text = |it: &Condition| {
            let name = it.of.name();
            let confidence = Confidence::new(0.95, runs.len());
            let found = it.metric.estimate(&it.runs(runs), confidence);
            match (found.value, found.above) {
                (None, _) => format!("{name} is undefined"),
                (_, Some(above)) => format!("{name} > {}", rounded(above, DIGITS_SEEN)),
                (Some(value), _) if value.is_finite() => {
                    format!("{name} = {}", rounded(value, DIGITS_SEEN))
                }
                (Some(_), _) => format!("{name} = never"),
            }
        };
        let values: Vec<String> = self.conditions().map(text).collect();
        values.join(", ")
    }
}

/// A goal that asks in which share of runs ports are refused, at all or by some time.
#[derive(Clone, Debug)]
pub struct ByRun {
    condition: Condition,
    /// Against which share of runs that is held: of a median, half of them.
    pub share: f64,
}

impl ByRun {
    /// The time by which a run would have to be refused a port; `None` asks for the whole run.
    fn time(&self) -> Option<f64> {
        (self.condition.metric.name == "exhausted_at_s").then_some(self.condition.number)
    }

    /// After this instant a run has nothing to say any more.
    pub fn until(&self) -> SimTime {
        let nanos = |seconds: f64| SimTime::from_nanos(libm::ceil(seconds * 1e9) as u64);
        self.time().map_or(SimTime::NEVER, nanos)
    }

    /// Whether a run is one of those that are counted, which was first refused a port then.
    pub fn is_hit(&self, refused_at: Option<SimTime>) -> bool {
        let Some(number) = self.time() else {
            return refused_at.is_some();
        };
        let is_included = matches!(self.condition.op.text, ">" | "<=");
        let is_early = |at: f64| at < number || is_included && at <= number;
        refused_at.is_some_and(|at| is_early(at.as_seconds()))
    }

    /// Whether the goal holds where the share of such runs is on this side of [`ByRun::share`].
    pub fn holds_on(&self, side: Ordering) -> bool {
        // The more runs are refused ports early, the earlier is the median.
        let of_metric = match self.time() {
            None => side,
            Some(_) => side.reverse(),
        };
        self.condition.is_true_on(of_metric)
    }

    /// Whether it holds as far as `hits` of `of` runs show.
    pub fn seems_to_hold(&self, hits: usize, of: usize) -> bool {
        let share = hits as f64 / of as f64;
        match self.time() {
            None => self.condition.is_true_of(Some(share)),
            Some(_) if share >= 0.5 => self.holds_on(Ordering::Greater),
            Some(_) => self.holds_on(Ordering::Less),
        }
    }

    /// What so many runs show, for people.
    pub fn text(&self, hits: usize, of: usize) -> String {
        let share = rounded(hits as f64 / of as f64, DIGITS_SEEN);
        match self.time() {
            None => format!("{} = {share}", self.condition.metric.name),
            Some(number) => format!("a share of {share} ran out by {number} s"),
        }
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition, GoalError> {
        let found = OPS
            .iter()
            .filter_map(|op| Some((text.find(op.text)?, op)))
            .min_by_key(|(at, _)| *at);
        let Some((at, op)) = found else {
            return Err(GoalError::Form);
        };
        let name = &text[..at];
        let number = &text[at + op.text.len()..];
        let of = OfPart::parse(name)?;
        let number = quantity(number).ok_or_else(|| match number {
            "" => GoalError::NumberMissing(name.into(), op.text),
            other => GoalError::NotANumber(other.into()),
        })?;
        Ok(Condition {
            metric: of.metric,
            of,
            part: None,
            op: *op,
            number,
        })
    }

    /// Whether it is asked of a part of the run only.
    pub const fn is_of_a_part(&self) -> bool {
        !self.of.aim.is_empty()
    }

    /// Whether it is asked in which share of whole runs a port is refused.
    pub fn is_of_exhaustion(&self) -> bool {
        self.metric.name == "p_exhausted" && !self.is_of_a_part()
    }

    /// Whether it asks that a value is exactly some number, which no number of runs shows of one
    /// that differs from run to run: nothing is below 0, so that at most 0 is exactly that.
    pub fn is_exact(&self) -> bool {
        self.op.text == "==" || self.op.text == "<=" && self.number <= 0.0
    }

    /// Whether the condition is true of this value of its metric.
    pub fn is_true_of(&self, value: Option<f64>) -> bool {
        let value = value.unwrap_or(self.metric.when_absent());
        (self.op.holds)(&value, &self.number)
    }

    /// The runs, or that part of each which is asked for.
    ///
    /// # Panics
    /// If it was never aimed at the scenario of these runs.
    fn runs<'r>(&self, runs: &'r [RunSummary]) -> Cow<'r, [RunSummary]> {
        assert!(
            self.of.aim.is_empty() == self.part.is_none(),
            "the goal was not aimed"
        );
        let Some(part) = self.part else {
            return Cow::Borrowed(runs);
        };
        let of = |run: &RunSummary| {
            let found = run.parts.iter().find(|(it, _)| *it == part);
            found.expect("the scenario was told of it").1.clone()
        };
        Cow::Owned(runs.iter().map(of).collect())
    }

    fn judge(&self, runs: &[RunSummary], rise: f64, error: f64) -> Judgement {
        let runs = &self.runs(runs);
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

/// A finite number: as it is, in per cent, or a time in seconds.
fn quantity(text: &str) -> Option<f64> {
    let number = |text: &str| text.parse().ok().filter(|it: &f64| it.is_finite());
    if let Some(percent) = text.strip_suffix('%') {
        return number(percent).map(|it| it / 100.0);
    }
    let time = || {
        SimSpan::parse(text)
            .ok()
            .map(super::super::units::SimSpan::as_seconds)
    };
    number(text).or_else(time)
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, all) in self.alternatives.iter().enumerate() {
            f.write_str(if place > 0 { " or " } else { "" })?;
            for (place, it) in all.iter().enumerate() {
                let and = if place > 0 { " and " } else { "" };
                let (name, op) = (it.of.name(), it.op.text);
                write!(f, "{and}{name} {op} {}", it.number)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

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
    fn numbers_may_have_a_unit_and_conditions_be_alternatives() {
        let goal = Goal::parse("failed_share >= 1% or latency_p99_s > 250ms and opened > 2");
        let goal = goal.expect("good");
        assert_eq!(
            goal.to_string(),
            "failed_share >= 0.01 or latency_p99_s > 0.25 and opened > 2"
        );
        assert!(goal.all_of().is_none());
        let mut runs = runs(0, 1);
        runs[0].requests.submitted = 100;
        assert!(!goal.holds(&runs), "nothing is opened");
        runs[0].requests.failed = 1;
        assert!(goal.holds(&runs));
        assert_eq!(goal.judge(&runs, &[], 0.05), Judgement::Open(true));
        (runs[0].requests.failed, runs[0].connections.opened) = (0, 3);
        assert!(goal.holds(&runs), "nothing answered is not fast");
    }

    #[test]
    fn one_alternative_that_holds_suffices() {
        let judge = |text: &str| {
            Goal::parse(text)
                .expect("good")
                .judge(&runs(30, 100), &[], 0.05)
        };
        assert_eq!(
            judge("p_exhausted > 0.9 or p_exhausted > 0.1"),
            Judgement::Holds
        );
        assert_eq!(
            judge("p_exhausted > 0.9 or p_exhausted > 0.8"),
            Judgement::Fails
        );
        assert_eq!(
            judge("p_exhausted > 0.9 or p_exhausted > 0.29"),
            Judgement::Open(true)
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = |text| Goal::parse(text).expect_err("bad").to_string();
        assert!(problem("ports").starts_with("METRIC OP NUMBER is expected"));
        assert!(problem("ports > 1").starts_with("unknown metric `ports`; metrics are p_exh"));
        assert_eq!(
            problem("opened > many"),
            "`many` is not a number; it may end in %, or in a unit of time"
        );
        assert_eq!(
            problem("opened > and failed < 1"),
            "a number is expected after `opened >`"
        );
        assert_eq!(
            problem("faild < 1").split(';').next(),
            Some("unknown metric `faild`, did you mean `failed`?")
        );
        assert_eq!(
            problem("opened > NaN"),
            "`NaN` is not a number; it may end in %, or in a unit of time"
        );
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
            for run in &mut runs {
                run.requests.submitted = 200;
            }
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
    fn a_goal_may_be_a_question_to_each_run() {
        let by_run = |text| Goal::parse(text).expect("good").by_run();
        let time = |seconds: u64| Some(SimTime::from_nanos(seconds * 1_000_000_000));
        let rare = by_run("p_exhausted < 0.01").expect("it is");
        assert!(rare.is_hit(time(5)) && !rare.is_hit(None));
        assert!(rare.holds_on(Ordering::Less) && !rare.holds_on(Ordering::Greater));
        assert!(rare.seems_to_hold(0, 30) && !rare.seems_to_hold(1, 30));
        // The median is above 5 s where less than half of the runs ran out until then.
        for (text, at_5, early) in [
            ("exhausted_at_s > 5", true, false),
            ("exhausted_at_s >= 5", false, false),
            ("exhausted_at_s < 5", false, true),
            ("exhausted_at_s <= 5", true, true),
        ] {
            let median = by_run(text).expect("it is");
            assert_eq!(median.is_hit(time(5)), at_5, "{text}");
            assert!(median.is_hit(time(4)) && !median.is_hit(time(6)), "{text}");
            assert_eq!(median.until(), time(5).expect("set"));
            assert_eq!(median.holds_on(Ordering::Greater), early, "{text}");
            assert_eq!(median.seems_to_hold(15, 30), early, "{text}");
        }
        for other in [
            "p_exhausted == 0.5",
            "p_exhausted < 0",
            "failed < 1",
            "p_exhausted < 0.1 and failed < 9",
            "p_exhausted[billing] < 0.1",
        ] {
            assert!(by_run(other).is_none(), "{other}");
        }
    }

    #[test]
    fn nothing_answered_is_not_fast() {
        let goal = Goal::parse("latency_p99_s < 1").expect("good");
        assert!(!goal.holds(&runs(0, 3)));
    }
}
