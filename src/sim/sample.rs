//! The state of the machine at one instant: one row of `ports.csv`.

use super::path::AddressCounts;
use super::service::ServiceCounts;
use crate::net::port_table::PortCounts;
use crate::units::SimTime;

/// Counts at one instant, taken after everything else that happens then.
///
/// With `scope = "destination"` the five port counts are those of the fullest destination.
/// **Invariant:** `ports_in_use = connecting + busy + idle + close_wait + time_wait`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sample {
    /// When.
    pub time: SimTime,
    /// Local ports taken, in any state.
    pub ports_in_use: u64,
    /// Ports of connections that are being set up.
    pub connecting: u64,
    /// Ports of connections that serve a request.
    pub busy: u64,
    /// Ports of connections kept alive with nothing to do.
    pub idle: u64,
    /// Ports whose server has closed and whose client has not noticed (CN-11).
    pub close_wait: u64,
    /// Ports held after the client closed first (PT-3).
    pub time_wait: u64,
    /// ServicePoints in their tables.
    pub service_points: u64,
    /// Connection groups in the ServicePoints' tables.
    pub groups: u64,
    /// Connection objects not yet closed, unlisted ones included (CL-3).
    pub connections: u64,
    /// Sum of the public `ServicePoint.CurrentConnections` (SP-7); Mono's may go below zero
    /// (MO-9).
    pub current_connections: i64,
    /// Requests that wait for a connection.
    pub queued: u64,
    /// Requests submitted so far.
    pub requests: u64,
    /// Requests that ended so far without their answer, their own timeouts included.
    pub failed: u64,
    /// Those of them that their own timeout ended.
    pub timed_out: u64,
    /// Requests answered so far.
    pub answered: u64,
    /// Requests that have neither been answered nor failed yet, those that the program holds back
    /// included.
    pub unanswered: u64,
    /// Connections established so far.
    pub opened: u64,
    /// The latencies of the requests answered so far together, in microseconds; 0 where no recorder
    /// has measured them.
    pub latency_us: u64,
    /// What is beyond the machines.
    pub beyond: Beyond,
}

impl Sample {
    /// Nothing but ports.
    pub fn of_ports(time: SimTime, ports: &PortCounts) -> Sample {
        let [connecting, busy, idle, close_wait] = ports.by_state.map(u64::from);
        Sample {
            time,
            ports_in_use: u64::from(ports.in_use()),
            connecting,
            busy,
            idle,
            close_wait,
            time_wait: u64::from(ports.time_wait),
            ..Sample::default()
        }
    }
}

/// Counts of what is beyond the machines; zeros where there is nothing but delays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Beyond {
    /// Ports of flows in the NAT's fullest pool.
    pub nat_flows: u64,
    /// Ports held after their flow in that pool.
    pub nat_held: u64,
    /// First segments that the NAT has dropped so far, for want of a port.
    pub nat_dropped: u64,
    /// Servers that are more than a delay.
    pub service: ServiceCounts,
    /// Servers that move.
    pub addresses: AddressCounts,
}
