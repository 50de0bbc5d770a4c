//! The comparison as the terminal shows it.

use super::sparkline::sparkline;
use super::text_table::{BOLD, DIM, GREEN, RED, RESET, Terminal, TextTable, YELLOW};
use crate::findings::{self, verdict};
use crate::record::{RunSummary, Verdict};
use crate::stats::Moments;
use crate::study::{Comparison, StrategyResult};
use crate::units::SimSpan;
use crate::words::number::{at_least, count, instant, mean_of, span};
use crate::words::plain;

/// Characters of a sparkline: each stands for an equal part of the simulated time.
const SPARK_WIDTH: usize = 24;
/// How wide a paragraph is.
const WIDTH: usize = 100;
/// Longest name shown; a longer one would push the numbers off an 80-column line.
const NAME_WIDTH: usize = 32;

/// The columns of the table, for the terminal and for pages.
const COLUMNS: [&str; 7] = [
    "strategy",
    "verdict",
    "peak of limit",
    "exhausted at",
    "failed",
    "opened",
    "p99 latency",
];

/// What the column of requests to addresses that were left is called; it is there where a server
/// moves.
const OLD_ADDRESS: &str = "to the old address";

/// What the column of requests that were in flight at the end is called; it is there where there
/// are any.
const UNANSWERED: &str = "unanswered";

/// The cells of [`COLUMNS`] for one strategy; `–` where there is nothing to say.
fn cells(result: &StrategyResult) -> [String; COLUMNS.len()] {
    let none = || String::from("–");
    let failed = |run: &RunSummary| run.requests.failed as f64;
    let opened = |run: &RunSummary| run.connections.opened as f64;
    let (runs, opened_of_each) = (result.runs.iter(), result.runs.iter().map(opened));
    let tightest = verdict::tightest(result);
    [
        plain::short(&result.name, NAME_WIDTH),
        verdict::in_words(result),
        tightest.in_brief(tightest.is_local()),
        result.exhausted_at().map_or_else(none, instant),
        format!(
            "{}{}",
            count(result.mean(failed)),
            uncertain(runs.map(failed), count)
        ),
        format!(
            "{}{}",
            count(result.mean(opened)),
            uncertain(opened_of_each, count)
        ),
        latency_p99(result).unwrap_or_else(none),
    ]
}

/// The mean over runs of the 99th percentile of the latency: "461 ms", or "> 1 s" where it
/// lies, in some run, beyond what was answered.
fn latency_p99(result: &StrategyResult) -> Option<String> {
    let seen = || {
        result
            .runs
            .iter()
            .map(|run| run.latency)
            .filter(|it| it.total > 0)
    };
    let in_time = |seconds| span(SimSpan::from_seconds_rounded(seconds));
    let value = mean_of(seen().map(|it| it.p99.seconds()))?;
    if value.is_finite() {
        let half = uncertain(seen().map(|it| it.p99.seconds()), in_time);
        return Some(format!("{}{half}", in_time(value)));
    }
    if seen().all(|it| it.count == 0) {
        return Some("no answer".into());
    }
    let least = mean_of(seen().map(|it| it.p99.least_seconds()))?;
    let least = at_least(SimSpan::from_seconds_rounded(least));
    Some(format!("> {least}"))
}

/// " ± 12", the half-width of the 95% interval of a mean over runs; empty where there is none.
fn uncertain(values: impl Iterator<Item = f64>, say: impl Fn(f64) -> String) -> String {
    let values: Vec<f64> = values.collect();
    let moments = Moments::of(&values);
    // Equal floats may have a variance by rounding.
    let least = moments.mean.abs() * 1e-9;
    let half = moments.half_width(0.95).filter(|half| *half > least);
    half.map_or_else(String::new, |half| format!(" ± {}", say(half)))
}

/// The comparison as a terminal shows it: table, winner, assumptions. Colours change nothing else,
/// a width the table alone.
pub fn comparison(comparison: &Comparison, terminal: Terminal) -> String {
    let paint = |style: &str, text: &str| terminal.painted(style, text);
    let scenario = &comparison.scenario;
    let found = findings::of(comparison);
    let mut text = paint(BOLD, &plain::short(&scenario.title, 200));
    text.push('\n');
    let question = plain::short(&scenario.question, 400);
    if !question.is_empty() {
        text += &format!("{question}\n");
    }
    text.push('\n');
    text += &table(comparison, terminal);
    text += &format!("\n{}.\n", found.headline);
    if !scenario.expect.is_empty() {
        let why = plain::wrapped(&format!("Why: {}", scenario.expect), WIDTH);
        text += &format!("{}\n", why.join("\n     "));
    }
    let winner = &comparison.strategies[found.winner.index];
    let name = paint(BOLD, &plain::short(&winner.name, NAME_WIDTH));
    text += &format!("Best: {name} ({})\n", found.winner.reason);
    if let Some(why) = &found.winner.without_change {
        text += &format!("      {why}\n");
    }
    for change in &found.winner.changes {
        text += &format!("      {change}\n");
    }
    if !found.certainty.is_empty() {
        text += "\nHow sure it is:\n";
    }
    for sentence in &found.certainty {
        text += &format!("  · {sentence}\n");
    }
    text += "\nAssumed:\n";
    for assumption in &found.assumptions {
        text += &paint(DIM, &format!("  · {}", plain::line(assumption)));
        text.push('\n');
    }
    for warning in &found.warnings {
        text += &format!("{} {}\n", paint(YELLOW, "warning:"), plain::line(warning));
    }
    text
}

/// The table of the strategies; with a column of how ports were used over time where `sparks`.
pub(super) fn strategies(comparison: &Comparison, sparks: bool) -> TextTable {
    let moved: Vec<Option<String>> = comparison
        .strategies
        .iter()
        .map(verdict::on_old_address)
        .collect();
    let has_moves = moved.iter().any(Option::is_some);
    let left = |result: &StrategyResult| result.mean(|run| run.requests.in_flight as f64);
    let any_left = comparison.strategies.iter().any(|it| left(it) >= 0.5);
    let header = COLUMNS.into_iter();
    let header = header
        .chain(any_left.then_some(UNANSWERED))
        .chain(sparks.then_some("ports over time"))
        .chain(has_moves.then_some(OLD_ADDRESS));
    let numbers: &[usize] = if any_left {
        &[2, 3, 4, 5, 6, 7]
    } else {
        &[2, 3, 4, 5, 6]
    };
    let mut table = TextTable::new(header, numbers);
    for (result, moved) in comparison.strategies.iter().zip(moved) {
        let sparks = sparks.then(|| curve(result));
        let left = any_left.then(|| count(left(result)));
        let more = left.into_iter().chain(sparks).chain(moved);
        table.row(cells(result).into_iter().chain(more));
    }
    table
}

/// The table as wide as the terminal: where that is too narrow, first without its curves.
fn table(comparison: &Comparison, Terminal { color, width }: Terminal) -> String {
    let mut table = strategies(comparison, true);
    if width.is_some_and(|width| width < table.width()) {
        table = strategies(comparison, false);
    }
    let lines = table.rows_in(width);
    if !color {
        return lines.join("\n") + "\n";
    }
    let header = format!("{DIM}{}{RESET}\n", lines[0]);
    let rows = lines[1..].iter().zip(&comparison.strategies);
    header
        + &rows
            .map(|(line, result)| painted(line, result) + "\n")
            .collect::<String>()
}

/// `line` with its verdict coloured: the first one after the name, which may hold the same word.
fn painted(line: &str, result: &StrategyResult) -> String {
    let name = plain::short(&result.name, NAME_WIDTH);
    let name_end = line.find(&name).map_or(0, |at| at + name.len());
    let (name, rest) = line.split_at(name_end);
    let style = match result.verdict() {
        Verdict::Safe => GREEN,
        Verdict::Queueing | Verdict::NearTheLimit => YELLOW,
        Verdict::Failing | Verdict::Exhausted => RED,
    };
    let verdict = verdict::in_words(result);
    let colored = format!("{style}{verdict}{RESET}");
    format!("{name}{}", rest.replacen(&verdict, &colored, 1))
}

/// Port usage over time of the table that is nearest to its end, scaled to its limit: `█` is a
/// full table. Each character shows the most ports of its part of the time, so a short peak is
/// not lost.
fn curve(result: &StrategyResult) -> String {
    let tightest = verdict::tightest(result);
    let shares: Vec<f64> = result.rows.iter().map(|it| tightest.share_in(it)).collect();
    sparkline(&shares, 1.0, SPARK_WIDTH)
}
