//! The whole program beside a program written by hand for exactly its workload:
//! `cargo bench --bench beside_limit -- PROGRAM [ROUNDS]`.
//!
//! `PROGRAM` is called as `PROGRAM w1|w2|w3 REQUESTS PORTS` and must serve that many requests of
//! the workload in `benches/`. Both run in turn, one thread each; what counts is the median of
//! the ratios of user and system time, because the machine's speed changes from minute to minute.
//! Without `PROGRAM` only our own times are shown.

#![allow(missing_docs, reason = "a benchmark is no library")]
#![allow(clippy::print_stdout, reason = "its table is its result")]

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::process::{Command, Stdio};

/// What each scenario in `benches/` serves over all its replications.
const REQUESTS: u32 = 5_000_000;
const WORKLOADS: [(&str, u32); 3] = [("w1", 5_000), ("w2", 8_000), ("w3", 8_000)];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let limit = arguments.first();
    let rounds: usize = arguments
        .get(1)
        .map_or(7, |text| text.parse().expect("ROUNDS is a whole number"));
    println!("median of {rounds} rounds, user and system time per request");
    println!("workload  spsim ns  limit ns  ratio  (lowest to highest)");
    for (workload, ports) in WORKLOADS {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..rounds {
            ours.push(seconds_of(spsim(workload)));
            if let Some(program) = limit {
                let mut command = Command::new(program);
                command.args([workload, &REQUESTS.to_string(), &ports.to_string()]);
                theirs.push(seconds_of(command));
            }
        }
        let mut ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        let beside = match (ratios.first(), ratios.last()) {
            (Some(lowest), Some(highest)) => format!(
                "{:8.1}  {:5.2}  ({lowest:.2} to {highest:.2})",
                nanos(&mut theirs),
                ratios[ratios.len() / 2],
            ),
            _ => "       –      –".into(),
        };
        println!("{workload:8}  {:8.1}  {beside}", nanos(&mut ours));
    }
}

/// The program as a user runs it, on one thread, writing nothing.
fn spsim(workload: &str) -> Command {
    let scenario = format!("{}/benches/{workload}.toml", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    command.args([
        "run",
        &scenario,
        "--out",
        "none",
        "--quiet",
        "--threads",
        "1",
    ]);
    command
}

/// User and system time of one run, in seconds.
fn seconds_of(mut command: Command) -> f64 {
    let before = children_seconds();
    let status = command
        .stdout(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?} ended with {status}");
    children_seconds() - before
}

fn children_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts children's time");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}

/// The median in nanoseconds per request.
fn nanos(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2] * 1e9 / f64::from(REQUESTS)
}
