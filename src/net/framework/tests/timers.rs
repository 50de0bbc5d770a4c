//! The timer thread as timelines (`#[cfg(test)]`): TM-1 to TM-7.

use super::timeline::check;
use super::{ALL, WITH_GROUP_TIMER, WITHOUT_GROUP_TIMER};

/// TM-1, SP-11: a shortened idle time is a timer in a queue of its own, so it passes the ones
/// that wait in the shared queue.
#[test]
fn a_one_off_timer_does_not_queue_behind_others() {
    check(
        "net40",
        "0 submit r1 A@1 1\n2 submit r2 A 1\n10 idle-time 20\n200 look",
        "0: sp@1+, A@1+, c1+, r1>c1
         1: r1 ok, c1 idle
         2: sp+, A+, c2+, r2>c2
         3: r2 ok, c2 idle
         23: [sp], sp-, A-, c2 hard
         101: [sp], sp@1-, A@1-, c1 hard
         200: s=0 C=0 g=0 out q=0",
    );
}

/// TM-2: the thread wakes late, and then fires everything that is due by then.
#[test]
fn timers_fire_together_in_late_passes() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} slack 15ms"),
            "0 submit r1 A 1
             0 submit r2 B 1.010
             0 submit r3 C 1.020
             0 submit r4 D 200
             150 look",
            "0: sp+, A+, c1+, r1>c1, B+, c2+, r2>c2, C+, c3+, r3>c3, D+, c4+, r4>c4
             1: r1 ok, c1 idle
             1.01: r2 ok, c2 idle
             1.02: r3 ok, c3 idle
             101.015: [A], [B], A-, c1 hard, B-, c2 hard
             101.035: [C], C-, c3 hard
             150: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// TM-2: cancelling a timer does not move the wake-up, which then fires a later one early in
/// its own slack.
#[test]
fn a_cancelled_timer_leaves_its_wake_up() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} slack 15ms"),
            "0 submit r1 A 1
             0 submit r2 B 1.010
             0 submit r4 D 200
             50 submit r3 A 100
             120 look",
            "0: sp+, A+, c1+, r1>c1, B+, c2+, r2>c2, D+, c3+, r4>c3
             1: r1 ok, c1 idle
             1.01: r2 ok, c2 idle
             50: r3>c1
             101.015: [B], B-, c2 hard
             120: s=2 C=2 g=2 a=2 q=0",
        );
    }
}

/// TM-2: a timer that joins others never moves the wake-up, though it is due before the thread will
/// look.
#[test]
fn a_timer_that_joins_others_leaves_the_wake_up() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} slack 15ms"),
            "0 submit r1 A 1
             0 submit r2 B 1.010
             0 submit r3 C 1.012
             0 submit r4 D 200
             1.011 close A
             150 look",
            "0: sp+, A+, c1+, r1>c1, B+, c2+, r2>c2, C+, c3+, r3>c3, D+, c4+, r4>c4
             1: r1 ok, c1 idle
             1.01: r2 ok, c2 idle
             1.011: A-, c1 hard, close A true
             1.012: r3 ok, c3 idle
             101.015: [B], [C], B-, c2 hard, C-, c3 hard
             150: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// TM-3: at one instant the ServicePoint's timer comes before that of the group which made it
/// idle; across ServicePoints the order of arming decides.
#[test]
fn same_instant_timers_fire_in_the_order_of_arming() {
    for profile in WITH_GROUP_TIMER {
        check(
            profile,
            "0 submit r1 A 1\n0 submit r2 B@1 1\n0 submit r3 B 1\n101 look",
            "0: sp+, A+, c1+, r1>c1, sp@1+, B@1+, c2+, r2>c2, B+, c3+, r3>c3
             1: r1 ok, c1 idle, r2 ok, c2 idle, r3 ok, c3 idle
             101: [A], [sp], [B], [sp], [B], A-, c1 hard, sp@1-, B@1-, c2 hard, sp-, B-, c3 hard
             101: s=0 C=0 g=0 out q=0",
        );
    }
}

/// TM-4: a duration of nothing fires in the same instant; never fires never.
#[test]
fn an_idle_time_of_zero_closes_at_once() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} idle 0"),
            "0 submit r1 A 1\n2 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle, [sp], sp-, A-, c1 hard
             2: s=0 C=0 g=0 out q=0",
        );
    }
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} idle 0"),
            "0 submit r1 A 1\n2 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle, [sp], [A], sp-, A-, c1 hard
             2: s=0 C=0 g=0 out q=0",
        );
    }
}

/// TM-5: a request's time runs from its submit, through wait, connect and response.
#[test]
fn a_timeout_covers_the_wait() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1 timeout 5"),
            "0 submit r1 A 4
             0 submit r2 A 4
             0 submit r3 A 4
             9 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1, r3@c1
             4: r1 ok, r2>c1
             5: r2 Timeout, c1 hard, c2+, r3>c2, r3 Timeout, c2 hard
             9: s=0 C=0 g=1 a=0 q=0",
        );
        check(
            &format!("{profile} timeout 5"),
            "0 submit r1 A 1 connect 9\n20 look",
            "0: sp+, A+, c1+
             5: r1 Timeout, c1 hard
             20: s=0 C=0 g=1 a=0 q=0",
        );
    }
}

/// TM-5: a timeout of 0 counts as 1 ms.
#[test]
fn a_timeout_of_zero_is_a_millisecond() {
    check(
        "net48 timeout 0",
        "0 submit r1 A 1\n2 look",
        "0: sp+, A+, c1+, r1>c1
         0.001: r1 Timeout, c1 hard
         2: s=0 C=0 g=1 a=0 q=0",
    );
}

/// TM-6: a changed lease is noticed at the next submit and runs from there.
#[test]
fn a_changed_lease_starts_anew() {
    for profile in ALL {
        check(
            &format!("{profile} lease 30"),
            "0 submit r1 A 1
             20 lease 60
             40 submit r2 A 1
             99 submit r3 A 1
             101 submit r4 A 1
             103 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             40: r2>c1
             41: r2 ok, c1 idle
             99: r3>c1
             100: r3 ok, c1 idle
             101: r4>c1
             102: r4 ok, c1 graceful
             103: s=0 C=0 g=1 a=0 q=0",
        );
    }
}

/// TM-7: no Framework version closes an idle connection by a timer of its own: here its group
/// is busy, so it stays as long as that.
#[test]
fn no_connection_has_an_idle_timer() {
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 100000\n0 submit r2 A 1\n99999 look",
            "99999: s=2 C=2 g=1 a=1 q=0",
        );
    }
    // Without group timers a busy ServicePoint is enough.
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 100000\n0 submit r2 B 1\n99999 look",
            "99999: s=2 C=2 g=2 a=1 q=0",
        );
    }
}
