//! Heat maps: one panel a strategy, one cell a pair of values.

use super::view::{Cell, Panel, Places, View};
use crate::draw::canvas::{Anchor, Canvas, Font, Rect};
use crate::draw::frame::{MARGIN, SMALL, WIDTH};
use crate::draw::measure;
use crate::draw::palette::{GRID, INK, ON_DARK, ON_LIGHT, QUIET};
use crate::study::sweep::Identity;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use plotters::style::RGBColor;

/// Size of the numbers in cells.
const CELL: f64 = 11.0;
const GAP: f64 = 34.0;
const MOST_CELL_HEIGHT: f64 = 30.0;
const LEAST_CELL_HEIGHT: f64 = 9.0;
const PANEL_HEIGHT: f64 = 240.0;
/// Height of a panel's title, and of the labels below it.
const HEAD: f64 = 26.0;
const FOOT: f64 = 40.0;
/// Space of the legend below the panels.
const LEGEND: f64 = 44.0;

/// From little to much: one hue, so that grey print and every eye see the order.
const RAMP: [RGBColor; 5] = [
    RGBColor(0xF3, 0xF7, 0xFB),
    RGBColor(0xC6, 0xDB, 0xEF),
    RGBColor(0x7F, 0xB2, 0xD9),
    RGBColor(0x2F, 0x77, 0xB4),
    RGBColor(0x08, 0x30, 0x6B),
];

/// The chart.
pub(crate) fn svg(identity: &Identity, view: &View, y: &Places, labels: &Labels) -> String {
    let frame = super::frame(identity, view, false, labels);
    let columns = if view.panels.len() == 1 { 1 } else { 2 };
    let rows = view.panels.len().div_ceil(columns);
    let widths = y
        .labels
        .iter()
        .map(|label| measure::width(label, SMALL, false));
    let left = widths.fold(0.0, f64::max).min(150.0) + 10.0;
    let cell = (PANEL_HEIGHT / y.labels.len() as f64).clamp(LEAST_CELL_HEIGHT, MOST_CELL_HEIGHT);
    let height = cell * y.labels.len() as f64;
    let all = WIDTH - 2.0 * MARGIN;
    let width = (all - GAP * (columns as f64 - 1.0)) / columns as f64;
    let top = frame.head() + 6.0;
    let below = top + rows as f64 * (HEAD + height + FOOT);
    let mut canvas = Canvas::new(WIDTH, below + LEGEND + frame.foot(), labels);
    let scale = Scale::of(view);
    for (index, panel) in view.panels.iter().enumerate() {
        let (column, row) = (index % columns, index / columns);
        let plot = Rect {
            left: MARGIN + column as f64 * (width + GAP) + left,
            top: top + row as f64 * (HEAD + height + FOOT) + HEAD,
            width: width - left,
            height,
        };
        draw_panel(&mut canvas, plot, panel, (&view.x, y), scale);
    }
    legend(&mut canvas, below, scale, (&view.x, y));
    frame.draw(&mut canvas, below + LEGEND);
    let title = super::title(identity, view, labels);
    canvas.finish(
        &format!("sweep-{}", view.metric.name),
        &title,
        &super::alt(view),
    )
}

/// From values to colours.
#[derive(Clone, Copy)]
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(view: &View) -> Scale {
        let cells = view.panels.iter().flat_map(|panel| &panel.cells);
        let high = cells.filter_map(Cell::mean).fold(0.0, f64::max);
        // A share is a share of one, whatever the largest is.
        let is_share = view.metric.name.ends_with("share") || view.metric.name == "p_exhausted";
        Scale {
            low: 0.0,
            high: if is_share || high <= 0.0 { 1.0 } else { high },
        }
    }

    fn share(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn color(share: f64) -> RGBColor {
        let place = share * (RAMP.len() - 1) as f64;
        let index = (place as usize).min(RAMP.len() - 2);
        let part = place - index as f64;
        let (from, to) = (RAMP[index], RAMP[index + 1]);
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
        RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
    }
}

fn draw_panel(
    canvas: &mut Canvas,
    plot: Rect,
    panel: &Panel,
    (x, y): (&Places, &Places),
    scale: Scale,
) {
    let title = Font::new(13.0, INK).bold();
    let name = plain::short(&panel.strategy, 50);
    canvas.text((plot.left, plot.top - 9.0), title, &name);
    let (columns, rows) = (x.labels.len(), y.labels.len());
    let (width, height) = (plot.width / columns as f64, plot.height / rows as f64);
    let labels = canvas.labels();
    let means = panel.cells.iter().filter_map(Cell::mean);
    let texts = means.map(|mean| labels.short(mean));
    let widest = texts.map(|text| measure::width(&text, CELL, false));
    // Numbers in some cells only would look as if the others had none.
    let has_numbers = widest.fold(0.0, f64::max) + 6.0 <= width && height >= 15.0;
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
            let value = panel.cells[row * columns + column].mean();
            draw_cell(canvas, rect, value, scale, has_numbers);
        }
        let step = (16.0 / height).ceil().max(1.0) as usize;
        if row % step == 0 {
            let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
            let at = (plot.left - 7.0, top + height / 2.0 + 4.0);
            canvas.text_within(at, font, &y.labels[row], 150.0);
        }
    }
    let widest = x
        .labels
        .iter()
        .map(|label| measure::width(label, SMALL, false));
    let needed = widest.fold(0.0, f64::max).min(110.0) + 8.0;
    let step = (needed / width).ceil().max(1.0) as usize;
    for (column, label) in x.labels.iter().enumerate().step_by(step) {
        let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
        let center = plot.left + (column as f64 + 0.5) * width;
        canvas.text_within((center, plot.bottom() + 16.0), font, label, 110.0);
    }
}

fn draw_cell(canvas: &mut Canvas, rect: Rect, value: Option<f64>, scale: Scale, has_numbers: bool) {
    let seam = 0.5;
    let inner = Rect {
        left: rect.left + seam,
        top: rect.top + seam,
        width: rect.width - 2.0 * seam,
        height: rect.height - 2.0 * seam,
    };
    let share = value.map(|value| scale.share(value));
    canvas.rect(inner, share.map_or(GRID, Scale::color));
    if let Some(value) = value
        && has_numbers
    {
        let is_dark = share.is_some_and(|it| it > 0.55);
        let ink = if is_dark { ON_DARK } else { ON_LIGHT };
        let font = Font::new(CELL, ink).anchored(Anchor::Middle);
        let at = (
            rect.left + rect.width / 2.0,
            rect.top + rect.height / 2.0 + 4.0,
        );
        let text = canvas.labels().short(value);
        canvas.text(at, font, &text);
    }
}

fn legend(canvas: &mut Canvas, top: f64, scale: Scale, (x, y): (&Places, &Places)) {
    const STEPS: usize = 40;
    const LENGTH: f64 = 200.0;
    let left = WIDTH - MARGIN - LENGTH;
    let (bar, step) = (top + 8.0, LENGTH / STEPS as f64);
    for index in 0..STEPS {
        let rect = Rect {
            left: left + index as f64 * step,
            top: bar,
            width: step + 0.2,
            height: 11.0,
        };
        canvas.rect(rect, Scale::color((index as f64 + 0.5) / STEPS as f64));
    }
    let font = Font::new(SMALL, QUIET);
    let labels = canvas.labels();
    canvas.text((left, bar + 26.0), font, &labels.short(scale.low));
    let end = font.anchored(Anchor::End);
    canvas.text((left + LENGTH, bar + 26.0), end, &labels.short(scale.high));
    let most = left - MARGIN - 16.0;
    let axes = labels.sweep.across(&plain::short(&x.key, 70));
    canvas.text_within((MARGIN, bar + 9.0), font.bold(), &axes, most);
    let axes = labels.sweep.up(&plain::short(&y.key, 70));
    canvas.text_within((MARGIN, bar + 26.0), font.bold(), &axes, most);
}
