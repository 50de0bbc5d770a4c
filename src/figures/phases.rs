//! The phase diagram: for which bursts and which pauses between them ports come back.

use super::states::STATES;
use crate::draw::canvas::{Anchor, Canvas, Font, Rect};
use crate::draw::frame::{Frame, MARGIN, SMALL, WIDTH};
use crate::draw::palette::{GOOD, INK, ON_LIGHT, QUIET};
use crate::study::gallery::{BURST, BURST_RATES, GAPS, Phase};
use crate::words::labels::{Labels, Phases};
use alloc::string::String;
use alloc::vec::Vec;
use plotters::style::RGBColor;

const CELL: f64 = 46.0;

/// The chart.
pub(crate) fn svg(
    phases: &[Vec<Phase>],
    [title, question, caption, alt]: [&str; 4],
    labels: &Labels,
) -> String {
    let frame = Frame::of_words(title, question, caption);
    let width = (WIDTH - 2.0 * MARGIN - 60.0) / GAPS.len() as f64;
    let (left, top) = (MARGIN + 60.0, frame.head() + 22.0);
    let bottom = top + CELL * phases.len() as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 44.0 + frame.foot(), labels);
    let font = Font::new(SMALL, QUIET);
    let up = labels.phases.rate();
    canvas.text_within((MARGIN, top - 10.0), font.bold(), &up, WIDTH - 2.0 * MARGIN);
    // The highest rate is on top.
    for (line, (row, rate)) in phases.iter().zip(BURST_RATES).rev().enumerate() {
        let y = top + CELL * line as f64;
        let label = labels.plain(rate);
        canvas.text(
            (left - 10.0, y + CELL / 2.0 + 4.0),
            font.anchored(Anchor::End),
            &label,
        );
        for (column, phase) in row.iter().enumerate() {
            let cell = Rect {
                left: left + width * column as f64 + 1.0,
                top: y + 1.0,
                width: width - 2.0,
                height: CELL - 2.0,
            };
            let (color, font, word) = look(*phase, &labels.phases);
            canvas.rect(cell, color);
            let at = (cell.left + cell.width / 2.0, y + CELL / 2.0 + 4.0);
            canvas.text_within(at, font.anchored(Anchor::Middle), &word, cell.width - 4.0);
        }
    }
    for (column, gap) in GAPS.iter().enumerate() {
        let at = (left + width * (column as f64 + 0.5), bottom + 18.0);
        let label = alloc::string::ToString::to_string(gap);
        canvas.text(at, font.anchored(Anchor::Middle), &label);
    }
    let across = labels.phases.pause(&labels.span(BURST));
    let all = width * GAPS.len() as f64;
    let at = (left + all / 2.0, bottom + 37.0);
    canvas.text_within(at, font.anchored(Anchor::Middle), &across, all);
    frame.draw(&mut canvas, bottom + 44.0);
    canvas.finish("phases", title, alt)
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

/// The colour of a cell, and the word in it.
fn look(phase: Phase, words: &Phases) -> (RGBColor, Font, String) {
    // The halo keeps a word legible on a colour that is light in one theme and dark in another.
    let on_any = Font::new(SMALL, INK).halo();
    match phase {
        Phase::Returns => (GOOD, on_any, words.returns()),
        Phase::PilesUp => (STATES[4].color, Font::new(SMALL, ON_LIGHT), words.leak()),
        Phase::RunsOut => (STATES[2].color, on_any, words.run_out()),
    }
}
