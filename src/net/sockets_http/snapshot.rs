//! The process at one instant (see `net::snapshot`).

use super::SocketsHttp;
use super::connection::Connection;
use crate::net::snapshot::{
    ConnectionSnapshot, Owner, OwnerSnapshot, ProcessSnapshot, SeeSocket, ServicePointSnapshot,
};
use crate::net::{ConnectionId, NameSet, PortState};
use alloc::vec::Vec;

impl SocketsHttp {
    pub(super) fn see_sockets(&self, see: &mut SeeSocket<'_>) {
        for id in self.connections.ids() {
            let socket = self.connections[id].socket;
            see(socket.port, socket.state);
        }
    }

    /// The ServicePoints that were looked up, with the pools and clients behind them: the
    /// ServicePoint itself knows nothing of either (NC-2).
    pub(super) fn process_snapshot(&self) -> ProcessSnapshot {
        let mut ids = self.connections.ids();
        ids.sort_by_key(|id| self.connections[*id].serial);
        let endpoints = 0..self.endpoints.len() as u32;
        ProcessSnapshot {
            service_points: endpoints
                .filter(|endpoint| self.looked_up[*endpoint as usize])
                .map(|endpoint| self.service_point_snapshot(endpoint, &ids))
                .collect(),
        }
    }

    fn service_point_snapshot(&self, endpoint: u32, ids: &[ConnectionId]) -> ServicePointSnapshot {
        let pool = &self.pools[endpoint as usize];
        let of = |private: bool| -> Vec<ConnectionSnapshot> {
            let wanted = |it: &Connection| it.endpoint == endpoint && it.is_private() == private;
            ids.iter()
                .filter(|id| wanted(&self.connections[**id]))
                .map(|id| self.connection_snapshot(*id))
                .collect()
        };
        let mut owners = Vec::new();
        if pool.exists {
            owners.push(OwnerSnapshot {
                owner: Owner::SharedPool,
                listed: true,
                queued: u64::from(pool.n_waiting()),
                connections: of(false),
            });
        }
        let private = of(true);
        if !private.is_empty() {
            owners.push(OwnerSnapshot {
                owner: Owner::PrivateHandlers,
                listed: true,
                queued: 0,
                connections: private,
            });
        }
        ServicePointSnapshot {
            endpoint,
            listed: true,
            limit: self.endpoints[endpoint as usize].limit.count(),
            current_connections: Some(0),
            owners,
            empty_groups: NameSet::new(),
        }
    }

    fn connection_snapshot(&self, id: ConnectionId) -> ConnectionSnapshot {
        let state = self.connections[id].socket.state;
        ConnectionSnapshot {
            view: self.view(id),
            state: Some(state),
            listed: true,
            queued: 0,
            on_wire: u32::from(state == PortState::Busy),
        }
    }
}
