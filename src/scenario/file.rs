//! The shape of a scenario file: which tables there are and which keys each has.
//!
//! Does not live here: how a value is read (`value`), what the values mean together (`check`).

use super::diagnostic::{Place, Problems};
use super::tree::{Entry, Node, Value, shortened};
use super::value::{self, Range, Unread, is_word, quoted, wrong_type};
use crate::units::SimSpan;
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
    "most-requests",
    "steady",
    "warm-up",
    "machine",
    "nat",
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
    "syn-retry",
    "instances",
];
/// Keys of `[nat]`.
pub const NAT: &[&str] = &[
    "ports",
    "shared",
    "addresses",
    "hold-after-fin",
    "hold-after-reset",
    "idle-timeout",
    "when-forgotten",
    "scope",
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
    "dns-refresh-timeout",
];
/// Keys of `[server.NAME]`.
pub const SERVER: &[&str] = &[
    "uri",
    "connect-time",
    "response-time",
    "closes-idle-after",
    "closes-after-requests",
    "active-close",
    "workers",
    "queue",
    "queue-full",
    "abandoned-work",
    "outages",
    "slow-downs",
    "moves-at",
    "old-address-down-after",
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
    "poisson", "every", "renewal", "schedule", "bursts", "users", "trace", "timeline", "devices",
    "from", "until", "phase", "jitter", "ramp",
];
/// How many of [`ARRIVALS`] are kinds.
pub const ARRIVAL_KINDS: usize = 9;
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
    "workers",
    "queue",
    "abandoned-work",
    "instances",
    "nat",
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
        value::span(self.get(key)?, key, problems)
    }

    /// A time longer than zero; `None` when absent or wrong.
    pub(super) fn span_above_zero(&self, key: &str, problems: &mut Problems) -> Option<SimSpan> {
        value::span_above_zero(self.get(key)?, key, problems)
    }

    /// A time; `None` is "never".
    pub(super) fn span_or_never(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Result<Option<SimSpan>, Unread> {
        let node = self.get(key).ok_or(Unread)?;
        if is_word(node, "never") {
            return Ok(None);
        }
        value::span(node, key, problems).map(Some).ok_or(Unread)
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
        value::text(self.get(key)?, key, problems)
    }

    /// A whole number in a range; `None` when absent or wrong.
    pub(super) fn count(
        &self,
        key: &str,
        least: u64,
        most: u64,
        problems: &mut Problems,
    ) -> Option<u64> {
        value::count(self.get(key)?, key, least, most, problems)
    }

    /// A finite number that `range` accepts; `None` when absent or wrong.
    pub(super) fn number(&self, key: &str, range: Range, problems: &mut Problems) -> Option<f64> {
        value::number(self.get(key)?, key, range, problems)
    }

    /// One of several words; `None` when absent or wrong.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        value::choice(self.get(key)?, key, words, problems)
    }
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
