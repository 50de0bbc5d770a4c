//! The resolved scenario as TOML: every default filled in, each with its source.
//!
//! **Invariant:** what is written here reads back as an equal scenario, and that is written the
//! same again.

mod beyond;
mod load;

use super::check::client::DEFAULT_TIMEOUT;
use super::check::machine::{error_word, ports_text, scope_word};
use super::words::{
    close_groups, group, key, limit_text, never, patch_text, retry, reuse_text, span, text,
    throttle,
};
use super::{Fnv, Override, Read};
use crate::model::settings::{Client, Closer, IdleClose, Machine, PortErrorName, Server};
use crate::model::workload::Workload;
use crate::model::{Law, PortScope, Strategy};
use crate::units::{ConnectionLimit, SimSpan};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The resolved scenario as TOML; a line whose value is the default says so and where that
/// comes from.
pub fn show(read: &Read) -> String {
    write(read, true)
}

/// The keys whose values differ between two scenarios of the same shape, with the values of
/// `after`: what `--set` would need to make one the other.
pub fn changes(before: &Read, after: &Read) -> Vec<Override> {
    let (before, after) = (write(before, false), write(after, false));
    let mut changes = Vec::new();
    let mut table = String::new();
    let pairs = before.lines().zip(after.lines());
    for (_, line) in pairs.filter(|(old, new)| old != new || new.starts_with('[')) {
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']').to_owned() + ".";
        } else if let Some((key, value)) = line.split_once(" = ") {
            changes.push(Override {
                flag: "--set",
                key: format!("{table}{key}"),
                value: value.into(),
            });
        }
    }
    changes
}

/// FNV-1a of the canonical text (without comments) and of the named files' digests.
pub(super) fn digest(read: &Read) -> u64 {
    let mut digest = Fnv::new();
    digest.text(&write(read, false));
    for file in &read.files {
        digest.number(file.digest);
    }
    digest.value()
}

fn write(read: &Read, commented: bool) -> String {
    let scenario = &read.scenario;
    let mut page = Page {
        text: String::new(),
        commented,
        read,
    };
    page.set("title", text(&scenario.title));
    page.set_or(
        "question",
        text(&scenario.question),
        scenario.question.is_empty(),
        "none",
    );
    page.set("duration", span(scenario.duration));
    page.set_or("seed", scenario.seed.to_string(), scenario.seed == 1, "1");
    let once = scenario.replications == 1;
    page.set_or("replications", scenario.replications.to_string(), once, "1");
    match scenario.sample_every {
        Some(every) => page.set("sample-every", span(every)),
        None => page.unset(
            "sample-every",
            &span(scenario.sample_span()),
            "duration / 600",
        ),
    }
    if let Some(most) = scenario.most_requests {
        page.set("most-requests", most.to_string());
    }
    if let Some(steady) = scenario.steady {
        page.set("steady", steady.to_string());
    }
    if let Some(warm_up) = scenario.warm_up {
        page.set("warm-up", span(warm_up));
    }
    if let Some(rule) = &scenario.close_groups {
        page.set("close-groups", close_groups(rule));
    }
    if let Some(rule) = scenario.throttle {
        page.set("throttle", throttle(rule));
    }
    page.machine(&scenario.machine);
    if let Some(nat) = &scenario.nat {
        page.nat(nat);
    }
    for client in &scenario.clients {
        page.client(client);
    }
    for server in &scenario.servers {
        page.server(server);
    }
    for workload in &scenario.workloads {
        page.workload(workload);
    }
    for strategy in &scenario.strategies {
        page.strategy(strategy);
    }
    page.text
}

/// The text so far.
struct Page<'a> {
    text: String,
    commented: bool,
    read: &'a Read,
}

impl Page<'_> {
    fn table(&mut self, header: &str) {
        self.text.push('\n');
        self.text.push_str(header);
        self.text.push('\n');
    }

    fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    fn set(&mut self, key: &str, value: impl AsRef<str>) {
        self.set_or(key, value, false, "");
    }

    /// Writes `key = value`, and where the value is the default, its source.
    fn set_or(&mut self, key: &str, value: impl AsRef<str>, is_default: bool, source: &str) {
        let value = value.as_ref();
        self.push(&[key, " = ", value]);
        if is_default && self.commented {
            self.push(&["  # default: ", source]);
        }
        self.text.push('\n');
    }

    /// Notes a default that must stay unwritten, because writing it would mean something else.
    fn unset(&mut self, key: &str, value: &str, source: &str) {
        if self.commented {
            self.push(&["# ", key, " = ", value, "  # default: ", source, "\n"]);
        }
    }

    fn machine(&mut self, machine: &Machine) {
        self.table("[machine]");
        let ports = match &machine.preset {
            Some(preset) => text(preset),
            None => ports_text(machine.ports),
        };
        let is_default = ports == "5000";
        self.set_or(
            "ports",
            ports,
            is_default,
            "5000, as KB 2551125 counts them",
        );
        if machine.time_wait_given {
            self.set("time-wait", span(machine.time_wait));
        } else {
            self.unset(
                "time-wait",
                &span(machine.time_wait),
                "TIME_WAIT is not modelled",
            );
        }
        let host = machine.scope == PortScope::Host;
        self.set_or(
            "scope",
            text(scope_word(machine.scope)),
            host,
            "\"host\" (Windows)",
        );
        let error = text(error_word(machine.time_wait_error));
        let usual = machine.time_wait_error == PortErrorName::Wsaenobufs;
        self.set_or("time-wait-error", error, usual, "PT-2");
        let reset = machine.idle_close == IdleClose::Reset;
        let close = if reset { "reset" } else { "fin" };
        self.set_or("idle-close", text(close), reset, "PT-4");
        let reuse = machine.time_wait_reuse_after;
        self.set_or(
            "time-wait-reuse",
            reuse_text(reuse),
            reuse.is_none(),
            "Linux only",
        );
        self.beyond_of_machine(machine);
    }

    fn client(&mut self, client: &Client) {
        self.table(&format!("[client.{}]", key(&client.name)));
        let profile = client.runtime;
        let article = profile.name == "net40";
        self.set_or(
            "runtime",
            text(profile.name),
            article,
            "the article's runtime",
        );
        if let Some(limit) = client.connection_limit {
            self.set("connection-limit", limit_text(limit));
        } else {
            let limit = &profile.connection_limit;
            let unlimited = limit.value == ConnectionLimit::UNLIMITED;
            let loopback = if profile.loopback_is_unlimited.value && !unlimited {
                "; unlimited for loopback hosts"
            } else {
                ""
            };
            let source = format!("{}{loopback}", limit.source);
            self.unset("connection-limit", &limit_text(limit.value), &source);
        }
        let idle = &profile.max_idle_time;
        let is_default = client.max_idle_time == Some(idle.value);
        self.set_or(
            "max-idle-time",
            never(client.max_idle_time),
            is_default,
            idle.source,
        );
        let lease = client.connection_lease;
        self.set_or("connection-lease", never(lease), lease.is_none(), "K-7");
        let timeout = client.request_timeout;
        let is_default = timeout == Some(DEFAULT_TIMEOUT);
        self.set_or("request-timeout", never(timeout), is_default, "K-8");
        let (slack, jitter) = (client.timer_slack, client.timer_jitter);
        self.set_or(
            "timer-slack",
            span(slack),
            slack.is_zero(),
            "TM-2: due is due",
        );
        self.set_or("timer-jitter", span(jitter), jitter.is_zero(), "TM-2: none");
        let leaks = client.reservation_leak;
        self.set_or(
            "reservation-leak",
            leaks.to_string(),
            !leaks,
            "FL-6..FL-8 are source-derived",
        );
        let points = client.max_service_points;
        self.set_or(
            "max-service-points",
            points.to_string(),
            points == 0,
            "K-2: unlimited",
        );
        self.dns_refresh(client);
    }

    fn server(&mut self, server: &Server) {
        self.table(&format!("[server.{}]", key(&server.name)));
        let at = format!("server.{}", server.name);
        let own = server.uri == format!("http://{}/", server.name);
        self.set_or("uri", text(&server.uri), own, "the server's name");
        let connect = self.law(&server.connect_time, &format!("{at}.connect-time"));
        let at_once = server.connect_time == Law::Constant(SimSpan::ZERO);
        self.set_or("connect-time", connect, at_once, "0");
        let response = self.law(&server.response_time, &format!("{at}.response-time"));
        self.set("response-time", response);
        let idle = server.closes_idle_after;
        self.set_or("closes-idle-after", never(idle), idle.is_none(), "never");
        let requests = server.closes_after_requests;
        let shown = requests.map_or("\"never\"".to_owned(), |count| count.to_string());
        self.set_or("closes-after-requests", shown, requests.is_none(), "never");
        let first = server.active_close == Closer::Server;
        let side = if first { "server" } else { "client" };
        self.set_or(
            "active-close",
            text(side),
            first,
            "PT-3: an assumption of ours",
        );
        self.service(server);
    }

    fn workload(&mut self, workload: &Workload) {
        self.table(&format!("[workload.{}]", key(&workload.name)));
        let scenario = &self.read.scenario;
        let client = text(&scenario.clients[workload.client].name);
        let server = text(&scenario.servers[workload.server].name);
        self.set_or(
            "client",
            client,
            scenario.clients.len() == 1,
            "the only one",
        );
        self.set_or(
            "server",
            server,
            scenario.servers.len() == 1,
            "the only one",
        );
        let at = format!("workload.{}.arrivals", workload.name);
        let arrivals = self.arrivals(workload, &at);
        self.set("arrivals", arrivals);
        match &workload.group {
            Some(rule) => self.set("group", group(rule)),
            None => self.unset("group", "\"none\"", "the trace's own, else none"),
        }
        match workload.keep_alive {
            Some(keep_alive) => self.set("keep-alive", keep_alive.to_string()),
            None => self.unset("keep-alive", "true", "the trace's own, else K-8"),
        }
        let pipelined = workload.pipelined;
        self.set_or(
            "pipelined",
            pipelined.to_string(),
            !pipelined,
            "AS-5 is off",
        );
        let untouched = workload.proxy_untouched;
        self.set_or("proxy-untouched", untouched.to_string(), !untouched, "NC-3");
        self.set_or(
            "retry",
            retry(workload.retry),
            workload.retry.is_none(),
            "never",
        );
    }

    fn strategy(&mut self, strategy: &Strategy) {
        self.table("[[strategy]]");
        self.set("name", text(&strategy.name));
        for patch in &strategy.patches {
            let (key, value) = patch_text(patch);
            self.set(key, value);
        }
    }
}
