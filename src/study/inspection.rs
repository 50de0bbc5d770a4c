//! One run stopped at instants of one's choice, and looked at.

use crate::model::settings::PortScope;
use crate::model::{Scenario, Server};
use crate::net::ConnectionView;
use crate::record::Sample;
use crate::sim::{Observation, Observer, Simulation, Snapshot, TraceError, Traces, endpoints_of};
use crate::units::{SimSpan, SimTime};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The world of one run at one instant, with what is needed to name its parts.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection<'s> {
    /// The scenario as the strategy changes it.
    pub scenario: &'s Scenario,
    /// The remote endpoints by number, each with the server that speaks for it.
    pub endpoints: Vec<&'s Server>,
    /// Everything there is.
    pub snapshot: Snapshot,
    /// The ports in TIME_WAIT, the oldest first.
    pub time_wait: Vec<TimeWaitPort>,
}

/// A port in TIME_WAIT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeWaitPort {
    /// The local port.
    pub port: u16,
    /// The endpoint that its last connection went to.
    pub endpoint: u32,
    /// When that was closed.
    pub closed_at: SimTime,
}

/// Stops a run of `variant` at each of `instants`, in ascending order, and shows it to `see`.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn inspect<'s>(
    variant: &'s Scenario,
    replication: u32,
    traces: &dyn Traces,
    instants: &[SimTime],
    mut see: impl FnMut(Inspection<'s>),
) -> Result<(), TraceError> {
    let mut users = PortUsers::new(variant);
    let mut simulation = Simulation::new(variant, replication, traces, &mut users)?;
    for at in instants {
        simulation.run_until(*at)?;
        let snapshot = simulation.snapshot();
        let time_wait = time_wait_of(variant, &snapshot, simulation.observer());
        see(Inspection {
            scenario: variant,
            endpoints: servers_of(variant),
            snapshot,
            time_wait,
        });
    }
    Ok(())
}

/// The counts at 0, `every`, two times `every` … up to and including `until`.
///
/// # Errors
/// A trace of the scenario cannot be read.
pub fn samples_every(
    variant: &Scenario,
    replication: u32,
    traces: &dyn Traces,
    every: SimSpan,
    until: SimTime,
    mut see: impl FnMut(Sample),
) -> Result<(), TraceError> {
    let mut users = PortUsers::new(variant);
    let mut simulation = Simulation::new(variant, replication, traces, &mut users)?;
    let mut at = SimTime::ZERO;
    while at <= until {
        simulation.run_until(at)?;
        see(simulation.sample_now());
        at = at.saturating_add(every.max(SimSpan::from_nanos(1)));
    }
    Ok(())
}

/// The server that speaks for each endpoint: the first with its key.
fn servers_of(scenario: &Scenario) -> Vec<&Server> {
    let mut servers = Vec::new();
    for (server, endpoint) in scenario.servers.iter().zip(endpoints_of(scenario)) {
        if endpoint as usize == servers.len() {
            servers.push(server);
        }
    }
    servers
}

fn time_wait_of(variant: &Scenario, snapshot: &Snapshot, users: &PortUsers) -> Vec<TimeWaitPort> {
    let per_destination = variant.machine.scope == PortScope::Destination;
    let mut ports = Vec::new();
    for (table, content) in snapshot.tables.iter().enumerate() {
        for (port, closed_at) in &content.time_wait {
            let endpoint = if per_destination {
                table as u32
            } else {
                let last = users.last.get(&(snapshot.machine.0, *port));
                last.copied().unwrap_or(0)
            };
            ports.push(TimeWaitPort {
                port: *port,
                endpoint,
                closed_at: *closed_at,
            });
        }
    }
    ports.sort_by_key(|it| (it.closed_at, it.port, it.endpoint));
    ports
}

/// Where the last connection of each port went: a port in TIME_WAIT has none of its own.
///
/// The one observer of every run that is looked at: the engine is compiled anew for each kind.
#[derive(Debug)]
pub(super) struct PortUsers {
    n_clients: u32,
    /// By machine and port.
    last: BTreeMap<(u32, u16), u32>,
}

impl PortUsers {
    pub(super) fn new(variant: &Scenario) -> PortUsers {
        PortUsers {
            n_clients: variant.clients.len() as u32,
            last: BTreeMap::new(),
        }
    }
}

impl Observer for PortUsers {
    const OBSERVES_EACH_STEP: bool = false;

    fn observe(&mut self, _now: SimTime, observation: Observation) {
        if let Observation::ConnectionClosed {
            process,
            connection: ConnectionView { port, endpoint, .. },
            ..
        } = observation
        {
            let machine = process / self.n_clients;
            self.last.insert((machine, port), endpoint);
        }
    }
}
