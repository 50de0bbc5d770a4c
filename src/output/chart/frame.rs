//! What every chart has around its plot: title, question, axes, caption.

use super::super::{assumptions, plain};
use super::axis::{self, Scale, TimeAxis};
use super::canvas::{Anchor, Canvas, Font, Point};
use super::measure;
use super::palette::{ALARM, GRID, INK, LineLook, QUIET};
use crate::study::Comparison;
use alloc::string::String;
use alloc::vec::Vec;

/// Width of a chart in pixels: legible when a page shows it 800 wide.
pub(super) const WIDTH: f64 = 900.0;
/// Space left and right of everything.
pub(super) const MARGIN: f64 = 24.0;
/// Size of axis labels and of everything of that rank.
pub(super) const SMALL: f64 = 12.0;

const TITLE: Font = Font::new(20.0, INK).bold();
const QUESTION: Font = Font::new(14.0, QUIET);
const CAPTION: Font = Font::new(11.5, QUIET);

/// Lines of text in one font, with the height they take.
struct Block {
    font: Font,
    lines: Vec<String>,
    leading: f64,
}

impl Block {
    fn new(text: &str, font: Font, most_lines: usize) -> Block {
        let text = plain::line(text);
        let width = WIDTH - 2.0 * MARGIN;
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
pub(super) struct Frame {
    title: Block,
    question: Block,
    caption: Block,
}

impl Frame {
    /// `shaded` says what a band around a line is, where the chart has one.
    pub(super) fn new(comparison: &Comparison, title: &str, shaded: &str) -> Frame {
        let scenario = &comparison.scenario;
        let caption = caption(comparison, shaded);
        Frame::of(title, &scenario.question, &caption)
    }

    /// The words of a chart that is not of one comparison.
    pub(super) fn of(title: &str, question: &str, caption: &str) -> Frame {
        Frame {
            title: Block::new(title, TITLE, 2),
            question: Block::new(question, QUESTION, 2),
            caption: Block::new(caption, CAPTION, 4),
        }
    }

    /// The height of what stands above the plot.
    pub(super) fn head(&self) -> f64 {
        18.0 + self.title.height() + self.question.height() + 14.0
    }

    /// The height of what stands below the axes.
    pub(super) fn foot(&self) -> f64 {
        14.0 + self.caption.height() + 14.0
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, foot_top: f64) {
        self.title.draw(canvas, 18.0);
        self.question.draw(canvas, 18.0 + self.title.height());
        self.caption.draw(canvas, foot_top + 14.0);
    }
}

/// What a chart rests on and where it comes from, for below it.
pub(in super::super) fn caption(comparison: &Comparison, shaded: &str) -> String {
    let scenario = &comparison.scenario;
    let runs = if scenario.replications > 1 {
        format!(", means of {} runs{shaded}", scenario.replications)
    } else {
        String::new()
    };
    // The name is the folder's, but a scenario may come from anyone: a long one must not push
    // the seed out of the caption.
    format!(
        "{} · Simulated with spsim {}, scenario {}, seed {}{runs}.",
        assumptions::in_brief(comparison),
        env!("CARGO_PKG_VERSION"),
        plain::short(&scenario.name, 60),
        scenario.seed
    )
}

/// Space that the labels of a port axis up to `top` need, tick and gap included.
pub(super) fn port_axis_width(top: f64) -> f64 {
    let ticks = axis::ports(top, 6).into_iter();
    ticks
        .map(|tick| measure::width(&tick.label, SMALL, false))
        .fold(0.0, f64::max)
        + 10.0
}

/// Which parts of the axes a panel shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AxisParts {
    pub(super) port_labels: bool,
    pub(super) time_labels: bool,
    /// At most this many steps of ports.
    pub(super) port_steps: u64,
}

/// Grid, ticks and labels of a plot.
pub(super) fn axes(canvas: &mut Canvas, scale: Scale, time: &TimeAxis, parts: AxisParts) {
    let plot = scale.plot;
    let mut grid: Vec<(Point, Point)> = Vec::new();
    for tick in &axis::ports(scale.ports, parts.port_steps) {
        let y = scale.y(tick.at);
        grid.push(((plot.left, y), (plot.right(), y)));
        if parts.port_labels {
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

/// The title of the time axis, below its labels.
pub(super) fn time_title(canvas: &mut Canvas, scale: Scale, time: &TimeAxis) {
    let plot = scale.plot;
    let at = (plot.left + plot.width / 2.0, plot.bottom() + 37.0);
    let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
    canvas.text(at, font, &format!("Simulated time ({})", time.unit));
}

/// The limit: a dashed line across the plot.
pub(super) fn limit_line(canvas: &mut Canvas, scale: Scale, limit: f64) {
    let look = LineLook {
        color: ALARM,
        dash: &[6.0, 4.0],
        width: 1.4,
    };
    let y = scale.y(limit);
    canvas.line(&[(scale.plot.left, y), (scale.plot.right(), y)], look, "");
}
