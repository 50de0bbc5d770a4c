//! One measured experiment: read from its files, written as a scenario, compared with a run.

use super::record::{Record, level};
use spsim::RunOutput;
use std::fmt::Write;
use std::path::Path;

/// The fields of the JSON that make the scenario.
const NEEDED: &[&str] = &[
    "strategy",
    "rate",
    "duration",
    "tail",
    "idle_ms",
    "K",
    "T",
    "limit_arg",
    "lease_ms",
    "burst",
    "burst_rate",
    "errors",
    "latency_mean_ms",
    "t_first_error_s",
    "server_delay_ms",
    "server_idle_ms",
    "server_close",
    "port_range",
    "tcp_tw_reuse",
];

/// One experiment.
pub(crate) struct Experiment {
    pub(crate) name: String,
    record: Record,
    /// Time, ports in use, established, TIME_WAIT.
    rows: Vec<[f64; 4]>,
}

/// One number, as the model and the measurement have it.
pub(crate) struct Metric {
    pub(crate) what: &'static str,
    pub(crate) model: f64,
    pub(crate) measured: f64,
    pub(crate) tolerance: f64,
}

impl Metric {
    fn ports(what: &'static str, model: f64, measured: f64) -> Metric {
        Metric {
            what,
            model,
            measured,
            tolerance: (measured * 0.02).max(2.0),
        }
    }
}

impl Experiment {
    pub(crate) fn read(json: &Path) -> Experiment {
        let record = Record::read(json);
        Experiment {
            name: record.name.clone(),
            rows: record.columns(["t_s", "client_ports", "established", "time_wait_client"]),
            record,
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.record.text(key)
    }

    fn number(&self, key: &str) -> f64 {
        self.record.number(key)
    }

    /// A field that a scenario needs and the JSON does not have.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        NEEDED.iter().copied().find(|key| !self.record.has(key))
    }

    /// Mean response time; where nothing was answered, the delay and what it takes longer.
    fn response_ms(&self) -> f64 {
        let latency = self.number("latency_mean_ms");
        if latency > 0.0 {
            latency
        } else {
            self.number("server_delay_ms") + 1.5
        }
    }

    /// The experiment as a scenario.
    pub(crate) fn scenario(&self, runtime: &str) -> String {
        let mut toml = String::new();
        let seconds = self.number("duration") + self.number("tail");
        let _ = write!(
            toml,
            "title = \"{}\"\nduration = \"{seconds}s\"\nsample-every = \"20ms\"\n",
            self.name
        );
        if self.text("strategy") == Some("closegroup") {
            let _ = writeln!(
                toml,
                "close-groups = {{ every = \"{}s\" }}",
                self.number("T")
            );
        }
        self.write_machine(&mut toml);
        self.write_client(&mut toml, runtime);
        self.write_server(&mut toml);
        self.write_workloads(&mut toml);
        toml
    }

    fn write_machine(&self, toml: &mut String) {
        let range = match self.text("port_range") {
            Some(range) => {
                let (first, last) = range.split_once(' ').expect("two ports");
                format!("{{ first = {first}, last = {last} }}")
            }
            None => "\"linux\"".to_owned(),
        };
        let _ = write!(
            toml,
            "[machine]\nports = {range}\nscope = \"destination\"\ntime-wait = \"60s\"\n"
        );
        if self.number("tcp_tw_reuse") > 0.0 {
            toml.push_str("time-wait-reuse = { after = \"1s\" }\n");
        }
    }

    /// Modern .NET stores what the program says to its ServicePoint and reads none of it (NC-2),
    /// so that there only the runtime is written.
    fn write_client(&self, toml: &mut String, runtime: &str) {
        let _ = writeln!(toml, "[client.program]\nruntime = \"{runtime}\"");
        if ["netcore31", "net8"].contains(&runtime) {
            return;
        }
        if runtime == "net48" {
            toml.push_str("timer-slack = \"15ms\"\n");
        }
        let _ = writeln!(toml, "connection-limit = {}", self.number("limit_arg"));
        if self.number("idle_ms") >= 0.0 {
            let _ = writeln!(toml, "max-idle-time = \"{}ms\"", self.number("idle_ms"));
        }
        if self.number("lease_ms") >= 0.0 {
            let _ = writeln!(toml, "connection-lease = \"{}ms\"", self.number("lease_ms"));
        }
    }

    fn write_server(&self, toml: &mut String) {
        let closer = match self.text("server_close") {
            Some("client") => "client",
            _ => "server",
        };
        let _ = write!(
            toml,
            "[server.local]\nuri = \"http://127.0.0.1:8080/\"\nresponse-time = \"{}us\"\n\
             active-close = \"{closer}\"\n",
            (self.response_ms() * 1e3).round()
        );
        if self.number("server_idle_ms") > 0.0 {
            let span = self.number("server_idle_ms");
            let _ = writeln!(toml, "closes-idle-after = \"{span}ms\"");
        }
    }

    fn write_workloads(&self, toml: &mut String) {
        let (rate, until) = (self.number("rate"), self.number("duration"));
        if self.text("strategy") == Some("burstkeep") {
            let burst_rate = self.number("burst_rate");
            let burst_until = self.number("burst") / burst_rate;
            self.write_workload(toml, "burst", burst_rate, 0.0, burst_until);
            self.write_workload(toml, "keep", rate, burst_until, until);
        } else {
            self.write_workload(toml, "load", rate, 0.0, until);
        }
    }

    fn write_workload(&self, toml: &mut String, name: &str, rate: f64, from: f64, until: f64) {
        let group = match self.text("strategy").expect("a strategy") {
            "single" | "kaoff" => "\"none\"".to_owned(),
            "bounded" => format!("{{ pool = {} }}", self.number("K")),
            _ => "\"unique\"".to_owned(),
        };
        let keep_alive = self.text("strategy") != Some("kaoff");
        // `request.Proxy` was set to null except in the `pd-` experiments.
        let own = self.text("proxy") != Some("default");
        let _ = write!(
            toml,
            "[workload.{name}]\nclient = \"program\"\nserver = \"local\"\n\
             arrivals = {{ every = \"{}us\", from = \"{from}s\", until = \"{until}s\" }}\n\
             group = {group}\nkeep-alive = {keep_alive}\nclient-per-request = {own}\n",
            1e6 / rate
        );
    }

    /// What is compared.
    pub(crate) fn metrics(&self, output: &RunOutput) -> Vec<Metric> {
        let seconds = self.number("duration");
        let model: Vec<[f64; 4]> = output
            .samples
            .iter()
            .map(|sample| {
                let held = sample.ports_in_use - sample.time_wait;
                [
                    sample.time.as_seconds(),
                    sample.ports_in_use as f64,
                    held as f64,
                    sample.time_wait as f64,
                ]
            })
            .collect();
        let mut metrics: Vec<Metric> = [("1/4", 0.25), ("2/4", 0.5), ("3/4", 0.75), ("4/4", 1.0)]
            .into_iter()
            .map(|(what, part)| {
                let at = part * seconds;
                Metric::ports(what, level(&model, at, 1), level(&self.rows, at, 1))
            })
            .collect();
        let peak = |rows: &[[f64; 4]]| rows.iter().map(|row| row[1]).fold(0.0, f64::max);
        metrics.push(Metric::ports("peak", peak(&model), peak(&self.rows)));
        let (last_model, last) = (model[model.len() - 1], self.rows[self.rows.len() - 1]);
        metrics.push(Metric::ports("open at end", last_model[2], last[2]));
        metrics.push(Metric::ports("held at end", last_model[3], last[3]));
        metrics.push(self.first_failure(output));
        metrics.push(Metric::ports(
            "failures",
            output.summary.requests.failed as f64,
            self.number("errors"),
        ));
        metrics
    }

    /// Where nothing failed, the end of the experiment stands for it.
    fn first_failure(&self, output: &RunOutput) -> Metric {
        let end = self.number("duration") + self.number("tail");
        let at = self.number("t_first_error_s");
        let measured = if at < 0.0 { end } else { at };
        let first = output.samples.iter().find(|sample| sample.failed > 0);
        let failed = first.map_or(end, |sample| sample.time.as_seconds());
        let refused = output
            .summary
            .exhausted_at
            .map_or(end, spsim::SimTime::as_seconds);
        let model = refused.min(failed);
        let tolerance = (measured * 0.02).max(0.15);
        Metric {
            what: "first failure",
            model,
            measured,
            tolerance,
        }
    }
}
