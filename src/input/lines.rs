//! Lines of a stream, each in bounded memory.

use super::import::{LIMITS, MAX_LINE_BYTES};
use super::stream::size_text;
use std::io::{self, BufRead, BufReader, Read};

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
}

impl Lines {
    /// Lines of a log, each cut at [`MAX_LINE_BYTES`].
    pub(crate) fn new(input: Box<dyn Read>) -> Lines {
        Lines::of_at_most(input, MAX_LINE_BYTES)
    }

    /// Lines, each cut at `most` bytes.
    pub(crate) fn of_at_most(input: Box<dyn Read>, most: usize) -> Lines {
        Lines {
            reader: BufReader::with_capacity(1 << 16, input),
            line: Vec::new(),
            number: 0,
            too_long: false,
            ended: true,
            bytes: 0,
            most,
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
            if self.bytes > LIMITS.bytes {
                let size = size_text(LIMITS.bytes);
                return Err(io::Error::other(format!("is larger than {size}")));
            }
            if end.is_some() {
                self.number += 1;
                return Ok(true);
            }
        }
    }
}
