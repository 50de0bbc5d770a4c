//! UTF-16 as PowerShell writes it, read as UTF-8.

use std::io::{self, BufRead, BufReader, Read};

/// `input` itself, or transcoded where it begins with the mark of UTF-16.
pub(crate) fn as_utf8(input: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut buffered = BufReader::with_capacity(1 << 16, input);
    // Two bytes may arrive one by one only from a pipe; then it is not PowerShell's file.
    let start = buffered.fill_buf()?;
    let little = start.starts_with(&[0xff, 0xfe]);
    let big = start.starts_with(&[0xfe, 0xff]);
    if !little && !big {
        return Ok(Box::new(buffered));
    }
    buffered.consume(2);
    let transcoder = Transcoder {
        inner: buffered,
        big,
        text: Vec::new(),
        at: 0,
        high: None,
    };
    Ok(Box::new(transcoder))
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
    fn both_byte_orders_become_utf_8() {
        let text = "Größe 😀\r\n".repeat(1_000);
        let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big, text.clone().into_bytes()] {
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
