//! The table of `spsim verify`, as text and as JSON.

use super::artifact::pretty;
use super::text_table::{BOLD, RED, Terminal, TextTable};
use crate::verify::{Check, Evidence, MOST_Z};
use crate::words::number;
use serde::Serialize;

/// What was verified, and how it went.
#[derive(Clone, Debug)]
pub struct Verification<'a> {
    /// The seed of every run.
    pub seed: u64,
    /// Whether it was the fast edition.
    pub is_fast: bool,
    /// What was changed in every scenario, as `KEY=VALUE`, without changing what is expected.
    pub changes: &'a [String],
    /// Every check, in the order of the experiments.
    pub checks: Vec<Check>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    spsim: &'static str,
    seed: u64,
    fast: bool,
    set: &'a [String],
    most_z: f64,
    checks: Vec<CheckRow<'a>>,
    failed: usize,
}

#[derive(Serialize)]
struct CheckRow<'a> {
    experiment: &'a str,
    figure: &'a str,
    law: &'a str,
    runs: u32,
    /// Null where it could not be computed.
    simulated: Option<f64>,
    expected: f64,
    /// Null for a figure that has no chance in it, and where it is infinite or unknown.
    z: Option<f64>,
    exact: bool,
    holds: bool,
}

/// One JSON document, ending in a line feed.
pub fn json(verification: &Verification<'_>) -> String {
    let finite = |value: f64| value.is_finite().then_some(value);
    let row = |check: &Check| CheckRow {
        experiment: check.experiment,
        figure: check.figure,
        law: check.law,
        runs: check.runs,
        simulated: finite(check.simulated),
        expected: check.expected,
        z: match check.evidence {
            Evidence::Z(z) => finite(z),
            Evidence::Exact => None,
        },
        exact: check.evidence == Evidence::Exact,
        holds: check.holds(),
    };
    let document = Document {
        schema: 1,
        spsim: env!("CARGO_PKG_VERSION"),
        seed: verification.seed,
        fast: verification.is_fast,
        set: verification.changes,
        most_z: MOST_Z,
        checks: verification.checks.iter().map(row).collect(),
        failed: failed(verification),
    };
    pretty(&document)
}

fn failed(verification: &Verification<'_>) -> usize {
    verification.checks.iter().filter(|it| !it.holds()).count()
}

/// The table as text, ending in a line feed.
pub fn table(verification: &Verification<'_>, terminal: Terminal) -> String {
    let header = ["", "runs", "figure", "simulated", "expected", "z", "by"];
    let mut table = TextTable::new(header, &[1, 3, 4, 5]);
    for check in &verification.checks {
        table.row([
            String::from(if check.holds() { "ok" } else { "FAILED" }),
            number::count(f64::from(check.runs)),
            check.figure.into(),
            figure(check.simulated),
            figure(check.expected),
            match check.evidence {
                Evidence::Z(z) => format!("{z:+.2}"),
                Evidence::Exact => "exact".into(),
            },
            check.law.into(),
        ]);
    }
    let mut text = String::new();
    let style = |check: &Check| if check.holds() { "" } else { RED };
    let styles = [BOLD]
        .into_iter()
        .chain(verification.checks.iter().map(style));
    for (line, style) in table.rows_in(terminal.width).iter().zip(styles) {
        text += &match style {
            "" => line.clone(),
            style => terminal.painted(style, line),
        };
        text.push('\n');
    }
    let of = verification.checks.len();
    text += &match failed(verification) {
        0 => format!("\nAll {of} checks hold: every |z| is at most {MOST_Z}"),
        failed => format!("\n{failed} of {of} checks do not hold: a |z| is above {MOST_Z}"),
    };
    text += &format!(" (seed {}", verification.seed);
    if verification.is_fast {
        text += ", fast edition";
    }
    for change in verification.changes {
        text += &format!(", {change}");
    }
    text += ").\n";
    text
}

/// Five significant digits, without an exponent.
fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "none".into();
    }
    number::significant(value, 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verification(z: f64) -> Verification<'static> {
        Verification {
            seed: 1,
            is_fast: true,
            changes: &[],
            checks: vec![Check {
                experiment: "leak",
                figure: "mean (s)",
                law: "Gamma",
                runs: 4_000,
                simulated: 2.0212,
                expected: 2.02,
                evidence: Evidence::Z(z),
            }],
        }
    }

    #[test]
    fn a_check_beyond_four_errors_is_told() {
        let good = table(&verification(0.33), Terminal::default());
        assert!(
            good.contains("+0.33") && good.contains("All 1 checks hold"),
            "{good}"
        );
        for bad in [4.01, -4.01, f64::NAN, f64::INFINITY] {
            let text = table(&verification(bad), Terminal::default());
            assert!(text.contains("FAILED") && text.contains("1 of 1"), "{text}");
            assert!(json(&verification(bad)).contains("\"holds\": false"));
        }
    }

    #[test]
    fn figures_have_five_digits() {
        assert_eq!(figure(100.02), "100.02");
        assert_eq!(figure(0.168_234_5), "0.16823");
        assert_eq!(figure(5_001.0), "5001");
        assert_eq!(figure(0.0), "0");
        assert_eq!(figure(f64::INFINITY), "none");
    }
}
