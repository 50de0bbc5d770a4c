//! What charts show of a table: a metric over one or two of the varied keys.
//!
//! The table is read once, row by row; what is kept is as large as the picture.

use crate::study::sweep::Identity;
use crate::study::vary::Values;
use crate::study::{Axis, Design, Metric, OfPart};
use crate::units::{FNV_1A_START, SimSpan, fnv_1a};
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::collections::BTreeMap;
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
    /// Of which part of the runs, as it is written; empty for all.
    pub(crate) aim: String,
    /// A title in the place of the metric's.
    pub(crate) question: Option<String>,
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
    /// Whether numbers of it differ along every axis along which any strategy's do: one that sets
    /// what is varied, or for which it means nothing, has no place on its axis.
    pub(crate) depends: bool,
}

/// The sum of the points of one place.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Cell {
    points: u32,
    value: f64,
    ends: Option<(f64, f64)>,
}

impl Cell {
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
    /// What is drawn, in words for a title.
    pub(crate) fn title(&self, labels: &Labels) -> String {
        self.titled(labels, &labels.units.seconds())
    }

    /// The same in this unit.
    pub(crate) fn titled(&self, labels: &Labels, unit: &str) -> String {
        let title = labels.metric(self.metric.name, self.metric.title, unit);
        match &*self.aim {
            "" => title,
            aim => format!("{title} {aim}"),
        }
    }

    /// The end of the names of its files and parts.
    pub(crate) fn slug(&self) -> String {
        let words = self.aim.split(|it: char| !it.is_ascii_alphanumeric());
        let words = words.filter(|it| !it.is_empty());
        core::iter::once(self.metric.name)
            .chain(words)
            .collect::<Vec<&str>>()
            .join("-")
    }

    /// The strategies that are not drawn, because nothing of theirs depends on what is varied.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = &str> {
        let panels = self.panels.iter().filter(|panel| !panel.depends);
        panels.map(|panel| panel.strategy.as_str())
    }

    /// Whether a picture of it says something: some strategy's values differ by a fifth or more
    /// from one place to another, or are there at some places only.
    pub(crate) fn is_telling(&self) -> bool {
        let differs = |panel: &Panel| {
            let values = || panel.cells.iter().filter_map(Cell::mean);
            let least = values().fold(f64::INFINITY, f64::min);
            let most = values().fold(f64::NEG_INFINITY, f64::max);
            let is_partial = (1..panel.cells.len()).contains(&values().count());
            is_partial || most - least > 0.2 * most.abs().max(least.abs())
        };
        self.panels
            .iter()
            .any(|panel| panel.depends && differs(panel))
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
    metrics: &[OfPart],
) -> std::io::Result<Vec<View>> {
    let invalid = |problem: String| std::io::Error::new(std::io::ErrorKind::InvalidData, problem);
    let design = identity.design().map_err(|it| invalid(it.to_string()))?;
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
        depends: false,
    };
    let mut views: Vec<View> = metrics
        .iter()
        .filter_map(|it| {
            Some(View {
                metric: it.metric,
                aim: it.aim.clone(),
                question: None,
                x: places.first()?.clone(),
                y: places.get(1).cloned(),
                panels: identity.strategies.iter().map(panel).collect(),
                averaged: averaged.clone(),
            })
        })
        .collect();
    let n_keys = design.axes().len();
    let mut reader = ::csv::Reader::from_reader(table);
    let header = reader.headers()?;
    let column = |of: &OfPart| {
        let found = header.iter().position(|it| it == of.name());
        found.ok_or_else(|| invalid(format!("it has no column `{}`", of.name())))
    };
    let columns: Vec<usize> = metrics.iter().map(column).collect::<Result<_, _>>()?;
    let mut row = ::csv::StringRecord::new();
    let mut number = 0;
    let mut dependence = Dependence::new(&design, &shown, identity.rows_per_point());
    while reader.read_record(&mut row)? {
        let strategy = number % identity.rows_per_point();
        number += 1;
        dependence.note(strategy, &row, n_keys);
        let place = |axis: usize| {
            let value = plain::of_cell(row.get(*shown.get(axis)?)?);
            places[axis].place(value)
        };
        let (Some(x), y) = (place(0), place(1).unwrap_or(0)) else {
            continue;
        };
        for (view, column) in views.iter_mut().zip(&columns) {
            let field = |offset: usize| row.get(column + offset)?.parse::<f64>().ok();
            if let Some(value) = field(0) {
                let ends = field(1).zip(field(2));
                view.panels[strategy].cells[y * width + x].add(value, ends);
            }
        }
    }
    for view in &mut views {
        for (index, panel) in view.panels.iter_mut().enumerate() {
            panel.depends = dependence.of(index);
        }
    }
    Ok(views)
}

/// Along which axes the numbers of each strategy differ.
struct Dependence {
    /// The keys that an axis of the picture shows; none where points are sampled: then no two of
    /// them differ in one key alone, and any difference counts.
    axes: Vec<usize>,
    /// What the first row says of those that differ from it along one axis only; both as digests,
    /// for a table may have millions of rows.
    first: BTreeMap<u64, u64>,
    /// For each strategy, whether its numbers differ along each axis.
    found: Vec<Vec<bool>>,
}

impl Dependence {
    fn new(design: &Design, shown: &[usize], strategies: usize) -> Dependence {
        let axes = match design.sample() {
            None => shown.to_vec(),
            Some(_) => Vec::new(),
        };
        Dependence {
            found: vec![vec![false; axes.len().max(1)]; strategies],
            axes,
            first: BTreeMap::new(),
        }
    }

    /// A row of a strategy, whose first `keys` fields are the point.
    fn note(&mut self, strategy: usize, row: &::csv::StringRecord, keys: usize) {
        let digest = |start: u64, fields: &mut dyn Iterator<Item = &str>| {
            fields.fold(start, |sum, field| {
                fnv_1a(fnv_1a(sum, field.as_bytes()), b"\n")
            })
        };
        let numbers = digest(FNV_1A_START, &mut row.iter().skip(keys + 1));
        for (place, differs) in self.found[strategy].iter_mut().enumerate() {
            let axis = self.axes.get(place);
            let start = fnv_1a(FNV_1A_START, &[place as u8]);
            let start = fnv_1a(start, &(strategy as u64).to_le_bytes());
            let others = row.iter().take(keys).enumerate();
            let mut others = others
                .filter(|(key, _)| axis.is_some_and(|axis| axis != key))
                .map(|(_, value)| value);
            let known = *self
                .first
                .entry(digest(start, &mut others))
                .or_insert(numbers);
            *differs |= known != numbers;
        }
    }

    /// Whether a strategy has a place in the picture. Where nothing depends on an axis, that is
    /// what there is to see.
    fn of(&self, strategy: usize) -> bool {
        let counts = |place: usize| self.found.iter().any(|it| it[place]);
        let own = self.found[strategy].iter().enumerate();
        own.clone()
            .all(|(place, differs)| *differs || !counts(place))
    }
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
                .map(|value| without_point(shown(value)))
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

/// A whole number without the `.0` that its column in a table has.
fn without_point(text: String) -> String {
    match text.strip_suffix(".0") {
        Some(whole) if whole.parse::<i64>().is_ok() => whole.into(),
        _ => text,
    }
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

    fn identity() -> Identity {
        Identity {
            spsim: String::new(),
            scenario: String::new(),
            typed: String::new(),
            changes: Vec::new(),
            metrics: Vec::new(),
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
        }
    }

    #[test]
    fn cells_average_what_no_axis_shows() {
        let identity = identity();
        let mut table = String::from("a,b,c,strategy,p_exhausted,l,h\n");
        for a in [1, 2] {
            for b in ["1s", "100ms"] {
                for (c, value) in [("x", 0.25), ("y", 0.75)] {
                    table += &format!("{a},{b},{c},s,{value},,\n");
                }
            }
        }
        let metric = Metric::find("p_exhausted").expect("a metric");
        let views = read(&identity, table.as_bytes(), &[OfPart::whole(metric)]).expect("ours");
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
        assert!(view.panels[0].depends, "on the key that is averaged");
        assert!(!view.is_telling(), "what differs is averaged");
    }

    #[test]
    fn a_strategy_that_sets_what_is_varied_is_not_drawn() {
        let identity = Identity {
            strategies: vec!["as is".into(), "sets a".into()],
            points: 2,
            vary: vec!["a=1,2".into()],
            ..identity()
        };
        let table = "a,strategy,p_exhausted,l,h\n1,as is,0.1,,\n1,sets a,0.5,,\n\
                     2,as is,0.9,,\n2,sets a,0.5,,\n";
        let metric = Metric::find("p_exhausted").expect("a metric");
        let views = read(&identity, table.as_bytes(), &[OfPart::whole(metric)]).expect("ours");
        let left_out: Vec<&str> = views[0].left_out().collect();
        assert_eq!(left_out, ["sets a"]);
        assert!(views[0].is_telling());
    }

    #[test]
    fn nor_on_a_map_of_which_it_sets_one_axis() {
        let identity = Identity {
            strategies: vec!["as is".into(), "sets b".into()],
            points: 4,
            vary: vec!["a=1,2".into(), "b=1,2".into()],
            ..identity()
        };
        let mut table = String::from("a,b,strategy,p_exhausted,l,h\n");
        for (a, b) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
            table += &format!("{a},{b},as is,0.{a}{b},,\n{a},{b},sets b,0.{a},,\n");
        }
        let metric = Metric::find("p_exhausted").expect("a metric");
        let views = read(&identity, table.as_bytes(), &[OfPart::whole(metric)]).expect("ours");
        let left_out: Vec<&str> = views[0].left_out().collect();
        assert_eq!(left_out, ["sets b"]);
    }
}
