//! `survival.svg`: the share of runs that have not run out of ports, over time, with its
//! pointwise interval.

use super::caption;
use crate::draw::Look;
use crate::draw::axis::{self, Scale};
use crate::draw::canvas::{Canvas, Point, Rect};
use crate::draw::frame::{self, AxisParts, Frame, MARGIN, WIDTH};
use crate::draw::key::{self, Entry};
use crate::draw::palette;
use crate::draw::steps;
use crate::findings::certainty;
use crate::study::{Comparison, StrategyResult, Survival};
use crate::words::labels::Labels;
use crate::words::{number, plain};
use alloc::string::String;
use alloc::vec::Vec;

const KEY_WIDTH: f64 = 206.0;
const KEY_GAP: f64 = 14.0;
const HEIGHT: f64 = 260.0;
/// The axis counts per cent.
const ALL: f64 = 100.0;

/// Whether any run ran out: else every curve is a line at 100 %.
pub(crate) fn is_drawn(comparison: &Comparison) -> bool {
    let replicated = comparison.scenario.replications > 1;
    replicated
        && comparison
            .strategies
            .iter()
            .any(|it| it.exhausted_count() > 0)
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn alt(comparison: &Comparison) -> String {
    let counts: Vec<String> = comparison.strategies.iter().map(counted).collect();
    format!(
        "Share of {} runs that have not run out of ports over {} of simulated time. Exhausted: {}.",
        comparison.scenario.replications,
        number::span(comparison.scenario.duration),
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
pub(crate) fn svg(comparison: &Comparison, look: &Look) -> String {
    let labels = &look.labels;
    let title = labels.survival.title(&comparison.scenario.title);
    let frame = Frame::of_words(
        &title,
        &comparison.scenario.question,
        &caption::survival(comparison, labels),
    );
    let curves: Vec<Survival> = comparison.strategies.iter().map(Survival::of).collect();
    let mut entries: Vec<Entry> = comparison
        .strategies
        .iter()
        .enumerate()
        .map(|place| entry(place, labels))
        .collect();
    let left = MARGIN + frame::axis_width(ALL, labels);
    let plot = Rect {
        left,
        top: frame.head() + 18.0,
        width: WIDTH - MARGIN - KEY_WIDTH - KEY_GAP - left,
        height: HEIGHT.max(key::height(&entries)),
    };
    let scale = Scale {
        plot,
        seconds: comparison.scenario.duration.as_seconds().max(1e-9),
        ports: ALL * 1.04,
    };
    for (entry, curve) in entries.iter_mut().zip(&curves) {
        let last = curve.steps.last().map_or(1.0, |step| step.survival);
        entry.wishes(scale.y(last * ALL));
    }
    let foot_top = plot.bottom() + 40.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot(), labels);
    let time = axis::time(comparison.scenario.duration, 8, labels);
    let parts = AxisParts {
        up_labels: true,
        time_labels: true,
        up_steps: 5,
    };
    frame::axes(&mut canvas, scale, &time, parts);
    frame::axis_title(&mut canvas, plot, &labels.axes.survival());
    for (index, curve) in curves.iter().enumerate().rev() {
        band(&mut canvas, scale, curve, index);
    }
    for (index, curve) in curves.iter().enumerate().rev() {
        let name = &comparison.strategies[index].name;
        canvas.line(
            &line(scale, curve, |_, survival| survival),
            palette::line(index),
            name,
        );
    }
    frame::time_title(&mut canvas, scale, &time);
    let key_left = plot.right() + KEY_GAP;
    key::draw(
        &mut canvas,
        &entries,
        key_left,
        plot.top,
        plot.bottom() + 12.0,
    );
    frame.draw(&mut canvas, foot_top);
    let said = certainty::sentences(comparison).join(". ");
    let description = format!("{} {said}.", alt(comparison));
    canvas.finish("survival", &title, &description)
}

fn entry((index, result): (usize, &StrategyResult), labels: &Labels) -> Entry {
    let words = &labels.survival;
    let detail = words.ran_out(
        &labels.count(result.exhausted_count() as f64),
        &labels.runs(result.runs.len() as f64),
    );
    let alert = result
        .exhausted_at()
        .map(|at| words.half_by(&labels.instant(at)));
    let name = plain::line(&result.name);
    Entry::new(palette::line(index), &name, detail, alert, KEY_WIDTH)
}

/// The corners of a curve; `value` picks from the interval's ends and the estimate at each step.
fn line(
    scale: Scale,
    curve: &Survival,
    value: impl Fn(crate::study::Interval, f64) -> f64,
) -> Vec<Point> {
    let start = (0.0, value(curve.at_start(), 1.0));
    let of_step = |it: &crate::stats::survival::SurvivalStep<crate::units::SimTime>| {
        (it.time.as_seconds(), value(it.interval, it.survival))
    };
    let fallen = curve.steps.iter().map(of_step);
    let last = curve.steps.last().map_or(start.1, |it| of_step(it).1);
    let all = core::iter::once(start)
        .chain(fallen)
        .chain([(curve.end.as_seconds(), last)]);
    steps::corners(all.map(|(seconds, share)| (scale.x(seconds), scale.y(share * ALL))))
}

/// The pointwise 95 % interval.
fn band(canvas: &mut Canvas, scale: Scale, curve: &Survival, index: usize) {
    if curve.steps.is_empty() {
        return;
    }
    let mut outline = line(scale, curve, |ends, _| ends.high);
    outline.extend(line(scale, curve, |ends, _| ends.low).into_iter().rev());
    canvas.area(&outline, palette::line(index).color, 0.14);
}
