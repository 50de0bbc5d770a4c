//! Colours and dashes: Okabe and Ito's palette, which survives the common colour blindnesses,
//! each with a dash pattern of its own, so that grey print tells the lines apart too.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use plotters::style::RGBColor;

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LineLook {
    /// Its colour.
    pub color: RGBColor,
    /// Its dashes in pixels, as `stroke-dasharray` has them; empty is solid.
    pub dash: &'static [f64],
    /// Its width in pixels.
    pub width: f64,
}

impl LineLook {
    /// A short piece of the line for a key outside the picture.
    pub(crate) fn sample(&self) -> String {
        let dashes: Vec<String> = self.dash.iter().map(f64::to_string).collect();
        format!(
            "<svg class=\"sample\" viewBox=\"0 0 30 10\" aria-hidden=\"true\">\
             <path d=\"M0 5H30\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
             stroke-dasharray=\"{}\"/></svg>",
            hex(self.color),
            self.width,
            dashes.join(" ")
        )
    }
}

const LOOKS: [LineLook; 8] = [
    look(RGBColor(0xD5, 0x5E, 0x00), &[], 2.6),
    look(RGBColor(0x00, 0x5A, 0x9C), &[], 2.0),
    look(RGBColor(0x00, 0x8A, 0x64), &[10.0, 2.5], 1.7),
    look(RGBColor(0x8E, 0x44, 0x9A), &[2.0, 2.0], 1.8),
    look(RGBColor(0x3D, 0xA5, 0xE0), &[9.0, 3.0, 2.0, 3.0], 2.0),
    look(RGBColor(0xC0, 0x8A, 0x00), &[4.0, 2.0], 2.0),
    look(RGBColor(0x40, 0x40, 0x40), &[12.0, 4.0], 1.6),
    look(
        RGBColor(0xCC, 0x79, 0xA7),
        &[5.0, 2.0, 1.0, 2.0, 1.0, 2.0],
        2.0,
    ),
];

const fn look(color: RGBColor, dash: &'static [f64], width: f64) -> LineLook {
    LineLook { color, dash, width }
}

/// The look of the line at `index`. From the ninth on colours repeat, with other dashes.
pub(crate) fn line(index: usize) -> LineLook {
    let round = index / LOOKS.len();
    LineLook {
        // Three has no factor in common with eight, so every dash has its turn.
        dash: LOOKS[(index + 3 * round) % LOOKS.len()].dash,
        ..LOOKS[index % LOOKS.len()]
    }
}

/// Of layers on top of each other, from the bottom up. The greys of neighbours differ by a sixth
/// or more.
pub(crate) const LAYERS: [RGBColor; 5] = [
    RGBColor(0x00, 0x3F, 0x6E),
    RGBColor(0x9A, 0xD1, 0xF2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xF8, 0xEE, 0x7E),
];

/// Words on cells that are as light, or as dark, in every theme: these are none of the colours
/// that a theme exchanges.
pub(crate) const ON_LIGHT: RGBColor = RGBColor(0x1F, 0x24, 0x2C);
/// The same on dark cells.
pub(crate) const ON_DARK: RGBColor = RGBColor(0xFE, 0xFE, 0xFE);

/// Text and axes.
pub(crate) const INK: RGBColor = RGBColor(0x1F, 0x24, 0x2B);
/// Text of second rank; 5.9:1 on white.
pub(crate) const QUIET: RGBColor = RGBColor(0x5A, 0x63, 0x6E);
/// Grid lines.
pub(crate) const GRID: RGBColor = RGBColor(0xE3, 0xE6, 0xEA);
/// The limit and what breaks it.
pub(crate) const ALARM: RGBColor = RGBColor(0xA4, 0x12, 0x2A);
/// Behind everything.
pub(crate) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Where all is well, in a phase diagram.
pub(crate) const GOOD: RGBColor = RGBColor(0xD8, 0xEB, 0xE3);
/// Behind an enlarged part.
pub(crate) const LENS: RGBColor = RGBColor(0xF7, 0xF8, 0xFA);

/// `#RRGGBB`.
pub(crate) fn hex(color: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance in grey print, 0 to 1.
    fn grey(color: RGBColor) -> f64 {
        let channel = |value: u8| (f64::from(value) / 255.0).powf(2.2);
        let linear =
            0.2126 * channel(color.0) + 0.7152 * channel(color.1) + 0.0722 * channel(color.2);
        linear.powf(1.0 / 2.2)
    }

    #[test]
    fn layers_differ_in_grey_print() {
        let mut greys: Vec<f64> = LAYERS.map(grey).to_vec();
        greys.sort_by(f64::total_cmp);
        for pair in greys.windows(2) {
            assert!(pair[1] - pair[0] > 0.06, "too close: {greys:?}");
        }
    }

    #[test]
    fn no_two_of_many_lines_look_the_same() {
        let looks: Vec<LineLook> = (0..24).map(line).collect();
        for (index, look) in looks.iter().enumerate() {
            assert!(!looks[..index].contains(look), "{index}: {look:?}");
        }
    }

    #[test]
    fn lines_differ_in_grey_print_or_in_dashes() {
        for (index, left) in LOOKS.iter().enumerate() {
            for right in &LOOKS[index + 1..] {
                let apart = (grey(left.color) - grey(right.color)).abs() > 0.12;
                assert!(apart || left.dash != right.dash, "{left:?} and {right:?}");
            }
        }
    }
}
