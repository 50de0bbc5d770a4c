//! What charts show of a table: a metric over one or two of the varied keys.
//!
//! The table is read once, row by row; what is kept is as large as the picture.

use crate::study::metric::METRICS;
use crate::study::sweep::Identity;
use crate::study::vary::Values;
use crate::study::{Axis, Design, Metric};
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use std::io::Read;

/// Most places along a key in a heat map.
const MOST_CELLS: usize = 40;

/// Most places along the key of a line chart.
const MOST_POINTS: usize = 400;

/// Most parts into which a sampled range is cut.
const MOST_PARTS: usize = 12;

/// One metric over the first one or two of the keys that vary.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) metric: &'static Metric,
    /// A title in the place of the metric's.
    pub(crate) title: Option<String>,
    pub(crate) x: Places,
    pub(crate) y: Option<Places>,
    pub(crate) panels: Vec<Panel>,
    /// Keys that neither axis shows: their points are averaged.
    pub(crate) averaged: Vec<String>,
}

/// One strategy's cells, row by row of `y`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Panel {
    pub(crate) strategy: String,
    pub(crate) cells: Vec<Cell>,
}

/// The sum of the points of one place.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Cell {
    points: u32,
    value: f64,
    ends: Option<(f64, f64)>,
}

impl Cell {
    fn of(value: f64) -> Cell {
        Cell {
            points: 1,
            value,
            ends: None,
        }
    }

    fn add(&mut self, value: f64, ends: Option<(f64, f64)>) {
        self.points += 1;
        self.value += value;
        self.ends = ends;
    }

    /// The mean over the points; `None` where none has a value.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.points > 0).then(|| self.value / f64::from(self.points))
    }

    /// The interval, where the cell is one point.
    pub(crate) fn interval(&self) -> Option<(f64, f64)> {
        self.ends.filter(|_| self.points == 1)
    }
}

/// The places along a key.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Places {
    pub(crate) key: String,
    /// What each is called.
    pub(crate) labels: Vec<String>,
    /// Where each is, where all are numbers or times (in seconds).
    pub(crate) numbers: Option<Vec<f64>>,
    /// Whether the numbers are times.
    pub(crate) are_times: bool,
    /// The place of each value, or the first value of each part.
    index: Index,
}

#[derive(Clone, PartialEq, Debug)]
enum Index {
    Values(BTreeMap<String, usize>),
    /// Upper ends of parts of a sampled range.
    Parts(Vec<f64>),
}

impl View {
    /// A map of values that are at hand: `rows` of each strategy has one row for each label of
    /// `y`, each with a value for each label of `x`.
    pub(crate) fn of_grid(
        metric: &'static Metric,
        x: (String, Vec<String>),
        y: (String, Vec<String>),
        rows: impl IntoIterator<Item = (String, Vec<Vec<f64>>)>,
    ) -> View {
        let places = |(key, labels): (String, Vec<String>)| Places {
            key,
            labels,
            numbers: None,
            are_times: false,
            index: Index::Values(BTreeMap::new()),
        };
        let panel = |(strategy, rows): (String, Vec<Vec<f64>>)| Panel {
            strategy,
            cells: rows.into_iter().flatten().map(Cell::of).collect(),
        };
        View {
            metric,
            title: None,
            x: places(x),
            y: Some(places(y)),
            panels: rows.into_iter().map(panel).collect(),
            averaged: Vec::new(),
        }
    }
}

impl View {
    /// What is drawn, in words for a title.
    pub(crate) fn title(&self, labels: &Labels) -> String {
        let title = self.title.clone();
        title.unwrap_or_else(|| labels.metric(self.metric.name, self.metric.title))
    }

    /// Whether any cell has a value.
    pub(crate) fn has_values(&self) -> bool {
        let mut cells = self.panels.iter().flat_map(|panel| &panel.cells);
        cells.any(|cell| cell.mean().is_some())
    }
}

/// Reads what the pictures of `metrics` need.
///
/// # Errors
/// The table cannot be read, or is none of ours.
pub(crate) fn read(
    identity: &Identity,
    table: impl Read,
    metrics: &[&'static Metric],
) -> std::io::Result<Vec<View>> {
    let invalid = |problem: String| std::io::Error::new(std::io::ErrorKind::InvalidData, problem);
    let design = identity.design().map_err(invalid)?;
    let shown = shown_axes(&design);
    let is_map = shown.len() > 1;
    // Some points in each cell: at four a cell, one in fifty is empty by chance.
    let cells = identity.points as f64 / 4.0;
    let cells = if is_map { cells.sqrt() } else { cells };
    let parts = (cells as usize).clamp(3, MOST_PARTS);
    let places: Vec<Places> = shown
        .iter()
        .map(|index| Places::new(&design.axes()[*index], is_map, parts))
        .collect();
    let averaged: Vec<String> = (0..design.axes().len())
        .filter(|index| !shown.contains(index))
        .filter(|index| design.axes()[*index].probes().len() > 1)
        .map(|index| design.axes()[index].key.clone())
        .collect();
    let (width, height) = (
        places.first().map_or(1, |it| it.labels.len()),
        places.get(1).map_or(1, |it| it.labels.len()),
    );
    let panel = |strategy: &String| Panel {
        strategy: strategy.clone(),
        cells: vec![Cell::default(); width * height],
    };
    let mut views: Vec<View> = metrics
        .iter()
        .filter_map(|metric| {
            Some(View {
                metric,
                title: None,
                x: places.first()?.clone(),
                y: places.get(1).cloned(),
                panels: identity.strategies.iter().map(panel).collect(),
                averaged: averaged.clone(),
            })
        })
        .collect();
    let n_keys = design.axes().len();
    let mut reader = ::csv::Reader::from_reader(table);
    let mut row = ::csv::StringRecord::new();
    let mut number = 0;
    while reader.read_record(&mut row)? {
        let strategy = number % identity.rows_per_point();
        number += 1;
        let place = |axis: usize| {
            let value = plain::of_cell(row.get(*shown.get(axis)?)?);
            places[axis].place(value)
        };
        let (Some(x), y) = (place(0), place(1).unwrap_or(0)) else {
            continue;
        };
        for view in &mut views {
            let column = n_keys + 1 + 3 * column_of(view.metric);
            let field = |offset: usize| row.get(column + offset)?.parse::<f64>().ok();
            if let Some(value) = field(0) {
                let ends = field(1).zip(field(2));
                view.panels[strategy].cells[y * width + x].add(value, ends);
            }
        }
    }
    Ok(views)
}

fn column_of(metric: &Metric) -> usize {
    let found = METRICS.iter().position(|it| it.name == metric.name);
    found.unwrap_or(0)
}

/// The first two keys that take more than one value; the first key where none does.
fn shown_axes(design: &Design) -> Vec<usize> {
    let all = 0..design.axes().len();
    let varies = |index: &usize| design.axes()[*index].probes().len() > 1;
    let found: Vec<usize> = all.filter(varies).take(2).collect();
    if found.is_empty() { vec![0] } else { found }
}

impl Places {
    fn new(axis: &Axis, is_map: bool, parts: usize) -> Places {
        match &axis.values {
            Values::List(values) => Places::of_list(&axis.key, values, is_map),
            Values::Range(range) => {
                let end = |part: usize| range.between(part as f64 / parts as f64);
                let center = |part: usize| range.between((part as f64 + 0.5) / parts as f64);
                let in_seconds = |text: &str| number_of(text).map(|(value, _)| value);
                let texts: Vec<String> = (0..parts).map(|part| range.text(center(part))).collect();
                let short = |text: &String| shortened(text);
                Places {
                    key: axis.key.clone(),
                    numbers: texts.iter().map(|text| in_seconds(text)).collect(),
                    labels: texts.iter().map(short).collect(),
                    are_times: range.unit().is_some(),
                    index: Index::Parts(
                        (1..=parts)
                            .filter_map(|part| in_seconds(&range.text(end(part))))
                            .collect(),
                    ),
                }
            }
        }
    }

    fn of_list(key: &str, values: &[String], is_map: bool) -> Places {
        let most = if is_map { MOST_CELLS } else { MOST_POINTS };
        let step = values.len().div_ceil(most).max(1);
        let index = values.iter().enumerate();
        let numbers: Option<Vec<(f64, bool)>> = values
            .iter()
            .step_by(step)
            .map(|value| number_of(value))
            .collect();
        // Where some are times and some are numbers, they have no common scale.
        let numbers = numbers.filter(|all| all.iter().all(|it| it.1 == all[0].1));
        Places {
            key: key.into(),
            labels: values
                .iter()
                .step_by(step)
                .map(|value| shown(value))
                .collect(),
            are_times: numbers.as_ref().is_some_and(|all| all[0].1),
            numbers: numbers.map(|all| all.into_iter().map(|it| it.0).collect()),
            index: Index::Values(index.map(|(at, value)| (shown(value), at / step)).collect()),
        }
    }

    fn place(&self, value: &str) -> Option<usize> {
        match &self.index {
            Index::Values(known) => known.get(value).copied(),
            Index::Parts(ends) => {
                let (number, _) = number_of(value)?;
                let last = ends.len() - 1;
                Some(ends.iter().position(|end| number <= *end).unwrap_or(last))
            }
        }
    }
}

/// A value without the quotes that TOML may need.
pub(crate) fn shown(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|it| it.strip_suffix('"'))
        .filter(|it| !it.contains(['"', '\\']));
    inner.unwrap_or(value).into()
}

/// A number, or a time in seconds, and whether it is a time.
fn number_of(text: &str) -> Option<(f64, bool)> {
    let text = text.trim_matches('"');
    let number = text.parse().ok().filter(|it: &f64| it.is_finite());
    let time = || SimSpan::parse(text).ok().map(|it| (it.as_seconds(), true));
    number.map(|it| (it, false)).or_else(time)
}

/// Three digits of a value between ends, for a label.
fn shortened(text: &str) -> String {
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    match number.parse::<f64>() {
        Ok(value) => format!("{}{unit}", crate::units::rounded(value, 3)),
        Err(_) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_average_what_no_axis_shows() {
        let identity = Identity {
            spsim: String::new(),
            scenario: String::new(),
            title: String::new(),
            digest: String::new(),
            seed: 1,
            replications: 1,
            strategies: vec!["s".into()],
            vary: vec!["a=1,2".into(), "b=1s,100ms".into(), "c=x,y".into()],
            sample: None,
            points: 8,
            shard: None,
            shards: 1,
        };
        let mut table = String::from("a,b,c,strategy,p_exhausted,l,h\n");
        for a in [1, 2] {
            for b in ["1s", "100ms"] {
                for (c, value) in [("x", 0.25), ("y", 0.75)] {
                    table += &format!("{a},{b},{c},s,{value},,\n");
                }
            }
        }
        let metric = Metric::find("p_exhausted").expect("a metric");
        let views = read(&identity, table.as_bytes(), &[metric]).expect("ours");
        let view = &views[0];
        assert_eq!(view.averaged, ["c"]);
        assert_eq!(view.x.numbers, Some(vec![1.0, 2.0]));
        let y = view.y.as_ref().expect("two keys");
        assert_eq!(
            (y.numbers.clone(), y.are_times),
            (Some(vec![1.0, 0.1]), true)
        );
        let means: Vec<Option<f64>> = view.panels[0].cells.iter().map(Cell::mean).collect();
        assert_eq!(means, [Some(0.5); 4]);
    }
}
