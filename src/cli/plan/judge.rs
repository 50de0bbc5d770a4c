//! Whether a goal holds at one value: as many runs as it takes to know.

use crate::cli::interrupt::INTERRUPTED;
use crate::cli::jobs;
use crate::cli::load::Problem;
use crate::cli::progress::Progress;
use crate::input::InputFiles;
use crate::model::Scenario;
use crate::record::RunSummary;
use crate::sim::TraceError;
use crate::study::goal::{Goal, Judgement};
use crate::study::plan::Evidence;
use crate::study::{Runner, draws_nothing};
use std::sync::Arc;

/// Confidence of one look at the runs. With seven looks, at 30 runs and each doubling, the
/// chance of a wrong decision at a value stays below 7 × 0.5 % (Bonferroni, one side).
const LEVEL: f64 = 0.99;

/// Runs before the first look.
const FIRST: u32 = 30;

/// Runs that a thread makes in a row.
const RUNS_PER_JOB: u32 = 8;

/// What is judged, and by how many runs at most.
pub(super) struct Judge<'a> {
    pub(super) goal: &'a Goal,
    pub(super) most: u32,
    pub(super) threads: usize,
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
    /// Judges `variant`, the scenario at the value `at`.
    pub(super) fn judge(
        &self,
        at: f64,
        variant: Scenario,
        files: &InputFiles,
    ) -> Result<Evidence, Stopped> {
        let certain = draws_nothing(&variant);
        let variant = Arc::new(variant);
        let mut runs: Vec<RunSummary> = Vec::new();
        let mut wanted = if certain { 1 } else { FIRST.min(self.most) };
        loop {
            self.add(&mut runs, wanted, &variant, files)?;
            let judgement = if certain {
                Judgement::certain(self.goal.holds(&runs))
            } else {
                self.goal.judge(&runs, LEVEL)
            };
            let is_open = matches!(judgement, Judgement::Open(_));
            if certain || !is_open || wanted >= self.most {
                return Ok(Evidence {
                    at,
                    judgement,
                    runs: runs.len() as u32,
                    seen: self.goal.values(&runs),
                });
            }
            wanted = wanted.saturating_mul(2).min(self.most);
        }
    }

    /// Adds runs until there are `wanted`; the same replications at every value.
    fn add(
        &self,
        runs: &mut Vec<RunSummary>,
        wanted: u32,
        variant: &Arc<Scenario>,
        files: &InputFiles,
    ) -> Result<(), Stopped> {
        let first = runs.len() as u32;
        let jobs = (wanted - first).div_ceil(RUNS_PER_JOB);
        let (variant, files) = (Arc::clone(variant), files.clone());
        let job = move |(): &mut (), index: u64| {
            let from = first + index as u32 * RUNS_PER_JOB;
            let to = (from + RUNS_PER_JOB).min(wanted);
            let mut runner = Runner::new(false);
            let outputs = (from..to).map(|replication| {
                let output = runner.run(&variant, replication, &files);
                output.map(|output| output.summary)
            });
            outputs.collect::<Result<Vec<_>, _>>()
        };
        let what = format!("runs under `{}` at a value", self.name);
        let mut progress = Progress::new(what, wanted.into(), first.into(), self.quiet);
        let done = |_, outputs: Result<Vec<RunSummary>, TraceError>| {
            runs.extend(outputs.map_err(Stopped::Trace)?);
            progress.at(runs.len() as u64);
            Ok(())
        };
        let threads = self.threads.min(jobs as usize);
        let all = jobs::run_in_order(jobs.into(), threads, &INTERRUPTED, job, done);
        progress.end();
        if all? {
            Ok(())
        } else {
            Err(Stopped::Interrupted)
        }
    }
}
