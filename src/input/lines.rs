//! Lines of a stream, each in bounded memory.

use super::stream::{Limits, size_text};
use std::io::{self, BufRead, BufReader, Read};

/// The largest log, decompressed: 16 GiB.
pub(crate) const LIMITS: Limits = Limits { bytes: 1 << 34 };

/// The longest line that can be a request: 64 KiB. Longer ones are skipped and reported.
pub(crate) const MAX_LINE_BYTES: usize = 1 << 16;

/// Lines of a stream, each in bounded memory.
pub(crate) struct Lines {
    reader: BufReader<Box<dyn Read>>,
    /// The current line, without its end and cut at the bound.
    pub(crate) line: Vec<u8>,
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Whether it was cut.
    pub(crate) too_long: bool,
    /// Whether the last line read had an end.
    pub(crate) ended: bool,
    bytes: u64,
    most: usize,
    limits: Limits,
}

impl Lines {
    /// Lines of a log, each cut at [`MAX_LINE_BYTES`].
    pub(crate) fn new(input: Box<dyn Read>) -> Lines {
        Lines::bounded(input, LIMITS)
    }

    /// Lines of a log, of a stream that ends at a bound of its own.
    pub(crate) fn bounded(input: Box<dyn Read>, limits: Limits) -> Lines {
        Lines::of_at_most(input, MAX_LINE_BYTES, limits)
    }

    /// Lines, each cut at `most` bytes.
    pub(crate) fn of_at_most(input: Box<dyn Read>, most: usize, limits: Limits) -> Lines {
        Lines {
            reader: BufReader::with_capacity(1 << 16, input),
            line: Vec::new(),
            number: 0,
            too_long: false,
            ended: true,
            bytes: 0,
            most,
            limits,
        }
    }

    /// Reads the next line; false at the end of the file.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        self.too_long = false;
        let mut any = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                self.ended = !any && self.ended;
                self.number += u64::from(any);
                return Ok(any);
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            let room = self.most - self.line.len();
            self.too_long |= piece.len() > room;
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(used);
            self.bytes += used as u64;
            if self.bytes > self.limits.bytes {
                let size = size_text(self.limits.bytes);
                return Err(io::Error::other(format!("is larger than {size}")));
            }
            if end.is_some() {
                self.number += 1;
                return Ok(true);
            }
        }
    }
}

/// Whether a stream could not be decompressed to its end: not a bound of ours, and not the
/// machine's fault.
pub(crate) fn is_damage(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}
