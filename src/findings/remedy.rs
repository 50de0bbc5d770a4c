//! What a strategy changes, as one line of C#, configuration or shell per change.

use crate::model::profile::Mechanism;
use crate::model::settings::PortRange;
use crate::model::workload::GroupRule;
use crate::model::{
    Api, ClientPerRequest, CloseGroups, Patch, PortScope, Scenario, Strategy, Throttle,
};
use crate::profiles::ports;
use crate::units::{ConnectionLimit, SimSpan};
use crate::words::number;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The lines that make a program or machine behave as strategy `name`; empty for a strategy that
/// changes nothing.
pub fn lines(scenario: &Scenario, name: &str) -> Vec<String> {
    let strategy = scenario.strategies.iter().find(|one| one.name == name);
    strategy.map_or_else(Vec::new, |strategy| {
        let variant = scenario.under(strategy);
        let patches = strategy.patches.iter();
        let patches = patches.filter(|patch| is_change(patch, strategy, scenario));
        let lines = patches.filter_map(|patch| line(patch, scenario, &variant));
        lines.map(|line| aimed(line, strategy, scenario)).collect()
    })
}

/// A line, and where it is to be done if not everywhere.
fn aimed(line: String, strategy: &Strategy, scenario: &Scenario) -> String {
    let Some(targets) = &strategy.only.0 else {
        return line;
    };
    let names: Vec<&str> = targets.iter().map(|it| scenario.name_of(*it)).collect();
    format!("in {} alone: {line}", names.join(" and "))
}

/// Whether strategy `name` turns a switch that no program and no machine has.
pub(super) fn is_of_the_model(scenario: &Scenario, name: &str) -> bool {
    let strategy = scenario.strategies.iter().find(|one| one.name == name);
    let mut patches = strategy.into_iter().flat_map(|one| &one.patches);
    patches.any(|it| matches!(it, Patch::ReservationLeak(_) | Patch::Scope(_)))
}

/// What moving a program to another runtime or API counts as: more than any number of settings.
const A_MOVE: usize = 1_000;

/// How much strategy `name` asks of people: nothing where what it sets is so already or has no
/// effect.
pub(super) fn effort(scenario: &Scenario, name: &str) -> usize {
    let Some(strategy) = scenario.strategies.iter().find(|one| one.name == name) else {
        return 0;
    };
    let variant = scenario.under(strategy);
    let of = |patch: &Patch| match patch {
        Patch::ReservationLeak(_) | Patch::Scope(_) => 1,
        _ if !is_change(patch, strategy, scenario) => 0,
        Patch::Runtime(_) | Patch::Api(_) => A_MOVE,
        _ => usize::from(line(patch, scenario, &variant).is_some()),
    };
    strategy.patches.iter().map(of).sum()
}

/// Whether a patch asks anybody to do something: what is so already, what a runtime or a table of
/// ports brings along, and what is a switch of the model are no remedies.
fn is_change(patch: &Patch, strategy: &Strategy, scenario: &Scenario) -> bool {
    let preset = strategy.patches.iter().find_map(|it| match it {
        Patch::Ports { preset, .. } => ports::find(preset.as_deref()?),
        _ => None,
    });
    match patch {
        Patch::ReservationLeak(_) => false,
        Patch::Scope(scope) => {
            *scope == PortScope::Destination
                && scenario.machine.scope == PortScope::Host
                && has_reuse_port(&scenario.under(strategy))
        }
        Patch::TimeWait(hold)
            if preset
                .and_then(|it| it.time_wait)
                .is_some_and(|it| it.value == *hold) =>
        {
            false
        }
        Patch::KeepAlive(true) => scenario
            .workloads
            .iter()
            .any(|it| it.keep_alive == Some(false)),
        Patch::TimeWait(hold) => {
            !scenario.machine.time_wait_given || scenario.machine.time_wait != *hold
        }
        _ => {
            let mut changed = scenario.clone();
            patch.apply(&mut changed, &strategy.only);
            changed != *scenario
        }
    }
}

/// Whether every client can ask Windows to share a port among servers: .NET Framework since 4.6.
fn has_reuse_port(scenario: &Scenario) -> bool {
    scenario.clients.iter().all(|it| it.runtime.name == "net48")
}

/// Whether every client is of a runtime whose connections are `SocketsHttpHandler`'s.
fn is_modern(scenario: &Scenario) -> bool {
    let mut clients = scenario.clients.iter();
    clients.all(|client| matches!(client.mechanism(), Mechanism::SocketsHttp(_)))
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
    let patches = patches.filter(|patch| is_change(patch, strategy, scenario));
    for (patch, is_aimed) in
        (patches.map(|it| (it, true))).chain(moved.iter().map(|it| (it, false)))
    {
        let source = source(patch, &variant);
        let Some(mut line) = line(patch, scenario, &variant) else {
            continue;
        };
        if is_aimed {
            line = aimed(line, strategy, scenario);
        }
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
        Patch::ClientPerRequest(_) => "rules NC-3, HC-11 to HC-13, HW-2",
        Patch::Undisposed(_) => "rules CN-4, HC-15, HW-7",
        Patch::Api(_) => "rules HC-1, HC-3",
        Patch::MaxConnectionsPerServer(_) => "rules NC-5, HC-2",
        Patch::PooledConnectionIdleTimeout(_) => "rules NC-6, HC-4",
        Patch::PooledConnectionLifetime(_) => "rules HC-7, HC-8",
        Patch::HandlerLifetime(_) => "IHttpClientFactory: HandlerLifetime",
        Patch::Gc(_) => "rules HC-13, HC-16",
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
        Patch::Scope(_) => "rule PT-5: ServicePointManager.ReusePort",
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
    let is_other_api = (scenario.clients.iter().zip(&variant.clients)).any(|(a, b)| a.api != b.api);
    Some(match patch {
        Patch::Groups(size) if !is_modern => pool(*size),
        Patch::Group(rule) if !is_modern => group(rule),
        Patch::ClientPerRequest(rule) => client_per_request(*rule, variant),
        Patch::Undisposed(0.0) => "dispose every response: using (var response = …)".into(),
        Patch::Undisposed(share) => {
            format!("leave {} of the responses open", number::percent(*share))
        }
        Patch::Api(api) => api_line(*api, &handler_settings(variant)),
        // The line of the new API sets them.
        Patch::MaxConnectionsPerServer(_)
        | Patch::PooledConnectionIdleTimeout(_)
        | Patch::PooledConnectionLifetime(_)
            if is_other_api =>
        {
            return None;
        }
        Patch::MaxConnectionsPerServer(limit) => {
            format!("handler.MaxConnectionsPerServer = {};", limit_text(*limit))
        }
        Patch::PooledConnectionIdleTimeout(span) => {
            let span = time_span(*span);
            format!("handler.PooledConnectionIdleTimeout = {span};")
        }
        Patch::PooledConnectionLifetime(span) => {
            format!("handler.PooledConnectionLifetime = {};", time_span(*span))
        }
        Patch::HandlerLifetime(span) => {
            format!("builder.SetHandlerLifetime({});", time_span(*span))
        }
        Patch::KeepAlive(on) => format!("request.KeepAlive = {on};"),
        Patch::CloseGroups(rule) if !is_modern => close_groups(*rule),
        // Modern .NET has no connection groups, and reads no ServicePoint's settings (NC-2); the
        // others are switches of the model.
        Patch::MaxIdleTime(_) | Patch::ConnectionLimit(_) | Patch::ConnectionLease(_)
            if is_modern =>
        {
            return None;
        }
        // Windows shares those ports alone that are set aside for it.
        Patch::Scope(PortScope::Destination) => {
            "ServicePointManager.ReusePort = true; // .NET Framework 4.6 or later, with the ports \
             of Set-NetTCPSetting -AutoReusePortRangeStartPort, -AutoReusePortRangeNumberOfPorts"
                .into()
        }
        Patch::Groups(_)
        | Patch::Group(_)
        | Patch::CloseGroups(_)
        | Patch::ReservationLeak(_)
        | Patch::Gc(_)
        | Patch::Scope(_) => return None,
        Patch::MaxIdleTime(span) => {
            let value = millis(*span);
            format!("ServicePointManager.MaxServicePointIdleTime = {value};")
        }
        Patch::ConnectionLimit(limit) => {
            let limit = limit_text(*limit);
            format!("ServicePointManager.DefaultConnectionLimit = {limit};")
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
            "try a request up to {} in all, the second after {}",
            number::counted(f64::from(retry.attempts), "time", "times"),
            number::span(retry.backoff)
        ),
    })
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

/// How a program has its clients.
fn client_per_request(rule: ClientPerRequest, variant: &Scenario) -> String {
    let mut clients = variant.clients.iter();
    let is_web_request = clients.all(|it| it.api == Api::HttpWebRequest);
    match rule {
        ClientPerRequest::No if is_web_request => {
            "leave request.Proxy, Credentials and CookieContainer as they are".into()
        }
        ClientPerRequest::No => api_line(Api::HttpClient, &handler_settings(variant)),
        ClientPerRequest::Disposed if is_web_request => {
            "request.Proxy = new WebProxy(); // or credentials, cookies: a client per request"
                .into()
        }
        ClientPerRequest::Disposed => {
            "using (var client = new HttpClient()) { … } for every request".into()
        }
        ClientPerRequest::Held => "new HttpClient() for every request, never disposed".into(),
        ClientPerRequest::Dropped => {
            "new HttpClient() for every request, left to the collector".into()
        }
    }
}

/// What a program that uses this API has, with the handler's properties that are not its defaults.
fn api_line(api: Api, settings: &[String]) -> String {
    let handler = || format!("new SocketsHttpHandler {{ {} }}", settings.join(", "));
    match api {
        Api::HttpWebRequest => "var request = WebRequest.CreateHttp(uri);".into(),
        Api::HttpClient => {
            let handler = if settings.is_empty() {
                String::new()
            } else {
                handler()
            };
            format!(
                "static readonly HttpClient Client = new HttpClient({handler}); // one for all requests"
            )
        }
        Api::HttpClientFactory if settings.is_empty() => "services.AddHttpClient();".into(),
        Api::HttpClientFactory => format!(
            "services.AddHttpClient(\"api\").ConfigurePrimaryHttpMessageHandler(() => {});",
            handler()
        ),
    }
}

/// The properties of `SocketsHttpHandler` that the first client which has one sets.
fn handler_settings(variant: &Scenario) -> Vec<String> {
    let mut settings = Vec::new();
    let mut clients = variant.clients.iter();
    let Some(client) = clients.find(|it| it.api != Api::HttpWebRequest) else {
        return settings;
    };
    let limit = client.max_connections_per_server;
    if limit != ConnectionLimit::UNLIMITED {
        settings.push(format!("MaxConnectionsPerServer = {limit}"));
    }
    if let Some(span) = client.pooled_connection_idle_timeout {
        let span = time_span(span);
        settings.push(format!("PooledConnectionIdleTimeout = {span}"));
    }
    if let Some(span) = client.pooled_connection_lifetime {
        let span = time_span(Some(span));
        settings.push(format!("PooledConnectionLifetime = {span}"));
    }
    settings
}

fn limit_text(limit: ConnectionLimit) -> String {
    match limit {
        ConnectionLimit::UNLIMITED => "int.MaxValue".into(),
        limit => limit.to_string(),
    }
}

/// How a program names its groups.
fn group(rule: &GroupRule) -> String {
    match rule {
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
        GroupRule::Ntlm => "request.UnsafeAuthenticatedConnectionSharing = false;".into(),
        GroupRule::NtlmShared => "request.UnsafeAuthenticatedConnectionSharing = true;".into(),
    }
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
    use crate::model::Target;
    use crate::model::strategy::Aim;
    use crate::study::sample;

    fn change(patch: Patch) -> String {
        let mut scenario = sample::scenario();
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![patch],
            only: Aim::default(),
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
    fn ports_are_shared_where_the_runtime_can_ask_for_it() {
        let of = |runtime: &str| {
            let mut scenario = sample::scenario();
            scenario.clients[0].runtime = crate::profiles::find(runtime).expect("it is there");
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches: vec![Patch::Scope(PortScope::Destination)],
                only: Aim::default(),
            }];
            lines(&scenario, "one").concat()
        };
        assert!(of("net48").starts_with("ServicePointManager.ReusePort = true;"));
        assert_eq!(of("net45") + &of("net40") + &of("net8"), "");
    }

    #[test]
    fn a_move_asks_more_than_a_setting_and_what_has_no_effect_nothing() {
        let find = |name| crate::profiles::find(name).expect("it is there");
        let mut scenario = sample::scenario();
        scenario.clients[0].runtime = find("net8");
        let mut of = |patches: Vec<Patch>| {
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches,
                only: Aim::default(),
            }];
            effort(&scenario, "one")
        };
        let limit = || Patch::ConnectionLimit(ConnectionLimit::new(8));
        assert_eq!(of(vec![]), 0);
        assert_eq!(of(vec![limit()]), 0);
        assert_eq!(of(vec![Patch::KeepAlive(false)]), 1);
        assert_eq!(of(vec![Patch::Runtime(find("net48")), limit()]), 1 + A_MOVE);
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
                only: Aim::default(),
            }];
            lines(&scenario, "one").join("\n")
        };
        let of = |patch| changes(vec![patch]);
        let limit = ConnectionLimit::new(8);
        assert_eq!(
            of(Patch::ConnectionLimit(limit)),
            "",
            "nobody reads it (NC-2)"
        );
        assert_eq!(
            of(Patch::MaxConnectionsPerServer(limit)),
            "handler.MaxConnectionsPerServer = 8;"
        );
        let span = Some(SimSpan::from_seconds(20));
        assert_eq!(
            changes(vec![
                Patch::Api(Api::HttpClient),
                Patch::MaxConnectionsPerServer(limit),
                Patch::PooledConnectionIdleTimeout(span),
            ]),
            "static readonly HttpClient Client = new HttpClient(new SocketsHttpHandler { \
             MaxConnectionsPerServer = 8, \
             PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) }); // one for all requests"
        );
        assert_eq!(
            of(Patch::PooledConnectionLifetime(None)),
            "",
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
        scenario.clients[0].api = Api::HttpClient;
        scenario.workloads[0].client_per_request = ClientPerRequest::Disposed;
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![Patch::ClientPerRequest(ClientPerRequest::No)],
            only: Aim::default(),
        }];
        assert!(
            lines(&scenario, "one")
                .concat()
                .contains("static readonly HttpClient")
        );
    }

    #[test]
    fn a_strategy_with_an_aim_says_where() {
        let mut scenario = sample::scenario();
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![Patch::KeepAlive(false)],
            only: Aim(Some(vec![Target::Workload(0)])),
        }];
        let name = &scenario.workloads[0].name;
        assert_eq!(
            lines(&scenario, "one").concat(),
            format!("in {name} alone: request.KeepAlive = false;")
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

    /// Each change with its line and where that rests, on .NET Framework.
    #[test]
    #[allow(
        clippy::too_many_lines,
        reason = "one line a change, to be read as a table"
    )]
    fn each_change_has_its_line_and_its_source() {
        let span = |seconds| Some(SimSpan::from_seconds(seconds));
        let retry = |attempts| {
            Patch::Retry(Some(crate::model::workload::Retry {
                attempts,
                backoff: SimSpan::from_seconds(2),
                factor: 2.0,
                jitter: false,
                max_backoff: None,
                budget: None,
                on: crate::model::workload::RetryKinds::ALL,
            }))
        };
        let own = "the program's own code";
        let server = "the server's own settings";
        let cases: Vec<(Patch, &str, &str)> = alloc::vec![
            (
                Patch::Groups(4),
                "request.ConnectionGroupName = \"pool-\" + (k % 4);",
                "KB 2551125, first remedy; rules CG-4, LIM-3"
            ),
            (
                Patch::Group(GroupRule::None),
                "do not set request.ConnectionGroupName",
                "rules CG-1, CG-4"
            ),
            (
                Patch::Group(GroupRule::Pool {
                    size: 4,
                    random: false
                }),
                "request.ConnectionGroupName = \"pool-\" + (k % 4);",
                "rules CG-1, CG-4"
            ),
            (
                Patch::Group(GroupRule::Pool {
                    size: 4,
                    random: true
                }),
                "request.ConnectionGroupName = \"pool-\" + random.Next(4);",
                "rules CG-1, CG-4"
            ),
            (
                Patch::Group(GroupRule::Ntlm),
                "request.UnsafeAuthenticatedConnectionSharing = false;",
                "rules CG-1, CG-4"
            ),
            (
                Patch::Group(GroupRule::NtlmShared),
                "request.UnsafeAuthenticatedConnectionSharing = true;",
                "rules CG-1, CG-4"
            ),
            (
                Patch::Undisposed(0.25),
                "leave 25% of the responses open",
                "rules CN-4, HC-15, HW-7"
            ),
            (
                Patch::CloseGroups(CloseGroups::After(SimSpan::from_seconds(30))),
                "30 s after a name's first use: servicePoint.CloseConnectionGroup(name);",
                "KB 2551125, third remedy; rules CL-1 to CL-6"
            ),
            (
                Patch::CloseGroups(CloseGroups::WhenPortsAbove(0.8)),
                "above 80% of the ports: foreach (var name in names) servicePoint.CloseConnectionGroup(name);",
                "KB 2551125, third remedy; rules CL-1 to CL-6"
            ),
            (
                Patch::ConnectionLease(span(60)),
                "servicePoint.ConnectionLeaseTimeout = 60000;",
                "rule TM-6"
            ),
            (
                Patch::RequestTimeout(span(5)),
                "request.Timeout = 5000;",
                "rule TM-5"
            ),
            (
                Patch::RequestTimeout(None),
                "request.Timeout = Timeout.Infinite;",
                "rule TM-5"
            ),
            (
                Patch::Throttle(Throttle::OncePer(SimSpan::from_millis(250))),
                "submit at most one request per 250 ms; let the rest wait in the program",
                own
            ),
            (
                retry(1),
                "try a request up to 1 time in all, the second after 2 s",
                own
            ),
            (
                retry(3),
                "try a request up to 3 times in all, the second after 2 s",
                own
            ),
            (
                Patch::Workers(Some(8)),
                "let the server work on 8 requests",
                server
            ),
            (
                Patch::Queue(Some(100)),
                "let 100 requests wait at the server",
                server
            ),
            (
                Patch::AbandonedWork(crate::model::service::AbandonedWork::Stops),
                "let the server drop work when its client closes the connection",
                server
            ),
            (
                Patch::Instances(3),
                "run 3 instances",
                "the cloud's own pages, as in `spsim list ports`"
            ),
            (
                Patch::TimeWaitReuse(span(1)),
                "sysctl -w net.ipv4.tcp_tw_reuse=1",
                "Linux ip-sysctl: tcp_tw_reuse"
            ),
            (
                Patch::HandlerLifetime(span(60)),
                "builder.SetHandlerLifetime(TimeSpan.FromSeconds(60));",
                "IHttpClientFactory: HandlerLifetime"
            ),
            (
                Patch::PooledConnectionLifetime(Some(SimSpan::from_millis(1_500))),
                "handler.PooledConnectionLifetime = TimeSpan.FromMilliseconds(1500);",
                "rules HC-7, HC-8"
            ),
            (
                Patch::PooledConnectionIdleTimeout(span(20)),
                "handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20);",
                "rules NC-6, HC-4"
            ),
            (
                Patch::TimeWait(SimSpan::from_seconds(300)),
                r"reg add HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters /v TcpTimedWaitDelay /t REG_DWORD /d 300",
                "TechNet cc938217: TcpTimedWaitDelay, 30 to 300 s; rule PT-3"
            ),
            (
                Patch::TimeWait(SimSpan::from_seconds(301)),
                "(TIME_WAIT of 5 min 1 s: Windows takes 30 to 300 s)",
                "TechNet cc938217: TcpTimedWaitDelay, 30 to 300 s; rule PT-3"
            ),
        ];
        for (patch, line, source) in cases {
            let shown = alloc::format!("{patch:?}");
            assert_eq!(
                all_settings(patch, None),
                [(line.into(), source)],
                "{shown}"
            );
        }
    }

    /// The lines of the article's scenario with one patch, and their sources.
    fn all_settings(patch: Patch, moved: Option<Patch>) -> Vec<(String, &'static str)> {
        let mut scenario = sample::scenario();
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![patch],
            only: Aim::default(),
        }];
        let all = settings(&scenario, "one", moved).into_iter();
        all.map(|it| (it.line, it.source)).collect()
    }

    #[test]
    fn a_limit_is_also_a_line_of_configuration_where_it_is_read() {
        let limit = || Patch::ConnectionLimit(ConnectionLimit::new(8));
        let said = all_settings(limit(), None);
        assert_eq!(said[0].0, "ServicePointManager.DefaultConnectionLimit = 8;");
        assert!(said[1].0.contains("maxconnection=\"8\""), "{said:?}");
        assert_eq!(said[1].1, "rule LIM-1: `*` changes the default limit");
        assert_eq!(said.len(), 2);
        assert_eq!(all_settings(Patch::KeepAlive(false), None).len(), 1);
    }

    #[test]
    fn what_is_moved_besides_comes_after_and_is_aimed_at_nothing() {
        let mut scenario = sample::scenario();
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![Patch::KeepAlive(false)],
            only: Aim(Some(vec![Target::Workload(0)])),
        }];
        let lines = |moved| {
            let all = settings(&scenario, "one", Some(moved)).into_iter();
            all.map(|it| it.line).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(Patch::Instances(3)),
            [
                "in orders alone: request.KeepAlive = false;",
                "run 3 instances"
            ]
        );
        // What the strategy changes itself holds.
        assert_eq!(
            lines(Patch::KeepAlive(true)),
            ["in orders alone: request.KeepAlive = false;"]
        );
        assert!(settings(&scenario, "another", None).is_empty());
    }

    #[test]
    fn clients_per_request_are_told_by_the_api() {
        use ClientPerRequest::{Disposed, Dropped, Held, No};
        let said = |api: Api, from: ClientPerRequest, to: ClientPerRequest| {
            let mut scenario = sample::scenario();
            scenario.clients[0].api = api;
            scenario.workloads[0].client_per_request = from;
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches: vec![Patch::ClientPerRequest(to)],
                only: Aim::default(),
            }];
            lines(&scenario, "one").concat()
        };
        let web = |from, to| said(Api::HttpWebRequest, from, to);
        let client = |from, to| said(Api::HttpClient, from, to);
        assert_eq!(
            web(Disposed, No),
            "leave request.Proxy, Credentials and CookieContainer as they are"
        );
        assert!(web(No, Disposed).starts_with("request.Proxy = new WebProxy();"));
        assert_eq!(
            client(No, Disposed),
            "using (var client = new HttpClient()) { … } for every request"
        );
        assert_eq!(
            client(No, Held),
            "new HttpClient() for every request, never disposed"
        );
        assert_eq!(
            client(No, Dropped),
            "new HttpClient() for every request, left to the collector"
        );
        assert_eq!(
            client(Disposed, No),
            "static readonly HttpClient Client = new HttpClient(); // one for all requests"
        );
    }

    #[test]
    fn each_api_is_a_line_with_its_handler() {
        let limit = Patch::MaxConnectionsPerServer(ConnectionLimit::new(8));
        let lifetime = Patch::PooledConnectionLifetime(Some(SimSpan::from_seconds(60)));
        let said = |api: Api, more: Vec<Patch>| {
            let mut scenario = sample::scenario();
            scenario.clients[0].runtime = crate::profiles::find("net8").expect("it is there");
            let mut patches = vec![Patch::Api(api)];
            patches.extend(more);
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches,
                only: Aim::default(),
            }];
            lines(&scenario, "one").concat()
        };
        assert_eq!(
            said(Api::HttpClientFactory, vec![]),
            "services.AddHttpClient();"
        );
        assert_eq!(
            said(Api::HttpClientFactory, vec![limit, lifetime]),
            "services.AddHttpClient(\"api\").ConfigurePrimaryHttpMessageHandler(() => new \
             SocketsHttpHandler { MaxConnectionsPerServer = 8, PooledConnectionLifetime = \
             TimeSpan.FromSeconds(60) });"
        );
    }

    /// What a table of ports brings along is no change of its own.
    #[test]
    fn what_comes_with_a_table_of_ports_is_not_said_again() {
        let said = |hold: u64| {
            let mut scenario = sample::scenario();
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches: vec![
                    Patch::Ports {
                        range: PortRange {
                            first: 32_768,
                            count: 28_232,
                        },
                        preset: Some("linux".into()),
                    },
                    Patch::TimeWait(SimSpan::from_seconds(hold)),
                ],
                only: Aim::default(),
            }];
            lines(&scenario, "one").len()
        };
        assert_eq!((said(60), said(30)), (1, 2), "Linux holds them for 60 s");
    }

    #[test]
    fn ports_that_are_shared_already_need_no_setting() {
        let mut scenario = sample::scenario();
        scenario.machine.scope = PortScope::Destination;
        scenario.clients[0].runtime = crate::profiles::find("net48").expect("it is there");
        scenario.strategies = vec![Strategy {
            name: "one".into(),
            patches: vec![Patch::Scope(PortScope::Destination)],
            only: Aim::default(),
        }];
        assert!(lines(&scenario, "one").is_empty());
    }

    #[test]
    fn linux_has_its_own_lines() {
        let linux = |patch: Patch| {
            let mut scenario = sample::scenario();
            scenario.machine.scope = PortScope::Destination;
            scenario.strategies = vec![Strategy {
                name: "one".into(),
                patches: vec![patch],
                only: Aim::default(),
            }];
            let all = settings(&scenario, "one", None).into_iter();
            all.map(|it| (it.line, it.source)).collect::<Vec<_>>()
        };
        assert_eq!(
            linux(Patch::TimeWait(SimSpan::from_seconds(30))),
            [(
                "(TIME_WAIT of 30 s: fixed at 60 s in the Linux kernel)".into(),
                "Linux TCP_TIMEWAIT_LEN, fixed when the kernel is built"
            )]
        );
        let ports = |preset: Option<&str>| Patch::Ports {
            range: PortRange {
                first: 1_025,
                count: 1,
            },
            preset: preset.map(String::from),
        };
        assert_eq!(
            linux(ports(None)),
            [(
                "sysctl -w net.ipv4.ip_local_port_range=\"1025 1025\"".into(),
                "Linux ip-sysctl: ip_local_port_range"
            )]
        );
        assert_eq!(
            all_settings(ports(Some("own")), None),
            [(
                "(the 1 port of `own`)".into(),
                "KB 929851: dynamic port range; rule PT-1"
            )]
        );
        assert_eq!(
            all_settings(ports(Some("kb2551125")), None)[0].1,
            "KB 196271: MaxUserPort; rule PT-1"
        );
    }
}
