//! Recorded traces of the real .NET Framework source, every field of every step.

use crate::support::recordings;
use spsim::inside::conform::{parse_line, replay};
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
        replay_file(&recordings::text("traces.jsonl.gz"));
    assert_eq!((n_traces, n_steps), (200, 7_763));
    assert_eq!(n_differing, 0, "{report}");
}

#[test]
fn traces_with_aborts_agree_step_by_step() {
    let (n_traces, n_steps, n_differing, report) =
        replay_file(&recordings::text("aborts.jsonl.gz"));
    assert_eq!((n_traces, n_steps), (90, 7_173));
    assert_eq!(n_differing, 0, "{report}");
}

/// Several hosts (P), `MaxServicePoints` (Q), `U>` groups (R), connects that wait and fail (S),
/// servers that go away (T), held ServicePoints (V), leases changed on the way (W), all of it (Y),
/// re-submits without pipelining (Z).
#[test]
fn traces_of_several_hosts_agree_step_by_step() {
    let (n_traces, n_steps, n_differing, report) = replay_file(&recordings::text("hosts.jsonl.gz"));
    assert_eq!((n_traces, n_steps), (112, 16_614));
    assert_eq!(n_differing, 0, "{report}");
}

/// Three short ones of what a model gets wrong first (TM-2 twice, CL-4).
#[test]
fn the_shortest_traces_agree_step_by_step() {
    let (n_traces, _, n_differing, report) =
        replay_file(include_str!("../data/refsrc-minimal.jsonl"));
    assert_eq!(n_traces, 3);
    assert_eq!(n_differing, 0, "{report}");
}

/// What is said of the recording of a family with one thing in it changed.
fn refused(family: char, old: &str, new: &str) -> String {
    let traces = recordings::text("hosts.jsonl.gz");
    let id = format!("{{\"id\":\"{family}");
    let of_family = traces.lines().filter(|line| line.starts_with(&id));
    let shortest = of_family.min_by_key(|line| line.len());
    let trace = shortest.expect("the family is there");
    assert!(trace.contains(old), "{old}");
    let error = parse_line(trace.replacen(old, new, 1).as_bytes()).expect_err(new);
    error.to_string()
}

#[test]
fn what_is_unknown_in_a_recording_is_named_with_its_step() {
    let said = refused('S', "\"op\":\"resolve\"", "\"op\":\"revolve\"");
    assert!(said.contains("step 5: unknown variant `revolve`"), "{said}");
    let said = refused('S', "\"host\":\"h0.test\"", "\"host\":\"h0 test\"");
    assert!(
        said.contains("step 0: `host` must be the name of a host"),
        "{said}"
    );
    let said = refused('P', "http://h0.test", "http://h7.test");
    assert!(
        said.contains("`http://h7.test` is the address of no host"),
        "{said}"
    );
    let said = refused('S', "\"0:RequestCanceled\"", "\"0:Banana\"");
    assert!(
        said.contains("step 1: unknown outcome `0:Banana`"),
        "{said}"
    );
    let said = refused('S', "\"0:RequestCanceled\"", "\"77:RequestCanceled\"");
    assert!(
        said.contains("step 1: `77:RequestCanceled`: no request 77"),
        "{said}"
    );
    let said = refused('S', "\"connection_closed\"", "\"connection_lost\"");
    assert!(said.contains("step 1: unknown result"), "{said}");
}
