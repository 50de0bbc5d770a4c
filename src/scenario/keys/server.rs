//! `[server.NAME]`: one remote endpoint.

use super::form::{ABOVE_ZERO, Count, FLAG, Number, Or, Plain, TIME, Words};
use super::key::{ByHand, Key, Shown, at};
use super::kind::Kind;
use super::law::LAW;
use super::service;
use crate::model::service::{AbandonedWork, QueueFull};
use crate::model::settings::{Closer, Server};
use crate::model::{Law, Service};
use crate::profiles::servers;
use crate::scenario::context::Context;
use crate::scenario::diagnostic::{Place, Problems};
use crate::scenario::tree::{Entry, Node, Value, shortened};
use crate::scenario::value::{self, Range};
use crate::scenario::words::{span, text};
use crate::units::SimSpan;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

/// The keys of `[server.NAME]`.
pub(in crate::scenario) const KEYS: &[Key<Server>] = &[
    Key::new(
        "uri",
        &ByHand::<Server> {
            kind: || Kind::Text,
            read: |node, spot, server: &mut Server, context| {
                if let Some(uri) = value::text(node, spot.name, &mut context.problems) {
                    set_address(server, uri, &node.place, &mut context.problems);
                }
            },
            write: |server, _, _| text(&server.uri),
        },
        "The address, as in `\"http://api.example.com/\"`. Servers with one scheme, host and port \
         are one ServicePoint (SP-1).",
    )
    .like("\"http://api.example.com/\"")
    .shown(|server, _| {
        if server.uri == own_uri(&server.name) {
            Shown::Default("the server's name")
        } else {
            Shown::Set
        }
    }),
    Key::new(
        "connect-time",
        at!(LAW, Server.connect_time),
        "How long a connect takes.",
    )
    .or("\"0s\"", "0")
    .like("\"5ms\""),
    Key::new(
        "response-time",
        at!(LAW, Server.response_time),
        "From sending a request to the end of its response. It must be there unless all requests \
         come from a trace or a timeline that says how long each takes.",
    )
    .like("{ exponential = { mean = \"100ms\" } }"),
    Key::new(
        "header-time",
        at!(Number(Range::ShareOrNone), Server.service.header_time),
        "When the headers of a response come, as a share of the work on it: from then on a \
         connection that it closes takes no further request of its pipeline (AS-7), the request's \
         own timeout is over (TM-5), and the program may close or abort what it reads (CN-5, \
         FL-9). On .NET Framework.",
    )
    .or("1", "headers and end are one moment")
    .like("0.1")
    .quiet(),
    Key::new(
        "closes-idle-after",
        at!(Or("never", PRODUCT), Server.closes_idle_after),
        "The server closes a connection that was idle this long: a time, or a product of `spsim \
         list servers`, which stands for its default.",
    )
    .or("\"never\"", "never")
    .like("\"2min\""),
    Key::new(
        "closes-after-requests",
        at!(
            Or("never", Count(1, u32::MAX as u64)),
            Server.closes_after_requests
        ),
        "The server answers the n-th request of a connection with `Connection: close`.",
    )
    .or("\"never\"", "never")
    .like("100"),
    Key::new(
        "says-close",
        at!(FLAG, Server.says_close),
        "Whether that answer says so; else a FIN comes behind it, which clients find later (HC-19).",
    )
    .or("true", "`Connection: close` is how HTTP says it")
    .quiet(),
    Key::new(
        "keep-alive-timeout",
        at!(Or("never", ABOVE_ZERO), Server.keep_alive_timeout),
        "What answers say in the header `Keep-Alive: timeout`: .NET 8 closes connections that were \
         idle this long (HC-10).",
    )
    .or("\"never\"", "no such header")
    .like("\"3s\"")
    .quiet(),
    Key::new(
        "active-close",
        at!(Words(SIDES), Server.active_close),
        "Who sends FIN first in a `Connection: close` exchange, and so keeps TIME_WAIT (PT-3).",
    )
    .or(
        "\"server\"",
        "an assumption: a server that closes frees the client's port",
    )
    .like("\"client\""),
    Key::new(
        "workers",
        at!(Or("unlimited", Count(1, service::MOST_WORKERS)), Server.service.workers => Workers),
        "How many requests the server works on at a time.",
    )
    .or("\"unlimited\"", "a pure delay")
    .like("8")
    .quiet(),
    Key::new(
        "queue",
        at!(Or("unlimited", Count(0, service::MOST_WORKERS)), Server.service.queue => Queue),
        "How many requests may wait for a worker.",
    )
    .or("\"unlimited\"", "no bound")
    .like("100")
    .shown(|it, _| service::shown(it, it.service.queue.is_none(), "no bound")),
    Key::new(
        "queue-full",
        at!(Words(service::QUEUE_FULLS), Server.service.queue_full),
        "What a request gets that finds the queue full.",
    )
    .or("\"503\"", "HTTP.sys answers 503")
    .like("\"reset\"")
    .shown(|it, _| {
        let usual = it.service.queue_full == QueueFull::default();
        service::shown(it, usual, "HTTP.sys answers 503")
    }),
    Key::new(
        "abandoned-work",
        at!(Words(service::FATES), Server.service.abandoned_work => AbandonedWork),
        "What becomes of the work for a request whose client has given up.",
    )
    .or("\"finishes\"", "a server at work reads nothing")
    .like("\"stops\"")
    .shown(|it, _| {
        let usual = it.service.abandoned_work == AbandonedWork::default();
        service::shown(it, usual, "a server at work reads nothing")
    }),
    Key::new(
        "outages",
        at!(service::OUTAGES, Server.service.outages),
        "Times in which the server does not answer, one after the other.",
    )
    .like("[{ from = \"60s\", until = \"90s\", kind = \"hang\" }]"),
    Key::new(
        "slow-downs",
        at!(service::SLOW_DOWNS, Server.service.slow_downs),
        "Times in which work takes longer.",
    )
    .like("[{ from = \"60s\", until = \"90s\", factor = 10 }]"),
    Key::new(
        "moves-at",
        at!(service::MOVES, Server.moves_at),
        "When the server's name leads to another address: an instant, or several in order. Open \
         connections stay where they are.",
    )
    .like("\"60s\""),
    Key::new(
        "old-address-down-after",
        at!(Or("never", TIME), Server.old_address_down_after),
        "How long after the name has left it an address is gone: its connections are closed and \
         connects to it are refused.",
    )
    .or("\"never\"", "old addresses stay up")
    .like("\"5min\"")
    .quiet(),
];

const SIDES: &[(&str, Closer)] = &[("server", Closer::Server), ("client", Closer::Client)];

/// A time, or the name of a server product.
const PRODUCT: Plain<SimSpan> = Plain {
    kind: || {
        let names = servers::ALL.iter().map(|preset| preset.name).collect();
        Kind::Either(vec![Kind::Words(names), Kind::ABOVE_ZERO])
    },
    read: closes_idle_after,
    write: |time| span(*time),
};

/// A server, and whether its author left the response time out.
pub(in crate::scenario) struct CheckedServer {
    pub(in crate::scenario) server: Server,
    /// Where the table is, when it has no `response-time`.
    pub(in crate::scenario) no_response_time: Option<Place>,
}

fn own_uri(name: &str) -> String {
    format!("http://{name}/")
}

/// Reads one server.
pub(in crate::scenario) fn server(entry: &Entry, context: &mut Context<'_>) -> CheckedServer {
    let name = format!("server.{}", entry.key);
    let mut server = Server {
        name: entry.key.clone(),
        uri: String::new(),
        key: String::new(),
        loopback: false,
        connect_time: Law::Constant(SimSpan::ZERO),
        response_time: Law::Constant(SimSpan::ZERO),
        closes_idle_after: None,
        closes_after_requests: None,
        active_close: Closer::Server,
        says_close: true,
        keep_alive_timeout: None,
        service: Service::default(),
        moves_at: Vec::new(),
        old_address_down_after: None,
    };
    let Some(fields) = super::open(&entry.value, &name, KEYS, &mut context.problems) else {
        let no_response_time = None;
        return CheckedServer {
            server,
            no_response_time,
        };
    };
    if fields.get("uri").is_none() {
        set_address(
            &mut server,
            &own_uri(&entry.key),
            &entry.place,
            &mut context.problems,
        );
    }
    super::read(&fields, (&name, &name), KEYS, &mut server, context);
    let absent = fields.get("response-time").is_none();
    CheckedServer {
        server,
        no_response_time: absent.then(|| fields.place().clone()),
    }
}

fn set_address(server: &mut Server, uri: &str, place: &Place, problems: &mut Problems) {
    server.uri = uri.into();
    if let Some(address) = address(uri, place, problems) {
        server.key = address.key;
        server.loopback = address.loopback;
    }
}

/// Reads `closes-idle-after`: a time or the name of a server product.
fn closes_idle_after(node: &Node, name: &str, problems: &mut Problems) -> Option<SimSpan> {
    if let Value::Text(text) = &node.value
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        if let Some(preset) = servers::find(text) {
            return Some(preset.closes_idle_after.value);
        }
        let mut known: Vec<&str> = servers::ALL.iter().map(|preset| preset.name).collect();
        known.push("never");
        value::unknown_word(problems, node, name, text, &known);
        return None;
    }
    value::span_above_zero(node, name, problems)
}

/// What a URI comes to.
struct Address {
    /// The ServicePoint's key (SP-1).
    key: String,
    /// Whether .NET believes it to be this machine before it asked DNS (LIM-2).
    loopback: bool,
}

/// Reads `scheme://[user@]host[:port][/…]`.
fn address(uri: &str, place: &Place, problems: &mut Problems) -> Option<Address> {
    let mut fail = |message: String, help: &str| {
        problems.error(place, message).help(help);
        None
    };
    let shown = shortened(uri);
    let lower = uri.to_ascii_lowercase();
    let Some((scheme, rest)) = lower.split_once("://") else {
        let message = format!("`uri` must start with `http://` or `https://`, found `{shown}`");
        return fail(message, "write it as in `\"http://api.example.com/\"`");
    };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => {
            let message = format!("`uri` has the unknown scheme `{}`", shortened(scheme));
            return fail(message, "`http` and `https` are known");
        }
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host_port = authority.rsplit('@').next().unwrap_or("");
    // The colons of an IPv6 address are inside brackets.
    let after_bracket = host_port.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match host_port[after_bracket..].find(':') {
        Some(colon) => {
            let (host, port) = host_port.split_at(after_bracket + colon);
            match port[1..].parse::<u16>() {
                Ok(port) if port > 0 => (host, port),
                _ => {
                    let message = format!("`uri` has the port `{}`", shortened(&port[1..]));
                    return fail(message, "a port is a number from 1 to 65535");
                }
            }
        }
        None => (host_port, default_port),
    };
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\' || c == '"';
    if host.is_empty() || host.contains(is_odd) {
        let message = format!("`uri` has no host name, found `{shown}`");
        return fail(message, "write it as in `\"http://api.example.com/\"`");
    }
    let key = if port == default_port {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    };
    let loopback = is_loopback(host);
    Some(Address { key, loopback })
}

fn is_loopback(host: &str) -> bool {
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    bare == "localhost"
        || bare == "loopback"
        || bare
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || bare
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(uri: &str) -> Result<(String, bool), String> {
        let mut problems = Problems::default();
        match address(uri, &Place::File, &mut problems) {
            Some(address) => Ok((address.key, address.loopback)),
            None => Err(problems.errors.remove(0).message),
        }
    }

    #[test]
    fn the_key_is_scheme_and_host_and_an_unusual_port() {
        // SP-1: path, user information and letter case do not matter, the default port neither.
        let key = |uri| key_of(uri).map(|(key, _)| key);
        assert_eq!(
            key("http://API.example.com/a?b").as_deref(),
            Ok("http://api.example.com")
        );
        assert_eq!(key("http://me:x@h:80/").as_deref(), Ok("http://h"));
        assert_eq!(key("https://h:8443").as_deref(), Ok("https://h:8443"));
        assert_eq!(
            key("http://[::1]:8080/").as_deref(),
            Ok("http://[::1]:8080")
        );
    }

    #[test]
    fn loopback_is_guessed_from_the_name() {
        // LIM-2, before DNS.
        for uri in [
            "http://localhost/",
            "http://loopback",
            "http://127.8.9.1:81/",
            "http://[::1]/",
        ] {
            assert_eq!(key_of(uri).map(|(_, loopback)| loopback), Ok(true), "{uri}");
        }
        assert_eq!(
            key_of("http://10.0.0.1/").map(|(_, loopback)| loopback),
            Ok(false)
        );
    }

    #[test]
    fn what_is_not_an_address_says_why() {
        let message = |uri| key_of(uri).expect_err("these are wrong");
        assert_eq!(message("ftp://h/"), "`uri` has the unknown scheme `ftp`");
        assert_eq!(
            message("h"),
            "`uri` must start with `http://` or `https://`, found `h`"
        );
        assert_eq!(
            message("http:///x"),
            "`uri` has no host name, found `http:///x`"
        );
        assert_eq!(message("http://h:99999/"), "`uri` has the port `99999`");
    }
}
