//! When requests arrive.

mod rows;
mod write;

use self::rows::{BURST_STARTS, MOST_KNOTS, MOST_USERS, PHASES, keys_of, kind, kinds};
use self::write::write;
use super::key::{ByHand, Field, Form, Spot};
use super::kind::Kind;
use super::law::LAW;
use crate::model::Law;
use crate::model::workload::{Arrivals, Phases, RateKnot, Workload};
use crate::scenario::context::{Context, Window};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{Fields, only_kind};
use crate::scenario::tree::{Entry, Node, Value};
use crate::scenario::value::{self, Range, quoted, wrong_type};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

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
    let rate = fields.number("rate", Range::Rate, problems)?;
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
    let rate = rate.and_then(|node| value::number(node, "rate", Range::RateOrNone, problems));
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
    let rate_on = fields.number("rate-on", Range::Rate, problems);
    let rate_off = match fields.get("rate-off") {
        None => Some(0.0),
        Some(_) => fields.number("rate-off", Range::RateOrNone, problems),
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
