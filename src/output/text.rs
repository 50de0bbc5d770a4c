//! The comparison as the terminal shows it.

use crate::findings::{self, verdict};
use crate::record::{RunSummary, Verdict};
use crate::stats::Moments;
use crate::study::{Comparison, StrategyResult};
use crate::units::SimSpan;
use crate::words::number::{count, instant, mean_of, span};
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Characters of a sparkline: each stands for an equal part of the simulated time.
const SPARK_WIDTH: usize = 24;
/// Longest name shown; a longer one would push the numbers off an 80-column line.
const NAME_WIDTH: usize = 32;

const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// What the table says of one strategy, cell by cell. The README shows the same.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) verdict: String,
    pub(super) peak: String,
    pub(super) exhausted_at: String,
    pub(super) failed: String,
    pub(super) opened: String,
    pub(super) latency: String,
    /// Requests to addresses that were left; `None` where no server moves.
    pub(super) old_address: Option<String>,
}

/// What the column of [`Row::old_address`] is called.
pub(super) const OLD_ADDRESS: &str = "to the old address";

/// The 99th percentile of the latency in seconds: the mean over those runs that answered
/// anything.
fn latency_p99_seconds(strategy: &StrategyResult) -> Option<f64> {
    mean_of(strategy.runs.iter().filter_map(|run| {
        let answered = run.latency.count > 0;
        answered.then(|| run.latency.p99 as f64 / 1e9)
    }))
}

/// The table's cells for one strategy; `–` where there is nothing to say.
pub(super) fn row(result: &StrategyResult) -> Row {
    let none = || String::from("–");
    let latency = latency_p99_seconds(result);
    let lost = |run: &RunSummary| (run.requests.failed + run.requests.timed_out) as f64;
    let opened = |run: &RunSummary| run.connections.opened as f64;
    let p99 = |run: &RunSummary| run.latency.p99 as f64 / 1e9;
    let (runs, opened_of_each) = (result.runs.iter(), result.runs.iter().map(opened));
    let answered = result.runs.iter().filter(|run| run.latency.count > 0);
    let tightest = verdict::tightest(result);
    Row {
        name: plain::short(&result.name, NAME_WIDTH),
        verdict: verdict::in_words(result),
        peak: tightest.in_brief(tightest.is_local()),
        exhausted_at: result.exhausted_at().map_or_else(none, instant),
        failed: format!(
            "{}{}",
            count(result.mean(lost)),
            uncertain(runs.map(lost), count)
        ),
        opened: format!(
            "{}{}",
            count(result.mean(opened)),
            uncertain(opened_of_each, count)
        ),
        latency: latency.map_or_else(none, |value| {
            let in_time = |seconds| span(SimSpan::from_seconds_rounded(seconds));
            format!(
                "{}{}",
                in_time(value),
                uncertain(answered.map(p99), in_time)
            )
        }),
        old_address: verdict::on_old_address(result),
    }
}

/// " ± 12", the half-width of the 95 % interval of a mean over runs; empty where there is none.
fn uncertain(values: impl Iterator<Item = f64>, say: impl Fn(f64) -> String) -> String {
    let values: Vec<f64> = values.collect();
    let moments = Moments::of(&values);
    // Equal floats may have a variance by rounding.
    let least = moments.mean.abs() * 1e-9;
    let half = moments.half_width(0.95).filter(|half| *half > least);
    half.map_or_else(String::new, |half| format!(" ± {}", say(half)))
}

/// The whole text, ending in a line feed.
pub(super) fn comparison(comparison: &Comparison, color: bool) -> String {
    let paint = |style: &str, text: &str| {
        if color {
            format!("{style}{text}{RESET}")
        } else {
            text.into()
        }
    };
    let scenario = &comparison.scenario;
    let found = findings::of(comparison);
    let mut text = paint(BOLD, &plain::short(&scenario.title, 200));
    text.push('\n');
    let question = plain::short(&scenario.question, 400);
    if !question.is_empty() {
        text += &format!("{question}\n");
    }
    text.push('\n');
    text += &table(comparison, color);
    text += &format!("\n{}.\n", found.headline);
    let winner = &comparison.strategies[found.winner.index];
    let name = paint(BOLD, &plain::short(&winner.name, NAME_WIDTH));
    text += &format!("Best: {name} ({})\n", found.winner.reason);
    if found.winner.changes.is_empty() {
        text += "      no change is needed for it\n";
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

fn table(comparison: &Comparison, color: bool) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    let rows: Vec<Row> = comparison.strategies.iter().map(row).collect();
    let mut header = vec![
        "strategy",
        "verdict",
        "peak of limit",
        "exhausted at",
        "failed",
        "opened",
        "p99 latency",
        "ports over time",
    ];
    header.extend(
        rows.iter()
            .find_map(|row| row.old_address.as_ref().map(|_| OLD_ADDRESS)),
    );
    table.set_header(header);
    for (row, result) in rows.iter().zip(&comparison.strategies) {
        let ports = sparkline(result);
        let cells = [
            &row.name,
            &row.verdict,
            &row.peak,
            &row.exhausted_at,
            &row.failed,
            &row.opened,
            &row.latency,
            &ports,
        ];
        table.add_row(cells.into_iter().chain(&row.old_address));
    }
    for number in 2..7 {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    // The first line is the header; then one line per row, since no cell has a line feed.
    for (number, line) in table.lines().enumerate() {
        let line = line.trim_end();
        match number.checked_sub(1) {
            None if color => text += &format!("{DIM}{line}{RESET}"),
            Some(index) if color => {
                text += &painted(line, &rows[index], comparison.strategies[index].verdict());
            }
            _ => text += line,
        }
        text.push('\n');
    }
    text
}

/// `line` with its verdict coloured: the first one after the name, which may hold the same word.
fn painted(line: &str, row: &Row, verdict: Verdict) -> String {
    let name_end = line.find(&row.name).map_or(0, |at| at + row.name.len());
    let (name, rest) = line.split_at(name_end);
    let style = match verdict {
        Verdict::Safe => GREEN,
        Verdict::Queueing | Verdict::NearTheLimit => YELLOW,
        Verdict::Exhausted => RED,
    };
    let colored = format!("{style}{}{RESET}", row.verdict);
    format!("{name}{}", rest.replacen(&row.verdict, &colored, 1))
}

/// Port usage over time of the table that is nearest to its end, scaled to its limit: `█` is a
/// full table. Each character shows the most ports of its part of the time, so a short peak is
/// not lost.
fn sparkline(result: &StrategyResult) -> String {
    let rows = &result.rows;
    let tightest = verdict::tightest(result);
    let width = SPARK_WIDTH.min(rows.len());
    (0..width)
        .map(|column| {
            let part = &rows[column * rows.len() / width..(column + 1) * rows.len() / width];
            let shares = part.iter().map(|row| tightest.share_in(row));
            let level = (shares.fold(0.0, f64::max) * SPARKS.len() as f64).ceil() as usize;
            SPARKS[level.clamp(1, SPARKS.len()) - 1]
        })
        .collect()
}
