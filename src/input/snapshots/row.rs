//! One line of a socket table, by its shape: two ends, each an address and a port, and a state.
//!
//! So the columns may stand in any order, with others between them, under a header in any
//! language: `ss`, `netstat` of every system, `lsof`, `tcpvcon`, `Get-NetTCPConnection` as a table.

use super::Connection;
use super::collector::System;
use super::fields::{end, end_of};
use super::states::state_of;
use crate::diagnose::State;
use crate::input::table::quoted;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What a line is.
#[derive(Debug)]
pub(super) enum Line {
    Row(Connection, System),
    /// A row that cannot be read, and why.
    Wrong(String),
    /// So many connections in a state.
    Count(State, u64),
    /// A socket that is not TCP.
    OtherSocket,
    No,
}

/// Sockets that are not TCP.
const OTHERS: [&str; 13] = [
    "u_str", "u_dgr", "u_seq", "raw", "icmp", "nl", "p_raw", "p_dgr", "unix", "sctp", "dccp",
    "v_str", "v_dgr",
];

/// An end, the word where it stands, and whether a point is before the port, as BSD has it.
struct End {
    at: usize,
    address: SocketAddr,
    by_point: bool,
}

/// Reads a line.
pub(super) fn read(line: &str) -> Line {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"');
    let words: Vec<&str> = line
        .split(separates)
        .flat_map(|word| word.split("->"))
        .filter(|word| !word.is_empty())
        .collect();
    let Some(first) = words.first() else {
        return Line::No;
    };
    let ends = ends_of(&words);
    let protocol_part = &words[..ends.first().map_or(1, |end| end.at.max(1))];
    let is_other = |word: &&str| {
        let word = word.to_ascii_lowercase();
        word.starts_with("udp") || OTHERS.contains(&word.as_str())
    };
    if words.len() > 2 && protocol_part.iter().any(is_other) {
        return Line::OtherSocket;
    }
    let is_protocol = |word: &&str| is_tcp(word);
    let of_protocol = protocol_part.iter().any(is_protocol);
    match ends[..] {
        [] | [_] => match alone(line, &words, &ends) {
            Line::No if of_protocol || is_ss(&words) || is_lsof(line, &words) => lacking(&words),
            line => line,
        },
        [ref local, ref remote, ..] => {
            let Some(state) = state_in(&words, local.at, remote.at) else {
                let counts = is_count(first) && words.get(1).is_some_and(|it| is_count(it));
                return match words.get(remote.at + 1) {
                    _ if is_ss(&words) => Line::Wrong(unknown(first)),
                    _ if counts => held_by_timer(line, local, remote),
                    Some(state) if of_protocol => Line::Wrong(unknown(state)),
                    None if of_protocol => Line::Wrong("the row is cut off".into()),
                    _ => Line::No,
                };
            };
            let connection = Connection {
                local: local.address,
                remote: remote.address,
                state,
            };
            Line::Row(connection, system(&words, local))
        }
    }
}

fn ends_of(words: &[&str]) -> Vec<End> {
    let mut ends: Vec<End> = Vec::with_capacity(2);
    let mut at = 0;
    while at < words.len() && ends.len() < 2 {
        let word = words[at];
        let next = words.get(at + 1).filter(|it| is_count(it));
        // `Format-Table` has address and port in columns of their own.
        let apart = next.and_then(|port| {
            let whole = word.contains([':', '.']) && !word.ends_with(':');
            end(word, port).filter(|_| whole)
        });
        if let Some(address) = apart {
            ends.push(End {
                at: at + 1,
                address,
                by_point: false,
            });
            at += 2;
            continue;
        }
        if word.contains([':', '.'])
            && let Ok(address) = end_of(word)
        {
            ends.push(End {
                at,
                address,
                by_point: word.rfind('.') > word.rfind(':'),
            });
        }
        at += 1;
    }
    ends
}

/// The state beside the ends: `ss` has it first, the others behind the ends, `tcpvcon` before.
fn state_in(words: &[&str], local: usize, remote: usize) -> Option<State> {
    let first = state_of(words[0]);
    let state = |word: &&str| state_of(word.trim_start_matches('(').trim_end_matches(')'));
    let behind = || {
        let rest = &words[remote + 1..];
        let is_word = |word: &&&str| !is_count(word);
        // A translated state may have several words.
        let phrase: Vec<&str> = rest.iter().take_while(is_word).copied().collect();
        rest.iter()
            .find_map(state)
            .or_else(|| state_of(&phrase.join(" ")))
    };
    let before = || words[..local].iter().rev().find_map(state);
    // `ss` of all kinds of sockets: the state, two queues, the ends.
    let of_ss = || match words[..local] {
        [.., word, received, sent] if is_count(received) && is_count(sent) => state_of(word),
        _ => None,
    };
    first.or_else(of_ss).or_else(behind).or_else(before)
}

/// A line with one end or none: a listening socket of `lsof`, or a count.
fn alone(line: &str, words: &[&str], ends: &[End]) -> Line {
    if let [local] = ends
        && state_in(words, local.at, local.at) == Some(State::Listen)
    {
        let connection = Connection {
            local: local.address,
            remote: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
            state: State::Listen,
        };
        return Line::Row(connection, system(words, local));
    }
    match count_of(line) {
        Some((state, count)) => Line::Count(state, count),
        None => Line::No,
    }
}

/// `20 ESTABLISHED`, `ESTAB 20`, `TIME_WAIT: 3`, or `20 Established {MSFT_NetTCPConnection …`.
fn count_of(line: &str) -> Option<(State, u64)> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '=' | '"');
    let mut words = line.split(separates).filter(|word| !word.is_empty());
    let (a, b, rest) = (words.next()?, words.next()?, words.next());
    let a = a.trim_end_matches(':');
    let (state, count) = if is_count(a) { (b, a) } else { (a, b) };
    let is_whole = rest.is_none_or(|rest| rest.starts_with('{'));
    let count = count.parse().ok().filter(|_| is_count(count) && is_whole)?;
    Some((state_of(state)?, count))
}

/// What is wrong with a row that has not both ends.
fn lacking(words: &[&str]) -> Line {
    let is_address = |word: &&&str| word.contains([':', '.', '*']);
    let addresses: Vec<&&str> = words[1..].iter().filter(is_address).take(2).collect();
    if is_tcp(words[0]) && addresses.is_empty() {
        // `ss -s` and `netstat -s` tell of TCP as a whole.
        return Line::No;
    }
    let wrong = addresses.iter().find_map(|word| end_of(word).err());
    let is_cut = addresses.len() < 2;
    Line::Wrong(match wrong {
        Some(problem) if !is_cut => problem,
        _ => "the row is cut off".into(),
    })
}

/// Under a header without `State`: only a timer still tells the state.
fn held_by_timer(line: &str, local: &End, remote: &End) -> Line {
    if !line.contains("timer:(timewait") {
        let text = "no `State` column: take `ss -tan` without a filter";
        return Line::Wrong(text.into());
    }
    let connection = Connection {
        local: local.address,
        remote: remote.address,
        state: State::TimeWait,
    };
    Line::Row(connection, System::Linux)
}

fn system(words: &[&str], local: &End) -> System {
    let is_mac = |word: &&str| word.starts_with("0x") && word.len() > 8;
    match words[0] {
        _ if local.by_point || words.iter().any(is_mac) => System::Mac,
        "TCP" | "TCPV6" | "TCPv6" => System::Windows,
        first if first.contains([':', '.']) => System::Windows,
        _ => System::Linux,
    }
}

fn is_tcp(word: &str) -> bool {
    const NAMES: [&str; 6] = ["tcp", "tcp4", "tcp6", "tcp46", "tcpv4", "tcpv6"];
    let word = word.to_ascii_lowercase();
    NAMES.contains(&word.as_str())
}

/// The beginning of a row of `ss`: a state and two queues.
fn is_ss(words: &[&str]) -> bool {
    let is_state = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_uppercase() || matches!(c, '-' | '1' | '2'))
    };
    words.len() >= 4
        && is_state(words[0])
        && !is_tcp(words[0])
        && is_count(words[1])
        && is_count(words[2])
}

/// A row of `lsof` with two ends.
fn is_lsof(line: &str, words: &[&str]) -> bool {
    line.contains("->") && words.iter().any(|word| is_tcp(word))
}

fn unknown(state: &str) -> String {
    format!("{} is not a state of TCP", quoted(state.as_bytes()))
}

fn is_count(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_program_have_one_shape() {
        for (line, system) in [
            ("ESTAB 0 0 192.0.2.5:50000 203.0.113.10:443", System::Linux),
            (
                "tcp ESTAB 0 0 192.0.2.5%eth0:50000 203.0.113.10:443 users:((\"close\",pid=8,fd=2))",
                System::Linux,
            ),
            (
                "tcp  0  0 192.0.2.5:50000  203.0.113.10:443 ESTABLISHED 811/listener keepalive (9/0/0)",
                System::Linux,
            ),
            (
                "tcp4  0  0  192.0.2.5.50000  203.0.113.10.443  ESTABLISHED",
                System::Mac,
            ),
            (
                "192.0.2.5.50000 203.0.113.10.443 64240 0 64240 0 ESTABLISHED",
                System::Mac,
            ),
            (
                "  TCP    192.0.2.5:50000   203.0.113.10:443   HERGESTELLT   4711",
                System::Windows,
            ),
            (
                "  TCP  192.0.2.5:50000  203.0.113.10:443  ESTABLISHED  4711  InHost",
                System::Windows,
            ),
            (
                "192.0.2.5     50000     203.0.113.10  443  Established Internet  4711",
                System::Windows,
            ),
            (
                "TCP,closer.exe,4711,ESTABLISHED,192.0.2.5:50000,203.0.113.10:443",
                System::Windows,
            ),
            (
                "dotnet 811 alex 100u IPv4 0x1f2e3d4c5b6a79 0t0 TCP \
                 192.0.2.5:50000->203.0.113.10:443 (ESTABLISHED)",
                System::Mac,
            ),
            (
                "dotnet 811 alex 100u IPv4 48113 0t0 TCP 192.0.2.5:50000->203.0.113.10:443 (ESTABLISHED)",
                System::Linux,
            ),
        ] {
            let Line::Row(found, of) = read(line) else {
                panic!("{line}: {:?}", read(line));
            };
            assert_eq!(found.local.to_string(), "192.0.2.5:50000", "{line}");
            assert_eq!(found.remote.to_string(), "203.0.113.10:443", "{line}");
            assert_eq!((found.state, of), (State::Established, system), "{line}");
        }
    }

    #[test]
    fn summaries_and_other_lines_are_no_rows() {
        for line in [
            "TCP:   26 (estab 1, closed 12, orphaned 0, timewait 25)",
            "TCP       1         1         0",
            "Tcp:",
            "TCP Statistics for IPv4",
            "    120 active connection openings",
            "[w3wp.exe]",
            "Kann keine Besitzerinformationen abrufen",
            "\t cubic wscale:7,7 rto:204 rtt:3.2/1.1 ato:40 mss:1448 cwnd:10 lastsnd:8",
            "default via 10.0.0.1 dev eth0",
            "10.0.0.0     255.255.255.0   On-link   10.0.0.5   281",
            "1 established)",
        ] {
            assert!(matches!(read(line), Line::No), "{line}: {:?}", read(line));
        }
        let named = "app 811 alex 100u IPv4 48113 0t0 TCP web01:50000->api:https (ESTABLISHED)";
        assert!(matches!(read(named), Line::Wrong(why) if why.contains("lsof -nP")));
        let counts = [
            "  20 ESTABLISHED",
            "ESTAB 20",
            "ESTABLISHED: 20",
            "\"Established\",\"20\"",
            "   20 Established               {MSFT_NetTCPConnection (InstanceID = \"...",
        ];
        for line in counts {
            assert!(
                matches!(read(line), Line::Count(State::Established, 20)),
                "{line}: {:?}",
                read(line)
            );
        }
        assert!(matches!(read("UDP 0.0.0.0:123 *:* 900"), Line::OtherSocket));
    }
}
