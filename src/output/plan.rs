//! What a plan came to: the limits, the closed forms beside them, and what to set.

use super::text_table::{BOLD, Terminal, TextTable};
use crate::findings::remedy;
use crate::model::{Patch, Scenario};
use crate::study::goal::{Goal, Judgement};
use crate::study::plan::{Evidence, Found, Refusal};
use crate::study::vary::Range;
use crate::words::number::{counted, metric};
use crate::words::plain;
use serde::Serialize;

/// A plan's answers.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The scenario at the lower end of the range.
    pub scenario: Scenario,
    /// The key that was searched.
    pub key: String,
    /// What must hold.
    pub goal: String,
    /// Between which values.
    pub range: Range,
    /// One per strategy.
    pub answers: Vec<Answer>,
}

/// One strategy's answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The strategy's name.
    pub strategy: String,
    /// The limit, or why there is none.
    pub found: Result<Found, Refusal>,
    /// The limit by the closed form, and its formula.
    pub theory: Option<(f64, &'static str)>,
    /// How many runs were made in all.
    pub runs: u64,
    /// How many events they took.
    pub events: u64,
}

impl Answer {
    /// The limit, where there is one.
    pub fn limit(&self) -> Option<f64> {
        self.found.as_ref().ok().map(|found| found.limit)
    }
}

impl Plan {
    /// The strategy that goes furthest: one that has no limit in the range, else the largest
    /// limit where large values break the goal, or the smallest where small ones do; the first
    /// of equals.
    pub fn winner(&self) -> Option<&Answer> {
        let always = |it: &&Answer| matches!(it.found, Err(Refusal::HoldsAtBoth(_)));
        if let Some(answer) = self.answers.iter().find(always) {
            return Some(answer);
        }
        let rank = |answer: &Answer| {
            let found = answer.found.as_ref().ok()?;
            Some(if found.holds_below {
                found.limit
            } else {
                -found.limit
            })
        };
        let ranked = self.answers.iter().filter(|it| rank(it).is_some());
        // `max_by` keeps the last of equals.
        ranked.rev().max_by(|one, other| {
            rank(one)
                .partial_cmp(&rank(other))
                .unwrap_or(core::cmp::Ordering::Equal)
        })
    }

    fn text(&self, value: f64) -> String {
        self.range.text(value)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    spsim: &'static str,
    scenario: &'a str,
    vary: &'a str,
    goal: &'a str,
    unit: Option<&'static str>,
    results: Vec<AnswerRow<'a>>,
}

#[derive(Serialize)]
struct AnswerRow<'a> {
    strategy: &'a str,
    limit: Option<f64>,
    lo: Option<f64>,
    hi: Option<f64>,
    closed_form: Option<f64>,
    formula: Option<&'static str>,
    certain: Option<bool>,
    runs: u64,
    events: u64,
    reason: Option<String>,
    refused: Option<&'static str>,
    evidence: Vec<Seen<'a>>,
}

#[derive(Serialize)]
struct Seen<'a> {
    at: f64,
    holds: bool,
    certain: bool,
    runs: u32,
    values: &'a str,
}

/// `plan --json`. Times are in the unit of the range, which is named.
pub fn json(plan: &Plan) -> String {
    let document = Document {
        spsim: env!("CARGO_PKG_VERSION"),
        scenario: &plan.scenario.name,
        vary: &plan.key,
        goal: &plan.goal,
        unit: plan.range.unit(),
        results: plan.answers.iter().map(|it| row(plan, it)).collect(),
    };
    serde_json::to_string_pretty(&document).expect("texts and finite numbers are always JSON")
}

fn row<'a>(plan: &Plan, answer: &'a Answer) -> AnswerRow<'a> {
    let (found, refused, evidence) = match &answer.found {
        Ok(found) => (Some(found), None, &found.evidence),
        Err(refusal) => (None, Some(word(refusal)), evidence(refusal)),
    };
    AnswerRow {
        strategy: &answer.strategy,
        limit: found.map(|it| it.limit),
        lo: found.and_then(|it| it.low),
        hi: found.and_then(|it| it.high),
        closed_form: answer.theory.map(|(limit, _)| limit),
        formula: answer.theory.map(|(_, formula)| formula),
        certain: found.map(|it| it.is_certain),
        runs: answer.runs,
        events: answer.events,
        reason: found.and_then(|it| open(plan, it)),
        refused,
        evidence: evidence.iter().map(seen).collect(),
    }
}

fn seen(it: &Evidence) -> Seen<'_> {
    Seen {
        at: it.at,
        holds: it.judgement.leans_to_hold(),
        certain: it.judgement.is_certain(),
        runs: it.runs,
        values: &it.seen,
    }
}

const fn word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::HoldsAtBoth(_) => "holds at both ends",
        Refusal::HoldsAtNeither(_) => "holds at neither end",
        Refusal::NotMonotone(_) => "not monotone",
    }
}

const fn evidence(refusal: &Refusal) -> &Vec<Evidence> {
    match refusal {
        Refusal::HoldsAtBoth(all) | Refusal::HoldsAtNeither(all) | Refusal::NotMonotone(all) => all,
    }
}

/// What the runs leave open of a limit, why, and what would settle it; `None` where they suffice.
fn open(plan: &Plan, found: &Found) -> Option<String> {
    let range = &plan.range;
    let is_share = Goal::parse(&plan.goal).is_ok_and(|it| it.by_run().is_some());
    let end = match (found.low, found.high) {
        (Some(_), Some(_)) if found.is_certain => return None,
        (Some(_), Some(_)) => {
            return Some(
                "chance hides the limit between these; more --replications bring them nearer"
                    .into(),
            );
        }
        (None, _) => range.low(),
        (_, None) => range.high(),
    };
    let there = found
        .evidence
        .iter()
        .find(|it| it.at.to_bits() == end.to_bits())?;
    let holds = if there.judgement.leans_to_hold() {
        "holds"
    } else {
        "is broken"
    };
    let runs = counted(f64::from(there.runs), "run", "runs");
    let (at, seen) = (range.text(end), &there.seen);
    let why = if is_share {
        "; more --replications show it"
    } else {
        ", because rare runs that differ much would change the mean and may not be among them; more \
         --replications show it, or a goal of `p_exhausted`, which no size of a run can change"
    };
    Some(format!(
        "one cannot tell: {runs} at {at} ({seen}) do not show that the goal {holds} there{why}"
    ))
}

/// Why a strategy has no limit, with what was seen.
pub fn refusal(plan: &Plan, answer: &Answer, refusal: &Refusal) -> String {
    let seen = evidence(refusal).iter().map(|it| {
        let holds = match it.judgement {
            Judgement::Holds => "holds",
            Judgement::Fails => "fails",
            Judgement::Open(true) => "seems to hold",
            Judgement::Open(false) => "seems to fail",
        };
        let runs = counted(f64::from(it.runs), "run", "runs");
        format!("at {} it {holds} ({}; {runs})", plan.text(it.at), it.seen)
    });
    let seen: Vec<String> = seen.collect();
    let (what, hint) = match refusal {
        Refusal::HoldsAtBoth(_) => ("holds at both ends", "widen the range"),
        Refusal::HoldsAtNeither(_) => ("holds at neither end", "widen the range"),
        Refusal::NotMonotone(_) => ("has no single limit", "search a part of the range"),
    };
    format!(
        "`{}`: `{}` {what} of {}={}..{}: {}; {hint}",
        answer.strategy,
        plan.goal,
        plan.key,
        plan.text(plan.range.low()),
        plan.text(plan.range.high()),
        seen.join(", "),
    )
}

/// The plan as the terminal shows it; `at_limit` is the scenario at the winner's limit, and what
/// the key changes there.
pub fn text(
    plan: &Plan,
    at_limit: Option<(&Scenario, Option<Patch>)>,
    terminal: Terminal,
) -> String {
    let bold = |text: &str| terminal.painted(BOLD, text);
    let mut text = bold(&plain::short(&plan.scenario.title, 200));
    text += &format!(
        "\nUp to which `{}` does `{}` hold?\n\n",
        plan.key, plan.goal
    );
    text += &table(plan, terminal.width);
    text += &looked_at(plan);
    for answer in &plan.answers {
        let found = answer.found.as_ref().ok();
        if let Some(reason) = found.and_then(|it| open(plan, it)) {
            let name = plain::short(&answer.strategy, 60);
            text += &format!("warning: {name}: {reason}\n");
        }
    }
    let Some(winner) = plan.winner() else {
        return text;
    };
    let name = bold(&plain::short(&winner.strategy, 60));
    let (low, high) = (plan.text(plan.range.low()), plan.text(plan.range.high()));
    text += &match winner.limit() {
        Some(limit) => format!("\nBest: {name}, {} = {}\n", plan.key, plan.text(limit)),
        None => format!("\nBest: {name}, which holds everywhere from {low} to {high}\n"),
    };
    let (scenario, moved) = at_limit.unwrap_or((&plan.scenario, None));
    let settings = remedy::settings(scenario, &winner.strategy, moved);
    if settings.is_empty() {
        text += "      no setting changes\n";
    } else {
        text += "      (rules: `spsim list rules`)\n";
    }
    for setting in settings {
        text += &format!(
            "      {}\n        source: {}\n",
            setting.line, setting.source
        );
    }
    text
}

/// How sure the answers are, and what a search can miss: what lies between the values.
fn looked_at(plan: &Plan) -> String {
    let found = plan.answers.iter().filter_map(|it| it.found.as_ref().ok());
    let Some(fewest) = found.clone().map(Found::values_that_hold).min() else {
        return String::new();
    };
    let is_random = |it: &Found| it.evidence.iter().any(|seen| seen.runs > 1);
    let sure = if found.clone().any(is_random) {
        "Both ends of what is known are right together with 95% confidence.\n"
    } else {
        ""
    };
    if found.clone().all(|it| it.turns_once) {
        return format!(
            "{sure}Along this key each run turns once: there is nothing between the values.\n"
        );
    }
    let least = if found.count() > 1 { "at least " } else { "" };
    let values = counted(fewest as f64, "value", "values");
    format!(
        "{sure}The side that holds was looked at in {least}{values}; failures between them would \
         not be seen.\n"
    )
}

fn known(plan: &Plan, found: &Found) -> String {
    match (found.low, found.high) {
        (Some(low), Some(high)) => format!("{} and {}", plan.text(low), plan.text(high)),
        (Some(low), None) => format!("above {}", plan.text(low)),
        (None, Some(high)) => format!("below {}", plan.text(high)),
        (None, None) => "not known".into(),
    }
}

fn table(plan: &Plan, width: Option<usize>) -> String {
    let mut table = TextTable::new(
        [
            "strategy",
            "limit",
            "known between",
            "closed form",
            "runs",
            "by",
        ],
        &[1, 3, 4],
    );
    for answer in &plan.answers {
        let theory = |value: f64| match plan.range.unit() {
            Some(unit) => format!("{}{unit}", metric(Some(crate::units::rounded(value, 4)))),
            None => metric(Some(crate::units::rounded(value, 4))),
        };
        let (limit, known) = match &answer.found {
            Ok(found) => (plan.text(found.limit), known(plan, found)),
            Err(refusal) => ("–".into(), word(refusal).into()),
        };
        table.row([
            plain::short(&answer.strategy, 32),
            limit,
            known,
            answer
                .theory
                .map_or_else(|| "–".into(), |(value, _)| theory(value)),
            crate::words::number::count(answer.runs as f64),
            answer
                .theory
                .map_or_else(String::new, |(_, formula)| formula.into()),
        ]);
    }
    table.text_in(width)
}
