//! `spsim sweep --emit`: the job that runs the sweep in parts, to be submitted as printed.

use super::args::{Scheduler, SweepArgs};
use super::config_files::ConfigFiles;
use crate::words::plain::quoted;
use std::fmt::Write as _;
use std::path::Path;

/// Parts when nobody says how many.
pub(super) const PARTS: u32 = 16;

/// What a job needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// What the user typed.
    pub args: &'a SweepArgs,
    /// The scenario's name and text.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The files that it names; only Kubernetes asks for them.
    pub files: &'a ConfigFiles,
    /// How many points there are.
    pub points: u64,
    /// How many parts.
    pub parts: u32,
    /// How `spsim` is called on this machine.
    pub program: &'a str,
    /// Where parts go.
    pub out: &'a Path,
}

/// The job for a scheduler.
pub(super) fn job(scheduler: Scheduler, job: &Job<'_>) -> String {
    match scheduler {
        Scheduler::Slurm => job.slurm(),
        Scheduler::Kubernetes => job.kubernetes(),
        Scheduler::Parallel => job.parallel(),
    }
}

impl Job<'_> {
    fn slurm(&self) -> String {
        let (points, parts) = (self.points, self.parts);
        let command = self.command(&format!("auto/{parts}"), &self.out.to_string_lossy());
        let merge = self.merge();
        let name = label(self.name);
        format!(
            "#!/bin/sh\n\
             # {points} points in {parts} parts. Save this as job.sh and submit it: sbatch job.sh\n\
             # A task that is requeued or submitted again goes on where it was.\n\
             # When all tasks are done: {merge}\n\
             #SBATCH --job-name={name}\n\
             #SBATCH --array=1-{parts}\n\
             #SBATCH --cpus-per-task=1\n\
             #SBATCH --requeue\n\
             #SBATCH --open-mode=append\n\
             #SBATCH --output={name}-%A_%a.log\n\
             exec {command}\n"
        )
    }

    fn parallel(&self) -> String {
        let (points, parts) = (self.points, self.parts);
        // Not `{}`: a value may hold braces.
        let command = self.command(&format!("@part@/{parts}"), &self.out.to_string_lossy());
        let merge = self.merge();
        format!(
            "#!/bin/sh\n\
             # {points} points in {parts} parts on this machine. Run it: sh job.sh\n\
             # Run again, it goes on where it was.\n\
             set -eu\n\
             seq 1 {parts} | parallel --quote -I @part@ --retries 3 --halt soon,fail=1 \\\n    \
             {command}\n\
             {merge}\n"
        )
    }

    fn merge(&self) -> String {
        let out = self.out.to_string_lossy();
        format!("{} sweep --merge {}", quoted(self.program), quoted(&out))
    }

    /// The command of one part, as a shell reads it.
    fn command(&self, shard: &str, out: &str) -> String {
        let scenario = self.args.scenario.as_deref().unwrap_or_default();
        let words = self.arguments(scenario, shard, out);
        let mut text = quoted(self.program);
        for word in words {
            let _ = write!(text, " {}", quoted(&word));
        }
        text
    }

    pub(super) fn arguments(&self, scenario: &str, shard: &str, out: &str) -> Vec<String> {
        let changes = &self.args.changes;
        let mut words: Vec<String> = vec!["sweep".into(), scenario.into()];
        let mut flag = |name: &str, value: String| words.extend([name.into(), value]);
        for axis in &self.args.vary {
            flag("--vary", axis.to_string());
        }
        if let Some(points) = self.args.sample {
            flag("--sample", points.to_string());
        }
        for change in &changes.set {
            flag("--set", format!("{}={}", change.key, change.value));
        }
        if let Some(seed) = changes.seed {
            flag("--seed", seed.to_string());
        }
        if let Some(replications) = changes.replications {
            flag("--replications", replications.to_string());
        }
        for strategy in &changes.strategy {
            flag("--strategy", strategy.clone());
        }
        for metric in self.args.metric.iter().filter(|it| !it.aim.is_empty()) {
            flag("--metric", metric.name());
        }
        flag("--shard", shard.into());
        flag("--threads", "1".into());
        flag("--out", out.into());
        words.extend(self.args.rare.then(|| "--rare".into()));
        words.push("--quiet".into());
        words
    }
}

/// A name that every scheduler takes: a DNS label (RFC 1123).
pub(super) fn label(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let label: String = name.chars().map(plain).take(40).collect();
    let label = format!("spsim-{}", label.trim_matches('-'));
    label.trim_end_matches('-').into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cli::command_line::{Cli, Command};
    use clap::Parser;

    pub(in crate::cli::sweep) fn with_job<T>(line: &[&str], check: impl Fn(&Job<'_>) -> T) -> T {
        let Command::Sweep(args) = Cli::parse_from(line).command else {
            panic!("it is a sweep");
        };
        check(&Job {
            args: &args,
            name: "My leak_1",
            text: "duration = \"1s\"\n# it's: {a} #\n",
            points: 12,
            files: &ConfigFiles::default(),
            parts: 4,
            program: "spsim",
            out: Path::new("out dir"),
        })
    }

    pub(in crate::cli::sweep) const LINE: [&str; 9] = [
        "spsim",
        "sweep",
        "my leak.toml",
        "--vary",
        "machine.ports=1,2,3",
        "--vary",
        "a.b={ x = 'y' },z",
        "--strategy",
        "as is",
    ];

    #[test]
    fn a_shell_reads_the_words_that_were_typed() {
        let script = with_job(&LINE, |it| job(Scheduler::Slurm, it));
        assert!(script.contains("#SBATCH --array=1-4\n"));
        let command = script.lines().last().expect("a command");
        assert_eq!(
            command,
            "exec spsim sweep 'my leak.toml' --vary machine.ports=1,2,3 \
             --vary 'a.b={ x = '\\''y'\\'' },z' --strategy 'as is' --shard auto/4 --threads 1 \
             --out 'out dir' --quiet"
        );
        let script = with_job(&LINE, |it| job(Scheduler::Parallel, it));
        assert!(script.contains("--shard @part@/4"), "{script}");
        assert!(script.ends_with("spsim sweep --merge 'out dir'\n"));
    }

    #[test]
    fn names_are_labels() {
        assert_eq!(label("kb2551125"), "spsim-kb2551125");
        assert_eq!(label("Ä.b_"), "spsim-b");
        assert_eq!(label("--"), "spsim");
    }
}
