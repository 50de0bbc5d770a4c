//! A program that holds itself back.

use super::Policy;
use crate::model::Throttle;
use crate::units::SimTime;
use alloc::vec::Vec;

/// When each workload may submit next.
#[derive(Clone, PartialEq, Debug)]
pub struct Throttler {
    rule: Throttle,
    /// `None` for a workload that it is not about.
    next_allowed: Vec<Option<SimTime>>,
}

impl Throttler {
    /// A program that holds back those of its workloads for which this is true.
    pub fn new(rule: Throttle, throttled: impl Iterator<Item = bool>) -> Throttler {
        Throttler {
            rule,
            next_allowed: throttled.map(|it| it.then_some(SimTime::ZERO)).collect(),
        }
    }
}

impl Policy for Throttler {
    fn on_arrival(&mut self, now: SimTime, workload: u32) -> SimTime {
        let Throttle::OncePer(span) = self.rule;
        let Some(next) = &mut self.next_allowed[workload as usize] else {
            return now;
        };
        let allowed = now.max(*next);
        *next = allowed.saturating_add(span);
        allowed
    }
}
