//! `spsim diagnose`, as typed.

use super::args::ForceArgs;
use crate::diagnose::LocalPorts;
use crate::model::settings::{PortRange, PortScope};
use crate::profiles::ports::{self, PortPreset};
use crate::units::SimSpan;
use clap::Args;
use std::path::PathBuf;

/// `spsim diagnose`.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// Snapshots of `ss -tan`, `netstat -an`, `lsof -nP -iTCP`, `tcpvcon` or
    /// `Get-NetTCPConnection`, counts by state, a CSV of Perfmon, `dotnet-counters`, `CloudWatch`
    /// or Azure Monitor, or `!dumpheap -stat` of a dump, gzipped or not; several in one file or one
    /// per file (taken in the order of their names, and at the times that these say, as in
    /// `ss-20261122-072043.txt`); - for stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How far apart the snapshots are, as in `2s`: needed where the files do not say
    #[arg(long, value_name = "TIME", value_parser = parse_every)]
    pub every: Option<SimSpan>,
    /// The port range to judge against: a preset (see `spsim list ports`), a count, or FIRST-LAST
    /// (default: by the format, `linux` or `windows`)
    #[arg(long, value_name = "PRESET", value_parser = parse_ports)]
    pub ports: Option<LocalPorts>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write the scenario that reproduces the finding, to try remedies with `spsim run`;
    /// - prints it instead of the table
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// The endpoint whose scenario is written (default: the one in most trouble)
    #[arg(long, value_name = "ADDRESS", requires = "scenario")]
    pub remote: Option<String>,
    /// Which file `scenario` may replace.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// Reads a time above 0.
pub(super) fn parse_every(text: &str) -> Result<SimSpan, String> {
    let span = SimSpan::parse(text).map_err(|error| error.to_string())?;
    if span.as_nanos() == 0 {
        return Err("a time above 0 is expected, as in `2s`".into());
    }
    Ok(span)
}

/// The table of a preset.
pub fn table_of(preset: &PortPreset) -> LocalPorts {
    LocalPorts {
        name: preset.name.into(),
        range: preset.range.value,
        scope: preset.scope.value,
        time_wait: preset.time_wait.as_ref().map(|it| it.value),
    }
}

/// Reads a preset, a count or a range.
pub(super) fn parse_ports(text: &str) -> Result<LocalPorts, String> {
    if let Some(preset) = ports::find(text) {
        return Ok(table_of(preset));
    }
    let range = match text.split_once('-') {
        Some((first, last)) => range(first, last),
        None => text
            .parse()
            .ok()
            .filter(|it| (1..=64_511).contains(it))
            .map(|count| PortRange { first: 1024, count }),
    };
    let range = range.ok_or_else(|| {
        let names: Vec<&str> = ports::ALL.iter().map(|it| it.name).collect();
        format!(
            "a count, FIRST-LAST or a preset is expected: {}",
            names.join(", ")
        )
    })?;
    Ok(LocalPorts {
        name: text.into(),
        range,
        scope: PortScope::Host,
        time_wait: None,
    })
}

fn range(first: &str, last: &str) -> Option<PortRange> {
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    let count = u32::from(last).checked_sub(u32::from(first))? + 1;
    (first > 0).then_some(PortRange { first, count })
}
