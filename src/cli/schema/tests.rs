//! The schema and the reader agree.

use super::*;
use crate::scenario::{BUILTIN, Override, read};
use regex_lite::Regex;

mod agreement;

#[test]
fn every_key_says_what_it_is_and_shows_a_value_that_fits() {
    fn look(table: &Table, at: &str, seen: &mut usize) {
        for row in &table.rows {
            let at = format!("{at}.{}", row.name);
            assert!(
                row.doc.ends_with('.') && row.doc.len() > 5,
                "{at}: {}",
                row.doc
            );
            for text in [row.example(), row.default.map_or("1", |it| it.0).into()] {
                value_of(&text);
            }
            *seen += 1;
            inside(&row.kind, &at, seen);
        }
    }
    fn inside(kind: &Kind, at: &str, seen: &mut usize) {
        match kind {
            Kind::Table(table) | Kind::Named(table) => look(table, at, seen),
            Kind::Either(kinds) => kinds.iter().for_each(|it| inside(it, at, seen)),
            Kind::List { item, .. } => inside(item, at, seen),
            _ => {}
        }
    }
    let mut seen = 0;
    look(&keys::scenario(), "", &mut seen);
    assert!(seen > 100, "{seen}");
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
            "type" => match rule {
                Value::Array(types) => types.iter().any(|it| has_type(value, it)),
                one => has_type(value, one),
            },
            "allOf" => {
                for one in rule.as_array().expect("a list") {
                    found.extend(objections(root, one, value, at));
                }
                true
            }
            "not" => !objections(root, rule, value, at).is_empty(),
            "enum" => rule.as_array().expect("a list").contains(value),
            "minimum" => value.as_f64() >= rule.as_f64(),
            "exclusiveMinimum" => value.as_f64() > rule.as_f64(),
            "maxItems" => value.as_array().map(Vec::len) <= rule.as_u64().map(|n| n as usize),
            "minProperties" => value.as_object().map(Map::len) >= rule.as_u64().map(|n| n as usize),
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
            "pattern" => {
                let pattern = rule.as_str().expect("a text");
                let pattern = Regex::new(pattern).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "$schema" | "$defs" | "title" | "description" | "default" | "examples" | "format" => {
                true
            }
            other => panic!("unknown word {other}"),
        };
        if !holds {
            found.push(format!("{at}: {word}"));
        }
    }
    found
}

fn has_type(value: &Value, name: &Value) -> bool {
    match name.as_str().expect("a word") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.as_f64().is_some_and(|it| it.fract() == 0.0),
        "number" => value.is_number(),
        other => panic!("unknown type {other}"),
    }
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
/// A key, a value, and whether the reader takes it.
const CASES: &[(&str, &str, bool)] = &[
    ("machine.ports", "\"windows\"", true),
    ("machine.ports", "{ first = 1, last = 9 }", true),
    ("machine.ports", "\"no-such\"", false),
    ("machine.ports", "true", false),
    ("machine.scope", "\"destination\"", true),
    ("machine.scope", "\"everything\"", false),
    ("machine.time-wait", "\"4min\"", true),
    ("machine.time-wait", "240", false),
    ("machine.no-such", "1", false),
    ("client.app.runtime", "\"net7\"", false),
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
        "{ lognormal = { mu = 1, sigma = 1, median = \"1s\" } }",
        false,
    ),
    (
        "server.api.response-time",
        "{ gamma = { shape = 1, mean = \"1s\", scale = \"1s\" } }",
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
    (
        "workload.orders.retry",
        "{ attempts = 3, backoff = \"1s\", budget = { share = 0.1, burst = 5 }, on = [\"timeout\"] }",
        true,
    ),
    (
        "workload.orders.retry",
        "{ attempts = 3, backoff = \"1s\", on = [\"monday\"] }",
        false,
    ),
    (
        "workload.orders.arrivals",
        "{ devices = { count = 5, every = \"1min\", phases = \"spread\" } }",
        true,
    ),
    (
        "workload.orders.arrivals",
        "{ devices = { count = 5, every = \"1min\", phases = \"odd\" } }",
        false,
    ),
    ("nat", "\"azure-lb\"", true),
    ("nat", "{ ports = 64, shared = true }", true),
    ("nat", "{ ports = \"no-such\" }", false),
    ("nat", "{ when-forgotten = \"drop\" }", false),
    ("machine.instances", "50", true),
    ("machine.instances", "0", false),
    ("machine.syn-retry", "{ first = \"3s\", times = 2 }", true),
    ("machine.syn-retry", "{ first = \"3s\" }", false),
    ("server.api.workers", "8", true),
    ("server.api.workers", "0", false),
    ("server.api.queue", "\"unlimited\"", true),
    ("server.api.queue", "\"long\"", false),
    (
        "server.api.outages",
        "[{ from = \"1s\", until = \"2s\", kind = \"hang\" }]",
        true,
    ),
    ("server.api.outages", "[{ from = \"1s\" }]", false),
    (
        "server.api.slow-downs",
        "[{ from = \"1s\", until = \"2s\", factor = 3 }]",
        true,
    ),
    (
        "server.api.slow-downs",
        "[{ from = \"1s\", until = \"2s\" }]",
        false,
    ),
    ("server.api.moves-at", "[\"1s\", \"2s\"]", true),
    ("server.api.moves-at", "5", false),
    ("close-groups", "{ when-ports-above = 0.5 }", true),
    ("close-groups", "{ sometimes = 0.5 }", false),
    ("throttle", "{ rate = 5 }", true),
    ("throttle", "5", false),
    ("replications", "0", false),
];

#[test]
fn what_the_reader_refuses_does_not_fit_either() {
    let base = "duration = \"10s\"\nserver.api.response-time = \"1s\"\n\
                workload.orders.arrivals = { every = \"1s\" }\nclient.app = {}\nmachine = {}\n";
    for &(key, value, is_right) in CASES {
        let overrides = [Override {
            typed_as: "--set",
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
        let schema = super::document();
        let found = objections(&schema, &schema, &json, "");
        assert_eq!(found.is_empty(), is_right, "{key} = {value}: {found:?}");
    }
}

/// The committed results are fresh, as `tests/it/golden.rs` proves.
#[test]
fn the_summaries_of_the_built_in_scenarios_fit_their_schema() {
    let schema: Value = serde_json::from_str(&output::summary_schema()).expect("JSON");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("output");
    for built_in in BUILTIN {
        let path = folder.join(built_in.name).join("summary.json");
        let text = std::fs::read_to_string(path).expect("every scenario has its results");
        let summary: Value = serde_json::from_str(&text).expect("JSON");
        let found = objections(&schema, &schema, &summary, "");
        assert_eq!(found, Vec::<String>::new(), "{}", built_in.name);
        for (place, wrong) in [
            ("/seed", json!("1")),
            ("/strategies/0/ports", json!({})),
            ("/strategies/0/requests/failed", json!(null)),
            ("/findings/best/good", json!(1)),
            ("/strategies/0/metrics/failed", json!(0)),
        ] {
            let mut spoilt = summary.clone();
            *spoilt.pointer_mut(place).expect("it is there") = wrong;
            let found = objections(&schema, &schema, &spoilt, "");
            assert!(!found.is_empty(), "{}: {place}", built_in.name);
        }
    }
}
