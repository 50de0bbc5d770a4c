//! The words below pictures: what they rest on and where they come from.

use crate::findings::assumptions;
use crate::model::Scenario;
use crate::study::Comparison;
use crate::words::labels::Labels;
use crate::words::plain;

/// What a chart of shares of runs rests on.
pub(crate) fn survival(comparison: &Comparison, labels: &Labels) -> String {
    let runs = labels.runs(f64::from(comparison.scenario.replications));
    let runs = labels.caption.survival(&runs);
    caption_of(comparison, Some(runs), labels)
}

/// What a chart rests on and where it comes from, for below it.
pub(crate) fn of(comparison: &Comparison, is_shaded: bool, labels: &Labels) -> String {
    let replications = comparison.scenario.replications;
    let runs = (replications > 1).then(|| labels.runs(f64::from(replications)));
    let means = runs.map(|runs| {
        if is_shaded {
            labels.caption.means_shaded(&runs)
        } else {
            labels.caption.means(&runs)
        }
    });
    caption_of(comparison, means, labels)
}

fn caption_of(comparison: &Comparison, runs: Option<String>, labels: &Labels) -> String {
    let made = simulated(&comparison.scenario, labels);
    let made: Vec<String> = core::iter::once(made).chain(runs).collect();
    let assumed = assumptions::in_brief(comparison, labels);
    format!("{assumed} · {}.", made.join(", "))
}

/// What made a picture of `scenario`.
pub(crate) fn simulated(scenario: &Scenario, labels: &Labels) -> String {
    // The name is the folder's, but a scenario may come from anyone: a long one must not push
    // the seed out of the caption.
    let name = plain::short(&scenario.name, 60);
    let seed = alloc::string::ToString::to_string(&scenario.seed);
    labels
        .caption
        .simulated(env!("CARGO_PKG_VERSION"), &name, &seed)
}
