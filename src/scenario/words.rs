//! The values of a resolved scenario as TOML writes them.

use super::check::machine::{ports_text, scope_word};
use super::check::nat;
use super::check::retry::KINDS;
use super::check::service::abandoned_work_word;
use crate::model::workload::{GroupRule, Retry, RetryKinds};
use crate::model::{CloseGroups, Nat, Patch, Throttle};
use crate::units::{ConnectionLimit, SimSpan};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The key and the value of a patch.
pub(super) fn patch_text(patch: &Patch) -> (&'static str, String) {
    match patch {
        Patch::Groups(size) => ("groups", size.to_string()),
        Patch::Group(rule) => ("group", group(rule)),
        Patch::KeepAlive(keep_alive) => ("keep-alive", keep_alive.to_string()),
        Patch::CloseGroups(rule) => ("close-groups", close_groups(rule)),
        Patch::MaxIdleTime(span) => ("max-idle-time", never(*span)),
        Patch::ConnectionLimit(limit) => ("connection-limit", limit_text(*limit)),
        Patch::ConnectionLease(span) => ("connection-lease", never(*span)),
        Patch::RequestTimeout(span) => ("request-timeout", never(*span)),
        Patch::ReservationLeak(leaks) => ("reservation-leak", leaks.to_string()),
        Patch::Runtime(profile) => ("runtime", text(profile.name)),
        Patch::Ports { range, preset } => {
            let preset = preset.as_ref().map(|name| text(name));
            ("ports", preset.unwrap_or_else(|| ports_text(*range)))
        }
        Patch::TimeWait(hold) => ("time-wait", span(*hold)),
        Patch::Scope(scope) => ("scope", text(scope_word(*scope))),
        Patch::TimeWaitReuse(after) => ("time-wait-reuse", reuse_text(*after)),
        Patch::Throttle(rule) => ("throttle", throttle(*rule)),
        Patch::Retry(rule) => ("retry", retry(*rule)),
        Patch::Workers(count) => ("workers", unlimited(*count)),
        Patch::Queue(room) => ("queue", unlimited(*room)),
        Patch::AbandonedWork(fate) => ("abandoned-work", text(abandoned_work_word(*fate))),
        Patch::Instances(count) => ("instances", count.to_string()),
        Patch::Nat(nat) => ("nat", nat_text(nat.as_ref())),
    }
}

/// The value of `group`.
pub(super) fn group(rule: &GroupRule) -> String {
    match rule {
        GroupRule::None => text("none"),
        GroupRule::Unique => text("unique"),
        GroupRule::Pool {
            size,
            random: false,
        } => format!("{{ pool = {size} }}"),
        GroupRule::Pool { size, random: true } => {
            format!("{{ pool = {size}, choose = \"random\" }}")
        }
        GroupRule::Users {
            count,
            zipf_exponent,
            ..
        } if *zipf_exponent > 0.0 => {
            format!("{{ users = {count}, choose = \"zipf\", exponent = {zipf_exponent} }}")
        }
        GroupRule::Users { count, .. } => format!("{{ users = {count}, choose = \"uniform\" }}"),
        GroupRule::HttpClientPerRequest { disposed: false } => text("httpclient-per-request"),
        GroupRule::HttpClientPerRequest { disposed: true } => {
            text("httpclient-per-request-disposed")
        }
        GroupRule::Ntlm => text("ntlm"),
        GroupRule::NtlmShared => text("ntlm-shared"),
    }
}

/// The value of `retry`.
pub(super) fn retry(rule: Option<Retry>) -> String {
    let Some(retry) = rule else {
        return text("never");
    };
    let mut parts = alloc::vec![
        format!("attempts = {}", retry.attempts),
        format!("backoff = {}", span(retry.backoff)),
        format!("factor = {}", retry.factor),
        format!("jitter = {}", retry.jitter),
    ];
    if let Some(longest) = retry.max_backoff {
        parts.push(format!("max-backoff = {}", span(longest)));
    }
    if let Some(budget) = retry.budget {
        let (share, burst) = (budget.share, budget.burst);
        parts.push(format!("budget = {{ share = {share}, burst = {burst} }}"));
    }
    if retry.on != RetryKinds::ALL {
        let named = KINDS.iter().filter(|(_, kind)| retry.on.has(*kind));
        let words: Vec<String> = named.map(|(word, _)| text(word)).collect();
        parts.push(format!("on = [{}]", words.join(", ")));
    }
    format!("{{ {} }}", parts.join(", "))
}

/// A count, or "unlimited".
pub(super) fn unlimited(count: Option<u32>) -> String {
    count.map_or_else(|| text("unlimited"), |count| count.to_string())
}

/// The value of a strategy's `nat`.
fn nat_text(nat: Option<&Nat>) -> String {
    let Some(nat) = nat else {
        return text("none");
    };
    let pairs = nat::pairs(nat);
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// The value of `close-groups`.
pub(super) fn close_groups(rule: &CloseGroups) -> String {
    match rule {
        CloseGroups::Every(every) => format!("{{ every = {} }}", span(*every)),
        CloseGroups::After(after) => format!("{{ after = {} }}", span(*after)),
        CloseGroups::WhenPortsAbove(share) => format!("{{ when-ports-above = {share} }}"),
    }
}

/// The value of `throttle`: the exact spacing.
pub(super) fn throttle(rule: Throttle) -> String {
    let Throttle::OncePer(every) = rule;
    format!("{{ every = {} }}", span(every))
}

/// The value of `time-wait-reuse`.
pub(super) fn reuse_text(after: Option<SimSpan>) -> String {
    after.map_or_else(
        || text("never"),
        |after| format!("{{ after = {} }}", span(after)),
    )
}

/// The value of `connection-limit`.
pub(super) fn limit_text(limit: ConnectionLimit) -> String {
    match limit {
        ConnectionLimit::UNLIMITED => text("unlimited"),
        limit => limit.to_string(),
    }
}

/// A time, or "never".
pub(super) fn never(value: Option<SimSpan>) -> String {
    value.map_or_else(|| text("never"), span)
}

/// A time in quotes.
pub(super) fn span(span: SimSpan) -> String {
    format!("\"{span}\"")
}

/// A TOML basic string.
pub(super) fn text(content: &str) -> String {
    let mut quoted = String::from("\"");
    for character in content.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.extend(format!("\\u{:04X}", c as u32).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A TOML key, quoted where it must be.
pub(super) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.into();
    }
    text(name)
}
