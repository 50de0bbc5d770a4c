//! What the charts of stacked ports have in common: one panel per strategy, on shared axes.

use super::{caption, over_time};
use crate::draw::axis::Axis;
use crate::draw::{Layer, Limit, StackLens, StackPanel, StackPlot, StackRow, Words};
use crate::draw::{steps, zoom};
use crate::study::{Comparison, StrategyResult};
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

/// Points of all panels together.
const POINT_BUDGET: usize = 2_400;
/// Of more layers each has fewer points.
const USUAL_LAYERS: usize = 5;

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
}

/// The chart; `stacks` are those of the comparison's strategies.
pub(super) fn plot(
    comparison: &Comparison,
    about: About,
    stacks: Vec<Stack>,
    labels: &Labels,
) -> StackPlot {
    let tops = stacks.iter().map(|it| it.limit.unwrap_or(0.0).max(it.peak));
    let top = tops.fold(1.0, f64::max) * 1.14;
    let buckets = (POINT_BUDGET / 2 / stacks.len().max(1)).clamp(20, 200);
    let buckets = buckets * USUAL_LAYERS / about.layers.len().max(USUAL_LAYERS);
    let panel = |(result, stack): (&StrategyResult, Stack)| {
        let label = |limit: f64| labels.stacks.limit(&labels.count(limit));
        let lens = zoom::top(core::iter::once(stack.peak), top).map(|top| StackLens {
            up: Axis::counts(String::new(), top, 3, labels),
            label: labels.stacks.enlarged(&labels.ports(top)),
        });
        StackPanel {
            title: plain::line(&result.name),
            note: labels.lines.peak(&labels.count(stack.peak)),
            rows: thinned(&stack.rows, buckets),
            limit: stack.limit.map(|at| Limit {
                at,
                label: label(at),
            }),
            lens,
        }
    };
    let panels = comparison.strategies.iter().zip(stacks).map(panel);
    StackPlot {
        id: about.id.into(),
        words: Words {
            title: about.title,
            question: comparison.scenario.question.clone(),
            caption: caption::of(comparison, false, labels),
            description: about.description,
        },
        panels: panels.collect(),
        across: over_time::time(comparison.scenario.duration, 6, labels),
        up: Axis::counts(String::new(), top, 5, labels),
        legend: about.legend,
        layers: about.layers,
    }
}

/// The rows worth drawing.
pub(crate) fn thinned(rows: &[StackRow], buckets: usize) -> Vec<StackRow> {
    let totals = rows.iter().enumerate();
    let totals: Vec<(usize, f64)> = totals.map(|(at, row)| (at, row.total())).collect();
    let kept = steps::thinned(&totals, buckets, |row| row.1);
    kept.into_iter().map(|(at, _)| rows[at].clone()).collect()
}
