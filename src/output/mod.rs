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

use crate::study::Comparison;
use alloc::string::String;
use alloc::vec::Vec;

mod assumptions;
pub mod calibration;
mod certainty;
mod chart;
mod csv;
pub mod diagnosis;
pub mod events;
pub mod findings;
mod json;
mod markdown;
mod number;
mod plain;
pub mod plan;
mod png;
mod remedy;
#[cfg(test)]
mod sample;
mod statistics;
mod survival_csv;
pub mod sweep;
mod text;
pub mod verification;

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
    is_drawn: fn(&Comparison) -> bool,
    draw: fn(&Comparison) -> String,
    alt: fn(&Comparison) -> String,
}

/// Every chart of a run. A new one is a line here and a file in `chart/`.
const PICTURES: [Picture; 6] = [
    Picture {
        stem: "ports",
        is_drawn: |_| true,
        draw: chart::ports_svg,
        alt: chart::ports_alt,
    },
    Picture {
        stem: "snat",
        is_drawn: chart::beyond::has_nat,
        draw: chart::beyond::snat_svg,
        alt: chart::beyond::snat_alt,
    },
    Picture {
        stem: "answers",
        is_drawn: chart::beyond::has_service,
        draw: chart::beyond::answers_svg,
        alt: chart::beyond::answers_alt,
    },
    Picture {
        stem: "addresses",
        is_drawn: chart::beyond::has_moves,
        draw: chart::beyond::addresses_svg,
        alt: chart::beyond::addresses_alt,
    },
    Picture {
        stem: "states",
        is_drawn: |_| true,
        draw: chart::states_svg,
        alt: chart::states_alt,
    },
    Picture {
        stem: "survival",
        is_drawn: chart::survival_is_drawn,
        draw: chart::survival_svg,
        alt: chart::survival_alt,
    },
];

/// How many pixels of a PNG make one unit of the SVG: 1 is 900 pixels wide.
const PNG_SCALE: f32 = 1.0;

/// Every file of `spsim run`, in the order they are written.
pub fn artifacts(comparison: &Comparison, formats: PictureFormats) -> Vec<Artifact> {
    let artifact = |name: &str, bytes: Vec<u8>| Artifact {
        name: name.into(),
        bytes,
    };
    let mut files = vec![
        artifact("ports.csv", csv::ports_csv(comparison)),
        artifact("summary.json", summary_json(comparison).into_bytes()),
    ];
    if comparison.scenario.replications > 1 {
        let curves = survival_csv::survival_csv(comparison);
        files.push(artifact("survival.csv", curves));
    }
    if comparison.scenario.clients.len() > 1 {
        files.push(artifact("clients.csv", csv::clients_csv(comparison)));
    }
    if chart::beyond::has_nat(comparison) {
        files.push(artifact("snat.csv", csv::snat_csv(comparison)));
    }
    if chart::beyond::has_service(comparison) {
        files.push(artifact("servers.csv", csv::servers_csv(comparison)));
    }
    if chart::beyond::has_moves(comparison) {
        files.push(artifact("addresses.csv", csv::addresses_csv(comparison)));
    }
    for picture in PICTURES.iter().filter(|it| (it.is_drawn)(comparison)) {
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
    files
}

/// `summary.json`, ending in a line feed; `--json` prints the same.
pub fn summary_json(comparison: &Comparison) -> String {
    json::summary(comparison)
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
