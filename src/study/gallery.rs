//! Small studies behind the pictures of the gallery: one thing varied, everything else as the
//! scenario has it.

use super::Runner;
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
/// Connection limits.
pub const LIMITS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Requests a second while a burst lasts.
pub const BURST_RATES: [f64; 6] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0];
/// Seconds without a request between two bursts.
pub const GAPS: [u64; 8] = [5, 20, 40, 60, 80, 95, 110, 150];
/// How long a burst lasts.
pub const BURST: SimSpan = SimSpan::from_seconds(30);
const CYCLES: u64 = 6;

/// One strategy's line: a value for each step of what is varied, where it has one.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// The strategy's name.
    pub strategy: String,
    /// The values.
    pub values: Vec<Option<f64>>,
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
/// multiplied (a trace, a timeline, users who wait for answers).
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn exhaustion_by_load(
    scenario: &Scenario,
    traces: &dyn Traces,
) -> Result<Option<Vec<Curve>>, TraceError> {
    let multiplied = |factor: f64, variant: &mut Scenario| -> Option<()> {
        for workload in &mut variant.workloads {
            workload.arrivals = times(&workload.arrivals, factor)?;
        }
        Some(())
    };
    if multiplied(1.0, &mut scenario.clone()).is_none() {
        return Ok(None);
    }
    let exhausted = |run: &RunSummary| run.exhausted_at.map(SimTime::as_seconds);
    let change = |step: usize, variant: &mut Scenario| {
        multiplied(LOADS[step], variant);
    };
    curves(scenario, traces, LOADS.len(), change, exhausted).map(Some)
}

/// The peak of the ports at each of [`IDLE_TIMES`].
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn peak_by_idle_time(
    scenario: &Scenario,
    traces: &dyn Traces,
) -> Result<Vec<Curve>, TraceError> {
    let change = |step: usize, variant: &mut Scenario| {
        for client in &mut variant.clients {
            client.max_idle_time = Some(SimSpan::from_seconds(IDLE_TIMES[step]));
        }
    };
    let peak = |run: &RunSummary| Some(run.ports.peak as f64);
    curves(scenario, traces, IDLE_TIMES.len(), change, peak)
}

/// The 99th percentile of the latency in seconds at each of [`LIMITS`].
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn latency_by_limit(
    scenario: &Scenario,
    traces: &dyn Traces,
) -> Result<Vec<Curve>, TraceError> {
    let change = |step: usize, variant: &mut Scenario| {
        for client in &mut variant.clients {
            client.connection_limit = Some(ConnectionLimit::new(LIMITS[step]));
        }
    };
    let p99 = |run: &RunSummary| (run.latency.count > 0).then(|| run.latency.p99 as f64 / 1e9);
    curves(scenario, traces, LIMITS.len(), change, p99)
}

/// What becomes of the ports for each of [`BURST_RATES`] (rows) and [`GAPS`] (columns), as the
/// first strategy has it: bursts of [`BURST`] with pauses between them.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn phases(scenario: &Scenario, traces: &dyn Traces) -> Result<Vec<Vec<Phase>>, TraceError> {
    let mut base = scenario.under(&scenario.strategies[0]);
    base.workloads.truncate(1);
    let row = |rate: &f64| {
        GAPS.iter()
            .map(|gap| phase(&base, traces, *rate, *gap))
            .collect()
    };
    BURST_RATES.iter().map(row).collect()
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

/// `arrivals`, so many times as frequent.
fn times(arrivals: &Arrivals, factor: f64) -> Option<Arrivals> {
    let changed = match arrivals {
        Arrivals::Poisson { rate } => Arrivals::Poisson {
            rate: rate * factor,
        },
        Arrivals::Every {
            period,
            phase,
            jitter,
        } => Arrivals::Every {
            period: SimSpan::from_seconds_rounded(period.as_seconds() / factor),
            phase: *phase,
            jitter: *jitter,
        },
        Arrivals::Devices {
            count,
            period,
            phases,
            jitter,
        } => Arrivals::Devices {
            count: *count,
            period: SimSpan::from_seconds_rounded(period.as_seconds() / factor),
            phases: *phases,
            jitter: *jitter,
        },
        Arrivals::Schedule { knots, ramp } => Arrivals::Schedule {
            knots: knots
                .iter()
                .map(|knot| RateKnot {
                    at: knot.at,
                    rate: knot.rate * factor,
                })
                .collect(),
            ramp: *ramp,
        },
        Arrivals::Bursts {
            rate_on,
            rate_off,
            mean_on,
            mean_off,
        } => Arrivals::Bursts {
            rate_on: rate_on * factor,
            rate_off: rate_off * factor,
            mean_on: *mean_on,
            mean_off: *mean_off,
        },
        Arrivals::Renewal(_)
        | Arrivals::Users { .. }
        | Arrivals::Trace(_)
        | Arrivals::Timeline(_) => return None,
    };
    Some(changed)
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
