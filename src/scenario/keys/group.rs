//! `group`: which connection group name each request carries.

use super::form::Plain;
use super::kind::{Kind, Row};
use crate::model::workload::GroupRule;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{Fields, only_kind};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range, unknown_word, wrong_type};
use crate::scenario::words::text;
use alloc::string::String;
use alloc::vec::Vec;

/// Most names of a pool and most users. A bound of ours: open groups have a place in memory.
pub(super) const MOST_NAMES: u64 = 10_000_000;

/// The rules that one word says.
const RULES: &[(&str, GroupRule)] = &[
    ("none", GroupRule::None),
    ("unique", GroupRule::Unique),
    ("ntlm", GroupRule::Ntlm),
    ("ntlm-shared", GroupRule::NtlmShared),
];

/// Words of earlier versions, and what `client-per-request` is instead.
const RENAMED: &[(&str, &str)] = &[
    ("httpclient-per-request", "\"held\""),
    ("httpclient-per-request-disposed", "true"),
];

const POOL: &[(&str, bool)] = &[("in-turn", false), ("random", true)];

const USERS: &[(&str, bool)] = &[("uniform", false), ("zipf", true)];

/// `group`.
pub(super) const GROUP: Plain<GroupRule> = Plain {
    kind: || Kind::Shared("group", kind),
    read: group,
    write,
};

fn words(known: &[(&'static str, bool)]) -> Kind {
    Kind::Words(known.iter().map(|(word, _)| *word).collect())
}

fn kind() -> Kind {
    let names = || Kind::Count {
        least: 1,
        most: MOST_NAMES,
    };
    Kind::Either(vec![
        Kind::Words(RULES.iter().map(|(word, _)| *word).collect()),
        Kind::table([
            Row::new(
                "users",
                names(),
                "How many users there are, each with a name of its own.",
            )
            .needed()
            .like("200"),
            Row::new("choose", words(USERS), "Whose request it is.")
                .or("\"uniform\"", "all alike")
                .like("\"zipf\""),
            Row::new(
                "exponent",
                Kind::Number(Range::NotNegative),
                "The exponent of Zipf's law; it belongs to `choose = \"zipf\"`.",
            )
            .or("1", "Zipf's own"),
        ]),
        Kind::table([
            Row::new(
                "pool",
                names(),
                "How many names there are: request k uses name k mod that number.",
            )
            .needed()
            .like("16"),
            Row::new("choose", words(POOL), "Which of the names a request takes.")
                .or("\"in-turn\"", "the article's first remedy"),
        ]),
    ])
}

fn group(node: &Node, name: &str, problems: &mut Problems) -> Option<GroupRule> {
    if let Value::Text(word) = &node.value {
        let found = RULES.iter().find(|(known, _)| known == word);
        if let Some((_, now)) = RENAMED.iter().find(|(old, _)| old == word) {
            let message = format!("`{name} = \"{word}\"` is written another way now");
            problems.error(&node.place, message).help(format!(
                "write `client-per-request = {now}` here and `api = \"HttpClient\"` in the client"
            ));
        } else if found.is_none() {
            let known: Vec<&str> = RULES.iter().map(|(word, _)| *word).collect();
            unknown_word(problems, node, name, word, &known);
        }
        return found.map(|(_, rule)| rule.clone());
    }
    if !matches!(node.value, Value::Table(_)) {
        let wanted = "`\"none\"`, `\"unique\"`, `{ pool = 16 }` or `{ users = 200 }`";
        wrong_type(problems, name, node, wanted);
        return None;
    }
    let fields = Fields::open(node, name, &kind().names(), problems)?;
    let kind = only_kind(&fields, name, &["pool", "users"], problems)?;
    let count = value::count(&kind.value, &kind.key, 1, MOST_NAMES, problems);
    if kind.key == "pool" {
        let random = fields.choice("choose", POOL, problems).unwrap_or(false);
        if let Some(entry) = fields.entry("exponent") {
            problems.error(&entry.place, "`exponent` has no meaning beside `pool`");
        }
        let size = count? as u32;
        return Some(GroupRule::Pool { size, random });
    }
    let zipf = fields.choice("choose", USERS, problems).unwrap_or(false);
    let exponent = fields.number("exponent", Range::NotNegative, problems);
    if let (Some(entry), false) = (fields.entry("exponent"), zipf) {
        problems
            .error(
                &entry.place,
                "`exponent` has no meaning without `choose = \"zipf\"`",
            )
            .help("add `choose = \"zipf\"`");
    }
    let count = count? as u32;
    let zipf_exponent = if zipf { exponent.unwrap_or(1.0) } else { 0.0 };
    Some(GroupRule::users(count, zipf_exponent))
}

fn write(rule: &GroupRule) -> String {
    match rule {
        GroupRule::Pool {
            size,
            random: false,
        } => format!("{{ pool = {size} }}"),
        GroupRule::Pool { size, random: true } => {
            format!("{{ pool = {size}, choose = \"random\" }}")
        }
        GroupRule::Users {
            count,
            zipf_exponent,
            ..
        } if *zipf_exponent > 0.0 => {
            format!("{{ users = {count}, choose = \"zipf\", exponent = {zipf_exponent} }}")
        }
        GroupRule::Users { count, .. } => format!("{{ users = {count}, choose = \"uniform\" }}"),
        rule => {
            let found = RULES.iter().find(|(_, known)| known == rule);
            text(found.expect("every other rule is a word").0)
        }
    }
}
