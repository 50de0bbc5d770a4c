//! `spsim new`: a starter scenario, valid as it is, with every choice beside it in a comment; or
//! the table of the words of pictures, to be translated.

use super::exit::Exit;
use super::render::Shell;
use super::write;
use crate::words::labels::Labels;
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
    /// Write the words of pictures in English instead, to be translated for `--labels`
    #[arg(long)]
    pub labels: bool,
}

/// Writes the starter.
///
/// # Errors
/// The file or stdout cannot be written.
pub fn new(shell: &Shell, args: &NewArgs) -> Result<Exit> {
    let text = if args.labels {
        Labels::starter()
    } else {
        STARTER.into()
    };
    let Some(path) = &args.file else {
        shell.print(&text)?;
        return Ok(Exit::Done);
    };
    let shown = path.display();
    if path.exists() {
        return Err(shell.usage(&format!("{shown} exists already; nothing was written")));
    }
    if !path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("toml"))
    {
        let what = if args.labels { "table" } else { "scenario" };
        return Err(shell.usage(&format!("{shown}: a {what}'s name ends in .toml")));
    }
    write::write_file(path, text.as_bytes())?;
    let command = if args.labels {
        format!("spsim run kb2551125 --labels {shown}")
    } else {
        format!("spsim run {shown}")
    };
    shell.say(&format!("{shown} is written; try: {command}"));
    Ok(Exit::Done)
}
