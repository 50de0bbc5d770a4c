//! What the parts of a scenario mean together, under each of its strategies.

use super::{CheckedStrategy, Place, place_of};
use crate::model::Scenario;
use crate::scenario::diagnostic::Problems;
use crate::scenario::tree::Node;
use crate::units::SimTime;

/// Most processes of all machines together. A bound of ours: each has a place in every run.
const MOST_PROCESSES: u32 = 10_000;

/// Checks the scenario as it stands and as every strategy changes it.
pub(super) fn check(
    root: &Node,
    scenario: &Scenario,
    strategies: &[CheckedStrategy],
    problems: &mut Problems,
) {
    for checked in strategies {
        let variant = scenario.under(&checked.strategy);
        processes(&variant, &checked.place, problems);
        let changed = variant.servers != scenario.servers;
        if changed {
            queues(&variant, |_, _| checked.place.clone(), problems);
        }
    }
    let at = |name: &str, key: &str| place_of(root, &["server", name, key]);
    queues(scenario, at, problems);
    windows(root, scenario, problems);
    old_addresses(root, scenario, problems);
}

/// Refuses more processes than a run has room for.
fn processes(variant: &Scenario, place: &Place, problems: &mut Problems) {
    let count = variant.machine.instances * variant.clients.len() as u32;
    if count > MOST_PROCESSES {
        let message = format!(
            "{} instances of {} clients are {count} processes, more than {MOST_PROCESSES}",
            variant.machine.instances,
            variant.clients.len()
        );
        problems
            .error(place, message)
            .help("model fewer instances or fewer clients");
    }
}

/// A queue and abandoned work are those of workers.
fn queues(scenario: &Scenario, place: impl Fn(&str, &str) -> Place, problems: &mut Problems) {
    for server in scenario
        .servers
        .iter()
        .filter(|it| it.service.workers.is_none())
    {
        if server.service.queue.is_some() {
            let message = format!("`queue` has no effect on `server.{}`", server.name);
            problems
                .warn(&place(&server.name, "queue"), message)
                .label("without `workers` nobody ever waits");
        }
    }
}

/// Warns of an old address that nobody leaves.
fn old_addresses(root: &Node, scenario: &Scenario, problems: &mut Problems) {
    for server in &scenario.servers {
        if server.old_address_down_after.is_some() && server.moves_at.is_empty() {
            let key = "old-address-down-after";
            let place = place_of(root, &["server", &server.name, key]);
            let message = format!("`{key}` has no effect on `server.{}`", server.name);
            problems
                .warn(&place, message)
                .label("without `moves-at` its name never leaves an address");
        }
    }
}

/// Warns of windows and moves that the run does not reach.
fn windows(root: &Node, scenario: &Scenario, problems: &mut Problems) {
    let end = SimTime::ZERO + scenario.duration;
    for server in &scenario.servers {
        let outages = server.service.outages.iter().map(|it| ("outages", it.from));
        let slow = server.service.slow_downs.iter();
        let slow = slow.map(|it| ("slow-downs", it.from));
        let moves = server.moves_at.iter().map(|at| ("moves-at", *at));
        for (key, from) in outages.chain(slow).chain(moves) {
            if from >= end {
                let place = place_of(root, &["server", &server.name, key]);
                let message = format!("`{key}` names `{from}`, which is after the run");
                problems
                    .warn(&place, message)
                    .label(format!("the run ends at `{end}`"));
            }
        }
    }
}
