//! Random scenarios that are right, and the laws that every run obeys.

use crate::mutate::Mutator;
use serde_json::Value;

/// A scenario of some seconds with random settings, each of them allowed.
pub(crate) fn random(random: &mut Mutator) -> String {
    let ports = 1 + random.below(200);
    let time_wait = random.one(&["0s", "1s", "30s"]);
    let scope = random.one(&["host", "destination"]);
    let runtime = random.one(&[
        "net20",
        "net40",
        "net45",
        "net48",
        "mono4",
        "mono6",
        "netcore31",
        "net8",
    ]);
    let response = random.one(&[
        "\"50ms\"",
        "\"0s\"",
        "{ exponential = { mean = \"100ms\" } }",
        "{ lognormal = { median = \"50ms\", p99 = \"2s\" } }",
        "{ pareto = { scale = \"10ms\", shape = 0.9 } }",
    ]);
    let arrivals = random.one(&[
        "{ poisson = { rate = 40 } }",
        "{ every = \"20ms\", until = \"3s\" }",
        "{ schedule = [{ at = \"0s\", rate = 5 }, { at = \"2s\", rate = 200 }, { at = \"2.1s\", rate = 0 }], ramp = true }",
        "{ bursts = { rate-on = 90, rate-off = 1, mean-on = \"300ms\", mean-off = \"1s\" } }",
        "{ users = { count = 12, think = { exponential = { mean = \"300ms\" } } } }",
        "{ renewal = { weibull = { shape = 0.6, scale = \"30ms\" } } }",
    ]);
    let group = random.one(&[
        "\"none\"",
        "\"unique\"",
        "{ pool = 7 }",
        "{ pool = 3, choose = \"random\" }",
        "{ users = 20, choose = \"zipf\" }",
    ]);
    let retry = random.one(&[
        "\"never\"",
        "{ attempts = 3, backoff = \"100ms\" }",
        "{ attempts = 5, backoff = \"0s\" }",
    ]);
    let (idle, timeout) = (
        random.one(&["100s", "1s", "10ms", "never"]),
        random.one(&["100s", "200ms", "never"]),
    );
    let closes = random.one(&["never", "500ms"]);
    let closer = random.one(&["server", "client"]);
    let strategy = random.one(&[
        "groups = 4",
        "keep-alive = false",
        "close-groups = { every = \"700ms\" }",
        "close-groups = { after = \"1s\" }",
        "close-groups = { when-ports-above = 0.5 }",
        "throttle = { every = \"50ms\" }",
        "connection-limit = 9",
        "max-idle-time = \"300ms\"",
        "ports = 3",
    ]);
    let (limit, seed) = (1 + random.below(6), random.below(1_000_000));
    let alive = random.one(&["true", "false"]);
    format!(
        "duration = \"5s\"\nseed = {seed}\n[machine]\nports = {ports}\ntime-wait = \"{time_wait}\"\n\
         scope = \"{scope}\"\n[client.app]\nruntime = \"{runtime}\"\nconnection-limit = {limit}\n\
         max-idle-time = \"{idle}\"\nrequest-timeout = \"{timeout}\"\n[server.api]\n\
         uri = \"http://api.example.com/\"\nresponse-time = {response}\n\
         closes-idle-after = \"{closes}\"\nactive-close = \"{closer}\"\n[workload.orders]\n\
         arrivals = {arrivals}\ngroup = {group}\nkeep-alive = {alive}\nretry = {retry}\n\
         [[strategy]]\nname = \"as is\"\n[[strategy]]\nname = \"other\"\n{strategy}\n"
    )
}

/// The laws of counting in what `run --json` prints.
#[track_caller]
pub(crate) fn obey(summary: &str, scenario: &str) {
    let summary: Value = serde_json::from_str(summary).expect("JSON");
    let strategies = summary["strategies"].as_array().expect("strategies");
    assert_eq!(strategies.len(), 2, "{scenario}");
    for one in strategies {
        let number = |path: &str| {
            let found = one.pointer(path).and_then(Value::as_f64);
            found.unwrap_or_else(|| panic!("{path} in {one}"))
        };
        let requests = |key: &str| number(&format!("/requests/{key}"));
        let ended = requests("succeeded") + requests("failed") + requests("in_flight");
        let case = || format!("{one:#}\n{scenario}");
        assert!(
            (requests("submitted") - ended).abs() < 1e-6,
            "requests are lost: {}",
            case()
        );
        assert!(requests("timed_out") <= requests("failed"), "{}", case());
        let ports = |key: &str| number(&format!("/ports/{key}"));
        assert!(
            ports("peak") <= ports("limit"),
            "more ports than there are: {}",
            case()
        );
        assert!(
            ports("final") <= ports("peak") && ports("mean") <= ports("peak"),
            "{}",
            case()
        );
        let refused = !one["exhausted_at_s"].is_null();
        assert!(refused == (one["verdict"] == "exhausted"), "{}", case());
        assert!(
            !refused || (ports("peak") - ports("limit")).abs() < 1e-6,
            "refused with room: {}",
            case()
        );
        let connections = |key: &str| number(&format!("/connections/{key}"));
        let closed = connections("closed_graceful") + connections("closed_hard");
        assert!(
            closed <= connections("opened"),
            "more closed than opened: {}",
            case()
        );
    }
}
