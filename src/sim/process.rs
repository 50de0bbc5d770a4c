//! One process of the machine, whatever its runtime's mechanism.

use crate::kernel::stream;
use crate::model::profile::Mechanism;
use crate::model::{Client, GroupName, Scenario};
use crate::net::framework::{EndpointSettings, Framework, FrameworkSettings};
use crate::net::{
    Aborted, ConnectionId, ConnectionManager, Failure, Host, ManagerCounts, Net, RequestId, Setting,
};
use crate::units::SimTime;
use alloc::format;
use alloc::vec::Vec;

/// A process: the one place where mechanisms are told apart.
#[derive(Debug)]
pub enum Process {
    /// .NET Framework.
    Framework(Framework),
}

/// Hands a call to whichever mechanism the process has.
macro_rules! delegate {
    ($process:expr, $manager:ident => $call:expr) => {
        match $process {
            Process::Framework($manager) => $call,
        }
    };
}

impl Process {
    /// The process of client number `index`; `endpoints[i]` is the endpoint of server i.
    pub fn new(scenario: &Scenario, index: usize, endpoints: &[u32], replication: u32) -> Process {
        let client = &scenario.clients[index];
        let known = known_endpoints(scenario, client, endpoints);
        match &client.runtime.mechanism {
            Mechanism::Framework(rules) => Process::Framework(Framework::new(FrameworkSettings {
                rules: *rules,
                max_idle_time: client.max_idle_time,
                connection_lease: client.connection_lease,
                request_timeout: client.request_timeout,
                max_service_points: client.max_service_points,
                reservation_leak: client.reservation_leak && rules.reserves.value,
                resubmits_pipelined: false,
                idle_close: scenario.machine.idle_close,
                endpoints: known,
                timer_slack: client.timer_slack,
                timer_jitter: (!client.timer_jitter.is_zero()).then(|| {
                    let label = format!("timer-jitter/{}", client.name);
                    (
                        client.timer_jitter,
                        stream(scenario.seed, &label, replication),
                    )
                }),
            })),
            _ => unimplemented!("mechanisms of step 2"),
        }
    }
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
    #[inline(always)]
    fn next_wake(&self) -> SimTime {
        delegate!(self, manager => manager.next_wake())
    }
    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>) {
        delegate!(self, manager => manager.fire_timers(net));
    }
    fn counts(&self) -> ManagerCounts {
        delegate!(self, manager => manager.counts())
    }
    fn idle_connections(&self, endpoint: u32, name: GroupName) -> Vec<ConnectionId> {
        delegate!(self, manager => manager.idle_connections(endpoint, name))
    }
    fn timers_are_exact(&self) -> bool {
        delegate!(self, manager => manager.timers_are_exact())
    }
}
