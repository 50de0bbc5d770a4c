//! `summary.json`: the run in numbers, for programs. Field names and order are a contract.

use super::artifact::pretty;
use super::json_number::Number;
use super::statistics::{
    self, DifferenceSummary, Estimated, LongRunSummary, Pooled, PrecisionSummary, Quantiles,
};
use crate::findings::{self, verdict};
use crate::record::{
    AddressCounts, DurationSummary, Durations, NatTotals, RunSummary, ServiceCounts,
};
use crate::study::{Comparison, StrategyResult};
use crate::words::number;
use alloc::collections::{BTreeMap, BTreeSet};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

/// Raised when a field changes its meaning or goes away.
pub(super) const SCHEMA: u32 = 2;

#[derive(Serialize, JsonSchema)]
struct Summary<'a> {
    /// Raised when a field changes its meaning or goes away.
    schema: u32,
    /// The version that wrote it.
    spsim: &'static str,
    /// The scenario's name: its file's, without `.toml`.
    scenario: &'a str,
    /// One line, by the author.
    title: &'a str,
    /// What the author wants to know.
    question: &'a str,
    /// Why the answer is what it is, by the author; empty where nobody says.
    #[serde(skip_serializing_if = "str::is_empty")]
    expect: &'a str,
    /// FNV-1a of the resolved scenario, in hexadecimal: equal for equal runs.
    digest: String,
    /// The number from which every random draw is derived.
    seed: u64,
    /// How many runs there are of each strategy.
    replications: u32,
    /// The command that gives these results again, as a shell reads it.
    #[serde(skip_serializing_if = "str::is_empty")]
    command: &'a str,
    /// How much time is simulated, in seconds.
    duration_s: Number,
    /// In the order of the scenario; numbers are means over the replications.
    strategies: Vec<StrategySummary<'a>>,
    /// With replications.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<DifferenceSummary<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<PrecisionSummary>,
    /// What the numbers say.
    findings: Findings<'a>,
    /// What was assumed that no source settles.
    assumptions: Vec<String>,
    /// What the author should look at.
    warnings: Vec<String>,
}

/// What the numbers say, for pages that are made of results.
#[derive(Serialize, JsonSchema)]
struct Findings<'a> {
    /// The answer to the question; its first word is yes, no, a time, a number or a name.
    headline: String,
    /// What else stands out.
    sentences: Vec<String>,
    /// The strategy that is advised.
    best: Best<'a>,
}

#[derive(Serialize, JsonSchema)]
struct Best<'a> {
    strategy: &'a str,
    /// Why it is the best.
    reason: String,
    /// Whether it answers 99% of what is asked.
    good: bool,
    /// What to write to get it, in C# or as a setting of the system.
    changes: Vec<String>,
    /// What is to be said where there is nothing to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    without_change: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct StrategySummary<'a> {
    name: &'a str,
    ports: Ports,
    /// When a connect was first refused for want of a port; with replications the median, null
    /// where fewer than half ran out.
    exhausted_at_s: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exhausted: Option<Exhausted>,
    requests: Requests,
    /// Attempts that ended in an error, by its name.
    errors: BTreeMap<&'static str, Number>,
    connections: Connections,
    latency_s: Distribution,
    queue_s: Distribution,
    /// Events of the engine.
    events: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    snat: Option<Snat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<Servers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Addresses>,
    /// `safe`, `queueing`, `failing`, `near the limit`, `exhausted`; `spsim list verdicts` has the
    /// rule of each.
    verdict: String,
    /// Every metric; with replications with its 95% interval.
    metrics: BTreeMap<&'static str, Estimated>,
    /// With replications: quantiles over the requests of all runs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_pooled_s: Option<Pooled>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_pooled_s: Option<Pooled>,
    /// With replications, or where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    long_run: Option<LongRunSummary>,
    /// With `--rare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rare: Option<statistics::RareSummary>,
}

#[derive(Serialize, JsonSchema)]
struct Snat {
    limit: Number,
    peak: Number,
    peak_at_s: Number,
    dropped: Number,
    forgotten: Number,
}

#[derive(Serialize, JsonSchema)]
struct Servers {
    answered: Number,
    wasted: Number,
    turned_away: Number,
}

#[derive(Serialize, JsonSchema)]
struct Addresses {
    sent: Number,
    to_old: Number,
    last_to_old_at_s: Option<Number>,
    /// How long the whole load would have to go to the old address for as many requests.
    time_on_old_s: Number,
}

#[derive(Serialize, JsonSchema)]
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

#[derive(Serialize, JsonSchema)]
struct Exhausted {
    count: usize,
    of: usize,
}

#[derive(Serialize, JsonSchema)]
struct Requests {
    /// What the workloads asked for, each once however often it was retried.
    submitted: Number,
    /// Got the answer they wanted.
    succeeded: Number,
    /// Ended without the answer they wanted.
    failed: Number,
    /// Of those that failed: by their own timeout.
    timed_out: Number,
    /// Still unanswered at the end.
    in_flight: Number,
}

#[derive(Serialize, JsonSchema)]
struct Connections {
    /// Established.
    opened: Number,
    /// Requests that found a connection waiting.
    reused: Number,
    /// Closed by a FIN.
    closed_graceful: Number,
    /// Closed by a reset.
    closed_hard: Number,
}

#[derive(Serialize, JsonSchema)]
struct Distribution {
    /// Of those durations that are known.
    mean: Option<Number>,
    #[serde(flatten)]
    quantiles: Quantiles,
    /// The longest that is known.
    max: Option<Number>,
}

/// The JSON Schema of `summary.json`.
///
/// # Panics
/// Never: a schema is plain JSON.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut schema = generator.into_root_schema_for::<Summary<'_>>();
    schema.insert("title".into(), "summary.json of spsim".into());
    serde_json::to_string_pretty(&schema).expect("a schema is plain JSON")
}

/// `summary.json`, ending in a line feed; `--json` prints the same.
pub fn summary(comparison: &Comparison) -> String {
    let scenario = &comparison.scenario;
    let found = findings::of(comparison);
    let document = Summary {
        schema: SCHEMA,
        spsim: env!("CARGO_PKG_VERSION"),
        scenario: &scenario.name,
        title: &scenario.title,
        question: &scenario.question,
        expect: &scenario.expect,
        digest: format!("{:016x}", scenario.digest),
        seed: scenario.seed,
        replications: scenario.replications,
        command: &comparison.command,
        duration_s: Number::of(scenario.duration.as_seconds()),
        strategies: comparison.strategies.iter().map(strategy).collect(),
        differences: statistics::differences(comparison),
        precision: statistics::precision(comparison),
        findings: Findings {
            headline: found.headline,
            sentences: found.sentences,
            best: Best {
                strategy: &comparison.strategies[found.winner.index].name,
                reason: found.winner.reason,
                good: found.winner.good,
                changes: found.winner.changes,
                without_change: found.winner.without_change,
            },
        },
        assumptions: found.assumptions,
        warnings: found.warnings,
    };
    pretty(&document)
}

fn strategy(result: &StrategyResult) -> StrategySummary<'_> {
    let mean = |value: fn(&RunSummary) -> u64| Number::of(result.mean(|run| value(run) as f64));
    let replicated = result.runs.len() > 1;
    StrategySummary {
        name: &result.name,
        ports: Ports {
            limit: mean(|run| run.ports.limit),
            peak: mean(|run| run.ports.peak),
            peak_max: replicated.then(|| Number::of(verdict::peak(result) as f64)),
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
        snat: snat(result),
        servers: servers(result),
        addresses: addresses(result),
        verdict: verdict::in_words(result),
        metrics: statistics::metrics(result),
        latency_pooled_s: statistics::pooled(result, Durations::latencies),
        queue_pooled_s: statistics::pooled(result, Durations::waits),
        long_run: (replicated || result.scenario.steady.is_some())
            .then(|| statistics::long_run(result)),
        rare: statistics::rare(result),
    }
}

/// Mean over the runs of what `value` reads from a part that all of them have.
fn mean_of<T>(
    result: &StrategyResult,
    part: fn(&RunSummary) -> Option<T>,
    value: impl Fn(&T) -> f64,
) -> Number {
    Number::of(result.mean(|run| part(run).map_or(0.0, |part| value(&part))))
}

fn snat(result: &StrategyResult) -> Option<Snat> {
    result.runs.first()?.nat?;
    let mean = |value: fn(&NatTotals) -> f64| mean_of(result, |run| run.nat, value);
    Some(Snat {
        limit: mean(|nat| f64::from(nat.limit)),
        peak: mean(|nat| f64::from(nat.peak)),
        peak_at_s: mean(|nat| nat.peak_at.as_seconds()),
        dropped: mean(|nat| nat.dropped as f64),
        forgotten: mean(|nat| nat.forgotten as f64),
    })
}

fn servers(result: &StrategyResult) -> Option<Servers> {
    result.runs.first()?.service?;
    let mean = |value: fn(&ServiceCounts) -> u64| {
        mean_of(result, |run| run.service, |counts| value(counts) as f64)
    };
    Some(Servers {
        answered: mean(|counts| counts.answered),
        wasted: mean(|counts| counts.wasted),
        turned_away: mean(|counts| counts.turned_away),
    })
}

fn addresses(result: &StrategyResult) -> Option<Addresses> {
    let first = result.runs.first()?.addresses?;
    let mean = |value: fn(&AddressCounts) -> f64| mean_of(result, |run| run.addresses, value);
    Some(Addresses {
        sent: mean(|counts| counts.sent as f64),
        to_old: mean(|counts| counts.to_old as f64),
        last_to_old_at_s: (first.to_old > 0)
            .then(|| mean(|counts| counts.last_to_old.as_seconds())),
        time_on_old_s: Number::of(verdict::seconds_on_old(result)),
    })
}

/// Every name that any run saw; runs that did not see it count as 0 of it.
fn errors(result: &StrategyResult) -> BTreeMap<&'static str, Number> {
    let names: BTreeSet<&'static str> = result
        .runs
        .iter()
        .flat_map(|run| run.errors.names())
        .collect();
    let mean = |name| result.mean(|run| run.errors.of(name) as f64);
    names
        .into_iter()
        .map(|name| (name, Number::of(mean(name))))
        .collect()
}

/// Means over those runs that have anything to say; all null when none has.
fn distribution(result: &StrategyResult, of: fn(&RunSummary) -> &DurationSummary) -> Distribution {
    let all: Vec<&DurationSummary> = result.runs.iter().map(of).collect();
    let mean = |value: &dyn Fn(&DurationSummary) -> f64| {
        let recorded = all.iter().copied().filter(|one| one.count > 0);
        number::mean_of(recorded.map(value)).map(Number::of)
    };
    Distribution {
        mean: mean(&|one| one.mean_seconds.unwrap_or(0.0)),
        quantiles: Quantiles::of(&all),
        max: mean(&|one| one.max as f64 / 1e9),
    }
}
