//! The worked examples of settings, failures and limits (`#[cfg(test)]`): EX-12 to EX-17, EX-19.
//! EX-18 starts from a scenario's text: `tests/it/promises.rs`.

use super::timeline::{check, run};
use super::{ALL, RESERVING, WITH_GROUP_TIMER, WITHOUT_GROUP_TIMER};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

const A_REFUSED_CONNECT: &str = "
    0 ports gone
    0 submit r1 A 1
    0 ports back
    0 look
    1 submit r2 A 1
    101.999 look
    102 look
    9999 look";

/// EX-13, FL-6: with the leak a refused connect keeps its ServicePoint active forever, and its
/// group's other connections open.
#[test]
fn ex_13_a_refused_connect_leaks_a_reservation() {
    for profile in RESERVING {
        check(
            &format!("{profile} looks leak"),
            A_REFUSED_CONNECT,
            "0: refused, r1 WSAENOBUFS
             0: s=0 C=0 g=1 a=1 q=0
             101.999: s=1 C=1 g=1 a=1 q=0
             102: s=1 C=1 g=1 a=1 q=0
             9999: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// EX-13: 2.0 RTM reserves nothing, and without the leak nobody keeps a reservation.
#[test]
fn ex_13_without_the_leak_the_service_point_expires() {
    for setup in ["net20-rtm leak", "net20", "net40", "net45", "net48"] {
        check(
            &format!("{setup} looks"),
            A_REFUSED_CONNECT,
            "0: refused, r1 WSAENOBUFS
             0: s=0 C=0 g=1 a=0 q=0
             101.999: s=1 C=1 g=1 a=0 q=0
             102: s=0 C=0 g=0 out q=0
             9999: s=0 C=0 g=0 out q=0",
        );
    }
}

/// EX-13 with the refused request on another group: A's own timer still works where there is
/// one (CG-6), but the ServicePoint never leaves.
#[test]
fn ex_13_a_leak_in_one_group_spares_the_timer_of_another() {
    let script = "
        0 ports gone
        0 submit r1 B 1
        0 ports back
        1 submit r2 A 1
        101.999 look
        102 look
        9999 look";
    for profile in ["net45", "net48"] {
        check(
            &format!("{profile} looks leak"),
            script,
            "0: refused, r1 WSAENOBUFS
             101.999: s=1 C=1 g=2 a=1 q=0
             102: s=0 C=0 g=1 a=1 q=0
             9999: s=0 C=0 g=1 a=1 q=0",
        );
    }
    for profile in ["net20", "net40"] {
        check(
            &format!("{profile} looks leak"),
            script,
            "0: refused, r1 WSAENOBUFS
             101.999: s=1 C=1 g=2 a=1 q=0
             102: s=1 C=1 g=2 a=1 q=0
             9999: s=1 C=1 g=2 a=1 q=0",
        );
    }
}

/// EX-14, FL-4, FL-8: a waiter that times out leaves its reservation behind; at the limit the
/// connection is still used, and is never idle again.
#[test]
fn ex_14_a_timed_out_waiter_leaks_a_reservation() {
    for profile in RESERVING {
        check(
            &format!("{profile} limit 1 leak"),
            "0 submit r1 A 10
             0 submit r2 A 10
             5 timeout r2
             15 look
             20 submit r3 A 1
             9999 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1
             5: r2 Timeout
             10: r1 ok, c1 idle
             15: s=1 C=1 g=1 a=1 q=0
             20: r3>c1
             21: r3 ok, c1 idle
             9999: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// EX-14 with a higher limit: c1 is not free (AS-2), so r3 opens c2.
#[test]
fn ex_14_below_the_limit_a_leaked_connection_is_not_free() {
    for profile in RESERVING {
        check(
            &format!("{profile} limit 1 leak"),
            "0 submit r1 A 10
             0 submit r2 A 10
             5 timeout r2
             15 limit 2
             20 submit r3 A 1
             9999 look",
            "0: sp+, A+, c1+, r1>c1, r2@c1
             5: r2 Timeout
             10: r1 ok, c1 idle
             20: c2+, r3>c2
             21: r3 ok, c2 idle
             9999: s=2 C=2 g=1 a=1 q=0",
        );
    }
}

/// EX-14 on 2.0 RTM, which has no reserved term (AS-1).
#[test]
fn ex_14_without_reservations_nothing_leaks() {
    check(
        "net20-rtm limit 1 leak looks",
        "0 submit r1 A 10
         0 submit r2 A 10
         5 timeout r2
         20 submit r3 A 1
         120.999 look
         121 look",
        "5: r2 Timeout
         120.999: s=1 C=1 g=1 a=0 q=0
         121: s=0 C=0 g=0 out q=0",
    );
}

/// EX-15, TM-6, AS-3 (d): an expired lease is noticed at the next submit, which is the last.
#[test]
fn ex_15_a_lease_ends_a_connection_after_the_next_request() {
    for profile in ALL {
        check(
            &format!("{profile} lease 30"),
            "0 submit r1 A 1
             20 submit r2 A 1
             39 look
             40 submit r3 A 1
             50 submit r4 A 1
             52 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             20: r2>c1
             21: r2 ok, c1 idle
             39: s=1 C=1 g=1 a=0 q=0
             40: r3>c1
             41: r3 ok, c1 graceful
             50: c2+, r4>c2
             51: r4 ok, c2 idle
             52: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// EX-16, LIM-4, CL-1: a lower limit closes the oldest connections, busy ones later.
#[test]
fn ex_16_lowering_the_limit_closes_the_oldest() {
    let four = "0 submit r1 A 1\n0 submit r2 A 1\n0 submit r3 A 1\n0 submit r4 A 1";
    for profile in ALL {
        let log = run::<true>(
            &format!("{profile} limit 4"),
            &format!("{four}\n5 limit 2\n5 look\n9 submit r5 A 1\n9 look"),
            |_| {},
        );
        assert_eq!(
            log[log.len() - 4..],
            [
                "5: c1 hard, c2 hard",
                "5: s=2 C=2 g=1 a=0 q=0",
                "9: r5>c3",
                "9: s=2 C=2 g=1 a=1 q=0"
            ],
        );
        let log = run::<true>(
            &format!("{profile} limit 4"),
            &format!("{four}\n4 submit r5 A 5\n5 limit 2\n5 look\n9 look"),
            |_| {},
        );
        assert_eq!(
            log[log.len() - 5..],
            [
                "4: r5>c1",
                "5: c2 hard",
                "5: s=3 C=2 g=1 a=1 q=0",
                "9: r5 ok, c1 graceful",
                "9: s=2 C=2 g=1 a=0 q=0"
            ],
        );
    }
}

/// `count` requests at `rate` per second, each on a group of its own, answered at once.
fn unique_groups(rate: u64, count: u64) -> String {
    (0..count).fold(String::new(), |mut script, k| {
        // Rounded to the nearest nanosecond.
        let at = (k * 1_000_000_000 + rate / 2) / rate;
        writeln!(script, "{at}ns submit r{k} u{k} 0").expect("a string");
        if k > 0 && k % 500 == 0 {
            writeln!(script, "{at}ns look").expect("a string");
        }
        script
    })
}

/// EX-17: with group timers 3976 ports sustain a rate if rate × 100 s fits, and not else.
#[test]
fn ex_17_the_critical_rate_of_a_plateau() {
    for profile in ["net45", "net48"] {
        let setup = format!("{profile} looks");
        let log = run::<true>(&setup, &unique_groups(40, 3978), |_| {});
        let first = log.iter().find(|line| line.contains("refused"));
        assert_eq!(
            first.map(String::as_str),
            Some("99.4: refused, r3976 WSAENOBUFS")
        );

        let log = run::<true>(&setup, &unique_groups(39, 12_001), |_| {});
        assert!(log.iter().all(|line| !line.contains("refused")));
        let plateau: Vec<&str> = log[8..]
            .iter()
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect();
        assert!(
            plateau.iter().all(|s| ["s=3900", "s=3901"].contains(s)),
            "{plateau:?}"
        );
    }
}

/// EX-19, AS-2 (5), AS-3, FL-2, FL-8: a request is forced behind a non-keep-alive one, is
/// re-submitted when that ends the connection, and leaves its reservation behind.
#[test]
fn ex_19_a_request_forced_behind_a_closing_one() {
    for profile in ["net40", "net45", "net48"] {
        for (leak, active) in [("leak", 1), ("", 0)] {
            check(
                &format!("{profile} limit 1 {leak}"),
                "0 submit r1 A 10 close
                 1 submit r2 A 1
                 12 look",
                &format!(
                    "0: sp+, A+, c1+, r1>c1
                     1: r2@c1
                     10: r1 ok, c1 graceful, c2+, r2>c2
                     11: r2 ok, c2 idle
                     12: s=1 C=1 g=1 a={active} q=0"
                ),
            );
        }
    }
}

/// EX-12, SP-11: `MaxIdleTime` at run time moves the ServicePoint's timer at once, armed group
/// timers not at all.
#[test]
fn ex_12_max_idle_time_at_run_time() {
    for profile in WITH_GROUP_TIMER {
        check(
            profile,
            "0 submit r1 A 0\n40 idle-time 60\n59.999 look\n60 look\n200 look",
            "0: sp+, A+, c1+, r1>c1, r1 ok, c1 idle
             59.999: s=1 C=1 g=1 a=0 q=0
             60: [sp], sp-, A-, c1 hard
             60: s=0 C=0 g=0 out q=0
             100: [A]
             200: s=0 C=0 g=0 out q=0",
        );
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 0\n40 idle-time 200\n99 look\n100 look\n199 look\n200 look",
            "99: s=1 C=1 g=1 a=0 q=0
             100: s=0 C=0 g=0 a=0 q=0
             199: s=0 C=0 g=0 a=0 q=0
             200: s=0 C=0 g=0 out q=0",
        );
    }
    for profile in ALL {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 0\n69 look\n70 idle-time 60\n70 look",
            "69: s=1 C=1 g=1 a=0 q=0
             70: s=0 C=0 g=0 out q=0",
        );
    }
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 0\n40 idle-time 200\n199.999 look\n200 look",
            "199.999: s=1 C=1 g=1 a=0 q=0
             200: s=0 C=0 g=0 out q=0",
        );
    }
}
