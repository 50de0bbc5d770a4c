//! Opening a user's file: gzip by its first bytes, a digest and two bounds on the way.

use crate::units::{FNV_1A_START, fnv_1a};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest record of any file: 1 MiB. A file without line ends, or with a quotation mark
/// that is never closed, stops here instead of filling the memory.
pub const MAX_RECORD_BYTES: u64 = 1 << 20;

const BUFFER_BYTES: usize = 1 << 16;

/// Bounds of one file, counted after decompression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most bytes that are read.
    pub bytes: u64,
}

/// Opens `path` for reading, decompressing it if it is gzipped.
///
/// # Errors
/// The file is missing, not readable, or not a regular file.
pub fn open_stream(path: &Path) -> io::Result<Box<dyn Read>> {
    inflate(open_as_it_is(path)?)
}

/// Opens a regular file, its bytes as they are.
///
/// # Errors
/// It cannot be opened, or is something else.
pub(super) fn open_as_it_is(path: &Path) -> io::Result<File> {
    // Asked before opening: opening a pipe would wait for its writer.
    let kind = std::fs::metadata(path)?;
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Err(io::Error::other("is not a regular file"));
    }
    File::open(path)
}

/// `reader`, decompressed if it begins with gzip's two magic bytes.
///
/// # Errors
/// The first bytes cannot be read.
pub fn inflate(reader: impl Read + 'static) -> io::Result<Box<dyn Read>> {
    let mut buffered = BufReader::with_capacity(BUFFER_BYTES, reader);
    if buffered.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(flate2::bufread::MultiGzDecoder::new(buffered)));
    }
    Ok(Box::new(buffered))
}

/// A reader that digests what passes and stops at its bounds.
#[derive(Debug)]
pub(crate) struct Guarded<R> {
    inner: Capped<R>,
    digest: u64,
    since_record: u64,
    last: u8,
}

impl<R: Read> Guarded<R> {
    pub(crate) const fn new(inner: R, limits: Limits) -> Guarded<R> {
        Guarded {
            inner: Capped::new(inner, limits),
            digest: FNV_1A_START,
            since_record: 0,
            last: b'\n',
        }
    }

    /// How many bytes have passed.
    pub(crate) const fn total(&self) -> u64 {
        self.inner.total
    }

    /// Whether the last byte so far ends a line.
    pub(crate) const fn ends_with_newline(&self) -> bool {
        self.last == b'\n'
    }

    /// FNV-1a of all bytes so far.
    pub(crate) const fn digest(&self) -> u64 {
        self.digest
    }

    /// Whoever splits the bytes into records has completed one.
    pub(crate) const fn record_done(&mut self) {
        self.since_record = 0;
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest = fnv_1a(self.digest, &buffer[..count]);
        self.last = buffer[..count].last().copied().unwrap_or(self.last);
        self.since_record += count as u64;
        if self.since_record > MAX_RECORD_BYTES + BUFFER_BYTES as u64 {
            let size = size_text(MAX_RECORD_BYTES);
            return Err(io::Error::other(format!("has a line longer than {size}")));
        }
        Ok(count)
    }
}

/// A reader that stops at a number of bytes, for formats without lines.
#[derive(Debug)]
pub(crate) struct Capped<R> {
    inner: R,
    limits: Limits,
    total: u64,
}

impl<R: Read> Capped<R> {
    pub(crate) const fn new(inner: R, limits: Limits) -> Capped<R> {
        Capped {
            inner,
            limits,
            total: 0,
        }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.total += count as u64;
        if self.total > self.limits.bytes {
            let size = size_text(self.limits.bytes);
            return Err(io::Error::other(format!("is larger than {size}")));
        }
        Ok(count)
    }
}

/// `16 GiB`, for bounds that are round in binary.
pub(crate) fn size_text(bytes: u64) -> String {
    let (scale, unit) = match bytes {
        0..1_024 => (1, "bytes"),
        1_024..1_048_576 => (1 << 10, "KiB"),
        1_048_576..1_073_741_824 => (1 << 20, "MiB"),
        _ => (1 << 30, "GiB"),
    };
    format!("{} {unit}", bytes / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_stops_at_the_bound() {
        let mut reader = Guarded::new(io::repeat(b'x'), Limits { bytes: 1 << 30 });
        let error = io::copy(&mut reader, &mut io::sink()).expect_err("it never ends");
        assert_eq!(error.to_string(), "has a line longer than 1 MiB");
    }

    #[test]
    fn the_size_bound_counts_decompressed_bytes() {
        use std::io::Write;
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&vec![b'0'; 1 << 16]).expect("memory");
        let bytes = gz.finish().expect("memory");
        assert!(bytes.len() < 1_024, "it is a small file");
        let inner = inflate(io::Cursor::new(bytes)).expect("gzip");
        let mut reader = Guarded::new(inner, Limits { bytes: 2_048 });
        let error = io::copy(&mut reader, &mut io::sink()).expect_err("the bound");
        assert_eq!(error.to_string(), "is larger than 2 KiB");
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        let mut reader = Guarded::new(&b"foobar"[..], Limits { bytes: 10 });
        io::copy(&mut reader, &mut io::sink()).expect("memory");
        assert_eq!(reader.digest(), 0x8594_4171_f739_67e8);
    }
}
