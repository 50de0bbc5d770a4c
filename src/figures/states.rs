//! `states.svg`: one panel per strategy, ports stacked by state, on shared axes.

use super::stacks::{self, Layer, Subject};
use crate::draw::Look;
use crate::draw::palette::LAYERS;
use crate::record::Column::{self, PortsInUse};
use crate::study::{Comparison, StrategyResult};
use crate::words::labels::{ENGLISH, Labels, States};
use crate::words::{number, plain};
use alloc::string::String;
use alloc::vec::Vec;
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
    let peaks: Vec<String> = comparison.strategies.iter().map(make_up).collect();
    format!(
        "Local ports by state over time, one panel per strategy. {}.",
        peaks.join("; ")
    )
}

/// What the ports of a strategy are doing when most are taken.
fn make_up(result: &StrategyResult) -> String {
    let name = plain::short(&result.name, 60);
    let highest = result.rows.iter().reduce(|one, other| {
        if other.values[PortsInUse] > one.values[PortsInUse] {
            other
        } else {
            one
        }
    });
    let Some(row) = highest else {
        return format!("{name}: no samples");
    };
    let mut states: Vec<&StateLook> = STATES.iter().collect();
    states.retain(|state| row.values[state.column] >= 0.5);
    let parts: Vec<String> = states
        .iter()
        .map(|state| {
            let count = number::count(row.values[state.column]);
            format!("{count} {}", (state.name)(&ENGLISH.states))
        })
        .collect();
    let parts = if parts.is_empty() {
        "none in use".into()
    } else {
        parts.join(", ")
    };
    format!("{name}: at the highest sample {parts}")
}

/// The chart.
pub(crate) fn svg(comparison: &Comparison, look: &Look) -> String {
    let labels = &look.labels;
    let subject = Subject {
        id: "states",
        title: labels
            .stacks
            .title(&plain::line(&comparison.scenario.title)),
        legend: labels.stacks.legend(),
        layers: layers(labels),
    };
    stacks::svg(comparison, &subject, &alt(comparison), labels)
}

fn layers(labels: &Labels) -> Vec<Layer> {
    let layer = |state: &StateLook| Layer {
        column: state.column,
        name: (state.name)(&labels.states),
        color: state.color,
    };
    STATES.iter().map(layer).collect()
}
