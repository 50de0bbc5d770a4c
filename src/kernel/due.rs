//! When an event happens, and its place among those that happen together.

use super::phase::Phase;
use crate::units::SimTime;
use core::cmp::Ordering;

const PHASE_BITS: u32 = 3;

/// When an event happens: its time and, below that, its phase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due(i64);

impl Due {
    /// Never: after every event.
    pub const NEVER: Due = Due(i64::MAX);

    /// Instants from 36 years on are one: no run is that long (see [`crate::units::LONGEST`]).
    #[inline(always)]
    pub(super) fn new(time: SimTime, phase: Phase) -> Due {
        let nanos = time.as_nanos().min(i64::MAX as u64 >> PHASE_BITS);
        Due((nanos << PHASE_BITS).cast_signed() | i64::from(phase as u8))
    }

    /// 1 where `other` is later, else 0: the sign of a difference, because many of these are
    /// worked out at a time, and processors subtract several integers at once that they can only
    /// compare one by one.
    #[inline(always)]
    pub(super) const fn is_before(self, other: Due) -> u64 {
        (self.0 - other.0).cast_unsigned() >> (i64::BITS - 1)
    }

    /// The time of an event that happens.
    #[inline(always)]
    pub const fn time(self) -> SimTime {
        SimTime::from_nanos(self.0.cast_unsigned() >> PHASE_BITS)
    }

    /// Its phase, as a number.
    #[inline(always)]
    pub const fn phase(self) -> u8 {
        self.0 as u8 % (1 << PHASE_BITS)
    }
}

/// An event and its place in the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<E> {
    pub(super) due: Due,
    pub(super) sequence: u64,
    pub(super) event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> (Due, u64) {
        (self.due, self.sequence)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    /// Reversed: the heap's greatest is the earliest event.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}
