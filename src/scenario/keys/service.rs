//! What a server can do at a time, and when it cannot.

use super::form::{INSTANT, List, Number, Of, Words};
use super::key::{Form, Key, Shown, Spot, at};
use super::kind::Kind;
use crate::model::service::{AbandonedWork, Outage, OutageKind, QueueFull, SlowDown};
use crate::model::settings::Server;
use crate::scenario::context::Context;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::Range;
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;

/// Most workers of a server, and most places in its queue. Bounds of ours.
pub(super) const MOST_WORKERS: u64 = 10_000_000;

/// Most outages, slow-downs or moves of a server.
const MOST_WINDOWS: usize = 10_000;

/// The words of `queue-full`.
pub(super) const QUEUE_FULLS: &[(&str, QueueFull)] =
    &[("503", QueueFull::Answer503), ("reset", QueueFull::Reset)];

/// The words of `abandoned-work`.
pub(super) const FATES: &[(&str, AbandonedWork)] = &[
    ("finishes", AbandonedWork::Finishes),
    ("stops", AbandonedWork::Stops),
];

const KINDS: &[(&str, OutageKind)] = &[
    ("refuse", OutageKind::Refuse),
    ("silent", OutageKind::Silent),
    ("hang", OutageKind::Hang),
    ("503", OutageKind::Answer503),
    ("reset-body", OutageKind::ResetBody),
];

const WINDOW: &str = "`{ from = \"60s\", until = \"90s\" }`";

const WINDOWS: &str = "a list: `[{ from = \"60s\", until = \"90s\" }]`";

/// `outages`.
pub(super) const OUTAGES: List<Of<Outage>> = List {
    item: Of {
        keys: &[
            Key::new("from", at!(INSTANT, Outage.from), "When it begins.")
                .needed(WINDOW)
                .like("\"60s\""),
            Key::new("until", at!(INSTANT, Outage.until), "When it is over.")
                .needed(WINDOW)
                .like("\"90s\""),
            Key::new(
                "kind",
                at!(Words(KINDS), Outage.kind),
                "What clients see of it: connects are refused; nothing comes through; the \
                 process stands still and its host accepts; every answer is a 503; every response \
                 breaks off in the middle.",
            )
            .or("\"refuse\"", "the process is gone")
            .like("\"hang\""),
        ],
        start: || Outage {
            from: SimTime::ZERO,
            until: SimTime::ZERO,
            kind: OutageKind::Refuse,
        },
        check: |it, fields, problems| window(it.from, it.until, fields, problems),
        wanted: "a table",
    },
    most: MOST_WINDOWS,
    wanted: WINDOWS,
    check: in_order,
};

/// `slow-downs`.
pub(super) const SLOW_DOWNS: List<Of<SlowDown>> = List {
    item: Of {
        keys: &[
            Key::new("from", at!(INSTANT, SlowDown.from), "When it begins.")
                .needed(WINDOW)
                .like("\"60s\""),
            Key::new("until", at!(INSTANT, SlowDown.until), "When it is over.")
                .needed(WINDOW)
                .like("\"90s\""),
            Key::new(
                "factor",
                at!(Number(Range::Shape), SlowDown.factor),
                "How many times longer work takes; below 1 is faster.",
            )
            .needed("`factor = 10` makes work take ten times as long")
            .like("10"),
        ],
        start: || SlowDown {
            from: SimTime::ZERO,
            until: SimTime::ZERO,
            factor: 1.0,
        },
        check: |it, fields, problems| window(it.from, it.until, fields, problems),
        wanted: "a table",
    },
    most: MOST_WINDOWS,
    wanted: WINDOWS,
    check: |_, _, _| {},
};

/// How a key of the workers is shown: without workers it changes nothing, and is kept for
/// strategies that add some.
pub(super) fn shown(server: &Server, is_default: bool, source: &'static str) -> Shown {
    match (is_default, server.service.workers) {
        (true, None) => Shown::Nothing,
        (true, Some(_)) => Shown::Default(source),
        (false, _) => Shown::Set,
    }
}

/// A window must have a length.
fn window(from: SimTime, until: SimTime, fields: &Fields<'_>, problems: &mut Problems) {
    if until <= from {
        let message = format!("`until` must be after `from`, found `{until}`");
        let place = fields
            .get("until")
            .map_or(fields.place(), |node| &node.place);
        problems
            .error(place, message)
            .label(format!("`from` is `{from}`"))
            .help("`until` is an instant of the run, not a length");
    }
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

/// `moves-at`: one instant, or several in order.
pub(super) struct Moves;

/// `moves-at`.
pub(super) const MOVES: Moves = Moves;

const INSTANTS: List<super::form::Plain<SimTime>> = List {
    item: INSTANT,
    most: MOST_WINDOWS,
    wanted: "a list of instants",
    check: |node, moves, problems| {
        let mut pairs = moves.iter().zip(moves.iter().skip(1));
        if let Some((before, after)) = pairs.find(|(before, after)| after <= before) {
            let message =
                format!("`moves-at` must be in order of time, found `{after}` after `{before}`");
            problems.error(&node.place, message);
        }
    },
};

impl Form for Moves {
    type Value = Vec<SimTime>;

    fn kind(&self) -> Kind {
        Kind::Either(vec![INSTANTS.kind(), INSTANT.kind()])
    }

    fn read(
        &self,
        node: &Node,
        spot: &Spot<'_>,
        context: &mut Context<'_>,
    ) -> Option<Vec<SimTime>> {
        match node.value {
            Value::List(_) => INSTANTS.read(node, spot, context),
            _ => INSTANT.read(node, spot, context).map(|at| vec![at]),
        }
    }

    fn write(&self, moves: &Vec<SimTime>, path: &str, read: &Read) -> String {
        INSTANTS.write(moves, path, read)
    }
}
