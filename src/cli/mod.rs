//! The command: arguments in, files and text out.
//!
//! Lives here: everything that touches the terminal, threads and the file system on the way
//! out. Does not live here: what a scenario means, what a run does, what a result looks like.
//!
//! stdout carries results, stderr everything else.

use crate::words::plain;
use anyhow::Result;
use clap::FromArgMatches;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

pub mod args;
pub mod calibrate;
pub mod calibrate_args;
pub mod check;
pub mod claim;
pub mod command_line;
pub mod completions;
pub mod conform;
pub mod diagnose;
pub mod diagnose_args;
mod examples;
pub mod exit;
pub mod gallery;
pub mod import;
pub mod import_args;
pub mod inspect;
pub mod interrupt;
pub mod journal;
mod keys;
pub mod lab;
pub mod labels;
pub mod list;
mod listing;
pub mod load;
pub mod look_args;
pub mod manual;
pub mod new;
pub mod plan;
mod profile_values;
pub mod progress;
pub mod render;
pub mod replicate;
pub mod report;
pub mod run;
mod run_args;
pub mod schema;
mod series;
#[cfg(feature = "watch")]
pub mod sockets;
pub mod sweep;
pub mod trace;
mod typed;
pub mod verify;
#[cfg(feature = "watch")]
pub mod watch;
#[cfg(feature = "watch")]
pub mod watch_args;
pub mod write;

use command_line::{Cli, Command};
use exit::{Exit, Refused};
use render::Shell;

/// Reads the command line, does what it says, and says how that ended.
pub fn main() -> ExitCode {
    let read = match completions::answer() {
        Ok(true) => return ExitCode::from(Exit::Done.code()),
        Ok(false) => read(wild::args_os()),
        Err(error) => Err(error),
    };
    let cli = match read {
        Ok(cli) => cli,
        // Help and version are results; everything else is wrong usage.
        Err(error) => {
            if error.use_stderr() {
                // It repeats what was typed, and that may be anything.
                let text = error.render().to_string();
                render::talk(plain::harmless(&text).trim_end());
                return ExitCode::from(Exit::Usage.code());
            }
            // Nobody can be told if this fails.
            let _ = error.print();
            return ExitCode::from(Exit::Done.code());
        }
    };
    let shell = Shell::new(&cli.common);
    let ended = interrupt::install().and_then(|()| dispatch(&shell, &cli.command));
    match ended.or_else(|error| error.downcast().map(|Refused(exit)| exit)) {
        Ok(Exit::Interrupted) => ExitCode::from(interrupt::exit_code()),
        Ok(exit) => ExitCode::from(exit.code()),
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            shell.error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The command line; a run is told its flags, for how to make its results again.
fn read(line: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = examples::command();
    let matches = command.try_get_matches_from_mut(line)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    if let Command::Run(args) = &mut cli.command {
        args.typed = typed::flags(&command, &matches);
    }
    Ok(cli)
}

fn dispatch(shell: &Shell, command: &Command) -> Result<Exit> {
    match command {
        Command::Run(args) => run::run(shell, args),
        Command::Report(args) => report::report(shell, args),
        Command::Lab(args) => lab::lab(shell, args),
        Command::Gallery(args) => gallery::gallery(shell, args),
        Command::Check(args) => check::check(shell, args),
        Command::Sweep(args) => sweep::sweep(shell, args),
        Command::Plan(args) => plan::plan(shell, args),
        Command::Inspect(args) => inspect::inspect(shell, args),
        Command::Trace(args) => trace::trace(shell, args),
        Command::Conform(args) => conform::conform(shell, args),
        Command::List(args) => list::list(shell, args),
        Command::New(args) => new::new(shell, args),
        Command::Schema { of } => schema::print(shell, *of),
        Command::Completions(args) => completions::completions(shell, args),
        Command::Man(args) => manual::man(shell, args),
        Command::Import(args) => import::import(shell, args),
        Command::Diagnose(args) => diagnose::diagnose(shell, args),
        #[cfg(feature = "watch")]
        Command::Watch(args) => watch::watch(shell, args),
        Command::Verify(args) => verify::verify(shell, args),
        Command::Calibrate(args) => calibrate::calibrate(shell, args),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    // What Windows says where the other end has gone before the first byte.
    const NOT_CONNECTED: i32 = 233;
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        error.kind() == io::ErrorKind::BrokenPipe
            || cfg!(windows) && error.raw_os_error() == Some(NOT_CONNECTED)
    })
}
