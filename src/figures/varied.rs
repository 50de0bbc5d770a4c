//! A number against another that is varied in steps: a line for each strategy.

use crate::draw::axis::Axis;
use crate::draw::{Key, Limit, LinePanel, LinePlot, Point, Series, Shape, Words, palette};
use crate::study::gallery::Curve;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::String;
use alloc::vec::Vec;

/// What such a chart shows.
pub(crate) struct Varied<'a> {
    pub(crate) id: &'static str,
    pub(crate) words: Words,
    /// The axis of what is varied, and a label for each step.
    pub(crate) across: String,
    pub(crate) steps: Vec<String>,
    /// The axis of the result.
    pub(crate) up: String,
    pub(crate) curves: &'a [Curve],
    /// What a line says where it has no value, for the key.
    pub(crate) absent: String,
    /// A line across at this height, with its label.
    pub(crate) limit: Option<(f64, String)>,
}

/// The chart.
pub(crate) fn plot(varied: Varied<'_>, labels: &Labels) -> LinePlot {
    let values = varied.curves.iter().flat_map(|it| &it.values).flatten();
    let limit = varied.limit.iter().map(|(at, _)| at);
    let most = values.chain(limit).copied().fold(0.0, f64::max).max(1e-3);
    let curves = varied.curves.iter().enumerate();
    let series = curves.map(|(index, curve)| series(index, curve, &varied.absent, labels));
    let series = series.collect();
    let limits = varied.limit.map(|(at, label)| Limit { at, label });
    let up = Axis::amounts(varied.up, most * 1.02, labels);
    let panel = LinePanel {
        limits: limits.into_iter().collect(),
        ..LinePanel::new(up, series)
    };
    LinePlot {
        id: varied.id.into(),
        words: varied.words,
        across: Axis::places(varied.across, &varied.steps),
        panels: vec![panel],
    }
}

fn series(index: usize, curve: &Curve, absent: &str, labels: &Labels) -> Series {
    let places = curve.values.iter().enumerate();
    let points = places.map(|(place, value)| Point {
        x: place as f64,
        y: *value,
        ends: None,
    });
    let (all, missing) = (
        curve.values.len(),
        curve.values.iter().filter(|it| it.is_none()).count(),
    );
    let detail = match missing {
        0 => String::new(),
        some if some == all => absent.into(),
        some => {
            let (some, all) = (labels.count(some as f64), labels.count(all as f64));
            labels.gallery.absent_at(&some, &all, absent)
        }
    };
    Series {
        name: plain::line(&curve.strategy),
        look: palette::line(index),
        shape: Shape::Marked,
        points: points.collect(),
        key: Some(Key {
            at: curve
                .values
                .iter()
                .rev()
                .flatten()
                .next()
                .copied()
                .unwrap_or(0.0),
            detail,
            alert: None,
        }),
    }
}
