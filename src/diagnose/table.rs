//! Rows of a socket table, in little memory.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

/// A state of a TCP connection, by the names of `netstat`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// A port without a connection, or before it has one.
    Bound,
    /// The client asks for a connection.
    SynSent,
    /// The server answers.
    SynReceived,
    /// In use, or idle and kept.
    Established,
    /// The other side has closed; this program has not.
    CloseWait,
    /// This side has closed; nothing is acknowledged yet.
    FinWait1,
    /// This side has closed; the other has not.
    FinWait2,
    /// Both have closed at once.
    Closing,
    /// Both have closed, the other side first.
    LastAck,
    /// Both have closed, this side first: the port is held.
    TimeWait,
    /// A server's port.
    Listen,
    /// Gone.
    Closed,
}

impl State {
    /// Every state.
    pub const ALL: [State; 12] = [
        State::Bound,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::CloseWait,
        State::FinWait1,
        State::FinWait2,
        State::Closing,
        State::LastAck,
        State::TimeWait,
        State::Listen,
        State::Closed,
    ];

    /// The name that `netstat` has for it.
    pub const fn name(self) -> &'static str {
        match self {
            State::Bound => "BOUND",
            State::SynSent => "SYN_SENT",
            State::SynReceived => "SYN_RECEIVED",
            State::Established => "ESTABLISHED",
            State::CloseWait => "CLOSE_WAIT",
            State::FinWait1 => "FIN_WAIT_1",
            State::FinWait2 => "FIN_WAIT_2",
            State::Closing => "CLOSING",
            State::LastAck => "LAST_ACK",
            State::TimeWait => "TIME_WAIT",
            State::Listen => "LISTEN",
            State::Closed => "CLOSED",
        }
    }
}

/// One row: both ends and the state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Connection {
    /// The end on this machine.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// Its state.
    pub state: State,
}

/// A row whose ends are indices into [`SocketTable`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Row {
    pub(super) remote: u32,
    pub(super) local: u32,
    pub(super) state: State,
}

/// The rows of one instant.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Nanoseconds since some beginning that all snapshots share.
    pub time_ns: i64,
    pub(super) rows: Vec<Row>,
}

impl Snapshot {
    /// How many rows there are, both sides and listening ones.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }
}

/// Successive snapshots; every address is kept once.
#[derive(Clone, Debug, Default)]
pub struct SocketTable {
    /// The snapshots, in the order of time once [`SocketTable::sort`] was called.
    pub snapshots: Vec<Snapshot>,
    ends: Vec<SocketAddr>,
    index: BTreeMap<SocketAddr, u32>,
}

impl SocketTable {
    /// Begins a snapshot; the rows that follow are its own.
    pub fn begin(&mut self, time_ns: i64) {
        self.snapshots.push(Snapshot {
            time_ns,
            rows: Vec::new(),
        });
    }

    /// Adds a row to the last snapshot.
    ///
    /// # Panics
    /// No snapshot has begun.
    pub fn add(&mut self, connection: Connection) {
        let row = Row {
            remote: self.index_of(connection.remote),
            local: self.index_of(connection.local),
            state: connection.state,
        };
        let last = self.snapshots.last_mut();
        last.expect("`begin` was called before").rows.push(row);
    }

    /// IPv4 addresses in IPv6 clothes become IPv4: both ends of a connection may be written
    /// differently.
    fn index_of(&mut self, end: SocketAddr) -> u32 {
        let ip = match end.ip() {
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
            ip @ IpAddr::V4(_) => ip,
        };
        let end = SocketAddr::new(ip, end.port());
        // Rows are bounded by the reader far below 2^32.
        let next = self.ends.len() as u32;
        let index = *self.index.entry(end).or_insert(next);
        if index == next {
            self.ends.push(end);
        }
        index
    }

    pub(super) fn end(&self, index: u32) -> SocketAddr {
        self.ends[index as usize]
    }

    /// Makes snapshot `at` a part of the one before it, unless a connection is in both.
    ///
    /// # Panics
    /// There are not so many snapshots, or none before it.
    pub fn join(&mut self, at: usize) -> bool {
        let key = |row: &Row| (row.remote, row.local);
        let (before, part) = (&self.snapshots[at - 1].rows, &self.snapshots[at].rows);
        // A server that listens on every address does so for IPv4 and for IPv6.
        let is_connection = |row: &&Row| row.state != State::Listen;
        let known: BTreeSet<(u32, u32)> = before.iter().filter(is_connection).map(key).collect();
        if part
            .iter()
            .filter(is_connection)
            .any(|row| known.contains(&key(row)))
        {
            return false;
        }
        let part = self.snapshots.remove(at);
        self.snapshots[at - 1].rows.extend(part.rows);
        true
    }

    /// Puts the snapshots into the order of time and each one's rows into the order of their
    /// ends; of equal rows one stays. Says how many were taken out.
    pub fn sort(&mut self) -> usize {
        self.snapshots.sort_by_key(|it| it.time_ns);
        let mut twice = 0;
        for snapshot in &mut self.snapshots {
            snapshot.rows.sort_unstable();
            let before = snapshot.rows.len();
            snapshot.rows.dedup();
            twice += before - snapshot.rows.len();
        }
        twice
    }
}
