//! From text to a validated [`Scenario`]: every problem at once, each with its place.
//!
//! Lives here: the file format (`tree`, `file`), its keys (`keys`), its judgement (`check`), what
//! was read (`read`), `--set` (`overrides`), the resolved text (`show`) and the built-in scenarios
//! (`builtin`). Does not live here: files (whoever calls brings [`Files`]) and how problems look on
//! a terminal.
//!
//! **Invariant:** equal text, overrides and files give equal results, on every machine.

use crate::units::SimSpan;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

pub mod builtin;
mod check;
mod context;
pub mod diagnostic;
mod file;
pub mod keys;
mod overrides;
mod read;
pub mod show;
mod tree;
mod value;
mod words;

pub use builtin::{BUILTIN, BuiltIn};
pub use check::estimate::long as long_work;
pub use diagnostic::Diagnostic;
pub use keys::strategy::patch_of;
pub use overrides::Override;
pub use read::{FileError, Files, NamedFile, Read};
pub use show::show;
pub use value::Range;

use context::Context;
use diagnostic::{Place, Problems};

/// Most bytes of a scenario's text. A bound of ours: the text of a trace belongs in a file of
/// its own.
pub const MOST_BYTES: usize = 1 << 20;

/// Reads a scenario from TOML, or from JSON with the same keys when the text starts with `{`.
///
/// `name` becomes the scenario's name (the stem of its file); `overrides` are put in, in order,
/// before anything is checked.
///
/// ```
/// use spsim::NoFiles;
/// use spsim::inside::scenario::{BuiltIn, Override, read, show};
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
    let mut context = Context {
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

#[cfg(test)]
mod tests;
