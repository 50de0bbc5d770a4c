//! `calibration.svg`: what was observed, what the fitted model does, and what is between them.

use crate::calibrate::{Estimate, Fit, Parameter, Point as Observed};
use crate::draw::axis::{self, Axis, Tick};
use crate::draw::palette::{self, INK, QUIET};
use crate::draw::{Key, LineLook, LinePanel, LinePlot, Look, Point, Series, Shape, Words, steps};
use crate::units::SimSpan;
use crate::words::labels::Labels;
use crate::words::plain;

/// Of more observations the extremes of so many parts are drawn.
const MOST_DOTS: usize = 250;

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

/// The chart.
pub(crate) fn plot(fit: &Fit, of: [&str; 2], look: &Look) -> LinePlot {
    let labels = &look.labels;
    let numbers = numbers(fit, labels);
    let points = steps::thinned(&fit.points, MOST_DOTS / 2, |it| it.observed);
    let seconds = fit.points.last().map_or(1.0, |it| it.time_s).max(1e-9);
    let time = SimSpan::from_seconds_rounded(seconds);
    let words = Words {
        title: labels.calibration.title(&plain::short(of[0], 60)),
        caption: caption(fit, of, labels),
        description: format!("{numbers} {}", goodness(fit, labels)),
        question: numbers,
    };
    let across = Axis::time(time, 8, labels, |unit| labels.calibration.time(unit));
    let panels = vec![curves(fit, &points, labels), residuals(&points, labels)];
    LinePlot {
        key: look.key,
        ..LinePlot::new("calibration".into(), words, across, panels)
    }
}

/// The observation and both curves.
fn curves(fit: &Fit, points: &[Observed], labels: &Labels) -> LinePanel {
    let highest = |it: &Observed| {
        let before = it.before.min(2.0 * it.observed.max(it.model));
        it.observed.max(it.band.high).max(before)
    };
    let top = points.iter().map(highest).fold(1.0, f64::max);
    let words = &labels.calibration;
    let series = |name: String, look, shape, value: fn(&Observed) -> f64| {
        let [first, last] = [fit.points.first(), fit.points.last()].map(|it| it.map_or(0.0, value));
        let point = |it: &Observed| Point {
            x: it.time_s,
            // Where the scenario was far off, its line leaves the plot.
            y: Some(value(it)).filter(|value| *value <= top),
            ends: None,
        };
        Series {
            name,
            look,
            shape,
            points: points.iter().map(point).collect(),
            key: Some(Key {
                at: last,
                detail: words.ends(&labels.count(first.round()), &labels.count(last.round())),
                alert: None,
            }),
        }
    };
    let observed = series(words.observed(), OBSERVED, Shape::Dots, |it| it.observed);
    let before = series(words.before(), BEFORE, Shape::Straight, |it| it.before);
    let mut model = series(words.model(), palette::line(1), Shape::Straight, |it| {
        it.model
    });
    for (point, it) in model.points.iter_mut().zip(points) {
        point.ends = Some((it.band.low, it.band.high));
    }
    let up = Axis::counts(labels.axes.ports(), top, 6, labels);
    LinePanel::new(up, vec![before, observed, model])
}

/// Observation less model, in the band of what single runs of the model do.
fn residuals(points: &[Observed], labels: &Labels) -> LinePanel {
    let misses = points.iter().map(|it| (it.observed - it.model).abs());
    let most = axis::round_up(misses.fold(1.0, f64::max));
    let ticks = [-most, 0.0, most].map(|miss| Tick {
        at: miss,
        label: format!(
            "{}{}",
            if miss > 0.0 { "+" } else { "" },
            labels.count(miss)
        ),
    });
    let point = |it: &Observed| Point {
        x: it.time_s,
        y: Some(it.observed - it.model),
        ends: Some((it.band.low - it.model, it.band.high - it.model)),
    };
    let dots = Series {
        name: labels.calibration.residual(),
        look: OBSERVED,
        shape: Shape::Dots,
        points: points.iter().map(point).collect(),
        key: None,
    };
    let up = Axis {
        title: labels.calibration.residual(),
        low: -most,
        high: most,
        is_log: false,
        ticks: ticks.into(),
    };
    LinePanel::new(up, vec![dots])
}

/// `rate 19.98 /s (19.6 /s … 20.3 /s), …`
fn numbers(fit: &Fit, labels: &Labels) -> String {
    let words = &labels.calibration;
    if fit.goodness.is_misfit() {
        return words.missed();
    }
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
        None if estimate.is_told => "none: the model misses".into(),
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
