//! `spsim new`: a starter scenario, valid as it is, with every choice beside it in a comment.

use super::render::Shell;
use super::{Exit, write};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// The starter.
pub const STARTER: &str = include_str!("starter.toml");

/// `spsim new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The file to write; it must not exist yet (default: stdout)
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Writes the starter scenario.
///
/// # Errors
/// The file or stdout cannot be written.
pub fn new(shell: &Shell, args: &NewArgs) -> Result<Exit> {
    let Some(path) = &args.file else {
        shell.print(STARTER)?;
        return Ok(Exit::Done);
    };
    let shown = path.display();
    if path.exists() {
        shell.error(&format!("{shown} exists already; nothing was written"));
        return Ok(Exit::Usage);
    }
    if !path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("toml"))
    {
        shell.error(&format!("{shown}: a scenario's name ends in .toml"));
        return Ok(Exit::Usage);
    }
    write::write_file(path, STARTER.as_bytes())?;
    shell.say(&format!("{shown} is written; try: spsim run {shown}"));
    Ok(Exit::Done)
}
