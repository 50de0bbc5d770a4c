//! What is beyond the machines, as timelines: servers that work, fail and move, and the NAT.
//! Each runs under every mechanism where they agree, and says where they do not.

use crate::support::{InMemory, read, run};
use spsim::{CloseKind, Observation, Observer, Outcome, SimTime, Simulation};

/// Writes down what is seen of requests and connections.
#[derive(Default)]
struct Diary(Vec<String>);

impl Observer for Diary {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        let what = match observation {
            Observation::RequestSent(request, on) => {
                format!("r{} on c{}", request.serial, on.serial)
            }
            Observation::RequestRetried(request, failure, _) => {
                format!("r{} retries {}", request.serial, failure.name())
            }
            Observation::RequestEnded(request, Outcome::Succeeded) => {
                format!("r{} done", request.serial)
            }
            Observation::RequestEnded(request, Outcome::Failed(failure)) => {
                format!("r{} {}", request.serial, failure.name())
            }
            Observation::ConnectionClosed {
                connection, how, ..
            } => {
                let how = if how == CloseKind::Hard {
                    "dropped"
                } else {
                    "closed"
                };
                format!("c{} {how}", connection.serial)
            }
            Observation::SnatPortRefused { .. } => "no SNAT port".into(),
            Observation::ServerClosed(connection) => format!("c{} FIN", connection.serial),
            _ => return,
        };
        self.0.push(format!("{} {what}", now.as_seconds()));
    }
}

/// The timeline of a scenario in which requests come every second from 0 until `until`.
fn timeline(runtime: &str, server: &str, until: u32, more: &str) -> String {
    let text = format!(
        "duration = \"100s\"\n[client.app]\nruntime = \"{runtime}\"\nconnection-limit = 10\n\
         request-timeout = \"30s\"\n[server.api]\n{server}\n[workload.load]\n\
         arrivals = {{ every = \"1s\", until = \"{until}s\" }}\n{more}\n"
    );
    play(&text)
}

fn play(text: &str) -> String {
    let scenario = read(text);
    let mut diary = Diary::default();
    let files = InMemory::default();
    let run = Simulation::new(&scenario, 0, &files, &mut diary).expect("no traces");
    run.run().expect("no traces");
    diary.0.join(" | ")
}

const ALL: [&str; 4] = ["net48", "mono4", "mono6", "net8"];

#[test]
fn requests_wait_for_a_worker_in_the_order_in_which_they_came() {
    for runtime in ALL {
        let server = "response-time = \"2.5s\"\nworkers = 1";
        let seen = timeline(runtime, server, 3, "");
        let ends: Vec<&str> = seen.split(" | ").filter(|it| it.contains("done")).collect();
        assert_eq!(
            ends,
            ["2.5 r0 done", "5 r1 done", "7.5 r2 done"],
            "{runtime}"
        );
    }
}

#[test]
fn a_full_queue_answers_503_and_the_connection_stays_open() {
    for runtime in ALL {
        let server = "response-time = \"10s\"\nworkers = 1\nqueue = 0\nqueue-full = \"503\"";
        let seen = timeline(runtime, server, 3, "");
        // Request 2 finds the connection on which request 1 was turned away.
        let expected = "0 r0 on c0 | 1 r1 on c1 | 1 r1 ProtocolError | 2 r2 on c1 | \
                        2 r2 ProtocolError | 10 r0 done";
        assert!(seen.starts_with(expected), "{runtime}: {seen}");
    }
}

#[test]
fn a_reset_on_a_fresh_connection_is_sent_again_once_by_framework_only() {
    let server = "response-time = \"10s\"\nworkers = 1\nqueue = 0\nqueue-full = \"reset\"";
    let framework = timeline("net48", server, 2, "");
    assert!(
        framework.starts_with(
            "0 r0 on c0 | 1 r1 on c1 | 1 c1 dropped | 1 r1 on c2 | 1 c2 dropped | \
             1 r1 ConnectionClosed | 10 r0 done"
        ),
        "{framework}"
    );
    for runtime in ["mono4", "mono6", "net8"] {
        let seen = timeline(runtime, server, 2, "");
        assert_eq!(seen.matches("r1 on").count(), 1, "{runtime}: {seen}");
        assert!(seen.contains("1 r1 ConnectionClosed"), "{runtime}: {seen}");
    }
}

#[test]
fn a_process_that_goes_down_takes_connections_and_work_with_it() {
    // Request 1 is being answered when the server goes; request 4 finds nobody.
    let server = "response-time = \"2s\"\nconnect-time = \"500ms\"\n\
                  outages = [{ from = \"3s\", until = \"10s\" }]";
    let framework = timeline("net48", server, 5, "");
    let expected = "0.5 r0 on c0 | 1.5 r1 on c1 | 2.5 r0 done | 2.5 r2 on c2 | \
                    3 c1 dropped | 3 c2 dropped | 3.5 r2 WSAECONNREFUSED";
    let lost = framework.starts_with(expected)
        || framework.starts_with("0.5 r0 on c0 | 1.5 r1 on c1 | 2.5 r0 done | 2.5 r2 on c2");
    assert!(lost, "{framework}");
    for line in ["3 c1 dropped", "3 c2 dropped", "4.5 r4 WSAECONNREFUSED"] {
        assert!(framework.contains(line), "{framework}");
    }
    // FL-3: on fresh connections both are sent again once, and then refused; the first connect that
    // fails after one that went well makes a second pass (CN-3).
    assert!(framework.contains("4 r1 WSAECONNREFUSED"), "{framework}");
    assert!(framework.contains("3.5 r2 WSAECONNREFUSED"), "{framework}");
    for runtime in ["mono4", "mono6", "net8"] {
        let seen = timeline(runtime, server, 5, "");
        assert!(seen.contains("3 r1 ConnectionClosed"), "{runtime}: {seen}");
        assert!(seen.contains("4.5 r4 WSAECONNREFUSED"), "{runtime}: {seen}");
    }
}

/// FL-3: on a connection that has answered before, the loss is quiet and the request is sent
/// again, by the Framework and by modern .NET.
#[test]
fn a_loss_on_a_reused_connection_is_quiet() {
    let server = "response-time = \"1500ms\"\n\
                  outages = [{ from = \"3s\", until = \"3.2s\" }]";
    let load = "duration = \"60s\"\n[client.app]\nruntime = \"RUNTIME\"\nconnection-limit = 1\n\
                [server.api]\nSERVER\n[workload.load]\n\
                retry = { attempts = 2, backoff = \"1s\" }\n\
                arrivals = { every = \"2s\", until = \"3s\" }";
    for runtime in ["net48", "net8"] {
        let text = load.replace("RUNTIME", runtime).replace("SERVER", server);
        let seen = play(&text);
        // It is sent again at once, refused at once, and tried again by the program.
        assert!(
            seen.contains("3 r1 retries WSAECONNREFUSED") && seen.contains("5.5 r1 done"),
            "{runtime}: {seen}"
        );
        assert!(!seen.contains("ConnectionClosed"), "{runtime}: {seen}");
    }
}

/// TM-6 turned keep-alive off for the first attempt alone: the second is a request of its own, and
/// its connection stays open behind it.
#[test]
fn a_retry_carries_nothing_of_the_attempt_that_failed() {
    let seen = play(
        "duration = \"20s\"\n[client.app]\nruntime = \"net48\"\nconnection-lease = \"2s\"\n\
         request-timeout = \"2s\"\n[server.api]\nresponse-time = \"100ms\"\n\
         outages = [{ from = \"3s\", until = \"10s\", kind = \"hang\" }]\n[workload.load]\n\
         retry = { attempts = 2, backoff = \"6s\" }\narrivals = { every = \"4s\", until = \"5s\" }",
    );
    assert_eq!(
        seen,
        "0 r0 on c0 | 0.1 r0 done | 4 r1 on c0 | 6 r1 retries Timeout | 6 c0 dropped | \
         12 r1 on c1 | 12.1 r1 done"
    );
}

#[test]
fn a_silent_server_is_given_up_after_21_seconds_and_late_answers_arrive() {
    for runtime in ALL {
        let server = "response-time = \"1s\"\n\
                      outages = [{ from = \"500ms\", until = \"40s\", kind = \"silent\" }]";
        let seen = timeline(runtime, server, 2, "");
        // Request 0 was on its way; its own timeout comes before the end of the silence. In
        // .NET Framework that of request 1 comes in the second pass of its connect (CN-3).
        let given_up = match runtime {
            "net48" => "31 r1 Timeout",
            _ => "22 r1 WSAETIMEDOUT",
        };
        assert!(seen.contains(given_up), "{runtime}: {seen}");
        assert!(seen.contains("30 r0 Timeout"), "{runtime}: {seen}");
        let short = server.replace("40s", "5s");
        let seen = timeline(runtime, &short, 2, "");
        // The answer to 0 arrives when the silence is over; connect 1 is heard at 1 + 9 s.
        assert!(seen.contains("5 r0 done"), "{runtime}: {seen}");
        let again = match runtime {
            // It takes the connection that is free before its own is answered.
            "net8" => "5 r1 on c0",
            _ => "10 r1 on c1",
        };
        assert!(seen.contains(again), "{runtime}: {seen}");
    }
}

/// CN-3: the first connect that fails after one that went well is made twice, and costs two connect
/// timeouts; those after it cost one.
#[test]
fn a_first_failure_after_success_makes_a_second_pass() {
    for runtime in ALL {
        let seen = play(&format!(
            "duration = \"140s\"\n[client.app]\nruntime = \"{runtime}\"\n\
             request-timeout = \"never\"\n[server.api]\nresponse-time = \"1s\"\n\
             outages = [{{ from = \"500ms\", until = \"135s\", kind = \"silent\" }}]\n\
             [workload.load]\narrivals = {{ every = \"50s\", until = \"101s\" }}\n\
             group = \"unique\"\n"
        ));
        let first = match runtime {
            "net48" => "92 r1 WSAETIMEDOUT",
            _ => "71 r1 WSAETIMEDOUT",
        };
        assert!(seen.contains(first), "{runtime}: {seen}");
        assert!(seen.contains("121 r2 WSAETIMEDOUT"), "{runtime}: {seen}");
    }
}

/// FL-5: a response that breaks off in its middle is an `IOException`; nothing is sent again, and
/// the connection is gone.
#[test]
fn a_response_that_breaks_off_is_not_sent_again() {
    let server = "response-time = \"1s\"\n\
                  outages = [{ from = \"500ms\", until = \"1500ms\", kind = \"reset-body\" }]";
    for runtime in ALL {
        let seen = timeline(runtime, server, 2, "");
        assert!(seen.contains("1 r0 IOException"), "{runtime}: {seen}");
        assert_eq!(seen.matches("r0 on").count(), 1, "{runtime}: {seen}");
        assert!(seen.contains("1 r1 on c1 | 2 r1 done"), "{runtime}: {seen}");
    }
}

#[test]
fn abandoned_work_goes_on_or_stops() {
    let server = "response-time = \"10s\"\nworkers = 1\nabandoned-work = \"FATE\"";
    let load = "duration = \"100s\"\n[client.app]\nconnection-limit = 9\nrequest-timeout = \"4s\"\n\
                [server.api]\nSERVER\n[workload.load]\narrivals = { every = \"5s\", until = \"6s\" }";
    for (fate, second) in [("finishes", "9 r1 Timeout"), ("stops", "9 r1 Timeout")] {
        let text = load.replace("SERVER", &server.replace("FATE", fate));
        assert!(play(&text).contains(second));
        let output = run(&read(&text), 0);
        let last = output
            .samples
            .last()
            .expect("it was sampled")
            .beyond
            .service;
        let wasted = if fate == "finishes" { 2 } else { 0 };
        assert_eq!(last.wasted, wasted, "{fate}");
        assert_eq!((last.working, last.waiting, last.answered), (0, 0, 0));
    }
}

/// A NAT with one port: the second connect is dropped, goes out again after 3 s, and finds the
/// port that a reset has given back by then.
#[test]
fn a_connect_without_a_nat_port_is_dropped_and_sent_again() {
    let text = "duration = \"100s\"\n[nat]\nports = 1\nhold-after-reset = \"2s\"\n\
                [client.app]\nconnection-limit = 9\nrequest-timeout = \"1s\"\n\
                [server.api]\nresponse-time = \"50s\"\n\
                [workload.load]\narrivals = { every = \"500ms\", until = \"600ms\" }\n";
    let seen = play(text);
    assert!(
        seen.starts_with("0 r0 on c0 | 0.5 no SNAT port | 1 r0 Timeout | 1 c0 dropped"),
        "{seen}"
    );
    // Its own timeout, 1 s, comes before the second try.
    assert!(seen.contains("1.5 r1 Timeout"), "{seen}");
    let patient = text.replace("\"1s\"", "\"100s\"");
    let seen = play(&patient);
    assert!(
        seen.contains("0.5 no SNAT port | 3.5 no SNAT port | 9.5 no SNAT port"),
        "{seen}"
    );
    assert!(seen.contains("21.5 r1 SnatPortExhaustion"), "{seen}");
    // A port that is free again before the second try is enough.
    let short = text
        .replace("\"1s\"", "\"100s\"")
        .replace("50s", "1s")
        .replace("[workload.load]", "[workload.load]\nkeep-alive = false");
    let seen = play(&short);
    let expected = "0 r0 on c0 | 0.5 no SNAT port | 1 r0 done | 1 c0 closed | 3.5 r1 on c1";
    assert!(seen.starts_with(expected), "{seen}");
}

#[test]
fn a_flow_that_the_nat_has_forgotten_fails_at_its_next_use() {
    let text = "duration = \"200s\"\n[nat]\nports = 8\nidle-timeout = \"60s\"\n\
                when-forgotten = \"FATE\"\n[client.app]\nruntime = \"net48\"\n\
                max-idle-time = \"never\"\n[server.api]\nresponse-time = \"1s\"\n\
                [workload.load]\narrivals = { every = \"62s\", until = \"100s\" }\n";
    let dropped = play(&text.replace("FATE", "drop"));
    // Idle since 1 s, forgotten at 61 s: nobody answers the request of 62 s.
    assert_eq!(
        dropped,
        "0 r0 on c0 | 1 r0 done | 62 r1 on c0 | 162 r1 Timeout | 162 c0 dropped"
    );
    let reset = play(&text.replace("FATE", "reset"));
    assert_eq!(
        reset,
        "0 r0 on c0 | 1 r0 done | 62 r1 on c0 | 62 c0 dropped | 62 r1 on c1 | 63 r1 done"
    );
    // An answer that takes longer than the NAT remembers does not get through.
    let slow = text.replace("FATE", "drop").replace("\"1s\"", "\"61s\"");
    assert!(play(&slow).contains("100 r0 Timeout"), "{}", play(&slow));
}

/// K-9: connections that are open stay at the old address; new ones go where the name led when
/// it was looked up last, for 120 s.
#[test]
fn open_connections_stay_at_the_old_address() {
    let text = |client: &str| {
        format!(
            "duration = \"10min\"\nsample-every = \"10min\"\n[client.app]\n{client}\n\
             [server.api]\nresponse-time = \"1s\"\nmoves-at = [\"60s\"]\n\
             [workload.load]\narrivals = {{ every = \"10s\" }}\n"
        )
    };
    let counts = |client: &str| {
        let output = run(&read(&text(client)), 0);
        let last = output.samples.last().expect("it was sampled");
        let counts = last.beyond.addresses;
        (counts.sent, counts.to_old)
    };
    // One connection for the whole run: requests at 60, 70 … 600 s.
    assert_eq!(counts("runtime = \"net48\""), (61, 55));
    // A lease of 30 s: looked up at 0 and again by the first connection from 120 s on.
    let (_, leased) = counts("runtime = \"net48\"\nconnection-lease = \"30s\"");
    assert!((6..=9).contains(&leased), "{leased}");
    // Looked up for every connection: the lease alone decides.
    let fresh = "runtime = \"net48\"\nconnection-lease = \"30s\"\ndns-refresh-timeout = \"0s\"";
    let (_, fresh) = counts(fresh);
    assert!(fresh <= 4 && fresh < leased, "{fresh}");
}

/// CN-3: an old address that is gone lets nobody stay: idle connections are lost, work in flight
/// is sent again (FL-3), and a connect that a remembered name leads there makes a second pass.
#[test]
fn an_old_address_that_goes_down_is_left() {
    let text = |server: &str, workload: &str| {
        format!(
            "duration = \"5min\"\nsample-every = \"5min\"\n[client.app]\nruntime = \"net48\"\n\
             [server.api]\nconnect-time = \"1s\"\nresponse-time = \"2s\"\nmoves-at = [\"60s\"]\n\
             {server}\n[workload.load]\narrivals = {{ every = \"10s\" }}\n{workload}\n"
        )
    };
    let down = "old-address-down-after = \"25s\"";
    let summary = |server: &str, workload: &str| run(&read(&text(server, workload)), 0).summary;
    let to_old = |server: &str, workload: &str| {
        let addresses = summary(server, workload).addresses;
        addresses.expect("it moves").to_old
    };
    // One connection: the requests at 60, 70 … 300 s, or those until 85 s.
    assert_eq!(to_old("", ""), 25);
    assert_eq!(to_old(down, ""), 3);
    // Each its own, to where the name led at 0 until it is looked up again after 120 s.
    let close = "keep-alive = false";
    assert_eq!(to_old("", close), 6);
    assert_eq!(to_old(down, close), 3);
    let refused = summary(down, close);
    assert_eq!(
        (refused.requests.failed, refused.requests.timed_out),
        (0, 0)
    );
    // The first of them at 90 s: refused after 1 s, connected after another, answered after 2.
    assert_eq!(refused.latency.max, 4_000_000_000);
    assert_eq!(summary("", close).latency.max, 3_000_000_000);
    // In flight at 85 s: from the connection's second request on, .NET sends it again.
    let long = "old-address-down-after = \"21s\"";
    let lost = summary(long, "");
    assert_eq!(lost.requests.failed, 0, "{:?}", lost.errors);
    assert!(lost.latency.max > 3_000_000_000, "it was answered twice");
}

/// Every instance has a port table of its own, and requests go to them in turn.
#[test]
fn instances_share_the_load_and_not_the_ports() {
    let text = |instances: u32, nat: &str| {
        format!(
            "duration = \"100s\"\n[machine]\nports = 100\ninstances = {instances}\n{nat}\n\
             [client.app]\nruntime = \"net40\"\n[server.api]\nresponse-time = \"10ms\"\n\
             [workload.load]\narrivals = {{ every = \"100ms\" }}\ngroup = \"unique\"\n"
        )
    };
    let exhausted = |instances, nat| {
        let summary = run(&read(&text(instances, nat)), 0).summary;
        summary.exhausted_at.map(SimTime::as_seconds)
    };
    // One port a request: 100 ports at 10 per second, then twice and 9 times as many.
    assert_eq!(exhausted(1, ""), Some(10.0));
    assert_eq!(exhausted(2, ""), Some(20.0));
    assert_eq!(exhausted(9, ""), Some(90.0));
    assert_eq!(exhausted(11, ""), None);
    // Shared NAT ports do not grow with the instances; their own do.
    let shared = "[nat]\nports = 50\nshared = true";
    assert_eq!(exhausted(1, shared), Some(5.0));
    assert_eq!(exhausted(9, shared), Some(5.0));
    assert_eq!(exhausted(9, "[nat]\nports = 50"), Some(45.0));
}
