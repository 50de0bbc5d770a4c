//! Recordings of the published .NET Framework source. They are kept compressed: as text they
//! take twenty times the room.

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where the recordings of this name are.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/refsrc-{name}"))
}

/// The recordings of this name, one a line.
pub(crate) fn text(name: &str) -> String {
    let bytes = std::fs::read(path(name)).expect("the recordings are there");
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .expect("they are whole");
    text
}
