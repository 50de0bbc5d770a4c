//! The log formats that have a name, and what is recognised without one.
//!
//! Sources: Apache's documentation of `mod_log_config` and `mod_logio`, Debian's `apache2.conf`;
//! nginx's own `nginx.conf` and `ngx_http_gzip_module`; the ingress controller's `log-format`;
//! the access logs of AWS's load balancers.

use super::Server;
use super::template::{Stamped, Template};

/// What stands before the tail: the first is the client's part, the second what follows the size.
const APACHE_HEADS: [(&str, &str); 6] = [
    ("common", r#"%h %l %u %t "%r" %>s %b"#),
    (
        "combined",
        r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    ),
    ("vhost-common", r#"%v %h %l %u %t "%r" %>s %b"#),
    ("vhost-port-common", r#"%v:%p %h %l %u %t "%r" %>s %b"#),
    (
        "vhost",
        r#"%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    ),
    (
        "vhost-combined",
        r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
    ),
];

/// What people append to a head, and what that adds to its name.
const APACHE_TAILS: [(&str, &str); 8] = [
    ("", ""),
    ("io", " %I %O"),
    ("-D", " %D"),
    ("-T", " %T"),
    ("-ms", " %{ms}T"),
    ("-T-D", " %T/%D"),
    ("-xff", r#" "%{X-Forwarded-For}i""#),
    ("-xff-D", r#" "%{X-Forwarded-For}i" %D"#),
];

/// Formats that are no head with a tail.
const APACHE_OTHERS: [(&str, &str); 1] = [(
    "xff-combined",
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{X-Forwarded-For}i" "%{User-Agent}i""#,
)];

const NGINX_COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status \
    $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

const NGINX_TAILS: [(&str, &str); 11] = [
    ("combined", ""),
    ("main", r#" "$http_x_forwarded_for""#),
    ("compression", r#" "$gzip_ratio""#),
    ("nginx-timed", " $request_time"),
    (
        "nginx-timed-upstream",
        " $request_time $upstream_response_time",
    ),
    (
        "nginx-timed-pipe",
        " $request_time $upstream_response_time $pipe",
    ),
    ("nginx-msec-timed", " $msec $request_time"),
    ("main-timed", r#" "$http_x_forwarded_for" $request_time"#),
    (
        "main-timed-upstream",
        r#" "$http_x_forwarded_for" $request_time $upstream_response_time"#,
    ),
    (
        "main-timed-quoted",
        r#" "$http_x_forwarded_for" "$request_time" "$upstream_response_time""#,
    ),
    (
        "ingress-nginx",
        " $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] \
         $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id",
    ),
];

/// An application load balancer; AWS may add fields at the end.
const ALB: &str = "$type $time_of_answer $elb $client_and_port $target_and_port \
    $request_processing_time $target_processing_time $response_processing_time $status \
    $target_status $received_bytes $sent_bytes \"$request\" \"$http_user_agent\" \
    $ssl_cipher $ssl_protocol $target_group_arn \"$trace_id\" \"$domain_name\" \
    \"$chosen_cert_arn\" $matched_rule_priority $request_creation_time \"$the_rest";

/// A classic load balancer: its time is that of the arrival.
const ELB: &str = "$time_iso8601 $elb $client_and_port $backend_and_port $request_processing_time \
    $target_processing_time $response_processing_time $status $backend_status \
    $received_bytes $sent_bytes \"$request\" \"$http_user_agent\" $ssl_cipher \
    $ssl_protocol";

/// The formats that a log of `server` may have.
pub(super) fn all(server: Server) -> Vec<Template> {
    let one = |(name, text): (&str, &str)| {
        Template::parse(name, text).expect("the formats above are right: a test reads each")
    };
    match server {
        Server::Apache => {
            let with_tails = APACHE_HEADS.iter().flat_map(|(head, format)| {
                APACHE_TAILS
                    .iter()
                    .map(move |(tail, more)| (format!("{head}{tail}"), format!("{format}{more}")))
            });
            let mut formats: Vec<Template> =
                with_tails.map(|(name, text)| one((&name, &text))).collect();
            formats.extend(APACHE_OTHERS.map(one));
            formats
        }
        Server::Nginx => NGINX_TAILS
            .map(|(name, tail)| one((name, &format!("{NGINX_COMBINED}{tail}"))))
            .into(),
        Server::Alb => vec![one(("alb", ALB))],
        Server::Elb => {
            let mut format = one(("elb", ELB));
            format.stamped = Stamped::Arrival;
            vec![format]
        }
    }
}

/// nginx's combined format with `name=value` behind it, as `line` has them: what each value is
/// stands before it. Between them may stand `X-Forwarded-For` and other words in quotation marks.
/// Nothing if the line has no label, or bare words too.
pub(super) fn labelled(line: &[u8]) -> Option<Template> {
    let line = std::str::from_utf8(line).ok()?;
    // Behind the user agent: the sixth quotation mark that no backslash escapes.
    let mut marks = line
        .match_indices('"')
        .filter(|(at, _)| !line[..*at].ends_with('\\'));
    let (at, _) = marks.nth(5)?;
    let mut tail = &line[at + 1..];
    let mut format = NGINX_COMBINED.to_owned();
    let mut quoted = "$http_x_forwarded_for";
    while let Some((word, rest)) = tail.strip_prefix(" \"").and_then(|it| it.split_once('"')) {
        if word.contains('\\') {
            return None;
        }
        format.push_str(&format!(" \"{quoted}\""));
        quoted = "$another";
        tail = rest;
    }
    let unlabelled = format.len();
    while !tail.is_empty() {
        // nginx's own example has no blank before the first.
        let gap = if tail.starts_with(' ') { " " } else { "" };
        if gap.is_empty() && format.len() > unlabelled {
            return None;
        }
        let rest = &tail[gap.len()..];
        let (label, value) = rest.split_once('=')?;
        let is_label = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if label.is_empty() || !label.chars().all(is_label) {
            return None;
        }
        let (mark, end) = match value.strip_prefix('"') {
            Some(inner) => ("\"", inner.find('"')? + 2),
            None => ("", end_of(value)),
        };
        // Only the times of several upstream servers have blanks between them.
        let is_list = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '-' | ' ');
        if mark.is_empty() && value[..end].contains(' ') && !value[..end].chars().all(is_list) {
            return None;
        }
        let variable = match label {
            "rt" | "request_time" => "request_time",
            "urt" | "uct" | "uht" | "upstream_response_time" => "upstream_response_time",
            other => other,
        };
        format.push_str(&format!("{gap}{label}={mark}${variable}{mark}"));
        tail = &value[end..];
    }
    (format.len() > unlabelled)
        .then(|| Template::parse("nginx with labels", &format).ok())
        .flatten()
}

/// Where an unquoted value ends: at the blank before the next label, or with the line.
fn end_of(value: &str) -> usize {
    let mut from = 0;
    while let Some(blank) = value[from..].find(' ') {
        let at = from + blank;
        let word = value[at + 1..].split(' ').next().unwrap_or_default();
        if word.contains('=') {
            return at;
        }
        from = at + 1;
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::calendar::Offset;

    #[test]
    fn every_known_format_is_one() {
        for server in [Server::Apache, Server::Nginx, Server::Alb, Server::Elb] {
            let formats = all(server);
            let names: std::collections::BTreeSet<&str> =
                formats.iter().map(|format| &*format.name).collect();
            assert_eq!(names.len(), formats.len(), "names are used once");
        }
    }

    #[test]
    fn labels_say_what_a_value_is() {
        let head = r#"10.0.0.1 - - [22/Nov/2026:07:20:43 +0000] "GET / HTTP/1.1" 200 5 "-" "x""#;
        for (tail, expected) in [
            (" urt=0.020 rt=0.100", Some(100)),
            (r#" rt=0.100 uct="0.1, 0.2" urt="-""#, Some(100)),
            (" urt=0.1, 0.2 : 0.3 rt=0.100", Some(100)),
            (" cache=HIT", None),
            (r#"rt=0.100 uct="0.000" urt="0.020""#, Some(100)),
            (
                r#" "203.0.113.9, 10.0.0.1" "h" sn="h" rt=0.100 ua="10.0.0.1:80, 10.0.0.2:80" cs=-"#,
                Some(100),
            ),
        ] {
            let line = format!("{head}{tail}");
            let format = labelled(line.as_bytes()).expect(tail);
            let reading = format.read(line.as_bytes(), Offset::UTC).expect(tail);
            let millis = reading.duration.map(|span| span.as_nanos() / 1_000_000);
            assert_eq!(millis, expected, "{tail}");
        }
        for tail in ["", " 0.100", " rt=0.1 x", " =5"] {
            assert!(
                labelled(format!("{head}{tail}").as_bytes()).is_none(),
                "{tail}"
            );
        }
    }
}
