//! A table of the file as it was written: its keys and their values.
//!
//! Does not live here: which keys there are (`keys`), how a value is read (`value`).

use super::diagnostic::{Place, Problems};
use super::tree::{Entry, Node, Value, shortened};
use super::value::{self, Range, quoted, wrong_type};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

/// Keys of earlier versions, and what says the same now.
const RENAMED: &[(&str, &str)] = &[(
    "proxy-untouched",
    "`client-per-request = false`, the default, is what `proxy-untouched = true` was; \
     `client-per-request = true` gives each request a client of its own",
)];

/// One table of the file, its unknown keys already reported.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    place: Place,
    entries: &'a [Entry],
    /// Whether there was a key that the table does not have.
    unknown: bool,
}

impl<'a> Fields<'a> {
    /// Opens the table `name`; anything else and every key that is not in `known` is an error.
    pub(super) fn open(
        node: &'a Node,
        name: &str,
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Fields<'a>> {
        let Value::Table(entries) = &node.value else {
            wrong_type(problems, name, node, "a table");
            return None;
        };
        let mut unknown = false;
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                unknown = true;
                let key = shortened(&entry.key);
                let whole = if name.is_empty() { "a scenario" } else { name };
                let problem = problems.error(
                    &entry.place,
                    format!("`{key}` is not a key of {}", quoted(whole)),
                );
                match RENAMED.iter().find(|(old, _)| *old == entry.key) {
                    Some((_, now)) => problem.label("an old key").help(*now),
                    None => problem.label("unknown key").suggest(&entry.key, known),
                };
            }
        }
        let place = node.place.clone();
        Some(Fields {
            place,
            entries,
            unknown,
        })
    }

    /// Where the table is.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The value of `key`, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The key, its place and its value.
    pub(super) fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entries whose keys are in `keys`, in the order of the file.
    pub(super) fn among(&self, keys: &[&str]) -> Vec<&'a Entry> {
        let is_one = |entry: &&Entry| keys.contains(&entry.key.as_str());
        self.entries.iter().filter(is_one).collect()
    }

    /// The value of a key that must be there.
    pub(super) fn require(
        &self,
        key: &str,
        of: &str,
        help: &str,
        problems: &mut Problems,
    ) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("`{key}` is missing from {}", quoted(of));
            problems.absent(&self.place, message, help);
        }
        found
    }

    /// A time; `None` when absent or wrong.
    pub(super) fn span(&self, key: &str, problems: &mut Problems) -> Option<SimSpan> {
        value::span(self.get(key)?, key, problems)
    }

    /// A time longer than zero; `None` when absent or wrong.
    pub(super) fn span_above_zero(&self, key: &str, problems: &mut Problems) -> Option<SimSpan> {
        value::span_above_zero(self.get(key)?, key, problems)
    }

    /// A yes or no; `None` when absent or wrong.
    pub(super) fn flag(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        value::flag(self.get(key)?, key, problems)
    }

    /// A whole number in a range; `None` when absent or wrong.
    pub(super) fn count(
        &self,
        key: &str,
        least: u64,
        most: u64,
        problems: &mut Problems,
    ) -> Option<u64> {
        value::count(self.get(key)?, key, least, most, problems)
    }

    /// A finite number that `range` accepts; `None` when absent or wrong.
    pub(super) fn number(&self, key: &str, range: Range, problems: &mut Problems) -> Option<f64> {
        value::number(self.get(key)?, key, range, problems)
    }

    /// One of several words; `None` when absent or wrong.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        value::choice(self.get(key)?, key, words, problems)
    }
}

/// The only entry of a table whose keys are kinds: `{ exponential = … }`.
pub(super) fn only_kind<'a>(
    fields: &Fields<'a>,
    name: &str,
    kinds: &[&str],
    problems: &mut Problems,
) -> Option<&'a Entry> {
    let found = fields.among(kinds);
    match found.as_slice() {
        [one] => Some(one),
        [] => {
            let list: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
            // A misspelt kind was already reported as an unknown key.
            if !fields.unknown {
                let help = format!("one of {}", list.join(", "));
                problems.absent(&fields.place, format!("`{name}` says nothing"), &help);
            }
            None
        }
        [first, second, ..] => {
            problems
                .error(
                    &second.place,
                    format!(
                        "`{}` and `{}` cannot both be in `{name}`",
                        first.key, second.key
                    ),
                )
                .help("keep one of them");
            None
        }
    }
}
