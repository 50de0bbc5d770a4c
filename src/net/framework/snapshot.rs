//! The process at one instant (see `net::snapshot`).

use super::connection::Connection;
use super::{Framework, GroupId, ServicePointId};
use crate::net::ConnectionId;
use crate::net::snapshot::{
    ConnectionSnapshot, Owner, OwnerSnapshot, ProcessSnapshot, SeeSocket, ServicePointSnapshot,
};
use alloc::vec::Vec;

impl Connection {
    /// A connection without a written request has either connected or never begun to.
    fn has_socket(&self) -> bool {
        self.connected || self.written > 0
    }
}

impl Framework {
    /// Only runs that nobody looks at have groups that are not told apart (`single_use.rs`).
    fn assert_is_whole(&self) {
        assert!(
            self.single_uses.is_empty(),
            "a process is looked at that is not whole"
        );
    }

    pub(super) fn see_sockets(&self, see: &mut SeeSocket<'_>) {
        self.assert_is_whole();
        for id in self.connections.ids() {
            let connection = &self.connections[id];
            if connection.has_socket() {
                see(connection.socket.port, connection.socket.state);
            }
        }
    }

    pub(super) fn process_snapshot(&self) -> ProcessSnapshot {
        self.assert_is_whole();
        let mut unlisted: Vec<(GroupId, ConnectionId)> = Vec::new();
        for id in self.connections.ids() {
            if !self.connections[id].listed {
                unlisted.push((self.connections[id].group, id));
            }
        }
        unlisted.sort_by_key(|(group, id)| (*group, self.connections[*id].serial));
        let mut orphans: Vec<GroupId> = self.groups.ids();
        orphans.retain(|id| !self.groups[*id].listed && self.groups[*id].n_connection_objects > 0);
        let service_points = self.service_points.ids().into_iter();
        ProcessSnapshot {
            service_points: service_points
                .map(|id| self.service_point_snapshot(id, &orphans, &unlisted))
                .collect(),
        }
    }

    fn service_point_snapshot(
        &self,
        id: ServicePointId,
        orphans: &[GroupId],
        unlisted: &[(GroupId, ConnectionId)],
    ) -> ServicePointSnapshot {
        let service_point = &self.service_points[id];
        let mut owners = Vec::new();
        let mut next = service_point.first_group;
        while !next.is_none() {
            owners.push(self.owner_snapshot(next, unlisted));
            next = self.groups[next].next;
        }
        let of_this = orphans
            .iter()
            .filter(|group| self.groups[**group].service_point == id);
        owners.extend(of_this.map(|group| self.owner_snapshot(*group, unlisted)));
        ServicePointSnapshot {
            endpoint: service_point.endpoint,
            listed: self.table[service_point.endpoint as usize] == id,
            limit: service_point.limit,
            current_connections: None,
            owners,
            empty_groups: service_point.parked.clone(),
        }
    }

    fn owner_snapshot(&self, id: GroupId, unlisted: &[(GroupId, ConnectionId)]) -> OwnerSnapshot {
        let group = &self.groups[id];
        let mut connections = Vec::new();
        let mut next = group.head;
        while !next.is_none() {
            connections.push(self.connection_snapshot(next));
            next = self.connections[next].next;
        }
        let from = unlisted.partition_point(|(other, _)| *other < id);
        let of_this = unlisted[from..]
            .iter()
            .take_while(|(other, _)| *other == id);
        connections.extend(of_this.map(|(_, connection)| self.connection_snapshot(*connection)));
        OwnerSnapshot {
            owner: Owner::Group(group.name),
            listed: group.listed,
            queued: 0,
            connections,
        }
    }

    fn connection_snapshot(&self, id: ConnectionId) -> ConnectionSnapshot {
        let connection = &self.connections[id];
        ConnectionSnapshot {
            view: connection.view(id),
            state: connection.has_socket().then_some(connection.socket.state),
            listed: connection.listed,
            queued: connection.waiting,
            on_wire: connection.written,
        }
    }
}
