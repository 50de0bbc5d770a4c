//! Runs against closed forms: each with its formula and a stated interval, on fixed seeds.

use crate::support::{InMemory, at, read, run};
use spsim::{Observation, Observer, SimTime, Simulation};

/// A scenario of one program and one server; `machine`, `client`, `server`, `workload` are
/// lines of those tables.
fn text(duration: &str, machine: &str, client: &str, server: &str, workload: &str) -> String {
    format!(
        "duration = \"{duration}\"\n[machine]\n{machine}\n[client.app]\n{client}\n\
         [server.api]\n{server}\n[workload.load]\n{workload}\n"
    )
}

const UNIQUE: &str = "group = \"unique\"\n";

/// PT-1, CG-5: one port a request and none back. Requests at 0, p, 2p …: the one that finds no
/// port is number N + 1, at exactly N · p.
#[test]
fn a_steady_leak_exhausts_after_exactly_ports_over_rate() {
    let load = format!("{UNIQUE}arrivals = {{ every = \"20ms\" }}");
    let response = "response-time = { exponential = { mean = \"100ms\" } }";
    let leak = text("20s", "ports = 500", "runtime = \"net40\"", response, &load);
    let summary = run(&read(&leak), 0).summary;
    assert_eq!(summary.exhausted_at, Some(at(500.0 * 0.020)));
}

/// Poisson arrivals of rate λ: the (N+1)-th comes after a Gamma(N+1, λ) time, with mean
/// (N+1)/λ and standard deviation √(N+1)/λ. Interval: 3.3 standard errors of 200 runs.
#[test]
fn a_poisson_leak_exhausts_after_a_gamma_time() {
    let load = format!("{UNIQUE}arrivals = {{ poisson = {{ rate = 50 }} }}");
    let leak = text("10s", "ports = 100", "", "response-time = \"1ms\"", &load);
    let scenario = read(&leak);
    let times: Vec<f64> = (0..200)
        .map(|replication| run(&scenario, replication).summary.exhausted_at)
        .map(|time| time.expect("10 s is eight times the mean").as_seconds())
        .collect();
    let n = times.len() as f64;
    let mean = times.iter().sum::<f64>() / n;
    let spread = (times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let (expected, sd) = (101.0 / 50.0, 101.0_f64.sqrt() / 50.0);
    assert!(
        (mean - expected).abs() < 3.3 * sd / n.sqrt(),
        "{mean} is not {expected}"
    );
    // The sample deviation of 200 normal-like values is within 17% (3.3/√(2·199)).
    assert!((spread / sd - 1.0).abs() < 0.17, "{spread} is not {sd}");
}

/// Adds up how long requests were in the system.
#[derive(Default)]
struct Sojourn(f64);

impl Observer for Sojourn {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        if let Observation::RequestEnded(request, _) = observation {
            self.0 += now.since(request.arrived).as_seconds();
        }
    }
}

/// Little's law. Without keep-alive a port is taken exactly as long as its request is in the
/// system, so ∫ ports dt = Σ sojourn, to rounding; and by L = λ·W the mean is 50 · 0.1 = 5
/// (M/G/∞: standard error √(2·5·0.1/2000) = 0.022; interval ± 0.08).
#[test]
fn busy_ports_obey_littles_law() {
    let load = "keep-alive = false\ngroup = \"unique\"\n\
                arrivals = { poisson = { rate = 50 }, until = \"1990s\" }";
    let response = "response-time = { exponential = { mean = \"100ms\" } }";
    let scenario = read(&text("2000s", "ports = 5000", "", response, load));
    let mut sojourn = Sojourn::default();
    let files = InMemory::default();
    let run = Simulation::new(&scenario, 0, &files, &mut sojourn).expect("no traces");
    let end = run.run().expect("no traces");
    assert_eq!(end.in_flight, 0);
    let area = end.ports.mean * 2000.0;
    assert!(
        (area / sojourn.0 - 1.0).abs() < 1e-9,
        "{area} is not {}",
        sojourn.0
    );
    let mean = area / 1990.0;
    assert!((mean - 5.0).abs() < 0.08, "{mean} is not 5");
}

/// Erlang B: B(0) = 1, B(k) = a·B(k-1) / (k + a·B(k-1)).
fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |b, k| offered * b / (f64::from(k) + offered * b))
}

/// Ports as a loss system: keep-alive off, the server closes first, nothing retried. 10 ports
/// offered 10 Erlang refuse B(10, 10) = 21.46% of 200 000 requests; interval ± 0.8 points.
#[test]
fn refusals_follow_erlang_b() {
    let load = "keep-alive = false\ngroup = \"unique\"\narrivals = { poisson = { rate = 100 } }";
    let response = "response-time = { exponential = { mean = \"100ms\" } }";
    let scenario = read(&text("2000s", "ports = 10", "", response, load));
    let requests = run(&scenario, 0).summary.requests;
    let share = requests.failed as f64 / requests.submitted as f64;
    let expected = erlang_b(10, 10.0);
    assert!((expected - 0.2146).abs() < 1e-4);
    assert!(
        (share - expected).abs() < 0.008,
        "{share} is not {expected}"
    );
}

/// Adds up how long requests waited for a connection.
#[derive(Default)]
struct Waits(f64, f64);

impl Observer for Waits {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        if let Observation::RequestSent(request, _) = observation {
            self.0 += now.since(request.arrived).as_seconds();
            self.1 += 1.0;
        }
    }
}

fn mean_wait(limit: u32, rate: u32) -> f64 {
    let load = format!("arrivals = {{ poisson = {{ rate = {rate} }} }}");
    let client = format!("connection-limit = {limit}\nrequest-timeout = \"1h\"");
    let response = "response-time = { exponential = { mean = \"100ms\" } }";
    let scenario = read(&text("20000s", "ports = 100", &client, response, &load));
    let (mut waits, files) = (Waits::default(), InMemory::default());
    let run = Simulation::new(&scenario, 0, &files, &mut waits).expect("no traces");
    run.run().expect("no traces");
    waits.0 / waits.1
}

/// LIM-3, AS-4: one connection is an M/M/1 queue, first in first out. λ = 5, µ = 10:
/// Wq = ρ/(µ-λ) = 0.1 s; interval ± 0.008 (four standard errors of 100 000 requests).
#[test]
fn one_connection_is_an_m_m_1_queue() {
    let wait = mean_wait(1, 5);
    assert!((wait - 0.1).abs() < 0.008, "{wait} is not 0.1");
}

/// AS-2, AS-4: two connections are not M/M/2. A waiter joins the shorter queue and stays in it,
/// so the wait lies between the common queue's, C(2, a)/(2µ-λ) = (1/3)/10 s for λ = µ = 10,
/// and that of two separate M/M/1 queues, 0.5/(10-5) = 0.1 s.
#[test]
fn sticky_queues_wait_longer_than_a_common_one() {
    let wait = mean_wait(2, 10);
    assert!(
        wait > 1.0 / 30.0 + 0.003,
        "{wait} is no longer than M/M/2's"
    );
    assert!(wait < 0.1 - 0.02, "{wait} is as long as without a choice");
}

/// CG-6: with group timers the ports in use are rate × (idle time + service):
/// 10/s × (10 s + 1 s) = 110, exactly, because timers come before arrivals.
#[test]
fn the_plateau_is_rate_times_idle_plus_service() {
    let load = format!("{UNIQUE}arrivals = {{ every = \"100ms\" }}");
    for runtime in ["net45", "net48"] {
        let client = format!("runtime = \"{runtime}\"\nmax-idle-time = \"10s\"");
        let scenario = read(&text(
            "60s",
            "ports = 500",
            &client,
            "response-time = \"1s\"",
            &load,
        ));
        let output = run(&scenario, 0);
        assert_eq!(output.summary.ports.peak, 110);
        let late = output
            .samples
            .iter()
            .filter(|sample| sample.time > at(12.0));
        assert!(late.into_iter().all(|sample| sample.ports_in_use == 110));
    }
}

/// PT-3: 16384 ports held 240 s each sustain 16384/240 = 68.27 new connections a second: in
/// every 240 s exactly 16384 requests succeed, however many more ask.
#[test]
fn time_wait_caps_the_rate_of_new_connections() {
    let load = |rate: &str| {
        format!("keep-alive = false\ngroup = \"unique\"\n[workload.load.arrivals]\n{rate}")
    };
    let server = "response-time = \"0s\"\nactive-close = \"client\"";
    let machine = "ports = { first = 49152, last = 65535 }\ntime-wait = \"240s\"";
    let summary = |rate: &str| {
        let scenario = read(&text("960s", machine, "", server, &load(rate)));
        run(&scenario, 0).summary
    };
    let over = summary("every = \"10ms\"\nuntil = \"960s\"");
    assert_eq!(over.requests.succeeded, 4 * 16_384);
    assert_eq!(over.exhausted_at, Some(at(163.84)));
    // 1/68.26 s and 1/68.28 s, rounded to microseconds.
    assert_eq!(summary("every = \"14650us\"").exhausted_at, None);
    assert!(summary("every = \"14646us\"").exhausted_at.is_some());
}

/// A server with c workers: the probability that a request waits, Erlang's C(c, a).
fn erlang_c(servers: u32, load: f64) -> f64 {
    let mut blocking = 1.0;
    for n in 1..=servers {
        blocking = load * blocking / (f64::from(n) + load * blocking);
    }
    blocking / (1.0 - load / f64::from(servers) * (1.0 - blocking))
}

/// The server is an M/M/4 queue when the client has connections enough. λ = 30, µ = 10: latency
/// 1/µ + C(4, 3)/(4µ - λ) = 0.1 + 0.509/10; interval ± 0.008 (four standard errors of some 2,900
/// independent stretches).
#[test]
fn a_server_with_workers_is_an_m_m_c_queue() {
    let load = "arrivals = { poisson = { rate = 30 } }";
    let client = "connection-limit = \"unlimited\"\nrequest-timeout = \"1h\"";
    let server = "workers = 4\nresponse-time = { exponential = { mean = \"100ms\" } }";
    let scenario = read(&text("4000s", "ports = 5000", client, server, load));
    let latency = run(&scenario, 0).summary.latency.mean_seconds;
    let latency = latency.expect("requests were answered");
    let expected = 0.1 + erlang_c(4, 3.0) / 10.0;
    assert!(
        (latency - expected).abs() < 0.008,
        "{latency} is not {expected}"
    );
}

/// Without a queue it is Erlang's loss system: the share turned away is B(4, 3) = 0.206, whatever
/// the law of the work; interval ± 0.01 (four standard errors of 60,000 requests).
#[test]
fn a_server_without_a_queue_is_a_loss_system() {
    for work in [
        "{ exponential = { mean = \"100ms\" } }",
        "\"100ms\"",
        "{ hyperexponential = [{ weight = 9, mean = \"50ms\" }, { weight = 1, mean = \"550ms\" }] }",
    ] {
        let server = format!("workers = 4\nqueue = 0\nresponse-time = {work}");
        let load = "arrivals = { poisson = { rate = 30 } }";
        let client = "connection-limit = \"unlimited\"";
        let scenario = read(&text("2000s", "ports = 5000", client, &server, load));
        let summary = run(&scenario, 0).summary;
        let lost = summary.requests.failed as f64 / summary.requests.submitted as f64;
        let mut expected = 1.0;
        for n in 1..=4 {
            expected = 3.0 * expected / (f64::from(n) + 3.0 * expected);
        }
        assert!(
            (lost - expected).abs() < 0.01,
            "{work}: {lost} is not {expected}"
        );
        assert_eq!(summary.errors.of("ProtocolError"), summary.requests.failed);
    }
}
