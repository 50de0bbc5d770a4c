//! Which connection gets a request (AS-1..AS-5, LIM-3, TM-6).

use super::closing::Ending;
use super::connection::Start;
use super::connection_group::IndexKey;
use super::{Framework, GroupId, ServicePointId};
use crate::net::{ConnectionId, Failure, Host, Net, Outcome, RequestId};

/// What AS-2 chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Choice {
    /// A connection of the list; `forced` onto one that carries a non-keep-alive request.
    Existing {
        connection: ConnectionId,
        forced: bool,
    },
    /// A new one.
    New,
}

/// The two best choices among the busy connections of a full group.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeastBusy {
    pub(super) first: IndexKey,
    /// The next best of the same kind.
    pub(super) second: Option<IndexKey>,
}

impl Framework {
    /// Submits a request through a fresh look-up of its ServicePoint.
    #[inline(always)]
    pub(super) fn submit_request<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        let request = &net.requests[id];
        let (endpoint, name) = (request.endpoint, request.group);
        let held = if request.held {
            self.held[endpoint as usize]
        } else {
            ServicePointId::NONE
        };
        let service_point = if held.is_none() {
            self.find_service_point(net, endpoint)
        } else {
            Some(held)
        };
        let Some(service_point) = service_point else {
            self.finish(net, id, Outcome::Failed(Failure::TooManyServicePoints));
            return;
        };
        if name.is_fresh() && name >= self.next_fresh {
            self.next_fresh = name.next();
            self.open_in_new_group(net, service_point, name, id);
            return;
        }
        // A connection that cannot be used any more ends, and the choice is made again.
        loop {
            let Some(group) = self.find_group(service_point, name) else {
                self.open_in_new_group(net, service_point, name, id);
                return;
            };
            if self.begin_exchange(net, group, id) {
                return;
            }
            match self.choose(group) {
                Choice::New => {
                    self.open_connection(net, group, id);
                    return;
                }
                Choice::Existing { connection, forced } => {
                    self.connections[connection].reserved += u32::from(self.rules.reserves);
                    if self.submit_on(net, connection, id, forced) {
                        return;
                    }
                }
            }
        }
    }

    /// AS-2.
    #[inline(always)]
    pub(super) fn choose(&self, group_id: GroupId) -> Choice {
        let group = &self.groups[group_id];
        if group.len == 0 {
            return Choice::New;
        }
        let limit = self.service_points[group.service_point].limit;
        let has_room = group.len < limit;
        // Only an idle connection can be free.
        if has_room && group.n_idle == 0 {
            return Choice::New;
        }
        // The first free one in the list is the choice, and mostly it is the first of all.
        if self.connections[group.head].is_free() {
            return Choice::Existing {
                connection: group.head,
                forced: false,
            };
        }
        let best = self.least_busy(group_id).first;
        let is_free = best.busy == 0 && !best.carries_non_keep_alive;
        if !is_free && has_room {
            return Choice::New;
        }
        Choice::Existing {
            connection: best.connection,
            forced: best.carries_non_keep_alive,
        }
    }

    /// The best two choices of a group that has connections: the first free one, else the least
    /// busy without a non-keep-alive request, else the least busy of all.
    pub(super) fn least_busy(&self, group_id: GroupId) -> LeastBusy {
        let group = &self.groups[group_id];
        if !group.index.is_none() {
            let mut keys = self.indexes[group.index].iter().copied();
            let first = keys
                .next()
                .expect("the index holds every listed connection");
            let second = keys
                .next()
                .filter(|key| key.carries_non_keep_alive == first.carries_non_keep_alive);
            return LeastBusy { first, second };
        }
        let mut first: Option<IndexKey> = None;
        let mut second: Option<IndexKey> = None;
        let mut next = group.head;
        while !next.is_none() {
            let connection = &self.connections[next];
            let (carries_non_keep_alive, busy) = connection.choice();
            let key = IndexKey {
                carries_non_keep_alive,
                busy,
                order: connection.serial,
                connection: next,
            };
            if first.is_none_or(|best| key < best) {
                second = first;
                first = Some(key);
                if busy == 0 && !carries_non_keep_alive {
                    break;
                }
            } else if second.is_none_or(|other| key < other) {
                second = Some(key);
            }
            next = connection.next;
        }
        let first = first.expect("the list is not empty");
        let second =
            second.filter(|key| key.carries_non_keep_alive == first.carries_non_keep_alive);
        LeastBusy { first, second }
    }

    /// AS-3: submits on the chosen connection. False when it cannot be used any more, and is gone.
    #[inline(never)]
    fn submit_on<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        request_id: RequestId,
        forced: bool,
    ) -> bool {
        if self.uses_leases {
            self.check_lease(net, id, request_id);
        }
        let connection = &mut self.connections[id];
        let request = &net.requests[request_id];
        if self.rules.avoids_non_keep_alive && !forced && !request.keep_alive {
            connection.carries_non_keep_alive = true;
        }
        let pipelines = !forced
            && request.pipelined
            && connection.can_pipeline
            && connection.pipelining
            && !connection.pipeline_paused;
        let starts = connection.free
            && connection.write_done
            && (!forced || self.rules.starts_forced_at_once)
            && (connection.written == 0 || pipelines);
        if !starts {
            self.wait_on(net, id, request_id);
            return true;
        }
        connection.free = false;
        match self.start(net, id, request_id, true) {
            Start::Done { pipelining } => {
                if pipelining {
                    self.start_waiters(net, id);
                }
                self.reindex(id);
                true
            }
            Start::NotReusable => {
                let ending = Ending::not_reusable();
                self.end_connection(net, id, ending);
                false
            }
        }
    }

    /// AS-3 (g): the request waits on this connection, whatever becomes free elsewhere (AS-4).
    fn wait_on<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId, request_id: RequestId) {
        let connection = &mut self.connections[id];
        net.requests
            .push_waiter(&mut connection.waits, id, request_id);
        connection.waiting += 1;
        self.counts.queued += 1;
        let mut placed = self.placed(id);
        placed.check_non_idle();
        placed.watch_timeout(net, request_id);
        net.host
            .waits(net.now, request_id, &net.requests[request_id], Some(id));
        self.reindex(id);
    }
}
