//! `survival.svg`: the share of runs that have not run out of ports, over time, with its
//! pointwise interval.

use super::{caption, events, over_time};
use crate::draw::axis::Axis;
use crate::draw::{Key, LinePanel, LinePlot, Look, Point, Series, Shape, Words, palette};
use crate::findings::certainty;
use crate::study::{Comparison, Interval, StrategyResult, Survival};
use crate::words::labels::Labels;
use crate::words::{number, plain};

/// The axis counts per cent.
const ALL: f64 = 100.0;

/// Whether chance decides when ports run out, or whether: else every curve is a line at 100%, or
/// one step at a time that the chart of ports has too.
pub(crate) fn is_drawn(comparison: &Comparison) -> bool {
    let varies = |result: &StrategyResult| {
        let times = || result.runs.iter().map(|run| run.exhausted_at);
        let (least, most) = (times().flatten().min(), times().flatten().max());
        let spread = least.zip(most).is_some_and(|(least, most)| most > least);
        spread || times().any(|it| it.is_some()) && times().any(|it| it.is_none())
    };
    comparison.scenario.replications > 1 && comparison.strategies.iter().any(varies)
}

/// Whether there is more to see than a step: some runs last, or far longer than others.
pub(crate) fn is_telling(comparison: &Comparison) -> bool {
    let duration = comparison.scenario.duration.as_seconds();
    let spreads = |result: &StrategyResult| {
        let times = || result.runs.iter().filter_map(|run| run.exhausted_at);
        let spread = times().min().zip(times().max());
        let spread = spread.map_or(0.0, |(least, most)| (most - least).as_seconds());
        spread > 0.05 * duration || (1..result.runs.len()).contains(&times().count())
    };
    comparison.strategies.iter().any(spreads)
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn alt(comparison: &Comparison) -> String {
    let counts: Vec<String> = comparison.strategies.iter().map(counted).collect();
    format!(
        "Share of {} runs that have not run out of ports over {} of simulated time. Exhausted: {}.",
        comparison.scenario.replications,
        number::exactly(comparison.scenario.duration),
        counts.join("; ")
    )
}

fn counted(result: &StrategyResult) -> String {
    format!(
        "{} of {} runs under “{}”",
        result.exhausted_count(),
        result.runs.len(),
        plain::short(&result.name, 60)
    )
}

/// The chart.
pub(crate) fn plot(comparison: &Comparison, look: &Look) -> LinePlot {
    let labels = &look.labels;
    let results = comparison.strategies.iter().enumerate();
    let series = results.map(|(index, result)| series(index, result, labels));
    let said = certainty::sentences(comparison).join(". ");
    let up = Axis::counts(labels.axes.survival(), ALL, 5, labels);
    let words = Words {
        title: comparison.scenario.title.clone(),
        question: labels.survival.title(),
        caption: caption::survival(comparison, labels),
        description: format!("{} {said}.", alt(comparison)),
    };
    let across = over_time::time(comparison.scenario.duration, 8, labels);
    let panels = vec![LinePanel::new(up, series.collect())];
    LinePlot {
        notes: events::outside(comparison, look),
        key: look.key,
        ..LinePlot::new("survival".into(), words, across, panels)
    }
}

fn series(index: usize, result: &StrategyResult, labels: &Labels) -> Series {
    let curve = Survival::of(result);
    // The curve does not end where the last run did, but where the runs would have.
    let has_fallen = curve.steps.len() > 1;
    let point = |x: f64, survival: f64, ends: Interval| Point {
        x,
        y: Some(survival * ALL),
        ends: has_fallen.then_some((ends.low * ALL, ends.high * ALL)),
    };
    let mut points = vec![point(0.0, 1.0, curve.at_start())];
    let steps = curve.steps.iter();
    points.extend(steps.map(|it| point(it.time.as_seconds(), it.survival, it.interval)));
    points.extend(points.last().copied().map(|last| Point {
        x: curve.end.as_seconds(),
        ..last
    }));
    let words = &labels.survival;
    let key = Key {
        at: points.last().and_then(|it| it.y).unwrap_or(ALL),
        detail: words.ran_out(
            &labels.count(result.exhausted_count() as f64),
            &labels.runs(result.runs.len() as f64),
        ),
        alert: result
            .exhausted_at()
            .map(|at| words.half_by(&labels.instant(at))),
    };
    Series {
        name: plain::line(&result.name),
        look: palette::line(index),
        shape: Shape::Steps,
        points,
        key: Some(key),
    }
}
