//! When requests arrive.

use super::form::Form;
use super::law::{self, LAW};
use super::{ByHand, Field, Kind, Row, Spot};
use crate::model::Law;
use crate::model::workload::{Arrivals, Phases, RateKnot, Workload};
use crate::scenario::Read;
use crate::scenario::check::{Context, Window};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{Fields, only_kind};
use crate::scenario::tree::{Entry, Node, Value};
use crate::scenario::value::{self, Range, quoted, wrong_type};
use crate::scenario::words::{span, text};
use crate::units::{SimSpan, SimTime};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Most users of a closed loop. A bound of ours: each has a place in memory.
const MOST_USERS: u64 = 1_000_000;

const USERS: Kind = Kind::Count {
    least: 1,
    most: MOST_USERS,
};

/// Most knots of a schedule.
const MOST_KNOTS: usize = 100_000;

/// `arrivals`, with its `from` and `until`.
pub(super) const ARRIVALS: &dyn Field<Workload> = &ByHand::<Workload> {
    kind: || Kind::Shared("arrivals", kind),
    read: |node, spot, workload: &mut Workload, context| {
        if let Some((arrivals, window)) = arrivals(node, spot.path, context) {
            warn_when_empty(&workload.name, node, window, context);
            workload.arrivals = arrivals;
            workload.from = window.from;
            workload.until = window.until;
        }
    },
    write: |workload, path, read| write(workload, path, read),
};

fn jitter() -> Row {
    let doc = "Each arrival is later by a uniform draw up to this.";
    let row = Row::new("jitter", Kind::TIME, doc);
    row.or("\"0s\"", "none").like("\"100ms\"")
}

/// The simple kinds, and what may stand beside each.
fn simple_kinds() -> Vec<Vec<Row>> {
    let time = |name, doc| Row::new(name, Kind::TIME, doc);
    let rate = Kind::Number(Range::NotNegative);
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
                Kind::Number(Range::Positive),
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
fn other_kinds() -> Vec<Vec<Row>> {
    vec![
        vec![Row::new(
            "bursts",
            Kind::table([
                Row::new(
                    "rate-on",
                    Kind::Number(Range::Positive),
                    "Requests a second while on.",
                )
                .needed()
                .like("200"),
                Row::new(
                    "rate-off",
                    Kind::Number(Range::NotNegative),
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
fn file_kinds() -> Vec<Vec<Row>> {
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
fn kind() -> Kind {
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
fn kinds() -> Vec<&'static str> {
    match kind() {
        Kind::Either(tables) => tables.iter().map(|table| table.names()[0]).collect(),
        _ => Vec::new(),
    }
}

/// The keys of the table of a kind.
fn keys_of(name: &str) -> Vec<&'static str> {
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

fn arrivals(node: &Node, at: &str, context: &mut Context<'_>) -> Option<(Arrivals, Window)> {
    let fields = Fields::open(node, "arrivals", &kind().names(), &mut context.problems)?;
    let window = window(&fields, &mut context.problems);
    let kind = only_kind(&fields, "arrivals", &kinds(), &mut context.problems)?;
    beside(&fields, kind, &mut context.problems);
    let arrivals = match kind.key.as_str() {
        "poisson" => poisson(&kind.value, &mut context.problems),
        "every" => every(&kind.value, &fields, &mut context.problems),
        "devices" => devices(&kind.value, &mut context.problems),
        "renewal" => renewal(&kind.value, at, context),
        "schedule" => schedule(&kind.value, &fields, &mut context.problems),
        "bursts" => bursts(&kind.value, &mut context.problems),
        "users" => users(&kind.value, at, context),
        "trace" => {
            let path = value::text(&kind.value, "trace", &mut context.problems)?;
            context.trace(path, at, &kind.value).map(Arrivals::Trace)
        }
        _ => {
            let path = value::text(&kind.value, "timeline", &mut context.problems)?;
            let actions = context.timeline(path, at, &kind.value)?;
            Some(Arrivals::Timeline(actions.into()))
        }
    };
    Some((arrivals?, window))
}

fn window(fields: &Fields<'_>, problems: &mut Problems) -> Window {
    let instant = |span: SimSpan| SimTime::ZERO + span;
    let from = fields.span("from", problems).map_or(SimTime::ZERO, instant);
    let until = fields.span("until", problems).map(instant);
    if let (Some(until), Some(node)) = (until, fields.get("until"))
        && until <= from
    {
        problems
            .error(
                &node.place,
                format!("`until` must be after `from`, found {}", node.found()),
            )
            .label(format!("`from` is `{from}`"))
            .help("`until` is an instant of the run, not a length");
    }
    Window { from, until }
}

/// Refuses `phase`, `jitter` and `ramp` beside a kind that would not read them.
fn beside(fields: &Fields<'_>, kind: &Entry, problems: &mut Problems) {
    for (key, reader) in [
        ("phase", "every"),
        ("jitter", "every"),
        ("ramp", "schedule"),
    ] {
        if let Some(entry) = fields.entry(key)
            && kind.key != reader
        {
            let message = format!("`{key}` has no meaning beside `{}`", kind.key);
            problems
                .error(&entry.place, message)
                .help(format!("it belongs to `{reader}`"));
        }
    }
}

fn poisson(node: &Node, problems: &mut Problems) -> Option<Arrivals> {
    let fields = Fields::open(node, "poisson", &keys_of("poisson"), problems)?;
    let help = "requests per second: `{ poisson = { rate = 50 } }`";
    fields.require("rate", "poisson", help, problems)?;
    let rate = fields.number("rate", Range::Positive, problems)?;
    Some(Arrivals::Poisson { rate })
}

fn every(node: &Node, fields: &Fields<'_>, problems: &mut Problems) -> Option<Arrivals> {
    let phase = fields.span("phase", problems).unwrap_or_default();
    let jitter = fields.span("jitter", problems).unwrap_or_default();
    let period = value::span_above_zero(node, "every", problems)?;
    Some(Arrivals::Every {
        period,
        phase,
        jitter,
    })
}

/// Reads `devices`: many of them, each with the same period.
fn devices(node: &Node, problems: &mut Problems) -> Option<Arrivals> {
    let fields = Fields::open(node, "devices", &keys_of("devices"), problems)?;
    let help = "`{ devices = { count = 50, every = \"10s\" } }`";
    fields.require("count", "devices", help, problems);
    fields.require("every", "devices", help, problems);
    let count = fields.count("count", 1, MOST_USERS, problems);
    let period = fields.span_above_zero("every", problems);
    let phases = match fields.get("phases") {
        None => Some(Phases::Spread),
        Some(_) => fields.choice("phases", PHASES, problems),
    };
    let jitter = fields.span("jitter", problems).unwrap_or_default();
    Some(Arrivals::Devices {
        count: count? as u32,
        period: period?,
        phases: phases?,
        jitter,
    })
}

/// The words of `phases`.
const PHASES: &[(&str, Phases)] = &[
    ("spread", Phases::Spread),
    ("random", Phases::Random),
    ("together", Phases::Together),
];

fn renewal(node: &Node, at: &str, context: &mut Context<'_>) -> Option<Arrivals> {
    let spot = Spot {
        name: "renewal",
        path: &format!("{at}.renewal"),
    };
    let gaps = LAW.read(node, &spot, context)?;
    takes_time(&gaps, node, "renewal", context).then_some(Arrivals::Renewal(gaps))
}

/// Refuses a law that never lets time pass: its arrivals would all be at one instant.
fn takes_time(law: &Law, node: &Node, name: &str, context: &mut Context<'_>) -> bool {
    let passes = law.mean_seconds().is_none_or(|mean| mean > 0.0);
    if !passes {
        context
            .problems
            .error(
                &node.place,
                format!("`{name}` must be longer than 0 on average"),
            )
            .label("time would stand still");
    }
    passes
}

fn schedule(node: &Node, fields: &Fields<'_>, problems: &mut Problems) -> Option<Arrivals> {
    let ramp = fields.flag("ramp", problems).unwrap_or(false);
    let Value::List(items) = &node.value else {
        let wanted = "a list: `[{ at = \"0s\", rate = 20 }, { at = \"60s\", rate = 0 }]`";
        wrong_type(problems, "schedule", node, wanted);
        return None;
    };
    if items.is_empty() || items.len() > MOST_KNOTS {
        let message = format!(
            "`schedule` must have 1 to {MOST_KNOTS} entries, found {}",
            items.len()
        );
        problems.error(&node.place, message);
        return None;
    }
    let knots: Vec<Option<RateKnot>> = items.iter().map(|item| knot(item, problems)).collect();
    let knots: Vec<RateKnot> = knots.into_iter().collect::<Option<_>>()?;
    for (pair, item) in knots.windows(2).zip(&items[1..]) {
        if pair[1].at < pair[0].at {
            let message = format!(
                "`at` must not be before the entry above it, found `{}`",
                pair[1].at
            );
            problems.error(&item.place, message);
            return None;
        }
    }
    let knots = knots.into();
    Some(Arrivals::Schedule { knots, ramp })
}

fn knot(node: &Node, problems: &mut Problems) -> Option<RateKnot> {
    let fields = Fields::open(node, "schedule", &["at", "rate"], problems)?;
    let help = "each entry is `{ at = \"60s\", rate = 20 }`";
    let at = fields.require("at", "schedule", help, problems);
    let at = at.and_then(|node| value::span(node, "at", problems));
    let rate = fields.require("rate", "schedule", help, problems);
    let rate = rate.and_then(|node| value::number(node, "rate", Range::NotNegative, problems));
    Some(RateKnot {
        at: SimTime::ZERO + at?,
        rate: rate?,
    })
}

fn bursts(node: &Node, problems: &mut Problems) -> Option<Arrivals> {
    let fields = Fields::open(node, "bursts", &keys_of("bursts"), problems)?;
    let help = "`{ bursts = { rate-on = 200, mean-on = \"10s\", mean-off = \"1min\" } }`";
    for key in ["rate-on", "mean-on", "mean-off"] {
        fields.require(key, "bursts", help, problems);
    }
    let rate_on = fields.number("rate-on", Range::Positive, problems);
    let rate_off = match fields.get("rate-off") {
        None => Some(0.0),
        Some(_) => fields.number("rate-off", Range::NotNegative, problems),
    };
    let mean_on = fields.span_above_zero("mean-on", problems);
    let mean_off = fields.span_above_zero("mean-off", problems);
    let starts_on = match fields.get("start") {
        None => Some(None),
        Some(_) => fields.choice("start", BURST_STARTS, problems),
    };
    Some(Arrivals::Bursts {
        rate_on: rate_on?,
        rate_off: rate_off?,
        mean_on: mean_on?,
        mean_off: mean_off?,
        starts_on: starts_on?,
    })
}

/// The words of `start`.
const BURST_STARTS: &[(&str, Option<bool>)] = &[
    ("stationary", None),
    ("on", Some(true)),
    ("off", Some(false)),
];

fn users(node: &Node, at: &str, context: &mut Context<'_>) -> Option<Arrivals> {
    let fields = Fields::open(node, "users", &keys_of("users"), &mut context.problems)?;
    let help = "`{ users = { count = 20, think = \"5s\" } }`";
    fields.require("count", "users", help, &mut context.problems);
    let count = fields.count("count", 1, MOST_USERS, &mut context.problems);
    let node = fields.require("think", "users", help, &mut context.problems)?;
    let spot = Spot {
        name: "think",
        path: &format!("{at}.users.think"),
    };
    let think = LAW.read(node, &spot, context)?;
    // Without it a user whose request is refused would ask again at the same instant forever.
    if !takes_time(&think, node, "think", context) {
        return None;
    }
    let count = count? as u32;
    Some(Arrivals::Users { count, think })
}

/// What `until` and `from` make of the load, for a warning when nothing is left.
fn warn_when_empty(name: &str, node: &Node, window: Window, context: &mut Context<'_>) {
    let duration = context.duration;
    if window.from >= SimTime::ZERO + duration {
        let name = quoted(&format!("workload.{name}"));
        context
            .problems
            .warn(&node.place, format!("{name} never makes a request"))
            .label(format!(
                "`from` is at or after the end of the run, `{duration}`"
            ));
    }
}

/// The value of `arrivals`, with its `from` and `until`.
fn write(workload: &Workload, at: &str, read: &Read) -> String {
    let mut parts = parts_of(&workload.arrivals, at, read);
    if workload.from != SimTime::ZERO {
        parts.push(format!("from = \"{}\"", workload.from));
    }
    if let Some(until) = workload.until {
        parts.push(format!("until = \"{until}\""));
    }
    format!("{{ {} }}", parts.join(", "))
}

fn parts_of(arrivals: &Arrivals, at: &str, read: &Read) -> Vec<String> {
    let kind = match arrivals {
        Arrivals::Poisson { rate } => format!("poisson = {{ rate = {rate} }}"),
        Arrivals::Every {
            period,
            phase,
            jitter,
        } => {
            let mut parts = alloc::vec![format!("every = {}", span(*period))];
            for (key, value) in [("phase", phase), ("jitter", jitter)] {
                if !value.is_zero() {
                    parts.push(format!("{key} = {}", span(*value)));
                }
            }
            return parts;
        }
        Arrivals::Devices {
            count,
            period,
            phases,
            jitter,
        } => {
            let known = PHASES.iter().find(|(_, known)| known == phases);
            let word = text(known.map_or("spread", |(word, _)| word));
            let late = if jitter.is_zero() {
                String::new()
            } else {
                format!(", jitter = {}", span(*jitter))
            };
            let every = span(*period);
            format!("devices = {{ count = {count}, every = {every}, phases = {word}{late} }}")
        }
        Arrivals::Renewal(gaps) => {
            format!(
                "renewal = {}",
                LAW.write(gaps, &format!("{at}.renewal"), read)
            )
        }
        Arrivals::Schedule { knots, ramp } => {
            let knots: Vec<String> = knots
                .iter()
                .map(|knot| format!("{{ at = \"{}\", rate = {} }}", knot.at, knot.rate))
                .collect();
            let ramp = if *ramp { ", ramp = true" } else { "" };
            format!("schedule = [{}]{ramp}", knots.join(", "))
        }
        Arrivals::Bursts {
            rate_on,
            rate_off,
            mean_on,
            mean_off,
            starts_on,
        } => {
            let known = BURST_STARTS.iter().find(|(_, known)| known == starts_on);
            let word = text(known.map_or("stationary", |(word, _)| word));
            let (on, off) = (span(*mean_on), span(*mean_off));
            format!(
                "bursts = {{ rate-on = {rate_on}, rate-off = {rate_off}, mean-on = {on}, \
                 mean-off = {off}, start = {word} }}"
            )
        }
        Arrivals::Users { count, think } => {
            let think = LAW.write(think, &format!("{at}.users.think"), read);
            format!("users = {{ count = {count}, think = {think} }}")
        }
        Arrivals::Trace(source) => format!("trace = {}", text(&source.path)),
        Arrivals::Timeline(_) => format!("timeline = {}", text(law::path(read, at))),
    };
    alloc::vec![kind]
}
