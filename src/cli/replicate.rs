//! The runs of one scenario: every strategy, every replication, on all threads.

use super::interrupt::INTERRUPTED;
use super::load::Loaded;
use super::progress::Progress;
use super::render::talk;
use crate::model::Scenario;
use crate::sim::TraceError;
use crate::stats::precision::needed;
use crate::study::precision::Reached;
use crate::study::threads::run_all_watched;
use crate::study::{Aggregate, Comparison, Precision, RunOutput, Runner, StrategyResult};
use crate::units::SimSpan;
use crate::words::number::{count, short, span};
use anyhow::{Context, Result};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A precision that takes longer than this is told how long.
const LONG_S: f64 = 60.0;

/// Up to so many runs it is told how far each of them is: of more, how many are finished tells.
const FEW: usize = 64;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// On how many threads; results do not depend on it.
    pub threads: usize,
    /// Whether anybody asks for what the runs were like over time.
    pub keeps_samples: bool,
    /// Replications go on until this is reached.
    pub precision: Option<Precision>,
    /// Whether nobody wants to know how far it is.
    pub quiet: bool,
}

/// What a run came to.
#[derive(Debug)]
pub struct Finished {
    /// The strategies that were finished, in the scenario's order.
    pub comparison: Comparison,
    /// How many strategies there were to run.
    pub of: usize,
    /// Whether all of them were.
    pub whole: bool,
    /// The replications of the last stage that all strategies had finished, where a later one was
    /// interrupted.
    pub of_stage: Option<u32>,
}

/// Runs all strategies and replications of one scenario.
///
/// With a precision the replications grow in stages. How many there are next follows from the
/// results of all runs of a stage, so that it is the same on any number of threads, and all
/// strategies have equally many, since they are compared in pairs.
///
/// # Errors
/// A trace can no longer be read.
pub fn simulate(loaded: Loaded, effort: &Effort) -> Result<Finished> {
    let warnings = loaded.read.warning_sentences();
    let mut scenario = loaded.read.scenario;
    let variants = scenario.strategies.iter().map(|it| scenario.under(it));
    let variants: Arc<Vec<Scenario>> = Arc::new(variants.collect());
    let files = Arc::new(loaded.files);
    let asked = scenario.replications.max(1);
    let mut stage = 0..effort.precision.map_or(asked, |it| it.first(asked));
    let mut collected = Collected::new(&variants);
    let mut finished_stage = None;
    let mut reached = None;
    let began = Instant::now();
    let whole = loop {
        collected.extend_to(stage.end);
        let (first, count) = (stage.start, stage.len());
        let jobs = count * scenario.strategies.len();
        let what = format!("runs of {}", scenario.name);
        let progress = Progress::new(what, jobs as u64, 0, effort.quiet);
        let told = (progress.is_shown() && jobs <= FEW).then(Arc::<AtomicU64>::default);
        let is_replicated = stage.end > 1 || effort.precision.is_some();
        let runner = runner(effort, is_replicated, told.clone());
        let (variants, files) = (Arc::clone(&variants), Arc::clone(&files));
        // One strategy after the other, so that they are finished one by one.
        let place = move |index: usize| (index / count, first + (index % count) as u32);
        let job = move |state: &mut Option<Runner>, index: usize| {
            let (strategy, replication) = place(index);
            let runner = state.get_or_insert_with(&runner);
            runner.run(&variants[strategy], replication, &*files)
        };
        let (progress, done) = (RefCell::new(progress), Cell::new(0));
        let add = |index, output| {
            collected.add(place(index), output);
            done.set(done.get() + 1);
            progress.borrow_mut().at(done.get());
        };
        let samples = scenario.samples() as f64;
        let look = || {
            let taken = told.as_ref().map_or(0, |it| it.load(Ordering::Relaxed));
            let begun = taken as f64 / samples - done.get() as f64;
            progress.borrow_mut().within(done.get(), begun);
        };
        let whole = run_all_watched(jobs, effort.threads, &INTERRUPTED, job, add, look);
        progress.into_inner().end();
        if !whole || collected.error.is_some() {
            break whole;
        }
        let Some(next) = next_stage(effort, &stage, &collected, &mut reached) else {
            break whole;
        };
        if let Some(told) = far_off(effort, &stage, reached, began.elapsed()) {
            talk(&told);
        }
        finished_stage = Some(collected.clone());
        stage = next;
    };
    // Strategies are compared in pairs of runs: all have as many, those of the last whole stage.
    let fallen_back = finished_stage.filter(|_| !whole && collected.error.is_none());
    let of_stage = fallen_back.is_some().then_some(stage.start);
    scenario.replications = of_stage.unwrap_or(stage.end);
    let collected = fallen_back.unwrap_or(collected);
    let strategies = collected.finish(&scenario, &variants)?;
    let of = scenario.strategies.len();
    let comparison = Comparison {
        scenario,
        strategies,
        warnings,
        precision: reached,
        command: String::new(),
    };
    Ok(Finished {
        comparison,
        of,
        whole,
        of_stage,
    })
}

/// Makes runners that keep what is asked for. The samples of replications are added up instant by
/// instant, so all are kept; a single run's are written as it is made again (see `cli/series.rs`).
fn runner(
    effort: &Effort,
    is_replicated: bool,
    told: Option<Arc<AtomicU64>>,
) -> impl Fn() -> Runner + Send + Sync + 'static {
    let keeps_samples = effort.keeps_samples;
    move || {
        let mut runner = Runner::new(keeps_samples);
        if let Some(samples) = &told {
            runner = runner.telling(Arc::clone(samples));
        }
        if !is_replicated {
            runner.bounded()
        } else if keeps_samples {
            runner.keeping_durations()
        } else {
            runner
        }
    }
}

/// The replications that are still needed for the precision, and how far the last stage came.
fn next_stage(
    effort: &Effort,
    stage: &Range<u32>,
    collected: &Collected,
    reached: &mut Option<Reached>,
) -> Option<Range<u32>> {
    let precision = effort.precision?;
    let widths = collected.aggregates.iter();
    let widest = widths
        .map(|it| precision.half_width(&it.runs()))
        .fold(0.0, f64::max);
    *reached = Some(precision.reached(widest));
    let next = precision.next(stage.end, widest)?;
    Some(stage.end..next)
}

/// Behind the first stage, before the others begin: how far off a precision is that takes long, or
/// more runs than it may.
fn far_off(
    effort: &Effort,
    stage: &Range<u32>,
    reached: Option<Reached>,
    took: Duration,
) -> Option<String> {
    let (precision, reached) = effort.precision.zip(reached)?;
    let needed = needed(stage.end, reached.found, precision.wanted);
    let most = f64::from(precision.most);
    // As fast as the first ones were.
    let seconds = took.as_secs_f64() / f64::from(stage.end) * needed.min(most);
    let is_told = stage.start == 0 && !effort.quiet;
    if !is_told || (needed <= most && seconds < LONG_S) {
        return None;
    }
    let amount = if needed.is_finite() {
        format!("about {} runs", short(needed))
    } else {
        "more runs than can be said".into()
    };
    let bound = if needed > most {
        format!(", and --most-replications allows {}", count(most))
    } else {
        String::new()
    };
    Some(format!(
        "{amount} are needed to know {} to {} of its value{bound}: {} from here on",
        precision.metric.name,
        precision.wanted,
        span(SimSpan::from_seconds_rounded(seconds))
    ))
}

/// Results by their place, whatever the order in which they come.
#[derive(Clone)]
struct Collected {
    aggregates: Vec<Aggregate>,
    error: Option<((usize, u32), TraceError)>,
}

impl Collected {
    fn new(variants: &[Scenario]) -> Collected {
        let empty = |variant: &Scenario| Aggregate::new(0).warming_up(variant.warm_up);
        Collected {
            aggregates: variants.iter().map(empty).collect(),
            error: None,
        }
    }

    fn extend_to(&mut self, replications: u32) {
        for aggregate in &mut self.aggregates {
            aggregate.extend_to(replications);
        }
    }

    fn add(&mut self, place: (usize, u32), output: Result<RunOutput, TraceError>) {
        match output {
            Ok(output) => self.aggregates[place.0].add(place.1, output),
            // The first by place, so that the message is the same on any number of threads.
            Err(error) => {
                if self.error.as_ref().is_none_or(|(first, _)| place < *first) {
                    self.error = Some((place, error));
                }
            }
        }
    }

    /// The strategies of which every run was made.
    fn finish(self, scenario: &Scenario, variants: &[Scenario]) -> Result<Vec<StrategyResult>> {
        if let Some((_, error)) = self.error {
            return Err(error).context("cannot read a trace");
        }
        let all = self.aggregates.into_iter().zip(variants);
        let finished = all
            .zip(&scenario.strategies)
            .filter(|((aggregate, _), _)| aggregate.is_complete())
            .map(|((aggregate, variant), strategy)| {
                let mut variant = variant.clone();
                variant.replications = scenario.replications;
                aggregate.finish(variant, &strategy.name)
            });
        Ok(finished.collect())
    }
}
