//! The world at one instant: a run that is stopped, looked at and goes on.
//!
//! Looking changes nothing: a run that is looked at ends as one that is not.

use super::instances;
use super::{Observer, Sample, Simulation, TraceError};
use crate::net::{ConnectionManager, PortState, ProcessSnapshot};
use crate::units::SimTime;
use alloc::vec::Vec;

/// Everything there is at one instant, after everything else that happens then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The counts, as a sample has them.
    pub sample: Sample,
    /// The machine that is shown, and how many there are: the one with the most ports in use, the
    /// first where several have as many.
    pub machine: (u32, u32),
    /// Its port tables: one, or one per remote endpoint with `scope = "destination"`.
    pub tables: Vec<PortsSnapshot>,
    /// The first port number of every table, and how many there are.
    pub range: (u16, u32),
    /// Its processes, in the scenario's order.
    pub processes: Vec<ProcessSnapshot>,
    /// Requests that the programs of all machines hold back: throttled, or about to be tried
    /// again.
    pub held_back: u64,
}

/// One port table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PortsSnapshot {
    /// Ports in TIME_WAIT with the instant of their close, the oldest first.
    pub time_wait: Vec<(u16, SimTime)>,
}

impl<O: Observer + ?Sized> Simulation<'_, '_, O> {
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

    /// When something happens next; [`SimTime::NEVER`] when nothing will.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn next_instant(&mut self) -> Result<SimTime, TraceError> {
        self.start()?;
        Ok(self.next_at())
    }

    fn next_at(&self) -> SimTime {
        let event_at = self.engine.queue.next().time();
        self.next_wake().min(event_at).min(self.engine.next_fin)
    }

    /// The world where [`Simulation::run_until`] stopped.
    pub fn snapshot(&mut self) -> Snapshot {
        let sample = self.sample_now();
        let (now, world) = (self.now, &mut self.world);
        let (machine, _) = instances::fullest(&mut world.ports, now);
        let ports = &mut world.ports[machine];
        let tables = (0..ports.n_tables()).map(|table| PortsSnapshot {
            time_wait: ports.time_wait_ports(now, table),
        });
        let tables = tables.collect();
        let n_machines = world.ports.len();
        let n_clients = world.processes.len() / n_machines;
        Snapshot {
            sample,
            machine: (machine as u32, n_machines as u32),
            tables,
            range: world.ports[machine].range(),
            processes: world.processes[machine * n_clients..][..n_clients]
                .iter()
                .map(|process| process.snapshot(&world.requests))
                .collect(),
            held_back: self.engine.held_back.len() as u64,
        }
    }

    /// How many port tables there are: on each machine one, or one per remote endpoint.
    pub fn n_port_tables(&self) -> u32 {
        self.tables_of_each() * self.world.ports.len() as u32
    }

    fn tables_of_each(&self) -> u32 {
        self.world.ports[0].n_tables()
    }

    /// Shows every port that came into TIME_WAIT at `since` or later: its table, counted over all
    /// machines, and its number.
    pub fn for_each_port_held_since(&self, since: SimTime, mut see: impl FnMut(u32, u16)) {
        let n_tables = self.tables_of_each();
        for (machine, ports) in self.world.ports.iter().enumerate() {
            for table in 0..n_tables {
                for number in ports.held_since(table, since) {
                    see(machine as u32 * n_tables + table, number);
                }
            }
        }
    }

    /// Shows every taken port where [`Simulation::run_until`] stopped: its table, counted over
    /// all machines, its number, and its state, `None` for TIME_WAIT.
    pub fn for_each_port(&mut self, mut see: impl FnMut(u32, u16, Option<PortState>)) {
        let n_tables = self.tables_of_each();
        let n_clients = self.world.processes.len() / self.world.ports.len();
        let among_all = |machine: usize, table: u32| machine as u32 * n_tables + table;
        for (index, process) in self.world.processes.iter().enumerate() {
            process.for_each_socket(&mut |port, state| {
                let table = among_all(index / n_clients, port.table);
                see(table, port.number, Some(state));
            });
        }
        for (machine, ports) in self.world.ports.iter_mut().enumerate() {
            for table in 0..n_tables {
                for (number, _) in ports.time_wait_ports(self.now, table) {
                    see(among_all(machine, table), number, None);
                }
            }
        }
    }
}
