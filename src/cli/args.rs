//! What commands take in common, and those that take little, as typed.
//!
//! Nothing is decided here; each command's file does that.

use crate::output::PictureFormats;
use crate::scenario::Override;
use crate::study::threads::available;
use crate::units::{SimSpan, SimTime};
use clap::{Args, ValueEnum};
use clap_complete::Shell as ShellName;
use std::num::NonZeroUsize;
use std::path::PathBuf;

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
                typed_as: flag,
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
        typed_as: "--set",
        key: key.into(),
        value: value.trim().into(),
    })
}

/// `spsim completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_AFTER_HELP)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: ShellName,
}

const COMPLETIONS_AFTER_HELP: &str = "\
The shell then asks spsim itself: for scenarios, the keys of the one on the line, its strategies,
metrics and folders of results. What to write where:
  bash, ~/.bashrc
      source <(spsim completions bash)
  zsh, ~/.zshrc, after compinit
      source <(spsim completions zsh)
  fish, ~/.config/fish/completions/spsim.fish
      spsim completions fish | source
  PowerShell, $PROFILE
      spsim completions powershell | Out-String | Invoke-Expression
  elvish, ~/.config/elvish/rc.elv
      eval (spsim completions elvish | slurp)";

/// `spsim man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of this command, as in `import iis` (default: that of spsim)
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Vec<String>,
    /// Write every page to this folder instead
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What may be written beside.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// How many threads to use: as many as asked for, else one per core.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked.map_or_else(available, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_unit() {
        assert_eq!(
            parse_time("5"),
            Err("a time needs a unit; write a time such as `30s`".into())
        );
    }
}
