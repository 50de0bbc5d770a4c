//! Clients of one request, lifetimes, factories (`#[cfg(test)]`): HC-4..HC-13, HW-1, HW-5.

use super::rig::{Ask, PLAIN, Rig, settings};
use crate::model::profile::{HttpClientOf, Mechanism, RuntimeProfile};
use crate::model::{Api, ClientPerRequest};
use crate::net::ConnectionManager;
use crate::net::snapshot::{Owner, OwnerSnapshot};
use crate::net::sockets_http::SocketsHttpSettings;
use crate::profiles::{MONO6, NET8, NET9, NETCORE31};
use crate::units::{ConnectionLimit, SimSpan};
use alloc::vec::Vec;

fn own(client: ClientPerRequest) -> Ask {
    Ask { client, ..PLAIN }
}

/// A program with one `HttpClient`.
fn http_client(profile: &RuntimeProfile) -> SocketsHttpSettings {
    settings(profile, Api::HttpClient)
}

/// HC-4.
#[test]
fn hc_4_defaults_close_at_150_s_on_31_and_at_75_s_on_8_after_a_last_use_at_3_s() {
    for (profile, at) in [(&NETCORE31, "150"), (&NET8, "75"), (&NET9, "75")] {
        let mut rig = Rig::of(http_client(profile), 100);
        rig.ask(PLAIN);
        rig.until(2_900).ask(PLAIN);
        rig.until(3_500);
        rig.host.log.clear();
        rig.until(149_000);
        rig.until(151_000)
            .check(&[&alloc::format!("{at} close c0 Graceful")]);
    }
}

/// HC-5.
#[test]
fn hc_5_what_a_burst_left_unused_goes_together_and_what_is_used_stays() {
    let mut with = http_client(&NET8);
    with.idle_timeout = Some(SimSpan::from_seconds(3));
    let mut rig = Rig::of(with, 100);
    for _ in 0..5 {
        rig.ask(PLAIN);
    }
    for k in 1..100 {
        rig.until(k * 100).ask(PLAIN);
    }
    assert_eq!(rig.manager.counts().connections, 1, "the last one used");
    assert_eq!(rig.time_wait(), 4);
}

/// HC-6.
#[test]
fn hc_6_a_pause_shorter_than_the_idle_timeout_keeps_the_connection() {
    for (pause, opened) in [(2_500, 1), (5_000, 4)] {
        let mut with = http_client(&NET8);
        with.idle_timeout = Some(SimSpan::from_seconds(3));
        let mut rig = Rig::of(with, 100);
        for k in 0..4 {
            rig.until(k * pause).ask(PLAIN);
        }
        rig.host.log.retain(|line| line.contains("open"));
        assert_eq!(rig.host.log.len(), opened, "every {pause} ms");
    }
}

/// HC-7.
#[test]
fn hc_7_a_connection_that_got_too_old_in_a_request_ends_with_it() {
    for profile in [&NET8, &NETCORE31] {
        let mut with = http_client(profile);
        with.lifetime = Some(SimSpan::from_seconds(3));
        let mut rig = Rig::of(with, 100);
        rig.ask(PLAIN);
        rig.until(2_950).ask(PLAIN);
        rig.until(5_000).ask(PLAIN);
        rig.until(6_000).check(&[
            "0 open c0",
            "0 send r0 on c0",
            "0.1 idle c0",
            "2.95 send r1 on c0",
            "3.05 close c0 Graceful",
            "5 open c1",
            "5 send r2 on c1",
            "5.1 idle c1",
        ]);
        assert_eq!(rig.time_wait(), 1, "client first");
    }
}

/// HC-8.
#[test]
fn hc_8_the_next_request_closes_every_idle_connection_that_is_too_old() {
    let mut with = http_client(&NET8);
    with.lifetime = Some(SimSpan::from_seconds(3));
    let mut rig = Rig::of(with, 100);
    rig.ask(PLAIN);
    rig.ask(PLAIN);
    rig.until(4_000);
    rig.host.log.clear();
    rig.ask(PLAIN);
    rig.until(5_000).check(&[
        "4 close c1 Graceful",
        "4 close c0 Graceful",
        "4 open c2",
        "4 send r2 on c2",
        "4.1 idle c2",
    ]);
    // Without requests it stays until the tick: 15 s with the default idle timeout.
    rig.until(20_000).check(&["15 close c2 Graceful"]);
}

/// HC-11.
#[test]
fn hc_11_a_disposed_client_takes_its_connection_along() {
    let mut rig = Rig::of(http_client(&NET8), 100);
    for k in 0..3 {
        rig.until(k * 1_000).ask(own(ClientPerRequest::Disposed));
    }
    rig.until(10_000);
    assert_eq!(rig.manager.counts().connections, 0);
    assert_eq!(rig.time_wait(), 3, "one each");
}

/// HC-12.
#[test]
fn hc_12_a_held_client_is_freed_by_its_own_timer() {
    for (profile, at) in [(&NETCORE31, 150_000), (&NET8, 75_000)] {
        let mut rig = Rig::of(http_client(profile), 100);
        for k in 0..3 {
            rig.until(k * 1_000).ask(own(ClientPerRequest::Held));
        }
        rig.until(at - 1);
        rig.collects();
        assert_eq!(rig.manager.counts().connections, 3, "they are referenced");
        rig.host.log.clear();
        rig.until(at + 3_000);
        let close = |k: u64| alloc::format!("{} close c{k} Graceful", at / 1_000 + k);
        let expected: [_; 3] = core::array::from_fn(|k| close(k as u64));
        rig.check(&[&expected[0], &expected[1], &expected[2]]);
        assert_eq!(rig.time_wait(), 3);
    }
}

/// HC-13.
#[test]
fn hc_13_a_dropped_client_lives_until_the_next_collection() {
    let HttpClientOf::SocketsHttp(of_mono) = MONO6.http_client else {
        unreachable!("Mono's HttpClient stands on SocketsHttpHandler");
    };
    let mut mono = http_client(&NETCORE31);
    mono.rules = of_mono;
    let cases = [(http_client(&NET8), "Hard", 0), (mono, "Graceful", 1)];
    for (with, how, time_wait) in cases {
        let mut rig = Rig::of(with, 100);
        rig.ask(own(ClientPerRequest::Dropped));
        rig.until(4_950).ask(own(ClientPerRequest::Dropped));
        rig.until(5_000);
        rig.host.log.clear();
        rig.collects();
        rig.until(6_000)
            .check(&[&alloc::format!("5 close c0 {how}"), "5.05 idle c1"]);
        assert_eq!(rig.time_wait(), time_wait);
        assert_eq!(
            rig.manager.counts().connections,
            1,
            "a request was under way"
        );
    }
}

/// A factory's handler that is too old gets no more requests; its idle connections go at the first
/// look of the factory behind a collection.
#[test]
fn a_factory_retires_its_handler_and_looks_every_ten_seconds_who_is_left() {
    let mut with = settings(&NET8, Api::HttpClientFactory);
    with.handler_lifetime = Some(SimSpan::from_seconds(20));
    let mut rig = Rig::of(with, 100);
    rig.ask(PLAIN);
    rig.until(19_000).ask(PLAIN);
    rig.until(21_000).ask(PLAIN);
    rig.until(25_000);
    rig.collects();
    rig.until(35_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.1 idle c0",
        "19 send r1 on c0",
        "19.1 idle c0",
        "21 open c1",
        "21 send r2 on c1",
        "21.1 idle c1",
        "30 close c0 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 1);
}

/// A factory forgets one old handler and goes on looking after another, which was in use.
#[test]
fn a_factory_looks_after_each_old_handler_until_that_is_unused() {
    let mut with = settings(&NET8, Api::HttpClientFactory);
    with.handler_lifetime = Some(SimSpan::from_seconds(20));
    let mut rig = Rig::of(with, 100);
    rig.ask(Ask {
        response_ms: 55_000,
        ..PLAIN
    });
    rig.until(21_000).ask(PLAIN);
    rig.until(42_000).ask(PLAIN);
    rig.until(43_000).collects();
    rig.until(57_000).collects();
    rig.host.log.retain(|line| line.contains("close"));
    rig.until(62_000)
        .check(&["50 close c1 Graceful", "60 close c0 Graceful"]);
}

/// The same without a collection: the old handler's timer goes on.
#[test]
fn without_a_collection_an_old_handlers_connections_end_by_their_idle_timeout() {
    let mut with = settings(&NET8, Api::HttpClientFactory);
    with.handler_lifetime = Some(SimSpan::from_seconds(20));
    let mut rig = Rig::of(with, 100);
    rig.ask(PLAIN);
    rig.until(1_000);
    rig.host.log.clear();
    rig.until(200_000).check(&["75 close c0 Graceful"]);
}

/// HW-1.
#[test]
fn hw_1_web_requests_share_on_8_and_9_and_not_on_31() {
    for (profile, opened) in [(&NETCORE31, 3), (&NET8, 1), (&NET9, 1)] {
        let mut rig = Rig::of(settings(profile, Api::HttpWebRequest), 100);
        for k in 0..3 {
            rig.until(k * 1_000).ask(PLAIN);
        }
        rig.host.log.retain(|line| line.contains("open"));
        assert_eq!(rig.host.log.len(), opened, "{}", profile.name);
    }
}

/// HW-5.
#[test]
fn hw_5_on_9_a_request_whose_service_point_is_read_has_a_client_of_its_own() {
    for (profile, kept) in [(&NET8, 1), (&NET9, 0)] {
        assert!(matches!(profile.mechanism, Mechanism::SocketsHttp(_)));
        let mut rig = Rig::of(settings(profile, Api::HttpWebRequest), 100);
        rig.ask(Ask {
            reads_service_point: true,
            ..PLAIN
        });
        rig.until(1_000);
        assert_eq!(rig.manager.counts().connections, kept, "{}", profile.name);
    }
}

/// HC-16: who waits for a connection of a handler that is no longer shared is seen there, by
/// server.
#[test]
fn hc_16_a_queue_is_seen_beside_the_handler_that_it_is_of() {
    let mut with = settings(&NET8, Api::HttpClientFactory);
    with.handler_lifetime = Some(SimSpan::from_seconds(20));
    with.endpoints[0].limit = ConnectionLimit::new(1);
    with.endpoints.push(with.endpoints[0]);
    let mut rig = Rig::of(with, 100);
    let long = Ask {
        response_ms: 60_000,
        ..PLAIN
    };
    let queues = |rig: &Rig| -> Vec<Vec<(Owner, u64, usize)>> {
        let seen = rig.snapshot().service_points.into_iter();
        let of = |it: OwnerSnapshot| (it.owner, it.queued, it.connections.len());
        seen.map(|it| it.owners.into_iter().map(of).collect())
            .collect()
    };
    rig.ask(long);
    rig.ask(long);
    rig.ask(long);
    assert_eq!(queues(&rig), [[(Owner::SharedPool, 2, 1)]]);
    // The first handler is too old by now: the others are the new one's.
    rig.until(30_000).ask(long);
    rig.ask(long);
    assert_eq!(
        queues(&rig),
        [[(Owner::SharedPool, 1, 1), (Owner::PrivateHandlers, 2, 1)]]
    );
    rig.ask(Ask {
        endpoint: 1,
        ..long
    });
    assert_eq!(
        queues(&rig),
        [
            vec![(Owner::SharedPool, 1, 1), (Owner::PrivateHandlers, 2, 1)],
            vec![(Owner::SharedPool, 0, 1)]
        ]
    );
}
