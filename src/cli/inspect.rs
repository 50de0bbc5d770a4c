//! `spsim inspect`: the world of a run at one instant, or the counts at regular ones.

use super::args::{ScenarioArgs, parse_span, parse_time};
use super::exit::Exit;
use super::load::{Loaded, load_all};
use super::render::{self, Shell};
use crate::model::Scenario;
use crate::model::Strategy;
use crate::output;
use crate::output::inspect::{self as views, Inspected, View};
use crate::study::inspection;
use crate::units::{SimSpan, SimTime};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::io::Write;

/// The most rows of the table over time: enough for any chart.
const MOST_ROWS: u64 = 100_000;

/// `spsim inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// What to look at; the first strategy if none is named.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The instant, as in `90s`: the world after everything that happens then
    #[arg(
        long,
        value_name = "TIME",
        value_parser = parse_time,
        required_unless_present = "every"
    )]
    pub at: Option<SimTime>,
    /// Print the counts at 0, at this span and its multiples instead, as CSV, until --at or the
    /// end
    #[arg(long, value_name = "SPAN", value_parser = parse_span, conflicts_with = "view")]
    pub every: Option<SimSpan>,
    /// What to show of the world
    #[arg(long, value_enum, default_value_t = Shown::Tree, value_name = "VIEW")]
    pub view: Shown,
    /// Which of the replications, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub replication: u32,
}

/// A view of the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Shown {
    /// ServicePoints, groups, connections and ports, with counts
    Tree,
    /// A debugger's `!dumpheap -stat` of sockets, groups and connections
    Dumpheap,
    /// What `netstat -ano` prints
    Netstat,
    /// Everything, for programs
    Json,
}

/// Looks at the strategies that were named, else at the first.
///
/// # Errors
/// A trace of the scenario cannot be read, or stdout cannot be written.
pub fn inspect(shell: &Shell, args: &InspectArgs) -> Result<Exit> {
    let loaded = load_all(shell, &args.scenario)?;
    let [one] = loaded.as_slice() else {
        return Err(shell.usage("one scenario is inspected at a time"));
    };
    if let Some(problem) = problem(one, args) {
        return Err(shell.usage(&problem));
    }
    let all = &one.read.scenario.strategies;
    let strategies = if args.scenario.changes.strategy.is_empty() {
        &all[..1]
    } else {
        all
    };
    match args.every {
        Some(every) => table(shell, args, one, strategies, every),
        None => world(shell, args, one, strategies),
    }
}

/// Why the arguments do not fit the scenario.
fn problem(one: &Loaded, args: &InspectArgs) -> Option<String> {
    let scenario = &one.read.scenario;
    no_replication(scenario, args.replication).or_else(|| {
        let at = args.at?.since(SimTime::ZERO);
        let (name, duration) = (&scenario.name, scenario.duration);
        (at > duration).then(|| format!("--at {at} is after the end: {name} lasts {duration}"))
    })
}

/// Why a scenario has no replication of this number.
pub(super) fn no_replication(scenario: &Scenario, number: u32) -> Option<String> {
    let (name, of) = (&scenario.name, scenario.replications);
    (number >= of.max(1)).then(|| {
        format!(
            "there is no replication {number}: {name} has {of}, counted from 0; see --replications"
        )
    })
}

fn world(shell: &Shell, args: &InspectArgs, one: &Loaded, strategies: &[Strategy]) -> Result<Exit> {
    let scenario = &one.read.scenario;
    let at = args.at.unwrap_or(SimTime::ZERO);
    let variants: Vec<_> = strategies.iter().map(|it| scenario.under(it)).collect();
    let mut inspected = Vec::new();
    for (variant, strategy) in variants.iter().zip(strategies) {
        let keep = |inspection| {
            inspected.push(Inspected {
                strategy: strategy.name.clone(),
                inspection,
            });
        };
        inspection::inspect(variant, args.replication, &one.files, &[at], keep)
            .context("cannot read a trace")?;
    }
    let view = match args.view {
        Shown::Json => {
            shell.print(&views::json(scenario, &inspected))?;
            return Ok(Exit::Done);
        }
        Shown::Tree => View::Tree,
        Shown::Dumpheap => View::Dumpheap,
        Shown::Netstat => View::Netstat,
    };
    for (index, one) in inspected.iter().enumerate() {
        if inspected.len() > 1 && view != View::Tree {
            shell.say(&format!("under {}:", one.strategy));
        }
        if index > 0 {
            shell.print("\n")?;
        }
        shell.print(&views::text(one, view))?;
    }
    if view == View::Netstat {
        for line in inspected
            .first()
            .map(|one| views::netstat_legend(&one.inspection))
            .iter()
            .flatten()
        {
            shell.say(line);
        }
    }
    Ok(Exit::Done)
}

fn table(
    shell: &Shell,
    args: &InspectArgs,
    one: &Loaded,
    strategies: &[Strategy],
    every: SimSpan,
) -> Result<Exit> {
    let scenario = &one.read.scenario;
    let until = args.at.unwrap_or(SimTime::ZERO + scenario.duration);
    let rows = until.as_nanos() / every.as_nanos().max(1) + 1;
    if every.is_zero() || rows > MOST_ROWS {
        return Err(shell.usage(&format!(
            "--every {every} makes {rows} rows until {until}; {MOST_ROWS} is the most"
        )));
    }
    let mut tables = Vec::new();
    for strategy in strategies {
        let variant = scenario.under(strategy);
        let mut samples = Vec::new();
        let keep = |sample| samples.push(sample);
        inspection::samples_every(&variant, args.replication, &one.files, every, until, keep)
            .context("cannot read a trace")?;
        tables.push((strategy.name.as_str(), samples));
    }
    let csv = output::samples_csv(&tables);
    let mut out = render::stdout();
    out.write_all(&csv)?;
    out.flush()?;
    Ok(Exit::Done)
}
