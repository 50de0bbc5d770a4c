//! `spsim conform`: recorded traces of a real implementation against the model.

use super::args::ConformArgs;
use super::diagnose::opened;
use super::exit::Exit;
use super::render::Shell;
use crate::conform::{self, Input, Replayed, Trace};
use crate::input::{Lines, describe, lines, with_kind};
use crate::words::plain;
use anyhow::Result;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// The longest line that is read: a trace of some hundred thousand steps.
const MAX_TRACE_BYTES: usize = 64 << 20;
/// How many differing traces are shown.
const DIFFERENCES_SHOWN: usize = 10;
/// How many operations before a difference are shown with it.
const OPERATIONS_SHOWN: usize = 8;
/// How many problems of one file are shown.
const PROBLEMS_SHOWN: usize = 10;
/// The longest message of a problem, in characters: a trace can come from anyone.
const LONGEST_PROBLEM: usize = 300;

/// What came of all files.
#[derive(Debug, Default, Serialize)]
struct Report {
    traces: u64,
    steps: u64,
    differing: u64,
    /// The first traces that differ.
    differences: Vec<Differing>,
    /// Lines that are no trace, and files that cannot be read; the first of each file.
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Differing {
    file: String,
    line: u64,
    trace: String,
    /// The first step that differs, from 0.
    step: usize,
    /// How many steps of the trace there are.
    of: usize,
    /// How many of them differ.
    steps: usize,
    fields: Vec<FieldDifference>,
    /// The operations that led there, that of the step last.
    operations: Vec<Input>,
}

#[derive(Debug, Serialize)]
struct FieldDifference {
    name: &'static str,
    recorded: String,
    model: String,
}

#[derive(Debug, Serialize)]
struct Problem {
    file: String,
    line: Option<u64>,
    column: Option<usize>,
    message: String,
}

/// Replays every trace of every file; memory is that of the longest trace.
///
/// # Errors
/// stdout cannot be written.
pub fn conform(shell: &Shell, args: &ConformArgs) -> Result<Exit> {
    let mut report = Report::default();
    for path in &args.files {
        replay_file(shell, path, &mut report);
    }
    if args.json {
        shell.print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        if !shell.quiet {
            for differing in &report.differences {
                shell.print(&differing.text())?;
            }
        }
        let Report {
            traces,
            steps,
            differing,
            ..
        } = report;
        shell.print(&format!(
            "{traces} traces, {steps} steps, {differing} differing"
        ))?;
    }
    Ok(if !report.problems.is_empty() {
        Exit::Wrong
    } else if report.differing > 0 {
        Exit::Differs
    } else {
        Exit::Done
    })
}

fn replay_file(shell: &Shell, path: &Path, report: &mut Report) {
    let (file, opened) = opened(path);
    let mut problems = Problems {
        shell,
        file: &file,
        count: 0,
        report,
    };
    let mut lines = match opened.and_then(with_kind) {
        Ok((Some(kind), _)) => return problems.add(None, None, &format!("no trace: {kind}")),
        Ok((None, input)) => Lines::of_at_most(input, MAX_TRACE_BYTES, lines::LIMITS),
        Err(error) => return problems.add(None, None, &describe(&error)),
    };
    let mut n_traces = 0;
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                problems.add(Some(lines.number + 1), None, &describe(&error));
                break;
            }
        }
        if lines.too_long {
            problems.add(Some(lines.number), None, "the line is longer than 64 MiB");
        } else if !lines.line.trim_ascii().is_empty() {
            n_traces += 1;
            match conform::parse_line(&lines.line) {
                Ok(trace) => {
                    let replayed = conform::replay(&trace);
                    problems.report.add(&file, lines.number, &trace, replayed);
                }
                Err(error) => {
                    problems.add(Some(lines.number), Some(error.column), &error.problem);
                }
            }
        }
    }
    if n_traces == 0 && problems.count == 0 {
        problems.add(
            None,
            None,
            "no trace in it; one JSON object a line is expected",
        );
    }
    problems.count_the_rest();
}

/// The problems of one file, told as they are found.
struct Problems<'a> {
    shell: &'a Shell,
    file: &'a str,
    count: usize,
    report: &'a mut Report,
}

impl Problems<'_> {
    fn add(&mut self, line: Option<u64>, column: Option<usize>, problem: &str) {
        self.count += 1;
        if self.count > PROBLEMS_SHOWN {
            return;
        }
        let mut message = plain::harmless(problem);
        if let Some((end, _)) = message.char_indices().nth(LONGEST_PROBLEM) {
            message.truncate(end);
            message.push('…');
        }
        let file = self.file;
        let place = match (line, column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            (Some(line), None) => format!("{file}:{line}"),
            _ => file.to_owned(),
        };
        self.shell.error(&format!("{place}: {message}"));
        let file = file.to_owned();
        self.report.problems.push(Problem {
            file,
            line,
            column,
            message,
        });
    }

    fn count_the_rest(&self) {
        if self.count > PROBLEMS_SHOWN {
            let (file, more) = (self.file, self.count - PROBLEMS_SHOWN);
            self.shell.error(&format!(
                "{file}: {more} more problems, {} in all",
                self.count
            ));
        }
    }
}

impl Report {
    fn add(&mut self, file: &str, line: u64, trace: &Trace, replayed: Replayed) {
        self.traces += 1;
        self.steps += replayed.n_steps as u64;
        self.differing += replayed.n_differing as u64;
        let Some(step) = replayed.first.first().map(|first| first.step) else {
            return;
        };
        if self.differences.len() >= DIFFERENCES_SHOWN {
            return;
        }
        let from = (step + 1).saturating_sub(OPERATIONS_SHOWN);
        let operations = trace.steps[from..=step]
            .iter()
            .map(|it| it.input.clone())
            .collect();
        let fields = replayed.first.into_iter().map(|it| FieldDifference {
            name: it.field,
            recorded: it.recorded,
            model: it.model,
        });
        self.differences.push(Differing {
            file: file.into(),
            line,
            trace: trace.id.clone(),
            step,
            of: replayed.n_steps,
            steps: replayed.n_differing,
            fields: fields.collect(),
            operations,
        });
    }
}

impl Differing {
    fn text(&self) -> String {
        let Differing {
            file,
            line,
            trace,
            step,
            of,
            steps,
            ..
        } = self;
        let mut text = format!(
            "{file}:{line}: trace {trace} differs in {steps} of {of} steps, first in step {step}:\n"
        );
        // Writing into memory cannot fail.
        for FieldDifference {
            name,
            recorded,
            model,
        } in &self.fields
        {
            let _ = writeln!(text, "    {name}: recorded {recorded}, model {model}");
        }
        text += "  the operations that led there:\n";
        let first = step + 1 - self.operations.len();
        for (number, operation) in (first..).zip(&self.operations) {
            let shown = serde_json::to_string(operation).unwrap_or_default();
            let _ = writeln!(text, "    step {number}: {shown}");
        }
        plain::harmless(&text)
    }
}
