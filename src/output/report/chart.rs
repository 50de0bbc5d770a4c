//! The charts of the page: plain SVG whose colours and text sizes are the page's style, so that
//! they follow light and dark and stay legible on a small screen.

use super::results::{Results, Strategy};
use crate::draw::{axis, steps};
use crate::record::Column::{self, PortsInUse};
use crate::study::PortsRow;
use crate::units::SimSpan;
use crate::words::labels::ENGLISH;
use crate::words::number;
use crate::words::plain::xml;
use alloc::string::String;
use alloc::vec::Vec;

/// Points of all lines of a chart together.
const POINT_BUDGET: usize = 3_000;

/// The states in the order of their stack: class, column of `ports.csv`.
pub(super) const STACK: [(&str, Column); 5] = [
    ("busy", Column::Busy),
    ("idle", Column::Idle),
    ("time_wait", Column::TimeWait),
    ("close_wait", Column::CloseWait),
    ("connecting", Column::Connecting),
];

/// Where a chart's plot lies in its own units, and what its axes reach.
#[derive(Clone, Copy)]
struct Plot {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    seconds: f64,
    ports: f64,
}

impl Plot {
    fn x(self, seconds: f64) -> f64 {
        self.left + seconds / self.seconds * (self.width - self.left - self.right)
    }

    fn y(self, ports: f64) -> f64 {
        self.height - self.bottom - ports / self.ports * (self.height - self.top - self.bottom)
    }
}

/// The highest of all limits and peaks, with some air.
fn top_of(results: &Results) -> f64 {
    let strategies = results.summary.strategies.iter();
    let highest = strategies.map(|it| it.ports.limit.max(it.ports.peak));
    let rows = results
        .series
        .iter()
        .flatten()
        .map(|row| row.values[PortsInUse]);
    highest.chain(rows).fold(1.0, f64::max) * 1.08
}

fn duration(results: &Results) -> f64 {
    results.summary.duration_s.max(1e-9)
}

/// All strategies' ports over time.
pub(super) fn lines(results: &Results, id: &str) -> String {
    let plot = Plot {
        width: 640.0,
        height: 300.0,
        left: 76.0,
        right: 12.0,
        top: 26.0,
        bottom: 50.0,
        seconds: duration(results),
        ports: top_of(results),
    };
    let summary = &results.summary;
    let mut svg = open(
        plot,
        id,
        "Local ports in use over time",
        &summary.findings.headline,
    );
    svg += &axes(plot, results, 8, true);
    let mut limits: Vec<f64> = summary.strategies.iter().map(|it| it.ports.limit).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    for limit in limits {
        let y = plot.y(limit);
        let (left, right) = (plot.left, plot.width - plot.right);
        svg += &format!(
            "<path class=\"limit\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>\n\
             <text class=\"alarm\" x=\"{:.1}\" y=\"{:.1}\">limit {}</text>\n",
            left + 6.0,
            y - 5.0,
            number::count(limit)
        );
    }
    let buckets = (POINT_BUDGET / 2 / summary.strategies.len().max(1)).clamp(40, 300);
    for (index, rows) in results.series.iter().enumerate().rev() {
        let rows = steps::thinned(rows, buckets, |row| row.values[PortsInUse]);
        let path = path_of(plot, &rows, |row| row.values[PortsInUse]);
        svg += &format!(
            "<path class=\"series s{}\" data-strategy=\"{index}\" d=\"{path}\"/>\n",
            index % 8
        );
    }
    for (index, strategy) in summary.strategies.iter().enumerate() {
        if let Some(at) = strategy.exhausted_at_s {
            svg += &format!(
                "<circle class=\"dot s{}\" data-strategy=\"{index}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\"/>\n",
                index % 8,
                plot.x(at),
                plot.y(strategy.ports.limit)
            );
        }
    }
    svg + &cursor(plot) + "</svg>\n"
}

/// One strategy's ports, stacked by state.
pub(super) fn stack(results: &Results, index: usize, id: &str) -> String {
    let strategy = &results.summary.strategies[index];
    let plot = Plot {
        width: 420.0,
        height: 210.0,
        left: 52.0,
        right: 12.0,
        top: 10.0,
        bottom: 48.0,
        seconds: duration(results),
        ports: stack_top(strategy),
    };
    let title = format!("Ports by state: {}", strategy.name);
    let mut svg = open(plot, id, &title, &peak_make_up(&results.series[index]));
    svg += &axes(plot, results, 5, false);
    let strategies = results.series.len().max(1);
    let buckets = (POINT_BUDGET / 2 / strategies / 2).clamp(40, 200);
    let rows = steps::thinned(&results.series[index], buckets, |row| {
        row.values[PortsInUse]
    });
    for top in (0..STACK.len()).rev() {
        let (class, column) = STACK[top];
        if rows.iter().all(|row| row.values[column] <= 0.0) {
            continue;
        }
        let sum = |row: &PortsRow| STACK[..=top].iter().map(|(_, it)| row.values[*it]).sum();
        let path = path_of(plot, &rows, sum);
        let base = plot.y(0.0);
        let right = rows
            .last()
            .map_or(plot.left, |row| plot.x(row.time.as_seconds()));
        svg += &format!(
            "<path class=\"state {class}\" d=\"{path}L{right:.1} {base:.1}H{:.1}Z\"/>\n",
            plot.left
        );
    }
    if strategy.ports.limit <= plot.ports {
        let y = plot.y(strategy.ports.limit);
        let (left, right) = (plot.left, plot.width - plot.right);
        svg += &format!("<path class=\"limit\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>\n");
    }
    svg + &cursor(plot) + "</svg>\n"
}

/// The top of a panel: above the limit, unless next to nothing of it would be filled.
fn stack_top(strategy: &Strategy) -> f64 {
    if is_enlarged(strategy) {
        axis::round_up(peak(strategy))
    } else {
        strategy.ports.limit.max(peak(strategy)).max(1.0) * 1.06
    }
}

/// Whether a strategy's panel has an axis of its own, far below the limit.
pub(super) fn is_enlarged(strategy: &Strategy) -> bool {
    peak(strategy) < strategy.ports.limit * 0.1
}

/// The largest peak of any run.
pub(super) fn peak(strategy: &Strategy) -> f64 {
    strategy.ports.peak_max.unwrap_or(strategy.ports.peak)
}

/// What the ports are doing when most are taken, in words.
fn peak_make_up(rows: &[PortsRow]) -> String {
    let highest = |one: PortsRow, other: PortsRow| {
        if other.values[PortsInUse] > one.values[PortsInUse] {
            other
        } else {
            one
        }
    };
    let Some(row) = rows.iter().copied().reduce(highest) else {
        return "No samples.".into();
    };
    let parts: Vec<String> = STACK
        .iter()
        .filter(|(_, column)| row.values[*column] >= 0.5)
        .map(|(name, column)| format!("{} {name}", number::count(row.values[*column])))
        .collect();
    if parts.is_empty() {
        return "No port is in use.".into();
    }
    format!("At the highest sample: {}.", parts.join(", "))
}

fn open(plot: Plot, id: &str, title: &str, description: &str) -> String {
    let Plot { width, height, .. } = plot;
    let (right, bottom) = (width - plot.right, height - plot.bottom);
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\" data-left=\"{}\" data-right=\"{right}\" \
         data-top=\"{}\" data-bottom=\"{bottom}\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        plot.left,
        plot.top,
        xml(title),
        xml(description)
    )
}

fn axes(plot: Plot, results: &Results, most: u64, titled: bool) -> String {
    let mut svg = String::new();
    let right = plot.width - plot.right;
    for tick in axis::counts(plot.ports, 5, &ENGLISH) {
        let y = plot.y(tick.at);
        svg += &format!(
            "<path class=\"grid\" d=\"M{:.1} {y:.1}H{right:.1}\"/>\n\
             <text class=\"tick\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            plot.left,
            plot.left - 7.0,
            y + 4.0,
            tick.label
        );
    }
    let base = plot.y(0.0);
    let time = axis::time(
        SimSpan::from_seconds_rounded(results.summary.duration_s),
        most,
        &ENGLISH,
    );
    for (index, tick) in time.ticks.iter().enumerate() {
        // Every second label can go where letters are large against the chart.
        let minor = if index % 2 == 1 { " minor" } else { "" };
        svg += &format!(
            "<text class=\"tick{minor}\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            plot.x(tick.at),
            base + 20.0,
            tick.label
        );
    }
    svg += &format!(
        "<path class=\"axis\" d=\"M{:.1} {base:.1}H{right:.1}\"/>\n",
        plot.left
    );
    let unit = if titled {
        format!("Simulated time ({})", time.unit)
    } else {
        time.unit
    };
    svg + &format!(
        "<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{unit}</text>\n",
        f64::midpoint(plot.left, right),
        base + 42.0
    )
}

/// The line that the script moves; nowhere without it.
fn cursor(plot: Plot) -> String {
    let (top, base) = (plot.top, plot.height - plot.bottom);
    format!("<path class=\"cursor\" visibility=\"hidden\" d=\"M0 {top:.1}V{base:.1}\"/>\n")
}

fn path_of(plot: Plot, rows: &[PortsRow], value: impl Fn(&PortsRow) -> f64) -> String {
    let corner = |row: &PortsRow| (plot.x(row.time.as_seconds()), plot.y(value(row)));
    let mut path = String::new();
    for (index, (x, y)) in steps::corners(rows.iter().map(corner))
        .into_iter()
        .enumerate()
    {
        path += if index == 0 { "M" } else { "L" };
        path += &format!("{x:.1} {y:.1}");
    }
    path
}
