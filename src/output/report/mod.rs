//! The report: one HTML page from results folders, whole in itself.
//!
//! Everything on the page is in the page: style, script, charts, numbers. It asks no network for
//! anything and forbids itself to (its content security policy). Without JavaScript the
//! findings, charts and tables are there; the script, made of parts of the lab, puts in the place
//! of the charts over time one that is played: with toggles for strategies, the numbers of each
//! instant and the map of every port.
//!
//! **Invariant:** text from a scenario reaches the page only through `plain::xml`, and
//! data only as JSON without a `<`.

mod chart;
mod data;
mod page;
mod results;

/// What every page says in its first lines: by it a page is known to be ours.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"spsim\">";

pub use results::{Results, read};

/// The style of what the lab has too.
const PARTS: &str = include_str!("parts.css");
/// The style of the page.
const STYLE: &str = include_str!("report.css");
/// The script of the page: `lab/build` makes it.
const SCRIPT: &str = include_str!("report.js");

/// The page over these results.
pub fn html(results: &[Results]) -> String {
    page::html(results)
}
