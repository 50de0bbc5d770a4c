//! The world at one instant: a run that is stopped, looked at and goes on.
//!
//! Looking changes nothing: a run that is looked at ends as one that is not.

use super::{Observer, Sample, Simulation, TraceError};
use crate::net::{ConnectionManager, PortState, ProcessSnapshot, TakenPort};
use crate::units::SimTime;
use alloc::vec::Vec;

/// Everything there is at one instant, after everything else that happens then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The counts, as a sample has them.
    pub sample: Sample,
    /// The machine's port tables: one, or one per remote endpoint with `scope = "destination"`.
    pub tables: Vec<PortsSnapshot>,
    /// The first port number of every table, and how many there are.
    pub range: (u16, u32),
    /// The processes, in the scenario's order.
    pub processes: Vec<ProcessSnapshot>,
    /// Requests that their programs hold back: throttled, or about to be tried again.
    pub held_back: u64,
}

/// One port table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PortsSnapshot {
    /// Ports in TIME_WAIT with the instant of their close, the oldest first.
    pub time_wait: Vec<(u16, SimTime)>,
}

impl<O: Observer> Simulation<'_, '_, O> {
    /// Runs until everything of the instant `at` has happened, or the end. May be called again
    /// with later instants.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn run_until(&mut self, at: SimTime) -> Result<(), TraceError> {
        self.start()?;
        while self.next_at() <= at && self.step()? {}
        self.now = self.now.max(at.min(self.end));
        Ok(())
    }

    fn next_at(&self) -> SimTime {
        let event_at = self.engine.queue.next().time();
        self.next_wake().min(event_at).min(self.engine.next_fin)
    }

    /// The observer, to be asked between two instants.
    pub fn observer(&self) -> &O {
        self.engine.observer
    }

    /// The world where [`Simulation::run_until`] stopped.
    pub fn snapshot(&mut self) -> Snapshot {
        let sample = self.sample_now();
        let (now, world) = (self.now, &mut self.world);
        let tables = (0..world.ports.n_tables()).map(|table| PortsSnapshot {
            time_wait: world.ports.time_wait_ports(now, table),
        });
        Snapshot {
            sample,
            tables: tables.collect(),
            range: world.ports.range(),
            processes: world
                .processes
                .iter()
                .map(|process| process.snapshot(&world.requests))
                .collect(),
            held_back: self.engine.held_back.len() as u64,
        }
    }

    /// How many port tables the machine has: one, or one per remote endpoint.
    pub fn n_port_tables(&self) -> u32 {
        self.world.ports.n_tables()
    }

    /// Shows every taken port where [`Simulation::run_until`] stopped: its table, its number,
    /// and its state, `None` for TIME_WAIT.
    pub fn for_each_port(&mut self, mut see: impl FnMut(TakenPort, Option<PortState>)) {
        for process in &self.world.processes {
            process.for_each_socket(&mut |port, state| see(port, Some(state)));
        }
        for table in 0..self.world.ports.n_tables() {
            for (number, _) in self.world.ports.time_wait_ports(self.now, table) {
                see(TakenPort { table, number }, None);
            }
        }
    }
}
