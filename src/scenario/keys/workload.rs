//! `[workload.NAME]`: a stream of requests.

use super::arrivals::ARRIVALS;
use super::form::{FLAG, Maybe, Number, Plain};
use super::group::GROUP;
use super::key::{ByHand, Field, Key, Shown, Spot, at};
use super::kind::Kind;
use super::retry::RETRY;
use crate::model::Patch;
use crate::model::workload::{Arrivals, ClientPerRequest, GroupRule, Workload};
use crate::scenario::context::Context;
use crate::scenario::read::Read;
use crate::scenario::tree::{Entry, Node, Value, shortened};
use crate::scenario::value::{self, Range, quoted, wrong_type};
use crate::scenario::words::text;
use crate::units::SimTime;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The keys of `[workload.NAME]`.
pub(in crate::scenario) const KEYS: &[Key<Workload>] = &[
    Key::new(
        "client",
        &ByHand::<Workload> {
            kind: || Kind::Text,
            read: |node, spot, workload: &mut Workload, context| {
                let names = core::mem::take(&mut context.clients);
                if let Some(index) = reference(node, spot, &names, context) {
                    workload.client = index;
                }
                context.clients = names;
            },
            write: |workload, _, read| text(&read.scenario.clients[workload.client].name),
        },
        "Which `[client.NAME]` makes the requests. It may be left out where there is only one.",
    )
    .like("\"app\"")
    .shown(|_, read| only_one(read.scenario.clients.len())),
    Key::new(
        "server",
        &ByHand::<Workload> {
            kind: || Kind::Text,
            read: |node, spot, workload: &mut Workload, context| {
                let names = core::mem::take(&mut context.servers);
                if let Some(index) = reference(node, spot, &names, context) {
                    workload.server = index;
                }
                context.servers = names;
            },
            write: |workload, _, read| text(&read.scenario.servers[workload.server].name),
        },
        "Which `[server.NAME]` answers them. It may be left out where there is only one.",
    )
    .like("\"api\"")
    .shown(|_, read| only_one(read.scenario.servers.len())),
    Key::new("arrivals", ARRIVALS, "When requests are made.")
        .needed("for example `arrivals = { poisson = { rate = 50 } }`")
        .like("{ poisson = { rate = 50 } }"),
    Key::new(
        "group",
        &Group,
        "`HttpWebRequest.ConnectionGroupName`: which name each request carries (CG-1).",
    )
    .or("\"none\"", "the trace's own, else none")
    .like("\"unique\"")
    .shown(|workload, _| match workload.group {
        Some(_) => Shown::Set,
        None => Shown::Unset(text("none"), "the trace's own, else none".into()),
    }),
    Key::new(
        "keep-alive",
        at!(Maybe(FLAG), Workload.keep_alive => some KeepAlive),
        "`HttpWebRequest.KeepAlive`: false closes the connection after each request (CN-9).",
    )
    .or(
        "true",
        "the trace's own, else true, as HttpWebRequest has it",
    )
    .like("false")
    .shown(|workload, _| match workload.keep_alive {
        Some(_) => Shown::Set,
        None => Shown::Unset(
            "true".into(),
            "the trace's own, else true, as HttpWebRequest has it".into(),
        ),
    }),
    Key::new(
        "pipelined",
        at!(FLAG, Workload.pipelined),
        "`HttpWebRequest.Pipelined` (AS-5).",
    )
    .or("false", "one request at a time on a connection"),
    Key::new(
        "client-per-request",
        at!(CLIENT_PER_REQUEST, Workload.client_per_request => ClientPerRequest),
        "Whether each request has an `HttpClient` of its own. `HttpWebRequest` of .NET 5 and later \
         makes one where a request has its own proxy, credentials or cookies (NC-3); with \
         `api = \"HttpClient\"` the program does: `true` is disposed after the request, `\"held\"` \
         never, `\"dropped\"` is left to the collector (HC-11 to HC-13).",
    )
    .or("false", "requests share what their API shares")
    .like("\"held\""),
    Key::new(
        "undisposed",
        at!(Number(Range::ShareOrNone), Workload.undisposed => Undisposed),
        "The share of responses that the program neither reads nor disposes: they hold their \
         connections (CN-4, HC-15).",
    )
    .or("0", "every response is read or disposed")
    .like("0.1"),
    Key::new(
        "retry",
        at!(RETRY, Workload.retry => Retry),
        "What the program does after a failed request.",
    )
    .or("\"never\"", "never")
    .like("{ attempts = 3, backoff = \"1s\" }"),
];

/// What `client-per-request` says in a word, beside `true` and `false`.
const OWN_CLIENTS: &[(&str, ClientPerRequest)] = &[
    ("held", ClientPerRequest::Held),
    ("dropped", ClientPerRequest::Dropped),
];

const CLIENT_PER_REQUEST: Plain<ClientPerRequest> = Plain {
    kind: || {
        let words = OWN_CLIENTS.iter().map(|(word, _)| *word).collect();
        Kind::Either(vec![Kind::Flag, Kind::Words(words)])
    },
    read: |node, name, problems| match node.value {
        Value::Flag(false) => Some(ClientPerRequest::No),
        Value::Flag(true) => Some(ClientPerRequest::Disposed),
        Value::Text(_) => value::choice(node, name, OWN_CLIENTS, problems),
        _ => {
            let wanted = "`true`, `false`, `\"held\"` or `\"dropped\"`";
            wrong_type(problems, name, node, wanted);
            None
        }
    },
    write: |rule| match OWN_CLIENTS.iter().find(|(_, known)| known == rule) {
        Some((word, _)) => text(word),
        None => (*rule == ClientPerRequest::Disposed).to_string(),
    },
};

/// `group`; a pool in turn is the patch `groups = N`, whichever way it was written.
struct Group;

const GROUP_OF_WORKLOAD: &dyn Field<Workload> = at!(Maybe(GROUP), Workload.group => some Group);

impl Field<Workload> for Group {
    fn kind(&self) -> Kind {
        GROUP_OF_WORKLOAD.kind()
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, into: &mut Workload, context: &mut Context<'_>) {
        GROUP_OF_WORKLOAD.read(node, spot, into, context);
    }

    fn write(&self, of: &Workload, path: &str, read: &Read) -> String {
        GROUP_OF_WORKLOAD.write(of, path, read)
    }

    fn patches(&self) -> bool {
        true
    }

    fn patch(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Vec<Patch> {
        let mut patches = GROUP_OF_WORKLOAD.patch(node, spot, context);
        for patch in &mut patches {
            if let Patch::Group(GroupRule::Pool {
                size,
                random: false,
            }) = patch
            {
                *patch = Patch::Groups(*size);
            }
        }
        patches
    }

    fn is_of(&self, patch: &Patch) -> bool {
        GROUP_OF_WORKLOAD.is_of(patch)
    }

    fn patched(&self, patch: &Patch, read: &Read) -> Option<String> {
        GROUP_OF_WORKLOAD.patched(patch, read)
    }

    fn patch_of(&self, of: &Workload) -> Option<Patch> {
        GROUP_OF_WORKLOAD.patch_of(of)
    }
}

fn only_one(count: usize) -> Shown {
    match count {
        1 => Shown::Default("the only one"),
        _ => Shown::Set,
    }
}

/// Reads one workload; `None` when it has nothing to speak of.
pub(in crate::scenario) fn workload(entry: &Entry, context: &mut Context<'_>) -> Option<Workload> {
    let name = format!("workload.{}", entry.key);
    let fields = super::open(&entry.value, &name, KEYS, &mut context.problems)?;
    let before = context.problems.errors.len();
    for (key, count) in [
        ("client", context.clients.len()),
        ("server", context.servers.len()),
    ] {
        if fields.get(key).is_none() && count > 1 {
            let message = format!("`{key}` is missing from {}", quoted(&name));
            let help = format!("there are {count}: name one of them");
            context.problems.absent(fields.place(), message, &help);
        }
    }
    let mut workload = Workload {
        name: entry.key.clone(),
        client: 0,
        server: 0,
        arrivals: Arrivals::Poisson { rate: 0.0 },
        from: SimTime::ZERO,
        until: None,
        group: None,
        keep_alive: None,
        pipelined: false,
        client_per_request: ClientPerRequest::No,
        undisposed: 0.0,
        closes_groups: true,
        is_throttled: true,
        retry: None,
    };
    super::read(&fields, (&name, &name), KEYS, &mut workload, context);
    (context.problems.errors.len() == before).then_some(workload)
}

/// The index of the client or server that a key names.
fn reference(
    node: &Node,
    spot: &Spot<'_>,
    names: &[String],
    context: &mut Context<'_>,
) -> Option<usize> {
    let key = spot.name;
    let problems = &mut context.problems;
    let name = value::text(node, key, problems)?;
    let found = names.iter().position(|known| known == name);
    if found.is_none() && !problems.partial {
        let shown = shortened(name);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        problems
            .error(&node.place, format!("unknown {key} `{shown}`"))
            .label(format!("no `[{key}.{shown}]` in this scenario"))
            .suggest(name, &names);
    }
    found
}

/// Whether the workload's requests bring their own response times.
pub(in crate::scenario) fn brings_durations(workload: &Workload) -> bool {
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
