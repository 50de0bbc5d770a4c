//! `[verdict]`: from where on a run is no longer safe.

use super::form::Number;
use super::key::{Key, at};
use crate::model::Thresholds;
use crate::scenario::context::Context;
use crate::scenario::tree::Node;
use crate::scenario::value::Range;

/// The keys of `[verdict]`.
pub(in crate::scenario) const KEYS: &[Key<Thresholds>] = &[
    Key::new(
        "near-the-limit",
        at!(Number(Range::Share), Thresholds.near_the_limit),
        "The share of the ports from which on a peak is \"near the limit\".",
    )
    .or("0.8", "80%")
    .like("0.9")
    .quiet(),
    Key::new(
        "failing",
        at!(Number(Range::Share), Thresholds.failing),
        "The share of the requests that ended from which on failures are \"failing\".",
    )
    .or("0.01", "1%")
    .like("0.001")
    .quiet(),
    Key::new(
        "queueing",
        at!(Number(Range::Share), Thresholds.queueing),
        "The share of the requests above which waits for a connection are \"queueing\": those that \
         wait longer than the median of `response-time`, in some tenth of the load.",
    )
    .or("0.2", "20%")
    .like("0.05")
    .quiet(),
];

/// Reads `[verdict]`; what is absent has its default.
pub(in crate::scenario) fn thresholds(
    node: Option<&Node>,
    context: &mut Context<'_>,
) -> Thresholds {
    let mut thresholds = Thresholds::default();
    let fields = node.and_then(|node| super::open(node, "verdict", KEYS, &mut context.problems));
    if let Some(fields) = fields {
        super::read(
            &fields,
            ("verdict", "verdict"),
            KEYS,
            &mut thresholds,
            context,
        );
    }
    thresholds
}
