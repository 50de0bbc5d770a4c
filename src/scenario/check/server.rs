//! `[server.NAME]`: one remote endpoint.

use super::Context;
use super::law::law;
use super::service;
use crate::model::settings::{Closer, Server};
use crate::model::{Law, Service};
use crate::profiles::servers;
use crate::scenario::diagnostic::{Place, Problems};
use crate::scenario::file::{self, Fields};
use crate::scenario::tree::{Entry, Node, Value, shortened};
use crate::scenario::value::{self, is_word};
use crate::units::SimSpan;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

/// A server, and whether its author left the response time out.
pub(super) struct CheckedServer {
    pub(super) server: Server,
    /// Where the table is, when it has no `response-time`.
    pub(super) no_response_time: Option<Place>,
}

/// Reads one server.
pub(super) fn server(entry: &Entry, context: &mut Context<'_>) -> CheckedServer {
    let name = format!("server.{}", entry.key);
    let mut server = Server {
        name: entry.key.clone(),
        uri: format!("http://{}/", entry.key),
        key: String::new(),
        loopback: false,
        connect_time: Law::Constant(SimSpan::ZERO),
        response_time: Law::Constant(SimSpan::ZERO),
        closes_idle_after: None,
        closes_after_requests: None,
        active_close: Closer::Server,
        service: Service::default(),
        moves_at: Vec::new(),
        old_address_down_after: None,
    };
    let Some(fields) = Fields::open(&entry.value, &name, file::SERVER, &mut context.problems)
    else {
        let no_response_time = None;
        return CheckedServer {
            server,
            no_response_time,
        };
    };
    if let Some(uri) = fields.text("uri", &mut context.problems) {
        server.uri = uri.into();
    }
    let place = fields.get("uri").map_or(&entry.place, |node| &node.place);
    if let Some(address) = address(&server.uri, place, &mut context.problems) {
        server.key = address.key;
        server.loopback = address.loopback;
    }
    let mut read_law = |key: &str| {
        let node = fields.get(key)?;
        law(node, key, &format!("{name}.{key}"), context)
    };
    if let Some(law) = read_law("connect-time") {
        server.connect_time = law;
    }
    if let Some(law) = read_law("response-time") {
        server.response_time = law;
    }
    let problems = &mut context.problems;
    if let Some(node) = fields.get("closes-idle-after") {
        server.closes_idle_after = closes_idle_after(node, problems);
    }
    server.closes_after_requests = fields
        .get("closes-after-requests")
        .filter(|node| !is_word(node, "never"))
        .and_then(|node| {
            value::count(
                node,
                "closes-after-requests",
                1,
                u64::from(u32::MAX),
                problems,
            )
        })
        .map(|count| count as u32);
    let sides = [("server", Closer::Server), ("client", Closer::Client)];
    if let Some(side) = fields.choice("active-close", &sides, problems) {
        server.active_close = side;
    }
    server.service = service::service(&fields, problems);
    if let Some(node) = fields.get("moves-at") {
        server.moves_at = service::moves_at(node, problems);
    }
    if let Ok(after) = fields.span_or_never("old-address-down-after", problems) {
        server.old_address_down_after = after;
    }
    let absent = fields.get("response-time").is_none();
    CheckedServer {
        server,
        no_response_time: absent.then(|| fields.place().clone()),
    }
}

/// Reads `closes-idle-after`: a time, "never" (`None`) or the name of a server product.
fn closes_idle_after(node: &Node, problems: &mut Problems) -> Option<SimSpan> {
    if is_word(node, "never") {
        return None;
    }
    if let Value::Text(text) = &node.value
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        if let Some(preset) = servers::find(text) {
            return Some(preset.closes_idle_after.value);
        }
        let mut known: Vec<&str> = servers::ALL.iter().map(|preset| preset.name).collect();
        known.push("never");
        value::unknown_word(problems, node, "closes-idle-after", text, &known);
        return None;
    }
    value::span_above_zero(node, "closes-idle-after", problems)
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
