//! `[workload.NAME]`: a stream of requests, and the rules that a strategy shares with it.

use super::arrivals::{arrivals, warn_when_empty};
use super::retry::retry;
use super::{Context, Window};
use crate::model::workload::{Arrivals, GroupRule, Workload};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{self, Fields};
use crate::scenario::tree::{Entry, Node, Value, shortened};
use crate::scenario::value::{self, Range, quoted, unknown_word, wrong_type};
use crate::units::SimSpan;
use alloc::format;

/// Most names of a pool and most users. A bound of ours: open groups have a place in memory.
const MOST_NAMES: u64 = 10_000_000;

/// What a workload may refer to.
pub(super) struct Known<'a> {
    pub(super) clients: &'a [&'a str],
    pub(super) servers: &'a [&'a str],
    pub(super) duration: SimSpan,
}

/// Reads one workload; `None` when it has no arrivals to speak of.
pub(super) fn workload(
    entry: &Entry,
    known: &Known<'_>,
    context: &mut Context<'_>,
) -> Option<(Workload, Window)> {
    let name = format!("workload.{}", entry.key);
    let fields = Fields::open(&entry.value, &name, file::WORKLOAD, &mut context.problems)?;
    let problems = &mut context.problems;
    let client = reference(&fields, "client", &name, known.clients, problems);
    let server = reference(&fields, "server", &name, known.servers, problems);
    let group = fields.get("group").and_then(|node| group(node, problems));
    let keep_alive = fields.flag("keep-alive", problems);
    let pipelined = fields.flag("pipelined", problems).unwrap_or(false);
    let proxy_untouched = fields.flag("proxy-untouched", problems).unwrap_or(false);
    let retry = fields
        .get("retry")
        .and_then(|node| retry(node, problems).ok());
    let help = "for example `arrivals = { poisson = { rate = 50 } }`";
    let node = fields.require("arrivals", &name, help, problems)?;
    let (arrivals, window) = arrivals(node, &format!("{name}.arrivals"), context)?;
    warn_when_empty(
        &entry.key,
        node,
        window,
        known.duration,
        &mut context.problems,
    );
    let workload = Workload {
        name: entry.key.clone(),
        client: client?,
        server: server?,
        arrivals,
        from: window.from,
        until: window.until,
        group,
        keep_alive,
        pipelined,
        proxy_untouched,
        retry: retry.flatten(),
    };
    Some((workload, window))
}

/// The index of the client or server that `key` names; the only one where it is left out.
fn reference(
    fields: &Fields<'_>,
    key: &str,
    of: &str,
    names: &[&str],
    problems: &mut Problems,
) -> Option<usize> {
    let Some(node) = fields.get(key) else {
        if names.len() > 1 {
            let message = format!("`{key}` is missing from {}", quoted(of));
            let help = format!("there are {}: name one of them", names.len());
            problems.absent(fields.place(), message, &help);
        }
        return (names.len() == 1).then_some(0);
    };
    let name = value::text(node, key, problems)?;
    let found = names.iter().position(|known| *known == name);
    if found.is_none() && !problems.partial {
        let shown = shortened(name);
        problems
            .error(&node.place, format!("unknown {key} `{shown}`"))
            .label(format!("no `[{key}.{shown}]` in this scenario"))
            .suggest(name, names);
    }
    found
}

/// Reads `group`.
pub(super) fn group(node: &Node, problems: &mut Problems) -> Option<GroupRule> {
    if let Value::Text(word) = &node.value {
        return group_word(node, word, problems);
    }
    let keys = ["pool", "users", "choose", "exponent"];
    if !matches!(node.value, Value::Table(_)) {
        let wanted = "`\"none\"`, `\"unique\"`, `{ pool = 16 }` or `{ users = 200 }`";
        wrong_type(problems, "group", node, wanted);
        return None;
    }
    let fields = Fields::open(node, "group", &keys, problems)?;
    let kind = file::only_kind(&fields, "group", &["pool", "users"], problems)?;
    let count = value::count(&kind.value, &kind.key, 1, MOST_NAMES, problems);
    if kind.key == "pool" {
        let words = [("in-turn", false), ("random", true)];
        let random = fields.choice("choose", &words, problems).unwrap_or(false);
        if let Some(entry) = fields.entry("exponent") {
            problems.error(&entry.place, "`exponent` has no meaning beside `pool`");
        }
        let size = count? as u32;
        return Some(GroupRule::Pool { size, random });
    }
    let words = [("uniform", false), ("zipf", true)];
    let zipf = fields.choice("choose", &words, problems).unwrap_or(false);
    let exponent = fields.number("exponent", Range::NotNegative, problems);
    if let (Some(entry), false) = (fields.entry("exponent"), zipf) {
        problems
            .error(
                &entry.place,
                "`exponent` has no meaning without `choose = \"zipf\"`",
            )
            .help("add `choose = \"zipf\"`");
    }
    let count = count? as u32;
    let zipf_exponent = if zipf { exponent.unwrap_or(1.0) } else { 0.0 };
    Some(GroupRule::users(count, zipf_exponent))
}

fn group_word(node: &Node, word: &str, problems: &mut Problems) -> Option<GroupRule> {
    const WORDS: [&str; 6] = [
        "none",
        "unique",
        "httpclient-per-request",
        "httpclient-per-request-disposed",
        "ntlm",
        "ntlm-shared",
    ];
    let rule = match word {
        "none" => GroupRule::None,
        "unique" => GroupRule::Unique,
        "httpclient-per-request" => GroupRule::HttpClientPerRequest { disposed: false },
        "httpclient-per-request-disposed" => GroupRule::HttpClientPerRequest { disposed: true },
        "ntlm" => GroupRule::Ntlm,
        "ntlm-shared" => GroupRule::NtlmShared,
        _ => {
            unknown_word(problems, node, "group", word, &WORDS);
            return None;
        }
    };
    Some(rule)
}

/// Reads `groups`: the size of a pool.
pub(super) fn groups(node: &Node, problems: &mut Problems) -> Option<u32> {
    value::count(node, "groups", 1, MOST_NAMES, problems).map(|count| count as u32)
}

/// Whether the workload's requests bring their own response times.
pub(super) fn brings_durations(workload: &Workload) -> bool {
    use crate::model::workload::Action;
    match &workload.arrivals {
        Arrivals::Trace(trace) => trace.has_duration,
        Arrivals::Timeline(actions) => actions.iter().all(|timed| match timed.action {
            Action::Submit {
                duration,
                completed_by_timeline,
                ..
            } => duration.is_some() || completed_by_timeline,
            _ => true,
        }),
        _ => false,
    }
}
