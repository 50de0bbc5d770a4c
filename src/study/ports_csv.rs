//! What stands in `ports.csv`, as text: the program and WebAssembly write the same.

use super::PortsRow;
use crate::record::Column;
use crate::words::number;
use alloc::string::String;
use alloc::vec::Vec;

/// The two columns that replications add at the end: the 95% interval of `ports_in_use`.
const INTERVAL: [&str; 2] = ["ports_in_use_lo", "ports_in_use_hi"];

/// The columns behind `strategy` and `time_s`.
pub fn columns(is_replicated: bool) -> impl Iterator<Item = &'static str> {
    let interval = INTERVAL.into_iter().filter(move |_| is_replicated);
    Column::PORTS.into_iter().map(Column::name).chain(interval)
}

/// The cells of a row in these columns. A missing interval is empty, never 0.
pub fn cells(row: &PortsRow, is_replicated: bool) -> Vec<String> {
    let count = |value| count(value, is_replicated);
    let mut cells: Vec<String> = row.values.pick(&Column::PORTS).map(count).collect();
    if is_replicated {
        let ends = row.ports_in_use.map(|ends| [ends.low, ends.high]);
        cells.extend(ends.map_or_else(<[String; 2]>::default, |ends| ends.map(count)));
    }
    cells
}

/// A count of a single run, or the mean of counts, which has a point in every row.
pub fn count(value: f64, is_mean: bool) -> String {
    let text = number::plain(value);
    if is_mean {
        number::with_point(text)
    } else {
        text
    }
}
