//! How often intervals of each kind hold what they should: small scenarios whose true figure is a
//! formula, thousands of intervals of few runs each, by the same code that results go through.
//!
//! What is expected is at least so many of 100. More is no fault: an exact interval of a count
//! cannot hold 95 of 100 precisely, and one that is never too narrow is sometimes too wide.

use super::experiment::{Bench, Experiment, Figures, Judged, column};
use super::intervals::FIFTY_PORTS;
use crate::model::{Arrivals, Scenario};
use crate::sim::TraceError;
use crate::stats::Confidence;
use crate::stats::estimate::lower_median;
use crate::stats::special::lower_gamma;
use crate::study::plan::{Among, Ran, Search, search_turns};
use crate::study::rare::Share;
use crate::study::steady::{LongRun, assess};
use crate::study::vary::{Axis, Values};
use crate::study::{Goal, combine};
use alloc::vec::Vec;

/// Every kind of interval, in the order of the table.
pub(super) fn experiments() -> Vec<Experiment> {
    vec![
        RARE_COUNTS,
        SKEWED_MEANS,
        TIMES,
        LONG_RUN_PORTS,
        LONG_RUN_QUEUE,
        PLAN,
        RARE_SHARES,
    ]
}

/// The level of every interval.
const LEVEL: f64 = 0.95;

/// A share that should be at least so much.
fn at_least(figure: &'static str, law: &'static str, share: f64, least: f64, of: usize) -> Judged {
    let error = libm::sqrt(least * (1.0 - least) / of as f64);
    Judged::new(figure, law).at(share, least, libm::fmin((share - least) / error, 0.0))
}

/// Of the experiments of `n` figures each, those that hold the truth; at least so many should.
fn held(
    (figure, law): (&'static str, &'static str),
    figures: &[Figures],
    (n, least): (usize, f64),
    holds: impl Fn(&[Figures], Confidence) -> bool,
) -> Judged {
    let confidence = Confidence::new(LEVEL, n);
    let all = figures.chunks_exact(n);
    let of = all.len();
    let count = all.filter(|runs| holds(runs, confidence)).count();
    at_least(figure, law, count as f64 / of as f64, least, of)
}

/// Where `share` of a Gamma(`shape`, 1) law lies below.
fn gamma_quantile(shape: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 4.0 * shape);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if lower_gamma(shape, middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Requests of a run of the scenario below, in the mean, and the ports that there are for them.
const REQUESTS: f64 = 20.0;
const PORTS: u32 = 27;

/// P(N = k) of a Poisson number.
fn poisson(mean: f64, k: u32) -> f64 {
    let k = f64::from(k);
    libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0))
}

/// No port comes back: the N - 27 last requests of a run fail, N being Poisson with mean 20.
const RARE_COUNTS: Experiment = Experiment {
    name: "rare-counts",
    scenario: r#"
        duration = "10s"
        sample-every = "10s"
        [machine]
        ports = 27
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = "1ms"
        [workload.load]
        arrivals = { poisson = { rate = 2 } }
        group = "unique"
    "#,
    runs: 200_000,
    fast_runs: 40_000,
    runs_a_job: 2_000,
    measure: |bench, run| {
        let run = bench.run(0, run)?.summary;
        let (failed, submitted) = (run.requests.failed, run.requests.submitted);
        Ok([failed as f64, submitted as f64, 0.0])
    },
    judge: |figures| {
        // Beyond 200 there is nothing that a float could add.
        let beyond = PORTS + 1..200;
        let failed: f64 = beyond
            .clone()
            .map(|k| f64::from(k - PORTS) * poisson(REQUESTS, k))
            .sum();
        let exhausted: f64 = beyond.map(|k| poisson(REQUESTS, k)).sum();
        let mean = |runs: &[Figures], confidence: Confidence| {
            let found = confidence.mean(&column(runs, 0));
            found.is_some_and(|it| it.low <= failed && failed <= it.high && it.low < it.high)
        };
        let share = |runs: &[Figures], confidence: Confidence| {
            let found = confidence.ratio(&column(runs, 0), &column(runs, 1));
            let truth = failed / REQUESTS;
            found.is_some_and(|it| it.low <= truth && truth <= it.high)
        };
        let ran_out = |runs: &[Figures], confidence: Confidence| {
            let hits = runs.iter().filter(|run| run[0] > 0.0).count();
            let found = confidence.proportion(hits, runs.len());
            found.is_some_and(|it| it.low <= exhausted && exhausted <= it.high)
        };
        let law = "failed: E (N - 27)+ = 0.14, N Poisson(20)";
        let of_share = "failed share: E (N - 27)+ / 20";
        let wilson = "p_exhausted: P(N > 27), Wilson";
        vec![
            held(("rare count, 5 runs", law), figures, (5, 0.90), mean),
            held(("rare count, 20 runs", law), figures, (20, 0.92), mean),
            held(("rare count, 100 runs", law), figures, (100, 0.94), mean),
            held(
                ("rare share, 20 runs", of_share),
                figures,
                (20, 0.92),
                share,
            ),
            held(
                ("share of runs, 20 runs", wilson),
                figures,
                (20, 0.92),
                ran_out,
            ),
            held(
                ("share of runs, 100 runs", wilson),
                figures,
                (100, 0.92),
                ran_out,
            ),
        ]
    },
};

/// One request, whose response takes an exponential time of 1 s in the mean.
const SKEWED_MEANS: Experiment = Experiment {
    name: "skewed-means",
    scenario: r#"
        duration = "100s"
        sample-every = "100s"
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = { exponential = { mean = "1s" } }
        [workload.load]
        arrivals = { every = "1000s" }
    "#,
    runs: 40_000,
    fast_runs: 20_000,
    runs_a_job: 2_000,
    measure: |bench, run| {
        let latency = bench.run(0, run)?.summary.latency.mean_seconds;
        Ok([latency.unwrap_or(f64::NAN), 0.0, 0.0])
    },
    judge: |figures| {
        let holds = |runs: &[Figures], confidence: Confidence| {
            let found = confidence.mean(&column(runs, 0));
            found.is_some_and(|it| it.low <= 1.0 && 1.0 <= it.high)
        };
        let law = "latency: exponential, 1 s";
        vec![
            held(
                ("mean of a skewed law, 5 runs", law),
                figures,
                (5, 0.90),
                holds,
            ),
            held(
                ("mean of a skewed law, 20 runs", law),
                figures,
                (20, 0.93),
                holds,
            ),
        ]
    },
};

/// The port after the fiftieth is asked for at a Gamma(51, 50/s) time.
const TIMES: Experiment = Experiment {
    name: "times",
    scenario: FIFTY_PORTS,
    runs: 40_000,
    fast_runs: 20_000,
    runs_a_job: 2_000,
    measure: |bench, run| Ok([bench.exhausted_at(0, run)?, 0.0, 0.0]),
    judge: |figures| {
        let median = gamma_quantile(51.0, 0.5) / 50.0;
        let holds = |runs: &[Figures], confidence: Confidence| {
            let mut times = column(runs, 0);
            lower_median(&mut times);
            let ranks = confidence.median_ranks(times.len());
            ranks.is_some_and(|(first, last)| times[first] <= median && median <= times[last])
        };
        let law = "exhausted_at_s: median of Gamma(51, 50/s)";
        vec![
            held(("median time, 10 runs", law), figures, (10, 0.95), holds),
            held(("median time, 40 runs", law), figures, (40, 0.95), holds),
        ]
    },
};

/// Whether the long run of one run's ports is answered, and holds what is true.
fn long_run(bench: &mut Bench<'_>, run: u32, truth: f64) -> Result<Figures, TraceError> {
    let output = bench.run(0, run)?;
    let found = assess(&combine(bench.variant(0).clone(), "as is", vec![output]));
    let is_reported = f64::from(u8::from(found.ports_in_use.is_some()));
    let interval = found.ports_in_use.and_then(|it: LongRun| it.interval);
    Ok(match interval {
        Some(it) if it.low <= truth && truth <= it.high => [is_reported, 1.0, 1.0],
        Some(_) => [is_reported, 1.0, 0.0],
        None => [is_reported, 0.0, 0.0],
    })
}

/// Of how many runs a long run is reported, and has an interval, and how many of these hold.
fn long_runs(figures: &[Figures], law: &'static str, names: [&'static str; 3]) -> Vec<Judged> {
    let sum = |place: usize| column(figures, place).iter().sum::<f64>();
    let of = figures.len();
    vec![
        at_least(names[0], law, sum(0) / of as f64, 0.95, of),
        at_least(names[1], law, sum(1) / of as f64, 0.80, of),
        at_least(names[2], law, sum(2) / sum(1), 0.90, sum(1) as usize),
    ]
}

/// Each port is held for 20.1 s in the mean: M/G/∞ that settles in 2 % of the run.
const LONG_RUN_PORTS: Experiment = Experiment {
    name: "long-run-ports",
    scenario: r#"
        duration = "1000s"
        [machine]
        ports = 2000
        time-wait = "20s"
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        active-close = "client"
        [workload.load]
        arrivals = { poisson = { rate = 5 } }
        group = "unique"
        keep-alive = false
    "#,
    runs: 400,
    fast_runs: 100,
    runs_a_job: 20,
    measure: |bench, run| long_run(bench, run, 5.0 * 20.1),
    judge: |figures| {
        let names = [
            "ports held 20 s, one run: reported",
            "ports held 20 s, one run: with an interval",
            "ports held 20 s, one run: of these hold",
        ];
        long_runs(figures, "M/G/∞: 5/s · 20.1 s", names)
    },
};

/// One worker that is busy for nine tenths of the time: requests in the system, each with its port.
const LONG_RUN_QUEUE: Experiment = Experiment {
    name: "long-run-queue",
    scenario: r#"
        duration = "2000s"
        [machine]
        ports = 20000
        [client.app]
        runtime = "net40"
        request-timeout = "never"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        workers = 1
        [workload.load]
        arrivals = { poisson = { rate = 9 } }
        group = "unique"
        keep-alive = false
    "#,
    runs: 400,
    fast_runs: 100,
    runs_a_job: 20,
    measure: |bench, run| long_run(bench, run, 9.0),
    judge: |figures| {
        let names = [
            "queue at 90 %, one run: reported",
            "queue at 90 %, one run: with an interval",
            "queue at 90 %, one run: of these hold",
        ];
        long_runs(figures, "M/M/1: ρ / (1 - ρ) = 9", names)
    },
};

/// Searches of `plan`, each with seeds of its own.
const PLAN: Experiment = Experiment {
    name: "plan",
    scenario: r#"
        duration = "20s"
        sample-every = "20s"
        [machine]
        ports = 100
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = "10ms"
        [workload.load]
        arrivals = { poisson = { rate = 4 } }
        group = "unique"
    "#,
    runs: 400,
    fast_runs: 100,
    runs_a_job: 10,
    measure: |bench, run| {
        const SEEDS: u32 = 240;
        let goal = Goal::parse("p_exhausted < 0.1").expect("a goal");
        let asked = goal.by_run().expect("of runs");
        let axis = Axis::parse("rate=2.5..8.5").expect("a range");
        let Values::Range(range) = axis.values else {
            unreachable!("it is written as a range");
        };
        let among = Among {
            asked: &asked,
            most: SEEDS,
            turns_once: true,
            about: None,
        };
        let query = Search {
            range: &range,
            precision: 0.01,
        };
        let mut variant: Scenario = bench.variant(0).clone();
        let found = search_turns(query, among, |at, seeds| {
            variant.workloads[0].arrivals = Arrivals::Poisson { rate: at };
            let mut ran = Ran::default();
            for seed in seeds {
                let refused = bench.first_refusal(&variant, run * SEEDS + seed)?;
                ran.hits.push(refused.is_some());
            }
            Ok(ran)
        })?;
        let truth = gamma_quantile(101.0, 0.1) / 20.0;
        let ends = found.and_then(|it| it.low.zip(it.high));
        let holds = ends.is_some_and(|(low, high)| low <= truth && truth <= high);
        Ok([f64::from(u8::from(holds)), 0.0, 0.0])
    },
    judge: |figures| {
        let law = "P(N > 100) = 0.1, N Poisson(20 s · rate)";
        let figure = ("limit of a plan, both ends", law);
        vec![held(figure, figures, (1, 0.95), |run, _| run[0][0] > 0.5)]
    },
};

/// No port comes back: a run is refused one if more than 60 requests come in 15 s, which is a
/// probability that nobody counts.
const RARE_SHARES: Experiment = Experiment {
    name: "rare-shares",
    scenario: r#"
        duration = "15s"
        sample-every = "1s"
        [machine]
        ports = 60
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = "1ms"
        [workload.load]
        arrivals = { poisson = { rate = 2 } }
        group = "unique"
    "#,
    runs: 400,
    fast_runs: 100,
    runs_a_job: 10,
    measure: |bench, run| {
        let variant = Scenario {
            seed: bench.variant(0).seed.wrapping_add(u64::from(run) << 32),
            ..bench.variant(0).clone()
        };
        let truth = lower_gamma(61.0, 30.0);
        let found = bench.rare_share(&variant, 200)?;
        let holds = |it: Share| it.interval.low <= truth && truth <= it.interval.high;
        let holds = found.is_some_and(holds);
        let share = found.map_or(0.0, |it| it.share / truth);
        Ok([f64::from(u8::from(holds)), share, 0.0])
    },
    judge: |figures| {
        let law = "P(N > 60) = 4.5e-7, N Poisson(30)";
        let figure = ("share too rare to be counted, 200 runs", law);
        vec![
            held(figure, figures, (1, 0.93), |run, _| run[0][0] > 0.5),
            Judged::new("the same over the truth, mean", law).mean(&column(figures, 1), 1.0),
        ]
    },
};
