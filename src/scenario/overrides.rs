//! `KEY=VALUE`: any key of a scenario by its dotted path, put in before it is checked.

use super::diagnostic::{Place, Problems};
use super::tree::{Entry, Node, Value, shortened};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use toml::de::{DeTable, DeValue};

/// A key of a scenario that is given another value than its text has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// By which word its author knows it, for messages: a flag's name, where one was typed.
    pub typed_as: &'static str,
    /// Dotted path: `machine.ports`.
    pub key: String,
    /// The value as typed; TOML where it reads as TOML, else a string.
    pub value: String,
}

impl Override {
    /// An override that nobody typed.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Override {
        Override {
            typed_as: "",
            key: key.into(),
            value: value.into(),
        }
    }
}

/// Puts one override into the tree. A list is entered by position (from 0) or, where its items
/// are tables with a `name`, by that name: `strategy."16 groups".groups`.
pub(super) fn insert(root: &mut Node, change: &Override, problems: &mut Problems) {
    let typed = shortened(&format!("{}={}", change.key, change.value));
    let place = Place::Set(Arc::from(
        format!("{} {typed}", change.typed_as).trim_start(),
    ));
    let Some(path) = segments(&change.key) else {
        let key = shortened(&change.key);
        problems
            .error(&place, format!("`{key}` is not a dotted path of keys"))
            .help("write it as in `machine.ports`");
        return;
    };
    let mut value = value_of(&change.value);
    mark(&mut value, &place);
    put(root, &path, 0, value, &place, problems);
}

/// The parts of a dotted path, quoted parts without their quotes.
fn segments(key: &str) -> Option<Vec<String>> {
    if key.contains(['\n', '=', '#', '[']) {
        return None;
    }
    let line = format!("{key} = 0");
    let document = DeTable::parse(&line).ok()?;
    let mut table = document.get_ref().clone();
    let mut path = Vec::new();
    loop {
        let (name, value) = table.into_iter().next()?;
        path.push(name.into_inner().into_owned());
        match value.into_inner() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

/// The value as typed: TOML where it reads as TOML, else a string.
fn value_of(text: &str) -> Node {
    let place = Place::File;
    let parsed = DeValue::parse(text.trim())
        .ok()
        .filter(|value| !value.get_ref().is_datetime());
    match parsed {
        Some(value) => super::tree::node_of(value.span(), value.get_ref()),
        None => Node {
            place,
            value: Value::Text(text.into()),
        },
    }
}

/// Gives every part of the value the place of its override.
fn mark(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| mark(item, place)),
        Value::Table(entries) => {
            for entry in entries {
                entry.place = place.clone();
                mark(&mut entry.value, place);
            }
        }
        _ => {}
    }
}

fn put(
    node: &mut Node,
    path: &[String],
    depth: usize,
    value: Node,
    place: &Place,
    problems: &mut Problems,
) {
    let Some(key) = path.get(depth) else {
        *node = value;
        return;
    };
    let is_list = matches!(node.value, Value::List(_));
    let child = match &mut node.value {
        Value::Table(entries) => Some(child_of(entries, key, place)),
        Value::List(items) => item_of(items, key),
        _ => None,
    };
    match child {
        Some(child) => put(child, path, depth + 1, value, place, problems),
        None if is_list => {
            let list = path[..depth].join(".");
            problems
                .error(place, format!("`{list}` has no item `{}`", shortened(key)))
                .help("name an item by its `name` or by its position, from 0");
        }
        None => {
            let parent = path[..depth].join(".");
            problems
                .error(
                    place,
                    format!("`{parent}` is not a table, so it has no `{key}`"),
                )
                .help(format!("set `{parent}` as a whole"));
        }
    }
}

/// The value under `key`; an empty table is made for a key that is not there.
fn child_of<'a>(entries: &'a mut Vec<Entry>, key: &str, place: &Place) -> &'a mut Node {
    let index = entries
        .iter()
        .position(|entry| entry.key == key)
        .unwrap_or_else(|| {
            entries.push(Entry {
                key: key.into(),
                place: place.clone(),
                value: Node {
                    place: place.clone(),
                    value: Value::Table(Vec::new()),
                },
            });
            entries.len() - 1
        });
    &mut entries[index].value
}

fn item_of<'a>(items: &'a mut [Node], key: &str) -> Option<&'a mut Node> {
    let named = items.iter().position(|item| {
        matches!(item.get("name"), Some(Node { value: Value::Text(name), .. }) if name == key)
    });
    let index = named.or_else(|| key.parse().ok())?;
    items.get_mut(index)
}
