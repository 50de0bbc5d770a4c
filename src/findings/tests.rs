//! The findings of the article's comparison, and of others.

use super::*;
use crate::study::sample;

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
    row.values[crate::record::Column::PortsInUse] = 2_500.0;
    assert_eq!((tightest.limit, tightest.share_in(&row)), (5_000, 0.5));
}
