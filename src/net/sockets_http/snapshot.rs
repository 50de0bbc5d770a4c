//! The process at one instant (see `net::snapshot`).

use super::connection::Connection;
use super::{PoolId, SocketsHttp};
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
        let shared = self.shared_pool(endpoint);
        let of = |private: bool| -> Vec<ConnectionSnapshot> {
            let wanted =
                |it: &Connection| it.endpoint == endpoint && (Some(it.pool) != shared) == private;
            ids.iter()
                .filter(|id| wanted(&self.connections[**id]))
                .map(|id| self.connection_snapshot(*id))
                .collect()
        };
        let mut owners = Vec::new();
        if let Some(pool) = shared {
            owners.push(OwnerSnapshot {
                owner: Owner::SharedPool,
                listed: true,
                queued: u64::from(self.pools[pool].n_without_connect()),
                connections: of(false),
            });
        }
        let private = of(true);
        if !private.is_empty() {
            owners.push(OwnerSnapshot {
                owner: Owner::PrivateHandlers,
                listed: true,
                queued: self.queued_elsewhere(endpoint, shared),
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

    /// How many requests wait in the pools of handlers that were shared before.
    fn queued_elsewhere(&self, endpoint: u32, shared: Option<PoolId>) -> u64 {
        let pools = self.shared_handlers().flat_map(|id| self.pools_of(id));
        let of_endpoint = |id: &PoolId| self.pools[*id].endpoint == endpoint && Some(*id) != shared;
        let queued = pools.filter(of_endpoint);
        queued
            .map(|id| u64::from(self.pools[id].n_without_connect()))
            .sum()
    }

    /// The pool of the handler that requests share now.
    fn shared_pool(&self, endpoint: u32) -> Option<PoolId> {
        let handler = (!self.current.is_none()).then(|| &self.handlers[self.current]);
        handler
            .map(|handler| handler.pools[endpoint as usize])
            .filter(|pool| !pool.is_none())
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
