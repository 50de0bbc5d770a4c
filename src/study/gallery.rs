//! Small studies behind the pictures of the gallery: one thing varied, everything else as the
//! scenario has it.
//!
//! `events` is what one run of the first strategy costs; a study that would cost too much is left
//! out.

use super::lifeline::{self, Lifeline};
use super::{Comparison, Runner, combine};
use crate::model::workload::{Arrivals, RateKnot};
use crate::model::{Scenario, Workload};
use crate::record::RunSummary;
use crate::sim::{TraceError, Traces};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// By how much the load is multiplied.
pub const LOADS: [f64; 7] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0];
/// Idle times in seconds.
pub const IDLE_TIMES: [u64; 7] = [1, 5, 10, 30, 60, 100, 200];
/// Loads of a map.
pub const MAP_LOADS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// Idle times of a map, in seconds.
pub const MAP_IDLE_TIMES: [u64; 5] = [1, 10, 30, 100, 200];
/// Connection limits.
pub const LIMITS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Requests a second while a burst lasts.
pub const BURST_RATES: [f64; 6] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0];
/// Seconds without a request between two bursts.
pub const GAPS: [u64; 8] = [5, 20, 40, 60, 80, 95, 110, 150];
/// How long a burst lasts.
pub const BURST: SimSpan = SimSpan::from_seconds(30);
/// Independent runs behind a survival curve.
pub const REPLICATIONS: u32 = 40;
const CYCLES: u64 = 6;

/// How many events a picture may cost: one that would cost more is left out. Counted in events,
/// not in seconds, so that every machine draws the same pictures.
const MOST_EVENTS: f64 = 16e6;

/// Whether each strategy may be run so many times (a run with twice the load counts twice), given
/// what the first strategy's run cost.
fn is_affordable(scenario: &Scenario, events: u64, runs: f64) -> bool {
    events as f64 * runs * scenario.strategies.len() as f64 <= MOST_EVENTS
}

/// One strategy's line: a value for each step of what is varied, where it has one.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// The strategy's name.
    pub strategy: String,
    /// The values.
    pub values: Vec<Option<f64>>,
}

/// One strategy's values over two things that are varied.
#[derive(Clone, PartialEq, Debug)]
pub struct Map {
    /// The strategy's name.
    pub strategy: String,
    /// The values, row by row.
    pub rows: Vec<Vec<f64>>,
}

/// What becomes of the ports when bursts and pauses alternate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The pauses give them back.
    Returns,
    /// Each burst leaves more of them taken.
    PilesUp,
    /// They run out within the bursts that were simulated.
    RunsOut,
}

/// The time to exhaustion in seconds at each of [`LOADS`]; `None` where the load cannot be
/// multiplied (a trace, a timeline, users who wait for answers), or it would cost too much.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn exhaustion_by_load(
    scenario: &Scenario,
    traces: &dyn Traces,
    events: u64,
) -> Result<Option<Vec<Curve>>, TraceError> {
    let runs = LOADS.iter().sum();
    if multiplied(&mut scenario.clone(), 1.0).is_none() || !is_affordable(scenario, events, runs) {
        return Ok(None);
    }
    let exhausted = |run: &RunSummary| run.exhausted_at.map(SimTime::as_seconds);
    let change = |step: usize, variant: &mut Scenario| {
        multiplied(variant, LOADS[step]);
    };
    curves(scenario, traces, LOADS.len(), change, exhausted).map(Some)
}

/// Whether some strategy has a NAT: then a peak is the share of whichever ports are nearer to
/// their end, the machine's or the NAT's.
pub fn has_nat(scenario: &Scenario) -> bool {
    let mut strategies = scenario.strategies.iter();
    strategies.any(|strategy| scenario.under(strategy).nat.is_some())
}

/// The peak of the ports at each of [`IDLE_TIMES`], with a NAT in per cent of the tighter limit
/// ([`has_nat`]); `None` where it would cost too much.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn peak_by_idle_time(
    scenario: &Scenario,
    traces: &dyn Traces,
    events: u64,
) -> Result<Option<Vec<Curve>>, TraceError> {
    if !is_affordable(scenario, events, IDLE_TIMES.len() as f64) {
        return Ok(None);
    }
    let change = |step: usize, variant: &mut Scenario| {
        set_idle_time(variant, IDLE_TIMES[step]);
    };
    let has_nat = has_nat(scenario);
    let peak = |run: &RunSummary| {
        Some(if has_nat {
            run.tightest_peak_share() * 100.0
        } else {
            run.ports.peak as f64
        })
    };
    curves(scenario, traces, IDLE_TIMES.len(), change, peak).map(Some)
}

/// The 99th percentile of the latency in seconds at each of [`LIMITS`]; `None` where it would
/// cost too much.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn latency_by_limit(
    scenario: &Scenario,
    traces: &dyn Traces,
    events: u64,
) -> Result<Option<Vec<Curve>>, TraceError> {
    if !is_affordable(scenario, events, LIMITS.len() as f64) {
        return Ok(None);
    }
    let change = |step: usize, variant: &mut Scenario| {
        for client in &mut variant.clients {
            client.connection_limit = Some(ConnectionLimit::new(LIMITS[step]));
        }
    };
    let p99 = |run: &RunSummary| (run.latency.count > 0).then(|| run.latency.p99.least_seconds());
    curves(scenario, traces, LIMITS.len(), change, p99).map(Some)
}

/// The largest share of the tighter limit in use at each of [`MAP_IDLE_TIMES`] (rows) and
/// [`MAP_LOADS`] (columns), for each strategy; `None` where the load cannot be multiplied, or it
/// would cost too much.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn peak_by_load_and_idle_time(
    scenario: &Scenario,
    traces: &dyn Traces,
    events: u64,
) -> Result<Option<Vec<Map>>, TraceError> {
    let runs = MAP_LOADS.iter().sum::<f64>() * MAP_IDLE_TIMES.len() as f64;
    if multiplied(&mut scenario.clone(), 1.0).is_none() || !is_affordable(scenario, events, runs) {
        return Ok(None);
    }
    let mut maps = Vec::new();
    for strategy in &scenario.strategies {
        let mut rows = Vec::new();
        for idle_time in MAP_IDLE_TIMES {
            let mut row = Vec::new();
            for load in MAP_LOADS {
                let mut variant = scenario.under(strategy);
                set_idle_time(&mut variant, idle_time);
                multiplied(&mut variant, load);
                let run = Runner::new(false).run(&variant, 0, traces)?;
                row.push(run.summary.tightest_peak_share());
            }
            rows.push(row);
        }
        maps.push(Map {
            strategy: strategy.name.clone(),
            rows,
        });
    }
    Ok(Some(maps))
}

/// The scenario in [`REPLICATIONS`] independent runs of each strategy; `None` where it would cost
/// too much.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn replicated(
    scenario: &Scenario,
    traces: &dyn Traces,
    events: u64,
) -> Result<Option<Comparison>, TraceError> {
    if !is_affordable(scenario, events, f64::from(REPLICATIONS)) {
        return Ok(None);
    }
    let mut scenario = scenario.clone();
    scenario.replications = REPLICATIONS;
    let mut strategies = Vec::new();
    for strategy in &scenario.strategies {
        let variant = scenario.under(strategy);
        let mut runner = Runner::new(false);
        let mut runs = Vec::new();
        for replication in 0..REPLICATIONS {
            runs.push(runner.run(&variant, replication, traces)?);
        }
        strategies.push(combine(variant, &strategy.name, runs));
    }
    Ok(Some(Comparison {
        scenario,
        strategies,
        warnings: Vec::new(),
        precision: None,
    }))
}

/// The life of each strategy's first connection, of those that open one.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn first_lives(scenario: &Scenario, traces: &dyn Traces) -> Result<Vec<Lifeline>, TraceError> {
    let mut lives = Vec::new();
    for strategy in &scenario.strategies {
        let variant = scenario.under(strategy);
        lives.extend(lifeline::of_the_first(&variant, &strategy.name, traces)?);
    }
    Ok(lives)
}

/// What becomes of the ports for each of [`BURST_RATES`] (rows) and [`GAPS`] (columns), as the
/// first strategy has it: bursts of [`BURST`] with pauses between them. `None` with a NAT: its
/// ports are held after every connection, so that none comes back within a pause.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn phases(
    scenario: &Scenario,
    traces: &dyn Traces,
) -> Result<Option<Vec<Vec<Phase>>>, TraceError> {
    if has_nat(scenario) {
        return Ok(None);
    }
    let mut base = scenario.under(&scenario.strategies[0]);
    base.workloads.truncate(1);
    let row = |rate: &f64| {
        GAPS.iter()
            .map(|gap| phase(&base, traces, *rate, *gap))
            .collect()
    };
    let rows: Result<Vec<Vec<Phase>>, TraceError> = BURST_RATES.iter().map(row).collect();
    rows.map(Some)
}

fn phase(base: &Scenario, traces: &dyn Traces, rate: f64, gap: u64) -> Result<Phase, TraceError> {
    let mut variant = base.clone();
    let cycle = BURST + SimSpan::from_seconds(gap);
    let start = |index: u64| SimTime::from_nanos(index * cycle.as_nanos());
    variant.duration = start(CYCLES).since(SimTime::ZERO);
    variant.sample_every = Some(cycle);
    let knots: Vec<RateKnot> = (0..CYCLES)
        .flat_map(|index| [(start(index), rate), (start(index) + BURST, 0.0)])
        .map(|(at, rate)| RateKnot { at, rate })
        .collect();
    let workload: &mut Workload = &mut variant.workloads[0];
    workload.from = SimTime::ZERO;
    workload.until = None;
    workload.arrivals = Arrivals::Schedule {
        knots: Arc::from(knots),
        ramp: false,
    };
    let output = Runner::new(true).run(&variant, 0, traces)?;
    if output.summary.exhausted_at.is_some() {
        return Ok(Phase::RunsOut);
    }
    // The sample of a cycle's start shows what the pause before it has left.
    let left = |index: usize| output.samples.get(index).map_or(0, |it| it.ports_in_use);
    // A third of the requests of three bursts: more than chance leaves, less than a leak.
    let many = (rate * BURST.as_seconds()) as u64;
    Ok(if left(5) > left(2) + many {
        Phase::PilesUp
    } else {
        Phase::Returns
    })
}

fn set_idle_time(variant: &mut Scenario, seconds: u64) {
    for client in &mut variant.clients {
        client.set_idle_time(Some(SimSpan::from_seconds(seconds)));
    }
}

/// Multiplies the load; `None` where some of it cannot be: a recording says itself when requests
/// come, and users wait for answers.
fn multiplied(variant: &mut Scenario, factor: f64) -> Option<()> {
    for workload in &mut variant.workloads {
        if let Arrivals::Users { .. } = workload.arrivals {
            return None;
        }
        workload.arrivals = workload.arrivals.times(factor)?;
    }
    Some(())
}

/// A curve for each strategy: its first replication at every step.
fn curves(
    scenario: &Scenario,
    traces: &dyn Traces,
    steps: usize,
    change: impl Fn(usize, &mut Scenario),
    value: impl Fn(&RunSummary) -> Option<f64>,
) -> Result<Vec<Curve>, TraceError> {
    let mut curves = Vec::new();
    for strategy in &scenario.strategies {
        let mut values = Vec::new();
        for step in 0..steps {
            let mut variant = scenario.under(strategy);
            change(step, &mut variant);
            let output = Runner::new(false).run(&variant, 0, traces)?;
            values.push(value(&output.summary));
        }
        curves.push(Curve {
            strategy: strategy.name.clone(),
            values,
        });
    }
    Ok(curves)
}
