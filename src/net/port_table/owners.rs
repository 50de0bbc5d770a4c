//! Whose ports they are, where several programs share a machine.

use super::{PortCounts, PortState};
use alloc::vec::Vec;

/// The ports of each program, in whatever table they are.
///
/// **Invariant:** the counts of all programs add up to those of all tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    /// Empty where there is one program: its ports are all of them.
    counts: Vec<PortCounts>,
    current: u16,
}

impl Owners {
    /// Keeps the counts of so many programs.
    pub(super) fn new(count: usize) -> Owners {
        let counts = if count > 1 { count } else { 0 };
        Owners {
            counts: alloc::vec![PortCounts::default(); counts],
            current: 0,
        }
    }

    /// Ports that are taken from here on are this program's.
    #[inline(always)]
    pub(super) const fn turn_to(&mut self, owner: u16) {
        self.current = owner;
    }

    /// A port was taken by a connection in `state`: whose it is.
    #[inline(always)]
    pub(super) fn took(&mut self, state: PortState) -> u16 {
        self.enters(self.current, state);
        self.current
    }

    /// A connection's port goes from one state to another.
    #[inline(always)]
    pub(super) fn changed(&mut self, owner: u16, from: PortState, to: PortState) {
        self.leaves(owner, from);
        self.enters(owner, to);
    }

    /// A connection gives its port back, to TIME_WAIT if it is held.
    #[inline(always)]
    pub(super) fn released(&mut self, owner: u16, from: PortState, is_held: bool) {
        self.leaves(owner, from);
        if let Some(counts) = self.counts.get_mut(owner as usize) {
            counts.time_wait += u32::from(is_held);
        }
    }

    /// A port's TIME_WAIT is over.
    #[inline(always)]
    pub(super) fn freed(&mut self, owner: u16) {
        if let Some(counts) = self.counts.get_mut(owner as usize) {
            counts.time_wait -= 1;
        }
    }

    /// The ports of a program.
    pub(super) fn counts(&self, owner: u16) -> PortCounts {
        self.counts.get(owner as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn enters(&mut self, owner: u16, state: PortState) {
        if let Some(counts) = self.counts.get_mut(owner as usize) {
            counts.by_state[state as usize] += 1;
        }
    }

    #[inline(always)]
    fn leaves(&mut self, owner: u16, state: PortState) {
        if let Some(counts) = self.counts.get_mut(owner as usize) {
            counts.by_state[state as usize] -= 1;
        }
    }
}
