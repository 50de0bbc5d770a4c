//! Whole runs of modern .NET, of programs that leave responses open, and of programs that try
//! again: what follows from arithmetic.

use crate::support::{at, read, read_with, run};
use spsim::inside::model::workload::{Action, TimedAction};
use spsim::{GroupName, RunSummary, Scenario};

fn summary(scenario: &Scenario, strategy: usize) -> RunSummary {
    let variant = scenario.under(&scenario.strategies[strategy]);
    run(&variant, 0).summary
}

/// NC-3, HC-1: 100 requests a second of 100 ms overlap ten at a time, and that many connections
/// are opened; what a ServicePoint is told changes nothing (NC-2).
#[test]
fn an_ordinary_program_on_net8_shares_ten_connections() {
    let scenario = read(
        r#"
        duration = "2min"
        [machine]
        ports = "windows"
        [client.app]
        runtime = "net8"
        [server.api]
        response-time = "100ms"
        [workload.web]
        arrivals = { every = "10ms" }
        [[strategy]]
        name = "net8"
        [[strategy]]
        name = "net9"
        runtime = "net9"
        [[strategy]]
        name = "limit 2, idle 1 s"
        connection-limit = 2
        max-idle-time = "1s"
        [[strategy]]
        name = "a client for each request"
        client-per-request = true
        [[strategy]]
        name = "netcore31"
        runtime = "netcore31"
        "#,
    );
    for strategy in 0..3 {
        let summary = summary(&scenario, strategy);
        assert_eq!(summary.connections.opened, 10, "{strategy}");
        assert_eq!(summary.ports.peak, 10, "{strategy}");
    }
    for strategy in [3, 4] {
        let opened = summary(&scenario, strategy).connections.opened;
        assert_eq!(opened, 12_001, "one each: {strategy}");
    }
}

/// A proxy on net8 with exponential responses: the pool is as large as the most at once, which
/// for M/G/∞ with a mean of 5.6 stays near 20.
#[test]
fn a_program_on_net8_keeps_its_connections_under_random_load() {
    let scenario = read(
        r#"
        duration = "10min"
        [client.yarp]
        runtime = "net8"
        [server.site]
        uri = "http://localhost:8080/"
        response-time = { exponential = { mean = "200ms" } }
        [workload.w]
        arrivals = { poisson = { rate = 28 } }
        "#,
    );
    let opened = summary(&scenario, 0).connections.opened;
    assert!((12..=30).contains(&opened), "{opened}");
}

/// CN-4, LIM-3: two responses that nobody disposes take both places of .NET Framework; the third
/// request waits for its timeout, they do not. .NET 8 has no limit.
#[test]
fn two_open_responses_stop_a_program_whose_limit_is_two() {
    let submit = |seconds: f64, id: u64, completed_by_timeline: bool| TimedAction {
        at: at(seconds),
        action: Action::Submit {
            id,
            group: GroupName::UNNAMED,
            keep_alive: None,
            duration: None,
            completed_by_timeline,
            held: false,
        },
    };
    let complete = |id| TimedAction {
        at: at(175.0),
        action: Action::Complete {
            id,
            server_close: false,
        },
    };
    let steps = vec![
        submit(0.0, 1, true),
        submit(1.0, 2, true),
        submit(2.0, 3, false),
        complete(1),
        complete(2),
    ];
    let scenario = read_with(
        r#"
        duration = "3min"
        [client.app]
        runtime = "net48"
        [server.api]
        uri = "http://api.example.com/"
        response-time = "50ms"
        [workload.w]
        arrivals = { timeline = "steps.csv" }
        [[strategy]]
        name = "limit 2"
        [[strategy]]
        name = "limit 3"
        connection-limit = 3
        [[strategy]]
        name = ".NET 8"
        runtime = "net8"
        "#,
        steps,
    );
    let stuck = summary(&scenario, 0);
    assert_eq!(stuck.errors.of("Timeout"), 1, "the third");
    assert_eq!(stuck.requests.succeeded, 2);
    for strategy in [1, 2] {
        let summary = summary(&scenario, strategy);
        assert_eq!(
            (summary.requests.succeeded, summary.requests.failed),
            (3, 0)
        );
    }
}

/// HC-16, HW-7: one response in ten is left open. At a limit of two the second one stops the
/// client after 20 answers; a collection every 2 s frees both places again.
#[test]
fn open_responses_stop_a_client_until_they_are_collected() {
    let scenario = read(
        r#"
        duration = "28s"
        [client.app]
        runtime = "net8"
        api = "HttpClient"
        max-connections-per-server = 2
        request-timeout = "never"
        [server.api]
        response-time = "12ms"
        [workload.w]
        arrivals = { every = "50ms", until = "20s" }
        undisposed = 0.1
        [[strategy]]
        name = "kept"
        [[strategy]]
        name = "collected"
        gc = { every = "2s" }
        [[strategy]]
        name = "disposed"
        undisposed = 0
        [[strategy]]
        name = "Mono's HttpWebRequest"
        runtime = "mono6"
        api = "HttpWebRequest"
        max-connections-per-server = "unlimited"
        "#,
    );
    let answered: Vec<u64> = (0..4)
        .map(|strategy| summary(&scenario, strategy).requests.succeeded)
        .collect();
    assert_eq!(answered, [20, 280, 400, 20]);
    assert_eq!(summary(&scenario, 2).connections.opened, 1);
}

/// Each attempt draws its own response time: at a mean of 200 ms one in e^1.5 takes longer than
/// 300 ms, and three attempts all do once in e^4.5 (1.1%).
#[test]
fn each_attempt_draws_its_own_response_time() {
    let scenario = read(
        r#"
        duration = "1000s"
        [machine]
        ports = 5000
        [client.app]
        runtime = "net48"
        connection-limit = 500
        request-timeout = "300ms"
        [server.api]
        response-time = { exponential = { mean = "200ms" } }
        [workload.w]
        arrivals = { poisson = { rate = 10 } }
        [[strategy]]
        name = "no retry"
        [[strategy]]
        name = "1 attempt"
        retry = { attempts = 1, backoff = "100ms" }
        [[strategy]]
        name = "3 attempts"
        retry = { attempts = 3, backoff = "100ms" }
        [[strategy]]
        name = "10 attempts"
        retry = { attempts = 10, backoff = "100ms" }
        "#,
    );
    let lost = |strategy| {
        let requests = summary(&scenario, strategy).requests;
        let ended = requests.submitted - requests.in_flight;
        (ended - requests.succeeded, ended)
    };
    let is_near = |(lost, ended): (u64, u64), share: f64, by: f64| {
        let seen = lost as f64 / ended as f64;
        assert!((seen - share).abs() < by, "{seen} instead of {share}");
    };
    assert_eq!(lost(0), lost(1), "one attempt is no retry");
    is_near(lost(0), (-1.5_f64).exp(), 0.015);
    is_near(lost(2), (-4.5_f64).exp(), 0.004);
    assert_eq!(lost(3).0, 0);
}

/// Six attempts, the first included, wait 1 + 2 + 4 + 8 + 16 = 31 s and outlast an outage of 20 s;
/// four wait 7 s and do not.
#[test]
fn attempts_count_the_first() {
    let scenario = read(
        r#"
        duration = "3min"
        [machine]
        ports = 5
        [client.app]
        runtime = "net48"
        connection-limit = 100
        [server.api]
        uri = "http://api.example.com/"
        connect-time = "5ms"
        response-time = "50ms"
        outages = [{ from = "60s", until = "80s", kind = "refuse" }]
        [workload.web]
        arrivals = { every = "100ms" }
        [[strategy]]
        name = "4 attempts"
        retry = { attempts = 4, backoff = "1s", factor = 2.0 }
        [[strategy]]
        name = "6 attempts"
        retry = { attempts = 6, backoff = "1s", factor = 2.0 }
        "#,
    );
    let few = summary(&scenario, 0);
    assert!(few.requests.failed > 100);
    assert_eq!(summary(&scenario, 1).requests.failed, 0);
}

/// A strategy with an aim leaves the others as they are.
#[test]
fn an_aimed_strategy_changes_one_program() {
    let scenario = read(
        r#"
        duration = "60s"
        [client.shop]
        runtime = "net40"
        [client.billing]
        runtime = "net40"
        [server.api]
        response-time = "10ms"
        [workload.orders]
        client = "shop"
        arrivals = { every = "1s" }
        group = "unique"
        [workload.invoices]
        client = "billing"
        arrivals = { every = "1s" }
        group = "unique"
        [[strategy]]
        name = "as is"
        [[strategy]]
        name = "one group for invoices"
        only = ["invoices"]
        groups = 1
        [[strategy]]
        name = "close those of orders"
        only = ["orders"]
        close-groups = { every = "30s" }
        "#,
    );
    let opened = |strategy| summary(&scenario, strategy).connections.opened;
    assert_eq!((opened(0), opened(1)), (122, 62));
    let end = |strategy| summary(&scenario, strategy).ports.at_end;
    assert_eq!(end(0), 122);
    // What was made up to 60 s is closed then, but for the request of that instant.
    assert!((61..=63).contains(&end(2)), "{}", end(2));
}
