//! `retry`: what a program does after a failure.

use crate::model::workload::{Retry, RetryBudget, RetryKinds, RetryOn};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range, Unread, is_word, wrong_type};
use alloc::format;
use alloc::string::String;

/// Most attempts after a failure.
const MOST_ATTEMPTS: u64 = 1_000;

/// Most retries that a budget may save up. A bound of ours.
const MOST_BURST: u64 = 1_000_000;

/// The words of `on`.
pub(in crate::scenario) const KINDS: &[(&str, RetryOn)] = &[
    ("connect", RetryOn::Connect),
    ("timeout", RetryOn::Timeout),
    ("server-error", RetryOn::ServerError),
    ("connection-lost", RetryOn::ConnectionLost),
];

/// Reads `retry`: "never" or a table.
pub(super) fn retry(node: &Node, problems: &mut Problems) -> Result<Option<Retry>, Unread> {
    if is_word(node, "never") {
        return Ok(None);
    }
    let help = "`{ attempts = 3, backoff = \"1s\", factor = 2, jitter = true }`";
    if !matches!(node.value, Value::Table(_)) {
        let wanted: String = format!("`\"never\"` or {help}");
        wrong_type(problems, "retry", node, &wanted);
        return Err(Unread);
    }
    let keys = [
        "attempts",
        "backoff",
        "factor",
        "jitter",
        "max-backoff",
        "budget",
        "on",
    ];
    let fields = Fields::open(node, "retry", &keys, problems).ok_or(Unread)?;
    fields.require("attempts", "retry", help, problems);
    fields.require("backoff", "retry", help, problems);
    let attempts = fields.count("attempts", 1, MOST_ATTEMPTS, problems);
    let backoff = fields.span("backoff", problems);
    let factor = match fields.get("factor") {
        None => Some(2.0),
        Some(_) => fields.number("factor", Range::AtLeastOne, problems),
    };
    let jitter = fields.flag("jitter", problems).unwrap_or(false);
    let max_backoff = match fields.get("max-backoff") {
        None => Some(None),
        Some(_) => fields.span("max-backoff", problems).map(Some),
    };
    let budget = match fields.get("budget") {
        None => Some(None),
        Some(node) => budget(node, problems).map(Some),
    };
    let on = match fields.get("on") {
        None => Some(RetryKinds::ALL),
        Some(node) => kinds(node, problems),
    };
    let read = || {
        Some(Retry {
            attempts: attempts? as u32,
            backoff: backoff?,
            factor: factor?,
            jitter,
            max_backoff: max_backoff?,
            budget: budget?,
            on: on?,
        })
    };
    read().map(Some).ok_or(Unread)
}

/// Reads `budget`.
fn budget(node: &Node, problems: &mut Problems) -> Option<RetryBudget> {
    let fields = Fields::open(node, "budget", &["share", "burst"], problems)?;
    let help = "`{ share = 0.1, burst = 10 }`: one retry for ten requests, ten at once at most";
    fields.require("share", "budget", help, problems);
    fields.require("burst", "budget", help, problems);
    let share = fields.number("share", Range::NotNegative, problems);
    let burst = fields.count("burst", 0, MOST_BURST, problems);
    Some(RetryBudget {
        share: share?,
        burst: burst? as u32,
    })
}

/// Reads `on`: a list of words.
fn kinds(node: &Node, problems: &mut Problems) -> Option<RetryKinds> {
    let Value::List(items) = &node.value else {
        let wanted = "a list such as `[\"connect\", \"timeout\"]`";
        wrong_type(problems, "on", node, wanted);
        return None;
    };
    if items.is_empty() {
        problems
            .error(&node.place, "`on` must name at least one kind of failure")
            .help("write `retry = \"never\"` to try nothing again");
        return None;
    }
    let mut kinds = RetryKinds::NONE;
    for item in items {
        kinds = kinds.with(value::choice(item, "on", KINDS, problems)?);
    }
    Some(kinds)
}
