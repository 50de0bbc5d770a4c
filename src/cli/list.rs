//! `spsim list`: what is built in, each with its source.

use super::args::{ListArgs, Topic};
use super::exit::Exit;
use super::keys;
use super::listing::{Listing, json};
use super::profile_values;
use super::render::Shell;
use crate::model::Thresholds;
use crate::model::nat::NatAllocation;
use crate::model::profile::{Mechanism, Sourced};
use crate::model::settings::PortScope;
use crate::profiles::nats::NatPreset;
use crate::profiles::{self, PortPreset};
use crate::record::Verdict;
use crate::scenario::builtin::BUILTIN;
use anyhow::Result;
use serde::Deserialize;
use std::fmt::Display;

/// Every rule that anything printed here may cite, in words.
const RULES: &str = include_str!("../../docs/rules.md");

/// Where the ids of rules in an answer are explained.
pub(super) const WHERE_RULES_ARE: &str = "Rules such as CG-6: spsim list rules, or docs/rules.md";

/// What the words before a source say.
const HOW_SURE_SOURCES_ARE: &str =
    "[read] in the source itself; [derived] from it, not run; [measured] in runs of the real thing;
[uncertain], with the evidence";

/// Prints one listing, or all of them.
///
/// # Errors
/// stdout cannot be written.
pub fn list(shell: &Shell, args: &ListArgs) -> Result<Exit> {
    let page = match args.topic {
        _ if args.json => None,
        Some(Topic::Rules) => Some(RULES.trim_end().to_owned()),
        Some(Topic::Keys) => Some(keys::page()),
        _ => None,
    };
    if let Some(page) = page {
        shell.print(&page)?;
        return Ok(Exit::Done);
    }
    let topics = [
        Topic::Scenarios,
        Topic::Profiles,
        Topic::Ports,
        Topic::Servers,
        Topic::Strategies,
        Topic::Verdicts,
    ];
    let listings: Vec<Listing> = args
        .topic
        .map_or(topics.to_vec(), |one| vec![one])
        .into_iter()
        .flat_map(listings_of)
        .collect();
    let text = if args.json {
        json(&listings)
    } else {
        let texts: Vec<String> = listings
            .iter()
            .map(|it| it.text(listings.len() > 1))
            .collect();
        let sure = listings.iter().any(Listing::has_sources);
        let sure = sure.then(|| format!("\n\n{HOW_SURE_SOURCES_ARE}"));
        let cites_rules = args.topic.is_none_or(|topic| topic == Topic::Profiles);
        let rules = cites_rules.then(|| format!("\n\n{WHERE_RULES_ARE}"));
        texts.join("\n\n") + &sure.unwrap_or_default() + &rules.unwrap_or_default()
    };
    shell.print(&text)?;
    Ok(Exit::Done)
}

fn listings_of(topic: Topic) -> Vec<Listing> {
    match topic {
        Topic::Scenarios => vec![scenarios()],
        Topic::Profiles => vec![runtimes(), profile_values::listing()],
        Topic::Ports => vec![ports(), nats()],
        Topic::Servers => vec![servers()],
        Topic::Strategies => vec![strategies()],
        Topic::Keys => vec![keys::listing()],
        Topic::Rules => vec![rules()],
        Topic::Verdicts => vec![verdicts()],
    }
}

/// The opening keys of a scenario.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    title: String,
    #[serde(default)]
    question: String,
}

fn scenarios() -> Listing {
    let rows = BUILTIN
        .iter()
        .map(|it| {
            // A test of the scenarios proves that every built-in one can be read.
            let head = toml::from_str(it.toml).unwrap_or(Head {
                title: String::new(),
                question: String::new(),
            });
            vec![it.name.into(), head.title, head.question]
        })
        .collect();
    Listing {
        title: "scenarios",
        header: vec!["name", "title", "question"],
        rows,
    }
}

fn runtimes() -> Listing {
    let rows = profiles::ALL
        .iter()
        .map(|it| {
            let lease = profile_values::lease(it.connection_lease.value);
            vec![
                it.name.into(),
                it.title.into(),
                it.connection_limit.value.to_string(),
                it.max_idle_time.value.to_string(),
                lease.into(),
                idle_unit(&it.mechanism).into(),
                it.summary.into(),
            ]
        })
        .collect();
    Listing {
        title: "profiles",
        header: vec![
            "name",
            "runtime",
            "connection limit",
            "idle time",
            "lease",
            "idle unit",
            "what sets it apart",
        ],
        rows,
    }
}

/// What is released when it has been idle.
fn idle_unit(mechanism: &Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Framework(rules) if rules.group_idle_timer.value => "group",
        Mechanism::Framework(_) => "ServicePoint",
        Mechanism::Mono4 | Mechanism::Mono6 | Mechanism::SocketsHttp(_) => "connection",
    }
}

fn ports() -> Listing {
    Listing {
        title: "ports",
        header: vec![
            "name",
            "ports",
            "count",
            "TIME_WAIT",
            "scope",
            "what it is",
            "source of the ports",
            "source of TIME_WAIT",
        ],
        rows: profiles::ports::ALL.iter().map(port_row).collect(),
    }
}

fn port_row(preset: &PortPreset) -> Vec<String> {
    let range = preset.range.value;
    let last = u32::from(range.first) + range.count - 1;
    let scope = match preset.scope.value {
        PortScope::Host => "host",
        PortScope::Destination => "destination",
    };
    vec![
        preset.name.into(),
        format!("{}-{last}", range.first),
        range.count.to_string(),
        or_not(preset.time_wait.map(|it| it.value), "not modelled"),
        scope.into(),
        preset.title.into(),
        preset.range.cited(),
        or_not(preset.time_wait.as_ref().map(Sourced::cited), ""),
    ]
}

/// NATs: names for `[nat] ports`.
fn nats() -> Listing {
    Listing {
        title: "nat",
        header: vec![
            "name",
            "ports",
            "hold after FIN",
            "hold after reset",
            "idle timeout",
            "what it is",
            "source of the ports",
            "source of the holds",
            "source of idle",
        ],
        rows: profiles::nats::ALL.iter().map(nat_row).collect(),
    }
}

fn nat_row(preset: &NatPreset) -> Vec<String> {
    let ports = match preset.allocation.value {
        NatAllocation::PerInstance(ports) => format!("{ports} an instance"),
        NatAllocation::BySize(steps) => {
            let parts: Vec<String> = steps
                .iter()
                .map(|(up_to, ports)| format!("{ports} up to {up_to}"))
                .collect();
            format!("{} instances", parts.join(", "))
        }
        NatAllocation::Shared { per_address, .. } => format!("{per_address} an address, shared"),
        NatAllocation::Divided { per_address, .. } => {
            format!("{per_address} an address, divided")
        }
    };
    vec![
        preset.name.into(),
        ports,
        preset.hold_after_fin.value.to_string(),
        preset.hold_after_reset.value.to_string(),
        preset.idle_timeout.value.to_string(),
        preset.title.into(),
        preset.allocation.cited(),
        format!(
            "{}; {}",
            preset.hold_after_fin.cited(),
            preset.hold_after_reset.cited()
        ),
        preset.idle_timeout.cited(),
    ]
}

fn or_not(value: Option<impl Display>, otherwise: &str) -> String {
    value.map_or_else(|| otherwise.into(), |value| value.to_string())
}

fn servers() -> Listing {
    let rows = profiles::servers::ALL
        .iter()
        .map(|it| {
            vec![
                it.name.into(),
                it.closes_idle_after.value.to_string(),
                it.title.into(),
                it.closes_idle_after.cited(),
            ]
        })
        .collect();
    Listing {
        title: "servers",
        header: vec!["name", "closes idle after", "what it is", "source"],
        rows,
    }
}

/// The rules as rows, for programs.
fn rules() -> Listing {
    let sections = RULES.split("\n### ").skip(1);
    let rows = sections.filter_map(|section| {
        let (id, rest) = section.split_once('\n')?;
        let words = rest.split("\n#").next().unwrap_or_default();
        let meaning: Vec<&str> = words.split_whitespace().collect();
        Some(vec![id.to_owned(), meaning.join(" ")])
    });
    Listing {
        title: "rules",
        header: vec!["rule", "meaning"],
        rows: rows.collect(),
    }
}

/// The verdicts, from bad to good: the first that is true is given.
fn verdicts() -> Listing {
    let usual = Thresholds::default();
    let row = |verdict: Verdict| {
        let percent = crate::words::number::percent;
        let meaning = match verdict {
            Verdict::Exhausted => "a connect was refused because no port was free".into(),
            Verdict::NearTheLimit => format!(
                "the peak is at {} of the ports or more",
                percent(usual.near_the_limit)
            ),
            Verdict::Failing => format!(
                "{} or more of the requests that ended have failed, for whatever reason",
                percent(usual.failing)
            ),
            Verdict::Queueing => format!(
                "in some tenth of the load, with 100 requests or more, over {} of them wait for a \
                 connection longer than the median of response-time",
                percent(usual.queueing)
            ),
            Verdict::Safe => "none of these".into(),
        };
        let key = match verdict {
            Verdict::NearTheLimit | Verdict::Failing | Verdict::Queueing => {
                format!("verdict.{}", verdict.as_str().replace(' ', "-"))
            }
            Verdict::Exhausted | Verdict::Safe => String::new(),
        };
        vec![verdict.as_str().into(), meaning, key]
    };
    Listing {
        title: "verdicts",
        header: vec!["verdict", "the first that is true", "set by"],
        rows: Verdict::ALL.map(row).into(),
    }
}

fn strategies() -> Listing {
    let rows = keys::of_a_strategy().into_iter().map(|row| {
        let example = format!("{} = {}", row.name, row.example());
        vec![example, row.doc.to_owned()]
    });
    Listing {
        title: "strategies",
        header: vec!["key", "what it changes"],
        rows: rows.collect(),
    }
}
