//! The rules of the house that the compiler does not know, read from the text of the source.
//!
//! Runs first: it takes a moment, and says what would otherwise be said in review.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which room may name which others with `crate::<room>`; docs/CONTRIBUTING.md shows the same map.
///
/// Nothing points back: a room is made only of those it may name. A room that is not named here
/// fails, so that a new room is a decision.
const ARROWS: [(&str, &[&str]); 23] = [
    ("units", &[]),
    ("words", &["units"]),
    ("kernel", &["units"]),
    ("model", &["units"]),
    // Data with sources; no behaviour.
    ("profiles", &["units", "words", "model"]),
    // The kernel's arenas and timer lanes, never its queue: see `UNKNOWN`.
    ("net", &["units", "kernel", "model"]),
    ("strategy", &["units", "model", "net"]),
    ("sim", &["units", "kernel", "model", "net", "strategy"]),
    ("scenario", &["units", "words", "model", "profiles"]),
    // Of the engine only what leaves it, and the words of `net` that observations are made of.
    ("record", &["units", "model", "net", "sim"]),
    ("stats", &["units"]),
    // Of the kernel only the random streams: the points of a Latin hypercube are drawn.
    (
        "study",
        &[
            "units", "words", "kernel", "model", "net", "sim", "record", "stats", "strategy",
        ],
    ),
    // What many runs say, in sentences.
    (
        "findings",
        &["units", "words", "model", "profiles", "record", "study"],
    ),
    // Rows of a socket table in, findings out: no file, no engine.
    // Its scenarios are text: what is verified is what users run.
    (
        "verify",
        &["units", "model", "sim", "scenario", "stats", "study"],
    ),
    (
        "diagnose",
        &["units", "words", "model", "profiles", "stats"],
    ),
    // Asks for runs and is given them: no file, no thread, no engine but what leaves it.
    ("calibrate", &["units", "model", "sim", "stats"]),
    // What an embedder begins with.
    ("face", &["units", "model", "scenario", "sim", "study"]),
    // What files look like once they are read is the model's, the engine's, `diagnose`'s and
    // `calibrate`'s to say; thinning a log draws from a stream of the kernel.
    (
        "input",
        &[
            "units",
            // The way of a text into a CSV cell and out of it, said once.
            "words",
            "kernel",
            "model",
            "scenario",
            "sim",
            "diagnose",
            "calibrate",
        ],
    ),
    // Drives `net` by hand, without the engine.
    ("conform", &["units", "model", "profiles", "net"]),
    // Plain data in, pictures out: as little of this domain as the kernel knows.
    ("draw", &["units", "words"]),
    // Of the engine only the snapshots and the words of `net` that inspections are made of.
    (
        "figures",
        &[
            "units",
            "words",
            "model",
            "net",
            "record",
            "stats",
            "study",
            "findings",
            "calibrate",
            "draw",
        ],
    ),
    (
        "output",
        &[
            "units",
            "model",
            "net",
            "record",
            "stats",
            "study",
            "verify",
            "diagnose",
            "calibrate",
            "words",
            "findings",
            "draw",
            "figures",
        ],
    ),
    (
        "cli",
        &[
            "units",
            "words",
            "model",
            "profiles",
            "scenario",
            "sim",
            "record",
            "study",
            "stats",
            "verify",
            "input",
            "conform",
            "diagnose",
            "calibrate",
            "draw",
            "output",
        ],
    ),
];

/// Paths that a room must not name although the arrow to their room is allowed.
const UNKNOWN: [(&str, &[&str]); 4] = [
    ("net", &["EventQueue", "kernel::stream"]),
    ("record", &["Simulation", "sim::event"]),
    (
        "figures",
        &["PortTable", "ConnectionManager", "net::framework"],
    ),
    (
        "output",
        &["PortTable", "ConnectionManager", "net::framework"],
    ),
];

/// What a finished file does not hold; written apart, so that this file passes.
const LEFTOVERS: [&str; 7] = [
    concat!("todo", "!("),
    concat!("dbg", "!("),
    concat!("unimpl", "emented!("),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("#[ign", "ore"),
    concat!("HA", "CK"),
];

const LONGEST_LINE: usize = 100;

/// Lines of code (see [`code_lines`]) in all of `src`; whoever raises it says why.
const MOST_CODE: usize = 66_100;

/// Of all code, the share of the largest room, in per cent.
const LARGEST_ROOM: usize = 16;

/// Lines of code of a file. Beyond it, look for the second noun inside.
const LONGEST_FILE: usize = 450;

struct Source {
    /// Below the repository: `src/net/mod.rs`.
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("readable").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders
        .iter()
        .map(|folder| root().join(folder))
        .filter(|it| it.is_dir())
    {
        collect(&folder, &mut paths);
    }
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|it| it == "rs");
    paths
        .into_iter()
        .filter(is_rust)
        .map(|path| Source {
            text: fs::read_to_string(&path).expect("UTF-8"),
            path: path
                .strip_prefix(root())
                .expect("below")
                .to_string_lossy()
                .replace('\\', "/"),
        })
        .collect()
}

/// Fails with one line per problem.
fn expect_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The room of a file: the first part of its path below `src`.
fn room_of(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below
        .split('/')
        .next()
        .unwrap_or(below)
        .trim_end_matches(".rs")
}

/// The rooms that a line names: the word after each `crate::`.
fn rooms_named(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices("crate::").map(move |(at, found)| {
        let rest = &line[at + found.len()..];
        rest.split(|c: char| !is_word(c)).next().unwrap_or_default()
    })
}

#[test]
fn rooms_import_in_one_direction() {
    let mut problems = Vec::new();
    for Source { path, text } in sources(&["src"]) {
        let room = room_of(&path);
        // A room's own tests, in files apart, may bring data from rooms further on.
        let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
        if ["lib", "main"].contains(&room) || is_test {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            problems.push(format!("{path}: the room `{room}` has no arrows yet"));
            continue;
        };
        for (line, number) in text.lines().zip(1..) {
            // A link in a comment is no import.
            if line.trim_start().starts_with("//") {
                continue;
            }
            for named in rooms_named(line) {
                let is_macro = line.contains(&format!("crate::{named}!"));
                if named != room && !allowed.contains(&named) && !named.is_empty() && !is_macro {
                    problems.push(format!("{path}:{number}: `{room}` may not know `{named}`"));
                }
            }
            let (_, unknown) = UNKNOWN
                .iter()
                .find(|(name, _)| *name == room)
                .unwrap_or(&("", &[]));
            for word in unknown.iter().filter(|word| line.contains(**word)) {
                problems.push(format!("{path}:{number}: `{room}` may not know `{word}`"));
            }
        }
    }
    expect_none(&problems);
}

#[test]
fn the_arrows_have_no_circle() {
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    while placed.len() < ARROWS.len() {
        let next = ARROWS.iter().find(|(room, imports)| {
            !placed.contains(room) && imports.iter().all(|it| placed.contains(it))
        });
        let (room, _) = next.expect("every room stands on rooms that stand");
        placed.insert(room);
    }
}

#[test]
fn the_map_for_contributors_is_this_one() {
    let map = fs::read_to_string(root().join("docs/CONTRIBUTING.md")).expect("there");
    let library = fs::read_to_string(root().join("src/lib.rs")).expect("there");
    let mut problems = Vec::new();
    for (room, imports) in ARROWS {
        if !library.contains(&format!("\nmod {room};")) {
            problems.push(format!("src/lib.rs: there is no room `{room}`"));
        }
        let arrows = match imports {
            [] => "nothing".to_owned(),
            some => some.join(", "),
        };
        let (start, end) = (format!("| `{room}` | "), format!(" | {arrows} |"));
        if !map
            .lines()
            .any(|line| line.starts_with(&start) && line.ends_with(&end))
        {
            problems.push(format!(
                "docs/CONTRIBUTING.md: the row of `{room}` should end in `{end}`"
            ));
        }
    }
    expect_none(&problems);
}

#[test]
fn every_file_says_what_it_is() {
    let all = sources(&["src", "tests", "benches", "examples"]);
    let silent = all.iter().filter(|it| !it.text.starts_with("//! "));
    let problems: Vec<String> = silent
        .map(|it| {
            format!(
                "{}:1: a file starts with `//!` and what lives in it",
                it.path
            )
        })
        .collect();
    expect_none(&problems);
}

#[test]
fn lines_are_short_and_nothing_is_left_over() {
    let mut problems = Vec::new();
    for Source { path, text } in sources(&["src", "tests", "benches", "examples"]) {
        for (line, number) in text.lines().zip(1..) {
            let length = line.chars().count();
            if length > LONGEST_LINE && !is_recorded(line) {
                problems.push(format!("{path}:{number}: {length} characters"));
            }
            if line.ends_with(' ') && !is_recorded(line) {
                problems.push(format!("{path}:{number}: a blank at the end"));
            }
            for left in LEFTOVERS.iter().filter(|left| line.contains(**left)) {
                problems.push(format!("{path}:{number}: `{left}` is left over"));
            }
        }
    }
    expect_none(&problems);
}

/// Whether a line is text that cannot be broken: a table, or part of a snapshot or a scenario.
fn is_recorded(line: &str) -> bool {
    let start = line.trim_start();
    let is_literal = |c: char| matches!(c, '"' | '{' | '[' | '|' | '`');
    let is_table = start.starts_with("//! |") || start.starts_with("/// |");
    let is_raw = start.starts_with("r\"") || start.contains("@r") || start.contains("r#\"");
    is_table || is_raw || start.starts_with(is_literal)
}

/// The lines that are neither blank nor comment nor under `#[cfg(test)]`.
fn code_lines(text: &str) -> usize {
    let mut lines = text.lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        let start = line.trim_start();
        if start.starts_with("#[cfg(test)]") {
            skip_item(&mut lines, line.len() - start.len());
        } else if !start.is_empty() && !start.starts_with("//") {
            count += 1;
        }
    }
    count
}

/// Leaves the item behind that begins on the next line, so deep within others.
fn skip_item<'t>(lines: &mut impl Iterator<Item = &'t str>, depth: usize) {
    lines.find(|line| {
        let text = line.trim_start();
        let is_end = text.starts_with('}') || text.ends_with(';') || text.ends_with('}');
        line.len() - text.len() == depth && is_end
    });
}

/// The modules in files apart that a file has under `#[cfg(test)]`: their paths without `.rs`.
fn only_for_tests(source: &Source) -> Vec<String> {
    let module = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
    let mut lines = source.text.lines();
    let mut found = Vec::new();
    while lines.any(|line| line.trim() == "#[cfg(test)]") {
        let declared = lines.next().unwrap_or_default().trim();
        let name = declared
            .rsplit_once("mod ")
            .and_then(|(_, name)| name.strip_suffix(';'));
        found.extend(name.map(|name| format!("{module}/{name}")));
    }
    found
}

#[test]
fn what_is_tested_with_is_no_code() {
    let text = "\
//! A file.

use a::B;
#[cfg(test)]
use a::C;

#[cfg(test)]
impl B {
    fn of() {
    }
}

impl B {
    #[cfg(test)]
    fn only_here(&self) -> u8 {
        // Why.
        let a = 1;
        a
    }

    fn everywhere() {} // Why.
}

#[cfg(test)]
mod tests;
const D: u8 = 1;
#[cfg(test)]
mod more {
    #[test]
    fn it() {}
}
";
    assert_eq!(code_lines(text), 5);
    let source = |path: &str| Source {
        path: path.into(),
        text: text.into(),
    };
    assert_eq!(only_for_tests(&source("src/a/b.rs")), ["src/a/b/tests"]);
    assert_eq!(only_for_tests(&source("src/a/mod.rs")), ["src/a/tests"]);
}

#[test]
fn code_is_said_once_and_no_room_holds_it_all() {
    let mut rooms: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    let all = sources(&["src"]);
    let tests: Vec<String> = all.iter().flat_map(only_for_tests).collect();
    for Source { path, text } in &all {
        let module = path.trim_end_matches(".rs");
        let is_below = |it: &String| module.strip_prefix(it.as_str());
        if tests
            .iter()
            .filter_map(is_below)
            .any(|rest| rest.is_empty() || rest.starts_with('/'))
        {
            continue;
        }
        let lines = code_lines(text);
        if lines > LONGEST_FILE {
            problems.push(format!(
                "{path}: {lines} lines of code, {LONGEST_FILE} allowed"
            ));
        }
        *rooms.entry(room_of(path).to_owned()).or_default() += lines;
    }
    let all: usize = rooms.values().sum();
    if all > MOST_CODE {
        problems.push(format!("src: {all} lines of code, {MOST_CODE} allowed"));
    }
    for (room, lines) in rooms {
        if 100 * lines > LARGEST_ROOM * all {
            let share = 100.0 * lines as f64 / all as f64;
            problems.push(format!(
                "src/{room}: {lines} of {all} lines of code are {share:.1}%, \
                 {LARGEST_ROOM}% allowed"
            ));
        }
    }
    expect_none(&problems);
}

#[test]
fn every_sourced_value_has_a_source() {
    let mut problems = Vec::new();
    for Source { path, text } in sources(&["src/profiles", "src/model"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, number) in code.lines().zip(1..) {
            if line.contains(", \"\")") && !line.trim_start().starts_with("//") {
                problems.push(format!("{path}:{number}: an empty source"));
            }
        }
    }
    expect_none(&problems);
}

/// What the pages send a reader to is there.
#[test]
fn every_file_that_a_page_names_exists() {
    let mut pages = Vec::new();
    collect(&root().join("docs"), &mut pages);
    pages.push(root().join("README.md"));
    pages.retain(|it| it.extension().is_some_and(|it| it == "md"));
    let mut problems = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("UTF-8");
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_ours = [
                "src/",
                "tests/",
                "docs/",
                "scenarios/",
                "examples/",
                "lab/",
                ".ci/",
            ]
            .iter()
            .any(|it| quoted.starts_with(it));
            let is_path = !quoted.contains(|c: char| c.is_whitespace() || "<*…".contains(c));
            if is_ours && is_path && !root().join(quoted).exists() {
                problems.push(format!("{}: there is no `{quoted}`", page.display()));
            }
        }
    }
    expect_none(&problems);
}

#[test]
fn the_top_level_holds_what_it_should() {
    const EXPECTED: [&str; 16] = [
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "Dockerfile",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "benches",
        "docs",
        "examples",
        "fuzz",
        "lab",
        "output",
        "scenarios",
        "src",
    ];
    let mut problems = Vec::new();
    for entry in fs::read_dir(root()).expect("there") {
        let name = entry
            .expect("readable")
            .file_name()
            .to_string_lossy()
            .into_owned();
        let is_known = EXPECTED.contains(&name.as_str()) || ["tests", "target"].contains(&&*name);
        if !name.starts_with('.') && !is_known {
            problems.push(format!("{name}: what is it?"));
        }
    }
    expect_none(&problems);
}

/// The ids of rules in a text: `CG-6`, where such a word stands by itself.
fn rule_ids(text: &str) -> impl Iterator<Item = &str> {
    // Words of the same shape that are no rules.
    const OTHERS: [&str; 4] = ["UTF", "FNV", "MSER", "SHA"];
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let words = text.split(move |c| !is_part(c));
    words.filter(|word| {
        word.split_once('-').is_some_and(|(family, number)| {
            let is_family = family.starts_with(|c: char| c.is_ascii_uppercase())
                && family.len() <= 4
                && family
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            let is_number = number.len() <= 2 && number.parse::<u8>().is_ok();
            is_family && is_number && !OTHERS.contains(&family)
        })
    })
}

/// Whatever cites a rule, in what it prints or in a comment, cites one that `docs/rules.md` has.
#[test]
fn every_rule_that_is_cited_is_explained() {
    let mut paths = Vec::new();
    for folder in [
        "src",
        "tests",
        "docs",
        "scenarios",
        "output",
        "examples",
        "benches",
    ] {
        let folder = root().join(folder);
        if folder.is_dir() {
            collect(&folder, &mut paths);
        }
    }
    paths.push(root().join("README.md"));
    let page = fs::read_to_string(root().join("docs/rules.md")).expect("there");
    let explained: Vec<&str> = page
        .lines()
        .filter_map(|it| it.strip_prefix("### "))
        .collect();
    let unique: BTreeSet<&str> = explained.iter().copied().collect();
    assert_eq!(unique.len(), explained.len(), "docs/rules.md: an id twice");
    let mut problems = Vec::new();
    for path in paths {
        let is_text = path
            .extension()
            .is_some_and(|it| ["rs", "md", "toml"].iter().any(|e| it == *e));
        // The folder of packages that the browser test fetches is not ours.
        if !is_text || path.components().any(|it| it.as_os_str() == "node_modules") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        for (line, number) in text.lines().zip(1..) {
            for id in rule_ids(line).filter(|id| !unique.contains(id)) {
                let path = path.strip_prefix(root()).expect("below").display();
                problems.push(format!(
                    "{path}:{number}: docs/rules.md does not explain {id}"
                ));
            }
        }
    }
    expect_none(&problems);
}

/// What the library promises: the names that `src/lib.rs` re-exports, and nothing else.
///
/// A new one is a decision, so it is added here too.
const FACE: [&str; 68] = [
    "AddressCounts",
    "Arrivals",
    "Blind",
    "BuiltIn",
    "Client",
    "ClientRow",
    "ClientSample",
    "CloseGroups",
    "CloseKind",
    "Comparison",
    "ConnectionCounts",
    "ConnectionId",
    "ConnectionLimit",
    "ConnectionView",
    "Diagnostic",
    "DurationSummary",
    "End",
    "ErrorCounts",
    "Failure",
    "FileError",
    "Files",
    "GroupName",
    "GroupRule",
    "InputFiles",
    "Interval",
    "Law",
    "Machine",
    "NamedFile",
    "Nat",
    "NatTotals",
    "NoFiles",
    "Observation",
    "Observer",
    "Outcome",
    "Override",
    "Patch",
    "Policy",
    "PortTotals",
    "PortUsage",
    "PortsRow",
    "Read",
    "RequestCounts",
    "RequestView",
    "Retry",
    "RunOutput",
    "RunSummary",
    "Runner",
    "RuntimeProfile",
    "Sample",
    "Scenario",
    "ScenarioError",
    "SeriesColumn",
    "Server",
    "Service",
    "ServiceCounts",
    "SimSpan",
    "SimTime",
    "Simulation",
    "SpanError",
    "Strategy",
    "StrategyResult",
    "Throttle",
    "TraceError",
    "TraceRows",
    "Traces",
    "Verdict",
    "Workload",
    "run_one",
];

#[test]
fn the_face_of_the_library_is_this_one() {
    let library = fs::read_to_string(root().join("src/lib.rs")).expect("there");
    let mut problems = Vec::new();
    for (line, number) in library.lines().zip(1..) {
        if line.starts_with("pub mod ") && line.ends_with(';') {
            problems.push(format!("src/lib.rs:{number}: a room is private"));
        }
    }
    let uses = library.split("\npub use ").skip(1);
    let names: BTreeSet<&str> = uses
        .filter_map(|it| it.split(';').next())
        .flat_map(|it| {
            let list = it.rsplit_once("::{").map(|(_, list)| list);
            let one = it.rsplit("::").next().unwrap_or(it);
            list.unwrap_or(one).split(',')
        })
        .map(|it| it.trim_matches(|c: char| c.is_whitespace() || c == '}'))
        .filter(|it| !it.is_empty())
        .collect();
    let promised = BTreeSet::from(FACE);
    for name in names.difference(&promised) {
        problems.push(format!(
            "src/lib.rs: `{name}` is new: is it to be promised?"
        ));
    }
    for name in promised.difference(&names) {
        problems.push(format!("src/lib.rs: `{name}` was promised and is gone"));
    }
    expect_none(&problems);
}
