//! The page's HTML.

use super::results::Results;
use super::{SCRIPT, STYLE, chart, data};
use crate::draw::{palette, theme};
use crate::record::Column;
use crate::units::SimSpan;
use crate::words::number::{self, count, span};
use crate::words::plain::{self, xml};
use alloc::string::String;
use alloc::vec::Vec;

/// The states in the order of their stack: what the page's style and script call each, and its
/// column of `ports.csv`.
const STACK: [(&str, Column); 5] = [
    ("busy", Column::Busy),
    ("idle", Column::Idle),
    ("time_wait", Column::TimeWait),
    ("close_wait", Column::CloseWait),
    ("connecting", Column::Connecting),
];

pub(super) fn html(results: &[Results]) -> String {
    let title = match results {
        [one] => plain::short(&one.summary.title, 120),
        several => format!("Port usage: {} scenarios", several.len()),
    };
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
         form-action 'none'\">\n<title>{}</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n",
        xml(&title),
        theme::style()
    );
    if results.len() > 1 {
        page += &contents(results, &title);
    }
    page += "<main>\n";
    for (index, one) in results.iter().enumerate() {
        page += &section(one, index, results.len() > 1);
    }
    page += "</main>\n";
    let all: Vec<String> = results.iter().map(data::json).collect();
    page += &format!(
        "<script type=\"application/json\" id=\"data\">[{}]</script>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        all.join(",\n")
    );
    page
}

fn contents(results: &[Results], title: &str) -> String {
    let links: Vec<String> = results
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let summary = &one.summary;
            format!(
                "<li><a href=\"#r{index}\">{}</a>: {}.</li>\n",
                xml(&summary.title),
                xml(&summary.findings.headline)
            )
        })
        .collect();
    format!(
        "<header>\n<h1>{}</h1>\n<nav aria-label=\"Scenarios\">\n<ul>\n{}</ul>\n</nav>\n</header>\n",
        xml(title),
        links.concat()
    )
}

/// One results folder.
fn section(results: &Results, index: usize, is_one_of_many: bool) -> String {
    let summary = &results.summary;
    let id = format!("r{index}");
    let level = if is_one_of_many { 2 } else { 1 };
    let mut html = format!(
        "<section class=\"result\" id=\"{id}\" data-result=\"{index}\" \
         aria-labelledby=\"{id}-heading\">\n<h{level} id=\"{id}-heading\">{}</h{level}>\n",
        xml(&summary.title)
    );
    if !summary.question.is_empty() {
        html += &format!("<p class=\"question\">{}</p>\n", xml(&summary.question));
    }
    html += &format!(
        "<p class=\"answer\">{}.</p>\n",
        xml(&summary.findings.headline)
    );
    let heading = |text: &str| format!("<h{0}>{text}</h{0}>\n", level + 1);
    // What a reader came for stands on the first screen.
    html += &clock(results, &id);
    html += &heading("Ports over time");
    html += &over_time(results, &id);
    html += &heading("Findings");
    if !summary.expect.is_empty() {
        html += &format!("<p>Why: {}</p>\n", xml(&summary.expect));
    }
    html += &findings(results);
    html += &failures(results, &id);
    html += &heading("Ports by state");
    html += &states(results, &id);
    if results.map.is_some() {
        html += &heading("Port map");
        html += &map(results, &id);
    }
    html += &heading("Numbers");
    html += &numbers(results, &id);
    html += &heading("Assumptions");
    html += &assumptions(results);
    html += &heading("How to reproduce");
    html += &reproduce(results);
    html + "</section>\n"
}

fn findings(results: &Results) -> String {
    let found = &results.summary.findings;
    let mut html = String::from("<ul>\n");
    for sentence in &found.sentences {
        html += &format!("<li>{}.</li>\n", xml(sentence));
    }
    html += "</ul>\n";
    html += &format!(
        "<p>Best here: <strong>{}</strong> ({}).</p>\n",
        xml(&found.best.strategy),
        xml(&found.best.reason)
    );
    if !found.best.changes.is_empty() {
        let lines: Vec<String> = found.best.changes.iter().map(|line| xml(line)).collect();
        html += &format!("<pre><code>{}</code></pre>\n", lines.join("\n"));
    }
    html
}

/// The controls of the clock; they do something only with the script, which shows them.
fn clock(results: &Results, id: &str) -> String {
    let mut html = format!(
        "<div class=\"clock\" hidden>\n\
         <button type=\"button\" class=\"play\" aria-pressed=\"false\">Play</button>\n\
         <label for=\"{id}-time\">Simulated time</label>\n\
         <input type=\"range\" id=\"{id}-time\" class=\"time\" min=\"0\" max=\"0\" value=\"0\">\n\
         <output class=\"now\" for=\"{id}-time\"></output>\n\
         <label for=\"{id}-speed\">Whole run in</label>\n\
         <select id=\"{id}-speed\" class=\"speed\">\n<option value=\"60\">60 s</option>\n\
         <option value=\"20\" selected>20 s</option>\n<option value=\"10\">10 s</option>\n\
         <option value=\"5\">5 s</option>\n</select>\n<div class=\"jumps\">\n"
    );
    for (index, strategy) in results.summary.strategies.iter().enumerate() {
        if let Some(at) = strategy.exhausted_at_s {
            html += &format!(
                "<button type=\"button\" class=\"jump\" data-strategy=\"{index}\" \
                 data-seconds=\"{at}\">Out of ports: {} ({})</button>\n",
                xml(&strategy.name),
                span(SimSpan::from_seconds_rounded(at))
            );
        }
    }
    html + "</div>\n</div>\n"
}

fn over_time(results: &Results, id: &str) -> String {
    let mut html = String::from("<figure class=\"lines\">\n");
    html += &chart::lines(results, &format!("{id}-lines"));
    html += "<figcaption>\n<ul class=\"key\">\n";
    for (index, strategy) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<li data-strategy=\"{index}\">{} {}, peak {} of {}</li>\n",
            theme::with_variables(&palette::line(index).sample()),
            xml(&strategy.name),
            count(chart::peak(strategy)),
            count(strategy.ports.limit)
        );
    }
    html + "</ul>\n</figcaption>\n</figure>\n"
}

/// The failed requests, where there are any: the pain that the ports cause.
fn failures(results: &Results, id: &str) -> String {
    let Some(chart) = chart::failures(results, &format!("{id}-failures")) else {
        return String::new();
    };
    format!(
        "<figure class=\"lines failures\">\n<figcaption>Failed requests so far</figcaption>\n\
         {chart}</figure>\n"
    )
}

fn states(results: &Results, id: &str) -> String {
    let mut html = String::from("<ul class=\"key\">\n");
    for (name, column) in STACK {
        let rows = results.series.iter().flatten();
        if rows.map(|row| row.values[column]).fold(0.0, f64::max) > 0.0 {
            html += &format!(
                "<li><span class=\"swatch {name}\" aria-hidden=\"true\"></span> {}</li>\n",
                state_name(name)
            );
        }
    }
    html += "</ul>\n<div class=\"panels\">\n";
    for (index, strategy) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<figure data-strategy=\"{index}\">\n<figcaption>{}, peak {}{}</figcaption>\n{}</figure>\n",
            xml(&strategy.name),
            count(chart::peak(strategy)),
            if chart::is_enlarged(strategy) {
                " <span class=\"under\">zoomed, own scale</span>"
            } else {
                ""
            },
            chart::stack(results, index, &format!("{id}-stack{index}"))
        );
    }
    html + "</div>\n"
}

/// The name that netstat users know.
fn state_name(class: &str) -> &str {
    match class {
        "time_wait" => "TIME_WAIT",
        "close_wait" => "CLOSE_WAIT",
        other => other,
    }
}

fn map(results: &Results, id: &str) -> String {
    let Some(map) = &results.map else {
        return String::new();
    };
    let mut html = String::from(
        "<p>One cell for each local port, in the order of their numbers, coloured by what it is \
         doing at the time above.</p>\n\
         <noscript><p>The map needs JavaScript; the charts above and the numbers below do \
         not.</p></noscript>\n<ul class=\"key\">\n\
         <li><span class=\"swatch free\" aria-hidden=\"true\"></span> free</li>\n",
    );
    for (name, _) in STACK {
        html += &format!(
            "<li><span class=\"swatch {name}\" aria-hidden=\"true\"></span> {}</li>\n",
            state_name(name)
        );
    }
    html += "</ul>\n<div class=\"panels maps\">\n";
    for (index, one) in map.strategies.iter().enumerate() {
        let last = u32::from(one.first_port) + one.ports - 1;
        let shared = match one.ports_per_cell {
            1 => String::new(),
            several => format!(
                "; a cell stands for {several} ports and shows the state of most of those taken"
            ),
        };
        html += &format!(
            "<figure data-strategy=\"{index}\">\n<figcaption id=\"{id}-map{index}\">{} \
             <span class=\"under\">ports {} to {last}{shared}</span></figcaption>\n\
             <canvas class=\"map\" role=\"img\" aria-labelledby=\"{id}-map{index}\" \
             aria-describedby=\"{id}-count{index}\"></canvas>\n\
             <p class=\"count\" id=\"{id}-count{index}\"></p>\n</figure>\n",
            xml(&one.name),
            one.first_port
        );
    }
    html + "</div>\n"
}

fn numbers(results: &Results, id: &str) -> String {
    let mut html = String::from(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Comparison of the strategies\" \
         tabindex=\"0\">\n<table>\n<caption>The whole run</caption>\n<thead><tr>\
         <th scope=\"col\">strategy</th><th scope=\"col\">verdict</th>\
         <th scope=\"col\">peak of limit</th><th scope=\"col\">exhausted at</th>\
         <th scope=\"col\">requests</th><th scope=\"col\">failed</th>\
         <th scope=\"col\">of them timed out</th><th scope=\"col\">unanswered</th>\
         <th scope=\"col\">connections opened</th>\
         <th scope=\"col\">p99 latency</th></tr></thead>\n<tbody>\n",
    );
    let seconds = |value: Option<f64>| {
        let text = value.map(|it| span(SimSpan::from_seconds_rounded(it)));
        text.unwrap_or_else(|| "–".into())
    };
    let latency = |of: &super::results::Latency| match of.p99_above {
        Some(above) => format!("&gt; {}", seconds(Some(above))),
        None => seconds(of.p99),
    };
    for (index, one) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<tr data-strategy=\"{index}\"><th scope=\"row\">{}</th><td>{}</td>\
             <td class=\"n\">{} of {}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            xml(&one.name),
            xml(&one.verdict),
            count(chart::peak(one)),
            count(one.ports.limit),
            seconds(one.exhausted_at_s),
            count(one.requests.submitted),
            count(one.requests.failed),
            count(one.requests.timed_out),
            count(one.requests.in_flight),
            count(one.connections.opened),
            latency(&one.latency_s),
        );
    }
    html += "</tbody>\n</table>\n</div>\n";
    html + &numbers_now(results, id)
}

/// The table that follows the clock; the script fills it.
fn numbers_now(results: &Results, id: &str) -> String {
    let columns = [
        "ports in use",
        "connecting",
        "busy",
        "idle",
        "CLOSE_WAIT",
        "TIME_WAIT",
        "groups",
        "queued",
        "requests",
        "failed",
        "opened",
    ];
    let head: Vec<String> = columns
        .iter()
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .collect();
    let mut html = format!(
        "<div class=\"scroll moment\" hidden role=\"region\" aria-labelledby=\"{id}-moment\" \
         tabindex=\"0\">\n<table>\n<caption id=\"{id}-moment\">At <span class=\"now\"></span>\
         </caption>\n<thead><tr><th scope=\"col\">strategy</th>{}</tr></thead>\n<tbody>\n",
        head.concat()
    );
    for (index, one) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<tr data-strategy=\"{index}\"><th scope=\"row\">{}</th>{}</tr>\n",
            xml(&one.name),
            "<td class=\"n\"></td>".repeat(columns.len())
        );
    }
    html + "</tbody>\n</table>\n</div>\n"
}

fn assumptions(results: &Results) -> String {
    let mut html = String::from("<ul>\n");
    for sentence in &results.summary.assumptions {
        html += &format!("<li>{}.</li>\n", prose(sentence));
    }
    for warning in &results.summary.warnings {
        html += &format!("<li><strong>Warning:</strong> {}.</li>\n", prose(warning));
    }
    html + "</ul>\n"
}

/// A sentence of ours, which marks code by backticks.
fn prose(sentence: &str) -> String {
    let text = xml(sentence);
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let is_code = index % 2 == 1;
        html += &if is_code {
            format!("<code>{part}</code>")
        } else {
            part.into()
        };
    }
    html
}

fn reproduce(results: &Results) -> String {
    let summary = &results.summary;
    let replications = match summary.replications {
        1 => String::new(),
        several => format!(" --replications {several}"),
    };
    let map = if results.map.is_some() {
        " --port-map"
    } else {
        ""
    };
    format!(
        "<pre><code>spsim run {} --seed {}{replications}{map}</code></pre>\n\
         <p>Made by spsim {}; scenario digest <code>{}</code>. The same scenario, seed and \
         version give the same bytes on every machine; {} were simulated.</p>\n",
        xml(&summary.scenario),
        summary.seed,
        xml(&summary.spsim),
        xml(&summary.digest),
        number::span(SimSpan::from_seconds_rounded(summary.duration_s)),
    )
}
