//! Rows of the table for people and for programs.

use crate::output::text_table::TextTable;
use crate::study::sweep::Identity;
use crate::words::plain;
use std::io::{Read, Write};

/// Most rows that people are shown.
const MOST_SHOWN: usize = 48;

/// Bytes of the table that are kept for them: rows have a few hundred.
const MOST_BYTES: usize = 256 << 10;

/// Shown only where there is a NAT.
const OF_NAT: &str = "snat_peak_share";

/// The metrics that people are shown.
const SHOWN: [(&str, &str); 6] = [
    ("p_exhausted", "ran out"),
    ("ports_peak", "peak"),
    ("ports_peak_share", "of limit"),
    (OF_NAT, "of SNAT"),
    ("failed_share", "failed"),
    ("latency_p99_s", "p99 latency s"),
];

/// The first rows, kept while the table is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    bytes: Vec<u8>,
}

/// A reader that keeps what passes first.
pub(super) struct Listening<'a, R> {
    head: &'a mut Head,
    table: R,
}

impl Head {
    pub(super) fn listen<R: Read>(&mut self, table: R) -> Listening<'_, R> {
        Listening { head: self, table }
    }

    /// Header and rows for people.
    pub(super) fn table(&self, identity: &Identity) -> Rows {
        let rows = identity.points as usize * identity.rows_per_point();
        Rows::read(self.bytes.as_slice(), rows)
    }
}

impl<R: Read> Read for Listening<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.table.read(buffer)?;
        let room = MOST_BYTES.saturating_sub(self.head.bytes.len());
        self.head.bytes.extend(&buffer[..length.min(room)]);
        Ok(length)
    }
}

/// The first rows with their names and a few metrics.
pub(super) struct Rows {
    pub(super) header: Vec<String>,
    pub(super) cells: Vec<Vec<String>>,
    /// How many there are in all.
    pub(super) of: usize,
}

impl Rows {
    fn read(table: impl Read, of: usize) -> Rows {
        let mut reader = ::csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(table);
        let names = reader.headers().cloned().unwrap_or_default();
        let of_name = |name: &str| names.iter().position(|it| it == name);
        let keys = of_name("strategy").map_or(0, |at| at + 1);
        let whole = |row: &::csv::StringRecord| row.len() == names.len();
        let rows: Vec<::csv::StringRecord> = reader
            .records()
            .take(MOST_SHOWN)
            .filter_map(Result::ok)
            .filter(whole)
            .collect();
        let is_wanted =
            |name: &str, at: usize| name != OF_NAT || rows.iter().any(|row| !row[at].is_empty());
        let columns: Vec<(usize, &str)> = SHOWN
            .iter()
            .filter_map(|(name, title)| Some((*name, of_name(name)?, *title)))
            .filter(|(name, at, _)| is_wanted(name, *at))
            .map(|(_, at, title)| (at, title))
            // Who asks for a part wants to see it.
            .chain(
                (keys..)
                    .zip(names.iter().skip(keys))
                    .filter(|(_, name)| name.ends_with(']')),
            )
            .collect();
        let mut header: Vec<String> = names.iter().take(keys).map(String::from).collect();
        header.extend(columns.iter().map(|(_, title)| String::from(*title)));
        let shown = |row: &::csv::StringRecord| {
            let mut cells: Vec<String> = (row.iter().take(keys))
                .map(|text| plain::of_cell(text).into())
                .collect();
            let rounded = |text: &str| {
                text.parse().map_or_else(
                    |_| String::from(text),
                    |value| crate::units::rounded(value, 4).to_string(),
                )
            };
            cells.extend(columns.iter().map(|(at, _)| {
                let above = of_name(&format!("{}_above", &names[*at]));
                match (&row[*at], above.map_or("", |above| &row[above])) {
                    ("", "") => "–".into(),
                    ("", above) => format!("> {}", rounded(above)),
                    (text, _) => rounded(text),
                }
            }));
            cells
        };
        Rows {
            cells: rows.iter().map(shown).collect(),
            header,
            of,
        }
    }

    /// How many rows are not shown.
    pub(super) fn hidden(&self) -> usize {
        self.of.saturating_sub(self.cells.len())
    }
}

/// The first rows as a terminal shows them that is so wide.
pub fn text(identity: &Identity, table: impl Read, width: Option<usize>) -> String {
    let mut head = Head::default();
    let mut bytes = Vec::new();
    // A table that cannot be read shows no rows; who wrote it has said why.
    let _ = head
        .listen(table)
        .take(MOST_BYTES as u64)
        .read_to_end(&mut bytes);
    let rows = head.table(identity);
    let header = rows.header.iter().map(|name| plain::short(name, 40));
    let mut shown = TextTable::new(header, &[]);
    for row in &rows.cells {
        shown.row(row.iter().map(|cell| plain::short(cell, 40)));
    }
    let lines = shown.text_in(width);
    let more = match rows.hidden() {
        0 => String::new(),
        hidden => format!("… and {hidden} rows more in sweep.csv\n"),
    };
    let title = plain::short(&identity.title, 200);
    format!("{title}\n\n{lines}{more}")
}

/// The whole sweep as one JSON document, row by row: numbers as numbers, what is missing as null.
///
/// # Errors
/// The table cannot be read, or `out` cannot be written.
pub fn json(identity: &Identity, table: impl Read, out: &mut impl Write) -> std::io::Result<()> {
    let head = serde_json::to_string(identity)?;
    let head = head.trim_end_matches('}');
    write!(out, "{head},\"rows\":[")?;
    let mut reader = ::csv::Reader::from_reader(table);
    let names: Vec<String> = reader.headers()?.iter().map(String::from).collect();
    let n_texts = names
        .iter()
        .position(|it| it == "strategy")
        .map_or(0, |at| at + 1);
    let mut row = ::csv::StringRecord::new();
    let mut first = true;
    while reader.read_record(&mut row)? {
        out.write_all(if first { b"\n" } else { b",\n" })?;
        first = false;
        let mut object = serde_json::Map::new();
        for (index, (name, text)) in names.iter().zip(&row).enumerate() {
            let number = text.parse::<serde_json::Number>().ok();
            let is_strategy = index + 1 == n_texts;
            let value = match number {
                Some(number) if !is_strategy => number.into(),
                _ if text.is_empty() && !is_strategy => serde_json::Value::Null,
                _ => plain::of_cell(text).into(),
            };
            object.insert(name.clone(), value);
        }
        serde_json::to_writer(&mut *out, &object)?;
    }
    out.write_all(b"\n]}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            spsim: "0.1.0".into(),
            typed: String::new(),
            changes: Vec::new(),
            metrics: Vec::new(),
            scenario: "leak".into(),
            title: "A leak".into(),
            digest: "00".into(),
            seed: 1,
            replications: 1,
            strategies: vec!["5".into()],
            vary: vec!["a=1,x".into()],
            sample: None,
            points: 2,
            shard: None,
            shards: 1,
        }
    }

    const TABLE: &str = "a,strategy,p_exhausted,p_exhausted_lo\n1,5,0.25,\nx,5,1,0.5\n";

    #[test]
    fn json_has_numbers_texts_and_nulls() {
        let mut bytes = Vec::new();
        json(&identity(), TABLE.as_bytes(), &mut bytes).expect("memory");
        let document: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        let rows = &document["rows"];
        assert_eq!(document["points"], 2);
        assert_eq!(rows[0]["a"], 1);
        assert_eq!(rows[0]["strategy"], "5");
        assert!(rows[0]["p_exhausted_lo"].is_null());
        assert_eq!(rows[1]["a"], "x");
    }

    #[test]
    fn people_see_the_keys_and_a_few_metrics() {
        let text = text(&identity(), TABLE.as_bytes(), None);
        assert!(text.contains("ran out") && text.contains("0.25"), "{text}");
        assert!(!text.contains("more in"), "{text}");
    }
}
