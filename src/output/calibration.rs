//! A fitted scenario as the terminal, other programs and a spreadsheet read it.

use super::sparkline::sparkline;
use super::text_table::{Terminal, TextTable};
use super::{Artifact, PictureFormats, figure_files, vega_lite};
use crate::calibrate::{Estimate, Fit, Parameter, Point};
use crate::draw::{Figure, Look};
use crate::figures::calibration::{self as figure, amount, fitted, four, goodness};
use crate::units::SimSpan;
use crate::words::labels::ENGLISH;
use crate::words::number::{count, plain, span, with_point};
use serde_json::{Value, json};

/// Raised when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;
const SPARK_WIDTH: usize = 40;

/// A fit with the words that belong to it.
#[derive(Clone, Copy, Debug)]
pub struct Calibration<'a> {
    /// The fit.
    pub fit: &'a Fit,
    /// The scenario's name.
    pub scenario: &'a str,
    /// The strategy under which the observation was made.
    pub strategy: &'a str,
    /// The keys that changed, each with its new value.
    pub changes: &'a [(String, String)],
    /// The fitted scenario as TOML.
    pub toml: &'a str,
}

/// Every file of a calibration, in the order they are written.
pub fn artifacts(
    calibration: &Calibration<'_>,
    formats: PictureFormats,
    look: &Look,
) -> Vec<Artifact> {
    let mut files = vec![
        Artifact::new("fitted.toml", calibration.toml),
        Artifact::new("calibration.json", json(calibration)),
        Artifact::new("calibration.csv", csv(calibration.fit)),
    ];
    if formats.svg || formats.png {
        let of = [calibration.scenario, calibration.strategy];
        let picture = Figure::Lines(figure::plot(calibration.fit, of, look));
        let svg = look.drawn(&picture);
        files.extend(figure_files("calibration", &svg, formats, look));
        files.extend(vega_lite("calibration", &picture, look));
    }
    files
}

/// One document: parameters with their intervals, the fit's goodness, what was changed.
pub fn json(calibration: &Calibration<'_>) -> String {
    let fit = calibration.fit;
    let parameters: Vec<Value> = fit.estimates.iter().map(parameter).collect();
    let products: Vec<Value> = fit
        .products
        .iter()
        .map(|product| {
            json!({
                "of": product.of.map(Parameter::name),
                "value": rounded(product.value),
                "lo": product.interval.map(|it| rounded(it.low)),
                "hi": product.interval.map(|it| rounded(it.high)),
            })
        })
        .collect();
    let changes: serde_json::Map<String, Value> = calibration
        .changes
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    let goodness = &fit.goodness;
    let document = json!({
        "schema": SCHEMA,
        "spsim": env!("CARGO_PKG_VERSION"),
        "scenario": calibration.scenario,
        "strategy": calibration.strategy,
        "observations": fit.points.len(),
        "span_s": rounded(fit.points.last().map_or(0.0, |it| it.time_s)),
        "runs": fit.runs,
        "parameters": parameters,
        "products": products,
        "goodness": {
            "rmse_ports": rounded(goodness.rmse),
            "r_squared": goodness.r_squared.map(rounded),
            "scatter_ports": rounded(goodness.scatter),
            "autocorrelation": goodness.autocorrelation.map(rounded),
            "worst_at_s": rounded(goodness.worst.0),
            "worst_ports": rounded(goodness.worst.1),
            "misfit": goodness.is_misfit(),
        },
        "set": changes,
        "warnings": fit.warnings,
    });
    format!("{document:#}\n")
}

fn parameter(estimate: &Estimate) -> Value {
    json!({
        "name": estimate.parameter.name(),
        "unit": estimate.parameter.unit(),
        "before": rounded(estimate.before),
        "value": rounded(estimate.value),
        "lo": estimate.interval.map(|it| rounded(it.low)),
        "hi": estimate.interval.map(|it| rounded(it.high)),
        "known": estimate.interval.is_some(),
    })
}

/// Nine decimals, and no negative zero.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9 + 0.0
}

/// One row per observation.
fn csv(fit: &Fit) -> String {
    let mut text = String::from("time_s,observed,model,model_lo,model_hi,before\n");
    for point in &fit.points {
        let values = [
            point.observed,
            point.model,
            point.band.low,
            point.band.high,
            point.before,
        ];
        text += &with_point(plain(point.time_s));
        for value in values {
            text.push(',');
            text += &with_point(plain(value));
        }
        text.push('\n');
    }
    text
}

/// The table, both curves and how well they agree.
pub fn text(calibration: &Calibration<'_>, terminal: Terminal) -> String {
    let (on, off) = terminal.bold();
    let fit = calibration.fit;
    let length = fit.points.last().map_or(0.0, |it| it.time_s);
    let mut text = format!(
        "{on}{}, “{}”, fitted to {} observations over {}{off}\n\n",
        crate::words::plain::short(calibration.scenario, 60),
        crate::words::plain::short(calibration.strategy, 40),
        fit.points.len(),
        span(SimSpan::from_seconds_rounded(length))
    );
    text += &table(fit, terminal.width);
    for product in &fit.products {
        let [one, other] = product.of.map(Parameter::name);
        text += &format!(" {one} × {other} = {}", plain(four(product.value)));
        if let Some(it) = product.interval {
            let (low, high) = (plain(four(it.low)), plain(four(it.high)));
            text += &format!(" (95%: {low} … {high})");
        }
        text.push('\n');
    }
    text.push('\n');
    let most = fit
        .points
        .iter()
        .map(|it| it.observed.max(it.model))
        .fold(1.0, f64::max);
    let line = |name: &str, value: fn(&Point) -> f64| {
        let (first, last) = (fit.points.first(), fit.points.last());
        let ends = [first, last].map(|it| count(it.map_or(0.0, value).round()));
        let values: Vec<f64> = fit.points.iter().map(value).collect();
        let spark = sparkline(&values, most, SPARK_WIDTH);
        format!(" {name:<9} {spark}  {} → {}\n", ends[0], ends[1])
    };
    text += &line("observed", |it| it.observed);
    text += &line("model", |it| it.model);
    text += &line("before", |it| it.before);
    text += &format!("\n{}\n", goodness(fit, &ENGLISH));
    for warning in &fit.warnings {
        text += &format!("warning: {warning}\n");
    }
    if !calibration.changes.is_empty() {
        text += "\nIn the scenario:\n";
        for (key, value) in calibration.changes {
            text += &format!("  --set '{key}={value}'\n");
        }
    }
    text
}

fn table(fit: &Fit, width: Option<usize>) -> String {
    let mut table = TextTable::new(["parameter", "before", "fitted", "95%"], &[1, 2]);
    for estimate in &fit.estimates {
        let (fitted, interval) = fitted(estimate, &ENGLISH);
        table.row([
            estimate.parameter.name().into(),
            amount(estimate.parameter, estimate.before, &ENGLISH),
            fitted,
            interval,
        ]);
    }
    table.text_in(width)
}
