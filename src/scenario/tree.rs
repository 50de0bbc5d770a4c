//! A tree of values that remember where they were written, from TOML or JSON text.
//!
//! Lives here: syntax. Does not live here: which keys there are (`file`), what they mean
//! (`check`).

use super::diagnostic::{Place, Problems};
use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;
use toml::de::{DeTable, DeValue, Error};

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What TOML and JSON have in common.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i128),
    Float(f64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// A TOML date: never meant, but to be named in the error.
    Date(String),
}

/// A key of a table, its place and its value, in the order of the file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) value: Node,
}

impl Node {
    /// The value under `key`, where this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Table(entries) => entries
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The value as an error message shows it.
    pub(super) fn found(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("`{}`", shortened(text)),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) if number.is_nan() => "nan".to_owned(),
            Value::Float(number) => number.to_string(),
            Value::Flag(flag) => format!("`{flag}`"),
            Value::Date(date) => format!("the date `{date}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

/// The start of a text, on one line: for messages about hostile or mistaken input.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.escape_debug().to_string().replace("\\\"", "\"")
}

/// The tree of `text`. Syntax errors are added to `problems`; what could be read in spite of
/// them is in the tree.
pub(super) fn parse(text: &str, problems: &mut Problems) -> Node {
    if is_json(text) {
        return parse_json(text, problems);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    report(text, &errors, problems);
    let place = Place::File;
    let value = Value::Table(entries_of(table.get_ref()));
    Node { place, value }
}

/// A byte order mark is no white space to Rust, and some editors of Windows write one.
const AROUND: fn(char) -> bool = |c| c.is_whitespace() || c == '\u{feff}';

fn is_json(text: &str) -> bool {
    text.trim_start_matches(AROUND).starts_with('{')
}

/// JSON is TOML's inline syntax but for `:` in the place of `=`, one byte for one byte: so the
/// same parser reads both and every place stays right.
fn parse_json(text: &str, problems: &mut Problems) -> Node {
    let mut twin = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in text.chars() {
        let ends_or_starts = character == '"' && !escaped;
        in_string ^= ends_or_starts;
        escaped = in_string && character == '\\' && !escaped;
        twin.push(match character {
            ':' if !in_string => '=',
            other => other,
        });
    }
    // Nothing but white space may surround a value, and TOML forbids new lines there.
    let start = twin.len() - twin.trim_start_matches(AROUND).len();
    let (value, errors) = DeValue::parse_recoverable(twin.trim_matches(AROUND));
    let before = problems.errors.len();
    report(text.trim_matches(AROUND), &errors, problems);
    for error in &mut problems.errors[before..] {
        error.span = error.span.take().map(|span| shift(&span, start));
        let marked = error.span.clone().and_then(|span| text.get(span));
        if marked == Some("null") {
            error.message = "`null` is no value of a scenario".into();
            error.help = "leave the key out".into();
        }
        // The parser speaks of the sign that stands for JSON's colon.
        error.message = error.message.replace("`=`", "`:`");
    }
    let mut node = node_of(value.span(), value.get_ref());
    node.shift(start);
    node.place = Place::File;
    node
}

fn shift(span: &Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

impl Node {
    /// Moves every place `by` bytes to the right.
    fn shift(&mut self, by: usize) {
        let move_place = |place: &mut Place| {
            if let Place::Text(span) = place {
                *span = shift(span, by);
            }
        };
        move_place(&mut self.place);
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Value::Table(entries) => {
                for entry in entries {
                    move_place(&mut entry.place);
                    entry.value.shift(by);
                }
            }
            _ => {}
        }
    }
}

/// Turns the parser's errors into ours.
fn report(text: &str, errors: &[Error], problems: &mut Problems) {
    for error in errors {
        let place = error.span().map_or(Place::File, Place::Text);
        let marked = error.span().and_then(|span| text.get(span)).unwrap_or("");
        match error.message() {
            "duplicate key" => {
                problems
                    .error(&place, format!("`{}` is given twice", shortened(marked)))
                    .label("the second time")
                    .help("keep one of them");
            }
            message if message.contains("recurs") => {
                problems.partial = true;
                problems
                    .error(
                        &place,
                        "the scenario is nested too deeply, more than 80 levels",
                    )
                    .help("a scenario needs no more than 6 levels");
            }
            message => {
                problems.partial = true;
                problems.error(&place, message.to_owned()).help("");
            }
        }
    }
}

fn entries_of(table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let entry = Entry {
                key: key.get_ref().clone().into_owned(),
                place: Place::Text(key.span()),
                value: node_of(value.span(), value.get_ref()),
            };
            (key.span().start, entry)
        })
        .collect();
    // The parser's tables are sorted by name; the order of the file is the author's.
    entries.sort_by_key(|(start, _)| *start);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

pub(super) fn node_of(span: Range<usize>, value: &DeValue<'_>) -> Node {
    let value = match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => {
            i128::from_str_radix(number.as_str(), number.radix()).map_or_else(
                // Beyond 128 bits: far outside of every range that a scenario has.
                |_| Value::Float(number.as_str().parse().unwrap_or(f64::INFINITY)),
                Value::Integer,
            )
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| node_of(item.span(), item.get_ref()))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(entries_of(table)),
    };
    let place = Place::Text(span);
    Node { place, value }
}
