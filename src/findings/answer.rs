//! The answer to the scenario's question, with the word first that it asks for: yes, no, a time, a
//! number or a name. The author says what is asked (`answer`); else the question's words do.

use super::headline::failed_by_client;
use super::verdict::{tightest, unsuccessful};
use super::winner::is_good;
use super::{Winner, quoted, when_exhausted};
use crate::model::{Asked, OfStrategy};
use crate::record::{Column, Verdict};
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::{SimSpan, SimTime};
use crate::words::number::{at_least, count, counted, exactly, instant, percent, span};
use crate::words::plain::listed;
use alloc::string::String;
use alloc::vec::Vec;

/// Ports that come back leave at most this share of the peak at the end.
const LEFT_AT_MOST: f64 = 0.05;

/// The answer, without a full stop; `None` where nothing of the kind is asked, or the results do
/// not tell.
pub(super) fn answer(comparison: &Comparison, winner: &Winner) -> Option<String> {
    let first = comparison.strategies.first()?;
    let asked = comparison.scenario.answer.clone();
    let asked = asked.or_else(|| in_words(&comparison.scenario.question, &first.name))?;
    let best = &comparison.strategies[winner.index];
    let (_, of) = asked.parts();
    let Some(of) = of else {
        return Some(match asked {
            Asked::Holding => holding(comparison),
            _ => of_best(best, winner),
        });
    };
    let result = comparison.strategies.iter().find(|it| it.name == of)?;
    // What the answer is held against: the best one, else the first that is another; a number
    // against what the program has as it is.
    let mut others = core::iter::once(best).chain(&comparison.strategies);
    let other = others.clone().find(|it| it.name != of);
    let as_it_is = (core::iter::once(first).chain(others.clone())).find(|it| it.name != of);
    let mut other_that = |differs: &dyn Fn(&StrategyResult) -> bool| others.find(|it| differs(it));
    match asked {
        Asked::Best | Asked::Holding => None,
        Asked::RunsOut(_) => {
            let runs_out = |it: &StrategyResult| it.exhausted_count() > 0;
            let other = other_that(&|it| runs_out(it) != runs_out(result));
            Some(yes_or_no(runs_out(result), fate, result, other))
        }
        Asked::Holds(_) => {
            let other = other_that(&|it| holds(it) != holds(result));
            Some(yes_or_no(holds(result), fate, result, other))
        }
        Asked::ComesBack(_) => {
            let other = other_that(&|it| comes_back(it) != comes_back(result));
            Some(yes_or_no(comes_back(result), left, result, other))
        }
        Asked::When(_) => when(result, best),
        Asked::OldAddress(_) => on_old_address(result, other),
        Asked::FailsFor(_) => Some(fails_for(result, other)),
        Asked::Failed(_) => {
            let failed = |it: &StrategyResult| it.mean(unsuccessful);
            let requests = counted(failed(result), "request", "requests");
            let is = format!("{requests}: so many fail under {}", quoted(result));
            Some(is + &beside(other, failed))
        }
        Asked::Peak(_) => {
            let peak = |it: &StrategyResult| tightest(it).peak as f64;
            let (one, many) = tightest(result).words;
            let is = format!(
                "{}: the peak under {}",
                counted(peak(result), one, many),
                quoted(result)
            );
            Some(is + &beside(as_it_is, peak))
        }
        Asked::Opened(_) => {
            let opened = |it: &StrategyResult| it.mean(|run| run.connections.opened as f64);
            let is = format!(
                "{}: so many are opened under {}",
                counted(opened(result), "connection", "connections"),
                quoted(result)
            );
            Some(is + &beside(as_it_is, opened))
        }
    }
}

/// With what a question begins that asks for yes or no.
const YES_OR_NO: [&str; 9] = [
    "does ", "do ", "did ", "will ", "would ", "can ", "could ", "is ", "are ",
];

/// What a question asks for by its words, of the strategy `first`, the program as it is.
fn in_words(question: &str, first: &str) -> Option<Asked> {
    let question = question.to_lowercase();
    let runs_out = question.contains("run out") || question.contains("runs out");
    // "Is it too little to run out?" asks for the opposite.
    let is_turned = ["too ", "not ", "n't ", "never "]
        .iter()
        .any(|it| question.contains(it));
    let asks = |words: &[&str]| words.iter().any(|it| question.starts_with(it));
    if asks(&YES_OR_NO) {
        return (runs_out && !is_turned).then(|| Asked::RunsOut(first.into()));
    }
    let numbers: [(&str, OfStrategy); 3] = [
        ("how many ports ", Asked::Peak),
        ("how many connections ", Asked::Opened),
        ("how many requests fail", Asked::Failed),
    ];
    if let Some((_, asked)) = numbers.iter().find(|(words, _)| asks(&[*words])) {
        return Some(asked(first.into()));
    }
    if asks(&["when ", "how long until "]) && runs_out {
        return Some(Asked::When(first.into()));
    }
    asks(&["which "]).then_some(Asked::Best)
}

/// "No: under … ; under …".
fn yes_or_no(
    yes: bool,
    say: fn(&StrategyResult) -> String,
    result: &StrategyResult,
    other: Option<&StrategyResult>,
) -> String {
    let word = if yes { "Yes" } else { "No" };
    let other = other.map_or_else(String::new, |other| format!("; {}", say(other)));
    format!("{word}: {}{other}", say(result))
}

/// "; 4 under “no lease”".
fn beside(other: Option<&StrategyResult>, value: impl Fn(&StrategyResult) -> f64) -> String {
    other.map_or_else(String::new, |other| {
        format!("; {} under {}", count(value(other)), quoted(other))
    })
}

/// Whether it serves its load: ports suffice, next to nothing fails, next to all is answered.
fn holds(result: &StrategyResult) -> bool {
    let verdict = result.verdict();
    !matches!(verdict, Verdict::Exhausted | Verdict::Failing) && is_good(result)
}

/// "under “as is” ports run out after 1 min 38 s", "… the peak is 32 of 5,000 ports (0.6%)".
fn fate(result: &StrategyResult) -> String {
    if result.exhausted_count() > 0 {
        return when_exhausted(result).replacen('U', "u", 1);
    }
    let tightest = tightest(result);
    let share = percent(tightest.peak as f64 / tightest.limit.max(1) as f64);
    let name = quoted(result);
    let mut text = format!("under {name} the peak is {} ({share})", tightest.in_words());
    let lost = result.mean(unsuccessful);
    if lost >= 0.5 {
        text += &format!(", and {}", counted(lost, "request fails", "requests fail"));
    }
    text
}

fn at_end(result: &StrategyResult) -> f64 {
    result.mean(|run| run.ports.at_end as f64)
}

fn comes_back(result: &StrategyResult) -> bool {
    at_end(result) <= LEFT_AT_MOST * result.mean(|run| run.ports.peak as f64)
}

/// "under “as the source reads” 5,000 of the 5,000 ports at the peak are still taken at the end".
fn left(result: &StrategyResult) -> String {
    let peak = counted(result.mean(|run| run.ports.peak as f64), "port", "ports");
    let left = match count(at_end(result)) {
        none if none == "0" => "none".into(),
        left => left,
    };
    let name = quoted(result);
    format!("under {name} {left} of the {peak} at the peak are still taken at the end")
}

/// "1 min 38 s: then ports run out under “as is”; with “16 groups” the peak stays at …".
fn when(result: &StrategyResult, best: &StrategyResult) -> Option<String> {
    let (name, ports) = (quoted(result), tightest(result).words.1);
    let (exhausted, runs) = (result.exhausted_count(), result.runs.len());
    if exhausted == 0 {
        let within = exactly(result.scenario.duration);
        return Some(format!("Never within {within}: {}", fate(result)));
    }
    let at = instant(result.exhausted_at()?);
    let then = if runs == 1 {
        format!("{at}: then {ports} run out under {name}")
    } else {
        format!("{at} (the median; {exhausted} of {runs} runs): then {ports} run out under {name}")
    };
    let then = then + &failed_by_client(result);
    Some(if holds(best) {
        let peak = tightest(best).in_words();
        format!("{then}; with {} the peak stays at {peak}", quoted(best))
    } else {
        format!("{then}, and no strategy here prevents it")
    })
}

/// Between which samples requests fail, and whether they do to the end; `None` where none does.
fn failing(result: &StrategyResult) -> Option<(SimTime, SimTime, bool)> {
    let rows = &result.rows;
    let failed = |row: &PortsRow| row.values[Column::Failed];
    let rises = |pair: &&[PortsRow]| failed(&pair[1]) > failed(&pair[0]);
    let first = rows.windows(2).find(rises)?[0].time;
    let last = rows.windows(2).rev().find(rises)?[1].time;
    let end = SimTime::ZERO + result.scenario.duration;
    Some((first, last, last.as_seconds() > 0.99 * end.as_seconds()))
}

/// "At least 3 min 56 s: under “as is” requests fail from 1 min 4 s to the end of the run; for 22 s
/// under “no retries”".
fn fails_for(result: &StrategyResult, other: Option<&StrategyResult>) -> String {
    let name = quoted(result);
    let is = match failing(result) {
        None => format!("0 s: under {name} no request fails"),
        Some((from, until, is_to_the_end)) => {
            let (long, at) = (until.since(from), instant(from));
            if is_to_the_end {
                let long = at_least(long);
                format!(
                    "At least {long}: under {name} requests fail from {at} to the end of the run"
                )
            } else {
                let (long, until) = (span(long), instant(until));
                format!("{long}: under {name} requests fail between {at} and {until}")
            }
        }
    };
    let beside = other.map(|other| {
        let name = quoted(other);
        match failing(other) {
            None => format!("; under {name} none fails"),
            Some((from, until, _)) => {
                format!("; under {name} they do for {}", span(until.since(from)))
            }
        }
    });
    is + &beside.unwrap_or_default()
}

/// "“16 groups” and “keep-alive off”: under these ports suffice, …".
fn holding(comparison: &Comparison) -> String {
    let (good, bad): (Vec<&StrategyResult>, Vec<&StrategyResult>) =
        comparison.strategies.iter().partition(|it| holds(it));
    let names = |of: &[&StrategyResult]| {
        let names: Vec<String> = of.iter().map(|it| quoted(it)).collect();
        listed(&names)
    };
    let peaks: Vec<String> = good.iter().map(|it| tightest(it).in_words()).collect();
    let peaks = listed(&peaks);
    match (good.len(), bad.len()) {
        (0, _) => format!(
            "None of these: {}",
            bad.first().map_or_else(String::new, |it| fate(it))
        ),
        (1, 0) => format!("{}: its peak is {peaks}", names(&good)),
        (1, _) => format!("{}: its peak is {peaks}; not {}", names(&good), names(&bad)),
        (_, 0) => format!("All of these: their peaks are {peaks}"),
        _ => format!(
            "{}: their peaks are {peaks}; not {}",
            names(&good),
            names(&bad)
        ),
    }
}

/// How long after the first move the last request goes to the old address; `None` where no server
/// moves.
fn after_move(result: &StrategyResult) -> Option<(SimSpan, bool)> {
    let servers = result.scenario.servers.iter();
    let moved = servers.filter_map(|server| server.moves_at.first()).min()?;
    let runs = result.runs.iter().filter_map(|run| run.addresses);
    let last = runs.map(|counts| counts.last_to_old).max()?;
    let end = SimTime::ZERO + result.scenario.duration;
    let to_the_end = last.as_seconds() > 0.99 * end.as_seconds();
    let last = if to_the_end { end } else { last.max(*moved) };
    Some((last.since(*moved), to_the_end))
}

/// "At least 10 min: under “as is” requests go to the old address to the end of the run; 2 min 1 s
/// under “lease 60 s”".
fn on_old_address(result: &StrategyResult, other: Option<&StrategyResult>) -> Option<String> {
    let (time, to_the_end) = after_move(result)?;
    let name = quoted(result);
    let is = if to_the_end {
        let time = at_least(time);
        format!(
            "At least {time}: under {name} requests go to the old address to the end of the run"
        )
    } else {
        let time = span(time);
        format!("{time}: so long after the move the last request goes there under {name}")
    };
    let other = other.and_then(|other| Some((other, after_move(other)?)));
    Some(match other {
        Some((other, (time, false))) => format!("{is}; {} under {}", span(time), quoted(other)),
        _ => is,
    })
}

/// "“16 groups”: it answers all 9,031 requests", or that none of them is good.
fn of_best(best: &StrategyResult, winner: &Winner) -> String {
    let name = quoted(best);
    if holds(best) {
        return format!("{name}: it {}", winner.reason);
    }
    if best.exhausted_count() > 0 {
        let ports = tightest(best).words.1;
        return format!("None of these: {ports} run out even under the best, {name}");
    }
    let asked = best.mean(|run| run.requests.submitted as f64);
    let answered = count(best.mean(|run| run.requests.succeeded as f64));
    let requests = counted(asked, "request", "requests");
    format!("None of these: even the best, {name}, answers only {answered} of {requests}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sample;

    fn asked(asked: Asked) -> String {
        let mut comparison = sample::comparison();
        comparison.scenario.answer = Some(asked);
        let winner = Winner::of(&comparison);
        answer(&comparison, &winner).expect("it is asked")
    }

    #[test]
    fn the_first_word_is_what_is_asked_for() {
        let name = |text: &str| String::from(text);
        for (what, start) in [
            (Asked::Best, "“16 groups”: "),
            (
                Asked::RunsOut(name("as is")),
                "Yes: under “as is” ports run out after 1 min 40 s; under “16 groups” the peak is 32 of 5,000 ports",
            ),
            (
                Asked::RunsOut(name("16 groups")),
                "No: under “16 groups” the peak is 32 of 5,000 ports (0.6%); under “as is” ports run out",
            ),
            (
                Asked::Holds(name("as is")),
                "No: under “as is” ports run out after 1 min 40 s; ",
            ),
            (
                Asked::Holds(name("keep-alive off")),
                "Yes: under “keep-alive off” the peak is 9 of",
            ),
            (
                Asked::When(name("as is")),
                "1 min 40 s: then ports run out under “as is”; with “16 groups” the peak stays at 32",
            ),
            (Asked::When(name("16 groups")), "Never within 5 min: "),
            (
                Asked::Peak(name("16 groups")),
                "32 ports: the peak under “16 groups”; 5,000 under “as is”",
            ),
            (
                Asked::Holding,
                "“16 groups”, “keep-alive off” and “close groups every 30 s”: their peaks are 32 of",
            ),
            (
                Asked::Failed(name("as is")),
                "4,000 requests: so many fail under “as is”; 0 under “16 groups”",
            ),
            (
                Asked::FailsFor(name("16 groups")),
                "0 s: under “16 groups” no request fails",
            ),
            (
                Asked::Opened(name("16 groups")),
                "32 connections: so many are opened under “16 groups”",
            ),
        ] {
            let said = asked(what);
            assert!(
                said.starts_with(start),
                "{start}\nis not the start of\n{said}"
            );
        }
    }

    /// The answer after a change to the strategies.
    fn changed(asked: Asked, change: impl Fn(&mut Vec<StrategyResult>)) -> String {
        let mut comparison = sample::comparison();
        comparison.scenario.answer = Some(asked);
        change(&mut comparison.strategies);
        let winner = Winner::of(&comparison);
        answer(&comparison, &winner).expect("it is asked")
    }

    fn named(text: &str) -> String {
        text.into()
    }

    /// Requests of the strategy fail between two rows, which are half a second apart.
    fn fail_between(result: &mut StrategyResult, first: usize, last: usize) {
        for (place, row) in result.rows.iter_mut().enumerate() {
            row.values[Column::Failed] = place.clamp(first, last) as f64;
        }
    }

    #[test]
    fn how_long_requests_fail_is_from_the_first_to_the_last() {
        let said = |last: usize, other: usize| {
            changed(Asked::FailsFor(named("as is")), |strategies| {
                fail_between(&mut strategies[0], 20, last);
                fail_between(&mut strategies[1], 20, other);
            })
        };
        assert_eq!(
            said(220, 20),
            "1 min 40 s: under “as is” requests fail between 10 s and 1 min 50 s; under “16 \
             groups” none fails"
        );
        // The last hundredth of 300 s begins after 297 s.
        assert!(said(594, 60).starts_with("4 min 47 s: under “as is” requests fail between"));
        assert_eq!(
            said(595, 60),
            "At least 4 min 47 s: under “as is” requests fail from 10 s to the end of the run; \
             under “16 groups” they do for 20 s"
        );
        let alone = changed(Asked::FailsFor(named("16 groups")), |strategies| {
            fail_between(&mut strategies[1], 20, 40);
            strategies.drain(2..);
            strategies.remove(0);
        });
        assert_eq!(
            alone,
            "10 s: under “16 groups” requests fail between 10 s and 20 s"
        );
    }

    #[test]
    fn ports_come_back_but_for_a_twentieth_of_the_peak() {
        let said = |left: u64| {
            changed(Asked::ComesBack(named("as is")), |strategies| {
                strategies[0].runs[0].ports.at_end = left;
                strategies[3].runs[0].ports.at_end = 1_000;
            })
        };
        assert_eq!(
            said(250),
            "Yes: under “as is” 250 of the 5,000 ports at the peak are still taken at the end; \
             under “close groups every 30 s” 1,000 of the 1,483 ports at the peak are still taken \
             at the end"
        );
        assert_eq!(
            said(251),
            "No: under “as is” 251 of the 5,000 ports at the peak are still taken at the end; \
             under “16 groups” none of the 32 ports at the peak are still taken at the end"
        );
    }

    #[test]
    fn how_long_the_old_address_is_used_counts_from_the_first_move() {
        let said = |last: u64, other: Option<u64>| {
            changed(Asked::OldAddress(named("as is")), |strategies| {
                for (one, last) in strategies.iter_mut().zip([Some(last), other]) {
                    let moves = [60, 200].map(|at| SimTime::ZERO + SimSpan::from_seconds(at));
                    one.scenario.servers[0].moves_at = moves.into();
                    one.runs[0].addresses = last.map(|last| crate::record::AddressCounts {
                        last_to_old: SimTime::ZERO + SimSpan::from_seconds(last),
                        ..crate::record::AddressCounts::default()
                    });
                }
            })
        };
        assert_eq!(
            said(181, Some(70)),
            "2 min 1 s: so long after the move the last request goes there under “as is”; 10 s \
             under “16 groups”"
        );
        assert_eq!(
            said(298, Some(30)),
            "At least 4 min: under “as is” requests go to the old address to the end of the run; \
             0 s under “16 groups”"
        );
        // One that uses it to the end as well, or does not tell, is no comparison.
        let alone = "3 min 57 s: so long after the move the last request goes there under “as is”";
        assert_eq!(said(297, Some(299)), alone);
        assert_eq!(said(297, None), alone);
    }

    #[test]
    fn a_time_over_several_runs_is_their_median() {
        let mut comparison = sample::replicated();
        comparison.scenario.answer = Some(Asked::When(named("as is")));
        comparison.strategies.truncate(1);
        let winner = Winner::of(&comparison);
        assert_eq!(
            answer(&comparison, &winner).expect("it is asked"),
            "1 min 42 s (the median; 2 of 3 runs): then ports run out under “as is”, and no \
             strategy here prevents it"
        );
    }

    #[test]
    fn which_hold_is_said_of_none_of_one_and_of_all() {
        let said = |places: &[usize]| {
            changed(Asked::Holding, |strategies| {
                let all = core::mem::take(strategies);
                strategies.extend(places.iter().map(|it| all[*it].clone()));
            })
        };
        assert_eq!(
            said(&[0]),
            "None of these: under “as is” ports run out after 1 min 40 s"
        );
        assert_eq!(said(&[1]), "“16 groups”: its peak is 32 of 5,000 ports");
        assert_eq!(
            said(&[0, 1]),
            "“16 groups”: its peak is 32 of 5,000 ports; not “as is”"
        );
        assert_eq!(
            said(&[1, 2]),
            "All of these: their peaks are 32 of 5,000 ports and 9 of 5,000 ports"
        );
        assert_eq!(
            said(&[0, 1, 2]),
            "“16 groups” and “keep-alive off”: their peaks are 32 of 5,000 ports and 9 of 5,000 \
             ports; not “as is”"
        );
    }

    #[test]
    fn a_peak_with_failures_is_told_with_them() {
        let said = |failed: u64| {
            changed(Asked::RunsOut(named("16 groups")), |strategies| {
                strategies.truncate(2);
                let requests = &mut strategies[1].runs[0].requests;
                (requests.failed, requests.succeeded) = (failed, 9_000 - failed);
            })
        };
        let peak = "No: under “16 groups” the peak is 32 of 5,000 ports (0.6%)";
        let other = "under “as is” ports run out after 1 min 40 s";
        assert_eq!(said(0), format!("{peak}; {other}"));
        assert_eq!(said(1), format!("{peak}, and 1 request fails; {other}"));
    }

    #[test]
    fn the_best_is_named_only_where_it_holds() {
        let said = |places: &[usize], answered: u64| {
            changed(Asked::Best, |strategies| {
                let all = core::mem::take(strategies);
                strategies.extend(places.iter().map(|it| all[*it].clone()));
                for one in strategies {
                    let requests = &mut one.runs[0].requests;
                    (requests.failed, requests.succeeded) = (9_000 - answered, answered);
                }
            })
        };
        assert_eq!(
            said(&[1], 9_000),
            "“16 groups”: it answers all 9,000 requests"
        );
        assert_eq!(
            said(&[0], 9_000),
            "None of these: ports run out even under the best, “as is”"
        );
        assert_eq!(
            said(&[1], 300),
            "None of these: even the best, “16 groups”, answers only 300 of 9,000 requests"
        );
    }

    #[test]
    fn a_number_is_held_against_the_program_as_it_is() {
        assert_eq!(
            asked(Asked::Opened(named("keep-alive off"))),
            "9,000 connections: so many are opened under “keep-alive off”; 5,000 under “as is”"
        );
        assert_eq!(
            asked(Asked::Peak(named("as is"))),
            "5,000 ports: the peak under “as is”; 32 under “16 groups”"
        );
        assert_eq!(
            asked(Asked::Failed(named("16 groups"))),
            "0 requests: so many fail under “16 groups”; 4,000 under “as is”"
        );
        let holds = asked(Asked::Holds(named("16 groups")));
        assert!(holds.ends_with("; under “as is” ports run out after 1 min 40 s"));
        // What is near the limit serves its load.
        let near = changed(Asked::Holds(named("16 groups")), |strategies| {
            strategies[1].runs[0].ports.peak = 4_999;
        });
        assert!(near.starts_with("Yes: under “16 groups” the peak is 4,999 of"));
    }

    #[test]
    fn what_is_asked_follows_from_the_words() {
        let of = |question| in_words(question, "as is");
        let as_is = || String::from("as is");
        assert_eq!(of("Do ports run out?"), Some(Asked::RunsOut(as_is())));
        assert_eq!(of("Does this never run out?"), None);
        assert_eq!(of("Is one too little to run out?"), None);
        assert_eq!(
            of("How long until it runs out, when will ports run out?"),
            Some(Asked::When(as_is()))
        );
        assert_eq!(of("When do ports run out?"), Some(Asked::When(as_is())));
        assert_eq!(of("Which remedy holds?"), Some(Asked::Best));
        assert_eq!(
            of("Can 5,000 ports run out?"),
            Some(Asked::RunsOut(as_is()))
        );
        assert_eq!(
            of("How many ports does it take?"),
            Some(Asked::Peak(as_is()))
        );
        assert_eq!(
            of("How many connections are opened?"),
            Some(Asked::Opened(as_is()))
        );
        assert_eq!(
            of("How many requests fail in the outage?"),
            Some(Asked::Failed(as_is()))
        );
        assert_eq!(of("Why?"), None);
    }
}
