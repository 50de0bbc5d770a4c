//! Log formats as servers spell them: Apache's `LogFormat` and nginx's `log_format`.
//!
//! Sources: the lists of directives of Apache's `mod_log_config` and of variables of nginx's
//! `ngx_http_log_module`, `ngx_http_core_module` and `ngx_http_upstream_module`.

use super::strftime::{Piece, of_conversion};
use super::template::{Field, Part, Says, Stamped, Template};
use crate::input::duration_unit::DurationUnit::{Microseconds, Milliseconds, Seconds};

impl Template {
    /// Reads a format of either server: `%` makes it Apache's, `$` nginx's. The whole directive
    /// may be pasted, with its name and its quotation marks.
    ///
    /// # Errors
    /// What in the text is no format.
    pub(super) fn parse(name: &str, text: &str) -> Result<Template, String> {
        let body = body_of(text);
        let mut parts = Vec::new();
        let is_nginx = body.contains('$') && !body.contains("%h") && !body.contains("%t");
        let fields = if is_nginx { nginx } else { apache };
        fields(&body, &mut parts)?;
        let template = Template {
            name: name.to_owned(),
            stamped: if is_nginx {
                Stamped::Answer
            } else {
                Stamped::Arrival
            },
            parts,
        };
        template.check()?;
        Ok(template)
    }

    fn check(&self) -> Result<(), String> {
        let is_time = |says| {
            matches!(
                says,
                Says::ClfTime | Says::IsoTime | Says::ArrivalTime | Says::Epoch(_)
            )
        };
        let has = |piece| self.fields().any(|field| field.says == Says::Piece(piece));
        if !self.fields().any(|field| is_time(field.says)) && !Piece::NEEDED.into_iter().all(has) {
            return Err("the format has no time that is whole: `%t`, or `$time_local`".into());
        }
        let touching = self.parts.windows(2).find_map(|pair| match pair {
            [Part::Field(first), Part::Field(second)] => Some((first, second)),
            _ => None,
        });
        match touching {
            Some((first, second)) => Err(format!(
                "nothing stands between `{}` and `{}`, so it is not clear where one ends",
                first.written, second.written
            )),
            None => Ok(()),
        }
    }
}

/// The format without what stands around it in a configuration.
fn body_of(text: &str) -> String {
    let text = text.trim().trim_end_matches(';').trim_end();
    if let Some(rest) = text.strip_prefix("LogFormat") {
        let rest = rest.trim_start();
        let end = rest.rfind('"').unwrap_or(rest.len());
        let inner = rest[..end].strip_prefix('"').unwrap_or(&rest[..end]);
        return inner.replace("\\\"", "\"");
    }
    let text = match text.strip_prefix("log_format") {
        // The name, and `escape=…`, stand before the first mark.
        Some(rest) => &rest[rest.find('\'').unwrap_or(0)..],
        None => text,
    };
    if text.starts_with('\'') {
        // Several strings, one a line, are one.
        return text.split('\'').skip(1).step_by(2).collect();
    }
    text.replace("\\\"", "\"")
}

fn push_text(parts: &mut Vec<Part>, text: char) {
    let mut buffer = [0; 4];
    let bytes = text.encode_utf8(&mut buffer).as_bytes();
    match parts.last_mut() {
        Some(Part::Text(text)) => text.extend_from_slice(bytes),
        _ => parts.push(Part::Text(bytes.to_vec())),
    }
}

fn push_field(parts: &mut Vec<Part>, written: &str, says: Says) {
    let written = written.to_owned();
    parts.push(Part::Field(Field { written, says }));
}

/// nginx: `$name` or `${name}`.
fn nginx(body: &str, parts: &mut Vec<Part>) -> Result<(), String> {
    let mut rest = body;
    while let Some(first) = rest.chars().next() {
        let Some(behind) = rest.strip_prefix('$') else {
            push_text(parts, first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (name, behind) = if let Some(inner) = behind.strip_prefix('{') {
            inner
                .split_once('}')
                .ok_or("a `${` of the format is not closed")?
        } else {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
            behind.split_at(end)
        };
        if name.is_empty() {
            return Err("a `$` of the format has no name".into());
        }
        push_field(parts, &format!("${name}"), variable(name));
        rest = behind;
    }
    Ok(())
}

/// What a variable of nginx, or a field of a load balancer of AWS, says.
fn variable(name: &str) -> Says {
    match name {
        "remote_addr" | "realip_remote_addr" => Says::Client,
        "client_and_port" => Says::ClientAndPort,
        "remote_user" => Says::User,
        "http_x_forwarded_for" | "proxy_add_x_forwarded_for" => Says::Forwarded,
        "time_local" => Says::ClfTime,
        "time_iso8601" | "time_of_answer" => Says::IsoTime,
        "request_creation_time" => Says::ArrivalTime,
        "msec" => Says::Epoch(1),
        "request" => Says::Request,
        "uri" | "request_uri" | "document_uri" => Says::Path,
        "request_time" => Says::RequestTime,
        "request_processing_time" | "target_processing_time" | "response_processing_time" => {
            Says::PartOfTime
        }
        "status" => Says::Status,
        "body_bytes_sent" | "bytes_sent" | "request_length" => Says::Count,
        "gzip_ratio" => Says::Ratio,
        "http_user_agent" => Says::Agent,
        "upstream_response_time"
        | "upstream_connect_time"
        | "upstream_header_time"
        | "upstream_status"
        | "upstream_response_length"
        | "upstream_bytes_received"
        | "upstream_bytes_sent" => Says::Upstream,
        "upstream_addr" => Says::UpstreamAddress,
        "pipe"
        | "connection"
        | "connection_requests"
        | "request_id"
        | "request_method"
        | "server_port"
        | "scheme" => Says::Word,
        _ => Says::Free,
    }
}

/// Apache: `%h`, `%>s`, `%{Referer}i`, `%400,501{User-agent}i`.
fn apache(body: &str, parts: &mut Vec<Part>) -> Result<(), String> {
    let mut rest = body;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        if first == '\\' && rest.starts_with('t') {
            push_text(parts, '\t');
            rest = &rest[1..];
            continue;
        }
        if first != '%' {
            push_text(parts, first);
            continue;
        }
        if let Some(behind) = rest.strip_prefix('%') {
            push_text(parts, '%');
            rest = behind;
            continue;
        }
        let start = rest;
        // Conditions on the status, and which of several internal requests is meant.
        rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "!,<>".contains(c));
        let mut argument = "";
        if let Some(inner) = rest.strip_prefix('{') {
            (argument, rest) = inner
                .split_once('}')
                .ok_or("a `%{` of the format is not closed")?;
        }
        let letter = rest
            .strip_prefix("^t")
            .or_else(|| rest.strip_prefix('^'))
            .unwrap_or(rest);
        let Some(letter) = letter.chars().next() else {
            return Err("a `%` of the format has no letter".into());
        };
        let end = rest.find(letter).unwrap_or(0) + letter.len_utf8();
        rest = &rest[end..];
        let written = format!("%{}", &start[..start.len() - rest.len()]);
        if letter == 't' && argument.is_empty() {
            push_text(parts, '[');
            push_field(parts, &written, Says::ClfTime);
            push_text(parts, ']');
            continue;
        }
        if letter == 't' && directive(letter, argument).is_none() {
            let pattern = argument.strip_prefix("begin:").unwrap_or(argument);
            time_by_pattern(pattern, &written, parts)?;
            continue;
        }
        let says = directive(letter, argument)
            .ok_or_else(|| format!("`{written}` is no directive that can be read"))?;
        push_field(parts, &written, says);
    }
    Ok(())
}

/// `%{%d/%b/%Y:%T}t` and `%{msec_frac}t`: the pieces of a time, with text between them.
fn time_by_pattern(pattern: &str, written: &str, parts: &mut Vec<Part>) -> Result<(), String> {
    if let Some(per_second) = match pattern {
        "msec_frac" => Some(1_000),
        "usec_frac" => Some(1_000_000),
        _ => None,
    } {
        push_field(parts, written, Says::Piece(Piece::Fraction(per_second)));
        return Ok(());
    }
    let whole = [
        ("%T", "%H:%M:%S"),
        ("%F", "%Y-%m-%d"),
        ("%D", "%m/%d/%y"),
        ("%R", "%H:%M"),
    ];
    let mut pattern = pattern.to_owned();
    for (short, long) in whole {
        pattern = pattern.replace(short, long);
    }
    let mut characters = pattern.chars();
    let mut any = false;
    while let Some(character) = characters.next() {
        if character != '%' {
            push_text(parts, character);
            continue;
        }
        let conversion = characters.next().unwrap_or('%');
        let piece = of_conversion(conversion).ok_or_else(|| {
            format!("`%{conversion}` of `{written}` is no part of a time that can be read")
        })?;
        push_field(parts, &format!("%{conversion}"), Says::Piece(piece));
        any = true;
    }
    if any {
        Ok(())
    } else {
        Err(format!("`{written}` is no directive that can be read"))
    }
}

/// What a directive of Apache says; nothing if it cannot be read.
fn directive(letter: char, argument: &str) -> Option<Says> {
    let argument = argument.to_ascii_lowercase();
    Some(match (letter, argument.as_str()) {
        ('h' | 'a', _) => Says::Client,
        ('l', _) => Says::Ident,
        ('u', _) => Says::User,
        ('r', _) => Says::Request,
        ('U', _) => Says::Path,
        ('s', _) => Says::Status,
        ('b' | 'B' | 'O' | 'I' | 'S' | 'k' | 'P' | 'p', _) => Says::Count,
        ('D', _) | ('T', "us") => Says::Took(Microseconds),
        ('T', "ms") => Says::Took(Milliseconds),
        ('T', "" | "s") => Says::Took(Seconds),
        ('t', "sec" | "begin:sec") => Says::Epoch(1),
        ('t', "msec" | "begin:msec") => Says::Epoch(1_000),
        ('t', "usec" | "begin:usec") => Says::Epoch(1_000_000),
        ('i', "x-forwarded-for") => Says::Forwarded,
        ('i', "user-agent") => Says::Agent,
        ('v' | 'V' | 'm' | 'H' | 'X' | 'L', _) => Says::Word,
        ('i' | 'o' | 'e' | 'n' | 'C' | 'x' | 'q' | 'f' | 'R' | 'A', _) => Says::Free,
        _ => return None,
    })
}
