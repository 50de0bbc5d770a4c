//! Who asks whom for what, when.

use super::group_name::GroupName;
use super::law::Law;
use crate::units::{SimSpan, SimTime};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A stream of requests from one client to one server.
#[derive(Clone, PartialEq, Debug)]
pub struct Workload {
    /// The name after `workload.` in the scenario; labels its random streams.
    pub name: String,
    /// Index into `Scenario::clients`.
    pub client: usize,
    /// Index into `Scenario::servers`.
    pub server: usize,
    /// When requests are made.
    pub arrivals: Arrivals,
    /// No request before this instant.
    pub from: SimTime,
    /// No request at or after this instant.
    pub until: Option<SimTime>,
    /// Which `ConnectionGroupName` each request carries. `None` leaves it to the trace or
    /// timeline, else no name is set.
    pub group: Option<GroupRule>,
    /// `HttpWebRequest.KeepAlive`. A trace's own column wins only where the author and the
    /// strategy said nothing (`None`); the default is true.
    pub keep_alive: Option<bool>,
    /// `HttpWebRequest.Pipelined` (AS-5). Off unless asked for.
    pub pipelined: bool,
    /// Whether each request has an `HttpClient` of its own, and what becomes of it (NC-3,
    /// HC-11..HC-13).
    pub client_per_request: ClientPerRequest,
    /// The share of responses that the program neither reads nor disposes, 0 to 1: the response
    /// to request k, counted from 1, where floor(k·s) > floor((k-1)·s) (CN-4, FL-10, HC-15). The
    /// answers in question may be those of an error status (HC-18, HW-9).
    pub undisposed: f64,
    /// What the program does after a failure.
    pub retry: Option<Retry>,
    /// Whether the scenario's `close-groups` is about its groups: a strategy may aim at others.
    pub closes_groups: bool,
    /// Whether the scenario's `throttle` holds it back: a strategy may aim at others.
    pub is_throttled: bool,
}

/// When requests arrive.
#[derive(Clone, PartialEq, Debug)]
pub enum Arrivals {
    /// A Poisson process.
    Poisson {
        /// Requests per second.
        rate: f64,
    },
    /// Exactly spaced.
    Every {
        /// Time between two arrivals.
        period: SimSpan,
        /// Offset of the first arrival from `from`.
        phase: SimSpan,
        /// Each arrival is later by a uniform draw up to this.
        jitter: SimSpan,
    },
    /// Many devices, each exactly spaced, that start at different moments of the period.
    Devices {
        /// How many devices there are.
        count: u32,
        /// Time between two requests of one device.
        period: SimSpan,
        /// When each starts within the period.
        phases: Phases,
        /// Each arrival is later by a uniform draw up to this.
        jitter: SimSpan,
    },
    /// Independent gaps of a given law.
    Renewal(Law),
    /// A rate that changes over time: a non-homogeneous Poisson process.
    Schedule {
        /// Instants and the rate from there on (or reached there, with `ramp`), in order.
        knots: Arc<[RateKnot]>,
        /// Whether the rate runs straight from knot to knot instead of jumping.
        ramp: bool,
    },
    /// On/off bursts: a two-state Markov-modulated Poisson process.
    Bursts {
        /// Rate while on, per second.
        rate_on: f64,
        /// Rate while off, per second.
        rate_off: f64,
        /// Mean length of an on period.
        mean_on: SimSpan,
        /// Mean length of an off period.
        mean_off: SimSpan,
        /// Whether it starts with an on period; `None` leaves that to chance, each as likely as it
        /// is at any later moment.
        starts_on: Option<bool>,
    },
    /// A closed loop: each user waits for the answer, thinks, asks again.
    Users {
        /// How many users there are.
        count: u32,
        /// Time between an answer and the next request.
        think: Law,
    },
    /// Requests read from a trace; the number selects the stream that the shell opens.
    Trace(TraceSource),
    /// Explicit actions, sorted by time.
    Timeline(Arc<[TimedAction]>),
}

/// When periodic devices start within their period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phases {
    /// Evenly: device i of n at i/n of the period.
    Spread,
    /// Each at a moment drawn uniformly.
    Random,
    /// All at once.
    Together,
}

/// The rate of a [`Arrivals::Schedule`] from an instant on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RateKnot {
    /// From when.
    pub at: SimTime,
    /// Requests per second.
    pub rate: f64,
}

/// A trace named by a scenario: rows come from whoever opens it (a file, memory, a browser).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceSource {
    /// The path as the scenario wrote it, relative to the scenario file.
    pub path: String,
    /// FNV-1a digest of the file's bytes, part of the scenario's digest.
    pub digest: u64,
    /// Whether the file has a `group` column.
    pub has_group: bool,
    /// Whether the file has a `duration_s` column.
    pub has_duration: bool,
    /// Whether the file has a `keep_alive` column.
    pub has_keep_alive: bool,
}

/// One request of a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceRow {
    /// When the request is made.
    pub at: SimTime,
    /// Its group name, if the trace has the column.
    pub group: Option<GroupName>,
    /// How long its response takes, if the trace has the column.
    pub duration: Option<SimSpan>,
    /// Whether it asks for keep-alive, if the trace has the column.
    pub keep_alive: Option<bool>,
}

/// One line of a timeline.
#[derive(Clone, PartialEq, Debug)]
pub struct TimedAction {
    /// When it happens.
    pub at: SimTime,
    /// What happens.
    pub action: Action,
}

/// What a timeline can make happen.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// A request is submitted.
    Submit {
        /// The author's number for the request, unique in the timeline.
        id: u64,
        /// Its `ConnectionGroupName`.
        group: GroupName,
        /// Its `KeepAlive`; `None` takes the workload's.
        keep_alive: Option<bool>,
        /// How long its response takes. `None` draws from the server's law, unless the
        /// timeline completes the request itself.
        duration: Option<SimSpan>,
        /// Whether a later [`Action::Complete`] ends the response.
        completed_by_timeline: bool,
        /// Whether it goes to the ServicePoint kept by [`Action::HoldServicePoint`] (SP-9).
        held: bool,
    },
    /// The response of a request is read to its end.
    Complete {
        /// The request.
        id: u64,
        /// The response carried `Connection: close`.
        server_close: bool,
    },
    /// `HttpWebRequest.Abort`.
    Abort {
        /// The request.
        id: u64,
    },
    /// The program closes the response to a request before it has read it (CN-5).
    CloseResponse {
        /// The request.
        id: u64,
    },
    /// A group has this name, whose text `CloseConnectionGroup` may match with another (CL-4).
    /// Names are numbers everywhere else.
    NameGroup(Arc<str>),
    /// So many sockets, from now on, cannot be made (FL-12).
    FailSockets(u32),
    /// The server resets the connection in the middle of the response to a request (FL-5).
    ResetBody {
        /// The request.
        id: u64,
    },
    /// `FindServicePoint(uri).CloseConnectionGroup(name)`.
    CloseGroup {
        /// The name.
        group: GroupName,
    },
    /// The server closes the idle connections of a group.
    ServerFin {
        /// The name.
        group: GroupName,
    },
    /// `ServicePoint.MaxIdleTime = …`; `None` is never (SP-11).
    SetMaxIdleTime(Option<SimSpan>),
    /// `ServicePoint.ConnectionLimit = …` (LIM-4).
    SetConnectionLimit(crate::units::ConnectionLimit),
    /// `ServicePoint.ConnectionLeaseTimeout = …` (TM-6).
    SetConnectionLease(Option<SimSpan>),
    /// `ServicePointManager.FindServicePoint(uri)` by a program that keeps the object: a later
    /// submit that is `held` uses it even if it left the table (SP-9).
    HoldServicePoint,
}

/// How requests get their `ConnectionGroupName`.
#[derive(Clone, PartialEq, Debug)]
pub enum GroupRule {
    /// No name.
    None,
    /// A fresh name for every request: the article's program, or one that makes a collection of
    /// client certificates for each (CG-3).
    Unique,
    /// One of `size` names: request k uses name k mod `size`, or a random one.
    Pool {
        /// How many names there are.
        size: u32,
        /// Choose at random instead of in turn.
        random: bool,
    },
    /// One name per user.
    Users {
        /// How many users there are.
        count: u32,
        /// Zipf exponent; 0 is uniform.
        zipf_exponent: f64,
        /// The cumulative shares of the users that this gives, ending at 1; empty where it is
        /// uniform. Made by [`GroupRule::users`], once for all runs.
        cumulative: Arc<[f64]>,
    },
    /// NTLM/Negotiate without `UnsafeAuthenticatedConnectionSharing`: a group of its own for
    /// every request, released when the request ends (CG-9). Nobody waits in it for a connection
    /// that another has locked (AS-6).
    Ntlm,
    /// NTLM/Negotiate with `UnsafeAuthenticatedConnectionSharing`: no unique id is used, and
    /// authenticated connections are reused (CG-9).
    NtlmShared,
}

impl GroupRule {
    /// One name per user, of `count` users: the n-th asks in proportion to n to the power of
    /// `-zipf_exponent`.
    pub fn users(count: u32, zipf_exponent: f64) -> GroupRule {
        let ranked = if zipf_exponent == 0.0 { 0 } else { count };
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (1..=ranked)
            .map(|rank| {
                sum += libm::pow(f64::from(rank), -zipf_exponent);
                sum
            })
            .collect();
        for share in &mut cumulative {
            *share /= sum;
        }
        GroupRule::Users {
            count,
            zipf_exponent,
            cumulative: cumulative.into(),
        }
    }
}

/// Whether each request has a client of its own, and what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ClientPerRequest {
    /// Requests share what their API shares.
    #[default]
    No,
    /// With `HttpWebRequest`: settings of its own (proxy, credentials, cookies …, HW-2), or unequal
    /// to the first request's (timeout, redirects …, HW-3), so that modern .NET makes a client for
    /// it, which goes with it (NC-3). With `HttpClient`: disposed after
    /// the request (HC-11).
    Disposed,
    /// `new HttpClient()` for each, never disposed, and referenced forever (HC-12).
    Held,
    /// The same, with nobody keeping a reference: the next garbage collection ends it (HC-13).
    Dropped,
}

/// What the program does after a failed request.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Retry {
    /// How often it tries in all, the first attempt included; at least 1.
    pub attempts: u32,
    /// Wait before the first retry.
    pub backoff: SimSpan,
    /// Each further wait is this much longer.
    pub factor: f64,
    /// Multiply each wait by a uniform draw from 0 to 1.
    pub jitter: bool,
    /// No wait is longer than this, before jitter; `None` is no bound.
    pub max_backoff: Option<SimSpan>,
    /// How many retries there may be for so many requests; `None` is no bound.
    pub budget: Option<RetryBudget>,
    /// Which failures are tried again.
    pub on: RetryKinds,
}

/// A bound on the retries of a workload: a bucket of tokens, full at first, one for a retry.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RetryBudget {
    /// What each arriving request adds, in retries.
    pub share: f64,
    /// The most that the bucket holds, in retries.
    pub burst: u32,
}

/// A kind of failure that a program may try again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetryOn {
    /// A connect found no port, was refused or was not answered.
    Connect = 1,
    /// The request's own timeout.
    Timeout = 2,
    /// A 503.
    ServerError = 4,
    /// The connection ended before the answer, and .NET did not send the request again itself.
    ConnectionLost = 8,
}

/// A set of [`RetryOn`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryKinds(u8);

impl RetryKinds {
    /// No kind.
    pub const NONE: RetryKinds = RetryKinds(0);
    /// Every kind.
    pub const ALL: RetryKinds = RetryKinds(15);

    /// The set with one kind more.
    #[must_use]
    pub const fn with(self, kind: RetryOn) -> RetryKinds {
        RetryKinds(self.0 | kind as u8)
    }

    /// Whether a kind is in the set.
    pub const fn has(self, kind: RetryOn) -> bool {
        self.0 & kind as u8 != 0
    }
}
