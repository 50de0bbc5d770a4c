//! The statistical parts of `summary.json`: intervals, differences, the long run.

use super::json_number::Number;
use crate::record::{DurationSummary, Quantile};
use crate::stats::Confidence;
use crate::study::differences::differences as paired_differences;
use crate::study::pooled::{self, Which};
use crate::study::steady::{Horizon, LongRun, assess};
use crate::study::{Comparison, Interval, METRICS, StrategyResult};
use crate::units::rounded;
use crate::words::number;
use alloc::collections::BTreeMap;
use schemars::JsonSchema;
use serde::Serialize;

/// A value with the ends of its 95% interval; null is undefined, or later than the end.
#[derive(Serialize, JsonSchema)]
pub(super) struct Estimated {
    value: Option<Number>,
    lo: Option<Number>,
    hi: Option<Number>,
    /// What a quantile is above that lies beyond what is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<Number>,
}

fn finite(value: Option<f64>) -> Option<Number> {
    value.filter(|it| it.is_finite()).map(Number::of)
}

fn estimated(value: f64, interval: Option<Interval>) -> Estimated {
    Estimated {
        value: finite(Some(value)),
        lo: finite(interval.map(|it| it.low)),
        hi: finite(interval.map(|it| it.high)),
        above: None,
    }
}

/// Every metric of one strategy, by name.
pub(super) fn metrics(result: &StrategyResult) -> BTreeMap<&'static str, Estimated> {
    let confidence = Confidence::new(0.95, result.runs.len());
    let is_replicated = result.runs.len() > 1;
    let one = |metric: &crate::study::Metric| {
        let found = metric.estimate(&result.runs, confidence);
        let ends = Estimated {
            value: finite(found.value),
            // One run is an anecdote.
            lo: finite(found.low.filter(|_| is_replicated)),
            hi: finite(found.high.filter(|_| is_replicated)),
            above: finite(found.above),
        };
        (metric.name, ends)
    };
    METRICS.iter().map(one).collect()
}

/// The share of runs in which a port is refused, estimated by runs in which that is likely.
#[derive(Serialize, JsonSchema)]
pub(super) struct RareSummary {
    /// Null where it cannot be estimated.
    p_exhausted: Option<f64>,
    /// The ends of its 95% interval.
    lo: Option<f64>,
    hi: Option<f64>,
    /// How many runs were made for it …
    runs: usize,
    /// … and in how many of them a port was refused.
    refused: usize,
    /// Why it cannot be estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

pub(super) fn rare(result: &StrategyResult) -> Option<RareSummary> {
    let estimated = result.rare.as_ref()?.as_ref();
    let found = estimated.ok();
    let digits = |value: f64| rounded(value, 6);
    Some(RareSummary {
        p_exhausted: found.map(|it| digits(it.share)),
        lo: found.map(|it| digits(it.interval.low)),
        hi: found.map(|it| digits(it.interval.high)),
        runs: found.map_or(0, |it| it.runs),
        refused: found.map_or(0, |it| it.refused),
        reason: estimated.err().map(|it| it.text()),
    })
}

/// Quantiles over the requests of all runs together, with the ends of their 95% intervals.
#[derive(Serialize, JsonSchema)]
pub(super) struct Pooled {
    count: u64,
    #[serde(flatten)]
    quantiles: Quantiles,
    /// Null where an end lies beyond what is known.
    p50_lo: Option<Number>,
    p50_hi: Option<Number>,
    p95_lo: Option<Number>,
    p95_hi: Option<Number>,
    p99_lo: Option<Number>,
    p99_hi: Option<Number>,
    max: Number,
}

/// Three quantiles. One that lies beyond what is known is null; then what it is above stands
/// beside it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Quantiles {
    p50: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p50_above: Option<Number>,
    p95: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p95_above: Option<Number>,
    p99: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99_above: Option<Number>,
}

impl Quantiles {
    /// Means over those of `all` that have any duration.
    pub(super) fn of(all: &[&DurationSummary]) -> Quantiles {
        let of = |which: fn(&DurationSummary) -> Quantile| {
            let seen = || all.iter().filter(|it| it.total > 0).map(|it| which(it));
            let value = finite(number::mean_of(seen().map(Quantile::seconds)));
            let least = number::mean_of(seen().map(Quantile::least_seconds));
            let above = least.filter(|_| value.is_none()).map(Number::of);
            (value, above)
        };
        let (p50, p50_above) = of(|it| it.p50);
        let (p95, p95_above) = of(|it| it.p95);
        let (p99, p99_above) = of(|it| it.p99);
        Quantiles {
            p50,
            p50_above,
            p95,
            p95_above,
            p99,
            p99_above,
        }
    }
}

/// Those of several runs.
pub(super) fn pooled(result: &StrategyResult, which: Which) -> Option<Pooled> {
    let found = pooled::pooled(result, which).filter(|_| result.runs.len() > 1)?;
    let [[p50_lo, p50_hi], [p95_lo, p95_hi], [p99_lo, p99_hi]] =
        found.ends.map(|ends| ends.map(finite));
    Some(Pooled {
        count: found.summary.count,
        quantiles: Quantiles::of(&[&found.summary]),
        p50_lo,
        p50_hi,
        p95_lo,
        p95_hi,
        p99_lo,
        p99_hi,
        max: Number::of(found.summary.max as f64 / 1e9),
    })
}

/// What kind of question a strategy answers, and its long-run figures.
#[derive(Serialize, JsonSchema)]
pub(super) struct LongRunSummary {
    horizon: &'static str,
    asked: bool,
    warm_up_s: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ports_in_use: Option<Estimated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_per_s: Option<Estimated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_share: Option<Estimated>,
    /// Of answered requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_mean_s: Option<Estimated>,
    /// For how long to simulate where a single run is too short for an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed_s: Option<Number>,
}

pub(super) fn long_run(result: &StrategyResult) -> LongRunSummary {
    let found = assess(result);
    let figure = |of: Option<LongRun>| of.map(|it| estimated(it.mean, it.interval));
    LongRunSummary {
        horizon: match found.horizon {
            Horizon::Terminating => "terminating",
            Horizon::Steady => "steady",
        },
        asked: found.asked,
        warm_up_s: (found.ports_in_use).map(|it| Number::of(it.from.as_seconds())),
        ports_in_use: figure(found.ports_in_use),
        opened_per_s: figure(found.opened_per_s),
        failed_share: figure(found.failed_share),
        latency_mean_s: figure(found.latency_mean_s),
        needed_s: found.needed().map(|it| Number::of(it.as_seconds())),
    }
}

/// The paired difference of two strategies: `strategy` minus `versus`.
#[derive(Serialize, JsonSchema)]
pub(super) struct DifferenceSummary<'a> {
    metric: &'static str,
    strategy: &'a str,
    versus: &'a str,
    #[serde(flatten)]
    difference: Estimated,
    distinguishable: bool,
    variance_reduction: Option<Number>,
}

/// Every pair by every criterion; the intervals hold together (Bonferroni).
pub(super) fn differences(comparison: &Comparison) -> Vec<DifferenceSummary<'_>> {
    let name = |index: usize| comparison.strategies[index].name.as_str();
    let found = paired_differences(comparison).into_iter();
    found
        .map(|it| DifferenceSummary {
            metric: it.criterion.name,
            strategy: name(it.first),
            versus: name(it.second),
            difference: estimated(it.difference.mean, Some(it.difference.interval)),
            distinguishable: it.difference.is_distinguishable(),
            variance_reduction: finite(it.difference.variance_reduction),
        })
        .collect()
}

/// The precision that was asked for, and what came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct PrecisionSummary {
    metric: &'static str,
    wanted: Number,
    /// Null where some value is 0 or an interval open.
    found: Option<Number>,
    most_replications: u32,
    reached: bool,
}

pub(super) fn precision(comparison: &Comparison) -> Option<PrecisionSummary> {
    let reached = comparison.precision?;
    Some(PrecisionSummary {
        metric: reached.metric,
        wanted: Number::of(reached.wanted),
        found: finite(Some(reached.found)),
        most_replications: reached.most,
        reached: reached.holds(),
    })
}
