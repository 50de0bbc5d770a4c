//! `--set` and `--vary`: the keys of a scenario by their dotted paths, and words that some take.
//!
//! Made from the rows of `scenario::keys`; what an author names is named as in the scenario on
//! the line.

use super::{candidate, scenario};
use crate::cli::keys::alternatives;
use crate::model::Scenario;
use crate::scenario::keys::{self, Kind, Row};
use clap_complete::engine::CompletionCandidate;

/// What may follow `typed`: paths up to their `=`, then what the key may hold.
pub(super) fn candidates(typed: &str) -> Vec<CompletionCandidate> {
    if let Some((key, value)) = typed.split_once('=') {
        // `--vary` takes several.
        let before = &typed[..typed.len() - value.rsplit(',').next().unwrap_or(value).len()];
        let row = row_at(&segments(key));
        let words = row.map(|row| words(&row.kind)).unwrap_or_default();
        let all = words.into_iter().map(|word| format!("{before}{word}"));
        return all.filter_map(|it| candidate(typed, it, "")).collect();
    }
    let mut paths = Paths {
        typed,
        scenario: scenario(),
        found: Vec::new(),
    };
    paths.walk(keys::scenario().rows, "");
    paths.found
}

/// The paths that are found on the way down.
struct Paths<'a> {
    typed: &'a str,
    scenario: Option<Scenario>,
    found: Vec<CompletionCandidate>,
}

impl Paths<'_> {
    /// Every key of the rows below `prefix`; those inside a value only once its path is typed.
    fn walk(&mut self, rows: Vec<Row>, prefix: &str) {
        for row in rows {
            let path = format!("{prefix}{}", row.name);
            let inside = alternatives(&row.kind);
            if is_named(&row.kind) {
                for name in self.names(row.name) {
                    self.walk(inside.clone(), &format!("{path}.{}.", segment(&name)));
                }
                continue;
            }
            let is_table = matches!(row.kind, Kind::Table(_)) && prefix.is_empty();
            if !is_table {
                self.found
                    .extend(candidate(self.typed, format!("{path}="), row.doc));
            }
            let below = format!("{path}.");
            if is_table || self.typed.starts_with(&below) {
                self.walk(inside, &below);
            }
        }
    }

    /// What the author called the tables of a key.
    fn names(&self, key: &str) -> Vec<String> {
        let Some(scenario) = &self.scenario else {
            return Vec::new();
        };
        match key {
            "client" => scenario.clients.iter().map(|it| it.name.clone()).collect(),
            "server" => scenario.servers.iter().map(|it| it.name.clone()).collect(),
            "workload" => {
                let workloads = scenario.workloads.iter();
                workloads.map(|it| it.name.clone()).collect()
            }
            "strategy" => scenario.strategy_names(),
            _ => Vec::new(),
        }
    }
}

/// Whether a key holds tables with a name each: `client.app`, `strategy."as is"`.
fn is_named(kind: &Kind) -> bool {
    match kind {
        Kind::Named(_) => true,
        Kind::List { item, .. } => matches!(**item, Kind::Table(_)),
        _ => false,
    }
}

/// A name as a part of a dotted path.
fn segment(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.into();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The parts of a dotted path; a dot in quotation marks is part of a name.
fn segments(path: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let parts = path.split(move |c| {
        is_quoted ^= c == '"';
        c == '.' && !is_quoted
    });
    parts.collect()
}

/// The row of a key by its path.
fn row_at(path: &[&str]) -> Option<Row> {
    let mut rows = keys::scenario().rows;
    let mut path = path.iter();
    loop {
        let name = path.next()?;
        let row = rows.into_iter().find(|row| row.name == *name)?;
        if is_named(&row.kind) {
            path.next();
        }
        if path.as_slice().is_empty() {
            return Some(row);
        }
        rows = alternatives(&row.kind);
    }
}

/// The words that a kind takes.
fn words(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Words(words) => words.iter().map(ToString::to_string).collect(),
        Kind::Flag => vec!["false".into(), "true".into()],
        Kind::Either(kinds) => kinds.iter().flat_map(words).collect(),
        Kind::Shared(_, make) => words(&make()),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(typed: &str) -> Vec<String> {
        let all = candidates(typed).into_iter();
        all.map(|it| it.get_value().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn every_row_of_the_machine_is_a_path() {
        let machine = keys::scenario()
            .rows
            .into_iter()
            .find(|it| it.name == "machine");
        let rows = alternatives(&machine.expect("a table of it").kind).into_iter();
        let paths: Vec<String> = rows.map(|it| format!("machine.{}=", it.name)).collect();
        assert_eq!(offered("machine."), paths);
    }

    #[test]
    fn what_is_inside_a_value_is_offered_once_its_path_is_typed() {
        let inside = "machine.time-wait-reuse.";
        assert!(!offered("machine.t").iter().any(|it| it.starts_with(inside)));
        assert_eq!(offered(inside), [format!("{inside}after=")]);
    }

    #[test]
    fn words_follow_the_equals_sign_and_a_comma() {
        assert_eq!(
            offered("machine.scope="),
            ["machine.scope=host", "machine.scope=destination"]
        );
        let runtimes = offered("client.\"my.app\".runtime=net48,net");
        assert!(
            runtimes.contains(&"client.\"my.app\".runtime=net48,net8".into()),
            "{runtimes:?}"
        );
        assert!(runtimes.iter().all(|it| it.contains("=net48,net")));
        assert!(offered("machine.nothing=").is_empty());
    }
}
