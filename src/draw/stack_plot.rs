//! Layers on top of each other, in panels on shared axes: what such a chart is made of, and its
//! drawing.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Point as Place, Rect};
use super::frame::{self, Frame, MARGIN, SMALL, WIDTH, Words};
use super::line_plot::Limit;
use super::palette::{ALARM, GRID, INK, LENS, QUIET};
use super::{measure, steps, zoom};
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
/// Labels, ticks and the title of the axis below the plot.
const AXIS_HEIGHT: f64 = 40.0;

/// A chart of layers.
#[derive(Clone, PartialEq, Debug)]
pub struct StackPlot {
    /// Begins the ids inside the picture, so that several can stand on one page.
    pub id: String,
    /// What is written around it.
    pub words: Words,
    /// The axis below every panel.
    pub across: Axis,
    /// The axis to the left of every panel.
    pub up: Axis,
    /// What stands before the names of the layers.
    pub legend: String,
    /// From the bottom up.
    pub layers: Vec<Layer>,
    /// One stack each.
    pub panels: Vec<StackPanel>,
}

/// A layer of every stack.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    /// What it is.
    pub name: String,
    /// Its colour.
    pub color: RGBColor,
}

/// One stack.
#[derive(Clone, PartialEq, Debug)]
pub struct StackPanel {
    /// Above it, left.
    pub title: String,
    /// Above it, right.
    pub note: String,
    /// From left to right; level until the next.
    pub rows: Vec<StackRow>,
    /// A height that is not to be exceeded.
    pub limit: Option<Limit>,
    /// The same stack enlarged, where it would lie on the axis unread.
    pub lens: Option<StackLens>,
}

/// The layers at one place.
#[derive(Clone, PartialEq, Debug)]
pub struct StackRow {
    /// Where along the axis below.
    pub x: f64,
    /// The height of each layer.
    pub parts: Vec<f64>,
}

/// An enlarged part of a panel.
#[derive(Clone, PartialEq, Debug)]
pub struct StackLens {
    /// Its own axis.
    pub up: Axis,
    /// What it says of itself.
    pub label: String,
}

impl StackRow {
    /// The height of the whole stack.
    pub fn total(&self) -> f64 {
        self.parts.iter().sum()
    }
}

impl StackPlot {
    /// The picture, with its words and its legend.
    pub fn svg(&self) -> String {
        let frame = Frame::of(&self.words);
        let legend = Legend::of(self);
        let columns = self.panels.len().clamp(1, 2);
        let first = self.first(WIDTH, frame.head() + legend.height(), columns);
        let rows = self.panels.len().div_ceil(columns).max(1);
        let pitch = PANEL_HEIGHT + PANEL_HEAD + PANEL_GAP;
        let foot_top = first.bottom() + (rows - 1) as f64 * pitch + AXIS_HEIGHT;
        let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot());
        legend.draw(&mut canvas, frame.head());
        for (index, panel) in self.panels.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let plot = Rect {
                left: first.left + column as f64 * (first.width + PANEL_GAP),
                top: first.top + row as f64 * pitch,
                ..first
            };
            let is_lowest = index + columns >= self.panels.len();
            panel.draw_title(&mut canvas, plot);
            let scale = self.draw_panel(&mut canvas, plot, panel, (column == 0, is_lowest));
            if let Some(lens) = &panel.lens {
                let free = free_room(scale, panel.limit.as_ref().map_or(0.0, |it| it.at));
                self.draw_lens(&mut canvas, lens, &panel.rows, free);
            }
        }
        frame.draw(&mut canvas, foot_top);
        canvas.finish(&self.id, &self.words.title, &self.words.description)
    }

    /// The first stack alone, `width` pixels wide, for a page that has words and legend of its
    /// own.
    pub fn bare(&self, width: f64) -> String {
        let plot = self.first(width, -PANEL_HEAD + 10.0, 1);
        let mut canvas = Canvas::new(width, plot.bottom() + AXIS_HEIGHT + 6.0);
        for panel in self.panels.iter().take(1) {
            self.draw_panel(&mut canvas, plot, panel, (true, true));
        }
        canvas.cursor(plot, plot.bottom());
        canvas.inline(&self.id, &self.words.title, &self.words.description)
    }

    /// The first panel of so many beside each other.
    fn first(&self, width: f64, head: f64, columns: usize) -> Rect {
        let labels = frame::axis_width(&self.up);
        let gaps = PANEL_GAP * (columns as f64 - 1.0);
        Rect {
            left: MARGIN + labels,
            top: head + PANEL_HEAD,
            width: (width - 2.0 * MARGIN - labels - gaps) / columns as f64,
            height: PANEL_HEIGHT,
        }
    }

    fn draw_panel(
        &self,
        canvas: &mut Canvas,
        plot: Rect,
        panel: &StackPanel,
        (is_first, is_lowest): (bool, bool),
    ) -> Scale<'_> {
        let scale = Scale {
            plot,
            across: &self.across,
            up: &self.up,
        };
        frame::axes(canvas, scale, is_first, is_lowest);
        if is_lowest {
            frame::axis_title_below(canvas, plot, &self.across.title);
        }
        self.draw_stack(canvas, scale, &panel.rows);
        if let Some(limit) = &panel.limit {
            limit.draw_short(canvas, scale);
        }
        scale
    }

    /// The layers on top of each other. Each is painted down to the axis, the highest first, so
    /// that no gap can open between neighbours.
    fn draw_stack(&self, canvas: &mut Canvas, scale: Scale<'_>, rows: &[StackRow]) {
        for (top, layer) in self.layers.iter().enumerate().rev() {
            if rows.iter().all(|row| row.parts[top] <= 0.0) {
                continue;
            }
            let sum = |row: &StackRow| row.parts[..=top].iter().sum();
            let corner = |row: &StackRow| (scale.x(row.x), scale.y(sum(row)));
            let mut outline: Vec<Place> = steps::corners(rows.iter().map(corner));
            let (Some(first), Some(last)) = (outline.first().copied(), outline.last().copied())
            else {
                continue;
            };
            outline.push((last.0, scale.plot.bottom()));
            outline.push((first.0, scale.plot.bottom()));
            canvas.area(&outline, layer.color, 1.0);
        }
    }

    /// The panel again, enlarged, in a `frame` that is empty.
    fn draw_lens(&self, canvas: &mut Canvas, lens: &StackLens, rows: &[StackRow], frame: Rect) {
        canvas.rect(frame, LENS);
        let label_width = frame::axis_width(&lens.up);
        let inner = Scale {
            plot: Rect {
                left: frame.left + label_width + 2.0,
                top: frame.top + 24.0,
                width: frame.width - label_width - 12.0,
                height: frame.height - 43.0,
            },
            across: &self.across,
            up: &lens.up,
        };
        let heights = lens.up.ticks.iter().map(|tick| inner.y(tick.at));
        let rules: Vec<(Place, Place)> = heights
            .map(|y| ((inner.plot.left, y), (inner.plot.right(), y)))
            .collect();
        canvas.rules(&rules, GRID, 1.0);
        self.draw_stack(canvas, inner, rows);
        let font = Font::new(10.5, QUIET);
        for tick in &lens.up.ticks {
            let at = (inner.plot.left - 6.0, inner.y(tick.at) + 4.0);
            canvas.text(at, font.anchored(Anchor::End), &tick.label);
        }
        for tick in &self.across.ticks {
            let at = (inner.x(tick.at), inner.plot.bottom() + 13.0);
            canvas.text(at, font.anchored(Anchor::Middle), &tick.label);
        }
        let at = (frame.left + 8.0, frame.top + 15.0);
        canvas.text_within(at, font, &lens.label, frame.width - 16.0);
    }
}

impl StackPanel {
    fn draw_title(&self, canvas: &mut Canvas, plot: Rect) {
        let note = measure::fitted(&self.note, SMALL, false, plot.width * 0.6);
        let room = plot.width - measure::width(&note, SMALL, false) - 12.0;
        let base = plot.top - 9.0;
        let font = Font::new(13.0, INK).bold();
        canvas.text_within((plot.left, base), font, &plain::line(&self.title), room);
        let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
        canvas.text((plot.right(), base), font, &note);
    }
}

impl Limit {
    /// Its line, and its label at the right end.
    fn draw_short(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        frame::limit_line(canvas, scale, self.at);
        let font = Font::new(11.5, ALARM).bold().halo().anchored(Anchor::End);
        let at = (scale.plot.right() - 4.0, scale.y(self.at) - 5.0);
        canvas.text_within(at, font, &self.label, scale.plot.width - 8.0);
    }
}

/// Where an enlarged part covers neither the low stack nor the limit and its label: below the
/// limit, or above it where other panels' limits are far higher.
fn free_room(scale: Scale<'_>, limit: f64) -> Rect {
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

    fn of(plot: &'a StackPlot) -> Legend<'a> {
        let occurs = |index: usize| {
            let mut rows = plot.panels.iter().flat_map(|panel| &panel.rows);
            rows.any(|row| row.parts[index] > 0.0)
        };
        let size = Legend::FONT.size;
        let caption = measure::fitted(&plot.legend, size, false, 300.0);
        let right = WIDTH - MARGIN;
        let mut left = MARGIN + measure::width(&caption, size, false) + 14.0;
        let [before, after] = Legend::AROUND;
        let share = (right - left) / plot.layers.len() as f64 - before - after;
        let mut row = 0;
        let mut entries = Vec::new();
        for (index, layer) in plot.layers.iter().enumerate() {
            if !occurs(index) {
                continue;
            }
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
