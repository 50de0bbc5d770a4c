//! Reuse, waiters, connects for waiters, dead connections (`#[cfg(test)]`): NC-7, NC-8, PT-2.

use super::rig::{Ask, PLAIN, Rig, rules_of, shared_31};
use crate::net::{ConnectionManager, PortState};
use crate::profiles::NET8;

/// NC-7.
#[test]
fn nc_7_the_connection_used_last_is_used_next() {
    let mut rig = Rig::net8();
    rig.ask(Ask {
        response_ms: 300,
        ..PLAIN
    });
    rig.ask(Ask {
        response_ms: 100,
        ..PLAIN
    });
    rig.until(1_000);
    rig.host.log.clear();
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.check(&["1 send r2 on c0", "1 send r3 on c1"]);
}

/// NC-7.
#[test]
fn nc_7_net8_looks_at_the_idle_time_when_it_takes_a_connection_and_31_does_not() {
    let outcomes = [rules_of(&NET8), shared_31()].map(|rules| {
        let mut rig = Rig::new(rules, Some(60), 0, 100);
        rig.ask(PLAIN);
        rig.until(70_000);
        rig.host.log.clear();
        rig.ask(PLAIN);
        rig.host.log
    });
    let [net8, netcore31] = outcomes;
    assert_eq!(
        net8,
        ["70 close c0 Graceful", "70 open c1", "70 send r1 on c1"]
    );
    assert_eq!(netcore31, ["70 send r1 on c0"]);
}

/// NC-7.
#[test]
fn nc_7_waiters_are_served_first_in_first_out() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 1, 100);
        for _ in 0..3 {
            rig.ask(PLAIN);
        }
        rig.until(1_000).check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0 r1 waits",
            "0 r2 waits",
            "0.1 send r1 on c0",
            "0.2 send r2 on c0",
            "0.3 idle c0",
        ]);
    }
}

/// NC-7.
#[test]
fn nc_7_net8_serves_a_waiter_with_whatever_comes_first() {
    let slow = Ask {
        connect_ms: 500,
        ..PLAIN
    };
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.ask(slow);
    rig.until(1_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 open c1",
        "0.1 send r1 on c0",
        "0.2 idle c0",
        "0.5 idle c1",
    ]);
    let mut rig = Rig::new(shared_31(), Some(60), 0, 100);
    rig.ask(PLAIN);
    rig.ask(slow);
    rig.until(1_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 open c1",
        "0.1 idle c0",
        "0.5 send r1 on c1",
        "0.6 idle c1",
    ]);
}

/// NC-7.
#[test]
fn nc_7_net8_begins_a_connect_for_each_waiter_below_the_limit() {
    let slow = Ask {
        connect_ms: 500,
        response_ms: 200,
        ..PLAIN
    };
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 2, 100);
    for _ in 0..3 {
        rig.ask(slow);
    }
    assert_eq!(
        rig.manager.counts().queued,
        1,
        "two have a connect under way"
    );
    rig.until(2_000).check(&[
        "0 open c0",
        "0 open c1",
        "0 r2 waits",
        "0.5 send r0 on c0",
        "0.5 send r1 on c1",
        "0.7 send r2 on c0",
        "0.7 idle c1",
        "0.9 idle c0",
    ]);
}

/// NC-7.
#[test]
fn nc_7_a_connection_that_ends_makes_room_for_a_waiter() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 1, 100);
        rig.ask(Ask {
            keep_alive: false,
            ..PLAIN
        });
        rig.ask(PLAIN);
        rig.until(1_000).check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0 r1 waits",
            "0.1 close c0 Graceful",
            "0.1 open c1",
            "0.1 send r1 on c1",
            "0.2 idle c1",
        ]);
    }
}

/// HC-9.
#[test]
fn hc_9_a_fin_is_noticed_at_the_next_tick() {
    // Ticks at 15, 30, 45 s.
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 0, 100);
        rig.ask(PLAIN);
        rig.until(5_000);
        rig.server_closes();
        assert_eq!(rig.by_state(PortState::CloseWait), 1);
        rig.host.log.clear();
        rig.until(59_000).check(&["15 close c0 Graceful"]);
        assert_eq!(rig.time_wait(), 0, "the server closed first");
    }
}

/// NC-8.
#[test]
fn nc_8_a_dead_connection_is_not_reused() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 0, 100);
        rig.ask(PLAIN);
        rig.ask(PLAIN);
        rig.until(1_000);
        rig.host.log.clear();
        rig.server_closes();
        rig.server_closes();
        rig.ask(PLAIN);
        rig.until(40_000).check(&[
            "1 close c1 Graceful",
            "1 close c0 Graceful",
            "1 open c2",
            "1 send r2 on c2",
            "1.1 idle c2",
        ]);
    }
}

/// PT-2.
#[test]
fn pt_2_without_a_port_a_request_fails_and_others_go_on() {
    for rules in [rules_of(&NET8), shared_31()] {
        let mut rig = Rig::new(rules, Some(60), 0, 1);
        rig.ask(PLAIN);
        rig.ask(PLAIN);
        rig.until(1_000).ask(PLAIN);
        rig.check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0 refused",
            "0 r1 EADDRNOTAVAIL",
            "0.1 idle c0",
            "1 send r2 on c0",
        ]);
    }
}
