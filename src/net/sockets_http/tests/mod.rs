//! Timelines of the pool and of private clients (`#[cfg(test)]`), by rule.

mod handlers;
mod pool;
mod responses;
mod rig;

use self::rig::{Ask, PLAIN, Rig, ms, rules_of};
use crate::model::{ClientPerRequest, GroupName};
use crate::net::{Aborted, ConnectionManager, Failure, Setting};
use crate::profiles::{NET8, NETCORE31};
use crate::units::{ConnectionLimit, SimSpan, SimTime};

/// EX-22.
#[test]
fn ex_22_net8_unique_names_share_one_connection_until_a_tick_after_its_idle_timeout() {
    let mut rig = Rig::net8();
    for k in 0..4 {
        rig.until(k * 10_000).ask(PLAIN);
    }
    rig.until(30_100);
    assert_eq!(
        rig.manager.counts().connections,
        1,
        "one connection throughout (NC-1)"
    );
    rig.host.log.retain(|line| line.contains("open"));
    rig.check(&["0 open c0"]);
    // Idle since 30.1 s: the ticks at 45, 60, 75 and 90 s are too early.
    rig.until(200_000).check(&["105 close c0 Graceful"]);
    assert_eq!(rig.time_wait(), 0, "105 s and 60 s are over");
    assert_eq!(
        rig.manager.next_wake(),
        SimTime::NEVER,
        "no pools, no timer (NC-6)"
    );
}

/// EX-22.
#[test]
fn ex_22_netcore31_every_request_opens_and_closes_its_own_connection() {
    let mut rig = Rig::new(rules_of(&NETCORE31), Some(120), 0, 100);
    for k in 0..3 {
        rig.until(k * 10_000).ask(PLAIN);
    }
    rig.until(25_000);
    assert_eq!(rig.time_wait(), 3, "client first (NC-10)");
    rig.check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 close c0 Graceful",
        "10 open c1",
        "10 send r1 on c1",
        "10.1 close c1 Graceful",
        "20 open c2",
        "20 send r2 on c2",
        "20.1 close c2 Graceful",
    ]);
    assert_eq!(rig.manager.next_wake(), SimTime::NEVER, "nothing is pooled");
}

/// NC-2.
#[test]
fn nc_2_a_service_point_is_a_property_bag() {
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.until(1_000);
    rig.host.log.clear();
    let name = GroupName::fresh(77);
    assert!(rig.with(|manager, net| manager.close_connection_group(net, 0, name)));
    rig.with(|manager, net| {
        manager.change_setting(net, 0, Setting::MaxIdleTime(Some(SimSpan::from_seconds(1))));
        manager.change_setting(net, 0, Setting::ConnectionLimit(ConnectionLimit::new(1)));
        manager.hold_service_point(net, 0);
    });
    rig.until(60_000).check(&[]);
    assert_eq!(rig.manager.counts().service_points, 1);
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.check(&["60 send r1 on c0", "60 open c1", "60 send r2 on c1"]);
}

/// NC-3.
#[test]
fn nc_3_net8_with_its_proxy_set_has_a_client_per_request() {
    let mut rig = Rig::net8();
    rig.ask(Ask {
        client: ClientPerRequest::Disposed,
        ..PLAIN
    });
    rig.until(500).ask(Ask {
        client: ClientPerRequest::Disposed,
        ..PLAIN
    });
    rig.until(1_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 close c0 Graceful",
        "0.5 open c1",
        "0.5 send r1 on c1",
        "0.6 close c1 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 2);
}

/// NC-5.
#[test]
fn nc_5_the_limit_is_per_pool_and_private_clients_have_their_own() {
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 1, 100);
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.ask(Ask {
        client: ClientPerRequest::Disposed,
        ..PLAIN
    });
    rig.check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 r1 waits",
        "0 open c1",
        "0 send r2 on c1",
    ]);
    assert_eq!(rig.manager.counts().queued, 1);
}

/// NC-6.
#[test]
fn nc_6_a_connection_idle_for_exactly_its_timeout_stays_until_the_next_tick() {
    let mut rig = Rig::new(rules_of(&NET8), Some(4), 0, 100);
    rig.ask(Ask {
        response_ms: 1_000,
        ..PLAIN
    });
    // Ticks each second: at 5 s it is idle for 4 s sharp, at 6 s for longer; the pool, found
    // empty and unused, goes at 7 s.
    rig.until(30_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "1 idle c0",
        "6 close c0 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 1, "NC-10");
    assert_eq!(rig.manager.next_wake(), SimTime::NEVER);
    // The next pool starts the timer anew.
    rig.ask(PLAIN);
    assert_eq!(rig.manager.next_wake(), ms(31_000));
}

/// NC-6.
#[test]
fn nc_6_without_an_idle_timeout_ticks_come_every_30_s_and_close_nothing() {
    let mut rig = Rig::new(rules_of(&NET8), None, 0, 100);
    rig.ask(PLAIN);
    assert_eq!(rig.manager.next_wake(), ms(30_000));
    rig.until(1_000_000)
        .check(&["0 open c0", "0 send r0 on c0", "0.1 idle c0"]);
}

/// NC-6.
#[test]
fn nc_6_only_what_is_idle_too_long_goes_oldest_first() {
    let mut rig = Rig::new(rules_of(&NET8), Some(8), 0, 100);
    for k in 1..=3 {
        rig.ask(Ask {
            response_ms: k * 1_000,
            ..PLAIN
        });
    }
    rig.until(3_500);
    rig.host.log.clear();
    // Ticks every 2 s; idle since 1, 2 and 3 s.
    rig.until(20_000).check(&[
        "10 close c0 Graceful",
        "12 close c1 Graceful",
        "12 close c2 Graceful",
    ]);
}

/// NC-9.
#[test]
fn nc_9_keep_alive_off_may_reuse_a_connection_and_ends_it() {
    let mut rig = Rig::net8();
    rig.ask(PLAIN);
    rig.until(1_000).ask(Ask {
        keep_alive: false,
        ..PLAIN
    });
    rig.until(2_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 idle c0",
        "1 send r1 on c0",
        "1.1 close c0 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 0, "the server closes first here (PT-3)");
}

/// TM-5, HC-14, HW-11.
#[test]
fn tm_5_a_timeout_on_the_wire_closes_and_in_the_queue_leaves_it() {
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 1, 100);
    rig.ask(Ask {
        response_ms: 5_000,
        timeout_ms: Some(3_000),
        ..PLAIN
    });
    rig.ask(Ask {
        timeout_ms: Some(2_000),
        ..PLAIN
    });
    rig.ask(PLAIN);
    rig.until(10_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0 r1 waits",
        "0 r2 waits",
        "2 r1 Timeout",
        "3 r0 Timeout",
        "3 close c0 Graceful",
        "3 open c1",
        "3 send r2 on c1",
        "3.1 idle c1",
    ]);
    assert_eq!(rig.time_wait(), 1, "HC-14: a FIN from here");
}

/// TM-5.
#[test]
fn tm_5_a_timeout_while_connecting_ends_a_private_connect_and_not_a_shared_one() {
    let never = Ask {
        connect_ms: 5_000,
        timeout_ms: Some(1_000),
        ..PLAIN
    };
    let mut rig = Rig::net8();
    rig.ask(never);
    rig.until(10_000)
        .check(&["0 open c0", "1 r0 Timeout", "5 idle c0"]);
    let mut rig = Rig::net8();
    rig.ask(Ask {
        client: ClientPerRequest::Disposed,
        ..never
    });
    rig.until(10_000)
        .check(&["0 open c0", "1 r0 Timeout", "1 close c0 Hard"]);
}

/// FL-4.
#[test]
fn fl_4_an_abort_says_where_the_request_was() {
    let mut rig = Rig::new(rules_of(&NET8), Some(60), 1, 100);
    let first = rig.ask(PLAIN);
    let second = rig.ask(PLAIN);
    let why = Failure::RequestCanceled;
    let waiting = rig.with(|manager, net| manager.abort(net, second, why));
    let sent = rig.with(|manager, net| manager.abort(net, first, why));
    assert_eq!(
        (waiting, sent),
        (Aborted::Disassociated, Aborted::ConnectionClosed)
    );
}

#[test]
fn an_idle_timeout_of_zero_keeps_nothing() {
    let mut rig = Rig::new(rules_of(&NET8), Some(0), 0, 100);
    rig.ask(PLAIN);
    rig.until(10_000)
        .check(&["0 open c0", "0 send r0 on c0", "0.1 close c0 Graceful"]);
}
