//! `summary.json`: the run in numbers, for programs. Field names and order are a contract.

use super::{findings, number};
use crate::record::{DurationSummary, RunSummary};
use crate::study::{Comparison, StrategyResult};
use crate::units::NANOS_PER_SECOND;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// Raised when a field changes its meaning or goes away.
pub(super) const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Summary<'a> {
    schema: u32,
    spsim: &'static str,
    scenario: &'a str,
    title: &'a str,
    question: &'a str,
    digest: String,
    seed: u64,
    replications: u32,
    duration_s: Number,
    strategies: Vec<StrategySummary<'a>>,
    findings: Findings<'a>,
    assumptions: Vec<String>,
    warnings: Vec<String>,
}

/// What the numbers say, for pages that are made of results.
#[derive(Serialize)]
struct Findings<'a> {
    headline: String,
    sentences: Vec<String>,
    best: Best<'a>,
}

#[derive(Serialize)]
struct Best<'a> {
    strategy: &'a str,
    reason: String,
    changes: Vec<String>,
}

#[derive(Serialize)]
struct StrategySummary<'a> {
    name: &'a str,
    ports: Ports,
    exhausted_at_s: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exhausted: Option<Exhausted>,
    requests: Requests,
    errors: BTreeMap<&'static str, Number>,
    connections: Connections,
    latency_s: Distribution,
    queue_s: Distribution,
    events: Number,
    verdict: String,
}

#[derive(Serialize)]
struct Ports {
    limit: Number,
    peak: Number,
    /// The largest of any run, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_max: Option<Number>,
    peak_at_s: Number,
    r#final: Number,
    mean: Number,
}

#[derive(Serialize)]
struct Exhausted {
    count: usize,
    of: usize,
}

#[derive(Serialize)]
struct Requests {
    submitted: Number,
    succeeded: Number,
    failed: Number,
    timed_out: Number,
    in_flight: Number,
}

#[derive(Serialize)]
struct Connections {
    opened: Number,
    reused: Number,
    closed_graceful: Number,
    closed_hard: Number,
}

#[derive(Serialize)]
struct Distribution {
    mean: Option<Number>,
    p50: Option<Number>,
    p95: Option<Number>,
    p99: Option<Number>,
    max: Option<Number>,
}

/// A number that is written without a fraction when it has none.
#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    /// `value` to nine decimals: nanoseconds where it is seconds.
    fn of(value: f64) -> Number {
        // Beyond 2^53 a float holds only whole numbers, and there is nothing to round.
        if value.abs() >= 9_007_199_254_740_992.0 {
            return Number::Real(value);
        }
        if value.fract() == 0.0 {
            return Number::Whole(value as i64);
        }
        let nanos = (value * NANOS_PER_SECOND as f64).round();
        Number::Real(nanos / NANOS_PER_SECOND as f64)
    }
}

/// The whole document, ending in a line feed.
pub(super) fn summary(comparison: &Comparison) -> String {
    let scenario = &comparison.scenario;
    let found = findings::of(comparison);
    let document = Summary {
        schema: SCHEMA,
        spsim: env!("CARGO_PKG_VERSION"),
        scenario: &scenario.name,
        title: &scenario.title,
        question: &scenario.question,
        digest: format!("{:016x}", scenario.digest),
        seed: scenario.seed,
        replications: scenario.replications,
        duration_s: Number::of(scenario.duration.as_seconds()),
        strategies: comparison.strategies.iter().map(strategy).collect(),
        findings: Findings {
            headline: found.headline,
            sentences: found.sentences,
            best: Best {
                strategy: &comparison.strategies[found.winner.index].name,
                reason: found.winner.reason,
                changes: found.winner.changes,
            },
        },
        assumptions: found.assumptions,
        warnings: found.warnings,
    };
    let mut text = serde_json::to_string_pretty(&document)
        .expect("the document has only string keys and finite numbers");
    text.push('\n');
    text
}

fn strategy(result: &StrategyResult) -> StrategySummary<'_> {
    let mean = |value: fn(&RunSummary) -> u64| Number::of(result.mean(|run| value(run) as f64));
    let replicated = result.runs.len() > 1;
    StrategySummary {
        name: &result.name,
        ports: Ports {
            limit: mean(|run| run.ports.limit),
            peak: mean(|run| run.ports.peak),
            peak_max: replicated.then(|| Number::of(findings::peak(result) as f64)),
            peak_at_s: Number::of(result.mean(|run| run.ports.peak_at.as_seconds())),
            r#final: mean(|run| run.ports.at_end),
            mean: Number::of(result.mean(|run| run.ports.mean)),
        },
        exhausted_at_s: result.exhausted_at().map(|at| Number::of(at.as_seconds())),
        exhausted: replicated.then(|| Exhausted {
            count: result.exhausted_count(),
            of: result.runs.len(),
        }),
        requests: Requests {
            submitted: mean(|run| run.requests.submitted),
            succeeded: mean(|run| run.requests.succeeded),
            failed: mean(|run| run.requests.failed),
            timed_out: mean(|run| run.requests.timed_out),
            in_flight: mean(|run| run.requests.in_flight),
        },
        errors: errors(result),
        connections: Connections {
            opened: mean(|run| run.connections.opened),
            reused: mean(|run| run.connections.reused),
            closed_graceful: mean(|run| run.connections.closed_graceful),
            closed_hard: mean(|run| run.connections.closed_hard),
        },
        latency_s: distribution(result, |run| &run.latency),
        queue_s: distribution(result, |run| &run.queue),
        events: mean(|run| run.events),
        verdict: findings::verdict(result),
    }
}

/// Every name that any run saw; runs that did not see it count as 0 of it.
fn errors(result: &StrategyResult) -> BTreeMap<&'static str, Number> {
    let names: BTreeSet<&'static str> = result
        .runs
        .iter()
        .flat_map(|run| run.errors.keys().copied())
        .collect();
    let mean = |name| result.mean(|run| run.errors.get(name).copied().unwrap_or(0) as f64);
    names
        .into_iter()
        .map(|name| (name, Number::of(mean(name))))
        .collect()
}

/// Means over those runs that recorded anything; all null when none did.
fn distribution(result: &StrategyResult, of: fn(&RunSummary) -> &DurationSummary) -> Distribution {
    let mean = |value: &dyn Fn(&DurationSummary) -> f64| {
        let recorded = result.runs.iter().map(of).filter(|one| one.count > 0);
        number::mean_of(recorded.map(value)).map(Number::of)
    };
    Distribution {
        mean: mean(&|one| one.mean_seconds.unwrap_or(0.0)),
        p50: mean(&|one| one.p50 as f64 / 1e9),
        p95: mean(&|one| one.p95 as f64 / 1e9),
        p99: mean(&|one| one.p99 as f64 / 1e9),
        max: mean(&|one| one.max as f64 / 1e9),
    }
}
