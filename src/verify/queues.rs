//! Loss and waiting: Erlang's formulas and Little's law.

use super::experiment::{Bench, Experiment, Figures, Judged, column};
use crate::sim::{Observation, Observer, Sample, TraceError};
use crate::stats::erlang::{erlang_b, erlang_c, mean_wait};
use crate::units::SimTime;
use alloc::vec::Vec;

pub(super) fn experiments() -> Vec<Experiment> {
    vec![ERLANG_B, ERLANG_B_FIXED, ONE_SERVER, EIGHT_SERVERS, LITTLE]
}

/// Ports as a loss system, at the size of the article: 50 requests a second that hold a port for
/// 120.1 s each offer 6005 Erlang to 5000 ports. Started empty, the table is full after 215 s and
/// forgets that long before 600 s, from where refusals are counted.
const ERLANG_B: Experiment = Experiment {
    name: "erlang-b-5000",
    scenario: r#"
        duration = "3600s"
        sample-every = "600s"
        [machine]
        ports = 5000
        [client.app]
        runtime = "net40"
        request-timeout = "never"
        [server.api]
        response-time = { exponential = { mean = "120.1s" } }
        [workload.load]
        arrivals = { poisson = { rate = 50 } }
        keep-alive = false
        group = "unique"
    "#,
    runs: 24,
    fast_runs: 0,
    runs_a_job: 1,
    measure: refusals,
    judge: |figures| {
        let law = "Erlang B, 5000 ports offered 6005";
        let expected = erlang_b(5_000, 50.0 * 120.1);
        vec![refused(figures, law, expected)]
    },
};

/// Erlang B does not depend on the law of the holding time: here it is constant, most of it
/// TIME_WAIT.
const ERLANG_B_FIXED: Experiment = Experiment {
    name: "erlang-b-time-wait",
    scenario: r#"
        duration = "300s"
        sample-every = "50s"
        [machine]
        ports = 10
        time-wait = "900ms"
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = "100ms"
        active-close = "client"
        [workload.load]
        arrivals = { poisson = { rate = 12 } }
        keep-alive = false
        group = "unique"
    "#,
    runs: 300,
    fast_runs: 60,
    runs_a_job: 10,
    measure: refusals,
    judge: |figures| {
        let law = "Erlang B, 10 ports offered 12 (0.1 s + 0.9 s TIME_WAIT)";
        let expected = erlang_b(10, 12.0);
        vec![refused(figures, law, expected)]
    },
};

/// Requests refused between the second sample and the last, and all that came.
fn refusals(bench: &mut Bench<'_>, run: u32) -> Result<Figures, TraceError> {
    let samples: Vec<Sample> = bench.run(0, run)?.samples;
    let (Some(start), Some(end)) = (samples.get(1), samples.last()) else {
        return Ok([f64::NAN; 3]);
    };
    let refused = (end.failed - start.failed) as f64;
    Ok([refused, (end.requests - start.requests) as f64, 0.0])
}

fn refused(figures: &[Figures], law: &'static str, expected: f64) -> Judged {
    let (refused, all) = (column(figures, 0), column(figures, 1));
    Judged::new("share of requests refused", law).ratio(&refused, &all, expected)
}

/// LIM-3, AS-4: one connection is an M/M/1 queue. ρ = 0.6, µ = 10/s.
const ONE_SERVER: Experiment = Experiment {
    name: "one-connection",
    scenario: r#"
        duration = "320s"
        sample-every = "320s"
        [client.app]
        runtime = "net40"
        connection-limit = 1
        request-timeout = "never"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        [workload.load]
        arrivals = { poisson = { rate = 6 }, until = "300s" }
    "#,
    runs: 500,
    fast_runs: 60,
    runs_a_job: 20,
    measure: waits,
    judge: |figures| queue(figures, "M/M/1, ρ = 0.6 (net40)", 1, 0.6),
};

/// NC-4, NC-5: the connections of a pool are servers of a common queue, M/M/c; 6 Erlang for 8.
/// The requests of the framework's groups choose a connection when they come and stay with it
/// (AS-4), which is another queue.
const EIGHT_SERVERS: Experiment = Experiment {
    name: "eight-connections",
    scenario: r#"
        duration = "220s"
        sample-every = "220s"
        [client.app]
        runtime = "net8"
        api = "HttpClient"
        max-connections-per-server = 8
        request-timeout = "never"
        [server.api]
        response-time = { exponential = { mean = "100ms" } }
        [workload.load]
        arrivals = { poisson = { rate = 60 }, until = "200s" }
    "#,
    runs: 200,
    fast_runs: 30,
    runs_a_job: 5,
    measure: waits,
    judge: |figures| queue(figures, "M/M/8 offered 6 (net8)", 8, 6.0),
};

/// The share of requests that wait (Erlang C) and how long all of them do, for a mean service
/// time of 0.1 s.
fn queue(figures: &[Figures], law: &'static str, servers: u32, offered: f64) -> Vec<Judged> {
    let [waited, seconds, count] = [0, 1, 2].map(|place| column(figures, place));
    let wait = mean_wait(servers, offered) * 0.1;
    vec![
        Judged::new("share of requests that wait", law).ratio(
            &waited,
            &count,
            erlang_c(servers, offered),
        ),
        Judged::new("mean wait (s)", law).ratio(&seconds, &count, wait),
    ]
}

/// Before this the queue is warming up; its memory is below two seconds.
const WARM: SimTime = SimTime::from_nanos(20_000_000_000);

/// Adds up the waits of requests that arrive when the queue is warm.
#[derive(Default)]
struct Waits {
    count: u64,
    waited: u64,
    seconds: f64,
}

impl Observer for Waits {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        if let Observation::RequestSent(request, _) = observation
            && request.arrived >= WARM
        {
            let wait = now.since(request.arrived);
            self.count += 1;
            self.waited += u64::from(!wait.is_zero());
            self.seconds += wait.as_seconds();
        }
    }
}

fn waits(bench: &mut Bench<'_>, run: u32) -> Result<Figures, TraceError> {
    let mut waits = Waits::default();
    bench.watch(run, &mut waits)?;
    Ok([waits.waited as f64, waits.seconds, waits.count as f64])
}

/// Little's law. Without keep-alive a port is taken exactly as long as its request is in the
/// system, so ∫ ports dt = Σ time in system, to rounding, in every run; and the mean of that
/// area is λ · T · W, with W of a law that is far from exponential.
const LITTLE: Experiment = Experiment {
    name: "little",
    scenario: r#"
        duration = "110s"
        sample-every = "110s"
        [machine]
        ports = 5000
        [client.app]
        runtime = "net40"
        [server.api]
        response-time = { uniform = { low = "50ms", high = "350ms" } }
        [workload.load]
        arrivals = { poisson = { rate = 50 }, until = "100s" }
        keep-alive = false
        group = "unique"
    "#,
    runs: 400,
    fast_runs: 40,
    runs_a_job: 10,
    measure: |bench, run| {
        let mut sojourn = Sojourn::default();
        let end = bench.watch(run, &mut sojourn)?;
        Ok([end.ports.mean * 110.0, sojourn.seconds, 0.0])
    },
    judge: |figures| {
        let (areas, sojourns) = (column(figures, 0), column(figures, 1));
        let per_second: Vec<f64> = areas.iter().map(|area| area / 100.0).collect();
        vec![
            Judged::new("port-seconds", "Little: ∫ ports dt = Σ time in system")
                .exactly(areas.iter().sum(), sojourns.iter().sum()),
            Judged::new("mean ports in use", "Little: L = λ W = 50/s · 0.2 s")
                .mean(&per_second, 10.0),
        ]
    },
};

/// Adds up how long requests were in the system.
#[derive(Default)]
struct Sojourn {
    seconds: f64,
}

impl Observer for Sojourn {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        if let Observation::RequestEnded(request, _) = observation {
            self.seconds += now.since(request.arrived).as_seconds();
        }
    }
}
