//! `spsim run`: every scenario under each of its strategies, and what comes of it.

use super::args::threads;
use super::claim::{Claim, Others, claim};
use super::exit::Exit;
use super::interrupt::{self, INTERRUPTED};
use super::load::{Loaded, load_all};
use super::progress::Progress;
use super::render::Shell;
use super::replicate::{Effort, Finished, simulate};
use super::run_args::RunArgs;
use super::{series, typed, write};
use crate::input::InputFiles;
use crate::model::Scenario;
use crate::output::{self, Extras};
use crate::scenario;
use crate::sim::TraceError;
use crate::study::port_map::map_of;
use crate::study::rare::RUNS;
use crate::study::threads::{run_all, run_in_order};
use crate::study::{Comparison, Goal, PortMap, Precision, Runner};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Runs every scenario; nothing is simulated or written unless all of them are right.
///
/// # Errors
/// A trace can no longer be read, or results cannot be written.
pub fn run(shell: &Shell, args: &RunArgs) -> Result<Exit> {
    // What is wrong with either is said.
    let (loaded, look) = (
        load_all(shell, &args.scenario_args()),
        args.look.look(shell),
    );
    let (mut loaded, look) = (loaded?, look?);
    if let Some(name) = first_twice(&loaded)
        && !writes_nothing(args)
    {
        let problem = format!("two scenarios are called `{name}`: their results would be one");
        return Err(shell.usage(&problem));
    }
    for one in &loaded {
        if let Some(problem) = args.look.misfit(&one.read.scenario) {
            return Err(shell.usage(&problem));
        }
    }
    let several = loaded.len() > 1;
    // Before anything is simulated.
    let mut claims = Vec::new();
    for one in &loaded {
        let folder = folder(args, several, &one.read.scenario.name);
        let claimed = folder.map(|it| claim(shell, &it, &[], Others::Nobody, args.force));
        claims.push(claimed.transpose()?);
    }
    interrupt::listen();
    let effort = Effort {
        threads: threads(args.threads),
        // Without files, table and document nobody asks for the series.
        keeps_samples: args.json || !(writes_nothing(args) && shell.quiet),
        precision: args.precision.map(|wanted| Precision {
            metric: args.precision_of.0,
            wanted,
            most: args.most_replications,
        }),
        quiet: shell.quiet,
    };
    let mut documents = Vec::new();
    let mut exit = Exit::Done;
    let mut aimed: Vec<Vec<Goal>> = Vec::new();
    for one in &mut loaded {
        let goals = args
            .fail_if
            .iter()
            .map(|it| it.aimed(&mut one.read.scenario));
        let goals: Result<Vec<Goal>, _> = goals.collect();
        aimed.push(goals.map_err(|problem| shell.usage(&format!("--fail-if: {problem}")))?);
    }
    for ((one, goals), claim) in loaded.into_iter().zip(&aimed).zip(claims) {
        if let Some(work) = scenario::long_work(&one.read.scenario, effort.keeps_samples) {
            shell.say(&format!("{}: {work}", one.read.scenario.name));
        }
        let (files, typed) = (one.files.clone(), one.typed.clone());
        let mut finished = simulate(one, &effort)?;
        let made = &finished.comparison.scenario;
        finished.comparison.command = typed::run_again(args, &typed, made);
        if args.rare && finished.whole && !rare(shell, &mut finished, &files, effort.threads)? {
            finished.whole = false;
        }
        if !finished.comparison.strategies.is_empty() {
            let map = if args.port_map && !writes_nothing(args) {
                port_map(&finished.comparison, files.clone(), effort.threads)?
            } else {
                None
            };
            let extras = Extras {
                map,
                look: look.clone(),
                streamed: Vec::new(),
            };
            let results = (&finished.comparison, extras);
            if !deliver(shell, args, claim.as_ref(), results, &files, &mut documents)? {
                exit = Exit::Interrupted;
                break;
            }
            for goal in goals {
                exit = exit.max(judge(shell, goal, &finished.comparison));
            }
        }
        if !finished.whole {
            shell.error(&interrupted(&finished));
            exit = Exit::Interrupted;
            break;
        }
    }
    print_documents(shell, &documents, several)?;
    Ok(exit)
}

/// What `--json` prints: a document, or a list of those of several scenarios.
fn print_documents(shell: &Shell, documents: &[String], several: bool) -> std::io::Result<()> {
    match documents {
        [] => Ok(()),
        [one] if !several => shell.print(one),
        all => shell.print(&format!("[\n{}\n]", all.join(",\n"))),
    }
}

/// Estimates the share of runs that are refused a port, under every strategy. False when the user
/// interrupted.
fn rare(
    shell: &Shell,
    finished: &mut Finished,
    files: &InputFiles,
    threads: usize,
) -> Result<bool> {
    let strategies = &mut finished.comparison.strategies;
    let variants: Vec<Scenario> = strategies.iter().map(|it| it.scenario.clone()).collect();
    let files = files.clone();
    let job = move |(): &mut (), index: u64| {
        Runner::new(false).rare_share(&variants[index as usize], RUNS, &files)
    };
    let count = strategies.len() as u64;
    let what = format!(
        "strategies of {} estimated",
        finished.comparison.scenario.name
    );
    let mut progress = Progress::new(what, count, 0, shell.quiet);
    let done = |index, share: Result<_, TraceError>| {
        strategies[index as usize].rare = Some(share.context("cannot read a trace")?);
        progress.at(index + 1);
        anyhow::Ok(())
    };
    let whole = run_in_order(count, threads, &INTERRUPTED, job, done)?;
    progress.end();
    Ok(whole)
}

/// What was finished when the user interrupted.
fn interrupted(finished: &Finished) -> String {
    let name = &finished.comparison.scenario.name;
    if let Some(replications) = finished.of_stage {
        return format!(
            "interrupted before the precision was reached: the results of {name} are of the \
             first {replications} replications of every strategy"
        );
    }
    let kept = finished.comparison.strategies.len();
    let of = finished.of;
    format!("interrupted: {kept} of {of} strategies of {name} are finished")
}

/// The first name that two scenarios share.
fn first_twice(loaded: &[Loaded]) -> Option<&str> {
    let mut names = BTreeSet::new();
    let mut all = loaded.iter().map(|it| it.read.scenario.name.as_str());
    all.find(|name| !names.insert(*name))
}

/// The port map of every strategy: its first replication once more, stopped at each frame.
/// `None` when the user interrupted.
fn port_map(comparison: &Comparison, files: InputFiles, threads: usize) -> Result<Option<PortMap>> {
    let first_runs = comparison
        .strategies
        .iter()
        .filter_map(|it| it.runs.first());
    let marks = first_runs.flat_map(|run| run.exhausted_at.into_iter().chain([run.ports.peak_at]));
    let mut map = PortMap::new(&comparison.scenario, marks.collect());
    let variants: Vec<(Scenario, String)> = comparison
        .strategies
        .iter()
        .map(|it| (it.scenario.clone(), it.name.clone()))
        .collect();
    let times = map.times.clone();
    let job = move |(): &mut (), index: usize| {
        let (variant, name) = &variants[index];
        map_of(variant, name, &files, &times)
    };
    let mut maps: Vec<Option<_>> = comparison.strategies.iter().map(|_| None).collect();
    let count = maps.len();
    let whole = run_all(count, threads, &INTERRUPTED, job, |index, one| {
        maps[index] = Some(one);
    });
    for one in maps.into_iter().flatten() {
        map.strategies.push(one.context("cannot read a trace")?);
    }
    Ok(whole.then_some(map))
}

/// Writes and prints the results of one scenario. False when the user interrupted the writing.
fn deliver(
    shell: &Shell,
    args: &RunArgs,
    claim: Option<&Claim>,
    (comparison, mut extras): (&Comparison, Extras),
    files: &InputFiles,
    documents: &mut Vec<String>,
) -> Result<bool> {
    if let Some(claim) = claim {
        let folder = claim.folder();
        let Some(streamed) = series::write_long_tables(folder, comparison, files)? else {
            let name = &comparison.scenario.name;
            let so_far = "interrupted while the series were written";
            shell.error(&format!("{so_far}: {name} has no new results"));
            return Ok(false);
        };
        let (entries, mut staged): (Vec<_>, Vec<_>) = streamed.into_iter().unzip();
        extras.streamed = entries;
        let artifacts = output::artifacts_with(comparison, args.pictures.formats(), &extras);
        staged.extend(write::stage_all(folder, &artifacts)?);
        claim.replace(staged)?;
    }
    if args.json {
        let document = output::summary_json(comparison);
        documents.push(document.trim_end().to_owned());
    } else if !shell.quiet {
        shell.print(&output::terminal_table(comparison, shell.terminal()))?;
    }
    if let Some(claim) = claim {
        shell.say(&format!("results are in {}", claim.folder().display()));
    }
    Ok(true)
}

fn writes_nothing(args: &RunArgs) -> bool {
    args.out.as_deref() == Some(Path::new("none"))
}

/// The folder of one scenario's results; `None` writes nothing.
fn folder(args: &RunArgs, several: bool, name: &str) -> Option<PathBuf> {
    let name = folder_name(name);
    match &args.out {
        None => Some(Path::new("output").join(name)),
        Some(_) if writes_nothing(args) => None,
        Some(out) if several => Some(out.join(name)),
        Some(out) => Some(out.clone()),
    }
}

/// A scenario's name as one folder: a name that would lead elsewhere is not used.
pub(super) fn folder_name(name: &str) -> &str {
    let mut parts = Path::new(name).components();
    let plain = matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(_)), None)
    );
    // A backslash separates folders on Windows only; results must not depend on the system.
    if plain && !name.contains(['/', '\\']) {
        name
    } else {
        "scenario"
    }
}

/// Says for which strategies `--fail-if` is true.
fn judge(shell: &Shell, goal: &Goal, comparison: &Comparison) -> Exit {
    let mut exit = Exit::Done;
    for result in comparison
        .strategies
        .iter()
        .filter(|it| goal.holds_of(&it.runs, it.rare_share().map(|it| it.share)))
    {
        let scenario = &comparison.scenario.name;
        let (name, values) = (&result.name, goal.values(&result.runs));
        shell.error(&format!(
            "{scenario}, `{name}`: --fail-if {goal} is true: {values}"
        ));
        exit = Exit::NotHeld;
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_the_output_folder() {
        assert_eq!(folder_name("kb2551125"), "kb2551125");
        for name in ["", ".", "..", "a/b", "/etc", "a\\b"] {
            assert_eq!(folder_name(name), "scenario", "{name}");
        }
    }
}
