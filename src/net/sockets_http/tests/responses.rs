//! Responses that are left open, and timeouts (`#[cfg(test)]`): HC-14..HC-16, HW-7.

use super::rig::{Ask, PLAIN, Rig, ms, settings};
use crate::model::{Api, ClientPerRequest};
use crate::net::{ConnectionManager, PortState};
use crate::profiles::{NET8, NETCORE31};
use crate::units::ConnectionLimit;

const OPEN: Ask = Ask {
    left_open: true,
    ..PLAIN
};

/// HC-14.
#[test]
fn hc_14_a_timeout_closes_with_a_fin_and_frees_its_place() {
    let mut with = settings(&NET8, Api::HttpClient);
    with.endpoints[0].limit = ConnectionLimit::new(1);
    let mut rig = Rig::of(with, 100);
    for _ in 0..2 {
        rig.ask(Ask {
            response_ms: 2_000,
            timeout_ms: Some(1_000),
            ..PLAIN
        });
        rig.until(500);
    }
    // The time in the queue counts: the second has half a second left on the wire.
    rig.until(3_000).check(&[
        "0 open c0",
        "0 send r0 on c0",
        "0.5 r1 waits",
        "1 r0 Timeout",
        "1 close c0 Graceful",
        "1 open c1",
        "1 send r1 on c1",
        "1.5 r1 Timeout",
        "1.5 close c1 Graceful",
    ]);
    assert_eq!(rig.time_wait(), 2);
}

/// HC-15, HW-7.
#[test]
fn hc_15_an_open_response_holds_its_connection_and_no_tick_frees_it() {
    for (profile, api) in [
        (&NET8, Api::HttpClient),
        (&NET8, Api::HttpWebRequest),
        (&NETCORE31, Api::HttpClient),
        (&NETCORE31, Api::HttpWebRequest),
    ] {
        let mut rig = Rig::of(settings(profile, api), 100);
        let request = rig.ask(OPEN);
        let crate::net::request::Place::OnConnection(id) = rig.place(request) else {
            panic!("it is sent at once");
        };
        rig.until(1_000);
        assert_eq!(rig.by_state(PortState::Busy), 1);
        rig.server_closes_one(id);
        rig.until(1_000_000)
            .check(&["0 open c0", "0 send r0 on c0", "0.1 open response on c0"]);
        assert_eq!(rig.by_state(PortState::CloseWait), 1, "forever");
        assert_eq!(rig.manager.counts().on_wire, 0);
    }
}

/// HC-17, NC-10: a response that its program closes is no longer on its way, whether its end is
/// there, comes within two seconds, or is not waited for.
#[test]
fn hc_17_a_response_closed_early_is_over_with_its_connection_or_before_it() {
    for (ends, counts, log) in [
        (900, (0, 1), "1 idle c0"),
        (3_000, (1, 1), "3 idle c0"),
        (3_001, (0, 0), "1 close c0 Graceful"),
    ] {
        let mut rig = Rig::of(settings(&NET8, Api::HttpWebRequest), 100);
        let request = rig.ask(Ask {
            response_ms: ends.max(1_001),
            ..PLAIN
        });
        rig.until(500)
            .with(|manager, net| manager.headers_arrived(net, request, false));
        rig.until(1_000)
            .with(|manager, net| manager.close_response(net, request, ms(ends)));
        let known = rig.manager.counts();
        assert_eq!((known.on_wire, known.connections), counts, "{ends} ms");
        if counts == (1, 1) {
            rig.until(3_000);
        }
        rig.check(&["0 open c0", "0 send r0 on c0", log]);
        assert_eq!(rig.manager.counts().on_wire, 0);
    }
}

/// HC-16.
#[test]
fn hc_16_at_the_limit_open_responses_stop_the_client_until_they_are_collected() {
    for profile in [&NET8, &NETCORE31] {
        let mut with = settings(profile, Api::HttpClient);
        with.endpoints[0].limit = ConnectionLimit::new(1);
        let mut rig = Rig::of(with, 100);
        rig.ask(OPEN);
        rig.until(1_000).ask(PLAIN);
        rig.until(1_000_000);
        assert_eq!(rig.manager.counts().queued, 1, "no error, no answer");
        rig.host.log.clear();
        rig.collects();
        rig.until(1_001_000).check(&[
            "1000 close c0 Hard",
            "1000 open c1",
            "1000 send r1 on c1",
            "1000.1 idle c1",
        ]);
        assert_eq!(rig.time_wait(), 0, "a reset");
    }
}

/// NC-9, HC-15.
#[test]
fn hc_15_an_open_response_that_ends_its_connection_is_in_close_wait_at_once() {
    let mut rig = Rig::of(settings(&NET8, Api::HttpWebRequest), 100);
    rig.ask(Ask {
        keep_alive: false,
        client: ClientPerRequest::Disposed,
        ..OPEN
    });
    rig.until(1_000);
    assert_eq!(
        rig.by_state(PortState::CloseWait),
        1,
        "the server closes first"
    );
}
