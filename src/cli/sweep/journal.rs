//! The journal in which a sweep grows: the line that says what sweep it is, the header, and whole
//! rows in order. Rows of the last point may be torn; they are cut off when it is opened again.

use crate::cli::journal::{Journal, read_line};
use crate::output::sweep::{Table, identity_line, identity_of};
use crate::study::sweep::Identity;
use crate::study::{Design, Shard};
use anyhow::Result;
use std::io::{self, BufRead};
use std::path::Path;

/// What a sweep writes to and from where it goes on.
#[derive(Debug)]
pub(super) struct Opened {
    /// The file.
    pub journal: Journal,
    /// How many points (of this part) it holds.
    pub points: u64,
    /// Bytes of the line that says what sweep it is.
    pub identity_bytes: u64,
}

/// How much of a journal is kept.
#[derive(Default)]
struct Kept {
    points: u64,
    /// Bytes in all; 0 where it begins anew.
    bytes: u64,
    identity_bytes: u64,
}

impl Opened {
    /// Opens or begins the journal at `path`. The inner error is a refusal: another sweep's work
    /// is there.
    ///
    /// # Errors
    /// The file cannot be read or written, or another process is writing it.
    pub(super) fn open(
        path: &Path,
        identity: &Identity,
        table: &Table,
        design: &Design,
    ) -> Result<Result<Opened, String>> {
        let first = identity_line(identity);
        let opened = Journal::open(path, |reader| {
            let found = kept(reader, &first, table, design, identity)?;
            Ok(found.map(|kept| {
                let bytes = kept.bytes;
                (kept, bytes)
            }))
        })?;
        let (mut journal, kept) = match opened {
            Ok(opened) => opened,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if kept.bytes == 0 {
            journal.append(first.as_bytes())?;
            journal.append(&table.header())?;
            journal.flush()?;
        }
        Ok(Ok(Opened {
            journal,
            points: kept.points,
            identity_bytes: kept.identity_bytes,
        }))
    }
}

/// What is kept of a journal, or why it is not ours to go on with.
fn kept(
    reader: &mut impl BufRead,
    first: &str,
    table: &Table,
    design: &Design,
    identity: &Identity,
) -> io::Result<Result<Kept, String>> {
    let mut line = Vec::new();
    read_line(reader, &mut line)?;
    // Nothing, or torn within the first line or the header: nothing is lost.
    let afresh = Kept {
        identity_bytes: first.len() as u64,
        ..Kept::default()
    };
    if line.last() != Some(&b'\n') && first.as_bytes().starts_with(&line) {
        return Ok(Ok(afresh));
    }
    match identity_of(&line) {
        Some(found) if found == *identity => {}
        Some(found) => {
            let differences = identity.differences(&found).join("; ");
            return Ok(Err(format!(
                "holds the unfinished work of another sweep: {differences}"
            )));
        }
        None => return Ok(Err("is not the unfinished work of a sweep".into())),
    }
    let identity_bytes = line.len() as u64;
    read_line(reader, &mut line)?;
    if line != table.header() {
        return Ok(Ok(afresh));
    }
    let shard = identity.shard().unwrap_or(Shard::WHOLE);
    let (points, rows) = whole_points(reader, table, design, shard)?;
    Ok(Ok(Kept {
        points,
        bytes: identity_bytes + line.len() as u64 + rows,
        identity_bytes,
    }))
}

/// Counts the points, and their bytes, whose rows are whole and are those expected.
///
/// # Errors
/// The file cannot be read.
pub(super) fn whole_points(
    reader: &mut impl BufRead,
    table: &Table,
    design: &Design,
    shard: Shard,
) -> io::Result<(u64, u64)> {
    let (mut bytes, mut line) = (0, Vec::new());
    for local in 0..shard.count(design.points()) {
        let mut of_point = 0;
        for beginning in table.beginnings(&design.values(shard.point(local))) {
            read_line(reader, &mut line)?;
            if line.last() != Some(&b'\n') || !line.starts_with(&beginning) {
                return Ok((local, bytes));
            }
            of_point += line.len() as u64;
        }
        bytes += of_point;
    }
    Ok((shard.count(design.points()), bytes))
}
