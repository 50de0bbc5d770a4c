//! The phase diagram: for which bursts and which pauses between them ports come back.

use crate::draw::palette::{ALARM, BEARABLE, GOOD, INK, PAPER, WORSE};
use crate::draw::{Cell, GridPanel, GridPlot, Places, Threshold, Words};
use crate::study::gallery::{BURST, BURST_RATES, GAPS, Phase};
use crate::units::SimSpan;
use crate::words::labels::Labels;

/// The chart.
pub(crate) fn plot(
    phases: &[Vec<Phase>],
    idle_time: Option<SimSpan>,
    words: Words,
    labels: &Labels,
) -> GridPlot {
    let threshold = idle_time.map(|time| Threshold {
        after: GAPS
            .iter()
            .filter(|gap| SimSpan::from_seconds(**gap) <= time)
            .count(),
        label: labels.phases.idle_time(&labels.span(time)),
    });
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
        threshold,
    }
}

/// Whether there is a boundary to see: two kinds of cells, each more than a few.
pub(crate) fn is_telling(phases: &[Vec<Phase>]) -> bool {
    const FEW: usize = 4;
    let all = [
        Phase::Returns,
        Phase::Plateau,
        Phase::PilesUp,
        Phase::RunsOut,
    ];
    let count = |kind: Phase| phases.iter().flatten().filter(|it| **it == kind).count();
    all.into_iter().filter(|kind| count(*kind) > FEW).count() > 1
}

/// One sentence on the diagram: what becomes of ports, and from which pause on all come back.
pub(crate) fn boundary(phases: &[Vec<Phase>]) -> String {
    let has = |kind: Phase| phases.iter().flatten().any(|it| *it == kind);
    let returns = |column: usize| phases.iter().all(|row| row[column] == Phase::Returns);
    let last = (0..GAPS.len()).rposition(|column| !returns(column));
    let first = last.map_or(0, |last| last + 1);
    let shorter = match (
        has(Phase::RunsOut),
        has(Phase::PilesUp),
        has(Phase::Plateau),
    ) {
        (true, _, _) => "with shorter ones they pile up until they run out",
        (false, true, _) => "with shorter ones they pile up",
        (false, false, true) => "with shorter ones as many stay taken as come back",
        (false, false, false) => "and so with every pause that was tried",
    };
    match GAPS.get(first) {
        Some(gap) => {
            format!("Ports come back at every rate where pauses last {gap} s or longer; {shorter}")
        }
        None => "No pause that was tried gives all ports back at every rate".into(),
    }
}

fn cell(phase: Phase, labels: &Labels) -> Cell {
    let words = &labels.phases;
    let (text, color, ink) = match phase {
        Phase::Returns => (words.returns(), GOOD, INK),
        Phase::Plateau => (words.plateau(), BEARABLE, INK),
        Phase::PilesUp => (words.leak(), WORSE, INK),
        Phase::RunsOut => (words.run_out(), ALARM, PAPER),
    };
    Cell::Word { text, color, ink }
}
