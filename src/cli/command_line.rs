//! The command line as a whole: every command with what it takes, as typed.

use super::args::{
    CheckArgs, CommonArgs, CompletionsArgs, ConformArgs, ListArgs, ManArgs, SchemaOf, VerifyArgs,
};
use super::calibrate_args::CalibrateArgs;
use super::diagnose_args::DiagnoseArgs;
use super::gallery::GalleryArgs;
use super::import_args::ImportArgs;
use super::inspect::InspectArgs;
use super::lab::LabArgs;
use super::new::NewArgs;
use super::plan::PlanArgs;
use super::report::ReportArgs;
use super::run_args::RunArgs;
use super::sweep::SweepArgs;
use super::trace::TraceArgs;
#[cfg(feature = "watch")]
use super::watch_args::WatchArgs;
use clap::{Parser, Subcommand};

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
Exit codes: 0 done, 1 failed while running, 2 usage, 3 the scenario or input is wrong,
4 a --fail-if or verify check did not hold (conform: 1), 130 interrupted (by SIGTERM 143, by
SIGHUP 129).";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate scenarios under each of their strategies and compare the outcomes
    Run(Box<RunArgs>),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
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
