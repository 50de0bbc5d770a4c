//! `sweep.csv`: one row per point and strategy; and the first line of its parts, which says of
//! what sweep they are.

use crate::figures::sweep::view::shown;
use crate::output::artifact::pretty;
use crate::output::csv::{bytes, write};
use crate::study::OfPart;
use crate::study::metric::{Estimate, METRICS};
use crate::study::sweep::Identity;
use crate::words::{number, plain};
use ::csv::Writer;

/// What the first line of a part begins with.
const MARK: &str = "# spsim sweep ";

/// Rows as bytes, a line each: nothing in them holds a line feed.
#[derive(Clone, Debug)]
pub struct Table {
    keys: Vec<String>,
    strategies: Vec<String>,
    of_parts: Vec<OfPart>,
}

impl Table {
    /// The table of a sweep over these keys.
    pub fn new(keys: Vec<String>, strategies: Vec<String>, of_parts: Vec<OfPart>) -> Table {
        Table {
            keys,
            strategies,
            of_parts,
        }
    }

    /// The name of a strategy, by its place.
    pub fn strategy(&self, place: usize) -> &str {
        &self.strategies[place]
    }

    /// The line of column names.
    pub fn header(&self) -> Vec<u8> {
        let mut names = self.keys.clone();
        names.push("strategy".into());
        names.extend(columns(&self.of_parts));
        line(&names)
    }

    /// The rows of one point: one per strategy.
    pub fn rows(&self, values: &[String], found: &[Vec<Estimate>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (strategy, estimates) in self.strategies.iter().zip(found) {
            let mut fields: Vec<String> = values.iter().map(|value| shown(value)).collect();
            fields.push(strategy.clone());
            let (whole, of_parts) = estimates.split_at(METRICS.len());
            let ends = |it: &Estimate| [it.value, it.low, it.high].map(metric);
            fields.extend(whole.iter().flat_map(ends));
            let quantiles = METRICS.iter().zip(whole);
            let quantiles = quantiles.filter(|(metric, _)| metric.is_quantile());
            fields.extend(quantiles.map(|(_, it)| metric(it.above)));
            for (of_part, it) in self.of_parts.iter().zip(of_parts) {
                fields.extend(ends(it));
                let above = of_part.metric.is_quantile();
                fields.extend(above.then(|| metric(it.above)));
            }
            bytes.extend(line(&fields));
        }
        bytes
    }

    /// What each row of a point begins with, in order; with the comma after it.
    pub fn beginnings(&self, values: &[String]) -> Vec<Vec<u8>> {
        let fields: Vec<String> = values.iter().map(|value| shown(value)).collect();
        let beginning = |strategy: &String| {
            let mut fields = fields.clone();
            fields.push(strategy.clone());
            let mut start = line(&fields);
            *start.last_mut().expect("a line feed at least") = b',';
            start
        };
        self.strategies.iter().map(beginning).collect()
    }
}

/// The columns of the metrics: of each its value and the ends of its interval; then, of each
/// quantile, what it is above where it lies beyond what is known, and its value is empty; then the
/// same of parts, one after the other.
pub(super) fn columns(of_parts: &[OfPart]) -> Vec<String> {
    let ends = |name: &str| ["", "_lo", "_hi"].map(|end| format!("{name}{end}"));
    let quantiles = METRICS.iter().filter(|it| it.is_quantile());
    let mut names: Vec<String> = METRICS.iter().flat_map(|it| ends(it.name)).collect();
    names.extend(quantiles.map(|it| format!("{}_above", it.name)));
    for it in of_parts {
        names.extend(ends(&it.name()));
        names.extend(
            it.metric
                .is_quantile()
                .then(|| format!("{}_above", it.name())),
        );
    }
    names
}

fn metric(value: Option<f64>) -> String {
    number::with_point(number::metric(value))
}

fn line(fields: &[String]) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    write(&mut writer, fields.iter().map(|field| plain::cell(field)));
    bytes(writer)
}

/// The first line of a part.
pub fn identity_line(identity: &Identity) -> String {
    let json = serde_json::to_string(identity).expect("texts and numbers are always JSON");
    format!("{MARK}{json}\n")
}

/// Whether a file that begins with this line is part of a sweep, right or wrong.
pub fn is_part(first_line: &[u8]) -> bool {
    first_line.starts_with(MARK.as_bytes())
}

/// The identity in the first line of a part; `None` where it is none.
pub fn identity_of(first_line: &[u8]) -> Option<Identity> {
    serde_json::from_slice(first_line.strip_prefix(MARK.as_bytes())?).ok()
}

/// `sweep.json`: of what sweep `sweep.csv` is.
pub fn metadata(identity: &Identity) -> String {
    pretty(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_with_their_values_and_strategy() {
        let table = Table::new(
            ["machine.ports".into(), "b".into()].into(),
            ["as is".into(), "x, y".into()].into(),
            Vec::new(),
        );
        let header = String::from_utf8(table.header()).expect("text");
        assert!(header.starts_with("machine.ports,b,strategy,p_exhausted,p_exhausted_lo,"));
        assert!(header.ends_with(",snat_peak_share_hi,latency_p99_s_above,queue_p99_s_above\n"));
        let values = ["\"linux\"".into(), "{ a = 1, b = 2 }".into()];
        let undefined = vec![Estimate::default(); METRICS.len()];
        let rows = table.rows(&values, &[undefined.clone(), undefined]);
        let beginnings = table.beginnings(&values);
        let lines = rows.split_inclusive(|byte| *byte == b'\n');
        for (line, beginning) in lines.zip(&beginnings) {
            assert!(line.starts_with(beginning));
        }
        let text = String::from_utf8(rows).expect("text");
        let expected = "linux,\"{ a = 1, b = 2 }\",as is,,,";
        assert!(text.starts_with(expected), "{text}");
        assert_eq!(beginnings[1], b"linux,\"{ a = 1, b = 2 }\",\"x, y\",");
    }

    /// A quantile beyond what is known is empty, and what it is above stands at the end.
    #[test]
    fn what_a_quantile_is_above_stands_beside_it() {
        let table = Table::new(
            ["a".into()].into(),
            ["x".into()].into(),
            ["latency_p99_s[web]", "failed[1s..2s]"]
                .map(|it| OfPart::parse(it).expect("a metric"))
                .into(),
        );
        let mut found = vec![Estimate::default(); METRICS.len() + 2];
        let place = METRICS.iter().position(|it| it.name == "latency_p99_s");
        let beyond = |above| Estimate {
            value: Some(f64::INFINITY),
            above: Some(above),
            ..Estimate::default()
        };
        found[place.expect("a metric")] = beyond(1.5);
        found[METRICS.len()] = beyond(2.5);
        found[METRICS.len() + 1].value = Some(7.0);
        let rows = String::from_utf8(table.rows(&["1".into()], &[found])).expect("text");
        let header = String::from_utf8(table.header()).expect("text");
        let names: Vec<&str> = header.trim_end().split(',').collect();
        let cells: Vec<&str> = rows.trim_end().split(',').collect();
        assert_eq!(names.len(), cells.len());
        let of = |name: &str| cells[names.iter().position(|it| *it == name).expect(name)];
        assert_eq!(
            (of("latency_p99_s"), of("latency_p99_s_above")),
            ("", "1.5")
        );
        assert_eq!(of("queue_p99_s_above"), "");
        assert_eq!(
            (of("latency_p99_s[web]"), of("latency_p99_s[web]_above")),
            ("", "2.5")
        );
        assert_eq!(of("failed[1s..2s]"), "7.0");
    }

    #[test]
    fn a_first_line_is_read_back() {
        let identity = Identity {
            spsim: "0.1.0".into(),
            typed: String::new(),
            changes: Vec::new(),
            metrics: Vec::new(),
            scenario: "a\nb".into(),
            title: String::new(),
            digest: "ff".into(),
            seed: u64::MAX,
            replications: 1,
            strategies: Vec::new(),
            vary: Vec::new(),
            sample: Some(3),
            points: 3,
            shard: Some(2),
            shards: 4,
        };
        let line = identity_line(&identity);
        assert_eq!(line.lines().count(), 1);
        assert_eq!(identity_of(line.as_bytes()), Some(identity));
        assert_eq!(identity_of(b"a,b,c\n"), None);
    }
}
