//! Judgement: from the tree of a file to a scenario that is right, collecting every problem.

use super::context::Context;
use super::diagnostic::{Place, Problems};
use super::file::Fields;
use super::keys::client::{self, CheckedClient};
use super::keys::server::{self, CheckedServer};
use super::keys::strategy::{self, CheckedStrategy};
use super::keys::{aim, machine, top, verdict, workload};
use super::tree::{Entry, Node, Value};
use super::value;
use crate::model::{Asked, Scenario, Workload};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) mod estimate;
mod no_effect;
mod together;

/// Most workloads, clients and servers of a scenario. A bound of ours: each has a place in every
/// run.
const MOST_ENTITIES: usize = 1_000;

/// Most samples of one run: rows of `ports.csv` per strategy.
const MOST_SAMPLES: u64 = 1_000_000;

/// Reads the whole file. The result is meaningful only when no error was found.
pub(super) fn scenario(root: &Node, name: &str, context: &mut Context<'_>) -> Option<Scenario> {
    let names = super::keys::scenario();
    let names: Vec<&str> = names.rows.iter().map(|row| row.name).collect();
    let fields = Fields::open(root, "", &names, &mut context.problems)?;
    if let Some(node) = fields.get("$schema") {
        value::text(node, "$schema", &mut context.problems);
    }
    let mut scenario = Scenario {
        name: name.into(),
        title: name.into(),
        question: String::new(),
        expect: String::new(),
        answer: None,
        duration: SimSpan::ZERO,
        seed: 1,
        replications: 1,
        steady: None,
        warm_up: None,
        sample_every: None,
        most_requests: None,
        verdict: verdict::thresholds(fields.get("verdict"), context),
        best: None,
        parts: Vec::new(),
        machine: machine::machine(fields.get("machine"), context),
        nat: None,
        clients: Vec::new(),
        servers: Vec::new(),
        workloads: Vec::new(),
        close_groups: None,
        throttle: None,
        strategies: Vec::new(),
        digest: 0,
    };
    super::keys::read(
        &fields,
        ("a scenario", ""),
        top::KEYS,
        &mut scenario,
        context,
    );
    let has_duration = !scenario.duration.is_zero();
    warm_up(&fields, &scenario, &mut context.problems);
    sample_count(&fields, &scenario, &mut context.problems);
    let clients = clients(&fields, context);
    let servers = servers(&fields, context);
    context.duration = scenario.duration;
    context.clients = clients.iter().map(|it| it.client.name.clone()).collect();
    context.servers = servers.iter().map(|it| it.server.name.clone()).collect();
    let help = "`[workload.orders]` with its `arrivals`";
    let entries = required_entities(&fields, "workload", help, &mut context.problems);
    let workloads = entries
        .iter()
        .filter_map(|entry| workload::workload(entry, context));
    scenario.workloads = workloads.collect();
    response_times(&servers, &scenario.workloads, &mut context.problems);
    let aims = aim::Known {
        clients: context.clients.clone(),
        servers: context.servers.clone(),
        workloads: entries.iter().map(|entry| entry.key.clone()).collect(),
    };
    let strategies = strategy::strategies(fields.get("strategy"), &aims, context);
    let problems = &mut context.problems;
    asp_net_and_loopback(root, &clients, &servers, problems);
    if !has_duration {
        return None;
    }
    scenario.clients = clients.into_iter().map(|it| it.client).collect();
    scenario.servers = servers.into_iter().map(|it| it.server).collect();
    scenario.strategies = strategies.iter().map(|it| it.strategy.clone()).collect();
    asked(&fields, &scenario, problems);
    runtimes(root, &scenario, &strategies, problems);
    estimate::check(&fields, &scenario, problems);
    together::check(root, &scenario, &strategies, problems);
    no_effect::check(root, &scenario, &strategies, problems);
    Some(scenario)
}

fn clients(fields: &Fields<'_>, context: &mut Context<'_>) -> Vec<CheckedClient> {
    let entries = entities(fields, "client", &mut context.problems).unwrap_or_default();
    if entries.is_empty() {
        return alloc::vec![client::default_client("app")];
    }
    let read = |entry| client::client(entry, context);
    entries.iter().map(read).collect()
}

fn servers(fields: &Fields<'_>, context: &mut Context<'_>) -> Vec<CheckedServer> {
    let help = "`[server.api]` with its `response-time`";
    let entries = required_entities(fields, "server", help, &mut context.problems);
    let read = |entry| server::server(entry, context);
    entries.iter().map(read).collect()
}

/// The tables `[kind.NAME]`, with an error when there is none.
fn required_entities<'a>(
    fields: &Fields<'a>,
    kind: &str,
    help: &str,
    problems: &mut Problems,
) -> &'a [Entry] {
    let found = entities(fields, kind, problems);
    let Some(entries) = found else {
        return &[];
    };
    if entries.is_empty() {
        let message = format!("`{kind}` is missing: a scenario needs at least one");
        problems.absent(fields.place(), message, &format!("add {help}"));
    }
    entries
}

/// The tables `[kind.NAME]`; `None` when the kind is there but unusable.
fn entities<'a>(fields: &Fields<'a>, kind: &str, problems: &mut Problems) -> Option<&'a [Entry]> {
    let Some(node) = fields.get(kind) else {
        return Some(&[]);
    };
    let Value::Table(entries) = &node.value else {
        let wanted = format!("tables `[{kind}.NAME]`");
        value::wrong_type(problems, kind, node, &wanted);
        return None;
    };
    if entries.len() > MOST_ENTITIES {
        let place = &entries[MOST_ENTITIES].place;
        let found = entries.len();
        let message = format!("`{kind}` has {found} entries, more than {MOST_ENTITIES}");
        problems.error(place, message).help("split the scenario");
        return None;
    }
    Some(entries)
}

/// Reports servers whose requests have no response time from anywhere.
fn response_times(servers: &[CheckedServer], workloads: &[Workload], problems: &mut Problems) {
    for (index, checked) in servers.iter().enumerate() {
        let Some(place) = &checked.no_response_time else {
            continue;
        };
        let mut users = workloads
            .iter()
            .filter(|workload| workload.server == index)
            .peekable();
        let drawn =
            users.peek().is_none() || users.any(|workload| !workload::brings_durations(workload));
        if drawn {
            let name = &checked.server.name;
            let help = "for example `response-time = { exponential = { mean = \"100ms\" } }`";
            let message = format!("`response-time` is missing from `server.{name}`");
            problems.absent(place, message, help);
        }
    }
}

/// K-4 is a default and no user's choice, so a loopback host would stay unlimited (LIM-2).
fn asp_net_and_loopback(
    root: &Node,
    clients: &[CheckedClient],
    servers: &[CheckedServer],
    problems: &mut Problems,
) {
    let loopback = servers.iter().any(|checked| checked.server.loopback);
    for checked in clients
        .iter()
        .filter(|checked| checked.asp_net_default && loopback)
    {
        let path = ["client", &checked.client.name, "host"];
        let place = place_of(root, &path);
        problems
            .warn(
                &place,
                "`host` limits loopback servers to 10 connections as well",
            )
            .label("a real process would not limit them")
            .help("set `connection-limit` to say which it should be");
    }
}

/// Checks leases and leaks against the runtime of the scenario and of every strategy.
fn runtimes(
    root: &Node,
    scenario: &Scenario,
    strategies: &[CheckedStrategy],
    problems: &mut Problems,
) {
    for client in &scenario.clients {
        let lease = place_of(root, &["client", &client.name, "connection-lease"]);
        client::lease(client, &lease, problems);
        let leak = place_of(root, &["client", &client.name, "reservation-leak"]);
        client::leak(client, &leak, problems);
    }
    for checked in strategies {
        let variant = scenario.under(&checked.strategy);
        for (client, before) in variant.clients.iter().zip(&scenario.clients) {
            let same = client.runtime == before.runtime;
            if !(same && client.connection_lease == before.connection_lease) {
                client::lease(client, &checked.place, problems);
            }
        }
    }
}

/// Where the value under a path of keys is; the whole file when it is not there.
fn place_of(root: &Node, path: &[&str]) -> Place {
    path.iter()
        .try_fold(root, |node, key| node.get(key))
        .map_or(Place::File, |node| node.place.clone())
}

/// What is asked must be asked of a strategy that is there.
fn asked(fields: &Fields<'_>, scenario: &Scenario, problems: &mut Problems) {
    let Some((key, Some(of))) = scenario.answer.as_ref().map(Asked::parts) else {
        return;
    };
    let known = scenario.strategies.iter().map(|it| it.name.as_str());
    let known: Vec<&str> = known.collect();
    if known.contains(&of) {
        return;
    }
    if let Some(node) = fields.get("answer").and_then(|answer| answer.get(key)) {
        value::unknown_word(problems, node, key, of, &known);
    }
}

/// A warm-up must leave something of the run.
fn warm_up(fields: &Fields<'_>, scenario: &Scenario, problems: &mut Problems) {
    let duration = scenario.duration;
    if let (Some(warm_up), Some(node)) = (scenario.warm_up, fields.get("warm-up"))
        && !duration.is_zero()
        && warm_up >= duration
    {
        problems.error(&node.place, "`warm-up` must end before `duration`");
    }
}

/// Refuses more samples than anybody can read.
fn sample_count(fields: &Fields<'_>, scenario: &Scenario, problems: &mut Problems) {
    let (Some(every), Some(node)) = (scenario.sample_every, fields.get("sample-every")) else {
        return;
    };
    let samples = scenario.duration.as_nanos() / every.as_nanos();
    if samples > MOST_SAMPLES {
        let message =
            format!("`sample-every` asks for {samples} samples, more than {MOST_SAMPLES}");
        problems
            .error(&node.place, message)
            .help("sample less often, or shorten `duration`");
    }
}
