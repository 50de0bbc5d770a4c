//! A scenario that shows what was found, so that remedies can be tried on it.
//!
//! What snapshots cannot show (response times, the runtime, the request rate behind a pool that
//! holds) is assumed, and the scenario says so beside the key.

use super::series::Series;
use super::{Diagnosis, Finding, Kind, LocalPorts};
use crate::model::settings::{PortRange, PortScope};
use crate::units::SimSpan;
use crate::words::{number, plain};
use alloc::string::String;
use alloc::vec::Vec;

/// The longest scenario written: a day.
const LONGEST_S: f64 = 86_400.0;
/// The shortest.
const SHORTEST_S: f64 = 120.0;

/// The scenario of one finding as TOML.
pub fn scenario(diagnosis: &Diagnosis, finding: &Finding) -> String {
    let Finding { kind, .. } = finding;
    let title = format!(
        "{} to {}, as observed",
        plain::capital(kind.name()),
        finding.remote
    );
    let found = sentence(diagnosis, finding);
    let lines = [
        format!("# Written by `spsim diagnose`: {found}"),
        "# Assumed, because snapshots do not show it: the response time and the runtime.".into(),
        String::new(),
        format!("title = {}", quoted(&title)),
        format!("question = {}", quoted(question(*kind))),
        format!("duration = \"{:.0}s\"", duration_s(diagnosis, finding)),
        String::new(),
        "[machine]".into(),
        machine(&diagnosis.table),
        String::new(),
        "[client.app]".into(),
        "runtime = \"net40\"".into(),
        String::new(),
        "[server.observed]".into(),
        format!(
            "uri = {}",
            quoted(&format!("http://{}/", host_of(&finding.remote)))
        ),
        "response-time = \"100ms\"   # assumed".into(),
        server(*kind).into(),
        "[workload.observed]".into(),
        workload(finding),
    ];
    let mut text = lines.join("\n");
    for (name, change) in remedies(*kind) {
        text.extend(["\n\n[[strategy]]\nname = ", &quoted(name)]);
        if !change.is_empty() {
            text.extend(["\n", change]);
        }
    }
    text.push('\n');
    text
}

fn sentence(diagnosis: &Diagnosis, finding: &Finding) -> String {
    if finding.kind == Kind::Opening {
        return format!(
            "{:.3} new connections a second of {} over {} rows; how many stay open was not counted",
            rate(finding),
            finding.remote,
            diagnosis.snapshots
        );
    }
    format!(
        "{}, {} ports to {} in the last of {} snapshots, growth {:.3}/s",
        finding.kind.name(),
        finding.ports(),
        finding.remote,
        diagnosis.snapshots,
        finding.growth_per_s
    )
}

const fn question(kind: Kind) -> &'static str {
    match kind {
        Kind::Leak | Kind::CloseWait | Kind::Opening => {
            "When do these ports run out, and which remedy holds?"
        }
        Kind::Churn => "Does TIME_WAIT use up the ports at this rate, and what avoids it?",
        Kind::Bounded => "How much more load does this pool of connections bear?",
        Kind::Burst => "Does a burst like this one exhaust the ports, and what softens it?",
    }
}

/// Half as long again as it takes to exhaust the range, or to settle.
fn duration_s(diagnosis: &Diagnosis, finding: &Finding) -> f64 {
    let limit = f64::from(diagnosis.table.range.count);
    let hold = diagnosis.table.time_wait.map_or(240.0, SimSpan::as_seconds);
    let needed = match finding.kind {
        Kind::Leak | Kind::CloseWait | Kind::Opening => 1.5 * limit / rate(finding),
        Kind::Churn => (3.0 * hold)
            .max(1.5 * limit / rate(finding))
            .min(6.0 * hold),
        Kind::Burst => 2.0 * hold + diagnosis.span_s,
        Kind::Bounded => 300.0,
    };
    libm::ceil(needed.clamp(SHORTEST_S, LONGEST_S))
}

/// The keys of the machine that has these ports.
pub(super) fn machine(table: &LocalPorts) -> String {
    if crate::profiles::ports::find(&table.name).is_some() {
        return format!("ports = {}", quoted(&table.name));
    }
    let PortRange { first, count } = table.range;
    let last = u32::from(first) + count - 1;
    let scope = match table.scope {
        PortScope::Host => "",
        PortScope::Destination => "\nscope = \"destination\"",
    };
    let hold = table
        .time_wait
        .map_or(String::new(), |hold| format!("\ntime-wait = \"{hold}\""));
    format!("ports = {{ first = {first}, last = {last} }}{scope}{hold}")
}

/// Keys of the server, and the blank line after them.
const fn server(kind: Kind) -> &'static str {
    match kind {
        Kind::Churn => {
            "active-close = \"client\"    # the client holds TIME_WAIT: it closes first\n"
        }
        Kind::CloseWait => {
            "closes-idle-after = \"5s\"   # assumed: any time that ends a connection\n"
        }
        Kind::Leak | Kind::Bounded | Kind::Burst | Kind::Opening => "",
    }
}

fn workload(finding: &Finding) -> String {
    let every = |rate: f64| {
        format!(
            "arrivals = {{ poisson = {{ rate = {} }} }}",
            number::plain(rate)
        )
    };
    match finding.kind {
        Kind::Leak | Kind::CloseWait => {
            format!("{}\ngroup = \"unique\"", every(rate(finding)))
        }
        Kind::Opening => format!(
            "{}\ngroup = \"unique\"   # assumed: none is closed, which is the worst",
            every(rate(finding))
        ),
        Kind::Churn => format!(
            "{}\ngroup = \"unique\"\nkeep-alive = false",
            every(rate(finding))
        ),
        Kind::Bounded => {
            let pool = finding.ports().max(1);
            let rate = finding.opened_per_s.unwrap_or(0.0).max(pool as f64);
            format!(
                "{}   # assumed: a pool does not show its requests\ngroup = {{ pool = {pool} }}",
                every(rate)
            )
        }
        Kind::Burst => format!("{}\ngroup = \"unique\"", pulse(&finding.series)),
    }
}

/// New connections per second: single ports tell it, else the growth; never zero.
fn rate(finding: &Finding) -> f64 {
    let opened = finding.opened_per_s.unwrap_or(0.0);
    let churns = finding.kind == Kind::Churn;
    // A leak's growth is what stays; a churn's ports come and go.
    let rate = if churns {
        opened.max(finding.growth_per_s)
    } else {
        finding.growth_per_s.max(opened)
    };
    rate.max(0.01)
}

/// A neighbour of the busiest interval belongs to the burst if it has this share of its rate.
const SHARE_OF_BUSIEST: f64 = 0.25;

/// The new ports of the busiest interval and of those beside it that are nearly as busy, as a rate
/// between their first and last snapshot.
fn pulse(series: &Series) -> String {
    let intervals: Vec<(f64, f64, f64)> = series
        .steps
        .windows(2)
        .map(|pair| {
            let more = pair[1].total().saturating_sub(pair[0].total());
            let count = pair[1].opened.unwrap_or(more) as f64;
            (pair[0].time_s, pair[1].time_s, count)
        })
        .collect();
    let rate = |it: &(f64, f64, f64)| it.2 / (it.1 - it.0).max(0.001);
    let numbered = intervals.iter().enumerate();
    let busiest = numbered.max_by(|a, b| rate(a.1).total_cmp(&rate(b.1)));
    let (at, most) = busiest.map_or((0, 1.0), |(at, it)| (at, rate(it)));
    let busy = |it: &&(f64, f64, f64)| rate(it) >= SHARE_OF_BUSIEST * most;
    let before = intervals[..at].iter().rev().take_while(busy).count();
    let after = intervals[at..].iter().take_while(busy).count();
    let burst = &intervals[at - before..at + after];
    let count: f64 = burst.iter().map(|it| it.2).sum();
    let from = burst
        .first()
        .map_or(0.0, |it| libm::floor(it.0 * 1e3) / 1e3);
    let until = burst.last().map_or(1.0, |it| it.1).max(from + 0.001);
    let rate = number::plain((count / (until - from)).max(0.01));
    format!(
        "arrivals = {{ poisson = {{ rate = {rate} }}, from = \"{from:.3}s\", until = \"{until:.3}s\" }}"
    )
}

fn remedies(kind: Kind) -> Vec<(&'static str, &'static str)> {
    let mut all = alloc::vec![("as observed", "")];
    all.extend(match kind {
        Kind::Churn => [
            ("keep-alive, 16 groups", "keep-alive = true\ngroups = 16"),
            (
                "keep-alive, no groups",
                "keep-alive = true\ngroup = \"none\"",
            ),
            ("TIME_WAIT 30 s", "time-wait = \"30s\""),
        ],
        Kind::Bounded => [
            ("no groups", "group = \"none\""),
            ("keep-alive off", "keep-alive = false"),
            ("one group per request", "group = \"unique\""),
        ],
        Kind::Leak | Kind::CloseWait | Kind::Burst | Kind::Opening => [
            ("16 groups", "groups = 16"),
            ("keep-alive off", "keep-alive = false"),
            (
                "close groups every 30 s",
                "close-groups = { every = \"30s\" }",
            ),
        ],
    });
    all
}

/// The host and port of a URI; counters belong to no host.
fn host_of(remote: &str) -> &str {
    let is_endpoint = remote.parse::<core::net::SocketAddr>().is_ok();
    if is_endpoint {
        remote
    } else {
        "observed.example"
    }
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    let safe: String = text
        .chars()
        .filter(|c| !c.is_control() && *c != '\\')
        .collect();
    format!("\"{}\"", safe.replace('"', "'"))
}
