//! Keys that change nothing, or cannot be set, on the runtime and with the API of a strategy.
//!
//! What .NET has and does not read is a warning (NC-1, NC-2, HC-3, HW-6): the real program may say
//! it as well. What there is no property for is an error, unless another strategy has one.

use super::{CheckedStrategy, Place, place_of};
use crate::model::profile::Mechanism;
use crate::model::strategy::Target;
use crate::model::{Api, Client, ClientPerRequest, GroupRule, Scenario, Workload};
use crate::scenario::diagnostic::Problems;
use crate::scenario::keys::client::{HANDLER_LIFETIME, api_word};
use crate::scenario::keys::strategy::key_of;
use crate::scenario::tree::Node;
use crate::units::ConnectionLimit;
use alloc::string::String;
use alloc::vec::Vec;

/// What comes of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// It changes something.
    Works,
    /// It can be set and changes nothing: why, and what to set instead.
    NoEffect(&'static str, &'static str),
    /// It cannot be set: what it would take.
    CannotBeSet(&'static str),
}

/// Keys of a client that do not mean something everywhere.
const CLIENT_KEYS: &[&str] = &[
    "connection-limit",
    "max-idle-time",
    "max-connections-per-server",
    "pooled-connection-idle-timeout",
    "pooled-connection-lifetime",
    "handler-lifetime",
    "gc",
];

/// Keys of a workload, and of what a program does, that do not mean something everywhere.
const WORKLOAD_KEYS: &[&str] = &[
    "group",
    "groups",
    "close-groups",
    "pipelined",
    "client-per-request",
];

fn of_client(key: &str, client: &Client) -> Fate {
    let is_modern = matches!(client.mechanism(), Mechanism::SocketsHttp(_));
    let has_handler = is_modern && client.api != Api::HttpWebRequest;
    let is_limited = client.max_connections_per_server != ConnectionLimit::UNLIMITED;
    // A default that is written down says nothing, and who has set what works there knows.
    let is_idle = match key {
        "connection-limit" => is_modern && is_limited,
        "max-idle-time" => {
            client.max_idle_time == Some(client.runtime.max_idle_time.value)
                || is_modern && client.pooled_connection_idle_timeout.is_some()
        }
        "max-connections-per-server" => !is_limited,
        "pooled-connection-lifetime" => client.pooled_connection_lifetime.is_none(),
        "handler-lifetime" => client.handler_lifetime == Some(HANDLER_LIFETIME),
        "gc" => client.gc_every.is_none(),
        _ => false,
    };
    match key {
        _ if is_idle => Fate::Works,
        "connection-limit" if is_modern => Fate::NoEffect(
            "its ServicePoint stores it, and nobody reads it (NC-2, HC-3)",
            "`max-connections-per-server` with `api = \"HttpClient\"` is the limit there",
        ),
        "max-idle-time" if is_modern => Fate::NoEffect(
            "its ServicePoint stores it, and nobody reads it (NC-2, HC-3)",
            "`pooled-connection-idle-timeout` with `api = \"HttpClient\"` is the idle time there",
        ),
        "max-connections-per-server"
        | "pooled-connection-idle-timeout"
        | "pooled-connection-lifetime"
            if !has_handler =>
        {
            Fate::CannotBeSet(
                "it is a property of SocketsHttpHandler: it takes `api = \"HttpClient\"` on mono6, \
                 netcore31, net8 or net9",
            )
        }
        "handler-lifetime" if client.api != Api::HttpClientFactory => {
            Fate::CannotBeSet("it takes `api = \"HttpClientFactory\"`")
        }
        "gc" => collections(client),
        _ => Fate::Works,
    }
}

/// What garbage collections do.
fn collections(client: &Client) -> Fate {
    match client.mechanism() {
        Mechanism::SocketsHttp(_) => Fate::Works,
        Mechanism::Framework(rules) => {
            let leaks = client.reservation_leak && rules.reserves.value;
            if leaks || client.max_idle_time.is_none() {
                return Fate::Works;
            }
            Fate::NoEffect(
                "the idle timer of a ServicePoint keeps it from being collected (SP-10)",
                "it does something with `reservation-leak = true`, or `max-idle-time = \"never\"`",
            )
        }
        Mechanism::Mono4 | Mechanism::Mono6 => Fate::NoEffect(
            "on Mono ServicePoints are referred to, and what a response pins stays (MO-2, HW-7)",
            "delete the line",
        ),
    }
}

fn of_workload(key: &str, workload: &Workload, client: &Client) -> Fate {
    let is_modern = matches!(client.mechanism(), Mechanism::SocketsHttp(_));
    let names = !matches!(workload.group, None | Some(GroupRule::None));
    match key {
        "group" | "groups" if is_modern && names => Fate::NoEffect(
            "names are ignored there: connections are shared or not whatever the name (NC-1)",
            "`client-per-request` says what decides there",
        ),
        "close-groups" if is_modern => Fate::NoEffect(
            "CloseConnectionGroup returns true there and does nothing (NC-2)",
            "`pooled-connection-idle-timeout` and `pooled-connection-lifetime` end them there",
        ),
        "pipelined" if is_modern && workload.pipelined => Fate::NoEffect(
            "it is stored there and nobody reads it (NC-1)",
            "delete the line",
        ),
        "client-per-request" => own_client(workload.client_per_request, client),
        _ => Fate::Works,
    }
}

fn own_client(rule: ClientPerRequest, client: &Client) -> Fate {
    match (client.api, rule) {
        (_, ClientPerRequest::No) | (Api::HttpClient, _) => Fate::Works,
        (Api::HttpClientFactory, _) => Fate::CannotBeSet(
            "clients of a factory share a handler: it takes `api = \"HttpClient\"`",
        ),
        (Api::HttpWebRequest, ClientPerRequest::Held | ClientPerRequest::Dropped) => {
            Fate::CannotBeSet("it is about HttpClient objects: it takes `api = \"HttpClient\"`")
        }
        (Api::HttpWebRequest, ClientPerRequest::Disposed) => {
            if matches!(client.mechanism(), Mechanism::SocketsHttp(_)) {
                return Fate::Works;
            }
            Fate::NoEffect(
                "an HttpWebRequest stands on no HttpClient there: connections are shared (HW-6)",
                "`api = \"HttpClient\"` is what has a client for each request",
            )
        }
    }
}

/// Something that a key was written for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Written {
    key: &'static str,
    target: Target,
    fate: Fate,
}

/// Checks the keys of the scenario and of every strategy.
pub(super) fn check(
    root: &Node,
    scenario: &Scenario,
    strategies: &[CheckedStrategy],
    problems: &mut Problems,
) {
    let mut refused: Vec<(Written, usize)> = Vec::new();
    let mut said: Vec<(Written, &str)> = Vec::new();
    for checked in strategies {
        let variant = scenario.under(&checked.strategy);
        apis(root, scenario, &variant, checked, problems);
        let patched: Vec<&str> = (checked.strategy.patches.iter()).map(key_of).collect();
        for key in CLIENT_KEYS.iter().chain(WORKLOAD_KEYS) {
            let all = fates(key, &variant);
            if patched.contains(key) {
                let covered = all
                    .iter()
                    .filter(|it| checked.strategy.only.covers(it.target));
                of_strategy(covered, &variant, checked, problems);
                continue;
            }
            for written in all.iter().filter(|it| is_written(root, scenario, it)) {
                let runtime = client_of(written.target, &variant).runtime.name;
                match written.fate {
                    Fate::Works => {}
                    Fate::NoEffect(..) if said.contains(&(*written, runtime)) => {}
                    Fate::NoEffect(why, instead) => {
                        said.push((*written, runtime));
                        let place = place_in(root, scenario, written);
                        warn(&place, written.key, runtime, (why, instead), problems);
                    }
                    Fate::CannotBeSet(_) => match refused.iter_mut().find(|it| it.0 == *written) {
                        Some((_, times)) => *times += 1,
                        None => refused.push((*written, 1)),
                    },
                }
            }
        }
    }
    for (written, times) in refused {
        if let (Fate::CannotBeSet(takes), true) = (written.fate, times == strategies.len()) {
            let place = place_in(root, scenario, &written);
            refuse(&place, written.key, takes, problems);
        }
    }
}

/// What comes of a key for everything that may have it.
fn fates(key: &'static str, variant: &Scenario) -> Vec<Written> {
    if CLIENT_KEYS.contains(&key) {
        let clients = variant.clients.iter().enumerate();
        return clients
            .map(|(index, client)| Written {
                key,
                target: Target::Client(index),
                fate: of_client(key, client),
            })
            .collect();
    }
    let workloads = variant.workloads.iter().enumerate();
    workloads
        .map(|(index, workload)| Written {
            key,
            target: Target::Workload(index),
            fate: of_workload(key, workload, &variant.clients[workload.client]),
        })
        .collect()
}

/// Reports a key of a strategy that means nothing to anything it changes.
fn of_strategy<'a>(
    mut covered: impl Iterator<Item = &'a Written>,
    variant: &Scenario,
    checked: &CheckedStrategy,
    problems: &mut Problems,
) {
    let Some(first) = covered.next() else {
        return;
    };
    if first.fate == Fate::Works || covered.any(|it| it.fate == Fate::Works) {
        return;
    }
    let runtime = client_of(first.target, variant).runtime.name;
    match first.fate {
        Fate::Works => {}
        Fate::NoEffect(why, instead) => {
            warn(&checked.place, first.key, runtime, (why, instead), problems);
        }
        Fate::CannotBeSet(takes) => refuse(&checked.place, first.key, takes, problems),
    }
}

fn warn(
    place: &Place,
    key: &str,
    runtime: &str,
    (why, instead): (&str, &str),
    problems: &mut Problems,
) {
    problems
        .warn(place, format!("`{key}` has no effect on `{runtime}`"))
        .label(why)
        .help(instead);
}

fn refuse(place: &Place, key: &str, takes: &str, problems: &mut Problems) {
    problems
        .error(place, format!("`{key}` cannot be set there"))
        .help(takes);
}

/// Reports an API that a client's runtime does not have.
fn apis(
    root: &Node,
    scenario: &Scenario,
    variant: &Scenario,
    checked: &CheckedStrategy,
    problems: &mut Problems,
) {
    for (client, before) in variant.clients.iter().zip(&scenario.clients) {
        if client.can_use(client.api) {
            continue;
        }
        let is_as_before = client.api == before.api && client.runtime == before.runtime;
        let place = if is_as_before {
            place_of(root, &["client", &client.name, "api"])
        } else {
            checked.place.clone()
        };
        let (word, runtime) = (api_word(client.api), client.runtime.name);
        let message = format!("`api = \"{word}\"` cannot be had on `{runtime}`");
        let is_known = |it: &crate::scenario::Diagnostic| it.message.ends_with(&message);
        if is_as_before && problems.errors.iter().any(is_known) {
            continue;
        }
        let has = |it: &&&'static crate::model::RuntimeProfile| {
            let mut other = client.clone();
            other.runtime = it;
            other.can_use(client.api)
        };
        let names: Vec<&str> = (crate::profiles::ALL.iter())
            .filter(has)
            .map(|it| it.name)
            .collect();
        let help: String = format!("it can on {}", names.join(", "));
        problems.error(&place, message).help(help);
    }
}

fn client_of(target: Target, variant: &Scenario) -> &Client {
    match target {
        Target::Client(index) => &variant.clients[index],
        Target::Workload(index) => &variant.clients[variant.workloads[index].client],
        Target::Server(_) => unreachable!("no key of a server is looked at here"),
    }
}

fn place_in(root: &Node, scenario: &Scenario, written: &Written) -> Place {
    match written.target {
        Target::Client(index) => place_of(
            root,
            &["client", &scenario.clients[index].name, written.key],
        ),
        _ if written.key == "close-groups" => place_of(root, &[written.key]),
        Target::Workload(index) => place_of(
            root,
            &["workload", &scenario.workloads[index].name, written.key],
        ),
        Target::Server(_) => Place::File,
    }
}

fn is_written(root: &Node, scenario: &Scenario, written: &Written) -> bool {
    place_in(root, scenario, written) != Place::File
}
