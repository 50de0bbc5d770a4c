//! Each built-in scenario keeps what its header promises.

use crate::support::{InMemory, at, read, run};
use spsim::inside::scenario::{self, BUILTIN};
use spsim::{RunOutput, SimTime};

/// The run of one strategy of a built-in scenario.
fn outcome(name: &str, strategy: &str) -> RunOutput {
    let builtin = BUILTIN.iter().find(|builtin| builtin.name == name);
    let text = builtin
        .unwrap_or_else(|| panic!("no scenario `{name}`"))
        .toml;
    let read = scenario::read(text, name, &[], &mut InMemory::default());
    let scenario = read
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
        .scenario;
    let found = scenario.strategies.iter().find(|one| one.name == strategy);
    let strategy = found.unwrap_or_else(|| panic!("no strategy `{strategy}`"));
    run(&scenario.under(strategy), 0)
}

fn peak(name: &str, strategy: &str) -> u64 {
    outcome(name, strategy).summary.ports.peak
}

fn ports_at(output: &RunOutput, seconds: f64) -> u64 {
    let sample = output
        .samples
        .iter()
        .find(|sample| sample.time >= at(seconds));
    sample.expect("within the run").ports_in_use
}

fn seconds(time: Option<SimTime>) -> f64 {
    time.expect("ports ran out").as_seconds()
}

/// The article: exhausted at about 100 s, WSAENOBUFS and nothing else, all ports back exactly
/// 100 s after the last busy moment; every remedy holds (SP-6, SP-8, FL-1).
#[test]
fn kb2551125() {
    let as_is = outcome("kb2551125", "as is");
    let exhausted = seconds(as_is.summary.exhausted_at);
    assert!((95.0..105.0).contains(&exhausted), "{exhausted}");
    let errors: Vec<_> = as_is.summary.errors.names().collect();
    assert_eq!(errors, ["WSAENOBUFS"]);
    assert_eq!(ports_at(&as_is, 279.0), 5000);
    assert_eq!(ports_at(&as_is, 281.0), 0);
    assert!(
        as_is
            .samples
            .is_sorted_by_key(|sample| (sample.time > at(270.0), sample.opened))
    );
    assert!(peak("kb2551125", "16 groups") <= 32);
    assert!(peak("kb2551125", "keep-alive off") < 30);
    let closing = peak("kb2551125", "close groups every 30 s");
    assert!((1300..1700).contains(&closing), "{closing}");
}

/// CG-6: a plateau on 4.8, none on 4.0.
#[test]
fn kb2551125_net48() {
    let name = "kb2551125-net48";
    let as_is = outcome(name, "as is").summary;
    assert_eq!(as_is.exhausted_at, None);
    assert!(
        (2850..3200).contains(&as_is.ports.peak),
        "{:?}",
        as_is.ports
    );
    let old = seconds(outcome(name, "the same on 4.0").summary.exhausted_at);
    assert!((160.0..174.0).contains(&old), "{old}");
    let short = peak(name, "idle time 10 s");
    assert!((270..370).contains(&short), "{short}");
    assert!(peak(name, "16 groups") <= 32);
}

/// SP-8: only a pause longer than the idle time frees the ports, all at once.
#[test]
fn idle_gap() {
    let as_is = outcome("idle-gap", "as is");
    assert!((1000..1400).contains(&ports_at(&as_is, 158.0)));
    assert_eq!(ports_at(&as_is, 163.0), 0);
    assert!((2100..2700).contains(&ports_at(&as_is, 485.0)));
    assert_eq!(ports_at(&as_is, 493.0), 0);
    let shorter = outcome("idle-gap", "idle time 60 s");
    assert!(shorter.summary.ports.peak < 1400);
    assert_eq!(ports_at(&shorter, 325.0), 0);
    let net48 = outcome("idle-gap", "the same on 4.8");
    let falling = ports_at(&net48, 130.0);
    assert!((300..900).contains(&falling), "one by one: {falling}");
}

/// EX-1, EX-2: the 3977th request, at 39 760 s; 11 ports on 4.8; one with a short idle time.
#[test]
fn trickle() {
    let as_is = outcome("trickle", "as is").summary;
    assert_eq!(as_is.exhausted_at, Some(at(39_760.0)));
    assert_eq!(peak("trickle", "the same on 4.8"), 11);
    assert_eq!(peak("trickle", "idle time 5 s"), 1);
    assert_eq!(peak("trickle", "no group name"), 1);
}

/// PT-2, PT-3: 3976 ports carry 16.6 requests a second of 240 s each.
#[test]
fn keep_alive_off_time_wait() {
    let name = "keep-alive-off-time-wait";
    let as_is = outcome(name, "as is").summary;
    let exhausted = seconds(as_is.exhausted_at);
    assert!((190.0..208.0).contains(&exhausted), "{exhausted}");
    let errors: Vec<_> = as_is.errors.names().collect();
    assert_eq!(errors, ["WSAEADDRINUSE"]);
    let shorter = peak(name, "TIME_WAIT 120 s");
    assert!((2250..2650).contains(&shorter), "{shorter}");
    let more = outcome(name, "16384 ports").summary;
    assert_eq!(more.exhausted_at, None);
    assert!(peak(name, "keep-alive, 16 groups") <= 32);
}

/// LIM-3: the limit is per group.
#[test]
fn connection_limit_per_group() {
    let name = "connection-limit-per-group";
    let none = outcome(name, "no group name").summary;
    assert_eq!(none.ports.peak, 2);
    assert!(none.requests.timed_out > 0);
    assert_eq!(peak(name, "10 groups"), 20);
    assert!((21..=80).contains(&peak(name, "40 groups")));
    assert!((21..=30).contains(&peak(name, "one group, limit 30")));
}

/// FL-6, EX-13: with the leak the ports of a refused process never come back.
#[test]
fn reservation_leak() {
    let name = "reservation-leak";
    assert_eq!(outcome(name, "as the article says").summary.ports.at_end, 0);
    assert_eq!(
        outcome(name, "as the source reads").summary.ports.at_end,
        5000
    );
    assert!(peak(name, "the same, groups closed") < 1700);
}

/// EX-18, LIM-1, LIM-2: a loopback host has no limit unless somebody sets one.
#[test]
fn ex_18_a_loopback_host_is_unlimited_until_a_limit_is_set() {
    for runtime in ["net20-rtm", "net20", "net40", "net45", "net48"] {
        for (limit, open, waiting) in [("", 50, 0), ("connection-limit = 2", 2, 48)] {
            let text = format!(
                "duration = \"1s\"\n[client.app]\nruntime = \"{runtime}\"\n{limit}\n\
                 [server.api]\nuri = \"http://localhost/\"\nresponse-time = \"10s\"\n\
                 [workload.load]\narrivals = {{ every = \"1ms\", until = \"50ms\" }}\n"
            );
            let output = run(&read(&text), 0);
            let last = output.samples.last().expect("one at the end");
            assert_eq!(
                (last.ports_in_use, last.queued),
                (open, waiting),
                "{runtime} {limit}"
            );
        }
    }
}

/// M/M/4 behind a limit: Erlang C says who waits and how long; with 2 connections half of the
/// load never gets through.
#[test]
fn finite_workers() {
    let name = "finite-workers";
    let starved = outcome(name, "limit 2").summary;
    // 20 of 36 requests a second at most, and fewer once those that come through have waited for
    // nearly all of their 100 s: the timeout then cuts answers short.
    let served = starved.requests.succeeded as f64 / 1_200.0;
    assert!((10.0..20.0).contains(&served), "{served}");
    let mean = |strategy| outcome(name, strategy).summary.latency.mean_seconds;
    // 100 ms of work and 197 ms of waiting.
    let open = mean("limit 100").expect("answers");
    assert!((0.24..0.37).contains(&open), "{open}");
    // Who waits for a connection waits longer (AS-4), and as many are served.
    let sticky = mean("limit 4").expect("answers");
    assert!(sticky > open, "{sticky} beside {open}");
    let enough = mean("limit 100, 8 workers").expect("answers");
    assert!((0.097..0.106).contains(&enough), "{enough}");
}

/// A metastable state: without retries the backlog is gone 30 s after the outage, with three of
/// them it never is; a budget, a short queue and work that stops each prevent it.
#[test]
fn retry_storm() {
    let name = "retry-storm";
    let answered_at_the_end = |strategy: &str| {
        let samples = outcome(name, strategy).samples;
        let at = |seconds: f64| {
            let found = samples.iter().find(|sample| sample.time >= at(seconds));
            found.expect("within the run").beyond.service.answered as f64
        };
        (at(298.0) - at(258.0)) / 40.0
    };
    for storm in ["3 retries, 100 ms apart", "backoff 1, 2, 4 s with jitter"] {
        let answered = answered_at_the_end(storm);
        assert!(answered < 5.0, "{storm}: {answered} a second");
    }
    for calm in [
        "no retries",
        "retry budget of 10%",
        "queue of 20 at the server",
        "work stops with its client",
    ] {
        let answered = answered_at_the_end(calm);
        assert!((54.0..66.0).contains(&answered), "{calm}: {answered}");
    }
}

/// SNAT: more instances help up to 50, hurt at 51, and 100 are as good as 50.
#[test]
fn snat_scale_out() {
    let name = "snat-scale-out";
    let nat = |strategy: &str| {
        let summary = outcome(name, strategy).summary;
        (summary.exhausted_at.map(SimTime::as_seconds), summary.nat)
    };
    let (at_40, _) = nat("40 instances");
    assert!((215.0..240.0).contains(&at_40.expect("out")), "{at_40:?}");
    let (at_51, _) = nat("51 instances");
    assert!((138.0..152.0).contains(&at_51.expect("out")), "{at_51:?}");
    for (strategy, most) in [
        ("50 instances", 1_024),
        ("100 instances", 512),
        ("51 instances, NAT gateway", 12_500),
        ("50 instances, keep-alive", 10),
    ] {
        let (exhausted, nat) = nat(strategy);
        let peak = nat.expect("a NAT").peak;
        assert_eq!(exhausted, None, "{strategy}");
        assert!(peak <= most, "{strategy}: {peak}");
    }
}

/// TM-6, K-9: the last request to the old address comes at most a lease and a refresh of the
/// name after the move; without a lease there is no last one.
#[test]
fn dns_switch() {
    let last = |strategy: &str| {
        let summary = outcome("dns-switch", strategy).summary;
        let counts = summary.addresses.expect("it moves");
        (counts.last_to_old.as_seconds() - 300.0, counts.to_old)
    };
    for for_ever in ["as is", ".NET 8"] {
        let (seconds, _) = last(for_ever);
        assert!(seconds > 598.0, "{for_ever}: {seconds}");
    }
    let (seconds, requests) = last("lease 60 s");
    assert!((60.0..=181.0).contains(&seconds), "{seconds}");
    assert!(requests > 590, "ten a second for a minute: {requests}");
    let (seconds, _) = last("lease 5 min");
    assert!((120.0..=421.0).contains(&seconds), "{seconds}");
    let (seconds, _) = last("keep-alive off");
    assert!((0.0..=120.0).contains(&seconds), "{seconds}");
}

/// CG-9's neighbour: a client for each request is a group for each request; disposing it trades
/// 22,000 ports for 12,000.
#[test]
fn httpclient_per_request() {
    let name = "httpclient-per-request";
    let leak = seconds(outcome(name, "not disposed").summary.exhausted_at);
    assert!((158.0..170.0).contains(&leak), "{leak}");
    let disposed = outcome(name, "disposed").summary;
    assert_eq!(disposed.exhausted_at, None);
    let plateau = disposed.ports.peak;
    assert!((11_600..12_700).contains(&plateau), "{plateau}");
    assert!(peak(name, "one static HttpClient") <= 20);
}

/// One program's report takes the ports of all three; whoever opens connections then fails.
#[test]
fn shared_ports() {
    let as_is = outcome("shared-ports", "as is");
    let exhausted = seconds(as_is.summary.exhausted_at);
    assert!((84.0..88.0).contains(&exhausted), "{exhausted}");
    for client in 0..3 {
        let mut of_client = as_is.clients.iter().filter(|it| it.client == client);
        let last = of_client.next_back().expect("three programs");
        assert!(last.failed > 100, "client {client}: {last:?}");
    }
    for strategy in ["8 groups", "close groups every 10 s", "idle time 10 s"] {
        let summary = outcome("shared-ports", strategy).summary;
        assert_eq!(summary.requests.failed, 0, "{strategy}");
    }
}

/// Ports needed = rate × TIME_WAIT: each setting changes one factor.
#[test]
fn which_port_setting() {
    let name = "which-port-setting";
    let exhausted = |strategy| outcome(name, strategy).summary.exhausted_at;
    // 3,976 ports at 200 a second; by destination at 100 a second each.
    assert!((18.5..21.5).contains(&seconds(exhausted("as is"))));
    assert!((37.0..42.5).contains(&seconds(exhausted("ReusePort"))));
    assert!((18.5..21.5).contains(&seconds(exhausted("TcpTimedWaitDelay = 30"))));
    assert_eq!(exhausted("MaxUserPort = 65534"), None);
    assert_eq!(exhausted("ReusePort and delay 30"), None);
    assert!(peak(name, "kept connections") <= 20);
}

/// NC-4 and its neighbours: a port for each device, or one for each request of two minutes.
#[test]
fn polling_devices() {
    let name = "polling-devices";
    assert_eq!(peak(name, ".NET Framework 4.8"), 5);
    assert!((600..=605).contains(&peak(name, ".NET Core 3.1")));
    assert_eq!(peak(name, ".NET 8, connections shared"), 5);
}

/// TM-6: each of the connections is renewed about once a lease, and ports do not grow.
#[test]
fn connection_lease() {
    let opened = |strategy| {
        let summary = outcome("connection-lease", strategy).summary;
        assert!(summary.ports.peak <= 4, "{strategy}");
        summary.connections.opened
    };
    assert_eq!(opened("no lease"), 4);
    assert!((16..=24).contains(&opened("lease 2 min")));
    assert!((32..=44).contains(&opened("lease 1 min")));
    assert!((190..=244).contains(&opened("lease 10 s")));
}

/// A leak of 150 ports a second, and of 10: a sleep only moves the failure.
#[test]
fn bulk_loader() {
    let name = "bulk-loader";
    // The 3977th request: 3976 times 6.667 ms, and 3976 times 100 ms.
    let exhausted = |strategy| seconds(outcome(name, strategy).summary.exhausted_at);
    assert!((26.50..26.52).contains(&exhausted("as is")));
    assert!((397.5..397.7).contains(&exhausted("sleep 100 ms")));
    assert!(peak(name, "the server closes") <= 4);
    assert!(peak(name, "16 groups") <= 32);
}

/// Little and Erlang C: 8 connections are just not enough, 10 are, 16 gain nothing more.
#[test]
fn which_connection_limit() {
    let name = "which-connection-limit";
    let summary = |strategy| outcome(name, strategy).summary;
    assert!(summary("limit 2").requests.timed_out > 1_000);
    let p99 = |strategy| summary(strategy).latency.p99.seconds();
    assert!(p99("limit 8") > 2.0);
    assert!(p99("limit 10") < 2.0);
    assert!((p99("limit 16") - p99("limit 100")).abs() < 0.1);
    // The 99th percentile of the service alone: 200 ms · ln 100.
    assert!(
        (0.8..1.05).contains(&p99("limit 100")),
        "{}",
        p99("limit 100")
    );
}

/// The 129th visitor finds no port; all are free 100 s after the last request.
#[test]
fn real_iis_log() {
    use spsim::InputFiles;
    let builtin = spsim::BuiltIn::find("real-iis-log").expect("it is built in");
    let mut files = InputFiles::in_memory(builtin.files);
    let read = scenario::read(builtin.toml, builtin.name, &[], &mut files);
    let scenario = read.expect("it is right").scenario;
    let run = |index: usize| {
        let variant = scenario.under(&scenario.strategies[index]);
        spsim::run_one(&variant, 0, &files).expect("its trace is there")
    };
    let as_is = run(0);
    let exhausted = seconds(as_is.summary.exhausted_at);
    assert!((880.0..=960.0).contains(&exhausted), "{exhausted}");
    assert_eq!(as_is.summary.ports.at_end, 0);
    assert!(run(1).summary.ports.peak <= 32, "16 groups");
}
