//! Port tables of operating systems and clouds: names for `ports`.
//!
//! Ranges of NAT presets start at 1024 for want of published numbers; only their count matters.

use crate::model::profile::Sourced;
use crate::model::settings::{PortErrorName, PortRange, PortScope};
use crate::units::SimSpan;

/// A named port table.
#[derive(Clone, PartialEq, Debug)]
pub struct PortPreset {
    /// The name in scenarios: `windows-2003`.
    pub name: &'static str,
    /// The name people know.
    pub title: &'static str,
    /// Which ports there are.
    pub range: Sourced<PortRange>,
    /// How long a port stays taken after the client closed first. `None`: the source does not
    /// speak of it, so TIME_WAIT is not modelled.
    pub time_wait: Option<Sourced<SimSpan>>,
    /// What one port can serve at a time.
    pub scope: Sourced<PortScope>,
    /// What a refusal is called there.
    pub error: PortErrorName,
}

const ARTICLE: &str = "KB 2551125: \"the system limit (default 5000)\"";
const KB_196271: &str =
    "KB 196271 (MaxUserPort 5000); learn.microsoft.com tcp-ip-port-exhaustion-troubleshooting";
const KB_929851: &str = "KB 929851: 49152-65535 since Vista and Server 2008";
const WINDOWS_SCOPE: Sourced<PortScope> = Sourced::read(
    PortScope::Host,
    "learn.microsoft.com/windows/win32/winsock/so-port-scalability; dotnet/runtime#48219",
);
const DOCUMENTED_240: Sourced<SimSpan> = Sourced::uncertain(
    SimSpan::from_seconds(240),
    "TcpTimedWaitDelay: technet cc938217 (240 s); cc757512 prints 120 s and 240 s",
);
const OBSERVED_120: Sourced<SimSpan> = Sourced::uncertain(
    SimSpan::from_seconds(120),
    "TcpTimedWaitDelay: technet cc757512 prints 120 s; the Windows 10 article says 4 minutes",
);
const AZURE_LB_COUNTS: &str = "azure-docs load-balancer-outbound-connections, preallocatedports";
const AZURE_LB_HOLD: Sourced<SimSpan> = Sourced::uncertain(
    SimSpan::from_seconds(240),
    "azure-docs troubleshoot-intermittent-outbound-connection-errors: 240 s after FIN (15 s after RST)",
);
const AZURE_SCOPE: Sourced<PortScope> = Sourced::read(
    PortScope::Destination,
    "azure-docs load-balancer-outbound-connections: ports per destination address and port",
);

const fn range(first: u16, last: u16) -> PortRange {
    PortRange {
        first,
        count: last as u32 - first as u32 + 1,
    }
}

const fn nat_ports(count: u32) -> PortRange {
    PortRange { first: 1024, count }
}

const fn windows(
    name: &'static str,
    title: &'static str,
    range: Sourced<PortRange>,
    time_wait: Sourced<SimSpan>,
) -> PortPreset {
    PortPreset {
        name,
        title,
        range,
        time_wait: Some(time_wait),
        scope: WINDOWS_SCOPE,
        error: PortErrorName::Wsaenobufs,
    }
}

const fn azure(name: &'static str, title: &'static str, range: Sourced<PortRange>) -> PortPreset {
    PortPreset {
        name,
        title,
        range,
        time_wait: Some(AZURE_LB_HOLD),
        scope: AZURE_SCOPE,
        error: PortErrorName::Eaddrnotavail,
    }
}

/// Every port preset: the article, Windows, Unix, then clouds.
pub static ALL: &[PortPreset] = &[
    PortPreset {
        name: "kb2551125",
        title: "5000 ports, as KB 2551125 counts them",
        range: Sourced::read(nat_ports(5_000), ARTICLE),
        time_wait: None,
        scope: WINDOWS_SCOPE,
        error: PortErrorName::Wsaenobufs,
    },
    windows(
        "windows-2003",
        "Windows NT 4 to Server 2003, 1025-5000",
        Sourced::read(range(1025, 5000), KB_196271),
        DOCUMENTED_240,
    ),
    windows(
        "windows-2003-120",
        "Windows NT 4 to Server 2003, 1025-5000, shorter TIME_WAIT",
        Sourced::read(range(1025, 5000), KB_196271),
        OBSERVED_120,
    ),
    windows(
        "windows",
        "Windows Vista, Server 2008 and later",
        Sourced::read(range(49152, 65535), KB_929851),
        OBSERVED_120,
    ),
    windows(
        "windows-240",
        "Windows Vista, Server 2008 and later, documented TIME_WAIT",
        Sourced::read(range(49152, 65535), KB_929851),
        DOCUMENTED_240,
    ),
    PortPreset {
        name: "linux",
        title: "Linux 4.2 and later",
        range: Sourced::read(
            range(32768, 60999),
            "torvalds/linux@07f4c90062f8: ip_local_port_range",
        ),
        time_wait: Some(Sourced::read(
            SimSpan::from_seconds(60),
            "include/net/tcp.h: TCP_TIMEWAIT_LEN",
        )),
        scope: Sourced::read(
            PortScope::Destination,
            "torvalds/linux@90c337da1524: connect() picks a free 4-tuple",
        ),
        error: PortErrorName::Eaddrnotavail,
    },
    PortPreset {
        name: "macos",
        title: "macOS",
        range: Sourced::uncertain(
            range(49152, 65535),
            "gist.github.com/2942346: net.inet.ip.portrange (secondary)",
        ),
        time_wait: Some(Sourced::uncertain(
            SimSpan::from_seconds(30),
            "gist.github.com/2942346: net.inet.tcp.msl 15000 ms, held for two of them (secondary)",
        )),
        scope: Sourced::uncertain(PortScope::Destination, "assumed as on Linux; not read"),
        error: PortErrorName::Eaddrnotavail,
    },
    azure(
        "azure-app-service",
        "Azure App Service, preallocated SNAT ports of one instance",
        Sourced::read(
            nat_ports(128),
            "azure-docs troubleshoot-intermittent-outbound-connection-errors: 128 preallocated",
        ),
    ),
    azure(
        "azure-lb-1-50",
        "Azure Load Balancer, default allocation, 1-50 instances",
        Sourced::read(nat_ports(1024), AZURE_LB_COUNTS),
    ),
    azure(
        "azure-lb-51-100",
        "Azure Load Balancer, default allocation, 51-100 instances",
        Sourced::read(nat_ports(512), AZURE_LB_COUNTS),
    ),
    azure(
        "azure-lb-101-200",
        "Azure Load Balancer, default allocation, 101-200 instances",
        Sourced::read(nat_ports(256), AZURE_LB_COUNTS),
    ),
    azure(
        "azure-lb-201-400",
        "Azure Load Balancer, default allocation, 201-400 instances",
        Sourced::read(nat_ports(128), AZURE_LB_COUNTS),
    ),
    azure(
        "azure-lb-401-800",
        "Azure Load Balancer, default allocation, 401-800 instances",
        Sourced::read(nat_ports(64), AZURE_LB_COUNTS),
    ),
    azure(
        "azure-lb-801-1000",
        "Azure Load Balancer, default allocation, 801-1000 instances",
        Sourced::read(nat_ports(32), AZURE_LB_COUNTS),
    ),
    PortPreset {
        name: "azure-nat-gateway",
        title: "Azure NAT Gateway, one address",
        range: Sourced::read(
            nat_ports(50_000),
            "azure-docs nat-gateway-resource: 50,000 connections per address and destination",
        ),
        time_wait: Some(Sourced::read(
            SimSpan::from_seconds(65),
            "azure-docs nat-gateway-resource: 65 s after FIN (16 s after RST)",
        )),
        scope: AZURE_SCOPE,
        error: PortErrorName::Eaddrnotavail,
    },
    PortPreset {
        name: "aws-nat-gateway",
        title: "AWS NAT Gateway, one address",
        range: Sourced::read(
            nat_ports(55_000),
            "docs.aws.amazon.com/vpc nat-gateway-basics: 55,000 per address and destination",
        ),
        time_wait: Some(Sourced::derived(
            SimSpan::from_seconds(60),
            "55,000 ports and \"approximately 900 connections per second\" (nat-gateway-basics)",
        )),
        scope: Sourced::read(
            PortScope::Destination,
            "docs.aws.amazon.com/vpc nat-gateway-basics: per unique destination",
        ),
        error: PortErrorName::Eaddrnotavail,
    },
    PortPreset {
        name: "gcp-nat",
        title: "GCP Cloud NAT, static allocation, minimum of one VM",
        range: Sourced::read(
            nat_ports(64),
            "cloud.google.com/nat/docs/ports-and-addresses: 64 per VM by default",
        ),
        time_wait: Some(Sourced::read(
            SimSpan::from_seconds(120),
            "cloud.google.com/nat/docs/ports-and-addresses: TCP TIME_WAIT timeout 120 s",
        )),
        scope: Sourced::read(
            PortScope::Destination,
            "cloud.google.com/nat/docs/ports-and-addresses: per destination 3-tuple",
        ),
        error: PortErrorName::Eaddrnotavail,
    },
];

/// The preset called `name` in scenarios.
pub fn find(name: &str) -> Option<&'static PortPreset> {
    ALL.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest sustained rate of new connections, ports / TIME_WAIT: the published numbers
    /// are dgorti's "16 per second", Oracle ATG's 33 and AWS's "approximately 900".
    #[test]
    fn presets_agree_with_the_published_rates() {
        // What a table sustains forever when each connection holds its port for TIME_WAIT alone.
        let rate_of = |preset: &PortPreset| {
            let hold = preset.time_wait.as_ref()?.value.as_seconds();
            Some(f64::from(preset.range.value.count) / hold)
        };
        for (name, expected) in [
            ("windows-2003", 16.6),
            ("windows-2003-120", 33.1),
            ("windows-240", 68.3),
            ("windows", 136.5),
            ("linux", 470.5),
            ("azure-app-service", 0.53),
            ("azure-lb-1-50", 4.27),
            ("azure-nat-gateway", 769.2),
            ("aws-nat-gateway", 916.7),
            ("gcp-nat", 0.53),
        ] {
            let rate = find(name).and_then(rate_of);
            let near = rate.is_some_and(|rate| (rate - expected).abs() < 0.06);
            assert!(near, "{name}: {rate:?}, expected {expected}");
        }
        assert_eq!(find("kb2551125").and_then(rate_of), None);
    }

    #[test]
    fn every_range_lies_within_the_port_numbers() {
        for preset in ALL {
            let range = preset.range.value;
            let last = u32::from(range.first) + range.count - 1;
            assert!(range.count >= 1 && last <= 65_535, "{}", preset.name);
        }
    }
}
