//! What each program of a machine has, where several share it.

use crate::model::Scenario;
use crate::net::PortTable;
use crate::net::port_table::PortCounts;
use crate::units::SimTime;
use alloc::vec::Vec;

/// One program at one instant: all its ports, to whatever destination and on however many
/// machines.
///
/// With one machine and `scope = "host"` the samples of all programs add up to the machine's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClientSample {
    /// When.
    pub time: SimTime,
    /// Its place in the scenario.
    pub client: u32,
    /// Its ports.
    pub ports: PortCounts,
    /// Requests submitted so far.
    pub requests: u64,
    /// Requests that ended so far without their answer, their own timeouts included.
    pub failed: u64,
    /// Connections established so far.
    pub opened: u64,
}

/// Counts so far of each program; none are kept of a single one.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    samples: Vec<ClientSample>,
}

impl Clients {
    pub(super) fn new(scenario: &Scenario) -> Clients {
        let count = match scenario.clients.len() {
            1 => 0,
            several => several as u32,
        };
        let samples = (0..count).map(|client| ClientSample {
            client,
            ..ClientSample::default()
        });
        Clients {
            samples: samples.collect(),
        }
    }

    /// The counts of the program that `process` is.
    #[inline(always)]
    pub(super) fn of_process(&mut self, process: u32) -> Option<&mut ClientSample> {
        if self.samples.is_empty() {
            return None;
        }
        let client = process as usize % self.samples.len();
        Some(&mut self.samples[client])
    }

    /// Every program's sample now.
    pub(super) fn now<'s>(
        &'s self,
        now: SimTime,
        machines: &'s mut [PortTable],
    ) -> impl Iterator<Item = ClientSample> + 's {
        for machine in machines.iter_mut().filter(|_| !self.samples.is_empty()) {
            machine.sweep(now);
        }
        self.samples.iter().map(move |sample| {
            let mut ports = PortCounts::default();
            for machine in &*machines {
                let own = machine.counts_of(sample.client as u16);
                for (sum, count) in ports.by_state.iter_mut().zip(own.by_state) {
                    *sum += count;
                }
                ports.time_wait += own.time_wait;
            }
            ClientSample {
                time: now,
                ports,
                ..*sample
            }
        })
    }
}
