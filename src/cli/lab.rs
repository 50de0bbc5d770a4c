//! `spsim lab`: the lab, one HTML page with the engine inside.

use super::args::ForceArgs;
use super::claim::keep_foreign_file;
use super::exit::Exit;
use super::render::Shell;
use super::write;
use anyhow::Result;
use clap::Args;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The page as `lab/build` made it; `.ci/lab` proves it fresh.
static PAGE: &[u8] = include_bytes!("../../output/lab/index.html");

/// `spsim lab`.
#[derive(Debug, Args)]
pub struct LabArgs {
    /// The page to write, or - for stdout
    #[arg(long, value_name = "FILE", default_value = "lab.html")]
    pub out: PathBuf,
    /// What may be replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What the page says in its first lines.
const MARK: &str = "<title>spsim lab";

/// Writes the page.
///
/// # Errors
/// It cannot be written.
pub fn lab(shell: &Shell, args: &LabArgs) -> Result<Exit> {
    keep_foreign_file(shell, &args.out, MARK, args.force.force)?;
    if args.out == Path::new("-") {
        io::stdout().lock().write_all(PAGE)?;
    } else {
        write::write_file(&args.out, PAGE)?;
        shell.say(&format!(
            "the lab is {}: open it in a browser",
            args.out.display()
        ));
    }
    Ok(Exit::Done)
}
