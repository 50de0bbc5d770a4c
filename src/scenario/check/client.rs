//! `[client.NAME]`: one process, and the client keys that a strategy shares with it.

use crate::model::profile::{LeaseSupport, Mechanism, RuntimeProfile};
use crate::model::settings::Client;
use crate::profiles;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{self, Fields};
use crate::scenario::tree::{Entry, Node};
use crate::scenario::value::{self, is_word, unknown_word};
use crate::units::{ConnectionLimit, SimSpan};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// `HttpWebRequest.Timeout` when nobody sets it (K-8).
pub(in crate::scenario) const DEFAULT_TIMEOUT: SimSpan = SimSpan::from_seconds(100);

/// A client and what its author said about it.
pub(super) struct CheckedClient {
    pub(super) client: Client,
    /// Whether `max-idle-time` was written; otherwise it follows the runtime.
    pub(super) idle_time_given: bool,
    /// Whether the limit came from `host = "asp-net"`, which .NET does not count as user-set.
    pub(super) asp_net_default: bool,
}

/// The client when there is none in the file.
pub(super) fn default_client(name: &str) -> CheckedClient {
    let runtime = &profiles::NET40;
    CheckedClient {
        client: Client {
            name: name.into(),
            runtime,
            connection_limit: None,
            max_idle_time: Some(runtime.max_idle_time.value),
            connection_lease: None,
            request_timeout: Some(DEFAULT_TIMEOUT),
            timer_slack: SimSpan::ZERO,
            timer_jitter: SimSpan::ZERO,
            reservation_leak: false,
            max_service_points: 0,
            dns_refresh_timeout: dns_refresh_of(runtime),
        },
        idle_time_given: false,
        asp_net_default: false,
    }
}

/// Reads one client.
pub(super) fn client(entry: &Entry, problems: &mut Problems) -> CheckedClient {
    let mut checked = default_client(&entry.key);
    let name = format!("client.{}", entry.key);
    let Some(fields) = Fields::open(&entry.value, &name, file::CLIENT, problems) else {
        return checked;
    };
    let client = &mut checked.client;
    if let Some(profile) = fields
        .get("runtime")
        .and_then(|node| runtime(node, problems))
    {
        client.runtime = profile;
    }
    client.max_idle_time = Some(client.runtime.max_idle_time.value);
    checked.idle_time_given = fields.get("max-idle-time").is_some();
    if let Ok(span) = fields.span_or_never("max-idle-time", problems) {
        client.max_idle_time = span;
    }
    if let Ok(span) = fields.span_or_never("connection-lease", problems) {
        client.connection_lease = span;
    }
    if let Some(node) = fields.get("request-timeout") {
        let read = value::span_above_zero_or_never(node, "request-timeout", problems);
        client.request_timeout = read.unwrap_or(client.request_timeout);
    }
    client.timer_slack = fields.span("timer-slack", problems).unwrap_or_default();
    client.timer_jitter = fields.span("timer-jitter", problems).unwrap_or_default();
    client.reservation_leak = fields.flag("reservation-leak", problems).unwrap_or(false);
    let most = u64::from(i32::MAX.unsigned_abs());
    let points = fields.count("max-service-points", 0, most, problems);
    client.max_service_points = points.unwrap_or(0) as u32;
    client.dns_refresh_timeout = fields
        .span("dns-refresh-timeout", problems)
        .unwrap_or_else(|| dns_refresh_of(client.runtime));
    let hosted = host(&fields, client.runtime, problems);
    if let Some(node) = fields.get("connection-limit") {
        client.connection_limit = connection_limit(node, problems);
    } else {
        checked.asp_net_default = matches!(hosted, Some(Hosted::Default));
        client.connection_limit = hosted.map(Hosted::limit);
    }
    checked
}

/// How long a runtime keeps an address by default: `DnsRefreshTimeout` (K-9; Mono has the same
/// default); modern .NET looks a name up for every connection.
pub(in crate::scenario) const fn dns_refresh_of(runtime: &RuntimeProfile) -> SimSpan {
    match runtime.mechanism {
        Mechanism::SocketsHttp(_) => SimSpan::ZERO,
        _ => SimSpan::from_seconds(120),
    }
}

/// Reads `runtime`.
pub(super) fn runtime(node: &Node, problems: &mut Problems) -> Option<&'static RuntimeProfile> {
    let name = value::text(node, "runtime", problems)?;
    let found = profiles::find(name);
    if found.is_none() {
        let known: Vec<&str> = profiles::ALL.iter().map(|profile| profile.name).collect();
        unknown_word(problems, node, "runtime", name, &known);
    }
    found
}

/// Reads `connection-limit`: a count or "unlimited".
pub(super) fn connection_limit(node: &Node, problems: &mut Problems) -> Option<ConnectionLimit> {
    if is_word(node, "unlimited") {
        return Some(ConnectionLimit::UNLIMITED);
    }
    let most = u64::from(ConnectionLimit::UNLIMITED.count());
    let before = problems.errors.len();
    let count = value::count(node, "connection-limit", 1, most, problems);
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
    const MOST_CPUS: u64 = 4_096;
    let cpus = fields.count("cpus", 1, MOST_CPUS, problems);
    let words = [("exe", 0), ("asp-net", 1), ("asp-net-autoconfig", 2)];
    let chosen = fields.choice("host", &words, problems).unwrap_or(0);
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
pub(super) fn lease(
    client: &Client,
    place: &crate::scenario::diagnostic::Place,
    problems: &mut Problems,
) {
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
pub(super) fn leak(
    client: &Client,
    place: &crate::scenario::diagnostic::Place,
    problems: &mut Problems,
) {
    let reserves = match &client.runtime.mechanism {
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
