//! Running the points of a sweep on threads, their rows in order.

use crate::cli::interrupt::INTERRUPTED;
use crate::cli::journal::Journal;
use crate::cli::load::{Problem, Source};
use crate::cli::progress::Progress;
use crate::cli::render::Shell;
use crate::model::Scenario;
use crate::output::sweep::Table;
use crate::record::RunSummary;
use crate::scenario::Override;
use crate::sim::TraceError;
use crate::stats::Confidence;
use crate::study::rare::{RUNS, Reason, Share, can_estimate};
use crate::study::sweep::estimates;
use crate::study::threads::run_in_order;
use crate::study::{Axis, Design, METRICS, OfPart, PartError, Runner, Shard};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs that one thread does in a row: enough that handing out jobs costs nothing, few enough
/// that all threads have work at a single point.
const RUNS_PER_JOB: u32 = 64;

/// The points of a sweep and how to run one.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// The scenario's text.
    pub source: Source,
    /// Changes that hold at every point.
    pub overrides: Vec<Override>,
    /// The strategies by name; empty is all.
    pub wanted: Vec<String>,
    /// The points.
    pub design: Arc<Design>,
    /// Which of them.
    pub shard: Shard,
    /// Runs of each strategy at each point.
    pub replications: u32,
    /// How many strategies there are.
    pub strategies: usize,
    /// What rows look like.
    pub table: Arc<Table>,
    /// The metrics of parts of the runs.
    pub of_parts: Vec<OfPart>,
    /// Whether the share of runs that are refused a port is estimated.
    pub rare: bool,
}

/// Why a point cannot be run.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Failure {
    /// The scenario is wrong there.
    Scenario(Problem),
    /// It has another number of strategies than the others.
    Strategies(usize),
    /// It has not the part that a metric is asked of.
    Metric(PartError),
    /// A trace can no longer be read.
    Trace(TraceError),
}

/// A point that cannot be run.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The varied keys and their values there.
    pub point: String,
    /// Why.
    pub failure: Failure,
}

/// Where rows go.
#[derive(Debug)]
pub(super) enum Sink {
    /// Into the journal.
    Journal(Journal),
    /// Into memory: nothing is written.
    Memory(Vec<u8>),
}

impl Sink {
    fn append(&mut self, rows: &[u8]) -> Result<()> {
        match self {
            Sink::Journal(journal) => journal.append(rows)?,
            Sink::Memory(bytes) => bytes.extend_from_slice(rows),
        }
        Ok(())
    }
}

/// How running ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// All points are in the sink.
    Done,
    /// The user interrupted; so many points are in the sink.
    Interrupted(u64),
    /// A point cannot be run.
    Wrong(Wrong),
}

/// What one job came to: the rows of a whole point, with why the rare runs of which strategies were
/// counted and not estimated; or some of its runs, by strategy.
enum Output {
    Rows(Vec<u8>, Vec<(usize, Reason)>),
    Runs(Vec<Vec<RunSummary>>),
}

/// What a thread keeps from job to job: the scenario's text, the variants of the point it is at,
/// and the memory of its runs.
#[derive(Default)]
struct Worker {
    source: Option<Source>,
    runner: Runner,
    at: Option<(u64, Arc<Vec<Scenario>>)>,
}

/// Runs the points from number `done` on.
///
/// # Errors
/// Rows cannot be written.
pub(super) fn run(
    work: Work,
    done: u64,
    threads: usize,
    sink: &mut Sink,
    shell: &Shell,
) -> Result<Ended> {
    let work = Arc::new(work);
    let shown = Arc::clone(&work);
    let total = work.shard.count(work.design.points());
    let blocks = work.blocks();
    let mut progress = Progress::new("points", total, done, shell.quiet);
    let mut points = done;
    let mut gathered: Vec<Vec<RunSummary>> = vec![Vec::new(); work.strategies];
    let mut wrong = None;
    let mut counted: BTreeMap<usize, (u64, Reason)> = BTreeMap::new();
    let confidence = Confidence::new(0.95, work.replications as usize);
    let job = {
        let work = Arc::clone(&work);
        move |worker: &mut Worker, index: u64| {
            let point = work.shard.point(done + index / blocks);
            let block = (index % blocks) as u32;
            work.block(worker, point, block, confidence)
                .map_err(|failure| (point, failure))
        }
    };
    let deliver = |index: u64, output: Result<Output, (u64, Failure)>| -> Result<(), Stop> {
        match output {
            Ok(Output::Rows(rows, reasons)) => {
                for (strategy, reason) in reasons {
                    counted.entry(strategy).or_insert((0, reason)).0 += 1;
                }
                sink.append(&rows).map_err(Stop::Machine)?;
            }
            Ok(Output::Runs(runs)) => {
                for (all, more) in gathered.iter_mut().zip(runs) {
                    all.extend(more);
                }
                if !(index + 1).is_multiple_of(blocks) {
                    return Ok(());
                }
                let point = work.shard.point(done + index / blocks);
                let rows = work.rows(point, &gathered, &[], confidence);
                gathered.iter_mut().for_each(Vec::clear);
                sink.append(&rows).map_err(Stop::Machine)?;
            }
            Err((point, failure)) => {
                let point = work.named(point);
                wrong = Some(Wrong { point, failure });
                return Err(Stop::Wrong);
            }
        }
        points += 1;
        progress.at(points);
        Ok(())
    };
    let jobs = (total - done) * blocks;
    let ended = run_in_order(jobs, threads, &INTERRUPTED, job, deliver);
    progress.end();
    for (strategy, (points, reason)) in counted {
        let warning = reason.warning(shown.table.strategy(strategy));
        shell.say(&format!("{warning} (at {points} of {total} points)"));
    }
    if let Sink::Journal(journal) = sink {
        journal.flush()?;
    }
    match (ended, wrong) {
        (Ok(true), _) => Ok(Ended::Done),
        (Ok(false), _) => Ok(Ended::Interrupted(points)),
        (Err(Stop::Machine(error)), _) => Err(error),
        (Err(Stop::Wrong), wrong) => Ok(Ended::Wrong(wrong.context("no point is wrong")?)),
    }
}

enum Stop {
    Machine(anyhow::Error),
    Wrong,
}

impl Work {
    /// Replications that one job makes of every strategy.
    fn block_size(&self) -> u32 {
        if self.rare {
            // An estimate is made with the runs of its point.
            return self.replications.max(1);
        }
        (RUNS_PER_JOB / self.strategies.max(1) as u32).clamp(1, self.replications.max(1))
    }

    fn blocks(&self) -> u64 {
        self.replications.max(1).div_ceil(self.block_size()).into()
    }

    /// The changes that make point number `point` of the whole design.
    pub(super) fn overrides_at(&self, point: u64) -> Vec<Override> {
        let values = self.design.values(point);
        changed(&self.overrides, self.design.axes(), values)
    }

    /// `machine.ports = 5000, seed = 3`.
    fn named(&self, point: u64) -> String {
        let values = self.design.values(point);
        let keys = self.design.axes().iter().map(|axis| &axis.key);
        let pairs: Vec<String> = keys
            .zip(values)
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        pairs.join(", ")
    }

    fn block(
        &self,
        worker: &mut Worker,
        point: u64,
        block: u32,
        confidence: Confidence,
    ) -> Result<Output, Failure> {
        let variants = self.variants(worker, point)?;
        let source = worker.source.get_or_insert_with(|| self.source.clone());
        let first = block * self.block_size();
        let beyond = (first + self.block_size()).min(self.replications);
        let mut found = Vec::with_capacity(variants.len());
        let runner = &mut worker.runner;
        for variant in variants.iter() {
            let runs = (first..beyond).map(|replication| {
                let output = runner.run(variant, replication, source.files());
                output.map(|output| output.summary)
            });
            found.push(
                runs.collect::<Result<Vec<_>, _>>()
                    .map_err(Failure::Trace)?,
            );
        }
        if self.blocks() > 1 {
            return Ok(Output::Runs(found));
        }
        let rare = variants.iter().filter(|_| self.rare);
        let rare = rare.map(|it| runner.rare_share(it, RUNS, source.files()));
        let rare = rare
            .collect::<Result<Vec<_>, _>>()
            .map_err(Failure::Trace)?;
        let reasons = rare.iter().enumerate();
        let reasons = reasons.filter_map(|(place, share)| Some((place, *share.as_ref().err()?)));
        // What the scenario tells itself was said before.
        let reasons = reasons.filter(|(place, _)| can_estimate(&variants[*place]).is_ok());
        let reasons = reasons.collect();
        let rare: Vec<Option<Share>> = rare.into_iter().map(Result::ok).collect();
        let rows = self.rows(point, &found, &rare, confidence);
        Ok(Output::Rows(rows, reasons))
    }

    /// The rows of a point; `rare` has the shares that were estimated.
    fn rows(
        &self,
        point: u64,
        runs: &[Vec<RunSummary>],
        rare: &[Option<Share>],
        confidence: Confidence,
    ) -> Vec<u8> {
        let of = |(place, runs): (usize, &Vec<RunSummary>)| {
            let mut found = estimates(runs, &self.of_parts, confidence);
            if let Some(share) = rare.get(place).and_then(Option::as_ref) {
                let known = METRICS.iter().zip(&mut found);
                let mut known = known.filter(|(metric, _)| metric.name == "p_exhausted");
                if let Some((_, estimate)) = known.next() {
                    *estimate = share.estimate();
                }
            }
            found
        };
        let found: Vec<_> = runs.iter().enumerate().map(of).collect();
        self.table.rows(&self.design.values(point), &found)
    }

    /// The scenario at a point under each of its strategies.
    fn variants(&self, worker: &mut Worker, point: u64) -> Result<Arc<Vec<Scenario>>, Failure> {
        if let Some((at, variants)) = &worker.at
            && *at == point
        {
            return Ok(Arc::clone(variants));
        }
        let source = worker.source.get_or_insert_with(|| self.source.clone());
        let read = source.read(&self.overrides_at(point), &self.wanted);
        let mut scenario = read.map_err(Failure::Scenario)?.scenario;
        // Each has its place, the same at every point, even where two are of the same part.
        for it in &self.of_parts {
            let part = it.part(&scenario).map_err(Failure::Metric)?;
            scenario.parts.extend(part);
        }
        if scenario.strategies.len() != self.strategies {
            return Err(Failure::Strategies(scenario.strategies.len()));
        }
        let strategies = scenario.strategies.iter();
        let variants: Vec<Scenario> = strategies.map(|it| scenario.under(it)).collect();
        let variants = Arc::new(variants);
        worker.at = Some((point, Arc::clone(&variants)));
        Ok(variants)
    }
}

/// The common changes and those of a point.
pub(in crate::cli) fn changed(
    common: &[Override],
    axes: &[Axis],
    values: Vec<String>,
) -> Vec<Override> {
    let own = axes.iter().zip(values).map(|(axis, value)| Override {
        typed_as: "--vary",
        key: axis.key.clone(),
        value,
    });
    common.iter().cloned().chain(own).collect()
}
