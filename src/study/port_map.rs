//! The port map: what every single port is doing, frame by frame over a run.
//!
//! **Invariant:** memory is O(frames × cells), both bounded: beyond [`MOST_CELLS`] ports several
//! share a cell, and a run has at most [`MOST_FRAMES`] frames whatever its horizon.

use super::inspection::PortUsers;
use crate::model::Scenario;
use crate::net::PortState;
use crate::record::Sample;
use crate::sim::{Simulation, TraceError, Traces};
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;

/// The most cells of a map: more ports than that share cells.
pub const MOST_CELLS: u32 = 16_384;
/// The most frames of a map, marks apart.
pub const MOST_FRAMES: u64 = 240;

/// What a cell can show; a cell's value is an index into these names. `free` is 0.
pub const STATES: [&str; 6] = [
    "free",
    "connecting",
    "busy",
    "idle",
    "close_wait",
    "time_wait",
];
const TIME_WAIT: u8 = 5;

/// The port maps of a scenario's strategies: the first replication of each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortMap {
    /// When the frames were taken; the same for all strategies.
    pub times: Vec<SimTime>,
    /// Those of `times` that must not be left out: when ports ran out or were fullest.
    pub marks: Vec<SimTime>,
    /// One per strategy, in the scenario's order.
    pub strategies: Vec<StrategyMap>,
}

/// One strategy's ports over time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrategyMap {
    /// The strategy's name.
    pub name: String,
    /// The number of the first port.
    pub first_port: u16,
    /// How many ports there are.
    pub ports: u32,
    /// How many ports share a cell; the last cell may have fewer.
    pub ports_per_cell: u32,
    /// What the port table said at each frame.
    pub samples: Vec<Sample>,
    /// Each frame's cells: indices into [`STATES`].
    pub frames: Vec<Vec<u8>>,
}

impl PortMap {
    /// A map without strategies, with frames at the samples of `scenario` where there are few
    /// enough, and at `marks`.
    pub fn new(scenario: &Scenario, mut marks: Vec<SimTime>) -> PortMap {
        marks.sort_unstable();
        marks.dedup();
        let mut times = instants(scenario);
        times.extend(&marks);
        times.sort_unstable();
        times.dedup();
        PortMap {
            times,
            marks,
            strategies: Vec::new(),
        }
    }
}

/// The map of `variant` with frames at `times`, in ascending order.
///
/// Of several machines, and with `scope = "destination"` of several endpoints, it is the map of
/// the one whose ports are fullest over all frames.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn map_of(
    variant: &Scenario,
    name: &str,
    traces: &dyn Traces,
    times: &[SimTime],
) -> Result<StrategyMap, TraceError> {
    let table = fullest_table(variant, traces, times)?;
    let mut users = PortUsers::new(variant);
    let mut simulation = Simulation::new(variant, 0, traces, &mut users)?;
    let ports = variant.machine.ports;
    let ports_per_cell = ports.count.div_ceil(MOST_CELLS);
    let mut map = StrategyMap {
        name: name.into(),
        first_port: ports.first,
        ports: ports.count,
        ports_per_cell,
        samples: Vec::new(),
        frames: Vec::new(),
    };
    for at in times {
        simulation.run_until(*at)?;
        let mut frame = Frame::new(ports.count, ports_per_cell);
        simulation.for_each_port(|of, number, state| {
            if of == table {
                frame.mark(u32::from(number - ports.first), state_index(state));
            }
        });
        map.samples.push(simulation.sample_now());
        map.frames.push(frame.cells());
    }
    Ok(map)
}

/// Whole multiples of the sample span, so that a frame is a row of `ports.csv`; the last is the
/// end of the run.
fn instants(variant: &Scenario) -> Vec<SimTime> {
    let span = variant.sample_span().as_nanos().max(1);
    let samples = variant.duration.as_nanos() / span;
    let step = samples.div_ceil(MOST_FRAMES - 1).max(1);
    let nanos = (0..=samples / step).map(|index| index * step * span);
    let mut instants: Vec<SimTime> = nanos.map(SimTime::from_nanos).collect();
    let last = SimTime::from_nanos(samples * span);
    if instants.last() != Some(&last) {
        instants.push(last);
    }
    instants
}

fn state_index(state: Option<PortState>) -> u8 {
    state.map_or(TIME_WAIT, |state| state as u8 + 1)
}

/// The table with the most port-frames taken; the first where there is one.
fn fullest_table(
    variant: &Scenario,
    traces: &dyn Traces,
    times: &[SimTime],
) -> Result<u32, TraceError> {
    let mut users = PortUsers::new(variant);
    let mut simulation = Simulation::new(variant, 0, traces, &mut users)?;
    let n_tables = simulation.n_port_tables();
    if n_tables == 1 {
        return Ok(0);
    }
    let mut taken = alloc::vec![0_u64; n_tables as usize];
    for at in times {
        simulation.run_until(*at)?;
        simulation.for_each_port(|table, _, _| taken[table as usize] += 1);
    }
    let fullest = taken
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(_, count)| **count);
    Ok(fullest.map_or(0, |(index, _)| index as u32))
}

/// The cells of one frame in the making.
struct Frame {
    ports_per_cell: u32,
    /// How many ports of each cell are in each state.
    counts: Vec<[u32; STATES.len()]>,
}

impl Frame {
    fn new(ports: u32, ports_per_cell: u32) -> Frame {
        let cells = ports.div_ceil(ports_per_cell) as usize;
        Frame {
            ports_per_cell,
            counts: alloc::vec![[0; STATES.len()]; cells],
        }
    }

    fn mark(&mut self, port: u32, state: u8) {
        self.counts[(port / self.ports_per_cell) as usize][usize::from(state)] += 1;
    }

    /// A cell shows the state that most of its taken ports are in; it is free only when all of
    /// its ports are.
    fn cells(self) -> Vec<u8> {
        let most = |counts: &[u32; STATES.len()]| -> u8 {
            let mut best = 0;
            for state in 1..STATES.len() {
                if counts[state] > 0 && (best == 0 || counts[state] > counts[best]) {
                    best = state;
                }
            }
            best as u8
        };
        self.counts.iter().map(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_free_only_when_all_its_ports_are() {
        let mut frame = Frame::new(10, 4);
        frame.mark(0, 3);
        frame.mark(5, 2);
        frame.mark(6, 3);
        frame.mark(7, 3);
        assert_eq!(frame.cells(), [3, 3, 0]);
    }
}
