//! The job that runs a sweep in parts, printed.

use super::args::{Scheduler, ShardChoice};
use super::config_files::ConfigFiles;
use super::{Prepared, SweepArgs, emit, folder};
use crate::cli::exit::Exit;
use crate::cli::render::Shell;
use crate::words::plain;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Prints the job that runs the sweep in parts.
pub(super) fn print(
    shell: &Shell,
    args: &SweepArgs,
    scheduler: Scheduler,
    prepared: &Prepared,
) -> Result<Exit> {
    let usage = |problem: &str| Err(shell.usage(problem));
    if args.scenario.as_deref() == Some("-") {
        return usage("a job cannot read its scenario from stdin: save it to a file");
    }
    if matches!(args.shard, Some(ShardChoice::Given(_))) {
        return usage("--emit prints a job for all parts: write `--shard auto/N`");
    }
    let Some(out) = folder(args, &prepared.identity.scenario) else {
        return usage("a job writes its parts somewhere: give --out");
    };
    let program = std::env::current_exe().context("cannot find the program's own path")?;
    let program = if is_on_path(&program) {
        "spsim".into()
    } else {
        program.to_string_lossy().into_owned()
    };
    let source = &prepared.work.source;
    let files = match scheduler {
        Scheduler::Kubernetes => ConfigFiles::gather(source.files(), &prepared.files, &source.text),
        // The others run where the files are.
        Scheduler::Slurm | Scheduler::Parallel => Ok(ConfigFiles::default()),
    };
    let files = files.map_err(|problem| shell.wrong(&problem))?;
    let words = [
        &*out.to_string_lossy(),
        &program,
        &prepared.identity.scenario,
    ]
    .map(str::to_owned);
    let typed = std::env::args().skip(1);
    if let Some(word) = words
        .into_iter()
        .chain(typed)
        .find(|it| it.contains(plain::is_invisible))
    {
        let shown = plain::line(&word);
        return usage(&format!(
            "a job cannot hold the control characters of `{shown}`"
        ));
    }
    let job = emit::Job {
        args,
        name: &prepared.identity.scenario,
        text: &source.text,
        files: &files,
        points: prepared.identity.points,
        parts: args.shard.map_or(emit::PARTS, ShardChoice::of),
        program: &program,
        out: &out,
    };
    shell.print(&emit::job(scheduler, &job))?;
    Ok(Exit::Done)
}

/// Whether `spsim` typed in a shell is this program.
fn is_on_path(program: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("spsim{}", std::env::consts::EXE_SUFFIX);
    let first = std::env::split_paths(&path)
        .map(|folder| folder.join(&name))
        .find(|found| found.is_file());
    let same = |found: PathBuf| found.canonicalize().ok() == program.canonicalize().ok();
    first.is_some_and(same)
}
