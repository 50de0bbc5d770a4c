//! The answer in one sentence.

use super::verdict::{tightest, to_old, unsuccessful};
use super::winner::is_good;
use super::{quoted, when_exhausted};
use crate::record::Column;
use crate::study::{Comparison, StrategyResult};
use crate::words::number::{count, counted};
use crate::words::plain::{self, listed};
use alloc::string::String;
use alloc::vec::Vec;

/// How many of several programs a sentence names.
const CLIENTS_SHOWN: usize = 5;

/// "Ports run out after 1 min 40 s; with “16 groups” the peak stays at 32 of 5,000".
pub(super) fn headline(comparison: &Comparison, best: usize) -> String {
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
        None if !is_good(winner) => {
            let asked = winner.mean(|run| run.requests.submitted as f64);
            let answered = winner.mean(|run| run.requests.succeeded as f64);
            let requests = counted(asked, "request", "requests");
            let answers = if answered < 0.5 {
                format!("none of {requests} is answered")
            } else {
                format!("only {} of {requests} are answered", count(answered))
            };
            let with = format!("with {}", quoted(winner));
            let (none, with) = match comparison.strategies.len() {
                1 => ("Ports do not run out", with),
                _ => ("No strategy runs out of ports", format!("even {with}")),
            };
            format!("{none}, but {with} {answers}")
        }
        None => format!("No strategy runs out of ports; {}", with_winner("is")),
        Some(worst) if winner.exhausted_count() > 0 => {
            let all_do = comparison
                .strategies
                .iter()
                .all(|it| it.exhausted_count() > 0);
            let (shown, remark) = if all_do {
                (worst, "no strategy here prevents it")
            } else {
                (winner, "those that prevent it answer no more")
            };
            format!(
                "{}{}, and {remark}",
                when_exhausted(shown),
                failed_by_client(shown)
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
pub(super) fn failed_by_client(result: &StrategyResult) -> String {
    let clients = &result.scenario.clients;
    let last = result.clients.len().saturating_sub(clients.len());
    let mut failed: Vec<(f64, &str)> = result.clients[last..]
        .iter()
        .map(|row| {
            (
                row.values[Column::Failed],
                &*clients[row.client as usize].name,
            )
        })
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
    format!(", which fails {}", listed(&names))
}

/// "Under “as is” 5,991 requests go to the old address; with “lease 60 s” 1,074 do".
fn moved(comparison: &Comparison, best: usize) -> String {
    compared(comparison, best, to_old, |sent| {
        let requests = counted(sent, "request goes", "requests go");
        format!("{requests} to the old address")
    })
}

/// "Under “as is” 13,903 of 18,068 requests fail; with “no retries” 2,727 do".
fn served(comparison: &Comparison, best: usize) -> String {
    let one = &comparison.strategies[best];
    let submitted = one.mean(|run| run.requests.submitted as f64);
    let lost = |result: &StrategyResult| result.mean(unsuccessful);
    compared(comparison, best, lost, |lost| {
        let of = counted(submitted, "request", "requests");
        format!("{} of {of} fail", count(lost))
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
    let does = match libm::round(value(winner)) as u64 {
        1 => "does",
        _ => "do",
    };
    format!(
        "{first}; with {} {} {does}",
        quoted(winner),
        count(value(winner))
    )
}
