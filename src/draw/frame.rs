//! What every chart has around its plot: title, question, axes, caption.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Point, Rect};
use super::measure;
use super::palette::{GRID, INK, LIMIT, QUIET};
use crate::words::plain;

/// Width of a chart in pixels: legible when a page shows it 800 wide.
pub(crate) const WIDTH: f64 = 900.0;
/// A picture narrower than this has its key below the plot, and one column of panels.
pub(crate) const NARROW: f64 = 640.0;

/// Space left and right of everything in a picture so wide.
pub(crate) const fn margin(width: f64) -> f64 {
    if width < NARROW { 14.0 } else { 24.0 }
}

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
pub(crate) const WIDEST_FONT: f64 = 1.15;

impl Block {
    fn new(text: &str, font: Font, most_lines: usize, width: f64) -> Block {
        let text = plain::line(text);
        let width = (width - 2.0 * margin(width)) / WIDEST_FONT;
        Block {
            lines: measure::balanced(&text, font.size, font.bold, width, most_lines),
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
            canvas.text((margin(canvas.width()), base), self.font, line);
        }
    }
}

/// What is written around a picture, and what is said to whoever cannot see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    /// Above it.
    pub title: String,
    /// Below the title.
    pub question: String,
    /// Below it: what it rests on and where it comes from.
    pub caption: String,
    /// What it shows, in sentences.
    pub description: String,
}

/// The words above and below a plot.
pub(crate) struct Frame {
    title: Block,
    question: Block,
    caption: Block,
}

impl Frame {
    /// A frame with these words around a picture so wide.
    pub(crate) fn of(words: &Words, width: f64) -> Frame {
        let (title, lines) = if width < NARROW {
            (Font::new(17.0, INK).bold(), 3)
        } else {
            (TITLE, 2)
        };
        Frame {
            title: Block::new(&words.title, title, lines, width),
            question: Block::new(&words.question, QUESTION, lines, width),
            caption: Block::new(&words.caption, CAPTION, 2 + 2 * lines, width),
        }
    }

    /// The height of what stands above the plot.
    pub(crate) fn head(&self) -> f64 {
        18.0 + self.title.height() + self.question.height() + 14.0
    }

    /// The height of what stands below the axes.
    pub(crate) fn foot(&self) -> f64 {
        let caption = self.caption.height();
        if caption > 0.0 { 28.0 + caption } else { 14.0 }
    }

    pub(crate) fn draw(&self, canvas: &mut Canvas, foot_top: f64) {
        self.title.draw(canvas, 18.0);
        self.question.draw(canvas, 18.0 + self.title.height());
        self.caption.draw(canvas, foot_top + 14.0);
    }
}

/// Space that the labels of an axis to the left need, tick and gap included.
pub(crate) fn axis_width(axis: &Axis) -> f64 {
    let widths = axis.ticks.iter();
    let widths = widths.map(|tick| measure::width(&tick.label, SMALL, false));
    widths.fold(0.0, f64::max) + 10.0
}

/// Grid, ticks and labels of a plot: those to the left and those below it where they are wanted.
pub(crate) fn axes(canvas: &mut Canvas, scale: Scale<'_>, has_left: bool, has_below: bool) {
    let plot = scale.plot;
    let mut grid: Vec<(Point, Point)> = Vec::new();
    for tick in &scale.up.ticks {
        let y = scale.y(tick.at);
        grid.push(((plot.left, y), (plot.right(), y)));
        if has_left {
            let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
            canvas.text((plot.left - 8.0, y + 4.0), font, &tick.label);
        }
    }
    canvas.rules(&grid, GRID, 1.0);
    if scale.up.low < 0.0 {
        let zero = scale.y(0.0);
        canvas.rules(&[((plot.left, zero), (plot.right(), zero))], QUIET, 1.0);
    }
    axis_below(canvas, scale, has_below);
}

/// The axis below a plot, its ticks, and their labels where they are wanted.
pub(crate) fn axis_below(canvas: &mut Canvas, scale: Scale<'_>, has_labels: bool) {
    const WIDEST: f64 = 160.0;
    let plot = scale.plot;
    let mut marks = vec![((plot.left, plot.bottom()), (plot.right(), plot.bottom()))];
    let mut free = f64::NEG_INFINITY;
    for tick in &scale.across.ticks {
        let x = scale.x(tick.at);
        marks.push(((x, plot.bottom()), (x, plot.bottom() + 5.0)));
        let half = measure::width(&tick.label, SMALL, false).min(WIDEST) / 2.0;
        // A label that would touch the one before it is left out.
        if has_labels && x - half > free {
            free = x + half + 4.0;
            let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
            canvas.text_within((x, plot.bottom() + 19.0), font, &tick.label, WIDEST);
        }
    }
    canvas.rules(&marks, QUIET, 1.0);
}

/// The title of the axis to the left of a plot, above it.
pub(crate) fn axis_title(canvas: &mut Canvas, plot: Rect, title: &str) {
    let font = Font::new(SMALL, QUIET).bold();
    let left = margin(canvas.width());
    canvas.text_within((left, plot.top - 12.0), font, title, plot.right() - left);
}

/// The title of the axis below `plot`, below its labels.
pub(crate) fn axis_title_below(canvas: &mut Canvas, plot: Rect, title: &str) {
    let at = (plot.left + plot.width / 2.0, plot.bottom() + 37.0);
    let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
    canvas.text_within(at, font, title, plot.width);
}

/// The limit: a dashed line across the plot.
pub(crate) fn limit_line(canvas: &mut Canvas, scale: Scale<'_>, limit: f64) {
    let y = scale.y(limit);
    canvas.line(&[(scale.plot.left, y), (scale.plot.right(), y)], LIMIT, "");
}
