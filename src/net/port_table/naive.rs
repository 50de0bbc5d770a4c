//! The port table against one that keeps every use as an interval (`#[cfg(test)]`): PT-1..PT-4.

use super::*;
use crate::model::settings::{IdleClose, PortRange};
use alloc::vec::Vec;
use proptest::prelude::*;

fn machine(count: u32, scope: PortScope) -> Machine {
    Machine {
        ports: PortRange { first: 1025, count },
        preset: None,
        time_wait: SimSpan::from_seconds(4),
        time_wait_given: true,
        scope,
        time_wait_error: PortErrorName::Wsaeaddrinuse,
        idle_close: IdleClose::Reset,
        time_wait_reuse_after: None,
        syn_retry: crate::model::service::SynRetry::WINDOWS,
        instances: 1,
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_seconds(seconds)
}

/// PT-1: the range ends where it says, and no number is given twice.
#[test]
fn a_range_gives_each_of_its_ports_once() {
    let mut ports = PortTable::new(&machine(3976, PortScope::Host), 1);
    let mut numbers: Vec<u16> = (0..3976)
        .map(|_| ports.take(at(0), 0).expect("one is free").number)
        .collect();
    numbers.sort_unstable();
    assert_eq!((numbers[0], numbers[3975]), (1025, 5000));
    numbers.dedup();
    assert_eq!(numbers.len(), 3976);
    let refused = ports.take(at(0), 0);
    assert_eq!(refused, Err(Refused::NoPort(PortErrorName::Wsaenobufs)));
}

/// PT-2: a refusal is called after its cause: no TIME_WAIT, or some.
#[test]
fn a_refusal_is_called_after_its_cause() {
    let mut ports = PortTable::new(&machine(1, PortScope::Host), 1);
    let port = ports.take(at(0), 0).expect("free");
    assert_eq!(
        ports.take(at(1), 0),
        Err(Refused::NoPort(PortErrorName::Wsaenobufs))
    );
    ports.release(at(1), port, PortState::Connecting, PortRelease::TimeWait);
    assert_eq!(
        ports.take(at(2), 0),
        Err(Refused::NoPort(PortErrorName::Wsaeaddrinuse))
    );
    assert!(ports.take(at(5), 0).is_ok(), "TIME_WAIT is over at its end");
    let mut ports = PortTable::new(&machine(1, PortScope::Destination), 2);
    assert!(ports.take(at(0), 0).is_ok() && ports.take(at(0), 1).is_ok());
    assert_eq!(
        ports.take(at(0), 1),
        Err(Refused::NoPort(PortErrorName::Eaddrnotavail))
    );
}

/// One use of a port.
#[derive(Clone, Copy, Debug)]
struct Use {
    port: TakenPort,
    from: SimTime,
    /// When its connection closed client-first.
    closed: Option<SimTime>,
    /// How many closes there were before that.
    order: usize,
    /// When the port was free again.
    until: Option<SimTime>,
}

impl Use {
    /// How long the port is in TIME_WAIT.
    fn waited(&self, now: SimTime) -> SimSpan {
        now.since(self.closed.unwrap_or(now))
    }
}

/// Every use there ever was.
struct Naive {
    uses: Vec<Use>,
    machine: Machine,
    peaks: [(u32, SimTime); 2],
}

impl Naive {
    fn expire(&mut self, now: SimTime) {
        let time_wait = self.machine.time_wait;
        for one in self.uses.iter_mut().filter(|one| one.until.is_none()) {
            one.until = one
                .closed
                .map(|closed| closed + time_wait)
                .filter(|end| *end <= now);
        }
    }

    fn taken(&self, table: u32) -> impl Iterator<Item = &Use> {
        let in_table = move |one: &&Use| one.port.table == table && one.until.is_none();
        self.uses.iter().filter(in_table)
    }

    /// What a take must give: the port to take over, or none, or a refusal. Where ports are
    /// taken over, those at even offsets come before the others.
    fn take(&mut self, now: SimTime, table: u32) -> Result<Option<u16>, ()> {
        self.expire(now);
        let count = self.machine.ports.count;
        let first = self.machine.ports.first;
        let after = self.machine.time_wait_reuse_after;
        let n_halves = 1 + u32::from(after.is_some());
        for half in 0..n_halves {
            let size = (count + n_halves - 1 - half) / n_halves;
            let is_in = move |one: &Use| u32::from(one.port.number - first) % n_halves == half;
            if (self.taken(table).filter(|one| is_in(one)).count() as u32) < size {
                return Ok(None);
            }
            let held = self.uses.iter_mut().filter(|one| {
                one.port.table == table && one.until.is_none() && one.closed.is_some()
            });
            let oldest = held
                .filter(|one| is_in(one))
                .min_by_key(|one| one.order)
                .filter(|one| after.is_some_and(|after| one.waited(now) > after));
            if let Some(oldest) = oldest {
                oldest.until = Some(now);
                return Ok(Some(oldest.port.number));
            }
        }
        Err(())
    }

    fn took(&mut self, now: SimTime, port: TakenPort) {
        let is_free = self.taken(port.table).all(|one| one.port != port);
        assert!(is_free, "{port:?} is taken already");
        self.uses.push(Use {
            port,
            from: now,
            closed: None,
            order: 0,
            until: None,
        });
        let in_use = self.taken(port.table).count() as u32;
        let peak = &mut self.peaks[port.table as usize];
        if in_use > peak.0 {
            *peak = (in_use, now);
        }
    }

    fn mean(&self, table: u32, end: SimTime) -> f64 {
        let nanos: u64 = self
            .uses
            .iter()
            .filter(|one| one.port.table == table)
            .map(|one| one.until.unwrap_or(end).since(one.from).as_nanos())
            .sum();
        nanos as f64 / end.as_nanos() as f64
    }
}

/// What is done to a port table, and how many seconds later.
#[derive(Clone, Copy, Debug)]
enum Step {
    Take(u32),
    Release { index: usize, time_wait: bool },
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let step = prop_oneof![
        3 => (0..2u32).prop_map(Step::Take),
        2 => (any::<usize>(), any::<bool>())
            .prop_map(|(index, time_wait)| Step::Release { index, time_wait }),
    ];
    prop::collection::vec((0..3u64, step), 1..120)
}

fn play(machine: Machine, steps: &[(u64, Step)]) {
    let per_destination = machine.scope == PortScope::Destination;
    let mut ports = PortTable::new(&machine, 2);
    let peaks = [(0, SimTime::ZERO); 2];
    let mut naive = Naive {
        uses: Vec::new(),
        machine,
        peaks,
    };
    let mut now = SimTime::ZERO;
    for (order, (gap, step)) in steps.iter().enumerate() {
        now += SimSpan::from_seconds(*gap);
        match *step {
            Step::Take(endpoint) => {
                let table = if per_destination { endpoint } else { 0 };
                match (naive.take(now, table), ports.take(now, endpoint)) {
                    (Ok(over), Ok(port)) => {
                        assert!(over.is_none_or(|number| number == port.number));
                        naive.took(now, port);
                    }
                    (Err(()), Err(_)) => {}
                    (expected, given) => panic!("{expected:?} is not {given:?} at {now:?}"),
                }
            }
            Step::Release { index, time_wait } => {
                naive.expire(now);
                let is_open = |one: &&mut Use| one.until.is_none() && one.closed.is_none();
                let n_open = naive.uses.iter_mut().filter(is_open).count();
                let Some(place) = index.checked_rem(n_open) else {
                    continue;
                };
                let one = naive
                    .uses
                    .iter_mut()
                    .filter(is_open)
                    .nth(place)
                    .expect("counted");
                let how = if time_wait {
                    PortRelease::TimeWait
                } else {
                    PortRelease::Free
                };
                ports.release(now, one.port, PortState::Connecting, how);
                one.order = order;
                *(if time_wait {
                    &mut one.closed
                } else {
                    &mut one.until
                }) = Some(now);
            }
        }
    }
    compare(&mut ports, &mut naive, now + SimSpan::from_seconds(3));
}

fn compare(ports: &mut PortTable, naive: &mut Naive, end: SimTime) {
    naive.expire(end);
    let totals = ports.totals(end);
    let n_tables = ports.n_tables();
    for table in 0..n_tables {
        let counts = ports.counts(end, table);
        let held = naive
            .taken(table)
            .filter(|one| one.closed.is_some())
            .count();
        assert_eq!(counts.in_use() as usize, naive.taken(table).count());
        assert_eq!(counts.time_wait as usize, held);
    }
    let mut peak = (0, SimTime::ZERO);
    let mut mean = 0.0_f64;
    for table in 0..n_tables {
        if naive.peaks[table as usize].0 > peak.0 {
            peak = naive.peaks[table as usize];
        }
        mean = mean.max(naive.mean(table, end));
    }
    assert_eq!((totals.peak, totals.peak_at), peak);
    assert!(
        (totals.mean - mean).abs() < 1e-12,
        "{} is not {mean}",
        totals.mean
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        rng_seed: prop::test_runner::RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// PT-2, PT-3: who gets a port, who holds one, the peak and the mean, in both scopes and
    /// with TIME_WAIT taken over.
    #[test]
    fn agrees_with_every_use_written_down(
        steps in steps(),
        count in 1..12u32,
        per_destination in any::<bool>(),
        reuse in prop::option::of(0..4u64),
    ) {
        let scope = if per_destination { PortScope::Destination } else { PortScope::Host };
        let mut machine = machine(count, scope);
        machine.time_wait_reuse_after = reuse.map(SimSpan::from_seconds);
        play(machine, &steps);
    }
}
