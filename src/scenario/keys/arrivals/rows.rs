//! The keys of each kind of arrivals.

use crate::model::workload::Phases;
use crate::scenario::keys::kind::{Kind, Row};
use crate::scenario::keys::law;
use crate::scenario::value::Range;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Most knots of a schedule.
pub(super) const MOST_KNOTS: usize = 100_000;

/// The words of `phases`.
pub(super) const PHASES: &[(&str, Phases)] = &[
    ("spread", Phases::Spread),
    ("random", Phases::Random),
    ("together", Phases::Together),
];

/// The words of `start`.
pub(super) const BURST_STARTS: &[(&str, Option<bool>)] = &[
    ("stationary", None),
    ("on", Some(true)),
    ("off", Some(false)),
];

/// Most users of a closed loop. A bound of ours: each has a place in memory.
pub(super) const MOST_USERS: u64 = 1_000_000;

pub(super) const USERS: Kind = Kind::Count {
    least: 1,
    most: MOST_USERS,
};

pub(super) fn jitter() -> Row {
    let doc = "Each arrival is later by a uniform draw up to this.";
    let row = Row::new("jitter", Kind::TIME, doc);
    row.or("\"0s\"", "none").like("\"100ms\"")
}

/// The simple kinds, and what may stand beside each.
pub(super) fn simple_kinds() -> Vec<Vec<Row>> {
    let time = |name, doc| Row::new(name, Kind::TIME, doc);
    let rate = Kind::Number(Range::RateOrNone);
    let knot = Kind::table([
        time("at", "From when.").needed().like("\"60s\""),
        Row::new("rate", rate, "Requests a second.")
            .needed()
            .like("20"),
    ]);
    vec![
        vec![Row::new(
            "poisson",
            Kind::table([Row::new(
                "rate",
                Kind::Number(Range::Rate),
                "Requests a second, on average.",
            )
            .needed()
            .like("50")]),
            "A Poisson process: independent of each other.",
        )],
        vec![
            Row::new(
                "every",
                Kind::ABOVE_ZERO,
                "Exactly spaced: the time between two.",
            )
            .like("\"20ms\""),
            time("phase", "How long after `from` the first one is.")
                .or("\"0s\"", "at `from`")
                .like("\"5ms\""),
            jitter(),
        ],
        vec![
            Row::new(
                "renewal",
                Kind::Shared("law", law::kind),
                "Independent gaps of this law.",
            )
            .like("{ gamma = { shape = 2, mean = \"20ms\" } }"),
        ],
        vec![
            Row::new(
                "schedule",
                Kind::List {
                    item: Box::new(knot),
                    least: 1,
                    most: MOST_KNOTS,
                },
                "A Poisson process whose rate changes: instants in order and the rate from there \
                 on.",
            )
            .like("[{ at = \"0s\", rate = 20 }, { at = \"60s\", rate = 0 }]"),
            Row::new(
                "ramp",
                Kind::Flag,
                "Whether the rate runs straight from entry to entry instead of jumping.",
            )
            .or("false", "it jumps"),
        ],
    ]
}

/// Bursts and users.
pub(super) fn other_kinds() -> Vec<Vec<Row>> {
    vec![
        vec![Row::new(
            "bursts",
            Kind::table([
                Row::new(
                    "rate-on",
                    Kind::Number(Range::Rate),
                    "Requests a second while on.",
                )
                .needed()
                .like("200"),
                Row::new(
                    "rate-off",
                    Kind::Number(Range::RateOrNone),
                    "The same while off.",
                )
                .or("0", "silent"),
                Row::new(
                    "mean-on",
                    Kind::ABOVE_ZERO,
                    "How long it is on, on average.",
                )
                .needed()
                .like("\"10s\""),
                Row::new(
                    "mean-off",
                    Kind::ABOVE_ZERO,
                    "How long it is off, on average.",
                )
                .needed()
                .like("\"1min\""),
                Row::new(
                    "start",
                    Kind::Words(BURST_STARTS.iter().map(|(word, _)| *word).collect()),
                    "What the run finds at its start: on, off, or each as likely as at any later \
                     moment.",
                )
                .or("\"stationary\"", "as at any other moment"),
            ]),
            "On and off: a two-state Markov-modulated Poisson process.",
        )],
        vec![Row::new(
            "users",
            Kind::table([
                Row::new("count", USERS, "How many users there are.")
                    .needed()
                    .like("20"),
                Row::new(
                    "think",
                    Kind::Shared("law", law::kind),
                    "The time between an answer and the next request of a user; longer than 0 on \
                     average.",
                )
                .needed()
                .like("\"5s\""),
            ]),
            "A closed loop: each user waits for the answer, thinks, and asks again.",
        )],
    ]
}

/// Files and devices.
pub(super) fn file_kinds() -> Vec<Vec<Row>> {
    vec![
        vec![
            Row::new(
                "trace",
                Kind::Text,
                "A CSV file of requests, relative to the scenario: `time_s`, and if need be \
             `group,duration_s,keep_alive`.",
            )
            .like("\"requests.csv\""),
        ],
        vec![
            Row::new(
                "timeline",
                Kind::Text,
                "A CSV file of actions at their times, relative to the scenario.",
            )
            .like("\"actions.csv\""),
        ],
        vec![Row::new(
            "devices",
            Kind::table([
                Row::new("count", USERS, "How many devices there are.")
                    .needed()
                    .like("50"),
                Row::new(
                    "every",
                    Kind::ABOVE_ZERO,
                    "The time between two requests of one.",
                )
                .needed()
                .like("\"10s\""),
                Row::new(
                    "phases",
                    Kind::Words(PHASES.iter().map(|(word, _)| *word).collect()),
                    "When each device starts within the period: evenly spread, at random, or all \
                     at once.",
                )
                .or("\"spread\"", "evenly"),
                jitter(),
            ]),
            "Many devices, each exactly spaced.",
        )],
    ]
}

/// Each kind of arrivals, what it holds, and what may stand beside it.
pub(super) fn kind() -> Kind {
    let time = |name, doc| Row::new(name, Kind::TIME, doc);
    let one = |mut rows: Vec<Row>| {
        rows[0].required = true;
        rows.push(
            time("from", "No request before this instant.")
                .or("\"0s\"", "the start of the run")
                .like("\"10s\""),
        );
        rows.push(
            time(
                "until",
                "No request at or after this instant; after `from`.",
            )
            .like("\"4min\""),
        );
        Kind::table(rows)
    };
    let kinds = simple_kinds()
        .into_iter()
        .chain(other_kinds())
        .chain(file_kinds());
    Kind::Either(kinds.map(one).collect())
}

/// The kinds of arrivals: the first key of each of its tables.
pub(super) fn kinds() -> Vec<&'static str> {
    match kind() {
        Kind::Either(tables) => tables.iter().map(|table| table.names()[0]).collect(),
        _ => Vec::new(),
    }
}

/// The keys of the table of a kind.
pub(super) fn keys_of(name: &str) -> Vec<&'static str> {
    let Kind::Either(tables) = kind() else {
        return Vec::new();
    };
    let rows = tables.iter().filter_map(|table| match table {
        Kind::Table(table) => table.rows.first(),
        _ => None,
    });
    let mut found = rows.filter(|row| row.name == name);
    found.next().map_or_else(Vec::new, |row| row.kind.names())
}
