//! How connections end, and what becomes of the requests on them (CL-1..CL-6, CN-8, FL-1..FL-8).

use super::{Framework, GroupId, Match, ServicePointId};
use crate::model::GroupName;
use crate::net::request::{Headers, Place, WaitListId};
use crate::net::{
    Aborted, CloseKind, ConnectionId, Failure, Host, Net, Outcome, RequestId, Requests,
};

/// From how many waiters on it is worth moving them together.
const TOGETHER_FROM: u32 = 4;

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    how: CloseKind,
    /// What the requests that are written and unanswered get (FL-3).
    written: WrittenFate,
}

/// What becomes of requests written on a dying connection (FL-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum WrittenFate {
    /// The connection ended behind a response: a single request is re-submitted as often as
    /// need be, several only once each.
    KeepAliveEnded,
    /// The first was aborted: the others are re-submitted once each.
    PipelineAborted,
    /// The server's side is gone. A single one on a connection that has answered before
    /// (`reused`) is re-submitted as often as need be, others once each.
    ServerGone { reused: bool },
}

impl Ending {
    /// A response said that the connection ends: a graceful close (CN-7).
    pub(super) const fn after_response() -> Ending {
        Ending {
            how: CloseKind::Graceful,
            written: WrittenFate::KeepAliveEnded,
        }
    }

    /// Idle too long, or closed by the server: a hard close (CN-10).
    pub(super) const fn not_reusable() -> Ending {
        Ending {
            how: CloseKind::Hard,
            written: WrittenFate::KeepAliveEnded,
        }
    }

    /// A request on the wire was aborted: a hard close (FL-4).
    pub(super) const fn aborted() -> Ending {
        Ending {
            how: CloseKind::Hard,
            written: WrittenFate::PipelineAborted,
        }
    }

    /// The connect was refused or given up: nothing was established (FL-1).
    pub(super) const fn never_connected() -> Ending {
        Ending {
            how: CloseKind::Hard,
            written: WrittenFate::KeepAliveEnded,
        }
    }

    /// The server's side is gone; `reused`: it had answered before (FL-3).
    pub(super) const fn server_gone(reused: bool) -> Ending {
        Ending {
            how: CloseKind::Hard,
            written: WrittenFate::ServerGone { reused },
        }
    }
}

/// The requests of a connection that died.
#[derive(Clone, Copy, Debug)]
struct Orphans {
    first_written: RequestId,
    n_written: u32,
    waits: WaitListId,
}

impl Framework {
    /// Dooms a connection, closes its socket, and sends its requests elsewhere (CN-8).
    #[inline(always)]
    pub(super) fn end_connection<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
        ending: Ending,
    ) {
        let orphans = self.doom(net, id);
        self.close_socket(net, id, ending.how);
        self.dispose(id);
        // Waiters first: the order of the recorded traces.
        if !orphans.waits.is_none() {
            self.resubmit_waiters(net, orphans.waits);
        }
        if orphans.n_written > 0 {
            self.resubmit_written(net, orphans, ending.written);
        }
    }

    /// CN-8: takes the requests off, lets the connection become idle where its reservations
    /// allow, and takes it off its group's list.
    #[inline(always)]
    fn doom<H>(&mut self, net: &Net<'_, H>, id: ConnectionId) -> Orphans {
        let leak = self.rules.reservation_leak;
        let mut placed = self.placed(id);
        let connection = &mut *placed.connection;
        connection.idle_since = crate::units::SimTime::NEVER;
        let orphans = Orphans {
            first_written: connection.first_written,
            n_written: connection.written,
            waits: connection.waits,
        };
        placed.counts.queued -= u64::from(connection.waiting);
        if connection.connected {
            placed.counts.on_wire -= u64::from(connection.written);
        }
        connection.waits = WaitListId::NONE;
        connection.waiting = 0;
        connection.first_written = RequestId::NONE;
        connection.last_written = RequestId::NONE;
        connection.written = 0;
        // A pending read fails when the socket closes.
        connection.read_done = true;
        if !leak {
            // FL-6..FL-8: the source returns a reservation only when a response completes.
            connection.reserved = 0;
        }
        placed.check_idle(net.now);
        if placed.connection.listed {
            self.unlist_connection(id);
        }
        orphans
    }

    /// Lets a closed connection object go, and its group's where nothing else holds it.
    #[inline(always)]
    pub(super) fn dispose(&mut self, id: ConnectionId) {
        if self.uses_leases {
            self.end_lease(id);
        }
        let group_id = self.connections[id].group;
        self.connections[id].connected = false;
        self.connections.remove(id);
        self.counts.connections -= 1;
        let group = &mut self.groups[group_id];
        group.n_connection_objects -= 1;
        if group.n_connection_objects == 0 {
            self.let_empty_group_go(group_id);
        }
    }

    /// The last connection object of a group is gone.
    pub(super) fn let_empty_group_go(&mut self, group_id: GroupId) {
        if self.groups[group_id].listed {
            self.park_group_if_empty(group_id);
        } else {
            self.drop_group_if_unused(group_id);
        }
    }

    /// FL-3, FL-11.
    fn resubmit_written<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        orphans: Orphans,
        fate: WrittenFate,
    ) {
        let stays_quiet = match fate {
            WrittenFate::KeepAliveEnded => true,
            WrittenFate::PipelineAborted => false,
            WrittenFate::ServerGone { reused } => reused,
        };
        let isolated = stays_quiet && orphans.n_written == 1;
        // FL-11: the first of a pipeline gets its own error, the others are cut off behind it.
        let of_first = match fate {
            WrittenFate::KeepAliveEnded | WrittenFate::ServerGone { reused: true } => {
                Failure::KeepAliveFailure
            }
            WrittenFate::ServerGone { reused: false } => Failure::ConnectionClosed,
            // The first of all was aborted and is gone: this one was behind it.
            WrittenFate::PipelineAborted => Failure::PipelineFailure,
        };
        let mut next = orphans.first_written;
        while !next.is_none() {
            let id = next;
            let request = &mut net.requests[id];
            next = request.next;
            request.place = Place::Nowhere;
            if request.has_ended {
                net.requests.remove(id);
            } else if request.headers == Headers::Read {
                // Its response breaks off (FL-5).
                self.finish(net, id, Outcome::Failed(Failure::ResponseBroken));
            } else if isolated {
                self.resubmit(net, id);
            } else if request.once_failed {
                let own = id == orphans.first_written;
                let failure = if own {
                    of_first
                } else {
                    Failure::PipelineFailure
                };
                self.finish(net, id, Outcome::Failed(failure));
            } else {
                request.once_failed = true;
                self.resubmit(net, id);
            }
        }
    }

    /// FL-2: one automatic re-submit, without pipelining, through a fresh look-up: a ServicePoint
    /// that its program holds is left for the one in the table.
    pub(super) fn resubmit<H: Host>(&mut self, net: &mut Net<'_, H>, id: RequestId) {
        net.requests[id].pipelined &= self.rules.resubmits_pipelined;
        net.requests[id].held = false;
        self.retries += 1;
        self.submit_request(net, id);
    }

    /// FL-2 for a whole wait list, in order. Waiters that would all join the same connection
    /// move together, so that an overloaded group costs the same however long its queue is.
    fn resubmit_waiters<H: Host>(&mut self, net: &mut Net<'_, H>, mut waits: WaitListId) {
        while !waits.is_none() {
            let together = if net.host.observes_moves() {
                None
            } else {
                self.joint_move(net.requests, waits)
            };
            if let Some((target, count)) = together {
                let connection = &mut self.connections[target];
                net.requests
                    .move_waiters(&mut waits, count, &mut connection.waits, target);
                connection.waiting += count;
                connection.reserved += count * u32::from(self.rules.reserves);
                self.counts.queued += u64::from(count);
                self.retries += u64::from(count);
                self.placed(target).check_non_idle();
                self.reindex(target);
            } else if let Some(id) = net.requests.pop_waiter(&mut waits) {
                self.resubmit(net, id);
            }
        }
    }

    /// How many of the first waiters AS-2 and AS-3 would put on one and the same wait list, and
    /// whose. `None` when they have to be looked at one by one.
    ///
    /// A waiter makes its connection busier by the same amount each time, so the least busy one
    /// stays the choice until it has caught up with the next.
    fn joint_move(&self, requests: &Requests, waits: WaitListId) -> Option<(ConnectionId, u32)> {
        let list = requests.list(waits);
        // A lease that was changed is looked at by each submit (TM-6).
        if list.len < TOGETHER_FROM || list.pipelined > 0 || self.uses_leases {
            return None;
        }
        let head = &requests[list.head];
        let service_point = self.listed(head.endpoint)?;
        let group = self.find_group(service_point, head.group)?;
        let settings = &self.service_points[service_point];
        let has_room = self.groups[group].len < settings.limit;
        if has_room || self.groups[group].len == 0 {
            return None;
        }
        let choice = self.least_busy(group);
        let first = choice.first;
        let target = &self.connections[first.connection];
        let marks_it = list.non_keep_alive > 0
            && self.rules.avoids_non_keep_alive
            && !first.carries_non_keep_alive;
        if target.written == 0 || marks_it {
            return None;
        }
        let step = 2 + u32::from(self.rules.reserves);
        let count = match choice.second {
            None => list.len,
            Some(second) => {
                let gap = second.busy - first.busy;
                let wins_ties = first.order < second.order;
                let until = if wins_ties {
                    gap / step + 1
                } else {
                    gap.div_ceil(step)
                };
                until.max(1).min(list.len)
            }
        };
        Some((first.connection, count))
    }

    /// FL-4: `Abort`, or the request's own timeout.
    pub(super) fn abort_or_disassociate<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        why: Failure,
    ) -> Aborted {
        let outcome = Outcome::Failed(why);
        match net.requests[request].place {
            Place::Waiting(list) => {
                self.disassociate(net, request, list);
                self.finish(net, request, outcome);
                Aborted::Disassociated
            }
            Place::OnConnection(id) => {
                let first = self.connections[id].first_written == request;
                if net.requests[request].headers == Headers::Read {
                    self.return_reservation_of_reader(id, why);
                }
                self.placed(id).remove_written(net, request);
                self.finish(net, request, outcome);
                self.connections[id].keep_alive = false;
                if first || self.rules.abort_dooms_pipeline {
                    self.end_connection(net, id, Ending::aborted());
                    Aborted::ConnectionClosed
                } else {
                    self.return_reservation(net, id);
                    Aborted::Disassociated
                }
            }
            Place::Nowhere => unreachable!("a submitted request waits or is on a connection"),
        }
    }

    /// Takes a waiting request off its connection, which does not notice (FL-4, FL-8).
    fn disassociate<H>(&mut self, net: &mut Net<'_, H>, request: RequestId, list: WaitListId) {
        let owner = net.requests.list(list).owner;
        let connection = &mut self.connections[owner];
        net.requests.remove_waiter(&mut connection.waits, request);
        connection.waiting -= 1;
        self.counts.queued -= 1;
        self.return_reservation(net, owner);
    }

    /// Gives a reservation back where the leak is off; with it on, it stays (FL-8).
    fn return_reservation<H>(&mut self, net: &Net<'_, H>, id: ConnectionId) {
        if !self.rules.reservation_leak {
            let connection = &mut self.connections[id];
            connection.reserved = connection.reserved.saturating_sub(1);
            self.placed(id).check_idle(net.now);
        }
        self.reindex(id);
    }

    /// CL-1: an idle connection is closed at once, a busy one after its response.
    pub(super) fn close_on_idle<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        self.connections[id].keep_alive = false;
        self.placed(id).check_idle(net.now);
        if self.connections[id].idle {
            self.close_socket(net, id, CloseKind::Hard);
            self.dispose(id);
        }
    }

    /// CL-1 on every connection of a group that has left the table, oldest first.
    pub(super) fn close_connections_of<H: Host>(&mut self, net: &mut Net<'_, H>, id: GroupId) {
        // Hold the group while its connections go.
        self.groups[id].n_connection_objects += 1;
        loop {
            let head = self.groups[id].head;
            if head.is_none() {
                break;
            }
            self.unlist_connection(head);
            self.close_on_idle(net, head);
        }
        self.groups[id].n_connection_objects -= 1;
        self.drop_group_if_unused(id);
    }

    /// CL-2: releases the group of exactly this name. False when there is none.
    pub(super) fn release_group_named<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        service_point: ServicePointId,
        name: GroupName,
    ) -> bool {
        if let Some(group) = self.find_group(service_point, name) {
            if let Some(timer) = self.groups[group].timer.take() {
                let endpoint = self.service_points[service_point].endpoint;
                self.timers.cancel_idle(timer, (endpoint, Some(name)));
            }
            self.unlist_group(net, group);
            self.close_connections_of(net, group);
            return true;
        }
        if self.service_points[service_point].parked.remove(name) {
            self.counts.groups -= 1;
            let endpoint = self.service_points[service_point].endpoint;
            net.host.group_changed(net.now, endpoint, name, false);
            return true;
        }
        false
    }

    /// CL-4: `CloseConnectionGroup` by the version's way of matching names.
    pub(super) fn close_group_matching<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        service_point: ServicePointId,
        name: GroupName,
    ) -> bool {
        let mut closed = self.release_group_named(net, service_point, name);
        for place in 0..self.matched.len() {
            let Match { called, group } = self.matched[place];
            // Before 4.8 the key with `U>` is tried only where the one with `S>` is not there.
            if called == name && (self.rules.prefix_match || !closed) {
                closed |= self.release_group_named(net, service_point, group);
            }
        }
        closed
    }
}
