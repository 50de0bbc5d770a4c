//! `manifest.json`: which files a run wrote, with their digests, so that a folder that is half
//! written or was edited is known as such.

use super::artifact::{Artifact, pretty};
use crate::units::{FNV_1A_START, fnv_1a};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Its name.
pub const FILE: &str = "manifest.json";
/// Raised when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// What is in a results folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`] of the version that wrote it.
    pub schema: u32,
    /// The version of spsim that wrote it.
    pub spsim: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's digest.
    pub digest: String,
    /// Every other file of the run.
    pub files: Vec<Entry>,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its FNV-1a digest.
    pub fnv1a: String,
}

impl Entry {
    fn of(name: &str, bytes: &[u8]) -> Entry {
        Entry {
            name: name.into(),
            bytes: bytes.len() as u64,
            fnv1a: format!("{:016x}", fnv_1a(FNV_1A_START, bytes)),
        }
    }

    /// Whether a file of this name holds what the run wrote.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        *self == Entry::of(&self.name, bytes)
    }
}

/// Hands on what is written and takes its digest on the way.
#[derive(Debug)]
pub struct Digested<W> {
    out: W,
    bytes: u64,
    fnv1a: u64,
}

impl<W> Digested<W> {
    /// Before the first byte.
    pub const fn new(out: W) -> Digested<W> {
        Digested {
            out,
            bytes: 0,
            fnv1a: FNV_1A_START,
        }
    }

    /// The entry of a file of this name that holds what was written.
    pub fn entry(&self, name: &str) -> Entry {
        Entry {
            name: name.into(),
            bytes: self.bytes,
            fnv1a: format!("{:016x}", self.fnv1a),
        }
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.bytes += taken as u64;
        self.fnv1a = fnv_1a(self.fnv1a, &bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The manifest over `files`, and over those that were written before. `name` and `digest` are the
/// scenario's.
pub fn over(name: &str, digest: u64, streamed: &[Entry], files: &[Artifact]) -> Artifact {
    let manifest = Manifest {
        schema: SCHEMA,
        spsim: env!("CARGO_PKG_VERSION").into(),
        scenario: name.into(),
        digest: format!("{digest:016x}"),
        files: (streamed.iter().cloned())
            .chain(files.iter().map(|it| Entry::of(&it.name, &it.bytes)))
            .collect(),
    };
    Artifact::new(FILE, pretty(&manifest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_noticed() {
        let entry = Entry::of("ports.csv", b"abc");
        assert!(entry.is_of(b"abc"));
        assert!(!entry.is_of(b"abd"));
        assert!(!entry.is_of(b"ab"));
        let mut digested = Digested::new(Vec::new());
        digested.write_all(b"a").expect("taken");
        digested.write_all(b"bc").expect("taken");
        assert_eq!(digested.entry("ports.csv"), entry);
        assert_eq!(digested.out, b"abc");
    }
}
