//! What one strategy's runs come to: the word for it, the port table that is nearest to its end,
//! and what was lost.

use crate::record::{Column, RunSummary};
use crate::study::{PortsRow, StrategyResult};
use crate::units::{SimSpan, SimTime};
use crate::words::number::{count, counted, instant, span};
use alloc::format;
use alloc::string::String;

/// The verdict of a strategy: the word of its worst run, or "exhausted in n of N runs".
pub fn in_words(result: &StrategyResult) -> String {
    let exhausted = result.exhausted_count();
    if exhausted > 0 && result.runs.len() > 1 {
        return format!("exhausted in {exhausted} of {} runs", result.runs.len());
    }
    result.verdict().as_str().into()
}

/// The largest peak of any run: what the machine must be able to bear.
pub fn peak(result: &StrategyResult) -> u64 {
    let peaks = result.runs.iter().map(|run| run.ports.peak);
    peaks.max().unwrap_or(0)
}

/// How many ports there are under a strategy; the same in all its runs.
pub fn limit(result: &StrategyResult) -> u64 {
    result.runs.first().map_or(0, |run| run.ports.limit)
}

/// The port table that is nearest to its end under a strategy: the machine's, or the NAT's.
pub struct Tightest {
    /// Most of its ports taken at once.
    pub peak: u64,
    /// How many it has.
    pub limit: u64,
    /// One of its ports, and several.
    pub(super) words: (&'static str, &'static str),
}

impl Tightest {
    /// "32 of 5,000 ports".
    pub(super) fn in_words(&self) -> String {
        let (one, many) = self.words;
        let limit = counted(self.limit as f64, one, many);
        format!("{} of {limit}", count(self.peak as f64))
    }

    /// "32 of 5,000", with the kind of port where it is not the usual one.
    pub fn in_brief(&self, is_usual: bool) -> String {
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
    pub fn share_in(&self, row: &PortsRow) -> f64 {
        let taken = if self.is_local() {
            row.values[Column::PortsInUse]
        } else {
            row.values[Column::SnatFlows] + row.values[Column::SnatHeld]
        };
        taken / self.limit.max(1) as f64
    }

    /// Whether it is the machine's own.
    pub fn is_local(&self) -> bool {
        self.words.0 == "port"
    }
}

/// The port table that is nearest to its end under a strategy.
pub fn tightest(result: &StrategyResult) -> Tightest {
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

/// Requests of a run that ended without their answer.
pub(super) fn unsuccessful(run: &RunSummary) -> f64 {
    run.requests.failed as f64
}

/// How many requests went to an address that their server had left.
pub(super) fn to_old(result: &StrategyResult) -> f64 {
    result.mean(|run| run.addresses.map_or(0.0, |counts| counts.to_old as f64))
}

/// How long the whole load would have to go to the old address for as many requests: the share
/// of what is sent after the first move, times the time since it. In seconds.
pub fn seconds_on_old(result: &StrategyResult) -> f64 {
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
pub fn on_old_address(result: &StrategyResult) -> Option<String> {
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
