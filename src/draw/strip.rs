//! A strip below a plot: when something happened to how large a share, a track for each line.

use super::axis::Scale;
use super::canvas::{Canvas, Font, Rect};
use super::frame::{self, SMALL};
use super::measure;
use super::palette::{ALARM, GRID, LineLook};

/// Height of a track, and of the coloured part of it.
pub(crate) const TRACK: f64 = 19.0;
const BAR: f64 = 11.0;
/// Length of the sample of a line beside a track, and what stands before the words.
const SAMPLE: f64 = 30.0;
const INDENT: f64 = SAMPLE + 8.0;

/// Tracks below each other.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Strip {
    /// What the marks are.
    pub title: String,
    /// From the top.
    pub tracks: Vec<Track>,
}

/// When something happened under one line.
#[derive(Clone, PartialEq, Debug)]
pub struct Track {
    /// The line's name, in the picture's source.
    pub series: String,
    /// The line's look.
    pub look: LineLook,
    /// What stands beside it: whose it is and how much in all.
    pub label: String,
    /// From left to right.
    pub marks: Vec<Mark>,
}

/// A stretch in which it happened.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mark {
    /// Where it begins along the axis below.
    pub from: f64,
    /// Where it ends.
    pub until: f64,
    /// To how large a share, more than 0 and at most 1: how strong the colour is.
    pub share: f64,
}

impl Strip {
    /// Whether every track's words fit beside it, in a column `most` pixels wide.
    pub(crate) fn fits_beside(&self, most: f64) -> bool {
        let words = |track: &Track| measure::width(&track.label, SMALL, false);
        self.tracks.iter().all(|it| words(it) <= most - INDENT)
    }

    /// How high it is; nothing without tracks. `has_words` where words stand above each track.
    pub(crate) fn height(&self, has_words: bool) -> f64 {
        let track = if has_words { 2.0 * TRACK } else { TRACK };
        self.tracks.len() as f64 * track
    }

    /// Draws it from the top of `scale`'s plot. Words stand right of it from `beside` on, as long
    /// as `most`; without such a place, above each track.
    pub(crate) fn draw(&self, canvas: &mut Canvas, scale: Scale<'_>, beside: Option<(f64, f64)>) {
        let plot = scale.plot;
        let mut top = plot.top;
        let font = Font::new(SMALL, ALARM);
        for track in &self.tracks {
            if beside.is_none() {
                track.sample(canvas, plot.left, top + 11.0);
                let at = (plot.left + INDENT, top + 15.0);
                canvas.text_within(at, font, &track.label, plot.width - INDENT);
                top += TRACK;
            }
            let middle = top + TRACK / 2.0;
            canvas.rules(&[((plot.left, middle), (plot.right(), middle))], GRID, 1.0);
            for mark in &track.marks {
                let (left, right) = (scale.x(mark.from), scale.x(mark.until));
                let rect = Rect {
                    left,
                    top: middle - BAR / 2.0,
                    // A moment is a tick.
                    width: (right - left).max(1.5).min(plot.right() - left + 1.5),
                    height: BAR,
                };
                canvas.veil(rect, ALARM, (mark.share * 4.0).ceil().clamp(1.0, 4.0) / 4.0);
            }
            if let Some((left, most)) = beside {
                track.sample(canvas, left, middle);
                let at = (left + INDENT, middle + 4.0);
                canvas.text_within(at, font, &track.label, most - INDENT);
            }
            top += TRACK;
        }
        let title = Rect {
            top: plot.top + 2.0,
            ..plot
        };
        frame::axis_title(canvas, title, &self.title);
    }
}

impl Track {
    fn sample(&self, canvas: &mut Canvas, left: f64, middle: f64) {
        canvas.line(&[(left, middle), (left + SAMPLE, middle)], self.look, "");
    }
}
