//! What the results say, in sentences. Everything here is read from the numbers of a
//! [`Comparison`]; nothing is claimed that they do not show.
//!
//! Lives here: the words of a verdict, the best strategy and how to have it, what the results rest
//! on, how sure they are. Does not live here: files, and where on a page a sentence stands.

use self::verdict::{tightest, unsuccessful};
use crate::record::{Column, RunSummary, Verdict};
use crate::study::{Comparison, StrategyResult};
use crate::words::number::{count, counted, instant, percent};
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

mod answer;
pub mod assumptions;
pub mod certainty;
mod headline;
pub mod remedy;
pub mod verdict;
mod winner;

pub use winner::Winner;

/// The findings of a comparison, for the terminal, the README and a report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Findings {
    /// The answer in one sentence, without a full stop.
    pub headline: String,
    /// One sentence per strategy, in the order of the scenario, without full stops.
    pub sentences: Vec<String>,
    /// The strategy that does best.
    pub winner: Winner,
    /// What several runs say that one does not, one sentence each, without full stops.
    pub certainty: Vec<String>,
    /// What all of it rests on, one sentence each, without full stops.
    pub assumptions: Vec<String>,
    /// What may mislead until somebody has looked.
    pub warnings: Vec<String>,
}

/// Everything that the results say.
pub fn of(comparison: &Comparison) -> Findings {
    let winner = Winner::of(comparison);
    Findings {
        headline: answer::answer(comparison, &winner)
            .unwrap_or_else(|| headline::headline(comparison, winner.index)),
        sentences: comparison.strategies.iter().map(sentence).collect(),
        winner,
        certainty: certainty::sentences(comparison),
        assumptions: assumptions::in_force(comparison),
        warnings: assumptions::warnings(comparison),
    }
}

/// A strategy's name in running text, in quotes, so that `16 groups` reads as a name.
fn quoted(result: &StrategyResult) -> String {
    format!("“{}”", plain::short(&result.name, 60))
}

/// "Under “as is” ports run out after 1 min 40 s", or in how many runs.
fn when_exhausted(result: &StrategyResult) -> String {
    let name = quoted(result);
    let ports = tightest(result).words.1;
    let after = result.exhausted_at().map(instant);
    let (exhausted, runs) = (result.exhausted_count(), result.runs.len());
    match after {
        Some(after) if runs == 1 => format!("Under {name} {ports} run out after {after}"),
        Some(after) => format!(
            "Under {name} {ports} run out in {exhausted} of {runs} runs, the median after {after}"
        ),
        None => format!("Under {name} {ports} run out in {exhausted} of {runs} runs"),
    }
}

/// One sentence on one strategy.
fn sentence(result: &StrategyResult) -> String {
    let mut text = if result.exhausted_count() > 0 {
        format!("{}{}", when_exhausted(result), lost(result))
    } else {
        held(result)
    };
    let time_wait = result.rows.iter().map(|row| row.values[Column::TimeWait]);
    let time_wait = time_wait.fold(0.0, f64::max);
    if time_wait >= 0.5 {
        let (ports, wait) = (counted(time_wait, "port", "ports"), count(time_wait) == "1");
        let wait = if wait { "waits" } else { "wait" };
        text += &format!("; up to {ports} {wait} in TIME_WAIT");
    }
    text += &beyond(result);
    let at_end = result.mean(|run| run.ports.at_end as f64);
    let peak_mean = result.mean(|run| run.ports.peak as f64);
    if result.exhausted_count() > 0 && at_end >= 0.5 && at_end * 2.0 > peak_mean {
        let ports = counted(at_end, "port is", "ports are");
        text += &format!("; {ports} still taken at the end");
    }
    text
}

/// What came of what is beyond the machines.
fn beyond(result: &StrategyResult) -> String {
    let mut text = String::new();
    let mean = |value: fn(&RunSummary) -> u64| result.mean(|run| value(run) as f64);
    let dropped = mean(|run| run.nat.map_or(0, |nat| nat.dropped));
    if dropped >= 0.5 {
        let tries = counted(dropped, "try to connect finds", "tries to connect find");
        text += &format!("; {tries} no SNAT port");
    }
    let wasted = mean(|run| run.service.map_or(0, |counts| counts.wasted));
    let answered = mean(|run| run.service.map_or(0, |counts| counts.answered));
    if wasted >= 0.5 {
        let share = percent(wasted / (wasted + answered));
        text += &format!("; {share} of what the server works on is for clients that have given up");
    }
    let moved = result.runs.iter().any(|run| run.addresses.is_some());
    if moved {
        let to_old = mean(|run| run.addresses.map_or(0, |counts| counts.to_old));
        let sent = counted(to_old, "request goes", "requests go");
        text += &format!("; {sent} to the old address");
        let last = result.runs.iter().filter_map(|run| run.addresses);
        if let Some(last) = last.map(|counts| counts.last_to_old).max()
            && to_old >= 0.5
        {
            text += &format!(", the last at {}", instant(last));
        }
    }
    text
}

/// How an exhausted strategy's requests fared.
fn lost(result: &StrategyResult) -> String {
    let failed = result.mean(unsuccessful);
    let submitted = result.mean(|run| run.requests.submitted as f64);
    if failed == 0.0 {
        return ", and no request fails for it".into();
    }
    let mut names: Vec<&str> = Vec::new();
    for run in &result.runs {
        names.extend(run.errors.names());
    }
    names.sort_unstable();
    names.dedup();
    let causes = if names.is_empty() {
        String::new()
    } else {
        format!("; {}", names.join(", "))
    };
    format!(
        ", and {} of {} fail ({}{causes})",
        count(failed),
        counted(submitted, "request", "requests"),
        percent(failed / submitted.max(1.0)),
    )
}

/// How a strategy that never ran out fared.
fn held(result: &StrategyResult) -> String {
    let tightest = tightest(result);
    let share = percent(tightest.peak as f64 / tightest.limit.max(1) as f64);
    let mut text = format!(
        "Under {} the peak is {} ({share}), with {} for {}",
        quoted(result),
        tightest.in_words(),
        counted(
            result.mean(|run| run.connections.opened as f64),
            "connection opened",
            "connections opened"
        ),
        counted(
            result.mean(|run| run.requests.submitted as f64),
            "request",
            "requests"
        ),
    );
    let failed = result.mean(unsuccessful);
    if failed > 0.0 {
        text += &format!("; {}", counted(failed, "request fails", "requests fail"));
    }
    let unanswered = result.mean(|run| run.requests.in_flight as f64);
    if unanswered >= 0.5 {
        let are = counted(unanswered, "is", "are");
        text += &format!("; {are} unanswered at the end");
    }
    let waiting = result.mean(|run| run.waiting_share);
    if result.verdict() == Verdict::Queueing {
        text += &format!(
            "; in the worst tenth of the load {} of the requests wait for a connection longer than \
             the server takes for half of its answers",
            percent(waiting)
        );
    }
    text
}

#[cfg(test)]
mod tests;
