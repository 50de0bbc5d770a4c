//! The strategy that does best, and why: criterion by criterion, those that are as good as the
//! best stay, until one is left.

use super::verdict::{self, tightest, to_old};
use super::{quoted, remedy};
use crate::model::BestBy;
use crate::record::{RunSummary, Verdict};
use crate::study::{Comparison, StrategyResult, differences};
use crate::units::SimSpan;
use crate::words::number::{count, counted, span};
use crate::words::plain::listed;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A strategy is good that answers this share of what is asked.
const GOOD: f64 = 0.99;

/// The strategy that does best, and how to have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Winner {
    /// Its index in `Comparison::strategies`.
    pub index: usize,
    /// Why it was chosen, in one sentence without a full stop.
    pub reason: String,
    /// Whether it answers nearly all that is asked.
    pub good: bool,
    /// What it changes: lines of C#, configuration or shell. Empty when it changes nothing.
    pub changes: Vec<String>,
    /// What to say where there is nothing to change, without a full stop.
    pub without_change: Option<String>,
}

impl Winner {
    /// The best of a comparison.
    pub(super) fn of(comparison: &Comparison) -> Winner {
        let left = Selection::of(comparison);
        let index = left.places[0];
        let winner = &comparison.strategies[index];
        let changes = remedy::lines(&comparison.scenario, &winner.name);
        let without_change = changes
            .is_empty()
            .then(|| without_change(comparison, winner));
        Winner {
            index,
            reason: left.reason(comparison),
            good: is_good(winner),
            changes,
            without_change,
        }
    }
}

/// What to say of a winner that asks nobody to change anything.
fn without_change(comparison: &Comparison, winner: &StrategyResult) -> String {
    if remedy::is_of_the_model(&comparison.scenario, &winner.name) {
        return "what it changes is a switch of the model, not a setting".into();
    }
    if submitted(winner) == 0.0 {
        return "it changes nothing; nothing was asked, so nothing can be advised".into();
    }
    let is_well = |it: &StrategyResult| is_good(it) && it.verdict() == Verdict::Safe;
    if is_well(winner) {
        return "no change is needed for it".into();
    }
    let verdict = winner.verdict();
    let flaw = match verdict {
        Verdict::Safe => "does not answer what is asked",
        _ => verdict.as_str(),
    };
    let is = if verdict == Verdict::Safe { "" } else { "is " };
    let rest = if comparison.strategies.iter().any(is_well) {
        "it is no cure"
    } else {
        "no strategy here is a cure"
    };
    format!("it changes nothing and {is}{flaw}: {rest}")
}

/// Whether a strategy answers nearly all requests; those on the wire at the end are not lost, but
/// none answered is no answer.
pub(super) fn is_good(result: &StrategyResult) -> bool {
    let due = |run: &RunSummary| (run.requests.submitted - run.requests.on_wire) as f64;
    let answers = result.mean(answered);
    answers >= GOOD * result.mean(due) && (answers > 0.0 || submitted(result) == 0.0)
}

fn submitted(result: &StrategyResult) -> f64 {
    result.mean(|run| run.requests.submitted as f64)
}

fn answered(run: &RunSummary) -> f64 {
    run.requests.succeeded as f64
}

fn opened(run: &RunSummary) -> f64 {
    run.connections.opened as f64
}

/// Those that are as good as the best by every criterion so far.
struct Selection {
    /// In the order of the file; never empty.
    places: Vec<usize>,
    /// The criteria by which fewer were left, in their order.
    decided_by: Vec<Criterion>,
    /// Those that are as good but ask more of people, in the order of the file.
    ask_more: Vec<usize>,
}

/// By what strategies are told apart, in this order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Criterion {
    AsAsked(BestBy),
    Answered,
    Verdict,
    ToOldAddress,
    Peak,
    Opened,
}

impl Criterion {
    const USUAL: [Criterion; 5] = [
        Criterion::Answered,
        Criterion::Verdict,
        Criterion::ToOldAddress,
        Criterion::Peak,
        Criterion::Opened,
    ];

    /// How bad a strategy is by it.
    fn badness(self, one: &StrategyResult) -> f64 {
        match self {
            Criterion::AsAsked(BestBy::FewestFailed) => one.mean(|run| run.requests.failed as f64),
            Criterion::AsAsked(BestBy::FewestPorts) => one.mean(|run| run.ports.peak as f64),
            Criterion::AsAsked(BestBy::ShortestWait) => one.mean(|run| run.queue.p99.seconds()),
            Criterion::AsAsked(BestBy::FewestToOldAddress) | Criterion::ToOldAddress => to_old(one),
            Criterion::Answered => -one.mean(answered),
            Criterion::Verdict => {
                let runs = one.runs.len() as f64;
                let exhausted = one.exhausted_count() as f64 / (runs + 1.0);
                f64::from(one.verdict() as u8) + exhausted
            }
            // A port more or less is no merit.
            Criterion::Peak => {
                let tightest = tightest(one);
                (tightest.peak * 20 / tightest.limit.max(1)) as f64
            }
            Criterion::Opened => one.mean(opened),
        }
    }

    /// Whether a strategy is as good as the best by it.
    fn ties(self, best: &StrategyResult, other: &StrategyResult) -> bool {
        if self.badness(other) <= self.badness(best) {
            return true;
        }
        // A connection more or less is chance where the runs do not tell; one run is what it is.
        let read = match self {
            Criterion::Answered => answered,
            Criterion::Opened if best.runs.len() > 1 => opened,
            _ => return false,
        };
        // What is on the wire at the end might have been answered as well.
        let on_wire = |result: &StrategyResult| result.mean(|run| run.requests.on_wire as f64);
        if let Some(difference) = differences::between(best, other, read, 1) {
            !difference.is_distinguishable()
        } else {
            let lead = best.mean(answered) - other.mean(answered);
            self == Criterion::Answered && lead <= on_wire(best).max(on_wire(other))
        }
    }
}

impl Selection {
    fn of(comparison: &Comparison) -> Selection {
        let strategies = &comparison.strategies;
        let asked = comparison.scenario.best.map(Criterion::AsAsked);
        let mut left = Selection {
            places: (0..strategies.len()).collect(),
            decided_by: Vec::new(),
            ask_more: Vec::new(),
        };
        for criterion in asked.into_iter().chain(Criterion::USUAL) {
            let badness = |place: &usize| criterion.badness(&strategies[*place]);
            // `min_by` keeps the first of equals.
            let best = (left.places.iter().copied())
                .min_by(|one, other| badness(one).total_cmp(&badness(other)));
            let best = &strategies[best.expect("there is always one left")];
            let before = left.places.len();
            (left.places).retain(|place| criterion.ties(best, &strategies[*place]));
            if left.places.len() < before {
                left.decided_by.push(criterion);
            }
        }
        // Nobody is told to change what changes nothing for the better.
        let effort = |place: usize| remedy::effort(&comparison.scenario, &strategies[place].name);
        let least = left.places.iter().map(|it| effort(*it)).min();
        let is_least = |place: &usize| Some(effort(*place)) == least;
        (left.places, left.ask_more) = left.places.iter().copied().partition(is_least);
        left
    }

    /// Why the first of those that are left is the best.
    fn reason(&self, comparison: &Comparison) -> String {
        let strategies = &comparison.strategies;
        let winner = &strategies[self.places[0]];
        let mut text = Self::answers(strategies, winner);
        if let Some((last, before)) = self.decided_by.split_last() {
            text += "; ";
            text += &match last {
                Criterion::Answered if before.is_empty() => self.runners_up(strategies),
                last => Self::among(before, winner) + &merit(*last, winner),
            };
        }
        let named = |places: &[usize], (one, many): (&str, &str)| {
            let names: Vec<String> = places.iter().map(|it| quoted(&strategies[*it])).collect();
            match names.len() {
                0 => String::new(),
                1 => format!("; {} {one}", listed(&names)),
                _ => format!("; {} {many}", listed(&names)),
            }
        };
        text += &named(&self.places[1..], ("is as good", "are as good"));
        let more = (
            "is as good, but changes more",
            "are as good, but change more",
        );
        text + &named(&self.ask_more, more)
    }

    /// "answers all 9,031 requests", "none is good: even this one answers only 300 of 6,001".
    fn answers(strategies: &[StrategyResult], winner: &StrategyResult) -> String {
        let asked = submitted(winner);
        if asked == 0.0 {
            return "no request arrives".into();
        }
        let (answered, requests) = (winner.mean(answered), counted(asked, "request", "requests"));
        let answers = if count(answered) == count(asked) {
            match &*count(asked) {
                "1" => "answers its one request".into(),
                _ => format!("answers all {requests}"),
            }
        } else if answered < 0.5 {
            format!("answers none of {requests}")
        } else if is_good(winner) {
            format!("answers {} of {requests}", count(answered))
        } else {
            format!("answers only {} of {requests}", count(answered))
        };
        if strategies.len() == 1 || strategies.iter().any(is_good) {
            answers
        } else {
            format!("none is good: even this one {answers}")
        }
    }

    /// "the other answers 300": what those come to that answer less.
    fn runners_up(&self, strategies: &[StrategyResult]) -> String {
        let others = (0..strategies.len()).filter(|place| !self.places.contains(place));
        let answers: Vec<f64> = others.map(|it| strategies[it].mean(answered)).collect();
        let most = count(answers.iter().copied().fold(0.0, f64::max));
        match answers.len() {
            1 => format!("the other answers {most}"),
            _ => format!("the others answer at most {most}"),
        }
    }

    /// "of those that answer as many and are safe, ": who was left to be better than.
    fn among(before: &[Criterion], winner: &StrategyResult) -> String {
        let are = |it: &Criterion| match it {
            Criterion::AsAsked(_) => "have as good a result".into(),
            Criterion::Answered => "answer as many".into(),
            Criterion::Verdict => format!("are {}", verdict::in_words(winner)),
            Criterion::ToOldAddress => "send as few requests to the old address".into(),
            Criterion::Peak | Criterion::Opened => "have as low a peak".into(),
        };
        let are: Vec<String> = before.iter().map(are).collect();
        if are.is_empty() {
            return String::new();
        }
        format!("of those that {}, ", listed(&are))
    }
}

/// What the winner has that the last of the others have not.
fn merit(criterion: Criterion, winner: &StrategyResult) -> String {
    let value = criterion.badness(winner);
    match criterion {
        Criterion::AsAsked(by) => {
            let named = BestBy::NAMES.iter().find(|(_, it)| *it == by);
            let (asked, _) = named.expect("every one has a name");
            let what = match by {
                BestBy::ShortestWait if value.is_finite() => {
                    span(SimSpan::from_seconds_rounded(value))
                }
                BestBy::ShortestWait => "longer than any that ended".into(),
                _ => count(value),
            };
            format!("it has the {asked}, as the scenario asks: {what}")
        }
        Criterion::Answered => "it answers the most".into(),
        Criterion::Verdict => {
            let verdict = verdict::in_words(winner);
            format!("it has the best verdict, {verdict}")
        }
        Criterion::ToOldAddress => {
            let sent = count(value);
            format!("it sends the fewest requests to the old address, {sent}")
        }
        Criterion::Peak => {
            let peak = tightest(winner).in_words();
            format!("its peak takes the smallest share of the ports, {peak}")
        }
        Criterion::Opened => format!("it opens the fewest connections, {}", count(value)),
    }
}
