//! A whole run, recorded: the counts of every instant at which anything happened, and every event
//! with what is needed to say its cause.
//!
//! Lists are one column each, so that whoever shows them takes them as they lie in memory.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;
use spsim::inside::model::settings::PortScope;
use spsim::inside::record::events::{EVENTS, EventRow, Narrator};
use spsim::inside::study::inspection::{IdleTimers, Readout};
use spsim::{
    CloseKind, GroupName, Observation, Observer, Sample, Scenario, SimTime, Simulation, TraceError,
    Traces,
};

/// What the page knows besides [`EVENTS`]: what becomes of a port behind its connection.
pub(crate) const PORT_EVENTS: [&str; 2] = ["port_held", "port_freed"];
const PORT_HELD: u8 = EVENTS.len() as u8;
const PORT_FREED: u8 = PORT_HELD + 1;

/// Most events of a recording: some 40 MB.
const MOST_EVENTS: usize = 1_500_000;

/// What a column has where nothing applies.
const NONE: u32 = u32::MAX;

/// One run.
#[derive(Default)]
pub(crate) struct Recording {
    /// When, in seconds, one an instant.
    pub(crate) times: Vec<f64>,
    /// Sixteen counts an instant: see [`Recording::add_instant`].
    pub(crate) counts: Vec<u32>,
    /// Indices into the names of events.
    pub(crate) kinds: Vec<u8>,
    /// Seven numbers an event: see [`Recording::add_event`].
    pub(crate) numbers: Vec<u32>,
    /// One an event: its latency, its wait, when it is due …, in seconds.
    pub(crate) values: Vec<f64>,
    /// Every group's name, in the order in which they were met.
    pub(crate) groups: Vec<String>,
    known: BTreeMap<GroupName, u32>,
    timers: IdleTimers,
    n_clients: u32,
    n_endpoints: u32,
    per_destination: bool,
}

/// The names of the counts of an instant, in their order.
pub(crate) const COUNTS: [&str; 16] = [
    "ports",
    "free",
    "connecting",
    "busy",
    "idle",
    "close_wait",
    "time_wait",
    "service_points",
    "groups",
    "connections",
    "queued",
    "requests",
    "failed",
    "answered",
    "opened",
    "events",
];

/// The names of the numbers of an event, in their order.
pub(crate) const NUMBERS: [&str; 7] = [
    "request",
    "connection",
    "port",
    "group",
    "process",
    "table",
    "detail",
];

impl Recording {
    /// Runs `variant` to its end. `None`: it has more events than a recording may hold.
    pub(crate) fn of(
        variant: &Scenario,
        replication: u32,
        traces: &dyn Traces,
    ) -> Result<Option<Recording>, TraceError> {
        let endpoints = spsim::inside::sim::endpoints_of(variant);
        let recording = RefCell::new(Recording {
            n_clients: variant.clients.len() as u32,
            n_endpoints: endpoints.iter().max().map_or(1, |last| last + 1),
            per_destination: variant.machine.scope == PortScope::Destination,
            ..Recording::default()
        });
        let mut recorder = Recorder {
            narrator: Narrator::new(variant),
            process: 0,
            waiting: BTreeSet::new(),
            into: &recording,
        };
        let mut simulation = Simulation::new(variant, replication, traces, &mut recorder)?;
        let end = SimTime::ZERO + variant.duration;
        let limit = variant.machine.ports.count;
        let hold = variant.machine.time_wait;
        let mut held: VecDeque<(SimTime, u32, u16)> = VecDeque::new();
        loop {
            let release_at = held.front().map_or(SimTime::NEVER, |(at, ..)| *at);
            let at = simulation.next_instant()?.min(release_at);
            let is_over = at > end;
            let at = at.min(end);
            simulation.run_until(at)?;
            let recording = &mut *recording.borrow_mut();
            while let Some((_, table, port)) = held.pop_front_if(|(free_at, ..)| *free_at <= at) {
                recording.add_port_event(PORT_FREED, at, table, port);
            }
            if !hold.is_zero() && !is_over {
                simulation.for_each_port_held_since(at, |table, port| {
                    held.push_back((at.saturating_add(hold), table, port));
                    recording.add_port_event(PORT_HELD, at, table, port);
                });
            }
            let sample = simulation.sample_now();
            recording.add_instant(at, &sample, &Readout::of(&sample, limit));
            if recording.kinds.len() > MOST_EVENTS {
                return Ok(None);
            }
            if is_over {
                break;
            }
        }
        drop(simulation);
        Ok(Some(recording.into_inner()))
    }

    /// Adds an instant, if its counts or events are not those of the one before.
    fn add_instant(&mut self, at: SimTime, sample: &Sample, readout: &Readout) {
        let counts = [
            readout.ports,
            readout.free,
            sample.connecting,
            sample.busy,
            sample.idle,
            sample.close_wait,
            sample.time_wait,
            sample.service_points,
            readout.groups,
            readout.connections,
            sample.queued,
            sample.requests,
            readout.failed,
            readout.answered,
            sample.opened,
            self.kinds.len() as u64,
        ]
        .map(|count| count as u32);
        if self.counts.ends_with(&counts) && self.times.len() > 1 {
            return;
        }
        self.times.push(at.as_seconds());
        self.counts.extend(counts);
    }

    fn add_port_event(&mut self, kind: u8, at: SimTime, table: u32, port: u16) {
        self.kinds.push(kind);
        let port = u32::from(port);
        self.numbers
            .extend([NONE, NONE, port, NONE, NONE, table, 0]);
        self.values.push(at.as_seconds());
    }

    fn add_event(&mut self, process: u32, row: &EventRow<'_>, observation: &Observation) {
        let endpoint = endpoint_of(observation);
        let machine = process / self.n_clients;
        let table = match (self.per_destination, endpoint) {
            (true, Some(endpoint)) => machine * self.n_endpoints + endpoint,
            _ => machine,
        };
        let kind = EVENTS.iter().position(|name| *name == row.event);
        let span = row.latency.or(row.wait).or(row.retry_in);
        let value = span.map(|span| (SimTime::ZERO + span).as_seconds());
        let group = row.group.map_or(NONE, |name| self.group(name));
        self.timers.observe(process, observation);
        self.kinds.push(kind.expect("every event has a name") as u8);
        self.numbers.extend([
            row.request.map_or(NONE, |it| it as u32),
            row.connection.map_or(NONE, |it| it.number as u32),
            row.connection.map_or(NONE, |it| it.port.into()),
            group,
            process,
            table,
            self.detail(process, endpoint, row, observation),
        ]);
        let due = row.due.map(SimTime::as_seconds);
        self.values.push(value.or(due).unwrap_or(f64::NAN));
    }

    /// What else its sentence needs: the failure's place among all, how often a timer was
    /// restarted, how a socket was closed, what a call returned.
    fn detail(
        &self,
        process: u32,
        endpoint: Option<u32>,
        row: &EventRow<'_>,
        observation: &Observation,
    ) -> u32 {
        match observation {
            Observation::IdleTimerArmed { group, .. }
            | Observation::IdleTimerCancelled { group, .. }
            | Observation::IdleTimerFired { group, .. } => {
                let owner = (process, endpoint.unwrap_or(0), *group);
                let timer = self.timers.find(owner).unwrap_or_default();
                timer.restarted as u32
            }
            _ => {
                let failure = row.failure.map(|it| it.index() as u32 + 1);
                let hard = row.closed.map(|how| u32::from(how == CloseKind::Hard));
                let found = row.found.map(u32::from);
                failure.or(hard).or(found).or(row.served).unwrap_or(0)
            }
        }
    }

    fn group(&mut self, name: GroupName) -> u32 {
        if let Some(known) = self.known.get(&name) {
            return *known;
        }
        let index = self.groups.len() as u32;
        self.known.insert(name, index);
        self.groups.push(name.to_string());
        index
    }
}

/// The endpoint that an observation is about, where that is not in its row.
fn endpoint_of(observation: &Observation) -> Option<u32> {
    match *observation {
        Observation::RequestArrived(it)
        | Observation::RequestSubmitted(it)
        | Observation::RequestQueued(it, _)
        | Observation::RequestSent(it, _)
        | Observation::RequestRetried(it, ..)
        | Observation::RequestEnded(it, _) => Some(it.endpoint),
        Observation::ConnectionOpened(it)
        | Observation::ConnectionIdle(it)
        | Observation::ServerClosed(it)
        | Observation::ConnectionClosed { connection: it, .. } => Some(it.endpoint),
        Observation::ConnectRefused { endpoint, .. }
        | Observation::SnatPortRefused { endpoint, .. }
        | Observation::GroupCreated { endpoint, .. }
        | Observation::GroupReleased { endpoint, .. }
        | Observation::ServicePointCreated { endpoint }
        | Observation::ServicePointReleased { endpoint }
        | Observation::GroupCloseCalled { endpoint, .. }
        | Observation::IdleTimerArmed { endpoint, .. }
        | Observation::IdleTimerCancelled { endpoint, .. }
        | Observation::IdleTimerFired { endpoint, .. } => Some(endpoint),
        _ => None,
    }
}

struct Recorder<'r, 's> {
    narrator: Narrator<'s>,
    process: u32,
    /// Requests that wait: those that move up, or on to another connection, are not told again.
    waiting: BTreeSet<u64>,
    into: &'r RefCell<Recording>,
}

impl Recorder<'_, '_> {
    /// Whether an observation only repeats that a request waits.
    fn is_known(&mut self, observation: &Observation) -> bool {
        match observation {
            Observation::RequestQueued(it, _) => !self.waiting.insert(it.serial),
            Observation::RequestSent(it, _)
            | Observation::RequestRetried(it, ..)
            | Observation::RequestEnded(it, _) => {
                self.waiting.remove(&it.serial);
                false
            }
            Observation::Sampled(_) => true,
            _ => false,
        }
    }
}

impl Observer for Recorder<'_, '_> {
    fn observes_each_step(&self) -> bool {
        true
    }

    // Not shown: see `is_known`.
    fn observes_moves(&self) -> bool {
        false
    }

    fn turn_to(&mut self, process: u32) {
        self.process = process;
        self.narrator.turn_to(process);
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        if self.is_known(&observation) {
            return;
        }
        let row = self.narrator.row(now, &observation);
        let process = process_of(&observation).unwrap_or(self.process);
        self.into
            .borrow_mut()
            .add_event(process, &row, &observation);
    }
}

/// The process whose doing an observation is, where it says so itself.
fn process_of(observation: &Observation) -> Option<u32> {
    match *observation {
        Observation::RequestArrived(it)
        | Observation::RequestSubmitted(it)
        | Observation::RequestQueued(it, _)
        | Observation::RequestSent(it, _)
        | Observation::RequestRetried(it, ..)
        | Observation::RequestEnded(it, _) => Some(it.process),
        Observation::ConnectionClosed { process, .. }
        | Observation::ConnectRefused { process, .. }
        | Observation::SnatPortRefused { process, .. } => Some(process),
        _ => None,
    }
}
