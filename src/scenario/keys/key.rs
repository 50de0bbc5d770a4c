//! A row: how one key is read, written and described.

use super::kind::{Kind, Row};
use crate::model::Patch;
use crate::scenario::context::Context;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::Node;
use crate::scenario::value::quoted;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where a value stands.
#[derive(Clone, Copy)]
pub(in crate::scenario) struct Spot<'a> {
    /// The key, as error messages name it.
    pub(in crate::scenario) name: &'a str,
    /// Its dotted path: `server.api.response-time`.
    pub(in crate::scenario) path: &'a str,
}

/// One row: a key of the table that becomes a `T`.
pub(in crate::scenario) struct Key<T: 'static> {
    pub(in crate::scenario) name: &'static str,
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
pub(in crate::scenario) enum Shown {
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
    pub(super) const fn new(
        name: &'static str,
        field: &'static dyn Field<T>,
        doc: &'static str,
    ) -> Key<T> {
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
    pub(super) const fn or(mut self, default: &'static str, source: &'static str) -> Key<T> {
        self.default = Some((default, source));
        self
    }

    /// The key must be there; what to do where it is not.
    pub(super) const fn needed(mut self, help: &'static str) -> Key<T> {
        self.help = Some(help);
        self
    }

    /// A value, as TOML.
    pub(super) const fn like(mut self, example: &'static str) -> Key<T> {
        self.example = example;
        self
    }

    /// `check --show` is silent about the default.
    pub(super) const fn quiet(mut self) -> Key<T> {
        self.line = Line::Changed;
        self
    }

    /// What `check --show` writes depends on other settings.
    pub(super) const fn shown(mut self, by: fn(&T, &Read) -> Shown) -> Key<T> {
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
    pub(in crate::scenario) fn patches(&self) -> bool {
        self.field.patches()
    }

    /// The changes that a strategy's value makes.
    pub(in crate::scenario) fn patch(
        &self,
        node: &Node,
        path: &str,
        context: &mut Context<'_>,
    ) -> Vec<Patch> {
        let spot = Spot {
            name: self.name,
            path,
        };
        self.field.patch(node, &spot, context)
    }

    /// Whether a patch is one of this key.
    pub(in crate::scenario) fn is_of(&self, patch: &Patch) -> bool {
        self.field.is_of(patch)
    }

    /// The value of a patch, if it is one of this key.
    pub(in crate::scenario) fn patched(&self, patch: &Patch, read: &Read) -> Option<String> {
        self.field.patched(patch, read)
    }

    /// The change that would give every `T` the value that this one has.
    pub(in crate::scenario) fn patch_of(&self, of: &T) -> Option<Patch> {
        self.field.patch_of(of)
    }
}

/// How the value of a key is read into a `T` and written from it.
pub(in crate::scenario) trait Field<T> {
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

/// A form of value.
pub(in crate::scenario) trait Form: 'static {
    /// What it becomes.
    type Value: Clone + 'static;
    /// What it may hold.
    fn kind(&self) -> Kind;
    /// Reads it; `None` when it is wrong and reported.
    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<Self::Value>;
    /// As TOML; empty where there is nothing to write.
    fn write(&self, value: &Self::Value, path: &str, read: &Read) -> String;
}

/// A value of a form, in one field of `T`; see [`at!`].
pub(super) struct At<F: Form, T: 'static> {
    pub(super) form: F,
    pub(super) get: fn(&T) -> &F::Value,
    pub(super) set: fn(&mut T) -> &mut F::Value,
    pub(super) patch: Option<Patching<F::Value>>,
}

/// How a value becomes a patch and comes back.
pub(super) struct Patching<V> {
    pub(super) make: fn(V) -> Option<Patch>,
    pub(super) of: fn(&Patch) -> Option<V>,
}

/// A form in a field: `at!(FLAG, Workload.pipelined)`. With `=> Variant` strategies may set it:
/// the variant of [`Patch`] carries the value, or with `=> some Variant` what is in the option.
macro_rules! at {
    ($form:expr, $of:ident.$($field:ident).+ $(=> $($patch:ident)+)?) => {
        &$crate::scenario::keys::key::At {
            form: $form,
            get: |it: &$of| &it.$($field).+,
            set: |it: &mut $of| &mut it.$($field).+,
            patch: at!(@patch $($($patch)+)?),
        }
    };
    (@patch) => { None };
    (@patch some $variant:ident) => {
        Some($crate::scenario::keys::key::Patching {
            make: |value| value.map($crate::model::Patch::$variant),
            of: |patch| match patch {
                $crate::model::Patch::$variant(value) => Some(Some(value.clone())),
                _ => None,
            },
        })
    };
    (@patch $variant:ident) => {
        Some($crate::scenario::keys::key::Patching {
            make: |value| Some($crate::model::Patch::$variant(value)),
            of: |patch| match patch {
                $crate::model::Patch::$variant(value) => Some(value.clone()),
                _ => None,
            },
        })
    };
}
pub(in crate::scenario) use at;

impl<F: Form, T> Field<T> for At<F, T> {
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
pub(super) struct ByHand<T> {
    pub(super) kind: fn() -> Kind,
    pub(super) read: fn(&Node, &Spot<'_>, &mut T, &mut Context<'_>),
    pub(super) write: fn(&T, &str, &Read) -> String,
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
pub(super) fn rows<T>(keys: &[Key<T>]) -> Vec<Row> {
    keys.iter().map(Key::row).collect()
}

/// Opens the table `name` of these keys.
pub(in crate::scenario) fn open<'a, T>(
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
pub(in crate::scenario) fn read<T>(
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
pub(in crate::scenario) fn show<T>(
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
