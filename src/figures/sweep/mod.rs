//! Charts of a sweep: a metric over one key as lines, over two as heat maps.

pub(crate) mod view;

use self::view::{Cell, Panel, Places, View};
use crate::draw::axis::Axis;
use crate::draw::{self, GridPanel, GridPlot, Key, LinePanel, LinePlot, Point, Ramp, Series};
use crate::draw::{Shape, Words, palette};
use crate::study::sweep::Identity;
use crate::words::labels::{ENGLISH, Labels};
use crate::words::plain;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The chart of one metric.
pub(crate) fn svg(identity: &Identity, view: &View, labels: &Labels) -> String {
    match &view.y {
        None => lines(identity, view, labels).svg(),
        Some(y) => heat(identity, view, y, labels).svg(),
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

/// Lines: a line a strategy.
fn lines(identity: &Identity, view: &View, labels: &Labels) -> LinePlot {
    let title = plain::short(&view.x.key, 90);
    let names = view.x.labels.iter();
    let names: Vec<String> = names.map(|name| plain::short(name, 24)).collect();
    let numbers = view.x.numbers.as_deref();
    let across = numbers.and_then(|all| Axis::numbers(title.clone(), all, &names));
    let panels = view.panels.iter().enumerate();
    let places = numbers.filter(|_| across.is_some());
    let series = panels.map(|(index, panel)| series(index, panel, places, labels));
    let series = series.collect();
    let up = Axis::amounts(view.title(labels), highest(view), labels);
    LinePlot {
        id: format!("sweep-{}", view.metric.name),
        words: words(identity, view, true, labels),
        across: across.unwrap_or_else(|| Axis::places(title, &names)),
        panels: vec![LinePanel::new(up, series)],
    }
}

/// The largest value that is drawn; all of it where shares are.
fn highest(view: &View) -> f64 {
    let cells = view.panels.iter().flat_map(|panel| &panel.cells);
    let ends = cells.filter_map(|cell| {
        let value = cell.mean()?;
        Some(cell.interval().map_or(value, |(_, high)| value.max(high)))
    });
    let most = ends.fold(0.0, f64::max);
    top(view, most)
}

/// Where a scale ends: a share is a share of one, whatever the largest is.
fn top(view: &View, most: f64) -> f64 {
    let is_share = view.metric.name.ends_with("share") || view.metric.name == "p_exhausted";
    if is_share || most <= 0.0 { 1.0 } else { most }
}

fn series(index: usize, panel: &Panel, numbers: Option<&[f64]>, labels: &Labels) -> Series {
    let point = |(place, cell): (usize, &Cell)| Point {
        x: numbers.map_or(place as f64, |all| all[place]),
        y: cell.mean(),
        ends: cell.interval(),
    };
    let mut points: Vec<Point> = panel.cells.iter().enumerate().map(point).collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x));
    let last = points.iter().rev().find_map(|it| it.y);
    let words = &labels.sweep;
    let key = Key {
        at: last.unwrap_or(0.0),
        detail: last.map_or_else(|| words.no_value(), |it| words.ends_at(&labels.short(it))),
        alert: None,
    };
    Series {
        name: plain::line(&panel.strategy),
        look: palette::line(index),
        shape: Shape::Marked,
        points,
        key: Some(key),
    }
}

/// Heat maps: one panel a strategy, one cell a pair of values.
fn heat(identity: &Identity, view: &View, y: &Places, labels: &Labels) -> GridPlot {
    let cell = |cell: &Cell| match cell.mean() {
        Some(value) => draw::Cell::Value(value, labels.short(value)),
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
    let cells = view.panels.iter().flat_map(|panel| &panel.cells);
    let high = cells.filter_map(Cell::mean).fold(0.0, f64::max);
    let high = top(view, high);
    GridPlot {
        id: format!("sweep-{}", view.metric.name),
        words: words(identity, view, false, labels),
        across: places(&view.x, labels.sweep.across(&plain::short(&view.x.key, 70))),
        up: places(y, labels.sweep.up(&plain::short(&y.key, 70))),
        panels: view.panels.iter().map(panel).collect(),
        ramp: Some(Ramp {
            low: (0.0, labels.short(0.0)),
            high: (high, labels.short(high)),
        }),
    }
}

fn words(identity: &Identity, view: &View, is_shaded: bool, labels: &Labels) -> Words {
    Words {
        title: view.title(labels),
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
    if identity.sample.is_some() {
        sentences.push(words.mean_over_parts());
    }
    let scenario = plain::short(&identity.scenario, 60);
    let seed = identity.seed.to_string();
    let made = labels.caption.simulated(&identity.spsim, &scenario, &seed);
    sentences.push(format!("{made}."));
    sentences.join(" ")
}
