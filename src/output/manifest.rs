//! `manifest.json`: which files a run wrote, with their digests, so that a folder that is half
//! written or was edited is known as such.

use super::Artifact;
use crate::model::Scenario;
use crate::units::{FNV_1A_START, fnv_1a};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

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

/// The document over `files`, ending in a line feed.
pub(super) fn json(scenario: &Scenario, files: &[Artifact]) -> String {
    let manifest = Manifest {
        schema: SCHEMA,
        spsim: env!("CARGO_PKG_VERSION").into(),
        scenario: scenario.name.clone(),
        digest: format!("{:016x}", scenario.digest),
        files: files
            .iter()
            .map(|file| Entry::of(&file.name, &file.bytes))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&manifest).expect("keys are text");
    text.push('\n');
    text
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
    }
}
