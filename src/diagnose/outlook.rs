//! What a finding means for the port range: its share, its end, or the level it settles at.

use super::growth::Growth;
use super::kind::Kind;
use super::series::Series;
use super::{LocalPorts, State};
use crate::model::settings::PortScope;

/// What follows for the port range.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Outlook {
    /// The endpoint's ports as a share of the range.
    pub share: f64,
    /// Seconds until no port is free at this rate; `None` if ports do not grow, or never that far.
    pub left_s: Option<f64>,
    /// The level at which a churn settles: rate times TIME_WAIT, where that is known.
    pub level: Option<f64>,
}

/// Judges one series.
pub fn of(
    series: &Series,
    kind: Kind,
    growth: &Growth,
    table: &LocalPorts,
    all_ports: u64,
) -> Outlook {
    let limit = f64::from(table.range.count);
    let own = series.last_total() as f64;
    let level = (kind == Kind::Churn)
        .then(|| churn_level(series, growth, table))
        .flatten();
    // Where a port serves one connection, every endpoint's ports count against the range.
    let taken = match table.scope {
        PortScope::Host => all_ports as f64,
        PortScope::Destination => own,
    };
    let others = taken - own;
    let grows = matches!(kind, Kind::Leak | Kind::Churn | Kind::CloseWait) && growth.per_s > 0.0;
    // Growth that may as well be none predicts no end.
    let sure = growth.interval.is_none_or(|it| it.low > 0.0);
    let settles = level.is_some_and(|level| level + others <= limit);
    let left_s = (grows && sure && !settles).then(|| (limit - taken).max(0.0) / growth.per_s);
    Outlook {
        share: own / limit,
        left_s,
        level,
    }
}

/// Each new connection holds its port for the TIME_WAIT.
fn churn_level(series: &Series, growth: &Growth, table: &LocalPorts) -> Option<f64> {
    let hold = table.time_wait?.as_seconds();
    let rate = series
        .opened_per_s()
        .unwrap_or(growth.per_s)
        .max(growth.per_s);
    let last = series.steps.last()?;
    Some(rate * hold + (last.total() - last.count(State::TimeWait)) as f64)
}
