//! `[machine]`: the host whose ports run out.

use super::form::{ABOVE_ZERO, Count, Of, Or, TIME, Words, right};
use super::key::{At, Field, Key, Shown, Spot, at};
use super::kind::{Kind, Row};
use crate::model::Patch;
use crate::model::service::SynRetry;
use crate::model::settings::{IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::profiles::ports::{self, PortPreset};
use crate::scenario::context::Context;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::Fields;
use crate::scenario::read::Read;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, unknown_word, wrong_type};
use crate::scenario::words::{span, text};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

/// The first port of a bare count: where Windows 2003's range began.
const FIRST_OF_COUNT: u16 = 1025;

/// How many ports there are when nobody says: the article's "default 5000".
const DEFAULT_COUNT: u32 = 5_000;

/// Most machines. A bound of ours: each has processes and a port table.
const MOST_INSTANCES: u64 = 1_000;

/// The keys of `[machine]`.
pub(in crate::scenario) const KEYS: &[Key<Machine>] = &[
    Key::new(
        "ports",
        &Ports,
        "The local ports that outgoing connections may take: a count, a preset of `spsim list \
         ports`, or the first and the last. A preset brings `time-wait`, `scope` and `syn-retry`.",
    )
    .or("5000", "5000, as KB 2551125 counts them")
    .like("\"windows\""),
    Key::new(
        "time-wait",
        at!(TIME, Machine.time_wait => TimeWait),
        "How long a port stays taken after the client closed its connection first (PT-3).",
    )
    .or("\"0s\"", "a preset's own; else TIME_WAIT is not modelled")
    .like("\"120s\"")
    .shown(|machine, _| {
        if machine.time_wait_given {
            Shown::Set
        } else {
            Shown::Unset(span(machine.time_wait), "TIME_WAIT is not modelled".into())
        }
    }),
    Key::new(
        "scope",
        at!(SCOPE, Machine.scope => Scope),
        "What one port serves at a time: one connection (Windows), or one for each remote \
         endpoint (Linux) (PT-5).",
    )
    .or("\"host\"", "\"host\" (Windows)")
    .like("\"destination\""),
    Key::new(
        "time-wait-error",
        at!(Words(ERRORS), Machine.time_wait_error),
        "What a refused connect is called when only TIME_WAIT holds the ports (PT-2).",
    )
    .or("\"WSAENOBUFS\"", "the article's 10055")
    .like("\"WSAEADDRINUSE\""),
    Key::new(
        "idle-close",
        at!(Words(CLOSES), Machine.idle_close),
        "How .NET Framework closes an idle connection: a reset frees the port at once, a FIN \
         leaves it in TIME_WAIT (PT-4).",
    )
    .or("\"reset\"", "as read in the source; not settled on Windows")
    .like("\"fin\""),
    Key::new(
        "time-wait-reuse",
        at!(REUSE, Machine.time_wait_reuse_after => TimeWaitReuse),
        "Linux `tcp_tw_reuse`: when no port is free, one in TIME_WAIT for longer than this is \
         taken over.",
    )
    .or("\"never\"", "Linux only")
    .like("{ after = \"1s\" }"),
    Key::new(
        "syn-retry",
        at!(SYN_RETRY, Machine.syn_retry),
        "How a connect is tried again while nobody answers: the wait for the first answer, \
         doubled each time, and how often it is sent again.",
    )
    .or(
        "{ first = \"3s\", times = 2 }",
        "Windows; a preset of Linux: 1 s and 6 times",
    )
    .like("{ first = \"3s\", times = 2 }")
    .shown(|machine, _| {
        if machine.syn_retry == syn_retry_of(machine.preset.as_deref()) {
            Shown::Nothing
        } else {
            Shown::Set
        }
    }),
    Key::new(
        "instances",
        at!(Count(1, MOST_INSTANCES), Machine.instances => Instances),
        "How many machines like this one there are, each with its own ports and processes; the \
         requests of a workload go to them in turn.",
    )
    .or("1", "one machine")
    .like("4")
    .quiet(),
];

/// What one port serves.
pub(super) const SCOPE: Words<PortScope> = Words(&[
    ("host", PortScope::Host),
    ("destination", PortScope::Destination),
]);

const ERRORS: &[(&str, PortErrorName)] = &[
    ("WSAENOBUFS", PortErrorName::Wsaenobufs),
    ("WSAEADDRINUSE", PortErrorName::Wsaeaddrinuse),
    ("EADDRNOTAVAIL", PortErrorName::Eaddrnotavail),
];

const CLOSES: &[(&str, IdleClose)] = &[("reset", IdleClose::Reset), ("fin", IdleClose::Fin)];

const REUSE: Or<Of<SimSpan>> = Or(
    "never",
    Of {
        keys: &[Key::new(
            "after",
            &At {
                form: TIME,
                get: |span| span,
                set: |span| span,
                patch: None,
            },
            "How long a port must have been in TIME_WAIT.",
        )
        .needed("`{ after = \"1s\" }`")
        .like("\"1s\"")],
        start: || SimSpan::ZERO,
        check: right,
        wanted: "`\"never\"` or `{ after = \"1s\" }`",
    },
);

const SYN_RETRY: Of<SynRetry> = Of {
    keys: &[
        Key::new(
            "first",
            at!(ABOVE_ZERO, SynRetry.first),
            "The wait for the first answer.",
        )
        .needed("`{ first = \"3s\", times = 2 }`")
        .like("\"3s\""),
        Key::new(
            "times",
            at!(Count(0, 20), SynRetry.times),
            "How often it is sent again.",
        )
        .needed("`{ first = \"3s\", times = 2 }`")
        .like("2"),
    ],
    start: || SynRetry::WINDOWS,
    check: right,
    wanted: "a table",
};

/// The machine when nothing is said about it.
pub(in crate::scenario) fn default_machine() -> Machine {
    Machine {
        ports: counted(DEFAULT_COUNT),
        preset: None,
        time_wait: SimSpan::ZERO,
        time_wait_given: false,
        scope: PortScope::Host,
        time_wait_error: PortErrorName::Wsaenobufs,
        idle_close: IdleClose::Reset,
        time_wait_reuse_after: None,
        syn_retry: SynRetry::WINDOWS,
        instances: 1,
    }
}

/// Reads `[machine]`.
pub(in crate::scenario) fn machine(node: Option<&Node>, context: &mut Context<'_>) -> Machine {
    let mut machine = default_machine();
    let fields = node.and_then(|node| super::open(node, "machine", KEYS, &mut context.problems));
    if let Some(fields) = fields {
        super::read(&fields, ("machine", "machine"), KEYS, &mut machine, context);
        machine.time_wait_given |= fields.get("time-wait").is_some();
    }
    machine
}

/// `ports`: what a preset brings holds until a key of its own says something else.
struct Ports;

impl Field<Machine> for Ports {
    fn kind(&self) -> Kind {
        Kind::Shared("ports", || {
            let port = || Kind::Count {
                least: 1,
                most: 65_535,
            };
            Kind::Either(vec![
                Kind::Words(ports::ALL.iter().map(|preset| preset.name).collect()),
                Kind::table([
                    Row::new("first", port(), "The first port.")
                        .needed()
                        .like("1025"),
                    Row::new("last", port(), "The last port.")
                        .needed()
                        .like("5000"),
                ]),
                port(),
            ])
        })
    }

    fn read(&self, node: &Node, _: &Spot<'_>, machine: &mut Machine, context: &mut Context<'_>) {
        match ports_value(node, &mut context.problems) {
            Some(Chosen::Range(range)) => machine.ports = range,
            Some(Chosen::Preset(preset)) => {
                machine.ports = preset.range.value;
                machine.preset = Some(preset.name.into());
                machine.scope = preset.scope.value;
                machine.time_wait_given = preset.time_wait.is_some();
                machine.time_wait = preset_hold(preset);
                machine.syn_retry = syn_retry_of(Some(preset.name));
            }
            None => {}
        }
    }

    fn write(&self, machine: &Machine, _: &str, _: &Read) -> String {
        ports_text(machine.ports, machine.preset.as_deref())
    }

    fn patches(&self) -> bool {
        true
    }

    fn patch(&self, node: &Node, _: &Spot<'_>, context: &mut Context<'_>) -> Vec<Patch> {
        match ports_value(node, &mut context.problems) {
            Some(Chosen::Range(range)) => vec![Patch::Ports {
                range,
                preset: None,
            }],
            Some(Chosen::Preset(found)) => {
                let (range, preset) = (found.range.value, Some(found.name.into()));
                let hold = found.time_wait.as_ref();
                let mut patches = vec![Patch::Ports { range, preset }];
                patches.extend(hold.map(|hold| Patch::TimeWait(hold.value)));
                patches.push(Patch::Scope(found.scope.value));
                patches
            }
            None => Vec::new(),
        }
    }

    fn is_of(&self, patch: &Patch) -> bool {
        matches!(patch, Patch::Ports { .. })
    }

    fn patched(&self, patch: &Patch, _: &Read) -> Option<String> {
        match patch {
            Patch::Ports { range, preset } => Some(ports_text(*range, preset.as_deref())),
            _ => None,
        }
    }

    fn patch_of(&self, machine: &Machine) -> Option<Patch> {
        let (range, preset) = (machine.ports, machine.preset.clone());
        Some(Patch::Ports { range, preset })
    }
}

/// How long a preset holds a port; nothing where it does not say.
fn preset_hold(preset: &PortPreset) -> SimSpan {
    let hold = preset.time_wait.as_ref();
    hold.map_or(SimSpan::ZERO, |hold| hold.value)
}

/// What `ports` may be.
enum Chosen {
    /// A named port table.
    Preset(&'static PortPreset),
    /// A count or a range.
    Range(PortRange),
}

fn ports_value(node: &Node, problems: &mut Problems) -> Option<Chosen> {
    match &node.value {
        Value::Text(name) => {
            let found = ports::find(name);
            if found.is_none() {
                let known: Vec<&str> = ports::ALL.iter().map(|preset| preset.name).collect();
                unknown_word(problems, node, "ports", name, &known);
            }
            found.map(Chosen::Preset)
        }
        Value::Table(_) => range(node, problems).map(Chosen::Range),
        Value::Integer(_) | Value::Float(_) => {
            let count = value::count(node, "ports", 1, 65_535, problems)?;
            Some(Chosen::Range(counted(count as u32)))
        }
        _ => {
            let wanted = "a count, a preset or `{ first = 1025, last = 5000 }`";
            wrong_type(problems, "ports", node, wanted);
            None
        }
    }
}

/// A range of `count` ports. Which ones they are does not matter to anything.
fn counted(count: u32) -> PortRange {
    let highest_first = 65_536 - count;
    let first = u32::from(FIRST_OF_COUNT).min(highest_first) as u16;
    PortRange { first, count }
}

fn range(node: &Node, problems: &mut Problems) -> Option<PortRange> {
    let fields = Fields::open(node, "ports", &["first", "last"], problems)?;
    let help = "`{ first = 1025, last = 5000 }`";
    fields.require("first", "ports", help, problems);
    fields.require("last", "ports", help, problems);
    let first = fields.count("first", 1, 65_535, problems);
    let last = fields.count("last", 1, 65_535, problems);
    let (first, last) = (first?, last?);
    if last < first {
        let message = format!("`last` must not be below `first`, found {last} below {first}");
        problems.error(&node.place, message);
        return None;
    }
    Some(PortRange {
        first: first as u16,
        count: (last - first + 1) as u32,
    })
}

/// How connects are tried again where the ports are those of a preset.
fn syn_retry_of(preset: Option<&str>) -> SynRetry {
    match preset {
        Some("linux") => SynRetry::LINUX,
        _ => SynRetry::WINDOWS,
    }
}

/// The text of `ports` that gives the same ports back.
fn ports_text(range: PortRange, preset: Option<&str>) -> String {
    if let Some(preset) = preset {
        return text(preset);
    }
    if range == counted(range.count) {
        return format!("{}", range.count);
    }
    let last = u32::from(range.first) + range.count - 1;
    format!("{{ first = {}, last = {last} }}", range.first)
}
