//! What the results say, in sentences. Everything here is read from the numbers of a
//! [`Comparison`]; nothing is claimed that they do not show.

use super::{assumptions, certainty, remedy};
use crate::record::{RunSummary, Verdict};
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::{SimSpan, SimTime};
use crate::words::number::{count, counted, instant, percent, span};
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// How many of several programs a sentence names.
const CLIENTS_SHOWN: usize = 5;

/// The place of `failed` in [`CLIENT_COLUMNS`](crate::study::comparison::CLIENT_COLUMNS).
const FAILED: usize = 7;

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

/// The strategy that does best, and how to have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Winner {
    /// Its index in `Comparison::strategies`.
    pub index: usize,
    /// Why it was chosen, in one sentence without a full stop.
    pub reason: String,
    /// What it changes: lines of C#, configuration or shell. Empty when it changes nothing.
    pub changes: Vec<String>,
}

/// Everything that the results say.
pub fn of(comparison: &Comparison) -> Findings {
    let index = best(comparison);
    Findings {
        headline: headline(comparison, index),
        sentences: comparison.strategies.iter().map(sentence).collect(),
        winner: Winner {
            index,
            reason: reason(comparison, index),
            changes: remedy::lines(&comparison.scenario, &comparison.strategies[index].name),
        },
        certainty: certainty::sentences(comparison),
        assumptions: assumptions::in_force(comparison),
        warnings: assumptions::warnings(comparison),
    }
}

/// The verdict of a strategy: the word of its worst run, or "exhausted in n of N runs".
pub fn verdict(result: &StrategyResult) -> String {
    let exhausted = result.exhausted_count();
    if exhausted > 0 && result.runs.len() > 1 {
        return format!("exhausted in {exhausted} of {} runs", result.runs.len());
    }
    result.verdict().as_str().into()
}

/// A strategy's name in running text, in quotes, so that `16 groups` reads as a name.
fn quoted(result: &StrategyResult) -> String {
    format!("“{}”", plain::short(&result.name, 60))
}

/// The largest peak of any run: what the machine must be able to bear.
pub(super) fn peak(result: &StrategyResult) -> u64 {
    let peaks = result.runs.iter().map(|run| run.ports.peak);
    peaks.max().unwrap_or(0)
}

/// How many ports there are under a strategy; the same in all its runs.
pub(super) fn limit(result: &StrategyResult) -> u64 {
    result.runs.first().map_or(0, |run| run.ports.limit)
}

/// The port table that is nearest to its end under a strategy: the machine's, or the NAT's.
pub(super) struct Tightest {
    pub(super) peak: u64,
    pub(super) limit: u64,
    /// One of its ports, and several.
    words: (&'static str, &'static str),
}

impl Tightest {
    /// "32 of 5,000 ports".
    fn in_words(&self) -> String {
        let (one, many) = self.words;
        let limit = counted(self.limit as f64, one, many);
        format!("{} of {limit}", count(self.peak as f64))
    }

    /// "32 of 5,000", with the kind of port where it is not the usual one.
    pub(super) fn in_brief(&self, is_usual: bool) -> String {
        let brief = format!(
            "{} of {}",
            count(self.peak as f64),
            count(self.limit as f64)
        );
        if is_usual {
            brief
        } else {
            format!("{brief} SNAT")
        }
    }

    /// How much of it is taken in a row, as a share.
    pub(super) fn share_in(&self, row: &PortsRow) -> f64 {
        let [flows, held, ..] = row.beyond;
        let taken = if self.is_local() {
            row.values[0]
        } else {
            flows + held
        };
        taken / self.limit.max(1) as f64
    }

    /// Whether it is the machine's own.
    pub(super) fn is_local(&self) -> bool {
        self.words.0 == "port"
    }
}

pub(super) fn tightest(result: &StrategyResult) -> Tightest {
    let local = Tightest {
        peak: peak(result),
        limit: limit(result),
        words: ("port", "ports"),
    };
    let nats = result.runs.iter().filter_map(|run| run.nat);
    let Some(nat) = nats.max_by_key(|nat| nat.peak) else {
        return local;
    };
    let (peak, limit) = (u64::from(nat.peak), u64::from(nat.limit));
    if peak * local.limit <= local.peak * limit {
        return local;
    }
    Tightest {
        peak,
        limit,
        words: ("SNAT port", "SNAT ports"),
    }
}

fn unsuccessful(run: &RunSummary) -> f64 {
    (run.requests.failed + run.requests.timed_out) as f64
}

/// How many requests went to an address that their server had left.
fn to_old(result: &StrategyResult) -> f64 {
    result.mean(|run| run.addresses.map_or(0.0, |counts| counts.to_old as f64))
}

/// How long the whole load would have to go to the old address for as many requests: the share
/// of what is sent after the first move, times the time since it. In seconds.
pub(super) fn seconds_on_old(result: &StrategyResult) -> f64 {
    let servers = result.scenario.servers.iter();
    let first = servers.filter_map(|server| server.moves_at.first()).min();
    let since = first.map_or(0.0, |at| {
        (SimTime::ZERO + result.scenario.duration).as_seconds() - at.as_seconds()
    });
    let share = |run: &RunSummary| {
        let counts = run.addresses.filter(|counts| counts.sent_after > 0);
        counts.map_or(0.0, |it| it.to_old as f64 / it.sent_after as f64)
    };
    result.mean(share) * since
}

/// What the table says of old addresses: "1,074, 1 min 47 s of load, the last at 7 min 1 s".
pub(super) fn on_old_address(result: &StrategyResult) -> Option<String> {
    let runs = result.runs.iter().filter_map(|run| run.addresses);
    let last = runs.map(|counts| counts.last_to_old).max()?;
    let requests = to_old(result);
    if requests < 0.5 {
        return Some("0".into());
    }
    let load = span(SimSpan::from_seconds_rounded(seconds_on_old(result)));
    let (requests, last) = (count(requests), instant(last));
    Some(format!("{requests} = {load} of load, last at {last}"))
}

/// The index of the best strategy: by verdict, then runs that exhausted, then requests lost,
/// then requests to old addresses, then the peak in steps of 5 % of the limit (a port more or
/// less is no merit), then connections opened (work that a reused connection spares), then the
/// order of the scenario.
fn best(comparison: &Comparison) -> usize {
    let strategies = &comparison.strategies;
    let compare = |left: &StrategyResult, right: &StrategyResult| -> Ordering {
        let lost = |one: &StrategyResult| one.mean(unsuccessful);
        let opened = |one: &StrategyResult| one.mean(|run| run.connections.opened as f64);
        let step = |one: &StrategyResult| {
            let tightest = tightest(one);
            tightest.peak * 20 / tightest.limit.max(1)
        };
        left.verdict()
            .cmp(&right.verdict())
            .then(left.exhausted_count().cmp(&right.exhausted_count()))
            .then(lost(left).total_cmp(&lost(right)))
            .then(to_old(left).total_cmp(&to_old(right)))
            .then(step(left).cmp(&step(right)))
            .then(opened(left).total_cmp(&opened(right)))
    };
    // `min_by` keeps the first of equals.
    (0..strategies.len())
        .min_by(|left, right| compare(&strategies[*left], &strategies[*right]))
        .unwrap_or(0)
}

/// "Ports run out after 1 min 40 s; with “16 groups” the peak stays at 32 of 5,000".
fn headline(comparison: &Comparison, best: usize) -> String {
    let winner = &comparison.strategies[best];
    let worst = comparison
        .strategies
        .iter()
        .find(|one| one.exhausted_count() > 0);
    let with_winner = |verb: &str| {
        format!(
            "with {} the peak {verb} {}",
            quoted(winner),
            tightest(winner).in_words()
        )
    };
    match worst {
        None if winner.runs.iter().any(|run| run.addresses.is_some()) => moved(comparison, best),
        None if winner.runs.iter().any(|run| run.service.is_some()) => served(comparison, best),
        None => format!("No strategy runs out of ports; {}", with_winner("is")),
        Some(worst) if winner.exhausted_count() > 0 => {
            format!(
                "{}{}, and no strategy here prevents it",
                when_exhausted(worst),
                failed_by_client(worst)
            )
        }
        Some(worst) => format!(
            "{}{}; {}",
            when_exhausted(worst),
            failed_by_client(worst),
            with_winner("stays at")
        ),
    }
}

/// ", which fails 1,552 requests of “report” and 305 of “shop”": whom it hits, where several
/// programs share the ports; the hardest hit first.
fn failed_by_client(result: &StrategyResult) -> String {
    let clients = &result.scenario.clients;
    let last = result.clients.len().saturating_sub(clients.len());
    let mut failed: Vec<(f64, &str)> = result.clients[last..]
        .iter()
        .map(|row| (row.values[FAILED], &*clients[row.client as usize].name))
        .filter(|(failed, _)| *failed >= 0.5)
        .collect();
    failed.sort_by(|left, right| right.0.total_cmp(&left.0));
    let shown = failed.iter().take(CLIENTS_SHOWN);
    let mut names: Vec<String> = shown
        .enumerate()
        .map(|(place, (failed, name))| {
            let noun = if place == 0 { " requests" } else { "" };
            format!("{}{noun} of “{}”", count(*failed), plain::short(name, 60))
        })
        .collect();
    if failed.len() > CLIENTS_SHOWN {
        names.push(format!("some of {} others", failed.len() - CLIENTS_SHOWN));
    }
    if names.is_empty() {
        return String::new();
    }
    format!(", which fails {}", certainty::listed(&names))
}

/// "Under “as is” 5,991 requests go to the old address; with “lease 60 s” 1,074 do".
fn moved(comparison: &Comparison, best: usize) -> String {
    compared(comparison, best, to_old, |sent| {
        let requests = counted(sent, "request goes", "requests go");
        format!("{requests} to the old address")
    })
}

/// "Under “as is” 13,903 of 18,068 requests fail or time out; with “no retries” 2,727 do".
fn served(comparison: &Comparison, best: usize) -> String {
    let one = &comparison.strategies[best];
    let submitted = one.mean(|run| run.requests.submitted as f64);
    let lost = |result: &StrategyResult| result.mean(unsuccessful);
    compared(comparison, best, lost, |lost| {
        let of = counted(submitted, "request", "requests");
        format!("{} of {of} fail or time out", count(lost))
    })
}

/// The strategy with the highest value in a sentence, beside the best one.
fn compared(
    comparison: &Comparison,
    best: usize,
    value: impl Fn(&StrategyResult) -> f64,
    sentence: impl Fn(f64) -> String,
) -> String {
    let strategies = &comparison.strategies;
    // `max_by` keeps the last of equals; people come with the first.
    let worst = (0..strategies.len())
        .rev()
        .max_by(|left, right| value(&strategies[*left]).total_cmp(&value(&strategies[*right])));
    let worst = &strategies[worst.unwrap_or(best)];
    let first = format!("Under {} {}", quoted(worst), sentence(value(worst)));
    let winner = &strategies[best];
    if value(winner) >= value(worst) {
        return format!("{first}, and no strategy here changes that");
    }
    let does = match value(winner).round() as u64 {
        1 => "does",
        _ => "do",
    };
    format!(
        "{first}; with {} {} {does}",
        quoted(winner),
        count(value(winner))
    )
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
    let time_wait = result.rows.iter().map(|row| row.values[5]);
    let time_wait = time_wait.fold(0.0, f64::max);
    if time_wait >= 0.5 {
        text += &format!("; up to {} of them wait in TIME_WAIT", count(time_wait));
    }
    text += &beyond(result);
    let at_end = result.mean(|run| run.ports.at_end as f64);
    let peak_mean = result.mean(|run| run.ports.peak as f64);
    if result.exhausted_count() > 0 && at_end >= 0.5 && at_end * 2.0 > peak_mean {
        text += &format!("; {} are still taken at the end", count(at_end));
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
        text += &format!(
            "; {} or time out",
            counted(failed, "request fails", "requests fail")
        );
    }
    let wait = result.mean(|run| run.queue.p50 as f64);
    if result.verdict() == Verdict::Queueing && wait > 0.0 {
        let wait = span(SimSpan::from_nanos(wait.round() as u64));
        text += &format!("; half of the requests wait {wait} or longer for a connection");
    }
    text
}

/// Why the winner won, from the numbers that decided.
fn reason(comparison: &Comparison, best: usize) -> String {
    let winner = &comparison.strategies[best];
    let failed = winner.mean(unsuccessful);
    let opened = winner.mean(|run| run.connections.opened as f64);
    let failures = if failed == 0.0 {
        "no failed request".into()
    } else {
        counted(failed, "failed request", "failed requests")
    };
    format!(
        "{}, {failures}, {} at the peak, {}",
        verdict(winner),
        tightest(winner).in_words(),
        counted(opened, "connection opened", "connections opened"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_article_in_sentences() {
        let found = of(&sample::comparison());
        assert_eq!(
            found.headline,
            "Under “as is” ports run out after 1 min 40 s; with “16 groups” the peak stays at 32 \
             of 5,000 ports"
        );
        assert_eq!(
            found.sentences[0],
            "Under “as is” ports run out after 1 min 40 s, and 4,000 of 9,000 requests fail (44 %; \
             WSAENOBUFS)"
        );
        assert_eq!(
            found.sentences[2],
            "Under “keep-alive off” the peak is 9 of 5,000 ports (0.2 %), with 9,000 connections \
             opened for 9,000 requests"
        );
        assert_eq!(found.winner.index, 1);
        assert_eq!(
            found.winner.changes,
            ["request.ConnectionGroupName = \"pool-\" + (k % 16);"]
        );
    }

    #[test]
    fn nothing_is_said_to_run_out_that_did_not() {
        let mut comparison = sample::comparison();
        comparison.strategies.remove(0);
        let found = of(&comparison);
        assert_eq!(
            found.headline,
            "No strategy runs out of ports; with “16 groups” the peak is 32 of 5,000 ports"
        );
        assert!(!found.sentences.concat().contains("run out"));
    }

    #[test]
    fn nothing_is_said_to_help_that_did_not() {
        let mut comparison = sample::comparison();
        comparison.strategies.truncate(1);
        let found = of(&comparison);
        assert_eq!(
            found.headline,
            "Under “as is” ports run out after 1 min 40 s, and no strategy here prevents it"
        );
        assert!(found.winner.changes.is_empty());
    }

    #[test]
    fn over_replications_the_runs_are_counted() {
        let found = of(&sample::replicated());
        assert!(
            found.headline.starts_with(
                "Under “as is” ports run out in 2 of 3 runs, the median after 1 min 42 s;"
            ),
            "{}",
            found.headline
        );
    }

    #[test]
    fn waiting_is_told_apart_from_running_out() {
        let mut comparison = sample::comparison();
        let run = &mut comparison.strategies[1].runs[0];
        run.queue.p50 = SimSpan::from_seconds(3).as_nanos();
        let found = of(&comparison);
        assert!(
            found.sentences[1]
                .ends_with("half of the requests wait 3 s or longer for a connection"),
            "{}",
            found.sentences[1]
        );
        assert_ne!(
            found.winner.index, 1,
            "a strategy that queues is not the best"
        );
    }
}
