//! The future event list.
//!
//! Events leave in the order of (time, phase, lane, sequence); `sequence` counts pushes, so no
//! two keys are equal and equal instants keep the order in which they were scheduled. The four
//! are packed into one 128-bit integer, because one comparison of integers is faster than four.
//!
//! Two levels: a short sorted front, and a binary heap behind it. A simulation of connections
//! has a handful of events close by (responses in flight), which the front serves like a
//! register file; thousands of events make it an ordinary heap. One event that schedules its own
//! successor again and again (the next arrival) has a place of its own beside them.

use super::phase::Phase;
use crate::units::SimTime;
use alloc::collections::BinaryHeap;
use core::cmp::Ordering;

/// Places of the sorted front, one of them the guard's. A power of two: a place is masked, which
/// costs less than a check of bounds.
const FRONT: usize = 32;
/// How many events move to an empty front at once, and stay in a full one.
const REFILL: usize = 16;

const SEQUENCE_BITS: u32 = 44;
const LANE_BITS: u32 = 16;

/// A queue of future events.
///
/// **Invariant:** every key in the front is below `limit`, and no key in the heap is; time never
/// runs back.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    /// Places 1 to `len`, descending, so that the next event is at the end. At place 0 is a guard
    /// that is after every event.
    front: [Entry<E>; FRONT],
    len: usize,
    heap: BinaryHeap<Entry<E>>,
    /// The least key in the heap; [`NO_KEY`] while it is empty.
    limit: u128,
    /// The event with a place of its own, and its key; [`NO_KEY`] while there is none.
    recurring: E,
    recurring_key: u128,
    sequence: u64,
    now: SimTime,
}

/// Above every key of an event.
const NO_KEY: u128 = u128::MAX;

/// In this order, so that the halves of the key are apart: side by side they would be written one
/// by one and copied together, and the processor would wait for its own stores.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Entry<E> {
    /// The upper half of the key.
    time: u64,
    event: E,
    /// The lower half.
    order: u64,
}

impl<E> Entry<E> {
    #[inline(always)]
    fn new(key: u128, event: E) -> Entry<E> {
        Entry {
            time: (key >> 64) as u64,
            order: key as u64,
            event,
        }
    }

    #[inline(always)]
    fn key(&self) -> u128 {
        (u128::from(self.time) << 64) | u128::from(self.order)
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

/// When the next event of a queue happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Next(u128);

impl Next {
    /// When it happens; [`SimTime::NEVER`] when there is none.
    #[inline(always)]
    pub const fn time(self) -> SimTime {
        SimTime::from_nanos((self.0 >> 64) as u64)
    }

    /// Its phase, as a number.
    #[inline(always)]
    pub const fn phase(self) -> u8 {
        ((self.0 as u64) >> (SEQUENCE_BITS + LANE_BITS)) as u8
    }
}

impl<E: Copy + Default> Default for EventQueue<E> {
    fn default() -> Self {
        EventQueue::new()
    }
}

impl<E: Copy + Default> EventQueue<E> {
    /// An empty queue at time zero.
    pub fn new() -> EventQueue<E> {
        EventQueue {
            front: [Entry::new(NO_KEY, E::default()); FRONT],
            len: 0,
            heap: BinaryHeap::new(),
            limit: NO_KEY,
            recurring: E::default(),
            recurring_key: NO_KEY,
            sequence: 0,
            now: SimTime::ZERO,
        }
    }

    /// Forgets every event and starts again at time zero; keeps its memory.
    pub fn clear(&mut self) {
        self.len = 0;
        self.heap.clear();
        self.limit = NO_KEY;
        self.recurring_key = NO_KEY;
        self.sequence = 0;
        self.now = SimTime::ZERO;
    }

    /// Schedules `event`.
    ///
    /// # Panics
    /// If `time` is before the last event taken: time would run back.
    #[inline(always)]
    pub fn schedule(&mut self, time: SimTime, phase: Phase, event: E) {
        self.schedule_in_place(time, phase, || event);
    }

    /// Schedules the event that `make` makes, which it does where the event is to be: worth it
    /// for those that come at a high rate.
    ///
    /// # Panics
    /// If `time` is before the last event taken.
    #[inline(always)]
    pub fn schedule_in_place(&mut self, time: SimTime, phase: Phase, make: impl Fn() -> E) {
        let key = self.next_key(time, phase);
        if key < self.limit && self.len < FRONT - 1 {
            let place = self.place_in_front(key);
            place.time = time.as_nanos();
            place.event = make();
            place.order = key as u64;
        } else {
            self.insert_behind(key, make());
        }
    }

    /// Schedules `event`, the successor of one just taken, in the same order as
    /// [`EventQueue::schedule`] would: one such event at a time costs no search, others are
    /// scheduled like any event.
    ///
    /// # Panics
    /// If `time` is before the last event taken.
    #[inline(always)]
    pub fn schedule_recurring(&mut self, time: SimTime, phase: Phase, event: E) {
        if self.recurring_key == NO_KEY {
            self.recurring_key = self.next_key(time, phase);
            self.recurring = event;
        } else {
            self.schedule(time, phase, event);
        }
    }

    /// Schedules the successor of the recurring event, which is carried out now and was not taken:
    /// in one step what [`EventQueue::take`] and [`EventQueue::schedule_recurring`] do.
    ///
    /// # Panics
    /// If `time` is before the last event taken.
    #[inline(always)]
    pub fn recur(&mut self, time: SimTime, phase: Phase) {
        self.recurring_key = self.next_key(time, phase);
    }

    #[inline(always)]
    fn next_key(&mut self, time: SimTime, phase: Phase) -> u128 {
        assert!(
            time >= self.now,
            "an event was scheduled for {time}, before now ({})",
            self.now
        );
        self.sequence += 1;
        debug_assert!(
            self.sequence < 1 << SEQUENCE_BITS,
            "sequence numbers are used up"
        );
        let order = (u64::from(phase as u8) << (SEQUENCE_BITS + LANE_BITS)) | self.sequence;
        (u128::from(time.as_nanos()) << 64) | u128::from(order)
    }

    /// The place in the front for an event with this key: everything that is earlier moves up by
    /// one; the guard is not earlier.
    #[inline(always)]
    fn place_in_front(&mut self, key: u128) -> &mut Entry<E> {
        self.len += 1;
        let mut place = self.len;
        while self.front[(place - 1) % FRONT].key() < key {
            self.front[place % FRONT] = self.front[(place - 1) % FRONT];
            place -= 1;
        }
        &mut self.front[place % FRONT]
    }

    /// An event that goes into the heap, or finds the front full: then all but the earliest
    /// events of the front go there too.
    #[inline(never)]
    fn insert_behind(&mut self, key: u128, event: E) {
        let entry = Entry::new(key, event);
        if key < self.limit {
            let moved = self.len - REFILL;
            self.heap.extend(&self.front[1..=moved]);
            self.front.copy_within(moved + 1..=self.len, 1);
            self.len = REFILL;
            self.find_limit();
        }
        if key < self.limit {
            *self.place_in_front(key) = entry;
        } else {
            self.heap.push(entry);
            self.find_limit();
        }
    }

    fn find_limit(&mut self) {
        self.limit = self.heap.peek().map_or(NO_KEY, Entry::key);
    }

    /// When the recurring event happens, and when the first of all others does;
    /// [`SimTime::NEVER`] where there is none.
    #[inline(always)]
    pub fn heads(&self) -> (SimTime, SimTime) {
        let first = SimTime::from_nanos(self.front[self.len % FRONT].time);
        (Next(self.recurring_key).time(), first)
    }

    /// The recurring event, carried out now and not taken, has no successor.
    #[inline(always)]
    pub fn end_recurring(&mut self) {
        self.recurring_key = NO_KEY;
    }

    /// The recurring event; any event while there is none.
    #[inline(always)]
    pub fn recurring(&self) -> &E {
        &self.recurring
    }

    /// The first of all events but the recurring one; any event while there is none.
    #[inline(always)]
    pub fn first(&self) -> &E {
        &self.front[self.len % FRONT].event
    }

    /// Takes the first of all events but the recurring one, which is not before it.
    #[inline(always)]
    pub fn take_first(&mut self) {
        debug_assert!(self.len > 0, "there is none");
        self.now = self.heads().1;
        self.len -= 1;
        if self.len == 0 && self.limit != NO_KEY {
            self.refill();
        }
    }

    /// The next event's place in time.
    #[inline(always)]
    pub fn next(&self) -> Next {
        // The front is refilled when its last event leaves: when it is empty, so is the heap.
        Next(self.front[self.len % FRONT].key().min(self.recurring_key))
    }

    /// Takes the event that [`EventQueue::next`] told of, nothing having been scheduled since.
    /// `None` when there is none.
    #[inline(always)]
    pub fn take(&mut self, next: Next) -> Option<E> {
        debug_assert!(next == self.next(), "something was scheduled since");
        let event = if next.0 == self.recurring_key {
            if next.0 == NO_KEY {
                return None;
            }
            self.recurring_key = NO_KEY;
            self.recurring
        } else {
            let event = *self.first();
            self.take_first();
            event
        };
        debug_assert!(next.time() >= self.now, "time ran back");
        self.now = next.time();
        Some(event)
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let next = self.next();
        Some((next.time(), self.take(next)?))
    }

    #[inline(never)]
    fn refill(&mut self) {
        while self.len < REFILL
            && let Some(entry) = self.heap.pop()
        {
            self.len += 1;
            self.front[self.len] = entry;
        }
        self.front[1..=self.len].reverse();
        self.find_limit();
    }

    /// How many events are scheduled.
    pub fn len(&self) -> usize {
        self.len + self.heap.len() + usize::from(self.recurring_key != NO_KEY)
    }

    /// Whether nothing is scheduled.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_instants_leave_by_phase_then_in_order_of_scheduling() {
        let mut queue = EventQueue::new();
        let t = SimTime::from_nanos(5);
        queue.schedule(t, Phase::Sample, 'e');
        queue.schedule(t, Phase::Arrival, 'c');
        queue.schedule(t, Phase::Network, 'a');
        queue.schedule(t, Phase::Network, 'b');
        queue.schedule(t, Phase::Arrival, 'd');
        let order: alloc::string::String = core::iter::from_fn(|| queue.pop())
            .map(|(_, event)| event)
            .collect();
        assert_eq!(order, "abcde");
    }

    #[test]
    #[should_panic(expected = "before now")]
    fn scheduling_for_the_past_is_a_bug_of_ours() {
        let mut queue = EventQueue::new();
        queue.schedule(SimTime::from_nanos(5), Phase::Network, ());
        queue.pop();
        queue.schedule(SimTime::from_nanos(4), Phase::Network, ());
    }

    proptest! {
        /// Whatever is pushed and popped in whatever order, the queue agrees with a sorted list.
        #[test]
        fn agrees_with_a_sorted_list(
            steps in proptest::collection::vec((0..50u64, 0..3u8, any::<bool>()), 1..400),
        ) {
            let mut queue = EventQueue::new();
            let mut list: Vec<(u64, u64)> = Vec::new();
            let mut now = 0;
            for (k, (delay, pops, recurring)) in steps.into_iter().enumerate() {
                let at = SimTime::from_nanos(now + delay);
                if recurring {
                    queue.schedule_recurring(at, Phase::Network, k as u64);
                } else {
                    queue.schedule(at, Phase::Network, k as u64);
                }
                list.push((now + delay, k as u64));
                list.sort_unstable();
                for _ in 0..pops {
                    prop_assert_eq!(queue.len(), list.len());
                    if list.is_empty() { break; }
                    let (time, event) = list.remove(0);
                    now = time;
                    prop_assert_eq!(queue.next().time(), SimTime::from_nanos(time));
                    prop_assert_eq!(queue.pop(), Some((SimTime::from_nanos(time), event)));
                }
            }
        }
    }
}
