//! `spsim calibrate`, as typed.

use super::args::{ChangeArgs, ForceArgs, Picture, ScenarioArgs, parse_override};
use super::diagnose_args::parse_every;
use super::look_args::StyleArgs;
use crate::calibrate::Parameter;
use crate::output::PictureFormats;
use crate::scenario::Override;
use crate::units::SimSpan;
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// `spsim calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// The scenario to start from: a file, the name of a built-in one, or - for stdin
    #[arg(value_name = "SCENARIO")]
    pub scenario: String,
    /// A CSV of ports over time (`time_s,ports_in_use`, states optional), or snapshots of `ss`,
    /// `netstat`, `Get-NetTCPConnection` or Perfmon as `spsim diagnose` reads them
    #[arg(required = true, value_name = "OBSERVED")]
    pub observed: Vec<PathBuf>,
    /// What may change (default: all of them that the scenario has)
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    pub fit: Vec<Fitted>,
    /// How long before the first observation the load began (default: fitted, if ports were in
    /// use at the first observation; else 0s)
    #[arg(long, value_name = "TIME", value_parser = parse_start)]
    pub start: Option<SimSpan>,
    /// The strategy under which the observation was made (default: the scenario's first)
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// The remote endpoint, where snapshots show several (default: their sum)
    #[arg(long, value_name = "ADDRESS")]
    pub remote: Option<String>,
    /// How far apart the snapshots are, as in `2s`: needed where the files do not say
    #[arg(long, value_name = "TIME", value_parser = parse_every)]
    pub every: Option<SimSpan>,
    /// The number from which all random draws derive
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Over how many runs the model's curve is averaged
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(2..=1000)
    )]
    pub replications: u32,
    /// Change any key of the scenario first, as in `machine.time-wait=60s`; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_override)]
    pub set: Vec<Override>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write the fitted scenario to this file; - prints it instead of the table
    #[arg(long, value_name = "FILE")]
    pub toml: Option<PathBuf>,
    /// Write the fitted scenario, the numbers and a chart into this folder (default: nothing)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What may be written beside, and what replaced.
    #[command(flatten)]
    pub force: ForceArgs,
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
    pub style: StyleArgs,
    /// How many threads to use; results do not depend on it (default: one per core)
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl CalibrateArgs {
    /// What to load.
    pub fn scenario_args(&self) -> ScenarioArgs {
        ScenarioArgs {
            scenarios: vec![self.scenario.clone()],
            changes: ChangeArgs {
                seed: self.seed,
                replications: None,
                strategy: self.strategy.iter().cloned().collect(),
                set: self.set.clone(),
            },
        }
    }

    /// The picture formats asked for.
    pub fn pictures(&self) -> PictureFormats {
        PictureFormats {
            svg: self.format.contains(&Picture::Svg),
            png: self.format.contains(&Picture::Png),
        }
    }
}

/// A number that can be fitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Fitted {
    /// Requests per second
    Rate,
    /// The mean response time
    ResponseTime,
    /// `machine.time-wait`
    TimeWait,
    /// `max-idle-time` of the clients
    MaxIdleTime,
    /// How long before the first observation the load began
    Start,
}

impl From<Fitted> for Parameter {
    fn from(fitted: Fitted) -> Parameter {
        match fitted {
            Fitted::Rate => Parameter::Rate,
            Fitted::ResponseTime => Parameter::ResponseTime,
            Fitted::TimeWait => Parameter::TimeWait,
            Fitted::MaxIdleTime => Parameter::MaxIdleTime,
            Fitted::Start => Parameter::Start,
        }
    }
}

fn parse_start(text: &str) -> Result<SimSpan, String> {
    SimSpan::parse(text).map_err(|error| error.to_string())
}
