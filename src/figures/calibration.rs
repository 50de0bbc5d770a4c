//! `calibration.svg`: what was observed, what the fitted model does, and what is between them.

use crate::calibrate::{Estimate, Fit, Parameter, Point};
use crate::draw::Look;
use crate::draw::axis::{self, Scale, TimeAxis};
use crate::draw::canvas::{Anchor, Canvas, Font, Point as Place, Rect};
use crate::draw::frame::{self, AxisParts, Frame, MARGIN, SMALL, WIDTH};
use crate::draw::key::{self, Entry};
use crate::draw::palette::{self, GRID, INK, LineLook, QUIET};
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::plain;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const KEY_WIDTH: f64 = 206.0;
const KEY_GAP: f64 = 14.0;
const MAIN_HEIGHT: f64 = 270.0;
const STRIP_HEIGHT: f64 = 84.0;
const STRIP_GAP: f64 = 40.0;
/// Of more observations the extremes of so many parts are drawn.
const MOST_DOTS: usize = 250;

/// The chart.
pub(crate) fn svg(fit: &Fit, of: [&str; 2], look: &Look) -> String {
    let labels = &look.labels;
    let scenario = plain::short(of[0], 60);
    let title = labels.calibration.title(&scenario);
    let numbers = numbers(fit, labels);
    let frame = Frame::of_words(&title, &numbers, &caption(fit, of, labels));
    let points = thinned(&fit.points);
    let highest = points
        .iter()
        .map(|it| {
            it.observed
                .max(it.band.high)
                .max(it.before.min(2.0 * it.observed.max(it.model)))
        })
        .fold(1.0, f64::max);
    let top = highest * 1.08;
    let seconds = fit.points.last().map_or(1.0, |it| it.time_s).max(1e-9);
    let left = MARGIN + frame::axis_width(top, labels);
    let plot = Rect {
        left,
        top: frame.head() + 18.0,
        width: WIDTH - MARGIN - KEY_WIDTH - KEY_GAP - left,
        height: MAIN_HEIGHT,
    };
    let main = Scale {
        plot,
        seconds,
        ports: top,
    };
    let strip = Rect {
        top: plot.bottom() + STRIP_GAP,
        height: STRIP_HEIGHT,
        ..plot
    };
    let foot_top = strip.bottom() + 40.0;
    let mut canvas = Canvas::new(WIDTH, foot_top + frame.foot(), labels);
    let time = axis::time(SimSpan::from_seconds_rounded(seconds), 8, labels);
    draw_main(&mut canvas, main, &time, &points);
    let bottom = Scale {
        plot: strip,
        ..main
    };
    draw_strip(&mut canvas, bottom, &time, &points);
    frame::axis_title_below(&mut canvas, strip, &labels.calibration.time(&time.unit));
    draw_key(&mut canvas, main, fit, strip.bottom());
    frame.draw(&mut canvas, foot_top);
    let description = format!("{numbers} {}", goodness(fit, labels));
    canvas.finish("calibration", &title, &description)
}

/// `rate 19.98 /s (19.6 /s … 20.3 /s), …`
fn numbers(fit: &Fit, labels: &Labels) -> String {
    let words = &labels.calibration;
    let known = fit.estimates.iter().filter(|it| it.interval.is_some());
    let number = |estimate: &Estimate| {
        let (value, interval) = fitted(estimate, labels);
        words.number(estimate.parameter.name(), &value, &interval)
    };
    let all: Vec<String> = known.map(number).collect();
    if all.is_empty() {
        return words.nothing();
    }
    words.fitted(&all.join(", "))
}

fn caption(fit: &Fit, [scenario, strategy]: [&str; 2], labels: &Labels) -> String {
    let made = labels.caption.simulated_strategy(
        env!("CARGO_PKG_VERSION"),
        &plain::short(scenario, 60),
        &plain::short(strategy, 40),
        &fit.scenario.seed.to_string(),
    );
    let goodness = goodness(fit, labels);
    format!("{goodness} {} · {made}.", labels.calibration.method())
}

fn model_look() -> LineLook {
    palette::line(1)
}

/// The scenario as it was: thin and dashed.
const BEFORE: LineLook = LineLook {
    color: QUIET,
    dash: &[3.0, 3.0],
    width: 1.4,
};

/// What was observed: dots, which the key shows as a line of them.
const OBSERVED: LineLook = LineLook {
    color: INK,
    dash: &[2.5, 4.0],
    width: 4.0,
};

fn draw_main(canvas: &mut Canvas, scale: Scale, time: &TimeAxis, points: &[Point]) {
    let parts = AxisParts {
        up_labels: true,
        time_labels: false,
        up_steps: 6,
    };
    frame::axes(canvas, scale, time, parts);
    frame::axis_title(canvas, scale.plot, &canvas.labels().axes.ports());
    let place =
        |point: &Point, ports: f64| (scale.x(point.time_s), scale.y(ports.min(scale.ports)));
    let line = |value: fn(&Point) -> f64| -> Vec<Place> {
        points.iter().map(|it| place(it, value(it))).collect()
    };
    let mut outline = line(|it| it.band.high);
    outline.extend(line(|it| it.band.low).into_iter().rev());
    canvas.area(&outline, model_look().color, 0.15);
    // Where the scenario was far off, its line leaves the plot.
    let inside = points.iter().take_while(|it| it.before <= scale.ports);
    let before: Vec<Place> = inside.map(|it| place(it, it.before)).collect();
    canvas.line(&before, BEFORE, "before");
    for point in points {
        canvas.dot(place(point, point.observed), 2.6, INK);
    }
    canvas.line(&line(|it| it.model), model_look(), "model");
}

/// Observation less model.
fn draw_strip(canvas: &mut Canvas, scale: Scale, time: &TimeAxis, points: &[Point]) {
    let plot = scale.plot;
    let most = points
        .iter()
        .map(|it| (it.observed - it.model).abs())
        .fold(1.0, f64::max);
    let step = axis::round_up(most);
    let y = |miss: f64| plot.top + plot.height / 2.0 * (1.0 - miss / step);
    let labels = canvas.labels();
    frame::axis_title(canvas, plot, &labels.calibration.residual());
    let font = Font::new(SMALL, QUIET).anchored(Anchor::End);
    let rules = [step, 0.0, -step].map(|miss| {
        let sign = if miss > 0.0 { "+" } else { "" };
        let label = format!("{sign}{}", labels.count(miss));
        canvas.text((plot.left - 8.0, y(miss) + 4.0), font, &label);
        ((plot.left, y(miss)), (plot.right(), y(miss)))
    });
    canvas.rules(&rules, GRID, 1.0);
    canvas.rules(&rules[1..2], QUIET, 1.0);
    for tick in &time.ticks {
        let x = scale.x(tick.at);
        canvas.rules(
            &[((x, plot.bottom()), (x, plot.bottom() + 5.0))],
            QUIET,
            1.0,
        );
        let font = Font::new(SMALL, QUIET).anchored(Anchor::Middle);
        canvas.text((x, plot.bottom() + 19.0), font, &tick.label);
    }
    // A band around zero: what single runs of the model do.
    let edge = |high: bool| -> Vec<Place> {
        let of = |it: &Point| if high { it.band.high } else { it.band.low } - it.model;
        points
            .iter()
            .map(|it| (scale.x(it.time_s), y(of(it).clamp(-step, step))))
            .collect()
    };
    let mut outline = edge(true);
    outline.extend(edge(false).into_iter().rev());
    canvas.area(&outline, model_look().color, 0.15);
    for point in points {
        let miss = point.observed - point.model;
        canvas.dot((scale.x(point.time_s), y(miss)), 2.2, INK);
    }
}

fn draw_key(canvas: &mut Canvas, scale: Scale, fit: &Fit, bottom: f64) {
    let Some(last) = fit.points.last() else {
        return;
    };
    let labels = canvas.labels();
    let words = &labels.calibration;
    let ends = |value: fn(&Point) -> f64| {
        let first = fit.points.first().map_or(0.0, value);
        let [first, last] = [first, value(last)].map(|it| labels.count(it.round()));
        words.ends(&first, &last)
    };
    let entry = |look, name: String, value: fn(&Point) -> f64| {
        let mut entry = Entry::new(look, &name, ends(value), None, KEY_WIDTH);
        entry.wishes(scale.y(value(last).min(scale.ports)));
        entry
    };
    let entries = [
        entry(OBSERVED, words.observed(), |it| it.observed),
        entry(model_look(), words.model(), |it| it.model),
        entry(BEFORE, words.before(), |it| it.before),
    ];
    let left = scale.plot.right() + KEY_GAP;
    key::draw(canvas, &entries, left, scale.plot.top, bottom + 12.0);
}

/// All points, or of each of many equal parts the lowest and the highest observation.
fn thinned(points: &[Point]) -> Vec<Point> {
    if points.len() <= MOST_DOTS {
        return points.to_vec();
    }
    let buckets = MOST_DOTS / 2;
    let mut kept = Vec::with_capacity(MOST_DOTS);
    for bucket in 0..buckets {
        let from = bucket * points.len() / buckets;
        let part = &points[from..(bucket + 1) * points.len() / buckets];
        let by =
            |index: &usize, other: &usize| part[*index].observed.total_cmp(&part[*other].observed);
        let lowest = (0..part.len()).min_by(by).unwrap_or(0);
        let highest = (0..part.len()).max_by(by).unwrap_or(0);
        kept.push(part[lowest.min(highest)]);
        if lowest != highest {
            kept.push(part[lowest.max(highest)]);
        }
    }
    kept
}

/// One sentence on how well they agree.
pub(crate) fn goodness(fit: &Fit, labels: &Labels) -> String {
    let (goodness, words) = (&fit.goodness, &labels.calibration);
    let [rmse, scatter] = [goodness.rmse, goodness.scatter].map(|it| labels.decimals(it, 1));
    match goodness.r_squared.map(|it| labels.decimals(it, 4)) {
        Some(explained) => words.goodness_explained(&rmse, &explained, &scatter),
        None => words.goodness(&rmse, &scatter),
    }
}

/// The value and its interval as the table has them.
pub(crate) fn fitted(estimate: &Estimate, labels: &Labels) -> (String, String) {
    let show = |value| amount(estimate.parameter, value, labels);
    let interval = match estimate.interval {
        Some(it) => format!("{} … {}", show(it.low), show(it.high)),
        None => "the curve does not tell".into(),
    };
    (show(estimate.value), interval)
}

/// `49.3 /s`, `250 ms`.
pub(crate) fn amount(parameter: Parameter, value: f64, labels: &Labels) -> String {
    let number = labels.plain(four(value));
    match parameter {
        Parameter::Rate => labels.calibration.rate(&number),
        _ if value >= 1.0 => format!("{number} {}", labels.units.seconds()),
        _ => labels.span(SimSpan::from_seconds_rounded(four(value))),
    }
}

/// Four digits, or all before the point.
pub(crate) fn four(value: f64) -> f64 {
    if value <= 0.0 || value >= 1e4 {
        return value.round();
    }
    let scale = 10_f64.powi(3 - value.log10().floor() as i32);
    (value * scale).round() / scale
}
