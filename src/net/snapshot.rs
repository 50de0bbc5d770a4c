//! A process at one instant, as plain data: what a memory dump of it would show.
//!
//! Nothing of this is made unless somebody asks; a run pays nothing for it.

use super::port_table::{PortState, TakenPort};
use super::{ConnectionView, NameSet};
use crate::model::GroupName;
use alloc::vec::Vec;

/// One process: its ServicePoints with everything that hangs on them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProcessSnapshot {
    /// The ServicePoint objects, in order of creation; objects that have left the table but
    /// still hold connections (CG-7, CL-3) are marked.
    pub service_points: Vec<ServicePointSnapshot>,
}

/// One ServicePoint object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServicePointSnapshot {
    /// The remote endpoint it stands for.
    pub endpoint: u32,
    /// Whether it is in the `ServicePointManager`'s table.
    pub listed: bool,
    /// The connection limit of each of its groups (LIM-3) or of its pool (NC-5).
    pub limit: u32,
    /// Public `CurrentConnections` where the object counts it itself (Mono); `None` elsewhere.
    pub current_connections: Option<i64>,
    /// What its connections belong to, in order of creation.
    pub owners: Vec<OwnerSnapshot>,
    /// Groups that hold nothing any more and only keep their name (CG-5).
    pub empty_groups: NameSet,
}

/// What holds connections: a group, or in modern .NET a pool or a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerSnapshot {
    /// Which.
    pub owner: Owner,
    /// Whether it is in its ServicePoint's table; an orphan is not (CG-7).
    pub listed: bool,
    /// Requests that wait for any of its connections.
    pub queued: u64,
    /// Its connections: the listed ones in list order, then those on their way out.
    pub connections: Vec<ConnectionSnapshot>,
}

/// What a connection belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// A `ConnectionGroup` of this name.
    Group(GroupName),
    /// The pool of the handler that all requests share (NC-4).
    SharedPool,
    /// The handlers that live for one request each (NC-3).
    PrivateHandlers,
}

/// One connection object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionSnapshot {
    /// Number, group, port and what it has served; its port is 0 without a socket.
    pub view: ConnectionView,
    /// Where its port is counted; `None` for an object without a socket (MO-10).
    pub state: Option<PortState>,
    /// Whether it is in its owner's list; one that is closing is not (CL-3).
    pub listed: bool,
    /// Requests that wait for this very connection (AS-4).
    pub queued: u32,
    /// Requests written and unanswered.
    pub on_wire: u32,
}

/// Sees each open socket of a process.
pub type SeeSocket<'a> = dyn FnMut(TakenPort, PortState) + 'a;

impl ProcessSnapshot {
    /// Every connection object.
    pub fn connections(&self) -> impl Iterator<Item = &ConnectionSnapshot> {
        let owners = self.service_points.iter().flat_map(|it| &it.owners);
        owners.flat_map(|it| &it.connections)
    }
}
