//! `[nat]`: the port table behind the machines, and the same as a strategy's `nat`.

use super::machine::SCOPES;
use crate::model::nat::{Forgotten, Nat, NatAllocation};
use crate::model::settings::PortScope;
use crate::profiles::nats::{self, NatPreset};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{self, Fields};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Unread, is_word, unknown_word, wrong_type};
use crate::units::SimSpan;
use alloc::format;
use alloc::vec::Vec;

/// Most ports of one public address.
const MOST_PORTS: u64 = 64_512;

/// Most public addresses of a NAT. A bound of ours.
const MOST_ADDRESSES: u64 = 1_000;

/// The words of `when-forgotten`.
const FATES: &[(&str, Forgotten)] = &[("drop", Forgotten::Dropped), ("reset", Forgotten::Reset)];

/// Reads `[nat]`, or a strategy's `nat`: a table, the name of a preset, or "none" (`None`).
pub(super) fn nat(node: &Node, problems: &mut Problems) -> Result<Option<Nat>, Unread> {
    match &node.value {
        Value::Text(_) if is_word(node, "none") => Ok(None),
        Value::Text(name) => {
            let preset = preset(node, "nat", name, problems).ok_or(Unread)?;
            Ok(Some(of_preset(preset)))
        }
        Value::Table(_) => table(node, problems).map(Some).ok_or(Unread),
        _ => {
            let wanted = "a table, a preset such as `\"azure-lb\"`, or `\"none\"`";
            wrong_type(problems, "nat", node, wanted);
            Err(Unread)
        }
    }
}

fn preset(
    node: &Node,
    key: &str,
    name: &str,
    problems: &mut Problems,
) -> Option<&'static NatPreset> {
    let found = nats::find(name);
    if found.is_none() {
        let known: Vec<&str> = nats::ALL.iter().map(|preset| preset.name).collect();
        unknown_word(problems, node, key, name, &known);
    }
    found
}

fn of_preset(preset: &NatPreset) -> Nat {
    Nat {
        allocation: preset.allocation.value,
        preset: Some(preset.name.into()),
        hold_after_fin: preset.hold_after_fin.value,
        hold_after_reset: preset.hold_after_reset.value,
        idle_timeout: Some(preset.idle_timeout.value),
        forgotten: preset.forgotten.value,
        scope: NatPreset::SCOPE,
    }
}

/// A NAT of so many ports about which nothing else is said.
fn counted(ports: u32, shared: bool) -> Nat {
    let allocation = if shared {
        NatAllocation::Shared {
            per_address: ports,
            addresses: 1,
        }
    } else {
        NatAllocation::PerInstance(ports)
    };
    Nat {
        allocation,
        preset: None,
        hold_after_fin: SimSpan::ZERO,
        hold_after_reset: SimSpan::ZERO,
        idle_timeout: None,
        forgotten: Forgotten::Dropped,
        scope: PortScope::Destination,
    }
}

fn table(node: &Node, problems: &mut Problems) -> Option<Nat> {
    let fields = Fields::open(node, "nat", file::NAT, problems)?;
    let help = "a preset such as `ports = \"azure-lb\"`, or how many ports an instance has";
    let ports = fields.require("ports", "nat", help, problems)?;
    let shared = fields.flag("shared", problems);
    let mut nat = if let Value::Text(name) = &ports.value {
        if let Some(entry) = fields.entry("shared") {
            problems
                .error(&entry.place, "`shared` has no meaning beside a preset")
                .help("the preset says who shares its ports");
        }
        of_preset(preset(ports, "ports", name, problems)?)
    } else {
        let count = value::count(ports, "ports", 1, MOST_PORTS, problems)?;
        counted(count as u32, shared.unwrap_or(false))
    };
    if let Some(count) = fields.count("addresses", 1, MOST_ADDRESSES, problems) {
        set_addresses(&mut nat, count as u32, &fields, problems);
    }
    if let Some(hold) = fields.span("hold-after-fin", problems) {
        nat.hold_after_fin = hold;
    }
    if let Some(hold) = fields.span("hold-after-reset", problems) {
        nat.hold_after_reset = hold;
    }
    if let Some(node) = fields.get("idle-timeout")
        && let Ok(span) = value::span_above_zero_or_never(node, "idle-timeout", problems)
    {
        nat.idle_timeout = span;
    }
    if let Some(fate) = fields.choice("when-forgotten", FATES, problems) {
        nat.forgotten = fate;
    }
    if let Some(scope) = fields.choice("scope", SCOPES, problems) {
        nat.scope = scope;
    }
    Some(nat)
}

fn set_addresses(nat: &mut Nat, count: u32, fields: &Fields<'_>, problems: &mut Problems) {
    match &mut nat.allocation {
        NatAllocation::Shared { addresses, .. } | NatAllocation::Divided { addresses, .. } => {
            *addresses = count;
        }
        NatAllocation::PerInstance(_) | NatAllocation::BySize(_) => {
            if let Some(entry) = fields.entry("addresses") {
                let message = "`addresses` has no meaning where every instance has its own ports";
                problems
                    .error(&entry.place, message)
                    .help("it belongs to `shared = true`, \"azure-lb-rules\" and the NAT gateways");
            }
        }
    }
}

/// The word for `when-forgotten`.
pub(in crate::scenario) fn forgotten_word(fate: Forgotten) -> &'static str {
    let found = FATES.iter().find(|(_, known)| *known == fate);
    found.map_or("drop", |(word, _)| word)
}

/// The keys and values of a NAT as TOML writes them; the value of a default is told apart.
pub(in crate::scenario) fn pairs(nat: &Nat) -> Vec<(&'static str, alloc::string::String)> {
    use crate::scenario::words::{never, span, text};
    let (ports, shared, addresses) = match nat.allocation {
        NatAllocation::PerInstance(ports) => (Some(ports), false, None),
        NatAllocation::BySize(_) => (None, false, None),
        NatAllocation::Shared {
            per_address,
            addresses,
        } => (Some(per_address), true, Some(addresses)),
        NatAllocation::Divided { addresses, .. } => (None, false, Some(addresses)),
    };
    let name = nat.preset.as_ref().map(|name| text(name));
    let is_preset = name.is_some();
    let ports = name.unwrap_or_else(|| format!("{}", ports.unwrap_or(0)));
    let mut pairs = alloc::vec![("ports", ports)];
    if shared && !is_preset {
        pairs.push(("shared", "true".into()));
    }
    if let Some(addresses) = addresses {
        pairs.push(("addresses", format!("{addresses}")));
    }
    pairs.push(("hold-after-fin", span(nat.hold_after_fin)));
    pairs.push(("hold-after-reset", span(nat.hold_after_reset)));
    pairs.push(("idle-timeout", never(nat.idle_timeout)));
    pairs.push(("when-forgotten", text(forgotten_word(nat.forgotten))));
    pairs.push(("scope", text(super::machine::scope_word(nat.scope))));
    pairs
}
