//! `spsim completions` and `spsim man`: what shells and `man` want to know of the command line.

use super::args::Cli;
use super::render::Shell;
use super::{Exit, write};
use crate::output::Artifact;
use anyhow::Result;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell as ShellName;
use clap_mangen::Man;
use std::path::PathBuf;

/// `spsim completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: ShellName,
}

/// `spsim man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of this command (default: that of spsim)
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Option<String>,
    /// Write every page to this folder instead
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Prints a shell's completions.
///
/// # Errors
/// stdout cannot be written.
pub fn completions(shell: &Shell, args: &CompletionsArgs) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "spsim", &mut text);
    shell.print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

/// Prints one manual page, or writes all of them.
///
/// # Errors
/// stdout or the folder cannot be written.
pub fn man(shell: &Shell, args: &ManArgs) -> Result<Exit> {
    let mut command = Cli::command();
    command.build();
    if let Some(folder) = &args.out {
        let mut pages = Vec::new();
        collect(&command, &mut pages)?;
        write::write_all(folder, &pages)?;
        let (count, shown) = (pages.len(), folder.display());
        shell.say(&format!("{count} manual pages are in {shown}"));
        return Ok(Exit::Done);
    }
    let mut chosen = &command;
    if let Some(name) = &args.command {
        let Some(found) = command.find_subcommand(name) else {
            shell.error(&format!("`{name}` is not a command; see spsim help"));
            return Ok(Exit::Usage);
        };
        chosen = found;
    }
    shell.print(&String::from_utf8_lossy(&page(chosen)?))?;
    Ok(Exit::Done)
}

fn page(command: &Command) -> Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render(&mut text)?;
    Ok(text)
}

/// The page of a command and of each command below it: `spsim-import-iis.1`.
fn collect(command: &Command, pages: &mut Vec<Artifact>) -> Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push(Artifact {
        name: format!("{name}.1"),
        bytes: page(command)?,
    });
    for below in command
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
    {
        collect(below, pages)?;
    }
    Ok(())
}
