//! The findings of the article's comparison, and of others.

use super::*;
use crate::model::Client;
use crate::record::summary::ErrorCounts;
use crate::record::{AddressCounts, ClientSample, NatTotals, ServiceCounts};
use crate::study::{ClientRow, sample};
use crate::units::SimTime;

/// The article's comparison by somebody who asks nothing.
fn unasked() -> Comparison {
    let mut comparison = sample::comparison();
    comparison.scenario.question.clear();
    comparison
}

#[test]
fn the_article_in_sentences() {
    let found = of(&sample::comparison());
    assert_eq!(
        found.headline,
        "1 min 40 s: then ports run out under “as is”; with “16 groups” the peak stays at 32 \
         of 5,000 ports"
    );
    assert_eq!(
        found.sentences[0],
        "Under “as is” ports run out after 1 min 40 s, and 4,000 of 9,000 requests fail (44%; \
         WSAENOBUFS)"
    );
    assert_eq!(
        found.sentences[2],
        "Under “keep-alive off” the peak is 9 of 5,000 ports (0.2%), with 9,000 connections \
         opened for 9,000 requests"
    );
    assert_eq!(found.winner.index, 1);
    assert_eq!(
        found.winner.changes,
        ["request.ConnectionGroupName = \"pool-\" + (k % 16);"]
    );
}

#[test]
fn nothing_is_said_to_run_out_that_did_not() {
    let mut comparison = unasked();
    comparison.strategies.remove(0);
    let found = of(&comparison);
    assert_eq!(
        found.headline,
        "No strategy runs out of ports; with “16 groups” the peak is 32 of 5,000 ports"
    );
    assert!(!found.sentences.concat().contains("run out"));
}

#[test]
fn nothing_is_said_to_help_that_did_not() {
    let mut comparison = unasked();
    comparison.strategies.truncate(1);
    let found = of(&comparison);
    assert_eq!(
        found.headline,
        "Under “as is” ports run out after 1 min 40 s, and no strategy here prevents it"
    );
    assert!(found.winner.changes.is_empty());
}

#[test]
fn over_replications_the_runs_are_counted() {
    let mut comparison = sample::replicated();
    comparison.scenario.question.clear();
    let found = of(&comparison);
    assert!(
        found.headline.starts_with(
            "Under “as is” ports run out in 2 of 3 runs, the median after 1 min 42 s;"
        ),
        "{}",
        found.headline
    );
}

#[test]
fn waiting_is_told_apart_from_running_out() {
    let mut comparison = sample::comparison();
    let run = &mut comparison.strategies[1].runs[0];
    run.waiting_share = 0.5;
    let found = of(&comparison);
    assert!(
        found.sentences[1].contains("in the worst tenth of the load 50% of the requests wait"),
        "{}",
        found.sentences[1]
    );
    assert_ne!(
        found.winner.index, 1,
        "a strategy that queues is not the best"
    );
}

#[test]
fn a_table_that_is_half_taken_has_a_share_of_a_half() {
    let comparison = sample::comparison();
    let one = &comparison.strategies[0];
    let tightest = verdict::tightest(one);
    let mut row = one.rows[0];
    row.values[Column::PortsInUse] = 2_500.0;
    assert_eq!((tightest.limit, tightest.share_in(&row)), (5_000, 0.5));
}

/// The sentence on the first strategy, after a change to it.
fn first_sentence(change: impl Fn(&mut StrategyResult)) -> String {
    let mut comparison = unasked();
    change(&mut comparison.strategies[0]);
    of(&comparison).sentences.remove(0)
}

/// The same of the second, which never runs out.
fn second_sentence(change: impl Fn(&mut StrategyResult)) -> String {
    let mut comparison = unasked();
    change(&mut comparison.strategies[1]);
    of(&comparison).sentences.remove(1)
}

const RUNS_OUT: &str = "Under “as is” ports run out after 1 min 40 s";
const HOLDS: &str = "Under “16 groups” the peak is 32 of 5,000 ports (0.6%), with 32 connections \
                     opened for 9,000 requests";

#[test]
fn who_runs_out_says_what_is_left_of_it() {
    let left = |at_end: u64, peak: u64| {
        first_sentence(|it| {
            it.runs[0].requests.failed = 0;
            it.runs[0].ports.at_end = at_end;
            it.runs[0].ports.peak = peak;
        })
    };
    let none_fails = format!("{RUNS_OUT}, and no request fails for it");
    assert_eq!(left(2_500, 5_000), none_fails, "half of them are gone");
    assert_eq!(left(0, 0), none_fails);
    let more = format!("{none_fails}; 2,501 ports are still taken at the end");
    assert_eq!(left(2_501, 5_000), more);
    assert_eq!(
        left(1, 1),
        format!("{none_fails}; 1 port is still taken at the end")
    );
    let unnamed = first_sentence(|it| it.runs[0].errors = ErrorCounts::default());
    assert_eq!(
        unnamed,
        format!("{RUNS_OUT}, and 4,000 of 9,000 requests fail (44%)")
    );
    let two = first_sentence(|it| it.runs[0].errors.add("Timeout", 3));
    assert!(two.ends_with("fail (44%; Timeout, WSAENOBUFS)"), "{two}");
    // What holds and still has them is the caller's choice, and nothing to tell.
    assert_eq!(second_sentence(|it| it.runs[0].ports.at_end = 32), HOLDS);
}

#[test]
fn who_runs_out_in_few_runs_has_no_median() {
    let mut comparison = sample::replicated();
    comparison.scenario.question.clear();
    comparison.strategies[0].runs[1].exhausted_at = None;
    assert!(
        of(&comparison).sentences[0].starts_with("Under “as is” ports run out in 1 of 3 runs, and")
    );
}

#[test]
fn ports_that_wait_are_counted_at_their_most() {
    let waiting = |most: f64| {
        second_sentence(|it| {
            it.rows[5].values[Column::TimeWait] = most;
            it.rows[6].values[Column::TimeWait] = most / 2.0;
        })
    };
    assert_eq!(waiting(0.4), HOLDS);
    assert_eq!(
        waiting(1.0),
        format!("{HOLDS}; up to 1 port waits in TIME_WAIT")
    );
    assert_eq!(
        waiting(12.0),
        format!("{HOLDS}; up to 12 ports wait in TIME_WAIT")
    );
}

#[test]
fn what_came_of_requests_that_are_not_answered_is_said() {
    let said = second_sentence(|it| {
        it.runs[0].requests.failed = 1;
        it.runs[0].requests.in_flight = 1;
    });
    let one = format!("{HOLDS}; 1 request fails; 1 is unanswered at the end");
    assert_eq!(said, one);
    let said = second_sentence(|it| it.runs[0].requests.in_flight = 2);
    assert_eq!(said, format!("{HOLDS}; 2 are unanswered at the end"));
    let said = second_sentence(|it| {
        let run = &mut it.runs[0];
        (run.requests.submitted, run.connections.opened) = (1, 1);
    });
    let one = "with 1 connection opened for 1 request";
    assert!(said.ends_with(one), "{said}");
}

#[test]
fn what_came_of_nat_servers_and_moves_is_said() {
    let nat = |dropped| {
        second_sentence(|it| {
            it.runs[0].nat = Some(NatTotals {
                limit: 64,
                dropped,
                ..NatTotals::default()
            });
        })
    };
    assert_eq!(nat(0), HOLDS);
    assert_eq!(
        nat(1),
        format!("{HOLDS}; 1 try to connect finds no SNAT port")
    );
    assert_eq!(
        nat(2),
        format!("{HOLDS}; 2 tries to connect find no SNAT port")
    );
    let worked = |wasted| {
        second_sentence(|it| {
            it.runs[0].service = Some(ServiceCounts {
                answered: 1,
                wasted,
                ..ServiceCounts::default()
            });
        })
    };
    assert_eq!(worked(0), HOLDS);
    assert_eq!(
        worked(3),
        format!("{HOLDS}; 75% of what the server works on is for clients that have given up")
    );
    let moved = |to_old| second_sentence(|it| it.runs[0].addresses = Some(moved_after(to_old)));
    assert_eq!(
        moved(0),
        format!("{HOLDS}; 0 requests go to the old address")
    );
    assert_eq!(
        moved(1),
        format!("{HOLDS}; 1 request goes to the old address, the last at 1 min 30 s")
    );
}

/// So many requests to the old address, the last after 90 s, of twice as many since the move.
fn moved_after(to_old: u64) -> AddressCounts {
    AddressCounts {
        sent: 9_000,
        sent_after: 2 * to_old,
        to_old,
        last_to_old: SimTime::from_nanos(90_000_000_000),
    }
}

#[test]
fn moves_are_the_headline_where_servers_move() {
    let headline = |counts: [u64; 2]| {
        let mut comparison = unasked();
        comparison.strategies.remove(0);
        comparison.strategies.truncate(2);
        for (one, to_old) in comparison.strategies.iter_mut().zip(counts) {
            one.runs[0].addresses = Some(moved_after(to_old));
        }
        of(&comparison).headline
    };
    assert_eq!(
        headline([1, 5_991]),
        "Under “keep-alive off” 5,991 requests go to the old address; with “16 groups” 1 does"
    );
    assert_eq!(
        headline([2, 5_991]),
        "Under “keep-alive off” 5,991 requests go to the old address; with “16 groups” 2 do"
    );
    assert_eq!(
        headline([1, 1]),
        "Under “16 groups” 1 request goes to the old address, and no strategy here changes that"
    );
}

#[test]
fn failures_are_the_headline_where_servers_have_workers() {
    let headline = |failed: [u64; 2]| {
        let mut comparison = unasked();
        comparison.strategies.remove(0);
        comparison.strategies.truncate(2);
        for (one, failed) in comparison.strategies.iter_mut().zip(failed) {
            one.runs[0].service = Some(ServiceCounts::default());
            one.runs[0].requests.failed = failed;
            one.runs[0].requests.succeeded -= failed;
        }
        of(&comparison).headline
    };
    assert_eq!(
        headline([4_000, 8_000]),
        "Under “keep-alive off” 8,000 of 9,000 requests fail; with “16 groups” 4,000 do"
    );
    assert_eq!(
        headline([4_000, 4_000]),
        "Under “16 groups” 4,000 of 9,000 requests fail, and no strategy here changes that"
    );
}

#[test]
fn ports_that_suffice_are_no_success_where_nothing_is_answered() {
    let headline = |strategies: usize, answered: u64| {
        let mut comparison = unasked();
        comparison.strategies.remove(0);
        comparison.strategies.truncate(strategies);
        for one in &mut comparison.strategies {
            let requests = &mut one.runs[0].requests;
            (requests.succeeded, requests.failed) = (answered, 9_000 - answered);
        }
        of(&comparison).headline
    };
    assert_eq!(
        headline(1, 300),
        "Ports do not run out, but with “16 groups” only 300 of 9,000 requests are answered"
    );
    assert_eq!(
        headline(2, 0),
        "No strategy runs out of ports, but even with “16 groups” none of 9,000 requests is \
         answered"
    );
    assert_eq!(
        headline(2, 8_911),
        "No strategy runs out of ports; with “16 groups” the peak is 32 of 5,000 ports",
        "99% of 9,000 are 8,910"
    );
}

#[test]
fn a_cure_that_answers_no_more_is_none() {
    let mut comparison = unasked();
    comparison.strategies.truncate(2);
    let requests = &mut comparison.strategies[1].runs[0].requests;
    (requests.succeeded, requests.failed) = (100, 8_900);
    assert_eq!(
        of(&comparison).headline,
        format!("{RUNS_OUT}, and those that prevent it answer no more")
    );
}

#[test]
fn whom_a_shortage_hits_is_named_the_hardest_hit_first() {
    let headline = |failed: &[f64]| {
        let mut comparison = unasked();
        let one = &mut comparison.strategies[0];
        let client = one.scenario.clients[0].clone();
        one.scenario.clients = (0..failed.len())
            .map(|k| Client {
                name: format!("p{k}"),
                ..client.clone()
            })
            .collect();
        // An earlier row of each, which does not count, then the last.
        for share in [0.5, 1.0] {
            for (client, failed) in failed.iter().enumerate() {
                let mut row = ClientRow::of(&ClientSample::default());
                row.client = client as u32;
                row.values[Column::Failed] = failed * share;
                one.clients.push(row);
            }
        }
        of(&comparison).headline
    };
    assert_eq!(
        headline(&[305.0, 0.4, 1_552.0]),
        format!(
            "{RUNS_OUT}, which fails 1,552 requests of “p2” and 305 of “p0”; with “16 groups” the \
             peak stays at 32 of 5,000 ports"
        )
    );
    let half = headline(&[0.5]);
    assert!(
        half.contains(", which fails 0.5 requests of “p0”;"),
        "{half}"
    );
    let many = headline(&[7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
    let part = "3 of “p4” and some of 2 others;";
    assert!(many.contains(part), "{many}");
    let five = headline(&[7.0, 6.0, 5.0, 4.0, 3.0]);
    assert!(five.contains("4 of “p3” and 3 of “p4”;"), "{five}");
}
