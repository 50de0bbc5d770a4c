//! Requests' own timeouts (TM-5), watched only while a request might run into them.

use super::Request;
use super::timer_thread::{TimerQueue, TimerThread};
use crate::units::{SimSpan, SimTime};

/// The timer queue of `HttpWebRequest.Timeout`.
///
/// A request that waits or connects is watched; one that is on the wire only when its response
/// would come too late, because a timer that is cancelled anyway costs the hot path twice.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    queue: Option<TimerQueue>,
}

impl Timeouts {
    /// The queue for `timeout`, opened now; `None` is never. A timeout of 0 counts as 1 ms.
    pub fn new<P: Copy>(timers: &mut TimerThread<P>, timeout: Option<SimSpan>) -> Timeouts {
        Timeouts {
            queue: timeout.map(|span| timers.queue(span.max(SimSpan::from_millis(1)))),
        }
    }

    /// Watches a request, if it has a deadline and is not watched yet.
    pub fn watch<P: Copy>(
        self,
        now: SimTime,
        timers: &mut TimerThread<P>,
        request: &mut Request,
        payload: P,
    ) {
        if request.timer.is_none()
            && request.deadline != SimTime::NEVER
            && let Some(queue) = self.queue
        {
            request.timer = Some(timers.arm_at(now, request.deadline, queue, payload));
        }
    }

    /// A request goes on the wire: from now on it is watched only where its response may come
    /// too late.
    #[inline(always)]
    pub fn sent<P: Copy>(
        self,
        now: SimTime,
        timers: &mut TimerThread<P>,
        request: &mut Request,
        payload: P,
    ) {
        // `answer_at`, where it is known, says the same in fewer steps.
        let in_time = request.answer_at < request.deadline || request.completes_in_time(now);
        if in_time && (timers.is_exact() || request.closed_by_program) {
            unwatch(timers, request);
        } else {
            self.watch(now, timers, request, payload);
        }
    }
}

/// Watches a request no longer.
#[inline(always)]
pub fn unwatch<P: Copy>(timers: &mut TimerThread<P>, request: &mut Request) {
    if let Some(timer) = request.timer.take() {
        timers.cancel(timer);
    }
}
