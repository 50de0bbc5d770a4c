//! Short cuts against the plain way (`#[cfg(test)]`): moving waiters together against one by
//! one, the index of a large group against looking at each connection.

use super::ALL;
use super::timeline::run;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use proptest::prelude::*;

/// Something a script can do, and how long after the step before it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Submit {
        group: u8,
        millis: u16,
        close: bool,
        pipelined: bool,
        held: bool,
        connects: bool,
    },
    Flood {
        group: u8,
        count: u8,
        millis: u16,
        every_close: u8,
    },
    Abort {
        back: u8,
    },
    DoneWithClose {
        back: u8,
    },
    Close {
        group: u8,
    },
    Fin {
        group: u8,
    },
    Limit {
        count: u8,
    },
    IdleTime {
        seconds: u16,
    },
    Lease {
        seconds: u16,
    },
    Hold,
    Ports {
        gone: bool,
    },
    Wait {
        seconds: u16,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let flags = (
        any::<bool>(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
    );
    prop_oneof![
        6 => (0..3u8, 0..9000u16, flags, prop::bool::weighted(0.2)).prop_map(
            |(group, millis, (close, pipelined, held), connects)| Step::Submit {
                group, millis, close, pipelined, held, connects
            }
        ),
        3 => (0..3u8, 4..30u8, 0..9000u16, 0..6u8).prop_map(
            |(group, count, millis, every_close)| Step::Flood { group, count, millis, every_close }
        ),
        2 => (0..20u8).prop_map(|back| Step::Abort { back }),
        4 => (0..20u8).prop_map(|back| Step::DoneWithClose { back }),
        1 => (0..3u8).prop_map(|group| Step::Close { group }),
        1 => (0..3u8).prop_map(|group| Step::Fin { group }),
        1 => (1..25u8).prop_map(|count| Step::Limit { count }),
        1 => (0..200u16).prop_map(|seconds| Step::IdleTime { seconds }),
        1 => (1..60u16).prop_map(|seconds| Step::Lease { seconds }),
        1 => Just(Step::Hold),
        1 => any::<bool>().prop_map(|gone| Step::Ports { gone }),
        2 => (0..300u16).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// The script of these steps, with a look after each.
fn script(steps: &[(u16, Step)]) -> String {
    let mut text = String::new();
    let (mut now, mut last) = (0_u64, 0_u64);
    for (gap, step) in steps {
        now += u64::from(*gap);
        let line = match *step {
            Step::Submit {
                group,
                millis,
                close,
                pipelined,
                held,
                connects,
            } => {
                last += 1;
                let mut line = format!("submit r{last} g{group} {millis}ms");
                for (flag, word) in [
                    (close, " close"),
                    (pipelined, " pipelined"),
                    (held, " held"),
                    (connects, " connect 2"),
                ] {
                    line += if flag { word } else { "" };
                }
                line
            }
            Step::Flood {
                group,
                count,
                millis,
                every_close,
            } => {
                for k in 0..count {
                    last += 1;
                    let close = every_close > 1 && k % every_close == 0;
                    let close = if close { " close" } else { "" };
                    writeln!(text, "{now}ms submit r{last} g{group} {millis}ms{close}")
                        .expect("a string");
                }
                String::from("look")
            }
            Step::Abort { back } => format!("abort r{}", last.saturating_sub(u64::from(back))),
            Step::DoneWithClose { back } => {
                format!("done r{} close", last.saturating_sub(u64::from(back)))
            }
            Step::Close { group } => format!("close g{group}"),
            Step::Fin { group } => format!("fin g{group}"),
            Step::Limit { count } => format!("limit {count}"),
            Step::IdleTime { seconds } => format!("idle-time {seconds}"),
            Step::Lease { seconds } => format!("lease {seconds}"),
            Step::Hold => String::from("hold"),
            Step::Ports { gone: true } => String::from("ports gone"),
            Step::Ports { gone: false } => String::from("ports back"),
            Step::Wait { seconds } => {
                now += 1000 * u64::from(seconds);
                String::from("look")
            }
        };
        writeln!(text, "{now}ms {line}\n{now}ms look").expect("a string");
    }
    writeln!(text, "{}ms look", now + 1_000_000).expect("a string");
    text
}

/// A profile and its variations.
fn setup() -> impl Strategy<Value = String> {
    let words = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (0..ALL.len(), 1..24u8, words).prop_map(|(profile, limit, (leak, fin, timeout, lease))| {
        let mut setup = format!(
            "{} limit {limit} ports 60 time-wait 30 essential",
            ALL[profile]
        );
        for (flag, word) in [
            (leak, " leak"),
            (fin, " fin"),
            (timeout, " timeout 20"),
            (lease, " lease 15"),
        ] {
            setup += if flag { word } else { "" };
        }
        setup
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_algorithm: prop::test_runner::RngAlgorithm::ChaCha,
        rng_seed: prop::test_runner::RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// FL-2 by whole lists gives what FL-2 one by one gives, in every word of the log.
    #[test]
    fn waiters_that_move_together_end_up_as_one_by_one(
        setup in setup(),
        steps in prop::collection::vec((0..3000u16, step()), 1..40),
    ) {
        let script = script(&steps);
        let one_by_one: Vec<String> = run::<true>(&setup, &script, |_| {});
        let together = run::<false>(&setup, &script, |_| {});
        prop_assert_eq!(one_by_one, together, "{}\n{}", setup, script);
    }

    /// AS-2 by index gives what AS-2 by looking at each connection gives.
    #[test]
    fn an_indexed_group_chooses_as_a_list_does(
        setup in setup(),
        steps in prop::collection::vec((0..3000u16, step()), 1..40),
    ) {
        let script = script(&steps);
        let listed = run::<false>(&setup, &script, |process| process.indexed_above = u32::MAX);
        for above in [0, 1, 3] {
            let indexed = run::<false>(&setup, &script, |process| process.indexed_above = above);
            prop_assert_eq!(&listed, &indexed, "{}\n{}", setup, script);
        }
    }

    /// An exchange at once does what its steps do one after another.
    #[test]
    fn an_exchange_in_one_step_ends_up_as_step_by_step(
        setup in setup(),
        steps in prop::collection::vec((0..3000u16, step()), 1..40),
    ) {
        let script = script(&steps);
        let at_once = run::<true>(&setup, &script, |_| {});
        let step_by_step = run::<true>(&setup, &script, |process| process.goes_step_by_step = true);
        prop_assert_eq!(at_once, step_by_step, "{}\n{}", setup, script);
    }
}
