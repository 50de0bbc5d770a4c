//! Requests that nothing but their answer can come to.
//!
//! A request that has its connection to itself, is connected at once and answered before its
//! timeout needs no number: what is kept of it lies with its connection. Others may come to wait
//! behind it; then it gets one when its answer is read, and all goes on as ever. Whoever drives the
//! process knows where nothing else can happen (no abort, no loss, no retry), and a test compares
//! such runs with others.

use super::assignment::Choice;
use super::connection::Connection;
use super::{Framework, GroupId};
use crate::model::GroupName;
use crate::net::{ConnectionId, ConnectionView, Host, Net, PortState, Request, Socket, TakenPort};
use crate::units::SimTime;

/// What is kept of a request that has its connection to itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// How many requests there were before it.
    pub serial: u64,
    /// When it was made and sent.
    pub arrived: SimTime,
    /// Its workload.
    pub workload: u32,
    /// `KeepAlive`.
    pub keep_alive: bool,
}

impl Default for Exchange {
    #[inline(always)]
    fn default() -> Exchange {
        Exchange {
            serial: 0,
            arrived: SimTime::ZERO,
            workload: 0,
            keep_alive: true,
        }
    }
}

/// An exchange that has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Begun {
    /// Its connection.
    pub connection: ConnectionView,
    /// Whether that was opened for it.
    pub is_opened: bool,
}

impl Framework {
    /// How many requests are on the wire that only their connections know of.
    pub const fn on_wire_alone(&self) -> u64 {
        self.on_wire_alone
    }

    /// These requests, each with its name and endpoint. Linear in the connections.
    pub fn alone(&self) -> impl Iterator<Item = (Exchange, GroupName, u32)> + '_ {
        let connections = self.connections.ids().into_iter();
        let single_uses = self.single_uses.ids().into_iter();
        let unanswered = single_uses.filter(|id| !self.single_uses[*id].is_answered);
        let of = |id: ConnectionId| {
            let connection = &self.connections[id];
            let is_alone = connection.written == 1 && connection.first_written.is_none();
            is_alone.then_some((connection.alone, connection.name, connection.endpoint))
        };
        (connections.filter_map(of)).chain(unanswered.map(|id| self.single_use(id)))
    }

    /// Sends a request to `endpoint` on a connection that it has to itself, at rest or new (AS-2,
    /// AS-3): one that is not pipelined, closes no group (CG-9), would be connected at once, and is
    /// answered before its timeout. When its response has been read, the host calls
    /// [`Framework::exchange_answered`] if there is an [`Framework::only_request`], else
    /// [`Framework::exchange_answered_before_others`]. `None`, and nothing of consequence is done,
    /// where the choice is another, or no port is free: then the request is submitted as any other.
    #[inline(always)]
    pub fn submit_alone<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
        request: Exchange,
    ) -> Option<Begun> {
        if self.uses_leases || self.goes_step_by_step {
            return None;
        }
        let service_point = self.listed(endpoint)?;
        let group = self.find_group(service_point, name)?;
        if let Some(id) = self.write_at_rest(net, group, request.keep_alive) {
            self.on_wire_alone += 1;
            let connection = &mut self.connections[id];
            connection.alone = request;
            return Some(Begun {
                connection: connection.view(id),
                is_opened: false,
            });
        }
        if self.choose(group) != Choice::New {
            return None;
        }
        let port = net
            .ports
            .take_for(net.now, endpoint, PortState::Busy)
            .ok()?;
        Some(self.open_alone(group, name, endpoint, request, port))
    }

    /// A new connection that is connected at once, with a request that has it to itself.
    #[inline(always)]
    fn open_alone(
        &mut self,
        group: GroupId,
        name: GroupName,
        endpoint: u32,
        request: Exchange,
        port: TakenPort,
    ) -> Begun {
        let id = self.connections.next_id();
        let connection = ConnectionView {
            id,
            serial: self.opened,
            endpoint,
            group: name,
            port: port.number,
            served: 0,
        };
        self.opened += 1;
        self.on_wire_alone += 1;
        self.counts.on_wire += 1;
        let is_indexed = self.list_connection(Connection {
            group,
            name,
            endpoint,
            serial: connection.serial,
            socket: Socket {
                port,
                state: PortState::Busy,
                server_closed: false,
            },
            reserved: u32::from(self.rules.reserves),
            written: 1,
            alone: request,
            keep_alive: request.keep_alive || !self.rules.keep_alive_ends_at_start,
            carries_non_keep_alive: self.rules.avoids_non_keep_alive && !request.keep_alive,
            connected: true,
            read_done: false,
            write_done: true,
            ..Connection::default()
        });
        if is_indexed {
            self.index_new(group, id);
        }
        Begun {
            connection,
            is_opened: true,
        }
    }

    /// The request on a connection whose answer is read now, with its name and endpoint; `None`
    /// where others have come to wait behind it.
    #[inline(always)]
    pub fn only_request(&self, id: ConnectionId) -> Option<(Exchange, GroupName, u32)> {
        let connection = &self.connections[id];
        (connection.waits.is_none()).then_some((
            connection.alone,
            connection.name,
            connection.endpoint,
        ))
    }

    /// The response to a request that has its connection to itself was read to its end (CN-7).
    #[inline(always)]
    pub fn exchange_answered<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
        let connection = &mut self.connections[id];
        assert!(
            connection.written == 1 && connection.waits.is_none(),
            "others have come to wait behind the request"
        );
        connection.read_answer(connection.alone.keep_alive);
        self.on_wire_alone -= 1;
        self.counts.on_wire -= 1;
        self.end_exchange(net, id);
    }

    /// The same where others wait behind it: the request gets a number.
    #[inline(never)]
    pub fn exchange_answered_before_others<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        id: ConnectionId,
    ) {
        let connection = &mut self.connections[id];
        debug_assert!(connection.written == 1 && connection.first_written.is_none());
        let alone = connection.alone;
        let mut request = Request::new(alone.serial, alone.arrived, connection.name);
        request.workload = alone.workload;
        request.endpoint = connection.endpoint;
        request.keep_alive = alone.keep_alive;
        request.comes_to(id, alone.arrived);
        let number = net.requests.insert(request);
        connection.first_written = number;
        connection.last_written = number;
        self.on_wire_alone -= 1;
        let is_answered = self.complete(net, number, false);
        debug_assert!(is_answered, "it is the one that is being answered");
        self.release_finished(net);
    }
}
