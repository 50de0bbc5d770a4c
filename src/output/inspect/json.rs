//! The world for programs. Field names are a contract; times are seconds of simulated time.

use super::{Inspected, pid, processes, state_name};
use crate::model::{Client, Scenario};
use crate::net::ProcessSnapshot;
use crate::net::snapshot::{ConnectionSnapshot, Owner, ServicePointSnapshot};
use crate::output::artifact::pretty;
use crate::record::{Column, Columns};
use crate::study::Inspection;
use crate::study::inspection::Readout;
use crate::units::{ConnectionLimit, SimTime};
use serde_json::{Map, Value, json};

/// Raised when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// One document over the strategies, ending in a line feed.
pub fn document(scenario: &Scenario, inspected: &[Inspected<'_>]) -> String {
    let strategies: Vec<Value> = inspected.iter().map(strategy).collect();
    let document = json!({
        "schema": SCHEMA,
        "spsim": env!("CARGO_PKG_VERSION"),
        "scenario": scenario.name,
        "digest": format!("{:016x}", scenario.digest),
        "seed": scenario.seed,
        "strategies": strategies,
    });
    pretty(&document)
}

fn strategy(one: &Inspected<'_>) -> Value {
    let inspection = &one.inspection;
    let sample = &inspection.snapshot.sample;
    let columns = Columns::of(sample);
    let count = |column: Column| (column.name().into(), columns[column].into());
    let counts: Map<String, Value> = Column::PORTS.map(count).into_iter().collect();
    let (first, ports) = inspection.snapshot.range;
    // The counts of requests and objects are over all machines, those of ports are this one's.
    let (machine, machines) = inspection.snapshot.machine;
    let clients = processes(inspection)
        .map(|(index, client, process)| process_json(inspection, index, client, process));
    let hold = inspection.scenario.machine.time_wait;
    let time_wait = inspection.time_wait.iter().map(|it| {
        json!({
            "port": it.port,
            "endpoint": key(inspection, it.endpoint),
            "closed_at_s": it.closed_at.as_seconds(),
            "free_at_s": it.closed_at.saturating_add(hold).as_seconds(),
        })
    });
    json!({
        "name": one.strategy,
        "at_s": sample.time.as_seconds(),
        "counts": counts,
        "readout": readout(&inspection.readout()),
        "machine": { "number": machine + 1, "of": machines },
        "ports": { "first": first, "limit": ports },
        "held_back": inspection.snapshot.held_back,
        "clients": clients.collect::<Vec<Value>>(),
        "time_wait": time_wait.collect::<Vec<Value>>(),
    })
}

fn readout(of: &Readout) -> Value {
    json!({
        "time_s": of.time.as_seconds(),
        "ports": of.ports,
        "free": of.free,
        "failed": of.failed,
        "answered": of.answered,
        "groups": of.groups,
        "connections": of.connections,
    })
}

fn key<'a>(inspection: &'a Inspection<'_>, endpoint: u32) -> &'a str {
    let server = inspection.endpoints.get(endpoint as usize);
    server.map_or("", |server| server.key.as_str())
}

fn process_json(
    inspection: &Inspection<'_>,
    index: usize,
    client: &Client,
    process: &ProcessSnapshot,
) -> Value {
    let service_points = process.service_points.iter();
    json!({
        "name": client.name,
        "runtime": client.runtime.name,
        "pid": pid(index),
        "service_points": service_points
            .map(|it| service_point(inspection, index, it))
            .collect::<Vec<Value>>(),
    })
}

fn service_point(inspection: &Inspection<'_>, process: usize, of: &ServicePointSnapshot) -> Value {
    let timer = inspection.idle_timers.get(&(process, of.endpoint));
    let timer = timer.filter(|_| of.listed);
    let listed = || of.owners.iter().filter(|it| it.listed);
    // SP-7: what is in the lists of the groups in the table.
    let counted = listed()
        .flat_map(|it| &it.connections)
        .filter(|it| it.listed)
        .count()
        .cast_signed() as i64;
    let limit = ConnectionLimit::new(of.limit);
    let owners = of.owners.iter().map(|owner| {
        let (kind, name) = match owner.owner {
            Owner::Group(name) => ("group", Some(name.to_string())),
            Owner::SharedPool => ("shared_pool", None),
            Owner::PrivateHandlers => ("private_handlers", None),
        };
        json!({
            "kind": kind,
            "name": name,
            "listed": owner.listed,
            "queued": owner.queued,
            "connections": owner.connections.iter().map(connection).collect::<Vec<Value>>(),
        })
    });
    json!({
        "endpoint": key(inspection, of.endpoint),
        "listed": of.listed,
        "connection_limit": (limit != ConnectionLimit::UNLIMITED).then(|| limit.count()),
        "current_connections": of.current_connections.unwrap_or(counted),
        "idle_timer": timer.map(|timer| json!({
            "due_s": timer.due.map(SimTime::as_seconds),
            "restarted": timer.restarted,
            "fired": timer.fired,
        })),
        "empty_groups": of.empty_groups.len(),
        "holders": owners.collect::<Vec<Value>>(),
    })
}

fn connection(of: &ConnectionSnapshot) -> Value {
    json!({
        "connection": of.view.serial,
        "port": of.state.map(|_| of.view.port),
        "state": of.state.map(|state| state_name(state).to_ascii_lowercase()),
        "listed": of.listed,
        "served": of.view.served,
        "queued": of.queued,
        "on_wire": of.on_wire,
    })
}
