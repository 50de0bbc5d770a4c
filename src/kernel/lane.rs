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

/// One list of timers: the place of its guard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lane(u32);

/// A set of lanes over one arena of timers.
///
/// A lane is a ring that starts and ends at a guard, so that no neighbour is ever missing.
///
/// **Invariant:** within a lane, due times do not decrease from head to tail; a guard is due at
/// time zero, before every timer.
#[derive(Clone, Debug)]
pub struct Lanes<P> {
    nodes: Vec<Node<P>>,
    free: u32,
    armed: usize,
}

#[derive(Clone, Copy, Debug)]
struct Node<P> {
    due: SimTime,
    previous: u32,
    next: u32,
    /// `None` for a guard.
    payload: Option<P>,
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
            armed: 0,
        }
    }

    /// Forgets every lane and timer; keeps its memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.free = NIL;
        self.armed = 0;
    }

    /// Opens a new, empty lane.
    pub fn open(&mut self) -> Lane {
        let guard = self.nodes.len() as u32;
        self.nodes.push(Node {
            due: SimTime::ZERO,
            previous: guard,
            next: guard,
            payload: None,
        });
        Lane(guard)
    }

    /// Arms a timer: at the end of its lane, or before the later ones where it falls due before
    /// some of them. Also tells whether the lane was empty.
    #[inline(always)]
    pub fn arm(&mut self, lane: Lane, due: SimTime, payload: P) -> (TimerId, bool) {
        if self.free == NIL {
            self.grow();
        }
        let place = self.free;
        let last = self.nodes[lane.0 as usize].previous;
        let (previous, next) = if self.nodes[last as usize].due <= due {
            (last, lane.0)
        } else {
            self.neighbours_in_order(last, due)
        };
        let node = &mut self.nodes[place as usize];
        self.free = node.next;
        node.due = due;
        node.previous = previous;
        node.next = next;
        node.payload = Some(payload);
        debug_assert!(
            self.nodes[previous as usize].due <= due,
            "a lane is out of order"
        );
        self.nodes[previous as usize].next = place;
        self.nodes[next as usize].previous = place;
        self.armed += 1;
        (TimerId::at(place), previous == next)
    }

    /// Between which places of a lane a timer belongs that falls due before the `last` one.
    #[inline(never)]
    fn neighbours_in_order(&self, last: u32, due: SimTime) -> (u32, u32) {
        let (mut previous, mut next) = (self.nodes[last as usize].previous, last);
        while self.nodes[previous as usize].due > due {
            (previous, next) = (self.nodes[previous as usize].previous, previous);
        }
        (previous, next)
    }

    /// One more node, free.
    #[inline(never)]
    fn grow(&mut self) {
        self.free = self.nodes.len() as u32;
        self.nodes.push(Node {
            due: SimTime::NEVER,
            previous: NIL,
            next: NIL,
            payload: None,
        });
    }

    /// Removes a timer.
    #[inline(always)]
    pub fn cancel(&mut self, timer: TimerId) {
        debug_assert!(
            self.nodes[timer.place() as usize].payload.is_some(),
            "a timer was cancelled that is not armed"
        );
        self.unlink(timer.place());
    }

    /// Cancels a timer and arms it anew in `lane`; one that is the last there only falls due
    /// later. Also tells whether the lane was empty in between.
    #[inline]
    pub fn restart(&mut self, timer: TimerId, lane: Lane, due: SimTime) -> (TimerId, bool) {
        let node = &mut self.nodes[timer.place() as usize];
        if node.next == lane.0 && node.due <= due {
            node.due = due;
            return (timer, node.previous == lane.0);
        }
        match self.unlink(timer.place()) {
            Some(payload) => self.arm(lane, due, payload),
            None => unreachable!("a guard is no timer"),
        }
    }

    #[inline(always)]
    fn unlink(&mut self, place: u32) -> Option<P> {
        let node = &mut self.nodes[place as usize];
        let (previous, next, payload) = (node.previous, node.next, node.payload);
        node.next = self.free;
        self.free = place;
        debug_assert!(self.armed > 0, "no timer is armed");
        self.nodes[previous as usize].next = next;
        self.nodes[next as usize].previous = previous;
        self.armed -= 1;
        payload
    }

    /// When the first timer of `lane` falls due; [`SimTime::NEVER`] when it is empty.
    #[inline]
    pub fn next_due(&self, lane: Lane) -> SimTime {
        if self.is_empty(lane) {
            return SimTime::NEVER;
        }
        self.nodes[self.head(lane) as usize].due
    }

    /// The first timer of `lane`, or its guard.
    #[inline(always)]
    fn head(&self, lane: Lane) -> u32 {
        self.nodes[lane.0 as usize].next
    }

    /// Whether `lane` has no timer.
    #[inline(always)]
    pub fn is_empty(&self, lane: Lane) -> bool {
        self.head(lane) == lane.0
    }

    /// Takes the first timer of `lane` if it is due at or before `now`.
    #[inline]
    pub fn pop_due(&mut self, lane: Lane, now: SimTime) -> Option<P> {
        if self.next_due(lane) > now || self.is_empty(lane) {
            return None;
        }
        self.unlink(self.head(lane))
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
        let (b, was_empty) = lanes.arm(lane, at(20), 'b');
        assert!(!was_empty);
        lanes.arm(lane, at(30), 'd');
        lanes.arm(lane, at(25), 'c');
        lanes.cancel(b);
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
    fn what_is_cleared_begins_anew() {
        let mut lanes = Lanes::new();
        let lane = lanes.open();
        lanes.arm(lane, at(10), 'a');
        lanes.clear();
        assert_eq!(lanes.armed(), 0);
        let again = lanes.open();
        assert_eq!(again, lane, "numbers are given out from the first again");
        assert!(lanes.is_empty(again));
        assert_eq!(lanes.next_due(again), SimTime::NEVER);
    }

    #[test]
    fn a_timer_that_is_restarted_is_behind_all_others() {
        let mut lanes = Lanes::new();
        let (lane, other) = (lanes.open(), lanes.open());
        let (a, _) = lanes.arm(lane, at(10), 'a');
        assert_eq!(lanes.restart(a, lane, at(20)), (a, true), "it was alone");
        let (b, _) = lanes.arm(lane, at(20), 'b');
        let (a, was_empty) = lanes.restart(a, lane, at(20));
        assert!(!was_empty);
        let (b, was_empty) = lanes.restart(b, other, at(15));
        assert!(was_empty, "nobody is in the other lane");
        assert_eq!(
            (lanes.next_due(lane), lanes.next_due(other)),
            (at(20), at(15))
        );
        lanes.restart(b, lane, at(20));
        lanes.restart(a, lane, at(19));
        assert_eq!(lanes.armed(), 2);
        let order = [(); 3].map(|()| lanes.pop_due(lane, at(20)));
        assert_eq!(order, [Some('a'), Some('b'), None], "a falls due first now");
    }

    #[test]
    fn lanes_share_memory_but_not_timers() {
        let mut lanes = Lanes::new();
        let (left, right) = (lanes.open(), lanes.open());
        let (first, was_empty) = lanes.arm(left, at(1), 1);
        assert!(was_empty);
        lanes.cancel(first);
        let (second, _) = lanes.arm(right, at(2), 2);
        assert_eq!(first, second, "the freed node is used again");
        assert!(lanes.is_empty(left));
        assert!(!lanes.is_empty(right));
    }
}
