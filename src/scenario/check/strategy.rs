//! `[[strategy]]`: named patches.

use super::client::{self, CheckedClient};
use super::machine::{self, Ports};
use super::retry::retry;
use super::workload::{group, groups};
use super::{nat, service};
use crate::model::strategy::{CloseGroups, Patch, Strategy, Throttle};
use crate::model::workload::GroupRule;
use crate::scenario::diagnostic::{Place, Problems};
use crate::scenario::file::{self, Fields};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range};
use crate::units::SimSpan;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Most strategies of a scenario. A bound of ours: charts and tables have one line for each.
pub(super) const MOST_STRATEGIES: usize = 64;

/// Longest name of a strategy, in characters.
const LONGEST_NAME: usize = 100;

/// The article's program and its three remedies: what is compared when nobody says.
pub(in crate::scenario) fn the_articles_four() -> Vec<Strategy> {
    let strategy = |name: &str, patches| Strategy {
        name: name.into(),
        patches,
    };
    let often = CloseGroups::Every(SimSpan::from_seconds(30));
    vec![
        strategy("as is", vec![]),
        strategy("16 groups", vec![Patch::Groups(16)]),
        strategy("keep-alive off", vec![Patch::KeepAlive(false)]),
        strategy("close groups every 30 s", vec![Patch::CloseGroups(often)]),
    ]
}

/// A strategy and where it stands, for checks of the whole.
pub(super) struct CheckedStrategy {
    pub(super) strategy: Strategy,
    pub(super) place: Place,
}

/// Reads all strategies; the article's four when there are none.
pub(super) fn strategies(
    node: Option<&Node>,
    clients: &[CheckedClient],
    problems: &mut Problems,
) -> Vec<CheckedStrategy> {
    let list = match node {
        None => &[][..],
        Some(Node {
            value: Value::List(items),
            ..
        }) => items,
        Some(node) => {
            value::wrong_type(
                problems,
                "strategy",
                node,
                "a list of `[[strategy]]` tables",
            );
            return Vec::new();
        }
    };
    if list.is_empty() {
        let whole = |strategy| CheckedStrategy {
            strategy,
            place: Place::File,
        };
        return the_articles_four().into_iter().map(whole).collect();
    }
    if list.len() > MOST_STRATEGIES {
        let place = &list[MOST_STRATEGIES].place;
        let message = format!(
            "`strategy` has {} entries, more than {MOST_STRATEGIES}",
            list.len()
        );
        problems
            .error(place, message)
            .help("compare fewer at a time, or use `spsim sweep`");
        return Vec::new();
    }
    let mut checked: Vec<CheckedStrategy> = Vec::new();
    for item in list {
        let Some(strategy) = strategy(item, clients, problems) else {
            continue;
        };
        if checked
            .iter()
            .any(|other| other.strategy.name == strategy.name)
        {
            let place = item.get("name").map_or(&item.place, |node| &node.place);
            problems
                .error(
                    place,
                    format!("strategy `{}` is given twice", strategy.name),
                )
                .help("give each strategy a name of its own");
        }
        let place = item.place.clone();
        checked.push(CheckedStrategy { strategy, place });
    }
    checked
}

fn strategy(node: &Node, clients: &[CheckedClient], problems: &mut Problems) -> Option<Strategy> {
    let fields = Fields::open(node, "strategy", file::STRATEGY, problems)?;
    let help = "for example `name = \"16 groups\"`";
    let name = fields
        .require("name", "a strategy", help, problems)
        .and_then(|node| name(node, problems));
    let mut patches = Vec::new();
    machine_patches(&fields, &mut patches, problems);
    workload_patches(&fields, &mut patches, problems);
    client_patches(&fields, clients, &mut patches, problems);
    server_patches(&fields, &mut patches, problems);
    Some(Strategy {
        name: name?,
        patches,
    })
}

fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = value::text(node, "name", problems)?;
    let problem = if text.trim().is_empty() {
        "cannot be empty".to_owned()
    } else if text.chars().count() > LONGEST_NAME {
        format!("must be at most {LONGEST_NAME} characters long")
    } else if text.contains(char::is_control) {
        "cannot contain control characters".to_owned()
    } else {
        return Some(text.to_string());
    };
    problems.error(&node.place, format!("`name` {problem}"));
    None
}

/// Patches of the port table. What a preset brings gives way to the strategy's own keys, wherever
/// they stand.
fn machine_patches(fields: &Fields<'_>, patches: &mut Vec<Patch>, problems: &mut Problems) {
    let (mut hold, mut scope) = (None, None);
    let ports = fields.get("ports");
    if let Some(ports) = ports.and_then(|node| machine::ports_value(node, problems)) {
        let range = ports.range();
        let mut preset = None;
        if let Ports::Preset(found) = ports {
            hold = found.time_wait.as_ref().map(|hold| hold.value);
            scope = Some(found.scope.value);
            preset = Some(found.name.into());
        }
        patches.push(Patch::Ports { range, preset });
    }
    let hold = fields.span("time-wait", problems).or(hold);
    patches.extend(hold.map(Patch::TimeWait));
    let scope = fields.choice("scope", machine::SCOPES, problems).or(scope);
    patches.extend(scope.map(Patch::Scope));
    let reuse = fields.get("time-wait-reuse");
    if let Some(after) = reuse.and_then(|node| machine::reuse(node, problems).ok()) {
        patches.push(Patch::TimeWaitReuse(after));
    }
}

/// Patches of the workloads and of what the program does while it runs.
fn workload_patches(fields: &Fields<'_>, patches: &mut Vec<Patch>, problems: &mut Problems) {
    if let (Some(_), Some(entry)) = (fields.entry("groups"), fields.entry("group")) {
        problems
            .error(
                &entry.place,
                "`groups` and `group` cannot both be in one strategy",
            )
            .help("`groups = 16` means `group = { pool = 16 }`: keep one of them");
    }
    if let Some(size) = fields.get("groups").and_then(|node| groups(node, problems)) {
        patches.push(Patch::Groups(size));
    }
    match fields.get("group").and_then(|node| group(node, problems)) {
        // Both mean the same; one form is the canonical one.
        Some(GroupRule::Pool {
            size,
            random: false,
        }) => patches.push(Patch::Groups(size)),
        Some(rule) => patches.push(Patch::Group(rule)),
        None => {}
    }
    if let Some(keep_alive) = fields.flag("keep-alive", problems) {
        patches.push(Patch::KeepAlive(keep_alive));
    }
    if let Some(rule) = fields
        .get("close-groups")
        .and_then(|node| close_groups(node, problems))
    {
        patches.push(Patch::CloseGroups(rule));
    }
    if let Some(rule) = fields
        .get("throttle")
        .and_then(|node| throttle(node, problems))
    {
        patches.push(Patch::Throttle(rule));
    }
    if let Some(rule) = fields
        .get("retry")
        .and_then(|node| retry(node, problems).ok())
    {
        patches.push(Patch::Retry(rule));
    }
}

/// Patches of the clients.
fn client_patches(
    fields: &Fields<'_>,
    clients: &[CheckedClient],
    patches: &mut Vec<Patch>,
    problems: &mut Problems,
) {
    let idle_time = fields.span_or_never("max-idle-time", problems);
    if let Some(entry) = fields.entry("runtime")
        && let Some(profile) = client::runtime(&entry.value, problems)
    {
        patches.push(Patch::Runtime(profile));
        let default = Some(profile.max_idle_time.value);
        let follows = |checked: &&CheckedClient| !checked.idle_time_given;
        let moved = clients
            .iter()
            .filter(follows)
            .any(|checked| checked.client.max_idle_time != default);
        if idle_time.is_err() && moved {
            // Who left the idle time to the runtime gets the new runtime's.
            if clients.iter().all(|checked| !checked.idle_time_given) {
                patches.push(Patch::MaxIdleTime(default));
            } else {
                problems
                    .warn(
                        &entry.place,
                        "`runtime` leaves the idle time of every client as it was",
                    )
                    .help("set `max-idle-time` on every client or in this strategy");
            }
        }
    }
    if let Ok(span) = idle_time {
        patches.push(Patch::MaxIdleTime(span));
    }
    let limit = fields.get("connection-limit");
    if let Some(limit) = limit.and_then(|node| client::connection_limit(node, problems)) {
        patches.push(Patch::ConnectionLimit(limit));
    }
    if let Ok(span) = fields.span_or_never("connection-lease", problems) {
        patches.push(Patch::ConnectionLease(span));
    }
    if let Some(span) = fields
        .get("request-timeout")
        .and_then(|node| value::span_above_zero_or_never(node, "request-timeout", problems).ok())
    {
        patches.push(Patch::RequestTimeout(span));
    }
    if let Some(leaks) = fields.flag("reservation-leak", problems) {
        patches.push(Patch::ReservationLeak(leaks));
    }
}

/// Patches of the servers, and of what is between them and the machines.
fn server_patches(fields: &Fields<'_>, patches: &mut Vec<Patch>, problems: &mut Problems) {
    let mut read = |key: &str, patch: fn(&Node, &mut Problems) -> Option<Patch>| {
        patches.extend(fields.get(key).and_then(|node| patch(node, problems)));
    };
    read("workers", |node, problems| {
        service::workers(node, problems).ok().map(Patch::Workers)
    });
    read("queue", |node, problems| {
        service::queue(node, problems).ok().map(Patch::Queue)
    });
    read("abandoned-work", |node, problems| {
        service::abandoned_work(node, problems).map(Patch::AbandonedWork)
    });
    read("instances", |node, problems| {
        machine::instances(node, problems).map(Patch::Instances)
    });
    read("nat", |node, problems| {
        nat::nat(node, problems).ok().map(Patch::Nat)
    });
}

/// Reads `close-groups`.
pub(super) fn close_groups(node: &Node, problems: &mut Problems) -> Option<CloseGroups> {
    let kinds = ["every", "after", "when-ports-above"];
    let fields = Fields::open(node, "close-groups", &kinds, problems)?;
    let kind = file::only_kind(&fields, "close-groups", &kinds, problems)?;
    match kind.key.as_str() {
        "every" => fields
            .span_above_zero("every", problems)
            .map(CloseGroups::Every),
        "after" => fields
            .span_above_zero("after", problems)
            .map(CloseGroups::After),
        key => fields
            .number(key, Range::Share, problems)
            .map(CloseGroups::WhenPortsAbove),
    }
}

/// Reads `throttle`: a rate per second, or the exact spacing.
pub(super) fn throttle(node: &Node, problems: &mut Problems) -> Option<Throttle> {
    let kinds = ["rate", "every"];
    let fields = Fields::open(node, "throttle", &kinds, problems)?;
    let kind = file::only_kind(&fields, "throttle", &kinds, problems)?;
    if kind.key == "every" {
        return fields
            .span_above_zero("every", problems)
            .map(Throttle::OncePer);
    }
    let rate = fields.number("rate", Range::Positive, problems)?;
    let spacing = SimSpan::from_seconds_rounded(1.0 / rate);
    if spacing.is_zero() || spacing > crate::units::LONGEST {
        let found = kind.value.found();
        problems.error(
            &kind.value.place,
            format!(
                "`rate` must be between one in 10 years and one in a nanosecond, found {found}"
            ),
        );
        return None;
    }
    Some(Throttle::OncePer(spacing))
}
