//! The command line as typed: clap structs as close to the flags as possible.
//!
//! Nothing is decided here; each command's file does that.

use super::calibrate_args::CalibrateArgs;
use super::diagnose_args::DiagnoseArgs;
use super::gallery::GalleryArgs;
use super::import_args::{
    AccessLogArgs, CsvArgs, EveryImportArgs, HarArgs, ImportFileArgs, JsonLinesArgs,
};
use super::inspect::InspectArgs;
use super::lab::LabArgs;
use super::look_args::LookArgs;
use super::manual::{CompletionsArgs, ManArgs};
use super::new::NewArgs;
use super::plan::PlanArgs;
use super::report::ReportArgs;
use super::sweep::SweepArgs;
use super::trace::TraceArgs;
#[cfg(feature = "watch")]
use super::watch_args::WatchArgs;
use crate::input::import::GroupBy;
use crate::output::PictureFormats;
use crate::scenario::Override;
use crate::study::Goal;
use crate::study::{METRICS, Metric};
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
4 a --fail-if or verify check did not hold (conform: 1), 130 interrupted (by SIGTERM 143, by
SIGHUP 129).";

/// Flags that every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Every command")]
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
    /// Write the lab: one HTML page in which lessons are run by the same engine
    Lab(LabArgs),
    /// Draw what the numbers of built-in scenarios depend on: load, idle time, limit, pauses
    Gallery(GalleryArgs),
    /// Validate scenarios without running them
    Check(CheckArgs),
    /// Show what is built in, each with its source
    List(ListArgs),
    /// Run a scenario at many points of its keys, on one machine or many
    Sweep(Box<SweepArgs>),
    /// Find the limit: up to where a goal holds along a key, and what to set
    Plan(Box<PlanArgs>),
    /// Show the world at one instant: ServicePoints, groups, connections, ports
    Inspect(InspectArgs),
    /// Print every event of a run, or a request's or connection's whole life
    Trace(TraceArgs),
    /// Replay recorded traces of a real implementation against the model
    Conform(ConformArgs),
    /// Turn a server's log into a trace on stdout
    Import(ImportArgs),
    /// Write a starter scenario, or the words of pictures to translate
    New(NewArgs),
    /// Print the JSON Schema of scenario files, for editors, or of `summary.json`, for programs
    Schema {
        /// Of which file.
        #[arg(value_enum, default_value = "scenario")]
        of: SchemaOf,
    },
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print a manual page, or write all of them
    Man(ManArgs),
    /// Say what snapshots of `ss` or `netstat` show: leak, churn, bounded, burst or CLOSE_WAIT
    Diagnose(DiagnoseArgs),
    /// Watch the ports of this machine: what they do, and when none is free
    #[cfg(feature = "watch")]
    Watch(Box<WatchArgs>),
    /// Check the model against queueing theory: Erlang, M/M/c, M/G/∞, Little, exhaustion times
    Verify(VerifyArgs),
    /// Fit rate, response time and holds of a scenario to an observed curve
    Calibrate(Box<CalibrateArgs>),
}

/// Which scenarios, and what is different from how they are written.
#[derive(Clone, Debug, Args)]
pub struct ScenarioArgs {
    /// A scenario file, the name of a built-in scenario (see `spsim list`), or - for stdin
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// What is different.
    #[command(flatten)]
    pub changes: ChangeArgs,
}

/// What is different from how a scenario is written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Changes to the scenario")]
pub struct ChangeArgs {
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

impl ChangeArgs {
    /// Every change to the scenario's keys, the flags with a name of their own last.
    pub fn overrides(&self) -> Vec<Override> {
        let own = |flag: &'static str, value: Option<String>| {
            value.map(|value| Override {
                flag,
                key: flag.trim_start_matches('-').into(),
                value,
            })
        };
        let mut all = self.set.clone();
        all.extend(own("--seed", self.seed.map(|it| it.to_string())));
        let replications = self.replications.map(|it| it.to_string());
        all.extend(own("--replications", replications));
        all
    }
}

/// Whether files of others are no reason not to write.
#[derive(Clone, Copy, Debug, Args)]
pub struct ForceArgs {
    /// Write although a file of others is there: beside it in a folder, else in its place
    #[arg(long)]
    pub force: bool,
}

/// `spsim run`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct RunArgs {
    /// What to run.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Add replications, 30 or more, until the half-width of the 95% interval is this share of
    /// the value under every strategy, as in 0.02
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub precision: Option<f64>,
    /// The metric that --precision is about; any that --fail-if knows
    #[arg(long, value_name = "METRIC", default_value = "ports_mean", value_parser = parse_metric)]
    pub precision_of: MetricName,
    /// Where --precision gives up
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(30..)
    )]
    pub most_replications: u32,
    /// Ask for the long run: leave the warm-up of every run out
    #[arg(long)]
    pub steady: bool,
    /// How long a run warms up, as in 60s (default: found by MSER-5); asks for the long run
    #[arg(long, value_name = "TIME")]
    pub warm_up: Option<String>,
    /// Where results go: this folder (with several scenarios, a folder in it for each), or
    /// `none` to write nothing (default: `output/<scenario>`)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write into a folder although other files are in it; they stay
    #[arg(long)]
    pub force: bool,
    /// Which picture formats to write.
    #[command(flatten)]
    pub pictures: PictureArgs,
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
    /// several conditions are joined by `and` and `or`, and a number may end in `%` or a unit of
    /// time (repeatable)
    #[arg(long, value_name = "EXPR", value_parser = Goal::parse)]
    pub fail_if: Vec<Goal>,
}

/// A metric by its name.
#[derive(Clone, Copy, Debug)]
pub struct MetricName(pub &'static Metric);

fn parse_metric(name: &str) -> Result<MetricName, String> {
    let known = || {
        METRICS
            .iter()
            .map(|it| it.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let metric = Metric::find(name);
    metric
        .map(MetricName)
        .ok_or_else(|| format!("unknown metric; metrics are {}", known()))
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    share
        .filter(|share| *share > 0.0 && *share < 1.0)
        .ok_or_else(|| "a number above 0 and below 1 is expected, as in 0.02".into())
}

/// Which picture formats to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub struct PictureArgs {
    /// Which picture formats to write
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "svg,png",
        value_name = "LIST"
    )]
    pub format: Vec<Picture>,
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
    /// What to run, the flags of the long run among the changes.
    pub fn scenario_args(&self) -> ScenarioArgs {
        let mut scenario = self.scenario.clone();
        let mut set = |flag, key: &str, value: &str| {
            scenario.changes.set.push(Override {
                flag,
                key: key.into(),
                value: value.into(),
            });
        };
        if self.steady || self.warm_up.is_some() {
            set("--steady", "steady", "true");
        }
        if let Some(warm_up) = &self.warm_up {
            set("--warm-up", "warm-up", warm_up);
        }
        scenario
    }
}

impl Picture {
    /// The formats in a list of them.
    pub fn formats(all: &[Picture]) -> PictureFormats {
        PictureFormats {
            svg: all.contains(&Picture::Svg),
            png: all.contains(&Picture::Png),
        }
    }
}

impl PictureArgs {
    /// The picture formats asked for.
    pub fn formats(&self) -> PictureFormats {
        Picture::formats(&self.format)
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

/// `spsim verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Fewer runs, and no experiment at full size: a few seconds
    #[arg(long)]
    pub fast: bool,
    /// Measure instead how many of 100 intervals of each kind hold the true figure
    #[arg(long)]
    pub coverage: bool,
    /// The number from which all random draws derive
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Change a key of every scenario that is simulated, and nothing that is expected: shows what
    /// a wrong model looks like; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_override)]
    pub set: Vec<Override>,
    /// Print one JSON document instead of the table
    #[arg(long)]
    pub json: bool,
    /// How many threads to use; results do not depend on it (default: one per core)
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
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

/// A file that has a JSON Schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// `summary.json` of a run.
    Summary,
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
    /// Every key of a scenario: what it means, may hold and defaults to.
    Keys,
    /// What rules such as CG-6 say, and how sure each is.
    Rules,
    /// What the words for a run mean.
    Verdicts,
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

/// Reads an instant: the time since the run began.
pub(super) fn parse_time(text: &str) -> Result<SimTime, String> {
    parse_span(text).map(|span| SimTime::ZERO + span)
}

/// Reads a span of simulated time.
pub(super) fn parse_span(text: &str) -> Result<SimSpan, String> {
    SimSpan::parse(text).map_err(|error| format!("{error}; write a time such as `30s`"))
}

/// Reads `KEY=VALUE`.
pub(super) fn parse_override(text: &str) -> Result<Override, String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("KEY=VALUE is expected, as in `machine.ports=16384`")?;
    let key = key.trim();
    if key.is_empty() {
        return Err("a key is expected before `=`".into());
    }
    Ok(Override {
        flag: "--set",
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
            .changes
            .overrides()
            .into_iter()
            .map(|it| it.value)
            .collect();
        assert_eq!(keys, ["1", "7"]);
    }
}
