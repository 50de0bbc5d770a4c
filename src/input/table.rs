//! CSV with a header: columns found by name in any order, records with their line.

use super::stream::{Guarded, Limits};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use std::io::{self, Read};

/// A CSV file whose header was read; `N` columns are known, at the index of their name.
pub(crate) struct Table<const N: usize> {
    reader: Reader<Guarded<Box<dyn Read>>>,
    record: ByteRecord,
    positions: [Option<usize>; N],
    width: usize,
}

/// What a table may look like.
pub(crate) struct Format<const N: usize> {
    /// The known columns.
    pub(crate) columns: [&'static str; N],
    /// How many of them, from the first, must be there.
    pub(crate) required: usize,
    /// Lines that begin with this byte are remarks.
    pub(crate) remark: Option<u8>,
    /// Bounds of the file.
    pub(crate) limits: Limits,
    /// What to say of a file without any header.
    pub(crate) empty: &'static str,
}

impl<const N: usize> Table<N> {
    /// Reads the header of `input`.
    pub(crate) fn open(input: Box<dyn Read>, format: &Format<N>) -> Result<Self, Vec<String>> {
        // A trace that PowerShell redirected into a file is UTF-16.
        let input = super::utf16::as_utf8(input).map_err(|error| vec![super::describe(&error)])?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .comment(format.remark)
            .buffer_capacity(1 << 16)
            .from_reader(Guarded::new(input, format.limits));
        let mut table = Table {
            reader,
            record: ByteRecord::new(),
            positions: [None; N],
            width: 0,
        };
        match table.read() {
            Ok(true) => {}
            Ok(false) => return Err(vec![format.empty.into()]),
            Err(error) => return Err(vec![super::describe(&error)]),
        }
        if std::str::from_utf8(table.record.as_slice()).is_err() {
            return Err(vec!["is not UTF-8 text".into()]);
        }
        table.width = table.record.len();
        table.find_columns(format)?;
        Ok(table)
    }

    fn find_columns(&mut self, format: &Format<N>) -> Result<(), Vec<String>> {
        let line = self.line();
        let mut problems = Vec::new();
        for (position, name) in self.record.iter().enumerate() {
            let name = name.trim_ascii();
            let known = format.columns.iter().position(|it| it.as_bytes() == name);
            match known.map(|column| &mut self.positions[column]) {
                Some(place @ None) => *place = Some(position),
                Some(Some(_)) => {
                    let name = quoted(name);
                    problems.push(format!("line {line}: column {name} is there twice"));
                }
                None => problems.push(format!(
                    "line {line}: unknown column {}; columns are {}",
                    quoted(name),
                    format.columns.join(", ")
                )),
            }
        }
        for (column, name) in format.columns.iter().enumerate().take(format.required) {
            if self.positions[column].is_none() {
                problems.push(format!("line {line}: column `{name}` is missing"));
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        problems.truncate(super::PROBLEMS_SHOWN);
        Err(problems)
    }

    /// Whether the header has the column.
    pub(crate) const fn has(&self, column: usize) -> bool {
        self.positions[column].is_some()
    }

    /// Reads the next record that is not blank; false at the end.
    pub(crate) fn read(&mut self) -> io::Result<bool> {
        loop {
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(false);
            }
            self.reader.get_mut().record_done();
            let blank = self.record.len() == 1 && self.record[0].trim_ascii().is_empty();
            if !blank {
                return Ok(true);
            }
        }
    }

    /// Reads the next record; false at the end, and where a problem ends the file.
    pub(crate) fn advance(&mut self, problems: &mut super::Problems) -> bool {
        self.read().unwrap_or_else(|error| {
            problems.push(|| super::describe(&error));
            false
        })
    }

    /// The current record's field, without surrounding blanks; empty without the column.
    #[inline]
    pub(crate) fn field(&self, column: usize) -> &[u8] {
        let position = self.positions[column].unwrap_or(usize::MAX);
        self.record.get(position).unwrap_or_default().trim_ascii()
    }

    /// Says how the record's length differs from the header's, if it does.
    pub(crate) fn check_width(&self) -> Result<(), String> {
        let (found, width) = (self.record.len(), self.width);
        if found == width {
            return Ok(());
        }
        let plural = if found == 1 { "" } else { "s" };
        Err(format!("{found} field{plural}, the header has {width}"))
    }

    /// The line on which the current record ends, from 1.
    #[cold]
    pub(crate) fn line(&self) -> u64 {
        line_of(&self.reader)
    }

    /// FNV-1a digest of the bytes read so far: of the whole file once `read` has said false.
    pub(crate) fn digest(&self) -> u64 {
        self.reader.get_ref().digest()
    }
}

/// The line on which the record that `reader` read last ends, from 1. (The position of a record
/// itself is that of the blank lines before it.)
pub(crate) fn line_of<R: Read>(reader: &Reader<Guarded<R>>) -> u64 {
    let position = reader.position();
    let input = reader.get_ref();
    // The parser stands behind the line end, except behind a last line that has none.
    let unended = position.byte() == input.total() && !input.ends_with_newline();
    position.line() - u64::from(!unended)
}

/// Names in backticks, for messages.
pub(crate) fn all_quoted<T: AsRef<[u8]>>(names: impl IntoIterator<Item = T>) -> String {
    let names = names.into_iter().map(|it| quoted(it.as_ref()));
    names.collect::<Vec<String>>().join(", ")
}

/// A field's bytes in backticks, for messages: short, printable.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const SHOWN: usize = 40;
    // A character has at most 4 bytes.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]);
    let mut shown = String::from("`");
    for (count, character) in text.chars().enumerate() {
        match character {
            _ if count == SHOWN => {
                shown.push('…');
                break;
            }
            // Nothing in a file may steer the terminal that shows the message.
            _ if character.is_control() => shown.extend(character.escape_debug()),
            _ => shown.push(character),
        }
    }
    shown.push('`');
    shown
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_are_short_and_harmless() {
        assert_eq!(quoted(b"it's \"5\""), "`it's \"5\"`");
        assert_eq!(quoted(b"\x1b[2J\xff"), "`\\u{1b}[2J\u{fffd}`");
        assert_eq!(quoted(&[b'x'; 1_000]), format!("`{}…`", "x".repeat(40)));
        assert_eq!(quoted(&[b'x'; 40]), format!("`{}`", "x".repeat(40)));
    }
}
