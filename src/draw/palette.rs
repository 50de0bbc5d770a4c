//! Colours and dashes: Okabe and Ito's palette, which survives the common colour blindnesses,
//! each with a dash pattern of its own, so that grey print tells the lines apart too.

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
    /// The same colour, thin and dotted.
    pub(crate) fn dotted(self) -> LineLook {
        LineLook {
            dash: &[1.5, 3.0],
            width: 1.4,
            ..self
        }
    }

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

/// Each is thinner than the one before or broken, and drawn over it: where two lines are in the
/// same place, both are seen.
const LOOKS: [LineLook; 8] = [
    look(RGBColor(0xD5, 0x5E, 0x00), &[], 3.2),
    look(RGBColor(0x00, 0x5A, 0x9C), &[18.0, 3.0], 2.0),
    look(RGBColor(0x00, 0x8A, 0x64), &[10.0, 2.5], 1.8),
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

/// The line of a limit.
pub(crate) const LIMIT: LineLook = look(ALARM, &[6.0, 4.0], 1.4);

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

/// Of states of a port, from the bottom of a stack up. No line has one of them, so that a colour
/// means one thing in all pictures of a scenario; the greys of neighbours differ by a sixth or
/// more.
pub(crate) const LAYERS: [RGBColor; 5] = [
    RGBColor(0x00, 0x3F, 0x6E),
    RGBColor(0x9A, 0xD1, 0xF2),
    RGBColor(0xAD, 0x7A, 0x4E),
    RGBColor(0x6B, 0x57, 0x78),
    RGBColor(0xF8, 0xEE, 0x7E),
];

/// Of programs, from the bottom of a stack up; lighter than any line.
pub(crate) const PROGRAMS: [RGBColor; 8] = [
    RGBColor(0x77, 0xAA, 0xDD),
    RGBColor(0xEE, 0xDD, 0x88),
    RGBColor(0x44, 0xBB, 0x99),
    RGBColor(0xFF, 0xAA, 0xBB),
    RGBColor(0x8F, 0x9E, 0x2B),
    RGBColor(0x99, 0xDD, 0xFF),
    RGBColor(0xB8, 0xA2, 0xD0),
    RGBColor(0xDD, 0xDD, 0xDD),
];

/// Answers that somebody waited for.
pub(crate) const ANSWERED: RGBColor = RGBColor(0xA8, 0xC3, 0xA0);

/// From little to much: one hue, so that grey print and every eye see the order. A dark page has
/// the same steps from dark to bright.
pub(crate) const RAMP_STEPS: usize = 16;
const RAMP: [[RGBColor; 5]; 2] = [
    [
        RGBColor(0xF3, 0xF7, 0xFB),
        RGBColor(0xC6, 0xDB, 0xEF),
        RGBColor(0x7F, 0xB2, 0xD9),
        RGBColor(0x2F, 0x77, 0xB4),
        RGBColor(0x08, 0x30, 0x6B),
    ],
    [
        RGBColor(0x1B, 0x22, 0x2B),
        RGBColor(0x1F, 0x3A, 0x57),
        RGBColor(0x2C, 0x66, 0x9A),
        RGBColor(0x5F, 0xA6, 0xE0),
        RGBColor(0xCF, 0xE8, 0xFF),
    ],
];

/// The step of the ramp at a share of its length, from 0 to 1.
pub(crate) fn step_at(share: f64) -> usize {
    ((share * RAMP_STEPS as f64) as usize).min(RAMP_STEPS - 1)
}

/// A step's colour on light paper, or on dark.
pub(crate) fn ramp(step: usize, is_dark: bool) -> RGBColor {
    let stops = RAMP[usize::from(is_dark)];
    let place = step as f64 / (RAMP_STEPS - 1) as f64 * (stops.len() - 1) as f64;
    let index = (place as usize).min(stops.len() - 2);
    let part = place - index as f64;
    let (from, to) = (stops[index], stops[index + 1]);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Words on the lower steps of the ramp, and on the higher.
pub(crate) const ON_RAMP: [RGBColor; 2] = [RGBColor(0x1F, 0x24, 0x2C), RGBColor(0xFE, 0xFE, 0xFE)];

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
/// Cells where all is well, where it is bearable, and where it gets worse; the worst is [`ALARM`].
pub(crate) const GOOD: RGBColor = RGBColor(0xD8, 0xEB, 0xE3);
/// Bearable.
pub(crate) const BEARABLE: RGBColor = RGBColor(0xC3, 0xD9, 0xEC);
/// Getting worse.
pub(crate) const WORSE: RGBColor = RGBColor(0xF2, 0xC7, 0x6E);
/// Behind a stretch of time in which something is otherwise: a pause, an outage.
pub(crate) const NO_LOAD: RGBColor = RGBColor(0xF0, 0xF1, 0xF3);
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
        let programs = PROGRAMS.map(grey);
        for pair in programs.windows(2) {
            assert!((pair[1] - pair[0]).abs() > 0.06, "neighbours: {programs:?}");
        }
    }

    #[test]
    fn a_colour_means_one_thing() {
        let lines = LOOKS.map(|it| it.color);
        let all = [
            &lines[..],
            &LAYERS,
            &PROGRAMS,
            &[ANSWERED, ALARM, GOOD, BEARABLE, WORSE],
        ];
        let all: Vec<RGBColor> = all.concat();
        for (index, color) in all.iter().enumerate() {
            assert!(!all[..index].contains(color), "{color:?} twice");
        }
    }

    #[test]
    fn more_is_darker_on_light_paper_and_brighter_on_dark() {
        for step in 1..RAMP_STEPS {
            let [light, dark] =
                [false, true].map(|it| grey(ramp(step, it)) - grey(ramp(step - 1, it)));
            assert!(light < 0.0 && dark > 0.0, "{step}");
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
