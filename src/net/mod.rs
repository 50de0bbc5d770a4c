//! How connections behave: one state machine a file, driven with an injected clock.
//!
//! Lives here: the port table, the timer thread, requests, and for each family of runtimes a
//! [`ConnectionManager`] that turns "a request is submitted" into connections opened, reused,
//! queued for and closed. Does not live here: when requests come and how long responses take
//! (`sim`), and what is written down about it (`record`).
//!
//! A manager is told what happens (`submit`, `connected`, `response_completed` …) and tells its
//! [`Host`] what it does. It reads no clock and draws no random number.

use crate::model::GroupName;
use crate::model::workload::Action;
use crate::units::{ConnectionLimit, SimSpan, SimTime};

pub mod endpoint;
pub mod failure;
pub mod framework;
pub mod group_table;
pub mod mono;
pub mod name_set;
pub mod nat;
pub mod port_table;
pub mod request;
pub mod service;
pub mod snapshot;
pub mod socket;
pub mod sockets_http;
#[cfg(test)]
pub(crate) mod testing;
pub mod timeouts;
pub mod timer_thread;

pub use endpoint::EndpointSettings;
pub use failure::{Failure, Outcome};
pub use name_set::NameSet;
pub use port_table::{PortRelease, PortState, PortTable, TakenPort};
pub use request::{Headers, Request, RequestId, RequestView, Requests};
pub use snapshot::{ProcessSnapshot, SeeSocket};
pub use socket::{CloseKind, Socket};
pub use timer_thread::TimerChange;

crate::kernel::arena_id!(
    /// A connection of one process.
    ConnectionId,
    "connection"
);

/// What a manager acts upon: the instant, the machine's ports, the requests, and its host.
pub struct Net<'a, H> {
    /// Now.
    pub now: SimTime,
    /// The machine's ports.
    pub ports: &'a mut PortTable,
    /// Every request of the machine that has not ended.
    pub requests: &'a mut Requests,
    /// Who schedules and records.
    pub host: &'a mut H,
}

/// Who drives a manager: schedules what takes time, hears what is done.
pub trait Host {
    /// Whether every single step must be told.
    fn observes(&self) -> bool;

    /// Whether waiters that move to another connection are told one by one, so that many may not
    /// be moved at once.
    fn observes_moves(&self) -> bool {
        self.observes()
    }

    /// A connection to `endpoint` begins to connect for `request`; its port is taken. Gives
    /// true when the connect is answered at once; else the host calls
    /// [`ConnectionManager::connected`] later.
    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool;

    /// No port was free for a connect to `endpoint`.
    fn connect_refused(&mut self, now: SimTime, endpoint: u32);

    /// `request` goes on the wire; unless it ends otherwise, the host calls
    /// [`ConnectionManager::response_completed`] when its response has been read.
    fn sent(&mut self, now: SimTime, id: RequestId, request: &Request, connection: &ConnectionView);

    /// `request` is the first of its pipeline now, and its answer was there before: the host
    /// calls [`ConnectionManager::response_completed`] in the same instant (AS-5).
    fn answer_has_waited(
        &mut self,
        _now: SimTime,
        _id: RequestId,
        _request: &Request,
        _connection: &ConnectionView,
    ) {
    }

    /// `request` begins to wait for a connection.
    fn waits(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: Option<ConnectionId>,
    );

    /// `request` has ended; its number is given back after this call.
    fn ended(&mut self, now: SimTime, id: RequestId, request: &Request, outcome: Outcome);

    /// Whether the server of `endpoint` closes idle connections, and so has to be told of them.
    fn server_closes_idle(&self, endpoint: u32) -> bool;

    /// A connection has become idle: nothing is on the wire and nothing waits. Told where
    /// [`Host::observes`] or [`Host::server_closes_idle`].
    fn became_idle(&mut self, now: SimTime, connection: &ConnectionView);

    /// A connection carries an answer that the program leaves open: to its server, nothing is
    /// left to do on it (CN-4, HC-15).
    fn left_open(&mut self, _now: SimTime, _connection: &ConnectionView) {}

    /// An idle connection is used again.
    fn left_idle(&mut self, connection: ConnectionId, endpoint: u32);

    /// A socket is closed; its port was given back.
    fn closed(&mut self, now: SimTime, connection: &ConnectionView, how: CloseKind);

    /// A group was created (`created`) or left its table.
    fn group_changed(&mut self, now: SimTime, endpoint: u32, name: GroupName, created: bool);

    /// The idle timer of a ServicePoint or, named, of one of its groups fired. Told where
    /// [`Host::observes`], before what comes of it.
    fn idle_timer_fired(&mut self, _now: SimTime, _endpoint: u32, _group: Option<GroupName>) {}

    /// A ServicePoint entered (`created`) or left the table.
    fn service_point_changed(&mut self, now: SimTime, endpoint: u32, created: bool);
}

/// A connection as its host sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionView {
    /// Its number while it lives.
    pub id: ConnectionId,
    /// How many connections its process opened before it: names it forever.
    pub serial: u64,
    /// The remote endpoint.
    pub endpoint: u32,
    /// The group it was opened for.
    pub group: GroupName,
    /// Its local port.
    pub port: u16,
    /// How many requests it has served.
    pub served: u32,
}

/// Counts over one process, as the observable counters of the specification name them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ManagerCounts {
    /// ServicePoints in the table.
    pub service_points: u64,
    /// Groups in the ServicePoints' tables.
    pub groups: u64,
    /// Connection objects not yet closed, unlisted ones included.
    pub connections: u64,
    /// Sum of the public `CurrentConnections` (SP-7).
    pub current_connections: i64,
    /// Requests waiting for a connection.
    pub queued: u64,
    /// Requests sent whose response was not read to its end.
    pub on_wire: u64,
}

/// What a family of runtimes does with requests: the one trait behind which mechanisms differ.
pub trait ConnectionManager {
    /// A request is submitted.
    fn submit<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId);

    /// A connect is answered.
    fn connected<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId);

    /// A connect was refused or given up: its request fails with `why`, and its port is free.
    fn connect_failed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        why: Failure,
    );

    /// The server's side of a connected connection is gone: a FIN or a reset before the answer.
    /// An idle connection only hears the FIN. Nothing happens when the connection with this
    /// number and (low half of the) serial is not connected any more.
    fn connection_lost<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        connection: ConnectionId,
        serial: u32,
    );

    /// The server's FIN or reset comes in the middle of the response to `request`, which is on the
    /// wire: the program's read fails, and nothing is sent again (FL-5).
    fn response_broken<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId);

    /// The headers of the response to `request`, on the wire, are there, before its end; `closes`:
    /// they say `Connection: close` (AS-7).
    fn headers_arrived<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        _closes: bool,
    ) {
        net.requests[request].headers = Headers::Read;
    }

    /// The program closes the response to `request` before it has read it; it ends at `ends_at`
    /// (CN-5, HC-17). Nothing happens before its headers are there.
    fn close_response<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        ends_at: SimTime,
    );

    /// The connected connections to `endpoint` with (the low half of) their serials: those
    /// without a request first, then ascending. Linear.
    fn connected_to(&self, endpoint: u32) -> alloc::vec::Vec<(ConnectionId, u32)>;

    /// The low half of a connection's serial.
    fn serial_of(&self, connection: ConnectionId) -> u32;

    /// Whether the connection with this number and (low half of the) serial is being set up.
    fn is_connecting(&self, connection: ConnectionId, serial: u32) -> bool;

    /// The response to `request`, on the wire, has been read to its end; `server_close`: it
    /// carried `Connection: close`. Gives false, and does nothing, when the request is not the
    /// one being answered.
    fn response_completed<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        request: RequestId,
        server_close: bool,
    ) -> bool;

    /// A request is given up by the program (`Failure::RequestCanceled`) or by its own timeout
    /// (`Failure::Timeout`).
    fn abort<H: Host>(&mut self, net: &mut Net<'_, H>, request: RequestId, why: Failure)
    -> Aborted;

    /// The server closes an idle connection.
    fn server_closed<H: Host>(&mut self, net: &mut Net<'_, H>, connection: ConnectionId);

    /// `FindServicePoint(uri).CloseConnectionGroup(name)`.
    fn close_connection_group<H: Host>(
        &mut self,
        net: &mut Net<'_, H>,
        endpoint: u32,
        name: GroupName,
    ) -> bool;

    /// A setting of the ServicePoint of `endpoint` changes at run time.
    fn change_setting<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32, change: Setting);

    /// `FindServicePoint(uri)` by a program that keeps the object (SP-9).
    fn hold_service_point<H: Host>(&mut self, net: &mut Net<'_, H>, endpoint: u32);

    /// A group has this name, whose text may be matched with another (CL-4).
    fn register_name(&mut self, _name: &str) {}

    /// When timers of this process fire next; [`SimTime::NEVER`] when none is armed.
    fn next_wake(&self) -> SimTime;

    /// Fires every timer that is due.
    fn fire_timers<H: Host>(&mut self, net: &mut Net<'_, H>);

    /// A full garbage collection runs: what nobody refers to any more ends (HC-13, HC-16).
    fn collect_garbage<H: Host>(&mut self, _net: &mut Net<'_, H>) {}

    /// The observable counters.
    fn counts(&self) -> ManagerCounts;

    /// Whether its timers fire exactly when they are due; else a response may come between a
    /// timer's due time and its pass, and has to be scheduled all the same.
    fn timers_are_exact(&self) -> bool {
        true
    }

    /// Keeps what happens to idle timers from here on, until it is taken.
    fn watch_timers(&mut self) {}

    /// The idle timers that were armed and cancelled since the last call, in order. Nothing where
    /// idle connections are swept without timers of their own.
    fn take_timer_changes(&mut self) -> alloc::vec::Vec<TimerChange> {
        alloc::vec::Vec::new()
    }

    /// Everything the process holds, as plain data. Linear in what there is.
    fn snapshot(&self, requests: &Requests) -> ProcessSnapshot;

    /// Shows every open socket's port and where that is counted. Linear in the connections.
    fn for_each_socket(&self, see: &mut SeeSocket<'_>);

    /// The idle connections of a group, in list order.
    fn idle_connections(&self, endpoint: u32, name: GroupName) -> alloc::vec::Vec<ConnectionId>;
}

/// A setting that a program can change while it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting {
    /// `ServicePoint.MaxIdleTime`; `None` is never (SP-11).
    MaxIdleTime(Option<SimSpan>),
    /// `ServicePoint.ConnectionLimit` (LIM-4).
    ConnectionLimit(ConnectionLimit),
    /// `ServicePoint.ConnectionLeaseTimeout`; `None` is never (TM-6).
    ConnectionLease(Option<SimSpan>),
}

impl Setting {
    /// The setting that a timeline's action changes, if it is one of those.
    pub const fn of_action(action: &Action) -> Option<Setting> {
        match action {
            Action::SetMaxIdleTime(span) => Some(Setting::MaxIdleTime(*span)),
            Action::SetConnectionLimit(limit) => Some(Setting::ConnectionLimit(*limit)),
            Action::SetConnectionLease(span) => Some(Setting::ConnectionLease(*span)),
            _ => None,
        }
    }
}

/// What an abort did (FL-4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aborted {
    /// The request was on the wire: its connection was closed.
    ConnectionClosed,
    /// It was waiting, and was taken off the list.
    Disassociated,
}
