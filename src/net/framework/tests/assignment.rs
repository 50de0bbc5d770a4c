//! Limits and assignment as timelines (`#[cfg(test)]`): LIM-3 to LIM-5, AS-1 to AS-5.

use super::ALL;
use super::timeline::check;
use alloc::string::String;
use core::fmt::Write;

/// LIM-3, AS-2 (3): below its limit a group opens connections, whatever other groups have.
#[test]
fn each_group_has_the_whole_limit() {
    for profile in ALL {
        check(
            &format!("{profile} limit 2 looks"),
            "0 submit r1 A 9\n0 submit r2 A 9\n0 submit r3 A 9
             0 submit r4 B 9\n0 submit r5 B 9\n0 submit r6 B 9\n0 look",
            "0: s=4 C=4 g=2 a=4 q=2",
        );
    }
}

/// LIM-4: a higher limit lets the next request open a connection; who waits, waits on.
#[test]
fn a_higher_limit_moves_no_waiter() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 10\n1 submit r2 A 1\n2 limit 2\n3 submit r3 A 1\n12 look",
            "0: sp+, A+, c1+, r1>c1
             1: r2@c1
             3: c2+, r3>c2
             4: r3 ok, c2 idle
             10: r1 ok, r2>c1
             11: r2 ok, c1 idle
             12: s=2 C=2 g=1 a=0 q=0",
        );
    }
}

/// LIM-5, PT-2: a connection fills its slot, and holds its port, while it is being set up.
#[test]
fn a_connecting_connection_fills_its_slot() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 1 connect 5\n1 submit r2 A 1\n1 look\n9 look",
            "0: sp+, A+, c1+
             1: r2@c1
             1: s=1 C=1 g=1 a=1 q=1
             5: r1>c1
             6: r1 ok, r2>c1
             7: r2 ok, c1 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// AS-1: a waiter weighs more than a response that is being read, so the shorter queue wins.
#[test]
fn the_shorter_queue_is_the_less_busy() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 20
             0 submit r2 A 10
             0 submit r3 A 5
             0 submit r4 A 5
             10 submit r5 A 5
             16 submit r6 A 5
             16 look",
            "0: sp+, A+, c1+, r1>c1, c2+, r2>c2, r3@c1, r4@c2
             10: r2 ok, r4>c2, r5@c2
             15: r4 ok, r5>c2
             16: r6@c2
             16: s=2 C=2 g=1 a=2 q=2",
        );
    }
}

/// AS-2: among free connections the oldest is taken, not the one used last.
#[test]
fn the_oldest_free_connection_is_reused() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1\n0 submit r2 A 2\n5 submit r3 A 1\n7 look",
            "0: sp+, A+, c1+, r1>c1, c2+, r2>c2
             1: r1 ok, c1 idle
             2: r2 ok, c2 idle
             5: r3>c1
             6: r3 ok, c1 idle
             7: s=2 C=2 g=1 a=0 q=0",
        );
    }
}

/// AS-2 (4), AS-3 (f): from 4.0 on a request keeps away from a connection that will close.
#[test]
fn selection_avoids_a_connection_that_will_close() {
    let script = "0 submit r1 A 10 close\n1 submit r2 A 10\n2 submit r3 A 1\n2 look";
    for profile in ["net40", "net45", "net48"] {
        check(
            profile,
            script,
            "0: sp+, A+, c1+, r1>c1
             1: c2+, r2>c2
             2: r3@c2
             2: s=2 C=2 g=1 a=2 q=1",
        );
    }
    for profile in ["net20-rtm", "net20"] {
        check(
            profile,
            script,
            "0: sp+, A+, c1+, r1>c1
             1: c2+, r2>c2
             2: r3@c1
             2: s=2 C=2 g=1 a=2 q=1",
        );
    }
}

/// AS-3 (g): on a quiet connection that once carried a non-keep-alive request, a forced request
/// starts at once in 4.8; in 4.0 and 4.5 it waits, with nobody to wake it.
#[test]
fn only_4_8_starts_a_forced_request_at_once() {
    let script = "
        0 submit r1 A 10
        1 submit r2 A 1 close
        2 abort r2
        20 submit r3 A 1
        30 look";
    let start = "
        0: sp+, A+, c1+, r1>c1
        1: r2@c1
        2: r2 RequestCanceled
        10: r1 ok, c1 idle";
    check(
        "net48 limit 1",
        script,
        &format!("{start}\n20: r3>c1\n21: r3 ok, c1 idle\n30: s=1 C=1 g=1 a=0 q=0"),
    );
    for profile in ["net40", "net45"] {
        check(
            &format!("{profile} limit 1"),
            script,
            &format!("{start}\n20: r3@c1\n30: s=1 C=1 g=1 a=1 q=1"),
        );
    }
}

/// AS-3 (b), CN-10: a connection that turns out to be dead refuses, and the choice is repeated
/// until one takes the request.
#[test]
fn a_refusal_repeats_the_choice() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1\n0 submit r2 A 1\n5 fin A\n6 submit r3 A 1\n8 look",
            "0: sp+, A+, c1+, r1>c1, c2+, r2>c2
             1: r1 ok, c1 idle, r2 ok, c2 idle
             6: c1 hard, c2 hard, c3+, r3>c3
             7: r3 ok, c3 idle
             8: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// AS-4: the wait list of a connection is first in, first out.
#[test]
fn waiters_start_in_order() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 1\n0 submit r2 A 1\n0 submit r3 A 1\n9 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1, r3@c1
             1: r1 ok, r2>c1
             2: r2 ok, r3>c1
             3: r3 ok, c1 idle
             9: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// AS-5: a pipeline needs a status line read before, a pipelinable predecessor, and a group
/// without a free slot.
#[test]
fn pipelining_needs_a_served_connection_and_a_pipelinable_predecessor() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 1 pipelined
             0 submit r2 A 1 pipelined
             5 submit r3 A pipelined
             6 submit r4 A pipelined
             7 submit r5 A
             8 submit r6 A pipelined
             9 done r4
             9 done r3
             10 done r4
             11 done r5
             11 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1
             1: r1 ok, r2>c1
             2: r2 ok, c1 idle
             5: r3>c1
             6: r4>c1
             7: r5@c1
             8: r6>c1
             9: r3 ok
             10: r4 ok
             11: s=1 C=1 g=1 a=1 q=1",
        );
    }
}

/// AS-5, K-10: a pipeline pauses once ten requests are unanswered.
#[test]
fn a_pipeline_pauses_at_ten() {
    for profile in ALL {
        let mut script = String::from("0 submit r1 A 1 pipelined\n");
        for k in 2..=16 {
            writeln!(script, "5 submit r{k} A pipelined").expect("a string");
        }
        script += "5 look\n";
        for k in 2..=7 {
            writeln!(script, "{} done r{k}\n{} look", k + 4, k + 4).expect("a string");
        }
        check(
            &format!("{profile} limit 1 looks"),
            &script,
            "5: s=1 C=1 g=1 a=1 q=4
             6: s=1 C=1 g=1 a=1 q=4
             7: s=1 C=1 g=1 a=1 q=4
             8: s=1 C=1 g=1 a=1 q=4
             9: s=1 C=1 g=1 a=1 q=4
             10: s=1 C=1 g=1 a=1 q=4
             11: s=1 C=1 g=1 a=1 q=4",
        );
    }
}
