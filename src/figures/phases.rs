//! The phase diagram: for which bursts and which pauses between them ports come back.

use super::states::STATES;
use crate::draw::palette::GOOD;
use crate::draw::{Cell, GridPanel, GridPlot, Places, Words};
use crate::study::gallery::{BURST, BURST_RATES, GAPS, Phase};
use crate::words::labels::Labels;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The chart.
pub(crate) fn plot(phases: &[Vec<Phase>], words: Words, labels: &Labels) -> GridPlot {
    let cells = phases.iter().flatten();
    GridPlot {
        id: "phases".into(),
        words,
        across: Places {
            title: labels.phases.pause(&labels.span(BURST)),
            labels: GAPS.iter().map(ToString::to_string).collect(),
        },
        up: Places {
            title: labels.phases.rate(),
            labels: BURST_RATES.iter().map(|it| labels.plain(*it)).collect(),
        },
        panels: vec![GridPanel {
            title: String::new(),
            cells: cells.map(|phase| cell(*phase, labels)).collect(),
        }],
        ramp: None,
    }
}

/// One sentence on the diagram: from which pause on every rate's ports come back.
pub(crate) fn boundary(phases: &[Vec<Phase>]) -> String {
    let returns: Vec<bool> = (0..GAPS.len())
        .map(|column| phases.iter().all(|row| row[column] == Phase::Returns))
        .collect();
    let first = returns
        .iter()
        .rposition(|all| !all)
        .map_or(0, |last| last + 1);
    match GAPS.get(first) {
        Some(gap) if first == 0 => {
            format!("Ports come back at every rate, with pauses of {gap} s and longer")
        }
        Some(gap) => format!(
            "Ports come back at every rate where pauses last {gap} s or longer; with {} s they \
             do not",
            GAPS[first - 1]
        ),
        None => "No pause that was tried gives ports back at every rate".into(),
    }
}

fn cell(phase: Phase, labels: &Labels) -> Cell {
    let words = &labels.phases;
    let (text, color) = match phase {
        Phase::Returns => (words.returns(), GOOD),
        Phase::PilesUp => (words.leak(), STATES[4].color),
        Phase::RunsOut => (words.run_out(), STATES[2].color),
    };
    Cell::Word {
        text,
        color,
        // That colour is as light in every theme.
        legible: phase == Phase::PilesUp,
    }
}
