//! Measured port curves of `HttpClient` and `HttpWebRequest` on .NET Core 3.1, .NET 8 and Mono 6.8
//! against the simulator.
//!
//! Each experiment is a C# client on Linux that asks a local server at a fixed rate; its CSV has
//! the states of the client's sockets every 100 ms, its JSON what was asked for. Here each becomes
//! a scenario, and these are compared: the ports taken at the quarters of the load, the most that
//! were open, what is open, in CLOSE_WAIT and in TIME_WAIT at the end, how many connections were
//! opened, and how many requests were answered or failed. Equal means within 2 ports or 5 % (a
//! pool's size depends on which responses happen to overlap). What differs by more stands in
//! `DEVIATIONS`, by how much and why, and is asserted as it is; what a scenario cannot say stands
//! in `Experiment::beyond_the_language`, with its reason.

mod deviations;
mod experiment;

use crate::support;
use deviations::DEVIATIONS;
use experiment::Experiment;
use spsim::study::RunOutput;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What differs, as lines; empty when all is as `DEVIATIONS` says.
fn compare(experiment: &Experiment, output: &RunOutput) -> Vec<String> {
    let mut wrong = Vec::new();
    for (what, model, measured) in experiment.metrics(output) {
        let by = measured - model;
        let tolerance = (measured * 0.05).max(2.0);
        let known = DEVIATIONS
            .iter()
            .filter(|deviation| deviation.name == experiment.name())
            .flat_map(|deviation| deviation.by)
            .find(|(known, _)| *known == what);
        let stated = known.map_or(0.0, |(_, stated)| *stated);
        if (by - stated).abs() > tolerance {
            wrong.push(format!(
                "{}\t{what}\t{by:.0}\tmodel {model:.0}, measured {measured:.0}, stated {stated}",
                experiment.name()
            ));
        }
    }
    wrong
}

/// Compares every experiment of a folder; gives how many there were, and how many of them for
/// each reason could not be written as a scenario.
fn compare_all(folder: &Path) -> (usize, BTreeMap<&'static str, usize>) {
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
    let mut left_out = BTreeMap::new();
    let mut n_compared = 0;
    for path in names {
        let experiment = Experiment::read(&path);
        if let Some(why) = experiment.beyond_the_language() {
            *left_out.entry(why).or_default() += 1;
            continue;
        }
        let output = support::run(&support::read(&experiment.scenario()), 0);
        wrong.extend(compare(&experiment, &output));
        n_compared += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    (n_compared, left_out)
}

#[test]
fn a_committed_subset_of_the_curves_is_met() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/measured_modern");
    let (n_compared, left_out) = compare_all(&folder);
    assert!(n_compared >= 20 && left_out.is_empty(), "{n_compared}");
}

#[test]
fn all_curves_are_met_where_they_are_at_hand() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/measurements/modern"))
        .find(|folder| folder.is_dir());
    let Some(folder) = full else {
        eprintln!("skipped: `shared/measurements/modern` is not beside this checkout");
        return;
    };
    let (n_compared, left_out) = compare_all(&folder);
    eprintln!("{n_compared} compared; left out: {left_out:#?}");
    assert!(n_compared > 200, "{n_compared}");
}

#[test]
fn every_deviation_has_a_reason_and_is_one() {
    for deviation in DEVIATIONS {
        assert!(!deviation.why.is_empty(), "{}", deviation.name);
        let is_one = |(_, by): &(&str, f64)| by.abs() > 2.0;
        assert!(deviation.by.iter().all(is_one), "{}", deviation.name);
    }
}
