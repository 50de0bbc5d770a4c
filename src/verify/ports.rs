//! When ports run out, and how many are taken where they come back.

use super::experiment::{Experiment, Judged, column};
use crate::stats::fit::{chi_square_poisson, kolmogorov_smirnov};
use crate::stats::special::lower_gamma;
use alloc::vec::Vec;

pub(super) fn experiments() -> Vec<Experiment> {
    vec![EVERY, ARTICLE, GAMMA, TIME_WAIT, PLATEAU_EVERY, PLATEAU]
}

/// PT-1, CG-5: one port a request and none back. Requests come at 0, p, 2p …; the one that finds
/// no port is the N + 1st, at N · p.
const EVERY: Experiment = Experiment {
    name: "leak-every",
    scenario: r#"
        duration = "110s"
        sample-every = "110s"
        [machine]
        ports = 5000
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        [workload.load]
        arrivals = { every = "20ms" }
        group = "unique"
    "#,
    runs: 1,
    fast_runs: 1,
    runs_a_job: 1,
    measure: |bench, run| Ok([bench.exhausted_at(0, run)?, 0.0, 0.0]),
    judge: |figures| {
        let law = "5000 ports at 50/s: 5000 · 20 ms";
        vec![Judged::new("exhausted at (s)", law).exactly(figures[0][0], 5_000.0 * 0.020)]
    },
};

/// The article's program under Poisson arrivals.
const ARTICLE: Experiment = Experiment {
    name: "leak-article",
    scenario: r#"
        duration = "120s"
        sample-every = "120s"
        [machine]
        ports = 5000
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        [workload.load]
        arrivals = { poisson = { rate = 50 } }
        group = "unique"
    "#,
    runs: 200,
    fast_runs: 0,
    runs_a_job: 10,
    measure: |bench, run| Ok([bench.exhausted_at(0, run)?, 0.0, 0.0]),
    judge: |figures| {
        let (times, mean) = (column(figures, 0), 5_001.0 / 50.0);
        let law = "Gamma(5001, 50/s)";
        vec![
            Judged::new("mean time to exhaustion (s)", law).mean(&times, mean),
            Judged::new("its variance (s²)", law).variance(&times, mean, 5_001.0 / 2_500.0),
        ]
    },
};

/// Poisson arrivals of rate λ: the (N+1)st comes after a Gamma(N+1, λ) time. The whole
/// distribution, where there are enough runs for it.
const GAMMA: Experiment = Experiment {
    name: "leak-poisson",
    scenario: r#"
        duration = "5s"
        sample-every = "5s"
        [machine]
        ports = 100
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = "1ms"
        [workload.load]
        arrivals = { poisson = { rate = 50 } }
        group = "unique"
    "#,
    runs: 4_000,
    fast_runs: 400,
    runs_a_job: 100,
    measure: |bench, run| Ok([bench.exhausted_at(0, run)?, 0.0, 0.0]),
    judge: |figures| {
        let (times, mean) = (column(figures, 0), 101.0 / 50.0);
        let law = "Gamma(101, 50/s)";
        let fit = kolmogorov_smirnov(&times, |time| lower_gamma(101.0, 50.0 * time));
        let below = times.iter().filter(|time| **time <= mean).count() as f64;
        let expected = lower_gamma(101.0, 50.0 * mean);
        vec![
            Judged::new("mean time to exhaustion (s)", law).mean(&times, mean),
            Judged::new("its variance (s²)", law).variance(&times, mean, 101.0 / 2_500.0),
            Judged::new(
                "share by the mean (z: Kolmogorov-Smirnov of the whole)",
                law,
            )
            .at(below / times.len() as f64, expected, fit),
        ]
    },
};

/// M/G/∞: ports held in TIME_WAIT for H after Poisson departures are a Poisson(λH) number. The
/// sample is taken at 10 s, when the last port of the first 6 s has long come back.
const TIME_WAIT: Experiment = Experiment {
    name: "time-wait",
    scenario: r#"
        duration = "10s"
        sample-every = "10s"
        [machine]
        ports = 5000
        time-wait = "4s"
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        active-close = "client"
        [workload.load]
        arrivals = { poisson = { rate = 20 } }
        keep-alive = false
        group = "unique"
    "#,
    runs: 4_000,
    fast_runs: 400,
    runs_a_job: 50,
    measure: |bench, run| {
        let samples = bench.run(0, run)?.samples;
        Ok([
            samples.last().map_or(f64::NAN, |it| it.time_wait as f64),
            0.0,
            0.0,
        ])
    },
    judge: |figures| poisson_population("ports in TIME_WAIT", "M/G/∞: 20/s · 4 s", figures, 80.0),
};

/// CG-6, exactly: with group timers the ports taken are rate × (idle time + service), because
/// timers of an instant come before its arrivals.
const PLATEAU_EVERY: Experiment = Experiment {
    name: "plateau-every",
    scenario: r#"
        duration = "60s"
        sample-every = "60s"
        [machine]
        ports = 500
        [client.app]
        runtime = "net48"
        max-idle-time = "10s"
        [server.api]
        response-time = "1s"
        [workload.load]
        arrivals = { every = "100ms" }
        group = "unique"
    "#,
    runs: 1,
    fast_runs: 1,
    runs_a_job: 1,
    measure: |bench, run| Ok([bench.run(0, run)?.summary.ports.peak as f64, 0.0, 0.0]),
    judge: |figures| {
        let law = "net48: 10/s · (10 s idle + 1 s service)";
        vec![Judged::new("ports at the peak", law).exactly(figures[0][0], 110.0)]
    },
};

/// The same under Poisson arrivals: M/G/∞ with the idle time as part of the service.
const PLATEAU: Experiment = Experiment {
    name: "plateau",
    scenario: r#"
        duration = "12s"
        sample-every = "12s"
        [machine]
        ports = 500
        [client.app]
        runtime = "net48"
        max-idle-time = "4s"
        [server.api]
        response-time = { exponential = { mean = "500ms" } }
        [workload.load]
        arrivals = { poisson = { rate = 10 } }
        group = "unique"
    "#,
    runs: 4_000,
    fast_runs: 400,
    runs_a_job: 100,
    measure: |bench, run| {
        let samples = bench.run(0, run)?.samples;
        Ok([
            samples.last().map_or(f64::NAN, |it| it.ports_in_use as f64),
            0.0,
            0.0,
        ])
    },
    judge: |figures| {
        // At 12 s a service that began before 8 s and still lasts would need 8 means: the
        // expectation is short of 45 by 10/s · 0.5 s · e^-16, which nobody can see.
        let law = "net48, M/G/∞: 10/s · (4 s idle + 0.5 s service)";
        poisson_population("ports in use", law, figures, 45.0)
    },
};

/// Mean, variance and whole distribution of a Poisson population of this mean.
fn poisson_population(
    what: &'static str,
    law: &'static str,
    figures: &[[f64; 3]],
    mean: f64,
) -> Vec<Judged> {
    let population = column(figures, 0);
    let counts: Vec<u64> = population.iter().map(|count| *count as u64).collect();
    let within = counts.iter().filter(|count| **count < mean as u64).count() as f64;
    let expected = crate::stats::special::upper_gamma(libm::floor(mean), mean);
    vec![
        Judged::new(what, law).mean(&population, mean),
        Judged::new("their variance", law).variance(&population, mean, mean),
        Judged::new("share below the mean (z: chi-square of the whole)", law).at(
            within / counts.len() as f64,
            expected,
            chi_square_poisson(&counts, mean),
        ),
    ]
}
