//! Rules that several rooms have a share in, each as a short run: what a scenario says of proxies,
//! names and unread responses, and what the machine's ports show of it.

use crate::support::{at, read, read_with, run};
use spsim::inside::model::workload::{Action, TimedAction};
use spsim::{GroupName, RunOutput, Sample};

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

/// A program whose steps are a timeline, on this runtime, with these lines for its client and its
/// server.
fn steps(runtime: &str, client: &str, server: &str, actions: Vec<TimedAction>) -> RunOutput {
    let text = format!(
        "duration = \"60s\"\nsample-every = \"500ms\"\n[machine]\nports = \"windows\"\n\
         [client.app]\nruntime = \"{runtime}\"\n{client}\n[server.api]\n{server}\n[workload.steps]\narrivals = {{ timeline = \"t\" }}\n"
    );
    run(&read_with(&text, actions), 0)
}

fn action(seconds: f64, action: Action) -> TimedAction {
    TimedAction {
        at: at(seconds),
        action,
    }
}

/// TM-5, AS-7: the request's own timeout watches over the headers, which come where `header-time`
/// says: a quarter or three quarters of two seconds.
#[test]
fn a_timeout_watches_over_the_headers() {
    for (header_time, timed_out) in [("0.25", 0), ("0.75", 1), ("1", 1)] {
        let server = format!("response-time = \"2s\"\nheader-time = {header_time}");
        let output = steps(
            "net48",
            "request-timeout = \"1s\"",
            &server,
            vec![submit(1, 0.0, "A")],
        );
        let requests = output.summary.requests;
        assert_eq!(requests.failed, timed_out, "{header_time}");
        assert_eq!(requests.succeeded, 1 - timed_out, "{header_time}");
    }
}

/// CN-5, HC-17, HW-8: a response that is closed five seconds before its end has succeeded, and its
/// connection goes: on .NET Framework and Mono with a reset, on modern .NET with a FIN.
#[test]
fn a_response_that_is_closed_early_takes_its_connection_with_it() {
    for (runtime, time_wait) in [
        ("net48", 0),
        ("net45", 0),
        ("mono6", 0),
        ("mono4", 0),
        ("net8", 1),
    ] {
        let close = Action::CloseResponse { id: 1 };
        let output = steps(
            runtime,
            "",
            "response-time = \"10s\"\nheader-time = 0.1",
            vec![submit(1, 0.0, "A"), action(5.0, close)],
        );
        assert_eq!(output.summary.requests.succeeded, 1, "{runtime}");
        assert_eq!(sample(&output, 4.5).busy, 1, "{runtime}");
        let after = sample(&output, 5.5);
        assert_eq!((after.busy, after.idle), (0, 0), "{runtime}");
        assert_eq!(after.time_wait, time_wait, "{runtime}");
    }
}

/// FL-12: two sockets that cannot be made fail a request on .NET Framework, one does not. Mono and
/// modern .NET try once.
#[test]
fn a_socket_that_cannot_be_made_fails_a_request() {
    for (runtime, count, failed) in [
        ("net48", 1, 0),
        ("net48", 2, 1),
        ("net40", 2, 1),
        ("mono6", 1, 1),
        ("net8", 1, 1),
    ] {
        let actions = vec![action(0.0, Action::FailSockets(count)), submit(1, 1.0, "A")];
        let output = steps(runtime, "", "response-time = \"1s\"", actions);
        let errors = output.summary.errors.of("WSAEMFILE");
        assert_eq!(errors, failed, "{runtime} {count}");
    }
}

/// CL-4: 4.8 closes every group whose key begins with the name and `S>`, but for those that look
/// like its own; versions before it the group of that name alone.
#[test]
fn a_timeline_closes_groups_by_their_text() {
    let names = ["a", "aS>b", "aS>I>c", "b"];
    for (runtime, left) in [("net48", 2), ("net45", 3), ("net40", 3)] {
        let mut actions: Vec<TimedAction> = (names.iter())
            .map(|name| action(0.0, Action::NameGroup((*name).into())))
            .collect();
        actions.extend((0..).zip(names).map(|(id, name)| submit(id, 0.0, name)));
        let group = GroupName::from_text("a");
        actions.push(action(5.0, Action::CloseGroup { group }));
        let output = steps(runtime, "", "response-time = \"1s\"", actions);
        assert_eq!(sample(&output, 4.5).ports_in_use, 4, "{runtime}");
        assert_eq!(sample(&output, 5.5).ports_in_use, left, "{runtime}");
    }
}

/// SP-10, CG-3: each request has a group of its own, as with a collection of client certificates
/// made for it; no timer ends their ServicePoint, a collection does, unless a request is on it.
#[test]
fn a_collection_takes_a_service_point_without_a_timer() {
    for runtime in ["net20", "net40", "net48"] {
        let text = format!(
            "duration = \"90s\"\nsample-every = \"500ms\"\n[client.app]\nruntime = \"{runtime}\"\n\
             max-idle-time = \"never\"\ngc = {{ every = \"30s\" }}\n\
             [server.api]\nresponse-time = \"100ms\"\n[workload.short]\ngroup = \"unique\"\n\
             arrivals = {{ every = \"1s\", until = \"10s\" }}\n\
             [server.slow]\nuri = \"http://slow/\"\nresponse-time = \"45s\"\n\
             [workload.long]\nserver = \"slow\"\narrivals = {{ every = \"100s\" }}\n"
        );
        let text = text.replace("[workload.short]\n", "[workload.short]\nserver = \"api\"\n");
        let output = run(&read(&text), 0);
        let open = |seconds: f64| sample(&output, seconds).ports_in_use;
        let unique = open(29.5) - 1;
        assert!((10..=11).contains(&unique), "{runtime}: {unique}");
        assert_eq!((open(30.5), open(59.5), open(60.5)), (1, 1, 0), "{runtime}");
    }
}

/// HC-19: a server that closes behind an answer and says nothing leaves a CLOSE_WAIT until the next
/// request finds it; no request fails, and no TIME_WAIT is the client's.
#[test]
fn a_close_that_nobody_speaks_of_is_found_by_the_next_request() {
    for runtime in ["net48", "net40", "mono6", "net8"] {
        let text = format!(
            "duration = \"10s\"\nsample-every = \"100ms\"\n[client.app]\nruntime = \"{runtime}\"\n\
             [server.api]\nresponse-time = \"100ms\"\ncloses-after-requests = 2\n\
             says-close = false\n\
             [workload.w]\narrivals = {{ every = \"1s\", until = \"9s\" }}\n"
        );
        let output = run(&read(&text), 0);
        let requests = output.summary.requests;
        assert_eq!(requests.failed, 0, "{runtime}");
        let by_two = requests.submitted.div_ceil(2);
        assert_eq!(output.summary.connections.opened, by_two, "{runtime}");
        assert_eq!(sample(&output, 1.5).close_wait, 1, "{runtime}");
        assert_eq!(sample(&output, 2.5).close_wait, 0, "{runtime}");
        assert_eq!(sample(&output, 9.5).time_wait, 0, "{runtime}");
    }
}

/// HC-10: .NET 8 closes what was idle for as long as the server says, .NET Core 3.1 does not look.
#[test]
fn net_8_obeys_the_header_keep_alive() {
    for (runtime, opened) in [("net8", 4), ("net9", 4), ("netcore31", 1), ("mono6", 1)] {
        let text = format!(
            "duration = \"20s\"\n[client.app]\nruntime = \"{runtime}\"\napi = \"HttpClient\"\n\
             [server.api]\nresponse-time = \"100ms\"\nkeep-alive-timeout = \"3s\"\n\
             [workload.w]\narrivals = {{ every = \"5s\", until = \"19s\" }}\n"
        );
        let output = run(&read(&text), 0);
        assert_eq!(output.summary.connections.opened, opened, "{runtime}");
    }
}
