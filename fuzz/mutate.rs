//! Mutations of bytes, from a numbered random source.

/// Pieces that readers are likely to stumble over.
const PIECES: [&[u8]; 34] = [
    b"0",
    b"-1",
    b"1e308",
    b"-1e-308",
    b"9223372036854775807",
    b"18446744073709551616",
    b"nan",
    b"inf",
    b"\0",
    b"\x1b[2J",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc2\x9b",
    b"\xe2\x80\xae",
    b"\r\n",
    b"\n",
    b"\t",
    b"\"",
    b"'",
    b"\"\"\"",
    b"[[",
    b"]]",
    b"{",
    b"}",
    b"=",
    b",",
    b";",
    b"..",
    b"%",
    b"\\u0000",
    b"#",
    b"ns",
    b"1ns",
    b"10000d",
];

/// A random source (xorshift64*) and what it does to bytes.
pub(crate) struct Mutator {
    state: u64,
}

impl Mutator {
    /// Number `seed`.
    pub(crate) fn new(seed: u64) -> Mutator {
        let mut mutator = Mutator {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        };
        for _ in 0..4 {
            mutator.next();
        }
        mutator
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, which is above 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// One of several.
    pub(crate) fn one<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// One of the seeds, changed in one to eight places.
    pub(crate) fn mutated(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let other = &seeds[self.below(seeds.len())];
            self.mutate(&mut bytes, other);
        }
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + self.below(40)).min(bytes.len());
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            3 | 4 => {
                let piece = self.one(&PIECES);
                bytes.splice(at..at, piece.iter().copied());
            }
            5 if !other.is_empty() => {
                let from = self.below(other.len());
                let to = (from + self.below(200)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            6 => self.replace_number(bytes, at),
            7 if self.below(4) == 0 => bytes.truncate(at),
            8 => self.swap_lines(bytes),
            _ => {}
        }
    }

    /// The first number from `at` on becomes an extreme one.
    fn replace_number(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let is_part = |it: &u8| it.is_ascii_digit() || matches!(it, b'.' | b'-' | b'e');
        let Some(begin) = bytes[at..].iter().position(u8::is_ascii_digit) else {
            return;
        };
        let begin = at + begin;
        let length = bytes[begin..].iter().take_while(|it| is_part(it)).count();
        let piece = self.one(&PIECES[..8]);
        bytes.splice(begin..begin + length, piece.iter().copied());
    }

    fn swap_lines(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes.split(|it| *it == b'\n').map(<[u8]>::to_vec).collect();
        let (one, two) = (self.below(lines.len()), self.below(lines.len()));
        lines.swap(one, two);
        *bytes = lines.join(&b'\n');
    }
}
