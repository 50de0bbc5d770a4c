//! `ports.svg`: port usage over time, every strategy, the limit, the moment of exhaustion.

use super::over_time::{self, About, Line};
use super::{events, losses};
use crate::draw::{LinePlot, Look};
use crate::findings::{self, verdict};
use crate::record::Column::PortsInUse;
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::words::labels::Labels;
use crate::words::number;

/// One sentence for whoever cannot see the chart.
pub(crate) fn alt(comparison: &Comparison) -> String {
    format!(
        "Local ports in use over {} of simulated time under {}. {}.",
        number::exactly(comparison.scenario.duration),
        number::counted(comparison.strategies.len() as f64, "strategy", "strategies"),
        findings::of(comparison).headline
    )
}

/// The chart, with the author's marks.
pub(crate) fn plot(comparison: &Comparison, look: &Look) -> LinePlot {
    let labels = &look.labels;
    let found = findings::of(comparison);
    let description = format!("{} {}.", alt(comparison), found.sentences.join(". "));
    let about = About {
        id: "ports".into(),
        words: over_time::words(comparison, description, labels),
        duration: comparison.scenario.duration,
        axis: labels.axes.ports(),
        amount: &|amount| labels.ports(amount),
        limit: &|limit| labels.ports(limit),
        notes: events::all(comparison, look),
        strip: losses::by_strategy(comparison, labels),
        merges: true,
    };
    let lines = comparison.strategies.len();
    let line = |result| line(result, lines, labels);
    let lines: Vec<Line> = comparison.strategies.iter().map(line).collect();
    over_time::plot(about, &lines, look)
}

fn line(result: &StrategyResult, lines: usize, labels: &Labels) -> Line {
    let (peak, limit) = (verdict::peak(result) as f64, verdict::limit(result) as f64);
    let value = |row: &PortsRow| row.values[PortsInUse];
    let ends = |row: &PortsRow| row.ports_in_use.map(|it| (it.low, it.high));
    let is_local = verdict::tightest(result).is_local();
    Line {
        name: result.name.clone(),
        points: over_time::points(&result.rows, lines, value, ends),
        peak: result.rows.iter().map(value).fold(peak, f64::max),
        limit: (limit > 0.0).then_some(limit),
        detail: labels
            .lines
            .peak_of_limit(&labels.count(peak), &labels.count(limit)),
        alert: over_time::alert(result, labels),
        ran_out: over_time::ran_out(result, labels).filter(|_| is_local),
    }
}
