//! Layers on top of each other, in panels over one axis: what such a chart is made of, and its
//! drawing.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Point as Place, Rect};
use super::frame::{self, Frame, NARROW, SMALL, Words};
use super::lane::Lane;
use super::line_plot::Note;
use super::palette::{INK, LENS, LIMIT, NO_LOAD, QUIET};
use super::strip::Strip;
use super::{measure, steps};
use crate::words::plain;
use plotters::style::RGBColor;

const PANEL_HEIGHT: f64 = 160.0;
const TITLE: Font = Font::new(13.0, INK).bold();
/// Above each panel: its title, and what it says of itself.
const PANEL_HEAD: f64 = 26.0;
/// What a second line in a panel's head takes.
const SECOND_LINE: f64 = 16.0;
const PANEL_GAP: f64 = 26.0;
/// Between a panel and the strip below it.
const STRIP_GAP: f64 = 6.0;
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
    /// What stands before the names of the layers.
    pub legend: String,
    /// From the bottom up.
    pub layers: Vec<Layer>,
    /// What the legend calls the line of a limit.
    pub limit: String,
    /// Stretches of time that are tinted in every panel, and instants that are marked.
    pub notes: Vec<Note>,
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
    /// The axis to its left.
    pub up: Axis,
    /// Whether that axis is another than the other panels': it is tinted then.
    pub is_enlarged: bool,
    /// From left to right; level until the next.
    pub rows: Vec<StackRow>,
    /// A height that is not to be exceeded; drawn where the axis has it.
    pub limit: Option<f64>,
    /// What was lost when.
    pub strip: Strip,
}

/// The layers at one place.
#[derive(Clone, PartialEq, Debug)]
pub struct StackRow {
    /// Where along the axis below.
    pub x: f64,
    /// The height of each layer.
    pub parts: Vec<f64>,
}

impl StackRow {
    /// The height of the whole stack.
    pub fn total(&self) -> f64 {
        self.parts.iter().sum()
    }
}

impl StackPlot {
    /// The picture `width` pixels wide, with its words and its legend.
    pub fn svg(&self, width: f64) -> String {
        let frame = Frame::of(&self.words, width);
        let legend = Legend::of(self, width);
        let most = if width < NARROW { 1 } else { 2 };
        let columns = self.panels.len().clamp(1, most);
        let mut first = self.first(width, frame.head() + legend.height(), columns);
        let lane = self.lane(first).height();
        // Where a title would be cut beside its note, notes stand below the titles.
        let is_split = self.panels.iter().any(|it| !it.fits_one_line(first.width));
        let second = if is_split { SECOND_LINE } else { 0.0 };
        first.top += lane + second;
        let rows = self.panels.len().div_ceil(columns).max(1);
        let strip_of = |row: usize| {
            let panels = self.panels.iter().skip(row * columns).take(columns);
            let strip = panels
                .map(|panel| panel.strip.height(true))
                .fold(0.0, f64::max);
            if strip > 0.0 { strip + STRIP_GAP } else { 0.0 }
        };
        let pitch = PANEL_HEIGHT + PANEL_HEAD + second + PANEL_GAP;
        let strips: f64 = (0..rows).map(strip_of).sum();
        let bottom = first.bottom() + strips + (rows - 1) as f64 * pitch;
        let foot_top = bottom + AXIS_HEIGHT;
        let mut canvas = Canvas::new(width, foot_top + frame.foot());
        legend.draw(&mut canvas, frame.head());
        let labels = first.left - frame::margin(width);
        for (index, panel) in self.panels.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let plot = Rect {
                left: first.left + column as f64 * (first.width + labels + PANEL_GAP),
                top: first.top + row as f64 * pitch + (0..row).map(strip_of).sum::<f64>(),
                ..first
            };
            let is_lowest = index + columns >= self.panels.len();
            let strip = strip_of(row);
            let head = plot.raised(if row == 0 { lane } else { 0.0 });
            panel.draw_title(&mut canvas, head, is_split);
            self.draw_panel(&mut canvas, plot, panel, is_lowest && strip == 0.0);
            match row {
                0 => self.lane(plot).draw(&mut canvas, plot.top, plot.bottom()),
                _ => self
                    .lane(plot)
                    .draw_lines(&mut canvas, plot.top, plot.bottom()),
            }
            let mut lowest = plot;
            if strip > 0.0 {
                let scale = Scale {
                    plot: Rect {
                        top: plot.bottom() + STRIP_GAP,
                        height: strip - STRIP_GAP,
                        ..plot
                    },
                    across: &self.across,
                    up: &panel.up,
                };
                panel.strip.draw(&mut canvas, scale, None);
                if is_lowest {
                    frame::axis_below(&mut canvas, scale, true);
                }
                lowest = scale.plot;
            }
            if is_lowest {
                frame::axis_title_below(&mut canvas, lowest, &self.across.title);
            }
        }
        frame.draw(&mut canvas, foot_top);
        canvas.finish(&self.id, &self.words.title, &self.words.description)
    }

    /// The instants that are marked, above the upper panels; the lower have their lines.
    fn lane(&self, plot: Rect) -> Lane {
        let notes = self.notes.iter().filter(|note| note.until.is_none());
        let across = |x: f64| plot.left + self.across.place(x) * plot.width;
        let flags = notes.map(|note| (across(note.x), note.text.clone(), note.voice));
        Lane::of(flags, (plot.left, plot.right()))
    }

    /// The first stack alone, `width` pixels wide, for a page that has words and legend of its
    /// own.
    pub fn bare(&self, width: f64) -> String {
        let plot = self.first(width, -PANEL_HEAD + 10.0, 1);
        let mut canvas = Canvas::new(width, plot.bottom() + AXIS_HEIGHT + 6.0);
        for panel in self.panels.iter().take(1) {
            self.draw_panel(&mut canvas, plot, panel, true);
            frame::axis_title_below(&mut canvas, plot, &self.across.title);
        }
        canvas.cursor(plot, plot.bottom());
        canvas.inline(&self.id, &self.words.title, &self.words.description)
    }

    /// The first panel of so many beside each other, each with room for its labels.
    fn first(&self, width: f64, head: f64, columns: usize) -> Rect {
        let labels = self.panels.iter().map(|panel| frame::axis_width(&panel.up));
        let labels = labels.fold(0.0, f64::max);
        let columns = columns as f64;
        let room = width - 2.0 * frame::margin(width) - PANEL_GAP * (columns - 1.0);
        Rect {
            left: frame::margin(width) + labels,
            top: head + PANEL_HEAD,
            width: room / columns - labels,
            height: PANEL_HEIGHT,
        }
    }

    fn draw_panel(&self, canvas: &mut Canvas, plot: Rect, panel: &StackPanel, is_lowest: bool) {
        let scale = Scale {
            plot,
            across: &self.across,
            up: &panel.up,
        };
        if panel.is_enlarged {
            canvas.rect(plot, LENS);
        }
        for note in &self.notes {
            note.tint(canvas, scale);
        }
        frame::axes(canvas, scale, true, is_lowest);
        self.draw_stack(canvas, scale, &panel.rows);
        if let Some(limit) = panel.limit.filter(|it| panel.up.holds(*it)) {
            frame::limit_line(canvas, scale, limit);
        }
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
}

impl StackPanel {
    /// Whether title and note fit beside each other above a plot so wide.
    fn fits_one_line(&self, most: f64) -> bool {
        let title = measure::width(&plain::line(&self.title), TITLE.size, true);
        title + 12.0 + measure::width(&self.note, SMALL, false) <= most
    }

    fn draw_title(&self, canvas: &mut Canvas, plot: Rect, is_split: bool) {
        let base = plot.top - 9.0;
        let note = Font::new(SMALL, QUIET);
        let (above, at, note) = if is_split {
            (SECOND_LINE, plot.left, note)
        } else {
            (0.0, plot.right(), note.anchored(Anchor::End))
        };
        let title = (plot.left, base - above);
        canvas.text_within(title, TITLE, &plain::line(&self.title), plot.width);
        canvas.text_within((at, base), note, &self.note, plot.width);
    }
}

/// What a swatch of the legend is.
#[derive(Clone, Copy)]
enum Swatch {
    Color(RGBColor),
    /// The line of a limit.
    Limit,
}

/// The layers that occur, in the order of the stack, then the limit and what is tinted, in as
/// many rows as they need.
struct Legend {
    caption: String,
    left: f64,
    /// Each with its name and its place: pixels from the left, and its row.
    entries: Vec<(Swatch, String, f64, usize)>,
}

impl Legend {
    const FONT: Font = Font::new(13.0, QUIET);
    /// Swatch and gap before a name, and the gap after it.
    const AROUND: [f64; 2] = [24.0, 22.0];

    fn of(plot: &StackPlot, width: f64) -> Legend {
        let occurs = |index: usize| {
            let mut rows = plot.panels.iter().flat_map(|panel| &panel.rows);
            rows.any(|row| row.parts[index] > 0.0)
        };
        let layers = plot.layers.iter().enumerate();
        let layers = layers.filter(|(index, _)| occurs(*index));
        let layers = layers.map(|(_, it)| (Swatch::Color(it.color), plain::line(&it.name)));
        let has_limit = |panel: &StackPanel| panel.limit.is_some_and(|it| panel.up.holds(it));
        let limit = plot.panels.iter().any(has_limit);
        let limit = limit.then(|| (Swatch::Limit, plot.limit.clone()));
        let tints = plot.notes.iter().filter(|note| note.until.is_some());
        let mut tints: Vec<&str> = tints.map(|note| note.text.as_str()).collect();
        tints.dedup();
        let tints = tints.into_iter();
        let tints = tints.map(|text| (Swatch::Color(NO_LOAD), text.into()));
        let all: Vec<(Swatch, String)> = layers.chain(limit).chain(tints).collect();
        let size = Legend::FONT.size;
        let margin = frame::margin(width);
        let right = width - margin;
        let caption = measure::fitted(&plot.legend, size, false, (width * 0.4).min(300.0));
        let mut left = margin + measure::width(&caption, size, false) + 14.0;
        let [before, after] = Legend::AROUND;
        let share = (right - left) / all.len().max(1) as f64 - before - after;
        let mut row = 0;
        let mut entries = Vec::new();
        for (swatch, name) in all {
            let name = measure::fitted(&name, size, false, share.max(160.0));
            let width = before + measure::width(&name, size, false);
            if left + width > right {
                (left, row) = (margin, row + 1);
            }
            entries.push((swatch, name, left, row));
            left += width + after;
        }
        Legend {
            caption,
            left: margin,
            entries,
        }
    }

    fn height(&self) -> f64 {
        let last = self.entries.last().map_or(0, |entry| entry.3);
        LEGEND_HEIGHT + last as f64 * LEGEND_LEADING
    }

    fn draw(&self, canvas: &mut Canvas, top: f64) {
        canvas.text((self.left, top + 10.0), Legend::FONT, &self.caption);
        for (swatch, name, left, row) in &self.entries {
            let top = top + *row as f64 * LEGEND_LEADING;
            let rect = Rect {
                left: *left,
                top: top - 1.0,
                width: 18.0,
                height: 12.0,
            };
            match swatch {
                Swatch::Color(color) => canvas.rect(rect, *color),
                Swatch::Limit => {
                    let middle = top + 5.0;
                    canvas.line(&[(*left, middle), (left + 18.0, middle)], LIMIT, "");
                }
            }
            let at = (left + Legend::AROUND[0], top + 10.0);
            canvas.text(at, Font::new(13.0, INK), name);
        }
    }
}
