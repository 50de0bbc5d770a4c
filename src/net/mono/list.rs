//! A group's connections and its queue: who is free, who is chosen, who waits.

use super::GroupId;
use super::pool::{Connection, Pool, Rank};
use crate::model::GroupName;
use crate::net::request::Place;
use crate::net::{ConnectionId, Host, Net, RequestId};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Above this many connections a group keeps an index of the free ones; below, it looks at each.
const INDEXED_ABOVE: u32 = 16;

impl Pool {
    /// Whether the group may have one connection more. An empty one always may (MO-3).
    pub(super) fn has_room(&self, id: GroupId) -> bool {
        let group = &self.groups[id];
        group.len == 0 || group.len < self.service_points[group.service_point].limit
    }

    /// A new connection at the front of its group's list, not free: a request will use it.
    pub(super) fn add_connection(&mut self, group: GroupId) -> ConnectionId {
        let name = self.groups[group].name;
        let endpoint = self.service_points[self.groups[group].service_point].endpoint;
        let id = self.connections.insert(Connection {
            group,
            name,
            endpoint,
            created: self.created,
            serial: 0,
            socket: None,
            connected: false,
            served: 0,
            request: RequestId::NONE,
            rank: (0, 0),
            idle: None,
            free: false,
            previous: ConnectionId::NONE,
            next: ConnectionId::NONE,
        });
        self.created += 1;
        self.groups[group].len += 1;
        self.push_front(id);
        self.count_current(group, 1);
        if self.groups[group].len > INDEXED_ABOVE && self.groups[group].index.is_none() {
            self.build_index(group);
        }
        id
    }

    #[cold]
    fn build_index(&mut self, id: GroupId) {
        let mut index = BTreeSet::new();
        let mut next = self.groups[id].front;
        while !next.is_none() {
            let connection = &self.connections[next];
            if connection.free {
                index.insert((connection.rank, next));
            }
            next = connection.next;
        }
        self.groups[id].index = Some(index);
    }

    /// Takes a connection off its group's list and lets the object go. Its socket is closed.
    pub(super) fn remove_connection(&mut self, id: ConnectionId) {
        debug_assert!(self.connections[id].socket.is_none());
        assert!(
            self.connections[id].request.is_none(),
            "a connection goes that still carries a request"
        );
        self.occupy(id);
        self.unlink(id);
        self.groups[self.connections[id].group].len -= 1;
        self.connections.remove(id);
    }

    fn push_front(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id];
        let group = &mut self.groups[connection.group];
        let front = core::mem::replace(&mut group.front, id);
        connection.previous = ConnectionId::NONE;
        connection.next = front;
        if front.is_none() {
            group.back = id;
        } else {
            self.connections[front].previous = id;
        }
    }

    fn unlink(&mut self, id: ConnectionId) {
        let Connection {
            group,
            previous,
            next,
            ..
        } = self.connections[id];
        if previous.is_none() {
            self.groups[group].front = next;
        } else {
            self.connections[previous].next = next;
        }
        if next.is_none() {
            self.groups[group].back = previous;
        } else {
            self.connections[next].previous = previous;
        }
    }

    /// Moves a connection, which is not free, to the front of its group's list.
    pub(super) fn move_to_front(&mut self, id: ConnectionId) {
        self.unlink(id);
        self.push_front(id);
    }

    /// The free connection with the greatest rank.
    #[inline]
    pub(super) fn best_free(&self, id: GroupId) -> Option<ConnectionId> {
        let group = &self.groups[id];
        if group.n_free == 0 {
            return None;
        }
        if let Some(index) = &group.index {
            return index.last().map(|(_, connection)| *connection);
        }
        let mut best: Option<(Rank, ConnectionId)> = None;
        let mut next = group.front;
        while !next.is_none() {
            let connection = &self.connections[next];
            if connection.free && best.is_none_or(|(rank, _)| rank < connection.rank) {
                best = Some((connection.rank, next));
            }
            next = connection.next;
        }
        best.map(|(_, connection)| connection)
    }

    /// A connection has nothing to do: it can be chosen.
    pub(super) fn vacate(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id];
        debug_assert!(!connection.free);
        connection.free = true;
        let group = &mut self.groups[connection.group];
        group.n_free += 1;
        if let Some(index) = &mut group.index {
            index.insert((connection.rank, id));
        }
    }

    /// A connection is not free any more.
    #[inline]
    pub(super) fn occupy(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id];
        if !core::mem::replace(&mut connection.free, false) {
            return;
        }
        let group = &mut self.groups[connection.group];
        group.n_free -= 1;
        if let Some(index) = &mut group.index {
            index.remove(&(connection.rank, id));
        }
    }

    /// Puts a request at the end of its group's queue.
    pub(super) fn enqueue<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        group: GroupId,
        request: RequestId,
    ) {
        let queue = &mut self.groups[group].queue;
        net.requests.push_waiter(queue, ConnectionId::NONE, request);
        let place = queue.0 as usize;
        if self.queue_owners.len() <= place {
            self.queue_owners.resize(place + 1, GroupId::NONE);
        }
        self.queue_owners[place] = group;
        self.counts.queued += 1;
        self.watch_timeout(net, request);
        net.host
            .waits(net.now, request, &net.requests[request], None);
    }

    /// Takes the oldest request off a group's queue.
    pub(super) fn dequeue<H>(&mut self, net: &mut Net<'_, H>, group: GroupId) -> Option<RequestId> {
        let oldest = net.requests.pop_waiter(&mut self.groups[group].queue)?;
        self.counts.queued -= 1;
        Some(oldest)
    }

    /// Takes a request off the queue it waits in, and says whose that is.
    pub(super) fn leave_queue<H>(&mut self, net: &mut Net<'_, H>, id: RequestId) -> GroupId {
        let Place::Waiting(list) = net.requests[id].place else {
            unreachable!("only a waiting request leaves a queue");
        };
        let group = self.queue_owners[list.0 as usize];
        net.requests
            .remove_waiter(&mut self.groups[group].queue, id);
        self.counts.queued -= 1;
        group
    }

    /// The free connections of a group that have a socket, front to back.
    pub(super) fn idle_connections(&self, endpoint: u32, name: GroupName) -> Vec<ConnectionId> {
        let group = self
            .listed(endpoint)
            .and_then(|id| self.find_group(id, name));
        let mut idle = Vec::new();
        let mut next = group.map_or(ConnectionId::NONE, |id| self.groups[id].front);
        while !next.is_none() {
            let connection = &self.connections[next];
            if connection.free && connection.socket.is_some() {
                idle.push(next);
            }
            next = connection.next;
        }
        idle
    }
}
