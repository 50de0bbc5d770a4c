//! `spsim trace`: what is asked of it. The command joins [`super::args::Command`] when the
//! engine tells what happens in a run.

use super::args::ScenarioArgs;
use crate::units::{SimSpan, SimTime};
use clap::{Args, ValueEnum};

/// `spsim trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// What to trace; one strategy, the first if none is named.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Which events.
    #[command(flatten)]
    pub filter: Filter,
    /// How to write events
    #[arg(long, value_enum, default_value_t = EventFormat::Jsonl, value_name = "FORMAT")]
    pub format: EventFormat,
}

/// Which events of a run are wanted; without any flag all of them.
#[derive(Clone, Debug, Default, Args)]
pub struct Filter {
    /// Only this request's life; may be repeated
    #[arg(long, value_name = "N")]
    pub request: Vec<u64>,
    /// Only this connection's life; may be repeated
    #[arg(long, value_name = "N")]
    pub connection: Vec<u64>,
    /// Nothing before this time, as in `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub from: Option<SimTime>,
    /// Nothing at or after this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<SimTime>,
}

/// How events are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum EventFormat {
    /// One JSON object per line
    Jsonl,
    /// CSV with a header
    Csv,
}

impl Filter {
    /// Whether an event is wanted that happens at `at` and concerns `request` and `connection`.
    ///
    /// With requests and connections both named, an event of either is wanted.
    pub fn wants(&self, at: SimTime, request: Option<u64>, connection: Option<u64>) -> bool {
        let in_time =
            self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until);
        let any = self.request.is_empty() && self.connection.is_empty();
        let named = |all: &[u64], one: Option<u64>| one.is_some_and(|one| all.contains(&one));
        in_time && (any || named(&self.request, request) || named(&self.connection, connection))
    }

    /// Whether nothing that happens at `at` or later is wanted: the run may end.
    pub fn is_over(&self, at: SimTime) -> bool {
        self.until.is_some_and(|until| until <= at)
    }
}

fn parse_time(text: &str) -> Result<SimTime, String> {
    SimSpan::parse(text)
        .map(|span| SimTime::ZERO + span)
        .map_err(|error| format!("{error}; write a time such as `30s`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_keeps_one_life_within_a_window() {
        let time = |text| parse_time(text).expect("a time");
        let filter = Filter {
            request: vec![7],
            connection: vec![3],
            from: Some(time("1s")),
            until: Some(time("2s")),
        };
        assert!(filter.wants(time("1s"), Some(7), None));
        assert!(filter.wants(time("1.5s"), Some(8), Some(3)));
        assert!(!filter.wants(time("1.5s"), Some(8), Some(4)));
        assert!(
            !filter.wants(time("2s"), Some(7), None),
            "until is exclusive"
        );
        assert!(filter.is_over(time("2s")) && !filter.is_over(time("1.9s")));
        assert!(Filter::default().wants(time("9h"), None, None));
        assert_eq!(
            parse_time("5"),
            Err("a time needs a unit; write a time such as `30s`".into())
        );
    }
}
