//! The worked examples of the specification with its own numbers (`#[cfg(test)]`): EX-1 to EX-11.

use super::timeline::{check, run};
use super::{ALL, WITH_GROUP_TIMER, WITHOUT_GROUP_TIMER};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

/// One request every 10 s, each on a group of its own, lasting 1 s: `count` of them.
fn article(count: u32) -> String {
    (1..=count).fold(String::new(), |mut script, k| {
        let at = 10 * (k - 1);
        writeln!(script, "{at} submit r{k} u{k} 1\n{} look", at + 5).expect("a string");
        script
    })
}

/// EX-1: after completion of k, s = C = g = k for all k.
#[test]
fn ex_1_without_group_timers_every_unique_group_stays() {
    for profile in WITHOUT_GROUP_TIMER {
        let expected = (1..=40).fold(String::new(), |mut lines, k| {
            writeln!(lines, "{}: s={k} C={k} g={k} a=0 q=0", 10 * k - 5).expect("a string");
            lines
        });
        check(&format!("{profile} looks"), &article(40), &expected);
    }
}

/// EX-1, PT-1, FL-1: 3976 ports fail at request 3977, 5000 at 5001, as ConnectFailure/10055.
#[test]
fn ex_1_the_first_request_beyond_the_ports_fails() {
    for (ports, failure) in [
        (3976, "39760: refused, r3977 WSAENOBUFS"),
        (5000, "50000: refused, r5001 WSAENOBUFS"),
    ] {
        let setup = format!("net40 looks ports {ports}");
        let log = run::<true>(&setup, &article(ports + 1), |_| {});
        let failures: Vec<_> = log.iter().filter(|line| line.contains("refused")).collect();
        assert_eq!(failures, [failure]);
    }
}

/// EX-2, CG-6: group k closes at 10(k-1)+101, so 11 or 10 sockets forever.
#[test]
fn ex_2_with_group_timers_the_leak_is_a_plateau() {
    for profile in WITH_GROUP_TIMER {
        for start in [200_u32, 210, 1000] {
            let mut script = String::new();
            for k in 1..=start / 10 + 2 {
                let at = 10 * (k - 1);
                writeln!(script, "{at} submit r{k} u{k} 1").expect("a string");
                if at == start {
                    writeln!(script, "{at} look\n{at}.999 look").expect("a string");
                    writeln!(script, "{0} look\n{0}.5 look", at + 1).expect("a string");
                    writeln!(script, "{}.999 look", at + 9).expect("a string");
                }
            }
            let expected = format!(
                "{start}: s=11 C=11 g=11 a=1 q=0\n{start}.999: s=11 C=11 g=11 a=1 q=0\n\
                 {0}: s=10 C=10 g=10 a=0 q=0\n{0}.5: s=10 C=10 g=10 a=0 q=0\n\
                 {1}.999: s=10 C=10 g=10 a=0 q=0",
                start + 1,
                start + 9
            );
            check(&format!("{profile} looks"), &script, &expected);
        }
    }
}

const THREE_GROUPS: &str = "
    0 submit r1 A 0.1
    1 submit r2 B 0.1
    2 submit r3 C 0.1
    100.099 look
    100.1 look
    101.1 look
    102.099 look
    102.1 look";

/// EX-3, SP-8: the ServicePoint expires 100 s after its last busy moment, with all groups.
#[test]
fn ex_3_without_group_timers_all_groups_go_with_the_service_point() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            THREE_GROUPS,
            "100.099: s=3 C=3 g=3 a=0 q=0
             100.1: s=3 C=3 g=3 a=0 q=0
             101.1: s=3 C=3 g=3 a=0 q=0
             102.099: s=3 C=3 g=3 a=0 q=0
             102.1: s=0 C=0 g=0 out q=0",
        );
    }
}

/// EX-4, TM-3, CN-6: groups go one by one; the last one's timer comes after the
/// ServicePoint's, which has closed it.
#[test]
fn ex_4_with_group_timers_groups_go_one_by_one() {
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            THREE_GROUPS,
            "100.099: s=3 C=3 g=3 a=0 q=0
             100.1: s=2 C=2 g=2 a=0 q=0
             101.1: s=1 C=1 g=1 a=0 q=0
             102.099: s=1 C=1 g=1 a=0 q=0
             102.1: s=0 C=0 g=0 out q=0",
        );
        check(
            profile,
            "2 submit r3 C 0.1\n200 look",
            "2: sp+, C+, c1+, r3>c1
             2.1: r3 ok, c1 idle
             102.1: [sp], [C], sp-, C-, c1 hard
             200: s=0 C=0 g=0 out q=0",
        );
    }
}

/// EX-5, LIM-3, AS-2: the limit is per group; ties go to the oldest connection.
#[test]
fn ex_5_the_limit_holds_per_group() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 10
             0 submit r2 A 10
             0 submit r3 A 10
             0 submit r4 A 10
             0 submit r5 A 10
             0 look",
            "0: sp+, A+, c1+, r1>c1, c2+, r2>c2, r3@c1, r4@c2, r5@c1
             0: s=2 C=2 g=1 a=2 q=3",
        );
        check(
            &format!("{profile} looks"),
            "0 submit r1 A 10
             0 submit r2 B 10
             0 submit r3 C 10
             0 submit r4 D 10
             0 submit r5 E 10
             0 look",
            "0: s=5 C=5 g=5 a=5 q=0",
        );
    }
}

/// EX-6, AS-4: a waiter keeps its connection though another is idle.
#[test]
fn ex_6_a_waiter_sticks_to_its_connection() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 10
             0 submit r2 A 1
             0 submit r3 A 1
             20 look",
            "0: sp+, A+, c1+, r1>c1, c2+, r2>c2, r3@c1
             1: r2 ok, c2 idle
             10: r1 ok, r3>c1
             11: r3 ok, c1 idle
             20: s=2 C=2 g=1 a=0 q=0",
        );
    }
}

const CLOSING_REQUESTS: &str = "
    0 submit r1 u1 1 close
    9.9 look
    10 submit r2 u2 1 close
    15 look
    20 submit r3 u3 1 close
    21 look
    100.9 look
    101 look
    111 look
    121 look";

/// EX-7, CN-12, PT-3: the server closes first, so no port is left; the empty groups stay until
/// the ServicePoint goes (CG-5), or until their timers (CG-6).
#[test]
fn ex_7_without_keep_alive_only_the_groups_stay() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            CLOSING_REQUESTS,
            "9.9: s=0 C=0 g=1 a=0 q=0
             15: s=0 C=0 g=2 a=0 q=0
             21: s=0 C=0 g=3 a=0 q=0
             100.9: s=0 C=0 g=3 a=0 q=0
             101: s=0 C=0 g=3 a=0 q=0
             111: s=0 C=0 g=3 a=0 q=0
             121: s=0 C=0 g=0 out q=0",
        );
    }
    for profile in WITH_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            CLOSING_REQUESTS,
            "9.9: s=0 C=0 g=1 a=0 q=0
             15: s=0 C=0 g=2 a=0 q=0
             21: s=0 C=0 g=3 a=0 q=0
             100.9: s=0 C=0 g=3 a=0 q=0
             101: s=0 C=0 g=2 a=0 q=0
             111: s=0 C=0 g=1 a=0 q=0
             121: s=0 C=0 g=0 out q=0",
        );
    }
}

/// EX-7, PT-2, PT-3: the client closes first, TIME_WAIT 240 s, ports counted from connect.
#[test]
fn ex_7_client_first_closes_leave_time_wait() {
    check(
        "net40 looks client-closes time-wait 240",
        "0 submit r1 u1 1 close
         0.5 look
         5 look
         10 submit r2 u2 1 close
         10.5 look
         20 submit r3 u3 1 close
         25 look
         240.999 look
         241 look
         251 look
         261 look",
        "0.5: s=1 C=1 g=1 a=1 q=0
         5: s=0 C=0 g=1 a=0 q=0 tw=1
         10.5: s=1 C=1 g=2 a=1 q=0 tw=1
         25: s=0 C=0 g=3 a=0 q=0 tw=3
         240.999: s=0 C=0 g=0 out q=0 tw=3
         241: s=0 C=0 g=0 out q=0 tw=2
         251: s=0 C=0 g=0 out q=0 tw=1
         261: s=0 C=0 g=0 out q=0",
    );
}

/// EX-8, CL-2, CL-6: an idle group is closed at once, and the idle clock runs on.
#[test]
fn ex_8_closing_an_idle_group() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1
             5 close A
             5 look
             6 close A
             200 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             5: A-, c1 hard, close A true
             5: s=0 C=0 g=0 a=0 q=0
             6: close A false
             101: [sp], sp-
             200: s=0 C=0 g=0 out q=0",
        );
    }
}

const CLOSED_IN_FLIGHT: &str = "
    0 submit r1 A 10
    5 close A
    5 look
    6 submit r2 A 1
    6.5 look
    10 look
    60 submit r3 A 1
    109.999 look
    110 look
    160.999 look
    161 look";

/// EX-9, CL-3, CG-7: the orphan's timer, set at 10, releases the new group of its name at 110.
#[test]
fn ex_9_a_stale_timer_closes_the_new_group_of_the_same_name() {
    for profile in WITH_GROUP_TIMER {
        check(
            profile,
            CLOSED_IN_FLIGHT,
            "0: sp+, A+, c1+, r1>c1
             5: A-, close A true
             5: s=1 C=0 g=0 a=1 q=0
             6: A+, c2+, r2>c2
             6.5: s=2 C=1 g=1 a=2 q=0
             7: r2 ok, c2 idle
             10: r1 ok, c1 graceful
             10: s=1 C=1 g=1 a=0 q=0
             60: r3>c2
             61: r3 ok, c2 idle
             109.999: s=1 C=1 g=1 a=0 q=0
             110: [A], A-, c2 hard
             110: s=0 C=0 g=0 a=0 q=0
             160.999: s=0 C=0 g=0 a=0 q=0
             161: [sp], sp-
             161: s=0 C=0 g=0 out q=0",
        );
    }
}

/// EX-9 without group timers: the new group goes with the ServicePoint.
#[test]
fn ex_9_without_group_timers_nothing_is_stale() {
    for profile in WITHOUT_GROUP_TIMER {
        check(
            &format!("{profile} looks"),
            CLOSED_IN_FLIGHT,
            "5: s=1 C=0 g=0 a=1 q=0
             6.5: s=2 C=1 g=1 a=2 q=0
             10: s=1 C=1 g=1 a=0 q=0
             109.999: s=1 C=1 g=1 a=0 q=0
             110: s=1 C=1 g=1 a=0 q=0
             160.999: s=1 C=1 g=1 a=0 q=0
             161: s=0 C=0 g=0 out q=0",
        );
    }
}

/// EX-10, CN-1, CN-10, CN-11: a server's FIN is noticed at the next use, without an error.
#[test]
fn ex_10_a_server_close_is_noticed_at_reuse() {
    for profile in ALL {
        check(
            profile,
            "0 submit r1 A 1
             30 fin A
             35 look
             40 submit r2 A 1
             42 look",
            "0: sp+, A+, c1+, r1>c1
             1: r1 ok, c1 idle
             35: s=1 C=1 g=1 a=0 q=0 cw=1
             40: c1 hard, c2+, r2>c2
             41: r2 ok, c2 idle
             42: s=1 C=1 g=1 a=0 q=0",
        );
    }
}

/// EX-11, CG-8, TM-7: an idle connection of a busy group is closed by no timer, only when it is
/// picked after too long.
#[test]
fn ex_11_a_surplus_idle_connection_stays_until_it_is_picked() {
    for profile in ALL {
        let mut script = String::from("0 submit r1 A 5\n0 submit r2 A 5\n");
        for k in 1..10 {
            writeln!(script, "{} submit r{} A 1", 50 * k, k + 2).expect("a string");
        }
        script += "499 look\n500 submit r12 A 1\n500 submit r13 A 1\n500 look";
        let log = run::<true>(profile, &script, |_| {});
        assert_eq!(
            log[log.len() - 3..],
            [
                "499: s=2 C=2 g=1 a=0 q=0",
                "500: r12>c1, c2 hard, c3+, r13>c3",
                "500: s=2 C=2 g=1 a=2 q=0"
            ],
        );
        let used_c2 = log.iter().filter(|line| line.contains(">c2")).count();
        assert_eq!(used_c2, 1, "every later request goes to c1");
    }
}
