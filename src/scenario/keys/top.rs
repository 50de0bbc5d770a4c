//! The keys above all tables, and which tables there are.

use super::form::{ABOVE_ZERO, Count, FLAG, Maybe, Plain, TIME, Whole, Words};
use super::key::{Key, Shown, at};
use super::kind::{Kind, Row};
use super::nat::NAT;
use crate::model::strategy::{CloseGroups, Throttle};
use crate::model::{Asked, BestBy, Scenario};
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{Fields, only_kind};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{self, Range, is_word, unknown_word};
use crate::scenario::words::{span, text};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

/// Most runs of each strategy.
const MOST_REPLICATIONS: u64 = 1_000_000;

/// What a scenario may say: more could not be counted in the order of events.
const MOST_REQUESTS_EVER: u64 = 1_000_000_000_000;

/// The keys above all tables that fill the scenario.
pub(in crate::scenario) const KEYS: &[Key<Scenario>] = &[
    Key::new(
        "title",
        at!(HEADING, Scenario.title),
        "One line above charts and tables.",
    )
    .like("\"Unique ConnectionGroupName on every request\"")
    .shown(|_, _| Shown::Set),
    Key::new(
        "question",
        at!(HEADING, Scenario.question),
        "What you want to know, in one line.",
    )
    .or("\"\"", "none")
    .like("\"Which remedy holds?\""),
    Key::new(
        "expect",
        at!(PARAGRAPH, Scenario.expect),
        "What you expect and why, with its arithmetic; it stands below the answer as long as \
         nothing but random numbers is changed by `--set`.",
    )
    .or("\"\"", "none")
    .like("\"50 requests a second take 5,000 ports in 100 s.\"")
    .quiet(),
    Key::new(
        "answer",
        at!(Maybe(ASKED), Scenario.answer),
        "What the question asks for: `\"best\"`, a name; `\"holding\"`, the names of those that serve \
         the load; or what is asked of a strategy. Without it the question's own words decide \
         where they can.",
    )
    .like("{ when = \"as is\" }"),
    Key::new(
        "duration",
        at!(ABOVE_ZERO, Scenario.duration),
        "How much time is simulated.",
    )
    .needed("how much time is simulated, for example `duration = \"5min\"`")
    .like("\"5min\""),
    Key::new(
        "seed",
        at!(Whole(0, u64::MAX), Scenario.seed),
        "The number from which every random draw is derived.",
    )
    .or("1", "1")
    .like("7"),
    Key::new(
        "replications",
        at!(Count(1, MOST_REPLICATIONS), Scenario.replications),
        "How many independent runs there are of each strategy.",
    )
    .or("1", "1")
    .like("100"),
    Key::new(
        "sample-every",
        at!(Maybe(ABOVE_ZERO), Scenario.sample_every),
        "The time between two rows of `ports.csv`.",
    )
    .like("\"1s\"")
    .shown(|scenario, _| match scenario.sample_every {
        Some(_) => Shown::Set,
        None => Shown::Unset(span(scenario.sample_span()), "duration / 600".into()),
    }),
    Key::new(
        "most-requests",
        at!(Maybe(Whole(1, MOST_REQUESTS_EVER)), Scenario.most_requests),
        "Above how many requests, over all strategies and replications, the scenario is refused \
         before it starts.",
    )
    .or("10000000000", "about an hour of work")
    .like("1000000")
    .shown(|_, _| Shown::Set),
    Key::new(
        "steady",
        at!(Maybe(FLAG), Scenario.steady),
        "Whether the question is about the steady state, not about the whole run.",
    )
    .shown(|_, _| Shown::Set),
    Key::new(
        "warm-up",
        at!(Maybe(TIME), Scenario.warm_up),
        "How long a run warms up before anything of it counts; before `duration`. Every metric is of \
         what follows: requests that arrive, ports that are in use and connects that are refused \
         later. Found for the long run alone where it is not given.",
    )
    .like("\"60s\"")
    .shown(|_, _| Shown::Set),
    Key::new(
        "best",
        at!(Maybe(Words(&BestBy::NAMES)), Scenario.best),
        "What the best strategy is best at, before all else. Without it: the most requests answered, \
         then the better verdict, fewer ports, fewer connections, fewer changes.",
    )
    .like("\"fewest failed\"")
    .shown(|_, _| Shown::Set),
    Key::new(
        "close-groups",
        at!(Maybe(CLOSE_GROUPS), Scenario.close_groups => some CloseGroups),
        "When the program calls `ServicePoint.CloseConnectionGroup` for the names that it created \
         so far (CL-1).",
    )
    .like("{ every = \"30s\" }"),
    Key::new(
        "throttle",
        at!(Maybe(THROTTLE), Scenario.throttle => some Throttle),
        "How the program holds itself back: at most so many submits per workload; the rest wait \
         their turn in it.",
    )
    .like("{ rate = 20 }"),
    Key::new(
        "nat",
        at!(NAT, Scenario.nat => Nat),
        "The network address translation that every connection of the machines goes through.",
    )
    .or("\"none\"", "no NAT")
    .like("\"azure-lb\"")
    .shown(|_, _| Shown::Nothing),
];

/// A text that stands above charts and tables.
const HEADING: Plain<String> = Plain {
    kind: || Kind::Text,
    read: |node, name, problems| {
        const LONGEST: usize = 500;
        let text = value::text(node, name, problems)?;
        if text.contains(char::is_control) || text.chars().count() > LONGEST {
            let message = format!("`{name}` must be one line of at most {LONGEST} characters");
            problems.error(&node.place, message);
        }
        Some(text.into())
    },
    write: |heading| text(heading),
};

/// A paragraph, in which line ends are blanks.
const PARAGRAPH: Plain<String> = Plain {
    kind: || Kind::Text,
    read: |node, name, problems| {
        const LONGEST: usize = 2_000;
        let text = value::text(node, name, problems)?;
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let paragraph = words.join(" ");
        if paragraph.contains(char::is_control) || paragraph.chars().count() > LONGEST {
            let message = format!("`{name}` must be one paragraph of at most {LONGEST} characters");
            problems.error(&node.place, message);
        }
        Some(paragraph)
    },
    write: |paragraph| text(paragraph),
};

/// `answer`.
const ASKED: Plain<Asked> = Plain {
    kind: asked_kind,
    read: asked,
    write: |asked| match asked.parts() {
        (word, None) => text(word),
        (word, Some(of)) => format!("{{ {word} = {} }}", text(of)),
    },
};

fn asked_kind() -> Kind {
    let of_none = Kind::Words(ASKED_OF_NONE.map(|(word, _)| word).into());
    let of_strategy = Asked::OF_STRATEGY.iter().map(|(key, _, doc)| {
        let row = Row::new(key, Kind::Text, doc).like("\"as is\"");
        Kind::table([row.needed()])
    });
    Kind::Either(core::iter::once(of_none).chain(of_strategy).collect())
}

/// What can be asked that is of no strategy.
const ASKED_OF_NONE: [(&str, Asked); 2] = [("best", Asked::Best), ("holding", Asked::Holding)];

/// `close-groups`.
const CLOSE_GROUPS: Plain<CloseGroups> = Plain {
    kind: || Kind::Shared("close-groups", closings),
    read: close_groups,
    write: |rule| match rule {
        CloseGroups::Every(every) => format!("{{ every = {} }}", span(*every)),
        CloseGroups::After(after) => format!("{{ after = {} }}", span(*after)),
        CloseGroups::WhenPortsAbove(share) => format!("{{ when-ports-above = {share} }}"),
    },
};

fn closings() -> Kind {
    let one = |row: Row| Kind::table([row.needed()]);
    Kind::Either(vec![
        one(Row::new(
            "after",
            Kind::ABOVE_ZERO,
            "Each name once it is this old.",
        )),
        one(Row::new(
            "when-ports-above",
            Kind::Number(Range::Share),
            "All names whenever a larger share of the ports is in use.",
        )),
        one(Row::new(
            "every",
            Kind::ABOVE_ZERO,
            "All names, at every multiple of this time.",
        )),
    ])
}

/// `throttle`.
const THROTTLE: Plain<Throttle> = Plain {
    kind: || Kind::Shared("throttle", throttles),
    read: throttle,
    write: |rule| {
        let Throttle::OncePer(every) = rule;
        format!("{{ every = {} }}", span(*every))
    },
};

fn throttles() -> Kind {
    let one = |row: Row| Kind::table([row.needed()]);
    Kind::Either(vec![
        one(Row::new("every", Kind::ABOVE_ZERO, "The time between two submits.").like("\"50ms\"")),
        one(Row::new("rate", Kind::Number(Range::Positive), "Submits a second.").like("20")),
    ])
}

/// Reads `answer`: `"best"`, or what is asked of a strategy: `{ runs-out = "as is" }`.
fn asked(node: &Node, name: &str, problems: &mut Problems) -> Option<Asked> {
    if let Some((_, asked)) = ASKED_OF_NONE.iter().find(|(word, _)| is_word(node, word)) {
        return Some(asked.clone());
    }
    if let Value::Text(other) = &node.value {
        let words = ASKED_OF_NONE.map(|(word, _)| word);
        unknown_word(problems, node, name, other, &words);
        return None;
    }
    let kinds = asked_kind().names();
    let fields = Fields::open(node, name, &kinds, problems)?;
    let kind = only_kind(&fields, name, &kinds, problems)?;
    let of = value::text(&kind.value, &kind.key, problems)?;
    let mut all = Asked::OF_STRATEGY.iter();
    let (_, make, _) = all.find(|(key, _, _)| *key == kind.key)?;
    Some(make(of.into()))
}

/// Reads `close-groups`.
fn close_groups(node: &Node, name: &str, problems: &mut Problems) -> Option<CloseGroups> {
    let kinds = closings().names();
    let fields = Fields::open(node, name, &kinds, problems)?;
    let kind = only_kind(&fields, name, &kinds, problems)?;
    match kind.key.as_str() {
        "every" => fields
            .span_above_zero("every", problems)
            .map(CloseGroups::Every),
        "after" => fields
            .span_above_zero("after", problems)
            .map(CloseGroups::After),
        key => fields
            .number(key, Range::Share, problems)
            .map(CloseGroups::WhenPortsAbove),
    }
}

/// Reads `throttle`: a rate per second, or the exact spacing.
fn throttle(node: &Node, name: &str, problems: &mut Problems) -> Option<Throttle> {
    let kinds = throttles().names();
    let fields = Fields::open(node, name, &kinds, problems)?;
    let kind = only_kind(&fields, name, &kinds, problems)?;
    if kind.key == "every" {
        return fields
            .span_above_zero("every", problems)
            .map(Throttle::OncePer);
    }
    let rate = fields.number("rate", Range::Positive, problems)?;
    let spacing = SimSpan::from_seconds_rounded(1.0 / rate);
    if spacing.is_zero() || spacing > crate::units::LONGEST {
        let found = kind.value.found();
        problems.error(
            &kind.value.place,
            format!(
                "`rate` must be between one in 10 years and one in a nanosecond, found {found}"
            ),
        );
        return None;
    }
    Some(Throttle::OncePer(spacing))
}
