//! The command as typed, told again: what makes the same results, and nothing of this machine.

use super::load::file_name;
use super::run_args::RunArgs;
use crate::model::Scenario;
use crate::words::plain::quoted;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// What of a run's flags leaves the results as they are, and what is told in its own words.
const LEFT_OUT: [&str; 11] = [
    "scenarios",
    "seed",
    "replications",
    "out",
    "force",
    "json",
    "threads",
    "fail_if",
    "color",
    "quiet",
    "help",
];

/// The command that writes the results of one scenario again: `typed` is how it is named where its
/// file is, `made` what was run of it.
pub(super) fn run_again(args: &RunArgs, typed: &str, made: &Scenario) -> String {
    let mut all = vec!["spsim".into(), "run".into(), typed.into()];
    all.extend(["--seed".into(), made.seed.to_string()]);
    // With a precision it is found how many they are.
    let replications = match args.precision {
        None => Some(made.replications).filter(|it| *it > 1),
        Some(_) => args.scenario.changes.replications,
    };
    if let Some(replications) = replications {
        all.extend(["--replications".into(), replications.to_string()]);
    }
    all.extend(args.typed.iter().cloned());
    let quoted: Vec<String> = all.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

/// What `matches` has of the flags of a run that change its results, in the order of the help.
pub(super) fn flags(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let Some((name, matches)) = matches.subcommand() else {
        return Vec::new();
    };
    let Some(command) = command.find_subcommand(name) else {
        return Vec::new();
    };
    let typed = command.get_arguments().filter(|it| {
        let id = it.get_id().as_str();
        !LEFT_OUT.contains(&id)
            && matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    });
    let mut words = Vec::new();
    for argument in typed {
        let Some(long) = argument.get_long() else {
            continue;
        };
        let flag = || format!("--{long}");
        if argument.get_action().takes_values() {
            for value in values(matches, argument.get_id().as_str()) {
                words.extend([flag(), value]);
            }
        } else {
            words.push(flag());
        }
    }
    words
}

/// The values of a flag as typed; of a file its name alone.
fn values(matches: &ArgMatches, id: &str) -> Vec<String> {
    let raw = matches.get_raw(id).into_iter().flatten();
    let texts = raw.map(|it| it.to_string_lossy().into_owned());
    let told = |text: String| {
        if id == "labels" {
            file_name(&text)
        } else {
            text
        }
    };
    texts.map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &[&str]) -> String {
        let mut command = crate::cli::examples::command();
        let matches = command.try_get_matches_from_mut(line).expect("right");
        flags(&command, &matches).join(" ")
    }

    #[test]
    fn what_changes_results_is_told_and_nothing_of_the_machine() {
        assert_eq!(told(&["spsim", "run", "kb2551125"]), "");
        assert_eq!(
            told(&[
                "spsim",
                "run",
                "/home/me/mine.toml",
                "--threads",
                "2",
                "--out",
                "/tmp/x",
                "--seed",
                "7",
                "--set",
                "machine.ports=7",
                "--json",
                "--strategy",
                "as is",
                "--set",
                "a=[1, 2]",
                "--precision",
                "0.02",
                "--labels",
                "/home/me/words.toml",
                "--steady",
            ]),
            "--strategy as is --set machine.ports=7 --set a=[1, 2] --precision 0.02 --steady \
             --labels words.toml"
        );
    }
}
