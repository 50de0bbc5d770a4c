//! Charts of what is beyond the machines, drawn as the chart of ports is: the same lines over
//! other numbers.

use super::ports::{self, Subject};
use crate::draw::Look;
use crate::findings;
use crate::record::Column::{PortsInUse, Sent, ServerAnswered, SnatFlows, SnatHeld, ToOldAddress};
use crate::record::summary::PortUsage;
use crate::study::{Comparison, PortsRow, StrategyResult};
use crate::units::SimTime;
use crate::words::number;
use alloc::string::String;
use alloc::vec::Vec;

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

fn any(comparison: &Comparison, has: fn(&crate::record::RunSummary) -> bool) -> bool {
    let runs = comparison.strategies.iter().flat_map(|one| &one.runs);
    runs.into_iter().any(has)
}

/// The comparison with other numbers in the place of ports.
fn with_rows(
    comparison: &Comparison,
    rows: impl Fn(&StrategyResult) -> Vec<PortsRow>,
) -> Comparison {
    let mut derived = comparison.clone();
    for (result, original) in derived.strategies.iter_mut().zip(&comparison.strategies) {
        result.rows = rows(original);
        let highest = result
            .rows
            .iter()
            .map(|row| row.values[PortsInUse])
            .fold(0.0, f64::max);
        for run in &mut result.runs {
            run.ports = PortUsage {
                peak: libm::ceil(highest) as u64,
                ..PortUsage::default()
            };
            (run.nat, run.exhausted_at) = (None, None);
        }
    }
    derived
}

/// SNAT ports in use over time, as a share of the pool: pools differ in size.
pub(crate) fn snat_svg(comparison: &Comparison, look: &Look) -> String {
    let limit_of = |result: &StrategyResult| {
        let limits = result.runs.iter().filter_map(|run| run.nat);
        limits.map(|nat| f64::from(nat.limit)).fold(1.0, f64::max)
    };
    let mut derived = with_rows(comparison, |result| {
        let mut rows = result.rows.clone();
        for row in &mut rows {
            let in_use = row.values[SnatFlows] + row.values[SnatHeld];
            row.values[PortsInUse] = in_use / limit_of(result) * 100.0;
            row.ports_in_use = None;
        }
        rows
    });
    for (result, original) in derived.strategies.iter_mut().zip(&comparison.strategies) {
        for (run, known) in result.runs.iter_mut().zip(&original.runs) {
            run.exhausted_at = known.exhausted_at;
            if let Some(nat) = known.nat {
                let share = f64::from(nat.peak) / f64::from(nat.limit.max(1));
                run.ports.limit = 100;
                run.ports.peak = libm::round(share * 100.0) as u64;
            }
        }
    }
    ports::svg_of(
        &derived,
        &Subject::SNAT,
        &snat_alt(comparison),
        &look.labels,
    )
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn snat_alt(comparison: &Comparison) -> String {
    format!(
        "SNAT ports in use over {} of simulated time. {}.",
        number::span(comparison.scenario.duration),
        findings::of(comparison).headline
    )
}

/// What a count that only grows did per second, over equal stretches of time.
fn rates(result: &StrategyResult, of: impl Fn(&PortsRow, &PortsRow) -> f64) -> Vec<PortsRow> {
    let rows = &result.rows;
    let stretches = STRETCHES.min(rows.len().saturating_sub(1));
    let mut rates: Vec<PortsRow> = Vec::new();
    for n in 0..stretches {
        let first = &rows[n * (rows.len() - 1) / stretches];
        let last = &rows[(n + 1) * (rows.len() - 1) / stretches];
        let mut row = *first;
        row.values[PortsInUse] = of(first, last);
        row.ports_in_use = None;
        rates.push(row);
    }
    // A step line ends where the run does.
    if let (Some(last), Some(end)) = (rates.last().copied(), rows.last()) {
        rates.push(PortsRow {
            time: end.time,
            ..last
        });
    }
    rates
}

/// Answers per second that somebody waited for.
pub(crate) fn answers_svg(comparison: &Comparison, look: &Look) -> String {
    let per_second = |first: &PortsRow, last: &PortsRow| {
        let seconds = (last.time - first.time).as_seconds().max(1e-9);
        (last.values[ServerAnswered] - first.values[ServerAnswered]) / seconds
    };
    let derived = with_rows(comparison, |result| rates(result, per_second));
    let alt = answers_alt(comparison);
    ports::svg_of(&derived, &Subject::ANSWERS, &alt, &look.labels)
}

/// One sentence for whoever cannot see the chart.
pub(crate) fn answers_alt(comparison: &Comparison) -> String {
    format!(
        "Answers per second that a client still waited for, over {} of simulated time.",
        number::span(comparison.scenario.duration)
    )
}

/// The share of requests that go to an address which their server has left.
pub(crate) fn addresses_svg(comparison: &Comparison, look: &Look) -> String {
    let derived = with_rows(comparison, |result| {
        rates(result, |first, last| {
            share_to_old(first, last).map_or(0.0, |share| share * 100.0)
        })
    });
    let alt = addresses_alt(comparison);
    ports::svg_of(&derived, &Subject::ADDRESSES, &alt, &look.labels)
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
