//! From text to a validated [`Scenario`]: every problem at once, each with its place.
//!
//! Lives here: the file format (`tree`, `file`), its keys (`keys`), its judgement (`check`),
//! `--set` (`overrides`), the resolved text (`show`) and the built-in scenarios (`builtin`). Does
//! not live here: files (whoever calls brings [`Files`]) and how problems look on a terminal.
//!
//! **Invariant:** equal text, overrides and files give equal results, on every machine.

use crate::model::Scenario;
use crate::model::workload::{TimedAction, TraceSource};
use crate::units::{FNV_1A_START, SimSpan, fnv_1a};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub mod builtin;
mod check;
pub mod diagnostic;
mod file;
pub mod keys;
mod overrides;
pub mod show;
mod tree;
mod value;
mod words;

pub use builtin::{BUILTIN, BuiltIn};
pub use check::estimate::long as long_work;
pub use diagnostic::Diagnostic;
pub use keys::strategy::patch_of;
pub use show::show;
pub use value::Range;

use diagnostic::{Place, Problems};

/// Most bytes of a scenario's text. A bound of ours: the text of a trace belongs in a file of
/// its own.
pub const MOST_BYTES: usize = 1 << 20;

/// The files that a scenario names, opened by whoever may open files. Paths are as written in
/// the scenario, relative to it. Every method gives back all problems of that file.
pub trait Files {
    /// The values of an empirical law.
    ///
    /// # Errors
    /// What is wrong with the file, one message per problem.
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, Vec<String>>;
    /// The actions of a timeline, sorted by time.
    ///
    /// # Errors
    /// What is wrong with the file, one message per problem.
    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, Vec<String>>;
    /// What a trace has; the rows are streamed when the run starts.
    ///
    /// # Errors
    /// What is wrong with the file, one message per problem.
    fn trace(&mut self, path: &str) -> Result<TraceSource, Vec<String>>;
}

/// A scenario that was read, and what its author should know about it.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    /// The validated scenario.
    pub scenario: Scenario,
    /// Warnings: the numbers may mislead until somebody has looked.
    pub warnings: Vec<Diagnostic>,
    /// The files that the scenario names, in the order in which they were read.
    pub files: Vec<NamedFile>,
}

impl Read {
    /// The warnings as sentences for results, without their places.
    pub fn warning_sentences(&self) -> Vec<String> {
        self.warnings.iter().map(ToString::to_string).collect()
    }
}

/// A file that a scenario names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedFile {
    /// The dotted path of the key that names it: `workload.orders.arrivals`.
    pub key: String,
    /// The path as written.
    pub path: String,
    /// FNV-1a digest of its content: of a trace's bytes, of what was read from the others.
    pub digest: u64,
}

/// One `--set KEY=VALUE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// By which word its author knows it, for messages: `--set`, `--vary`; may be empty.
    pub flag: &'static str,
    /// Dotted path: `machine.ports`.
    pub key: String,
    /// The value as typed; TOML where it reads as TOML, else a string.
    pub value: String,
}

impl Override {
    /// A change that no flag stands for.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Override {
        Override {
            flag: "",
            key: key.into(),
            value: value.into(),
        }
    }
}

/// Reads a scenario from TOML, or from JSON with the same keys when the text starts with `{`.
///
/// `name` becomes the scenario's name (the stem of its file); `overrides` are put in, in order,
/// before anything is checked.
///
/// ```
/// use spsim::NoFiles;
/// use spsim::scenario::{BuiltIn, Override, read, show};
///
/// let article = BuiltIn::find("kb2551125").expect("it is built in");
/// let change = Override::new("machine.ports", "windows-2003");
/// let read = read(article.toml, article.name, &[change], &mut NoFiles).expect("it is right");
/// assert_eq!(read.scenario.machine.ports.count, 3976);
/// assert!(show(&read).contains("runtime = \"net40\"  # default"));
/// ```
///
/// # Errors
/// Every problem of the text, the overrides and the files, in the order of the text; those
/// without a place in it come last.
pub fn read(
    text: &str,
    name: &str,
    overrides: &[Override],
    files: &mut dyn Files,
) -> Result<Read, Vec<Diagnostic>> {
    let mut problems = Problems::default();
    refuse_what_is_no_scenario(text, &mut problems);
    if !problems.errors.is_empty() {
        return Err(problems.errors);
    }
    let mut root = tree::parse(text, &mut problems);
    let lines = Lines::of(text);
    let line_of = |error: &Diagnostic| error.span.as_ref().map(|span| lines.of_byte(span.start));
    let broken: BTreeSet<usize> = problems.errors.iter().filter_map(line_of).collect();
    let n_syntax = problems.errors.len();
    for change in overrides {
        overrides::insert(&mut root, change, &mut problems);
    }
    let mut context = check::Context {
        problems,
        files,
        named: Vec::new(),
        clients: Vec::new(),
        servers: Vec::new(),
        duration: SimSpan::ZERO,
    };
    let scenario = check::scenario(&root, name, &mut context);
    let (problems, files) = (context.problems, context.named);
    let mut errors = problems.errors;
    // What is said about a line that could not be parsed is said about our guess, not about it.
    let semantic = errors.split_off(n_syntax);
    let is_guessed = |error: &Diagnostic| {
        problems.partial && line_of(error).is_some_and(|line| broken.contains(&line))
    };
    errors.extend(semantic.into_iter().filter(|error| !is_guessed(error)));
    errors.sort_by_key(|error| error.span.as_ref().map_or(usize::MAX, |span| span.start));
    let (Some(scenario), true) = (scenario, errors.is_empty()) else {
        return Err(errors);
    };
    let warnings = problems.warnings;
    let mut scenario = scenario;
    // What the author expects is of what the author wrote.
    if overrides
        .iter()
        .any(|change| !KEEPS_EXPECTATION.contains(&&*change.key))
    {
        scenario.expect.clear();
    }
    let mut read = Read {
        scenario,
        warnings,
        files,
    };
    read.scenario.digest = show::digest(&read);
    Ok(read)
}

/// What may be put in without another result being expected: other random numbers.
const KEEPS_EXPECTATION: [&str; 2] = ["seed", "replications"];

/// Where the lines of a text end: thousands of problems are placed without reading it again.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The number of the line that holds byte `at`, from 0.
    fn of_byte(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at)
    }
}

/// Refuses an empty, oversized or binary text before anything parses it.
fn refuse_what_is_no_scenario(text: &str, problems: &mut Problems) {
    if text.len() > MOST_BYTES {
        let message = format!(
            "the scenario has {} bytes, more than {MOST_BYTES}",
            text.len()
        );
        problems
            .error(&Place::File, message)
            .help("put traces and observed values into files of their own");
        return;
    }
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let odd = text
        .char_indices()
        .find(|(_, c)| is_odd(*c) || *c == '\u{fffd}');
    if let Some((at, found)) = odd {
        let message = format!(
            "the scenario is not a text file: byte {at} is U+{:04X}",
            found as u32
        );
        problems
            .error(&Place::File, message)
            .help("a scenario is TOML or JSON in UTF-8");
        return;
    }
    let says_nothing = |line: &str| {
        let line = line.trim().trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#')
    };
    if text.lines().all(says_nothing) {
        problems
            .error(&Place::File, "the scenario is empty")
            .help("`spsim check kb2551125 --show` prints one to start from");
    }
}

/// FNV-1a, 64 bits: names inputs; not for security.
#[derive(Clone, Copy, Debug)]
pub struct Fnv(u64);

impl Fnv {
    /// The digest of nothing.
    pub const fn new() -> Fnv {
        Fnv(FNV_1A_START)
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0 = fnv_1a(self.0, bytes);
    }

    /// Adds a number, lowest byte first.
    pub fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Adds a text and its end.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }

    /// The digest of what was added.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv::new()
    }
}

#[cfg(test)]
mod tests;
