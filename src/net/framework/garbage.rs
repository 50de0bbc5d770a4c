//! What a garbage collection takes of a process (SP-10).
//!
//! The table refers to ServicePoints weakly. What keeps one is its own timer, one of its groups,
//! a request, or a program that holds it. Without any of these (its idle time is "never", or its
//! `active` leaked above 0) a collection takes it, and with it its groups, and the connections on
//! which nothing is. A response that its program left open counts as one that is still referred
//! to.

use super::{Framework, ServicePointId};
use crate::net::{CloseKind, ConnectionId, Host, Net};
use alloc::vec::Vec;

impl Framework {
    /// A full garbage collection.
    pub(super) fn collect<H: Host>(&mut self, net: &mut Net<'_, H>) {
        for id in self.service_points.ids() {
            if !self.is_referred_to(id) {
                self.collect_service_point(net, id);
            }
        }
    }

    /// Whether anything but the table refers to a ServicePoint.
    fn is_referred_to(&self, id: ServicePointId) -> bool {
        let service_point = &self.service_points[id];
        let mut groups = self.groups.ids().into_iter().map(|it| &self.groups[it]);
        let mut connections = self.connections_of(id).into_iter();
        service_point.timer.is_some()
            || self.held[service_point.endpoint as usize] == id
            || groups.any(|group| group.service_point == id && group.timer.is_some())
            || connections.any(|connection| {
                let connection = &self.connections[connection];
                connection.written > 0 || connection.waiting > 0
            })
            || self.awaits_single_use(id)
    }

    /// The connections of a ServicePoint's groups, listed or not.
    fn connections_of(&self, id: ServicePointId) -> Vec<ConnectionId> {
        let mut ids = self.connections.ids();
        ids.retain(|it| self.groups[self.connections[*it].group].service_point == id);
        ids
    }

    /// A ServicePoint goes with everything that only it refers to. Its entry in the table stays,
    /// and counts (SP-4), until another takes its place.
    fn collect_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, id: ServicePointId) {
        let endpoint = self.service_points[id].endpoint;
        if self.table[endpoint as usize] == id {
            self.table[endpoint as usize] = ServicePointId::NONE;
            self.dead_entries[endpoint as usize] = true;
            self.counts.service_points -= 1;
            net.host.service_point_changed(net.now, endpoint, false);
        }
        // Hold the object while its groups go.
        self.service_points[id].n_group_objects += 1;
        self.release_all_groups(net, id);
        // What is left was never given its reservation back (FL-6 to FL-8).
        for connection in self.connections_of(id) {
            self.close_socket(net, connection, CloseKind::Hard);
            self.dispose(connection);
        }
        self.service_points[id].n_group_objects -= 1;
        self.drop_service_point_if_unused(id);
    }
}
