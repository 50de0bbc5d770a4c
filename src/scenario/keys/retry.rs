//! `retry`: what a program does after a failure.

use super::form::{Count, FLAG, Maybe, Number, Of, Or, Plain, TIME, right};
use super::key::{Key, at};
use super::kind::Kind;
use crate::model::workload::{Retry, RetryBudget, RetryKinds, RetryOn};
use crate::scenario::diagnostic::Problems;
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range, wrong_type};
use crate::scenario::words::text;
use crate::units::SimSpan;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Most attempts, the first included.
const MOST_ATTEMPTS: u64 = 1_000;

/// Most retries that a budget may save up. A bound of ours.
const MOST_BURST: u64 = 1_000_000;

const HELP: &str = "`{ attempts = 3, backoff = \"1s\", factor = 2, jitter = true }`";

const HELP_OF_BUDGET: &str =
    "`{ share = 0.1, burst = 10 }`: one retry for ten requests, ten at once at most";

/// `retry`.
pub(super) const RETRY: Or<Of<Retry>> = Or(
    "never",
    Of {
        keys: &[
            Key::new(
                "attempts",
                at!(Count(1, MOST_ATTEMPTS), Retry.attempts),
                "How often it is tried in all, the first attempt included.",
            )
            .needed(HELP)
            .like("3"),
            Key::new(
                "backoff",
                at!(TIME, Retry.backoff),
                "The wait before the first retry.",
            )
            .needed(HELP)
            .like("\"1s\""),
            Key::new(
                "factor",
                at!(Number(Range::AtLeastOne), Retry.factor),
                "How many times longer each further wait is.",
            )
            .or("2", "doubled each time")
            .like("2"),
            Key::new(
                "jitter",
                at!(FLAG, Retry.jitter),
                "Whether each wait is multiplied by a uniform draw from 0 to 1.",
            )
            .or("false", "exact waits"),
            Key::new(
                "max-backoff",
                at!(Maybe(TIME), Retry.max_backoff),
                "No wait is longer than this, before jitter.",
            )
            .like("\"30s\""),
            Key::new(
                "budget",
                at!(Maybe(BUDGET), Retry.budget),
                "How many retries there may be for so many requests: a bucket of tokens, full at \
                 first, one for each retry.",
            )
            .like("{ share = 0.1, burst = 10 }"),
            Key::new(
                "on",
                at!(KINDS_OF_FAILURE, Retry.on),
                "Which failures are tried again.",
            )
            .like("[\"connect\", \"timeout\"]"),
        ],
        start: || Retry {
            attempts: 1,
            backoff: SimSpan::ZERO,
            factor: 2.0,
            jitter: false,
            max_backoff: None,
            budget: None,
            on: RetryKinds::ALL,
        },
        check: right,
        wanted: "`\"never\"` or `{ attempts = 3, backoff = \"1s\", factor = 2, jitter = true }`",
    },
);

const BUDGET: Of<RetryBudget> = Of {
    keys: &[
        Key::new(
            "share",
            at!(Number(Range::NotNegative), RetryBudget.share),
            "What each arriving request adds, in retries.",
        )
        .needed(HELP_OF_BUDGET)
        .like("0.1"),
        Key::new(
            "burst",
            at!(Count(0, MOST_BURST), RetryBudget.burst),
            "The most that the bucket holds, in retries.",
        )
        .needed(HELP_OF_BUDGET)
        .like("10"),
    ],
    start: || RetryBudget {
        share: 0.0,
        burst: 0,
    },
    check: right,
    wanted: "a table",
};

const KINDS: &[(&str, RetryOn)] = &[
    ("connect", RetryOn::Connect),
    ("timeout", RetryOn::Timeout),
    ("server-error", RetryOn::ServerError),
    ("connection-lost", RetryOn::ConnectionLost),
];

/// All kinds are not written: they are what absent means.
const KINDS_OF_FAILURE: Plain<RetryKinds> = Plain {
    kind: || Kind::List {
        item: Box::new(Kind::Words(KINDS.iter().map(|(word, _)| *word).collect())),
        least: 1,
        most: usize::MAX,
    },
    read: kinds,
    write: |on| {
        if *on == RetryKinds::ALL {
            return String::new();
        }
        let named = KINDS.iter().filter(|(_, kind)| on.has(*kind));
        let words: Vec<String> = named.map(|(word, _)| text(word)).collect();
        format!("[{}]", words.join(", "))
    },
};

fn kinds(node: &Node, name: &str, problems: &mut Problems) -> Option<RetryKinds> {
    let Value::List(items) = &node.value else {
        let wanted = "a list such as `[\"connect\", \"timeout\"]`";
        wrong_type(problems, name, node, wanted);
        return None;
    };
    if items.is_empty() {
        problems
            .error(&node.place, "`on` must name at least one kind of failure")
            .help("write `retry = \"never\"` to try nothing again");
        return None;
    }
    let mut kinds = RetryKinds::NONE;
    for item in items {
        kinds = kinds.with(value::choice(item, name, KINDS, problems)?);
    }
    Some(kinds)
}
