//! `spsim import`: a server's log to a trace on stdout.

use super::Exit;
use super::args::{ImportArgs, ImportFormat, ImportLogArgs};
use super::render::Shell;
use crate::input::iis::IisLog;
use crate::input::import::{self, LogFormat, SpeedUp};
use crate::input::{inflate, open_stream};
use anyhow::{Context, Result};
use std::io::{self, BufWriter, ErrorKind, Read};

/// Imports one log. The trace appears only when the whole log was read.
///
/// # Errors
/// The log exists and cannot be read, or stdout cannot be written.
pub fn import(shell: &Shell, args: &ImportArgs) -> Result<Exit> {
    match &args.format {
        ImportFormat::Iis(log) => import_log(shell, log, &mut IisLog::new(log.group.into())),
    }
}

fn import_log(shell: &Shell, args: &ImportLogArgs, format: &mut dyn LogFormat) -> Result<Exit> {
    let name = match args.file.to_str() {
        Some("-") => "stdin".into(),
        _ => args.file.display().to_string(),
    };
    let input = match open(args) {
        Ok(input) => input,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(error).with_context(|| format!("cannot read `{name}`"));
        }
        Err(error) => {
            shell.error(&format!("{name}: {}", crate::input::describe(&error)));
            return Ok(Exit::Wrong);
        }
    };
    let speed_up = args.speed_up.unwrap_or(SpeedUp::NONE);
    let read = import::read(input, format)
        .and_then(|imported| imported.check_span(speed_up).map(|()| imported));
    let imported = match read {
        Ok(imported) => imported,
        Err(problems) => {
            shell.error(&format!("{name} {}", problems.join("\n  ")));
            return Ok(Exit::Wrong);
        }
    };
    // Skipped lines are told even to those who want to hear nothing else.
    if !shell.quiet || imported.skipped() > 0 {
        shell.insist(&imported.summary(&name, speed_up));
    }
    imported.write(speed_up, &mut BufWriter::new(io::stdout().lock()))?;
    Ok(Exit::Done)
}

fn open(args: &ImportLogArgs) -> io::Result<Box<dyn Read>> {
    if args.file.as_os_str() == "-" {
        return inflate(io::stdin());
    }
    open_stream(&args.file)
}
