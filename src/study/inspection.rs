//! One run stopped at instants of one's choice, and looked at.

use crate::model::settings::PortScope;
use crate::model::{GroupName, Scenario, Server};
use crate::net::ConnectionView;
use crate::record::Sample;
use crate::sim::{Observation, Observer, Simulation, Snapshot, TraceError, Traces, endpoints_of};
use crate::units::{SimSpan, SimTime};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::RefCell;

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
    /// The idle timers of the ServicePoints of the machine that is shown, by process, counted
    /// on that machine, and endpoint.
    pub idle_timers: BTreeMap<(usize, u32), IdleTimer>,
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

/// The few numbers that say how a run stands at one instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Readout {
    /// When.
    pub time: SimTime,
    /// Local ports taken, in any state.
    pub ports: u64,
    /// Local ports that a connect could take.
    pub free: u64,
    /// Requests that have ended without the answer they wanted.
    pub failed: u64,
    /// Requests that have been answered.
    pub answered: u64,
    /// Connection groups in the ServicePoints' tables.
    pub groups: u64,
    /// Connection objects not yet closed.
    pub connections: u64,
}

impl Readout {
    /// Of the counts of an instant, on a machine with so many ports.
    pub fn of(sample: &Sample, limit: u32) -> Readout {
        Readout {
            time: sample.time,
            ports: sample.ports_in_use,
            free: u64::from(limit) - sample.ports_in_use,
            failed: sample.failed,
            answered: sample.answered,
            groups: sample.groups,
            connections: sample.connections,
        }
    }
}

impl Inspection<'_> {
    /// The few numbers that say how the run stands.
    pub fn readout(&self) -> Readout {
        let (_, limit) = self.snapshot.range;
        Readout::of(&self.snapshot.sample, limit)
    }
}

/// The life of an idle timer: that of a ServicePoint, or of one of its groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IdleTimer {
    /// When it fires, unless it is cancelled; `None` while there is something to do.
    pub due: Option<SimTime>,
    /// How often it was cancelled before it could fire, to begin again once there was nothing
    /// to do.
    pub restarted: u64,
    /// How often it fired.
    pub fired: u64,
}

/// Whose idle timer: process, endpoint, and the group unless it is the ServicePoint's own.
pub type TimerOwner = (u32, u32, Option<GroupName>);

/// Follows the idle timers of a run by what is observed of them.
#[derive(Debug, Default)]
pub struct IdleTimers {
    timers: BTreeMap<TimerOwner, IdleTimer>,
}

impl IdleTimers {
    /// Hears what a process has done; what is no matter of timers is passed over.
    pub fn observe(&mut self, process: u32, observation: &Observation) {
        match *observation {
            Observation::IdleTimerArmed {
                endpoint,
                group,
                due,
            } => self.of(process, endpoint, group).due = Some(due),
            Observation::IdleTimerCancelled { endpoint, group } => {
                let timer = self.of(process, endpoint, group);
                timer.due = None;
                timer.restarted += 1;
            }
            Observation::IdleTimerFired { endpoint, group } => {
                let timer = self.of(process, endpoint, group);
                timer.due = None;
                timer.fired += 1;
            }
            // Names may be given once only: what is known of their groups goes with them.
            Observation::GroupReleased { endpoint, name } => {
                self.timers.remove(&(process, endpoint, Some(name)));
            }
            _ => {}
        }
    }

    /// The timer of a ServicePoint (`group` is `None`) or of a group, as far as it was told of.
    pub fn find(&self, owner: TimerOwner) -> Option<IdleTimer> {
        self.timers.get(&owner).copied()
    }

    fn of(&mut self, process: u32, endpoint: u32, group: Option<GroupName>) -> &mut IdleTimer {
        self.timers.entry((process, endpoint, group)).or_default()
    }
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
    let users = RefCell::new(PortUsers::new(variant));
    let mut observer = &users;
    let mut simulation = Simulation::new(variant, replication, traces, &mut observer)?;
    for at in instants {
        simulation.run_until(*at)?;
        let snapshot = simulation.snapshot();
        let time_wait = time_wait_of(variant, &snapshot, &users.borrow());
        let idle_timers = idle_timers_of(variant, &snapshot, &users.borrow());
        see(Inspection {
            scenario: variant,
            endpoints: servers_of(variant),
            snapshot,
            time_wait,
            idle_timers,
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

fn idle_timers_of(
    variant: &Scenario,
    snapshot: &Snapshot,
    users: &PortUsers,
) -> BTreeMap<(usize, u32), IdleTimer> {
    let n_clients = variant.clients.len() as u32;
    let first = snapshot.machine.0 * n_clients;
    let mut timers = BTreeMap::new();
    for (index, process) in snapshot.processes.iter().enumerate() {
        for service_point in process.service_points.iter().filter(|it| it.listed) {
            let endpoint = service_point.endpoint;
            let found = users.timers.find((first + index as u32, endpoint, None));
            timers.extend(found.map(|timer| ((index, endpoint), timer)));
        }
    }
    timers
}

/// Where the last connection of each port went (a port in TIME_WAIT has none of its own), and what
/// became of the idle timers.
///
/// The one observer of every run that is looked at: the engine is compiled anew for each kind.
#[derive(Debug)]
pub(super) struct PortUsers {
    n_clients: u32,
    /// By machine and port.
    last: BTreeMap<(u32, u16), u32>,
    process: u32,
    timers: IdleTimers,
}

impl PortUsers {
    pub(super) fn new(variant: &Scenario) -> PortUsers {
        PortUsers {
            n_clients: variant.clients.len() as u32,
            last: BTreeMap::new(),
            process: 0,
            timers: IdleTimers::default(),
        }
    }
}

impl Observer for PortUsers {
    fn observes_each_step(&self) -> bool {
        true
    }

    fn turn_to(&mut self, process: u32) {
        self.process = process;
    }

    fn observe(&mut self, _now: SimTime, observation: Observation) {
        self.timers.observe(self.process, &observation);
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
