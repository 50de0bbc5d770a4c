//! The result of `spsim run`: each strategy's aggregate over its replications.

use super::precision::Reached;
use super::rare::{Reason, Share};
use super::steady_run::SteadyRun;
use crate::model::Scenario;
use crate::record::{ClientSample, Columns, Durations, RunSummary, Sample, Verdict};
use crate::stats::Interval;
use crate::units::SimTime;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// A scenario run under each of its strategies. What was found is serialised, not the scenario,
/// which is a text.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    /// What was run.
    #[serde(skip)]
    pub scenario: Scenario,
    /// One entry per strategy, in the scenario's order.
    pub strategies: Vec<StrategyResult>,
    /// What the reader of the scenario warned of: the numbers may mislead until somebody has
    /// looked.
    pub warnings: Vec<String>,
    /// The precision that the replications were continued for, if any.
    #[serde(skip)]
    pub precision: Option<Reached>,
    /// The command that gives these results again, as a shell reads it; empty where none does.
    pub command: String,
}

/// One strategy's runs. Serialised, its rows are [`StrategyResult::columns`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StrategyResult {
    /// The scenario as this strategy changes it.
    #[serde(skip)]
    pub scenario: Scenario,
    /// The strategy's name.
    pub name: String,
    /// One summary per replication, in order; never empty.
    pub runs: Vec<RunSummary>,
    /// The port table over time, at the sample instants; see [`StrategyResult::is_thinned`].
    #[serde(rename = "columns", serialize_with = "super::columns::serialize")]
    pub rows: Vec<PortsRow>,
    /// The places in `rows` of those that are there for their height alone, between others at
    /// even distances; ascending.
    #[serde(skip)]
    pub extremes: Vec<u32>,
    /// Whether there were too many samples to keep them all: `rows` then has every extreme, but
    /// is not the whole series.
    pub is_thinned: bool,
    /// The same of each program, where several share the machine: by instant, then program.
    #[serde(skip)]
    pub clients: Vec<ClientRow>,
    /// Every duration of all runs, where they were kept: those of the runs whose numbers leave the
    /// same rest are together.
    #[serde(skip)]
    pub durations: Vec<Durations>,
    /// What each run says of the steady state, in order of replication; none where no samples were
    /// kept.
    #[serde(skip)]
    pub steady: Vec<SteadyRun>,
    /// The share of runs that are refused a port, estimated by runs in which that is likely, or
    /// why it cannot be; `None` where nobody asks.
    #[serde(skip)]
    pub rare: Option<Result<Share, Reason>>,
}

/// One row of `ports.csv`: a sample, or the mean of one over replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PortsRow {
    /// When.
    pub time: SimTime,
    /// The counts, or their means over replications.
    pub values: Columns<f64>,
    /// The 95% interval of `ports_in_use`; `None` for a single run.
    pub ports_in_use: Option<Interval>,
}

/// One row of `clients.csv`: what a program has at a sample's instant, or the mean of that over
/// replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClientRow {
    /// When.
    pub time: SimTime,
    /// The program's place in the scenario.
    pub client: u32,
    /// The columns of [`Column::CLIENT`](crate::record::Column::CLIENT).
    pub values: Columns<f64>,
}

impl PortsRow {
    /// The row of a single run.
    pub fn of(sample: &Sample) -> PortsRow {
        PortsRow {
            time: sample.time,
            values: Columns::of(sample).over(1),
            ports_in_use: None,
        }
    }
}

impl ClientRow {
    /// The row of a single run.
    pub fn of(sample: &ClientSample) -> ClientRow {
        ClientRow {
            time: sample.time,
            client: sample.client,
            values: Columns::of_client(sample).over(1),
        }
    }
}

impl StrategyResult {
    /// The rows at even distances: those that means over time may be taken of.
    pub fn regular_rows(&self) -> Cow<'_, [PortsRow]> {
        if self.extremes.is_empty() {
            return Cow::Borrowed(&self.rows);
        }
        let rows = self.rows.iter().enumerate();
        let is_regular = |place: &usize| self.extremes.binary_search(&(*place as u32)).is_err();
        let regular = rows.filter(|(place, _)| is_regular(place));
        Cow::Owned(regular.map(|(_, row)| *row).collect())
    }

    /// Mean over the replications of what `value` reads from each.
    pub fn mean(&self, value: impl Fn(&RunSummary) -> f64) -> f64 {
        self.runs.iter().map(value).sum::<f64>() / self.runs.len() as f64
    }

    /// The share of runs that are refused a port, where it was estimated.
    pub fn rare_share(&self) -> Option<&Share> {
        self.rare.as_ref()?.as_ref().ok()
    }

    /// How many replications ran out of ports.
    pub fn exhausted_count(&self) -> usize {
        self.runs
            .iter()
            .filter(|run| run.exhausted_at.is_some())
            .count()
    }

    /// The median time of exhaustion, where at least half of the runs exhausted; runs that did
    /// not are later than all that did.
    pub fn exhausted_at(&self) -> Option<SimTime> {
        let mut times: Vec<SimTime> = self
            .runs
            .iter()
            .map(|run| run.exhausted_at.unwrap_or(SimTime::NEVER))
            .collect();
        times.sort_unstable();
        // The lower median: for an even number both middle runs must have a say, and the lower
        // one exists whenever at least half exhausted.
        let median = times[(times.len() - 1) / 2];
        (median != SimTime::NEVER).then_some(median)
    }

    /// The worst verdict among the runs; "exhausted in n of N runs" is for the caller to say.
    pub fn verdict(&self) -> Verdict {
        self.runs
            .iter()
            .map(|run| run.verdict(&self.scenario.verdict))
            .max()
            .unwrap_or(Verdict::Safe)
    }
}
