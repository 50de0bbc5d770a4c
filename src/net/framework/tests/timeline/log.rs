//! What a timeline's process tells its host (`#[cfg(test)]`).

use crate::model::GroupName;
use crate::net::{CloseKind, ConnectionId, ConnectionView, Host, Outcome, Request, RequestId};
use crate::units::SimTime;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Something that comes without being asked for. The order is that within an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Due {
    Connected(ConnectionId, u64),
    Response { tag: u64, connection: u64 },
}

/// What the process tells.
#[derive(Default)]
pub(super) struct Log<const EACH: bool> {
    /// Network events by time and order of scheduling.
    pub(super) due: BTreeMap<(SimTime, u64), Due>,
    pub(super) scheduled: u64,
    pub(super) words: Vec<String>,
    pub(super) open: u32,
    pub(super) live: BTreeMap<u64, RequestId>,
    pub(super) names: BTreeMap<GroupName, String>,
    /// The number in the log of each connection.
    pub(super) serials: BTreeMap<ConnectionId, u64>,
    /// Waits and groups are left out, which a host is told only if it wants every step.
    pub(super) essential: bool,
}

impl<const EACH: bool> Log<EACH> {
    pub(super) fn schedule(&mut self, at: SimTime, due: Due) {
        self.scheduled += 1;
        self.due.insert((at, self.scheduled), due);
    }
}

impl<const EACH: bool> Host for Log<EACH> {
    fn observes(&self) -> bool {
        EACH
    }

    fn connect(&mut self, now: SimTime, connection: &ConnectionView, request: &Request) -> bool {
        self.open += 1;
        self.serials.insert(connection.id, connection.serial + 1);
        self.words.push(format!("c{}+", connection.serial + 1));
        if request.connect_time.is_zero() {
            return true;
        }
        let due = Due::Connected(connection.id, connection.serial);
        self.schedule(now + request.connect_time, due);
        false
    }

    fn connect_refused(&mut self, _: SimTime, _: u32) {
        self.words.push("refused".to_string());
    }

    fn sent(&mut self, now: SimTime, _: RequestId, request: &Request, c: &ConnectionView) {
        let (tag, connection) = (request.tag, c.serial + 1);
        self.words.push(format!("r{tag}>c{connection}"));
        // Nobody answers a request that was sent elsewhere since.
        self.due
            .retain(|_, due| !matches!(due, Due::Response { tag: other, .. } if *other == tag));
        if let Some(response) = request.response {
            self.schedule(now + response, Due::Response { tag, connection });
        }
    }

    fn waits(&mut self, _: SimTime, _: RequestId, request: &Request, on: Option<ConnectionId>) {
        if !self.essential
            && let Some(on) = on
        {
            let word = format!("r{}@c{}", request.tag, self.serials[&on]);
            self.words.push(word);
        }
    }

    fn ended(&mut self, _: SimTime, _: RequestId, request: &Request, outcome: Outcome) {
        self.live.remove(&request.tag);
        let word = match outcome {
            Outcome::Succeeded => "ok",
            Outcome::Failed(failure) => failure.name(),
        };
        self.words.push(format!("r{} {word}", request.tag));
    }

    fn became_idle(&mut self, _: SimTime, connection: &ConnectionView) {
        self.words.push(format!("c{} idle", connection.serial + 1));
    }

    fn left_open(&mut self, _: SimTime, connection: &ConnectionView) {
        let (number, served) = (connection.serial + 1, connection.served);
        self.words.push(format!("c{number} left, {served} served"));
    }

    fn server_closes_idle(&self, _: u32) -> bool {
        // Idle connections are told of in any case.
        true
    }

    fn left_idle(&mut self, _: ConnectionId, _: u32) {}

    fn closed(&mut self, _: SimTime, connection: &ConnectionView, how: CloseKind) {
        self.open -= 1;
        let word = match how {
            CloseKind::Graceful => "graceful",
            CloseKind::Hard => "hard",
        };
        self.words
            .push(format!("c{} {word}", connection.serial + 1));
    }

    fn group_changed(&mut self, _: SimTime, endpoint: u32, name: GroupName, created: bool) {
        if !self.essential {
            let sign = if created { '+' } else { '-' };
            let at = if endpoint > 0 { "@1" } else { "" };
            self.words.push(format!("{}{at}{sign}", self.names[&name]));
        }
    }

    fn service_point_changed(&mut self, _: SimTime, endpoint: u32, created: bool) {
        let sign = if created { '+' } else { '-' };
        let at = if endpoint > 0 { "@1" } else { "" };
        self.words.push(format!("sp{at}{sign}"));
    }
}
