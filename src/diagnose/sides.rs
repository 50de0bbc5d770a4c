//! Which rows are a client's: a socket table lists both ends where both are on this machine, and
//! the connections that others made to its servers.
//!
//! A row is a server's if its local end listens. Where listening ports are not listed, it is a
//! server's if its mirror is there and looks more like a client's, or if its local port serves
//! more peers than its remote end does.

use super::table::{Row, SocketTable, State};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

/// What the rows of all snapshots tell of the listening ends.
#[derive(Debug)]
pub(super) struct Sides {
    listening: BTreeSet<SocketAddr>,
    /// Ports that listen on every address.
    listening_anywhere: BTreeSet<u16>,
    known: bool,
}

impl Sides {
    pub(super) fn of(table: &SocketTable) -> Sides {
        let mut sides = Sides {
            listening: BTreeSet::new(),
            listening_anywhere: BTreeSet::new(),
            known: false,
        };
        for row in table.snapshots.iter().flat_map(|it| &it.rows) {
            if row.state != State::Listen {
                continue;
            }
            let end = table.end(row.local);
            sides.known = true;
            if end.ip().is_unspecified() {
                sides.listening_anywhere.insert(end.port());
            } else {
                sides.listening.insert(end);
            }
        }
        sides
    }

    fn listens(&self, end: SocketAddr) -> bool {
        self.listening_anywhere.contains(&end.port()) || self.listening.contains(&end)
    }

    /// The client's rows among `rows`, which are sorted.
    pub(super) fn clients(&self, table: &SocketTable, rows: &[Row]) -> Vec<Row> {
        let is_connection = |row: &&Row| !matches!(row.state, State::Listen | State::Closed);
        let connections: Vec<Row> = rows.iter().filter(is_connection).copied().collect();
        let fans = Fans::of(&connections, table);
        let mut clients: Vec<Row> = connections
            .iter()
            .filter(|row| !self.is_server(table, row, &connections, &fans))
            .copied()
            .collect();
        drop_shadows(table, &mut clients);
        clients
    }

    fn is_server(&self, table: &SocketTable, row: &Row, rows: &[Row], fans: &Fans) -> bool {
        if row.state == State::Bound {
            return false;
        }
        let (local, remote) = (table.end(row.local), table.end(row.remote));
        if self.listens(local) {
            // Two servers of this machine that talk to each other: the mirror decides.
            return !(self.listens(remote) && local.port() > remote.port());
        }
        if self.known && self.listens(remote) {
            return false;
        }
        let mirrored = row.local != row.remote && has_mirror(rows, row);
        (mirrored || !self.known) && fans.server_by_fan(row, local, remote)
    }
}

/// Whether the other end of `row` is also listed, in whatever state.
fn has_mirror(rows: &[Row], row: &Row) -> bool {
    let mirror = (row.local, row.remote);
    rows.binary_search_by(|it| (it.remote, it.local).cmp(&mirror))
        .is_ok()
}

/// How many rows share an end.
#[derive(Debug, Default)]
struct Fans {
    local_ports: BTreeMap<(IpAddr, u16), u32>,
    remotes: BTreeMap<u32, u32>,
}

impl Fans {
    fn of(rows: &[Row], table: &SocketTable) -> Fans {
        let mut fans = Fans::default();
        for row in rows {
            let local = table.end(row.local);
            *fans
                .local_ports
                .entry((local.ip(), local.port()))
                .or_default() += 1;
            *fans.remotes.entry(row.remote).or_default() += 1;
        }
        fans
    }

    fn server_by_fan(&self, row: &Row, local: SocketAddr, remote: SocketAddr) -> bool {
        let peers = self
            .local_ports
            .get(&(local.ip(), local.port()))
            .copied()
            .unwrap_or(0);
        let clients = self.remotes.get(&row.remote).copied().unwrap_or(0);
        // As many on both sides: servers have the lower port numbers.
        peers > clients || (peers == clients && local.port() < remote.port())
    }
}

/// Windows lists the port of each outgoing connection once more, as BOUND to no peer.
fn drop_shadows(table: &SocketTable, rows: &mut Vec<Row>) {
    let taken: BTreeSet<u16> = rows
        .iter()
        .filter(|row| row.state != State::Bound)
        .map(|row| table.end(row.local).port())
        .collect();
    rows.retain(|row| row.state != State::Bound || !taken.contains(&table.end(row.local).port()));
}
