//! Mono 4 and 6: their own `ServicePoint` code before and after the 2018 rewrite.

use crate::model::RuntimeProfile;
use crate::model::profile::{HttpClientOf, LeaseSupport, Mechanism, Sourced};
use crate::units::{ConnectionLimit, SimSpan};

/// Mono 4 (2014–2017).
pub static MONO4: RuntimeProfile = RuntimeProfile {
    name: "mono4",
    title: "Mono 4",
    summary: "A periodic sweep closes connections that were idle long enough, group by group.",
    connection_limit: Sourced::read(
        ConnectionLimit::new(2),
        "M4-1: ServicePointManager.cs, DefaultPersistentConnectionLimit",
    ),
    loopback_is_unlimited: Sourced::uncertain(
        false,
        "MO-3: no loopback exception in 6.8; the 4.x manager was not read for it",
    ),
    max_idle_time: Sourced::read(
        SimSpan::from_seconds(100),
        "K-1, M4-2: ServicePoint.cs, MaxIdleTime",
    ),
    connection_lease: Sourced::read(
        LeaseSupport::Throws,
        "M4-5: ServicePoint.cs, ConnectionLeaseTimeout",
    ),
    http_client: HttpClientOf::Nothing,
    mechanism: Mechanism::Mono4,
};

/// Mono 6.8.
pub static MONO6: RuntimeProfile = RuntimeProfile {
    name: "mono6",
    title: "Mono 6",
    summary: "Each idle connection has a delay of its own; every close leaves TIME_WAIT.",
    connection_limit: Sourced::read(
        ConnectionLimit::new(2),
        "MO-3: ServicePointManager.cs, DefaultPersistentConnectionLimit",
    ),
    loopback_is_unlimited: Sourced::read(
        false,
        "MO-3: ServicePointScheduler.cs, CreateOrReuseConnection",
    ),
    max_idle_time: Sourced::read(
        SimSpan::from_seconds(100),
        "K-1, MO-5: ServicePointScheduler.cs, OperationCompleted",
    ),
    connection_lease: Sourced::read(
        LeaseSupport::Ignored,
        "MO-11: ServicePoint.cs, ConnectionLeaseTimeout",
    ),
    http_client: HttpClientOf::SocketsHttp(super::modern::OF_MONO6),
    mechanism: Mechanism::Mono6,
};
