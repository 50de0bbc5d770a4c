//! Plain data to pictures: charts as SVG text, drawn by plotters, dressed for documentation, and
//! as pixels.
//!
//! Lives here: geometry, colours, type, and what an author may choose of them ([`Look`]). Does not
//! live here: what a picture is about. This room knows numbers, names and words that are handed
//! in, as `kernel` knows events.
//!
//! plotters draws lines and areas. Its SVG backend knows whole coordinates, no dashes and no
//! accessible names, so `canvas` lets it draw in tenths of a pixel, wraps each of its drawings
//! in a group that carries dash and name, and writes the text itself: real text, escaped once,
//! with a halo where it crosses lines.

pub(crate) mod axis;
pub(crate) mod canvas;
mod figure;
pub(crate) mod frame;
mod grid_plot;
mod key;
mod lane;
mod line_plot;
mod look;
pub(crate) mod measure;
pub(crate) mod palette;
pub(crate) mod png;
mod stack_plot;
pub(crate) mod steps;
mod strip;
pub(crate) mod theme;

pub use figure::Figure;
pub use frame::Words;
pub use grid_plot::{Cell, GridPanel, GridPlot, Places, Ramp, Threshold};
pub use lane::Voice;
pub use line_plot::{
    Key, KeyPlace, Limit, LinePanel, LinePlot, Moment, Note, Point, Series, Shape,
};
pub use look::{Annotation, Look};
pub use palette::LineLook;
pub use stack_plot::{Layer, StackPanel, StackPlot, StackRow};
pub use strip::{Mark, Strip, Track};
pub use theme::Theme;
