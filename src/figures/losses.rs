//! What was lost when, for the strip below charts over time: requests that failed, as a share of
//! those that came.

use crate::draw::{Mark, Strip, Track, palette};
use crate::record::Column::{Failed, Requests};
use crate::record::Columns;
use crate::study::{Comparison, StrategyResult};
use crate::units::SimTime;
use crate::words::labels::Labels;
use crate::words::plain;

/// Over how many equal stretches of time a share is taken.
const STRETCHES: usize = 150;
/// More tracks than this would be a chart of their own.
const MOST: usize = 8;

/// A track for each strategy under which requests failed.
pub(super) fn by_strategy(comparison: &Comparison, labels: &Labels) -> Strip {
    let results = comparison.strategies.iter().enumerate();
    let tracks = results.filter_map(|(index, result): (usize, &StrategyResult)| {
        let rows: Vec<Counted> = result
            .rows
            .iter()
            .map(|it| counted(it.time, &it.values))
            .collect();
        let (marks, label) = marks(&rows, &plain::short(&result.name, 60), labels)?;
        Some(Track {
            series: plain::line(&result.name),
            look: palette::line(index),
            label,
            marks,
        })
    });
    Strip {
        title: labels.lines.failed(),
        tracks: tracks.take(MOST).collect(),
    }
}

/// A track for each program whose requests failed.
pub(super) fn by_client(result: &StrategyResult, labels: &Labels) -> Strip {
    let n_clients = result.scenario.clients.len();
    let tracks = result.scenario.clients.iter().enumerate();
    let tracks = tracks.filter_map(|(index, client)| {
        let rows = result.clients.iter().skip(index).step_by(n_clients);
        let rows: Vec<Counted> = rows.map(|row| counted(row.time, &row.values)).collect();
        let name = plain::short(&client.name, 40);
        let (marks, label) = marks(&rows, &name, labels)?;
        let color = palette::PROGRAMS[index % palette::PROGRAMS.len()];
        Some(Track {
            series: name,
            look: palette::LineLook {
                color,
                dash: &[],
                width: 8.0,
            },
            label,
            marks,
        })
    });
    Strip {
        title: String::new(),
        tracks: tracks.take(MOST).collect(),
    }
}

/// An instant in seconds, with the requests that had come and those that had failed.
type Counted = (f64, f64, f64);

fn counted(time: SimTime, values: &Columns<f64>) -> Counted {
    (time.as_seconds(), values[Requests], values[Failed])
}

/// Where requests failed, and how many of how many of `name`'s, in words; `None` where none did.
fn marks(rows: &[Counted], name: &str, labels: &Labels) -> Option<(Vec<Mark>, String)> {
    let (_, all, failed) = *rows.last()?;
    if failed < 0.5 {
        return None;
    }
    let last = rows.len() - 1;
    let stretches = STRETCHES.min(last);
    let mut marks: Vec<Mark> = Vec::new();
    for index in 0..stretches {
        let (from, came, lost) = rows[index * last / stretches];
        let (until, came_then, lost_then) = rows[(index + 1) * last / stretches];
        let lost = lost_then - lost;
        if lost <= 0.0 {
            continue;
        }
        // What fails may have come before: a share is never more than all.
        let share = (lost / (came_then - came).max(lost)).clamp(0.01, 1.0);
        let shade = libm::ceil(share * 4.0) / 4.0;
        match marks.last_mut() {
            Some(mark) if mark.until >= from && mark.share.total_cmp(&shade).is_eq() => {
                mark.until = until;
            }
            _ => marks.push(Mark {
                from,
                until,
                share: shade,
            }),
        }
    }
    let (failed, all) = (labels.count(failed), labels.count(all));
    Some((marks, labels.lines.failed_of_one(&failed, &all, name)))
}
