//! The process at one instant (see `net::snapshot`).

use super::pool::Pool;
use super::{GroupId, ServicePointId};
use crate::net::snapshot::{
    ConnectionSnapshot, Owner, OwnerSnapshot, ProcessSnapshot, SeeSocket, ServicePointSnapshot,
};
use crate::net::{ConnectionId, NameSet, Requests};
use alloc::vec::Vec;

impl Pool {
    pub(super) fn see_sockets(&self, see: &mut SeeSocket<'_>) {
        for id in self.connections.ids() {
            if let Some(socket) = self.connections[id].socket {
                see(socket.port, socket.state);
            }
        }
    }

    pub(super) fn process_snapshot(&self, requests: &Requests) -> ProcessSnapshot {
        let service_points = self.service_points.ids().into_iter();
        ProcessSnapshot {
            service_points: service_points
                .map(|id| self.service_point_snapshot(id, requests))
                .collect(),
        }
    }

    fn service_point_snapshot(
        &self,
        id: ServicePointId,
        requests: &Requests,
    ) -> ServicePointSnapshot {
        let service_point = &self.service_points[id];
        let mut owners = Vec::new();
        let mut next = service_point.first_group;
        while !next.is_none() {
            owners.push(self.owner_snapshot(next, requests));
            next = self.groups[next].next;
        }
        // A closed group of Mono 4 keeps its queue (M4-4).
        let mut orphans: Vec<GroupId> = self.groups.ids();
        orphans.retain(|it| !self.groups[*it].listed && self.groups[*it].service_point == id);
        owners.extend(
            orphans
                .into_iter()
                .map(|it| self.owner_snapshot(it, requests)),
        );
        ServicePointSnapshot {
            endpoint: service_point.endpoint,
            listed: service_point.in_table,
            limit: service_point.limit,
            current_connections: Some(service_point.current),
            owners,
            empty_groups: NameSet::new(),
        }
    }

    fn owner_snapshot(&self, id: GroupId, requests: &Requests) -> OwnerSnapshot {
        let group = &self.groups[id];
        let mut connections = Vec::new();
        let mut next = group.front;
        while !next.is_none() {
            connections.push(self.connection_snapshot(next));
            next = self.connections[next].next;
        }
        let queued = if group.queue.is_none() {
            0
        } else {
            u64::from(requests.list(group.queue).len)
        };
        OwnerSnapshot {
            owner: Owner::Group(group.name),
            listed: group.listed,
            queued,
            connections,
        }
    }

    fn connection_snapshot(&self, id: ConnectionId) -> ConnectionSnapshot {
        let connection = &self.connections[id];
        ConnectionSnapshot {
            view: self.view(id),
            state: connection.socket.map(|socket| socket.state),
            listed: true,
            queued: 0,
            on_wire: u32::from(!connection.request.is_none() && connection.connected),
        }
    }
}
