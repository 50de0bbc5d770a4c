//! `Get-NetTCPConnection | Export-Csv`, several one after the other or with a column of times.

use super::collector::{Collector, System};
use super::fields::{commonest_delimiter, end, split_csv};
use super::states::numbered_state_of;
use super::{Connection, SnapshotFormat};
use crate::input::clock::parse_stamp;
use crate::input::table::quoted;

/// Columns that may say when a row was taken.
const TIMES: [&str; 15] = [
    "zeit",
    "zeitpunkt",
    "datum",
    "heure",
    "fecha",
    "hora",
    "data",
    "time",
    "timestamp",
    "datetime",
    "date",
    "taken",
    "snapshot",
    "collected",
    "sampletime",
];

/// Columns that `Get-NetTCPConnection` and `TCPView` have in front.
const OWN: [&str; 14] = [
    "LocalAddress",
    "LocalPort",
    "RemoteAddress",
    "RemotePort",
    "State",
    "OwningProcess",
    "AppliedSetting",
    "OffloadState",
    "CreationTime",
    "Caption",
    "ProcessName",
    "Process",
    "ProcessID",
    "PID",
];

/// Whether a line is the header of such a CSV.
pub(super) fn is_header(line: &str) -> bool {
    let is_json = line.trim_start().starts_with(['{', '[', '"']) && line.contains("\":");
    let has_port = line.contains("LocalPort") || line.contains("Local Port");
    has_port && line.contains([',', ';', '\t']) && !is_json
}

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
        if line.starts_with("#TYPE") {
            return Ok(());
        }
        if is_header(line) {
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
                None => out.other_text(1, out.line),
            }
            return Ok(());
        }
        columns.read(line, out)
    }
}

impl Columns {
    fn of(line: &str) -> Result<Columns, String> {
        let delimiter = commonest_delimiter(line);
        let names = split_csv(line, delimiter);
        let find = |wanted: &str| {
            let bare = |name: &str| name.replace(' ', "");
            let mut names = names.iter();
            names.position(|it| bare(it).eq_ignore_ascii_case(wanted))
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
        // By any other name: a column that Export-Csv does not have of itself, in front.
        let time = time.or((!OWN.iter().any(|it| find(it) == Some(0))).then_some(0));
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
        let state = numbered_state_of(state)
            .ok_or_else(|| format!("{} is not a state of TCP", quoted(state.as_bytes())))?;
        if let Some(text) = self.time.map(|at| fields[at].trim()) {
            let stamp = parse_stamp(text)
                .ok_or_else(|| format!("{} is not a time", quoted(text.as_bytes())))?;
            out.taken_at(stamp);
        }
        let connection = Connection {
            local,
            remote,
            state,
        };
        out.row(connection, System::Windows);
        Ok(())
    }
}
