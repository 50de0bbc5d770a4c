//! A curve in one line of text.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The values as bars, a full one for `full` and more: at most `width` of them, each as high as
/// the highest value of its part.
pub(super) fn sparkline(values: &[f64], full: f64, width: usize) -> String {
    let width = width.min(values.len());
    (0..width)
        .map(|column| {
            let part = &values[column * values.len() / width..(column + 1) * values.len() / width];
            let highest = part.iter().copied().fold(0.0, f64::max);
            let level = (highest / full * BARS.len() as f64).ceil() as usize;
            BARS[level.clamp(1, BARS.len()) - 1]
        })
        .collect()
}
