//! What a server can do at a time, and when it cannot.

use crate::model::service::{AbandonedWork, Outage, OutageKind, QueueFull, Service, SlowDown};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range, Unread, is_word, wrong_type};
use crate::units::{SimSpan, SimTime};
use alloc::format;
use alloc::vec::Vec;

/// Most workers of a server, and most places in its queue. Bounds of ours.
const MOST_WORKERS: u64 = 10_000_000;

/// Most outages, slow-downs or moves of a server.
const MOST_WINDOWS: usize = 10_000;

/// The words of `queue-full`.
const QUEUE_FULLS: &[(&str, QueueFull)] =
    &[("503", QueueFull::Answer503), ("reset", QueueFull::Reset)];

/// The words of `abandoned-work`.
const FATES: &[(&str, AbandonedWork)] = &[
    ("finishes", AbandonedWork::Finishes),
    ("stops", AbandonedWork::Stops),
];

/// The words of an outage's `kind`.
const KINDS: &[(&str, OutageKind)] = &[
    ("refuse", OutageKind::Refuse),
    ("silent", OutageKind::Silent),
    ("hang", OutageKind::Hang),
    ("503", OutageKind::Answer503),
];

/// Reads the keys of a server that make it more than a delay.
pub(super) fn service(fields: &Fields<'_>, problems: &mut Problems) -> Service {
    let mut service = Service::default();
    if let Some(node) = fields.get("workers") {
        service.workers = workers(node, problems).ok().flatten();
    }
    if let Some(node) = fields.get("queue") {
        service.queue = queue(node, problems).ok().flatten();
    }
    if let Some(full) = fields.choice("queue-full", QUEUE_FULLS, problems) {
        service.queue_full = full;
    }
    if let Some(node) = fields.get("abandoned-work") {
        let fate = abandoned_work(node, problems);
        service.abandoned_work = fate.unwrap_or_default();
    }
    if let Some(node) = fields.get("outages") {
        service.outages = windows(node, "outages", problems, outage);
        in_order(node, &service.outages, problems);
    }
    if let Some(node) = fields.get("slow-downs") {
        service.slow_downs = windows(node, "slow-downs", problems, slow_down);
    }
    service
}

/// Reads `workers`: a count or "unlimited" (`None`).
pub(super) fn workers(node: &Node, problems: &mut Problems) -> Result<Option<u32>, Unread> {
    unlimited_or(node, "workers", 1, problems)
}

/// Reads `queue`: how many may wait, or "unlimited" (`None`).
pub(super) fn queue(node: &Node, problems: &mut Problems) -> Result<Option<u32>, Unread> {
    unlimited_or(node, "queue", 0, problems)
}

fn unlimited_or(
    node: &Node,
    name: &str,
    least: u64,
    problems: &mut Problems,
) -> Result<Option<u32>, Unread> {
    if is_word(node, "unlimited") {
        return Ok(None);
    }
    let count = value::count(node, name, least, MOST_WORKERS, problems);
    count.map(|count| Some(count as u32)).ok_or(Unread)
}

/// Reads `abandoned-work`.
pub(super) fn abandoned_work(node: &Node, problems: &mut Problems) -> Option<AbandonedWork> {
    value::choice(node, "abandoned-work", FATES, problems)
}

/// Reads a list of tables that are each true from `from` to `until`.
fn windows<T>(
    node: &Node,
    name: &str,
    problems: &mut Problems,
    read: impl Fn(&Node, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let Value::List(items) = &node.value else {
        let wanted = "a list: `[{ from = \"60s\", until = \"90s\" }]`";
        wrong_type(problems, name, node, wanted);
        return Vec::new();
    };
    if items.len() > MOST_WINDOWS {
        let found = items.len();
        let message = format!("`{name}` has {found} entries, more than {MOST_WINDOWS}");
        problems.error(&node.place, message);
        return Vec::new();
    }
    items
        .iter()
        .filter_map(|item| read(item, problems))
        .collect()
}

/// Reads `from` and `until`.
fn window(fields: &Fields<'_>, of: &str, problems: &mut Problems) -> Option<(SimTime, SimTime)> {
    let help = "`{ from = \"60s\", until = \"90s\" }`";
    fields.require("from", of, help, problems);
    fields.require("until", of, help, problems);
    let from = fields.span("from", problems);
    let until = fields.span("until", problems);
    let (from, until) = (SimTime::ZERO + from?, SimTime::ZERO + until?);
    if until <= from {
        let message = format!("`until` must be after `from`, found `{until}`");
        problems
            .error(&fields.get("until")?.place, message)
            .label(format!("`from` is `{from}`"))
            .help("`until` is an instant of the run, not a length");
        return None;
    }
    Some((from, until))
}

fn outage(node: &Node, problems: &mut Problems) -> Option<Outage> {
    let fields = Fields::open(node, "outages", &["from", "until", "kind"], problems)?;
    let kind = match fields.get("kind") {
        None => Some(OutageKind::Refuse),
        Some(_) => fields.choice("kind", KINDS, problems),
    };
    let (from, until) = window(&fields, "outages", problems)?;
    Some(Outage {
        from,
        until,
        kind: kind?,
    })
}

fn slow_down(node: &Node, problems: &mut Problems) -> Option<SlowDown> {
    let fields = Fields::open(node, "slow-downs", &["from", "until", "factor"], problems)?;
    let help = "`factor = 10` makes work take ten times as long";
    fields.require("factor", "slow-downs", help, problems);
    let factor = fields.number("factor", Range::Shape, problems);
    let (from, until) = window(&fields, "slow-downs", problems)?;
    Some(SlowDown {
        from,
        until,
        factor: factor?,
    })
}

/// An instant has one outage: they come one after the other.
fn in_order(node: &Node, outages: &[Outage], problems: &mut Problems) {
    for pair in outages.windows(2) {
        if pair[1].from < pair[0].until {
            let message = format!(
                "`outages` must come one after the other, found one from `{}` before `{}`",
                pair[1].from, pair[0].until
            );
            problems.error(&node.place, message);
            return;
        }
    }
}

/// Reads `moves-at`: instants in order.
pub(super) fn moves_at(node: &Node, problems: &mut Problems) -> Vec<SimTime> {
    let instant = |item: &Node, problems: &mut Problems| {
        value::span(item, "moves-at", problems).map(|span: SimSpan| SimTime::ZERO + span)
    };
    let Value::List(items) = &node.value else {
        return instant(node, problems).into_iter().collect();
    };
    if items.len() > MOST_WINDOWS {
        let found = items.len();
        let message = format!("`moves-at` has {found} entries, more than {MOST_WINDOWS}");
        problems.error(&node.place, message);
        return Vec::new();
    }
    let moves: Vec<SimTime> = items
        .iter()
        .filter_map(|item| instant(item, problems))
        .collect();
    let mut pairs = moves.iter().zip(moves.iter().skip(1));
    if let Some((before, after)) = pairs.find(|(before, after)| after <= before) {
        let message =
            format!("`moves-at` must be in order of time, found `{after}` after `{before}`");
        problems.error(&node.place, message);
    }
    moves
}

fn word_for<T: PartialEq>(words: &[(&'static str, T)], meaning: &T) -> &'static str {
    let found = words.iter().find(|(_, known)| known == meaning);
    found.map_or("", |(word, _)| word)
}

/// The word for `queue-full`.
pub(in crate::scenario) fn queue_full_word(full: QueueFull) -> &'static str {
    word_for(QUEUE_FULLS, &full)
}

/// The word for `abandoned-work`.
pub(in crate::scenario) fn abandoned_work_word(fate: AbandonedWork) -> &'static str {
    word_for(FATES, &fate)
}

/// The word for the kind of an outage.
pub(in crate::scenario) fn outage_word(kind: OutageKind) -> &'static str {
    word_for(KINDS, &kind)
}
