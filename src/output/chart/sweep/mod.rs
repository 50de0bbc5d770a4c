//! Charts of a sweep: a metric over one key as lines, over two as heat maps.

mod heat;
mod lines;

use super::frame::Frame;
use crate::output::sweep::data::View;
use crate::study::sweep::Identity;
use alloc::string::String;

/// The chart of one metric.
pub(in crate::output) fn svg(identity: &Identity, view: &View) -> String {
    match &view.y {
        None => lines::svg(identity, view),
        Some(y) => heat::svg(identity, view, y),
    }
}

/// One sentence for whoever cannot see it.
pub(in crate::output) fn alt(view: &View) -> String {
    let over = match &view.y {
        None => view.x.key.clone(),
        Some(y) => format!("{} and {}", view.x.key, y.key),
    };
    format!("{} over {over}, by strategy", view.metric.title)
}

/// What the chart rests on and where it comes from, for below it.
pub(in crate::output) fn caption(identity: &Identity, view: &View) -> String {
    caption_of(identity, view, "")
}

fn frame(identity: &Identity, view: &View, shaded: &str) -> Frame {
    let caption = caption_of(identity, view, shaded);
    Frame::of_words(view.metric.title, &identity.title, &caption)
}

fn caption_of(identity: &Identity, view: &View, shaded: &str) -> String {
    let runs = match identity.replications {
        1 => String::from("one run a point"),
        several => format!("{several} runs a point{shaded}"),
    };
    let averaged = match view.averaged.as_slice() {
        [] => String::new(),
        keys => format!(" Mean over {}.", keys.join(", ")),
    };
    let sampled = match identity.sample {
        None => "",
        Some(_) => " Mean over the sampled points of each part.",
    };
    format!(
        "{} points, {runs}.{averaged}{sampled} Simulated with spsim {}, scenario {}, seed {}.",
        crate::output::number::count(identity.points as f64),
        identity.spsim,
        crate::output::plain::short(&identity.scenario, 60),
        identity.seed
    )
}

/// A value in a cell or at an axis: three digits.
fn short(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        return crate::output::number::count(crate::study::vary::rounded(value, 3));
    }
    let rounded = crate::study::vary::rounded(value, 3);
    let text = format!("{rounded:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.into()
}
