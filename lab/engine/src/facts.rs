//! What a page needs to know of a scenario, as JSON.

use crate::json::Json;
use alloc::format;
use alloc::string::{String, ToString};
use spsim::inside::model::profile::Mechanism;
use spsim::inside::model::settings::PortScope;
use spsim::{
    Arrivals, Client, CloseGroups, ConnectionLimit, Diagnostic, GroupRule, Read, Scenario, SimSpan,
    SimTime, Workload,
};

/// The facts of a scenario and, under each strategy, what that makes of it.
pub(crate) fn of(read: &Read) -> String {
    let scenario = &read.scenario;
    let strategies = scenario.strategies.iter().map(|strategy| {
        let variant = scenario.under(strategy);
        under(&variant, &strategy.name)
    });
    let mut facts = Json::object();
    facts.member("ok", "true");
    facts.text("name", &scenario.name);
    facts.text("title", &scenario.title);
    facts.text("question", &scenario.question);
    facts.text("expect", &scenario.expect);
    facts.number("duration", seconds(scenario.duration));
    facts.text("digest", &format!("{:016x}", scenario.digest));
    facts.number("replications", scenario.replications);
    facts.member("strategies", &Json::array_of(strategies));
    let warnings = read.warnings.iter().map(diagnostic);
    facts.member("warnings", &Json::array_of(warnings));
    facts.done()
}

/// A problem or a warning, with its place in the text.
pub(crate) fn diagnostic(of: &Diagnostic) -> String {
    let mut problem = Json::object();
    problem.text("message", &of.message);
    problem.text("label", &of.label);
    problem.text("help", &of.help);
    if let Some(span) = &of.span {
        problem.number("start", span.start as u32);
        problem.number("end", span.end as u32);
    }
    problem.done()
}

fn under(variant: &Scenario, name: &str) -> String {
    let machine = &variant.machine;
    let clients = variant.clients.iter().map(|it| client(variant, it));
    let workloads = variant.workloads.iter().map(|it| workload(variant, it));
    let servers = variant.servers.iter().map(|server| {
        let mut one = Json::object();
        one.text("name", &server.name).text("key", &server.key);
        one.text("active_close", &format!("{:?}", server.active_close));
        one.done()
    });
    let mut facts = Json::object();
    facts.text("name", name);
    facts.number("first_port", machine.ports.first);
    facts.number("ports", machine.ports.count);
    facts.number("time_wait", seconds(machine.time_wait));
    facts.number("machines", machine.instances);
    let per_destination = machine.scope == PortScope::Destination;
    facts.member("per_destination", &per_destination.to_string());
    facts.member("clients", &Json::array_of(clients));
    facts.member("servers", &Json::array_of(servers));
    facts.member("workloads", &Json::array_of(workloads));
    facts.text("close_groups", &closing(variant.close_groups.as_ref()));
    facts.done()
}

fn client(variant: &Scenario, of: &Client) -> String {
    let runtime = of.runtime;
    // Which things have an idle timer of their own.
    let (mechanism, timers) = match &runtime.mechanism {
        Mechanism::Framework(rules) if rules.group_idle_timer.value => ("framework", "group"),
        Mechanism::Framework(_) => ("framework", "service_point"),
        Mechanism::Mono4 => ("mono", "service_point"),
        Mechanism::Mono6 => ("mono", "connection"),
        Mechanism::SocketsHttp(_) => ("sockets", "sweep"),
    };
    let server = variant.servers.first();
    let limit = server.map_or(ConnectionLimit::UNLIMITED, |it| of.effective_limit(it));
    let mut client = Json::object();
    client.text("name", &of.name).text("runtime", runtime.name);
    client.text("title", runtime.title);
    client.text("summary", runtime.summary);
    client.text("mechanism", mechanism).text("timers", timers);
    client.number("idle_time", of.max_idle_time.map_or(f64::INFINITY, seconds));
    client.number(
        "limit",
        match limit {
            ConnectionLimit::UNLIMITED => f64::INFINITY,
            limit => limit.count().into(),
        },
    );
    client.done()
}

fn workload(variant: &Scenario, of: &Workload) -> String {
    let rate = match &of.arrivals {
        Arrivals::Poisson { rate } => *rate,
        Arrivals::Every { period, .. } => 1.0 / seconds(*period),
        _ => f64::NAN,
    };
    let mut workload = Json::object();
    workload.text("name", &of.name);
    workload.text("client", &variant.clients[of.client].name);
    workload.text("server", &variant.servers[of.server].name);
    workload.number("rate", rate);
    workload.number("from", of.from.as_seconds());
    workload.number("until", of.until.map_or(f64::INFINITY, SimTime::as_seconds));
    workload.text("group", &group(of.group.as_ref()));
    workload.member("keep_alive", &of.keep_alive.unwrap_or(true).to_string());
    workload.done()
}

fn group(rule: Option<&GroupRule>) -> String {
    match rule {
        None | Some(GroupRule::None) => "none".into(),
        Some(GroupRule::Unique) => "unique".into(),
        Some(GroupRule::Pool { size, .. }) => size.to_string(),
        Some(GroupRule::Users { count, .. }) => format!("{count} users"),
        Some(_) => "own".into(),
    }
}

fn closing(of: Option<&CloseGroups>) -> String {
    match of {
        None => String::new(),
        Some(CloseGroups::Every(span)) => format!("every {span}"),
        Some(CloseGroups::After(span)) => format!("after {span}"),
        Some(CloseGroups::WhenPortsAbove(share)) => format!("above {share}"),
    }
}

fn seconds(span: SimSpan) -> f64 {
    (SimTime::ZERO + span).as_seconds()
}
