//! The charts of the page: those of the files, drawn from what a folder holds, without the words
//! and the key that the page has itself, and in colours that follow the page's.

use super::results::{Results, Strategy, Summary};
use crate::draw::axis::{Axis, round_up};
use crate::draw::{LinePlot, Look, StackPanel, StackPlot, StackRow, Strip, Words, theme};
use crate::figures::over_time::{self, About, Line};
use crate::figures::{stacks, states};
use crate::record::Column::{Failed, PortsInUse};
use crate::study::PortsRow;
use crate::units::SimSpan;
use crate::words::labels::ENGLISH;
use crate::words::plain;

/// Rows of a stack at most, twice.
const BUCKETS: usize = 200;

fn duration(results: &Results) -> SimSpan {
    SimSpan::from_seconds_rounded(results.summary.duration_s)
}

/// What a chart says to whoever cannot see it; what else is around it the page says.
fn words(title: String, description: String) -> Words {
    Words {
        title,
        description,
        question: String::new(),
        caption: String::new(),
    }
}

/// All strategies' ports over time.
pub(super) fn lines(results: &Results, id: &str) -> String {
    let summary = &results.summary;
    let about = About {
        id: id.into(),
        words: words(
            "Local ports in use over time".into(),
            summary.findings.headline.clone(),
        ),
        duration: duration(results),
        axis: ENGLISH.axes.ports(),
        amount: &|amount| ENGLISH.ports(amount),
        limit: &|limit| ENGLISH.ports(limit),
        notes: Vec::new(),
        strip: Strip::default(),
        // The page's key shows and hides each line by itself.
        merges: false,
    };
    let count = results.series.len();
    let line = |(strategy, rows): (&Strategy, &Vec<PortsRow>)| {
        let value = |row: &PortsRow| row.values[PortsInUse];
        let ran_out = |at: f64| {
            let time = ENGLISH.span(SimSpan::from_seconds_rounded(at));
            (at, ENGLISH.lines.out_of_ports(&time))
        };
        Line {
            name: strategy.name.clone(),
            points: over_time::points(rows, count, value, |_| None),
            peak: rows.iter().map(value).fold(peak(strategy), f64::max),
            limit: Some(strategy.ports.limit),
            detail: String::new(),
            alert: None,
            ran_out: strategy.exhausted_at_s.map(ran_out),
        }
    };
    let lines = summary.strategies.iter().zip(&results.series).map(line);
    drawn(
        summary,
        over_time::plot(about, &lines.collect::<Vec<_>>(), &Look::default()),
    )
}

/// All strategies' failed requests over time; `None` where none fails.
pub(super) fn failures(results: &Results, id: &str) -> Option<String> {
    let summary = &results.summary;
    let count = results.series.len();
    let value = |row: &PortsRow| row.values[Failed];
    let most = |rows: &Vec<PortsRow>| rows.iter().map(value).fold(0.0, f64::max);
    if results.series.iter().all(|rows| most(rows) == 0.0) {
        return None;
    }
    let about = About {
        id: id.into(),
        words: words(
            "Failed requests over time".into(),
            summary.findings.headline.clone(),
        ),
        duration: duration(results),
        axis: "failed requests".into(),
        amount: &|amount| ENGLISH.count(amount),
        limit: &|limit| ENGLISH.count(limit),
        notes: Vec::new(),
        strip: Strip::default(),
        merges: false,
    };
    let line = |(strategy, rows): (&Strategy, &Vec<PortsRow>)| Line {
        name: strategy.name.clone(),
        points: over_time::points(rows, count, value, |_| None),
        peak: most(rows),
        limit: None,
        detail: String::new(),
        alert: None,
        ran_out: None,
    };
    let lines = summary.strategies.iter().zip(&results.series).map(line);
    Some(drawn(
        summary,
        over_time::plot(about, &lines.collect::<Vec<_>>(), &Look::default()),
    ))
}

/// A plot of lines as the page has it.
fn drawn(summary: &Summary, mut plot: LinePlot) -> String {
    // The page's script finds what belongs to a strategy by its number.
    let number = |name: &mut String| {
        let mut names = summary.strategies.iter();
        let found = names.position(|it| plain::line(&it.name) == *name);
        *name = found.unwrap_or_default().to_string();
    };
    for panel in &mut plot.panels {
        panel.series.iter_mut().for_each(|it| number(&mut it.name));
        panel
            .moments
            .iter_mut()
            .for_each(|it| number(&mut it.series));
    }
    theme::with_variables(&plot.bare(720.0))
}

/// One strategy's ports, stacked by state.
pub(super) fn stack(results: &Results, index: usize, id: &str) -> String {
    let (strategy, rows) = (&results.summary.strategies[index], &results.series[index]);
    // Above the limit, unless next to nothing of it would be filled.
    let top = if is_enlarged(strategy) {
        round_up(peak(strategy))
    } else {
        strategy.ports.limit.max(peak(strategy)).max(1.0) * 1.06
    };
    let limit = Some(strategy.ports.limit).filter(|it| *it <= top);
    let stacked: Vec<StackRow> = rows.iter().map(states::row).collect();
    let title = format!("Ports by state: {}", strategy.name);
    let plot = StackPlot {
        id: id.into(),
        words: words(title, states::make_up(rows)),
        across: over_time::time(duration(results), 5, &ENGLISH),
        legend: String::new(),
        layers: states::layers(&ENGLISH),
        limit: String::new(),
        notes: Vec::new(),
        panels: vec![StackPanel {
            title: String::new(),
            note: String::new(),
            up: Axis::counts(String::new(), top, 5, &ENGLISH),
            is_enlarged: false,
            rows: stacks::averaged(&stacked, BUCKETS),
            limit,
            strip: Strip::default(),
        }],
    };
    theme::with_variables(&plot.bare(420.0))
}

/// Whether a strategy's panel has an axis of its own, far below the limit.
pub(super) fn is_enlarged(strategy: &Strategy) -> bool {
    peak(strategy) < strategy.ports.limit * 0.1
}

/// The largest peak of any run.
pub(super) fn peak(strategy: &Strategy) -> f64 {
    strategy.ports.peak_max.unwrap_or(strategy.ports.peak)
}
