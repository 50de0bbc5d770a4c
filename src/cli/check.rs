//! `spsim check`: validate, and show what a scenario comes to.

use super::args::CheckArgs;
use super::exit::Exit;
use super::list::WHERE_RULES_ARE;
use super::load::load_all;
use super::render::Shell;
use crate::scenario;
use anyhow::Result;

/// Checks every scenario; the results are one line each, or the resolved scenario.
///
/// # Errors
/// A file cannot be read, or stdout cannot be written.
pub fn check(shell: &Shell, args: &CheckArgs) -> Result<Exit> {
    for one in load_all(shell, &args.scenario)? {
        let scenario = &one.read.scenario;
        if args.show {
            let shown = scenario::show(&one.read);
            shell.print(&format!("{}\n\n# {WHERE_RULES_ARE}", shown.trim_end()))?;
        } else if !shell.quiet {
            let names = scenario.strategy_names();
            let (name, duration) = (&scenario.name, scenario.duration);
            let line = format!("{name}: valid, {duration} under {}", names.join(", "));
            shell.print(&line)?;
        }
    }
    Ok(Exit::Done)
}
