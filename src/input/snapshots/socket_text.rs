//! `ss -tan`, `netstat -an` of Linux, Windows and BSD, and `Get-NetTCPConnection` as a table.
//!
//! Each row tells its format by itself, so headers may be missing; where they are there, they
//! tell where a snapshot begins.

use super::collector::Collector;
use super::fields::{end, end_of, state_of};
use super::{Connection, SnapshotFormat};
use crate::diagnose::State;
use crate::input::clock::parse_stamp;
use crate::input::table::quoted;

/// Reads the lines of `ss` and `netstat`.
#[derive(Debug, Default)]
pub(super) struct SocketText {
    /// In a part of the output that is about other sockets.
    elsewhere: bool,
}

/// Sockets that are not TCP.
const OTHERS: [&str; 14] = [
    "udp", "u_str", "u_dgr", "u_seq", "raw", "icmp", "nl", "p_raw", "p_dgr", "unix", "sctp",
    "dccp", "v_str", "v_dgr",
];

impl SnapshotFormat for SocketText {
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        if self.is_heading(line, &words, out)? {
            return Ok(());
        }
        if let Some(stamp) = parse_stamp(line) {
            self.elsewhere = false;
            out.stamp(stamp);
            return Ok(());
        }
        if self.elsewhere {
            return Ok(());
        }
        match row_of(&words, out) {
            Row::Is(row) => {
                out.row(row?);
                Ok(())
            }
            Row::OtherSocket => Ok(()),
            Row::No if is_rule(line) => {
                out.rule();
                Ok(())
            }
            Row::No if line.trim_start().starts_with('#') => Ok(()),
            Row::No => {
                out.other_text();
                Ok(())
            }
        }
    }
}

/// A line under a header or between two snapshots: `---- ----`.
fn is_rule(line: &str) -> bool {
    line.chars()
        .all(|c| matches!(c, '-' | '=') || c.is_whitespace())
}

impl SocketText {
    fn is_heading(
        &mut self,
        line: &str,
        words: &[&str],
        out: &mut Collector,
    ) -> Result<bool, String> {
        let [first, ..] = words else {
            return Ok(true);
        };
        match *first {
            "Active" | "Aktive" | "Connexions" | "Conexiones" | "Connessioni" => {
                self.elsewhere = line.contains("UNIX");
            }
            "LocalAddress" if words.get(1) == Some(&":") => {
                return Err("a list: write it with `Format-Table` or `Export-Csv` instead".into());
            }
            "Proto" if line.contains("RefCnt") => self.elsewhere = true,
            "Proto" | "Netid" | "LocalAddress" => {
                self.elsewhere = false;
                out.windows |= *first == "LocalAddress";
                out.header();
            }
            "State" if line.contains("Local Address") => {
                self.elsewhere = false;
                out.header();
            }
            "Recv-Q" => return Err("no `State` column: take `ss -tan` without a filter".into()),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// What a line is.
enum Row {
    Is(Result<Connection, String>),
    /// A socket that is not TCP.
    OtherSocket,
    No,
}

fn row_of(words: &[&str], out: &mut Collector) -> Row {
    let Some(first) = words.first() else {
        return Row::No;
    };
    let lower = first.to_ascii_lowercase();
    if lower.starts_with("tcp") {
        return Row::Is(protocol_row(words, out));
    }
    if OTHERS.iter().any(|it| lower.starts_with(it)) && words.len() > 2 {
        return Row::OtherSocket;
    }
    // `ss`: the state and two queues.
    let ss = words.len() >= 3 && is_count(words[1]) && is_count(words[2]);
    if ss
        && first
            .chars()
            .all(|c| c.is_ascii_uppercase() || matches!(c, '-' | '1' | '2'))
    {
        return Row::Is(connection(words.get(3), words.get(4), Some(first)));
    }
    if words.len() >= 5 && is_count(words[1]) && is_count(words[3]) {
        return table_row(words, out);
    }
    Row::No
}

/// A row that begins with its protocol: `netstat`'s, or that of `ss` about all kinds of sockets.
fn protocol_row(words: &[&str], out: &mut Collector) -> Result<Connection, String> {
    let count = |at: usize| words.get(at).copied().is_some_and(is_count);
    let word = |at: usize| words.get(at);
    if count(1) && count(2) {
        return connection(word(3), word(4), words.get(5).copied().as_ref());
    }
    if count(2) && count(3) {
        return connection(word(4), word(5), words.get(1).copied().as_ref());
    }
    out.windows = true;
    connection(word(1), word(2), words.get(3).copied().as_ref())
}

/// `Get-NetTCPConnection | Format-Table`.
fn table_row(words: &[&str], out: &mut Collector) -> Row {
    let ends = end(words[0], words[1]).zip(end(words[2], words[3]));
    let Some((local, remote)) = ends else {
        return Row::No;
    };
    out.windows = true;
    let state = state_of(words[4]).ok_or_else(|| unknown(words[4]));
    Row::Is(state.map(|state| Connection {
        local,
        remote,
        state,
    }))
}

fn connection(
    local: Option<&&str>,
    remote: Option<&&str>,
    state: Option<&&str>,
) -> Result<Connection, String> {
    let (Some(local), Some(remote), Some(state)) = (local, remote, state) else {
        return Err("the row is cut off".into());
    };
    let (local, remote) = (end_of(local)?, end_of(remote)?);
    let state: State = state_of(state).ok_or_else(|| unknown(state))?;
    Ok(Connection {
        local,
        remote,
        state,
    })
}

fn unknown(state: &str) -> String {
    format!("{} is not a state of TCP", quoted(state.as_bytes()))
}

fn is_count(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}
