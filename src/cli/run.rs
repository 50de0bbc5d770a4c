//! `spsim run`: every scenario under each of its strategies, and what comes of it.

use super::args::RunArgs;
use super::goal::Goal;
use super::interrupt::{self, INTERRUPTED};
use super::load::{Loaded, load_all};
use super::render::Shell;
use super::{Exit, jobs, write};
use crate::input::InputFiles;
use crate::model::Scenario;
use crate::output::{self, Extras};
use crate::sim::TraceError;
use crate::study::port_map::map_of;
use crate::study::{Aggregate, Comparison, PortMap, RunOutput, Runner, StrategyResult};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};
use std::thread;

/// Runs every scenario; nothing is simulated or written unless all of them are right.
///
/// # Errors
/// A trace can no longer be read, or results cannot be written.
pub fn run(shell: &Shell, args: &RunArgs) -> Result<Exit> {
    let loaded = match load_all(shell, &args.scenario)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    if let Some(name) = first_twice(&loaded)
        && !writes_nothing(args)
    {
        let problem = format!("two scenarios are called `{name}`: their results would be one");
        shell.error(&problem);
        return Ok(Exit::Usage);
    }
    interrupt::listen()?;
    let several = loaded.len() > 1;
    // Without files and table nobody asks for the series.
    let keeps_samples = !(writes_nothing(args) && (shell.quiet || args.json));
    let mut documents = Vec::new();
    let mut exit = Exit::Done;
    for one in loaded {
        let files = one.files.clone();
        let finished = simulate(one, threads(args), keeps_samples)?;
        if !finished.comparison.strategies.is_empty() {
            let map = if args.port_map && !writes_nothing(args) {
                port_map(&finished.comparison, files, threads(args))?
            } else {
                None
            };
            let extras = Extras {
                map,
                look: args.look.look(),
            };
            let results = (&finished.comparison, &extras);
            deliver(shell, args, several, results, &mut documents)?;
            exit = exit.max(judge(shell, args.fail_if.as_ref(), &finished.comparison));
        }
        if !finished.whole {
            let kept = finished.comparison.strategies.len();
            shell.error(&format!(
                "interrupted: {kept} of {} strategies of {} are finished",
                finished.of, finished.comparison.scenario.name
            ));
            exit = Exit::Interrupted;
            break;
        }
    }
    match documents.as_slice() {
        [] => {}
        [one] if !several => shell.print(one)?,
        all => shell.print(&format!("[\n{}\n]", all.join(",\n")))?,
    }
    Ok(exit)
}

fn threads(args: &RunArgs) -> usize {
    let available = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    args.threads.map_or_else(available, NonZeroUsize::get)
}

/// The first name that two scenarios share.
fn first_twice(loaded: &[Loaded]) -> Option<&str> {
    let mut names = BTreeSet::new();
    let mut all = loaded.iter().map(|it| it.read.scenario.name.as_str());
    all.find(|name| !names.insert(*name))
}

/// What a run came to.
struct Finished {
    /// The strategies that were finished, in the scenario's order.
    comparison: Comparison,
    /// How many strategies there were to run.
    of: usize,
    /// Whether all of them were.
    whole: bool,
}

/// Runs all strategies and replications of one scenario.
fn simulate(loaded: Loaded, threads: usize, keeps_samples: bool) -> Result<Finished> {
    let warnings = loaded.read.warning_sentences();
    let scenario = loaded.read.scenario;
    let variants: Vec<Scenario> = scenario
        .strategies
        .iter()
        .map(|it| scenario.under(it))
        .collect();
    // One strategy after the other, so that few of them wait for their last replication.
    let replications = scenario.replications.max(1) as usize;
    let mut collected = Collected::new(&scenario, variants.clone());
    let files: InputFiles = loaded.files;
    let job = move |state: &mut Option<(usize, Runner)>, index: usize| {
        let (strategy, replication) = (index / replications, (index % replications) as u32);
        // A runner is for one strategy.
        if state.as_ref().is_none_or(|(of, _)| *of != strategy) {
            *state = Some((strategy, Runner::new(keeps_samples)));
        }
        let runner = state.as_mut().map(|(_, runner)| runner);
        runner
            .expect("it was made above")
            .run(&variants[strategy], replication, &files)
    };
    let count = scenario.strategies.len() * replications;
    let whole = jobs::run_all(count, threads, &INTERRUPTED, job, |index, output| {
        collected.add(index, output);
    });
    let strategies = collected.finish()?;
    let of = scenario.strategies.len();
    let comparison = Comparison {
        scenario,
        strategies,
        warnings,
    };
    Ok(Finished {
        comparison,
        of,
        whole,
    })
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
    let whole = jobs::run_all(count, threads, &INTERRUPTED, job, |index, one| {
        maps[index] = Some(one);
    });
    for one in maps.into_iter().flatten() {
        map.strategies.push(one.context("cannot read a trace")?);
    }
    Ok(whole.then_some(map))
}

/// Results by their place, whatever the order in which they come.
struct Collected {
    names: Vec<String>,
    variants: Vec<Scenario>,
    replications: usize,
    aggregates: Vec<Option<Aggregate>>,
    results: Vec<Option<StrategyResult>>,
    error: Option<(usize, TraceError)>,
}

impl Collected {
    fn new(scenario: &Scenario, variants: Vec<Scenario>) -> Collected {
        let count = variants.len();
        let replications = scenario.replications.max(1);
        Collected {
            names: scenario
                .strategies
                .iter()
                .map(|it| it.name.clone())
                .collect(),
            variants,
            replications: replications as usize,
            aggregates: vec![Some(Aggregate::new(replications)); count],
            results: vec![None; count],
            error: None,
        }
    }

    fn add(&mut self, index: usize, output: Result<RunOutput, TraceError>) {
        let (strategy, replication) = (index / self.replications, index % self.replications);
        let output = match output {
            Ok(output) => output,
            // The first by place, so that the message is the same on any number of threads.
            Err(error) => {
                if self.error.as_ref().is_none_or(|(first, _)| index < *first) {
                    self.error = Some((index, error));
                }
                return;
            }
        };
        let Some(aggregate) = &mut self.aggregates[strategy] else {
            return;
        };
        aggregate.add(replication as u32, output);
        if aggregate.is_complete()
            && let Some(complete) = self.aggregates[strategy].take()
        {
            let variant = self.variants[strategy].clone();
            self.results[strategy] = Some(complete.finish(variant, &self.names[strategy]));
        }
    }

    fn finish(self) -> Result<Vec<StrategyResult>> {
        match self.error {
            Some((_, error)) => Err(error).context("cannot read a trace"),
            None => Ok(self.results.into_iter().flatten().collect()),
        }
    }
}

/// Writes and prints the results of one scenario.
fn deliver(
    shell: &Shell,
    args: &RunArgs,
    several: bool,
    (comparison, extras): (&Comparison, &Extras),
    documents: &mut Vec<String>,
) -> Result<()> {
    let folder = folder(args, several, &comparison.scenario.name);
    if let Some(folder) = &folder {
        write::write_all(
            folder,
            &output::artifacts_with(comparison, args.pictures(), extras),
        )?;
    }
    if args.json {
        let document = output::summary_json(comparison);
        documents.push(document.trim_end().to_owned());
    } else if !shell.quiet {
        shell.print(&output::terminal_table(comparison, shell.color_stdout))?;
    }
    if let Some(folder) = &folder {
        shell.say(&format!("results are in {}", folder.display()));
    }
    Ok(())
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
fn folder_name(name: &str) -> &str {
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
fn judge(shell: &Shell, goal: Option<&Goal>, comparison: &Comparison) -> Exit {
    let Some(goal) = goal else {
        return Exit::Done;
    };
    let mut exit = Exit::Done;
    for result in comparison.strategies.iter().filter(|it| goal.holds(it)) {
        let scenario = &comparison.scenario.name;
        let (name, values) = (&result.name, goal.values(result));
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
