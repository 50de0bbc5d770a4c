//! `port-map.json`: what every port is doing, frame by frame, small enough to be part of a page.
//!
//! A frame holds what is different from the frame before (the first: from all free), as runs
//! separated by commas. A run is how many cells stay as they were, the new state's letter, and
//! how many cells take it: `3B,1I2` leaves three cells, makes one busy, leaves one, makes two
//! idle. Both numbers are in base 36; 0 before and 1 after the letter are left out.

use crate::model::Scenario;
use crate::record::{Column, Columns};
use crate::study::PortMap;
use crate::study::port_map::STATES;
use serde::{Deserialize, Serialize};

/// Its name.
pub const FILE: &str = "port-map.json";
/// Raised when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;
/// The letter of each state in a frame, in the order of [`STATES`].
const LETTERS: [char; 6] = ['F', 'C', 'B', 'I', 'W', 'T'];
/// Bytes of all frames together: frames are left out until they fit.
const BUDGET: usize = 1_000_000;

/// The document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`] of the version that wrote it.
    pub schema: u32,
    /// The version of spsim that wrote it.
    pub spsim: String,
    /// The scenario's digest.
    pub digest: String,
    /// The states' names, in the order of `letters`.
    pub states: Vec<String>,
    /// One letter per state.
    pub letters: String,
    /// The names of the counts.
    pub columns: Vec<String>,
    /// When each frame was taken, in seconds.
    pub times_s: Vec<f64>,
    /// The maps.
    pub strategies: Vec<StrategyDocument>,
}

/// One strategy's map.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StrategyDocument {
    /// The strategy's name.
    pub name: String,
    /// The number of the first port.
    pub first_port: u16,
    /// How many ports there are.
    pub ports: u32,
    /// How many ports share a cell.
    pub ports_per_cell: u32,
    /// The counts at each frame, in the order of `columns`.
    pub counts: Vec<Vec<i64>>,
    /// What changed since the frame before.
    pub frames: Vec<String>,
}

/// The document of `map`, ending in a line feed.
pub(super) fn json(scenario: &Scenario, map: &PortMap) -> String {
    let mut stride = 1;
    let mut kept = kept(map, stride);
    let mut strategies = encoded(map, &kept);
    while size(&strategies) > BUDGET && kept.len() > 2 && stride < map.times.len() {
        stride *= 2;
        kept = self::kept(map, stride);
        strategies = encoded(map, &kept);
    }
    let document = Document {
        schema: SCHEMA,
        spsim: env!("CARGO_PKG_VERSION").into(),
        digest: format!("{:016x}", scenario.digest),
        states: STATES.map(String::from).to_vec(),
        letters: LETTERS.iter().collect(),
        columns: Column::PORTS.map(|it| it.name().into()).to_vec(),
        times_s: kept.iter().map(|it| map.times[*it].as_seconds()).collect(),
        strategies,
    };
    let mut text = serde_json::to_string(&document).expect("keys are text");
    text.push('\n');
    text
}

/// Every `stride`-th frame, the marked ones, the first and the last.
fn kept(map: &PortMap, stride: usize) -> Vec<usize> {
    let last = map.times.len().saturating_sub(1);
    let all = 0..map.times.len();
    all.filter(|index| {
        index.is_multiple_of(stride) || *index == last || map.marks.contains(&map.times[*index])
    })
    .collect()
}

fn size(strategies: &[StrategyDocument]) -> usize {
    let frames = strategies.iter().flat_map(|it| &it.frames);
    frames.map(String::len).sum()
}

fn encoded(map: &PortMap, kept: &[usize]) -> Vec<StrategyDocument> {
    let strategies = map.strategies.iter();
    strategies
        .map(|strategy| {
            let mut before = vec![0; strategy.frames.first().map_or(0, Vec::len)];
            let mut frames = Vec::with_capacity(kept.len());
            for index in kept {
                let frame = &strategy.frames[*index];
                frames.push(changes(&before, frame));
                before.clone_from(frame);
            }
            StrategyDocument {
                name: strategy.name.clone(),
                first_port: strategy.first_port,
                ports: strategy.ports,
                ports_per_cell: strategy.ports_per_cell,
                counts: kept
                    .iter()
                    .map(|index| Columns::of(&strategy.samples[*index]))
                    .map(|counts| counts.pick(&Column::PORTS).collect())
                    .collect(),
                frames,
            }
        })
        .collect()
}

/// The runs that turn `before` into `after`.
fn changes(before: &[u8], after: &[u8]) -> String {
    let mut text = String::new();
    let mut settled = 0;
    let mut at = 0;
    while at < after.len() {
        if before[at] == after[at] {
            at += 1;
            continue;
        }
        let state = after[at];
        let mut end = at + 1;
        // A cell that has the state already may be part of the run: it stays what it is.
        while end < after.len() && after[end] == state {
            end += 1;
        }
        // Not at its end, where nothing is gained.
        while before[end - 1] == after[end - 1] {
            end -= 1;
        }
        if !text.is_empty() {
            text.push(',');
        }
        if at > settled {
            push_base36(&mut text, at - settled);
        }
        text.push(LETTERS[usize::from(state)]);
        if end - at > 1 {
            push_base36(&mut text, end - at);
        }
        (settled, at) = (end, end);
    }
    text
}

fn push_base36(text: &mut String, number: usize) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    if number >= 36 {
        push_base36(text, number / 36);
    }
    text.push(DIGITS[number % 36] as char);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As the page reads it.
    fn apply(before: &mut [u8], changes: &str) {
        let mut at = 0;
        for run in changes.split(',').filter(|run| !run.is_empty()) {
            let letter = run
                .find(|c: char| c.is_ascii_uppercase())
                .expect("a letter");
            let number = |text: &str, absent: usize| match text {
                "" => absent,
                digits => usize::from_str_radix(digits, 36).expect("base 36"),
            };
            at += number(&run[..letter], 0);
            let state = LETTERS.iter().position(|it| run[letter..].starts_with(*it));
            for _ in 0..number(&run[letter + 1..], 1) {
                before[at] = state.expect("a state") as u8;
                at += 1;
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            pairs in proptest::collection::vec((0..6_u8, 0..6_u8), 1..200),
        ) {
            let (mut before, after): (Vec<u8>, Vec<u8>) = pairs.into_iter().unzip();
            let text = changes(&before, &after);
            apply(&mut before, &text);
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn runs_are_short() {
        assert_eq!(changes(&[0; 8], &[0, 0, 0, 2, 0, 3, 3, 0]), "3B,1I2");
        assert_eq!(changes(&[3; 4], &[3; 4]), "");
        assert_eq!(changes(&[0; 40], &[3; 40]), "I14");
    }
}
