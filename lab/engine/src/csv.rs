//! `ports.csv` written without the standard library.

use alloc::format;
use alloc::string::String;
use spsim::PortsRow;
use spsim::inside::study::ports_csv;
use spsim::inside::words::number;

/// The first line.
pub(crate) fn header(is_replicated: bool) -> String {
    let columns = ports_csv::columns(is_replicated);
    columns.fold(String::from("strategy,time_s"), |line, column| {
        line + "," + column
    }) + "\n"
}

/// Adds the line of a row.
pub(crate) fn push_row(csv: &mut String, strategy: &str, row: &PortsRow, is_replicated: bool) {
    csv.push_str(&quoted(strategy));
    csv.push(',');
    csv.push_str(&number::seconds(row.time));
    for cell in ports_csv::cells(row, is_replicated) {
        csv.push(',');
        csv.push_str(&cell);
    }
    csv.push('\n');
}

/// A name as a cell: in quotation marks where it would otherwise end early.
fn quoted(name: &str) -> String {
    if name.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", name.replace('"', "\"\""));
    }
    name.into()
}
