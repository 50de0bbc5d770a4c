//! The journal in which a sweep grows: the line that says what sweep it is, the header, and whole
//! rows in order. Rows of the last point may be torn; they are cut off when it is opened again.

use crate::cli::journal::{Journal, checked, read_checked};
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
}

/// How much of a journal is kept.
#[derive(Default)]
struct Kept {
    points: u64,
    /// Bytes in all; 0 where it begins anew.
    bytes: u64,
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
    let Some(identity_bytes) = read_checked(reader, &mut line)? else {
        // Nothing, or torn within the first line: nothing is lost.
        let is_torn = line.last() != Some(&b'\n') && checked(first.as_bytes()).starts_with(&line);
        return Ok(if is_torn {
            Ok(Kept::default())
        } else {
            Err("is not the unfinished work of a sweep".into())
        });
    };
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
    let header_bytes = match read_checked(reader, &mut line)? {
        Some(bytes) if line == table.header() => bytes,
        _ => return Ok(Ok(Kept::default())),
    };
    let shard = identity.shard().unwrap_or(Shard::WHOLE);
    let next = |line: &mut Vec<u8>| read_checked(reader, line);
    let (points, rows) = whole_points(next, table, design, shard)?;
    Ok(Ok(Kept {
        points,
        bytes: identity_bytes + header_bytes + rows,
    }))
}

/// Counts the points, and their bytes, whose rows are whole and are those expected. `next` reads
/// a line and says how many bytes it takes; `None` where it is not whole.
///
/// # Errors
/// The file cannot be read.
pub(super) fn whole_points(
    mut next: impl FnMut(&mut Vec<u8>) -> io::Result<Option<u64>>,
    table: &Table,
    design: &Design,
    shard: Shard,
) -> io::Result<(u64, u64)> {
    let (mut bytes, mut line) = (0, Vec::new());
    for local in 0..shard.count(design.points()) {
        let mut of_point = 0;
        for beginning in table.beginnings(&design.values(shard.point(local))) {
            match next(&mut line)? {
                Some(length) if line.starts_with(&beginning) => of_point += length,
                _ => return Ok((local, bytes)),
            }
        }
        bytes += of_point;
    }
    Ok((shard.count(design.points()), bytes))
}
