//! The timeline CSV: explicit actions, one per line.
//!
//! ```text
//! time_s,action,id,group,keep_alive,duration_s,server_close,value,held
//! 0,submit,1,a,,,,,
//! 0.5,complete,1,,,,,,
//! 10,close-group,,a,,,,,
//! 20,set-max-idle-time,,,,,,5s,
//! ```
//!
//! The header names the columns used, in any order; only `time_s` and `action` must be there.
//! Lines that begin with `#` are remarks. Actions are carried out by time, those of one instant
//! in the order of the file. A cell that its action does not read must be empty.
//!
//! | action | reads |
//! |---|---|
//! | `submit` | `id`, a number of the author's, once per timeline; optionally `group` (empty: the default group), `keep_alive` (`true`/`false`), `duration_s` of the response, `held` (`true`: it uses the ServicePoint kept by `hold-service-point`) |
//! | `complete` | `id`; optionally `server_close` (`true`: the response carried `Connection: close`). Its submit then has no `duration_s` |
//! | `abort` | `id` |
//! | `close-response` | `id`: the program closes its response before it has read it; nothing happens before its headers are there |
//! | `reset-body` | `id`: its response breaks off in the middle |
//! | `close-group` | `group` (empty: the default group) |
//! | `server-fin` | `group`: the server closes its idle connections |
//! | `set-max-idle-time` | `value`: a duration such as `5s`, or `never` |
//! | `set-connection-limit` | `value`: a count from 1, or `unlimited` |
//! | `set-connection-lease` | `value`: a duration, or `never` |
//! | `hold-service-point` | nothing |
//! | `fail-sockets` | `value`: so many sockets, from here on, cannot be made |

use super::Problems;
use super::stream::Limits;
use super::table::{Format, Table, quoted};
use super::trace_csv::{flag_of, group_of, seconds_of};
use crate::model::workload::{Action, TimedAction};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use crate::words::plain;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

/// The largest timeline, decompressed: 64 MiB.
pub const LIMITS: Limits = Limits { bytes: 1 << 26 };

/// The most actions: a million.
pub const MAX_ACTIONS: usize = 1_000_000;

/// The names of the actions.
pub const ACTIONS: [&str; 12] = [
    "submit",
    "complete",
    "abort",
    "close-response",
    "reset-body",
    "close-group",
    "server-fin",
    "set-max-idle-time",
    "set-connection-limit",
    "set-connection-lease",
    "hold-service-point",
    "fail-sockets",
];

const COLUMNS: [&str; 9] = [
    "time_s",
    "action",
    "id",
    "group",
    "keep_alive",
    "duration_s",
    "server_close",
    "value",
    "held",
];
const TIME: usize = 0;
const ACTION: usize = 1;
const ID: usize = 2;
const GROUP: usize = 3;
const KEEP_ALIVE: usize = 4;
const DURATION: usize = 5;
const SERVER_CLOSE: usize = 6;
const VALUE: usize = 7;
const HELD: usize = 8;

const FORMAT: Format<9> = Format {
    columns: COLUMNS,
    required: 2,
    remark: Some(b'#'),
    limits: LIMITS,
    empty: "is empty: a header with `time_s,action` is expected on the first line",
};

/// Reads a timeline, sorted by time.
///
/// # Errors
/// Every problem with its line, at most [`super::PROBLEMS_SHOWN`] and a count of the others.
pub fn read(input: Box<dyn Read>) -> Result<Vec<TimedAction>, Vec<String>> {
    let mut table = Table::open(input, &FORMAT)?;
    let mut problems = Problems::default();
    let mut lines = Vec::new();
    let mut marked = BTreeSet::new();
    while table.advance(&mut problems) {
        marked.extend(marked_name(table.field(GROUP)));
        match action_of(&table) {
            Ok(action) => lines.push((table.line(), action)),
            Err(problem) => problems.push(|| format!("line {}: {problem}", table.line())),
        }
        if lines.len() > MAX_ACTIONS {
            return Err(vec![format!("has more than {MAX_ACTIONS} actions")]);
        }
    }
    // Stable: actions of one instant stay in the order of the file.
    lines.sort_by_key(|(_, action)| action.at);
    // A line that could not be read may be the submit that another line misses.
    if problems.count() == 0 {
        connect(&mut lines, &mut problems);
    }
    if problems.count() > 0 {
        return Err(problems.into_messages());
    }
    let names = marked.into_iter().map(|name| TimedAction {
        at: SimTime::ZERO,
        action: Action::NameGroup(name),
    });
    Ok(names
        .chain(lines.into_iter().map(|(_, action)| action))
        .collect())
}

/// The name of a group that has in it what ends the key of a group, so that 4.8 may match it with
/// another name (CL-4).
fn marked_name(field: &[u8]) -> Option<Arc<str>> {
    let name = plain::of_cell(std::str::from_utf8(field).ok()?);
    ["S>", "U>"]
        .iter()
        .any(|mark| name.contains(mark))
        .then(|| name.into())
}

/// Finds the submit of every `complete` and `abort`, and marks the submits that the timeline
/// completes.
fn connect(lines: &mut [(u64, TimedAction)], problems: &mut Problems) {
    // Where each request was submitted, and the line that completes it.
    let mut submits: BTreeMap<u64, (usize, Option<u64>)> = BTreeMap::new();
    for (index, (line, timed)) in lines.iter().enumerate() {
        match timed.action {
            Action::Submit { id, .. } => {
                if let Some((first, _)) = submits.insert(id, (index, None)) {
                    let first = lines[first].0;
                    problems.push(|| {
                        format!("line {line}: `id` `{id}` was submitted on line {first} already")
                    });
                }
            }
            Action::Complete { id, .. } => match submits.get_mut(&id) {
                Some((_, done @ None)) => *done = Some(*line),
                Some((_, Some(other))) => problems.push(|| {
                    format!("line {line}: `id` `{id}` was completed on line {other} already")
                }),
                None => problems.push(|| never_submitted(*line, id)),
            },
            Action::Abort { id } | Action::CloseResponse { id } | Action::ResetBody { id }
                if !submits.contains_key(&id) =>
            {
                problems.push(|| never_submitted(*line, id));
            }
            _ => {}
        }
    }
    for (index, completion) in submits.into_values() {
        let Some(completion) = completion else {
            continue;
        };
        let line = lines[index].0;
        if let Action::Submit {
            duration,
            completed_by_timeline,
            ..
        } = &mut lines[index].1.action
        {
            *completed_by_timeline = true;
            if duration.is_some() {
                problems.push(|| {
                    format!(
                        "line {line}: `duration_s` and the `complete` on line {completion} \
                         both end this request: leave one out"
                    )
                });
            }
        }
    }
}

fn never_submitted(line: u64, id: u64) -> String {
    format!("line {line}: `id` `{id}` was not submitted before")
}

/// The table's current record as an action.
fn action_of(table: &Table<9>) -> Result<TimedAction, String> {
    table.check_width()?;
    let at = SimTime::from_nanos(seconds_of(table.field(TIME), "time_s")?);
    let name = table.field(ACTION);
    let Some(name) = ACTIONS.into_iter().find(|it| it.as_bytes() == name) else {
        let found = quoted(name);
        let expected = ACTIONS.join(", ");
        return Err(format!("unknown action {found}; actions are {expected}"));
    };
    let action = match name {
        "submit" => submit_of(table)?,
        "complete" => Action::Complete {
            id: id_of(table)?,
            server_close: flag_of(table.field(SERVER_CLOSE), "server_close")?.unwrap_or(false),
        },
        "abort" => Action::Abort { id: id_of(table)? },
        "close-response" => Action::CloseResponse { id: id_of(table)? },
        "fail-sockets" => Action::FailSockets(count_of(table)?),
        "reset-body" => Action::ResetBody { id: id_of(table)? },
        "close-group" => Action::CloseGroup {
            group: group_of(table.field(GROUP))?,
        },
        "server-fin" => Action::ServerFin {
            group: group_of(table.field(GROUP))?,
        },
        "set-max-idle-time" => Action::SetMaxIdleTime(span_of(table)?),
        "set-connection-limit" => Action::SetConnectionLimit(limit_of(table)?),
        "set-connection-lease" => Action::SetConnectionLease(span_of(table)?),
        _ => Action::HoldServicePoint,
    };
    refuse_unread(table, name)?;
    Ok(TimedAction { at, action })
}

fn submit_of(table: &Table<9>) -> Result<Action, String> {
    let duration = match table.field(DURATION) {
        b"" => None,
        text => Some(SimSpan::from_nanos(seconds_of(text, "duration_s")?)),
    };
    Ok(Action::Submit {
        id: id_of(table)?,
        group: group_of(table.field(GROUP))?,
        keep_alive: flag_of(table.field(KEEP_ALIVE), "keep_alive")?,
        duration,
        completed_by_timeline: false,
        held: flag_of(table.field(HELD), "held")?.unwrap_or(false),
    })
}

/// The columns that an action reads beside the first two.
fn columns_read(action: &str) -> &'static [usize] {
    match action {
        "submit" => &[ID, GROUP, KEEP_ALIVE, DURATION, HELD],
        "complete" => &[ID, SERVER_CLOSE],
        "abort" | "close-response" | "reset-body" => &[ID],
        "close-group" | "server-fin" => &[GROUP],
        "hold-service-point" => &[],
        _ => &[VALUE],
    }
}

fn refuse_unread(table: &Table<9>, action: &str) -> Result<(), String> {
    let read = columns_read(action);
    for (column, name) in COLUMNS.iter().enumerate().skip(ID) {
        if !read.contains(&column) && !table.field(column).is_empty() {
            let found = quoted(table.field(column));
            return Err(format!("`{name}` {found} says nothing to `{action}`"));
        }
    }
    Ok(())
}

fn id_of(table: &Table<9>) -> Result<u64, String> {
    let text = table.field(ID);
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("`id` {} is not a whole number from 0", quoted(text)))
}

/// A duration, or `None` for `never`.
fn span_of(table: &Table<9>) -> Result<Option<SimSpan>, String> {
    let field = table.field(VALUE);
    if field == b"never" {
        return Ok(None);
    }
    SimSpan::parse(&String::from_utf8_lossy(field))
        .map(Some)
        .map_err(|error| {
            let found = quoted(field);
            format!("`value` {found}: {error}; write a duration such as `100s`, or `never`")
        })
}

fn limit_of(table: &Table<9>) -> Result<ConnectionLimit, String> {
    let field = table.field(VALUE);
    if field == b"unlimited" {
        return Ok(ConnectionLimit::UNLIMITED);
    }
    let count = positive(field).map(ConnectionLimit::new);
    count.ok_or_else(|| {
        let found = quoted(field);
        format!("`value` {found} is neither a count from 1 to 2147483647 nor `unlimited`")
    })
}

fn count_of(table: &Table<9>) -> Result<u32, String> {
    let field = table.field(VALUE);
    positive(field).ok_or_else(|| {
        let found = quoted(field);
        format!("`value` {found} is not a count from 1 to 2147483647")
    })
}

fn positive(field: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(field).ok()?;
    let count = text.parse::<i32>().ok().filter(|count| *count >= 1)?;
    Some(count.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GroupName;
    use std::io::Cursor;

    fn read_text(text: &str) -> Result<Vec<TimedAction>, Vec<String>> {
        read(Box::new(Cursor::new(text.as_bytes().to_vec())))
    }

    #[test]
    fn a_name_with_a_mark_in_it_is_told_first() {
        let text = "time_s,action,id,group\n0,submit,1,aS>b\n1,submit,2,a\n2,close-group,,a\n";
        let actions = read_text(text).expect("good");
        assert_eq!(actions.len(), 4);
        assert_eq!(actions[0].action, Action::NameGroup("aS>b".into()));
    }

    #[test]
    fn every_action_is_read_and_sorted_by_time() {
        let text = "\
time_s,action,id,group,keep_alive,duration_s,server_close,value,held
# remarks may stand anywhere
5,complete,1,,,,true,,
0,submit,1,a,false,,,,
0,submit,2,,,0.25,,,true
6,abort,2,,,,,,
6,close-response,2,,,,,,
7,close-group,,a,,,,,
7,server-fin,,,,,,,
8,set-max-idle-time,,,,,,5s,
8,set-connection-limit,,,,,,unlimited,
8,set-connection-lease,,,,,,never,
9,hold-service-point,,,,,,,
9,fail-sockets,,,,,,2,
";
        let actions: Vec<Action> = read_text(text)
            .expect("good")
            .into_iter()
            .map(|it| it.action)
            .collect();
        let a = GroupName::from_text("a");
        let submit =
            |id, group, keep_alive, duration: Option<u64>, by_timeline, held| Action::Submit {
                id,
                group,
                keep_alive,
                duration: duration.map(SimSpan::from_millis),
                completed_by_timeline: by_timeline,
                held,
            };
        assert_eq!(
            actions,
            [
                submit(1, a, Some(false), None, true, false),
                submit(2, GroupName::UNNAMED, None, Some(250), false, true),
                Action::Complete {
                    id: 1,
                    server_close: true
                },
                Action::Abort { id: 2 },
                Action::CloseResponse { id: 2 },
                Action::CloseGroup { group: a },
                Action::ServerFin {
                    group: GroupName::UNNAMED
                },
                Action::SetMaxIdleTime(Some(SimSpan::from_seconds(5))),
                Action::SetConnectionLimit(ConnectionLimit::UNLIMITED),
                Action::SetConnectionLease(None),
                Action::HoldServicePoint,
                Action::FailSockets(2),
            ]
        );
    }

    #[test]
    fn every_bad_line_says_what_was_expected() {
        let text = "time_s,action,id,value\n0,submit,,\n0,sleep,,\n1,set-connection-limit,,0\n\
                    1,set-max-idle-time,,5\n2,abort,1,x\nsoon,abort,1,\n";
        let actions = ACTIONS.join(", ");
        assert_eq!(
            read_text(text).expect_err("bad"),
            [
                "line 2: `id` `` is not a whole number from 0".to_owned(),
                format!("line 3: unknown action `sleep`; actions are {actions}"),
                "line 4: `value` `0` is neither a count from 1 to 2147483647 nor `unlimited`".into(),
                "line 5: `value` `5`: a time needs a unit; write a duration such as `100s`, or `never`"
                    .into(),
                "line 6: `value` `x` says nothing to `abort`".into(),
                "line 7: `time_s` `soon` is not a decimal number of seconds".into(),
            ]
        );
    }

    #[test]
    fn requests_are_submitted_once_and_before_they_end() {
        let text = "time_s,action,id,duration_s\n0,complete,1,\n1,submit,1,\n2,submit,1,\n\
                    3,submit,4,1\n4,complete,4,\n5,complete,4,\n6,abort,9,\n";
        assert_eq!(
            read_text(text).expect_err("bad"),
            [
                "line 2: `id` `1` was not submitted before",
                "line 4: `id` `1` was submitted on line 3 already",
                "line 7: `id` `4` was completed on line 6 already",
                "line 8: `id` `9` was not submitted before",
                "line 5: `duration_s` and the `complete` on line 6 both end this request: leave one out",
            ]
        );
    }
}
