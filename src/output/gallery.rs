//! The gallery: pictures of what a scenario's numbers depend on, each with alt text and caption.

use super::chart::xy::{self, Varied};
use super::chart::{diagram, phases};
use super::look::Look;
use super::{Artifact, artifact, markdown, number, plain};
use crate::model::Scenario;
use crate::study::Inspection;
use crate::study::gallery::{Curve, IDLE_TIMES, LIMITS, LOADS, Phase};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What the studies of one scenario came to.
#[derive(Clone, Debug)]
pub struct Gallery<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Time to exhaustion by load, where the load can be multiplied.
    pub exhaustion: Option<Vec<Curve>>,
    /// Peak by idle time.
    pub peak: Vec<Curve>,
    /// Latency by connection limit.
    pub latency: Vec<Curve>,
    /// The world under the first strategy when ports ran out, or half-way.
    pub moment: Option<Inspection<'a>>,
    /// Whether ports come back, by burst and pause.
    pub phases: Vec<Vec<Phase>>,
}

/// Every picture of a scenario with its page of alt text and caption.
pub fn pictures(gallery: &Gallery<'_>, look: &Look) -> Vec<Artifact> {
    let mut files = Vec::new();
    let mut add = |stem: &str, svg: &str, alt: &str| {
        let caption = caption(gallery.scenario);
        let page = markdown::figure(&format!("{stem}.svg"), alt, &caption);
        files.push(artifact(
            &format!("{stem}.svg"),
            look.applied(svg).into_bytes(),
        ));
        files.push(artifact(&format!("{stem}.md"), page.into_bytes()));
    };
    if let Some(curves) = &gallery.exhaustion {
        let (steps, alt) = exhaustion(gallery, curves);
        add("exhaustion-by-load", &xy::svg(&steps, &alt), &alt);
    }
    let (steps, alt) = peak(gallery);
    add("peak-by-idle-time", &xy::svg(&steps, &alt), &alt);
    let (steps, alt) = latency(gallery);
    add("latency-by-limit", &xy::svg(&steps, &alt), &alt);
    let title = "Do ports come back between bursts?";
    let alt = format!("{}.", phases::boundary(&gallery.phases));
    let first = gallery.scenario.strategies.first();
    let question = format!(
        "{}, “{}”",
        plain::line(&gallery.scenario.title),
        plain::short(first.map_or("", |it| &it.name), 60)
    );
    let caption = caption(gallery.scenario);
    let svg = phases::svg(&gallery.phases, [title, &question, &caption, &alt]);
    add("leak-phases", &svg, &alt);
    let name = first.map_or("", |it| &it.name);
    if let Some((svg, alt)) = gallery.moment.as_ref().and_then(|it| picture(it, name)) {
        add("picture", &svg, &alt);
    }
    files
}

fn caption(scenario: &Scenario) -> String {
    format!(
        "Everything that is not on an axis is as in the scenario. Simulated with spsim {}, \
         scenario {}, seed {}.",
        env!("CARGO_PKG_VERSION"),
        plain::short(&scenario.name, 60),
        scenario.seed
    )
}

fn exhaustion<'a>(gallery: &Gallery<'a>, curves: &'a [Curve]) -> (Varied<'a>, String) {
    let steps = Varied {
        id: "exhaustion-by-load",
        title: "How much sooner do ports run out when there is more to do?".into(),
        question: &gallery.scenario.title,
        caption: caption(gallery.scenario),
        across: "Load, in multiples of the scenario's",
        steps: LOADS.iter().map(|load| format!("×{load}")).collect(),
        up: "Time to exhaustion (s)",
        curves,
        absent: "never run out",
        limit: None,
    };
    let alt = told(curves, &steps, " s", "never");
    (steps, alt)
}

fn peak<'a>(gallery: &'a Gallery<'a>) -> (Varied<'a>, String) {
    let limit = gallery.scenario.machine.ports.count;
    let steps = Varied {
        id: "peak-by-idle-time",
        title: "How many ports does a longer MaxServicePointIdleTime hold?".into(),
        question: &gallery.scenario.title,
        caption: caption(gallery.scenario),
        across: "Idle time (s)",
        steps: IDLE_TIMES.iter().map(ToString::to_string).collect(),
        up: "Peak of local ports in use",
        curves: &gallery.peak,
        absent: "no value",
        limit: Some((f64::from(limit), format!("limit: {limit} ports"))),
    };
    let alt = told(&gallery.peak, &steps, " ports", "unknown");
    (steps, alt)
}

fn latency<'a>(gallery: &'a Gallery<'a>) -> (Varied<'a>, String) {
    let steps = Varied {
        id: "latency-by-limit",
        title: "What does a higher ServicePoint.ConnectionLimit gain?".into(),
        question: &gallery.scenario.title,
        caption: caption(gallery.scenario),
        across: "Connection limit",
        steps: LIMITS.iter().map(ToString::to_string).collect(),
        up: "99th percentile of latency (s)",
        curves: &gallery.latency,
        absent: "nothing answered",
        limit: None,
    };
    let alt = told(&gallery.latency, &steps, " s", "unknown");
    (steps, alt)
}

/// First and last value of every curve, for whoever cannot see the chart.
fn told(curves: &[Curve], chart: &Varied<'_>, unit: &str, absent: &str) -> String {
    let value = |value: Option<&Option<f64>>| match value.copied().flatten() {
        Some(value) => format!("{}{unit}", number::plain(value)),
        None => absent.into(),
    };
    let ends = |curve: &Curve| {
        format!(
            "“{}” {} at {}, {} at {}",
            plain::short(&curve.strategy, 60),
            value(curve.values.first()),
            chart.steps.first().map_or("", String::as_str),
            value(curve.values.last()),
            chart.steps.last().map_or("", String::as_str)
        )
    };
    let parts: Vec<String> = curves.iter().map(ends).collect();
    format!("{} over {}: {}.", chart.up, chart.across, parts.join("; "))
}

/// The article's picture of the first strategy's first ServicePoint; `None` without one.
fn picture(inspection: &Inspection<'_>, strategy: &str) -> Option<(String, String)> {
    let process = inspection.snapshot.processes.first()?;
    let of = process.service_points.iter().find(|it| it.listed)?;
    let key = &inspection.endpoints.get(of.endpoint as usize)?.key;
    let connections: usize = of.owners.iter().map(|it| it.connections.len()).sum();
    let at = number::instant(inspection.snapshot.sample.time);
    let alt = format!(
        "One ServicePoint after {at}: {} in its table hold {}, each with a port of its own.",
        number::counted(of.owners.len() as f64, "group", "groups"),
        number::counted(connections as f64, "connection", "connections")
    );
    let scenario = inspection.scenario;
    let question = format!(
        "{}, “{}”, after {at}",
        plain::line(&scenario.title),
        plain::short(strategy, 60)
    );
    let title = "A ServicePoint, its groups, their connections, their ports";
    let caption = caption(scenario);
    let svg = diagram::svg(of, key, [title, &question, &caption, &alt]);
    Some((svg, alt))
}
