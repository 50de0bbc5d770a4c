//! One strategy's runs, added up as they come.
//!
//! Sums of whole numbers do not depend on their order: the aggregate is the same whichever run
//! ends first, and its memory does not grow with the number of runs times that of samples.

use super::RunOutput;
use super::comparison::{ClientRow, PortsRow, StrategyResult};
use super::steady_run::SteadyRun;
use crate::model::Scenario;
use crate::record::{Column, Columns, Durations, RunSummary};
use crate::stats::interval_95_of_sums;
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// In how many sections of runs durations are kept apart: enough for the interval of a quantile,
/// and no more memory however many runs there are.
const SECTIONS: usize = 20;

/// The sum so far of a strategy's runs.
#[derive(Clone, PartialEq, Debug)]
pub struct Aggregate {
    summaries: Vec<Option<RunSummary>>,
    missing: usize,
    rows: Vec<SumRow>,
    clients: Vec<ClientSum>,
    /// Extremes between the rows, of a single run.
    between: Vec<PortsRow>,
    is_thinned: bool,
    durations: Vec<Durations>,
    steady: Vec<SteadyRun>,
    warm_up: Option<SimSpan>,
}

/// Sums over the runs at one sample instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct SumRow {
    time: SimTime,
    sums: Columns<i64>,
    squared_ports_in_use: u128,
}

/// Sums over the runs of one program at one sample instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct ClientSum {
    time: SimTime,
    client: u32,
    sums: Columns<i64>,
}

impl Aggregate {
    /// An aggregate that waits for this many runs.
    pub fn new(replications: u32) -> Aggregate {
        let mut aggregate = Aggregate {
            summaries: Vec::new(),
            missing: 0,
            rows: Vec::new(),
            clients: Vec::new(),
            between: Vec::new(),
            is_thinned: false,
            durations: Vec::new(),
            steady: Vec::new(),
            warm_up: None,
        };
        aggregate.extend_to(replications);
        aggregate
    }

    /// The same, whose runs are warming up for as long as this, and not for as long as their
    /// series says.
    pub fn warming_up(self, warm_up: Option<SimSpan>) -> Aggregate {
        Aggregate { warm_up, ..self }
    }

    /// Waits for as many runs as this in all.
    pub fn extend_to(&mut self, replications: u32) {
        let count = replications as usize;
        self.missing += count.saturating_sub(self.summaries.len());
        self.summaries.resize(count.max(self.summaries.len()), None);
    }

    /// The runs so far, in order of replication.
    pub fn runs(&self) -> Vec<RunSummary> {
        self.summaries.iter().flatten().cloned().collect()
    }

    /// Adds the run of `replication` (from 0); every run is added once.
    ///
    /// # Panics
    /// If a run that is not the only one lacks samples: they are added up instant by instant.
    pub fn add(&mut self, replication: u32, output: RunOutput) {
        if self.rows.is_empty() {
            let empty = |time| SumRow {
                time,
                sums: Columns::default(),
                squared_ports_in_use: 0,
            };
            self.rows = output
                .samples
                .iter()
                .map(|sample| empty(sample.time))
                .collect();
        }
        for (row, sample) in self.rows.iter_mut().zip(&output.samples) {
            row.sums.add(&Columns::of(sample));
            row.squared_ports_in_use += u128::from(sample.ports_in_use).pow(2);
        }
        assert!(
            !output.is_thinned || self.summaries.len() == 1,
            "a thinned run is added to others"
        );
        self.is_thinned = output.is_thinned;
        self.between = output.between.iter().map(PortsRow::of).collect();
        self.add_clients(&output);
        if let Some(durations) = &output.durations {
            let section = replication as usize % SECTIONS;
            let sections = self.durations.len().max(section + 1);
            self.durations.resize_with(sections, Durations::default);
            self.durations[section].merge(durations);
        }
        self.add_steady(replication as usize, &output);
        let place = &mut self.summaries[replication as usize];
        assert!(place.is_none(), "replication {replication} was added twice");
        *place = Some(output.summary);
        self.missing -= 1;
    }

    fn add_steady(&mut self, replication: usize, output: &RunOutput) {
        if output.samples.is_empty() {
            return;
        }
        let count = self.summaries.len().max(self.steady.len());
        self.steady.resize(count, SteadyRun::default());
        self.steady[replication] = SteadyRun::of(&output.samples, self.warm_up);
    }

    fn add_clients(&mut self, output: &RunOutput) {
        if self.clients.is_empty() {
            let samples = output.clients.iter();
            self.clients = samples
                .map(|sample| ClientSum {
                    time: sample.time,
                    client: sample.client,
                    sums: Columns::default(),
                })
                .collect();
        }
        for (row, sample) in self.clients.iter_mut().zip(&output.clients) {
            row.sums.add(&Columns::of_client(sample));
        }
    }

    /// Whether every run was added.
    pub const fn is_complete(&self) -> bool {
        self.missing == 0
    }

    /// The strategy's result.
    ///
    /// # Panics
    /// If a run is missing.
    pub fn finish(self, variant: Scenario, name: &str) -> StrategyResult {
        assert!(self.is_complete(), "a run is missing");
        // Into the same memory.
        let runs = self.summaries.into_iter();
        let runs: Vec<RunSummary> = runs.map(|run| run.expect("none is missing")).collect();
        let n = runs.len() as u64;
        let mut rows: Vec<PortsRow> = self.rows.iter().map(|row| row.mean(n)).collect();
        rows.extend(&self.between);
        rows.sort_by_key(|row| row.time);
        let extremes = places_of(&self.between, &rows);
        let clients = self.clients.iter().map(|row| ClientRow {
            time: row.time,
            client: row.client,
            values: row.sums.over(n),
        });
        let clients = clients.collect();
        StrategyResult {
            scenario: variant,
            name: name.into(),
            runs,
            rows,
            extremes,
            is_thinned: self.is_thinned,
            clients,
            durations: self.durations,
            steady: self.steady,
            rare: None,
        }
    }
}

/// Where in `rows` some of them are; both in order of time.
fn places_of(some: &[PortsRow], rows: &[PortsRow]) -> Vec<u32> {
    let place = |row: &PortsRow| rows.partition_point(|it| it.time < row.time) as u32;
    some.iter().map(place).collect()
}

impl SumRow {
    /// The means over `n` runs, with the interval of the ports in use.
    fn mean(&self, n: u64) -> PortsRow {
        let in_use = self.sums[Column::PortsInUse];
        PortsRow {
            time: self.time,
            values: self.sums.over(n),
            ports_in_use: (n > 1)
                .then(|| interval_95_of_sums(n, in_use, self.squared_ports_in_use)),
        }
    }
}
