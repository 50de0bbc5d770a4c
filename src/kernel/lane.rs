//! Lanes: one first-in first-out list of timers for each constant duration.
//!
//! Timers of one duration are armed in the order in which they fall due, so a list keeps them
//! sorted: arming, cancelling and firing cost a few nanoseconds at any size. .NET's timer thread
//! keeps its timers the same way (TM-1).

use crate::units::SimTime;
use alloc::vec::Vec;
use core::num::NonZeroU32;

const NIL: u32 = u32::MAX;

/// A timer that is armed. Whoever holds one forgets it when the timer fires or is cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerId(
    /// One more than the place of its node, so that an optional one needs no more room.
    NonZeroU32,
);

impl TimerId {
    const fn at(place: u32) -> TimerId {
        match NonZeroU32::new(place + 1) {
            Some(number) => TimerId(number),
            None => unreachable!(),
        }
    }

    const fn place(self) -> u32 {
        self.0.get() - 1
    }
}

/// One list of timers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lane(u32);

/// A set of lanes over one arena of timers.
///
/// **Invariant:** within a lane, due times do not decrease from head to tail.
#[derive(Clone, Debug)]
pub struct Lanes<P> {
    nodes: Vec<Node<P>>,
    free: u32,
    ends: Vec<Ends>,
    armed: usize,
}

#[derive(Clone, Copy, Debug)]
struct Node<P> {
    due: SimTime,
    previous: u32,
    next: u32,
    lane: u32,
    payload: P,
}

#[derive(Clone, Copy, Debug)]
struct Ends {
    head: u32,
    tail: u32,
}

impl<P: Copy> Default for Lanes<P> {
    fn default() -> Self {
        Lanes::new()
    }
}

impl<P: Copy> Lanes<P> {
    /// No lanes, no timers.
    pub const fn new() -> Lanes<P> {
        Lanes {
            nodes: Vec::new(),
            free: NIL,
            ends: Vec::new(),
            armed: 0,
        }
    }

    /// Forgets every lane and timer; keeps its memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.ends.clear();
        self.free = NIL;
        self.armed = 0;
    }

    /// Opens a new, empty lane.
    pub fn open(&mut self) -> Lane {
        self.ends.push(Ends {
            head: NIL,
            tail: NIL,
        });
        Lane(self.ends.len() as u32 - 1)
    }

    /// Arms a timer: at the end of its lane, or before the later ones where it falls due before
    /// some of them.
    #[inline(always)]
    pub fn arm(&mut self, lane: Lane, due: SimTime, payload: P) -> TimerId {
        let mut after = self.ends[lane.0 as usize].tail;
        while after != NIL && self.nodes[after as usize].due > due {
            after = self.nodes[after as usize].previous;
        }
        let ends = &mut self.ends[lane.0 as usize];
        let next = if after == NIL {
            ends.head
        } else {
            self.nodes[after as usize].next
        };
        let node = Node {
            due,
            previous: after,
            next,
            lane: lane.0,
            payload,
        };
        let id = if self.free == NIL {
            self.nodes.push(node);
            self.nodes.len() as u32 - 1
        } else {
            let id = self.free;
            self.free = self.nodes[id as usize].next;
            self.nodes[id as usize] = node;
            id
        };
        if after == NIL {
            ends.head = id;
        } else {
            self.nodes[after as usize].next = id;
        }
        if next == NIL {
            ends.tail = id;
        } else {
            self.nodes[next as usize].previous = id;
        }
        self.armed += 1;
        TimerId::at(id)
    }

    /// Removes a timer and gives back its payload.
    #[inline(always)]
    pub fn cancel(&mut self, timer: TimerId) -> P {
        let place = timer.place();
        let node = self.nodes[place as usize];
        let ends = &mut self.ends[node.lane as usize];
        if node.previous == NIL {
            ends.head = node.next;
        } else {
            self.nodes[node.previous as usize].next = node.next;
        }
        if node.next == NIL {
            ends.tail = node.previous;
        } else {
            self.nodes[node.next as usize].previous = node.previous;
        }
        self.nodes[place as usize].next = self.free;
        self.free = place;
        self.armed -= 1;
        node.payload
    }

    /// When the first timer of `lane` falls due; [`SimTime::NEVER`] when it is empty.
    #[inline]
    pub fn next_due(&self, lane: Lane) -> SimTime {
        match self.ends[lane.0 as usize].head {
            NIL => SimTime::NEVER,
            head => self.nodes[head as usize].due,
        }
    }

    /// Whether `lane` has no timer.
    #[inline]
    pub fn is_empty(&self, lane: Lane) -> bool {
        self.ends[lane.0 as usize].head == NIL
    }

    /// Takes the first timer of `lane` if it is due at or before `now`.
    #[inline]
    pub fn pop_due(&mut self, lane: Lane, now: SimTime) -> Option<P> {
        let head = self.ends[lane.0 as usize].head;
        if head == NIL || self.nodes[head as usize].due > now {
            return None;
        }
        Some(self.cancel(TimerId::at(head)))
    }

    /// How many timers are armed.
    pub const fn armed(&self) -> usize {
        self.armed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    #[test]
    fn timers_leave_in_order_and_cancelled_ones_do_not() {
        let mut lanes = Lanes::new();
        let lane = lanes.open();
        lanes.arm(lane, at(10), 'a');
        let b = lanes.arm(lane, at(20), 'b');
        lanes.arm(lane, at(30), 'd');
        lanes.arm(lane, at(25), 'c');
        assert_eq!(lanes.cancel(b), 'b');
        assert_eq!(lanes.armed(), 3);
        assert_eq!(lanes.pop_due(lane, at(9)), None);
        assert_eq!(lanes.next_due(lane), at(10));
        assert_eq!(lanes.pop_due(lane, at(40)), Some('a'));
        assert_eq!(
            lanes.pop_due(lane, at(40)),
            Some('c'),
            "armed late, due earlier than d"
        );
        assert_eq!(lanes.pop_due(lane, at(40)), Some('d'));
        assert!(lanes.is_empty(lane));
        assert_eq!(lanes.next_due(lane), SimTime::NEVER);
    }

    #[test]
    fn lanes_share_memory_but_not_timers() {
        let mut lanes = Lanes::new();
        let (left, right) = (lanes.open(), lanes.open());
        let first = lanes.arm(left, at(1), 1);
        lanes.cancel(first);
        let second = lanes.arm(right, at(2), 2);
        assert_eq!(first, second, "the freed node is used again");
        assert!(lanes.is_empty(left));
        assert!(!lanes.is_empty(right));
    }
}
