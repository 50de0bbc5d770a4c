//! Panels of stacked ports, one per strategy, on shared axes: by state, or by program.

use super::caption;
use crate::draw::axis::{self, Scale, TimeAxis};
use crate::draw::canvas::{Anchor, Canvas, Font, Point, Rect};
use crate::draw::frame::{self, AxisParts, MARGIN, SMALL, WIDTH};
use crate::draw::palette::{ALARM, GRID, INK, LENS, QUIET};
use crate::draw::{measure, steps, zoom};
use crate::findings::verdict;
use crate::record::Column::{self, PortsInUse};
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;
use plotters::style::RGBColor;

const PANEL_HEIGHT: f64 = 170.0;
/// Above each panel: its title.
const PANEL_HEAD: f64 = 26.0;
const PANEL_GAP: f64 = 26.0;
/// Of one row of the legend, the gap below it included.
const LEGEND_HEIGHT: f64 = 26.0;
/// Each further row.
const LEGEND_LEADING: f64 = 18.0;
/// Points of all panels together.
const POINT_BUDGET: usize = 2_400;
/// Of more layers each has fewer points.
const USUAL_LAYERS: usize = 5;

/// What is stacked.
pub(crate) struct Subject {
    /// Begins the names of the picture's parts.
    pub(crate) id: &'static str,
    /// The picture's title.
    pub(crate) title: String,
    /// What stands before the names of the layers.
    pub(crate) legend: String,
    /// From the bottom up.
    pub(crate) layers: Vec<Layer>,
}

/// A layer of a stack.
pub(crate) struct Layer {
    /// Its place in [`PortsRow::values`].
    pub(crate) column: Column,
    /// What it is.
    pub(crate) name: String,
    /// Its colour.
    pub(crate) color: RGBColor,
}

/// The chart; a strategy whose limit is 0 has none to draw.
pub(crate) fn svg(
    comparison: &Comparison,
    subject: &Subject,
    description: &str,
    labels: &Labels,
) -> String {
    let frame = caption::frame(comparison, &subject.title, false, labels);
    let legend = Legend::new(comparison, subject);
    let layout = Layout::new(comparison, frame.head() + legend.height(), labels);
    let foot_top = layout.bottom() + 40.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot(), labels);
    legend.draw(&mut canvas, frame.head());
    let time = axis::time(comparison.scenario.duration, 6, labels);
    for (index, result) in comparison.strategies.iter().enumerate() {
        layout.panel(&mut canvas, &time, &subject.layers, (index, result));
    }
    frame.draw(&mut canvas, foot_top);
    canvas.finish(subject.id, &subject.title, description)
}

struct Layout {
    first: Scale,
    columns: usize,
    rows: usize,
    strategies: usize,
}

impl Layout {
    fn new(comparison: &Comparison, head: f64, labels: &Labels) -> Layout {
        let strategies = comparison.strategies.len();
        let limits = comparison
            .strategies
            .iter()
            .map(|one| verdict::limit(one) as f64);
        let peaks = comparison
            .strategies
            .iter()
            .map(|one| verdict::peak(one) as f64);
        let ports = limits.chain(peaks).fold(1.0, f64::max) * 1.14;
        let columns = strategies.clamp(1, 2);
        let label_width = frame::axis_width(ports, labels);
        let gaps = PANEL_GAP * (columns as f64 - 1.0);
        let width = (WIDTH - 2.0 * MARGIN - label_width - gaps) / columns as f64;
        let plot = Rect {
            left: MARGIN + label_width,
            top: head + PANEL_HEAD,
            width,
            height: PANEL_HEIGHT,
        };
        let seconds = comparison.scenario.duration.as_seconds().max(1e-9);
        Layout {
            first: Scale {
                plot,
                seconds,
                ports,
            },
            columns,
            rows: strategies.div_ceil(columns),
            strategies,
        }
    }

    fn scale(&self, index: usize) -> Scale {
        let (row, column) = (index / self.columns, index % self.columns);
        let mut scale = self.first;
        scale.plot.left += column as f64 * (scale.plot.width + PANEL_GAP);
        scale.plot.top += row as f64 * (PANEL_HEIGHT + PANEL_HEAD + PANEL_GAP);
        scale
    }

    fn bottom(&self) -> f64 {
        let gaps = self.rows.saturating_sub(1) as f64;
        self.first.plot.bottom() + gaps * (PANEL_HEIGHT + PANEL_HEAD + PANEL_GAP)
    }

    fn panel(
        &self,
        canvas: &mut Canvas,
        time: &TimeAxis,
        layers: &[Layer],
        (index, result): (usize, &StrategyResult),
    ) {
        let scale = self.scale(index);
        let is_last_in_column = index + self.columns >= self.strategies;
        let parts = AxisParts {
            up_labels: index.is_multiple_of(self.columns),
            time_labels: is_last_in_column,
            up_steps: 5,
        };
        frame::axes(canvas, scale, time, parts);
        if is_last_in_column {
            frame::time_title(canvas, scale, time);
        }
        panel_title(canvas, scale, result);
        let buckets = (POINT_BUDGET / 2 / self.strategies.max(1)).clamp(20, 200);
        let buckets = buckets * USUAL_LAYERS / layers.len().max(USUAL_LAYERS);
        let rows = steps::thinned(&result.rows, buckets, |row| row.values[PortsInUse]);
        stack(canvas, scale, layers, &rows);
        if verdict::limit(result) > 0 {
            limit(canvas, scale, result);
        }
        let peaks = core::iter::once(verdict::peak(result) as f64);
        if let Some(top) = zoom::top(peaks, scale.ports) {
            let free = free_room(scale, verdict::limit(result) as f64);
            inset(canvas, scale, (time, layers, &rows), (free, top));
        }
    }
}

fn panel_title(canvas: &mut Canvas, scale: Scale, result: &StrategyResult) {
    let plot = scale.plot;
    let labels = canvas.labels();
    let peak = labels
        .lines
        .peak(&labels.count(verdict::peak(result) as f64));
    let peak = measure::fitted(&peak, SMALL, false, plot.width * 0.6);
    let room = plot.width - measure::width(&peak, SMALL, false) - 12.0;
    let base = plot.top - 9.0;
    let font = Font::new(13.0, INK).bold();
    canvas.text_within((plot.left, base), font, &plain::line(&result.name), room);
    let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
    canvas.text((plot.right(), base), font, &peak);
}

fn limit(canvas: &mut Canvas, scale: Scale, result: &StrategyResult) {
    let limit = verdict::limit(result) as f64;
    frame::limit_line(canvas, scale, limit);
    let labels = canvas.labels();
    let label = labels.stacks.limit(&labels.count(limit));
    let font = Font::new(11.5, ALARM).bold().halo().anchored(Anchor::End);
    let at = (scale.plot.right() - 4.0, scale.y(limit) - 5.0);
    canvas.text_within(at, font, &label, scale.plot.width - 8.0);
}

/// The layers on top of each other. Each is painted down to the axis, the highest first, so that
/// no gap can open between neighbours.
fn stack(canvas: &mut Canvas, scale: Scale, layers: &[Layer], rows: &[PortsRow]) {
    for (top, layer) in layers.iter().enumerate().rev() {
        if rows.iter().all(|row| row.values[layer.column] <= 0.0) {
            continue;
        }
        let sum = |row: &PortsRow| -> f64 {
            let below = layers[..=top].iter();
            below.map(|layer| row.values[layer.column]).sum()
        };
        let corner = |row: &PortsRow| (scale.x(row.time.as_seconds()), scale.y(sum(row)));
        let mut outline: Vec<Point> = steps::corners(rows.iter().map(corner));
        let (Some(first), Some(last)) = (outline.first().copied(), outline.last().copied()) else {
            continue;
        };
        outline.push((last.0, scale.plot.bottom()));
        outline.push((first.0, scale.plot.bottom()));
        canvas.area(&outline, layer.color, 1.0);
    }
}

/// Where an enlarged part covers neither the low stack nor the limit and its label: below the
/// limit, or above it where other strategies' limits are far higher.
fn free_room(scale: Scale, limit: f64) -> Rect {
    let plot = scale.plot;
    let line = scale.y(limit);
    let stack = plot.bottom() - plot.height * zoom::LOW - 4.0;
    let below = (line + 5.0, stack);
    let above = (plot.top, line - 22.0);
    let (top, bottom) = if below.1 - below.0 >= above.1 - above.0 {
        below
    } else {
        above
    };
    Rect {
        left: plot.left + 10.0,
        top,
        width: plot.width - 20.0,
        height: bottom - top,
    }
}

/// The panel again, enlarged, in a `frame` that is empty.
fn inset(
    canvas: &mut Canvas,
    scale: Scale,
    (time, layers, rows): (&TimeAxis, &[Layer], &[PortsRow]),
    (frame, top): (Rect, f64),
) {
    canvas.rect(frame, LENS);
    let label_width = frame::axis_width(top, canvas.labels());
    let inner = Scale {
        plot: Rect {
            left: frame.left + label_width + 2.0,
            top: frame.top + 24.0,
            width: frame.width - label_width - 12.0,
            height: frame.height - 43.0,
        },
        seconds: scale.seconds,
        ports: top,
    };
    let ticks = axis::counts(top, 3, canvas.labels());
    let heights = ticks.iter().map(|tick| inner.y(tick.at));
    let rules: Vec<(Point, Point)> = heights
        .map(|y| ((inner.plot.left, y), (inner.plot.right(), y)))
        .collect();
    canvas.rules(&rules, GRID, 1.0);
    stack(canvas, inner, layers, rows);
    let font = Font::new(10.5, QUIET);
    for tick in &ticks {
        let at = (inner.plot.left - 6.0, inner.y(tick.at) + 4.0);
        canvas.text(at, font.anchored(Anchor::End), &tick.label);
    }
    for tick in &time.ticks {
        let at = (inner.x(tick.at), inner.plot.bottom() + 13.0);
        canvas.text(at, font.anchored(Anchor::Middle), &tick.label);
    }
    let labels = canvas.labels();
    let label = labels.stacks.enlarged(&labels.ports(top));
    let at = (frame.left + 8.0, frame.top + 15.0);
    canvas.text_within(at, font, &label, frame.width - 16.0);
}

/// The layers that occur, in the order of the stack, in as many rows as they need.
struct Legend<'a> {
    caption: String,
    /// Each with its name and its place: pixels from the left, and its row.
    entries: Vec<(&'a Layer, String, f64, usize)>,
}

impl<'a> Legend<'a> {
    const FONT: Font = Font::new(13.0, QUIET);
    /// Swatch and gap before a name, and the gap after it.
    const AROUND: [f64; 2] = [24.0, 22.0];

    fn new(comparison: &Comparison, subject: &'a Subject) -> Legend<'a> {
        let occurs = |layer: &&Layer| {
            let mut rows = comparison.strategies.iter().flat_map(|one| &one.rows);
            rows.any(|row| row.values[layer.column] > 0.0)
        };
        let size = Legend::FONT.size;
        let caption = measure::fitted(&subject.legend, size, false, 300.0);
        let right = WIDTH - MARGIN;
        let mut left = MARGIN + measure::width(&caption, size, false) + 14.0;
        let [before, after] = Legend::AROUND;
        let share = (right - left) / subject.layers.len() as f64 - before - after;
        let mut row = 0;
        let mut entries = Vec::new();
        for layer in subject.layers.iter().filter(occurs) {
            let name = measure::fitted(&plain::line(&layer.name), size, false, share.max(160.0));
            let width = before + measure::width(&name, size, false);
            if left + width > right {
                (left, row) = (MARGIN, row + 1);
            }
            entries.push((layer, name, left, row));
            left += width + after;
        }
        Legend { caption, entries }
    }

    fn height(&self) -> f64 {
        let last = self.entries.last().map_or(0, |entry| entry.3);
        LEGEND_HEIGHT + last as f64 * LEGEND_LEADING
    }

    fn draw(&self, canvas: &mut Canvas, top: f64) {
        canvas.text((MARGIN, top + 10.0), Legend::FONT, &self.caption);
        for (layer, name, left, row) in &self.entries {
            let top = top + *row as f64 * LEGEND_LEADING;
            let swatch = Rect {
                left: *left,
                top: top - 1.0,
                width: 18.0,
                height: 12.0,
            };
            canvas.rect(swatch, layer.color);
            let at = (left + Legend::AROUND[0], top + 10.0);
            canvas.text(at, Font::new(13.0, INK), name);
        }
    }
}
