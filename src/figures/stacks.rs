//! What the charts of stacked ports have in common: one panel per strategy, on shared axes.

use super::{caption, events, over_time};
use crate::draw::axis::Axis;
use crate::draw::{Layer, Look, StackPanel, StackPlot, StackRow, Strip, Words};
use crate::study::{Comparison, StrategyResult};
use crate::words::plain;

/// Points of all panels together.
const POINT_BUDGET: usize = 1_200;
/// Of more layers each has fewer points.
const USUAL_LAYERS: usize = 5;
/// A panel that fills less than this of the axis that the others need has one of its own.
const LOW: f64 = 0.12;
/// A limit this many times as high as every stack would leave the panels empty: it is only said.
const FAR: f64 = 3.0;
/// Over how many stretches of time a stack is averaged that goes up and down between samples.
const STRETCHES: usize = 60;

/// What is stacked.
pub(super) struct About {
    /// Begins the names of the picture's parts.
    pub(super) id: &'static str,
    /// The picture's title.
    pub(super) title: String,
    /// What stands before the names of the layers.
    pub(super) legend: String,
    /// From the bottom up.
    pub(super) layers: Vec<Layer>,
    /// What it shows, for whoever cannot see it.
    pub(super) description: String,
}

/// A strategy's stack.
pub(super) struct Stack {
    /// Its layers at every instant.
    pub(super) rows: Vec<StackRow>,
    /// Its highest value, which samples may miss.
    pub(super) peak: f64,
    /// What it is not to exceed.
    pub(super) limit: Option<f64>,
    /// What stands above it, to the right.
    pub(super) note: String,
    /// What was lost when.
    pub(super) strip: Strip,
}

/// The chart; `stacks` are those of the comparison's strategies.
pub(super) fn plot(
    comparison: &Comparison,
    about: About,
    stacks: Vec<Stack>,
    look: &Look,
) -> StackPlot {
    let labels = &look.labels;
    let highest = stacks.iter().map(|it| it.peak).fold(1.0, f64::max);
    let far = if look.no_zoom {
        f64::INFINITY
    } else {
        highest * FAR
    };
    let limits = stacks
        .iter()
        .filter_map(|it| it.limit)
        .filter(|it| *it <= far);
    let top = limits.fold(highest, f64::max);
    // Never logarithmic: layers are lengths, which have no place on such an axis.
    let shared = match look.y_range {
        Some(range) => Axis::between(String::new(), range, false, labels),
        None => Axis::counts(String::new(), top, 6, labels),
    };
    let zooms = !look.no_zoom && look.y_range.is_none();
    let buckets = (POINT_BUDGET / stacks.len().max(1)).clamp(20, 200);
    let buckets = buckets * USUAL_LAYERS / about.layers.len().max(USUAL_LAYERS);
    let panel = |(result, stack): (&StrategyResult, Stack)| {
        let is_enlarged = zooms && stack.peak < shared.high * LOW && stack.peak > 0.0;
        StackPanel {
            title: plain::line(&result.name),
            note: if is_enlarged {
                labels.stacks.enlarged(&stack.note)
            } else {
                stack.note
            },
            up: if is_enlarged {
                Axis::counts(String::new(), stack.peak, 4, labels)
            } else {
                shared.clone()
            },
            is_enlarged,
            rows: averaged(&stack.rows, buckets),
            limit: stack.limit,
            strip: stack.strip,
        }
    };
    let panels = comparison.strategies.iter().zip(stacks).map(panel);
    StackPlot {
        id: about.id.into(),
        words: Words {
            title: plain::line(&comparison.scenario.title),
            question: about.title,
            caption: caption::of(comparison, false, labels),
            description: about.description,
        },
        panels: panels.collect(),
        across: over_time::time(comparison.scenario.duration, 6, labels),
        legend: about.legend,
        layers: about.layers,
        limit: labels.stacks.limit(),
        notes: events::tints_and_marks(comparison, look),
    }
}

/// The mean stack of each stretch of time. Of layers that come and go between samples the shares
/// are those of longer stretches: single samples would show a rhythm that is not there.
pub(crate) fn averaged(rows: &[StackRow], buckets: usize) -> Vec<StackRow> {
    let layers = rows.first().map_or(0, |row| row.parts.len());
    let is_restless = |of: &dyn Fn(&StackRow) -> f64| over_time::is_restless(rows.iter().map(of));
    if is_restless(&StackRow::total) {
        return means(rows, STRETCHES);
    }
    let mut fine = means(rows, buckets);
    if !(0..layers).any(|layer| is_restless(&|row| row.parts[layer])) {
        return fine;
    }
    let coarse = means(rows, STRETCHES);
    for row in &mut fine {
        let stretch = coarse.iter().rev().find(|it| it.x <= row.x);
        let (total, all) = (row.total(), stretch.map_or(0.0, StackRow::total));
        if let Some(stretch) = stretch.filter(|_| all > 0.0) {
            row.parts = stretch
                .parts
                .iter()
                .map(|part| part / all * total)
                .collect();
        }
    }
    fine
}

/// The mean stack of each of so many stretches of time, and the end.
fn means(rows: &[StackRow], buckets: usize) -> Vec<StackRow> {
    if rows.len() <= buckets {
        return rows.to_vec();
    }
    let bucket = |index: usize| {
        let part = &rows[index * rows.len() / buckets..(index + 1) * rows.len() / buckets];
        let sum = |layer: usize| part.iter().map(|row| row.parts[layer]).sum::<f64>();
        StackRow {
            x: part[0].x,
            parts: (0..part[0].parts.len())
                .map(|layer| sum(layer) / part.len() as f64)
                .collect(),
        }
    };
    let mut kept: Vec<StackRow> = (0..buckets).map(bucket).collect();
    let end = rows.last().zip(kept.last()).map(|(row, last)| StackRow {
        x: row.x,
        parts: last.parts.clone(),
    });
    kept.extend(end);
    kept
}
