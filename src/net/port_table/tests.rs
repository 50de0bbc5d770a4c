//! The order in which ports are used.

use super::*;
use crate::model::settings::{IdleClose, PortRange};

#[test]
fn with_take_overs_the_even_half_is_used_up_before_the_odd_one() {
    let mut ports = PortTable::new(
        &Machine {
            ports: PortRange {
                first: 1000,
                count: 5,
            },
            preset: None,
            time_wait: SimSpan::from_seconds(60),
            time_wait_given: true,
            scope: PortScope::Destination,
            time_wait_error: PortErrorName::Wsaenobufs,
            idle_close: IdleClose::Reset,
            time_wait_reuse_after: Some(SimSpan::from_seconds(1)),
            syn_retry: crate::model::service::SynRetry::WINDOWS,
            instances: 1,
        },
        1,
    );
    let at = |millis| SimTime::ZERO + SimSpan::from_millis(millis);
    let taken = [0; 3].map(|_| ports.take(at(0), 0).expect("a free port"));
    assert_eq!(taken.map(|port| port.number), [1000, 1002, 1004]);
    for port in taken {
        ports.release(at(10), port, PortState::Connecting, PortRelease::TimeWait);
    }
    let mut next = |millis| ports.take(at(millis), 0).map(|port| port.number);
    assert_eq!(next(1_000), Ok(1001), "TIME_WAIT is too young");
    assert_eq!(next(1_011), Ok(1000), "the oldest is taken over");
    assert_eq!(next(1_012), Ok(1002));
    assert_eq!(next(60_020), Ok(1004), "free again");
    assert_eq!(next(60_021), Ok(1003));
    assert_eq!(next(60_022), Err(Refused(PortErrorName::Eaddrnotavail)));
    assert_eq!(ports.counts(at(60_030), 0).in_use(), 5);
}
