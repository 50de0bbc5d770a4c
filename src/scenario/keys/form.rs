//! The forms that values take: a time, a count, a word … each read, written and described once.

use super::key::{Form, Key, Spot, rows};
use super::kind::Kind;
use crate::scenario::context::Context;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range, is_word, wrong_type};
use crate::scenario::words;
use crate::units::{SimSpan, SimTime};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A form whose functions are given; they need no file and no other table.
pub(super) struct Plain<V: 'static> {
    pub(super) kind: fn() -> Kind,
    pub(super) read: fn(&Node, &str, &mut Problems) -> Option<V>,
    pub(super) write: fn(&V) -> String,
}

impl<V: Clone> Form for Plain<V> {
    type Value = V;

    fn kind(&self) -> Kind {
        (self.kind)()
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<V> {
        (self.read)(node, spot.name, &mut context.problems)
    }

    fn write(&self, value: &V, _: &str, _: &Read) -> String {
        (self.write)(value)
    }
}

/// A time.
pub(super) const TIME: Plain<SimSpan> = Plain {
    kind: || Kind::TIME,
    read: value::span,
    write: |span| words::span(*span),
};

/// A time longer than 0.
pub(super) const ABOVE_ZERO: Plain<SimSpan> = Plain {
    kind: || Kind::ABOVE_ZERO,
    read: value::span_above_zero,
    write: |span| words::span(*span),
};

/// An instant of the run.
pub(super) const INSTANT: Plain<SimTime> = Plain {
    kind: || Kind::TIME,
    read: |node, name, problems| {
        let span = value::span(node, name, problems);
        span.map(|span| SimTime::ZERO + span)
    },
    write: |instant| format!("\"{instant}\""),
};

/// Yes or no.
pub(super) const FLAG: Plain<bool> = Plain {
    kind: || Kind::Flag,
    read: value::flag,
    write: bool::to_string,
};

/// A whole number in a range; the most fits 32 bits.
pub(super) struct Count(pub(super) u64, pub(super) u64);

impl Form for Count {
    type Value = u32;

    fn kind(&self) -> Kind {
        let (least, most) = (self.0, self.1);
        Kind::Count { least, most }
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<u32> {
        let count = value::count(node, spot.name, self.0, self.1, &mut context.problems);
        count.map(|count| u32::try_from(count).expect("the most fits"))
    }

    fn write(&self, count: &u32, _: &str, _: &Read) -> String {
        count.to_string()
    }
}

/// A whole number of any size in a range.
pub(super) struct Whole(pub(super) u64, pub(super) u64);

impl Form for Whole {
    type Value = u64;

    fn kind(&self) -> Kind {
        let (least, most) = (self.0, self.1);
        Kind::Count { least, most }
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<u64> {
        value::count(node, spot.name, self.0, self.1, &mut context.problems)
    }

    fn write(&self, count: &u64, _: &str, _: &Read) -> String {
        count.to_string()
    }
}

/// A finite number.
pub(super) struct Number(pub(super) Range);

impl Form for Number {
    type Value = f64;

    fn kind(&self) -> Kind {
        Kind::Number(self.0)
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<f64> {
        value::number(node, spot.name, self.0, &mut context.problems)
    }

    fn write(&self, number: &f64, _: &str, _: &Read) -> String {
        number.to_string()
    }
}

/// One of several words, each with its meaning.
pub(super) struct Words<T: 'static>(pub(super) &'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Form for Words<T> {
    type Value = T;

    fn kind(&self) -> Kind {
        Kind::Words(self.0.iter().map(|(word, _)| *word).collect())
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<T> {
        value::choice(node, spot.name, self.0, &mut context.problems)
    }

    fn write(&self, meaning: &T, _: &str, _: &Read) -> String {
        let found = self.0.iter().find(|(_, known)| known == meaning);
        words::text(found.expect("every meaning has its word").0)
    }
}

/// A word that stands for nothing (`"never"`, `"unlimited"`), or a value.
pub(super) struct Or<F>(pub(super) &'static str, pub(super) F);

impl<F: Form> Form for Or<F> {
    type Value = Option<F::Value>;

    fn kind(&self) -> Kind {
        self.1.kind().or_word(self.0)
    }

    fn read(
        &self,
        node: &Node,
        spot: &Spot<'_>,
        context: &mut Context<'_>,
    ) -> Option<Option<F::Value>> {
        if is_word(node, self.0) {
            return Some(None);
        }
        self.1.read(node, spot, context).map(Some)
    }

    fn write(&self, value: &Self::Value, path: &str, read: &Read) -> String {
        match value {
            Some(value) => self.1.write(value, path, read),
            None => words::text(self.0),
        }
    }
}

/// A value that may be absent.
pub(super) struct Maybe<F>(pub(super) F);

impl<F: Form> Form for Maybe<F> {
    type Value = Option<F::Value>;

    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn read(
        &self,
        node: &Node,
        spot: &Spot<'_>,
        context: &mut Context<'_>,
    ) -> Option<Option<F::Value>> {
        self.0.read(node, spot, context).map(Some)
    }

    fn write(&self, value: &Self::Value, path: &str, read: &Read) -> String {
        let Some(value) = value else {
            return String::new();
        };
        self.0.write(value, path, read)
    }
}

/// A list of tables.
pub(super) struct List<F: Form> {
    /// What each item is.
    pub(super) item: F,
    /// How many there are at most.
    pub(super) most: usize,
    /// What is asked for: "a list: …".
    pub(super) wanted: &'static str,
    /// What is wrong with the items together.
    pub(super) check: fn(&Node, &[F::Value], &mut Problems),
}

impl<F: Form> Form for List<F> {
    type Value = Vec<F::Value>;

    fn kind(&self) -> Kind {
        Kind::List {
            item: Box::new(self.item.kind()),
            least: 0,
            most: self.most,
        }
    }

    fn read(
        &self,
        node: &Node,
        spot: &Spot<'_>,
        context: &mut Context<'_>,
    ) -> Option<Vec<F::Value>> {
        let name = spot.name;
        let Value::List(items) = &node.value else {
            wrong_type(&mut context.problems, name, node, self.wanted);
            return None;
        };
        if items.len() > self.most {
            let (found, most) = (items.len(), self.most);
            let message = format!("`{name}` has {found} entries, more than {most}");
            context.problems.error(&node.place, message);
            return None;
        }
        let read = |item| self.item.read(item, spot, context);
        let items: Vec<F::Value> = items.iter().filter_map(read).collect();
        (self.check)(node, &items, &mut context.problems);
        Some(items)
    }

    fn write(&self, items: &Vec<F::Value>, path: &str, read: &Read) -> String {
        if items.is_empty() {
            return String::new();
        }
        let items = items.iter().map(|item| self.item.write(item, path, read));
        format!("[{}]", items.collect::<Vec<_>>().join(", "))
    }
}

/// A table of keys, from those of an example on.
pub(super) struct Of<T: 'static> {
    /// Its keys.
    pub(super) keys: &'static [Key<T>],
    /// What it is before its keys are read.
    pub(super) start: fn() -> T,
    /// What else may be wrong; adds an error then.
    pub(super) check: fn(&T, &Fields<'_>, &mut Problems),
    /// What is asked for where there is no table.
    pub(super) wanted: &'static str,
}

impl<T: Clone> Form for Of<T> {
    type Value = T;

    fn kind(&self) -> Kind {
        Kind::table(rows(self.keys))
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<T> {
        let name = spot.name;
        if !matches!(node.value, Value::Table(_)) {
            wrong_type(&mut context.problems, name, node, self.wanted);
            return None;
        }
        let before = context.problems.errors.len();
        let fields = super::open(node, name, self.keys, &mut context.problems)?;
        let mut value = (self.start)();
        super::read(&fields, (name, spot.path), self.keys, &mut value, context);
        let is_whole = context.problems.errors.len() == before && !context.problems.partial;
        if is_whole {
            (self.check)(&value, &fields, &mut context.problems);
        }
        (context.problems.errors.len() == before).then_some(value)
    }

    fn write(&self, value: &T, path: &str, read: &Read) -> String {
        let mut parts = Vec::new();
        super::show(self.keys, value, path, read, |key, value, shown| {
            if !matches!(shown, super::Shown::Nothing | super::Shown::Unset(..)) {
                parts.push(format!("{key} = {value}"));
            }
        });
        format!("{{ {} }}", parts.join(", "))
    }
}

/// Nothing more can be wrong.
pub(super) fn right<T>(_: &T, _: &Fields<'_>, _: &mut Problems) {}
