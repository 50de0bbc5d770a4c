//! How pictures are to look: what an author chooses and no result depends on.

use super::frame::WIDTH;
use super::line_plot::KeyPlace;
use super::theme::Theme;
use super::{Figure, Words};
use crate::units::SimTime;
use crate::words::labels::Labels;

/// The author's choices.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// The width at which a picture is shown, in pixels; `None` is 900. The height follows, and a
    /// narrow picture is laid out otherwise.
    pub width: Option<u32>,
    /// A title in the place of the scenario's.
    pub title: Option<String>,
    /// What stands below the title, in the place of the scenario's question.
    pub subtitle: Option<String>,
    /// Whether nothing stands below the picture.
    pub no_caption: bool,
    /// From where to where the axis of a chart over time goes upwards.
    pub y_range: Option<(f64, f64)>,
    /// Whether that axis is logarithmic.
    pub is_log: bool,
    /// Whether nothing is enlarged: one axis from 0, up to the limit.
    pub no_zoom: bool,
    /// Where the names of lines stand.
    pub key: KeyPlace,
    /// Other names for strategies in pictures: the name in the scenario, and the one to show.
    pub renames: Vec<(String, String)>,
    /// Marks in charts over time.
    pub annotations: Vec<Annotation>,
    /// Whether each PNG is also written at twice the size, as `ports@2x.png`.
    pub double: bool,
    /// Whether each picture is also written as a Vega-Lite specification, as `ports.vl.json`.
    pub vega_lite: bool,
    /// Every word that no scenario gave.
    pub labels: Labels,
}

/// A mark at an instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation {
    /// When.
    pub at: SimTime,
    /// What it says.
    pub text: String,
}

impl Look {
    /// What stands around a picture, as the author wants it.
    pub(crate) fn dress(&self, words: &mut Words) {
        if let Some(subtitle) = &self.subtitle {
            words.question.clone_from(subtitle);
        }
        if self.no_caption {
            words.caption.clear();
        }
    }

    /// The picture as SVG.
    pub(crate) fn drawn(&self, figure: &Figure) -> String {
        let mut figure = figure.clone();
        self.dress(figure.words_mut());
        self.shown(|width| figure.svg(width))
    }

    /// What `draw` draws at the width it is given, in the author's colours and size.
    pub(crate) fn shown(&self, draw: impl FnOnce(f64) -> String) -> String {
        let width = self.width.map_or(WIDTH, f64::from);
        let svg = self.theme.applied(&draw(width.min(WIDTH)));
        if width > WIDTH {
            resized(&svg, width)
        } else {
            svg
        }
    }
}

/// `svg` shown at another width: its own coordinates stay.
fn resized(svg: &str, width: f64) -> String {
    let attribute = |name: &str| -> Option<(usize, usize, f64)> {
        let start = svg.find(&format!(" {name}=\""))? + name.len() + 3;
        let end = start + svg[start..].find('"')?;
        Some((start, end, svg[start..end].parse().ok()?))
    };
    let (Some(wide), Some(high)) = (attribute("width"), attribute("height")) else {
        return svg.into();
    };
    let height = (high.2 * width / wide.2).round();
    let (before, after) = (&svg[..wide.0], &svg[high.1..]);
    format!("{before}{width}{}{height}{after}", &svg[wide.1..high.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_size_keeps_the_shape() {
        let svg = "<svg width=\"900\" height=\"450\" viewBox=\"0 0 9000 4500\"><rect width=\"5\"/>";
        let small =
            "<svg width=\"600\" height=\"300\" viewBox=\"0 0 9000 4500\"><rect width=\"5\"/>";
        assert_eq!(resized(svg, 600.0), small);
    }
}
