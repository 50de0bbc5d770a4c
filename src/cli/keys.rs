//! `spsim list keys`: every key of a scenario file, as a page.
//!
//! It is made from the rows of `scenario::keys`, as the JSON Schema is; `docs/keys.md` is what it
//! prints.

use super::listing::Listing;
use crate::scenario::keys::{self, Kind, Row, Table};
use crate::words::number;
use std::collections::BTreeMap;

/// What stands above the keys.
const OPENING: &str = "\
# The keys of a scenario

Every key that a scenario file may have: what it means, what it may hold, what absent means, and
an example. `spsim list keys` prints this page, `spsim list keys --json` the same for programs,
`spsim schema` the JSON Schema for editors. NAME is a name of yours, as in `[client.app]`.

A time is a text with its unit: `\"250ms\"`, `\"1.5s\"`, `\"1min30s\"`; the units are ns, us, ms, s,
min, h and d. Rules such as CG-6 are explained in [rules.md](rules.md).

`--set KEY=VALUE` and `--vary KEY=VALUES` take the same dotted names: `--set machine.ports=windows`.";

/// One key, and where it stands.
struct Entry {
    /// Its dotted path: `client.NAME.runtime`.
    path: String,
    row: Row,
}

/// A heading and the keys below it.
struct Section {
    heading: String,
    text: &'static str,
    entries: Vec<Entry>,
}

/// The page.
pub(super) fn page() -> String {
    let mut text = OPENING.to_owned();
    for section in sections() {
        text += &format!("\n\n## {}\n", section.heading);
        if !section.text.is_empty() {
            text += &format!("\n{}\n", section.text);
        }
        for entry in section.entries {
            text += &written(&entry);
        }
        text.truncate(text.trim_end().len());
    }
    text
}

/// The keys as rows, for programs.
pub(super) fn listing() -> Listing {
    let cells = |Entry { path, row }: Entry| {
        let (default, source) = row.default.unwrap_or_default();
        let for_strategy = if row.by_strategy { "yes" } else { "no" };
        let cells = [row.doc, &holds(&row.kind), default, source, &row.example()];
        let cells = cells.into_iter().chain([for_strategy]).map(str::to_owned);
        [path].into_iter().chain(cells).collect()
    };
    let entries = sections().into_iter().flat_map(|it| it.entries);
    Listing {
        title: "keys",
        header: vec![
            "key", "meaning", "holds", "default", "source", "example", "strategy",
        ],
        rows: entries.map(cells).collect(),
    }
}

/// What a strategy may set.
pub(super) fn of_a_strategy() -> Vec<Row> {
    let strategy = keys::scenario()
        .rows
        .into_iter()
        .find(|it| it.name == "strategy");
    let mut rows = strategy.map_or(Vec::new(), |it| inner_rows(&it.kind));
    rows.retain(|row| !row.required);
    rows
}

/// The tables of a scenario, then the forms that several keys share.
fn sections() -> Vec<Section> {
    let mut shared = BTreeMap::new();
    let mut top = Section {
        heading: "At the top".to_owned(),
        text: "",
        entries: Vec::new(),
    };
    let mut tables = Vec::new();
    for row in keys::scenario().rows {
        let (heading, path) = match &row.kind {
            Kind::Named(_) => (
                format!("`[{}.NAME]`", row.name),
                format!("{}.NAME", row.name),
            ),
            Kind::List { item, .. } if matches!(**item, Kind::Table(_)) => {
                (format!("`[[{}]]`", row.name), row.name.to_owned())
            }
            kind if tables_of(kind).iter().any(|it| it.rows.len() > 3) && !is_form(kind) => {
                (format!("`[{}]`", row.name), row.name.to_owned())
            }
            _ => {
                find_shared(&row.kind, &mut shared);
                top.entries.push(Entry {
                    path: row.name.to_owned(),
                    row,
                });
                continue;
            }
        };
        let inside = tables_of(&row.kind).into_iter().flat_map(|it| it.rows);
        let entries: Vec<Entry> = inside
            .map(|row| Entry {
                path: format!("{path}.{}", row.name),
                row,
            })
            .collect();
        for entry in &entries {
            find_shared(&entry.row.kind, &mut shared);
        }
        tables.push(Section {
            heading,
            text: row.doc,
            entries,
        });
    }
    let forms = shared.into_iter().map(|(name, kind)| Section {
        heading: form_heading(name),
        text: "",
        entries: alternatives(&kind())
            .into_iter()
            .map(|row| Entry {
                path: row.name.to_owned(),
                row,
            })
            .collect(),
    });
    [top].into_iter().chain(tables).chain(forms).collect()
}

fn is_form(kind: &Kind) -> bool {
    matches!(kind, Kind::Shared(..))
}

fn form_heading(name: &str) -> String {
    format!("The form of `{name}`")
}

/// One key of the page.
fn written(Entry { path, row }: &Entry) -> String {
    let mut text = format!("\n### `{path}`\n\n{}\n\n", row.doc);
    text += &format!("* holds: {}\n", holds(&row.kind));
    match row.default {
        Some((default, source)) => {
            text += &format!("* default: {}\n", default_words(default, source));
        }
        None if row.required => text += "* must be there\n",
        None => {}
    }
    text += &format!("* example: `{} = {}`\n", row.name, row.example());
    if row.by_strategy {
        text += "* a strategy may set it\n";
    }
    for inner in inner_rows(&row.kind) {
        text += &format!("* `{}`: {} ", inner.name, inner.doc);
        text += &format!("Holds {}.", holds(&inner.kind));
        if let Some((default, source)) = inner.default {
            text += &format!(" Default: {}.", default_words(default, source));
        }
        text.push('\n');
    }
    text
}

/// What absent means, and where that comes from unless that says the same once more.
fn default_words(default: &str, source: &str) -> String {
    match default {
        "\"\"" => source.to_owned(),
        _ if default == source => format!("`{default}`"),
        _ => format!("`{default}` ({source})"),
    }
}

/// The keys inside a value that is a table; those of a shared form stand in its own section.
fn inner_rows(kind: &Kind) -> Vec<Row> {
    match kind {
        Kind::Shared(..) => Vec::new(),
        kind => tables_of(kind).into_iter().flat_map(|it| it.rows).collect(),
    }
}

/// The alternatives of a form, each as a key; the keys of a table.
pub(super) fn alternatives(kind: &Kind) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for row in tables_of(kind).into_iter().flat_map(|it| it.rows) {
        if !rows.iter().any(|it| it.name == row.name) {
            rows.push(row);
        }
    }
    rows
}

/// The tables that a kind may hold.
fn tables_of(kind: &Kind) -> Vec<Table> {
    match kind {
        Kind::Table(table) | Kind::Named(table) => vec![table.clone()],
        Kind::Either(kinds) => kinds.iter().flat_map(tables_of).collect(),
        Kind::List { item, .. } => tables_of(item),
        Kind::Shared(_, kind) => tables_of(&kind()),
        _ => Vec::new(),
    }
}

/// Collects the shared forms that a kind may hold, and those inside them.
fn find_shared(kind: &Kind, found: &mut BTreeMap<&'static str, fn() -> Kind>) {
    match kind {
        Kind::Shared(name, make) if found.insert(name, *make).is_none() => {
            find_shared(&make(), found);
        }
        Kind::Either(kinds) => kinds.iter().for_each(|it| find_shared(it, found)),
        Kind::List { item, .. } => find_shared(item, found),
        Kind::Table(table) | Kind::Named(table) => {
            table
                .rows
                .iter()
                .for_each(|row| find_shared(&row.kind, found));
        }
        _ => {}
    }
}

/// What a kind may hold, in words.
fn holds(kind: &Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Time { above_zero: true } => "a time above 0".to_owned(),
        Kind::Time { above_zero: false } => "a time".to_owned(),
        Kind::Count { least, most } if *most >= i64::MAX as u64 => {
            format!("a whole number of at least {least}")
        }
        Kind::Count { least, most } => format!(
            "a whole number from {} to {}",
            number::count(*least as f64),
            number::count(*most as f64)
        ),
        Kind::Number(range) => format!("a number{}", range.words()),
        Kind::Words(words) => {
            let words: Vec<String> = words.iter().map(|it| format!("`\"{it}\"`")).collect();
            words.join(", ")
        }
        Kind::List { item, .. } => format!("a list, each item {}", holds(item)),
        Kind::Table(table) => {
            let names: Vec<&str> = table.rows.iter().map(|it| it.name).collect();
            format!("a table of `{}`", names.join("`, `"))
        }
        Kind::Named(_) => "tables that you name".to_owned(),
        Kind::Either(kinds) => {
            let kinds: Vec<String> = kinds.iter().map(holds).collect();
            kinds.join("; or ")
        }
        Kind::Shared(name, _) => format!("[a form of its own](#the-form-of-{name})"),
    }
}
