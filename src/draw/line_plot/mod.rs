//! Lines over one axis, in one panel or two: what a chart of lines is made of, and its drawing.
//!
//! On the plot itself is nothing but data. Names stand in the key beside their lines, instants
//! in the lane above, what was lost in the strip below: so no words can cover a line.

mod series;

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Point as Place, Rect};
use super::frame::{self, Frame, NARROW, SMALL, Words};
use super::key::{self, Entry};
use super::lane::{Lane, Voice};
use super::measure;
use super::palette::{ALARM, LENS, LineLook, NO_LOAD, PAPER, QUIET};
use super::strip::Strip;
use plotters::style::RGBColor;

const KEY_WIDTH: f64 = 206.0;
const KEY_GAP: f64 = 14.0;
const MAIN_HEIGHT: f64 = 290.0;
const NARROW_HEIGHT: f64 = 220.0;
const STRIP_HEIGHT: f64 = 104.0;
/// Between two panels: the title of the lower one.
const STRIP_GAP: f64 = 42.0;
/// Labels, ticks and the title of the axis below the plot.
const AXIS_HEIGHT: f64 = 40.0;
/// Above a plot where some points have no value: their row.
const ABSENT: f64 = 34.0;
/// The widest word for them.
const MOST_ABSENT: f64 = 70.0;
/// Of more points dots would hide the line.
const MOST_DOTS: usize = 30;

/// A chart of lines.
#[derive(Clone, PartialEq, Debug)]
pub struct LinePlot {
    /// Begins the ids inside the picture, so that several can stand on one page.
    pub id: String,
    /// What is written around it.
    pub words: Words,
    /// The axis below all panels.
    pub across: Axis,
    /// The plot, which must be there, and smaller plots below it.
    pub panels: Vec<LinePanel>,
    /// What happened when.
    pub notes: Vec<Note>,
    /// What was lost when.
    pub strip: Strip,
    /// Where the key stands.
    pub key: KeyPlace,
}

/// Where the names of the lines stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum KeyPlace {
    /// Right of the plot, at the heights of the lines; below it in a narrow picture.
    #[default]
    Beside,
    /// Below the plot.
    Below,
    /// Nowhere: whoever shows the picture names them.
    Nowhere,
}

/// One plot of a [`LinePlot`].
#[derive(Clone, PartialEq, Debug)]
pub struct LinePanel {
    /// The axis to its left.
    pub up: Axis,
    /// The lines; each is drawn over those before it.
    pub series: Vec<Series>,
    /// Heights that are not to be exceeded; one above the axis is only named in the key.
    pub limits: Vec<Limit>,
    /// Where a line meets its limit.
    pub moments: Vec<Moment>,
    /// What a point without a value means, where that is a value of its own: `never`.
    pub absent: Option<String>,
    /// Whether it shows part of the plot above it enlarged.
    pub is_lens: bool,
}

/// A line.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Its name, in the key and in the picture's source.
    pub name: String,
    /// Colour, dashes, width.
    pub look: LineLook,
    /// How its points are joined.
    pub shape: Shape,
    /// Its points, from left to right.
    pub points: Vec<Point>,
    /// What the key says of it; `None` leaves it out.
    pub key: Option<Key>,
}

/// How the points of a line are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Level until the next point.
    Steps,
    /// Straight, broken where a value is missing.
    Straight,
    /// The same with a dot at each point.
    Marked,
    /// Not at all: dots.
    Dots,
    /// Not at all: bars from the axis, beside those of the other lines.
    Bars,
}

/// A point of a line, in the units of the axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Where along the axis below.
    pub x: f64,
    /// How high; `None` where there is no value.
    pub y: Option<f64>,
    /// The ends of its interval, where it has one: together they are the line's band.
    pub ends: Option<(f64, f64)>,
}

/// What the key says of a line, beside its name.
#[derive(Clone, PartialEq, Debug)]
pub struct Key {
    /// The height at which the entry would like to stand.
    pub at: f64,
    /// Its values.
    pub detail: String,
    /// What went wrong.
    pub alert: Option<String>,
}

/// A height that is not to be exceeded.
#[derive(Clone, PartialEq, Debug)]
pub struct Limit {
    /// The height.
    pub at: f64,
    /// What the key says of it.
    pub label: String,
}

/// A moment at which a line meets its limit.
#[derive(Clone, PartialEq, Debug)]
pub struct Moment {
    /// Where along the axis below.
    pub x: f64,
    /// How high.
    pub y: f64,
    /// The line's name.
    pub series: String,
    /// The line's colour.
    pub color: RGBColor,
    /// What the lane says of it; empty is a dot without words.
    pub label: String,
}

/// What happened at a place along the axis below.
#[derive(Clone, PartialEq, Debug)]
pub struct Note {
    /// Where.
    pub x: f64,
    /// Where it was over, if it lasted: the plot is tinted between.
    pub until: Option<f64>,
    /// What it says.
    pub text: String,
    /// Who says it.
    pub voice: Voice,
}

impl LinePanel {
    /// A plot of lines and nothing else.
    pub const fn new(up: Axis, series: Vec<Series>) -> LinePanel {
        LinePanel {
            up,
            series,
            limits: Vec::new(),
            moments: Vec::new(),
            absent: None,
            is_lens: false,
        }
    }
}

/// Where everything of a [`LinePlot`] is.
struct Layout<'a> {
    scales: Vec<Scale<'a>>,
    lane: Lane,
    entries: Vec<Entry>,
    /// Where the tracks of the strip are.
    strip: Rect,
    /// Where their words begin and how wide they are, where not above each track.
    strip_words: Option<(f64, f64)>,
    /// The left end of the key, where it stands beside the plot.
    beside: Option<f64>,
    /// Below it all, axis included.
    bottom: f64,
}

impl LinePlot {
    /// Panels over an axis and nothing else.
    pub fn new(id: String, words: Words, across: Axis, panels: Vec<LinePanel>) -> LinePlot {
        LinePlot {
            id,
            words,
            across,
            panels,
            notes: Vec::new(),
            strip: Strip::default(),
            key: KeyPlace::Beside,
        }
    }

    /// The picture `width` pixels wide, with its words and its key.
    pub fn svg(&self, width: f64) -> String {
        let frame = Frame::of(&self.words, width);
        let layout = self.layout(width, frame.head() + 18.0, frame::margin(width));
        let key = if layout.beside.is_none() {
            layout.entries.iter().map(Entry::height).sum::<f64>() + 8.0
        } else {
            0.0
        };
        let foot_top = layout.bottom + key;
        let mut canvas = Canvas::new(width, foot_top + frame.foot());
        self.draw(&mut canvas, &layout);
        let plot = layout.scales[0].plot;
        match layout.beside {
            Some(left) => {
                // Beside the strip are words of its own.
                let bottom = layout.scales[layout.scales.len() - 1].plot.bottom();
                key::draw(
                    &mut canvas,
                    &layout.entries,
                    left,
                    plot.top + 3.0,
                    bottom + 12.0,
                );
            }
            None => key::draw_below(
                &mut canvas,
                &layout.entries,
                frame::margin(width),
                layout.bottom + 8.0,
            ),
        }
        frame.draw(&mut canvas, foot_top);
        canvas.finish(&self.id, &self.words.title, &self.words.description)
    }

    /// The plot alone, `width` pixels wide, for a page that has words and key of its own.
    pub fn bare(&self, width: f64) -> String {
        let keyless = LinePlot {
            key: KeyPlace::Nowhere,
            ..self.clone()
        };
        let layout = keyless.layout(width, 28.0, 24.0);
        let scales = &layout.scales;
        let mut canvas = Canvas::new(width, layout.bottom + 6.0);
        self.draw(&mut canvas, &layout);
        for limit in self.panels[0]
            .limits
            .iter()
            .filter(|it| self.panels[0].up.holds(it.at))
        {
            limit.draw_label(&mut canvas, scales[0]);
        }
        canvas.cursor(scales[0].plot, scales[scales.len() - 1].plot.bottom());
        canvas.inline(&self.id, &self.words.title, &self.words.description)
    }

    /// Panels below each other from `top` on, the first as high as the key needs.
    fn layout(&self, width: f64, top: f64, margin: f64) -> Layout<'_> {
        let is_beside = self.key == KeyPlace::Beside && width >= NARROW;
        let widths = self.panels.iter().map(|panel| {
            let absent = panel.absent.as_deref().unwrap_or_default();
            let absent = measure::width(absent, SMALL, false).min(MOST_ABSENT) + 10.0;
            frame::axis_width(&panel.up).max(absent)
        });
        let left = margin + widths.fold(0.0, f64::max);
        let right = if is_beside {
            width - KEY_WIDTH - KEY_GAP
        } else {
            width
        } - margin;
        let across = |x: f64| left + self.across.place(x) * (right - left);
        let moments = self.panels.iter().flat_map(|panel| &panel.moments);
        let moments = moments.map(|it| (across(it.x), it.label.clone(), Voice::Alarm));
        let notes = self.notes.iter();
        let notes = notes.map(|it| (across(it.x), it.text.clone(), it.voice));
        let lane = Lane::of(moments.chain(notes), (margin, width - margin));
        let entries = self.entries(if is_beside {
            KEY_WIDTH
        } else {
            width - 2.0 * margin
        });
        // Words that would be cut beside their track stand above it.
        let are_words_beside = is_beside && self.strip.fits_beside(KEY_WIDTH);
        let strip = self.strip.height(!are_words_beside);
        let strip_gap = if strip > 0.0 { STRIP_GAP } else { 0.0 };
        let lower = (self.panels.len() - 1) as f64 * (STRIP_GAP + STRIP_HEIGHT);
        let usual = if width < NARROW {
            NARROW_HEIGHT
        } else {
            MAIN_HEIGHT
        };
        let needed = if is_beside {
            key::height(&entries) - lower
        } else {
            0.0
        };
        let absent = if self.panels[0].absent.is_some() {
            ABSENT
        } else {
            0.0
        };
        let mut plot = Rect {
            left,
            top: top + lane.height() + absent,
            width: right - left,
            height: usual.max(needed),
        };
        let mut scales = Vec::new();
        for panel in &self.panels {
            scales.push(Scale {
                plot,
                across: &self.across,
                up: &panel.up,
            });
            plot.top = plot.bottom() + STRIP_GAP;
            plot.height = STRIP_HEIGHT;
        }
        let last = scales[scales.len() - 1].plot.bottom();
        let strip = Rect {
            top: last + strip_gap,
            height: strip,
            ..plot
        };
        let mut layout = Layout {
            scales,
            lane,
            entries,
            strip,
            beside: is_beside.then_some(right + KEY_GAP),
            strip_words: are_words_beside.then_some((right + KEY_GAP, KEY_WIDTH)),
            bottom: strip.bottom() + AXIS_HEIGHT,
        };
        self.wish(&mut layout);
        layout
    }

    /// The entries of the key: every line, every limit.
    fn entries(&self, width: f64) -> Vec<Entry> {
        if self.key == KeyPlace::Nowhere {
            return Vec::new();
        }
        let of_panel = |panel: &LinePanel| -> Vec<Entry> {
            let limits = panel.limits.iter();
            let limits = limits.map(|limit| Entry::of_limit(&limit.label, width));
            let lines = panel.series.iter().filter_map(|it| it.entry(width));
            limits.chain(lines).collect()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    /// Gives each entry of the key the height of its line.
    fn wish(&self, layout: &mut Layout<'_>) {
        let panels = self.panels.iter().zip(&layout.scales);
        let heights = panels.flat_map(|(panel, scale)| {
            let limits = panel.limits.iter().map(|limit| limit.at);
            let keys = panel.series.iter().filter_map(|it| it.key.as_ref());
            let heights = limits.chain(keys.map(|key| key.at));
            heights.map(|at| scale.y(at).max(scale.plot.top - 8.0))
        });
        for (entry, height) in layout.entries.iter_mut().zip(heights) {
            entry.wishes(height);
        }
    }

    fn draw(&self, canvas: &mut Canvas, layout: &Layout<'_>) {
        let scales = &layout.scales;
        let last = scales.len() - 1;
        let has_strip = !self.strip.tracks.is_empty();
        for (index, (panel, scale)) in self.panels.iter().zip(scales).enumerate() {
            let plot = scale.plot;
            if panel.is_lens {
                canvas.rect(plot, LENS);
            }
            for note in &self.notes {
                note.tint(canvas, *scale);
            }
            let id = format!("{}-clip-{index}", self.id);
            panel.draw(canvas, *scale, &id, index == last && !has_strip);
            let lane = if index == 0 {
                Some(layout.lane.height())
            } else {
                None
            };
            frame::axis_title(canvas, plot.raised(panel.room_above(lane)), &panel.up.title);
            match index {
                0 => layout
                    .lane
                    .draw(canvas, plot.top - panel.room_above(None), plot.bottom()),
                _ => layout.lane.draw_lines(canvas, plot.top, plot.bottom()),
            }
        }
        let mut lowest = scales[last].plot;
        if has_strip {
            let scale = Scale {
                plot: layout.strip,
                ..scales[last]
            };
            self.strip.draw(canvas, scale, layout.strip_words);
            frame::axis_below(canvas, scale, true);
            lowest = layout.strip;
        }
        frame::axis_title_below(canvas, lowest, &self.across.title);
    }
}

impl LinePanel {
    /// What stands between the plot and the title of its axis.
    fn room_above(&self, lane: Option<f64>) -> f64 {
        lane.unwrap_or(0.0) + if self.absent.is_some() { ABSENT } else { 0.0 }
    }

    fn draw(&self, canvas: &mut Canvas, scale: Scale<'_>, clip: &str, is_last: bool) {
        frame::axes(canvas, scale, true, is_last);
        // A line over a limit is seen; a limit over a line would cut it.
        for limit in self.limits.iter().filter(|it| self.up.holds(it.at)) {
            frame::limit_line(canvas, scale, limit.at);
        }
        let points = self.series.iter().flat_map(|it| &it.points);
        let mut heights = points.flat_map(|it| {
            let ends = it
                .ends
                .map_or([None; 2], |(low, high)| [Some(low), Some(high)]);
            [it.y, ends[0], ends[1]]
        });
        // On a logarithmic axis what is below its start is there.
        let is_out = |at: f64| at > self.up.high || (at < self.up.low && !self.up.is_log);
        if heights.any(|at| at.is_some_and(is_out)) {
            canvas.clipped(clip, scale.plot, |canvas| self.draw_series(canvas, scale));
        } else {
            self.draw_series(canvas, scale);
        }
        for moment in self.moments.iter().filter(|it| self.up.holds(it.y)) {
            canvas.belonging_to(&moment.series, |canvas| {
                let place = (scale.x(moment.x), scale.y(moment.y));
                canvas.dot(place, 4.5, moment.color);
            });
        }
        if let Some(word) = &self.absent {
            self.draw_absent(canvas, scale, word);
        }
    }

    fn draw_series(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        for series in &self.series {
            series.draw_band(canvas, scale);
        }
        let bars = self.series.iter().filter(|it| it.shape == Shape::Bars);
        let bars = bars.count();
        let mut bar = 0;
        for series in &self.series {
            if series.shape == Shape::Bars {
                series.draw_bars(canvas, scale, (bar, bars));
                bar += 1;
            } else {
                series.draw(canvas, scale);
            }
        }
    }

    /// A row above the plot for the points without a value, each joined to its line's last point.
    fn draw_absent(&self, canvas: &mut Canvas, scale: Scale<'_>, word: &str) {
        let y = scale.plot.top - 22.0;
        let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
        canvas.text_within((scale.plot.left - 8.0, y + 4.0), font, word, MOST_ABSENT);
        for (index, series) in self.series.iter().enumerate() {
            // Beside those of other lines.
            let aside = index as f64 * 6.0;
            let mut last: Option<Place> = None;
            for point in &series.points {
                let x = scale.x(point.x);
                if let Some(value) = point.y {
                    let here = (x, scale.y(value));
                    if let Some(before) = last.filter(|(_, height)| *height <= y + 0.5) {
                        canvas.line(&[before, here], series.look.dotted(), "");
                    }
                    last = Some(here);
                } else {
                    let here = (x + aside, y);
                    if let Some(before) = last {
                        canvas.line(&[before, here], series.look.dotted(), "");
                    }
                    last = Some(here);
                    canvas.dot(here, 3.6, series.look.color);
                    canvas.dot(here, 1.2, PAPER);
                }
            }
        }
    }
}

impl Limit {
    /// Above its line, for a page that shows no key.
    fn draw_label(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        let font = Font::new(SMALL, ALARM).bold().halo();
        let at = (scale.plot.left + 8.0, scale.y(self.at) - 6.0);
        canvas.text_within(at, font, &self.label, scale.plot.width - 16.0);
    }
}

impl Note {
    /// The tint of the plot where it lasted.
    pub(super) fn tint(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        let Some(until) = self.until else { return };
        let (left, right) = (scale.x(self.x), scale.x(until));
        let rect = Rect {
            left,
            width: right - left,
            ..scale.plot
        };
        canvas.rect(rect, NO_LOAD);
    }
}
