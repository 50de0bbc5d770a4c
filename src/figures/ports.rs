//! `ports.svg`: port usage over time, every strategy, the limit, the moment of exhaustion.

use super::caption;
use crate::draw::axis::{self, Scale, TimeAxis};
use crate::draw::canvas::{Canvas, Font, Point, Rect};
use crate::draw::frame::{self, AxisParts, MARGIN, SMALL, WIDTH};
use crate::draw::key::{self, Entry};
use crate::draw::palette::{self, ALARM, INK, LENS, QUIET};
use crate::draw::place::Obstacles;
use crate::draw::{Annotation, Look};
use crate::draw::{measure, steps, zoom};
use crate::findings::{self, verdict};
use crate::record::Column::PortsInUse;
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::SimTime;
use crate::words::labels::Labels;
use crate::words::{number, plain};
use alloc::string::String;
use alloc::vec::Vec;

const KEY_WIDTH: f64 = 206.0;
const KEY_GAP: f64 = 14.0;
const MAIN_HEIGHT: f64 = 290.0;
const STRIP_HEIGHT: f64 = 104.0;
/// Between the plot and the enlarged strip: the strip's title.
const STRIP_GAP: f64 = 42.0;
/// How many strategies have their exhaustion labelled in the plot.
const MOST_LABELS: u8 = 3;
/// Points of all lines together, so that a picture stays small whatever the horizon.
const POINT_BUDGET: usize = 4_000;

/// One sentence for whoever cannot see the chart.
pub(crate) fn alt(comparison: &Comparison) -> String {
    format!(
        "Local ports in use over {} of simulated time under {}. {}.",
        number::span(comparison.scenario.duration),
        number::counted(comparison.strategies.len() as f64, "strategy", "strategies"),
        findings::of(comparison).headline
    )
}

/// What a chart of lines over time is about.
pub(crate) struct Subject {
    /// Begins the names of the picture's parts.
    name: &'static str,
    /// The title of the axis.
    axis: fn(&Labels) -> String,
    /// So much of it, with its unit.
    amount: fn(&Labels, f64) -> String,
    /// What the limit is a limit of, where it has a name beside its unit.
    limit: fn(&Labels, f64) -> String,
    /// What the key says of a line.
    detail: Detail,
}

/// What the key says of a line.
#[derive(Clone, Copy)]
enum Detail {
    /// Its highest point, and the limit.
    PeakOfLimit,
    /// Its highest point.
    Peak,
    /// Its last value: what became of it in the end.
    AtEnd,
}

/// Per cent of something.
fn percent(labels: &Labels, value: f64) -> String {
    labels.numbers.percent(&labels.count(value))
}

impl Subject {
    const PORTS: Subject = Subject {
        name: "ports",
        axis: |labels| labels.axes.ports(),
        amount: Labels::ports,
        limit: Labels::ports,
        detail: Detail::PeakOfLimit,
    };
    pub(crate) const SNAT: Subject = Subject {
        name: "snat",
        axis: |labels| labels.axes.snat(),
        amount: percent,
        limit: |labels, limit| labels.lines.snat_ports(&percent(labels, limit)),
        detail: Detail::Peak,
    };
    pub(crate) const ANSWERS: Subject = Subject {
        name: "answers",
        axis: |labels| labels.axes.answers(),
        amount: |labels, value| labels.numbers.per_second(&labels.count(value)),
        limit: Labels::count,
        detail: Detail::AtEnd,
    };
    pub(crate) const ADDRESSES: Subject = Subject {
        name: "addresses",
        axis: |labels| labels.axes.addresses(),
        amount: percent,
        limit: percent,
        detail: Detail::AtEnd,
    };
}

/// The chart, with the author's marks.
pub(crate) fn svg(comparison: &Comparison, look: &Look) -> String {
    let description = description(comparison);
    let content = (&Subject::PORTS, look.annotations.as_slice());
    drawn(comparison, content, &description, &look.labels)
}

/// The chart of what the comparison's ports stand for; a limit of 0 is none.
pub(crate) fn svg_of(
    comparison: &Comparison,
    subject: &Subject,
    description: &str,
    labels: &Labels,
) -> String {
    drawn(comparison, (subject, &[]), description, labels)
}

fn drawn(
    comparison: &Comparison,
    (subject, annotated): (&Subject, &[Annotation]),
    description: &str,
    labels: &Labels,
) -> String {
    let frame = caption::frame(comparison, &comparison.scenario.title, true, labels);
    let mut entries: Vec<Entry> = comparison
        .strategies
        .iter()
        .enumerate()
        .map(|place| entry(place, subject, labels))
        .collect();
    let layout = Layout::new(comparison, frame.head(), key::height(&entries), labels);
    for (entry, result) in entries.iter_mut().zip(&comparison.strategies) {
        entry.wishes(layout.height_of(peak(result)));
    }
    let bottom = layout.bottom();
    let foot_top = bottom.scale.plot.bottom() + 40.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot(), labels);
    let time = axis::time(comparison.scenario.duration, 8, labels);
    let content = (subject, annotated);
    draw_main(&mut canvas, comparison, content, (&layout, &time));
    if layout.strip.is_some() {
        draw_strip(&mut canvas, comparison, subject, (&layout, &time));
    }
    frame::time_title(&mut canvas, bottom.scale, &time);
    let key_left = layout.main.scale.plot.right() + KEY_GAP;
    let key_top = layout.main.scale.plot.top;
    key::draw(
        &mut canvas,
        &entries,
        key_left,
        key_top,
        bottom.scale.plot.bottom() + 12.0,
    );
    frame.draw(&mut canvas, foot_top);
    canvas.finish(subject.name, &comparison.scenario.title, description)
}

/// A plot with its scale.
#[derive(Clone, Copy)]
struct Panel {
    scale: Scale,
}

struct Layout {
    main: Panel,
    strip: Option<Panel>,
}

impl Layout {
    fn new(comparison: &Comparison, head: f64, key_height: f64, labels: &Labels) -> Layout {
        let limits = comparison
            .strategies
            .iter()
            .map(|one| verdict::limit(one) as f64);
        let peaks = comparison.strategies.iter().map(peak);
        // Air above the highest line for its label.
        let top = limits.chain(peaks.clone()).fold(1.0, f64::max) * 1.08;
        let strip_top = zoom::top(peaks, top);
        let left = MARGIN + frame::axis_width(top, labels);
        let width = WIDTH - MARGIN - KEY_WIDTH - KEY_GAP - left;
        let seconds = comparison.scenario.duration.as_seconds().max(1e-9);
        let below = strip_top.map_or(0.0, |_| STRIP_GAP + STRIP_HEIGHT);
        let panel = |top, height, ports| Panel {
            scale: Scale {
                plot: Rect {
                    left,
                    top,
                    width,
                    height,
                },
                seconds,
                ports,
            },
        };
        let main_top = head + 18.0;
        let main_height = MAIN_HEIGHT.max(key_height - below);
        Layout {
            main: panel(main_top, main_height, top),
            strip: strip_top
                .map(|ports| panel(main_top + main_height + STRIP_GAP, STRIP_HEIGHT, ports)),
        }
    }

    /// The panel that carries the time axis.
    fn bottom(&self) -> Panel {
        self.strip.unwrap_or(self.main)
    }

    /// Where a line with this peak is best seen.
    fn height_of(&self, peak: f64) -> f64 {
        match self.strip {
            Some(strip) if zoom::is_low(peak, self.main.scale.ports) => strip.scale.y(peak),
            _ => self.main.scale.y(peak),
        }
    }
}

/// The highest of a line and of the peak that the summary reports: samples may miss the latter.
fn peak(result: &StrategyResult) -> f64 {
    let rows = result.rows.iter().map(|row| row.values[PortsInUse]);
    rows.fold(verdict::peak(result) as f64, f64::max)
}

fn entry((index, result): (usize, &StrategyResult), subject: &Subject, labels: &Labels) -> Entry {
    let peak = verdict::peak(result) as f64;
    let words = &labels.lines;
    let detail = match subject.detail {
        Detail::PeakOfLimit => {
            let limit = labels.count(verdict::limit(result) as f64);
            words.peak_of_limit(&labels.count(peak), &limit)
        }
        Detail::Peak => words.peak(&(subject.amount)(labels, peak)),
        Detail::AtEnd => {
            let last = result.rows.last().map_or(0.0, |row| row.values[PortsInUse]);
            words.at_end(&(subject.amount)(labels, last))
        }
    };
    let exhausted = result.exhausted_count();
    let alert = (exhausted > 0).then(|| match result.exhausted_at() {
        Some(at) if result.runs.len() == 1 => {
            let time = labels.instant(at);
            if verdict::tightest(result).is_local() {
                words.out_of_ports(&time)
            } else {
                words.out_of_snat_ports(&time)
            }
        }
        _ => {
            let runs = labels.runs(result.runs.len() as f64);
            labels
                .lines
                .exhausted_in(&labels.count(exhausted as f64), &runs)
        }
    });
    let name = plain::line(&result.name);
    Entry::new(palette::line(index), &name, detail, alert, KEY_WIDTH)
}

fn draw_main(
    canvas: &mut Canvas,
    comparison: &Comparison,
    (subject, annotated): (&Subject, &[Annotation]),
    (layout, time): (&Layout, &TimeAxis),
) {
    let scale = layout.main.scale;
    let parts = AxisParts {
        up_labels: true,
        time_labels: layout.strip.is_none(),
        up_steps: 6,
    };
    frame::axes(canvas, scale, time, parts);
    frame::axis_title(canvas, scale.plot, &(subject.axis)(canvas.labels()));
    for (index, result) in comparison.strategies.iter().enumerate() {
        band(canvas, scale, comparison, (index, result));
    }
    let mut obstacles = obstacles(scale, comparison, annotated);
    limits(canvas, scale, (comparison, subject), &mut obstacles);
    // The first strategy is the one people come with: it is drawn last, on top.
    for (index, result) in comparison.strategies.iter().enumerate().rev() {
        series(canvas, scale, comparison, (index, result));
    }
    exhaustions(canvas, scale, comparison, &mut obstacles);
    annotations(canvas, scale, annotated, &mut obstacles);
}

/// Every line of the plot, as what labels must not cover.
fn obstacles(scale: Scale, comparison: &Comparison, annotated: &[Annotation]) -> Obstacles {
    let mut obstacles = Obstacles::default();
    let buckets = buckets(comparison.strategies.len());
    for result in &comparison.strategies {
        let rows = steps::thinned(&result.rows, buckets, |row| row.values[PortsInUse]);
        obstacles.line(&points(scale, &rows, |row| row.values[PortsInUse]));
        let y = scale.y(verdict::limit(result) as f64);
        obstacles.line(&[(scale.plot.left, y), (scale.plot.right(), y)]);
        if let Some(at) = exhausted_at(result) {
            let x = scale.x(at.as_seconds());
            obstacles.line(&[(x, y), (x, scale.plot.bottom())]);
        }
    }
    for mark in annotated {
        let x = scale.x(mark.at.as_seconds());
        obstacles.line(&[(x, scale.plot.top), (x, scale.plot.bottom())]);
    }
    obstacles
}

/// The low lines again, on an axis of their own.
fn draw_strip(
    canvas: &mut Canvas,
    comparison: &Comparison,
    subject: &Subject,
    (layout, time): (&Layout, &TimeAxis),
) {
    let Some(Panel { scale }) = layout.strip else {
        return;
    };
    canvas.rect(scale.plot, LENS);
    let parts = AxisParts {
        up_labels: true,
        time_labels: true,
        up_steps: 4,
    };
    frame::axes(canvas, scale, time, parts);
    let labels = canvas.labels();
    let top = (subject.amount)(labels, scale.ports);
    frame::axis_title(canvas, scale.plot, &labels.lines.enlarged(&top));
    let is_low = |result: &StrategyResult| zoom::is_low(peak(result), layout.main.scale.ports);
    for (index, result) in comparison.strategies.iter().enumerate() {
        if is_low(result) {
            band(canvas, scale, comparison, (index, result));
        }
    }
    for (index, result) in comparison.strategies.iter().enumerate().rev() {
        if is_low(result) {
            series(canvas, scale, comparison, (index, result));
        }
    }
}

fn points(scale: Scale, rows: &[PortsRow], value: impl Fn(&PortsRow) -> f64) -> Vec<Point> {
    let corner = |row: &PortsRow| (scale.x(row.time.as_seconds()), scale.y(value(row)));
    steps::corners(rows.iter().map(corner))
}

fn buckets(strategies: usize) -> usize {
    (POINT_BUDGET / 2 / strategies.max(1)).clamp(60, 300)
}

fn series(
    canvas: &mut Canvas,
    scale: Scale,
    comparison: &Comparison,
    (index, result): (usize, &StrategyResult),
) {
    let buckets = buckets(comparison.strategies.len());
    let rows = steps::thinned(&result.rows, buckets, |row| row.values[PortsInUse]);
    let line = points(scale, &rows, |row| row.values[PortsInUse]);
    canvas.line(&line, palette::line(index), &result.name);
}

/// The 95 % interval over replications, where there is one.
fn band(
    canvas: &mut Canvas,
    scale: Scale,
    comparison: &Comparison,
    (index, result): (usize, &StrategyResult),
) {
    let buckets = buckets(comparison.strategies.len());
    let rows = steps::thinned(&result.rows, buckets, |row| row.values[PortsInUse]);
    if rows.is_empty() || rows.iter().any(|row| row.ports_in_use.is_none()) {
        return;
    }
    let end = |row: &PortsRow, high: bool| {
        let interval = row
            .ports_in_use
            .map_or((0.0, 0.0), |ends| (ends.low, ends.high));
        // An interval of a mean may reach beyond what is possible; the plot does not.
        let value = if high { interval.1 } else { interval.0 };
        value.clamp(0.0, scale.ports)
    };
    let mut outline = points(scale, &rows, |row| end(row, true));
    let lower = points(scale, &rows, |row| end(row, false));
    outline.extend(lower.into_iter().rev());
    canvas.area(&outline, palette::line(index).color, 0.15);
}

/// Every distinct limit as a labelled line.
fn limits(
    canvas: &mut Canvas,
    scale: Scale,
    (comparison, subject): (&Comparison, &Subject),
    obstacles: &mut Obstacles,
) {
    let mut limits: Vec<(u64, Vec<&str>)> = Vec::new();
    for result in &comparison.strategies {
        let limit = verdict::limit(result);
        if limit == 0 {
            continue;
        }
        match limits.iter_mut().find(|(known, _)| *known == limit) {
            Some((_, names)) => names.push(&result.name),
            None => limits.push((limit, vec![&result.name])),
        }
    }
    let several = limits.len() > 1;
    // All lines below all labels: two limits may lie closer together than a label is high.
    for (limit, _) in &limits {
        frame::limit_line(canvas, scale, *limit as f64);
    }
    for (limit, names) in &limits {
        let labels = canvas.labels();
        let mut label = labels.lines.limit(&(subject.limit)(labels, *limit as f64));
        if several {
            let names = plain::short(&names.join(", "), 36);
            label = labels.lines.of_some(&label, &names);
        }
        limit_label(canvas, scale, *limit as f64, &label, obstacles);
    }
}

/// Above its line or below, from left to right, where it covers no other line.
fn limit_label(
    canvas: &mut Canvas,
    scale: Scale,
    limit: f64,
    label: &str,
    obstacles: &mut Obstacles,
) {
    let font = Font::new(SMALL, ALARM).bold().halo();
    let plot = scale.plot;
    let label = &measure::fitted(label, font.size, font.bold, plot.width - 16.0);
    let room = plot.width - 16.0 - measure::width(label, font.size, font.bold);
    let line = scale.y(limit);
    let places: Vec<Point> = [line - 8.0, line + 17.0]
        .into_iter()
        .flat_map(|base| (0..=8).map(move |step| (step, base)))
        .map(|(step, base)| (plot.left + 8.0 + room * f64::from(step) / 8.0, base))
        .filter(|(_, base)| base - font.size > plot.top - 14.0)
        .collect();
    draw_label(canvas, font, &places, label, obstacles);
}

/// Draws a label at the first of `places` (the left end of its base line) that is free.
fn draw_label(
    canvas: &mut Canvas,
    font: Font,
    places: &[Point],
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

/// When the ports that are drawn ran out: where those of a NAT did, these did not.
fn exhausted_at(result: &StrategyResult) -> Option<SimTime> {
    let at = result.exhausted_at();
    at.filter(|_| verdict::tightest(result).is_local())
}

/// A dot and a drop line where a strategy ran out, with the time.
fn exhaustions(
    canvas: &mut Canvas,
    scale: Scale,
    comparison: &Comparison,
    obstacles: &mut Obstacles,
) {
    let mut labels = 0_u8;
    for (index, result) in comparison.strategies.iter().enumerate() {
        let Some(at) = exhausted_at(result) else {
            continue;
        };
        let x = scale.x(at.as_seconds());
        let y = scale.y(verdict::limit(result) as f64);
        let look = palette::LineLook {
            color: ALARM,
            dash: &[2.0, 3.0],
            width: 1.0,
        };
        canvas.line(&[(x, y), (x, scale.plot.bottom())], look, "");
        canvas.dot((x, y), 4.5, palette::line(index).color);
        let base = y + 22.0 + f64::from(labels) * 19.0;
        // The key says it of all; more labels than this would hide the lines, and below a low
        // limit there is no room for any.
        if labels == MOST_LABELS || base > scale.plot.bottom() - 6.0 {
            continue;
        }
        let words = &canvas.labels().lines;
        let time = canvas.labels().instant(at);
        let moment = if result.runs.len() > 1 {
            words.out_of_ports_median(&time)
        } else {
            words.out_of_ports(&time)
        };
        let named = words.of_one(&moment, &plain::short(&result.name, 24));
        exhaustion_label(canvas, scale, (x, y), [&named, &moment], obstacles);
        labels += 1;
    }
}

/// Beside its moment, right or left of it and below the full table, the name left out where
/// there is no room for it (the dot has its strategy's colour).
fn exhaustion_label(
    canvas: &mut Canvas,
    scale: Scale,
    (x, y): Point,
    texts: [&str; 2],
    obstacles: &mut Obstacles,
) {
    const GAP: f64 = 9.0;
    let font = Font::new(13.0, ALARM).bold().halo();
    let plot = scale.plot;
    for text in texts {
        let width = measure::width(text, font.size, font.bold);
        let fits = |left: &f64| *left >= plot.left && left + width <= plot.right();
        let bases = (0..8).map(|row| y + 22.0 + f64::from(row) * 19.0);
        let bases: Vec<f64> = bases.filter(|base| base + 4.0 < plot.bottom()).collect();
        let sides: Vec<f64> = [x + GAP, x - GAP - width]
            .into_iter()
            .filter(fits)
            .collect();
        let places: Vec<Point> = sides
            .iter()
            .flat_map(|left| bases.iter().map(|base| (*left, *base)))
            .collect();
        if !places.is_empty() {
            draw_label(canvas, font, &places, text, obstacles);
            return;
        }
    }
}

/// The author's own marks: a line at each instant, with the text beside it.
fn annotations(
    canvas: &mut Canvas,
    scale: Scale,
    annotated: &[Annotation],
    obstacles: &mut Obstacles,
) {
    let font = Font::new(SMALL, INK).bold().halo();
    let plot = scale.plot;
    for Annotation { at, text } in annotated {
        let x = scale.x(at.as_seconds());
        if x > plot.right() {
            continue;
        }
        let text = plain::short(text, 60);
        let look = palette::LineLook {
            color: QUIET,
            dash: &[1.0, 3.0],
            width: 1.4,
        };
        canvas.line(&[(x, plot.top), (x, plot.bottom())], look, "");
        let width = measure::width(&text, font.size, font.bold);
        let sides = [x + 6.0, x - 6.0 - width];
        let fits = |left: &f64| *left >= plot.left && left + width <= plot.right();
        let sides: Vec<f64> = sides.into_iter().filter(fits).collect();
        let rows = ((plot.height / 18.0) as u32).max(1);
        let places: Vec<Point> = (1..rows)
            .flat_map(|row| sides.iter().map(move |left| (*left, row)))
            .map(|(left, row)| (left, plot.bottom() - f64::from(row) * 18.0))
            .collect();
        draw_label(canvas, font, &places, &text, obstacles);
    }
}

fn description(comparison: &Comparison) -> String {
    let found = findings::of(comparison);
    format!("{} {}.", alt(comparison), found.sentences.join(". "))
}
