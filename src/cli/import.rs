//! `spsim import`: a real record to a trace on stdout.

use super::diagnose::open;
use super::exit::Exit;
use super::import_args::{
    AccessLogArgs, CsvArgs, EveryImportArgs, HarArgs, HarGroup, ImportArgs, ImportFileArgs,
    ImportFormat, ImportLogArgs, JsonLinesArgs,
};
use super::render::{self, Shell};
use crate::input::access_log::{AccessLog, Server};
use crate::input::import::{self, Import, LogFormat, SpeedUp};
use crate::input::json_lines::JsonLines;
use crate::input::request_csv::{self, Known, Mapping};
use crate::input::w3c::W3cLog;
use crate::input::{describe, har};
use anyhow::Result;
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::path::Path;

/// Imports one record. The trace appears only when the whole of it was read.
///
/// # Errors
/// The record exists and cannot be read, or stdout cannot be written.
pub fn import(shell: &Shell, args: &ImportArgs) -> Result<Exit> {
    match &args.format {
        ImportFormat::Iis(log) | ImportFormat::Cloudfront(log) => w3c(shell, log),
        ImportFormat::Apache(log) => access_log(shell, log, Server::Apache),
        ImportFormat::Nginx(log) => access_log(shell, log, Server::Nginx),
        ImportFormat::Alb(log) => access_log(shell, log, Server::Alb),
        ImportFormat::Elb(log) => access_log(shell, log, Server::Elb),
        ImportFormat::AppService(log) => import_app_service(shell, log),
        ImportFormat::JsonLines(args) => import_json_lines(shell, args),
        ImportFormat::K6(file) => import_k6(shell, file),
        ImportFormat::Jmeter(file) => import_file(shell, file, request_csv::JMETER),
        ImportFormat::Locust(file) => import_file(shell, file, request_csv::LOCUST),
        ImportFormat::Hey(file) => import_file(shell, file, request_csv::HEY),
        ImportFormat::Har(args) => import_har(shell, args),
        ImportFormat::Csv(args) => import_csv(shell, args),
    }
}

fn w3c(shell: &Shell, args: &ImportLogArgs) -> Result<Exit> {
    let mut log = W3cLog::new(args.group.into(), args.trace.time_zone);
    write_trace(shell, &args.file, &args.trace, |input| {
        import::read(input, &mut log)
    })
}

fn access_log(shell: &Shell, args: &AccessLogArgs, server: Server) -> Result<Exit> {
    let mut log = AccessLog::new(server, args.declared());
    write_trace(shell, &args.file, &args.trace, |input| {
        import::read(input, &mut log)
    })
}

fn import_har(shell: &Shell, args: &HarArgs) -> Result<Exit> {
    let wanted = har::Wanted {
        host: args.host.clone(),
        by_url: args.group == HarGroup::Url,
        zone: args.trace.time_zone,
    };
    write_trace(shell, &args.file, &args.trace, |input| {
        har::read(input, &wanted)
    })
}

/// A file of one known program: its columns and units are that program's.
fn import_known(
    shell: &Shell,
    (path, args): (&Path, &EveryImportArgs),
    kind: &'static Known,
    other: impl FnOnce(&[u8]) -> Option<Box<dyn LogFormat>>,
) -> Result<Exit> {
    write_trace(shell, path, args, |input| {
        let mut input = BufReader::new(input);
        let start = input.fill_buf().map_err(|error| vec![describe(&error)])?;
        if let Some(mut log) = other(start) {
            return import::read(Box::new(input), log.as_mut());
        }
        let mapping = Mapping {
            kind: Some(kind),
            zone: args.time_zone,
            ..Mapping::default()
        };
        request_csv::read(Box::new(input), &mapping)
    })
}

/// A file of a program that writes nothing but its CSV.
fn import_file(shell: &Shell, file: &ImportFileArgs, kind: &'static Known) -> Result<Exit> {
    import_known(shell, (&file.file, &file.trace), kind, |_| None)
}

/// k6 writes CSV or JSON lines.
fn import_k6(shell: &Shell, file: &ImportFileArgs) -> Result<Exit> {
    let zone = file.trace.time_zone;
    import_known(shell, (&file.file, &file.trace), request_csv::K6, |start| {
        let is_json = start.trim_ascii_start().starts_with(b"{");
        is_json.then(|| Box::new(JsonLines::new(None, zone)) as _)
    })
}

/// App Service keeps its log as W3C text or as a CSV.
fn import_app_service(shell: &Shell, args: &ImportLogArgs) -> Result<Exit> {
    let of = (args.file.as_path(), &args.trace);
    import_known(shell, of, request_csv::APP_SERVICE, |start| {
        let is_text = start.contains(&b' ') && !start.contains(&b',');
        let is_w3c = is_text || start.trim_ascii_start().starts_with(b"#");
        let log = || W3cLog::new(args.group.into(), args.trace.time_zone);
        is_w3c.then(|| Box::new(log()) as _)
    })
}

fn import_json_lines(shell: &Shell, args: &JsonLinesArgs) -> Result<Exit> {
    let zone = args.trace.time_zone;
    write_trace(shell, &args.file, &args.trace, |input| {
        import::read(input, &mut JsonLines::new(args.fields.clone(), zone))
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
    // What tells a format apart is looked for in text, whatever its encoding.
    let (name, input) = open(shell, path)?;
    let speed_up = args.speed_up.unwrap_or(SpeedUp::NONE);
    let thinned = |mut imported: Import| {
        if let Some(thin) = args.thin {
            imported.thin(thin, args.seed)?;
        }
        imported.check_span(speed_up).map(|()| imported)
    };
    let imported = read(input).and_then(thinned);
    let wrong = |problems: Vec<String>| shell.wrong(&format!("{name} {}", problems.join("\n  ")));
    let imported = imported.map_err(wrong)?;
    // Skipped lines are told even to those who want to hear nothing else.
    if !shell.quiet || imported.skipped() > 0 {
        Shell::insist(&imported.summary(&name, speed_up));
    }
    imported.write(speed_up, &mut BufWriter::new(render::stdout()))?;
    Ok(Exit::Done)
}
