//! What a key may hold, as data: what the schema, the documents and completions are made from.

use crate::scenario::value::Range;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What a key may hold.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A time with its unit.
    Time {
        /// Whether 0 is too short.
        above_zero: bool,
    },
    /// A whole number.
    Count {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A finite number.
    Number(Range),
    /// One of several words.
    Words(Vec<&'static str>),
    /// A list.
    List {
        /// What each item is.
        item: Box<Kind>,
        /// How many there are at least.
        least: usize,
        /// How many there are at most.
        most: usize,
    },
    /// A table.
    Table(Table),
    /// Tables that the author names: `[client.app]`.
    Named(Table),
    /// One of several.
    Either(Vec<Kind>),
    /// What several keys may hold, under a name of its own.
    Shared(&'static str, fn() -> Kind),
}

/// A table: its keys, and what it is.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its keys.
    pub rows: Vec<Row>,
}

/// A key of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a sentence or two.
    pub doc: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What absent means, as TOML, and where that comes from.
    pub default: Option<(&'static str, &'static str)>,
    /// A value, as TOML; empty where any of its kind will do.
    pub(super) example: String,
    /// Whether a strategy may set it.
    pub by_strategy: bool,
}

impl Row {
    /// A key that may be left out.
    pub(super) fn new(name: &'static str, kind: Kind, doc: &'static str) -> Row {
        Row {
            name,
            doc,
            kind,
            required: false,
            default: None,
            example: String::new(),
            by_strategy: false,
        }
    }

    /// A value, as TOML.
    pub fn example(&self) -> String {
        if self.example.is_empty() {
            self.kind.example()
        } else {
            self.example.clone()
        }
    }

    /// The key must be there.
    pub(super) fn needed(mut self) -> Row {
        self.required = true;
        self
    }

    /// What absent means, as TOML, and where that comes from.
    pub(super) fn or(mut self, default: &'static str, source: &'static str) -> Row {
        self.default = Some((default, source));
        self
    }

    /// A value, as TOML.
    pub(super) fn like(mut self, example: &str) -> Row {
        self.example = example.to_string();
        self
    }
}

impl Kind {
    /// A time, 0 included.
    pub(super) const TIME: Kind = Kind::Time { above_zero: false };
    /// A time longer than 0.
    pub(super) const ABOVE_ZERO: Kind = Kind::Time { above_zero: true };

    /// A table of these keys.
    pub(super) fn table(rows: impl IntoIterator<Item = Row>) -> Kind {
        Kind::Table(Table {
            rows: rows.into_iter().collect(),
        })
    }

    /// One of these words, or something else.
    pub(super) fn or_word(self, word: &'static str) -> Kind {
        Kind::Either(alloc::vec![Kind::Words(alloc::vec![word]), self])
    }

    /// The names of the keys of a table, or of any of several tables, each once.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        match self {
            Kind::Table(table) => names.extend(table.rows.iter().map(|row| row.name)),
            Kind::Either(kinds) => {
                for name in kinds.iter().flat_map(Kind::names) {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            Kind::Shared(_, kind) => names = kind().names(),
            _ => {}
        }
        names
    }

    /// A value, as TOML.
    fn example(&self) -> String {
        match self {
            Kind::Text => "\"text\"".to_string(),
            Kind::Flag => "true".to_string(),
            Kind::Time { .. } => "\"30s\"".to_string(),
            Kind::Count { least, most } => (*least).max(10).min(*most).to_string(),
            Kind::Number(range) => match range {
                Range::Share => "0.5".to_string(),
                _ => "2".to_string(),
            },
            Kind::Words(words) => format!("\"{}\"", words.first().unwrap_or(&"")),
            Kind::List { item, .. } => format!("[{}]", item.example()),
            Kind::Table(table) | Kind::Named(table) => {
                let needed = table.rows.iter().filter(|row| row.required);
                let parts: Vec<String> = needed
                    .map(|row| format!("{} = {}", row.name, row.example()))
                    .collect();
                if parts.is_empty() {
                    "{}".to_string()
                } else {
                    format!("{{ {} }}", parts.join(", "))
                }
            }
            Kind::Either(kinds) => kinds.last().map(Kind::example).unwrap_or_default(),
            Kind::Shared(_, kind) => kind().example(),
        }
    }
}
