//! Charts as SVG text: drawn by plotters, dressed for documentation.
//!
//! Lives here: geometry, colours, labels. Does not live here: pixels (`png`), and the sentences
//! (`findings`, `assumptions`).
//!
//! plotters draws lines and areas. Its SVG backend knows whole coordinates, no dashes and no
//! accessible names, so [`canvas`] lets it draw in tenths of a pixel, wraps each of its drawings
//! in a group that carries dash and name, and writes the text itself: real text, escaped once,
//! with a halo where it crosses lines.

pub(super) mod axis;
pub(super) mod beyond;
mod calibration;
mod canvas;
pub(super) mod clients;
pub(super) mod diagram;
mod frame;
mod key;
pub(super) mod life;
mod measure;
mod palette;
pub(super) mod phases;
mod place;
mod ports;
mod stacks;
mod states;
pub(super) mod steps;
mod survival;
mod sweep;
mod theme;
pub(super) mod xy;
mod zoom;

pub(super) use calibration::svg as calibration_svg;
pub(super) use frame::{caption, simulated};
pub(super) use ports::{alt as ports_alt, svg as ports_svg};
pub(super) use states::{alt as states_alt, svg as states_svg};
pub(super) use survival::{
    alt as survival_alt, is_drawn as survival_is_drawn, svg as survival_svg,
};
pub(super) use sweep::{alt as sweep_alt, caption as sweep_caption, svg as sweep_svg};
pub use theme::Theme;
