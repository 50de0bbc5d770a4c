//! The part of a run that a metric is asked of: `failed[billing]`, `latency_p99_s[13h..14h]`.

use super::metric::{METRICS, Metric, Of};
use crate::model::{Part, Scenario};
use crate::units::{SimSpan, SimTime, SpanError};
use alloc::string::String;
use alloc::vec::Vec;

/// A metric as it is written: of a whole run, `failed`, or of a part of it, `failed[billing]`.
#[derive(Clone, Debug)]
pub struct OfPart {
    /// What is counted.
    pub metric: &'static Metric,
    /// Of which part of the run: `[billing]`; empty for all of it.
    pub aim: String,
}

impl OfPart {
    /// The metric of a whole run.
    pub const fn whole(metric: &'static Metric) -> OfPart {
        let aim = String::new();
        OfPart { metric, aim }
    }

    /// Reads a name, with or without an aim.
    ///
    /// # Errors
    /// There is no such metric.
    pub fn parse(text: &str) -> Result<OfPart, UnknownMetric> {
        let (name, aim) = text.split_at(text.find('[').unwrap_or(text.len()));
        let metric = Metric::find(name).ok_or_else(|| UnknownMetric(name.into()))?;
        let aim = aim.into();
        Ok(OfPart { metric, aim })
    }

    /// As it is written.
    pub fn name(&self) -> String {
        format!("{}{}", self.metric.name, self.aim)
    }

    /// The part of `scenario` that it is of; `None` for all of it.
    ///
    /// # Errors
    /// There is no such part, or it has not what is asked; with what there is.
    pub fn part(&self, scenario: &Scenario) -> Result<Option<Part>, PartError> {
        of(self.metric, &self.aim, scenario)
    }
}

/// A name that is no metric's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown metric `{name}`{other}", name = .0, other = instead_of(.0))]
pub struct UnknownMetric(pub String);

/// What may have been meant, and what there is.
fn instead_of(name: &str) -> String {
    let known: Vec<&str> = METRICS.iter().map(|it| it.name).collect();
    let meant = crate::words::closest(name, known.iter().copied());
    let meant = meant.map_or(String::new(), |it| format!(", did you mean `{it}`?"));
    format!("{meant}; metrics are {}", known.join(", "))
}

/// Why a run has no such part, or not what is asked of it; `shown` is how it was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say what each field is")]
pub enum PartError {
    /// The bracket is not closed.
    #[error("`{shown}` lacks its `]`")]
    NotClosed { shown: String },
    /// Parts of a run do not have it.
    #[error("`{shown}`: that is known of the whole run only; write `{metric}`")]
    WholeRunOnly { shown: String, metric: &'static str },
    /// A workload does not have it.
    #[error(
        "`{shown}`: connections and their ports belong to a program, not to one of its workloads; \
         clients are {clients}"
    )]
    NotOfAWorkload { shown: String, clients: String },
    /// An end of the window is no time.
    #[error("`{shown}`: {why}")]
    NoTime { shown: String, why: SpanError },
    /// The window has no time in it.
    #[error("`{shown}`: the window ends before it begins")]
    Backwards { shown: String },
    /// Of some of the window nothing is known.
    #[error("`{shown}`: the window goes beyond the run, which lasts {lasts}")]
    BeyondTheRun { shown: String, lasts: SimSpan },
    /// Nothing has this name.
    #[error("`{shown}`: there is no `{name}`; clients are {clients}, workloads are {workloads}")]
    Unknown {
        shown: String,
        name: String,
        clients: String,
        workloads: String,
    },
    /// Two things have this name.
    #[error(
        "`{shown}`: `{name}` is both a client and a workload; write `client.{name}` or \
         `workload.{name}`"
    )]
    Twice { shown: String, name: String },
}

/// The part that `aim` names in `scenario`; `None` for all of it. An aim is a row of names and
/// windows in brackets, which must all be met.
///
/// # Errors
/// What is wrong with it, and what there is.
fn of(metric: &Metric, aim: &str, scenario: &Scenario) -> Result<Option<Part>, PartError> {
    if aim.is_empty() {
        return Ok(None);
    }
    let shown = format!("{}{aim}", metric.name);
    let inner = aim.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let Some(inner) = inner else {
        return Err(PartError::NotClosed { shown });
    };
    if metric.of == Of::Whole {
        let metric = metric.name;
        return Err(PartError::WholeRunOnly { shown, metric });
    }
    let mut part = Part {
        workload: None,
        client: None,
        from: SimTime::ZERO,
        until: SimTime::NEVER,
    };
    for item in inner
        .split("][")
        .flat_map(|it| it.split(','))
        .map(str::trim)
    {
        match item.split_once("..") {
            Some(ends) => (part.from, part.until) = window(&shown, ends, scenario)?,
            None => named(&shown, item, scenario, &mut part)?,
        }
    }
    if part.workload.is_some() && matches!(metric.of, Of::Connections | Of::Ports) {
        let clients = names(scenario.clients.iter().map(|it| &it.name));
        return Err(PartError::NotOfAWorkload { shown, clients });
    }
    Ok(Some(part))
}

/// `13h..14h`, from the first instant on and before the second.
fn window(
    shown: &str,
    (from, until): (&str, &str),
    scenario: &Scenario,
) -> Result<(SimTime, SimTime), PartError> {
    let shown = || shown.into();
    let instant = |text: &str| match SimSpan::parse(text) {
        Ok(span) => Ok(SimTime::ZERO + span),
        Err(why) => Err(PartError::NoTime {
            shown: shown(),
            why,
        }),
    };
    let (from, until) = (instant(from)?, instant(until)?);
    let end = SimTime::ZERO + scenario.duration;
    if from >= until {
        return Err(PartError::Backwards { shown: shown() });
    }
    if until > end {
        let lasts = scenario.duration;
        return Err(PartError::BeyondTheRun {
            shown: shown(),
            lasts,
        });
    }
    // What happens at the very end belongs to the last window.
    let until = if until == end { SimTime::NEVER } else { until };
    Ok((from, until))
}

/// A workload or a program.
fn named(shown: &str, name: &str, scenario: &Scenario, part: &mut Part) -> Result<(), PartError> {
    let workload = |name: &str| scenario.workloads.iter().position(|it| it.name == name);
    let client = |name: &str| scenario.clients.iter().position(|it| it.name == name);
    let found = match name.split_once('.') {
        Some(("workload", name)) => (workload(name), None),
        Some(("client", name)) => (None, client(name)),
        _ => (workload(name), client(name)),
    };
    match found {
        (None, None) => Err(PartError::Unknown {
            shown: shown.into(),
            name: name.into(),
            clients: names(scenario.clients.iter().map(|it| &it.name)),
            workloads: names(scenario.workloads.iter().map(|it| &it.name)),
        }),
        (Some(_), Some(_)) => Err(PartError::Twice {
            shown: shown.into(),
            name: name.into(),
        }),
        (workload, client) => {
            part.workload = workload.or(part.workload);
            part.client = client.or(part.client);
            Ok(())
        }
    }
}

fn names<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    names.join(", ")
}
