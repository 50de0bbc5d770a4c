//! The limit of a goal about runs that are too rare to be counted.

use super::judge::{Judge, Stopped};
use super::kept::Kept;
use super::{Made, Points};
use crate::cli::interrupt::INTERRUPTED;
use crate::cli::progress::Progress;
use crate::cli::render::Shell;
use crate::input::InputFiles;
use crate::model::Scenario;
use crate::sim::TraceError;
use crate::study::Runner;
use crate::study::plan::{Found, RARE_CONFIDENCE, Refusal, Search, search_rare};
use crate::study::rare::{
    PILOTS, Pilot, RARE, Reason, Share, Tilt, Weighed, can_estimate, tilt_of,
};
use crate::study::threads::run_in_order;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs that a thread makes in a row.
const RUNS_PER_JOB: u64 = 8;

/// Why there is no estimate at a value.
enum Left {
    Stopped(Stopped),
    Unfit(Reason),
}

impl From<Stopped> for Left {
    fn from(stopped: Stopped) -> Left {
        Left::Stopped(stopped)
    }
}

/// What is known of a value.
#[derive(Default)]
struct Value {
    laws: Option<(Arc<Scenario>, Arc<Tilt>)>,
    weights: Vec<f64>,
    events: u64,
}

/// The limit by estimates of what is too rare to be counted; `None` where it is not, or where
/// there are none, which is said.
pub(super) fn rare(
    shell: &Shell,
    points: &mut Points,
    kept: &mut Kept,
    (strategy, about): (usize, Option<f64>),
    judge: &Judge<'_>,
    query: Search<'_>,
    made: &mut Made,
) -> Result<Option<Result<Found, Refusal>>, Stopped> {
    let Some(asked) = judge.by_run.as_ref().filter(|it| it.share <= RARE) else {
        return Ok(None);
    };
    let variant = points.variant(query.range.low(), strategy);
    let unfit = can_estimate(&variant.map_err(Stopped::Wrong)?).err();
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut batch = 0;
    let mut estimate = |at: f64, runs: u32| {
        let text = query.range.text(at);
        let number = values.len() + 1;
        let value = values.entry(text.clone()).or_default();
        batch += 1;
        let from = value.weights.len() as u32;
        let known = kept.weights(judge.name, batch, &text);
        let (weights, events) = if let Some(known) = known {
            known
        } else {
            let files = &points.source.files().clone();
            let mut events = 0;
            if value.laws.is_none() {
                let variant = points.variant(at, strategy).map_err(Stopped::Wrong)?;
                let variant = Arc::new(variant);
                let pilots = pilots(judge, &variant, files)?;
                // They are made again where the plan was interrupted.
                if from == 0 {
                    events += pilots.iter().map(|it| it.events).sum::<u64>();
                }
                let tilt = tilt_of(&variant, &pilots).map_err(Left::Unfit)?;
                value.laws = Some((variant, Arc::new(tilt)));
            }
            let laws = value.laws.clone().expect("it was made");
            let what = format!("runs, value {number} of `{}`", judge.name);
            let mut progress = Progress::new(what, (runs - from).into(), 0, judge.quiet);
            let ran = weighed(judge, laws, from..runs, files, &mut progress);
            progress.end();
            let ran = ran?;
            events += ran.iter().map(|it| it.events).sum::<u64>();
            let weights: Vec<f64> = ran.iter().map(|it| it.weight).collect();
            kept.add_weights(shell, judge.name, batch, &text, (&weights, events));
            (weights, events)
        };
        made.runs += weights.len() as u64;
        made.events += events;
        value.weights.extend(weights);
        value.events += events;
        let share = Share::of(&value.weights, RARE_CONFIDENCE);
        Ok((share.expect("several runs"), value.events))
    };
    let found = match unfit {
        Some(reason) => Err(Left::Unfit(reason)),
        None => search_rare(query, asked, about, judge.most, &mut estimate),
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Left::Stopped(stopped)) => Err(stopped),
        Err(Left::Unfit(reason)) => {
            shell.say(&reason.warning(judge.name));
            Ok(None)
        }
    }
}

/// Runs as the scenario says.
fn pilots(
    judge: &Judge<'_>,
    variant: &Arc<Scenario>,
    files: &InputFiles,
) -> Result<Vec<Pilot>, Stopped> {
    let (variant, files) = (Arc::clone(variant), files.clone());
    let job = move |(): &mut (), number: u64| {
        let began = Instant::now();
        let mut runner = Runner::new(true).bounded();
        let pilot = runner.pilot(&variant, number as u32, &files);
        (began.elapsed(), pilot)
    };
    let mut pilots = Vec::new();
    let done = |_, (worked, pilot): (Duration, Result<Pilot, TraceError>)| {
        judge.worked.set(judge.worked.get() + worked);
        pilots.push(pilot.map_err(Stopped::Trace)?);
        Ok(())
    };
    if run_in_order(PILOTS.into(), judge.threads, &INTERRUPTED, job, done)? {
        Ok(pilots)
    } else {
        Err(Stopped::Interrupted)
    }
}

/// Runs of these numbers.
fn weighed(
    judge: &Judge<'_>,
    (variant, tilt): (Arc<Scenario>, Arc<Tilt>),
    numbers: core::ops::Range<u32>,
    files: &InputFiles,
    progress: &mut Progress,
) -> Result<Vec<Weighed>, Stopped> {
    let files = files.clone();
    let count = u64::from(numbers.end - numbers.start);
    let job = move |runner: &mut Option<Runner>, index: u64| {
        let began = Instant::now();
        let runner = runner.get_or_insert_with(|| Runner::new(false));
        let from = numbers.start + (index * RUNS_PER_JOB) as u32;
        let to = (from + RUNS_PER_JOB as u32).min(numbers.end);
        let runs = (from..to).map(|number| runner.weighed(&variant, &tilt, number, &files));
        let runs = runs.collect::<Result<Vec<_>, _>>();
        (began.elapsed(), runs)
    };
    let mut all = Vec::new();
    let done = |_, (worked, runs): (Duration, Result<Vec<Weighed>, TraceError>)| {
        judge.worked.set(judge.worked.get() + worked);
        all.extend(runs.map_err(Stopped::Trace)?);
        progress.at(all.len() as u64);
        Ok(())
    };
    let jobs = count.div_ceil(RUNS_PER_JOB);
    if run_in_order(jobs, judge.threads, &INTERRUPTED, job, done)? {
        Ok(all)
    } else {
        Err(Stopped::Interrupted)
    }
}
