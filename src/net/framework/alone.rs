//! Requests that nothing but their answer can come to.
//!
//! A request that has its connection to itself, is connected at once and answered before its
//! timeout needs no number: what is kept of it lies with its connection, or in one record with its
//! connection and its group where its name is used once (`single_use.rs`). Others may come to
//! wait behind it; then it gets a number when its answer is read, and all goes on as ever. Whoever
//! drives the process knows where nothing else can happen (no abort, no loss, no retry), and a
//! test compares such runs with others.

use super::assignment::Choice;
use super::connection::Connection;
use super::exchange::Exchange;
use super::{Framework, GroupId, SingleUseId};
use crate::model::GroupName;
use crate::net::{
    ConnectionId, ConnectionView, Host, Net, Outcome, PortState, Request, RequestView, Socket,
    TakenPort,
};
use crate::units::{SimSpan, SimTime};

/// Where a request lies that has no number: told when it is sent, handed back when its response
/// has been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExchangeId(KeptWith);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum KeptWith {
    Connection(ConnectionId),
    SingleUse(SingleUseId),
}

impl ExchangeId {
    /// As two numbers, for who has room for no more.
    #[inline(always)]
    pub const fn to_numbers(self) -> [u32; 2] {
        match self.0 {
            KeptWith::Connection(id) => [id.0, 0],
            KeptWith::SingleUse(id) => [id.0, 1],
        }
    }

    /// What gave these two numbers.
    #[inline(always)]
    pub const fn from_numbers([id, kind]: [u32; 2]) -> ExchangeId {
        ExchangeId(match kind {
            0 => KeptWith::Connection(ConnectionId(id)),
            _ => KeptWith::SingleUse(SingleUseId(id)),
        })
    }
}

/// An exchange that has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Begun {
    /// What [`Framework::exchange_answered`] is called with.
    pub id: ExchangeId,
    /// Its connection.
    pub connection: ConnectionView,
    /// Whether that was opened for it, and is connected.
    pub is_opened: bool,
}

impl Begun {
    const fn on(id: ConnectionId, connection: ConnectionView, is_opened: bool) -> Begun {
        Begun {
            id: ExchangeId(KeptWith::Connection(id)),
            connection,
            is_opened,
        }
    }

    /// On the connection of a name that is used once.
    pub(super) const fn under_name(id: SingleUseId, connection: ConnectionView) -> Begun {
        Begun {
            id: ExchangeId(KeptWith::SingleUse(id)),
            connection,
            is_opened: true,
        }
    }
}

/// A host that lets requests alone: it has one process, and servers that answer each request
/// after its time, whatever else goes on.
pub trait ExchangeHost: Host {
    /// `request` goes on the wire; the host calls [`Framework::exchange_answered`] after
    /// `response`.
    fn exchange_begun(
        &mut self,
        now: SimTime,
        request: RequestView,
        begun: Begun,
        response: SimSpan,
    );

    /// `request` has ended.
    fn exchange_ended(&mut self, now: SimTime, request: RequestView, outcome: Outcome);
}

impl Framework {
    /// How many requests are on the wire that only their connections know of.
    pub const fn on_wire_alone(&self) -> u64 {
        self.on_wire_alone
    }

    /// These requests. Linear in the connections.
    pub fn alone(&self) -> impl Iterator<Item = RequestView> + '_ {
        let connections = self.connections.ids().into_iter();
        let single_uses = self.single_uses.ids().into_iter();
        let unanswered = single_uses.filter(|id| !self.single_uses[*id].is_answered);
        let of = |id: ConnectionId| {
            let connection = &self.connections[id];
            let is_alone = connection.written == 1 && connection.first_written.is_none();
            is_alone.then(|| connection.alone.view(connection.name, connection.endpoint))
        };
        (connections.filter_map(of)).chain(unanswered.map(|id| self.single_use(id)))
    }

    /// Sends a request to `endpoint` on a connection that it has to itself, at rest or new (AS-2,
    /// AS-3): one that is not pipelined, closes no group (CG-9), would be connected at once, and is
    /// answered, `response` from now, before its timeout. False, and nothing of consequence is
    /// done, where the choice is another, no port is free, or every step is observed: then the
    /// request is submitted as any other.
    #[inline(always)]
    pub fn submit_exchange<H: ExchangeHost>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
        request: Exchange,
        response: SimSpan,
    ) -> bool {
        if self.uses_leases || self.goes_step_by_step || net.host.observes() {
            return false;
        }
        let begun = if self.keeps_single_uses && name.is_fresh() {
            match self.submit_single_use(net, endpoint, name, request) {
                Ok(begun) => Some(begun),
                Err(failure) => {
                    let view = request.view(name, endpoint);
                    let failed = Outcome::Failed(failure);
                    net.host.exchange_ended(net.now, view, failed);
                    return true;
                }
            }
        } else {
            self.submit_alone(net, endpoint, name, request)
        };
        let Some(begun) = begun else {
            return false;
        };
        self.on_wire_alone += 1;
        let view = request.view(name, endpoint);
        net.host.exchange_begun(net.now, view, begun, response);
        true
    }

    #[inline(always)]
    fn submit_alone<H: ExchangeHost>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
        request: Exchange,
    ) -> Option<Begun> {
        let service_point = self.listed(endpoint)?;
        let group = self.find_group(service_point, name)?;
        if let Some(id) = self.write_at_rest(net, group, request.keep_alive) {
            let connection = &mut self.connections[id];
            connection.alone = request;
            return Some(Begun::on(id, connection.view(id), false));
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
            carries_non_keep_alive: self.rules.avoids_non_keep_alive && !request.keep_alive,
            connected: true,
            read_done: false,
            write_done: true,
            ..Connection::default()
        });
        if is_indexed {
            self.index_new(group, id);
        }
        Begun::on(id, connection, true)
    }

    /// The response to a request that has no number was read to its end (CN-7).
    #[inline(always)]
    pub fn exchange_answered<H: ExchangeHost>(&mut self, net: &mut Net<'_, H>, id: ExchangeId) {
        self.on_wire_alone -= 1;
        match id.0 {
            KeptWith::SingleUse(id) => {
                let view = self.single_use(id);
                net.host.exchange_ended(net.now, view, Outcome::Succeeded);
                self.counts.on_wire -= 1;
                self.single_use_answered(net, id);
            }
            KeptWith::Connection(id) if self.connections[id].waits.is_none() => {
                let connection = &mut self.connections[id];
                assert!(connection.written == 1, "its request is the only one on it");
                let alone = connection.alone;
                let view = alone.view(connection.name, connection.endpoint);
                net.host.exchange_ended(net.now, view, Outcome::Succeeded);
                connection.read_answer(alone.keep_alive);
                self.counts.on_wire -= 1;
                self.end_exchange(net, id);
            }
            KeptWith::Connection(id) => self.answered_before_others(net, id),
        }
    }

    /// Others wait behind the request that is answered: it gets a number.
    #[inline(never)]
    fn answered_before_others<H: Host>(&mut self, net: &mut Net<'_, H>, id: ConnectionId) {
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
        let is_answered = self.complete(net, number, false);
        debug_assert!(is_answered, "it is the one that is being answered");
        self.release_finished(net);
    }
}
