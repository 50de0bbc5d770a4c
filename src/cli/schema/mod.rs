//! `spsim schema`: the scenario file as JSON Schema, for editors that complete and check; and that
//! of `summary.json`, which its own types give.
//!
//! It is made from the rows of `scenario::keys`: no key is listed here a second time.

use super::args::SchemaOf;
use super::exit::Exit;
use super::render::Shell;
use crate::output;
use crate::scenario::Range;
use crate::scenario::keys::{self, Kind, Row, Table};
use anyhow::Result;
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// Prints the schema of a file.
///
/// # Errors
/// stdout cannot be written.
pub fn print(shell: &Shell, of: SchemaOf) -> Result<Exit> {
    let text = match of {
        SchemaOf::Scenario => serde_json::to_string_pretty(&document())?,
        SchemaOf::Summary => output::summary_schema(),
    };
    shell.print(&text)?;
    Ok(Exit::Done)
}

/// The schema of a scenario file.
pub fn document() -> Value {
    let mut shared = Shared::default();
    let mut schema = shared.table(&keys::scenario());
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("spsim scenario");
    schema["$defs"] = Value::Object(shared.definitions);
    schema
}

/// A time and its unit.
const TIME: &str = "^([0-9]*\\.?[0-9]+(ns|us|ms|s|min|h|d))+$";

/// A time that is 0.
const ZERO: &str = "^([0.]+[a-z]+)+$";

/// The kinds that several keys share, each written once.
#[derive(Default)]
struct Shared {
    definitions: Map<String, Value>,
}

impl Shared {
    fn reference(&mut self, name: &str, make: impl FnOnce(&mut Shared) -> Value) -> Value {
        if !self.definitions.contains_key(name) {
            // A law may hold laws: its name is taken before it is made.
            self.definitions.insert(name.into(), Value::Null);
            let schema = make(self);
            self.definitions.insert(name.into(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn table(&mut self, table: &Table) -> Value {
        let mut properties = Map::new();
        for row in &table.rows {
            properties.insert(row.name.into(), self.row(row));
        }
        let required = table.rows.iter().filter(|row| row.required);
        let required: Vec<&str> = required.map(|row| row.name).collect();
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    fn row(&mut self, row: &Row) -> Value {
        let mut schema = self.kind(&row.kind);
        let mut description = row.doc.to_owned();
        if let Some((default, source)) = row.default {
            description += &format!(" Default: {default} ({source}).");
            schema["default"] = value_of(default);
        }
        schema["description"] = json!(description);
        schema["examples"] = json!([value_of(&row.example())]);
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Time { above_zero } => {
                let time = self.reference("time", |_| {
                    json!({
                        "description": "A time with its unit: 250ms, 1.5s, 1min30s, 2h, 1d.",
                        "type": "string",
                        "pattern": TIME,
                    })
                });
                if *above_zero {
                    json!({ "allOf": [time], "not": { "pattern": ZERO } })
                } else {
                    time
                }
            }
            Kind::Count { least, most } => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Kind::Number(range) => number(*range),
            Kind::Words(words) => json!({ "enum": words }),
            Kind::List { item, least, most } => {
                let item = self.kind(item);
                let mut schema = json!({ "type": "array", "minItems": least, "items": item });
                if *most < usize::MAX {
                    schema["maxItems"] = json!(most);
                }
                schema
            }
            Kind::Table(table) => self.table(table),
            Kind::Named(table) => {
                let named = self.table(table);
                let least = u8::from(table.rows.iter().any(|row| row.required));
                json!({ "type": "object", "additionalProperties": named, "minProperties": least })
            }
            Kind::Either(kinds) => {
                let kinds: Vec<Value> = kinds.iter().map(|kind| self.kind(kind)).collect();
                json!({ "anyOf": kinds })
            }
            Kind::Shared(name, kind) => self.reference(name, |shared| shared.kind(&kind())),
        }
    }
}

fn number(range: Range) -> Value {
    let (least, most, above) = range.bounds();
    let mut schema = json!({ "type": "number" });
    if let Some(least) = least {
        schema[if above { "exclusiveMinimum" } else { "minimum" }] = json!(least);
    }
    if let Some(most) = most {
        schema["maximum"] = json!(most);
    }
    schema
}

/// A value of the rows, which is TOML.
fn value_of(toml: &str) -> Value {
    let table: toml::Table = toml::from_str(&format!("it = {toml}")).expect("a row holds TOML");
    serde_json::to_value(&table["it"]).expect("TOML without dates is JSON")
}
