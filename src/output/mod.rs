//! From results to bytes: every file that a run writes, and the comparison on the terminal.
//!
//! Lives here: formats. Does not live here: opening, writing or naming folders (the shell does),
//! and any number that is not already in a [`Comparison`].
//!
//! **Invariant:** pure functions; the same comparison gives the same bytes on every machine. No
//! clock, environment, host name, path or installed font is looked at.

#![allow(
    clippy::format_push_string,
    reason = "a page is a few kilobytes; `+=` reads better than a `write!` that cannot fail"
)]

use crate::record::Sample;
use crate::study::{Comparison, PortMap};
use alloc::string::String;
use alloc::vec::Vec;

mod assumptions;
mod chart;
mod csv;
pub mod diagnosis;
pub mod events;
pub mod findings;
pub mod inspect;
mod json;
pub mod manifest;
mod markdown;
mod number;
mod plain;
mod png;
pub mod port_map;
mod remedy;
pub mod report;
#[cfg(test)]
mod sample;
mod text;

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

/// One chart of a run: how its files are called, how it is drawn, what it shows in one sentence.
struct Picture {
    stem: &'static str,
    draw: fn(&Comparison) -> String,
    alt: fn(&Comparison) -> String,
}

/// Every chart of a run. A new one is a line here and a file in `chart/`.
const PICTURES: [Picture; 2] = [
    Picture {
        stem: "ports",
        draw: chart::ports_svg,
        alt: chart::ports_alt,
    },
    Picture {
        stem: "states",
        draw: chart::states_svg,
        alt: chart::states_alt,
    },
];

/// How many pixels of a PNG make one unit of the SVG: 1 is 900 pixels wide.
const PNG_SCALE: f32 = 1.0;

/// Every file of `spsim run`, in the order they are written: the manifest comes last, so that a
/// folder without one, or with one that does not fit, is known to be unfinished.
pub fn artifacts(comparison: &Comparison, formats: PictureFormats) -> Vec<Artifact> {
    artifacts_with_map(comparison, formats, None)
}

/// The same with `port-map.json`, where there is a map.
pub fn artifacts_with_map(
    comparison: &Comparison,
    formats: PictureFormats,
    map: Option<&PortMap>,
) -> Vec<Artifact> {
    let artifact = |name: &str, bytes: Vec<u8>| Artifact {
        name: name.into(),
        bytes,
    };
    let mut files = vec![
        artifact("ports.csv", csv::ports_csv(comparison)),
        artifact("summary.json", summary_json(comparison).into_bytes()),
    ];
    if let Some(map) = map {
        let text = port_map::json(&comparison.scenario, map);
        files.push(artifact(port_map::FILE, text.into_bytes()));
    }
    for picture in &PICTURES {
        if !formats.svg && !formats.png {
            continue;
        }
        let svg = (picture.draw)(comparison);
        let pixels = formats.png.then(|| png::render(&svg, PNG_SCALE));
        if formats.svg {
            files.push(artifact(&format!("{}.svg", picture.stem), svg.into_bytes()));
        }
        if let Some(pixels) = pixels {
            files.push(artifact(&format!("{}.png", picture.stem), pixels));
        }
    }
    let readme = markdown::readme(comparison, formats);
    files.push(artifact("README.md", readme.into_bytes()));
    let manifest = manifest::json(&comparison.scenario, &files);
    files.push(artifact(manifest::FILE, manifest.into_bytes()));
    files
}

/// `summary.json`, ending in a line feed; `--json` prints the same.
pub fn summary_json(comparison: &Comparison) -> String {
    json::summary(comparison)
}

/// Samples of single runs as CSV, in the columns of `ports.csv`: each strategy's name with its
/// samples.
pub fn samples_csv(strategies: &[(&str, Vec<Sample>)]) -> Vec<u8> {
    csv::samples_csv(strategies)
}

/// The comparison as the terminal shows it: table, winner, assumptions. `color` adds ANSI
/// colours and changes nothing else.
pub fn terminal_table(comparison: &Comparison, color: bool) -> String {
    text::comparison(comparison, color)
}

/// An SVG made by [`artifacts`] as a PNG; `scale` 2.0 doubles its width and height.
///
/// # Panics
/// If `svg` is not one of ours: ours always parse.
pub fn png_of(svg: &str, scale: f32) -> Vec<u8> {
    png::render(svg, scale)
}

#[cfg(test)]
mod tests;
