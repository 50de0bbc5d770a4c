//! `spsim schema`: the scenario file as JSON Schema, for editors that complete and check.
//!
//! The keys are those that the reader knows (`scenario::file`), the words those of the profiles:
//! neither is listed here a second time. What is written here is what each key holds.

use super::Exit;
use super::render::Shell;
use crate::profiles::{self, servers};
use crate::scenario::file;
use anyhow::Result;
use serde_json::{Map, Value, json};
use values::{count, flag, reference, text, time, time_or, words};

#[cfg(test)]
mod tests;
mod values;

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
            "law": values::law(),
            "arrivals": values::arrivals(),
            "group": values::group(),
            "retry": values::retry(),
            "ports": values::ports_value(),
            "reuse": values::reuse(),
            "close-groups": values::close_groups(),
            "throttle": values::throttle(),
            "connection-limit": values::count_or_unlimited(1),
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
        ("a scenario" | "strategy", "nat") => values::nat(&table("nat", file::NAT, &["ports"])),
        ("nat", "ports") => values::nat_ports(),
        ("nat", "when-forgotten") => words(&["drop", "reset"]),
        ("a scenario", "machine") => table("machine", file::MACHINE, &[]),
        ("a scenario", "client") => named("client", file::CLIENT, &[]),
        ("a scenario", "server") => named("server", file::SERVER, &[]),
        ("a scenario", "workload") => named("workload", file::WORKLOAD, &["arrivals"]),
        ("a scenario", "strategy") => {
            json!({ "type": "array", "items": table("strategy", file::STRATEGY, &["name"]) })
        }
        (_, "title" | "question" | "name" | "uri" | "client" | "server") => text(),
        (
            _,
            "duration"
            | "sample-every"
            | "warm-up"
            | "time-wait"
            | "timer-slack"
            | "timer-jitter"
            | "hold-after-fin"
            | "hold-after-reset"
            | "dns-refresh-timeout"
            | "old-address-down-after",
        ) => time(),
        (_, "max-idle-time" | "connection-lease" | "request-timeout" | "idle-timeout") => {
            time_or(&["never"])
        }
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
        (_, "cpus" | "groups" | "replications" | "instances" | "addresses" | "most-requests") => {
            count(1)
        }
        (_, "max-service-points" | "seed") => count(0),
        (_, "connection-limit") => reference("connection-limit"),
        (
            _,
            "reservation-leak" | "keep-alive" | "pipelined" | "proxy-untouched" | "steady"
            | "shared",
        ) => flag(),
        (_, "connect-time" | "response-time") => reference("law"),
        (_, "closes-idle-after") => {
            let mut names: Vec<&str> = servers::ALL.iter().map(|it| it.name).collect();
            names.push("never");
            time_or(&names)
        }
        (_, "closes-after-requests") => json!({ "anyOf": [count(1), words(&["never"])] }),
        (_, "workers") => values::count_or_unlimited(1),
        (_, "queue") => values::count_or_unlimited(0),
        (_, "queue-full") => words(&["503", "reset"]),
        (_, "abandoned-work") => words(&["finishes", "stops"]),
        (_, "outages") => values::outages(),
        (_, "slow-downs") => values::slow_downs(),
        (_, "moves-at") => values::moves_at(),
        (_, "syn-retry") => values::syn_retry(),
        (_, "active-close") => words(&["server", "client"]),
        (_, "arrivals" | "group" | "retry" | "close-groups" | "throttle") => reference(key),
        _ => return None,
    };
    Some(schema)
}
