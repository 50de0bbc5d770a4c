//! Addresses, states and delimited fields of socket tables.

use crate::input::table::quoted;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Reads `127.0.0.1:80`, `[::1]:80`, `:::80`, `*:*`, `10.0.0.1%eth0:80` or BSD's `10.0.0.1.80`.
pub(super) fn end_of(text: &str) -> Result<SocketAddr, String> {
    let split = |at: usize| (&text[..at], &text[at + 1..]);
    let colon = text
        .rfind(':')
        .map(split)
        .and_then(|(host, port)| end(host, port));
    let dot = || {
        text.rfind('.')
            .map(split)
            .and_then(|(host, port)| end(host, port))
    };
    colon.or_else(dot).ok_or_else(|| {
        let (host, port) = text.rsplit_once(':').unwrap_or(("", ""));
        // The letters of an address are hexadecimal digits.
        let is_beyond_hex = |c: char| c.is_alphabetic() && !c.is_ascii_hexdigit();
        let named = port.chars().next().is_some_and(char::is_alphabetic)
            || !host.contains('%') && host.chars().any(is_beyond_hex);
        let is_hex = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
        let hint = if named {
            ": names are not read, add `-n` (`lsof -nP`)"
        } else if text.matches(':').count() > 1 && text.chars().all(is_hex) {
            ": it is cut, `netstat -anW` (macOS also `-l`) writes whole ones"
        } else {
            ""
        };
        format!(
            "{} is not an address and port{hint}",
            quoted(text.as_bytes())
        )
    })
}

/// The end at `host` and `port`.
pub(super) fn end(host: &str, port: &str) -> Option<SocketAddr> {
    let port = if port == "*" { 0 } else { port.parse().ok()? };
    // The zone stands inside the brackets (Windows) or behind them (`ss`).
    let host = host.split('%').next().unwrap_or(host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let ip = match host {
        // `:::80` leaves two colons. No address of either family is just that.
        "*" | "" | "::" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        _ => host.parse().ok()?,
    };
    Some(SocketAddr::new(ip, port))
}

/// What stands between the fields of a header.
pub(super) fn commonest_delimiter(header: &str) -> char {
    let all = [',', ';', '\t'].into_iter();
    let commonest = all.max_by_key(|it| header.matches(*it).count());
    commonest.unwrap_or(',')
}

/// The fields of a line of CSV, quotes taken off.
pub(super) fn split_csv(line: &str, delimiter: char) -> Vec<Cow<'_, str>> {
    let mut fields = Vec::new();
    let mut rest = line.trim_end();
    loop {
        let (field, tail) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, delimiter),
            None => match rest.split_once(delimiter) {
                Some((field, tail)) => (Cow::Borrowed(field), Some(tail)),
                None => (Cow::Borrowed(rest), None),
            },
        };
        fields.push(field);
        match tail {
            Some(tail) => rest = tail,
            None => return fields,
        }
    }
}

/// A field behind its opening quote, and what is behind the delimiter after it.
fn quoted_field(text: &str, delimiter: char) -> (Cow<'_, str>, Option<&str>) {
    let mut from = 0;
    while let Some(at) = text[from..].find('"').map(|at| from + at) {
        if text[at + 1..].starts_with('"') {
            from = at + 2;
            continue;
        }
        let field = Cow::Owned(text[..at].replace("\"\"", "\""));
        let tail = text[at + 1..].split_once(delimiter).map(|(_, tail)| tail);
        return (field, tail);
    }
    // The closing quote is missing: the line was cut.
    (Cow::Borrowed(text), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_every_format_are_read() {
        for (text, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("[::1]:443", "[::1]:443"),
            ("::1:443", "[::1]:443"),
            (":::8080", "0.0.0.0:8080"),
            ("*:*", "0.0.0.0:0"),
            ("[::]:0", "0.0.0.0:0"),
            ("127.0.0.53%lo:53", "127.0.0.53:53"),
            ("[fe80::1%12]:445", "[fe80::1]:445"),
            ("[fe80::1]%eth0:445", "[fe80::1]:445"),
            ("10.0.0.1.443", "10.0.0.1:443"),
            ("fe80::1.443", "[fe80::1]:443"),
            ("*.22", "0.0.0.0:22"),
        ] {
            assert_eq!(
                end_of(text).map(|it| it.to_string()),
                Ok(expected.into()),
                "{text}"
            );
        }
        assert!(end_of("localhost:http").is_err_and(|it| it.contains("add `-n`")));
        for text in ["", "10.0.0.1:99999", "10.0.0.300:1"] {
            assert!(end_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn csv_fields_lose_their_quotes() {
        assert_eq!(split_csv("\"a,b\",c,\"d\"\"e\"", ','), ["a,b", "c", "d\"e"]);
        assert_eq!(split_csv("a;;", ';'), ["a", "", ""]);
        assert_eq!(split_csv("\"a\",\"cut", ','), ["a", "cut"]);
    }
}
