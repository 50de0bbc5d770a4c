//! One run in numbers.

use super::histogram::DurationSummary;
use crate::net::nat::NatTotals;
use crate::sim::path::AddressCounts;
use crate::sim::service::ServiceCounts;
use crate::units::SimTime;
use alloc::vec::Vec;

/// What one run of one strategy came to.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct RunSummary {
    /// Port usage.
    pub ports: PortUsage,
    /// When the first connect was refused for want of a port.
    pub exhausted_at: Option<SimTime>,
    /// What became of the requests.
    pub requests: RequestCounts,
    /// Failures by name: `WSAENOBUFS`, `Timeout` …
    pub errors: ErrorCounts,
    /// What became of the connections.
    pub connections: ConnectionCounts,
    /// From a request's arrival to the end of its response; succeeded requests only, retries
    /// and waits included.
    pub latency: DurationSummary,
    /// From a request's submit to the moment it goes on the wire; requests that did.
    pub queue: DurationSummary,
    /// Events that the engine carried out.
    pub events: u64,
    /// Usage of the NAT's fullest pool, where there is a NAT.
    pub nat: Option<NatTotals>,
    /// What servers did, where one is more than a delay.
    pub service: Option<ServiceCounts>,
    /// Requests to old addresses, where a server moves.
    pub addresses: Option<AddressCounts>,
}

/// How often each kind of failure happened, by name. A short list: thousands of runs are kept, and
/// most have none or one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ErrorCounts(Vec<(&'static str, u64)>);

impl ErrorCounts {
    /// Counts `count` more failures of this name.
    pub fn add(&mut self, name: &'static str, count: u64) {
        if let Some((_, sum)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            *sum += count;
        } else {
            self.0.reserve_exact(1);
            self.0.push((name, count));
        }
    }

    /// How many failures had this name.
    pub fn of(&self, name: &str) -> u64 {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map_or(0, |(_, count)| *count)
    }

    /// The names of the failures that there were.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(name, _)| *name)
    }
}

/// Port usage over one run. With `scope = "destination"`: of the fullest destination.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct PortUsage {
    /// How many there are.
    pub limit: u64,
    /// The most that were taken at once.
    pub peak: u64,
    /// When that was first so.
    pub peak_at: SimTime,
    /// How many were taken at the end.
    pub at_end: u64,
    /// The mean over time.
    pub mean: f64,
}

/// What became of the requests.
///
/// **Invariant:** `submitted = succeeded + failed + timed_out + in_flight`; a retried request
/// counts once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RequestCounts {
    /// Requests that arrived.
    pub submitted: u64,
    /// Requests whose response was read to its end.
    pub succeeded: u64,
    /// Requests that ended otherwise, timeouts apart.
    pub failed: u64,
    /// Requests that ended by their own timeout.
    pub timed_out: u64,
    /// Requests still waiting or being answered at the end.
    pub in_flight: u64,
}

/// What became of the connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ConnectionCounts {
    /// Connects that were given a port.
    pub opened: u64,
    /// Requests that used a connection which had served another before.
    pub reused: u64,
    /// Graceful closes (PT-3).
    pub closed_graceful: u64,
    /// Hard closes (PT-4).
    pub closed_hard: u64,
}

/// The verdict of one run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// No port trouble, no queue to speak of.
    Safe,
    /// No port trouble, but requests wait: more load than connections.
    Queueing,
    /// The peak reached 80 % of the ports.
    NearTheLimit,
    /// A connect was refused for want of a port.
    Exhausted,
}

impl Verdict {
    /// The word for tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Safe => "safe",
            Verdict::Queueing => "queueing",
            Verdict::NearTheLimit => "near the limit",
            Verdict::Exhausted => "exhausted",
        }
    }
}

impl RunSummary {
    /// The largest share that was taken of the SNAT ports of one pool; `None` without a NAT.
    pub fn snat_peak_share(&self) -> Option<f64> {
        let share = |nat: NatTotals| f64::from(nat.peak) / f64::from(nat.limit.max(1));
        self.nat.map(share)
    }

    /// The largest share that was taken of the ports that are nearest to their end: the
    /// machine's, or those of a NAT's pool.
    pub fn tightest_peak_share(&self) -> f64 {
        let local = self.ports.peak as f64 / self.ports.limit.max(1) as f64;
        libm::fmax(local, self.snat_peak_share().unwrap_or(0.0))
    }

    /// The verdict of this run.
    ///
    /// "Queueing" asks for a queue that grew beyond what a connection or two explain: at the
    /// end more than a tenth of all requests are unanswered or timed out, or half of them
    /// waited longer than half of them took in all.
    pub fn verdict(&self) -> Verdict {
        if self.exhausted_at.is_some() {
            return Verdict::Exhausted;
        }
        let nat_is_near = self
            .nat
            .is_some_and(|nat| u64::from(nat.peak) * 10 >= u64::from(nat.limit) * 8);
        if nat_is_near || self.ports.peak * 10 >= self.ports.limit * 8 {
            return Verdict::NearTheLimit;
        }
        let unanswered = self.requests.in_flight + self.requests.timed_out;
        let waits = self.queue.p50 * 2 > self.latency.p50;
        if waits && self.latency.count > 0 || unanswered * 10 > self.requests.submitted {
            return Verdict::Queueing;
        }
        Verdict::Safe
    }
}
