//! What one would type: the end of each command's `--help` and manual page.

use super::command_line::Cli;
use clap::{Command, CommandFactory};

/// What somebody types who has never typed one, in the form of [`EXAMPLES`].
const FIRST_STEPS: &str = "\
spsim run kb2551125
    a first run: the article's program under its three remedies
spsim new mine.toml
    a scenario to change
spsim man import iis
    all of a command, page by page";

/// What to type, first of all the words of its command, and below it what that is for.
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
spsim import iis u_ex240301.log --group user
    a group per authenticated user
spsim import apache access.log --log-format combined-D
    %D behind the usual fields is the duration
spsim import nginx access.log.gz --thin 0.1
    a tenth of the requests, drawn
spsim import alb app.log.gz
    the balancer's own files, gzipped as they are
spsim import elb classic.log
    a classic load balancer
spsim import cloudfront E2EXAMPLE.2026-11-22-07.gz
    one of its standard logs
spsim import app-service AppServiceHTTPLogs.csv
    as the portal exports it
spsim import json-lines app.log --fields time=ts,duration=duration:s
    fields that nobody knows by their names
spsim import k6 results.csv
    what k6 run --out csv=results.csv wrote
spsim import jmeter results.jtl
    a JTL as CSV
spsim import locust requests.csv
    one row a request
spsim import hey hey.csv
    what hey -o csv wrote
spsim import har session.har --host api.example.com
    one host of what a browser saved
spsim import csv requests.csv --time-column when --time-format epoch-ms
    any table with a header
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

/// The words of the command `name` below the one at `path`.
pub(super) fn below(path: &str, name: &str) -> String {
    format!("{path} {name}").trim_start().to_owned()
}

/// What to type, and what that is for, of the command at `path` and of those below it: the lines
/// that begin with its words.
pub(super) fn of(path: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let text = if path.is_empty() {
        FIRST_STEPS
    } else {
        EXAMPLES
    };
    let words = format!("spsim {path} ").replace("  ", " ");
    let mut lines = text.lines();
    let all = std::iter::from_fn(move || Some((lines.next()?, lines.next()?.trim_start())));
    all.filter(move |(line, _)| format!("{line} ").starts_with(&words))
}

/// The command line with the examples at the end of each command's help.
pub(super) fn command() -> Command {
    with_examples(Cli::command(), "")
}

fn with_examples(command: Command, path: &str) -> Command {
    let before = command.get_after_help().map(|it| format!("{it}\n\n"));
    let mut text = before.unwrap_or_default() + "Examples:";
    for (line, what) in of(path) {
        text += &format!("\n  {line}\n      {what}");
    }
    let all = command.get_subcommands();
    let names: Vec<String> = all.map(|it| it.get_name().to_owned()).collect();
    let with = |all: Command, name: &String| {
        all.mut_subcommand(name, |one| with_examples(one, &below(path, name)))
    };
    names.iter().fold(command.after_help(text), with)
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

    /// Every command with its path, the top first.
    fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        found.push((path.into(), command.clone()));
        for one in command.get_subcommands() {
            all(one, &below(path, one.get_name()), found);
        }
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        let mut commands = Vec::new();
        all(&command(), "", &mut commands);
        assert!(commands.iter().any(|(path, _)| path == "import csv"));
        for (path, mut one) in commands {
            let examples = of(&path).collect::<Vec<_>>();
            assert!(!examples.is_empty(), "spsim {path}");
            for help in [one.render_help(), one.render_long_help()] {
                let help = help.to_string();
                let (_, end) = help.split_once("\nExamples:\n").expect("they are there");
                assert!(!end.contains("\n\n"), "something follows: {help}");
            }
            for (line, _) in examples {
                let words = words(line);
                let own = words[1..].join(" ");
                assert!(own.starts_with(&path), "{line} is no example of {path}");
                let parsed = command().try_get_matches_from(&words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.expect_err("wrong"));
            }
        }
    }
}
