//! Themes: the same drawing in other colours.
//!
//! Charts are drawn in the light theme's colours; another theme exchanges each for its own. A
//! colour stands in an attribute, between quotes that no text of a chart can hold, so no text
//! can be taken for one.

use super::palette::hex;
use alloc::string::String;
use alloc::vec::Vec;
use plotters::style::RGBColor;

/// How a chart is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// On white.
    #[default]
    Light,
    /// On near black, for pages in dark mode.
    Dark,
    /// On white without tints: black text, stronger greys.
    Print,
}

const fn rgb(value: u32) -> RGBColor {
    let [_, red, green, blue] = value.to_be_bytes();
    RGBColor(red, green, blue)
}

/// Each colour of a chart: light, dark, print.
const COLORS: [[RGBColor; 3]; 18] = [
    // Paper, lens, grid, quiet, ink, alarm.
    [rgb(0x00FF_FFFF), rgb(0x0014_181D), rgb(0x00FF_FFFF)],
    [rgb(0x00F7_F8FA), rgb(0x001D_232A), rgb(0x00FF_FFFE)],
    [rgb(0x00E3_E6EA), rgb(0x0033_3B45), rgb(0x00C4_C8CC)],
    [rgb(0x005A_636E), rgb(0x00A9_B3BE), rgb(0x0033_3333)],
    [rgb(0x001F_242B), rgb(0x00E8_EBEF), rgb(0x0000_0000)],
    [rgb(0x00A4_122A), rgb(0x00FF_8A94), rgb(0x008B_001A)],
    // Lines. The first two and the third last are also colours of layers.
    [rgb(0x00D5_5E00), rgb(0x00FF_9A4D), rgb(0x00B8_5000)],
    [rgb(0x0000_5A9C), rgb(0x006F_B7F2), rgb(0x0000_457A)],
    [rgb(0x0000_8A64), rgb(0x004F_D1A5), rgb(0x0000_6B4E)],
    [rgb(0x008E_449A), rgb(0x00D3_9BE0), rgb(0x006F_2F7A)],
    [rgb(0x003D_A5E0), rgb(0x008F_D3F8), rgb(0x002B_86BA)],
    [rgb(0x00C0_8A00), rgb(0x00E5_BE55), rgb(0x0094_6A00)],
    [rgb(0x0040_4040), rgb(0x00C4_C9CF), rgb(0x0030_3030)],
    [rgb(0x00CC_79A7), rgb(0x00F0_A3CD), rgb(0x00AD_4F86)],
    // Layers that no line has.
    [rgb(0x0000_3F6E), rgb(0x002F_7FD0), rgb(0x0000_3359)],
    [rgb(0x009A_D1F2), rgb(0x00A9_DCFF), rgb(0x009A_D1F2)],
    [rgb(0x00F8_EE7E), rgb(0x00F1_E36B), rgb(0x00F8_EE7E)],
    // The quiet good of a phase diagram.
    [rgb(0x00D8_EBE3), rgb(0x001F_4A3C), rgb(0x00E6_F0EC)],
];

/// What a page calls them, in that order.
const NAMES: [&str; 18] = [
    "paper", "lens", "line", "quiet", "ink", "alarm", "s0", "s1", "s2", "s3", "s4", "s5", "s6",
    "s7", "l0", "l1", "l2", "good",
];

/// How a colour begins in an attribute.
const OPEN: &str = "=\"#";

impl Theme {
    /// `svg`, drawn in the light theme, in this one.
    pub(crate) fn applied(self, svg: &str) -> String {
        match self {
            Theme::Light => svg.into(),
            Theme::Dark => exchanged(svg, |row| hex(COLORS[row][1])),
            Theme::Print => exchanged(svg, |row| hex(COLORS[row][2])),
        }
    }
}

/// `svg`, drawn in the light theme, in the colours that [`style`] gives its page.
pub(crate) fn with_variables(svg: &str) -> String {
    exchanged(svg, |row| format!("var(--{})", NAMES[row]))
}

/// The colours of every theme for a page that has pictures in it, as CSS: light or dark as the
/// reader has it, and print.
pub(crate) fn style() -> String {
    let rules = |column: usize| {
        let rows = NAMES.iter().zip(COLORS);
        let rules = rows.map(|(name, row)| format!("--{name}: {};", hex(row[column])));
        rules.collect::<Vec<String>>().join(" ")
    };
    format!(
        ":root {{ {} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n\
         @media print {{ :root {{ {} }} }}\n",
        rules(0),
        rules(1),
        rules(2)
    )
}

/// `svg` with `new` of its row in the place of each colour of the light theme.
fn exchanged(svg: &str, new: impl Fn(usize) -> String) -> String {
    let mut result = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(at) = rest.find(OPEN) {
        let (before, from) = rest.split_at(at + OPEN.len() - 1);
        result += before;
        // Seven characters: the hash and six digits.
        let color = from.get(..7).unwrap_or(from);
        let known = COLORS
            .iter()
            .position(|row| hex(row[0]).eq_ignore_ascii_case(color));
        match known {
            Some(row) => result += &new(row),
            None => result += color,
        }
        rest = &from[color.len()..];
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::super::palette::{self, LAYERS};
    use super::*;

    #[test]
    fn every_colour_has_its_place_in_every_theme() {
        let mut used: Vec<RGBColor> = (0..8).map(|index| palette::line(index).color).collect();
        used.extend(LAYERS);
        used.extend([
            palette::INK,
            palette::QUIET,
            palette::GRID,
            palette::ALARM,
            palette::PAPER,
            palette::LENS,
            palette::GOOD,
        ]);
        for color in used {
            assert!(COLORS.iter().any(|row| row[0] == color), "{}", hex(color));
        }
    }

    #[test]
    fn only_attributes_change() {
        let svg = "<text fill=\"#1F242B\">#1F242B fill=&quot;#1F242B&quot;</text>";
        let dark = "<text fill=\"#E8EBEF\">#1F242B fill=&quot;#1F242B&quot;</text>";
        assert_eq!(Theme::Dark.applied(svg), dark);
        assert_eq!(Theme::Light.applied(svg), svg);
    }
}
