//! Recorded traces of the real .NET Framework source, every field of every step.

use spsim::conform::{parse_line, replay};
use std::fmt::Write as _;

/// Replays every trace of a file: (traces, steps, differing steps, report of the first ones).
fn replay_file(text: &str) -> (usize, usize, usize, String) {
    let (mut n_traces, mut n_steps, mut n_differing) = (0, 0, 0);
    let mut report = String::new();
    for line in text.lines() {
        let trace = parse_line(line.as_bytes()).expect("a committed trace is well formed");
        let replayed = replay(&trace);
        n_traces += 1;
        n_steps += replayed.n_steps;
        n_differing += replayed.n_differing;
        if let Some(first) = replayed.first.first() {
            let (id, differing) = (&trace.id, replayed.n_differing);
            let _ = writeln!(
                report,
                "{id} {:?} ({differing} steps differ)",
                replayed.first
            );
            let from = first.step.saturating_sub(6);
            for step in &trace.steps[from..=first.step] {
                let _ = writeln!(report, "    {:?} -> {}", step.input, step.result);
            }
        }
    }
    (n_traces, n_steps, n_differing, report)
}

#[test]
fn the_published_source_agrees_step_by_step() {
    let (n_traces, n_steps, n_differing, report) =
        replay_file(include_str!("../data/refsrc-traces.jsonl"));
    assert_eq!((n_traces, n_steps), (200, 7_763));
    assert_eq!(n_differing, 0, "{report}");
}

#[test]
fn traces_with_aborts_agree_step_by_step() {
    let (n_traces, n_steps, n_differing, report) =
        replay_file(include_str!("../data/refsrc-aborts.jsonl"));
    assert_eq!((n_traces, n_steps), (90, 7_173));
    assert_eq!(n_differing, 0, "{report}");
}
