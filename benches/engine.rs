//! The parts of the engine one by one, and whole runs: `cargo bench --bench engine`.
//!
//! These are benchmarks, not tests: they fail on nothing. Compare two versions in one sitting, and
//! medians only; machines are noisy.

#![allow(missing_docs, reason = "a benchmark is no library")]

use divan::{Bencher, black_box};
use spsim::inside::kernel::{EventQueue, Lanes, Phase, stream};
use spsim::inside::model::service::SynRetry;
use spsim::inside::model::settings::{IdleClose, PortErrorName, PortRange, PortScope};
use spsim::inside::net::{PortRelease, PortState, PortTable};
use spsim::inside::record::Histogram;
use spsim::inside::scenario;
use spsim::inside::sim::draw::draw;
use spsim::{InputFiles, Law, Machine, Override, Runner, SimSpan, SimTime};

fn main() {
    divan::main();
}

/// One event taken and one scheduled, with so many waiting all the time.
#[divan::bench(args = [4, 64, 4096, 65_536])]
fn event_queue_hold(bencher: Bencher, waiting: u64) {
    let mut delays = stream(1, "delays", 0);
    let law = Law::Exponential { mean: 0.1 };
    let mut queue = EventQueue::<u64>::new();
    for event in 0..waiting {
        let at = SimTime::ZERO + draw(&law, &mut delays);
        queue.schedule(at, Phase::Network, event);
    }
    bencher.bench_local(|| {
        let (now, event) = queue.pop().expect("events are waiting");
        queue.schedule(now + draw(&law, &mut delays), Phase::Network, event);
    });
}

/// A timer cancelled and armed again, among so many of the same duration.
#[divan::bench(args = [1, 64, 4096])]
fn lane_restart(bencher: Bencher, armed: u64) {
    let mut lanes = Lanes::new();
    let lane = lanes.open();
    let mut now = SimTime::ZERO;
    let span = SimSpan::from_seconds(100);
    let mut timers: Vec<_> = (0..armed)
        .map(|who| lanes.arm(lane, now + span, who).0)
        .collect();
    let mut next = 0;
    bencher.bench_local(|| {
        now += SimSpan::from_millis(20);
        lanes.cancel(timers[next]);
        timers[next] = lanes.arm(lane, now + span, next as u64).0;
        next = (next + 1) % timers.len();
    });
}

/// A port taken and given back to TIME_WAIT, which holds most of the range.
#[divan::bench(args = [5_000, 16_384, 64_511])]
fn port_table_churn(bencher: Bencher, count: u32) {
    let machine = Machine {
        ports: PortRange { first: 1025, count },
        preset: None,
        time_wait: SimSpan::from_seconds(120),
        time_wait_given: true,
        scope: PortScope::Host,
        time_wait_error: PortErrorName::Wsaenobufs,
        idle_close: IdleClose::Reset,
        time_wait_reuse_after: None,
        instances: 1,
        syn_retry: SynRetry::WINDOWS,
    };
    let mut ports = PortTable::new(&machine, 1);
    let mut now = SimTime::ZERO;
    let gap = SimSpan::from_nanos(130_000_000_000 / u64::from(count));
    bencher.bench_local(|| {
        now += gap;
        if let Ok(port) = ports.take(now, 0) {
            ports.change_state(port, PortState::Connecting, PortState::Busy);
            ports.release(now, port, PortState::Busy, PortRelease::TimeWait);
        }
    });
}

/// 30,000 requests to a group of so many busy connections, kept alive: each chooses among them
/// (AS-2).
#[divan::bench(args = [4, 64, 1024], sample_count = 20)]
fn assignment(bencher: Bencher, busy: u32) {
    let seconds = f64::from(busy) / 50.0;
    let text = format!(
        "duration = \"600s\"\n[machine]\nports = 10000\n[client.app]\nruntime = \"net48\"\n\
         connection-limit = 5000\nrequest-timeout = \"never\"\n[server.api]\n\
         uri = \"http://api.example.com/\"\n\
         response-time = {{ exponential = {{ mean = \"{seconds}s\" }} }}\n\
         [workload.load]\narrivals = {{ poisson = {{ rate = 50 }} }}\n"
    );
    run(bencher, &text, &[], false);
}

/// One duration entered into a histogram.
#[divan::bench]
fn histogram_record(bencher: Bencher) {
    let law = Law::Exponential { mean: 0.1 };
    let mut draws = stream(1, "draws", 0);
    let spans: Vec<_> = (0..4096).map(|_| draw(&law, &mut draws)).collect();
    let mut histogram = Histogram::new();
    let mut next = 0;
    bencher.bench_local(|| {
        histogram.record(spans[next]);
        next = (next + 1) % spans.len();
    });
}

/// One draw of a law.
#[divan::bench(args = ["exponential", "lognormal", "gamma", "weibull", "pareto"])]
fn law_draw(bencher: Bencher, name: &str) {
    let law = match name {
        "exponential" => Law::Exponential { mean: 0.1 },
        "lognormal" => Law::Lognormal {
            mu: -3.0,
            sigma: 1.0,
        },
        "gamma" => Law::Gamma {
            shape: 2.5,
            scale: 0.04,
        },
        "weibull" => Law::Weibull {
            shape: 0.7,
            scale: 0.1,
        },
        _ => Law::Pareto {
            scale: 0.05,
            shape: 2.5,
        },
    };
    let mut draws = stream(1, "draws", 0);
    bencher.bench_local(|| black_box(draw(&law, &mut draws)));
}

/// 50,000 requests and more of a workload, through the whole model: W1 leaks, W2 churns, W3
/// restarts timers, W4 queues.
#[divan::bench(args = ["w1", "w2", "w3", "w4"], sample_count = 20)]
fn whole_run(bencher: Bencher, name: &str) {
    run_workload(bencher, name, false);
}

/// The same with a sample each second kept.
#[divan::bench(args = ["w1", "w2", "w3", "w4"], sample_count = 20)]
fn whole_run_sampled(bencher: Bencher, name: &str) {
    run_workload(bencher, name, true);
}

fn run_workload(bencher: Bencher, name: &str, keeps_samples: bool) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/");
    let text = std::fs::read_to_string(format!("{folder}{name}.toml")).expect("it is there");
    let duration = if name == "w1" { "150s" } else { "1000s" };
    let overrides = [Override {
        typed_as: "--set",
        key: "duration".into(),
        value: duration.into(),
    }];
    run(bencher, &text, &overrides, keeps_samples);
}

fn run(bencher: Bencher, text: &str, overrides: &[Override], keeps_samples: bool) {
    let mut files = InputFiles::in_memory(&[]);
    let read = scenario::read(text, "bench", overrides, &mut files).expect("it is right");
    let variant = read.scenario.under(&read.scenario.strategies[0]);
    let mut runner = Runner::new(keeps_samples);
    bencher.bench_local(|| runner.run(&variant, 0, &files).expect("it names no file"));
}
