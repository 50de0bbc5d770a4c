//! One connection's life as timelines (`#[cfg(test)]`): CN-1 to CN-12.

use super::ALL;
use super::timeline::check;

/// CN-1: a connection object has one socket in its life; what follows is another connection.
#[test]
fn a_connection_is_never_connected_again() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1 close\n5 submit r2 A 1\n7 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 graceful
             5: c2+, r2>c2
             6: r2 ok, c2 idle
             7: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// CN-4: a response that nobody reads to its end holds its connection forever.
#[test]
fn an_unread_response_holds_its_connection() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1 looks"),
            "0 submit r1 A\n1 submit r2 A 1\n1000000 look",
            "1000000: s=1 C=1 g=1 a=1 q=1",
        );
    }
}

/// CN-6: a connection counts as busy from its first request to its last, connect included.
#[test]
fn active_counts_connections_that_are_not_idle() {
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 2 connect 1
             0 submit r2 A 5
             0 submit r3 B 5
             0 look
             1 look
             3 look
             5 look",
            "0: s=3 C=3 g=2 a=3 q=0
             1: s=3 C=3 g=2 a=3 q=0
             3: s=3 C=3 g=2 a=2 q=0
             5: s=3 C=3 g=2 a=0 q=0",
        );
    }
}

/// CN-7, CN-8, FL-2: a response that ends the connection closes it gracefully, takes it off its
/// list, and sends its waiters elsewhere.
#[test]
fn a_closing_response_ends_the_connection() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A\n1 submit r2 A 1\n2 done r1 close\n2 look\n9 look",
            "0: sp+, A+, c1+, r1>c1
             1: r2@c1
             2: r1 ok, c1 graceful, c2+, r2>c2
             2: s=1 C=1 g=1 a=1 q=0
             3: r2 ok, c2 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

const CLOSE_SENT_BEHIND_ANOTHER: &str = "
    0 submit r1 A 1 pipelined
    5 submit r2 A pipelined
    6 submit r3 A pipelined close
    7 done r2
    8 done r3
    9 look";

/// CN-9: `KeepAlive = false` takes effect when that request's own response starts.
#[test]
fn keep_alive_off_waits_for_its_own_response() {
    for profile in ["net40", "net45", "net48"] {
        check(
            &format!("{profile} limit 1"),
            CLOSE_SENT_BEHIND_ANOTHER,
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: r2>c1
             6: r3>c1
             7: r2 ok
             8: r3 ok, c1 graceful
             9: s=0 C=0 g=1 a=0 q=0",
        );
    }
}

/// CN-9 in 2.0: it takes effect when the request starts, so the response before it already ends
/// the connection.
#[test]
fn keep_alive_off_takes_effect_at_the_start_in_2_0() {
    for profile in ["net20-rtm", "net20"] {
        check(
            &format!("{profile} limit 1"),
            CLOSE_SENT_BEHIND_ANOTHER,
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: r2>c1
             6: r3>c1
             7: r2 ok, c1 graceful, c2+, r3>c2
             8: r3 ok, c2 graceful
             9: s=0 C=0 g=1 a=0 q=0",
        );
    }
}

/// CN-10: idle for exactly `MaxIdleTime` is not too long; a millisecond more is.
#[test]
fn the_idle_test_at_reuse_is_strict() {
    for profile in ALL {
        for (at, second) in [("105", "r5>c2"), ("105.001", "c2 hard, c3+, r5>c3")] {
            check(
                profile,
                &format!(
                    "0 submit r1 A 5\n0 submit r2 A 5\n50 submit r3 A 1
                     {at} submit r4 A 1\n{at} submit r5 A 1\n{at} look"
                ),
                &format!(
                    "0: sp+, A+, c1+, r1>c1, c2+, r2>c2
                     5: r1 ok, c1 idle, r2 ok, c2 idle
                     50: r3>c1
                     51: r3 ok, c1 idle
                     {at}: r4>c1, {second}
                     {at}: s=2 C=2 g=1 a=2 q=0"
                ),
            );
        }
    }
}

/// CN-10: with `MaxIdleTime` never no idle time is too long.
#[test]
fn without_an_idle_time_nothing_is_too_old_to_reuse() {
    for profile in ALL {
        check(
            &format!("{profile} idle never"),
            "0 submit r1 A 1\n1000000 submit r2 A 1\n1000000 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             1000000: r2>c1
             1000000: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// CN-11, SP-13, PT-2: an unnoticed FIN leaves slot and port (CLOSE_WAIT) until a timer or a close.
#[test]
fn nobody_notices_a_server_close() {
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1\n30 fin A\n100.999 look\n101 look",
            "100.999: s=1 C=1 g=1 a=0 q=0 cw=1\n101: s=0 C=0 g=0 out q=0",
        );
        check(
            profile,
            "0 submit r1 A 1\n30 fin A\n40 close A\n40 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             40: A-, c1 hard, close A true
             40: s=0 C=0 g=0 a=0 q=0",
        );
    }
}

/// CN-12: without keep-alive the connection goes and the group stays.
#[test]
fn without_keep_alive_the_group_stays() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1 close\n2 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 graceful
             2: s=0 C=0 g=1 a=0 q=0",
        );
    }
}

/// PT-3: a close that the response announced is the server's or the client's doing, as the
/// scenario says; a close that only the client knows of (CL-1) is the client's.
#[test]
fn who_closes_first_decides_over_time_wait() {
    let announced = "0 submit r1 A 1 close\n2 look";
    let own = "0 submit r1 A 1\n0.5 close A\n2 look";
    for profile in ALL {
        let server = format!("{profile} looks time-wait 60");
        let client = format!("{server} client-closes");
        check(&server, announced, "2: s=0 C=0 g=1 a=0 q=0");
        check(&client, announced, "2: s=0 C=0 g=1 a=0 q=0 tw=1");
        check(&server, own, "2: s=0 C=0 g=0 a=0 q=0 tw=1");
    }
}

/// PT-4: a hard close frees the port; with `idle-close = "fin"` it leaves TIME_WAIT, unless the
/// server's FIN was there first.
#[test]
fn a_hard_close_frees_the_port_unless_it_is_a_fin() {
    let script =
        "0 submit r1 A 1\n5 close A\n5 look\n10 submit r2 A 1\n15 fin A\n20 close A\n20 look";
    for profile in ALL {
        let setup = format!("{profile} looks time-wait 10");
        check(
            &setup,
            script,
            "5: s=0 C=0 g=0 a=0 q=0\n20: s=0 C=0 g=0 a=0 q=0",
        );
        check(
            &format!("{setup} fin"),
            script,
            "5: s=0 C=0 g=0 a=0 q=0 tw=1\n20: s=0 C=0 g=0 a=0 q=0",
        );
    }
}

/// CN-4: a response that is neither read nor closed holds its connection, which serves nobody any
/// more; its request has ended, and nothing times out but who waits behind it.
#[test]
fn an_open_response_holds_its_connection_for_ever() {
    for profile in ALL {
        check(
            &format!("{profile} looks limit 2"),
            "0 submit r1 A 1 undisposed
             0 submit r2 A 1 undisposed
             2 submit r3 A 1
             3 fin-left 1
             500 timeout r3
             500 look",
            "500: r3 Timeout\n500: s=2 C=2 g=1 a=2 q=0 cw=1",
        );
    }
}

/// CN-4: what such a connection has served counts the open response, once.
#[test]
fn an_open_response_is_one_that_was_served() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1
             2 submit r2 A 1 undisposed
             4 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             2: r2>c1
             3: r2 ok, c1 left, 2 served
             4: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// CN-4, FL-4: an abort behind it ends the connection on 4.8; a request that has ended is not sent
/// again then.
#[test]
fn an_open_response_ends_with_its_pipeline_unheard() {
    check(
        "net48 limit 1",
        "0 submit r1 A 1
         2 submit r2 A 1 pipelined undisposed
         2 submit r3 A 5 pipelined
         4 abort r3
         9 look",
        "0: sp+, A+, c1+, r1>c1
         1: r1 ok, c1 idle
         2: r2>c1, r3>c1
         3: r2 ok, c1 left, 2 served
         4: r3 RequestCanceled, c1 hard
         9: s=0 C=0 g=1 a=0 q=0",
    );
}
