//! What a debugger would count in a dump of the process: the article's three statistics, in the
//! debugger's layout.
//!
//! The simulator has objects but no memory: it knows how many there are, neither where their
//! method tables lie nor how many bytes they take. Those two stand as the article prints them.

use super::{pid, processes};
use crate::model::profile::Mechanism;
use crate::net::snapshot::{Owner, ProcessSnapshot};
use crate::study::Inspection;

const SOCKET: &str = "System.Net.Sockets.Socket";

pub(super) fn text(inspection: &Inspection<'_>) -> String {
    let mut text = String::new();
    for (index, client, process) in processes(inspection) {
        if inspection.scenario.clients.len() > 1 {
            text += &format!("$$ process {} ({})\n", pid(index), client.name);
        }
        for (class, count) in statistics(&client.mechanism(), process) {
            text += &statistic(class, count);
        }
    }
    text
}

/// How many objects of each class there are. The article's classes are .NET Framework's; the
/// other runtimes have their own in their place.
fn statistics(mechanism: &Mechanism, process: &ProcessSnapshot) -> [(&'static str, u64); 3] {
    let sockets = process
        .connections()
        .filter(|it| it.state.is_some())
        .count() as u64;
    let connections = process.connections().count() as u64;
    let mut groups = 0;
    let mut pools = 0;
    for service_point in &process.service_points {
        groups += service_point.empty_groups.len();
        for owner in &service_point.owners {
            match owner.owner {
                Owner::Group(_) => groups += 1,
                Owner::SharedPool => pools += 1,
                // Each of these handlers has a pool for its one connection.
                Owner::PrivateHandlers => pools += owner.connections.len() as u64,
            }
        }
    }
    match mechanism {
        Mechanism::Framework(_) => [
            (SOCKET, sockets),
            ("System.Net.ConnectionGroup", groups),
            ("System.Net.Connection", connections),
        ],
        Mechanism::Mono4 => [
            (SOCKET, sockets),
            ("System.Net.WebConnectionGroup", groups),
            ("System.Net.WebConnection", connections),
        ],
        Mechanism::Mono6 => [
            (SOCKET, sockets),
            ("System.Net.ServicePointScheduler+ConnectionGroup", groups),
            ("System.Net.WebConnection", connections),
        ],
        Mechanism::SocketsHttp(_) => [
            (SOCKET, sockets),
            ("System.Net.Http.HttpConnectionPool", pools),
            ("System.Net.Http.HttpConnection", connections),
        ],
    }
}

fn statistic(class: &str, count: u64) -> String {
    format!(
        "0:000> !dumpheap -type {class} -stat\n\
         total {count} objects\n\
         Statistics:\n    \
             MT     Count     TotalSize Class Name\n\
         <<MT>>{count:>10}{:>14} {class}\n\
         Total {count} objects\n",
        "<<Size>>"
    )
}
