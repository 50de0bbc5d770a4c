//! Whether a run is refused a port, counted and not simulated.
//!
//! Where each request has a connection of its own that is closed behind its answer, its port is
//! taken when it arrives and free again after connect, response and TIME_WAIT, whatever the others
//! do, until a first connect is refused. How many are taken then follows from the draws alone: as
//! many as have come, less those that are free again. That takes a tenth of the time of a run.
//!
//! What is freed is gathered in short steps, within which no order is kept. So there are two
//! bounds; where the number of ports lies between them the run itself has to tell.

use super::source::Source;
use super::traces::{TraceError, Traces};
use crate::model::{Closer, Scenario};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// Into about how many steps a run is cut, as a power of two: their counts stay in a processor's
/// cache.
const STEPS_LOG_2: u32 = 17;

/// What a count says of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Whether a connect is refused; `None` where only the run itself can tell.
    pub is_refused: Option<bool>,
    /// How many requests were counted.
    pub requests: u64,
}

/// Counts the ports that a run asks for up to and including `until`. `memory` is of use for the
/// next count.
///
/// It is right of a scenario with one stream of requests that arrive one by one, each with a
/// connection for itself that is closed behind its answer; the caller knows that it is one.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn tally(
    scenario: &Scenario,
    replication: u32,
    traces: &dyn Traces,
    until: SimTime,
    memory: &mut Vec<u32>,
) -> Result<Tally, TraceError> {
    let mut source = Source::new(scenario, 0, 0, replication, traces)?;
    let last = until.min(SimTime::ZERO + scenario.duration);
    let held = match scenario.servers[0].active_close {
        Closer::Client => scenario.machine.time_wait,
        Closer::Server => SimSpan::ZERO,
    };
    let shift = (64 - last.as_nanos().leading_zeros()).saturating_sub(STEPS_LOG_2);
    let step_of = |at: SimTime| (at.as_nanos() >> shift) as usize;
    // How many ports become free in each step.
    memory.clear();
    memory.resize(step_of(last) + 1, 0);
    let ports = i64::from(scenario.machine.ports.count);
    let mut found = Tally {
        is_refused: Some(false),
        requests: 0,
    };
    // Taken before the step, and how many have come in it.
    let (mut taken, mut step, mut come) = (0_i64, 0, 0_i64);
    let (mut is_cut_short, mut fresh) = (false, 0);
    let mut next = source.next_arrival(SimTime::ZERO)?;
    while let Some(now) = next.filter(|at| *at <= last) {
        while step < step_of(now) {
            taken += come - i64::from(memory[step]);
            (step, come) = (step + 1, 0);
            // So many are taken at the end of the step, if none was refused: one was.
            if taken > ports && !is_cut_short {
                found.is_refused = Some(true);
                return Ok(found);
            }
        }
        come += 1;
        found.requests += 1;
        if taken + come > ports {
            found.is_refused = None;
        }
        let drawn = source.draw(&mut fresh);
        let used = drawn.connect_time + drawn.response;
        // Its timeout gives it back earlier: then there may be fewer.
        is_cut_short |= used >= source.timeout;
        let free_at = now.saturating_add(used).saturating_add(held);
        if let Some(count) = memory.get_mut(step_of(free_at)) {
            *count += 1;
        }
        next = source.next_arrival(now)?;
    }
    if taken + come - i64::from(memory[step]) > ports && !is_cut_short {
        found.is_refused = Some(true);
    }
    Ok(found)
}
