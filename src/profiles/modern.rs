//! .NET Core and .NET: `HttpWebRequest` on top of `SocketsHttpHandler`.

use crate::model::RuntimeProfile;
use crate::model::profile::{LeaseSupport, Mechanism, SocketsHttpRules, Sourced};
use crate::units::{ConnectionLimit, SimSpan};

const UNLIMITED: Sourced<ConnectionLimit> = Sourced::read(
    ConnectionLimit::UNLIMITED,
    "NC-5: HttpHandlerDefaults.cs, MaxConnectionsPerServer",
);
const LOOPBACK_UNLIMITED: Sourced<bool> =
    Sourced::read(true, "NC-5: every host is unlimited by default");
const LEASE_IGNORED: Sourced<LeaseSupport> = Sourced::read(
    LeaseSupport::Ignored,
    "NC-2: ServicePoint.cs, ConnectionLeaseTimeout is stored only",
);

/// .NET Core 3.1.
pub static NETCORE31: RuntimeProfile = RuntimeProfile {
    name: "netcore31",
    title: ".NET Core 3.1",
    summary: "Group names are ignored, and every request has its own HttpClient: no reuse.",
    connection_limit: UNLIMITED,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: Sourced::read(
        SimSpan::from_seconds(120),
        "NC-5: HttpHandlerDefaults.cs, PooledConnectionIdleTimeout (2.1 to 5)",
    ),
    connection_lease: LEASE_IGNORED,
    mechanism: Mechanism::SocketsHttp(SocketsHttpRules {
        shares_client: Sourced::measured(
            false,
            "NC-3: HttpWebRequest.cs, SendRequest; measured curves core31-*",
        ),
        checks_idle_at_reuse: Sourced::read(false, "NC-7: HttpConnectionPool.cs"),
        hands_over_freed_connections: Sourced::read(false, "NC-7: HttpConnectionPool.cs"),
        reads_ahead: Sourced::read(false, "NC-8: HttpConnection.cs"),
    }),
};

/// .NET 8.
pub static NET8: RuntimeProfile = RuntimeProfile {
    name: "net8",
    title: ".NET 8",
    summary: "Group names are ignored; requests whose proxy was left alone share one pool.",
    connection_limit: UNLIMITED,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: Sourced::read(
        SimSpan::from_seconds(60),
        "NC-5: HttpHandlerDefaults.cs, PooledConnectionIdleTimeout (6 and later)",
    ),
    connection_lease: LEASE_IGNORED,
    mechanism: Mechanism::SocketsHttp(SocketsHttpRules {
        shares_client: Sourced::measured(
            true,
            "NC-3: HttpWebRequest.cs, GetCachedOrCreateHttpClient; measured curves net8-*",
        ),
        checks_idle_at_reuse: Sourced::read(true, "NC-7: HttpConnectionPool.cs"),
        hands_over_freed_connections: Sourced::read(true, "NC-7: HttpConnectionPool.cs"),
        reads_ahead: Sourced::read(true, "NC-8: HttpConnection.cs, CheckUsabilityOnScavenge"),
    }),
};
