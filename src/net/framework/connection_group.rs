//! Connection groups: by name, with their list of connections and their idle timer (CG-4..CG-8).

use super::{Framework, GroupId, IndexId, ServicePointId, Timer};
use crate::kernel::TimerId;
use crate::model::GroupName;
use crate::net::group_table::GroupKey;
use crate::net::timer_thread::{TimerQueue, TimerThread};
use crate::net::{ConnectionId, Host, Net};
use crate::units::SimTime;
use alloc::collections::BTreeSet;

/// Above this many connections a group keeps an index of them; below, it looks at each.
pub(super) const INDEXED_ABOVE: u32 = 16;

/// The listed connections of a large group, best choice first.
pub(super) type Index = BTreeSet<IndexKey>;

/// One ConnectionGroup object.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionGroup {
    pub(super) service_point: ServicePointId,
    pub(super) name: GroupName,
    /// How many connects its process had tried when it was made.
    pub(super) made_at: u64,
    /// In its ServicePoint's table; an orphan is not (CG-7).
    pub(super) listed: bool,
    /// Number of its connections that are not idle (CG-6), leaked ones included.
    pub(super) active: u32,
    pub(super) timer: Option<TimerId>,
    /// The connection list, in order of creation.
    pub(super) head: ConnectionId,
    pub(super) tail: ConnectionId,
    pub(super) len: u32,
    /// How many of the list are idle (CN-6): where none is, no connection can be free.
    pub(super) n_idle: u32,
    /// Connection objects that refer to this group, unlisted ones included.
    pub(super) n_connection_objects: u32,
    /// Neighbours in the ServicePoint's list.
    pub(super) previous: GroupId,
    pub(super) next: GroupId,
    /// The listed connections of a large group, best choice first.
    pub(super) index: IndexId,
}

/// A connection's place among the choices of AS-2: those without a non-keep-alive request
/// first, then the least busy, then the first in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct IndexKey {
    pub(super) carries_non_keep_alive: bool,
    pub(super) busy: u32,
    pub(super) order: u64,
    pub(super) connection: ConnectionId,
}

impl Default for ConnectionGroup {
    /// A listed group that has nothing.
    #[inline(always)]
    fn default() -> ConnectionGroup {
        ConnectionGroup {
            service_point: ServicePointId::NONE,
            name: GroupName::UNNAMED,
            made_at: 0,
            listed: true,
            active: 0,
            timer: None,
            head: ConnectionId::NONE,
            tail: ConnectionId::NONE,
            len: 0,
            n_idle: 0,
            n_connection_objects: 0,
            previous: GroupId::NONE,
            next: GroupId::NONE,
            index: IndexId::NONE,
        }
    }
}

impl ConnectionGroup {
    /// CG-6: one more of its connections is not idle; the first cancels the idle timer.
    #[inline(always)]
    pub(super) fn begin_busy(&mut self, endpoint: u32, timers: &mut TimerThread<Timer>) {
        if self.active == 0
            && let Some(timer) = self.timer.take()
        {
            timers.cancel_idle(timer, (endpoint, Some(self.name)));
        }
        self.active += 1;
    }

    /// One connection less is not idle.
    #[inline(always)]
    pub(super) fn leave_busy(&mut self) {
        assert!(self.active > 0, "no connection of the group was busy");
        self.active -= 1;
    }

    /// CG-6: one less; the last arms the idle timer, where the version has one.
    #[inline(always)]
    pub(super) fn end_busy(
        &mut self,
        id: GroupId,
        queue: Option<TimerQueue>,
        now: SimTime,
        endpoint: u32,
        timers: &mut TimerThread<Timer>,
    ) {
        self.leave_busy();
        if self.active == 0 {
            let owner = (endpoint, Some(self.name));
            self.timer = queue.map(|queue| timers.arm_idle(now, queue, Timer::Group(id), owner));
        }
    }
}

fn key(service_point: ServicePointId, name: GroupName) -> GroupKey {
    GroupKey {
        owner: service_point.0,
        name,
    }
}

impl Framework {
    /// The listed group of this name that has an object.
    #[inline(always)]
    pub(super) fn find_group(&self, sp: ServicePointId, name: GroupName) -> Option<GroupId> {
        self.group_table.find(key(sp, name))
    }

    /// A new group under a name that no listed group with an object has (CG-4).
    #[inline(always)]
    pub(super) fn create_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        sp: ServicePointId,
        name: GroupName,
    ) -> GroupId {
        let service_point = &mut self.service_points[sp];
        let previous = service_point.last_group;
        let id = self.groups.insert_in_place(ConnectionGroup {
            service_point: sp,
            name,
            made_at: self.opened,
            previous,
            ..ConnectionGroup::default()
        });
        if previous.is_none() {
            service_point.first_group = id;
        } else {
            self.groups[previous].next = id;
        }
        service_point.last_group = id;
        service_point.n_group_objects += 1;
        self.group_table.insert(key(sp, name), id);
        if !service_point.parked.remove(name) {
            self.counts.groups += 1;
            net.host
                .group_changed(net.now, service_point.endpoint, name, true);
        }
        id
    }

    /// A group's timer fired (CG-6): the group *listed under its name* is released, which may
    /// be another object (CG-7).
    pub(super) fn group_expired<H: Host>(&mut self, net: &mut Net<'_, H>, id: GroupId) {
        self.groups[id].timer = None;
        let (sp, name) = (self.groups[id].service_point, self.groups[id].name);
        self.note_fired(net, self.service_points[sp].endpoint, Some(name));
        // Hold the group while it is released, if it is the one.
        self.groups[id].n_connection_objects += 1;
        self.release_group_named(net, sp, name);
        self.groups[id].n_connection_objects -= 1;
        self.drop_group_if_unused(id);
    }

    /// Takes a group out of its ServicePoint's table; its object lives on while connections or
    /// a timer refer to it.
    pub(super) fn unlist_group<H: Host>(&mut self, net: &mut Net<'_, H>, id: GroupId) {
        let (sp, name) = (self.groups[id].service_point, self.groups[id].name);
        self.group_table.remove(key(sp, name));
        self.unlink_group(id);
        self.groups[id].listed = false;
        self.counts.groups -= 1;
        self.counts.current_connections -= i64::from(self.groups[id].len);
        net.host
            .group_changed(net.now, self.service_points[sp].endpoint, name, false);
    }

    /// Keeps only the name of a listed group that holds nothing, so that groups which pile up
    /// empty cost next to no memory (CG-5).
    pub(super) fn park_group_if_empty(&mut self, id: GroupId) {
        let group = &self.groups[id];
        let holds_something = group.len > 0
            || group.n_connection_objects > 0
            || group.active > 0
            || group.timer.is_some();
        if holds_something || !group.listed {
            return;
        }
        let (sp, name) = (group.service_point, group.name);
        self.group_table.remove(key(sp, name));
        self.unlink_group(id);
        self.service_points[sp].parked.insert(name);
        self.service_points[sp].n_group_objects -= 1;
        self.drop_index(id);
        self.groups.remove(id);
    }

    fn drop_index(&mut self, id: GroupId) {
        let index = self.groups[id].index;
        if !index.is_none() {
            self.indexes[index].clear();
            self.indexes.remove(index);
        }
    }

    /// Lets an orphaned group object go that nothing refers to any more.
    pub(super) fn drop_group_if_unused(&mut self, id: GroupId) {
        let group = &self.groups[id];
        if group.listed || group.n_connection_objects > 0 || group.timer.is_some() {
            return;
        }
        let sp = group.service_point;
        self.drop_index(id);
        self.groups.remove(id);
        self.service_points[sp].n_group_objects -= 1;
        self.drop_service_point_if_unused(sp);
    }

    /// Enters a new connection into the index of its group, which is made where the group has
    /// become a large one.
    #[cold]
    pub(super) fn index_new(&mut self, group: GroupId, id: ConnectionId) {
        let connection = &mut self.connections[id];
        connection.note_choice();
        let key = connection.index_key(id);
        let known = self.groups[group].index;
        if !known.is_none() {
            self.indexes[known].insert(key);
            return;
        }
        let mut index = Index::new();
        let mut next = self.groups[group].head;
        while !next.is_none() {
            let connection = &mut self.connections[next];
            connection.note_choice();
            index.insert(connection.index_key(next));
            next = connection.next;
        }
        self.groups[group].index = self.indexes.insert(index);
    }

    /// Takes a connection off its group's list.
    #[inline(always)]
    pub(super) fn unlist_connection(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id];
        debug_assert!(connection.listed);
        connection.listed = false;
        let (group_id, previous, next) = (connection.group, connection.previous, connection.next);
        let key = connection.index_key(id);
        let group = &mut self.groups[group_id];
        if !group.index.is_none() {
            self.indexes[group.index].remove(&key);
        }
        if previous.is_none() {
            group.head = next;
        } else {
            self.connections[previous].next = next;
        }
        if next.is_none() {
            group.tail = previous;
        } else {
            self.connections[next].previous = previous;
        }
        group.len -= 1;
        group.n_idle -= u32::from(self.connections[id].idle);
        if group.listed {
            self.counts.current_connections -= 1;
        }
    }

    /// Brings the index of a large group up to date after `id` became more or less busy.
    #[inline(always)]
    pub(super) fn reindex(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id];
        if !connection.listed {
            return;
        }
        let index = self.groups[connection.group].index;
        if index.is_none() {
            return;
        }
        let index = &mut self.indexes[index];
        let before = connection.index_key(id);
        connection.note_choice();
        let after = connection.index_key(id);
        if after != before {
            index.remove(&before);
            index.insert(after);
        }
    }
}
