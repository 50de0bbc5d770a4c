//! The table of labels, and what may be put into it.

use super::*;
use crate::study::METRICS;

fn row(section: &str, key: &str) -> &'static Row {
    let mut rows = Labels::ROWS.iter();
    let found = rows.find(|it| it.section == section && it.key() == key);
    found.expect("a row")
}

#[test]
fn english_labels_hold_their_placeholders_and_nothing_to_escape() {
    for row in Labels::ROWS {
        assert_eq!(row.check(row.english), Ok(()), "{row:?}");
        let plain = |c: char| c != '"' && c != '\\' && !c.is_control();
        assert!(row.english.chars().all(plain), "{row:?}");
        assert!(!row.about.is_empty(), "{row:?}");
    }
}

#[test]
fn every_metric_has_its_label() {
    for metric in &METRICS {
        let mut labels = Labels::default();
        let key = metric.name.replace('_', "-");
        let row = row("metrics", &key);
        let (text, shown) = match row.placeholders {
            [] => ("x", "x"),
            _ => ("x {unit}", "x s"),
        };
        labels.set(row, text).expect("a label");
        assert_eq!(labels.metric(metric.name, metric.title, "s"), shown);
        assert_eq!(ENGLISH.metric(metric.name, "", "s"), metric.title);
    }
}

#[test]
fn a_text_with_other_placeholders_is_refused() {
    let mut labels = Labels::default();
    let peak = row("lines", "peak-of-limit");
    let mut set = |text| labels.set(peak, text);
    assert_eq!(set("{limit}, davon {peak}"), Ok(()));
    assert_eq!(set("{peak}"), Err(Wrong::Missing("limit")));
    assert_eq!(
        set("{peak} {limit} {max}"),
        Err(Wrong::Unknown("max".into()))
    );
    for text in ["{peak} {limit", "peak} {limit}", "{peak} {{limit}"] {
        assert_eq!(set(text), Err(Wrong::Brace), "{text}");
    }
    assert_eq!(
        labels.lines.peak_of_limit("{limit}", "5"),
        "5, davon {limit}"
    );
}

#[test]
fn numbers_cannot_become_other_numbers() {
    let mut labels = Labels::default();
    let mark = row("numbers", "decimal-mark");
    for text in ["", "0", ",,", "-", "x"] {
        assert!(
            matches!(labels.set(mark, text), Err(Wrong::Mark(_))),
            "{text}"
        );
    }
    assert_eq!(labels.set(mark, ","), Ok(()));
    assert!(!labels.has_distinct_marks());
    assert_eq!(labels.set(row("numbers", "digit-groups"), ""), Ok(()));
    assert!(labels.has_distinct_marks());
    assert_eq!(labels.count(1_234_567.0), "1234567");
    assert_eq!(labels.count(4.5), "4,5");
}

#[test]
fn english_numbers_are_those_of_the_tables() {
    for text in ["0s", "250us", "42.54s", "100.3s", "3d4h10min", "2h"] {
        let span = SimSpan::parse(text).expect("a span");
        assert_eq!(ENGLISH.span(span), number::span(span));
    }
    assert_eq!(ENGLISH.ports(1.0), "1 port");
    assert_eq!(ENGLISH.ports(5_000.0), "5,000 ports");
}
