//! Rules that several rooms have a share in, each as a short run: what a scenario says of proxies,
//! names and unread responses, and what the machine's ports show of it.

use crate::support::{at, read, read_with, run};
use spsim::model::GroupName;
use spsim::model::workload::{Action, TimedAction};
use spsim::record::Sample;
use spsim::study::RunOutput;

/// The first sample at or after so many seconds.
fn sample(output: &RunOutput, seconds: f64) -> Sample {
    let found = output.samples.iter().find(|it| it.time >= at(seconds));
    *found.expect("within the run")
}

/// Two servers of these addresses, a request to each every 100 ms that takes 150 ms.
fn two_servers(runtime: &str, one: &str, other: &str) -> RunOutput {
    let limit = match runtime {
        "net8" => "api = \"HttpClient\"\nmax-connections-per-server = 1",
        _ => "connection-limit = 1",
    };
    let text = format!(
        "duration = \"10s\"\n[client.app]\nruntime = \"{runtime}\"\n{limit}\n\
         request-timeout = \"never\"\n\
         [server.one]\nuri = \"{one}\"\nresponse-time = \"50ms\"\n\
         [server.other]\nuri = \"{other}\"\nresponse-time = \"50ms\"\n\
         [workload.one]\nserver = \"one\"\narrivals = {{ every = \"100ms\" }}\n\
         [workload.other]\nserver = \"other\"\narrivals = {{ every = \"100ms\" }}\n"
    );
    run(&read(&text), 0)
}

/// SP-2, CG-2: behind one proxy all destinations share its ServicePoint and, over plain http, its
/// default group with its limit. A scenario says so by giving them the proxy's address.
#[test]
fn destinations_behind_one_proxy_share_its_limit() {
    for runtime in ["net20", "net40", "net48"] {
        let behind = two_servers(runtime, "http://proxy:8080/", "http://proxy:8080/");
        let last = sample(&behind, 5.0);
        assert_eq!((last.service_points, last.groups), (1, 1), "{runtime}");
        assert_eq!(behind.summary.ports.peak, 1, "{runtime}: one connection");
        let direct = two_servers(runtime, "http://one/", "http://other/");
        assert_eq!(sample(&direct, 5.0).service_points, 2, "{runtime}");
        assert_eq!(direct.summary.ports.peak, 2, "{runtime}");
    }
}

/// NC-4: the pool's key has scheme, host and port: another port is another pool, another path
/// is not.
#[test]
fn a_pool_is_that_of_scheme_host_and_port() {
    let peak = |one: &str, other: &str| two_servers("net8", one, other).summary.ports.peak;
    assert_eq!(peak("http://api/a", "http://api/b"), 1);
    assert_eq!(peak("http://api:80/", "http://api/"), 1);
    assert_eq!(peak("http://api:8080/", "http://api:8081/"), 2);
    assert_eq!(peak("http://api/", "http://other/"), 2);
}

fn submit(id: u64, seconds: f64, group: &str) -> TimedAction {
    TimedAction {
        at: at(seconds),
        action: Action::Submit {
            id,
            group: GroupName::from_text(group),
            keep_alive: None,
            duration: None,
            completed_by_timeline: false,
            held: false,
        },
    }
}

/// CG-1: no name and an empty name are one group; any other name is another.
#[test]
fn an_empty_name_is_the_default_group() {
    let text = "duration = \"2s\"\n[client.app]\nruntime = \"net48\"\n[server.api]\n\
                response-time = \"1s\"\n[workload.steps]\narrivals = { timeline = \"t\" }\n\
                [workload.plain]\ngroup = \"none\"\narrivals = { every = \"10s\" }\n";
    let groups = |name: &str| {
        let scenario = read_with(text, vec![submit(1, 0.0, name)]);
        sample(&run(&scenario, 0), 0.5).groups
    };
    assert_eq!(groups(""), 1);
    assert_eq!(groups("A"), 2);
}

/// CN-2, PT-2: the port is taken when the connect starts, not when it is answered.
#[test]
fn a_port_is_taken_when_the_connect_starts() {
    for runtime in ["net40", "net48", "mono6", "netcore31", "net8"] {
        let text = format!(
            "duration = \"4s\"\nsample-every = \"500ms\"\n[client.app]\nruntime = \"{runtime}\"\n\
             [server.api]\nconnect-time = \"1s\"\nresponse-time = \"1s\"\n\
             [workload.one]\narrivals = {{ every = \"10s\" }}\n"
        );
        let output = run(&read(&text), 0);
        let (early, late) = (sample(&output, 0.5), sample(&output, 1.5));
        assert_eq!((early.ports_in_use, early.connecting), (1, 1), "{runtime}");
        assert_eq!((late.ports_in_use, late.busy), (1, 1), "{runtime}");
    }
}

/// FL-10, CN-4: a response that nobody reads to its end holds its connection, and with it the
/// ServicePoint's ports, for as long as the program lives.
#[test]
fn an_unread_response_keeps_its_connection() {
    let text = "duration = \"10min\"\n[client.app]\nruntime = \"net48\"\n\
                request-timeout = \"never\"\n[server.api]\nresponse-time = \"1s\"\n\
                [workload.steps]\narrivals = { timeline = \"t\" }\n";
    let unread = |seconds: f64| TimedAction {
        action: Action::Submit {
            id: 1,
            group: GroupName::from_text("A"),
            keep_alive: None,
            duration: None,
            completed_by_timeline: true,
            held: false,
        },
        at: at(seconds),
    };
    // The one is never completed, the other is, after the response time.
    let held = run(&read_with(text, vec![unread(0.0), submit(2, 0.0, "B")]), 0);
    assert_eq!(sample(&held, 50.0).ports_in_use, 2);
    let last = sample(&held, 599.0);
    assert_eq!(
        (last.ports_in_use, last.busy, last.service_points),
        (1, 1, 1)
    );
    let read_to_its_end = run(&read_with(text, vec![submit(2, 0.0, "B")]), 0);
    let last = sample(&read_to_its_end, 599.0);
    assert_eq!((last.ports_in_use, last.service_points), (0, 0));
}

/// PT-5: one port for each destination gains nothing against one server, and twice as much
/// against two.
#[test]
fn port_reuse_gains_nothing_against_one_server() {
    let exhausted = |scope: &str, servers: usize| {
        let mut text = format!(
            "duration = \"60s\"\n[machine]\nports = 100\nscope = \"{scope}\"\n\
             [client.app]\nruntime = \"net40\"\n"
        );
        // Ten requests a second in all.
        for server in 0..servers {
            let (every, phase) = (100 * servers, 100 * server);
            let part = format!(
                "[server.s{server}]\nuri = \"http://s{server}/\"\nresponse-time = \"1ms\"\n\
                 [workload.w{server}]\nserver = \"s{server}\"\ngroup = \"unique\"\n\
                 arrivals = {{ every = \"{every}ms\", phase = \"{phase}ms\" }}\n"
            );
            text += &part;
        }
        let exhausted = run(&read(&text), 0).summary.exhausted_at;
        exhausted.expect("it leaks")
    };
    assert_eq!(exhausted("host", 1), at(10.0));
    assert_eq!(exhausted("destination", 1), at(10.0));
    assert_eq!(exhausted("host", 2), at(10.0));
    assert_eq!(exhausted("destination", 2), at(20.0));
}
