//! `states.svg`: one panel per strategy, ports stacked by state, on shared axes.

use super::stacks::{self, About, Stack};
use crate::draw::palette::LAYERS;
use crate::draw::{Layer, Look, StackPlot, StackRow, Strip};
use crate::findings::verdict;
use crate::record::Column::{self, PortsInUse};
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::words::labels::{ENGLISH, Labels, States};
use crate::words::{number, plain};
use plotters::style::RGBColor;

/// One state of a port: its column, its name and its colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateLook {
    /// Where it is counted.
    pub(crate) column: Column,
    /// Its name.
    pub(crate) name: fn(&States) -> String,
    /// Its colour.
    pub(crate) color: RGBColor,
}

/// From the bottom of the stack up.
pub(crate) const STATES: [StateLook; 5] = [
    state(Column::Busy, States::busy, LAYERS[0]),
    state(Column::Idle, States::idle, LAYERS[1]),
    state(Column::TimeWait, States::time_wait, LAYERS[2]),
    state(Column::CloseWait, States::close_wait, LAYERS[3]),
    state(Column::Connecting, States::connecting, LAYERS[4]),
];

const fn state(column: Column, name: fn(&States) -> String, color: RGBColor) -> StateLook {
    StateLook {
        column,
        name,
        color,
    }
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn alt(comparison: &Comparison) -> String {
    let told = |result: &StrategyResult| {
        let name = plain::short(&result.name, 60);
        format!("{name}: {}", make_up(&result.rows))
    };
    let peaks: Vec<String> = comparison.strategies.iter().map(told).collect();
    format!(
        "Local ports by state over time, one panel per strategy. {}.",
        peaks.join("; ")
    )
}

/// What ports are doing when most are taken, in words.
pub(crate) fn make_up(rows: &[PortsRow]) -> String {
    let highest = rows.iter().reduce(|one, other| {
        if other.values[PortsInUse] > one.values[PortsInUse] {
            other
        } else {
            one
        }
    });
    let Some(row) = highest else {
        return "no samples".into();
    };
    let held = STATES.iter().map(|state| (state, row.values[state.column]));
    let parts = held.filter(|(_, count)| *count >= 0.5);
    let parts = parts.map(|(state, count)| {
        format!("{} {}", number::count(count), (state.name)(&ENGLISH.states))
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        return "at the peak: none in use".into();
    }
    format!("at the peak: {}", parts.join(", "))
}

/// The chart.
pub(crate) fn plot(comparison: &Comparison, look: &Look) -> StackPlot {
    let labels = &look.labels;
    let about = About {
        id: "states",
        title: labels.stacks.title(),
        legend: labels.stacks.legend(),
        layers: layers(labels),
        description: alt(comparison),
    };
    let stack = |result: &StrategyResult| {
        let (peak, limit) = (verdict::peak(result) as f64, verdict::limit(result) as f64);
        let words = &labels.lines;
        Stack {
            rows: result.regular_rows().iter().map(row).collect(),
            peak,
            limit: Some(limit).filter(|it| *it > 0.0),
            note: words.peak_of_limit(&labels.count(peak), &labels.count(limit)),
            strip: Strip::default(),
        }
    };
    let stacks = comparison.strategies.iter().map(stack).collect();
    stacks::plot(comparison, about, stacks, look)
}

/// The states, as layers.
pub(crate) fn layers(labels: &Labels) -> Vec<Layer> {
    let layer = |state: &StateLook| Layer {
        name: (state.name)(&labels.states),
        color: state.color,
    };
    STATES.iter().map(layer).collect()
}

/// How many ports are in each state, as heights of layers.
pub(crate) fn row(row: &PortsRow) -> StackRow {
    StackRow {
        x: row.time.as_seconds(),
        parts: STATES.iter().map(|it| row.values[it.column]).collect(),
    }
}
