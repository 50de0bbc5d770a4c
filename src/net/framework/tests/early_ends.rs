//! What happens between the headers of a response and its end, as timelines (`#[cfg(test)]`):
//! AS-7, CN-5, FL-5, FL-9, TM-5.

use super::timeline::check;
use super::{ALL, RESERVING};

/// AS-7: a response that closes its connection stops further writes with its headers; who comes
/// after them waits, and is sent elsewhere at its end (FL-2).
#[test]
fn nothing_is_written_behind_the_headers_of_a_closing_response() {
    for profile in ALL {
        for (headers, third) in [("", "r3>c1"), ("6 headers r2 close", "r3@c1")] {
            check(
                &format!("{profile} limit 1"),
                &format!(
                    "0 submit r1 A 1 pipelined
                     5 submit r2 A pipelined
                     {headers}
                     7 submit r3 A 3 pipelined
                     8 done r2 close
                     20 look"
                ),
                &format!(
                    "0: sp+, A+, c1+, r1>c1
                     1: r1 ok, c1 idle
                     5: r2>c1
                     7: {third}
                     8: r2 ok, c1 graceful, c2+, r3>c2
                     11: r3 ok, c2 idle
                     20: s=1 C=1 g=1 a=0 q=0"
                ),
            );
        }
    }
}

/// AS-5, AS-7: behind another response the headers are read when that has ended.
#[test]
fn headers_in_a_pipeline_wait_for_their_turn() {
    check(
        "net48 limit 1",
        "0 submit r1 A 1 pipelined
         5 submit r2 A pipelined
         5 submit r3 A pipelined
         6 headers r3 close
         7 submit r4 A pipelined
         8 done r2
         9 submit r5 A 1 pipelined
         10 done r3 close
         13 look",
        "0: sp+, A+, c1+, r1>c1
         1: r1 ok, c1 idle
         5: r2>c1, r3>c1
         7: r4>c1
         8: r2 ok
         9: r5@c1
         10: r3 ok, c1 graceful, c2+, r5>c2, r4@c2
         11: r5 ok, r4>c2
         13: s=1 C=1 g=1 a=1 q=0",
    );
}

/// TM-5: `HttpWebRequest.Timeout` watches over the headers, not over the body.
#[test]
fn a_timeout_ends_with_the_headers() {
    for profile in ALL {
        for (headers, end) in [
            ("", "10: r1 Timeout, c1 hard"),
            ("5 headers r1", "20: r1 ok, c1 idle"),
        ] {
            check(
                &format!("{profile} timeout 10"),
                &format!("0 submit r1 A\n{headers}\n20 done r1"),
                &format!("0: sp+, A+, c1+, r1>c1\n{end}"),
            );
        }
    }
}

/// FL-7, FL-9: an abort before the headers leaks; behind them only where no read of the body is
/// under way.
#[test]
fn an_abort_behind_the_headers_leaks_if_nobody_reads() {
    for profile in RESERVING {
        for (setup, headers, active) in [
            ("leak", "", 1),
            ("leak", "1 headers r1", 0),
            ("leak leak-abort-body", "1 headers r1", 1),
            ("leak-abort-body", "1 headers r1", 0),
        ] {
            check(
                &format!("{profile} looks {setup}"),
                &format!("0 submit r1 A\n{headers}\n2 abort r1\n3 look"),
                &format!("2: r1 RequestCanceled\n3: s=0 C=0 g=1 a={active} q=0"),
            );
        }
    }
}

/// FL-5: a connection that is lost behind the headers breaks the response off, which is not sent
/// again, and leaks. Before them it is (FL-3).
#[test]
fn a_loss_behind_the_headers_breaks_the_response_off() {
    for profile in RESERVING {
        check(
            &format!("{profile} looks leak"),
            "0 submit r1 A\n1 headers r1\n2 lose r1\n3 look",
            "2: r1 IOException\n3: s=0 C=0 g=1 a=1 q=0",
        );
        check(
            &format!("{profile} looks"),
            "0 submit r1 A\n2 lose r1\n3 look",
            "3: s=1 C=1 g=1 a=1 q=0",
        );
    }
}

/// CN-5, K-11: the rest of a response that is closed early is read for a while, which depends on
/// the version; what takes longer is closed hard. It leaks nothing (FL-9).
#[test]
fn a_response_that_is_closed_early_is_drained_or_ends_its_connection() {
    let closed = |profile: &str, ends: &str, end: &str, look: &str| {
        check(
            &format!("{profile} leak"),
            &format!(
                "0 submit r1 A
                 1 close-response r1 1
                 2 headers r1
                 3 close-response r1 {ends}
                 {ends} done r1
                 50 look"
            ),
            &format!("0: sp+, A+, c1+, r1>c1\n{end}\n50: {look} g=1 a=0 q=0"),
        );
    };
    let read = "s=1 C=1";
    let gone = "s=0 C=0";
    closed("net48", "3.5", "3.5: r1 ok, c1 idle", read);
    closed("net48", "3.6", "3: r1 ok, c1 hard", gone);
    closed("net45", "3.1", "3.1: r1 ok, c1 idle", read);
    closed("net45", "3.5", "3: r1 ok, c1 hard", gone);
    for profile in ["net20-rtm", "net20", "net40"] {
        closed(profile, "40", "40: r1 ok, c1 idle", read);
    }
    for profile in ALL {
        closed(profile, "3", "3: r1 ok, c1 idle", read);
    }
}
