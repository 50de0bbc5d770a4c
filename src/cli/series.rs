//! Tables with a row for every sample, where those are too many to keep: written while the runs are
//! made once more, which gives the same runs.

use super::interrupt::INTERRUPTED;
use super::write::{self, Staged};
use crate::input::InputFiles;
use crate::output::manifest::{Digested, Entry};
use crate::output::{Table, TableWriter};
use crate::record::{Relay, Relayed};
use crate::sim::Simulation;
use crate::study::{ClientRow, Comparison, PortsRow, StrategyResult};
use anyhow::Result;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

/// Stages the tables of `comparison` whose rows are not all in it, each with its entry of the
/// manifest: none where all are there, `None` when the user interrupted.
///
/// # Errors
/// A file cannot be written, or a trace can no longer be read.
pub(super) fn write_long_tables(
    folder: &Path,
    comparison: &Comparison,
    files: &InputFiles,
) -> Result<Option<Vec<(Entry, Staged)>>> {
    let was_interrupted = INTERRUPTED.load(Ordering::Relaxed);
    let mut entries = Vec::new();
    if !comparison.strategies.iter().any(|it| it.is_thinned) {
        return Ok(Some(entries));
    }
    // What was finished before an interruption is still written; another one ends that too.
    let stops = || !was_interrupted && INTERRUPTED.load(Ordering::Relaxed);
    let is_replicated = comparison.scenario.replications > 1;
    for table in Table::all_of(comparison) {
        let mut entry = None;
        let staged = write::stage(&folder.join(table.name()), |file| {
            let mut writer = TableWriter::new(table, is_replicated, Digested::new(file))?;
            for strategy in &comparison.strategies {
                write_strategy(&mut writer, strategy, files, &stops)?;
            }
            entry = Some(writer.finish()?.entry(table.name()));
            Ok(())
        });
        if stops() {
            return Ok(None);
        }
        let staged = staged?;
        entries.extend(entry.map(|entry| (entry, staged)));
    }
    Ok(Some(entries))
}

/// The rows of one strategy: its only run once more.
fn write_strategy(
    writer: &mut TableWriter<impl Write>,
    strategy: &StrategyResult,
    files: &InputFiles,
    stops: &impl Fn() -> bool,
) -> io::Result<()> {
    writer.begin_strategy();
    let mut written = Ok(());
    let mut relay = Relay::new(|relayed| {
        written = match relayed {
            Relayed::Sample(sample) => writer.sample(&strategy.name, &PortsRow::of(&sample)),
            Relayed::Client(sample) => {
                let client = &strategy.scenario.clients[sample.client as usize];
                writer.client(&strategy.name, &client.name, &ClientRow::of(&sample))
            }
        };
        written.is_ok() && !stops()
    });
    Simulation::new(&strategy.scenario, 0, files, &mut relay)
        .and_then(Simulation::run)
        .map_err(io::Error::other)?;
    written?;
    if stops() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    Ok(())
}
