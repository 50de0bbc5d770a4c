//! When requests arrive.

use super::law::law;
use super::{Context, Window};
use crate::model::Law;
use crate::model::workload::{Arrivals, Phases, RateKnot};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{self, Fields, only_kind};
use crate::scenario::tree::{Entry, Node, Value};
use crate::scenario::value::{self, Range, quoted, wrong_type};
use crate::units::{SimSpan, SimTime};
use alloc::format;
use alloc::vec::Vec;

/// Most users of a closed loop. A bound of ours: each has a place in memory.
const MOST_USERS: u64 = 1_000_000;

/// Most knots of a schedule.
const MOST_KNOTS: usize = 100_000;

/// Reads `arrivals` with its `from` and `until`; `at` is its dotted path.
pub(super) fn arrivals(
    node: &Node,
    at: &str,
    context: &mut Context<'_>,
) -> Option<(Arrivals, Window)> {
    let fields = Fields::open(node, "arrivals", file::ARRIVALS, &mut context.problems)?;
    let window = window(&fields, &mut context.problems);
    let kinds = &file::ARRIVALS[..file::ARRIVAL_KINDS];
    let kind = only_kind(&fields, "arrivals", kinds, &mut context.problems)?;
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
    let fields = Fields::open(node, "poisson", &["rate"], problems)?;
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
    let keys = ["count", "every", "phases", "jitter"];
    let fields = Fields::open(node, "devices", &keys, problems)?;
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
pub(in crate::scenario) const PHASES: &[(&str, Phases)] = &[
    ("spread", Phases::Spread),
    ("random", Phases::Random),
    ("together", Phases::Together),
];

fn renewal(node: &Node, at: &str, context: &mut Context<'_>) -> Option<Arrivals> {
    let gaps = law(node, "renewal", &format!("{at}.renewal"), context)?;
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
    const KEYS: [&str; 4] = ["rate-on", "rate-off", "mean-on", "mean-off"];
    let fields = Fields::open(node, "bursts", &KEYS, problems)?;
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
    Some(Arrivals::Bursts {
        rate_on: rate_on?,
        rate_off: rate_off?,
        mean_on: mean_on?,
        mean_off: mean_off?,
    })
}

fn users(node: &Node, at: &str, context: &mut Context<'_>) -> Option<Arrivals> {
    let fields = Fields::open(node, "users", &["count", "think"], &mut context.problems)?;
    let help = "`{ users = { count = 20, think = \"5s\" } }`";
    fields.require("count", "users", help, &mut context.problems);
    let count = fields.count("count", 1, MOST_USERS, &mut context.problems);
    let node = fields.require("think", "users", help, &mut context.problems)?;
    let think = law(node, "think", &format!("{at}.users.think"), context)?;
    // Without it a user whose request is refused would ask again at the same instant for ever.
    if !takes_time(&think, node, "think", context) {
        return None;
    }
    let count = count? as u32;
    Some(Arrivals::Users { count, think })
}

/// How many requests the arrivals make between `from` and the end, on average. A trace's rows
/// are not known before it runs: they count as none.
pub(super) fn expected_requests(
    arrivals: &Arrivals,
    window: Window,
    duration: SimSpan,
    response: &Law,
) -> f64 {
    let end = SimTime::ZERO + duration;
    let end = window.until.map_or(end, |until| until.min(end));
    let length = end.since(window.from).as_seconds();
    match arrivals {
        Arrivals::Poisson { rate } => rate * length,
        Arrivals::Every { period, .. } => length / period.as_seconds(),
        Arrivals::Devices { count, period, .. } => {
            f64::from(*count) * (1.0 + length / period.as_seconds())
        }
        Arrivals::Renewal(gaps) => length / gaps.mean_seconds().unwrap_or(f64::INFINITY),
        Arrivals::Schedule { knots, ramp } => scheduled(knots, *ramp, window.from, end),
        Arrivals::Bursts {
            rate_on,
            rate_off,
            mean_on,
            mean_off,
        } => {
            let (on, off) = (mean_on.as_seconds(), mean_off.as_seconds());
            length * (rate_on * on + rate_off * off) / (on + off)
        }
        Arrivals::Users { count, think } => {
            let cycle = think.mean_seconds().unwrap_or(f64::INFINITY)
                + response.mean_seconds().unwrap_or(f64::INFINITY);
            // Everybody asks once, however long the cycle.
            f64::from(*count) * (1.0 + length / cycle)
        }
        Arrivals::Trace(_) => 0.0,
        Arrivals::Timeline(actions) => actions.len() as f64,
    }
}

/// The integral of a schedule's rate.
fn scheduled(knots: &[RateKnot], ramp: bool, from: SimTime, end: SimTime) -> f64 {
    let mut sum = 0.0;
    for (index, knot) in knots.iter().enumerate() {
        let next = knots.get(index + 1);
        let stop = next.map_or(end, |next| next.at.min(end));
        let seconds = stop.since(knot.at.max(from)).as_seconds();
        // The mean of both ends bounds what a partly used ramp gives well enough.
        let rate = match next {
            Some(next) if ramp => f64::midpoint(knot.rate, next.rate),
            _ => knot.rate,
        };
        sum += seconds * rate;
    }
    sum
}

/// What `until` and `from` make of the load, for a warning when nothing is left.
pub(super) fn warn_when_empty(
    name: &str,
    node: &Node,
    window: Window,
    duration: SimSpan,
    problems: &mut Problems,
) {
    if window.from >= SimTime::ZERO + duration {
        let name = quoted(&format!("workload.{name}"));
        problems
            .warn(&node.place, format!("{name} never makes a request"))
            .label(format!(
                "`from` is at or after the end of the run, `{duration}`"
            ));
    }
}
