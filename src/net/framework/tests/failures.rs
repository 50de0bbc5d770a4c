//! Failures, re-submits and leaks as timelines (`#[cfg(test)]`): FL-1 to FL-8, FL-11, FL-12.

use super::timeline::check;
use super::{ALL, RESERVING};

/// FL-1, PT-2: a connect without a port fails its request, retries nothing, leaves nothing.
#[test]
fn a_refused_connect_fails_its_request_only() {
    for profile in ALL {
        check(
            &format!("{profile} ports 1"),
            "0 submit r1 A 5\n1 submit r2 B 1\n2 look\n6 close A\n7 submit r3 B 1\n9 look",
            "0: sp+, A+, c1+, r1>c1
             1: B+, refused, r2 WSAENOBUFS
             2: s=1 C=1 g=2 a=1 q=0
             5: r1 ok, c1 idle
             6: A-, c1 hard, close A true
             7: c3+, r3>c3
             8: r3 ok, c3 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// FL-2: waiters are re-submitted as often as it takes, in order.
#[test]
fn waiters_survive_any_number_of_connections() {
    for profile in ["net20-rtm", "net20"] {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 1 close
             0 submit r2 A 1 close
             0 submit r3 A 1
             9 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1, r3@c1
             1: r1 ok, c1 graceful, c2+, r2>c2, r3@c2
             2: r2 ok, c2 graceful, c3+, r3>c3
             3: r3 ok, c3 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// FL-2: who is re-submitted goes to the ServicePoint in the table, not to the one that its
/// program holds.
#[test]
fn a_resubmit_leaves_the_service_point_that_is_held() {
    for profile in ["net45", "net48"] {
        check(
            &format!("{profile} limit 1"),
            "0 hold\n200 submit r1 A 1 close held\n200 submit r2 A 1 held\n205 look",
            "0: sp+
             100: [sp], sp-
             200: A+, c1+, r1>c1, r2@c1
             201: r1 ok, c1 graceful, sp+, A+, c2+, r2>c2
             202: r2 ok, c2 idle
             205: s=1 C=1 g=2 a=0 q=0",
        );
    }
}

/// FL-5: a response that breaks off dooms its connection and is not sent again; who waits goes
/// elsewhere. With the leak the ServicePoint stays busy.
#[test]
fn a_broken_response_takes_its_connection_with_it() {
    let steps = "0 submit r1 A\n0 submit r2 A 1\n1 break r1\n3 look";
    for (leak, active) in [("", 0), (" leak", 1)] {
        check(
            &format!("net48 limit 1{leak}"),
            steps,
            &format!(
                "0: sp+, A+, c1+, r1>c1, r2@c1
                 1: r1 IOException, c1 hard, c2+, r2>c2
                 2: r2 ok, c2 idle
                 3: s=1 C=1 g=1 a={active} q=0"
            ),
        );
    }
}

/// FL-11: the first of a dying pipeline that was sent again before: `KeepAliveFailure` where the
/// connection had answered, `ConnectionClosed` where not; who is behind it: `PipelineFailure`.
#[test]
fn the_first_of_a_dying_pipeline_gets_its_own_error() {
    check(
        "net48 limit 1",
        "0 submit r1 A pipelined\n1 lose r1\n2 lose r1\n3 look",
        "0: sp+, A+, c1+, r1>c1
         1: c1 hard, c2+, r1>c2
         2: c2 hard, r1 ConnectionClosed
         3: s=0 C=0 g=1 a=0 q=0",
    );
    check(
        "net48 limit 1 resubmits-pipelined",
        "0 submit r1 A 1 pipelined
         2 submit r2 A pipelined
         2 submit r3 A pipelined
         2 submit r4 A pipelined
         3 lose r2
         4 done r2
         5 lose r3
         6 look",
        "0: sp+, A+, c1+, r1>c1
         1: r1 ok, c1 idle
         2: r2>c1, r3>c1, r4>c1
         3: c1 hard, c2+, r2>c2, r3@c2, r4@c2
         4: r2 ok, r3>c2, r4>c2
         5: c2 hard, r3 KeepAliveFailure, r4 PipelineFailure
         6: s=0 C=0 g=1 a=0 q=0",
    );
}

/// FL-3: a single request written behind a closing response is isolated and re-submitted;
/// the first of FL-2 comes before it.
#[test]
fn a_request_written_behind_a_close_is_sent_again() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 1 pipelined
             5 submit r2 A pipelined
             6 submit r3 A 9 pipelined
             7 done r2 close
             17 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: r2>c1
             6: r3>c1
             7: r2 ok, c1 graceful, c2+, r3>c2
             16: r3 ok, c2 idle
             17: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// FL-4: an aborted waiter leaves its connection alone.
#[test]
fn aborting_a_waiter_leaves_the_connection() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 10\n1 submit r2 A 1\n2 submit r3 A 1\n3 abort r2\n12 look",
            "0: sp+, A+, c1+, r1>c1
             1: r2@c1
             2: r3@c1
             3: r2 RequestCanceled
             10: r1 ok, r3>c1
             11: r3 ok, c1 idle
             12: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// FL-4, FL-5: an aborted request on the wire takes its connection with it, hard; what waited
/// goes on elsewhere. A `ReadWriteTimeout` does the same to the connection.
#[test]
fn aborting_a_sent_request_closes_the_connection() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 10\n1 submit r2 A 1\n3 abort r1\n9 look",
            "0: sp+, A+, c1+, r1>c1
             1: r2@c1
             3: r1 RequestCanceled, c1 hard, c2+, r2>c2
             4: r2 ok, c2 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

const ABORTED_IN_A_PIPELINE: &str = "
    0 submit r1 A 1 pipelined
    5 submit r2 A pipelined
    5 submit r3 A pipelined
    6 abort r3
    7 done r2
    9 look";

/// FL-4: before 4.8 a request that is not first in its pipeline is only taken off, and the
/// connection is not kept alive; 4.8 dooms it (FL-3: the others are sent again once).
#[test]
fn aborting_behind_another_dooms_the_pipeline_in_4_8() {
    let start = "
        0: sp+, A+, c1+, r1>c1
        1: r1 ok, c1 idle
        5: r2>c1, r3>c1";
    for profile in ["net20-rtm", "net20", "net40", "net45"] {
        check(
            &format!("{profile} limit 1"),
            ABORTED_IN_A_PIPELINE,
            &format!(
                "{start}
                 6: r3 RequestCanceled
                 7: r2 ok, c1 graceful
                 9: s=0 C=0 g=1 a=0 q=0"
            ),
        );
    }
    check(
        "net48 limit 1",
        ABORTED_IN_A_PIPELINE,
        &format!(
            "{start}
             6: r3 RequestCanceled, c1 hard, c2+, r2>c2
             7: r2 ok, c2 idle
             9: s=1 C=1 g=1 a=0 q=0"
        ),
    );
}

/// FL-3: what is re-submitted as recoverable fails the second time.
#[test]
fn a_recoverable_request_fails_the_second_time() {
    check(
        "net48 limit 1 idle never",
        "0 submit r1 A 1 pipelined
         5 submit r2 A pipelined
         5 submit r3 A pipelined
         6 abort r2
         7 look
         8 abort r3
         9 look",
        "0: sp+, A+, c1+, r1>c1
         1: r1 ok, c1 idle
         5: r2>c1, r3>c1
         6: r2 RequestCanceled, c1 hard, c2+, r3>c2
         7: s=1 C=1 g=1 a=1 q=0
         8: r3 RequestCanceled, c2 hard
         9: s=0 C=0 g=1 a=0 q=0",
    );
}

/// FL-6: with the leak a refused connect stays counted as busy; without, or without
/// reservations, it does not.
#[test]
fn a_refused_connect_may_stay_counted() {
    let script = "0 ports gone\n0 submit r1 A 1\n9 look";
    for profile in ALL {
        let leaks = RESERVING.contains(&profile);
        for (leak, active) in [("leak", u32::from(leaks)), ("", 0)] {
            check(
                &format!("{profile} looks {leak}"),
                script,
                &format!("0: refused, r1 WSAENOBUFS\n9: s=0 C=0 g=1 a={active} q=0"),
            );
        }
    }
}

/// FL-7: so does a request that is aborted before its response.
#[test]
fn an_aborted_request_may_stay_counted() {
    for profile in ALL {
        let leaks = RESERVING.contains(&profile);
        for (leak, active) in [("leak", u32::from(leaks)), ("", 0)] {
            check(
                &format!("{profile} looks {leak}"),
                "0 submit r1 A 9\n5 abort r1\n6 look",
                &format!("5: r1 RequestCanceled\n6: s=0 C=0 g=1 a={active} q=0"),
            );
        }
    }
}

/// FL-8: each waiter that a dying connection sends elsewhere stays counted on it, once.
#[test]
fn waiters_of_a_dying_connection_may_stay_counted() {
    for profile in ALL {
        let leaks = RESERVING.contains(&profile);
        for (leak, active) in [("leak", u32::from(leaks)), ("", 0)] {
            check(
                &format!("{profile} looks limit 1 {leak}"),
                "0 submit r1 A\n0 submit r2 A 1\n0 submit r3 A 1\n1 done r1 close\n5 look",
                &format!("5: s=1 C=1 g=1 a={active} q=0"),
            );
        }
    }
}

/// FL-12, FL-1: a socket that cannot be made costs one more attempt, then the request; each
/// attempt leaks (FL-6).
#[test]
fn a_socket_that_cannot_be_made_is_tried_once_more() {
    for profile in ALL {
        check(
            profile,
            "0 fail-sockets 1\n0 submit r1 A 1\n9 look",
            "0: sp+, A+, refused, c2+, r1>c2
             1: r1 ok, c2 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
        let leaks = if RESERVING.contains(&profile) { 2 } else { 0 };
        for (leak, active) in [("leak", leaks), ("", 0)] {
            check(
                &format!("{profile} looks {leak}"),
                "0 fail-sockets 2\n0 submit r1 A 1\n9 look",
                &format!("0: refused, refused, r1 WSAEMFILE\n9: s=0 C=0 g=1 a={active} q=0"),
            );
        }
    }
}
