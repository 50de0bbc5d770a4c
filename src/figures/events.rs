//! What happened when, for the lane above charts over time: the load pauses and ends, a server is
//! out, a name moves, groups are closed, ports come back; and the author's own marks.

use crate::draw::{Look, Note, Voice};
use crate::model::workload::Arrivals;
use crate::model::{CloseGroups, Patch, Scenario, Workload};
use crate::record::Column::PortsInUse;
use crate::study::{Comparison, PortsRow};
use crate::units::SimTime;
use crate::words::labels::Labels;
use crate::words::plain;

/// More instants than this are not marked: the lane would be higher than the plot.
const MOST: usize = 6;

/// Everything that charts of ports over time mark.
pub(super) fn all(comparison: &Comparison, look: &Look) -> Vec<Note> {
    let labels = &look.labels;
    let mut notes = of_scenario(comparison, labels);
    notes.extend(first_closing(comparison, labels));
    notes.extend(releases(comparison, labels));
    notes.truncate(MOST);
    notes.extend(of_author(comparison, look));
    notes
}

/// What the scenario says, and what the author of the picture says.
pub(super) fn outside(comparison: &Comparison, look: &Look) -> Vec<Note> {
    let mut notes = of_scenario(comparison, &look.labels);
    notes.truncate(MOST);
    notes.extend(of_author(comparison, look));
    notes
}

/// What small charts mark: stretches of time, and what the author of the picture says.
pub(super) fn tints_and_marks(comparison: &Comparison, look: &Look) -> Vec<Note> {
    let mut notes = stretches(&comparison.scenario, &look.labels);
    notes.extend(of_author(comparison, look));
    notes
}

/// Pauses and outages.
fn stretches(scenario: &Scenario, labels: &Labels) -> Vec<Note> {
    let end = (SimTime::ZERO + scenario.duration).as_seconds();
    let note = |from: SimTime, until: SimTime, text: String| Note {
        x: from.as_seconds(),
        until: Some(until.as_seconds().min(end)),
        text,
        voice: Voice::Event,
    };
    let outages = scenario.servers.iter().flat_map(|it| &it.service.outages);
    let outages = outages.map(|it| note(it.from, it.until, labels.events.outage()));
    // Of several workloads one that pauses is no pause of all.
    let workload = scenario
        .workloads
        .first()
        .filter(|_| scenario.workloads.len() == 1);
    let knots = workload.map_or(&[][..], |it| match &it.arrivals {
        Arrivals::Schedule { knots, ramp: false } => &knots[..],
        _ => &[],
    });
    let pauses = knots
        .windows(2)
        .filter(|pair| pair[0].rate <= 0.0 && pair[1].rate > 0.0);
    let pauses = pauses.map(|pair| note(pair[0].at, pair[1].at, labels.events.pause()));
    let within = |it: &Note| it.x < end;
    outages.chain(pauses).filter(within).collect()
}

fn of_scenario(comparison: &Comparison, labels: &Labels) -> Vec<Note> {
    let scenario = &comparison.scenario;
    let end = SimTime::ZERO + scenario.duration;
    let words = &labels.events;
    let is_one = scenario.workloads.len() == 1;
    let mut notes = stretches(scenario, labels);
    let instant = |at: SimTime, text: String| Note {
        x: at.as_seconds(),
        until: None,
        text,
        voice: Voice::Event,
    };
    for workload in &scenario.workloads {
        let name = plain::short(&workload.name, 24);
        if workload.from > SimTime::ZERO && workload.from < end {
            let text = if is_one {
                words.load_begins()
            } else {
                words.begins(&name)
            };
            notes.push(instant(workload.from, text));
        }
        if let Some(at) = load_ends(workload).filter(|at| *at < end) {
            let text = if is_one {
                words.load_ends()
            } else {
                words.ends(&name)
            };
            notes.push(instant(at, text));
        }
    }
    for server in &scenario.servers {
        let moves = server.moves_at.iter().filter(|at| **at < end);
        notes.extend(moves.map(|at| instant(*at, words.name_moves())));
    }
    notes
}

/// When a workload makes its last request, where it says so.
fn load_ends(workload: &Workload) -> Option<SimTime> {
    let knot = match &workload.arrivals {
        Arrivals::Schedule { knots, ramp: false } => knots.last().filter(|it| it.rate <= 0.0),
        _ => None,
    };
    workload.until.into_iter().chain(knot.map(|it| it.at)).min()
}

/// The first of many closings: the saw's teeth show the others.
fn first_closing(comparison: &Comparison, labels: &Labels) -> Option<Note> {
    let mut patches = comparison
        .scenario
        .strategies
        .iter()
        .flat_map(|it| &it.patches);
    let every = patches.find_map(|patch| match patch {
        Patch::CloseGroups(CloseGroups::Every(every)) => Some(*every),
        _ => None,
    })?;
    let at = (SimTime::ZERO + every).as_seconds();
    let is_within = every < comparison.scenario.duration;
    is_within.then(|| Note {
        x: at,
        until: None,
        text: labels.events.first_closing(),
        voice: Voice::Event,
    })
}

/// When the first strategy's ports come back: most of those it holds, at once. A saw's teeth are
/// no such moments.
fn releases(comparison: &Comparison, labels: &Labels) -> Vec<Note> {
    let Some(result) = comparison.strategies.first() else {
        return Vec::new();
    };
    let level = |row: &PortsRow| row.values[PortsInUse];
    let most = result.rows.iter().map(level).fold(0.0, f64::max);
    let falls = result.rows.windows(2).filter(|pair| {
        let (before, after) = (level(&pair[0]), level(&pair[1]));
        before > most * 0.25 && before >= 100.0 && after < before * 0.4
    });
    let falls: Vec<SimTime> = falls.map(|pair| pair[1].time).collect();
    if falls.len() > 2 {
        return Vec::new();
    }
    let text = labels.events.released(&plain::short(&result.name, 24));
    let note = |at: SimTime| Note {
        x: at.as_seconds(),
        until: None,
        text: text.clone(),
        voice: Voice::Event,
    };
    falls.into_iter().map(note).collect()
}

fn of_author(comparison: &Comparison, look: &Look) -> Vec<Note> {
    let end = comparison.scenario.duration.as_seconds();
    let notes = look.annotations.iter().map(|it| Note {
        x: it.at.as_seconds(),
        until: None,
        text: plain::short(&it.text, 60),
        voice: Voice::Author,
    });
    notes.filter(|note| note.x <= end).collect()
}
