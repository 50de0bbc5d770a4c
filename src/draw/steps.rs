//! Step lines with a bounded number of points that still show every extreme.

use super::canvas::Point;

/// The rows worth drawing: where there are more than two per bucket, the lowest and the highest
/// by `value` of each of `buckets` equal stretches of time, and the last row of all.
pub(crate) fn thinned<Row: Copy>(
    rows: &[Row],
    buckets: usize,
    value: impl Fn(&Row) -> f64,
) -> Vec<Row> {
    if rows.len() <= buckets * 2 {
        return rows.to_vec();
    }
    let mut kept = Vec::with_capacity(buckets * 2 + 1);
    let mut last = 0;
    for bucket in 0..buckets {
        let start = bucket * rows.len() / buckets;
        let part = &rows[start..(bucket + 1) * rows.len() / buckets];
        let (mut lowest, mut highest) = (0, 0);
        for (index, row) in part.iter().enumerate() {
            if value(row) < value(&part[lowest]) {
                lowest = index;
            }
            if value(row) > value(&part[highest]) {
                highest = index;
            }
        }
        kept.push(part[lowest.min(highest)]);
        if lowest != highest {
            kept.push(part[lowest.max(highest)]);
        }
        last = start + lowest.max(highest);
    }
    if last + 1 < rows.len() {
        kept.extend(rows.last());
    }
    kept
}

/// The corners of a step line: level until the next row, then straight up or down. `points` are
/// in pixels and in order of x.
pub(crate) fn corners(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::new();
    for (x, y) in points {
        let Some(&(_, level)) = line.last() else {
            line.push((x, y));
            continue;
        };
        // A level stretch is two points, however many rows it has.
        let flat = line.len() >= 2 && same(line[line.len() - 2].1, level);
        if flat {
            line.pop();
        }
        line.push((x, level));
        if !same(y, level) {
            line.push((x, y));
        }
    }
    line
}

/// Whether two heights are drawn at the same tenth of a pixel.
fn same(left: f64, right: f64) -> bool {
    (left - right).abs() < 0.05
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_extreme_and_the_end() {
        let value = |second: u32| if second == 4_321 { 999.0 } else { 5.0 };
        let rows: Vec<(u32, f64)> = (0..10_000).map(|it| (it, value(it))).collect();
        let kept = thinned(&rows, 100, |row| row.1);
        assert!(kept.len() <= 201);
        assert!(kept.contains(&(4_321, 999.0)));
        assert_eq!(kept.first(), rows.first());
        assert_eq!(kept.last(), rows.last());
        assert!(kept.is_sorted_by_key(|row| row.0));
        assert_eq!(thinned(&rows[..150], 100, |row| row.1).len(), 150);
    }

    #[test]
    fn a_step_line_is_level_then_straight_up() {
        let points = [(0.0, 5.0), (1.0, 5.0), (2.0, 5.0), (3.0, 9.0), (4.0, 9.0)];
        let line = corners(points.into_iter());
        assert_eq!(line, [(0.0, 5.0), (3.0, 5.0), (3.0, 9.0), (4.0, 9.0)]);
    }
}
