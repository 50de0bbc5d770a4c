//! What every chart has around its plot: title, question, axes, caption.

use super::axis::{self, Scale, TimeAxis};
use super::canvas::{Anchor, Canvas, Font, Point, Rect};
use super::measure;
use super::palette::{ALARM, GRID, INK, LineLook, QUIET};
use crate::findings::assumptions;
use crate::model::Scenario;
use crate::study::Comparison;
use crate::words::labels::Labels;
use crate::words::plain;
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
pub(super) struct Frame {
    title: Block,
    question: Block,
    caption: Block,
}

impl Frame {
    /// The words of a chart of a comparison; with `is_shaded` it has bands around its lines.
    pub(super) fn new(
        comparison: &Comparison,
        title: &str,
        is_shaded: bool,
        labels: &Labels,
    ) -> Frame {
        let caption = caption(comparison, is_shaded, labels);
        Frame::of_words(title, &comparison.scenario.question, &caption)
    }

    /// The words of a chart of shares of runs.
    pub(super) fn survival(comparison: &Comparison, title: &str, labels: &Labels) -> Frame {
        let runs = labels.runs(f64::from(comparison.scenario.replications));
        let runs = labels.caption.survival(&runs);
        let question = &comparison.scenario.question;
        Frame::of_words(title, question, &caption_of(comparison, Some(runs), labels))
    }

    /// A frame with these words.
    pub(super) fn of_words(title: &str, question: &str, caption: &str) -> Frame {
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
pub(in super::super) fn caption(
    comparison: &Comparison,
    is_shaded: bool,
    labels: &Labels,
) -> String {
    let replications = comparison.scenario.replications;
    let runs = (replications > 1).then(|| labels.runs(f64::from(replications)));
    let means = runs.map(|runs| {
        if is_shaded {
            labels.caption.means_shaded(&runs)
        } else {
            labels.caption.means(&runs)
        }
    });
    caption_of(comparison, means, labels)
}

fn caption_of(comparison: &Comparison, runs: Option<String>, labels: &Labels) -> String {
    let made = simulated(&comparison.scenario, labels);
    let made: Vec<String> = core::iter::once(made).chain(runs).collect();
    let assumed = assumptions::in_brief(comparison, labels);
    format!("{assumed} · {}.", made.join(", "))
}

/// What made a picture of `scenario`.
pub(in super::super) fn simulated(scenario: &Scenario, labels: &Labels) -> String {
    // The name is the folder's, but a scenario may come from anyone: a long one must not push
    // the seed out of the caption.
    let name = plain::short(&scenario.name, 60);
    let seed = alloc::string::ToString::to_string(&scenario.seed);
    labels
        .caption
        .simulated(env!("CARGO_PKG_VERSION"), &name, &seed)
}

/// Space that the labels of a port axis up to `top` need, tick and gap included.
pub(super) fn port_axis_width(top: f64, labels: &Labels) -> f64 {
    let ticks = axis::ports(top, 6, labels).into_iter();
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
    for tick in &axis::ports(scale.ports, parts.port_steps, canvas.labels()) {
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

/// The title of a port axis, above its plot.
pub(super) fn axis_title(canvas: &mut Canvas, plot: Rect, title: &str) {
    let font = Font::new(SMALL, QUIET).bold();
    canvas.text_within(
        (MARGIN, plot.top - 12.0),
        font,
        title,
        plot.right() - MARGIN,
    );
}

/// The title of the time axis, below its labels.
pub(super) fn time_title(canvas: &mut Canvas, scale: Scale, time: &TimeAxis) {
    let title = canvas.labels().axes.simulated_time(&time.unit);
    axis_title_below(canvas, scale.plot, &title);
}

/// The title of the axis below `plot`, below its labels.
pub(super) fn axis_title_below(canvas: &mut Canvas, plot: Rect, title: &str) {
    let at = (plot.left + plot.width / 2.0, plot.bottom() + 37.0);
    let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
    canvas.text_within(at, font, title, plot.width);
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
