//! The two files of a measured experiment: its JSON, which has one field a line, and its CSV.

use std::path::Path;

/// One experiment as it was written down.
pub(crate) struct Record {
    /// The files' stem.
    pub(crate) name: String,
    json: String,
    csv: String,
}

impl Record {
    /// Reads both files.
    pub(crate) fn read(json: &Path) -> Record {
        let read = |path: &Path| std::fs::read_to_string(path).expect("the file can be read");
        let stem = json.file_stem().and_then(|stem| stem.to_str());
        Record {
            name: stem.expect("a name in plain text").to_owned(),
            json: read(json),
            csv: read(&json.with_extension("csv")),
        }
    }

    /// Whether the JSON has a field.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.json.contains(&format!("\"{key}\": "))
    }

    /// A field of the JSON; `None` when it is null or not there.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        let start = format!("\"{key}\": ");
        let line = self
            .json
            .lines()
            .find_map(|line| line.trim().strip_prefix(start.as_str()))?;
        let value = line.trim_end_matches(',');
        (value != "null").then(|| value.trim_matches('"'))
    }

    /// A field that is a number.
    pub(crate) fn number(&self, key: &str) -> f64 {
        let text = self
            .text(key)
            .unwrap_or_else(|| panic!("{}: no {key}", self.name));
        text.parse()
            .unwrap_or_else(|_| panic!("{}: {key} is {text}", self.name))
    }

    /// Some columns of the CSV, row by row.
    pub(crate) fn columns<const N: usize>(&self, names: [&str; N]) -> Vec<[f64; N]> {
        let mut lines = self.csv.lines();
        let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
        let columns = names.map(|name| {
            let found = header.iter().position(|column| *column == name);
            found.unwrap_or_else(|| panic!("{}: no column {name}", self.name))
        });
        let row = |line: &str| {
            let cells: Vec<f64> = line
                .split(',')
                .map(|cell| cell.parse().unwrap_or(0.0))
                .collect();
            columns.map(|column| cells[column])
        };
        lines.map(row).collect()
    }
}

/// A column at an instant, on the straight line between its neighbours; the first is time.
pub(crate) fn level<const N: usize>(rows: &[[f64; N]], at: f64, column: usize) -> f64 {
    let after = rows
        .iter()
        .position(|row| row[0] >= at)
        .unwrap_or(rows.len() - 1);
    let (left, right) = (rows[after.saturating_sub(1)], rows[after]);
    let width = right[0] - left[0];
    let part = if width > 0.0 {
        ((at - left[0]) / width).clamp(0.0, 1.0)
    } else {
        0.0
    };
    left[column] + part * (right[column] - left[column])
}
