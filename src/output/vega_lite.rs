//! A picture as a Vega-Lite specification with its data, for whoever styles charts elsewhere:
//! the same numbers, names and words, drawn by another hand.
//!
//! It follows the schema that `$schema` names; a test holds it to that schema.

use crate::draw::axis::Axis;
use crate::draw::palette::{self, ALARM, INK, QUIET, hex};
use crate::draw::{
    Cell, Figure, GridPlot, LinePanel, LinePlot, Note, Shape, StackPanel, StackPlot,
};
use crate::draw::{Voice, Words};
use serde_json::{Map, Value, json};

/// The schema that a specification follows.
const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";
/// How wide and how high a plot is, in pixels.
const SIZE: (u32, u32) = (640, 290);
/// The same of a smaller plot below or beside others.
const SMALL: (u32, u32) = (300, 150);

/// The specification, ending in a line feed.
pub(super) fn specification(figure: &Figure) -> String {
    let (words, mut document) = match figure {
        Figure::Lines(plot) => (&plot.words, lines(plot)),
        Figure::Stacks(plot) => (&plot.words, stacks(plot)),
        Figure::Grid(plot) => (&plot.words, grid(plot)),
    };
    around(&mut document, words);
    let document = Value::Object(document);
    format!("{document:#}\n")
}

fn around(document: &mut Map<String, Value>, words: &Words) {
    document.insert("$schema".into(), SCHEMA.into());
    document.insert("description".into(), words.description.clone().into());
    let subtitle: Vec<&str> = [&words.question, &words.caption]
        .into_iter()
        .map(String::as_str)
        .filter(|it| !it.is_empty())
        .collect();
    let title = json!({ "text": words.title, "subtitle": subtitle, "anchor": "start" });
    document.insert("title".into(), title);
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// An axis as a channel that reads `field`: its ends, its ticks and what they say.
fn channel(field: &str, axis: &Axis) -> Value {
    let labels: Vec<Value> = axis
        .ticks
        .iter()
        .map(|tick| json!({ "at": tick.at, "label": tick.label }))
        .collect();
    // What a tick says is ours, in the author's language: looked up by its value.
    let known: Vec<String> = labels
        .iter()
        .map(|it| format!("datum.value == {} ? {} : ", it["at"], it["label"]))
        .collect();
    let values: Vec<f64> = axis.ticks.iter().map(|tick| tick.at).collect();
    json!({
        "field": field,
        "type": "quantitative",
        "title": axis.title,
        "scale": {
            "domain": [axis.low, axis.high],
            "nice": false,
            "zero": false,
            "type": if axis.is_log { "log" } else { "linear" },
        },
        "axis": {
            "values": values,
            "labelExpr": format!("{}''", known.concat()),
        },
    })
}

fn lines(plot: &LinePlot) -> Map<String, Value> {
    let panels = plot.panels.iter().enumerate();
    let mut all: Vec<Value> = panels
        .map(|(index, panel)| {
            let notes: &[Note] = if index == 0 { &plot.notes } else { &[] };
            line_panel(panel, &plot.across, notes, index == 0)
        })
        .collect();
    if !plot.strip.tracks.is_empty() {
        let marks = plot.strip.tracks.iter().flat_map(|track| {
            let marks = track.marks.iter();
            marks.map(|it| {
                json!({ "track": track.label, "from": it.from, "until": it.until,
                        "share": it.share })
            })
        });
        let marks: Vec<Value> = marks.collect();
        all.push(json!({
            "width": SIZE.0,
            "title": { "text": plot.strip.title, "anchor": "start", "fontSize": 12 },
            "data": { "values": marks },
            "mark": { "type": "bar", "color": hex(ALARM), "height": 11 },
            "encoding": {
                "x": channel("from", &plot.across),
                "x2": { "field": "until" },
                "y": { "field": "track", "type": "nominal", "title": null },
                "opacity": { "field": "share", "type": "quantitative", "legend": null,
                             "scale": { "domain": [0, 1], "range": [0.15, 1] } },
            },
        }));
    }
    object(json!({ "vconcat": all }))
}

fn line_panel(panel: &LinePanel, across: &Axis, notes: &[Note], is_main: bool) -> Value {
    let points = panel.series.iter().flat_map(|series| {
        let points = series.points.iter();
        points.map(|it| {
            let mut row = object(json!({ "series": series.name, "x": it.x, "y": it.y }));
            if let Some((low, high)) = it.ends {
                row.insert("low".into(), json!(low));
                row.insert("high".into(), json!(high));
            }
            Value::Object(row)
        })
    });
    let rows: Vec<Value> = points.collect();
    let has_band = panel
        .series
        .iter()
        .flat_map(|it| &it.points)
        .any(|it| it.ends.is_some());
    let names: Vec<&str> = panel.series.iter().map(|it| it.name.as_str()).collect();
    let looks = || panel.series.iter().map(|it| it.look);
    let colors: Vec<String> = looks().map(|look| hex(look.color)).collect();
    let dashes: Vec<&[f64]> = looks()
        .map(|look| {
            if look.dash.is_empty() {
                &[1.0, 0.0]
            } else {
                look.dash
            }
        })
        .collect();
    let shape = panel.series.first().map_or(Shape::Straight, |it| it.shape);
    let color = json!({ "field": "series", "type": "nominal", "title": null,
                        "scale": { "domain": names, "range": colors } });
    let mut encoding = object(json!({
        "x": channel("x", across),
        "y": channel("y", &panel.up),
        "color": color,
    }));
    let mut layers = Vec::new();
    if has_band {
        layers.push(json!({
            "mark": { "type": "area", "opacity": 0.15,
                      "interpolate": interpolation(shape), "clip": true },
            "encoding": { "y": channel("low", &panel.up), "y2": { "field": "high" } },
        }));
    }
    layers.push(match shape {
        Shape::Bars => {
            encoding.insert(
                "xOffset".into(),
                json!({ "field": "series", "type": "nominal" }),
            );
            json!({ "mark": { "type": "bar", "clip": true } })
        }
        Shape::Dots => json!({ "mark": { "type": "point", "filled": true, "clip": true } }),
        _ => json!({
            "mark": { "type": "line", "interpolate": interpolation(shape), "clip": true,
                      "point": shape == Shape::Marked },
            "encoding": { "strokeDash": { "field": "series", "type": "nominal", "title": null,
                          "scale": { "domain": names, "range": dashes } } },
        }),
    });
    for limit in panel.limits.iter().filter(|it| panel.up.holds(it.at)) {
        layers.push(rule("y", limit.at, &panel.up, (&limit.label, ALARM)));
    }
    for moment in panel.moments.iter().filter(|it| !it.label.is_empty()) {
        layers.push(rule("x", moment.x, across, (&moment.label, ALARM)));
    }
    for note in notes {
        let color = match note.voice {
            Voice::Alarm => ALARM,
            Voice::Event => QUIET,
            Voice::Author => INK,
        };
        layers.push(rule("x", note.x, across, (&note.text, color)));
    }
    json!({
        "width": SIZE.0,
        "height": if is_main { SIZE.1 } else { SMALL.1 },
        "data": { "values": rows },
        "encoding": encoding,
        "layer": layers,
    })
}

/// A line across a plot at a place of one axis, with its words.
fn rule(
    name: &str,
    at: f64,
    axis: &Axis,
    (label, color): (&str, plotters::style::RGBColor),
) -> Value {
    let row = json!({ "at": at, "label": label });
    let place = channel("at", axis);
    let mut encoding = Map::new();
    encoding.insert(name.into(), place);
    let color = hex(color);
    encoding.insert("color".into(), json!({ "value": color }));
    let other = if name == "x" { "y" } else { "x" };
    encoding.insert(other.into(), json!({ "value": 0 }));
    let mut words = encoding.clone();
    let end = if name == "x" { "height" } else { "width" };
    encoding.insert(format!("{other}2"), json!({ "value": end }));
    words.insert(
        "text".into(),
        json!({ "field": "label", "type": "nominal" }),
    );
    json!({
        "data": { "values": [row] },
        "layer": [
            { "mark": { "type": "rule", "strokeDash": [6, 4] }, "encoding": encoding },
            { "mark": { "type": "text", "align": "left", "dx": 4, "dy": -6 },
              "encoding": words },
        ],
    })
}

const fn interpolation(shape: Shape) -> &'static str {
    match shape {
        Shape::Steps => "step-after",
        _ => "linear",
    }
}

fn stacks(plot: &StackPlot) -> Map<String, Value> {
    let names: Vec<&str> = plot.layers.iter().map(|it| it.name.as_str()).collect();
    let colors: Vec<String> = plot.layers.iter().map(|it| hex(it.color)).collect();
    let panel = |panel: &StackPanel| {
        let rows = panel.rows.iter().flat_map(|row| {
            let parts = names.iter().zip(&row.parts).enumerate();
            parts.map(|(order, (layer, count))| {
                json!({ "x": row.x, "layer": layer, "order": order, "count": count })
            })
        });
        let rows: Vec<Value> = rows.collect();
        let mut up = channel("count", &panel.up);
        up["stack"] = json!("zero");
        let mut layers = vec![json!({
            "mark": { "type": "area", "interpolate": "step-after", "clip": true },
            "encoding": {
                "y": up,
                "order": { "field": "order", "type": "quantitative" },
                "color": { "field": "layer", "type": "nominal", "title": plot.legend,
                           "scale": { "domain": names, "range": colors } },
            },
        })];
        if let Some(limit) = panel.limit.filter(|it| panel.up.holds(*it)) {
            layers.push(rule("y", limit, &panel.up, (&plot.limit, ALARM)));
        }
        json!({
            "title": { "text": panel.title, "subtitle": panel.note, "anchor": "start",
                       "fontSize": 13 },
            "width": SMALL.0,
            "height": SMALL.1,
            "data": { "values": rows },
            "encoding": { "x": channel("x", &plot.across) },
            "layer": layers,
        })
    };
    let panels: Vec<Value> = plot.panels.iter().map(panel).collect();
    object(json!({ "concat": panels, "columns": 2 }))
}

fn grid(plot: &GridPlot) -> Map<String, Value> {
    let columns = plot.across.labels.len();
    let panel = |panel: &crate::draw::GridPanel| {
        let cells = panel.cells.iter().enumerate();
        let rows: Vec<Value> = cells
            .map(|(index, cell)| {
                let (value, text, color) = match cell {
                    Cell::Empty => (None, "", None),
                    Cell::Value(value, text) => (Some(*value), text.as_str(), None),
                    Cell::Word { text, color, .. } => (None, text.as_str(), Some(hex(*color))),
                };
                json!({
                    "across": plot.across.labels[index % columns],
                    "up": plot.up.labels[index / columns],
                    "value": value, "text": text, "color": color,
                })
            })
            .collect();
        let ramp = [0, 5, 10, 15].map(|step| hex(palette::ramp(step, false)));
        let color = match &plot.ramp {
            Some(range) => json!({
                "field": "value", "type": "quantitative", "title": null,
                "scale": {
                    "domain": [range.low.0, range.high.0],
                    "range": ramp,
                },
            }),
            None => json!({ "field": "color", "type": "nominal", "scale": null }),
        };
        let up: Vec<&String> = plot.up.labels.iter().rev().collect();
        json!({
            "title": panel.title,
            "width": SMALL.0,
            "height": SMALL.1,
            "data": { "values": rows },
            "encoding": {
                "x": { "field": "across", "type": "ordinal", "title": plot.across.title,
                       "sort": plot.across.labels, "axis": { "labelAngle": 0 } },
                "y": { "field": "up", "type": "ordinal", "title": plot.up.title, "sort": up },
            },
            "layer": [
                { "mark": "rect", "encoding": { "color": color } },
                { "mark": { "type": "text", "fontSize": 11 },
                  "encoding": { "text": { "field": "text", "type": "nominal" } } },
            ],
        })
    };
    let panels: Vec<Value> = plot.panels.iter().map(panel).collect();
    object(json!({ "concat": panels, "columns": 2 }))
}
