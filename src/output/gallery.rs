//! The gallery: pictures of what a scenario's numbers depend on, each with alt text and caption.

use super::{Artifact, PictureFormats, figure};
use crate::draw::{Look, Words};
use crate::figures::sweep::view::View;
use crate::figures::varied::{self, Varied};
use crate::figures::{caption, diagram, life, phases, survival, sweep};
use crate::model::Scenario;
use crate::study::gallery::{
    Curve, IDLE_TIMES, LIMITS, LOADS, MAP_IDLE_TIMES, MAP_LOADS, Map, Phase, has_nat,
};
use crate::study::lifeline::Lifeline;
use crate::study::sweep::Identity;
use crate::study::{Comparison, Inspection, Metric};
use crate::words::labels::{ENGLISH, GalleryWords, Labels};
use crate::words::{number, plain};
use alloc::string::String;
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
    /// Whether ports come back, by burst and pause, where no NAT holds them.
    pub phases: Option<Vec<Vec<Phase>>>,
}

/// Every picture of a scenario with its page of alt text and caption.
pub fn pictures(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Vec<Artifact> {
    let labels = &look.labels;
    let mut files = Vec::new();
    let mut add = |stem: &str, svg: &str, alt: &str| {
        let caption = caption(gallery.scenario, labels);
        files.extend(figure(stem, svg, (alt, &caption), formats, look));
    };
    let has_nat = has_nat(gallery.scenario);
    let peak = if has_nat { TIGHTEST_PEAK } else { PEAK };
    let studies = [
        (EXHAUSTION, &gallery.exhaustion),
        (peak, &gallery.peak),
        (LATENCY, &gallery.latency),
    ];
    for (study, curves) in studies {
        // A picture without a single value would tell nothing.
        let has_values =
            |it: &&Vec<Curve>| it.iter().any(|it| it.values.iter().any(Option::is_some));
        if let Some(curves) = curves.as_ref().filter(has_values) {
            let alt = study.told(curves);
            let words = |title| words(gallery.scenario, title, alt.clone(), labels);
            let varied = study.varied(gallery.scenario, curves, &words, labels);
            add(study.id, &varied::plot(varied, labels).svg(), &alt);
        }
    }
    let first = gallery.scenario.strategies.first();
    let name = first.map_or("", |it| &it.name);
    if let Some(phases) = &gallery.phases {
        let alt = format!("{}.", phases::boundary(phases));
        let scenario = plain::line(&gallery.scenario.title);
        let words = Words {
            question: labels.gallery.strategy(&scenario, &plain::short(name, 60)),
            ..words(gallery.scenario, labels.phases.title(), alt.clone(), labels)
        };
        add(
            "leak-phases",
            &phases::plot(phases, words, labels).svg(),
            &alt,
        );
    }
    if let Some(maps) = &gallery.map {
        let (svg, alt) = map(gallery.scenario, maps, labels);
        add("peak-by-load-and-idle-time", &svg, &alt);
    }
    let replicated = gallery.replicated.iter();
    for comparison in replicated.filter(|it| survival::is_drawn(it)) {
        let svg = survival::plot(comparison, look).svg();
        add("survival", &svg, &survival::alt(comparison));
    }
    if !gallery.lives.is_empty() {
        let told = gallery.lives.iter().map(|life| {
            let name = plain::short(&life.strategy, 60);
            format!("“{name}”: {}", life::told(life, &ENGLISH))
        });
        let told: Vec<String> = told.collect();
        let alt = format!("The life of one connection. {}.", told.join(". "));
        let made = caption::simulated(gallery.scenario, labels);
        let words = Words {
            caption: format!("{} {made}.", labels.caption.shares()),
            ..words(gallery.scenario, labels.life.title(), alt.clone(), labels)
        };
        let svg = life::svg(&gallery.lives, &words, labels);
        add("one-connection", &svg, &alt);
    }
    let moment = gallery.moment.as_ref();
    if let Some((svg, alt)) = moment.and_then(|it| picture(it, name, labels)) {
        add("picture", &svg, &alt);
    }
    files
}

fn caption(scenario: &Scenario, labels: &Labels) -> String {
    let made = caption::simulated(scenario, labels);
    format!("{} {made}.", labels.caption.varied())
}

/// What stands around a picture of a scenario.
fn words(scenario: &Scenario, title: String, alt: String, labels: &Labels) -> Words {
    Words {
        title,
        question: plain::line(&scenario.title),
        caption: caption(scenario, labels),
        description: alt,
    }
}

/// Idle time upwards, load to the right, the largest share of the ports in each cell.
fn map(scenario: &Scenario, maps: &[Map], labels: &Labels) -> (String, String) {
    let metric = Metric::find("ports_peak_share").expect("a metric of every run");
    let view_in = |labels: &Labels| View {
        title: has_nat(scenario).then(|| labels.gallery.map_tightest()),
        ..view_of_map(metric, maps, labels)
    };
    let view = view_in(labels);
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
    // In English, as every text for screen readers.
    let alt = format!("{}: {}.", sweep::alt(&view_in(&ENGLISH)), told.join("; "));
    (sweep::svg(&identity, &view, labels), alt)
}

fn view_of_map(metric: &'static Metric, maps: &[Map], labels: &Labels) -> View {
    let times = |load: f64| labels.numbers.times(&labels.plain(load));
    let loads = (labels.gallery.map_load(), MAP_LOADS.map(times).to_vec());
    let seconds = |seconds: u64| format!("{seconds} {}", labels.units.seconds());
    let idle_times = MAP_IDLE_TIMES.map(seconds).to_vec();
    let idle_times = (labels.gallery.map_idle_time(), idle_times);
    let panels = maps.iter().map(|it| (it.strategy.clone(), it.rows.clone()));
    View::of_grid(metric, loads, idle_times, panels)
}

/// A picture of a number over another that is varied in steps.
struct Study {
    id: &'static str,
    /// Title, axis to the right, axis upwards, and what a line without a value says.
    words: [fn(&GalleryWords) -> String; 4],
    steps: fn(&Labels) -> Vec<String>,
    /// The limit that is drawn, where there is one, and its label.
    limit: fn(&Scenario, &Labels) -> Option<(f64, String)>,
    /// For the text in English: the unit of a value, and one that is not there.
    unit: &'static str,
    absent: &'static str,
}

const EXHAUSTION: Study = Study {
    id: "exhaustion-by-load",
    words: [
        GalleryWords::exhaustion,
        GalleryWords::load,
        GalleryWords::exhausted_at,
        GalleryWords::never,
    ],
    steps: |labels| {
        LOADS
            .map(|it| labels.numbers.times(&labels.plain(it)))
            .into()
    },
    limit: |_, _| None,
    unit: " s",
    absent: "never",
};

const PEAK: Study = Study {
    id: "peak-by-idle-time",
    words: [
        GalleryWords::peak,
        GalleryWords::idle_time,
        GalleryWords::ports_peak,
        GalleryWords::no_value,
    ],
    steps: |labels| IDLE_TIMES.map(|it| labels.count(it as f64)).into(),
    limit: |scenario, labels| {
        let limit = f64::from(scenario.machine.ports.count);
        Some((limit, labels.lines.limit(&labels.ports(limit))))
    },
    unit: " ports",
    absent: "unknown",
};

/// [`PEAK`] where there is a NAT.
const TIGHTEST_PEAK: Study = Study {
    words: [
        GalleryWords::peak,
        GalleryWords::idle_time,
        GalleryWords::tightest_peak,
        GalleryWords::no_value,
    ],
    limit: |_, labels| {
        let all = labels.numbers.percent(&labels.count(100.0));
        Some((100.0, labels.lines.limit(&all)))
    },
    unit: " %",
    ..PEAK
};

const LATENCY: Study = Study {
    id: "latency-by-limit",
    words: [
        GalleryWords::latency,
        GalleryWords::connection_limit,
        GalleryWords::latency_p99,
        GalleryWords::nothing_answered,
    ],
    steps: |labels| LIMITS.map(|it| labels.count(f64::from(it))).into(),
    limit: |_, _| None,
    unit: " s",
    absent: "unknown",
};

impl Study {
    fn varied<'a>(
        &self,
        scenario: &Scenario,
        curves: &'a [Curve],
        words: &dyn Fn(String) -> Words,
        labels: &Labels,
    ) -> Varied<'a> {
        let [title, across, up, absent] = self.words.map(|word| word(&labels.gallery));
        Varied {
            id: self.id,
            words: words(title),
            across,
            steps: (self.steps)(labels),
            up,
            curves,
            absent,
            limit: (self.limit)(scenario, labels),
        }
    }

    /// First and last value of every curve, for whoever cannot see the chart; in English.
    fn told(&self, curves: &[Curve]) -> String {
        let value = |value: Option<&Option<f64>>| match value.copied().flatten() {
            Some(value) => format!("{}{}", number::plain(value), self.unit),
            None => self.absent.into(),
        };
        let steps = (self.steps)(&ENGLISH);
        let [_, across, up, _] = self.words.map(|word| word(&ENGLISH.gallery));
        let ends = |curve: &Curve| {
            format!(
                "“{}” {} at {}, {} at {}",
                plain::short(&curve.strategy, 60),
                value(curve.values.first()),
                steps.first().map_or("", String::as_str),
                value(curve.values.last()),
                steps.last().map_or("", String::as_str)
            )
        };
        let parts: Vec<String> = curves.iter().map(ends).collect();
        format!("{up} over {across}: {}.", parts.join("; "))
    }
}

/// The article's picture of the first strategy's first ServicePoint; `None` without one.
fn picture(
    inspection: &Inspection<'_>,
    strategy: &str,
    labels: &Labels,
) -> Option<(String, String)> {
    let process = inspection.snapshot.processes.first()?;
    let of = process.service_points.iter().find(|it| it.listed)?;
    let key = &inspection.endpoints.get(of.endpoint as usize)?.key;
    let connections: usize = of.owners.iter().map(|it| it.connections.len()).sum();
    let at = inspection.snapshot.sample.time;
    let alt = format!(
        "One ServicePoint after {}: {} in its table hold {}, each with a port of its own.",
        number::instant(at),
        number::counted(of.owners.len() as f64, "group", "groups"),
        number::counted(connections as f64, "connection", "connections")
    );
    let scenario = inspection.scenario;
    let question = labels.gallery.strategy_at(
        &plain::line(&scenario.title),
        &plain::short(strategy, 60),
        &labels.instant(at),
    );
    let words = Words {
        question,
        ..words(scenario, labels.diagram.title(), alt.clone(), labels)
    };
    let svg = diagram::svg(of, key, &words, labels);
    Some((svg, alt))
}
