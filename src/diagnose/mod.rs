//! What successive snapshots of a socket table say: leak, churn, bounded, burst or CLOSE_WAIT.
//!
//! Lives here: which rows are the client's, what each remote endpoint's ports do over time, how
//! fast they grow and when the port range ends. Does not live here: files and their formats
//! (`input::snapshots`), the terminal (`cli`).
//!
//! **Invariant:** pure functions of the rows: no IO, no clock, no order of a hash.

use crate::model::settings::{PortRange, PortScope};
use crate::stats::Interval;
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

pub mod dump;
pub mod growth;
pub mod kind;
#[cfg(feature = "watch")]
pub mod live;
pub mod outlook;
pub mod reproduce;
pub mod series;
pub mod sides;
mod table;

pub use dump::Dump;
pub use kind::Kind;
pub use outlook::Outlook;
pub use series::{Series, Step};
pub use table::{Connection, SocketTable, State};

/// The port range against which findings are judged.
#[derive(Clone, PartialEq, Debug)]
pub struct LocalPorts {
    /// The preset's name, or the range as it was given.
    pub name: String,
    /// The ports.
    pub range: PortRange,
    /// What one port can serve at a time.
    pub scope: PortScope,
    /// How long a port is held after the client closed first, where known.
    pub time_wait: Option<SimSpan>,
}

/// What was found of one remote endpoint.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The remote endpoint: `10.0.0.1:443`.
    pub remote: String,
    /// What its ports do.
    pub kind: Kind,
    /// Growth of the ports in use, per second.
    pub growth_per_s: f64,
    /// Its 95% interval; `None` with too few snapshots.
    pub interval: Option<Interval>,
    /// New ports per second, where single ports are known.
    pub opened_per_s: Option<f64>,
    /// Its ports over time.
    pub series: Series,
    /// What follows for the port range.
    pub outlook: Outlook,
    /// When all ports were given back, as by a restart, in seconds since the first snapshot:
    /// kind, growth and outlook are of the time since then.
    pub restart_s: Option<f64>,
}

impl Finding {
    /// The ports of the last snapshot.
    pub fn ports(&self) -> u64 {
        self.series.last_total()
    }
}

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// One per remote endpoint: the most ports first, then by name.
    pub findings: Vec<Finding>,
    /// How many snapshots there are.
    pub snapshots: usize,
    /// From the first to the last, in seconds.
    pub span_s: f64,
    /// The ports taken in the last snapshot by all endpoints.
    pub ports: u64,
    /// The range they come from.
    pub table: LocalPorts,
}

impl Diagnosis {
    /// The growth of all endpoints whose growth has no end, and the seconds until no port is free:
    /// where a port serves one connection and several endpoints grow.
    pub fn together(&self) -> Option<(f64, f64)> {
        let growing = self
            .findings
            .iter()
            .filter(|it| it.outlook.left_s.is_some());
        let rates: Vec<f64> = growing.map(|it| it.growth_per_s).collect();
        if self.table.scope != PortScope::Host || rates.len() < 2 {
            return None;
        }
        let rate: f64 = rates.iter().sum();
        let free = f64::from(self.table.range.count) - self.ports as f64;
        Some((rate, free.max(0.0) / rate))
    }
}

/// Judges each series against the port range.
pub fn diagnose(series: Vec<Series>, table: LocalPorts) -> Diagnosis {
    let ports = series.iter().map(Series::last_total).sum();
    let snapshots = series.iter().map(|it| it.steps.len()).max().unwrap_or(0);
    let span_s = series.first().map_or(0.0, Series::span_s);
    let mut findings: Vec<Finding> = series
        .into_iter()
        .map(|series| judge(series, &table, ports))
        .collect();
    findings.sort_by(|a, b| {
        b.ports()
            .cmp(&a.ports())
            .then_with(|| a.remote.cmp(&b.remote))
    });
    Diagnosis {
        findings,
        snapshots,
        span_s,
        ports,
        table,
    }
}

fn judge(series: Series, table: &LocalPorts, all_ports: u64) -> Finding {
    let since = since_restart(&series, table);
    let restart_s = since.as_ref().map(|it| it.steps[0].time_s);
    let judged = since.as_ref().unwrap_or(&series);
    let kind = kind::of(judged, table);
    let growth = kind.growth(judged, table.time_wait);
    let opened_per_s = judged.opened_per_s();
    let outlook = outlook::of(judged, kind, &growth, table, all_ports);
    Finding {
        remote: series.remote.clone(),
        kind,
        growth_per_s: growth.per_s,
        interval: growth.interval,
        opened_per_s,
        outlook,
        series,
        restart_s,
    }
}

/// The part of a series behind its only collapse, where ports pile up before it and behind it in
/// the same way: a program was restarted, and does it again. Several collapses are a program that
/// closes its connections at times; a collapse into calm is the end of a burst.
fn since_restart(series: &Series, table: &LocalPorts) -> Option<Series> {
    /// Fewer ports than this may go at once without a restart.
    const MANY: u64 = 20;
    /// Fewer snapshots than this show no kind.
    const FEW: usize = 4;
    let falls = |pair: &[Step]| {
        let (before, after) = (pair[0].total(), pair[1].total());
        before >= after + MANY && 2 * after < before
    };
    let mut collapses = series.steps.windows(2).enumerate();
    let (at, _) = collapses.find(|(_, pair)| falls(pair))?;
    if collapses.any(|(_, pair)| falls(pair)) {
        return None;
    }
    let (before, after) = series.steps.split_at(at + 1);
    let part = |steps: &[Step]| Series {
        remote: series.remote.clone(),
        steps: steps.to_vec(),
    };
    let (before, after) = (part(before), part(after));
    let kinds = [kind::of(&before, table), kind::of(&after, table)];
    let grows = matches!(kinds[1], Kind::Leak | Kind::Churn | Kind::CloseWait);
    let long = before.steps.len() >= FEW && after.steps.len() >= FEW;
    (long && grows && kinds[0] == kinds[1]).then_some(after)
}

#[cfg(test)]
mod tests;
