//! Where a label has room: of several places the first that covers no line and no other label.

use super::canvas::{Point, Rect};
use alloc::vec::Vec;

/// What a label must not cover.
#[derive(Debug, Default)]
pub(crate) struct Obstacles {
    segments: Vec<(Point, Point)>,
    rects: Vec<Rect>,
}

impl Obstacles {
    /// A line through these points.
    pub(crate) fn line(&mut self, points: &[Point]) {
        let pairs = points.windows(2);
        self.segments.extend(pairs.map(|pair| (pair[0], pair[1])));
    }

    /// The first of `candidates` that is free, else the one that covers least; it is an obstacle
    /// from now on.
    pub(crate) fn choose(&mut self, candidates: &[Rect]) -> usize {
        let covered = |rect: &Rect| {
            let lines = self.segments.iter().filter(|line| crosses(**line, *rect));
            let labels = self.rects.iter().filter(|other| overlap(**other, *rect));
            // A label over a label cannot be read; one over a line can.
            lines.count() + 1_000 * labels.count()
        };
        let best = (0..candidates.len()).min_by_key(|index| covered(&candidates[*index]));
        let best = best.unwrap_or(0);
        self.rects.extend(candidates.get(best));
        best
    }
}

fn overlap(one: Rect, other: Rect) -> bool {
    one.left < other.right()
        && other.left < one.right()
        && one.top < other.bottom()
        && other.top < one.bottom()
}

/// Whether a segment has a point in the rectangle (Liang and Barsky's clipping).
fn crosses(((x0, y0), (x1, y1)): (Point, Point), rect: Rect) -> bool {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let edges = [
        (-dx, x0 - rect.left),
        (dx, rect.right() - x0),
        (-dy, y0 - rect.top),
        (dy, rect.bottom() - y0),
    ];
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    for (toward, room) in edges {
        if toward == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if toward < 0.0 {
            enters = enters.max(room / toward);
        } else {
            leaves = leaves.min(room / toward);
        }
    }
    enters <= leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(left: f64, top: f64) -> Rect {
        Rect {
            left,
            top,
            width: 10.0,
            height: 10.0,
        }
    }

    #[test]
    fn a_segment_crosses_what_it_touches() {
        assert!(crosses(((0.0, 0.0), (20.0, 20.0)), rect(5.0, 5.0)));
        assert!(crosses(((7.0, 7.0), (8.0, 8.0)), rect(5.0, 5.0)), "inside");
        assert!(!crosses(((0.0, 4.0), (20.0, 4.0)), rect(5.0, 5.0)));
        assert!(!crosses(((0.0, 0.0), (4.0, 20.0)), rect(5.0, 5.0)));
        assert!(crosses(((10.0, 0.0), (10.0, 20.0)), rect(5.0, 5.0)));
    }

    #[test]
    fn labels_avoid_lines_and_each_other() {
        let mut obstacles = Obstacles::default();
        obstacles.line(&[(0.0, 10.0), (100.0, 10.0)]);
        let places = [rect(0.0, 5.0), rect(0.0, 15.0), rect(20.0, 15.0)];
        assert_eq!(obstacles.choose(&places), 1);
        assert_eq!(obstacles.choose(&places), 2);
        // Nothing is free any more: over a line rather than over a label.
        assert_eq!(obstacles.choose(&places), 0);
    }
}
