//! One table of `spsim list`, for the terminal and for programs.

use crate::words::plain;
use comfy_table::{ContentArrangement, Table, TableStyle};
use serde_json::{Map, Value};
use std::io;
use terminal_size::terminal_size_of;

/// How wide lines are where no terminal says.
const WIDTH: usize = 100;

/// The narrowest window for which a table is laid out.
const LEAST_WIDTH: usize = 60;

/// One table of `spsim list`.
pub(super) struct Listing {
    pub(super) title: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Listing {
    /// Whether it says where its values are from.
    pub(super) fn has_sources(&self) -> bool {
        self.header.iter().any(|it| is_source(it))
    }

    /// A listing as the terminal shows it. Where it is too wide with them, what its sources are
    /// stands below the table, line by line.
    pub(super) fn text(&self, with_title: bool) -> String {
        let width = terminal_size_of(io::stdout()).map_or(WIDTH, |(width, _)| width.0.into());
        let width = width.max(LEAST_WIDTH);
        let all: Vec<usize> = (0..self.header.len()).collect();
        let whole = self.lines(&all, None);
        let mut body = if whole.iter().all(|line| line.chars().count() <= width) {
            whole
        } else {
            let (sources, others): (Vec<usize>, Vec<usize>) =
                all.into_iter().partition(|it| is_source(self.header[*it]));
            let mut body = self.lines(&others, Some(width));
            body.extend(self.sources_of(&sources, width));
            body
        };
        if with_title {
            body.insert(0, self.title.to_uppercase() + "\n");
        }
        body.join("\n")
    }

    /// The lines of a table of these columns, as wide as it is or at most so wide.
    fn lines(&self, columns: &[usize], width: Option<usize>) -> Vec<String> {
        let mut table = Table::new();
        table
            .load_style(TableStyle::new())
            .set_header(columns.iter().map(|it| self.header[*it]));
        for row in &self.rows {
            table.add_row(columns.iter().map(|it| &row[*it]));
        }
        if let Some(width) = width {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                // A blank on the left, which is taken off again.
                .set_width(u16::try_from(width + 1).unwrap_or(u16::MAX));
        }
        // The preset pads every cell on both sides; text that is piped on should not begin so.
        let unpadded = |line: &str| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned();
        table.lines().map(|line| unpadded(&line)).collect()
    }

    /// "windows: ports: [read] …; TIME_WAIT: [uncertain] …", a paragraph for each row.
    fn sources_of(&self, columns: &[usize], width: usize) -> Vec<String> {
        let mut found = Vec::new();
        if !columns.is_empty() {
            found.push("\nsources:".into());
        }
        for row in self.rows.iter().filter(|_| !columns.is_empty()) {
            let told = columns.iter().filter(|it| !row[**it].is_empty());
            let told: Vec<String> = told
                .map(|it| match self.header[*it].strip_prefix("source of ") {
                    Some(what) => format!("{what}: {}", row[*it]),
                    None => row[*it].clone(),
                })
                .collect();
            let text = format!("{}: {}", row[0], told.join("; "));
            found.push(plain::wrapped(&text, width - 2).join("\n  "));
        }
        found
    }
}

/// Whether a column says where the others are from.
fn is_source(header: &str) -> bool {
    header.starts_with("source")
}

/// `{"ports": [{"name": …}]}`: the header's words are the keys.
pub(super) fn json(listings: &[Listing]) -> String {
    let object = |listing: &Listing, row: &[String]| -> Value {
        let pairs = listing.header.iter().map(|it| it.replace(' ', "_"));
        let values = row.iter().map(|it| Value::String(it.clone()));
        pairs.zip(values).collect()
    };
    let document: Map<String, Value> = listings
        .iter()
        .map(|listing| {
            let rows = listing.rows.iter().map(|row| object(listing, row));
            (listing.title.replace(' ', "_"), rows.collect())
        })
        .collect();
    format!("{:#}", Value::Object(document))
}
