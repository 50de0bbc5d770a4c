//! How a value is read as a time, a count, a number or a word, and what is said when it is none.

use super::diagnostic::Problems;
use super::tree::{Node, Value, shortened};
use crate::units::{SimSpan, SpanError};
use alloc::string::String;
use alloc::vec::Vec;

/// Which finite numbers are right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    /// Any.
    Finite,
    /// Above 0.
    Positive,
    /// 0 or more.
    NotNegative,
    /// At least 1.
    AtLeastOne,
    /// Above 0 and at most 1.
    Share,
    /// From 0 to 1.
    ShareOrNone,
    /// From 0 to a billion: sums of weights stay exact enough.
    Weight,
    /// From a thousandth to a million: shapes beyond draw nothing but 0 and infinity.
    Shape,
    /// A rate above 0 and at most a hundred million a second.
    Rate,
    /// A rate of at most a hundred million a second.
    RateOrNone,
}

/// Most requests a second. Gaps are rounded to nanoseconds: where most of them round to nothing,
/// time would stand still.
const MOST_RATE: f64 = 1e8;

impl Range {
    fn holds(self, number: f64) -> bool {
        let (least, most, above) = self.bounds();
        least.is_none_or(|least| {
            if above {
                number > least
            } else {
                number >= least
            }
        }) && most.is_none_or(|most| number <= most)
    }

    /// The range in words, after "a finite number".
    pub fn words(self) -> &'static str {
        match self {
            Range::Finite => "",
            Range::Positive => " above 0",
            Range::NotNegative => " of at least 0",
            Range::AtLeastOne => " of at least 1",
            Range::Share => " above 0 and at most 1",
            Range::ShareOrNone => " from 0 to 1",
            Range::Weight => " from 0 to 1e9",
            Range::Shape => " from 0.001 to 1e6",
            Range::Rate => " above 0 and at most 1e8",
            Range::RateOrNone => " from 0 to 1e8",
        }
    }

    /// The least and the most, and whether the least itself is too little.
    pub fn bounds(self) -> (Option<f64>, Option<f64>, bool) {
        match self {
            Range::Finite => (None, None, false),
            Range::Positive => (Some(0.0), None, true),
            Range::NotNegative => (Some(0.0), None, false),
            Range::AtLeastOne => (Some(1.0), None, false),
            Range::Share => (Some(0.0), Some(1.0), true),
            Range::ShareOrNone => (Some(0.0), Some(1.0), false),
            Range::Weight => (Some(0.0), Some(1e9), false),
            Range::Shape => (Some(1e-3), Some(1e6), false),
            Range::Rate => (Some(0.0), Some(MOST_RATE), true),
            Range::RateOrNone => (Some(0.0), Some(MOST_RATE), false),
        }
    }
}

/// A dotted name in backticks; words with a space stay as they are.
pub(super) fn quoted(name: &str) -> String {
    if name == "a scenario" || name.starts_with("a ") || name.starts_with("an ") {
        return name.into();
    }
    format!("`{}`", shortened(name))
}

/// Whether the value is this word.
pub(super) fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.value, Value::Text(text) if text == word)
}

/// Reports a value of the wrong kind.
pub(super) fn wrong_type(problems: &mut Problems, name: &str, node: &Node, wanted: &str) {
    let found = node.found();
    problems.error(
        &node.place,
        format!("`{name}` must be {wanted}, found {found}"),
    );
}

/// Reads a time.
pub(super) fn span(node: &Node, name: &str, problems: &mut Problems) -> Option<SimSpan> {
    let text = match &node.value {
        Value::Text(text) => text,
        Value::Integer(_) | Value::Float(_) => {
            let found = node.found();
            problems
                .error(&node.place, format!("`{name}` needs a unit, found {found}"))
                .label("a bare number")
                .help(format!("write `\"{found}s\"` or `\"{found}ms\"`"));
            return None;
        }
        _ => {
            wrong_type(problems, name, node, "a time such as `\"30s\"`");
            return None;
        }
    };
    match SimSpan::parse(text) {
        Ok(span) => Some(span),
        Err(error) => {
            span_problem(problems, node, name, text, &error);
            None
        }
    }
}

fn span_problem(problems: &mut Problems, node: &Node, name: &str, text: &str, error: &SpanError) {
    const UNITS: [&str; 7] = ["ns", "us", "ms", "s", "min", "h", "d"];
    let shown = shortened(text);
    let place = &node.place;
    match error {
        SpanError::Negative => {
            problems.error(
                place,
                format!("`{name}` cannot be negative, found `{shown}`"),
            );
        }
        SpanError::NoUnit => {
            problems
                .error(place, format!("`{name}` needs a unit, found `{shown}`"))
                .help(format!("units are {}", UNITS.join(" ")));
        }
        SpanError::UnknownUnit(unit) => {
            // `m` could be minutes or milliseconds, so it is not for us to guess.
            let help = match unit.as_str() {
                "m" => "`min` is minutes, `ms` is milliseconds".into(),
                "sec" | "secs" | "second" | "seconds" => "did you mean `s`?".into(),
                "mins" | "minute" | "minutes" => "did you mean `min`?".into(),
                "hour" | "hours" | "hr" => "did you mean `h`?".into(),
                "day" | "days" => "did you mean `d`?".into(),
                _ => format!("units are {}", UNITS.join(" ")),
            };
            let unit = shortened(unit);
            problems
                .error(place, format!("`{name}` has the unknown unit `{unit}`"))
                .help(help);
        }
        SpanError::TooLong => {
            problems.error(
                place,
                format!("`{name}` must be at most 10 years, found `{shown}`"),
            );
        }
        SpanError::Empty | SpanError::NotANumber(_) => {
            problems
                .error(place, format!("`{name}` must be a time, found `{shown}`"))
                .help("a time is a number and a unit, as in `\"1min30s\"`");
        }
    }
}

/// Reads a time longer than zero.
pub(super) fn span_above_zero(node: &Node, name: &str, problems: &mut Problems) -> Option<SimSpan> {
    let span = span(node, name, problems)?;
    if span.is_zero() {
        let found = node.found();
        problems.error(
            &node.place,
            format!("`{name}` must be longer than 0, found {found}"),
        );
        return None;
    }
    Some(span)
}

/// Reads a whole number from `least` to `most`.
pub(super) fn count(
    node: &Node,
    name: &str,
    least: u64,
    most: u64,
    problems: &mut Problems,
) -> Option<u64> {
    let number = match node.value {
        Value::Integer(number) => number,
        // `1e6` is a float to TOML and a count to its author.
        Value::Float(number) if libm::fmod(number, 1.0) == 0.0 && libm::fabs(number) < 1e15 => {
            number as i128
        }
        Value::Float(number) if libm::fabs(number) >= 1e15 => {
            if number > 0.0 {
                i128::MAX
            } else {
                i128::MIN
            }
        }
        _ => {
            wrong_type(problems, name, node, "a whole number");
            return None;
        }
    };
    let found = node.found();
    if number < i128::from(least) {
        problems.error(
            &node.place,
            format!("`{name}` must be at least {least}, found {found}"),
        );
        return None;
    }
    if number > i128::from(most) {
        problems.error(
            &node.place,
            format!("`{name}` must be at most {most}, found {found}"),
        );
        return None;
    }
    Some(number as u64)
}

/// Reads a finite number.
pub(super) fn number(
    node: &Node,
    name: &str,
    range: Range,
    problems: &mut Problems,
) -> Option<f64> {
    let number = match node.value {
        Value::Integer(number) => number as f64,
        Value::Float(number) => number,
        _ => {
            wrong_type(problems, name, node, "a number");
            return None;
        }
    };
    if number.is_finite() && range.holds(number) {
        return Some(number);
    }
    let (words, found) = (range.words(), node.found());
    problems.error(
        &node.place,
        format!("`{name}` must be a finite number{words}, found {found}"),
    );
    None
}

/// Reads a text.
pub(super) fn text<'a>(node: &'a Node, name: &str, problems: &mut Problems) -> Option<&'a str> {
    let Value::Text(text) = &node.value else {
        wrong_type(problems, name, node, "a text in quotes");
        return None;
    };
    Some(text)
}

/// Reads one of several words.
pub(super) fn choice<T: Copy>(
    node: &Node,
    name: &str,
    words: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let text = text(node, name, problems)?;
    let chosen = words.iter().find(|(word, _)| *word == text);
    if chosen.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        unknown_word(problems, node, name, text, &known);
    }
    chosen.map(|(_, meaning)| *meaning)
}

/// Reports a word that is not one of those known.
pub(super) fn unknown_word(
    problems: &mut Problems,
    node: &Node,
    name: &str,
    text: &str,
    known: &[&str],
) {
    let shown = shortened(text);
    problems
        .error(
            &node.place,
            format!("`{name}` has the unknown value `{shown}`"),
        )
        .suggest(text, known);
}

/// Reads a yes or no.
pub(super) fn flag(node: &Node, name: &str, problems: &mut Problems) -> Option<bool> {
    let Value::Flag(flag) = node.value else {
        wrong_type(problems, name, node, "`true` or `false`");
        return None;
    };
    Some(flag)
}
