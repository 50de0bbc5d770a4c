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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{AddressCounts, DurationSummary, Quantile};
    use crate::study::sample;

    /// The best after a change to the strategies, in the order of `places` of the sample.
    fn best(places: &[usize], change: impl Fn(&mut [StrategyResult])) -> Winner {
        let mut comparison = sample::comparison();
        let all = core::mem::take(&mut comparison.strategies);
        comparison.strategies = places.iter().map(|it| all[*it].clone()).collect();
        change(&mut comparison.strategies);
        Winner::of(&comparison)
    }

    /// So many requests, and so many of them answered; the rest fails.
    fn answers(one: &mut StrategyResult, submitted: u64, answered: u64) {
        for run in &mut one.runs {
            run.requests.submitted = submitted;
            run.requests.succeeded = answered;
            run.requests.failed = submitted - answered;
        }
    }

    /// The waits of requests of which one in a hundred is longer than this.
    fn waits(seconds: f64) -> DurationSummary {
        DurationSummary {
            p99: Quantile::At(SimSpan::from_seconds_rounded(seconds).as_nanos()),
            ..DurationSummary::default()
        }
    }

    #[test]
    fn how_much_the_best_answers_is_told_first() {
        let said = |submitted: u64, answered: u64| {
            best(&[1], |all| answers(&mut all[0], submitted, answered)).reason
        };
        assert_eq!(said(0, 0), "no request arrives");
        assert_eq!(said(1, 1), "answers its one request");
        assert_eq!(said(2, 2), "answers all 2 requests");
        assert_eq!(said(100, 99), "answers 99 of 100 requests");
        assert_eq!(said(100, 98), "answers only 98 of 100 requests");
        assert_eq!(said(100, 0), "answers none of 100 requests");
        let none = best(&[1, 2], |all| {
            answers(&mut all[0], 100, 98);
            answers(&mut all[1], 100, 40);
        });
        assert_eq!(
            none.reason,
            "none is good: even this one answers only 98 of 100 requests; the other answers 40"
        );
        assert!(!none.good);
        assert!(best(&[1], |_| {}).good);
    }

    #[test]
    fn those_that_answer_less_are_told_with_their_most() {
        let three = best(&[1, 2, 3], |all| {
            answers(&mut all[1], 9_000, 300);
            answers(&mut all[2], 9_000, 400);
        });
        assert_eq!(
            three.reason,
            "answers all 9,000 requests; the others answer at most 400"
        );
    }

    #[test]
    fn what_is_on_the_wire_at_the_end_might_have_been_answered() {
        let second = |answered: u64, on_wire: [u64; 2]| {
            best(&[1, 2], |all| {
                for (one, on_wire) in all.iter_mut().zip(on_wire) {
                    one.runs[0].requests.on_wire = on_wire;
                }
                let requests = &mut all[1].runs[0].requests;
                (requests.succeeded, requests.in_flight) = (answered, 9_000 - answered);
                // Else better in everything.
                all[1].runs[0].ports.peak = 1;
                all[0].runs[0].ports.peak = 2_000;
            })
        };
        assert_eq!(second(8_995, [0, 5]).index, 1);
        assert_eq!(second(8_995, [5, 0]).index, 1);
        assert_eq!(second(8_995, [4, 4]).index, 0);
        // What is on the wire is not owed.
        assert!(
            best(&[1], |all| {
                answers(&mut all[0], 100, 90);
                all[0].runs[0].requests.on_wire = 10;
            })
            .good
        );
    }

    #[test]
    fn verdicts_decide_among_those_that_answer_as_many() {
        let better = best(&[1, 2], |all| all[0].runs[0].waiting_share = 0.5);
        assert_eq!(
            (better.index, &*better.reason),
            (
                1,
                "answers all 9,000 requests; it has the best verdict, safe"
            )
        );
    }

    /// Among several runs, one that exhausts seldom is better than one that does often.
    #[test]
    fn how_many_runs_exhaust_is_part_of_a_verdict() {
        let mut comparison = sample::replicated();
        comparison.strategies.truncate(2);
        let at = comparison.strategies[0].runs[0].exhausted_at;
        for (one, exhausted) in comparison.strategies.iter_mut().zip([2, 1]) {
            answers(one, 9_000, 9_000);
            for (place, run) in one.runs.iter_mut().enumerate() {
                run.exhausted_at = at.filter(|_| place < exhausted);
            }
        }
        let winner = Winner::of(&comparison);
        assert_eq!(
            (winner.index, &*winner.reason),
            (
                1,
                "answers all 9,000 requests; it has the best verdict, exhausted in 1 of 3 runs"
            )
        );
        // All runs of an exhausted one do not make it worse than the next word.
        let rank = |one: &StrategyResult| Criterion::Verdict.badness(one);
        let exhausted = &comparison.strategies[0];
        assert!((rank(exhausted) - (f64::from(Verdict::Exhausted as u8) + 0.5)).abs() < 1e-12);
    }

    #[test]
    fn the_old_address_the_peak_and_connections_decide_in_this_order() {
        let moved = |to_old: [u64; 2]| {
            best(&[1, 2], |all| {
                for (one, to_old) in all.iter_mut().zip(to_old) {
                    one.runs[0].addresses = Some(AddressCounts {
                        to_old,
                        ..AddressCounts::default()
                    });
                }
            })
        };
        let first = moved([7, 8]);
        assert_eq!(
            (first.index, &*first.reason),
            (
                0,
                "answers all 9,000 requests; it sends the fewest requests to the old address, 7"
            )
        );
        let peak = best(&[1, 2], |all| {
            for (one, peak) in all.iter_mut().zip([250, 249]) {
                one.runs[0].ports.peak = peak;
            }
        });
        assert_eq!(
            (peak.index, &*peak.reason),
            (
                1,
                "answers all 9,000 requests; its peak takes the smallest share of the ports, 249 \
                 of 5,000 ports"
            )
        );
        let opened = best(&[2, 1], |_| {});
        assert_eq!(
            (opened.index, &*opened.reason),
            (
                1,
                "answers all 9,000 requests; it opens the fewest connections, 32"
            )
        );
        let last = best(&[1; 6], |all| {
            answers(&mut all[0], 9_000, 8_000);
            all[1].runs[0].waiting_share = 0.5;
            let to_old = AddressCounts {
                to_old: 1,
                ..AddressCounts::default()
            };
            all[2].runs[0].addresses = Some(to_old);
            all[3].runs[0].ports.peak = 2_000;
            all[5].runs[0].connections.opened = 31;
        });
        assert_eq!(
            (last.index, &*last.reason),
            (
                5,
                "answers all 9,000 requests; of those that answer as many, are safe, send as few \
                 requests to the old address and have as low a peak, it opens the fewest \
                 connections, 31"
            )
        );
    }

    #[test]
    fn a_chance_connection_decides_only_in_single_runs() {
        let mut comparison = sample::replicated();
        comparison.strategies.drain(..2);
        let differ = |comparison: &mut Comparison, opened: [[u64; 3]; 2]| {
            for (one, opened) in comparison.strategies.iter_mut().zip(opened) {
                for (run, opened) in one.runs.iter_mut().zip(opened) {
                    run.ports.peak = 9;
                    run.connections.opened = opened;
                }
            }
            Selection::of(comparison).places
        };
        assert_eq!(
            differ(&mut comparison, [[50, 60, 70], [70, 59, 50]]),
            [0, 1]
        );
        assert_eq!(
            differ(&mut comparison, [[50, 60, 70], [150, 160, 171]]),
            [0]
        );
    }

    #[test]
    fn what_the_scenario_asks_for_decides_first() {
        let asked = |by: BestBy, change: fn(&mut [StrategyResult])| {
            let mut comparison = sample::comparison();
            comparison.scenario.best = Some(by);
            comparison.strategies.truncate(2);
            change(&mut comparison.strategies);
            let winner = Winner::of(&comparison);
            (winner.index, winner.reason)
        };
        let (index, reason) = asked(BestBy::ShortestWait, |all| {
            all[0].runs[0].queue = waits(2.0);
            all[1].runs[0].queue = waits(3.0);
        });
        assert_eq!(index, 0);
        assert_eq!(
            reason,
            "answers only 5,000 of 9,000 requests; it has the shortest wait, as the scenario \
             asks: 2 s"
        );
        let (index, reason) = asked(BestBy::FewestPorts, |all| {
            all[0].runs[0].ports.peak = 31;
        });
        assert_eq!(index, 0);
        assert!(
            reason.ends_with("it has the fewest ports, as the scenario asks: 31"),
            "{reason}"
        );
        let (index, reason) = asked(BestBy::FewestFailed, |_| {});
        assert_eq!(index, 1);
        assert!(reason.contains("the fewest failed"), "{reason}");
        // A tie leaves it to the usual criteria.
        let (index, reason) = asked(BestBy::ShortestWait, |all| {
            for one in all {
                one.runs[0].queue = waits(2.0);
            }
        });
        assert_eq!(index, 1);
        assert_eq!(
            reason,
            "answers all 9,000 requests; the other answers 5,000"
        );
    }

    #[test]
    fn as_good_ones_are_named_with_what_they_ask() {
        // The second and third do the same; "as is" and a copy of it ask nothing.
        let same = best(&[1, 1, 1], |all| all[1].name = "keep-alive off".into());
        assert_eq!(
            same.reason,
            "answers all 9,000 requests; “keep-alive off” and “16 groups” are as good"
        );
        let less = best(&[1, 1, 1], |all| all[1].name = "as is".into());
        assert_eq!(less.index, 1);
        assert_eq!(
            less.reason,
            "answers all 9,000 requests; “16 groups” and “16 groups” are as good, but change more"
        );
        let two = best(&[1, 1], |all| all[1].name = "as is".into());
        assert_eq!(
            two.reason,
            "answers all 9,000 requests; “16 groups” is as good, but changes more"
        );
        let two = best(&[1, 1], |_| {});
        assert_eq!(
            two.reason,
            "answers all 9,000 requests; “16 groups” is as good"
        );
    }

    #[test]
    fn a_winner_that_changes_nothing_says_so() {
        let said = |change: fn(&mut StrategyResult)| {
            let winner = best(&[1, 0], |all| {
                // Good, and as it is.
                all[1].runs = all[0].runs.clone();
                answers(&mut all[0], 9_000, 1);
                change(&mut all[1]);
            });
            assert_eq!(winner.index, 1);
            winner.without_change.expect("it changes nothing")
        };
        assert_eq!(said(|_| {}), "no change is needed for it");
        assert_eq!(
            said(|it| it.runs[0].waiting_share = 0.5),
            "it changes nothing and is queueing: no strategy here is a cure"
        );
        assert_eq!(
            said(|it| {
                answers(it, 9_000, 8_000);
                it.scenario.verdict.failing = 1.0;
            }),
            "it changes nothing and does not answer what is asked: no strategy here is a cure"
        );
        let nothing = best(&[0], |all| answers(&mut all[0], 0, 0));
        assert_eq!(
            nothing.without_change.as_deref(),
            Some("it changes nothing; nothing was asked, so nothing can be advised")
        );
        // Asked for the fewest ports, the best may fail while another is well.
        let mut comparison = sample::comparison();
        comparison.scenario.best = Some(BestBy::FewestPorts);
        comparison.strategies.truncate(2);
        comparison.strategies[0].runs[0].ports.peak = 3;
        assert_eq!(
            Winner::of(&comparison).without_change.as_deref(),
            Some("it changes nothing and is exhausted: it is no cure")
        );
        assert_eq!(best(&[1], |_| {}).without_change, None);
    }

    #[test]
    fn a_switch_of_the_model_is_no_setting() {
        let mut comparison = sample::comparison();
        comparison.strategies.drain(..3);
        comparison.scenario.strategies[3].patches =
            alloc::vec![crate::model::Patch::ReservationLeak(true)];
        assert_eq!(
            Winner::of(&comparison).without_change.as_deref(),
            Some("what it changes is a switch of the model, not a setting")
        );
    }
}
