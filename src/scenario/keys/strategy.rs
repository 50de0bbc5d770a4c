//! `[[strategy]]`: named patches.
//!
//! What a strategy may set, besides its name, are the rows of the other tables that patch.

use super::form::Count;
use super::group::MOST_NAMES;
use super::key::{Form, Key, Spot, rows};
use super::kind::{Kind, Row, Table};
use super::{aim, client, machine, server, top, workload};
use crate::model::strategy::{Aim, CloseGroups, Patch, Strategy};
use crate::model::{Client, Scenario};
use crate::scenario::context::Context;
use crate::scenario::diagnostic::{Place, Problems};
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value;
use crate::units::SimSpan;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const GROUPS: Count = Count(1, MOST_NAMES);

/// The keys of `[[strategy]]`: its own, then those of the other tables that it may set.
pub(super) fn table() -> Table {
    let mut keys = vec![
        Row::new(
            "name",
            Kind::Text,
            "What it is called in tables, charts and files.",
        )
        .needed()
        .like("\"16 groups\""),
        Row::new(
            "only",
            Kind::List {
                item: Box::new(Kind::Text),
                least: 1,
                most: usize::MAX,
            },
            "The clients, workloads or servers that it changes, by their names (`workload.billing` \
             where a client is called the same); absent, it changes all.",
        )
        .like("[\"billing\"]"),
        Row::new(
            "groups",
            GROUPS.kind(),
            "`group = { pool = … }` in short: the article's first remedy.",
        )
        .like("16"),
    ];
    keys.extend(others());
    for row in &mut keys {
        row.default = None;
        row.by_strategy = false;
    }
    Table { rows: keys }
}

/// The keys of `[[strategy]]` that change something.
pub(super) fn keys_that_change() -> Vec<&'static str> {
    let names = table().rows.into_iter().map(|row| row.name);
    names
        .filter(|name| !["name", "only"].contains(name))
        .collect()
}

fn others() -> Vec<Row> {
    let all = [
        rows(machine::KEYS),
        rows(workload::KEYS),
        rows(top::KEYS),
        rows(client::KEYS),
        rows(server::KEYS),
    ];
    let patches = |row: &Row| row.by_strategy;
    all.into_iter().flatten().filter(patches).collect()
}

/// Most strategies of a scenario. A bound of ours: charts and tables have one line for each.
pub(in crate::scenario) const MOST_STRATEGIES: usize = 64;

/// Longest name of a strategy, in characters.
const LONGEST_NAME: usize = 100;

/// The article's program and its three remedies: what is compared when nobody says.
pub(in crate::scenario) fn the_articles_four() -> Vec<Strategy> {
    let strategy = |name: &str, patches| Strategy {
        name: name.into(),
        patches,
        only: Aim::default(),
    };
    let often = CloseGroups::Every(SimSpan::from_seconds(30));
    vec![
        strategy("as is", vec![]),
        strategy("16 groups", vec![Patch::Groups(16)]),
        strategy("keep-alive off", vec![Patch::KeepAlive(false)]),
        strategy("close groups every 30 s", vec![Patch::CloseGroups(often)]),
    ]
}

/// A strategy and where it stands, for checks of the whole.
pub(in crate::scenario) struct CheckedStrategy {
    pub(in crate::scenario) strategy: Strategy,
    pub(in crate::scenario) place: Place,
}

/// Reads all strategies; the article's four when there are none.
pub(in crate::scenario) fn strategies(
    node: Option<&Node>,
    known: &aim::Known,
    context: &mut Context<'_>,
) -> Vec<CheckedStrategy> {
    let problems = &mut context.problems;
    let list = match node {
        None => &[][..],
        Some(Node {
            value: Value::List(items),
            ..
        }) => items,
        Some(node) => {
            value::wrong_type(
                problems,
                "strategy",
                node,
                "a list of `[[strategy]]` tables",
            );
            return Vec::new();
        }
    };
    if list.is_empty() {
        let whole = |strategy| CheckedStrategy {
            strategy,
            place: Place::File,
        };
        return the_articles_four().into_iter().map(whole).collect();
    }
    if list.len() > MOST_STRATEGIES {
        let place = &list[MOST_STRATEGIES].place;
        let message = format!(
            "`strategy` has {} entries, more than {MOST_STRATEGIES}",
            list.len()
        );
        problems
            .error(place, message)
            .help("compare fewer at a time, or use `spsim sweep`");
        return Vec::new();
    }
    let mut checked: Vec<CheckedStrategy> = Vec::new();
    for item in list {
        let Some(strategy) = strategy(item, known, context) else {
            continue;
        };
        if checked
            .iter()
            .any(|other| other.strategy.name == strategy.name)
        {
            let place = item.get("name").map_or(&item.place, |node| &node.place);
            context
                .problems
                .error(
                    place,
                    format!("strategy `{}` is given twice", strategy.name),
                )
                .help("give each strategy a name of its own");
        }
        let place = item.place.clone();
        checked.push(CheckedStrategy { strategy, place });
    }
    checked
}

fn strategy(node: &Node, known: &aim::Known, context: &mut Context<'_>) -> Option<Strategy> {
    let names: Vec<&str> = table().rows.iter().map(|row| row.name).collect();
    let fields = Fields::open(node, "strategy", &names, &mut context.problems)?;
    let help = "for example `name = \"16 groups\"`";
    let name = fields
        .require("name", "a strategy", help, &mut context.problems)
        .and_then(|node| name(node, &mut context.problems));
    let mut patches = Vec::new();
    patches_of(machine::KEYS, &fields, &mut patches, context);
    groups(&fields, &mut patches, context);
    patches_of(workload::KEYS, &fields, &mut patches, context);
    patches_of(top::KEYS, &fields, &mut patches, context);
    patches_of(client::KEYS, &fields, &mut patches, context);
    patches_of(server::KEYS, &fields, &mut patches, context);
    // What the program does is told before what is built around it.
    patches.sort_by_key(|patch| matches!(patch, Patch::Instances(_) | Patch::Nat(_)));
    let only = match fields.get("only") {
        None => Aim::default(),
        Some(node) => aim::only(
            node,
            &fields,
            &keys_that_change(),
            known,
            &mut context.problems,
        )?,
    };
    Some(Strategy {
        name: name?,
        patches,
        only,
    })
}

/// Reads the keys of a table that strategies may set. What a preset brings gives way to the
/// strategy's own keys, wherever they stand.
fn patches_of<T>(
    keys: &[Key<T>],
    fields: &Fields<'_>,
    patches: &mut Vec<Patch>,
    context: &mut Context<'_>,
) {
    for key in keys.iter().filter(|key| key.patches()) {
        let Some(node) = fields.get(key.name) else {
            continue;
        };
        for patch in key.patch(node, key.name, context) {
            let same =
                |it: &&mut Patch| core::mem::discriminant(*it) == core::mem::discriminant(&patch);
            match patches.iter_mut().find(same) {
                Some(brought) => *brought = patch,
                None => patches.push(patch),
            }
        }
    }
}

/// Reads `groups`, which is `group` in short.
fn groups(fields: &Fields<'_>, patches: &mut Vec<Patch>, context: &mut Context<'_>) {
    let Some(entry) = fields.entry("groups") else {
        return;
    };
    if let Some(entry) = fields.entry("group") {
        context
            .problems
            .error(
                &entry.place,
                "`groups` and `group` cannot both be in one strategy",
            )
            .help("`groups = 16` means `group = { pool = 16 }`: keep one of them");
    }
    let spot = Spot {
        name: "groups",
        path: "groups",
    };
    let size = GROUPS.read(&entry.value, &spot, context);
    patches.extend(size.map(Patch::Groups));
}

fn among<T>(keys: &[Key<T>], patch: &Patch, read: &Read) -> Option<(&'static str, String)> {
    let of = |key: &super::Key<T>| Some((key.name, key.patched(patch, read)?));
    keys.iter().find_map(of)
}

/// The key and the value of a patch as TOML.
pub(in crate::scenario) fn written(patch: &Patch, read: &Read) -> (&'static str, String) {
    if let Patch::Groups(size) = patch {
        return ("groups", size.to_string());
    }
    among(machine::KEYS, patch, read)
        .or_else(|| among(workload::KEYS, patch, read))
        .or_else(|| among(top::KEYS, patch, read))
        .or_else(|| among(client::KEYS, patch, read))
        .or_else(|| among(server::KEYS, patch, read))
        .expect("every patch is one of a row")
}

/// The key that a patch is one of.
pub(in crate::scenario) fn key_of(patch: &Patch) -> &'static str {
    fn among<T>(keys: &[Key<T>], patch: &Patch) -> Option<&'static str> {
        keys.iter().find(|key| key.is_of(patch)).map(|key| key.name)
    }
    if let Patch::Groups(_) = patch {
        return "groups";
    }
    among(machine::KEYS, patch)
        .or_else(|| among(workload::KEYS, patch))
        .or_else(|| among(top::KEYS, patch))
        .or_else(|| among(client::KEYS, patch))
        .or_else(|| among(server::KEYS, patch))
        .expect("every patch is one of a row")
}

/// The change that a key of the scenario stands for, with the value that it has there; `None`
/// where strategies cannot set it.
pub fn patch_of(key: &str, scenario: &Scenario) -> Option<Patch> {
    fn among<T>(keys: &[Key<T>], key: &str, of: Option<&T>) -> Option<Patch> {
        keys.iter().find(|it| it.name == key)?.patch_of(of?)
    }
    let parts: Vec<&str> = key.split('.').map(|part| part.trim_matches('"')).collect();
    match parts.as_slice() {
        ["machine", key, ..] => among(machine::KEYS, key, Some(&scenario.machine)),
        ["client", name, key, ..] => {
            let found = scenario
                .clients
                .iter()
                .find(|it: &&Client| it.name == *name);
            among(client::KEYS, key, found)
        }
        ["server", name, key, ..] => {
            let found = scenario.servers.iter().find(|it| it.name == *name);
            among(server::KEYS, key, found)
        }
        ["workload", name, key, ..] => {
            let found = scenario.workloads.iter().find(|it| it.name == *name);
            among(workload::KEYS, key, found)
        }
        // A line that only says "another NAT" helps nobody.
        ["nat", ..] | [] => None,
        [key, ..] => among(top::KEYS, key, Some(scenario)),
    }
}

fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = value::text(node, "name", problems)?;
    let problem = if text.trim().is_empty() {
        "cannot be empty".to_owned()
    } else if text.chars().count() > LONGEST_NAME {
        format!("must be at most {LONGEST_NAME} characters long")
    } else if text.contains(char::is_control) {
        "cannot contain control characters".to_owned()
    } else {
        return Some(text.to_string());
    };
    problems.error(&node.place, format!("`name` {problem}"));
    None
}
