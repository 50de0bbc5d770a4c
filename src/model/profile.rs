//! What differs between .NET generations: sourced data.
//!
//! A profile names its mechanism (which state machine of `net` runs it) and the values that the
//! mechanism reads. Nothing in shared code asks for a profile by name.

use crate::units::{ConnectionLimit, SimSpan};
use alloc::string::String;

/// A value from outside, with where it was read and how sure that is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Rule id, file or page.
    pub source: &'static str,
    /// How sure it is.
    pub certainty: Certainty,
}

impl<T> Sourced<T> {
    /// A value read directly in source.
    pub const fn read(value: T, source: &'static str) -> Sourced<T> {
        Sourced {
            value,
            source,
            certainty: Certainty::Read,
        }
    }

    /// A value derived by following source through several members.
    pub const fn derived(value: T, source: &'static str) -> Sourced<T> {
        Sourced {
            value,
            source,
            certainty: Certainty::Derived,
        }
    }

    /// A value that evidence supports but does not settle.
    pub const fn uncertain(value: T, source: &'static str) -> Sourced<T> {
        Sourced {
            value,
            source,
            certainty: Certainty::Uncertain,
        }
    }

    /// A value measured on the real runtime.
    pub const fn measured(value: T, source: &'static str) -> Sourced<T> {
        Sourced {
            value,
            source,
            certainty: Certainty::Measured,
        }
    }

    /// `[read] where`: how sure it is, and its source.
    pub fn cited(&self) -> String {
        format!("[{}] {}", self.certainty.mark(), self.source)
    }
}

/// How sure a sourced value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Certainty {
    /// `[C]`: read directly in source.
    Read,
    /// `[D]`: derived from source, not run.
    Derived,
    /// `[U]`: uncertain; the evidence is stated.
    Uncertain,
    /// Measured on the real runtime.
    Measured,
}

impl Certainty {
    /// The mark as the behaviour specification writes it.
    pub const fn mark(self) -> &'static str {
        match self {
            Certainty::Read => "read",
            Certainty::Derived => "derived",
            Certainty::Uncertain => "uncertain",
            Certainty::Measured => "measured",
        }
    }
}

/// One .NET generation.
#[derive(Clone, PartialEq, Debug)]
pub struct RuntimeProfile {
    /// The name in scenarios: `net40`.
    pub name: &'static str,
    /// The name people know: `.NET Framework 4.0`.
    pub title: &'static str,
    /// One sentence on what sets it apart.
    pub summary: &'static str,
    /// Default of `DefaultConnectionLimit`.
    pub connection_limit: Sourced<ConnectionLimit>,
    /// Whether a loopback host is unlimited by default (LIM-2).
    pub loopback_is_unlimited: Sourced<bool>,
    /// Default of `MaxServicePointIdleTime`.
    pub max_idle_time: Sourced<SimSpan>,
    /// Whether setting `ConnectionLeaseTimeout` is possible and has an effect.
    pub connection_lease: Sourced<LeaseSupport>,
    /// Which state machine runs `HttpWebRequest`, with what that machine reads.
    pub mechanism: Mechanism,
    /// What `HttpClient` stands on.
    pub http_client: HttpClientOf,
}

/// What `HttpClient` stands on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum HttpClientOf {
    /// There is none, or none that is modelled.
    Nothing,
    /// `HttpWebRequest`: each client is a connection group (facts M5, HF-1, HF-2), whose limit an
    /// open response takes up and whose timeout is an abort (HF-3).
    HttpWebRequest,
    /// `SocketsHttpHandler` (HC-1..HC-19).
    SocketsHttp(SocketsHttpRules),
}

/// What `ConnectionLeaseTimeout` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeaseSupport {
    /// Polled at each submit (TM-6).
    Honoured,
    /// Stored and never read (MO-11, NC-2).
    Ignored,
    /// The setter throws `NotImplementedException` (M4-5).
    Throws,
}

/// The state machine that runs a profile.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mechanism {
    /// `ServicePoint`, `ConnectionGroup` and `Connection` of .NET Framework.
    Framework(FrameworkRules),
    /// Mono 4's `WebConnectionGroup` with its periodic sweep (M4-1..M4-5).
    Mono4,
    /// Mono 6's `ServicePointScheduler` (MO-1..MO-12).
    Mono6,
    /// `SocketsHttpHandler`, under `HttpWebRequest` or `HttpClient` (NC-1..NC-10, HC-1..HC-19).
    SocketsHttp(SocketsHttpRules),
}

/// What differs between .NET Framework versions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FrameworkRules {
    /// Each group has its own idle timer (CG-6).
    pub group_idle_timer: Sourced<bool>,
    /// A chosen connection is marked reserved until a response completes on it (AS-2).
    pub reserves: Sourced<bool>,
    /// Selection avoids connections that carry a non-keep-alive request, and may force a
    /// request onto one (AS-2.5, AS-3).
    pub avoids_non_keep_alive: Sourced<bool>,
    /// A forced request may start at once (AS-3 (g)).
    pub starts_forced_at_once: Sourced<bool>,
    /// `KeepAlive = false` takes effect when the request starts, not when its response does
    /// (CN-9).
    pub keep_alive_ends_at_start: Sourced<bool>,
    /// An abort of a request that is not first in its pipeline dooms the connection too (FL-4).
    pub abort_dooms_pipeline: Sourced<bool>,
    /// How `CloseConnectionGroup` matches its argument (CL-4).
    pub close_match: Sourced<CloseMatch>,
    /// How long closing a response early waits for the rest of it (CN-5, K-11); `None`: for up to
    /// 64 KiB, however long they take.
    pub response_drain: Sourced<Option<SimSpan>>,
}

/// How `CloseConnectionGroup` matches names (CL-4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseMatch {
    /// The exact key.
    Exact,
    /// Every key that starts with the name and `S>` or `U>`.
    Prefix,
}

/// What differs between modern .NET versions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SocketsHttpRules {
    /// `HttpWebRequest`s that are alike share one cached `HttpClient` (NC-3).
    pub shares_client: Sourced<bool>,
    /// Reading `request.ServicePoint` takes the request out of that client (HW-5).
    pub service_point_takes_out: Sourced<bool>,
    /// Default of `PooledConnectionIdleTimeout` (NC-5).
    pub pooled_idle_timeout: Sourced<SimSpan>,
    /// Idle connections are also checked for age when they are taken (NC-7).
    pub checks_idle_at_reuse: Sourced<bool>,
    /// A freed connection goes to the oldest waiter, and connections are opened for waiters
    /// below the limit (NC-7).
    pub hands_over_freed_connections: Sourced<bool>,
    /// An idle connection is also closed once it is older than its server's `Keep-Alive: timeout`
    /// (HC-10).
    pub obeys_keep_alive_header: Sourced<bool>,
    /// What the garbage collector ends is reset; else it is closed with a FIN like anything else
    /// (HC-13, HC-16).
    pub collected_is_reset: Sourced<bool>,
}
