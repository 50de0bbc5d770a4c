//! The trace CSV: one request per row, streamed.
//!
//! | column | meaning |
//! |---|---|
//! | `time_s` | when the request is made, decimal seconds from 0, never falling; required |
//! | `group` | its `ConnectionGroupName`; empty is the default group |
//! | `duration_s` | how long its response takes, decimal seconds; empty leaves it to the server |
//! | `keep_alive` | `true`, `false`, `1` or `0`; empty leaves it to the workload |
//!
//! A header is required, its order is free. A first pass checks every row and takes the digest
//! (of the decompressed bytes); then each run streams the rows again. Memory is bounded by one
//! record.

use super::table::{Format, Table, quoted};
use super::{Limits, Problems};
use crate::model::GroupName;
use crate::model::workload::{TraceRow, TraceSource};
use crate::sim::TraceError;
use crate::units::parse_seconds;
use crate::units::{SimSpan, SimTime};
use crate::words::plain;
use std::io::Read;

/// The largest trace, decompressed: 16 GiB.
pub const LIMITS: Limits = Limits { bytes: 1 << 34 };

/// The header that `spsim import` writes: every column in its usual order.
pub const HEADER: [&str; 4] = ["time_s", "group", "duration_s", "keep_alive"];

const TIME: usize = 0;
const GROUP: usize = 1;
const DURATION: usize = 2;
const KEEP_ALIVE: usize = 3;

const FORMAT: Format<4> = Format {
    columns: HEADER,
    required: 1,
    remark: None,
    limits: LIMITS,
    empty: "is empty: a header with `time_s` is expected on the first line",
};

/// Checks a whole trace and says what it has.
///
/// # Errors
/// Every problem with its line, at most [`super::PROBLEMS_SHOWN`] and a count of the others.
pub fn check(path: &str, input: Box<dyn Read>) -> Result<TraceSource, Vec<String>> {
    let mut table = Table::open(input, &FORMAT)?;
    let mut problems = Problems::default();
    let mut before = SimTime::ZERO;
    while table.advance(&mut problems) {
        match row_of(&table, before) {
            Ok(row) => before = row.at,
            Err(problem) => problems.push(|| format!("line {}: {problem}", table.line())),
        }
    }
    if problems.count() > 0 {
        return Err(problems.into_messages());
    }
    Ok(TraceSource {
        path: path.into(),
        digest: table.digest(),
        has_group: table.has(GROUP),
        has_duration: table.has(DURATION),
        has_keep_alive: table.has(KEEP_ALIVE),
    })
}

/// The rows of a trace that was checked before; each is checked again as it passes, and at the
/// end the whole must have the digest it had.
///
/// # Errors
/// The header is no longer what it was.
pub fn rows(
    source: &TraceSource,
    input: Box<dyn Read>,
) -> Result<impl Iterator<Item = Result<TraceRow, TraceError>> + use<>, TraceError> {
    let table = Table::open(input, &FORMAT)
        .map_err(|problems| trace_error(&source.path, problems.join("; ")))?;
    Ok(Rows {
        path: source.path.clone(),
        digest: source.digest,
        table,
        before: SimTime::ZERO,
        done: false,
    })
}

/// A trace error at `path`.
pub(crate) fn trace_error(path: &str, problem: String) -> TraceError {
    TraceError {
        path: path.into(),
        problem,
    }
}

struct Rows {
    path: String,
    digest: u64,
    table: Table<4>,
    before: SimTime,
    done: bool,
}

impl Rows {
    fn read(&mut self) -> Result<Option<TraceRow>, String> {
        if !self.table.read().map_err(|error| super::describe(&error))? {
            let unchanged = self.table.digest() == self.digest;
            let changed = "the file changed after it was checked";
            return unchanged.then_some(None).ok_or_else(|| changed.into());
        }
        let row = row_of(&self.table, self.before)
            .map_err(|problem| format!("line {}: {problem}", self.table.line()))?;
        self.before = row.at;
        Ok(Some(row))
    }
}

impl Iterator for Rows {
    type Item = Result<TraceRow, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let row = self.read();
        self.done = !matches!(row, Ok(Some(_)));
        row.map_err(|problem| trace_error(&self.path, problem))
            .transpose()
    }
}

/// The table's current record as a request.
#[inline]
fn row_of(table: &Table<4>, before: SimTime) -> Result<TraceRow, String> {
    table.check_width()?;
    let at = SimTime::from_nanos(seconds_of(table.field(TIME), "time_s")?);
    if at < before {
        return Err(out_of_order(table.field(TIME), before));
    }
    let group = if table.has(GROUP) {
        Some(group_of(table.field(GROUP))?)
    } else {
        None
    };
    let duration = match table.field(DURATION) {
        b"" => None,
        text => Some(SimSpan::from_nanos(seconds_of(text, "duration_s")?)),
    };
    Ok(TraceRow {
        at,
        group,
        duration,
        keep_alive: flag_of(table.field(KEEP_ALIVE), "keep_alive")?,
    })
}

#[cold]
fn out_of_order(text: &[u8], before: SimTime) -> String {
    let text = quoted(text);
    let before = crate::units::Seconds(before.as_nanos());
    format!("`time_s` {text} is earlier than {before} in the row before: sort the rows by time")
}

/// Decimal seconds of a column, in nanoseconds.
pub(crate) fn seconds_of(text: &[u8], column: &str) -> Result<u64, String> {
    parse_seconds(text).map_err(|error| match text {
        b"" => format!("`{column}` is empty: decimal seconds are expected"),
        _ => format!("`{column}` {} {error}", quoted(text)),
    })
}

/// A group name of a column.
pub(crate) fn group_of(text: &[u8]) -> Result<GroupName, String> {
    std::str::from_utf8(text)
        .map(|text| GroupName::from_text(plain::of_cell(text)))
        .map_err(|_| format!("`group` {} is not UTF-8", quoted(text)))
}

/// A yes or no of a column; empty is neither.
pub(crate) fn flag_of(text: &[u8], column: &str) -> Result<Option<bool>, String> {
    match text {
        b"" => Ok(None),
        b"true" | b"1" => Ok(Some(true)),
        b"false" | b"0" => Ok(Some(false)),
        _ if text.eq_ignore_ascii_case(b"true") => Ok(Some(true)),
        _ if text.eq_ignore_ascii_case(b"false") => Ok(Some(false)),
        _ => {
            let text = quoted(text);
            Err(format!("`{column}` {text} is neither `true` nor `false`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn checked(text: &str) -> Result<TraceSource, Vec<String>> {
        check("t.csv", Box::new(Cursor::new(text.as_bytes().to_vec())))
    }

    fn rows_of(text: &str) -> Vec<TraceRow> {
        let source = checked(text).expect("a good trace");
        let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
        rows(&source, input)
            .expect("the same trace")
            .collect::<Result<_, _>>()
            .expect("good rows")
    }

    fn problems(text: &str) -> Vec<String> {
        checked(text).expect_err("a bad trace")
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let rows =
            rows_of("\u{feff}keep_alive, group ,time_s,duration_s\r\nFALSE,a,0.5,\r\n,,2,1e-3\r\n");
        assert_eq!(
            rows,
            [
                TraceRow {
                    at: SimTime::from_nanos(500_000_000),
                    group: Some(GroupName::from_text("a")),
                    duration: None,
                    keep_alive: Some(false),
                },
                TraceRow {
                    at: SimTime::from_nanos(2_000_000_000),
                    group: Some(GroupName::UNNAMED),
                    duration: Some(SimSpan::from_millis(1)),
                    keep_alive: None,
                },
            ]
        );
    }

    #[test]
    fn what_the_file_has_is_told() {
        let only_time = checked("time_s\n0\n").expect("good");
        assert!(!only_time.has_group && !only_time.has_duration && !only_time.has_keep_alive);
        let two = checked("duration_s,time_s\n,0\n").expect("good");
        assert!(!two.has_group && two.has_duration && !two.has_keep_alive);
        assert_ne!(only_time.digest, two.digest);
    }

    #[test]
    fn a_quoted_group_may_hold_commas_and_line_ends() {
        let rows = rows_of("time_s,group\n0,\"a,\"\"b\"\"\nc\"\n");
        assert_eq!(rows[0].group, Some(GroupName::from_text("a,\"b\"\nc")));
    }

    #[test]
    fn every_bad_row_is_named_by_its_line() {
        let text =
            "time_s,duration_s,keep_alive\r\n\r\n1,,\n0.5,,\n2,x,\n\n3,,maybe\n4,-1,\n5,\n,,\n6,,";
        assert_eq!(
            problems(text),
            [
                "line 4: `time_s` `0.5` is earlier than 1 in the row before: sort the rows by time",
                "line 5: `duration_s` `x` is not a decimal number of seconds",
                "line 7: `keep_alive` `maybe` is neither `true` nor `false`",
                "line 8: `duration_s` `-1` is negative",
                "line 9: 2 fields, the header has 3",
                "line 10: `time_s` is empty: decimal seconds are expected",
            ]
        );
    }

    #[test]
    fn a_last_line_without_end_has_its_own_number() {
        assert_eq!(
            problems("time_s\n0\nx"),
            ["line 3: `time_s` `x` is not a decimal number of seconds"]
        );
    }

    #[test]
    fn only_the_first_problems_are_shown_and_all_are_counted() {
        let text = format!("time_s\n{}", "x\n".repeat(25));
        let found = problems(&text);
        assert_eq!(found.len(), 11);
        assert_eq!(found[10], "15 more problems, 25 in all");
    }

    #[test]
    fn a_bad_header_names_its_columns() {
        assert_eq!(
            problems("time,group,group\n0,a,b\n"),
            [
                "line 1: unknown column `time`; columns are time_s, group, duration_s, keep_alive",
                "line 1: column `group` is there twice",
                "line 1: column `time_s` is missing",
            ]
        );
        assert_eq!(
            problems(""),
            ["is empty: a header with `time_s` is expected on the first line"]
        );
    }

    #[test]
    fn a_file_that_changed_is_noticed_at_its_end() {
        let source = checked("time_s\n0\n").expect("good");
        let input = Box::new(Cursor::new(b"time_s\n1\n".to_vec()));
        let found: Vec<_> = rows(&source, input).expect("opens").collect();
        assert_eq!(found.len(), 2, "the row, then the error, then nothing");
        assert_eq!(
            found[1],
            Err(trace_error(
                "t.csv",
                "the file changed after it was checked".into()
            ))
        );
    }

    #[test]
    fn a_quotation_mark_that_never_closes_stops_at_the_bound() {
        let text = format!("time_s,group\n0,\"{}", "x\n".repeat(1 << 20));
        assert_eq!(problems(&text), ["has a line longer than 1 MiB"]);
    }
}
