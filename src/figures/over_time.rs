//! What the charts of one number over time have in common: a line for each strategy, its limit,
//! the moment at which it runs out, and the low lines once more on an axis of their own.

use super::caption;
use crate::draw::axis::Axis;
use crate::draw::{Key, Limit, LinePanel, LinePlot, Look, Moment, Note, Point, Series, Shape};
use crate::draw::{Strip, Words, palette, steps};
use crate::findings::verdict::tightest;
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::plain;

/// Points of all lines together, so that a picture stays small whatever the horizon.
const POINT_BUDGET: usize = 4_000;
/// A limit this many times as high as every line would leave the plot empty: it is only said.
const FAR: f64 = 3.0;
/// Below this share of the axis a line cannot be told from the axis or from its neighbours.
const LOW: f64 = 0.06;
/// How many moments have their words in the lane; the key says it of the others.
const MOST_MOMENTS: usize = 3;

/// What a chart over time is about.
pub(crate) struct About<'a> {
    /// Begins the names of the picture's parts.
    pub(crate) id: String,
    /// What is written around it.
    pub(crate) words: Words,
    /// The length of the time axis.
    pub(crate) duration: SimSpan,
    /// The title of the other axis.
    pub(crate) axis: String,
    /// So much of it, with its unit.
    pub(crate) amount: &'a dyn Fn(f64) -> String,
    /// What stands at a limit.
    pub(crate) limit: &'a dyn Fn(f64) -> String,
    /// What happened when.
    pub(crate) notes: Vec<Note>,
    /// What was lost when.
    pub(crate) strip: Strip,
    /// Whether lines that are the same everywhere share one entry of the key.
    pub(crate) merges: bool,
}

/// A strategy's line.
#[derive(Clone)]
pub(crate) struct Line {
    /// The strategy's name.
    pub(crate) name: String,
    /// Its points.
    pub(crate) points: Vec<Point>,
    /// Its highest value, which samples may miss.
    pub(crate) peak: f64,
    /// What it is not to exceed.
    pub(crate) limit: Option<f64>,
    /// What the key says of it.
    pub(crate) detail: String,
    /// That a table of ports ran out, whichever it was.
    pub(crate) alert: Option<String>,
    /// When what the chart shows ran out, in seconds, and what is said of it.
    pub(crate) ran_out: Option<(f64, String)>,
}

/// What is written around a chart of a comparison.
pub(super) fn words(comparison: &Comparison, description: String, labels: &Labels) -> Words {
    Words {
        title: comparison.scenario.title.clone(),
        question: comparison.scenario.question.clone(),
        caption: caption::of(comparison, true, labels),
        description,
    }
}

/// The chart.
pub(crate) fn plot(about: About<'_>, lines: &[Line], look: &Look) -> LinePlot {
    let labels = &look.labels;
    let highest = lines.iter().map(|it| it.peak).fold(0.0, f64::max).max(1.0);
    let far = if look.no_zoom {
        f64::INFINITY
    } else {
        highest * FAR
    };
    let limits = lines
        .iter()
        .filter_map(|it| it.limit)
        .filter(|it| *it <= far);
    let top = limits.fold(highest, f64::max);
    let up = main_axis(about.axis, (lines, top), look);
    let is_low = |line: &Line| line.peak < top * LOW;
    let has_lens = !look.no_zoom && look.y_range.is_none() && !look.is_log;
    let low = lines
        .iter()
        .filter(|line| is_low(line))
        .map(|line| line.peak);
    // A line at zero all along is rightly on the axis.
    let lens = Some(low.fold(0.0, f64::max)).filter(|most| *most > 0.0 && has_lens);
    let (moments, told) = moments(lines, labels);
    let mut main = LinePanel {
        limits: limits_of(lines, about.limit, &up, labels),
        moments,
        ..LinePanel::new(up, Vec::new())
    };
    let mut low = Vec::new();
    for (index, names) in groups(lines, about.merges) {
        let line = &lines[index];
        let mut series = Series {
            name: plain::line(&names.join(", ")),
            look: palette::line(index),
            shape: Shape::Steps,
            points: line.points.clone(),
            key: Some(Key {
                at: line.peak,
                detail: line.detail.clone(),
                alert: line.alert.clone().filter(|_| !told.contains(&index)),
            }),
        };
        // The key stands where the line is best seen.
        if lens.is_some() && is_low(line) {
            low.push(series.clone());
            series.key = None;
        }
        main.series.push(series);
    }
    let mut panels = vec![main];
    if let Some(most) = lens {
        let mut up = Axis::counts(String::new(), most * 1.05, 4, labels);
        up.title = labels.lines.enlarged(&(about.amount)(up.high));
        panels.push(LinePanel {
            is_lens: true,
            ..LinePanel::new(up, low)
        });
    }
    LinePlot {
        notes: about.notes,
        strip: about.strip,
        key: look.key,
        ..LinePlot::new(
            about.id,
            about.words,
            time(about.duration, 8, labels),
            panels,
        )
    }
}

/// The axis of the main plot: the author's, or from 0 to the highest of what there is to see.
fn main_axis(title: String, (lines, top): (&[Line], f64), look: &Look) -> Axis {
    let labels = &look.labels;
    match (look.y_range, look.is_log) {
        (Some(range), is_log) => Axis::between(title, range, is_log, labels),
        (None, false) => Axis::counts(title, top, 6, labels),
        (None, true) => {
            let values = lines.iter().flat_map(|it| &it.points).filter_map(|it| it.y);
            let least = values.filter(|it| *it > 0.0).fold(top, f64::min);
            // What is below one port is an average of none.
            let least = least.max(1.0_f64.min(top / 10.0));
            Axis::logarithmic(title, (least, top), |at| labels.short(at))
        }
    }
}

/// The lines that are drawn: each with the names of all lines that are the same everywhere.
fn groups(lines: &[Line], merges: bool) -> Vec<(usize, Vec<&str>)> {
    let mut groups: Vec<(usize, Vec<&str>)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let same = groups
            .iter_mut()
            .find(|(known, _)| merges && is_same(&lines[*known], line));
        match same {
            Some((_, names)) => names.push(&line.name),
            None => groups.push((index, vec![&line.name])),
        }
    }
    groups
}

/// Whether two lines are drawn at the same place everywhere and said to be the same.
fn is_same(one: &Line, other: &Line) -> bool {
    let near = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-6,
        (None, None) => true,
        _ => false,
    };
    let told = |line: &Line| (line.detail.clone(), line.ran_out.clone());
    let pairs = one.points.iter().zip(&other.points);
    one.points.len() == other.points.len()
        && told(one) == told(other)
        && pairs
            .into_iter()
            .all(|(a, b)| near(a.y, b.y) && near(Some(a.x), Some(b.x)))
}

/// Every distinct limit; where there are several, each with the names of those it holds for.
fn limits_of(
    lines: &[Line],
    amount: &dyn Fn(f64) -> String,
    up: &Axis,
    labels: &Labels,
) -> Vec<Limit> {
    let mut limits: Vec<(f64, Vec<&str>)> = Vec::new();
    for line in lines {
        let Some(limit) = line.limit else { continue };
        let is_it = |(known, _): &&mut (f64, Vec<&str>)| known.total_cmp(&limit).is_eq();
        match limits.iter_mut().find(is_it) {
            Some((_, names)) => names.push(&line.name),
            None => limits.push((limit, vec![&line.name])),
        }
    }
    let has_several = limits.len() > 1;
    let limit = |(at, names): (f64, Vec<&str>)| {
        let mut label = if up.holds(at) {
            labels.lines.limit(&amount(at))
        } else {
            labels.lines.limit_outside(&amount(at))
        };
        if has_several {
            let names = plain::short(&names.join(", "), 60);
            label = labels.lines.of_some(&label, &names);
        }
        Limit { at, label }
    };
    limits.into_iter().map(limit).collect()
}

/// When each line ran out, with the time, and the lines of which the lane says it.
fn moments(lines: &[Line], labels: &Labels) -> (Vec<Moment>, Vec<usize>) {
    let mut moments: Vec<Moment> = Vec::new();
    let mut told = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((x, said)) = line.ran_out.clone() else {
            continue;
        };
        let name = plain::short(&line.name, 24);
        let mut label = String::new();
        if told.len() < MOST_MOMENTS {
            told.push(index);
            label = labels.lines.of_one(&said, &name);
        }
        let y = line.limit.unwrap_or(line.peak);
        moments.push(Moment {
            x,
            y,
            series: plain::line(&line.name),
            color: palette::line(index).color,
            label,
        });
    }
    (moments, told)
}

/// Simulated time, in at most `most` steps.
pub(crate) fn time(duration: SimSpan, most: u64, labels: &Labels) -> Axis {
    Axis::time(duration, most, labels, |unit| {
        labels.axes.simulated_time(unit)
    })
}

/// The points of a line that are worth drawing, where `lines` of them share the picture. A line
/// that goes up and down between samples is the mean of each stretch of time, in a band from the
/// lowest to the highest sample: joined, its samples would show a rhythm of their own.
pub(crate) fn points(
    rows: &[PortsRow],
    lines: usize,
    value: impl Fn(&PortsRow) -> f64,
    ends: impl Fn(&PortsRow) -> Option<(f64, f64)>,
) -> Vec<Point> {
    if is_restless(rows.iter().map(&value)) && rows.iter().all(|row| ends(row).is_none()) {
        return averaged(rows, value);
    }
    let buckets = (POINT_BUDGET / 2 / lines.max(1)).clamp(60, 300);
    let rows = steps::thinned(rows, buckets, &value);
    let point = |row: &PortsRow| Point {
        x: row.time.as_seconds(),
        y: Some(value(row)),
        ends: ends(row),
    };
    rows.iter().map(point).collect()
}

/// Over how many equal stretches of time a restless line is averaged.
const STRETCHES: usize = 100;

/// Whether a line turns so often that its samples cannot be told apart in a plot.
pub(super) fn is_restless(values: impl Iterator<Item = f64>) -> bool {
    let (mut count, mut turns) = (0, 0);
    let (mut before, mut went) = (None, 0.0);
    for value in values {
        count += 1;
        let goes = before.map_or(0.0, |before| value - before);
        if goes * went < 0.0 {
            turns += 1;
        }
        if goes != 0.0 {
            went = goes;
        }
        before = Some(value);
    }
    count > 2 * STRETCHES && turns * 8 > count
}

/// The mean of each stretch of time, with the lowest and the highest sample in it.
fn averaged(rows: &[PortsRow], value: impl Fn(&PortsRow) -> f64) -> Vec<Point> {
    let stretch = |index: usize| {
        let part = &rows[index * rows.len() / STRETCHES..(index + 1) * rows.len() / STRETCHES];
        let values = || part.iter().map(&value);
        let ends = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        );
        Point {
            x: part[0].time.as_seconds(),
            y: Some(values().sum::<f64>() / part.len() as f64),
            ends: Some(ends),
        }
    };
    let mut points: Vec<Point> = (0..STRETCHES).map(stretch).collect();
    let last = points.last().copied();
    let end = rows.last().zip(last).map(|(row, last)| Point {
        x: row.time.as_seconds(),
        ..last
    });
    points.extend(end);
    points
}

/// That a strategy ran out of ports, and when: at a moment, or in how many runs.
pub(super) fn alert(result: &StrategyResult, labels: &Labels) -> Option<String> {
    let (words, exhausted) = (&labels.lines, result.exhausted_count());
    if exhausted == 0 {
        return None;
    }
    let only = result.exhausted_at().filter(|_| result.runs.len() == 1);
    Some(match only.map(|at| labels.instant(at)) {
        Some(time) if tightest(result).is_local() => words.out_of_ports(&time),
        Some(time) => words.out_of_snat_ports(&time),
        None => {
            let runs = labels.runs(result.runs.len() as f64);
            words.exhausted_in(&labels.count(exhausted as f64), &runs)
        }
    })
}

/// When a strategy ran out of ports, in seconds, and what is said of it.
pub(super) fn ran_out(result: &StrategyResult, labels: &Labels) -> Option<(f64, String)> {
    let at = result.exhausted_at()?;
    let (words, time) = (&labels.lines, labels.instant(at));
    let said = match (tightest(result).is_local(), result.runs.len()) {
        (true, 1) => words.out_of_ports(&time),
        (true, _) => words.out_of_ports_median(&time),
        (false, _) => words.out_of_snat_ports(&time),
    };
    Some((at.as_seconds(), said))
}
