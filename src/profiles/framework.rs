//! .NET Framework: `ServicePoint`, `ConnectionGroup` and `Connection`, version by version.
//!
//! Rule ids are those of the behaviour specification. "20r", "20s", "40", "45" and "RS" name the
//! sources it was written from: the shared-source 2.0, a serviced 2.0.50727, a 4.0.30319.1001,
//! a 4.5 and the published 4.7.2/4.8 reference source.

use crate::model::RuntimeProfile;
use crate::model::profile::{
    CloseMatch, FrameworkRules, HttpClientOf, LeaseSupport, Mechanism, Sourced,
};
use crate::units::{ConnectionLimit, SimSpan};

const DEFAULT_LIMIT: Sourced<ConnectionLimit> = Sourced::read(
    ConnectionLimit::new(2),
    "K-3: ServicePointManager.cs, DefaultPersistentConnectionLimit",
);
const LOOPBACK_UNLIMITED: Sourced<bool> = Sourced::read(
    true,
    "LIM-2, K-6: ServicePoint.cs, ConnectionLimit and LoopbackConnectionLimit",
);
const IDLE_TIME: Sourced<SimSpan> = Sourced::read(
    SimSpan::from_seconds(100),
    "K-1: ServicePointManager.cs, s_ServicePointIdlingQueue",
);
const LEASE_HONOURED: Sourced<LeaseSupport> = Sourced::read(
    LeaseSupport::Honoured,
    "TM-6: _Connection.cs, SubmitRequest",
);
const NO_GROUP_TIMER: Sourced<bool> = Sourced::read(
    false,
    "CG-5: _ConnectionGroup.cs, Disassociate (20r, 20s, 40 have no CancelIdleTimer)",
);
const GROUP_TIMER: Sourced<bool> = Sourced::read(
    true,
    "CG-6: ServicePoint.cs, CreateConnectionGroupTimer (45, RS)",
);
const RESERVES: Sourced<bool> = Sourced::read(
    true,
    "AS-1: _Connection.cs, MarkAsReserved (20s, 40, 45, RS)",
);
const AVOIDS: Sourced<bool> = Sourced::read(
    true,
    "AS-2: _ConnectionGroup.cs, FindConnection (40, 45, RS)",
);
const FORCED_WAITS: Sourced<bool> =
    Sourced::read(false, "AS-3 (g): _Connection.cs, SubmitRequest (40, 45)");
const KEEP_ALIVE_ENDS_WITH_RESPONSE: Sourced<bool> = Sourced::read(
    false,
    "CN-9: _Connection.cs, ProcessHeaderData (40, 45, RS)",
);
const ABORT_SPARES_PIPELINE: Sourced<bool> =
    Sourced::read(false, "FL-4: _Connection.cs, AbortOrDisassociate (40, 45)");
const EXACT_MATCH: Sourced<CloseMatch> = Sourced::read(
    CloseMatch::Exact,
    "CL-4: ServicePoint.cs, CloseConnectionGroup (20s, 40, 45)",
);

const DRAINS_WITHOUT_END: Sourced<Option<SimSpan>> =
    Sourced::read(None, "K-11: _ConnectStream.cs, DrainSocket (20s, 40)");

/// .NET Framework 2.0 as first released.
pub static NET20_RTM: RuntimeProfile = RuntimeProfile {
    name: "net20-rtm",
    title: ".NET Framework 2.0 RTM",
    summary: "Groups die only with the whole ServicePoint; no slot is reserved, so none leaks.",
    connection_limit: DEFAULT_LIMIT,
    loopback_is_unlimited: Sourced::uncertain(
        true,
        "LIM-2: extrapolated from 2.0 serviced; only _ConnectionGroup.cs of 20r was read",
    ),
    max_idle_time: IDLE_TIME,
    connection_lease: Sourced::uncertain(
        LeaseSupport::Honoured,
        "TM-6: extrapolated from 2.0 serviced; only _ConnectionGroup.cs of 20r was read",
    ),
    http_client: HttpClientOf::Nothing,
    mechanism: Mechanism::Framework(FrameworkRules {
        group_idle_timer: NO_GROUP_TIMER,
        reserves: Sourced::read(
            false,
            "AS-1: _ConnectionGroup.cs (20r has no MarkAsReserved)",
        ),
        avoids_non_keep_alive: Sourced::read(
            false,
            "AS-2: _ConnectionGroup.cs, FindConnection (20r: no steps 1 and 5)",
        ),
        starts_forced_at_once: Sourced::read(false, "AS-3 (g): 20r forces nothing (AS-2)"),
        keep_alive_ends_at_start: Sourced::uncertain(
            true,
            "CN-9: extrapolated from 2.0 serviced; _Connection.cs of 20r was not read",
        ),
        abort_dooms_pipeline: Sourced::uncertain(
            false,
            "FL-4: extrapolated from 4.0; _Connection.cs of 20r was not read",
        ),
        close_match: Sourced::uncertain(
            CloseMatch::Exact,
            "CL-4: extrapolated from 2.0 serviced; ServicePoint.cs of 20r was not read",
        ),
        response_drain: Sourced::uncertain(
            None,
            "K-11: extrapolated from 2.0 serviced; _ConnectStream.cs of 20r was not read",
        ),
    }),
};

/// .NET Framework 2.0 with its service packs, 3.0 and 3.5.
pub static NET20: RuntimeProfile = RuntimeProfile {
    name: "net20",
    title: ".NET Framework 2.0 SP, 3.0, 3.5",
    summary: "Groups die only with the whole ServicePoint (the article's defect).",
    connection_limit: DEFAULT_LIMIT,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: IDLE_TIME,
    connection_lease: LEASE_HONOURED,
    http_client: HttpClientOf::Nothing,
    mechanism: Mechanism::Framework(FrameworkRules {
        group_idle_timer: NO_GROUP_TIMER,
        reserves: RESERVES,
        avoids_non_keep_alive: Sourced::read(
            false,
            "AS-2: _ConnectionGroup.cs, FindConnection (20s: no steps 1 and 5)",
        ),
        starts_forced_at_once: Sourced::read(false, "AS-3 (g): 20s has no forcing"),
        keep_alive_ends_at_start: Sourced::read(
            true,
            "CN-9: _Connection.cs (20s: applied when the request starts)",
        ),
        abort_dooms_pipeline: Sourced::derived(
            false,
            "FL-4: _Connection.cs, AbortOrDisassociate (stated for 40 and 45)",
        ),
        close_match: EXACT_MATCH,
        response_drain: DRAINS_WITHOUT_END,
    }),
};

/// .NET Framework 4.0, on a machine without 4.5 or later.
pub static NET40: RuntimeProfile = RuntimeProfile {
    name: "net40",
    title: ".NET Framework 4.0",
    summary: "Groups die only with the whole ServicePoint (the article's defect).",
    connection_limit: DEFAULT_LIMIT,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: IDLE_TIME,
    connection_lease: LEASE_HONOURED,
    http_client: HttpClientOf::HttpWebRequest,
    mechanism: Mechanism::Framework(FrameworkRules {
        group_idle_timer: NO_GROUP_TIMER,
        reserves: RESERVES,
        avoids_non_keep_alive: AVOIDS,
        starts_forced_at_once: FORCED_WAITS,
        keep_alive_ends_at_start: KEEP_ALIVE_ENDS_WITH_RESPONSE,
        abort_dooms_pipeline: ABORT_SPARES_PIPELINE,
        close_match: EXACT_MATCH,
        response_drain: DRAINS_WITHOUT_END,
    }),
};

/// .NET Framework 4.5.
pub static NET45: RuntimeProfile = RuntimeProfile {
    name: "net45",
    title: ".NET Framework 4.5",
    summary: "Each idle group is released by a timer of its own: the leak becomes a plateau.",
    connection_limit: DEFAULT_LIMIT,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: IDLE_TIME,
    connection_lease: LEASE_HONOURED,
    http_client: HttpClientOf::HttpWebRequest,
    mechanism: Mechanism::Framework(FrameworkRules {
        group_idle_timer: GROUP_TIMER,
        reserves: RESERVES,
        avoids_non_keep_alive: AVOIDS,
        starts_forced_at_once: FORCED_WAITS,
        keep_alive_ends_at_start: KEEP_ALIVE_ENDS_WITH_RESPONSE,
        abort_dooms_pipeline: ABORT_SPARES_PIPELINE,
        close_match: EXACT_MATCH,
        response_drain: Sourced::read(
            Some(SimSpan::from_millis(100)),
            "K-11: _ConnectStream.cs, DrainSocket (45)",
        ),
    }),
};

/// .NET Framework 4.7.2 and 4.8.
pub static NET48: RuntimeProfile = RuntimeProfile {
    name: "net48",
    title: ".NET Framework 4.7.2, 4.8",
    summary: "As 4.5; CloseConnectionGroup also closes decorated groups of the name.",
    connection_limit: DEFAULT_LIMIT,
    loopback_is_unlimited: LOOPBACK_UNLIMITED,
    max_idle_time: IDLE_TIME,
    connection_lease: LEASE_HONOURED,
    http_client: HttpClientOf::HttpWebRequest,
    mechanism: Mechanism::Framework(FrameworkRules {
        group_idle_timer: GROUP_TIMER,
        reserves: RESERVES,
        avoids_non_keep_alive: AVOIDS,
        starts_forced_at_once: Sourced::read(true, "AS-3 (g): _Connection.cs, SubmitRequest (RS)"),
        keep_alive_ends_at_start: KEEP_ALIVE_ENDS_WITH_RESPONSE,
        abort_dooms_pipeline: Sourced::read(true, "FL-4: _Connection.cs, AbortOrDisassociate (RS)"),
        close_match: Sourced::read(
            CloseMatch::Prefix,
            "CL-4: ServicePoint.cs, CloseConnectionGroupHelper (RS)",
        ),
        response_drain: Sourced::read(
            Some(SimSpan::from_millis(500)),
            "K-11: _ConnectStream.cs, GetResponseDrainTimeout (RS)",
        ),
    }),
};
