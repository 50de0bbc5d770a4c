//! One connection's life as a timeline: a bar for each strategy, from the connect until its port
//! is free again.

use super::super::{number, plain};
use super::axis::{self, Scale};
use super::canvas::{Canvas, Font, Rect};
use super::frame::{self, AxisParts, Frame, MARGIN, SMALL, WIDTH};
use super::measure;
use super::palette::{INK, QUIET, STATES, StateLook};
use crate::study::lifeline::{Lifeline, Stage};
use crate::units::{SimSpan, SimTime};
use alloc::string::String;
use alloc::vec::Vec;

const BAR: f64 = 22.0;
/// From one bar to the next: its name above, its words below.
const PITCH: f64 = 72.0;
const LEGEND: f64 = 26.0;
/// More stages than this are drawn by columns of pixels.
const MOST_PARTS: usize = 300;
/// A stage that is shorter than this would not be seen.
const LEAST: f64 = 1.5;

/// The chart.
pub(in super::super) fn svg(
    lives: &[Lifeline],
    [title, question, caption, alt]: [&str; 4],
) -> String {
    let frame = Frame::of_words(title, question, caption);
    let top = frame.head() + LEGEND + 22.0;
    let height = PITCH * lives.len() as f64;
    let last = lives.iter().map(|it| it.end).max().unwrap_or(SimTime::ZERO);
    let shown = last.since(SimTime::ZERO).max(SimSpan::from_nanos(1));
    let scale = Scale {
        plot: Rect {
            left: MARGIN + 8.0,
            top,
            width: WIDTH - 2.0 * MARGIN - 16.0,
            height,
        },
        seconds: shown.as_seconds(),
        ports: 1.0,
    };
    let foot_top = top + height + 40.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot());
    legend(&mut canvas, lives, frame.head());
    let time = axis::time(shown, 8);
    let parts = AxisParts {
        port_labels: false,
        time_labels: true,
        port_steps: 1,
    };
    frame::axes(&mut canvas, scale, &time, parts);
    for (row, life) in lives.iter().enumerate() {
        let y = top + PITCH * row as f64;
        let font = Font::new(13.0, INK).bold().halo();
        let name = measure::wrap(
            &plain::line(&life.strategy),
            13.0,
            true,
            scale.plot.width,
            1,
        );
        let name = name.first().map_or("", String::as_str);
        canvas.text((scale.plot.left, y + 12.0), font, name);
        bar(&mut canvas, scale, y + 19.0, life);
        let font = Font::new(SMALL, QUIET).halo();
        let words = measure::wrap(&told(life), SMALL, false, scale.plot.width, 1);
        let words = words.first().map_or("", String::as_str);
        canvas.text((scale.plot.left, y + 19.0 + BAR + 15.0), font, words);
    }
    frame::time_title(&mut canvas, scale, &time);
    frame.draw(&mut canvas, foot_top);
    canvas.finish("life", title, alt)
}

fn bar(canvas: &mut Canvas, scale: Scale, top: f64, life: &Lifeline) {
    for (left, right, stage) in parts(scale, life) {
        let width = (right - left).max(LEAST);
        let rect = Rect {
            left: left.min(scale.plot.right() - width),
            top,
            width,
            height: BAR,
        };
        canvas.rect(rect, look(stage).color);
    }
}

/// From where to where the bar shows which stage, in pixels. Of more stages than can be told
/// apart, each column of pixels shows the one that lasts longest in it.
fn parts(scale: Scale, life: &Lifeline) -> Vec<(f64, f64, Stage)> {
    let x = |at: SimTime| scale.x(at.as_seconds());
    let all = life
        .intervals()
        .map(|(from, until, stage)| (x(from), x(until), stage));
    if life.stages.len() <= MOST_PARTS {
        return all.collect();
    }
    let all: Vec<(f64, f64, Stage)> = all.collect();
    let mut shown: Vec<(f64, f64, Stage)> = Vec::new();
    let (mut first, mut left) = (0, scale.plot.left);
    while left < x(life.end) {
        let right = left + 1.0;
        // Both move to the right only.
        while all[first].1 <= left && first + 1 < all.len() {
            first += 1;
        }
        let within = all[first..].iter().take_while(|part| part.0 < right);
        let longest = |one: &&(f64, f64, Stage), other: &&(f64, f64, Stage)| {
            let width = |part: &(f64, f64, Stage)| part.1.min(right) - part.0.max(left);
            width(one).total_cmp(&width(other))
        };
        if let Some((_, _, stage)) = within.max_by(longest) {
            match shown.last_mut() {
                Some(last) if last.2 == *stage => last.1 = right,
                _ => shown.push((left, right, *stage)),
            }
        }
        left = right;
    }
    shown
}

fn look(stage: Stage) -> StateLook {
    let column = match stage {
        Stage::Connecting => 1,
        Stage::Busy => 2,
        Stage::Idle => 3,
        Stage::CloseWait => 4,
        Stage::TimeWait => 5,
    };
    let found = STATES.iter().find(|state| state.column == column);
    *found.expect("every state has a look")
}

fn legend(canvas: &mut Canvas, lives: &[Lifeline], top: f64) {
    let mut left = MARGIN + 8.0;
    let has = |state: &&StateLook| {
        let stages = lives.iter().flat_map(|it| &it.stages);
        stages
            .into_iter()
            .any(|it| look(it.1).column == state.column)
    };
    for state in STATES.iter().filter(has) {
        let swatch = Rect {
            left,
            top: top + 2.0,
            width: 14.0,
            height: 14.0,
        };
        canvas.rect(swatch, state.color);
        let font = Font::new(SMALL, QUIET);
        canvas.text((left + 20.0, top + 13.0), font, state.name);
        left += 20.0 + measure::width(state.name, SMALL, false) + 24.0;
    }
}

/// How long a connection was in each stage, and what became of it.
pub(in super::super) fn told(life: &Lifeline) -> String {
    let mut parts: Vec<String> = Vec::new();
    for state in &STATES {
        let of_state = |(from, until, stage): (SimTime, SimTime, Stage)| {
            (look(stage).column == state.column).then(|| until.since(from))
        };
        let all: Vec<SimSpan> = life.intervals().filter_map(of_state).collect();
        if !all.is_empty() {
            let nanos: u64 = all.iter().map(|it| it.as_nanos()).sum();
            let total = number::span(SimSpan::from_nanos(nanos));
            parts.push(format!("{} {total}", state.name));
        }
    }
    let ending = if life.outlives_run {
        "port still taken when the run ends".into()
    } else {
        format!("port free after {}", number::instant(life.end))
    };
    format!(
        "port {}, {}; {}; {ending}",
        life.port,
        number::counted(f64::from(life.requests), "request", "requests"),
        parts.join(", ")
    )
}
