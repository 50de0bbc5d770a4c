//! Charts of what is beyond the machines: `snat.svg`, `answers.svg`, `addresses.svg`.

use super::over_time::{self, About, Line};
use super::stacks::{self, Stack};
use super::{events, losses};
use crate::draw::{Layer, LinePlot, Look, Point, StackPlot, StackRow, Strip, palette};
use crate::findings;
use crate::findings::verdict::tightest;
use crate::record::Column::{
    self, Failed, Sent, ServerAnswered, SnatFlows, SnatHeld, ToOldAddress,
};
use crate::record::RunSummary;
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::SimTime;
use crate::words::labels::Labels;
use crate::words::number;

/// Over how many equal stretches of time a rate or a share is averaged.
const STRETCHES: usize = 60;

/// Whether some strategy has a NAT.
pub(crate) fn has_nat(comparison: &Comparison) -> bool {
    any(comparison, |run| run.nat.is_some())
}

/// Whether some server is more than a delay.
pub(crate) fn has_service(comparison: &Comparison) -> bool {
    any(comparison, |run| run.service.is_some())
}

/// Whether some server moves.
pub(crate) fn has_moves(comparison: &Comparison) -> bool {
    any(comparison, |run| run.addresses.is_some())
}

fn any(comparison: &Comparison, has: fn(&RunSummary) -> bool) -> bool {
    let runs = comparison.strategies.iter().flat_map(|one| &one.runs);
    runs.into_iter().any(has)
}

/// Per cent of something.
fn percent(labels: &Labels, value: f64) -> String {
    labels.numbers.percent(&labels.count(value))
}

/// SNAT ports in use over time, as a share of the pool: pools differ in size.
pub(crate) fn snat(comparison: &Comparison, look: &Look) -> LinePlot {
    let labels = &look.labels;
    let about = About {
        id: "snat".into(),
        words: over_time::words(comparison, snat_alt(comparison), labels),
        duration: comparison.scenario.duration,
        axis: labels.axes.snat(),
        amount: &|value| percent(labels, value),
        limit: &|limit| labels.lines.snat_ports(&percent(labels, limit)),
        notes: events::outside(comparison, look),
        strip: losses::by_strategy(comparison, labels),
        merges: true,
    };
    let n_lines = comparison.strategies.len();
    let line = |result: &StrategyResult| {
        let nats = || result.runs.iter().filter_map(|run| run.nat);
        let limit = nats().map(|nat| f64::from(nat.limit)).fold(1.0, f64::max);
        let value = |row: &PortsRow| (row.values[SnatFlows] + row.values[SnatHeld]) / limit * 100.0;
        let peaks = nats().map(|nat| f64::from(nat.peak) / f64::from(nat.limit.max(1)));
        let peak = libm::round(peaks.fold(0.0, f64::max) * 100.0);
        let is_tightest = !tightest(result).is_local();
        Line {
            name: result.name.clone(),
            points: over_time::points(&result.rows, n_lines, value, |_| None),
            peak: result.rows.iter().map(value).fold(peak, f64::max),
            limit: nats().next().map(|_| 100.0),
            detail: labels.lines.peak(&percent(labels, peak)),
            alert: over_time::alert(result, labels).filter(|_| is_tightest),
            ran_out: over_time::ran_out(result, labels).filter(|_| is_tightest),
        }
    };
    let lines: Vec<Line> = comparison.strategies.iter().map(line).collect();
    over_time::plot(about, &lines, look)
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn snat_alt(comparison: &Comparison) -> String {
    format!(
        "SNAT ports in use over {} of simulated time. {}.",
        number::exactly(comparison.scenario.duration),
        findings::of(comparison).headline
    )
}

/// What counts that only grow did over equal stretches of time, each an average.
fn rates(
    result: &StrategyResult,
    of: impl Fn(&PortsRow, &PortsRow) -> f64,
    in_units: impl Fn(f64) -> String,
    labels: &Labels,
) -> Line {
    let rows = &result.rows;
    let stretches = STRETCHES.min(rows.len().saturating_sub(1));
    let point = |row: &PortsRow, rate: f64| Point {
        x: row.time.as_seconds(),
        y: Some(rate),
        ends: None,
    };
    let stretch = |n: usize| {
        let first = &rows[n * (rows.len() - 1) / stretches];
        let last = &rows[(n + 1) * (rows.len() - 1) / stretches];
        point(first, of(first, last))
    };
    let mut points: Vec<Point> = (0..stretches).map(stretch).collect();
    let at_end = points.last().and_then(|it| it.y).unwrap_or(0.0);
    // A step line ends where the run does.
    points.extend(rows.last().map(|row| point(row, at_end)));
    let values = points.iter().filter_map(|it| it.y);
    Line {
        name: result.name.clone(),
        peak: libm::ceil(values.fold(0.0, f64::max)),
        points,
        limit: None,
        detail: labels.lines.at_end(&in_units(at_end)),
        alert: None,
        ran_out: None,
    }
}

/// What became of requests a second under each strategy: answered in time, or failed.
pub(crate) fn answers(comparison: &Comparison, look: &Look) -> StackPlot {
    let labels = &look.labels;
    let layer = |name: String, color| Layer { name, color };
    let about = stacks::About {
        id: "answers",
        title: labels.stacks.answers_title(),
        legend: labels.stacks.answers_legend(),
        layers: vec![
            layer(labels.stacks.answered(), palette::ANSWERED),
            layer(labels.stacks.failed(), palette::ALARM),
        ],
        description: answers_alt(comparison),
    };
    let per_second = |column: Column| {
        move |first: &PortsRow, last: &PortsRow| {
            let seconds = (last.time - first.time).as_seconds().max(1e-9);
            (last.values[column] - first.values[column]) / seconds
        }
    };
    let stack = |result: &StrategyResult| {
        let line = |column| rates(result, per_second(column), |_| String::new(), labels).points;
        let (answered, failed) = (line(ServerAnswered), line(Failed));
        let rows = answered.iter().zip(&failed);
        let rows: Vec<StackRow> = rows
            .map(|(one, other)| StackRow {
                x: one.x,
                parts: vec![one.y.unwrap_or(0.0), other.y.unwrap_or(0.0)],
            })
            .collect();
        let total = |column: Column| result.rows.last().map_or(0.0, |row| row.values[column]);
        let [answered, failed] = [ServerAnswered, Failed].map(|it| labels.count(total(it)));
        Stack {
            peak: rows.iter().map(StackRow::total).fold(0.0, f64::max),
            rows,
            limit: None,
            note: labels.stacks.became(&answered, &failed),
            strip: Strip::default(),
        }
    };
    let stacks = comparison.strategies.iter().map(stack).collect();
    let unenlarged = Look {
        no_zoom: true,
        ..look.clone()
    };
    stacks::plot(comparison, about, stacks, &unenlarged)
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn answers_alt(comparison: &Comparison) -> String {
    format!(
        "Requests a second over {} of simulated time that were answered while a client still \
         waited, and that failed, one panel per strategy.",
        number::exactly(comparison.scenario.duration)
    )
}

/// The share of requests that go to an address which their server has left.
pub(crate) fn addresses(comparison: &Comparison, look: &Look) -> LinePlot {
    let labels = &look.labels;
    let amount = |value: f64| percent(labels, value);
    let about = About {
        id: "addresses".into(),
        words: over_time::words(comparison, addresses_alt(comparison), labels),
        duration: comparison.scenario.duration,
        axis: labels.axes.addresses(),
        amount: &amount,
        limit: &amount,
        notes: events::outside(comparison, look),
        strip: Strip::default(),
        merges: true,
    };
    let share = |first: &PortsRow, last: &PortsRow| {
        share_to_old(first, last).map_or(0.0, |share| share * 100.0)
    };
    let results = comparison.strategies.iter();
    let lines = results.map(|result| rates(result, share, amount, labels));
    over_time::plot(about, &lines.collect::<Vec<_>>(), look)
}

/// Which share of the requests sent between two rows went to an old address; `None` when none
/// was sent.
pub(crate) fn share_to_old(first: &PortsRow, last: &PortsRow) -> Option<f64> {
    let all = last.values[Sent] - first.values[Sent];
    (all > 0.0).then(|| (last.values[ToOldAddress] - first.values[ToOldAddress]) / all)
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn addresses_alt(comparison: &Comparison) -> String {
    let moves = comparison.scenario.servers.iter();
    let first: Option<SimTime> = moves
        .filter_map(|server| server.moves_at.first())
        .min()
        .copied();
    let after = first.map_or_else(String::new, |at| {
        format!(", which its name leaves at {}", number::instant(at))
    });
    format!("Share of requests sent to the old address of a server{after}, over time.")
}
