//! ServicePoints as timelines (`#[cfg(test)]`): SP-3 to SP-12.

use super::timeline::check;
use super::{ALL, WITH_GROUP_TIMER, WITHOUT_GROUP_TIMER};

/// SP-3: one object per key; another endpoint has another.
#[test]
fn a_service_point_is_found_again() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1
             5 submit r2 A 1
             5 submit r3 A@1 1
             7 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: r2>c1, sp@1+, A@1+, c2+, r3>c2
             6: r2 ok, c1 idle, r3 ok, c2 idle
             7: s=2 C=2 g=2 a=0 q=0",
        );
    }
}

/// SP-4: the count is tested only when a ServicePoint is about to be made; nothing is evicted.
#[test]
fn max_service_points_refuses_new_ones() {
    for profile in ALL {
        check(
            &format!("{profile} max-sp 1 looks"),
            "0 submit r1 A 1
             5 submit r2 A@1 1
             5 submit r3 A 1
             6 look
             107 submit r4 A@1 1
             107 look",
            "5: r2 InvalidOperationException
             6: s=1 C=1 g=1 a=0 q=0
             107: s=1 C=1 g=1 out q=0",
        );
    }
}

/// SP-5, CL-5: a look-up alone makes an idle ServicePoint with its timer armed.
#[test]
fn a_service_point_that_was_only_looked_up_expires() {
    for profile in ALL {
        check(
            profile,
            "0 close A
             60 close A
             120 close A
             300 look",
            "0: sp+, close A false
             60: close A false
             100: [sp], sp-
             120: sp+, close A false
             220: [sp], sp-
             300: s=0 C=0 g=0 out q=0",
        );
    }
}

/// SP-6: the idle clock starts when the last busy connection becomes idle.
#[test]
fn any_busy_connection_keeps_the_service_point() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1
             50 submit r2 B 120
             51 look
             150 look
             269 look
             270 look",
            "51: s=2 C=2 g=2 a=1 q=0
             150: s=2 C=2 g=2 a=1 q=0
             269: s=2 C=2 g=2 a=0 q=0
             270: s=0 C=0 g=0 out q=0",
        );
    }
}

/// SP-6: a refused attempt is activity too.
#[test]
fn a_refused_attempt_restarts_the_idle_clock() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks ports 1"),
            "0 submit r1 A 1
             60 submit r2 B 1
             159.999 look
             160 look",
            "60: refused, r2 WSAENOBUFS
             159.999: s=1 C=1 g=2 a=0 q=0
             160: s=0 C=0 g=0 out q=0",
        );
    }
}

/// SP-7: `CurrentConnections` counts what connects and what idles, not what left its list.
#[test]
fn current_connections_is_the_length_of_the_lists() {
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 10 connect 2
             1 look
             5 close A
             5 look
             12 look",
            "1: s=1 C=1 g=1 a=1 q=0
             5: s=1 C=0 g=0 a=1 q=0
             12: s=0 C=0 g=0 a=0 q=0",
        );
    }
}

/// SP-8: expiry takes the table entry, then every group; armed group timers find nothing.
#[test]
fn expiry_releases_every_group() {
    check(
        "net40",
        "0 submit r1 A 1\n0 submit r2 B 2\n0 submit r3 C 1 close\n102 look",
        "0: sp+, A+, c1+, r1>c1, B+, c2+, r2>c2, C+, c3+, r3>c3
         1: r1 ok, c1 idle, r3 ok, c3 graceful
         2: r2 ok, c2 idle
         102: [sp], sp-, C-, A-, c1 hard, B-, c2 hard
         102: s=0 C=0 g=0 out q=0",
    );
}

/// SP-9: a ServicePoint that a program keeps works on outside the table, beside a second one
/// whose entry its own expiry then deletes.
#[test]
fn a_kept_service_point_doubles_the_limit_and_deletes_the_new_entry() {
    check(
        "net40 limit 1",
        "0 hold
         110 submit r1 A 1 held
         110 look
         120 submit r2 A 1
         130 submit r3 A 1 held
         135 look
         231 look
         240 submit r4 A 1
         241 look",
        "0: sp+
         100: [sp], sp-
         110: A+, c1+, r1>c1
         110: s=1 C=1 g=1 out q=0
         111: r1 ok, c1 idle
         120: sp+, A+, c2+, r2>c2
         121: r2 ok, c2 idle
         130: r3>c1
         131: r3 ok, c1 idle
         135: s=2 C=2 g=2 a=0 q=0
         221: [sp], sp-, A-, c2 hard
         231: [sp], A-, c1 hard
         231: s=0 C=0 g=0 out q=0
         240: sp+, A+, c3+, r4>c3
         241: r4 ok, c3 idle
         241: s=1 C=1 g=1 a=0 q=0",
    );
    check(
        "net40 limit 1",
        "0 hold
         110 submit r1 A 1 held
         120 submit r2 A 100
         215 look
         330 look",
        "0: sp+
         100: [sp], sp-
         110: A+, c1+, r1>c1
         111: r1 ok, c1 idle
         120: sp+, A+, c2+, r2>c2
         211: [sp], sp-, A-, c1 hard
         215: s=1 C=1 g=1 out q=0
         220: r2 ok, c2 idle
         320: [sp], A-, c2 hard
         330: s=0 C=0 g=0 out q=0",
    );
}

/// SP-10: no garbage collection by default, so what no timer roots stays (K-1 never).
#[test]
fn without_a_timer_nothing_is_collected() {
    for profile in ALL {
        check(
            &format!("{profile} idle never looks"),
            "0 submit r1 A 1\n1000000 look",
            "1000000: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// SP-11: the same value changes nothing; while busy only future arming changes.
#[test]
fn max_idle_time_while_busy_counts_from_the_end() {
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1\n50 idle-time 100\n100.999 look\n101 look",
            "100.999: s=1 C=1 g=1 a=0 q=0\n101: s=0 C=0 g=0 out q=0",
        );
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 10\n5 idle-time 20\n29.999 look\n30 look",
            "29.999: s=1 C=1 g=1 a=0 q=0\n30: s=0 C=0 g=0 out q=0",
        );
    }
}

/// SP-11: never disarms the ServicePoint's timer; an armed group timer keeps its duration.
#[test]
fn max_idle_time_never_spares_armed_group_timers() {
    let script = "0 submit r1 A 1\n50 idle-time never\n9999 look";
    for profile in WITHOUT_GROUP_TIMER {
        let setup = format!("{profile} looks");
        check(&setup, script, "9999: s=1 C=1 g=1 a=0 q=0");
    }
    for profile in WITH_GROUP_TIMER {
        let setup = format!("{profile} looks");
        check(&setup, script, "9999: s=0 C=0 g=0 a=0 q=0");
    }
}

/// SP-12: one ServicePoint's settings are its own; one made later starts with the manager's.
#[test]
fn settings_of_one_service_point_do_not_reach_another() {
    check(
        "net40 limit 1",
        "0 submit r1 A 1
         5 idle-time 20
         5 limit 2
         6 submit r2 A@1 1
         50 submit r3 A 1
         50 submit r4 A 1
         150.999 look
         152 look",
        "0: sp+, A+, c1+, r1>c1
         1: r1 ok, c1 idle
         6: sp@1+, A@1+, c2+, r2>c2
         7: r2 ok, c2 idle
         21: [sp], sp-, A-, c1 hard
         50: sp+, A+, c3+, r3>c3, r4@c3
         51: r3 ok, r4>c3
         52: r4 ok, c3 idle
         107: [sp], sp@1-, A@1-, c2 hard
         150.999: s=1 C=1 g=1 a=0 q=0
         152: [sp], sp-, A-, c3 hard
         152: s=0 C=0 g=0 out q=0",
    );
}

/// SP-10: a collection takes a ServicePoint that nothing refers to, with its groups and their
/// connections; not one with a request, a timer, or a program that holds it.
#[test]
fn a_collection_takes_what_nothing_refers_to() {
    for profile in ALL {
        check(
            &format!("{profile} idle never"),
            "0 submit r1 A 1
             5 submit r2 A@1
             6 gc
             7 look
             8 done r2
             9 gc
             10 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: sp@1+, A@1+, c2+, r2>c2
             6: sp-, A-, c1 hard
             7: s=1 C=1 g=1 out q=0
             8: r2 ok, c2 idle
             9: sp@1-, A@1-, c2 hard
             10: s=0 C=0 g=0 out q=0",
        );
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 1\n5 gc\n6 look",
            "6: s=1 C=1 g=1 a=0 q=0",
        );
        check(
            &format!("{profile} idle never looks"),
            "0 hold\n0 submit r1 A 1\n5 gc\n6 look",
            "6: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// SP-10, FL-7: a collection ends what a leaked reservation would keep for ever; where groups have
/// timers, behind the last of them.
#[test]
fn a_collection_ends_a_leak() {
    let steps = "0 submit r1 A 1\n2 submit r2 B\n3 abort r2\n50 gc\n110 gc\n111 look";
    let start = "
        0: sp+, A+, c1+, r1>c1
        1: r1 ok, c1 idle
        2: B+, c2+, r2>c2
        3: r2 RequestCanceled, c2 hard";
    for profile in ["net20", "net40"] {
        check(
            &format!("{profile} leak"),
            steps,
            &format!("{start}\n50: sp-, A-, c1 hard, B-\n111: s=0 C=0 g=0 out q=0"),
        );
    }
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} leak"),
            steps,
            &format!("{start}\n101: [A], A-, c1 hard\n110: sp-, B-\n111: s=0 C=0 g=0 out q=0"),
        );
    }
}

/// SP-10, FL-8: so it does with a connection that an aborted waiter left busy for ever.
#[test]
fn a_collection_closes_a_connection_that_leaked() {
    for profile in ["net20", "net40", "net45", "net48"] {
        check(
            &format!("{profile} leak limit 1"),
            "0 submit r1 A 1\n0 submit r2 A 1\n0.5 abort r2\n200 look\n201 gc\n202 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1
             0.5: r2 RequestCanceled
             1: r1 ok, c1 idle
             200: s=1 C=1 g=1 a=1 q=0
             201: sp-, A-, c1 hard
             202: s=0 C=0 g=0 out q=0",
        );
    }
}

/// SP-4, SP-10: the entry of a ServicePoint that was collected counts until it is written over.
#[test]
fn a_dead_entry_counts_until_it_is_written_over() {
    for profile in ALL {
        let steps = "
            0 submit r1 A 1
            5 gc
            6 submit r2 A 1
            8 submit r3 A@1 1
            9 look";
        check(
            &format!("{profile} idle never looks max-sp 1"),
            steps,
            "6: r2 InvalidOperationException
             8: r3 InvalidOperationException
             9: s=0 C=0 g=0 out q=0",
        );
        check(
            &format!("{profile} idle never looks max-sp 2"),
            steps,
            "9: s=2 C=2 g=2 a=0 q=0",
        );
    }
}
