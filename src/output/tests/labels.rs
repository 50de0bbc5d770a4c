//! Every picture with labels that try to be markup, that are far too long, that read from right
//! to left, or that are not there.

use super::super::gallery::{Gallery, pictures};
use super::super::sweep::Table;
use super::*;
use crate::model::GroupName;
use crate::net::snapshot::{ConnectionSnapshot, Owner, OwnerSnapshot, ServicePointSnapshot};
use crate::net::{ConnectionId, ConnectionView, NameSet, PortState};
use crate::study::gallery::{BURST_RATES, GAPS, Phase, QUESTIONS};
use crate::study::lifeline::{Lifeline, Stage};
use crate::study::metric::{Estimate, METRICS};
use crate::study::sweep::Identity;
use crate::study::{Metric, OfPart};
use crate::units::SimTime;
use crate::words::labels::Labels;

/// Every label in another wording; its places follow.
fn worded(text: &str) -> Look {
    let mut look = Look::default();
    for row in Labels::ROWS {
        if row.section == "numbers" && row.placeholders.is_empty() {
            continue;
        }
        let places = row.placeholders.iter().map(|it| format!(" {{{it}}}"));
        let text = format!("{text}{}", places.collect::<String>());
        look.labels.set(row, &text).expect("it has its places");
    }
    look
}

fn looks() -> Vec<(&'static str, Look)> {
    let markup = "</text><script>x</script> & \"q\" \u{1b}[31m\u{202e}";
    vec![
        ("markup", worded(markup)),
        ("long", worded(&"Gesamtportauslastung ".repeat(40))),
        ("one word", worded(&"W".repeat(900))),
        ("right to left", worded("יציאות מקומיות בשימוש")),
        ("empty", worded("")),
    ]
}

fn keeps_its_room(name: &str, svg: &str) {
    assert!(
        !svg.contains("<script") && !svg.contains('\u{1b}'),
        "{name}"
    );
    assert!(svg.len() < 200_000, "{name}: {}", svg.len());
    no_text_meets_another(name, svg);
}

#[test]
fn pictures_of_a_run() {
    for (label, look) in looks() {
        for (name, comparison) in all() {
            for picture in &PICTURES {
                let svg = drawn(picture, &comparison, &look);
                keeps_its_room(&format!("{label}, {name} {}", picture.stem), &svg);
            }
        }
    }
}

fn life(strategy: &str) -> Lifeline {
    let at = |second: u64| SimTime::from_nanos(second * 1_000_000_000);
    Lifeline {
        strategy: strategy.into(),
        port: 1025,
        stages: vec![
            (at(0), Stage::Connecting),
            (at(1), Stage::Busy),
            (at(3), Stage::Idle),
            (at(20), Stage::CloseWait),
            (at(30), Stage::TimeWait),
        ]
        // Lives that are alike are no picture.
        .into_iter()
        .take(if strategy == "as is" { 3 } else { 5 })
        .collect(),
        end: at(60),
        outlives_run: strategy == "as is",
        requests: 1_234,
    }
}

#[test]
fn pictures_of_the_gallery() {
    let replicated = sample::replicated();
    let scenario = sample::scenario();
    let phases = [
        Phase::Returns,
        Phase::Plateau,
        Phase::PilesUp,
        Phase::RunsOut,
    ];
    let row: Vec<Phase> = phases.into_iter().cycle().take(GAPS.len()).collect();
    let sweep = |index: usize, rows: &[&str]| {
        let question = QUESTIONS[index];
        let identity = Identity {
            strategies: vec!["as is".into(), "16 groups".into()],
            vary: question.vary.iter().map(ToString::to_string).collect(),
            sample: None,
            points: rows.len() as u64 / 2,
            ..identity()
        };
        let keys = identity
            .vary
            .iter()
            .map(|it| it.split('=').next().unwrap_or(it));
        let mut table = format!("{},strategy", keys.collect::<Vec<&str>>().join(","));
        for metric in METRICS {
            table += &format!(",{0},{0}_lo,{0}_hi", metric.name);
        }
        for row in rows {
            // Every metric has the same value.
            let (place, value) = row.split_once('=').expect("a value");
            table += &format!("\n{place}{}", format!(",{value},,").repeat(METRICS.len()));
        }
        (question, identity, table.into_bytes())
    };
    let loads = [5, 10, 20, 50, 100, 200, 500];
    let rows = loads.iter().flat_map(|load| {
        let value = if *load > 20 { 5_000 / load } else { 0 };
        let value = if value > 0 {
            value.to_string()
        } else {
            String::new()
        };
        [
            format!("{load},as is={value}"),
            format!("{load},16 groups="),
        ]
    });
    let rows: Vec<String> = rows.collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let gallery = Gallery {
        scenario: &scenario,
        sweeps: vec![sweep(0, &rows)],
        moment: None,
        replicated: Some(replicated),
        lives: vec![life("as is"), life("16 groups")],
        phases: Some(vec![row; BURST_RATES.len()]),
    };
    let formats = PictureFormats {
        svg: true,
        png: false,
    };
    let mut n_pictures = 0;
    for (label, look) in looks().into_iter().chain([("English", Look::default())]) {
        let shown = pictures(&gallery, formats, &look);
        for file in shown.into_iter().flat_map(|it| it.files) {
            let text = String::from_utf8(file.bytes).expect("text");
            if text.starts_with("<svg") {
                n_pictures += 1;
                keeps_its_room(&format!("{label}, {}", file.name), &text);
            }
        }
    }
    assert_eq!(n_pictures, 6 * 4, "a sweep, phases, survival, lives");
}

/// Five groups, each with a connection; the last has lost its port.
fn service_point() -> ServicePointSnapshot {
    let owner = |index: u64| OwnerSnapshot {
        owner: match index {
            0 => Owner::SharedPool,
            1 => Owner::PrivateHandlers,
            number => Owner::Group(GroupName::fresh(number)),
        },
        listed: true,
        queued: 0,
        connections: vec![
            ConnectionSnapshot {
                view: ConnectionView {
                    id: ConnectionId(index as u32),
                    serial: index,
                    endpoint: 0,
                    group: GroupName::fresh(index),
                    port: 1025,
                    served: 3,
                },
                state: (index != 2).then_some(PortState::Idle),
                listed: true,
                queued: 0,
                on_wire: 0,
            };
            1 + usize::from(index == 3)
        ],
    };
    ServicePointSnapshot {
        endpoint: 0,
        listed: true,
        limit: 2,
        current_connections: None,
        owners: (0..6).map(owner).collect(),
        empty_groups: NameSet::default(),
    }
}

#[test]
fn the_picture_of_a_service_point() {
    for (label, look) in looks() {
        let words = crate::draw::Words {
            title: "title".into(),
            question: "question".into(),
            caption: "caption".into(),
            description: "alt".into(),
        };
        for width in [320.0, 900.0] {
            let svg = crate::figures::diagram::svg(
                &service_point(),
                ("http://x/", 1_234),
                &words,
                (width, &look.labels),
            );
            keeps_its_room(label, &svg);
        }
    }
}

fn identity() -> Identity {
    Identity {
        spsim: "1".into(),
        scenario: "s".into(),
        typed: String::new(),
        changes: Vec::new(),
        metrics: Vec::new(),
        title: "T".into(),
        digest: String::new(),
        seed: 1,
        replications: 40,
        strategies: vec!["as is".into()],
        vary: Vec::new(),
        sample: None,
        points: 1,
        shard: None,
        shards: 1,
    }
}

#[test]
fn pictures_of_a_sweep() {
    let metric = Metric::find("opened").expect("a metric");
    let view = |vary: &[&str]| {
        let identity = Identity {
            vary: vary.iter().map(ToString::to_string).collect(),
            points: vary
                .iter()
                .map(|axis| axis.split(',').count() as u64)
                .product(),
            ..identity()
        };
        let design = identity.design().expect("a design");
        let table = Table::new(
            design.axes().iter().map(|it| it.key.clone()).collect(),
            identity.strategies.clone(),
            Vec::new(),
        );
        let mut bytes = table.header();
        for point in 0..design.points() {
            let mut found = vec![Estimate::default(); METRICS.len()];
            for estimate in &mut found {
                estimate.value = Some(1_234_567.0 * (point + 1) as f64);
            }
            bytes.extend(table.rows(&design.values(point), &[found]));
        }
        let mut views =
            crate::figures::sweep::view::read(&identity, &bytes[..], &[OfPart::whole(metric)]);
        let views = views.as_mut().expect("a table of ours");
        (identity, views.remove(0))
    };
    let all = [
        ("lines", view(&["a.key=1,2,3"])),
        ("bars", view(&["a.key=one,another,a third"])),
        ("heat map", view(&["a.key=1,2,3", "b.key=1,2"])),
    ];
    for (label, look) in looks() {
        for (name, (identity, view)) in &all {
            let picture = crate::figures::sweep::plot(identity, view, &look);
            keeps_its_room(&format!("{label}, {name}"), &look.drawn(&picture));
        }
    }
}
