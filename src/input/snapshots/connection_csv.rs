//! `Get-NetTCPConnection | Export-Csv`, several one after the other or with a column of times.

use super::collector::Collector;
use super::fields::{end, split_csv, state_of};
use super::{Connection, SnapshotFormat};
use crate::input::clock::parse_stamp;
use crate::input::table::quoted;

/// Columns that may say when a row was taken.
const TIMES: [&str; 8] = [
    "time",
    "timestamp",
    "datetime",
    "date",
    "taken",
    "snapshot",
    "collected",
    "sampletime",
];

/// Reads the lines of the CSV.
#[derive(Debug, Default)]
pub(super) struct ConnectionCsv {
    columns: Option<Columns>,
}

#[derive(Debug)]
struct Columns {
    delimiter: char,
    width: usize,
    /// Local address and port, remote address and port, state.
    positions: [usize; 5],
    time: Option<usize>,
}

impl SnapshotFormat for ConnectionCsv {
    fn read_line(&mut self, line: &str, out: &mut Collector) -> Result<(), String> {
        out.windows = true;
        if line.starts_with("#TYPE") {
            return Ok(());
        }
        if line.contains("LocalPort") {
            self.columns = Some(Columns::of(line)?);
            out.header();
            return Ok(());
        }
        let Some(columns) = &self.columns else {
            return Err("no line with `LocalPort` before it".into());
        };
        if line.starts_with('#') || !line.contains(columns.delimiter) {
            match parse_stamp(line) {
                Some(stamp) => out.stamp(stamp),
                None => out.other_text(),
            }
            return Ok(());
        }
        columns.read(line, out)
    }
}

impl Columns {
    fn of(line: &str) -> Result<Columns, String> {
        let delimiter = [',', ';', '\t']
            .into_iter()
            .max_by_key(|it| line.matches(*it).count());
        let delimiter = delimiter.unwrap_or(',');
        let names = split_csv(line, delimiter);
        let find = |wanted: &str| {
            names
                .iter()
                .position(|it| it.trim().eq_ignore_ascii_case(wanted))
        };
        let mut positions = [0; 5];
        let wanted = [
            "LocalAddress",
            "LocalPort",
            "RemoteAddress",
            "RemotePort",
            "State",
        ];
        for (position, name) in positions.iter_mut().zip(wanted) {
            *position = find(name).ok_or_else(|| format!("column `{name}` is missing"))?;
        }
        let time = TIMES.iter().find_map(|it| find(it));
        Ok(Columns {
            delimiter,
            width: names.len(),
            positions,
            time,
        })
    }

    fn read(&self, line: &str, out: &mut Collector) -> Result<(), String> {
        let fields = split_csv(line, self.delimiter);
        let (found, width) = (fields.len(), self.width);
        if found != width {
            return Err(format!("{found} fields, the header has {width}"));
        }
        let [local, local_port, remote, remote_port, state] =
            self.positions.map(|at| fields[at].trim());
        let end_at = |host: &str, port: &str| {
            let text = || format!("{host}:{port}");
            end(host, port)
                .ok_or_else(|| format!("{} is not an address and port", quoted(text().as_bytes())))
        };
        let (local, remote) = (end_at(local, local_port)?, end_at(remote, remote_port)?);
        let state = state_of(state)
            .ok_or_else(|| format!("{} is not a state of TCP", quoted(state.as_bytes())))?;
        if let Some(text) = self.time.map(|at| fields[at].trim()) {
            let stamp = parse_stamp(text)
                .ok_or_else(|| format!("{} is not a time", quoted(text.as_bytes())))?;
            out.taken_at(stamp);
        }
        out.row(Connection {
            local,
            remote,
            state,
        });
        Ok(())
    }
}
