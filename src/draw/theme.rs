//! Themes: the same drawing in other colours.
//!
//! Charts are drawn in the light theme's colours; another theme exchanges each for its own. A
//! colour stands in an attribute, between quotes that no text of a chart can hold, so no text
//! can be taken for one.

use super::palette::{self, RAMP_STEPS, hex};
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

/// A colour of charts: what a page calls it, and what it is in light, dark and print.
type Row = (&'static str, [RGBColor; 3]);

const fn row(name: &'static str, light: u32, dark: u32, print: u32) -> Row {
    (name, [rgb(light), rgb(dark), rgb(print)])
}

/// Each colour but those of the ramp.
const COLORS: [Row; 34] = [
    row("paper", 0x00FF_FFFF, 0x0014_181D, 0x00FF_FFFF),
    row("lens", 0x00F7_F8FA, 0x001D_232A, 0x00F4_F4F4),
    row("line", 0x00E3_E6EA, 0x0033_3B45, 0x00C4_C8CC),
    row("quiet", 0x005A_636E, 0x00A9_B3BE, 0x0033_3333),
    row("ink", 0x001F_242B, 0x00E8_EBEF, 0x0000_0000),
    row("alarm", 0x00A4_122A, 0x00FF_8A94, 0x008B_001A),
    // Lines.
    row("s0", 0x00D5_5E00, 0x00FF_9A4D, 0x00B8_5000),
    row("s1", 0x0000_5A9C, 0x006F_B7F2, 0x0000_457A),
    row("s2", 0x0000_8A64, 0x004F_D1A5, 0x0000_6B4E),
    row("s3", 0x008E_449A, 0x00D3_9BE0, 0x006F_2F7A),
    row("s4", 0x003D_A5E0, 0x008F_D3F8, 0x002B_86BA),
    row("s5", 0x00C0_8A00, 0x00E5_BE55, 0x0094_6A00),
    row("s6", 0x0040_4040, 0x00C4_C9CF, 0x0030_3030),
    row("s7", 0x00CC_79A7, 0x00F0_A3CD, 0x00AD_4F86),
    // States.
    row("l0", 0x0000_3F6E, 0x002F_7FD0, 0x0000_3359),
    row("l1", 0x009A_D1F2, 0x00A9_DCFF, 0x00B4_DDF5),
    row("l2", 0x00AD_7A4E, 0x00C9_935F, 0x0099_6A42),
    row("l3", 0x006B_5778, 0x008C_7599, 0x0056_4462),
    row("l4", 0x00F8_EE7E, 0x00F1_E36B, 0x00FA_F3A0),
    // Programs.
    row("p0", 0x0077_AADD, 0x006C_9FD3, 0x0060_8FBF),
    row("p1", 0x00EE_DD88, 0x00E0_CF7A, 0x00F0_E3A0),
    row("p2", 0x0044_BB99, 0x003F_AF8F, 0x0030_8A70),
    row("p3", 0x00FF_AABB, 0x00F0_9CAE, 0x00FF_C0CC),
    row("p4", 0x008F_9E2B, 0x0099_A835, 0x006F_7B20),
    row("p5", 0x0099_DDFF, 0x008F_D0F0, 0x00B5_E6FF),
    row("p6", 0x00B8_A2D0, 0x00A9_92C2, 0x0096_80B0),
    row("p7", 0x00DD_DDDD, 0x00CF_CFCF, 0x00E6_E6E6),
    // What became of requests, and of ports between bursts.
    row("answered", 0x00A8_C3A0, 0x0065_8A5C, 0x00C9_DAC4),
    row("good", 0x00D8_EBE3, 0x001F_4A3C, 0x00FF_FFFE),
    row("bearable", 0x00C3_D9EC, 0x0024_435E, 0x00DE_DEDE),
    row("worse", 0x00F2_C76E, 0x0077_5712, 0x00AC_ACAC),
    // Words on the ramp.
    row("on-low", 0x001F_242C, 0x00E8_EBEE, 0x001F_242C),
    row("on-high", 0x00FE_FEFE, 0x0010_141A, 0x00FE_FEFE),
    row("load", 0x00F0_F1F3, 0x0022_2931, 0x00EE_EEEE),
];

/// How a colour begins in an attribute.
const OPEN: &str = "=\"#";

impl Theme {
    /// `svg`, drawn in the light theme, in this one.
    pub(crate) fn applied(self, svg: &str) -> String {
        let ramp = |step| Some(hex(palette::ramp(step, self == Theme::Dark)));
        match self {
            Theme::Light => svg.into(),
            Theme::Dark => exchanged(svg, |(_, colors)| hex(colors[1]), ramp),
            Theme::Print => exchanged(svg, |(_, colors)| hex(colors[2]), ramp),
        }
    }
}

/// `svg`, drawn in the light theme, in the colours that [`style`] gives its page, which has no
/// ramp.
pub(crate) fn with_variables(svg: &str) -> String {
    exchanged(svg, |(name, _)| format!("var(--{name})"), |_| None)
}

/// The colours of every theme for a page that has pictures in it, as CSS: light or dark as the
/// reader has it, and print.
pub(crate) fn style() -> String {
    let rules = |column: usize| {
        let rules = COLORS.map(|(name, row)| format!("--{name}: {};", hex(row[column])));
        rules.join(" ")
    };
    format!(
        ":root {{ {} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n\
         @media print {{ :root {{ {} }} }}\n",
        rules(0),
        rules(1),
        rules(2)
    )
}

/// `svg` with `new` of its row in the place of each colour of the light theme, and with `ramp`
/// in that of each step of the ramp.
fn exchanged(
    svg: &str,
    new: impl Fn(&Row) -> String,
    ramp: impl Fn(usize) -> Option<String>,
) -> String {
    let steps: Vec<String> = (0..RAMP_STEPS)
        .map(|it| hex(palette::ramp(it, false)))
        .collect();
    let mut result = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(at) = rest.find(OPEN) {
        let (before, from) = rest.split_at(at + OPEN.len() - 1);
        result += before;
        // Seven characters: the hash and six digits.
        let color = from.get(..7).unwrap_or(from);
        let is_it = |other: &str| other.eq_ignore_ascii_case(color);
        let known = COLORS.iter().find(|(_, row)| is_it(&hex(row[0])));
        let step = || steps.iter().position(|it| is_it(it)).and_then(&ramp);
        result += &known
            .map(&new)
            .or_else(step)
            .unwrap_or_else(|| color.into());
        rest = &from[color.len()..];
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_its_place_in_every_theme() {
        let lines = (0..8).map(|index| palette::line(index).color);
        let mut used: Vec<RGBColor> = lines.collect();
        used.extend([&palette::LAYERS[..], &palette::PROGRAMS, &palette::ON_RAMP].concat());
        used.extend([
            palette::INK,
            palette::QUIET,
            palette::GRID,
            palette::ALARM,
            palette::PAPER,
            palette::LENS,
            palette::GOOD,
            palette::BEARABLE,
            palette::WORSE,
            palette::ANSWERED,
            palette::NO_LOAD,
        ]);
        assert_eq!(used.len(), COLORS.len());
        for color in used {
            assert!(COLORS.iter().any(|it| it.1[0] == color), "{}", hex(color));
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
