//! What the charts of one number over time have in common: a line for each strategy, its limit,
//! the moment at which it runs out, and the low lines once more on an axis of their own.

use super::caption;
use crate::draw::axis::Axis;
use crate::draw::{Key, Limit, LinePanel, LinePlot, Moment, Point, Series, Shape, Words};
use crate::draw::{palette, steps, zoom};
use crate::findings::verdict::tightest;
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

/// Points of all lines together, so that a picture stays small whatever the horizon.
const POINT_BUDGET: usize = 4_000;

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
}

/// A strategy's line.
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
pub(crate) fn plot(about: About<'_>, lines: Vec<Line>, labels: &Labels) -> LinePlot {
    let tops = lines.iter().map(|it| it.limit.unwrap_or(0.0).max(it.peak));
    // Air above the highest line for its label.
    let top = tops.fold(1.0, f64::max) * 1.08;
    let lens = zoom::top(lines.iter().map(|it| it.peak), top);
    let mut main = LinePanel {
        limits: limits(&lines, about.limit, labels),
        moments: moments(&lines, labels),
        ..LinePanel::new(Axis::counts(about.axis, top, 6, labels), Vec::new())
    };
    let mut low = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let key = Key {
            at: line.peak,
            detail: line.detail,
            alert: line.alert,
        };
        let mut series = Series {
            name: plain::line(&line.name),
            look: palette::line(index),
            shape: Shape::Steps,
            points: line.points,
            key: Some(key),
        };
        // The key stands where the line is best seen.
        if lens.is_some() && zoom::is_low(line.peak, top) {
            low.push(series.clone());
            series.key = None;
        }
        main.series.push(series);
    }
    let mut panels = vec![main];
    if let Some(top) = lens {
        let title = labels.lines.enlarged(&(about.amount)(top));
        let up = Axis::counts(title, top, 4, labels);
        panels.push(LinePanel {
            is_lens: true,
            ..LinePanel::new(up, low)
        });
    }
    LinePlot {
        id: about.id,
        words: about.words,
        across: time(about.duration, 8, labels),
        panels,
    }
}

/// Every distinct limit; where there are several, each with the names of those it holds for.
fn limits(lines: &[Line], amount: &dyn Fn(f64) -> String, labels: &Labels) -> Vec<Limit> {
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
        let mut label = labels.lines.limit(&amount(at));
        if has_several {
            let names = plain::short(&names.join(", "), 36);
            label = labels.lines.of_some(&label, &names);
        }
        Limit { at, label }
    };
    limits.into_iter().map(limit).collect()
}

/// When each line ran out, with the time.
fn moments(lines: &[Line], labels: &Labels) -> Vec<Moment> {
    let moment = |(index, line): (usize, &Line)| {
        let (x, said) = line.ran_out.clone()?;
        let name = plain::short(&line.name, 24);
        Some(Moment {
            x,
            y: line.limit.unwrap_or(line.peak),
            series: plain::line(&line.name),
            color: palette::line(index).color,
            labels: [labels.lines.of_one(&said, &name), said],
        })
    };
    lines.iter().enumerate().filter_map(moment).collect()
}

/// Simulated time, in at most `most` steps.
pub(crate) fn time(duration: SimSpan, most: u64, labels: &Labels) -> Axis {
    Axis::time(duration, most, labels, |unit| {
        labels.axes.simulated_time(unit)
    })
}

/// The points of a line that are worth drawing, where `lines` of them share the picture.
pub(crate) fn points(
    rows: &[PortsRow],
    lines: usize,
    value: impl Fn(&PortsRow) -> f64,
    ends: impl Fn(&PortsRow) -> Option<(f64, f64)>,
) -> Vec<Point> {
    let buckets = (POINT_BUDGET / 2 / lines.max(1)).clamp(60, 300);
    let rows = steps::thinned(rows, buckets, &value);
    let point = |row: &PortsRow| Point {
        x: row.time.as_seconds(),
        y: Some(value(row)),
        ends: ends(row),
    };
    rows.iter().map(point).collect()
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
