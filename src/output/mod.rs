//! From results to bytes: every file that a run writes. Opens nothing, writes nothing.

use crate::study::Comparison;
use alloc::string::String;
use alloc::vec::Vec;

/// A file to be written: its name and its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Artifact {
    /// The name inside the output folder: `ports.csv`.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Which picture formats are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PictureFormats {
    /// Vector pictures.
    pub svg: bool,
    /// Pixel pictures.
    pub png: bool,
}

/// Every file of `spsim run`, in the order they are written.
pub fn artifacts(comparison: &Comparison, formats: PictureFormats) -> Vec<Artifact> {
    let _ = (comparison, formats);
    unimplemented!()
}

/// `summary.json`.
pub fn summary_json(comparison: &Comparison) -> String {
    let _ = comparison;
    unimplemented!()
}

/// The comparison as the terminal shows it, without colour.
pub fn terminal_table(comparison: &Comparison, color: bool) -> String {
    let _ = (comparison, color);
    unimplemented!()
}
