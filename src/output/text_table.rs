//! A table of words and numbers: as lines for a terminal, or as Markdown.

use crate::words::plain::markdown;
use alloc::string::String;
use alloc::vec::Vec;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// What a terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terminal {
    /// Whether ANSI colours.
    pub color: bool,
    /// How many columns it has; `None` where nobody says, as in a file.
    pub width: Option<usize>,
}

/// Narrower than this, a table is cut off by the terminal instead of taken to pieces.
const LEAST_WIDTH: u16 = 60;

/// Stands before the first cell of each row while the lines are taken apart: no text of ours has
/// it, since [`plain::line`](crate::words::plain::line) leaves out what is not seen.
const MARK: char = '\u{2063}';

/// Rows of cells under a header.
pub(super) struct TextTable {
    header: Vec<String>,
    /// Columns of numbers, aligned to the right.
    numbers: &'static [usize],
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// An empty table whose columns `numbers` are aligned to the right.
    pub(super) fn new<S: Into<String>>(
        header: impl IntoIterator<Item = S>,
        numbers: &'static [usize],
    ) -> TextTable {
        TextTable {
            header: header.into_iter().map(Into::into).collect(),
            numbers,
            rows: Vec::new(),
        }
    }

    /// Adds a row: a cell for each column.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Its header and its rows, without blanks at the ends of lines: a line each, or several where
    /// `width` columns are too few for it.
    pub(super) fn rows_in(&self, width: Option<usize>) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        match width.and_then(|it| u16::try_from(it).ok()) {
            // A blank on the right is taken off again.
            Some(width) => table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width.max(LEAST_WIDTH) + 1),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        let marked = |cells: &Vec<String>| {
            let mut cells = cells.clone();
            if let Some(first) = cells.first_mut() {
                first.insert(0, MARK);
            }
            cells
        };
        table
            .set_header(marked(&self.header))
            .add_rows(self.rows.iter().map(marked));
        for place in self.numbers {
            if let Some(column) = table.column_mut(*place) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut rows: Vec<String> = Vec::new();
        for line in table.lines() {
            let shown = line.replace(MARK, "");
            match rows.last_mut() {
                Some(row) if !line.contains(MARK) => {
                    row.push('\n');
                    row.push_str(shown.trim_end());
                }
                _ => rows.push(shown.trim_end().into()),
            }
        }
        rows
    }

    /// Its lines, each with its line feed.
    pub(super) fn text_in(&self, width: Option<usize>) -> String {
        self.rows_in(width).join("\n") + "\n"
    }

    /// How many columns its widest line has.
    pub(super) fn width(&self) -> usize {
        let rows = self.rows_in(None);
        let columns = rows.iter().map(|row| row.chars().count());
        columns.max().unwrap_or(0)
    }

    /// As Markdown, every cell shown as it is.
    pub(super) fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| markdown(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rules = (0..self.header.len()).map(|place| {
            if self.numbers.contains(&place) {
                "--:|"
            } else {
                "---|"
            }
        });
        let mut text = line(&self.header);
        text += &format!("|{}\n", rules.collect::<String>());
        text.extend(self.rows.iter().map(|row| line(row)));
        text
    }
}
