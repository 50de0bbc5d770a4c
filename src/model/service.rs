//! What a server can do at a time, and when it cannot: capacity, outages, slow-downs.

use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// How a server serves. The default is a pure delay: every request is served at once.
#[derive(Clone, PartialEq, Debug)]
pub struct Service {
    /// How many requests it works on at a time; `None` is any number.
    pub workers: Option<u32>,
    /// How many requests may wait for a worker; `None` is any number.
    pub queue: Option<u32>,
    /// What a request gets that finds the queue full.
    pub queue_full: QueueFull,
    /// What becomes of the work for a request whose client has given up.
    pub abandoned_work: AbandonedWork,
    /// When it does not answer, in order of time.
    pub outages: Vec<Outage>,
    /// When it works slower.
    pub slow_downs: Vec<SlowDown>,
    /// When the headers of a response come, as a share of its time, from 0; 1: with its end
    /// (AS-7).
    pub header_time: f64,
}

impl Default for Service {
    fn default() -> Service {
        Service {
            workers: None,
            queue: None,
            queue_full: QueueFull::default(),
            abandoned_work: AbandonedWork::default(),
            outages: Vec::new(),
            slow_downs: Vec::new(),
            header_time: 1.0,
        }
    }
}

impl Service {
    /// Whether the end of a response follows from its start alone.
    pub fn is_pure_delay(&self) -> bool {
        self.workers.is_none()
            && self.outages.is_empty()
            && self.slow_downs.is_empty()
            && self.header_time >= 1.0
    }
}

/// What a request gets that finds the queue of a server full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum QueueFull {
    /// A quick 503 on a connection that stays open: HTTP.sys and most reverse proxies.
    #[default]
    Answer503,
    /// The server resets the connection.
    Reset,
}

/// What becomes of the work for a request whose client has given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AbandonedWork {
    /// It is done all the same: a server that reads nothing while it works does not notice.
    #[default]
    Finishes,
    /// It stops when the connection closes, and its worker is free.
    Stops,
}

/// A time in which a server does not answer: from `from` until just before `until`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outage {
    /// When it begins.
    pub from: SimTime,
    /// When it is over.
    pub until: SimTime,
    /// What its clients see of it.
    pub kind: OutageKind,
}

/// What the clients see of an outage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutageKind {
    /// The process is gone and its host is not: connections and the work on them are lost, and
    /// connects are refused.
    Refuse,
    /// Nothing comes through: connects are not answered; what is sent arrives when it is over.
    Silent,
    /// The process stands still: its host accepts connections, nobody works.
    Hang,
    /// Every request is answered by a 503 at once.
    Answer503,
    /// Every response breaks off in the middle: its connection is reset where its end should come
    /// (FL-5).
    ResetBody,
}

/// A time in which a server works slower.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SlowDown {
    /// When it begins.
    pub from: SimTime,
    /// When it is over.
    pub until: SimTime,
    /// How many times longer work takes; below 1 is faster.
    pub factor: f64,
}

/// How a client sends the first segment of a connect again when nobody answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SynRetry {
    /// How long it waits for the first answer; each further wait is twice as long.
    pub first: SimSpan,
    /// How often it sends again.
    pub times: u32,
}

impl SynRetry {
    /// Windows: again after 3 s and 9 s, given up after 21 s (`TcpMaxConnectRetransmissions` 2,
    /// initial RTO 3 s).
    pub const WINDOWS: SynRetry = SynRetry {
        first: SimSpan::from_seconds(3),
        times: 2,
    };

    /// Linux: six times again from 1 s on, given up after 127 s (`tcp_syn_retries` 6,
    /// Documentation/networking/ip-sysctl).
    pub const LINUX: SynRetry = SynRetry {
        first: SimSpan::from_seconds(1),
        times: 6,
    };
}
