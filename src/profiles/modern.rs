//! .NET Core and .NET: `HttpWebRequest` and `HttpClient` on top of `SocketsHttpHandler`.

use crate::model::RuntimeProfile;
use crate::model::profile::{HttpClientOf, LeaseSupport, Mechanism, SocketsHttpRules, Sourced};
use crate::units::{ConnectionLimit, SimSpan};

const UNLIMITED: Sourced<ConnectionLimit> = Sourced::read(
    ConnectionLimit::UNLIMITED,
    "NC-2, HC-3: ServicePoint.cs, ConnectionLimit is stored only",
);
const LOOPBACK_UNLIMITED: Sourced<bool> =
    Sourced::read(true, "NC-5: every host is unlimited by default");
const IDLE_TIME: Sourced<SimSpan> = Sourced::read(
    SimSpan::from_seconds(100),
    "NC-2: ServicePoint.cs, MaxIdleTime is stored only",
);
const LEASE_IGNORED: Sourced<LeaseSupport> = Sourced::read(
    LeaseSupport::Ignored,
    "NC-2: ServicePoint.cs, ConnectionLeaseTimeout is stored only",
);

/// `SocketsHttpHandler` up to .NET 5.
const OLDER: SocketsHttpRules = SocketsHttpRules {
    shares_client: Sourced::measured(
        false,
        "NC-3, HW-1: HttpWebRequest.cs, SendRequest; measured curves core31-*",
    ),
    service_point_takes_out: Sourced::measured(false, "HW-1: there is nothing to be taken out of"),
    pooled_idle_timeout: Sourced::measured(
        SimSpan::from_seconds(120),
        "NC-5, HC-4: HttpHandlerDefaults.cs, PooledConnectionIdleTimeout (2.1 to 5)",
    ),
    checks_idle_at_reuse: Sourced::read(false, "NC-7: HttpConnectionPool.cs"),
    hands_over_freed_connections: Sourced::read(false, "NC-7: HttpConnectionPool.cs"),
    obeys_keep_alive_header: Sourced::measured(false, "HC-10"),
    collected_is_reset: Sourced::measured(true, "HC-13, HC-16"),
};

/// The same from .NET 6 on.
const NEWER: SocketsHttpRules = SocketsHttpRules {
    shares_client: Sourced::measured(
        true,
        "NC-3, HW-1: HttpWebRequest.cs, GetCachedOrCreateHttpClient; measured curves net8-*",
    ),
    service_point_takes_out: Sourced::measured(false, "HW-4: measured curve net8-hwr-sptouched"),
    pooled_idle_timeout: Sourced::measured(
        SimSpan::from_seconds(60),
        "NC-5, HC-4: HttpHandlerDefaults.cs, PooledConnectionIdleTimeout (6 and later)",
    ),
    checks_idle_at_reuse: Sourced::read(true, "NC-7: HttpConnectionPool.cs"),
    hands_over_freed_connections: Sourced::read(true, "NC-7: HttpConnectionPool.cs"),
    obeys_keep_alive_header: Sourced::measured(true, "HC-10"),
    collected_is_reset: Sourced::measured(true, "HC-13, HC-16"),
};

const NEWEST: SocketsHttpRules = SocketsHttpRules {
    service_point_takes_out: Sourced::measured(true, "HW-5: measured curve net9-hwr-sptouched"),
    ..NEWER
};

/// `HttpClient` on Mono 6.8, which has the `SocketsHttpHandler` of .NET Core.
pub(super) const OF_MONO6: SocketsHttpRules = SocketsHttpRules {
    collected_is_reset: Sourced::measured(false, "HC-13, HC-16: Mono closes with a FIN"),
    ..OLDER
};

/// .NET Core 3.1.
pub static NETCORE31: RuntimeProfile = RuntimeProfile {
    name: "netcore31",
    title: ".NET Core 3.1",
    summary: "Group names are ignored, and every HttpWebRequest has its own HttpClient: no reuse.",
    connection_limit: UNLIMITED,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: IDLE_TIME,
    connection_lease: LEASE_IGNORED,
    mechanism: Mechanism::SocketsHttp(OLDER),
    http_client: HttpClientOf::SocketsHttp(OLDER),
};

/// .NET 8.
pub static NET8: RuntimeProfile = RuntimeProfile {
    name: "net8",
    title: ".NET 8",
    summary: "Group names are ignored; requests that are alike share one pool.",
    connection_limit: UNLIMITED,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: IDLE_TIME,
    connection_lease: LEASE_IGNORED,
    mechanism: Mechanism::SocketsHttp(NEWER),
    http_client: HttpClientOf::SocketsHttp(NEWER),
};

/// .NET 9.
pub static NET9: RuntimeProfile = RuntimeProfile {
    name: "net9",
    title: ".NET 9",
    summary: "As .NET 8, but a request whose ServicePoint is read has a client of its own.",
    mechanism: Mechanism::SocketsHttp(NEWEST),
    http_client: HttpClientOf::SocketsHttp(NEWEST),
    ..NET8
};
