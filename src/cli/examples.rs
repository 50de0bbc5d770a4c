//! What one would type: the end of each command's `--help` and manual page.

use super::command_line::Cli;
use clap::{Command, CommandFactory};

/// What to type, the command its second word, and below it what that is for.
const EXAMPLES: &str = "\
spsim run kb2551125
    the article's program under its three remedies
spsim run mine.toml --set machine.ports=windows --out none
    another port range, nothing written
spsim run mine.toml --replications 100 --fail-if 'p_exhausted > 0.01'
    a check for a build
spsim report output/kb2551125 --out report.html
    one page to send around
spsim gallery kb2551125 --out pictures
    what its numbers depend on
spsim check mine.toml
    every problem at once, each with its place
spsim check mine.toml --show
    every setting, defaults with their source
spsim list scenarios
    what runs by name
spsim list rules
    what CG-6 and its like say
spsim sweep kb2551125 --vary machine.ports=1000..64000:log:8
    eight port ranges
spsim sweep mine.toml --vary seed=1..1000:lin:1000 --shard auto/16 --out out --emit slurm
    the job for a cluster
spsim sweep --merge out
    its parts as one table
spsim plan kb2551125 --strategy 'as is' \
    --vary machine.ports=1000..20000 --goal 'p_exhausted < 0.01'
    how many ports are enough
spsim inspect kb2551125 --strategy 'as is' --at 90s
    the objects at that instant
spsim inspect kb2551125 --strategy 'as is' --at 90s --view dumpheap
    the article's picture of a dump
spsim trace kb2551125 --strategy 'as is' --request 3
    the whole life of a request
spsim conform recorded.jsonl
    every field that differs from the model
spsim import iis u_ex240301.log
    a log as a trace, on stdout: redirect it to a file
spsim new mine.toml
    a scenario to change
spsim new labels.toml --labels
    the words of pictures, to translate
spsim schema
    what an editor checks scenarios with: redirect it to a file
spsim completions bash
    what makes bash ask spsim while a line is typed
spsim man run
    one page
spsim man --out man1
    all of them
spsim diagnose netstat.txt
    snapshots, one after the other, in one file or more
spsim verify --fast
    a few seconds of it
spsim watch --for 10min --save ports.txt
    this machine, and what diagnose reads later
spsim lab
    the lab: a page in which the engine runs
spsim calibrate mine.toml observed.csv --out fitted
    rate and response time of an observed curve";

/// How every command may end.
pub(super) const EXIT_STATUS: [(&str, &str); 6] = [
    ("0", "done"),
    (
        "1",
        "failed while running: a file cannot be written, say; conform: a difference",
    ),
    (
        "2",
        "the command line is wrong, or a folder holds other files",
    ),
    ("3", "the scenario or another input is wrong"),
    ("4", "a --fail-if or a check of verify did not hold"),
    (
        "130",
        "interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP",
    ),
];

/// What to type, and what that is for.
fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = EXAMPLES.lines();
    std::iter::from_fn(move || Some((lines.next()?, lines.next()?.trim_start())))
}

/// The command that a line types.
fn command_of(line: &str) -> &str {
    line.split(' ').nth(1).unwrap_or_default()
}

/// The examples of a command.
pub(super) fn of(command: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    all().filter(move |(line, _)| command_of(line) == command)
}

/// The command line with the examples at the end of each command's help.
pub(super) fn command() -> Command {
    Cli::command().mut_subcommands(|one| {
        let before = one.get_after_help().map(|it| format!("{it}\n\n"));
        let mut text = before.unwrap_or_default() + "Examples:";
        for (line, what) in of(one.get_name()) {
            text += &format!("\n  {line}\n      {what}");
        }
        one.after_help(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as a shell splits it, `'` the only quote.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        for (index, part) in line.split('\'').enumerate() {
            if index % 2 == 1 {
                words.last_mut().expect("one").push_str(part);
                continue;
            }
            let mut pieces = part.split(' ');
            words
                .last_mut()
                .expect("one")
                .push_str(pieces.next().unwrap_or_default());
            words.extend(pieces.map(String::from));
        }
        words
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        for one in Cli::command().get_subcommands() {
            assert!(of(one.get_name()).next().is_some(), "{}", one.get_name());
        }
        let there = |name: &str| Cli::command().find_subcommand(name).is_some();
        // Some commands come with a feature.
        for (line, _) in all().filter(|(line, _)| there(command_of(line))) {
            let parsed = command().try_get_matches_from(words(line));
            assert!(parsed.is_ok(), "{line}: {}", parsed.expect_err("wrong"));
        }
    }
}
