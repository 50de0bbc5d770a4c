//! The part of a run that a metric is asked of: `failed[billing]`, `latency_p99_s[13h..14h]`.

use super::metric::{METRICS, Metric, Of};
use crate::model::{Part, Scenario};
use crate::units::{SimSpan, SimTime};
use alloc::format;
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
    pub fn parse(text: &str) -> Result<OfPart, String> {
        let (name, aim) = text.split_at(text.find('[').unwrap_or(text.len()));
        let metric = Metric::find(name).ok_or_else(|| unknown(name))?;
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
    pub fn part(&self, scenario: &Scenario) -> Result<Option<Part>, String> {
        of(self.metric, &self.aim, scenario)
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = METRICS.iter().map(|it| it.name).collect();
    let meant = crate::words::closest(name, known.iter().copied());
    let meant = meant.map_or(String::new(), |it| format!(", did you mean `{it}`?"));
    format!(
        "unknown metric `{name}`{meant}; metrics are {}",
        known.join(", ")
    )
}

/// The part that `aim` names in `scenario`; `None` for all of it. An aim is a row of names and
/// windows in brackets, which must all be met.
///
/// # Errors
/// What is wrong with it, and what there is.
fn of(metric: &Metric, aim: &str, scenario: &Scenario) -> Result<Option<Part>, String> {
    if aim.is_empty() {
        return Ok(None);
    }
    let shown = format!("{}{aim}", metric.name);
    let inner = aim.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let inner = inner.ok_or_else(|| format!("`{shown}` lacks its `]`"))?;
    if metric.of == Of::Whole {
        return Err(format!(
            "`{shown}`: that is known of the whole run only; write `{}`",
            metric.name
        ));
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
        return Err(format!(
            "`{shown}`: connections and their ports belong to a program, not to one of its workloads; clients are \
             {}",
            names(scenario.clients.iter().map(|it| &it.name))
        ));
    }
    Ok(Some(part))
}

/// `13h..14h`, from the first instant on and before the second.
fn window(
    shown: &str,
    (from, until): (&str, &str),
    scenario: &Scenario,
) -> Result<(SimTime, SimTime), String> {
    let instant = |text: &str| -> Result<SimTime, String> {
        let span = SimSpan::parse(text).map_err(|error| format!("`{shown}`: {error}"))?;
        Ok(SimTime::ZERO + span)
    };
    let (from, until) = (instant(from)?, instant(until)?);
    let end = SimTime::ZERO + scenario.duration;
    if from >= until {
        return Err(format!("`{shown}`: the window ends before it begins"));
    }
    if until > end {
        return Err(format!(
            "`{shown}`: the window goes beyond the run, which lasts {}",
            scenario.duration
        ));
    }
    // What happens at the very end belongs to the last window.
    let until = if until == end { SimTime::NEVER } else { until };
    Ok((from, until))
}

/// A workload or a program.
fn named(shown: &str, name: &str, scenario: &Scenario, part: &mut Part) -> Result<(), String> {
    let workload = |name: &str| scenario.workloads.iter().position(|it| it.name == name);
    let client = |name: &str| scenario.clients.iter().position(|it| it.name == name);
    let found = match name.split_once('.') {
        Some(("workload", name)) => (workload(name), None),
        Some(("client", name)) => (None, client(name)),
        _ => (workload(name), client(name)),
    };
    match found {
        (None, None) => Err(format!(
            "`{shown}`: there is no `{name}`; clients are {}, workloads are {}",
            names(scenario.clients.iter().map(|it| &it.name)),
            names(scenario.workloads.iter().map(|it| &it.name)),
        )),
        (Some(_), Some(_)) => Err(format!(
            "`{shown}`: `{name}` is both a client and a workload; write `client.{name}` or \
             `workload.{name}`"
        )),
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
