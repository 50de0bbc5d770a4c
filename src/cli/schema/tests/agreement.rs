//! The schema and the reader agree on thousands of scenarios, right ones and ones with one mistake.
//!
//! The values are made from the rows' kinds, so a new key is tried without a word here.

use super::*;
use crate::kernel::{RandomStream, stream};
use rand::RngExt;

/// A scenario into which one more key fits.
const BASE: &str = r#"
duration = "10s"
[machine]
[client.app]
[server.api]
response-time = "1s"
[workload.orders]
arrivals = { every = "1s" }
[[strategy]]
name = "as is"
"#;

/// What a schema cannot say: what several keys mean together, and what names refer to.
const MEANING: &[&str] = &[
    "has no meaning ",
    "is missing beside ",
    "the scenario asks for about ",
    " would wait at a time under ",
    "`sample-every` asks for ",
    "must end before ",
    "must be after `from`",
    "must be in order of time",
    "must come one after the other",
    "must not be below ",
    "must not be above ",
    "must start with `http://` or `https://`",
    "no such file",
    "no weight above 0",
    "cannot be had on ",
    "cannot be set there",
    "must be between one in 10 years and ",
    "must not be before the entry above it",
    "which is not there",
    "unknown client ",
    "unknown server ",
    "known here: `as is`",
];

/// Where the keys of a table of the file stand in `BASE`.
fn place_of(row: &Row) -> Option<(String, Table)> {
    match (&row.kind, row.name) {
        (Kind::Named(table), "client") => Some(("client.app".into(), table.clone())),
        (Kind::Named(table), "server") => Some(("server.api".into(), table.clone())),
        (Kind::Named(table), "workload") => Some(("workload.orders".into(), table.clone())),
        (Kind::Table(table), name) => Some((name.into(), table.clone())),
        (Kind::List { item, .. }, "strategy") => match &**item {
            Kind::Table(table) => Some(("strategy.\"as is\"".into(), table.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// Every key with its dotted path in `BASE`.
fn places() -> Vec<(String, Row)> {
    let mut places = Vec::new();
    for row in keys::scenario().rows {
        match place_of(&row) {
            Some((path, table)) => {
                let inside = table.rows.into_iter();
                places.extend(inside.map(|row| (format!("{path}.{}", row.name), row)));
            }
            None => places.push((row.name.to_owned(), row)),
        }
    }
    places
}

fn pick<'a, T>(of: &'a [T], stream: &mut RandomStream) -> &'a T {
    &of[stream.random_range(0..of.len())]
}

/// A value that fits a key.
fn right(row: &Row, stream: &mut RandomStream) -> Value {
    match row.kind {
        // What a text may say is not the schema's business.
        Kind::Text => value_of(&row.example()),
        _ => of_kind(&row.kind, stream).unwrap_or_else(|| value_of(&row.example())),
    }
}

/// A value of a kind; none where only an example will do.
fn of_kind(kind: &Kind, stream: &mut RandomStream) -> Option<Value> {
    Some(match kind {
        Kind::Flag => json!(stream.random_bool(0.5)),
        Kind::Time { above_zero } => {
            let times = ["1ns", "0.5ms", "1s", "1min30s", "2h", "0s"];
            let most = times.len() - usize::from(*above_zero);
            json!(pick(&times[..most], stream))
        }
        Kind::Count { least, most } => {
            json!(pick(&[*least, *most, (*least).max(3).min(*most)], stream))
        }
        Kind::Number(range) => {
            let (least, most, above) = range.bounds();
            let low = least.map_or(-2.0, |it| if above { it + 0.25 } else { it });
            json!(pick(&[low, most.unwrap_or(7.5), low + 0.125], stream))
        }
        Kind::Words(words) => json!(pick(words, stream)),
        Kind::List { item, least, most } => {
            let count = (*least).max(stream.random_range(0..3)).min(*most);
            let items: Option<Vec<Value>> = (0..count).map(|_| of_kind(item, stream)).collect();
            Value::Array(items?)
        }
        Kind::Table(table) => {
            let mut object = Map::new();
            for row in &table.rows {
                if row.required || stream.random_bool(0.3) {
                    object.insert(row.name.into(), right(row, stream));
                }
            }
            Value::Object(object)
        }
        Kind::Text | Kind::Named(_) => return None,
        Kind::Either(kinds) => {
            let one = of_kind(pick(kinds, stream), stream)?;
            match (one, of_kind(pick(kinds, stream), stream)?) {
                // Two ways of saying the same, mixed: for the schema to judge as well.
                (Value::Object(mut one), Value::Object(other)) if stream.random_bool(0.1) => {
                    one.extend(other);
                    Value::Object(one)
                }
                (one, _) => one,
            }
        }
        Kind::Shared(_, kind) => return of_kind(&kind(), stream),
    })
}

/// The same with one thing changed for the worse, anywhere in it.
fn spoilt(value: &Value, stream: &mut RandomStream) -> Value {
    match value {
        Value::Object(object) if !object.is_empty() && stream.random_bool(0.7) => {
            let keys: Vec<&String> = object.keys().collect();
            let key = (*pick(&keys, stream)).clone();
            let mut object = object.clone();
            let inner = object[&key].clone();
            match stream.random_range(0..3) {
                0 => drop(object.remove(&key)),
                1 => drop(object.insert(format!("{key}x"), inner)),
                _ => drop(object.insert(key, spoilt(&inner, stream))),
            }
            Value::Object(object)
        }
        Value::Array(items) if !items.is_empty() && stream.random_bool(0.7) => {
            let mut items = items.clone();
            let at = stream.random_range(0..items.len());
            items[at] = spoilt(&items[at], stream);
            Value::Array(items)
        }
        _ => pick(
            &[
                json!(true),
                json!(-1),
                json!(0),
                json!(1e12),
                json!(0.5),
                json!("5"),
                json!("0s"),
                json!("-1s"),
                json!("no-such-word"),
                json!([]),
                json!(["x"]),
                json!({}),
                json!({ "x": 1 }),
            ],
            stream,
        )
        .clone(),
    }
}

/// The scenario with this value at this place.
fn with(base: &Value, path: &str, value: Value) -> Value {
    let mut document = base.clone();
    let parts: Vec<&str> = path.split('.').collect();
    let (last, tables) = parts.split_last().expect("a path");
    let mut place = &mut document;
    for part in tables {
        place = match *part {
            "\"as is\"" => &mut place[0],
            part => &mut place[part],
        };
    }
    place[*last] = value;
    document
}

/// What the reader says against it.
fn complaints(document: &Value) -> Vec<String> {
    let mut files = crate::input::InputFiles::in_memory(&[]);
    let text = document.to_string();
    match read(&text, "test", &[] as &[Override], &mut files) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_schema_and_the_reader_agree_on_thousands_of_scenarios() {
    let base: toml::Table = toml::from_str(BASE).expect("TOML");
    let base = serde_json::to_value(base).expect("plain values");
    let schema = document();
    let places = places();
    let mut stream = stream(1, "schema", 0);
    let (mut agreed, mut refused, mut by_meaning) = (0, 0, 0);
    let mut problems = Vec::new();
    for round in 0..30 {
        for (path, row) in &places {
            let value = right(row, &mut stream);
            let value = if round % 2 == 0 {
                value
            } else {
                spoilt(&value, &mut stream)
            };
            let shown = format!("{path} = {value}");
            let document = with(&base, path, value);
            let objected = objections(&schema, &schema, &document, "");
            let complained = complaints(&document);
            let is_meaning = |text: &String| MEANING.iter().any(|it| text.contains(it));
            match (objected.is_empty(), complained.is_empty()) {
                (true, true) => agreed += 1,
                (false, false) => refused += 1,
                (true, false) if complained.iter().all(is_meaning) => by_meaning += 1,
                _ => problems.push(format!("{shown}\n  {objected:?}\n  {complained:?}")),
            }
        }
    }
    assert!(
        problems.is_empty(),
        "{} of them\n{}",
        problems.len(),
        problems.join("\n")
    );
    assert!(
        agreed > 1000 && refused > 1000 && by_meaning < 500,
        "{agreed} taken by both, {refused} refused by both, {by_meaning} by their meaning"
    );
}
