//! `spsim import`, as typed.

use crate::input::Offset;
use crate::input::access_log::{Declared, DeclaredFormat};
use crate::input::duration_unit::DurationUnit;
use crate::input::import::{GroupBy, SpeedUp, Thin};
use crate::input::json_lines::Fields;
use crate::input::request_csv::{Mapping, TimeFormat};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `spsim import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The log's format, with its own flags.
    #[command(subcommand)]
    pub format: ImportFormat,
}

/// The format of a log.
#[derive(Debug, Subcommand)]
pub enum ImportFormat {
    /// IIS, W3C extended format
    Iis(ImportLogArgs),
    /// Apache: any `LogFormat`, the usual ones recognised
    Apache(AccessLogArgs),
    /// nginx: any `log_format`, the usual ones recognised
    Nginx(AccessLogArgs),
    /// AWS application load balancer
    Alb(AccessLogArgs),
    /// AWS classic load balancer
    Elb(AccessLogArgs),
    /// AWS CloudFront's standard log
    Cloudfront(ImportLogArgs),
    /// Azure App Service: its web server log or a CSV of `AppServiceHTTPLogs`
    AppService(ImportLogArgs),
    /// One JSON object a line: nginx, Caddy, Serilog, ASP.NET Core known, others by --fields
    JsonLines(JsonLinesArgs),
    /// k6: `--out csv` or `--out json`
    K6(ImportFileArgs),
    /// JMeter: a JTL as CSV
    Jmeter(ImportFileArgs),
    /// Locust: one row a request, as an `events.request` listener writes them
    Locust(ImportFileArgs),
    /// hey: `-o csv`
    Hey(ImportFileArgs),
    /// HAR of a browser or a proxy
    Har(HarArgs),
    /// Any CSV with a header
    Csv(Box<CsvArgs>),
}

/// A log and what to make of it.
#[derive(Debug, Args)]
pub struct ImportLogArgs {
    /// The log, gzipped or not, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What becomes the connection group of a request
    #[arg(long, value_enum, default_value_t = Group::Client, value_name = "WHAT")]
    pub group: Group,
    /// What every format understands.
    #[command(flatten)]
    pub trace: EveryImportArgs,
}

/// What becomes the connection group of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Group {
    /// The client's address
    Client,
    /// The first address of X-Forwarded-For, where a proxy or balancer is between
    Forwarded,
    /// The authenticated user
    User,
    /// The path of the URL
    Url,
    /// Nothing
    None,
}

impl From<Group> for GroupBy {
    fn from(group: Group) -> GroupBy {
        match group {
            Group::Client => GroupBy::Client,
            Group::Forwarded => GroupBy::Forwarded,
            Group::User => GroupBy::User,
            Group::Url => GroupBy::Url,
            Group::None => GroupBy::None,
        }
    }
}

/// What every format understands.
#[derive(Debug, Args)]
pub struct EveryImportArgs {
    /// Divide arrival times by this; durations stay as they are
    #[arg(long, value_name = "N", value_parser = SpeedUp::parse)]
    pub speed_up: Option<SpeedUp>,
    /// Keep each request with this probability, drawn from `--seed`
    #[arg(long, value_name = "P", value_parser = Thin::parse)]
    pub thin: Option<Thin>,
    /// The number from which `--thin` draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The offset from UTC of times that have none, as in `+02:00`
    #[arg(
        long,
        value_name = "OFFSET",
        value_parser = Offset::parse,
        default_value = "Z",
        allow_hyphen_values = true
    )]
    pub time_zone: Offset,
}

/// `spsim import apache` and `nginx`.
#[derive(Debug, Args)]
pub struct AccessLogArgs {
    /// The log, gzipped or not, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What becomes the connection group of a request
    #[arg(long, value_enum, default_value_t = Group::Client, value_name = "WHAT")]
    pub group: Group,
    /// The format of its lines: the server's own `LogFormat` or `log_format`, or a name such as
    /// combined-D or nginx-timed (default: the one known format that fits, and reported)
    #[arg(long, value_name = "FORMAT", value_parser = DeclaredFormat::parse)]
    pub log_format: Option<DeclaredFormat>,
    /// The unit of a whole request time at the end of the line (default: it is not used)
    #[arg(long, value_enum, value_name = "UNIT")]
    pub duration_unit: Option<Unit>,
    /// What every format understands.
    #[command(flatten)]
    pub trace: EveryImportArgs,
}

impl AccessLogArgs {
    /// What is said of the log.
    pub fn declared(&self) -> Declared {
        Declared {
            format: self.log_format.clone(),
            unit: self.duration_unit.map(Into::into),
            group: self.group.into(),
            zone: self.trace.time_zone,
        }
    }
}

/// `spsim import har`.
#[derive(Debug, Args)]
pub struct HarArgs {
    /// The HAR, gzipped or not, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What becomes the connection group of a request; a HAR is of one client
    #[arg(long, value_enum, default_value_t = HarGroup::None, value_name = "WHAT")]
    pub group: HarGroup,
    /// The requests to this host alone (default: all, and the hosts are listed)
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// What every format understands.
    #[command(flatten)]
    pub trace: EveryImportArgs,
}

/// A file that needs no more to be said.
#[derive(Debug, Args)]
pub struct ImportFileArgs {
    /// The file, gzipped or not, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What every format understands.
    #[command(flatten)]
    pub trace: EveryImportArgs,
}

/// `spsim import json-lines`.
#[derive(Debug, Args)]
pub struct JsonLinesArgs {
    /// The log, gzipped or not, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which field is what: `time=ts,duration=duration:s,group=request.remote_ip`
    #[arg(long, value_name = "FIELDS", value_parser = Fields::parse)]
    pub fields: Option<Fields>,
    /// What every format understands.
    #[command(flatten)]
    pub trace: EveryImportArgs,
}

/// What a HAR can group by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum HarGroup {
    /// The path of the URL
    Url,
    /// Nothing
    None,
}

/// `spsim import csv`.
#[derive(Debug, Args)]
pub struct CsvArgs {
    /// The CSV with a header, gzipped or not, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The column of times (default: one called `time`, `timestamp` or the like)
    #[arg(long, value_name = "NAME")]
    pub time_column: Option<String>,
    /// The column of connection groups (default: `group`)
    #[arg(long, value_name = "NAME")]
    pub group_column: Option<String>,
    /// The column of durations (default: one called `duration`, `elapsed` or the like)
    #[arg(long, value_name = "NAME")]
    pub duration_column: Option<String>,
    /// The column that says whether the connection is kept (default: `keep_alive`)
    #[arg(long, value_name = "NAME")]
    pub keep_alive_column: Option<String>,
    /// How times are written (default: by the first one, and reported)
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub time_format: Option<Times>,
    /// The unit of durations (default: by the column's name, and reported)
    #[arg(long, value_enum, value_name = "UNIT")]
    pub duration_unit: Option<Unit>,
    /// What is between two fields (default: what the header has most of , ; | and tab)
    #[arg(long, value_name = "CHAR", value_parser = parse_delimiter)]
    pub delimiter: Option<u8>,
    /// What every format understands.
    #[command(flatten)]
    pub trace: EveryImportArgs,
}

impl CsvArgs {
    /// Which column is what.
    pub fn mapping(&self) -> Mapping {
        Mapping {
            kind: None,
            time: self.time_column.clone(),
            group: self.group_column.clone(),
            duration: self.duration_column.clone(),
            keep_alive: self.keep_alive_column.clone(),
            time_format: self.time_format.map(|it| match it {
                Times::Seconds | Times::Epoch => TimeFormat::Seconds,
                Times::EpochMs => TimeFormat::Milliseconds,
                Times::EpochUs => TimeFormat::Microseconds,
                Times::EpochNs => TimeFormat::Nanoseconds,
                Times::Date => TimeFormat::Date,
                Times::Iso => TimeFormat::Iso,
            }),
            duration_unit: self.duration_unit.map(Into::into),
            delimiter: self.delimiter,
            zone: self.trace.time_zone,
        }
    }
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Times {
    /// Seconds from any beginning
    Seconds,
    /// Seconds since 1970
    Epoch,
    /// Milliseconds since 1970
    EpochMs,
    /// Microseconds since 1970
    EpochUs,
    /// Nanoseconds since 1970
    EpochNs,
    /// ISO 8601
    Iso,
    /// A date and a time as people write them
    Date,
}

/// A unit of durations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Unit {
    /// Seconds
    #[value(alias = "seconds")]
    S,
    /// Milliseconds
    #[value(alias = "milliseconds")]
    Ms,
    /// Microseconds
    #[value(alias = "microseconds")]
    Us,
}

impl From<Unit> for DurationUnit {
    fn from(unit: Unit) -> DurationUnit {
        match unit {
            Unit::S => DurationUnit::Seconds,
            Unit::Ms => DurationUnit::Milliseconds,
            Unit::Us => DurationUnit::Microseconds,
        }
    }
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_punctuation() || *byte == b'\t' => Ok(*byte),
        _ => Err("one character is expected, or `tab`".into()),
    }
}
