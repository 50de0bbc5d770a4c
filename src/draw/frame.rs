//! What every chart has around its plot: title, question, axes, caption.

use super::axis::{self, Scale, TimeAxis};
use super::canvas::{Anchor, Canvas, Font, Point, Rect};
use super::measure;
use super::palette::{ALARM, GRID, INK, LineLook, QUIET};
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

/// Width of a chart in pixels: legible when a page shows it 800 wide.
pub(crate) const WIDTH: f64 = 900.0;
/// Space left and right of everything.
pub(crate) const MARGIN: f64 = 24.0;
/// Size of axis labels and of everything of that rank.
pub(crate) const SMALL: f64 = 12.0;

const TITLE: Font = Font::new(20.0, INK).bold();
const QUESTION: Font = Font::new(14.0, QUIET);
const CAPTION: Font = Font::new(11.5, QUIET);

/// Lines of text in one font, with the height they take.
struct Block {
    font: Font,
    lines: Vec<String>,
    leading: f64,
}

/// How much wider a line may be in a browser that has none of our fonts than it is measured: by
/// about this in the font that such a browser takes on most Linux machines.
const WIDEST_FONT: f64 = 1.15;

impl Block {
    fn new(text: &str, font: Font, most_lines: usize) -> Block {
        let text = plain::line(text);
        let width = (WIDTH - 2.0 * MARGIN) / WIDEST_FONT;
        Block {
            lines: measure::wrap(&text, font.size, font.bold, width, most_lines),
            leading: (font.size * 1.35).round(),
            font,
        }
    }

    fn height(&self) -> f64 {
        self.lines.len() as f64 * self.leading
    }

    fn draw(&self, canvas: &mut Canvas, top: f64) {
        for (index, line) in self.lines.iter().enumerate() {
            let base = top + index as f64 * self.leading + self.font.size;
            canvas.text((MARGIN, base), self.font, line);
        }
    }
}

/// The words above and below a plot.
pub(crate) struct Frame {
    title: Block,
    question: Block,
    caption: Block,
}

impl Frame {
    /// A frame with these words.
    pub(crate) fn of_words(title: &str, question: &str, caption: &str) -> Frame {
        Frame {
            title: Block::new(title, TITLE, 2),
            question: Block::new(question, QUESTION, 2),
            caption: Block::new(caption, CAPTION, 4),
        }
    }

    /// The height of what stands above the plot.
    pub(crate) fn head(&self) -> f64 {
        18.0 + self.title.height() + self.question.height() + 14.0
    }

    /// The height of what stands below the axes.
    pub(crate) fn foot(&self) -> f64 {
        14.0 + self.caption.height() + 14.0
    }

    pub(crate) fn draw(&self, canvas: &mut Canvas, foot_top: f64) {
        self.title.draw(canvas, 18.0);
        self.question.draw(canvas, 18.0 + self.title.height());
        self.caption.draw(canvas, foot_top + 14.0);
    }
}

/// Space that the labels of an axis of counts up to `top` need, tick and gap included.
pub(crate) fn axis_width(top: f64, labels: &Labels) -> f64 {
    let ticks = axis::counts(top, 6, labels).into_iter();
    ticks
        .map(|tick| measure::width(&tick.label, SMALL, false))
        .fold(0.0, f64::max)
        + 10.0
}

/// Which parts of the axes a panel shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct AxisParts {
    pub(crate) up_labels: bool,
    pub(crate) time_labels: bool,
    /// At most this many steps upwards.
    pub(crate) up_steps: u64,
}

/// Grid, ticks and labels of a plot.
pub(crate) fn axes(canvas: &mut Canvas, scale: Scale, time: &TimeAxis, parts: AxisParts) {
    let plot = scale.plot;
    let mut grid: Vec<(Point, Point)> = Vec::new();
    for tick in &axis::counts(scale.ports, parts.up_steps, canvas.labels()) {
        let y = scale.y(tick.at);
        grid.push(((plot.left, y), (plot.right(), y)));
        if parts.up_labels {
            let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
            canvas.text((plot.left - 8.0, y + 4.0), font, &tick.label);
        }
    }
    canvas.rules(&grid, GRID, 1.0);
    let mut marks = vec![((plot.left, plot.bottom()), (plot.right(), plot.bottom()))];
    for tick in &time.ticks {
        let x = scale.x(tick.at);
        marks.push(((x, plot.bottom()), (x, plot.bottom() + 5.0)));
        if parts.time_labels {
            let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
            canvas.text((x, plot.bottom() + 19.0), font, &tick.label);
        }
    }
    canvas.rules(&marks, QUIET, 1.0);
}

/// The title of the axis to the left of a plot, above it.
pub(crate) fn axis_title(canvas: &mut Canvas, plot: Rect, title: &str) {
    let font = Font::new(SMALL, QUIET).bold();
    canvas.text_within(
        (MARGIN, plot.top - 12.0),
        font,
        title,
        plot.right() - MARGIN,
    );
}

/// The title of the time axis, below its labels.
pub(crate) fn time_title(canvas: &mut Canvas, scale: Scale, time: &TimeAxis) {
    let title = canvas.labels().axes.simulated_time(&time.unit);
    axis_title_below(canvas, scale.plot, &title);
}

/// The title of the axis below `plot`, below its labels.
pub(crate) fn axis_title_below(canvas: &mut Canvas, plot: Rect, title: &str) {
    let at = (plot.left + plot.width / 2.0, plot.bottom() + 37.0);
    let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
    canvas.text_within(at, font, title, plot.width);
}

/// The limit: a dashed line across the plot.
pub(crate) fn limit_line(canvas: &mut Canvas, scale: Scale, limit: f64) {
    let look = LineLook {
        color: ALARM,
        dash: &[6.0, 4.0],
        width: 1.4,
    };
    let y = scale.y(limit);
    canvas.line(&[(scale.plot.left, y), (scale.plot.right(), y)], look, "");
}
