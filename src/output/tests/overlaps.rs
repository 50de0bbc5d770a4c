//! Pictures of random scenarios at random sizes: no words over words, none over a line of data,
//! none cut off. Measured on what is drawn, with the letters of our PNGs.

use super::*;
use crate::Scenario;
use crate::draw::Annotation;
use crate::units::SimTime;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

/// The segments of every line of data, in pixels.
fn lines(svg: &str) -> Vec<[f32; 4]> {
    let mut found = Vec::new();
    for part in svg.split("class=\"series\"").skip(1) {
        let (part, _) = part.split_once("</g>").expect("a group ends");
        let Some((_, points)) = part.split_once("points=\"") else {
            continue;
        };
        let points = points.split('"').next().unwrap_or_default();
        let points = points.split_whitespace().map(|point| {
            let (x, y) = point.split_once(',').expect("a pair");
            [x, y].map(|it| it.parse::<f32>().expect("a number") / 10.0)
        });
        let points: Vec<[f32; 2]> = points.collect();
        let pairs = points.windows(2);
        found.extend(pairs.map(|pair| [pair[0][0], pair[0][1], pair[1][0], pair[1][1]]));
    }
    found
}

/// Whether a segment enters a box that is a little smaller than the text's.
fn enters([x0, y0, x1, y1]: [f32; 4], [left, top, right, bottom]: [f32; 4]) -> bool {
    let (left, top, right, bottom) = (left + 1.0, top + 3.5, right - 1.0, bottom - 3.5);
    let steps = ((x1 - x0).abs().max((y1 - y0).abs()) / 2.0).ceil().max(1.0) as usize;
    (0..=steps).any(|step| {
        let share = step as f32 / steps as f32;
        let (x, y) = (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share);
        x > left && x < right && y > top && y < bottom
    })
}

fn no_text_meets_a_line(name: &str, svg: &str) -> usize {
    let (texts, _) = texts(svg);
    let lines = lines(svg);
    for (words, area) in &texts {
        let met = lines.iter().find(|line| enters(**line, *area));
        assert_eq!(met, None, "{name}: `{words}` lies on a line");
    }
    lines.len()
}

#[test]
fn words_lie_on_no_line_in_the_pictures_of_every_kind_of_run() {
    let mut n_lines = 0;
    for (name, comparison) in all() {
        for picture in &PICTURES {
            for width in [320, 400, 900] {
                let look = Look {
                    width: Some(width),
                    ..Look::default()
                };
                let svg = look.drawn(&(picture.draw)(&comparison, &look));
                let name = format!("{name} {} at {width}", picture.stem);
                no_text_meets_another(&name, &svg);
                n_lines += no_text_meets_a_line(&name, &svg);
            }
        }
    }
    assert!(n_lines > 1_000, "{n_lines}: there are lines to meet");
}

/// A scenario that runs for a moment, with one to four strategies.
fn scenario() -> impl Strategy<Value = String> {
    let numbers = (20_u32..400, 1_u32..20, 20_u32..120, 1_u32..5);
    (numbers, "[a-z]{1,12}( [a-z]{1,12}){0,5}").prop_map(|(numbers, name)| {
        let (ports, rate, seconds, strategies) = numbers;
        let half = seconds / 2;
        let mut text = format!(
            "title = \"{name}\"\nquestion = \"{name}?\"\nduration = \"{seconds}s\"\n\
             [machine]\nports = {ports}\ntime-wait = \"5s\"\n[client.c]\nruntime = \"net40\"\n\
             [server.s]\nresponse-time = \"100ms\"\n[workload.w]\ngroup = \"unique\"\n\
             arrivals = {{ poisson = {{ rate = {rate} }}, until = \"{half}s\" }}\n"
        );
        let patches = [
            "",
            "groups = 3\n",
            "keep-alive = false\n",
            "close-groups = { every = \"7s\" }\n",
        ];
        for (index, patch) in patches.iter().enumerate().take(strategies as usize) {
            text += &format!("[[strategy]]\nname = \"{name} {index}\"\n{patch}");
        }
        text
    })
}

proptest! {
    #![proptest_config(Config {
        cases: 24,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn words_lie_on_no_line_and_on_no_words_whatever_runs(
        text in scenario(),
        width in 300_u32..1_000,
        marks in prop::collection::vec((0.0_f64..1.0, "[a-z]{1,10}( [a-z]{1,10}){0,3}"), 0..4),
        is_log in any::<bool>(),
        no_zoom in any::<bool>(),
    ) {
        let read = Scenario::parse(&text).expect("right");
        let comparison = read.compare().expect("no trace");
        let end = read.scenario.duration.as_nanos() as f64;
        let mark = |(share, text): (f64, String)| Annotation {
            at: SimTime::from_nanos((end * share) as u64),
            text,
        };
        let look = Look {
            width: Some(width),
            annotations: marks.into_iter().map(mark).collect(),
            is_log,
            no_zoom,
            ..Look::default()
        };
        for picture in PICTURES.iter().filter(|it| (it.is_drawn)(&comparison)) {
            let svg = look.drawn(&(picture.draw)(&comparison, &look));
            let name = format!("{text}\n{} at {width}", picture.stem);
            no_text_meets_another(&name, &svg);
            no_text_meets_a_line(&name, &svg);
        }
    }
}
