//! What was recorded or measured on real runtimes. It is kept compressed: as text it takes twenty
//! times the room.

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where the recordings of the published .NET Framework source with this name are.
pub(crate) fn path(name: &str) -> PathBuf {
    data(&format!("refsrc-{name}"))
}

/// These recordings, one a line.
pub(crate) fn text(name: &str) -> String {
    unpacked(&format!("refsrc-{name}"))
}

/// A compressed file of the tests' data.
pub(crate) fn unpacked(name: &str) -> String {
    let bytes = std::fs::read(data(name)).expect("the file is there");
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .expect("it is whole");
    text
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}
