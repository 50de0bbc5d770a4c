//! The future event list.
//!
//! Events leave in the order of (time, phase, sequence); `sequence` counts pushes, so no two are
//! equal and equal instants keep the order in which they were scheduled. Time and phase are packed
//! into one integer, because one comparison is faster than two; the sequence is looked at where
//! those are equal.
//!
//! Two levels: a front of few events (`front.rs`), and a binary heap behind it. A simulation of
//! connections has a handful of events close by (responses in flight), which the front serves like
//! a register file; thousands of events make it an ordinary heap. One event that schedules its own
//! successor again and again (the next arrival) has a place of its own beside them.

use super::due::{Due, Entry};
use super::front::Front;
use super::phase::Phase;
use crate::units::SimTime;
use alloc::collections::BinaryHeap;

/// How many events move to an empty front at once, and stay in a full one.
const REFILL: usize = 8;

/// A queue of future events.
///
/// **Invariant:** no event of the front comes after one of the heap; of those that are due together
/// the earlier ones in sequence are in front, because what is due at `limit` or later goes into the
/// heap. Time never runs back.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    front: Front<E>,
    heap: BinaryHeap<Entry<E>>,
    /// When the first event of the heap is due; [`Due::NEVER`] while it is empty.
    limit: Due,
    /// The event with a place of its own, and when it is due; [`Due::NEVER`] while there is none.
    recurring: Entry<E>,
    sequence: u64,
    now: SimTime,
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
            front: Front::new(),
            heap: BinaryHeap::new(),
            limit: Due::NEVER,
            recurring: Entry {
                due: Due::NEVER,
                sequence: 0,
                event: E::default(),
            },
            sequence: 0,
            now: SimTime::ZERO,
        }
    }

    /// Forgets every event and starts again at time zero; keeps its memory.
    pub fn clear(&mut self) {
        self.front = Front::new();
        self.heap.clear();
        self.limit = Due::NEVER;
        self.recurring.due = Due::NEVER;
        self.sequence = 0;
        self.now = SimTime::ZERO;
    }

    /// Schedules `event`.
    ///
    /// # Panics
    /// If `time` is before the last event taken: time would run back.
    #[inline(always)]
    pub fn schedule(&mut self, time: SimTime, phase: Phase, event: impl Into<E>) {
        let event = event.into();
        let due = self.next_due(time, phase);
        if due < self.limit && !self.front.is_full() {
            self.front.insert(due, self.sequence, event);
        } else {
            self.insert_behind(due, event);
        }
    }

    /// Schedules `event`, the successor of one just taken, in the same order as
    /// [`EventQueue::schedule`] would: one such event at a time costs no search, others are
    /// scheduled like any event.
    ///
    /// # Panics
    /// If `time` is before the last event taken.
    #[inline(always)]
    pub fn schedule_recurring(&mut self, time: SimTime, phase: Phase, event: impl Into<E>) {
        let event = event.into();
        if self.recurring.due == Due::NEVER {
            self.recur(time, phase);
            self.recurring.event = event;
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
        self.recurring.due = self.next_due(time, phase);
        self.recurring.sequence = self.sequence;
    }

    /// When the next event to be scheduled is due; its number is `sequence` then.
    #[inline(always)]
    fn next_due(&mut self, time: SimTime, phase: Phase) -> Due {
        assert!(
            time >= self.now,
            "an event was scheduled for {time}, before now ({})",
            self.now
        );
        self.sequence += 1;
        Due::new(time, phase)
    }

    /// The event scheduled last goes into the heap, or finds the front full: then all but the
    /// earliest events of the front go there too.
    #[inline(never)]
    fn insert_behind(&mut self, due: Due, event: E) {
        let sequence = self.sequence;
        if due < self.limit {
            for entry in self.front.take_behind(REFILL) {
                self.heap.push(entry);
            }
            self.find_limit();
        }
        if due < self.limit {
            self.front.insert(due, sequence, event);
        } else {
            self.heap.push(Entry {
                due,
                sequence,
                event,
            });
            self.find_limit();
        }
    }

    fn find_limit(&mut self) {
        self.limit = self.heap.peek().map_or(Due::NEVER, |entry| entry.due);
    }

    /// When the recurring event is due, and when the first of all others is; [`Due::NEVER`] where
    /// there is none. Which comes first of two that are due together, their sequence tells: see
    /// [`EventQueue::take`].
    #[inline(always)]
    pub fn heads(&self) -> (Due, Due) {
        (self.recurring.due, self.front.first_due())
    }

    /// The recurring event, carried out now and not taken, has no successor.
    #[inline(always)]
    pub fn end_recurring(&mut self) {
        self.recurring.due = Due::NEVER;
    }

    /// The recurring event; any event while there is none.
    #[inline(always)]
    pub fn recurring(&self) -> &E {
        &self.recurring.event
    }

    /// The first of all events but the recurring one; any event while there is none.
    #[inline(always)]
    pub fn first(&self) -> &E {
        self.front.first()
    }

    /// Takes the first of all events but the recurring one, which is not before it.
    #[inline(always)]
    pub fn take_first(&mut self) {
        self.now = self.front.first_due().time();
        self.front.remove_first();
        if self.front.is_empty() && self.limit != Due::NEVER {
            self.refill();
        }
    }

    /// When the next event is due; [`Due::NEVER`] when there is none.
    #[inline(always)]
    pub fn next(&self) -> Due {
        // The front is refilled when its last event leaves: when it is empty, so is the heap.
        self.recurring.due.min(self.front.first_due())
    }

    /// Takes the next event. `None` when there is none.
    #[inline(always)]
    pub fn take(&mut self) -> Option<E> {
        let (recurring, first) = self.heads();
        if recurring.min(first) == Due::NEVER {
            return None;
        }
        let is_recurring = recurring < first
            || (recurring == first && self.recurring.sequence < self.front.first_sequence());
        if is_recurring {
            self.now = recurring.time();
            self.end_recurring();
            return Some(self.recurring.event);
        }
        let event = *self.first();
        self.take_first();
        Some(event)
    }

    /// Takes the next event, and tells its time.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let event = self.take()?;
        Some((self.now, event))
    }

    #[inline(never)]
    fn refill(&mut self) {
        while self.front.len() < REFILL
            && let Some(entry) = self.heap.pop()
        {
            self.front.insert(entry.due, entry.sequence, entry.event);
        }
        self.find_limit();
    }

    /// How many events are scheduled.
    pub fn len(&self) -> usize {
        self.front.len() + self.heap.len() + usize::from(self.recurring.due != Due::NEVER)
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
        let mut queue = EventQueue::<char>::new();
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
    fn it_is_empty_until_something_is_scheduled() {
        let mut queue = EventQueue::<char>::new();
        assert!(queue.is_empty());
        queue.schedule(SimTime::from_nanos(5), Phase::Network, 'a');
        assert!(!queue.is_empty());
        queue.pop();
        assert!(queue.is_empty());
        queue.schedule_recurring(SimTime::from_nanos(6), Phase::Network, 'b');
        assert!(!queue.is_empty());
    }

    #[test]
    #[should_panic(expected = "before now")]
    fn scheduling_for_the_past_is_a_bug_of_ours() {
        let mut queue = EventQueue::<()>::new();
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
            let mut queue = EventQueue::<u64>::new();
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
