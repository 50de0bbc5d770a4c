//! `spsim schema`: the scenario file as JSON Schema, for editors that complete and check.
//!
//! The keys are those that the reader knows (`scenario::file`), the words those of the profiles:
//! neither is listed here a second time. What is written here is what each key holds.

use super::Exit;
use super::render::Shell;
use crate::profiles::{self, ports, servers};
use crate::scenario::file;
use anyhow::Result;
use serde_json::{Map, Value, json};

/// Prints the schema.
///
/// # Errors
/// stdout cannot be written.
pub fn print(shell: &Shell) -> Result<Exit> {
    let text = serde_json::to_string_pretty(&document())?;
    shell.print(&text)?;
    Ok(Exit::Done)
}

/// The schema of a scenario file.
pub fn document() -> Value {
    let mut schema = table("a scenario", file::TOP, &["duration", "server", "workload"]);
    let more = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "spsim scenario",
        "$defs": {
            "time": {
                "description": "A time with its unit: 250ms, 1.5s, 1min30s, 2h, 1d.",
                "type": "string",
                "pattern": "^([0-9]*\\.?[0-9]+(ns|us|ms|s|min|h|d))+$",
            },
            "law": law(),
            "arrivals": arrivals(),
            "group": group(),
            "retry": retry(),
            "ports": ports_value(),
            "reuse": reuse(),
            "close-groups": close_groups(),
            "throttle": throttle(),
            "connection-limit": connection_limit(),
        },
    });
    extend(&mut schema, more);
    schema
}

fn extend(schema: &mut Value, more: Value) {
    if let (Value::Object(schema), Value::Object(more)) = (schema, more) {
        schema.extend(more);
    }
}

/// A table with these keys and no others.
fn table(name: &str, keys: &[&str], required: &[&str]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let definition = definition(name, key);
            ((*key).into(), definition.unwrap_or_else(|| json!({})))
        })
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Tables that the author names: `[client.app]`.
fn named(name: &str, keys: &[&str], required: &[&str]) -> Value {
    json!({ "type": "object", "additionalProperties": table(name, keys, required) })
}

/// What a key of a table holds.
fn definition(table_name: &str, key: &str) -> Option<Value> {
    let schema = match (table_name, key) {
        ("a scenario", "machine") => table("machine", file::MACHINE, &[]),
        ("a scenario", "client") => named("client", file::CLIENT, &[]),
        ("a scenario", "server") => named("server", file::SERVER, &[]),
        ("a scenario", "workload") => named("workload", file::WORKLOAD, &["arrivals"]),
        ("a scenario", "strategy") => {
            json!({ "type": "array", "items": table("strategy", file::STRATEGY, &["name"]) })
        }
        (_, "title" | "question" | "name" | "uri" | "client" | "server") => text(),
        (_, "duration" | "sample-every" | "time-wait" | "timer-slack" | "timer-jitter") => time(),
        (_, "max-idle-time" | "connection-lease" | "request-timeout") => time_or(&["never"]),
        (_, "ports") => reference("ports"),
        (_, "scope") => words(&["host", "destination"]),
        (_, "time-wait-error") => words(&["WSAENOBUFS", "WSAEADDRINUSE", "EADDRNOTAVAIL"]),
        (_, "idle-close") => words(&["reset", "fin"]),
        (_, "time-wait-reuse") => reference("reuse"),
        (_, "runtime") => {
            let names: Vec<&str> = profiles::ALL.iter().map(|it| it.name).collect();
            words(&names)
        }
        (_, "host") => words(&["exe", "asp-net", "asp-net-autoconfig"]),
        (_, "cpus" | "groups" | "replications") => count(1),
        (_, "max-service-points" | "seed") => count(0),
        (_, "connection-limit") => reference("connection-limit"),
        (_, "reservation-leak" | "keep-alive" | "pipelined" | "proxy-untouched") => flag(),
        (_, "connect-time" | "response-time") => reference("law"),
        (_, "closes-idle-after") => {
            let mut names: Vec<&str> = servers::ALL.iter().map(|it| it.name).collect();
            names.push("never");
            time_or(&names)
        }
        (_, "closes-after-requests") => json!({ "anyOf": [count(1), words(&["never"])] }),
        (_, "active-close") => words(&["server", "client"]),
        (_, "arrivals" | "group" | "retry" | "close-groups" | "throttle") => reference(key),
        _ => return None,
    };
    Some(schema)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn time() -> Value {
    reference("time")
}

fn count(least: u32) -> Value {
    json!({ "type": "integer", "minimum": least })
}

fn number() -> Value {
    json!({ "type": "number", "minimum": 0 })
}

fn words(words: &[&str]) -> Value {
    json!({ "enum": words })
}

fn time_or(others: &[&str]) -> Value {
    json!({ "anyOf": [words(others), time()] })
}

/// A table with these entries, some of them required, and no others.
fn small(entries: &[(&str, Value)], required: &[&str]) -> Value {
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

fn law() -> Value {
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

fn arrivals() -> Value {
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
    extend(&mut schema, json!({ "oneOf": one }));
    schema
}

fn group() -> Value {
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

fn retry() -> Value {
    let rule = small(
        &[
            ("attempts", count(1)),
            ("backoff", time()),
            ("factor", json!({ "type": "number", "minimum": 1 })),
            ("jitter", flag()),
        ],
        &["attempts", "backoff"],
    );
    json!({ "anyOf": [words(&["never"]), rule] })
}

fn ports_value() -> Value {
    let presets: Vec<&str> = ports::ALL.iter().map(|it| it.name).collect();
    json!({ "anyOf": [
        json!({ "type": "integer", "minimum": 1, "maximum": 65_535 }),
        words(&presets),
        small(&[("first", count(1)), ("last", count(1))], &["first", "last"]),
    ] })
}

fn reuse() -> Value {
    json!({ "anyOf": [words(&["never"]), small(&[("after", time())], &["after"])] })
}

fn close_groups() -> Value {
    json!({ "anyOf": [
        small(&[("every", time())], &["every"]),
        small(&[("after", time())], &["after"]),
        small(&[("when-ports-above", number())], &["when-ports-above"]),
    ] })
}

fn throttle() -> Value {
    json!({ "anyOf": [
        small(&[("rate", number())], &["rate"]),
        small(&[("every", time())], &["every"]),
    ] })
}

fn connection_limit() -> Value {
    json!({ "anyOf": [count(1), words(&["unlimited"])] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{BUILTIN, Override, read};

    #[test]
    fn every_key_of_the_reader_says_what_it_holds() {
        for (name, keys) in [
            ("a scenario", file::TOP),
            ("machine", file::MACHINE),
            ("client", file::CLIENT),
            ("server", file::SERVER),
            ("workload", file::WORKLOAD),
            ("strategy", file::STRATEGY),
        ] {
            for key in keys {
                assert!(
                    definition(name, key).is_some(),
                    "`{key}` of {name}: add it above"
                );
            }
        }
    }

    /// What the schema says against `value`; enough of JSON Schema for the words used here.
    fn objections(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (word, rule) in schema.as_object().expect("a schema is a table") {
            let holds = match word.as_str() {
                "$ref" => {
                    let name = rule.as_str().and_then(|it| it.strip_prefix("#/$defs/"));
                    let target = &root["$defs"][name.expect("a local reference")];
                    found.extend(objections(root, target, value, at));
                    true
                }
                "type" => match rule.as_str().expect("a word") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64() || value.is_i64(),
                    "number" => value.is_number(),
                    other => panic!("unknown type {other}"),
                },
                "enum" => rule.as_array().expect("a list").contains(value),
                "minimum" => value.as_f64() >= rule.as_f64(),
                "maximum" => value.as_f64() <= rule.as_f64(),
                "minItems" => value.as_array().map(Vec::len) >= rule.as_u64().map(|n| n as usize),
                "anyOf" | "oneOf" => {
                    let all = rule.as_array().expect("a list").iter();
                    let right = all
                        .filter(|one| objections(root, one, value, at).is_empty())
                        .count();
                    if word == "oneOf" {
                        right == 1
                    } else {
                        right > 0
                    }
                }
                "required" => {
                    let keys = rule.as_array().expect("a list");
                    keys.iter()
                        .all(|key| value.get(key.as_str().expect("a key")).is_some())
                }
                "properties" => {
                    for (key, part) in rule.as_object().expect("a table") {
                        if let Some(inner) = value.get(key) {
                            found.extend(objections(root, part, inner, &format!("{at}.{key}")));
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    let own = schema.get("properties");
                    for (key, inner) in value.as_object().into_iter().flatten() {
                        if own.is_some_and(|own| own.get(key).is_some()) {
                            continue;
                        }
                        let at = format!("{at}.{key}");
                        if rule == &json!(false) {
                            found.push(format!("{at}: unknown"));
                        } else {
                            found.extend(objections(root, rule, inner, &at));
                        }
                    }
                    true
                }
                "items" => {
                    for inner in value.as_array().into_iter().flatten() {
                        found.extend(objections(root, rule, inner, &format!("{at}[]")));
                    }
                    true
                }
                "pattern" => value
                    .as_str()
                    .is_none_or(|text| crate::units::SimSpan::parse(text).is_ok()),
                "$schema" | "$defs" | "title" | "description" => true,
                other => panic!("unknown word {other}"),
            };
            if !holds {
                found.push(format!("{at}: {word}"));
            }
        }
        found
    }

    fn against(text: &str) -> Vec<String> {
        let value: Value = toml::from_str(text).expect("TOML");
        let schema = document();
        objections(&schema, &schema, &value, "")
    }

    #[test]
    fn every_built_in_scenario_fits() {
        for scenario in BUILTIN {
            assert_eq!(
                against(scenario.toml),
                Vec::<String>::new(),
                "{}",
                scenario.name
            );
        }
        assert_eq!(against(super::super::new::STARTER), Vec::<String>::new());
    }

    /// The reader and the schema take the same values, key by key.
    #[test]
    fn what_the_reader_refuses_does_not_fit_either() {
        let cases = [
            ("machine.ports", "\"windows\"", true),
            ("machine.ports", "{ first = 1, last = 9 }", true),
            ("machine.ports", "\"no-such\"", false),
            ("machine.ports", "true", false),
            ("machine.scope", "\"destination\"", true),
            ("machine.scope", "\"everything\"", false),
            ("machine.time-wait", "\"4min\"", true),
            ("machine.time-wait", "240", false),
            ("machine.no-such", "1", false),
            ("client.app.runtime", "\"net9\"", false),
            ("client.app.max-idle-time", "\"never\"", true),
            ("client.app.max-idle-time", "false", false),
            ("client.app.connection-limit", "\"unlimited\"", true),
            ("client.app.connection-limit", "0", false),
            (
                "server.api.response-time",
                "{ lognormal = { median = \"1s\", p99 = \"2s\" } }",
                true,
            ),
            (
                "server.api.response-time",
                "{ lognormal = { median = 1, p99 = 2 } }",
                false,
            ),
            (
                "server.api.response-time",
                "{ exponential = { mean = \"1s\" } }",
                true,
            ),
            (
                "server.api.response-time",
                "{ poison = { mean = \"1s\" } }",
                false,
            ),
            ("server.api.closes-idle-after", "\"never\"", true),
            ("server.api.active-close", "\"nobody\"", false),
            (
                "workload.orders.arrivals",
                "{ every = \"1s\", phase = \"1ms\" }",
                true,
            ),
            (
                "workload.orders.arrivals",
                "{ every = \"1s\", poisson = { rate = 1 } }",
                false,
            ),
            ("workload.orders.arrivals", "{ until = \"1s\" }", false),
            (
                "workload.orders.group",
                "{ users = 9, choose = \"zipf\" }",
                true,
            ),
            ("workload.orders.group", "\"some\"", false),
            (
                "workload.orders.retry",
                "{ attempts = 3, backoff = \"1s\" }",
                true,
            ),
            ("workload.orders.retry", "{ attempts = 3 }", false),
            ("close-groups", "{ when-ports-above = 0.5 }", true),
            ("close-groups", "{ sometimes = 0.5 }", false),
            ("throttle", "{ rate = 5 }", true),
            ("throttle", "5", false),
            ("replications", "0", false),
        ];
        let base = "duration = \"10s\"\nserver.api.response-time = \"1s\"\n\
                    workload.orders.arrivals = { every = \"1s\" }\nclient.app = {}\nmachine = {}\n";
        for (key, value, is_right) in cases {
            let overrides = [Override {
                key: key.into(),
                value: value.into(),
            }];
            let mut files = crate::input::InputFiles::in_memory(&[]);
            let reads = read(base, "test", &overrides, &mut files).is_ok();
            assert_eq!(reads, is_right, "the reader: {key} = {value}");
            let mut document: toml::Table = toml::from_str(base).expect("TOML");
            let (path, last) = key.rsplit_once('.').unwrap_or(("", key));
            let mut place = &mut document;
            for part in path.split('.').filter(|it| !it.is_empty()) {
                place = place[part].as_table_mut().expect("a table");
            }
            let parsed: toml::Table = toml::from_str(&format!("x = {value}")).expect("TOML");
            place.insert(last.into(), parsed["x"].clone());
            let json = serde_json::to_value(&document).expect("plain values");
            let schema = self::document();
            let found = objections(&schema, &schema, &json, "");
            assert_eq!(found.is_empty(), is_right, "{key} = {value}: {found:?}");
        }
    }
}
