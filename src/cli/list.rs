//! `spsim list`: what is built in, each with its source.

use super::args::{ListArgs, Topic};
use super::exit::Exit;
use super::keys;
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
use crate::words::plain;
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, TableStyle};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::io;
use terminal_size::terminal_size_of;

/// Every rule that anything printed here may cite, in words.
const RULES: &str = include_str!("../../docs/rules.md");

/// Where the ids of rules in an answer are explained.
pub(super) const WHERE_RULES_ARE: &str = "Rules such as CG-6: spsim list rules, or docs/rules.md";

/// What the words before a source say.
const HOW_SURE_SOURCES_ARE: &str =
    "[read] in the source itself; [derived] from it, not run; [measured] in runs of the real thing;
[uncertain], with the evidence";

/// How wide lines are where no terminal says.
const WIDTH: usize = 100;

/// The narrowest window for which a table is laid out.
const LEAST_WIDTH: usize = 60;

/// One table of `spsim list`.
pub(super) struct Listing {
    pub(super) title: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

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
            .map(|it| text(it, listings.len() > 1))
            .collect();
        let has_sources = |it: &Listing| it.header.iter().any(|it| is_source(it));
        let sure = listings.iter().any(has_sources);
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

/// Whether a column says where the others are from.
fn is_source(header: &str) -> bool {
    header.starts_with("source")
}

/// A listing as the terminal shows it. Where it is too wide with them, what its sources are stands
/// below the table, line by line.
fn text(listing: &Listing, with_title: bool) -> String {
    let width = terminal_size_of(io::stdout()).map_or(WIDTH, |(width, _)| width.0.into());
    let width = width.max(LEAST_WIDTH);
    let all: Vec<usize> = (0..listing.header.len()).collect();
    let whole = lines(listing, &all, None);
    let mut body = if whole.iter().all(|line| line.chars().count() <= width) {
        whole
    } else {
        let (sources, others): (Vec<usize>, Vec<usize>) = all
            .into_iter()
            .partition(|it| is_source(listing.header[*it]));
        let mut body = lines(listing, &others, Some(width));
        body.extend(sources_of(listing, &sources, width));
        body
    };
    if with_title {
        body.insert(0, listing.title.to_uppercase() + "\n");
    }
    body.join("\n")
}

/// The lines of a table of these columns, as wide as it is or at most so wide.
fn lines(listing: &Listing, columns: &[usize], width: Option<usize>) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_header(columns.iter().map(|it| listing.header[*it]));
    for row in &listing.rows {
        table.add_row(columns.iter().map(|it| &row[*it]));
    }
    if let Some(width) = width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            // A blank on the left, which is taken off again.
            .set_width(u16::try_from(width + 1).unwrap_or(u16::MAX));
    }
    // The preset pads every cell on both sides; text that is piped on should not begin so.
    let unpadded = |line: &str| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned();
    table.lines().map(|line| unpadded(&line)).collect()
}

/// "windows: ports: [read] …; TIME_WAIT: [uncertain] …", a paragraph for each row.
fn sources_of(listing: &Listing, columns: &[usize], width: usize) -> Vec<String> {
    let mut found = Vec::new();
    if !columns.is_empty() {
        found.push("\nsources:".into());
    }
    for row in listing.rows.iter().filter(|_| !columns.is_empty()) {
        let told = columns.iter().filter(|it| !row[**it].is_empty());
        let told: Vec<String> = told
            .map(|it| match listing.header[*it].strip_prefix("source of ") {
                Some(what) => format!("{what}: {}", row[*it]),
                None => row[*it].clone(),
            })
            .collect();
        let text = format!("{}: {}", row[0], told.join("; "));
        found.push(plain::wrapped(&text, width - 2).join("\n  "));
    }
    found
}

/// `{"ports": [{"name": …}]}`: the header's words are the keys.
fn json(listings: &[Listing]) -> String {
    let object = |listing: &Listing, row: &[String]| -> Value {
        let pairs = listing.header.iter().map(|it| it.replace(' ', "_"));
        let values = row.iter().map(|it| Value::String(it.clone()));
        pairs.zip(values).collect()
    };
    let document: Map<String, Value> = listings
        .iter()
        .map(|listing| {
            let rows = listing.rows.iter().map(|row| object(listing, row));
            (listing.title.replace(' ', "_"), rows.collect())
        })
        .collect();
    format!("{:#}", Value::Object(document))
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

/// `source [certainty]`.
pub(super) fn source<T>(value: &Sourced<T>) -> String {
    format!("[{}] {}", value.certainty.mark(), value.source)
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
        source(&preset.range),
        or_not(preset.time_wait.as_ref().map(source), ""),
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
        source(&preset.allocation),
        format!(
            "{}; {}",
            source(&preset.hold_after_fin),
            source(&preset.hold_after_reset)
        ),
        source(&preset.idle_timeout),
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
                source(&it.closes_idle_after),
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
