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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimSpan;

    #[test]
    fn requests_of_a_throttled_workload_are_a_span_apart() {
        let at = |seconds| SimTime::ZERO + SimSpan::from_seconds(seconds);
        let rule = Throttle::OncePer(SimSpan::from_seconds(2));
        let mut throttler = Throttler::new(rule, [true, false].into_iter());
        let mut submits = |now, workload| throttler.on_arrival(at(now), workload);
        assert_eq!(submits(5, 0), at(5));
        assert_eq!(submits(5, 0), at(7));
        assert_eq!(submits(6, 0), at(9));
        assert_eq!(submits(20, 0), at(20), "what was not used is not saved up");
        assert_eq!(submits(6, 1), at(6), "this one is not held back");
    }
}
