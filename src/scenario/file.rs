//! The shape of a scenario file: which tables there are, which keys each has, and how a key's
//! value is read as a time, a count, a number, a word.
//!
//! Does not live here: what the values mean together (`check`).

use super::diagnostic::{Place, Problems};
use super::tree::{Entry, Node, Value, shortened};
use crate::units::{SimSpan, SpanError};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Keys of the whole file.
pub const TOP: &[&str] = &[
    "title",
    "question",
    "duration",
    "seed",
    "replications",
    "sample-every",
    "machine",
    "client",
    "server",
    "workload",
    "close-groups",
    "throttle",
    "strategy",
];
/// Keys of `[machine]`.
pub const MACHINE: &[&str] = &[
    "ports",
    "time-wait",
    "scope",
    "time-wait-error",
    "idle-close",
    "time-wait-reuse",
];
/// Keys of `[client.NAME]`.
pub const CLIENT: &[&str] = &[
    "runtime",
    "host",
    "cpus",
    "connection-limit",
    "max-idle-time",
    "connection-lease",
    "request-timeout",
    "timer-slack",
    "timer-jitter",
    "reservation-leak",
    "max-service-points",
];
/// Keys of `[server.NAME]`.
pub const SERVER: &[&str] = &[
    "uri",
    "connect-time",
    "response-time",
    "closes-idle-after",
    "closes-after-requests",
    "active-close",
];
/// Keys of `[workload.NAME]`.
pub const WORKLOAD: &[&str] = &[
    "client",
    "server",
    "arrivals",
    "group",
    "keep-alive",
    "pipelined",
    "proxy-untouched",
    "retry",
];
/// Kinds of `arrivals`, then the keys that may stand beside a kind.
pub const ARRIVALS: &[&str] = &[
    "poisson", "every", "renewal", "schedule", "bursts", "users", "trace", "timeline", "from",
    "until", "phase", "jitter", "ramp",
];
/// How many of [`ARRIVALS`] are kinds.
pub const ARRIVAL_KINDS: usize = 8;
/// Kinds of laws.
pub const LAW: &[&str] = &[
    "exponential",
    "uniform",
    "normal",
    "lognormal",
    "gamma",
    "erlang",
    "weibull",
    "pareto",
    "hyperexponential",
    "mixture",
    "empirical",
];
/// Keys of a `[[strategy]]`.
pub const STRATEGY: &[&str] = &[
    "name",
    "runtime",
    "ports",
    "time-wait",
    "scope",
    "time-wait-reuse",
    "groups",
    "group",
    "keep-alive",
    "close-groups",
    "max-idle-time",
    "connection-limit",
    "connection-lease",
    "request-timeout",
    "reservation-leak",
    "throttle",
    "retry",
];

/// One table of the file, its unknown keys already reported.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    place: Place,
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// Opens the table `name`; anything else and every key that is not in `known` is an error.
    pub(super) fn open(
        node: &'a Node,
        name: &str,
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Fields<'a>> {
        let Value::Table(entries) = &node.value else {
            wrong_type(problems, name, node, "a table");
            return None;
        };
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                let key = shortened(&entry.key);
                let whole = if name.is_empty() { "a scenario" } else { name };
                problems
                    .error(
                        &entry.place,
                        format!("`{key}` is not a key of {}", quoted(whole)),
                    )
                    .label("unknown key")
                    .suggest(&entry.key, known);
            }
        }
        let place = node.place.clone();
        Some(Fields { place, entries })
    }

    /// Where the table is.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The value of `key`, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The key, its place and its value.
    pub(super) fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entries whose keys are in `keys`, in the order of the file.
    pub(super) fn among(&self, keys: &[&str]) -> Vec<&'a Entry> {
        let is_one = |entry: &&Entry| keys.contains(&entry.key.as_str());
        self.entries.iter().filter(is_one).collect()
    }

    /// The value of a key that must be there.
    pub(super) fn require(
        &self,
        key: &str,
        of: &str,
        help: &str,
        problems: &mut Problems,
    ) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("`{key}` is missing from {}", quoted(of));
            problems.absent(&self.place, message, help);
        }
        found
    }

    /// A time; `None` when absent or wrong.
    pub(super) fn span(&self, key: &str, problems: &mut Problems) -> Option<SimSpan> {
        span(self.get(key)?, key, problems)
    }

    /// A time longer than zero; `None` when absent or wrong.
    pub(super) fn span_above_zero(&self, key: &str, problems: &mut Problems) -> Option<SimSpan> {
        span_above_zero(self.get(key)?, key, problems)
    }

    /// A time or "never"; `None` when absent or wrong.
    pub(super) fn span_or_never(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<Option<SimSpan>> {
        let node = self.get(key)?;
        if is_word(node, "never") {
            return Some(None);
        }
        span(node, key, problems).map(Some)
    }

    /// A yes or no; `None` when absent or wrong.
    pub(super) fn flag(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        let node = self.get(key)?;
        let Value::Flag(flag) = node.value else {
            wrong_type(problems, key, node, "`true` or `false`");
            return None;
        };
        Some(flag)
    }

    /// A text; `None` when absent or wrong.
    pub(super) fn text(&self, key: &str, problems: &mut Problems) -> Option<&'a str> {
        text(self.get(key)?, key, problems)
    }

    /// A whole number in a range; `None` when absent or wrong.
    pub(super) fn count(
        &self,
        key: &str,
        least: u64,
        most: u64,
        problems: &mut Problems,
    ) -> Option<u64> {
        count(self.get(key)?, key, least, most, problems)
    }

    /// A finite number that `range` accepts; `None` when absent or wrong.
    pub(super) fn number(&self, key: &str, range: Range, problems: &mut Problems) -> Option<f64> {
        number(self.get(key)?, key, range, problems)
    }

    /// One of several words; `None` when absent or wrong.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        choice(self.get(key)?, key, words, problems)
    }
}

/// Which finite numbers are right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Range {
    /// Above 0.
    Positive,
    /// 0 or more.
    NotNegative,
    /// At least 1.
    AtLeastOne,
    /// Above 0 and at most 1.
    Share,
}

impl Range {
    fn holds(self, number: f64) -> bool {
        match self {
            Range::Positive => number > 0.0,
            Range::NotNegative => number >= 0.0,
            Range::AtLeastOne => number >= 1.0,
            Range::Share => number > 0.0 && number <= 1.0,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Range::Positive => "above 0",
            Range::NotNegative => "of at least 0",
            Range::AtLeastOne => "of at least 1",
            Range::Share => "above 0 and at most 1",
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

pub(super) fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.value, Value::Text(text) if text == word)
}

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
            let number = found.trim_matches('`');
            problems
                .error(&node.place, format!("`{name}` needs a unit, found {found}"))
                .label("a bare number")
                .help(format!("write `\"{number}s\"` or `\"{number}ms\"`"));
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
        Value::Float(number) if number == libm::trunc(number) && libm::fabs(number) < 1e15 => {
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
        format!("`{name}` must be a finite number {words}, found {found}"),
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

/// The only entry of a table whose keys are kinds: `{ exponential = … }`.
pub(super) fn only_kind<'a>(
    fields: &Fields<'a>,
    name: &str,
    kinds: &[&str],
    problems: &mut Problems,
) -> Option<&'a Entry> {
    let found = fields.among(kinds);
    match found.as_slice() {
        [one] => Some(one),
        [] => {
            let list: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
            // A misspelt kind was already reported as an unknown key.
            if fields.entries.iter().all(|entry| is_beside(entry, kinds)) {
                let help = format!("one of {}", list.join(", "));
                problems.absent(&fields.place, format!("`{name}` says nothing"), &help);
            }
            None
        }
        [first, second, ..] => {
            problems
                .error(
                    &second.place,
                    format!(
                        "`{}` and `{}` cannot both be in `{name}`",
                        first.key, second.key
                    ),
                )
                .help("keep one of them");
            None
        }
    }
}

/// Whether the key is known to stand beside a kind, so that it is no misspelt kind.
fn is_beside(entry: &Entry, kinds: &[&str]) -> bool {
    kinds.contains(&entry.key.as_str()) || ARRIVALS[ARRIVAL_KINDS..].contains(&entry.key.as_str())
}
