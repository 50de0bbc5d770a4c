//! The file in which a sweep grows: what is finished survives a crash, and the same command goes
//! on from there.
//!
//! It holds the line that says what sweep it is, the header, and whole rows in order. Rows of the
//! last point may be torn; they are cut off when it is opened again.

use crate::output::sweep::{Table, identity_line, identity_of};
use crate::study::sweep::Identity;
use crate::study::{Design, Shard};
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much work a crash may cost.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// Longest line that is read back: a row is a few hundred bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// A sweep, or a part of one, in the making.
#[derive(Debug)]
pub(super) struct Journal {
    file: BufWriter<File>,
    path: PathBuf,
    flushed: Instant,
    /// Bytes of the line that says what sweep it is.
    identity_bytes: u64,
}

/// What a sweep writes to and from where it goes on.
#[derive(Debug)]
pub(super) struct Opened {
    /// The file.
    pub journal: Journal,
    /// How many points (of this part) it holds.
    pub points: u64,
}

impl Journal {
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
        let cannot = || format!("cannot write `{}`", path.display());
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).with_context(cannot)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                anyhow::bail!("`{}`: another process is writing it", path.display())
            }
            // A file system without locks is no reason not to work.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let first = identity_line(identity);
        let found = kept(&mut file, &first, table, design, identity).with_context(cannot)?;
        let (points, length, of_first) = match found {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(format!("`{}` {refusal}", path.display()))),
        };
        file.set_len(length).with_context(cannot)?;
        file.seek(SeekFrom::End(0)).with_context(cannot)?;
        let mut file = BufWriter::new(file);
        if length == 0 {
            file.write_all(first.as_bytes()).with_context(cannot)?;
            file.write_all(&table.header()).with_context(cannot)?;
            file.flush().with_context(cannot)?;
        }
        let journal = Journal {
            file,
            path: path.into(),
            flushed: Instant::now(),
            identity_bytes: of_first,
        };
        Ok(Ok(Opened { journal, points }))
    }

    /// Adds the rows of the next point.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn append(&mut self, rows: &[u8]) -> Result<()> {
        self.file.write_all(rows).with_context(|| self.cannot())?;
        if self.flushed.elapsed() > FLUSH_EVERY {
            self.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Makes what was added visible to whoever opens the file next.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.file.flush().with_context(|| self.cannot())
    }

    /// The journal becomes `target` as it is: a part.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn become_part(mut self, target: &Path) -> Result<()> {
        self.flush()?;
        let file = self.file.get_ref();
        file.sync_all().with_context(|| self.cannot())?;
        fs::rename(&self.path, target)
            .with_context(|| format!("cannot write `{}`", target.display()))
    }

    /// The rows and their header become `target`: the whole table.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn become_table(mut self, target: &Path) -> Result<()> {
        self.flush()?;
        let mut source = File::open(&self.path).with_context(|| self.cannot())?;
        let from = SeekFrom::Start(self.identity_bytes);
        source.seek(from).with_context(|| self.cannot())?;
        crate::cli::write::stream_atomically(target, |file| {
            std::io::copy(&mut source, file).map(|_| ())
        })?;
        fs::remove_file(&self.path)
            .with_context(|| format!("cannot remove `{}`", self.path.display()))
    }

    fn cannot(&self) -> String {
        format!("cannot write `{}`", self.path.display())
    }
}

/// Points and bytes that are kept of a journal and bytes of its first line, or why it is not ours
/// to go on with.
fn kept(
    file: &mut File,
    first: &str,
    table: &Table,
    design: &Design,
    identity: &Identity,
) -> std::io::Result<Result<(u64, u64, u64), String>> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    read_line(&mut reader, &mut line)?;
    // Nothing, or torn within the first line or the header: nothing is lost.
    let afresh = (0, 0, first.len() as u64);
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
    let mut length = line.len() as u64;
    read_line(&mut reader, &mut line)?;
    if line != table.header() {
        return Ok(Ok(afresh));
    }
    let of_first = length;
    length += line.len() as u64;
    let shard = identity.shard().unwrap_or(Shard::WHOLE);
    let (points, bytes) = whole_points(&mut reader, table, design, shard)?;
    Ok(Ok((points, length + bytes, of_first)))
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
) -> std::io::Result<(u64, u64)> {
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

/// Reads one line with its line feed; less at the end of the file.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<()> {
    line.clear();
    reader.by_ref().take(LONGEST_LINE).read_until(b'\n', line)?;
    Ok(())
}
