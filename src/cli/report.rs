//! `spsim report`: results folders in, one HTML page out.

use super::args::ForceArgs;
use super::claim::keep_foreign_file;
use super::exit::Exit;
use super::render::Shell;
use super::write;
use crate::output::report::{self, Results};
use anyhow::{Context, Result};
use clap::Args;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file of a results folder that is read: 256 MiB.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// `spsim report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folders that `spsim run` wrote; with `--port-map` the page plays every port over time
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// The page to write, or - for stdout
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
    /// What may be replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// Reads every folder, and writes the page if all of them are right.
///
/// # Errors
/// A file that exists cannot be read, or the page cannot be written.
pub fn report(shell: &Shell, args: &ReportArgs) -> Result<Exit> {
    keep_foreign_file(shell, &args.out, report::GENERATOR, args.force.force)?;
    let mut all = Vec::new();
    let mut exit = Exit::Done;
    for folder in &args.folders {
        match read(folder)? {
            Ok(results) => all.push(results),
            Err(problems) => {
                for problem in problems {
                    shell.error(&problem);
                }
                exit = Exit::Wrong;
            }
        }
    }
    if exit != Exit::Done {
        return Ok(exit);
    }
    let page = report::html(&all);
    if args.out == Path::new("-") {
        shell.print(&page)?;
    } else {
        write::write_file(&args.out, page.as_bytes())?;
        shell.say(&format!("the report is {}", args.out.display()));
    }
    Ok(Exit::Done)
}

/// The results in a folder, or what is wrong with it: one sentence a file.
fn read(folder: &Path) -> Result<std::result::Result<Results, Vec<String>>> {
    if !folder.is_dir() {
        let what = if folder.exists() {
            "is a file, not a results folder"
        } else {
            "no such folder"
        };
        return Ok(Err(vec![format!("{}: {what}", folder.display())]));
    }
    let mut failure = None;
    let mut file = |name: &str| match read_file(folder, name) {
        Ok(bytes) => bytes,
        Err(error) => {
            failure.get_or_insert(error);
            None
        }
    };
    let results = report::read(&mut file);
    if let Some(error) = failure {
        return Err(error);
    }
    Ok(results.map_err(|problems| {
        let place = |name: &str| folder.join(name).display().to_string();
        let sentences = problems.iter();
        sentences
            .map(|it| format!("{} {}", place(&it.file), it.what))
            .collect()
    }))
}

/// A file of the folder; `None` when it is not there. A name that leads elsewhere is not.
fn read_file(folder: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    if name.contains(['/', '\\', '\0']) || name.starts_with('.') {
        return Ok(None);
    }
    let path = folder.join(name);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("cannot open `{}`", path.display()))?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Some(bytes))
}
