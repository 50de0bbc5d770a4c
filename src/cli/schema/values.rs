//! What the values of a scenario file look like, as parts of a JSON Schema.

use crate::profiles::{nats, ports};
use crate::scenario::file;
use serde_json::{Map, Value, json};

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn time() -> Value {
    reference("time")
}

pub(super) fn count(least: u32) -> Value {
    json!({ "type": "integer", "minimum": least })
}

pub(super) fn number() -> Value {
    json!({ "type": "number", "minimum": 0 })
}

pub(super) fn words(words: &[&str]) -> Value {
    json!({ "enum": words })
}

pub(super) fn time_or(others: &[&str]) -> Value {
    json!({ "anyOf": [words(others), time()] })
}

/// A table with these entries, some of them required, and no others.
pub(super) fn small(entries: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> = entries
        .iter()
        .map(|(key, schema)| ((*key).into(), schema.clone()))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

pub(super) fn law() -> Value {
    let list = |second: &str, schema: Value| {
        let part = small(
            &[("weight", number()), (second, schema)],
            &["weight", second],
        );
        json!({ "type": "array", "minItems": 1, "items": part })
    };
    let kinds = file::LAW.iter().map(|kind| {
        let schema = match *kind {
            "exponential" => small(&[("mean", time())], &["mean"]),
            "uniform" => small(&[("low", time()), ("high", time())], &["low", "high"]),
            "normal" => small(&[("mean", time()), ("sd", time())], &["mean", "sd"]),
            "lognormal" => small(
                &[
                    ("median", time()),
                    ("p99", time()),
                    ("mean", time()),
                    ("sd", time()),
                    ("mu", json!({ "type": "number" })),
                    ("sigma", number()),
                ],
                &[],
            ),
            "gamma" => small(
                &[("shape", number()), ("mean", time()), ("scale", time())],
                &["shape"],
            ),
            "erlang" => small(&[("k", count(1)), ("mean", time())], &["k", "mean"]),
            "hyperexponential" => list("mean", time()),
            "mixture" => list("law", reference("law")),
            "empirical" => text(),
            _ => small(
                &[("shape", number()), ("scale", time())],
                &["shape", "scale"],
            ),
        };
        small(&[(kind, schema)], &[kind])
    });
    let mut all = vec![time()];
    all.extend(kinds);
    json!({ "description": "A time, or a law of random times.", "anyOf": all })
}

pub(super) fn arrivals() -> Value {
    let knot = small(&[("at", time()), ("rate", number())], &["at", "rate"]);
    let bursts = ["rate-on", "rate-off", "mean-on", "mean-off"];
    let burst = |key: &&'static str| {
        let is_rate = key.starts_with("rate");
        (*key, if is_rate { number() } else { time() })
    };
    let entries: Vec<(&str, Value)> = file::ARRIVALS
        .iter()
        .map(|key| {
            let schema = match *key {
                "poisson" => small(&[("rate", number())], &["rate"]),
                "renewal" => reference("law"),
                "schedule" => json!({ "type": "array", "minItems": 1, "items": knot }),
                "bursts" => small(&bursts.iter().map(burst).collect::<Vec<_>>(), &[]),
                "users" => small(
                    &[("count", count(1)), ("think", reference("law"))],
                    &["count"],
                ),
                "devices" => devices(),
                "trace" | "timeline" => text(),
                "ramp" => flag(),
                _ => time(),
            };
            (*key, schema)
        })
        .collect();
    let mut schema = small(&entries, &[]);
    let kinds = &file::ARRIVALS[..file::ARRIVAL_KINDS];
    let one: Vec<Value> = kinds
        .iter()
        .map(|kind| json!({ "required": [kind] }))
        .collect();
    super::extend(&mut schema, json!({ "oneOf": one }));
    schema
}

pub(super) fn group() -> Value {
    json!({ "anyOf": [
        words(&[
            "none",
            "unique",
            "httpclient-per-request",
            "httpclient-per-request-disposed",
            "ntlm",
        ]),
        small(&[("pool", count(1)), ("choose", words(&["in-turn", "random"]))], &["pool"]),
        small(
            &[
                ("users", count(1)),
                ("choose", words(&["uniform", "zipf"])),
                ("exponent", number()),
            ],
            &["users"],
        ),
    ] })
}

pub(super) fn retry() -> Value {
    let budget = small(
        &[("share", number()), ("burst", count(0))],
        &["share", "burst"],
    );
    let kinds = ["connect", "timeout", "server-error", "connection-lost"];
    let on = json!({ "type": "array", "minItems": 1, "items": words(&kinds) });
    let rule = small(
        &[
            ("attempts", count(1)),
            ("backoff", time()),
            ("factor", json!({ "type": "number", "minimum": 1 })),
            ("jitter", flag()),
            ("max-backoff", time()),
            ("budget", budget),
            ("on", on),
        ],
        &["attempts", "backoff"],
    );
    json!({ "anyOf": [words(&["never"]), rule] })
}

pub(super) fn ports_value() -> Value {
    let presets: Vec<&str> = ports::ALL.iter().map(|it| it.name).collect();
    json!({ "anyOf": [
        json!({ "type": "integer", "minimum": 1, "maximum": 65_535 }),
        words(&presets),
        small(&[("first", count(1)), ("last", count(1))], &["first", "last"]),
    ] })
}

pub(super) fn reuse() -> Value {
    json!({ "anyOf": [words(&["never"]), small(&[("after", time())], &["after"])] })
}

pub(super) fn close_groups() -> Value {
    json!({ "anyOf": [
        small(&[("every", time())], &["every"]),
        small(&[("after", time())], &["after"]),
        small(&[("when-ports-above", number())], &["when-ports-above"]),
    ] })
}

pub(super) fn throttle() -> Value {
    json!({ "anyOf": [
        small(&[("rate", number())], &["rate"]),
        small(&[("every", time())], &["every"]),
    ] })
}

fn devices() -> Value {
    let phases = words(&["spread", "random", "together"]);
    small(
        &[
            ("count", count(1)),
            ("every", time()),
            ("phases", phases),
            ("jitter", time()),
        ],
        &["count", "every"],
    )
}

fn nat_presets() -> Value {
    let names: Vec<&str> = nats::ALL.iter().map(|it| it.name).collect();
    words(&names)
}

/// `[nat]`: a table with these keys, a preset, or none.
pub(super) fn nat(table: &Value) -> Value {
    json!({ "anyOf": [nat_presets(), words(&["none"]), table] })
}

pub(super) fn nat_ports() -> Value {
    json!({ "anyOf": [nat_presets(), count(1)] })
}

pub(super) fn count_or_unlimited(least: u32) -> Value {
    json!({ "anyOf": [count(least), words(&["unlimited"])] })
}

/// Windows of time, each with one more entry.
fn windows(entry: (&str, Value), required: &[&str]) -> Value {
    let window = small(&[("from", time()), ("until", time()), entry], required);
    json!({ "type": "array", "items": window })
}

pub(super) fn outages() -> Value {
    let kind = words(&["refuse", "silent", "hang"]);
    windows(("kind", kind), &["from", "until"])
}

pub(super) fn slow_downs() -> Value {
    let factor = json!({ "type": "number", "minimum": 0.001, "maximum": 1e6 });
    windows(("factor", factor), &["from", "until", "factor"])
}

pub(super) fn moves_at() -> Value {
    json!({ "anyOf": [time(), { "type": "array", "items": time() }] })
}

pub(super) fn syn_retry() -> Value {
    small(
        &[("first", time()), ("times", count(0))],
        &["first", "times"],
    )
}
