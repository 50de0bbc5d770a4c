//! `only`: what a strategy is limited to, and which of its keys mean something there.

use super::key::Key;
use super::{client, server, workload};
use crate::model::strategy::{Aim, Target};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::tree::{Node, Value, shortened};
use crate::scenario::value::wrong_type;
use alloc::string::String;
use alloc::vec::Vec;

/// How many names a message lists.
const SHOWN: usize = 12;

/// What a strategy may aim at: the names in the scenario, in its order.
pub(in crate::scenario) struct Known {
    pub(in crate::scenario) clients: Vec<String>,
    pub(in crate::scenario) servers: Vec<String>,
    pub(in crate::scenario) workloads: Vec<String>,
}

impl Known {
    /// Each kind with its names.
    fn kinds(&self) -> [(&'static str, &[String]); 3] {
        [
            ("client", &self.clients),
            ("server", &self.servers),
            ("workload", &self.workloads),
        ]
    }

    /// Everything that `name` may mean: a name, or a kind and a name.
    fn named(&self, name: &str) -> Vec<Target> {
        let mut found = Vec::new();
        for (kind, names) in self.kinds() {
            let of_kind = name.strip_prefix(kind).and_then(|it| it.strip_prefix('.'));
            let at = |wanted: &str| names.iter().position(|known| *known == wanted);
            if let Some(index) = at(name).or_else(|| of_kind.and_then(at)) {
                found.push(target(kind, index));
            }
        }
        found
    }

    fn list(&self) -> String {
        let mut all = Vec::new();
        for (kind, names) in self.kinds() {
            all.extend(names.iter().map(|name| format!("`{kind}.{name}`")));
        }
        let more = all.len().saturating_sub(SHOWN);
        all.truncate(SHOWN);
        if more > 0 {
            all.push(format!("{more} more"));
        }
        all.join(", ")
    }
}

fn target(kind: &str, index: usize) -> Target {
    match kind {
        "client" => Target::Client(index),
        "server" => Target::Server(index),
        _ => Target::Workload(index),
    }
}

/// Reads `only`, a list of names, and checks the other keys of the strategy, those that change
/// something, against it.
pub(in crate::scenario) fn only(
    node: &Node,
    fields: &Fields<'_>,
    changing: &[&str],
    known: &Known,
    problems: &mut Problems,
) -> Option<Aim> {
    let Value::List(items) = &node.value else {
        wrong_type(problems, "only", node, "a list such as `[\"billing\"]`");
        return None;
    };
    if items.is_empty() {
        let message = "`only` names nothing, so the strategy would change nothing";
        problems
            .error(&node.place, message)
            .help(format!("name some of {}", known.list()));
        return None;
    }
    let mut targets = Vec::new();
    for item in items {
        targets.extend(one(item, known, problems));
    }
    if targets.len() == items.len() {
        keys(fields, changing, &targets, problems);
    }
    Some(Aim(Some(targets)))
}

fn one(item: &Node, known: &Known, problems: &mut Problems) -> Option<Target> {
    let name = crate::scenario::value::text(item, "only", problems)?;
    match known.named(name)[..] {
        [one] => return Some(one),
        [] => {
            let message = format!("`only` names `{}`, which is not there", shortened(name));
            problems
                .error(&item.place, message)
                .help(format!("there are {}", known.list()));
        }
        [first, second, ..] => {
            let kinds = (first.kind(), second.kind());
            let message = format!(
                "`only` names `{name}`, which is a {} and a {}",
                kinds.0, kinds.1
            );
            problems.error(&item.place, message).help(format!(
                "write `{}.{name}` or `{}.{name}`",
                kinds.0, kinds.1
            ));
        }
    }
    None
}

/// Whose key it is that a strategy sets; `None` where it is about everything.
fn owner(key: &str) -> Option<&'static str> {
    fn has<T>(keys: &[Key<T>], key: &str) -> bool {
        keys.iter().any(|it| it.name == key)
    }
    match key {
        // They are about the requests of a program, and stand beside its tables.
        "groups" | "close-groups" | "throttle" => Some("workload"),
        _ if has(workload::KEYS, key) => Some("workload"),
        _ if has(client::KEYS, key) => Some("client"),
        _ if has(server::KEYS, key) => Some("server"),
        _ => None,
    }
}

/// Reports every key that means nothing to any of the targets.
fn keys(fields: &Fields<'_>, changing: &[&str], targets: &[Target], problems: &mut Problems) {
    for entry in fields.among(changing) {
        let owner = owner(&entry.key);
        if targets.iter().any(|it| Some(it.kind()) == owner) {
            continue;
        }
        let message = format!("`{}` means nothing to what `only` names", entry.key);
        let help = match owner {
            None => "it is about the whole machine: put it into a strategy without `only`".into(),
            Some(kind) => format!("it is a key of a {kind}: name a {kind} in `only` as well"),
        };
        problems.error(&entry.place, message).help(help);
    }
}
