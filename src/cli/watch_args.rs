//! `spsim watch`, as typed.

use super::diagnose_args::{parse_every, parse_ports};
use crate::diagnose::{Diagnosis, Finding, Kind, LocalPorts};
use crate::units::SimSpan;
use clap::Args;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// `spsim watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// How often to look
    #[arg(long, value_name = "TIME", value_parser = parse_every, default_value = "2s")]
    pub every: SimSpan,
    /// End after this time (default: until stopped)
    #[arg(long = "for", value_name = "TIME", value_parser = parse_every)]
    pub duration: Option<SimSpan>,
    /// Print JSON, one object a look
    #[arg(long)]
    pub json: bool,
    /// Keep the snapshots in this file, for `spsim diagnose` and `spsim calibrate`: a new one, or
    /// one that `spsim watch` wrote, which is replaced
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// End with exit code 4 as soon as this is true of an endpoint: `growth_per_s`, `ports`,
    /// `ports_share` or `seconds_left`, as in `seconds_left < 10min`
    #[arg(long, value_name = "EXPR", value_parser = Condition::parse)]
    pub fail_if: Vec<Condition>,
    /// The sockets of this process alone
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// The connections to this address, or address and port, alone
    #[arg(long, value_name = "ADDRESS", value_parser = Remote::parse)]
    pub remote: Option<Remote>,
    /// The port range to judge against: a preset (see `spsim list ports`), a count, or FIRST-LAST
    /// (default: that of this machine)
    #[arg(long, value_name = "PRESET", value_parser = parse_ports)]
    pub ports: Option<LocalPorts>,
}

/// A remote end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remote {
    ip: IpAddr,
    port: Option<u16>,
}

impl Remote {
    /// Reads `10.0.0.1`, `10.0.0.1:443` or `[::1]:443`.
    ///
    /// # Errors
    /// What is expected.
    pub fn parse(text: &str) -> Result<Remote, String> {
        if let Ok(end) = text.parse::<SocketAddr>() {
            let (ip, port) = (end.ip(), Some(end.port()));
            return Ok(Remote { ip, port });
        }
        let ip = text.parse().map_err(|_| {
            "an address is expected, with or without a port, as in `10.0.0.1:443`".to_owned()
        });
        ip.map(|ip| Remote { ip, port: None })
    }

    /// Whether `end` is meant.
    pub fn is(self, end: SocketAddr) -> bool {
        self.ip == end.ip().to_canonical() && self.port.is_none_or(|port| port == end.port())
    }
}

/// Comparisons of which one group must hold as a whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// Joined by `or`; those of a group by `and`.
    groups: Vec<Vec<Comparison>>,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Comparison {
    metric: Metric,
    op: &'static str,
    number: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Metric {
    GrowthPerS,
    Ports,
    PortsShare,
    SecondsLeft,
}

const METRICS: [(&str, Metric); 4] = [
    ("growth_per_s", Metric::GrowthPerS),
    ("ports", Metric::Ports),
    ("ports_share", Metric::PortsShare),
    ("seconds_left", Metric::SecondsLeft),
];

/// The longest first, so that `<` does not cut `<=`.
const OPS: [&str; 5] = ["<=", ">=", "==", "<", ">"];

impl Condition {
    /// Reads `METRIC OP NUMBER`, joined by `and` and `or`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Condition, String> {
        let group = |text: &str| text.split(" and ").map(Comparison::parse).collect();
        let groups: Result<Vec<Vec<Comparison>>, String> = text.split(" or ").map(group).collect();
        Ok(Condition {
            groups: groups?,
            text: text.into(),
        })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The endpoint of which it is true.
    pub fn holds<'d>(&self, found: &'d Diagnosis) -> Option<&'d Finding> {
        let holds = |finding: &&Finding| {
            let is_true = |it: &Comparison| it.holds(finding, found);
            self.groups.iter().any(|group| group.iter().all(is_true))
        };
        found.findings.iter().find(holds)
    }
}

impl Comparison {
    fn parse(text: &str) -> Result<Comparison, String> {
        let op = OPS.iter().find(|op| text.contains(**op));
        let names = || METRICS.map(|it| it.0).join(", ");
        let expected = || format!("METRIC OP NUMBER is expected; metrics are {}", names());
        let (name, number) = op.and_then(|op| text.split_once(op)).ok_or_else(expected)?;
        let (name, number) = (name.trim(), number.trim());
        let metric = METRICS.iter().find(|it| it.0 == name);
        let (_, metric) =
            metric.ok_or_else(|| format!("unknown metric `{name}`; metrics are {}", names()))?;
        let share = number
            .strip_suffix('%')
            .and_then(|it| it.trim().parse::<f64>().ok())
            .map(|it| it / 100.0);
        let seconds = || SimSpan::parse(number).ok().map(SimSpan::as_seconds);
        let plain = number.parse::<f64>().ok().filter(|it| it.is_finite());
        let value = plain.or(share).or_else(seconds);
        Ok(Comparison {
            metric: *metric,
            op: op.copied().unwrap_or("<"),
            number: value.ok_or_else(|| format!("`{number}` is not a number"))?,
        })
    }

    fn holds(&self, finding: &Finding, found: &Diagnosis) -> bool {
        // Growth that may be chance counts as none.
        let grows = finding.kind != Kind::Bounded;
        let value = match self.metric {
            Metric::GrowthPerS if grows => finding.growth_per_s,
            Metric::GrowthPerS => 0.0,
            Metric::Ports => finding.ports() as f64,
            Metric::PortsShare => finding.outlook.share,
            Metric::SecondsLeft => {
                let own = finding.outlook.left_s.unwrap_or(f64::INFINITY);
                let together = found.together().map_or(f64::INFINITY, |it| it.1);
                if finding.outlook.left_s.is_some() {
                    own.min(together)
                } else {
                    own
                }
            }
        };
        match self.op {
            "<=" => value <= self.number,
            ">=" => value >= self.number,
            "==" => (value - self.number).abs() < f64::EPSILON,
            "<" => value < self.number,
            _ => value > self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_have_units_and_name_what_is_wrong() {
        let read = Condition::parse("seconds_left < 10min and ports >= 5 or ports_share > 80%");
        let numbers: Vec<f64> = read
            .expect("good")
            .groups
            .concat()
            .iter()
            .map(|it| it.number)
            .collect();
        assert_eq!(numbers, [600.0, 5.0, 0.8]);
        for (text, expected) in [
            ("ports", "METRIC OP NUMBER is expected"),
            (
                "dragons > 1",
                "unknown metric `dragons`; metrics are growth_per_s",
            ),
            ("ports > many", "`many` is not a number"),
        ] {
            let said = Condition::parse(text).expect_err(text);
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn a_remote_end_is_an_address_or_one_with_its_port() {
        let end = |text: &str| text.parse().expect("an end");
        let is = |remote: &str, at: &str| Remote::parse(remote).expect("good").is(end(at));
        assert!(is("10.0.0.1", "10.0.0.1:443"));
        assert!(is("10.0.0.1:443", "[::ffff:10.0.0.1]:443"));
        assert!(!is("10.0.0.1:80", "10.0.0.1:443"));
        assert!(Remote::parse("api").is_err());
    }
}
