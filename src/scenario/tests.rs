//! What a reader of scenarios promises: every problem at once, exact words, one canonical form.

use super::*;
use crate::model::strategy::{CloseGroups, Patch};
use crate::model::workload::{Action, Arrivals, GroupRule};
use crate::model::workload::{TimedAction, TraceSource};
use crate::model::{GroupName, Law, PortScope};
use crate::units::{ConnectionLimit, SimTime};
use alloc::string::ToString;

mod beyond;
mod estimate;
mod modern;

/// Files that exist only here.
struct Fake;

impl Files for Fake {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError> {
        match path {
            "observed.csv" => Ok(vec![SimSpan::from_millis(80), SimSpan::from_millis(120)]),
            "nothing.csv" => Ok(vec![]),
            _ => Err(format!("`{path}` does not exist").into()),
        }
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, FileError> {
        let action = Action::Submit {
            id: 1,
            group: GroupName::from_text("a"),
            keep_alive: None,
            duration: Some(SimSpan::from_seconds(1)),
            completed_by_timeline: false,
            held: false,
        };
        match path {
            "steps.csv" => Ok(vec![TimedAction {
                at: SimTime::ZERO,
                action,
            }]),
            _ => Err(FileError(vec![
                "`steps.csv` line 2: unknown action `sbmit`".into(),
                "`steps.csv` line 5: `time_s` is missing".into(),
            ])),
        }
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError> {
        if path == "missing.csv" {
            return Err(FileError(vec!["`missing.csv` does not exist".into()]));
        }
        Ok(TraceSource {
            path: path.into(),
            digest: 7,
            has_group: true,
            has_duration: true,
            has_keep_alive: true,
        })
    }
}

/// The smallest scenario.
const SMALL: &str = r#"
duration = "5min"
[server.api]
response-time = "100ms"
[workload.orders]
arrivals = { poisson = { rate = 50 } }
"#;

fn read_small(overrides: &[&str]) -> Result<Read, Vec<Diagnostic>> {
    let split = |text: &&str| {
        let (key, value) = text.split_once('=').expect("KEY=VALUE");
        Override {
            typed_as: "--set",
            key: key.into(),
            value: value.into(),
        }
    };
    let overrides: Vec<Override> = overrides.iter().map(split).collect();
    read(SMALL, "small", &overrides, &mut Fake)
}

fn good(text: &str) -> Read {
    read(text, "test", &[], &mut Fake).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// Each problem as `marked text: message (help)`, in order.
fn problems(text: &str) -> Vec<String> {
    let errors = read(text, "test", &[], &mut Fake).expect_err("the text is wrong");
    errors.iter().map(|error| line(text, error)).collect()
}

fn line(text: &str, problem: &Diagnostic) -> String {
    let marked = problem.span.clone().map_or("", |span| &text[span]);
    let help = if problem.help.is_empty() {
        String::new()
    } else {
        format!(" ({})", problem.help)
    };
    format!("{marked}: {}{help}", problem.message)
}

/// The problems of the smallest scenario with a part replaced.
fn problems_with(from: &str, to: &str) -> Vec<String> {
    assert!(SMALL.contains(from), "{from}");
    problems(&SMALL.replace(from, to))
}

#[test]
fn the_smallest_scenario_has_the_contracts_defaults() {
    let read = good(SMALL);
    let scenario = &read.scenario;
    assert_eq!(
        (scenario.name.as_str(), scenario.title.as_str()),
        ("test", "test")
    );
    assert_eq!((scenario.seed, scenario.replications), (1, 1));
    assert_eq!(scenario.machine.ports.count, 5000);
    assert!(!scenario.machine.time_wait_given);
    let client = &scenario.clients[0];
    assert_eq!(
        (client.name.as_str(), client.runtime.name),
        ("app", "net40")
    );
    assert_eq!(client.connection_limit, None);
    assert_eq!(client.max_idle_time, Some(SimSpan::from_seconds(100)));
    assert_eq!(client.request_timeout, Some(SimSpan::from_seconds(100)));
    assert_eq!(client.connection_lease, None);
    assert_eq!(scenario.servers[0].key, "http://api");
    let names: Vec<&str> = scenario
        .strategies
        .iter()
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "as is",
            "16 groups",
            "keep-alive off",
            "close groups every 30 s"
        ]
    );
    assert!(read.warnings.is_empty());
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_file() {
    let text = r#"
duration = "5m"
sede = 3
[machine]
ports = 0
time-wait = "-5s"
[client.app]
runtime = "net41"
connection-limit = 0
max-idle-time = 100
[server.api]
response-time = { exponental = { mean = "100ms" } }
[workload.orders]
server = "apu"
arrivals = { poisson = { rate = nan } }
keep-alive = "no"
[[strategy]]
groups = -1
"#;
    assert_eq!(
        problems(text),
        [
            "\"5m\": `duration` has the unknown unit `m` (`min` is minutes, `ms` is milliseconds)",
            "sede: `sede` is not a key of a scenario (did you mean `seed`?)",
            "0: `ports` must be at least 1, found 0",
            "\"-5s\": `time-wait` cannot be negative, found `-5s`",
            "\"net41\": `runtime` has the unknown value `net41` (did you mean `net40`?)",
            "0: `connection-limit` must be at least 1, found 0 (delete the line to use the runtime's default, or write `\"unlimited\"`)",
            "100: `max-idle-time` needs a unit, found 100 (write `\"100s\"` or `\"100ms\"`)",
            "exponental: `exponental` is not a key of `response-time` (did you mean `exponential`?)",
            "\"apu\": unknown server `apu` (did you mean `api`?)",
            "nan: `rate` must be a finite number above 0 and at most 1e8, found nan",
            "\"no\": `keep-alive` must be `true` or `false`, found `no`",
            "[[strategy]]: `name` is missing from a strategy (for example `name = \"16 groups\"`)",
            "-1: `groups` must be at least 1, found -1",
        ]
    );
}

#[test]
fn what_is_no_scenario_is_refused_before_it_is_parsed() {
    let empty = ": the scenario is empty (`spsim check kb2551125 --show` prints one to start from)";
    assert_eq!(problems(""), [empty]);
    assert_eq!(problems("\n# only words\n"), [empty]);
    assert_eq!(
        problems("duration = \"5\u{0}min\""),
        [
            ": the scenario is not a text file: byte 13 is U+0000 (a scenario is TOML or JSON in UTF-8)"
        ]
    );
    let oversized = format!("# {}\n{SMALL}", "x".repeat(MOST_BYTES));
    assert_eq!(
        problems(&oversized),
        [format!(
            ": the scenario has {} bytes, more than 1048576 (put traces and observed values into files of their own)",
            oversized.len()
        )]
    );
}

#[test]
fn missing_parts_are_named() {
    assert_eq!(
        problems("title = \"\""),
        [
            ": `duration` is missing from a scenario (how much time is simulated, for example `duration = \"5min\"`)",
            ": `server` is missing: a scenario needs at least one (add `[server.api]` with its `response-time`)",
            ": `workload` is missing: a scenario needs at least one (add `[workload.orders]` with its `arrivals`)",
        ]
    );
    assert_eq!(
        problems_with("response-time = \"100ms\"", ""),
        [
            "[server.api]: `response-time` is missing from `server.api` (for example `response-time = { exponential = { mean = \"100ms\" } }`)"
        ]
    );
    assert_eq!(
        problems_with("arrivals = { poisson = { rate = 50 } }", ""),
        [
            "[workload.orders]: `arrivals` is missing from `workload.orders` (for example `arrivals = { poisson = { rate = 50 } }`)"
        ]
    );
}

#[test]
fn rates_and_counts_out_of_range_are_refused() {
    let rate = |value: &str| problems_with("rate = 50", &format!("rate = {value}")).remove(0);
    assert_eq!(
        rate("0"),
        "0: `rate` must be a finite number above 0 and at most 1e8, found 0"
    );
    assert_eq!(
        rate("-1.5"),
        "-1.5: `rate` must be a finite number above 0 and at most 1e8, found -1.5"
    );
    assert_eq!(
        rate("inf"),
        "inf: `rate` must be a finite number above 0 and at most 1e8, found inf"
    );
    assert_eq!(
        rate("\"50\""),
        "\"50\": `rate` must be a number, found `50`"
    );
    assert_eq!(
        problems_with("duration = \"5min\"", "duration = \"0s\""),
        ["\"0s\": `duration` must be longer than 0, found `0s`"]
    );
    assert_eq!(
        problems_with("duration = \"5min\"", "duration = 300"),
        ["300: `duration` needs a unit, found 300 (write `\"300s\"` or `\"300ms\"`)"]
    );
    assert_eq!(
        problems_with("duration", "replications = 0\nduration"),
        ["0: `replications` must be at least 1, found 0"]
    );
    assert_eq!(
        problems_with("[server.api]", "[machine]\nports = 70000\n[server.api]"),
        ["70000: `ports` must be at most 65535, found 70000"]
    );
    assert_eq!(
        problems_with(
            "[workload.orders]",
            "[workload.orders]\ngroup = { pool = 0 }"
        ),
        ["0: `pool` must be at least 1, found 0"]
    );
}

#[test]
fn more_requests_than_can_be_simulated_are_refused() {
    // 10^8 a second for 10^4 s make 10^12, under each of the article's four strategies.
    let text = SMALL
        .replace("rate = 50", "rate = 1e8")
        .replace("5min", "10000s");
    assert_eq!(
        problems(&text),
        [
            "\"10000s\": the scenario asks for about 4,000,000,000,000 requests, more than \
             10,000,000,000: 1,000,000,000,000 a run, 4 strategies, 1 replication; one core \
             would take about 12 days (reduce a rate, `duration`, `replications` or the number of \
             strategies (port counts settle within a few times the idle time), or raise \
             `most-requests`)"
        ]
    );
    // The bound is the scenario's to raise, up to a bound of its own.
    let text = text.replace("10000s", "1000s") + "group = \"unique\"\n[[strategy]]\nname = \"x\"\n";
    let bounded = |most| format!("most-requests = {most}\n{text}");
    assert!(read(&bounded("1e12"), "test", &[], &mut Fake).is_ok());
    assert!(
        problems(&bounded("1e9"))[0].contains("100,000,000,000 requests, more than 1,000,000,000:")
    );
    assert!(problems(&bounded("3e12"))[0].contains("`most-requests` must be at most"));
}

#[test]
fn bounds_on_hostile_input_are_named() {
    let deep = format!("{SMALL}x = {}1{}", "[".repeat(200), "]".repeat(200));
    assert!(
        problems(&deep)[0].contains("the scenario is nested too deeply, more than 80 levels"),
        "{:?}",
        problems(&deep)
    );
    let many: Vec<String> = (0..65)
        .map(|n| format!("[[strategy]]\nname = \"{n}\"\n"))
        .collect();
    let many = many.concat();
    assert_eq!(
        problems(&format!("{SMALL}{many}")),
        [
            "[[strategy]]: `strategy` has 65 entries, more than 64 (compare fewer at a time, or use `spsim sweep`)"
        ]
    );
    let many: Vec<String> = (0..1000)
        .map(|n| format!("[workload.w{n}]\narrivals = {{ every = \"1s\" }}\n"))
        .collect();
    let many = many.concat();
    assert!(
        problems(&format!("{SMALL}{many}"))[0]
            .contains("`workload` has 1001 entries, more than 1000")
    );
    assert_eq!(
        problems_with("duration", "sample-every = \"1us\"\nduration"),
        [
            "\"1us\": `sample-every` asks for 300000000 samples, more than 1000000 (sample less often, or shorten `duration`)"
        ]
    );
}

#[test]
fn syntax_errors_keep_their_place_and_hide_no_other_problem() {
    assert_eq!(
        problems_with(
            "duration = \"5min\"",
            "duration = \"5min\"\nseed = 1\nseed = -1"
        ),
        ["seed: `seed` is given twice (keep one of them)"]
    );
    let broken = problems("duration = \n[server.api]\nresponse-time = 100\n");
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert_eq!(
        broken[1],
        "100: `response-time` needs a unit, found 100 (write `\"100s\"` or `\"100ms\"`)"
    );
}

#[test]
fn wrong_types_say_what_was_found() {
    let wrong = |from: &str, to: &str| problems_with(from, to).remove(0);
    assert_eq!(
        wrong("\"5min\"", "[1]"),
        "[1]: `duration` must be a time such as `\"30s\"`, found a list"
    );
    assert_eq!(
        wrong("[server.api]\nresponse-time", "server"),
        "\"100ms\": `server` must be tables `[server.NAME]`, found `100ms`"
    );
    assert_eq!(
        wrong(
            "arrivals = { poisson = { rate = 50 } }",
            "arrivals = 1979-05-27"
        ),
        "1979-05-27: `arrivals` must be a table, found the date `1979-05-27`"
    );
    assert_eq!(
        wrong("{ poisson = { rate = 50 } }", "{}"),
        "{}: `arrivals` says nothing (one of `poisson`, `every`, `renewal`, `schedule`, `bursts`, `users`, `trace`, `timeline`, `devices`)"
    );
    assert_eq!(
        wrong(
            "{ poisson = { rate = 50 } }",
            "{ every = \"1s\", poisson = { rate = 50 } }"
        ),
        "poisson: `every` and `poisson` cannot both be in `arrivals` (keep one of them)"
    );
}

#[test]
fn leases_follow_the_runtime() {
    let with = |runtime: &str| {
        SMALL.replace(
            "[server.api]",
            &format!(
                "[client.app]\nruntime = \"{runtime}\"\nconnection-lease = \"30s\"\n[server.api]"
            ),
        )
    };
    assert_eq!(
        problems(&with("mono4")),
        [
            "\"30s\": `connection-lease` cannot be set on `mono4` (use `\"never\"`, or another runtime)"
        ]
    );
    let text = with("mono6");
    let warnings = good(&text).warnings;
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        line(&text, &warnings[0]),
        "\"30s\": `connection-lease` has no effect on `mono6`"
    );
    assert!(good(&with("net48")).warnings.is_empty());
    let strategy = format!(
        "{}[[strategy]]\nname = \"x\"\nruntime = \"mono4\"\n",
        with("net40")
    );
    assert_eq!(
        problems(&strategy),
        [
            "[[strategy]]: `connection-lease` cannot be set on `mono4` (use `\"never\"`, or another runtime)"
        ]
    );
}

#[test]
fn windows_that_end_before_they_begin_are_refused() {
    let arrivals = "{ every = \"1s\", from = \"2min\", until = \"1min\" }";
    assert_eq!(
        problems_with("{ poisson = { rate = 50 } }", arrivals),
        [
            "\"1min\": `until` must be after `from`, found `1min` (`until` is an instant of the run, not a length)"
        ]
    );
    let late = SMALL.replace("rate = 50 }", "rate = 50 }, from = \"5min\"");
    let warnings = good(&late).warnings;
    assert_eq!(
        warnings[0].message,
        "`workload.orders` never makes a request"
    );
}

#[test]
fn named_files_report_all_their_problems() {
    assert_eq!(
        problems_with("{ poisson = { rate = 50 } }", "{ trace = \"missing.csv\" }"),
        ["\"missing.csv\": `missing.csv` does not exist"]
    );
    assert_eq!(
        problems_with(
            "{ poisson = { rate = 50 } }",
            "{ timeline = \"other.csv\" }"
        ),
        [
            "\"other.csv\": `steps.csv` line 2: unknown action `sbmit`",
            "\"other.csv\": `steps.csv` line 5: `time_s` is missing",
        ]
    );
    assert_eq!(
        problems_with("\"100ms\"", "{ empirical = \"nothing.csv\" }"),
        ["\"nothing.csv\": `nothing.csv` has no values"]
    );
}

#[test]
fn a_trace_with_durations_needs_no_response_time() {
    let text = SMALL
        .replace("response-time = \"100ms\"", "")
        .replace("{ poisson = { rate = 50 } }", "{ trace = \"t.csv\" }");
    assert_eq!(good(&text).scenario.workloads[0].group, None);
}

#[test]
fn strategies_are_patches_and_their_names_are_their_own() {
    let twice = format!(
        "{SMALL}[[strategy]]\nname = \"x\"\n[[strategy]]\nname = \"x\"\nkeepalive = true\n"
    );
    assert_eq!(
        problems(&twice),
        [
            "\"x\": strategy `x` is given twice (give each strategy a name of its own)",
            "keepalive: `keepalive` is not a key of `strategy` (did you mean `keep-alive`?)",
        ]
    );
    let text = format!(
        "{SMALL}[[strategy]]\nname = \"x\"\ntime-wait = \"30s\"\nports = \"linux\"\nclose-groups = {{ when-ports-above = 0.8 }}\nruntime = \"net8\"\n"
    );
    let read = good(&text);
    let variant = read.scenario.under(&read.scenario.strategies[0]);
    assert_eq!(variant.machine.time_wait, SimSpan::from_seconds(30));
    assert_eq!(variant.machine.scope, PortScope::Destination);
    assert_eq!(variant.machine.ports.count, 28_232);
    assert_eq!(variant.close_groups, Some(CloseGroups::WhenPortsAbove(0.8)));
    // Nobody chose a pool's idle time, so it is the new runtime's (NC-5).
    assert_eq!(variant.clients[0].pooled_connection_idle_timeout, None);
}

#[test]
fn both_forms_of_a_pool_are_one_patch() {
    let text = format!("{SMALL}[[strategy]]\nname = \"x\"\ngroup = {{ pool = 16 }}\n");
    assert_eq!(
        good(&text).scenario.strategies[0].patches,
        [Patch::Groups(16)]
    );
}

#[test]
fn asp_net_brings_its_own_limits() {
    // K-4: 10 when hosted. K-5: 12 per processor up to 4.0, unlimited from 4.5.
    let limit = |lines: &str| {
        let text = SMALL.replace(
            "[server.api]",
            &format!("[client.app]\n{lines}\n[server.api]"),
        );
        good(&text).scenario.clients[0].connection_limit
    };
    assert_eq!(limit("host = \"asp-net\""), Some(ConnectionLimit::new(10)));
    let configured = "host = \"asp-net-autoconfig\"\ncpus = 4";
    assert_eq!(limit(configured), Some(ConnectionLimit::new(48)));
    let configured = "host = \"asp-net-autoconfig\"\nruntime = \"net48\"";
    assert_eq!(limit(configured), Some(ConnectionLimit::UNLIMITED));
    assert_eq!(
        limit("connection-limit = \"unlimited\""),
        Some(ConnectionLimit::UNLIMITED)
    );
}

#[test]
fn overrides_are_checked_like_the_file() {
    let read = read_small(&[
        "machine.ports=windows-2003",
        "workload.orders.arrivals.poisson.rate=10",
        "workload.orders.group={ pool = 4 }",
        "duration=10min",
    ])
    .expect("these are right");
    assert_eq!(read.scenario.machine.ports.count, 3976);
    assert_eq!(read.scenario.machine.time_wait, SimSpan::from_seconds(240));
    assert_eq!(read.scenario.duration, SimSpan::from_seconds(600));
    let pool = GroupRule::Pool {
        size: 4,
        random: false,
    };
    assert_eq!(read.scenario.workloads[0].group, Some(pool));
    assert_eq!(
        read.scenario.workloads[0].arrivals,
        Arrivals::Poisson { rate: 10.0 }
    );

    let errors = read_small(&[
        "machine.prots=5",
        "machine.ports=0",
        "a b=1",
        "duration.x=1",
    ]);
    let errors = errors.expect_err("these are wrong");
    let lines: Vec<String> = errors.iter().map(|error| line(SMALL, error)).collect();
    assert_eq!(
        lines,
        [
            ": `--set a b=1`: `a b` is not a dotted path of keys (write it as in `machine.ports`)",
            ": `--set duration.x=1`: `duration` is not a table, so it has no `x` (set `duration` as a whole)",
            ": `--set machine.prots=5`: `prots` is not a key of `machine` (did you mean `ports`?)",
            ": `--set machine.ports=0`: `ports` must be at least 1, found 0",
        ]
    );
}

#[test]
fn overrides_reach_strategies_by_name() {
    let text = format!("{SMALL}[[strategy]]\nname = \"few groups\"\ngroups = 4\n");
    let change = Override {
        typed_as: "--set",
        key: "strategy.\"few groups\".groups".into(),
        value: "8".into(),
    };
    let read = read(&text, "test", &[change], &mut Fake).expect("this is right");
    assert_eq!(read.scenario.strategies[0].patches, [Patch::Groups(8)]);
}

#[test]
fn json_is_the_same_file_in_other_signs() {
    let json = r#"
{
  "duration": "5min",
  "server": { "api": { "response-time": "100ms", "uri": "http://api/" } },
  "workload": { "orders": { "arrivals": { "poisson": { "rate": 50 } } } }
}
"#;
    assert_eq!(good(json).scenario, good(SMALL).scenario);
    assert_eq!(
        problems(&json.replace("50", "-50")),
        ["-50: `rate` must be a finite number above 0 and at most 1e8, found -50"]
    );
}

#[test]
fn json_errors_speak_of_json() {
    assert_eq!(
        problems("{ \"duration\" \"5min\" }"),
        [": missing assignment between key-value pairs, expected `:`"]
    );
    assert_eq!(
        problems("{\"seed\": null}"),
        ["null: `null` is no value of a scenario (leave the key out)"]
    );
}

#[test]
fn files_of_windows_editors_are_read() {
    let windows = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    assert_eq!(good(&windows).scenario, good(SMALL).scenario);
}

#[test]
fn laws_take_the_parameters_people_know() {
    let law = |text: &str| {
        let text = SMALL.replace("\"100ms\"", text);
        good(&text).scenario.servers[0].response_time.clone()
    };
    let Law::Lognormal { mu, sigma } = law("{ lognormal = { median = \"1s\", p99 = \"10s\" } }")
    else {
        panic!("a lognormal was written");
    };
    assert_eq!(mu.to_bits(), 0.0_f64.to_bits());
    assert!((libm::exp(sigma * 2.326_347_874_040_840_8) - 10.0).abs() < 1e-9);
    let mean = law("{ lognormal = { mean = \"2s\", sd = \"3s\" } }").mean_seconds();
    assert!(mean.is_some_and(|mean| (mean - 2.0).abs() < 1e-12));
    assert_eq!(
        law("{ erlang = { k = 4, mean = \"2s\" } }"),
        Law::Gamma {
            shape: 4.0,
            scale: 0.5
        }
    );
    let exponential = |mean| Law::Exponential { mean };
    assert_eq!(
        law(
            "{ hyperexponential = [{ weight = 3, mean = \"1s\" }, { weight = 1, mean = \"5s\" }] }"
        ),
        Law::Mixture(vec![(0.75, exponential(1.0)), (1.0, exponential(5.0))])
    );
    assert_eq!(
        problems_with("\"100ms\"", "{ uniform = { low = \"2s\", high = \"1s\" } }"),
        ["{ low = \"2s\", high = \"1s\" }: `low` must not be above `high` (exchange them)"]
    );
}

/// A scenario with every key.
const EVERYTHING: &str = r#"
title = "all \"keys\""
duration = "1d2h"
seed = 9
replications = 3
sample-every = "1h"
close-groups = { after = "10s" }
throttle = { rate = 30 }
[machine]
ports = { first = 2000, last = 4000 }
time-wait = "30s"
scope = "destination"
time-wait-error = "EADDRNOTAVAIL"
idle-close = "fin"
time-wait-reuse = { after = "1s" }
[client.a]
runtime = "net48"
api = "HttpClient"
connection-limit = 7
max-idle-time = "never"
connection-lease = "1min"
request-timeout = "never"
timer-slack = "15ms"
timer-jitter = "2ms"
reservation-leak = true
max-service-points = 5
[client."b c"]
runtime = "net8"
api = "HttpClientFactory"
max-connections-per-server = 4
pooled-connection-idle-timeout = "never"
pooled-connection-lifetime = "5min"
handler-lifetime = "never"
gc = { every = "30s" }
[server.x]
uri = "https://X:8443/"
connect-time = { uniform = { low = "1ms", high = "9ms" } }
response-time = { mixture = [
  { weight = 1, law = { gamma = { shape = 2.5, mean = "100ms" } } },
  { weight = 2, law = { empirical = "observed.csv" } },
] }
closes-idle-after = "nginx"
closes-after-requests = 100
active-close = "client"
[server.y]
response-time = { lognormal = { median = "80ms", p99 = "900ms" } }
[workload.one]
client = "a"
server = "x"
arrivals = { every = "1s", phase = "100ms", jitter = "10ms", from = "1s", until = "1h" }
group = { users = 20, choose = "zipf", exponent = 1.2 }
keep-alive = false
pipelined = true
client-per-request = "held"
undisposed = 0.25
retry = { attempts = 3, backoff = "1s", factor = 1.5, jitter = true }
[workload.two]
client = "b c"
server = "y"
arrivals = { schedule = [{ at = "0s", rate = 0 }, { at = "1h", rate = 2.5 }], ramp = true }
group = "ntlm"
[workload.three]
client = "a"
server = "y"
arrivals = { bursts = { rate-on = 2, mean-on = "10s", mean-off = "1min" } }
[workload.four]
client = "a"
server = "y"
arrivals = { users = { count = 3, think = { weibull = { shape = 0.7, scale = "3s" } } } }
[workload.five]
client = "a"
server = "y"
arrivals = { renewal = { pareto = { shape = 1.5, scale = "5s" } } }
[workload.six]
client = "a"
server = "y"
arrivals = { timeline = "steps.csv" }
[workload.seven]
client = "a"
server = "y"
arrivals = { trace = "t.csv" }
[[strategy]]
name = "s"
ports = "windows"
scope = "destination"
time-wait-reuse = "never"
group = "none"
keep-alive = true
close-groups = { every = "1min" }
max-idle-time = "10s"
connection-limit = "unlimited"
connection-lease = "never"
request-timeout = "5s"
reservation-leak = false
throttle = { every = "50ms" }
retry = "never"
client-per-request = false
undisposed = 0.5
[[strategy]]
name = "older"
only = ["a"]
runtime = "net45"
[[strategy]]
name = "pools"
only = ["client.b c", "workload.two"]
api = "HttpClient"
max-connections-per-server = "unlimited"
pooled-connection-idle-timeout = "30s"
pooled-connection-lifetime = "never"
gc = "never"
client-per-request = "dropped"
"#;

#[test]
fn the_resolved_text_reads_back_as_the_same_scenario() {
    for text in [SMALL, EVERYTHING] {
        let first = good(text);
        let shown = show(&first);
        let second = good(&shown);
        assert_eq!(second.scenario, first.scenario, "{shown}");
        assert_eq!(show(&second), shown);
    }
}

#[test]
fn the_resolved_text_names_the_source_of_each_default() {
    let shown = show(&good(SMALL));
    for line in [
        "ports = 5000  # default: 5000, as KB 2551125 counts them",
        "# time-wait = \"0s\"  # default: TIME_WAIT is not modelled",
        "runtime = \"net40\"  # default: the article's runtime",
        "# connection-limit = 2  # default: K-3: ServicePointManager.cs, DefaultPersistentConnectionLimit; unlimited for loopback hosts",
        "max-idle-time = \"1min40s\"  # default: K-1: ServicePointManager.cs, s_ServicePointIdlingQueue",
        "request-timeout = \"1min40s\"  # default: 100 s, as HttpWebRequest has it",
        "close-groups = { every = \"30s\" }",
    ] {
        assert!(
            shown.lines().any(|shown| shown == line),
            "{line}\nnot in\n{shown}"
        );
    }
}

#[test]
fn the_digest_follows_what_is_simulated_and_nothing_else() {
    let digest = |text: &str| good(text).scenario.digest;
    let reordered = SMALL.replace(
        "duration = \"5min\"",
        "# a comment\nseed = 1\nduration = \"300s\"",
    );
    assert_eq!(digest(&reordered), digest(SMALL));
    assert_ne!(digest(&SMALL.replace("50", "51")), digest(SMALL));
}

#[test]
fn every_built_in_scenario_is_right_and_opens_with_its_question() {
    for built_in in BUILTIN {
        let read = read(built_in.toml, built_in.name, &[], &mut Fake);
        let read = read.unwrap_or_else(|errors| panic!("{}: {errors:#?}", built_in.name));
        assert!(
            read.warnings.is_empty(),
            "{}: {:?}",
            built_in.name,
            read.warnings
        );
        let comments: Vec<&str> = built_in
            .toml
            .lines()
            .take_while(|l| l.starts_with('#'))
            .collect();
        assert!(!read.scenario.expect.is_empty(), "{}", built_in.name);
        for word in ["# Question:", "# Source:"] {
            assert!(
                comments.iter().any(|line| line.starts_with(word)),
                "{}",
                built_in.name
            );
        }
        for file in &read.files {
            let known = built_in.files.iter().any(|(path, _)| *path == file.path);
            assert!(known, "{} names {}", built_in.name, file.path);
        }
        assert_eq!(BuiltIn::find(built_in.name), Some(built_in));
        let shown = show(&read);
        assert_eq!(good(&shown).scenario.digest, read.scenario.digest);
    }
    assert_eq!(
        BuiltIn::suggest("kb2551225").map(ToString::to_string),
        Some("kb2551125".into())
    );
}

/// Whatever is done to a scenario, reading it gives problems and never a panic; and what it
/// accepts, the resolved text gives back.
#[test]
fn no_text_makes_the_reader_panic() {
    const PARTS: [&str; 24] = [
        "0",
        "-1",
        "1e999",
        "nan",
        "\"\"",
        "\"never\"",
        "\"0s\"",
        "\"3650d\"",
        "\"1ns\"",
        "[]",
        "{}",
        "true",
        "1e-300",
        "99999999999999999999999999999999999999999",
        "\n",
        "[",
        "}",
        "=",
        "\"linux\"",
        "\"net8\"",
        "[{}]",
        "\u{e9}",
        "0x7f",
        "1e9",
    ];
    let words: Vec<&str> = EVERYTHING.split_inclusive([' ', '\n']).collect();
    let mut state: u64 = 1;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut n_accepted = 0;
    for round in 0..2_000 {
        let mut mutated: Vec<String> = words.iter().map(ToString::to_string).collect();
        for _ in 0..=draw(2) {
            let at = draw(mutated.len());
            // Two rounds in three keep the text well-formed: only a value is exchanged.
            match (round % 3, draw(2)) {
                (0, 0) => {
                    mutated.remove(at);
                }
                (0, _) => mutated.insert(at, words[draw(words.len())].into()),
                _ if at > 0 && mutated[at - 1] == "= " => {
                    let blank = if mutated[at].ends_with('\n') {
                        "\n"
                    } else {
                        " "
                    };
                    mutated[at] = format!("{}{blank}", PARTS[draw(PARTS.len())]);
                }
                _ => {}
            }
        }
        let text = mutated.concat();
        if let Ok(read) = read(&text, "test", &[], &mut Fake) {
            n_accepted += 1;
            assert_eq!(good(&show(&read)).scenario, read.scenario, "{text}");
        }
    }
    assert!(n_accepted > 10, "{n_accepted} accepted");
}
