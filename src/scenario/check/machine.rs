//! `[machine]`, and the port keys that a strategy shares with it.

use crate::model::service::SynRetry;
use crate::model::settings::{IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::profiles::ports::{self, PortPreset};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{self, Fields};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Unread, unknown_word, wrong_type};
use crate::units::SimSpan;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The first port of a bare count: where Windows 2003's range began.
const FIRST_OF_COUNT: u16 = 1025;

/// How many ports there are when nobody says: the article's "default 5000".
const DEFAULT_COUNT: u32 = 5_000;

/// Most machines. A bound of ours: each has processes and a port table.
const MOST_INSTANCES: u64 = 1_000;

/// The words of `scope`.
pub(super) const SCOPES: &[(&str, PortScope)] = &[
    ("host", PortScope::Host),
    ("destination", PortScope::Destination),
];

/// The words of `time-wait-error`.
const ERRORS: &[(&str, PortErrorName)] = &[
    ("WSAENOBUFS", PortErrorName::Wsaenobufs),
    ("WSAEADDRINUSE", PortErrorName::Wsaeaddrinuse),
    ("EADDRNOTAVAIL", PortErrorName::Eaddrnotavail),
];

/// The machine when nothing is said about it.
pub(super) fn default_machine() -> Machine {
    Machine {
        ports: counted(DEFAULT_COUNT),
        preset: None,
        time_wait: SimSpan::ZERO,
        time_wait_given: false,
        scope: PortScope::Host,
        time_wait_error: PortErrorName::Wsaenobufs,
        idle_close: IdleClose::Reset,
        time_wait_reuse_after: None,
        syn_retry: SynRetry::WINDOWS,
        instances: 1,
    }
}

/// Reads `[machine]`.
pub(super) fn machine(node: Option<&Node>, problems: &mut Problems) -> Machine {
    let mut machine = default_machine();
    let fields = node.and_then(|node| Fields::open(node, "machine", file::MACHINE, problems));
    let Some(fields) = fields else {
        return machine;
    };
    if let Some(ports) = fields
        .get("ports")
        .and_then(|node| ports_value(node, problems))
    {
        machine.ports = ports.range();
        if let Ports::Preset(preset) = ports {
            machine.preset = Some(preset.name.into());
            machine.scope = preset.scope.value;
            machine.time_wait_given = preset.time_wait.is_some();
            machine.time_wait = preset_hold(preset);
        }
    }
    if let Some(hold) = fields.span("time-wait", problems) {
        machine.time_wait = hold;
        machine.time_wait_given = true;
    }
    if let Some(scope) = fields.choice("scope", SCOPES, problems) {
        machine.scope = scope;
    }
    if let Some(error) = fields.choice("time-wait-error", ERRORS, problems) {
        machine.time_wait_error = error;
    }
    let closes = &[("reset", IdleClose::Reset), ("fin", IdleClose::Fin)];
    if let Some(close) = fields.choice("idle-close", closes, problems) {
        machine.idle_close = close;
    }
    if let Some(node) = fields.get("time-wait-reuse") {
        machine.time_wait_reuse_after = reuse(node, problems).ok().flatten();
    }
    machine.syn_retry = syn_retry_of(machine.preset.as_deref());
    if let Some(syn) = fields
        .get("syn-retry")
        .and_then(|node| syn_retry(node, problems))
    {
        machine.syn_retry = syn;
    }
    if let Some(count) = fields
        .get("instances")
        .and_then(|node| instances(node, problems))
    {
        machine.instances = count;
    }
    machine
}

/// How long a preset holds a port; nothing where it does not say.
pub(super) fn preset_hold(preset: &PortPreset) -> SimSpan {
    preset
        .time_wait
        .as_ref()
        .map_or(SimSpan::ZERO, |hold| hold.value)
}

/// What `ports` may be.
pub(super) enum Ports {
    /// A named port table.
    Preset(&'static PortPreset),
    /// A count or a range.
    Range(PortRange),
}

impl Ports {
    pub(super) fn range(&self) -> PortRange {
        match self {
            Ports::Preset(preset) => preset.range.value,
            Ports::Range(range) => *range,
        }
    }
}

/// Reads `ports`: a count, a preset or `{ first, last }`.
pub(super) fn ports_value(node: &Node, problems: &mut Problems) -> Option<Ports> {
    match &node.value {
        Value::Text(name) => {
            let found = ports::find(name);
            if found.is_none() {
                let known: Vec<&str> = ports::ALL.iter().map(|preset| preset.name).collect();
                unknown_word(problems, node, "ports", name, &known);
            }
            found.map(Ports::Preset)
        }
        Value::Table(_) => range(node, problems).map(Ports::Range),
        Value::Integer(_) | Value::Float(_) => {
            let count = value::count(node, "ports", 1, 65_535, problems)?;
            Some(Ports::Range(counted(count as u32)))
        }
        _ => {
            let wanted = "a count, a preset or `{ first = 1025, last = 5000 }`";
            wrong_type(problems, "ports", node, wanted);
            None
        }
    }
}

/// A range of `count` ports. Which ones they are does not matter to anything.
pub(in crate::scenario) fn counted(count: u32) -> PortRange {
    let highest_first = 65_536 - count;
    let first = u32::from(FIRST_OF_COUNT).min(highest_first) as u16;
    PortRange { first, count }
}

fn range(node: &Node, problems: &mut Problems) -> Option<PortRange> {
    let fields = Fields::open(node, "ports", &["first", "last"], problems)?;
    let help = "`{ first = 1025, last = 5000 }`";
    fields.require("first", "ports", help, problems);
    fields.require("last", "ports", help, problems);
    let first = fields.count("first", 1, 65_535, problems);
    let last = fields.count("last", 1, 65_535, problems);
    let (first, last) = (first?, last?);
    if last < first {
        let message = format!("`last` must not be below `first`, found {last} below {first}");
        problems.error(&node.place, message);
        return None;
    }
    Some(PortRange {
        first: first as u16,
        count: (last - first + 1) as u32,
    })
}

/// Reads `time-wait-reuse`: "never" or `{ after = "1s" }`.
pub(super) fn reuse(node: &Node, problems: &mut Problems) -> Result<Option<SimSpan>, Unread> {
    if value::is_word(node, "never") {
        return Ok(None);
    }
    if !matches!(node.value, Value::Table(_)) {
        let wanted = "`\"never\"` or `{ after = \"1s\" }`";
        wrong_type(problems, "time-wait-reuse", node, wanted);
        return Err(Unread);
    }
    let fields = Fields::open(node, "time-wait-reuse", &["after"], problems).ok_or(Unread)?;
    let help = "`{ after = \"1s\" }`";
    fields.require("after", "time-wait-reuse", help, problems);
    fields.span("after", problems).map(Some).ok_or(Unread)
}

/// How connects are tried again where the ports are those of a preset.
pub(in crate::scenario) fn syn_retry_of(preset: Option<&str>) -> SynRetry {
    match preset {
        Some("linux") => SynRetry::LINUX,
        _ => SynRetry::WINDOWS,
    }
}

/// Reads `instances`.
pub(super) fn instances(node: &Node, problems: &mut Problems) -> Option<u32> {
    value::count(node, "instances", 1, MOST_INSTANCES, problems).map(|count| count as u32)
}

/// Reads `syn-retry`.
fn syn_retry(node: &Node, problems: &mut Problems) -> Option<SynRetry> {
    const MOST_TIMES: u64 = 20;
    let fields = Fields::open(node, "syn-retry", &["first", "times"], problems)?;
    let help = "`{ first = \"3s\", times = 2 }`";
    fields.require("first", "syn-retry", help, problems);
    fields.require("times", "syn-retry", help, problems);
    let first = fields.span_above_zero("first", problems);
    let times = fields.count("times", 0, MOST_TIMES, problems);
    Some(SynRetry {
        first: first?,
        times: times? as u32,
    })
}

/// The word for an error name.
pub(in crate::scenario) fn error_word(error: PortErrorName) -> &'static str {
    let found = ERRORS.iter().find(|(_, name)| *name == error);
    found.map_or("WSAENOBUFS", |(word, _)| word)
}

/// The word for a scope.
pub(in crate::scenario) fn scope_word(scope: PortScope) -> &'static str {
    match scope {
        PortScope::Host => "host",
        PortScope::Destination => "destination",
    }
}

/// The text of `ports` that gives `range` back, unless a preset names it.
pub(in crate::scenario) fn ports_text(range: PortRange) -> String {
    if range == counted(range.count) {
        return format!("{}", range.count);
    }
    let last = u32::from(range.first) + range.count - 1;
    format!("{{ first = {}, last = {last} }}", range.first)
}
