//! The page's HTML.

use super::results::Results;
use super::{GENERATOR, PARTS, SCRIPT, STYLE, chart, data};
use crate::draw::{palette, theme};
use crate::record::Column;
use crate::units::SimSpan;
use crate::words::number::{self, count, span};
use crate::words::plain::{self, xml};

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
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{GENERATOR}\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
         form-action 'none'\">\n<title>{}</title>\n<style>\n{}{PARTS}{STYLE}</style>\n\
         </head>\n<body>\n",
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
    // What a reader came for stands on the first screen: the script fills the first, and takes
    // away what is `still`.
    html += "<div class=\"live\"></div>\n<div class=\"still\">\n";
    html += &heading("Ports over time");
    html += &over_time(results, &id);
    html += &failures(results, &id);
    if results.map.is_some() {
        html += "<p>The map of every single port needs JavaScript; what is on this page does \
                 not.</p>\n";
    }
    html += "</div>\n";
    html += &heading("Findings");
    if !summary.expect.is_empty() {
        html += &format!("<p>Why: {}</p>\n", xml(&summary.expect));
    }
    html += &findings(results);
    html += &heading("Ports by state");
    html += &states(results, &id);
    html += &heading("The whole run");
    html += &numbers(results);
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
    if let Some(said) = &found.best.without_change {
        html += &format!("<p>{}.</p>\n", xml(&plain::capital(said)));
    }
    html
}

fn over_time(results: &Results, id: &str) -> String {
    let mut html = String::from("<figure class=\"lines\">\n");
    html += &chart::lines(results, &format!("{id}-lines"));
    html += "<figcaption>\n<ul class=\"key\">\n";
    for (index, strategy) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<li>{} {}, peak {} of {}</li>\n",
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
                "<li><i class=\"cell {name}\" aria-hidden=\"true\"></i>{}</li>\n",
                state_name(name)
            );
        }
    }
    html += "</ul>\n<div class=\"panels\">\n";
    for (index, strategy) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<figure data-place=\"{index}\">\n<figcaption>{}, peak {}{}</figcaption>\n{}</figure>\n",
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

fn numbers(results: &Results) -> String {
    let mut html = String::from(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Comparison of the strategies\" \
         tabindex=\"0\">\n<table>\n<thead><tr>\
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
        Some(above) => {
            let least = number::at_least(SimSpan::from_seconds_rounded(above));
            format!("&gt; {least}")
        }
        None => seconds(of.p99),
    };
    for (index, one) in results.summary.strategies.iter().enumerate() {
        html += &format!(
            "<tr data-place=\"{index}\"><th scope=\"row\">{}</th><td>{}</td>\
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
    let command = match &*summary.command {
        "" => String::new(),
        command => format!("<pre><code>{}</code></pre>\n", xml(command)),
    };
    format!(
        "{command}<p>Made by spsim {}; scenario digest <code>{}</code>. The same scenario, seed and \
         version give the same bytes on every machine; {} were simulated.</p>\n",
        xml(&summary.spsim),
        xml(&summary.digest),
        number::exactly(SimSpan::from_seconds_rounded(summary.duration_s)),
    )
}
