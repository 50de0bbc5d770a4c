//! The statistical parts of `summary.json`: intervals, differences, the long run.

use super::json::Number;
use crate::record::DurationSummary;
use crate::stats::Confidence;
use crate::study::differences::differences as paired_differences;
use crate::study::steady::{Horizon, LongRun, assess};
use crate::study::{Comparison, Interval, METRICS, StrategyResult};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::Serialize;

/// A value with the ends of its 95 % interval; null is undefined, or later than the end.
#[derive(Serialize)]
pub(super) struct Estimated {
    value: Option<Number>,
    lo: Option<Number>,
    hi: Option<Number>,
}

fn finite(value: Option<f64>) -> Option<Number> {
    value.filter(|it| it.is_finite()).map(Number::of)
}

fn estimated(value: f64, interval: Option<Interval>) -> Estimated {
    Estimated {
        value: finite(Some(value)),
        lo: finite(interval.map(|it| it.low)),
        hi: finite(interval.map(|it| it.high)),
    }
}

/// Every metric of one strategy, by name.
pub(super) fn metrics(result: &StrategyResult) -> BTreeMap<&'static str, Estimated> {
    let confidence = Confidence::new(0.95, result.runs.len());
    let one = |metric: &crate::study::Metric| {
        let found = metric.estimate(&result.runs, confidence);
        let ends = Estimated {
            value: finite(found.value),
            lo: finite(found.low),
            hi: finite(found.high),
        };
        (metric.name, ends)
    };
    METRICS.iter().map(one).collect()
}

/// Quantiles over the requests of all runs together.
#[derive(Serialize)]
pub(super) struct Pooled {
    count: u64,
    p50: Number,
    p95: Number,
    p99: Number,
    max: Number,
}

pub(super) fn pooled(of: &DurationSummary) -> Option<Pooled> {
    let seconds = |nanos: u64| Number::of(nanos as f64 / 1e9);
    (of.count > 0).then(|| Pooled {
        count: of.count,
        p50: seconds(of.p50),
        p95: seconds(of.p95),
        p99: seconds(of.p99),
        max: seconds(of.max),
    })
}

/// What kind of question a strategy answers, and its long-run figures.
#[derive(Serialize)]
pub(super) struct LongRunSummary {
    horizon: &'static str,
    asked: bool,
    warm_up_s: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ports_in_use: Option<Estimated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_per_s: Option<Estimated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batches_independent: Option<bool>,
}

pub(super) fn long_run(result: &StrategyResult) -> LongRunSummary {
    let found = assess(result);
    let figure = |of: Option<LongRun>| of.map(|it| estimated(it.mean, it.interval));
    let single = result.runs.len() == 1;
    LongRunSummary {
        horizon: match found.horizon {
            Horizon::Terminating => "terminating",
            Horizon::Steady => "steady",
        },
        asked: found.asked,
        warm_up_s: found.warm_up.map(|it| Number::of(it.as_seconds())),
        ports_in_use: figure(found.ports_in_use),
        opened_per_s: figure(found.opened_per_s),
        batches_independent: found
            .ports_in_use
            .filter(|it| single && it.interval.is_some())
            .map(|it| it.is_independent),
    }
}

/// The paired difference of two strategies: `strategy` minus `versus`.
#[derive(Serialize)]
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
#[derive(Serialize)]
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
