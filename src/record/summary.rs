//! One run in numbers.

use super::histogram::DurationSummary;
use crate::model::{Part, Thresholds};
use crate::net::nat::NatTotals;
use crate::sim::path::AddressCounts;
use crate::sim::service::ServiceCounts;
use crate::units::SimTime;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// What one run of one strategy came to. Serialised, every instant and duration is in nanoseconds
/// but where its name says otherwise.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct RunSummary {
    /// Port usage.
    pub ports: PortUsage,
    /// When the first connect was refused for want of a port, after the warm-up where one is given.
    pub exhausted_at: Option<SimTime>,
    /// Whether a connect was refused for want of a port in a warm-up that is given: nothing else is
    /// counted of it.
    pub refused_in_warm_up: bool,
    /// What became of the requests.
    pub requests: RequestCounts,
    /// Failures by name: `WSAENOBUFS`, `Timeout` …
    pub errors: ErrorCounts,
    /// What became of the connections.
    pub connections: ConnectionCounts,
    /// From a request's arrival to the end of its response, retries and waits included. A failed
    /// request took longer than every answered one, one that was left longer than its age.
    pub latency: DurationSummary,
    /// From a request's submit until a connection is there or begins to connect for it. One that
    /// never came so far waited longer than until it was given up.
    pub queue: DurationSummary,
    /// Which share of the requests waited longer for a connection than half of all responses take,
    /// in the tenth of the load where most did; see `waits.rs`.
    pub waiting_share: f64,
    /// Events that the engine carried out.
    pub events: u64,
    /// What the parts came to that were asked for: of each its requests, and the connections of its
    /// program.
    pub parts: Vec<(Part, RunSummary)>,
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

/// A map from names to counts.
impl Serialize for ErrorCounts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().copied())
    }
}

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
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
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
    /// Connections that the client closed first: what `TIME_WAIT` holds ports for, where it is
    /// modelled.
    pub client_first: u64,
}

/// What became of the requests.
///
/// **Invariant:** `submitted = succeeded + failed + in_flight` and `timed_out <= failed`; a retried
/// request counts once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct RequestCounts {
    /// Requests that arrived.
    pub submitted: u64,
    /// Requests whose response was read to its end.
    pub succeeded: u64,
    /// Requests that ended without the answer they wanted, for whatever reason.
    pub failed: u64,
    /// Those of them that their own timeout ended.
    pub timed_out: u64,
    /// Requests that had neither been answered nor failed at the end.
    pub in_flight: u64,
    /// Those of them that were on the wire, or whose connection was being set up.
    pub on_wire: u64,
}

/// What became of the connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct ConnectionCounts {
    /// Connections that were established.
    pub opened: u64,
    /// Requests that used a connection which had served another before.
    pub reused: u64,
    /// Graceful closes (PT-3).
    pub closed_graceful: u64,
    /// Hard closes (PT-4).
    pub closed_hard: u64,
}

/// The verdict of one run, from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// None of what follows.
    Safe,
    /// Ports suffice, but many requests wait for a connection at some time.
    Queueing,
    /// Requests fail, for whatever reason.
    Failing,
    /// The peak came near the number of ports.
    #[serde(rename = "near the limit")]
    NearTheLimit,
    /// A connect was refused for want of a port.
    Exhausted,
}

impl Verdict {
    /// All, from bad to good: the first whose condition is true is the verdict.
    pub const ALL: [Verdict; 5] = [
        Verdict::Exhausted,
        Verdict::NearTheLimit,
        Verdict::Failing,
        Verdict::Queueing,
        Verdict::Safe,
    ];

    /// The word for tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Safe => "safe",
            Verdict::Queueing => "queueing",
            Verdict::Failing => "failing",
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

    /// The share of the requests that ended which failed; 0 where none ended.
    pub fn failed_share_of_ended(&self) -> f64 {
        let ended = self.requests.succeeded + self.requests.failed;
        self.requests.failed as f64 / ended.max(1) as f64
    }

    /// The verdict of this run by these thresholds.
    pub fn verdict(&self, thresholds: &Thresholds) -> Verdict {
        let is = |verdict: &Verdict| match verdict {
            Verdict::Exhausted => self.exhausted_at.is_some(),
            Verdict::NearTheLimit => self.tightest_peak_share() >= thresholds.near_the_limit,
            Verdict::Failing => {
                self.requests.failed > 0 && self.failed_share_of_ended() >= thresholds.failing
            }
            Verdict::Queueing => self.waiting_share > thresholds.queueing,
            Verdict::Safe => true,
        };
        let first = Verdict::ALL.into_iter().find(is);
        first.expect("the last is always true")
    }
}
