//! The world at one instant, in the views that people know: a tree, a debugger's heap
//! statistics, `netstat`, JSON.

mod dumpheap;
mod json;
mod netstat;
mod tree;

pub use json::document as json;
pub use netstat::legend as netstat_legend;

use crate::net::PortState;
use crate::net::snapshot::ProcessSnapshot;
use crate::study::Inspection;

/// A view for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// ServicePoints, groups, connections and ports, alike groups counted.
    Tree,
    /// The article's three `!dumpheap -stat`.
    Dumpheap,
    /// `netstat -ano`.
    Netstat,
}

/// One strategy's world.
#[derive(Clone, Debug)]
pub struct Inspected<'s> {
    /// The strategy's name.
    pub strategy: String,
    /// The world under it.
    pub inspection: Inspection<'s>,
}

/// A view of one strategy's world, ending in a line feed.
pub fn text(one: &Inspected<'_>, view: View) -> String {
    match view {
        View::Tree => tree::text(one),
        View::Dumpheap => dumpheap::text(&one.inspection),
        View::Netstat => netstat::text(&one.inspection),
    }
}

/// The process id that a client is shown with: the simulator's own, in steps of 4 as Windows
/// gives them. 0 is TIME_WAIT's and 4 the system's.
fn pid(client: usize) -> usize {
    1_000 + 4 * client
}

const fn state_name(state: PortState) -> &'static str {
    match state {
        PortState::Connecting => "connecting",
        PortState::Busy => "busy",
        PortState::Idle => "idle",
        PortState::CloseWait => "CLOSE_WAIT",
    }
}

/// The processes with the clients that they are.
fn processes<'a>(
    inspection: &'a Inspection<'_>,
) -> impl Iterator<Item = (usize, &'a crate::model::Client, &'a ProcessSnapshot)> {
    let clients = inspection.scenario.clients.iter();
    let with_process = clients.zip(&inspection.snapshot.processes);
    with_process
        .enumerate()
        .map(|(index, (client, process))| (index, client, process))
}
