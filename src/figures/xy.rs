//! A chart of one number against another that is varied in steps: a line for each strategy.

use crate::draw::axis;
use crate::draw::canvas::{Anchor, Canvas, Font, Point, Rect};
use crate::draw::frame::{self, Frame, MARGIN, SMALL, WIDTH};
use crate::draw::key::{self, Entry};
use crate::draw::palette::{self, ALARM, GRID, QUIET};
use crate::study::gallery::Curve;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

const KEY_WIDTH: f64 = 206.0;
const HEIGHT: f64 = 300.0;

/// What a chart shows.
pub(crate) struct Varied<'a> {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) question: &'a str,
    pub(crate) caption: String,
    /// The axis of what is varied, and a label for each step.
    pub(crate) across: String,
    pub(crate) steps: Vec<String>,
    /// The axis of the result.
    pub(crate) up: String,
    pub(crate) curves: &'a [Curve],
    /// What a line says where it has no value, for the key.
    pub(crate) absent: String,
    /// A line across at this height, with its label.
    pub(crate) limit: Option<(f64, String)>,
}

/// The chart.
pub(crate) fn svg(steps: &Varied<'_>, alt: &str, labels: &Labels) -> String {
    let frame = Frame::of_words(&steps.title, steps.question, &steps.caption);
    let values = steps.curves.iter().flat_map(|it| &it.values).flatten();
    let limit = steps.limit.iter().map(|(at, _)| at);
    let top = values.chain(limit).copied().fold(0.0, f64::max).max(1e-3) * 1.08;
    let plot = Rect {
        left: MARGIN + 56.0,
        top: frame.head() + 18.0,
        width: WIDTH - 2.0 * MARGIN - KEY_WIDTH - 70.0,
        height: HEIGHT,
    };
    let foot_top = plot.bottom() + 40.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot(), labels);
    let place = |step: usize| {
        let gaps = (steps.steps.len().max(2) - 1) as f64;
        plot.left + 14.0 + step as f64 / gaps * (plot.width - 28.0)
    };
    let height = |value: f64| plot.bottom() - value / top * plot.height;
    axes(&mut canvas, steps, plot, top, &place, &height);
    if let Some((at, label)) = &steps.limit {
        let look = palette::LineLook {
            color: ALARM,
            dash: &[6.0, 4.0],
            width: 1.4,
        };
        let y = height(*at);
        canvas.line(&[(plot.left, y), (plot.right(), y)], look, "");
        let font = Font::new(SMALL, ALARM).bold().halo();
        canvas.text_within((plot.left + 4.0, y - 6.0), font, label, plot.width - 8.0);
    }
    let mut entries = Vec::new();
    for (index, curve) in steps.curves.iter().enumerate().rev() {
        let look = palette::line(index);
        let points: Vec<Option<Point>> = curve
            .values
            .iter()
            .enumerate()
            .map(|(step, value)| value.map(|value| (place(step), height(value))))
            .collect();
        // A line is broken where it has no value.
        for part in points.split(Option::is_none) {
            let part: Vec<Point> = part.iter().flatten().copied().collect();
            if part.len() > 1 {
                canvas.line(&part, look, &curve.strategy);
            }
            for point in part {
                canvas.dot(point, 4.0, look.color);
            }
        }
        let last = points.iter().rev().flatten().next();
        let detail = match points.iter().flatten().count() {
            0 => steps.absent.clone(),
            all if all == points.len() => String::new(),
            some => labels.gallery.absent_at(
                &labels.count((points.len() - some) as f64),
                &labels.count(points.len() as f64),
                &steps.absent,
            ),
        };
        let name = plain::line(&curve.strategy);
        let mut entry = Entry::new(look, &name, detail, None, KEY_WIDTH);
        entry.wishes(last.map_or(plot.bottom(), |point| point.1));
        entries.push(entry);
    }
    key::draw(
        &mut canvas,
        &entries,
        plot.right() + 14.0,
        plot.top,
        plot.bottom() + 12.0,
    );
    frame.draw(&mut canvas, foot_top);
    canvas.finish(steps.id, &steps.title, alt)
}

fn axes(
    canvas: &mut Canvas,
    steps: &Varied<'_>,
    plot: Rect,
    top: f64,
    place: &dyn Fn(usize) -> f64,
    height: &dyn Fn(f64) -> f64,
) {
    let mut grid: Vec<(Point, Point)> = Vec::new();
    // Ticks are whole: below ten, a thousandth is what is counted.
    let unit = if top < 10.0 { 1_000.0 } else { 1.0 };
    let font = Font::new(SMALL, QUIET);
    let labels = canvas.labels();
    for tick in axis::counts(top * unit, 6, labels) {
        let y = height(tick.at / unit);
        grid.push(((plot.left, y), (plot.right(), y)));
        let label = labels.plain(tick.at / unit);
        let label = if unit > 1.0 { label } else { tick.label };
        canvas.text(
            (plot.left - 8.0, y + 4.0),
            font.anchored(Anchor::End),
            &label,
        );
    }
    canvas.rules(&grid, GRID, 1.0);
    let base = plot.bottom();
    canvas.rules(&[((plot.left, base), (plot.right(), base))], QUIET, 1.0);
    for (step, label) in steps.steps.iter().enumerate() {
        let at = (place(step), base + 19.0);
        let most = plot.width / steps.steps.len() as f64;
        canvas.text_within(at, font.anchored(Anchor::Middle), label, most);
    }
    frame::axis_title_below(canvas, plot, &steps.across);
    frame::axis_title(canvas, plot, &steps.up);
}
