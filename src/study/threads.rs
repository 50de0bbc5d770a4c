//! Independent jobs on threads, whose number cannot change any result.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::convert::Infallible;
use core::mem;
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// How soon an interruption is noticed while jobs run.
const POLL: Duration = Duration::from_millis(50);

/// How many jobs may be finished before their turn, for each thread: enough that a long job
/// does not hold up the others, and a bound on what waits in memory.
const AHEAD: usize = 64;

/// How much of its work a thread keeps before it hands it over: with thousands of short jobs the
/// two would do little but wake each other, and this much may be done again after an interruption.
const HAND_OVER: Duration = Duration::from_millis(5);

/// One thread per core.
pub fn available() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Runs `job(0) … job(count - 1)` on up to `threads` threads and hands each result to `done`,
/// in the calling thread, with the job's index; the order is that of completion.
///
/// Returns false if `interrupted` was set before all were done. Jobs that still run are then
/// left to end with the process, so that what is finished can be kept at once; that is why the
/// threads are not scoped.
///
/// Each thread has a state of its own, which starts as the default and goes from job to job:
/// memory to be used again, nothing that could change a result.
///
/// # Panics
/// A job panicked: its panic goes on here.
pub fn run_all<S: Default, T: Send + 'static>(
    count: usize,
    threads: usize,
    interrupted: &'static AtomicBool,
    job: impl Fn(&mut S, usize) -> T + Send + Sync + 'static,
    done: impl FnMut(usize, T),
) -> bool {
    run_all_watched(count, threads, interrupted, job, done, || {})
}

/// [`run_all`], where `meanwhile` is called now and then in the calling thread while it waits.
///
/// # Panics
/// A job panicked: its panic goes on here.
pub fn run_all_watched<S: Default, T: Send + 'static>(
    count: usize,
    threads: usize,
    interrupted: &'static AtomicBool,
    job: impl Fn(&mut S, usize) -> T + Send + Sync + 'static,
    mut done: impl FnMut(usize, T),
    meanwhile: impl FnMut(),
) -> bool {
    let job = move |state: &mut S, index: u64| job(state, index as usize);
    let mut delivered = 0;
    let deliver = |index: u64, result| {
        done(index as usize, result);
        delivered += 1;
        Ok::<u64, Infallible>(delivered)
    };
    let count = count as u64;
    let Ok(whole) = run(
        count,
        threads,
        u64::MAX,
        interrupted,
        job,
        deliver,
        meanwhile,
    );
    whole
}

/// [`run_all`], but results are handed over in the order of their jobs, and `done` may end it by
/// an error.
///
/// Returns false if `interrupted` was set before all were done.
///
/// # Errors
/// That of `done`.
///
/// # Panics
/// A job panicked: its panic goes on here.
pub fn run_in_order<S: Default, T: Send + 'static, E>(
    count: u64,
    threads: usize,
    interrupted: &'static AtomicBool,
    job: impl Fn(&mut S, u64) -> T + Send + Sync + 'static,
    mut done: impl FnMut(u64, T) -> Result<(), E>,
) -> Result<bool, E> {
    let window = (AHEAD * threads) as u64;
    let mut waiting = BTreeMap::new();
    let mut delivered = 0;
    let deliver = |index, result| {
        waiting.insert(index, result);
        while let Some(result) = waiting.remove(&delivered) {
            done(delivered, result)?;
            delivered += 1;
        }
        Ok(delivered)
    };
    run(count, threads, window, interrupted, job, deliver, || {})
}

/// Runs the jobs, none further than `window` ahead of how many `deliver` says are delivered.
fn run<S: Default, T: Send + 'static, E>(
    count: u64,
    threads: usize,
    window: u64,
    interrupted: &'static AtomicBool,
    job: impl Fn(&mut S, u64) -> T + Send + Sync + 'static,
    mut deliver: impl FnMut(u64, T) -> Result<u64, E>,
    mut meanwhile: impl FnMut(),
) -> Result<bool, E> {
    let turn = Arc::new(Turn::new(count, window));
    let job = Arc::new(job);
    // A thread waits rather than pile up results, which may be large.
    let (sender, receiver) = mpsc::sync_channel(threads);
    for _ in 0..count.min(threads as u64) {
        let (turn, job, sender) = (Arc::clone(&turn), Arc::clone(&job), sender.clone());
        thread::spawn(move || {
            let mut state = S::default();
            let (mut finished, mut handed_over) = (Vec::new(), Instant::now());
            while let Some(index) = turn.take() {
                // What others wait for is not held back while this one waits for them.
                if turn.is_too_far(index) || handed_over.elapsed() >= HAND_OVER {
                    if !finished.is_empty() && sender.send(mem::take(&mut finished)).is_err() {
                        return;
                    }
                    handed_over = Instant::now();
                }
                if !turn.wait_for(index, interrupted) {
                    break;
                }
                // Nobody would wait for a thread that is gone: a panic goes to the receiver.
                let attempt = AssertUnwindSafe(|| job(&mut state, index));
                finished.push((index, panic::catch_unwind(attempt)));
            }
            // Where nobody listens any more, nobody wants the rest.
            let _ = sender.send(finished);
        });
    }
    drop(sender);
    let mut delivered = 0;
    loop {
        match receiver.recv_timeout(POLL) {
            Ok(finished) => {
                for (index, attempt) in finished {
                    let result = attempt.unwrap_or_else(|cause| panic::resume_unwind(cause));
                    match deliver(index, result) {
                        Ok(so_far) => delivered = so_far,
                        Err(error) => {
                            turn.stop();
                            return Err(error);
                        }
                    }
                }
                turn.delivered(delivered);
            }
            // The last thread has ended.
            Err(RecvTimeoutError::Disconnected) => return Ok(delivered == count),
            Err(RecvTimeoutError::Timeout) if interrupted.load(Ordering::Relaxed) => {
                turn.stop();
                return Ok(delivered == count);
            }
            Err(RecvTimeoutError::Timeout) => meanwhile(),
        }
    }
}

/// Which job is next, and how far those that are delivered have come.
struct Turn {
    count: u64,
    /// How far ahead of those a job may be.
    window: u64,
    next: AtomicU64,
    delivered: Mutex<u64>,
    moved: Condvar,
    stopped: AtomicBool,
}

impl Turn {
    fn new(count: u64, window: u64) -> Turn {
        Turn {
            count,
            window,
            next: AtomicU64::new(0),
            delivered: Mutex::new(0),
            moved: Condvar::new(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The next job; `None` when there is none.
    fn take(&self) -> Option<u64> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < self.count).then_some(index)
    }

    fn so_far(&self) -> MutexGuard<'_, u64> {
        let delivered = self.delivered.lock();
        delivered.unwrap_or_else(PoisonError::into_inner)
    }

    fn is_too_far(&self, index: u64) -> bool {
        index >= self.so_far().saturating_add(self.window)
    }

    /// Waits until a job is not too far ahead. False when it is not to be done any more.
    fn wait_for(&self, index: u64, interrupted: &AtomicBool) -> bool {
        let is_over =
            || self.stopped.load(Ordering::Relaxed) || interrupted.load(Ordering::Relaxed);
        let mut delivered = self.so_far();
        while index >= delivered.saturating_add(self.window) && !is_over() {
            let waited = self.moved.wait_timeout(delivered, POLL);
            delivered = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        !is_over()
    }

    fn delivered(&self, count: u64) {
        *self.so_far() = count;
        self.moved.notify_all();
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_runs_once_on_any_number_of_threads() {
        static NEVER: AtomicBool = AtomicBool::new(false);
        for threads in [1, 2, 7] {
            let mut results = vec![0; 50];
            let all = run_all(
                50,
                threads,
                &NEVER,
                |(): &mut (), index| index * index,
                |index, result| {
                    results[index] += result;
                },
            );
            assert!(all);
            assert!(
                results
                    .iter()
                    .enumerate()
                    .all(|(index, it)| *it == index * index)
            );
        }
        assert!(
            run_all(0, 2, &NEVER, |(): &mut (), _| (), |_, ()| {}),
            "no job at all"
        );
    }

    #[test]
    fn an_interruption_keeps_what_is_finished() {
        static STOP: AtomicBool = AtomicBool::new(false);
        let mut finished = Vec::new();
        let all = run_all(
            10,
            1,
            &STOP,
            |(): &mut (), index| {
                STOP.store(index == 3, Ordering::Relaxed);
                index
            },
            |index, _| finished.push(index),
        );
        assert!(!all);
        assert_eq!(finished, [0, 1, 2, 3]);
    }

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        static NEVER: AtomicBool = AtomicBool::new(false);
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            // The first job is the longest: all others are finished before it.
            let job = |(): &mut (), index: u64| {
                let rounds = if index == 0 { 2_000_000 } else { 10 };
                (0..rounds).fold(index, |sum: u64, it| sum.rotate_left(1) ^ it)
            };
            let done = |index, _| {
                seen.push(index);
                Ok::<(), ()>(())
            };
            assert_eq!(run_in_order(500, threads, &NEVER, job, done), Ok(true));
            assert!(seen.into_iter().eq(0..500));
        }
    }

    #[test]
    fn an_error_of_the_receiver_ends_all() {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let done = |index, ()| if index == 7 { Err("full") } else { Ok(()) };
        let all = run_in_order(1_000_000, 2, &NEVER, |(): &mut (), _| (), done);
        assert_eq!(all, Err("full"));
    }
}
