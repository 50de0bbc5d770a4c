//! UTF-16 as PowerShell writes it, read as UTF-8.

use std::io::{self, BufRead, BufReader, Read};

/// `input` itself, or transcoded where it begins with the mark of UTF-16, or as a file in UTF-16
/// without its mark does: two Latin letters.
pub(crate) fn as_utf8(input: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut buffered = BufReader::with_capacity(1 << 16, input);
    // Two bytes may arrive one by one only from a pipe; then it is not PowerShell's file.
    let start = buffered.fill_buf()?;
    let is_latin = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let (big, mark) = match *start {
        [0xff, 0xfe, ..] => (false, 2),
        [0xfe, 0xff, ..] => (true, 2),
        [a, 0, b, 0, ..] if is_latin(a) && is_latin(b) => (false, 0),
        [0, a, 0, b, ..] if is_latin(a) && is_latin(b) => (true, 0),
        _ => return Ok(Box::new(buffered)),
    };
    buffered.consume(mark);
    let transcoder = Transcoder {
        inner: buffered,
        big,
        text: Vec::new(),
        at: 0,
        high: None,
    };
    Ok(Box::new(transcoder))
}

/// Makes a line of UTF-16 inside a file that is not UTF-16 readable, and says whether it was one:
/// PowerShell's `>>` appends such lines to a file that another program has begun.
///
/// Letters beyond Latin-1 are lost; no format here has them where it matters.
pub(crate) fn narrow(line: &mut Vec<u8>) -> bool {
    let zeros = line.split(|byte| *byte == 0).count() - 1;
    // A block of NULs is damage, not text.
    if zeros < 2 || zeros * 3 < line.len() || zeros > line.len() / 2 + 1 {
        return false;
    }
    let mark = [&[0xff, 0xfe][..], &[0xfe, 0xff]];
    if mark.into_iter().any(|mark| line.starts_with(mark)) {
        line.drain(..2);
    }
    line.retain(|byte| *byte != 0);
    true
}

struct Transcoder<R> {
    inner: R,
    big: bool,
    /// UTF-8 that was not fetched yet, from `at` on.
    text: Vec<u8>,
    at: usize,
    /// The first half of a pair.
    high: Option<u16>,
}

impl<R: Read> Transcoder<R> {
    fn refill(&mut self) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(1 << 12);
        // Odd at the end of a file that was cut: the last half character is lost with it.
        self.inner.by_ref().take(1 << 12).read_to_end(&mut bytes)?;
        let (big, high) = (self.big, self.high.take());
        let from_bytes = if big {
            u16::from_be_bytes
        } else {
            u16::from_le_bytes
        };
        let pair = |pair: &[u8]| from_bytes([pair[0], pair[1]]);
        let mut units: Vec<u16> = high
            .into_iter()
            .chain(bytes.chunks_exact(2).map(pair))
            .collect();
        if !bytes.is_empty() && units.last().is_some_and(|it| (0xd800..0xdc00).contains(it)) {
            self.high = units.pop();
        }
        self.text = String::from_utf16_lossy(&units).into_bytes();
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.refill()?;
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_lines_in_a_narrow_file_are_narrowed() {
        let narrowed = |bytes: &[u8]| {
            let mut line = bytes.to_vec();
            narrow(&mut line).then(|| String::from_utf8_lossy(&line).into_owned())
        };
        // The zero behind a line's end begins the next line, of either byte order.
        assert_eq!(narrowed(b"\0T\0C\0P\0\r\0"), Some("TCP\r".into()));
        assert_eq!(narrowed(b"T\0C\0P\0\r\0"), Some("TCP\r".into()));
        assert_eq!(narrowed(b"\xff\xfeT\0C\0P\0"), Some("TCP".into()));
        for other in [&b"TCP 1"[..], b"TCP\0", b"", &[0; 64], b"T\0\0\0\0\0\0\0"] {
            assert_eq!(narrowed(other), None, "{other:?}");
        }
    }

    #[test]
    fn both_byte_orders_become_utf_8() {
        let text = "Größe 😀\r\n".repeat(1_000);
        let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let (bare_little, bare_big) = (little[2..].to_vec(), big[2..].to_vec());
        for bytes in [
            little,
            big,
            bare_little,
            bare_big,
            text.clone().into_bytes(),
        ] {
            let mut found = String::new();
            let input = Box::new(io::Cursor::new(bytes));
            as_utf8(input)
                .expect("memory")
                .read_to_string(&mut found)
                .expect("text");
            assert_eq!(found, text);
        }
    }
}
