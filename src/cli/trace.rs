//! `spsim trace`: every event of one run, one row each, as it happens.

use super::args::{ScenarioArgs, parse_time};
use super::exit::Exit;
use super::inspect::no_replication;
use super::load::load_all;
use super::render::{self, Shell};
use crate::output::events as writer;
use crate::record::events::{EVENTS, EventRow, Narrator};
use crate::sim::{Observation, Observer, Simulation};
use crate::units::SimTime;
use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::io::{self, BufWriter, Write};

/// `spsim trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// What to trace; one strategy, the first if none is named.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Which events.
    #[command(flatten)]
    pub filter: Filter,
    /// Which of the replications, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub replication: u32,
    /// How to write events
    #[arg(long, value_enum, default_value_t = EventFormat::Jsonl, value_name = "FORMAT")]
    pub format: EventFormat,
}

/// Which events of a run are wanted; without any flag all of them.
#[derive(Clone, Debug, Default, Args)]
pub struct Filter {
    /// Only this request's life; may be repeated
    #[arg(long, value_name = "N")]
    pub request: Vec<u64>,
    /// Only this connection's life; may be repeated
    #[arg(long, value_name = "N")]
    pub connection: Vec<u64>,
    /// Nothing before this time, as in `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub from: Option<SimTime>,
    /// Nothing at or after this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<SimTime>,
    /// Only this kind of event; may be repeated
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(EVENTS))]
    pub event: Vec<String>,
}

/// How events are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum EventFormat {
    /// One JSON object per line
    Jsonl,
    /// CSV with a header
    Csv,
}

impl Filter {
    /// Whether an event is wanted.
    ///
    /// With requests and connections both named, an event of either is wanted.
    pub fn wants(&self, row: &EventRow<'_>) -> bool {
        let in_time = self.from.is_none_or(|from| from <= row.time)
            && self.until.is_none_or(|until| row.time < until);
        let any = self.request.is_empty() && self.connection.is_empty();
        let named = |all: &[u64], one: Option<u64>| one.is_some_and(|one| all.contains(&one));
        let connection = row.connection.map(|connection| connection.number);
        in_time
            && (self.event.is_empty() || self.event.iter().any(|name| name == row.event))
            && (any || named(&self.request, row.request) || named(&self.connection, connection))
    }
}

/// Writes the events of one strategy's run to stdout.
///
/// # Errors
/// A trace of the scenario cannot be read, or stdout cannot be written.
pub fn trace(shell: &Shell, args: &TraceArgs) -> Result<Exit> {
    let loaded = load_all(shell, &args.scenario)?;
    let [one] = loaded.as_slice() else {
        return Err(shell.usage("one scenario is traced at a time"));
    };
    let scenario = &one.read.scenario;
    let strategy = scenario
        .strategies
        .first()
        .context("a scenario has a strategy")?;
    if args.scenario.changes.strategy.len() > 1 {
        return Err(shell.usage("one strategy is traced at a time"));
    }
    if let Some(problem) = no_replication(scenario, args.replication) {
        return Err(shell.usage(&problem));
    }
    let mut variant = scenario.under(strategy);
    if let Some(until) = args.filter.until {
        // What comes later is not wanted. A shorter run begins with the same events, if its
        // samples are as far apart.
        variant.sample_every = Some(variant.sample_span());
        variant.duration = variant.duration.min(until.since(SimTime::ZERO));
    }
    let mut tracer = Tracer {
        filter: &args.filter,
        format: args.format,
        narrator: Narrator::new(&variant),
        out: BufWriter::with_capacity(1 << 16, render::stdout()),
        line: Vec::new(),
        written: Ok(()),
        shown: 0,
    };
    if args.format == EventFormat::Csv {
        tracer.written = tracer.out.write_all(writer::csv_header().as_bytes());
    }
    Simulation::new(&variant, args.replication, &one.files, &mut tracer)
        .and_then(Simulation::run)
        .context("cannot read a trace")?;
    tracer.written.and_then(|()| tracer.out.flush())?;
    if tracer.shown == 0 {
        Shell::insist("nothing is shown: the run has no event that the filters let through");
    }
    Ok(Exit::Done)
}

/// Writes each wanted event when it happens; keeps none.
struct Tracer<'a, W> {
    filter: &'a Filter,
    format: EventFormat,
    narrator: Narrator<'a>,
    out: W,
    line: Vec<u8>,
    written: io::Result<()>,
    /// How many events were written.
    shown: u64,
}

impl<W: Write> Observer for Tracer<'_, W> {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        // Told even when it is not wanted: the narrator remembers who is where.
        let row = self.narrator.row(now, &observation);
        if self.written.is_err() || !self.filter.wants(&row) {
            return;
        }
        self.line.clear();
        match self.format {
            EventFormat::Jsonl => writer::write_json(&row, &mut self.line),
            EventFormat::Csv => writer::write_csv(&row, &mut self.line),
        }
        self.written = self.out.write_all(&self.line);
        self.shown += 1;
    }

    fn turn_to(&mut self, process: u32) {
        self.narrator.turn_to(process);
    }

    fn is_done(&self) -> bool {
        self.written.is_err()
    }
}
