//! The format of recorded traces.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// `ServicePointManager.MaxServicePoints`; 0 is unlimited.
    #[serde(default)]
    pub max_service_points: u32,
    /// 1: an automatic re-submit is not pipelined again (FL-2).
    #[serde(default)]
    pub unpipelined: u8,
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

/// [`Input`]: its operations, of which each has a time and may name a host.
macro_rules! inputs {
    ($(
        $(#[$about:meta])*
        $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* },
    )*) => {
        /// An operation; times in ms.
        #[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
        #[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
        #[allow(missing_docs, reason = "the fields are the format's own words")]
        pub enum Input {
            $(
                $(#[$about])*
                $name {
                    t: u64,
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    host: Option<String>,
                    $($(#[$attribute])* $field: $kind,)*
                },
            )*
        }

        impl Input {
            /// When the operation happens, in ms.
            pub const fn time_ms(&self) -> u64 {
                match self {
                    $(Input::$name { t, .. })|* => *t,
                }
            }

            /// Whose ServicePoint it is about; `None` is the trace's own host.
            pub fn host(&self) -> Option<&str> {
                match self {
                    $(Input::$name { host, .. })|* => host.as_deref(),
                }
            }
        }
    };
}

inputs! {
    /// A request is submitted.
    Submit {
        id: u64,
        group: String,
        keepalive: bool,
        #[serde(default, skip_serializing_if = "is_false")]
        r#unsafe: bool,
        #[serde(default, skip_serializing_if = "is_false")]
        held: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pipelined: Option<bool>,
    },
    /// A response is read to its end.
    Complete {
        id: u64,
        server_close: bool,
    },
    /// `FindServicePoint(uri).CloseConnectionGroup(group)`.
    CloseGroup { group: String, },
    /// The server closes the idle connections of a group.
    ServerFin {
        group: String,
        #[serde(default, skip_serializing_if = "is_false")]
        r#unsafe: bool,
    },
    /// `ServicePoint.MaxIdleTime = ms`.
    SetMaxIdle { ms: i64, },
    /// `ServicePoint.ConnectionLimit = n`.
    SetLimit { n: u32, },
    /// `ServicePoint.ConnectionLeaseTimeout = ms`.
    SetLease { ms: i64, },
    /// A request is aborted.
    Abort { id: u64, },
    /// From now on connects wait for a `resolve`, or succeed at once.
    ConnectMode { delay: bool, },
    /// One of the waiting connects succeeds or fails.
    Resolve {
        index: usize,
        ok: bool,
    },
    /// The server's side of the connection that carries a request is gone before its answer.
    Lose { id: u64, },
    /// `FindServicePoint(uri)` by a program that keeps the object.
    Hold {},
    /// Time passes.
    Wait {},
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
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
    /// The requests that ended in the step, as `id:Outcome`; not in older recordings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Vec<String>>,
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

/// How a request may end, by the recording's names: those of `WebExceptionStatus`, and what
/// `MaxServicePoints` refuses.
const OUTCOMES: &[&str] = &[
    "ok",
    "ConnectFailure",
    "ConnectionClosed",
    "KeepAliveFailure",
    "PipelineFailure",
    "RequestCanceled",
    "ReceiveFailure",
    "SendFailure",
    "Timeout",
    "TooManyServicePoints",
];

/// Reads one line.
///
/// # Errors
/// What is wrong with it.
pub fn parse_line(line: &[u8]) -> Result<Trace, TraceLineError> {
    let trace: Trace = serde_json::from_slice(line).map_err(|error| {
        let text = error.to_string();
        // serde_json counts lines from 1 within what it was given, which is one line.
        let problem = text.split(" at line ").next().unwrap_or(&text);
        TraceLineError {
            column: error.column(),
            problem: match wrong_step(line) {
                Some(step) => format!("step {step}: {problem}"),
                None => problem.to_owned(),
            },
        }
    })?;
    trace
        .check()
        .map_err(|problem| TraceLineError { column: 1, problem })?;
    Ok(trace)
}

/// The first step of a line that is none.
fn wrong_step(line: &[u8]) -> Option<usize> {
    #[derive(Deserialize)]
    struct Steps {
        steps: Vec<serde_json::Value>,
    }
    let all: Steps = serde_json::from_slice(line).ok()?;
    let is_wrong = |step: serde_json::Value| serde_json::from_value::<Step>(step).is_err();
    all.steps.into_iter().position(is_wrong)
}

impl Trace {
    /// The host of operations that name none.
    pub fn own_host(&self) -> String {
        let number = self.id.trim_start_matches(|c: char| !c.is_ascii_digit());
        let number = number.trim_start_matches('0');
        let number = if number.is_empty() { "0" } else { number };
        format!("s{number}.test")
    }

    /// What the types cannot say.
    fn check(&self) -> Result<(), String> {
        if self.config.connection_limit == 0 {
            return Err("`connection_limit` must be at least 1, found 0".to_owned());
        }
        for (name, value) in [
            ("pipelining", self.config.pipelining),
            ("unpipelined", self.config.unpipelined),
        ] {
            if value > 1 {
                return Err(format!("`{name}` must be 0 or 1, found {value}"));
            }
        }
        for (name, value) in [
            ("max_idle_ms", self.config.max_idle_ms),
            ("lease_ms", self.config.lease_ms),
        ] {
            if value < -1 {
                return Err(format!("`{name}` must be -1 or more, found {value}"));
            }
        }
        let own = self.own_host();
        let hosts: BTreeSet<&str> = (self.steps.iter())
            .map(|step| step.input.host().unwrap_or(&own))
            .collect();
        let mut submitted = BTreeSet::new();
        let mut before = 0;
        for (number, step) in self.steps.iter().enumerate() {
            let time = step.input.time_ms();
            if time < before || time > 300_000_000_000 {
                return Err(format!(
                    "step {number}: `t` {time} is out of order or range"
                ));
            }
            before = time;
            let said = step.check(&hosts, &mut submitted);
            said.map_err(|problem| format!("step {number}: {problem}"))?;
        }
        Ok(())
    }
}

impl Step {
    /// What is wrong with it, where these are the hosts that operations name and these the
    /// requests submitted before.
    fn check(&self, hosts: &BTreeSet<&str>, submitted: &mut BTreeSet<u64>) -> Result<(), String> {
        if let Some(host) = self.input.host() {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
            if host.is_empty() || !host.chars().all(fits) {
                return Err(format!("`host` must be the name of a host, found `{host}`"));
            }
        }
        match &self.input {
            Input::SetLimit { n: 0, .. } => {
                return Err("`n` must be at least 1, found 0".to_owned());
            }
            Input::SetMaxIdle { ms, .. } | Input::SetLease { ms, .. } if *ms < -1 => {
                return Err(format!("`ms` must be -1 or more, found {ms}"));
            }
            Input::Submit { id, .. } if !submitted.insert(*id) => {
                return Err(format!("request {id} is submitted twice"));
            }
            _ => {}
        }
        let result = &self.result;
        let is_known = match &self.input {
            Input::CloseGroup { .. } => result.is_boolean() || result == "too_many",
            Input::ServerFin { .. } => result.is_u64(),
            Input::Complete { .. } | Input::Resolve { .. } | Input::Lose { .. } => {
                result == "ok" || result == "skipped"
            }
            Input::Abort { .. } => {
                let known = ["connection_closed", "disassociated", "skipped"];
                known.iter().any(|word| result == word)
            }
            _ => result.is_null() || result == "too_many",
        };
        if !is_known {
            return Err(format!("unknown result {result} of this operation"));
        }
        for ended in self.out.ended.iter().flatten() {
            let known = ended.split_once(':');
            let known = known.and_then(|(id, outcome)| Some((id.parse::<u64>().ok()?, outcome)));
            match known {
                Some((id, _)) if !submitted.contains(&id) => {
                    return Err(format!("`{ended}`: no request {id} was submitted"));
                }
                Some((_, outcome)) if OUTCOMES.contains(&outcome) => {}
                _ => return Err(format!("unknown outcome `{ended}`")),
            }
        }
        for fired in &self.out.fired {
            match fired.kind.as_str() {
                "group_idle" => {}
                "sp_idle" => {
                    let host = fired.name.strip_prefix("http://");
                    if !host.is_some_and(|host| hosts.contains(host)) {
                        return Err(format!("`{}` is the address of no host", fired.name));
                    }
                }
                kind => return Err(format!("unknown kind of timer `{kind}`")),
            }
        }
        Ok(())
    }
}
