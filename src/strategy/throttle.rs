//! A program that holds itself back.

use super::Policy;
use crate::model::Throttle;
use crate::units::SimTime;
use alloc::vec::Vec;

/// When each workload may submit next.
#[derive(Clone, PartialEq, Debug)]
pub struct Throttler {
    rule: Throttle,
    next_allowed: Vec<SimTime>,
}

impl Throttler {
    /// A program with this many workloads.
    pub fn new(rule: Throttle, n_workloads: usize) -> Throttler {
        Throttler {
            rule,
            next_allowed: alloc::vec![SimTime::ZERO; n_workloads],
        }
    }
}

impl Policy for Throttler {
    fn on_arrival(&mut self, now: SimTime, workload: u32) -> SimTime {
        let Throttle::OncePer(span) = self.rule;
        let next = &mut self.next_allowed[workload as usize];
        let allowed = now.max(*next);
        *next = allowed.saturating_add(span);
        allowed
    }
}
