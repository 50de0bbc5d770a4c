//! One connection's life as a timeline: a bar for each strategy, from the connect until its port
//! is free again.

use super::states::{STATES, StateLook};
use crate::draw::axis::{Axis, Scale};
use crate::draw::canvas::{Canvas, Font, Rect};
use crate::draw::frame::{self, Frame, SMALL, Words};
use crate::draw::measure;
use crate::draw::palette::{INK, QUIET};
use crate::record::Column;
use crate::study::lifeline::{Lifeline, Stage};
use crate::units::{SimSpan, SimTime};
use crate::words::labels::Labels;
use crate::words::plain;

const BAR: f64 = 22.0;
/// From one bar to the next: its name above, a line of words below; and each line more.
const PITCH: f64 = 72.0;
const LEADING: f64 = 15.0;
const MOST_LINES: usize = 3;
const LEGEND: f64 = 26.0;
/// More stages than this are not drawn one by one.
const MOST_PARTS: usize = 300;
/// Columns of a bar with more stages.
const COLUMNS: usize = 120;
/// A stage that is shorter than this would not be seen.
const LEAST: f64 = 1.5;

/// Whether the lives tell more than one story: other states, or far longer in one.
pub(crate) fn is_telling(lives: &[Lifeline]) -> bool {
    let states = |life: &Lifeline| {
        let has = |state: &StateLook| life.intervals().any(|it| look(it.2).column == state.column);
        STATES.map(|state| has(&state))
    };
    let is_longer = |one: &Lifeline, other: &Lifeline| {
        one.end.as_seconds() > 2.0 * other.end.as_seconds()
            || one.outlives_run && !other.outlives_run
    };
    let first = &lives[0];
    let differs = |life: &Lifeline| {
        states(life) != states(first) || is_longer(life, first) || is_longer(first, life)
    };
    lives.iter().any(differs)
}

/// The chart, `width` pixels wide.
pub(crate) fn svg(lives: &[Lifeline], words: &Words, (width, labels): (f64, &Labels)) -> String {
    let frame = Frame::of(words, width);
    let margin = frame::margin(width);
    let top = frame.head() + LEGEND + 22.0;
    let room = width - 2.0 * margin - 16.0;
    let told = lives.iter().map(|it| told(it, labels));
    let told = told.map(|it| measure::wrap(&it, SMALL, false, room, MOST_LINES));
    let told: Vec<Vec<String>> = told.collect();
    let lines = told.iter().map(Vec::len).max().unwrap_or(1);
    let pitch = PITCH + LEADING * lines.saturating_sub(1) as f64;
    let height = pitch * lives.len() as f64;
    let last = lives.iter().map(|it| it.end).max().unwrap_or(SimTime::ZERO);
    let shown = last.since(SimTime::ZERO).max(SimSpan::from_nanos(1));
    let scale = Scale {
        plot: Rect {
            left: margin + 8.0,
            top,
            width: room,
            height,
        },
        across: &Axis::time(shown, 8, labels, |unit| labels.axes.simulated_time(unit)),
        up: &Axis::counts(String::new(), 1.0, 1, labels),
    };
    let foot_top = top + height + 40.0;
    let mut canvas = Canvas::new(width, foot_top + frame.foot());
    legend(&mut canvas, lives, frame.head(), labels);
    frame::axes(&mut canvas, scale, false, true);
    for (row, (life, told)) in lives.iter().zip(&told).enumerate() {
        let y = top + pitch * row as f64;
        let font = Font::new(13.0, INK).bold().halo();
        let left = scale.plot.left;
        canvas.text_within((left, y + 12.0), font, &plain::line(&life.strategy), room);
        bar(&mut canvas, scale, y + 19.0, life);
        let font = Font::new(SMALL, QUIET).halo();
        for (line, text) in told.iter().enumerate() {
            let base = y + 19.0 + BAR + LEADING * (line + 1) as f64;
            canvas.text((left, base), font, text);
        }
    }
    frame::axis_title_below(&mut canvas, scale.plot, &scale.across.title);
    frame.draw(&mut canvas, foot_top);
    canvas.finish("life", &words.title, &words.description)
}

fn bar(canvas: &mut Canvas, scale: Scale<'_>, top: f64, life: &Lifeline) {
    if life.stages.len() > MOST_PARTS {
        return stacked(canvas, scale, top, life);
    }
    for (from, until, stage) in life.intervals() {
        let (left, right) = (scale.x(from.as_seconds()), scale.x(until.as_seconds()));
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

/// More stages than can be told apart: columns, each filled by the share of every stage in it.
fn stacked(canvas: &mut Canvas, scale: Scale<'_>, top: f64, life: &Lifeline) {
    let width = scale.plot.width / COLUMNS as f64;
    let mut shares = vec![[0.0; STATES.len()]; COLUMNS];
    for (from, until, stage) in life.intervals() {
        let place = |at: SimTime| (scale.x(at.as_seconds()) - scale.plot.left) / width;
        let (from, until) = (place(from), place(until));
        let state = STATES.iter().position(|it| it.column == look(stage).column);
        let last = (until as usize).min(COLUMNS - 1);
        for (column, shares) in shares
            .iter_mut()
            .enumerate()
            .take(last + 1)
            .skip(from as usize)
        {
            let within = until.min(column as f64 + 1.0) - from.max(column as f64);
            shares[state.unwrap_or_default()] += within.max(0.0);
        }
    }
    for (column, shares) in shares.iter().enumerate() {
        let mut bottom = top + BAR;
        for (state, share) in STATES.iter().zip(shares).filter(|(_, share)| **share > 0.0) {
            let height = share * BAR;
            bottom -= height;
            let rect = Rect {
                left: scale.plot.left + column as f64 * width,
                top: bottom,
                // Columns overlap a little: a seam between two would look like a stage.
                width: width + 0.4,
                height,
            };
            canvas.rect(rect, state.color);
        }
    }
}

fn look(stage: Stage) -> StateLook {
    let column = match stage {
        Stage::Connecting => Column::Connecting,
        Stage::Busy => Column::Busy,
        Stage::Idle => Column::Idle,
        Stage::CloseWait => Column::CloseWait,
        Stage::TimeWait => Column::TimeWait,
    };
    let found = STATES.iter().find(|state| state.column == column);
    *found.expect("every state has a look")
}

fn legend(canvas: &mut Canvas, lives: &[Lifeline], top: f64, labels: &Labels) {
    let (width, margin) = (canvas.width(), frame::margin(canvas.width()));
    let mut left = margin + 8.0;
    let most = (width - margin - left) / STATES.len() as f64 - 44.0;
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
        let name = (state.name)(&labels.states);
        let name = measure::fitted(&name, SMALL, false, most);
        canvas.text((left + 20.0, top + 13.0), font, &name);
        left += 20.0 + measure::width(&name, SMALL, false) + 24.0;
    }
}

/// How long a connection was in each stage, and what became of it.
pub(crate) fn told(life: &Lifeline, labels: &Labels) -> String {
    let words = &labels.life;
    let mut parts: Vec<String> = Vec::new();
    for state in &STATES {
        let of_state = |(from, until, stage): (SimTime, SimTime, Stage)| {
            (look(stage).column == state.column).then(|| until.since(from))
        };
        let all: Vec<SimSpan> = life.intervals().filter_map(of_state).collect();
        if !all.is_empty() {
            let nanos: u64 = all.iter().map(|it| it.as_nanos()).sum();
            let total = labels.span(SimSpan::from_nanos(nanos));
            parts.push(words.stage(&(state.name)(&labels.states), &total));
        }
    }
    let ending = if life.outlives_run {
        words.still_taken()
    } else {
        words.free_after(&labels.instant(life.end))
    };
    let requests = labels.requests(f64::from(life.requests));
    words.told(
        &life.port.to_string(),
        &requests,
        &parts.join(", "),
        &ending,
    )
}
