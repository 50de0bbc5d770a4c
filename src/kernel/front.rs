//! The few events that come next, in order without being moved.
//!
//! Each event stays where it was put; its place in the order is a digit of one word. Where a new
//! event belongs is counted, not searched: the processor cannot foresee how far a search goes, and
//! to guess wrong costs as much as all the comparisons together.

use super::due::{Due, Entry};

/// How many events there may be: as many as a word has hexadecimal digits.
const PLACES: usize = 16;
/// The places that are looked at first; most simulations need no others.
const FEW: usize = 8;
const BITS: u64 = 4;
const ALL: u32 = (1 << PLACES) - 1;

/// Up to 16 events in the order in which they are due; those that are due together, in the order in
/// which they were put in.
///
/// **Invariant:** what is in a free place is due [`Due::NEVER`]; the lower digits of `order` are
/// the taken places, the first event's lowest, and the others are zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Front<E> {
    due: [Due; PLACES],
    sequence: [u64; PLACES],
    events: [E; PLACES],
    order: u64,
    /// A bit for each place that is free.
    free: u32,
}

impl<E: Copy + Default> Front<E> {
    pub(super) fn new() -> Front<E> {
        Front {
            due: [Due::NEVER; PLACES],
            sequence: [0; PLACES],
            events: [E::default(); PLACES],
            order: 0,
            free: ALL,
        }
    }

    pub(super) const fn len(&self) -> usize {
        PLACES - self.free.count_ones() as usize
    }

    #[inline(always)]
    pub(super) const fn is_full(&self) -> bool {
        self.free == 0
    }

    #[inline(always)]
    pub(super) const fn is_empty(&self) -> bool {
        self.free == ALL
    }

    /// The place of the first event; one of nothing where there is none.
    #[inline(always)]
    const fn first_place(&self) -> usize {
        self.order as usize % PLACES
    }

    /// When the first event is due; [`Due::NEVER`] where there is none.
    #[inline(always)]
    pub(super) const fn first_due(&self) -> Due {
        self.due[self.first_place()]
    }

    pub(super) const fn first_sequence(&self) -> u64 {
        self.sequence[self.first_place()]
    }

    /// The first event; any where there is none.
    #[inline(always)]
    pub(super) const fn first(&self) -> &E {
        &self.events[self.first_place()]
    }

    /// Puts an event in; the front is not full.
    #[inline(always)]
    pub(super) fn insert(&mut self, due: Due, sequence: u64, event: E) {
        debug_assert!(!self.is_full(), "there is no place");
        // What is in a free place counts as one behind.
        let is_behind = |place: usize| due.is_before(self.due[place]);
        let mut n_before = FEW as u64 - (0..FEW).map(is_behind).sum::<u64>();
        if self.free >> FEW != ALL >> FEW {
            n_before += (PLACES - FEW) as u64 - (FEW..PLACES).map(is_behind).sum::<u64>();
        }
        let place = self.free.trailing_zeros() as usize % PLACES;
        self.free &= self.free - 1;
        debug_assert!(
            n_before as usize <= PLACES - 1 - self.free.count_ones() as usize,
            "more events come before it than there are"
        );
        let before = (1 << (n_before * BITS)) - 1;
        self.order = (self.order & before)
            | ((place as u64) << (n_before * BITS))
            | ((self.order & !before) << BITS);
        self.due[place] = due;
        self.events[place] = event;
        self.sequence[place] = sequence;
    }

    /// Lets the first event go; there is one.
    #[inline(always)]
    pub(super) fn remove_first(&mut self) {
        debug_assert!(!self.is_empty(), "there is none");
        let place = self.first_place();
        self.due[place] = Due::NEVER;
        self.free |= 1 << place;
        self.order >>= BITS;
    }

    /// Takes out all but the first `kept` events.
    pub(super) fn take_behind(&mut self, kept: usize) -> impl Iterator<Item = Entry<E>> {
        let mut rest = core::mem::replace(self, Front::new());
        for _ in 0..kept.min(rest.len()) {
            self.insert(rest.first_due(), rest.first_sequence(), *rest.first());
            rest.remove_first();
        }
        core::iter::from_fn(move || {
            let entry = Entry {
                due: rest.first_due(),
                sequence: rest.first_sequence(),
                event: *rest.first(),
            };
            let is_taken = !rest.is_empty();
            if is_taken {
                rest.remove_first();
            }
            is_taken.then_some(entry)
        })
    }
}
