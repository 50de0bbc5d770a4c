//! From results to bytes: every file that a run writes, and the comparison on the terminal.
//!
//! Lives here: formats. Does not live here: opening, writing or naming folders (the shell does),
//! and any number that is not already in a [`Comparison`].
//!
//! **Invariant:** pure functions; the same comparison gives the same bytes on every machine. No
//! clock, environment, host name, path or installed font is looked at.

use crate::draw::{Figure, Look, png};
use crate::figures::{beyond, caption, clients, ports, states, survival};
use crate::study::{Comparison, PortMap};
pub use artifact::Artifact;
pub use csv::{Table, TableWriter, samples_csv};
pub use json::{schema as summary_schema, summary as summary_json};

mod artifact;
pub mod calibration;
mod csv;
pub mod diagnosis;
pub mod events;
pub mod gallery;
pub mod inspect;
mod json;
mod json_number;
pub mod manifest;
mod markdown;
pub mod plan;
pub mod port_map;
pub mod report;
mod runs_csv;
mod sparkline;
mod statistics;
mod survival_csv;
pub mod sweep;
mod text;
mod text_table;
mod vega_lite;
pub mod verification;

pub use text::comparison as terminal_table;
pub use text_table::Terminal;

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
    draw: fn(&Comparison, &Look) -> Figure,
    alt: fn(&Comparison) -> String,
}

/// Every chart of a run. A new one is a line here and a file in `figures/`.
const PICTURES: [Picture; 7] = [
    Picture {
        stem: "ports",
        is_drawn: |_| true,
        draw: |comparison, look| Figure::Lines(ports::plot(comparison, look)),
        alt: ports::alt,
    },
    Picture {
        stem: "snat",
        is_drawn: beyond::has_nat,
        draw: |comparison, look| Figure::Lines(beyond::snat(comparison, look)),
        alt: beyond::snat_alt,
    },
    Picture {
        stem: "answers",
        is_drawn: beyond::has_service,
        draw: |comparison, look| Figure::Stacks(beyond::answers(comparison, look)),
        alt: beyond::answers_alt,
    },
    Picture {
        stem: "addresses",
        is_drawn: beyond::has_moves,
        draw: |comparison, look| Figure::Lines(beyond::addresses(comparison, look)),
        alt: beyond::addresses_alt,
    },
    Picture {
        stem: "states",
        is_drawn: |_| true,
        draw: |comparison, look| Figure::Stacks(states::plot(comparison, look)),
        alt: states::alt,
    },
    Picture {
        stem: "clients",
        is_drawn: clients::is_drawn,
        draw: |comparison, look| Figure::Stacks(clients::plot(comparison, look)),
        alt: clients::alt,
    },
    Picture {
        stem: "survival",
        is_drawn: survival::is_drawn,
        draw: |comparison, look| Figure::Lines(survival::plot(comparison, look)),
        alt: survival::alt,
    },
];

/// How many pixels of a PNG make one unit of the SVG: 1 is 900 pixels wide.
const PNG_SCALE: f32 = 1.0;

/// Every file of `spsim run`, the manifest last: it tells all others, so that a folder without one,
/// or with one that does not fit, is known to be unfinished.
pub fn artifacts(comparison: &Comparison, formats: PictureFormats) -> Vec<Artifact> {
    artifacts_with(comparison, formats, &Extras::default())
}

/// What a run writes beyond the usual, or otherwise than usual.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The port map, where one was asked for.
    pub map: Option<PortMap>,
    /// How pictures are to look.
    pub look: Look,
    /// The tables that were written before, because their series were too long to keep.
    pub streamed: Vec<manifest::Entry>,
}

/// [`artifacts`] with extras.
pub fn artifacts_with(
    comparison: &Comparison,
    formats: PictureFormats,
    extras: &Extras,
) -> Vec<Artifact> {
    let tables = Table::all_of(comparison).into_iter();
    // Those that were too long to be kept are written already.
    let tables = tables.filter(|it| extras.streamed.iter().all(|entry| entry.name != it.name()));
    let mut tables = tables.map(|it| Artifact::new(it.name(), csv::table(it, comparison)));
    let mut files: Vec<Artifact> = tables.next().into_iter().collect();
    files.push(Artifact::new("summary.json", summary_json(comparison)));
    if comparison.scenario.replications > 1 {
        let curves = survival_csv::survival_csv(comparison);
        files.push(Artifact::new("survival.csv", curves));
        files.push(Artifact::new(
            runs_csv::FILE,
            runs_csv::runs_csv(comparison),
        ));
    }
    files.extend(tables);
    if let Some(map) = &extras.map {
        let text = port_map::json(&comparison.scenario, map);
        files.push(Artifact::new(port_map::FILE, text));
    }
    files.extend(pictures(comparison, formats, &extras.look));
    let readme = markdown::readme(comparison, formats);
    files.push(Artifact::new("README.md", readme));
    let (scenario, streamed) = (&comparison.scenario, &extras.streamed);
    let manifest = manifest::over(&scenario.name, scenario.digest, streamed, &files);
    files.push(manifest);
    files
}

/// Every picture in every wanted format, with its alt text and caption beside it.
fn pictures(comparison: &Comparison, formats: PictureFormats, look: &Look) -> Vec<Artifact> {
    let mut files = Vec::new();
    if !formats.svg && !formats.png {
        return files;
    }
    let named = renamed(comparison, look);
    let comparison = named.as_ref().unwrap_or(comparison);
    for picture in PICTURES.iter().filter(|it| (it.is_drawn)(comparison)) {
        let figure = (picture.draw)(comparison, look);
        let caption = caption::of(comparison, false, &look.labels);
        let alt = (picture.alt)(comparison);
        files.extend(figure_of(
            picture.stem,
            &figure,
            (&alt, &caption),
            formats,
            look,
        ));
    }
    files
}

/// The comparison under the author's title and names of strategies; `None` where those are the
/// scenario's.
fn renamed(comparison: &Comparison, look: &Look) -> Option<Comparison> {
    if look.title.is_none() && look.renames.is_empty() {
        return None;
    }
    let mut named = comparison.clone();
    if let Some(title) = &look.title {
        named.scenario.title.clone_from(title);
    }
    let rename = |name: &mut String| {
        if let Some((_, new)) = look.renames.iter().find(|(old, _)| old == name) {
            name.clone_from(new);
        }
    };
    named
        .scenario
        .strategies
        .iter_mut()
        .for_each(|it| rename(&mut it.name));
    named
        .strategies
        .iter_mut()
        .for_each(|it| rename(&mut it.name));
    Some(named)
}

/// A figure in every wanted format, and the page that shows it.
fn figure_of(
    stem: &str,
    of: &Figure,
    (alt, caption): (&str, &str),
    formats: PictureFormats,
    look: &Look,
) -> Vec<Artifact> {
    let mut files = figure(stem, &look.drawn(of), (alt, caption), formats, look);
    files.extend(vega_lite(stem, of, look));
    files
}

/// The same picture as a Vega-Lite specification, where one was asked for.
fn vega_lite(stem: &str, of: &Figure, look: &Look) -> Option<Artifact> {
    look.vega_lite.then(|| {
        let mut figure = of.clone();
        look.dress(figure.words_mut());
        Artifact::new(format!("{stem}.vl.json"), vega_lite::specification(&figure))
    })
}

/// A picture, drawn as the author wants it, in every wanted format, and the page that shows it
/// with alt text and caption.
fn figure(
    stem: &str,
    svg: &str,
    (alt, caption): (&str, &str),
    formats: PictureFormats,
    look: &Look,
) -> Vec<Artifact> {
    let mut files = figure_files(stem, svg, formats, look);
    let ending = if formats.svg { "svg" } else { "png" };
    let page = markdown::figure(&format!("{stem}.{ending}"), alt, caption);
    files.push(Artifact::new(format!("{stem}.md"), page));
    files
}

/// A picture in every wanted format.
fn figure_files(stem: &str, svg: &str, formats: PictureFormats, look: &Look) -> Vec<Artifact> {
    let mut files = Vec::new();
    if formats.svg {
        files.push(Artifact::new(format!("{stem}.svg"), svg));
    }
    if formats.png {
        let once = png::render(svg, PNG_SCALE);
        files.push(Artifact::new(format!("{stem}.png"), once));
    }
    if formats.png && look.double {
        let twice = png::render(svg, 2.0 * PNG_SCALE);
        files.push(Artifact::new(format!("{stem}@2x.png"), twice));
    }
    files
}

#[cfg(test)]
mod tests;
