//! The life of one connection, from its connect to the moment its port is free again.

use super::inspection::PortUsers;
use crate::model::Scenario;
use crate::net::ConnectionView;
use crate::record::events::{EventRow, Narrator};
use crate::sim::{Observation, Observer, Simulation, TraceError, Traces};
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;

/// What a connection and its port are doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Being set up.
    Connecting,
    /// A request is on the wire.
    Busy,
    /// Kept alive with nothing to do.
    Idle,
    /// The server has closed, the client has not noticed (CN-11).
    CloseWait,
    /// Closed by the client first: the port is held (PT-3).
    TimeWait,
}

/// One connection's life.
#[derive(Clone, PartialEq, Debug)]
pub struct Lifeline {
    /// The strategy it lived under.
    pub strategy: String,
    /// Its local port.
    pub port: u16,
    /// When each stage began, in order; the last ends at `end`.
    pub stages: Vec<(SimTime, Stage)>,
    /// When its port was free again, or the end of the run.
    pub end: SimTime,
    /// Whether the run ended before its port was free.
    pub outlives_run: bool,
    /// How many requests it carried.
    pub requests: u32,
}

impl Lifeline {
    /// The stages as intervals.
    pub fn intervals(&self) -> impl Iterator<Item = (SimTime, SimTime, Stage)> + '_ {
        let ends = self.stages.iter().skip(1).map(|(at, _)| *at);
        let ends = ends.chain([self.end]);
        let both = self.stages.iter().zip(ends);
        both.map(|((from, stage), until)| (*from, until, *stage))
    }
}

/// The life of the first connection of `variant`, in its first replication; `None` where none
/// was opened.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn of_the_first(
    variant: &Scenario,
    strategy: &str,
    traces: &dyn Traces,
) -> Result<Option<Lifeline>, TraceError> {
    let mut follower = Follower {
        narrator: Narrator::new(variant),
        process: 0,
        followed: None,
        life: None,
        closed_at: None,
    };
    Simulation::new(variant, 0, traces, &mut follower)?.run()?;
    let end = SimTime::ZERO + variant.duration;
    let Some(mut life) = follower.life else {
        return Ok(None);
    };
    let free_at = match follower.closed_at {
        None => SimTime::NEVER,
        Some(at) if is_held(variant, traces, at, life.port)? => {
            life.stages.push((at, Stage::TimeWait));
            at.saturating_add(variant.machine.time_wait)
        }
        Some(at) => at,
    };
    life.strategy = strategy.into();
    life.outlives_run = free_at > end;
    life.end = free_at.min(end);
    Ok(Some(life))
}

/// Whether `port` is in TIME_WAIT once everything of `at` has happened: whose close came first is
/// the model's to say.
fn is_held(
    variant: &Scenario,
    traces: &dyn Traces,
    at: SimTime,
    port: u16,
) -> Result<bool, TraceError> {
    let mut users = PortUsers::new(variant);
    let mut simulation = Simulation::new(variant, 0, traces, &mut users)?;
    simulation.run_until(at)?;
    let mut is_held = false;
    simulation.for_each_port(|_, number, state| {
        is_held |= number == port && state.is_none();
    });
    Ok(is_held)
}

/// Follows the first connection that is opened.
struct Follower<'s> {
    narrator: Narrator<'s>,
    process: u32,
    /// The process and the number of the connection.
    followed: Option<(u32, u64)>,
    life: Option<Lifeline>,
    closed_at: Option<SimTime>,
}

impl Follower<'_> {
    fn is_followed(&self, row: &EventRow<'_>) -> bool {
        let number = row.connection.map(|it| it.number);
        self.closed_at.is_none() && self.followed == number.map(|number| (self.process, number))
    }

    fn open(&mut self, now: SimTime, connection: &ConnectionView) {
        self.followed = Some((self.process, connection.serial));
        self.life = Some(Lifeline {
            strategy: String::new(),
            port: connection.port,
            stages: alloc::vec![(now, Stage::Connecting)],
            end: now,
            outlives_run: false,
            requests: 0,
        });
    }

    fn enter(&mut self, now: SimTime, stage: Stage) {
        let Some(life) = &mut self.life else { return };
        match life.stages.last_mut() {
            Some((_, last)) if *last == stage => {}
            // Nothing lasts no time: a connect that takes none is not shown.
            Some((at, last)) if *at == now => *last = stage,
            _ => life.stages.push((now, stage)),
        }
    }
}

impl Observer for Follower<'_> {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        let row = self.narrator.row(now, &observation);
        if let (None, Observation::ConnectionOpened(connection)) = (self.followed, &observation) {
            self.open(now, connection);
            return;
        }
        if !self.is_followed(&row) {
            return;
        }
        match observation {
            Observation::RequestSent(..) => {
                self.life.iter_mut().for_each(|life| life.requests += 1);
                self.enter(now, Stage::Busy);
            }
            Observation::ConnectionIdle(_) => self.enter(now, Stage::Idle),
            Observation::ServerClosed(_) => self.enter(now, Stage::CloseWait),
            Observation::ConnectionClosed { .. } => self.closed_at = Some(now),
            _ => {}
        }
    }

    fn turn_to(&mut self, process: u32) {
        self.process = process;
        self.narrator.turn_to(process);
    }
}
