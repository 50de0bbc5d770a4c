//! How a series is drawn: a line, steps, dots, bars, a band.

use super::{MOST_DOTS, Point, Series, Shape};
use crate::draw::axis::Scale;
use crate::draw::canvas::{Canvas, Point as Place, Rect};
use crate::draw::key::Entry;
use crate::draw::steps;

impl Series {
    pub(super) fn entry(&self, width: f64) -> Option<Entry> {
        let key = self.key.as_ref()?;
        let (detail, alert) = (key.detail.clone(), key.alert.clone());
        Some(Entry::new(self.look, &self.name, detail, alert, width))
    }

    /// The line in pixels, in as many parts as it is broken into.
    pub(super) fn parts(&self, scale: Scale<'_>) -> Vec<Vec<Place>> {
        let place = |it: &Point| it.y.map(|y| (scale.x(it.x), scale.y(y)));
        let places: Vec<Option<Place>> = self.points.iter().map(place).collect();
        let parts = places.split(Option::is_none);
        let parts = parts.map(|part| part.iter().flatten().copied());
        match self.shape {
            Shape::Steps => parts.map(steps::corners).collect(),
            _ => parts.map(Iterator::collect).collect(),
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        let parts = self.parts(scale);
        let is_line = self.shape != Shape::Dots;
        for part in parts.iter().filter(|it| it.len() > 1 && is_line) {
            canvas.line(part, self.look, &self.name);
        }
        let radius = match self.shape {
            Shape::Dots => 2.6,
            Shape::Marked if self.points.len() <= MOST_DOTS => 3.2,
            _ => return,
        };
        for place in parts.into_iter().flatten() {
            canvas.dot(place, radius, self.look.color);
        }
    }

    /// A bar at each place, the `index`th of `count` beside each other.
    pub(super) fn draw_bars(
        &self,
        canvas: &mut Canvas,
        scale: Scale<'_>,
        (index, count): (usize, usize),
    ) {
        let step = scale.x(1.0) - scale.x(0.0);
        let width = (step * 0.8 / count as f64).min(46.0);
        canvas.belonging_to(&self.name, |canvas| {
            for (x, y) in self.points.iter().filter_map(|it| Some((it.x, it.y?))) {
                let top = scale.y(y);
                let rect = Rect {
                    left: scale.x(x) + (index as f64 - count as f64 / 2.0) * width,
                    top,
                    width: width - 1.5,
                    height: scale.plot.bottom() - top,
                };
                canvas.rect(rect, self.look.color);
            }
        });
    }

    /// The interval of each point, where there is one.
    pub(super) fn draw_band(&self, canvas: &mut Canvas, scale: Scale<'_>) {
        let bounded: Vec<(f64, (f64, f64))> = self
            .points
            .iter()
            .filter_map(|it| Some((scale.x(it.x), it.ends?)))
            .collect();
        if bounded.len() < 2 {
            return;
        }
        let edge = |end: fn(&(f64, f64)) -> f64| -> Vec<Place> {
            let places = bounded.iter().map(|(x, ends)| (*x, scale.y(end(ends))));
            match self.shape {
                Shape::Steps => steps::corners(places),
                _ => places.collect(),
            }
        };
        let mut outline = edge(|ends| ends.1);
        outline.extend(edge(|ends| ends.0).into_iter().rev());
        canvas.area(&outline, self.look.color, 0.15);
    }
}
