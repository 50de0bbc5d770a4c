//! `clients.svg`: one panel per strategy, ports stacked by the program that holds them.

use super::losses;
use super::stacks::{self, About, Stack};
use crate::draw::palette;
use crate::draw::{Layer, Look, StackPlot, StackRow};
use crate::findings::verdict;
use crate::model::PortScope;
use crate::record::Column::PortsInUse;
use crate::study::comparison::ClientRow;
use crate::study::{Comparison, StrategyResult};
use crate::words::labels::Labels;
use crate::words::{number, plain};

/// Programs with a layer of their own, where there are more than one more: the others share one.
const MOST_LAYERS: usize = palette::PROGRAMS.len();

/// Whether several programs share the machine.
pub(crate) fn is_drawn(comparison: &Comparison) -> bool {
    comparison.scenario.clients.len() > 1
}

/// The layer of a program.
fn layer_of(client: usize, n_clients: usize) -> usize {
    if n_clients > MOST_LAYERS {
        client.min(MOST_LAYERS - 1)
    } else {
        client
    }
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn alt(comparison: &Comparison) -> String {
    let held: Vec<String> = comparison.strategies.iter().map(make_up).collect();
    format!(
        "Local ports by program over time, one panel per strategy. {}.",
        held.join("; ")
    )
}

/// What each program holds when most ports are taken.
fn make_up(result: &StrategyResult) -> String {
    let name = plain::short(&result.name, 60);
    let n_clients = result.scenario.clients.len();
    let instants = result.clients.chunks(n_clients.max(1));
    let total =
        |rows: &&[ClientRow]| -> f64 { rows.iter().map(|row| row.values[PortsInUse]).sum() };
    // The first of the highest.
    let highest = instants.reduce(|one, other| {
        if total(&other) > total(&one) {
            other
        } else {
            one
        }
    });
    let Some(rows) = highest else {
        return format!("{name}: no samples");
    };
    let held = rows
        .iter()
        .filter(|row| row.values[PortsInUse] >= 0.5)
        .map(|row| {
            let client = &result.scenario.clients[row.client as usize].name;
            format!(
                "{} {}",
                plain::short(client, 40),
                number::count(row.values[PortsInUse])
            )
        });
    let held: Vec<String> = held.collect();
    if held.is_empty() {
        return format!("{name}: none in use");
    }
    format!("{name}: at the peak: {}", held.join(", "))
}

/// The chart.
pub(crate) fn plot(comparison: &Comparison, look: &Look) -> StackPlot {
    let labels = &look.labels;
    let about = About {
        id: "clients",
        title: labels.stacks.clients_title(),
        legend: labels.stacks.clients_legend(),
        layers: layers(comparison, labels),
        description: alt(comparison),
    };
    let n_layers = about.layers.len();
    let stack = |result: &StrategyResult| {
        let rows = rows(result, n_layers);
        let highest = rows.iter().map(StackRow::total).fold(0.0, f64::max);
        let (peak, limit) = if is_one_table(result) {
            let limit = verdict::limit(result) as f64;
            (verdict::peak(result) as f64, Some(limit))
        } else {
            (libm::ceil(highest), None)
        };
        let words = &labels.lines;
        let note = match limit {
            Some(limit) => words.peak_of_limit(&labels.count(peak), &labels.count(limit)),
            None => words.peak(&labels.count(peak)),
        };
        Stack {
            rows,
            peak,
            limit,
            note,
            strip: losses::by_client(result, labels),
        }
    };
    let stacks = comparison.strategies.iter().map(stack).collect();
    stacks::plot(comparison, about, stacks, look)
}

/// Whether the programs' ports add up to those of one table, whose limit is theirs together.
fn is_one_table(result: &StrategyResult) -> bool {
    let machine = &result.scenario.machine;
    machine.instances == 1 && machine.scope == PortScope::Host
}

fn layers(comparison: &Comparison, labels: &Labels) -> Vec<Layer> {
    let clients = &comparison.scenario.clients;
    let n_layers = layer_of(clients.len() - 1, clients.len()) + 1;
    let name = |layer: usize| {
        let others = clients.len() - layer;
        if layer + 1 == n_layers && others > 1 {
            return labels.stacks.clients_others(&labels.count(others as f64));
        }
        clients[layer].name.clone()
    };
    let layer = |index: usize| Layer {
        name: name(index),
        color: palette::PROGRAMS[index],
    };
    (0..n_layers).map(layer).collect()
}

/// The ports of each layer at each instant.
fn rows(result: &StrategyResult, n_layers: usize) -> Vec<StackRow> {
    let n_clients = result.scenario.clients.len();
    let instant = |rows: &[ClientRow]| {
        let mut parts = vec![0.0; n_layers];
        for row in rows {
            parts[layer_of(row.client as usize, n_clients)] += row.values[PortsInUse];
        }
        StackRow {
            x: rows[0].time.as_seconds(),
            parts,
        }
    };
    let instants = result.clients.chunks(n_clients.max(1));
    instants.map(instant).collect()
}
