//! The laws, with the keys of each.

use crate::scenario::keys::kind::{Kind, Row};
use crate::scenario::value::Range;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Most parts of a mixture. A bound of ours: choosing one costs their number.
pub(super) const MOST_PARTS: usize = 1_000;

/// Most stages of an Erlang law.
pub(super) const MOST_STAGES: u64 = 1_000_000;

/// A time, or a table of one of the laws.
pub(in crate::scenario::keys) fn kind() -> Kind {
    let table = |row: Row| Kind::table([row.needed()]);
    let mut kinds = vec![Kind::TIME];
    kinds.extend(laws().into_iter().map(table));
    Kind::Either(kinds)
}

/// The laws, each with its parameters and an example.
pub(super) fn laws() -> Vec<Row> {
    let mut laws = continuous_laws();
    laws.extend(other_laws());
    laws
}

pub(super) fn row(name: &'static str, kind: Kind, doc: &'static str, example: &str) -> Row {
    Row::new(name, kind, doc).like(example)
}

pub(super) fn above(name: &'static str, doc: &'static str) -> Row {
    row(name, Kind::ABOVE_ZERO, doc, "\"100ms\"").needed()
}

pub(super) fn number(name: &'static str, range: Range, doc: &'static str, example: &str) -> Row {
    row(name, Kind::Number(range), doc, example).needed()
}

pub(super) fn mean() -> Row {
    above("mean", "The mean.")
}

pub(super) fn lognormal_kind() -> Kind {
    Kind::Either(vec![
        Kind::table([
            number(
                "mu",
                Range::Finite,
                "The mean of the logarithm of seconds.",
                "-2.5",
            ),
            number("sigma", Range::NotNegative, "Its standard deviation.", "1"),
        ]),
        Kind::table([
            mean(),
            row("sd", Kind::TIME, "The standard deviation.", "\"20ms\"").needed(),
        ]),
        Kind::table([
            above("median", "Half of the times are shorter."),
            above("p99", "One in a hundred is longer; not below `median`."),
        ]),
    ])
}

/// The laws whose parameters are in one table.
pub(super) fn continuous_laws() -> Vec<Row> {
    let time = |name, doc| row(name, Kind::TIME, doc, "\"20ms\"").needed();
    let shape = |example| number("shape", Range::Shape, "The shape.", example);
    let scale = || above("scale", "The scale.");
    let stages = Kind::Count {
        least: 1,
        most: MOST_STAGES,
    };
    vec![
        row(
            "exponential",
            Kind::table([mean()]),
            "The exponential law.",
            "{ mean = \"100ms\" }",
        ),
        row(
            "uniform",
            Kind::table([
                time("low", "The shortest time."),
                time("high", "The longest time, not below `low`."),
            ]),
            "All times between two alike.",
            "{ low = \"50ms\", high = \"150ms\" }",
        ),
        row(
            "normal",
            Kind::table([
                time("mean", "The mean."),
                time("sd", "The standard deviation."),
            ]),
            "The normal law, cut off at 0.",
            "{ mean = \"100ms\", sd = \"20ms\" }",
        ),
        row(
            "lognormal",
            lognormal_kind(),
            "The lognormal law, by its median and 99th percentile, its mean and standard \
             deviation, or its parameters.",
            "{ median = \"80ms\", p99 = \"900ms\" }",
        ),
        row(
            "gamma",
            Kind::Either(vec![
                Kind::table([shape("2.5"), scale()]),
                Kind::table([shape("2.5"), mean()]),
            ]),
            "The gamma law.",
            "{ shape = 2.5, mean = \"100ms\" }",
        ),
        row(
            "erlang",
            Kind::table([
                Row::new("k", stages, "How many stages there are.")
                    .needed()
                    .like("3"),
                mean(),
            ]),
            "Several exponential stages one after the other.",
            "{ k = 3, mean = \"100ms\" }",
        ),
        row(
            "weibull",
            Kind::table([shape("0.7"), scale()]),
            "The Weibull law.",
            "{ shape = 0.7, scale = \"100ms\" }",
        ),
        row(
            "pareto",
            Kind::table([shape("1.5"), above("scale", "The shortest time.")]),
            "The Pareto law: long tails.",
            "{ shape = 1.5, scale = \"50ms\" }",
        ),
    ]
}

/// The laws made of others, and of observed values.
pub(super) fn other_laws() -> Vec<Row> {
    let weighted = |part: Row| {
        let weight = number(
            "weight",
            Range::Weight,
            "How often this part is drawn, beside the weights of the others.",
            "0.9",
        );
        Kind::List {
            item: Box::new(Kind::table([weight, part])),
            least: 1,
            most: MOST_PARTS,
        }
    };
    let part = Row::new("law", Kind::Shared("law", kind), "A time or a law.");
    vec![
        row(
            "hyperexponential",
            weighted(mean()),
            "One of several exponential laws, by weight.",
            "[{ weight = 0.9, mean = \"50ms\" }, { weight = 0.1, mean = \"1s\" }]",
        ),
        row(
            "mixture",
            weighted(part.needed().like("\"50ms\"")),
            "One of several times or laws, by weight.",
            "[{ weight = 0.9, law = \"50ms\" }, { weight = 0.1, law = \"1s\" }]",
        ),
        row(
            "empirical",
            Kind::Text,
            "A CSV file of observed values, relative to the scenario; each is drawn alike.",
            "\"times.csv\"",
        ),
    ]
}

/// How a law is written.
pub(super) fn usage(kind: &str) -> String {
    let laws = laws();
    let found = laws.iter().find(|law| law.name == kind);
    found.map_or_else(String::new, |law| {
        format!("`{{ {kind} = {} }}`", law.example)
    })
}
