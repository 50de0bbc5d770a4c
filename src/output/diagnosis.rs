//! A diagnosis as the terminal and other programs read it.

use super::sparkline::sparkline;
use super::text_table::{Terminal, TextTable};
use crate::diagnose::{Diagnosis, Dump, Finding, Kind, Series, State, Step, dump};
use crate::model::settings::PortScope;
use crate::units::SimSpan;
use crate::words::number::{count, percent, span};
use crate::words::plain;
use serde_json::{Value, json};

const SPARK_WIDTH: usize = 24;
/// The most endpoints in the table; the others are counted below it.
const SHOWN: usize = 20;
/// The most endpoints that get a sentence of their own.
const TOLD: usize = 5;

/// `{"endpoints": [{"remote", "kind", "growth_per_s", "lo", "hi", "ports", "states"}]}`.
pub fn json(diagnosis: &Diagnosis) -> String {
    let endpoints: Vec<Value> = diagnosis.findings.iter().map(endpoint).collect();
    format!("{:#}\n", json!({ "endpoints": endpoints }))
}

/// `{"dumps": [{"sockets", "groups", "connections"}], "kind"}`.
pub fn dumps_json(dumps: &[Dump]) -> String {
    let all: Vec<Value> = dumps
        .iter()
        .map(|it| {
            json!({
                "sockets": it.sockets,
                "groups": it.groups,
                "connections": it.connections,
            })
        })
        .collect();
    let kind = dumps.last().map_or(Kind::Bounded, Dump::kind);
    format!("{:#}\n", json!({ "dumps": all, "kind": kind.name() }))
}

/// The counts of each dump and what they mean, in the words of KB 2551125, beside the number of
/// ports and the name of their range.
pub fn dumps_text(dumps: &[Dump], (limit, range): (u32, &str), terminal: Terminal) -> String {
    let (on, off) = terminal.bold();
    let Some(last) = dumps.last() else {
        return String::new();
    };
    let mut table = TextTable::new(
        ["dump", "Socket", "ConnectionGroup", "Connection", "kind"],
        &[0, 1, 2, 3],
    );
    let shown = |value: Option<u64>| value.map_or("–".into(), |it| count(it as f64));
    for (number, dump) in dumps.iter().enumerate() {
        table.row([
            count((number + 1) as f64),
            shown(dump.sockets),
            shown(dump.groups),
            shown(dump.connections),
            dump.kind().name().into(),
        ]);
    }
    let plural = if dumps.len() == 1 { "" } else { "s" };
    let mut text = format!(
        "{on}{} dump{plural}{off}\n\n{}\n",
        dumps.len(),
        table.text_in(terminal.width)
    );
    let limit = f64::from(limit);
    for sentence in dump_sentences(last) {
        text += &format!("  {sentence}\n");
    }
    text += &format!(
        "\n{} of {} ports ({}) by the sockets of this process; another range: --ports\n",
        percent(last.ports() as f64 / limit),
        count(limit),
        range
    );
    text
}

fn dump_sentences(dump: &Dump) -> Vec<String> {
    let shown =
        |value: Option<u64>| value.map_or("an unknown number of".into(), |it| count(it as f64));
    let (groups, connections) = (shown(dump.groups), shown(dump.connections));
    if dump.kind() == Kind::Leak {
        return vec![
            format!(
                "Leak: {groups} connection groups with {connections} connections, a socket and so \
                 a local port each, that the collector has not cleaned up."
            ),
            "It comes from a unique ConnectionGroupName for each HttpWebRequest: the connections \
             are released only when their ServicePoint has been idle for MaxServicePointIdleTime \
             (100 s), and a busy one never is."
                .into(),
            "Name few groups, or set KeepAlive to false, or call CloseConnectionGroup for the \
             names used so far; `--scenario FILE` writes a scenario to try these on."
                .into(),
        ];
    }
    let (sockets, of_net) = (dump.ports(), dump.connections.unwrap_or(0));
    let mut all = Vec::new();
    if dump.connections.is_some() && sockets >= dump::MANY && 2 * of_net < sockets {
        all.push(format!(
            "Bounded: only {connections} of {} sockets are connections of a ServicePoint: another \
             part of the program holds the others.",
            count(sockets as f64)
        ));
    } else if dump.groups.is_none() {
        all.push(
            "Bounded, as far as it shows: the dump lists no connection groups; \
             `!dumpheap -type System.Net.ConnectionGroup -stat` does."
                .into(),
        );
    } else {
        all.push(format!(
            "Bounded: {groups} connection groups carry {connections} connections, so these are \
             used again."
        ));
    }
    all.push("One dump shows no growth: a second one, a minute later, does.".into());
    all
}

/// One look in one line: `{"time_s", "endpoints", "range": {"first", "count"}, "seconds_left"}`.
#[cfg(feature = "watch")]
pub fn json_line(diagnosis: &Diagnosis, time_s: f64) -> String {
    let endpoints: Vec<Value> = diagnosis.findings.iter().map(endpoint).collect();
    let own = diagnosis.findings.iter().filter_map(|it| it.outlook.left_s);
    let together = diagnosis.together().map(|it| it.1);
    let left = own.chain(together).min_by(f64::total_cmp);
    let range = diagnosis.table.range;
    let line = json!({
        "time_s": rounded(time_s),
        "endpoints": endpoints,
        "range": { "first": range.first, "count": range.count },
        "seconds_left": left.map(rounded),
    });
    format!("{line}\n")
}

fn endpoint(finding: &Finding) -> Value {
    let last = finding.series.steps.last();
    let states: serde_json::Map<String, Value> = last
        .into_iter()
        .flat_map(|step| &step.states)
        .map(|(state, ports)| (state.name().into(), (*ports).into()))
        .collect();
    json!({
        "remote": finding.remote,
        "kind": finding.kind.name(),
        "growth_per_s": rounded(finding.growth_per_s),
        "lo": finding.interval.map(|it| rounded(it.low)),
        "hi": finding.interval.map(|it| rounded(it.high)),
        "ports": finding.ports(),
        "states": states,
    })
}

/// Six decimals, and no negative zero.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}

/// The table, the states over time and the sentences.
pub fn text(diagnosis: &Diagnosis, terminal: Terminal) -> String {
    let (on, off) = terminal.bold();
    let all = diagnosis.findings.len();
    let plural = if all == 1 { "" } else { "s" };
    let mut text = format!(
        "{on}{} snapshots over {}: {all} remote endpoint{plural}{off}\n\n",
        diagnosis.snapshots,
        span(SimSpan::from_seconds_rounded(diagnosis.span_s)),
    );
    text += &table(diagnosis, terminal.width);
    if all > SHOWN {
        let others: u64 = diagnosis.findings[SHOWN..].iter().map(Finding::ports).sum();
        text += &format!(
            "and {} more with {} ports\n",
            all - SHOWN,
            count(others as f64)
        );
    }
    for finding in told(diagnosis) {
        text += &format!("\n{on}{}{off}\n", plain::short(&finding.remote, 60));
        text += &states(&finding.series);
        for sentence in sentences(diagnosis, finding) {
            text += &format!("  {sentence}\n");
        }
    }
    if let Some((growth, seconds)) = diagnosis.together() {
        text += &format!(
            "\nAll endpoints together grow by {} ports a second: no port is free in {}.\n",
            rate(growth),
            left(seconds)
        );
    }
    let table = &diagnosis.table;
    text += &format!(
        "\nJudged against {} ports ({}); another range: --ports\n",
        count(f64::from(table.range.count)),
        table.name
    );
    text
}

/// What deserves a sentence: trouble first, then the most ports.
fn told(diagnosis: &Diagnosis) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = diagnosis.findings.iter().collect();
    all.sort_by_key(|finding| finding.kind == Kind::Bounded);
    all.truncate(TOLD);
    all
}

fn table(diagnosis: &Diagnosis, width: Option<usize>) -> String {
    let mut table = TextTable::new(
        [
            "remote",
            "kind",
            "ports",
            "growth/s",
            "95%",
            "new/s",
            "of range",
            "time left",
            "ports over time",
        ],
        &[2, 3, 4, 5, 6, 7],
    );
    for finding in diagnosis.findings.iter().take(SHOWN) {
        table.row(cells(finding));
    }
    table.text_in(width)
}

fn cells(finding: &Finding) -> [String; 9] {
    let none = || String::from("–");
    let is_counted = finding.kind != Kind::Opening;
    let if_counted = |text: String| if is_counted { text } else { none() };
    let drawn = |it: &Step| {
        if is_counted {
            it.total()
        } else {
            it.opened.unwrap_or(0)
        }
    };
    let drawn: Vec<u64> = finding.series.steps.iter().map(drawn).collect();
    [
        plain::short(&finding.remote, 46),
        finding.kind.name().into(),
        if_counted(count(finding.ports() as f64)),
        rate(finding.growth_per_s),
        finding
            .interval
            .map_or_else(none, |it| format!("{} … {}", rate(it.low), rate(it.high))),
        finding.opened_per_s.map_or_else(none, rate),
        if_counted(percent(finding.outlook.share)),
        finding.outlook.left_s.map_or_else(none, left),
        curve(&drawn),
    ]
}

/// Three digits or so, and no negative zero.
fn rate(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 || size == 0.0 => 2,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    if text
        .trim_start_matches('-')
        .chars()
        .all(|c| matches!(c, '0' | '.'))
    {
        return "0".into();
    }
    text
}

fn left(seconds: f64) -> String {
    if seconds > 365.0 * 86_400.0 {
        return "over a year".into();
    }
    span(SimSpan::from_seconds_rounded(seconds))
}

/// Each state over time: `ESTABLISHED ▁▃▅▇█ 38 → 480`.
fn states(series: &Series) -> String {
    let mut text = String::new();
    for state in State::ALL {
        let counts: Vec<u64> = series.steps.iter().map(|step| step.count(state)).collect();
        if counts.iter().all(|it| *it == 0) {
            continue;
        }
        let (first, last) = (counts[0], counts[counts.len() - 1]);
        let (spark, name) = (curve(&counts), state.name());
        text += &format!(
            "  {name:<12} {spark} {} → {}\n",
            count(first as f64),
            count(last as f64)
        );
    }
    text
}

/// Scaled to the largest value; each character shows the most of its part of the snapshots.
/// Counts as a curve, the highest of them full.
fn curve(counts: &[u64]) -> String {
    let values: Vec<f64> = counts.iter().map(|it| *it as f64).collect();
    let most = values.iter().copied().fold(1.0, f64::max);
    sparkline(&values, most, SPARK_WIDTH)
}

fn sentences(diagnosis: &Diagnosis, finding: &Finding) -> Vec<String> {
    let growth = rate(finding.growth_per_s);
    let opened = finding.opened_per_s.map(rate);
    let mut all = Vec::new();
    match finding.kind {
        Kind::Leak => {
            all.push(format!("Leak: {growth} connections a second stay open."));
            all.push(
                "Typical of a new ConnectionGroupName, or a new HttpClient, for each request: \
                 name few groups, or none."
                    .into(),
            );
        }
        Kind::Churn => {
            let opened = opened.unwrap_or(growth);
            all.push(format!(
                "Churn: {opened} new ports a second, each held in TIME_WAIT after this side closed."
            ));
            all.extend(churn_level(diagnosis, finding));
            all.push(
                "Typical of KeepAlive = false or a disposed HttpClient for each request: \
                 keep connections, with few groups."
                    .into(),
            );
        }
        Kind::Bounded => {
            let renewed = opened.filter(|it| it != "0");
            all.push(match renewed {
                Some(opened) => {
                    format!("Bounded: no growth beyond chance; {opened} new ports a second.")
                }
                None => "Bounded: the same connections are used again.".into(),
            });
        }
        Kind::Burst => all.push(
            "Burst: most ports came within a short time, or are being given back: \
             more snapshots, and a limit on parallel requests."
                .into(),
        ),
        Kind::Opening => all.extend(opening(diagnosis, finding)),
        Kind::CloseWait => {
            all.push("CLOSE_WAIT: the server has closed, the program has not noticed.".into());
            all.push(
                "HttpWebRequest notices only when it uses a connection again, which a group of \
                 its own never is: name few groups, or dispose responses."
                    .into(),
            );
        }
    }
    if let Some(seconds) = finding.restart_s {
        all.push(format!(
            "All ports were given back {} after the first snapshot, as by a restart: judged since \
             then.",
            span(SimSpan::from_seconds_rounded(seconds))
        ));
    }
    all.extend(time_left(diagnosis, finding));
    all
}

fn opening(diagnosis: &Diagnosis, finding: &Finding) -> [String; 3] {
    let opened = finding.opened_per_s.unwrap_or(0.0);
    let limit = f64::from(diagnosis.table.range.count);
    [
        format!(
            "Opening: {} new connections a second; how many of them stay open was not counted.",
            rate(opened)
        ),
        format!(
            "If all of them do, {} ports last for {}.",
            count(limit),
            left(limit / opened)
        ),
        "Whether they do: `\\TCPv4\\Connections Established`, `netstat -an` or `ss -tan` a few times."
            .into(),
    ]
}

fn churn_level(diagnosis: &Diagnosis, finding: &Finding) -> Option<String> {
    let level = count(finding.outlook.level?.round());
    let hold = span(diagnosis.table.time_wait?);
    let limit = count(f64::from(diagnosis.table.range.count));
    Some(format!(
        "It settles at about {level} of {limit} ports: the rate times {hold} of TIME_WAIT."
    ))
}

fn time_left(diagnosis: &Diagnosis, finding: &Finding) -> Option<String> {
    let left = left(finding.outlook.left_s?);
    let whose = match diagnosis.table.scope {
        PortScope::Host => "all endpoints",
        PortScope::Destination => "this endpoint",
    };
    let limit = count(f64::from(diagnosis.table.range.count));
    Some(format!(
        "At this rate no port is free in {left} ({limit} ports for {whose})."
    ))
}
