//! What lies between the machines and their servers: a NAT, connects that nobody answers, and
//! addresses that move.
//!
//! Built only for scenarios that have one of these; without it a connect is answered after its
//! time and nothing here is asked.

use super::service::Servers;
use crate::kernel::{Lane, Lanes, TimerId};
use crate::model::Scenario;
use crate::model::nat::Forgotten;
use crate::model::profile::Mechanism;
use crate::model::service::SynRetry;
use crate::net::nat::{FlowEnd, NatCounts, NatPort, NatTable, NatTotals};
use crate::net::service::outages::ConnectAnswer;
use crate::net::{ConnectionId, ConnectionView, Failure};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// What comes of a connect, as far as it is known now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Connect {
    /// It is established at this instant.
    Answered(SimTime),
    /// The NAT has no port for it; at this instant it goes on, see [`Path::goes_on`].
    Dropped(SimTime),
    /// Nothing is known of it before this instant; see [`Path::goes_on`].
    Later(SimTime),
}

/// What comes of a connect that has not been established.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// It fails now.
    Fails(Failure),
    /// Its first segment goes out again.
    TriesAgain,
}

/// What becomes of a packet on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// It arrives.
    Open,
    /// The NAT has forgotten its flow and drops it.
    Dropped,
    /// The NAT has forgotten its flow and resets the connection.
    Reset,
}

/// Counts over the whole run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct AddressCounts {
    /// Requests sent to servers that move, so far.
    pub sent: u64,
    /// Those sent after their server had first moved.
    pub sent_after: u64,
    /// Those that went to an address which their server had left.
    pub to_old: u64,
    /// When the last of those was sent.
    pub last_to_old: SimTime,
}

/// One connection on its way.
#[derive(Clone, Copy, Debug)]
struct Flow {
    port: Option<NatPort>,
    is_established: bool,
    /// When its last packet is too long ago for the NAT.
    idle: Option<TimerId>,
    forgotten: bool,
    /// How many moves of its server there were when its address was looked up.
    address: u32,
    /// When its first segment first went out, and how often since.
    began: SimTime,
    tries: u32,
    takes: SimSpan,
    endpoint: u32,
    next: Next,
}

/// A flow that the NAT will forget.
#[derive(Clone, Copy, Debug)]
struct Idle {
    process: u32,
    connection: ConnectionId,
}

/// What a process knows of an endpoint's address.
#[derive(Clone, Copy, Debug)]
struct Resolved {
    address: u32,
    /// When it is looked up again.
    until: SimTime,
    /// Whether a connect has succeeded since.
    connected: bool,
}

/// The way from every process to every endpoint.
#[derive(Clone, Debug)]
pub(super) struct Path {
    nat: Option<NatTable>,
    nat_idle: Option<SimSpan>,
    when_forgotten: Way,
    n_clients: u32,
    n_endpoints: u32,
    syn: SynRetry,
    /// By process and connection.
    flows: Vec<Vec<Flow>>,
    idle: Lanes<Idle>,
    lane: Lane,
    /// When each endpoint moves, in order.
    moves: Vec<Vec<SimTime>>,
    /// How long after that the address it left is gone; `None` never.
    down_after: Vec<Option<SimSpan>>,
    /// By process and endpoint.
    resolved: Vec<Resolved>,
    /// How long each client keeps an address.
    dns_refresh: Vec<SimSpan>,
    /// Whether each client makes a second pass when a connect fails (CN-3): .NET Framework's do.
    passes_twice: Vec<bool>,
    hard_close_is_fin: Vec<bool>,
    addresses: AddressCounts,
}

impl Path {
    /// The path of a scenario; `None` when nothing is on it.
    pub(super) fn of(scenario: &Scenario, endpoints: &[u32], n_endpoints: usize) -> Option<Path> {
        let mut moves: Vec<Vec<SimTime>> = Vec::new();
        let mut down_after = Vec::new();
        for (server, endpoint) in scenario.servers.iter().zip(endpoints) {
            if *endpoint as usize == moves.len() {
                moves.push(server.moves_at.clone());
                down_after.push(server.old_address_down_after);
            }
        }
        let has_outages = scenario
            .servers
            .iter()
            .any(|server| !server.service.outages.is_empty());
        let nat = scenario.nat.as_ref();
        if nat.is_none() && !has_outages && moves.iter().all(Vec::is_empty) {
            return None;
        }
        let instances = scenario.machine.instances;
        let n_clients = scenario.clients.len() as u32;
        let n_processes = (n_clients * instances) as usize;
        let mut idle = Lanes::new();
        let unresolved = Resolved {
            address: 0,
            until: SimTime::ZERO,
            connected: false,
        };
        let clients = scenario.clients.iter();
        Some(Path {
            nat: nat.map(|nat| NatTable::new(nat, instances, n_endpoints as u32)),
            nat_idle: nat.and_then(|nat| nat.idle_timeout),
            when_forgotten: match nat.map(|nat| nat.forgotten) {
                Some(Forgotten::Reset) => Way::Reset,
                _ => Way::Dropped,
            },
            n_clients,
            n_endpoints: n_endpoints as u32,
            syn: scenario.machine.syn_retry,
            flows: alloc::vec![Vec::new(); n_processes],
            lane: idle.open(),
            idle,
            moves,
            down_after,
            resolved: alloc::vec![unresolved; n_processes * n_endpoints],
            dns_refresh: clients.clone().map(|it| it.dns_refresh_timeout).collect(),
            passes_twice: clients
                .clone()
                .map(|it| matches!(it.mechanism(), Mechanism::Framework(_)))
                .collect(),
            hard_close_is_fin: clients
                .map(|client| client.hard_close_is_fin(&scenario.machine))
                .collect(),
            addresses: AddressCounts::default(),
        })
    }

    /// Whether what becomes of a request that is sent is for the path to say.
    pub(super) fn decides(&self, endpoint: u32) -> bool {
        self.nat_idle.is_some() || !self.moves[endpoint as usize].is_empty()
    }

    /// Whether idle connections matter here.
    pub(super) const fn watches_idle(&self) -> bool {
        self.nat_idle.is_some()
    }

    fn flow(&mut self, process: u32, connection: ConnectionId) -> &mut Flow {
        &mut self.flows[process as usize][connection.0 as usize]
    }

    /// A connect begins whose answer would take `takes`.
    pub(super) fn connect(
        &mut self,
        now: SimTime,
        process: u32,
        view: &ConnectionView,
        takes: SimSpan,
        servers: Option<&Servers>,
    ) -> Connect {
        let flow = Flow {
            port: None,
            is_established: false,
            idle: None,
            forgotten: false,
            address: self.look_up(now, process, view.endpoint),
            began: now,
            tries: 0,
            takes,
            endpoint: view.endpoint,
            next: Next::TriesAgain,
        };
        let flows = &mut self.flows[process as usize];
        let place = view.id.0 as usize;
        if flows.len() <= place {
            flows.resize(place + 1, flow);
        }
        flows[place] = flow;
        self.try_to_connect(now, process, view.id, servers)
    }

    /// The first segment goes out, for the first time or again.
    pub(super) fn try_to_connect(
        &mut self,
        now: SimTime,
        process: u32,
        connection: ConnectionId,
        servers: Option<&Servers>,
    ) -> Connect {
        self.forget_idle(now);
        let flow = self.flows[process as usize][connection.0 as usize];
        if flow.tries == 0 {
            // A second pass begins with a look-up of its own.
            self.flow(process, connection).address = self.look_up(now, process, flow.endpoint);
        }
        let syn = self.syn;
        let instance = process / self.n_clients;
        let flow = &mut self.flows[process as usize][connection.0 as usize];
        if let Some(nat) = &mut self.nat {
            // The pass before this one had a port of its own.
            if let Some(port) = flow.port.take() {
                nat.release(now, port, FlowEnd::Reset);
            }
            flow.port = nat.take(now, instance, flow.endpoint);
            if flow.port.is_none() {
                flow.tries += 1;
                flow.next = if flow.tries > syn.times {
                    Next::Fails(Failure::NoSnatPort)
                } else {
                    Next::TriesAgain
                };
                return Connect::Dropped(syn.sent_at(flow.began, flow.tries));
            }
        }
        if self.is_at_a_gone_address(now, process, connection) {
            return self.refused_by_old_address(now, process, connection);
        }
        let flow = &mut self.flows[process as usize][connection.0 as usize];
        let answer = match servers {
            Some(servers) => servers
                .outages(flow.endpoint)
                .connect(flow.began, flow.tries, flow.takes, syn),
            None => ConnectAnswer::Established(now.saturating_add(flow.takes)),
        };
        match answer {
            ConnectAnswer::Established(at) => {
                flow.is_established = true;
                let endpoint = flow.endpoint;
                self.known(process, endpoint).connected = true;
                Connect::Answered(at)
            }
            ConnectAnswer::Refused(at) => {
                self.fails(at, process, connection, Failure::ConnectionRefused)
            }
            ConnectAnswer::GivenUp(at) => {
                self.fails(at, process, connection, Failure::ConnectTimedOut)
            }
        }
    }

    /// A connect will have failed at this instant. Where one had succeeded since the name was
    /// looked up last, its client looks it up once more and makes a second pass (CN-3).
    fn fails(
        &mut self,
        at: SimTime,
        process: u32,
        connection: ConnectionId,
        why: Failure,
    ) -> Connect {
        let flow = self.flows[process as usize][connection.0 as usize];
        let client = process % self.n_clients;
        let again = self.passes_twice[client as usize]
            && core::mem::take(&mut self.known(process, flow.endpoint).connected);
        if again {
            self.new_service_point(process, flow.endpoint);
        }
        let flow = self.flow(process, connection);
        if again {
            (flow.began, flow.tries, flow.next) = (at, 0, Next::TriesAgain);
        } else {
            flow.next = Next::Fails(why);
        }
        Connect::Later(at)
    }

    /// What a process knows of an endpoint's address.
    fn known(&mut self, process: u32, endpoint: u32) -> &mut Resolved {
        &mut self.resolved[(process * self.n_endpoints + endpoint) as usize]
    }

    /// Whether the address that a connection goes to was left, and is gone.
    pub(super) fn is_at_a_gone_address(
        &self,
        now: SimTime,
        process: u32,
        connection: ConnectionId,
    ) -> bool {
        let flow = &self.flows[process as usize][connection.0 as usize];
        let left = self.moves[flow.endpoint as usize].get(flow.address as usize);
        let after = self.down_after[flow.endpoint as usize];
        left.zip(after)
            .is_some_and(|(left, after)| left.saturating_add(after) <= now)
    }

    /// When addresses that were left are gone, with their endpoints.
    pub(super) fn old_addresses_gone(&self) -> Vec<(SimTime, u32)> {
        let mut gone = Vec::new();
        for (endpoint, (moves, after)) in (0..).zip(self.moves.iter().zip(&self.down_after)) {
            let after = after.iter();
            gone.extend(after.flat_map(|after| {
                moves
                    .iter()
                    .map(move |at| (at.saturating_add(*after), endpoint))
            }));
        }
        gone
    }

    /// A connect meets an address that is gone. Its client has connected there before, so it
    /// looks the name up once more and makes a second pass (CN-3).
    fn refused_by_old_address(
        &mut self,
        now: SimTime,
        process: u32,
        connection: ConnectionId,
    ) -> Connect {
        let flow = self.flows[process as usize][connection.0 as usize];
        if let (Some(nat), Some(port)) = (&mut self.nat, flow.port) {
            nat.release(now, port, FlowEnd::Reset);
        }
        self.new_service_point(process, flow.endpoint);
        let address = self.look_up(now, process, flow.endpoint);
        let answered = now.saturating_add(flow.takes);
        *self.flow(process, connection) = Flow {
            port: None,
            address,
            began: answered,
            tries: 0,
            next: Next::TriesAgain,
            ..flow
        };
        Connect::Later(answered)
    }

    /// What comes of a connect at the instant that [`Connect::Later`] named.
    pub(super) fn goes_on(&self, process: u32, connection: ConnectionId) -> Next {
        self.flows[process as usize][connection.0 as usize].next
    }

    /// Where a connection goes.
    pub(super) fn endpoint_of(&self, process: u32, connection: ConnectionId) -> u32 {
        self.flows[process as usize][connection.0 as usize].endpoint
    }

    /// A request is sent on a connection: what becomes of it on the way.
    pub(super) fn sent(&mut self, now: SimTime, process: u32, on: &ConnectionView) -> Way {
        self.packet(now, process, on.id);
        let flow = self.flows[process as usize][on.id.0 as usize];
        let moves = &self.moves[on.endpoint as usize];
        if !moves.is_empty() {
            let moved = moves.partition_point(|at| *at <= now) as u32;
            self.addresses.sent += 1;
            self.addresses.sent_after += u64::from(moved > 0);
            if flow.address < moved {
                self.addresses.to_old += 1;
                self.addresses.last_to_old = now;
            }
        }
        if flow.forgotten {
            self.when_forgotten
        } else {
            Way::Open
        }
    }

    /// A packet goes over a connection: its flow is not idle, if the NAT still has it.
    pub(super) fn packet(&mut self, now: SimTime, process: u32, connection: ConnectionId) {
        let Some(span) = self.nat_idle else { return };
        self.forget_idle(now);
        let lane = self.lane;
        let flow = self.flow(process, connection);
        if flow.forgotten {
            return;
        }
        let before = flow.idle.take();
        if let Some(timer) = before {
            self.idle.cancel(timer);
        }
        let idle = Idle {
            process,
            connection,
        };
        let (timer, _) = self.idle.arm(lane, now.saturating_add(span), idle);
        self.flow(process, connection).idle = Some(timer);
    }

    /// Whether the NAT has forgotten a connection's flow.
    pub(super) fn has_forgotten(
        &mut self,
        now: SimTime,
        process: u32,
        connection: ConnectionId,
    ) -> bool {
        self.forget_idle(now);
        self.flow(process, connection).forgotten
    }

    /// A connection's socket is closed.
    pub(super) fn closed(
        &mut self,
        now: SimTime,
        process: u32,
        connection: ConnectionId,
        is_hard: bool,
    ) {
        self.forget_idle(now);
        let fin = !is_hard || self.hard_close_is_fin[(process % self.n_clients) as usize];
        let flow = self.flow(process, connection);
        let how = if fin && flow.is_established {
            FlowEnd::Fin
        } else {
            FlowEnd::Reset
        };
        let (port, idle) = (flow.port.take(), flow.idle.take());
        if let Some(timer) = idle {
            self.idle.cancel(timer);
        }
        if let (Some(nat), Some(port)) = (&mut self.nat, port) {
            nat.release(now, port, how);
        }
    }

    /// Forgets the flows that have been idle for too long by now.
    fn forget_idle(&mut self, now: SimTime) {
        if self.nat_idle.is_none() {
            return;
        }
        while let Some(idle) = self.idle.pop_due(self.lane, now) {
            let flow = self.flow(idle.process, idle.connection);
            flow.idle = None;
            flow.forgotten = true;
            let port = flow.port.take();
            if let (Some(nat), Some(port)) = (&mut self.nat, port) {
                nat.release(now, port, FlowEnd::Forgotten);
            }
        }
    }

    /// The address that a new connection goes to: the one looked up last, where that is not
    /// longer ago than the client keeps it (K-9).
    fn look_up(&mut self, now: SimTime, process: u32, endpoint: u32) -> u32 {
        let refresh = self.dns_refresh[(process % self.n_clients) as usize];
        let moves = &self.moves[endpoint as usize];
        let resolved = &mut self.resolved[(process * self.n_endpoints + endpoint) as usize];
        if resolved.until <= now {
            *resolved = Resolved {
                address: moves.partition_point(|at| *at <= now) as u32,
                until: now.saturating_add(refresh),
                connected: false,
            };
        }
        resolved.address
    }

    /// A ServicePoint is new, or its address of no use: it looks the name up next time.
    pub(super) fn new_service_point(&mut self, process: u32, endpoint: u32) {
        self.known(process, endpoint).until = SimTime::ZERO;
    }

    /// The NAT's fullest pool now.
    pub(super) fn nat_counts(&mut self, now: SimTime) -> NatCounts {
        self.forget_idle(now);
        self.nat
            .as_mut()
            .map_or(NatCounts::default(), |nat| nat.fullest_counts(now))
    }

    /// The NAT over the whole run, where there is one.
    pub(super) fn nat_totals(&mut self, end: SimTime) -> Option<NatTotals> {
        self.forget_idle(end);
        self.nat.as_ref().map(NatTable::totals)
    }

    /// The warm-up is over: the NAT's usage counts from now on.
    pub(super) fn restart_totals(&mut self, now: SimTime) {
        self.forget_idle(now);
        if let Some(nat) = &mut self.nat {
            nat.restart_totals(now);
        }
    }

    /// Requests to old addresses so far.
    pub(super) const fn address_counts(&self) -> AddressCounts {
        self.addresses
    }

    /// Whether any server moves.
    pub(super) fn has_moves(&self) -> bool {
        self.moves.iter().any(|moves| !moves.is_empty())
    }
}
