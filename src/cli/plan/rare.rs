//! The limit of a goal about runs that are too rare to be counted.

use super::judge::{Judge, Stopped};
use super::kept::Kept;
use super::{Made, Points};
use crate::cli::progress::Progress;
use crate::cli::render::Shell;
use crate::input::InputFiles;
use crate::model::Scenario;
use crate::study::Runner;
use crate::study::plan::{Found, RARE_CONFIDENCE, Refusal, Search, search_rare};
use crate::study::rare::{
    PILOTS, Pilot, RARE, Reason, Share, Tilt, Weighed, can_estimate, tilt_of,
};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

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
    // Of these the samples are wanted.
    let one = move |_: &mut Runner, number| {
        let mut keeping = Runner::new(true).bounded();
        keeping.pilot(&variant, number, &files)
    };
    let mut pilots = Vec::new();
    judge.run((0..PILOTS).collect(), one, |pilot| pilots.push(pilot))?;
    Ok(pilots)
}

/// Runs of these numbers.
fn weighed(
    judge: &Judge<'_>,
    (variant, tilt): (Arc<Scenario>, Arc<Tilt>),
    numbers: Range<u32>,
    files: &InputFiles,
    progress: &mut Progress,
) -> Result<Vec<Weighed>, Stopped> {
    let files = files.clone();
    let one = move |runner: &mut Runner, number| runner.weighed(&variant, &tilt, number, &files);
    let mut all = Vec::new();
    judge.run(numbers.collect(), one, |run| {
        all.push(run);
        progress.at(all.len() as u64);
    })?;
    Ok(all)
}
