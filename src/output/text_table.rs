//! A table of words and numbers: as lines for a terminal, or as Markdown.

use crate::words::plain::markdown;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// What a terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terminal {
    /// Whether ANSI colours.
    pub color: bool,
    /// How many columns it has; `None` where nobody says, as in a file.
    pub width: Option<usize>,
}

impl Terminal {
    /// A text in a style such as [`BOLD`], where there are colours.
    pub(super) fn painted(self, style: &str, text: &str) -> String {
        if self.color {
            return format!("{style}{text}{RESET}");
        }
        text.into()
    }

    /// What stands before and behind a bold text.
    pub(super) const fn bold(self) -> (&'static str, &'static str) {
        if self.color { (BOLD, RESET) } else { ("", "") }
    }
}

pub(super) const BOLD: &str = "\u{1b}[1m";
pub(super) const DIM: &str = "\u{1b}[2m";
pub(super) const RED: &str = "\u{1b}[31m";
pub(super) const GREEN: &str = "\u{1b}[32m";
pub(super) const YELLOW: &str = "\u{1b}[33m";
pub(super) const RESET: &str = "\u{1b}[0m";

/// Narrower than this, a table is cut off by the terminal instead of taken to pieces.
const LEAST_WIDTH: u16 = 60;

/// Columns that a cell has beside its text.
const PADDING: usize = 2;

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
        let width = width.and_then(|it| u16::try_from(it).ok());
        // A blank on the right is taken off again.
        let width = width.map(|it| it.max(LEAST_WIDTH) + 1);
        table.set_content_arrangement(match width {
            Some(_) => ContentArrangement::Dynamic,
            None => ContentArrangement::Disabled,
        });
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
        if let Some(width) = width {
            table.set_width(width);
            let least = self.least_widths(usize::from(width));
            for (place, least) in least.into_iter().enumerate() {
                if let Some(column) = table.column_mut(place) {
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
                }
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

    /// How wide each column must be for no word to be broken, and no number either where that
    /// fits; none where nothing of it does.
    fn least_widths(&self, width: usize) -> Vec<u16> {
        let columns = self.header.len();
        let longest = |place: usize, whole: bool| {
            let cells = self.rows.iter().filter_map(|row| row.get(place));
            let cell = |cell: &String| {
                if whole {
                    cell.chars().count()
                } else {
                    longest_word(cell)
                }
            };
            let cells = cells.map(cell).max().unwrap_or(0);
            cells.max(longest_word(&self.header[place])) + PADDING
        };
        let fits = |numbers_whole: bool| {
            let whole = |place: usize| numbers_whole && self.numbers.contains(&place);
            let least: Vec<usize> = (0..columns).map(|it| longest(it, whole(it))).collect();
            (least.iter().sum::<usize>() <= width).then_some(least)
        };
        let least = fits(true).or_else(|| fits(false)).unwrap_or_default();
        least
            .into_iter()
            .filter_map(|it| u16::try_from(it).ok())
            .collect()
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

fn longest_word(text: &str) -> usize {
    let words = text.split(' ').map(|word| word.chars().count());
    words.max().unwrap_or(0)
}
