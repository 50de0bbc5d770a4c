//! From the name of a scenario to the scenario: a path, a built-in name or stdin.

use super::args::ScenarioArgs;
use super::exit::Refused;
use super::render::Shell;
use crate::input::{InputFiles, Remembered, as_utf8, is_missing, kind_other_than_a_scenario};
use crate::model::Scenario;
use crate::scenario::builtin::BUILTIN;
use crate::scenario::{self, Diagnostic, Override};
use crate::words::closest;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest scenario file: 1 MiB.
pub const MAX_SCENARIO_BYTES: u64 = 1 << 20;

/// A scenario that was read, with the files it names.
#[derive(Debug)]
pub struct Loaded {
    /// What was read, with the strategies that the user chose.
    pub read: scenario::Read,
    /// Opens the files that it names.
    pub files: InputFiles,
    /// How it is named where its file is: the file's name, a built-in name, or `-`.
    pub typed: String,
}

/// Loads every scenario that `args` names.
///
/// All problems of all scenarios are shown before this gives up.
///
/// # Errors
/// A scenario is wrong or unknown, or a file that exists cannot be read.
pub fn load_all(shell: &Shell, args: &ScenarioArgs) -> Result<Vec<Loaded>> {
    let overrides = args.changes.overrides();
    let mut loaded = Vec::new();
    let mut failure = None;
    for name in &args.scenarios {
        match load(shell, name, &overrides, &args.changes.strategy) {
            Ok(one) => loaded.push(one),
            // A wrong scenario outweighs a wrong name: it is the lesser surprise.
            Err(error) => failure = failure.max(Some(error.downcast::<Refused>()?.0)),
        }
    }
    failure.map_or(Ok(loaded), |exit| Err(Refused(exit).into()))
}

/// The text of a scenario before it is read: as often as somebody likes, with other overrides.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the user knows it by.
    pub shown: String,
    /// What its results are called.
    pub name: String,
    /// The text.
    pub text: String,
    files: Remembered,
}

impl Source {
    /// Reads the scenario, keeping the strategies that `wanted` names; all when it names none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(
        &mut self,
        overrides: &[Override],
        wanted: &[String],
    ) -> Result<scenario::Read, Problem> {
        let read = scenario::read(&self.text, &self.name, overrides, &mut self.files);
        let mut read = read.map_err(Problem::Wrong)?;
        choose(&mut read.scenario, wanted).map_err(Problem::NoStrategy)?;
        Ok(read)
    }

    /// Opens the files that the scenario names.
    pub const fn files(&self) -> &InputFiles {
        self.files.files()
    }

    /// Shows what is wrong with the scenario, and ends the command.
    pub fn show(&self, shell: &Shell, problem: &Problem) -> anyhow::Error {
        match problem {
            Problem::Wrong(problems) => match kind_other_than_a_scenario(&self.text) {
                Some(kind) => shell.wrong(&format!("{} is no scenario: {kind}", self.shown)),
                None => shell.problems(&self.shown, &self.text, problems),
            },
            Problem::NoStrategy(problem) => shell.usage(problem),
        }
    }
}

/// Why a scenario cannot be run.
#[derive(Clone, PartialEq, Debug)]
pub enum Problem {
    /// It is wrong.
    Wrong(Vec<Diagnostic>),
    /// It has no strategy of that name.
    NoStrategy(String),
}

fn load(shell: &Shell, name: &str, overrides: &[Override], wanted: &[String]) -> Result<Loaded> {
    let mut source = find(shell, name)?;
    let read = source.read(overrides, wanted);
    let read = read.map_err(|problem| source.show(shell, &problem))?;
    shell.warnings(&source.shown, &source.text, &read.warnings);
    Ok(Loaded {
        read,
        files: source.files().clone(),
        typed: file_name(name),
    })
}

/// Finds the text of the scenario `name`: a path, a built-in name or `-` for stdin.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn find(shell: &Shell, name: &str) -> Result<Source> {
    if name == "-" {
        let read = read_text(io::stdin()).context("cannot read stdin")?;
        let files = InputFiles::in_folder("");
        return from_text(shell, "stdin", "stdin", files, read);
    }
    let path = Path::new(name);
    let is_file = path.metadata().is_ok_and(|found| !found.is_dir());
    if !is_file
        && path
            .extension()
            .is_none_or(|it| !it.eq_ignore_ascii_case("toml"))
    {
        return built_in(shell, name);
    }
    if path.is_dir() {
        return Err(shell.wrong(&format!("{name} is a directory, not a scenario")));
    }
    let file = match File::open(path) {
        Err(error) if is_missing(&error) => {
            return Err(shell.wrong(&format!("{name}: no such file")));
        }
        opened => opened.with_context(|| format!("cannot open `{name}`"))?,
    };
    let read = read_text(file).with_context(|| format!("cannot read `{name}`"))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new(""));
    from_text(shell, name, &stem, InputFiles::in_folder(folder), read)
}

fn from_text(
    shell: &Shell,
    shown: &str,
    name: &str,
    files: InputFiles,
    text: Result<String, String>,
) -> Result<Source> {
    Ok(Source {
        shown: shown.into(),
        name: name.into(),
        text: text.map_err(|problem| shell.wrong(&format!("{shown} {problem}")))?,
        files: Remembered::new(files),
    })
}

/// The whole text, or why it is none that is read here: a scenario, a table of labels.
pub(super) fn read_text(input: impl Read + 'static) -> io::Result<Result<String, String>> {
    let mut bytes = Vec::new();
    // What PowerShell redirects into a file (`spsim new > mine.toml`) is UTF-16.
    let input = as_utf8(Box::new(input))?;
    input.take(MAX_SCENARIO_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SCENARIO_BYTES {
        return Ok(Err("is larger than 1 MiB".into()));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Err("is gzipped: it is read as plain text".into()));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].split(|it| *it == b'\n').count();
        format!("is not UTF-8 text (line {line})")
    }))
}

fn built_in(shell: &Shell, name: &str) -> Result<Source> {
    let Some(found) = BUILTIN.iter().find(|it| it.name == name) else {
        let hint = match closest(name, BUILTIN.iter().map(|it| it.name)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`spsim list scenarios` shows them".into(),
        };
        return Err(shell.usage(&format!(
            "`{name}` is neither a file nor a built-in scenario; {hint}"
        )));
    };
    let files = InputFiles::in_memory(found.files);
    from_text(shell, name, name, files, Ok(found.toml.into()))
}

/// Keeps the strategies that `wanted` names; all of them when it names none.
fn choose(scenario: &mut Scenario, wanted: &[String]) -> Result<(), String> {
    let strategies = &mut scenario.strategies;
    for name in wanted {
        if !strategies.iter().any(|it| it.name == *name) {
            let known: Vec<String> = strategies
                .iter()
                .map(|it| format!("`{}`", it.name))
                .collect();
            return Err(format!(
                "{} has no strategy `{name}`; it has {}",
                scenario.name,
                known.join(", ")
            ));
        }
    }
    if !wanted.is_empty() {
        strategies.retain(|it| wanted.contains(&it.name));
    }
    Ok(())
}

/// How a scenario is named where its file is: the file's name, a built-in name, or `-`.
pub(super) fn file_name(scenario: &str) -> String {
    let name = Path::new(scenario).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_says_why() {
        let read = |bytes: &[u8]| read_text(io::Cursor::new(bytes.to_vec())).expect("memory");
        assert_eq!(read(b"a\nb\xff"), Err("is not UTF-8 text (line 2)".into()));
        let large = vec![b' '; MAX_SCENARIO_BYTES as usize + 1];
        assert_eq!(read(&large), Err("is larger than 1 MiB".into()));
        assert_eq!(read(b""), Ok(String::new()));
        assert_eq!(read(b"\xef\xbb\xbfa = 1"), Ok("a = 1".into()));
        assert_eq!(read(b"\xff\xfea\0=\x001\0"), Ok("a=1".into()));
        assert!(read(b"\x1f\x8b\x08").is_err_and(|it| it.contains("gzipped")));
    }
}
