//! Connection groups as timelines (`#[cfg(test)]`): CG-4 to CG-9.

use super::timeline::check;
use super::{ALL, WITH_GROUP_TIMER, WITHOUT_GROUP_TIMER};

/// CG-4: names are exact, and `null` is a name too; no timer runs before a group was busy.
#[test]
fn groups_are_told_apart_by_their_exact_names() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 300\n0 submit r2 a 300\n0 submit r3 - 300\n299 look",
            "0: sp+, A+, c1+, r1>c1, a+, c2+, r2>c2, -+, c3+, r3>c3
             299: s=3 C=3 g=3 a=3 q=0",
        );
    }
}

/// CG-5: without group timers an empty group stays until CL-2 or SP-8.
#[test]
fn an_empty_group_stays_without_a_timer() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1 close
             50 submit r2 B 1
             149 look
             149 close A
             149 look
             151 look",
            "149: s=1 C=1 g=2 a=0 q=0
             149: s=1 C=1 g=1 a=0 q=0
             151: s=0 C=0 g=0 out q=0",
        );
    }
}

/// CG-6: a group's timer starts when its last busy connection becomes idle, and use stops it.
#[test]
fn a_group_timer_is_cancelled_by_use() {
    for profile in WITH_GROUP_TIMER {
        check(
            profile,
            "0 submit r1 A 1
             50 submit r2 A 1
             60 submit r3 B 1
             200 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             50: r2>c1
             51: r2 ok, c1 idle
             60: B+, c2+, r3>c2
             61: r3 ok, c2 idle
             151: [A], A-, c1 hard
             161: [sp], [B], sp-, B-, c2 hard
             200: s=0 C=0 g=0 out q=0",
        );
    }
}

/// CG-6, CN-12: an emptied group has a timer too.
#[test]
fn an_empty_group_goes_with_its_timer() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1 close\n50 submit r2 B 1\n100.999 look\n101 look",
            "100.999: s=1 C=1 g=2 a=0 q=0\n101: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// CG-7: the stale timer of an orphan unlists the busy connection of the new group, whose
/// response still ends well.
#[test]
fn a_stale_timer_spares_the_response_in_flight() {
    for profile in WITH_GROUP_TIMER {
        check(
            profile,
            "0 submit r1 A 10
             5 close A
             6 submit r2 A 200
             110 look
             300 look",
            "0: sp+, A+, c1+, r1>c1
             5: A-, close A true
             6: A+, c2+, r2>c2
             10: r1 ok, c1 graceful
             110: [A], A-
             110: s=1 C=0 g=0 a=1 q=0
             206: r2 ok, c2 graceful
             300: s=0 C=0 g=0 a=0 q=0",
        );
    }
}

/// CG-7: a group that is not busy when it is released loses its timer with it.
#[test]
fn releasing_an_idle_group_cancels_its_timer() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1
             5 close A
             60 submit r2 A 1
             102 look
             161 look",
            "102: s=1 C=1 g=1 a=0 q=0\n161: s=0 C=0 g=0 out q=0",
        );
    }
}

/// CG-8: while one connection of a group is used, no timer closes an idle one beside it.
#[test]
fn one_busy_connection_keeps_the_whole_group() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1000\n0 submit r2 A 1\n999 look\n1100 look",
            "999: s=2 C=2 g=1 a=1 q=0\n1100: s=0 C=0 g=0 out q=0",
        );
    }
}

/// CG-9: a request with a group of its own takes it along when it ends, well or not.
#[test]
fn an_authenticated_request_takes_its_group_along() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 N1 1 ntlm
             0 submit r2 N2 9 ntlm
             5 abort r2
             6 look",
            "0: sp+, N1+, c1+, r1>c1, N2+, c2+, r2>c2
             1: r1 ok, c1 idle, N1-, c1 hard
             5: r2 RequestCanceled, c2 hard, N2-
             6: s=0 C=0 g=0 a=0 q=0",
        );
    }
}
