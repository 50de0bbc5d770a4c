//! The order in which ports are used.

use super::*;
use crate::model::settings::{IdleClose, PortRange};

/// A machine with ports from 1000 on; times in milliseconds.
fn machine(count: u32, time_wait: u64, scope: PortScope, reuse_after: Option<u64>) -> Machine {
    Machine {
        ports: PortRange { first: 1000, count },
        preset: None,
        time_wait: SimSpan::from_millis(time_wait),
        time_wait_given: true,
        scope,
        time_wait_error: PortErrorName::Wsaenobufs,
        idle_close: IdleClose::Reset,
        time_wait_reuse_after: reuse_after.map(SimSpan::from_millis),
        syn_retry: crate::model::service::SynRetry::WINDOWS,
        instances: 1,
    }
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_millis(millis)
}

#[test]
fn with_take_overs_the_even_half_is_used_up_before_the_odd_one() {
    let machine = machine(5, 60_000, PortScope::Destination, Some(1_000));
    let mut ports = PortTable::new(&machine, 1);
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
    assert_eq!(
        next(60_022),
        Err(Refused::NoPort(PortErrorName::Eaddrnotavail))
    );
    assert_eq!(ports.counts(at(60_030), 0).in_use(), 5);
}

/// However short a run is, what it used is over what it lasted; nothing in no time.
#[test]
fn usage_is_over_the_time_that_counts() {
    let machine = machine(5, 0, PortScope::Host, None);
    let mut ports = PortTable::new(&machine, 1);
    ports.take(at(0), 0).expect("a free port");
    ports.restart_totals(at(10));
    let mut mean = |nanos| ports.totals(at(10) + SimSpan::from_nanos(nanos)).mean as u32;
    assert_eq!([0, 1, 2].map(&mut mean), [0, 1, 1]);
}

#[test]
fn the_fullest_table_is_the_one_with_most_ports_taken() {
    for fullest in 0..3 {
        let machine = machine(5, 0, PortScope::Destination, None);
        let mut ports = PortTable::new(&machine, 3);
        for endpoint in [0, 1, 2, fullest] {
            ports.take(at(0), endpoint).expect("a free port");
        }
        assert_eq!(ports.fullest_counts(at(0)).in_use(), 2, "{fullest}");
    }
}

/// Whatever programs do, and however ports come back, the ports of all programs are those of
/// the table.
#[test]
fn the_ports_of_all_programs_are_those_of_the_tables() {
    use crate::kernel::stream;
    use rand::RngExt;
    for (scope, reuse) in [
        (PortScope::Host, None),
        (PortScope::Destination, None),
        (PortScope::Host, Some(5)),
    ] {
        let machine = machine(20, 20, scope, reuse);
        let mut ports = PortTable::new(&machine, 2).shared_by(3);
        let mut draws = stream(1, "owners", 0);
        let mut taken: Vec<(TakenPort, PortState)> = Vec::new();
        for millis in 0..2_000 {
            let now = at(millis);
            ports.turn_to(draws.random_range(0..3));
            if let Ok(port) = ports.take(now, draws.random_range(0..2)) {
                taken.push((port, PortState::Connecting));
            }
            let place = draws.random_range(0..taken.len());
            let (port, state) = taken[place];
            if draws.random() {
                ports.change_state(port, state, PortState::Idle);
                taken[place].1 = PortState::Idle;
            } else {
                taken.swap_remove(place);
                let how = [PortRelease::Free, PortRelease::TimeWait];
                ports.release(now, port, state, how[usize::from(draws.random::<bool>())]);
            }
            ports.sweep(now);
            let mut sum = PortCounts::default();
            for owner in 0..3 {
                let own = ports.counts_of(owner);
                let live = own.by_state[0] + own.by_state[2];
                let mine = taken.iter().filter(|(port, _)| port.owner == owner);
                assert_eq!(live as usize, mine.count(), "of program {owner}");
                sum.time_wait += own.time_wait;
            }
            let held: u32 = (0..ports.n_tables())
                .map(|table| ports.counts(now, table).time_wait)
                .sum();
            assert_eq!(sum.time_wait, held, "at {millis} ms");
            if taken.is_empty() {
                taken.push((
                    ports.take(now, 0).expect("all are free"),
                    PortState::Connecting,
                ));
            }
        }
    }
}
