//! A second port table behind the machines: network address translation.

use super::settings::PortScope;
use crate::units::SimSpan;
use alloc::string::String;

/// The NAT through which every connection of the machines goes.
#[derive(Clone, PartialEq, Debug)]
pub struct Nat {
    /// How many ports there are, and for whom.
    pub allocation: NatAllocation,
    /// The preset the allocation came from, if one was named.
    pub preset: Option<String>,
    /// How long a port stays taken after a connection was closed by FINs.
    pub hold_after_fin: SimSpan,
    /// How long a port stays taken after a connection was reset, or never established.
    pub hold_after_reset: SimSpan,
    /// A flow without a packet for this long is forgotten; `None` never.
    pub idle_timeout: Option<SimSpan>,
    /// What the next packet of a forgotten flow meets.
    pub forgotten: Forgotten,
    /// Whether a port serves one connection, or one per remote endpoint.
    pub scope: PortScope,
}

/// How a NAT gives out its ports.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum NatAllocation {
    /// Every instance has this many of its own.
    PerInstance(u32),
    /// Every instance has its own, the fewer the more instances there are: the largest number
    /// of instances of each step, and the ports of one instance there. Ascending.
    BySize(&'static [(u32, u32)]),
    /// All instances share the ports of some public addresses.
    Shared {
        /// Ports of one address.
        per_address: u32,
        /// How many addresses there are.
        addresses: u32,
    },
    /// The ports of some public addresses, divided evenly among the instances.
    Divided {
        /// Ports of one address.
        per_address: u32,
        /// How many addresses there are.
        addresses: u32,
    },
}

/// What a packet meets whose flow the NAT has forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forgotten {
    /// It is dropped, and so is everything after it.
    Dropped,
    /// It is answered by a reset.
    Reset,
}

impl Nat {
    /// How many ports one pool has where there are this many instances: a pool is an instance's
    /// own, or the one that all share.
    pub fn ports_of_pool(&self, instances: u32) -> u32 {
        match self.allocation {
            NatAllocation::PerInstance(ports) => ports,
            NatAllocation::BySize(steps) => steps
                .iter()
                .find(|(up_to, _)| instances <= *up_to)
                .or(steps.last())
                .map_or(0, |(_, ports)| *ports),
            NatAllocation::Shared {
                per_address,
                addresses,
            } => per_address.saturating_mul(addresses),
            NatAllocation::Divided {
                per_address,
                addresses,
            } => per_address.saturating_mul(addresses) / instances.max(1),
        }
    }

    /// Whether all instances share one pool.
    pub const fn is_shared(&self) -> bool {
        matches!(self.allocation, NatAllocation::Shared { .. })
    }
}
