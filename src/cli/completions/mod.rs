//! `spsim completions`: what a shell offers while a command is typed.
//!
//! The shell asks the program itself, with the line so far, so that scenarios, their keys,
//! strategies and results are those that are there. Which values an argument takes is known by
//! what its help calls them.

mod bash;
mod keys;

use super::args::{CommonArgs, CompletionsArgs};
use super::exit::Exit;
use super::render::Shell;
use super::{examples, load};
use crate::model::Scenario;
use crate::scenario::builtin::BUILTIN;
use crate::study::metric::METRICS;
use crate::words::plain;
use anyhow::{Context, Result};
use bash::Bash;
use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{CompleteEnv, Elvish, Fish, Powershell, Shells, Zsh};
use std::ffi::OsStr;
use std::path::Path;

/// The environment variable by which a shell asks; it names the shell.
const VARIABLE: &str = "SPSIM_COMPLETE";

const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// Prints what makes a shell ask.
///
/// # Errors
/// stdout cannot be written.
pub fn completions(shell: &Shell, args: &CompletionsArgs) -> Result<Exit> {
    let name = args.shell.to_string();
    let asking = SHELLS
        .completer(&name)
        .with_context(|| format!("nothing is known of the shell `{name}`"))?;
    let mut text = Vec::new();
    asking.write_registration(VARIABLE, "spsim", "spsim", "spsim", &mut text)?;
    shell.print(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Exit::Done)
}

/// Answers a shell that asks; whether one did.
///
/// # Errors
/// No shell of that name is known, or stdout cannot be written.
pub(super) fn answer() -> Result<bool, clap::Error> {
    let folder = std::env::current_dir().ok();
    CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .shells(SHELLS)
        .try_complete(std::env::args_os(), folder.as_deref())
}

/// The command line, each argument with what it may be.
fn command() -> Command {
    examples::command().mut_subcommands(|one| match one.get_name() {
        // What it measures is no metric of a run.
        "watch" => one,
        _ => one.mut_args(completed),
    })
}

/// An argument with what it may be, where that is more than a path or one of a few words.
fn completed(arg: Arg) -> Arg {
    let called = arg.get_value_names().and_then(|names| names.first());
    let called = called.map_or("", |name| name.as_str());
    let with = match (called, arg.get_id().as_str()) {
        // The gallery's are words of its own.
        ("SCENARIO", _) if arg.get_possible_values().is_empty() => {
            ArgValueCompleter::new(scenarios)
        }
        ("KEY=VALUE" | "KEY=VALUES" | "KEY=LO..HI", _) => {
            ArgValueCompleter::new(|typed: &OsStr| of_text(typed, keys::candidates))
        }
        ("EXPR" | "METRIC", _) | (_, "metric") => {
            ArgValueCompleter::new(|typed: &OsStr| of_text(typed, metrics))
        }
        (_, "strategy") => ArgValueCompleter::new(|typed: &OsStr| of_text(typed, strategies)),
        (_, "folders") => ArgValueCompleter::new(results),
        ("DIR", _) => ArgValueCompleter::new(PathCompleter::dir()),
        _ => return arg,
    };
    arg.add(with)
}

/// What `candidates` offers for a word that is text; nothing that could steer a terminal.
fn of_text(
    typed: &OsStr,
    candidates: impl Fn(&str) -> Vec<CompletionCandidate>,
) -> Vec<CompletionCandidate> {
    let mut all = typed.to_str().map(candidates).unwrap_or_default();
    all.retain(|it| {
        let text = it.get_value().to_string_lossy();
        plain::harmless(&text) == text
    });
    all
}

/// A candidate with a line about it, if it goes on from what was typed.
fn candidate(typed: &str, value: String, about: &str) -> Option<CompletionCandidate> {
    let one = value
        .starts_with(typed)
        .then(|| CompletionCandidate::new(value));
    one.map(|it| it.help(Some(plain::line(about).into())))
}

/// Built-in scenarios, then files of the folder.
fn scenarios(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut all = of_text(typed, |typed| {
        let built_in = BUILTIN.iter();
        built_in
            .filter_map(|it| candidate(typed, it.name.into(), title(it.toml)))
            .collect()
    });
    all.extend(PathCompleter::any().filter(is_scenario).complete(typed));
    all
}

/// The title of a scenario that comes with the program.
fn title(toml: &str) -> &str {
    let line = toml.lines().find_map(|it| it.strip_prefix("title = "));
    line.unwrap_or_default().trim_matches('"')
}

fn is_scenario(path: &Path) -> bool {
    path.is_file()
        && path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("toml"))
}

/// The metric that an expression ends in: its first word, or the one after `and` or `or`.
fn metrics(typed: &str) -> Vec<CompletionCandidate> {
    let (before, word) = typed.rsplit_once(' ').unwrap_or(("", typed));
    let last = before.split_whitespace().next_back();
    if !matches!(last, None | Some("and" | "or")) {
        return Vec::new();
    }
    let before = &typed[..typed.len() - word.len()];
    let all = METRICS.iter();
    all.filter_map(|it| candidate(typed, format!("{before}{}", it.name), it.title))
        .collect()
}

/// The strategies of the scenario on the line.
fn strategies(typed: &str) -> Vec<CompletionCandidate> {
    let scenario = scenario();
    let all = scenario.iter().flat_map(|it| &it.strategies);
    all.filter_map(|it| candidate(typed, it.name.clone(), ""))
        .collect()
}

/// Folders that a run has written, first those where runs write unless told otherwise.
fn results(typed: &OsStr) -> Vec<CompletionCandidate> {
    let is_result = |it: &Path| it.join("manifest.json").is_file();
    let mut all = of_text(typed, |typed| {
        let there = std::fs::read_dir("output").into_iter().flatten().flatten();
        let mut names: Vec<String> = there
            .filter(|it| is_result(&it.path()))
            .filter_map(|it| it.file_name().into_string().ok())
            .map(|name| format!("output/{name}"))
            .filter(|path| path.starts_with(typed))
            .collect();
        names.sort();
        names.into_iter().map(CompletionCandidate::new).collect()
    });
    if all.is_empty() {
        all = PathCompleter::dir().complete(typed);
    }
    all
}

/// The scenario on the line that is typed, if it can be read.
fn scenario() -> Option<Scenario> {
    let words = std::env::args_os().skip_while(|it| it != "--");
    let line: Vec<String> = words.filter_map(|it| it.into_string().ok()).collect();
    // Bash hands the line over as a whole.
    let line: Vec<String> = match line.as_slice() {
        [_, one] => bash::Line::new(one).words,
        all => all.to_vec(),
    };
    let named = line.iter().find(|it| {
        BUILTIN.iter().any(|one| one.name == it.as_str()) || is_scenario(Path::new(it))
    })?;
    let quiet = Shell::new(&CommonArgs {
        color: super::args::ColorChoice::Never,
        quiet: true,
    });
    let mut source = load::find(&quiet, named).ok()?;
    Some(source.read(&[], &[]).ok()?.scenario)
}
