//! The key: each line's name and values beside the plot, as near to the line as there is room.

use super::canvas::{Canvas, Font};
use super::measure;
use super::palette::{ALARM, INK, LIMIT, LineLook, QUIET};

const NAME: Font = Font::new(13.0, INK).bold();
const DETAIL: Font = Font::new(12.0, QUIET);
const ALERT: Font = Font::new(12.0, ALARM);
const NAME_LEADING: f64 = 17.0;
const DETAIL_LEADING: f64 = 15.5;
const GAP: f64 = 10.0;
/// Length of the sample of the line, and the gap after it.
const SAMPLE: f64 = 30.0;
const INDENT: f64 = SAMPLE + 8.0;
/// Most lines of a name and of what is said of it: several strategies may share a line.
const MOST_LINES: usize = 4;

/// One line of a chart, as the key shows it.
pub(crate) struct Entry {
    pub(crate) look: LineLook,
    name: Vec<String>,
    detail: Vec<String>,
    alert: Vec<String>,
    /// The height that the entry would like to be at: its line's.
    wish: f64,
}

impl Entry {
    /// An entry for a limit: its line and what it is.
    pub(crate) fn of_limit(label: &str, width: f64) -> Entry {
        let mut entry = Entry::new(LIMIT, "", String::new(), Some(label.into()), width);
        entry.detail.clear();
        entry
    }

    /// An entry in a key `width` pixels wide.
    pub(crate) fn new(
        look: LineLook,
        name: &str,
        detail: String,
        alert: Option<String>,
        width: f64,
    ) -> Entry {
        Entry {
            look,
            name: measure::wrap(name, NAME.size, true, width - INDENT, MOST_LINES),
            // An empty line keeps its place: entries without words are as high as others.
            detail: if detail.is_empty() {
                vec![detail]
            } else {
                measure::wrap(&detail, DETAIL.size, false, width - INDENT, MOST_LINES)
            },
            alert: measure::wrap(
                &alert.unwrap_or_default(),
                ALERT.size,
                false,
                width - INDENT,
                MOST_LINES,
            ),
            wish: 0.0,
        }
    }

    /// Sets the height that the entry would like to be at.
    pub(crate) fn wishes(&mut self, y: f64) {
        self.wish = y;
    }

    pub(crate) fn height(&self) -> f64 {
        let details = self.detail.len() + self.alert.len();
        self.name.len() as f64 * NAME_LEADING + details as f64 * DETAIL_LEADING + GAP
    }

    fn draw(&self, canvas: &mut Canvas, left: f64, top: f64) {
        let middle = top + NAME_LEADING * 0.55;
        canvas.line(&[(left, middle), (left + SAMPLE, middle)], self.look, "");
        let mut base = top + 13.0;
        for line in &self.name {
            canvas.text((left + INDENT, base), NAME, line);
            base += NAME_LEADING;
        }
        if !self.name.is_empty() {
            base -= 1.0;
        }
        let details = self.detail.iter().map(|line| (DETAIL, line));
        for (font, line) in details.chain(self.alert.iter().map(|line| (ALERT, line))) {
            canvas.text((left + INDENT, base), font, line);
            base += DETAIL_LEADING;
        }
    }
}

/// The height that all entries need.
pub(crate) fn height(entries: &[Entry]) -> f64 {
    entries.iter().map(Entry::height).sum()
}

/// Draws the entries one below the other.
pub(crate) fn draw_below(canvas: &mut Canvas, entries: &[Entry], left: f64, mut top: f64) {
    for entry in entries {
        entry.draw(canvas, left, top);
        top += entry.height();
    }
}

/// Draws the entries between `top` and `bottom`, in the order of their lines, without overlap.
pub(crate) fn draw(canvas: &mut Canvas, entries: &[Entry], left: f64, top: f64, bottom: f64) {
    let mut order: Vec<&Entry> = entries.iter().collect();
    order.sort_by(|one, other| one.wish.total_cmp(&other.wish));
    let heights: Vec<f64> = order.iter().map(|entry| entry.height()).collect();
    let wishes: Vec<f64> = order
        .iter()
        .map(|entry| entry.wish - NAME_LEADING * 0.55)
        .collect();
    let tops = place(&wishes, &heights, top, bottom);
    for (entry, top) in order.iter().zip(tops) {
        entry.draw(canvas, left, top);
    }
}

/// Tops of boxes in the given order, each at or near its wish, none over another, all between
/// `top` and `bottom` if they fit.
fn place(wishes: &[f64], heights: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut tops: Vec<f64> = Vec::with_capacity(wishes.len());
    let mut free = top;
    for (wish, height) in wishes.iter().zip(heights) {
        tops.push(wish.max(free));
        free = wish.max(free) + height;
    }
    let mut free = bottom;
    for (at, height) in tops.iter_mut().zip(heights).rev() {
        *at = at.min(free - height).max(top);
        free = *at;
    }
    // Where there is not room for all, the way back pushed some above the top.
    let mut free = top;
    for (at, height) in tops.iter_mut().zip(heights) {
        *at = at.max(free);
        free = *at + height;
    }
    tops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_wish_where_there_is_room_and_never_overlap() {
        let place = |wishes: &[f64]| place(wishes, &[40.0; 3], 0.0, 200.0);
        assert_eq!(place(&[10.0, 80.0, 150.0]), [10.0, 80.0, 150.0]);
        assert_eq!(place(&[10.0, 12.0, 190.0]), [10.0, 50.0, 160.0]);
        assert_eq!(place(&[190.0, 191.0, 192.0]), [80.0, 120.0, 160.0]);
        let crowded = super::place(&[0.0; 9], &[40.0; 9], 0.0, 200.0);
        for pair in crowded.windows(2) {
            assert!(pair[1] - pair[0] >= 40.0);
        }
    }
}
