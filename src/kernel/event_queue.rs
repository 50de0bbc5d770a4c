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
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The most events that the sorted front holds.
const FRONT_MAX: usize = 32;
/// How many events move to an empty front at once.
const REFILL: usize = 16;

const SEQUENCE_BITS: u32 = 44;
const LANE_BITS: u32 = 16;

/// A queue of future events.
///
/// **Invariant:** every key in the front is below every key in the heap; time never runs back.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    /// Descending, so that the next event is at the end.
    front: Vec<Entry<E>>,
    heap: BinaryHeap<Entry<E>>,
    /// The event with a place of its own, and its key; [`NO_KEY`] while there is none.
    recurring: Option<E>,
    recurring_key: u128,
    sequence: u64,
    now: SimTime,
}

/// Above every key of an event.
const NO_KEY: u128 = u128::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    key: u128,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
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
        other.key.cmp(&self.key)
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

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        EventQueue::new()
    }
}

impl<E: Copy> EventQueue<E> {
    /// An empty queue at time zero.
    pub fn new() -> EventQueue<E> {
        EventQueue {
            front: Vec::with_capacity(FRONT_MAX + 1),
            heap: BinaryHeap::new(),
            recurring: None,
            recurring_key: NO_KEY,
            sequence: 0,
            now: SimTime::ZERO,
        }
    }

    /// Forgets every event and starts again at time zero; keeps its memory.
    pub fn clear(&mut self) {
        self.front.clear();
        self.heap.clear();
        self.recurring = None;
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
        let key = self.next_key(time, phase);
        self.insert(key, event);
    }

    /// Schedules `event`, the successor of one just taken, in the same order as
    /// [`EventQueue::schedule`] would: one such event at a time costs no search, others are
    /// scheduled like any event.
    ///
    /// # Panics
    /// If `time` is before the last event taken.
    #[inline(always)]
    pub fn schedule_recurring(&mut self, time: SimTime, phase: Phase, event: E) {
        let key = self.next_key(time, phase);
        if self.recurring_key == NO_KEY {
            self.recurring_key = key;
            self.recurring = Some(event);
        } else {
            self.insert(key, event);
        }
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

    #[inline(always)]
    fn insert(&mut self, key: u128, event: E) {
        let entry = Entry { key, event };
        let belongs_in_front = match self.front.first() {
            Some(last) if !self.heap.is_empty() || self.front.len() == FRONT_MAX => key < last.key,
            _ => self.heap.is_empty(),
        };
        if belongs_in_front {
            self.insert_in_front(entry);
        } else {
            self.heap.push(entry);
        }
    }

    #[inline(always)]
    fn insert_in_front(&mut self, entry: Entry<E>) {
        if self.front.len() == FRONT_MAX {
            let last = self.front.remove(0);
            self.heap.push(last);
        }
        self.front.push(entry);
        let mut place = self.front.len() - 1;
        while place > 0 && self.front[place - 1].key < entry.key {
            self.front[place] = self.front[place - 1];
            place -= 1;
        }
        self.front[place] = entry;
    }

    /// The next event's place in time.
    #[inline(always)]
    pub fn next(&self) -> Next {
        // The front is refilled when its last event leaves: when it is empty, so is the heap.
        let front = self.front.last().map_or(NO_KEY, |entry| entry.key);
        Next(front.min(self.recurring_key))
    }

    /// Takes the event that [`EventQueue::next`] told of, nothing having been scheduled since.
    /// `None` when there is none.
    #[inline(always)]
    pub fn take(&mut self, next: Next) -> Option<E> {
        let event = if next.0 == self.recurring_key {
            self.recurring_key = NO_KEY;
            self.recurring.take()?
        } else {
            let entry = self.front.pop()?;
            debug_assert_eq!(entry.key, next.0, "something was scheduled since");
            if self.front.is_empty() && !self.heap.is_empty() {
                self.refill();
            }
            entry.event
        };
        assert!(
            next.time() >= self.now,
            "time ran back from {} to {}",
            self.now,
            next.time()
        );
        self.now = next.time();
        Some(event)
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let next = self.next();
        Some((next.time(), self.take(next)?))
    }

    #[cold]
    fn refill(&mut self) {
        for _ in 0..REFILL {
            match self.heap.pop() {
                Some(entry) => self.front.push(entry),
                None => break,
            }
        }
        self.front.reverse();
    }

    /// How many events are scheduled.
    pub fn len(&self) -> usize {
        self.front.len() + self.heap.len() + usize::from(self.recurring.is_some())
    }

    /// Whether nothing is scheduled.
    pub fn is_empty(&self) -> bool {
        self.front.is_empty() && self.recurring.is_none()
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
