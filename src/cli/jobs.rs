//! A pool of threads for independent jobs, whose number cannot change any result.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How soon an interruption is noticed while jobs run.
const POLL: Duration = Duration::from_millis(50);

/// Runs `job(0) … job(count - 1)` on up to `threads` threads and hands each result to `done`,
/// in the calling thread, with the job's index; the order is that of completion.
///
/// Returns false if `interrupted` was set before all were done. Jobs that still run are then
/// left to end with the process, so that what is finished can be kept at once; that is why the
/// threads are not scoped.
///
/// Each thread has a state of its own, which starts as the default and goes from job to job:
/// memory to be used again, nothing that could change a result.
pub fn run_all<S: Default, T: Send + 'static>(
    count: usize,
    threads: usize,
    interrupted: &'static AtomicBool,
    job: impl Fn(&mut S, usize) -> T + Send + Sync + 'static,
    mut done: impl FnMut(usize, T),
) -> bool {
    let next = Arc::new(AtomicUsize::new(0));
    let job = Arc::new(job);
    let (sender, receiver) = mpsc::channel();
    let workers: Vec<_> = (0..threads.min(count))
        .map(|_| {
            let (next, job, sender) = (Arc::clone(&next), Arc::clone(&job), sender.clone());
            thread::spawn(move || {
                let mut state = S::default();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || interrupted.load(Ordering::Relaxed) {
                        return;
                    }
                    // Nobody receives any more once the caller was interrupted.
                    let _ = sender.send((index, job(&mut state, index)));
                }
            })
        })
        .collect();
    drop(sender);
    let mut finished = 0;
    loop {
        match receiver.recv_timeout(POLL) {
            Ok((index, result)) => {
                finished += 1;
                done(index, result);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if interrupted.load(Ordering::Relaxed) => return false,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    for worker in workers {
        if let Err(cause) = worker.join() {
            panic::resume_unwind(cause);
        }
    }
    finished == count
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
}
