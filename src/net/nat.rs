//! The ports of a NAT: who takes one, and how long it is held after the connection is gone.
//!
//! A connection takes a NAT port beside its local one with its first segment. Where none is free
//! the segment is dropped, so that the client sees a connect that nobody answers. A port is held
//! for one time after FINs and for another after a reset; nothing is scheduled for the end of
//! it: what is over is swept up when somebody wants a port or counts them.
//!
//! **Invariant:** per pool, ports of flows + held ports are at most the pool's size.

use crate::model::nat::Nat;
use crate::model::settings::PortScope;
use crate::units::{SimSpan, SimTime};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A port of a NAT, taken: the number of its pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NatPort(u32);

/// How a flow ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlowEnd {
    /// By FINs.
    Fin,
    /// By a reset, or before it was established.
    Reset,
    /// The NAT forgot it.
    Forgotten,
}

/// Usage of the fullest pool at one instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NatCounts {
    /// Ports of flows.
    pub flows: u32,
    /// Ports held after their flow.
    pub held: u32,
}

impl NatCounts {
    /// Ports taken.
    pub const fn in_use(self) -> u32 {
        self.flows + self.held
    }
}

/// Usage over a whole run.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize)]
pub struct NatTotals {
    /// Size of a pool.
    pub limit: u32,
    /// The most ports taken at once in one pool.
    pub peak: u32,
    /// When that was first so.
    pub peak_at: SimTime,
    /// First segments dropped for want of a port.
    pub dropped: u64,
    /// Flows that were forgotten while their connection was open.
    pub forgotten: u64,
}

/// The pools of a NAT.
#[derive(Clone, Debug)]
pub struct NatTable {
    limit: u32,
    hold_after_fin: SimSpan,
    hold_after_reset: SimSpan,
    n_instances: u32,
    n_endpoints: u32,
    pools: Vec<Pool>,
    totals: NatTotals,
}

#[derive(Clone, Debug, Default)]
struct Pool {
    flows: u32,
    /// When each port is free again, in order: after FINs, after resets.
    after_fin: VecDeque<SimTime>,
    after_reset: VecDeque<SimTime>,
}

impl Pool {
    fn sweep(&mut self, now: SimTime) {
        for held in [&mut self.after_fin, &mut self.after_reset] {
            while held.front().is_some_and(|until| *until <= now) {
                held.pop_front();
            }
        }
    }

    fn counts(&self) -> NatCounts {
        NatCounts {
            flows: self.flows,
            held: (self.after_fin.len() + self.after_reset.len()) as u32,
        }
    }
}

impl NatTable {
    /// Every port free, for this many instances and remote endpoints.
    pub fn new(nat: &Nat, n_instances: u32, n_endpoints: u32) -> NatTable {
        let limit = nat.ports_of_pool(n_instances);
        // What does not tell pools apart has one number for all of them.
        let n_instances = if nat.is_shared() { 1 } else { n_instances };
        let n_endpoints = match nat.scope {
            PortScope::Destination => n_endpoints.max(1),
            PortScope::Host => 1,
        };
        NatTable {
            limit,
            hold_after_fin: nat.hold_after_fin,
            hold_after_reset: nat.hold_after_reset,
            n_instances,
            n_endpoints,
            pools: alloc::vec![Pool::default(); (n_instances * n_endpoints) as usize],
            totals: NatTotals {
                limit,
                ..NatTotals::default()
            },
        }
    }

    /// Takes a port for a connect of `instance` to `endpoint`; `None` when the pool is empty.
    pub fn take(&mut self, now: SimTime, instance: u32, endpoint: u32) -> Option<NatPort> {
        let instance = instance.min(self.n_instances - 1);
        let endpoint = endpoint.min(self.n_endpoints - 1);
        let number = instance * self.n_endpoints + endpoint;
        let pool = &mut self.pools[number as usize];
        pool.sweep(now);
        let in_use = pool.counts().in_use();
        if in_use >= self.limit {
            self.totals.dropped += 1;
            return None;
        }
        pool.flows += 1;
        if in_use + 1 > self.totals.peak {
            self.totals.peak = in_use + 1;
            self.totals.peak_at = now;
        }
        Some(NatPort(number))
    }

    /// A flow ends.
    pub fn release(&mut self, now: SimTime, port: NatPort, how: FlowEnd) {
        let pool = &mut self.pools[port.0 as usize];
        pool.flows -= 1;
        match how {
            FlowEnd::Fin => pool
                .after_fin
                .push_back(now.saturating_add(self.hold_after_fin)),
            FlowEnd::Reset => pool
                .after_reset
                .push_back(now.saturating_add(self.hold_after_reset)),
            FlowEnd::Forgotten => self.totals.forgotten += 1,
        }
    }

    /// The counts of the fullest pool now.
    pub fn fullest_counts(&mut self, now: SimTime) -> NatCounts {
        let mut fullest = NatCounts::default();
        for pool in &mut self.pools {
            pool.sweep(now);
            let counts = pool.counts();
            if counts.in_use() > fullest.in_use() {
                fullest = counts;
            }
        }
        fullest
    }

    /// The warm-up is over: usage counts from now on.
    pub fn restart_totals(&mut self, now: SimTime) {
        self.totals = NatTotals {
            limit: self.limit,
            peak: self.fullest_counts(now).in_use(),
            peak_at: now,
            ..NatTotals::default()
        };
    }

    /// Usage so far, since it counts.
    pub const fn totals(&self) -> NatTotals {
        self.totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::nat::{Forgotten, NatAllocation};

    fn nat(allocation: NatAllocation) -> Nat {
        Nat {
            allocation,
            preset: None,
            hold_after_fin: SimSpan::from_seconds(240),
            hold_after_reset: SimSpan::from_seconds(15),
            idle_timeout: None,
            forgotten: Forgotten::Dropped,
            scope: PortScope::Destination,
        }
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimSpan::from_seconds(seconds)
    }

    #[test]
    fn a_port_is_held_longer_after_fins_than_after_a_reset() {
        let mut table = NatTable::new(&nat(NatAllocation::PerInstance(2)), 1, 1);
        let (one, two) = (table.take(at(0), 0, 0), table.take(at(0), 0, 0));
        assert!(table.take(at(1), 0, 0).is_none(), "both are taken");
        table.release(at(10), one.expect("it was free"), FlowEnd::Fin);
        table.release(at(10), two.expect("it was free"), FlowEnd::Reset);
        assert!(table.take(at(24), 0, 0).is_none(), "both are held");
        assert!(table.take(at(25), 0, 0).is_some(), "15 s after the reset");
        assert!(table.take(at(249), 0, 0).is_none());
        assert!(table.take(at(250), 0, 0).is_some(), "240 s after the FIN");
        assert_eq!((table.totals().dropped, table.totals().peak), (3, 2));
    }

    #[test]
    fn pools_are_an_instances_own_or_shared_and_one_per_destination() {
        let mut own = NatTable::new(&nat(NatAllocation::PerInstance(1)), 2, 2);
        for (instance, endpoint) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            assert!(own.take(at(0), instance, endpoint).is_some());
            assert!(own.take(at(0), instance, endpoint).is_none());
        }
        let shared = NatAllocation::Shared {
            per_address: 1,
            addresses: 2,
        };
        let mut shared = NatTable::new(&nat(shared), 3, 1);
        let taken = [0, 1, 2].map(|instance| shared.take(at(0), instance, 0).is_some());
        assert_eq!(taken, [true, true, false], "two ports for three instances");
    }

    #[test]
    fn allocations_follow_the_number_of_instances() {
        let by_size = nat(NatAllocation::BySize(&[(50, 1024), (100, 512)]));
        let ports = [1, 50, 51, 100, 5_000].map(|n| by_size.ports_of_pool(n));
        assert_eq!(ports, [1024, 1024, 512, 512, 512]);
        let divided = nat(NatAllocation::Divided {
            per_address: 64_000,
            addresses: 2,
        });
        assert_eq!(divided.ports_of_pool(40), 3_200);
    }
}
