//! One process of the machine, whatever its runtime's mechanism.

use crate::kernel::{RandomStream, stream};
use crate::model::profile::{FrameworkRules, Mechanism};
use crate::model::{Client, GroupName, Scenario};
use crate::net::EndpointSettings;
use crate::net::framework::{Framework, FrameworkSettings};
use crate::net::mono::{Mono4, Mono6, MonoSettings};
use crate::net::sockets_http::{SocketsHttp, SocketsHttpSettings};
use crate::net::{
    Aborted, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net, ProcessSnapshot,
    RequestId, RequestView, Requests, SeeSocket, Setting, TimerChange,
};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// A process: the one place where mechanisms are told apart.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each program, and every call goes through it"
)]
pub enum Process {
    /// .NET Framework.
    Framework(Framework),
    /// Mono 4.
    Mono4(Mono4),
    /// Mono 6.
    Mono6(Mono6),
    /// .NET Core and .NET.
    SocketsHttp(SocketsHttp),
}

/// Hands a call to whichever mechanism the process has.
macro_rules! delegate {
    ($process:expr, $manager:ident => $call:expr) => {
        match $process {
            Process::Framework($manager) => $call,
            Process::Mono4($manager) => $call,
            Process::Mono6($manager) => $call,
            Process::SocketsHttp($manager) => $call,
        }
    };
}

impl Process {
    /// Process number `index` (see [`super::instances`]); `endpoints[i]` is the endpoint of
    /// server i. The memory of `old`, a process of another run, is used again where both are on
    /// .NET Framework, which the largest studies run on.
    pub fn new(
        scenario: &Scenario,
        index: usize,
        endpoints: &[u32],
        replication: u32,
        old: Option<Process>,
    ) -> Process {
        let client = &scenario.clients[index % scenario.clients.len()];
        let known = known_endpoints(scenario, client, endpoints);
        let instance = index / scenario.clients.len();
        let jitter = timer_jitter(scenario, client, instance, replication);
        match client.mechanism() {
            Mechanism::Framework(rules) => {
                let settings = framework_settings(scenario, client, rules, known, jitter);
                let mut process = match old {
                    Some(Process::Framework(old)) => Framework::reusing(settings, old),
                    _ => Framework::new(settings),
                };
                // Each connection has a port. Tables that grow are moved, and what they leave
                // behind is the most that a run takes. Many machines share what one would have:
                // hardly all of them fill their ports.
                let n_processes = scenario.clients.len() as u32 * scenario.machine.instances;
                process.set_room_aside(scenario.machine.ports.count / n_processes);
                Process::Framework(process)
            }
            Mechanism::Mono4 => Process::Mono4(Mono4::new(mono_settings(client, known, jitter))),
            Mechanism::Mono6 => Process::Mono6(Mono6::new(mono_settings(client, known, jitter))),
            Mechanism::SocketsHttp(rules) => {
                Process::SocketsHttp(SocketsHttp::new(SocketsHttpSettings {
                    rules,
                    api: client.api,
                    idle_timeout: client.idle_time(),
                    lifetime: client.pooled_connection_lifetime,
                    handler_lifetime: client.handler_lifetime,
                    endpoints: known,
                }))
            }
        }
    }
}

fn framework_settings(
    scenario: &Scenario,
    client: &Client,
    rules: FrameworkRules,
    endpoints: Vec<EndpointSettings>,
    timer_jitter: Option<(SimSpan, RandomStream)>,
) -> FrameworkSettings {
    FrameworkSettings {
        rules,
        max_idle_time: client.max_idle_time,
        connection_lease: client.connection_lease,
        request_timeout: client.request_timeout,
        max_service_points: client.max_service_points,
        reservation_leak: client.reservation_leak && rules.reserves.value,
        leak_abort_body: client.leak_abort_body,
        resubmits_pipelined: false,
        idle_close: scenario.machine.idle_close,
        endpoints,
        timer_slack: client.timer_slack,
        timer_jitter,
    }
}

fn mono_settings(
    client: &Client,
    endpoints: Vec<EndpointSettings>,
    timer_jitter: Option<(SimSpan, RandomStream)>,
) -> MonoSettings {
    MonoSettings {
        max_idle_time: client.max_idle_time,
        request_timeout: client.request_timeout,
        max_service_points: client.max_service_points,
        endpoints,
        timer_slack: client.timer_slack,
        timer_jitter,
    }
}

impl Process {
    /// How many requests are on the wire that only their connections know of.
    pub const fn on_wire_alone(&self) -> u64 {
        match self {
            Process::Framework(process) => process.on_wire_alone(),
            _ => 0,
        }
    }

    /// These requests.
    pub fn alone(&self) -> Vec<RequestView> {
        match self {
            Process::Framework(process) => process.alone().collect(),
            _ => Vec::new(),
        }
    }
}

/// The extra lateness of the client's timers on one of the machines alike, if it has one: timers of
/// different machines are late by themselves.
fn timer_jitter(
    scenario: &Scenario,
    client: &Client,
    instance: usize,
    replication: u32,
) -> Option<(SimSpan, RandomStream)> {
    (!client.timer_jitter.is_zero()).then(|| {
        let label = match instance {
            0 => format!("timer-jitter/{}", client.name),
            other => format!("timer-jitter/{}/{other}", client.name),
        };
        (
            client.timer_jitter,
            stream(scenario.seed, &label, replication),
        )
    })
}

/// What the client knows of each endpoint. Servers that share a key share an endpoint, and the
/// first of them speaks for it.
fn known_endpoints(
    scenario: &Scenario,
    client: &Client,
    endpoints: &[u32],
) -> Vec<EndpointSettings> {
    let mut known: Vec<EndpointSettings> = Vec::new();
    for (server, endpoint) in scenario.servers.iter().zip(endpoints) {
        if *endpoint as usize == known.len() {
            known.push(EndpointSettings {
                limit: client.effective_limit(server),
                active_close: server.active_close,
                keep_alive_timeout: server.keep_alive_timeout,
            });
        }
    }
    known
}

impl ConnectionManager for Process {
    #[inline(always)]
    fn submit<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        delegate!(self, manager => manager.submit(net, request));
    }
    fn connected<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
        delegate!(self, manager => manager.connected(net, connection));
    }
    fn connect_failed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        why: Failure,
    ) {
        delegate!(self, manager => manager.connect_failed(net, connection, why));
    }
    fn connection_lost<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        serial: u32,
    ) {
        delegate!(self, manager => manager.connection_lost(net, connection, serial));
    }
    fn response_broken<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId) {
        delegate!(self, manager => manager.response_broken(net, request));
    }
    fn headers_arrived<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId, closes: bool) {
        delegate!(self, manager => manager.headers_arrived(net, request, closes));
    }
    fn close_response<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        ends_at: SimTime,
    ) {
        delegate!(self, manager => manager.close_response(net, request, ends_at));
    }
    fn connected_to(&self, endpoint: u32) -> Vec<(ConnectionId, u32)> {
        delegate!(self, manager => manager.connected_to(endpoint))
    }
    fn serial_of(&self, connection: ConnectionId) -> u32 {
        delegate!(self, manager => manager.serial_of(connection))
    }
    fn is_connecting(&self, connection: ConnectionId, serial: u32) -> bool {
        delegate!(self, manager => manager.is_connecting(connection, serial))
    }
    #[inline(always)]
    fn response_completed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool {
        delegate!(self, manager => manager.response_completed(net, request, server_close))
    }
    fn abort<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        why: Failure,
    ) -> Aborted {
        delegate!(self, manager => manager.abort(net, request, why))
    }
    fn server_closed<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId) {
        delegate!(self, manager => manager.server_closed(net, connection));
    }
    fn close_connection_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
    ) -> bool {
        delegate!(self, manager => manager.close_connection_group(net, endpoint, name))
    }
    fn change_setting<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32, change: Setting) {
        delegate!(self, manager => manager.change_setting(net, endpoint, change));
    }
    fn hold_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32) {
        delegate!(self, manager => manager.hold_service_point(net, endpoint));
    }
    fn register_name(&mut self, name: &str) {
        delegate!(self, manager => manager.register_name(name));
    }
    #[inline(always)]
    fn next_wake(&self) -> SimTime {
        delegate!(self, manager => manager.next_wake())
    }
    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>) {
        delegate!(self, manager => manager.fire_timers(net));
    }
    fn collect_garbage<H: Host>(&mut self, net: &mut Net<'_, H>) {
        delegate!(self, manager => manager.collect_garbage(net));
    }
    fn counts(&self) -> ManagerCounts {
        delegate!(self, manager => manager.counts())
    }
    fn watch_timers(&mut self) {
        delegate!(self, manager => manager.watch_timers());
    }
    fn take_timer_changes(&mut self) -> Vec<TimerChange> {
        delegate!(self, manager => manager.take_timer_changes())
    }
    fn snapshot(&self, requests: &Requests) -> ProcessSnapshot {
        delegate!(self, manager => manager.snapshot(requests))
    }

    fn for_each_socket(&self, see: &mut SeeSocket<'_>) {
        delegate!(self, manager => manager.for_each_socket(see));
    }

    fn idle_connections(&self, endpoint: u32, name: GroupName) -> Vec<ConnectionId> {
        delegate!(self, manager => manager.idle_connections(endpoint, name))
    }
    fn timers_are_exact(&self) -> bool {
        delegate!(self, manager => manager.timers_are_exact())
    }
}
