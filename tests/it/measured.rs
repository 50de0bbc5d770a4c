//! Measured port curves of real runtimes against the simulator.
//!
//! Each experiment is a C# client on Linux that asks a local server at a fixed rate; its CSV has
//! the client's ports every 100 ms, its JSON what was asked for. Here each becomes a scenario,
//! read through the same door as any file, and three things are compared: the level of ports in
//! use at the quarters of the load (so the slope, or the plateau) and the peak, the time of the
//! first failure, and what is left at the end. Equal means within 2% or 2 ports, and within 2%
//! or 0.15 s. What differs by more stands in `DEVIATIONS`, by how much and why, and is asserted
//! as it is.

mod deviations;
mod experiment;
pub(crate) mod record;

use deviations::DEVIATIONS;
use experiment::{Experiment, Metric};
use spsim::inside::scenario;
use spsim::{NoFiles, RunOutput, run_one};
use std::path::{Path, PathBuf};

/// The runtimes whose mechanism exists, by the first word of an experiment's name.
/// `refsrc_nogrouptimer` is not here: 4.8 without its group timer is no runtime.
const RUNTIMES: &[(&str, &str)] = &[
    ("core31", "netcore31"),
    ("mono", "mono6"),
    ("net8", "net8"),
    ("refsrc", "net48"),
];

/// The runtime's profile, or `None` when the experiment cannot be run.
fn runtime_of(name: &str) -> Option<&'static str> {
    let prefix = name.split('-').next()?;
    RUNTIMES
        .iter()
        .find(|(word, _)| *word == prefix)
        .map(|(_, runtime)| *runtime)
}

fn simulate(name: &str, toml: &str) -> RunOutput {
    let read = scenario::read(toml, name, &[], &mut NoFiles)
        .unwrap_or_else(|problems| panic!("{name}: {problems:#?}\n{toml}"));
    let variant = read.scenario.under(&read.scenario.strategies[0]);
    run_one(&variant, 0, &NoFiles).expect("no trace is read")
}

/// What differs, as lines; empty when all is as `DEVIATIONS` says.
fn compare(experiment: &Experiment, output: &RunOutput) -> Vec<String> {
    let mut wrong = Vec::new();
    for Metric {
        what,
        model,
        measured,
        tolerance,
    } in experiment.metrics(output)
    {
        let by = measured - model;
        eprintln!(
            "{:44} {what:14} model {model:8.2} measured {measured:8.2}",
            experiment.name
        );
        let known = DEVIATIONS
            .iter()
            .filter(|deviation| deviation.name == experiment.name)
            .flat_map(|deviation| deviation.by)
            .find(|(known, _)| *known == what);
        let is_as_stated = match known {
            // The curves of the subset are thinned, so that a level may move by a port or two.
            Some((_, stated)) => (by - stated).abs() <= tolerance.min(2.0),
            None => by.abs() <= tolerance,
        };
        if !is_as_stated {
            let stated = known.map_or(0.0, |(_, stated)| *stated);
            wrong.push(format!(
                "(\"{}\", \"{what}\", {by:.2}) differs, {stated} was stated: model {model:.2}, \
                 measured {measured:.2}, tolerance {tolerance:.2}",
                experiment.name
            ));
        }
    }
    wrong
}

/// Compares every experiment of a folder that can be run; gives how many there were.
fn compare_all(folder: &Path) -> usize {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    names.sort();
    let mut wrong = Vec::new();
    let mut n_compared = 0;
    for path in names {
        let experiment = Experiment::read(&path);
        let Some(runtime) = runtime_of(&experiment.name) else {
            eprintln!("{}: skipped, its runtime is not modelled", experiment.name);
            continue;
        };
        if let Some(key) = experiment.missing() {
            eprintln!("{}: skipped, its JSON has no `{key}`", experiment.name);
            continue;
        }
        let output = simulate(&experiment.name, &experiment.scenario(runtime));
        wrong.extend(compare(&experiment, &output));
        n_compared += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    n_compared
}

#[test]
fn a_committed_subset_of_the_curves_is_met() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/measured");
    assert!(compare_all(&folder) > 0);
}

#[test]
fn all_curves_are_met_where_they_are_at_hand() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/measurements"))
        .find(|folder| folder.is_dir());
    match full {
        Some(folder) => assert!(compare_all(&folder) > 0),
        None => eprintln!("skipped: `shared/measurements` is not beside this checkout"),
    }
}

#[test]
fn every_deviation_has_a_reason() {
    for deviation in DEVIATIONS {
        assert!(!deviation.why.is_empty(), "{}", deviation.name);
    }
}
