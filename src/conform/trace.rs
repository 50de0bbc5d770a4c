//! The format of recorded traces.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One recorded trace.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Family letter and number.
    pub id: String,
    /// What the implementation was started with.
    pub config: Config,
    /// Operations and the states after them.
    pub steps: Vec<Step>,
    /// Assertions of the real source that failed while it was recorded.
    pub asserts: u64,
}

/// What the implementation was started with.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `ServicePoint.MaxIdleTime` in ms; -1 is never.
    pub max_idle_ms: i64,
    /// Limit per group.
    pub connection_limit: u32,
    /// Which variant of the source.
    pub mode: Mode,
    /// 1: requests are pipelinable (AS-5).
    pub pipelining: u8,
    /// `ConnectionLeaseTimeout` in ms; -1 is never.
    pub lease_ms: i64,
}

/// Which variant of the source was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// As published: .NET Framework 4.8 with the reservation leak.
    Refsrc,
    /// The same without the group idle timer (CG-6).
    NoGroupTimer,
}

/// One step.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The operation.
    #[serde(rename = "in")]
    pub input: Input,
    /// What it gave back.
    pub result: serde_json::Value,
    /// The state after it.
    pub out: Out,
}

/// An operation; times in ms.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the format's own words")]
pub enum Input {
    /// A request is submitted.
    Submit {
        t: u64,
        id: u64,
        group: String,
        keepalive: bool,
    },
    /// A response is read to its end.
    Complete { t: u64, id: u64, server_close: bool },
    /// `FindServicePoint(uri).CloseConnectionGroup(group)`.
    CloseGroup { t: u64, group: String },
    /// The server closes the idle connections of a group.
    ServerFin { t: u64, group: String },
    /// `ServicePoint.MaxIdleTime = ms`.
    SetMaxIdle { t: u64, ms: i64 },
    /// `ServicePoint.ConnectionLimit = n`.
    SetLimit { t: u64, n: u32 },
    /// A request is aborted.
    Abort { t: u64, id: u64 },
    /// Time passes.
    Wait { t: u64 },
}

impl Input {
    /// When the operation happens, in ms.
    pub const fn time_ms(&self) -> u64 {
        match self {
            Input::Submit { t, .. }
            | Input::Complete { t, .. }
            | Input::CloseGroup { t, .. }
            | Input::ServerFin { t, .. }
            | Input::SetMaxIdle { t, .. }
            | Input::SetLimit { t, .. }
            | Input::Abort { t, .. }
            | Input::Wait { t } => *t,
        }
    }
}

/// The state after a step.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the format's own words")]
pub struct Out {
    pub t: u64,
    pub sp_in_table: u8,
    pub sp_idle_timer: u8,
    pub sp_active: u32,
    pub groups: u64,
    pub current_connections: i64,
    pub sockets_open: u64,
    pub sockets_idle: u64,
    pub sockets_busy: u64,
    pub sockets_opened_total: u64,
    pub sockets_closed_total: u64,
    pub on_wire: u64,
    pub queued: u64,
    pub retries: u64,
    pub timers_pending: u64,
    pub per_group: BTreeMap<String, u32>,
    pub fired: Vec<FiredTimer>,
}

/// An idle timer that fired before a step.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FiredTimer {
    /// When the pass was, in ms.
    pub t: u64,
    /// `group_idle` or `sp_idle`.
    pub kind: String,
    /// The group's key, or the ServicePoint's address.
    pub name: String,
}

/// A line that is not a trace.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct TraceLineError {
    /// Where in the line, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Reads one line.
///
/// # Errors
/// What is wrong with it.
pub fn parse_line(line: &[u8]) -> Result<Trace, TraceLineError> {
    let trace: Trace = serde_json::from_slice(line).map_err(|error| {
        let text = error.to_string();
        // serde_json counts lines from 1 within what it was given, which is one line.
        let problem = text.split(" at line ").next().unwrap_or(&text).to_owned();
        TraceLineError {
            column: error.column(),
            problem,
        }
    })?;
    trace
        .check()
        .map_err(|problem| TraceLineError { column: 1, problem })?;
    Ok(trace)
}

impl Trace {
    /// What the types cannot say.
    fn check(&self) -> Result<(), String> {
        if self.config.connection_limit == 0 {
            return Err("`connection_limit` must be at least 1, found 0".to_owned());
        }
        if self.config.pipelining > 1 {
            return Err(format!(
                "`pipelining` must be 0 or 1, found {}",
                self.config.pipelining
            ));
        }
        for (name, value) in [
            ("max_idle_ms", self.config.max_idle_ms),
            ("lease_ms", self.config.lease_ms),
        ] {
            if value < -1 {
                return Err(format!("`{name}` must be -1 or more, found {value}"));
            }
        }
        let mut before = 0;
        for (number, step) in self.steps.iter().enumerate() {
            let time = step.input.time_ms();
            if time < before || time > 300_000_000_000 {
                return Err(format!(
                    "step {number}: `t` {time} is out of order or range"
                ));
            }
            before = time;
            match &step.input {
                Input::SetLimit { n: 0, .. } => {
                    return Err(format!("step {number}: `n` must be at least 1, found 0"));
                }
                Input::SetMaxIdle { ms, .. } if *ms < -1 => {
                    return Err(format!(
                        "step {number}: `ms` must be -1 or more, found {ms}"
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
