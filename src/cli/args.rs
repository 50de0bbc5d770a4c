//! The command line as typed: clap structs as close to the flags as possible.
//!
//! Nothing is decided here; each command's file does that.

use super::diagnose_args::DiagnoseArgs;
use super::gallery::GalleryArgs;
use super::goal::Goal;
use super::import_args::{AccessLogArgs, CsvArgs, EveryImportArgs, HarArgs};
use super::inspect::InspectArgs;
use super::look_args::LookArgs;
use super::manual::{CompletionsArgs, ManArgs};
use super::new::NewArgs;
use super::report::ReportArgs;
use super::trace::TraceArgs;
use crate::input::import::GroupBy;
use crate::output::PictureFormats;
use crate::scenario::Override;
use crate::units::{SimSpan, SimTime};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// When does a .NET client run out of local ports, why, and which change prevents it?
#[derive(Debug, Parser)]
#[command(name = "spsim", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    /// Flags that every command understands.
    #[command(flatten)]
    pub common: CommonArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Start with: spsim run kb2551125

Exit codes: 0 done, 1 failed while running, 2 usage, 3 the scenario or input is wrong,
4 a --fail-if check did not hold (conform: 1), 130 interrupted.";

/// Flags that every command understands.
#[derive(Debug, Args)]
pub struct CommonArgs {
    /// When to use colour; `auto` honours `NO_COLOR`
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = ColorChoice::Auto,
        value_name = "WHEN"
    )]
    pub color: ColorChoice,
    /// Say nothing but errors, and print no table
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate scenarios under each of their strategies and compare the outcomes
    Run(RunArgs),
    /// Make one self-contained HTML page from results folders
    Report(ReportArgs),
    /// Draw what the numbers of built-in scenarios depend on: load, idle time, limit, pauses
    Gallery(GalleryArgs),
    /// Validate scenarios without running them
    Check(CheckArgs),
    /// Show what is built in, each with its source
    List(ListArgs),
    /// Show the world at one instant: ServicePoints, groups, connections, ports
    Inspect(InspectArgs),
    /// Print every event of a run, or a request's or connection's whole life
    Trace(TraceArgs),
    /// Replay recorded traces of a real implementation against the model
    Conform(ConformArgs),
    /// Turn a server's log into a trace on stdout
    Import(ImportArgs),
    /// Write a starter scenario
    New(NewArgs),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print a manual page, or write all of them
    Man(ManArgs),
    /// Say what snapshots of `ss` or `netstat` show: leak, churn, bounded, burst or CLOSE_WAIT
    Diagnose(DiagnoseArgs),
}

/// Which scenarios, and what is different from how they are written.
#[derive(Debug, Args)]
pub struct ScenarioArgs {
    /// A scenario file, the name of a built-in scenario (see `spsim list`), or - for stdin
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// The number from which all random draws derive
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many independent runs to make of each strategy
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub replications: Option<u32>,
    /// Only this strategy; may be repeated
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    /// Change any key of the scenario, as in `machine.ports=16384`; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_override)]
    pub set: Vec<Override>,
}

impl ScenarioArgs {
    /// Every change to the scenario's keys, the flags with a name of their own last.
    pub fn overrides(&self) -> Vec<Override> {
        let own = |key: &str, value: Option<String>| {
            value.map(|value| Override {
                key: key.into(),
                value,
            })
        };
        let mut all = self.set.clone();
        all.extend(own("seed", self.seed.map(|it| it.to_string())));
        all.extend(own(
            "replications",
            self.replications.map(|it| it.to_string()),
        ));
        all
    }
}

/// `spsim run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What to run.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Where results go: this folder (with several scenarios, a folder in it for each), or
    /// `none` to write nothing (default: `output/<scenario>`)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Which picture formats to write
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "svg,png",
        value_name = "LIST"
    )]
    pub format: Vec<Picture>,
    /// How pictures look.
    #[command(flatten)]
    pub look: LookArgs,
    /// Also write port-map.json, what every single port is doing over time, for `spsim report`
    #[arg(long)]
    pub port_map: bool,
    /// Print summary.json instead of the table
    #[arg(long)]
    pub json: bool,
    /// How many threads to use; results do not depend on it (default: one per core)
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Exit with 4 when this is true of any strategy, as in `ports_peak_share >= 0.8`;
    /// several conditions are joined by `and`
    #[arg(long, value_name = "EXPR", value_parser = Goal::parse)]
    pub fail_if: Option<Goal>,
}

/// A picture format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Picture {
    /// Vector pictures.
    Svg,
    /// Pixel pictures.
    Png,
}

impl RunArgs {
    /// The picture formats asked for.
    pub fn pictures(&self) -> PictureFormats {
        PictureFormats {
            svg: self.format.contains(&Picture::Svg),
            png: self.format.contains(&Picture::Png),
        }
    }
}

/// `spsim check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What to check.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Print the resolved scenario, every default filled in with its source
    #[arg(long)]
    pub show: bool,
}

/// `spsim conform`.
#[derive(Debug, Args)]
pub struct ConformArgs {
    /// Recorded traces, one JSON object a line, gzipped or not; - for stdin
    #[arg(required = true, value_name = "TRACE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}

/// `spsim list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only this (default: everything)
    #[arg(value_enum)]
    pub topic: Option<Topic>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A kind of built-in thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Topic {
    /// Scenarios that run by name.
    Scenarios,
    /// .NET generations.
    Profiles,
    /// Port tables.
    Ports,
    /// How long servers keep idle connections.
    Servers,
    /// What a strategy can change.
    Strategies,
}

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
    /// Apache, common or combined format, with or without `%D`, `%T` at the end
    Apache(AccessLogArgs),
    /// nginx, combined format, with or without `$request_time` at the end
    Nginx(AccessLogArgs),
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
            Group::User => GroupBy::User,
            Group::Url => GroupBy::Url,
            Group::None => GroupBy::None,
        }
    }
}

/// Reads an instant: the time since the run began.
pub(super) fn parse_time(text: &str) -> Result<SimTime, String> {
    parse_span(text).map(|span| SimTime::ZERO + span)
}

/// Reads a span of simulated time.
pub(super) fn parse_span(text: &str) -> Result<SimSpan, String> {
    SimSpan::parse(text).map_err(|error| format!("{error}; write a time such as `30s`"))
}

fn parse_override(text: &str) -> Result<Override, String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("KEY=VALUE is expected, as in `machine.ports=16384`")?;
    let key = key.trim();
    if key.is_empty() {
        return Err("a key is expected before `=`".into());
    }
    Ok(Override {
        key: key.into(),
        value: value.trim().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn times_need_a_unit() {
        assert_eq!(
            parse_time("5"),
            Err("a time needs a unit; write a time such as `30s`".into())
        );
    }

    #[test]
    fn named_flags_come_after_set() {
        let line = ["spsim", "run", "a", "--seed", "7", "--set", "seed=1"];
        let Command::Run(args) = Cli::parse_from(line).command else {
            panic!("it is a run");
        };
        let keys: Vec<_> = args
            .scenario
            .overrides()
            .into_iter()
            .map(|it| it.value)
            .collect();
        assert_eq!(keys, ["1", "7"]);
    }
}
