//! `spsim import`: a real record to a trace on stdout.

use super::Exit;
use super::args::{ImportArgs, ImportFormat};
use super::import_args::{AccessLogArgs, CsvArgs, EveryImportArgs, HarArgs, HarGroup};
use super::render::Shell;
use crate::input::access_log::{AccessLog, Server};
use crate::input::iis::IisLog;
use crate::input::import::{self, GroupBy, Import, SpeedUp};
use crate::input::{har, inflate, open_stream, request_csv};
use anyhow::{Context, Result};
use std::io::{self, BufWriter, ErrorKind, Read};
use std::path::Path;

/// Imports one record. The trace appears only when the whole of it was read.
///
/// # Errors
/// The record exists and cannot be read, or stdout cannot be written.
pub fn import(shell: &Shell, args: &ImportArgs) -> Result<Exit> {
    match &args.format {
        ImportFormat::Iis(log) => write_trace(shell, &log.file, &log.trace, |input| {
            import::read(
                input,
                &mut IisLog::new(log.group.into(), log.trace.time_zone),
            )
        }),
        ImportFormat::Apache(log) => access_log(shell, log, Server::Apache),
        ImportFormat::Nginx(log) => access_log(shell, log, Server::Nginx),
        ImportFormat::Har(args) => import_har(shell, args),
        ImportFormat::Csv(args) => import_csv(shell, args),
    }
}

fn access_log(shell: &Shell, args: &AccessLogArgs, server: Server) -> Result<Exit> {
    let unit = args.duration_unit.map(Into::into);
    let mut log = AccessLog::new(server, args.group.into(), unit, args.trace.time_zone);
    write_trace(shell, &args.file, &args.trace, |input| {
        import::read(input, &mut log)
    })
}

fn import_har(shell: &Shell, args: &HarArgs) -> Result<Exit> {
    let group = match args.group {
        HarGroup::Url => GroupBy::Url,
        HarGroup::None => GroupBy::None,
    };
    let zone = args.trace.time_zone;
    write_trace(shell, &args.file, &args.trace, |input| {
        har::read(input, group, zone)
    })
}

fn import_csv(shell: &Shell, args: &CsvArgs) -> Result<Exit> {
    let mapping = args.mapping();
    write_trace(shell, &args.file, &args.trace, |input| {
        request_csv::read(input, &mapping)
    })
}

/// Reads the record at `path` by `read` and writes its trace.
fn write_trace(
    shell: &Shell,
    path: &Path,
    args: &EveryImportArgs,
    read: impl FnOnce(Box<dyn Read>) -> Result<Import, Vec<String>>,
) -> Result<Exit> {
    let name = match path.to_str() {
        Some("-") => "stdin".into(),
        _ => path.display().to_string(),
    };
    let input = match open(path) {
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
    let thinned = |mut imported: Import| {
        if let Some(thin) = args.thin {
            imported.thin(thin, args.seed)?;
        }
        imported.check_span(speed_up).map(|()| imported)
    };
    let imported = match read(input).and_then(thinned) {
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

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return inflate(io::stdin());
    }
    open_stream(path)
}
