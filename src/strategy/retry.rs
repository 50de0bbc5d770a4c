//! A program that tries failed requests again.

use crate::model::workload::{Retry, RetryOn};
use crate::net::Failure;
use crate::units::SimSpan;

/// Which failures a rule speaks of.
fn kind_of(failure: Failure) -> Option<RetryOn> {
    match failure {
        Failure::NoPort(_)
        | Failure::ConnectionRefused
        | Failure::ConnectTimedOut
        | Failure::NoSnatPort
        | Failure::NoSocket => Some(RetryOn::Connect),
        Failure::Timeout => Some(RetryOn::Timeout),
        Failure::ServerUnavailable => Some(RetryOn::ServerError),
        Failure::KeepAliveFailure
        | Failure::ConnectionClosed
        | Failure::PipelineFailure
        | Failure::ResponseBroken => Some(RetryOn::ConnectionLost),
        // What the program did itself, or what no second try mends.
        Failure::RequestCanceled | Failure::TooManyServicePoints | Failure::ObjectDisposed => None,
    }
}

/// What one workload does after failures.
#[derive(Clone, PartialEq, Debug)]
pub struct Retrier {
    rule: Retry,
    /// What is left of the budget, in retries.
    tokens: f64,
}

impl Retrier {
    /// A program that has not failed yet: its budget is full.
    pub fn new(rule: Retry) -> Retrier {
        let tokens = rule.budget.map_or(0.0, |budget| f64::from(budget.burst));
        Retrier { rule, tokens }
    }

    /// A request arrives: it earns its share of a retry.
    pub fn on_arrival(&mut self) {
        if let Some(budget) = self.rule.budget {
            self.tokens = (self.tokens + budget.share).min(f64::from(budget.burst));
        }
    }

    /// A request failed that was tried `attempt` times before: how long the program waits until
    /// it tries again, if it does. `uniform`, from 0 to 1, is the draw of its jitter.
    pub fn on_failure(&mut self, failure: Failure, attempt: u32, uniform: f64) -> Option<SimSpan> {
        if attempt + 1 >= self.rule.attempts
            || !kind_of(failure).is_some_and(|it| self.rule.on.has(it))
        {
            return None;
        }
        if self.rule.budget.is_some() {
            if self.tokens < 1.0 {
                return None;
            }
            self.tokens -= 1.0;
        }
        assert!(
            (0.0..=1.0).contains(&uniform),
            "the draw of a jitter is {uniform}"
        );
        let growth = libm::pow(self.rule.factor, f64::from(attempt));
        let wait = SimSpan::from_seconds_rounded(self.rule.backoff.as_seconds() * growth);
        let wait = wait.min(self.rule.max_backoff.unwrap_or(crate::units::LONGEST));
        Some(if self.rule.jitter {
            SimSpan::from_seconds_rounded(wait.as_seconds() * uniform)
        } else {
            wait
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::workload::{RetryBudget, RetryKinds};

    const RULE: Retry = Retry {
        attempts: 6,
        backoff: SimSpan::from_seconds(1),
        factor: 2.0,
        jitter: false,
        max_backoff: None,
        budget: None,
        on: RetryKinds::ALL,
    };

    fn waits(rule: Retry, uniform: f64) -> [Option<f64>; 6] {
        let mut retrier = Retrier::new(rule);
        core::array::from_fn(|attempt| {
            let wait = retrier.on_failure(Failure::Timeout, attempt as u32, uniform);
            wait.map(SimSpan::as_seconds)
        })
    }

    #[test]
    fn waits_grow_up_to_their_cap_and_end_with_the_attempts() {
        let some = |waits: [f64; 5]| {
            let mut all = waits.map(Some).to_vec();
            all.push(None);
            all
        };
        assert_eq!(waits(RULE, 0.5).to_vec(), some([1.0, 2.0, 4.0, 8.0, 16.0]));
        let capped = Retry {
            max_backoff: Some(SimSpan::from_seconds(5)),
            ..RULE
        };
        assert_eq!(waits(capped, 0.5).to_vec(), some([1.0, 2.0, 4.0, 5.0, 5.0]));
        let jittered = Retry {
            jitter: true,
            ..capped
        };
        let half = some([0.5, 1.0, 2.0, 2.5, 2.5]);
        assert_eq!(waits(jittered, 0.5).to_vec(), half, "the cap comes first");
        let fixed = Retry {
            factor: 1.0,
            ..RULE
        };
        assert_eq!(waits(fixed, 0.5).to_vec(), some([1.0; 5]));
    }

    #[test]
    fn a_budget_runs_dry_and_is_earned_back_by_requests() {
        let rule = Retry {
            budget: Some(RetryBudget {
                share: 0.25,
                burst: 2,
            }),
            ..RULE
        };
        let mut retrier = Retrier::new(rule);
        let mut tries = || {
            let wait = retrier.on_failure(Failure::Timeout, 0, 0.0);
            let allowed = wait.is_some();
            retrier.on_arrival();
            allowed
        };
        let tried: alloc::vec::Vec<bool> = (0..12).map(|_| tries()).collect();
        // Two from the start, then one for every four requests.
        let expected = [1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0].map(|one| one == 1);
        assert_eq!(tried, expected);
    }

    #[test]
    fn only_the_failures_that_were_named_are_tried_again() {
        let rule = Retry {
            on: RetryKinds::NONE.with(RetryOn::Connect),
            ..RULE
        };
        let mut retrier = Retrier::new(rule);
        let mut tries = |failure| retrier.on_failure(failure, 0, 0.0).is_some();
        assert!(tries(Failure::ConnectionRefused) && tries(Failure::NoSnatPort));
        assert!(!tries(Failure::Timeout) && !tries(Failure::ServerUnavailable));
        let mut all = Retrier::new(RULE);
        assert!(all.on_failure(Failure::ServerUnavailable, 0, 0.0).is_some());
        assert!(all.on_failure(Failure::RequestCanceled, 0, 0.0).is_none());
    }
}
