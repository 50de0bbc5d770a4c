//! Observed durations for `empirical = "file.csv"`.
//!
//! Either CSV with a column `duration_s` (decimal seconds; other columns are ignored, so a trace
//! or a log's export serves as it is), or one duration with its unit per line (`12.5ms`). Lines
//! that begin with `#` are remarks.

use super::stream::{Guarded, Limits};
use super::table::{line_of, quoted};
use super::trace_csv::seconds_of;
use super::{Problems, describe};
use crate::units::SimSpan;
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use std::io::Read;

/// The largest file of durations, decompressed: 64 MiB.
pub const LIMITS: Limits = Limits { bytes: 1 << 26 };

/// The most durations: a million.
pub const MAX_VALUES: usize = 1_000_000;

/// Reads all durations, in the order of the file.
///
/// # Errors
/// Every problem with its line, at most [`super::PROBLEMS_SHOWN`] and a count of the others.
pub fn read(input: Box<dyn Read>) -> Result<Vec<SimSpan>, Vec<String>> {
    let input = super::utf16::as_utf8(input).map_err(|error| vec![describe(&error)])?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .terminator(Terminator::Any(b'\n'))
        .from_reader(Guarded::new(input, LIMITS));
    let mut record = ByteRecord::new();
    let mut column = None;
    let mut values = Vec::new();
    let mut problems = Problems::default();
    let mut is_first = true;
    while next(&mut reader, &mut record, &mut problems) {
        let header = is_first.then(|| header_of(&record)).flatten();
        is_first = false;
        if header.is_some() {
            column = header;
            continue;
        }
        match value_of(&record, column) {
            Ok(value) => values.extend(value),
            Err(problem) => problems.push(|| format!("line {}: {problem}", line_of(&reader))),
        }
        if values.len() > MAX_VALUES {
            return Err(vec![format!("has more than {MAX_VALUES} durations")]);
        }
    }
    if problems.count() == 0 && values.is_empty() {
        problems.push(|| "holds no duration".into());
    }
    if problems.count() > 0 {
        return Err(problems.into_messages());
    }
    Ok(values)
}

fn next<R: Read>(
    reader: &mut Reader<Guarded<R>>,
    record: &mut ByteRecord,
    problems: &mut Problems,
) -> bool {
    let more = reader.read_byte_record(record);
    reader.get_mut().record_done();
    more.unwrap_or_else(|error| {
        problems.push(|| describe(&error.into()));
        false
    })
}

/// Where a header has the durations; `None` if the line is no header.
fn header_of(record: &ByteRecord) -> Option<usize> {
    record
        .iter()
        .position(|name| name.trim_ascii() == b"duration_s")
}

/// The duration of one record; `None` for an empty cell or line.
fn value_of(record: &ByteRecord, column: Option<usize>) -> Result<Option<SimSpan>, String> {
    if let Some(column) = column {
        let field = record.get(column).unwrap_or_default().trim_ascii();
        if field.is_empty() {
            return Ok(None);
        }
        return seconds_of(field, "duration_s").map(|nanos| Some(SimSpan::from_nanos(nanos)));
    }
    let field = record.get(0).unwrap_or_default().trim_ascii();
    if record.len() > 1 {
        return Err("several columns, and no header that names `duration_s`".into());
    }
    if field.is_empty() {
        return Ok(None);
    }
    let shown = quoted(field);
    let text = std::str::from_utf8(field).map_err(|_| format!("{shown} is not UTF-8"))?;
    SimSpan::parse(text)
        .map(Some)
        .map_err(|error| format!("{shown}: {error}; write a duration such as `12.5ms`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read_text(text: &str) -> Result<Vec<SimSpan>, Vec<String>> {
        read(Box::new(Cursor::new(text.as_bytes().to_vec())))
    }

    #[test]
    fn a_column_or_a_bare_list() {
        let millis =
            |values: &[u64]| Ok(values.iter().map(|it| SimSpan::from_millis(*it)).collect());
        assert_eq!(
            read_text("a,duration_s\nx,0.1\ny,\nz,2\n"),
            millis(&[100, 2_000])
        );
        assert_eq!(
            read_text("# mine\n12ms\r\n\r\n1s\r\n"),
            millis(&[12, 1_000])
        );
    }

    #[test]
    fn problems_carry_their_line() {
        assert_eq!(
            read_text("5\n7ms\nx,y\n").expect_err("bad"),
            [
                "line 1: `5`: a time needs a unit; write a duration such as `12.5ms`",
                "line 3: several columns, and no header that names `duration_s`",
            ]
        );
        assert_eq!(
            read_text("duration_s\nfast\n").expect_err("bad"),
            ["line 2: `duration_s` `fast` is not a decimal number of seconds"]
        );
        assert_eq!(read_text("").expect_err("bad"), ["holds no duration"]);
    }
}
