//! One row per observation: what `spsim trace` writes.
//!
//! Lives here: what a row holds and what has to be remembered to fill it. Does not live here:
//! which rows are wanted (the command) and how they are written (`output`).
//!
//! Memory is O(connections open + requests in the system), whatever the length of the run.

use crate::model::{GroupName, Scenario};
use crate::net::{CloseKind, ConnectionId, ConnectionView, Failure, Outcome};
use crate::sim::{Observation, RequestView, Sample, endpoints_of};
use crate::units::{SimSpan, SimTime};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The name of every event.
pub const EVENTS: [&str; 23] = [
    "request_arrived",
    "request_submitted",
    "request_queued",
    "request_sent",
    "request_retried",
    "request_ended",
    "connection_opened",
    "connect_refused",
    "snat_port_refused",
    "connection_connected",
    "connection_became_idle",
    "response_left_open",
    "server_closed_connection",
    "connection_closed",
    "group_created",
    "group_released",
    "service_point_created",
    "service_point_released",
    "close_connection_group_called",
    "ports_sampled",
    "idle_timer_armed",
    "idle_timer_cancelled",
    "idle_timer_fired",
];

/// A connection as rows name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionRef {
    /// How many connections its process opened before it.
    pub number: u64,
    /// Its local port.
    pub port: u16,
}

/// One event; what does not apply to it is `None`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct EventRow<'s> {
    /// When.
    pub time: SimTime,
    /// One of [`EVENTS`].
    pub event: &'static str,
    /// The process whose doing it is.
    pub client: Option<&'s str>,
    /// The workload of the request.
    pub workload: Option<&'s str>,
    /// The request: how many there were before it.
    pub request: Option<u64>,
    /// The connection.
    pub connection: Option<ConnectionRef>,
    /// The `ConnectionGroupName`.
    pub group: Option<GroupName>,
    /// The key of the remote endpoint, as ServicePoints are found by (SP-1).
    pub endpoint: Option<&'s str>,
    /// How a request ended: `succeeded` or `failed`.
    pub outcome: Option<&'static str>,
    /// Why an attempt failed.
    pub failure: Option<Failure>,
    /// From submit to the wire.
    pub wait: Option<SimSpan>,
    /// From arrival to the end.
    pub latency: Option<SimSpan>,
    /// How long the program waits before it tries again.
    pub retry_in: Option<SimSpan>,
    /// How many requests the connection had served.
    pub served: Option<u32>,
    /// How a socket was closed.
    pub closed: Option<CloseKind>,
    /// What `CloseConnectionGroup` returned.
    pub found: Option<bool>,
    /// When an idle timer fires, unless it is cancelled.
    pub due: Option<SimTime>,
    /// The port table.
    pub sample: Option<Sample>,
}

/// Tells a run as rows: remembers which connection carries which request.
#[derive(Debug)]
pub struct Narrator<'s> {
    clients: Vec<&'s str>,
    workloads: Vec<&'s str>,
    endpoints: Vec<&'s str>,
    process: u32,
    /// By process and connection id, which is given again once its connection is closed.
    connections: Vec<Vec<ConnectionView>>,
    /// Where each request is that waits for, or is on, a connection.
    requests: BTreeMap<u64, ConnectionRef>,
}

impl<'s> Narrator<'s> {
    /// A narrator of a run of `scenario`.
    pub fn new(scenario: &'s Scenario) -> Narrator<'s> {
        let mut endpoints: Vec<&str> = Vec::new();
        for (server, endpoint) in scenario.servers.iter().zip(endpoints_of(scenario)) {
            if endpoint as usize == endpoints.len() {
                endpoints.push(&server.key);
            }
        }
        // Every machine has processes of these names.
        let clients = scenario.clients.iter().map(|it| it.name.as_str());
        let n_processes = clients.len() * scenario.machine.instances as usize;
        Narrator {
            clients: clients.cycle().take(n_processes).collect(),
            workloads: scenario
                .workloads
                .iter()
                .map(|it| it.name.as_str())
                .collect(),
            endpoints,
            process: 0,
            connections: alloc::vec![Vec::new(); n_processes],
            requests: BTreeMap::new(),
        }
    }

    /// What comes next is the doing of this process.
    pub fn turn_to(&mut self, process: u32) {
        self.process = process;
    }

    /// The row of an observation.
    pub fn row(&mut self, now: SimTime, observation: &Observation) -> EventRow<'s> {
        let mut row = self.blank(now, name_of(observation));
        match observation {
            Observation::RequestArrived(request) | Observation::RequestSubmitted(request) => {
                self.request(&mut row, request);
            }
            Observation::RequestQueued(request, connection) => {
                if let Some(known) = connection.and_then(|id| self.known(id)) {
                    self.requests.insert(request.serial, ref_of(&known));
                }
                self.request(&mut row, request);
            }
            Observation::RequestSent(request, connection) => {
                self.connection(&mut row, connection);
                self.requests
                    .extend(row.connection.map(|place| (request.serial, place)));
                self.request(&mut row, request);
                row.wait = Some(now.since(request.submitted));
            }
            Observation::RequestRetried(request, failure, wait) => {
                self.request(&mut row, request);
                self.requests.remove(&request.serial);
                row.failure = Some(*failure);
                row.retry_in = Some(*wait);
            }
            Observation::RequestEnded(request, outcome) => {
                self.request(&mut row, request);
                self.requests.remove(&request.serial);
                row.latency = Some(now.since(request.arrived));
                (row.outcome, row.failure) = match outcome {
                    Outcome::Succeeded => (Some("succeeded"), None),
                    Outcome::Failed(failure) => (Some("failed"), Some(*failure)),
                };
            }
            Observation::ConnectionOpened(connection) => {
                self.remember(connection);
                self.connection(&mut row, connection);
            }
            Observation::Connected(id) => {
                if let Some(known) = self.known(*id) {
                    self.connection(&mut row, &known);
                }
            }
            Observation::ConnectionIdle(connection)
            | Observation::ResponseLeftOpen(connection)
            | Observation::ServerClosed(connection) => {
                self.connection(&mut row, connection);
            }
            Observation::ConnectionClosed {
                connection, how, ..
            } => {
                self.connection(&mut row, connection);
                row.closed = Some(*how);
            }
            Observation::ConnectRefused { process, endpoint }
            | Observation::SnatPortRefused { process, endpoint } => {
                row.client = self.clients.get(*process as usize).copied();
                self.endpoint(&mut row, *endpoint);
            }
            Observation::GroupCreated { endpoint, name }
            | Observation::GroupReleased { endpoint, name } => {
                row.group = Some(*name);
                self.endpoint(&mut row, *endpoint);
            }
            Observation::ServicePointCreated { endpoint }
            | Observation::ServicePointReleased { endpoint } => {
                self.endpoint(&mut row, *endpoint);
            }
            Observation::GroupCloseCalled {
                endpoint,
                name,
                found,
            } => {
                row.group = Some(*name);
                row.found = Some(*found);
                self.endpoint(&mut row, *endpoint);
            }
            Observation::IdleTimerArmed {
                endpoint,
                group,
                due,
            } => {
                (row.group, row.due) = (*group, Some(*due));
                self.endpoint(&mut row, *endpoint);
            }
            Observation::IdleTimerCancelled { endpoint, group }
            | Observation::IdleTimerFired { endpoint, group } => {
                row.group = *group;
                self.endpoint(&mut row, *endpoint);
            }
            Observation::Sampled(sample) => {
                // The port table is the machine's.
                row.client = None;
                row.sample = Some(*sample);
            }
        }
        row
    }

    fn blank(&self, time: SimTime, event: &'static str) -> EventRow<'s> {
        EventRow {
            time,
            event,
            client: self.clients.get(self.process as usize).copied(),
            workload: None,
            request: None,
            connection: None,
            group: None,
            endpoint: None,
            outcome: None,
            failure: None,
            wait: None,
            latency: None,
            retry_in: None,
            served: None,
            closed: None,
            found: None,
            due: None,
            sample: None,
        }
    }

    fn request(&self, row: &mut EventRow<'s>, request: &RequestView) {
        row.client = self.clients.get(request.process as usize).copied();
        row.workload = self.workloads.get(request.workload as usize).copied();
        row.request = Some(request.serial);
        row.group = Some(request.group);
        row.connection = self.requests.get(&request.serial).copied();
        self.endpoint(row, request.endpoint);
    }

    fn connection(&self, row: &mut EventRow<'s>, connection: &ConnectionView) {
        row.connection = Some(ref_of(connection));
        row.group = Some(connection.group);
        row.served = Some(connection.served);
        self.endpoint(row, connection.endpoint);
    }

    fn endpoint(&self, row: &mut EventRow<'s>, endpoint: u32) {
        row.endpoint = self.endpoints.get(endpoint as usize).copied();
    }

    fn remember(&mut self, connection: &ConnectionView) {
        let known = &mut self.connections[self.process as usize];
        let place = connection.id.0 as usize;
        if known.len() <= place {
            known.resize(place + 1, *connection);
        }
        known[place] = *connection;
    }

    fn known(&self, id: ConnectionId) -> Option<ConnectionView> {
        self.connections[self.process as usize]
            .get(id.0 as usize)
            .copied()
    }
}

fn ref_of(connection: &ConnectionView) -> ConnectionRef {
    ConnectionRef {
        number: connection.serial,
        port: connection.port,
    }
}

fn name_of(observation: &Observation) -> &'static str {
    let index = match observation {
        Observation::RequestArrived(_) => 0,
        Observation::RequestSubmitted(_) => 1,
        Observation::RequestQueued(..) => 2,
        Observation::RequestSent(..) => 3,
        Observation::RequestRetried(..) => 4,
        Observation::RequestEnded(..) => 5,
        Observation::ConnectionOpened(_) => 6,
        Observation::ConnectRefused { .. } => 7,
        Observation::SnatPortRefused { .. } => 8,
        Observation::Connected(_) => 9,
        Observation::ConnectionIdle(_) => 10,
        Observation::ResponseLeftOpen(_) => 11,
        Observation::ServerClosed(_) => 12,
        Observation::ConnectionClosed { .. } => 13,
        Observation::GroupCreated { .. } => 14,
        Observation::GroupReleased { .. } => 15,
        Observation::ServicePointCreated { .. } => 16,
        Observation::ServicePointReleased { .. } => 17,
        Observation::GroupCloseCalled { .. } => 18,
        Observation::Sampled(_) => 19,
        Observation::IdleTimerArmed { .. } => 20,
        Observation::IdleTimerCancelled { .. } => 21,
        Observation::IdleTimerFired { .. } => 22,
    };
    EVENTS[index]
}
