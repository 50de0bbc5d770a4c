//! The ports of one remote endpoint over time.

use super::sides::Sides;
use super::table::{Row, SocketTable, State};
use crate::units::NANOS_PER_SECOND;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What one snapshot says of an endpoint.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Step {
    /// Seconds since the first snapshot.
    pub time_s: f64,
    /// Ports by state.
    pub states: BTreeMap<State, u64>,
    /// Ports taken since the snapshot before, where single ports are known.
    pub opened: Option<u64>,
}

impl Step {
    /// All ports.
    pub fn total(&self) -> u64 {
        self.states.values().sum()
    }

    /// The ports in `state`.
    pub fn count(&self, state: State) -> u64 {
        self.states.get(&state).copied().unwrap_or(0)
    }

    /// The ports that are neither held in TIME_WAIT nor left in CLOSE_WAIT.
    pub fn alive(&self) -> u64 {
        self.total() - self.count(State::TimeWait) - self.count(State::CloseWait)
    }
}

/// The ports of one remote endpoint over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// The endpoint, or what else the numbers belong to.
    pub remote: String,
    /// One per snapshot.
    pub steps: Vec<Step>,
}

impl Series {
    /// The ports of the last snapshot.
    pub fn last_total(&self) -> u64 {
        self.steps.last().map_or(0, Step::total)
    }

    /// Whether somebody counted the connections that were made, but not those that are open.
    pub fn counts_only_new(&self) -> bool {
        let is_uncounted = |it: &Step| it.states.is_empty();
        self.steps.iter().all(is_uncounted) && self.steps.iter().any(|it| it.opened > Some(0))
    }

    /// Seconds, and the connections that were made since the first snapshot.
    pub fn running_total(&self) -> Vec<(f64, f64)> {
        let mut total = 0;
        let made = |(index, step): (usize, &Step)| {
            total += step.opened.filter(|_| index > 0).unwrap_or(0);
            (step.time_s, total as f64)
        };
        self.steps.iter().enumerate().map(made).collect()
    }

    /// Seconds from the first snapshot to the last.
    pub fn span_s(&self) -> f64 {
        match (self.steps.first(), self.steps.last()) {
            (Some(first), Some(last)) => last.time_s - first.time_s,
            _ => 0.0,
        }
    }

    /// Seconds and `count` of each snapshot.
    pub fn points(&self, count: fn(&Step) -> u64) -> Vec<(f64, f64)> {
        let steps = self.steps.iter();
        steps
            .map(|step| (step.time_s, count(step) as f64))
            .collect()
    }

    /// New ports per second over the whole time; `None` where single ports are not known.
    pub fn opened_per_s(&self) -> Option<f64> {
        let opened: Option<u64> = self.steps.iter().skip(1).map(|it| it.opened).sum();
        let span = self.span_s();
        opened
            .filter(|_| span > 0.0)
            .map(|opened| opened as f64 / span)
    }
}

/// One series for each remote endpoint that a client's row of `table` has; the table is sorted.
pub fn of(table: &SocketTable) -> Vec<Series> {
    let sides = Sides::of(table);
    let start = table.snapshots.first().map_or(0, |it| it.time_ns);
    let mut all: BTreeMap<u32, Vec<Step>> = BTreeMap::new();
    let mut before: Option<Vec<Row>> = None;
    for (number, snapshot) in table.snapshots.iter().enumerate() {
        let clients = sides.clients(table, &snapshot.rows);
        let time_s = (snapshot.time_ns - start) as f64 / NANOS_PER_SECOND as f64;
        for rows in clients.chunk_by(|a, b| a.remote == b.remote) {
            let steps = all.entry(rows[0].remote).or_default();
            // Before an endpoint is first seen it has no ports.
            steps.resize(number, Step::default());
            steps.push(step(rows, before.as_deref(), time_s));
        }
        for steps in all.values_mut() {
            if steps.len() == number {
                steps.push(Step {
                    time_s,
                    opened: Some(0),
                    ..Step::default()
                });
            }
        }
        before = Some(clients);
    }
    let times: Vec<f64> = table
        .snapshots
        .iter()
        .map(|it| (it.time_ns - start) as f64 / NANOS_PER_SECOND as f64)
        .collect();
    all.into_iter()
        .map(|(remote, mut steps)| {
            for (step, time_s) in steps.iter_mut().zip(&times) {
                step.time_s = *time_s;
                step.opened = step.opened.or(Some(0));
            }
            Series {
                remote: table.end(remote).to_string(),
                steps,
            }
        })
        .collect()
}

/// `rows` are all rows of one endpoint, `before` all rows of the snapshot before.
fn step(rows: &[Row], before: Option<&[Row]>, time_s: f64) -> Step {
    let mut states: BTreeMap<State, u64> = BTreeMap::new();
    let mut opened = 0;
    for row in rows {
        *states.entry(row.state).or_default() += 1;
        let Some(before) = before else {
            continue;
        };
        let same =
            before.binary_search_by(|it| (it.remote, it.local).cmp(&(row.remote, row.local)));
        // A port that was held and is alive again serves a new connection.
        let is_new = same.map_or(true, |at| {
            before[at].state == State::TimeWait && row.state != State::TimeWait
        });
        opened += u64::from(is_new);
    }
    Step {
        time_s,
        states,
        opened: Some(opened),
    }
}

/// The local ports that clients have in the last snapshot.
pub fn local_ports(table: &SocketTable) -> BTreeSet<u16> {
    let sides = Sides::of(table);
    let last = table.snapshots.last();
    let rows = last
        .map(|it| sides.clients(table, &it.rows))
        .unwrap_or_default();
    rows.iter().map(|row| table.end(row.local).port()).collect()
}
