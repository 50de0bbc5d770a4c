//! The file in which a long command keeps what is finished: it survives a crash, and the same
//! command goes on from there.
//!
//! It holds a line that says of what it is, and then lines that are only added, each behind a
//! checksum of its own. Whoever opens it says how much of it is whole; the rest, torn by a crash
//! or altered since, is cut off.

use super::write::stream_atomically;
use crate::units::{FNV_1A_START, fnv_1a};
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much work a crash may cost.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// Longest line that is read back.
const LONGEST_LINE: u64 = 1 << 20;

/// How many bytes a checksum takes before its line: sixteen digits and a space.
const SUM_BYTES: usize = 17;

/// A file to which lines are added.
#[derive(Debug)]
pub struct Journal {
    file: BufWriter<File>,
    path: PathBuf,
    flushed: Instant,
}

impl Journal {
    /// Opens or begins the journal at `path`. `kept` reads what is there and says what it came
    /// to and how many bytes of it are whole; 0 begins it anew. Its inner error is a refusal.
    ///
    /// # Errors
    /// The file cannot be read or written, or another process is writing it.
    pub fn open<T>(
        path: &Path,
        kept: impl FnOnce(&mut BufReader<&mut File>) -> io::Result<Result<(T, u64), String>>,
    ) -> Result<Result<(Journal, T), String>> {
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
        let found = kept(&mut BufReader::new(&mut file)).with_context(cannot)?;
        let (found, length) = match found {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(format!("`{}` {refusal}", path.display()))),
        };
        file.set_len(length).with_context(cannot)?;
        file.seek(SeekFrom::End(0)).with_context(cannot)?;
        let journal = Journal {
            file: BufWriter::new(file),
            path: path.into(),
            flushed: Instant::now(),
        };
        Ok(Ok((journal, found)))
    }

    /// Adds whole lines.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, lines: &[u8]) -> Result<()> {
        let lines = checked(lines);
        self.file.write_all(&lines).with_context(|| self.cannot())?;
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
    pub fn flush(&mut self) -> Result<()> {
        self.file.flush().with_context(|| self.cannot())
    }

    /// The lines behind the first `skipped`, without their checksums, become `target`, and the
    /// journal goes.
    ///
    /// # Errors
    /// A file cannot be read or written, or somebody has altered the journal.
    pub fn become_table(mut self, target: &Path, skipped: usize) -> Result<()> {
        self.flush()?;
        let cannot = self.cannot();
        // Through the same handle: on Windows nobody else may read what is locked.
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0)).with_context(|| cannot)?;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        stream_atomically(target, |table| {
            for number in 0.. {
                match read_checked(&mut reader, &mut line)? {
                    Some(_) if number < skipped => {}
                    Some(_) => table.write_all(&line)?,
                    None if line.is_empty() => break,
                    None => return Err(io::Error::other("the journal was altered")),
                }
            }
            Ok(())
        })?;
        self.remove()
    }

    /// Nothing of it is needed any more. Somebody else may have removed it.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove(self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove `{}`", self.path.display()))
            }
            _ => Ok(()),
        }
    }

    fn cannot(&self) -> String {
        format!("cannot write `{}`", self.path.display())
    }
}

/// Reads one line with its line feed; less at the end of the file.
///
/// # Errors
/// The file cannot be read.
pub fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    reader.by_ref().take(LONGEST_LINE).read_until(b'\n', line)?;
    Ok(())
}

/// `lines` as a journal holds them: each behind its checksum.
pub fn checked(lines: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        all.extend(format!("{:016x} ", fnv_1a(FNV_1A_START, line)).bytes());
        all.extend(line);
    }
    all
}

/// Reads one line of a journal: what it says, without its checksum, and how many bytes it takes
/// there. `None` where it is torn, altered or missing; `line` is then what is there instead.
///
/// # Errors
/// The file cannot be read.
pub fn read_checked(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    read_line(reader, line)?;
    if line.last() != Some(&b'\n') || line.len() <= SUM_BYTES {
        return Ok(None);
    }
    let bytes = line.len() as u64;
    let content = line[SUM_BYTES..].to_vec();
    if *line != checked(&content) {
        return Ok(None);
    }
    *line = content;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_torn_or_altered_is_not_read() {
        let whole = checked(b"one\ntwo\n");
        let mut line = Vec::new();
        let mut reader = whole.as_slice();
        let read =
            |reader: &mut &[u8], line: &mut Vec<u8>| read_checked(reader, line).expect("memory");
        assert_eq!(read(&mut reader, &mut line), Some(21));
        assert_eq!(line, b"one\n");
        assert_eq!(read(&mut reader, &mut line), Some(21));
        assert_eq!(read(&mut reader, &mut line), None);
        assert!(line.is_empty());
        for at in 0..20 {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            assert_eq!(read(&mut altered.as_slice(), &mut line), None, "byte {at}");
            assert_eq!(read(&mut &whole[..at], &mut line), None, "{at} bytes");
        }
    }
}
