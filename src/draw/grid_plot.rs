//! Cells over two axes, in panels: what a heat map or a phase diagram is made of, and its drawing.

use super::canvas::{Anchor, Canvas, Font, Rect};
use super::frame::{self, Frame, MARGIN, SMALL, WIDTH, Words};
use super::measure;
use super::palette::{GRID, INK, ON_DARK, ON_LIGHT, QUIET};
use alloc::string::String;
use alloc::vec::Vec;
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

/// From little to much: one hue, so that grey print and every eye see the order.
const RAMP: [RGBColor; 5] = [
    RGBColor(0xF3, 0xF7, 0xFB),
    RGBColor(0xC6, 0xDB, 0xEF),
    RGBColor(0x7F, 0xB2, 0xD9),
    RGBColor(0x2F, 0x77, 0xB4),
    RGBColor(0x08, 0x30, 0x6B),
];

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
    /// A word on a colour. Where it is not `legible` in every theme, a halo helps.
    Word {
        /// The word.
        text: String,
        /// The cell's colour.
        color: RGBColor,
        /// Whether dark text can be read on the colour in every theme.
        legible: bool,
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
    /// The picture, with its words.
    pub fn svg(&self) -> String {
        let frame = Frame::of(&self.words);
        let columns = self.panels.len().clamp(1, 2);
        let rows = self.panels.len().div_ceil(columns);
        let labels = self.up.labels.iter();
        let labels = labels.map(|label| measure::width(label, SMALL, false));
        let left = labels.fold(0.0, f64::max).min(MOST_LABEL) + 10.0;
        let n_rows = self.up.labels.len().max(1) as f64;
        let cell = (PANEL_HEIGHT / n_rows).clamp(LEAST_CELL_HEIGHT, MOST_CELL_HEIGHT);
        let height = cell * n_rows;
        let all = WIDTH - 2.0 * MARGIN;
        let width = (all - GAP * (columns as f64 - 1.0)) / columns as f64;
        let top = frame.head() + 6.0;
        let below = top + rows as f64 * (HEAD + height + FOOT);
        let mut canvas = Canvas::new(WIDTH, below + LEGEND + frame.foot());
        for (index, panel) in self.panels.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            let plot = Rect {
                left: MARGIN + column as f64 * (width + GAP) + left,
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
                Rect {
                    top: plot.top + 3.0,
                    ..plot
                },
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
                let ink = if share > 0.55 { ON_DARK } else { ON_LIGHT };
                let text = has_numbers.then_some((text, Font::new(CELL, ink)));
                (color_of(share), text)
            }
            Cell::Word {
                text,
                color,
                legible: true,
            } => (*color, Some((text, Font::new(SMALL, ON_LIGHT)))),
            Cell::Word { text, color, .. } => (*color, Some((text, Font::new(SMALL, INK).halo()))),
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
        const STEPS: usize = 40;
        const LENGTH: f64 = 200.0;
        let bar = top + 8.0;
        let left = WIDTH - MARGIN - LENGTH;
        let font = Font::new(SMALL, QUIET);
        if let Some(ramp) = &self.ramp {
            let step = LENGTH / STEPS as f64;
            for index in 0..STEPS {
                let rect = Rect {
                    left: left + index as f64 * step,
                    top: bar,
                    width: step + 0.2,
                    height: 11.0,
                };
                canvas.rect(rect, color_of((index as f64 + 0.5) / STEPS as f64));
            }
            canvas.text((left, bar + 26.0), font, &ramp.low.1);
            let end = font.anchored(Anchor::End);
            canvas.text((left + LENGTH, bar + 26.0), end, &ramp.high.1);
        }
        // A grid without a title has the titles of its axes at them.
        if self.panels.iter().any(|panel| panel.title.is_empty()) {
            return;
        }
        let most = left - MARGIN - 16.0;
        let titles = [&self.across.title, &self.up.title];
        for (title, base) in titles.into_iter().zip([bar + 9.0, bar + 26.0]) {
            canvas.text_within((MARGIN, base), font.bold(), title, most);
        }
    }
}

impl Ramp {
    fn share(&self, value: f64) -> f64 {
        let (low, high) = (self.low.0, self.high.0);
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// The ramp's colour at a share of its length.
fn color_of(share: f64) -> RGBColor {
    let place = share * (RAMP.len() - 1) as f64;
    let index = (place as usize).min(RAMP.len() - 2);
    let part = place - index as f64;
    let (from, to) = (RAMP[index], RAMP[index + 1]);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}
