//! `CloseConnectionGroup` and closes as timelines (`#[cfg(test)]`): CL-1 to CL-6.

use super::timeline::check;
use super::{ALL, WITH_GROUP_TIMER};

/// CL-1: an idle connection is closed at once and hard, a busy one after its response and
/// gracefully; `active` moves only with the response.
#[test]
fn closing_spares_the_response_in_flight() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 10\n0 submit r2 A 1\n5 close A\n5 look\n10 look",
            "0: sp+, A+, c1+, r1>c1, c2+, r2>c2
             1: r2 ok, c2 idle
             5: A-, c2 hard, close A true
             5: s=1 C=0 g=0 a=1 q=0
             10: r1 ok, c1 graceful
             10: s=0 C=0 g=0 a=0 q=0",
        );
    }
}

/// CL-1: a connection that is still being set up sends its request, then closes.
#[test]
fn closing_spares_a_connect_in_flight() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1 connect 3\n1 close A\n9 look",
            "0: sp+, A+, c1+
             1: A-, close A true
             3: r1>c1
             4: r1 ok, c1 graceful
             9: s=0 C=0 g=0 a=0 q=0",
        );
    }
}

/// CL-2: a group without connections is there to be closed once.
#[test]
fn closing_an_empty_group_is_true_once() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1 close\n5 close A\n5 look\n6 close A\n6 close B",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 graceful
             5: A-, close A true
             5: s=0 C=0 g=0 a=0 q=0
             6: close A false, close B false",
        );
    }
}

/// CL-3: waiters of a closed group stay until the response ends, then make a new group; a
/// request submitted right after the call makes it earlier.
#[test]
fn waiters_of_a_closed_group_move_to_a_new_one() {
    for profile in ALL {
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 10\n1 submit r2 A 1\n5 close A\n5 look\n12 look",
            "0: sp+, A+, c1+, r1>c1
             1: r2@c1
             5: A-, close A true
             5: s=1 C=0 g=0 a=1 q=1
             10: r1 ok, c1 graceful, A+, c2+, r2>c2
             11: r2 ok, c2 idle
             12: s=1 C=1 g=1 a=0 q=0",
        );
        check(
            &format!("{profile} limit 1"),
            "0 submit r1 A 10\n1 submit r2 A 1\n5 close A\n5 submit r3 A 10\n12 look",
            "0: sp+, A+, c1+, r1>c1
             1: r2@c1
             5: A-, close A true, A+, c2+, r3>c2
             10: r1 ok, c1 graceful, r2@c2
             12: s=1 C=1 g=1 a=1 q=1",
        );
    }
}

/// CL-4: what looks like a group of the runtime's own is skipped, by its text alone.
#[test]
fn a_name_that_looks_internal_is_not_closed_with_another() {
    check(
        "net48",
        "0 submit r1 A 1
         0 submit r2 AS>x 1
         0 submit r3 AS>I>x 1
         5 close A
         6 close AS>I>x
         9 look",
        "0: sp+, A+, c1+, r1>c1, AS>x+, c2+, r2>c2, AS>I>x+, c3+, r3>c3
         1: r1 ok, c1 idle, r2 ok, c2 idle, r3 ok, c3 idle
         5: A-, c1 hard, AS>x-, c2 hard, close A true
         6: AS>I>x-, c3 hard, close AS>I>x true
         9: s=0 C=0 g=0 a=0 q=0",
    );
}

/// CL-4: 4.8 closes every key that begins with the name and `S>`; older versions the exact one.
#[test]
fn only_4_8_closes_by_prefix() {
    let script = "
        0 submit r1 A 1
        0 submit r2 AS>x 1
        0 submit r3 AB 1
        5 close A
        5 look
        6 close A
        6 look";
    let start = "
        0: sp+, A+, c1+, r1>c1, AS>x+, c2+, r2>c2, AB+, c3+, r3>c3
        1: r1 ok, c1 idle, r2 ok, c2 idle, r3 ok, c3 idle";
    check(
        "net48",
        script,
        &format!(
            "{start}
             5: A-, c1 hard, AS>x-, c2 hard, close A true
             5: s=1 C=1 g=1 a=0 q=0
             6: close A false
             6: s=1 C=1 g=1 a=0 q=0"
        ),
    );
    for profile in ["net20-rtm", "net20", "net40", "net45"] {
        check(
            profile,
            script,
            &format!(
                "{start}
                 5: A-, c1 hard, close A true
                 5: s=2 C=2 g=2 a=0 q=0
                 6: close A false
                 6: s=2 C=2 g=2 a=0 q=0"
            ),
        );
    }
}

/// CL-5: an unknown name is false and changes nothing; the call's own look-up may make a
/// ServicePoint.
#[test]
fn closing_an_unknown_group_changes_nothing() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 10\n5 close B\n5 look\n6 close -\n7 close A@1\n7 look",
            "0: sp+, A+, c1+, r1>c1
             5: close B false
             5: s=1 C=1 g=1 a=1 q=0
             6: close - false
             7: sp@1+, close A@1 false
             7: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// CL-6: closing groups leaves the ServicePoint's idle clock alone, armed or not.
#[test]
fn closing_does_not_touch_the_idle_clock() {
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1\n0 submit r2 B 1\n60 close A\n70 close B\n100.999 look\n101 look",
            "100.999: s=0 C=0 g=0 a=0 q=0\n101: s=0 C=0 g=0 out q=0",
        );
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 60\n50 close A\n159.999 look\n160 look",
            "159.999: s=0 C=0 g=0 a=0 q=0\n160: s=0 C=0 g=0 out q=0",
        );
    }
}

/// CL-2: where groups have timers, releasing one cancels it.
#[test]
fn a_released_group_fires_no_timer() {
    for profile in WITH_GROUP_TIMER {
        check(
            profile,
            "0 submit r1 A 1\n5 close A\n9 submit r2 B 1\n120 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: A-, c1 hard, close A true
             9: B+, c2+, r2>c2
             10: r2 ok, c2 idle
             110: [sp], [B], sp-, B-, c2 hard
             120: s=0 C=0 g=0 out q=0",
        );
    }
}
