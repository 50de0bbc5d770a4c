//! The gallery: pictures of what a scenario's numbers depend on, each with alt text and caption.

use super::chart::xy::{self, Varied};
use super::chart::{self, diagram, phases};
use super::look::Look;
use super::sweep::data::View;
use super::{Artifact, PictureFormats, figure, number, plain};
use crate::model::Scenario;
use crate::study::gallery::{
    Curve, IDLE_TIMES, LIMITS, LOADS, MAP_IDLE_TIMES, MAP_LOADS, Map, Phase,
};
use crate::study::lifeline::Lifeline;
use crate::study::sweep::Identity;
use crate::study::{Comparison, Inspection, Metric};
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
    pub peak: Option<Vec<Curve>>,
    /// Latency by connection limit.
    pub latency: Option<Vec<Curve>>,
    /// The world under the first strategy when ports ran out, or half-way.
    pub moment: Option<Inspection<'a>>,
    /// Peak by load and idle time, where the load can be multiplied.
    pub map: Option<Vec<Map>>,
    /// Many runs of every strategy.
    pub replicated: Option<Comparison>,
    /// The life of each strategy's first connection.
    pub lives: Vec<Lifeline>,
    /// Whether ports come back, by burst and pause.
    pub phases: Vec<Vec<Phase>>,
}

/// Every picture of a scenario with its page of alt text and caption.
pub fn pictures(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Vec<Artifact> {
    let mut files = Vec::new();
    let mut add = |stem: &str, svg: &str, alt: &str| {
        let caption = caption(gallery.scenario);
        files.extend(figure(stem, svg, (alt, &caption), formats, look));
    };
    if let Some(curves) = &gallery.exhaustion {
        let (steps, alt) = exhaustion(gallery, curves);
        add("exhaustion-by-load", &xy::svg(&steps, &alt), &alt);
    }
    if let Some(curves) = &gallery.peak {
        let (steps, alt) = peak(gallery, curves);
        add("peak-by-idle-time", &xy::svg(&steps, &alt), &alt);
    }
    if let Some(curves) = &gallery.latency {
        let (steps, alt) = latency(gallery, curves);
        add("latency-by-limit", &xy::svg(&steps, &alt), &alt);
    }
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
    if let Some(maps) = &gallery.map {
        let (svg, alt) = map(gallery.scenario, maps);
        add("peak-by-load-and-idle-time", &svg, &alt);
    }
    let replicated = gallery.replicated.iter();
    for comparison in replicated.filter(|it| chart::survival_is_drawn(it)) {
        let svg = chart::survival_svg(comparison);
        add("survival", &svg, &chart::survival_alt(comparison));
    }
    if !gallery.lives.is_empty() {
        let told = gallery.lives.iter().map(|life| {
            let name = plain::short(&life.strategy, 60);
            format!("“{name}”: {}", chart::life::told(life))
        });
        let told: Vec<String> = told.collect();
        let alt = format!("The life of one connection. {}.", told.join(". "));
        let caption = format!(
            "Where stages are too many to be drawn one by one, each column is filled by their \
             shares. {caption}"
        );
        let title = "One connection, from its connect until its port is free";
        let question = plain::line(&gallery.scenario.title);
        let svg = chart::life::svg(&gallery.lives, [title, &question, &caption, &alt]);
        add("one-connection", &svg, &alt);
    }
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

/// Idle time upwards, load to the right, the largest share of the ports in each cell.
fn map(scenario: &Scenario, maps: &[Map]) -> (String, String) {
    let metric = Metric::find("ports_peak_share").expect("a metric of every run");
    let loads = MAP_LOADS.map(|load| format!("×{load}")).to_vec();
    let idle_times = MAP_IDLE_TIMES
        .map(|seconds| format!("{seconds} s"))
        .to_vec();
    let panels = maps.iter().map(|it| (it.strategy.clone(), it.rows.clone()));
    let view = View::of_grid(metric, ("load", loads), ("idle time", idle_times), panels);
    let identity = Identity {
        spsim: env!("CARGO_PKG_VERSION").into(),
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        digest: format!("{:016x}", scenario.digest),
        seed: scenario.seed,
        replications: 1,
        strategies: maps.iter().map(|it| it.strategy.clone()).collect(),
        vary: Vec::new(),
        sample: None,
        points: (MAP_LOADS.len() * MAP_IDLE_TIMES.len()) as u64,
        shard: None,
        shards: 1,
    };
    let full = |map: &Map| {
        let all = map.rows.iter().flatten();
        let full = all.clone().filter(|share| **share >= 1.0).count();
        format!(
            "{full} of {} cells of “{}” use every port",
            all.count(),
            plain::short(&map.strategy, 60)
        )
    };
    let told: Vec<String> = maps.iter().map(full).collect();
    let alt = format!("{}: {}.", chart::sweep_alt(&view), told.join("; "));
    (chart::sweep_svg(&identity, &view), alt)
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

fn peak<'a>(gallery: &Gallery<'a>, curves: &'a [Curve]) -> (Varied<'a>, String) {
    let limit = f64::from(gallery.scenario.machine.ports.count);
    let label = format!("limit: {}", number::counted(limit, "port", "ports"));
    let steps = Varied {
        id: "peak-by-idle-time",
        title: "How many ports does a longer MaxServicePointIdleTime hold?".into(),
        question: &gallery.scenario.title,
        caption: caption(gallery.scenario),
        across: "Idle time (s)",
        steps: IDLE_TIMES.iter().map(ToString::to_string).collect(),
        up: "Peak of local ports in use",
        curves,
        absent: "no value",
        limit: Some((limit, label)),
    };
    let alt = told(curves, &steps, " ports", "unknown");
    (steps, alt)
}

fn latency<'a>(gallery: &Gallery<'a>, curves: &'a [Curve]) -> (Varied<'a>, String) {
    let steps = Varied {
        id: "latency-by-limit",
        title: "What does a higher ServicePoint.ConnectionLimit gain?".into(),
        question: &gallery.scenario.title,
        caption: caption(gallery.scenario),
        across: "Connection limit",
        steps: LIMITS.iter().map(ToString::to_string).collect(),
        up: "99th percentile of latency (s)",
        curves,
        absent: "nothing answered",
        limit: None,
    };
    let alt = told(curves, &steps, " s", "unknown");
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
