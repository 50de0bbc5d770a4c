//! Cells over two axes, in panels: what a heat map or a phase diagram is made of, and its drawing.

use super::canvas::{Anchor, Canvas, Font, Rect};
use super::frame::{self, Frame, NARROW, SMALL, Words};
use super::measure;
use super::palette::{GRID, INK, LIMIT, ON_RAMP, QUIET, RAMP_STEPS, ramp, step_at};
use plotters::style::RGBColor;

/// Size of the words in cells.
const CELL: f64 = 11.0;
const GAP: f64 = 34.0;
const MOST_CELL_HEIGHT: f64 = 40.0;
const LEAST_CELL_HEIGHT: f64 = 9.0;
const PANEL_HEIGHT: f64 = 240.0;
/// Height of a panel's title, and of the labels below it.
const HEAD: f64 = 26.0;
const FOOT: f64 = 24.0;
/// Space of the axes' titles and of the legend below the panels.
const LEGEND: f64 = 44.0;
/// The widest label of an axis.
const MOST_LABEL: f64 = 150.0;

/// A chart of cells.
#[derive(Clone, PartialEq, Debug)]
pub struct GridPlot {
    /// Begins the ids inside the picture, so that several can stand on one page.
    pub id: String,
    /// What is written around it.
    pub words: Words,
    /// The columns.
    pub across: Places,
    /// The rows, the lowest first.
    pub up: Places,
    /// One grid each.
    pub panels: Vec<GridPanel>,
    /// What the colours of values mean; `None` where every cell has its word.
    pub ramp: Option<Ramp>,
    /// A line between columns: something changes there.
    pub threshold: Option<Threshold>,
}

/// A line between columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Threshold {
    /// How many columns lie left of it.
    pub after: usize,
    /// What it is.
    pub label: String,
}

/// Places along an axis, each as wide as the others.
#[derive(Clone, PartialEq, Debug)]
pub struct Places {
    /// What the axis is.
    pub title: String,
    /// What each place is called.
    pub labels: Vec<String>,
}

/// One grid.
#[derive(Clone, PartialEq, Debug)]
pub struct GridPanel {
    /// Above it; empty where there is only one.
    pub title: String,
    /// Row by row, the lowest first.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing is known here.
    Empty,
    /// A number, which the ramp gives a colour, and how it is written.
    Value(f64, String),
    /// A word on a colour.
    Word {
        /// The word.
        text: String,
        /// The cell's colour.
        color: RGBColor,
        /// The word's.
        ink: RGBColor,
    },
}

/// The range of values from the lightest colour to the darkest.
#[derive(Clone, PartialEq, Debug)]
pub struct Ramp {
    /// The least value and how it is written.
    pub low: (f64, String),
    /// The largest, greater than the least.
    pub high: (f64, String),
}

impl GridPlot {
    /// The picture `width` pixels wide, with its words.
    pub fn svg(&self, picture: f64) -> String {
        let frame = Frame::of(&self.words, picture);
        let margin = frame::margin(picture);
        let most = if picture < NARROW { 1 } else { 2 };
        let columns = self.panels.len().clamp(1, most);
        let rows = self.panels.len().div_ceil(columns);
        let labels = self.up.labels.iter();
        let labels = labels.map(|label| measure::width(label, SMALL, false));
        let left = labels.fold(0.0, f64::max).min(MOST_LABEL) + 10.0;
        let n_rows = self.up.labels.len().max(1) as f64;
        let cell = (PANEL_HEIGHT / n_rows).clamp(LEAST_CELL_HEIGHT, MOST_CELL_HEIGHT);
        let height = cell * n_rows;
        let all = picture - 2.0 * margin;
        let width = (all - GAP * (columns as f64 - 1.0)) / columns as f64;
        let above = if self.threshold.is_some() { 18.0 } else { 0.0 };
        let top = frame.head() + 6.0 + above;
        let below = top + rows as f64 * (HEAD + height + FOOT);
        let mut canvas = Canvas::new(picture, below + LEGEND + frame.foot());
        for (index, panel) in self.panels.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            let plot = Rect {
                left: margin + column as f64 * (width + GAP) + left,
                top: top + row as f64 * (HEAD + height + FOOT) + HEAD,
                width: width - left,
                height,
            };
            self.draw_panel(&mut canvas, plot, panel);
        }
        self.draw_legend(&mut canvas, below);
        frame.draw(&mut canvas, below + LEGEND);
        canvas.finish(&self.id, &self.words.title, &self.words.description)
    }

    fn draw_panel(&self, canvas: &mut Canvas, plot: Rect, panel: &GridPanel) {
        if panel.title.is_empty() {
            frame::axis_title(
                canvas,
                plot.raised(if self.threshold.is_some() { 15.0 } else { -3.0 }),
                &self.up.title,
            );
            frame::axis_title_below(canvas, plot, &self.across.title);
        }
        let title = Font::new(13.0, INK).bold();
        canvas.text_within((plot.left, plot.top - 9.0), title, &panel.title, plot.width);
        let (columns, rows) = (self.across.labels.len(), self.up.labels.len());
        let (width, height) = (plot.width / columns as f64, plot.height / rows as f64);
        let texts = panel.cells.iter().filter_map(|cell| match cell {
            Cell::Value(_, text) => Some(measure::width(text, CELL, false)),
            Cell::Word { .. } | Cell::Empty => None,
        });
        // Numbers in some cells only would look as if the others had none.
        let has_numbers = texts.fold(0.0, f64::max) + 6.0 <= width && height >= 15.0;
        for row in 0..rows {
            // The first value at the bottom, as an axis has it.
            let top = plot.bottom() - (row + 1) as f64 * height;
            for column in 0..columns {
                let rect = Rect {
                    left: plot.left + column as f64 * width,
                    top,
                    width,
                    height,
                };
                let cell = &panel.cells[row * columns + column];
                self.draw_cell(canvas, rect, cell, has_numbers);
            }
            let step = (16.0 / height).ceil().max(1.0) as usize;
            if row % step == 0 {
                let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
                let at = (plot.left - 7.0, top + height / 2.0 + 4.0);
                canvas.text_within(at, font, &self.up.labels[row], MOST_LABEL);
            }
        }
        if let Some(threshold) = &self.threshold {
            self.draw_threshold(canvas, plot, threshold);
        }
        let labels = self.across.labels.iter();
        let widest = labels.map(|label| measure::width(label, SMALL, false));
        let needed = widest.fold(0.0, f64::max).min(110.0) + 8.0;
        let step = (needed / width).ceil().max(1.0) as usize;
        for (column, label) in self.across.labels.iter().enumerate().step_by(step) {
            let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
            let center = plot.left + (column as f64 + 0.5) * width;
            canvas.text_within((center, plot.bottom() + 16.0), font, label, 110.0);
        }
    }

    /// The line, and above it what it is.
    fn draw_threshold(&self, canvas: &mut Canvas, plot: Rect, threshold: &Threshold) {
        let share = threshold.after as f64 / self.across.labels.len().max(1) as f64;
        let x = plot.left + share * plot.width;
        canvas.line(&[(x, plot.top - 7.0), (x, plot.bottom())], LIMIT, "");
        let font = Font::new(SMALL, LIMIT.color).bold();
        let is_right = share > 0.5;
        let font = font.anchored(if is_right { Anchor::End } else { Anchor::Start });
        let most = if is_right {
            x - plot.left
        } else {
            plot.right() - x
        };
        let gap = if is_right { 4.0 } else { -4.0 };
        canvas.text_within((x + gap, plot.top - 11.0), font, &threshold.label, most);
    }

    fn draw_cell(&self, canvas: &mut Canvas, rect: Rect, cell: &Cell, has_numbers: bool) {
        let seam = 0.5;
        let inner = Rect {
            left: rect.left + seam,
            top: rect.top + seam,
            width: rect.width - 2.0 * seam,
            height: rect.height - 2.0 * seam,
        };
        let (color, text) = match cell {
            Cell::Empty => (GRID, None),
            Cell::Value(value, text) => {
                let share = self.ramp.as_ref().map_or(0.0, |ramp| ramp.share(*value));
                let ink = ON_RAMP[usize::from(share > 0.55)];
                let text = has_numbers.then_some((text, Font::new(CELL, ink)));
                (ramp(step_at(share), false), text)
            }
            Cell::Word { text, color, ink } => (*color, Some((text, Font::new(SMALL, *ink)))),
        };
        canvas.rect(inner, color);
        if let Some((text, font)) = text {
            let (x, y) = (
                rect.left + rect.width / 2.0,
                rect.top + rect.height / 2.0 + 4.0,
            );
            canvas.text_within((x, y), font.anchored(Anchor::Middle), text, rect.width);
        }
    }

    /// The titles of the axes, and what the colours mean.
    fn draw_legend(&self, canvas: &mut Canvas, top: f64) {
        const LENGTH: f64 = 160.0;
        let bar = top + 8.0;
        let margin = frame::margin(canvas.width());
        let left = canvas.width() - margin - LENGTH;
        let font = Font::new(SMALL, QUIET);
        if let Some(range) = &self.ramp {
            let step = LENGTH / RAMP_STEPS as f64;
            for index in 0..RAMP_STEPS {
                let rect = Rect {
                    left: left + index as f64 * step,
                    top: bar,
                    width: step + 0.2,
                    height: 11.0,
                };
                canvas.rect(rect, ramp(index, false));
            }
            canvas.text((left, bar + 26.0), font, &range.low.1);
            let end = font.anchored(Anchor::End);
            canvas.text((left + LENGTH, bar + 26.0), end, &range.high.1);
        }
        // A grid without a title has the titles of its axes at them.
        if self.panels.iter().any(|panel| panel.title.is_empty()) {
            return;
        }
        let most = left - margin - 16.0;
        let titles = [&self.across.title, &self.up.title];
        for (title, base) in titles.into_iter().zip([bar + 9.0, bar + 26.0]) {
            canvas.text_within((margin, base), font.bold(), title, most);
        }
    }
}

impl Ramp {
    fn share(&self, value: f64) -> f64 {
        let (low, high) = (self.low.0, self.high.0);
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
}
