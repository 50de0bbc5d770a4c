//! A bounded number of workers with one queue, first come first served: M/M/c/K when arrivals
//! and work are exponential.

use crate::kernel::arena_id;
use alloc::collections::VecDeque;

arena_id!(
    /// A request as its server knows it.
    JobId,
    "job"
);

/// What a server does with a request that comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offer {
    /// A worker begins with it.
    Begins,
    /// It waits for a worker.
    Waits,
    /// The queue is full.
    TurnedAway,
}

/// The workers of one server.
///
/// **Invariant:** while a job waits, every worker is busy.
#[derive(Clone, Debug, Default)]
pub struct Workers {
    count: Option<u32>,
    room: Option<u32>,
    busy: u32,
    /// Jobs in order of coming; one that was withdrawn stays as [`JobId::NONE`].
    queue: VecDeque<JobId>,
    waiting: u32,
}

impl Workers {
    /// Idle workers: how many, and how many jobs may wait; `None` is any number.
    pub fn new(count: Option<u32>, room: Option<u32>) -> Workers {
        Workers {
            count,
            room,
            ..Workers::default()
        }
    }

    /// A job comes.
    pub fn offer(&mut self, job: JobId) -> Offer {
        if self.count.is_none_or(|count| self.busy < count) {
            self.busy += 1;
            return Offer::Begins;
        }
        if self.room.is_some_and(|room| self.waiting >= room) {
            return Offer::TurnedAway;
        }
        self.queue.push_back(job);
        self.waiting += 1;
        Offer::Waits
    }

    /// A worker is done with its job, or has dropped it: the job it begins now, if one waits.
    pub fn take_next(&mut self) -> Option<JobId> {
        while let Some(job) = self.queue.pop_front() {
            if !job.is_none() {
                assert!(self.waiting > 0, "a job waited that was not counted");
                self.waiting -= 1;
                return Some(job);
            }
        }
        assert_eq!(self.waiting, 0, "a job waits while a worker rests");
        assert!(self.busy > 0, "a worker is done that had nothing to do");
        self.busy -= 1;
        None
    }

    /// A job that waits leaves. Linear in the queue.
    pub fn withdraw(&mut self, job: JobId) {
        if let Some(place) = self.queue.iter_mut().find(|waiting| **waiting == job) {
            *place = JobId::NONE;
            self.waiting -= 1;
        }
    }

    /// Every worker drops its job, and nobody waits any more.
    pub fn drop_all(&mut self) {
        self.busy = 0;
        self.waiting = 0;
        self.queue.clear();
    }

    /// How many workers are busy.
    pub const fn busy(&self) -> u32 {
        self.busy
    }

    /// How many jobs wait.
    pub const fn waiting(&self) -> u32 {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::Offer::{Begins, TurnedAway, Waits};
    use super::*;

    #[test]
    fn jobs_are_served_in_the_order_in_which_they_came() {
        let mut workers = Workers::new(Some(2), Some(2));
        let offers: [Offer; 5] = core::array::from_fn(|n| workers.offer(JobId(n as u32)));
        assert_eq!(offers, [Begins, Begins, Waits, Waits, TurnedAway]);
        assert_eq!(workers.take_next(), Some(JobId(2)));
        assert_eq!(workers.offer(JobId(5)), Waits, "a place is free again");
        assert_eq!(workers.take_next(), Some(JobId(3)));
        assert_eq!(workers.take_next(), Some(JobId(5)));
        assert_eq!((workers.busy(), workers.waiting()), (2, 0));
        assert_eq!(workers.take_next(), None);
        assert_eq!(workers.take_next(), None);
        assert_eq!(workers.busy(), 0);
    }

    #[test]
    fn a_job_that_was_withdrawn_is_passed_over_and_leaves_its_place() {
        let mut workers = Workers::new(Some(1), Some(2));
        for n in 0..3 {
            workers.offer(JobId(n));
        }
        workers.withdraw(JobId(1));
        assert_eq!(workers.waiting(), 1);
        assert_eq!(workers.offer(JobId(7)), Offer::Waits);
        assert_eq!(workers.take_next(), Some(JobId(2)));
        assert_eq!(workers.take_next(), Some(JobId(7)));
    }

    #[test]
    fn without_a_bound_everybody_is_served_at_once() {
        let mut workers = Workers::new(None, None);
        assert!((0..1_000).all(|n| workers.offer(JobId(n)) == Offer::Begins));
    }
}
