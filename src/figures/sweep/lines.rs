//! Lines: a metric over one key, a line a strategy.

use super::view::{Cell, Panel, Places, View};
use crate::draw::canvas::{Anchor, Canvas, Font, Point, Rect};
use crate::draw::frame::{MARGIN, SMALL, WIDTH};
use crate::draw::key::{self, Entry};
use crate::draw::measure;
use crate::draw::palette::{self, GRID, QUIET};
use crate::study::sweep::Identity;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

const KEY_WIDTH: f64 = 206.0;
const KEY_GAP: f64 = 14.0;
const HEIGHT: f64 = 300.0;
/// A logarithmic axis suits values that span more than this factor.
const WIDE: f64 = 15.0;
/// Above this many points dots would hide the line.
const MOST_DOTS: usize = 30;

/// The chart.
pub(crate) fn svg(identity: &Identity, view: &View, labels: &Labels) -> String {
    let frame = super::frame(identity, view, true, labels);
    let top = highest(view);
    let entry = |(index, panel): (usize, &Panel)| {
        let name = plain::line(&panel.strategy);
        let last = panel.cells.iter().rev().find_map(Cell::mean);
        let words = &labels.sweep;
        let detail = last.map_or_else(|| words.no_value(), |it| words.ends_at(&labels.short(it)));
        Entry::new(palette::line(index), &name, detail, None, KEY_WIDTH)
    };
    let mut entries: Vec<Entry> = view.panels.iter().enumerate().map(entry).collect();
    let left = MARGIN + measure::width(&labels.short(top), SMALL, false).max(30.0) + 10.0;
    let plot = Rect {
        left,
        top: frame.head() + 10.0,
        width: WIDTH - MARGIN - KEY_WIDTH - KEY_GAP - left,
        height: HEIGHT.max(key::height(&entries)),
    };
    let scale = Scale::new(plot, &view.x, top);
    for (entry, panel) in entries.iter_mut().zip(&view.panels) {
        let last = panel.cells.iter().rev().find_map(Cell::mean);
        entry.wishes(scale.y(last.unwrap_or(0.0)));
    }
    let foot_top = plot.bottom() + 42.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot(), labels);
    axes(&mut canvas, &scale, view);
    for (index, panel) in view.panels.iter().enumerate() {
        band(&mut canvas, &scale, index, panel);
    }
    for (index, panel) in view.panels.iter().enumerate().rev() {
        line(&mut canvas, &scale, index, panel);
    }
    let right = plot.right() + KEY_GAP;
    key::draw(&mut canvas, &entries, right, plot.top, plot.bottom() + 12.0);
    frame.draw(&mut canvas, foot_top);
    let title = super::title(identity, view, labels);
    canvas.finish(
        &format!("sweep-{}", view.metric.name),
        &title,
        &super::alt(view),
    )
}

/// A round number at or above everything that is drawn.
fn highest(view: &View) -> f64 {
    let cells = view.panels.iter().flat_map(|panel| &panel.cells);
    let ends = cells.filter_map(|cell| {
        let value = cell.mean()?;
        Some(cell.interval().map_or(value, |(_, high)| value.max(high)))
    });
    let most = ends.fold(0.0, f64::max);
    let is_share = view.metric.name.ends_with("share") || view.metric.name == "p_exhausted";
    if is_share || most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let found = steps
        .iter()
        .map(|step| step * power)
        .find(|top| *top >= most);
    found.unwrap_or(most)
}

struct Scale {
    plot: Rect,
    top: f64,
    /// Where each place is, from 0 to 1.
    shares: Vec<f64>,
}

impl Scale {
    fn new(plot: Rect, places: &Places, top: f64) -> Scale {
        let count = places.labels.len();
        let even = || {
            let last = (count.max(2) - 1) as f64;
            (0..count).map(|index| index as f64 / last).collect()
        };
        let spread = |numbers: &Vec<f64>| -> Option<Vec<f64>> {
            let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if high <= low {
                return None;
            }
            let share = |value: f64| {
                if low > 0.0 && high / low > WIDE {
                    (value / low).ln() / (high / low).ln()
                } else {
                    (value - low) / (high - low)
                }
            };
            Some(numbers.iter().map(|value| share(*value)).collect())
        };
        Scale {
            plot,
            top,
            shares: places
                .numbers
                .as_ref()
                .and_then(spread)
                .unwrap_or_else(even),
        }
    }

    fn x(&self, place: usize) -> f64 {
        self.plot.left + self.shares[place] * self.plot.width
    }

    fn y(&self, value: f64) -> f64 {
        self.plot.bottom() - (value / self.top).clamp(0.0, 1.0) * self.plot.height
    }
}

fn axes(canvas: &mut Canvas, scale: &Scale, view: &View) {
    let plot = scale.plot;
    let mut grid = Vec::new();
    for step in 0..=5 {
        let value = scale.top * f64::from(step) / 5.0;
        let y = scale.y(value);
        grid.push(((plot.left, y), (plot.right(), y)));
        let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
        let text = canvas.labels().short(value);
        canvas.text((plot.left - 8.0, y + 4.0), font, &text);
    }
    canvas.rules(&grid, GRID, 1.0);
    let mut marks = vec![((plot.left, plot.bottom()), (plot.right(), plot.bottom()))];
    let mut free = f64::NEG_INFINITY;
    let mut places: Vec<usize> = (0..view.x.labels.len()).collect();
    places.sort_by(|one, other| scale.x(*one).total_cmp(&scale.x(*other)));
    for place in places {
        let (x, label) = (scale.x(place), plain::short(&view.x.labels[place], 24));
        marks.push(((x, plot.bottom()), (x, plot.bottom() + 5.0)));
        let half = measure::width(&label, SMALL, false) / 2.0;
        if x - half > free {
            free = x + half + 8.0;
            let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
            canvas.text((x, plot.bottom() + 19.0), font, &label);
        }
    }
    canvas.rules(&marks, QUIET, 1.0);
    let font = Font::new(SMALL, QUIET).bold().anchored(Anchor::Middle);
    let title = plain::short(&view.x.key, 90);
    canvas.text(
        (plot.left + plot.width / 2.0, plot.bottom() + 37.0),
        font,
        &title,
    );
}

fn sort(points: &mut [(f64, f64, f64)]) {
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
}

fn band(canvas: &mut Canvas, scale: &Scale, index: usize, panel: &Panel) {
    let ends = panel.cells.iter().enumerate().filter_map(|(place, cell)| {
        let (low, high) = cell.interval()?;
        Some((scale.x(place), scale.y(low), scale.y(high)))
    });
    let mut ends: Vec<(f64, f64, f64)> = ends.collect();
    if ends.len() < 2 {
        return;
    }
    sort(&mut ends);
    let upper = ends.iter().map(|(x, _, high)| (*x, *high));
    let lower = ends.iter().rev().map(|(x, low, _)| (*x, *low));
    let outline: Vec<Point> = upper.chain(lower).collect();
    canvas.area(&outline, palette::line(index).color, 0.15);
}

fn line(canvas: &mut Canvas, scale: &Scale, index: usize, panel: &Panel) {
    let points = panel.cells.iter().enumerate().filter_map(|(place, cell)| {
        let value = cell.mean()?;
        Some((scale.x(place), scale.y(value), 0.0))
    });
    let mut points: Vec<(f64, f64, f64)> = points.collect();
    sort(&mut points);
    let points: Vec<Point> = points.into_iter().map(|(x, y, _)| (x, y)).collect();
    let look = palette::line(index);
    if points.len() > 1 {
        canvas.line(&points, look, &panel.strategy);
    }
    if points.len() <= MOST_DOTS {
        for point in points {
            canvas.dot(point, 3.2, look.color);
        }
    }
}
