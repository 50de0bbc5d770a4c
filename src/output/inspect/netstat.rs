//! What `netstat -ano` prints on Windows.
//!
//! `-n` shows addresses, and a scenario has names: a name stands as an address of the range for
//! benchmarks (RFC 2544, 198.18.0.0/15), its own machine as one of the range for documentation
//! (RFC 5737, 192.0.2.0/24). [`legend`] says which is which.

use super::{pid, processes};
use crate::model::Server;
use crate::net::PortState;
use crate::study::Inspection;

/// One line of the table.
struct Line {
    port: u16,
    endpoint: u32,
    state: &'static str,
    pid: usize,
}

pub(super) fn text(inspection: &Inspection<'_>) -> String {
    let mut lines: Vec<Line> = Vec::new();
    for (index, _, process) in processes(inspection) {
        for connection in process.connections() {
            let Some(state) = connection.state else {
                continue;
            };
            lines.push(Line {
                port: connection.view.port,
                endpoint: connection.view.endpoint,
                state: state_name(state),
                pid: pid(index),
            });
        }
    }
    // The process has let go of a socket in TIME_WAIT: Windows shows it as nobody's.
    lines.extend(inspection.time_wait.iter().map(|it| Line {
        port: it.port,
        endpoint: it.endpoint,
        state: "TIME_WAIT",
        pid: 0,
    }));
    lines.sort_by_key(|line| (line.port, line.endpoint));
    let mut text = String::from("\nActive Connections\n\n");
    text += &row("Proto", "Local Address", "Foreign Address", "State", "PID");
    for line in &lines {
        let remote = Remote::of(inspection, line.endpoint);
        let local = format!("{}:{}", remote.local(), line.port);
        let foreign = format!("{}:{}", remote.address, remote.port);
        text += &row("TCP", &local, &foreign, line.state, &line.pid.to_string());
    }
    text
}

/// Which name each made-up address stands for, one line each.
pub fn legend(inspection: &Inspection<'_>) -> Vec<String> {
    let endpoints = 0..inspection.endpoints.len() as u32;
    endpoints
        .map(|endpoint| Remote::of(inspection, endpoint))
        .filter(|remote| remote.address != remote.host)
        .map(|remote| format!("{} stands for {}", remote.address, remote.host))
        .collect()
}

fn row(proto: &str, local: &str, foreign: &str, state: &str, pid: &str) -> String {
    format!("  {proto:<7}{local:<23}{foreign:<23}{state:<16}{pid}\n")
}

const fn state_name(state: PortState) -> &'static str {
    match state {
        PortState::Connecting => "SYN_SENT",
        PortState::Busy | PortState::Idle => "ESTABLISHED",
        PortState::CloseWait => "CLOSE_WAIT",
    }
}

/// Where a connection goes, as `netstat` would know it.
struct Remote<'s> {
    host: &'s str,
    address: String,
    port: u16,
    loopback: bool,
}

impl<'s> Remote<'s> {
    fn of(inspection: &Inspection<'s>, endpoint: u32) -> Remote<'s> {
        let server: &'s Server = inspection.endpoints[endpoint as usize];
        // The key is `scheme://host` with the port where it is not the scheme's own (SP-1).
        let (scheme, rest) = server
            .key
            .split_once("://")
            .unwrap_or(("http", &server.key));
        let usual = if scheme == "https" { 443 } else { 80 };
        let after_bracket = rest.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match rest[after_bracket..].rfind(':') {
            Some(colon) => {
                let (host, port) = rest.split_at(after_bracket + colon);
                (host, port[1..].parse().unwrap_or(usual))
            }
            None => (rest, usual),
        };
        let is_literal = host.starts_with('[') || host.parse::<core::net::Ipv4Addr>().is_ok();
        let address = if is_literal {
            host.into()
        } else if server.loopback {
            "127.0.0.1".into()
        } else {
            let number = endpoint + 1;
            let [_, second, third, fourth] = number.to_be_bytes();
            format!("198.{}.{third}.{fourth}", 18 + (second & 1))
        };
        Remote {
            host,
            address,
            port,
            loopback: server.loopback,
        }
    }

    /// The machine's own address on the way there.
    fn local(&self) -> &str {
        if self.loopback {
            &self.address
        } else if self.address.starts_with('[') {
            "[2001:db8::1]"
        } else {
            "192.0.2.1"
        }
    }
}
