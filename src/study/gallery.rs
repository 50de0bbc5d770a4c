//! The studies behind the pictures of the gallery: which sweeps of a scenario answer a question,
//! many runs, one connection's life, bursts and pauses.
//!
//! `events` is what one run of the first strategy costs; a study that would cost too much is left
//! out.

use super::lifeline::{self, Lifeline};
use super::{Comparison, Runner, combine};
use crate::model::workload::{Arrivals, RateKnot};
use crate::model::{Scenario, Workload};
use crate::sim::{TraceError, Traces};
use crate::units::{SimSpan, SimTime};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A question to a built-in scenario that a sweep answers: as `spsim sweep SCENARIO --vary …`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SweepQuestion {
    /// The scenario's name.
    pub scenario: &'static str,
    /// What the picture's files are called.
    pub stem: &'static str,
    /// The question, above the picture.
    pub question: &'static str,
    /// What is varied, as `--vary` has it.
    pub vary: &'static [&'static str],
    /// The axes of what is varied, in words.
    pub axes: &'static [&'static str],
    /// What is drawn.
    pub metric: &'static str,
}

const fn ask(
    scenario: &'static str,
    stem: &'static str,
    question: &'static str,
    vary: &'static [&'static str],
    axes: &'static [&'static str],
    metric: &'static str,
) -> SweepQuestion {
    SweepQuestion {
        scenario,
        stem,
        question,
        vary,
        axes,
        metric,
    }
}

/// Every such question.
pub const QUESTIONS: [SweepQuestion; 14] = [
    ask(
        "kb2551125",
        "exhaustion-by-load",
        "How much sooner do ports run out when there is more to do?",
        &["workload.orders.arrivals.poisson.rate=5,10,20,50,100,200,500"],
        &["Requests per second"],
        "exhausted_at_s",
    ),
    ask(
        "kb2551125",
        "peak-by-idle-time",
        "How many ports does a longer MaxServicePointIdleTime hold?",
        &["client.app.max-idle-time=1s,5s,20s,60s,100s,200s"],
        &["MaxServicePointIdleTime"],
        "ports_peak",
    ),
    ask(
        "kb2551125-net48",
        "peak-by-load-and-idle-time",
        "Up to which load do ports suffice, and with which idle time?",
        &[
            "workload.orders.arrivals.poisson.rate=12.5,25,50,100,200",
            "client.app.max-idle-time=1s,10s,30s,100s,200s",
        ],
        &["Requests per second", "MaxServicePointIdleTime"],
        "ports_peak_share",
    ),
    ask(
        "idle-gap",
        "peak-by-idle-time",
        "Which idle time is short enough for the pauses of 90 and 120 s?",
        &["client.app.max-idle-time=10s,30s,60s,80s,100s,110s,130s,200s"],
        &["MaxServicePointIdleTime"],
        "ports_peak",
    ),
    ask(
        "trickle",
        "exhaustion-by-spacing",
        "One request every so often: when do ports run out?",
        &["workload.heartbeat.arrivals.every=1s,2s,5s,10s,20s,50s,100s,200s"],
        &["Time between two requests"],
        "exhausted_at_s",
    ),
    ask(
        "keep-alive-off-time-wait",
        "peak-by-load",
        "How many requests a second do ports held in TIME_WAIT carry?",
        &["workload.orders.arrivals.poisson.rate=2,4,8,12,16,20,30,50"],
        &["Requests per second"],
        "ports_peak_share",
    ),
    ask(
        "bulk-loader",
        "peak-by-time-wait",
        "Does a shorter TIME_WAIT save the loader?",
        &["machine.time-wait=30s,60s,120s,240s"],
        &["TIME_WAIT"],
        "ports_peak_share",
    ),
    ask(
        "httpclient-per-request",
        "peak-by-load",
        "From which load on does disposing not suffice?",
        &["workload.orders.arrivals.poisson.rate=5,10,20,50,100,150,200"],
        &["Requests per second"],
        "ports_peak_share",
    ),
    ask(
        "which-port-setting",
        "failed-by-load",
        "Which setting carries how much load?",
        &["workload.orders.arrivals.poisson.rate=10,20,50,100,200,400"],
        &["Requests per second"],
        "failed_share",
    ),
    ask(
        "which-connection-limit",
        "latency-by-limit",
        "What does a higher ServicePoint.ConnectionLimit gain?",
        &["client.app.connection-limit=2,4,8,10,12,16,24,32"],
        &["ServicePoint.ConnectionLimit"],
        "latency_p99_s",
    ),
    ask(
        "finite-workers",
        "latency-by-limit",
        "What does a limit above the number of the server's workers gain?",
        &["client.app.connection-limit=1,2,3,4,6,8,16,32"],
        &["ServicePoint.ConnectionLimit"],
        "latency_p99_s",
    ),
    ask(
        "retry-storm",
        "failed-by-load",
        "Up to which load does each remedy hold?",
        &["workload.orders.arrivals.poisson.rate=20,30,40,50,60,70,80"],
        &["Requests per second"],
        "failed_share",
    ),
    ask(
        "shared-ports",
        "failed-by-load",
        "How large a report do the others bear?",
        &["workload.report.arrivals.poisson.rate=5,10,15,20,30,40,60"],
        &["Requests per second of the report"],
        "failed_share",
    ),
    ask(
        "reservation-leak",
        "exhaustion-by-ports",
        "Do more ports help?",
        &["machine.ports=250,500,1000,2000,4000"],
        &["Local ports"],
        "exhausted_at_s",
    ),
];

/// The scenarios of which bursts and pauses are asked: one for each way of closing what is idle.
pub const OF_BURSTS: [&str; 2] = ["kb2551125", "kb2551125-net48"];

/// The scenarios of which one connection's life is asked: strategies that end it differently.
pub const OF_LIVES: [&str; 4] = [
    "kb2551125",
    "trickle",
    "keep-alive-off-time-wait",
    "httpclient-per-request",
];

/// The scenarios of which the moment is asked at which ports run out: one for each way of holding
/// them, by groups of their own, in TIME_WAIT, both.
pub const OF_MOMENTS: [&str; 3] = [
    "kb2551125",
    "keep-alive-off-time-wait",
    "httpclient-per-request",
];

/// Requests a second while a burst lasts.
pub const BURST_RATES: [f64; 6] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0];
/// Seconds without a request between two bursts.
pub const GAPS: [u64; 8] = [5, 20, 40, 60, 80, 95, 110, 150];
/// How long a burst lasts.
pub const BURST: SimSpan = SimSpan::from_seconds(30);
/// Independent runs behind a survival curve.
pub const REPLICATIONS: u32 = 40;
/// So many bursts at least, and as many as the longest hold of a port needs twice over.
const CYCLES: u64 = 6;

/// How many events a picture may cost: one that would cost more is left out. Counted in events,
/// not in seconds, so that every machine draws the same pictures.
const MOST_EVENTS: f64 = 16e6;

/// Whether each strategy may be run so many times (a run with twice the load counts twice), given
/// what the first strategy's run cost.
fn is_affordable(scenario: &Scenario, events: u64, runs: f64) -> bool {
    events as f64 * runs * scenario.strategies.len() as f64 <= MOST_EVENTS
}

/// What becomes of the ports when bursts and pauses alternate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The pauses give them back.
    Returns,
    /// The pauses leave some taken, but no more after each burst than after the one before.
    Plateau,
    /// Each burst leaves more of them taken.
    PilesUp,
    /// They run out within the bursts that were simulated.
    RunsOut,
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
        command: String::new(),
    }))
}

/// The life of each strategy's first connection, of those that open one; none where nobody asks.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn first_lives(scenario: &Scenario, traces: &dyn Traces) -> Result<Vec<Lifeline>, TraceError> {
    let mut lives = Vec::new();
    if !OF_LIVES.contains(&scenario.name.as_str()) {
        return Ok(lives);
    }
    for strategy in &scenario.strategies {
        let variant = scenario.under(strategy);
        lives.extend(lifeline::of_the_first(&variant, &strategy.name, traces)?);
    }
    Ok(lives)
}

/// What becomes of the ports for each of [`BURST_RATES`] (rows) and [`GAPS`] (columns), as the
/// first strategy has it: bursts of [`BURST`] with pauses between them. `None` where nobody asks.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn phases(
    scenario: &Scenario,
    traces: &dyn Traces,
) -> Result<Option<Vec<Vec<Phase>>>, TraceError> {
    if !OF_BURSTS.contains(&scenario.name.as_str()) {
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
    // What is held is held for the idle time, and then in TIME_WAIT: a level is a level once
    // both have passed.
    let idle = base
        .clients
        .iter()
        .filter_map(|client| client.max_idle_time)
        .max();
    let held = idle.unwrap_or(SimSpan::ZERO) + base.machine.time_wait;
    let half = held.as_nanos().div_ceil(cycle.as_nanos()) + CYCLES / 2;
    let cycles = 2 * half;
    variant.duration = start(cycles).since(SimTime::ZERO);
    variant.sample_every = Some(cycle);
    let knots: Vec<RateKnot> = (0..cycles)
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
    let left = |index: u64| {
        let sample = output.samples.get(index as usize);
        sample.map_or(0.0, |it| it.ports_in_use as f64)
    };
    let burst = rate * BURST.as_seconds();
    let (middle, last) = (left(half), left(cycles));
    // A third of what the bursts between have asked for: more than chance leaves, less than a
    // leak.
    let grown = (last - middle) > burst * half as f64 / 3.0;
    Ok(match grown {
        true => Phase::PilesUp,
        // Of few requests one or two may still be answered.
        false if last > (burst * 0.05).max(2.0) => Phase::Plateau,
        false => Phase::Returns,
    })
}
