//! Charts of a sweep: a metric over one key as lines, over two as heat maps.

mod heat;
mod lines;
pub(crate) mod view;

use self::view::View;
use crate::draw::frame::Frame;
use crate::study::sweep::Identity;
use crate::words::labels::{ENGLISH, Labels};
use alloc::string::String;

/// The chart of one metric.
pub(crate) fn svg(identity: &Identity, view: &View, labels: &Labels) -> String {
    match &view.y {
        None => lines::svg(identity, view, labels),
        Some(y) => heat::svg(identity, view, y, labels),
    }
}

/// One sentence for whoever cannot see it.
pub(crate) fn alt(view: &View) -> String {
    let over = match &view.y {
        None => view.x.key.clone(),
        Some(y) => format!("{} and {}", view.x.key, y.key),
    };
    format!("{} over {over}, by strategy", view.title(&ENGLISH))
}

/// What the chart rests on and where it comes from, for below it.
pub(crate) fn caption(identity: &Identity, view: &View, labels: &Labels) -> String {
    caption_of(identity, view, false, labels)
}

fn frame(identity: &Identity, view: &View, is_shaded: bool, labels: &Labels) -> Frame {
    let caption = caption_of(identity, view, is_shaded, labels);
    Frame::of_words(&view.title(labels), &identity.title, &caption)
}

/// The title for screen readers.
fn title(identity: &Identity, view: &View, labels: &Labels) -> String {
    format!("{}: {}", view.title(labels), identity.title)
}

fn caption_of(identity: &Identity, view: &View, is_shaded: bool, labels: &Labels) -> String {
    let words = &labels.sweep;
    let runs = labels.count(f64::from(identity.replications));
    let runs = match identity.replications {
        1 => words.one_run(),
        _ if is_shaded => words.several_runs_shaded(&runs),
        _ => words.several_runs(&runs),
    };
    let mut sentences = vec![words.points(&labels.count(identity.points as f64), &runs)];
    if !view.averaged.is_empty() {
        sentences.push(words.mean_over(&view.averaged.join(", ")));
    }
    if identity.sample.is_some() {
        sentences.push(words.mean_over_parts());
    }
    let scenario = crate::words::plain::short(&identity.scenario, 60);
    let seed = alloc::string::ToString::to_string(&identity.seed);
    let made = labels.caption.simulated(&identity.spsim, &scenario, &seed);
    sentences.push(format!("{made}."));
    sentences.join(" ")
}
