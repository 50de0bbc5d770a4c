//! `[client.NAME]`: one process.

use super::form::{ABOVE_ZERO, Count, FLAG, Maybe, Of, Or, Plain, TIME, Words, right};
use super::key::{At, Field, Form, Key, Shown, Spot, at};
use super::kind::Kind;
use crate::model::profile::{LeaseSupport, Mechanism, RuntimeProfile};
use crate::model::settings::{Api, Client};
use crate::profiles;
use crate::scenario::context::Context;
use crate::scenario::diagnostic::{Place, Problems};
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::{Entry, Node};
use crate::scenario::value::{self, is_word, unknown_word};
use crate::scenario::words::text;
use crate::units::{ConnectionLimit, SimSpan};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// `HttpWebRequest.Timeout` when nobody sets it (K-8).
const DEFAULT_TIMEOUT: SimSpan = SimSpan::from_seconds(100);

/// The keys of `[client.NAME]`. The runtime is first: it has a say in the defaults of the others.
pub(in crate::scenario) const KEYS: &[Key<Client>] = &[
    Key::new(
        "runtime",
        at!(RUNTIME, Client.runtime => Runtime),
        "The .NET generation the program runs on: a name of `spsim list profiles`.",
    )
    .or("\"net40\"", "the article's runtime")
    .like("\"net48\""),
    Key::new(
        "api",
        at!(APIS, Client.api => Api),
        "What the program makes its requests with. `HttpClient` is one for the program, unless \
         each request has one of its own; those of `HttpClientFactory` share a handler until that \
         is too old.",
    )
    .or("\"HttpWebRequest\"", "the article's API")
    .like("\"HttpClient\""),
    Key::new(
        "max-connections-per-server",
        at!(LIMIT, Client.max_connections_per_server => MaxConnectionsPerServer),
        "`SocketsHttpHandler.MaxConnectionsPerServer` (NC-5, HC-2).",
    )
    .or("\"unlimited\"", "no limit, as SocketsHttpHandler has it")
    .like("10"),
    Key::new(
        "pooled-connection-idle-timeout",
        at!(
            Maybe(Or("never", TIME)),
            Client.pooled_connection_idle_timeout => some PooledConnectionIdleTimeout
        ),
        "`SocketsHttpHandler.PooledConnectionIdleTimeout`: how long a pooled connection may be \
         idle (NC-6, HC-4).",
    )
    .like("\"30s\"")
    .shown(pooled_idle_shown),
    Key::new(
        "pooled-connection-lifetime",
        at!(Or("never", TIME), Client.pooled_connection_lifetime => PooledConnectionLifetime),
        "`SocketsHttpHandler.PooledConnectionLifetime`: how old a connection may get (HC-7, HC-8).",
    )
    .or("\"never\"", "no lifetime, as SocketsHttpHandler has it")
    .like("\"5min\""),
    Key::new(
        "handler-lifetime",
        at!(Or("never", ABOVE_ZERO), Client.handler_lifetime => HandlerLifetime),
        "`SetHandlerLifetime` of `IHttpClientFactory`: after it, new requests use a new handler.",
    )
    .or("\"2min\"", "HttpClientFactoryOptions.cs")
    .like("\"5min\""),
    Key::new(
        "gc",
        at!(GC, Client.gc_every => Gc),
        "How often a full garbage collection runs: what nobody refers to is closed then (HC-13, \
         HC-16), on .NET Framework a ServicePoint without a timer (SP-10).",
    )
    .or("\"never\"", "never")
    .like("{ every = \"5s\" }"),
    Key::new(
        "host",
        &Elsewhere(|| HOST.kind()),
        "What hosts the process: ASP.NET on .NET Framework has connection limits of its own \
         (K-4, K-5).",
    )
    .or("\"exe\"", "a program of its own")
    .like("\"asp-net\""),
    Key::new(
        "cpus",
        &Elsewhere(|| CPUS.kind()),
        "How many processors ASP.NET's `autoConfig` counts: the connection limit is 12 for each \
         (K-5).",
    )
    .like("4"),
    Key::new(
        "connection-limit",
        at!(Maybe(LIMIT), Client.connection_limit => some ConnectionLimit),
        "`ServicePointManager.DefaultConnectionLimit`: how many connections a ServicePoint may \
         have in each connection group (LIM-1 to LIM-3).",
    )
    .like("10")
    .shown(limit_shown),
    Key::new(
        "max-idle-time",
        at!(Or("never", TIME), Client.max_idle_time => MaxIdleTime),
        "`ServicePointManager.MaxServicePointIdleTime`: how long nothing may happen before \
         connections are let go (SP-8, CG-6).",
    )
    .or(
        "\"1min40s\"",
        "K-1: ServicePointManager.cs, s_ServicePointIdlingQueue",
    )
    .like("\"10s\""),
    Key::new(
        "connection-lease",
        at!(Or("never", TIME), Client.connection_lease => ConnectionLease),
        "`ServicePoint.ConnectionLeaseTimeout`: how old a connection may get (TM-6).",
    )
    .or("\"never\"", "no lease, as ServicePoint has it")
    .like("\"60s\""),
    Key::new(
        "request-timeout",
        at!(Or("never", ABOVE_ZERO), Client.request_timeout => RequestTimeout),
        "`HttpWebRequest.Timeout`: how long a request waits for its response (TM-5).",
    )
    .or("\"1min40s\"", "100 s, as HttpWebRequest has it")
    .like("\"30s\""),
    Key::new(
        "timer-slack",
        at!(TIME, Client.timer_slack),
        "How late the timer thread wakes (TM-2).",
    )
    .or("\"0s\"", "timers fire when they are due")
    .like("\"15ms\""),
    Key::new(
        "timer-jitter",
        at!(TIME, Client.timer_jitter),
        "The largest extra lateness of a timer pass, drawn uniformly (TM-2).",
    )
    .or("\"0s\"", "timers fire when they are due")
    .like("\"15ms\""),
    Key::new(
        "reservation-leak",
        at!(FLAG, Client.reservation_leak => ReservationLeak),
        "Whether a refused attempt leaves its reserved slot behind (FL-6 to FL-8).",
    )
    .or("false", "read in the source, not seen in a run"),
    Key::new(
        "leak-abort-body",
        at!(FLAG, Client.leak_abort_body),
        "With `reservation-leak`: whether an abort between the headers of a response and its end \
         leaves the slot behind too, as it does where no read of the body is under way (FL-9).",
    )
    .or("false", "FL-9: a program that aborts is reading")
    .quiet(),
    Key::new(
        "max-service-points",
        at!(Count(0, i32::MAX as u64), Client.max_service_points),
        "`ServicePointManager.MaxServicePoints`; 0 is unlimited (SP-4).",
    )
    .or("0", "no limit, as ServicePointManager has it"),
    Key::new(
        "dns-refresh-timeout",
        at!(TIME, Client.dns_refresh_timeout),
        "`ServicePointManager.DnsRefreshTimeout`: how long a ServicePoint keeps the address it \
         looked up (K-9); 0 looks it up for every connection.",
    )
    .or(
        "\"2min\"",
        "ServicePointManager.DnsRefreshTimeout; modern .NET looks up for every connection",
    )
    .shown(|client, _| {
        if client.dns_refresh_timeout == dns_refresh_of(client.runtime) {
            Shown::Nothing
        } else {
            Shown::Set
        }
    })
    .like("\"30s\""),
];

/// A key that [`client`] reads together with others, and that ends in their value.
struct Elsewhere(fn() -> Kind);

impl<T> Field<T> for Elsewhere {
    fn kind(&self) -> Kind {
        (self.0)()
    }

    fn read(&self, _: &Node, _: &Spot<'_>, _: &mut T, _: &mut Context<'_>) {}

    fn write(&self, _: &T, _: &str, _: &Read) -> String {
        String::new()
    }
}

const HOST: Words<u8> = Words(&[("exe", 0), ("asp-net", 1), ("asp-net-autoconfig", 2)]);

const CPUS: Count = Count(1, 4_096);

const RUNTIME: Plain<&'static RuntimeProfile> = Plain {
    kind: || Kind::Words(profiles::ALL.iter().map(|profile| profile.name).collect()),
    read: |node, name, problems| {
        let written = value::text(node, name, problems)?;
        let found = profiles::find(written);
        if found.is_none() {
            let known: Vec<&str> = profiles::ALL.iter().map(|profile| profile.name).collect();
            unknown_word(problems, node, name, written, &known);
        }
        found
    },
    write: |profile| text(profile.name),
};

const LIMIT: Plain<ConnectionLimit> = Plain {
    kind: || {
        let most = u64::from(ConnectionLimit::UNLIMITED.count());
        Kind::Count { least: 1, most }.or_word("unlimited")
    },
    read: connection_limit,
    write: |limit| match *limit {
        ConnectionLimit::UNLIMITED => text("unlimited"),
        limit => limit.to_string(),
    },
};

const APIS: Words<Api> = Words(&[
    ("HttpWebRequest", Api::HttpWebRequest),
    ("HttpClient", Api::HttpClient),
    ("HttpClientFactory", Api::HttpClientFactory),
]);

const GC: Or<Of<SimSpan>> = Or(
    "never",
    Of {
        keys: &[Key::new(
            "every",
            &At {
                form: ABOVE_ZERO,
                get: |span| span,
                set: |span| span,
                patch: None,
            },
            "How much time lies between two.",
        )
        .needed("`{ every = \"5s\" }`")
        .like("\"5s\"")],
        start: || SimSpan::ZERO,
        check: right,
        wanted: "`\"never\"` or `{ every = \"5s\" }`",
    },
);

/// How long `IHttpClientFactory` gives out one handler when nobody says
/// (`HttpClientFactoryOptions.cs`, `HandlerLifetime`).
pub(in crate::scenario) const HANDLER_LIFETIME: SimSpan = SimSpan::from_seconds(120);

/// The word of an API.
pub(in crate::scenario) fn api_word(api: Api) -> &'static str {
    let found = APIS.0.iter().find(|(_, known)| *known == api);
    found.expect("every API has its word").0
}

fn pooled_idle_shown(client: &Client, _: &Read) -> Shown {
    match (client.pooled_connection_idle_timeout, client.mechanism()) {
        (None, Mechanism::SocketsHttp(rules)) => {
            let timeout = &rules.pooled_idle_timeout;
            Shown::Unset((TIME.write)(&timeout.value), timeout.source.into())
        }
        _ => Shown::Set,
    }
}

fn limit_shown(client: &Client, _: &Read) -> Shown {
    if client.connection_limit.is_some() {
        return Shown::Set;
    }
    let profile = client.runtime;
    let limit = &profile.connection_limit;
    let unlimited = limit.value == ConnectionLimit::UNLIMITED;
    let loopback = if profile.loopback_is_unlimited.value && !unlimited {
        "; unlimited for loopback hosts"
    } else {
        ""
    };
    Shown::Unset(
        (LIMIT.write)(&limit.value),
        format!("{}{loopback}", limit.source),
    )
}

/// A client and what its author said about it.
pub(in crate::scenario) struct CheckedClient {
    pub(in crate::scenario) client: Client,
    /// Whether the limit came from `host = "asp-net"`, which .NET does not count as user-set.
    pub(in crate::scenario) asp_net_default: bool,
}

/// The client when there is none in the file.
pub(in crate::scenario) fn default_client(name: &str) -> CheckedClient {
    let runtime = &profiles::NET40;
    CheckedClient {
        client: Client {
            name: name.into(),
            runtime,
            api: Api::default(),
            max_connections_per_server: ConnectionLimit::UNLIMITED,
            pooled_connection_idle_timeout: None,
            pooled_connection_lifetime: None,
            handler_lifetime: Some(HANDLER_LIFETIME),
            gc_every: None,
            connection_limit: None,
            max_idle_time: Some(runtime.max_idle_time.value),
            connection_lease: None,
            request_timeout: Some(DEFAULT_TIMEOUT),
            timer_slack: SimSpan::ZERO,
            timer_jitter: SimSpan::ZERO,
            reservation_leak: false,
            leak_abort_body: false,
            max_service_points: 0,
            dns_refresh_timeout: dns_refresh_of(runtime),
        },
        asp_net_default: false,
    }
}

/// Reads one client.
pub(in crate::scenario) fn client(entry: &Entry, context: &mut Context<'_>) -> CheckedClient {
    let mut checked = default_client(&entry.key);
    let name = format!("client.{}", entry.key);
    let Some(fields) = super::open(&entry.value, &name, KEYS, &mut context.problems) else {
        return checked;
    };
    let client = &mut checked.client;
    if let Some(node) = fields.get("runtime")
        && let Some(profile) = (RUNTIME.read)(node, "runtime", &mut Problems::default())
    {
        // What another defaults to; its own row reads it again and says what is wrong with it.
        client.dns_refresh_timeout = dns_refresh_of(profile);
    }
    super::read(&fields, (&name, &name), KEYS, client, context);
    let hosted = host(&fields, client.runtime, &mut context.problems);
    if fields.get("connection-limit").is_none() {
        checked.asp_net_default = matches!(hosted, Some(Hosted::Default));
        client.connection_limit = hosted.map(Hosted::limit);
    }
    checked
}

/// How long a runtime keeps an address by default: `DnsRefreshTimeout` (K-9; Mono has the same
/// default); modern .NET looks a name up for every connection.
const fn dns_refresh_of(runtime: &RuntimeProfile) -> SimSpan {
    match runtime.mechanism {
        Mechanism::SocketsHttp(_) => SimSpan::ZERO,
        _ => SimSpan::from_seconds(120),
    }
}

/// Reads `connection-limit`: a count or "unlimited".
fn connection_limit(node: &Node, name: &str, problems: &mut Problems) -> Option<ConnectionLimit> {
    if is_word(node, "unlimited") {
        return Some(ConnectionLimit::UNLIMITED);
    }
    let most = u64::from(ConnectionLimit::UNLIMITED.count());
    let before = problems.errors.len();
    let count = value::count(node, name, 1, most, problems);
    for error in &mut problems.errors[before..] {
        error.label("no request could ever be sent");
        error.help("delete the line to use the runtime's default, or write `\"unlimited\"`");
        if !error.message.contains("at least") {
            error.label("");
        }
    }
    count.map(|count| ConnectionLimit::new(count as u32))
}

/// A limit that ASP.NET brings.
enum Hosted {
    /// K-4: 10, the default of a hosted process.
    Default,
    /// K-5: `autoConfig`, set through the public setter.
    Configured(ConnectionLimit),
}

impl Hosted {
    fn limit(self) -> ConnectionLimit {
        match self {
            Hosted::Default => ConnectionLimit::new(10),
            Hosted::Configured(limit) => limit,
        }
    }
}

/// Reads `host` and `cpus` (K-4, K-5).
fn host(fields: &Fields<'_>, runtime: &RuntimeProfile, problems: &mut Problems) -> Option<Hosted> {
    let cpus = fields.count("cpus", CPUS.0, CPUS.1, problems);
    let chosen = fields.choice("host", HOST.0, problems).unwrap_or(0);
    if let (Some(entry), true) = (fields.entry("cpus"), chosen != 2) {
        problems
            .error(
                &entry.place,
                "`cpus` has no meaning without `host = \"asp-net-autoconfig\"`",
            )
            .help("delete the line");
    }
    if chosen == 0 {
        return None;
    }
    let place = &fields.entry("host")?.place;
    let Mechanism::Framework(rules) = &runtime.mechanism else {
        let message = format!("`host` has no meaning on `{}`", runtime.name);
        problems
            .error(place, message)
            .help("only .NET Framework has limits of its own under ASP.NET");
        return None;
    };
    if chosen == 1 {
        return Some(Hosted::Default);
    }
    // 4.5 replaced 4.0 in place: what has the group timer has 4.5's HttpRuntime.
    if rules.group_idle_timer.value {
        return Some(Hosted::Configured(ConnectionLimit::UNLIMITED));
    }
    if fields.get("cpus").is_none() {
        let help = "the limit is 12 times that number";
        problems.absent(
            place,
            "`cpus` is missing beside `host = \"asp-net-autoconfig\"`",
            help,
        );
    }
    cpus.map(|cpus| Hosted::Configured(ConnectionLimit::new(12 * cpus as u32)))
}

/// Reports a lease where the runtime's setter throws, and warns where nobody reads it.
pub(in crate::scenario) fn lease(client: &Client, place: &Place, problems: &mut Problems) {
    if client.connection_lease.is_none() {
        return;
    }
    let runtime = client.runtime.name;
    match client.runtime.connection_lease.value {
        LeaseSupport::Honoured => {}
        LeaseSupport::Throws => {
            problems
                .error(
                    place,
                    format!("`connection-lease` cannot be set on `{runtime}`"),
                )
                .label("the setter throws NotImplementedException")
                .help("use `\"never\"`, or another runtime");
        }
        LeaseSupport::Ignored => {
            problems
                .warn(
                    place,
                    format!("`connection-lease` has no effect on `{runtime}`"),
                )
                .label("stored and never read");
        }
    }
}

/// Warns where slots cannot leak because the runtime reserves none.
pub(in crate::scenario) fn leak(client: &Client, place: &Place, problems: &mut Problems) {
    let reserves = match client.mechanism() {
        Mechanism::Framework(rules) => rules.reserves.value,
        _ => false,
    };
    if client.reservation_leak && !reserves {
        let message: String = format!(
            "`reservation-leak` has no effect on `{}`",
            client.runtime.name
        );
        problems
            .warn(place, message)
            .label("this runtime reserves no slots");
    }
}
