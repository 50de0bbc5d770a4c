//! Every picture with labels that try to be markup, that are far too long, that read from right
//! to left, or that are not there.

use super::super::gallery::{Gallery, pictures};
use super::*;
use crate::figures::sweep::view::View;
use crate::model::GroupName;
use crate::net::snapshot::{ConnectionSnapshot, Owner, OwnerSnapshot, ServicePointSnapshot};
use crate::net::{ConnectionId, ConnectionView, NameSet, PortState};
use crate::study::Metric;
use crate::study::gallery::{BURST_RATES, Curve, GAPS, MAP_IDLE_TIMES, MAP_LOADS, Map, Phase};
use crate::study::lifeline::{Lifeline, Stage};
use crate::study::sweep::Identity;
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
                let svg = (picture.draw)(&comparison, &look);
                keeps_its_room(&format!("{label}, {name} {}", picture.stem), &svg);
            }
        }
    }
}

fn curves(values: [Option<f64>; 7]) -> Vec<Curve> {
    let curve = |strategy: &str| Curve {
        strategy: strategy.into(),
        values: values.to_vec(),
    };
    vec![curve("as is"), curve("16 groups")]
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
        ],
        end: at(60),
        outlives_run: strategy == "as is",
        requests: 1_234,
    }
}

#[test]
fn pictures_of_the_gallery() {
    let replicated = sample::replicated();
    let scenario = sample::scenario();
    let map = Map {
        strategy: "as is".into(),
        rows: vec![vec![0.25; MAP_LOADS.len()]; MAP_IDLE_TIMES.len()],
    };
    let phases = [Phase::Returns, Phase::PilesUp, Phase::RunsOut];
    let row: Vec<Phase> = phases.into_iter().cycle().take(GAPS.len()).collect();
    let some = [
        Some(0.5),
        None,
        Some(300.0),
        Some(5_000.0),
        None,
        None,
        None,
    ];
    let gallery = Gallery {
        scenario: &scenario,
        exhaustion: Some(curves(some)),
        peak: Some(curves(some.map(|it| it.map(|value| value * 0.8)))),
        latency: Some([&curves(some)[..1], &curves([None; 7])[1..]].concat()),
        moment: None,
        map: Some(vec![map]),
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
        for file in pictures(&gallery, formats, &look) {
            let text = String::from_utf8(file.bytes).expect("text");
            if text.starts_with("<svg") {
                n_pictures += 1;
                keeps_its_room(&format!("{label}, {}", file.name), &text);
            }
        }
    }
    assert_eq!(n_pictures, 6 * 7);
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
        let svg = crate::figures::diagram::svg(&service_point(), "http://x/", &words, &look.labels);
        keeps_its_room(label, &svg);
    }
}

#[test]
fn pictures_of_a_sweep() {
    let identity = Identity {
        spsim: "1".into(),
        scenario: "s".into(),
        title: "T".into(),
        digest: String::new(),
        seed: 1,
        replications: 40,
        strategies: vec!["as is".into()],
        vary: Vec::new(),
        sample: Some(9),
        points: 9_000,
        shard: None,
        shards: 1,
    };
    let metric = Metric::find("opened").expect("a metric");
    let labels = |n: u32| -> Vec<String> { (0..n).map(|it| it.to_string()).collect() };
    let rows = [("as is".to_string(), vec![vec![1_234_567.0; 3]; 2])];
    let axes = (("a.key".into(), labels(3)), ("b.key".into(), labels(2)));
    let mut view = View::of_grid(metric, axes.0, axes.1, rows);
    view.averaged = vec!["c.key".into()];
    let mut line = view.clone();
    line.y = None;
    line.panels[0].cells.truncate(3);
    for (label, look) in looks() {
        for (name, view) in [("lines", &line), ("heat map", &view)] {
            let svg = crate::figures::sweep::svg(&identity, view, &look.labels);
            keeps_its_room(&format!("{label}, {name}"), &svg);
        }
    }
}
