//! How pictures are to look: what an author chooses and no result depends on.

use super::theme::Theme;
use crate::units::SimTime;
use crate::words::labels::Labels;
use alloc::string::String;
use alloc::vec::Vec;

/// The author's choices.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// The width at which a picture is shown, in pixels; `None` is the 900 it is drawn at. The
    /// height follows.
    pub width: Option<u32>,
    /// A title in the place of the scenario's.
    pub title: Option<String>,
    /// Marks in the chart of ports over time.
    pub annotations: Vec<Annotation>,
    /// Whether each PNG is also written at twice the size, as `ports@2x.png`.
    pub double: bool,
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
    /// A picture, drawn at its own size in the light theme, as the author wants it.
    pub(crate) fn applied(&self, svg: &str) -> String {
        let svg = self.theme.applied(svg);
        match self.width {
            Some(width) => resized(&svg, f64::from(width)),
            None => svg,
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
