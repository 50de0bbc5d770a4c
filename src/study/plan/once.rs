//! Along which keys a run of one seed turns once: it is refused a port at all harsher values and
//! at no milder one.

use crate::model::profile::Mechanism;
use crate::model::workload::{ClientPerRequest, GroupRule};
use crate::model::{Arrivals, Law, Scenario, Workload};
use crate::units::{ConnectionLimit, SimSpan};

/// Whether that is so between the two, by what they are.
///
/// It is where one stream of requests has a connection for each, because each has a group of its
/// own or because none is kept and none waits for another, and what changes is the rate, the
/// number of ports, TIME_WAIT or the time. Until a first connect is refused, the port of request
/// *j* is still taken when request *i* asks if the time between the two, a sum of gaps, is less
/// than what *j*'s own draws say, or if no gap between them is long enough for the ServicePoint to
/// become idle. A higher rate divides every gap by the same number and draws the same; so whatever
/// is taken stays taken, and whatever asked still asks before the end.
pub fn turns_once(one: &Scenario, other: &Scenario) -> bool {
    if !has_a_connection_for_each(one) || !has_a_connection_for_each(other) {
        return false;
    }
    let mut moved = one.clone();
    moved.digest = other.digest;
    moved.duration = other.duration;
    moved.machine.ports = other.machine.ports;
    moved.machine.preset.clone_from(&other.machine.preset);
    moved.machine.time_wait = other.machine.time_wait;
    moved.machine.time_wait_given = other.machine.time_wait_given;
    moved.workloads[0].arrivals = other.workloads[0].arrivals.clone();
    moved == *other
}

/// Whether each request has a connection for itself that is closed behind its answer, so that the
/// ports it takes can be counted (`sim/tally.rs`).
pub fn closes_each(scenario: &Scenario) -> bool {
    let is_closed = |it: &Workload| it.keep_alive == Some(false);
    has_a_connection_for_each(scenario) && scenario.workloads.iter().all(is_closed)
}

fn has_a_connection_for_each(scenario: &Scenario) -> bool {
    let ([client], [server], [workload]) = (
        scenario.clients.as_slice(),
        scenario.servers.as_slice(),
        scenario.workloads.as_slice(),
    ) else {
        return false;
    };
    let is_alone = scenario.warm_up.is_none()
        && scenario.nat.is_none()
        && scenario.machine.instances == 1
        && scenario.machine.time_wait_reuse_after.is_none()
        && scenario.close_groups.is_none()
        && scenario.throttle.is_none();
    let is_plain_client = matches!(client.mechanism(), Mechanism::Framework(_))
        && client.timer_slack == SimSpan::ZERO
        && client.timer_jitter == SimSpan::ZERO
        && client.connection_lease.is_none()
        && client.gc_every.is_none();
    let is_plain_server = server.service.is_pure_delay()
        && server.moves_at.is_empty()
        && server.closes_idle_after.is_none()
        && server.closes_after_requests.is_none()
        && matches!(server.connect_time, Law::Constant(_));
    // Nothing is kept, so nothing is found idle; and nobody waits where there is no limit (AS-2).
    let opens_for_each = workload.keep_alive == Some(false)
        && client.effective_limit(server) == ConnectionLimit::UNLIMITED;
    let is_plain_workload = matches!(workload.arrivals, Arrivals::Poisson { .. })
        && (workload.group == Some(GroupRule::Unique) || opens_for_each)
        && workload.client_per_request == ClientPerRequest::No
        && workload.undisposed <= 0.0
        && !workload.pipelined
        && workload.retry.is_none();
    is_alone && is_plain_client && is_plain_server && is_plain_workload
}
