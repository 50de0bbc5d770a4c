//! .NET's timer thread (TM-1..TM-4): queues of timers of one duration, fired in passes.
//!
//! A timer never fires early. A pass walks the queues in the order of their creation and fires,
//! head by head, every timer that is due. Then the thread sleeps until the earliest head is due
//! plus its slack. Cancelling a timer does not move that wake-up; arming into an empty queue
//! computes it anew, and arming into any other never moves it (TM-2). With a slack of zero every
//! timer fires exactly when it is due, and a wake-up that a cancel left behind finds nothing to do.

use crate::kernel::{Lane, Lanes, RandomStream, TimerId};
use crate::model::GroupName;
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;
use rand::RngExt;

/// A timer queue of one thread: timers of one duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerQueue {
    lane: Lane,
    duration: SimSpan,
}

impl TimerQueue {
    /// When a timer of this queue is due that is armed now.
    #[inline(always)]
    pub fn due(self, now: SimTime) -> SimTime {
        now.saturating_add(self.duration)
    }
}

/// What happened to an idle timer of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerChange {
    /// The endpoint of the ServicePoint that has the timer.
    pub endpoint: u32,
    /// The group that has it; `None` is the ServicePoint's own.
    pub group: Option<GroupName>,
    /// When it is due; `None`: it was cancelled.
    pub due: Option<SimTime>,
}

/// The timer thread of one process. `P` says whose timer it is.
#[derive(Clone, Debug)]
pub struct TimerThread<P> {
    lanes: Lanes<P>,
    /// In the order of creation (TM-3).
    queues: Vec<Queue>,
    slack: SimSpan,
    jitter: Option<(SimSpan, RandomStream)>,
    wake: SimTime,
    /// Idle timers armed and cancelled since they were last taken, where somebody watches.
    changes: Option<Vec<TimerChange>>,
}

#[derive(Clone, Copy, Debug)]
struct Queue {
    timers: TimerQueue,
    private: bool,
}

impl<P: Copy> TimerThread<P> {
    /// A thread that wakes `slack` late, and by up to a drawn jitter later still.
    pub fn new(slack: SimSpan, jitter: Option<(SimSpan, RandomStream)>) -> TimerThread<P> {
        TimerThread {
            lanes: Lanes::new(),
            queues: Vec::new(),
            slack,
            jitter,
            wake: SimTime::NEVER,
            changes: None,
        }
    }

    /// Keeps what happens to idle timers from here on, until it is taken.
    pub fn watch(&mut self) {
        self.changes = Some(Vec::new());
    }

    /// What happened to idle timers since the last call, in order; a timer that fires is told by
    /// whoever has it.
    pub fn take_changes(&mut self) -> Vec<TimerChange> {
        self.changes
            .as_mut()
            .map(core::mem::take)
            .unwrap_or_default()
    }

    /// Notes that an idle timer was armed, or (`due` is `None`) cancelled.
    #[inline(always)]
    pub fn note(&mut self, endpoint: u32, group: Option<GroupName>, due: Option<SimTime>) {
        if let Some(changes) = &mut self.changes {
            changes.push(TimerChange {
                endpoint,
                group,
                due,
            });
        }
    }

    /// The same in the memory of another thread, whose queues and timers are forgotten.
    pub fn reusing(self, old: TimerThread<P>) -> TimerThread<P> {
        let TimerThread {
            mut lanes,
            mut queues,
            ..
        } = old;
        lanes.clear();
        queues.clear();
        TimerThread {
            lanes,
            queues,
            ..self
        }
    }

    /// The queue that everybody with this duration shares (`GetOrCreateQueue`).
    pub fn queue(&mut self, duration: SimSpan) -> TimerQueue {
        let is_shared = |queue: &&Queue| queue.timers.duration == duration && !queue.private;
        match self.queues.iter().find(is_shared) {
            Some(queue) => queue.timers,
            None => self.create(duration, false),
        }
    }

    /// A queue for a single timer (`CreateQueue`, SP-11). An empty one is used again only when
    /// no later queue exists, because the order of creation is the order of firing.
    pub fn private_queue(&mut self, duration: SimSpan) -> TimerQueue {
        if let Some(last) = self.queues.last_mut()
            && last.private
            && self.lanes.is_empty(last.timers.lane)
        {
            last.timers.duration = duration;
            return last.timers;
        }
        self.create(duration, true)
    }

    fn create(&mut self, duration: SimSpan, private: bool) -> TimerQueue {
        let lane = self.lanes.open();
        let timers = TimerQueue { lane, duration };
        self.queues.push(Queue { timers, private });
        timers
    }

    /// Arms a timer that falls due one duration of `queue` from now.
    #[inline(always)]
    pub fn arm(&mut self, now: SimTime, queue: TimerQueue, payload: P) -> TimerId {
        let due = queue.due(now);
        let (timer, was_empty) = self.lanes.arm(queue.lane, due, payload);
        if was_empty {
            self.set_wake(now);
        }
        timer
    }

    /// Arms the idle timer of a ServicePoint or, named, of one of its groups.
    #[inline(always)]
    pub fn arm_idle(
        &mut self,
        now: SimTime,
        queue: TimerQueue,
        payload: P,
        (endpoint, group): (u32, Option<GroupName>),
    ) -> TimerId {
        self.note(endpoint, group, Some(now.saturating_add(queue.duration)));
        self.arm(now, queue, payload)
    }

    /// Cancels an idle timer that has not fired.
    #[inline(always)]
    pub fn cancel_idle(&mut self, timer: TimerId, (endpoint, group): (u32, Option<GroupName>)) {
        self.note(endpoint, group, None);
        self.cancel(timer);
    }

    /// Arms a timer that falls due at `due`, for a request whose time began to run before it
    /// had to be watched.
    #[inline(always)]
    pub fn arm_at(&mut self, now: SimTime, due: SimTime, queue: TimerQueue, payload: P) -> TimerId {
        let (timer, was_empty) = self.lanes.arm(queue.lane, due, payload);
        // Only here a timer can come before the head of its queue. The real one was armed when
        // the time began to run, and the thread has not looked for it later than that.
        if was_empty || due.saturating_add(self.slack) < self.wake {
            self.set_wake(now);
        }
        timer
    }

    /// Cancels a timer that has not fired.
    #[inline(always)]
    pub fn cancel(&mut self, timer: TimerId) {
        self.lanes.cancel(timer);
    }

    /// Cancels a timer and arms it anew, one duration of `queue` from now.
    #[inline]
    pub fn restart(&mut self, now: SimTime, timer: TimerId, queue: TimerQueue) -> TimerId {
        let due = queue.due(now);
        let (timer, was_empty) = self.lanes.restart(timer, queue.lane, due);
        if was_empty {
            self.set_wake(now);
        }
        timer
    }

    /// When the thread makes its next pass; [`SimTime::NEVER`] while no timer is armed.
    #[inline(always)]
    pub fn next_wake(&self) -> SimTime {
        self.wake
    }

    /// The next timer to fire in the pass at `now`. `cursor` starts at 0 and belongs to the
    /// pass. When there is no more, the pass is over and the next wake-up is set.
    pub fn pop_due(&mut self, now: SimTime, cursor: &mut usize) -> Option<P> {
        while let Some(queue) = self.queues.get(*cursor) {
            if let Some(payload) = self.lanes.pop_due(queue.timers.lane, now) {
                return Some(payload);
            }
            *cursor += 1;
        }
        self.set_wake(now);
        None
    }

    /// The thread looks for the earliest timer: one that is due already needs no more waiting.
    #[inline(never)]
    fn set_wake(&mut self, now: SimTime) {
        let mut due = SimTime::NEVER;
        for queue in &self.queues {
            due = due.min(self.lanes.next_due(queue.timers.lane));
        }
        if due <= now {
            self.wake = now;
            return;
        }
        let mut late = self.slack;
        if let Some((most, stream)) = &mut self.jitter
            && due != SimTime::NEVER
        {
            late = late + SimSpan::from_nanos(stream.random_range(0..=most.as_nanos()));
        }
        self.wake = due.saturating_add(late);
    }

    /// How many timers are armed.
    pub const fn armed(&self) -> usize {
        self.lanes.armed()
    }

    /// Whether every timer fires exactly when it is due.
    pub const fn is_exact(&self) -> bool {
        self.slack.is_zero() && self.jitter.is_none()
    }
}
