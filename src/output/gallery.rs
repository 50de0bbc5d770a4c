//! The gallery: pictures of what a scenario's numbers depend on, each with alt text and caption.

use super::{Artifact, PictureFormats, figure, figure_of};
use crate::draw::{Figure, Look, Words};
use crate::figures::sweep::view::{self, View};
use crate::figures::{caption, diagram, life, phases, survival, sweep};
use crate::model::Scenario;
use crate::study::gallery::{Phase, SweepQuestion};
use crate::study::lifeline::Lifeline;
use crate::study::sweep::Identity;
use crate::study::{Comparison, Inspection, Metric, OfPart};
use crate::words::labels::{ENGLISH, Labels};
use crate::words::{number, plain};

/// What the studies of one scenario came to.
#[derive(Clone, Debug)]
pub struct Gallery<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Sweeps, each with its question and its `sweep.csv`.
    pub sweeps: Vec<(SweepQuestion, Identity, Vec<u8>)>,
    /// The world under the first strategy when ports ran out, or half-way; where somebody asks.
    pub moment: Option<Inspection<'a>>,
    /// Many runs of every strategy.
    pub replicated: Option<Comparison>,
    /// The life of each strategy's first connection.
    pub lives: Vec<Lifeline>,
    /// Whether ports come back, by burst and pause, where no NAT holds them.
    pub phases: Option<Vec<Vec<Phase>>>,
}

/// A picture of the gallery: its files, and what the index says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// What its files are called.
    pub stem: String,
    /// What it asks or shows, in a few words.
    pub title: String,
    /// What it shows, in a sentence.
    pub sentence: String,
    /// The picture in every wanted format, and the page of alt text and caption.
    pub files: Vec<Artifact>,
}

/// Every picture of a scenario that tells something: a value that differs from place to place, a
/// boundary, a spread, lives that differ, more connections than one.
pub fn pictures(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Vec<Shown> {
    let mut shown = Vec::new();
    shown.extend(
        gallery
            .sweeps
            .iter()
            .filter_map(|it| of_sweep(it, formats, look)),
    );
    shown.extend(phase_diagram(gallery, formats, look));
    shown.extend(survival_of(gallery, formats, look));
    shown.extend(lives(gallery, formats, look));
    shown.extend(picture(gallery, formats, look));
    shown
}

/// The index of the gallery: every picture small, with its sentence, as Markdown and as a page.
/// `of` has the scenarios' names and titles.
pub fn index(of: &[(String, String, Vec<Shown>)], formats: PictureFormats) -> [Artifact; 2] {
    let ending = if formats.svg { "svg" } else { "png" };
    let mut body = String::new();
    for (name, title, shown) in of.iter().filter(|it| !it.2.is_empty()) {
        body += &format!("<h2>{}</h2>\n<table>\n", plain::xml(title));
        for it in shown {
            let (file, title) = (
                format!("{name}/{}.{ending}", it.stem),
                plain::xml(&it.title),
            );
            body += &format!(
                "<tr><td width=\"320\"><a href=\"{file}\"><img src=\"{file}\" width=\"300\" \
                 alt=\"{title}\"></a></td>\n<td><b>{title}</b><br>{}</td></tr>\n",
                plain::xml(&it.sentence)
            );
        }
        body += "</table>\n";
    }
    let about = "What the numbers of the built-in scenarios depend on. Each picture has a page \
                 beside it with alt text and caption, ready to paste. `spsim gallery` draws them.";
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Gallery</title>\n\
         <style>:root{{color-scheme:light dark}}\
         body{{font:15px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}\
         td{{vertical-align:top;padding:.5em}}img{{border:1px solid #ccc;max-width:100%}}</style>\n\
         <h1>Gallery</h1>\n<p>{}</p>\n{body}</html>\n",
        about.replace('`', "")
    );
    [
        Artifact::new("index.md", format!("# Gallery\n\n{about}\n\n{body}")),
        Artifact::new("index.html", page),
    ]
}

fn of_sweep(
    (question, identity, table): &(SweepQuestion, Identity, Vec<u8>),
    formats: PictureFormats,
    look: &Look,
) -> Option<Shown> {
    let metric = Metric::find(question.metric).expect("a metric of every run");
    let views = view::read(identity, &table[..], &[OfPart::whole(metric)]);
    let mut view: View = views.expect("a table of ours").pop()?;
    view.question = Some(question.question.into());
    let places = core::iter::once(&mut view.x).chain(&mut view.y);
    for (places, axis) in places.zip(question.axes) {
        places.key = (*axis).into();
    }
    if !view.is_telling() {
        return None;
    }
    let alt = format!("{}.", sweep::told(&view));
    let caption = sweep::caption(identity, &view, &look.labels);
    let mut figure = sweep::plot(identity, &view, look);
    figure.words_mut().description.clone_from(&alt);
    Some(Shown {
        stem: question.stem.into(),
        title: question.question.into(),
        sentence: alt.clone(),
        files: figure_of(question.stem, &figure, (&alt, &caption), formats, look),
    })
}

fn phase_diagram(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Option<Shown> {
    let found = gallery
        .phases
        .as_ref()
        .filter(|it| phases::is_telling(it))?;
    let labels = &look.labels;
    let alt = format!("{}.", phases::boundary(found));
    let words = Words {
        question: labels.gallery.strategy(
            &plain::line(&gallery.scenario.title),
            &plain::short(first_name(gallery.scenario), 60),
        ),
        ..words(gallery.scenario, labels.phases.title(), alt.clone(), labels)
    };
    let client = gallery.scenario.clients.first();
    let idle_time = client.and_then(super::super::model::settings::Client::idle_time);
    let caption = caption(gallery.scenario, labels);
    let plot = phases::plot(found, idle_time, words, labels);
    let stem = "leak-phases";
    Some(Shown {
        stem: stem.into(),
        title: ENGLISH.phases.title(),
        sentence: alt.clone(),
        files: figure_of(stem, &Figure::Grid(plot), (&alt, &caption), formats, look),
    })
}

fn survival_of(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Option<Shown> {
    let comparison = gallery.replicated.as_ref();
    let comparison = comparison.filter(|it| survival::is_telling(it))?;
    let alt = survival::alt(comparison);
    let caption = caption(gallery.scenario, &look.labels);
    let figure = Figure::Lines(survival::plot(comparison, look));
    Some(Shown {
        stem: "survival".into(),
        title: ENGLISH.survival.title(),
        sentence: alt.clone(),
        files: figure_of("survival", &figure, (&alt, &caption), formats, look),
    })
}

fn lives(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Option<Shown> {
    let all = &gallery.lives;
    if all.is_empty() || !life::is_telling(all) {
        return None;
    }
    let labels = &look.labels;
    let told = all.iter().map(|life| {
        let name = plain::short(&life.strategy, 60);
        format!("“{name}”: {}", life::told(life, &ENGLISH))
    });
    let told: Vec<String> = told.collect();
    let alt = format!("The life of one connection. {}.", told.join(". "));
    let made = caption::simulated(gallery.scenario, labels);
    let mut words = Words {
        caption: format!("{} {made}.", labels.caption.shares()),
        ..words(gallery.scenario, labels.life.title(), alt.clone(), labels)
    };
    look.dress(&mut words);
    let svg = look.shown(|width| life::svg(all, &words, (width, labels)));
    let stem = "one-connection";
    Some(Shown {
        stem: stem.into(),
        title: ENGLISH.life.title(),
        sentence: alt.clone(),
        files: figure(stem, &svg, (&alt, &words.caption), formats, look),
    })
}

fn first_name(scenario: &Scenario) -> &str {
    scenario.strategies.first().map_or("", |it| &it.name)
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

/// The article's picture of the first strategy's first ServicePoint.
fn picture(gallery: &Gallery<'_>, formats: PictureFormats, look: &Look) -> Option<Shown> {
    let inspection = gallery.moment.as_ref()?;
    let process = inspection.snapshot.processes.first()?;
    let of = process.service_points.iter().find(|it| it.listed)?;
    let key = &inspection.endpoints.get(of.endpoint as usize)?.key;
    let connections: usize = of.owners.iter().map(|it| it.connections.len()).sum();
    let sample = &inspection.snapshot.sample;
    let waiting = sample.time_wait;
    let at = sample.time;
    let mut alt = format!(
        "One ServicePoint after {}: {} in its table hold {}, each with a port of its own",
        number::instant(at),
        number::counted(of.owners.len() as f64, "group", "groups"),
        number::counted(connections as f64, "connection", "connections")
    );
    if waiting > 0 {
        let ports = number::counted(waiting as f64, "port", "ports");
        alt += &format!("; {ports} more are held in TIME_WAIT");
    }
    alt += ".";
    let labels = &look.labels;
    let scenario = gallery.scenario;
    let question = labels.gallery.strategy_at(
        &plain::line(&scenario.title),
        &plain::short(first_name(scenario), 60),
        &labels.instant(at),
    );
    let mut words = Words {
        question,
        ..words(scenario, labels.diagram.title(), alt.clone(), labels)
    };
    look.dress(&mut words);
    let caption = words.caption.clone();
    let svg = look.shown(|width| diagram::svg(of, (key, waiting), &words, (width, labels)));
    Some(Shown {
        stem: "picture".into(),
        title: ENGLISH.diagram.title(),
        sentence: alt.clone(),
        files: figure("picture", &svg, (&alt, &caption), formats, look),
    })
}
