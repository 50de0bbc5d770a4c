//! Measured port curves of `HttpClient` and `HttpWebRequest` on .NET Core 3.1, .NET 8 and Mono 6.8
//! against the simulator.
//!
//! Each experiment is a C# client on Linux that asks a local server at a fixed rate while the
//! states of the client's sockets are written down every 100 ms. `measured_modern.jsonl.gz` has
//! what each asked for and what is compared here: the ports taken at the quarters of the load, the
//! most that were open, what is open, in CLOSE_WAIT and in TIME_WAIT at the end, how many
//! connections were opened, and how many requests were answered or failed. Each becomes a
//! scenario. Equal means within 2 ports or 5% (a pool's size depends on which responses happen to
//! overlap). What differs by more stands in `DEVIATIONS`, by how much and why, and is asserted as
//! it is; what a scenario cannot say stands in `Experiment::beyond_the_language`, with its reason.

mod deviations;
mod experiment;

use crate::support::{self, recordings};
use deviations::DEVIATIONS;
use experiment::Experiment;
use spsim::RunOutput;

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

/// Every experiment.
fn all() -> Vec<Experiment> {
    let text = recordings::unpacked("measured_modern.jsonl.gz");
    text.lines().map(Experiment::of_line).collect()
}

/// Compares the experiments of one runtime that a scenario can say; gives how many there were.
fn compare_all(runtime: &str) -> usize {
    let mut wrong = Vec::new();
    let mut n_compared = 0;
    for experiment in all() {
        if !experiment.is("rt", runtime) || experiment.beyond_the_language().is_some() {
            continue;
        }
        let scenario = support::read_with(&experiment.scenario(), experiment.timeline());
        wrong.extend(compare(&experiment, &support::run(&scenario, 0)));
        n_compared += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    n_compared
}

#[test]
fn the_curves_of_net_core_3_1_are_met() {
    assert_eq!(compare_all("core31"), 85);
}

#[test]
fn the_curves_of_net_8_are_met() {
    assert_eq!(compare_all("net8"), 117);
}

#[test]
fn the_curves_of_mono_are_met() {
    assert_eq!(compare_all("mono"), 92);
}

/// Rules that were measured, and what the names of the curves that show them have in common.
const CURVES_OF_RULES: &[(&str, &str)] = &[
    ("HC-1", "hc-static-r100-d20"),
    ("HC-2", "hc-static-maxconn"),
    ("HC-3", "hc-static-limit"),
    ("HC-3", "hc-static-idle4000"),
    ("HC-4", "hc-static-default-r50-d3-silence"),
    ("HC-4", "hc-static-pidle3000-r100-d4"),
    ("HC-5", "hc-static-pidle3000-burst50"),
    ("HC-6", "hc-static-pidle3000-r0.2"),
    ("HC-6", "hc-static-pidle3000-r0.4"),
    ("HC-7", "hc-static-plife3000-r100-d20-delay200"),
    ("HC-8", "hc-static-plife3000-burst50"),
    ("HC-9", "hc-static-burst50-r5-d20-sidle3000"),
    ("HC-9", "hc-perreqheld-r50-d10-sidle3000"),
    ("HC-10", "hc-static-kahdr3"),
    ("HC-11", "hc-perreqdisposed"),
    ("HC-11", "hc-plainctor-perreqdisposed"),
    ("HC-12", "hc-perreqheld"),
    ("HC-13", "hc-perreqleaked-gc5"),
    ("HC-14", "hc-timeout1000"),
    ("HC-15", "hc-leak10-r20-d20"),
    ("HC-15", "hc-leak10-body0"),
    ("HC-16", "hc-leak10-maxconn2"),
    ("HC-16", "hc-leak10-gc2"),
    ("HC-17", "hc-disposeunread"),
    ("HC-18", "hc-err10"),
    ("HC-19", "hc-srvclose1"),
    ("HW-1", "core31-hwr-sync"),
    ("HW-1", "hwr-thread-r50-d8"),
    ("HW-2", "net8-hwr-proxynull"),
    ("HW-2", "net8-hwr-cookiejar"),
    ("HW-2", "net8-hwr-certcallback"),
    ("HW-3", "net8-hwr-timeoutvary2"),
    ("HW-3", "net8-hwr-timeoutfirstodd"),
    ("HW-4", "net8-hwr-group"),
    ("HW-4", "net8-hwr-pipelinedvary2"),
    ("HW-4", "net8-hwr-spmlimitvary2"),
    ("HW-6", "mono-hwr-proxynull"),
    ("HW-6", "mono-hwr-cookiejar"),
    ("HW-7", "mono-hwr-leak10-limit2"),
    ("HW-7", "net8-hwr-leak10"),
    ("HW-8", "hwr-closeunread"),
    ("HW-9", "hwr-err10-leftopen"),
    ("HW-9", "hwr-err10-closed"),
    ("HW-10", "mono-hwr-thread-timeout1000"),
    ("HW-10", "mono-hwr-async-abort1000"),
    ("HW-11", "net8-hwr-thread-timeout1000"),
    ("HF-1", "mono-hcweb-static-limit"),
    ("HF-2", "mono-hcweb-perreqdisposed"),
    ("HF-2", "mono-hcweb-perreqheld"),
    ("HF-3", "mono-hcweb-leak10-limit2"),
    ("HF-3", "mono-hcweb-timeout1000"),
    ("SA-1", "hc-soathreads"),
];

#[test]
fn every_rule_that_was_measured_has_a_curve_that_is_compared() {
    let all = all();
    for (rule, part) in CURVES_OF_RULES {
        let shows = |it: &&Experiment| it.name().contains(part);
        let is_compared = |it: &Experiment| it.beyond_the_language().is_none();
        let found = all.iter().filter(shows).any(is_compared);
        assert!(found, "{rule}: no curve {part}");
    }
}

/// 294 of 309 are compared.
#[test]
fn what_a_scenario_cannot_say_has_its_reason() {
    let mut left_out = std::collections::BTreeMap::new();
    for experiment in all() {
        *left_out
            .entry(experiment.beyond_the_language())
            .or_insert(0) += 1;
    }
    let counts: Vec<i32> = left_out.values().copied().collect();
    assert_eq!(counts, [294, 8, 7], "{left_out:#?}");
}

#[test]
fn every_deviation_has_a_reason_and_is_one() {
    let all = all();
    for deviation in DEVIATIONS {
        assert!(!deviation.why.is_empty(), "{}", deviation.name);
        let known = all.iter().any(|it| it.name() == deviation.name);
        assert!(known, "{}", deviation.name);
        let is_one = |(_, by): &(&str, f64)| by.abs() > 2.0;
        assert!(deviation.by.iter().all(is_one), "{}", deviation.name);
    }
}
