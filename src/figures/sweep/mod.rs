//! Charts of a sweep: a metric over one key as lines, over two as heat maps.

pub(crate) mod view;

use self::view::{Cell, Panel, Places, View};
use crate::draw::axis::Axis;
use crate::draw::{self, Figure, GridPanel, GridPlot, Key, LinePanel, LinePlot, Look, Point};
use crate::draw::{Ramp, Series, Shape, Words, palette};
use crate::study::sweep::Identity;
use crate::words::labels::{ENGLISH, Labels};
use crate::words::number::Unit;
use crate::words::plain;

/// The chart of one metric.
pub(crate) fn plot(identity: &Identity, view: &View, look: &Look) -> Figure {
    match &view.y {
        None => Figure::Lines(lines(identity, view, look)),
        Some(y) => Figure::Grid(heat(identity, view, y, look)),
    }
}

/// How the values of a metric are shown: in which unit, and how many of it one of ours is.
struct Scale {
    factor: f64,
    unit: String,
    /// Whether a value is a share of one, in per cent.
    is_share: bool,
    /// What it means that there is no value.
    absent: String,
}

impl Scale {
    /// A scale that suits values up to `most`: five digits of seconds are hours.
    fn of(view: &View, most: f64, labels: &Labels) -> Scale {
        let name = view.metric.name;
        let is_share = name.ends_with("share") || name == "p_exhausted";
        let (factor, unit) = match name.ends_with("_s") {
            true if most >= 10_000.0 => (1.0 / 3_600.0, labels.unit(Unit::Hours)),
            true if most >= 600.0 => (1.0 / 60.0, labels.unit(Unit::Minutes)),
            true if most < 1.0 => (1e3, labels.unit(Unit::Milliseconds)),
            true => (1.0, labels.unit(Unit::Seconds)),
            false if is_share => (100.0, String::new()),
            false => (1.0, String::new()),
        };
        Scale {
            factor,
            unit,
            is_share,
            absent: match name {
                "exhausted_at_s" => labels.sweep.never(),
                // What failed counts as longer than every answer.
                "latency_p99_s" | "queue_p99_s" => labels.sweep.no_answer(),
                _ => labels.sweep.no_value(),
            },
        }
    }

    /// What is drawn, for a title and an axis.
    fn title(&self, view: &View, labels: &Labels) -> String {
        let title = view.titled(labels, &self.unit);
        if self.is_share {
            format!("{title} (%)")
        } else {
            title
        }
    }

    /// A value that is in this unit already, with it.
    fn text(&self, value: f64, labels: &Labels) -> String {
        match (self.is_share, self.unit.is_empty()) {
            (true, _) => labels.numbers.percent(&labels.short(value)),
            (false, true) => labels.short(value),
            (false, false) => format!("{} {}", labels.short(value), self.unit),
        }
    }
}

/// One sentence for whoever cannot see it.
pub(crate) fn alt(view: &View) -> String {
    let over = match &view.y {
        None => view.x.key.clone(),
        Some(y) => format!("{} and {}", view.x.key, y.key),
    };
    format!("{} over {over}, by strategy", view.title(&ENGLISH))
}

/// First and last value of every line, or how many cells are full, for whoever cannot see it.
pub(crate) fn told(view: &View) -> String {
    let scale = Scale::of(view, most(view), &ENGLISH);
    let value = |cell: Option<&Cell>| match cell.and_then(Cell::mean) {
        Some(value) => scale.text(value * scale.factor, &ENGLISH),
        None => scale.absent.clone(),
    };
    let ends = |panel: &&Panel| {
        let name = plain::short(&panel.strategy, 60);
        if view.y.is_some() {
            let full = panel
                .cells
                .iter()
                .filter_map(Cell::mean)
                .filter(|it| *it >= 1.0);
            return format!(
                "“{name}” full in {} of {} cells",
                full.count(),
                panel.cells.len()
            );
        }
        let (first, last) = (view.x.labels.first(), view.x.labels.last());
        format!(
            "“{name}” {} at {}, {} at {}",
            value(panel.cells.first()),
            first.map_or("", String::as_str),
            value(panel.cells.last()),
            last.map_or("", String::as_str)
        )
    };
    let drawn: Vec<&Panel> = view.panels.iter().filter(|it| it.depends).collect();
    let parts: Vec<String> = drawn.iter().map(ends).collect();
    format!("{}: {}", alt(view), parts.join("; "))
}

/// Lines, a line a strategy; bars where what varies is no number.
fn lines(identity: &Identity, view: &View, look: &Look) -> LinePlot {
    let labels = &look.labels;
    let title = plain::short(&view.x.key, 90);
    let names = view.x.labels.iter();
    let names: Vec<String> = names.map(|name| plain::short(name, 24)).collect();
    let numbers = view.x.numbers.as_deref();
    let numbered = numbers.and_then(|all| Axis::numbers(title.clone(), all, &names));
    let places = numbers.filter(|_| numbered.is_some());
    let is_log = numbered.as_ref().is_some_and(|axis| axis.is_log);
    let across = numbered.unwrap_or_else(|| Axis::places(title, &names));
    let scale = Scale::of(view, most(view), labels);
    let drawn = view
        .panels
        .iter()
        .enumerate()
        .filter(|(_, panel)| panel.depends);
    let drawn: Vec<(usize, &Panel)> = drawn.collect();
    let is_alone = drawn.len() == 1 && view.panels.len() > 1;
    let series = drawn.into_iter().map(|(index, panel)| Series {
        // Under a name that sets what the axis varies it would contradict the axis.
        name: if is_alone {
            labels.sweep.scenario()
        } else {
            plain::line(&panel.strategy)
        },
        ..series(index, panel, places, (&scale, labels))
    });
    let series: Vec<Series> = series.collect();
    let values = series
        .iter()
        .flat_map(|it| &it.points)
        .filter_map(|it| it.y);
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let ends = series
        .iter()
        .flat_map(|it| &it.points)
        .filter_map(|it| it.ends);
    let high = ends.map(|ends| ends.1).chain(values).fold(0.0, f64::max);
    let up = scale.title(view, labels);
    let spans_decades = is_log && least > 0.0 && high / least > 10.0;
    let up = match (look.y_range, spans_decades || look.is_log && least > 0.0) {
        (Some(range), is_log) => Axis::between(up, range, is_log, labels),
        (None, true) => Axis::logarithmic(up, (least, high), |at| labels.short(at)),
        (None, false) if scale.is_share && high > 20.0 => Axis::amounts(up, 100.0, labels),
        (None, false) => Axis::amounts(up, if high > 0.0 { high } else { 1.0 }, labels),
    };
    let mut missing = series.iter().flat_map(|it| &it.points).map(|it| it.y);
    let has_row = places.is_some() && missing.any(|it| it.is_none());
    let panel = LinePanel {
        absent: has_row.then(|| scale.absent.clone()),
        ..LinePanel::new(up, series)
    };
    LinePlot {
        key: look.key,
        ..LinePlot::new(
            format!("sweep-{}", view.slug()),
            words(identity, view, true, labels),
            across,
            vec![panel],
        )
    }
}

/// The largest value that is drawn.
fn most(view: &View) -> f64 {
    let cells = view
        .panels
        .iter()
        .filter(|it| it.depends)
        .flat_map(|panel| &panel.cells);
    cells.filter_map(Cell::mean).fold(0.0, f64::max)
}

fn series(
    index: usize,
    panel: &Panel,
    numbers: Option<&[f64]>,
    (scale, labels): (&Scale, &Labels),
) -> Series {
    let point = |(place, cell): (usize, &Cell)| Point {
        x: numbers.map_or(place as f64, |all| all[place]),
        y: cell.mean().map(|value| value * scale.factor),
        ends: cell
            .interval()
            .map(|(low, high)| (low * scale.factor, high * scale.factor)),
    };
    let mut points: Vec<Point> = panel.cells.iter().enumerate().map(point).collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x));
    let last = points.iter().rev().find_map(|it| it.y);
    let words = &labels.sweep;
    let (all, absent) = (
        points.len(),
        points.iter().filter(|it| it.y.is_none()).count(),
    );
    let detail = match (last, absent) {
        (None, _) => scale.absent.clone(),
        (Some(last), 0) => words.ends_at(&scale.text(last, labels)),
        (Some(_), some) => {
            let [some, all] = [some, all].map(|it| labels.count(it as f64));
            words.absent_at(&some, &all, &scale.absent)
        }
    };
    let key = Key {
        at: last.unwrap_or(0.0),
        detail,
        alert: None,
    };
    Series {
        name: plain::line(&panel.strategy),
        look: palette::line(index),
        shape: if numbers.is_some() {
            Shape::Marked
        } else {
            Shape::Bars
        },
        points,
        key: Some(key),
    }
}

/// Heat maps: one panel a strategy, one cell a pair of values.
fn heat(identity: &Identity, view: &View, y: &Places, look: &Look) -> GridPlot {
    let labels = &look.labels;
    let scale = Scale::of(view, most(view), labels);
    let text = |value: f64| labels.short(value);
    let cell = |cell: &Cell| match cell.mean().map(|value| value * scale.factor) {
        Some(value) => draw::Cell::Value(value, text(value)),
        None => draw::Cell::Empty,
    };
    let panel = |panel: &Panel| GridPanel {
        title: plain::short(&panel.strategy, 50),
        cells: panel.cells.iter().map(cell).collect(),
    };
    let places = |places: &Places, title: String| draw::Places {
        title,
        labels: places.labels.clone(),
    };
    let most = most(view) * scale.factor;
    let most = if scale.is_share && most > 20.0 || most <= 0.0 {
        100.0
    } else {
        most
    };
    let (low, high) = look.y_range.unwrap_or((0.0, most));
    GridPlot {
        id: format!("sweep-{}", view.slug()),
        words: words(identity, view, false, labels),
        across: places(&view.x, labels.sweep.across(&plain::short(&view.x.key, 70))),
        up: places(y, labels.sweep.up(&plain::short(&y.key, 70))),
        panels: view
            .panels
            .iter()
            .filter(|it| it.depends)
            .map(panel)
            .collect(),
        ramp: Some(Ramp {
            low: (low, scale.text(low, labels)),
            high: (high, scale.text(high, labels)),
        }),
        threshold: None,
    }
}

fn words(identity: &Identity, view: &View, is_shaded: bool, labels: &Labels) -> Words {
    Words {
        title: view.question.clone().unwrap_or_else(|| view.title(labels)),
        question: identity.title.clone(),
        caption: caption_of(identity, view, is_shaded, labels),
        description: alt(view),
    }
}

/// What the chart rests on and where it comes from, for below it.
pub(crate) fn caption(identity: &Identity, view: &View, labels: &Labels) -> String {
    caption_of(identity, view, false, labels)
}

fn caption_of(identity: &Identity, view: &View, is_shaded: bool, labels: &Labels) -> String {
    let words = &labels.sweep;
    let runs = labels.count(f64::from(identity.replications));
    let runs = match identity.replications {
        1 => words.one_run(),
        _ if is_shaded => words.several_runs_shaded(&runs),
        _ => words.several_runs(&runs),
    };
    let mut sentences = vec![words.points(&labels.count(identity.points as f64), &runs)];
    if !view.averaged.is_empty() {
        sentences.push(words.mean_over(&view.averaged.join(", ")));
    }
    let quoted = |name: &str| format!("“{}”", plain::short(name, 40));
    let left_out: Vec<String> = view.left_out().map(quoted).collect();
    if !left_out.is_empty() {
        sentences.push(words.not_drawn(&left_out.join(", ")));
    }
    if identity.sample.is_some() {
        sentences.push(words.mean_over_parts());
    }
    let scenario = plain::short(&identity.scenario, 60);
    let seed = identity.seed.to_string();
    let made = labels.caption.simulated(&identity.spsim, &scenario, &seed);
    sentences.push(format!("{made}."));
    sentences.join(" ")
}
