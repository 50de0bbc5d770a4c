//! A table of words and numbers: as lines for a terminal, or as Markdown.

use crate::words::plain::markdown;
use alloc::string::String;
use alloc::vec::Vec;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

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

    /// Its lines, without blanks at their ends: the header, then one for each row, since no cell
    /// has a line feed.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(&self.header)
            .add_rows(&self.rows);
        for place in self.numbers {
            if let Some(column) = table.column_mut(*place) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.lines().map(|line| line.trim_end().into()).collect()
    }

    /// [`TextTable::lines`], each with its line feed.
    pub(super) fn text(&self) -> String {
        self.lines().join("\n") + "\n"
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
