//! The tree: client, ServicePoint, group, connection, port. Groups that are alike are counted.

use super::{Inspected, pid, processes, state_name};
use crate::net::PortState;
use crate::net::snapshot::{
    ConnectionSnapshot, Owner, OwnerSnapshot, ProcessSnapshot, ServicePointSnapshot,
};
use crate::study::Inspection;
use crate::study::inspection::IdleTimer;
use crate::units::{ConnectionLimit, SimTime};
use crate::words::number::{count, counted, instant};
use crate::words::plain;

/// Of alike things, this many are shown and the rest counted.
const SHOWN: usize = 3;

pub(super) fn text(one: &Inspected<'_>) -> String {
    let inspection = &one.inspection;
    let sample = &inspection.snapshot.sample;
    let name = plain::short(&one.strategy, 60);
    let mut text = format!("{name}, at {}\n", instant(sample.time));
    text += &machine(inspection);
    text += &format!(
        "requests: {} made, {} on the wire, {} waiting for a connection{}\n",
        count(sample.requests as f64),
        count(on_wire(inspection) as f64),
        count(sample.queued as f64),
        match inspection.snapshot.held_back {
            0 => String::new(),
            held => format!(", {} held back by the program", count(held as f64)),
        }
    );
    for (index, client, process) in processes(inspection) {
        text += &format!(
            "client {} ({}), PID {}\n",
            plain::short(&client.name, 40),
            client.runtime.title,
            pid(index)
        );
        let mut lines = Lines::default();
        for service_point in &process.service_points {
            lines.service_point(inspection, index, service_point);
        }
        if process.service_points.is_empty() {
            lines.add(0, "no ServicePoint".into());
        }
        text += &lines.drawn();
    }
    text + &time_wait(inspection)
}

fn on_wire(inspection: &Inspection<'_>) -> u64 {
    let processes = inspection.snapshot.processes.iter();
    let connections = processes.flat_map(ProcessSnapshot::connections);
    connections
        .filter(|it| it.state == Some(PortState::Busy))
        .map(|it| u64::from(it.on_wire))
        .sum()
}

fn machine(inspection: &Inspection<'_>) -> String {
    let sample = &inspection.snapshot.sample;
    let states = [
        (sample.connecting, "connecting"),
        (sample.busy, "busy"),
        (sample.idle, "idle"),
        (sample.close_wait, "in CLOSE_WAIT"),
        (sample.time_wait, "in TIME_WAIT"),
    ];
    let parts: Vec<String> = states
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{} {name}", count(*number as f64)))
        .collect();
    let (first, ports) = inspection.snapshot.range;
    let colon = if parts.is_empty() { "" } else { ": " };
    let which = match inspection.snapshot.machine {
        (_, 1) => String::new(),
        (machine, all) => format!(
            "machine {} of {all}, the one with the most ports in use; requests are those of all\n",
            machine + 1
        ),
    };
    format!(
        "{which}ports: {} of {} taken (from {first} up){}{colon}{}\n",
        count(sample.ports_in_use as f64),
        count(f64::from(ports)),
        if inspection.snapshot.tables.len() > 1 {
            " towards the fullest destination"
        } else {
            ""
        },
        parts.join(", ")
    )
}

/// The oldest and the youngest port in TIME_WAIT, and how many there are.
fn time_wait(inspection: &Inspection<'_>) -> String {
    let (Some(first), Some(last)) = (inspection.time_wait.first(), inspection.time_wait.last())
    else {
        return String::new();
    };
    let until = |it: &crate::study::inspection::TimeWaitPort| {
        instant(
            it.closed_at
                .saturating_add(inspection.scenario.machine.time_wait),
        )
    };
    format!(
        "TIME_WAIT: {}; port {} is free at {}, port {} last, at {}\n",
        counted(inspection.time_wait.len() as f64, "port", "ports"),
        first.port,
        until(first),
        last.port,
        until(last)
    )
}

/// Lines with their depth; the branches are drawn when all are known.
#[derive(Default)]
struct Lines {
    lines: Vec<(usize, String)>,
}

impl Lines {
    fn add(&mut self, depth: usize, text: String) {
        self.lines.push((depth, text));
    }

    fn service_point(
        &mut self,
        inspection: &Inspection<'_>,
        process: usize,
        of: &ServicePointSnapshot,
    ) {
        let key = inspection
            .endpoints
            .get(of.endpoint as usize)
            .map_or("?", |server| server.key.as_str());
        let groups = of.owners.iter().filter(|it| it.listed).count() as u64 + of.empty_groups.len();
        let connections: usize = of.owners.iter().map(|it| it.connections.len()).sum();
        let pooled = of
            .owners
            .iter()
            .any(|it| !matches!(it.owner, Owner::Group(_)));
        let mut line = format!("ServicePoint {}: ", plain::short(key, 80));
        if !pooled {
            line += &format!("{}, ", counted(groups as f64, "group", "groups"));
        }
        line += &counted(connections as f64, "connection", "connections");
        let per = if pooled { "per pool" } else { "per group" };
        line += &format!(", limit {} {per}", ConnectionLimit::new(of.limit));
        if !of.listed {
            line += " (has left the table)";
        }
        self.add(0, line);
        let timer = inspection.idle_timers.get(&(process, of.endpoint));
        if let Some(timer) = timer.filter(|_| of.listed) {
            self.add(1, idle_timer(timer, inspection.snapshot.sample.time));
        }
        self.owners(&of.owners);
        if !of.empty_groups.is_empty() {
            let empty = counted(of.empty_groups.len() as f64, "group", "groups");
            self.add(1, format!("{empty} without a connection"));
        }
    }

    /// Groups in their order; once three alike were shown, the rest of their kind is counted.
    fn owners(&mut self, owners: &[OwnerSnapshot]) {
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for owner in owners {
            let kind = kind_of(owner);
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, seen)) => *seen += 1,
                None => kinds.push((kind.clone(), 1)),
            }
            let seen = kinds.iter().find(|(known, _)| *known == kind);
            if seen.is_some_and(|(_, seen)| *seen <= SHOWN) {
                self.owner(owner);
            }
        }
        for (kind, seen) in &kinds {
            if let Some(more @ 1..) = seen.checked_sub(SHOWN) {
                let groups = if more == 1 { "group" } else { "groups" };
                self.add(
                    1,
                    format!("… and {} more {groups} with {kind}", count(more as f64)),
                );
            }
        }
    }

    fn owner(&mut self, owner: &OwnerSnapshot) {
        let name = match owner.owner {
            Owner::Group(name) => format!("group {name}"),
            Owner::SharedPool => "pool of the shared handler".into(),
            Owner::PrivateHandlers => "handlers of one request each".into(),
        };
        self.add(1, format!("{name}: {}", kind_of(owner)));
        let mut seen: Vec<(String, usize)> = Vec::new();
        for connection in &owner.connections {
            let kind = connection_kind(connection);
            let place = seen.iter().position(|(known, _)| *known == kind);
            let place = place.unwrap_or_else(|| {
                seen.push((kind.clone(), 0));
                seen.len() - 1
            });
            seen[place].1 += 1;
            if seen[place].1 <= SHOWN {
                self.add(2, connection_line(connection, &kind));
            }
        }
        for (kind, number) in &seen {
            if let Some(more @ 1..) = number.checked_sub(SHOWN) {
                let connections = if more == 1 {
                    "connection"
                } else {
                    "connections"
                };
                self.add(
                    2,
                    format!("… and {} more {kind} {connections}", count(more as f64)),
                );
            }
        }
    }

    /// The lines with branches: a line is the last of its depth when the next one at or above
    /// that depth is above it.
    fn drawn(&self) -> String {
        let mut text = String::new();
        for (index, (depth, line)) in self.lines.iter().enumerate() {
            let is_last = |level: usize| {
                let mut later = self.lines[index + 1..].iter();
                later
                    .find(|(other, _)| *other <= level)
                    .is_none_or(|(other, _)| *other < level)
            };
            for level in 0..*depth {
                text += if is_last(level) { "   " } else { "│  " };
            }
            text += if is_last(*depth) {
                "└─ "
            } else {
                "├─ "
            };
            text += line;
            text.push('\n');
        }
        text
    }
}

/// The idle timer of a ServicePoint in words.
fn idle_timer(timer: &IdleTimer, now: SimTime) -> String {
    let due = match timer.due {
        Some(due) => format!("due in {}", instant(SimTime::ZERO + due.since(now))),
        None => "stopped while a connection is busy".into(),
    };
    let times = |number: u64| match number {
        0 => "never".into(),
        1 => "once".into(),
        several => format!("{} times", count(several as f64)),
    };
    let fired = match timer.fired {
        0 => "never fired".into(),
        some => format!("fired {}", times(some)),
    };
    let restarted = times(timer.restarted);
    format!("idle timer: {due}; restarted {restarted}, {fired}")
}

/// What a group holds, in words: groups with the same words are alike.
fn kind_of(owner: &OwnerSnapshot) -> String {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for connection in &owner.connections {
        let kind = connection_kind(connection);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, number)) => *number += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let mut parts: Vec<String> = kinds
        .into_iter()
        .map(|(kind, number)| match number {
            1 => format!("one {kind} connection"),
            several => format!("{} {kind} connections", count(several as f64)),
        })
        .collect();
    if parts.is_empty() {
        parts.push("no connection".into());
    }
    let waiting = owner.queued;
    if waiting > 0 {
        parts.push(counted(
            waiting as f64,
            "waiting request",
            "waiting requests",
        ));
    }
    if !owner.listed {
        parts.push("no longer in the table".into());
    }
    parts.join(", ")
}

fn connection_kind(connection: &ConnectionSnapshot) -> String {
    let state = connection.state.map_or("unconnected", state_name);
    if connection.listed {
        state.into()
    } else {
        format!("closing, {state}")
    }
}

fn connection_line(connection: &ConnectionSnapshot, kind: &str) -> String {
    let view = &connection.view;
    let mut line = format!("connection {}", view.serial);
    if connection.state.is_some() {
        line += &format!(", port {}", view.port);
    }
    line += &format!(": {kind}, served {}", view.served);
    if connection.queued > 0 {
        let waiting = counted(
            f64::from(connection.queued),
            "request waits",
            "requests wait",
        );
        line += &format!(", {waiting} for it");
    }
    line
}
