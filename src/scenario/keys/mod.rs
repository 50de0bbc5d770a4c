//! Every key of a scenario file: one row each, in the table of its own noun.
//!
//! A row says what a key is called, what it means, what it may hold, what absent means, and how it
//! is read and written. Everything that knows keys iterates the rows: the reader, `check --show`
//! and the digest, the JSON Schema, strategies and suggestions.
//!
//! **To add a key:** the field in `model` (`settings.rs`, `workload.rs` …); its row in `KEYS` of
//! `machine`, `client`, `server`, `workload`, `nat` or `top`; and the code that uses the field.
//! Most rows are one `at!` with a form of `form`: `at!(FLAG, Workload.pipelined)`. A key that
//! strategies may set names its patch as well: `at!(FLAG, Workload.pipelined => Pipelined)`. A
//! value that does more than fill one field implements `Field`, or has its functions in `ByHand`.
//!
//! Does not live here: what several keys mean together (`check`).

use super::Read;
use super::check::Context;
use super::diagnostic::Problems;
use super::file::Fields;
use super::tree::Node;
use super::value::quoted;
use crate::model::Patch;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) mod aim;
pub(super) mod arrivals;
pub(super) mod client;
pub(super) mod form;
mod group;
mod kind;
mod law;
pub(super) mod machine;
pub(super) mod nat;
mod retry;
pub(super) mod server;
mod service;
pub(super) mod strategy;
pub(super) mod top;
pub(super) mod verdict;
pub(super) mod workload;

pub use kind::{Kind, Row, Table};

/// Keys of earlier versions, and what says the same now.
pub(super) const RENAMED: &[(&str, &str)] = &[(
    "proxy-untouched",
    "`client-per-request = false`, the default, is what `proxy-untouched = true` was; \
     `client-per-request = true` gives each request a client of its own",
)];

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The key, as error messages name it.
    pub(super) name: &'a str,
    /// Its dotted path: `server.api.response-time`.
    pub(super) path: &'a str,
}

/// One row: a key of the table that becomes a `T`.
pub(super) struct Key<T: 'static> {
    pub(super) name: &'static str,
    field: &'static dyn Field<T>,
    doc: &'static str,
    default: Option<(&'static str, &'static str)>,
    help: Option<&'static str>,
    example: &'static str,
    line: Line<T>,
}

/// Whether and how `check --show` writes a key.
enum Line<T: 'static> {
    /// Always, with a note where it has its default.
    Always,
    /// Where it has not its default.
    Changed,
    /// As the other settings have it.
    By(fn(&T, &Read) -> Shown),
}

/// How `check --show` writes a key.
pub(super) enum Shown {
    /// As the author set it.
    Set,
    /// With a note that it is the default, and where that comes from.
    Default(&'static str),
    /// As a note alone, for writing it would mean something else: the value, and its source.
    Unset(String, String),
    /// Not at all.
    Nothing,
}

impl<T: 'static> Key<T> {
    /// A key, what it fills, and what it is.
    const fn new(name: &'static str, field: &'static dyn Field<T>, doc: &'static str) -> Key<T> {
        Key {
            name,
            field,
            doc,
            default: None,
            help: None,
            example: "",
            line: Line::Always,
        }
    }

    /// What absent means, as TOML, and where that comes from.
    const fn or(mut self, default: &'static str, source: &'static str) -> Key<T> {
        self.default = Some((default, source));
        self
    }

    /// The key must be there; what to do where it is not.
    const fn needed(mut self, help: &'static str) -> Key<T> {
        self.help = Some(help);
        self
    }

    /// A value, as TOML.
    const fn like(mut self, example: &'static str) -> Key<T> {
        self.example = example;
        self
    }

    /// `check --show` is silent about the default.
    const fn quiet(mut self) -> Key<T> {
        self.line = Line::Changed;
        self
    }

    /// What `check --show` writes depends on other settings.
    const fn shown(mut self, by: fn(&T, &Read) -> Shown) -> Key<T> {
        self.line = Line::By(by);
        self
    }

    /// The row without its functions.
    fn row(&self) -> Row {
        let mut row = Row::new(self.name, self.field.kind(), self.doc);
        row.required = self.help.is_some();
        row.default = self.default;
        row.by_strategy = self.field.patches();
        if !self.example.is_empty() {
            row.example = self.example.to_string();
        }
        row
    }

    /// Whether strategies may set it.
    pub(super) fn patches(&self) -> bool {
        self.field.patches()
    }

    /// The changes that a strategy's value makes.
    pub(super) fn patch(&self, node: &Node, path: &str, context: &mut Context<'_>) -> Vec<Patch> {
        let spot = Spot {
            name: self.name,
            path,
        };
        self.field.patch(node, &spot, context)
    }

    /// Whether a patch is one of this key.
    pub(super) fn is_of(&self, patch: &Patch) -> bool {
        self.field.is_of(patch)
    }

    /// The value of a patch, if it is one of this key.
    pub(super) fn patched(&self, patch: &Patch, read: &Read) -> Option<String> {
        self.field.patched(patch, read)
    }

    /// The change that would give every `T` the value that this one has.
    pub(super) fn patch_of(&self, of: &T) -> Option<Patch> {
        self.field.patch_of(of)
    }
}

/// How the value of a key is read into a `T` and written from it.
pub(super) trait Field<T> {
    /// What it may hold.
    fn kind(&self) -> Kind;
    /// Reads it, or reports what is wrong.
    fn read(&self, node: &Node, spot: &Spot<'_>, into: &mut T, context: &mut Context<'_>);
    /// As TOML; empty where there is nothing to write.
    fn write(&self, of: &T, path: &str, read: &Read) -> String;
    /// Whether strategies may set it.
    fn patches(&self) -> bool {
        false
    }
    /// The changes that a strategy's value makes.
    fn patch(&self, _: &Node, _: &Spot<'_>, _: &mut Context<'_>) -> Vec<Patch> {
        Vec::new()
    }
    /// Whether a patch is one of this key.
    fn is_of(&self, _: &Patch) -> bool {
        false
    }
    /// The value of a patch, if it is one of this key.
    fn patched(&self, _: &Patch, _: &Read) -> Option<String> {
        None
    }
    /// The change that would give every `T` the value that this one has.
    fn patch_of(&self, _: &T) -> Option<Patch> {
        None
    }
}

/// A value of a form, in one field of `T`; see [`at!`].
struct At<F: form::Form, T: 'static> {
    form: F,
    get: fn(&T) -> &F::Value,
    set: fn(&mut T) -> &mut F::Value,
    patch: Option<Patching<F::Value>>,
}

/// How a value becomes a patch and comes back.
struct Patching<V> {
    make: fn(V) -> Option<Patch>,
    of: fn(&Patch) -> Option<V>,
}

/// A form in a field: `at!(FLAG, Workload.pipelined)`. With `=> Variant` strategies may set it:
/// the variant of [`Patch`] carries the value, or with `=> some Variant` what is in the option.
macro_rules! at {
    ($form:expr, $of:ident.$($field:ident).+ $(=> $($patch:ident)+)?) => {
        &$crate::scenario::keys::At {
            form: $form,
            get: |it: &$of| &it.$($field).+,
            set: |it: &mut $of| &mut it.$($field).+,
            patch: at!(@patch $($($patch)+)?),
        }
    };
    (@patch) => { None };
    (@patch some $variant:ident) => {
        Some($crate::scenario::keys::Patching {
            make: |value| value.map($crate::model::Patch::$variant),
            of: |patch| match patch {
                $crate::model::Patch::$variant(value) => Some(Some(value.clone())),
                _ => None,
            },
        })
    };
    (@patch $variant:ident) => {
        Some($crate::scenario::keys::Patching {
            make: |value| Some($crate::model::Patch::$variant(value)),
            of: |patch| match patch {
                $crate::model::Patch::$variant(value) => Some(value.clone()),
                _ => None,
            },
        })
    };
}
use at;

impl<F: form::Form, T> Field<T> for At<F, T> {
    fn kind(&self) -> Kind {
        self.form.kind()
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, into: &mut T, context: &mut Context<'_>) {
        if let Some(value) = self.form.read(node, spot, context) {
            *(self.set)(into) = value;
        }
    }

    fn write(&self, of: &T, path: &str, read: &Read) -> String {
        self.form.write((self.get)(of), path, read)
    }

    fn patches(&self) -> bool {
        self.patch.is_some()
    }

    fn patch(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Vec<Patch> {
        let patching = self.patch.as_ref().expect("asked of a key that patches");
        let value = self.form.read(node, spot, context);
        value.and_then(patching.make).into_iter().collect()
    }

    fn is_of(&self, patch: &Patch) -> bool {
        self.patch
            .as_ref()
            .is_some_and(|it| (it.of)(patch).is_some())
    }

    fn patched(&self, patch: &Patch, read: &Read) -> Option<String> {
        let value = (self.patch.as_ref()?.of)(patch)?;
        Some(self.form.write(&value, "", read))
    }

    fn patch_of(&self, of: &T) -> Option<Patch> {
        (self.patch.as_ref()?.make)((self.get)(of).clone())
    }
}

/// A value that does more than fill one field.
struct ByHand<T> {
    kind: fn() -> Kind,
    read: fn(&Node, &Spot<'_>, &mut T, &mut Context<'_>),
    write: fn(&T, &str, &Read) -> String,
}

impl<T> Field<T> for ByHand<T> {
    fn kind(&self) -> Kind {
        (self.kind)()
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, into: &mut T, context: &mut Context<'_>) {
        (self.read)(node, spot, into, context);
    }

    fn write(&self, of: &T, path: &str, read: &Read) -> String {
        (self.write)(of, path, read)
    }
}

/// The rows of a table without their functions.
fn rows<T>(keys: &[Key<T>]) -> Vec<Row> {
    keys.iter().map(Key::row).collect()
}

/// Opens the table `name` of these keys.
pub(super) fn open<'a, T>(
    node: &'a Node,
    name: &str,
    keys: &[Key<T>],
    problems: &mut Problems,
) -> Option<Fields<'a>> {
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    Fields::open(node, name, &names, problems)
}

/// Reads the keys of a table in the order of their rows; `name` is what the table is called,
/// `path` where it stands.
pub(super) fn read<T>(
    fields: &Fields<'_>,
    (name, path): (&str, &str),
    keys: &[Key<T>],
    into: &mut T,
    context: &mut Context<'_>,
) {
    for key in keys {
        match (fields.get(key.name), key.help) {
            (Some(node), _) => {
                let path = match path {
                    "" => key.name.to_string(),
                    path => format!("{path}.{}", key.name),
                };
                let spot = Spot {
                    name: key.name,
                    path: &path,
                };
                key.field.read(node, &spot, into, context);
            }
            (None, Some(help)) => {
                let message = format!("`{}` is missing from {}", key.name, quoted(name));
                context.problems.absent(fields.place(), message, help);
            }
            (None, None) => {}
        }
    }
}

/// Writes the keys of a table, one a line, each default with its source.
pub(super) fn show<T>(
    keys: &[Key<T>],
    of: &T,
    path: &str,
    read: &Read,
    mut line: impl FnMut(&str, &str, &Shown),
) {
    for key in keys {
        let value = key.field.write(of, &format!("{path}.{}", key.name), read);
        let is_default = key.default.is_some_and(|(default, _)| default == value);
        let source = key.default.map_or("", |(_, source)| source);
        let shown = match &key.line {
            Line::By(by) => by(of, read),
            Line::Always if is_default => Shown::Default(source),
            Line::Changed if is_default => Shown::Nothing,
            Line::Always | Line::Changed => Shown::Set,
        };
        if !value.is_empty() || matches!(shown, Shown::Unset(..)) {
            line(key.name, &value, &shown);
        }
    }
}

/// The keys of the whole file.
pub fn scenario() -> Table {
    top::table()
}
