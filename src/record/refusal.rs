//! When a run is first refused a port, and nothing else of it.

use crate::sim::{Observation, Observer};
use crate::units::SimTime;

/// An observer that has seen enough as soon as it knows when the first connect was refused for
/// want of a port, or that none was in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FirstRefusal {
    /// When that was; `None` while none was.
    pub at: Option<SimTime>,
    /// Nobody asks for what happens before …
    from: SimTime,
    /// … and later.
    until: SimTime,
    is_done: bool,
}

impl FirstRefusal {
    /// Of what happens from `from` up to and including `until`; [`SimTime::NEVER`] is the end of
    /// the run.
    pub const fn within(from: SimTime, until: SimTime) -> FirstRefusal {
        FirstRefusal {
            at: None,
            from,
            until,
            is_done: false,
        }
    }
}

impl Observer for FirstRefusal {
    fn observes_each_step(&self) -> bool {
        false
    }

    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "the engine knows each variant where it observes it"
    )]
    fn observe(&mut self, now: SimTime, observation: Observation) {
        match observation {
            Observation::ConnectRefused { .. } | Observation::SnatPortRefused { .. }
                if now >= self.from =>
            {
                if now <= self.until {
                    self.at.get_or_insert(now);
                }
                self.is_done = true;
            }
            Observation::RequestArrived(_) if now > self.until => self.is_done = true,
            _ => {}
        }
    }

    fn is_done(&self) -> bool {
        self.is_done
    }
}
