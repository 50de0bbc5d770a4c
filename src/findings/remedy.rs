//! What a strategy changes, as one line of C#, configuration or shell per change.

use crate::model::profile::Mechanism;
use crate::model::settings::PortRange;
use crate::model::workload::GroupRule;
use crate::model::{CloseGroups, Patch, PortScope, Scenario, Throttle};
use crate::profiles::ports;
use crate::units::{ConnectionLimit, SimSpan};
use crate::words::number;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The lines that make a program or machine behave as strategy `name`; empty for a strategy that
/// changes nothing.
pub fn lines(scenario: &Scenario, name: &str) -> Vec<String> {
    let strategy = scenario.strategies.iter().find(|one| one.name == name);
    strategy.map_or_else(Vec::new, |strategy| {
        let variant = scenario.under(strategy);
        let patches = strategy.patches.iter();
        let patches = patches.filter(|patch| is_change(patch, &strategy.patches, scenario));
        patches
            .filter_map(|patch| line(patch, scenario, &variant))
            .collect()
    })
}

/// Whether a patch asks anybody to do something: what is so already, what a runtime or a table of
/// ports brings along, and what is a switch of the model are no remedies.
fn is_change(patch: &Patch, all: &[Patch], scenario: &Scenario) -> bool {
    let runtime = all.iter().find_map(|it| match it {
        Patch::Runtime(profile) => Some(*profile),
        _ => None,
    });
    let preset = all.iter().find_map(|it| match it {
        Patch::Ports { preset, .. } => ports::find(preset.as_deref()?),
        _ => None,
    });
    let mut clients = scenario.clients.iter();
    match patch {
        Patch::ReservationLeak(_) | Patch::Scope(_) => false,
        Patch::MaxIdleTime(Some(span))
            if runtime.is_some_and(|it| it.max_idle_time.value == *span) =>
        {
            false
        }
        Patch::TimeWait(hold)
            if preset
                .and_then(|it| it.time_wait)
                .is_some_and(|it| it.value == *hold) =>
        {
            false
        }
        Patch::MaxIdleTime(span) => clients.any(|it| it.max_idle_time != *span),
        Patch::ConnectionLimit(limit) => clients.any(|it| it.connection_limit != Some(*limit)),
        Patch::ConnectionLease(span) => clients.any(|it| it.connection_lease != *span),
        Patch::RequestTimeout(span) => clients.any(|it| it.request_timeout != *span),
        Patch::Runtime(profile) => clients.any(|it| it.runtime.name != profile.name),
        Patch::KeepAlive(true) => scenario
            .workloads
            .iter()
            .any(|it| it.keep_alive == Some(false)),
        Patch::TimeWait(hold) => {
            !scenario.machine.time_wait_given || scenario.machine.time_wait != *hold
        }
        _ => true,
    }
}

/// Whether every client is of a runtime whose connections are `SocketsHttpHandler`'s.
fn is_modern(scenario: &Scenario) -> bool {
    let mut clients = scenario.clients.iter();
    clients.all(|client| matches!(client.runtime.mechanism, Mechanism::SocketsHttp(_)))
}

/// Whether the program makes an `HttpClient` for each request.
fn is_of_http_client(scenario: &Scenario) -> bool {
    let mut workloads = scenario.workloads.iter();
    workloads.any(|it| matches!(it.group, Some(GroupRule::HttpClientPerRequest { .. })))
}

/// A line to apply and where it rests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// C#, configuration or shell.
    pub line: String,
    /// Rule or page.
    pub source: &'static str,
}

/// What makes a program or machine behave as strategy `name`, and as `moved` changes it besides,
/// each line with its source.
pub fn settings(scenario: &Scenario, name: &str, moved: Option<Patch>) -> Vec<Setting> {
    let strategy = scenario.strategies.iter().find(|one| one.name == name);
    let Some(strategy) = strategy else {
        return Vec::new();
    };
    let variant = scenario.under(strategy);
    // What the strategy changes itself holds, whatever else is changed.
    let same =
        |one: &Patch, other: &Patch| core::mem::discriminant(one) == core::mem::discriminant(other);
    let moved = moved.filter(|patch| !strategy.patches.iter().any(|it| same(it, patch)));
    let mut settings = Vec::new();
    let patches = strategy.patches.iter();
    let patches = patches.filter(|patch| is_change(patch, &strategy.patches, scenario));
    for patch in patches.chain(&moved) {
        let source = source(patch, &variant);
        let Some(line) = line(patch, scenario, &variant) else {
            continue;
        };
        settings.push(Setting { line, source });
        if let Patch::ConnectionLimit(limit) = patch
            && !is_modern(&variant)
        {
            settings.push(Setting {
                line: format!(
                    "app.config: <system.net><connectionManagement><add address=\"*\" \
                     maxconnection=\"{}\" /></connectionManagement></system.net>",
                    limit.count()
                ),
                source: "rule LIM-1: `*` changes the default limit",
            });
        }
    }
    settings
}

/// Where a line rests: a rule of docs/rules.md, or a page.
fn source(patch: &Patch, variant: &Scenario) -> &'static str {
    match patch {
        Patch::Groups(_) => "KB 2551125, first remedy; rules CG-4, LIM-3",
        Patch::Group(_) => "rules CG-1, CG-4",
        Patch::KeepAlive(_) => "KB 2551125, second remedy; rules CN-7, CN-9, CN-12, PT-3",
        Patch::CloseGroups(_) => "KB 2551125, third remedy; rules CL-1 to CL-6",
        Patch::MaxIdleTime(_) => "rules SP-8, CG-6, SP-11",
        Patch::ConnectionLimit(_) => "rules LIM-1 to LIM-4",
        Patch::ConnectionLease(_) => "rule TM-6",
        Patch::RequestTimeout(_) => "rule TM-5",
        Patch::ReservationLeak(_) => "rules FL-6 to FL-8",
        Patch::Runtime(_) => "rules CG-5, CG-6: what releases a group",
        Patch::Ports { preset, .. } if is_linux(preset.as_deref(), variant) => {
            "Linux ip-sysctl: ip_local_port_range"
        }
        Patch::Ports { preset, .. } if is_old_windows(preset.as_deref()) => {
            "KB 196271: MaxUserPort; rule PT-1"
        }
        Patch::Ports { .. } => "KB 929851: dynamic port range; rule PT-1",
        Patch::TimeWait(_) if is_linux(variant.machine.preset.as_deref(), variant) => {
            "Linux TCP_TIMEWAIT_LEN, fixed when the kernel is built"
        }
        Patch::TimeWait(_) => "TechNet cc938217: TcpTimedWaitDelay, 30 to 300 s; rule PT-3",
        Patch::Scope(_) => "rule PT-5; Winsock: SO_PORT_SCALABILITY",
        Patch::TimeWaitReuse(_) => "Linux ip-sysctl: tcp_tw_reuse",
        Patch::Throttle(_) | Patch::Retry(_) => "the program's own code",
        Patch::Workers(_) | Patch::Queue(_) | Patch::AbandonedWork(_) => {
            "the server's own settings"
        }
        Patch::Instances(_) | Patch::Nat(_) => "the cloud's own pages, as in `spsim list ports`",
    }
}

/// A change of the server.
fn service(patch: &Patch) -> String {
    let or_any = |count: &Option<u32>| count.map_or("any number of".into(), |n| n.to_string());
    match patch {
        Patch::Workers(count) => format!("let the server work on {} requests", or_any(count)),
        Patch::Queue(room) => format!("let {} requests wait at the server", or_any(room)),
        _ => "let the server drop work when its client closes the connection".into(),
    }
}

/// What is to be written, typed or done; `None` where nothing on that runtime does it.
fn line(patch: &Patch, scenario: &Scenario, variant: &Scenario) -> Option<String> {
    let is_modern = is_modern(variant);
    Some(match patch {
        Patch::Groups(size) if !is_modern => pool(*size),
        Patch::Group(GroupRule::None) if is_of_http_client(scenario) => {
            "private static readonly HttpClient Client = new HttpClient(); // one for all requests"
                .into()
        }
        Patch::Group(rule) => group(rule, is_modern)?,
        Patch::KeepAlive(on) => format!("request.KeepAlive = {on};"),
        Patch::CloseGroups(rule) if !is_modern => close_groups(*rule),
        // Modern .NET has no connection groups; the others are switches of the model.
        Patch::Groups(_) | Patch::CloseGroups(_) | Patch::ReservationLeak(_) | Patch::Scope(_) => {
            return None;
        }
        Patch::MaxIdleTime(span) if is_modern => {
            handler("PooledConnectionIdleTimeout", &time_span(*span))
        }
        Patch::MaxIdleTime(span) => {
            let value = millis(*span);
            format!("ServicePointManager.MaxServicePointIdleTime = {value};")
        }
        Patch::ConnectionLimit(limit) => {
            let limit = match *limit {
                ConnectionLimit::UNLIMITED => "int.MaxValue".into(),
                limit => limit.to_string(),
            };
            if is_modern {
                handler("MaxConnectionsPerServer", &limit)
            } else {
                format!("ServicePointManager.DefaultConnectionLimit = {limit};")
            }
        }
        Patch::ConnectionLease(span) if is_modern => {
            handler("PooledConnectionLifetime", &time_span(*span))
        }
        Patch::ConnectionLease(span) => {
            format!("servicePoint.ConnectionLeaseTimeout = {};", millis(*span))
        }
        Patch::RequestTimeout(span) => format!("request.Timeout = {};", millis(*span)),
        Patch::Runtime(profile) => format!("run the program on {}", profile.title),
        Patch::Ports { range, preset } => ports_line(*range, preset.as_deref(), variant),
        Patch::TimeWait(hold) => time_wait(*hold, variant),
        Patch::TimeWaitReuse(Some(_)) => "sysctl -w net.ipv4.tcp_tw_reuse=1".into(),
        Patch::TimeWaitReuse(None) => "sysctl -w net.ipv4.tcp_tw_reuse=0".into(),
        Patch::Throttle(Throttle::OncePer(span)) => {
            let span = number::span(*span);
            format!("submit at most one request per {span}; let the rest wait in the program")
        }
        Patch::Workers(_) | Patch::Queue(_) | Patch::AbandonedWork(_) => service(patch),
        Patch::Instances(count) => format!("run {count} instances"),
        Patch::Nat(nat) => match nat.as_ref().map(|nat| &nat.preset) {
            None => "connect without a NAT".into(),
            Some(Some(preset)) => format!("connect through `{preset}`"),
            Some(None) => "connect through another NAT".into(),
        },
        Patch::Retry(None) => "do not retry failed requests".into(),
        Patch::Retry(Some(retry)) => format!(
            "retry a failed request up to {}, the first after {}",
            number::counted(f64::from(retry.attempts), "time", "times"),
            number::span(retry.backoff)
        ),
    })
}

/// A setting of the handler that all requests of a program share.
fn handler(property: &str, value: &str) -> String {
    format!(
        "static readonly HttpClient Client = new(new SocketsHttpHandler {{ {property} = {value} }});"
    )
}

/// A time as modern .NET's properties take them.
fn time_span(span: Option<SimSpan>) -> String {
    match span {
        None => "Timeout.InfiniteTimeSpan".into(),
        Some(span) if span.as_nanos().is_multiple_of(1_000_000_000) => {
            format!("TimeSpan.FromSeconds({})", span.as_nanos() / 1_000_000_000)
        }
        Some(_) => format!("TimeSpan.FromMilliseconds({})", millis(span)),
    }
}

fn pool(size: u32) -> String {
    format!("request.ConnectionGroupName = \"pool-\" + (k % {size});")
}

/// How a program names its groups; modern .NET has none, so there it is how it has its clients.
fn group(rule: &GroupRule, is_modern: bool) -> Option<String> {
    let is_of_clients = matches!(
        rule,
        GroupRule::None | GroupRule::HttpClientPerRequest { .. }
    );
    if is_modern && !is_of_clients {
        return None;
    }
    Some(match rule {
        GroupRule::None if is_modern => "share one HttpClient: keep it in a static field".into(),
        GroupRule::None => "do not set request.ConnectionGroupName".into(),
        GroupRule::Unique => "request.ConnectionGroupName = Guid.NewGuid().ToString();".into(),
        GroupRule::Pool {
            size,
            random: false,
        } => pool(*size),
        GroupRule::Pool { size, random: true } => {
            format!("request.ConnectionGroupName = \"pool-\" + random.Next({size});")
        }
        GroupRule::Users { .. } => "request.ConnectionGroupName = userName;".into(),
        GroupRule::HttpClientPerRequest { disposed: true } => {
            "using (var client = new HttpClient()) { … } for every request".into()
        }
        GroupRule::HttpClientPerRequest { disposed: false } => {
            "new HttpClient() for every request".into()
        }
        GroupRule::Ntlm => "request.UnsafeAuthenticatedConnectionSharing = false;".into(),
        GroupRule::NtlmShared => "request.UnsafeAuthenticatedConnectionSharing = true;".into(),
    })
}

fn close_groups(rule: CloseGroups) -> String {
    let call = "foreach (var name in names) servicePoint.CloseConnectionGroup(name);";
    match rule {
        CloseGroups::Every(span) => format!("every {}: {call}", number::span(span)),
        CloseGroups::After(span) => format!(
            "{} after a name's first use: servicePoint.CloseConnectionGroup(name);",
            number::span(span)
        ),
        CloseGroups::WhenPortsAbove(share) => {
            format!("above {} of the ports: {call}", number::percent(share))
        }
    }
}

/// Milliseconds as .NET's `int` properties take them, rounded down: what ends sooner frees ports
/// sooner. A span below one is not zero, which would mean something else.
fn millis(span: Option<SimSpan>) -> String {
    span.map_or_else(
        || "Timeout.Infinite".into(),
        |span| (span.as_nanos() / 1_000_000).max(1).to_string(),
    )
}

fn is_linux(preset: Option<&str>, variant: &Scenario) -> bool {
    preset.map_or(variant.machine.scope == PortScope::Destination, |name| {
        name.starts_with("linux")
    })
}

/// Windows before Vista has one number, the highest port; later a start and a count.
fn is_old_windows(preset: Option<&str>) -> bool {
    preset.is_some_and(|name| name.starts_with("windows-2003") || name.starts_with("kb"))
}

fn ports_line(range: PortRange, preset: Option<&str>, variant: &Scenario) -> String {
    let last = u32::from(range.first) + range.count - 1;
    let (first, count) = (range.first, range.count);
    match preset {
        Some(name) if !is_linux(preset, variant) && !name.starts_with("windows") => {
            format!(
                "(the {} of `{name}`)",
                number::counted(f64::from(count), "port", "ports")
            )
        }
        _ if is_linux(preset, variant) => {
            format!("sysctl -w net.ipv4.ip_local_port_range=\"{first} {last}\"")
        }
        _ if is_old_windows(preset) => {
            format!(
                r"reg add HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters /v MaxUserPort /t REG_DWORD /d {last}"
            )
        }
        _ => format!("netsh int ipv4 set dynamicport tcp start={first} num={count}"),
    }
}

fn time_wait(hold: SimSpan, variant: &Scenario) -> String {
    if is_linux(variant.machine.preset.as_deref(), variant) {
        let hold = number::span(hold);
        return format!("(TIME_WAIT of {hold}: fixed at 60 s in the Linux kernel)");
    }
    let seconds = hold.as_nanos() / 1_000_000_000;
    if !(30..=300).contains(&seconds) {
        let hold = number::span(hold);
        return format!("(TIME_WAIT of {hold}: Windows takes 30 to 300 s)");
    }
    format!(
        r"reg add HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters /v TcpTimedWaitDelay /t REG_DWORD /d {seconds}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Strategy;
    use crate::study::sample;

    fn change(patch: Patch) -> String {
        let mut scenario = sample::scenario();
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![patch],
        }];
        lines(&scenario, "one").concat()
    }

    #[test]
    fn each_remedy_is_a_line_that_can_be_pasted() {
        assert_eq!(
            change(Patch::KeepAlive(false)),
            "request.KeepAlive = false;"
        );
        let every = Patch::CloseGroups(CloseGroups::Every(SimSpan::from_seconds(30)));
        assert_eq!(
            change(every),
            "every 30 s: foreach (var name in names) servicePoint.CloseConnectionGroup(name);"
        );
        assert_eq!(
            change(Patch::MaxIdleTime(Some(SimSpan::from_seconds(10)))),
            "ServicePointManager.MaxServicePointIdleTime = 10000;"
        );
        assert_eq!(
            change(Patch::MaxIdleTime(None)),
            "ServicePointManager.MaxServicePointIdleTime = Timeout.Infinite;"
        );
        assert_eq!(
            change(Patch::ConnectionLimit(ConnectionLimit::UNLIMITED)),
            "ServicePointManager.DefaultConnectionLimit = int.MaxValue;"
        );
    }

    #[test]
    fn what_is_so_already_is_no_remedy() {
        for patch in [
            Patch::KeepAlive(true),
            Patch::MaxIdleTime(Some(SimSpan::from_seconds(100))),
            Patch::ReservationLeak(true),
            Patch::Scope(PortScope::Destination),
        ] {
            assert_eq!(change(patch), "");
        }
    }

    #[test]
    fn a_runtime_is_told_what_it_has() {
        let net8 = crate::profiles::find("net8").expect("it is there");
        let changes = |patches: Vec<Patch>| {
            let mut scenario = sample::scenario();
            scenario.clients[0].runtime = net8;
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches,
            }];
            lines(&scenario, "one").join("\n")
        };
        let of = |patch| changes(vec![patch]);
        assert_eq!(
            of(Patch::ConnectionLimit(ConnectionLimit::new(8))),
            "static readonly HttpClient Client = new(new SocketsHttpHandler { \
             MaxConnectionsPerServer = 8 });"
        );
        assert!(
            of(Patch::MaxIdleTime(Some(SimSpan::from_seconds(20))))
                .contains("PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20)")
        );
        assert!(
            of(Patch::ConnectionLease(None)).is_empty(),
            "it has none already"
        );
        assert_eq!(of(Patch::Groups(16)), "", "it has no groups");
        assert_eq!(
            of(Patch::CloseGroups(CloseGroups::Every(
                SimSpan::from_seconds(30)
            ))),
            ""
        );
    }

    #[test]
    fn one_client_for_all_is_a_static_field() {
        let mut scenario = sample::scenario();
        scenario.workloads[0].group = Some(GroupRule::HttpClientPerRequest { disposed: true });
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![Patch::Group(GroupRule::None)],
        }];
        assert!(
            lines(&scenario, "one")
                .concat()
                .contains("static readonly HttpClient")
        );
    }

    #[test]
    fn ports_are_set_by_the_tool_of_their_system() {
        let range = PortRange {
            first: 1025,
            count: 60_000,
        };
        let ports = |preset: Option<&str>| {
            change(Patch::Ports {
                range,
                preset: preset.map(String::from),
            })
        };
        assert_eq!(
            ports(None),
            "netsh int ipv4 set dynamicport tcp start=1025 num=60000"
        );
        assert!(ports(Some("windows-2003")).ends_with("MaxUserPort /t REG_DWORD /d 61024"));
        assert_eq!(
            ports(Some("linux")),
            "sysctl -w net.ipv4.ip_local_port_range=\"1025 61024\""
        );
        assert_eq!(
            change(Patch::TimeWait(SimSpan::from_seconds(5))),
            "(TIME_WAIT of 5 s: Windows takes 30 to 300 s)"
        );
        assert!(
            change(Patch::TimeWait(SimSpan::from_seconds(30)))
                .ends_with("TcpTimedWaitDelay /t REG_DWORD /d 30")
        );
    }
}
