//! `[nat]`: the port table behind the machines, and the same as a strategy's `nat`.

use super::form::{ABOVE_ZERO, Count, Or, TIME, Words};
use super::key::{ByHand, Form, Key, Shown, Spot, at, rows};
use super::kind::Kind;
use super::machine::SCOPE;
use crate::model::nat::{Forgotten, Nat, NatAllocation};
use crate::model::profile::Sourced;
use crate::model::settings::PortScope;
use crate::profiles::nats::{self, NatPreset};
use crate::scenario::context::Context;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, is_word, unknown_word, wrong_type};
use crate::scenario::words::text;
use crate::units::SimSpan;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Most ports of one public address.
const MOST_PORTS: u64 = 64_512;

/// Most public addresses of a NAT. A bound of ours.
const MOST_ADDRESSES: u64 = 1_000;

/// The keys of `[nat]`.
pub(in crate::scenario) const KEYS: &[Key<Nat>] = &[
    Key::new(
        "ports",
        &ByHand::<Nat> {
            kind: || {
                let ports = Kind::Count {
                    least: 1,
                    most: MOST_PORTS,
                };
                Kind::Either(vec![preset_names(), ports])
            },
            read: |_, _, _, _| {},
            write: |nat, _, _| match (&nat.preset, nat.allocation) {
                (Some(preset), _) => text(preset),
                (None, NatAllocation::PerInstance(ports)) => ports.to_string(),
                (None, NatAllocation::Shared { per_address, .. }) => per_address.to_string(),
                (None, _) => unreachable!("only presets allocate otherwise"),
            },
        },
        "How many ports each instance has (with `shared`, each address), or a preset of `spsim \
         list ports` with all it brings.",
    )
    .needed("a preset such as `ports = \"azure-lb\"`, or how many ports an instance has")
    .like("\"azure-lb\"")
    .shown(|nat, _| match preset_of(nat) {
        Some(preset) => Shown::Default(preset.allocation.source),
        None => Shown::Set,
    }),
    Key::new(
        "shared",
        &ByHand::<Nat> {
            kind: || Kind::Flag,
            read: |_, _, _, _| {},
            write: |nat, _, _| match (&nat.preset, nat.is_shared()) {
                (None, true) => "true".into(),
                _ => String::new(),
            },
        },
        "Whether all instances share the ports.",
    )
    .or("false", "each has its own; a preset says it itself"),
    Key::new(
        "addresses",
        &ByHand::<Nat> {
            kind: || ADDRESSES.kind(),
            read: |_, _, _, _| {},
            write: |nat, _, _| match nat.allocation {
                NatAllocation::Shared { addresses, .. }
                | NatAllocation::Divided { addresses, .. } => addresses.to_string(),
                NatAllocation::PerInstance(_) | NatAllocation::BySize(_) => String::new(),
            },
        },
        "How many public addresses there are, each with so many ports.",
    )
    .like("2")
    .shown(|_, _| Shown::Set),
    Key::new(
        "hold-after-fin",
        at!(TIME, Nat.hold_after_fin),
        "How long a port stays taken after its connection was closed by FINs.",
    )
    .or("\"0s\"", "a preset's own; else at once")
    .like("\"4min\"")
    .shown(|nat, _| from_preset(nat, |preset| (&preset.hold_after_fin, nat.hold_after_fin))),
    Key::new(
        "hold-after-reset",
        at!(TIME, Nat.hold_after_reset),
        "How long a port stays taken after its connection was reset or never established.",
    )
    .or("\"0s\"", "a preset's own; else at once")
    .like("\"1min\"")
    .shown(|nat, _| {
        from_preset(nat, |preset| {
            (&preset.hold_after_reset, nat.hold_after_reset)
        })
    }),
    Key::new(
        "idle-timeout",
        at!(Or("never", ABOVE_ZERO), Nat.idle_timeout),
        "After how long without a packet a flow is forgotten.",
    )
    .or("\"never\"", "a preset's own; else never")
    .like("\"4min\"")
    .shown(|nat, _| match (preset_of(nat), nat.idle_timeout) {
        (Some(preset), Some(timeout)) if timeout == preset.idle_timeout.value => {
            Shown::Default(preset.idle_timeout.source)
        }
        _ => Shown::Set,
    }),
    Key::new(
        "when-forgotten",
        at!(Words(FATES), Nat.forgotten),
        "What the next packet of a forgotten flow meets: it is dropped, or answered by a reset.",
    )
    .or("\"drop\"", "a preset's own; else dropped")
    .like("\"reset\"")
    .shown(|nat, _| from_preset(nat, |preset| (&preset.forgotten, nat.forgotten))),
    Key::new(
        "scope",
        at!(SCOPE, Nat.scope),
        "What one port serves at a time: one connection, or one for each remote endpoint.",
    )
    .or("\"destination\"", "NATs do")
    .like("\"host\"")
    .shown(|_, _| Shown::Set),
];

const FATES: &[(&str, Forgotten)] = &[("drop", Forgotten::Dropped), ("reset", Forgotten::Reset)];

const ADDRESSES: Count = Count(1, MOST_ADDRESSES);

fn preset_names() -> Kind {
    Kind::Words(nats::ALL.iter().map(|preset| preset.name).collect())
}

fn preset_of(nat: &Nat) -> Option<&'static NatPreset> {
    nat.preset.as_deref().and_then(nats::find)
}

/// A value that is its preset's own is shown with the preset's source.
fn from_preset<T: PartialEq + 'static>(
    nat: &Nat,
    of: impl Fn(&'static NatPreset) -> (&'static Sourced<T>, T),
) -> Shown {
    match preset_of(nat).map(of) {
        Some((sourced, value)) if sourced.value == value => Shown::Default(sourced.source),
        _ => Shown::Set,
    }
}

/// `[nat]`, or a strategy's `nat`: a table, a preset, or none.
pub(super) struct Nats;

/// `[nat]`, or a strategy's `nat`.
pub(super) const NAT: Nats = Nats;

impl Form for Nats {
    type Value = Option<Nat>;

    fn kind(&self) -> Kind {
        Kind::Either(vec![
            Kind::Words(vec!["none"]),
            Kind::table(rows(KEYS)),
            preset_names(),
        ])
    }

    fn read(&self, node: &Node, _: &Spot<'_>, context: &mut Context<'_>) -> Option<Option<Nat>> {
        match &node.value {
            Value::Text(_) if is_word(node, "none") => Some(None),
            Value::Text(name) => {
                let preset = preset(node, "nat", name, &mut context.problems)?;
                Some(Some(of_preset(preset)))
            }
            Value::Table(_) => table(node, context).map(Some),
            _ => {
                let wanted = "a table, a preset such as `\"azure-lb\"`, or `\"none\"`";
                wrong_type(&mut context.problems, "nat", node, wanted);
                None
            }
        }
    }

    fn write(&self, nat: &Option<Nat>, path: &str, read: &Read) -> String {
        let Some(nat) = nat else {
            return text("none");
        };
        let mut pairs = Vec::new();
        super::show(KEYS, nat, path, read, |key, value, _| {
            pairs.push(format!("{key} = {value}"));
        });
        format!("{{ {} }}", pairs.join(", "))
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

fn table(node: &Node, context: &mut Context<'_>) -> Option<Nat> {
    let problems = &mut context.problems;
    let fields = super::open(node, "nat", KEYS, problems)?;
    let shared = fields.flag("shared", problems);
    let mut nat = counted(1, false);
    if let Some(ports) = fields.get("ports") {
        nat = if let Value::Text(name) = &ports.value {
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
    }
    if let Some(count) = fields.count("addresses", ADDRESSES.0, ADDRESSES.1, problems) {
        set_addresses(&mut nat, count as u32, &fields, problems);
    }
    super::read(&fields, ("nat", "nat"), KEYS, &mut nat, context);
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
