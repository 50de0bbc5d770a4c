//! A file to be written, and documents as text.

use serde::Serialize;

/// A file to be written: its name and its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Artifact {
    /// The name inside the output folder: `ports.csv`.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// A file of this name and content.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Artifact {
        Artifact {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}

/// A document as JSON for people too, ending in a line feed.
pub(super) fn pretty(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document);
    text.expect("it has only string keys and finite numbers") + "\n"
}
