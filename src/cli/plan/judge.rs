//! Whether a goal holds at one value: as many runs as it takes to know.

use crate::cli::interrupt::INTERRUPTED;
use crate::cli::load::Problem;
use crate::cli::progress::Progress;
use crate::input::InputFiles;
use crate::model::Scenario;
use crate::record::RunSummary;
use crate::sim::TraceError;
use crate::study::goal::{ByRun, Goal, Judgement};
use crate::study::plan::{Evidence, Question, Ran, Sampling, closes_each};
use crate::study::threads::run_in_order;
use crate::study::{Runner, draws_nothing};
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs that a thread makes in a row.
const RUNS_PER_JOB: usize = 8;

/// What is judged, and by how many runs at most.
pub(super) struct Judge<'a> {
    pub(super) goal: &'a Goal,
    /// The same as a question that each run answers for itself, where it is one.
    pub(super) by_run: Option<ByRun>,
    pub(super) most: u32,
    pub(super) threads: usize,
    /// How long all threads together have worked.
    pub(super) worked: &'a Cell<Duration>,
    /// The strategy's name, for the progress line.
    pub(super) name: &'a str,
    pub(super) quiet: bool,
}

/// Why a judge gives no judgement.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The scenario is wrong at this value.
    Wrong(Problem),
    /// A trace can no longer be read.
    Trace(TraceError),
    /// The user interrupted.
    Interrupted,
}

impl Judge<'_> {
    /// Judges `variant`, the scenario at the value of the question, which is the `number`th.
    pub(super) fn judge(
        &self,
        Question {
            at,
            effort,
            error,
            rises,
        }: Question,
        number: usize,
        variant: Scenario,
        files: &InputFiles,
    ) -> Result<Evidence, Stopped> {
        let is_certain = draws_nothing(&variant);
        let variant = Arc::new(variant);
        let (judgement, runs) = if is_certain {
            let mut runs = Vec::new();
            self.add(&mut runs, 1, &variant, files, &mut |_| {})?;
            (Judgement::certain(self.goal.holds(&runs)), runs)
        } else {
            let sampling = Sampling {
                goal: self.goal,
                rises: &rises,
                most: self.most,
                error,
                effort,
            };
            let what = format!("runs at most, value {number} of `{}`", self.name);
            let mut progress = Progress::new(what, sampling.most().into(), 0, self.quiet);
            let judged = sampling.judge(|runs, wanted| {
                self.add(runs, wanted, &variant, files, &mut |done| progress.at(done))
            });
            progress.end();
            judged?
        };
        Ok(Evidence {
            at,
            effort,
            judgement,
            runs: runs.len() as u32,
            rises: self.goal.rises(&runs),
            events: runs.iter().map(|run| run.events).sum(),
            seen: self.goal.values(&runs),
        })
    }

    /// Adds runs until there are `wanted`; the same replications at every value.
    fn add(
        &self,
        runs: &mut Vec<RunSummary>,
        wanted: u32,
        variant: &Arc<Scenario>,
        files: &InputFiles,
        made: &mut dyn FnMut(u64),
    ) -> Result<(), Stopped> {
        let seeds: Vec<u32> = (runs.len() as u32..wanted).collect();
        let (variant, files) = (Arc::clone(variant), files.clone());
        let until = self.by_run.as_ref().map(ByRun::until);
        // Where the goal asks when ports are refused first, a run ends when that is known.
        let one = move |runner: &mut Runner, replication| match until {
            Some(until) => runner.first_refusal(&variant, replication, &files, until),
            None => Ok(runner.run(&variant, replication, &files)?.summary),
        };
        self.run(seeds, one, |run| {
            runs.push(run);
            made(runs.len() as u64);
        })
    }

    /// Whether each of these replications at a value, which is the `number`th, is one of those
    /// that the goal counts.
    pub(super) fn hits(
        &self,
        asked: &ByRun,
        number: usize,
        seeds: &[u32],
        variant: Scenario,
        files: &InputFiles,
    ) -> Result<Ran, Stopped> {
        let what = format!("runs, value {number} of `{}`", self.name);
        let mut progress = Progress::new(what, seeds.len() as u64, 0, self.quiet);
        let until = asked.until();
        // A count tells whether a run is refused by then, and not when.
        let is_counted = closes_each(&variant) && asked.is_hit(Some(until));
        let (variant, files, counts) = (Arc::new(variant), files.clone(), asked.clone());
        let one = move |runner: &mut Runner, replication| {
            if is_counted {
                let tally = runner.tally(&variant, replication, &files, until)?;
                if let Some(is_refused) = tally.is_refused {
                    return Ok((is_refused, tally.requests));
                }
            }
            let run = runner.first_refusal(&variant, replication, &files, until)?;
            Ok((counts.is_hit(run.exhausted_at), run.events))
        };
        let mut ran = Ran::default();
        let done = self.run(seeds.into(), one, |(is_hit, events)| {
            ran.hits.push(is_hit);
            ran.events += events;
            progress.at(ran.hits.len() as u64);
        });
        progress.end();
        done.map(|()| ran)
    }

    /// Makes `one` of each of these replications and hands what comes of it to `done`, in their
    /// order.
    pub(super) fn run<T: Send + 'static>(
        &self,
        seeds: Vec<u32>,
        one: impl Fn(&mut Runner, u32) -> Result<T, TraceError> + Send + Sync + 'static,
        mut done: impl FnMut(T),
    ) -> Result<(), Stopped> {
        let jobs = seeds.len().div_ceil(RUNS_PER_JOB);
        let job = move |(): &mut (), index: u64| {
            let from = index as usize * RUNS_PER_JOB;
            let to = (from + RUNS_PER_JOB).min(seeds.len());
            let began = Instant::now();
            let mut runner = Runner::new(false);
            let made = seeds[from..to].iter().map(|seed| one(&mut runner, *seed));
            let made = made.collect::<Result<Vec<_>, _>>();
            (began.elapsed(), made)
        };
        let taken = |_, (worked, made): (Duration, Result<Vec<T>, TraceError>)| {
            self.worked.set(self.worked.get() + worked);
            made.map_err(Stopped::Trace)?
                .into_iter()
                .for_each(&mut done);
            Ok(())
        };
        let threads = self.threads.min(jobs);
        let all = run_in_order(jobs as u64, threads, &INTERRUPTED, job, taken);
        if all? {
            Ok(())
        } else {
            Err(Stopped::Interrupted)
        }
    }
}
