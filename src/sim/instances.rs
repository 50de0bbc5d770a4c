//! Several machines alike: which of them gets a request, and which of their timers is next.
//!
//! Process number i is client i mod n of machine i div n, where n is how many clients there are.

use crate::model::Scenario;
use crate::net::PortTable;
use crate::net::port_table::{PortCounts, PortTotals};
use crate::units::SimTime;
use alloc::vec::Vec;

/// How requests are spread over the machines: in turn, per workload.
#[derive(Clone, Debug)]
pub(super) struct Instances {
    count: u32,
    n_clients: u32,
    /// The machine that gets the next request of each workload.
    next: Vec<u32>,
}

impl Instances {
    pub(super) fn new(scenario: &Scenario) -> Instances {
        Instances {
            count: scenario.machine.instances,
            n_clients: scenario.clients.len() as u32,
            next: alloc::vec![0; scenario.workloads.len()],
        }
    }

    /// The machine of a process.
    #[inline(always)]
    pub(super) fn of_process(&self, process: u32) -> usize {
        if self.count == 1 {
            return 0;
        }
        (process / self.n_clients) as usize
    }

    /// The client that a process is.
    #[inline(always)]
    pub(super) const fn client_of(&self, process: u32) -> u16 {
        // A scenario has at most a thousand of them.
        (process % self.n_clients) as u16
    }

    /// The process of `client` that gets the next request of a workload.
    #[inline(always)]
    pub(super) fn next_process(&mut self, client: u32, workload: u32) -> u32 {
        if self.count == 1 {
            return client;
        }
        let next = &mut self.next[workload as usize];
        let instance = *next;
        *next = (instance + 1) % self.count;
        instance * self.n_clients + client
    }
}

/// The machine with the most ports in use, and its counts; the first where several have as many.
pub(super) fn fullest(ports: &mut [PortTable], now: SimTime) -> (usize, PortCounts) {
    let mut fullest = (0, ports[0].fullest_counts(now));
    for (machine, table) in ports.iter_mut().enumerate().skip(1) {
        let counts = table.fullest_counts(now);
        if counts.in_use() > fullest.1.in_use() {
            fullest = (machine, counts);
        }
    }
    fullest
}

/// Usage over the whole run that ends now: the largest of each number among the machines.
pub(super) fn totals(ports: &mut [PortTable], end: SimTime) -> PortTotals {
    let mut all = PortTotals::default();
    for table in ports {
        let totals = table.totals(end);
        all.limit = totals.limit;
        if totals.peak > all.peak {
            (all.peak, all.peak_at) = (totals.peak, totals.peak_at);
        }
        all.at_end = all.at_end.max(totals.at_end);
        all.mean = all.mean.max(totals.mean);
        all.client_first += totals.client_first;
    }
    all
}

/// From how many processes on it is worth keeping a tree of their next timers.
const MANY: usize = 8;

/// When each process's timers fire next, where there are many processes: a tournament tree, so
/// that one step costs the logarithm of their number.
///
/// **Invariant:** every inner place holds the earlier of the two below it, the left one where
/// both are equal.
#[derive(Clone, Debug)]
pub(super) struct Wakes {
    /// Places 1 up to `leaves` are inner, the rest the processes'.
    tree: Vec<(SimTime, u32)>,
    leaves: usize,
}

impl Wakes {
    pub(super) fn new(n_processes: usize) -> Wakes {
        if n_processes < MANY {
            return Wakes {
                tree: Vec::new(),
                leaves: 0,
            };
        }
        let leaves = n_processes.next_power_of_two();
        let mut tree = alloc::vec![(SimTime::NEVER, 0); 2 * leaves];
        for (place, entry) in tree.iter_mut().enumerate().skip(leaves) {
            entry.1 = (place - leaves) as u32;
        }
        for place in (1..leaves).rev() {
            tree[place] = tree[2 * place];
        }
        Wakes { tree, leaves }
    }

    /// Whether there are so many that this is kept.
    #[inline(always)]
    pub(super) const fn are_many(&self) -> bool {
        self.leaves > 0
    }

    /// When the first timer fires.
    pub(super) fn next(&self) -> SimTime {
        self.tree[1].0
    }

    /// Whose timer that is: the first process where several fire.
    pub(super) fn first(&self) -> u32 {
        self.tree[1].1
    }

    /// A process's timers fire next at `at`.
    pub(super) fn set(&mut self, process: u32, at: SimTime) {
        let mut place = self.leaves + process as usize;
        if self.tree[place].0 == at {
            return;
        }
        self.tree[place].0 = at;
        while place > 1 {
            place /= 2;
            // Equal instants: the left one, which is the process with the lower number.
            self.tree[place] = self.tree[2 * place].min(self.tree[2 * place + 1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::stream;
    use rand::RngExt;

    #[test]
    fn the_tree_finds_what_a_scan_finds() {
        let mut draws = stream(1, "wakes", 0);
        for n in [8_usize, 9, 16, 37] {
            let mut wakes = Wakes::new(n);
            let mut scanned = alloc::vec![SimTime::NEVER; n];
            for _ in 0..2_000 {
                let process = draws.random_range(0..n);
                let at = SimTime::from_nanos(draws.random_range(0..20));
                let at = if at.as_nanos() == 0 {
                    SimTime::NEVER
                } else {
                    at
                };
                scanned[process] = at;
                wakes.set(process as u32, at);
                let first = scanned.iter().min().copied().expect("there are some");
                assert_eq!(wakes.next(), first);
                if first != SimTime::NEVER {
                    let place = scanned.iter().position(|it| *it == first);
                    assert_eq!(Some(wakes.first() as usize), place);
                }
            }
        }
    }
}
