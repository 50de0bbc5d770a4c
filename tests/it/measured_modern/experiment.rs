//! One measured experiment: what it asked for, as a scenario, and what is compared with a run.

use crate::measured::record::level;
use serde_json::Value;
use spsim::inside::model::workload::{Action, TimedAction};
use spsim::{GroupName, RunOutput};
use std::fmt::Write;

/// What a response takes beyond the server's delay.
const OVERHEAD_MS: f64 = 2.0;

/// Properties that give a request of .NET 8 a client of its own (HW-2).
const MAKE_PRIVATE: &[&str] = &[
    "newproxy",
    "cred",
    "defcred",
    "usedefcred",
    "jar",
    "newjar",
    "certs",
    "certcb",
];

/// Properties that do so where they differ from the first request's (HW-3).
const MUST_BE_EQUAL: &[&str] = &[
    "timeoutvary",
    "rwtimeout",
    "redirvary",
    "maxredirvary",
    "decompvary",
    "preauthvary",
    "maxhdrvary",
    "spmtls",
    "spmcrl",
];

/// One experiment: a line of the file, without what is 0, empty or a default.
pub(crate) struct Experiment(Value);

impl Experiment {
    pub(crate) fn of_line(line: &str) -> Experiment {
        Experiment(serde_json::from_str(line).expect("an experiment a line"))
    }

    pub(crate) fn name(&self) -> &str {
        self.text("name")
    }

    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    pub(crate) fn is(&self, key: &str, value: &str) -> bool {
        self.text(key) == value
    }

    fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().unwrap_or(0.0)
    }

    fn measured(&self, what: &str) -> f64 {
        let found = self.0["measured"][what].as_f64();
        found.unwrap_or_else(|| panic!("{}: no {what}", self.name()))
    }

    fn is_mono(&self) -> bool {
        self.is("rt", "mono")
    }

    /// `HttpWebRequest`, or Mono's `HttpClient` put onto it.
    fn is_web_request(&self) -> bool {
        self.is("api", "hwr") || self.is("handler", "monoweb")
    }

    /// Why a scenario cannot say what the experiment did.
    pub(crate) fn beyond_the_language(&self) -> Option<&'static str> {
        let dropped = self.is("strategy", "hc-perreqnone");
        if self.is("on_fin", "answer") {
            Some("FIN_WAIT2: a server that answers a client that has gone (HC-14)")
        } else if dropped && self.number("gc_every_s") == 0.0 {
            Some("collections that nobody asked for, at times nobody knows (HC-13)")
        } else {
            None
        }
    }

    /// Whether each request is aborted by its program after a time. On Mono that is no timeout
    /// (HW-10): so it is where `HttpClient` stands on `HttpWebRequest` (HF-3).
    fn aborts(&self) -> bool {
        let is_of_program = self.number("cancel_ms") > 0.0 || self.is("handler", "monoweb");
        self.is_mono() && self.gives_up_after() > 0.0 && is_of_program
    }

    /// After how many milliseconds a request is given up; 0: never.
    fn gives_up_after(&self) -> f64 {
        self.number("request_timeout_ms") + self.number("cancel_ms")
    }

    /// The requests and aborts of an experiment that has any.
    pub(crate) fn timeline(&self) -> Vec<TimedAction> {
        let mut actions = Vec::new();
        if !self.aborts() {
            return actions;
        }
        let n_requests = (self.number("rate") * self.number("duration")) as u64;
        for id in 0..n_requests {
            let submitted = id as f64 / self.number("rate");
            let submit = Action::Submit {
                id,
                group: GroupName::UNNAMED,
                keep_alive: None,
                duration: None,
                completed_by_timeline: false,
                held: false,
            };
            let given_up = submitted + self.gives_up_after() / 1e3;
            for (seconds, action) in [(submitted, submit), (given_up, Action::Abort { id })] {
                let at = crate::support::at(seconds);
                actions.push(TimedAction { at, action });
            }
        }
        actions.sort_by_key(|timed| timed.at);
        actions
    }

    /// The experiment as a scenario.
    pub(crate) fn scenario(&self) -> String {
        let mut toml = String::new();
        let seconds = self.number("duration") + self.number("tail");
        let _ = write!(
            toml,
            "title = \"{}\"\nduration = \"{seconds}s\"\nsample-every = \"10ms\"\n\
             [machine]\nports = \"linux\"\ntime-wait-reuse = {{ after = \"1s\" }}\n",
            self.name()
        );
        self.write_client(&mut toml);
        self.write_servers(&mut toml);
        self.write_workloads(&mut toml);
        toml
    }

    fn write_client(&self, toml: &mut String) {
        let runtime = match self.text("rt") {
            "core31" => "netcore31",
            "mono" => "mono6",
            _ => "net8",
        };
        let _ = writeln!(toml, "[client.program]\nruntime = \"{runtime}\"");
        if self.is_web_request() {
            if self.is_mono() {
                let _ = writeln!(toml, "connection-limit = {}", self.number("limit_arg"));
                let idle = self.number("sp_max_idle_time_ms");
                let _ = writeln!(toml, "max-idle-time = \"{idle}ms\"");
            }
        } else {
            toml.push_str("api = \"HttpClient\"\n");
            for (key, field) in [
                ("pooled-connection-idle-timeout", "pooled_idle_ms"),
                ("pooled-connection-lifetime", "pooled_lifetime_ms"),
            ] {
                if self.number(field) > 0.0 {
                    let _ = writeln!(toml, "{key} = \"{}ms\"", self.number(field));
                }
            }
            let limit = self.number("max_connections_per_server");
            if limit > 0.0 {
                let _ = writeln!(toml, "max-connections-per-server = {limit}");
            }
        }
        if self.number("gc_every_s") > 0.0 {
            let _ = writeln!(
                toml,
                "gc = {{ every = \"{}s\" }}",
                self.number("gc_every_s")
            );
        }
        let timeout = self.gives_up_after();
        if timeout > 0.0 && !self.aborts() {
            let _ = writeln!(toml, "request-timeout = \"{timeout}ms\"");
        } else {
            toml.push_str("request-timeout = \"never\"\n");
        }
    }

    fn write_servers(&self, toml: &mut String) {
        let closer = match self.text("server_close") {
            "client" => "client",
            _ => "server",
        };
        for (name, delay) in [
            ("local", self.number("server_delay_ms")),
            ("slow", self.number("slow_delay_ms")),
        ] {
            let _ = write!(
                toml,
                "[server.{name}]\nuri = \"http://127.0.0.1:8080/\"\nresponse-time = \"{}us\"\n\
                 active-close = \"{closer}\"\n",
                (delay + OVERHEAD_MS) * 1e3
            );
            if self.number("server_idle_ms") > 0.0 {
                let span = self.number("server_idle_ms");
                let _ = writeln!(toml, "closes-idle-after = \"{span}ms\"");
            }
            if !self.is("maxreq", "") {
                let _ = writeln!(toml, "closes-after-requests = {}", self.text("maxreq"));
            }
            if self.is("maxreq_mode", "silent") {
                toml.push_str("says-close = false\n");
            }
            let keep_alive = self.number("keep_alive_timeout_s");
            if keep_alive > 0.0 {
                let _ = writeln!(toml, "keep-alive-timeout = \"{keep_alive}s\"");
            }
        }
    }

    /// The load: a burst at first, where there is one, and one request in turn of each kind.
    fn write_workloads(&self, toml: &mut String) {
        if self.aborts() {
            self.write_workload(toml, "load", "timeline = \"steps.csv\"", &[]);
            return;
        }
        let rate = self.number("rate");
        let burst = self.number("burst");
        if burst > 0.0 {
            let until = format!("until = \"{burst}us\"");
            self.write_workload(toml, "burst", &format!("every = \"1us\", {until}"), &[]);
        }
        let kinds = self.kinds();
        let (period, until) = (1e6 * kinds.len() as f64 / rate, self.number("duration"));
        for (place, lines) in kinds.iter().enumerate() {
            let phase = 1e6 * place as f64 / rate;
            let arrivals =
                format!("every = \"{period}us\", phase = \"{phase}us\", until = \"{until}s\"");
            self.write_workload(toml, &format!("load-{place}"), &arrivals, lines);
        }
    }

    /// What is special about each request of a turn.
    fn kinds(&self) -> Vec<Vec<&'static str>> {
        let own = "client-per-request = true";
        let param = self.text("param");
        let is_net8 = self.is("rt", "net8");
        if self.number("slow_every") > 0.0 {
            return vec![vec![], vec![], vec![], vec!["server = \"slow\""]];
        }
        if param == "kavary" {
            return vec![vec![], vec!["keep-alive = false"]];
        }
        if is_net8 && MUST_BE_EQUAL.contains(&param) {
            let mut kinds = vec![vec![]];
            kinds.resize(self.number("vary") as usize, vec![own]);
            return kinds;
        }
        let is_private = MAKE_PRIVATE.contains(&param) || self.is("proxy", "null");
        if is_net8 && (is_private || param == "timeoutfirst") {
            return vec![vec![own]];
        }
        vec![vec![]]
    }

    fn write_workload(&self, toml: &mut String, name: &str, arrivals: &str, lines: &[&str]) {
        let _ = writeln!(
            toml,
            "[workload.{name}]\nclient = \"program\"\narrivals = {{ {arrivals} }}"
        );
        if !lines.iter().any(|line| line.starts_with("server")) {
            toml.push_str("server = \"local\"\n");
        }
        for line in lines {
            let _ = writeln!(toml, "{line}");
        }
        // HF-2: a client on HttpWebRequest is a connection group, closed when it is disposed.
        let is_group = self.is("handler", "monoweb");
        toml.push_str(match self.text("strategy") {
            "hc-perreq" if is_group => "group = \"ntlm\"\n",
            "hc-perreq" => "client-per-request = true\n",
            "hc-perreqheld" if is_group => "group = \"unique\"\n",
            "hc-perreqheld" => "client-per-request = \"held\"\n",
            "hc-perreqnone" => "client-per-request = \"dropped\"\n",
            _ => "",
        });
        if self.leaves_open() {
            toml.push_str("undisposed = 0.1\n");
        }
    }

    /// Whether one response in ten is left open, as far as the runtime cares.
    fn leaves_open(&self) -> bool {
        let is_web_request = self.is_web_request();
        if self.number("leak_every") > 0.0 {
            // An empty body is over with its headers, but for Mono's HttpWebRequest (HC-15, HW-7).
            return self.number("body_bytes") > 0.0 || (self.is_mono() && is_web_request);
        }
        if self.number("err_every") == 0.0 {
            return false;
        }
        // The errors are the responses in question (HC-18, HW-9).
        let unread = self.is("completion", "headers") || self.is("api", "hwr");
        if self.number("ensure_success") > 0.0 {
            return unread && !self.is_mono();
        }
        let mono_reads_it = self.is_mono() && self.is("api", "hwr");
        unread && self.is("err_dispo", "none") && !mono_reads_it
    }

    /// What is compared: what, in the model, measured.
    pub(crate) fn metrics(&self, output: &RunOutput) -> Vec<(&'static str, f64, f64)> {
        let model: Vec<[f64; 4]> = output
            .samples
            .iter()
            .map(|sample| {
                let established = sample.ports_in_use - sample.time_wait - sample.close_wait;
                [
                    sample.time.as_seconds(),
                    established as f64,
                    sample.close_wait as f64,
                    sample.time_wait as f64,
                ]
            })
            .collect();
        let all = |at| (1..4).map(|column| level(&model, at, column)).sum();
        let mut metrics = Vec::new();
        for (what, part) in [("1/4", 0.25), ("2/4", 0.5), ("3/4", 0.75), ("4/4", 1.0)] {
            metrics.push((what, all(part * self.number("duration"))));
        }
        let open = model.iter().map(|row| row[1]);
        metrics.push(("most open", open.fold(0.0, f64::max)));
        let last = model[model.len() - 1];
        metrics.push(("open at end", last[1]));
        metrics.push(("CLOSE_WAIT at end", last[2]));
        metrics.push(("TIME_WAIT at end", last[3]));
        let summary = &output.summary;
        metrics.push(("opened", summary.connections.opened as f64));
        let mut metrics: Vec<_> = (metrics.into_iter())
            .map(|(what, model)| (what, model, self.measured(what)))
            .collect();
        let requests = summary.requests;
        if self.number("err_every") > 0.0 {
            // The model has no errors here, so that only the sum means the same.
            let ended = self
                .number("ok")
                .max(self.number("ok") + self.number("errors"));
            metrics.push(("answered", requests.succeeded as f64, ended));
        } else {
            metrics.push(("answered", requests.succeeded as f64, self.number("ok")));
            let failed = requests.submitted - requests.succeeded - requests.in_flight;
            metrics.push(("failed", failed as f64, self.number("errors")));
        }
        metrics
    }
}
