//! The host that counts what a replayed program has open.

use crate::model::GroupName;
use crate::net::{CloseKind, ConnectionId, ConnectionView, Host, Outcome, Request, RequestId};
use crate::units::SimTime;
use std::collections::BTreeSet;

/// Counts what leaves the model, and lets connects wait.
#[derive(Default)]
pub(super) struct Counter {
    pub(super) opened: u64,
    pub(super) closed: u64,
    /// The connections that are established, by their serials.
    pub(super) open: BTreeSet<u64>,
    /// Whether connects wait until they are resolved.
    pub(super) delays: bool,
    /// The connects that wait, in the order in which they began.
    pub(super) waiting: Vec<(ConnectionId, u64)>,
    pub(super) ended: Vec<(u64, Outcome)>,
}

impl Counter {
    pub(super) fn established(&mut self, serial: u64) {
        self.opened += 1;
        self.open.insert(serial);
    }
}

impl Host for Counter {
    fn observes(&self) -> bool {
        false
    }

    fn connect(&mut self, _: SimTime, connection: &ConnectionView, _: &Request) -> bool {
        if self.delays {
            self.waiting.push((connection.id, connection.serial));
        } else {
            self.established(connection.serial);
        }
        !self.delays
    }
    fn connect_refused(&mut self, _: SimTime, _: u32) {}
    fn sent(&mut self, _: SimTime, _: RequestId, _: &Request, _: &ConnectionView) {}
    fn waits(&mut self, _: SimTime, _: RequestId, _: &Request, _: Option<ConnectionId>) {}
    fn ended(&mut self, _: SimTime, _: RequestId, request: &Request, outcome: Outcome) {
        self.ended.push((request.tag, outcome));
    }
    fn became_idle(&mut self, _: SimTime, _: &ConnectionView) {}
    fn left_idle(&mut self, _: ConnectionId, _: u32) {}
    fn server_closes_idle(&self, _: u32) -> bool {
        false
    }
    fn closed(&mut self, _: SimTime, connection: &ConnectionView, _: CloseKind) {
        // A connect that waits has no socket to count yet.
        self.closed += u64::from(self.open.remove(&connection.serial));
        self.waiting
            .retain(|(_, serial)| *serial != connection.serial);
    }
    fn group_changed(&mut self, _: SimTime, _: u32, _: GroupName, _: bool) {}
    fn service_point_changed(&mut self, _: SimTime, _: u32, _: bool) {}
}
