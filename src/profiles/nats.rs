//! NATs of clouds: names for `[nat] ports`.

use crate::model::nat::{Forgotten, NatAllocation};
use crate::model::profile::Sourced;
use crate::model::settings::PortScope;
use crate::units::SimSpan;

/// A named NAT.
#[derive(Clone, PartialEq, Debug)]
pub struct NatPreset {
    /// The name in scenarios: `azure-lb`.
    pub name: &'static str,
    /// The name people know.
    pub title: &'static str,
    /// How many ports there are, and for whom.
    pub allocation: Sourced<NatAllocation>,
    /// How long a port stays taken after FINs.
    pub hold_after_fin: Sourced<SimSpan>,
    /// How long a port stays taken after a reset.
    pub hold_after_reset: Sourced<SimSpan>,
    /// A flow without a packet for this long is forgotten.
    pub idle_timeout: Sourced<SimSpan>,
    /// What the next packet of a forgotten flow meets.
    pub forgotten: Sourced<Forgotten>,
}

impl NatPreset {
    /// What a port serves: every preset counts ports per remote address and port.
    pub const SCOPE: PortScope = PortScope::Destination;
}

const APP_SERVICE: &str = "azure-docs troubleshoot-intermittent-outbound-connection-errors";
const AZURE_LB: &str = "azure-docs load-balancer-outbound-connections, preallocatedports";
const AZURE_GATEWAY: &str = "azure-docs nat-gateway-resource";
const AWS: &str = "docs.aws.amazon.com/vpc nat-gateway-basics";
const GCP: &str = "cloud.google.com/nat/docs/ports-and-addresses";

/// Instances up to which each has so many ports: Azure's default allocation.
const AZURE_STEPS: &[(u32, u32)] = &[
    (50, 1_024),
    (100, 512),
    (200, 256),
    (400, 128),
    (800, 64),
    (1_000, 32),
];

const AZURE_FIN: Sourced<SimSpan> = Sourced::read(SimSpan::from_seconds(240), APP_SERVICE);
const AZURE_RESET: Sourced<SimSpan> = Sourced::read(SimSpan::from_seconds(15), APP_SERVICE);
const AZURE_IDLE: Sourced<SimSpan> = Sourced::read(SimSpan::from_seconds(240), AZURE_LB);
const AZURE_DROPS: Sourced<Forgotten> = Sourced::uncertain(
    Forgotten::Dropped,
    "the TCP reset of the Standard Load Balancer is an option that is off by default; not read",
);

const fn azure(
    name: &'static str,
    title: &'static str,
    allocation: Sourced<NatAllocation>,
) -> NatPreset {
    NatPreset {
        name,
        title,
        allocation,
        hold_after_fin: AZURE_FIN,
        hold_after_reset: AZURE_RESET,
        idle_timeout: AZURE_IDLE,
        forgotten: AZURE_DROPS,
    }
}

/// Every NAT preset.
pub static ALL: &[NatPreset] = &[
    azure(
        "azure-app-service",
        "Azure App Service: ports preallocated to each instance",
        Sourced::read(NatAllocation::PerInstance(128), APP_SERVICE),
    ),
    azure(
        "azure-lb",
        "Azure Load Balancer, default allocation by the number of instances",
        Sourced::read(NatAllocation::BySize(AZURE_STEPS), AZURE_LB),
    ),
    azure(
        "azure-lb-rules",
        "Azure Load Balancer, outbound rules: all ports divided among the instances",
        Sourced::read(
            NatAllocation::Divided {
                per_address: 64_000,
                addresses: 1,
            },
            AZURE_LB,
        ),
    ),
    NatPreset {
        name: "azure-nat-gateway",
        title: "Azure NAT Gateway, shared by all instances",
        allocation: Sourced::read(
            NatAllocation::Shared {
                per_address: 50_000,
                addresses: 1,
            },
            AZURE_GATEWAY,
        ),
        hold_after_fin: Sourced::read(SimSpan::from_seconds(65), AZURE_GATEWAY),
        hold_after_reset: Sourced::read(SimSpan::from_seconds(16), AZURE_GATEWAY),
        idle_timeout: Sourced::read(SimSpan::from_seconds(240), AZURE_GATEWAY),
        forgotten: Sourced::uncertain(
            Forgotten::Reset,
            "a packet of a closed flow is answered by a reset; from memory, not read",
        ),
    },
    NatPreset {
        name: "aws-nat-gateway",
        title: "AWS NAT Gateway, shared by all instances",
        allocation: Sourced::read(
            NatAllocation::Shared {
                per_address: 55_000,
                addresses: 1,
            },
            AWS,
        ),
        hold_after_fin: Sourced::derived(
            SimSpan::from_seconds(60),
            "55,000 ports and \"approximately 900 connections per second\" (nat-gateway-basics)",
        ),
        hold_after_reset: Sourced::uncertain(
            SimSpan::from_seconds(60),
            "taken to be as long as after FINs; not read",
        ),
        idle_timeout: Sourced::read(SimSpan::from_seconds(350), AWS),
        forgotten: Sourced::uncertain(
            Forgotten::Reset,
            "a packet of a timed-out connection is answered by a reset; from memory, not read",
        ),
    },
    NatPreset {
        name: "gcp-nat",
        title: "GCP Cloud NAT, static allocation, minimum of each VM",
        allocation: Sourced::read(NatAllocation::PerInstance(64), GCP),
        hold_after_fin: Sourced::read(SimSpan::from_seconds(120), GCP),
        hold_after_reset: Sourced::uncertain(
            SimSpan::from_seconds(30),
            "the timeout of transitory connections; that it holds for resets was not read",
        ),
        idle_timeout: Sourced::read(SimSpan::from_seconds(1_200), GCP),
        forgotten: Sourced::uncertain(Forgotten::Dropped, "not read"),
    },
    NatPreset {
        name: "gcp-nat-dynamic",
        title: "GCP Cloud NAT, dynamic allocation without a maximum for each VM",
        allocation: Sourced::uncertain(
            NatAllocation::Shared {
                per_address: 64_512,
                addresses: 1,
            },
            "64,512 ports of an address; that a VM's share grows in steps is left out",
        ),
        hold_after_fin: Sourced::read(SimSpan::from_seconds(120), GCP),
        hold_after_reset: Sourced::uncertain(
            SimSpan::from_seconds(30),
            "the timeout of transitory connections; that it holds for resets was not read",
        ),
        idle_timeout: Sourced::read(SimSpan::from_seconds(1_200), GCP),
        forgotten: Sourced::uncertain(Forgotten::Dropped, "not read"),
    },
];

/// The preset called `name` in scenarios.
pub fn find(name: &str) -> Option<&'static NatPreset> {
    ALL.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published numbers: 64,000 ports of a frontend address, minus what the steps lose.
    #[test]
    fn azures_steps_never_give_out_more_than_an_address_has() {
        for (instances, ports) in AZURE_STEPS {
            assert!(instances * ports <= 64_000, "{instances} x {ports}");
        }
    }
}
