//! Lines over one axis, in one panel or two: what a chart of lines is made of, and its drawing.

use super::axis::{Axis, Scale};
use super::canvas::{Canvas, Font, Point as Place, Rect};
use super::frame::{self, Frame, MARGIN, SMALL, WIDTH, Words};
use super::key::{self, Entry};
use super::palette::{ALARM, INK, LENS, LineLook, QUIET};
use super::place::Obstacles;
use super::{measure, steps};
use alloc::string::String;
use alloc::vec::Vec;
use plotters::style::RGBColor;

const KEY_WIDTH: f64 = 206.0;
const KEY_GAP: f64 = 14.0;
const MAIN_HEIGHT: f64 = 290.0;
const STRIP_HEIGHT: f64 = 104.0;
/// Between two panels: the title of the lower one.
const STRIP_GAP: f64 = 42.0;
/// Labels, ticks and the title of the axis below the plot.
const AXIS_HEIGHT: f64 = 40.0;
/// How many moments have their label in the plot.
const MOST_LABELS: u8 = 3;
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
}

/// One plot of a [`LinePlot`].
#[derive(Clone, PartialEq, Debug)]
pub struct LinePanel {
    /// The axis to its left.
    pub up: Axis,
    /// The lines; the first is drawn on top.
    pub series: Vec<Series>,
    /// Heights that are not to be exceeded.
    pub limits: Vec<Limit>,
    /// Where a line meets its limit.
    pub moments: Vec<Moment>,
    /// An author's own marks.
    pub notes: Vec<Note>,
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
    /// What stands at its line.
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
    /// What stands beside it: with the name, and without for where there is little room.
    pub labels: [String; 2],
}

/// A mark at a place along the axis below.
#[derive(Clone, PartialEq, Debug)]
pub struct Note {
    /// Where.
    pub x: f64,
    /// What it says.
    pub text: String,
}

impl LinePanel {
    /// A plot of lines and nothing else.
    pub const fn new(up: Axis, series: Vec<Series>) -> LinePanel {
        LinePanel {
            up,
            series,
            limits: Vec::new(),
            moments: Vec::new(),
            notes: Vec::new(),
            is_lens: false,
        }
    }
}

impl LinePlot {
    /// The picture, with its words and its key.
    pub fn svg(&self) -> String {
        let frame = Frame::of(&self.words);
        let entries = self.panels.iter().flat_map(|panel| &panel.series);
        let entries: Vec<Entry> = entries.filter_map(Series::entry).collect();
        let scales = self.scales(WIDTH - KEY_WIDTH - KEY_GAP, frame.head(), &entries);
        let plot = scales[0].plot;
        let bottom = scales[scales.len() - 1].plot.bottom();
        let foot_top = bottom + AXIS_HEIGHT;
        let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot());
        self.draw(&mut canvas, &scales);
        let entries = self.placed(entries, &scales);
        let left = plot.right() + KEY_GAP;
        key::draw(&mut canvas, &entries, left, plot.top, bottom + 12.0);
        frame.draw(&mut canvas, foot_top);
        canvas.finish(&self.id, &self.words.title, &self.words.description)
    }

    /// The plot alone, `width` pixels wide, for a page that has words and key of its own.
    pub fn bare(&self, width: f64) -> String {
        let scales = self.scales(width, 10.0, &[]);
        let plot = scales[0].plot;
        let bottom = scales[scales.len() - 1].plot.bottom();
        let mut canvas = Canvas::new(width, bottom + AXIS_HEIGHT + 6.0);
        self.draw(&mut canvas, &scales);
        canvas.cursor(plot, bottom);
        canvas.inline(&self.id, &self.words.title, &self.words.description)
    }

    /// Where the panels are: below each other, the first as high as the key needs.
    fn scales(&self, right: f64, top: f64, entries: &[Entry]) -> Vec<Scale<'_>> {
        let left = MARGIN + frame::axis_width(&self.panels[0].up);
        let lower = (self.panels.len() - 1) as f64 * (STRIP_GAP + STRIP_HEIGHT);
        let mut plot = Rect {
            left,
            top: top + 18.0,
            width: right - MARGIN - left,
            height: MAIN_HEIGHT.max(key::height(entries) - lower),
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
        scales
    }

    /// The entries of the key, each with the height of its line.
    fn placed(&self, mut entries: Vec<Entry>, scales: &[Scale<'_>]) -> Vec<Entry> {
        let panels = self.panels.iter().zip(scales);
        let heights = panels.flat_map(|(panel, scale)| {
            let keys = panel.series.iter().filter_map(|it| it.key.as_ref());
            keys.map(|key| scale.y(key.at))
        });
        for (entry, height) in entries.iter_mut().zip(heights) {
            entry.wishes(height);
        }
        entries
    }

    fn draw(&self, canvas: &mut Canvas, scales: &[Scale<'_>]) {
        let last = scales.len() - 1;
        for (index, (panel, scale)) in self.panels.iter().zip(scales).enumerate() {
            panel.draw(canvas, *scale, index == last);
        }
        frame::axis_title_below(canvas, scales[last].plot, &self.across.title);
    }
}

impl LinePanel {
    fn draw(&self, canvas: &mut Canvas, scale: Scale<'_>, is_last: bool) {
        if self.is_lens {
            canvas.rect(scale.plot, LENS);
        }
        frame::axes(canvas, scale, true, is_last);
        frame::axis_title(canvas, scale.plot, &self.up.title);
        for series in &self.series {
            series.draw_band(canvas, scale);
        }
        let mut obstacles = self.obstacles(scale);
        // All lines below all labels: two limits may lie closer together than a label is high.
        for limit in &self.limits {
            frame::limit_line(canvas, scale, limit.at);
        }
        for limit in &self.limits {
            limit.draw_label(canvas, scale, &mut obstacles);
        }
        // The first line is the one people come with: it is drawn last, on top.
        for series in self.series.iter().rev() {
            series.draw(canvas, scale);
        }
        let mut labels = 0;
        for moment in &self.moments {
            canvas.belonging_to(&moment.series, |canvas| {
                moment.draw(canvas, scale, &mut labels, &mut obstacles);
            });
        }
        for note in &self.notes {
            note.draw(canvas, scale, &mut obstacles);
        }
    }

    /// Every line of the plot, as what labels must not cover.
    fn obstacles(&self, scale: Scale<'_>) -> Obstacles {
        let mut obstacles = Obstacles::default();
        let Rect { left, top, .. } = scale.plot;
        for part in self.series.iter().flat_map(|it| it.parts(scale)) {
            obstacles.line(&part);
        }
        for limit in &self.limits {
            let y = scale.y(limit.at);
            obstacles.line(&[(left, y), (scale.plot.right(), y)]);
        }
        for moment in &self.moments {
            let x = scale.x(moment.x);
            obstacles.line(&[(x, scale.y(moment.y)), (x, scale.plot.bottom())]);
        }
        for note in &self.notes {
            let x = scale.x(note.x);
            obstacles.line(&[(x, top), (x, scale.plot.bottom())]);
        }
        obstacles
    }
}

impl Series {
    fn entry(&self) -> Option<Entry> {
        let key = self.key.as_ref()?;
        let (detail, alert) = (key.detail.clone(), key.alert.clone());
        Some(Entry::new(self.look, &self.name, detail, alert, KEY_WIDTH))
    }

    /// The line in pixels, in as many parts as it is broken into.
    fn parts(&self, scale: Scale<'_>) -> Vec<Vec<Place>> {
        let place = |it: &Point| it.y.map(|y| (scale.x(it.x), scale.y(y)));
        let places: Vec<Option<Place>> = self.points.iter().map(place).collect();
        let parts = places.split(Option::is_none);
        let parts = parts.map(|part| part.iter().flatten().copied());
        match self.shape {
            Shape::Steps => parts.map(steps::corners).collect(),
            _ => parts.map(Iterator::collect).collect(),
        }
    }

    fn draw(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        let parts = self.parts(scale);
        let is_line = self.shape != Shape::Dots;
        for part in parts.iter().filter(|it| it.len() > 1 && is_line) {
            canvas.line(part, self.look, &self.name);
        }
        let radius = match self.shape {
            Shape::Dots => 2.6,
            Shape::Marked if self.points.len() <= MOST_DOTS => 3.2,
            _ => return,
        };
        for place in parts.into_iter().flatten() {
            canvas.dot(place, radius, self.look.color);
        }
    }

    /// The interval of each point, where there is one.
    fn draw_band(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        let bounded: Vec<(f64, (f64, f64))> = self
            .points
            .iter()
            .filter_map(|it| Some((scale.x(it.x), it.ends?)))
            .collect();
        if bounded.len() < 2 {
            return;
        }
        let edge = |end: fn(&(f64, f64)) -> f64| -> Vec<Place> {
            let places = bounded.iter().map(|(x, ends)| (*x, scale.y(end(ends))));
            match self.shape {
                Shape::Steps => steps::corners(places),
                _ => places.collect(),
            }
        };
        let mut outline = edge(|ends| ends.1);
        outline.extend(edge(|ends| ends.0).into_iter().rev());
        canvas.area(&outline, self.look.color, 0.15);
    }
}

impl Limit {
    /// Above its line or below, from left to right, where it covers no other line.
    fn draw_label(&self, canvas: &mut Canvas, scale: Scale<'_>, obstacles: &mut Obstacles) {
        let font = Font::new(SMALL, ALARM).bold().halo();
        let plot = scale.plot;
        let label = &measure::fitted(&self.label, font.size, font.bold, plot.width - 16.0);
        let room = plot.width - 16.0 - measure::width(label, font.size, font.bold);
        let line = scale.y(self.at);
        let places: Vec<Place> = [line - 8.0, line + 17.0]
            .into_iter()
            .flat_map(|base| (0..=8).map(move |step| (step, base)))
            .map(|(step, base)| (plot.left + 8.0 + room * f64::from(step) / 8.0, base))
            .filter(|(_, base)| base - font.size > plot.top - 14.0)
            .collect();
        draw_label(canvas, font, &places, label, obstacles);
    }
}

impl Moment {
    /// A dot and a drop line, with the label beside it.
    fn draw(
        &self,
        canvas: &mut Canvas,
        scale: Scale<'_>,
        labels: &mut u8,
        obstacles: &mut Obstacles,
    ) {
        let (x, y) = (scale.x(self.x), scale.y(self.y));
        let look = LineLook {
            color: ALARM,
            dash: &[2.0, 3.0],
            width: 1.0,
        };
        canvas.line(&[(x, y), (x, scale.plot.bottom())], look, "");
        canvas.dot((x, y), 4.5, self.color);
        let base = y + 22.0 + f64::from(*labels) * 19.0;
        // The key says it of all; more labels than this would hide the lines, and below a low
        // limit there is no room for any.
        if *labels == MOST_LABELS || base > scale.plot.bottom() - 6.0 {
            return;
        }
        self.draw_label(canvas, scale.plot, (x, y), obstacles);
        *labels += 1;
    }

    /// Right or left of it and below its limit; without the name where there is no room for it
    /// (the dot has its line's colour).
    fn draw_label(
        &self,
        canvas: &mut Canvas,
        plot: Rect,
        (x, y): Place,
        obstacles: &mut Obstacles,
    ) {
        const GAP: f64 = 9.0;
        let font = Font::new(13.0, ALARM).bold().halo();
        for text in &self.labels {
            let sides = sides(plot, text, font, x, GAP);
            let bases = (0..8).map(|row| y + 22.0 + f64::from(row) * 19.0);
            let bases: Vec<f64> = bases.filter(|base| base + 4.0 < plot.bottom()).collect();
            let places: Vec<Place> = sides
                .iter()
                .flat_map(|left| bases.iter().map(|base| (*left, *base)))
                .collect();
            if !places.is_empty() {
                draw_label(canvas, font, &places, text, obstacles);
                return;
            }
        }
    }
}

impl Note {
    /// A line from top to bottom with the text beside it.
    fn draw(&self, canvas: &mut Canvas, scale: Scale<'_>, obstacles: &mut Obstacles) {
        let font = Font::new(SMALL, INK).bold().halo();
        let (plot, x) = (scale.plot, scale.x(self.x));
        let look = LineLook {
            color: QUIET,
            dash: &[1.0, 3.0],
            width: 1.4,
        };
        canvas.line(&[(x, plot.top), (x, plot.bottom())], look, "");
        let sides = sides(plot, &self.text, font, x, 6.0);
        let rows = ((plot.height / 18.0) as u32).max(1);
        let places: Vec<Place> = (1..rows)
            .flat_map(|row| sides.iter().map(move |left| (*left, row)))
            .map(|(left, row)| (left, plot.bottom() - f64::from(row) * 18.0))
            .collect();
        draw_label(canvas, font, &places, &self.text, obstacles);
    }
}

/// Left ends of a text beside `x`, right of it and left of it, where it stays in the plot.
fn sides(plot: Rect, text: &str, font: Font, x: f64, gap: f64) -> Vec<f64> {
    let width = measure::width(text, font.size, font.bold);
    let fits = |left: &f64| *left >= plot.left && left + width <= plot.right();
    let sides = [x + gap, x - gap - width];
    sides.into_iter().filter(fits).collect()
}

/// Draws a label at the first of `places` (the left end of its base line) that is free.
fn draw_label(
    canvas: &mut Canvas,
    font: Font,
    places: &[Place],
    label: &str,
    obstacles: &mut Obstacles,
) {
    let width = measure::width(label, font.size, font.bold);
    let rects: Vec<Rect> = places
        .iter()
        .map(|(left, base)| Rect {
            left: *left,
            top: base - font.size,
            width,
            height: font.size * 1.25,
        })
        .collect();
    if let Some(place) = places.get(obstacles.choose(&rects)) {
        canvas.text(*place, font, label);
    }
}
