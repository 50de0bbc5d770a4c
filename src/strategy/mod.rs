//! What a program does about its ports while it runs: policies behind a strategy.
//!
//! A [`Policy`] is told what the program did and says what the program does next; it holds no
//! reference to the world and draws no random number. Most strategies are patches of the
//! scenario and have no policy at all.

pub mod close_groups;
pub mod retry;
pub mod throttle;

pub use close_groups::GroupCloser;
pub use retry::Retrier;
pub use throttle::Throttler;

use crate::model::{GroupName, Scenario};
use crate::units::SimTime;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What a program does about its requests and groups while it runs.
///
/// Every method has a default that does nothing, so that a policy says only what it is about.
/// Policies of one's own are run by
/// [`Simulation::with_policy`](crate::sim::Simulation::with_policy).
/// A policy is part of what a run depends on: for results that can be repeated it must depend on
/// nothing but what it is told, and draw no random number of its own.
pub trait Policy {
    /// When the program first looks after its groups ([`Policy::call`]); `None` if it does so
    /// only for a reason.
    fn first_call(&self) -> Option<SimTime> {
        None
    }

    /// The program wants to make a request of this workload (its place in the scenario): when it
    /// does. An instant that has passed is now.
    fn on_arrival(&mut self, now: SimTime, _workload: u32) -> SimTime {
        now
    }

    /// A request of this workload is submitted: by which process, to which endpoint, under which
    /// group name. Gives the instant of a [`Policy::call`] to arrange, if one has to be.
    fn on_submit(
        &mut self,
        _now: SimTime,
        _workload: u32,
        _process: u32,
        _endpoint: u32,
        _name: GroupName,
    ) -> Option<SimTime> {
        None
    }

    /// Whether [`Policy::on_opened`] is to be asked, for which ports have to be counted.
    fn watches_ports(&self) -> bool {
        false
    }

    /// A connection was opened; `ports_share` of the machine's ports, from 0 to 1, are taken now.
    /// Gives whether to [`Policy::call`] at once.
    fn on_opened(&mut self, _ports_share: f64) -> bool {
        false
    }

    /// The program looks after its groups: those to call `CloseConnectionGroup` for, by process,
    /// endpoint and name, and the instant of its next call, which is later than now, if there is
    /// one already.
    fn call(&mut self, _now: SimTime) -> (Vec<(u32, u32, GroupName)>, Option<SimTime>) {
        (Vec::new(), None)
    }
}

/// The policies that a scenario asks for.
pub fn policies_of<'p>(scenario: &Scenario) -> Vec<Box<dyn Policy + 'p>> {
    let mut policies: Vec<Box<dyn Policy + 'p>> = Vec::new();
    if let Some(rule) = scenario.throttle {
        let throttled = scenario.workloads.iter().map(|it| it.is_throttled);
        policies.push(Box::new(Throttler::new(rule, throttled)));
    }
    if let Some(rule) = scenario.close_groups {
        let closes = scenario.workloads.iter().map(|it| it.closes_groups);
        policies.push(Box::new(GroupCloser::new(rule, closes)));
    }
    policies
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy of somebody who is about nothing.
    struct Nothing;

    impl Policy for Nothing {}

    #[test]
    fn a_policy_that_says_nothing_does_nothing() {
        let at = SimTime::from_nanos;
        assert_eq!(Nothing.first_call(), None);
        assert_eq!(Nothing.on_arrival(at(5), 0), at(5));
        let name = GroupName::pooled(1);
        assert_eq!(Nothing.on_submit(at(5), 0, 0, 0, name), None);
        assert!(!Nothing.watches_ports() && !Nothing.on_opened(1.0));
        assert_eq!(Nothing.call(at(5)), (Vec::new(), None));
    }
}
