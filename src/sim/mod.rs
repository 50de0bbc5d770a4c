//! The event loop: a [`Scenario`] in motion.
//!
//! Lives here: the order of events, the sources of requests, the host of the connection
//! managers. Does not live here: how connections behave (`net`), what is kept (`record`), files
//! and threads.
//!
//! **Invariant:** a run depends on the scenario, its seed and the replication's number, and on
//! nothing else; an observer cannot change it.

mod apply;
mod arrivals;
mod beyond;
pub mod clients;
pub mod draw;
mod engine;
pub mod event;
pub mod given;
pub mod instances;
pub mod observation;
pub mod path;
mod plain;
pub mod process;
mod retry;
pub mod sample;
pub mod service;
pub mod snapshot;
mod source;
pub mod tally;
pub mod traces;

pub use crate::net::RequestView;
pub use clients::ClientSample;
pub use given::Given;
pub use observation::{Blind, Observation, Observer};
pub use process::Process;
pub use sample::Sample;
pub use snapshot::Snapshot;
pub use traces::{TraceError, TraceRows, Traces};

use self::clients::Clients;
use self::engine::{Engine, Remote};
use self::event::{Event, Packed};
use self::instances::{Instances, Wakes};
use self::path::{AddressCounts, Path};
use self::retry::Retries;
use self::service::{Servers, ServiceCounts};
use self::source::Source;
use crate::kernel::{Arena, EventQueue, Lanes, Phase};
use crate::model::Scenario;
use crate::net::nat::NatTotals;
use crate::net::port_table::PortTotals;
use crate::net::{ConnectionManager, PortTable, Requests};
use crate::strategy::{Policy, policies_of};
use crate::units::{SimSpan, SimTime};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct End {
    /// Port usage over the whole run, its warm-up left out.
    pub ports: PortTotals,
    /// Requests that had neither been answered nor failed.
    pub in_flight: u64,
    /// Requests that their own timeout ended.
    pub timed_out: u64,
    /// Events that were carried out.
    pub events: u64,
    /// Usage of the NAT's fullest pool, where there is a NAT.
    pub nat: Option<NatTotals>,
    /// What servers did, where one is more than a delay.
    pub service: Option<ServiceCounts>,
    /// Requests to old addresses, where a server moves.
    pub addresses: Option<AddressCounts>,
}

/// One run of one scenario.
pub struct Simulation<'t, 'o, O: ?Sized = dyn Observer + 'o> {
    world: World,
    engine: Engine<'t, 'o, O>,
    memory: Option<&'o mut Memory>,
    policies: Vec<Box<dyn Policy + 'o>>,
    instances: Instances,
    wakes: Wakes,
    /// How often each client's garbage is collected.
    gc_every: Vec<Option<SimSpan>>,
    end: SimTime,
    sample_span: SimSpan,
    warm_up: Option<SimSpan>,
    now: SimTime,
    started: bool,
}

/// The memory of a run, to be used by the next one, of whatever scenario.
#[derive(Debug, Default)]
pub struct Memory {
    world: World,
    queue: EventQueue<Packed>,
}

/// What the machine is made of.
#[derive(Debug, Default)]
struct World {
    /// By instance.
    ports: Vec<PortTable>,
    requests: Requests,
    /// By instance, then client.
    processes: Vec<Process>,
}

impl World {
    /// The world before its first event, in the memory of this one, of which nothing else is left.
    fn renewed(
        mut self,
        scenario: &Scenario,
        endpoints: &[u32],
        n_endpoints: usize,
        replication: u32,
    ) -> World {
        let instances = scenario.machine.instances as usize;
        let n_clients = scenario.clients.len();
        let mut old = self.ports.into_iter();
        let ports = (0..instances).map(|_| {
            let ports = PortTable::new(&scenario.machine, n_endpoints).shared_by(n_clients);
            match old.next() {
                Some(old) => ports.reusing(old),
                None => ports,
            }
        });
        let ports = ports.collect();
        self.requests.clear();
        let mut old = self.processes.into_iter();
        let processes = (0..instances * n_clients)
            .map(|index| Process::new(scenario, index, endpoints, replication, old.next()));
        World {
            ports,
            requests: self.requests,
            processes: processes.collect(),
        }
    }
}

/// The endpoint of each server: servers with the same key share one (SP-1). Destinations behind a
/// proxy have its address (SP-2), so they share its default group and its limit (CG-2).
pub fn endpoints_of(scenario: &Scenario) -> Vec<u32> {
    let mut keys: Vec<&str> = Vec::new();
    scenario
        .servers
        .iter()
        .map(|server| {
            let known = keys.iter().position(|key| *key == server.key);
            known.unwrap_or_else(|| {
                keys.push(&server.key);
                keys.len() - 1
            }) as u32
        })
        .collect()
}

impl<'t, 'o> Simulation<'t, 'o> {
    /// A run that has not begun. `replication` counts from 0.
    ///
    /// # Errors
    /// A trace of the scenario cannot be opened.
    pub fn new(
        scenario: &Scenario,
        replication: u32,
        traces: &'t dyn Traces,
        observer: &'o mut (dyn Observer + 'o),
    ) -> Result<Simulation<'t, 'o>, TraceError> {
        Simulation::begin(scenario, replication, traces, observer, None)
    }
}

impl<'t, 'o, O: Observer + ?Sized> Simulation<'t, 'o, O> {
    /// The same in the memory of an earlier run, of whatever scenario, to which it goes back when
    /// the run is over; and compiled for this very observer, which is faster, and takes as long to
    /// build as all that the engine is made of.
    ///
    /// # Errors
    /// A trace of the scenario cannot be opened.
    pub fn reusing(
        scenario: &Scenario,
        replication: u32,
        traces: &'t dyn Traces,
        observer: &'o mut O,
        memory: &'o mut Memory,
    ) -> Result<Simulation<'t, 'o, O>, TraceError> {
        Simulation::begin(scenario, replication, traces, observer, Some(memory))
    }

    fn begin(
        scenario: &Scenario,
        replication: u32,
        traces: &'t dyn Traces,
        observer: &'o mut O,
        mut memory: Option<&'o mut Memory>,
    ) -> Result<Simulation<'t, 'o, O>, TraceError> {
        let endpoints = endpoints_of(scenario);
        let n_endpoints = endpoints.iter().max().map_or(0, |last| *last as usize + 1);
        let old = memory.as_mut().map(|it| core::mem::take(&mut **it));
        let Memory { world, mut queue } = old.unwrap_or_default();
        queue.clear();
        let mut world = world.renewed(scenario, &endpoints, n_endpoints, replication);
        if observer.observes_each_step() {
            for process in &mut world.processes {
                process.watch_timers();
            }
        }
        let processes = &world.processes;
        let n_processes = processes.len();
        let mut sources = (0..scenario.workloads.len())
            .map(|index| {
                let endpoint = endpoints[scenario.workloads[index].server];
                Source::new(scenario, index, endpoint, replication, traces)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let exact: Vec<bool> = processes
            .iter()
            .map(ConnectionManager::timers_are_exact)
            .collect();
        let mut fins = Lanes::new();
        let Beyond {
            path,
            servers,
            open,
        } = Beyond::of(scenario, &endpoints, n_endpoints);
        for (source, workload) in sources.iter_mut().zip(&scenario.workloads) {
            source.leave_answers_open(open[workload.server]);
        }
        let tells_idle = path.as_ref().is_some_and(Path::watches_idle);
        let remotes = remotes(scenario, &endpoints, n_endpoints, tells_idle, &mut fins);
        let engine = Engine {
            queue,
            retries: Retries::of(scenario, replication),
            servers: servers.map(Box::new),
            path: path.map(Box::new),
            held_back: Arena::new(),
            servers_close_idle: remotes.iter().any(|remote| remote.tells_idle),
            remotes,
            fins,
            fin_timers: alloc::vec![Vec::new(); processes.len()],
            next_fin: SimTime::NEVER,
            has_users: sources
                .iter()
                .any(|source| source.times.n_users().is_some()),
            all_exact: exact.iter().all(|is_exact| *is_exact),
            exact,
            sources,
            timeline_requests: BTreeMap::new(),
            process: 0,
            events: 0,
            arrived: 0,
            fresh_names: 0,
            failed: 0,
            timed_out: 0,
            opened: 0,
            clients: Clients::new(scenario),
            opened_one: false,
            observer,
        };
        Ok(Simulation {
            world,
            engine,
            memory,
            policies: policies_of(scenario),
            instances: Instances::new(scenario),
            wakes: Wakes::new(n_processes),
            gc_every: scenario.clients.iter().map(|it| it.gc_every).collect(),
            end: SimTime::ZERO + scenario.duration,
            sample_span: scenario.sample_span(),
            warm_up: scenario.warm_up,
            now: SimTime::ZERO,
            started: false,
        })
    }

    /// The same, whose program also follows this policy; it is asked after those of the scenario.
    #[must_use]
    pub fn with_policy(mut self, policy: Box<dyn Policy + 'o>) -> Simulation<'t, 'o, O> {
        self.policies.push(policy);
        self
    }

    /// The same, whose workloads make these requests, one list each in their order, instead of
    /// drawing any.
    #[must_use]
    pub fn with_requests(mut self, given: Vec<Given>) -> Simulation<'t, 'o, O> {
        for (source, given) in self.engine.sources.iter_mut().zip(given) {
            source.give(given);
        }
        self
    }

    /// Runs to the end.
    ///
    /// # Errors
    /// A trace of the scenario cannot be read.
    pub fn run(mut self) -> Result<End, TraceError> {
        self.start()?;
        let is_plain = self.is_plain();
        while !self.engine.observer.is_done() {
            if is_plain {
                self.run_plain()?;
            }
            if !self.step()? {
                break;
            }
        }
        let in_flight = self.in_flight();
        self.tell_unanswered();
        let path = &mut self.engine.path;
        let end = End {
            ports: instances::totals(&mut self.world.ports, self.end),
            nat: path.as_mut().and_then(|path| path.nat_totals(self.end)),
            service: (self.engine.servers.as_ref())
                .filter(|servers| servers.do_more_than_wait())
                .map(|servers| servers.counts()),
            addresses: (path.as_ref())
                .filter(|path| path.has_moves())
                .map(|path| path.address_counts()),
            in_flight,
            timed_out: self.engine.timed_out,
            events: self.engine.events,
        };
        if let Some(memory) = self.memory {
            memory.world = self.world;
            memory.queue = self.engine.queue;
        }
        Ok(end)
    }

    /// Requests that have neither been answered nor failed.
    fn in_flight(&self) -> u64 {
        let alone: u64 = (self.world.processes.iter())
            .map(Process::on_wire_alone)
            .sum();
        (self.world.requests.len() + self.engine.held_back.len()) as u64 + alone
    }

    /// The observer hears of every request that is left. Linear in what there is.
    fn tell_unanswered(&mut self) {
        let requests = &self.world.requests;
        let in_system = requests.ids().map(|id| requests[id].view());
        // One that the program holds back waits for no connection.
        let end = self.end;
        let held_back = self
            .engine
            .held_back
            .ids()
            .into_iter()
            .map(|id| RequestView {
                submitted: end,
                ..self.engine.held_back[id].view()
            });
        // Looking for them takes as long as there are connections.
        let processes = self.world.processes.iter();
        let alone = processes.filter(|it| it.on_wire_alone() > 0);
        let alone = alone.flat_map(Process::alone);
        let mut left: Vec<RequestView> = in_system.chain(held_back).chain(alone).collect();
        left.sort_unstable_by_key(|view| view.serial);
        for view in left {
            self.engine.observer.left_unanswered(end, view);
        }
    }

    /// Schedules the first event of every source, once.
    fn start(&mut self) -> Result<(), TraceError> {
        if core::mem::replace(&mut self.started, true) {
            return Ok(());
        }
        for workload in 0..self.engine.sources.len() as u32 {
            let source = &mut self.engine.sources[workload as usize];
            if let Some(n_users) = source.times.n_users() {
                for _ in 0..n_users {
                    if let Some(at) = source.times.after_thinking(SimTime::ZERO) {
                        let event = Event::UserAsks { workload };
                        self.engine.queue.schedule(at, Phase::Arrival, event);
                    }
                }
            } else if let Some(at) = source.times.next_action_at() {
                let event = Event::TimelineAction { workload };
                self.engine.queue.schedule(at, Phase::Arrival, event);
            } else if let Some(at) = source.next_arrival(SimTime::ZERO)? {
                let event = Event::Arrival { workload };
                self.engine
                    .queue
                    .schedule_recurring(at, Phase::Arrival, event);
            }
        }
        self.schedule_losses();
        for process in 0..self.world.processes.len() as u32 {
            self.schedule_collection(process);
        }
        for (index, policy) in (0..).zip(&self.policies) {
            if let Some(at) = policy.first_call() {
                let event = Event::CloseGroups { policy: index };
                self.engine.queue.schedule(at, Phase::Arrival, event);
            }
        }
        if let Some(warm_up) = self.warm_up {
            let at = SimTime::ZERO + warm_up;
            self.engine
                .queue
                .schedule(at, Phase::Release, Event::WarmedUp);
        }
        self.engine
            .queue
            .schedule(SimTime::ZERO, Phase::Sample, Event::Sample);
        Ok(())
    }

    /// Carries out the next event: the earliest by (time, phase, lane, sequence). False when
    /// none is left before the end.
    #[inline(always)]
    fn step(&mut self) -> Result<bool, TraceError> {
        let timers_at = self.next_wake();
        let next = self.engine.queue.next();
        let event_at = next.time();
        let fin_at = self.engine.next_fin;
        if timers_at <= event_at && timers_at <= fin_at {
            if timers_at > self.end {
                return Ok(false);
            }
            self.now = timers_at;
            self.fire_timers();
        } else if fin_at < event_at || (fin_at == event_at && next.phase() > Phase::Network as u8) {
            if fin_at > self.end {
                return Ok(false);
            }
            self.now = fin_at;
            self.engine.events += 1;
            self.server_closes();
        } else {
            if event_at > self.end {
                return Ok(false);
            }
            let Some(event) = self.engine.queue.take().map(Event::from) else {
                return Ok(false);
            };
            self.now = event_at;
            self.engine.events += 1;
            self.apply(event)?;
        }
        Ok(true)
    }

    #[inline]
    fn next_wake(&self) -> SimTime {
        if self.wakes.are_many() {
            return self.wakes.next();
        }
        let mut next = SimTime::NEVER;
        for process in &self.world.processes {
            next = next.min(process.next_wake());
        }
        next
    }
}

/// What is beyond the machines of a scenario, as far as it is more than delays.
struct Beyond {
    path: Option<Path>,
    servers: Option<Servers>,
    /// Whether the answers of each server are for these two to give.
    open: Vec<bool>,
}

impl Beyond {
    fn of(scenario: &Scenario, endpoints: &[u32], n_endpoints: usize) -> Beyond {
        let path = Path::of(scenario, endpoints, n_endpoints);
        let decides = |endpoint| path.as_ref().is_some_and(|path| path.decides(endpoint));
        let any_decides = endpoints.iter().any(|endpoint| decides(*endpoint));
        let servers = Servers::of(scenario, endpoints, any_decides);
        let is_open = |endpoint: &u32| {
            let servers = servers.as_ref();
            decides(*endpoint) || servers.is_some_and(|it| !it.is_pure_delay(*endpoint))
        };
        let open = endpoints.iter().map(is_open).collect();
        Beyond {
            path,
            servers,
            open,
        }
    }
}

/// What the engine knows of each endpoint; the first server with a key speaks for it.
fn remotes(
    scenario: &Scenario,
    endpoints: &[u32],
    n_endpoints: usize,
    tells_idle: bool,
    fins: &mut Lanes<engine::FinDue>,
) -> Vec<Remote> {
    let mut remotes = Vec::with_capacity(n_endpoints);
    for (server, endpoint) in scenario.servers.iter().zip(endpoints) {
        if *endpoint as usize == remotes.len() {
            remotes.push(Remote {
                idle_close: server.closes_idle_after.map(|span| (fins.open(), span)),
                tells_idle: tells_idle || server.closes_idle_after.is_some(),
                closes_after_requests: server.closes_after_requests,
                says_close: server.says_close,
            });
        }
    }
    remotes
}
