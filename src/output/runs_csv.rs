//! `runs.csv`: every metric of every run, so that anybody can compute other figures of them.

use super::csv::{bytes, write};
use crate::study::{Comparison, METRICS};
use crate::words::{number, plain};
use ::csv::Writer;

/// The name inside the output folder.
pub(super) const FILE: &str = "runs.csv";

/// One row a replication (from 0) and strategy, by strategy; a metric that the run has no value of
/// is empty, and so is a time that is later than the end.
pub(super) fn runs_csv(comparison: &Comparison) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    let names = METRICS.iter().map(|it| it.name);
    write(
        &mut writer,
        ["strategy", "replication"].into_iter().chain(names),
    );
    for result in &comparison.strategies {
        for (replication, run) in result.runs.iter().enumerate() {
            let head = [plain::cell(&result.name), replication.to_string()];
            let values = METRICS.iter().map(|metric| {
                let value = metric.of_run(run).filter(|it| it.is_finite());
                value.map_or_else(String::new, |it| number::with_point(it.to_string()))
            });
            write(&mut writer, head.into_iter().chain(values));
        }
    }
    bytes(writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sample;

    #[test]
    fn every_run_has_a_row_with_every_metric() {
        let text = String::from_utf8(runs_csv(&sample::replicated())).expect("UTF-8");
        let mut rows = text.lines();
        let columns: Vec<&str> = rows.next().expect("a header").split(',').collect();
        assert_eq!(columns[..3], ["strategy", "replication", "p_exhausted"]);
        assert_eq!(columns.len(), 2 + METRICS.len());
        let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
        assert_eq!(rows.len(), 4 * 3);
        assert_eq!(rows[1][..4], ["as is", "1", "1.0", "102.0125"]);
        assert_eq!(rows[2][..4], ["as is", "2", "0.0", ""]);
    }
}
