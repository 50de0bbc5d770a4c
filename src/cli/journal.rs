//! The file in which a long command keeps what is finished: it survives a crash, and the same
//! command goes on from there.
//!
//! It holds a line that says of what it is, and then lines that are only added. Whoever opens it
//! says how much of it is whole; the rest, torn by a crash, is cut off.

use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much work a crash may cost.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// Longest line that is read back.
const LONGEST_LINE: u64 = 1 << 20;

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
        self.file.write_all(lines).with_context(|| self.cannot())?;
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

    /// The journal becomes `target` as it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn become_file(mut self, target: &Path) -> Result<()> {
        self.flush()?;
        let file = self.file.get_ref();
        file.sync_all().with_context(|| self.cannot())?;
        fs::rename(&self.path, target)
            .with_context(|| format!("cannot write `{}`", target.display()))
    }

    /// What lies behind the first `skipped` bytes becomes `target`, and the journal goes.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn become_rest(mut self, target: &Path, skipped: u64) -> Result<()> {
        self.flush()?;
        let mut source = File::open(&self.path).with_context(|| self.cannot())?;
        let from = SeekFrom::Start(skipped);
        source.seek(from).with_context(|| self.cannot())?;
        super::write::stream_atomically(target, |file| io::copy(&mut source, file).map(|_| ()))?;
        self.remove()
    }

    /// Nothing of it is needed any more.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path)
            .with_context(|| format!("cannot remove `{}`", self.path.display()))
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
