//! `spsim plan`: where along a key a goal stops to hold, under each strategy, and what to set.

mod decidable;
mod judge;
mod kept;
mod rare;

use super::args::ChangeArgs;
use super::exit::{Exit, Refused};
use super::interrupt::{self, INTERRUPTED};
use super::load::{self, Problem, Source};
use super::render::Shell;
use super::run::folder_name;
use super::sweep::changed;
use crate::model::Scenario;
use crate::output::plan::{self as output, Answer, Plan};
use crate::study::draws_nothing;
use crate::study::goal::Judgement;
use crate::study::plan::{
    Among, Evidence, Found, Question, Refusal, Search, closed_form, search, search_turns,
    turns_once,
};
use crate::study::sweep::Readings;
use crate::study::vary::{Range, Values};
use crate::study::{Axis, Goal};
use crate::words::number::count;
use anyhow::{Context, Result};
use clap::Args;
use decidable::decidable;
use judge::{Judge, Stopped};
use kept::{Identity, Kept};
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Most runs of one value when nobody says otherwise.
const MOST_RUNS: u32 = 1_920;

/// How near a limit of times or numbers is sought when nobody says otherwise.
const PRECISION: f64 = 0.01;

/// The same of goals that are too rare to be counted: a probability changes by powers of ten there.
const RARE_PRECISION: f64 = 0.02;

/// `spsim plan`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct PlanArgs {
    /// A scenario file, the name of a built-in scenario (see `spsim list`), or - for stdin
    #[arg(value_name = "SCENARIO")]
    pub scenario: String,
    /// What is different; `--replications` is the most runs of one value.
    #[command(flatten)]
    pub changes: ChangeArgs,
    /// The key to search along, and between which values
    #[arg(long, value_name = "KEY=LO..HI", value_parser = Axis::parse)]
    pub vary: Axis,
    /// What must hold, as in `p_exhausted < 0.01`; several conditions are joined by `and`
    #[arg(long, value_name = "EXPR", value_parser = Goal::parse)]
    pub goal: Goal,
    /// How near the limit must be known, relative to it (default: 0.01, for rare goals 0.02; whole
    /// numbers: exactly)
    #[arg(long, value_name = "SHARE", value_parser = precision)]
    pub precision: Option<f64>,
    /// Where finished values are kept until the plan is done: this folder, or `none` to keep
    /// nothing (default: `output/<scenario>`)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON instead of the table
    #[arg(long)]
    pub json: bool,
    /// How many threads to use; results do not depend on it (default: one per core)
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

const AFTER_HELP: &str = "\
  spsim plan kb2551125 --vary machine.ports=1000..20000 --goal 'p_exhausted < 0.01'
  spsim plan keep-alive-off-time-wait --vary workload.orders.arrivals.poisson.rate=5..40 \\
      --goal 'failed_share < 0.001'

The goal must hold at exactly one end of LO..HI. At each value runs are added, with the same
random numbers at all values, until the goal is decided or --replications (default: 1920) are
made; a scenario that draws nothing at random needs one. Both ends of what is known are right
together with 95% confidence. A plan that was interrupted goes on where it was when the same
command is given again.";

fn precision(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    number
        .filter(|it: &f64| *it > 0.0 && *it < 1.0)
        .ok_or_else(|| "a number above 0 and below 1 is expected, as in `0.02`".into())
}

/// Searches the limit under each strategy.
///
/// # Errors
/// A file cannot be read.
pub fn plan(shell: &Shell, args: &PlanArgs) -> Result<Exit> {
    let mut points = Points::new(shell, args, load::find(shell, &args.scenario)?)?;
    decidable(shell, args, &mut points)?;
    interrupt::listen();
    let strategies: Vec<String> = points.first.strategy_names();
    let mut kept = Kept::open(shell, points.folder(args), &points.identity(args));
    let mut answers = Vec::new();
    let worked = Cell::new(Duration::ZERO);
    for (index, name) in strategies.iter().enumerate() {
        let found = answer(shell, args, &mut points, &mut kept, (index, &worked))?;
        answers.push(Answer {
            strategy: name.clone(),
            ..found
        });
    }
    let plan = Plan {
        scenario: points.first.clone(),
        key: args.vary.key.clone(),
        goal: points.goal.to_string(),
        range: points.range.clone(),
        answers,
    };
    kept.finish()?;
    // Results are the same bytes on every machine: how long they take is none.
    let sum = |of: fn(&Answer) -> u64| count(plan.answers.iter().map(of).sum::<u64>() as f64);
    shell.say(&format!(
        "{} runs of {} events in {:.1} s of work",
        sum(|it| it.runs),
        sum(|it| it.events),
        worked.get().as_secs_f64()
    ));
    conclude(shell, args, &mut points, &plan)
}

/// The scenario at any value of the key.
struct Points {
    source: Source,
    overrides: Vec<crate::scenario::Override>,
    wanted: Vec<String>,
    axis: Axis,
    range: Range,
    /// What is asked, of the scenario at the lower end.
    goal: Goal,
    /// That scenario.
    first: Scenario,
    /// Digest of the scenario at both ends.
    digest: String,
}

impl Points {
    fn new(shell: &Shell, args: &PlanArgs, mut source: Source) -> Result<Points> {
        let usage = |problem: String| shell.usage(&problem);
        let Values::Range(range) = args.vary.values.clone() else {
            let key = &args.vary.key;
            return Err(usage(format!(
                "a plan searches a range: write `--vary {key}=LO..HI`"
            )));
        };
        if range.low() >= range.high() {
            return Err(usage(format!(
                "`{}` is one value: there is nothing to search",
                args.vary
            )));
        }
        if args.vary.key == "replications" {
            return Err(usage("`replications` has no limit to be found".into()));
        }
        let overrides = args.changes.overrides();
        let wanted = args.changes.strategy.clone();
        let mut read = |text: String| {
            let all = changed(&overrides, std::slice::from_ref(&args.vary), vec![text]);
            source.read(&all, &wanted)
        };
        let (low, high) = (
            read(range.text(range.low())),
            read(range.text(range.high())),
        );
        // A rate written as 5..40 may have fractions, a number of ports may not.
        let fraction = range.clone().with_fractions();
        let takes_fractions = read(fraction.text(range.low() + 0.5)).is_ok();
        let range = if takes_fractions { fraction } else { range };
        let low = low.map_err(|problem| source.show(shell, &problem))?;
        let high = high.map_err(|problem| source.show(shell, &problem))?;
        let mut readings = Readings::default();
        readings.add(low.scenario.digest);
        readings.add(high.scenario.digest);
        shell.warnings(&source.shown, &source.text, &low.warnings);
        let mut first = low.scenario;
        let goal = args.goal.aimed(&mut first);
        let goal = goal.map_err(|problem| usage(format!("--goal: {problem}")))?;
        Ok(Points {
            source,
            overrides,
            wanted,
            axis: args.vary.clone(),
            range,
            goal,
            first,
            digest: readings.text(),
        })
    }

    /// Where finished values are kept; `None` keeps nothing.
    fn folder(&self, args: &PlanArgs) -> Option<PathBuf> {
        let default = || Path::new("output").join(folder_name(&self.first.name));
        let folder = args.out.clone().unwrap_or_else(default);
        (folder != Path::new("none")).then_some(folder)
    }

    fn identity(&self, args: &PlanArgs) -> Identity {
        Identity {
            spsim: env!("CARGO_PKG_VERSION"),
            scenario: self.first.name.clone(),
            digest: self.digest.clone(),
            seed: self.first.seed,
            strategies: self.first.strategy_names(),
            vary: args.vary.to_string(),
            goal: args.goal.to_string(),
            precision: self.precision(args),
            most: most(args),
        }
    }

    /// How near the limit is to be known.
    fn precision(&self, args: &PlanArgs) -> f64 {
        let default = if self.range.is_whole() {
            0.0
        } else {
            PRECISION
        };
        args.precision.unwrap_or(default)
    }

    /// The whole scenario at a value.
    fn scenario(&mut self, at: f64) -> Result<Scenario, Problem> {
        let text = self.range.text(at);
        let axes = std::slice::from_ref(&self.axis);
        let all = changed(&self.overrides, axes, vec![text]);
        let mut scenario = self.source.read(&all, &self.wanted)?.scenario;
        scenario.parts.clone_from(&self.first.parts);
        Ok(scenario)
    }

    /// The scenario at a value as one strategy changes it.
    fn variant(&mut self, at: f64, strategy: usize) -> Result<Scenario, Problem> {
        let scenario = self.scenario(at)?;
        let strategy = scenario.strategies.get(strategy).cloned();
        let missing = || Problem::NoStrategy("the strategies differ along the range".into());
        Ok(scenario.under(&strategy.ok_or_else(missing)?))
    }
}

fn most(args: &PlanArgs) -> u32 {
    args.changes.replications.unwrap_or(MOST_RUNS)
}

/// One strategy's answer; its name is for the caller to add.
fn answer(
    shell: &Shell,
    args: &PlanArgs,
    points: &mut Points,
    kept: &mut Kept,
    (strategy, worked): (usize, &Cell<Duration>),
) -> Result<Answer> {
    let range = points.range.clone();
    let query = Search {
        range: &range,
        precision: points.precision(args),
    };
    let name = &points.first.strategy_names()[strategy];
    let goal = points.goal.clone();
    let judge = Judge {
        goal: &goal,
        by_run: goal.by_run(),
        most: most(args),
        threads: crate::cli::args::threads(args.threads),
        worked,
        name,
        quiet: shell.quiet,
    };
    let theory = theory(points, strategy, &range);
    let mut made = Made::default();
    let about = theory.map(|(limit, _)| limit);
    let which = (strategy, about);
    let of_rare = Search {
        precision: match args.precision {
            None if !range.is_whole() => RARE_PRECISION,
            _ => query.precision,
        },
        ..query
    };
    let mut found = || {
        if let Some(found) = rare::rare(shell, points, kept, which, &judge, of_rare, &mut made)? {
            return Ok(found);
        }
        if let Some(found) = turns(shell, points, kept, which, &judge, query, &mut made)? {
            return Ok(Ok(found));
        }
        general(shell, points, kept, strategy, &judge, query, &mut made)
    };
    let found = match found() {
        Ok(found) => found,
        Err(Stopped::Wrong(problem)) => return Err(points.source.show(shell, &problem)),
        Err(Stopped::Interrupted) => {
            let what = kept.interrupted(shell);
            shell.error(&format!("interrupted: {what}"));
            return Err(Refused(Exit::Interrupted).into());
        }
        Err(Stopped::Trace(error)) => return Err(error).context("cannot read a trace"),
    };
    Ok(Answer {
        strategy: String::new(),
        found,
        theory,
        runs: made.runs,
        events: made.events,
    })
}

/// How much was run for an answer.
#[derive(Clone, Copy, Debug, Default)]
struct Made {
    runs: u64,
    events: u64,
}

/// The limit from the values at which the runs of each seed turn; `None` where they do not, or
/// where it is not runs that the goal counts.
fn turns(
    shell: &Shell,
    points: &mut Points,
    kept: &mut Kept,
    (strategy, about): (usize, Option<f64>),
    judge: &Judge<'_>,
    query: Search<'_>,
    made: &mut Made,
) -> Result<Option<Found>, Stopped> {
    let Some(asked) = &judge.by_run else {
        return Ok(None);
    };
    let ends = [query.range.low(), query.range.high()];
    let mut variant = |at| points.variant(at, strategy).map_err(Stopped::Wrong);
    let [low, high] = [variant(ends[0])?, variant(ends[1])?];
    if draws_nothing(&low) || draws_nothing(&high) {
        return Ok(None);
    }
    let among = Among {
        asked,
        most: judge.most,
        turns_once: turns_once(&low, &high),
        about,
    };
    let mut number = 0;
    search_turns(query, among, |at, seeds| {
        number += 1;
        let text = query.range.text(at);
        let known = kept.batch(judge.name, number, &text, seeds.len());
        let ran = if let Some(ran) = known {
            ran
        } else {
            let variant = points.variant(at, strategy).map_err(Stopped::Wrong)?;
            let files = points.source.files();
            let ran = judge.hits(asked, number as usize, seeds, variant, files)?;
            kept.add_batch(shell, judge.name, number, &text, &ran);
            ran
        };
        made.runs += seeds.len() as u64;
        made.events += ran.events;
        Ok(ran)
    })
}

/// The limit by judging value after value.
fn general(
    shell: &Shell,
    points: &mut Points,
    kept: &mut Kept,
    strategy: usize,
    judge: &Judge<'_>,
    query: Search<'_>,
    made: &mut Made,
) -> Result<Result<Found, Refusal>, Stopped> {
    let mut number = 0;
    search(query, |question| {
        number += 1;
        let at = query.range.text(question.at);
        let known = kept.find(judge.name, &at, question.effort);
        let evidence = if let Some(evidence) = known {
            Evidence {
                at: question.at,
                ..evidence
            }
        } else {
            let variant = points.variant(question.at, strategy);
            let variant = variant.map_err(Stopped::Wrong)?;
            let evidence = judge.judge(question, number, variant, points.source.files())?;
            kept.add(shell, judge.name, &at, &evidence);
            evidence
        };
        made.runs += u64::from(evidence.runs);
        made.events += evidence.events;
        Ok(evidence)
    })
}

/// The limit by the closed form, with its formula, where there is one along the whole range.
fn theory(points: &mut Points, strategy: usize, range: &Range) -> Option<(f64, &'static str)> {
    let mut formula = None;
    let query = Search {
        range,
        precision: 1e-6,
    };
    let found = search(query, |Question { at, effort, .. }| {
        let variant = points.variant(at, strategy).map_err(|_| ())?;
        let (holds, text) = closed_form::holds(&points.goal, &variant).ok_or(())?;
        formula = Some(text);
        Ok::<_, ()>(Evidence {
            at,
            effort,
            judgement: Judgement::certain(holds),
            runs: 0,
            rises: Vec::new(),
            events: 0,
            seen: String::new(),
        })
    });
    Some((found.ok()?.ok()?.limit, formula?))
}

/// Prints the plan and says how it ended.
fn conclude(shell: &Shell, args: &PlanArgs, points: &mut Points, plan: &Plan) -> Result<Exit> {
    for answer in &plan.answers {
        let refusal = answer.found.as_ref().err();
        if let Some(refusal) = refusal {
            shell.error(&output::refusal(plan, answer, refusal));
        }
    }
    let is_broken = |answer: &Answer| matches!(answer.found, Err(Refusal::NotMonotone(_)));
    let none = plan.answers.iter().all(|answer| answer.found.is_err());
    let exit = if none || plan.answers.iter().any(is_broken) {
        Exit::Wrong
    } else {
        Exit::Done
    };
    let at_limit = match plan.winner().and_then(Answer::limit) {
        Some(limit) => points.scenario(limit).ok(),
        None => None,
    };
    let at_limit = at_limit.as_ref();
    let at_limit = at_limit.map(|it| (it, crate::scenario::patch_of(&plan.key, it)));
    if args.json {
        shell.print(&output::json(plan))?;
    } else if !shell.quiet && !none {
        shell.print(&output::text(plan, at_limit, shell.terminal()))?;
    }
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Ok(Exit::Interrupted);
    }
    Ok(exit)
}
