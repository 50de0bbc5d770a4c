//! Enlarged parts: a strategy that keeps 32 of 5,000 ports would lie on the axis, unread.

use super::axis;

/// Below this share of the axis a line cannot be told from the axis or from its neighbours.
pub(crate) const LOW: f64 = 0.06;

/// Whether a line with this peak needs enlarging on an axis up to `top`.
pub(crate) fn is_low(peak: f64, top: f64) -> bool {
    peak < top * LOW
}

/// The top of the enlarged axis for lines with these peaks; `None` when none needs it.
pub(crate) fn top(peaks: impl Iterator<Item = f64>, axis_top: f64) -> Option<f64> {
    let low = peaks.filter(|peak| is_low(*peak, axis_top));
    // A line at zero all along is rightly on the axis.
    let highest = low.fold(0.0, f64::max);
    (highest > 0.0).then(|| axis::round_up(highest))
}
