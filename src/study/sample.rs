//! A made-up comparison in the shape of the article's, for the tests of the rooms above.

use crate::model::profile::{
    CloseMatch, FrameworkRules, HttpClientOf, LeaseSupport, Mechanism, Sourced,
};
use crate::model::settings::{PortErrorName, PortRange};
use crate::model::workload::GroupRule;
use crate::model::{
    Arrivals, Client, ClientPerRequest, CloseGroups, Closer, IdleClose, Law, Machine, Patch,
    PortScope, RuntimeProfile, Scenario, Server, Strategy, Workload,
};
use crate::record::Column::PortsInUse;
use crate::record::{Histogram, RunSummary, Sample};
use crate::study::steady_run::SteadyRun;
use crate::study::{Comparison, Interval, PortsRow, StrategyResult};
use crate::units::{ConnectionLimit, SimSpan, SimTime};

const NET40: RuntimeProfile = RuntimeProfile {
    name: "net40",
    title: ".NET Framework 4.0",
    summary: "",
    connection_limit: Sourced::read(ConnectionLimit::new(2), "test"),
    loopback_is_unlimited: Sourced::read(true, "test"),
    max_idle_time: Sourced::read(SimSpan::from_seconds(100), "test"),
    connection_lease: Sourced::read(LeaseSupport::Honoured, "test"),
    http_client: HttpClientOf::HttpWebRequest,
    mechanism: Mechanism::Framework(FrameworkRules {
        group_idle_timer: Sourced::read(false, "test"),
        reserves: Sourced::read(true, "test"),
        avoids_non_keep_alive: Sourced::read(false, "test"),
        starts_forced_at_once: Sourced::read(false, "test"),
        keep_alive_ends_at_start: Sourced::read(false, "test"),
        abort_dooms_pipeline: Sourced::read(false, "test"),
        close_match: Sourced::read(CloseMatch::Exact, "test"),
        response_drain: Sourced::read(None, "test"),
    }),
};

fn patch(name: &str, patches: Vec<Patch>) -> Strategy {
    Strategy {
        name: name.into(),
        patches,
        only: crate::model::strategy::Aim::default(),
    }
}

/// The article's program, for 5 minutes of which 3 have load.
pub fn scenario() -> Scenario {
    Scenario {
        name: "kb2551125".into(),
        title: "Unique ConnectionGroupName on every request".into(),
        question: "How long until an app that names a new group per request runs out of ports?"
            .into(),
        expect: "50 requests a second take 5,000 ports in 100 s.".into(),
        answer: None,
        duration: SimSpan::from_seconds(300),
        seed: 1,
        replications: 1,
        steady: None,
        warm_up: None,
        sample_every: None,
        most_requests: None,
        verdict: crate::model::Thresholds::default(),
        best: None,
        parts: Vec::new(),
        nat: None,
        machine: Machine {
            ports: PortRange {
                first: 1,
                count: 5000,
            },
            preset: None,
            time_wait: SimSpan::ZERO,
            time_wait_given: false,
            scope: PortScope::Host,
            time_wait_error: PortErrorName::Wsaenobufs,
            idle_close: IdleClose::Reset,
            time_wait_reuse_after: None,
            syn_retry: crate::model::service::SynRetry::WINDOWS,
            instances: 1,
        },
        clients: vec![Client {
            name: "app".into(),
            runtime: &NET40,
            api: crate::model::Api::default(),
            max_connections_per_server: crate::units::ConnectionLimit::UNLIMITED,
            pooled_connection_idle_timeout: None,
            pooled_connection_lifetime: None,
            handler_lifetime: None,
            gc_every: None,
            connection_limit: None,
            max_idle_time: Some(SimSpan::from_seconds(100)),
            connection_lease: None,
            request_timeout: Some(SimSpan::from_seconds(100)),
            timer_slack: SimSpan::ZERO,
            timer_jitter: SimSpan::ZERO,
            reservation_leak: false,
            leak_abort_body: false,
            max_service_points: 0,
            dns_refresh_timeout: SimSpan::from_seconds(120),
        }],
        servers: vec![Server {
            name: "api".into(),
            uri: "http://api.example.com/".into(),
            key: "http://api.example.com".into(),
            loopback: false,
            connect_time: Law::Constant(SimSpan::from_millis(5)),
            response_time: Law::Exponential { mean: 0.1 },
            closes_idle_after: None,
            closes_after_requests: None,
            old_address_down_after: None,
            active_close: Closer::Server,
            says_close: true,
            keep_alive_timeout: None,
            service: crate::model::Service::default(),
            moves_at: Vec::new(),
        }],
        workloads: vec![Workload {
            name: "orders".into(),
            client: 0,
            server: 0,
            arrivals: Arrivals::Poisson { rate: 50.0 },
            from: SimTime::ZERO,
            until: Some(SimTime::from_nanos(180_000_000_000)),
            group: Some(GroupRule::Unique),
            keep_alive: None,
            pipelined: false,
            client_per_request: ClientPerRequest::No,
            undisposed: 0.0,
            closes_groups: true,
            is_throttled: true,
            retry: None,
        }],
        close_groups: None,
        throttle: None,
        strategies: vec![
            patch("as is", vec![]),
            patch("16 groups", vec![Patch::Groups(16)]),
            patch("keep-alive off", vec![Patch::KeepAlive(false)]),
            patch(
                "close groups every 30 s",
                vec![Patch::CloseGroups(CloseGroups::Every(
                    SimSpan::from_seconds(30),
                ))],
            ),
        ],
        digest: 0x00c0_ffee_1234_5678,
    }
}

/// A number that looks random and never changes.
fn wobble(step: u64, range: u64) -> u64 {
    step.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) % range
}

/// Ports by state at a step of half a second, for the article's four strategies.
fn sample(strategy: usize, step: u64) -> Sample {
    let loaded = step < 360;
    let busy = if loaded { 2 + wobble(step, 7) } else { 0 };
    let opened_by_now = (step * 25 + wobble(step, 9)).min(9_000);
    let mut sample = Sample {
        time: SimTime::from_nanos(step * 500_000_000),
        requests: opened_by_now,
        service_points: u64::from(step < 560),
        ..Sample::default()
    };
    match strategy {
        0 => {
            let taken = opened_by_now.min(5_000);
            sample.busy = if taken < 5_000 { busy } else { 0 };
            sample.idle = if step < 560 {
                taken.saturating_sub(sample.busy)
            } else {
                0
            };
            sample.opened = taken;
            sample.failed = opened_by_now - taken;
        }
        1 => {
            sample.busy = busy;
            let pool = if step < 560 {
                (16 + step / 12).min(32)
            } else {
                0
            };
            sample.idle = pool.saturating_sub(busy);
            sample.opened = 32;
        }
        2 => {
            sample.busy = busy;
            sample.connecting = u64::from(loaded && wobble(step, 5) == 0);
            sample.opened = opened_by_now;
        }
        _ => {
            sample.busy = busy;
            sample.idle = if loaded { step % 60 * 25 } else { 0 };
            sample.opened = opened_by_now;
        }
    }
    sample.answered = sample.requests - sample.failed;
    sample.ports_in_use = sample.connecting + sample.busy + sample.idle;
    sample.connections = sample.ports_in_use;
    sample
}

fn summary(rows: &[Sample], exhausted_at: Option<SimTime>) -> RunSummary {
    let mut run = RunSummary::default();
    let highest = rows
        .iter()
        .rev()
        .max_by_key(|row| row.ports_in_use)
        .expect("there are rows");
    let last = rows.last().expect("there are rows");
    run.ports.limit = 5000;
    run.ports.peak = highest.ports_in_use;
    run.ports.peak_at = highest.time;
    run.ports.at_end = last.ports_in_use;
    run.ports.mean =
        rows.iter().map(|row| row.ports_in_use as f64).sum::<f64>() / rows.len() as f64;
    run.exhausted_at = exhausted_at;
    run.requests.submitted = last.requests;
    run.requests.failed = last.failed;
    run.requests.succeeded = last.requests - last.failed;
    if last.failed > 0 {
        run.errors.add("WSAENOBUFS", last.failed);
    }
    run.connections.opened = last.opened;
    run.connections.reused = last.requests - last.failed - last.opened;
    let (mut latency, mut queue) = (Histogram::new(), Histogram::new());
    for step in 1..=1_000 {
        latency.record(SimSpan::from_nanos(step * 460_500));
        queue.record(SimSpan::ZERO);
    }
    run.latency = latency.summary();
    run.queue = queue.summary();
    run.events = last.requests * 4;
    run
}

/// The article's four strategies.
pub fn comparison() -> Comparison {
    let scenario = scenario();
    let strategies = scenario.strategies.iter().enumerate();
    let strategies = strategies
        .map(|(index, strategy)| {
            let rows: Vec<Sample> = (0..=600).map(|step| sample(index, step)).collect();
            let exhausted_at = (index == 0).then(|| SimTime::from_nanos(100_012_500_000));
            StrategyResult {
                clients: Vec::new(),
                scenario: scenario.under(strategy),
                name: strategy.name.clone(),
                runs: vec![summary(&rows, exhausted_at)],
                durations: Vec::new(),
                steady: vec![SteadyRun::of(&rows, None)],
                rows: rows.iter().map(PortsRow::of).collect(),
                extremes: Vec::new(),
                is_thinned: false,
                rare: None,
            }
        })
        .collect();
    Comparison {
        scenario,
        strategies,
        warnings: Vec::new(),
        precision: None,
        command: String::new(),
    }
}

/// The same over three runs, of which two exhausted under the first strategy.
pub fn replicated() -> Comparison {
    let mut comparison = comparison();
    comparison.scenario.replications = 3;
    for strategy in &mut comparison.strategies {
        strategy.scenario.replications = 3;
        let mut second = strategy.runs[0].clone();
        second.requests.submitted += 1;
        second.requests.succeeded += 1;
        let mut third = second.clone();
        third.exhausted_at = None;
        if let Some(at) = &mut second.exhausted_at {
            *at += SimSpan::from_seconds(2);
        }
        strategy.runs.extend([second, third]);
        strategy.steady = vec![strategy.steady[0]; 3];
        for row in &mut strategy.rows {
            row.values[PortsInUse] += 1.0 / 3.0;
            row.ports_in_use = Some(Interval {
                low: row.values[PortsInUse] * 0.95,
                high: row.values[PortsInUse] * 1.05,
            });
        }
    }
    comparison
}
