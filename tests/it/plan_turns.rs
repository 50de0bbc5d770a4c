//! What `plan` builds on where it asks each seed where its run turns.

use crate::support::{InMemory, read, run};
use spsim::inside::study::plan::{closes_each, turns_once};
use spsim::{Runner, Scenario, SimSpan, SimTime};

/// Each request has a connection, which is held for 5 s more.
const TIME_WAIT: &str = r#"
duration = "60s"
[machine]
ports = 100
time-wait = "5s"
[client.app]
runtime = "net40"
[server.api]
uri = "http://api.example.com/"
connect-time = "5ms"
response-time = { exponential = { mean = "800ms" } }
active-close = "client"
[workload.orders]
arrivals = { poisson = { rate = 14 } }
group = "unique"
keep-alive = false
"#;

/// The same in one group, whose connections nobody keeps and nobody waits for.
const UNLIMITED: &str = r#"
duration = "60s"
[machine]
ports = 100
time-wait = "5s"
[client.app]
runtime = "net48"
connection-limit = "unlimited"
[server.api]
uri = "http://api.example.com/"
connect-time = "5ms"
response-time = { exponential = { mean = "800ms" } }
active-close = "client"
[workload.orders]
arrivals = { poisson = { rate = 14 } }
keep-alive = false
"#;

/// None is given back until the program is idle for 400 ms.
const LEAK: &str = r#"
duration = "60s"
[machine]
ports = 100
[client.app]
runtime = "net40"
max-idle-time = "400ms"
[server.api]
uri = "http://api.example.com/"
response-time = { exponential = { mean = "50ms" } }
[workload.orders]
arrivals = { poisson = { rate = 9 } }
group = "unique"
"#;

/// The same with this in place of that.
fn with(text: &str, old: &str, new: &str) -> Scenario {
    assert!(text.contains(old), "{old}");
    read(&text.replace(old, new))
}

fn is_refused(runner: &mut Runner, scenario: &Scenario, seed: u32) -> bool {
    let files = InMemory::default();
    let run = runner.first_refusal(scenario, seed, &files, SimTime::NEVER);
    run.expect("no trace").exhausted_at.is_some()
}

/// Where it is said that a run turns once along a key, no seed turns back, and the key decides.
#[test]
fn runs_turn_once_where_it_is_said() {
    let rates = |text: &str, old: &str, from: u32| -> Vec<Scenario> {
        let rate = |step: u32| format!("rate = {}.{}", from + step / 8, step % 8);
        let steps = (0..40).map(rate);
        steps.map(|new| with(text, old, &new)).collect()
    };
    let of = |text: &str, old: &str, values: &[&str]| -> Vec<Scenario> {
        values.iter().map(|new| with(text, old, new)).collect()
    };
    let ladders = [
        rates(TIME_WAIT, "rate = 14", 11),
        rates(UNLIMITED, "rate = 14", 11),
        rates(LEAK, "rate = 9", 5),
        of(
            TIME_WAIT,
            "ports = 100",
            &[
                "ports = 110",
                "ports = 105",
                "ports = 100",
                "ports = 95",
                "ports = 90",
            ],
        ),
        of(
            TIME_WAIT,
            "time-wait = \"5s\"",
            &[
                "time-wait = \"4s\"",
                "time-wait = \"4500ms\"",
                "time-wait = \"5s\"",
                "time-wait = \"6s\"",
            ],
        ),
        of(
            LEAK,
            "duration = \"60s\"",
            &[
                "duration = \"5s\"",
                "duration = \"20s\"",
                "duration = \"60s\"",
                "duration = \"300s\"",
            ],
        ),
    ];
    let mut runner = Runner::new(false);
    for ladder in ladders {
        let (mildest, harshest) = (&ladder[0], &ladder[ladder.len() - 1]);
        assert!(turns_once(mildest, harshest));
        let mut turned = 0;
        for seed in 0..30 {
            let hits: Vec<bool> = ladder
                .iter()
                .map(|it| is_refused(&mut runner, it, seed))
                .collect();
            assert!(hits.is_sorted(), "seed {seed}: {hits:?}");
            turned += u32::from(hits[0] != hits[hits.len() - 1]);
        }
        assert!(turned > 10, "the ladder says nothing: {turned}");
    }
}

#[test]
fn nothing_is_said_of_other_keys_and_of_what_requests_share() {
    let apart = |old: &str, new: &str| turns_once(&read(TIME_WAIT), &with(TIME_WAIT, old, new));
    assert!(apart("rate = 14", "rate = 15"));
    assert!(!apart("mean = \"800ms\"", "mean = \"900ms\""));
    assert!(!apart("\"net40\"", "\"net48\""));
    let shared = |text: &str, old: &str, new: &str| {
        let one = with(text, old, new);
        let mut other = one.clone();
        other.duration = SimSpan::from_seconds(100);
        assert!(!turns_once(&one, &other), "{new}");
    };
    shared(TIME_WAIT, "\"unique\"", "{ pool = 16 }");
    shared(UNLIMITED, "\"unlimited\"", "100");
    shared(UNLIMITED, "keep-alive = false", "keep-alive = true");
    shared(TIME_WAIT, "active-close", "workers = 3\nactive-close");
    shared(
        TIME_WAIT,
        "keep-alive = false",
        "keep-alive = false\nretry = { attempts = 3, backoff = \"1s\" }",
    );
    shared(
        LEAK,
        "{ poisson = { rate = 9 } }",
        "{ every = \"100ms\", jitter = \"50ms\" }",
    );
    shared(LEAK, "[server.api]", "timer-jitter = \"1s\"\n[server.api]");
}

/// The short run knows when ports are refused first, and nothing later.
#[test]
fn the_first_refusal_is_that_of_the_whole_run() {
    let scenario = read(TIME_WAIT);
    let mut runner = Runner::new(false);
    let files = InMemory::default();
    let mut early = 0;
    for seed in 0..20 {
        let whole = run(&scenario, seed).summary;
        let mut until = |at| {
            runner
                .first_refusal(&scenario, seed, &files, at)
                .expect("no trace")
        };
        let short = until(SimTime::NEVER);
        assert_eq!(short.exhausted_at, whole.exhausted_at, "seed {seed}");
        if let Some(at) = whole.exhausted_at {
            assert!(short.events < whole.events, "it goes on");
            assert_eq!(until(at).exhausted_at, Some(at));
            let before = SimTime::from_nanos(at.as_nanos() - 1);
            assert_eq!(until(before).exhausted_at, None);
            early += 1;
        }
    }
    assert!(early > 3, "{early}");
}

/// Where ports are counted instead of simulated, the count is right or says nothing, and it mostly
/// says something: whatever becomes of the request, and whoever closes first.
#[test]
fn what_is_counted_is_what_a_run_comes_to() {
    let of = |text: &str, changes: &[(&str, &str)]| -> Scenario {
        let changed = changes.iter().fold(text.to_string(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replace(old, new)
        });
        read(&changed)
    };
    let slow = ("mean = \"800ms\"", "mean = \"20s\"");
    let all = [
        of(TIME_WAIT, &[]),
        of(UNLIMITED, &[]),
        of(
            UNLIMITED,
            &[("connect-time = \"5ms\"", "connect-time = \"0s\"")],
        ),
        of(
            UNLIMITED,
            &[("\"net48\"", "\"net45\""), ("rate = 14", "rate = 15")],
        ),
        of(
            UNLIMITED,
            &[
                slow,
                ("\"client\"", "\"server\""),
                ("rate = 14", "rate = 5"),
            ],
        ),
        // Timeouts give ports back before the answer: then a count knows little.
        of(
            TIME_WAIT,
            &[
                slow,
                ("[server", "request-timeout = \"3s\"\n[server"),
                ("rate = 14", "rate = 22"),
            ],
        ),
        of(
            UNLIMITED,
            &[
                slow,
                ("[server", "request-timeout = \"3s\"\n[server"),
                ("rate = 14", "rate = 22"),
            ],
        ),
        of(
            UNLIMITED,
            &[(
                "rate = 14 } }",
                "rate = 15 }, from = \"20s\", until = \"50s\" }",
            )],
        ),
    ];
    let mut runner = Runner::new(false);
    let files = InMemory::default();
    for (place, scenario) in all.iter().enumerate() {
        assert!(closes_each(scenario), "{place}");
        let (mut told, mut refused) = (0, 0);
        for seed in 0..60 {
            for until in [SimTime::NEVER, SimTime::from_nanos(25_500_000_000)] {
                let run = runner.first_refusal(scenario, seed, &files, until);
                let run = run.expect("no trace").exhausted_at.is_some();
                let count = runner.tally(scenario, seed, &files, until);
                let count = count.expect("no trace").is_refused;
                assert!(
                    count.is_none_or(|it| it == run),
                    "{place}, seed {seed}: {count:?}"
                );
                told += u32::from(count.is_some());
                refused += u32::from(run);
            }
        }
        assert!(
            (5..115).contains(&refused),
            "{place} says nothing: {refused}"
        );
        let is_cut_short = scenario.clients[0].request_timeout < Some(SimSpan::from_seconds(10));
        assert!(told > 30 || is_cut_short, "{place}: {told}");
    }
    assert!(!closes_each(&read(LEAK)));
    assert!(!closes_each(&of(UNLIMITED, &[("\"unlimited\"", "50")])));
}
