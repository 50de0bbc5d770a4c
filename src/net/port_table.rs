//! The local port table (PT-1..PT-4): who holds a port, and how a close gives it back.
//!
//! A port is taken when a connect starts and is free again after a reset or a close that the
//! server began, or after TIME_WAIT when the client closed first. With `scope = "destination"`
//! every remote endpoint has a table of its own.
//!
//! Nothing is scheduled for the end of TIME_WAIT: a port whose time is over is swept up when
//! somebody wants a port or counts them. Peak, mean and every count are exact all the same,
//! because each take sweeps first where the outcome could differ.
//!
//! Linux `connect` (since 4.2, torvalds/linux@07f4c90062f8) tries the ports at even offsets of
//! the range first, free ones and those in TIME_WAIT that may be taken over alike, and the odd
//! ones only when those are out. So with `tcp_tw_reuse` a program that closes each connection
//! comes to rest at half of the range: measured 250 of 500 ports. Without take-overs the order
//! of use cannot be seen from outside, so the halves are kept apart only with them.
//! Assumption: within a half, free ports come before take-overs (Linux starts its search at a
//! random port); effect if wrong: of 1500 connections over 28,232 ports up to 5% take a port
//! over early.
//!
//! **Invariant:** per table, `free + held by connections + in TIME_WAIT = size of the range`.

use super::Failure;
use crate::model::settings::{Machine, PortErrorName, PortScope};
use crate::units::{SimSpan, SimTime};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

mod owners;
#[cfg(test)]
mod tests;

use owners::Owners;

/// Where a port is, from its owner's point of view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum PortState {
    /// The connection is being set up.
    Connecting = 0,
    /// The connection serves a request.
    Busy = 1,
    /// The connection is kept alive with nothing to do.
    Idle = 2,
    /// The server has closed; the client has not noticed (CN-11).
    CloseWait = 3,
}

/// A local port, taken. Which table it belongs to, and its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TakenPort {
    /// The endpoint whose table it is (always 0 with `scope = "host"`).
    pub table: u32,
    /// The port number.
    pub number: u16,
    /// Whose it is: see [`PortTable::turn_to`].
    pub owner: u16,
}

/// What a close leaves of the port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PortRelease {
    /// Free at once.
    Free,
    /// The client closed first: TIME_WAIT.
    TimeWait,
}

/// A connect that cannot begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// No port is free: what the refusal is called.
    NoPort(PortErrorName),
    /// The socket itself cannot be made (FL-12).
    NoSocket,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::NoPort(name) => Failure::NoPort(name),
            Refused::NoSocket => Failure::NoSocket,
        }
    }
}

/// Counts of one table at one instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PortCounts {
    /// By [`PortState`].
    pub by_state: [u32; 4],
    /// Held after a client-first close.
    pub time_wait: u32,
}

impl PortCounts {
    /// Ports taken in any state.
    pub fn in_use(&self) -> u32 {
        self.by_state.iter().sum::<u32>() + self.time_wait
    }
}

/// Usage of the fullest table over a whole run, or what followed its warm-up.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct PortTotals {
    /// Size of one table.
    pub limit: u32,
    /// The most ports taken at once in one table.
    pub peak: u32,
    /// When that was first so.
    pub peak_at: SimTime,
    /// Taken at the end, in the fullest table then.
    pub at_end: u32,
    /// The largest mean over time among the tables.
    pub mean: f64,
    /// Connections of all tables that the client closed first, whether or not their ports were
    /// held for it.
    pub client_first: u64,
}

/// The machine's ports.
#[derive(Clone, Debug)]
pub struct PortTable {
    first: u16,
    count: u32,
    time_wait: SimSpan,
    reuse_after: Option<SimSpan>,
    live_error: PortErrorName,
    time_wait_error: PortErrorName,
    per_destination: bool,
    /// How many of the next sockets cannot be made.
    failing_sockets: u32,
    tables: Vec<Table>,
    owners: Owners,
    client_first: u64,
    /// Since when usage counts.
    counts_from: SimTime,
}

#[derive(Clone, Debug, Default)]
struct Table {
    by_state: [u32; 4],
    /// Ports held by connections: the sum of `by_state`.
    live: u32,
    /// Ports in TIME_WAIT.
    held: u32,
    /// The ports at even offsets and those at odd ones; without take-overs, all are in the
    /// first.
    halves: [Half; 2],
    peak: u32,
    peak_at: SimTime,
    /// Port-nanoseconds of finished uses minus the start instants of all uses, since usage counts;
    /// the mean follows from it and the ports still taken.
    port_nanos: i128,
}

/// Ports that are searched together.
#[derive(Clone, Debug, Default)]
struct Half {
    /// How many there are.
    count: u32,
    /// How many of them have ever been used.
    used: u32,
    /// Ports used before and free now.
    free: Vec<u16>,
    /// Closed client-first, in order of closing.
    holding: VecDeque<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    closed_at: SimTime,
    number: u16,
    owner: u16,
}

impl PortTable {
    /// The ports of `machine`, all free, with room for `n_endpoints` remote endpoints.
    pub fn new(machine: &Machine, n_endpoints: usize) -> PortTable {
        let per_destination = machine.scope == PortScope::Destination;
        let (live_error, time_wait_error) = if per_destination {
            (PortErrorName::Eaddrnotavail, PortErrorName::Eaddrnotavail)
        } else {
            (PortErrorName::Wsaenobufs, machine.time_wait_error)
        };
        let n_tables = if per_destination {
            n_endpoints.max(1)
        } else {
            1
        };
        let mut table = Table::default();
        let odd = match machine.time_wait_reuse_after {
            Some(_) => machine.ports.count / 2,
            None => 0,
        };
        table.halves[0].count = machine.ports.count - odd;
        table.halves[1].count = odd;
        PortTable {
            first: machine.ports.first,
            count: machine.ports.count,
            time_wait: machine.time_wait,
            reuse_after: machine.time_wait_reuse_after,
            live_error,
            time_wait_error,
            per_destination,
            failing_sockets: 0,
            tables: alloc::vec![table; n_tables],
            owners: Owners::default(),
            client_first: 0,
            counts_from: SimTime::ZERO,
        }
    }

    /// The same, which knows the ports of each of so many programs.
    pub fn shared_by(self, n_owners: usize) -> PortTable {
        PortTable {
            owners: Owners::new(n_owners),
            ..self
        }
    }

    /// Ports that are taken from here on are those of program number `owner`.
    #[inline(always)]
    pub const fn turn_to(&mut self, owner: u16) {
        self.owners.turn_to(owner);
    }

    /// The same in the memory of another table, of which nothing else is left.
    pub fn reusing(mut self, old: PortTable) -> PortTable {
        for (table, old) in self.tables.iter_mut().zip(old.tables) {
            for (half, mut old) in table.halves.iter_mut().zip(old.halves) {
                old.free.clear();
                old.holding.clear();
                (half.free, half.holding) = (old.free, old.holding);
            }
        }
        self
    }

    /// Takes a port for a connect to `endpoint` that starts now (PT-2).
    ///
    /// # Errors
    /// [`Refused`] when every port is taken: an outcome of the simulation. When at least one
    /// port is in TIME_WAIT, TIME_WAIT is the cause and gives the error its name.
    #[inline(always)]
    pub fn take(&mut self, now: SimTime, endpoint: u32) -> Result<TakenPort, Refused> {
        self.take_for(now, endpoint, PortState::Connecting)
    }

    /// The same for a connection that is in `state` at once.
    ///
    /// # Errors
    /// As [`PortTable::take`].
    #[inline(always)]
    pub fn take_for(
        &mut self,
        now: SimTime,
        endpoint: u32,
        state: PortState,
    ) -> Result<TakenPort, Refused> {
        if self.failing_sockets > 0 {
            self.failing_sockets -= 1;
            return Err(Refused::NoSocket);
        }
        let table_index = if self.per_destination { endpoint } else { 0 };
        let table = &mut self.tables[table_index as usize];
        if table.held > 0 && table.may_be_full(self.count) {
            table.sweep(now, self.time_wait, &mut self.owners);
        }
        let number = if let Some(number) = table.take_free(0, self.first) {
            number
        } else {
            let error = if table.held == 0 {
                self.live_error
            } else {
                self.time_wait_error
            };
            let found = table.search(now, self.first, self.reuse_after, &mut self.owners);
            found.ok_or(Refused::NoPort(error))?
        };
        debug_assert!(
            table.live + table.held < self.count,
            "a port was taken that there is not"
        );
        table.by_state[state as usize] += 1;
        table.live += 1;
        table.port_nanos -= i128::from(now.as_nanos());
        let in_use = table.live + table.held;
        if in_use > table.peak {
            table.peak = in_use;
            table.peak_at = now;
        }
        Ok(TakenPort {
            table: table_index,
            number,
            owner: self.owners.took(state),
        })
    }

    /// So many sockets, from now on, cannot be made (FL-12).
    pub const fn fail_sockets(&mut self, count: u32) {
        self.failing_sockets = count;
    }

    /// Whether the next socket can be made.
    pub const fn makes_sockets(&self) -> bool {
        self.failing_sockets == 0
    }

    /// A connection's port goes from one state to another.
    #[inline(always)]
    pub fn change_state(&mut self, port: TakenPort, from: PortState, to: PortState) {
        let table = &mut self.tables[port.table as usize];
        debug_assert!(table.by_state[from as usize] > 0, "no port is {from:?}");
        table.by_state[from as usize] -= 1;
        table.by_state[to as usize] += 1;
        self.owners.changed(port.owner, from, to);
    }

    /// A connection that was in state `from` gives its port back.
    #[inline(always)]
    pub fn release(&mut self, now: SimTime, port: TakenPort, from: PortState, how: PortRelease) {
        let table = &mut self.tables[port.table as usize];
        debug_assert!(table.by_state[from as usize] > 0, "no port is {from:?}");
        debug_assert!(port.number >= self.first, "the port is none of the table's");
        table.by_state[from as usize] -= 1;
        table.live -= 1;
        let half = &mut table.halves[self
            .reuse_after
            .map_or(0, |_| half_of(port.number, self.first))];
        self.client_first += u64::from(how == PortRelease::TimeWait);
        let is_held = how == PortRelease::TimeWait && !self.time_wait.is_zero();
        self.owners.released(port.owner, from, is_held);
        if is_held {
            table.held += 1;
            half.holding.push_back(Held {
                closed_at: now,
                number: port.number,
                owner: port.owner,
            });
        } else {
            table.port_nanos += i128::from(now.as_nanos());
            half.free.push(port.number);
        }
    }

    /// The counts of `table` now.
    pub fn counts(&mut self, now: SimTime, table: u32) -> PortCounts {
        let table = &mut self.tables[table as usize];
        table.sweep(now, self.time_wait, &mut self.owners);
        PortCounts {
            by_state: table.by_state,
            time_wait: table.held,
        }
    }

    /// The counts of the fullest table now; the first one where several are equally full.
    pub fn fullest_counts(&mut self, now: SimTime) -> PortCounts {
        let mut fullest = self.counts(now, 0);
        for index in 1..self.tables.len() as u32 {
            let counts = self.counts(now, index);
            if counts.in_use() > fullest.in_use() {
                fullest = counts;
            }
        }
        fullest
    }

    /// The first port number of a table, and how many there are.
    pub const fn range(&self) -> (u16, u32) {
        (self.first, self.count)
    }

    /// Frees every port whose TIME_WAIT is over.
    pub fn sweep(&mut self, now: SimTime) {
        for table in &mut self.tables {
            table.sweep(now, self.time_wait, &mut self.owners);
        }
    }

    /// The ports of program number `owner` in all tables, as of the last sweep; none where a
    /// single program has them all.
    pub fn counts_of(&self, owner: u16) -> PortCounts {
        self.owners.counts(owner)
    }

    /// How many ports one table has.
    pub const fn limit(&self) -> u32 {
        self.count
    }

    /// The ports of `table` in TIME_WAIT now, in order of closing.
    pub fn time_wait_ports(&mut self, now: SimTime, table: u32) -> Vec<(u16, SimTime)> {
        let table = &mut self.tables[table as usize];
        table.sweep(now, self.time_wait, &mut self.owners);
        let mut ports: Vec<(u16, SimTime)> = table
            .halves
            .iter()
            .flat_map(|half| &half.holding)
            .map(|held| (held.number, held.closed_at))
            .collect();
        ports.sort_by_key(|(_, closed_at)| *closed_at);
        ports
    }

    /// The ports of `table` that came into TIME_WAIT at `since` or later, in no special order.
    pub fn held_since(&self, table: u32, since: SimTime) -> impl Iterator<Item = u16> {
        let halves = self.tables[table as usize].halves.iter();
        halves.flat_map(move |half| {
            let latest = half.holding.iter().rev();
            latest
                .take_while(move |held| held.closed_at >= since)
                .map(|held| held.number)
        })
    }

    /// How many tables there are: one, or one per remote endpoint.
    pub fn n_tables(&self) -> u32 {
        self.tables.len() as u32
    }

    /// The warm-up is over: usage counts from now on.
    pub fn restart_totals(&mut self, now: SimTime) {
        self.counts_from = now;
        self.client_first = 0;
        for index in 0..self.tables.len() as u32 {
            let in_use = self.counts(now, index).in_use();
            let table = &mut self.tables[index as usize];
            (table.peak, table.peak_at) = (in_use, now);
            table.port_nanos = -i128::from(in_use) * i128::from(now.as_nanos());
        }
    }

    /// Usage over the run that ends now, since it counts.
    pub fn totals(&mut self, end: SimTime) -> PortTotals {
        let mut totals = PortTotals {
            limit: self.count,
            client_first: self.client_first,
            ..PortTotals::default()
        };
        let n_tables = self.tables.len() as u32;
        for index in 0..n_tables {
            let in_use = self.counts(end, index).in_use();
            let table = &self.tables[index as usize];
            // Ports still taken are counted up to the end.
            let nanos = table.port_nanos + i128::from(in_use) * i128::from(end.as_nanos());
            let span = end.as_nanos() - self.counts_from.as_nanos();
            let mean = if span == 0 {
                0.0
            } else {
                nanos as f64 / span as f64
            };
            if table.peak > totals.peak {
                (totals.peak, totals.peak_at) = (table.peak, table.peak_at);
            }
            totals.at_end = totals.at_end.max(in_use);
            totals.mean = totals.mean.max(mean);
        }
        totals
    }
}

/// Which half a port is in when the halves are kept apart.
const fn half_of(number: u16, first: u16) -> usize {
    ((number - first) % 2) as usize
}

impl Half {
    /// Whether no free port is left in it.
    #[inline]
    fn is_used_up(&self) -> bool {
        self.free.is_empty() && self.used == self.count
    }
}

impl Table {
    /// Whether the outcome of a take may depend on a TIME_WAIT that is over.
    #[inline(always)]
    fn may_be_full(&self, count: u32) -> bool {
        self.live + self.held >= self.peak.min(count) || self.halves[0].is_used_up()
    }

    /// Frees the ports whose TIME_WAIT is over.
    fn sweep(&mut self, now: SimTime, time_wait: SimSpan, owners: &mut Owners) {
        for half in &mut self.halves {
            while let Some(held) = half.holding.front() {
                let until = held.closed_at + time_wait;
                if until > now {
                    break;
                }
                self.port_nanos += i128::from(until.as_nanos());
                self.held -= 1;
                owners.freed(held.owner);
                half.free.push(held.number);
                half.holding.pop_front();
            }
        }
    }

    /// A free port of a half.
    #[inline(always)]
    fn take_free(&mut self, index: usize, first: u16) -> Option<u16> {
        // With the halves apart, each has every second port.
        let step = 1 + u32::from(self.halves[1].count > 0);
        let half = &mut self.halves[index];
        half.free.pop().or_else(|| {
            (half.used < half.count).then(|| {
                half.used += 1;
                // The range ends at 65535, so the sum fits.
                first + (step * (half.used - 1)) as u16 + index as u16
            })
        })
    }

    /// The first half has no free port: one of its ports in TIME_WAIT, then the other half.
    fn search(
        &mut self,
        now: SimTime,
        first: u16,
        reuse_after: Option<SimSpan>,
        owners: &mut Owners,
    ) -> Option<u16> {
        self.take_over(0, now, reuse_after, owners)
            .or_else(|| self.take_free(1, first))
            .or_else(|| self.take_over(1, now, reuse_after, owners))
    }

    /// Takes over the port of a half that is longest in TIME_WAIT, if that is long enough
    /// (Linux `tcp_tw_reuse`).
    fn take_over(
        &mut self,
        index: usize,
        now: SimTime,
        reuse_after: Option<SimSpan>,
        owners: &mut Owners,
    ) -> Option<u16> {
        let half = &mut self.halves[index];
        let held = *half.holding.front()?;
        if now.since(held.closed_at) <= reuse_after? {
            return None;
        }
        half.holding.pop_front();
        self.held -= 1;
        owners.freed(held.owner);
        self.port_nanos += i128::from(now.as_nanos());
        Some(held.number)
    }
}

#[cfg(test)]
mod naive;
