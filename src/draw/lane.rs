//! The lane above a plot: what happened when, in words, over the line that says where.
//!
//! Words stand above the plot, never on it, so that they cover no line of data. Each stands to the
//! right of its own line, or left of it near the right end, in the lowest row in which neither
//! another's words nor another's line are in its way.

use super::canvas::{Anchor, Canvas, Font};
use super::frame::{SMALL, WIDEST_FONT};
use super::measure;
use super::palette::{ALARM, INK, LineLook, QUIET};
use plotters::style::RGBColor;

/// Height of a row.
const ROW: f64 = 17.0;
/// Between a line and its words.
const GAP: f64 = 4.0;

/// Who says it: how loud it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voice {
    /// Something broke.
    Alarm,
    /// The scenario: the load ends, an outage begins.
    Event,
    /// The author of the picture.
    Author,
}

impl Voice {
    const fn color(self) -> RGBColor {
        match self {
            Voice::Alarm => ALARM,
            Voice::Event => QUIET,
            Voice::Author => INK,
        }
    }

    const fn font(self) -> Font {
        let font = Font::new(SMALL, self.color());
        match self {
            Voice::Event => font,
            Voice::Alarm | Voice::Author => font.bold(),
        }
    }
}

/// A flag: words and the place of their line, in pixels.
pub(crate) struct Flag {
    x: f64,
    text: String,
    voice: Voice,
    /// From where to where the words reach.
    reach: (f64, f64),
    is_left: bool,
    row: usize,
}

/// All flags of a plot, each in its row.
pub(crate) struct Lane(Vec<Flag>);

impl Lane {
    /// Places flags between `left` and `right`, the ends of the picture.
    pub(crate) fn of(
        flags: impl IntoIterator<Item = (f64, String, Voice)>,
        (left, right): (f64, f64),
    ) -> Lane {
        let middle = f64::midpoint(left, right);
        let flag = |(x, text, voice): (f64, String, Voice)| {
            let font = voice.font();
            let width = |text: &str| measure::width(text, font.size, font.bold) * WIDEST_FONT + GAP;
            let wanted = width(&text);
            // Left only where there is not room enough on the right, and more on the left.
            let is_left = x + wanted > right && x > middle;
            let room = if is_left { x - left } else { right - x };
            let most = (room - GAP) / WIDEST_FONT;
            let text = measure::fitted(&text, font.size, font.bold, most);
            let width = width(&text);
            let reach = if is_left {
                (x - width, x)
            } else {
                (x, x + width)
            };
            Flag {
                x,
                text,
                voice,
                reach,
                is_left,
                row: 0,
            }
        };
        let mut flags: Vec<Flag> = flags.into_iter().map(flag).collect();
        flags.retain(|flag| !flag.text.is_empty());
        // Those that reach to the right from the right one on, then those that reach to the left
        // from the left one on: a later one's line is never under an earlier one's words.
        flags.sort_by(|one, other| {
            let order = |flag: &Flag| if flag.is_left { flag.x } else { -flag.x };
            let sides = one.is_left.cmp(&other.is_left);
            sides.then(order(one).total_cmp(&order(other)))
        });
        for index in 0..flags.len() {
            let (placed, rest) = flags.split_at_mut(index);
            let flag = &mut rest[0];
            let last = placed.len() + 1;
            flag.row = (0..last)
                .find(|row| flag.is_free(*row, placed))
                .unwrap_or(last);
        }
        Lane(flags)
    }

    /// How much room it takes above the plot.
    pub(crate) fn height(&self) -> f64 {
        let rows = self.0.iter().map(|flag| flag.row + 1).max();
        rows.map_or(0.0, |rows| rows as f64 * ROW + 2.0)
    }

    /// Draws the words above `top` and a line from each down to `bottom`.
    pub(crate) fn draw(&self, canvas: &mut Canvas, top: f64, bottom: f64) {
        for flag in &self.0 {
            let base = top - 5.0 - flag.row as f64 * ROW;
            rule(canvas, flag.x, (base - 9.0, bottom), flag.voice);
            let (anchor, gap) = if flag.is_left {
                (Anchor::End, -GAP)
            } else {
                (Anchor::Start, GAP)
            };
            let font = flag.voice.font().anchored(anchor);
            canvas.text((flag.x + gap, base), font, &flag.text);
        }
    }

    /// The same lines in another plot below.
    pub(crate) fn draw_lines(&self, canvas: &mut Canvas, top: f64, bottom: f64) {
        for flag in self.0.iter().filter(|flag| flag.voice != Voice::Alarm) {
            rule(canvas, flag.x, (top, bottom), flag.voice);
        }
    }
}

fn rule(canvas: &mut Canvas, x: f64, (top, bottom): (f64, f64), voice: Voice) {
    let look = LineLook {
        color: voice.color(),
        dash: &[2.0, 3.0],
        width: 1.1,
    };
    canvas.line(&[(x, top), (x, bottom)], look, "");
}

impl Flag {
    /// Whether its words cover no other's words and no other's line in that row, and its line
    /// goes through no other's words.
    fn is_free(&self, row: usize, placed: &[Flag]) -> bool {
        let covers = |flag: &Flag, x: f64| flag.reach.0 - 1.0 < x && x < flag.reach.1 + 2.0;
        placed.iter().all(|other| {
            let apart = self.reach.0 > other.reach.1 + 4.0 || other.reach.0 > self.reach.1 + 4.0;
            let words = row != other.row || apart;
            let is_same = self.x.total_cmp(&other.x).is_eq();
            let under = row > other.row || is_same || !covers(self, other.x);
            let over = row < other.row || is_same || !covers(other, self.x);
            words && under && over
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_beside_their_lines_and_under_no_other() {
        let flags = |all: &[(f64, &str)]| -> Vec<(String, usize)> {
            let all = all
                .iter()
                .map(|(x, text)| (*x, String::from(*text), Voice::Event));
            let lane = Lane::of(all, (0.0, 400.0));
            let flags = lane.0.into_iter();
            flags.map(|flag| (flag.text, flag.row)).collect()
        };
        assert_eq!(
            flags(&[(10.0, "one"), (200.0, "two")]),
            [("two".into(), 0), ("one".into(), 0)]
        );
        let near = flags(&[(10.0, "one that is long"), (30.0, "two")]);
        assert_eq!(near, [("two".into(), 0), ("one that is long".into(), 1)]);
        let ends = flags(&[(390.0, "at the end"), (380.0, "before it")]);
        assert_eq!(ends, [("before it".into(), 0), ("at the end".into(), 1)]);
    }
}
